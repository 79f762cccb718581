//! The neutral record of one event of a transaction, and its bytes.
//!
//! A record says what happened, not how a version puts it, so what was stored while one version spoke is delivered
//! in another. It carries the snapshot that either version needs. Times are (boot, monotonic seconds); the wall
//! clock is added when the record is sent, so nothing stored is ever rewritten.
//!
//! Most records are samples of a car that charges. They have a plain form, which leaves out what all of them share, and
//! what follows from the record's own number.

use super::bytes::{Decoder, Encoder};
use super::samples::{Moment, SampleSets};
use crate::contract::RecordId;
use crate::metering::ReadingContext;
use crate::place::{ConnectorId, EvseId};
use crate::token::{Token, TokenKind};
use crate::vocabulary::{ChargingState, StopReason, TriggerReason};
use crate::wire::WireEnum;

/// Version of the bytes, in the upper two bits of the first one.
const VERSION: u8 = 1;
/// In the first byte: the plain form.
const PLAIN: u8 = 8;
/// In the second byte: boot and number within the transaction do not follow from the record's own number.
pub(super) const IRREGULAR: u8 = 1;

/// Longest record without its sample sets.
#[cfg(test)]
const RECORD_HEAD_MAX: usize = 112;

/// Bits of a record's number that count within a boot, as long as they do not overflow.
pub(crate) const BOOT_SHIFT: u32 = 14;

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
    /// When, in seconds of that boot.
    pub secs: u32,
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
    /// Whether the CSMS had answered everything before it when it was stored.
    pub caught_up: bool,
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
    /// Reads the record with that number.
    ///
    /// # Errors
    /// [`RecordError::Damaged`] if the checksum or a value is wrong, [`RecordError::TooNew`] for a later format.
    pub fn decode(id: RecordId, bytes: &'a [u8]) -> Result<Self, RecordError> {
        let mut decoder = Decoder::unsealed(bytes).ok_or(RecordError::Damaged)?;
        let first = decoder.byte().ok_or(RecordError::Damaged)?;
        if first >> 6 != VERSION {
            return Err(RecordError::TooNew);
        }
        Self::fields(id, first, decoder).ok_or(RecordError::Damaged)
    }

    /// What a record tells, by its first byte alone; `None` for a later format.
    pub fn kind_of(bytes: &[u8]) -> Option<RecordKind> {
        let first = bytes.first().filter(|first| **first >> 6 == VERSION)?;
        kind(*first)
    }

    /// Whether it is nothing but a sample in the middle of a transaction, by its first byte alone: one that others like it
    /// make up for.
    pub fn is_sample(bytes: &[u8]) -> bool {
        bytes.first().is_some_and(|first| is_plain(*first))
    }

    /// Writes it with the values of these moments; its own `samples` are of no account.
    ///
    /// # Errors
    /// The number of bytes needed.
    pub(crate) fn encode<'b>(
        &self,
        id: RecordId,
        moments: &[Moment<'_>],
        buf: &'b mut [u8],
    ) -> Result<&'b [u8], usize> {
        let mut e = Encoder::new(buf);
        let plain = match moments {
            [moment] if self.is_plain(moment) => Some(moment),
            _ => None,
        };
        self.write(id, plain, &mut e);
        match plain {
            Some(moment) => moment.write_plain(self.energy_wh, &mut e),
            None => moments.iter().for_each(|moment| moment.write(self.energy_wh, &mut e)),
        }
        e.sealed()
    }

    /// Whether it is nothing but a sample of an EV that charges, or has paused.
    fn is_plain(&self, moment: &Moment<'_>) -> bool {
        let said = self.token.is_some()
            || self.stop.is_some()
            || self.remote_start_id.is_some()
            || self.salt.is_some()
            || self.first_plugged;
        self.kind == RecordKind::Update
            && self.trigger == TriggerReason::MeterValuePeriodic
            && matches!(self.charging, ChargingState::Charging | ChargingState::SuspendedEv)
            && self.authorized
            && !said
            && matches!((self.connector.evse.0, self.connector.connector), (1..=8, 1..=2))
            && moment.age_secs == 0
            && moment.context == ReadingContext::SamplePeriodic
    }

    /// Writes everything but the values.
    fn write(&self, id: RecordId, plain: Option<&Moment<'_>>, e: &mut Encoder<'_>) {
        let kind = match self.kind {
            RecordKind::Start => 0,
            RecordKind::Update => 1,
            RecordKind::End => 2,
        };
        let flags = bits(&[self.plugged, self.caught_up, self.offline, plain.is_some()]);
        e.byte((VERSION << 6) | (kind << 4) | flags);
        let ahead = id.0.wrapping_sub(self.transaction);
        let irregular = (id.0 >> BOOT_SHIFT).wrapping_sub(self.boot) | ahead.wrapping_sub(self.seq_no) != 0;
        let ConnectorId { evse, connector } = self.connector;
        if let Some(moment) = plain {
            let suspended = self.charging == ChargingState::SuspendedEv;
            let register = moment.begins_with_register(self.energy_wh);
            let place = (evse.0.wrapping_sub(1) << 1) | connector.wrapping_sub(1);
            e.byte(bits(&[irregular, suspended, register]) | (place << 4));
        } else {
            e.byte(bits(&[
                irregular,
                self.authorized,
                self.token.is_some(),
                self.stop.is_some(),
                self.remote_start_id.is_some(),
                self.salt.is_some(),
                self.first_plugged,
            ]));
            e.bytes(&[evse.0, connector, ((self.trigger as u8) << 3) | self.charging as u8]);
        }
        e.number(ahead.into());
        if irregular {
            e.number((id.0 >> BOOT_SHIFT).wrapping_sub(self.boot).into());
            e.number(ahead.wrapping_sub(self.seq_no).into());
        }
        e.number(self.secs.into());
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

    fn fields(id: RecordId, first: u8, mut d: Decoder<'a>) -> Option<Self> {
        let plain = first & PLAIN != 0;
        let second = d.byte()?;
        let flag = |bit: u8| second & bit != 0;
        // In the plain form, the places of what it never has say something else.
        let said = |bit: u8| flag(bit) && !plain;
        let (evse, connector, cause) = if plain {
            let charging = if flag(2) {
                ChargingState::SuspendedEv
            } else {
                ChargingState::Charging
            };
            let place = second >> 4;
            let cause = ((TriggerReason::MeterValuePeriodic as u8) << 3) | charging as u8;
            ((place >> 1).wrapping_add(1), (place & 1).wrapping_add(1), cause)
        } else {
            (d.byte()?, d.byte()?, d.byte()?)
        };
        let ahead = d.small()?;
        let (later, others) = if flag(IRREGULAR) {
            (d.small()?, d.small()?)
        } else {
            (0, 0)
        };
        let secs = d.small()?;
        let energy_wh = d.signed()?;
        Some(Self {
            kind: kind(first)?,
            connector: ConnectorId {
                evse: EvseId(evse),
                connector,
            },
            transaction: id.0.wrapping_sub(ahead),
            seq_no: ahead.wrapping_sub(others),
            boot: (id.0 >> BOOT_SHIFT).wrapping_sub(later),
            secs,
            plugged: first & 1 != 0,
            caught_up: first & 2 != 0,
            offline: first & 4 != 0,
            first_plugged: said(64),
            authorized: plain || flag(2),
            trigger: named(cause >> 3)?,
            charging: named(cause & 7)?,
            energy_wh,
            stop: if said(8) { Some(named(d.byte()?)?) } else { None },
            token: if said(4) { Some(token(&mut d)?) } else { None },
            remote_start_id: if said(16) {
                Some(i32::try_from(d.signed()?).ok()?)
            } else {
                None
            },
            salt: if said(32) {
                Some(u64::from_le_bytes(d.bytes(8)?.try_into().ok()?))
            } else {
                None
            },
            samples: SampleSets::checked(energy_wh, plain.then(|| flag(4)), d)?,
        })
    }
}

/// The first is the lowest bit.
fn bits(flags: &[bool]) -> u8 {
    flags.iter().rev().fold(0, |byte, &flag| (byte << 1) | u8::from(flag))
}

/// Whether a record that begins so is in the plain form.
pub(super) const fn is_plain(first: u8) -> bool {
    first >> 6 == VERSION && matches!(kind(first), Some(RecordKind::Update)) && first & PLAIN != 0
}

/// By the first byte.
const fn kind(first: u8) -> Option<RecordKind> {
    match (first >> 4) & 3 {
        0 => Some(RecordKind::Start),
        1 => Some(RecordKind::Update),
        2 => Some(RecordKind::End),
        _ => None,
    }
}

pub(super) fn named<E: WireEnum>(index: u8) -> Option<E> {
    E::ALL.get(usize::from(index)).copied()
}

fn token(d: &mut Decoder<'_>) -> Option<Token> {
    let kind: TokenKind = named(d.byte()?)?;
    let len = usize::try_from(d.number()?).ok()?;
    Token::new(core::str::from_utf8(d.bytes(len)?).ok()?, kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metering::{Location, Measurand, Phase, Sample};
    use crate::wire::Decimal;
    use proptest::prelude::*;
    use std::string::String;
    use std::vec::Vec;

    const ID: RecordId = RecordId((7 << BOOT_SHIFT) | 300);

    fn record(kind: RecordKind) -> Record<'static> {
        Record {
            kind,
            connector: ConnectorId::new(2, 1),
            transaction: (7 << BOOT_SHIFT) | 2,
            salt: (kind == RecordKind::Start).then_some(u64::MAX / 3),
            seq_no: 300,
            boot: 7,
            secs: 86_400,
            trigger: TriggerReason::MeterValuePeriodic,
            charging: ChargingState::Charging,
            stop: (kind == RecordKind::End).then_some(StopReason::EvDisconnected),
            plugged: true,
            first_plugged: kind == RecordKind::Update,
            authorized: false,
            offline: true,
            caught_up: true,
            energy_wh: -5,
            token: Token::new("04A3F2", TokenKind::Iso14443),
            remote_start_id: Some(-1),
            samples: SampleSets::EMPTY,
        }
    }

    /// A sample of a car that charges at its first minutes.
    fn plain() -> Record<'static> {
        Record {
            connector: ConnectorId::new(1, 1),
            transaction: ID.0 - 40,
            seq_no: 40,
            first_plugged: false,
            authorized: true,
            offline: false,
            energy_wh: 12_345_678,
            token: None,
            remote_start_id: None,
            ..record(RecordKind::Update)
        }
    }

    fn three_values() -> Vec<Sample> {
        let of = |measurand, mantissa, scale| Sample::new(measurand, Decimal::new(mantissa, scale)).unwrap();
        std::vec![
            of(Measurand::EnergyActiveImportRegister, 12_345_678, 0),
            of(Measurand::PowerActiveImport, 6_912, 0),
            of(Measurand::CurrentImport, 301, 1),
        ]
    }

    fn bytes(id: RecordId, record: &Record<'_>, sets: &[(u32, ReadingContext, Vec<Sample>)]) -> Vec<u8> {
        let moments: Vec<_> = sets
            .iter()
            .map(|(age_secs, context, values)| Moment {
                age_secs: *age_secs,
                context: *context,
                values,
            })
            .collect();
        record.encode(id, &moments, &mut [0; 512]).unwrap().to_vec()
    }

    #[track_caller]
    fn round(id: RecordId, written: &Record<'_>, sets: &[(u32, ReadingContext, Vec<Sample>)]) -> usize {
        let bytes = bytes(id, written, sets);
        let read = Record::decode(id, &bytes).unwrap();
        assert_eq!(read.without_samples(), written.without_samples());
        let values: Vec<_> = read
            .samples
            .iter()
            .map(|set| (set.age_secs, set.context, set.iter().collect::<Vec<_>>()))
            .collect();
        assert_eq!(values, sets);
        assert_eq!(Record::kind_of(&bytes), Some(written.kind));
        bytes.len()
    }

    #[test]
    fn what_was_written_is_read() {
        let voltage = Sample::new(Measurand::Voltage, Decimal::new(2301, 1))
            .unwrap()
            .on(Phase::L3)
            .at(Location::Inlet);
        let fine = Sample::new(Measurand::PowerFactor, Decimal::new(-98_765, 5)).unwrap();
        let energy = Sample::new(Measurand::EnergyActiveImportRegister, Decimal::from(-12)).unwrap();
        let sets = [
            (60_000, ReadingContext::TransactionBegin, std::vec![energy]),
            (0, ReadingContext::TransactionEnd, std::vec![energy, voltage, fine]),
        ];
        for kind in [RecordKind::Start, RecordKind::Update, RecordKind::End] {
            round(ID, &record(kind), &sets);
        }
    }

    #[test]
    fn a_plain_sample_is_short() {
        let sets = [(0, ReadingContext::SamplePeriodic, three_values())];
        // 16 bytes and the checksum.
        assert_eq!(round(ID, &plain(), &sets), 18);
        let paused = Record {
            charging: ChargingState::SuspendedEv,
            offline: true,
            caught_up: false,
            seq_no: 12,
            boot: 5,
            secs: u32::MAX,
            ..plain()
        };
        round(ID, &paused, &sets);
        round(
            ID,
            &plain(),
            &[(0, ReadingContext::SamplePeriodic, three_values().split_off(1))],
        );
    }

    #[test]
    fn what_is_not_plain_says_so() {
        let sets = [(0, ReadingContext::SamplePeriodic, three_values())];
        let all = [
            Record {
                authorized: false,
                ..plain()
            },
            Record {
                first_plugged: true,
                ..plain()
            },
            Record {
                charging: ChargingState::EvConnected,
                ..plain()
            },
            Record {
                trigger: TriggerReason::Trigger,
                ..plain()
            },
            Record {
                connector: ConnectorId::new(9, 1),
                ..plain()
            },
            Record {
                connector: ConnectorId::new(1, 3),
                ..plain()
            },
            Record {
                connector: ConnectorId::new(1, 0),
                ..plain()
            },
            Record {
                transaction: ID.0 + 1,
                seq_no: 0,
                ..plain()
            },
            Record {
                token: Token::new("TAG", TokenKind::Central),
                ..plain()
            },
        ];
        for record in all {
            round(ID, &record, &sets);
        }
        round(ID, &plain(), &[(1, ReadingContext::SamplePeriodic, three_values())]);
        round(ID, &plain(), &[(0, ReadingContext::SampleClock, three_values())]);
        round(ID, &plain(), &[]);
    }

    #[test]
    fn the_longest_head_fits_its_bound() {
        let longest = Record {
            transaction: u32::MAX,
            seq_no: u32::MAX,
            boot: u32::MAX,
            secs: u32::MAX,
            energy_wh: i64::MIN,
            stop: Some(StopReason::Other),
            remote_start_id: Some(i32::MIN),
            salt: Some(0),
            token: Token::new("012345678901234567890123456789012345", TokenKind::Central),
            ..record(RecordKind::Start)
        };
        assert!(round(RecordId(1), &longest, &[]) <= RECORD_HEAD_MAX);
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let sets = [(0, ReadingContext::SamplePeriodic, three_values())];
        for good in [bytes(ID, &record(RecordKind::Start), &[]), bytes(ID, &plain(), &sets)] {
            for bit in 0..good.len() * 8 {
                let mut bad = good.clone();
                bad[bit / 8] ^= 1 << (bit % 8);
                assert!(Record::decode(ID, &bad).is_err());
            }
            for len in 0..good.len() {
                assert!(Record::decode(ID, &good[..len]).is_err());
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_with_a_good_checksum_are_read_or_refused(
            id in any::<u32>(),
            content in proptest::collection::vec(any::<u8>(), 0..64),
        ) {
            let mut buffer = [0; 80];
            let mut e = Encoder::new(&mut buffer);
            e.bytes(&content);
            if let Ok(record) = Record::decode(RecordId(id), e.sealed().unwrap()) {
                record.samples.iter().for_each(|set| set.iter().for_each(drop));
            }
        }

        #[test]
        fn every_sample_comes_back(
            place in (1u8..12, 0u8..4),
            (ahead, seq_no) in (-3i64..200, 0u32..200),
            (boot, secs) in (0u32..20, any::<u32>()),
            energy_wh in -3i64..3_000_000_000,
            flags in any::<[bool; 5]>(),
            values in proptest::collection::vec((0usize..22, -400i64..400_000, 0u8..5, 0usize..11), 0..12),
        ) {
            let values: Vec<_> = values
                .into_iter()
                .filter_map(|(measurand, mantissa, scale, phase)| {
                    let sample = Sample::new(Measurand::ALL[measurand], Decimal::new(mantissa, scale))?;
                    Some(Phase::ALL.get(phase).map_or(sample, |phase| sample.on(*phase)))
                })
                .collect();
            let [plugged, offline, caught_up, suspended, clock] = flags;
            let record = Record {
                connector: ConnectorId::new(place.0, place.1),
                transaction: u32::try_from(i64::from(ID.0) - ahead).unwrap(),
                charging: if suspended { ChargingState::SuspendedEv } else { ChargingState::Charging },
                seq_no, boot, secs, energy_wh, plugged, offline, caught_up,
                ..plain()
            };
            let context = if clock { ReadingContext::SampleClock } else { ReadingContext::SamplePeriodic };
            round(ID, &record, &[(0, context, values)]);
        }
    }

    impl Record<'_> {
        fn without_samples(&self) -> String {
            let record = Record {
                samples: SampleSets::EMPTY,
                ..*self
            };
            std::format!("{record:?}{:?}", self.token.map(|token| String::from(token.as_str())))
        }
    }
}
