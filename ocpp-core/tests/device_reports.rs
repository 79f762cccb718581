//! Reports of the device model (2.0.1 B07, B08): what is in them, and how they are cut into pages.

mod bench;
mod device;

use bench::{Answer, Bench, accepting_but, config};
use device::{BUFFER, base, booted, name, names, rows};
use ocpp_core::dialect::Dialect;
use ocpp_core::{ConnectorId, EvseId, FaultCode, Input, PilotState, Place};
use serde_json::{Value, json};

fn find<'r>(rows: &'r [Value], wanted: &str) -> &'r Value {
    rows.iter()
        .find(|row| name(row) == wanted)
        .unwrap_or_else(|| panic!("{wanted}"))
}

/// Component, variable and instance of everything that Core requires (2.0.1 appendices, part 2 chapter 2).
const REQUIRED: &[&str] = &[
    "AlignedDataCtrlr Interval",
    "AlignedDataCtrlr Measurands",
    "AlignedDataCtrlr TxEndedInterval",
    "AlignedDataCtrlr TxEndedMeasurands",
    "AuthCtrlr AuthorizeRemoteStart",
    "AuthCtrlr LocalAuthorizeOffline",
    "AuthCtrlr LocalPreAuthorize",
    "ChargingStation AvailabilityState",
    "ChargingStation Available",
    "ChargingStation SupplyPhases",
    "ClockCtrlr DateTime",
    "ClockCtrlr TimeSource",
    "Connector 1 1 Available",
    "Connector 1 1 ConnectorType",
    "Connector 1 1 SupplyPhases",
    "DeviceDataCtrlr BytesPerMessage GetReport",
    "DeviceDataCtrlr BytesPerMessage GetVariables",
    "DeviceDataCtrlr BytesPerMessage SetVariables",
    "DeviceDataCtrlr ItemsPerMessage GetReport",
    "DeviceDataCtrlr ItemsPerMessage GetVariables",
    "DeviceDataCtrlr ItemsPerMessage SetVariables",
    "EVSE 1 AvailabilityState",
    "EVSE 1 Available",
    "EVSE 1 Power",
    "EVSE 1 SupplyPhases",
    "LocalAuthListCtrlr BytesPerMessage",
    "LocalAuthListCtrlr Entries",
    "LocalAuthListCtrlr ItemsPerMessage",
    "OCPPCommCtrlr ActiveNetworkProfile",
    "OCPPCommCtrlr FileTransferProtocols",
    "OCPPCommCtrlr MessageAttemptInterval TransactionEvent",
    "OCPPCommCtrlr MessageAttempts TransactionEvent",
    "OCPPCommCtrlr MessageTimeout Default",
    "OCPPCommCtrlr NetworkConfigurationPriority",
    "OCPPCommCtrlr NetworkProfileConnectionAttempts",
    "OCPPCommCtrlr OfflineThreshold",
    "OCPPCommCtrlr ResetRetries",
    "OCPPCommCtrlr RetryBackOffRandomRange",
    "OCPPCommCtrlr RetryBackOffRepeatTimes",
    "OCPPCommCtrlr RetryBackOffWaitMinimum",
    "OCPPCommCtrlr UnlockOnEVSideDisconnect",
    "OCPPCommCtrlr WebSocketPingInterval",
    "SampledDataCtrlr TxEndedInterval",
    "SampledDataCtrlr TxEndedMeasurands",
    "SampledDataCtrlr TxStartedMeasurands",
    "SampledDataCtrlr TxUpdatedInterval",
    "SampledDataCtrlr TxUpdatedMeasurands",
    "SecurityCtrlr CertificateEntries",
    "SecurityCtrlr OrganizationName",
    "SecurityCtrlr SecurityProfile",
    "TxCtrlr EVConnectionTimeOut",
    "TxCtrlr StopTxOnEVSideDisconnect",
    "TxCtrlr StopTxOnInvalidId",
    "TxCtrlr TxStartPoint",
    "TxCtrlr TxStopPoint",
];

/// B07.FR.01, FR.03, FR.04, FR.08, FR.10–FR.12, General.FR.05: everything, once, in pages that fit the usual buffer.
#[test]
fn full_inventory() {
    let mut bench = booted(&[2, 1]);
    bench.buffer = BUFFER;
    let all = base(&mut bench, "FullInventory");
    let mut unique = names(&all);
    for required in REQUIRED {
        assert!(unique.iter().any(|own| own == required), "{required}");
    }
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), all.len());
    for row in &all {
        let attributes = row["variableAttribute"].as_array().unwrap();
        assert_eq!(attributes.len(), 1, "{row}");
        // A value that is only written is not told, any other is, even if there is none yet.
        let secret = attributes[0]["mutability"] == "WriteOnly";
        assert_eq!(attributes[0].get("value").is_none(), secret, "{row}");
        assert!(row["variableCharacteristics"]["dataType"].is_string(), "{row}");
    }
    let connectors = |evse: i64| {
        let own = |row: &&Value| row["component"]["name"] == "Connector" && row["component"]["evse"]["id"] == evse;
        all.iter().filter(own).count()
    };
    assert_eq!((connectors(1), connectors(2)), (12, 6));
    bench.assert_idle();
}

/// Every value that the report tells as writable may be written back, and GetVariables tells the same.
#[test]
fn what_is_reported_is_what_is_read_and_written() {
    let mut bench = booted(&[1]);
    for row in base(&mut bench, "FullInventory") {
        let attribute = &row["variableAttribute"][0];
        let Some(value) = attribute["value"].as_str() else {
            continue;
        };
        let data = json!({"component": row["component"], "variable": row["variable"]});
        bench.call("GetVariables", json!({"getVariableData": [data]}));
        let result = &bench.answers.last().unwrap()["getVariableResult"][0];
        assert_eq!(result["attributeValue"], value, "{row}");
        let mut data = data;
        data["attributeValue"] = json!(value);
        bench.call("SetVariables", json!({"setVariableData": [data]}));
        let status = bench.answers.last().unwrap()["setVariableResult"][0]["attributeStatus"].clone();
        match attribute["mutability"].as_str() {
            Some("ReadOnly") => assert_eq!(status, "Rejected", "{row}"),
            _ => assert!(status == "Accepted" || status == "RebootRequired", "{row}"),
        }
    }
}

/// B07.FR.07: what an operator can set.
#[test]
fn configuration_inventory() {
    let mut bench = booted(&[1]);
    let found = base(&mut bench, "ConfigurationInventory");
    let settable = |row: &Value| row["variableAttribute"][0]["mutability"] != "ReadOnly";
    assert!(found.iter().all(settable));
    let all = base(&mut bench, "FullInventory");
    let expected: Vec<_> = all.iter().filter(|row| settable(row)).cloned().collect();
    assert_eq!(found, expected);
    assert!(names(&found).contains(&"SecurityCtrlr BasicAuthPassword".to_string()));
}

/// B07.FR.09: how everything does, and what has a problem.
#[test]
fn summary_inventory() {
    let mut bench = booted(&[2, 1]);
    let healthy = [
        "ChargingStation AvailabilityState",
        "Connector 1 1 AvailabilityState",
        "Connector 1 2 AvailabilityState",
        "Connector 2 1 AvailabilityState",
        "EVSE 1 AvailabilityState",
        "EVSE 2 AvailabilityState",
    ];
    assert_eq!(names(&base(&mut bench, "SummaryInventory")), healthy);
    bench.fault(Place::Evse(EvseId(2)), FaultCode::GroundFailure, true);
    bench.calls.clear();
    let found = names(&base(&mut bench, "SummaryInventory"));
    let problems: Vec<_> = found.iter().filter(|name| !healthy.contains(&name.as_str())).collect();
    assert_eq!(problems, ["Connector 2 1 Problem", "EVSE 2 Problem"]);
}

/// Types, units, limits and choices, as far as B07.FR.08 wants them.
#[test]
fn characteristics() {
    let mut own = config(&[1]);
    own.measurands = &[
        ocpp_core::Measurand::Voltage,
        ocpp_core::Measurand::Temperature,
        ocpp_core::Measurand::SoC,
    ];
    let mut bench = device::station(own);
    let all = base(&mut bench, "FullInventory");
    for (wanted, expected) in [
        (
            "OCPPCommCtrlr HeartbeatInterval",
            json!({"dataType": "integer", "unit": "s", "minLimit": 1, "maxLimit": 100_000_000}),
        ),
        (
            "OCPPCommCtrlr ResetRetries",
            json!({"dataType": "integer", "minLimit": 0, "maxLimit": 100}),
        ),
        ("TxCtrlr StopTxOnInvalidId", json!({"dataType": "boolean"})),
        (
            "AuthCtrlr MasterPassGroupId",
            json!({"dataType": "string", "maxLimit": 36}),
        ),
        (
            "SecurityCtrlr BasicAuthPassword",
            json!({"dataType": "string", "maxLimit": 40}),
        ),
        (
            "AlignedDataCtrlr Measurands",
            json!({"dataType": "MemberList", "maxLimit": 255, "valuesList": "Voltage,SoC"}),
        ),
        (
            "TxCtrlr TxStopPoint",
            json!({"dataType": "MemberList",
                "valuesList": "ParkingBayOccupancy,EVConnected,Authorized,PowerPathClosed,EnergyTransfer"}),
        ),
        (
            "OCPPCommCtrlr NetworkConfigurationPriority",
            json!({"dataType": "SequenceList", "valuesList": "0,1,2,3,4,5,6,7"}),
        ),
        (
            "ClockCtrlr TimeSource",
            json!({"dataType": "SequenceList", "valuesList": "Heartbeat"}),
        ),
        ("ClockCtrlr DateTime", json!({"dataType": "dateTime"})),
        (
            "EVSE 1 AvailabilityState",
            json!({"dataType": "OptionList", "valuesList": "Available,Occupied,Reserved,Unavailable,Faulted"}),
        ),
        (
            "EVSE 1 Power",
            json!({"dataType": "decimal", "unit": "W", "maxLimit": 22080}),
        ),
        ("AuthCacheCtrlr Entries", json!({"dataType": "integer", "maxLimit": 4})),
        (
            "LocalAuthListCtrlr Entries",
            json!({"dataType": "integer", "maxLimit": 8}),
        ),
    ] {
        let mut expected = expected;
        expected["supportsMonitoring"] = json!(false);
        assert_eq!(find(&all, wanted)["variableCharacteristics"], expected, "{wanted}");
    }
}

/// B07.FR.13, B08.FR.16: one report at a time.
#[test]
fn a_second_report_meanwhile() {
    let mut bench = booted(&[1]);
    bench.csms = accepting_but(|action, _| (action == "NotifyReport").then_some(Answer::Nothing));
    bench.call("GetBaseReport", json!({"requestId": 1, "reportBase": "FullInventory"}));
    bench.call("GetBaseReport", json!({"requestId": 2, "reportBase": "FullInventory"}));
    bench.call("GetReport", json!({"requestId": 3}));
    let statuses: Vec<_> = bench.answers.iter().map(|answer| answer["status"].clone()).collect();
    assert_eq!(statuses, ["Accepted", "Rejected", "Rejected"]);
    bench.csms = bench::accepting();
    bench.answer(json!({}));
    assert_eq!(
        rows(&mut bench, 1).len(),
        names(&base(&mut bench, "FullInventory")).len()
    );
}

/// B08.FR.18: a request that cannot be kept until its report is told.
#[test]
fn request_longer_than_can_be_kept() {
    let mut bench = booted(&[1]);
    assert_eq!(
        device::get_of(&mut bench, "DeviceDataCtrlr", "BytesPerMessage", "GetReport"),
        "512"
    );
    let filters = vec![json!({"component": {"name": "TxCtrlr"}}); 20];
    bench.call("GetReport", json!({"requestId": 1, "componentVariable": filters}));
    assert_eq!(bench.answers.last().unwrap()[2], "FormatViolation");
    bench.assert_idle();
}

/// B07.FR.02 has no case here: what is no report base at all is refused as a value.
#[test]
fn unknown_report_base() {
    let mut bench = booted(&[1]);
    bench.call("GetBaseReport", json!({"requestId": 1, "reportBase": "Everything"}));
    assert_eq!(bench.answers[0][2], "PropertyConstraintViolation");
    assert!(bench.calls.is_empty());
}

/// B02: a station that waits for its acceptance reports what it is asked for, with the time that the CSMS told.
#[test]
fn report_while_pending() {
    static NEW: [&dyn Dialect; 1] = [&ocpp201::DIALECT];
    let mut bench = Bench::speaking(config(&[1]), bench::Store::default(), &NEW, "ocpp2.0.1");
    bench.csms = accepting_but(|action, _| {
        let answer = json!({"status": "Pending", "currentTime": "2026-11-22T12:00:00Z", "interval": 600});
        (action == "BootNotification").then_some(Answer::Result(answer))
    });
    bench.drain();
    bench.calls.clear();
    bench.call(
        "GetBaseReport",
        json!({"requestId": 5, "reportBase": "SummaryInventory"}),
    );
    assert_eq!(bench.calls[0].1["generatedAt"], "2026-11-22T12:00:00Z");
    assert_eq!(rows(&mut bench, 5).len(), 3);
}

/// A report that was cut off by the end of the link is not taken up again: the CSMS asks anew.
#[test]
fn report_cut_off() {
    let mut bench = booted(&[1]);
    bench.csms = accepting_but(|action, _| (action == "NotifyReport").then_some(Answer::Nothing));
    bench.call("GetBaseReport", json!({"requestId": 1, "reportBase": "FullInventory"}));
    bench.go_offline();
    bench.csms = bench::accepting();
    bench.calls.clear();
    bench.go_online();
    assert!(bench.calls_of("NotifyReport").is_empty());
    assert!(!base(&mut bench, "FullInventory").is_empty());
}

/// What was wanted on a later page may be over: the report still has an end.
#[test]
fn a_problem_that_ends_between_pages() {
    let mut bench = booted(&[8, 8]);
    bench.buffer = BUFFER;
    let fault = |bench: &mut Bench, on| bench.fault(Place::Evse(EvseId(2)), FaultCode::HighTemperature, on);
    fault(&mut bench, true);
    bench.calls.clear();
    bench.csms = accepting_but(|action, _| (action == "NotifyReport").then_some(Answer::Nothing));
    bench.call("GetReport", json!({"requestId": 1, "componentCriteria": ["Problem"]}));
    fault(&mut bench, false);
    bench.csms = bench::accepting();
    bench.answer(json!({}));
    let pages = bench.calls_of("NotifyReport");
    assert_eq!(pages.len(), 2);
    assert_eq!(pages[1].get("reportData"), None);
    rows(&mut bench, 1);
    bench.assert_idle();
}

/// A change over one version is seen over the other, and survives a reboot in between.
#[test]
fn one_value_under_two_names() {
    let mut bench = booted(&[1]);
    device::set(&mut bench, &[device::item("OCPPCommCtrlr", "ResetRetries", "6")]);
    device::speak(&mut bench, "ocpp1.6");
    bench.call("GetConfiguration", json!({"key": ["ResetRetries"]}));
    assert_eq!(bench.answers.last().unwrap()["configurationKey"][0]["value"], "6");
    bench.call("ChangeConfiguration", json!({"key": "CpoName", "value": "Example AG"}));
    device::speak(&mut bench, "ocpp2.0.1");
    assert_eq!(
        device::get(&mut bench, "SecurityCtrlr", "OrganizationName"),
        "Example AG"
    );
}

/// An EV that comes meanwhile is told between the pages.
#[test]
fn a_status_goes_before_the_next_page() {
    let mut bench = booted(&[1]);
    bench.csms = accepting_but(|action, _| (action == "NotifyReport").then_some(Answer::Nothing));
    bench.call("GetBaseReport", json!({"requestId": 1, "reportBase": "FullInventory"}));
    bench.input(Input::Pilot {
        connector: ConnectorId::new(1, 1),
        state: PilotState::B,
    });
    bench.calls.clear();
    bench.answer(json!({}));
    let actions: Vec<_> = bench.calls.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(actions, ["StatusNotification", "NotifyReport"]);
}
