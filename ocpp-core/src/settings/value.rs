//! Textual forms: how a setting is read and written.

use super::table::{Kind, TxPoint};
use crate::metering::{Measurand, Phase};
use crate::wire::{Pieces, Str, WireEnum};

/// Most measurands in one list.
pub(crate) const MEASURANDS_MAX: usize = 8;
/// Longest phase rotation list.
pub(super) const ROTATION_TEXT_MAX: usize = 64;
/// 40 bytes in hexadecimal.
pub(super) const KEY_TEXT_MAX: usize = 80;
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
    Key(heapless::String<KEY_TEXT_MAX>),
    Text(heapless::String<TEXT_MAX>),
}

impl Value {
    pub(super) fn parse(kind: &Kind, text: Str<'_>) -> Result<Self, SettingError> {
        // The longest textual form is a full list of measurands.
        let mut buffer = [0; 320];
        let text = text.copy_to(&mut buffer).ok_or(SettingError::Value)?;
        match *kind {
            Kind::Switch => switch(text).map(|on| Self::Number(i32::from(on))),
            Kind::Number { min, max } => {
                let number = text.trim().parse().ok();
                number.filter(|number| (min..=max).contains(number)).map(Self::Number)
            }
            Kind::Measurands => measurands(text).map(Self::Measurands),
            Kind::Rotation => {
                let valid = text.is_empty() || text.split(',').all(rotation);
                heapless::String::try_from(text)
                    .ok()
                    .filter(|_| valid)
                    .map(Self::Rotation)
            }
            Kind::Key => {
                let hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
                let length =
                    text.is_empty() || (32..=KEY_TEXT_MAX).contains(&text.len()) && text.len().is_multiple_of(2);
                heapless::String::try_from(text)
                    .ok()
                    .filter(|_| hex && length)
                    .map(Self::Key)
            }
            Kind::TxPoints { known } => points(text)
                .filter(|points| points & !known == 0)
                .map(|points| Self::Number(points.into())),
            Kind::Text { max } => {
                let fits = text.chars().count() <= usize::from(max);
                heapless::String::try_from(text).ok().filter(|_| fits).map(Self::Text)
            }
            Kind::Priority => priority(text)
                .and_then(|()| heapless::String::try_from(text).ok())
                .map(Self::Text),
        }
        .ok_or(SettingError::Value)
    }
}

fn switch(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

fn measurands(text: &str) -> Option<Measurands> {
    let mut list = Measurands::new();
    if !text.trim().is_empty() {
        for item in text.split(',') {
            list.push(choice(item.trim())?).ok()?;
        }
    }
    Some(list)
}

/// A measurand, or a measurand with a phase behind it: `Voltage.L1-N`.
fn choice(item: &str) -> Option<MeasurandChoice> {
    let plain = named::<Measurand>(item).map(|measurand| MeasurandChoice { measurand, phase: None });
    plain.or_else(|| {
        let (measurand, phase) = item.rsplit_once('.')?;
        Some(MeasurandChoice {
            measurand: named(measurand)?,
            phase: Some(named::<Phase>(phase)?),
        })
    })
}

fn named<E: WireEnum>(name: &str) -> Option<E> {
    let index = E::NAMES.iter().position(|own| *own == name)?;
    E::ALL.get(index).copied()
}

/// `<connector>.<rotation>`, 1.6 §9.1.7.
fn rotation(item: &str) -> bool {
    const NAMES: [&str; 8] = ["NotApplicable", "Unknown", "RST", "RTS", "SRT", "STR", "TRS", "TSR"];
    item.trim()
        .split_once('.')
        .is_some_and(|(connector, name)| connector.parse::<u8>().is_ok() && NAMES.contains(&name))
}

/// A set of moments; empty is none of them.
fn points(text: &str) -> Option<u8> {
    let mut points = 0;
    if !text.is_empty() {
        for item in text.split(',') {
            points |= named::<TxPoint>(item.trim())?.bit();
        }
    }
    Some(points)
}

/// Different slots, at least one.
fn priority(text: &str) -> Option<()> {
    let mut seen = 0u8;
    for item in text.split(',') {
        let slot = item
            .parse::<u8>()
            .ok()
            .filter(|slot| *slot < PROFILES && item.len() == 1)?;
        let bit = 1u8.checked_shl(slot.into())?;
        if seen & bit != 0 {
            return None;
        }
        seen |= bit;
    }
    Some(())
}

pub(super) fn write_points(points: u8, p: &mut Pieces<'_, '_>) {
    let mut separator = "";
    for point in TxPoint::ALL.iter().filter(|point| points & point.bit() != 0) {
        p.push(separator).push(point.as_str());
        separator = ",";
    }
}

pub(super) fn write_measurands(list: &[MeasurandChoice], p: &mut Pieces<'_, '_>) {
    let mut separator = "";
    for choice in list {
        p.push(separator).push(choice.measurand.as_str());
        if let Some(phase) = choice.phase {
            p.push(".").push(phase.as_str());
        }
        separator = ",";
    }
}
