//! NOR flash: the machine's second pflash bank, 32 MiB behind Intel's command set, as `embedded-storage-async` has it.
//!
//! QEMU's model has one weakness, and this makes up for it: it overwrites where real flash can only clear bits. So a word
//! that is not erased is an error here ([`Error::NotErased`]); and a page of 4 KiB, which the model lacks, is erased
//! word by word.
//!
//! What is written is in the file at once and survives `kill -9`. To see what a power cut does in the midst of it, say after
//! which operation it comes: `-fw_cfg name=opt/ocpp/power-cut,string=17` ends QEMU with [`POWER_CUT`](crate::POWER_CUT)
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
            .step_by(WORD as usize)
            .try_for_each(|at| {
                if PFLASH.read32(at) == ERASED {
                    Ok(())
                } else {
                    program(at, ERASED)
                }
            })
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Error> {
        let place = self.place(offset, bytes.len(), WORD)?;
        let (words, _) = bytes.as_chunks();
        for (at, word) in (place..).step_by(WORD as usize).zip(words) {
            if PFLASH.read32(at) != ERASED {
                return Err(Error::NotErased);
            }
            program(at, u32::from_le_bytes(*word))?;
        }
        Ok(())
    }
}

/// Changes a word, whatever it was.
fn program(at: usize, word: u32) -> Result<(), Error> {
    PFLASH.write32(at, PROGRAM);
    PFLASH.write32(at, word);
    let status = loop {
        let status = PFLASH.read32(at);
        if status & DONE == DONE {
            break status;
        }
    };
    PFLASH.write32(at, CLEAR_STATUS);
    PFLASH.write32(at, READ_ARRAY);
    if status & FAILED != 0 {
        return Err(Error::Device);
    }
    critical_section::with(|section| {
        let mut wear = WEAR.borrow(section).get();
        wear.operations = wear.operations.wrapping_add(1);
        WEAR.borrow(section).set(wear);
        if wear.power_cut == Some(wear.operations) {
            finisher::off(POWER_CUT);
        }
    });
    Ok(())
}
