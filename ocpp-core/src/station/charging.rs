//! What EV and EVSE do within a session: the charging state, the permission, the lock (1.6 §4.9; 2.0.1 E02.FR.13).

use super::Station;
use super::session::{Ending, connector_of};
use crate::contract::TransactionPhase;
use crate::metering::ReadingContext;
use crate::settings::{SettingId, TxPoint};
use crate::time::Instant;
use crate::vocabulary::{ChargingState, LockState, PilotState, StopReason, TriggerReason};

impl Station<'_> {
    /// Follows what EV and EVSE do.
    pub(super) fn check_charging(&mut self, evse: usize, now: Instant) {
        let Some(state) = self.evses.get(evse).map(|slot| &slot.0) else {
            return;
        };
        let Some(transaction) = &state.transaction else { return };
        let (connector, id) = (connector_of(evse, transaction.connector), transaction.id);
        let (before, ended_by) = (transaction.charging, transaction.ended_by);
        let withheld = transaction.authorized && transaction.is_withheld(state.energy_wh);
        if withheld && self.settings().on(SettingId::StopOnInvalidId) {
            self.end_invalid(evse, now);
            return;
        }
        let permitted = self.is_permitted(evse, transaction.connector);
        let pilot = self
            .connectors_of(evse)
            .find(|connector| connector.id.connector == transaction.connector)
            .map_or(PilotState::A, |connector| connector.pilot);
        let charging = match pilot {
            PilotState::A => ChargingState::Idle,
            _ if !transaction.authorized => ChargingState::EvConnected,
            _ if transaction.stored && !permitted => ChargingState::SuspendedEvse,
            _ if pilot.ready() && state.closed => ChargingState::Charging,
            // The contactor is about to close: not yet a state of its own.
            _ if pilot.ready() || !transaction.stored => transaction.charging,
            _ => ChargingState::SuspendedEv,
        };
        if charging == before {
            return;
        }
        if let Some(running) = self.transaction_mut(evse) {
            running.kept.stopped |= running.charging == ChargingState::Charging;
            running.charging = charging;
            running.charged |= charging == ChargingState::Charging;
        }
        if charging != ChargingState::Idle {
            self.tell_info(connector, "");
        }
        let (_, stop) = self.tx_points();
        if before == ChargingState::Charging && stop & TxPoint::EnergyTransfer.bit() != 0 {
            self.transfer_stopped(evse, charging, ended_by, now);
            return;
        }
        let trigger = match charging {
            ChargingState::Idle => TriggerReason::EvCommunicationLost,
            _ => TriggerReason::ChargingStateChanged,
        };
        self.record_event(evse, now, trigger, None);
        self.tell_phase(connector, id, TransactionPhase::Updated, None);
    }

    /// 2.0.1 E06.FR.07: a pause is an end.
    fn transfer_stopped(&mut self, evse: usize, charging: ChargingState, ended_by: Option<StopReason>, now: Instant) {
        let by_ev = matches!(charging, ChargingState::SuspendedEv | ChargingState::Idle);
        let reason = if by_ev {
            StopReason::StoppedByEv
        } else {
            StopReason::Other
        };
        let ending = Ending {
            reason: ended_by.unwrap_or(reason),
            trigger: TriggerReason::ChargingStateChanged,
            token: None,
        };
        self.end_with(evse, &ending, now);
    }

    /// Whether energy may flow at a connector: its transaction is stored and valid, nothing is broken, no limit is zero.
    pub(super) fn is_permitted(&self, evse: usize, connector: u8) -> bool {
        let Some(state) = self.evses.get(evse).map(|slot| &slot.0) else {
            return false;
        };
        let (start, _) = self.tx_points();
        let early = start & TxPoint::EnergyTransfer.bit() != 0;
        let wanted = match &state.transaction {
            Some(running) => {
                running.connector == connector
                    && running.authorized
                    && (running.stored || early)
                    && !running.is_withheld(state.energy_wh)
            }
            // The transaction begins with the energy: it has to be permitted before.
            None => early && self.may_begin_early(evse, connector),
        };
        let blocked = |own: &super::connector::ConnectorState| {
            // G05.FR.01: an open lock is no place for a current.
            let unlocked = own.lock == LockState::Failed && own.lock_told == Some(true);
            own.id.connector == connector && (own.report.is_blocked() || unlocked)
        };
        wanted && !self.connectors_of(evse).any(blocked) && !self.own.is_blocked() && state.limit != Some(0)
    }

    fn may_begin_early(&self, evse: usize, connector: u8) -> bool {
        let ready = self.loading.is_none() && self.reset.is_none() && !self.storage.is_left_alone();
        let Some(state) = self.evses.get(evse).map(|slot| &slot.0).filter(|_| ready) else {
            return false;
        };
        let meant = self.connectors_of(evse).find(|own| own.plugged && own.is_usable());
        state.outbox.is_empty()
            && state
                .grant
                .as_ref()
                .is_some_and(|grant| grant.connector.is_none_or(|only| only == connector))
            && meant.is_some_and(|own| own.id.connector == connector)
            && self.operative
    }

    /// Whether a connector should be locked: while somebody is served there, or its cable waits for its owner.
    pub(super) fn wants_lock(&self, index: usize) -> bool {
        let Some((connector, evse)) = self.connector_and_evse(index) else {
            return false;
        };
        if connector.lock == LockState::None || !connector.is_used() {
            return false;
        }
        let own = connector.id.connector;
        let running = evse
            .transaction
            .as_ref()
            .is_some_and(|running| running.connector == own && running.authorized);
        let waiting = evse
            .grant
            .as_ref()
            .is_some_and(|grant| grant.connector.is_none_or(|only| only == own));
        let unlocking = self.unlocking == Some(index);
        !unlocking && (running || waiting && connector.plugged || evse.keep_locked_for.is_some())
    }

    /// Tells the values and the state of a transaction because the CSMS asked (2.0.1 F06).
    pub(super) fn tell_transaction(&mut self, evse: usize, now: Instant) -> bool {
        let Some(slot) = self.evses.get(evse).filter(|slot| slot.0.transaction.is_some()) else {
            return false;
        };
        let samples = slot.0.chosen(self.settings().measurands(SettingId::SampledMeasurands));
        self.record_update(evse, now, TriggerReason::Trigger, ReadingContext::Trigger, samples);
        true
    }
}
