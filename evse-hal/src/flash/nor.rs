//! Flash as the stores want it: read anywhere, written in one go where it can be.

use super::crc::Crc;
use embedded_storage_async::nor_flash::NorFlash;

/// A read takes so much at once; a multiple of every word size.
pub(super) const WINDOW: usize = 128;
/// A write takes at most so much at once: the page of a serial flash.
const STAGE: usize = 256;

#[derive(Clone)]
pub(super) struct Nor<F> {
    flash: F,
    /// What was read last, and where.
    window: Aligned<WINDOW>,
    window_at: Option<u32>,
    stage: Aligned<STAGE>,
    /// Words that could not be read so far.
    pub(super) unreadable: u32,
    /// Whether anything could be read since [`begin`](Self::begin), and whether anything could not.
    readable: bool,
    failed: bool,
}

/// As drivers with DMA want their buffers.
#[derive(Clone)]
#[repr(C, align(32))]
struct Aligned<const N: usize>([u8; N]);

/// An entry or a header that is being written.
pub(super) struct Writer {
    /// Where the staged bytes go.
    at: u32,
    staged: usize,
    crc: Crc,
}

impl<F: NorFlash> Nor<F> {
    pub(super) const WORD: u32 = F::WRITE_SIZE as u32;

    pub(super) const fn new(flash: F) -> Self {
        Self {
            flash,
            window: Aligned([0; WINDOW]),
            window_at: None,
            stage: Aligned([0xff; STAGE]),
            unreadable: 0,
            readable: false,
            failed: false,
        }
    }

    pub(super) fn flash(&mut self) -> &mut F {
        // Who has it may change what is in it.
        self.window_at = None;
        &mut self.flash
    }

    pub(super) fn into_flash(self) -> F {
        self.flash
    }

    pub(super) fn capacity(&self) -> usize {
        self.flash.capacity()
    }

    /// Rounds up to whole words.
    pub(super) fn words(length: u32) -> u32 {
        length.checked_next_multiple_of(Self::WORD).unwrap_or(u32::MAX)
    }

    pub(super) async fn read(&mut self, at: u32, buf: &mut [u8]) -> Result<(), F::Error> {
        let mut at = at;
        let mut rest = buf;
        while !rest.is_empty() {
            let skipped = at & const { WINDOW as u32 - 1 };
            self.load(at ^ skipped).await?;
            let held = self.window.0.get(skipped as usize..).unwrap_or_default();
            let count = held.len().min(rest.len());
            let (now, later) = rest.split_at_mut(count);
            now.copy_from_slice(held.get(..count).unwrap_or_default());
            rest = later;
            at = at.saturating_add(count as u32);
        }
        Ok(())
    }

    pub(super) async fn byte(&mut self, at: u32) -> Result<u8, F::Error> {
        let mut byte = [0];
        self.read(at, &mut byte).await?;
        let [byte] = byte;
        Ok(byte)
    }

    /// As much as fits `chunk` of what lies before `end`, and on behind it.
    async fn part<'c>(&mut self, at: &mut u32, end: u32, chunk: &'c mut [u8; 32]) -> Result<&'c [u8], F::Error> {
        let count = end.saturating_sub(*at).min(chunk.len() as u32);
        let part = chunk.get_mut(..count as usize).unwrap_or_default();
        self.read(*at, part).await?;
        *at = at.saturating_add(count);
        Ok(part)
    }

    /// Adds so many bytes of flash to a checksum.
    pub(super) async fn sum(&mut self, at: u32, length: u32, crc: &mut Crc) -> Result<(), F::Error> {
        let mut chunk = [0; 32];
        let mut at = at;
        let end = at.saturating_add(length);
        while at < end {
            let part = self.part(&mut at, end, &mut chunk).await?;
            crc.add(part);
        }
        Ok(())
    }

    /// A word that a power cut tore may be refused by its error-correcting code: it then reads as zeros, which are
    /// neither erased nor right.
    async fn load(&mut self, start: u32) -> Result<(), F::Error> {
        if self.window_at == Some(start) {
            return Ok(());
        }
        self.window_at = Some(start);
        if self.flash.read(start, &mut self.window.0).await.is_ok() {
            self.readable = true;
            return Ok(());
        }
        self.failed = true;
        let unit = F::WRITE_SIZE.max(F::READ_SIZE);
        let mut at = start;
        for word in self.window.0.chunks_mut(unit) {
            match self.flash.read(at, word).await {
                Ok(()) => self.readable = true,
                Err(_) => {
                    word.fill(0);
                    self.unreadable = self.unreadable.wrapping_add(1);
                }
            }
            at = at.saturating_add(unit as u32);
        }
        Ok(())
    }

    /// Begins an operation that only reads.
    pub(super) fn begin(&mut self) {
        self.window_at = None;
        self.readable = false;
        self.failed = false;
    }

    /// Ends it: if nothing at all could be read, that is a failure of the flash, not an empty store.
    pub(super) async fn end(&mut self) -> Result<(), F::Error> {
        if self.readable || !self.failed {
            return Ok(());
        }
        let word = self.window.0.get_mut(..F::WRITE_SIZE.max(F::READ_SIZE));
        self.flash
            .read(self.window_at.take().unwrap_or(0), word.unwrap_or_default())
            .await
    }

    pub(super) async fn erase(&mut self, from: u32, to: u32) -> Result<(), F::Error> {
        self.window_at = None;
        self.flash.erase(from, to).await
    }

    pub(super) fn writer(&self, at: u32, crc: Crc) -> Writer {
        Writer { at, staged: 0, crc }
    }

    pub(super) async fn push(&mut self, writer: &mut Writer, bytes: &[u8]) -> Result<(), F::Error> {
        writer.crc.add(bytes);
        self.push_plain(writer, bytes).await
    }

    async fn push_plain(&mut self, writer: &mut Writer, bytes: &[u8]) -> Result<(), F::Error> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = self.stage.0.get_mut(writer.staged..).unwrap_or_default();
            let count = room.len().min(rest.len());
            let (now, later) = rest.split_at(count);
            room.get_mut(..count).unwrap_or_default().copy_from_slice(now);
            writer.staged = writer.staged.saturating_add(count);
            rest = later;
            if writer.staged == STAGE {
                self.flush(writer).await?;
            }
        }
        Ok(())
    }

    /// Copies from elsewhere in flash.
    pub(super) async fn push_from(&mut self, writer: &mut Writer, at: u32, length: u32) -> Result<(), F::Error> {
        let mut chunk = [0; 32];
        let mut at = at;
        let end = at.saturating_add(length);
        while at < end {
            let part = self.part(&mut at, end, &mut chunk).await?;
            self.push(writer, part).await?;
        }
        Ok(())
    }

    /// Writes the checksum, also of a number that is not written, and fills up the last word; returns where the next may
    /// begin.
    pub(super) async fn finish(&mut self, mut writer: Writer, implied: Option<u32>) -> Result<u32, F::Error> {
        let crc = implied.map_or(writer.crc, |number| writer.crc.with(number)).bytes();
        self.push_plain(&mut writer, &crc).await?;
        self.flush(&mut writer).await?;
        Ok(writer.at)
    }

    async fn flush(&mut self, writer: &mut Writer) -> Result<(), F::Error> {
        let length = writer.staged.next_multiple_of(F::WRITE_SIZE);
        let bytes = self.stage.0.get_mut(..length).unwrap_or_default();
        bytes.get_mut(writer.staged..).unwrap_or_default().fill(0xff);
        self.window_at = None;
        writer.staged = 0;
        if !bytes.is_empty() {
            self.flash.write(writer.at, bytes).await?;
            writer.at = writer.at.saturating_add(length as u32);
        }
        Ok(())
    }
}
