//! The next firmware: where it is written to, and which one is booted.

use crate::error::ErrorType;

/// The slot for the next firmware, beside the one that runs, and the boot loader's choice between the two.
///
/// # For board authors
///
/// - An image that is not [finished](Self::finish) is never booted, whatever happens meanwhile: a reset, a power cut, a future
///   that was dropped. After any of these, or an error, the image is written anew from its beginning.
/// - While the firmware that runs is on trial, the slot holds the one to go back to: [`begin`](Self::begin) is refused.
/// - [`append`](Self::append) is called with what the network gave, pieces of any length. Erase as the image grows, not the
///   whole slot at once: a connection does not wait for that.
/// - [`activate`](Self::activate) is one atomic write. The new firmware runs on trial: if it resets before
///   [`confirm`](Self::confirm), the boot loader goes back to the one before. A boot loader that cannot do that leaves a
///   station dead in the field after one bad image.
/// - Whether the image is the manufacturer's is not for the slot to say: the caller reads it back with
///   [`read`](Self::read) and checks its signature. A boot loader that checks one too is better.
///
/// ```
/// use evse_hal::{ErrorKind, ErrorType, FirmwareSlot};
///
/// /// On a system with files.
/// #[derive(Default)]
/// struct Files {
///     image: Vec<u8>,
///     length: usize,
///     finished: bool,
///     active: bool,
///     on_trial: bool,
/// }
///
/// impl ErrorType for Files {
///     type Error = ErrorKind;
/// }
///
/// impl FirmwareSlot for Files {
///     fn capacity(&self) -> u32 {
///         1 << 20
///     }
///
///     async fn begin(&mut self, length: u32) -> Result<(), ErrorKind> {
///         if self.on_trial {
///             return Err(ErrorKind::Refused);
///         }
///         *self = Self { length: length as usize, ..Self::default() };
///         if length <= self.capacity() { Ok(()) } else { Err(ErrorKind::Full) }
///     }
///
///     async fn append(&mut self, bytes: &[u8]) -> Result<(), ErrorKind> {
///         self.image.extend_from_slice(bytes);
///         if self.image.len() <= self.length { Ok(()) } else { Err(ErrorKind::Full) }
///     }
///
///     async fn finish(&mut self) -> Result<(), ErrorKind> {
///         self.finished = self.image.len() == self.length;
///         if self.finished { Ok(()) } else { Err(ErrorKind::Implausible) }
///     }
///
///     async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), ErrorKind> {
///         let rest = self.image.get(offset as usize..).ok_or(ErrorKind::Implausible)?;
///         bytes.copy_from_slice(rest.get(..bytes.len()).ok_or(ErrorKind::Implausible)?);
///         Ok(())
///     }
///
///     async fn activate(&mut self) -> Result<(), ErrorKind> {
///         self.active = self.finished;
///         if self.active { Ok(()) } else { Err(ErrorKind::Other) }
///     }
///
///     async fn is_on_trial(&mut self) -> Result<bool, ErrorKind> {
///         Ok(self.on_trial)
///     }
///
///     async fn confirm(&mut self) -> Result<(), ErrorKind> {
///         self.on_trial = false;
///         Ok(())
///     }
///
///     async fn roll_back(&mut self) -> Result<(), ErrorKind> {
///         self.active = false;
///         Ok(())
///     }
/// }
/// ```
///
/// # For users
///
/// `begin`, `append` as often as it takes, `finish`, `read` to check the signature, `activate`, reboot. Then, after the new
/// firmware has reached the central system and is well, `confirm`.
///
/// The driver does not use it yet: the station has no action that installs firmware.
pub trait FirmwareSlot: ErrorType {
    /// The longest image, in bytes.
    fn capacity(&self) -> u32;

    /// Begins an image of so many bytes. What was in the slot is lost, and if it was activated, it is not any more.
    async fn begin(&mut self, length: u32) -> Result<(), Self::Error>;

    /// Writes what comes next.
    async fn append(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;

    /// Ends the image, when all of it was written; an error if it was not as long as announced.
    async fn finish(&mut self) -> Result<(), Self::Error>;

    /// Reads from a finished image.
    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error>;

    /// Has a finished image booted at the next reset, on trial.
    async fn activate(&mut self) -> Result<(), Self::Error>;

    /// Whether the firmware that runs is on trial.
    async fn is_on_trial(&mut self) -> Result<bool, Self::Error>;

    /// The firmware that runs is good: it is booted from now on. If it is not on trial, nothing happens.
    async fn confirm(&mut self) -> Result<(), Self::Error>;

    /// The firmware that runs on trial is not good: the one before is booted at the next reset. If none is on trial, what was
    /// activated is not booted.
    async fn roll_back(&mut self) -> Result<(), Self::Error>;
}

impl<T: FirmwareSlot + ?Sized> FirmwareSlot for &mut T {
    fn capacity(&self) -> u32 {
        T::capacity(self)
    }

    async fn begin(&mut self, length: u32) -> Result<(), Self::Error> {
        T::begin(self, length).await
    }

    async fn append(&mut self, bytes: &[u8]) -> Result<(), Self::Error> {
        T::append(self, bytes).await
    }

    async fn finish(&mut self) -> Result<(), Self::Error> {
        T::finish(self).await
    }

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
        T::read(self, offset, bytes).await
    }

    async fn activate(&mut self) -> Result<(), Self::Error> {
        T::activate(self).await
    }

    async fn is_on_trial(&mut self) -> Result<bool, Self::Error> {
        T::is_on_trial(self).await
    }

    async fn confirm(&mut self) -> Result<(), Self::Error> {
        T::confirm(self).await
    }

    async fn roll_back(&mut self) -> Result<(), Self::Error> {
        T::roll_back(self).await
    }
}
