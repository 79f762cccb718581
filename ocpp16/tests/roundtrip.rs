//! Any message that the schemas allow is read, written and read again without a loss; anything else does no harm.

mod common;

use common::table::{self, Field, Kind};
use ocpp_core::wire::{CiText, ErrorKind, List, Operation, SecretText, Text, Timestamp};
use ocpp16::messages::*;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A document of a message, by the message's name.
fn document() -> impl Strategy<Value = (String, Value)> {
    let messages: Vec<_> = table::messages()
        .into_iter()
        .map(|(name, fields)| {
            object(&fields)
                .prop_map(move |document| (name.clone(), document))
                .boxed()
        })
        .collect();
    prop::sample::select(messages).prop_flat_map(|message| message)
}

fn object(fields: &[Field]) -> BoxedStrategy<Value> {
    let start = Just(Map::new()).boxed();
    let object = fields.iter().fold(start, |object, field| {
        let name = field.name.clone();
        let value = value(&field.name, &field.kind).prop_map(Some).boxed();
        let value = if field.required {
            value
        } else {
            prop_oneof![Just(None), value].boxed()
        };
        (object, value)
            .prop_map(move |(mut object, value)| {
                object.extend(value.map(|value| (name.clone(), value)));
                object
            })
            .boxed()
    });
    object.prop_map(Value::Object).boxed()
}

fn value(name: &str, kind: &Kind) -> BoxedStrategy<Value> {
    match kind {
        // Long ones are many kilobytes; their length is checked elsewhere.
        Kind::Text(max) => prop::collection::vec(any::<char>(), 0..=max.unwrap_or(40).min(40))
            .prop_map(|characters| json!(String::from_iter(characters)))
            .boxed(),
        Kind::Int if name == "transactionId" => any::<i64>().prop_map(|value| json!(value)).boxed(),
        Kind::Int => any::<i32>().prop_map(|value| json!(value)).boxed(),
        Kind::Number => (-100_000i32..100_000)
            .prop_map(|tenths| json!(f64::from(tenths) / 10.0))
            .boxed(),
        Kind::Bool => any::<bool>().prop_map(|value| json!(value)).boxed(),
        Kind::Time => (0..253_402_300_800_000i64)
            .prop_map(|millis| json!(Timestamp::from_millis(millis).to_string()))
            .boxed(),
        Kind::Enum(values) => prop::sample::select(values.clone())
            .prop_map(|value| json!(value))
            .boxed(),
        Kind::Object(fields) => object(fields),
        // The schema of StopTransaction forgets that there is a reading.
        Kind::List(least, item) => {
            let least = if name == "sampledValue" { 1 } else { *least };
            prop::collection::vec(value(name, item), least..=3)
                .prop_map(Value::Array)
                .boxed()
        }
    }
}

/// The same, but for whole numbers that JSON made decimals of: `16.0` is written as `16`.
fn plain(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() && number.as_f64().is_some_and(|number| number.fract() == 0.0) => {
            #[expect(clippy::cast_possible_truncation, reason = "tenths of a hundred thousand")]
            let whole = number.as_f64().unwrap_or_default() as i64;
            json!(whole)
        }
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, plain(value))).collect(),
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn every_document_comes_back((name, document) in document()) {
        let message = &common::types()[&name];
        let json = document.to_string();
        let back = (message.rewrite)(&json);
        let back = back.map_err(|error| TestCaseError::fail(format!("{name}: {error} in {json}")))?;
        prop_assert_eq!(plain(serde_json::from_str(&back).unwrap()), plain(document));
        prop_assert!((message.same)(&json, &back));
        prop_assert_eq!((message.rewrite)(&back).unwrap(), back);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn serde_says_the_same((name, document) in document()) {
        let message = &common::types()[&name];
        let serialized = (message.serialize)(&document.to_string());
        prop_assert_eq!(plain(serde_json::from_str(&serialized).unwrap()), plain(document));
    }

    #[test]
    fn a_document_cut_off_is_broken((name, document) in document(), at in any::<prop::sample::Index>()) {
        let message = &common::types()[&name];
        let json = document.to_string();
        let cuts: Vec<usize> = (0..json.len()).filter(|&cut| json.is_char_boundary(cut)).collect();
        let error = (message.rewrite)(&json[..*at.get(&cuts)]).unwrap_err();
        prop_assert_eq!(error.kind, ErrorKind::Syntax);
    }

    #[test]
    fn a_damaged_document_is_refused_or_comes_back(
        (name, document) in document(),
        at in any::<prop::sample::Index>(),
        piece in prop::sample::select(vec!["", "\"", "{", "}", "[", "]", ",", ":", "\\", "0", "-", "1e9", "null", "true"]),
    ) {
        let message = &common::types()[&name];
        let mut json = document.to_string();
        let cuts: Vec<usize> = (0..json.len()).filter(|&cut| json.is_char_boundary(cut)).collect();
        let cut = *at.get(&cuts);
        let end = cut + json[cut..].chars().next().map_or(0, char::len_utf8);
        json.replace_range(cut..end, piece);
        if let Ok(back) = (message.rewrite)(&json) {
            prop_assert!((message.same)(&json, &back));
            prop_assert_eq!((message.rewrite)(&back).unwrap(), back);
        }
    }

    #[test]
    fn any_message_may_arrive_as_any_other((_, document) in document(), action in any::<prop::sample::Index>()) {
        let types = common::types();
        let json = document.to_string();
        let message = &types[at(&types, action)];
        if let Ok(back) = (message.rewrite)(&json) {
            prop_assert!((message.same)(&json, &back));
        }
    }
}

fn at<T>(types: &std::collections::BTreeMap<String, T>, index: prop::sample::Index) -> &str {
    types.keys().nth(index.index(types.len())).unwrap()
}

#[test]
fn a_session_is_written_as_on_the_wire() {
    let id_tag = SecretText::new("04A2B3C4").unwrap();
    let sample = |value| SampledValue {
        value: Text::new(value).unwrap(),
        context: Some(ReadingContext::SamplePeriodic),
        format: None,
        measurand: Some(Measurand::PowerActiveImport),
        phase: Some(Phase::L1N),
        location: None,
        unit: Some(UnitOfMeasure::KW),
    };
    let samples = [sample("3.6"), sample("3.7")];
    let readings = [MeterValue {
        timestamp: Timestamp::from_millis(1_780_000_000_500),
        sampled_value: List::from(&samples),
    }];
    let stop = StopTransactionRequest {
        id_tag: Some(id_tag),
        meter_stop: 4321,
        timestamp: Timestamp::from_millis(1_780_000_001_000),
        transaction_id: 9_007_199_254_740_993,
        reason: Some(Reason::EvDisconnected),
        transaction_data: Some(List::from(&readings)),
    };
    let sampled = r#""context":"Sample.Periodic","measurand":"Power.Active.Import","phase":"L1-N","unit":"kW"}"#;
    assert_eq!(
        common::emit(&stop),
        format!(
            r#"{{"idTag":"04A2B3C4","meterStop":4321,"timestamp":"2026-05-28T20:26:41Z",{}{}{}{}"#,
            r#""transactionId":9007199254740993,"reason":"EVDisconnected","transactionData":["#,
            r#"{"timestamp":"2026-05-28T20:26:40.500Z","sampledValue":["#,
            format_args!(r#"{{"value":"3.6",{sampled},{{"value":"3.7",{sampled}"#),
            "]}]}"
        )
    );
    assert_eq!(StopTransactionRequest::ACTION, "StopTransaction");
}

#[test]
fn secrets_do_not_show() {
    let change = ChangeConfigurationRequest {
        key: CiText::new("AuthorizationKey").unwrap(),
        value: SecretText::new("0001020304050607").unwrap(),
    };
    assert_eq!(
        format!("{change:?}"),
        r#"ChangeConfigurationRequest { key: "AuthorizationKey", value: "…" }"#
    );
    let authorize = AuthorizeRequest {
        id_tag: SecretText::new("04A2B3C4").unwrap(),
    };
    assert_eq!(format!("{authorize:?}"), r#"AuthorizeRequest { id_tag: "…" }"#);
}
