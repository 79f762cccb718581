//! What can go wrong with a store in flash.

use crate::error::{Error, ErrorKind};
use core::fmt;

/// Why a store in flash did not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum FlashError<E> {
    /// The flash failed.
    Flash(E),
    /// There is no room.
    Full,
    /// The buffer is too small.
    Buffer {
        /// Bytes needed.
        needed: usize,
    },
    /// A record's number is below that of a stored one.
    Order,
    /// At start-up: words, blocks or reads of this flash have a size that the stores cannot use, or another than when the
    /// region was written.
    Geometry,
    /// At start-up: a region is not a whole number of pages, not at a page, not in the flash, or has too few or too many.
    Region {
        /// Bytes of a page.
        page: u32,
        /// Pages that it needs.
        least: usize,
        /// Pages that it may have.
        most: usize,
    },
    /// At start-up: the two regions overlap.
    Overlap,
    /// At start-up: the region holds something, but nothing of this library. If it may be lost, format it.
    Foreign,
    /// At start-up: the region was written in this version of the format, which this library does not know.
    Version(u8),
}

impl<E: fmt::Debug> Error for FlashError<E> {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Flash(_) => ErrorKind::Bus,
            Self::Full => ErrorKind::Full,
            Self::Buffer { .. } | Self::Order => ErrorKind::Implausible,
            Self::Geometry | Self::Region { .. } | Self::Overlap | Self::Foreign | Self::Version(_) => ErrorKind::Other,
        }
    }
}

impl<E: fmt::Debug> fmt::Display for FlashError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flash(error) => write!(f, "flash failed: {error:?}"),
            Self::Full => f.write_str("no room"),
            Self::Buffer { needed } => write!(f, "a buffer of {needed} bytes is needed"),
            Self::Order => f.write_str("a record with a higher number is stored"),
            Self::Geometry => f.write_str("sizes of words, blocks or reads do not suit, or have changed"),
            Self::Region { page, least, most } => write!(f, "a region must be {least} to {most} pages of {page} bytes"),
            Self::Overlap => f.write_str("the regions of records and values overlap"),
            Self::Foreign => f.write_str("the region holds something else"),
            Self::Version(version) => write!(f, "the region holds version {version} of the format"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for FlashError<E> {}
