//! The boundary: both versions through `dyn Dialect`, on the cases that are hardest to say in either.
//!
//! What is checked here is that core needs no version to think: the same commands come out of both, the same records
//! go into both, and a reply finds the names that it echoes in the CALL.

mod bench;

use bench::{Answer, Bench, Store, accepting_but, config, token};
use ocpp_core::dialect::{
    Command, Context, Device, Dialect, Identity, Outcome, Profile, RateUnit, Refusal, Reply, Report, ReportKind,
    Status, TransactionRef, Written,
};
use ocpp_core::settings::{SettingId, Settings};
use ocpp_core::wire::{Decimal, Reader, Str, Writer};
use ocpp_core::{
    AuthorizationStatus, ConnectorId, EvseId, Input, LocalCommand, PilotState, Place, SecurityEvent, StoreError,
    Topology,
};
use serde_json::{Value, json};

static FULL16: ocpp16::Ocpp16 = ocpp16::Ocpp16::new(&[
    ocpp16::dialect::CORE,
    ocpp16::dialect::REMOTE_TRIGGER,
    ocpp16::dialect::LOCAL_LIST,
    ocpp16::dialect::SMART_CHARGING,
]);
static FULL201: ocpp201::Ocpp201 = ocpp201::Ocpp201::new(&[
    ocpp201::dialect::CORE,
    ocpp201::dialect::REPORTS,
    ocpp201::dialect::LOCAL_LIST,
    ocpp201::dialect::SMART_CHARGING,
]);
static BOTH: [&dyn Dialect; 2] = [&FULL201, &FULL16];
static IDENTITY: Identity<'static> = Identity {
    vendor: "Example",
    model: "One",
    serial: None,
    firmware: None,
    iccid: None,
    imsi: None,
    meter_type: None,
    meter_serial: None,
};

fn context(settings: &Settings) -> Context<'_> {
    Context {
        topology: Topology::new(&[2, 1]),
        settings,
        identity: &IDENTITY,
        device: &Device {
            station_id: "",
            security_profile: 1,
            highest_security_profile: 1,
            network_interfaces: &[],
            time_sources: &[],
            evses: &[],
        },
        measurands: &[],
        facts: &(),
        now: None,
    }
}

/// Reads a CALL in a version and looks at the command.
fn command<T>(
    dialect: &dyn Dialect,
    action: &str,
    payload: &Value,
    look: impl FnOnce(Result<Command<'_>, Refusal>) -> T,
) -> T {
    let settings = Settings::default();
    let context = context(&settings);
    let payload = payload.to_string();
    let mut reader = Reader::new(&payload);
    let command = dialect.read_call(Str::plain(action), &mut reader, &context);
    if command.is_ok() {
        reader.end().unwrap();
    }
    look(command)
}

fn reply(dialect: &dyn Dialect, action: &str, payload: &Value, reply: &Reply<'_>) -> Value {
    let settings = Settings::default();
    let context = context(&settings);
    let payload = payload.to_string();
    let mut buffer = [0; 4096];
    let mut w = Writer::new(&mut buffer);
    dialect.write_reply(Str::plain(action), Reader::new(&payload), reply, &context, &mut w);
    serde_json::from_str(w.finish().unwrap()).unwrap()
}

/// A list of any length crosses without a copy, and reads the same from both.
#[test]
fn send_local_list() {
    let tags = |index: usize| format!("TAG{index}");
    let list16: Vec<Value> = (0..200)
        .map(|index| match index % 2 {
            0 => json!({"idTag": tags(index), "idTagInfo": {"status": "Blocked", "parentIdTag": "G"}}),
            _ => json!({"idTag": tags(index)}),
        })
        .collect();
    let list201: Vec<Value> = (0..200)
        .map(|index| {
            let id_token = json!({"idToken": tags(index), "type": "ISO14443"});
            let group = json!({"idToken": "G", "type": "ISO14443"});
            match index % 2 {
                0 => json!({"idToken": id_token, "idTokenInfo": {"status": "Blocked", "groupIdToken": group}}),
                _ => json!({"idToken": id_token}),
            }
        })
        .collect();
    let payload16 = json!({"listVersion": 7, "updateType": "Differential", "localAuthorizationList": list16});
    let payload201 = json!({"versionNumber": 7, "updateType": "Differential", "localAuthorizationList": list201});
    for (dialect, payload) in [(BOTH[1], payload16), (BOTH[0], payload201)] {
        command(dialect, "SendLocalList", &payload, |command| {
            let Ok(Command::SendLocalList(update)) = command else {
                panic!("{command:?}")
            };
            assert_eq!((update.version, update.full, update.entries.len()), (7, false, 200));
            for (index, entry) in update.entries.iter().enumerate() {
                assert_eq!(entry.token, token(&tags(index)));
                let info = entry.info.map(|info| (info.status, info.group));
                let expected = (AuthorizationStatus::Blocked, Some(token("G")));
                assert_eq!(info, (index % 2 == 0).then_some(expected));
            }
        });
        let accepted = reply(
            dialect,
            "SendLocalList",
            &payload,
            &Reply::Status(Status::VersionMismatch),
        );
        assert_eq!(accepted, json!({"status": "VersionMismatch"}));
    }
}

/// One bad entry refuses the whole list before anything is applied, each version with its own code.
#[test]
fn send_local_list_with_one_bad_entry() {
    let payload = json!({"listVersion": 7, "updateType": "Full", "localAuthorizationList": [
        {"idTag": "GOOD"}, {"idTag": "TOO-LONG-FOR-AN-ID-TAG-OF-16"}]});
    let refusal = command(BOTH[1], "SendLocalList", &payload, |command| command.err().unwrap());
    assert_eq!(BOTH[1].rules().error_code(refusal.error), "PropertyConstraintViolation");
    assert_eq!(refusal.field, "idTag");
    let payload = json!({"versionNumber": 7, "updateType": "Full", "localAuthorizationList": [
        {"idToken": {"idToken": "GOOD", "type": "Central"}}, {"idToken": {"type": "Central"}}]});
    let refusal = command(BOTH[0], "SendLocalList", &payload, |command| command.err().unwrap());
    assert_eq!(
        BOTH[0].rules().error_code(refusal.error),
        "OccurrenceConstraintViolation"
    );
    assert_eq!(refusal.field, "idToken");
}

/// A04.FR.01: 2.0.1 has a message for security events; 1.6 Core has none.
#[test]
fn a04_security_event() {
    let settings = Settings::default();
    let context = context(&settings);
    let write = |dialect: &dyn Dialect, info: &str, buffer: &mut [u8]| {
        let report = Report::Security {
            event: SecurityEvent::InvalidTlsVersion,
            at: bench::utc("2026-11-22T12:00:00Z"),
            info,
        };
        let mut w = Writer::new(buffer);
        let written = dialect.write_report("7", &report, 0, &context, &mut w);
        (written, w.finish().unwrap().to_string())
    };
    let mut buffer = [0; 1024];
    assert_eq!(write(BOTH[1], "", &mut buffer), (Written::NothingToSay, String::new()));
    let (written, frame) = write(BOTH[0], "", &mut buffer);
    assert_eq!(written, Written::Done);
    let payload = json!({"type": "InvalidTLSVersion", "timestamp": "2026-11-22T12:00:00Z"});
    let expected = json!([2, "7", "SecurityEventNotification", payload]);
    assert_eq!(serde_json::from_str::<Value>(&frame).unwrap(), expected);
    let long = "\u{fc}".repeat(300);
    let (_, frame) = write(BOTH[0], &long, &mut buffer);
    let frame: Value = serde_json::from_str(&frame).unwrap();
    assert_eq!(frame[3]["techInfo"].as_str().unwrap().chars().count(), 255);
    let mut empty = Reader::new("{}");
    let outcome = BOTH[0].read_result(ReportKind::Security, &mut empty);
    assert_eq!(outcome, Ok(Outcome::Taken));
}

fn periods(profile: &Profile<'_>) -> Vec<Vec<(i32, Decimal)>> {
    let of = |schedule: ocpp_core::dialect::Schedule<'_>| schedule.periods.iter().map(|p| (p.start, p.limit)).collect();
    profile.schedules.iter().map(of).collect()
}

/// 1.6 has one schedule where 2.0.1 has up to three: core sees a list in both.
#[test]
fn set_charging_profile() {
    let periods16 = json!([{"startPeriod": 0, "limit": 16.5}, {"startPeriod": 60, "limit": 6, "numberPhases": 1}]);
    let payload = json!({"connectorId": 3, "csChargingProfiles": {
        "chargingProfileId": 5, "stackLevel": 1, "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative", "transactionId": 12,
        "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": periods16}}});
    command(BOTH[1], "SetChargingProfile", &payload, |command| {
        let Ok(Command::SetChargingProfile { place, profile }) = command else {
            panic!("{command:?}")
        };
        assert_eq!(place, Place::Connector(ConnectorId::new(2, 1)));
        assert_eq!(profile.transaction, Some(TransactionRef::Number(12)));
        assert_eq!(
            profile.schedules.iter().next().map(|schedule| schedule.unit),
            Some(RateUnit::Amperes)
        );
        assert_eq!(periods(&profile), [[(0, Decimal::new(165, 1)), (60, Decimal::from(6))]]);
    });
    let schedule = |id: i32| json!({"id": id, "chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 1000 * id}]});
    let payload = json!({"evseId": 2, "chargingProfile": {
        "id": 5, "stackLevel": 1, "chargingProfilePurpose": "TxProfile", "chargingProfileKind": "Absolute",
        "transactionId": "abc", "chargingSchedule": [schedule(1), schedule(2), schedule(3)]}});
    command(BOTH[0], "SetChargingProfile", &payload, |command| {
        let Ok(Command::SetChargingProfile { place, profile }) = command else {
            panic!("{command:?}")
        };
        assert_eq!(place, Place::Evse(EvseId(2)));
        assert!(matches!(profile.transaction, Some(TransactionRef::Id(id)) if id.eq_str("abc")));
        assert_eq!(
            profile.schedules.iter().map(|schedule| schedule.id).collect::<Vec<_>>(),
            [1, 2, 3]
        );
        let limits = [1000, 2000, 3000].map(|limit| vec![(0, Decimal::from(limit))]);
        assert_eq!(periods(&profile), limits);
    });
    // Four schedules are one too many (schema: maxItems 3).
    let four = json!({"evseId": 2, "chargingProfile": {
        "id": 5, "stackLevel": 1, "chargingProfilePurpose": "TxProfile", "chargingProfileKind": "Absolute",
        "chargingSchedule": [schedule(1), schedule(2), schedule(3), schedule(4)]}});
    let refusal = command(BOTH[0], "SetChargingProfile", &four, |command| command.err().unwrap());
    assert_eq!(
        BOTH[0].rules().error_code(refusal.error),
        "OccurrenceConstraintViolation"
    );
}

fn booted(subprotocol: &'static str) -> Bench {
    let mut bench = Bench::speaking(config(&[1]), Store::default(), &BOTH, subprotocol);
    bench.csms = accepting_but(|action, _| match action {
        "TransactionEvent" => Some(Answer::Result(json!({}))),
        _ => None,
    });
    bench.drain();
    bench.lines.clear();
    bench.calls.clear();
    bench
}

/// GetConfiguration is answered in one stream; unknown keys come back as they were asked for.
#[test]
fn get_configuration() {
    let mut bench = booted("ocpp1.6");
    bench.call(
        "GetConfiguration",
        json!({"key": ["heartbeatinterval", "N\u{f6}", "NumberOfConnectors"]}),
    );
    assert_eq!(
        bench.answers,
        [json!({
            "configurationKey": [
                {"key": "HeartbeatInterval", "readonly": false, "value": "86400"},
                {"key": "NumberOfConnectors", "readonly": true, "value": "1"},
            ],
            "unknownKey": ["N\u{f6}"],
        })]
    );
    bench.call("GetConfiguration", json!({}));
    let all = bench.answers[1]["configurationKey"].as_array().unwrap();
    assert!(all.len() > 35);
    assert!(all.iter().all(|key| key["key"] != "AuthorizationKey"));
}

/// Each item of SetVariables has a fate of its own, and the result echoes its names letter by letter.
#[test]
fn set_variables() {
    let mut bench = booted("ocpp2.0.1");
    let item = |component: &str, variable: &str, value: &str| json!({"component": {"name": component}, "variable": {"name": variable}, "attributeValue": value});
    let mut target = item("TxCtrlr", "EVConnectionTimeOut", "30");
    target["attributeType"] = json!("MaxSet");
    let evse = json!({"component": {"name": "NoSuch", "evse": {"id": 1}}, "variable": {"name": "X", "instance": "y"},
        "attributeValue": ""});
    let items = [
        item("ocppcommctrlr", "HEARTBEATINTERVAL", "900"),
        item("TxCtrlr", "Nothing", "1"),
        evse,
        item("SampledDataCtrlr", "TxUpdatedMeasurands", "Voltage,Nonsense"),
        target,
        item("TxCtrlr", "EVConnectionTimeOut", "45"),
    ];
    bench.call("SetVariables", json!({"setVariableData": items}));
    let results = bench.answers[0]["setVariableResult"].as_array().unwrap();
    let statuses: Vec<_> = results
        .iter()
        .map(|result| result["attributeStatus"].as_str().unwrap())
        .collect();
    assert_eq!(
        statuses,
        [
            "Accepted",
            "UnknownVariable",
            "UnknownComponent",
            "Rejected",
            "NotSupportedAttributeType",
            "Accepted"
        ]
    );
    for (result, item) in results.iter().zip(&items) {
        assert_eq!(result["component"], item["component"]);
        assert_eq!(result["variable"], item["variable"]);
        // B05.FR.03, FR.12
        let kind = item.get("attributeType").cloned().unwrap_or(json!("Actual"));
        assert_eq!(result["attributeType"], kind);
    }
    assert_eq!(bench.station.settings().int(SettingId::HeartbeatInterval), 900);
    assert_eq!(bench.station.settings().int(SettingId::ConnectionTimeOut), 45);
    bench.assert_idle();
}

/// The same setting under its other name: a change over one version is seen over the other.
#[test]
fn one_setting_two_names() {
    let mut bench = booted("ocpp2.0.1");
    let write = json!({"component": {"name": "TxCtrlr"}, "variable": {"name": "EVConnectionTimeOut"},
        "attributeValue": "77"});
    bench.call("SetVariables", json!({"setVariableData": [write]}));
    bench.subprotocol = "ocpp1.6";
    bench.go_offline();
    bench.go_online();
    bench.call("GetConfiguration", json!({"key": ["ConnectionTimeOut"]}));
    assert_eq!(bench.answers[1]["configurationKey"][0]["value"], "77");
}

/// The same four records, told as Start/MeterValues/StopTransaction and as TransactionEvents.
#[test]
fn one_session_in_both_versions() {
    let session = |subprotocol: &'static str| {
        let mut bench = booted("ocpp1.6");
        bench.set(SettingId::OfflineTxForUnknownId, "true");
        bench.go_offline();
        bench.energy(1, 1000);
        bench.charge(1, "04A3F2");
        bench.energy(1, 1500);
        bench.advance(60);
        bench.energy(1, 2000);
        bench.present("04A3F2");
        bench.pilot(1, 1, PilotState::A);
        bench.lines.clear();
        bench.subprotocol = subprotocol;
        bench.go_online();
        bench.assert_idle();
        bench
    };
    let mut old = session("ocpp1.6");
    let calls: Vec<_> = old.take().into_iter().filter(|line| !line.contains("Status")).collect();
    assert_eq!(
        calls,
        [
            "> StartTransaction 1 04A3F2 1000",
            "> MeterValues 1 1",
            "> StopTransaction 1 2000 Local 04A3F2"
        ]
    );
    let mut new = session("ocpp2.0.1");
    let calls: Vec<_> = new.take().into_iter().filter(|line| !line.contains("Status")).collect();
    assert_eq!(
        calls,
        [
            "> TransactionEvent Started Authorized 0 true",
            "> TransactionEvent Updated MeterValuePeriodic 1 true",
            "> TransactionEvent Ended StopAuthorized 2 true",
        ]
    );
    let events: Vec<_> = new
        .calls
        .iter()
        .filter(|(action, _)| action == "TransactionEvent")
        .collect();
    let id = |event: &Value| event["transactionInfo"]["transactionId"].clone();
    assert!(events.iter().all(|(_, event)| id(event) == id(&events[0].1)));
    assert_eq!(events[0].1["idToken"], json!({"idToken": "04A3F2", "type": "ISO14443"}));
    assert_eq!(events[1].1["meterValue"][0]["sampledValue"][0]["value"], json!(1500));
    assert_eq!(events[2].1["transactionInfo"]["stoppedReason"], "Local");
    assert!(old.store.records.is_empty() && new.store.records.is_empty());
}

/// A CALL whose effect must be stored first is answered only then, and holds up nothing else.
#[test]
fn a_call_is_held_until_storage_answered() {
    for (subprotocol, action, payload, answer) in [
        (
            "ocpp1.6",
            "ChangeConfiguration",
            json!({"key": "ConnectionTimeOut", "value": "33"}),
            json!({"status": "Accepted"}),
        ),
        (
            "ocpp2.0.1",
            "SetVariables",
            json!({"setVariableData": [{"component": {"name": "TxCtrlr"},
                "variable": {"name": "EVConnectionTimeOut"}, "attributeValue": "33"}]}),
            json!({"setVariableResult": [{"component": {"name": "TxCtrlr"},
                "variable": {"name": "EVConnectionTimeOut"}, "attributeType": "Actual", "attributeStatus": "Accepted"}]}),
        ),
    ] {
        let mut bench = booted(subprotocol);
        bench.mode = bench::Mode::Silent;
        bench.call(action, payload);
        bench.expect(&[]);
        assert_eq!(bench.station.settings().int(SettingId::ConnectionTimeOut), 60);
        // What does not depend on it goes on: a plug is told, a second CALL is not taken.
        bench.pilot(1, 1, PilotState::B);
        assert_eq!(bench.take_actions(), ["StatusNotification"]);
        let second = json!([2, "second", action, {}]).to_string();
        let busy = bench.station.handle(bench.now, Input::Frame(second.as_bytes()));
        assert_eq!(busy, Err(ocpp_core::InputError::Busy));
        bench.mode = bench::Mode::Ok;
        bench.answer_storage();
        bench.drain();
        assert_eq!(bench.answers, [answer]);
        assert_eq!(bench.station.settings().int(SettingId::ConnectionTimeOut), 33);
    }
}

/// Where storage fails, the old value stays and the CSMS is told so.
#[test]
fn a_change_that_cannot_be_stored_is_rejected() {
    let mut bench = booted("ocpp1.6");
    bench.mode = bench::Mode::Fail(StoreError::Full);
    bench.call(
        "ChangeConfiguration",
        json!({"key": "ConnectionTimeOut", "value": "33"}),
    );
    bench.expect(&[r#"= {"status":"Rejected"}"#]);
    assert_eq!(bench.station.settings().int(SettingId::ConnectionTimeOut), 60);
    bench.mode = bench::Mode::Ok;
    bench.input(Input::Local(LocalCommand::Set(SettingId::ConnectionTimeOut, "34")));
    assert_eq!(bench.station.settings().int(SettingId::ConnectionTimeOut), 34);
}
