//! Strings: what stands in a frame, what it means, and what goes back.

mod common;

use common::{character, emit, spelled, text};
use ocpp_core::wire::{CiText, ErrorKind, Raw, Reader, SecretText, Str, Text, Wire, WireError, Writer};
use proptest::prelude::*;

fn read<'f, T: Wire<'f>>(json: &'f str) -> Result<T, WireError> {
    let mut reader = Reader::new(json);
    let value = T::read(&mut reader)?;
    reader.end()?;
    Ok(value)
}

proptest! {
    #[test]
    fn plain_text_comes_back(text in text(20)) {
        let json = emit(&Text::<20>::new(&text).unwrap());
        let back: Text<'_, 20> = read(&json).unwrap();
        prop_assert_eq!(back, text.as_str());
        prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn every_spelling_means_what_serde_json_says((text, json) in spelled(20)) {
        prop_assert_eq!(&serde_json::from_str::<String>(&json).unwrap(), &text);
        let read: Text<'_, 20> = read(&json).unwrap();
        prop_assert_eq!(read, text.as_str());
        prop_assert_eq!(read.chars().collect::<String>(), text.clone());
        prop_assert_eq!(read.as_text().to_string(), text.clone());
        let mut buffer = vec![0; text.len()];
        prop_assert_eq!(read.copy_to(&mut buffer), Some(text.as_str()));
        // And goes back as it stood.
        prop_assert_eq!(emit(&read), json);
    }

    #[test]
    fn copies_only_what_fits((text, json) in spelled(20)) {
        let read: Text<'_, 20> = read(&json).unwrap();
        for len in 0..text.len() {
            let mut buffer = vec![0; len];
            prop_assert_eq!(read.copy_to(&mut buffer), None);
        }
    }

    #[test]
    fn length_counts_characters(characters in prop::collection::vec((character(), any::<u8>()), 5..=7)) {
        let json: String = characters.iter().map(|(c, how)| common::spell(*c, *how)).collect();
        let json = format!("\"{json}\"");
        let plain: String = characters.iter().map(|(c, _)| *c).collect();
        let fits = characters.len() <= 6;
        prop_assert_eq!(read::<Text<'_, 6>>(&json).is_ok(), fits);
        prop_assert_eq!(Text::<6>::new(&plain).is_some(), fits);
        let read: Text<'_, 7> = read(&json).unwrap();
        prop_assert_eq!(Text::<6>::from_text(read.as_text()).is_some(), fits);
    }

    #[test]
    fn ascii_case_does_not_matter_to_ci_text((text, json) in spelled(12), upper in any::<bool>()) {
        let read: CiText<'_, 12> = read(&json).unwrap();
        let other = if upper { text.to_ascii_uppercase() } else { text.to_ascii_lowercase() };
        prop_assert_eq!(read, other.as_str());
        prop_assert_eq!(read, CiText::<12>::new(&other).unwrap());
    }

    #[test]
    fn equality_is_that_of_the_characters((one, json_one) in spelled(3), (other, json_other) in spelled(3)) {
        let read_one: Text<'_, 3> = read(&json_one).unwrap();
        let read_other: Text<'_, 3> = read(&json_other).unwrap();
        prop_assert_eq!(read_one == read_other, one == other);
        prop_assert_eq!(read_one == other.as_str(), one == other);
    }

    #[test]
    fn a_broken_string_is_never_taken(json in common::rubble()) {
        let ours = read::<Text<'_, 100>>(&json);
        prop_assert_eq!(ours.is_ok(), serde_json::from_str::<String>(&json).is_ok());
    }

    #[test]
    fn raw_values_come_back(json in common::document(4)) {
        let trimmed = json.trim_matches([' ', '\n', '\t', '\r']);
        let raw = Raw::new(&json).unwrap();
        prop_assert_eq!(raw.as_str(), trimmed);
        prop_assert_eq!(emit(&raw), trimmed);
    }
}

#[test]
fn surrogates_count_only_as_pairs() {
    assert_eq!(read::<Text<'_, 1>>(r#""\uD83D\uDE00""#).unwrap(), "😀");
    assert_eq!(read::<Text<'_, 1>>(r#""\ud83d\ude00""#).unwrap(), "😀");
    for broken in [
        r#""\ud83d""#,
        r#""\ude00""#,
        r#""\ud83d\ud83d""#,
        r#""\ude00\ud83d""#,
        r#""\ude00\ude00""#,
        r#""\ud83dx""#,
        r#""\ud83d\n""#,
        r#""\ud83d\u0041""#,
        r#""\ud83d\u""#,
        r#""\ud83d\ude0""#,
    ] {
        assert_eq!(
            read::<Text<'_, 100>>(broken).unwrap_err().kind,
            ErrorKind::Syntax,
            "{broken}"
        );
    }
}

#[test]
fn broken_escapes_and_control_characters_are_refused() {
    for broken in [
        r#""\""#,
        r#""\x""#,
        r#""\u""#,
        r#""\u12""#,
        r#""\u12g4""#,
        r#""\u+123""#,
        r#""\U0041""#,
        "\"\n\"",
        "\"\0\"",
        "\"\u{1f}\"",
        "\"",
        "\"abc",
    ] {
        assert_eq!(
            read::<Text<'_, 100>>(broken).unwrap_err().kind,
            ErrorKind::Syntax,
            "{broken}"
        );
    }
    // Not a control character of JSON.
    assert!(read::<Text<'_, 1>>("\"\u{7f}\"").is_ok());
}

#[test]
fn another_type_is_told_from_a_broken_one() {
    for json in ["null", "1", "true", "[]", "{}", r#"["a"]"#] {
        assert_eq!(read::<Text<'_, 10>>(json).unwrap_err().kind, ErrorKind::Type, "{json}");
        assert_eq!(
            read::<SecretText<'_, 10>>(json).unwrap_err().kind,
            ErrorKind::Type,
            "{json}"
        );
    }
    for json in ["", " ", "x", "'a'", "}", ",", "\u{feff}\"a\""] {
        assert_eq!(
            read::<Text<'_, 10>>(json).unwrap_err().kind,
            ErrorKind::Syntax,
            "{json}"
        );
    }
    assert_eq!(read::<Text<'_, 2>>(r#""abc""#).unwrap_err().kind, ErrorKind::Value);
    assert_eq!(read::<Text<'_, 0>>(r#""""#).unwrap(), "");
}

#[test]
fn secrets_do_not_show() {
    let secret: SecretText<'_, 20> = read(r#""Secret""#).unwrap();
    assert_eq!(format!("{secret:?}"), "\"…\"");
    assert_eq!(secret, "sECRET");
    assert_eq!(emit(&secret), r#""Secret""#);
}

#[test]
fn writing_escapes_what_must_be() {
    let mut buffer = [0; 64];
    let mut w = Writer::new(&mut buffer);
    w.text(Str::plain("a\"\\/\n\u{1f}\u{7f}é😀"));
    assert_eq!(w.finish(), Ok("\"a\\\"\\\\/\\u000a\\u001f\u{7f}é😀\""));
}
