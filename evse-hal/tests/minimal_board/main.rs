//! The smallest board that charges: a relay, a pilot, and what every OCPP station needs. `docs/BOARD.md` walks through it.

use embedded_hal::digital::{InputPin, OutputPin};
use embedded_hal::pwm::SetDutyCycle;
use evse_hal::pilot::{ControlPilot, Duty, Monitor, PilotState, Plateaus};
use evse_hal::safety::{Guard, Limits, Parts};
use evse_hal::*;
use ocpp_core::dialect::{Dialect, Identity};
use ocpp_core::{Config, ConnectorId, Station, StationResources, Topology};

/// A coil, and a mirror contact that is high while all main contacts are open.
struct Relay<C, M> {
    coil: C,
    mirror: M,
}

impl<C, M> ErrorType for Relay<C, M> {
    type Error = ErrorKind;
}

impl<C: OutputPin, M: InputPin> Contactor for Relay<C, M> {
    fn close(&mut self) -> Result<(), ErrorKind> {
        self.coil.set_high().map_err(|_| ErrorKind::Bus)
    }

    fn open(&mut self) -> Result<(), ErrorKind> {
        self.coil.set_low().map_err(|_| ErrorKind::Bus)
    }

    fn is_closed(&mut self) -> Result<bool, ErrorKind> {
        self.mirror.is_low().map_err(|_| ErrorKind::Bus)
    }
}

/// A 1 kHz PWM into the ±12 V stage, and a converter that measures both plateaus of each period, in mV.
struct Pilot<P, A> {
    pwm: P,
    next_period: A,
    monitor: Monitor,
    offering: bool,
}

impl<P, A> ErrorType for Pilot<P, A> {
    type Error = ErrorKind;
}

impl<P: SetDutyCycle, A: FnMut() -> Option<(i32, i32)>> ControlPilot for Pilot<P, A> {
    fn offer(&mut self, duty: Duty) -> Result<(), ErrorKind> {
        self.offering = true;
        let duty = self.pwm.set_duty_cycle_fraction(duty.basis_points(), 10_000);
        duty.map_err(|_| ErrorKind::Bus)
    }

    fn withdraw(&mut self) -> Result<(), ErrorKind> {
        self.offering = false;
        self.pwm.set_duty_cycle_fully_on().map_err(|_| ErrorKind::Bus)
    }

    fn fail(&mut self) -> Result<(), ErrorKind> {
        self.offering = false;
        self.pwm.set_duty_cycle_fully_off().map_err(|_| ErrorKind::Bus)
    }

    fn state(&mut self) -> Result<PilotState, ErrorKind> {
        while let Some((high, low)) = (self.next_period)() {
            let low = self.offering.then_some(low);
            self.monitor.sample(Plateaus { high, low });
        }
        Ok(self.monitor.state())
    }
}

/// Everything there is to do. `main` makes the parts and runs this on whatever executor the board has.
#[expect(clippy::too_many_arguments)] // each is a peripheral
async fn firmware(
    (pwm, next_period): (impl SetDutyCycle, impl FnMut() -> Option<(i32, i32)>),
    (coil, mirror): (impl OutputPin, impl InputPin),
    reader: impl TokenReader,
    storage: impl Storage,
    link: impl Link,
    (wall_clock, system): (impl WallClock, impl System),
    watchdog: impl Watchdog,
    timer: impl Timer,
    random: [u8; 16],
) {
    let monitor = Monitor::new(20); // periods, and so ms
    let pilot = Pilot {
        pwm,
        next_period,
        monitor,
        offering: false,
    };
    let guard = Guard::new(Limits::new(16_000), Parts::new(pilot, Relay { coil, mirror }));
    let mut outlets = [Outlet::new(ConnectorId::new(1, 1), guard)];

    let identity = Identity {
        vendor: "Example",
        model: "Minimal",
        ..Default::default()
    };
    let config = Config {
        fixed_cable: true,
        ..Config::new(Topology::new(&[1]), identity, random)
    };
    let dialects: [&dyn Dialect; 1] = [&ocpp16::DIALECT];
    let mut resources = StationResources::<1, 1>::new(); // in a static on a small stack
    let station = Station::new(config, &dialects, resources.storage()).expect("one EVSE, one connector");

    let mut memory = PortMemory::new();
    let ports = memory.ports();
    let board = Board {
        outlets: &mut outlets,
        wall_clock,
        system,
        watchdog,
    };
    let mut driver = Driver::new(station, board, &ports, Timing::default());
    let services = both(ports.serve_storage(storage), ports.serve_link(link));
    both(
        both(driver.run(&timer, ()), services),
        ports.serve_reader(None, reader, &timer),
    )
    .await;
}

mod bench;

#[test]
fn it_charges() {
    let bench = bench::Bench::new();
    let part = || bench::Part(&bench);
    let pilot = (part(), || bench.next_period());
    bench.charge(firmware(
        pilot,
        (part(), part()),
        part(),
        part(),
        part(),
        (part(), part()),
        part(),
        part(),
        [7; 16],
    ));
}
