//! A NOR flash on the host that can lose power, for tests: of this crate, and of whoever builds on it.

#![allow(clippy::panic, clippy::arithmetic_side_effects)] // it never runs on a board

extern crate std;

use core::fmt;
use embedded_storage_async::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};
use std::vec::Vec;

/// A NOR flash in memory: erasing makes `0xff`, writing turns bits from 1 to 0 in words of `WORD` bytes, each at most once
/// after an erase.
///
/// Each word written and each erased block of `ERASE` bytes is one operation. After [`cut_after`](Self::cut_after) so many
/// of them the power goes: the one under way is torn, and nothing works until [`restored`](Self::restored). A clone is a
/// fork: every cut of a run can be tried without running it again.
///
/// ```
/// use embedded_storage_async::nor_flash::{NorFlash, ReadNorFlash};
/// use evse_hal::flash::sim::{SimFlash, now};
///
/// let mut flash = SimFlash::<4, 4096>::new(2);
/// flash.cut_after(1);
/// assert!(now(flash.write(0, &[1; 12])).is_err());
/// let mut flash = flash.restored();
/// let mut words = [0; 12];
/// now(flash.read(0, &mut words))?;
/// assert_eq!((&words[..4], &words[8..]), (&[1; 4][..], &[0xff; 4][..]));
/// # Ok::<(), evse_hal::flash::sim::SimError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SimFlash<const WORD: usize, const ERASE: usize> {
    bytes: Vec<u8>,
    words: Vec<Word>,
    erases: Vec<u32>,
    operations: u64,
    writes: u64,
    written: u64,
    cut_at: Option<u64>,
    fail_at: Option<(u64, u64)>,
    dead: bool,
    unreadable: bool,
    random: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Word {
    Erased,
    Written,
    Torn,
}

/// What went wrong with a [`SimFlash`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimError {
    /// The power is gone.
    PowerCut,
    /// The fault that a test asked for.
    Injected,
    /// A word was written that is not erased.
    WrittenTwice,
    /// A word that a power cut tore, on a flash that notices.
    Unreadable,
    /// Not at a word, a block, or in the flash.
    OutOfBounds,
}

impl<const WORD: usize, const ERASE: usize> SimFlash<WORD, ERASE> {
    /// An erased flash of so many blocks.
    pub fn new(blocks: usize) -> Self {
        Self::holding(std::vec![0xff; blocks.saturating_mul(ERASE)])
    }

    /// A flash that holds these bytes, for ever or until they are erased.
    pub fn holding(bytes: Vec<u8>) -> Self {
        let words = bytes
            .chunks(WORD)
            .map(|word| match word.iter().all(|&byte| byte == 0xff) {
                true => Word::Erased,
                false => Word::Written,
            });
        Self {
            words: words.collect(),
            erases: std::vec![0; bytes.len().checked_div(ERASE).unwrap_or(0)],
            bytes,
            operations: 0,
            writes: 0,
            written: 0,
            cut_at: None,
            fail_at: None,
            dead: false,
            unreadable: false,
            random: 0x9e37_79b9_7f4a_7c15,
        }
    }

    /// Torn words cannot be read, as where an error-correcting code finds them.
    #[must_use]
    pub fn with_unreadable_torn_words(mut self) -> Self {
        self.unreadable = true;
        self
    }

    /// What is torn is torn differently.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.random = seed | 1;
        self
    }

    /// The power goes in the operation after so many more.
    pub fn cut_after(&mut self, operations: u64) {
        self.cut_at = Some(self.operations.saturating_add(operations));
    }

    /// After so many more operations, the next `count` fail and do nothing.
    pub fn fail_after(&mut self, operations: u64, count: u64) {
        let from = self.operations.saturating_add(operations);
        self.fail_at = Some((from, from.saturating_add(count)));
    }

    /// The flash after the power came back.
    #[must_use]
    pub fn restored(mut self) -> Self {
        self.dead = false;
        self.cut_at = None;
        self
    }

    /// Whether the power is gone.
    pub fn is_dead(&self) -> bool {
        self.dead
    }

    /// Words written and blocks erased so far.
    pub fn operations(&self) -> u64 {
        self.operations
    }

    /// Calls of `write` so far.
    pub fn writes(&self) -> u64 {
        self.writes
    }

    /// Bytes written so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// How often each block was erased.
    pub fn erases(&self) -> &[u32] {
        &self.erases
    }

    /// What is in it.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What is in it, to be damaged.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    fn next_random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }

    /// Counts an operation; whether it is to be torn.
    fn begin(&mut self) -> Result<bool, SimError> {
        if self.dead {
            return Err(SimError::PowerCut);
        }
        let number = self.operations;
        self.operations = number.saturating_add(1);
        if self.fail_at.is_some_and(|(from, to)| (from..to).contains(&number)) {
            return Err(SimError::Injected);
        }
        self.dead = self.cut_at == Some(number);
        Ok(self.dead)
    }

    fn write_word(&mut self, index: usize, new: &[u8]) -> Result<(), SimError> {
        let torn = self.begin()?;
        let start = index.saturating_mul(WORD);
        // A torn word may hold anything between what it held and what it should hold.
        let mask = if torn { self.next_random() } else { u64::MAX };
        let (Some(word), Some(state)) = (
            self.bytes.get_mut(start..start.saturating_add(WORD)),
            self.words.get_mut(index),
        ) else {
            return Err(SimError::OutOfBounds);
        };
        if *state != Word::Erased {
            return Err(SimError::WrittenTwice);
        }
        for ((place, &byte), mask) in word.iter_mut().zip(new).zip(mask.to_le_bytes().into_iter().cycle()) {
            *place &= byte | !mask;
        }
        *state = if torn { Word::Torn } else { Word::Written };
        if torn { Err(SimError::PowerCut) } else { Ok(()) }
    }

    fn erase_block(&mut self, index: usize) -> Result<(), SimError> {
        let torn = self.begin()?;
        if let Some(count) = self.erases.get_mut(index) {
            *count = count.saturating_add(1);
        }
        let words = ERASE.checked_div(WORD).unwrap_or(0);
        let first = index.saturating_mul(words);
        for index in first..first.saturating_add(words) {
            let random = if torn { self.next_random() } else { 0 };
            let start = index.saturating_mul(WORD);
            let (Some(word), Some(state)) = (
                self.bytes.get_mut(start..start.saturating_add(WORD)),
                self.words.get_mut(index),
            ) else {
                return Err(SimError::OutOfBounds);
            };
            // Of a torn block some words are erased, some as they were, some in between.
            match random % 3 {
                0 => {
                    word.fill(0xff);
                    *state = Word::Erased;
                    if torn {
                        *state = Word::Torn;
                    }
                }
                1 => {}
                _ => {
                    word.iter_mut().for_each(|byte| *byte |= (random >> 8) as u8);
                    *state = Word::Torn;
                }
            }
        }
        if torn { Err(SimError::PowerCut) } else { Ok(()) }
    }
}

impl fmt::Display for SimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PowerCut => "the power is gone",
            Self::Injected => "an injected fault",
            Self::WrittenTwice => "the word was written already",
            Self::Unreadable => "the word is torn",
            Self::OutOfBounds => "out of bounds",
        })
    }
}

impl core::error::Error for SimError {}

impl NorFlashError for SimError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::OutOfBounds => NorFlashErrorKind::OutOfBounds,
            _ => NorFlashErrorKind::Other,
        }
    }
}

impl<const WORD: usize, const ERASE: usize> ErrorType for SimFlash<WORD, ERASE> {
    type Error = SimError;
}

impl<const WORD: usize, const ERASE: usize> ReadNorFlash for SimFlash<WORD, ERASE> {
    const READ_SIZE: usize = WORD;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), SimError> {
        if self.dead {
            return Err(SimError::PowerCut);
        }
        let places = places::<WORD>(offset, bytes.len())?;
        let end = offset as usize + bytes.len();
        let stored = self.bytes.get(offset as usize..end).ok_or(SimError::OutOfBounds)?;
        bytes.copy_from_slice(stored);
        let torn = self.words.get(places).is_some_and(|words| words.contains(&Word::Torn));
        if self.unreadable && torn {
            return Err(SimError::Unreadable);
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl<const WORD: usize, const ERASE: usize> NorFlash for SimFlash<WORD, ERASE> {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = ERASE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), SimError> {
        let length = to.checked_sub(from).ok_or(SimError::OutOfBounds)?;
        places::<ERASE>(from, length as usize)?.try_for_each(|block| self.erase_block(block))
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), SimError> {
        self.writes = self.writes.saturating_add(1);
        self.written = self.written.saturating_add(bytes.len() as u64);
        let words = places::<WORD>(offset, bytes.len())?;
        words
            .zip(bytes.chunks(WORD))
            .try_for_each(|(index, word)| self.write_word(index, word))
    }
}

/// The units of `SIZE` bytes that a range covers exactly.
fn places<const SIZE: usize>(offset: u32, length: usize) -> Result<core::ops::Range<usize>, SimError> {
    let offset = offset as usize;
    if !offset.is_multiple_of(SIZE) || !length.is_multiple_of(SIZE) {
        return Err(SimError::OutOfBounds);
    }
    Ok(offset / SIZE..(offset + length) / SIZE)
}

/// The result of a future that never waits, as those of this flash.
///
/// # Panics
/// It waits.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    let mut context = core::task::Context::from_waker(core::task::Waker::noop());
    match core::pin::pin!(future).poll(&mut context) {
        core::task::Poll::Ready(done) => done,
        core::task::Poll::Pending => panic!("this future waits"),
    }
}
