//! Whatever station, vehicle and hardware do, in whatever order: no guard closes a contactor without its conditions, or
//! releases a plug with the contactor closed.

#![no_main]

use evse_hal::pilot::{ControlPilot, Duty, PilotState};
use evse_hal::safety::{Fault, Guard, Limits, LockWish, Parts, Request, State};
use evse_hal::{
    Cable, ConnectorLock, Contactor, CurrentSensor, ErrorKind, ErrorType, LockPosition, ProximityPilot, Residual,
    ResidualCurrentMonitor, Thermometer,
};
use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;
use std::rc::Rc;

/// What the fuzzer says that the hardware says, and what was done to it. `None` is an error.
struct World {
    pilot: Option<PilotState>,
    closed: Option<bool>,
    lock: Option<LockPosition>,
    cable: Option<Cable>,
    residual: Option<Residual>,
    temperature: Option<i16>,
    milliamps: Option<u32>,
    obeys: bool,
    offered: bool,
    coil: bool,
}

#[derive(Clone)]
struct Part(Rc<RefCell<World>>);

impl Part {
    fn read<T>(&self, value: impl FnOnce(&World) -> Option<T>) -> Result<T, ErrorKind> {
        value(&self.0.borrow()).ok_or(ErrorKind::Bus)
    }

    fn act(&self, act: impl FnOnce(&mut World)) -> Result<(), ErrorKind> {
        let mut world = self.0.borrow_mut();
        act(&mut world);
        if world.obeys { Ok(()) } else { Err(ErrorKind::Stuck) }
    }
}

impl ErrorType for Part {
    type Error = ErrorKind;
}

impl ControlPilot for Part {
    fn offer(&mut self, _: Duty) -> Result<(), ErrorKind> {
        self.act(|world| world.offered = world.obeys)
    }

    fn withdraw(&mut self) -> Result<(), ErrorKind> {
        self.act(|world| world.offered = false)
    }

    fn fail(&mut self) -> Result<(), ErrorKind> {
        self.act(|world| world.offered = false)
    }

    fn state(&mut self) -> Result<PilotState, ErrorKind> {
        self.read(|world| world.pilot)
    }
}

impl Contactor for Part {
    fn close(&mut self) -> Result<(), ErrorKind> {
        self.act(|world| {
            assert!(world.offered && world.pilot == Some(PilotState::C));
            assert_eq!(world.closed, Some(false));
            assert!(matches!(world.lock, Some(LockPosition::Locked | LockPosition::Absent)));
            assert_eq!(world.residual, Some(Residual::Clear));
            assert!(world.cable.is_some() && world.milliamps.is_some());
            assert!(world.temperature.is_some_and(|tenths| (-300..=850).contains(&tenths)));
            world.coil = true;
        })
    }

    fn open(&mut self) -> Result<(), ErrorKind> {
        self.act(|world| world.coil = false)
    }

    fn is_closed(&mut self) -> Result<bool, ErrorKind> {
        self.read(|world| world.closed)
    }
}

impl ConnectorLock for Part {
    fn lock(&mut self) -> Result<(), ErrorKind> {
        self.act(|_| ())
    }

    fn unlock(&mut self) -> Result<(), ErrorKind> {
        self.act(|world| assert!(world.closed == Some(false) && !world.coil))
    }

    fn position(&mut self) -> Result<LockPosition, ErrorKind> {
        self.read(|world| world.lock)
    }
}

impl ProximityPilot for Part {
    fn cable(&mut self) -> Result<Cable, ErrorKind> {
        self.read(|world| world.cable)
    }
}

impl ResidualCurrentMonitor for Part {
    fn state(&mut self) -> Result<Residual, ErrorKind> {
        self.read(|world| world.residual)
    }

    fn start_test(&mut self) -> Result<(), ErrorKind> {
        self.act(|world| assert!(!world.coil))
    }
}

impl Thermometer for Part {
    fn tenths_of_celsius(&mut self) -> Result<Option<i16>, ErrorKind> {
        self.read(|world| world.temperature.map(Some))
    }
}

impl CurrentSensor for Part {
    fn milliamps(&mut self) -> Result<[u32; 3], ErrorKind> {
        self.read(|world| world.milliamps.map(|most| [most, 0, 0]))
    }
}

/// The one of these that the byte picks; beyond the last one, an error.
fn pick<T: Copy, const N: usize>(choice: u8, all: [T; N]) -> Option<T> {
    all.get(usize::from(choice) % (N + 1)).copied()
}

fuzz_target!(|bytes: &[u8]| {
    let world = Rc::new(RefCell::new(World {
        pilot: Some(PilotState::C),
        closed: Some(false),
        lock: Some(LockPosition::Locked),
        cable: Some(Cable::Fixed),
        residual: Some(Residual::Clear),
        temperature: Some(250),
        milliamps: Some(0),
        obeys: true,
        offered: false,
        coil: false,
    }));
    let part = || Part(world.clone());
    let parts = Parts::new(part(), part())
        .with_socket(part(), part())
        .with_monitor(part())
        .with_thermometer(part())
        .with_current_sensor(part());
    let mut guard = Guard::new(Limits::new(32_000), parts);
    let mut request = Request {
        permit: true,
        ..Request::NONE
    };
    let (mut now, mut heard) = (0u64, true);
    for pair in bytes.chunks_exact(2) {
        let (op, value) = (pair[0], pair[1]);
        let mut own = world.borrow_mut();
        match op % 16 {
            0 => request.permit = value & 1 != 0,
            1 => request.limit = (value & 1 != 0).then(|| u32::from(value) * 300),
            2 => {
                request.lock = pick(value, [LockWish::Hold, LockWish::Release]).unwrap_or_default();
                request.lock_number = request.lock_number.wrapping_add(1);
            }
            3 => request.acknowledged = value,
            4 => request.halt = value & 1 != 0,
            5 => heard = value & 1 != 0,
            6 => own.pilot = pick(value, PilotState::ALL),
            7 => own.closed = pick(value, [false, true]),
            // A contactor that does as told.
            8 => own.closed = Some(own.coil),
            9 => {
                use LockPosition::{Absent, Locked, Moving, Unlocked};
                own.lock = pick(value, [Absent, Unlocked, Locked, Moving]);
            }
            10 => {
                own.cable = pick(
                    value,
                    [Cable::Fixed, Cable::Absent, Cable::Present { max_milliamps: 13_000 }],
                )
            }
            11 => {
                use Residual::{Ac, Clear, Dc, TestFailed, Testing};
                own.residual = pick(value, [Clear, Dc, Ac, Testing, TestFailed]);
            }
            12 => own.temperature = (value != 255).then(|| i16::from(value) * 5 - 350),
            13 => own.milliamps = (value != 255).then(|| u32::from(value) * 300),
            14 => own.obeys = value & 7 != 0,
            _ => now += u64::from(value) * 50,
        }
        drop(own);
        let report = guard.step(now, heard.then_some(request));
        let own = world.borrow();
        // A coil is under power only where the guard says so.
        assert!(!own.coil || report.state.is_energized(), "{report:?}");
        if report.state.is_energized() {
            assert!(
                own.pilot == Some(PilotState::C) && (!request.halt || !heard),
                "{report:?}"
            );
            assert!(matches!(own.residual, Some(Residual::Clear)), "{report:?}");
        }
        if report.faults.iter().any(Fault::is_dangerous) {
            assert_eq!(report.state, State::Latched, "{report:?}");
        }
    }
});
