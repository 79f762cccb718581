//! Duty cycle and current (IEC 61851-1 annex A).

const MIN_MILLIAMPS: u32 = 6_000;
const MAX_MILLIAMPS: u32 = 80_000;
/// Where 0.6 A per percent ends and 2.5 A per percent begins.
const KNEE: u16 = 8_500;
const OFFSET: u16 = 6_400;
const TOP: u16 = 9_600;

/// A duty cycle of the control pilot, in hundredths of a percent.
///
/// ```
/// use evse_hal::pilot::{Duty, Offer};
///
/// let duty = Duty::for_current(16_000).unwrap();
/// assert_eq!(duty.basis_points(), 2_666);
/// assert_eq!(duty.offer(), Offer::Milliamps(15_996));
/// assert_eq!(Duty::for_current(5_999), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Duty(u16);

impl Duty {
    /// 5 %: the vehicle is to ask for current digitally (ISO 15118).
    pub const DIGITAL: Self = Self(500);

    /// The largest duty cycle that offers no more than this much current per phase, in mA. Above 80 A it is that of
    /// 80 A; below 6 A nothing can be offered, and it is `None`.
    ///
    /// Between 51 A and 52.5 A the two formulas of the standard overlap; there it stays at 85 %, which is 51 A.
    pub const fn for_current(milliamps: u32) -> Option<Self> {
        let basis_points = if milliamps < MIN_MILLIAMPS {
            return None;
        } else if milliamps <= 52_500 {
            let straight = (milliamps / 6) as u16; // at most 8750
            if straight < KNEE { straight } else { KNEE }
        } else if milliamps < MAX_MILLIAMPS {
            ((milliamps / 25) as u16).saturating_add(OFFSET) // at most 3199 + 6400
        } else {
            TOP
        };
        Some(Self(basis_points))
    }

    /// A duty cycle of so many hundredths of a percent; `None` above 10 000.
    pub const fn from_basis_points(basis_points: u16) -> Option<Self> {
        if basis_points > 10_000 {
            return None;
        }
        Some(Self(basis_points))
    }

    /// Hundredths of a percent, 0 to 10 000.
    pub const fn basis_points(self) -> u16 {
        self.0
    }

    /// What a vehicle understands by it.
    pub const fn offer(self) -> Offer {
        let duty = self.0;
        match duty {
            300..=700 => Offer::Digital,
            800..1_000 => Offer::Milliamps(MIN_MILLIAMPS),
            1_000..=KNEE => Offer::Milliamps((duty as u32).saturating_mul(6)),
            8_501..=TOP => Offer::Milliamps((duty.saturating_sub(OFFSET) as u32).saturating_mul(25)),
            9_601..=9_700 => Offer::Milliamps(MAX_MILLIAMPS),
            _ => Offer::Nothing,
        }
    }
}

/// What a duty cycle means to a vehicle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Offer {
    /// No charging.
    Nothing,
    /// The vehicle is to ask digitally.
    Digital,
    /// So many mA per phase at most.
    Milliamps(u32),
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amps(milliamps: u32) -> Option<u16> {
        Duty::for_current(milliamps).map(Duty::basis_points)
    }

    #[test]
    fn currents_of_the_standard() {
        for (milliamps, basis_points) in [
            (6_000, 1_000),
            (10_000, 1_666),
            (13_000, 2_166),
            (16_000, 2_666),
            (20_000, 3_333),
            (32_000, 5_333),
            (48_000, 8_000),
            (51_000, 8_500),
            (63_000, 8_920),
            (70_000, 9_200),
            (80_000, 9_600),
        ] {
            assert_eq!(amps(milliamps), Some(basis_points), "{milliamps} mA");
        }
    }

    #[test]
    fn ends_of_the_range() {
        assert_eq!(amps(0), None);
        assert_eq!(amps(5_999), None);
        assert_eq!(amps(51_001), Some(8_500));
        assert_eq!(amps(52_500), Some(8_500));
        assert_eq!(amps(52_525), Some(8_501));
        assert_eq!(amps(79_999), Some(9_599));
        assert_eq!(amps(u32::MAX), Some(9_600));
        assert_eq!(Duty::from_basis_points(10_001), None);
    }

    #[test]
    fn duties_of_the_standard() {
        let offer = |basis_points| Duty::from_basis_points(basis_points).unwrap().offer();
        for nothing in [0, 299, 701, 799, 9_701, 10_000] {
            assert_eq!(offer(nothing), Offer::Nothing, "{nothing}");
        }
        for digital in [300, 500, 700] {
            assert_eq!(offer(digital), Offer::Digital, "{digital}");
        }
        for (basis_points, milliamps) in [
            (800, 6_000),
            (999, 6_000),
            (1_000, 6_000),
            (5_000, 30_000),
            (8_500, 51_000),
            (8_501, 52_525),
            (9_600, 80_000),
            (9_601, 80_000),
            (9_700, 80_000),
        ] {
            assert_eq!(offer(basis_points), Offer::Milliamps(milliamps), "{basis_points}");
        }
        assert_eq!(Duty::DIGITAL.offer(), Offer::Digital);
    }

    proptest! {
        /// Never more than was meant, and at most one step (6 or 25 mA, or the overlap of the formulas) less.
        #[test]
        fn quantises_down(milliamps in 6_000u32..100_000) {
            let duty = Duty::for_current(milliamps).unwrap();
            let Offer::Milliamps(offered) = duty.offer() else { panic!("{duty:?}") };
            prop_assert!(offered <= milliamps);
            let step = match milliamps {
                6_000..=51_000 => 6,
                51_001..=52_524 => 1_525,
                52_525..=80_000 => 25,
                _ => u32::MAX,
            };
            prop_assert!(milliamps - offered < step);
        }

        #[test]
        fn more_current_is_never_less_duty(a in 6_000u32..100_000, b in 6_000u32..100_000) {
            let (low, high) = (a.min(b), a.max(b));
            prop_assert!(Duty::for_current(low) <= Duty::for_current(high));
        }

        /// There and back: no duty is smaller than needed.
        #[test]
        fn what_is_offered_comes_back(basis_points in 1_000u16..=9_600) {
            let duty = Duty::from_basis_points(basis_points).unwrap();
            let Offer::Milliamps(offered) = duty.offer() else { panic!("{duty:?}") };
            prop_assert_eq!(Duty::for_current(offered), Some(duty));
        }
    }
}
