//! CALLs of a 2.0.1 CSMS (B11, B12, C11, E14, F01–F06, G03, G04, L, N, P01) and what the station tells outside of
//! transactions (C01, J01, P02).

mod bench;

use bench::{Answer, Bench, OCPP201, Store, accepting_but, config};
use ocpp_core::dialect::DataTransferStatus;
use ocpp_core::settings::SettingId;
use ocpp_core::{EvseId, Input, LocalCommand, Measurand, PilotState, Sample};
use serde_json::{Value, json};

const ACCEPTED: &str = r#"= {"status":"Accepted"}"#;
const REJECTED: &str = r#"= {"status":"Rejected"}"#;

fn booted(topology: &'static [u8]) -> Bench {
    Bench::new201(topology, &[])
}

fn call(bench: &mut Bench, action: &str, payload: Value) -> Value {
    bench.call(action, payload);
    bench.answers.pop().unwrap()
}

fn status(answer: &Value) -> (&str, &str) {
    let text = |value: &Value| value.as_str().map(str::to_string);
    let reason = text(&answer["statusInfo"]["reasonCode"]).unwrap_or_default();
    (answer["status"].as_str().unwrap(), reason.leak())
}

fn transaction_id(bench: &Bench, evse: u8) -> String {
    let running = bench.station.transaction(EvseId(evse)).unwrap();
    running.id.write_to(&mut [0; 36]).to_string()
}

fn availability(bench: &mut Bench, evse: Option<Value>, operative: bool) -> Value {
    let mut payload = json!({"operationalStatus": if operative { "Operative" } else { "Inoperative" }});
    if let Some(evse) = evse {
        payload["evse"] = evse;
    }
    call(bench, "ChangeAvailability", payload)
}

/// G03.FR.01–FR.04, G03.FR.08, B01.FR.07, G01.FR.07: a connector, told by itself, over a reboot; what is so already is accepted.
#[test]
fn g03_change_availability_of_a_connector() {
    let mut bench = booted(&[2]);
    let second = json!({"id": 1, "connectorId": 2});
    availability(&mut bench, Some(second.clone()), false);
    bench.expect(&[ACCEPTED, "> StatusNotification 2 1 Unavailable"]);
    availability(&mut bench, Some(second.clone()), false);
    bench.expect(&[ACCEPTED]);
    let mut bench = Bench::speaking(config(&[2]), bench.store, &OCPP201, "ocpp2.0.1");
    bench.drain();
    assert!(
        bench
            .take()
            .contains(&"> StatusNotification 2 1 Unavailable".to_string())
    );
    availability(&mut bench, Some(second), true);
    bench.expect(&[ACCEPTED, "> StatusNotification 2 1 Available"]);
    for unknown in [
        json!({"id": 2}),
        json!({"id": 1, "connectorId": 3}),
        json!({"id": 0}),
        json!({"id": -1}),
    ] {
        assert_eq!(status(&availability(&mut bench, Some(unknown), false)).0, "Rejected");
    }
    bench.assert_idle();
}

/// G03.FR.06, G03.FR.07: an EVSE takes its connectors along, and gives each back its own state, over a reboot too.
#[test]
fn g03_change_availability_of_an_evse() {
    let mut bench = booted(&[2, 1]);
    availability(&mut bench, Some(json!({"id": 1, "connectorId": 1})), false);
    availability(&mut bench, Some(json!({"id": 1})), false);
    bench.take();
    let mut bench = Bench::speaking(config(&[2, 1]), bench.store, &OCPP201, "ocpp2.0.1");
    bench.drain();
    bench.take();
    availability(&mut bench, Some(json!({"id": 1})), true);
    bench.expect(&[ACCEPTED, "> StatusNotification 2 1 Available"]);
    availability(&mut bench, Some(json!({"id": 1, "connectorId": 1})), true);
    bench.expect(&[ACCEPTED, "> StatusNotification 1 1 Available"]);
}

/// G04.FR.01, G04.FR.05, G04.FR.07, G04.FR.08: the station as a whole; it has no status of its own.
#[test]
fn g04_change_availability_of_the_station() {
    let mut bench = booted(&[1, 1]);
    availability(&mut bench, Some(json!({"id": 2})), false);
    bench.take();
    availability(&mut bench, None, false);
    bench.expect(&[ACCEPTED, "> StatusNotification 1 1 Unavailable"]);
    availability(&mut bench, None, true);
    bench.expect(&[ACCEPTED, "> StatusNotification 1 1 Available"]);
}

/// G03.FR.05, G04.FR.06, G01.FR.05: a transaction goes on; the change comes after it.
#[test]
fn g03_change_availability_is_scheduled() {
    for evse in [Some(json!({"id": 1})), None] {
        let mut bench = booted(&[1]);
        bench.charge(1, "TAG");
        bench.take();
        assert_eq!(status(&availability(&mut bench, evse, false)).0, "Scheduled");
        bench.expect(&[r#"= {"status":"Scheduled"}"#]);
        bench.present("TAG");
        assert!(
            bench
                .take()
                .contains(&"> StatusNotification 1 1 Unavailable".to_string())
        );
    }
}

/// An order of a 2.0.1 CSMS about an EVSE does not outlast one of a 1.6 Central System about its connector.
#[test]
fn g03_an_evse_is_no_secret_from_the_other_version() {
    static BOTH: [&dyn ocpp_core::dialect::Dialect; 2] = [&ocpp201::DIALECT, &ocpp16::DIALECT];
    let mut bench = Bench::speaking(config(&[1]), Store::default(), &BOTH, "ocpp2.0.1");
    bench.drain();
    availability(&mut bench, Some(json!({"id": 1})), false);
    bench.subprotocol = "ocpp1.6";
    bench.go_offline();
    bench.go_online();
    bench.take();
    bench.call("ChangeAvailability", json!({"connectorId": 1, "type": "Operative"}));
    bench.expect(&[ACCEPTED, "> StatusNotification 1 Available"]);
}

/// C11.FR.01–FR.05: an empty cache, or Rejected where storage fails or it is switched off.
#[test]
fn c11_clear_cache() {
    let mut bench = booted(&[1]);
    bench.present("TAG");
    bench.present("TAG");
    assert_eq!(bench.station.cache_len(), 1);
    bench.take();
    bench.mode = bench::Mode::Fail(ocpp_core::StoreError::Failed);
    bench.call("ClearCache", json!({}));
    bench.expect(&[REJECTED]);
    assert_eq!(bench.station.cache_len(), 1);
    bench.mode = bench::Mode::Ok;
    bench.call("ClearCache", json!({}));
    bench.expect(&[ACCEPTED]);
    assert_eq!(bench.station.cache_len(), 0);
    bench.set(SettingId::AuthCacheEnabled, "false");
    bench.call("ClearCache", json!({}));
    bench.expect(&[REJECTED]);
}

fn with_vendor() -> Bench {
    let mut config = config(&[1]);
    config.data_transfer_vendors = &["com.example"];
    let mut bench = Bench::speaking(config, Store::default(), &OCPP201, "ocpp2.0.1");
    bench.drain();
    bench.lines.clear();
    bench
}

/// P01.FR.05–FR.07: any JSON goes to the application, whose text comes back as a JSON string.
#[test]
fn p01_data_transfer_to_the_station() {
    let mut bench = with_vendor();
    let answer = call(
        &mut bench,
        "DataTransfer",
        json!({"vendorId": "org.other", "data": [1]}),
    );
    assert_eq!(answer, json!({"status": "UnknownVendorId"}));
    bench.take();
    bench.events = true;
    bench.call(
        "DataTransfer",
        json!({"vendorId": "com.EXAMPLE", "messageId": "m", "data": {"a": [1, "ü"]}}),
    );
    bench.expect(&[
        r#"event DataTransfer { vendor: "com.EXAMPLE", message: Some("m"), data: Some("{\"a\":[1,\"ü\"]}") }"#,
    ]);
    let answer = |status, data| Input::Local(LocalCommand::AnswerDataTransfer { status, data });
    bench.input(answer(DataTransferStatus::Accepted, Some("a\"b")));
    assert_eq!(
        bench.answers.pop().unwrap(),
        json!({"status": "Accepted", "data": "a\"b"})
    );
    bench.call("DataTransfer", json!({"vendorId": "com.example"}));
    bench.input(answer(DataTransferStatus::UnknownMessageId, None));
    assert_eq!(bench.answers.pop().unwrap(), json!({"status": "UnknownMessageId"}));
    bench.assert_idle();
}

/// P02: the answer may be any JSON.
#[test]
fn p02_data_transfer_to_the_csms() {
    let mut bench = with_vendor();
    bench.events = true;
    bench.csms = accepting_but(|action, _| {
        (action == "DataTransfer").then(|| Answer::Result(json!({"status": "Rejected", "data": {"why": 1}})))
    });
    bench.input(Input::Local(LocalCommand::DataTransfer {
        vendor: "com.example",
        message: Some("m"),
        data: Some("d\""),
    }));
    bench.expect(&[
        "> DataTransfer",
        r#"event DataTransferResult { status: Some(Rejected), data: Some("{\"why\":1}") }"#,
    ]);
    let sent = json!({"vendorId": "com.example", "messageId": "m", "data": "d\""});
    assert_eq!(bench.calls_of("DataTransfer"), [sent]);
    bench.assert_idle();
}

fn request_start(bench: &mut Bench, kind: &str, evse: Option<i32>) -> Value {
    let mut payload = json!({"idToken": {"idToken": "TAG", "type": kind}, "remoteStartId": 42});
    if let Some(evse) = evse {
        payload["evseId"] = evse.into();
    }
    call(bench, "RequestStartTransaction", payload)
}

/// F01.FR.02, F01.FR.04, F01.FR.19, F01.FR.25, C05.FR.03, C05.FR.05: the token and the number of the request are told
/// with the transaction that they begin.
#[test]
fn f01_request_start_with_the_cable_in() {
    let mut bench = booted(&[1]);
    bench.pilot(1, 1, PilotState::B);
    bench.take();
    let answer = request_start(&mut bench, "Central", Some(1));
    assert_eq!(answer, json!({"status": "Accepted"}));
    let lines = bench.take();
    assert!(
        lines.contains(&"> TransactionEvent Started RemoteStart 0".to_string()),
        "{lines:?}"
    );
    let event = &bench.calls_of("TransactionEvent")[0];
    assert_eq!(event["transactionInfo"]["remoteStartId"], 42);
    assert_eq!(event["idToken"], json!({"idToken": "TAG", "type": "Central"}));
    // C05.FR.02
    assert_eq!(bench.station.cache_len(), 0);
}

/// F01.FR.13: the cable began the transaction, and the answer names it.
#[test]
fn f01_request_start_of_an_open_transaction() {
    let points = [
        (SettingId::TxStartPoint, "EVConnected"),
        (SettingId::TxStopPoint, "EVConnected"),
    ];
    let mut bench = Bench::new201(&[1], &points);
    bench.pilot(1, 1, PilotState::B);
    let id = transaction_id(&bench, 1);
    let answer = request_start(&mut bench, "Central", Some(1));
    assert_eq!(answer, json!({"status": "Accepted", "transactionId": id}));
    // The event after the start (F01.FR.19, F01.FR.25).
    let event = &bench.calls_of("TransactionEvent")[1];
    assert_eq!(event["transactionInfo"]["remoteStartId"], 42);
    assert_eq!(event["triggerReason"], "RemoteStart");
    // F01.FR.24
    assert_eq!(request_start(&mut bench, "Central", Some(1))["status"], "Rejected");
}

/// F01.FR.01, C05.FR.01: with AuthorizeRemoteStart the CSMS is asked, except of what it made up itself.
#[test]
fn f01_request_start_is_authorized_first() {
    for (kind, asked) in [("ISO14443", true), ("Central", false), ("NoAuthorization", false)] {
        let mut bench = Bench::new201(&[1], &[(SettingId::AuthorizeRemoteStart, "true")]);
        bench.pilot(1, 1, PilotState::B);
        bench.take();
        assert_eq!(request_start(&mut bench, kind, Some(1))["status"], "Accepted");
        let actions = bench.take_actions();
        assert_eq!(actions.contains(&"Authorize".to_string()), asked, "{kind}");
        assert!(actions.contains(&"TransactionEvent".to_string()), "{kind}");
    }
}

/// F02.FR.14, F02.FR.25, F02.FR.26: where nobody can charge, and EVSEs that there are not.
#[test]
fn f02_request_start_where_nobody_can_charge() {
    let mut bench = booted(&[1, 1]);
    bench.charge(1, "OTHER");
    availability(&mut bench, Some(json!({"id": 2})), false);
    for evse in [None, Some(-1), Some(0), Some(1), Some(2), Some(3), Some(256)] {
        assert_eq!(
            status(&request_start(&mut bench, "Central", evse)).0,
            "Rejected",
            "{evse:?}"
        );
    }
    availability(&mut bench, Some(json!({"id": 2})), true);
    assert_eq!(request_start(&mut bench, "Central", None)["status"], "Accepted");
}

/// F03.FR.03, F03.FR.07, F03.FR.08.
#[test]
fn f03_request_stop() {
    let mut bench = booted(&[1]);
    bench.charge(1, "TAG");
    let id = transaction_id(&bench, 1);
    let stop = |bench: &mut Bench, id: &str| call(bench, "RequestStopTransaction", json!({"transactionId": id}));
    for other in ["", "1", &id[1..]] {
        assert_eq!(status(&stop(&mut bench, other)), ("Rejected", "TxNotFound"));
    }
    bench.take();
    assert_eq!(stop(&mut bench, &id.to_uppercase()), json!({"status": "Accepted"}));
    let event = bench.calls_of("TransactionEvent").pop().unwrap();
    assert_eq!(event["eventType"], "Ended");
    assert_eq!(event["triggerReason"], "RemoteStop");
    assert_eq!(event["transactionInfo"]["stoppedReason"], "Remote");
    assert_eq!(status(&stop(&mut bench, &id)).0, "Rejected");
}

fn unlock(bench: &mut Bench, evse: i32, connector: i32) -> Value {
    call(
        bench,
        "UnlockConnector",
        json!({"evseId": evse, "connectorId": connector}),
    )
}

/// F05.FR.01, F05.FR.03–FR.06: tried even without a cable, and told how it went.
#[test]
fn f05_unlock() {
    let mut bench = booted(&[1]);
    bench.fit_lock(1, 1);
    assert_eq!(unlock(&mut bench, 1, 1), json!({"status": "Unlocked"}));
    bench.lock_works = false;
    assert_eq!(unlock(&mut bench, 1, 1), json!({"status": "UnlockFailed"}));
    for (evse, connector) in [(1, 2), (2, 1), (0, 1), (1, 0), (-1, 300)] {
        assert_eq!(
            unlock(&mut bench, evse, connector),
            json!({"status": "UnknownConnector"})
        );
    }
}

/// F05.FR.02: an authorized transaction is neither stopped nor unlocked.
#[test]
fn f05_unlock_while_charging() {
    let mut bench = booted(&[1]);
    bench.fit_lock(1, 1);
    bench.cable(1, 1, true);
    bench.charge(1, "TAG");
    bench.take();
    unlock(&mut bench, 1, 1);
    bench.expect(&[r#"= {"status":"OngoingAuthorizedTransaction"}"#]);
    assert!(bench.station.transaction(EvseId(1)).is_some());
}

/// F05.FR.07: without a lock the CALL itself is not supported.
#[test]
fn f05_unlock_of_what_has_no_lock() {
    let mut bench = booted(&[1]);
    unlock(&mut bench, 1, 1);
    bench.expect(&["! NotSupported"]);
}

fn trigger(bench: &mut Bench, message: &str, evse: Option<Value>) {
    let mut payload = json!({"requestedMessage": message});
    if let Some(evse) = evse {
        payload["evse"] = evse;
    }
    bench.call("TriggerMessage", payload);
}

/// F06.FR.03–FR.05, F06.FR.08, F06.FR.10, F06.FR.11, F06.FR.17 (MicroOcpp: an unknown TriggerMessage is Accepted).
#[test]
fn f06_trigger_each_message() {
    let mut bench = booted(&[1, 2]);
    trigger(&mut bench, "Heartbeat", Some(json!({"id": 9})));
    bench.expect(&[ACCEPTED, "> Heartbeat"]);
    trigger(
        &mut bench,
        "StatusNotification",
        Some(json!({"id": 2, "connectorId": 2})),
    );
    bench.expect(&[ACCEPTED, "> StatusNotification 2 2 Available"]);
    trigger(&mut bench, "StatusNotification", Some(json!({"id": 2})));
    bench.expect(&[
        ACCEPTED,
        "> StatusNotification 1 2 Available",
        "> StatusNotification 2 2 Available",
    ]);
    trigger(&mut bench, "StatusNotification", None);
    assert_eq!(bench.take().len(), 4);
    trigger(&mut bench, "MeterValues", Some(json!({"id": 2})));
    bench.expect(&[ACCEPTED, "> MeterValues 2"]);
    trigger(&mut bench, "MeterValues", None);
    bench.expect(&[ACCEPTED, "> MeterValues 1", "> MeterValues 2"]);
    for (message, evse) in [
        ("MeterValues", json!({"id": 3})),
        ("StatusNotification", json!({"id": 1, "connectorId": 2})),
    ] {
        trigger(&mut bench, message, Some(evse));
        bench.expect(&[REJECTED]);
    }
    trigger(&mut bench, "BootNotification", None);
    bench.expect(&[REJECTED]);
    for message in [
        "LogStatusNotification",
        "FirmwareStatusNotification",
        "SignV2GCertificate",
    ] {
        trigger(&mut bench, message, None);
        bench.expect(&[r#"= {"status":"NotImplemented"}"#]);
    }
    trigger(&mut bench, "Everything", None);
    bench.expect(&["! PropertyConstraintViolation"]);
    bench.assert_idle();
}

/// F06.FR.06, F06.FR.09: a triggered MeterValues has the present values of the measurands of
/// clock-aligned values, not of those of transactions.
#[test]
fn f06_triggered_meter_values() {
    let settings = [
        (SettingId::AlignedMeasurands, "Voltage"),
        (SettingId::SampledMeasurands, "Energy.Active.Import.Register"),
    ];
    let mut bench = Bench::new201(&[1], &settings);
    bench.input(Input::Meter {
        evse: Some(EvseId(1)),
        energy_wh: 77,
        samples: &[Sample::new(Measurand::Voltage, 230.into()).unwrap()],
    });
    trigger(&mut bench, "MeterValues", Some(json!({"id": 1})));
    let sampled = &bench.calls_of("MeterValues")[0]["meterValue"][0]["sampledValue"];
    assert_eq!(sampled.as_array().unwrap().len(), 1);
    assert_eq!(sampled[0]["measurand"], "Voltage");
    assert_eq!(sampled[0]["value"], 230);
    assert_eq!(sampled[0]["context"], "Trigger");
}

/// F06.FR.07: the running transaction, of the EVSE that is named or of all; without one, Rejected.
#[test]
fn f06_triggered_transaction_event() {
    let mut bench = booted(&[1, 1]);
    trigger(&mut bench, "TransactionEvent", None);
    bench.expect(&[REJECTED]);
    bench.energy(1, 5);
    bench.charge(1, "TAG");
    bench.take();
    trigger(&mut bench, "TransactionEvent", Some(json!({"id": 2})));
    bench.expect(&[REJECTED]);
    for evse in [None, Some(json!({"id": 1})), Some(json!({"id": 1, "connectorId": 1}))] {
        trigger(&mut bench, "TransactionEvent", evse);
        assert_eq!(bench.take()[0], ACCEPTED);
        let event = bench.calls_of("TransactionEvent").pop().unwrap();
        assert_eq!(event["triggerReason"], "Trigger");
        assert_eq!(event["transactionInfo"]["chargingState"], "Charging");
        assert_eq!(event["meterValue"][0]["sampledValue"][0]["value"], 5);
    }
    bench.assert_idle();
}

/// B11.FR.01, B11.FR.03, B11.FR.06, B11.FR.09: at once, or not at all if one is under
/// way, or if one EVSE is meant, which cannot be reset alone.
#[test]
fn b11_reset_without_a_transaction() {
    for kind in ["Immediate", "OnIdle"] {
        let mut bench = booted(&[1]);
        bench.call("Reset", json!({"type": kind}));
        bench.expect(&[ACCEPTED, "reboot Soft"]);
        assert_eq!(status(&call(&mut bench, "Reset", json!({"type": kind}))).0, "Rejected");
    }
    let mut bench = booted(&[1]);
    for evse in [0, 1, 2, 300, -1] {
        let answer = call(&mut bench, "Reset", json!({"type": "Immediate", "evseId": evse}));
        assert_eq!(status(&answer), ("Rejected", "UnsupportedParam"));
    }
    assert!(!bench.take().iter().any(|line| line.starts_with("reboot")));
}

/// B12.FR.01, B12.FR.03: Scheduled, and done when the last transaction has ended and was told.
#[test]
fn b12_reset_on_idle() {
    let mut bench = booted(&[1, 1]);
    bench.charge(1, "TAG");
    bench.take();
    bench.call("Reset", json!({"type": "OnIdle"}));
    bench.expect(&[r#"= {"status":"Scheduled"}"#]);
    bench.advance(59);
    assert!(bench.station.transaction(EvseId(1)).is_some());
    bench.take();
    bench.present("TAG");
    let lines = bench.take();
    assert_eq!(lines.last().unwrap(), "reboot Soft");
    let event = bench.calls_of("TransactionEvent").pop().unwrap();
    assert_eq!(event["transactionInfo"]["stoppedReason"], "Local");
}

/// B12.FR.02, B12.FR.04: every transaction ends, is told, and then the station restarts. B12.FR.10: once is enough.
#[test]
fn b12_immediate_reset() {
    let mut bench = booted(&[1]);
    bench.charge(1, "TAG");
    bench.take();
    bench.call("Reset", json!({"type": "Immediate"}));
    let lines = bench.take();
    assert!(lines.contains(&ACCEPTED.to_string()));
    assert_eq!(lines.last().unwrap(), "reboot Soft");
    let event = bench.calls_of("TransactionEvent").pop().unwrap();
    assert_eq!(event["triggerReason"], "ResetCommand");
    assert_eq!(event["transactionInfo"]["stoppedReason"], "ImmediateReset");
    let again = call(&mut bench, "Reset", json!({"type": "Immediate"}));
    assert_eq!(status(&again).0, "Rejected");
}

fn transaction_status(bench: &mut Bench, id: Option<&str>) -> Value {
    let mut payload = json!({});
    if let Some(id) = id {
        payload["transactionId"] = id.into();
    }
    call(bench, "GetTransactionStatus", payload)
}

/// E14.FR.01–FR.08.
#[test]
fn e14_transaction_status() {
    let mut bench = booted(&[1, 1]);
    let told = json!({"messagesInQueue": false});
    let over = json!({"ongoingIndicator": false, "messagesInQueue": false});
    assert_eq!(transaction_status(&mut bench, None), told);
    assert_eq!(transaction_status(&mut bench, Some("nothing")), over);
    bench.charge(1, "ONE");
    let one = transaction_id(&bench, 1);
    let running = json!({"ongoingIndicator": true, "messagesInQueue": false});
    assert_eq!(transaction_status(&mut bench, Some(&one)), running);
    // Of these the CSMS is told nothing for now; the second one is told to the end before.
    bench.charge(2, "TWO");
    let two = transaction_id(&bench, 2);
    bench.input(Input::IdToken {
        token: bench::token("TWO"),
        evse: Some(EvseId(2)),
    });
    bench.csms = accepting_but(|action, _| (action == "TransactionEvent").then_some(Answer::Error));
    bench.input(Input::IdToken {
        token: bench::token("ONE"),
        evse: Some(EvseId(1)),
    });
    let queued = json!({"ongoingIndicator": false, "messagesInQueue": true});
    assert_eq!(transaction_status(&mut bench, Some(&one)), queued);
    assert_eq!(transaction_status(&mut bench, Some(&two)), over);
    assert_eq!(transaction_status(&mut bench, Some(&one[1..])), over);
    assert_eq!(transaction_status(&mut bench, None), json!({"messagesInQueue": true}));
    bench.csms = bench::accepting();
    bench.advance(600);
    assert_eq!(transaction_status(&mut bench, Some(&one)), over);
    assert_eq!(transaction_status(&mut bench, None), told);
    bench.assert_idle();
}

/// E14.FR.04: a whole offline session waits behind another one, and is known by its id as soon as the link is back.
#[test]
fn e14_status_of_an_offline_transaction() {
    let mut bench = Bench::new201(&[1], &[(SettingId::OfflineTxForUnknownId, "true")]);
    bench.go_offline();
    let mut ids = Vec::new();
    for _ in 0..3 {
        bench.charge(1, "TAG");
        ids.push(transaction_id(&bench, 1));
        bench.present("TAG");
        bench.leave(1);
    }
    bench.csms = accepting_but(|action, _| (action == "TransactionEvent").then_some(Answer::Nothing));
    bench.go_online();
    for id in &ids {
        let queued = json!({"ongoingIndicator": false, "messagesInQueue": true});
        assert_eq!(transaction_status(&mut bench, Some(id)), queued);
    }
    // Storage that says nothing is no reason not to answer.
    bench.mode = bench::Mode::Silent;
    bench.call("GetTransactionStatus", json!({"transactionId": ids[2]}));
    assert!(bench.answers.is_empty());
    bench.advance(10);
    assert_eq!(bench.answers[0]["messagesInQueue"], true);
}

/// L01, N01: what is not built is refused in the words of its message (UnsupportedRequest).
#[test]
fn n01_l01_no_log_and_no_firmware() {
    let mut bench = booted(&[1]);
    let log = json!({"requestId": 1, "logType": "SecurityLog", "log": {"remoteLocation": "https://example.org/"}});
    assert_eq!(
        status(&call(&mut bench, "GetLog", log)),
        ("Rejected", "UnsupportedRequest")
    );
    let update = json!({"requestId": 1, "firmware": {"location": "https://example.org/",
        "retrieveDateTime": "2026-11-22T12:00:00Z"}});
    assert_eq!(
        status(&call(&mut bench, "UpdateFirmware", update)),
        ("Rejected", "UnsupportedRequest")
    );
    bench.assert_idle();
}

/// C01.FR.02, C10.FR.04: the CSMS is asked, its answer decides and is remembered with its group.
#[test]
fn c01_authorize() {
    let mut bench = booted(&[1]);
    bench.csms = accepting_but(|action, payload| {
        let status = if payload["idToken"]["idToken"] == "GOOD" {
            "Accepted"
        } else {
            "NoCredit"
        };
        let group = json!({"idToken": "G", "type": "Central"});
        let info = json!({"status": status, "groupIdToken": group, "chargingPriority": 3});
        (action == "Authorize").then(|| Answer::Result(json!({"idTokenInfo": info})))
    });
    bench.present("BAD");
    bench.expect(&["> Authorize BAD"]);
    bench.present("GOOD");
    bench.expect(&["> Authorize GOOD", "> StatusNotification 1 1 Occupied"]);
    let token = json!({"idToken": {"idToken": "GOOD", "type": "ISO14443"}});
    assert_eq!(bench.calls_of("Authorize").pop().unwrap(), token);
    assert_eq!(bench.station.cache_len(), 2);
}

/// J01.FR.02–FR.08, J01.FR.14: clock-aligned values for each EVSE, and for the main meter as evseId 0.
#[test]
fn j01_clock_aligned_values() {
    let mut bench = Bench::new201(&[2, 1], &[(SettingId::AlignedDataInterval, "900")]);
    bench.input(Input::Meter {
        evse: None,
        energy_wh: 3000,
        samples: &[],
    });
    bench.energy(1, 1000);
    bench.energy(2, 2000);
    bench.advance(900);
    bench.expect(&["> MeterValues 0", "> MeterValues 1", "> MeterValues 2"]);
    let values = bench.calls_of("MeterValues");
    let first = &values[1];
    assert_eq!(
        first,
        &json!({"evseId": 1, "meterValue": [{"timestamp": "2026-11-22T12:15:00Z", "sampledValue": [
            {"value": 1000, "context": "Sample.Clock", "measurand": "Energy.Active.Import.Register",
                "unitOfMeasure": {"unit": "Wh"}}]}]})
    );
    assert_eq!(values[0]["meterValue"][0]["sampledValue"][0]["value"], 3000);
    bench.assert_idle();
}
