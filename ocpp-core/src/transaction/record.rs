//! The neutral record of one event of a transaction, and its bytes.
//!
//! A record says what happened, not how a version puts it, so what was stored while one version spoke is delivered
//! in another. It carries the snapshot that either version needs. Times are (boot, monotonic milliseconds); the wall
//! clock is added when the record is sent, so nothing stored is ever rewritten.

use super::bytes::{Decoder, Encoder};
use crate::metering::{Location, Measurand, Phase, ReadingContext, Sample};
use crate::place::{ConnectorId, EvseId};
use crate::token::{Token, TokenKind};
use crate::vocabulary::{ChargingState, StopReason, TriggerReason};
use crate::wire::{Decimal, WireEnum};

/// Version of the bytes, in the upper half of the first one.
const VERSION: u8 = 1;

/// Longest record without its sample sets.
#[cfg(test)]
const RECORD_HEAD_MAX: usize = 112;

/// What a record tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RecordKind {
    /// The transaction began.
    Start,
    /// It goes on.
    Update,
    /// It ended.
    End,
}

/// One event of a transaction.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// What it tells.
    pub kind: RecordKind,
    /// Where.
    pub connector: ConnectorId,
    /// Which transaction.
    pub transaction: u32,
    /// Random part of the transaction's id; told by the start only.
    pub salt: Option<u64>,
    /// Its number within the transaction, from 0.
    pub seq_no: u32,
    /// In which boot of the station it happened.
    pub boot: u32,
    /// When, in milliseconds of that boot.
    pub millis: u64,
    /// Why it happened.
    pub trigger: TriggerReason,
    /// What EV and EVSE did.
    pub charging: ChargingState,
    /// Why the transaction ended.
    pub stop: Option<StopReason>,
    /// Whether the EV was connected.
    pub plugged: bool,
    /// Whether it is the first record since the EV was connected.
    pub first_plugged: bool,
    /// Whether the transaction was authorized.
    pub authorized: bool,
    /// Whether there was no connection to the CSMS.
    pub offline: bool,
    /// The meter's register in Wh.
    pub energy_wh: i64,
    /// The token that this event is about.
    pub token: Option<Token>,
    /// Number of the remote start that caused it.
    pub remote_start_id: Option<i32>,
    /// Measured values. Those of a start are two sets: what the start tells, and what its end will tell again.
    pub samples: SampleSets<'a>,
}

/// Why bytes are no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RecordError {
    /// Torn, flipped or foreign.
    Damaged,
    /// Written by a version of the library that knows more.
    TooNew,
}

impl<'a> Record<'a> {
    /// Reads a record.
    ///
    /// # Errors
    /// [`RecordError::Damaged`] if the checksum or a value is wrong, [`RecordError::TooNew`] for a later format.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, RecordError> {
        let mut decoder = Decoder::unsealed(bytes).ok_or(RecordError::Damaged)?;
        let first = decoder.byte().ok_or(RecordError::Damaged)?;
        if first >> 4 != VERSION {
            return Err(RecordError::TooNew);
        }
        Self::fields(first & 0x0f, decoder).ok_or(RecordError::Damaged)
    }

    /// Writes everything but the sample sets, which follow with [`write_set`].
    pub(crate) fn head(&self, e: &mut Encoder<'_>) {
        let kind = match self.kind {
            RecordKind::Start => 0,
            RecordKind::Update => 1,
            RecordKind::End => 2,
        };
        e.byte((VERSION << 4) | kind);
        let flags = [
            self.plugged,
            self.authorized,
            self.offline,
            self.token.is_some(),
            self.stop.is_some(),
            self.remote_start_id.is_some(),
            self.salt.is_some(),
            self.first_plugged,
        ];
        e.byte(flags.iter().rev().fold(0, |byte, &flag| (byte << 1) | u8::from(flag)));
        e.byte(self.connector.evse.0);
        e.byte(self.connector.connector);
        e.number(self.transaction.into());
        e.number(self.seq_no.into());
        e.number(self.boot.into());
        e.number(self.millis);
        e.byte(self.trigger as u8);
        e.byte(self.charging as u8);
        e.signed(self.energy_wh);
        if let Some(stop) = self.stop {
            e.byte(stop as u8);
        }
        if let Some(token) = &self.token {
            let text = token.as_str().as_bytes();
            e.byte(token.kind() as u8);
            e.number(text.len() as u64);
            e.bytes(text);
        }
        if let Some(id) = self.remote_start_id {
            e.signed(id.into());
        }
        if let Some(salt) = self.salt {
            e.bytes(&salt.to_le_bytes());
        }
    }

    fn fields(kind: u8, mut d: Decoder<'a>) -> Option<Self> {
        let kind = match kind {
            0 => RecordKind::Start,
            1 => RecordKind::Update,
            2 => RecordKind::End,
            _ => return None,
        };
        let flags = d.byte()?;
        let flag = |bit: u8| flags & (1u8.wrapping_shl(bit.into())) != 0;
        Some(Self {
            kind,
            connector: ConnectorId {
                evse: EvseId(d.byte()?),
                connector: d.byte()?,
            },
            transaction: d.small()?,
            seq_no: d.small()?,
            boot: d.small()?,
            millis: d.number()?,
            plugged: flag(0),
            first_plugged: flag(7),
            authorized: flag(1),
            offline: flag(2),
            trigger: named(d.byte()?)?,
            charging: named(d.byte()?)?,
            energy_wh: d.signed()?,
            stop: if flag(4) { Some(named(d.byte()?)?) } else { None },
            token: if flag(3) { Some(token(&mut d)?) } else { None },
            remote_start_id: if flag(5) {
                Some(i32::try_from(d.signed()?).ok()?)
            } else {
                None
            },
            salt: if flag(6) {
                Some(u64::from_le_bytes(d.bytes(8)?.try_into().ok()?))
            } else {
                None
            },
            samples: SampleSets::checked(d.rest())?,
        })
    }
}

fn named<E: WireEnum>(index: u8) -> Option<E> {
    E::ALL.get(usize::from(index)).copied()
}

fn token(d: &mut Decoder<'_>) -> Option<Token> {
    let kind: TokenKind = named(d.byte()?)?;
    let len = usize::try_from(d.number()?).ok()?;
    Token::new(core::str::from_utf8(d.bytes(len)?).ok()?, kind)
}

/// The measured values of a record, set by set.
#[derive(Clone, Copy)]
pub struct SampleSets<'a>(&'a [u8]);

/// The values of one moment.
#[derive(Clone, Copy)]
pub struct SampleSet<'a> {
    /// How many milliseconds before the record's own time they were read.
    pub age_millis: u64,
    /// Why they were read.
    pub context: ReadingContext,
    count: u8,
    values: Decoder<'a>,
}

impl<'a> SampleSets<'a> {
    /// No values.
    pub const EMPTY: Self = Self(&[]);

    /// The sets in order of time.
    pub fn iter(&self) -> Sets<'a> {
        Sets(Decoder::new(self.0))
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn checked(bytes: &'a [u8]) -> Option<Self> {
        let mut sets = Sets(Decoder::new(bytes));
        while !sets.0.rest().is_empty() {
            sets.next()?;
        }
        Some(Self(bytes))
    }
}

impl core::fmt::Debug for SampleSets<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list()
            .entries(self.iter().map(|set| (set.age_millis, set.context)))
            .finish()
    }
}

impl<'a> SampleSet<'a> {
    /// The values.
    pub fn iter(&self) -> impl Iterator<Item = Sample> + use<'a> {
        let mut values = self.values;
        (0..self.count).map_while(move |_| sample(&mut values))
    }
}

/// Iterates over [`SampleSets`].
#[derive(Clone)]
pub struct Sets<'a>(Decoder<'a>);

impl<'a> Iterator for Sets<'a> {
    type Item = SampleSet<'a>;

    fn next(&mut self) -> Option<SampleSet<'a>> {
        let d = &mut self.0;
        let age_millis = d.number()?;
        let context = named(d.byte()?)?;
        let count = d.byte()?;
        let values = *d;
        for _ in 0..count {
            sample(d)?;
        }
        Some(SampleSet {
            age_millis,
            context,
            count,
            values,
        })
    }
}

/// Adds a set of values to a record whose [`Record::head`] was written.
pub(crate) fn write_set(
    e: &mut Encoder<'_>,
    age_millis: u64,
    context: ReadingContext,
    samples: impl ExactSizeIterator<Item = Sample>,
) {
    e.number(age_millis);
    e.byte(context as u8);
    e.byte(u8::try_from(samples.len()).unwrap_or(u8::MAX));
    for sample in samples {
        let phase = sample.phase.map_or(0, |phase| (phase as u8).saturating_add(1));
        let location = sample.location.map_or(0, |location| (location as u8).saturating_add(1));
        e.byte(sample.measurand as u8);
        e.byte((phase << 4) | location);
        e.byte(sample.value().scale());
        e.signed(sample.value().mantissa());
    }
}

fn sample(d: &mut Decoder<'_>) -> Option<Sample> {
    let measurand: Measurand = named(d.byte()?)?;
    let place = d.byte()?;
    let scale = d.byte()?;
    let mut sample = Sample::new(measurand, Decimal::new(d.signed()?, scale))?;
    if let Some(phase) = (place >> 4).checked_sub(1) {
        sample = sample.on(named::<Phase>(phase)?);
    }
    if let Some(location) = (place & 0x0f).checked_sub(1) {
        sample = sample.at(named::<Location>(location)?);
    }
    Some(sample)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn record(kind: RecordKind) -> Record<'static> {
        Record {
            kind,
            connector: ConnectorId::new(2, 1),
            transaction: 4097,
            salt: (kind == RecordKind::Start).then_some(u64::MAX / 3),
            seq_no: 300,
            boot: 7,
            millis: 86_400_000,
            trigger: TriggerReason::MeterValuePeriodic,
            charging: ChargingState::Charging,
            stop: (kind == RecordKind::End).then_some(StopReason::EvDisconnected),
            plugged: true,
            first_plugged: kind == RecordKind::Update,
            authorized: false,
            offline: true,
            energy_wh: -5,
            token: Token::new("04A3F2", TokenKind::Iso14443),
            remote_start_id: Some(-1),
            samples: SampleSets::EMPTY,
        }
    }

    fn bytes(record: &Record<'_>, sets: &[(u64, ReadingContext, Vec<Sample>)]) -> Vec<u8> {
        let mut buffer = [0; 512];
        let mut e = Encoder::new(&mut buffer);
        record.head(&mut e);
        for (age, context, samples) in sets {
            write_set(&mut e, *age, *context, samples.iter().copied());
        }
        e.sealed().unwrap().to_vec()
    }

    #[test]
    fn what_was_written_is_read() {
        let voltage = Sample::new(Measurand::Voltage, Decimal::new(2301, 1))
            .unwrap()
            .on(Phase::L3)
            .at(Location::Inlet);
        let energy = Sample::new(Measurand::EnergyActiveImportRegister, Decimal::from(-12)).unwrap();
        let sets = [
            (60_000, ReadingContext::TransactionBegin, std::vec![energy]),
            (0, ReadingContext::TransactionEnd, std::vec![energy, voltage]),
        ];
        for kind in [RecordKind::Start, RecordKind::Update, RecordKind::End] {
            let written = record(kind);
            let bytes = bytes(&written, &sets);
            let read = Record::decode(&bytes).unwrap();
            assert_eq!(
                Record {
                    samples: SampleSets::EMPTY,
                    ..read
                }
                .to_debug(),
                written.to_debug()
            );
            let read: Vec<_> = read
                .samples
                .iter()
                .map(|set| (set.age_millis, set.context, set.iter().collect::<Vec<_>>()))
                .collect();
            assert_eq!(read, sets);
        }
    }

    #[test]
    fn the_longest_head_fits_its_bound() {
        let longest = Record {
            transaction: u32::MAX,
            seq_no: u32::MAX,
            boot: u32::MAX,
            millis: u64::MAX,
            energy_wh: i64::MIN,
            stop: Some(StopReason::Other),
            remote_start_id: Some(i32::MIN),
            salt: Some(0),
            token: Token::new("012345678901234567890123456789012345", TokenKind::Central),
            ..record(RecordKind::Start)
        };
        assert!(bytes(&longest, &[]).len() <= RECORD_HEAD_MAX);
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let good = bytes(&record(RecordKind::Start), &[]);
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(Record::decode(&bad).is_err());
        }
        for len in 0..good.len() {
            assert!(Record::decode(&good[..len]).is_err());
        }
    }

    proptest! {
        #[test]
        fn any_bytes_with_a_good_checksum_are_read_or_refused(content in proptest::collection::vec(any::<u8>(), 0..64)) {
            let mut buffer = [0; 80];
            let mut e = Encoder::new(&mut buffer);
            e.bytes(&content);
            let _ = Record::decode(e.sealed().unwrap());
        }
    }

    impl Record<'_> {
        fn to_debug(self) -> std::string::String {
            std::format!(
                "{self:?}{:?}",
                self.token.map(|token| std::string::String::from(token.as_str()))
            )
        }
    }
}
