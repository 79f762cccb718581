//! The parts of one connector, together.

use super::lock::LockOrder;
use super::machine::{Readings, Show};
use crate::connector::{ConnectorLock, FixedCable, NoLock, ProximityPilot};
use crate::contactor::Contactor;
use crate::pilot::ControlPilot;
use crate::sensors::{CurrentSensor, NotFitted, ResidualCurrentMonitor, Thermometer};

/// The parts of one connector. What is not fitted need not be named.
///
/// ```
/// # use evse_hal::{Contactor, ErrorKind, ErrorType, Thermometer};
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
/// # impl Thermometer for Board {
/// #     fn tenths_of_celsius(&mut self) -> Result<Option<i16>, ErrorKind> { Ok(Some(250)) }
/// # }
/// # let (pilot, contactor, thermometer) = (Board, Board, Board);
/// use evse_hal::safety::Parts;
///
/// let parts = Parts::new(pilot, contactor).with_thermometer(thermometer);
/// # let _ = parts;
/// ```
#[derive(Clone, Debug)]
pub struct Parts<P, C, L = NoLock, X = FixedCable, R = NotFitted, T = NotFitted, I = NotFitted> {
    pilot: P,
    contactor: C,
    lock: L,
    proximity: X,
    monitor: R,
    thermometer: T,
    current: I,
}

impl<P, C> Parts<P, C> {
    /// What every connector has; with a fixed cable, behind a residual current device of type B.
    pub const fn new(pilot: P, contactor: C) -> Self {
        Self {
            pilot,
            contactor,
            lock: NoLock,
            proximity: FixedCable,
            monitor: NotFitted,
            thermometer: NotFitted,
            current: NotFitted,
        }
    }
}

impl<P, C, L, X, R, T, I> Parts<P, C, L, X, R, T, I> {
    /// The same with a socket instead of a fixed cable.
    pub fn with_socket<L2, X2>(self, lock: L2, proximity: X2) -> Parts<P, C, L2, X2, R, T, I> {
        Parts {
            lock,
            proximity,
            pilot: self.pilot,
            contactor: self.contactor,
            monitor: self.monitor,
            thermometer: self.thermometer,
            current: self.current,
        }
    }

    /// The same with a monitor of residual current.
    pub fn with_monitor<R2>(self, monitor: R2) -> Parts<P, C, L, X, R2, T, I> {
        Parts {
            monitor,
            pilot: self.pilot,
            contactor: self.contactor,
            lock: self.lock,
            proximity: self.proximity,
            thermometer: self.thermometer,
            current: self.current,
        }
    }

    /// The same with a thermometer.
    pub fn with_thermometer<T2>(self, thermometer: T2) -> Parts<P, C, L, X, R, T2, I> {
        Parts {
            thermometer,
            pilot: self.pilot,
            contactor: self.contactor,
            lock: self.lock,
            proximity: self.proximity,
            monitor: self.monitor,
            current: self.current,
        }
    }

    /// The same with a current sensor.
    pub fn with_current_sensor<I2>(self, current: I2) -> Parts<P, C, L, X, R, T, I2> {
        Parts {
            current,
            pilot: self.pilot,
            contactor: self.contactor,
            lock: self.lock,
            proximity: self.proximity,
            monitor: self.monitor,
            thermometer: self.thermometer,
        }
    }
}

/// What a [`Guard`](super::Guard) needs of a connector's hardware. Implemented by [`Parts`] only.
pub trait Hardware: sealed::Access {}

impl<P, C, L, X, R, T, I> Hardware for Parts<P, C, L, X, R, T, I>
where
    P: ControlPilot,
    C: Contactor,
    L: ConnectorLock,
    X: ProximityPilot,
    R: ResidualCurrentMonitor,
    T: Thermometer,
    I: CurrentSensor,
{
}

pub(super) mod sealed {
    use super::{LockOrder, Readings, Show};

    /// What went wrong does not matter here: each part says it for itself, and all that counts is whether.
    pub trait Access {
        fn read(&mut self) -> Readings;
        fn show(&mut self, show: Show) -> bool;
        fn switch(&mut self, close: bool) -> bool;
        fn move_lock(&mut self, order: LockOrder) -> bool;
        fn start_test(&mut self) -> bool;
    }
}

impl<P, C, L, X, R, T, I> sealed::Access for Parts<P, C, L, X, R, T, I>
where
    P: ControlPilot,
    C: Contactor,
    L: ConnectorLock,
    X: ProximityPilot,
    R: ResidualCurrentMonitor,
    T: Thermometer,
    I: CurrentSensor,
{
    fn read(&mut self) -> Readings {
        Readings {
            pilot: self.pilot.state().ok(),
            closed: self.contactor.is_closed().ok(),
            lock: self.lock.position().ok(),
            cable: self.proximity.cable().ok(),
            residual: self.monitor.state().ok(),
            temperature: self.thermometer.tenths_of_celsius().ok(),
            milliamps: self.current.milliamps().ok().map(|[a, b, c]| a.max(b).max(c)),
        }
    }

    fn show(&mut self, show: Show) -> bool {
        match show {
            Show::Nothing => self.pilot.withdraw().is_ok(),
            Show::Offer(duty) => self.pilot.offer(duty).is_ok(),
            Show::Fail => self.pilot.fail().is_ok(),
        }
    }

    fn switch(&mut self, close: bool) -> bool {
        if close {
            self.contactor.close().is_ok()
        } else {
            self.contactor.open().is_ok()
        }
    }

    fn move_lock(&mut self, order: LockOrder) -> bool {
        match order {
            LockOrder::Leave => true,
            LockOrder::Lock => self.lock.lock().is_ok(),
            LockOrder::Unlock => self.lock.unlock().is_ok(),
        }
    }

    fn start_test(&mut self) -> bool {
        self.monitor.start_test().is_ok()
    }
}
