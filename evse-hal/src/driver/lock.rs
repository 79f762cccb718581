//! What is wished of a lock, and what comes of it.

use ocpp_core::{Instant, LockState};

use crate::connector::{ConnectorLock, LockPosition};
use crate::power_path::{LockOrder, LockWish};

/// The last wish, and how far it got.
#[derive(Clone, Copy, Debug)]
pub(super) struct Movement {
    wish: LockWish,
    since: Instant,
    ordered: bool,
    /// It got there.
    arrived: bool,
    /// The order was refused.
    refused: bool,
    /// The same was wished before and refused: now it is answered only when its time is over, so that whoever insists
    /// does so at a bearable pace.
    again: bool,
}

impl Movement {
    pub(super) const NONE: Self = Self {
        wish: LockWish::Leave,
        since: Instant::ZERO,
        ordered: false,
        arrived: false,
        refused: false,
        again: false,
    };

    pub(super) fn wish(&mut self, now: Instant, locked: bool) {
        let wish = if locked { LockWish::Hold } else { LockWish::Release };
        *self = Self {
            wish,
            since: now,
            again: self.wish == wish && self.refused,
            ..Self::NONE
        };
    }

    pub(super) const fn wished(&self) -> LockWish {
        self.wish
    }

    /// Gives the lock an order, once for each wish. Returns whether it did.
    pub(super) fn carry_out<L: ConnectorLock>(
        &mut self,
        order: LockOrder,
        position: Option<LockPosition>,
        lock: &mut L,
    ) -> bool {
        let done = match order {
            _ if self.ordered || position == Some(LockPosition::Absent) => return false,
            LockOrder::Leave => return false,
            // A plug that is held is not touched again. To unlock is tried in any case.
            LockOrder::Lock if position == Some(LockPosition::Locked) => return false,
            LockOrder::Lock => lock.lock(),
            LockOrder::Unlock => lock.unlock(),
        };
        self.ordered = true;
        self.refused = done.is_err();
        true
    }

    /// What there is to tell of the lock; `None` while it moves. A position of `None` could not be read.
    pub(super) fn state(&mut self, now: Instant, lock_ms: u32, position: Option<LockPosition>) -> Option<LockState> {
        let state = match position {
            Some(LockPosition::Absent) => {
                // What is not there need not be released before charging.
                self.wish = LockWish::Leave;
                return Some(LockState::None);
            }
            Some(LockPosition::Locked) => Some(LockState::Locked),
            Some(LockPosition::Unlocked) => Some(LockState::Unlocked),
            Some(LockPosition::Moving) | None => None,
        };
        let wished = match self.wish {
            LockWish::Leave => return state.or(position.is_none().then_some(LockState::Failed)),
            LockWish::Hold => LockState::Locked,
            LockWish::Release => LockState::Unlocked,
        };
        if state == Some(wished) {
            self.arrived = true;
            return state;
        }
        if self.arrived && state.is_some() {
            return state;
        }
        let overdue = now.millis_since(self.since) >= lock_ms.into();
        self.refused |= position.is_none();
        (overdue || self.refused && !self.again).then_some(LockState::Failed)
    }

    /// When it should have got there.
    pub(super) fn deadline(&self, lock_ms: u32) -> Option<Instant> {
        (self.wish != LockWish::Leave).then(|| self.since.plus_millis(lock_ms.into()))
    }
}
