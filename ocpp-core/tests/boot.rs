//! Registration, heartbeats, the clock, and the wait before a new connection (1.6 §4.2, §4.6, 1.6J §5; 2.0.1 Part 4
//! §5.3).

mod bench;

use bench::{Answer, Bench, Csms, Store, accepting_but, config, utc};
use ocpp_core::settings::SettingId;
use ocpp_core::{Input, Instant, LocalCommand, PilotState};
use serde_json::json;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// The answers to BootNotification, one after the other; then Accepted.
fn registering(answers: &[(&'static str, u32)]) -> Csms {
    let mut answers: VecDeque<_> = answers.iter().copied().collect();
    accepting_but(move |action, _| {
        if action != "BootNotification" {
            return None;
        }
        let (status, interval) = answers.pop_front()?;
        let time = "2026-11-22T12:00:00Z";
        Some(Answer::Result(
            json!({"status": status, "currentTime": time, "interval": interval}),
        ))
    })
}

fn booting(answers: &[(&'static str, u32)]) -> Bench {
    let mut bench = Bench::unbooted(config(&[1]), Store::default());
    bench.csms = registering(answers);
    bench.drain();
    bench
}

const WELCOME: [&str; 4] = [
    "> BootNotification",
    "set clock 2026-11-22T12:00:00Z",
    "> StatusNotification 0 Available",
    "> StatusNotification 1 Available",
];

/// Errata 3.22: after the acceptance, the status of the station and of each connector.
#[test]
fn accepted() {
    let mut bench = booting(&[("Accepted", 300)]);
    bench.expect(&WELCOME);
    assert_eq!(bench.station.settings().int(SettingId::HeartbeatInterval), 300);
    assert_eq!(
        bench.calls_of("BootNotification")[0],
        json!({"chargePointVendor": "Example", "chargePointModel": "One"})
    );
    bench.assert_idle();
}

#[test]
fn pending_waits_for_its_interval_and_stays_connected() {
    let mut bench = booting(&[("Pending", 40), ("Pending", 20)]);
    bench.expect(&["> BootNotification", "set clock 2026-11-22T12:00:00Z"]);
    bench.advance(39);
    bench.pilot(1, 1, PilotState::B);
    bench.expect(&[]);
    bench.advance(1);
    bench.expect(&["> BootNotification"]);
    bench.advance(19);
    bench.expect(&[]);
    bench.advance(1);
    assert_eq!(bench.take()[3], "> StatusNotification 1 Preparing");
    bench.assert_idle();
}

/// 1.6 §4.2.1: while pending, the CSMS may configure and ask; only what it asks for is sent.
#[test]
fn pending_with_configuration_and_triggers() {
    let mut bench = booting(&[("Pending", 1000)]);
    bench.take();
    bench.call("ChangeConfiguration", json!({"key": "BlinkRepeat", "value": "9"}));
    bench.call(
        "TriggerMessage",
        json!({"requestedMessage": "StatusNotification", "connectorId": 1}),
    );
    bench.expect(&[
        r#"= {"status":"Accepted"}"#,
        r#"= {"status":"Accepted"}"#,
        "> StatusNotification 1 Available",
    ]);
    bench.call("TriggerMessage", json!({"requestedMessage": "Heartbeat"}));
    bench.expect(&[r#"= {"status":"Accepted"}"#, "> Heartbeat"]);
    bench.call("RemoteStartTransaction", json!({"idTag": "TAG"}));
    bench.call("RemoteStopTransaction", json!({"transactionId": 1}));
    bench.expect(&[r#"= {"status":"Rejected"}"#, r#"= {"status":"Rejected"}"#]);
    bench.present("TAG");
    bench.expect(&[]);
    bench.call("TriggerMessage", json!({"requestedMessage": "BootNotification"}));
    assert_eq!(bench.take()[..2], [r#"= {"status":"Accepted"}"#, "> BootNotification"]);
    bench.assert_idle();
}

/// Rejected: nothing at all until the interval is over.
#[test]
fn rejected_is_silent() {
    let mut bench = booting(&[("Rejected", 500)]);
    bench.take();
    bench.pilot(1, 1, PilotState::B);
    bench.present("TAG");
    bench.call("TriggerMessage", json!({"requestedMessage": "BootNotification"}));
    bench.advance(499);
    bench.expect(&[]);
    bench.advance(1);
    bench.expect(&[
        "> BootNotification",
        "set clock 2026-11-22T12:00:00Z",
        "> StatusNotification 0 Available",
        "> StatusNotification 1 Finishing",
    ]);
}

/// An interval of 0 leaves the wait to the station; it does not flood.
#[test]
fn interval_of_zero() {
    for status in ["Pending", "Rejected"] {
        let mut bench = booting(&[(status, 0), (status, 0)]);
        bench.take();
        bench.advance(59);
        bench.expect(&[]);
        bench.advance(1);
        bench.expect(&["> BootNotification"]);
    }
    let bench = booting(&[("Accepted", 0)]);
    assert_eq!(bench.station.settings().int(SettingId::HeartbeatInterval), 300);
}

/// An unknown status is no welcome.
#[test]
fn unknown_registration_status() {
    let mut bench = booting(&[("Welcome", 100)]);
    bench.expect(&["> BootNotification"]);
    bench.advance(99);
    bench.expect(&[]);
}

#[test]
fn silence_and_refusal_are_asked_again() {
    for answer in [
        || Answer::Nothing,
        || Answer::Error,
        || Answer::Result(json!({"status": "Accepted"})),
    ] {
        let mut bench = Bench::unbooted(config(&[1]), Store::default());
        bench.csms = accepting_but(move |action, _| (action == "BootNotification").then(answer));
        bench.drain();
        bench.expect(&["> BootNotification"]);
        bench.advance(59);
        bench.expect(&[]);
        bench.csms = bench::accepting();
        bench.advance(31);
        bench.expect(&WELCOME);
        bench.assert_idle();
    }
}

/// 1.6J §5.4: a new connection is no new boot.
#[test]
fn reconnect_without_boot() {
    let mut bench = Bench::new(&[1]);
    bench.go_offline();
    bench.advance(20);
    bench.go_online();
    bench.expect(&[]);
    bench.assert_idle();
}

/// The link goes before the answer: asked again at once on the next one.
#[test]
fn outage_during_the_boot_notification() {
    let mut bench = Bench::unbooted(config(&[1]), Store::default());
    bench.csms = accepting_but(|action, _| (action == "BootNotification").then_some(Answer::Nothing));
    bench.drain();
    bench.go_offline();
    bench.csms = bench::accepting();
    bench.take();
    bench.go_online();
    bench.expect(&WELCOME);
}

/// A wait that the CSMS gave holds over a new connection.
#[test]
fn pending_over_a_reconnect() {
    let mut bench = booting(&[("Pending", 100)]);
    bench.take();
    bench.advance(30);
    bench.go_offline();
    bench.go_online();
    bench.expect(&[]);
    bench.advance(70);
    bench.expect(&WELCOME);
}

fn beating(secs: u32) -> Bench {
    let mut bench = booting(&[("Accepted", secs)]);
    bench.take();
    bench
}

#[test]
fn heartbeat_after_inactivity() {
    let mut bench = beating(100);
    bench.advance(99);
    bench.expect(&[]);
    bench.advance(1);
    bench.expect(&["> Heartbeat", "set clock 2026-11-22T12:00:00Z"]);
    bench.advance(50);
    bench.cable(1, 1, true);
    bench.expect(&["> StatusNotification 1 Preparing"]);
    bench.advance(99);
    bench.expect(&[]);
    bench.advance(1);
    assert_eq!(bench.take_actions(), ["Heartbeat"]);
}

/// 1.6J §5.3: whatever else is sent, the time is asked for once a day.
#[test]
fn heartbeat_once_a_day_for_the_time() {
    let mut bench = beating(0);
    bench.set(SettingId::HeartbeatInterval, "0");
    bench.advance(86_399);
    bench.expect(&[]);
    bench.advance(1);
    assert_eq!(bench.take_actions(), ["Heartbeat"]);
    bench.assert_idle();
}

#[test]
fn no_heartbeat_without_a_link() {
    let mut bench = beating(100);
    bench.go_offline();
    bench.advance(1000);
    bench.expect(&[]);
}

/// The CSMS tells the time; less than a second is not worth it.
#[test]
fn clock_is_set_only_when_it_is_off() {
    let times = Rc::new(RefCell::new("2026-11-22T12:01:40.500Z".to_string()));
    let told = times.clone();
    let mut bench = beating(100);
    bench.csms = accepting_but(move |action, _| {
        (action == "Heartbeat").then(|| Answer::Result(json!({"currentTime": told.borrow().clone()})))
    });
    bench.advance(100);
    bench.expect(&["> Heartbeat"]);
    // The same moment, said in another zone.
    *times.borrow_mut() = "2026-11-22T14:03:25+02:00".into();
    bench.advance(100);
    bench.expect(&["> Heartbeat", "set clock 2026-11-22T12:03:25Z"]);
    assert_eq!(bench.station.now_utc(bench.now), Some(utc("2026-11-22T12:03:25Z")));
}

#[test]
fn clock_of_the_hardware() {
    let mut bench = Bench::unbooted(config(&[1]), Store::default());
    bench.input(Input::Clock(utc("2026-11-22T12:00:00.400Z")));
    bench.drain();
    // Near enough to what the CSMS says.
    assert!(!bench.take().iter().any(|line| line.starts_with("set clock")));
}

/// When the station dials, while nobody is there.
fn dials(settings: &[(SettingId, &str)], until: u64) -> Vec<u64> {
    let mut bench = Bench::with(&[1], settings);
    bench.go_offline();
    let mut at = Vec::new();
    while bench.now < Instant::from_millis(until * 1000) {
        let next = bench.station.poll_at().unwrap();
        bench.now = bench.now.max(next);
        let before = bench.dials;
        bench.drain();
        if bench.dials > before {
            at.push(bench.now.as_millis() / 1000);
        }
    }
    at
}

/// 2.0.1 Part 4 §5.3: a minimum, doubled some times, then always the same.
#[test]
fn wait_before_a_new_connection_doubles() {
    let settings = [
        (SettingId::RetryBackOffWaitMinimum, "10"),
        (SettingId::RetryBackOffRandomRange, "0"),
        (SettingId::RetryBackOffRepeatTimes, "3"),
    ];
    assert_eq!(dials(&settings, 400), [10, 30, 70, 150, 230, 310, 390, 470]);
}

#[test]
fn wait_before_a_new_connection_has_a_random_part() {
    let settings = [
        (SettingId::RetryBackOffWaitMinimum, "10"),
        (SettingId::RetryBackOffRandomRange, "20"),
        (SettingId::RetryBackOffRepeatTimes, "2"),
    ];
    let dials = dials(&settings, 2000);
    assert!((10..=30).contains(&dials[0]));
    let waits: Vec<_> = dials.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!((20..=80).contains(&waits[0]), "{waits:?}");
    assert!(waits[2..].iter().all(|wait| *wait == waits[2]), "{waits:?}");
}

/// After a connection that worked, the waits begin anew; the application may cut them short.
#[test]
fn connection_resets_the_wait() {
    let settings = [
        (SettingId::RetryBackOffWaitMinimum, "10"),
        (SettingId::RetryBackOffRandomRange, "0"),
    ];
    let mut bench = Bench::with(&[1], &settings);
    bench.go_offline();
    bench.advance(1000);
    bench.go_online();
    assert!(bench.station.is_connected());
    bench.online = false;
    let before = bench.dials;
    bench.input(Input::Disconnected);
    bench.input(Input::Disconnected);
    bench.advance(9);
    assert_eq!(bench.dials, before);
    bench.advance(1);
    assert_eq!(bench.dials, before + 1);
    bench.input(Input::Local(LocalCommand::Dial));
    assert_eq!(bench.dials, before + 2);
}
