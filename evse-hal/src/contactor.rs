//! The contactor: what connects the vehicle to the mains.

use crate::error::ErrorType;

/// A contactor, or the set of relays that acts as one.
///
/// # For board authors
///
/// [`close`](Self::close) and [`open`](Self::open) only give the order; they do not wait for the contacts. Both may be
/// called again while the order stands. [`is_closed`](Self::is_closed) reads the mirror contact. A board without one
/// returns what it ordered last, and cannot notice a welded contactor.
///
/// The contactor must be open after reset, before any code ran, and it must open when the processor stops: choose the
/// idle level of the pin and a watchdog accordingly.
///
/// ```
/// use embedded_hal::digital::{Error as _, InputPin, OutputPin};
/// use evse_hal::{Contactor, ErrorKind, ErrorType};
///
/// /// A coil, and a mirror contact that is high while all main contacts are open.
/// struct Relay<C, M> {
///     coil: C,
///     mirror: M,
/// }
///
/// impl<C, M> ErrorType for Relay<C, M> {
///     type Error = ErrorKind;
/// }
///
/// impl<C: OutputPin, M: InputPin> Contactor for Relay<C, M> {
///     fn close(&mut self) -> Result<(), ErrorKind> {
///         self.coil.set_high().map_err(|_| ErrorKind::Bus)
///     }
///
///     fn open(&mut self) -> Result<(), ErrorKind> {
///         self.coil.set_low().map_err(|_| ErrorKind::Bus)
///     }
///
///     fn is_closed(&mut self) -> Result<bool, ErrorKind> {
///         self.mirror.is_low().map_err(|_| ErrorKind::Bus)
///     }
/// }
/// ```
///
/// # For users
///
/// Do not close a contactor by hand: give it to a [`Guard`](crate::safety::Guard).
pub trait Contactor: ErrorType {
    /// Orders the contacts to close.
    fn close(&mut self) -> Result<(), Self::Error>;

    /// Orders the contacts to open.
    fn open(&mut self) -> Result<(), Self::Error>;

    /// Whether any main contact is closed. An error means that nobody knows; it counts as closed where that is the
    /// dangerous case.
    fn is_closed(&mut self) -> Result<bool, Self::Error>;
}

impl<T: Contactor + ?Sized> Contactor for &mut T {
    fn close(&mut self) -> Result<(), Self::Error> {
        T::close(self)
    }

    fn open(&mut self) -> Result<(), Self::Error> {
        T::open(self)
    }

    fn is_closed(&mut self) -> Result<bool, Self::Error> {
        T::is_closed(self)
    }
}
