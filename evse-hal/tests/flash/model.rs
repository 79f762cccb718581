//! What a store has to do, kept in maps beside it.

use evse_hal::Storage;
use evse_hal::flash::sim::{SimFlash, now};
use evse_hal::flash::{FlashError, FlashStorage, Layout, StationRecords};
use ocpp_core::{Record, RecordId};
use std::collections::BTreeMap;

/// Pages of records and of values.
pub const RECORD_PAGES: u32 = 5;
pub const VALUE_PAGES: u32 = 3;
pub const KEYS: u32 = 6;

#[derive(Clone, Debug)]
pub enum Op {
    /// Under a number that is so much above the last.
    Put(u32, Vec<u8>),
    /// A sample of a car, under the next number.
    Sample(u32),
    /// Under the last number once more.
    Again(Vec<u8>),
    /// Of the stored records, that in this place.
    Discard(usize),
    Set(u32, Vec<u8>),
    Unset(u32),
    /// Power off and on between two operations.
    Reboot,
}

pub type Content = BTreeMap<u32, Vec<u8>>;
pub type Store<const WORD: usize, const ERASE: usize> = FlashStorage<SimFlash<WORD, ERASE>, StationRecords>;

#[derive(Clone)]
pub struct Model<const WORD: usize, const ERASE: usize> {
    pub store: Store<WORD, ERASE>,
    pub records: Content,
    /// Discards that a power cut may undo, the latest first: those since the last record, or since the newest one went.
    loose: Vec<(u32, Vec<u8>)>,
    pub values: Content,
    last: u32,
    /// Samples that the store has dropped, if it may.
    pub thinned: Option<u32>,
}

pub fn layout<const ERASE: usize>() -> Layout {
    let page = (ERASE as u32).max(1024);
    let records = RECORD_PAGES * page;
    Layout {
        records: 0..records,
        values: records..records + VALUE_PAGES * page,
    }
}

pub fn open<const WORD: usize, const ERASE: usize>(flash: SimFlash<WORD, ERASE>) -> Store<WORD, ERASE> {
    now(FlashStorage::open(flash, layout::<ERASE>(), StationRecords::new(0))).unwrap()
}

/// A plain sample of a transaction, as the station writes it.
pub fn sample(number: u32, transaction: u32) -> Vec<u8> {
    let secs = number * 30;
    let mut bytes = vec![0x5d, 0x04];
    let power = 6900 + number * 7919 % 60;
    for (code, number) in [
        (None, number - transaction),
        (None, secs),
        (None, (12_345_678 + number * 57) << 1),
        (Some(10 << 3), power),
        (Some((3 << 3) | 2), power / 23),
    ] {
        bytes.extend(code);
        push(&mut bytes, number);
    }
    sealed(bytes)
}

/// The start of a transaction (0), something that happened in it (1), or its end (2).
#[allow(dead_code)] // not by the fuzz target
pub fn event(kind: u8, number: u32, transaction: u32) -> Vec<u8> {
    let mut bytes = vec![0x41 | (kind << 4), 0x02, 1, 1, 0];
    push(&mut bytes, number - transaction);
    push(&mut bytes, number * 30);
    push(&mut bytes, number * 57);
    // Sets without values, to be as long as one with some.
    bytes.extend(std::iter::repeat_n(0, 4));
    sealed(bytes)
}

fn push(bytes: &mut Vec<u8>, mut number: u32) {
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

pub fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let crc = bytes.iter().fold(0xffffu16, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            (crc << 1) ^ if crc & 0x8000 == 0 { 0 } else { 0x1021 }
        })
    });
    bytes.extend(crc.to_le_bytes());
    bytes
}

/// The transaction of a record.
pub fn transaction(number: u32, bytes: &[u8]) -> Option<u32> {
    Some(Record::decode(RecordId(number), bytes).ok()?.transaction)
}

pub fn records<const WORD: usize, const ERASE: usize>(store: &mut Store<WORD, ERASE>) -> Content {
    let mut records = Content::new();
    let mut buf = [0; 4096];
    let mut number = 0;
    while let Some((next, len)) = now(store.record_after(number, &mut buf)).unwrap() {
        assert!(next > number);
        records.insert(next, buf[..len].to_vec());
        number = next;
    }
    records
}

impl<const WORD: usize, const ERASE: usize> Model<WORD, ERASE> {
    pub fn new(seed: u64) -> Self {
        Self::on(SimFlash::new(layout::<ERASE>().values.end as usize / ERASE).with_seed(seed))
    }

    /// On this erased flash.
    pub fn on(flash: SimFlash<WORD, ERASE>) -> Self {
        Self {
            store: open(flash),
            records: Content::new(),
            loose: Vec::new(),
            values: Content::new(),
            last: 0,
            thinned: None,
        }
    }

    /// Does it and notes what came of it.
    pub fn run(&mut self, op: &Op) {
        match op {
            Op::Put(step, bytes) => {
                let number = self.last + step;
                self.put(number, bytes);
            }
            Op::Sample(car) => {
                let number = self.last + 1;
                self.put(number, &sample(number, *car.min(&number)));
            }
            Op::Again(bytes) if self.records.contains_key(&self.last) => self.put(self.last, bytes),
            Op::Again(_) => {}
            Op::Discard(place) => {
                let Some(number) = self.nth(*place) else { return };
                now(self.store.discard_record(number)).unwrap();
                let bytes = self.records.remove(&number).unwrap();
                self.loose.push((number, bytes));
                if self.records.range(number..).next().is_none() {
                    self.loose.clear();
                }
            }
            Op::Set(key, bytes) => match now(self.store.put_value(*key, bytes)) {
                Ok(()) => drop(self.values.insert(*key, bytes.clone())),
                Err(error) => assert_eq!(error, FlashError::Full),
            },
            Op::Unset(key) => match now(self.store.discard_value(*key)) {
                Ok(()) => drop(self.values.remove(key)),
                Err(error) => assert_eq!(error, FlashError::Full),
            },
            Op::Reboot => {
                let flash = self.store.clone().into_flash();
                self.store = open(flash);
                self.settle(None);
            }
        }
    }

    fn put(&mut self, number: u32, bytes: &[u8]) {
        match now(self.store.put_record(number, bytes)) {
            Ok(()) => {
                self.records.insert(number, bytes.to_vec());
                self.loose.clear();
                self.last = number;
            }
            Err(error) => assert_eq!(error, FlashError::Full),
        }
    }

    fn nth(&self, place: usize) -> Option<u32> {
        let place = place.checked_rem(self.records.len())?;
        self.records.keys().nth(place).copied()
    }

    /// What is stored now.
    pub fn check(&mut self) {
        let found = records(&mut self.store);
        self.accept_thinning(&found);
        assert_eq!(found, self.records);
        for key in 0..KEYS {
            assert_eq!(self.value(key), self.values.get(&key).cloned(), "key {key}");
        }
    }

    /// Forgets samples that the store has dropped: what is left of the transaction is around them.
    fn accept_thinning(&mut self, found: &Content) {
        let Some(thinned) = &mut self.thinned else { return };
        let of = |(number, bytes): (&u32, &Vec<u8>), wanted| transaction(*number, bytes) == Some(wanted);
        let gone: Vec<u32> = (self.records.iter())
            .filter(|(number, bytes)| !found.contains_key(number) && Record::is_sample(bytes))
            .filter(|(number, bytes)| {
                let Some(transaction) = transaction(**number, bytes) else {
                    return false;
                };
                let later = found.range(**number..).find(|record| of(*record, transaction));
                found.range(..**number).any(|record| of(record, transaction))
                    && later.is_some_and(|(_, bytes)| Record::is_sample(bytes))
            })
            .map(|(number, _)| *number)
            .collect();
        for number in gone {
            self.records.remove(&number);
            *thinned += 1;
        }
    }

    pub fn value(&mut self, key: u32) -> Option<Vec<u8>> {
        let mut buf = [0; 4096];
        let len = now(self.store.value(key, &mut buf)).unwrap()?;
        Some(buf[..len].to_vec())
    }

    /// Runs an operation that a power cut interrupts after so many words; the model after the reboot, or `None` if it
    /// was through before.
    pub fn cut(&self, op: &Op, after: u64) -> Option<Self> {
        let mut model = self.clone();
        model.store.flash_mut().cut_after(after);
        let sampled = match op {
            Op::Sample(car) => sample(model.last + 1, *car.min(&(model.last + 1))),
            _ => Vec::new(),
        };
        let (number, bytes) = match op {
            Op::Put(step, bytes) => (model.last + step, Some(bytes)),
            Op::Sample(_) => (model.last + 1, Some(&sampled)),
            Op::Again(bytes) if model.records.contains_key(&model.last) => (model.last, Some(bytes)),
            Op::Discard(place) => (model.nth(*place)?, None),
            Op::Set(key, bytes) => (*key, Some(bytes)),
            Op::Unset(key) => (*key, None),
            Op::Again(_) | Op::Reboot => return None,
        };
        let answered = match op {
            Op::Put(..) | Op::Sample(_) | Op::Again(_) => now(model.store.put_record(number, bytes?)).is_ok(),
            Op::Discard(_) => now(model.store.discard_record(number)).is_ok(),
            Op::Set(..) => now(model.store.put_value(number, bytes?)).is_ok(),
            _ => now(model.store.discard_value(number)).is_ok(),
        };
        if !model.store.flash_mut().is_dead() {
            return None;
        }
        assert!(!answered, "what a power cut interrupts is not answered");
        model.store = open(model.store.into_flash().restored());
        match op {
            Op::Put(..) | Op::Sample(_) | Op::Again(_) => model.settle(Some((number, bytes?))),
            Op::Discard(_) => {
                let bytes = model.records.remove(&number)?;
                model.loose.push((number, bytes));
                model.settle(None);
            }
            Op::Set(..) | Op::Unset(_) => {
                model.settle(None);
                let value = model.value(number);
                if value.as_ref() == bytes {
                    model.values.remove(&number);
                    value.map(|value| model.values.insert(number, value));
                }
            }
            _ => {}
        }
        model.check();
        Some(model)
    }

    /// After a reboot: some of the latest discards may be undone, and an interrupted record may be there or not.
    fn settle(&mut self, interrupted: Option<(u32, &Vec<u8>)>) {
        let found = records(&mut self.store);
        self.accept_thinning(&found);
        if let Some((number, bytes)) = interrupted {
            let through = found.get(&number) == Some(bytes);
            let old = self.records.get(&number);
            // What was stored under the number before was not answered either.
            assert!(
                through || found.get(&number).is_none_or(|found| Some(found) == old),
                "{number} is not whole"
            );
            if through {
                self.records.insert(number, bytes.clone());
                self.loose.clear();
            } else if !found.contains_key(&number) {
                self.records.remove(&number);
            }
            self.last = number;
        }
        while found != self.records {
            let Some((number, bytes)) = self.loose.pop() else {
                panic!("found {:?}, not {:?}", found.keys(), self.records.keys());
            };
            self.records.insert(number, bytes);
        }
        self.loose.clear();
    }
}
