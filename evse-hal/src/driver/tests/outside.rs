//! Storage, link, meters, readers, clock.

use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Waker};
use std::boxed::Box;
use std::format;
use std::string::ToString;
use std::vec::Vec;

use super::rig::{Rest, Rig, Shared, poll};
use crate::pilot::PilotState;
use crate::*;

#[test]
fn boots_from_empty_storage() {
    let mut rig = Rig::new();
    rig.pass(2_000);
    assert_eq!(rig.world.borrow().net.offered, ["ocpp1.6"]);
    assert!(rig.world.borrow().flash.values.contains_key(&1), "the boot count");
    assert!(
        rig.world
            .borrow()
            .net
            .sent
            .iter()
            .any(|sent| sent.contains("StatusNotification"))
    );
    assert!(!rig.driver.under_way().any());
}

#[test]
fn storage_stands_still_and_everything_else_goes_on() {
    let mut rig = Rig::booted();
    rig.world.borrow_mut().flash.stalled = true;
    rig.plug(0).present("TAG1").pass(1_000);
    assert!(rig.driver.under_way().storing);
    assert_eq!(rig.ops(), ["lock"], "no energy before the start is stored");

    // Hardware is watched, calls are answered.
    rig.world
        .borrow_mut()
        .net
        .incoming
        .push_back(br#"[2,"1","GetLocalListVersion",{}]"#.to_vec());
    rig.pass(100);
    assert!(
        rig.world
            .borrow()
            .net
            .sent
            .iter()
            .any(|sent| sent.starts_with("[3,\"1\"") || sent.starts_with("[4,\"1\""))
    );
    rig.world.borrow_mut().meters[0].energy_wh = 5;
    rig.pass(1_000);
    rig.saw("energy_wh: 5");

    rig.world.borrow_mut().flash.stalled = false;
    rig.pass(100);
    assert_eq!(rig.ops(), ["lock", "offer 5333", "close"]);
    let flash = &rig.world.borrow().flash;
    assert_eq!(flash.begun, flash.finished);
}

#[test]
fn an_operation_that_outlasts_the_stations_patience_is_finished_first() {
    let mut rig = Rig::booted();
    rig.world.borrow_mut().flash.stalled = true;
    rig.plug(0).present("TAG1").pass(60_000);
    let flash = &rig.world.borrow().flash;
    assert_eq!(flash.begun, flash.finished + 1, "one at a time, and none given up");
    rig.saw("result: Err(Failed)");
}

#[test]
fn failures_of_storage_are_told_for_what_they_are() {
    for (error, told) in [(ErrorKind::Full, "Err(Full)"), (ErrorKind::Bus, "Err(Failed)")] {
        let mut rig = Rig::booted();
        rig.world.borrow_mut().flash.fails = Some(error);
        rig.plug(0).present("TAG1").pass(1_000);
        rig.saw(told);
    }
}

#[test]
fn what_cannot_be_loaded_is_not_taken_for_empty() {
    let mut rig = Rig::new();
    rig.world.borrow_mut().flash.fails = Some(ErrorKind::Bus);
    rig.pass(5_000);
    rig.did_not_see("LoadedValue");
    rig.world.borrow_mut().flash.fails = None;
    rig.pass(60_000);
    assert!(rig.driver.station().is_idle());
}

#[test]
fn a_record_too_long_for_its_buffer_is_a_failure() {
    let mut rig = Rig::booted();
    let long = [0; 2_000];
    let action = ocpp_core::Action::Store {
        id: 77,
        slot: ocpp_core::Slot::Record(ocpp_core::RecordId(1)),
        bytes: &long,
    };
    let answer = format!("{:?}", rig.ports.storage.begin(&action));
    assert_eq!(answer, "Some(Stored { id: 77, result: Err(Failed) })");
    assert!(!rig.settle().driver.under_way().storing);
}

#[test]
fn a_link_that_cannot_be_made_is_tried_again_by_the_station() {
    let mut rig = Rig::new();
    rig.world.borrow_mut().net.refuses = true;
    rig.pass(1_000);
    rig.saw("link down: Some(Unreachable)");
    assert!(!rig.driver.under_way().connecting);
    rig.world.borrow_mut().net.refuses = false;
    rig.pass(300_000);
    assert!(rig.driver.station().is_connected());
}

#[test]
fn a_cut_link_is_noticed_and_made_again() {
    let mut rig = Rig::booted();
    rig.world.borrow_mut().net.cut = true;
    rig.pass(10);
    rig.saw("link down: Some(Closed)");
    rig.saw("Disconnected");
    rig.pass(300_000);
    assert!(rig.driver.station().is_connected());
}

#[test]
fn dialling_is_under_way() {
    let mut rig = Rig::new();
    rig.world.borrow_mut().net.dials_for_ever = true;
    rig.pass(1_000);
    assert!(rig.driver.under_way().connecting);
    rig.world.borrow_mut().net.dials_for_ever = false;
    rig.pass(1_000);
    assert!(rig.driver.station().is_connected());
}

#[test]
fn while_a_message_is_stuck_energy_is_not() {
    let mut rig = Rig::charging();
    rig.world.borrow_mut().net.stalled = true;
    rig.world
        .borrow_mut()
        .net
        .incoming
        .push_back(br#"[2,"1","GetLocalListVersion",{}]"#.to_vec());
    rig.pass(100);
    assert!(rig.driver.under_way().sending);
    let stored = rig.world.borrow().flash.finished;
    rig.present("TAG1").pass(1_000);
    assert_eq!(rig.ops(), ["withdraw", "open", "unlock"]);
    assert!(
        rig.world.borrow().flash.finished > stored,
        "the stop is stored meanwhile"
    );
    assert!(rig.world.borrow().net.sent.is_empty());

    rig.world.borrow_mut().net.stalled = false;
    rig.pass(1_000);
    assert!(!rig.driver.under_way().sending);
    assert!(
        rig.world
            .borrow()
            .net
            .sent
            .iter()
            .any(|sent| sent.contains("StopTransaction"))
    );
}

#[test]
fn what_fits_nowhere_waits_for_the_message_to_leave_without_spinning() {
    let mut rig = Rig::with(&[1], Timing::default(), 0);
    rig.boot();
    rig.plug(0).present("TAG1").pass(500);
    rig.forget().world.borrow_mut().net.stalled = true;
    rig.world
        .borrow_mut()
        .net
        .incoming
        .push_back(br#"[2,"1","GetLocalListVersion",{}]"#.to_vec());
    rig.pass(100);
    assert!(rig.driver.under_way().sending);
    let stored = rig.world.borrow().flash.finished;
    rig.present("TAG1").pass(1_000);
    // There is no room to store the end, but what needs none is done.
    assert_eq!(rig.ops(), ["withdraw", "open", "unlock"]);
    assert_eq!(rig.world.borrow().flash.finished, stored);
    rig.world.borrow_mut().net.stalled = false;
    rig.pass(1_000);
    assert!(
        rig.world
            .borrow()
            .net
            .sent
            .iter()
            .any(|sent| sent.contains("StopTransaction"))
    );
}

#[test]
fn a_second_call_waits_for_the_reply_to_the_first() {
    let mut rig = Rig::booted();
    rig.world.borrow_mut().net.stalled = true;
    for id in 1..4 {
        let call = format!(r#"[2,"{id}","GetLocalListVersion",{{}}]"#);
        rig.world.borrow_mut().net.incoming.push_back(call.into_bytes());
    }
    rig.pass(1_000);
    rig.world.borrow_mut().net.stalled = false;
    rig.pass(1_000);
    let sent = rig.world.borrow().net.sent.clone();
    let ids: Vec<_> = sent.iter().map(|sent| sent[4..5].to_string()).collect();
    assert_eq!(ids, ["1", "2", "3"]);
}

#[test]
fn a_message_longer_than_the_buffer_is_answered_and_the_next_one_too() {
    let mut rig = Rig::booted();
    let long = format!(
        r#"[2,"1","DataTransfer",{{"vendorId":"x","data":"{}"}}]"#,
        "x".repeat(10_000)
    );
    rig.world.borrow_mut().net.incoming.push_back(long.into_bytes());
    rig.world
        .borrow_mut()
        .net
        .incoming
        .push_back(br#"[2,"2","GetLocalListVersion",{}]"#.to_vec());
    rig.pass(100);
    rig.saw("FrameTooLarge");
    let sent = rig.world.borrow().net.sent.clone();
    assert!(sent[0].starts_with("[4,\"1\""), "{sent:?}");
    assert!(sent[1].contains("\"2\""), "{sent:?}");
}

#[test]
fn the_link_may_be_served_anew() {
    let mut rig = Rig::booted();
    let (ports, link) = (rig.ports, Rest(rig.world.clone()));
    rig.services[1] = Box::pin(async move { ports.serve_link(link).await });
    // The one before was dropped in the middle of receiving: its buffer is back.
    assert!(ports.link.outbound().is_some());
    assert!(poll(&mut rig.services[1]).is_pending());
}

/// A link service of its own, without driver or station.
fn link_service(world: &Shared) -> (&'static Ports<'static>, Pin<Box<dyn Future<Output = ()>>>) {
    let ports: &'static Ports<'static> = Box::leak(Box::new(Box::leak(Box::new(PortMemory::new())).ports()));
    ports.link.offer(["ocpp1.6"].into_iter());
    let link = Rest(world.clone());
    (ports, Box::pin(async move { ports.serve_link(link).await }))
}

#[test]
fn dialling_can_be_given_up() {
    let world = Shared::default();
    world.borrow_mut().net.dials_for_ever = true;
    let (ports, mut service) = link_service(&world);
    ports.link.connect(0);
    assert!(poll(&mut service).is_pending());
    ports.link.close();
    assert!(poll(&mut service).is_pending());
    assert_eq!(ports.link.take_disconnected(), Some(None));
    assert!(!ports.link.is_connecting());
}

#[test]
fn a_link_that_is_stuck_in_sending_can_be_closed() {
    let world = Shared::default();
    world.borrow_mut().net.stalled = true;
    let (ports, mut service) = link_service(&world);
    ports.link.connect(0);
    assert!(poll(&mut service).is_pending());
    assert_eq!(ports.link.take_connected(), Some("ocpp1.6"));
    ports.link.send(0, 5);
    assert!(poll(&mut service).is_pending());
    assert!(ports.link.is_sending() && ports.link.outbound().is_none());
    ports.link.close();
    assert!(poll(&mut service).is_pending());
    assert_eq!(ports.link.take_disconnected(), Some(None));
    assert!(ports.link.outbound().is_some() && !ports.link.take_sent() && !world.borrow().net.up);

    // And made again, another way.
    world.borrow_mut().net.stalled = false;
    ports.link.connect(3);
    assert!(poll(&mut service).is_pending());
    assert_eq!(ports.link.take_connected(), Some("ocpp1.6"));
    assert_eq!(world.borrow().net.profile, 3);
}

#[test]
fn closing_what_is_not_open_is_answered() {
    let world = Shared::default();
    let (ports, mut service) = link_service(&world);
    ports.link.close();
    assert!(poll(&mut service).is_pending());
    assert_eq!(ports.link.take_disconnected(), Some(None));
}

#[test]
fn meters_are_read_once_a_second() {
    let mut rig = Rig::booted();
    let before = rig.world.borrow().meters[0].reads;
    rig.world.borrow_mut().meters[0].energy_wh = 1_234;
    rig.pass(10_000);
    assert_eq!(rig.world.borrow().meters[0].reads, before + 10);
    rig.saw("Meter { evse: Some(EvseId(1)), energy_wh: 1234");
}

#[test]
fn all_meters_are_told_and_one_that_fails_does_not_disturb_the_other() {
    let mut rig = Rig::with(&[1, 1], Timing::default(), 1024);
    rig.boot();
    rig.world.borrow_mut().meters[0].fails = true;
    rig.world.borrow_mut().meters[1].energy_wh = 9;
    rig.pass(2_100);
    rig.saw("Meter { evse: Some(EvseId(2)), energy_wh: 9");
    rig.did_not_see("PowerMeterFailure");
    rig.pass(2_000);
    rig.saw("Fault(Fault { place: Evse(EvseId(1)), code: PowerMeterFailure, on: true");
    rig.world.borrow_mut().meters[0].fails = false;
    rig.pass(2_000);
    let faults = rig.log.0.iter().filter(|line| line.contains("PowerMeterFailure, on"));
    assert_eq!(faults.count(), 2, "once on, once off");
}

#[test]
fn a_jump_in_time_can_read_the_meters_first() {
    let mut rig = Rig::booted();
    rig.forget();
    rig.world.borrow_mut().meters[0].energy_wh = 777;
    rig.world.borrow_mut().now += 3_600_000;
    rig.driver.read_meters(rig.now());
    while rig.driver.under_way().metering {
        assert!(poll(&mut rig.services[2]).is_pending());
        let _ = rig.driver.listen(rig.now(), &mut rig.log);
    }
    rig.saw("energy_wh: 777");
    rig.settle();
}

#[test]
fn a_pace_of_zero_does_not_spin() {
    let timing = Timing {
        scan_ms: 0,
        meter_ms: 0,
    };
    let mut rig = Rig::with(&[1], timing, 1024);
    rig.boot();
}

#[test]
fn without_meters_nothing_is_under_way() {
    let mut rig = Rig::new();
    drop(rig.services.remove(2));
    rig.pass(5_000);
    assert!(!rig.driver.under_way().any());
}

#[test]
fn a_reader_that_fails_is_a_warning_and_tried_again() {
    let mut rig = Rig::booted();
    rig.world.borrow_mut().presented.push_back(Err(ErrorKind::Bus));
    rig.present("TAG1").pass(4_000);
    rig.saw("ReaderFailure, on: true");
    rig.did_not_see("IdToken");
    rig.pass(2_000);
    rig.saw("IdToken");
    rig.saw("ReaderFailure, on: false");
}

#[test]
fn more_tokens_than_places_are_dropped() {
    let mut rig = Rig::booted();
    for _ in 0..6 {
        rig.present("TAG1");
    }
    rig.settle();
    assert_eq!(rig.log.0.iter().filter(|line| line.contains("IdToken")).count(), 4);
}

#[test]
fn a_token_never_shows_in_the_log() {
    let mut rig = Rig::booted();
    rig.present("TAG1").settle();
    rig.saw("IdToken { token: Token(…), evse: None }");
}

#[test]
fn a_clock_without_time_is_set_by_the_central_system() {
    let mut rig = Rig::new();
    rig.world.borrow_mut().day = None;
    rig.pass(1_000);
    rig.saw("SetClock");
    assert!(!rig.log.0.iter().any(|line| line.starts_with("Clock(")));
    assert!(rig.world.borrow().day.is_some());
    // It is not told what it said itself.
    rig.forget().pass(10_000);
    assert!(!rig.log.0.iter().any(|line| line.starts_with("Clock(")));
}

#[test]
fn a_clock_that_jumps_is_told() {
    let mut rig = Rig::booted();
    rig.pass(10_000);
    assert!(!rig.log.0.iter().any(|line| line.starts_with("Clock(")));
    *rig.world.borrow_mut().day.as_mut().unwrap() += 5_000;
    rig.pass(100);
    let told = rig.log.0.iter().filter(|line| line.starts_with("Clock("));
    assert_eq!(told.count(), 1);
}

#[test]
fn run_does_it_all() {
    let mut rig = Rig::new();
    let world = rig.world.clone();
    let timer = Rest(world.clone());
    let mut log = core::mem::take(&mut rig.log);
    let mut future = pin!(both(rig.driver.run(&timer, &mut log), async {
        core::future::poll_fn(|_| {
            rig.services
                .iter_mut()
                .for_each(|service| assert!(poll(service).is_pending()));
            core::task::Poll::<()>::Pending
        })
        .await;
    }));
    let mut run = |millis: u64| {
        // Without a real waker everything is polled all the time.
        for _ in 0..millis {
            world.borrow_mut().now += 1;
            for _ in 0..50 {
                assert!(
                    future
                        .as_mut()
                        .poll(&mut Context::from_waker(Waker::noop()))
                        .is_pending()
                );
            }
        }
    };
    run(500);
    assert!(world.borrow().net.up);
    world.borrow_mut().outlets[0].ev = PilotState::C;
    world.borrow_mut().presented.push_back(Ok("TAG1"));
    run(500);
    assert!(world.borrow().outlets[0].closed);
}
