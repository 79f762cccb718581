//! SetVariables and GetVariables (2.0.1 B05, B06), over the same settings that 1.6 knows by key.

mod bench;
mod device;

use bench::{Bench, config};
use device::{booted, get, item, set, station, statuses};
use ocpp_core::FaultCode;
use ocpp_core::dialect::{Device, EvseDevice};
use ocpp_core::settings::{SettingId, TimeSource};
use ocpp_core::{Input, LocalCommand, PilotState, Place};
use serde_json::{Value, json};

/// B05.FR.01–FR.10, FR.12: one result for each item, with its names as they came; each item has a fate of its own.
#[test]
fn set_variables_judges_each_item_by_itself() {
    let mut bench = booted(&[2, 1]);
    let mut minimum = item("TxCtrlr", "EVConnectionTimeOut", "30");
    minimum["attributeType"] = json!("MinSet");
    let mut actual = item("TxCtrlr", "evconnectiontimeout", "45");
    actual["attributeType"] = json!("Actual");
    let mut instance = item("OCPPCommCtrlr", "MessageAttempts", "4");
    instance["variable"]["instance"] = json!("transactionevent");
    let items = [
        (item("ocppcommctrlr", "RESETRETRIES", "4"), "Accepted"),
        (item("NoSuchCtrlr", "Interval", "1"), "UnknownComponent"),
        (item("TxCtrlr", "NoSuch", "1"), "UnknownVariable"),
        (item("OCPPCommCtrlr", "MessageAttempts", "4"), "UnknownVariable"),
        (instance, "Accepted"),
        (minimum, "NotSupportedAttributeType"),
        (item("TxCtrlr", "StopTxOnInvalidId", "perhaps"), "Rejected"),
        (item("OCPPCommCtrlr", "ResetRetries", "101"), "Rejected"),
        (item("ClockCtrlr", "DateTime", "2026-11-22T12:00:00Z"), "Rejected"),
        (item("OCPPCommCtrlr", "MessageTimeout", "20"), "UnknownVariable"),
        (actual, "Accepted"),
    ];
    let data: Vec<_> = items.iter().map(|(item, _)| item.clone()).collect();
    let results = set(&mut bench, &data);
    assert_eq!(results.len(), items.len());
    for (result, (item, status)) in results.iter().zip(&items) {
        assert_eq!(result["attributeStatus"], *status, "{item}");
        assert_eq!(result["component"], item["component"]);
        assert_eq!(result["variable"], item["variable"]);
        let kind = item.get("attributeType").cloned().unwrap_or(json!("Actual"));
        assert_eq!(result["attributeType"], kind);
    }
    let settings = bench.station.settings();
    assert_eq!(settings.int(SettingId::ResetRetries), 4);
    assert_eq!(settings.int(SettingId::MessageAttempts), 4);
    assert_eq!(settings.int(SettingId::ConnectionTimeOut), 45);
    bench.assert_idle();
}

/// The later of two items about one variable wins, as in the order of the message.
#[test]
fn a_variable_twice_in_one_request() {
    let mut bench = booted(&[1]);
    let items = [
        item("TxCtrlr", "EVConnectionTimeOut", "30"),
        item("TxCtrlr", "EVConnectionTimeOut", "x"),
        item("TxCtrlr", "EVConnectionTimeOut", "40"),
    ];
    let results = set(&mut bench, &items);
    assert_eq!(statuses(&results), ["Accepted", "Rejected", "Accepted"]);
    assert_eq!(bench.station.settings().int(SettingId::ConnectionTimeOut), 40);
}

/// B05.FR.09: what cannot be stored is not set; the other items are.
#[test]
fn an_item_that_storage_refuses() {
    let mut bench = booted(&[1]);
    bench.mode = bench::Mode::Fail(ocpp_core::StoreError::Full);
    let items = [
        item("OCPPCommCtrlr", "ResetRetries", "9"),
        item("TxCtrlr", "NoSuch", "1"),
    ];
    let results = set(&mut bench, &items);
    assert_eq!(statuses(&results), ["Rejected", "UnknownVariable"]);
    assert_eq!(bench.station.settings().int(SettingId::ResetRetries), 1);
}

/// Ten items are promised; sixteen are still taken; more are refused before anything is changed.
#[test]
fn too_many_items() {
    let mut bench = booted(&[1]);
    let results = set(&mut bench, &vec![item("OCPPCommCtrlr", "ResetRetries", "2"); 16]);
    assert_eq!(results.len(), 16);
    let items = vec![item("OCPPCommCtrlr", "ResetRetries", "3"); 17];
    bench.call("SetVariables", json!({"setVariableData": items}));
    assert_eq!(bench.answers.last().unwrap()[2], "OccurrenceConstraintViolation");
    assert_eq!(bench.station.settings().int(SettingId::ResetRetries), 2);
    bench.call("GetVariables", json!({"getVariableData": []}));
    assert_eq!(bench.answers.last().unwrap()[2], "OccurrenceConstraintViolation");
}

/// B06.FR.17: what is longer than the receive buffer is refused by its id.
#[test]
fn request_longer_than_the_buffer() {
    let mut bench = booted(&[1]);
    let name = "N".repeat(50);
    let items = vec![json!({"component": {"name": name}, "variable": {"name": name}}); 40];
    bench.call("GetVariables", json!({"getVariableData": items}));
    assert_eq!(bench.answers.last().unwrap()[2], "FormatViolation");
}

/// What is read with the names that the table promises fits the usual outbound buffer.
#[test]
fn ten_variables_fit_two_kibibytes() {
    let mut bench = booted(&[1]);
    bench.buffer = 2048;
    let items = vec![
        json!({"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "MessageAttemptInterval",
            "instance": "TransactionEvent"}, "attributeType": "Actual"});
        10
    ];
    bench.call("GetVariables", json!({"getVariableData": items}));
    assert_eq!(bench.answers[0]["getVariableResult"].as_array().unwrap().len(), 10);
}

/// B06.FR.01–FR.04, FR.06–FR.11, FR.14, FR.15.
#[test]
fn get_variables_judges_each_item_by_itself() {
    let mut bench = booted(&[2, 1]);
    let of =
        |component: &str, variable: &str| json!({"component": {"name": component}, "variable": {"name": variable}});
    let mut target = of("TxCtrlr", "EVConnectionTimeOut");
    target["attributeType"] = json!("Target");
    let mut actual = of("TxCtrlr", "EVConnectionTimeOut");
    actual["attributeType"] = json!("Actual");
    let mut instance = of("OCPPCommCtrlr", "MessageAttempts");
    instance["variable"]["instance"] = json!("TransactionEvent");
    let mut empty = of("TxCtrlr", "StopTxOnInvalidId");
    empty["variable"]["instance"] = json!("");
    let at = |evse: Value| {
        let mut at = of("Connector", "Available");
        at["component"]["evse"] = evse;
        at
    };
    let mut component_instance = of("TxCtrlr", "StopTxOnInvalidId");
    component_instance["component"]["instance"] = json!("Main");
    let items = [
        (actual, "Accepted", Some("60")),
        (of("TXCTRLR", "stoptxoninvalidid"), "Accepted", Some("true")),
        (empty, "Accepted", Some("true")),
        (of("NoSuch", "Interval"), "UnknownComponent", None),
        (of("TxCtrlr", "NoSuch"), "UnknownVariable", None),
        (target, "NotSupportedAttributeType", None),
        (of("SecurityCtrlr", "BasicAuthPassword"), "Rejected", None),
        (of("OCPPCommCtrlr", "MessageAttempts"), "UnknownVariable", None),
        (instance, "Accepted", Some("3")),
        (component_instance, "UnknownComponent", None),
        (at(json!({"id": 1, "connectorId": 2})), "Accepted", Some("true")),
        (at(json!({"id": 2, "connectorId": 2})), "UnknownComponent", None),
        (at(json!({"id": 0})), "UnknownComponent", None),
        (at(json!({"id": 300, "connectorId": -1})), "UnknownComponent", None),
    ];
    let data: Vec<_> = items.iter().map(|(item, ..)| item.clone()).collect();
    bench.call("GetVariables", json!({"getVariableData": data}));
    let results = bench.answers[0]["getVariableResult"].as_array().unwrap();
    assert_eq!(results.len(), items.len());
    for (result, (item, status, value)) in results.iter().zip(&items) {
        assert_eq!(result["attributeStatus"], *status, "{item}");
        assert_eq!(result["component"], item["component"]);
        assert_eq!(result["variable"], item["variable"]);
        let kind = item.get("attributeType").cloned().unwrap_or(json!("Actual"));
        assert_eq!(result["attributeType"], kind);
        assert_eq!(result.get("attributeValue").and_then(Value::as_str), *value, "{item}");
    }
}

/// B06.FR.13: a variable that has no value yet.
#[test]
fn a_variable_without_a_value() {
    let mut bench = booted(&[1]);
    assert_eq!(get(&mut bench, "AuthCtrlr", "MasterPassGroupId"), "");
    assert_eq!(get(&mut bench, "OCPPCommCtrlr", "FileTransferProtocols"), "");
}

/// Texts may have any characters.
#[test]
fn a_value_that_json_has_to_escape() {
    let mut bench = booted(&[1]);
    let name = "A \"B\" \\ é\n";
    let results = set(&mut bench, &[item("SecurityCtrlr", "OrganizationName", name)]);
    assert_eq!(statuses(&results), ["Accepted"]);
    assert_eq!(get(&mut bench, "SecurityCtrlr", "OrganizationName"), name);
}

/// What the station is and how it does, at each place (D01.FR.12: the list among it).
#[test]
fn facts() {
    static DEVICE: Device<'static> = Device {
        station_id: "CS-0042",
        security_profile: 2,
        highest_security_profile: 3,
        network_interfaces: &["Wired0"],
        time_sources: &[TimeSource::Heartbeat, TimeSource::Gps],
        evses: &[EvseDevice {
            phases: 1,
            max_watts: 7360,
            connectors: &["sType2", "cType1"],
        }],
    };
    let mut own = config(&[2, 1]);
    own.device = DEVICE;
    let mut bench = station(own);
    bench.set(SettingId::PhaseRotation, "0.RST,2.STR");
    bench.pilot(1, 2, PilotState::B);
    let entry = json!({"idToken": {"idToken": "TAG", "type": "ISO14443"}, "idTokenInfo": {"status": "Accepted"}});
    bench.call(
        "SendLocalList",
        json!({"versionNumber": 1, "updateType": "Full", "localAuthorizationList": [entry]}),
    );
    bench.fault(
        Place::Connector(ocpp_core::ConnectorId::new(2, 1)),
        FaultCode::GroundFailure,
        true,
    );
    for (component, variable, value) in [
        ("ChargingStation", "AvailabilityState", "Available"),
        ("ChargingStation", "VendorName", "Example"),
        ("ChargingStation", "Model", "One"),
        ("ChargingStation", "Problem", "false"),
        ("ChargingStation", "PhaseRotation", "RST"),
        ("EVSE 1", "AvailabilityState", "Occupied"),
        ("EVSE 1", "Problem", "false"),
        ("EVSE 1", "SupplyPhases", "1"),
        ("EVSE 1", "Power", ""),
        ("EVSE 2", "AvailabilityState", "Faulted"),
        ("EVSE 2", "Problem", "true"),
        ("EVSE 2", "SupplyPhases", "3"),
        ("Connector 1 1", "AvailabilityState", "Available"),
        ("Connector 1 1", "ConnectorType", "sType2"),
        ("Connector 1 2", "AvailabilityState", "Occupied"),
        ("Connector 1 2", "ConnectorType", "cType1"),
        ("Connector 1 2", "PhaseRotation", "STR"),
        ("Connector 2 1", "ConnectorType", "Unknown"),
        ("Connector 2 1", "PhaseRotation", ""),
        ("Connector 2 1", "AvailabilityState", "Faulted"),
        ("SecurityCtrlr", "Identity", "CS-0042"),
        ("SecurityCtrlr", "SecurityProfile", "2"),
        ("SecurityCtrlr", "CertificateEntries", "0"),
        ("AuthCacheCtrlr", "Available", "true"),
        ("AuthCacheCtrlr", "Entries", "0"),
        ("LocalAuthListCtrlr", "Available", "true"),
        ("LocalAuthListCtrlr", "Entries", "1"),
        ("LocalAuthListCtrlr", "ItemsPerMessage", "8"),
        ("OCPPCommCtrlr", "ActiveNetworkProfile", "0"),
    ] {
        assert_eq!(get(&mut bench, component, variable), value, "{component} {variable}");
    }
    let time = get(&mut bench, "ClockCtrlr", "DateTime");
    assert_eq!(time, "2026-11-22T12:00:00Z");
    bench.advance(90);
    assert_eq!(get(&mut bench, "ClockCtrlr", "DateTime"), "2026-11-22T12:01:30Z");
}

/// What was set over 2.0.1 is there after a reboot, whatever its type.
#[test]
fn values_survive_a_reboot() {
    let mut bench = booted(&[1]);
    let items = [
        item("ClockCtrlr", "TimeSource", "Heartbeat"),
        item("TxCtrlr", "TxStartPoint", "EVConnected"),
        item("AuthCtrlr", "MasterPassGroupId", "M\"1"),
        item("OCPPCommCtrlr", "OfflineThreshold", "7"),
        item("AuthCtrlr", "Enabled", "false"),
        item("SampledDataCtrlr", "TxStartedMeasurands", "SoC,Voltage"),
    ];
    set(&mut bench, &items);
    let mut bench = device::reboot(bench, config(&[1]));
    for wanted in items {
        let name = |part: &str| wanted[part]["name"].as_str().unwrap().to_string();
        let value = get(&mut bench, &name("component"), &name("variable"));
        assert_eq!(value, wanted["attributeValue"], "{wanted}");
    }
}

/// Only sources that the station has; and the CSMS sets the clock only while heartbeats are among them.
#[test]
fn time_source() {
    let mut own = config(&[1]);
    own.device.time_sources = &[TimeSource::Heartbeat, TimeSource::Gps];
    let mut bench = station(own);
    assert_eq!(get(&mut bench, "ClockCtrlr", "TimeSource"), "Heartbeat");
    let write = |bench: &mut Bench, value: &str| {
        let results = set(bench, &[item("ClockCtrlr", "TimeSource", value)]);
        statuses(&results)[0].clone()
    };
    for wrong in ["NTP", "GPS,GPS", "", "Heartbeat,", "gps"] {
        assert_eq!(write(&mut bench, wrong), "Rejected", "{wrong}");
    }
    assert_eq!(write(&mut bench, "GPS,Heartbeat"), "Accepted");
    assert_eq!(get(&mut bench, "ClockCtrlr", "TimeSource"), "GPS,Heartbeat");
    assert_eq!(write(&mut bench, "GPS"), "Accepted");
    bench.input(Input::Clock(bench::utc("2026-11-22T15:00:00Z")));
    bench.take();
    bench.set(SettingId::HeartbeatInterval, "60");
    bench.advance(60);
    bench.expect(&["> Heartbeat"]);
    assert_eq!(get(&mut bench, "ClockCtrlr", "DateTime"), "2026-11-22T15:01:00Z");
}

/// A01.FR.01: one secret in two forms: 1.6 tells its bytes in hexadecimal, 2.0.1 its characters (B05; security whitepaper A01).
#[test]
fn the_password_in_both_versions() {
    let mut bench = booted(&[1]);
    bench.take();
    let write = |bench: &mut Bench, text: &str| {
        let results = set(bench, &[item("SecurityCtrlr", "BasicAuthPassword", text)]);
        statuses(&results)[0].clone()
    };
    for wrong in ["fifteen letters", &"x".repeat(41), &"é".repeat(21), ""] {
        assert_eq!(write(&mut bench, wrong), "Rejected", "{wrong}");
    }
    assert_eq!(write(&mut bench, "sixteen \u{e9}letters"), "Accepted");
    assert_eq!(
        bench.station.settings().authorization_key(),
        "7369787465656e20c3a96c657474657273"
    );
    // The reply first, then a new connection with it.
    let lines = bench.take();
    assert_eq!(
        lines.iter().rposition(|line| line == "disconnect"),
        Some(lines.len() - 1)
    );
    device::speak(&mut bench, "ocpp1.6");
    let key = "00".repeat(20);
    for (value, status) in [
        ("00".repeat(21).as_str(), "Rejected"),
        ("", "Rejected"),
        (&key, "Accepted"),
    ] {
        bench.call(
            "ChangeConfiguration",
            json!({"key": "AuthorizationKey", "value": value}),
        );
        assert_eq!(bench.answers.last().unwrap()["status"], status, "{value}");
    }
    assert_eq!(bench.station.settings().authorization_key(), key);
}

/// 2.0.1 has measurands without phases, and no temperature: it is not told what 1.6 has set beyond that.
#[test]
fn measurands_in_both_versions() {
    let mut bench = booted(&[1]);
    let id = SettingId::SampledMeasurands;
    bench.set(id, "Voltage.L1-N,Temperature,SoC,Voltage.L2-N,RPM");
    assert_eq!(
        get(&mut bench, "SampledDataCtrlr", "TxUpdatedMeasurands"),
        "Voltage,SoC"
    );
    let write = |bench: &mut Bench, value: &str| {
        let results = set(bench, &[item("SampledDataCtrlr", "TxUpdatedMeasurands", value)]);
        statuses(&results)[0].clone()
    };
    for wrong in ["Voltage.L1-N", "Temperature", "SoC,RPM", "Nonsense"] {
        assert_eq!(write(&mut bench, wrong), "Rejected", "{wrong}");
    }
    assert_eq!(write(&mut bench, "Current.Import,Voltage"), "Accepted");
    device::speak(&mut bench, "ocpp1.6");
    bench.call("GetConfiguration", json!({"key": ["MeterValuesSampledData"]}));
    assert_eq!(
        bench.answers.last().unwrap()["configurationKey"][0]["value"],
        "Current.Import,Voltage"
    );
}

/// 1.6 switches heartbeats off with 0, 2.0.1 cannot: it sees the heartbeat a day that is left.
#[test]
fn heartbeat_interval_in_both_versions() {
    let mut bench = booted(&[1]);
    bench.set(SettingId::HeartbeatInterval, "0");
    assert_eq!(get(&mut bench, "OCPPCommCtrlr", "HeartbeatInterval"), "86400");
    let items = [
        item("OCPPCommCtrlr", "HeartbeatInterval", "0"),
        item("OCPPCommCtrlr", "HeartbeatInterval", "-5"),
        item("OCPPCommCtrlr", "HeartbeatInterval", "900"),
    ];
    let results = set(&mut bench, &items);
    assert_eq!(statuses(&results), ["Rejected", "Rejected", "Accepted"]);
    assert_eq!(bench.station.settings().int(SettingId::HeartbeatInterval), 900);
}

/// What 1.6 may write and 2.0.1 only sees.
#[test]
fn message_timeout_in_both_versions() {
    let mut bench = booted(&[1]);
    bench.input(Input::Local(LocalCommand::Set(SettingId::MessageTimeout, "17")));
    assert_eq!(
        device::get_of(&mut bench, "OCPPCommCtrlr", "MessageTimeout", "Default"),
        "17"
    );
    let mut write = item("OCPPCommCtrlr", "MessageTimeout", "20");
    write["variable"]["instance"] = json!("Default");
    let results = set(&mut bench, &[write]);
    assert_eq!(statuses(&results), ["Rejected"]);
}

/// Errata 3.83: a fixed cable is never unlocked; its variable is read-only.
#[test]
fn unlock_variable_of_a_fixed_cable() {
    let mut own = config(&[1]);
    own.fixed_cable = true;
    let mut bench = station(own);
    let results = set(&mut bench, &[item("OCPPCommCtrlr", "UnlockOnEVSideDisconnect", "true")]);
    assert_eq!(statuses(&results), ["Rejected"]);
    assert_eq!(get(&mut bench, "OCPPCommCtrlr", "UnlockOnEVSideDisconnect"), "false");
}

/// As many items as are announced, each with the longest list that there is: what does not fit the usual outbound buffer
/// of 2 KiB is rejected item by item, and the rest has its values.
#[test]
fn ten_long_lists_in_one_answer() {
    let mut bench = booted(&[1]);
    bench.buffer = 2048;
    let longest = ["Current.Import", "Power.Active.Export", "Power.Active.Import"].join(",");
    let longest =
        format!("Energy.Reactive.Export.Interval,Energy.Reactive.Import.Interval,{longest},Frequency,Voltage,SoC");
    let lists = [
        ("AlignedDataCtrlr", "Measurands"),
        ("AlignedDataCtrlr", "TxEndedMeasurands"),
        ("SampledDataCtrlr", "TxStartedMeasurands"),
        ("SampledDataCtrlr", "TxUpdatedMeasurands"),
        ("SampledDataCtrlr", "TxEndedMeasurands"),
    ];
    let item =
        |(component, variable): (&str, &str)| json!({"component": {"name": component}, "variable": {"name": variable}});
    for list in lists {
        let mut data = item(list);
        data["attributeValue"] = json!(longest);
        bench.call("SetVariables", json!({"setVariableData": [data]}));
        let status = &bench.answers.last().unwrap()["setVariableResult"][0]["attributeStatus"];
        assert_eq!(status, "Accepted", "{list:?}");
    }
    let short = ("AuthCtrlr", "Enabled");
    let data: Vec<_> = lists
        .into_iter()
        .chain(lists.into_iter().take(4))
        .chain([short])
        .map(item)
        .collect();
    bench.answers.clear();
    bench.call("GetVariables", json!({"getVariableData": data}));
    let results = bench.answers[0]["getVariableResult"].as_array().unwrap();
    assert_eq!(results.len(), 10);
    let (told, left_out): (Vec<_>, Vec<_>) = results.iter().partition(|own| own["attributeStatus"] == "Accepted");
    assert!(told.len() > 1 && told[0]["attributeValue"] == longest.as_str());
    assert_eq!(results[9]["attributeValue"], "true");
    assert!(!left_out.is_empty());
    for own in left_out {
        assert_eq!(own["attributeStatus"], "Rejected");
        assert_eq!(own.get("attributeValue"), None);
    }
    assert_eq!(
        results[3]["attributeStatusInfo"],
        json!({"reasonCode": "TooLargeElement"})
    );
}

/// B06.FR.17, and the same of B05: within the announced limits every request is answered out of 2 KiB, whatever its names.
#[test]
fn names_that_fill_the_answer() {
    let mut bench = booted(&[1]);
    bench.buffer = 2048;
    let written = |len: usize| {
        let name = "N".repeat(len);
        item(&name, &name, "")
    };
    let read = |len: usize| {
        let mut read = written(len);
        read.as_object_mut().unwrap().remove("attributeValue");
        read
    };
    let cases: [(_, _, &dyn Fn(usize) -> Value); 2] = [
        ("SetVariables", "setVariableData", &written),
        ("GetVariables", "getVariableData", &read),
    ];
    for (action, list, of) in cases {
        let most: usize = device::get_of(&mut bench, "DeviceDataCtrlr", "BytesPerMessage", action)
            .parse()
            .unwrap();
        let request = |len| json!({list: vec![of(len); 10]});
        let lengths = (1..=50).rev().filter(|len| request(*len).to_string().len() <= most);
        let longest = lengths.max().unwrap();
        // The usual names fit.
        assert!(longest >= 14, "{action} {longest}");
        bench.call(action, request(longest));
        assert!(bench.answers.last().unwrap().is_object(), "{action}");
    }
    bench.assert_idle();
}
