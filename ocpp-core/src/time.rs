//! The station's own time: milliseconds since it was constructed.

use core::num::NonZeroU64;

/// A point in monotonic time, in milliseconds since the station was constructed.
///
/// The caller reads a clock that never steps; the wall clock is another thing, see [`Input::Clock`](crate::Input).
///
/// ```
/// use ocpp_core::Instant;
///
/// let start = Instant::from_millis(1_500);
/// assert_eq!(start.plus_secs(2), Instant::from_millis(3_500));
/// assert_eq!(start.plus_secs(2).millis_since(start), 2_000);
/// ```
// One more than the milliseconds, so that a deadline that may not exist is no longer than one that does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(NonZeroU64);

impl Instant {
    /// The moment of construction.
    pub const ZERO: Self = Self(NonZeroU64::MIN);

    /// The moment `millis` ms after construction.
    pub const fn from_millis(millis: u64) -> Self {
        Self::ZERO.plus_millis(millis)
    }

    /// Milliseconds since construction.
    pub const fn as_millis(self) -> u64 {
        self.0.get().wrapping_sub(1)
    }

    /// Whole seconds since construction.
    pub(crate) fn as_secs(self) -> u32 {
        // As the division of 64 bits would be the only one in many a firmware: 2^32 ms are 4,294,967 s and 296 ms.
        let (high, low) = ((self.as_millis() >> 32) as u32, self.as_millis() as u32);
        let rest = high.wrapping_mul(296).wrapping_add(low % 1000);
        high.wrapping_mul(4_294_967)
            .wrapping_add(low / 1000)
            .wrapping_add(rest / 1000)
    }

    /// `millis` ms later.
    #[must_use]
    #[inline(never)]
    pub const fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// `secs` s later.
    #[must_use]
    #[inline(never)]
    pub const fn plus_secs(self, secs: u32) -> Self {
        self.plus_millis((secs as u64).wrapping_mul(1000))
    }

    /// Milliseconds from `earlier` to here; 0 if it is not earlier.
    pub const fn millis_since(self, earlier: Self) -> u64 {
        self.0.get().saturating_sub(earlier.0.get())
    }
}

impl Default for Instant {
    fn default() -> Self {
        Self::ZERO
    }
}

impl core::fmt::Debug for Instant {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Instant").field(&self.as_millis()).finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Instant {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Instant({=u64})", self.as_millis());
    }
}

/// Whether a deadline has come that may not exist.
#[inline(never)]
pub(crate) fn is_due(at: Option<Instant>, now: Instant) -> bool {
    at.is_some_and(|at| at <= now)
}

/// Seconds of a day.
pub(crate) const DAY: u32 = 86_400;

/// The earlier of two deadlines, either of which may not exist.
#[inline(never)]
pub(crate) fn sooner(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_seconds_of_a_century() {
        for millis in [
            0,
            999,
            1_000,
            4_294_967_295,
            4_294_967_296,
            4_294_968_000,
            3_155_760_000_123,
        ] {
            assert_eq!(u64::from(Instant::from_millis(millis).as_secs()), millis / 1000);
        }
    }
}
