//! The station's own time: milliseconds since it was constructed.

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Instant(u64);

impl Instant {
    /// The moment of construction.
    pub const ZERO: Self = Self(0);

    /// The moment `millis` ms after construction.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since construction.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// `millis` ms later.
    #[must_use]
    pub const fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// `secs` s later.
    #[must_use]
    pub const fn plus_secs(self, secs: u32) -> Self {
        self.plus_millis((secs as u64).saturating_mul(1000))
    }

    /// Milliseconds from `earlier` to here; 0 if it is not earlier.
    pub const fn millis_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// The earlier of two deadlines, either of which may not exist.
pub(crate) fn sooner(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
