//! The nine states of a connector and the transitions between them that Core can make (1.6 §4.9; errata 3.19, 3.20,
//! 3.55, 3.64).

mod bench;

use bench::{Answer, Bench, accepting_but};
use ocpp_core::settings::SettingId;
use ocpp_core::wire::WireEnum;
use ocpp_core::{ConnectorId, EvseId, Fault, FaultCode, Input, LocalCommand, PilotState, Place};
use serde_json::json;

const FIRST: Place = Place::Connector(ConnectorId::new(1, 1));

/// The statuses of connector 1 that were told since the last time.
fn told(bench: &mut Bench) -> Vec<String> {
    let lines = bench.take();
    let statuses = lines
        .iter()
        .filter_map(|line| line.strip_prefix("> StatusNotification 1 "));
    statuses.map(str::to_string).collect()
}

fn limit(bench: &mut Bench, milliamps: Option<u32>) {
    bench.input(Input::Local(LocalCommand::Limit { evse: None, milliamps }));
}

fn availability(bench: &mut Bench, kind: &str) {
    bench.call("ChangeAvailability", json!({"connectorId": 1, "type": kind}));
}

/// Brings connector 1 into a state.
fn bring(bench: &mut Bench, state: &str) {
    match state {
        "Available" => {}
        "Preparing" => bench.pilot(1, 1, PilotState::B),
        "Charging" => bench.charge(1, "TAG"),
        "SuspendedEV" => {
            bench.charge(1, "TAG");
            bench.contactor(1, false);
            bench.pilot(1, 1, PilotState::B);
        }
        "SuspendedEVSE" => {
            bench.charge(1, "TAG");
            limit(bench, Some(0));
            bench.contactor(1, false);
        }
        "Finishing" => {
            bench.charge(1, "TAG");
            bench.present("TAG");
            bench.contactor(1, false);
        }
        "Unavailable" => availability(bench, "Inoperative"),
        "Faulted" => bench.fault(FIRST, FaultCode::GroundFailure, true),
        other => panic!("{other}"),
    }
    assert_eq!(
        WireEnum::as_str(bench.station.connector_status(ConnectorId::new(1, 1)).unwrap()),
        state
    );
    bench.take();
}

/// From a state, something happens, and exactly these statuses are told.
#[track_caller]
fn from(state: &str, happens: impl Fn(&mut Bench), expected: &[&str]) {
    let mut bench = Bench::new(&[1]);
    bring(&mut bench, state);
    happens(&mut bench);
    assert_eq!(told(&mut bench), expected, "from {state}");
    bench.assert_idle();
}

fn unplug(bench: &mut Bench) {
    bench.contactor(1, false);
    bench.pilot(1, 1, PilotState::A);
}

fn ev_ready(bench: &mut Bench) {
    bench.pilot(1, 1, PilotState::C);
    bench.contactor(1, true);
}

fn ev_pauses(bench: &mut Bench) {
    bench.pilot(1, 1, PilotState::B);
    bench.contactor(1, false);
}

fn swipe(bench: &mut Bench) {
    bench.present("TAG");
}

fn fault(bench: &mut Bench) {
    bench.fault(FIRST, FaultCode::GroundFailure, true);
}

#[test]
fn a2_plug() {
    from("Available", |bench| bench.pilot(1, 1, PilotState::B), &["Preparing"]);
}

#[test]
fn a2_swipe() {
    from("Available", swipe, &["Preparing"]);
}

#[test]
fn a2_cable_in_the_socket() {
    from("Available", |bench| bench.cable(1, 1, true), &["Preparing"]);
}

#[test]
fn a8_out_of_service() {
    from(
        "Available",
        |bench| availability(bench, "Inoperative"),
        &["Unavailable"],
    );
}

#[test]
fn b1_unplug() {
    from("Preparing", unplug, &["Available"]);
}

#[test]
fn b3_energy_flows() {
    let charge = |bench: &mut Bench| {
        bench.csms = accepting_but(|action, _| (action == "Authorize").then_some(Answer::Nothing));
        swipe(bench);
        ev_ready(bench);
        bench.answer(json!({"idTagInfo": {"status": "Accepted"}}));
    };
    from("Preparing", charge, &["Charging"]);
}

#[test]
fn b4_ev_does_not_take_energy() {
    from("Preparing", swipe, &["SuspendedEV"]);
}

#[test]
fn b5_evse_withholds() {
    let withheld = |bench: &mut Bench| {
        limit(bench, Some(0));
        swipe(bench);
    };
    from("Preparing", withheld, &["SuspendedEVSE"]);
}

#[test]
fn b6_nobody_presents() {
    from("Preparing", |bench| bench.advance(60), &["Finishing"]);
}

#[test]
fn c1_unplug() {
    from("Charging", unplug, &["Available EV side disconnected"]);
}

#[test]
fn c4_ev_pauses_and_d3_goes_on() {
    from("Charging", ev_pauses, &["SuspendedEV"]);
    from("SuspendedEV", ev_ready, &["Charging"]);
}

#[test]
fn c5_evse_suspends_and_e3_goes_on() {
    from("Charging", |bench| limit(bench, Some(0)), &["SuspendedEVSE"]);
    let lifted = |bench: &mut Bench| {
        limit(bench, None);
        bench.contactor(1, true);
    };
    from("SuspendedEVSE", lifted, &["Charging"]);
}

#[test]
fn c6_d6_e6_swipe_ends() {
    for state in ["Charging", "SuspendedEV", "SuspendedEVSE"] {
        from(state, swipe, &["Finishing"]);
    }
}

#[test]
fn c8_d8_e8_scheduled() {
    for state in ["Charging", "SuspendedEV", "SuspendedEVSE"] {
        let ends = |bench: &mut Bench| {
            availability(bench, "Inoperative");
            swipe(bench);
        };
        from(state, ends, &["Unavailable"]);
    }
}

#[test]
fn d1_e1_unplug() {
    for state in ["SuspendedEV", "SuspendedEVSE"] {
        from(state, unplug, &["Available EV side disconnected"]);
    }
}

/// If both hold, SuspendedEVSE wins.
#[test]
fn d5_evse_suspends_too_and_e4_ev_is_still_idle() {
    from("SuspendedEV", |bench| limit(bench, Some(0)), &["SuspendedEVSE"]);
    let lifted = |bench: &mut Bench| {
        bench.pilot(1, 1, PilotState::B);
        limit(bench, None);
    };
    from("SuspendedEVSE", lifted, &["SuspendedEV"]);
}

#[test]
fn f1_driver_leaves() {
    from("Finishing", unplug, &["Available"]);
}

#[test]
fn f2_driver_restarts_without_the_ev_taking_energy() {
    let restarts = |bench: &mut Bench| {
        limit(bench, Some(0));
        swipe(bench);
    };
    from("Finishing", restarts, &["SuspendedEVSE"]);
}

#[test]
fn f8_scheduled() {
    from(
        "Finishing",
        |bench| availability(bench, "Inoperative"),
        &["Unavailable"],
    );
}

#[test]
fn h1_back_in_service() {
    from("Unavailable", |bench| availability(bench, "Operative"), &["Available"]);
}

#[test]
fn h2_back_in_service_with_a_cable() {
    let back = |bench: &mut Bench| {
        bench.pilot(1, 1, PilotState::B);
        availability(bench, "Operative");
    };
    from("Unavailable", back, &["Preparing"]);
}

/// x9 and I1–I8: a fault hides every state, and gives it back.
#[test]
fn fault_and_back_from_every_state() {
    let states = [
        "Available",
        "Preparing",
        "Charging",
        "SuspendedEV",
        "SuspendedEVSE",
        "Finishing",
        "Unavailable",
    ];
    for state in states {
        let there_and_back = |bench: &mut Bench| {
            fault(bench);
            fault(bench);
            bench.fault(FIRST, FaultCode::GroundFailure, false);
            bench.fault(FIRST, FaultCode::GroundFailure, false);
        };
        from(state, there_and_back, &["Faulted GroundFailure", state]);
    }
}

#[test]
fn fault_withdraws_the_permission() {
    let mut bench = Bench::new(&[1]);
    bring(&mut bench, "Charging");
    fault(&mut bench);
    bench.expect(&["permit 1.1 off", "> StatusNotification 1 Faulted GroundFailure"]);
    bench.contactor(1, false);
    bench.fault(FIRST, FaultCode::GroundFailure, false);
    bench.expect(&["permit 1.1 on", "> StatusNotification 1 SuspendedEVSE"]);
    bench.contactor(1, true);
    bench.expect(&["> StatusNotification 1 Charging"]);
}

/// The session may end while the fault is there; what is told afterwards is what is true then.
#[test]
fn session_ends_behind_a_fault() {
    let mut bench = Bench::new(&[1]);
    bring(&mut bench, "Charging");
    fault(&mut bench);
    bench.take();
    unplug(&mut bench);
    assert_eq!(told(&mut bench), [""; 0]);
    bench.fault(FIRST, FaultCode::GroundFailure, false);
    assert_eq!(told(&mut bench), ["Available"]);
}

/// A code with another status is a warning: the status stays, the code is told, and so is its end.
#[test]
fn warnings_and_back() {
    use FaultCode as F;
    for code in [
        F::EvCommunicationError,
        F::ReaderFailure,
        F::WeakSignal,
        F::LocalListConflict,
        F::ResetFailure,
    ] {
        let warned = |bench: &mut Bench| {
            bench.fault(FIRST, code, true);
            bench.fault(FIRST, code, false);
        };
        let name = WireEnum::as_str(code);
        from("Preparing", warned, &[&format!("Preparing {name}"), "Preparing"]);
    }
}

#[test]
fn warning_carries_its_time_and_its_text() {
    let mut bench = Bench::new(&[1]);
    bench.advance(3600);
    bench.input(Input::Fault(Fault {
        place: FIRST,
        code: FaultCode::WeakSignal,
        on: true,
        info: "-110 dBm",
        vendor_code: "E77",
    }));
    let payload = bench.calls_of("StatusNotification").pop().unwrap();
    assert_eq!(payload["timestamp"], "2026-11-22T13:00:00Z");
    assert_eq!(
        (&payload["info"], &payload["vendorErrorCode"]),
        (&json!("-110 dBm"), &json!("E77"))
    );
}

/// The fault that blocks is told before any warning; the next one when it has gone.
#[test]
fn several_faults_at_once() {
    let several = |bench: &mut Bench| {
        bench.fault(FIRST, FaultCode::EvCommunicationError, true);
        bench.fault(FIRST, FaultCode::OverVoltage, true);
        bench.fault(FIRST, FaultCode::OverVoltage, false);
    };
    from(
        "Preparing",
        several,
        &[
            "Preparing EVCommunicationError",
            "Faulted OverVoltage",
            "Preparing EVCommunicationError",
        ],
    );
}

/// Connector 0 has its own state, independent of the connectors.
#[test]
fn fault_of_the_station() {
    let mut bench = Bench::new(&[1]);
    bench.fault(Place::Station, FaultCode::InternalError, true);
    bench.expect(&["> StatusNotification 0 Faulted InternalError"]);
    bench.present("TAG");
    bench.pilot(1, 1, PilotState::B);
    assert!(bench.calls_of("StartTransaction").is_empty());
    bench.take();
    bench.fault(Place::Station, FaultCode::InternalError, false);
    bench.expect(&["> StatusNotification 0 Available"]);
}

#[test]
fn fault_of_an_evse_is_a_fault_of_each_connector() {
    let mut bench = Bench::new(&[2, 1]);
    bench.fault(Place::Evse(EvseId(1)), FaultCode::PowerSwitchFailure, true);
    bench.expect(&[
        "> StatusNotification 1 Faulted PowerSwitchFailure",
        "> StatusNotification 2 Faulted PowerSwitchFailure",
    ]);
}

/// MinimumStatusDuration: what does not last is not told.
#[test]
fn minimum_status_duration() {
    let mut bench = Bench::with(&[1], &[(SettingId::MinimumStatusDuration, "5")]);
    bench.pilot(1, 1, PilotState::B);
    bench.advance(4);
    bench.pilot(1, 1, PilotState::A);
    bench.advance(100);
    bench.expect(&[]);
    bench.pilot(1, 1, PilotState::B);
    bench.advance(4);
    bench.expect(&[]);
    bench.advance(1);
    bench.expect(&["> StatusNotification 1 Preparing"]);
    bench.assert_idle();
}

#[test]
fn nothing_is_told_twice() {
    let mut bench = Bench::new(&[1]);
    for _ in 0..3 {
        bench.pilot(1, 1, PilotState::B);
        bench.cable(1, 1, true);
    }
    bench.expect(&["> StatusNotification 1 Preparing"]);
}

/// After an outage the present status is told, if it is another one; history is not.
#[test]
fn status_after_an_outage() {
    let mut bench = Bench::new(&[1, 1]);
    bench.go_offline();
    bench.pilot(1, 1, PilotState::B);
    bench.pilot(2, 1, PilotState::B);
    bench.advance(10);
    bench.pilot(1, 1, PilotState::A);
    bench.go_online();
    bench.expect(&["> StatusNotification 2 Preparing"]);
    let payload = bench.calls_of("StatusNotification").pop().unwrap();
    assert_eq!(payload["timestamp"], "2026-11-22T12:00:00Z");
    bench.assert_idle();
}

/// The link broke before the answer: nobody knows whether the CSMS knows it.
#[test]
fn status_in_flight_at_an_outage_is_told_again() {
    let mut bench = Bench::new(&[1]);
    bench.csms = accepting_but(|action, _| (action == "StatusNotification").then_some(Answer::Nothing));
    bench.pilot(1, 1, PilotState::B);
    bench.go_offline();
    bench.csms = bench::accepting();
    bench.take();
    bench.go_online();
    bench.expect(&["> StatusNotification 1 Preparing"]);
}
