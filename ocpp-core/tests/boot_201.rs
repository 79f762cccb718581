//! Registration and heartbeats as a 2.0.1 CSMS sees them (B01–B03, G02).

mod bench;

use bench::{Answer, Bench, OCPP201, Store, accepting, accepting_but, config};
use ocpp_core::settings::SettingId;
use ocpp_core::{EvseId, PilotState};
use serde_json::{Value, json};
use std::cell::Cell;
use std::rc::Rc;

fn answer(status: &str, interval: u32) -> Answer {
    let time = "2026-11-22T12:00:00Z";
    Answer::Result(json!({"status": status, "currentTime": time, "interval": interval}))
}

/// A station that gets this answer to each BootNotification.
fn registering(status: &'static str, interval: u32, settings: &[(SettingId, &str)]) -> Bench {
    let mut config = config(&[1]);
    for (id, text) in settings {
        config.settings.set(*id, text).unwrap();
    }
    let mut bench = Bench::speaking(config, Store::default(), &OCPP201, "ocpp2.0.1");
    bench.csms = accepting_but(move |action, _| (action == "BootNotification").then(|| answer(status, interval)));
    bench.drain();
    bench
}

/// B01.FR.01, FR.04–FR.06, FR.09: who the station is and why it starts; then interval, time and every connector.
#[test]
fn b01_accepted() {
    let mut bench = Bench::speaking(config(&[2, 1]), Store::default(), &OCPP201, "ocpp2.0.1");
    bench.csms = accepting_but(|action, _| (action == "BootNotification").then(|| answer("Accepted", 300)));
    bench.drain();
    bench.expect(&[
        "> BootNotification",
        "set clock 2026-11-22T12:00:00Z",
        "> StatusNotification 1 1 Available",
        "> StatusNotification 2 1 Available",
        "> StatusNotification 1 2 Available",
        "> SecurityEventNotification",
    ]);
    assert_eq!(
        bench.calls_of("BootNotification"),
        [json!({"reason": "PowerUp", "chargingStation": {"vendorName": "Example", "model": "One"}})]
    );
    assert_eq!(bench.station.settings().int(SettingId::HeartbeatInterval), 300);
    bench.assert_idle();
}

/// B01.FR.03, FR.08: each boot is told, and until it was answered nothing else is, not even what is queued.
#[test]
fn b01_nothing_before_the_answer() {
    let mut bench = Bench::new201(&[1], &[(SettingId::OfflineTxForUnknownId, "true")]);
    bench.go_offline();
    bench.charge(1, "TAG");
    bench.present("TAG");
    let mut bench = Bench::speaking(config(&[1]), bench.store, &OCPP201, "ocpp2.0.1");
    bench.csms = accepting_but(|action, _| (action == "BootNotification").then_some(Answer::Nothing));
    bench.drain();
    bench.pilot(1, 1, PilotState::B);
    bench.advance(20);
    assert_eq!(bench.take_actions(), ["BootNotification"]);
    bench.csms = accepting();
    let (id, ..) = bench.unanswered.pop_front().unwrap();
    bench.frame(
        &json!([3, id, {"status": "Accepted", "currentTime": "2026-11-22T12:00:00Z", "interval": 9}]).to_string(),
    );
    let told = bench.take_actions();
    assert_eq!(told[0], "StatusNotification");
    assert!(told.contains(&"TransactionEvent".to_string()), "{told:?}");
}

/// B02.FR.01, FR.02, FR.05, FR.06: a station that waits is configured and read, tells what it is asked for and no more,
/// begins and ends nothing for the CSMS, and stays connected.
#[test]
fn b02_pending() {
    let mut bench = registering("Pending", 600, &[]);
    bench.take();
    let variable = json!({"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "ResetRetries"}});
    let mut write = variable.clone();
    write["attributeValue"] = json!("4");
    bench.call("SetVariables", json!({"setVariableData": [write]}));
    bench.call("GetVariables", json!({"getVariableData": [variable]}));
    assert_eq!(bench.answers[1]["getVariableResult"][0]["attributeValue"], "4");
    let token = json!({"idToken": "T", "type": "Central"});
    bench.call("RequestStartTransaction", json!({"idToken": token, "remoteStartId": 1}));
    bench.call("RequestStopTransaction", json!({"transactionId": "T"}));
    let statuses: Vec<&Value> = bench.answers[2..].iter().map(|answer| &answer["status"]).collect();
    assert_eq!(statuses, ["Rejected", "Rejected"]);
    bench.pilot(1, 1, PilotState::B);
    bench.present("TAG");
    assert_eq!(bench.take_actions(), [""; 0]);
    bench.call("TriggerMessage", json!({"requestedMessage": "StatusNotification"}));
    bench.call(
        "GetBaseReport",
        json!({"requestId": 1, "reportBase": "SummaryInventory"}),
    );
    assert_eq!(bench.take_actions(), ["StatusNotification", "NotifyReport"]);
    bench.advance(599);
    assert_eq!(bench.take(), [""; 0]);
    assert!(bench.station.is_connected());
}

/// B02.FR.04, FR.07, FR.08; B03.FR.02: again after the interval, after a wait of its own if there is none, and before
/// only if the CSMS asks.
#[test]
fn b02_b03_boot_notification_again() {
    for status in ["Pending", "Rejected"] {
        for (interval, wait) in [(40, 40), (0, 60)] {
            let mut bench = registering(status, interval, &[]);
            bench.take();
            bench.pilot(1, 1, PilotState::B);
            bench.present("TAG");
            bench.advance(wait - 1);
            assert_eq!(bench.take(), [""; 0], "{status} {interval}");
            bench.advance(1);
            assert_eq!(bench.take_actions(), ["BootNotification"], "{status} {interval}");
        }
    }
    let mut bench = registering("Pending", 40, &[]);
    bench.take();
    bench.call("TriggerMessage", json!({"requestedMessage": "BootNotification"}));
    assert_eq!(bench.take_actions(), ["BootNotification"]);
}

/// B02.FR.03, B03.FR.01: where the operator allows it, somebody that is known charges before the acceptance, and that is
/// told after it.
#[test]
fn b02_b03_transaction_before_acceptance() {
    for status in ["Pending", "Rejected"] {
        for (allowed, runs) in [("true", true), ("false", false)] {
            let settings = [
                (SettingId::TxBeforeAccepted, allowed),
                (SettingId::OfflineTxForUnknownId, "true"),
            ];
            let mut bench = registering(status, 40, &settings);
            bench.take();
            bench.charge(1, "TAG");
            assert_eq!(
                bench.station.transaction(EvseId(1)).is_some(),
                runs,
                "{status} {allowed}"
            );
            assert_eq!(bench.take_actions(), [""; 0]);
            bench.csms = accepting();
            bench.advance(40);
            let events = bench.calls_of("TransactionEvent");
            assert_eq!(
                events.first().is_some_and(|event| event["eventType"] == "Started"),
                runs
            );
        }
    }
}

/// G02.FR.02, FR.05–FR.07: after the interval without another message, once a day in any case, and the answer sets the
/// clock.
#[test]
fn g02_heartbeat() {
    let mut bench = registering("Accepted", 100, &[]);
    let late = Rc::new(Cell::new(false));
    let switch = late.clone();
    bench.csms = accepting_but(move |action, _| {
        let time = if switch.get() {
            "2026-11-22T12:20:00Z"
        } else {
            "2026-11-22T12:01:40Z"
        };
        (action == "Heartbeat").then(|| Answer::Result(json!({"currentTime": time})))
    });
    bench.take();
    bench.advance(99);
    bench.expect(&[]);
    bench.advance(1);
    bench.expect(&["> Heartbeat"]);
    bench.advance(50);
    bench.pilot(1, 1, PilotState::B);
    bench.expect(&["> StatusNotification 1 1 Occupied"]);
    late.set(true);
    bench.advance(99);
    assert_eq!(bench.take_actions(), [""; 0]);
    bench.advance(1);
    assert!(bench.take().contains(&"set clock 2026-11-22T12:20:00Z".to_string()));
    // Something is sent every minute: the heartbeat of the day comes all the same.
    bench.csms = accepting();
    bench.calls.clear();
    for _ in 0..1440 {
        bench.advance(60);
        bench.call("TriggerMessage", json!({"requestedMessage": "StatusNotification"}));
    }
    assert_eq!(bench.calls_of("Heartbeat").len(), 1);
}
