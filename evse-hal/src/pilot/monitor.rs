//! From plateau voltages to a state: windows with hysteresis, diode check, debounce.

use super::PilotState;

/// How far a voltage may be from the nominal one of the held state before that is doubted, in mV: nearly up to where the
/// window of the next state begins.
const HOLD: i32 = 1_900;
/// How far it may be from the nominal one of another state to be taken for that, in mV: half the distance of two.
const TAKE: i32 = 1_500;
/// At the ends of the range there is no neighbour.
const TAKE_AT_END: i32 = 2_000;

/// The two plateaus of the pilot within one period, in mV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Plateaus {
    /// The positive one, or the constant voltage while there is no PWM.
    pub high: i32,
    /// The negative one; `None` while there is no PWM.
    pub low: Option<i32>,
}

/// Makes a debounced state out of plateau voltages.
///
/// Feed it once per period of the PWM, and at the same pace without PWM, so that a sample is a millisecond.
///
/// - Windows: within ±1 V of a nominal voltage a state is recognised for sure. The gaps between the windows belong to
///   the nearer state, but what is held already is held up to 1.9 V from its nominal voltage.
/// - Diode: while there is PWM, the negative plateau must be at −12 V, otherwise the vehicle's diode is missing, or
///   somebody holds a resistor in the socket. That is state E, and [`diode_fault`](Self::diode_fault) says why.
/// - Debounce: a state counts when it was seen in so many samples in a row. What is neither the held state nor another
///   one for long, is not readable: after four times as many samples it is state E. So whatever happens on the line, a
///   state that is not there any more is held for no longer than that.
///
/// ```
/// use evse_hal::pilot::{Monitor, PilotState, Plateaus};
///
/// let mut monitor = Monitor::new(20);
/// for _ in 0..20 {
///     monitor.sample(Plateaus { high: 8_870, low: None });
/// }
/// assert_eq!(monitor.state(), PilotState::B);
///
/// // The vehicle becomes ready, and 20 ms later it is believed.
/// for _ in 0..19 {
///     assert_eq!(monitor.sample(Plateaus { high: 6_050, low: Some(-11_900) }), PilotState::B);
/// }
/// assert_eq!(monitor.sample(Plateaus { high: 6_050, low: Some(-11_900) }), PilotState::C);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Monitor {
    needed: u8,
    held: Seen,
    candidate: Seen,
    /// Samples in a row that showed the candidate.
    agreed: u8,
    /// Samples in a row that did not show the held state.
    doubted: u16,
}

/// State E has two causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Seen {
    State(PilotState),
    DiodeFault,
}

impl Monitor {
    /// A monitor that believes a state after `samples` samples in a row. 0 and 1 believe at once.
    ///
    /// 10 to 30 are usual: the standard wants the power off 100 ms after C → B, with everything that comes behind.
    pub const fn new(samples: u8) -> Self {
        Self {
            needed: if samples == 0 { 1 } else { samples },
            held: Seen::State(PilotState::A),
            candidate: Seen::State(PilotState::A),
            agreed: 0,
            doubted: 0,
        }
    }

    /// Takes the voltages of one period, and returns the state.
    pub fn sample(&mut self, plateaus: Plateaus) -> PilotState {
        if see(self.held, plateaus) == self.held {
            self.agreed = 0;
            self.doubted = 0;
            return self.state();
        }
        self.doubted = self.doubted.saturating_add(1);
        let before = if self.agreed > 0 { self.candidate } else { self.held };
        let seen = see(before, plateaus);
        self.agreed = if seen == before {
            self.agreed.saturating_add(1)
        } else {
            1
        };
        self.candidate = seen;
        if self.agreed >= self.needed {
            self.hold(seen);
        } else if self.doubted >= u16::from(self.needed).saturating_mul(4) {
            self.hold(Seen::State(PilotState::E));
        }
        self.state()
    }

    /// The state that is believed. At first it is A.
    pub const fn state(&self) -> PilotState {
        match self.held {
            Seen::State(state) => state,
            Seen::DiodeFault => PilotState::E,
        }
    }

    /// Whether the state is E because the negative plateau is not where the vehicle's diode puts it.
    pub const fn diode_fault(&self) -> bool {
        matches!(self.held, Seen::DiodeFault)
    }

    fn hold(&mut self, seen: Seen) {
        self.held = seen;
        self.agreed = 0;
        self.doubted = 0;
    }
}

/// Nominal voltage of the high plateau.
const fn nominal(state: PilotState) -> i32 {
    match state {
        PilotState::A => 12_000,
        PilotState::B => 9_000,
        PilotState::C => 6_000,
        PilotState::D => 3_000,
        PilotState::E => 0,
        PilotState::F => -12_000,
    }
}

fn near(voltage: i32, state: PilotState, distance: i32) -> bool {
    voltage.saturating_sub(nominal(state)).unsigned_abs() <= distance.unsigned_abs()
}

/// What these voltages show, if `held` was seen before.
fn see(held: Seen, plateaus: Plateaus) -> Seen {
    let state = match held {
        Seen::State(state) if near(plateaus.high, state, HOLD) => state,
        _ => nearest(plateaus.high),
    };
    // Without a vehicle, or without a pilot, there is no diode to check.
    let reach = if held == Seen::DiodeFault { TAKE } else { HOLD };
    match plateaus.low {
        Some(low) if state.is_connected() && !near(low, PilotState::F, reach) => Seen::DiodeFault,
        _ => Seen::State(state),
    }
}

/// The state whose nominal voltage is nearest; E for what is far from all.
fn nearest(voltage: i32) -> PilotState {
    let mut states = PilotState::ALL.into_iter();
    let found = states.find(|&state| {
        let reach = match state {
            PilotState::A | PilotState::F => TAKE_AT_END,
            _ => TAKE,
        };
        // Exactly between two of them it is the higher voltage: the one further from energy.
        near(voltage, state, reach)
    });
    match found {
        // The wider reach of A must not take from B.
        Some(PilotState::A) if voltage < nominal(PilotState::A).saturating_sub(TAKE) => PilotState::B,
        Some(state) => state,
        None => PilotState::E,
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod waveform;
