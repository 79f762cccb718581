//! One store for the station and the application.

use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embassy_sync::mutex::Mutex;
use evse_hal::{ErrorType, Storage};

/// A store that several use, one call at a time.
///
/// The station uses values below `0x4000_0000` and above `0x7fff_ffff`; the rest are the application's.
pub struct Shared<S>(Mutex<NoopRawMutex, S>);

impl<S> Shared<S> {
    /// Shares this store: each user takes a `&Shared`.
    pub const fn new(storage: S) -> Self {
        Self(Mutex::new(storage))
    }
}

impl<S: Storage> ErrorType for &Shared<S> {
    type Error = S::Error;
}

impl<S: Storage> Storage for &Shared<S> {
    async fn put_record(&mut self, number: u32, bytes: &[u8]) -> Result<(), S::Error> {
        self.0.lock().await.put_record(number, bytes).await
    }

    async fn record_after(&mut self, number: u32, buf: &mut [u8]) -> Result<Option<(u32, usize)>, S::Error> {
        self.0.lock().await.record_after(number, buf).await
    }

    async fn discard_record(&mut self, number: u32) -> Result<(), S::Error> {
        self.0.lock().await.discard_record(number).await
    }

    async fn put_value(&mut self, key: u32, bytes: &[u8]) -> Result<(), S::Error> {
        self.0.lock().await.put_value(key, bytes).await
    }

    async fn value(&mut self, key: u32, buf: &mut [u8]) -> Result<Option<usize>, S::Error> {
        self.0.lock().await.value(key, buf).await
    }

    async fn discard_value(&mut self, key: u32) -> Result<(), S::Error> {
        self.0.lock().await.discard_value(key).await
    }
}
