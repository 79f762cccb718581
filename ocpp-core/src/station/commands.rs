//! What the CSMS wants done: availability, cache, remote start and stop, unlocking, triggers (1.6 §5; 2.0.1 F, G).

use super::Station;
use super::calls::{AfterReply, Answer, CallState, Wait};
use super::connector::ConnectorState;
use super::evse::Purpose;
use super::session::Ending;
use crate::dialect::{Command, Refusal, RemoteStart, ResetKind, RpcError, Status, TransactionRef, TriggeredMessage};
use crate::journal::{Decoder, Encoder};
use crate::metering::ReadingContext;
use crate::place::{ConnectorId, Place};
use crate::settings::SettingId;
use crate::time::Instant;
use crate::token::TokenKind;
use crate::vocabulary::{LockState, Registration, StopReason};
use crate::wire::Reader;

/// How long a lock may take to open, in seconds.
const UNLOCK_PATIENCE: u32 = 10;

impl Station<'_> {
    /// Acts on a CALL; the answer may have to wait.
    #[inline(never)]
    pub(super) fn execute(&mut self, command: &Command<'_>, payload: Reader<'_>, now: Instant) -> CallState {
        let ready = |status: Status| CallState::Ready(Answer::Status(status));
        match *command {
            Command::Reset { kind, place } => {
                // One EVSE alone cannot be reset (B11.FR.09).
                if place != Place::Station || self.reset.is_some() {
                    return ready(Status::Rejected);
                }
                self.call.after = AfterReply::Reset(kind);
                let running = self.evses.iter().any(|slot| slot.0.transaction.is_some());
                // B12.FR.01
                ready(if kind == ResetKind::OnIdle && running {
                    Status::Scheduled
                } else {
                    Status::Accepted
                })
            }
            Command::ChangeAvailability { place, operative } => self.change_availability(place, operative),
            // 1.6 errata 3.23, C11.FR.04
            Command::ClearCache if self.cache.is_empty() || !self.settings().on(SettingId::AuthCacheEnabled) => {
                ready(Status::Rejected)
            }
            Command::ClearCache => CallState::Waiting(Wait::CacheCleared),
            Command::DataTransfer { vendor, .. } => self.data_transfer_arrived(vendor, now),
            Command::ReadSettings => CallState::Ready(Answer::Settings),
            Command::WriteSettings(items) => self.write_settings(items),
            Command::ReportSettings { .. } => self.start_report(payload, now),
            Command::RemoteStart(start) => self.remote_start(&start, now),
            Command::RemoteStop(transaction) => ready(self.remote_stop(transaction, now)),
            Command::Unlock(place) => self.unlock(place, now),
            Command::Trigger { message, place } => ready(self.trigger(message, place, now)),
            Command::TransactionStatus(transaction) => self.transaction_status(transaction),
            Command::SendLocalList(update) => match self.list_block {
                Some(block) => (block.send)(self, &update),
                None => ready(Status::NotSupported),
            },
            Command::ListVersion => CallState::Ready(Answer::ListVersion(self.list_version_told())),
            Command::Unbuilt => ready(Status::Rejected),
            Command::SetNetworkProfile { slot, profile } => self.set_network_profile(slot, &profile),
            // A part of its own that this station was built without.
            Command::SetChargingProfile { .. } => CallState::Ready(Answer::Error(Refusal::new(RpcError::NotSupported))),
        }
    }

    /// 1.6 §5.2, 2.0.1 G03/G04. The state is changed at once; a running transaction hides it until it has ended.
    fn change_availability(&mut self, place: Place, operative: bool) -> CallState {
        if self.matches_none(place) {
            return CallState::Ready(Answer::Status(Status::Rejected));
        }
        CallState::Waiting(Wait::Availability { place, operative })
    }

    pub(super) fn availability_stored(&mut self, stored: bool) {
        let Some(Wait::Availability { place, operative }) = self.call.waits_for() else {
            return;
        };
        if !stored {
            self.call.answer(Status::Rejected);
            return;
        }
        self.apply_availability(place, operative);
        let busy = self.evses.iter().zip(1u8..).any(|(slot, evse)| {
            let running = slot.0.transaction.as_ref();
            running.is_some_and(|running| place.contains(ConnectorId::new(evse, running.connector)))
        });
        self.call.answer(if busy && !operative {
            Status::Scheduled
        } else {
            Status::Accepted
        });
    }

    fn apply_availability(&mut self, place: Place, operative: bool) {
        let spreads = self.availability_spreads();
        if place == Place::Station {
            self.operative = operative;
        }
        for slot in self.connectors.iter_mut() {
            (slot.0.operative, slot.0.evse_operative) = ordered(&slot.0, place, operative, spreads);
        }
        for evse in 0..self.evses.len() {
            let waiting = self.evses.get(evse).and_then(|slot| slot.0.grant.as_ref());
            if waiting.is_some_and(|grant| !self.is_usable(evse, grant.connector)) {
                self.revoke(evse);
            }
        }
    }

    fn availability_spreads(&self) -> bool {
        self.call
            .dialect
            .is_none_or(|dialect| dialect.rules().station_availability_spreads)
    }

    /// The states as they will be once the held CALL is done: a byte for the station, then one for each connector.
    pub(super) fn encode_availability(&self, buf: &mut [u8]) -> Result<usize, usize> {
        let spreads = self.availability_spreads();
        let change = match self.call.waits_for() {
            Some(Wait::Availability { place, operative }) => Some((place, operative)),
            _ => None,
        };
        let mut e = Encoder::new(buf);
        let station = change.filter(|(place, _)| *place == Place::Station);
        e.byte(u8::from(station.map_or(self.operative, |(_, operative)| operative)));
        for slot in self.connectors.iter() {
            let now = (slot.0.operative, slot.0.evse_operative);
            let (own, evse) = change.map_or(now, |(place, operative)| ordered(&slot.0, place, operative, spreads));
            e.byte(u8::from(own) | u8::from(!evse) << 1);
        }
        e.sealed().map(<[u8]>::len)
    }

    pub(super) fn decode_availability(&mut self, bytes: &[u8]) {
        let Some(mut d) = Decoder::unsealed(bytes) else { return };
        let mut next = || d.byte().unwrap_or(1);
        self.operative = next() & 1 != 0;
        for slot in self.connectors.iter_mut() {
            let byte = next();
            slot.0.operative = byte & 1 != 0;
            slot.0.evse_operative = byte & 2 == 0;
        }
    }

    pub(super) fn cache_cleared(&mut self, cleared: bool) {
        if let Some(Wait::CacheCleared) = self.call.waits_for() {
            self.call
                .answer(if cleared { Status::Accepted } else { Status::Rejected });
        }
    }

    /// 1.6 §5.11, 2.0.1 F01/F02.
    fn remote_start(&mut self, start: &RemoteStart<'_>, now: Instant) -> CallState {
        let answer = |accepted, transaction| CallState::Ready(Answer::RemoteStart { accepted, transaction });
        let registered = self.boot.status == Some(Registration::Accepted);
        let Some((evse, connector)) = self
            .remote_target(start.place)
            .filter(|_| registered && self.reset.is_none())
        else {
            return answer(false, None);
        };
        let id = start.remote_start_id;
        // What the CSMS made up itself it need not be asked about (F01.FR.02, C05.FR.01).
        let asked = !matches!(start.token.kind(), TokenKind::Central | TokenKind::NoAuthorization);
        // One that the cable began is told at once (F01.FR.13, F02.FR.01: the CSMS knows it already).
        let waiting = self
            .evses
            .get(evse)
            .and_then(|slot| Some(slot.0.transaction.as_ref()?.id));
        if asked && self.settings().on(SettingId::AuthorizeRemoteStart) {
            self.request(evse, &start.token, Purpose::RemoteStart { connector, id }, now);
        } else {
            self.grant(evse, &start.token, &start.group, connector, Some(id), now);
        }
        answer(true, waiting)
    }

    /// Where a remote start can happen: where it says, else where an EV waits, else anywhere free.
    fn remote_target(&self, place: Place) -> Option<(usize, Option<u8>)> {
        let free =
            |evse: usize| self.is_usable(evse, None) && self.evses.get(evse).is_some_and(|slot| slot.0.is_open());
        match place {
            Place::Connector(id) => {
                let index = self.connectors.iter().position(|slot| slot.0.id == id)?;
                let (connector, _) = self.connector_and_evse(index)?;
                let evse = id.evse.index();
                let running = self.evses.get(evse).and_then(|slot| slot.0.transaction.as_ref());
                let elsewhere = running.is_some_and(|running| ![0, id.connector].contains(&running.connector));
                (connector.is_usable() && free(evse) && !elsewhere).then_some((evse, Some(id.connector)))
            }
            Place::Evse(id) => {
                let evse = id.index();
                free(evse).then_some((evse, None))
            }
            Place::Station => {
                let plugged = |evse: &usize| self.connectors_of(*evse).any(|own| own.plugged);
                let mut all = (0..self.evses.len()).filter(|evse| free(*evse));
                let first = all.clone().find(plugged).or_else(|| all.next())?;
                Some((first, None))
            }
            Place::Unknown => None,
        }
    }

    /// 1.6 §5.12, 2.0.1 F03.
    fn remote_stop(&mut self, transaction: TransactionRef<'_>, now: Instant) -> Status {
        let registered = self.boot.status == Some(Registration::Accepted);
        let evse = self.running(transaction).map(|(evse, _)| evse);
        match evse.filter(|_| registered) {
            Some(evse) => {
                self.end_authorization(evse, &Ending::new(StopReason::Remote, None), now);
                Status::Accepted
            }
            None => Status::Rejected,
        }
    }

    /// 1.6 §5.18, errata 3.85; 2.0.1 F05.
    fn unlock(&mut self, place: Place, now: Instant) -> CallState {
        let ready = |status: Status| CallState::Ready(Answer::Status(status));
        let index = match place {
            Place::Connector(id) => self.connectors.iter().position(|slot| slot.0.id == id),
            _ => None,
        };
        let Some(index) = index else {
            return ready(Status::UnknownConnector);
        };
        let Some((connector, evse)) = self.connector_and_evse(index) else {
            return ready(Status::UnknownConnector);
        };
        let id = connector.id;
        if connector.lock == LockState::None {
            let refuses = self
                .call
                .dialect
                .is_some_and(|dialect| dialect.rules().refuses_without_lock);
            return if refuses {
                CallState::Ready(Answer::Error(Refusal::new(RpcError::NotSupported)))
            } else {
                ready(Status::NotSupported)
            };
        }
        let ends = self
            .call
            .dialect
            .is_some_and(|dialect| dialect.rules().unlock_ends_transaction);
        let running = evse.transaction.as_ref();
        let running = running
            .filter(|running| running.connector == id.connector)
            .map(|running| running.authorized);
        let evse = id.evse.index();
        match running {
            Some(_) if ends => self.end_transaction(evse, StopReason::UnlockCommand, None, now),
            Some(true) => return ready(Status::OngoingTransaction),
            _ => {}
        }
        if let Some(slot) = self.evses.get_mut(evse) {
            slot.0.keep_locked_for = None;
        }
        if let Some(slot) = self.connectors.get_mut(index) {
            // Told even if it should be open already: the CSMS wants it tried.
            slot.0.lock_told = None;
        }
        self.unlocking = Some(index);
        CallState::Waiting(Wait::Unlock {
            deadline: now.plus_secs(UNLOCK_PATIENCE),
        })
    }

    /// The lock moved, or did not.
    pub(super) fn lock_changed(&mut self, index: usize, state: LockState) {
        if let Some(slot) = self.connectors.get_mut(index) {
            slot.0.lock = state;
        }
        if self.unlocking == Some(index) {
            match state {
                LockState::Unlocked => self.unlock_done(true),
                LockState::Failed => self.unlock_done(false),
                LockState::Locked | LockState::None => {}
            }
        }
    }

    pub(super) fn unlock_done(&mut self, opened: bool) {
        self.unlocking = None;
        if let Some(Wait::Unlock { .. }) = self.call.waits_for() {
            self.call
                .answer(if opened { Status::Unlocked } else { Status::UnlockFailed });
        }
    }

    /// 1.6 §5.17, 2.0.1 F06. The reply goes first: replies have precedence over CALLs.
    fn trigger(&mut self, message: TriggeredMessage, place: Place, now: Instant) -> Status {
        match message {
            TriggeredMessage::Boot if self.boot.is_accepted() => return Status::Rejected,
            TriggeredMessage::Boot => self.boot.triggered = true,
            TriggeredMessage::Heartbeat => self.boot.heartbeat_wanted = true,
            TriggeredMessage::Status | TriggeredMessage::MeterValues if self.matches_none(place) => {
                return Status::Rejected;
            }
            TriggeredMessage::Status => {
                self.own.wanted |= place == Place::Station;
                let own = self.connectors.iter_mut().filter(|slot| place.contains(slot.0.id));
                own.for_each(|slot| slot.0.report.wanted = true);
            }
            TriggeredMessage::MeterValues => {
                for evse in 0..self.evses.len() {
                    self.want_meter_values(evse, place, now, ReadingContext::Trigger);
                }
                if place == Place::Station && self.main_meter.is_some() {
                    self.main_meter_due = Some((now, ReadingContext::Trigger));
                }
            }
            TriggeredMessage::Transaction => {
                // Of an EVSE there is one at most, whatever its connector.
                let place = match place {
                    Place::Connector(id) => Place::Evse(id.evse),
                    place => place,
                };
                let mut told = false;
                for (evse, number) in (0..self.evses.len()).zip(1u8..) {
                    if place.contains(ConnectorId::new(number, 0)) {
                        told |= self.tell_transaction(evse, now);
                    }
                }
                if !told {
                    return Status::Rejected;
                }
            }
            _ => return Status::NotImplemented,
        }
        Status::Accepted
    }

    fn matches_none(&self, place: Place) -> bool {
        place != Place::Station && !self.connectors.iter().any(|slot| place.contains(slot.0.id))
    }

    /// The driver pressed the emergency stop.
    pub(super) fn emergency_stop(&mut self, evse: usize, now: Instant) {
        self.end_transaction(evse, StopReason::EmergencyStop, None, now);
        if self.evses.get(evse).is_some_and(|slot| slot.0.grant.is_some()) {
            self.revoke(evse);
        }
    }
}

/// Whether a connector, and its EVSE, are in service after an order. One about a station spreads in 1.6, and one about an
/// EVSE leaves the orders about its connectors as they are (G03.FR.07).
fn ordered(connector: &ConnectorState, place: Place, operative: bool, spreads: bool) -> (bool, bool) {
    let before = (connector.operative, connector.evse_operative);
    match place {
        _ if !place.contains(connector.id) => before,
        _ if spreads => (operative, true),
        Place::Station => before,
        Place::Evse(_) => (before.0, operative),
        _ => (operative, before.1),
    }
}
