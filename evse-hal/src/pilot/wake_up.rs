//! The pulse that wakes a sleeping vehicle.

use super::PilotState;

/// How long a vehicle may stay in state B with current on offer before it counts as asleep, in ms.
const PATIENCE: u64 = 30_000;
/// How long the pulse lasts, in ms.
const PULSE: u64 = 4_000;

/// Decides when to wake a vehicle that sleeps: once per offer, by showing state F for four seconds.
///
/// Some vehicles fall asleep while they wait and do not notice that current is offered at last. A vehicle that stays in
/// state B for half a minute of an offer gets one pulse B → F → B. One that was ready before, in the same offer, is not
/// asleep but done, and is left alone.
///
/// ```
/// use evse_hal::pilot::{PilotState, WakeUp};
///
/// let mut wake_up = WakeUp::default();
/// assert!(!wake_up.step(0, true, PilotState::B));
/// assert_eq!(wake_up.deadline(), Some(30_000));
/// assert!(wake_up.step(30_000, true, PilotState::B), "show state F now");
/// assert!(!wake_up.step(34_000, true, PilotState::B), "offer again");
/// assert!(!wake_up.step(1_000_000, true, PilotState::B), "once is enough");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct WakeUp(Phase);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Phase {
    #[default]
    NoOffer,
    /// It may still wake up by itself, until then.
    Waiting(u64),
    /// The pulse lasts until then.
    Pulse(u64),
    /// It was ready, or was woken.
    Done,
}

impl WakeUp {
    /// Nothing is on offer yet.
    pub const NEW: Self = Self(Phase::NoOffer);

    /// Takes a look at `now`, in ms of any clock that does not jump back; returns whether state F is to be shown.
    ///
    /// `offered` is whether current is on offer, but for the pulse itself; `state` is what the vehicle says, and during
    /// the pulse what it said before.
    pub const fn step(&mut self, now: u64, offered: bool, state: PilotState) -> bool {
        self.0 = match (self.0, state) {
            _ if !offered => Phase::NoOffer,
            (Phase::NoOffer, PilotState::B) => Phase::Waiting(now.saturating_add(PATIENCE)),
            (Phase::Waiting(until), PilotState::B) if now >= until => Phase::Pulse(now.saturating_add(PULSE)),
            (Phase::Pulse(until), PilotState::B) if now >= until => Phase::Done,
            (phase, PilotState::B) => phase,
            _ => Phase::Done,
        };
        matches!(self.0, Phase::Pulse(_))
    }

    /// When to look next, if nothing happens before.
    pub const fn deadline(&self) -> Option<u64> {
        match self.0 {
            Phase::Waiting(until) | Phase::Pulse(until) => Some(until),
            Phase::NoOffer | Phase::Done => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_wakes_up_in_time_gets_no_pulse() {
        let mut wake_up = WakeUp::default();
        assert!(!wake_up.step(0, true, PilotState::B));
        assert!(!wake_up.step(29_999, true, PilotState::B));
        assert!(!wake_up.step(29_999, true, PilotState::C));
        for now in [30_000, 100_000] {
            assert!(!wake_up.step(now, true, PilotState::B), "it is full, not asleep");
        }
        assert_eq!(wake_up.deadline(), None);
    }

    #[test]
    fn a_new_offer_may_need_a_new_pulse() {
        let mut wake_up = WakeUp::default();
        for start in [0, 100_000] {
            assert!(!wake_up.step(start, false, PilotState::B));
            assert!(!wake_up.step(start, true, PilotState::B));
            assert!(wake_up.step(start + 30_000, true, PilotState::B));
        }
    }

    #[test]
    fn the_pulse_ends_with_the_offer_and_with_the_vehicle() {
        for (offered, state) in [(false, PilotState::B), (true, PilotState::A), (true, PilotState::C)] {
            let mut wake_up = WakeUp::default();
            assert!(!wake_up.step(0, true, PilotState::B));
            assert!(wake_up.step(30_000, true, PilotState::B));
            assert!(!wake_up.step(30_001, offered, state));
        }
    }
}
