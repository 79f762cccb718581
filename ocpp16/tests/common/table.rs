//! The table `schemas.txt`: what the JSON schemas of OCPP 1.6 say, one line per message and per field.
//!
//! ```text
//! DataTransfer.req
//!   vendorId text 255
//!   messageId? text 50
//!   data? text
//! ```
//!
//! A message has no indentation, its fields have two spaces, fields of an object in a field two more. A question mark
//! marks a field that may be left out. The kinds are `text` with its length if it is bounded, `int`, `number`, `bool`,
//! `time`, `enum` with its values, `object`, and `list` with its least number of elements in front of the kind of
//! these.

use serde_json::Value;

pub struct Field {
    pub name: String,
    pub required: bool,
    pub kind: Kind,
}

pub enum Kind {
    Text(Option<usize>),
    Int,
    Number,
    Bool,
    Time,
    Enum(Vec<String>),
    Object(Vec<Field>),
    List(usize, Box<Kind>),
}

impl Kind {
    /// The fields, if this is an object or a list of objects.
    pub fn fields(&self) -> Option<&[Field]> {
        match self {
            Self::Object(fields) => Some(fields),
            Self::List(_, item) => item.fields(),
            _ => None,
        }
    }
}

/// All messages of the table.
pub fn messages() -> Vec<(String, Vec<Field>)> {
    let table = include_str!("../schemas.txt");
    let mut lines = table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .peekable();
    let mut messages = Vec::new();
    while let Some(name) = lines.next() {
        assert!(!name.starts_with(' '), "no message above: {name}");
        messages.push((name.to_owned(), fields(&mut lines, 2)));
    }
    messages
}

fn fields<'a>(lines: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>, depth: usize) -> Vec<Field> {
    let mut fields_here = Vec::new();
    while let Some(line) = lines.next_if(|line| line.len() - line.trim_start().len() == depth) {
        let mut words = line.split_whitespace();
        let name = words.next().unwrap();
        let mut kind = kind(&mut words);
        let mut inner = &mut kind;
        while let Kind::List(_, item) = inner {
            inner = item;
        }
        if let Kind::Object(inside) = inner {
            *inside = fields(lines, depth + 2);
        }
        fields_here.push(Field {
            name: name.trim_end_matches('?').to_owned(),
            required: !name.ends_with('?'),
            kind,
        });
    }
    fields_here
}

fn kind<'a>(words: &mut impl Iterator<Item = &'a str>) -> Kind {
    match words.next().unwrap() {
        "text" => Kind::Text(words.next().map(|max| max.parse().unwrap())),
        "int" => Kind::Int,
        "number" => Kind::Number,
        "bool" => Kind::Bool,
        "time" => Kind::Time,
        "enum" => Kind::Enum(words.map(str::to_owned).collect()),
        "object" => Kind::Object(Vec::new()),
        "list" => Kind::List(words.next().unwrap().parse().unwrap(), Box::new(kind(words))),
        other => panic!("unknown kind {other}"),
    }
}

/// Makes the lines of a message out of its JSON schema.
pub fn extract(name: &str, schema: &Value) -> String {
    let mut lines = format!("{name}\n");
    extract_fields(schema, schema, 2, &mut lines);
    lines
}

fn extract_fields(root: &Value, object: &Value, depth: usize, lines: &mut String) {
    // Nothing that would change the meaning of a schema without being in the table.
    assert_eq!(object["additionalProperties"], false);
    let empty = serde_json::Map::new();
    let required = object["required"].as_array().map_or(&[][..], Vec::as_slice);
    let mut fields: Vec<_> = object["properties"].as_object().unwrap_or(&empty).iter().collect();
    fields.sort_by_key(|(name, _)| *name);
    for (name, schema) in fields {
        let mark = if required.contains(&Value::from(name.as_str())) {
            ""
        } else {
            "?"
        };
        let (words, inside) = extract_kind(root, schema);
        lines.push_str(&format!("{:depth$}{name}{mark} {words}\n", ""));
        if let Some(inside) = inside {
            extract_fields(root, inside, depth + 2, lines);
        }
    }
}

/// The words for a kind, and the object that is in it.
fn extract_kind<'s>(root: &'s Value, schema: &'s Value) -> (String, Option<&'s Value>) {
    if let Some(path) = schema["$ref"].as_str() {
        return extract_kind(root, root.pointer(path.trim_start_matches('#')).unwrap());
    }
    let known = [
        "type",
        "enum",
        "maxLength",
        "format",
        "multipleOf",
        "items",
        "minItems",
        "properties",
        "required",
    ];
    let ignored = [
        "additionalProperties",
        "additionalItems",
        "javaType",
        "description",
        "title",
        "default",
    ];
    for keyword in schema.as_object().unwrap().keys() {
        let keyword = keyword.as_str();
        assert!(
            known.contains(&keyword) || ignored.contains(&keyword),
            "{keyword} is not in the table"
        );
    }
    let words = match schema["type"].as_str().unwrap() {
        "string" if schema["enum"].is_array() => {
            let values = schema["enum"].as_array().unwrap().iter();
            format!(
                "enum {}",
                values
                    .map(|value| value.as_str().unwrap())
                    .collect::<Vec<_>>()
                    .join(" ")
            )
        }
        "string" if schema["format"] == "date-time" => "time".to_owned(),
        "string" => match schema["maxLength"].as_u64() {
            Some(max) => format!("text {max}"),
            None => "text".to_owned(),
        },
        "integer" => "int".to_owned(),
        "number" => "number".to_owned(),
        "boolean" => "bool".to_owned(),
        "object" => return ("object".to_owned(), Some(schema)),
        "array" => {
            let (words, inside) = extract_kind(root, &schema["items"]);
            return (
                format!("list {} {words}", schema["minItems"].as_u64().unwrap_or(0)),
                inside,
            );
        }
        other => panic!("unknown type {other}"),
    };
    (words, None)
}
