//! Records and values in NOR flash: [`FlashStorage`].
//!
//! What is written, byte by byte, and what survives what is in `docs/STORAGE.md`; why it is written so, in
//! `docs/decisions/0003-record-store.md`.

mod content;
mod crc;
mod entry;
mod error;
mod fold;
mod live;
mod nor;
mod pages;
mod read;
mod records;
#[cfg(feature = "std")]
pub mod sim;
mod values;

use crate::error::ErrorType;
use crate::storage::Storage;
use core::ops::Range;
use embedded_storage_async::nor_flash::NorFlash;
use entry::Entry;
use nor::Nor;
use records::{Records, read_sealed};
use values::Values;

#[cfg(feature = "driver")]
pub use content::StationRecords;
pub use content::{Content, Opaque, Reserve, Role};
pub use error::FlashError;

/// Where the two logs are in a flash: ranges of bytes, each a whole number of pages.
///
/// A page is an erase block, or as many as make 1 KiB. Records want at least three pages, values two.
///
/// ```
/// let layout = evse_hal::flash::Layout {
///     records: 0x10_0000..0x10_c000,
///     values: 0x10_c000..0x11_0000,
/// };
/// assert_eq!(layout.records.len() + layout.values.len(), 64 * 1024);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Of the records.
    pub records: Range<u32>,
    /// Of the values.
    pub values: Range<u32>,
}

/// A [`Storage`] in NOR flash.
///
/// It works with words of 1 to 32 bytes that may be written once only, wears all pages of a log alike, and is the same
/// after a power cut at any moment: what was answered is there, what was not is there wholly or not at all. Only discards
/// of records are lazy: that of the newest record is written at once, others together with the record that comes next;
/// until then a power cut brings them back, the latest first.
///
/// What `C` knows about the content of records, the store uses to pack them when it runs full, and to thin them when that
/// is not enough.
///
/// `PAGES` is the most pages that a log may have; each costs 40 bytes of memory.
///
/// ```
/// use evse_hal::Storage;
/// use evse_hal::flash::{FlashStorage, Layout, Opaque};
/// # use evse_hal::flash::sim::{SimFlash, now};
///
/// # let flash = SimFlash::<4, 4096>::new(16);
/// # now(async {
/// let layout = Layout { records: 0..0xc000, values: 0xc000..0x1_0000 };
/// let mut storage = FlashStorage::<_>::open(flash, layout, Opaque).await?;
/// storage.put_record(1, b"a session").await?;
/// let mut buf = [0; 64];
/// assert_eq!(storage.record_after(0, &mut buf).await?, Some((1, 9)));
/// assert_eq!(&buf[..9], b"a session");
/// # Ok::<(), evse_hal::flash::FlashError<evse_hal::flash::sim::SimError>>(())
/// # })?;
/// # Ok::<(), evse_hal::flash::FlashError<evse_hal::flash::sim::SimError>>(())
/// ```
#[derive(Clone)]
pub struct FlashStorage<F, C = Opaque, const PAGES: usize = 16> {
    nor: Nor<F>,
    records: Records<C, PAGES>,
    values: Values<PAGES>,
}

impl<F: NorFlash, C: Content, const PAGES: usize> FlashStorage<F, C, PAGES> {
    /// Reads what is in the flash; an erased one is an empty store.
    ///
    /// Everything is read at most three times, and nothing is written.
    ///
    /// # Errors
    /// [`FlashError::Geometry`], [`FlashError::Region`] or [`FlashError::Overlap`] if the flash or the layout does not suit,
    /// [`FlashError::Foreign`] or [`FlashError::Version`] if something else is in it, [`FlashError::Flash`] if it cannot
    /// be read. What is damaged is no error: see [`damaged`](Self::damaged).
    pub async fn open(flash: F, layout: Layout, content: C) -> Result<Self, FlashError<F::Error>> {
        if layout.records.start < layout.values.end && layout.values.start < layout.records.end {
            return Err(FlashError::Overlap);
        }
        let mut nor = Nor::new(flash);
        nor.begin();
        let logs = Self::logs(&mut nor, layout, content).await;
        nor.end().await.map_err(FlashError::Flash)?;
        let (records, values) = logs?;
        Ok(Self { nor, records, values })
    }

    async fn logs(
        nor: &mut Nor<F>,
        layout: Layout,
        content: C,
    ) -> Result<(Records<C, PAGES>, Values<PAGES>), FlashError<F::Error>> {
        let records = Records::open(nor, layout.records, content).await?;
        Ok((records, Values::open(nor, layout.values).await?))
    }

    /// Erases both logs, whatever is in them.
    ///
    /// # Errors
    /// The layout does not suit, or the flash fails.
    pub async fn format(flash: F, layout: Layout) -> Result<F, FlashError<F::Error>> {
        let mut nor = Nor::new(flash);
        pages::Pages::<PAGES>::format(&mut nor, layout.records, pages::Log::Records).await?;
        pages::Pages::<PAGES>::format(&mut nor, layout.values, pages::Log::Values).await?;
        Ok(nor.into_flash())
    }

    /// Places found damaged when the store was opened, or left after an error: torn by a power cut, flipped, or not readable. Each cost at most
    /// one record or value that was written there, or the older value of the same key is back.
    pub fn damaged(&self) -> u32 {
        self.records.damaged.saturating_add(self.values.damaged)
    }

    /// The flash, to look at it.
    pub fn flash_mut(&mut self) -> &mut F {
        self.nor.flash()
    }

    /// The flash, and the store is gone.
    pub fn into_flash(self) -> F {
        self.nor.into_flash()
    }
}

impl<F: NorFlash, C, const PAGES: usize> ErrorType for FlashStorage<F, C, PAGES> {
    type Error = FlashError<F::Error>;
}

impl<F: NorFlash, C: Content, const PAGES: usize> Storage for FlashStorage<F, C, PAGES> {
    async fn put_record(&mut self, number: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        self.records.put(&mut self.nor, number, bytes).await
    }

    async fn record_after(&mut self, number: u32, buf: &mut [u8]) -> Result<Option<(u32, usize)>, Self::Error> {
        let Some(from) = number.checked_add(1) else {
            return Ok(None);
        };
        self.nor.begin();
        let found = self.records.find(&mut self.nor, from).await;
        self.nor.end().await.map_err(FlashError::Flash)?;
        let Some(found) = found.map_err(FlashError::Flash)? else {
            return Ok(None);
        };
        let len = self.records.read(&mut self.nor, &found, buf).await?;
        Ok(Some((found.number, len)))
    }

    async fn discard_record(&mut self, number: u32) -> Result<(), Self::Error> {
        self.records.discard(&mut self.nor, number).await
    }

    async fn put_value(&mut self, key: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        self.values.put(&mut self.nor, key, bytes).await
    }

    async fn value(&mut self, key: u32, buf: &mut [u8]) -> Result<Option<usize>, Self::Error> {
        self.nor.begin();
        let found = self.values.find(&mut self.nor, key).await;
        self.nor.end().await.map_err(FlashError::Flash)?;
        let Some(Entry { body, len, sealed, .. }) = found.map_err(FlashError::Flash)? else {
            return Ok(None);
        };
        read_sealed(&mut self.nor, (body, len), sealed, buf).await.map(Some)
    }

    async fn discard_value(&mut self, key: u32) -> Result<(), Self::Error> {
        self.values.remove(&mut self.nor, key).await
    }
}
