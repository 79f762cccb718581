//! What station and guard tell each other.

use super::fault::Faults;
use super::lock::{LockOutcome, LockWish};
use super::state::State;
use crate::pilot::PilotState;

/// What the station wants, all of it each time: the last one counts.
///
/// ```
/// use evse_hal::safety::Request;
///
/// let request = Request { permit: true, limit: Some(16_000), ..Request::NONE };
/// assert!(!request.halt);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Request {
    /// Energy is permitted.
    pub permit: bool,
    /// The most that may be offered, in mA per phase; `None` is no limit but the board's.
    pub limit: Option<u32>,
    /// What is wished of the lock. To release the plug ends charging, whatever is permitted.
    pub lock: LockWish,
    /// Counts the wishes: another number is another wish, even if it is the same as before.
    pub lock_number: u8,
    /// Counts how often somebody on site has acknowledged the faults.
    pub acknowledged: u8,
    /// The station goes down: open at once.
    pub halt: bool,
}

impl Request {
    /// Nothing is wanted.
    pub const NONE: Self = Self {
        permit: false,
        limit: None,
        lock: LockWish::Leave,
        lock_number: 0,
        acknowledged: 0,
        halt: false,
    };
}

/// How a connector is, all of it each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Report {
    /// Where the guard stands.
    pub state: State,
    /// What the vehicle says.
    pub pilot: PilotState,
    /// Counts the vehicles that left, so that none is missed that left and came back between two reports.
    pub departures: u8,
    /// Whether a cable is in the socket; `None` if the cable is fixed, or nobody knows.
    pub cable: Option<bool>,
    /// What the lock does; `None` while it moves.
    pub lock: Option<LockOutcome>,
    /// The wish to which `lock` is the answer.
    pub lock_number: u8,
    /// Whether the contactor is closed, or may be.
    pub closed: bool,
    /// What is wrong.
    pub faults: Faults,
}

impl Report {
    /// Before anything is known.
    pub const UNKNOWN: Self = Self {
        state: State::Off,
        pilot: PilotState::A,
        departures: 0,
        cable: None,
        lock: None,
        lock_number: 0,
        closed: true,
        faults: Faults::NONE,
    };
}

/// How many words a message is.
pub(super) const WORDS: usize = 2;

/// Something small that is handed over word by word.
pub trait Message: Copy + sealed::Words {}

impl<M: Copy + sealed::Words> Message for M {}

pub(super) mod sealed {
    use super::WORDS;

    pub trait Words {
        fn to_words(self) -> [u32; WORDS];
        /// Whatever the words are, it is a message, and rather one that switches off.
        fn from_words(words: [u32; WORDS]) -> Self;
    }
}

impl sealed::Words for Request {
    fn to_words(self) -> [u32; WORDS] {
        let flags = u8::from(self.permit) | u8::from(self.limit.is_some()) << 1 | u8::from(self.halt) << 2;
        let head = [flags, self.lock as u8, self.lock_number, self.acknowledged];
        [u32::from_le_bytes(head), self.limit.unwrap_or(0)]
    }

    fn from_words([head, limit]: [u32; WORDS]) -> Self {
        let [flags, lock, lock_number, acknowledged] = head.to_le_bytes();
        Self {
            permit: flags & 1 != 0,
            limit: (flags & 2 != 0).then_some(limit),
            lock: match lock {
                1 => LockWish::Hold,
                2 => LockWish::Release,
                _ => LockWish::Leave,
            },
            lock_number,
            acknowledged,
            halt: flags & 4 != 0,
        }
    }
}

impl sealed::Words for Report {
    fn to_words(self) -> [u32; WORDS] {
        let cable = self.cable.map_or(0, |present| 1 | u8::from(present) << 1);
        let lock = self.lock.map_or(0, |outcome| (outcome as u8).saturating_add(1));
        let flags = cable | u8::from(self.closed) << 2 | lock << 4;
        let states = self.state as u8 | (self.pilot as u8) << 4;
        let head = [states, flags, self.departures, self.lock_number];
        [u32::from_le_bytes(head), self.faults.bits().into()]
    }

    fn from_words([head, faults]: [u32; WORDS]) -> Self {
        let [states, flags, departures, lock_number] = head.to_le_bytes();
        Self {
            state: State::ALL.get(usize::from(states & 15)).copied().unwrap_or_default(),
            pilot: PilotState::ALL
                .get(usize::from(states >> 4))
                .copied()
                .unwrap_or(PilotState::E),
            departures,
            cable: (flags & 1 != 0).then_some(flags & 2 != 0),
            lock: match flags >> 4 {
                1 => Some(LockOutcome::Absent),
                2 => Some(LockOutcome::Unlocked),
                3 => Some(LockOutcome::Locked),
                4 => Some(LockOutcome::Failed),
                _ => None,
            },
            lock_number,
            closed: flags & 4 != 0,
            faults: Faults::from_bits(faults as u16),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sealed::Words;
    use super::*;
    use crate::safety::Fault;
    use proptest::prelude::*;

    fn requests() -> impl Strategy<Value = Request> {
        let wishes = prop::sample::select(&[LockWish::Leave, LockWish::Hold, LockWish::Release][..]);
        (any::<(bool, Option<u32>, bool, u8, u8)>(), wishes).prop_map(
            |((permit, limit, halt, number, acknowledged), lock)| Request {
                permit,
                limit,
                lock,
                lock_number: number,
                acknowledged,
                halt,
            },
        )
    }

    proptest! {
        #[test]
        fn requests_arrive_as_sent(request in requests()) {
            prop_assert_eq!(Request::from_words(request.to_words()), request);
        }

        /// Every report is some words, and any words are a report that is the same again.
        #[test]
        fn reports_arrive_as_sent(words in any::<[u32; WORDS]>()) {
            let report = Report::from_words(words);
            prop_assert_eq!(Report::from_words(report.to_words()), report);
        }
    }

    #[test]
    fn all_values_arrive() {
        let mut report = Report::UNKNOWN;
        for state in State::ALL {
            for pilot in PilotState::ALL {
                for fault in Fault::ALL {
                    report.state = state;
                    report.pilot = pilot;
                    report.faults = [fault].into_iter().collect();
                    assert_eq!(Report::from_words(report.to_words()), report);
                }
            }
        }
        for lock in [
            None,
            Some(LockOutcome::Absent),
            Some(LockOutcome::Unlocked),
            Some(LockOutcome::Locked),
            Some(LockOutcome::Failed),
        ] {
            for cable in [None, Some(false), Some(true)] {
                report.lock = lock;
                report.cable = cable;
                assert_eq!(Report::from_words(report.to_words()), report);
            }
        }
    }
}
