//! The states, and which follows which: a pure function of the state and of what is known.

use crate::pilot::PilotState;

/// Where a guarded connector stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum State {
    /// No energy: a condition is missing.
    #[default]
    Off,
    /// No energy: the monitor of residual current tests itself before there is any.
    Testing,
    /// The contactor is to be closed.
    On,
    /// The offer was withdrawn; the contactor stays closed until the vehicle has stopped drawing current, for some seconds
    /// at most.
    Stopping,
    /// No energy: a fault that may pass. It goes on by itself.
    Paused,
    /// No energy: a dangerous fault. It goes on when the vehicle is gone, or somebody has acknowledged the fault, and its
    /// cause is gone too.
    Latched,
}

impl State {
    /// All states.
    pub const ALL: [Self; 6] = [
        Self::Off,
        Self::Testing,
        Self::On,
        Self::Stopping,
        Self::Paused,
        Self::Latched,
    ];

    /// Whether the contactor is to be closed.
    pub const fn is_energized(self) -> bool {
        matches!(self, Self::On | Self::Stopping)
    }
}

/// How far the self test of the residual current monitor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    Needed,
    Running,
    Passed,
}

/// What is known at one moment; all that the next state depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub pilot: PilotState,
    pub ventilated: bool,
    /// Energy is permitted, there is a current to offer, nobody wants the plug, and the station is alive.
    pub wanted: bool,
    /// The station goes down: no time to be gentle.
    pub halt: bool,
    /// The plug is locked, or cannot be pulled anyway.
    pub held: bool,
    /// The contactor is confirmed to be open.
    pub open: bool,
    pub test: Test,
    /// The contactor was open for the minimum time.
    pub rested: bool,
    /// The vehicle had its time to stop.
    pub grace_over: bool,
    /// A fault that may pass is there.
    pub fault: bool,
    /// The time after such a fault is not over.
    pub pausing: bool,
    /// A dangerous fault is latched.
    pub danger: bool,
}

impl Facts {
    fn ready(&self) -> bool {
        match self.pilot {
            PilotState::C => true,
            PilotState::D => self.ventilated,
            PilotState::A | PilotState::B | PilotState::E | PilotState::F => false,
        }
    }

    /// Whether current may be offered, if nothing is wrong.
    pub(super) fn may_offer(&self) -> bool {
        self.wanted && !self.halt && self.held && self.pilot.is_connected()
    }
}

/// The state that follows.
pub(super) fn next(state: State, facts: &Facts) -> State {
    if facts.danger {
        return State::Latched;
    }
    if facts.fault {
        return match state {
            State::Latched => State::Latched,
            _ => State::Paused,
        };
    }
    match state {
        State::Latched if facts.open => State::Off,
        State::Latched => State::Latched,
        State::Paused if facts.pausing => State::Paused,
        State::Paused => State::Off,
        State::Off | State::Testing if !facts.may_offer() => State::Off,
        State::Off | State::Testing => match facts.test {
            Test::Needed if facts.open => State::Testing,
            Test::Running => State::Testing,
            Test::Passed if facts.ready() && facts.open && facts.rested => State::On,
            Test::Needed | Test::Passed => State::Off,
        },
        State::On | State::Stopping if !facts.ready() || !facts.held || facts.halt => State::Off,
        State::On | State::Stopping if facts.wanted => State::On,
        State::Stopping if facts.grace_over => State::Off,
        State::On | State::Stopping => State::Stopping,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TESTS: [Test; 3] = [Test::Needed, Test::Running, Test::Passed];

    /// Calls with every pair of state and facts: 6 states, 6 states of the pilot, 3 of the test, 10 yes or no.
    fn for_all(mut check: impl FnMut(State, Facts, State)) {
        let mut count = 0;
        for state in State::ALL {
            for pilot in PilotState::ALL {
                for test in TESTS {
                    for bits in 0u32..1 << 10 {
                        let bit = |n: u32| bits & 1 << n != 0;
                        let facts = Facts {
                            pilot,
                            ventilated: bit(0),
                            wanted: bit(1),
                            halt: bit(2),
                            held: bit(3),
                            open: bit(4),
                            test,
                            rested: bit(5),
                            grace_over: bit(6),
                            fault: bit(7),
                            pausing: bit(8),
                            danger: bit(9),
                        };
                        count += 1;
                        check(state, facts, next(state, &facts));
                    }
                }
            }
        }
        assert_eq!(count, 6 * 6 * 3 * 1024);
    }

    fn vehicle_takes(facts: &Facts) -> bool {
        facts.pilot == PilotState::C || facts.pilot == PilotState::D && facts.ventilated
    }

    #[test]
    fn nothing_closes_the_contactor_without_all_conditions() {
        let mut closings = 0;
        for_all(|state, facts, next| {
            if !state.is_energized() && next.is_energized() {
                closings += 1;
                assert_eq!(next, State::On);
                assert!(matches!(state, State::Off | State::Testing), "{state:?} {facts:?}");
                assert!(
                    facts.wanted && !facts.halt && facts.held && facts.open && facts.rested,
                    "{facts:?}"
                );
                assert!(vehicle_takes(&facts) && facts.test == Test::Passed, "{facts:?}");
                assert!(!facts.fault && !facts.danger, "{facts:?}");
            }
        });
        // From two states; C with and without ventilation or D with it; whatever grace_over and pausing are.
        assert_eq!(closings, 2 * 3 * 4);
    }

    #[test]
    fn nothing_keeps_it_closed_without_them_but_the_grace_of_a_vehicle() {
        for_all(|state, facts, next| {
            if state.is_energized() && next.is_energized() {
                assert!(vehicle_takes(&facts) && facts.held && !facts.halt, "{facts:?}");
                assert!(!facts.fault && !facts.danger, "{facts:?}");
                match next {
                    State::On => assert!(facts.wanted, "{facts:?}"),
                    _ => assert!(state == State::On || !facts.grace_over, "{facts:?}"),
                }
            }
        });
    }

    #[test]
    fn what_must_open_at_once_does() {
        for_all(|state, facts, next| {
            let gone = !vehicle_takes(&facts);
            if gone || !facts.held || facts.halt || facts.fault || facts.danger {
                assert!(!next.is_energized(), "{state:?} {facts:?}");
            }
        });
    }

    #[test]
    fn danger_latches_and_leaves_only_when_it_is_gone() {
        for_all(|state, facts, next| {
            if facts.danger || next == State::Latched {
                assert!(
                    next == State::Latched && (facts.danger || state == State::Latched),
                    "{state:?} {facts:?}"
                );
            }
            if state == State::Latched && next != State::Latched {
                assert_eq!(next, State::Off);
                assert!(!facts.danger && !facts.fault && facts.open, "{facts:?}");
            }
        });
    }

    #[test]
    fn a_fault_that_may_pass_pauses() {
        for_all(|state, facts, next| {
            if facts.fault && !facts.danger && state != State::Latched {
                assert_eq!(next, State::Paused, "{facts:?}");
            }
            if state == State::Paused && next == State::Off {
                assert!(!facts.pausing && !facts.fault, "{facts:?}");
            }
        });
    }

    /// With nothing new, it comes to rest, and does not go round in circles.
    #[test]
    fn no_livelock() {
        for_all(|state, facts, first| {
            let mut now = first;
            for _ in 0..3 {
                now = next(now, &facts);
            }
            assert_eq!(next(now, &facts), now, "{state:?} {facts:?}");
        });
    }
}
