//! Declared messages: what they read, write and refuse, and how a fault is named.

mod common;

use common::{Inner, Kind, Sample, emit, parts};
use ocpp_core::wire::{
    Cursor, ErrorKind, List, Message, Open, Operation, Raw, Reader, Text, Wire, WireEnum, WireError,
};
use ocpp_core::{message, operations};
use proptest::prelude::*;

fn read<'f, T: Wire<'f>>(json: &'f str) -> Result<T, WireError> {
    let mut reader = Reader::new(json);
    let value = T::read(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// A sample with the fields that must be there, `rest` among them.
fn with(rest: &str) -> String {
    format!(r#"{{"text":"t",{rest}"flag":true,"count":1,"kind":"One","items":[{{"name":"n"}}]}}"#)
}

fn fault(json: &str) -> (ErrorKind, &'static str) {
    let error = read::<Sample<'_>>(json).unwrap_err();
    (error.kind, error.field())
}

proptest! {
    #[test]
    fn a_message_comes_back(parts in parts()) {
        parts.with(|sample| {
            let json = emit(sample);
            let back: Sample<'_> = read(&json).unwrap();
            // A list holds its readers, so samples out of different buffers have no common type to be compared in.
            assert_eq!(format!("{back:?}"), format!("{sample:?}"));
            assert_eq!(emit(&back), json);
            assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
        });
    }

    #[test]
    fn a_message_cut_off_is_broken(parts in parts(), at in any::<prop::sample::Index>()) {
        let json = parts.with(|sample| emit(sample));
        let cuts: Vec<usize> = (0..json.len()).filter(|&cut| json.is_char_boundary(cut)).collect();
        prop_assert_eq!(fault(&json[..*at.get(&cuts)]).0, ErrorKind::Syntax);
    }

    #[test]
    fn the_order_of_fields_does_not_matter(parts in parts(), seed in any::<prop::sample::Index>()) {
        let json = parts.with(|sample| emit(sample));
        let serde_json::Value::Object(fields) = serde_json::from_str(&json).unwrap() else { unreachable!() };
        let mut fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name:?}:{value}")).collect();
        let middle = seed.index(fields.len());
        fields.rotate_left(middle);
        let turned = format!("{{{}}}", fields.join(","));
        let (read, turned) = (read::<Sample<'_>>(&json).unwrap(), read::<Sample<'_>>(&turned).unwrap());
        // serde_json makes floats of decimals, which are not exact.
        prop_assert_eq!(Sample { number: read.number, ..turned }, read);
    }

    #[test]
    fn unknown_fields_are_skipped(key in common::spelled(9), value in common::document(4)) {
        prop_assume!(!Sample::FIELDS.contains(&key.0.as_str()));
        let json = with(&format!("{}:{value},", key.1));
        let plain = with("");
        prop_assert_eq!(read::<Sample<'_>>(&json), read(&plain));
    }

    #[test]
    fn unknown_fields_must_be_json(value in common::rubble()) {
        let json = with(&format!("\"x\":{value},"));
        let ours = read::<Sample<'_>>(&json).is_ok();
        prop_assert!(common::serde_json_says(&json).is_none_or(|theirs| ours == theirs), "{}", json);
    }

    #[test]
    fn a_key_may_be_spelled_with_escapes(how in prop::collection::vec(any::<u8>(), 4)) {
        let key: String = "text".chars().zip(&how).map(|(c, how)| common::spell(c, *how)).collect();
        let json = with("").replacen("text", &key, 1);
        prop_assert_eq!(read::<Sample<'_>>(&json).unwrap().text, "t");
        let twice = with(&format!("\"{key}\":\"u\","));
        prop_assert_eq!(fault(&twice), (ErrorKind::Syntax, "text"));
    }

    #[test]
    fn no_text_makes_it_panic(json in prop_oneof![any::<String>(), common::rubble(), common::document(4)]) {
        if let Ok(sample) = read::<Sample<'_>>(&json) {
            let back = emit(&sample);
            prop_assert_eq!(read::<Sample<'_>>(&back), Ok(sample));
        }
    }

    #[test]
    fn lists_come_back(items in prop::collection::vec(any::<i32>(), 0..20)) {
        let list: List<'_, i32> = List::from(items.as_slice());
        let json = emit(&list);
        prop_assert_eq!(&json, &serde_json::to_string(&items).unwrap());
        let back: List<'_, i32> = read(&json).unwrap();
        prop_assert_eq!(back, list);
        prop_assert_eq!(back.len(), items.len());
        prop_assert_eq!(back.is_empty(), items.is_empty());
        prop_assert_eq!(&back.iter().collect::<Vec<_>>(), &items);
        prop_assert_eq!(emit(&back), json);
    }

    #[test]
    fn list_bounds_hold(count in 0usize..6) {
        let json = format!("[{}]", vec!["0"; count].join(" , "));
        let read = read::<List<'_, i32, 1, 3>>(&json);
        prop_assert_eq!(read.is_ok(), (1..=3).contains(&count));
        prop_assert!(read.is_ok() || read.unwrap_err().kind == ErrorKind::Cardinality);
    }
}

#[test]
fn a_missing_field_is_named() {
    let whole = with("");
    for (part, field) in [
        (r#""text":"t","#, "text"),
        (r#""flag":true,"#, "flag"),
        (r#""count":1,"#, "count"),
        (r#""kind":"One","#, "kind"),
        (r#","items":[{"name":"n"}]"#, "items"),
        (r#""name":"n""#, "name"),
    ] {
        assert_eq!(fault(&whole.replace(part, "")), (ErrorKind::Missing, field));
    }
    assert_eq!(fault("{}"), (ErrorKind::Missing, "text"));
}

#[test]
fn a_wrong_type_is_named() {
    for (rest, field) in [
        (r#""word":null,"#, "word"),
        (r#""word":5,"#, "word"),
        (r#""big":"5","#, "big"),
        (r#""big":5.0,"#, "big"),
        (r#""big":null,"#, "big"),
        (r#""number":"5","#, "number"),
        (r#""number":null,"#, "number"),
        (r#""when":5,"#, "when"),
        (r#""open":false,"#, "open"),
        (r#""inner":[],"#, "inner"),
        (r#""inner":{"name":7},"#, "name"),
        (r#""inner":{"name":"n","size":[]},"#, "size"),
    ] {
        assert_eq!(fault(&with(rest)), (ErrorKind::Type, field), "{rest}");
    }
    let whole = with("");
    for (part, instead, field) in [
        (r#""t""#, "null", "text"),
        ("true", "1", "flag"),
        ("true", "\"true\"", "flag"),
        (r#""One""#, "1", "kind"),
        (r#"[{"name":"n"}]"#, "{}", "items"),
        (r#"[{"name":"n"}]"#, r#"["n"]"#, "items"),
        (r#"[{"name":"n"}]"#, "null", "items"),
    ] {
        assert_eq!(
            fault(&whole.replace(part, instead)),
            (ErrorKind::Type, field),
            "{instead}"
        );
    }
    // The payload itself: no field to name.
    for json in ["[]", "null", "\"{}\"", "1"] {
        assert_eq!(fault(json), (ErrorKind::Type, ""));
    }
}

#[test]
fn a_wrong_value_is_named() {
    for (rest, field) in [
        (r#""word":"123456789","#, "word"),
        (r#""big":9223372036854775808,"#, "big"),
        (r#""number":1e99,"#, "number"),
        (r#""when":"yesterday","#, "when"),
        (r#""inner":{"name":"1234567"},"#, "name"),
        (r#""inner":{"name":"n","size":2147483648},"#, "size"),
    ] {
        assert_eq!(fault(&with(rest)), (ErrorKind::Value, field), "{rest}");
    }
    for other in ["Four", "one", "", "One ", "Two"] {
        let json = with("").replace("\"One\"", &format!("\"{other}\""));
        assert_eq!(fault(&json), (ErrorKind::Value, "kind"), "{other}");
    }
}

#[test]
fn a_wrong_number_of_elements_is_named() {
    for items in ["[]", r#"[{"name":"a"},{"name":"b"},{"name":"c"},{"name":"d"}]"#] {
        let json = with("").replace(r#"[{"name":"n"}]"#, items);
        assert_eq!(fault(&json), (ErrorKind::Cardinality, "items"));
    }
}

#[test]
fn broken_json_is_told() {
    for rest in [
        r#""x":,"#,
        r#""x":01,"#,
        r#""x" 1,"#,
        r#"x:1,"#,
        ",",
        r#""x":"\ud800","#,
        r#""x":{"a":[1,]},"#,
        r#""x":tru,"#,
    ] {
        assert_eq!(fault(&with(rest)).0, ErrorKind::Syntax, "{rest}");
    }
    assert_eq!(fault(""), (ErrorKind::Syntax, ""));
    assert_eq!(fault(&with("").replace(r#""n"}]}"#, r#""n"}],}"#)).0, ErrorKind::Syntax);
    let deep = format!(r#""x":{}{},"#, "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(fault(&with(&deep)).0, ErrorKind::Syntax);
}

#[test]
fn data_behind_the_end_is_refused() {
    for rest in ["}", "{}", "x", ",", "\0", "null"] {
        assert_eq!(fault(&format!("{}{rest}", with(""))), (ErrorKind::Syntax, ""), "{rest}");
    }
    assert!(read::<Sample<'_>>(&format!(" {}\r\n", with(""))).is_ok());
}

#[test]
fn a_field_given_twice_is_refused() {
    assert_eq!(fault(&with(r#""text":"t","#)), (ErrorKind::Syntax, "text"));
    assert_eq!(
        fault(&with(r#""inner":{"name":"a","name":"a"},"#)),
        (ErrorKind::Syntax, "name")
    );
    // Of an unknown field nobody reads a value, so none can be misread.
    assert!(read::<Sample<'_>>(&with(r#""x":1,"x":2,"#)).is_ok());
}

#[test]
fn unknown_values_are_kept_where_they_may_come() {
    let json = with(r#""open":"N\u0065w","#);
    let sample: Sample<'_> = read(&json).unwrap();
    assert_eq!(sample.open.and_then(|open| open.known()), None);
    assert!(matches!(sample.open, Some(Open::Unknown(name)) if name.eq_str("New")));
    assert!(emit(&sample).contains(r#""open":"N\u0065w""#));
    let json = with(r#""open":"L3\u002dN","#);
    let known: Sample<'_> = read(&json).unwrap();
    assert_eq!(known.open, Some(Open::Known(Kind::Three)));
}

#[test]
fn a_cursor_makes_its_elements_as_they_are_written() {
    struct Squares;
    impl Cursor<i32> for Squares {
        fn at(&self, index: usize) -> Option<i32> {
            let index = i32::try_from(index).ok()?;
            (index < 4).then_some(index * index)
        }
    }
    let list: List<'_, i32> = List::cursor(&Squares);
    assert_eq!(emit(&list), "[0,1,4,9]");
    assert_eq!(list.len(), 4);
}

#[test]
fn a_list_is_read_again_as_something_else() {
    let list: List<'_, Inner<'_>> = read(r#"[{"name":"a"},{"name":"b","size":2}]"#).unwrap();
    let sizes = list
        .decode_as(|r| Inner::read(r).map(|inner| inner.size.unwrap_or(-1)))
        .unwrap();
    assert_eq!(sizes.iter().collect::<Vec<_>>(), [-1, 2]);
    let one = List::<i32>::decoded("7", i32::read).unwrap();
    assert_eq!(one.iter().collect::<Vec<_>>(), [7]);
    assert!(List::<i32>::decoded("[1,true]", i32::read).is_err());
}

#[test]
fn the_declaration_can_be_asked() {
    assert_eq!(Inner::FIELDS, ["name", "size"]);
    assert_eq!(Kind::NAMES, ["One", "Two.B", "L3-N"]);
    assert_eq!(
        Kind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>(),
        Kind::NAMES
    );
}

#[test]
fn a_value_of_any_type_is_kept_and_null_is_none() {
    message! {
        /// Any.
        struct Any<'a> {
            /// Anything.
            data: Option<Raw<'a>> = "data",
        }
    }
    for data in [r#"{"a":[1,2]}"#, "[]", "1.50", "false", r#""\u0041""#] {
        let json = format!(r#"{{"data":{data}}}"#);
        let any: Any<'_> = read(&json).unwrap();
        assert_eq!(any.data.unwrap().as_str(), data);
        assert_eq!(emit(&any), json);
    }
    assert_eq!(read::<Any<'_>>(r#"{"data":null}"#).unwrap_err().kind, ErrorKind::Type);
}

#[test]
fn a_request_knows_its_action_and_its_response() {
    message! {
        /// Asks.
        struct AskRequest<'a> {
            /// What.
            what: Text<'a, 5> = "what",
        }
    }
    message! {
        /// Answers.
        #[allow(dead_code)]
        struct AskResponse {
            /// So.
            so: bool = "so",
        }
    }
    operations! { 'a: "Ask": AskRequest<'a> => AskResponse }
    fn action<'f, O: Operation<'f>>(_: &O) -> (&'static str, &'static [&'static str]) {
        (O::ACTION, O::Response::FIELDS)
    }
    let request: AskRequest<'_> = read(r#"{"what":"?"}"#).unwrap();
    assert_eq!(action(&request), ("Ask", &["so"][..]));
}
