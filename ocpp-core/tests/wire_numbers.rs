//! Numbers and times: exact in, exact out.

mod common;

use common::{decimal, emit, timestamp};
use ocpp_core::wire::{Decimal, ErrorKind, Reader, Timestamp, Wire, WireError};
use proptest::prelude::*;

fn read<'f, T: Wire<'f>>(json: &'f str) -> Result<T, WireError> {
    let mut reader = Reader::new(json);
    let value = T::read(&mut reader)?;
    reader.end()?;
    Ok(value)
}

fn kind<'f, T: Wire<'f> + core::fmt::Debug>(json: &'f str) -> ErrorKind {
    read::<T>(json).unwrap_err().kind
}

proptest! {
    #[test]
    fn decimals_come_back(number in decimal()) {
        let json = emit(&number);
        prop_assert_eq!(read::<Decimal>(&json), Ok(number));
        prop_assert!(serde_json::from_str::<f64>(&json).is_ok());
    }

    #[test]
    fn decimals_mean_what_their_text_says(mantissa in -999_999_999i64..=999_999_999, exponent in -12i32..=8) {
        let json = format!("{mantissa}e{exponent}");
        let number: Decimal = read(&json).unwrap();
        prop_assert_eq!(emit(&number).parse::<f64>().unwrap(), json.parse::<f64>().unwrap());
    }

    #[test]
    fn any_spelling_of_a_decimal_is_the_same(mantissa in -99_999i64..=99_999, scale in 0u8..=6, zeros in 0usize..=20) {
        let number = Decimal::new(mantissa, scale);
        let mut plain = emit(&number);
        prop_assert_eq!(read::<Decimal>(&format!("{mantissa}E-{scale}")), Ok(number));
        prop_assert_eq!(read::<Decimal>(&format!("{mantissa}e-00{scale}")), Ok(number));
        plain.push_str(if plain.contains('.') { "" } else { ".0" });
        plain.extend(std::iter::repeat_n('0', zeros));
        prop_assert_eq!(read::<Decimal>(&plain), Ok(number));
    }

    #[test]
    fn scaling_cuts_off_what_is_smaller(mantissa in any::<i32>(), scale in 0u8..=9, wanted in 0u8..=9) {
        let exact = i128::from(mantissa) * 10i128.pow(u32::from(wanted)) / 10i128.pow(u32::from(scale));
        let number = Decimal::new(i64::from(mantissa), scale);
        prop_assert_eq!(number.scaled(wanted).map(i128::from), Some(exact));
    }

    #[test]
    fn integers_come_back(value in any::<i64>()) {
        let json = emit(&value);
        prop_assert_eq!(&json, &value.to_string());
        prop_assert_eq!(read::<i64>(&json), Ok(value));
        prop_assert_eq!(read::<i32>(&json).ok(), i32::try_from(value).ok());
    }

    #[test]
    fn rubble_is_a_number_only_if_serde_json_says_so(json in common::rubble()) {
        let mut reader = Reader::new(&json);
        let ours = reader.number().is_ok() && reader.end().is_ok();
        let number = json.trim_start().starts_with(|c: char| c == '-' || c.is_ascii_digit());
        prop_assert_eq!(ours, number && common::serde_json_says(&json).unwrap_or(ours), "{}", json);
    }

    #[test]
    fn times_come_back(time in timestamp()) {
        let json = emit(&time);
        prop_assert_eq!(read::<Timestamp>(&json), Ok(time));
        prop_assert!(json.ends_with("Z\""));
    }

    #[test]
    fn an_offset_names_the_same_time(time in timestamp(), minutes in -1439i64..=1439) {
        let local = time.plus_millis(minutes * 60_000).to_string();
        let sign = if minutes < 0 { '-' } else { '+' };
        let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
        let json = format!("\"{}{sign}{hours:02}:{rest:02}\"", local.trim_end_matches('Z'));
        // At the ends of the calendar the local time is not one of it.
        prop_assume!(Timestamp::parse(&local) == Some(time.plus_millis(minutes * 60_000)));
        prop_assert_eq!(read::<Timestamp>(&json), Ok(time));
    }

    #[test]
    fn whatever_is_read_as_a_time_can_be_written(text in "[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{1,12})?([Zz]|[+-][0-2][0-9]:?[0-5][0-9])?") {
        if let Some(time) = Timestamp::parse(&text) {
            prop_assert_eq!(read(&emit(&time)), Ok(time));
        }
    }

    #[test]
    fn any_text_is_a_time_or_not(text in any::<String>()) {
        let _ = Timestamp::parse(&text);
        let _ = Decimal::parse(&text);
    }
}

#[test]
fn every_fault_of_a_number_has_its_kind() {
    for json in ["\"1\"", "null", "true", "[]", "{}"] {
        assert_eq!(kind::<i32>(json), ErrorKind::Type, "{json}");
        assert_eq!(kind::<Decimal>(json), ErrorKind::Type, "{json}");
    }
    for json in ["1.5", "1.0", "1e2", "-0.0"] {
        assert_eq!(kind::<i32>(json), ErrorKind::Type, "{json}");
    }
    for json in ["2147483648", "-2147483649", "99999999999999999999"] {
        assert_eq!(kind::<i32>(json), ErrorKind::Value, "{json}");
    }
    for json in ["9223372036854775808", "-9223372036854775809"] {
        assert_eq!(kind::<i64>(json), ErrorKind::Value, "{json}");
    }
    for json in ["1e400", "1234567890123456789", "1e-256", "1e99999999999"] {
        assert_eq!(kind::<Decimal>(json), ErrorKind::Value, "{json}");
    }
    for json in [
        "", "-", "01", "1.", ".5", "+1", "1e", "1e+", "--1", "0x10", "NaN", "Infinity", "1 2",
    ] {
        assert_eq!(kind::<i32>(json), ErrorKind::Syntax, "{json}");
        assert_eq!(kind::<Decimal>(json), ErrorKind::Syntax, "{json}");
    }
}

#[test]
fn every_fault_of_a_time_has_its_kind() {
    assert_eq!(kind::<Timestamp>("17"), ErrorKind::Type);
    assert_eq!(kind::<Timestamp>("null"), ErrorKind::Type);
    assert_eq!(kind::<Timestamp>("\"tomorrow\""), ErrorKind::Value);
    assert_eq!(kind::<Timestamp>("\"2026-11-22\""), ErrorKind::Value);
    assert_eq!(kind::<Timestamp>("\"2026-11-22T17:30:00"), ErrorKind::Syntax);
}

#[test]
fn an_escaped_time_is_a_time() {
    let time: Timestamp = read(r#""2026\u002d11-22T17:30:00Z""#).unwrap();
    assert_eq!(time.to_string(), "2026-11-22T17:30:00Z");
}
