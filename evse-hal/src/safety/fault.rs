//! What can go wrong.

/// A fault that keeps a connector from delivering energy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
#[repr(u8)]
pub enum Fault {
    /// The pilot shows state E or F, or cannot be read or driven. Passes.
    Pilot,
    /// The cable cannot be told. Passes.
    Cable,
    /// Too hot. Passes.
    Heat,
    /// Too cold. Passes.
    Cold,
    /// The vehicle drew more than it was offered for too long. Passes.
    OverCurrent,
    /// Thermometer, current sensor or monitor of residual current do not answer. Passes.
    Sensor,
    /// Residual current. Dangerous.
    ResidualCurrent,
    /// The monitor of residual current did not pass its self test. Dangerous.
    SelfTest,
    /// The contactor is closed though it was told to open. Dangerous.
    Welded,
    /// The contactor does not close, or nobody knows where it is. Dangerous.
    Contactor,
}

impl Fault {
    /// All faults.
    pub const ALL: [Self; 10] = [
        Self::Pilot,
        Self::Cable,
        Self::Heat,
        Self::Cold,
        Self::OverCurrent,
        Self::Sensor,
        Self::ResidualCurrent,
        Self::SelfTest,
        Self::Welded,
        Self::Contactor,
    ];

    /// Whether it stays until the vehicle is gone or somebody has acknowledged it, even if its cause is gone.
    pub const fn is_dangerous(self) -> bool {
        matches!(
            self,
            Self::ResidualCurrent | Self::SelfTest | Self::Welded | Self::Contactor
        )
    }

    const fn bit(self) -> u16 {
        1u16.wrapping_shl(self as u32)
    }
}

/// A set of faults.
///
/// ```
/// use evse_hal::safety::{Fault, Faults};
///
/// let mut faults = Faults::NONE;
/// faults.insert(Fault::Heat);
/// assert!(faults.contains(Fault::Heat) && !faults.contains(Fault::Cold));
/// assert_eq!(faults.iter().collect::<Vec<_>>(), [Fault::Heat]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Faults(u16);

impl Faults {
    /// The empty set.
    pub const NONE: Self = Self(0);
    const ANY: u16 = Fault::Contactor.bit().wrapping_mul(2).wrapping_sub(1);

    /// Adds one.
    pub const fn insert(&mut self, fault: Fault) {
        self.0 |= fault.bit();
    }

    /// Whether this one is in it.
    pub const fn contains(self, fault: Fault) -> bool {
        self.0 & fault.bit() != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The faults.
    pub fn iter(self) -> impl Iterator<Item = Fault> {
        Fault::ALL.into_iter().filter(move |&fault| self.contains(fault))
    }

    /// The dangerous ones.
    pub(super) fn dangerous(self) -> Self {
        self.iter().filter(|fault| fault.is_dangerous()).collect()
    }

    pub(super) const fn bits(self) -> u16 {
        self.0
    }

    /// Bits that stand for nothing are dropped.
    pub(super) const fn from_bits(bits: u16) -> Self {
        Self(bits & Self::ANY)
    }
}

impl FromIterator<Fault> for Faults {
    fn from_iter<I: IntoIterator<Item = Fault>>(faults: I) -> Self {
        let mut set = Self::NONE;
        faults.into_iter().for_each(|fault| set.insert(fault));
        set
    }
}
