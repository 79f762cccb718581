//! A reader, played by its registers, with cards that behave and cards that do not.

use crate::clock::Clock;
use drivers::{Mfrc522, ReaderError};
use embedded_hal_async::spi::{Error, ErrorKind, ErrorType, Operation, SpiDevice};
use evse_hal::{IdentifierKind, TokenReader};
use proptest::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;

/// A card.
#[derive(Clone)]
struct Card {
    uid: Vec<u8>,
    flaw: Flaw,
    /// How many parts of the serial number are done; `None` while it was not woken.
    level: Option<usize>,
}

#[derive(Clone, Copy, PartialEq)]
enum Flaw {
    None,
    /// Wrong check byte of the serial number.
    Check,
    /// Wrong check sum of the acknowledgement.
    Sum,
    /// Says that its serial number goes on, for ever.
    Endless,
    /// Says so without the tag that belongs to it.
    Untagged,
    /// Gone after it was woken.
    Mute,
    /// Answers with half a byte too many.
    Bits,
}

/// The chip and what is in its field; a clone is the same chip.
#[derive(Clone)]
struct Chip(Rc<RefCell<Inside>>);

struct Inside {
    registers: [u8; 64],
    fifo: Vec<u8>,
    cards: Vec<Card>,
    /// Every read gives this, whatever is asked.
    stuck: Option<u8>,
    /// The bus gives an error.
    broken: bool,
    /// The chip takes commands but does nothing.
    asleep: bool,
    /// What was written, and which registers were read.
    log: Vec<Vec<u8>>,
    /// Instead of what the chip knows, reads give these, if there are any.
    dice: Vec<u8>,
}

#[derive(Debug)]
struct Fault;

impl Error for Fault {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

impl ErrorType for Chip {
    type Error = Fault;
}

impl SpiDevice for Chip {
    async fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), Fault> {
        let mut inside = self.0.borrow_mut();
        if inside.broken {
            return Err(Fault);
        }
        let mut written = Vec::new();
        for operation in operations {
            match operation {
                Operation::Write(bytes) => written.extend_from_slice(bytes),
                Operation::Read(bytes) => {
                    assert_eq!((written.len(), bytes.len()), (1, 1), "one register at a time");
                    bytes[0] = inside.read(written[0] >> 1 & 0x3f);
                }
                _ => panic!("not used"),
            }
        }
        assert_eq!(written[0] & 1, 0, "the lowest bit is not used");
        if written[0] & 0x80 == 0 {
            for &value in &written[1..] {
                inside.write(written[0] >> 1, value);
            }
        }
        inside.log.push(written);
        Ok(())
    }
}

impl Inside {
    fn read(&mut self, register: u8) -> u8 {
        if let Some(value) = self.dice.pop() {
            return value;
        }
        match (self.stuck, register) {
            (Some(value), _) => value,
            (_, 0x09) if !self.fifo.is_empty() => self.fifo.remove(0),
            (_, 0x0a) => self.fifo.len() as u8,
            (_, 0x37) => 0x92,
            _ => self.registers[usize::from(register)],
        }
    }

    fn write(&mut self, register: u8, value: u8) {
        match register {
            0x04 if value & 0x80 == 0 => self.registers[0x04] &= !value,
            0x09 => self.fifo.push(value),
            0x0a if value & 0x80 != 0 => self.fifo.clear(),
            _ => self.registers[usize::from(register)] = value,
        }
        let field = self.registers[0x14] & 3 == 3;
        if !field {
            self.cards.iter_mut().for_each(|card| card.level = None);
        }
        let start = register == 0x0d && value & 0x80 != 0 && self.registers[0x01] == 0x0c;
        if start && !self.asleep {
            let frame = std::mem::take(&mut self.fifo);
            let modulation = self.registers[0x15] == 0x40 && self.registers[0x11] == 0x3d;
            let cards = self.cards.iter_mut().filter(|_| field && modulation);
            let answers: Vec<_> = cards.filter_map(|card| card.answer(&frame, value & 7)).collect();
            self.hear(answers);
        }
    }

    fn hear(&mut self, answers: Vec<(Vec<u8>, u8)>) {
        let (mut errors, mut bits, mut interrupts) = (0, 0, 0x01);
        if let Some((first, rest)) = answers.split_first() {
            interrupts = 0x20;
            bits = first.1;
            self.fifo = first.0.clone();
            if rest.iter().any(|other| other.0 != first.0) {
                errors = 0x08;
            }
        }
        self.registers[0x04] |= interrupts;
        self.registers[0x06] = errors;
        self.registers[0x0c] = bits;
    }
}

impl Card {
    fn new(uid: &[u8]) -> Self {
        Self::flawed(uid, Flaw::None)
    }

    fn flawed(uid: &[u8], flaw: Flaw) -> Self {
        Self {
            uid: uid.to_vec(),
            flaw,
            level: None,
        }
    }

    /// Four bytes of each part, and whether more follow.
    fn part(&self, level: usize) -> ([u8; 4], bool) {
        let goes_on = self.flaw == Flaw::Endless || self.uid.len() > level * 3 + 4;
        let bytes = |from: usize| std::array::from_fn(|index| self.uid.get(from + index).copied().unwrap_or(0));
        let mut part: [u8; 4] = bytes(level * 3);
        if goes_on {
            let [a, b, c, _] = part;
            part = [0x88, a, b, c];
        }
        if self.flaw == Flaw::Untagged {
            part[0] = 1;
        }
        (part, goes_on)
    }

    /// What it says, and how many bits of the last byte count.
    fn answer(&mut self, frame: &[u8], bits: u8) -> Option<(Vec<u8>, u8)> {
        if frame == [0x26] && bits == 7 {
            self.level = Some(0);
            return Some((vec![0x44, 0x00], 0));
        }
        let level = self.level?;
        if self.flaw == Flaw::Mute || bits != 0 || frame[0] != 0x93 + 2 * level as u8 {
            return None;
        }
        let (part, goes_on) = self.part(level);
        let wrong = u8::from(self.flaw == Flaw::Check);
        let check = part.iter().fold(wrong, |sum, byte| sum ^ byte);
        if frame[1..] == [0x20] {
            let bits = if self.flaw == Flaw::Bits { 4 } else { 0 };
            return Some(([&part[..], &[check]].concat(), bits));
        }
        let selected = [&[frame[0], 0x70][..], &part, &[check]].concat();
        if frame != with_sum(&selected) {
            return None;
        }
        self.level = Some(level + 1);
        let mut acknowledge = with_sum(&[if goes_on { 0x04 } else { 0x20 }]);
        acknowledge[2] ^= u8::from(self.flaw == Flaw::Sum);
        Some((acknowledge, 0))
    }
}

/// CRC_A, as ISO 14443-3 annex B computes it.
fn with_sum(body: &[u8]) -> Vec<u8> {
    let mut sum = 0x6363u16;
    for &byte in body {
        let byte = byte ^ sum as u8;
        let byte = u16::from(byte ^ byte << 4);
        sum = sum >> 8 ^ byte << 8 ^ byte << 3 ^ byte >> 4;
    }
    [body, &sum.to_le_bytes()].concat()
}

struct Bench {
    clock: Clock,
    chip: Chip,
    reader: Mfrc522<Chip, Clock>,
}

impl Bench {
    fn new(cards: impl IntoIterator<Item = Card>) -> Self {
        let chip = Chip(Rc::new(RefCell::new(Inside {
            registers: [0; 64],
            fifo: Vec::new(),
            cards: cards.into_iter().collect(),
            stuck: None,
            broken: false,
            asleep: false,
            log: Vec::new(),
            dice: Vec::new(),
        })));
        let clock = Clock::default();
        Self {
            reader: Mfrc522::new(chip.clone(), clock.clone()),
            clock,
            chip,
        }
    }

    fn field(&self, cards: impl IntoIterator<Item = Card>) {
        self.chip.0.borrow_mut().cards = cards.into_iter().collect();
    }

    fn with<T>(&self, change: impl FnOnce(&mut Inside) -> T) -> T {
        change(&mut self.chip.0.borrow_mut())
    }

    /// What comes within so many seconds.
    fn read(&mut self, seconds: u64) -> Option<Result<String, ReaderError>> {
        let until = self.clock.now() + seconds * 1_000_000;
        let read = self.clock.run_until(until, self.reader.read())?;
        Some(read.map(|card| {
            assert_eq!(card.kind(), IdentifierKind::Iso14443);
            card.as_str().to_string()
        }))
    }

    fn reads(&mut self, text: &str) {
        assert_eq!(self.read(1), Some(Ok(text.to_string())));
    }
}

const FOUR: [u8; 4] = [0x04, 0xa3, 0xf2, 0x10];
const SEVEN: [u8; 7] = [0x04, 0x88, 0x3c, 0xb2, 0x1d, 0x64, 0x80];
const TEN: [u8; 10] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0xab];

#[test]
fn serial_numbers_of_every_length() {
    Bench::new([Card::new(&FOUR)]).reads("04A3F210");
    Bench::new([Card::new(&SEVEN)]).reads("04883CB21D6480");
    Bench::new([Card::new(&TEN)]).reads("010203040506070809AB");
}

#[test]
fn once_per_presentation() {
    let mut bench = Bench::new([Card::new(&FOUR)]);
    bench.reads("04A3F210");
    assert_eq!(bench.read(60), None, "it stays");
    bench.field([]);
    assert_eq!(bench.read(1), None);
    bench.field([Card::new(&FOUR)]);
    bench.reads("04A3F210");
}

#[test]
fn one_look_that_fails_is_no_removal() {
    let mut bench = Bench::new([Card::new(&FOUR)]);
    bench.reads("04A3F210");
    for _ in 0..20 {
        bench.field([]);
        let until = bench.clock.now() + 200_000; // two looks at most
        assert!(bench.clock.run_until(until, bench.reader.read()).is_none());
        bench.field([Card::new(&FOUR)]);
        assert_eq!(bench.read(1), None);
    }
}

#[test]
fn another_card_needs_an_empty_field_first() {
    let mut bench = Bench::new([Card::new(&FOUR)]);
    bench.reads("04A3F210");
    bench.field([Card::new(&SEVEN)]);
    assert_eq!(
        bench.read(5),
        None,
        "a telephone changes its number while it lies there"
    );
    bench.field([]);
    assert_eq!(bench.read(1), None);
    bench.field([Card::new(&SEVEN)]);
    bench.reads("04883CB21D6480");
}

#[test]
fn two_cards_are_none() {
    let mut bench = Bench::new([Card::new(&FOUR), Card::new(&SEVEN)]);
    assert_eq!(bench.read(5), None);
    bench.field([Card::new(&SEVEN)]);
    bench.reads("04883CB21D6480");
}

#[test]
fn cards_that_misbehave_are_none() {
    for flaw in [
        Flaw::Check,
        Flaw::Sum,
        Flaw::Endless,
        Flaw::Untagged,
        Flaw::Mute,
        Flaw::Bits,
    ] {
        let mut bench = Bench::new([Card::flawed(&TEN, flaw)]);
        assert_eq!(bench.read(5), None);
        bench.field([Card::new(&FOUR)]);
        bench.reads("04A3F210");
    }
}

#[test]
fn no_chip() {
    let mut bench = Bench::new([Card::new(&FOUR)]);
    for level in [0, 0xff] {
        bench.with(|chip| chip.stuck = Some(level));
        assert_eq!(bench.read(1), Some(Err(ReaderError::NoChip)));
    }
    bench.with(|chip| chip.stuck = None);
    bench.reads("04A3F210");
}

#[test]
fn chip_that_does_nothing() {
    let mut bench = Bench::new([Card::new(&FOUR)]);
    bench.with(|chip| chip.asleep = true);
    assert_eq!(bench.read(1), Some(Err(ReaderError::NoChip)));
    bench.with(|chip| chip.asleep = false);
    bench.reads("04A3F210");
}

#[test]
fn bus_fails() {
    let mut bench = Bench::new([Card::new(&FOUR)]);
    bench.with(|chip| chip.broken = true);
    assert_eq!(bench.read(1), Some(Err(ReaderError::Bus)));
    bench.with(|chip| chip.broken = false);
    bench.reads("04A3F210");
}

#[test]
fn chip_that_lost_its_supply_works_again() {
    let mut bench = Bench::new([]);
    assert_eq!(bench.read(1), None);
    bench.with(|chip| chip.registers = [0; 64]);
    bench.field([Card::new(&FOUR)]);
    bench.reads("04A3F210");
}

#[test]
fn given_up_at_any_moment() {
    for microseconds in (0..20_000).step_by(250) {
        let mut bench = Bench::new([Card::new(&TEN)]);
        if let Some(read) = bench.clock.run_until(microseconds, bench.reader.read()) {
            assert_eq!(read.unwrap().as_str(), "010203040506070809AB");
        } else {
            bench.reads("010203040506070809AB");
        }
    }
}

#[test]
fn look_into_an_empty_field_byte_by_byte() {
    let mut bench = Bench::new([]);
    assert!(bench.clock.run_until(50_000, bench.reader.read()).is_none());
    let expected: [&[u8]; 20] = [
        &[0xee],       // version?
        &[0x02, 0x00], // idle
        &[0x24, 0x00],
        &[0x26, 0x00],
        &[0x54, 0x80], // timer: 5 ms after sending
        &[0x56, 0xa9],
        &[0x58, 0x00],
        &[0x5a, 0xc8],
        &[0x2a, 0x40], // 100 % ASK
        &[0x22, 0x3d],
        &[0x28, 0x83], // field on
        &[0x02, 0x00], // idle
        &[0x08, 0x7f], // clear interrupts
        &[0x14, 0x80], // flush
        &[0x12, 0x26], // REQA
        &[0x1a, 0x07],
        &[0x02, 0x0c], // transceive
        &[0x1a, 0x87], // start, seven bits
        &[0x88],       // interrupts?
        &[0x28, 0x80], // field off
    ];
    assert_eq!(bench.with(|chip| chip.log.clone()), expected);
}

proptest! {
    /// Whatever the chip says, nothing hangs, and no card comes of it that is not there.
    #[test]
    fn noise_is_no_card(dice in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let mut bench = Bench::new([]);
        bench.with(|chip| chip.dice = dice);
        for _ in 0..1_000 {
            match bench.read(1) {
                Some(read) => prop_assert!(read.is_err()),
                None => return Ok(()),
            }
        }
        prop_assert!(false, "it goes on for ever");
    }

    #[test]
    fn any_serial_number(uid: [u8; 10], length in prop::sample::select(vec![4usize, 7, 10])) {
        let uid = &uid[..length];
        // A serial number of four bytes never begins with the tag of a longer one.
        prop_assume!(uid[0] != 0x88);
        let mut bench = Bench::new([Card::new(uid)]);
        let text: String = uid.iter().map(|byte| format!("{byte:02X}")).collect();
        bench.reads(&text);
    }
}
