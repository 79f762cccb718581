//! Pilot, contactor, lock, cable.

use std::string::ToString;
use std::vec::Vec;

use super::rig::Rig;
use crate::pilot::PilotState;
use crate::*;

#[test]
fn at_first_everything_is_off() {
    let mut rig = Rig::new();
    rig.settle();
    assert_eq!(rig.ops(), ["withdraw", "open"]);
}

#[test]
fn a_session_switches_in_the_right_order() {
    let mut rig = Rig::booted();
    rig.plug(0).settle();
    assert!(rig.ops().is_empty(), "nothing without permission: {:?}", rig.ops());
    rig.present("TAG1").pass(500);
    assert_eq!(rig.ops(), ["lock", "offer 5333", "close"]);
    rig.saw("Pilot { connector: ConnectorId { evse: EvseId(1), connector: 1 }, state: C }");
    rig.saw("PowerPath { evse: EvseId(1), closed: true }");

    rig.forget().present("TAG1").pass(500);
    assert_eq!(rig.ops(), ["withdraw", "open", "unlock"]);
    rig.saw("PowerPath { evse: EvseId(1), closed: false }");
    rig.saw("Lock { connector: ConnectorId { evse: EvseId(1), connector: 1 }, state: Unlocked }");
}

#[test]
fn what_is_not_ready_opens_at_once_and_asks_nobody() {
    for (state, ops) in [
        (PilotState::A, &["withdraw", "open"][..]),
        (PilotState::B, &["open"]),
        (PilotState::D, &["open"]),
        (PilotState::E, &["withdraw", "open"]),
        (PilotState::F, &["withdraw", "open"]),
    ] {
        let mut rig = Rig::charging();
        rig.world.borrow_mut().outlets[0].ev = state;
        let _ = rig.driver.listen(rig.now(), &mut rig.log);
        assert_eq!(rig.ops(), ops, "{state:?}");
    }
}

#[test]
fn an_unreadable_pilot_is_state_e() {
    let mut rig = Rig::charging();
    rig.world.borrow_mut().outlets[0].pilot_fails = true;
    let _ = rig.driver.listen(rig.now(), &mut rig.log);
    assert_eq!(rig.ops(), ["withdraw", "open"]);
    rig.saw("state: E");
}

#[test]
fn a_lost_lock_opens() {
    let mut rig = Rig::charging();
    rig.world.borrow_mut().outlets[0].position = LockPosition::Unlocked;
    let _ = rig.driver.listen(rig.now(), &mut rig.log);
    assert_eq!(rig.ops(), ["withdraw", "open"]);
    rig.saw("Lock { connector: ConnectorId { evse: EvseId(1), connector: 1 }, state: Unlocked }");
}

#[test]
fn a_vehicle_that_pauses_is_switched_on_again() {
    let mut rig = Rig::charging();
    rig.world.borrow_mut().outlets[0].ev = PilotState::B;
    rig.pass(1_000);
    rig.world.borrow_mut().outlets[0].ev = PilotState::C;
    rig.pass(1_000);
    assert_eq!(rig.ops(), ["open", "close"]);
}

#[test]
fn a_welded_contactor_keeps_the_plug_and_is_a_fault() {
    let mut rig = Rig::charging();
    rig.world.borrow_mut().outlets[0].welded = true;
    rig.present("TAG1").pass(400);
    rig.did_not_see("Fault");
    rig.pass(5_000);
    let ops = rig.ops();
    assert_eq!(ops[..2], ["withdraw", "open"].map(|op| op.to_string()));
    assert!(!ops.contains(&"unlock".to_string()), "{ops:?}");
    assert!(
        ops.iter().filter(|op| *op == "open").count() > 10,
        "it is told to open again and again"
    );
    rig.saw("PowerSwitchFailure, on: true");
    rig.saw("state: Failed");
    rig.did_not_see("closed: false");

    // It comes loose: now the plug is released. The fault stays until the vehicle is gone.
    let mut world = rig.world.borrow_mut();
    world.outlets[0].welded = false;
    world.ops.clear();
    drop(world);
    rig.pass(100);
    assert_eq!(rig.ops(), ["open", "unlock"]);
    rig.saw("state: Unlocked");
    rig.did_not_see("PowerSwitchFailure, on: false");
    rig.world.borrow_mut().outlets[0].ev = PilotState::A;
    rig.pass(100);
    rig.saw("PowerSwitchFailure, on: false");
}

#[test]
fn a_coil_that_fails_is_not_tried_for_ever() {
    let mut rig = Rig::booted();
    rig.world.borrow_mut().outlets[0].coil_fails = true;
    rig.plug(0).present("TAG1").pass(10_000);
    let closes = rig.ops().into_iter().filter(|op| op == "close").count();
    assert_eq!(closes, 1, "{:?}", rig.ops());
    assert!(!rig.world.borrow().outlets[0].closed);
    rig.saw("PowerSwitchFailure, on: true");
}

#[test]
fn without_feedback_nothing_is_released() {
    let mut rig = Rig::charging();
    rig.world.borrow_mut().outlets[0].feedback_fails = true;
    rig.pass(1_000);
    assert_eq!(rig.ops()[..2], ["fail", "open"].map(|op| op.to_string()));
    rig.present("TAG1").pass(5_000);
    assert!(!rig.ops().contains(&"unlock".to_string()));
    rig.saw("PowerSwitchFailure, on: true");
}

#[test]
fn a_lock_that_refuses_is_told_at_once() {
    let mut rig = Rig::booted();
    rig.world.borrow_mut().outlets[0].lock_refuses = true;
    rig.plug(0).present("TAG1").settle();
    rig.saw("state: Failed");
    assert!(
        rig.ops().iter().all(|op| op == "lock"),
        "no energy without a lock: {:?}",
        rig.ops()
    );
}

#[test]
fn a_lock_that_does_not_arrive_is_told_when_its_time_is_over() {
    let mut rig = Rig::booted();
    rig.world.borrow_mut().outlets[0].lock_moves = false;
    rig.plug(0).present("TAG1").pass(2_900);
    rig.did_not_see("state: Failed");
    rig.pass(200);
    rig.saw("state: Failed");
    assert_eq!(rig.ops(), ["lock"]);

    // Better late than never.
    rig.world.borrow_mut().outlets[0].position = LockPosition::Locked;
    rig.pass(100);
    rig.saw("state: Locked");
}

#[test]
fn a_lock_that_does_not_open_is_told_and_not_tried_for_ever() {
    let mut rig = Rig::charging();
    rig.world.borrow_mut().outlets[0].lock_refuses = true;
    rig.present("TAG1").pass(3_000);
    rig.saw("state: Failed");
    let tries = rig.ops().into_iter().filter(|op| op == "unlock").count();
    assert!(tries <= 3, "{tries}");
}

#[test]
fn without_a_lock_none_is_told() {
    let mut rig = Rig::new();
    rig.world.borrow_mut().outlets[0].position = LockPosition::Absent;
    rig.boot();
    rig.plug(0).settle();
    rig.present("TAG1").pass(500);
    assert_eq!(rig.ops(), ["offer 5333", "close"]);
}

#[test]
fn the_cable_limits_the_current() {
    let mut rig = Rig::booted();
    rig.plug(0);
    rig.world.borrow_mut().outlets[0].cable = Ok(Cable::Present { max_milliamps: 13_000 });
    rig.present("TAG1").pass(500);
    assert_eq!(rig.ops(), ["lock", "offer 2166", "close"]);

    // What cannot be read carries nothing.
    rig.forget().world.borrow_mut().outlets[0].cable = Err(ErrorKind::Implausible);
    rig.pass(100);
    assert_eq!(rig.ops(), ["withdraw", "open"]);
}

#[test]
fn a_limit_changes_the_offer_and_below_six_amperes_there_is_none() {
    use ocpp_core::{EvseId, Input, LocalCommand};
    let mut rig = Rig::charging();
    for (milliamps, ops) in [
        (Some(16_000), &["offer 2666"][..]),
        (Some(5_999), &["withdraw", "open"]),
        (Some(6_000), &["offer 1000", "close"]),
        (None, &["offer 5333"]),
    ] {
        let evse = Some(EvseId(1));
        let command = Input::Local(LocalCommand::Limit { evse, milliamps });
        rig.driver.handle(rig.now(), command, &mut ()).unwrap();
        rig.pass(1_100);
        assert_eq!(rig.ops(), ops, "{milliamps:?}");
        rig.forget();
    }
}

#[test]
fn an_evse_is_closed_if_any_of_its_connectors_is() {
    let mut rig = Rig::with(&[2], Timing::default(), 1024);
    rig.boot();
    rig.plug(1).settle();
    rig.present("TAG1").pass(500);
    assert_eq!(rig.ops(), ["lock 2", "offer 5333 2", "close 2"]);
    let told = rig.log.0.iter().filter(|line| line.contains("PowerPath"));
    assert_eq!(
        told.collect::<Vec<_>>(),
        ["PowerPath { evse: EvseId(1), closed: true } Ok(())"]
    );
}

#[test]
fn a_reboot_leaves_everything_off() {
    use ocpp_core::{Input, LocalCommand};
    let mut rig = Rig::charging();
    rig.driver
        .handle(rig.now(), Input::Local(LocalCommand::Reboot), &mut ())
        .unwrap();
    rig.pass(2_000);
    assert_eq!(rig.world.borrow().reboots, [Reboot::Program]);
    let world = rig.world.borrow();
    assert!(!world.outlets[0].closed && world.outlets[0].offered.is_none());
}
