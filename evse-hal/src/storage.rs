//! Memory that survives a power cut.

use crate::error::ErrorType;

/// A store for numbered records, which are written once, and for keyed values, which are replaced.
///
/// # For board authors
///
/// - Each call is atomic: after a power cut at any point it has happened completely or not at all.
/// - When it has returned, it survives a power cut. Only discards of records may be lazy: until another record is stored,
///   or the newest one is discarded, a power cut may undo them, the latest first.
/// - Calls come one after the other. Their futures are never dropped before they are done, so an implementation need
///   not cope with that.
/// - Records come with ascending numbers and are mostly discarded in that order, so that a ring of flash pages suits
///   them. Numbers and keys are any `u32`; bytes are opaque and mostly below 300.
/// - Without room return [`Full`](crate::ErrorKind::Full). What is damaged must be left out, not handed out.
///
/// ```
/// use std::collections::BTreeMap;
/// use evse_hal::{ErrorKind, ErrorType, Storage};
///
/// #[derive(Default)]
/// struct Memory {
///     records: BTreeMap<u32, Vec<u8>>,
///     values: BTreeMap<u32, Vec<u8>>,
/// }
///
/// fn give(bytes: &[u8], buf: &mut [u8]) -> Result<usize, ErrorKind> {
///     buf.get_mut(..bytes.len()).ok_or(ErrorKind::Implausible)?.copy_from_slice(bytes);
///     Ok(bytes.len())
/// }
///
/// impl ErrorType for Memory {
///     type Error = ErrorKind;
/// }
///
/// impl Storage for Memory {
///     async fn put_record(&mut self, number: u32, bytes: &[u8]) -> Result<(), ErrorKind> {
///         self.records.insert(number, bytes.to_vec());
///         Ok(())
///     }
///
///     async fn record_after(&mut self, number: u32, buf: &mut [u8]) -> Result<Option<(u32, usize)>, ErrorKind> {
///         let Some((&next, bytes)) = self.records.range(number.saturating_add(1)..).next() else {
///             return Ok(None);
///         };
///         Ok(Some((next, give(bytes, buf)?)))
///     }
///
///     async fn discard_record(&mut self, number: u32) -> Result<(), ErrorKind> {
///         self.records.remove(&number);
///         Ok(())
///     }
///
///     async fn put_value(&mut self, key: u32, bytes: &[u8]) -> Result<(), ErrorKind> {
///         self.values.insert(key, bytes.to_vec());
///         Ok(())
///     }
///
///     async fn value(&mut self, key: u32, buf: &mut [u8]) -> Result<Option<usize>, ErrorKind> {
///         self.values.get(&key).map(|bytes| give(bytes, buf)).transpose()
///     }
///
///     async fn discard_value(&mut self, key: u32) -> Result<(), ErrorKind> {
///         self.values.remove(&key);
///         Ok(())
///     }
/// }
/// ```
///
/// # For users
///
/// Never drop a future of these before it is done: run storage in a future of its own.
pub trait Storage: ErrorType {
    /// Stores a record under a number above all before it. If the number is taken, the record is replaced.
    async fn put_record(&mut self, number: u32, bytes: &[u8]) -> Result<(), Self::Error>;

    /// Copies the record with the lowest number above this one to `buf`, and returns its number and length; `None` if
    /// there is none.
    async fn record_after(&mut self, number: u32, buf: &mut [u8]) -> Result<Option<(u32, usize)>, Self::Error>;

    /// Forgets a record. If there is none, nothing happens.
    async fn discard_record(&mut self, number: u32) -> Result<(), Self::Error>;

    /// Stores a value, instead of the one before.
    async fn put_value(&mut self, key: u32, bytes: &[u8]) -> Result<(), Self::Error>;

    /// Copies a value to `buf`, and returns its length; `None` if there is none.
    async fn value(&mut self, key: u32, buf: &mut [u8]) -> Result<Option<usize>, Self::Error>;

    /// Forgets a value. If there is none, nothing happens.
    async fn discard_value(&mut self, key: u32) -> Result<(), Self::Error>;
}

impl<T: Storage + ?Sized> Storage for &mut T {
    async fn put_record(&mut self, number: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        T::put_record(self, number, bytes).await
    }

    async fn record_after(&mut self, number: u32, buf: &mut [u8]) -> Result<Option<(u32, usize)>, Self::Error> {
        T::record_after(self, number, buf).await
    }

    async fn discard_record(&mut self, number: u32) -> Result<(), Self::Error> {
        T::discard_record(self, number).await
    }

    async fn put_value(&mut self, key: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        T::put_value(self, key, bytes).await
    }

    async fn value(&mut self, key: u32, buf: &mut [u8]) -> Result<Option<usize>, Self::Error> {
        T::value(self, key, buf).await
    }

    async fn discard_value(&mut self, key: u32) -> Result<(), Self::Error> {
        T::discard_value(self, key).await
    }
}
