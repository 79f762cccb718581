//! NOR flash: the machine's second pflash bank, 32 MiB behind Intel's command set, as `embedded-storage-async` has it.
//!
//! QEMU's model has one weakness, and this makes up for it: it overwrites where real flash can only clear bits. So a word
//! that is not erased is an error here ([`Error::NotErased`]); and a page of 4 KiB, which the model lacks, is erased
//! word by word.
//!
//! What is written is in the file at once and survives `kill -9`. To see what a power cut does in the midst of it, say after
//! which operation it comes: `-append power-cut=17` ends QEMU with [`POWER_CUT`]
//! right after the 17th word was written or erased. Counted are words that change.

use core::cell::Cell;

use critical_section::Mutex;
use embedded_storage_async::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};

use crate::mmio::PFLASH;
use crate::{POWER_CUT, finisher};

/// Bytes of the whole flash.
pub const CAPACITY: u32 = 32 * 1024 * 1024;
/// Bytes that are erased together.
pub const PAGE: u32 = 4096;
/// Bytes that are written together.
const WORD: u32 = 4;
const ERASED: u32 = 0xffff_ffff;

/// Commands and status of the two 16-bit chips that make a word.
const PROGRAM: u32 = 0x0040_0040;
const CLEAR_STATUS: u32 = 0x0050_0050;
const READ_ARRAY: u32 = 0x00ff_00ff;
const DONE: u32 = 0x0080_0080;
const FAILED: u32 = 0x007e_007e;

static WEAR: Mutex<Cell<Wear>> = Mutex::new(Cell::new(Wear {
    operations: 0,
    power_cut: None,
}));

#[derive(Clone, Copy)]
struct Wear {
    operations: u32,
    /// The number of the last operation.
    power_cut: Option<u32>,
}

/// Words written or erased since the start.
pub fn operations() -> u32 {
    critical_section::with(|section| WEAR.borrow(section).get().operations)
}

/// The flash, or a part of it; addresses begin at 0 in each part.
#[derive(Debug)]
pub struct Flash {
    start: u32,
    length: u32,
}

/// What was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The bytes are not whole words or pages.
    NotAligned,
    /// They are not in this flash.
    OutOfBounds,
    /// A word was written before, and not erased since.
    NotErased,
    /// The chip reports a failure.
    Device,
}

impl Flash {
    pub(crate) fn new(power_cut: Option<u32>) -> Self {
        critical_section::with(|section| {
            WEAR.borrow(section).set(Wear {
                operations: 0,
                power_cut,
            })
        });
        Self {
            start: 0,
            length: CAPACITY,
        }
    }

    /// Two parts: the first so many bytes, and the rest.
    ///
    /// # Errors
    /// The flash is not that long, or the border is not that of a page.
    pub fn split_at(self, length: u32) -> Result<(Self, Self), Error> {
        let rest = self.length.checked_sub(length).ok_or(Error::OutOfBounds)?;
        if !length.is_multiple_of(PAGE) {
            return Err(Error::NotAligned);
        }
        let start = self.start;
        Ok((
            Self { start, length },
            Self {
                start: start + length,
                length: rest,
            },
        ))
    }

    /// Where this is in the chip.
    fn place(&self, offset: u32, length: usize, unit: u32) -> Result<usize, Error> {
        let length = u32::try_from(length).map_err(|_| Error::OutOfBounds)?;
        if !offset.is_multiple_of(unit) || !length.is_multiple_of(unit) {
            return Err(Error::NotAligned);
        }
        match offset.checked_add(length) {
            Some(end) if end <= self.length => Ok((self.start + offset) as usize),
            _ => Err(Error::OutOfBounds),
        }
    }
}

impl ErrorType for Flash {
    type Error = Error;
}

impl NorFlashError for Error {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::NotAligned => NorFlashErrorKind::NotAligned,
            Self::OutOfBounds => NorFlashErrorKind::OutOfBounds,
            Self::NotErased | Self::Device => NorFlashErrorKind::Other,
        }
    }
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Error> {
        let place = self.place(offset, bytes.len(), 1)?;
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = PFLASH.read8(place + at);
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.length as usize
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = WORD as usize;
    const ERASE_SIZE: usize = PAGE as usize;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), Error> {
        let length = to.checked_sub(from).ok_or(Error::OutOfBounds)?;
        let place = self.place(from, length as usize, PAGE)?;
        (place..place + length as usize)
            .step_by(PAGE as usize)
            .try_for_each(erase_page)
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Error> {
        let place = self.place(offset, bytes.len(), WORD)?;
        let (words, _) = bytes.as_chunks();
        let places = (place..).step_by(WORD as usize);
        if places.clone().take(words.len()).any(|at| PFLASH.read32(at) != ERASED) {
            return Err(Error::NotErased);
        }
        program(places.zip(words.iter().map(|word| u32::from_le_bytes(*word))))
    }
}

/// Erases what is written in a page. One bit for each word says which these are, for while words change none can be read.
fn erase_page(page: usize) -> Result<(), Error> {
    const GROUP: usize = u32::BITS as usize;
    let mut written = [0; PAGE as usize / WORD as usize / GROUP];
    let word = |group: usize, nth: usize| page + (group * GROUP + nth) * WORD as usize;
    for (group, bits) in written.iter_mut().enumerate() {
        *bits = (0..GROUP).fold(0u32, |bits, nth| {
            bits | u32::from(PFLASH.read32(word(group, nth)) != ERASED) << nth
        });
    }
    let groups = written.iter().enumerate();
    let words = groups.flat_map(|(group, bits)| {
        let written = (0..GROUP).filter(move |nth| bits & 1 << nth != 0);
        written.map(move |nth| word(group, nth))
    });
    program(words.map(|at| (at, ERASED)))
}

/// Changes words, whatever they were: all in one go, because QEMU takes long to change between reading and programming.
fn program(mut words: impl Iterator<Item = (usize, u32)>) -> Result<(), Error> {
    let result = words.try_for_each(|(at, word)| {
        PFLASH.write32(at, PROGRAM);
        PFLASH.write32(at, word);
        let status = loop {
            let status = PFLASH.read32(at);
            if status & DONE == DONE {
                break status;
            }
        };
        if status & FAILED != 0 {
            PFLASH.write32(at, CLEAR_STATUS);
            return Err(Error::Device);
        }
        count_operation();
        Ok(())
    });
    PFLASH.write32(0, READ_ARRAY);
    result
}

/// Counts a word that was changed. If it was to be the last one, that is it.
fn count_operation() {
    critical_section::with(|section| {
        let mut wear = WEAR.borrow(section).get();
        wear.operations = wear.operations.wrapping_add(1);
        WEAR.borrow(section).set(wear);
        if wear.power_cut == Some(wear.operations) {
            finisher::off(POWER_CUT);
        }
    });
}
