//! The connector: its lock, and the cable in it.

use core::convert::Infallible;

use crate::error::ErrorType;

/// The lock that holds a detachable plug in the socket.
///
/// # For board authors
///
/// [`lock`](Self::lock) and [`unlock`](Self::unlock) start the movement and return; [`position`](Self::position) says
/// how far it is. Both may be called again while the lock moves or is already there. A lock that is known not to move
/// returns an error of kind [`Stuck`](crate::ErrorKind::Stuck); one that simply never arrives is noticed by the caller
/// after a time. Boards with a fixed cable use [`NoLock`].
///
/// The lock must keep its position through a reset, and should open when the mains fails.
///
/// ```
/// use evse_hal::{ConnectorLock, ErrorKind, ErrorType, LockPosition};
///
/// /// A solenoid with an end switch.
/// #[derive(Default)]
/// struct Solenoid {
///     energized: bool,
///     end_switch: bool,
/// }
///
/// impl ErrorType for Solenoid {
///     type Error = ErrorKind;
/// }
///
/// impl ConnectorLock for Solenoid {
///     fn lock(&mut self) -> Result<(), ErrorKind> {
///         self.energized = true;
///         Ok(())
///     }
///
///     fn unlock(&mut self) -> Result<(), ErrorKind> {
///         self.energized = false;
///         Ok(())
///     }
///
///     fn position(&mut self) -> Result<LockPosition, ErrorKind> {
///         Ok(match (self.energized, self.end_switch) {
///             (true, true) => LockPosition::Locked,
///             (false, false) => LockPosition::Unlocked,
///             _ => LockPosition::Moving,
///         })
///     }
/// }
///
/// let mut lock = Solenoid::default();
/// lock.lock()?;
/// assert_eq!(lock.position()?, LockPosition::Moving);
/// # Ok::<(), ErrorKind>(())
/// ```
///
/// # For users
///
/// Unlock only with the contactor confirmed open; a [`Guard`](crate::safety::Guard) sees to that.
pub trait ConnectorLock: ErrorType {
    /// Starts to lock.
    fn lock(&mut self) -> Result<(), Self::Error>;

    /// Starts to unlock.
    fn unlock(&mut self) -> Result<(), Self::Error>;

    /// Where the lock is now.
    fn position(&mut self) -> Result<LockPosition, Self::Error>;
}

impl<T: ConnectorLock + ?Sized> ConnectorLock for &mut T {
    fn lock(&mut self) -> Result<(), Self::Error> {
        T::lock(self)
    }

    fn unlock(&mut self) -> Result<(), Self::Error> {
        T::unlock(self)
    }

    fn position(&mut self) -> Result<LockPosition, Self::Error> {
        T::position(self)
    }
}

/// Where a lock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LockPosition {
    /// There is no lock, because the cable is fixed. Counts as locked.
    Absent,
    /// The plug can be pulled.
    Unlocked,
    /// The plug is held.
    Locked,
    /// On the way, or not known.
    Moving,
}

impl LockPosition {
    /// Whether the plug cannot be pulled, or there is none to pull.
    ///
    /// ```
    /// use evse_hal::LockPosition;
    ///
    /// assert!(LockPosition::Locked.is_secure() && LockPosition::Absent.is_secure());
    /// assert!(!LockPosition::Moving.is_secure());
    /// ```
    pub const fn is_secure(self) -> bool {
        matches!(self, Self::Absent | Self::Locked)
    }
}

/// The lock of a board that has none.
///
/// ```
/// use evse_hal::{ConnectorLock, LockPosition, NoLock};
///
/// assert_eq!(NoLock.position(), Ok(LockPosition::Absent));
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NoLock;

impl ErrorType for NoLock {
    type Error = Infallible;
}

impl ConnectorLock for NoLock {
    fn lock(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn unlock(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn position(&mut self) -> Result<LockPosition, Infallible> {
        Ok(LockPosition::Absent)
    }
}

/// The proximity contact of a socket, which tells whether a cable is in it and what that cable can carry.
///
/// # For board authors
///
/// A resistor in the plug codes the cable: 1500 Ω is 13 A, 680 Ω 20 A, 220 Ω 32 A, 100 Ω 63 A (one phase 70 A). What
/// fits none of them is an error of kind [`Implausible`](crate::ErrorKind::Implausible). Return a settled reading.
/// Boards with a fixed cable use [`FixedCable`].
///
/// ```
/// use evse_hal::{Cable, ErrorKind, ErrorType, ProximityPilot};
///
/// struct Divider {
///     ohms: u32,
/// }
///
/// impl ErrorType for Divider {
///     type Error = ErrorKind;
/// }
///
/// impl ProximityPilot for Divider {
///     fn cable(&mut self) -> Result<Cable, ErrorKind> {
///         let max_milliamps = match self.ohms {
///             4_501.. => return Ok(Cable::Absent),
///             1_100..=2_460 => 13_000,
///             400..=936 => 20_000,
///             164..=308 => 32_000,
///             80..=140 => 63_000,
///             _ => return Err(ErrorKind::Implausible),
///         };
///         Ok(Cable::Present { max_milliamps })
///     }
/// }
///
/// assert_eq!(Divider { ohms: 220 }.cable(), Ok(Cable::Present { max_milliamps: 32_000 }));
/// ```
///
/// # For users
///
/// Never offer more than the cable can carry; after an error offer nothing.
pub trait ProximityPilot: ErrorType {
    /// What is in the socket.
    fn cable(&mut self) -> Result<Cable, Self::Error>;
}

impl<T: ProximityPilot + ?Sized> ProximityPilot for &mut T {
    fn cable(&mut self) -> Result<Cable, Self::Error> {
        T::cable(self)
    }
}

/// What is in a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Cable {
    /// There is no socket: the cable is fixed, and the board's limit includes it.
    Fixed,
    /// Nothing.
    Absent,
    /// A cable.
    Present {
        /// What it carries per phase, in mA.
        max_milliamps: u32,
    },
}

/// The proximity contact of a board with a fixed cable.
///
/// ```
/// use evse_hal::{Cable, FixedCable, ProximityPilot};
///
/// assert_eq!(FixedCable.cable(), Ok(Cable::Fixed));
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FixedCable;

impl ErrorType for FixedCable {
    type Error = Infallible;
}

impl ProximityPilot for FixedCable {
    fn cable(&mut self) -> Result<Cable, Infallible> {
        Ok(Cable::Fixed)
    }
}
