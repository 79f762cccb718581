//! A session from plug to plug: when a transaction begins and when it ends (1.6 §3.6, §4.8, §4.10; 2.0.1 E01–E10, E15).
//!
//! Both depend on moments that an operator chooses in 2.0.1 and that are fixed in 1.6
//! ([`Rules::tx_points`](crate::dialect::Rules::tx_points)). A transaction begins at the first moment of one list and
//! ends as soon as one of the other is over. Energy always belongs to a transaction: where no chosen moment comes, it
//! begins with EV and authorization both there.
//!
//! Granting waits, withdrawing never does: energy is permitted only after the start is in storage; a stop acts at once
//! and is stored afterwards. A start at the transfer of energy cannot wait for itself: there energy is permitted
//! first, and withdrawn if the start cannot be stored.
//!
//! Not done: transactions that begin with a signed meter value (`DataSigned`).

use super::checkpoint::Kept;
use super::connector::ConnectorState;
use super::evse::Transaction;
use super::{ConnectorSlot, Station};
use crate::contract::{Event, TransactionPhase};
use crate::journal::RecordKind;
use crate::metering::ReadingContext;
use crate::place::{ConnectorId, EvseId};
use crate::settings::{SettingId, TxPoint};
use crate::time::Instant;
use crate::token::{AuthorizationStatus, Token, TokenInfo};
use crate::transaction::TransactionId;
use crate::vocabulary::{ChargingState, LockState, PilotState, StopReason, TriggerReason};

/// Moments that an end of the authorization ends too.
const WITH_AUTHORIZATION: u8 =
    TxPoint::Authorized.bit() | TxPoint::PowerPathClosed.bit() | TxPoint::EnergyTransfer.bit();
/// Moments that the EV's leaving ends.
const WITH_EV: u8 = TxPoint::EvConnected.bit() | TxPoint::PowerPathClosed.bit() | TxPoint::EnergyTransfer.bit();

/// Why a transaction ends.
pub(super) struct Ending<'t> {
    pub reason: StopReason,
    pub trigger: TriggerReason,
    /// The token that ended it.
    pub token: Option<&'t Token>,
}

impl<'t> Ending<'t> {
    pub(super) const fn new(reason: StopReason, token: Option<&'t Token>) -> Self {
        Self {
            reason,
            trigger: trigger_of(reason),
            token,
        }
    }
}

impl Station<'_> {
    /// When transactions begin, and when they end.
    pub(super) fn tx_points(&self) -> (u8, u8) {
        let settings = self.settings();
        let chosen = self.rules().and_then(|rules| rules.tx_points);
        chosen.unwrap_or_else(|| {
            (
                settings.points(SettingId::TxStartPoint),
                settings.points(SettingId::TxStopPoint),
            )
        })
    }

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
            connector.fresh = false;
        } else if !before {
            connector.plugged_deadline = (timeout > 0).then(|| now.plus_secs(timeout));
            connector.fresh = true;
            self.tell_info(id, "");
            self.plugged_in(id, now);
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
        let evse = id.evse.index();
        if !self.connectors_of(evse).any(ConnectorState::is_used)
            && let Some(slot) = self.evses.get_mut(evse)
        {
            slot.0.keep_locked_for = None;
        }
    }

    /// The parking bay was entered or left (2.0.1 E01.FR.01, E06.FR.01).
    pub(super) fn bay_changed(&mut self, evse: usize, occupied: bool, now: Instant) {
        let (_, stop) = self.tx_points();
        let Some(state) = self.evses.get_mut(evse).map(|slot| &mut slot.0) else {
            return;
        };
        if state.bay == occupied {
            return;
        }
        state.bay = occupied;
        state.bay_fresh = occupied;
        let ended_by = state.transaction.as_ref().and_then(|running| running.ended_by);
        if occupied {
            state.cause = TriggerReason::EvDetected;
            self.record_event(evse, now, TriggerReason::EvDetected, None);
        } else if stop & TxPoint::ParkingBayOccupancy.bit() != 0 {
            let ending = Ending {
                reason: ended_by.unwrap_or(StopReason::Local),
                trigger: TriggerReason::EvDeparted,
                token: None,
            };
            self.end_with(evse, &ending, now);
        } else {
            self.record_event(evse, now, TriggerReason::EvDeparted, None);
        }
    }

    /// An EV was connected: the one that a transaction waits for, or one of its own accord.
    fn plugged_in(&mut self, id: ConnectorId, now: Instant) {
        let evse = id.evse.index();
        let Some(state) = self.evses.get_mut(evse).map(|slot| &mut slot.0) else {
            return;
        };
        state.cause = TriggerReason::CablePluggedIn;
        let Some(running) = &mut state.transaction else { return };
        if running.connector == 0 {
            running.connector = id.connector;
        }
        if running.connector != id.connector {
            return;
        }
        running.deadline = None;
        running.charging = if running.charged && running.authorized {
            ChargingState::SuspendedEv
        } else {
            ChargingState::EvConnected
        };
        if let Some(slot) = self.connectors.iter_mut().find(|slot| slot.0.id == id) {
            slot.0.fresh = false;
            slot.0.plugged_deadline = None;
        }
        if let Some(entry) = self.record_event(evse, now, TriggerReason::CablePluggedIn, None) {
            entry.record.first_plugged = true;
        }
    }

    /// The EV was disconnected (1.6 §4.10, 2.0.1 E09/E10).
    fn unplugged(&mut self, id: ConnectorId, now: Instant) {
        let evse = id.evse.index();
        if self
            .transaction_mut(evse)
            .is_none_or(|running| running.connector != id.connector)
        {
            return;
        }
        let ends = self.settings().on(SettingId::StopOnEvSideDisconnect);
        let (_, stop) = self.tx_points();
        let lost = if ends { WITH_EV | WITH_AUTHORIZATION } else { WITH_EV };
        let keep = ends && !self.settings().on(SettingId::UnlockOnEvSideDisconnect) && self.has_cable(id);
        let patience = self.settings().count(SettingId::ConnectionTimeOut);
        if keep {
            self.keep_cable(evse);
        }
        if stop & lost != 0 {
            let ended_by = self.transaction_mut(evse).and_then(|running| running.ended_by);
            let ending = Ending {
                // Why the driver could leave, if the session was over before.
                reason: ended_by.unwrap_or(StopReason::EvDisconnected),
                trigger: TriggerReason::EvCommunicationLost,
                token: None,
            };
            self.end_with(evse, &ending, now);
        } else if let Some(running) = self.transaction_mut(evse) {
            running.charging = ChargingState::Idle;
            if ends {
                running.authorized = false;
                running.ended_by.get_or_insert(StopReason::EvDisconnected);
            }
            self.record_event(evse, now, TriggerReason::EvCommunicationLost, None);
            if self.config.fixed_cable
                && let Some(running) = self.transaction_mut(evse)
            {
                // E10.FR.02: nobody else could charge here for ever.
                running.deadline = (patience > 0 && running.authorized).then(|| now.plus_secs(patience));
            }
        }
        self.tell_info(id, EV_SIDE_DISCONNECTED);
    }

    /// Only the driver of the running transaction gets the cable out.
    fn keep_cable(&mut self, evse: usize) {
        if let Some(slot) = self.evses.get_mut(evse)
            && let Some(transaction) = &slot.0.transaction
        {
            slot.0.keep_locked_for = transaction.owner;
        }
    }

    fn has_cable(&self, id: ConnectorId) -> bool {
        self.connectors
            .iter()
            .any(|slot| slot.0.id == id && slot.0.cable == Some(true))
    }

    /// The text of a fault stays as long as the fault.
    pub(super) fn tell_info(&mut self, id: ConnectorId, info: &str) {
        let quiet = |slot: &&mut ConnectorSlot| slot.0.id == id && slot.0.report.fault().is_none();
        if let Some(slot) = self.connectors.iter_mut().find(quiet) {
            slot.0.report.info.clear();
            let _ = slot.0.report.info.push_str(info);
        }
    }

    /// Brings sessions up to date with the facts. Called after every input and every timer.
    pub(super) fn refresh_sessions(&mut self, now: Instant) {
        self.start_waits = false;
        for evse in 0..self.evses.len() {
            self.check_start(evse, now);
            self.check_charging(evse, now);
        }
    }

    /// Begins a transaction if one of its moments has come.
    fn check_start(&mut self, evse: usize, now: Instant) {
        let Some(state) = self.evses.get(evse).map(|slot| &slot.0) else {
            return;
        };
        // An end that is not stored yet still needs the place of the values.
        if state.transaction.is_some() || !state.outbox.is_empty() || self.loading.is_some() || self.reset.is_some() {
            return;
        }
        let only = state.grant.as_ref().and_then(|grant| grant.connector);
        let authorized = state.grant.is_some();
        if !self.is_usable(evse, only) || !authorized && !self.may_charge_unregistered() {
            return;
        }
        let connector = self.connectors_of(evse).find(|connector| {
            connector.plugged && connector.is_usable() && only.is_none_or(|only| only == connector.id.connector)
        });
        let plugged = connector.map(|connector| connector.id);
        let ready = authorized && plugged.is_some();
        let moments = [
            (
                TxPoint::ParkingBayOccupancy,
                state.bay && (state.bay_fresh || authorized),
            ),
            (
                TxPoint::EvConnected,
                ready || connector.is_some_and(|connector| connector.fresh),
            ),
            (TxPoint::Authorized, authorized),
            (TxPoint::PowerPathClosed, ready),
            (
                TxPoint::EnergyTransfer,
                ready && state.closed && connector.is_some_and(|connector| connector.pilot.ready()),
            ),
        ];
        let come = moments
            .iter()
            .fold(0, |bits, (point, come)| if *come { bits | point.bit() } else { bits });
        let (start, _) = self.tx_points();
        let at_last = ready && start & TxPoint::EnergyTransfer.bit() == 0;
        if start & come == 0 && !at_last {
            return;
        }
        if self.storage.is_left_alone() && !self.settings().on(SettingId::TxWithoutStorage) {
            if authorized {
                self.revoke(evse);
                self.events.push(Event::Storage {
                    detail: "no transaction without storage",
                });
            }
            return;
        }
        if self.awaits_reading(evse, now) {
            self.start_waits = true;
            return;
        }
        // Energy flows before a transaction only where it begins one (E01.FR.06).
        self.begin(evse, plugged, come & TxPoint::EnergyTransfer.bit() != 0, now);
    }

    fn begin(&mut self, evse: usize, plugged: Option<ConnectorId>, flows: bool, now: Instant) {
        let number = self.next_transaction_number();
        let id = TransactionId::new(self.random.next(), number);
        let started = self.config.settings.measurands(SettingId::StartedMeasurands);
        let Some(slot) = self.evses.get_mut(evse) else { return };
        let state = &mut slot.0;
        if flows {
            state.cause = TriggerReason::ChargingStateChanged;
        }
        let grant = state.grant.take();
        state.end_samples.clear();
        state.keep_locked_for = None;
        state.bay_fresh = false;
        state.transaction = Some(Transaction {
            id,
            number,
            connector: plugged.map_or(0, |id| id.connector),
            start_wh: state.energy_wh,
            owner: grant.as_ref().map(|grant| (grant.token, grant.group)),
            authorized: grant.is_some(),
            ended_by: None,
            deadline: grant
                .as_ref()
                .and_then(|grant| grant.deadline)
                .filter(|_| plugged.is_none()),
            next_seq_no: 0,
            stored: false,
            charging: match plugged {
                Some(_) if flows => ChargingState::Charging,
                Some(_) => ChargingState::EvConnected,
                None => ChargingState::Idle,
            },
            kept: Kept {
                at: now,
                energy_wh: state.energy_wh,
                stopped: false,
            },
            charged: flows,
            reference: None,
            limit_wh: i64::MAX,
            next_sample: None,
            next_end_sample: None,
        });
        let (samples, trigger) = (state.chosen(started), state.cause);
        for connector in self.connectors_of_mut(evse) {
            connector.plugged_deadline = None;
            connector.finishing = false;
            connector.fresh = false;
        }
        self.add_end_sample(evse, now, ReadingContext::TransactionBegin);
        self.schedule_sample(evse, now, now);
        self.schedule_end_sample(evse, now, now);
        let Some(entry) = self.add_entry(evse, RecordKind::Start, trigger, now) else {
            return;
        };
        entry.record.salt = Some(id.salt());
        entry.record.first_plugged = plugged.is_some();
        if let Some(grant) = grant {
            entry.record.token = Some(grant.token);
            entry.record.remote_start_id = grant.remote_start_id;
        }
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

    pub(super) fn tell_phase(
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

    /// Binds an authorization to the transaction that waits for one (2.0.1 E02.FR.01, E02.FR.20).
    pub(super) fn authorize_running(&mut self, evse: usize, now: Instant) {
        let Some(state) = self.evses.get_mut(evse).map(|slot| &mut slot.0) else {
            return;
        };
        let trigger = state.cause;
        let Some(running) = state.transaction.as_mut().filter(|running| !running.authorized) else {
            return;
        };
        let Some(grant) = state.grant.take() else { return };
        running.owner = Some((grant.token, grant.group));
        running.authorized = true;
        running.ended_by = None;
        running.limit_wh = i64::MAX;
        running.deadline = grant.deadline.filter(|_| running.connector == 0);
        if let Some(entry) = self.record_event(evse, now, trigger, Some(&grant.token)) {
            entry.record.remote_start_id = grant.remote_start_id;
        }
    }

    /// Ends the authorization of a transaction, and with it the transaction, if it is one of its last moments
    /// (2.0.1 E06.FR.03, E07).
    pub(super) fn end_authorization(&mut self, evse: usize, ending: &Ending<'_>, now: Instant) {
        let (_, stop) = self.tx_points();
        if stop & WITH_AUTHORIZATION != 0 {
            self.end_with(evse, ending, now);
        } else if let Some(running) = self.transaction_mut(evse) {
            running.authorized = false;
            running.ended_by = Some(ending.reason);
            running.deadline = None;
            if running.charging != ChargingState::Idle {
                running.charging = ChargingState::EvConnected;
            }
            self.record_event(evse, now, ending.trigger, ending.token);
        }
    }

    /// Ends a transaction, whatever its last moments are.
    pub(super) fn end_transaction(&mut self, evse: usize, reason: StopReason, token: Option<&Token>, now: Instant) {
        self.end_with(evse, &Ending::new(reason, token), now);
    }

    /// Ends a transaction: energy stops now, the rest follows.
    pub(super) fn end_with(&mut self, evse: usize, ending: &Ending<'_>, now: Instant) {
        self.add_end_sample(evse, now, ReadingContext::TransactionEnd);
        let starting = self.has_start_waiting(evse);
        let Some(running) = self.transaction_mut(evse) else {
            return;
        };
        let (connector, id) = (connector_of(evse, running.connector), running.id);
        if (running.stored || starting)
            && let Some(entry) = self.add_entry(evse, RecordKind::End, ending.trigger, now)
        {
            entry.record.stop = Some(ending.reason);
            entry.record.token = ending.token.copied();
            entry.record.authorized = false;
            // Energy stops with it, whatever came before.
            entry.record.charging = if entry.record.plugged {
                ChargingState::EvConnected
            } else {
                ChargingState::Idle
            };
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
        self.tell_phase(connector, id, TransactionPhase::Ended, Some(ending.reason));
    }

    /// The CSMS says something of the token of a transaction that it was told of (1.6 §4.8; 2.0.1 E05).
    pub(super) fn token_info_arrived(&mut self, evse: usize, transaction: u32, info: &TokenInfo, now: Instant) {
        let energy_wh = self.evses.get(evse).map_or(0, |slot| slot.0.energy_wh);
        let stop = self.settings().on(SettingId::StopOnInvalidId);
        let grace = i64::from(self.settings().int(SettingId::MaxEnergyOnInvalidId));
        let Some(running) = self
            .transaction_mut(evse)
            .filter(|running| running.number == transaction && running.authorized)
        else {
            return;
        };
        if info.status == AuthorizationStatus::Accepted {
            if let Some((_, group)) = &mut running.owner {
                *group = info.group.or(*group);
            }
            running.limit_wh = i64::MAX;
        } else if running.limit_wh == i64::MAX {
            running.limit_wh = energy_wh.saturating_add(grace);
            if stop && grace == 0 {
                self.end_invalid(evse, now);
            }
        }
    }

    /// E05.FR.09–FR.11: the cable stays locked until its owner comes.
    pub(super) fn end_invalid(&mut self, evse: usize, now: Instant) {
        let connector = self.transaction_mut(evse).map(|running| running.connector);
        self.keep_cable(evse);
        self.end_authorization(evse, &Ending::new(StopReason::DeAuthorized, None), now);
        let locked = self
            .connectors_of(evse)
            .any(|own| Some(own.id.connector) == connector && own.is_used() && own.lock != LockState::None);
        if !locked {
            self.release_cable(evse);
        }
    }

    /// An authorized transaction has waited too long for the EV (2.0.1 E03.FR.05, E03.FR.15, E10.FR.02).
    pub(super) fn check_transaction_timeouts(&mut self, now: Instant) {
        for evse in 0..self.evses.len() {
            let Some(running) = self.transaction_mut(evse) else {
                continue;
            };
            if running.deadline.is_none_or(|deadline| deadline > now) {
                continue;
            }
            running.deadline = None;
            let never = running.connector == 0;
            let (reason, trigger) = if never {
                (StopReason::Timeout, TriggerReason::EvConnectTimeout)
            } else {
                (StopReason::EvDisconnected, TriggerReason::EvCommunicationLost)
            };
            let (_, stop) = self.tx_points();
            let ending = Ending {
                reason,
                trigger,
                token: None,
            };
            if never && stop & TxPoint::ParkingBayOccupancy.bit() == 0 {
                self.end_with(evse, &ending, now);
            } else if never {
                self.withdraw(evse, &ending, now);
            } else {
                self.end_authorization(evse, &ending, now);
            }
        }
    }

    /// Takes the authorization away and lets the transaction go on.
    fn withdraw(&mut self, evse: usize, ending: &Ending<'_>, now: Instant) {
        if let Some(running) = self.transaction_mut(evse) {
            running.authorized = false;
            running.ended_by = Some(ending.reason);
        }
        self.record_event(evse, now, ending.trigger, None);
    }

    /// A number that no transaction had before: that which the record of its start is likely to get.
    fn next_transaction_number(&mut self) -> u32 {
        let waiting: usize = self.evses.iter().map(|slot| slot.0.outbox.len()).sum();
        let likely = self.storage.next_record.saturating_add(waiting as u32);
        self.last_transaction = likely.max(self.last_transaction.saturating_add(1));
        self.last_transaction
    }
}

const EV_SIDE_DISCONNECTED: &str = "EV side disconnected";

/// The connector of the EVSE with that index.
pub(super) fn connector_of(evse: usize, connector: u8) -> ConnectorId {
    ConnectorId {
        evse: EvseId::at(evse),
        connector,
    }
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
