//! What the errors of all traits have in common.

/// Error of a part.
///
/// An implementation has its own error type with all that its hardware can tell, and maps it to a kind that generic code
/// understands. An enum of one's own is best; [`ErrorKind`] itself will do, and [`Infallible`](core::convert::Infallible)
/// for what cannot fail.
///
/// ```
/// use evse_hal::{Error, ErrorKind};
///
/// #[derive(Debug)]
/// enum ModbusError {
///     NoAnswer,
///     Checksum,
/// }
///
/// impl Error for ModbusError {
///     fn kind(&self) -> ErrorKind {
///         match self {
///             Self::NoAnswer => ErrorKind::Timeout,
///             Self::Checksum => ErrorKind::Bus,
///         }
///     }
/// }
/// ```
pub trait Error: core::fmt::Debug {
    /// Which of the common kinds this error is.
    fn kind(&self) -> ErrorKind;
}

impl Error for core::convert::Infallible {
    fn kind(&self) -> ErrorKind {
        match *self {}
    }
}

/// The common kinds of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ErrorKind {
    /// A bus, a pin or a peripheral failed.
    Bus,
    /// No answer in time.
    Timeout,
    /// A reading that cannot be.
    Implausible,
    /// Something that should move does not.
    Stuck,
    /// No room.
    Full,
    /// The peer cannot be reached: no network, unknown name, connection refused.
    Unreachable,
    /// The peer was reached and says no, or nothing sensible: TLS, authentication, subprotocol.
    Refused,
    /// The connection is gone.
    Closed,
    /// Something else; the original error may say more.
    Other,
}

impl Error for ErrorKind {
    fn kind(&self) -> ErrorKind {
        *self
    }
}

impl core::fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Bus => "bus or peripheral failed",
            Self::Timeout => "no answer in time",
            Self::Implausible => "implausible reading",
            Self::Stuck => "does not move",
            Self::Full => "no room",
            Self::Unreachable => "peer cannot be reached",
            Self::Refused => "peer refused",
            Self::Closed => "connection is gone",
            Self::Other => "other error",
        })
    }
}

impl core::error::Error for ErrorKind {}

/// Names the error type of a part; all its traits share it.
pub trait ErrorType {
    /// The error type.
    type Error: Error;
}

impl<T: ErrorType + ?Sized> ErrorType for &mut T {
    type Error = T::Error;
}
