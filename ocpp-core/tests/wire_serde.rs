//! `Serialize` says the same as the codec (feature `serde`).

#![cfg(feature = "serde")]

mod common;

use common::{decimal, emit, parts, timestamp};
use proptest::prelude::*;
use serde_json::Value;

/// Whether both are the same document, but for the last digits of numbers: serde has no exact decimals, and neither
/// judge rounds the way the other does.
fn same(one: &str, other: &str) -> bool {
    fn same(one: &Value, other: &Value) -> bool {
        match (one, other) {
            (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
                (Some(a), Some(b)) => a == b,
                _ => {
                    let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
                    (a - b).abs() <= a.abs() * 1e-15
                }
            },
            (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
            (Value::Object(a), Value::Object(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && same(a.1, b.1))
            }
            _ => one == other,
        }
    }
    same(
        &serde_json::from_str(one).unwrap(),
        &serde_json::from_str(other).unwrap(),
    )
}

proptest! {
    #[test]
    fn a_message_is_the_same_document(parts in parts()) {
        parts.with(|sample| {
            let ours = emit(sample);
            assert!(same(&ours, &serde_json::to_string(sample).unwrap()), "{ours}");
            let mut buffer = [0; 4096];
            let len = serde_json_core::to_slice(sample, &mut buffer).unwrap();
            assert!(same(&ours, std::str::from_utf8(&buffer[..len]).unwrap()), "{ours}");
        });
    }

    #[test]
    fn a_message_that_was_read_is_the_same_document(parts in parts()) {
        let json = parts.with(|sample| emit(sample));
        let read: common::Sample<'_> = ocpp_core::wire::Wire::read(&mut ocpp_core::wire::Reader::new(&json)).unwrap();
        prop_assert!(same(&json, &serde_json::to_string(&read).unwrap()));
    }

    #[test]
    fn a_decimal_is_the_nearest_float(number in decimal()) {
        prop_assert!(same(&emit(&number), &serde_json::to_string(&number).unwrap()));
    }

    #[test]
    fn a_raw_value_is_the_same_document(json in common::document(5)) {
        let raw = ocpp_core::wire::Raw::new(&json).unwrap();
        prop_assert!(same(&json, &serde_json::to_string(&raw).unwrap()));
    }

    #[test]
    fn a_time_is_the_same_text(time in timestamp()) {
        prop_assert_eq!(emit(&time), serde_json::to_string(&time).unwrap());
    }
}
