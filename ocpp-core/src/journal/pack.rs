//! Packs: records that follow each other, told by what is different.
//!
//! Each record is an item: a number, and what that says.
//!
//! * The upper bits are the record's number less that of the record before (of the first: less the number that the pack
//!   begins with), the lower three say how the record is told.
//! * 0 and 1: as it is, behind its length; 0 leaves out the checksum at its end.
//! * 4 to 7: a plain sample as the last one in that place, but for its numbers: each as the signed difference, in the
//!   order in which they are written: boot and number within the transaction if they are told, seconds, energy, values.
//!
//! A plain sample that is told as it is takes the place of the last one that differs in numbers only, or the next in turn:
//! a value may have fewer decimals than usual, so several of a transaction are remembered. Whether one can be told
//! by differences is tried: what does not come out bit by bit is told as it is.

use super::bytes::{Decoder, Encoder};
use super::record;
use super::samples;
use crate::contract::RecordId;

/// Bits of an item's first number that say how the record is told.
const HOW: u32 = 3;
const SEALED: u64 = 0;
const BARE: u64 = 1;
const DIFFERENT: u64 = 4;
/// Samples that are remembered, of different transactions or different in more than numbers.
const PLACES: usize = 4;
/// Longest plain sample that is remembered, without its checksum.
const PLAIN_MAX: usize = 56;
const SEAL: usize = 2;

/// What is remembered from record to record while a pack is made, and while it is read.
///
/// What was packed is unpacked bit by bit, whatever it is.
///
/// ```
/// use ocpp_core::{Packing, RecordId};
///
/// let mut pack = [0; 64];
/// let mut packing = Packing::new(RecordId(7));
/// let first = packing.pack(RecordId(7), b"a record", &mut pack).unwrap();
/// let second = packing.pack(RecordId(9), b"another", &mut pack[first..]).unwrap();
///
/// let mut rest = &pack[..first + second];
/// let mut packing = Packing::new(RecordId(7));
/// let mut record = [0; 64];
/// assert_eq!(packing.unpack(&mut rest, &mut record), Some((RecordId(7), 8)));
/// assert_eq!(packing.unpack(&mut rest, &mut record), Some((RecordId(9), 7)));
/// assert_eq!(&record[..7], b"another");
/// assert_eq!(packing.unpack(&mut rest, &mut record), None);
/// ```
#[derive(Clone, Debug)]
pub struct Packing {
    last: RecordId,
    places: heapless::Vec<Place, PLACES>,
    /// The place that was taken last since all are taken.
    turn: usize,
}

/// A plain sample, without its checksum.
#[derive(Clone, Debug)]
struct Place {
    id: RecordId,
    content: heapless::Vec<u8, PLAIN_MAX>,
}

/// A plain sample, taken apart.
struct Plain {
    transaction: u32,
    /// Flags, the connector, and the code of each value.
    shape: heapless::Vec<u8, 40>,
    /// As they are written.
    numbers: heapless::Vec<u64, 16>,
}

impl Packing {
    /// For a pack whose first record has this number.
    pub const fn new(first: RecordId) -> Self {
        Self {
            last: first,
            places: heapless::Vec::new(),
            turn: 0,
        }
    }

    /// Adds a record to a pack whose free room this is; returns how many bytes it took. `None`, and nothing is changed,
    /// if there is too little room, or if the number is below that of the record before.
    pub fn pack(&mut self, id: RecordId, record: &[u8], room: &mut [u8]) -> Option<usize> {
        let ahead = u64::from(id.0.checked_sub(self.last.0)?) << HOW;
        let sealed = Decoder::unsealed(record).map(|content| content.rest());
        let plain = sealed.and_then(|content| Some((content, Plain::remembered(id, content)?)));
        let mut e = Encoder::new(room);
        let different = plain.as_ref().and_then(|(_, plain)| self.base(plain));
        match (different, &plain, sealed) {
            (Some((place, base)), Some((_, plain)), _) => {
                e.number(ahead | DIFFERENT | place as u64);
                for (number, base) in plain.numbers.iter().zip(&base.numbers) {
                    e.signed(number.wrapping_sub(*base) as i64);
                }
            }
            (_, _, Some(content)) => {
                e.number(ahead | SEALED);
                e.number(content.len() as u64);
                e.bytes(content);
            }
            _ => {
                e.number(ahead | BARE);
                e.number(record.len() as u64);
                e.bytes(record);
            }
        }
        let taken = e.finish().ok()?.len();
        self.last = id;
        if let Some((content, plain)) = plain {
            self.remember(id, &plain, content);
        }
        Some(taken)
    }

    /// Takes the next record off a pack and writes it; returns its number and length. `None` at the end, if the bytes are
    /// no pack, or if the record is longer than the buffer.
    pub fn unpack(&mut self, pack: &mut &[u8], buf: &mut [u8]) -> Option<(RecordId, usize)> {
        let mut d = Decoder::new(pack);
        let head = d.number()?;
        let ahead = u32::try_from(head >> HOW).ok()?;
        let id = RecordId(self.last.0.checked_add(ahead)?);
        let mut e = Encoder::new(buf);
        let record = match head & ((1 << HOW) - 1) {
            SEALED => {
                let len = usize::try_from(d.number()?).ok()?;
                e.bytes(d.bytes(len)?);
                e.sealed()
            }
            BARE => {
                let len = usize::try_from(d.number()?).ok()?;
                e.bytes(d.bytes(len)?);
                e.finish()
            }
            how => {
                let place = self.places.get(usize::try_from(how.checked_sub(DIFFERENT)?).ok()?)?;
                let mut plain = Plain::parse(place.id, &place.content)?;
                for number in &mut plain.numbers {
                    *number = number.wrapping_add(d.signed()? as u64);
                }
                plain.write(id, &mut e)?;
                e.sealed()
            }
        };
        let record = record.ok()?;
        let sealed = head & ((1 << HOW) - 1) != BARE;
        if let Some(content) = record.len().checked_sub(SEAL).and_then(|len| record.get(..len))
            && sealed
            && let Some(plain) = Plain::remembered(id, content)
        {
            self.remember(id, &plain, content);
        }
        self.last = id;
        *pack = d.rest();
        Some((id, record.len()))
    }

    /// What a sample differs from in its numbers only.
    fn base(&self, plain: &Plain) -> Option<(usize, Plain)> {
        let mut places = self.places.iter().enumerate();
        places.find_map(|(index, place)| {
            let base = Plain::parse(place.id, &place.content)?;
            let same = base.transaction == plain.transaction
                && base.shape == plain.shape
                && base.numbers.len() == plain.numbers.len();
            same.then_some((index, base))
        })
    }

    fn remember(&mut self, id: RecordId, plain: &Plain, content: &[u8]) {
        let Ok(content) = heapless::Vec::from_slice(content) else {
            return;
        };
        let known = self.base(plain).map(|(place, _)| place);
        let mut new = Place { id, content };
        if known.is_none() {
            new = match self.places.push(new) {
                Ok(()) => return,
                Err(new) => new,
            };
            self.turn = self.turn.wrapping_add(1) % PLACES;
        }
        if let Some(old) = self.places.get_mut(known.unwrap_or(self.turn)) {
            *old = new;
        }
    }
}

impl Plain {
    /// Takes a plain sample apart if it is short enough, and comes out again as it is.
    fn remembered(id: RecordId, content: &[u8]) -> Option<Self> {
        let plain = Self::parse(id, content)?;
        let mut buf = [0; PLAIN_MAX];
        let mut e = Encoder::new(&mut buf);
        plain.write(id, &mut e)?;
        (e.finish().ok()? == content).then_some(plain)
    }

    fn parse(id: RecordId, content: &[u8]) -> Option<Self> {
        let mut d = Decoder::new(content);
        let (first, second) = (d.byte()?, d.byte()?);
        if !record::is_plain(first) {
            return None;
        }
        let mut plain = Self {
            transaction: id.0.wrapping_sub(d.small()?),
            shape: heapless::Vec::new(),
            numbers: heapless::Vec::new(),
        };
        plain.shape.extend_from_slice(&[first, second]).ok()?;
        for _ in 0..heads(second) {
            plain.numbers.push(d.number()?).ok()?;
        }
        while !d.rest().is_empty() {
            plain.shape.extend_from_slice(samples::code(&mut d)?).ok()?;
            plain.numbers.push(d.number()?).ok()?;
        }
        Some(plain)
    }

    fn write(&self, id: RecordId, e: &mut Encoder<'_>) -> Option<()> {
        let mut shape = Decoder::new(&self.shape);
        let (first, second) = (shape.byte()?, shape.byte()?);
        e.bytes(&[first, second]);
        e.number(id.0.wrapping_sub(self.transaction).into());
        let (heads, values) = self.numbers.split_at_checked(heads(second))?;
        heads.iter().for_each(|number| e.number(*number));
        for number in values {
            e.bytes(samples::code(&mut shape)?);
            e.number(*number);
        }
        Some(())
    }
}

/// Numbers before the values: boot and number within the transaction if they are told, seconds, energy.
const fn heads(second: u8) -> usize {
    if second & record::IRREGULAR == 0 { 2 } else { 4 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    /// A plain sample as a record writes it.
    fn sample(id: u32, transaction: u32, secs: u32, energy: u64, power: u64) -> Vec<u8> {
        let mut buf = [0; 64];
        let mut e = Encoder::new(&mut buf);
        e.bytes(&[0x5d, 0x04]);
        e.number((id - transaction).into());
        e.number(secs.into());
        e.number(energy);
        e.bytes(&[10 << 3]);
        e.number(power);
        e.sealed().unwrap().to_vec()
    }

    fn packed(records: &[(u32, Vec<u8>)], room: usize) -> (Vec<u8>, usize) {
        let mut packing = Packing::new(RecordId(records.first().map_or(0, |(id, _)| *id)));
        let mut pack = std::vec![0xaa; room];
        let mut used = 0;
        for (count, (id, record)) in records.iter().enumerate() {
            match packing.pack(RecordId(*id), record, &mut pack[used..]) {
                Some(taken) => used += taken,
                None => {
                    pack.truncate(used);
                    return (pack, count);
                }
            }
        }
        pack.truncate(used);
        (pack, records.len())
    }

    #[track_caller]
    fn round(records: &[(u32, Vec<u8>)], room: usize) -> usize {
        let (pack, count) = packed(records, room);
        let mut packing = Packing::new(RecordId(records.first().map_or(0, |(id, _)| *id)));
        let mut rest = &pack[..];
        let mut buf = [0; 400];
        for (id, record) in &records[..count] {
            let (read, len) = packing.unpack(&mut rest, &mut buf).unwrap();
            assert_eq!((read.0, &buf[..len]), (*id, &record[..]));
        }
        assert!(packing.unpack(&mut rest, &mut buf).is_none() && rest.is_empty());
        pack.len()
    }

    #[test]
    fn a_sample_takes_few_bytes() {
        let samples: Vec<_> = (0..30)
            .map(|step: u32| {
                let energy = 12_345_678 + u64::from(step) * 114;
                (
                    1000 + step,
                    sample(1000 + step, 990, 60 * step + 9, energy, 6900 + u64::from(step % 7)),
                )
            })
            .collect();
        let one = round(&samples[..1], 300);
        assert_eq!(round(&samples, 300) - one, 29 * 5);
    }

    #[test]
    fn samples_of_several_cars_are_told_apart() {
        for cars in 1..=6u32 {
            let samples: Vec<_> = (0..60)
                .map(|step: u32| {
                    let (id, transaction) = (1000 + step, 900 + step % cars);
                    (
                        id,
                        sample(id, transaction, 60 * step + 9, 100_000 + u64::from(step), 6900),
                    )
                })
                .collect();
            let size = round(&samples, 2000);
            // More cars than are remembered cost more, and lose nothing.
            assert!((size < 60 * 8) == (cars <= PLACES as u32), "{cars} cars: {size}");
        }
    }

    #[test]
    fn a_record_that_does_not_fit_changes_nothing() {
        let samples: Vec<_> = (0..30)
            .map(|step| (step + 50, sample(step + 50, 40, 60 * step, 5000 + u64::from(step), 7)))
            .collect();
        for room in 0..140 {
            round(&samples, room);
        }
        let mut packing = Packing::new(RecordId(50));
        let mut pack = [0; 40];
        assert!(packing.pack(RecordId(49), b"below", &mut pack).is_none());
        assert!(packing.pack(RecordId(51), b"above", &mut pack).is_some());
        assert!(packing.pack(RecordId(50), b"below", &mut pack).is_none());
    }

    #[test]
    fn numbers_that_are_written_in_a_longer_way_stay_as_they_are() {
        let usual = sample(60, 40, 600, 5000, 7);
        let content = &usual[..usual.len() - SEAL];
        let mut buf = [0; 64];
        let mut e = Encoder::new(&mut buf);
        e.bytes(&content[..content.len() - 1]);
        e.bytes(&[content[content.len() - 1] | 0x80, 0]);
        let longer = e.sealed().unwrap().to_vec();
        round(
            &[
                (59, sample(59, 40, 540, 4900, 7)),
                (60, longer),
                (61, sample(61, 40, 660, 5100, 8)),
            ],
            300,
        );
    }

    proptest! {
        #[test]
        fn what_was_packed_is_unpacked(
            records in proptest::collection::vec(
                (
                    0u32..40,
                    prop_oneof![
                        3 => (0u32..6, 0u32..100_000, any::<u64>(), any::<u64>()).prop_map(Err),
                        1 => (any::<bool>(), proptest::collection::vec(any::<u8>(), 0..90)).prop_map(Ok),
                    ],
                    0u8..4,
                ),
                0..60,
            ),
            room in 0usize..1500,
        ) {
            let mut id = 100;
            let records: Vec<_> = records.into_iter().map(|(step, record, scale)| {
                id += step;
                let shrunk = |number: u64| number.wrapping_shr(u32::from(scale) * 21);
                let bytes = match record {
                    Err((transaction, secs, energy, power)) => {
                        sample(id, transaction, secs, shrunk(energy), shrunk(power))
                    }
                    Ok((true, mut bytes)) => {
                        // Any bytes behind the mark of a plain sample.
                        if let Some(first) = bytes.first_mut() {
                            *first = 0x58 | (*first & 0x07);
                        }
                        let mut buf = [0; 100];
                        let mut e = Encoder::new(&mut buf);
                        e.bytes(&bytes);
                        e.sealed().unwrap().to_vec()
                    }
                    Ok((false, bytes)) => bytes,
                };
                (id, bytes)
            }).collect();
            round(&records, room);
        }

        #[test]
        fn any_bytes_can_be_unpacked(bytes in proptest::collection::vec(any::<u8>(), 0..200), buf in 0usize..100) {
            let mut packing = Packing::new(RecordId(bytes.first().map_or(0, |byte| u32::from(*byte) << 24)));
            let mut rest = &bytes[..];
            while packing.unpack(&mut rest, &mut std::vec![0; buf]).is_some() {}
        }
    }
}
