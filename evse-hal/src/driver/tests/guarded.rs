//! What guard and station have to do with each other.

use ocpp_core::{ConnectorId, Input, Instant, Place};
use std::cell::Cell;
use std::format;
use std::rc::Rc;
use std::string::String;
use std::vec::Vec;

use super::rig::{Part, Rig, Shared, guard};
use crate::pilot::PilotState;
use crate::safety::{Channel, Guarded, LockOutcome};
use crate::*;

const HERE: ConnectorId = ConnectorId::new(1, 1);

fn step(outlet: &mut Outlet<impl Guarded>, now: u64) -> Vec<String> {
    let mut told = Vec::new();
    outlet.step(Instant::from_millis(now), &mut |input| told.push(format!("{input:?}")));
    told
}

#[test]
fn a_faulty_pilot_is_a_warning_and_charging_goes_on_after_it() {
    let mut rig = Rig::charging();
    rig.world.borrow_mut().outlets[0].ev = PilotState::E;
    rig.pass(100);
    rig.saw(
        "Fault { place: Connector(ConnectorId { evse: EvseId(1), connector: 1 }), code: EvCommunicationError, on: true",
    );
    rig.world.borrow_mut().outlets[0].ev = PilotState::C;
    rig.pass(2_000);
    rig.saw("EvCommunicationError, on: false");
    assert_eq!(rig.ops(), ["withdraw", "open", "offer 5333", "close"]);
}

#[test]
fn a_cable_that_cannot_be_told_is_a_fault() {
    let mut rig = Rig::charging();
    rig.world.borrow_mut().outlets[0].cable = Err(ErrorKind::Implausible);
    rig.pass(100);
    rig.saw("OtherError, on: true, info: \"cable cannot be told\"");
}

#[test]
fn a_lock_that_fails_is_a_fault_until_it_works() {
    let mut rig = Rig::booted();
    rig.world.borrow_mut().outlets[0].lock_refuses = true;
    rig.plug(0).present("TAG1").pass(100);
    rig.saw("ConnectorLockFailure, on: true");
    rig.world.borrow_mut().outlets[0].position = LockPosition::Locked;
    rig.pass(100);
    rig.saw("ConnectorLockFailure, on: false");
}

#[test]
fn a_latched_fault_goes_when_it_is_acknowledged() {
    let mut rig = Rig::booted();
    rig.world.borrow_mut().outlets[0].coil_fails = true;
    rig.plug(0).present("TAG1").pass(5_000);
    rig.saw("PowerSwitchFailure, on: true");
    rig.world.borrow_mut().outlets[0].coil_fails = false;
    rig.driver.acknowledge(Place::Connector(ConnectorId::new(2, 1)));
    rig.pass(1_000);
    rig.did_not_see("PowerSwitchFailure, on: false");
    rig.driver.acknowledge(Place::Station);
    rig.pass(2_000);
    rig.saw("PowerSwitchFailure, on: false");
    assert!(rig.world.borrow().outlets[0].closed);
}

#[test]
fn a_vehicle_that_was_changed_between_two_looks_is_told() {
    let world = Shared::default();
    let mut safety = guard(&Part(world.clone(), 0));
    let mut channel = Channel::new();
    let (station_side, mut safety_side) = channel.split();
    let mut outlet = Outlet::new(HERE, station_side);
    for state in [PilotState::B, PilotState::A, PilotState::B] {
        world.borrow_mut().outlets[0].ev = state;
        safety.tick(0, &mut safety_side);
        if state == PilotState::B {
            step(&mut outlet, 0);
        }
    }
    // The station was busy while the cars changed.
    world.borrow_mut().outlets[0].ev = PilotState::A;
    safety.tick(0, &mut safety_side);
    world.borrow_mut().outlets[0].ev = PilotState::B;
    safety.tick(0, &mut safety_side);
    let told = step(&mut outlet, 0);
    assert!(told[0].contains("state: A") && told[1].contains("state: B"), "{told:?}");
}

/// The same connector, guarded on another core: only what is given to the outlet differs.
#[test]
fn guarded_elsewhere() {
    let world = Shared::default();
    let mut safety = guard(&Part(world.clone(), 0));
    let mut channel = Channel::new();
    let (station_side, mut safety_side) = channel.split();
    let mut outlet = Outlet::new(HERE, station_side);
    world.borrow_mut().outlets[0].ev = PilotState::C;
    world.borrow_mut().outlets[0].cable = Ok(Cable::Present { max_milliamps: 32_000 });
    outlet.permit(true);
    outlet.wish(true);
    assert!(step(&mut outlet, 0).is_empty(), "nobody has looked yet");
    let mut told = Vec::new();
    for now in 0..50 {
        told.extend(step(&mut outlet, now));
        safety.tick(now, &mut safety_side);
    }
    assert!(world.borrow().outlets[0].closed);
    let at = |text: &str| {
        told.iter()
            .position(|told| told.contains(text))
            .unwrap_or_else(|| panic!("{text}: {told:?}"))
    };
    assert!(
        at("present: true") < at("Locked") && at("Locked") < at("state: C"),
        "{told:?}"
    );
    assert_eq!(outlet.report().unwrap().lock, Some(LockOutcome::Locked));

    // The station goes down; its last word is heard.
    outlet.shut(Instant::from_millis(50));
    safety.tick(50, &mut safety_side);
    assert!(!world.borrow().outlets[0].closed);
}

#[test]
fn the_watchdog_is_fed_in_every_look() {
    let mut rig = Rig::booted();
    let before = rig.world.borrow().fed;
    rig.pass(1_000);
    assert!(rig.world.borrow().fed - before >= 200);
}

#[test]
fn lamps_show_the_status_of_their_connector() {
    struct Lamp(Rc<Cell<Option<Indication>>>);
    impl ErrorType for Lamp {
        type Error = ErrorKind;
    }
    impl Indicator for Lamp {
        fn show(&mut self, indication: Indication) -> Result<(), ErrorKind> {
            self.0.set(Some(indication));
            Ok(())
        }
    }
    let (own, other) = (Rc::new(Cell::new(None)), Rc::new(Cell::new(None)));
    let mut lamps = [(HERE, Lamp(own.clone())), (ConnectorId::new(2, 1), Lamp(other.clone()))];
    let mut lamps = Lamps::new(&mut lamps);
    assert_eq!(own.get(), Some(Indication::Available));
    let mut rig = Rig::booted();
    rig.plug(0);
    for (happens, shows) in [("", Indication::Occupied), ("TAG1", Indication::Charging)] {
        if !happens.is_empty() {
            rig.present("TAG1");
        }
        rig.pass_watched(500, &mut lamps);
        assert_eq!(own.get(), Some(shows));
    }
    assert_eq!(other.get(), Some(Indication::Available));
    let broken = Input::Fault(ocpp_core::Fault {
        place: Place::Connector(HERE),
        code: ocpp_core::FaultCode::OverVoltage,
        on: true,
        info: "",
        vendor_code: "",
    });
    rig.driver.handle(rig.now(), broken, &mut lamps).unwrap();
    rig.pass_watched(10, &mut lamps);
    assert_eq!(own.get(), Some(Indication::Faulted));
}
