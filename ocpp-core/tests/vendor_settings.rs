//! Settings of the firmware: names in both versions, kinds, accesses, storage (1.6 §5.2, §5.8; 2.0.1 B05–B08).

mod bench;

use bench::{Bench, Mode, OCPP16, OCPP201, Store, config};
use ocpp_core::dialect::Dialect;
use ocpp_core::settings::{Kind, SettingError, VendorFault, VendorId, VendorSetting, VendorSlot};
use ocpp_core::wire::Decimal;
use ocpp_core::{
    Buffers, ConfigError, ConnectorId, ConnectorSlot, EvseId, EvseSlot, Input, InputError, LocalCommand, Place,
    Station, StationStorage, StoreError, ValueKey,
};
use serde_json::{Value, json};

const BRIGHTNESS: VendorId = VendorId(3);
const PIN: VendorId = VendorId(4);
const LANGUAGE: VendorId = VendorId(5);
const UPTIME: VendorId = VendorId(6);
const TARGET: VendorId = VendorId(7);
const DOOR: VendorId = VendorId(8);
const MODEM: VendorId = VendorId(9);

static SETTINGS: [VendorSetting; 7] = [
    VendorSetting::new(BRIGHTNESS, Kind::Number { min: 0, max: 100 }, "80")
        .key("ReaderBrightness")
        .variable("TokenReader", "Brightness")
        .unit("%"),
    VendorSetting::new(PIN, Kind::Text { max: 8 }, "0000")
        .key("ServicePin")
        .variable("ServiceMenu", "Pin")
        .secret(),
    VendorSetting::new(LANGUAGE, Kind::OneOf(&["en", "de", "nl"]), "en")
        .key("Language")
        .variable("Display", "Language")
        .component_instance("Main")
        .after_reboot(),
    VendorSetting::new(UPTIME, Kind::Seconds { min: 0, max: i32::MAX }, "0")
        .key("UpTime")
        .variable("OCPPCommCtrlr", "UpTime")
        .read_only()
        .volatile(),
    VendorSetting::new(
        TARGET,
        Kind::Decimal(&[Decimal::new(-100, 1), Decimal::new(855, 1)]),
        "20.5",
    )
    .variable("TemperatureSensor", "Target")
    .instance("Inlet")
    .unit("Celsius")
    .at(Place::Evse(EvseId(2))),
    VendorSetting::new(DOOR, Kind::Switch, "false")
        .key("DoorSwitch")
        .volatile(),
    VendorSetting::new(MODEM, Kind::SomeOf(&["LTE", "GSM"]), "LTE").variable("Modem", "Enabled"),
];

static BOTH: [&dyn Dialect; 2] = [&ocpp16::DIALECT, &ocpp201::DIALECT];

fn booted(store: Store, dialects: &'static [&'static dyn Dialect], subprotocol: &'static str) -> Bench {
    let slots = vec![VendorSlot::NEW; SETTINGS.len()].leak();
    let mut bench = Bench::lending(config(&[1, 1]), store, dialects, subprotocol, 0, |storage| {
        storage.with_vendor_settings(&SETTINGS, slots)
    });
    bench.drain();
    bench.lines.clear();
    bench.calls.clear();
    bench
}

fn bench16() -> Bench {
    booted(Store::default(), &OCPP16, "ocpp1.6")
}

fn bench201() -> Bench {
    booted(Store::default(), &OCPP201, "ocpp2.0.1")
}

fn change(bench: &mut Bench, key: &str, value: &str) -> Value {
    bench.call("ChangeConfiguration", json!({"key": key, "value": value}));
    bench.answers.last().unwrap()["status"].clone()
}

fn key(bench: &mut Bench, key: &str) -> Value {
    bench.call("GetConfiguration", json!({"key": [key]}));
    bench.answers.last().unwrap()["configurationKey"][0].clone()
}

fn set(bench: &mut Bench, component: Value, variable: Value, value: &str) -> Value {
    let data = json!({"component": component, "variable": variable, "attributeValue": value});
    bench.call("SetVariables", json!({"setVariableData": [data]}));
    bench.answers.last().unwrap()["setVariableResult"][0]["attributeStatus"].clone()
}

fn get(bench: &mut Bench, component: Value, variable: Value) -> (Value, Value) {
    let data = json!({"component": component, "variable": variable});
    bench.call("GetVariables", json!({"getVariableData": [data]}));
    let result = &bench.answers.last().unwrap()["getVariableResult"][0];
    (result["attributeStatus"].clone(), result["attributeValue"].clone())
}

#[test]
fn a_key_of_1_6_is_changed_told_kept_and_heard_of() {
    let mut bench = bench16();
    let told = json!({"key": "ReaderBrightness", "readonly": false, "value": "80"});
    assert_eq!(key(&mut bench, "readerBRIGHTNESS"), told);
    assert_eq!(change(&mut bench, "ReaderBrightness", "101"), "Rejected");
    bench.events = true;
    bench.take();
    assert_eq!(change(&mut bench, "READERbrightness", "+55"), "Accepted");
    bench.expect(&["event VendorSetting { id: VendorId(3) }", r#"= {"status":"Accepted"}"#]);
    bench.events = false;
    assert_eq!(bench.station.vendor(BRIGHTNESS), Some("55"));
    assert_eq!(bench.store.values[&ValueKey::Setting(BRIGHTNESS.into())], b"55");
    assert_eq!(ValueKey::Setting(BRIGHTNESS.into()).code(), 0x10_0003);
    bench.assert_idle();
    let mut bench = booted(bench.store, &OCPP16, "ocpp1.6");
    assert_eq!(key(&mut bench, "ReaderBrightness")["value"], "55");
}

/// The station's own keys are told first; a secret, and what has no key, is never among them.
#[test]
fn all_keys_of_1_6() {
    let mut bench = bench16();
    bench.call("GetConfiguration", json!({}));
    let all = bench.answers[0]["configurationKey"].as_array().unwrap();
    let names: Vec<_> = all.iter().map(|entry| entry["key"].as_str().unwrap()).collect();
    assert!(names.contains(&"HeartbeatInterval"));
    assert_eq!(
        names[names.len() - 4..],
        ["ReaderBrightness", "Language", "UpTime", "DoorSwitch"]
    );
    assert_eq!(key(&mut bench, ""), Value::Null);
    assert_eq!(bench.answers.last().unwrap()["unknownKey"], json!([""]));
}

/// Written only: neither told nor logged.
#[test]
fn a_secret() {
    let mut bench = bench16();
    assert_eq!(change(&mut bench, "ServicePin", "123456789"), "Rejected");
    assert_eq!(change(&mut bench, "ServicePin", "4711"), "Accepted");
    assert_eq!(
        key(&mut bench, "ServicePin"),
        json!({"key": "ServicePin", "readonly": false})
    );
    assert_eq!(bench.station.vendor(PIN), Some("4711"));
    assert!(!format!("{:?}", SETTINGS[1]).contains("0000"));
    let mut bench = booted(bench.store, &OCPP201, "ocpp2.0.1");
    let (component, variable) = (json!({"name": "ServiceMenu"}), json!({"name": "Pin"}));
    // B06.FR.09
    assert_eq!(get(&mut bench, component, variable), (json!("Rejected"), Value::Null));
    assert_eq!(bench.station.vendor(PIN), Some("4711"));
}

#[test]
fn what_is_followed_after_a_reboot_and_what_is_only_read() {
    let mut bench = bench16();
    assert_eq!(change(&mut bench, "Language", "DE"), "Rejected");
    assert_eq!(change(&mut bench, "Language", "de"), "RebootRequired");
    assert_eq!(change(&mut bench, "UpTime", "5"), "Rejected");
    assert_eq!(key(&mut bench, "UpTime")["readonly"], true);
    bench.input(Input::Local(LocalCommand::SetVendor(UPTIME, "3600")));
    assert_eq!(key(&mut bench, "UpTime")["value"], "3600");
    assert!(!bench.store.values.contains_key(&ValueKey::Setting(UPTIME.into())));
}

/// B05.FR.10, B06.FR.01: several of either kind in one CALL, each with its own status.
#[test]
fn variables_of_2_0_1() {
    let mut bench = bench201();
    let target = |evse: i32| json!({"name": "temperatureSENSOR", "evse": {"id": evse}});
    let inlet = json!({"name": "TARGET", "instance": "inlet"});
    assert_eq!(
        get(&mut bench, target(2), inlet.clone()),
        (json!("Accepted"), json!("20.5"))
    );
    assert_eq!(get(&mut bench, target(1), inlet.clone()).0, "UnknownComponent");
    assert_eq!(
        get(&mut bench, target(2), json!({"name": "Target"})).0,
        "UnknownVariable"
    );
    for (value, status) in [
        ("85.5", "Accepted"),
        ("85.51", "Rejected"),
        ("-10.1", "Rejected"),
        ("-10", "Accepted"),
    ] {
        assert_eq!(set(&mut bench, target(2), inlet.clone(), value), status, "{value}");
    }
    assert_eq!(bench.station.vendor(TARGET), Some("-10"));
    let language = json!({"name": "Language"});
    for (component, status) in [
        (json!({"name": "Display"}), "UnknownComponent"),
        (json!({"name": "Display", "instance": "Rear"}), "UnknownComponent"),
        (json!({"name": "display", "instance": "main"}), "Accepted"),
        (json!({"name": "", "instance": "Main"}), "UnknownComponent"),
    ] {
        assert_eq!(
            get(&mut bench, component.clone(), language.clone()).0,
            status,
            "{component}"
        );
    }
    // No component of every station has instances, and no key of 1.6 is a variable.
    let heartbeat = json!({"name": "HeartbeatInterval"});
    assert_eq!(
        get(
            &mut bench,
            json!({"name": "OCPPCommCtrlr", "instance": "Main"}),
            heartbeat
        )
        .0,
        "UnknownComponent"
    );
    assert_eq!(
        get(&mut bench, json!({"name": ""}), json!({"name": "DoorSwitch"})).0,
        "UnknownComponent"
    );
    bench.call(
        "SetVariables",
        json!({"setVariableData": [
            {"component": {"name": "TokenReader"}, "variable": {"name": "Brightness"}, "attributeValue": "1"},
            {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "ResetRetries"}, "attributeValue": "7"},
            {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "UpTime"}, "attributeValue": "7"},
            {"component": {"name": "Modem"}, "variable": {"name": "Enabled"}, "attributeValue": "GSM, LTE"},
        ]}),
    );
    let results = bench.answers.last().unwrap()["setVariableResult"].clone();
    let statuses: Vec<_> = results
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["attributeStatus"].clone())
        .collect();
    assert_eq!(statuses, ["Accepted", "Accepted", "Rejected", "Accepted"]);
    assert_eq!(bench.station.vendor(MODEM), Some("GSM,LTE"));
    bench.assert_idle();
}

fn reported(bench: &mut Bench, action: &str, request: Value) -> Vec<Value> {
    bench.calls.clear();
    bench.call(action, request);
    let pages = bench.calls_of("NotifyReport");
    pages
        .iter()
        .flat_map(|page| page["reportData"].as_array().unwrap().clone())
        .collect()
}

/// B07.FR.07, B08.FR.01: characteristics of every kind.
#[test]
fn reports_of_2_0_1() {
    let mut bench = bench201();
    let full = reported(
        &mut bench,
        "GetBaseReport",
        json!({"requestId": 1, "reportBase": "FullInventory"}),
    );
    let of = |rows: &[Value], variable: &str| {
        rows.iter()
            .find(|row| row["variable"]["name"] == variable)
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(
        of(&full, "Brightness"),
        json!({
            "component": {"name": "TokenReader"},
            "variable": {"name": "Brightness"},
            "variableAttribute": [{"value": "80", "mutability": "ReadWrite", "persistent": true}],
            "variableCharacteristics": {"dataType": "integer", "supportsMonitoring": false, "unit": "%", "minLimit": 0, "maxLimit": 100},
        })
    );
    assert_eq!(
        of(&full, "Target"),
        json!({
            "component": {"name": "TemperatureSensor", "evse": {"id": 2}},
            "variable": {"name": "Target", "instance": "Inlet"},
            "variableAttribute": [{"value": "20.5", "mutability": "ReadWrite", "persistent": true}],
            "variableCharacteristics": {"dataType": "decimal", "supportsMonitoring": false, "unit": "Celsius", "minLimit": -10, "maxLimit": 85.5},
        })
    );
    assert_eq!(
        of(&full, "Language"),
        json!({
            "component": {"name": "Display", "instance": "Main"},
            "variable": {"name": "Language"},
            "variableAttribute": [{"value": "en", "mutability": "ReadWrite", "persistent": true}],
            "variableCharacteristics": {"dataType": "OptionList", "supportsMonitoring": false, "valuesList": "en,de,nl"},
        })
    );
    assert_eq!(of(&full, "UpTime")["variableAttribute"][0]["persistent"], false);
    assert_eq!(of(&full, "UpTime")["variableCharacteristics"]["unit"], "s");
    assert_eq!(
        of(&full, "Pin")["variableAttribute"],
        json!([{"mutability": "WriteOnly", "persistent": true}])
    );
    let request = json!({"requestId": 2, "reportBase": "ConfigurationInventory"});
    let configuration = reported(&mut bench, "GetBaseReport", request);
    assert_eq!(of(&configuration, "Pin")["component"]["name"], "ServiceMenu");
    assert_eq!(of(&configuration, "UpTime"), Value::Null);
    // B08.FR.20, and the same for instances of components.
    let wanted = |component: Value| json!({"requestId": 3, "componentVariable": [{"component": component}]});
    for (component, rows) in [
        (json!({"name": "Display"}), 1),
        (json!({"name": "Display", "instance": "Main"}), 1),
        (json!({"name": "Display", "instance": "Rear"}), 0),
        (json!({"name": "TemperatureSensor"}), 1),
        (json!({"name": "TemperatureSensor", "evse": {"id": 1}}), 0),
    ] {
        assert_eq!(
            reported(&mut bench, "GetReport", wanted(component.clone())).len(),
            rows,
            "{component}"
        );
    }
    // B08.FR.09: its own variable of that name says no.
    let enabled = json!({"requestId": 4, "componentCriteria": ["Enabled"]});
    let rows = reported(&mut bench, "GetReport", enabled);
    assert!(rows.iter().all(|row| row["component"]["name"] != "Modem"));
    assert!(rows.iter().any(|row| row["component"]["name"] == "TokenReader"));
}

#[test]
fn a_change_over_one_version_is_seen_over_the_other() {
    let mut bench = booted(Store::default(), &BOTH, "ocpp1.6");
    assert_eq!(change(&mut bench, "ReaderBrightness", "12"), "Accepted");
    bench.subprotocol = "ocpp2.0.1";
    bench.go_offline();
    bench.go_online();
    let (component, variable) = (json!({"name": "TokenReader"}), json!({"name": "Brightness"}));
    assert_eq!(get(&mut bench, component, variable), (json!("Accepted"), json!("12")));
}

#[test]
fn the_application_writes_what_it_likes() {
    let mut bench = bench16();
    bench.events = true;
    bench.input(Input::Local(LocalCommand::SetVendor(BRIGHTNESS, "7")));
    // The application knows what it did itself.
    bench.expect(&[]);
    assert_eq!(bench.store.values[&ValueKey::Setting(BRIGHTNESS.into())], b"7");
    for (id, text, error) in [
        (BRIGHTNESS, "bright", SettingError::Value),
        (VendorId(99), "7", SettingError::Unknown),
    ] {
        let result = bench
            .station
            .handle(bench.now, Input::Local(LocalCommand::SetVendor(id, text)));
        assert_eq!(result, Err(InputError::Setting(error)));
    }
    let mut plain = Bench::new(&[1]);
    assert_eq!(plain.station.vendor(BRIGHTNESS), None);
    let result = plain
        .station
        .handle(plain.now, Input::Local(LocalCommand::SetVendor(BRIGHTNESS, "7")));
    assert_eq!(result, Err(InputError::Setting(SettingError::Unknown)));
    assert_eq!(change(&mut plain, "ReaderBrightness", "7"), "NotSupported");
}

/// What storage does not take is not in force; a volatile setting needs no storage.
#[test]
fn storage_fails() {
    let mut bench = bench16();
    bench.storage(Mode::Fail(StoreError::Full));
    assert_eq!(change(&mut bench, "ReaderBrightness", "7"), "Rejected");
    assert_eq!(change(&mut bench, "DoorSwitch", "TRUE"), "Accepted");
    assert_eq!(bench.station.vendor(BRIGHTNESS), Some("80"));
    assert_eq!(bench.station.vendor(DOOR), Some("true"));
}

/// Item by item: one that is damaged, or means nothing any more, falls back to the factory value.
#[test]
fn damaged_values() {
    let mut store = Store::default();
    for (id, bytes) in [
        (BRIGHTNESS, b"101".as_slice()),
        (LANGUAGE, b"\xff\xfe"),
        (TARGET, b"1.25"),
        // Of an earlier firmware, in which it was stored.
        (DOOR, b"true"),
    ] {
        store.values.insert(ValueKey::Setting(id.into()), bytes.to_vec());
    }
    let bench = booted(store, &OCPP16, "ocpp1.6");
    let values = [BRIGHTNESS, LANGUAGE, TARGET, DOOR].map(|id| bench.station.vendor(id).unwrap());
    assert_eq!(values, ["80", "en", "1.25", "false"]);
}

fn refused(settings: &'static [VendorSetting], slots: usize) -> Option<ConfigError> {
    let (mut evses, mut connectors) = ([EvseSlot::default()], [ConnectorSlot::default()]);
    let (mut inbound, mut record, mut job) = ([0; 256], [0; 256], [0; 16]);
    let buffers = Buffers {
        inbound: &mut inbound,
        record: &mut record,
        job: &mut job,
    };
    let mut slots = vec![VendorSlot::NEW; slots];
    let storage = StationStorage::new(&mut evses, &mut connectors, buffers).with_vendor_settings(settings, &mut slots);
    Station::new(config(&[1]), &BOTH, storage).err()
}

/// What cannot be used is refused before the station exists.
#[test]
fn refused_at_construction() {
    const ON: VendorSetting = VendorSetting::new(VendorId(1), Kind::Switch, "true");
    const OTHER: VendorSetting = VendorSetting::new(VendorId(2), Kind::Switch, "true");
    static LONG: &str = "NNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNN";
    let one = |setting: VendorSetting| refused(vec![setting].leak(), 1);
    let second = |setting: VendorSetting| refused(vec![ON.key("A").variable("C", "V"), setting].leak(), 2);
    let fault = |id, fault| {
        Some(ConfigError::VendorSetting {
            id: VendorId(id),
            fault,
        })
    };
    assert_eq!(one(ON.key("A")), None);
    assert_eq!(second(OTHER.key("B").variable("C", "V").instance("I")), None);
    assert_eq!(second(OTHER.variable("C", "V").at(Place::Evse(EvseId(1)))), None);
    assert_eq!(one(ON.variable("OCPPCommCtrlr", "Mine")), None);
    assert_eq!(refused(vec![ON.key("A")].leak(), 2), Some(ConfigError::VendorSlots));
    for nameless in [
        ON,
        ON.variable("C", ""),
        ON.variable("", "V"),
        ON.key("A B"),
        ON.key(LONG),
        ON.key("A").unit("\""),
    ] {
        assert_eq!(one(nameless), fault(1, VendorFault::Name), "{nameless:?}");
    }
    for own in [
        ON.key("heartbeatinterval"),
        ON.variable("ocppcommctrlr", "ResetRetries"),
    ] {
        assert_eq!(one(own), fault(1, VendorFault::NameTaken), "{own:?}");
    }
    for taken in [OTHER.key("a"), OTHER.variable("c", "v")] {
        assert_eq!(second(taken), fault(2, VendorFault::NameTaken), "{taken:?}");
    }
    assert_eq!(second(ON.key("B")), fault(1, VendorFault::Id));
    for place in [
        Place::Evse(EvseId(2)),
        Place::Connector(ConnectorId::new(1, 2)),
        Place::Evse(EvseId(0)),
        Place::Unknown,
    ] {
        assert_eq!(one(ON.variable("C", "V").at(place)), fault(1, VendorFault::Place));
    }
    assert_eq!(one(ON.key("A").factory("yes")), fault(1, VendorFault::Factory));
    let measurands = VendorSetting::new(VendorId(1), Kind::Measurands, "").key("A");
    assert_eq!(one(measurands), fault(1, VendorFault::Factory));
}
