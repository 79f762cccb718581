//! Textual forms: how a setting is read and written.
//!
//! They are read as bytes: the methods of `str` bring the tables of Unicode's white space and a search for substrings.

use super::table::{Kind, TimeSource, TxPoint};
use super::vendor::SettingKey;
use crate::metering::{Measurand, Phase};
use crate::wire::{Pieces, Str, WireEnum, Writer};

/// Most measurands in one list.
pub(crate) const MEASURANDS_MAX: usize = 8;
/// Longest phase rotation list.
pub(super) const ROTATION_TEXT_MAX: usize = 64;
/// 40 bytes in hexadecimal; longest text of a vendor setting.
pub(super) const LONG_TEXT_MAX: usize = 80;
/// Longest text.
pub(super) const TEXT_MAX: usize = 40;
/// Network profiles that there may be: slots 0 to 7.
pub(crate) const PROFILES: u8 = 8;

pub(super) type Measurands = heapless::Vec<MeasurandChoice, MEASURANDS_MAX>;

/// One item of a measurand list: a quantity, perhaps of one phase only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MeasurandChoice {
    /// The quantity.
    pub measurand: Measurand,
    /// Only this phase; all phases and the whole if `None`.
    pub phase: Option<Phase>,
}

/// Why a value was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SettingError {
    /// No setting has that name.
    Unknown,
    /// The text is not of the setting's type or range.
    Value,
    /// It cannot be written.
    ReadOnly,
}

impl core::fmt::Display for SettingError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Unknown => "unknown setting",
            Self::Value => "value not allowed",
            Self::ReadOnly => "read-only",
        })
    }
}

impl core::error::Error for SettingError {}

/// A checked value, not yet taken.
#[derive(Clone)]
pub(crate) enum Value {
    Number(i32),
    Measurands(Measurands),
    Rotation(heapless::String<ROTATION_TEXT_MAX>),
    /// A key, or any value of a vendor setting.
    Long(heapless::String<LONG_TEXT_MAX>),
    Text(heapless::String<TEXT_MAX>),
}

impl Value {
    /// The textual form at the beginning of `buf`, for storage.
    ///
    /// # Errors
    /// The number of bytes needed.
    pub(crate) fn to_bytes<'b>(&self, key: SettingKey, buf: &'b mut [u8]) -> Result<&'b [u8], usize> {
        let view = match self {
            Self::Number(number) => match key.kind() {
                Kind::Switch => ValueView::Switch(*number != 0),
                Kind::TxPoints { .. } => ValueView::Points(u8::try_from(*number).unwrap_or(0)),
                Kind::TimeSources => ValueView::TimeSources(*number),
                _ => ValueView::Number(*number),
            },
            Self::Measurands(list) => ValueView::Measurands(list),
            Self::Rotation(text) => ValueView::Text(text),
            Self::Long(text) => ValueView::Text(text),
            Self::Text(text) => ValueView::Text(text),
        };
        let mut w = Writer::new(buf);
        w.plain(|p| view.pieces(p));
        w.finish().map(str::as_bytes)
    }

    pub(super) fn parse(kind: &Kind, text: Str<'_>) -> Result<Self, SettingError> {
        // The longest textual form is a full list of measurands.
        let mut buffer = [0; 320];
        let text = text.copy_to(&mut buffer).ok_or(SettingError::Value)?;
        let bytes = text.as_bytes();
        match *kind {
            Kind::Switch => switch(bytes).map(|on| Self::Number(i32::from(on))),
            Kind::Number { min, max } | Kind::Seconds { min, max } => {
                let number = number(bytes.trim_ascii());
                number.filter(|number| (min..=max).contains(number)).map(Self::Number)
            }
            Kind::Measurands => measurands(bytes).map(Self::Measurands),
            Kind::Rotation => {
                let valid = text.is_empty() || bytes.split(|&byte| byte == b',').all(rotation);
                heapless::String::try_from(text)
                    .ok()
                    .filter(|_| valid)
                    .map(Self::Rotation)
            }
            Kind::Key => {
                let hex = bytes.iter().all(u8::is_ascii_hexdigit);
                let length =
                    text.is_empty() || (32..=LONG_TEXT_MAX).contains(&text.len()) && text.len().is_multiple_of(2);
                heapless::String::try_from(text)
                    .ok()
                    .filter(|_| hex && length)
                    .map(Self::Long)
            }
            Kind::TxPoints { known } => points(bytes)
                .filter(|points| points & !known == 0)
                .map(|points| Self::Number(points.into())),
            Kind::Text { max } => {
                let fits = text.chars().nth(max.into()).is_none();
                heapless::String::try_from(text).ok().filter(|_| fits).map(Self::Text)
            }
            Kind::Priority => priority(bytes)
                .and_then(|()| heapless::String::try_from(text).ok())
                .map(Self::Text),
            Kind::TimeSources => time_sources(bytes).map(Self::Number),
            // Of vendor settings, which have a check of their own.
            Kind::Decimal(_) | Kind::OneOf(_) | Kind::SomeOf(_) | Kind::Ordered(_) => None,
        }
        .ok_or(SettingError::Value)
    }
}

fn switch(text: &[u8]) -> Option<bool> {
    if text.eq_ignore_ascii_case(b"true") {
        Some(true)
    } else if text.eq_ignore_ascii_case(b"false") {
        Some(false)
    } else {
        None
    }
}

fn number(text: &[u8]) -> Option<i32> {
    let (digits, negative) = match text {
        [b'-', digits @ ..] => (digits, true),
        [b'+', digits @ ..] | digits => (digits, false),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0i32;
    for byte in digits {
        let digit = i32::from(byte.wrapping_sub(b'0'));
        // Downwards, where there is one number more.
        value = value.checked_mul(10)?.checked_sub(digit).filter(|_| digit < 10)?;
    }
    if negative { Some(value) } else { value.checked_neg() }
}

fn measurands(text: &[u8]) -> Option<Measurands> {
    let mut list = Measurands::new();
    if !text.trim_ascii().is_empty() {
        for item in text.split(|&byte| byte == b',') {
            list.push(choice(item.trim_ascii())?).ok()?;
        }
    }
    Some(list)
}

/// A measurand, or a measurand with a phase behind it: `Voltage.L1-N`.
fn choice(item: &[u8]) -> Option<MeasurandChoice> {
    if let Some(measurand) = named(item) {
        return Some(MeasurandChoice { measurand, phase: None });
    }
    let dot = item.iter().rposition(|&byte| byte == b'.')?;
    let (measurand, phase) = item.split_at_checked(dot)?;
    Some(MeasurandChoice {
        measurand: named(measurand)?,
        phase: Some(named(phase.get(1..)?)?),
    })
}

fn named<E: WireEnum>(name: &[u8]) -> Option<E> {
    E::ALL.get(position(E::NAMES, name)?).copied()
}

fn position(names: &[&str], name: &[u8]) -> Option<usize> {
    names.iter().position(|own| own.as_bytes() == name)
}

/// `<connector>.<rotation>`, 1.6 §9.1.7.
fn rotation(item: &[u8]) -> bool {
    const NAMES: [&str; 8] = ["NotApplicable", "Unknown", "RST", "RTS", "SRT", "STR", "TRS", "TSR"];
    let mut parts = item.trim_ascii().splitn(2, |&byte| byte == b'.');
    let connector = parts.next().and_then(number);
    let name = parts.next().and_then(|name| position(&NAMES, name));
    connector.is_some_and(|connector| u8::try_from(connector).is_ok()) && name.is_some()
}

/// The name that belongs to `wanted` in a list of rotations; empty if there is none.
pub(super) fn rotation_of(list: &str, wanted: i32) -> &str {
    let mut rest = list.as_bytes();
    while !rest.is_empty() {
        let end = rest.iter().position(|&byte| byte == b',').unwrap_or(rest.len());
        let (item, behind) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        let item = item.trim_ascii();
        let dot = item.iter().position(|&byte| byte == b'.').unwrap_or(item.len());
        if item.get(..dot).and_then(number) == Some(wanted) {
            let name = item.get(dot.saturating_add(1)..).unwrap_or(&[]);
            return core::str::from_utf8(name).unwrap_or("");
        }
        rest = behind.get(1..).unwrap_or(&[]);
    }
    ""
}

/// A set of moments; empty is none of them.
fn points(text: &[u8]) -> Option<u8> {
    let mut points = 0;
    if !text.is_empty() {
        for item in text.split(|&byte| byte == b',') {
            points |= named::<TxPoint>(item.trim_ascii())?.bit();
        }
    }
    Some(points)
}

/// Different slots, at least one.
fn priority(text: &[u8]) -> Option<()> {
    let mut seen = 0u8;
    for item in text.split(|&byte| byte == b',') {
        let &[digit] = item else { return None };
        let slot = digit.checked_sub(b'0').filter(|slot| *slot < PROFILES)?;
        let bit = 1u8.checked_shl(slot.into())?;
        if seen & bit != 0 {
            return None;
        }
        seen |= bit;
    }
    Some(())
}

/// Different sources, at least one, as octal digits: the last one is the lowest.
fn time_sources(text: &[u8]) -> Option<i32> {
    let mut packed = 0i32;
    for item in text.split(|&byte| byte == b',') {
        let source = named::<TimeSource>(item.trim_ascii())?;
        if unpacked(packed).any(|own| own == source) {
            return None;
        }
        packed = packed.wrapping_shl(3) | (source as i32).wrapping_add(1);
    }
    Some(packed)
}

pub(crate) fn unpacked(packed: i32) -> impl Iterator<Item = TimeSource> {
    (0..TimeSource::ALL.len() as u32).rev().filter_map(move |place| {
        let digit = packed.wrapping_shr(place.wrapping_mul(3)) & 7;
        TimeSource::ALL
            .get(usize::try_from(digit).ok()?.checked_sub(1)?)
            .copied()
    })
}

/// A value where it stands.
pub(super) enum ValueView<'a> {
    Switch(bool),
    Number(i32),
    Measurands(&'a [MeasurandChoice]),
    Text(&'a str),
    Points(u8),
    TimeSources(i32),
}

impl ValueView<'_> {
    #[inline(never)]
    pub(super) fn pieces(&self, p: &mut Pieces<'_, '_>) {
        match *self {
            Self::Switch(on) => {
                p.push(if on { "true" } else { "false" });
            }
            Self::Number(number) => {
                p.decimal(number.into());
            }
            Self::Measurands(list) => {
                let mut separator = "";
                for choice in list {
                    p.push(separator).push(choice.measurand.as_str());
                    if let Some(phase) = choice.phase {
                        p.push(".").push(phase.as_str());
                    }
                    separator = ",";
                }
            }
            Self::Text(text) => {
                p.push(text);
            }
            Self::TimeSources(packed) => {
                let mut separator = "";
                for source in unpacked(packed) {
                    p.push(separator).push(source.as_str());
                    separator = ",";
                }
            }
            Self::Points(points) => {
                let mut separator = "";
                for point in TxPoint::ALL.iter().filter(|point| points & point.bit() != 0) {
                    p.push(separator).push(point.as_str());
                    separator = ",";
                }
            }
        }
    }
}
