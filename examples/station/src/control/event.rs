//! Events: what the channel tells by itself.

use super::snapshot::Clock;
use serde::Serialize;
use serde_json::Value;
use std::cell::RefCell;
use std::rc::Rc;

/// Where events go as they happen. Copies of it are the same place.
#[derive(Clone)]
pub struct Outbox(Rc<RefCell<dyn FnMut(Event)>>);

impl Outbox {
    /// Each event is given to `tell`, which must not tell events itself.
    pub fn new(tell: impl FnMut(Event) + 'static) -> Self {
        Self(Rc::new(RefCell::new(tell)))
    }

    /// Something has happened.
    pub fn tell(&self, event: Event) {
        (self.0.borrow_mut())(event);
    }
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbox").finish_non_exhaustive()
    }
}

/// An outbox, and what has come into it.
#[cfg(test)]
pub fn collected() -> (Outbox, Rc<RefCell<Vec<Event>>>) {
    let events: Rc<RefCell<Vec<Event>>> = Rc::default();
    let own = events.clone();
    (Outbox::new(move |event| own.borrow_mut().push(event)), events)
}

/// Something that happened. `evse` 0 with `connector` 0 is the station itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "ev", rename_all = "snake_case")]
pub enum Event {
    /// The first line: commands may come.
    Ready { proto: u32, pid: u32 },
    /// Connected to the CSMS.
    Online { url: String, subprotocol: String },
    /// Not connected (any more), or the attempt failed.
    Offline { cause: String },
    /// The CSMS answered a BootNotification.
    Registered { status: &'static str, interval: u32 },
    /// An identifier was decided upon.
    Auth {
        token: String,
        status: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<String>,
    },
    /// A transaction began, changed or ended.
    Tx {
        evse: u8,
        connector: u8,
        id: String,
        phase: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'static str>,
    },
    /// A contactor moved.
    Contactor { evse: u8, closed: bool },
    /// A connector lock moved.
    Lock { evse: u8, connector: u8, locked: bool },
    /// What may be drawn changed; `amps` is `null` without a limit.
    Limit {
        evse: u8,
        amps: Option<f64>,
        source: &'static str,
    },
    /// A connector's status, or the station's, changed.
    Status {
        evse: u8,
        connector: u8,
        status: &'static str,
    },
    /// The station wants to restart.
    Reboot { kind: &'static str },
    /// The CSMS sent a DataTransfer to a vendor that the station knows.
    DataTransfer {
        vendor: String,
        message: Option<String>,
        data: Option<Value>,
    },
    /// The answer to a DataTransfer; status `null` is no answer.
    DataTransferResult {
        status: Option<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        data: Option<Value>,
    },
    /// Something that concerns security happened.
    #[serde(rename = "security_event")]
    Security {
        #[serde(rename = "type")]
        kind: &'static str,
    },
    /// A frame was refused or ignored, or a message was not understood.
    RpcError { detail: String },
    /// The transaction queue changed: messages that wait, and how many were given up so far.
    Queue { tx: usize, dropped: u32 },
    /// The wall clock was set.
    Clock(Clock),
    /// A frame passed (`--frames` only): `out` to the CSMS, `in` from it.
    Frame { dir: &'static str, text: String },
}
