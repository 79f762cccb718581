//! How far a running transaction has come, for the case that the power goes: its last record says so, and if that is long
//! ago, or energy has stopped to flow since, a value of its own does (DESIGN §5). Nobody is told of it.

use super::Station;
use super::evse::Transaction;
use super::storing::Op;
use crate::contract::ValueKey;
use crate::journal::{Decoder, Encoder};
use crate::settings::SettingId;
use crate::time::{Instant, sooner};

/// What storage knows of a running transaction, or is about to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    pub at: Instant,
    pub energy_wh: i64,
    /// Energy has stopped to flow since.
    pub stopped: bool,
}

/// What is stored.
struct Checkpoint {
    transaction: u32,
    secs: u32,
    energy_wh: i64,
}

impl Station<'_> {
    /// The checkpoint that is due.
    pub(super) fn checkpoint_to_store(&self, now: Instant) -> Option<Op> {
        let evse = (0..self.evses.len()).find(|evse| self.checkpoint_at(*evse).is_some_and(|at| at <= now))?;
        Some(Op::StoreCheckpoint { evse })
    }

    /// When the next one is due; while storage does something else, it comes after that.
    pub(super) fn checkpoint_deadline(&self) -> Option<Instant> {
        if !self.storage.is_free() {
            return None;
        }
        (0..self.evses.len()).fold(None, |at, evse| sooner(at, self.checkpoint_at(evse)))
    }

    fn checkpoint_at(&self, evse: usize) -> Option<Instant> {
        let state = &self.evses.get(evse)?.0;
        let running = state.transaction.as_ref().filter(|running| running.stored)?;
        let kept = running.kept;
        if kept.stopped && state.energy_wh != kept.energy_wh {
            return Some(kept.at);
        }
        let interval = self.settings().count(SettingId::CheckpointInterval);
        (interval > 0).then(|| kept.at.plus_secs(interval))
    }

    pub(super) fn encode_checkpoint(
        &mut self,
        evse: usize,
        now: Instant,
        buf: &mut [u8],
    ) -> Result<(ValueKey, usize), usize> {
        let state = self.evses.get_mut(evse).map(|slot| &mut slot.0).ok_or(0usize)?;
        let energy_wh = state.energy_wh;
        let running = state.transaction.as_mut().ok_or(0usize)?;
        let mut e = Encoder::new(buf);
        e.number(running.number.into());
        e.number(now.as_secs().into());
        e.signed(energy_wh);
        let len = e.sealed()?.len();
        running.keep(energy_wh, now);
        Ok((checkpoint_key(evse), len))
    }

    /// The checkpoint of an EVSE whose transaction was interrupted: it ends there, unless its last record is newer.
    pub(super) fn checkpoint_loaded(&mut self, evse: usize, value: Option<&[u8]>) {
        let Some(found) = value.and_then(Checkpoint::decode) else {
            return;
        };
        let Some(slot) = self.evses.get_mut(evse) else { return };
        let own = |entry: &&mut super::evse::Entry| {
            entry.record.transaction == found.transaction && entry.record.secs <= found.secs
        };
        if let Some(entry) = slot.0.outbox.iter_mut().find(own) {
            entry.record.secs = found.secs;
            entry.record.energy_wh = found.energy_wh;
            self.delivery.last_seen.1 = self.delivery.last_seen.1.max(found.secs);
        }
    }
}

impl Transaction {
    /// Storage knows it as it is now, or will soon.
    pub(super) fn keep(&mut self, energy_wh: i64, now: Instant) {
        self.kept = Kept {
            at: now,
            energy_wh,
            stopped: false,
        };
    }
}

impl Checkpoint {
    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut d = Decoder::unsealed(bytes)?;
        Some(Self {
            transaction: d.small()?,
            secs: d.small()?,
            energy_wh: d.signed()?,
        })
    }
}

pub(super) fn checkpoint_key(evse: usize) -> ValueKey {
    ValueKey::Checkpoint(u8::try_from(evse).unwrap_or(u8::MAX))
}
