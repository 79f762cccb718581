//! The rule that guards the contactor: when it may be closed, and in which order things happen.
//!
//! A pure function of what is known of one connector. It decides anew each time, from nothing but its arguments, so
//! there is no state that could be wrong. Carry out what it says in the order of the fields of [`Orders`]: pilot,
//! contactor, lock. Then energy stops in the order that spares the contacts (the vehicle first sees the pilot
//! withdrawn, then the contactor opens, and only when that is confirmed the plug is released), and it starts in the
//! order that is safe, because each step waits for the confirmation of the one before.
//!
//! Not here yet: self test of the residual current monitor, temperature, over-current, welded contacts, minimum times,
//! the grace time of a vehicle whose pilot was withdrawn.

use crate::connector::LockPosition;
use crate::pilot::PilotState;

/// What is known of one connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Conditions {
    /// Energy is permitted, and there is a current to offer.
    pub permitted: bool,
    /// What the vehicle says.
    pub pilot: PilotState,
    /// The room is ventilated, so that state D may charge too.
    pub ventilated: bool,
    /// Where the lock is.
    pub lock: LockPosition,
    /// What is wished of the lock. To release the plug ends charging, whatever else is wished.
    pub wish: LockWish,
    /// The contactor is confirmed to be open.
    pub open: bool,
}

/// What is wished of a lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LockWish {
    /// Nothing yet: it stays as it is.
    #[default]
    Leave,
    /// Hold the plug.
    Hold,
    /// Release the plug.
    Release,
}

/// What is to be done, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Orders {
    /// Offer current on the pilot (true), or withdraw it.
    pub offer: bool,
    /// Close the contactor (true), or open it.
    pub close: bool,
    /// Lock the plug, unlock it, or leave the lock alone.
    pub lock: LockOrder,
}

/// What is to be done with a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LockOrder {
    /// Nothing.
    Leave,
    /// Lock the plug.
    Lock,
    /// Unlock it.
    Unlock,
}

/// Decides.
///
/// - Current is offered if it is permitted, a vehicle is connected, and its plug is held.
/// - The contactor closes if in addition the vehicle is ready. In every other case it opens, at once.
/// - The plug is unlocked only with the contactor confirmed open.
///
/// ```
/// use evse_hal::LockPosition;
/// use evse_hal::pilot::PilotState;
/// use evse_hal::power_path::{Conditions, LockOrder, LockWish, decide};
///
/// let charging = Conditions {
///     permitted: true,
///     pilot: PilotState::C,
///     ventilated: false,
///     lock: LockPosition::Locked,
///     wish: LockWish::Hold,
///     open: false,
/// };
/// assert!(decide(charging).close);
/// assert!(!decide(Conditions { pilot: PilotState::B, ..charging }).close);
///
/// // Somebody wants the plug: first the energy goes, then the lock.
/// let release = Conditions { wish: LockWish::Release, ..charging };
/// assert!(!decide(release).offer && !decide(release).close);
/// assert_eq!(decide(release).lock, LockOrder::Leave);
/// assert_eq!(decide(Conditions { open: true, ..release }).lock, LockOrder::Unlock);
/// ```
pub const fn decide(conditions: Conditions) -> Orders {
    let Conditions {
        permitted,
        pilot,
        ventilated,
        lock,
        wish,
        open,
    } = conditions;
    let released = matches!(wish, LockWish::Release);
    let offer = permitted && !released && lock.is_secure() && pilot.is_connected();
    let ready = match pilot {
        PilotState::C => true,
        PilotState::D => ventilated,
        PilotState::A | PilotState::B | PilotState::E | PilotState::F => false,
    };
    Orders {
        offer,
        close: offer && ready,
        lock: match wish {
            LockWish::Hold => LockOrder::Lock,
            LockWish::Release if open => LockOrder::Unlock,
            LockWish::Release | LockWish::Leave => LockOrder::Leave,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    const POSITIONS: [LockPosition; 4] = [
        LockPosition::Absent,
        LockPosition::Unlocked,
        LockPosition::Locked,
        LockPosition::Moving,
    ];

    const WISHES: [LockWish; 3] = [LockWish::Leave, LockWish::Hold, LockWish::Release];

    fn all() -> Vec<Conditions> {
        let mut all = Vec::new();
        for pilot in PilotState::ALL {
            for lock in POSITIONS {
                for wish in WISHES {
                    for bits in 0..8 {
                        all.push(Conditions {
                            permitted: bits & 1 != 0,
                            pilot,
                            ventilated: bits & 2 != 0,
                            lock,
                            wish,
                            open: bits & 4 != 0,
                        });
                    }
                }
            }
        }
        assert_eq!(all.len(), 576);
        all
    }

    /// The only rows of the table that close: permitted, held and not to be released, a vehicle that may have it.
    #[test]
    fn closes_in_these_rows_and_no_other() {
        let mut expected = Vec::new();
        for (pilot, ventilations) in [(PilotState::C, &[false, true][..]), (PilotState::D, &[true])] {
            for lock in [LockPosition::Absent, LockPosition::Locked] {
                for wish in [LockWish::Leave, LockWish::Hold] {
                    for open in [false, true] {
                        expected.extend(ventilations.iter().map(|&ventilated| Conditions {
                            permitted: true,
                            pilot,
                            ventilated,
                            lock,
                            wish,
                            open,
                        }));
                    }
                }
            }
        }
        assert_eq!(expected.len(), 24);
        let closing: Vec<_> = all().into_iter().filter(|&row| decide(row).close).collect();
        assert_eq!(closing.len(), expected.len());
        assert!(closing.iter().all(|row| expected.contains(row)), "{closing:?}");
    }

    #[test]
    fn offers_in_these_rows_and_no_other() {
        for conditions in all() {
            let connected = matches!(conditions.pilot, PilotState::B | PilotState::C | PilotState::D);
            let held = matches!(conditions.lock, LockPosition::Absent | LockPosition::Locked);
            let expected = conditions.permitted && conditions.wish != LockWish::Release && connected && held;
            assert_eq!(decide(conditions).offer, expected, "{conditions:?}");
        }
    }

    #[test]
    fn never_closes_without_an_offer() {
        assert!(
            all()
                .into_iter()
                .map(decide)
                .all(|orders| orders.offer || !orders.close)
        );
    }

    #[test]
    fn unlocks_only_what_is_to_be_released_with_the_contactor_open() {
        for conditions in all() {
            let expected = match (conditions.wish, conditions.open) {
                (LockWish::Leave, _) | (LockWish::Release, false) => LockOrder::Leave,
                (LockWish::Hold, _) => LockOrder::Lock,
                (LockWish::Release, true) => LockOrder::Unlock,
            };
            let orders = decide(conditions);
            assert_eq!(orders.lock, expected, "{conditions:?}");
            assert!(orders.lock != LockOrder::Unlock || !orders.close);
        }
    }
}
