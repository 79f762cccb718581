//! Remote start, remote stop and unlocking (1.6 §5.11, §5.12, §5.18).

mod bench;

use bench::{Answer, Bench, accepting_but};
use ocpp_core::settings::SettingId;
use ocpp_core::{ConnectorId, FaultCode, PilotState, Place};
use serde_json::json;

const ACCEPTED: &str = r#"= {"status":"Accepted"}"#;
const REJECTED: &str = r#"= {"status":"Rejected"}"#;

fn remote_start(bench: &mut Bench, connector: i32) {
    bench.call(
        "RemoteStartTransaction",
        json!({"connectorId": connector, "idTag": "TAG"}),
    );
}

#[test]
fn remote_start_of_a_plugged_connector() {
    let mut bench = Bench::new(&[1]);
    bench.pilot(1, 1, PilotState::B);
    bench.take();
    remote_start(&mut bench, 1);
    bench.expect(&[
        "permit 1.1 on",
        ACCEPTED,
        "> StatusNotification 1 SuspendedEV",
        "> StartTransaction 1 TAG 0",
    ]);
    bench.assert_idle();
}

#[test]
fn remote_start_waits_for_the_cable() {
    let mut bench = Bench::new(&[1, 1]);
    remote_start(&mut bench, 2);
    bench.expect(&[ACCEPTED, "> StatusNotification 2 Preparing"]);
    bench.pilot(1, 1, PilotState::B);
    bench.expect(&["> StatusNotification 1 Preparing"]);
    bench.advance(59);
    bench.take();
    bench.pilot(2, 1, PilotState::B);
    assert_eq!(bench.take()[0], "permit 2.1 on");
}

#[test]
fn remote_start_without_a_cable_times_out() {
    let mut bench = Bench::new(&[1]);
    remote_start(&mut bench, 1);
    bench.take();
    bench.advance(60);
    bench.expect(&["> StatusNotification 1 Available"]);
}

#[test]
fn remote_start_anywhere() {
    let mut bench = Bench::new(&[1, 1]);
    bench.pilot(2, 1, PilotState::B);
    bench.take();
    bench.call("RemoteStartTransaction", json!({"idTag": "TAG"}));
    assert_eq!(bench.calls_of("StartTransaction")[0]["connectorId"], 2);
}

/// AuthorizeRemoteTxRequests=true: like a token at the station.
#[test]
fn remote_start_is_authorized_first() {
    let mut bench = Bench::with(&[1], &[(SettingId::AuthorizeRemoteStart, "true")]);
    bench.pilot(1, 1, PilotState::B);
    bench.take();
    remote_start(&mut bench, 1);
    let lines = bench.take();
    assert_eq!(lines[..2], [ACCEPTED, "> Authorize TAG"]);
    assert_eq!(bench.calls_of("StartTransaction").len(), 1);
    bench.csms = accepting_but(|action, _| {
        (action == "Authorize").then(|| Answer::Result(json!({"idTagInfo": {"status": "Invalid"}})))
    });
    bench.present("TAG");
    bench.take();
    remote_start(&mut bench, 1);
    bench.expect(&[ACCEPTED, "> Authorize TAG"]);
}

#[test]
fn remote_start_where_nobody_can_charge() {
    let mut bench = Bench::new(&[1, 1, 1]);
    bench.charge(1, "OTHER");
    bench.call("ChangeAvailability", json!({"connectorId": 2, "type": "Inoperative"}));
    bench.fault(Place::Connector(ConnectorId::new(3, 1)), FaultCode::GroundFailure, true);
    bench.take();
    for connector in [-1, 0, 1, 2, 3, 4, 1000] {
        remote_start(&mut bench, connector);
        bench.expect(&[REJECTED]);
    }
    bench.call("RemoteStartTransaction", json!({"idTag": "TAG"}));
    bench.expect(&[REJECTED]);
}

#[test]
fn remote_stop() {
    let mut bench = Bench::new(&[1]);
    bench.charge(1, "TAG");
    bench.take();
    for transaction in [0, -1, 2, i32::MAX] {
        bench.call("RemoteStopTransaction", json!({"transactionId": transaction}));
        bench.expect(&[REJECTED]);
    }
    bench.call("RemoteStopTransaction", json!({"transactionId": 1}));
    bench.expect(&[
        "permit 1.1 off",
        ACCEPTED,
        "> StatusNotification 1 Finishing",
        "> StopTransaction 1 0 Remote",
    ]);
    bench.call("RemoteStopTransaction", json!({"transactionId": 1}));
    bench.expect(&[REJECTED]);
    bench.assert_idle();
}

#[test]
fn unlock_ends_the_transaction() {
    let mut bench = Bench::new(&[1]);
    bench.fit_lock(1, 1);
    bench.cable(1, 1, true);
    bench.charge(1, "TAG");
    bench.take();
    bench.call("UnlockConnector", json!({"connectorId": 1}));
    bench.expect(&[
        "permit 1.1 off",
        "unlock 1.1",
        r#"= {"status":"Unlocked"}"#,
        "> StatusNotification 1 Finishing",
        "> StopTransaction 1 0 UnlockCommand",
    ]);
    bench.assert_idle();
}

#[test]
fn unlock_of_what_has_no_lock() {
    let mut bench = Bench::new(&[1]);
    for connector in [0, 1, 2, -1] {
        bench.call("UnlockConnector", json!({"connectorId": connector}));
        bench.expect(&[r#"= {"status":"NotSupported"}"#]);
    }
}
