//! What the tests of the codec share: characters and documents of every kind, and a message with every type of field.

#![allow(dead_code, reason = "each test uses a part of it")]

use ocpp_core::wire::{CiText, Decimal, List, Open, Text, Timestamp, Wire, Writer};
use ocpp_core::{message, wire_enum};
use proptest::prelude::*;

wire_enum! {
    /// Kinds.
    pub enum Kind {
        /// One.
        One = "One",
        /// Two.
        Two = "Two.B",
        /// Three.
        Three = "L3-N",
    }
}

message! {
    /// An element of a list.
    pub struct Inner<'a> {
        /// Required.
        name: Text<'a, 6> = "name",
        /// Optional.
        size: Option<i32> = "size",
    }
}

message! {
    /// One field of every type.
    pub struct Sample<'a> {
        /// Text.
        text: Text<'a, 8> = "text",
        /// Text without case.
        word: Option<CiText<'a, 8>> = "word",
        /// Flag.
        flag: bool = "flag",
        /// 32 bits.
        count: i32 = "count",
        /// 64 bits.
        big: Option<i64> = "big",
        /// Decimal.
        number: Option<Decimal> = "number",
        /// Time.
        when: Option<Timestamp> = "when",
        /// Closed.
        kind: Kind = "kind",
        /// Open.
        open: Option<Open<'a, Kind>> = "open",
        /// Objects.
        items: List<'a, Inner<'a>, 1, 3> = "items",
        /// An object.
        inner: Option<Inner<'a>> = "inner",
    }
}

/// What a [`Sample`] is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    pub text: String,
    pub word: Option<String>,
    pub flag: bool,
    pub count: i32,
    pub big: Option<i64>,
    pub number: Option<Decimal>,
    pub when: Option<Timestamp>,
    pub kind: Kind,
    pub open: Option<Result<Kind, String>>,
    pub items: Vec<(String, Option<i32>)>,
    pub inner: Option<(String, Option<i32>)>,
}

impl Parts {
    /// Hands the sample to `test`; it borrows too much to be returned.
    pub fn with<R>(&self, test: impl FnOnce(&Sample<'_>) -> R) -> R {
        let inner = |(name, size): &'_ (String, Option<i32>)| (name.clone(), *size);
        let owned: Vec<_> = self.items.iter().map(inner).collect();
        let items: Vec<_> = owned
            .iter()
            .map(|(name, size)| Inner {
                name: Text::new(name).unwrap(),
                size: *size,
            })
            .collect();
        test(&Sample {
            text: Text::new(&self.text).unwrap(),
            word: self.word.as_deref().map(|word| CiText::new(word).unwrap()),
            flag: self.flag,
            count: self.count,
            big: self.big,
            number: self.number,
            when: self.when,
            kind: self.kind,
            open: self.open.as_ref().map(|open| match open {
                Ok(kind) => Open::Known(*kind),
                Err(name) => Open::Unknown(ocpp_core::wire::Str::plain(name)),
            }),
            items: List::from(items.as_slice()),
            inner: self.inner.as_ref().map(|(name, size)| Inner {
                name: Text::new(name).unwrap(),
                size: *size,
            }),
        })
    }
}

/// Samples that can stand in a frame.
pub fn parts() -> impl Strategy<Value = Parts> {
    let inner = || (text(6), any::<Option<i32>>());
    let kind = || prop::sample::select(vec![Kind::One, Kind::Two, Kind::Three]);
    let unknown = text(12).prop_filter("known", |name| !["One", "Two.B", "L3-N"].contains(&name.as_str()));
    let open = prop_oneof![kind().prop_map(Ok), unknown.prop_map(Err)];
    let words = (text(8), prop::option::of(text(8)));
    let numbers = (
        any::<bool>(),
        any::<i32>(),
        any::<Option<i64>>(),
        prop::option::of(decimal()),
        prop::option::of(timestamp()),
    );
    let rest = (
        kind(),
        prop::option::of(open),
        prop::collection::vec(inner(), 1..=3),
        prop::option::of(inner()),
    );
    (words, numbers, rest).prop_map(
        |((text, word), (flag, count, big, number, when), (kind, open, items, inner))| Parts {
            text,
            word,
            flag,
            count,
            big,
            number,
            when,
            kind,
            open,
            items,
            inner,
        },
    )
}

/// The document of `value`.
pub fn emit<'f>(value: &impl Wire<'f>) -> String {
    let mut w = Writer::new(&mut []);
    value.write(&mut w);
    let needed = w.len();
    let mut buffer = vec![0; needed];
    let mut w = Writer::new(&mut buffer);
    value.write(&mut w);
    w.finish().unwrap().to_owned()
}

/// A character: often one that JSON treats specially, or one of two, three or four bytes.
pub fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        prop::char::range('a', 'z'),
        prop::sample::select(vec![
            '"', '\\', '/', '\u{8}', '\u{c}', '\n', '\r', '\t', '\0', '\u{1f}', '\u{7f}'
        ]),
        prop::sample::select(vec![
            'é',
            'ß',
            'Σ',
            '€',
            '\u{d7ff}',
            '\u{e000}',
            '\u{ffff}',
            '😀',
            '\u{10ffff}'
        ]),
        any::<char>(),
    ]
}

/// Text of at most `max` characters.
pub fn text(max: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(character(), 0..=max).prop_map(String::from_iter)
}

/// A number that the codec keeps: 18 digits, 255 of them behind the point.
pub fn decimal() -> impl Strategy<Value = Decimal> {
    const MAX: i64 = 999_999_999_999_999_999;
    prop_oneof![
        (-MAX..=MAX, 0..=18u8),
        (-100_000i64..100_000, 0..=4u8),
        (-MAX..=MAX, any::<u8>()),
    ]
    .prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
}

/// A time of the years 0 to 9999.
pub fn timestamp() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        -62_167_219_200_000..253_402_300_800_000i64,
        (0..4_102_444_800i64).prop_map(|seconds| seconds * 1000),
    ]
    .prop_map(Timestamp::from_millis)
}

/// `c` as it may stand in a JSON string; `how` chooses among the spellings.
pub fn spell(c: char, how: u8) -> String {
    let short = match c {
        '"' => Some("\\\""),
        '\\' => Some("\\\\"),
        '/' => Some("\\/"),
        '\u{8}' => Some("\\b"),
        '\u{c}' => Some("\\f"),
        '\n' => Some("\\n"),
        '\r' => Some("\\r"),
        '\t' => Some("\\t"),
        _ => None,
    };
    match (how % 4, short) {
        (0, Some(short)) => short.to_owned(),
        (0 | 1, _) if c >= ' ' && c != '"' && c != '\\' => c.to_string(),
        (2, _) => c
            .encode_utf16(&mut [0; 2])
            .iter()
            .map(|unit| format!("\\u{unit:04X}"))
            .collect(),
        _ => c
            .encode_utf16(&mut [0; 2])
            .iter()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect(),
    }
}

/// Text, and one of the ways to spell it in JSON, quotes included.
pub fn spelled(max: usize) -> impl Strategy<Value = (String, String)> {
    prop::collection::vec((character(), any::<u8>()), 0..=max).prop_map(|characters| {
        let text = characters.iter().map(|(c, _)| *c).collect();
        let inside: String = characters.iter().map(|(c, how)| spell(*c, *how)).collect();
        (text, format!("\"{inside}\""))
    })
}

/// Any JSON document that is not nested deeper than `depth`, with white space here and there.
pub fn document(depth: u32) -> impl Strategy<Value = String> {
    let space = || prop::sample::select(vec!["", "", "", " ", "\n\t", "\r "]);
    let scalar = prop_oneof![
        prop::sample::select(vec![
            "null", "true", "false", "0", "-0", "12", "-3.50", "1e3", "2E-2", "0.1e+1"
        ])
        .prop_map(str::to_owned),
        spelled(6).prop_map(|(_, json)| json),
    ];
    let value = scalar.prop_recursive(depth, 40, 4, move |inner| {
        let element =
            (space(), inner.clone(), space()).prop_map(|(before, value, after)| format!("{before}{value}{after}"));
        let member = (space(), spelled(4), space(), element.clone())
            .prop_map(|(before, (_, key), after, value)| format!("{before}{key}{after}:{value}"));
        prop_oneof![
            prop::collection::vec(element, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(member, 0..4).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    });
    (space(), value, space()).prop_map(|(before, value, after)| format!("{before}{value}{after}"))
}

/// Text that looks like JSON and mostly is not: pieces in any order.
pub fn rubble() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "\"a\"",
        "\"b\":",
        "\"\\u00e9\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\\ude00\"",
        "\"\\x\"",
        "\\",
        "true",
        "false",
        "null",
        "nul",
        "0",
        "1",
        "-",
        "01",
        "1.",
        "1.5",
        ".5",
        "1e5",
        "1e",
        "+1",
        " ",
        "\n",
        "\u{1}",
        "é",
        "2",
    ]);
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

/// What serde_json says; `None` where it refuses for a reason of its own, a number that no float can hold.
pub fn serde_json_says(json: &str) -> Option<bool> {
    match serde_json::from_str::<serde_json::Value>(json) {
        Ok(_) => Some(true),
        Err(error) if error.to_string().starts_with("number out of range") => None,
        Err(_) => Some(false),
    }
}
