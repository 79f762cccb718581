//! The measured values of a record, and their bytes.
//!
//! The register of imported energy is told as what it is less than the record's own; other values are a code, perhaps
//! a place, and a number.

use super::bytes::{Decoder, Encoder};
use crate::metering::{Location, Measurand, Phase, ReadingContext, Sample};
use crate::wire::{Decimal, WireEnum};

/// Codes of measurands that are none: the register of imported energy, relative to the record's; and what has no code
/// of its own.
const REGISTER: u8 = 30;
const OTHER: u8 = 31;
const _: () = assert!(Measurand::ALL.len() <= REGISTER as usize);

/// The values of one moment, to be written.
pub(crate) struct Moment<'s> {
    /// How many seconds before the record's own time they were read.
    pub age_secs: u32,
    pub context: ReadingContext,
    pub values: &'s [Sample],
}

/// The measured values of a record, set by set.
#[derive(Clone, Copy)]
pub struct SampleSets<'a> {
    sets: Sets<'a>,
}

/// The values of one moment.
#[derive(Clone, Copy)]
pub struct SampleSet<'a> {
    /// How many seconds before the record's own time they were read.
    pub age_secs: u32,
    /// Why they were read.
    pub context: ReadingContext,
    /// Values, or as many as there are.
    count: u8,
    /// The first value is the record's register.
    register: bool,
    energy_wh: i64,
    values: Decoder<'a>,
}

/// Iterates over [`SampleSets`].
#[derive(Clone, Copy)]
pub struct Sets<'a> {
    /// The values are those of one moment of a plain sample, with or without the register.
    plain: Option<bool>,
    energy_wh: i64,
    rest: Decoder<'a>,
}

impl<'a> SampleSets<'a> {
    /// No values.
    pub const EMPTY: Self = Self {
        sets: Sets {
            plain: None,
            energy_wh: 0,
            rest: Decoder::new(&[]),
        },
    };

    /// The sets in order of time.
    pub const fn iter(&self) -> Sets<'a> {
        self.sets
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.sets.plain.is_none() && self.sets.rest.rest().is_empty()
    }

    /// Sets with heads each, or, in the plain form, nothing but values of one moment, perhaps with the register first.
    pub(super) fn checked(energy_wh: i64, plain: Option<bool>, bytes: Decoder<'a>) -> Option<Self> {
        let sets = Sets {
            plain,
            energy_wh,
            rest: bytes,
        };
        let mut rest = sets;
        while rest.plain.is_some() || !rest.rest.rest().is_empty() {
            rest.next()?;
        }
        Some(Self { sets })
    }
}

impl core::fmt::Debug for SampleSets<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list()
            .entries(self.iter().map(|set| (set.age_secs, set.context)))
            .finish()
    }
}

impl<'a> SampleSet<'a> {
    /// The values.
    pub fn iter(&self) -> impl Iterator<Item = Sample> + use<'a> {
        let mut values = self.values;
        let energy_wh = self.energy_wh;
        let register = if self.register { register(energy_wh, 0) } else { None };
        let others = (0..self.count).map_while(move |_| value(&mut values, energy_wh));
        register.into_iter().chain(others)
    }
}

impl<'a> Iterator for Sets<'a> {
    type Item = SampleSet<'a>;

    fn next(&mut self) -> Option<SampleSet<'a>> {
        let plain = self.plain.take();
        let (context, count, age_secs) = if plain.is_some() {
            (ReadingContext::SamplePeriodic, u8::MAX, 0)
        } else {
            let head = self.rest.byte()?;
            let aged = head & 0x10 != 0;
            let age_secs = if aged { self.rest.small()? } else { 0 };
            (super::record::named(head >> 5)?, head & 0x0f, age_secs)
        };
        let values = self.rest;
        for _ in 0..count {
            if plain.is_some() && self.rest.rest().is_empty() {
                break;
            }
            value(&mut self.rest, self.energy_wh)?;
        }
        Some(SampleSet {
            age_secs,
            context,
            count,
            register: plain == Some(true),
            energy_wh: self.energy_wh,
            values,
        })
    }
}

impl Moment<'_> {
    /// Whether the first value is the register as the record has it.
    pub(super) fn begins_with_register(&self, energy_wh: i64) -> bool {
        self.values.first().and_then(|first| below(first, energy_wh)) == Some(0)
    }

    /// As one of several sets.
    pub(super) fn write(&self, energy_wh: i64, e: &mut Encoder<'_>) {
        let aged = u8::from(self.age_secs > 0);
        // More than fit a reading are never there.
        let values = self.values.get(..15).unwrap_or(self.values);
        e.byte(((self.context as u8) << 5) | (aged << 4) | values.len() as u8);
        if aged > 0 {
            e.number(self.age_secs.into());
        }
        values.iter().for_each(|value| write_value(value, energy_wh, e));
    }

    /// As the only set of a plain sample.
    pub(super) fn write_plain(&self, energy_wh: i64, e: &mut Encoder<'_>) {
        let skipped = usize::from(self.begins_with_register(energy_wh));
        let values = self.values.iter().skip(skipped);
        values.for_each(|value| write_value(value, energy_wh, e));
    }
}

/// How much less than the record's register a value is, if it is one of the same register.
fn below(sample: &Sample, energy_wh: i64) -> Option<u64> {
    let is_register = sample.measurand == Measurand::EnergyActiveImportRegister
        && sample.phase.is_none()
        && sample.location.is_none()
        && sample.value().scale() == 0;
    let less = energy_wh
        .checked_sub(sample.value().mantissa())
        .filter(|_| is_register)?;
    u64::try_from(less).ok()
}

fn register(energy_wh: i64, less: u64) -> Option<Sample> {
    let value = energy_wh.checked_sub(i64::try_from(less).ok()?)?;
    Sample::new(Measurand::EnergyActiveImportRegister, Decimal::from(value))
}

fn write_value(sample: &Sample, energy_wh: i64, e: &mut Encoder<'_>) {
    if let Some(less) = below(sample, energy_wh) {
        e.byte(REGISTER << 3);
        return e.number(less);
    }
    let (scale, mantissa) = (sample.value().scale(), sample.value().mantissa());
    let phase = sample.phase.map_or(0, |phase| (phase as u8).saturating_add(1));
    let location = sample.location.map_or(0, |location| (location as u8).saturating_add(1));
    let place = (u8::from(mantissa < 0) << 7) | (phase << 3) | location;
    if scale <= 3 {
        e.byte(((sample.measurand as u8) << 3) | (scale << 1) | u8::from(place != 0));
        if place != 0 {
            e.byte(place);
        }
    } else {
        e.bytes(&[OTHER << 3, sample.measurand as u8, scale, place]);
    }
    e.number(mantissa.unsigned_abs());
}

/// What is before the number of a value.
pub(super) fn code<'a>(d: &mut Decoder<'a>) -> Option<&'a [u8]> {
    let first = *d.rest().first()?;
    d.bytes(match first >> 3 {
        REGISTER => 1,
        OTHER => 4,
        _ => usize::from(first & 1).wrapping_add(1),
    })
}

fn value(d: &mut Decoder<'_>, energy_wh: i64) -> Option<Sample> {
    let code = d.byte()?;
    let (measurand, scale, place) = match code >> 3 {
        REGISTER => return register(energy_wh, d.number()?),
        OTHER => (d.byte()?, d.byte()?, d.byte()?),
        measurand => (measurand, (code >> 1) & 3, if code & 1 != 0 { d.byte()? } else { 0 }),
    };
    let magnitude = i64::from(d.small()?);
    let mantissa = if place & 0x80 != 0 {
        magnitude.wrapping_neg()
    } else {
        magnitude
    };
    let mut sample = Sample::new(super::record::named(measurand)?, Decimal::new(mantissa, scale))?;
    if let Some(phase) = ((place >> 3) & 0x0f).checked_sub(1) {
        sample = sample.on(super::record::named::<Phase>(phase)?);
    }
    if let Some(location) = (place & 0x07).checked_sub(1) {
        sample = sample.at(super::record::named::<Location>(location)?);
    }
    Some(sample)
}
