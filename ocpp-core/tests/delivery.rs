//! Delivery of transaction messages: order, attempts, outages, lost replies (1.6 §3.7, §4.8, §4.10; errata 3.18).

mod bench;

use bench::{Answer, Bench, accepting_but, deaf_to, refuse, session};
use ocpp_core::PilotState;
use ocpp_core::settings::SettingId;
use serde_json::{Value, json};
use std::cell::Cell;
use std::rc::Rc;

#[test]
fn offline_session_is_told_after_the_reconnect_in_order() {
    let mut bench = Bench::new(&[1]);
    session(&mut bench, 0, 1);
    bench.take();
    bench.go_offline();
    bench.energy(1, 100);
    bench.charge(1, "TAG");
    bench.advance(60);
    bench.energy(1, 900);
    bench.present("TAG");
    bench.leave(1);
    bench.expect(&["permit 1.1 on", "permit 1.1 off"]);
    assert_eq!(bench.station.queue_len(), 3);
    bench.go_online();
    bench.expect(&[
        "> StartTransaction 1 TAG 100",
        "> MeterValues 1 2",
        "> StopTransaction 2 900 Local TAG",
    ]);
    assert_eq!(bench.station.queue_len(), 0);
    assert!(bench.store.records.is_empty());
    bench.assert_idle();
}

/// 1.6 §3.7: events carry the time at which they happened.
#[test]
fn queued_messages_keep_their_time() {
    let mut bench = Bench::new(&[1]);
    session(&mut bench, 0, 1);
    bench.go_offline();
    bench.advance(3600);
    session(&mut bench, 10, 20);
    bench.advance(7200);
    bench.go_online();
    let start = bench.calls_of("StartTransaction")[1]["timestamp"].clone();
    assert_eq!(start, "2026-11-22T13:00:05Z");
}

#[test]
fn twenty_offline_sessions_are_told_in_order() {
    let mut bench = Bench::new(&[1]);
    session(&mut bench, 0, 1);
    bench.calls.clear();
    bench.go_offline();
    for number in 1..=20 {
        session(&mut bench, number * 100, number * 100 + 50);
    }
    bench.go_online();
    let transactions = bench.calls.iter().filter(|(action, _)| action.ends_with("Transaction"));
    let told: Vec<_> = transactions
        .map(|(_, payload)| {
            payload["meterStart"]
                .as_i64()
                .or(payload["meterStop"].as_i64())
                .unwrap()
        })
        .collect();
    let expected: Vec<_> = (1..=20).flat_map(|number| [number * 100, number * 100 + 50]).collect();
    assert_eq!(told, expected);
    assert!(bench.store.records.is_empty());
    bench.assert_idle();
}

/// 1.6 §4.2: what is queued waits for the acceptance of this boot.
#[test]
fn queue_of_an_earlier_boot_waits_for_acceptance() {
    let mut bench = Bench::new(&[1]);
    session(&mut bench, 0, 1);
    bench.go_offline();
    session(&mut bench, 100, 200);
    let mut bench = bench.reboot(bench::config(&[1]));
    let pending = Rc::new(Cell::new(true));
    let switch = pending.clone();
    bench.csms = accepting_but(move |action, _| {
        let status = json!({"status": "Pending", "currentTime": "2026-11-22T12:00:00Z", "interval": 60});
        (action == "BootNotification" && switch.get()).then_some(Answer::Result(status))
    });
    bench.drain();
    bench.expect(&["> BootNotification", "set clock 2026-11-22T12:00:00Z"]);
    pending.set(false);
    bench.advance(60);
    let told = bench.take_actions();
    assert_eq!(
        told,
        [
            "BootNotification",
            "StatusNotification",
            "StatusNotification",
            "StartTransaction",
            "StopTransaction"
        ]
    );
    bench.assert_idle();
}

/// 1.6 §3.7.1: the wait grows with each attempt.
#[test]
fn refused_message_is_sent_again_after_growing_waits() {
    let mut bench = Bench::new(&[1]);
    refuse(&mut bench, "StartTransaction", 2);
    bench.charge(1, "TAG");
    bench.take();
    bench.advance(59);
    bench.expect(&[]);
    bench.advance(1);
    bench.expect(&["> StartTransaction 1 TAG 0"]);
    bench.advance(119);
    bench.expect(&[]);
    bench.advance(1);
    bench.expect(&[
        "> StartTransaction 1 TAG 0",
        "> MeterValues 1 1",
        "> MeterValues 1 1",
        "> MeterValues 1 1",
    ]);
    let starts = bench.calls_of("StartTransaction");
    assert!(starts.iter().all(|start| *start == starts[0]));
    bench.assert_idle();
}

#[test]
fn settings_change_attempts_and_interval() {
    let settings = [
        (SettingId::MessageAttempts, "2"),
        (SettingId::MessageAttemptInterval, "5"),
    ];
    let mut bench = Bench::with(&[1], &settings);
    refuse(&mut bench, "StartTransaction", 9);
    bench.charge(1, "TAG");
    bench.advance(5);
    assert_eq!(bench.calls_of("StartTransaction").len(), 2);
    bench.advance(55);
    assert_eq!(bench.calls_of("StartTransaction").len(), 2);
    assert_eq!(bench.calls_of("MeterValues").len(), 1);
}

/// Errata 3.18: a start that was never acknowledged leaves the transaction without a number, not without an end.
#[test]
fn start_given_up_leaves_minus_one() {
    let mut bench = Bench::new(&[1]);
    bench.events = true;
    refuse(&mut bench, "StartTransaction", 3);
    bench.charge(1, "TAG");
    bench.advance(180);
    let lines = bench.take();
    assert!(lines.iter().any(|line| line.contains("GaveUp")));
    assert_eq!(lines.iter().filter(|line| *line == "> MeterValues 1 -1").count(), 3);
    bench.events = false;
    bench.energy(1, 500);
    bench.present("TAG");
    bench.expect(&[
        "permit 1.1 off",
        "> StatusNotification 1 Finishing",
        "> StopTransaction -1 500 Local TAG",
    ]);
    bench.leave(1);
    bench.take();
    // The next one is numbered again.
    bench.charge(1, "TAG");
    bench.present("TAG");
    assert_eq!(bench.calls_of("StopTransaction")[1]["transactionId"], 1);
    assert!(bench.store.records.is_empty());
    bench.assert_idle();
}

#[test]
fn stop_given_up_does_not_hold_the_next_session() {
    let mut bench = Bench::new(&[1]);
    refuse(&mut bench, "StopTransaction", 3);
    session(&mut bench, 0, 10);
    bench.advance(180);
    assert_eq!(bench.calls_of("StopTransaction").len(), 3);
    session(&mut bench, 10, 20);
    assert_eq!(bench.calls_of("StopTransaction").len(), 4);
    assert!(bench.store.records.is_empty());
    bench.assert_idle();
}

/// A message that waits for its next attempt holds what comes behind it, and nothing else.
#[test]
fn other_messages_overtake_a_waiting_one() {
    let mut bench = Bench::new(&[1]);
    refuse(&mut bench, "StartTransaction", 1);
    bench.charge(1, "TAG");
    bench.take();
    bench.call("TriggerMessage", json!({"requestedMessage": "Heartbeat"}));
    bench.expect(&[r#"= {"status":"Accepted"}"#, "> Heartbeat"]);
    bench.present("TAG");
    bench.expect(&["permit 1.1 off", "> StatusNotification 1 Finishing"]);
    bench.advance(60);
    bench.expect(&["> StartTransaction 1 TAG 0", "> StopTransaction 1 0 Local TAG"]);
    bench.assert_idle();
}

/// §15: whatever a CALLRESULT says, the message has arrived.
#[test]
fn unreadable_result_counts_as_delivered() {
    let mut bench = Bench::new(&[1]);
    bench.csms =
        accepting_but(|action, _| (action == "StopTransaction").then(|| Answer::Result(json!({"idTagInfo": 7}))));
    session(&mut bench, 0, 10);
    bench.advance(1000);
    assert_eq!(bench.calls_of("StopTransaction").len(), 1);
    bench.csms = accepting_but(|action, _| {
        (action == "StartTransaction").then(|| Answer::Result(json!({"idTagInfo": {"status": "Accepted"}})))
    });
    session(&mut bench, 10, 20);
    bench.advance(1000);
    assert_eq!(bench.calls_of("StartTransaction").len(), 2);
    assert_eq!(bench.calls_of("StopTransaction")[1]["transactionId"], -1);
    bench.assert_idle();
}

/// General.FR.01: one CALL in flight: everything else waits for its answer, and then goes.
#[test]
fn one_call_at_a_time() {
    let mut bench = Bench::new(&[1]);
    let deaf = deaf_to(&mut bench, "Authorize");
    bench.pilot(1, 1, PilotState::B);
    bench.present("TAG");
    bench.expect(&["> StatusNotification 1 Preparing", "> Authorize TAG"]);
    bench.call("TriggerMessage", json!({"requestedMessage": "StatusNotification"}));
    bench.expect(&[r#"= {"status":"Accepted"}"#]);
    bench.advance(10);
    bench.expect(&[]);
    deaf.set(false);
    bench.answer(json!({"idTagInfo": {"status": "Invalid"}}));
    bench.expect(&["> StatusNotification 0 Available", "> StatusNotification 1 Preparing"]);
    bench.assert_idle();
}

/// Several EVSEs share one queue; what happened first is told first.
#[test]
fn sessions_of_two_evses_are_told_in_the_order_of_their_events() {
    let mut bench = Bench::new(&[1, 1]);
    session(&mut bench, 0, 1);
    bench.calls.clear();
    bench.go_offline();
    bench.charge(1, "TAG");
    bench.advance(1);
    bench.set(SettingId::OfflineTxForUnknownId, "true");
    bench.charge(2, "OTHER");
    bench.advance(1);
    bench.present("TAG");
    bench.advance(1);
    bench.present("OTHER");
    bench.go_online();
    let told: Vec<Value> = bench
        .calls
        .iter()
        .filter(|(action, _)| action.ends_with("Transaction"))
        .map(|(action, payload)| json!([action, payload["idTag"]]))
        .collect();
    assert_eq!(
        told,
        [
            json!(["StartTransaction", "TAG"]),
            json!(["StartTransaction", "OTHER"]),
            json!(["StopTransaction", "TAG"]),
            json!(["StopTransaction", "OTHER"]),
        ]
    );
    assert!(bench.store.records.is_empty());
    bench.assert_idle();
}

/// A session begins online, loses the link and ends without it.
#[test]
fn outage_in_the_middle_of_a_session() {
    let mut bench = Bench::new(&[1]);
    bench.charge(1, "TAG");
    bench.take();
    bench.go_offline();
    bench.energy(1, 300);
    bench.advance(120);
    bench.present("TAG");
    bench.leave(1);
    bench.take();
    bench.go_online();
    bench.expect(&[
        "> StatusNotification 1 Available",
        "> MeterValues 1 1",
        "> MeterValues 1 1",
        "> StopTransaction 1 300 Local TAG",
    ]);
    bench.assert_idle();
}

/// A full store drops samples between the first and the last (DESIGN §5): what is left is told, and nothing is waited for.
#[test]
fn samples_that_a_full_store_dropped() {
    let mut bench = Bench::with(&[1], &[(SettingId::OfflineTxForUnknownId, "true")]);
    bench.go_offline();
    bench.charge(1, "TAG");
    bench.advance(360);
    let samples: Vec<_> = bench.store.records.keys().copied().skip(1).collect();
    assert_eq!(samples.len(), 6);
    for dropped in [samples[1], samples[3]] {
        bench.store.records.remove(&dropped);
    }
    bench.present("TAG");
    bench.leave(1);
    bench.go_online();
    assert_eq!(bench.calls_of("MeterValues").len(), 4);
    assert_eq!(bench.calls_of("StopTransaction").len(), 1);
    assert_eq!(bench.station.queue_len(), 0);
    bench.assert_idle();
}
