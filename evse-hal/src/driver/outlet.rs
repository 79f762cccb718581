//! One connector: hands the station's wishes to its guard, and tells the station what the guard reports.

use ocpp_core::{ConnectorId, Input, Instant, LockState, Place};

use super::{faults, turn};
use crate::pilot::PilotState;
use crate::safety::{Faults, Guarded, LockOutcome, LockWish, Report, Request};

/// A connector, as the station knows it, and its guard: a [`Guard`](crate::safety::Guard) right here, or the
/// [`StationSide`](crate::safety::StationSide) of a channel to a guard on another core.
///
/// Whatever the station permits, the guard decides; the first thing in each turn of the driver is to let it look.
///
/// ```
/// # use evse_hal::{Contactor, ErrorKind, ErrorType};
/// # use evse_hal::pilot::{ControlPilot, Duty, PilotState};
/// # struct Board;
/// # impl ErrorType for Board { type Error = ErrorKind; }
/// # impl ControlPilot for Board {
/// #     fn offer(&mut self, _: Duty) -> Result<(), ErrorKind> { Ok(()) }
/// #     fn withdraw(&mut self) -> Result<(), ErrorKind> { Ok(()) }
/// #     fn fail(&mut self) -> Result<(), ErrorKind> { Ok(()) }
/// #     fn state(&mut self) -> Result<PilotState, ErrorKind> { Ok(PilotState::A) }
/// # }
/// # impl Contactor for Board {
/// #     fn close(&mut self) -> Result<(), ErrorKind> { Ok(()) }
/// #     fn open(&mut self) -> Result<(), ErrorKind> { Ok(()) }
/// #     fn is_closed(&mut self) -> Result<bool, ErrorKind> { Ok(false) }
/// # }
/// # let (pilot, contactor) = (Board, Board);
/// use evse_hal::Outlet;
/// use evse_hal::safety::{Channel, Guard, Limits, Parts};
/// use ocpp_core::ConnectorId;
///
/// // A fixed cable for 16 A, guarded in the driver's loop.
/// let guard = Guard::new(Limits::new(16_000), Parts::new(pilot, contactor));
/// let here = Outlet::new(ConnectorId::new(1, 1), guard);
///
/// // The same, guarded elsewhere.
/// let mut channel = Channel::new();
/// let (station_side, safety_side) = channel.split();
/// let elsewhere = Outlet::new(ConnectorId::new(1, 1), station_side);
/// # let _ = (here, elsewhere, safety_side);
/// ```
#[derive(Clone, Debug)]
pub struct Outlet<G> {
    id: ConnectorId,
    guard: G,
    request: Request,
    /// `None` until the guard has looked.
    report: Option<Report>,
    told: Told,
}

/// What the station knows.
#[derive(Clone, Copy, Debug)]
struct Told {
    pilot: Option<PilotState>,
    departures: u8,
    cable: Option<bool>,
    lock: Option<LockOutcome>,
    lock_failed: bool,
    faults: Faults,
    /// Of the whole EVSE; only the first outlet of each keeps it.
    closed: Option<bool>,
}

impl<G> Outlet<G> {
    /// A connector and its guard.
    pub const fn new(id: ConnectorId, guard: G) -> Self {
        Self {
            id,
            guard,
            request: Request::NONE,
            report: None,
            told: Told {
                pilot: None,
                departures: 0,
                cable: None,
                lock: None,
                lock_failed: false,
                faults: Faults::NONE,
                closed: None,
            },
        }
    }

    /// Which connector it is.
    pub const fn id(&self) -> ConnectorId {
        self.id
    }

    /// What the guard reported last; `None` if it did not yet.
    pub const fn report(&self) -> Option<&Report> {
        self.report.as_ref()
    }

    pub(super) fn permit(&mut self, on: bool) {
        self.request.permit = on;
    }

    pub(super) fn limit(&mut self, milliamps: Option<u32>) {
        self.request.limit = milliamps;
    }

    pub(super) fn wish(&mut self, locked: bool) {
        self.request.lock = if locked { LockWish::Hold } else { LockWish::Release };
        self.request.lock_number = self.request.lock_number.wrapping_add(1);
        self.told.lock = None;
    }

    pub(super) fn acknowledge(&mut self) {
        self.request.acknowledged = self.request.acknowledged.wrapping_add(1);
    }

    /// Whether the station knows otherwise of the EVSE; from now on it does not.
    pub(super) fn news_of_evse(&mut self, closed: bool) -> bool {
        self.told.closed.replace(closed) != Some(closed)
    }
}

impl<G: Guarded> Outlet<G> {
    /// Lets the guard look and act, and tells what changed. Returns whether something was moved, so that another look is
    /// worth it.
    pub(super) fn step(&mut self, now: Instant, tell: &mut dyn FnMut(Input<'_>)) -> bool {
        let Some(report) = self.guard.exchange(now.as_millis(), self.request) else {
            return false;
        };
        self.report = Some(report);
        self.tell_pilot(&report, tell);
        self.tell_cable(&report, tell);
        self.tell_lock(&report, tell);
        faults::tell(Place::Connector(self.id), self.told.faults, report.faults, tell);
        self.told.faults = report.faults;
        self.guard.has_moved()
    }

    /// The station goes down: withdraws the offer and opens the contactor.
    pub(super) fn shut(&mut self, now: Instant) {
        self.request.halt = true;
        self.report = self.guard.exchange(now.as_millis(), self.request).or(self.report);
    }

    /// When the guard wants to look again.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.guard.deadline().map(Instant::from_millis)
    }

    fn tell_pilot(&mut self, report: &Report, tell: &mut dyn FnMut(Input<'_>)) {
        let connector = self.id;
        let mut told = |state| tell(Input::Pilot { connector, state });
        // Another vehicle may have come since the last look.
        let departed = self.told.departures != report.departures;
        if departed && self.told.pilot.is_some_and(|pilot| pilot != PilotState::A) && report.pilot != PilotState::A {
            told(words(PilotState::A));
            self.told.pilot = Some(PilotState::A);
        }
        self.told.departures = report.departures;
        if self.told.pilot != Some(report.pilot) {
            self.told.pilot = Some(report.pilot);
            told(words(report.pilot));
        }
    }

    fn tell_cable(&mut self, report: &Report, tell: &mut dyn FnMut(Input<'_>)) {
        if let Some(present) = report.cable
            && self.told.cable != Some(present)
        {
            self.told.cable = Some(present);
            tell(Input::Cable {
                connector: self.id,
                present,
            });
        }
    }

    fn tell_lock(&mut self, report: &Report, tell: &mut dyn FnMut(Input<'_>)) {
        let Some(outcome) = report.lock else { return };
        if report.lock_number != self.request.lock_number || self.told.lock == Some(outcome) {
            return;
        }
        self.told.lock = Some(outcome);
        tell(Input::Lock {
            connector: self.id,
            state: match outcome {
                LockOutcome::Absent => LockState::None,
                LockOutcome::Unlocked => LockState::Unlocked,
                LockOutcome::Locked => LockState::Locked,
                LockOutcome::Failed => LockState::Failed,
            },
        });
        let failed = outcome == LockOutcome::Failed;
        if self.told.lock_failed != failed {
            self.told.lock_failed = failed;
            let place = Place::Connector(self.id);
            tell(turn::fault(
                place,
                ocpp_core::FaultCode::ConnectorLockFailure,
                failed,
                "lock does not move",
            ));
        }
    }
}

/// A pilot state in the station's words.
const fn words(state: PilotState) -> ocpp_core::PilotState {
    match state {
        PilotState::A => ocpp_core::PilotState::A,
        PilotState::B => ocpp_core::PilotState::B,
        PilotState::C => ocpp_core::PilotState::C,
        PilotState::D => ocpp_core::PilotState::D,
        PilotState::E => ocpp_core::PilotState::E,
        PilotState::F => ocpp_core::PilotState::F,
    }
}
