//! From what is due to an action: the order in which things are done, and the CALLs of our own.

use super::Station;
use super::link::{About, Failure, Flight, LinkState};
use super::storing::Op;
use super::texts::Job;
use crate::contract::{Action, Event, PollError, Slot};
use crate::dialect::{DataTransferStatus, Dialect, MeterReport, Report, ReportKind, StatusReport, Written};
use crate::metering::{ReadingContext, Sample};
use crate::place::{ConnectorId, EvseId};
use crate::settings::SettingId;
use crate::time::Instant;
use crate::vocabulary::{ConnectorStatus, FaultCode, LockState, Registration};
use crate::wire::{Timestamp, Writer};

/// What kind of report a CALL is, and whether more of it follows.
type CallWritten = (ReportKind, Written);

/// The next thing to do.
#[derive(Clone, Copy, Debug)]
pub(super) enum Work {
    Permit { connector: usize, on: bool },
    Lock { connector: usize, locked: bool },
    Limit { evse: usize },
    Event,
    TextEvent,
    SetClock(Timestamp),
    Storage(Op),
    Connect,
    Disconnect,
    Reply,
    Call(About),
    Reboot,
}

/// An action whose bytes are in the caller's buffer already.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub(super) enum Made {
    /// There was nothing to say after all.
    Nothing,
    Plain(Action<'static>),
    Event(Event<'static>),
    Send(usize),
    Store {
        id: u32,
        slot: Slot,
        len: usize,
    },
    /// Texts one behind the other.
    DataTransfer {
        vendor: usize,
        message: Option<usize>,
        data: Option<usize>,
    },
    DataTransferResult {
        status: Option<DataTransferStatus>,
        data: Option<usize>,
    },
}

impl Made {
    /// The action, with its bytes out of the buffer.
    pub(super) fn action(self, buf: &[u8]) -> Option<Action<'_>> {
        let text = |from: usize, len: usize| core::str::from_utf8(buf.get(from..from.checked_add(len)?)?).ok();
        Some(match self {
            Self::Nothing => return None,
            Self::Plain(action) => action,
            Self::Event(event) => Action::Event(event),
            Self::Send(len) => Action::Send(buf.get(..len)?),
            Self::Store { id, slot, len } => Action::Store {
                id,
                slot,
                bytes: buf.get(..len)?,
            },
            Self::DataTransfer { vendor, message, data } => {
                let behind = vendor.saturating_add(message.unwrap_or(0));
                Action::Event(Event::DataTransfer {
                    vendor: text(0, vendor)?,
                    message: message.and_then(|len| text(vendor, len)),
                    data: data.and_then(|len| text(behind, len)),
                })
            }
            Self::DataTransferResult { status, data } => Action::Event(Event::DataTransferResult {
                status,
                data: data.and_then(|len| text(0, len)),
            }),
        })
    }
}

impl<'s> Station<'s> {
    /// What is due, the most urgent first: hardware, then news, then storage, then the link.
    pub(super) fn next_work(&self, now: Instant) -> Option<Work> {
        self.hardware_work()
            .or_else(|| (!self.events.is_empty()).then_some(Work::Event))
            .or_else(|| self.has_text_event().then_some(Work::TextEvent))
            .or_else(|| self.clock.to_set.map(Work::SetClock))
            .or_else(|| self.next_store(now).map(Work::Storage))
            .or_else(|| {
                if self.loading.is_some() {
                    None
                } else {
                    self.link_work(now)
                }
            })
            .or_else(|| self.reboot_due().map(|_| Work::Reboot))
    }

    /// Withdrawals before permissions.
    fn hardware_work(&self) -> Option<Work> {
        let wish = |index: usize| {
            let (connector, _) = self.connector_and_evse(index)?;
            let evse = connector.id.evse.index();
            let on = self.is_permitted(evse, connector.id.connector);
            (on != connector.permit_told).then_some(Work::Permit { connector: index, on })
        };
        let lock = |index: usize| {
            let state = self.connectors.get(index)?.0.lock;
            let told = self.connectors.get(index)?.0.lock_told;
            let locked = self.wants_lock(index);
            // What a lock was never told is right as it is, unless a power cut left it closed.
            let as_it_is = told.is_none() && !locked && state != LockState::Locked && self.unlocking != Some(index);
            let due = state != LockState::None && told != Some(locked) && !as_it_is && self.loading.is_none();
            due.then_some(Work::Lock {
                connector: index,
                locked,
            })
        };
        let all = 0..self.connectors.len();
        let off = all
            .clone()
            .filter_map(wish)
            .find(|work| matches!(work, Work::Permit { on: false, .. }));
        let limit = |evse: &usize| {
            let told = self
                .evses
                .get(*evse)
                .map(|slot| (slot.0.limit, slot.0.limit_told.unwrap_or(None)));
            told.is_some_and(|(limit, told)| limit != told)
        };
        off.or_else(|| (0..self.evses.len()).find(limit).map(|evse| Work::Limit { evse }))
            .or_else(|| all.clone().find_map(lock))
            .or_else(|| all.clone().find_map(wish))
    }

    fn link_work(&self, now: Instant) -> Option<Work> {
        match self.link.state {
            LinkState::Down { retry_at } if retry_at <= now && self.reset.is_none() => Some(Work::Connect),
            LinkState::Up if !self.link.credit => None,
            LinkState::Up if self.link.close => Some(Work::Disconnect),
            LinkState::Up if self.call.is_ready() => Some(Work::Reply),
            LinkState::Up if self.link.flight.is_none() => self.next_about(now).map(Work::Call),
            _ => None,
        }
    }

    /// The next CALL of our own: first what lets the station work, then what a person waits for, then what is news,
    /// then what has happened, in its order, then the rest.
    fn next_about(&self, now: Instant) -> Option<About> {
        if self.boot_due(now) {
            return Some(About::Boot);
        }
        match self.boot.status {
            Some(Registration::Accepted) => {}
            // Only what the CSMS asked for (1.6 §4.2, 2.0.1 B02).
            Some(Registration::Pending) => return self.triggered_about(),
            _ => return None,
        }
        let authorize = self.evses.iter().position(|slot| slot.0.request.is_some());
        authorize
            .map(|evse| About::Authorize { evse })
            .or_else(|| self.status_to_tell(now).map(|connector| self.about_status(connector)))
            .or_else(|| self.record_ready(now).then_some(About::Record))
            .or_else(|| self.is_security_due(now).then_some(About::Security))
            .or_else(|| self.meter_about())
            .or(match self.job {
                Job::DataTransfer { .. } => Some(About::DataTransfer),
                Job::Report { .. } => Some(About::Settings),
                _ => None,
            })
            .or(self.boot.heartbeat_wanted.then_some(About::Heartbeat))
    }

    fn triggered_about(&self) -> Option<About> {
        let wanted = |connector: Option<usize>| match connector {
            None => self.own.wanted,
            Some(index) => self.connectors.get(index).is_some_and(|slot| slot.0.report.wanted),
        };
        let all = core::iter::once(None).chain((0..self.connectors.len()).map(Some));
        let status = all.into_iter().find(|connector| wanted(*connector));
        let report = matches!(self.job, Job::Report { .. });
        status
            .map(|connector| self.about_status(connector))
            .or_else(|| self.meter_about())
            .or_else(|| report.then_some(About::Settings))
            .or(self.boot.heartbeat_wanted.then_some(About::Heartbeat))
    }

    fn about_status(&self, connector: Option<usize>) -> About {
        let report = connector
            .and_then(|index| self.connectors.get(index))
            .map_or(&self.own, |slot| &slot.0.report);
        About::Status {
            connector,
            told: (report.status, report.fault()),
        }
    }

    fn meter_about(&self) -> Option<About> {
        if self.main_meter_due.is_some() {
            return Some(About::Meter { evse: None });
        }
        let evse = self.evses.iter().position(|slot| slot.0.meter_due.is_some())?;
        Some(About::Meter { evse: Some(evse) })
    }

    /// Does it, as far as it is ours to do.
    pub(super) fn make(&mut self, work: Work, now: Instant, buf: &mut [u8]) -> Result<Made, PollError> {
        let id = |index: usize, station: &Self| {
            station
                .connectors
                .get(index)
                .map_or(ConnectorId::new(0, 0), |slot| slot.0.id)
        };
        Ok(match work {
            Work::Permit { connector, on } => {
                if let Some(slot) = self.connectors.get_mut(connector) {
                    slot.0.permit_told = on;
                }
                Made::Plain(Action::Permit {
                    connector: id(connector, self),
                    on,
                })
            }
            Work::Lock { connector, locked } => {
                if let Some(slot) = self.connectors.get_mut(connector) {
                    slot.0.lock_told = Some(locked);
                }
                Made::Plain(Action::Lock {
                    connector: id(connector, self),
                    locked,
                })
            }
            Work::Limit { evse } => {
                let limit = self.evses.get_mut(evse).and_then(|slot| {
                    slot.0.limit_told = Some(slot.0.limit);
                    slot.0.limit
                });
                Made::Plain(Action::Limit {
                    evse: EvseId::at(evse),
                    milliamps: limit,
                })
            }
            Work::Event => self.events.pop().map_or(Made::Nothing, Made::Event),
            Work::TextEvent => self.make_text_event(buf)?,
            Work::SetClock(time) => {
                self.clock.to_set = None;
                Made::Plain(Action::SetClock(time))
            }
            Work::Storage(op) => self.make_store(op, now, buf)?,
            Work::Connect => {
                self.link.state = LinkState::Connecting;
                Made::Plain(Action::Connect {
                    profile: self.network.dial(),
                })
            }
            Work::Disconnect => {
                self.link.state = LinkState::Closing;
                Made::Plain(Action::Disconnect)
            }
            Work::Reply => {
                let made = self.make_reply(now, buf)?;
                self.free_answer();
                made
            }
            Work::Call(about) => self.make_call(about, now, buf)?,
            Work::Reboot => {
                let kind = self.reboot_due();
                self.reboot_given(now);
                kind.map_or(Made::Nothing, |kind| Made::Plain(Action::Reboot(kind)))
            }
        })
    }

    /// Writes a CALL of our own.
    fn make_call(&mut self, about: About, now: Instant, buf: &mut [u8]) -> Result<Made, PollError> {
        let Some(dialect) = self.link.dialect else {
            return Ok(Made::Nothing);
        };
        let numbers = (self.random.clone(), self.link.calls);
        let id = self.next_message_id();
        match about {
            About::Record => self.settle_time(now),
            About::Security => self.security_is_told(),
            _ => {}
        }
        let mut w = Writer::new(buf);
        let Some((kind, written)) = self.write_call(dialect, &id, about, now, &mut w) else {
            self.call_skipped(about);
            return Ok(Made::Nothing);
        };
        let next_step = match written {
            Written::Done => None,
            Written::More(step) => Some(step),
            Written::NothingToSay => {
                self.call_skipped(about);
                return Ok(Made::Nothing);
            }
        };
        let len = match w.finish() {
            Ok(text) => text.len(),
            Err(needed) => {
                // The same id next time: another one may be longer.
                (self.random, self.link.calls) = numbers;
                return Err(PollError::BufferTooSmall { needed });
            }
        };
        self.link.credit = false;
        self.link.last_sent = now;
        self.link.flight = Some(Flight {
            id,
            kind,
            about,
            deadline: None,
            next_step,
        });
        match about {
            About::Heartbeat => self.boot.heartbeat_wanted = false,
            About::Status { connector, told } => self.status_told(connector, Some(told)),
            _ => {}
        }
        Ok(Made::Send(len))
    }

    #[inline(never)]
    fn write_call(
        &self,
        dialect: &'s dyn Dialect,
        id: &str,
        about: About,
        now: Instant,
        w: &mut Writer<'_>,
    ) -> Option<CallWritten> {
        let mut write = |report: Report<'_>, step: u32| {
            Some((
                report.kind(),
                dialect.write_report(id, &report, step, &self.context(Some(now)), w),
            ))
        };
        match about {
            About::Boot => {
                let triggered = self.boot.triggered && self.boot.status.is_some();
                write(
                    Report::Boot(if triggered {
                        crate::BootReason::Triggered
                    } else {
                        self.boot.reason
                    }),
                    0,
                )
            }
            About::Heartbeat => write(Report::Heartbeat, 0),
            About::Authorize { evse } => {
                let request = self.evses.get(evse)?.0.request.as_ref()?;
                write(Report::Authorize(&request.token), 0)
            }
            About::Status { connector, told } => write(Report::Status(self.status_report(connector, told, now)?), 0),
            About::Record => {
                let record = self.record()?;
                let report = self.transaction_report(&record, now);
                write(Report::Transaction(report), self.delivery.step)
            }
            About::Meter { evse } => self.write_meter(evse, now, &mut write),
            About::DataTransfer => {
                let (vendor, message, data) = self.data_transfer_texts()?;
                write(Report::DataTransfer { vendor, message, data }, 0)
            }
            About::Security => write(self.security_report(now)?, 0),
            About::Settings => {
                let Job::Report { len, step, at } = self.job else {
                    return None;
                };
                let request = core::str::from_utf8(self.buffers.job.get(..len)?).ok()?;
                let at = self.utc_at(at, now)?;
                write(Report::Settings { request, at }, step)
            }
        }
    }

    /// There was nothing to tell.
    fn call_skipped(&mut self, about: About) {
        match about {
            About::Heartbeat => self.boot.heartbeat_wanted = false,
            About::Status { connector, told } => self.status_told(connector, Some(told)),
            About::Record => self.delivered(None, false),
            About::Meter { evse } => self.meter_goes_on(evse, None),
            About::DataTransfer => self.data_transfer_answered(None),
            About::Security => self.security_told(),
            About::Settings => self.report_goes_on(None),
            About::Boot => {}
            About::Authorize { evse } => {
                if let Some(slot) = self.evses.get_mut(evse) {
                    slot.0.request = None;
                }
            }
        }
    }

    /// No buffer is large enough for what is due.
    pub(super) fn give_up_work(&mut self, now: Instant) {
        match self.next_work(now) {
            Some(Work::Reply) => self.reply_too_large(),
            Some(Work::TextEvent) => self.drop_text_event(),
            Some(Work::Storage(op)) => self.store_too_large(op, now),
            Some(Work::Call(About::Record)) => {
                self.settle_time(now);
                self.give_up();
            }
            Some(Work::Call(about)) => {
                if let About::Status { connector, told } = about {
                    self.status_told(connector, Some(told));
                }
                self.boot.heartbeat_wanted &= about != About::Heartbeat;
                self.call_failed(about, Failure::Refused, now);
            }
            _ => {}
        }
    }

    fn status_report(
        &self,
        connector: Option<usize>,
        (status, fault): (ConnectorStatus, Option<FaultCode>),
        now: Instant,
    ) -> Option<StatusReport<'_>> {
        let (id, report) = match connector {
            None => (None, &self.own),
            Some(index) => {
                let slot = self.connectors.get(index)?;
                (Some(slot.0.id), &slot.0.report)
            }
        };
        Some(StatusReport {
            connector: id,
            status,
            fault,
            info: &report.info,
            vendor_code: &report.vendor_code,
            at: self.utc_at(report.since, now),
        })
    }

    fn write_meter(
        &self,
        evse: Option<usize>,
        now: Instant,
        write: &mut dyn FnMut(Report<'_>, u32) -> Option<CallWritten>,
    ) -> Option<CallWritten> {
        let (at, context, energy_wh, reading, index): (_, _, _, &[Sample], _) = match evse {
            None => {
                let (at, context) = self.main_meter_due?;
                let (energy_wh, reading) = self.main_meter.as_ref()?;
                (at, context, *energy_wh, reading, None)
            }
            Some(evse) => {
                let state = &self.evses.get(evse)?.0;
                let due = state.meter_due?;
                (
                    due.at,
                    due.context,
                    state.energy_wh,
                    &state.reading,
                    Some((evse, due.connector)),
                )
            }
        };
        let wanted = match context {
            ReadingContext::SampleClock => SettingId::AlignedMeasurands,
            _ => self.link.dialect.map_or(SettingId::SampledMeasurands, |dialect| {
                dialect.rules().triggered_measurands
            }),
        };
        let samples = super::metering::choose(energy_wh, reading, self.settings().measurands(wanted));
        let place =
            index.and_then(|(evse, connector)| Some((evse, self.connectors_of(evse).nth(connector.into())?.id)));
        if samples.is_empty() || index.is_some() && place.is_none() {
            return None;
        }
        let running = place.and_then(|(evse, id)| {
            let running = self.evses.get(evse)?.0.transaction.as_ref()?;
            (running.connector == id.connector)
                .then_some(running.reference)
                .flatten()
        });
        write(
            Report::Meter(MeterReport {
                evse: place.map(|(_, id)| id.evse),
                connector: place.map(|(_, id)| id),
                at: self.utc_at(at, now)?,
                context,
                samples: &samples,
                reference: running,
            }),
            0,
        )
    }

    /// One meter report was answered: the next connector of the EVSE, or done. Versions with EVSEs say it once.
    pub(super) fn meter_goes_on(&mut self, evse: Option<usize>, _next: Option<u32>) {
        let each = self
            .link
            .dialect
            .is_some_and(|dialect| dialect.rules().meter_values_per_connector);
        match evse {
            None => self.main_meter_due = None,
            Some(evse) => {
                if let Some(slot) = self.evses.get_mut(evse)
                    && let Some(due) = &mut slot.0.meter_due
                {
                    if each && due.connector < due.last {
                        due.connector = due.connector.saturating_add(1);
                    } else {
                        slot.0.meter_due = None;
                    }
                }
            }
        }
    }

    /// The time of day of a moment that has passed.
    pub(super) fn utc_at(&self, at: Instant, now: Instant) -> Option<Timestamp> {
        let ago = i64::try_from(now.millis_since(at)).unwrap_or(0);
        Some(self.now_utc(now)?.plus_millis(ago.saturating_neg()))
    }
}
