//! One connector with its pilot, contactor, lock and cable: reads them, carries out what
//! [`power_path`](crate::power_path) says, and tells the station what changed.

use ocpp_core::{ConnectorId, FaultCode, Input, Instant, LockState, Place};

use super::lock::Movement;
use super::{Timing, turn};
use crate::connector::{Cable, ConnectorLock, FixedCable, LockPosition, NoLock, ProximityPilot};
use crate::contactor::Contactor;
use crate::pilot::{ControlPilot, Duty, PilotState};
use crate::power_path::{Conditions, decide};

/// The parts of one connector.
///
/// The driver keeps the guard of the power path in it: whatever the station permits, current is offered and the
/// contactor closed only by the rule of [`power_path`](crate::power_path), and the first thing in each turn is to look
/// whether it must open.
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
/// use ocpp_core::ConnectorId;
///
/// // A fixed cable for 16 A.
/// let outlet = Outlet::new(ConnectorId::new(1, 1), 16_000, pilot, contactor);
/// # let _ = outlet;
/// ```
#[derive(Clone, Debug)]
pub struct Outlet<P, C, L = NoLock, X = FixedCable> {
    id: ConnectorId,
    pilot: P,
    contactor: C,
    lock: L,
    proximity: X,
    /// What the board can deliver, in mA per phase.
    max_milliamps: u32,
    ventilated: bool,
    permitted: bool,
    /// `None` is no limit but the board's.
    limit: Option<u32>,
    /// What the pilot shows; unknown at first, and after an error.
    offering: Option<Option<Duty>>,
    /// What the contactor was told; unknown at first, and after an error.
    ordered: Option<bool>,
    ordered_at: Instant,
    /// What the contactor is, as far as known. At first nobody knows, which counts as closed.
    closed: bool,
    /// The contactor did not do as told; stays until the vehicle is gone.
    stuck: bool,
    movement: Movement,
    told: Told,
}

/// What the station knows.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    pilot: Option<PilotState>,
    cable: Option<bool>,
    lock: Option<LockState>,
    stuck: bool,
    /// Of the whole EVSE; only the first outlet of each keeps it.
    closed: Option<bool>,
}

impl<P, C> Outlet<P, C> {
    /// A connector with a fixed cable, which can deliver so many mA per phase.
    pub const fn new(id: ConnectorId, max_milliamps: u32, pilot: P, contactor: C) -> Self {
        Self::with_socket(id, max_milliamps, pilot, contactor, NoLock, FixedCable)
    }
}

impl<P, C, L, X> Outlet<P, C, L, X> {
    /// A socket with lock and cable detection, which can deliver so many mA per phase.
    pub const fn with_socket(
        id: ConnectorId,
        max_milliamps: u32,
        pilot: P,
        contactor: C,
        lock: L,
        proximity: X,
    ) -> Self {
        Self {
            id,
            pilot,
            contactor,
            lock,
            proximity,
            max_milliamps,
            ventilated: false,
            permitted: false,
            limit: None,
            offering: None,
            ordered: None,
            ordered_at: Instant::ZERO,
            closed: true,
            stuck: false,
            movement: Movement::NONE,
            told: Told {
                pilot: None,
                cable: None,
                lock: None,
                stuck: false,
                closed: None,
            },
        }
    }

    /// The same in a ventilated room: vehicles that want ventilation (state D) may charge too.
    #[must_use]
    pub fn ventilated(self) -> Self {
        Self {
            ventilated: true,
            ..self
        }
    }
}

/// What the driver needs of an outlet, whatever its parts. Implemented by [`Outlet`] only.
pub trait Connector: sealed::Guard {}

impl<P: ControlPilot, C: Contactor, L: ConnectorLock, X: ProximityPilot> Connector for Outlet<P, C, L, X> {}

pub(super) mod sealed {
    use super::*;

    pub trait Guard {
        fn id(&self) -> ConnectorId;
        fn permit(&mut self, on: bool);
        fn limit(&mut self, milliamps: Option<u32>);
        fn wish(&mut self, now: Instant, locked: bool);
        /// Reads everything, does what the rule says, and tells what changed. Returns whether something was moved, so
        /// that another look is worth it.
        fn step(&mut self, now: Instant, timing: &Timing, tell: &mut dyn FnMut(Input<'_>)) -> bool;
        /// Withdraws the offer and opens the contactor.
        fn shut(&mut self);
        /// Whether the contactor is closed, or may be.
        fn is_closed(&self) -> bool;
        /// Whether the station knows otherwise of the EVSE; from now on it does not.
        fn news_of_evse(&mut self, closed: bool) -> bool;
        /// When something that was ordered is overdue.
        fn deadline(&self, timing: &Timing) -> Option<Instant>;
    }
}

impl<P: ControlPilot, C: Contactor, L: ConnectorLock, X: ProximityPilot> sealed::Guard for Outlet<P, C, L, X> {
    fn id(&self) -> ConnectorId {
        self.id
    }

    fn permit(&mut self, on: bool) {
        self.permitted = on;
    }

    fn limit(&mut self, milliamps: Option<u32>) {
        self.limit = milliamps;
    }

    fn wish(&mut self, now: Instant, locked: bool) {
        self.movement.wish(now, locked);
        self.told.lock = None;
    }

    fn step(&mut self, now: Instant, timing: &Timing, tell: &mut dyn FnMut(Input<'_>)) -> bool {
        let pilot = self.pilot.state().unwrap_or(PilotState::E);
        let cable = self.proximity.cable();
        let closed = self.contactor.is_closed().ok();
        let position = self.lock.position().ok();
        self.watch_contactor(now, timing, closed, pilot);

        let capacity = match cable {
            Ok(Cable::Fixed | Cable::Absent) => self.max_milliamps,
            Ok(Cable::Present { max_milliamps }) => self.max_milliamps.min(max_milliamps),
            Err(_) => 0,
        };
        let duty = Duty::for_current(self.limit.unwrap_or(u32::MAX).min(capacity));
        // Blind, nothing is switched on. What is on already has some time to be seen again.
        let seen = closed.is_some() || self.ordered == Some(true);
        let orders = decide(Conditions {
            permitted: self.permitted && duty.is_some() && !self.stuck && seen,
            pilot,
            ventilated: self.ventilated,
            lock: position.unwrap_or(LockPosition::Moving),
            wish: self.movement.wished(),
            open: closed == Some(false),
        });
        let mut moved = self.offer(duty.filter(|_| orders.offer));
        moved |= self.switch(now, orders.close, closed);
        moved |= self.movement.carry_out(orders.lock, position, &mut self.lock);

        if self.told.pilot != Some(pilot) {
            self.told.pilot = Some(pilot);
            tell(Input::Pilot {
                connector: self.id,
                state: words(pilot),
            });
        }
        let present = match cable {
            Ok(Cable::Absent) => Some(false),
            Ok(Cable::Present { .. }) => Some(true),
            Ok(Cable::Fixed) | Err(_) => self.told.cable,
        };
        if let Some(present) = present
            && self.told.cable != Some(present)
        {
            self.told.cable = Some(present);
            tell(Input::Cable {
                connector: self.id,
                present,
            });
        }
        if let Some(state) = self.movement.state(now, timing.lock_ms, position)
            && self.told.lock != Some(state)
        {
            self.told.lock = Some(state);
            tell(Input::Lock {
                connector: self.id,
                state,
            });
        }
        if self.told.stuck != self.stuck {
            self.told.stuck = self.stuck;
            let place = Place::Connector(self.id);
            let code = FaultCode::PowerSwitchFailure;
            tell(turn::fault(place, code, self.stuck, "contactor does not follow"));
        }
        moved
    }

    fn shut(&mut self) {
        self.permitted = false;
        self.offer(None);
        self.ordered = self.contactor.open().is_ok().then_some(false);
    }

    fn is_closed(&self) -> bool {
        self.closed
    }

    fn news_of_evse(&mut self, closed: bool) -> bool {
        self.told.closed.replace(closed) != Some(closed)
    }

    fn deadline(&self, timing: &Timing) -> Option<Instant> {
        let contactor = self.ordered.is_some_and(|ordered| ordered != self.closed) && !self.stuck;
        let contactor = contactor.then(|| self.ordered_at.plus_millis(timing.contactor_ms.into()));
        let lock = self
            .movement
            .deadline(timing.lock_ms)
            .filter(|_| self.told.lock.is_none());
        match (contactor, lock) {
            (Some(contactor), Some(lock)) => Some(contactor.min(lock)),
            (contactor, lock) => contactor.or(lock),
        }
    }
}

impl<P: ControlPilot, C: Contactor, L: ConnectorLock, X: ProximityPilot> Outlet<P, C, L, X> {
    /// Notices a contactor that does not follow its orders, or of which nothing is known.
    fn watch_contactor(&mut self, now: Instant, timing: &Timing, closed: Option<bool>, pilot: PilotState) {
        self.closed = closed.unwrap_or(self.closed);
        let follows = closed.is_some() && closed == self.ordered;
        let overdue = now.millis_since(self.ordered_at) >= timing.contactor_ms.into();
        if self.ordered.is_some() && !follows && overdue {
            self.stuck = true;
        } else if self.stuck && follows && pilot == PilotState::A {
            self.stuck = false;
        }
        if follows {
            // Should it fall out of line later, the time begins then.
            self.ordered_at = now;
        }
    }

    fn offer(&mut self, duty: Option<Duty>) -> bool {
        if self.offering == Some(duty) {
            return false;
        }
        let done = match duty {
            Some(duty) => self.pilot.offer(duty),
            None => self.pilot.withdraw(),
        };
        self.offering = done.is_ok().then_some(duty);
        self.offering.is_some()
    }

    fn switch(&mut self, now: Instant, close: bool, closed: Option<bool>) -> bool {
        // Without an offer on the pilot the vehicle did not ask for this energy.
        let close = close && matches!(self.offering, Some(Some(_)));
        // To open is ordered again as long as it is not known to have happened.
        if self.ordered == Some(close) && (close || closed == Some(false)) {
            return false;
        }
        let first = self.ordered != Some(close);
        let done = if close {
            self.contactor.close()
        } else {
            self.contactor.open()
        };
        if first {
            self.ordered_at = now;
        }
        self.ordered = Some(close && done.is_ok());
        if close && done.is_err() {
            // Nobody knows how far it got.
            let _ = self.contactor.open();
            self.stuck = true;
        }
        first
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
