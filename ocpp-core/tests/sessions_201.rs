//! Sessions in 2.0.1: what is told over outages and refusals, the lock, remote starts, values (E, F01–F03, G, J).

mod bench;

use bench::{Answer, Bench, OCPP201, accepting, accepting_but, config};
use ocpp_core::settings::SettingId;
use ocpp_core::{EvseId, FaultCode, Input, LocalCommand, Measurand, PilotState, Place, Sample};
use serde_json::{Value, json};

fn station(settings: &[(SettingId, &str)]) -> Bench {
    Bench::new201(&[1], settings)
}

/// A station with a lock and a detachable cable, which is in.
fn with_cable(settings: &[(SettingId, &str)]) -> Bench {
    let mut bench = station(settings);
    bench.fit_lock(1, 1);
    bench.cable(1, 1, true);
    bench
}

fn events(bench: &mut Bench) -> Vec<Value> {
    let events = bench.calls_of("TransactionEvent");
    bench.calls.clear();
    events
}

fn kinds(events: &[Value]) -> Vec<String> {
    let kind = |event: &Value| format!("{} {}", event["eventType"], event["triggerReason"]).replace('"', "");
    events.iter().map(kind).collect()
}

fn says(bench: &mut Bench, line: &str) -> bool {
    bench.take().iter().any(|own| own == line)
}

/// E01.FR.08: no id comes twice, over reboots too.
#[test]
fn e01_ids_are_never_used_again() {
    let (mut ids, mut store) = (Vec::new(), None);
    for _ in 0..3 {
        let mut bench = Bench::speaking(config(&[1]), store.unwrap_or_default(), &OCPP201, "ocpp2.0.1");
        bench.drain();
        for _ in 0..3 {
            bench.charge(1, "TAG");
            bench.present("TAG");
            bench.leave(1);
            ids.push(events(&mut bench)[0]["transactionInfo"]["transactionId"].to_string());
        }
        store = Some(bench.store);
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 9);
}

/// E01.FR.14: another EV at the same EVSE has to wait.
#[test]
fn e01_one_transaction_per_evse() {
    let mut bench = Bench::new201(&[2], &[(SettingId::TxStartPoint, "EVConnected")]);
    bench.pilot(1, 1, PilotState::B);
    bench.pilot(1, 2, PilotState::B);
    bench.present("TAG");
    let started = events(&mut bench)
        .into_iter()
        .filter(|event| event["eventType"] == "Started");
    assert_eq!(started.count(), 1);
}

/// E02.FR.05, G01.FR.01, G01.FR.03, G01.FR.04, G01.FR.08: the connector is told Occupied and Available, its neighbour is not told.
#[test]
fn g01_occupied_and_available() {
    let mut bench = Bench::new201(&[2], &[]);
    bench.pilot(1, 2, PilotState::B);
    bench.expect(&["> StatusNotification 2 1 Occupied"]);
    bench.pilot(1, 2, PilotState::A);
    bench.expect(&["> StatusNotification 2 1 Available"]);
}

/// E04.FR.01, FR.02; E08.FR.01–FR.04; E11.FR.02: a session without a link, from the first token to the last, is kept,
/// frees the cable, and is told in its order afterwards.
#[test]
fn e04_e08_a_session_without_a_link() {
    let mut bench = with_cable(&[]);
    let group = json!({"status": "Accepted", "groupIdToken": {"idToken": "G", "type": "Central"}});
    bench.csms =
        accepting_but(move |action, _| (action == "Authorize").then(|| Answer::Result(json!({"idTokenInfo": group}))));
    for tag in ["ONE", "TWO"] {
        bench.present(tag);
        bench.present(tag);
    }
    for stopping in ["ONE", "TWO"] {
        bench.cable(1, 1, true);
        bench.calls.clear();
        bench.go_offline();
        bench.charge(1, "ONE");
        assert!(says(&mut bench, "permit 1.1 on"));
        bench.present(stopping);
        let lines = bench.take();
        for line in ["permit 1.1 off", "unlock 1.1"] {
            assert!(lines.iter().any(|own| own == line), "{stopping}: {lines:?}");
        }
        bench.leave(1);
        bench.cable(1, 1, false);
        assert!(bench.calls.is_empty());
        bench.go_online();
        let told = events(&mut bench);
        assert_eq!(kinds(&told)[0], "Started Authorized", "{stopping}");
        assert_eq!(kinds(&told).last().unwrap(), "Ended StopAuthorized", "{stopping}");
        assert!(told.iter().all(|event| event["offline"] == true));
        assert!(told.iter().zip(0..).all(|(event, number)| event["seqNo"] == number));
    }
}

/// E05.FR.03: some energy is given away before it stops.
#[test]
fn e05_energy_for_a_token_that_is_not_accepted() {
    let mut bench = station(&[
        (SettingId::StopOnInvalidId, "false"),
        (SettingId::MaxEnergyOnInvalidId, "100"),
    ]);
    bench.csms = accepting_but(|action, payload| {
        let asked = action == "TransactionEvent" && !payload["idToken"].is_null();
        asked.then(|| Answer::Result(json!({"idTokenInfo": {"status": "NoCredit"}})))
    });
    bench.energy(1, 1000);
    bench.charge(1, "TAG");
    bench.take();
    for (energy, off) in [(1099, false), (1100, true)] {
        bench.energy(1, energy);
        assert_eq!(says(&mut bench, "permit 1.1 off"), off, "{energy}");
    }
}

/// E06.FR.10, E07.FR.02, E07.FR.05, E07.FR.07: the token that stops is told, and frees the cable.
#[test]
fn e07_stop_by_token() {
    let mut bench = with_cable(&[]);
    bench.charge(1, "TAG");
    events(&mut bench);
    bench.take();
    bench.present("TAG");
    assert!(says(&mut bench, "unlock 1.1"));
    let told = events(&mut bench);
    assert_eq!(kinds(&told), ["Ended StopAuthorized"]);
    assert_eq!(told[0]["idToken"]["idToken"], "TAG");
    assert_eq!(told[0]["transactionInfo"]["stoppedReason"], "Local");
}

/// E06.FR.08, E06.FR.16, E07.FR.06: not the driver, but the emergency stop.
#[test]
fn e06_emergency_stop() {
    let mut bench = station(&[]);
    bench.charge(1, "TAG");
    events(&mut bench);
    bench.input(Input::Local(LocalCommand::EmergencyStop(EvseId(1))));
    let told = events(&mut bench);
    assert_eq!(kinds(&told), ["Ended AbnormalCondition"]);
    assert_eq!(told[0]["transactionInfo"]["stoppedReason"], "EmergencyStop");
}

/// E09.FR.01–FR.03: the cable is pulled at the EV; its other end is free, or waits for its owner.
#[test]
fn e09_the_other_end_of_the_cable() {
    for (unlocks, free) in [("true", true), ("false", false)] {
        let mut bench = with_cable(&[(SettingId::UnlockOnEvSideDisconnect, unlocks)]);
        bench.charge(1, "TAG");
        bench.take();
        bench.pilot(1, 1, PilotState::A);
        assert_eq!(says(&mut bench, "unlock 1.1"), free, "{unlocks}");
        bench.pilot(1, 1, PilotState::C);
        assert!(!says(&mut bench, "permit 1.1 on"));
        bench.present("TAG");
        assert_eq!(says(&mut bench, "unlock 1.1"), !free, "{unlocks}");
    }
}

/// E10.FR.01: the transaction goes on, and so does the lock, until its owner comes.
#[test]
fn e10_the_cable_stays_locked() {
    let mut bench = with_cable(&[
        (SettingId::StopOnEvSideDisconnect, "false"),
        (SettingId::TxStopPoint, "Authorized"),
    ]);
    bench.charge(1, "TAG");
    bench.take();
    bench.pilot(1, 1, PilotState::A);
    bench.advance(600);
    assert!(!says(&mut bench, "unlock 1.1"));
    bench.present("TAG");
    assert!(says(&mut bench, "unlock 1.1"));
}

/// E13.FR.01–FR.04: the wait grows with each attempt; after the last one the next message has its turn.
#[test]
fn e13_attempts() {
    let mut bench = station(&[
        (SettingId::MessageAttempts, "3"),
        (SettingId::MessageAttemptInterval, "10"),
        (SettingId::SampleInterval, "0"),
    ]);
    bench.csms = accepting_but(|action, payload| {
        (action == "TransactionEvent" && payload["seqNo"] == 0).then_some(Answer::Error)
    });
    bench.charge(1, "TAG");
    for (wait, attempts) in [(9, 1), (1, 2), (19, 2), (1, 3)] {
        bench.advance(wait);
        let told = bench.calls_of("TransactionEvent");
        assert_eq!(told.iter().filter(|event| event["seqNo"] == 0).count(), attempts);
    }
    bench.advance(600);
    let numbers: Vec<i64> = events(&mut bench)
        .iter()
        .map(|event| event["seqNo"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers[..4], [0, 0, 0, 1]);
}

fn request_start(bench: &mut Bench, evse: Option<u8>) -> Value {
    let token = json!({"idToken": "TAG", "type": "Central"});
    let mut payload = json!({"idToken": token, "remoteStartId": 42});
    if let Some(evse) = evse {
        payload["evseId"] = json!(evse);
    }
    bench.call("RequestStartTransaction", payload);
    bench.answers.pop().unwrap()["status"].clone()
}

/// F02.FR.01, F02.FR.13, F02.FR.21, F01.FR.06, F01.FR.20: the EVSE is chosen and told, the number goes with the first event.
#[test]
fn f02_remote_start_before_the_cable() {
    let mut bench = Bench::new201(&[1, 1], &[(SettingId::TxStartPoint, "Authorized")]);
    assert_eq!(request_start(&mut bench, None), "Accepted");
    let told = events(&mut bench);
    assert_eq!(kinds(&told), ["Started RemoteStart"]);
    assert_eq!(told[0]["transactionInfo"]["remoteStartId"], 42);
    assert_eq!(told[0]["evse"]["id"], 1);
    bench.pilot(1, 1, PilotState::B);
    assert!(says(&mut bench, "permit 1.1 on"));
    assert_eq!(kinds(&events(&mut bench))[0], "Updated CablePluggedIn");
}

/// F02.FR.07: nobody plugs in.
#[test]
fn f02_no_cable_in_time() {
    let mut bench = station(&[(SettingId::TxStartPoint, "Authorized")]);
    request_start(&mut bench, Some(1));
    events(&mut bench);
    bench.advance(60);
    let told = events(&mut bench);
    assert_eq!(kinds(&told), ["Ended EVConnectTimeout"]);
    assert_eq!(told[0]["transactionInfo"]["stoppedReason"], "Timeout");
}

/// F01.FR.03, F01.FR.05: with the cable in it begins at once, and the CSMS judges the token that it is told.
/// F01.FR.12: a charging profile is no reason to refuse, and is ignored.
#[test]
fn f01_remote_start_with_a_profile() {
    let mut bench = station(&[]);
    bench.csms = accepting_but(|action, payload| {
        let asked = action == "TransactionEvent" && !payload["idToken"].is_null();
        asked.then(|| Answer::Result(json!({"idTokenInfo": {"status": "Invalid"}})))
    });
    bench.pilot(1, 1, PilotState::B);
    let schedule =
        json!({"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6}]});
    let profile = json!({"id": 1, "stackLevel": 0, "chargingProfilePurpose": "TxProfile", "chargingProfileKind": "Relative",
        "chargingSchedule": [schedule]});
    bench.call(
        "RequestStartTransaction",
        json!({"idToken": {"idToken": "TAG", "type": "Central"}, "remoteStartId": 1, "evseId": 1, "chargingProfile": profile}),
    );
    assert_eq!(bench.answers[0]["status"], "Accepted");
    let told = events(&mut bench);
    assert_eq!(kinds(&told)[0], "Started RemoteStart");
    assert_eq!(kinds(&told).last().unwrap(), "Ended Deauthorized");
    assert!(!bench.take().iter().any(|line| line.starts_with("limit")));
}

/// F01.FR.23: where something is broken or out of service, nobody starts.
#[test]
fn f01_remote_start_of_a_faulted_evse() {
    let mut bench = station(&[]);
    bench.fault(Place::Evse(EvseId(1)), FaultCode::GroundFailure, true);
    assert_eq!(request_start(&mut bench, Some(1)), "Rejected");
    bench.fault(Place::Evse(EvseId(1)), FaultCode::GroundFailure, false);
    bench.call("ChangeAvailability", json!({"operationalStatus": "Inoperative"}));
    assert_eq!(request_start(&mut bench, Some(1)), "Rejected");
}

/// F03.FR.02: energy stops, and the transaction goes on until the cable is out.
#[test]
fn f03_remote_stop_that_ends_nothing() {
    let mut bench = station(&[(SettingId::TxStopPoint, "EVConnected")]);
    bench.charge(1, "TAG");
    let id = events(&mut bench)[0]["transactionInfo"]["transactionId"].clone();
    bench.take();
    bench.call("RequestStopTransaction", json!({"transactionId": id}));
    assert!(says(&mut bench, "permit 1.1 off"));
    assert_eq!(kinds(&events(&mut bench)), ["Updated RemoteStop"]);
    bench.leave(1);
    let told = events(&mut bench);
    assert_eq!(kinds(&told), ["Ended EVCommunicationLost"]);
    assert_eq!(told[0]["transactionInfo"]["stoppedReason"], "Remote");
}

/// J01.FR.20, J01.FR.22: with a transaction, clock-aligned values go with its events; or there are none meanwhile.
#[test]
fn j01_clock_aligned_values_in_a_transaction() {
    for (only_idle, told) in [("false", 1), ("true", 0)] {
        let mut bench = Bench::new201(
            &[1, 1],
            &[
                (SettingId::AlignedDataInterval, "900"),
                (SettingId::AlignedOnlyIdle, only_idle),
                (SettingId::SampleInterval, "0"),
            ],
        );
        bench.charge(1, "TAG");
        bench.calls.clear();
        bench.advance(900);
        assert_eq!(bench.calls_of("MeterValues").len(), told, "{only_idle}");
        assert!(bench.calls_of("MeterValues").iter().all(|values| values["evseId"] == 2));
        let clock = |event: &Value| event["triggerReason"] == "MeterValueClock";
        assert_eq!(
            events(&mut bench).iter().filter(|event| clock(event)).count(),
            told,
            "{only_idle}"
        );
    }
}

/// J01.FR.09, J01.FR.10, J01.FR.17; J02.FR.10, J02.FR.22; E02.FR.10: what the meter of the EVSE says, by phase and place,
/// at one moment.
#[test]
fn j02_phases_and_places() {
    use ocpp_core::{Location, Phase};
    let mut bench = Bench::new201(
        &[1, 1],
        &[
            (SettingId::SampledMeasurands, "Voltage"),
            (SettingId::SampleInterval, "60"),
        ],
    );
    let sample = |volts: i64, phase| {
        let mut sample = Sample::new(Measurand::Voltage, volts.into()).unwrap();
        (sample.phase, sample.location) = (Some(phase), Some(Location::Outlet));
        sample
    };
    for (evse, volts) in [(1, 230), (2, 110)] {
        bench.input(Input::Meter {
            evse: Some(EvseId(evse)),
            energy_wh: 0,
            samples: &[sample(volts, Phase::L1N), sample(volts + 1, Phase::L2N)],
        });
    }
    bench.charge(1, "TAG");
    events(&mut bench);
    bench.advance(60);
    let told = events(&mut bench);
    assert_eq!(kinds(&told), ["Updated MeterValuePeriodic"]);
    let moments = told[0]["meterValue"].as_array().unwrap();
    assert_eq!((moments.len(), &moments[0]["timestamp"]), (1, &told[0]["timestamp"]));
    let values = moments[0]["sampledValue"].as_array().unwrap();
    for (value, (volts, phase)) in values.iter().zip([(230, "L1-N"), (231, "L2-N")]) {
        assert_eq!((&value["value"], &value["phase"]), (&json!(volts), &json!(phase)));
        assert_eq!(value["location"], "Outlet");
    }
    assert_eq!(values.len(), 2);
}

/// B11.FR.02, B11.FR.04: out of service before a reset, out of service after it, and told as after any boot.
#[test]
fn b11_out_of_service_over_a_reset() {
    let mut bench = station(&[]);
    bench.call(
        "ChangeAvailability",
        json!({"operationalStatus": "Inoperative", "evse": {"id": 1}}),
    );
    bench.call("Reset", json!({"type": "Immediate"}));
    assert!(says(&mut bench, "reboot Soft"));
    let mut bench = Bench::speaking(config(&[1]), bench.store, &OCPP201, "ocpp2.0.1");
    bench.drain();
    let lines = bench.take();
    assert_eq!(lines[0], "> BootNotification");
    assert!(lines.contains(&"> StatusNotification 1 1 Unavailable".to_string()));
}

/// B12.FR.05: nobody answers the last event: it is kept, the station restarts, and it is told afterwards.
#[test]
fn b12_reset_without_an_answer() {
    let mut bench = station(&[]);
    bench.charge(1, "TAG");
    bench.csms = accepting_but(|action, _| (action == "TransactionEvent").then_some(Answer::Nothing));
    bench.call("Reset", json!({"type": "Immediate"}));
    bench.advance(60);
    assert!(says(&mut bench, "reboot Soft"));
    let mut bench = Bench::speaking(config(&[1]), bench.store, &OCPP201, "ocpp2.0.1");
    bench.csms = accepting();
    bench.drain();
    let told = events(&mut bench);
    assert_eq!(kinds(&told), ["Ended ResetCommand"]);
    assert_eq!(told[0]["transactionInfo"]["stoppedReason"], "ImmediateReset");
}
