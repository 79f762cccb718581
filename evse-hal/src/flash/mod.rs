//! Records and values in NOR flash: [`FlashStorage`].
//!
//! What is written, byte by byte, and what survives what is in `docs/STORAGE.md`; why it is written so, in
//! `docs/decisions/0003-record-store.md`.
//!
//! Not done: dropping samples when the store runs full, which is a rule about the content of records.

mod crc;
mod entry;
mod error;
mod fold;
mod live;
mod nor;
mod pages;
mod records;
#[cfg(feature = "std")]
pub mod sim;
mod values;

use crate::error::ErrorType;
use crate::storage::Storage;
use core::ops::Range;
use embedded_storage_async::nor_flash::NorFlash;
use nor::Nor;
use records::Records;
use values::Values;

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

/// Room that only some records may use: the ends of transactions that run.
#[derive(Clone, Copy, Debug)]
pub struct Reserve {
    /// For how many records.
    pub records: u8,
    /// How long they are, in bytes.
    pub bytes: u16,
    /// Which records may use it.
    pub may_use: fn(&[u8]) -> bool,
}

impl Reserve {
    /// No room is reserved.
    pub const NONE: Self = Self {
        records: 0,
        bytes: 0,
        may_use: |_| false,
    };

    /// For an end of up to 400 bytes on each of so many EVSEs.
    #[cfg(feature = "driver")]
    pub const fn for_ends(evses: u8) -> Self {
        Self {
            records: evses,
            bytes: 400,
            may_use: |bytes| ocpp_core::Record::kind_of(bytes) == Some(ocpp_core::RecordKind::End),
        }
    }
}

/// A [`Storage`] in NOR flash.
///
/// It works with words of 1 to 32 bytes that may be written once only, wears all pages of a log alike, and is the same
/// after a power cut at any moment: what was answered is there, what was not is there wholly or not at all. Only discards
/// of records are lazy: that of the newest record is written at once, others together with the record that comes next;
/// until then a power cut brings them back, the latest first.
///
/// `PAGES` is the most pages that a log may have; each costs 40 bytes of memory.
///
/// ```
/// use evse_hal::Storage;
/// use evse_hal::flash::{FlashStorage, Layout, Reserve};
/// # use evse_hal::flash::sim::{SimFlash, now};
///
/// # let flash = SimFlash::<4, 4096>::new(16);
/// # now(async {
/// let layout = Layout { records: 0..0xc000, values: 0xc000..0x1_0000 };
/// let mut storage = FlashStorage::<_>::open(flash, layout, Reserve::NONE).await?;
/// storage.put_record(1, b"a session").await?;
/// let mut buf = [0; 64];
/// assert_eq!(storage.record_after(0, &mut buf).await?, Some((1, 9)));
/// assert_eq!(&buf[..9], b"a session");
/// # Ok::<(), evse_hal::flash::FlashError<evse_hal::flash::sim::SimError>>(())
/// # })?;
/// # Ok::<(), evse_hal::flash::FlashError<evse_hal::flash::sim::SimError>>(())
/// ```
#[derive(Clone)]
pub struct FlashStorage<F, const PAGES: usize = 16> {
    nor: Nor<F>,
    records: Records<PAGES>,
    values: Values<PAGES>,
}

impl<F: NorFlash, const PAGES: usize> FlashStorage<F, PAGES> {
    /// Reads what is in the flash; an erased one is an empty store.
    ///
    /// Everything is read at most three times, and nothing is written.
    ///
    /// # Errors
    /// [`FlashError::Geometry`], [`FlashError::Region`] or [`FlashError::Overlap`] if the flash or the layout does not suit,
    /// [`FlashError::Foreign`] or [`FlashError::Version`] if something else is in it, [`FlashError::Flash`] if it cannot
    /// be read. What is damaged is no error: see [`damaged`](Self::damaged).
    pub async fn open(flash: F, layout: Layout, reserve: Reserve) -> Result<Self, FlashError<F::Error>> {
        if layout.records.start < layout.values.end && layout.values.start < layout.records.end {
            return Err(FlashError::Overlap);
        }
        let mut nor = Nor::new(flash);
        nor.begin();
        let logs = Self::logs(&mut nor, layout, reserve).await;
        nor.end().await.map_err(FlashError::Flash)?;
        let (records, values) = logs?;
        Ok(Self { nor, records, values })
    }

    async fn logs(
        nor: &mut Nor<F>,
        layout: Layout,
        reserve: Reserve,
    ) -> Result<(Records<PAGES>, Values<PAGES>), FlashError<F::Error>> {
        let records = Records::open(nor, layout.records, reserve).await?;
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

    async fn give(&mut self, (at, len): (u32, u32), buf: &mut [u8]) -> Result<usize, FlashError<F::Error>> {
        let needed = len as usize;
        let place = buf.get_mut(..needed).ok_or(FlashError::Buffer { needed })?;
        self.nor.read(at, place).await.map_err(FlashError::Flash)?;
        Ok(needed)
    }
}

impl<F: NorFlash, const PAGES: usize> ErrorType for FlashStorage<F, PAGES> {
    type Error = FlashError<F::Error>;
}

impl<F: NorFlash, const PAGES: usize> Storage for FlashStorage<F, PAGES> {
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
        let payload = self
            .records
            .payload(&mut self.nor, &found.entry)
            .await
            .map_err(FlashError::Flash)?;
        Ok(Some((found.number, self.give(payload, buf).await?)))
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
        match found.map_err(FlashError::Flash)? {
            Some(place) => Ok(Some(self.give(place, buf).await?)),
            None => Ok(None),
        }
    }

    async fn discard_value(&mut self, key: u32) -> Result<(), Self::Error> {
        self.values.remove(&mut self.nor, key).await
    }
}
