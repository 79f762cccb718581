//! GetConfiguration and ChangeConfiguration with every key of the Core profile (1.6 §5.3, §5.8, §9).

mod bench;

use bench::{Bench, config};
use ocpp_core::settings::SettingId;
use serde_json::json;

/// Key, a value that is taken, values that are not.
const WRITABLE: &[(&str, &str, &[&str])] = &[
    ("AllowOfflineTxForUnknownId", "true", &["yes", "", "1"]),
    ("AuthorizationCacheEnabled", "false", &["off"]),
    ("AuthorizeRemoteTxRequests", "true", &["2"]),
    ("BlinkRepeat", "7", &["-1", "x"]),
    ("ClockAlignedDataInterval", "900", &["-1", "1.5", ""]),
    ("ConnectionTimeOut", "120", &["-1", "soon"]),
    ("ConnectorPhaseRotation", "0.RST,1.RTS", &["1.ABC", "x", "1"]),
    ("HeartbeatInterval", "60", &["-1", "99999999999"]),
    ("LightIntensity", "50", &["101", "-1"]),
    (
        "CpoName",
        "Example \"AG\"",
        &["12345678901234567890123456789012345678901"],
    ),
    ("LocalAuthListEnabled", "false", &["0"]),
    ("LocalAuthorizeOffline", "false", &["null"]),
    ("LocalPreAuthorize", "true", &["TRUE FALSE"]),
    ("MaxEnergyOnInvalidId", "1000", &["-5"]),
    ("MessageTimeout", "20", &["0", "-1"]),
    ("MeterValueSampleInterval", "15", &["-1", "often"]),
    (
        "MeterValuesAlignedData",
        "Voltage,Current.Import",
        &["Voltage,Nonsense", "Voltage;Power.Factor"],
    ),
    (
        "MeterValuesSampledData",
        "Energy.Active.Import.Register,Voltage.L1",
        &["Voltage.L9", ","],
    ),
    ("MinimumStatusDuration", "3", &["-1"]),
    ("ResetRetries", "2", &["-1"]),
    ("StopTransactionOnEVSideDisconnect", "false", &[""]),
    ("StopTransactionOnInvalidId", "false", &["maybe"]),
    ("StopTxnAlignedData", "Energy.Active.Import.Register", &["Energy"]),
    ("StopTxnSampledData", "SoC", &["soc,"]),
    ("TransactionMessageAttempts", "5", &["0", "-1"]),
    ("TransactionMessageRetryInterval", "10", &["-1"]),
    ("UnlockConnectorOnEVSideDisconnect", "false", &["2"]),
    ("WebSocketPingInterval", "0", &["-1"]),
];

const READ_ONLY: &[(&str, &str)] = &[
    ("GetConfigurationMaxKeys", "50"),
    ("LocalAuthListMaxLength", "8"),
    ("MeterValuesAlignedDataMaxLength", "8"),
    ("MeterValuesSampledDataMaxLength", "8"),
    ("NumberOfConnectors", "3"),
    ("SendLocalListMaxLength", "8"),
    ("StopTransactionMaxMeterValues", "12"),
    ("StopTxnAlignedDataMaxLength", "8"),
    ("StopTxnSampledDataMaxLength", "8"),
    ("SupportedFeatureProfiles", "Core,LocalAuthListManagement,RemoteTrigger"),
];

fn change(bench: &mut Bench, key: &str, value: &str) -> String {
    bench.call("ChangeConfiguration", json!({"key": key, "value": value}));
    bench.answers.last().unwrap()["status"].as_str().unwrap().to_string()
}

/// Value and whether it is read-only.
fn read(bench: &mut Bench, key: &str) -> Option<(String, bool)> {
    bench.call("GetConfiguration", json!({"key": [key]}));
    let entry = &bench.answers.last().unwrap()["configurationKey"][0];
    Some((entry["value"].as_str()?.to_string(), entry["readonly"].as_bool()?))
}

#[test]
fn every_writable_key_is_changed_kept_and_told() {
    let mut bench = Bench::new(&[2, 1]);
    for (key, value, wrong) in WRITABLE {
        let before = read(&mut bench, key).unwrap_or_else(|| panic!("{key}"));
        for wrong in *wrong {
            assert_eq!(change(&mut bench, key, wrong), "Rejected", "{key} {wrong}");
            assert_eq!(read(&mut bench, key).as_ref(), Some(&before), "{key} {wrong}");
        }
        assert_ne!(before.0, *value, "{key}: a test without a change");
        assert_eq!(change(&mut bench, key, value), "Accepted", "{key}");
        assert_eq!(read(&mut bench, key), Some((value.to_string(), false)), "{key}");
    }
    bench.assert_idle();
    let mut bench = bench.reboot(config(&[2, 1]));
    bench.drain();
    for (key, value, _) in WRITABLE {
        if *key != "HeartbeatInterval" {
            assert_eq!(
                read(&mut bench, key),
                Some((value.to_string(), false)),
                "{key} after the reboot"
            );
        }
    }
}

#[test]
fn read_only_keys() {
    let mut bench = Bench::new(&[2, 1]);
    for (key, value) in READ_ONLY {
        assert_eq!(change(&mut bench, key, value), "Rejected", "{key}");
        assert_eq!(read(&mut bench, key), Some((value.to_string(), true)), "{key}");
    }
}

#[test]
fn names_of_keys_have_no_case() {
    let mut bench = Bench::new(&[1]);
    assert_eq!(change(&mut bench, "heartbeatINTERVAL", "77"), "Accepted");
    assert_eq!(read(&mut bench, "HEARTBEATinterval"), Some(("77".into(), false)));
}

#[test]
fn unknown_key() {
    let mut bench = Bench::new(&[1]);
    assert_eq!(change(&mut bench, "Sunshine", "true"), "NotSupported");
    bench.call(
        "GetConfiguration",
        json!({"key": ["Sunshine", "BlinkRepeat", "R\u{e9}n"]}),
    );
    assert_eq!(
        bench.answers.last().unwrap(),
        &json!({
            "configurationKey": [{"key": "BlinkRepeat", "readonly": false, "value": "3"}],
            "unknownKey": ["Sunshine", "R\u{e9}n"],
        })
    );
}

/// No key, and no list at all, mean every key; a password is never among them.
#[test]
fn all_keys() {
    let mut bench = Bench::new(&[2, 1]);
    bench.call("GetConfiguration", json!({}));
    bench.call("GetConfiguration", json!({"key": []}));
    assert_eq!(bench.answers[0], bench.answers[1]);
    let names: Vec<_> = bench.answers[0]["configurationKey"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["key"].clone())
        .collect();
    let expected = WRITABLE
        .iter()
        .map(|entry| entry.0)
        .chain(READ_ONLY.iter().map(|entry| entry.0));
    for key in expected {
        assert!(names.contains(&json!(key)), "{key}");
    }
    assert!(!names.contains(&json!("AuthorizationKey")));
    assert_eq!(bench.answers[0].get("unknownKey"), None);
}

/// Security whitepaper A01: written, never told; the reply first, then a new connection. No BootNotification.
#[test]
fn authorization_key() {
    let mut bench = Bench::new(&[1]);
    let key = "0001020304050607FFFFFFFFFFFFFFFFFFFFFFFF";
    bench.call("ChangeConfiguration", json!({"key": "AuthorizationKey", "value": key}));
    bench.expect(&[r#"= {"status":"Accepted"}"#, "disconnect"]);
    assert!(bench.station.is_connected());
    assert_eq!(bench.station.settings().authorization_key(), key);
    for wrong in ["abc", "zz01020304050607FFFFFFFFFFFFFFFFFFFFFFFF", "00"] {
        assert_eq!(change(&mut bench, "AuthorizationKey", wrong), "Rejected");
    }
    bench.call("GetConfiguration", json!({"key": ["AuthorizationKey"]}));
    assert_eq!(
        bench.answers.last().unwrap()["configurationKey"],
        json!([{"key": "AuthorizationKey", "readonly": false}])
    );
}

/// The reply to the new key is flushed before the connection is closed, even when something else is on its way.
#[test]
fn authorization_key_while_a_frame_is_on_its_way() {
    let mut bench = Bench::new(&[1]);
    bench.hold_sent = true;
    bench.pilot(1, 1, ocpp_core::PilotState::B);
    bench.call(
        "ChangeConfiguration",
        json!({"key": "AuthorizationKey", "value": "00".repeat(16)}),
    );
    bench.take();
    bench.input(ocpp_core::Input::Sent);
    bench.expect(&[r#"= {"status":"Accepted"}"#]);
    bench.hold_sent = false;
    bench.input(ocpp_core::Input::Sent);
    assert_eq!(bench.take()[0], "disconnect");
}

/// A change is in force at once.
#[test]
fn change_takes_effect() {
    let mut bench = Bench::new(&[1]);
    change(&mut bench, "HeartbeatInterval", "30");
    bench.take();
    bench.advance(30);
    assert_eq!(bench.take_actions(), ["Heartbeat"]);
}

/// Errata 3.83: a fixed cable is never unlocked, and nobody can change that.
#[test]
fn unlock_setting_of_a_fixed_cable() {
    let mut config = config(&[1]);
    config.fixed_cable = true;
    let mut bench = Bench::booted(config);
    let key = "UnlockConnectorOnEVSideDisconnect";
    assert_eq!(change(&mut bench, key, "true"), "Rejected");
    assert_eq!(read(&mut bench, key), Some(("false".into(), true)));
}

/// A stored value of before does not make a fixed cable a detachable one.
#[test]
fn stored_unlock_setting_of_a_fixed_cable() {
    let mut bench = Bench::new(&[1]);
    bench.set(SettingId::UnlockOnEvSideDisconnect, "true");
    let mut config = config(&[1]);
    config.fixed_cable = true;
    let mut bench = bench.reboot(config);
    bench.drain();
    let entry: Option<(String, bool)> = read(&mut bench, "UnlockConnectorOnEVSideDisconnect");
    assert_eq!(entry.unwrap().0, "false");
}
