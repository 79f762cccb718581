//! What the charger is connected to: a socket with a lock, a contactor, a meter, and a car that comes and goes.
//!
//! It is as `examples/station` has it, with one connector and in whole numbers.

use core::cell::RefCell;

use embassy_time::Instant;
use evse_hal::pilot::{ControlPilot, Duty, Offer, PilotState};
use evse_hal::{
    Cable, ConnectorLock, Contactor, EnergyMeter, ErrorKind, ErrorType, LockPosition, Phase, ProximityPilot, Quantity,
    Reading,
};
use static_cell::StaticCell;

/// Nominal voltage of a phase, in V.
const VOLTS: u32 = 230;
/// A Wh in µJ, which are mW times ms.
const WH: u64 = 3_600_000_000;
const PHASES: [(Phase, Phase); 3] = [
    (Phase::L1, Phase::L1N),
    (Phase::L2, Phase::L2N),
    (Phase::L3, Phase::L3N),
];

/// What a car does once current is offered.
#[derive(Clone, Copy, PartialEq)]
pub enum Wants {
    /// Nothing for now.
    Rest,
    /// To charge.
    Charge,
    /// To charge with ventilation.
    Ventilation,
    /// It is broken: the pilot is at 0 V.
    Error,
}

/// All of it.
pub struct World {
    /// There is a cable in the socket.
    cable: bool,
    /// A car, at the end of the cable.
    car: Option<Wants>,
    /// The most that it draws on each phase, in mA.
    pub milliamps: u32,
    locked: bool,
    closed: bool,
    duty: Option<Duty>,
    /// The register in µJ.
    energy: u64,
    /// What is counted while current flows, instead of current times voltage, in W.
    pub power_w: Option<u32>,
    /// Up to when energy was counted.
    counted: Instant,
}

impl World {
    /// Plugs the cable in on both sides.
    pub fn plug(&mut self, ready: bool) {
        if self.car.is_none() {
            self.cable = true;
            self.car = Some(if ready { Wants::Charge } else { Wants::Rest });
        }
    }

    /// Pulls the cable out of the car, and out of the socket unless it stays there; `false` if it is locked.
    pub fn unplug(&mut self, stays: bool) -> bool {
        if self.locked && self.cable && !stays {
            return false;
        }
        self.count();
        self.car = None;
        self.cable &= stays;
        true
    }

    /// What the car does from now on; `false` if there is none.
    pub fn wants(&mut self, wants: Wants) -> bool {
        self.count();
        let there = self.car.is_some();
        self.car = self.car.map(|_| wants);
        there
    }

    /// Sets the register, in Wh.
    pub fn set_register(&mut self, wh: u32) {
        self.count();
        self.energy = u64::from(wh) * WH;
    }

    /// Counts the energy up to now. To be called before anything changes that it depends on.
    pub fn count(&mut self) {
        let now = Instant::now();
        let millis = now.duration_since(self.counted).as_millis();
        self.counted = now;
        self.energy += u64::from(self.milliwatts()) * millis;
    }

    fn offered(&self) -> u32 {
        match self.duty.map(Duty::offer) {
            Some(Offer::Milliamps(milliamps)) => milliamps,
            _ => 0,
        }
    }

    fn pilot(&self) -> PilotState {
        let offered = self.offered() > 0;
        match self.car {
            None => PilotState::A,
            Some(Wants::Error) => PilotState::E,
            Some(Wants::Charge) if offered => PilotState::C,
            Some(Wants::Ventilation) if offered => PilotState::D,
            Some(_) => PilotState::B,
        }
    }

    /// The current on each phase, in mA.
    fn flows(&self) -> u32 {
        let charges = matches!(self.pilot(), PilotState::C | PilotState::D);
        if self.closed && charges {
            self.milliamps.min(self.offered())
        } else {
            0
        }
    }

    fn milliwatts(&self) -> u32 {
        match (self.flows(), self.power_w) {
            (0, _) => 0,
            (_, Some(watts)) => watts.saturating_mul(1_000),
            (milliamps, None) => milliamps * VOLTS * PHASES.len() as u32,
        }
    }

    fn reading(&mut self) -> Reading {
        self.count();
        let milliwatts = self.milliwatts();
        let milliamps = milliwatts / (VOLTS * PHASES.len() as u32);
        let reading = Reading::new((self.energy / WH) as i64).with(Quantity::PowerImport, None, milliwatts.into());
        PHASES.iter().fold(reading, |reading, &(phase, to_neutral)| {
            reading
                .with(Quantity::Voltage, Some(to_neutral), i64::from(VOLTS) * 1_000)
                .with(Quantity::CurrentImport, Some(phase), milliamps.into())
        })
    }
}

/// The world as the charger sees it: all its ports are this.
#[derive(Clone, Copy)]
pub struct Port(&'static RefCell<World>);

/// Builds the world, with that on its meter, in Wh. Call it once.
pub fn build(register: u32) -> Port {
    static WORLD: StaticCell<RefCell<World>> = StaticCell::new();
    Port(WORLD.init(RefCell::new(World {
        cable: false,
        car: None,
        milliamps: 16_000,
        locked: false,
        closed: false,
        duty: None,
        energy: u64::from(register) * WH,
        power_w: None,
        counted: Instant::now(),
    })))
}

impl Port {
    /// Looks at the world, or changes it.
    pub fn with<T>(self, act: impl FnOnce(&mut World) -> T) -> T {
        act(&mut self.0.borrow_mut())
    }

    fn set(self, change: impl FnOnce(&mut World)) -> Result<(), ErrorKind> {
        self.with(|world| {
            world.count();
            change(world);
        });
        Ok(())
    }
}

impl ErrorType for Port {
    type Error = ErrorKind;
}

impl ControlPilot for Port {
    fn offer(&mut self, duty: Duty) -> Result<(), ErrorKind> {
        self.set(|world| world.duty = Some(duty))
    }

    fn withdraw(&mut self) -> Result<(), ErrorKind> {
        self.set(|world| world.duty = None)
    }

    fn fail(&mut self) -> Result<(), ErrorKind> {
        self.withdraw()
    }

    fn state(&mut self) -> Result<PilotState, ErrorKind> {
        Ok(self.with(|world| world.pilot()))
    }
}

impl Contactor for Port {
    fn close(&mut self) -> Result<(), ErrorKind> {
        self.set(|world| world.closed = true)
    }

    fn open(&mut self) -> Result<(), ErrorKind> {
        self.set(|world| world.closed = false)
    }

    fn is_closed(&mut self) -> Result<bool, ErrorKind> {
        Ok(self.with(|world| world.closed))
    }
}

impl ConnectorLock for Port {
    fn lock(&mut self) -> Result<(), ErrorKind> {
        self.set(|world| world.locked = true)
    }

    fn unlock(&mut self) -> Result<(), ErrorKind> {
        self.set(|world| world.locked = false)
    }

    fn position(&mut self) -> Result<LockPosition, ErrorKind> {
        Ok(self.with(|world| match world.locked {
            true => LockPosition::Locked,
            false => LockPosition::Unlocked,
        }))
    }
}

impl ProximityPilot for Port {
    fn cable(&mut self) -> Result<Cable, ErrorKind> {
        Ok(self.with(|world| match world.cable {
            true => Cable::Present { max_milliamps: 32_000 },
            false => Cable::Absent,
        }))
    }
}

impl EnergyMeter for Port {
    async fn read(&mut self) -> Result<Reading, ErrorKind> {
        Ok(self.with(World::reading))
    }
}
