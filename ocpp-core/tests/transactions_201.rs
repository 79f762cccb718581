//! Transactions of 2.0.1: when they begin and end, what is told of them, and what only once (E01–E15, C).

mod bench;

use bench::{Answer, Bench, accepting_but, token};
use ocpp_core::settings::{SettingId, TxPoint};
use ocpp_core::wire::WireEnum;
use ocpp_core::{EvseId, Input, PilotState};
use serde_json::{Value, json};

fn station(settings: &[(SettingId, &str)]) -> Bench {
    Bench::new201(&[1], settings)
}

fn bay(bench: &mut Bench, occupied: bool) {
    bench.input(Input::ParkingBay {
        evse: EvseId(1),
        occupied,
    });
}

/// The events since the last look: type, trigger, charging state, and what is told only once.
fn events(bench: &mut Bench) -> Vec<String> {
    let events = bench.calls_of("TransactionEvent").iter().map(text).collect();
    bench.calls.clear();
    events
}

fn text(event: &Value) -> String {
    let info = &event["transactionInfo"];
    let mut text = format!(
        "{} {} {} {}",
        event["seqNo"],
        event["eventType"].as_str().unwrap(),
        event["triggerReason"].as_str().unwrap(),
        info["chargingState"].as_str().unwrap(),
    );
    for (name, value) in [
        ("reason", &info["stoppedReason"]),
        ("token", &event["idToken"]["idToken"]),
        ("remote", &info["remoteStartId"]),
        ("evse", &event["evse"]["id"]),
        ("connector", &event["evse"]["connectorId"]),
        ("offline", &event["offline"]),
    ] {
        match value {
            Value::Null => {}
            Value::String(value) => text += &format!(" {name}={value}"),
            value => text += &format!(" {name}={value}"),
        }
    }
    text
}

/// What happens in a session from the parking bay and back.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Enter,
    Plug,
    Authorize,
    Charge,
    Stop,
    Unplug,
    Leave,
}

impl Step {
    /// Lets it happen; the contactor follows the permission.
    fn happen(self, bench: &mut Bench, permitted: &mut bool) {
        match self {
            Self::Enter => bay(bench, true),
            Self::Plug => bench.pilot(1, 1, PilotState::B),
            Self::Authorize | Self::Stop => bench.present("TAG"),
            Self::Charge => {
                assert!(*permitted);
                bench.pilot(1, 1, PilotState::C);
                bench.contactor(1, true);
                bench.energy(1, 500);
            }
            Self::Unplug => bench.leave(1),
            Self::Leave => bay(bench, false),
        }
        for line in bench.take() {
            match line.as_str() {
                "permit 1.1 on" => *permitted = true,
                "permit 1.1 off" => *permitted = false,
                _ => {}
            }
        }
        if !*permitted {
            bench.contactor(1, false);
        }
    }

    /// The moments that come with it, once everything before has happened.
    fn comes(self, plug_first: bool) -> u8 {
        match self {
            Self::Enter => TxPoint::ParkingBayOccupancy.bit(),
            Self::Plug if plug_first => TxPoint::EvConnected.bit(),
            Self::Plug => TxPoint::EvConnected.bit() | TxPoint::PowerPathClosed.bit(),
            Self::Authorize if plug_first => TxPoint::Authorized.bit() | TxPoint::PowerPathClosed.bit(),
            Self::Authorize => TxPoint::Authorized.bit(),
            Self::Charge => TxPoint::EnergyTransfer.bit(),
            _ => 0,
        }
    }

    /// The moments that are over with it.
    fn ends(self) -> u8 {
        match self {
            Self::Stop => TxPoint::Authorized.bit() | TxPoint::PowerPathClosed.bit() | TxPoint::EnergyTransfer.bit(),
            Self::Unplug => TxPoint::EvConnected.bit(),
            Self::Leave => TxPoint::ParkingBayOccupancy.bit(),
            _ => 0,
        }
    }
}

fn names(points: u8) -> String {
    let chosen = TxPoint::ALL.iter().filter(|point| points & point.bit() != 0);
    chosen.map(|point| point.as_str()).collect::<Vec<_>>().join(",")
}

/// E01.FR.01–FR.03, FR.05–FR.07, FR.10, FR.16; E06.FR.01–FR.03, FR.06, FR.07: all start points with all stop points, cable first and token first.
#[test]
fn e01_e06_every_combination_of_start_and_stop_points() {
    use Step::*;
    for steps in [
        [Enter, Plug, Authorize, Charge, Stop, Unplug, Leave],
        [Enter, Authorize, Plug, Charge, Stop, Unplug, Leave],
    ] {
        let plug_first = steps[1] == Plug;
        let path_closed = if plug_first { Authorize } else { Plug };
        for (start, stop) in (1u8..32).flat_map(|start| (1u8..32).map(move |stop| (start, stop))) {
            let what = format!("{steps:?}: {} to {}", names(start), names(stop));
            let mut bench = station(&[
                (SettingId::TxStartPoint, &names(start)),
                (SettingId::TxStopPoint, &names(stop)),
            ]);
            let begins = |step: &Step| {
                step.comes(plug_first) & start != 0
                    || *step == path_closed && start & TxPoint::EnergyTransfer.bit() == 0
            };
            let first = steps.iter().position(begins).unwrap();
            let last = steps.iter().position(|step| step.ends() & stop != 0).unwrap();
            let (mut told, mut permitted) = (Vec::new(), false);
            for (index, step) in steps.iter().enumerate() {
                step.happen(&mut bench, &mut permitted);
                let events = bench.calls_of("TransactionEvent");
                bench.calls.clear();
                let begun = events.iter().any(|event| event["eventType"] == "Started");
                let ended = events.iter().any(|event| event["eventType"] == "Ended");
                assert_eq!(begun, index == first, "{step:?} {what}: {events:?}");
                if begun && *step == Charge {
                    let (started, more) = events.split_first().unwrap();
                    assert_eq!(started["triggerReason"], "ChargingStateChanged", "{what}");
                    assert_eq!(started["transactionInfo"]["chargingState"], "Charging", "{what}");
                    assert!(more.is_empty(), "{what}: {more:?}");
                }
                assert_eq!(ended, index == last, "{step:?} {what}: {events:?}");
                told.extend(events);
            }
            bench.assert_idle();
            // Numbers from 0 without a gap; one id; each thing that is told once is told once.
            let id = &told[0]["transactionInfo"]["transactionId"];
            for (number, event) in told.iter().enumerate() {
                assert_eq!(event["seqNo"], number, "{what}");
                assert_eq!(&event["transactionInfo"]["transactionId"], id, "{what}");
            }
            let connectors = told.iter().filter(|event| !event["evse"]["connectorId"].is_null());
            assert_eq!(connectors.count(), 1, "{what}");
            let tokens = told.iter().filter(|event| !event["idToken"].is_null());
            assert_eq!(tokens.count(), 2, "{what}");
            assert_eq!(
                told.last().unwrap()["transactionInfo"]["stoppedReason"],
                "Local",
                "{what}"
            );
        }
    }
}

/// E01.FR.15, FR.18, FR.19; E02.FR.01, FR.06, FR.16, FR.17, FR.20: the sequence that certification expects with the cable first.
#[test]
fn e02_cable_first() {
    let mut bench = station(&[
        (SettingId::TxStartPoint, "EVConnected"),
        (SettingId::TxStopPoint, "EVConnected"),
    ]);
    bench.pilot(1, 1, PilotState::B);
    assert_eq!(
        events(&mut bench),
        ["0 Started CablePluggedIn EVConnected evse=1 connector=1"]
    );
    bench.present("TAG");
    assert_eq!(
        events(&mut bench),
        [
            "1 Updated Authorized EVConnected token=TAG",
            "2 Updated ChargingStateChanged SuspendedEV"
        ]
    );
    bench.pilot(1, 1, PilotState::C);
    bench.contactor(1, true);
    assert_eq!(events(&mut bench), ["3 Updated ChargingStateChanged Charging"]);
    bench.present("TAG");
    assert_eq!(events(&mut bench), ["4 Updated StopAuthorized EVConnected token=TAG"]);
    bench.leave(1);
    assert_eq!(events(&mut bench), ["5 Ended EVCommunicationLost Idle reason=Local"]);
    bench.assert_idle();
}

/// E03.FR.01: with the token first, the transaction has no connector until the cable says which.
#[test]
fn e03_token_first() {
    let mut bench = station(&[
        (SettingId::TxStartPoint, "Authorized"),
        (SettingId::TxStopPoint, "Authorized"),
    ]);
    bench.present("TAG");
    assert_eq!(events(&mut bench), ["0 Started Authorized Idle token=TAG evse=1"]);
    bench.pilot(1, 1, PilotState::B);
    assert_eq!(
        events(&mut bench),
        [
            "1 Updated CablePluggedIn EVConnected evse=1 connector=1",
            "2 Updated ChargingStateChanged SuspendedEV"
        ]
    );
    bench.present("TAG");
    assert_eq!(
        events(&mut bench),
        ["3 Ended StopAuthorized EVConnected reason=Local token=TAG"]
    );
    bench.leave(1);
    bench.assert_idle();
}

/// E03.FR.05
#[test]
fn e03_no_cable_in_time() {
    let mut bench = station(&[(SettingId::TxStartPoint, "Authorized")]);
    bench.present("TAG");
    bench.calls.clear();
    bench.advance(60);
    assert_eq!(events(&mut bench), ["1 Ended EVConnectTimeout Idle reason=Timeout"]);
    bench.assert_idle();
}

/// E03.FR.15: with a sensor in the bay the transaction goes on until the bay is left, but nobody may charge.
#[test]
fn e03_no_cable_in_time_in_an_occupied_bay() {
    let mut bench = station(&[
        (SettingId::TxStartPoint, "ParkingBayOccupancy"),
        (SettingId::TxStopPoint, "ParkingBayOccupancy"),
        (SettingId::SampleInterval, "0"),
    ]);
    bay(&mut bench, true);
    bench.present("TAG");
    assert_eq!(
        events(&mut bench),
        [
            "0 Started EVDetected Idle evse=1",
            "1 Updated Authorized Idle token=TAG"
        ]
    );
    bench.advance(60);
    assert_eq!(events(&mut bench), ["2 Updated EVConnectTimeout Idle"]);
    bench.pilot(1, 1, PilotState::C);
    assert!(!bench.take_actions().iter().any(|line| line.contains("permit")));
    bench.calls.clear();
    bay(&mut bench, false);
    assert_eq!(events(&mut bench), ["4 Ended EVDeparted EVConnected reason=Timeout"]);
}

/// E05.FR.10, E06.FR.04: StopTxOnInvalidId, and the authorization is a stop point.
#[test]
fn e05_not_accepted_ends_the_transaction() {
    let mut bench = station(&[]);
    bench.csms = refusing();
    bench.charge(1, "TAG");
    assert_eq!(
        events(&mut bench),
        [
            "0 Started Authorized EVConnected token=TAG evse=1 connector=1",
            "1 Updated ChargingStateChanged SuspendedEV",
            "2 Ended Deauthorized EVConnected reason=DeAuthorized",
        ]
    );
    bench.leave(1);
    bench.assert_idle();
}

/// E05.FR.09: it is not, so the transaction goes on without energy.
#[test]
fn e05_not_accepted_withholds_energy_until_the_cable_is_out() {
    let mut bench = station(&[(SettingId::TxStopPoint, "EVConnected")]);
    bench.csms = refusing();
    bench.charge(1, "TAG");
    let told = events(&mut bench);
    assert_eq!(told.last().unwrap(), "2 Updated Deauthorized EVConnected", "{told:?}");
    assert!(!bench.station.transaction(EvseId(1)).unwrap().permitted);
    // C01.FR.23: nobody else takes it over.
    bench.present("OTHER");
    assert_eq!(events(&mut bench), [""; 0]);
    bench.leave(1);
    assert_eq!(
        events(&mut bench),
        ["3 Ended EVCommunicationLost Idle reason=DeAuthorized"]
    );
    bench.assert_idle();
}

/// E05.FR.02: neither ended nor tolerated.
#[test]
fn e05_not_accepted_suspends() {
    let mut bench = station(&[(SettingId::StopOnInvalidId, "false")]);
    bench.csms = refusing();
    bench.charge(1, "TAG");
    let told = events(&mut bench);
    assert_eq!(
        told.last().unwrap(),
        "2 Updated ChargingStateChanged SuspendedEVSE",
        "{told:?}"
    );
}

/// E09.FR.01, E10: what pulling the cable at the EV does.
#[test]
fn e09_e10_cable_pulled_at_the_ev() {
    for (deauthorizes, stop, expected) in [
        (
            "true",
            "Authorized",
            "Ended EVCommunicationLost Idle reason=EVDisconnected",
        ),
        ("true", "ParkingBayOccupancy", "Updated EVCommunicationLost Idle"),
        ("false", "Authorized", "Updated EVCommunicationLost Idle"),
        (
            "false",
            "EVConnected",
            "Ended EVCommunicationLost Idle reason=EVDisconnected",
        ),
    ] {
        let mut bench = station(&[
            (SettingId::StopOnEvSideDisconnect, deauthorizes),
            (SettingId::TxStopPoint, stop),
        ]);
        bench.charge(1, "TAG");
        bench.calls.clear();
        bench.pilot(1, 1, PilotState::A);
        let told = events(&mut bench);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].ends_with(expected), "{deauthorizes} {stop}: {told:?}");
        let Some(running) = bench.station.transaction(EvseId(1)) else {
            continue;
        };
        assert_eq!(running.permitted, deauthorizes == "false");
        bench.pilot(1, 1, PilotState::B);
        let told = events(&mut bench);
        assert!(told[0].contains("Updated CablePluggedIn"), "{told:?}");
    }
}

/// E10.FR.02: a fixed cable is not waited for for ever.
#[test]
fn e10_fixed_cable_not_plugged_again() {
    let mut config = bench::config(&[1]);
    config.fixed_cable = true;
    for (id, text) in [
        (SettingId::StopOnEvSideDisconnect, "false"),
        (SettingId::TxStopPoint, "Authorized"),
    ] {
        config.settings.set(id, text).unwrap();
    }
    let mut bench = Bench::speaking(config, bench::Store::default(), &bench::OCPP201, "ocpp2.0.1");
    bench.drain();
    bench.charge(1, "TAG");
    bench.pilot(1, 1, PilotState::A);
    bench.calls.clear();
    bench.advance(59);
    assert!(bench.station.transaction(EvseId(1)).is_some());
    bench.advance(1);
    let told = events(&mut bench);
    assert!(
        told.last()
            .unwrap()
            .contains("Ended EVCommunicationLost Idle reason=EVDisconnected"),
        "{told:?}"
    );
}

/// E06.FR.07: where a pause is an end.
#[test]
fn e06_pause_of_the_ev_ends_the_transfer() {
    let mut bench = station(&[(SettingId::TxStopPoint, "EnergyTransfer")]);
    bench.charge(1, "TAG");
    bench.calls.clear();
    bench.pilot(1, 1, PilotState::B);
    assert_eq!(
        events(&mut bench)
            .iter()
            .map(|event| event.split_once(' ').unwrap().1.to_string())
            .collect::<Vec<_>>(),
        ["Ended ChargingStateChanged EVConnected reason=StoppedByEV"]
    );
    bench.leave(1);
    bench.assert_idle();
}

/// E04.FR.03, E11.FR.07: what happened or had to wait without a link says so.
#[test]
fn e04_e11_offline_events_say_so() {
    let mut bench = station(&[]);
    bench.charge(1, "TAG");
    bench.calls.clear();
    bench.go_offline();
    bench.pilot(1, 1, PilotState::B);
    bench.go_online();
    bench.advance(20);
    let told = events(&mut bench);
    assert!(told[0].ends_with("offline=true"), "{told:?}");
    bench.pilot(1, 1, PilotState::C);
    let told = events(&mut bench);
    assert!(!told[0].contains("offline"), "{told:?}");
}

/// The group's master pass ends every transaction and starts none (C16.FR.02, FR.03, FR.08).
#[test]
fn c16_master_pass() {
    let mut bench = Bench::new201(&[1, 1], &[(SettingId::MasterPassGroupId, "MASTER")]);
    bench.charge(1, "TAG");
    bench.charge(2, "GAT");
    bench.calls.clear();
    bench.csms = accepting_but(|action, _| {
        let info = json!({"status": "Accepted", "groupIdToken": {"idToken": "master", "type": "Central"}});
        (action == "Authorize").then(|| Answer::Result(json!({"idTokenInfo": info})))
    });
    bench.present("GUARD");
    let told = events(&mut bench);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told.iter()
            .all(|event| event.contains("Ended StopAuthorized") && event.contains("reason=MasterPass")),
        "{told:?}"
    );
    bench.leave(1);
    bench.leave(2);
    bench.pilot(1, 1, PilotState::B);
    bench.present("GUARD");
    assert_eq!(events(&mut bench), [""; 0]);
}

/// C02.FR.01, and a station without authorization at all: nobody is asked.
#[test]
fn c02_start_button_and_no_authorization() {
    use ocpp_core::{Token, TokenKind};
    let mut bench = station(&[]);
    bench.pilot(1, 1, PilotState::B);
    bench.input(Input::IdToken {
        token: Token::new("", TokenKind::NoAuthorization).unwrap(),
        evse: None,
    });
    assert!(bench.calls_of("Authorize").is_empty());
    assert_eq!(
        bench.calls_of("TransactionEvent")[0]["idToken"],
        json!({"idToken": "", "type": "NoAuthorization"})
    );

    let mut bench = station(&[(SettingId::AuthEnabled, "false")]);
    bench.csms = refusing();
    bench.pilot(1, 1, PilotState::B);
    bench.input(Input::IdToken {
        token: token("TAG"),
        evse: None,
    });
    assert!(bench.calls_of("Authorize").is_empty());
    assert_eq!(bench.calls_of("TransactionEvent")[0]["idToken"]["idToken"], "TAG");
}

/// C: the CSMS is never asked where the operator does not want it.
#[test]
fn c01_remote_authorization_disabled() {
    let mut bench = station(&[(SettingId::DisableRemoteAuthorization, "true")]);
    bench.pilot(1, 1, PilotState::B);
    bench.present("TAG");
    assert!(bench.calls_of("Authorize").is_empty());
    assert!(bench.station.transaction(EvseId(1)).is_none());
}

/// C10.FR.03: a cached token that may not charge is asked about, unless that is disabled.
#[test]
fn c12_cached_token_that_may_not_charge() {
    for (disabled, asked) in [("false", 1), ("true", 0)] {
        let mut bench = station(&[(SettingId::CacheDisablePostAuthorize, disabled)]);
        bench.csms = accepting_but(|action, _| {
            (action == "Authorize").then(|| Answer::Result(json!({"idTokenInfo": {"status": "Blocked"}})))
        });
        bench.present("TAG");
        bench.calls.clear();
        bench.present("TAG");
        assert_eq!(bench.calls_of("Authorize").len(), asked, "{disabled}");
    }
}

/// C10.FR.08, C10.FR.10: a token that was not used for the cache's life time is unknown again.
#[test]
fn c10_life_time_of_the_cache() {
    let mut bench = station(&[
        (SettingId::CacheLifeTime, "3600"),
        (SettingId::LocalPreAuthorize, "true"),
    ]);
    bench.present("TAG");
    bench.advance(3599);
    bench.calls.clear();
    bench.present("TAG");
    assert!(bench.calls_of("Authorize").is_empty());
    bench.advance(3600);
    bench.present("TAG");
    assert_eq!(bench.calls_of("Authorize").len(), 1);
}

/// E01.FR.09, E06.FR.11, J02.FR.11: each kind of value has its own list and interval.
#[test]
fn j02_values_of_a_transaction() {
    let mut bench = station(&[
        (SettingId::StartedMeasurands, "Energy.Active.Import.Register"),
        (SettingId::SampledMeasurands, "Energy.Active.Import.Register"),
        (SettingId::SampleInterval, "60"),
        (SettingId::EndedSampledMeasurands, "Energy.Active.Import.Register"),
        (SettingId::EndedSampleInterval, "90"),
    ]);
    bench.charge(1, "TAG");
    bench.advance(200);
    bench.present("TAG");
    let told = bench.calls_of("TransactionEvent");
    let contexts = |event: &Value| -> Vec<String> {
        let values = event["meterValue"].as_array().cloned().unwrap_or_default();
        let context = |value: &Value| value["sampledValue"][0]["context"].as_str().unwrap().to_string();
        values.iter().map(context).collect()
    };
    assert_eq!(contexts(&told[0]), ["Transaction.Begin"]);
    let periodic = told
        .iter()
        .filter(|event| event["triggerReason"] == "MeterValuePeriodic");
    assert_eq!(periodic.count(), 3);
    assert_eq!(
        contexts(told.last().unwrap()),
        [
            "Transaction.Begin",
            "Sample.Periodic",
            "Sample.Periodic",
            "Transaction.End"
        ]
    );
}

fn refusing() -> bench::Csms {
    accepting_but(|action, payload| {
        let asked = action == "TransactionEvent" && !payload["idToken"].is_null();
        asked.then(|| Answer::Result(json!({"idTokenInfo": {"status": "Invalid"}})))
    })
}
