//! The slot for the next firmware in NOR flash.
//!
//! Not done: encryption, images that are a difference to the one that runs, going on with half an image after a reset.

use core::fmt;
use core::ops::Range;
use embedded_storage_async::nor_flash::NorFlash;
use evse_hal::{Error, ErrorKind, ErrorType, FirmwareSlot};

/// What is written or read at once: the page of a serial flash.
const STAGE: usize = 256;

/// The boot loader's choice between two slots: its own, in flash or in registers. `embassy-boot`, MCUboot and the one of
/// ESP-IDF have all that this asks for. Each function is one atomic write.
pub trait BootLoader {
    /// Its error.
    type Error: fmt::Debug;

    /// Boots the other slot at the next reset, on trial.
    async fn activate(&mut self) -> Result<(), Self::Error>;

    /// Whether what runs is on trial.
    async fn is_on_trial(&mut self) -> Result<bool, Self::Error>;

    /// Boots what runs from now on.
    async fn confirm(&mut self) -> Result<(), Self::Error>;

    /// Boots what was there before at the next reset: takes back a trial that runs, or an activation. Without either it
    /// does nothing.
    async fn roll_back(&mut self) -> Result<(), Self::Error>;
}

/// A slot that is a region of a NOR flash.
///
/// Blocks are erased as the image reaches them. What was written is read back at once and compared, so that a worn
/// flash is noticed here and not by the boot loader. One that ends early, is too long, or met an error, cannot be finished;
/// without that it cannot be activated.
///
/// It owns its flash; where records live in the same chip, give both a view of it that shares a mutex.
///
/// ```
/// # use drivers::BootLoader;
/// # use embedded_storage_async::nor_flash::NorFlash;
/// use drivers::{NorSlot, SlotError};
/// use evse_hal::FirmwareSlot;
///
/// async fn install<F: NorFlash, B: BootLoader>(
///     flash: F,
///     boot: B,
///     image: &[u8],
/// ) -> Result<(), SlotError<F::Error, B::Error>> {
///     let mut slot = NorSlot::new(flash, 0x11_0000..0x20_0000, boot)?;
///     slot.begin(image.len() as u32).await?;
///     for piece in image.chunks(1460) {
///         slot.append(piece).await?;
///     }
///     slot.finish().await?;
///     // Check the signature here.
///     slot.activate().await
/// }
/// ```
#[derive(Debug)]
pub struct NorSlot<F, B> {
    flash: F,
    region: Range<u32>,
    boot: B,
    stage: Stage,
    image: Image,
}

/// As drivers with DMA want their buffers.
#[derive(Debug)]
#[repr(C, align(32))]
struct Stage([u8; STAGE]);

/// How far the image is.
#[derive(Clone, Copy, Debug)]
enum Image {
    /// None, or one that came to nothing.
    None,
    Growing(Growth),
    Finished {
        length: u32,
    },
}

#[derive(Clone, Copy, Debug)]
struct Growth {
    length: u32,
    /// Where in the flash the stage goes.
    at: u32,
    /// How much is in it.
    staged: usize,
    /// Up to here the flash is erased.
    erased: u32,
}

impl<F: NorFlash, B: BootLoader> NorSlot<F, B> {
    /// A slot in this region, in bytes.
    ///
    /// # Errors
    /// [`SlotError::Region`] if it is not whole blocks in the flash, or the words of the flash are longer than 256 bytes.
    pub fn new(flash: F, region: Range<u32>, boot: B) -> Result<Self, SlotError<F::Error, B::Error>> {
        let whole = |at: u32| (at as usize).is_multiple_of(F::ERASE_SIZE) && at as usize <= flash.capacity();
        let fits = STAGE.is_multiple_of(F::WRITE_SIZE) && STAGE.is_multiple_of(F::READ_SIZE);
        if region.is_empty() || !whole(region.start) || !whole(region.end) || !fits {
            return Err(SlotError::Region);
        }
        Ok(Self {
            flash,
            region,
            boot,
            stage: Stage([0; STAGE]),
            image: Image::None,
        })
    }

    /// The flash and the boot loader.
    pub fn into_parts(self) -> (F, B) {
        (self.flash, self.boot)
    }

    /// Writes what is staged, up to whole words, and compares.
    async fn flush(&mut self, growth: &mut Growth) -> Result<(), SlotError<F::Error, B::Error>> {
        let length = growth.staged.next_multiple_of(F::WRITE_SIZE).min(STAGE);
        let bytes = self.stage.0.get_mut(..length).unwrap_or_default();
        bytes.get_mut(growth.staged..).unwrap_or_default().fill(0xff);
        let end = growth.at.saturating_add(length as u32);
        if growth.erased < end {
            let to = (end as usize).next_multiple_of(F::ERASE_SIZE) as u32;
            self.flash.erase(growth.erased, to).await.map_err(SlotError::Flash)?;
            growth.erased = to;
        }
        self.flash.write(growth.at, bytes).await.map_err(SlotError::Flash)?;

        let mut written = Stage([0; STAGE]);
        let whole = length.next_multiple_of(F::READ_SIZE).min(STAGE);
        let written = written.0.get_mut(..whole).unwrap_or_default();
        self.flash.read(growth.at, written).await.map_err(SlotError::Flash)?;
        if !written.starts_with(bytes) {
            return Err(SlotError::Worn);
        }
        growth.at = end;
        growth.staged = 0;
        Ok(())
    }
}

impl<F: NorFlash, B: BootLoader> ErrorType for NorSlot<F, B> {
    type Error = SlotError<F::Error, B::Error>;
}

impl<F: NorFlash, B: BootLoader> FirmwareSlot for NorSlot<F, B> {
    fn capacity(&self) -> u32 {
        self.region.end.saturating_sub(self.region.start)
    }

    async fn begin(&mut self, length: u32) -> Result<(), Self::Error> {
        self.image = Image::None;
        if length == 0 || length > self.capacity() {
            return Err(SlotError::Length);
        }
        if self.is_on_trial().await? {
            return Err(SlotError::OnTrial);
        }
        // What was there must not be booted any more, nor taken for an image.
        self.roll_back().await?;
        let at = self.region.start;
        let erased = at.saturating_add(F::ERASE_SIZE as u32);
        self.flash.erase(at, erased).await.map_err(SlotError::Flash)?;
        self.image = Image::Growing(Growth {
            length,
            at,
            staged: 0,
            erased,
        });
        Ok(())
    }

    async fn append(&mut self, bytes: &[u8]) -> Result<(), Self::Error> {
        // If this fails, or its future is dropped, there is no image.
        let Image::Growing(mut growth) = core::mem::replace(&mut self.image, Image::None) else {
            return Err(SlotError::Order);
        };
        let written = growth.at.saturating_sub(self.region.start) as usize;
        let length = written.saturating_add(growth.staged).saturating_add(bytes.len());
        if length > growth.length as usize {
            return Err(SlotError::Length);
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = self.stage.0.get_mut(growth.staged..).unwrap_or_default();
            let (now, later) = rest.split_at(room.len().min(rest.len()));
            room.get_mut(..now.len()).unwrap_or_default().copy_from_slice(now);
            growth.staged = growth.staged.saturating_add(now.len());
            rest = later;
            if growth.staged == STAGE {
                self.flush(&mut growth).await?;
            }
        }
        self.image = Image::Growing(growth);
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), Self::Error> {
        let Image::Growing(mut growth) = core::mem::replace(&mut self.image, Image::None) else {
            return Err(SlotError::Order);
        };
        let written = growth.at.saturating_sub(self.region.start) as usize;
        if written.saturating_add(growth.staged) != growth.length as usize {
            return Err(SlotError::Length);
        }
        if growth.staged > 0 {
            self.flush(&mut growth).await?;
        }
        self.image = Image::Finished { length: growth.length };
        Ok(())
    }

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
        let Image::Finished { length } = self.image else {
            return Err(SlotError::Order);
        };
        let end = (offset as usize).saturating_add(bytes.len());
        if end > length as usize {
            return Err(SlotError::Length);
        }
        let mut at = offset as usize;
        let mut rest = bytes;
        while !rest.is_empty() {
            // A window of the stage's size that holds the next byte, but not beyond the slot.
            let skip = at % STAGE;
            let start = at.saturating_sub(skip);
            let size = STAGE.min((self.capacity() as usize).saturating_sub(start));
            let window = self.stage.0.get_mut(..size).unwrap_or_default();
            let place = self.region.start.saturating_add(start as u32);
            self.flash.read(place, window).await.map_err(SlotError::Flash)?;
            let found = window.get(skip..).unwrap_or_default();
            let count = found.len().min(rest.len());
            let (now, later) = rest.split_at_mut(count);
            now.copy_from_slice(found.get(..count).unwrap_or_default());
            at = at.saturating_add(count);
            rest = later;
        }
        Ok(())
    }

    async fn activate(&mut self) -> Result<(), Self::Error> {
        match self.image {
            Image::Finished { .. } => self.boot.activate().await.map_err(SlotError::Boot),
            _ => Err(SlotError::Order),
        }
    }

    async fn is_on_trial(&mut self) -> Result<bool, Self::Error> {
        self.boot.is_on_trial().await.map_err(SlotError::Boot)
    }

    async fn confirm(&mut self) -> Result<(), Self::Error> {
        self.boot.confirm().await.map_err(SlotError::Boot)
    }

    async fn roll_back(&mut self) -> Result<(), Self::Error> {
        self.boot.roll_back().await.map_err(SlotError::Boot)
    }
}

/// What went wrong with a slot, on a flash with errors `F` and a boot loader with errors `B`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotError<F, B> {
    /// The flash failed.
    Flash(F),
    /// The boot loader's memory failed.
    Boot(B),
    /// The region does not suit the flash.
    Region,
    /// The image is empty, longer than the slot, or not as long as announced.
    Length,
    /// There is no image to do this with.
    Order,
    /// The slot holds what the firmware on trial may have to go back to.
    OnTrial,
    /// What was written is not what is read.
    Worn,
}

impl<F: fmt::Debug, B: fmt::Debug> fmt::Display for SlotError<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flash(error) => write!(f, "flash: {error:?}"),
            Self::Boot(error) => write!(f, "boot loader: {error:?}"),
            Self::Region => f.write_str("the region does not suit the flash"),
            Self::Length => f.write_str("wrong length of the image"),
            Self::Order => f.write_str("no image to do this with"),
            Self::OnTrial => f.write_str("the firmware that runs is on trial"),
            Self::Worn => f.write_str("the flash does not hold what was written"),
        }
    }
}

impl<F: fmt::Debug, B: fmt::Debug> core::error::Error for SlotError<F, B> {}

impl<F: fmt::Debug, B: fmt::Debug> Error for SlotError<F, B> {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Flash(_) | Self::Boot(_) | Self::Worn => ErrorKind::Bus,
            Self::Length => ErrorKind::Full,
            Self::OnTrial => ErrorKind::Refused,
            Self::Region | Self::Order => ErrorKind::Other,
        }
    }
}
