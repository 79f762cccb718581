//! How deep the stack can become below a function: a bound that follows from its code.
//!
//! Calls are found by reading the instructions. A call through a pointer is followed too, if the pointer is that of a
//! closure or a trait object that a function made and handed down: whatever a function hands down is taken as called
//! from the deepest place below it that calls through a pointer. So the codec, which reads and writes its fields like
//! that, is bounded; the calls of a station into its dialect are not seen.

use crate::image::Image;
use std::collections::HashMap;

/// A way down the stack.
#[derive(Clone, Default)]
pub struct Path {
    /// Bytes on the stack.
    pub bytes: u32,
    /// Addresses of the functions, outermost first.
    pub functions: Vec<u32>,
}

/// Finds the deepest ways.
pub struct Stack<'i> {
    image: &'i Image,
    edges: HashMap<u32, Edges>,
    deepest: HashMap<u32, Path>,
    to_pointer: HashMap<u32, Option<Path>>,
}

/// What a function does with others.
#[derive(Clone, Default)]
struct Edges {
    calls: Vec<u32>,
    /// Made pointers to these.
    hands_down: Vec<u32>,
    /// Calls through a pointer.
    through_pointer: bool,
}

impl<'i> Stack<'i> {
    /// Reads all functions.
    pub fn new(image: &'i Image) -> Self {
        let edges = image
            .functions
            .keys()
            .map(|&address| (address, edges(image, address)))
            .collect();
        Self {
            image,
            edges,
            deepest: HashMap::new(),
            to_pointer: HashMap::new(),
        }
    }

    /// The deepest way down from a function.
    pub fn deepest(&mut self, function: u32) -> Path {
        if let Some(known) = self.deepest.get(&function) {
            return known.clone();
        }
        // Stands in while this function is looked at, so that a recursion ends.
        self.deepest.insert(function, Path::default());
        let edges = self.edges(function);
        let mut below: Vec<Path> = edges.calls.iter().map(|&callee| self.deepest(callee)).collect();
        if let Some(via) = self.via(&edges) {
            below.extend(
                edges
                    .hands_down
                    .iter()
                    .map(|&handed| via.clone().then(self.deepest(handed))),
            );
        }
        let path = self.here(function).then(longest(below).unwrap_or_default());
        self.deepest.insert(function, path.clone());
        path
    }

    /// The deepest way from a function to a call through a pointer.
    fn way_to_pointer(&mut self, function: u32) -> Option<Path> {
        if let Some(known) = self.to_pointer.get(&function) {
            return known.clone();
        }
        self.to_pointer.insert(function, None);
        let edges = self.edges(function);
        let via = self.via(&edges);
        let mut below: Vec<Path> = via.iter().cloned().collect();
        if let Some(via) = via {
            let handed = edges
                .hands_down
                .iter()
                .filter_map(|&handed| self.way_to_pointer(handed));
            below.extend(handed.map(|path| via.clone().then(path)));
        }
        let path = longest(below).map(|path| self.here(function).then(path));
        self.to_pointer.insert(function, path.clone());
        path
    }

    /// The deepest way to a call through a pointer from inside a function.
    fn via(&mut self, edges: &Edges) -> Option<Path> {
        let own = edges.through_pointer.then(Path::default);
        let below = edges.calls.iter().filter_map(|&callee| self.way_to_pointer(callee));
        longest(own.into_iter().chain(below).collect())
    }

    fn edges(&self, function: u32) -> Edges {
        self.edges.get(&function).cloned().unwrap_or_default()
    }

    fn here(&self, function: u32) -> Path {
        Path {
            bytes: self.image.functions.get(&function).map_or(0, |function| function.frame),
            functions: vec![function],
        }
    }
}

impl Path {
    fn then(mut self, rest: Self) -> Self {
        self.bytes += rest.bytes;
        self.functions.extend(rest.functions);
        self
    }
}

fn longest(paths: Vec<Path>) -> Option<Path> {
    paths.into_iter().max_by_key(|path| path.bytes)
}

/// Reads the instructions of a function: RV32IMAC.
fn edges(image: &Image, start: u32) -> Edges {
    let mut edges = Edges::default();
    let size = image.functions.get(&start).map_or(0, |function| function.size);
    let code = image
        .bytes_at(start)
        .and_then(|bytes| bytes.get(..size as usize))
        .unwrap_or_default();
    // The upper part of an address that a register was given, and the same only for the instruction before.
    let mut upper = [None; 32];
    let mut pending = None;
    let mut at = 0;
    while let Some(half) = code.get(at..at + 2) {
        let pc = start.wrapping_add(at as u32);
        let half = u16::from_le_bytes([half[0], half[1]]);
        let mut loaded = None;
        let mut jump = |target: u32| {
            if target.wrapping_sub(start) >= size {
                edges.calls.push(target);
            }
        };
        if half & 3 == 3 {
            let Some(rest) = code.get(at + 2..at + 4) else { break };
            let word = u32::from(half) | u32::from(u16::from_le_bytes([rest[0], rest[1]])) << 16;
            at += 4;
            let destination = (word >> 7 & 31) as usize;
            let source = (word >> 15 & 31) as usize;
            let low = (word as i32 >> 20) as u32;
            match (word & 0x7f, word >> 12 & 7) {
                // lui, auipc
                (0x37, _) => loaded = Some((destination, word & 0xffff_f000)),
                (0x17, _) => loaded = Some((destination, pc.wrapping_add(word & 0xffff_f000))),
                // addi
                (0x13, 0) => made(image, upper[source], low, &mut edges.hands_down),
                // jal
                (0x6f, _) => jump(pc.wrapping_add(jal_offset(word))),
                // jalr: with the address just loaded; back to the caller; or through a pointer
                (0x67, _) => match pending {
                    Some((register, address)) if register == source => jump(u32::wrapping_add(address, low)),
                    _ if destination == 0 && returns(source) => {}
                    _ => edges.through_pointer = true,
                },
                _ => {}
            }
        } else {
            at += 2;
            let register = usize::from(half >> 7 & 31);
            let low = sign(u32::from(half >> 12 & 1) << 5 | u32::from(half >> 2 & 31), 6);
            match (half & 3, half >> 13) {
                // c.addi
                (1, 0) => made(image, upper[register], low, &mut edges.hands_down),
                // c.jal, c.j
                (1, 1 | 5) => jump(pc.wrapping_add(cj_offset(half))),
                // c.lui; c.addi16sp has the same code for the stack pointer
                (1, 3) if register != 2 => loaded = Some((register, low << 12)),
                // c.jr, c.jalr
                (2, 4) if half >> 2 & 31 == 0 && register != 0 => {
                    edges.through_pointer |= half >> 12 & 1 == 1 || !returns(register);
                }
                _ => {}
            }
        }
        pending = loaded;
        if let Some((register, address)) = loaded {
            upper[register] = Some(address);
        }
    }
    edges
}

/// Notes what a pointer that a function made can call: itself, or the methods in the table that it points to.
fn made(image: &Image, upper: Option<u32>, low: u32, hands_down: &mut Vec<u32>) {
    let Some(address) = upper.map(|upper| upper.wrapping_add(low)) else {
        return;
    };
    if image.functions.contains_key(&address) {
        hands_down.push(address);
        return;
    }
    // A table of methods begins with how to drop, size, and alignment.
    let word = |index: u32| image.word_at(address.wrapping_add(index * 4));
    let (Some(drop), Some(size), Some(align)) = (word(0), word(1), word(2)) else {
        return;
    };
    let is_table = (drop == 0 || image.functions.contains_key(&drop)) && size < 0x1_0000 && align.is_power_of_two();
    if is_table && align <= 16 {
        hands_down.extend(
            (3..)
                .map_while(word)
                .take_while(|method| image.functions.contains_key(method)),
        );
    }
}

/// `ra`, or `t0`, by which outlined code returns.
fn returns(register: usize) -> bool {
    matches!(register, 1 | 5)
}

fn jal_offset(word: u32) -> u32 {
    sign(
        (word >> 31) << 20 | (word >> 12 & 0xff) << 12 | (word >> 20 & 1) << 11 | (word >> 21 & 0x3ff) << 1,
        21,
    )
}

fn cj_offset(half: u16) -> u32 {
    let bit = |from: u32, to: u32| (u32::from(half) >> from & 1) << to;
    let bits = bit(12, 11) | bit(11, 4) | bit(10, 9) | bit(9, 8) | bit(8, 10) | bit(7, 6) | bit(6, 7);
    sign(bits | bit(5, 3) | bit(4, 2) | bit(3, 1) | bit(2, 5), 12)
}

/// Extends the sign of a number of so many bits.
fn sign(value: u32, bits: u32) -> u32 {
    (((value << (32 - bits)) as i32) >> (32 - bits)) as u32
}
