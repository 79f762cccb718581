//! The reader against independent judges, and against input made to hurt.

mod common;

use common::{document, rubble, serde_json_says};
use ocpp_core::wire::{ErrorKind, Reader, WireError};
use proptest::prelude::*;
use serde::de::IgnoredAny;

fn skip(json: &str) -> Result<(), WireError> {
    let mut reader = Reader::new(json);
    reader.skip()?;
    reader.end()
}

/// What serde-json-core says of the value as an unknown field. It lets nearly anything pass in front of a comma, so
/// only its refusal means something.
fn serde_json_core_says(json: &str) -> bool {
    let object = format!("{{\"x\":{json}}}");
    serde_json_core::from_str::<std::collections::BTreeMap<&str, IgnoredAny>>(&object).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn takes_every_document(json in document(6)) {
        prop_assert_eq!(serde_json_says(&json), Some(true));
        prop_assert!(serde_json_core_says(&json), "{}", json);
        prop_assert_eq!(skip(&json), Ok(()));
    }

    #[test]
    fn takes_rubble_only_if_serde_json_does(json in rubble()) {
        let ours = skip(&json).is_ok();
        prop_assert!(serde_json_says(&json).is_none_or(|theirs| ours == theirs), "{}", json);
        prop_assert!(!ours || serde_json_core_says(&json), "{}", json);
    }

    #[test]
    fn takes_a_damaged_document_only_if_serde_json_does(json in document(4), at in any::<prop::sample::Index>(), to in rubble()) {
        let cuts: Vec<usize> = (0..=json.len()).filter(|&cut| json.is_char_boundary(cut)).collect();
        let cut = *at.get(&cuts);
        let rest = json[cut..].chars().next().map_or(cut, |c| cut + c.len_utf8());
        for damaged in [json[..cut].to_owned(), format!("{}{}", &json[..cut], &json[rest..]), format!("{}{to}{}", &json[..cut], &json[rest..])] {
            let ours = skip(&damaged).is_ok();
            prop_assert!(serde_json_says(&damaged).is_none_or(|theirs| ours == theirs), "{}", damaged);
        }
    }

    #[test]
    fn object_and_array_take_what_skip_takes(json in prop_oneof![document(4), rubble()]) {
        let object = |json| {
            let mut reader = Reader::new(json);
            reader.object(&[], &mut |_, _| Ok(()))?;
            reader.end()
        };
        let array = |json| {
            let mut reader = Reader::new(json);
            reader.array(&mut |reader| reader.skip())?;
            reader.end()
        };
        let first = Reader::new(&json).peek();
        prop_assert_eq!(object(&json).is_ok(), first == Some(b'{') && skip(&json).is_ok());
        prop_assert_eq!(array(&json).is_ok(), first == Some(b'[') && skip(&json).is_ok());
    }

    #[test]
    fn no_text_makes_it_panic(json in any::<String>()) {
        let _ = skip(&json);
        let _ = Reader::new(&json).object(&["a", "b"], &mut |_, reader| reader.skip());
        let _ = Reader::new(&json).array(&mut |reader| reader.integer().map(drop));
        let _ = Reader::new(&json).name_in(&["a"]);
    }
}

#[test]
fn depth_is_bounded_and_costs_no_stack() {
    let nested = |open: &str, close: &str, depth: usize| format!("{}0{}", open.repeat(depth), close.repeat(depth));
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
        let levels = open.matches(['[', '{']).count();
        assert_eq!(skip(&nested(open, close, 32 / levels)), Ok(()));
        for depth in [32 / levels + 1, 10_000, 1_000_000] {
            assert_eq!(skip(&nested(open, close, depth)).unwrap_err().kind, ErrorKind::Syntax);
        }
    }
    assert_eq!(skip(&"[".repeat(1_000_000)).unwrap_err().kind, ErrorKind::Syntax);
}

/// Work that grew with the square of the length would keep this busy for hours.
#[test]
fn a_megabyte_of_anything_is_read_once() {
    const MEGABYTE: usize = 1 << 20;
    let many = |piece: &str| piece.repeat(MEGABYTE / piece.len());
    let string = |inside: &str| format!("\"{}\"", many(inside));
    for json in [
        string("a"),
        string("\\n"),
        string("\\ud83d\\ude00"),
        string("é"),
        format!("[{}0]", many("0,")),
        format!("[{}[]]", many("[],")),
        format!("[{}{{}}]", many("{\"a\":{}},")),
        format!("{{{}\"z\":0}}", many("\"a\":0,")),
        format!("{{{}:0}}", string("key")),
        format!("{}0{}", many(" "), many("\n")),
        many("9"),
        format!("0.{}", many("9")),
        format!("1e{}", many("9")),
    ] {
        assert_eq!(skip(&json), Ok(()), "{}", &json[..20]);
    }
    for json in [
        many("["),
        many("{\"a\":"),
        many("\""),
        many("-"),
        many("[]"),
        format!("\"{}", many("\\")),
    ] {
        assert_eq!(skip(&json).unwrap_err().kind, ErrorKind::Syntax, "{}", &json[..20]);
    }
    // Known names are compared with escaped keys without unfolding these first.
    let keys = format!("{{{}\"z\":0}}", many("\"\\u0061b\":0,"));
    let mut count = 0;
    Reader::new(&keys)
        .object(&["z", "abc", "y", "x"], &mut |_, reader| {
            count += 1;
            reader.skip()
        })
        .unwrap();
    assert_eq!(count, 1);
}

#[test]
fn elements_are_counted_and_their_text_is_given() {
    let mut reader = Reader::new(" [1, [2 ,3] ] ,");
    let (raw, count) = reader.array(&mut |reader| reader.skip()).unwrap();
    assert_eq!((raw, count), ("[1, [2 ,3] ]", 2));
    assert!(reader.take(b','));
    assert_eq!(reader.raw().unwrap_err().kind, ErrorKind::Syntax);
}

#[test]
fn what_the_visitor_says_is_told_with_the_name() {
    let refuse = |kind| move |_: usize, _: &mut Reader<'_>| Err(WireError::new(kind));
    let error = Reader::new(r#"{"b":1}"#)
        .object(&["a", "b"], &mut refuse(ErrorKind::Value))
        .unwrap_err();
    assert_eq!((error.kind, error.field()), (ErrorKind::Value, "b"));
    assert_eq!(error.to_string(), "b: value not allowed");
}
