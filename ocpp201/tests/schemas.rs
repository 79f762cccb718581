//! Every declared type against the JSON schemas of OCPP 2.0.1: names, required fields, types, lengths, values, numbers
//! of elements. The schemas are not part of this repository; the table `schemas.txt` says what they say, in the form
//! that `common/table.rs` describes. It is made from them with
//!
//! ```text
//! OCPP201_SCHEMAS=<directory> cargo test -p ocpp201 --test schemas -- --ignored
//! ```
//!
//! where the directory holds `AuthorizeRequest.json`, `AuthorizeResponse.json` and so on, as OCA publishes them and as
//! they are in the Python package `ocpp` (`ocpp/v201/schemas`).
//!
//! Where the types differ from the schemas on purpose, the lists below say so.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use common::registry::{Type, actions, types};
use common::table::{self, Field, Kind, Table};
use ocpp_core::wire::{ErrorKind, WireError};
use serde_json::{Value, json};

/// Where an unknown value is let through: what the CSMS responds, and what is part of it.
const OPEN: [(&str, &str); 11] = [
    ("AuthorizeResponse", "certificateStatus"),
    ("BootNotificationResponse", "status"),
    ("DataTransferResponse", "status"),
    ("Get15118EvCertificateResponse", "status"),
    ("GetCertificateStatusResponse", "status"),
    ("GroupIdToken", "type"),
    ("IdTokenInfo", "status"),
    ("MessageContent", "format"),
    ("NotifyEvChargingNeedsResponse", "status"),
    ("NotifyEvChargingScheduleResponse", "status"),
    ("SignCertificateResponse", "status"),
];

/// Whole numbers of which the range is not checked.
const ANY_RANGE: [(&str, &str); 4] = [
    ("DcChargingParameters", "bulkSoC"),
    ("DcChargingParameters", "fullSoC"),
    ("DcChargingParameters", "stateOfCharge"),
    ("SalesTariffEntry", "ePriceLevel"),
];

#[test]
fn every_type_of_the_schemas_is_declared() {
    let table = Table::load();
    let declared: BTreeSet<String> = types().into_iter().map(|it| it.schema).collect();
    let known: BTreeSet<String> = table
        .names()
        .map(String::from)
        .filter(|name| name != "CustomDataType")
        .collect();
    assert_eq!(declared, known);
    assert_eq!(actions().len(), 64);
}

#[test]
fn every_declared_type_is_checked() {
    let mut names = BTreeSet::new();
    declared_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/messages"), &mut names);
    // No type of the schemas, where it is a number.
    assert!(names.remove("SimPin"));
    assert_eq!(names, types().iter().map(|it| it.name.to_string()).collect());
}

#[test]
fn fields_have_the_schemas_names() {
    let table = Table::load();
    for (it, declared) in types().iter().filter_map(|it| Some((it, it.fields?))) {
        let fields = table.fields(&it.schema).iter().map(|field| field.name.as_str());
        // Inside of data types it is skipped.
        let fields = fields.filter(|name| it.is_message() || *name != "customData");
        assert_eq!(
            declared.iter().copied().collect::<BTreeSet<_>>(),
            fields.collect(),
            "{}",
            it.name
        );
    }
}

#[test]
fn enumerations_have_the_schemas_values() {
    let table = Table::load();
    for (it, declared) in types().iter().filter_map(|it| Some((it, it.values?))) {
        let values = table.values(&it.schema).expect(it.name);
        assert_eq!(
            declared.iter().collect::<BTreeSet<_>>().len(),
            declared.len(),
            "{}",
            it.name
        );
        assert_eq!(
            declared.iter().copied().collect::<BTreeSet<_>>(),
            strs(values),
            "{}",
            it.name
        );
        for value in values {
            assert_eq!(rewrite(it, json!(value)), Ok(json!(value)), "{}", it.name);
            assert_eq!(
                fault(it, json!(format!("{value}x"))),
                Some((ErrorKind::Value, "")),
                "{}",
                it.name
            );
        }
    }
}

#[test]
fn exactly_the_required_fields_are_required() {
    for_each_field(|table, it, field| {
        let mut object = table.full(&it.schema);
        object.remove(&field.name);
        let missing = field.required.then_some((ErrorKind::Missing, field.name.as_str()));
        assert_eq!(fault(it, object), missing, "{}.{}", it.name, field.name);
    });
}

#[test]
fn what_is_complete_comes_back_as_it_was() {
    let table = Table::load();
    for it in types().iter().filter(|it| it.fields.is_some()) {
        let object = table.full(&it.schema);
        assert_eq!(rewrite(it, object.clone()), Ok(Value::Object(object)), "{}", it.name);
    }
}

#[test]
fn values_of_another_type_are_refused() {
    for_each_field(|table, it, field| {
        let others = [
            json!(null),
            json!(true),
            json!(7),
            json!(1.5),
            json!("x"),
            json!([]),
            json!({}),
        ];
        for other in others {
            let same = match field.kind {
                Kind::Bool => other.is_boolean(),
                Kind::Int(_) => other.is_i64(),
                Kind::Number => other.is_number(),
                Kind::Time | Kind::Text(_) => other.is_string(),
                Kind::Any => !other.is_null(),
                Kind::List(..) => other.is_array(),
                Kind::Named(ref name) if table.values(name).is_some() => other.is_string(),
                Kind::Named(_) => other.is_object(),
            };
            if !same {
                let fault = fault(it, with(table, it, field, other.clone()));
                assert_eq!(
                    fault,
                    Some((ErrorKind::Type, field.name.as_str())),
                    "{}: {other}",
                    it.name
                );
            }
        }
    });
}

#[test]
fn texts_have_the_schemas_lengths() {
    for_each_field(|table, it, field| {
        let (max, list) = match field.kind {
            Kind::Text(max) => (max, false),
            Kind::List(_, _, ref kind) => match **kind {
                Kind::Text(max) => (max, true),
                _ => return,
            },
            _ => return,
        };
        // Characters count, not bytes.
        for letter in ["x", "ß", "😀"] {
            let text = |count: usize| {
                let text = json!(letter.repeat(count));
                let value = if list { json!([text]) } else { text };
                with(table, it, field, value)
            };
            assert_eq!(rewrite(it, text(max)), Ok(text(max)), "{}.{}", it.name, field.name);
            let too_long = fault(it, text(max + 1));
            assert_eq!(too_long, Some((ErrorKind::Value, field.name.as_str())), "{}", it.name);
        }
        assert_eq!(
            fault(
                it,
                with(table, it, field, json!(if list { json!([""]) } else { json!("") }))
            ),
            None
        );
    });
}

#[test]
fn arrays_have_the_schemas_numbers_of_elements() {
    for_each_field(|table, it, field| {
        let Kind::List(min, max, ref kind) = field.kind else {
            return;
        };
        let array = |count| with(table, it, field, Value::Array(vec![table.sample(kind); count]));
        let refused = Some((ErrorKind::Cardinality, field.name.as_str()));
        assert_eq!(fault(it, array(min)), None, "{}.{}", it.name, field.name);
        assert_eq!(
            fault(it, array(max.unwrap_or(1500))),
            None,
            "{}.{}",
            it.name,
            field.name
        );
        assert!(min > 0, "an empty array is never allowed");
        assert_eq!(fault(it, array(min - 1)), refused, "{}", it.name);
        if let Some(max) = max {
            assert_eq!(fault(it, array(max + 1)), refused, "{}", it.name);
        }
    });
}

#[test]
fn unknown_values_are_refused_except_in_what_the_csms_responds() {
    for_each_field(|table, it, field| {
        let (name, list) = match field.kind {
            Kind::Named(ref name) => (name, false),
            Kind::List(_, _, ref kind) => match **kind {
                Kind::Named(ref name) => (name, true),
                _ => return,
            },
            _ => return,
        };
        let Some(values) = table.values(name) else {
            return;
        };
        let everything = table.names().filter_map(|name| table.values(name)).flatten();
        for value in everything.map(String::as_str).chain(["", "Later"]) {
            let object = with(table, it, field, if list { json!([value]) } else { json!(value) });
            if values.iter().any(|known| known == value) || OPEN.contains(&(it.name, &field.name)) {
                assert_eq!(rewrite(it, object.clone()), Ok(object), "{}.{}", it.name, field.name);
            } else {
                let refused = Some((ErrorKind::Value, field.name.as_str()));
                assert_eq!(fault(it, object), refused, "{}: {value}", it.name);
            }
        }
    });
}

#[test]
fn numbers_and_times_have_their_limits() {
    for_each_field(|table, it, field| {
        let values = match field.kind {
            Kind::Int(range) => {
                assert_eq!(
                    range,
                    ANY_RANGE.contains(&(it.name, &field.name)),
                    "{}.{}",
                    it.name,
                    field.name
                );
                [
                    (json!(i32::MIN), true),
                    (json!(i32::MAX), true),
                    (json!(1_i64 << 31), false),
                ]
            }
            Kind::Number => [(json!(-7), true), (json!(1e-3), true), (json!(1e300), false)],
            Kind::Time => [
                (json!("2026-11-22T17:30:00.250Z"), true),
                (json!("2026-11-22"), false),
                (json!("now"), false),
            ],
            _ => return,
        };
        for (value, fine) in values {
            let refused = (!fine).then_some((ErrorKind::Value, field.name.as_str()));
            assert_eq!(
                fault(it, with(table, it, field, value)),
                refused,
                "{}.{}",
                it.name,
                field.name
            );
        }
    });
}

#[test]
fn custom_data_is_kept_in_messages_and_skipped_in_data_types() {
    let table = Table::load();
    let custom = json!({"vendorId": "org.example", "more": [{"x": null}, "é"]});
    for it in types().iter().filter(|it| it.fields.is_some()) {
        let mut object = table.full(&it.schema);
        let mut expected = object.clone();
        object.insert("customData".into(), custom.clone());
        if it.is_message() {
            expected = object.clone();
        }
        assert_eq!(rewrite(it, object), Ok(Value::Object(expected)), "{}", it.name);
    }
}

/// Calls `check` with every field of every object, `customData` left out.
fn for_each_field(check: impl Fn(&Table, &Type, &Field)) {
    let table = Table::load();
    for it in types().iter().filter(|it| it.fields.is_some()) {
        for field in table
            .fields(&it.schema)
            .iter()
            .filter(|field| field.name != "customData")
        {
            check(&table, it, field);
        }
    }
}

/// A valid object, but for this field.
fn with(table: &Table, it: &Type, field: &Field, value: Value) -> Value {
    let mut object = table.full(&it.schema);
    object.insert(field.name.clone(), value);
    Value::Object(object)
}

fn rewrite(it: &Type, json: impl Into<Value>) -> Result<Value, WireError> {
    let written = (it.rewrite)(&json.into().to_string())?;
    Ok(serde_json::from_str(&written).unwrap())
}

fn fault(it: &Type, json: impl Into<Value>) -> Option<(ErrorKind, &'static str)> {
    rewrite(it, json).err().map(|error| (error.kind, error.field()))
}

fn strs(values: &[String]) -> BTreeSet<&str> {
    values.iter().map(String::as_str).collect()
}

/// Names of the types that the sources declare.
fn declared_in(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            declared_in(&path, names);
            continue;
        }
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let declared = line.trim_start();
            let rest = declared
                .strip_prefix("pub struct ")
                .or(declared.strip_prefix("pub enum "));
            if let Some(rest) = rest {
                let name = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap();
                assert!(names.insert(name.to_string()), "{name} twice");
            }
        }
    }
}

#[test]
#[ignore = "makes schemas.txt out of the JSON schemas, see above"]
fn extract() {
    let directory = std::env::var("OCPP201_SCHEMAS").expect("OCPP201_SCHEMAS names the directory of the JSON schemas");
    let mut entries = BTreeMap::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if let Some(name) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".json")) {
            let text = std::fs::read_to_string(&path).unwrap();
            let schema = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
            table::extract(name, &schema, &mut entries);
        }
    }
    let head = "# What the JSON schemas of OCPP 2.0.1 say; made by `extract` in schemas.rs.\n";
    let table = entries
        .values()
        .fold(head.to_owned(), |table, entry| format!("{table}\n{entry}"));
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemas.txt"), table).unwrap();
}
