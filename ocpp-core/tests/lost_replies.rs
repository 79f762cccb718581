//! Replies that are lost, late, or somebody else's: a message that got none costs one time-out, never the queue (1.6 §3.7,
//! 1.6J §4).

mod bench;

use bench::{Bench, deaf_to, refuse, session};
use ocpp_core::settings::SettingId;
use ocpp_core::{Input, LocalCommand, PilotState};
use serde_json::json;

/// A lost reply costs one time-out, never the queue.
#[track_caller]
fn lost_reply(action: &'static str, provoke: impl Fn(&mut Bench)) {
    let mut bench = Bench::new(&[1]);
    bench.set(SettingId::SampleInterval, "0");
    let deaf = deaf_to(&mut bench, action);
    provoke(&mut bench);
    assert!(bench.station.is_calling(), "{action} was not sent");
    deaf.set(false);
    bench.advance(300);
    bench.assert_idle();
    bench.leave(1);
    bench.advance(300);
    bench.calls.clear();
    session(&mut bench, 1000, 2000);
    let told: Vec<_> = bench.calls.iter().map(|(action, _)| action.as_str()).collect();
    assert!(
        told.contains(&"StartTransaction") && told.contains(&"StopTransaction"),
        "{action}: {told:?}"
    );
    bench.assert_idle();
}

#[test]
fn lost_reply_never_stalls_boot_notification() {
    let mut bench = Bench::unbooted(bench::config(&[1]), Default::default());
    let deaf = deaf_to(&mut bench, "BootNotification");
    bench.drain();
    deaf.set(false);
    bench.advance(89);
    assert_eq!(bench.take_actions(), ["BootNotification"]);
    bench.advance(1);
    assert_eq!(
        bench.take_actions(),
        ["BootNotification", "StatusNotification", "StatusNotification"]
    );
    bench.assert_idle();
}

#[test]
fn lost_reply_never_stalls_status_notification() {
    lost_reply("StatusNotification", |bench| bench.pilot(1, 1, PilotState::B));
}

#[test]
fn lost_reply_never_stalls_authorize() {
    lost_reply("Authorize", |bench| bench.present("TAG"));
}

#[test]
fn lost_reply_never_stalls_start_transaction() {
    lost_reply("StartTransaction", |bench| {
        bench.charge(1, "TAG");
        bench.present("TAG");
    });
}

#[test]
fn lost_reply_never_stalls_stop_transaction() {
    lost_reply("StopTransaction", |bench| session(bench, 0, 1));
}

#[test]
fn lost_reply_never_stalls_meter_values() {
    lost_reply("MeterValues", |bench| {
        bench.call("TriggerMessage", json!({"requestedMessage": "MeterValues"}));
    });
}

#[test]
fn lost_reply_never_stalls_meter_values_of_a_transaction() {
    lost_reply("MeterValues", |bench| {
        bench.set(SettingId::SampleInterval, "60");
        bench.charge(1, "TAG");
        bench.advance(60);
        bench.present("TAG");
    });
}

#[test]
fn lost_reply_never_stalls_heartbeat() {
    lost_reply("Heartbeat", |bench| {
        bench.call("TriggerMessage", json!({"requestedMessage": "Heartbeat"}));
    });
}

#[test]
fn lost_reply_never_stalls_data_transfer() {
    lost_reply("DataTransfer", |bench| {
        let command = LocalCommand::DataTransfer {
            vendor: "com.example",
            message: None,
            data: None,
        };
        bench.input(Input::Local(command));
    });
}

/// The answer comes after the time-out, when its CALL was given up or is under way again.
#[test]
fn late_answer_is_ignored() {
    let mut bench = Bench::new(&[1]);
    let deaf = deaf_to(&mut bench, "StartTransaction");
    bench.charge(1, "TAG");
    bench.advance(30);
    bench.take();
    bench.answer(json!({"transactionId": 77, "idTagInfo": {"status": "Accepted"}}));
    bench.expect(&[]);
    deaf.set(false);
    bench.advance(60);
    bench.present("TAG");
    assert_eq!(bench.calls_of("StartTransaction").len(), 2);
    assert_eq!(bench.calls_of("StopTransaction")[0]["transactionId"], 1);
    bench.assert_idle();
}

/// The outage comes between the message and its answer: it is sent again as it was, and that is no attempt.
#[test]
fn outage_in_flight_resends_the_same_content() {
    for outages in 1..6 {
        let mut bench = Bench::new(&[1]);
        let deaf = deaf_to(&mut bench, "StartTransaction");
        bench.energy(1, 40);
        bench.charge(1, "TAG");
        for _ in 0..outages {
            bench.go_offline();
            bench.energy(1, 90);
            bench.advance(7);
            bench.go_online();
        }
        deaf.set(false);
        bench.go_offline();
        bench.advance(7);
        bench.go_online();
        let starts = bench.calls_of("StartTransaction");
        assert_eq!(starts.len(), outages + 2);
        assert!(starts.iter().all(|start| *start == starts[0]), "{starts:?}");
        bench.assert_idle();
    }
}

/// The clock is set while a message waits for its next attempt: its time stays what it was.
#[test]
fn message_sent_again_after_the_clock_was_set_says_the_same_time() {
    let mut bench = Bench::new(&[1]);
    refuse(&mut bench, "StartTransaction", 1);
    bench.charge(1, "TAG");
    bench.input(Input::Clock(bench::utc("2026-11-22T15:00:00Z")));
    bench.advance(60);
    let starts = bench.calls_of("StartTransaction");
    assert_eq!(starts.len(), 2);
    assert_eq!(starts[0], starts[1]);
}

/// The answer to the CALL of the old connection arrives on the new one (libocpp).
#[test]
fn answer_of_the_old_connection_is_not_taken_for_the_new_one() {
    let mut bench = Bench::new(&[1]);
    let _deaf = deaf_to(&mut bench, "StartTransaction");
    bench.charge(1, "TAG");
    bench.go_offline();
    bench.go_online();
    assert_eq!(bench.unanswered.len(), 2);
    bench.answer(json!({"transactionId": 66, "idTagInfo": {"status": "Accepted"}}));
    assert!(bench.station.is_calling());
    bench.answer(json!({"transactionId": 67, "idTagInfo": {"status": "Accepted"}}));
    assert_eq!(
        bench.station.transaction(ocpp_core::EvseId(1)).unwrap().reference,
        Some(67)
    );
    bench.assert_idle();
}
