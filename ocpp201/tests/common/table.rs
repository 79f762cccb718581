//! The table `schemas.txt`: what the JSON schemas of OCPP 2.0.1 say, by the names that they give to things.
//!
//! ```text
//! IdTokenType
//!   additionalInfo? list 1.. AdditionalInfoType
//!   idToken text 36
//!   type IdTokenEnumType
//!
//! UpdateEnumType enum Differential Full
//! ```
//!
//! An object has no indentation, its fields have two spaces. A question mark marks a field that may be left out. The
//! kinds are `text` with its length, `int` with its range if it has one, `number`, `bool`, `time`, `any`, `list` with
//! its least and greatest number of elements in front of the kind of these, and the names of objects and enumerations.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What the schemas say, by their names.
pub struct Table(BTreeMap<String, Entry>);

enum Entry {
    Object(Vec<Field>),
    Enum(Vec<String>),
}

/// One field of an object.
pub struct Field {
    pub name: String,
    pub required: bool,
    pub kind: Kind,
}

/// What a field holds.
pub enum Kind {
    /// At most so many characters.
    Text(usize),
    /// Whether there is a range.
    Int(bool),
    Number,
    Bool,
    Time,
    Any,
    /// At least and at most so many elements.
    List(usize, Option<usize>, Box<Kind>),
    Named(String),
}

impl Table {
    /// The table.
    pub fn load() -> Self {
        let lines = include_str!("../schemas.txt").lines();
        let mut lines = lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .peekable();
        let mut entries = BTreeMap::new();
        while let Some(head) = lines.next() {
            let (name, entry) = match head.split_once(" enum ") {
                Some((name, values)) => (name, Entry::Enum(values.split(' ').map(String::from).collect())),
                None => {
                    let fields = std::iter::from_fn(|| lines.next_if(|line| line.starts_with("  ")));
                    (head, Entry::Object(fields.map(field).collect()))
                }
            };
            assert!(entries.insert(name.to_owned(), entry).is_none(), "{name} twice");
        }
        Self(entries)
    }

    /// The names of all objects and enumerations.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The fields of an object.
    pub fn fields(&self, object: &str) -> &[Field] {
        match self.0.get(object) {
            Some(Entry::Object(fields)) => fields,
            _ => panic!("no object {object}"),
        }
    }

    /// The values, if it is an enumeration.
    pub fn values(&self, name: &str) -> Option<&[String]> {
        match self.0.get(name) {
            Some(Entry::Enum(values)) => Some(values),
            _ => None,
        }
    }

    /// An object with every field but `customData`, and no more elements than there must be.
    pub fn full(&self, object: &str) -> Map<String, Value> {
        let fields = self.fields(object).iter().filter(|field| field.name != "customData");
        fields
            .map(|field| (field.name.clone(), self.sample(&field.kind)))
            .collect()
    }

    /// A valid value.
    pub fn sample(&self, kind: &Kind) -> Value {
        match kind {
            Kind::Text(_) => json!("a"),
            Kind::Int(_) => json!(7),
            Kind::Number => json!(16.5),
            Kind::Bool => json!(true),
            Kind::Time => json!("2026-11-22T17:30:00Z"),
            Kind::Any => json!({"any": [1, null]}),
            Kind::List(least, _, item) => Value::Array(vec![self.sample(item); *least]),
            Kind::Named(name) => match self.values(name) {
                Some(values) => json!(values[0]),
                None => Value::Object(self.full(name)),
            },
        }
    }
}

fn field(line: &str) -> Field {
    let mut words = line.split_whitespace();
    let name = words.next().unwrap();
    Field {
        name: name.trim_end_matches('?').to_owned(),
        required: !name.ends_with('?'),
        kind: kind(&mut words),
    }
}

fn kind<'a>(words: &mut impl Iterator<Item = &'a str>) -> Kind {
    match words.next().unwrap() {
        "text" => Kind::Text(words.next().unwrap().parse().unwrap()),
        "int" => Kind::Int(words.next().is_some()),
        "number" => Kind::Number,
        "bool" => Kind::Bool,
        "time" => Kind::Time,
        "any" => Kind::Any,
        "list" => {
            let (least, most) = words.next().unwrap().split_once("..").unwrap();
            Kind::List(least.parse().unwrap(), most.parse().ok(), Box::new(kind(words)))
        }
        name => Kind::Named(name.to_owned()),
    }
}

/// Makes the entries of a message, and of what its schema defines beside it.
pub fn extract(name: &str, schema: &Value, entries: &mut BTreeMap<String, String>) {
    let empty = Map::new();
    let definitions = schema["definitions"].as_object().unwrap_or(&empty);
    let message = (name, schema);
    for (name, schema) in definitions
        .iter()
        .map(|(name, schema)| (name.as_str(), schema))
        .chain([message])
    {
        let entry = match schema["enum"].as_array() {
            Some(values) => {
                let values: Vec<_> = values.iter().map(|value| value.as_str().unwrap()).collect();
                format!("{name} enum {}\n", values.join(" "))
            }
            None => format!("{name}\n{}", extract_fields(name, schema)),
        };
        let known = entries.entry(name.to_owned()).or_insert_with(|| entry.clone());
        assert_eq!(*known, entry, "{name} is not the same everywhere");
    }
}

fn extract_fields(name: &str, object: &Value) -> String {
    // Nothing may be in an object that is not in the table.
    assert!(
        object["additionalProperties"] == false || name == "CustomDataType",
        "{name}"
    );
    let empty = Map::new();
    let required = object["required"].as_array().map_or(&[][..], Vec::as_slice);
    let mut fields: Vec<_> = object["properties"].as_object().unwrap_or(&empty).iter().collect();
    fields.sort_by_key(|(name, _)| *name);
    let fields = fields.into_iter().map(|(name, schema)| {
        let left_out = !required.contains(&Value::from(name.as_str()));
        format!("  {name}{} {}\n", if left_out { "?" } else { "" }, extract_kind(schema))
    });
    fields.collect()
}

fn extract_kind(schema: &Value) -> String {
    const SAID: [&str; 9] = [
        "$ref",
        "type",
        "maxLength",
        "format",
        "items",
        "minItems",
        "maxItems",
        "minimum",
        "maximum",
    ];
    const IGNORED: [&str; 4] = ["javaType", "description", "default", "additionalItems"];
    for keyword in schema.as_object().unwrap().keys() {
        let keyword = keyword.as_str();
        assert!(
            SAID.contains(&keyword) || IGNORED.contains(&keyword),
            "{keyword} is not in the table"
        );
    }
    if let Some(path) = schema["$ref"].as_str() {
        return path.trim_start_matches("#/definitions/").to_owned();
    }
    let limit = |keyword: &str| {
        schema[keyword]
            .as_f64()
            .map_or(String::new(), |limit| limit.to_string())
    };
    match schema["type"].as_str() {
        None => "any".to_owned(),
        Some("string") if schema["format"] == "date-time" => "time".to_owned(),
        Some("string") => format!("text {}", schema["maxLength"]),
        Some("integer") if schema.get("minimum").or(schema.get("maximum")).is_some() => {
            format!("int {}..{}", limit("minimum"), limit("maximum"))
        }
        Some("integer") => "int".to_owned(),
        Some("number") => "number".to_owned(),
        Some("boolean") => "bool".to_owned(),
        Some("array") => format!(
            "list {}..{} {}",
            limit("minItems"),
            limit("maxItems"),
            extract_kind(&schema["items"])
        ),
        Some(other) => panic!("unknown type {other}"),
    }
}
