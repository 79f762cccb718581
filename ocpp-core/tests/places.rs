//! Several EVSEs, several connectors, and the locks of them: who is served where (1.6 §3.8; 1.6 numbers all connectors of
//! the station in the order of EVSEs).

mod bench;

use bench::{Bench, token};
use ocpp_core::settings::SettingId;
use ocpp_core::{ConnectorId, EvseId, FaultCode, Input, LocalCommand, PilotState, Place};
use serde_json::json;

#[test]
fn two_evses_at_once() {
    let mut bench = Bench::new(&[1, 1]);
    bench.charge(1, "ONE");
    bench.take();
    bench.charge(2, "TWO");
    bench.expect(&[
        "> StatusNotification 2 Preparing",
        "> Authorize TWO",
        "permit 2.1 on",
        "> StatusNotification 2 SuspendedEV",
        "> StartTransaction 2 TWO 0",
        "> StatusNotification 2 Charging",
    ]);
    bench.energy(1, 100);
    bench.energy(2, 200);
    bench.advance(60);
    bench.expect(&["> MeterValues 1 1", "> MeterValues 2 2"]);
    bench.present("ONE");
    bench.expect(&[
        "permit 1.1 off",
        "> StatusNotification 1 Finishing",
        "> StopTransaction 1 100 Local ONE",
    ]);
    bench.present("TWO");
    bench.expect(&[
        "permit 2.1 off",
        "> StatusNotification 2 Finishing",
        "> StopTransaction 2 200 Local TWO",
    ]);
    bench.assert_idle();
}

/// One reader for all: the token means the EVSE where an EV waits.
#[test]
fn common_reader_means_the_plugged_evse() {
    let mut bench = Bench::new(&[1, 1, 1]);
    bench.pilot(3, 1, PilotState::B);
    bench.take();
    bench.present("TAG");
    bench.expect(&[
        "> Authorize TAG",
        "permit 3.1 on",
        "> StatusNotification 3 SuspendedEV",
        "> StartTransaction 3 TAG 0",
    ]);
}

/// One reader for all: the token means the EVSE where its owner charges, wherever else an EV waits.
#[test]
fn common_reader_means_the_owners_evse() {
    let mut bench = Bench::new(&[1, 1]);
    bench.charge(2, "TAG");
    bench.pilot(1, 1, PilotState::B);
    bench.take();
    bench.present("TAG");
    bench.expect(&[
        "permit 2.1 off",
        "> StatusNotification 2 Finishing",
        "> StopTransaction 1 0 Local TAG",
    ]);
}

/// Plug and tap at two EVSEs open one transaction, not two (OpenOCPP).
#[test]
fn tag_first_with_two_free_evses() {
    let mut bench = Bench::new(&[1, 1]);
    bench.present("TAG");
    bench.expect(&["> Authorize TAG", "> StatusNotification 1 Preparing"]);
    bench.pilot(1, 1, PilotState::B);
    bench.pilot(2, 1, PilotState::B);
    assert_eq!(bench.calls_of("StartTransaction").len(), 1);
    bench.assert_idle();
}

#[test]
fn second_connector_of_an_evse() {
    let mut bench = Bench::new(&[2, 1]);
    bench.pilot(1, 2, PilotState::B);
    bench.expect(&["> StatusNotification 2 Preparing"]);
    bench.present("TAG");
    bench.expect(&[
        "> Authorize TAG",
        "permit 1.2 on",
        "> StatusNotification 2 SuspendedEV",
        "> StartTransaction 2 TAG 0",
    ]);
    // The EVSE serves one at a time.
    bench.pilot(1, 1, PilotState::B);
    bench.take();
    bench.input(Input::IdToken {
        token: token("OTHER"),
        evse: Some(EvseId(1)),
    });
    bench.expect(&["> Authorize OTHER"]);
    assert_eq!(bench.calls_of("StartTransaction").len(), 1);
    bench.pilot(2, 1, PilotState::B);
    bench.expect(&["> StatusNotification 3 Preparing"]);
    bench.assert_idle();
}

/// An inoperative connector does not start because its neighbour could (OpenOCPP).
#[test]
fn inoperative_connector_of_an_operative_evse() {
    let mut bench = Bench::new(&[2]);
    bench.call("ChangeAvailability", json!({"connectorId": 2, "type": "Inoperative"}));
    bench.pilot(1, 2, PilotState::B);
    bench.take();
    bench.present("TAG");
    bench.pilot(1, 2, PilotState::C);
    assert!(bench.calls_of("StartTransaction").is_empty());
    bench.pilot(1, 1, PilotState::B);
    assert_eq!(bench.calls_of("StartTransaction")[0]["connectorId"], 1);
}

#[test]
fn faulted_connector_does_not_start() {
    let mut bench = Bench::new(&[2]);
    bench.fault(Place::Connector(ConnectorId::new(1, 1)), FaultCode::GroundFailure, true);
    bench.pilot(1, 1, PilotState::B);
    bench.present("TAG");
    assert!(bench.calls_of("StartTransaction").is_empty());
    bench.fault(
        Place::Connector(ConnectorId::new(1, 1)),
        FaultCode::GroundFailure,
        false,
    );
    assert_eq!(bench.calls_of("StartTransaction").len(), 1);
}

/// Energy first needs a locked cable; the lock opens when the transaction has ended.
#[test]
fn lock_follows_the_session() {
    let mut bench = Bench::new(&[1]);
    bench.fit_lock(1, 1);
    bench.cable(1, 1, true);
    bench.pilot(1, 1, PilotState::B);
    bench.expect(&["> StatusNotification 1 Preparing"]);
    bench.present("TAG");
    bench.expect(&[
        "> Authorize TAG",
        "lock 1.1",
        "permit 1.1 on",
        "> StatusNotification 1 SuspendedEV",
        "> StartTransaction 1 TAG 0",
    ]);
    bench.present("TAG");
    bench.expect(&[
        "permit 1.1 off",
        "unlock 1.1",
        "> StatusNotification 1 Finishing",
        "> StopTransaction 1 0 Local TAG",
    ]);
    bench.assert_idle();
}

/// A lock that does not open is not told again and again; the next session and UnlockConnector try anew.
#[test]
fn lock_that_does_not_open() {
    let mut bench = Bench::new(&[1]);
    bench.fit_lock(1, 1);
    bench.pilot(1, 1, PilotState::B);
    bench.present("TAG");
    bench.lock_works = false;
    bench.take();
    bench.present("TAG");
    bench.expect(&[
        "permit 1.1 off",
        "unlock 1.1",
        "> StatusNotification 1 Finishing",
        "> StopTransaction 1 0 Local TAG",
    ]);
    bench.call("UnlockConnector", json!({"connectorId": 1}));
    bench.expect(&["unlock 1.1", r#"= {"status":"UnlockFailed"}"#]);
    bench.lock_works = true;
    bench.call("UnlockConnector", json!({"connectorId": 1}));
    bench.expect(&["unlock 1.1", r#"= {"status":"Unlocked"}"#]);
    bench.assert_idle();
}

/// A local energy manager takes the current away and gives it back (C5, E3).
#[test]
fn local_limit_of_zero_suspends() {
    let mut bench = Bench::new(&[1]);
    bench.charge(1, "TAG");
    bench.take();
    let limit = |milliamps| {
        Input::Local(LocalCommand::Limit {
            evse: Some(EvseId(1)),
            milliamps,
        })
    };
    bench.input(limit(Some(0)));
    bench.expect(&[
        "permit 1.1 off",
        "limit 1 Some(0)",
        "> StatusNotification 1 SuspendedEVSE",
    ]);
    bench.contactor(1, false);
    bench.input(limit(Some(16_000)));
    bench.expect(&["limit 1 Some(16000)", "permit 1.1 on"]);
    bench.contactor(1, true);
    bench.expect(&["> StatusNotification 1 Charging"]);
    bench.input(limit(None));
    bench.expect(&["limit 1 None"]);
    bench.assert_idle();
}

/// ConnectorPhaseRotation and the like are the operator's on site, too.
#[test]
fn local_setting_is_stored_and_survives() {
    let mut bench = Bench::new(&[1]);
    bench.set(SettingId::ConnectionTimeOut, "17");
    let mut bench = bench.reboot(bench::config(&[1]));
    bench.drain();
    assert_eq!(bench.station.settings().int(SettingId::ConnectionTimeOut), 17);
}
