//! Pilot, contactor, lock, cable.

use ocpp_core::{ConnectorId, Instant};
use proptest::prelude::*;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

use super::super::outlet::sealed::Guard;
use super::rig::{Part, Rig, Shared};
use crate::pilot::{ControlPilot, PilotState};
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
    assert_eq!(rig.ops()[..2], ["withdraw", "open"].map(|op| op.to_string()));
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
        rig.pass(100);
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

/// What can happen to an outlet.
#[derive(Clone, Copy, Debug)]
enum Event {
    Permit(bool),
    Limit(Option<u32>),
    Lock(bool),
    Vehicle(PilotState),
    PilotFails(bool),
    LockMoves(bool),
    LockRefuses(bool),
    Position(LockPosition),
    Cable(Result<Cable, ErrorKind>),
    Welded(bool),
    CoilFails(bool),
    FeedbackFails(bool),
    Time(u64),
}

fn event() -> impl Strategy<Value = Event> {
    use LockPosition::{Absent, Locked, Moving, Unlocked};
    let cable = prop_oneof![
        Just(Ok(Cable::Absent)),
        Just(Ok(Cable::Present { max_milliamps: 20_000 })),
        Just(Err(ErrorKind::Implausible)),
    ];
    prop_oneof![
        4 => any::<bool>().prop_map(Event::Permit),
        1 => prop::option::of(0u32..90_000).prop_map(Event::Limit),
        4 => any::<bool>().prop_map(Event::Lock),
        6 => prop::sample::select(&PilotState::ALL[..]).prop_map(Event::Vehicle),
        1 => any::<bool>().prop_map(Event::PilotFails),
        1 => any::<bool>().prop_map(Event::LockMoves),
        1 => any::<bool>().prop_map(Event::LockRefuses),
        1 => prop::sample::select(&[Absent, Locked, Moving, Unlocked][..]).prop_map(Event::Position),
        1 => cable.prop_map(Event::Cable),
        1 => any::<bool>().prop_map(Event::Welded),
        1 => any::<bool>().prop_map(Event::CoilFails),
        1 => any::<bool>().prop_map(Event::FeedbackFails),
        4 => (1u64..5_000).prop_map(Event::Time),
    ]
}

proptest! {
    /// Whatever happens: right after a step the contactor is not closed, unless welded, without all conditions; nothing
    /// is unlocked with the contactor closed; things happen in their order; and without anything new it comes to rest.
    #[test]
    fn never_closed_without_all_conditions(events in prop::collection::vec(event(), 1..60)) {
        let world = Shared::default();
        let part = Part(world.clone(), 0);
        let mut outlet =
            Outlet::with_socket(ConnectorId::new(1, 1), 32_000, part.clone(), part.clone(), part.clone(), part.clone());
        let (mut permitted, mut limit, mut now) = (false, None, Instant::ZERO);
        for event in events {
            match event {
                Event::Permit(on) => {
                    permitted = on;
                    outlet.permit(on);
                }
                Event::Limit(milliamps) => {
                    limit = milliamps;
                    outlet.limit(milliamps);
                }
                Event::Lock(locked) => outlet.wish(now, locked),
                Event::Time(millis) => now = now.plus_millis(millis),
                event => happen(&mut world.borrow_mut().outlets[0], event),
            }
            let mut steps = 0;
            loop {
                // What the outlet can know when it decides.
                let before = part.clone().state();
                let was_closed = world.borrow().outlets[0].closed;
                world.borrow_mut().ops.clear();
                let moved = outlet.step(now, &Timing::default(), &mut |_| {});
                let world = world.borrow();
                let socket = &world.outlets[0];
                if socket.closed && !socket.welded {
                    prop_assert!(permitted && limit.is_none_or(|limit| limit >= 6_000));
                    prop_assert!(before == Ok(PilotState::C));
                    prop_assert!(socket.position.is_secure());
                    prop_assert!(socket.cable.is_ok() && socket.offered.is_some());
                }
                if world.ops.iter().any(|op| op == "unlock") {
                    prop_assert!(!was_closed && !socket.feedback_fails);
                }
                let rank = |op: &str| match op.split(' ').next() {
                    Some("offer" | "withdraw") => 0,
                    Some("close") => 1,
                    Some("open") => 2,
                    _ => 3,
                };
                prop_assert!(world.ops.is_sorted_by_key(|op| rank(op)), "{:?}", world.ops);
                steps += 1;
                prop_assert!(steps < 10, "comes to no rest");
                if !moved {
                    break;
                }
            }
        }
    }
}

fn happen(socket: &mut super::rig::Socket, event: Event) {
    match event {
        Event::Vehicle(state) => socket.ev = state,
        Event::PilotFails(on) => socket.pilot_fails = on,
        Event::LockMoves(on) => socket.lock_moves = on,
        Event::LockRefuses(on) => socket.lock_refuses = on,
        Event::Position(position) => socket.position = position,
        Event::Cable(cable) => socket.cable = cable,
        Event::Welded(on) => socket.welded = on,
        Event::CoilFails(on) => socket.coil_fails = on,
        Event::FeedbackFails(on) => socket.feedback_fails = on,
        Event::Permit(_) | Event::Limit(_) | Event::Lock(_) | Event::Time(_) => {}
    }
}
