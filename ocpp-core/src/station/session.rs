//! A session from plug to plug: when a transaction begins and ends, when energy is permitted, what is recorded
//! (1.6 §3.6, §4.8, §4.10; 2.0.1 E).
//!
//! Granting waits, withdrawing never does: energy is permitted only after the start is in storage; a stop acts at once
//! and is stored afterwards.

use super::connector::ConnectorState;
use super::evse::{Entry, OUTBOX, Transaction};
use super::{ConnectorSlot, Station};
use crate::contract::{Event, TransactionPhase};
use crate::metering::{ReadingContext, Samples};
use crate::place::ConnectorId;
use crate::settings::SettingId;
use crate::time::Instant;
use crate::token::{AuthorizationStatus, Token, TokenInfo};
use crate::transaction::{Record, RecordKind, SampleSets, TransactionId};
use crate::vocabulary::{ChargingState, LockState, PilotState, StopReason, TriggerReason};

impl Station<'_> {
    pub(super) fn pilot_changed(&mut self, index: usize, state: PilotState, now: Instant) {
        let timeout = self.settings().count(SettingId::ConnectionTimeOut);
        let Some(connector) = self.connectors.get_mut(index).map(|slot| &mut slot.0) else {
            return;
        };
        let before = connector.plugged;
        connector.pilot = state;
        connector.plugged = state.connected() || before && state != PilotState::A;
        let (id, after) = (connector.id, connector.plugged);
        if !after {
            connector.plugged_deadline = None;
        } else if !before {
            connector.plugged_deadline = (timeout > 0).then(|| now.plus_secs(timeout));
            self.tell_info(id, "");
        }
        self.check_vacated(index);
        if before && !after {
            self.unplugged(id, now);
        }
    }

    pub(super) fn cable_changed(&mut self, index: usize, present: bool) {
        if let Some(slot) = self.connectors.get_mut(index) {
            slot.0.cable = Some(present);
            self.check_vacated(index);
        }
    }

    /// Once cable and EV are gone, the last session is over for good.
    fn check_vacated(&mut self, index: usize) {
        let Some(connector) = self.connectors.get_mut(index).map(|slot| &mut slot.0) else {
            return;
        };
        if connector.is_used() {
            return;
        }
        connector.finishing = false;
        let id = connector.id;
        self.tell_info(id, "");
        let evse = usize::from(id.evse.0).saturating_sub(1);
        if !self.connectors_of(evse).any(ConnectorState::is_used)
            && let Some(slot) = self.evses.get_mut(evse)
        {
            slot.0.keep_locked_for = None;
        }
    }

    /// The EV was disconnected (1.6 §4.10, 2.0.1 E09/E10).
    fn unplugged(&mut self, id: ConnectorId, now: Instant) {
        let evse = usize::from(id.evse.0).saturating_sub(1);
        let running = self.transaction_mut(evse);
        if running.is_some_and(|transaction| transaction.connector == id.connector) {
            if self.settings().on(SettingId::StopOnEvSideDisconnect) {
                if !self.settings().on(SettingId::UnlockOnEvSideDisconnect) && self.has_cable(id) {
                    self.keep_cable(evse);
                }
                self.end_transaction(evse, StopReason::EvDisconnected, None, now);
            }
            self.tell_info(id, EV_SIDE_DISCONNECTED);
        }
    }

    /// Only the driver of the running transaction gets the cable out.
    fn keep_cable(&mut self, evse: usize) {
        if let Some(slot) = self.evses.get_mut(evse)
            && let Some(transaction) = &slot.0.transaction
        {
            slot.0.keep_locked_for = Some((transaction.token, transaction.group));
        }
    }

    fn has_cable(&self, id: ConnectorId) -> bool {
        self.connectors
            .iter()
            .any(|slot| slot.0.id == id && slot.0.cable == Some(true))
    }

    /// The text of a fault stays as long as the fault.
    fn tell_info(&mut self, id: ConnectorId, info: &str) {
        let quiet = |slot: &&mut ConnectorSlot| slot.0.id == id && slot.0.report.fault().is_none();
        if let Some(slot) = self.connectors.iter_mut().find(quiet) {
            slot.0.report.info.clear();
            let _ = slot.0.report.info.push_str(info);
        }
    }

    /// Brings sessions up to date with the facts. Called after every input and every timer.
    pub(super) fn refresh_sessions(&mut self, now: Instant) {
        for evse in 0..self.evses.len() {
            self.check_start(evse, now);
            self.check_charging(evse, now);
        }
    }

    /// Begins a transaction if EV and authorization are both there.
    fn check_start(&mut self, evse: usize, now: Instant) {
        let Some(state) = self.evses.get(evse).map(|slot| &slot.0) else {
            return;
        };
        let Some(grant) = &state.grant else { return };
        // An end that is not stored yet still needs the place of the values.
        let ready = state.transaction.is_none() && state.outbox.is_empty() && self.is_usable(evse, grant.connector);
        let plugged = self.connectors_of(evse).find(|connector| {
            connector.plugged
                && connector.is_usable()
                && grant.connector.is_none_or(|only| only == connector.id.connector)
        });
        let Some(connector) = plugged.map(|connector| connector.id) else {
            return;
        };
        if !ready || self.loading.is_some() || self.reset.is_some() {
            return;
        }
        if self.storage.is_left_alone() && !self.settings().on(SettingId::TxWithoutStorage) {
            self.revoke(evse);
            self.events.push(Event::Storage {
                detail: "no transaction without storage",
            });
            return;
        }
        self.begin(evse, connector, now);
    }

    fn begin(&mut self, evse: usize, connector: ConnectorId, now: Instant) {
        let number = self.next_transaction_number();
        let id = TransactionId::new(self.random.next(), number);
        let Some(slot) = self.evses.get_mut(evse) else { return };
        let Some(grant) = slot.0.grant.take() else { return };
        slot.0.end_samples.clear();
        slot.0.keep_locked_for = None;
        slot.0.transaction = Some(Transaction {
            id,
            number,
            connector: connector.connector,
            start_wh: slot.0.energy_wh,
            token: grant.token,
            group: grant.group,
            next_seq_no: 0,
            stored: false,
            charging: ChargingState::EvConnected,
            charged: false,
            reference: None,
            invalid_from_wh: None,
            next_sample: None,
        });
        let samples = slot
            .0
            .chosen(self.config.settings.measurands(SettingId::EndedSampledMeasurands));
        for connector in self.connectors_of_mut(evse) {
            connector.plugged_deadline = None;
            connector.finishing = false;
        }
        self.add_end_sample(evse, now, ReadingContext::TransactionBegin);
        self.schedule_sample(evse, now, now);
        let trigger = if grant.remote {
            TriggerReason::RemoteStart
        } else {
            TriggerReason::Authorized
        };
        let Some(entry) = self.record_event(evse, RecordKind::Start, trigger, now) else {
            return;
        };
        entry.record.salt = Some(id.salt());
        entry.record.token = Some(grant.token);
        entry.record.remote_start_id = grant.remote_start_id;
        entry.context = ReadingContext::TransactionBegin;
        entry.samples = samples;
    }

    /// The start is in storage, or need not be: energy may flow, and whoever listens may know.
    pub(super) fn started(&mut self, evse: usize) {
        let Some(transaction) = self.transaction_mut(evse) else {
            return;
        };
        transaction.stored = true;
        let (id, connector) = (transaction.id, transaction.connector);
        self.tell_phase(connector_of(evse, connector), id, TransactionPhase::Started, None);
    }

    fn tell_phase(
        &mut self,
        connector: ConnectorId,
        id: TransactionId,
        phase: TransactionPhase,
        reason: Option<StopReason>,
    ) {
        self.events.push(Event::Transaction {
            connector,
            id,
            phase,
            reason,
        });
    }

    /// Ends a transaction: energy stops now, the rest follows.
    pub(super) fn end_transaction(&mut self, evse: usize, reason: StopReason, token: Option<&Token>, now: Instant) {
        self.add_end_sample(evse, now, ReadingContext::TransactionEnd);
        let trigger = trigger_of(reason);
        let starting = self.has_start_waiting(evse);
        let Some(running) = self.transaction_mut(evse) else { return };
        let (connector, id) = (connector_of(evse, running.connector), running.id);
        if (running.stored || starting)
            && let Some(entry) = self.record_event(evse, RecordKind::End, trigger, now)
        {
            entry.record.stop = Some(reason);
            entry.record.token = token.copied();
            entry.record.authorized = false;
        }
        let Some(slot) = self.evses.get_mut(evse) else { return };
        slot.0.transaction = None;
        for own in self.connectors_of_mut(evse) {
            own.finishing = own.id == connector && own.is_used();
        }
        self.tell_info(connector, "");
        if starting {
            self.tell_phase(connector, id, TransactionPhase::Started, None);
        }
        self.tell_phase(connector, id, TransactionPhase::Ended, Some(reason));
    }

    /// The CSMS says something of the token of a transaction that it was told of (1.6 §4.8; 2.0.1 E05).
    pub(super) fn token_info_arrived(&mut self, evse: usize, transaction: u32, info: &TokenInfo, now: Instant) {
        let energy_wh = self.evses.get(evse).map_or(0, |slot| slot.0.energy_wh);
        let stop = self.settings().on(SettingId::StopOnInvalidId);
        let grace = i64::from(self.settings().int(SettingId::MaxEnergyOnInvalidId));
        let Some(running) = self
            .transaction_mut(evse)
            .filter(|running| running.number == transaction)
        else {
            return;
        };
        if info.status == AuthorizationStatus::Accepted {
            running.group = info.group.or(running.group);
            running.invalid_from_wh = None;
        } else if running.invalid_from_wh.is_none() {
            running.invalid_from_wh = Some(energy_wh.saturating_add(grace));
            if stop && grace == 0 {
                self.end_invalid(evse, now);
            }
        }
    }

    fn end_invalid(&mut self, evse: usize, now: Instant) {
        self.keep_cable(evse);
        self.end_transaction(evse, StopReason::DeAuthorized, None, now);
        let locked = self
            .connectors_of(evse)
            .any(|own| own.finishing && own.lock != LockState::None);
        if !locked {
            self.release_cable(evse);
        }
    }

    /// What EV and EVSE do now.
    fn check_charging(&mut self, evse: usize, now: Instant) {
        let Some(state) = self.evses.get(evse).map(|slot| &slot.0) else {
            return;
        };
        let Some(transaction) = &state.transaction else { return };
        let (connector, id) = (connector_of(evse, transaction.connector), transaction.id);
        let withheld = transaction.is_withheld(state.energy_wh);
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
            _ if transaction.stored && !permitted => ChargingState::SuspendedEvse,
            _ if pilot.ready() && state.closed => ChargingState::Charging,
            // The contactor is about to close: not yet a state of its own.
            _ if pilot.ready() || !transaction.stored => transaction.charging,
            _ => ChargingState::SuspendedEv,
        };
        if charging == transaction.charging {
            return;
        }
        if let Some(running) = self.transaction_mut(evse) {
            running.charging = charging;
            running.charged |= charging == ChargingState::Charging;
        }
        if charging != ChargingState::Idle {
            self.tell_info(connector, "");
        }
        if self.link.dialect.is_some_and(|dialect| dialect.rules().records_states) {
            let trigger = match charging {
                ChargingState::Idle => TriggerReason::EvCommunicationLost,
                _ => TriggerReason::ChargingStateChanged,
            };
            self.record_update(evse, now, trigger, ReadingContext::Other, Samples::new());
        }
        self.tell_phase(connector, id, TransactionPhase::Updated, None);
    }

    /// Whether energy may flow at a connector: its transaction is stored and valid, nothing is broken, no limit is zero.
    pub(super) fn is_permitted(&self, evse: usize, connector: u8) -> bool {
        let Some(state) = self.evses.get(evse).map(|slot| &slot.0) else {
            return false;
        };
        let Some(transaction) = &state.transaction else {
            return false;
        };
        let blocked = self
            .connectors_of(evse)
            .any(|own| own.id.connector == connector && own.report.is_blocked());
        transaction.connector == connector
            && transaction.stored
            && !transaction.is_withheld(state.energy_wh)
            && !blocked
            && !self.own.is_blocked()
            && state.limit != Some(0)
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
        let running = evse.transaction.as_ref().is_some_and(|transaction| transaction.connector == own);
        let waiting = evse
            .grant
            .as_ref()
            .is_some_and(|grant| grant.connector.is_none_or(|only| only == own));
        let unlocking = self.unlocking == Some(index);
        !unlocking && (running || waiting && connector.plugged || evse.keep_locked_for.is_some())
    }

    /// Records something between start and end. Samples that find no room replace the last one.
    pub(super) fn record_update(
        &mut self,
        evse: usize,
        now: Instant,
        trigger: TriggerReason,
        context: ReadingContext,
        samples: Samples,
    ) {
        if let Some(entry) = self.record_event(evse, RecordKind::Update, trigger, now) {
            entry.context = context;
            entry.samples = samples;
        }
    }

    /// Adds an event of the running transaction, without values; one place is kept for the end.
    fn record_event(
        &mut self,
        evse: usize,
        kind: RecordKind,
        trigger: TriggerReason,
        now: Instant,
    ) -> Option<&mut Entry> {
        let offline = !self.is_online();
        let boot = self.boot_count;
        let running = self.evses.get(evse)?.0.transaction.as_ref()?;
        let plugged = self
            .connectors_of(evse)
            .any(|own| own.id.connector == running.connector && own.plugged);
        let state = &mut self.evses.get_mut(evse)?.0;
        let energy_wh = state.energy_wh;
        let transaction = state.transaction.as_mut()?;
        let seq_no = transaction.next_seq_no;
        transaction.next_seq_no = seq_no.wrapping_add(1);
        let outbox = &mut state.outbox;
        let reserved = usize::from(kind == RecordKind::Update);
        if outbox.len() >= OUTBOX.saturating_sub(reserved) {
            // It takes the place of an update.
            outbox.last().filter(|last| last.record.kind == RecordKind::Update)?;
            outbox.pop();
        }
        let entry = Entry {
            record: Record {
                kind,
                connector: connector_of(evse, transaction.connector),
                transaction: transaction.number,
                salt: None,
                seq_no,
                boot,
                millis: now.as_millis(),
                trigger,
                charging: transaction.charging,
                stop: None,
                plugged,
                authorized: true,
                offline,
                energy_wh,
                token: None,
                remote_start_id: None,
                samples: SampleSets::EMPTY,
            },
            context: ReadingContext::Other,
            samples: Samples::new(),
        };
        outbox.push(entry).ok()?;
        outbox.last_mut()
    }

    fn has_start_waiting(&self, evse: usize) -> bool {
        let outbox = self.evses.get(evse).map(|slot| &slot.0.outbox);
        outbox.is_some_and(|outbox| outbox.iter().any(|entry| entry.record.kind == RecordKind::Start))
    }

    /// A number that no transaction had before: the boot count is its upper part.
    fn next_transaction_number(&mut self) -> u32 {
        self.transactions = self.transactions.wrapping_add(1);
        self.boot_count.wrapping_shl(12) | (self.transactions & 0xfff)
    }
}

const EV_SIDE_DISCONNECTED: &str = "EV side disconnected";

/// The connector of the EVSE with that index.
fn connector_of(evse: usize, connector: u8) -> ConnectorId {
    ConnectorId::new(u8::try_from(evse).unwrap_or(u8::MAX).saturating_add(1), connector)
}

const fn trigger_of(reason: StopReason) -> TriggerReason {
    match reason {
        StopReason::EvDisconnected => TriggerReason::EvCommunicationLost,
        StopReason::DeAuthorized => TriggerReason::Deauthorized,
        StopReason::Remote => TriggerReason::RemoteStop,
        StopReason::UnlockCommand => TriggerReason::UnlockCommand,
        StopReason::HardReset | StopReason::SoftReset | StopReason::ImmediateReset => TriggerReason::ResetCommand,
        StopReason::PowerLoss | StopReason::EmergencyStop | StopReason::Other => TriggerReason::AbnormalCondition,
        _ => TriggerReason::StopAuthorized,
    }
}
