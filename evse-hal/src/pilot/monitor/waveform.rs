//! The line as a converter sees it: a square wave with slow edges, noise, and a duty cycle that is not quite right.

use super::*;
use crate::pilot::{Duty, Offer};
use proptest::prelude::*;

/// Between two samples, in µs.
const STEP: u32 = 5;
/// From one plateau to the other, in µs.
const EDGE: u32 = 10;

/// The two plateaus of a period as a board measures them: well inside of what it ordered. Where a period begins is sure,
/// where the high plateau ends is not.
fn measure(ordered: Duty, real: i32, vehicle: PilotState, diode: bool, noise: &mut impl FnMut() -> i32) -> Plateaus {
    let high_us = u32::try_from(real.clamp(0, 10_000)).unwrap() / 10;
    let low = if diode { -12_000 } else { -nominal(vehicle) };
    let line = |micros: u32| {
        let progress = i32::try_from((micros % 1_000).min(EDGE)).unwrap();
        let (from, to) = if micros < high_us {
            (low, nominal(vehicle))
        } else {
            (nominal(vehicle), low)
        };
        let progress = if micros < high_us {
            progress
        } else {
            i32::try_from((micros - high_us).min(EDGE)).unwrap()
        };
        from + (to - from) * progress / i32::try_from(EDGE).unwrap()
    };
    let ordered_us = u32::from(ordered.basis_points()) / 10;
    // The mean of three samples.
    let mut around = |middle: u32| (0..3).map(|n| line(middle - STEP + n * STEP) + noise()).sum::<i32>() / 3;
    Plateaus {
        high: around(ordered_us / 2),
        low: Some(around(ordered_us + (1_000 - ordered_us) * 3 / 4)),
    }
}

#[test]
fn a_duty_within_tolerance_is_understood_as_meant() {
    for milliamps in (6_000..=80_000).step_by(250) {
        let meant = Duty::for_current(milliamps).unwrap();
        let Offer::Milliamps(offered) = meant.offer() else {
            panic!("{meant:?}")
        };
        for error in [-50i16, -25, 25, 50] {
            let seen = Duty::from_basis_points(meant.basis_points().checked_add_signed(error).unwrap()).unwrap();
            let Offer::Milliamps(understood) = seen.offer() else {
                panic!("{milliamps} mA, {error}: {seen:?}")
            };
            // Half a percent is 0.3 A, or 1.25 A on the steep part; where they meet, up to 1.525 A more.
            let tolerance = if meant.basis_points() < 8_450 { 300 } else { 2_775 };
            assert!(understood.abs_diff(offered) <= tolerance, "{milliamps} mA, {error}");
        }
    }
    for digital in 450..=550 {
        assert_eq!(Duty::from_basis_points(digital).unwrap().offer(), Offer::Digital);
    }
}

#[test]
fn a_duty_far_out_of_tolerance_is_a_fault_not_a_state() {
    // Full 96 % were ordered, but the line is low in the middle of it: nobody must take that for a vehicle.
    let ordered = Duty::for_current(80_000).unwrap();
    let mut monitor = Monitor::new(20);
    for _ in 0..20 {
        monitor.sample(measure(ordered, 4_000, PilotState::C, true, &mut || 0));
    }
    assert_ne!(monitor.state(), PilotState::C);
    assert!(!monitor.state().is_ready());
}

#[test]
fn a_resistor_without_a_diode_is_found_at_every_duty() {
    for milliamps in (6_000..=80_000).step_by(1_000) {
        let ordered = Duty::for_current(milliamps).unwrap();
        let mut monitor = Monitor::new(20);
        for _ in 0..20 {
            monitor.sample(measure(
                ordered,
                ordered.basis_points().into(),
                PilotState::C,
                false,
                &mut || 0,
            ));
        }
        assert!(monitor.diode_fault(), "{milliamps} mA");
    }
}

proptest! {
    /// Noise of ±0.8 V on every sample, edges of 10 µs, and a duty cycle wrong by up to half a percent: from 6 A to 80 A
    /// the state is found in just the debounce, and held.
    #[test]
    fn found_through_noise_and_edges(
        milliamps in 6_000u32..=80_000,
        error in -50i32..=50,
        vehicle in prop::sample::select(&[PilotState::B, PilotState::C, PilotState::D][..]),
        noise in prop::collection::vec(-800i32..=800, 64..256),
    ) {
        let ordered = Duty::for_current(milliamps).unwrap();
        let real = i32::from(ordered.basis_points()) + error;
        let mut noise = noise.into_iter().cycle();
        let mut noise = || noise.next().unwrap_or(0);
        let mut monitor = Monitor::new(20);
        for period in 0..100 {
            let seen = monitor.sample(measure(ordered, real, vehicle, true, &mut noise));
            prop_assert_eq!(seen, if period < 19 { PilotState::A } else { vehicle });
        }
    }

    /// Contacts that bounce, in bursts shorter than the debounce: nothing is seen but the states before and after.
    #[test]
    fn bounce_shows_nothing_else(bursts in prop::collection::vec((1usize..20, 0i32..=12), 1..20)) {
        let mut monitor = Monitor::new(20);
        for (count, volts) in bursts {
            for _ in 0..count {
                monitor.sample(Plateaus { high: volts * 1_000, low: None });
            }
            // Back on the contact for a moment.
            prop_assert_eq!(monitor.sample(Plateaus { high: 12_000, low: None }), PilotState::A);
        }
        for _ in 0..20 {
            monitor.sample(Plateaus { high: 9_000, low: None });
        }
        prop_assert_eq!(monitor.state(), PilotState::B);
    }
}
