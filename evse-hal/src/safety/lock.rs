//! What is wished of a lock, and what comes of it.

use crate::connector::LockPosition;

/// What is wished of a lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LockWish {
    /// Nothing yet: it stays as it is.
    #[default]
    Leave,
    /// Hold the plug.
    Hold,
    /// Release the plug, once the contactor is confirmed to be open.
    Release,
}

/// What became of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LockOutcome {
    /// There is none.
    Absent,
    /// The plug can be pulled.
    Unlocked,
    /// The plug is held.
    Locked,
    /// It did not get where it should, or cannot be read.
    Failed,
}

/// What is to be done with a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockOrder {
    Leave,
    Lock,
    Unlock,
}

/// The last wish, and how far it got.
#[derive(Clone, Copy, Debug)]
pub(super) struct Movement {
    wish: LockWish,
    since: u64,
    ordered: bool,
    /// It got there.
    arrived: bool,
    /// The order was refused.
    refused: bool,
    /// The same was wished before and refused: now it is answered only when its time is over, so that whoever insists
    /// does so at a bearable pace.
    again: bool,
    /// Something is to be told already.
    told: bool,
}

impl Movement {
    pub(super) const NONE: Self = Self {
        wish: LockWish::Leave,
        since: 0,
        ordered: false,
        arrived: false,
        refused: false,
        again: false,
        told: false,
    };

    pub(super) fn wish(&mut self, now: u64, wish: LockWish) {
        *self = Self {
            wish,
            since: now,
            again: self.wish == wish && self.refused,
            ..Self::NONE
        };
    }

    /// What is not there need not be released before charging.
    pub(super) fn wants_plug(&self, position: Option<LockPosition>) -> bool {
        self.wish == LockWish::Release && position != Some(LockPosition::Absent)
    }

    /// What to order now: each wish is ordered once, and to release only with the contactor confirmed to be open.
    pub(super) fn order(&mut self, position: Option<LockPosition>, open: bool) -> LockOrder {
        let order = match self.wish {
            _ if self.ordered || position == Some(LockPosition::Absent) => LockOrder::Leave,
            // A plug that is held is not touched again. To unlock is tried in any case.
            LockWish::Hold if position != Some(LockPosition::Locked) => LockOrder::Lock,
            LockWish::Release if open => LockOrder::Unlock,
            LockWish::Leave | LockWish::Hold | LockWish::Release => LockOrder::Leave,
        };
        self.ordered |= order != LockOrder::Leave;
        order
    }

    /// The lock refused the order.
    pub(super) fn refused(&mut self) {
        self.refused = true;
    }

    /// What there is to tell of the lock; `None` while it moves. A position of `None` could not be read.
    pub(super) fn outcome(&mut self, now: u64, lock_ms: u32, position: Option<LockPosition>) -> Option<LockOutcome> {
        let outcome = self.judge(now, lock_ms, position);
        self.told = outcome.is_some();
        outcome
    }

    fn judge(&mut self, now: u64, lock_ms: u32, position: Option<LockPosition>) -> Option<LockOutcome> {
        let found = match position {
            Some(LockPosition::Absent) => return Some(LockOutcome::Absent),
            Some(LockPosition::Locked) => Some(LockOutcome::Locked),
            Some(LockPosition::Unlocked) => Some(LockOutcome::Unlocked),
            Some(LockPosition::Moving) | None => None,
        };
        let wished = match self.wish {
            LockWish::Leave => return found.or(position.is_none().then_some(LockOutcome::Failed)),
            LockWish::Hold => LockOutcome::Locked,
            LockWish::Release => LockOutcome::Unlocked,
        };
        if found == Some(wished) {
            self.arrived = true;
            return found;
        }
        if self.arrived && found.is_some() {
            return found;
        }
        let overdue = now >= self.since.saturating_add(lock_ms.into());
        self.refused |= position.is_none();
        (overdue || self.refused && !self.again).then_some(LockOutcome::Failed)
    }

    /// When it should have got there.
    pub(super) fn deadline(&self, lock_ms: u32) -> Option<u64> {
        (self.wish != LockWish::Leave && !self.told).then(|| self.since.saturating_add(lock_ms.into()))
    }
}
