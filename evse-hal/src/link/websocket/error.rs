//! What can go wrong.

use crate::error::{Error, ErrorKind};
use embedded_io_async::ErrorKind as IoErrorKind;

/// Why a WebSocket is down.
///
/// ```
/// use evse_hal::websocket::WebSocketError;
/// use evse_hal::{Error, ErrorKind};
///
/// let error = WebSocketError::<core::convert::Infallible>::Status(401);
/// assert_eq!(error.kind(), ErrorKind::Refused);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum WebSocketError<E> {
    /// There is no such network profile.
    NoEndpoint,
    /// The transport could not be opened.
    Dial(E),
    /// The server answered the upgrade with this HTTP status.
    Status(u16),
    /// The server's answer to the upgrade is not what RFC 6455 §4.1 demands.
    Upgrade,
    /// The server picked no subprotocol, or one that was not offered.
    Subprotocol,
    /// The transport failed.
    Transport(E),
    /// The peer did not open, read, or answer a ping in time.
    Timeout,
    /// The peer broke the protocol, and was told so with this code of RFC 6455 §7.4.
    Violation(u16),
    /// There is no connection, or the stream ended without a goodbye.
    Closed,
}

impl<E: embedded_io_async::Error> Error for WebSocketError<E> {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoEndpoint => ErrorKind::Unreachable,
            Self::Dial(error) => match error.kind() {
                IoErrorKind::TimedOut => ErrorKind::Timeout,
                IoErrorKind::PermissionDenied | IoErrorKind::InvalidData => ErrorKind::Refused,
                _ => ErrorKind::Unreachable,
            },
            Self::Status(_) | Self::Upgrade | Self::Subprotocol => ErrorKind::Refused,
            Self::Transport(_) | Self::Closed => ErrorKind::Closed,
            Self::Timeout => ErrorKind::Timeout,
            Self::Violation(_) => ErrorKind::Other,
        }
    }
}

impl<E: core::fmt::Display> core::fmt::Display for WebSocketError<E> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NoEndpoint => f.write_str("no such network profile"),
            Self::Dial(error) => write!(f, "cannot be reached: {error}"),
            Self::Status(status) => write!(f, "HTTP status {status}"),
            Self::Upgrade => f.write_str("not the answer of a WebSocket server"),
            Self::Subprotocol => f.write_str("no agreement on a subprotocol"),
            Self::Transport(error) => write!(f, "connection failed: {error}"),
            Self::Timeout => f.write_str("no answer in time"),
            Self::Violation(code) => write!(f, "the server broke the protocol (close code {code})"),
            Self::Closed => f.write_str("connection is gone"),
        }
    }
}

impl<E: core::fmt::Debug + core::fmt::Display> core::error::Error for WebSocketError<E> {}
