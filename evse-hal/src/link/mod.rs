//! The connection to the back office: whole text messages in both directions.

#[cfg(feature = "link")]
pub mod websocket;

use crate::error::ErrorType;

/// A link that carries text messages, such as a WebSocket.
///
/// Address, identity, credentials, TLS, and the link's own housekeeping (ping and pong, fragments, masks) are the
/// implementation's business. When to dial, and how long to wait after a failure, is the caller's.
///
/// # For board authors
///
/// - [`receive`](Self::receive) must be cancel-safe: if its future is dropped, no byte is lost. Its future is alive
///   nearly all the time while the link is up, so housekeeping belongs there.
/// - [`send`](Self::send) is dropped early only when the link is closed next.
/// - A message longer than the buffer is not an error: fill the buffer, throw the rest away, return
///   [`TooLarge`](Received::TooLarge). Binary messages may be skipped.
/// - After an error, or [`Closed`](Received::Closed), [`close`](Self::close) is called, then perhaps
///   [`connect`](Self::connect) again.
/// - Nothing may hang for ever: dialling, sending and closing have time-outs, and a silent peer is found by pings.
///
/// ```
/// use evse_hal::{ErrorKind, ErrorType, Link, Received};
///
/// /// Answers every message with itself.
/// #[derive(Default)]
/// struct Echo {
///     message: Option<Vec<u8>>,
/// }
///
/// impl ErrorType for Echo {
///     type Error = ErrorKind;
/// }
///
/// impl Link for Echo {
///     async fn connect<'s>(&mut self, _profile: u8, subprotocols: &[&'s str]) -> Result<&'s str, ErrorKind> {
///         subprotocols.first().copied().ok_or(ErrorKind::Refused)
///     }
///
///     async fn send(&mut self, text: &[u8]) -> Result<(), ErrorKind> {
///         self.message = Some(text.to_vec());
///         Ok(())
///     }
///
///     async fn receive(&mut self, buf: &mut [u8]) -> Result<Received, ErrorKind> {
///         let Some(message) = self.message.take() else {
///             return core::future::pending().await;
///         };
///         let len = message.len().min(buf.len());
///         buf[..len].copy_from_slice(&message[..len]);
///         Ok(if message.len() > len { Received::TooLarge(len) } else { Received::Text(len) })
///     }
///
///     async fn close(&mut self) {}
/// }
/// ```
///
/// # For users
///
/// Call `connect`, then `send` and `receive` in any order, then `close`.
pub trait Link: ErrorType {
    /// Dials, offers these subprotocols in order of preference, and returns the one of them that the server picked.
    ///
    /// `profile` says which way: 0 is the one that the implementation knows by itself, any other is a network profile that
    /// the CSMS has set, in the station's storage
    /// (`ocpp_core::StoredNetworkProfile`, at `ValueKey::NetworkProfile(profile).code()`). One that cannot be read is an error
    /// of kind [`Unreachable`](crate::ErrorKind::Unreachable): the station tries another one later.
    ///
    /// A server that picks none, or one that was not offered, is an error of kind
    /// [`Refused`](crate::ErrorKind::Refused). The future may be dropped to give up dialling.
    async fn connect<'s>(&mut self, profile: u8, subprotocols: &[&'s str]) -> Result<&'s str, Self::Error>;

    /// Sends a text message, and returns when it is flushed.
    async fn send(&mut self, text: &[u8]) -> Result<(), Self::Error>;

    /// Waits for the next text message and copies it to `buf`. Cancel-safe.
    async fn receive(&mut self, buf: &mut [u8]) -> Result<Received, Self::Error>;

    /// Closes the link, with as much courtesy as a short time allows. If it is not open, nothing happens.
    async fn close(&mut self);
}

impl<T: Link + ?Sized> Link for &mut T {
    async fn connect<'s>(&mut self, profile: u8, subprotocols: &[&'s str]) -> Result<&'s str, Self::Error> {
        T::connect(self, profile, subprotocols).await
    }

    async fn send(&mut self, text: &[u8]) -> Result<(), Self::Error> {
        T::send(self, text).await
    }

    async fn receive(&mut self, buf: &mut [u8]) -> Result<Received, Self::Error> {
        T::receive(self, buf).await
    }

    async fn close(&mut self) {
        T::close(self).await;
    }
}

/// What [`Link::receive`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Received {
    /// A text message of this many bytes.
    Text(usize),
    /// A text message that did not fit; its first bytes, this many, are in the buffer.
    TooLarge(usize),
    /// The peer closed the link.
    Closed,
}
