use super::*;
use proptest::prelude::*;
use std::vec::Vec;

const LOW: Option<i32> = Some(-12_000);

fn volts(high: i32, low: Option<i32>) -> Plateaus {
    Plateaus { high, low }
}

fn feed(monitor: &mut Monitor, count: usize, plateaus: Plateaus) -> PilotState {
    for _ in 0..count {
        monitor.sample(plateaus);
    }
    monitor.state()
}

/// A monitor that holds this state; E for want of anything readable.
fn holding(needed: u8, state: PilotState) -> Monitor {
    let mut monitor = Monitor::new(needed);
    let low = state.is_connected().then_some(-12_000);
    assert_eq!(
        feed(&mut monitor, needed.max(1).into(), volts(nominal(state), low)),
        state
    );
    monitor
}

#[test]
fn nominal_voltages() {
    for state in PilotState::ALL {
        holding(1, state);
    }
}

#[test]
fn inside_of_the_window_whatever_was_held() {
    for held in PilotState::ALL {
        for state in PilotState::ALL {
            for deviation in [-1_000, -500, 0, 500, 1_000] {
                let mut monitor = holding(1, held);
                let seen = monitor.sample(volts(nominal(state) + deviation, LOW));
                assert_eq!(seen, state, "{deviation} mV, from {held:?}");
            }
        }
    }
}

#[test]
fn hysteresis_between_windows() {
    // Rising through the gap between C and B, and falling again.
    let mut monitor = holding(1, PilotState::C);
    assert_eq!(monitor.sample(volts(7_900, LOW)), PilotState::C);
    assert_eq!(monitor.sample(volts(7_901, LOW)), PilotState::B);
    assert_eq!(monitor.sample(volts(7_100, LOW)), PilotState::B);
    assert_eq!(monitor.sample(volts(7_099, LOW)), PilotState::C);
}

#[test]
fn between_two_states_the_one_further_from_energy() {
    assert_eq!(holding(1, PilotState::F).sample(volts(7_500, LOW)), PilotState::B);
    assert_eq!(holding(1, PilotState::F).sample(volts(10_500, LOW)), PilotState::A);
    assert_eq!(holding(1, PilotState::F).sample(volts(4_500, LOW)), PilotState::C);
}

#[test]
fn voltages_that_cannot_be_are_faults() {
    for high in [14_001, 30_000, -5_000, -9_000, -14_001, i32::MIN, i32::MAX] {
        assert_eq!(
            holding(1, PilotState::C).sample(volts(high, LOW)),
            PilotState::E,
            "{high} mV"
        );
    }
}

#[test]
fn a_missing_diode_is_a_fault_while_there_is_pwm() {
    // A resistor without a diode pulls down both plateaus alike.
    for state in [PilotState::B, PilotState::C, PilotState::D] {
        let mut monitor = holding(1, state);
        assert_eq!(
            monitor.sample(volts(nominal(state), Some(-nominal(state)))),
            PilotState::E
        );
        assert!(monitor.diode_fault());
        assert_eq!(monitor.sample(volts(nominal(state), LOW)), state);
        assert!(!monitor.diode_fault());
        assert_eq!(
            monitor.sample(volts(nominal(state), None)),
            state,
            "nothing to see without PWM"
        );
    }
}

#[test]
fn no_vehicle_no_diode() {
    assert_eq!(holding(1, PilotState::A).sample(volts(12_000, Some(0))), PilotState::A);
    let mut monitor = holding(1, PilotState::E);
    monitor.sample(volts(0, Some(0)));
    assert!(!monitor.diode_fault());
}

#[test]
fn the_diode_has_hysteresis_too() {
    let mut monitor = holding(1, PilotState::C);
    assert_eq!(monitor.sample(volts(6_000, Some(-10_100))), PilotState::C);
    assert_eq!(monitor.sample(volts(6_000, Some(-10_099))), PilotState::E);
    assert_eq!(monitor.sample(volts(6_000, Some(-10_499))), PilotState::E);
    assert_eq!(monitor.sample(volts(6_000, Some(-10_500))), PilotState::C);
}

#[test]
fn debounce_counts_samples_in_a_row() {
    let mut monitor = holding(20, PilotState::C);
    assert_eq!(feed(&mut monitor, 19, volts(9_000, LOW)), PilotState::C);
    assert_eq!(monitor.sample(volts(6_000, LOW)), PilotState::C);
    assert_eq!(feed(&mut monitor, 19, volts(9_000, LOW)), PilotState::C);
    assert_eq!(monitor.sample(volts(9_000, LOW)), PilotState::B);
}

#[test]
fn a_slow_edge_is_no_fault_and_no_state_of_its_own() {
    let mut monitor = holding(20, PilotState::A);
    let mut seen = Vec::from([PilotState::A]);
    // From 12 V to 6 V in 30 ms: passes B for less than the debounce.
    for step in 0..100 {
        let high = (12_000 - 200 * step).max(6_000);
        let state = monitor.sample(volts(high, LOW));
        if seen.last() != Some(&state) {
            seen.push(state);
        }
    }
    assert_eq!(seen, [PilotState::A, PilotState::C]);
}

#[test]
fn a_line_that_never_settles_is_a_fault() {
    let mut monitor = holding(20, PilotState::C);
    let mut samples = 0;
    while monitor.state() == PilotState::C {
        let high = if samples % 2 == 0 { 3_000 } else { 0 };
        monitor.sample(volts(high, LOW));
        samples += 1;
    }
    assert_eq!((monitor.state(), samples), (PilotState::E, 80));
}

#[test]
fn plugging_in_bounces() {
    let mut monitor = holding(20, PilotState::A);
    for _ in 0..50 {
        assert_eq!(feed(&mut monitor, 3, volts(9_000, None)), PilotState::A);
        assert_eq!(feed(&mut monitor, 2, volts(12_000, None)), PilotState::A);
    }
    assert_eq!(feed(&mut monitor, 20, volts(9_000, None)), PilotState::B);
}

fn state() -> impl Strategy<Value = PilotState> {
    prop::sample::select(&PilotState::ALL[..])
}

proptest! {
    /// Noise inside of the tolerance changes nothing, and the right state is found in just the debounce.
    #[test]
    fn noise_within_tolerance(
        held in state(),
        now in state(),
        noise in prop::collection::vec((-1_000i32..=1_000, -1_000i32..=1_000), 20..200),
    ) {
        let mut monitor = holding(20, held);
        for (index, (high, low)) in noise.into_iter().enumerate() {
            let seen = monitor.sample(volts(nominal(now) + high, Some(-12_000 + low)));
            prop_assert_eq!(seen, if index < 19 { held } else { now });
        }
    }

    /// Whatever comes: a change takes at least the debounce, and what is gone is held no longer than four times that.
    #[test]
    fn bounds_hold_for_any_voltages(
        needed in 1u8..40,
        line in prop::collection::vec((-15_000i32..15_000, prop::option::of(-15_000i32..0), 1usize..60), 1..60),
    ) {
        let mut monitor = Monitor::new(needed);
        let mut gone_for = 0u32;
        for (high, low, count) in line {
            for _ in 0..count {
                let before = monitor.clone();
                monitor.sample(volts(high, low));
                let gone = see(before.held, volts(high, low)) != before.held;
                gone_for = if gone { gone_for + 1 } else { 0 };
                if monitor.held != before.held {
                    prop_assert!(gone_for >= u32::from(needed));
                    gone_for = 0;
                }
                prop_assert!(gone_for < 4 * u32::from(needed) || monitor.held == Seen::State(PilotState::E));
            }
        }
    }

    #[test]
    fn any_numbers_are_taken(line in prop::collection::vec(any::<(i32, Option<i32>)>(), 0..100)) {
        let mut monitor = Monitor::new(3);
        for (high, low) in line {
            monitor.sample(volts(high, low));
        }
    }
}
