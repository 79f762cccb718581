//! Which variables a GetReport means (2.0.1 B08).

mod bench;
mod device;

use device::{base, booted, custom, names};
use ocpp_core::settings::SettingId;
use ocpp_core::{ConnectorId, EvseId, FaultCode, Place};
use proptest::prelude::*;
use serde_json::{Value, json};

/// B08.FR.01, FR.03, FR.04, FR.11, FR.20–FR.25: what a filter leaves out stands for all of it.
#[test]
fn filters_by_component_and_variable() {
    let mut bench = booted(&[2, 1]);
    let filter = |filters: Value| json!({"componentVariable": filters});
    for (filters, expected) in [
        (
            json!([{"component": {"name": "clockctrlr"}}]),
            vec!["ClockCtrlr DateTime", "ClockCtrlr TimeSource"],
        ),
        (
            json!([{"component": {"name": "DeviceDataCtrlr"}, "variable": {"name": "itemspermessage"}}]),
            vec![
                "DeviceDataCtrlr ItemsPerMessage GetReport",
                "DeviceDataCtrlr ItemsPerMessage GetVariables",
                "DeviceDataCtrlr ItemsPerMessage SetVariables",
            ],
        ),
        (
            json!([{"component": {"name": "DeviceDataCtrlr"},
                "variable": {"name": "ItemsPerMessage", "instance": "getreport"}}]),
            vec!["DeviceDataCtrlr ItemsPerMessage GetReport"],
        ),
        (
            json!([{"component": {"name": "Connector"}, "variable": {"name": "ConnectorType"}}]),
            vec![
                "Connector 1 1 ConnectorType",
                "Connector 1 2 ConnectorType",
                "Connector 2 1 ConnectorType",
            ],
        ),
        (
            json!([{"component": {"name": "Connector", "evse": {"id": 1}}, "variable": {"name": "ConnectorType"}}]),
            vec!["Connector 1 1 ConnectorType", "Connector 1 2 ConnectorType"],
        ),
        (
            json!([{"component": {"name": "Connector", "evse": {"id": 1, "connectorId": 2}},
                "variable": {"name": "ConnectorType"}}]),
            vec!["Connector 1 2 ConnectorType"],
        ),
        (
            json!([{"component": {"name": "EVSE", "evse": {"id": 2}}, "variable": {"name": "Power"}}]),
            vec!["EVSE 2 Power"],
        ),
        // In the order of the table, each once, however often it is named.
        (
            json!([
                {"component": {"name": "EVSE", "evse": {"id": 2}}, "variable": {"name": "Power"}},
                {"component": {"name": "ClockCtrlr"}, "variable": {"name": "DateTime"}},
                {"component": {"name": "EVSE"}, "variable": {"name": "Power"}},
            ]),
            vec!["ClockCtrlr DateTime", "EVSE 1 Power", "EVSE 2 Power"],
        ),
        // B08.FR.15
        (json!([{"component": {"name": "NoSuch"}}]), vec![]),
        (json!([{"component": {"name": "TxCtrlr", "instance": "Main"}}]), vec![]),
        (json!([{"component": {"name": "EVSE", "evse": {"id": 3}}}]), vec![]),
        (
            json!([{"component": {"name": "TxCtrlr"}, "variable": {"name": "EVConnectionTimeOut", "instance": "x"}}]),
            vec![],
        ),
    ] {
        assert_eq!(
            names(&custom(&mut bench, filter(filters.clone()))),
            expected,
            "{filters}"
        );
    }
    bench.assert_idle();
}

/// B08.FR.05, FR.07–FR.10, FR.13: a component that cannot be switched counts as on, but not as having a problem.
#[test]
fn criteria() {
    let mut bench = device::without_list(&[1, 1]);
    bench.set(SettingId::AuthCacheEnabled, "false");
    let all = names(&base(&mut bench, "FullInventory"));
    let of = |bench: &mut bench::Bench, criteria: Value| names(&custom(bench, json!({"componentCriteria": criteria})));
    let without = |components: &[&str]| -> Vec<String> {
        let own = |name: &&String| !components.iter().any(|component| name.starts_with(component));
        all.iter().filter(own).cloned().collect()
    };
    assert_eq!(of(&mut bench, json!(["Active"])), all);
    assert_eq!(of(&mut bench, json!(["Enabled"])), without(&["AuthCacheCtrlr"]));
    assert_eq!(of(&mut bench, json!(["Available"])), without(&["LocalAuthListCtrlr"]));
    assert_eq!(of(&mut bench, json!(["Problem"])), [""; 0]);
    assert_eq!(of(&mut bench, json!(["Enabled", "Available"])), all);
    bench.fault(
        Place::Connector(ConnectorId::new(2, 1)),
        FaultCode::HighTemperature,
        true,
    );
    bench.calls.clear();
    let problem = of(&mut bench, json!(["Problem"]));
    let own = |name: &&String| name.starts_with("EVSE 2 ") || name.starts_with("Connector 2 1 ");
    assert_eq!(problem, all.iter().filter(own).cloned().collect::<Vec<_>>());
    // Both, criteria and filter.
    let request = json!({"componentCriteria": ["Problem"],
        "componentVariable": [{"component": {"name": "EVSE"}, "variable": {"name": "AvailabilityState"}}]});
    assert_eq!(names(&custom(&mut bench, request)), ["EVSE 2 AvailabilityState"]);
}

/// The reference of the test below: what a filter means, on the rows of the full report.
fn expected(all: &[Value], criteria: &[&str], filters: &[Value]) -> Vec<Value> {
    let same = |own: &Value, wanted: &Value| {
        wanted.is_null()
            || own
                .as_str()
                .unwrap_or("")
                .eq_ignore_ascii_case(wanted.as_str().unwrap())
    };
    let number = |own: &Value, wanted: &Value| wanted.is_null() || own == wanted;
    let named = |row: &Value, filter: &Value| {
        let (own, wanted) = (&row["component"], &filter["component"]);
        same(&own["name"], &wanted["name"])
            && number(&own["evse"]["id"], &wanted["evse"]["id"])
            && number(&own["evse"]["connectorId"], &wanted["evse"]["connectorId"])
            && same(&row["variable"]["name"], &filter["variable"]["name"])
            && same(&row["variable"]["instance"], &filter["variable"]["instance"])
    };
    let meets = |row: &Value, criterion: &str| {
        let own = |other: &&Value| other["component"] == row["component"] && other["variable"]["name"] == criterion;
        let value = all
            .iter()
            .find(own)
            .map(|other| &other["variableAttribute"][0]["value"]);
        value.map_or(criterion != "Problem", |value| value == "true")
    };
    let wanted = |row: &&Value| {
        (criteria.is_empty() || criteria.iter().any(|criterion| meets(row, criterion)))
            && (filters.is_empty() || filters.iter().any(|filter| named(row, filter)))
    };
    all.iter().filter(wanted).cloned().collect()
}

/// A filter made of names that there are, and of some that there are not.
fn filter() -> impl Strategy<Value = Value> {
    let component = prop::sample::select(vec![
        "EVSE",
        "connector",
        "ChargingStation",
        "DeviceDataCtrlr",
        "OCPPCommCtrlr",
        "AuthCacheCtrlr",
        "LocalAuthListCtrlr",
        "Nothing",
    ]);
    let evse = prop::option::of((1..4, prop::option::of(1..4)));
    let variable = prop::sample::select(vec![
        "availabilitySTATE",
        "Enabled",
        "ItemsPerMessage",
        "Power",
        "Nothing",
    ]);
    let instance = prop::option::of(prop::sample::select(vec!["GetReport", "Nothing"]));
    (component, evse, prop::option::of((variable, instance))).prop_map(|(component, evse, variable)| {
        let mut filter = json!({"component": {"name": component}});
        if let Some((id, connector)) = evse {
            filter["component"]["evse"] = json!({"id": id});
            if let Some(connector) = connector {
                filter["component"]["evse"]["connectorId"] = json!(connector);
            }
        }
        if let Some((name, instance)) = variable {
            filter["variable"] = json!({"name": name});
            if let Some(instance) = instance {
                filter["variable"]["instance"] = json!(instance);
            }
        }
        filter
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// B08.FR.12: any request is answered with exactly the rows that it means, as the full report has them, page by
    /// page.
    #[test]
    fn any_request(
        criteria in prop::sample::subsequence(vec!["Active", "Available", "Enabled", "Problem"], 0..=4),
        filters in prop::collection::vec(filter(), 0..4),
        faulted in prop::bool::ANY,
        buffer in 2048_usize..4096,
    ) {
        let mut bench = booted(&[2, 1, 1]);
        bench.buffer = buffer;
        bench.set(SettingId::AuthCacheEnabled, "false");
        bench.fault(Place::Evse(EvseId(1)), FaultCode::HighTemperature, faulted);
        bench.calls.clear();
        let all = base(&mut bench, "FullInventory");
        let mut request = json!({});
        if !criteria.is_empty() {
            request["componentCriteria"] = json!(criteria);
        }
        if !filters.is_empty() {
            request["componentVariable"] = json!(filters);
        }
        prop_assert_eq!(custom(&mut bench, request), expected(&all, &criteria, &filters));
        bench.assert_idle();
    }
}
