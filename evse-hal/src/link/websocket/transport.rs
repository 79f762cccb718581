//! What the WebSocket stands on: a stream of bytes and a clock.

use super::Endpoint;
use embedded_io_async::{Read, Write};

/// A stream of bytes to a host, such as a TCP socket or a TLS session on one.
///
/// # For board authors
///
/// - `read` and `write` must be cancel-safe: if their future is dropped, nothing was read or written. TCP sockets of
///   embassy-net are; a TLS library has to say so.
/// - `read` and `write` that return 0 mean that the stream has ended.
/// - Whether [`open`](Self::open) makes a TLS session is the endpoint's choice: [`Endpoint::is_tls`].
/// - No future needs a time-out of its own.
/// - An error's kind tells what went wrong while opening: `TimedOut`; `PermissionDenied` or `InvalidData` for a peer that
///   was reached and refused, or has no valid certificate; anything else means that it cannot be reached.
///
/// ```
/// use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
/// use evse_hal::websocket::{Endpoint, Transport};
///
/// /// Everything written comes back.
/// #[derive(Default)]
/// struct Loop(Vec<u8>);
///
/// impl ErrorType for Loop {
///     type Error = ErrorKind;
/// }
///
/// impl Read for Loop {
///     async fn read(&mut self, buf: &mut [u8]) -> Result<usize, ErrorKind> {
///         let len = buf.len().min(self.0.len());
///         buf.iter_mut().zip(self.0.drain(..len)).for_each(|(to, from)| *to = from);
///         Ok(len)
///     }
/// }
///
/// impl Write for Loop {
///     async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
///         self.0.extend_from_slice(bytes);
///         Ok(bytes.len())
///     }
///
///     async fn flush(&mut self) -> Result<(), ErrorKind> {
///         Ok(())
///     }
/// }
///
/// impl Transport for Loop {
///     async fn open(&mut self, _endpoint: &Endpoint<'_>) -> Result<(), ErrorKind> {
///         Ok(())
///     }
///
///     async fn close(&mut self) {
///         self.0.clear();
///     }
/// }
/// ```
pub trait Transport: Read + Write {
    /// Opens the stream. The future may be dropped; then [`close`](Self::close) is called.
    async fn open(&mut self, endpoint: &Endpoint<'_>) -> Result<(), Self::Error>;

    /// Closes the stream, or what there is of it. The peer has been said goodbye to.
    async fn close(&mut self);
}

impl<T: Transport + ?Sized> Transport for &mut T {
    async fn open(&mut self, endpoint: &Endpoint<'_>) -> Result<(), Self::Error> {
        T::open(self, endpoint).await
    }

    async fn close(&mut self) {
        T::close(self).await;
    }
}

/// Monotonic time in milliseconds, and a way to wait for it.
///
/// The feature `driver` makes every `Timer` one. A delay that cannot be asked for the time would not do: the link's
/// futures are dropped and made anew all the time, and what they wait for must not start anew with them.
///
/// ```
/// use evse_hal::websocket::Clock;
///
/// /// With embassy: `embassy_time::Instant::now().as_millis()` and `embassy_time::Timer::at(..)`.
/// struct Uptime;
///
/// impl Clock for Uptime {
///     fn now_ms(&self) -> u64 {
///         0
///     }
///
///     async fn wait_until_ms(&self, at: u64) {
/// #       let _ = at;
///         core::future::pending().await
///     }
/// }
/// ```
pub trait Clock {
    /// Milliseconds since some moment.
    fn now_ms(&self) -> u64;

    /// Waits until that moment; if it has passed, not at all.
    async fn wait_until_ms(&self, at: u64);
}

#[cfg(feature = "driver")]
impl<T: crate::Timer> Clock for T {
    fn now_ms(&self) -> u64 {
        self.now().as_millis()
    }

    async fn wait_until_ms(&self, at: u64) {
        self.wait_until(ocpp_core::Instant::from_millis(at)).await;
    }
}
