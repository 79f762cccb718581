//! Every declared type against the JSON schemas of OCPP 1.6: names, required fields, types, lengths, values, numbers
//! of elements. The schemas are not part of this repository; the table `schemas.txt` says what they say, in the form
//! that `common/table.rs` describes. It is made from them with
//!
//! ```text
//! OCPP16_SCHEMAS=<directory> cargo test -p ocpp16 --test schemas -- --ignored
//! ```
//!
//! where the directory holds `Authorize.json`, `AuthorizeResponse.json` and so on, as OCA publishes them and as they
//! are in the Python package `ocpp` (`ocpp/v16/schemas`).
//!
//! Where the types differ from the schemas on purpose, the lists below say so; an entry that no longer applies fails.

mod common;

use common::Type;
use common::table::{self, Field, Kind};
use ocpp_core::wire::{ErrorKind, Message, WireEnum};
use ocpp16::messages::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Enumerations in responses of the Central System: an unknown value is let through.
const OPEN: [&str; 6] = [
    "Authorize.conf/idTagInfo/status",
    "BootNotification.conf/status",
    "DataTransfer.conf/status",
    "SignCertificate.conf/status",
    "StartTransaction.conf/idTagInfo/status",
    "StopTransaction.conf/idTagInfo/status",
];

/// Texts that the schemas do not bound, by the end of their path.
const BOUNDS: [(&str, usize); 5] = [
    ("DataTransfer.req/data", DATA_MAX),
    ("DataTransfer.conf/data", DATA_MAX),
    ("sampledValue/value", VALUE_MAX),
    ("GetDiagnostics.req/location", URI_MAX),
    ("UpdateFirmware.req/location", URI_MAX),
];

/// Integers of 64 bits, by name; all others have 32.
const WIDE: [&str; 1] = ["transactionId"];

/// Lists of which the schema forgets that they must not be empty.
const NOT_EMPTY: [&str; 1] = ["StopTransaction.req/transactionData/sampledValue"];

/// Values that only the schema of another message has.
const MORE_VALUES: [(&str, &str); 1] = [("StopTransaction.req/transactionData/sampledValue/unit", "Hertz")];

/// Objects inside of messages, by the end of their path.
fn objects() -> Vec<(&'static str, &'static [&'static str])> {
    vec![
        (
            "SendLocalList.req/localAuthorizationList/idTagInfo",
            ListedIdTagInfo::FIELDS,
        ),
        ("idTagInfo", IdTagInfo::FIELDS),
        ("localAuthorizationList", AuthorizationData::FIELDS),
        ("configurationKey", KeyValue::FIELDS),
        ("meterValue", MeterValue::FIELDS),
        ("transactionData", MeterValue::FIELDS),
        ("sampledValue", SampledValue::FIELDS),
        ("chargingProfile", ChargingProfile::FIELDS),
        ("csChargingProfiles", ChargingProfile::FIELDS),
        ("chargingSchedule", ChargingSchedule::FIELDS),
        ("chargingSchedulePeriod", ChargingSchedulePeriod::FIELDS),
        ("certificateHashData", CertificateHashData::FIELDS),
        ("log", LogParameters::FIELDS),
        ("firmware", Firmware::FIELDS),
    ]
}

/// The names of all enumerations.
fn enums() -> Vec<(&'static str, &'static [&'static str])> {
    macro_rules! names {
        ($($name:ident)+) => { vec![$((stringify!($name), $name::NAMES)),+] };
    }
    names! {
        AuthorizationStatus AvailabilityStatus AvailabilityType CancelReservationStatus CertificateSignedStatus
        CertificateUse ChargePointErrorCode ChargePointStatus ChargingProfileKind ChargingProfilePurpose
        ChargingProfileStatus ChargingRateUnit ClearCacheStatus ClearChargingProfileStatus ConfigurationStatus
        DataTransferStatus DeleteCertificateStatus DiagnosticsStatus ExtendedMessageTrigger FirmwareStatus
        GenericStatus GetCompositeScheduleStatus GetInstalledCertificateStatus HashAlgorithm InstallCertificateStatus
        Location LogStatus LogType Measurand MessageTrigger Phase ReadingContext Reason RecurrencyKind
        RegistrationStatus RemoteStartStopStatus ReservationStatus ResetStatus ResetType SignedFirmwareStatus
        TriggerMessageStatus UnitOfMeasure UnlockStatus UpdateFirmwareStatus UpdateStatus UpdateType UploadLogStatus
        ValueFormat
    }
}

#[test]
fn every_message_is_declared() {
    let types = common::types();
    let table = table::messages();
    let declared: BTreeSet<&str> = types.keys().map(String::as_str).collect();
    let wanted: BTreeSet<&str> = table.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(declared, wanted);
    assert_eq!(wanted.len(), (28 + 11) * 2);
    for (name, fields) in &table {
        assert_eq!(sorted(types[name].fields), sorted_names(fields), "{name}");
    }
}

#[test]
fn every_object_has_the_fields_of_the_schema() {
    let objects = objects();
    let mut used = BTreeSet::new();
    for_each_field(&mut |path, field| {
        let Some(fields) = field.kind.fields() else { return };
        let (end, declared) = objects.iter().find(|(end, _)| path.ends_with(end)).expect(path);
        assert_eq!(sorted(declared), sorted_names(fields), "{path}");
        used.insert(*end);
    });
    assert_eq!(used.len(), objects.len());
}

#[test]
fn every_enumeration_has_the_values_of_the_schema() {
    let enums = enums();
    let mut used = BTreeSet::new();
    for_each_field(&mut |path, field| {
        let Kind::Enum(values) = &field.kind else { return };
        let mut values: Vec<&str> = values.iter().map(String::as_str).collect();
        values.extend(MORE_VALUES.iter().filter(|(at, _)| *at == path).map(|(_, value)| value));
        let values = sorted(&values);
        let declared: Vec<_> = enums.iter().filter(|(_, names)| sorted(names) == values).collect();
        assert!(!declared.is_empty(), "{path}: no enumeration has exactly {values:?}");
        used.extend(declared.iter().map(|(name, _)| *name));
    });
    let all: BTreeSet<&str> = enums.iter().map(|(name, _)| *name).collect();
    assert_eq!(used, all);
}

#[test]
fn exceptions_apply() {
    let mut paths = BTreeSet::new();
    for_each_field(&mut |path, field| {
        paths.insert(path.to_owned());
        if let Kind::Text(None) = field.kind {
            assert_eq!(
                BOUNDS.iter().filter(|(end, _)| path.ends_with(end)).count(),
                1,
                "{path}"
            );
        }
    });
    let known = |end: &str| paths.iter().any(|path| path.ends_with(end));
    assert!(OPEN.iter().chain(&WIDE).chain(&NOT_EMPTY).all(|end| known(end)));
    assert!(BOUNDS.iter().all(|(end, _)| known(end)) && MORE_VALUES.iter().all(|(end, _)| known(end)));
}

/// Reads, for each message, documents that are right or wrong in one place.
#[test]
fn every_field_is_read_as_the_schema_says() {
    let types = common::types();
    for (name, fields) in table::messages() {
        let probe = Probe {
            name: &name,
            message: &types[&name],
        };
        let (full, least) = (object(&name, &fields, true), object(&name, &fields, false));
        probe.accepts("all fields", &full);
        probe.accepts("required fields", &least);
        let mut more = full.clone();
        more["unknown"] = json!([{ "a": null }]);
        assert_eq!(
            (probe.message.rewrite)(&more.to_string()),
            (probe.message.rewrite)(&full.to_string())
        );
        for wrong in [json!([]), json!(null), json!("{}")] {
            probe.refuses("payload", &wrong, ErrorKind::Type, "");
        }
        probe.fields(&name, &fields, &full, "");
    }
}

/// One message type, asked what it thinks of documents.
struct Probe<'t> {
    name: &'t str,
    message: &'t Type,
}

impl Probe<'_> {
    /// Asks about each field; `at` is the JSON pointer of the object that they are in.
    fn fields(&self, path: &str, fields: &[Field], full: &Value, at: &str) {
        for field in fields {
            let (path, at) = (format!("{path}/{}", field.name), format!("{at}/{}", field.name));
            let mut without = full.clone();
            let (object, _) = at.rsplit_once('/').unwrap();
            without
                .pointer_mut(object)
                .unwrap()
                .as_object_mut()
                .unwrap()
                .remove(&field.name)
                .unwrap();
            if field.required {
                self.refuses(&path, &without, ErrorKind::Missing, &field.name);
            } else {
                self.accepts(&path, &without);
            }
            self.kind(&path, &field.name, &field.kind, full, &at);
        }
    }

    fn kind(&self, path: &str, field: &str, kind: &Kind, full: &Value, at: &str) {
        let with = |value: Value| {
            let mut document = full.clone();
            *document.pointer_mut(at).unwrap() = value;
            document
        };
        for wrong in [
            json!(null),
            json!("x"),
            json!(1),
            json!(1.5),
            json!(true),
            json!([]),
            json!({}),
        ] {
            let right = match kind {
                Kind::Text(_) | Kind::Time | Kind::Enum(_) => wrong.is_string(),
                Kind::Int => wrong.is_i64(),
                Kind::Number => wrong.is_number(),
                Kind::Bool => wrong.is_boolean(),
                Kind::List(..) => wrong.is_array(),
                Kind::Object(_) => wrong.is_object(),
            };
            if !right {
                self.refuses(path, &with(wrong), ErrorKind::Type, field);
            }
        }
        match kind {
            Kind::Text(max) => {
                let max = max.unwrap_or_else(|| bound(path));
                self.accepts(path, &with(json!("")));
                self.accepts(path, &with(json!("€".repeat(max))));
                self.refuses(path, &with(json!("x".repeat(max + 1))), ErrorKind::Value, field);
            }
            Kind::Int => {
                let wide = WIDE.contains(&field);
                let (least, most) = if wide {
                    (i64::MIN, i64::MAX)
                } else {
                    (i32::MIN.into(), i32::MAX.into())
                };
                self.accepts(path, &with(json!(least)));
                self.accepts(path, &with(json!(most)));
                let above = if wide { json!(u64::MAX) } else { json!(most + 1) };
                self.refuses(path, &with(above), ErrorKind::Value, field);
            }
            Kind::Number => {
                self.accepts(path, &with(json!(-0.1)));
                self.refuses(path, &with(json!(1e30)), ErrorKind::Value, field);
            }
            Kind::Bool => {
                self.accepts(path, &with(json!(false)));
            }
            Kind::Time => {
                self.accepts(path, &with(json!("2024-02-29T12:00:00.500Z")));
                self.refuses(path, &with(json!("2023-02-29T12:00:00Z")), ErrorKind::Value, field);
            }
            Kind::Enum(values) => {
                let unknown = |document: &Value| (self.message.debug)(&document.to_string()).contains("Unknown(");
                for value in values {
                    self.accepts(path, &with(json!(value)));
                    assert!(!unknown(&with(json!(value))), "{path}: {value} is not known");
                }
                let first = values[0].to_lowercase();
                for other in ["", "Unheard-of", &first] {
                    let document = with(json!(other));
                    if OPEN.contains(&path) {
                        self.accepts(path, &document);
                        assert!(unknown(&document), "{path}: {other} is known");
                    } else {
                        self.refuses(path, &document, ErrorKind::Value, field);
                    }
                }
            }
            Kind::Object(fields) => self.fields(path, fields, full, at),
            Kind::List(least, item) => {
                let one = full.pointer(at).unwrap()[0].clone();
                self.accepts(path, &with(json!([one, one, one])));
                if *least == 0 && !NOT_EMPTY.contains(&path) {
                    self.accepts(path, &with(json!([])));
                } else {
                    self.refuses(path, &with(json!([])), ErrorKind::Cardinality, field);
                }
                self.kind(path, field, item, full, &format!("{at}/0"));
            }
        }
    }

    /// The document is read, and comes back whole.
    fn accepts(&self, path: &str, document: &Value) {
        let json = document.to_string();
        let back = (self.message.rewrite)(&json).unwrap_or_else(|error| panic!("{path}: {error} in {json}"));
        assert_eq!(&serde_json::from_str::<Value>(&back).unwrap(), document, "{path}");
        assert!((self.message.same)(&json, &back), "{path}");
    }

    fn refuses(&self, path: &str, document: &Value, kind: ErrorKind, field: &str) {
        let json = document.to_string();
        let error = (self.message.rewrite)(&json).expect_err(path);
        assert_eq!(
            (error.kind, error.field()),
            (kind, field),
            "{}: {path} in {json}",
            self.name
        );
    }
}

/// A document with texts as long as they may be and one element in each list.
fn object(path: &str, fields: &[Field], all: bool) -> Value {
    let wanted = fields.iter().filter(|field| all || field.required);
    wanted
        .map(|field| {
            (
                field.name.clone(),
                value(&format!("{path}/{}", field.name), &field.kind, all),
            )
        })
        .collect()
}

fn value(path: &str, kind: &Kind, all: bool) -> Value {
    match kind {
        Kind::Text(max) => json!("x".repeat(max.unwrap_or_else(|| bound(path)))),
        Kind::Int => json!(7),
        Kind::Number => json!(16.5),
        Kind::Bool => json!(true),
        Kind::Time => json!("2026-11-22T17:30:00Z"),
        Kind::Enum(values) => json!(values[0]),
        Kind::Object(fields) => object(path, fields, all),
        Kind::List(_, item) => json!([value(path, item, all)]),
    }
}

fn bound(path: &str) -> usize {
    BOUNDS.iter().find(|(end, _)| path.ends_with(end)).expect(path).1
}

fn for_each_field(visit: &mut dyn FnMut(&str, &Field)) {
    fn walk(path: &str, fields: &[Field], visit: &mut dyn FnMut(&str, &Field)) {
        for field in fields {
            let path = format!("{path}/{}", field.name);
            visit(&path, field);
            walk(&path, field.kind.fields().unwrap_or_default(), visit);
        }
    }
    for (name, fields) in table::messages() {
        walk(&name, &fields, visit);
    }
}

fn sorted<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names
}

fn sorted_names(fields: &[Field]) -> Vec<&str> {
    sorted(&fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>())
}

#[test]
#[ignore = "makes schemas.txt out of the JSON schemas, see above"]
fn extract() {
    let directory = std::env::var("OCPP16_SCHEMAS").expect("OCPP16_SCHEMAS names the directory of the JSON schemas");
    let mut messages = BTreeMap::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".json")) else {
            continue;
        };
        let schema = serde_json::from_str(std::fs::read_to_string(&path).unwrap().trim_start_matches('\u{feff}'));
        // The order of file names: a request in front of its response.
        let title = match name.strip_suffix("Response") {
            Some(action) => format!("{action}.conf"),
            None => format!("{name}.req"),
        };
        messages.insert(name.to_owned(), table::extract(&title, &schema.unwrap()));
    }
    let head = "# What the JSON schemas of OCPP 1.6 say; made by `extract` in schemas.rs.\n";
    let table = messages
        .values()
        .fold(head.to_owned(), |table, message| format!("{table}\n{message}"));
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemas.txt"), table).unwrap();
}
