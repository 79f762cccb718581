//! Valid JSON of any type of the schemas, for proptest.

use ocpp_core::wire::{Decimal, Timestamp};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::table::{Field, Kind, Table};

/// Valid values of one type. `custom` says whether `customData` is among the fields.
pub fn object(table: &Table, name: &str, custom: bool) -> BoxedStrategy<Value> {
    if let Some(values) = table.values(name) {
        return prop::sample::select(values.to_vec()).prop_map(Value::from).boxed();
    }
    let fields = table.fields(name).iter().filter(|field| field.name != "customData");
    let mut members: Vec<_> = fields.map(|field| member(table, field)).collect();
    if custom {
        members.push(
            prop::option::of(("[a-z.]{0,20}", any_json()))
                .prop_map(custom_data)
                .boxed(),
        );
    }
    let object = |members: Vec<Member>| Value::Object(members.into_iter().flatten().collect::<Map<_, _>>());
    members.prop_map(object).boxed()
}

/// Text with everything in it that JSON may have to escape.
pub fn text(max: usize) -> BoxedStrategy<String> {
    let char = prop_oneof![4 => prop::char::range(' ', '~'), 1 => any::<char>()];
    prop::collection::vec(char, 0..=max.min(24))
        .prop_map(String::from_iter)
        .boxed()
}

/// Numbers that a float represents well enough to compare.
pub fn decimal() -> impl Strategy<Value = Decimal> {
    (-999_999_999_i64..=999_999_999, 0_u8..=4).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
}

/// Times with a year of four digits.
pub fn time() -> impl Strategy<Value = Timestamp> {
    (0_i64..253_402_300_800_000).prop_map(Timestamp::from_millis)
}

/// A field with its name, or nothing if it is left out.
type Member = Option<(String, Value)>;

fn member(table: &Table, field: &Field) -> BoxedStrategy<Member> {
    let name = field.name.clone();
    let member = value(table, &field.kind).prop_map(move |value| Some((name.clone(), value)));
    if field.required {
        member.boxed()
    } else {
        prop_oneof![Just(None), member].boxed()
    }
}

fn value(table: &Table, kind: &Kind) -> BoxedStrategy<Value> {
    match *kind {
        Kind::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Kind::Int(_) => any::<i32>().prop_map(Value::from).boxed(),
        Kind::Number => decimal().prop_map(number).boxed(),
        Kind::Time => time().prop_map(|it| json!(it.to_string())).boxed(),
        Kind::Text(max) => text(max).prop_map(Value::from).boxed(),
        Kind::Any => any_json(),
        Kind::Named(ref name) => object(table, name, false),
        Kind::List(min, max, ref kind) => {
            let most = max.unwrap_or(usize::MAX).min(min + 2);
            prop::collection::vec(value(table, kind), min..=most)
                .prop_map(Value::from)
                .boxed()
        }
    }
}

fn number(decimal: Decimal) -> Value {
    serde_json::from_str(&decimal.to_string()).unwrap()
}

/// Any JSON but null, nested a few levels deep.
fn any_json() -> BoxedStrategy<Value> {
    let scalar = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        decimal().prop_map(number),
        text(24).prop_map(Value::from),
    ];
    let nested = scalar.prop_recursive(3, 12, 3, |inner| {
        let inner = prop_oneof![3 => inner, 1 => Just(Value::Null)];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(text(8), inner, 0..3).prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    });
    nested.boxed()
}

fn custom_data(parts: Option<(String, Value)>) -> Member {
    let (vendor, more) = parts?;
    Some(("customData".into(), json!({"vendorId": vendor, "more": more})))
}
