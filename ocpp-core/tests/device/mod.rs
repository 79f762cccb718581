//! What the tests of the device model share: a station that speaks both versions, and its variables by name.
//!
//! Every frame is read back by the messages of the version, which are held to its schemas.

#![allow(dead_code)]

use crate::bench::{Answer, Bench, Store, accepting_but, config};
use ocpp_core::Config;
use ocpp_core::dialect::Dialect;
use ocpp_core::wire::{Reader, Wire};
use ocpp201::messages as m;
use serde_json::{Value, json};

static BOTH: [&dyn Dialect; 2] = [&ocpp201::DIALECT, &ocpp16::DIALECT];

/// A station with these connectors per EVSE, accepted over 2.0.1.
pub fn booted(topology: &'static [u8]) -> Bench {
    station(config(topology))
}

pub fn station(config: Config<'static>) -> Bench {
    on(config, Store::default(), 8)
}

/// A station without memory for a local list.
pub fn without_list(topology: &'static [u8]) -> Bench {
    on(config(topology), Store::default(), 0)
}

/// The power goes and comes back.
pub fn reboot(bench: Bench, config: Config<'static>) -> Bench {
    on(config, bench.store, 8)
}

fn on(config: Config<'static>, store: Store, list_slots: usize) -> Bench {
    let mut bench = Bench::with_slots(config, store, &BOTH, "ocpp2.0.1", list_slots);
    bench.events = true;
    bench.csms = accepting_but(|action, payload| {
        if action == "NotifyReport" {
            valid::<m::NotifyReportRequest<'_>>(payload);
        }
        (action == "TransactionEvent").then(|| Answer::Result(json!({})))
    });
    bench.drain();
    assert!(
        !bench.lines.iter().any(|line| line.contains("damaged")),
        "{:?}",
        bench.lines
    );
    bench.events = false;
    bench.lines.clear();
    bench.calls.clear();
    bench
}

/// The station is online again, with another version.
pub fn speak(bench: &mut Bench, subprotocol: &'static str) {
    bench.subprotocol = subprotocol;
    bench.go_offline();
    bench.go_online();
}

/// Asserts that a payload is of that type; numbers, texts and lists within their bounds.
#[track_caller]
pub fn valid<'v, T>(payload: &Value)
where
    T: for<'f> Same<'f>,
{
    let text = payload.to_string();
    let mut reader = Reader::new(&text);
    if let Err(error) = <T as Same<'_>>::This::read(&mut reader).map(drop) {
        panic!("{error:?}: {text}");
    }
}

/// A message, whatever it borrows from.
pub trait Same<'f> {
    type This: Wire<'f>;
}

impl<'f> Same<'f> for m::NotifyReportRequest<'_> {
    type This = m::NotifyReportRequest<'f>;
}

impl<'f> Same<'f> for m::SetVariablesResponse<'_> {
    type This = m::SetVariablesResponse<'f>;
}

impl<'f> Same<'f> for m::GetVariablesResponse<'_> {
    type This = m::GetVariablesResponse<'f>;
}

pub fn item(component: &str, variable: &str, value: &str) -> Value {
    json!({"component": {"name": component}, "variable": {"name": variable}, "attributeValue": value})
}

/// Sets variables; the results.
pub fn set(bench: &mut Bench, items: &[Value]) -> Vec<Value> {
    bench.call("SetVariables", json!({"setVariableData": items}));
    let answer = bench.answers.last().unwrap();
    valid::<m::SetVariablesResponse<'_>>(answer);
    answer["setVariableResult"].as_array().unwrap().clone()
}

pub fn statuses(results: &[Value]) -> Vec<String> {
    let status = |result: &Value| result["attributeStatus"].as_str().unwrap().to_string();
    results.iter().map(status).collect()
}

/// The value of a variable; `Connector 1 2` is that of EVSE 1.
#[track_caller]
pub fn get(bench: &mut Bench, component: &str, variable: &str) -> String {
    get_of(bench, component, variable, "")
}

#[track_caller]
pub fn get_of(bench: &mut Bench, component: &str, variable: &str, instance: &str) -> String {
    let mut words = component.split(' ');
    let mut own = json!({"name": words.next()});
    let numbers: Vec<i32> = words.map(|word| word.parse().unwrap()).collect();
    match numbers[..] {
        [evse] => own["evse"] = json!({"id": evse}),
        [evse, connector] => own["evse"] = json!({"id": evse, "connectorId": connector}),
        _ => {}
    }
    let mut variable = json!({"name": variable});
    if !instance.is_empty() {
        variable["instance"] = json!(instance);
    }
    bench.call(
        "GetVariables",
        json!({"getVariableData": [{"component": own, "variable": variable}]}),
    );
    let answer = bench.answers.last().unwrap();
    valid::<m::GetVariablesResponse<'_>>(answer);
    let result = &answer["getVariableResult"][0];
    assert_eq!(result["attributeStatus"], "Accepted", "{result}");
    result["attributeValue"].as_str().unwrap().to_string()
}

/// The usual outbound buffer.
pub const BUFFER: usize = 2048;

/// The rows of all pages of a report, which must be numbered without a gap and carry the number of the request.
#[track_caller]
pub fn rows(bench: &mut Bench, request_id: i64) -> Vec<Value> {
    let pages = bench.calls_of("NotifyReport");
    bench.calls.clear();
    let mut rows = Vec::new();
    for (number, page) in pages.iter().enumerate() {
        valid::<m::NotifyReportRequest<'_>>(page);
        assert_eq!(page["requestId"], request_id);
        assert_eq!(page["seqNo"], number);
        assert_eq!(page["generatedAt"], pages[0]["generatedAt"]);
        let last = number + 1 == pages.len();
        assert_eq!(page.get("tbc"), (!last).then_some(&json!(true)));
        rows.extend(page["reportData"].as_array().into_iter().flatten().cloned());
    }
    rows
}

/// `Connector 1 2 PhaseRotation`, `DeviceDataCtrlr ItemsPerMessage GetReport`.
pub fn name(row: &Value) -> String {
    let mut name = row["component"]["name"].as_str().unwrap().to_string();
    for number in ["id", "connectorId"] {
        if let Some(number) = row["component"]["evse"][number].as_i64() {
            name += &format!(" {number}");
        }
    }
    name += &format!(" {}", row["variable"]["name"].as_str().unwrap());
    if let Some(instance) = row["variable"]["instance"].as_str() {
        name += &format!(" {instance}");
    }
    name
}

pub fn names(rows: &[Value]) -> Vec<String> {
    rows.iter().map(name).collect()
}

pub fn base(bench: &mut Bench, report: &str) -> Vec<Value> {
    bench.call("GetBaseReport", json!({"requestId": 7, "reportBase": report}));
    assert_eq!(bench.answers.last().unwrap(), &json!({"status": "Accepted"}));
    rows(bench, 7)
}

/// An empty list if the station says that there is nothing.
pub fn custom(bench: &mut Bench, mut request: Value) -> Vec<Value> {
    request["requestId"] = json!(8);
    bench.call("GetReport", request);
    let found = rows(bench, 8);
    let status = if found.is_empty() { "EmptyResultSet" } else { "Accepted" };
    assert_eq!(bench.answers.last().unwrap(), &json!({"status": status}));
    found
}
