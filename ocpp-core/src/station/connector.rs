//! What is known of a connector, and which status follows from it (1.6 §4.9).

use super::Station;
use super::evse::EvseState;
use crate::contract::Event;
use crate::place::ConnectorId;
use crate::settings::SettingId;
use crate::time::{Instant, is_due};
use crate::vocabulary::{ChargingState, ConnectorStatus, FaultCode, LockState, PilotState};
use crate::wire::WireEnum;

/// Longest text of a fault.
pub(super) type FaultText = heapless::String<50>;

#[derive(Debug)]
pub(super) struct ConnectorState {
    pub id: ConnectorId,
    pub pilot: PilotState,
    /// An EV is there, as far as the pilot last said: E and F are faults of the line and say nothing of it.
    pub plugged: bool,
    /// No transaction has begun since the EV came.
    pub fresh: bool,
    /// A detachable cable is in the socket; `None` if nobody ever said.
    pub cable: Option<bool>,
    pub lock: LockState,
    pub lock_told: Option<bool>,
    pub permit_told: bool,
    /// In service, as far as orders about this connector go.
    pub operative: bool,
    /// Its EVSE is in service (2.0.1 G03; 1.6 has no orders about EVSEs).
    pub evse_operative: bool,
    /// A session is over, but the driver has not left.
    pub finishing: bool,
    /// When a plugged connector without an authorization counts as abandoned.
    pub plugged_deadline: Option<Instant>,
    pub report: StatusState,
}

impl ConnectorState {
    pub(super) const fn new() -> Self {
        Self {
            id: ConnectorId::new(0, 0),
            pilot: PilotState::A,
            plugged: false,
            fresh: false,
            cable: None,
            lock: LockState::None,
            lock_told: None,
            permit_told: false,
            operative: true,
            evse_operative: true,
            finishing: false,
            plugged_deadline: None,
            report: StatusState::new(),
        }
    }

    /// Whether cable or EV are there.
    pub(super) fn is_used(&self) -> bool {
        self.plugged || self.cable == Some(true)
    }

    /// Whether a session may begin here.
    pub(super) fn is_usable(&self) -> bool {
        self.is_in_service() && !self.report.is_blocked()
    }

    /// Whether orders let it be used; the station's own are looked at apart.
    pub(super) fn is_in_service(&self) -> bool {
        self.operative && self.evse_operative
    }
}

impl Default for ConnectorState {
    fn default() -> Self {
        Self::new()
    }
}

/// A status, and what the CSMS knows of it. The station itself has one too.
#[derive(Debug)]
pub(super) struct StatusState {
    /// The faults that are on, a bit each.
    pub faults: u16,
    pub info: FaultText,
    pub vendor_code: FaultText,
    pub status: ConnectorStatus,
    pub since: Instant,
    /// What the CSMS was told last: status and fault.
    pub told: Option<(ConnectorStatus, Option<FaultCode>)>,
    /// To be told even if nothing has changed.
    pub wanted: bool,
}

impl StatusState {
    pub(super) const fn new() -> Self {
        Self {
            faults: 0,
            info: FaultText::new(),
            vendor_code: FaultText::new(),
            status: ConnectorStatus::Available,
            since: Instant::ZERO,
            told: None,
            wanted: false,
        }
    }

    /// The most serious fault: one that blocks before any warning.
    pub(super) fn fault(&self) -> Option<FaultCode> {
        let mut on = FaultCode::ALL.iter().copied().filter(|&code| self.has(code));
        let first = on.clone().next();
        on.find(|code| code.blocks()).or(first)
    }

    pub(super) fn is_blocked(&self) -> bool {
        self.fault().is_some_and(FaultCode::blocks)
    }

    pub(super) fn set_fault(&mut self, code: FaultCode, on: bool) {
        let bit = 1u16.wrapping_shl(code as u32);
        self.faults = if on { self.faults | bit } else { self.faults & !bit };
    }

    fn has(&self, code: FaultCode) -> bool {
        self.faults & 1u16.wrapping_shl(code as u32) != 0
    }

    /// Whether this has to be told, and if so, from when on.
    fn due(&self, classes: &[u8; 9], minimum_secs: u32) -> Option<Instant> {
        if self.wanted {
            return Some(Instant::ZERO);
        }
        let class = |status: ConnectorStatus| classes.get(status as usize);
        match self.told {
            None => Some(Instant::ZERO),
            Some((status, fault)) if class(status) == class(self.status) && fault == self.fault() => None,
            Some(_) => Some(self.since.plus_secs(minimum_secs)),
        }
    }
}

impl Station<'_> {
    /// Brings every status up to date with the facts.
    pub(super) fn refresh_statuses(&mut self, now: Instant) {
        for index in 0..self.connectors.len() {
            let Some((connector, evse)) = self.connector_and_evse(index) else {
                continue;
            };
            let status = self.derive(connector, evse);
            let id = connector.id;
            if let Some(slot) = self.connectors.get_mut(index) {
                let report = &mut slot.0.report;
                if report.status != status {
                    report.status = status;
                    report.since = now;
                    self.events.push(Event::Status {
                        connector: Some(id),
                        status,
                    });
                }
            }
        }
        let status = if self.own.is_blocked() {
            ConnectorStatus::Faulted
        } else if self.operative {
            ConnectorStatus::Available
        } else {
            ConnectorStatus::Unavailable
        };
        if self.own.status != status {
            self.own.status = status;
            self.own.since = now;
            self.events.push(Event::Status {
                connector: None,
                status,
            });
        }
    }

    /// The state that follows from the facts. A fault hides everything, a transaction hides availability.
    fn derive(&self, connector: &ConnectorState, evse: &EvseState) -> ConnectorStatus {
        if connector.report.is_blocked() {
            return ConnectorStatus::Faulted;
        }
        if let Some(transaction) = &evse.transaction
            && transaction.connector == connector.id.connector
        {
            return match transaction.charging {
                ChargingState::Charging => ConnectorStatus::Charging,
                ChargingState::SuspendedEv | ChargingState::Idle => ConnectorStatus::SuspendedEv,
                ChargingState::SuspendedEvse => ConnectorStatus::SuspendedEvse,
                ChargingState::EvConnected if transaction.charged => ConnectorStatus::SuspendedEvse,
                ChargingState::EvConnected => ConnectorStatus::Preparing,
            };
        }
        if !connector.is_in_service() || !self.operative {
            return ConnectorStatus::Unavailable;
        }
        if connector.finishing {
            return ConnectorStatus::Finishing;
        }
        let granted = evse.grant.as_ref().is_some_and(|grant| match grant.connector {
            Some(only) => only == connector.id.connector,
            // Where any connector will do, the EVSE's first one shows it.
            None => connector.id.connector == 1,
        });
        if granted || connector.is_used() {
            ConnectorStatus::Preparing
        } else {
            ConnectorStatus::Available
        }
    }

    /// The status to tell next: `Some(None)` is the station's own.
    pub(super) fn status_to_tell(&self, now: Instant) -> Option<Option<usize>> {
        let rules = self.link.dialect?.rules();
        let minimum = self.settings().count(SettingId::MinimumStatusDuration);
        let due = |report: &StatusState| is_due(report.due(&rules.status_classes, minimum), now);
        if rules.station_status && due(&self.own) {
            return Some(None);
        }
        let index = self.connectors.iter().position(|slot| due(&slot.0.report))?;
        Some(Some(index))
    }

    /// When the next status has lasted long enough to be told.
    pub(super) fn status_deadline(&self) -> Option<Instant> {
        let rules = self.link.dialect?.rules();
        let minimum = self.settings().count(SettingId::MinimumStatusDuration);
        let own = rules.station_status.then_some(&self.own);
        let reports = own.into_iter().chain(self.connectors.iter().map(|slot| &slot.0.report));
        reports
            .filter_map(|report| report.due(&rules.status_classes, minimum))
            .min()
    }

    /// Marks a status as told, or as to be told again if it was lost with the link.
    pub(super) fn status_told(&mut self, index: Option<usize>, told: Option<(ConnectorStatus, Option<FaultCode>)>) {
        let report = match index {
            None => Some(&mut self.own),
            Some(index) => self.connectors.get_mut(index).map(|slot| &mut slot.0.report),
        };
        if let Some(report) = report {
            report.told = told;
            report.wanted = false;
        }
    }

    /// Every status is to be told anew: after each acceptance (1.6 errata 3.22).
    pub(super) fn tell_all_statuses(&mut self) {
        self.own.told = None;
        self.connectors.iter_mut().for_each(|slot| slot.0.report.told = None);
    }
}
