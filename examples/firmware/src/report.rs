//! What happens, told on the console: one JSON object a line. Tokens are not told.

use core::mem::replace;
use evse_hal::{ErrorKind, Observer};
use ocpp_core::dialect::Dialect;
use ocpp_core::wire::{Decimal, WireEnum, WriteField, Writer};
use ocpp_core::{
    Action, ConnectorId, ConnectorStatus, Event, EvseId, Input, InputError, Instant, LockState, Place, RebootKind,
    Station, TransactionId, TransactionPhase,
};

/// Longest line in bytes.
const LINE: usize = 768;

/// Prints an object.
pub(crate) fn tell(print: fn(&str), write: impl FnOnce(&mut Writer<'_>)) {
    let mut buffer = [0; LINE];
    let mut w = Writer::new(&mut buffer);
    w.begin_object();
    write(&mut w);
    w.end_object();
    print(w.finish().unwrap_or(r#"{"ev":"error","text":"the line was too long"}"#));
}

/// Looks on, and tells.
pub(crate) struct Report<const EVSES: usize> {
    print: fn(&str),
    told: [Told; EVSES],
}

/// What was told of an EVSE.
#[derive(Clone, Copy, Default)]
struct Told {
    closed: bool,
    locked: bool,
    status: Option<ConnectorStatus>,
    limit: Option<u32>,
}

impl<const EVSES: usize> Report<EVSES> {
    pub fn new(print: fn(&str)) -> Self {
        Self {
            print,
            told: [Told::default(); EVSES],
        }
    }

    fn event(&self, name: &str, write: impl FnOnce(&mut Writer<'_>)) {
        tell(self.print, |w| {
            w.key("ev");
            w.str(name);
            write(w);
        });
    }

    /// Whether an EVSE has news. `change` takes them down, and says whether they were known.
    fn is_news(&mut self, evse: EvseId, change: impl FnOnce(&mut Told) -> bool) -> bool {
        let index = usize::from(evse.0).checked_sub(1);
        index
            .and_then(|index| self.told.get_mut(index))
            .is_some_and(|told| !change(told))
    }

    fn said(&mut self, said: &Event<'_>) {
        match *said {
            Event::Registered { status, interval } => self.event("registered", |w| {
                w.key("status");
                w.str(status.as_str());
                w.key("interval");
                w.integer(interval.into());
            }),
            Event::Authorization { status, .. } => self.event("auth", |w| {
                w.key("status");
                w.str(status.as_str());
            }),
            Event::Transaction {
                connector,
                id,
                phase,
                reason,
            } => self.event("tx", |w| {
                place(w, connector);
                w.key("id");
                text(w, id);
                w.key("phase");
                w.str(match phase {
                    TransactionPhase::Started => "started",
                    TransactionPhase::Updated => "updated",
                    TransactionPhase::Ended => "ended",
                });
                if let Some(reason) = reason {
                    w.key("reason");
                    w.str(reason.as_str());
                }
            }),
            Event::Status {
                connector: Some(connector),
                status,
            } if self.is_news(connector.evse, |told| told.status.replace(status) == Some(status)) => {
                self.event("status", |w| {
                    place(w, connector);
                    w.key("status");
                    w.str(status.as_str());
                });
            }
            Event::Security { event } => self.event("security_event", |w| {
                w.key("type");
                w.str(event.as_str());
            }),
            Event::Rpc { detail, field } => self.event("rpc_error", |w| {
                w.key("detail");
                w.str(detail);
                w.key("field");
                w.str(field);
            }),
            Event::Storage { detail } => self.event("error", |w| {
                w.key("text");
                w.str(detail);
            }),
            _ => {}
        }
    }
}

impl<const EVSES: usize> Observer for Report<EVSES> {
    fn action(&mut self, _now: Instant, action: &Action<'_>) {
        match *action {
            Action::Event(said) => self.said(&said),
            Action::Limit { evse, milliamps }
                if self.is_news(evse, |told| replace(&mut told.limit, milliamps) == milliamps) =>
            {
                self.event("limit", |w| {
                    w.key("evse");
                    w.integer(evse.0.into());
                    w.key("amps");
                    amps(w, milliamps);
                });
            }
            Action::Reboot(kind) => self.event("reboot", |w| {
                w.key("kind");
                w.str(match kind {
                    RebootKind::Soft => "soft",
                    RebootKind::Hard => "hard",
                });
            }),
            _ => {}
        }
    }

    fn input(&mut self, _now: Instant, input: &Input<'_>, result: Result<(), InputError>) {
        match *input {
            Input::Connected { subprotocol } if result.is_ok() => self.event("online", |w| {
                w.key("subprotocol");
                w.str(subprotocol);
            }),
            Input::PowerPath { evse, closed }
                if self.is_news(evse, |told| replace(&mut told.closed, closed) == closed) =>
            {
                self.event("contactor", |w| {
                    w.key("evse");
                    w.integer(evse.0.into());
                    w.key("closed");
                    w.bool(closed);
                });
            }
            Input::Lock { connector, state } => {
                let locked = state == LockState::Locked;
                if self.is_news(connector.evse, |told| replace(&mut told.locked, locked) == locked) {
                    self.event("lock", |w| {
                        place(w, connector);
                        w.key("locked");
                        w.bool(locked);
                    });
                }
            }
            _ => {}
        }
    }

    fn link_down(&mut self, _now: Instant, cause: Option<ErrorKind>) {
        self.event("offline", |w| {
            w.key("cause");
            w.str(match cause {
                None => "wanted",
                Some(ErrorKind::Timeout) => "timeout",
                Some(ErrorKind::Unreachable) => "unreachable",
                Some(ErrorKind::Refused) => "refused",
                Some(ErrorKind::Closed) => "closed",
                Some(_) => "other",
            });
        });
    }
}

/// The station at this instant; the same as the snapshot of `examples/station`, as far as it goes.
pub(crate) fn snapshot<const EVSES: usize>(w: &mut Writer<'_>, station: &Station<'_>, report: &Report<EVSES>) {
    w.key("state");
    w.begin_object();
    w.key("online");
    w.bool(station.is_connected());
    w.key("registered");
    name(w, station.registration().map(WireEnum::as_str));
    w.key("subprotocol");
    let speaks = station.dialect().filter(|_| station.is_connected());
    name(w, speaks.map(Dialect::subprotocol));
    w.key("evse");
    w.begin_array();
    for (evse, told) in (1..).zip(&report.told) {
        let id = EvseId(evse);
        let connector = ConnectorId::new(evse, 1);
        w.begin_object();
        w.key("id");
        w.integer(evse.into());
        w.key("operative");
        w.bool(station.is_operative(Place::Evse(id)));
        w.key("tx");
        match station.transaction(id) {
            None => w.raw("null"),
            Some(transaction) => {
                w.begin_object();
                w.key("id");
                text(w, transaction.id);
                w.key("seq");
                w.integer(transaction.seq_no.into());
                w.key("energy_wh");
                w.integer(transaction.energy_wh);
                w.end_object();
            }
        }
        w.key("limit_a");
        amps(w, station.limit(id));
        w.key("contactor");
        w.bool(told.closed);
        w.key("connectors");
        w.begin_array();
        w.begin_object();
        w.key("id");
        w.integer(1);
        w.key("locked");
        w.bool(told.locked);
        w.key("status");
        name(w, station.connector_status(connector).map(WireEnum::as_str));
        w.end_object();
        w.end_array();
        w.end_object();
    }
    w.end_array();
    w.key("queue");
    w.begin_object();
    w.key("tx");
    w.integer(i64::try_from(station.queue_len()).unwrap_or(i64::MAX));
    w.end_object();
    w.end_object();
}

fn place(w: &mut Writer<'_>, connector: ConnectorId) {
    w.key("evse");
    w.integer(connector.evse.0.into());
    w.key("connector");
    w.integer(connector.connector.into());
}

fn text(w: &mut Writer<'_>, id: TransactionId) {
    w.str(id.write_to(&mut [0; 36]));
}

fn name(w: &mut Writer<'_>, name: Option<&str>) {
    match name {
        Some(name) => w.str(name),
        None => w.raw("null"),
    }
}

/// A limit in A.
fn amps(w: &mut Writer<'_>, milliamps: Option<u32>) {
    match milliamps {
        None => w.raw("null"),
        Some(milliamps) => Decimal::new(milliamps.into(), 3).write_field(w),
    }
}
