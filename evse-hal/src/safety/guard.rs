//! The guard of one connector: reads its parts, decides, and carries out what was decided.

use super::fault::Fault;
use super::limits::Limits;
use super::lock::LockOrder;
use super::machine::{Machine, Show};
use super::mailbox::SafetySide;
use super::message::{Report, Request};
use super::parts::Hardware;

/// Guards one connector. It owns the parts, and nobody else touches them.
///
/// Call [`tick`](Self::tick) every few milliseconds on a core or from an interrupt of its own, or give the guard to the
/// driver, which does it in each of its turns.
///
/// ```
/// # use evse_hal::{Contactor, ErrorKind, ErrorType};
/// # use evse_hal::pilot::{ControlPilot, Duty, PilotState};
/// # #[derive(Default)]
/// # struct Pilot { offered: Option<Duty> }
/// # impl ErrorType for Pilot { type Error = ErrorKind; }
/// # impl ControlPilot for Pilot {
/// #     fn offer(&mut self, duty: Duty) -> Result<(), ErrorKind> { self.offered = Some(duty); Ok(()) }
/// #     fn withdraw(&mut self) -> Result<(), ErrorKind> { self.offered = None; Ok(()) }
/// #     fn fail(&mut self) -> Result<(), ErrorKind> { self.offered = None; Ok(()) }
/// #     fn state(&mut self) -> Result<PilotState, ErrorKind> {
/// #         Ok(if self.offered.is_some() { PilotState::C } else { PilotState::B })
/// #     }
/// # }
/// # #[derive(Default)]
/// # struct Relay { closed: bool }
/// # impl ErrorType for Relay { type Error = ErrorKind; }
/// # impl Contactor for Relay {
/// #     fn close(&mut self) -> Result<(), ErrorKind> { self.closed = true; Ok(()) }
/// #     fn open(&mut self) -> Result<(), ErrorKind> { self.closed = false; Ok(()) }
/// #     fn is_closed(&mut self) -> Result<bool, ErrorKind> { Ok(self.closed) }
/// # }
/// use evse_hal::safety::{Channel, Guard, Limits, Parts, Request};
///
/// # let (pilot, contactor) = (Pilot::default(), Relay::default());
/// let mut channel = Channel::new();
/// let (mut station, mut safety) = channel.split();
/// let mut guard = Guard::new(Limits::new(16_000), Parts::new(pilot, contactor));
///
/// // On the core of the station:
/// station.send(Request { permit: true, ..Request::NONE });
/// // On the other one, from a timer:
/// for now in 0..10 {
///     guard.tick(now, &mut safety);
/// }
/// assert!(station.receive().unwrap().closed);
///
/// // The station hangs: when its heartbeat has been missing for long enough, charging ends.
/// for now in 10..12_000 {
///     guard.tick(now, &mut safety);
/// }
/// assert!(!station.receive().unwrap().closed);
/// ```
#[derive(Clone, Debug)]
pub struct Guard<H> {
    parts: H,
    machine: Machine,
    request: Request,
    /// When the station was heard last.
    heard_at: Option<u64>,
    /// What the pilot shows; unknown at first, and after an error.
    shown: Option<Show>,
    /// What the contactor was told; unknown at first, and after an error.
    ordered: Option<bool>,
    /// Something was moved or decided, so that another look is worth it.
    moved: bool,
}

impl<H> Guard<H> {
    /// A guard of these parts. Nothing is touched yet.
    pub const fn new(limits: Limits, parts: H) -> Self {
        Self {
            parts,
            machine: Machine::new(limits),
            request: Request::NONE,
            heard_at: None,
            shown: None,
            ordered: None,
            moved: false,
        }
    }

    /// How the connector was at the last look.
    pub fn report(&self) -> Report {
        self.machine.report()
    }
}

impl<H: Hardware> Guard<H> {
    /// Looks, decides and acts, once; `now` is in ms of a clock that does not jump back. Never waits.
    ///
    /// Takes what the station sent since the last time, and sends it a report.
    pub fn tick(&mut self, now: u64, mailbox: &mut SafetySide<'_>) -> Report {
        let request = mailbox.receive();
        let report = self.step(now, request);
        mailbox.send(report);
        report
    }

    /// The same without a mailbox: the request is handed over, if there is a new one. No request for too long is a station
    /// that hangs.
    pub fn step(&mut self, now: u64, request: Option<Request>) -> Report {
        if let Some(request) = request {
            self.request = request;
            self.heard_at = Some(now);
        }
        let patience = self.machine.limits().heartbeat_ms.into();
        let alive = self.heard_at.is_some_and(|at| now.saturating_sub(at) < patience);
        let readings = self.parts.read();
        let before = self.machine.state();
        let orders = self.machine.step(now, &self.request, alive, &readings);
        self.moved = self.machine.state() != before;

        // In this order the vehicle first sees the offer withdrawn, then the contactor opens, and then the plug is released.
        let shown = self.show(orders.show);
        if !orders.close {
            self.open(readings.closed == Some(false));
        } else if !shown {
            // Without an offer on the pilot the vehicle did not ask for this energy.
            self.refuse(Fault::Pilot);
        } else if self.ordered != Some(true) {
            self.moved = true;
            self.ordered = Some(true);
            if !self.parts.switch(true) {
                // Nobody knows how far it got.
                self.refuse(Fault::Contactor);
            }
        }
        if orders.lock != LockOrder::Leave {
            self.moved = true;
            if !self.parts.move_lock(orders.lock) {
                self.machine.lock_refused();
            }
        }
        if orders.test && !self.parts.start_test() {
            self.refuse(Fault::SelfTest);
        }
        self.machine.report()
    }

    /// Returns whether the pilot shows what it should.
    fn show(&mut self, show: Show) -> bool {
        if self.shown != Some(show) {
            let done = self.parts.show(show);
            self.shown = done.then_some(show);
            self.moved |= done;
        }
        self.shown == Some(show)
    }

    /// To open is ordered again as long as it is not known to have happened.
    fn open(&mut self, confirmed: bool) {
        if self.ordered == Some(false) && confirmed {
            return;
        }
        self.moved |= self.ordered != Some(false);
        self.ordered = self.parts.switch(false).then_some(false);
    }

    fn refuse(&mut self, fault: Fault) {
        self.machine.failed(fault);
        self.moved = true;
        self.open(false);
    }
}

/// Where a connector is guarded: by a [`Guard`] right here, or by one on another core, at the other end of a
/// [`Channel`](super::Channel).
pub trait Guarded: sealed::Exchange {}

impl<H: Hardware> Guarded for Guard<H> {}

pub(crate) mod sealed {
    use super::{Report, Request};

    pub trait Exchange {
        /// Says what is wanted, and returns how the connector is, if anybody has looked yet.
        fn exchange(&mut self, now: u64, request: Request) -> Option<Report>;
        /// Whether another look is worth it at this very moment.
        fn has_moved(&self) -> bool;
        /// When something is due.
        fn deadline(&self) -> Option<u64>;
    }
}

impl<H: Hardware> sealed::Exchange for Guard<H> {
    fn exchange(&mut self, now: u64, request: Request) -> Option<Report> {
        Some(self.step(now, Some(request)))
    }

    fn has_moved(&self) -> bool {
        self.moved
    }

    fn deadline(&self) -> Option<u64> {
        self.machine.deadline()
    }
}
