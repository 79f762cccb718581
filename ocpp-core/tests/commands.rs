//! What the CSMS wants done: availability, DataTransfer, triggers, the cache (1.6 §4.3, §5.2, §5.4, §5.17).

mod bench;

use bench::{Answer, Bench, accepting_but, config};
use ocpp_core::dialect::DataTransferStatus;
use ocpp_core::{Input, InputError, LocalCommand, PilotState};
use serde_json::json;

const ACCEPTED: &str = r#"= {"status":"Accepted"}"#;
const REJECTED: &str = r#"= {"status":"Rejected"}"#;

fn availability(bench: &mut Bench, connector: i32, kind: &str) {
    bench.call("ChangeAvailability", json!({"connectorId": connector, "type": kind}));
}

#[test]
fn change_availability_of_a_connector() {
    let mut bench = Bench::new(&[1, 1]);
    availability(&mut bench, 2, "Inoperative");
    bench.expect(&[ACCEPTED, "> StatusNotification 2 Unavailable"]);
    availability(&mut bench, 2, "Inoperative");
    bench.expect(&[ACCEPTED]);
    bench.present("TAG");
    bench.pilot(2, 1, PilotState::B);
    assert!(bench.calls_of("StartTransaction").is_empty());
    bench.take();
    let mut bench = bench.reboot(config(&[1, 1]));
    bench.drain();
    assert!(bench.take().contains(&"> StatusNotification 2 Unavailable".to_string()));
    availability(&mut bench, 2, "Operative");
    bench.expect(&[ACCEPTED, "> StatusNotification 2 Available"]);
    availability(&mut bench, 3, "Operative");
    bench.expect(&[REJECTED]);
    bench.assert_idle();
}

#[test]
fn change_availability_of_the_station() {
    let mut bench = Bench::new(&[1, 1]);
    availability(&mut bench, 0, "Inoperative");
    bench.expect(&[
        ACCEPTED,
        "> StatusNotification 0 Unavailable",
        "> StatusNotification 1 Unavailable",
        "> StatusNotification 2 Unavailable",
    ]);
    availability(&mut bench, 0, "Operative");
    bench.expect(&[
        ACCEPTED,
        "> StatusNotification 0 Available",
        "> StatusNotification 1 Available",
        "> StatusNotification 2 Available",
    ]);
}

/// A running transaction goes on; the change comes after it (C8), even over a reboot.
#[test]
fn change_availability_is_scheduled() {
    let mut bench = Bench::new(&[1]);
    bench.charge(1, "TAG");
    bench.take();
    availability(&mut bench, 1, "Inoperative");
    bench.expect(&[r#"= {"status":"Scheduled"}"#]);
    bench.present("TAG");
    bench.expect(&[
        "permit 1.1 off",
        "> StatusNotification 1 Unavailable",
        "> StopTransaction 1 0 Local TAG",
    ]);
    let mut bench = bench.reboot(config(&[1]));
    bench.drain();
    assert!(bench.take().contains(&"> StatusNotification 1 Unavailable".to_string()));
}

#[test]
fn change_availability_back_before_the_transaction_ends() {
    let mut bench = Bench::new(&[1]);
    bench.charge(1, "TAG");
    availability(&mut bench, 0, "Inoperative");
    availability(&mut bench, 0, "Operative");
    bench.take();
    bench.present("TAG");
    assert_eq!(bench.take()[1], "> StatusNotification 1 Finishing");
}

/// Somebody has tapped, but not plugged: the offer is taken back.
#[test]
fn change_availability_takes_an_authorization_back() {
    let mut bench = Bench::new(&[1]);
    bench.present("TAG");
    bench.take();
    availability(&mut bench, 1, "Inoperative");
    bench.expect(&[ACCEPTED, "> StatusNotification 1 Unavailable"]);
    bench.pilot(1, 1, PilotState::B);
    bench.expect(&[]);
}

fn with_vendor() -> Bench {
    let mut config = config(&[1]);
    config.data_transfer_vendors = &["com.example"];
    Bench::booted(config)
}

#[test]
fn data_transfer_of_an_unknown_vendor() {
    let mut bench = with_vendor();
    bench.call("DataTransfer", json!({"vendorId": "org.other", "data": "x"}));
    bench.expect(&[r#"= {"status":"UnknownVendorId"}"#]);
    bench.assert_idle();
}

#[test]
fn data_transfer_is_answered_by_the_application() {
    let mut bench = with_vendor();
    bench.events = true;
    bench.call(
        "DataTransfer",
        json!({"vendorId": "com.example", "messageId": "ä", "data": "a\"b"}),
    );
    bench.expect(&[r#"event DataTransfer { vendor: "com.example", message: Some("ä"), data: Some("\"a\\\"b\"") }"#]);
    let answer = |status, data| Input::Local(LocalCommand::AnswerDataTransfer { status, data });
    bench.input(answer(DataTransferStatus::Accepted, Some("fine\n")));
    bench.expect(&[r#"= {"data":"fine\n","status":"Accepted"}"#]);
    let again = bench
        .station
        .handle(bench.now, answer(DataTransferStatus::Accepted, None));
    assert_eq!(again, Err(InputError::NothingToAnswer));
    bench.drain();
    bench.call("DataTransfer", json!({"vendorId": "com.example"}));
    bench.input(answer(DataTransferStatus::UnknownMessageId, None));
    assert_eq!(bench.take().last().unwrap(), r#"= {"status":"UnknownMessageId"}"#);
    bench.assert_idle();
}

#[test]
fn data_transfer_that_nobody_answers() {
    let mut bench = with_vendor();
    bench.call("DataTransfer", json!({"vendorId": "com.example"}));
    bench.advance(19);
    bench.expect(&[]);
    bench.advance(1);
    bench.expect(&[REJECTED]);
    bench.assert_idle();
}

#[test]
fn data_transfer_to_the_csms() {
    let mut bench = with_vendor();
    bench.events = true;
    bench.csms = accepting_but(|action, _| {
        (action == "DataTransfer").then(|| Answer::Result(json!({"status": "Accepted", "data": "yes"})))
    });
    let command = LocalCommand::DataTransfer {
        vendor: "com.example",
        message: Some("m"),
        data: Some("d\""),
    };
    bench.station.handle(bench.now, Input::Local(command)).unwrap();
    assert_eq!(
        bench.station.handle(bench.now, Input::Local(command)),
        Err(InputError::Busy)
    );
    bench.drain();
    bench.expect(&[
        "> DataTransfer",
        r#"event DataTransferResult { status: Some(Accepted), data: Some("\"yes\"") }"#,
    ]);
    assert_eq!(
        bench.calls_of("DataTransfer")[0],
        json!({"vendorId": "com.example", "messageId": "m", "data": "d\""})
    );
    bench.csms = accepting_but(|action, _| (action == "DataTransfer").then_some(Answer::Error));
    bench.input(Input::Local(command));
    bench.take();
    bench.assert_idle();
    let long = "x".repeat(600);
    let command = LocalCommand::DataTransfer {
        vendor: "v",
        message: None,
        data: Some(&long),
    };
    assert_eq!(
        bench.station.handle(bench.now, Input::Local(command)),
        Err(InputError::TooLong)
    );
}

fn trigger(bench: &mut Bench, message: &str, connector: Option<i32>) {
    let mut payload = json!({"requestedMessage": message});
    if let Some(connector) = connector {
        payload["connectorId"] = connector.into();
    }
    bench.call("TriggerMessage", payload);
}

#[test]
fn trigger_each_message() {
    let mut bench = Bench::new(&[1, 1]);
    trigger(&mut bench, "Heartbeat", None);
    bench.expect(&[ACCEPTED, "> Heartbeat"]);
    trigger(&mut bench, "StatusNotification", Some(2));
    bench.expect(&[ACCEPTED, "> StatusNotification 2 Available"]);
    trigger(&mut bench, "StatusNotification", None);
    bench.expect(&[
        ACCEPTED,
        "> StatusNotification 0 Available",
        "> StatusNotification 1 Available",
        "> StatusNotification 2 Available",
    ]);
    trigger(&mut bench, "MeterValues", Some(2));
    bench.expect(&[ACCEPTED, "> MeterValues 2"]);
    trigger(&mut bench, "MeterValues", None);
    bench.expect(&[ACCEPTED, "> MeterValues 1", "> MeterValues 2"]);
    trigger(&mut bench, "MeterValues", Some(3));
    bench.expect(&[REJECTED]);
    trigger(&mut bench, "StatusNotification", Some(-1));
    bench.expect(&[REJECTED]);
    trigger(&mut bench, "BootNotification", None);
    bench.expect(&[REJECTED]);
    for message in ["DiagnosticsStatusNotification", "FirmwareStatusNotification"] {
        trigger(&mut bench, message, None);
        bench.expect(&[r#"= {"status":"NotImplemented"}"#]);
    }
    bench.assert_idle();
}

#[test]
fn triggered_meter_values_of_one_connector_of_an_evse() {
    let mut bench = Bench::new(&[2]);
    trigger(&mut bench, "MeterValues", Some(2));
    bench.expect(&[ACCEPTED, "> MeterValues 2"]);
    trigger(&mut bench, "MeterValues", Some(1));
    bench.expect(&[ACCEPTED, "> MeterValues 1"]);
    trigger(&mut bench, "MeterValues", None);
    bench.expect(&[ACCEPTED, "> MeterValues 1", "> MeterValues 2"]);
}

#[test]
fn triggered_meter_values_of_a_transaction() {
    let mut bench = Bench::new(&[1]);
    bench.energy(1, 42);
    bench.charge(1, "TAG");
    bench.take();
    trigger(&mut bench, "MeterValues", Some(1));
    bench.expect(&[ACCEPTED, "> MeterValues 1 1"]);
    let sample = &bench.calls_of("MeterValues")[0]["meterValue"][0]["sampledValue"][0];
    assert_eq!(
        (&sample["value"], &sample["context"]),
        (&json!("42"), &json!("Trigger"))
    );
}

#[test]
fn clear_cache() {
    let mut bench = Bench::new(&[1]);
    bench.present("TAG");
    bench.present("TAG");
    assert_eq!(bench.station.cache_len(), 1);
    bench.take();
    bench.call("ClearCache", json!({}));
    bench.expect(&[ACCEPTED]);
    assert_eq!(bench.station.cache_len(), 0);
    let mut bench = bench.reboot(config(&[1]));
    bench.online = false;
    bench.drain();
    assert_eq!(bench.station.cache_len(), 0);
    bench.assert_idle();
}
