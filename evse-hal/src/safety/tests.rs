//! The guard on simulated hardware.

use std::cell::RefCell;
use std::rc::Rc;
use std::string::{String, ToString};
use std::vec::Vec;

use super::*;
use crate::pilot::{ControlPilot, Duty, PilotState};
use crate::*;

mod random;
mod scripted;

/// What is simulated. The vehicle shows B until current is offered, unless it is `blunt`.
#[derive(Debug)]
pub struct World {
    pub vehicle: PilotState,
    /// Shows C though nothing is offered, and goes on drawing.
    pub blunt: bool,
    pub pilot_reads: bool,
    pub pilot_drives: bool,
    pub shown: String,
    pub closed: bool,
    pub welded: bool,
    pub dead_coil: bool,
    pub coil_fails: bool,
    pub feedback: bool,
    pub position: Option<LockPosition>,
    pub lock_moves: bool,
    pub cable: Result<Cable, ErrorKind>,
    pub residual: Result<Residual, ErrorKind>,
    /// What comes of the next self test; `Testing` is a test that never ends.
    pub verdict: Residual,
    pub temperature: Result<Option<i16>, ErrorKind>,
    pub milliamps: Result<u32, ErrorKind>,
    /// What was done.
    pub ops: Vec<String>,
}

impl World {
    /// No vehicle, and everything in order.
    pub fn well() -> Self {
        Self {
            vehicle: PilotState::A,
            blunt: false,
            pilot_reads: true,
            pilot_drives: true,
            shown: String::new(),
            closed: false,
            welded: false,
            dead_coil: false,
            coil_fails: false,
            feedback: true,
            position: Some(LockPosition::Unlocked),
            lock_moves: true,
            cable: Ok(Cable::Present { max_milliamps: 32_000 }),
            residual: Ok(Residual::Clear),
            verdict: Residual::Clear,
            temperature: Ok(Some(250)),
            milliamps: Ok(0),
            ops: Vec::new(),
        }
    }

    /// What cannot be read stays so.
    fn go(&mut self, position: LockPosition) {
        let position = if self.lock_moves {
            position
        } else {
            LockPosition::Moving
        };
        self.position = self.position.map(|_| position);
    }

    pub fn vehicle_shows(&self) -> PilotState {
        let offered = self.shown.starts_with("offer");
        match self.vehicle {
            _ if self.shown == "fail" => PilotState::F,
            PilotState::C | PilotState::D if !offered && !self.blunt => PilotState::B,
            state => state,
        }
    }
}

#[derive(Clone)]
pub struct Part(pub Rc<RefCell<World>>);

impl Part {
    fn op<T>(&self, op: &str, done: bool, act: impl FnOnce(&mut World) -> T) -> Result<T, ErrorKind> {
        let mut world = self.0.borrow_mut();
        world.ops.push(op.to_string());
        let result = act(&mut world);
        if done { Ok(result) } else { Err(ErrorKind::Bus) }
    }
}

impl ErrorType for Part {
    type Error = ErrorKind;
}

impl ControlPilot for Part {
    fn offer(&mut self, duty: Duty) -> Result<(), ErrorKind> {
        let drives = self.0.borrow().pilot_drives;
        let op = std::format!("offer {}", duty.basis_points());
        self.op(&op, drives, |world| {
            if drives {
                world.shown = op.clone();
            }
        })
    }

    fn withdraw(&mut self) -> Result<(), ErrorKind> {
        self.op("withdraw", true, |world| world.shown = "withdraw".into())
    }

    fn fail(&mut self) -> Result<(), ErrorKind> {
        self.op("fail", true, |world| world.shown = "fail".into())
    }

    fn state(&mut self) -> Result<PilotState, ErrorKind> {
        let world = self.0.borrow();
        world.pilot_reads.then(|| world.vehicle_shows()).ok_or(ErrorKind::Bus)
    }
}

impl Contactor for Part {
    fn close(&mut self) -> Result<(), ErrorKind> {
        let fails = self.0.borrow().coil_fails;
        self.op("close", !fails, |world| world.closed |= !world.dead_coil && !fails)
    }

    fn open(&mut self) -> Result<(), ErrorKind> {
        self.op("open", true, |world| world.closed &= world.welded)
    }

    fn is_closed(&mut self) -> Result<bool, ErrorKind> {
        let world = self.0.borrow();
        world.feedback.then_some(world.closed).ok_or(ErrorKind::Bus)
    }
}

impl ConnectorLock for Part {
    fn lock(&mut self) -> Result<(), ErrorKind> {
        self.op("lock", true, |world| world.go(LockPosition::Locked))
    }

    fn unlock(&mut self) -> Result<(), ErrorKind> {
        self.op("unlock", true, |world| world.go(LockPosition::Unlocked))
    }

    fn position(&mut self) -> Result<LockPosition, ErrorKind> {
        self.0.borrow().position.ok_or(ErrorKind::Bus)
    }
}

impl ProximityPilot for Part {
    fn cable(&mut self) -> Result<Cable, ErrorKind> {
        self.0.borrow().cable
    }
}

impl ResidualCurrentMonitor for Part {
    fn state(&mut self) -> Result<Residual, ErrorKind> {
        self.0.borrow().residual
    }

    fn start_test(&mut self) -> Result<(), ErrorKind> {
        self.op("test", true, |world| {
            if world.residual.is_ok() {
                world.residual = Ok(Residual::Testing);
            }
        })
    }
}

impl Thermometer for Part {
    fn tenths_of_celsius(&mut self) -> Result<Option<i16>, ErrorKind> {
        self.0.borrow().temperature
    }
}

impl CurrentSensor for Part {
    fn milliamps(&mut self) -> Result<[u32; 3], ErrorKind> {
        self.0.borrow().milliamps.map(|most| [0, most, most / 2])
    }
}

pub type Everything = Parts<Part, Part, Part, Part, Part, Part, Part>;

fn guard_of(world: &Rc<RefCell<World>>, limits: Limits) -> Guard<Everything> {
    let part = || Part(world.clone());
    let parts = Parts::new(part(), part())
        .with_socket(part(), part())
        .with_monitor(part())
        .with_thermometer(part())
        .with_current_sensor(part());
    Guard::new(limits, parts)
}

/// A guard, its world, and a station that asks for the same all the time.
pub struct Bench {
    pub world: Rc<RefCell<World>>,
    pub guard: Guard<Everything>,
    pub request: Request,
    pub report: Report,
    pub now: u64,
    /// The station is heard.
    pub alive: bool,
}

impl Bench {
    pub fn new() -> Self {
        Self::with(Limits::new(32_000))
    }

    pub fn with(limits: Limits) -> Self {
        let world = Rc::new(RefCell::new(World::well()));
        Self {
            guard: guard_of(&world, limits),
            world,
            request: Request::NONE,
            report: Report::UNKNOWN,
            now: 0,
            alive: true,
        }
    }

    pub fn with_world(&mut self, change: impl FnOnce(&mut World)) -> &mut Self {
        change(&mut self.world.borrow_mut());
        self
    }

    /// One look. A self test that was started is over at the next one.
    pub fn step(&mut self) -> Report {
        self.report = self.guard.step(self.now, self.alive.then_some(self.request));
        let mut world = self.world.borrow_mut();
        if world.residual == Ok(Residual::Testing) {
            world.residual = Ok(world.verdict);
        }
        self.report
    }

    /// A look every 5 ms, this one included.
    pub fn pass(&mut self, millis: u64) -> &mut Self {
        let end = self.now + millis;
        while self.now < end {
            self.step();
            self.now += 5;
        }
        self
    }

    pub fn forget(&mut self) -> &mut Self {
        self.world.borrow_mut().ops.clear();
        self
    }

    pub fn ops(&self) -> Vec<String> {
        self.world.borrow().ops.clone()
    }

    pub fn closed(&self) -> bool {
        self.world.borrow().closed
    }

    pub fn wish(&mut self, wish: LockWish) -> &mut Self {
        self.request.lock = wish;
        self.request.lock_number = self.request.lock_number.wrapping_add(1);
        self
    }

    /// A car charges.
    pub fn charging(limits: Limits) -> Self {
        let mut bench = Self::with(limits);
        bench.pass(50);
        bench.with_world(|world| world.vehicle = PilotState::C);
        bench.request.permit = true;
        bench.wish(LockWish::Hold).pass(100);
        assert!(bench.closed(), "{:?}", bench.ops());
        bench.forget();
        bench
    }
}
