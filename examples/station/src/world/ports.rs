//! The world as the station sees it: the traits of `evse-hal`.

use super::World;
use evse_hal::pilot::{ControlPilot, Duty, PilotState};
use evse_hal::{
    Cable, ConnectorLock, Contactor, CurrentSensor, EnergyMeter, ErrorKind, ErrorType, Identifier, LockPosition,
    ProximityPilot, Reading, Residual, ResidualCurrentMonitor, Thermometer, TokenReader,
};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// The world, shared by its ports and whoever changes it.
pub type Shared = Rc<RefCell<World>>;

/// What is at one connector: pilot, contactor, lock, proximity contact, and the sensors that watch over them.
#[derive(Clone, Debug)]
pub struct ConnectorPort {
    world: Shared,
    evse: u8,
    connector: u8,
}

impl ConnectorPort {
    /// The port of a connector.
    pub fn new(world: &Shared, evse: u8, connector: u8) -> Self {
        Self {
            world: world.clone(),
            evse,
            connector,
        }
    }

    fn with<T>(&self, ask: impl FnOnce(&super::Outlet) -> T) -> Result<T, ErrorKind> {
        let world = self.world.borrow();
        world.outlet(self.evse, self.connector).map(ask).ok_or(ErrorKind::Bus)
    }

    fn set_duty(&mut self, duty: Option<Duty>) {
        if let Some(outlet) = self.world.borrow_mut().outlet_mut(self.evse, self.connector) {
            outlet.duty = duty;
        }
    }
}

impl ErrorType for ConnectorPort {
    type Error = ErrorKind;
}

impl ControlPilot for ConnectorPort {
    fn offer(&mut self, duty: Duty) -> Result<(), ErrorKind> {
        self.set_duty(Some(duty));
        Ok(())
    }

    fn withdraw(&mut self) -> Result<(), ErrorKind> {
        self.set_duty(None);
        Ok(())
    }

    fn fail(&mut self) -> Result<(), ErrorKind> {
        self.set_duty(None);
        Ok(())
    }

    fn state(&mut self) -> Result<PilotState, ErrorKind> {
        self.with(super::Outlet::pilot)
    }
}

impl Contactor for ConnectorPort {
    fn close(&mut self) -> Result<(), ErrorKind> {
        self.world.borrow_mut().set_contactor(self.evse, self.connector, true);
        Ok(())
    }

    fn open(&mut self) -> Result<(), ErrorKind> {
        self.world.borrow_mut().set_contactor(self.evse, self.connector, false);
        Ok(())
    }

    fn is_closed(&mut self) -> Result<bool, ErrorKind> {
        self.with(|outlet| outlet.contactor)
    }
}

impl ConnectorLock for ConnectorPort {
    fn lock(&mut self) -> Result<(), ErrorKind> {
        self.world.borrow_mut().set_lock(self.evse, self.connector, true)
    }

    fn unlock(&mut self) -> Result<(), ErrorKind> {
        self.world.borrow_mut().set_lock(self.evse, self.connector, false)
    }

    fn position(&mut self) -> Result<LockPosition, ErrorKind> {
        self.with(super::Outlet::lock_position)
    }
}

impl ProximityPilot for ConnectorPort {
    fn cable(&mut self) -> Result<Cable, ErrorKind> {
        self.with(super::Outlet::cable)
    }
}

impl ResidualCurrentMonitor for ConnectorPort {
    fn state(&mut self) -> Result<Residual, ErrorKind> {
        self.with(super::Outlet::residual)
    }

    fn start_test(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

impl Thermometer for ConnectorPort {
    fn tenths_of_celsius(&mut self) -> Result<Option<i16>, ErrorKind> {
        self.with(|outlet| Some(outlet.temperature()))
    }
}

impl CurrentSensor for ConnectorPort {
    fn milliamps(&mut self) -> Result<[u32; 3], ErrorKind> {
        self.with(|outlet| [outlet.flow(3).milliamps; 3])
    }
}

/// The meter of an EVSE.
#[derive(Clone, Debug)]
pub struct MeterPort {
    world: Shared,
    evse: u8,
}

impl MeterPort {
    /// The port of an EVSE's meter.
    pub fn new(world: &Shared, evse: u8) -> Self {
        Self {
            world: world.clone(),
            evse,
        }
    }
}

impl ErrorType for MeterPort {
    type Error = ErrorKind;
}

impl EnergyMeter for MeterPort {
    async fn read(&mut self) -> Result<Reading, ErrorKind> {
        let world = self.world.borrow();
        let bay = world.bay(self.evse).ok_or(ErrorKind::Bus)?;
        Ok(bay.meter.reading(world.flow(self.evse)))
    }
}

/// A reader, and what was held before it.
#[derive(Clone, Debug, Default)]
pub struct ReaderPort(Rc<RefCell<Reader>>);

#[derive(Debug, Default)]
struct Reader {
    presented: VecDeque<Identifier>,
    waiting: Option<Waker>,
}

impl ReaderPort {
    /// Holds an identifier before it.
    pub fn present(&self, identifier: Identifier) {
        let mut reader = self.0.borrow_mut();
        reader.presented.push_back(identifier);
        if let Some(waker) = reader.waiting.take() {
            waker.wake();
        }
    }
}

impl ErrorType for ReaderPort {
    type Error = ErrorKind;
}

impl TokenReader for ReaderPort {
    async fn read(&mut self) -> Result<Identifier, ErrorKind> {
        poll_fn(|context| {
            let mut reader = self.0.borrow_mut();
            match reader.presented.pop_front() {
                Some(identifier) => Poll::Ready(Ok(identifier)),
                None => {
                    reader.waiting = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}
