//! The time of day.

use crate::error::ErrorType;

/// A clock that knows the time of day, at least some time after somebody told it.
///
/// # For board authors
///
/// A battery-backed clock, SNTP, GPS, or just the system timer with an offset. Return `None` until the clock is right:
/// a wrong time is worse than none. Times are milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted. Reading
/// must be quick, for it happens often; cache a clock that sits behind a slow bus.
///
/// ```
/// use core::convert::Infallible;
/// use evse_hal::{ErrorType, WallClock};
///
/// /// Right after it was set, until the power goes.
/// #[derive(Default)]
/// struct Volatile {
///     uptime: i64,
///     offset: Option<i64>,
/// }
///
/// impl ErrorType for Volatile {
///     type Error = Infallible;
/// }
///
/// impl WallClock for Volatile {
///     fn now(&mut self) -> Result<Option<i64>, Infallible> {
///         Ok(self.offset.map(|offset| self.uptime + offset))
///     }
///
///     fn set(&mut self, unix_millis: i64) -> Result<(), Infallible> {
///         self.offset = Some(unix_millis - self.uptime);
///         Ok(())
///     }
/// }
///
/// let mut clock = Volatile { uptime: 5_000, offset: None };
/// assert_eq!(clock.now(), Ok(None));
/// clock.set(1_795_370_400_000)?;
/// clock.uptime += 1_000;
/// assert_eq!(clock.now(), Ok(Some(1_795_370_401_000)));
/// # Ok::<(), Infallible>(())
/// ```
///
/// # For users
///
/// It may jump. Measure durations with a monotonic clock.
pub trait WallClock: ErrorType {
    /// The time, in milliseconds since 1970-01-01T00:00:00Z; `None` if it is not known.
    fn now(&mut self) -> Result<Option<i64>, Self::Error>;

    /// Somebody who should know says what time it is. A clock with a better source may ignore that.
    fn set(&mut self, unix_millis: i64) -> Result<(), Self::Error>;
}

impl<T: WallClock + ?Sized> WallClock for &mut T {
    fn now(&mut self) -> Result<Option<i64>, Self::Error> {
        T::now(self)
    }

    fn set(&mut self, unix_millis: i64) -> Result<(), Self::Error> {
        T::set(self, unix_millis)
    }
}
