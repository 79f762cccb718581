//! A board whose parts the optimiser cannot see through.

use super::{input, output};
use evse_hal::pilot::{ControlPilot, Duty, Monitor, PilotState, Plateaus};
use evse_hal::safety::{Guard, Limits, Parts};
use evse_hal::{
    Board, Cable, ConnectorLock, Contactor, CurrentSensor, Driver, EnergyMeter, ErrorKind, ErrorType, Identifier, Link,
    LockPosition, Outlet, PortMemory, Ports, ProximityPilot, Reading, Reboot, Received, Residual,
    ResidualCurrentMonitor, Storage, System, Thermometer, Timer, Timing, TokenReader, WallClock, Watchdog,
};
use ocpp_core::dialect::{Dialect, Identity};
use ocpp_core::{Config, ConnectorId, Instant, Station, StationResources, Topology};

/// Any part.
pub struct Part;

/// A pilot with its monitor.
pub struct Pilot(Monitor);

/// A guard of a socket with everything.
pub type SocketGuard = Guard<Parts<Pilot, Part, Part, Part, Part, Part, Part>>;

/// Such a guard.
pub fn guard() -> SocketGuard {
    let parts = Parts::new(Pilot(Monitor::new(20)), Part);
    let parts = parts.with_socket(Part, Part).with_monitor(Part);
    Guard::new(
        *input::<Limits>(),
        parts.with_thermometer(Part).with_current_sensor(Part),
    )
}

/// A driver of two such sockets.
pub type SocketDriver<'a, 'b> = Driver<'a, 'b, SocketGuard, Part, Part, Part>;

/// Lends a driver, and the ports that are to be served beside it.
pub fn with_driver(run: impl FnOnce(&mut SocketDriver<'_, '_>, &Ports<'_>)) {
    let identity = *input::<Identity<'_>>();
    let config = Config::new(Topology::new(&[1, 1]), identity, *input());
    let memory = output::<StationResources<2, 2>>();
    let dialects: [&dyn Dialect; 1] = [&ocpp16::DIALECT];
    let Ok(station) = Station::new(config, &dialects, memory.storage()) else {
        return;
    };
    let ports = output::<PortMemory>().ports();
    let mut outlets = [1, 2].map(|evse| Outlet::new(ConnectorId::new(evse, 1), guard()));
    let board = Board {
        outlets: &mut outlets,
        wall_clock: Part,
        system: Part,
        watchdog: Part,
    };
    run(&mut Driver::new(station, board, &ports, Timing::default()), &ports);
}

type Done = Result<(), ErrorKind>;

fn done<T: 'static>(value: T) -> Done {
    *output::<T>() = value;
    *input()
}

impl ErrorType for Part {
    type Error = ErrorKind;
}

impl ErrorType for Pilot {
    type Error = ErrorKind;
}

impl ControlPilot for Pilot {
    fn offer(&mut self, duty: Duty) -> Done {
        done(duty)
    }

    fn withdraw(&mut self) -> Done {
        done(1u8)
    }

    fn fail(&mut self) -> Done {
        done(2u8)
    }

    fn state(&mut self) -> Result<PilotState, ErrorKind> {
        Ok(self.0.sample(*input::<Plateaus>()))
    }
}

impl Contactor for Part {
    fn close(&mut self) -> Done {
        done(true)
    }

    fn open(&mut self) -> Done {
        done(false)
    }

    fn is_closed(&mut self) -> Result<bool, ErrorKind> {
        *input()
    }
}

impl ConnectorLock for Part {
    fn lock(&mut self) -> Done {
        done(3u8)
    }

    fn unlock(&mut self) -> Done {
        done(4u8)
    }

    fn position(&mut self) -> Result<LockPosition, ErrorKind> {
        *input()
    }
}

impl ProximityPilot for Part {
    fn cable(&mut self) -> Result<Cable, ErrorKind> {
        *input()
    }
}

impl ResidualCurrentMonitor for Part {
    fn state(&mut self) -> Result<Residual, ErrorKind> {
        *input()
    }

    fn start_test(&mut self) -> Done {
        done(5u8)
    }
}

impl Thermometer for Part {
    fn tenths_of_celsius(&mut self) -> Result<Option<i16>, ErrorKind> {
        *input()
    }
}

impl CurrentSensor for Part {
    fn milliamps(&mut self) -> Result<[u32; 3], ErrorKind> {
        *input()
    }
}

impl EnergyMeter for Part {
    async fn read(&mut self) -> Result<Reading, ErrorKind> {
        *input()
    }
}

impl TokenReader for Part {
    async fn read(&mut self) -> Result<Identifier, ErrorKind> {
        *input()
    }
}

impl WallClock for Part {
    fn now(&mut self) -> Result<Option<i64>, ErrorKind> {
        *input()
    }

    fn set(&mut self, unix_millis: i64) -> Done {
        done(unix_millis)
    }
}

impl System for Part {
    fn reboot(&mut self, kind: Reboot) {
        *output() = kind;
    }
}

impl Watchdog for Part {
    fn feed(&mut self) {
        *output() = 6u8;
    }
}

impl Timer for Part {
    fn now(&self) -> Instant {
        *input()
    }

    async fn wait_until(&self, at: Instant) {
        *output() = at;
    }
}

impl Storage for Part {
    async fn put_record(&mut self, number: u32, bytes: &[u8]) -> Done {
        done((number, bytes.as_ptr(), bytes.len()))
    }

    async fn record_after(&mut self, number: u32, _: &mut [u8]) -> Result<Option<(u32, usize)>, ErrorKind> {
        *output() = number;
        *input()
    }

    async fn discard_record(&mut self, number: u32) -> Done {
        done(number)
    }

    async fn put_value(&mut self, key: u32, bytes: &[u8]) -> Done {
        done((key, bytes.as_ptr(), bytes.len()))
    }

    async fn value(&mut self, key: u32, _: &mut [u8]) -> Result<Option<usize>, ErrorKind> {
        *output() = key;
        *input()
    }

    async fn discard_value(&mut self, key: u32) -> Done {
        done(key)
    }
}

impl Link for Part {
    async fn connect<'s>(&mut self, _profile: u8, subprotocols: &[&'s str]) -> Result<&'s str, ErrorKind> {
        (*input::<Result<usize, ErrorKind>>())
            .and_then(|index| subprotocols.get(index).copied().ok_or(ErrorKind::Refused))
    }

    async fn send(&mut self, text: &[u8]) -> Done {
        done((text.as_ptr(), text.len()))
    }

    async fn receive(&mut self, _: &mut [u8]) -> Result<Received, ErrorKind> {
        *input()
    }

    async fn close(&mut self) {}
}
