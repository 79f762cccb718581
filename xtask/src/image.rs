//! A program for a bare-metal target, taken apart.

use crate::Error;
use object::read::elf::ElfFile32;
use object::{Object, ObjectSection, ObjectSymbol, SymbolKind};
use std::collections::BTreeMap;
use std::path::Path;

/// A linked program.
pub struct Image {
    /// Bytes that go into flash, by section.
    pub sections: Vec<(String, u64)>,
    /// Where the sections that are in memory stand, and what they hold.
    pub memory: Vec<(u32, Vec<u8>)>,
    /// Functions by address.
    pub functions: BTreeMap<u32, Function>,
}

/// One function.
pub struct Function {
    /// Readable name.
    pub name: String,
    /// Bytes of code.
    pub size: u32,
    /// Bytes that it takes on the stack.
    pub frame: u32,
}

impl Image {
    /// Reads the program at `path`.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = std::fs::read(path)?;
        let file = ElfFile32::<object::Endianness>::parse(bytes.as_slice())?;
        let mut image = Self {
            sections: Vec::new(),
            memory: Vec::new(),
            functions: BTreeMap::new(),
        };
        for section in file.sections() {
            let name = section.name()?;
            // What firmware flashes. Its linker scripts leave out `.eh_frame`, which only unwinding needs.
            if [".text", ".rodata", ".data", ".srodata", ".sdata"]
                .iter()
                .any(|kept| name.starts_with(kept))
            {
                image.sections.push((name.into(), section.size()));
                image.memory.push((section.address() as u32, section.data()?.to_vec()));
            }
        }
        let frames = file
            .section_by_name(".stack_sizes")
            .map(|section| section.data())
            .transpose()?;
        let frames = frames_by_address(frames.unwrap_or_default());
        for symbol in file.symbols() {
            if symbol.kind() == SymbolKind::Text && symbol.size() > 0 {
                let address = symbol.address() as u32;
                let function = Function {
                    name: format!("{:#}", rustc_demangle::demangle(symbol.name()?)),
                    size: symbol.size() as u32,
                    frame: frames.get(&address).copied().unwrap_or(0),
                };
                image.functions.insert(address, function);
            }
        }
        Ok(image)
    }

    /// Bytes that go into flash.
    pub fn size(&self) -> u64 {
        self.sections.iter().map(|(_, size)| size).sum()
    }

    /// What stands at `address`, to the end of its section.
    pub fn bytes_at(&self, address: u32) -> Option<&[u8]> {
        self.memory.iter().find_map(|(start, bytes)| {
            let offset = address.checked_sub(*start)? as usize;
            bytes.get(offset..).filter(|rest| !rest.is_empty())
        })
    }

    /// The word at `address`.
    pub fn word_at(&self, address: u32) -> Option<u32> {
        let bytes = self.bytes_at(address)?.get(..4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    }
}

/// `.stack_sizes`: the address of a function and, as a number of variable length, the size of its frame.
fn frames_by_address(mut bytes: &[u8]) -> BTreeMap<u32, u32> {
    let mut frames = BTreeMap::new();
    while let Some((address, rest)) = bytes.split_first_chunk() {
        let (mut size, mut shift) = (0, 0);
        bytes = rest;
        while let Some((&byte, rest)) = bytes.split_first() {
            bytes = rest;
            size |= u32::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        frames.insert(u32::from_le_bytes(*address), size);
    }
    frames
}
