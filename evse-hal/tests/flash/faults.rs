//! Faults of flash, and faults that other stations have had with it.

use crate::model::{Model, Op, layout, open, records};
use evse_hal::flash::sim::{SimError, SimFlash, now};
use evse_hal::flash::{Content, FlashError, FlashStorage, Layout, Opaque, Reserve, Role, StationRecords};
use evse_hal::{Error, ErrorKind, Storage};
use proptest::prelude::*;

type Flash = SimFlash<4, 1024>;
type Store = FlashStorage<Flash, StationRecords>;

fn blank() -> Flash {
    Flash::new(8)
}

fn put(store: &mut Store, numbers: impl Iterator<Item = u32>) {
    for number in numbers {
        now(store.put_record(number, &content(number))).unwrap();
    }
}

fn content(number: u32) -> Vec<u8> {
    vec![number as u8; 30 + number as usize % 20]
}

fn failed(flash: Flash) -> FlashError<SimError> {
    now(Store::open(flash, layout::<1024>(), StationRecords::new(0)))
        .err()
        .unwrap()
}

/// A store with a history: records and values, some of them gone, over several pages.
fn used() -> Model<4, 1024> {
    let mut model = Model::new(1);
    for round in 0..60u32 {
        model.run(&Op::Put(1, content(round)));
        model.run(&Op::Set(round % 5, vec![round as u8; 40]));
        if round % 3 > 0 {
            model.run(&Op::Discard(0));
        }
    }
    model.run(&Op::Put(1, vec![1; 20]));
    model
}

#[test]
fn a_torn_write_loses_neither_transactions_nor_settings() {
    let model = used();
    for op in [Op::Put(1, vec![7; 100]), Op::Set(2, vec![7; 100])] {
        let mut cuts = 0;
        while let Some(mut rest) = model.cut(&op, cuts) {
            rest.run(&op);
            rest.check();
            cuts += 1;
        }
        assert!(cuts > 25, "{cuts}");
    }
}

#[test]
fn a_torn_word_that_the_flash_refuses_to_read_is_stepped_over() {
    let mut store = open(blank().with_unreadable_torn_words());
    put(&mut store, 1..4);
    store.flash_mut().cut_after(5);
    assert!(now(store.put_record(4, &content(4))).is_err());
    let mut store = open(store.into_flash().restored());
    assert_eq!(store.damaged(), 1);
    assert_eq!(records(&mut store).into_keys().collect::<Vec<_>>(), [1, 2, 3]);
    put(&mut store, 4..30);
    let mut store = open(store.into_flash());
    assert_eq!(records(&mut store).len(), 29);
    assert_eq!(now(store.value(1, &mut [0; 8])), Ok(None));
}

#[test]
fn a_flash_that_cannot_be_read_is_not_taken_for_an_empty_one() {
    let mut store = open(blank());
    put(&mut store, 1..3);
    now(store.put_value(1, &[1])).unwrap();
    store.flash_mut().cut_after(0);
    let _ = now(store.put_record(3, &[0]));
    assert!(now(store.record_after(0, &mut [0; 64])).is_err());
    assert!(now(store.value(1, &mut [0; 64])).is_err());
    assert_eq!(failed(store.into_flash()), FlashError::Flash(SimError::PowerCut));
}

#[test]
fn a_flipped_bit_costs_one_record_or_one_value() {
    let mut model = used();
    let flash = model.store.clone().into_flash();
    for bit in 0..flash.bytes().len() * 8 {
        // Every bit of the heads of pages, every seventh of the rest.
        if bit / 8 % 1024 > 70 && bit % 7 > 0 {
            continue;
        }
        let mut flash = flash.clone();
        flash.bytes_mut()[bit / 8] ^= 1 << (bit % 8);
        let mut store = open(flash);
        let found = records(&mut store);
        // A flipped discard brings back what was done with; nothing else is ever invented.
        let lost = model
            .records
            .iter()
            .filter(|(number, bytes)| found.get(number) != Some(bytes));
        let lost = lost.count();
        let mut values = 0;
        for (key, value) in &model.values {
            let mut buf = [0; 64];
            let read = now(store.value(*key, &mut buf)).unwrap().map(|len| buf[..len].to_vec());
            values += usize::from(read.as_ref() != Some(value));
        }
        assert!(lost + values <= 1, "bit {bit}: {lost} records and {values} values");
        if lost + values == 1 {
            assert!(store.damaged() > 0, "bit {bit} goes unnoticed");
        }
    }
    model.check();
}

#[test]
fn what_follows_a_truncated_page_is_still_there() {
    let model = used();
    let mut flash = model.store.clone().into_flash();
    let first = *model.records.keys().next().unwrap();
    // The end of a page is gone, as if it had been erased.
    let page = flash
        .bytes()
        .windows(30)
        .position(|bytes| bytes == &content(first)[..30])
        .unwrap_or(0)
        / 1024;
    flash.bytes_mut()[page * 1024 + 600..(page + 1) * 1024].fill(0xff);
    let mut store = open(flash);
    let found = records(&mut store);
    assert!(
        !found.is_empty()
            && found
                .iter()
                .all(|(number, bytes)| model.records.get(number) == Some(bytes))
    );
    let next = model.records.keys().max().unwrap() + 1;
    put(&mut store, next..next + 20);
    assert_eq!(records(&mut open(store.into_flash())).len(), found.len() + 20);
}

#[test]
fn foreign_data_is_an_error_until_it_is_formatted() {
    let foreign = || Flash::holding((0..8 * 1024).map(|byte| (byte * 31 % 251) as u8).collect());
    assert_eq!(failed(foreign()), FlashError::Foreign);
    assert_eq!(failed(foreign()).kind(), ErrorKind::Other);
    let flash = now(Store::format(foreign(), layout::<1024>())).unwrap();
    let mut store = open(flash);
    assert!(records(&mut store).is_empty());
    put(&mut store, 1..10);
}

#[test]
fn one_log_in_place_of_the_other_is_foreign() {
    let mut store = open(blank());
    put(&mut store, 1..2);
    now(store.put_value(1, &[1])).unwrap();
    let layout = Layout {
        records: 5 * 1024..8 * 1024,
        values: 0..5 * 1024,
    };
    let opened = now(Store::open(store.into_flash(), layout, StationRecords::new(0)));
    assert_eq!(opened.err(), Some(FlashError::Foreign));
}

#[test]
fn another_version_is_refused_and_left_as_it_is() {
    let mut store = open(blank());
    put(&mut store, 1..4);
    let mut flash = store.into_flash();
    for copy in [0, 28] {
        flash.bytes_mut()[copy + 4] = 2;
        let sum = crc24(&flash.bytes()[copy..copy + 24]);
        flash.bytes_mut()[copy + 24..copy + 27].copy_from_slice(&sum);
    }
    let before = flash.operations();
    assert_eq!(failed(flash.clone()), FlashError::Version(2));
    assert_eq!(flash.operations(), before);
}

fn crc24(bytes: &[u8]) -> [u8; 3] {
    let crc = bytes.iter().fold(0xb7_04ce, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte) << 16, |crc, _| {
            (crc << 1) ^ if crc & 0x80_0000 > 0 { 0x186_4cfb } else { 0 }
        })
    });
    crc.to_le_bytes()[..3].try_into().unwrap()
}

#[test]
fn a_region_of_odd_size_is_an_error() {
    let region = |records, values| {
        let opened = now(Store::open(blank(), Layout { records, values }, StationRecords::new(0)));
        matches!(opened.err(), Some(FlashError::Region { page: 1024, .. }))
    };
    assert!(region(0..5000, 5 * 1024..8 * 1024));
    assert!(region(512..4 * 1024 + 512, 5 * 1024..8 * 1024));
    assert!(region(0..2 * 1024, 5 * 1024..8 * 1024));
    assert!(region(0..5 * 1024, 5 * 1024..6 * 1024));
    assert!(region(0..5 * 1024, 5 * 1024..9 * 1024));
    assert!(!region(0..5 * 1024, 5 * 1024..8 * 1024));
    let layout = Layout {
        records: 0..5 * 1024,
        values: 4 * 1024..8 * 1024,
    };
    let opened = now(Store::open(blank(), layout, StationRecords::new(0)));
    assert_eq!(opened.err(), Some(FlashError::Overlap));
}

#[test]
fn a_flash_with_other_words_than_before_is_an_error() {
    let mut store = open(blank());
    put(&mut store, 1..4);
    let flash = SimFlash::<8, 1024>::holding(store.into_flash().bytes().to_vec());
    let opened = now(FlashStorage::<_>::open(flash, layout::<1024>(), Opaque));
    assert_eq!(opened.err(), Some(FlashError::Geometry));
}

#[test]
fn a_page_that_cannot_be_written_is_left() {
    for (operations, count) in [(0, 1), (3, 1), (3, 2)] {
        let mut model = used();
        model.store.flash_mut().fail_after(operations, count);
        model.run(&Op::Put(1, vec![5; 60]));
        model.check();
        model.store.flash_mut().fail_after(operations, 1);
        model.run(&Op::Set(2, vec![5; 60]));
        model.check();
        model.run(&Op::Reboot);
        model.check();
    }
}

#[test]
fn a_flash_that_fails_says_so_and_recovers() {
    let mut model = used();
    let mut store = model.store.clone();
    store.flash_mut().fail_after(0, 1000);
    let next = model.records.keys().max().unwrap() + 1;
    assert_eq!(
        now(store.put_record(next, &[1])),
        Err(FlashError::Flash(SimError::Injected))
    );
    assert_eq!(
        now(store.put_value(1, &[1])),
        Err(FlashError::Flash(SimError::Injected))
    );
    assert_eq!(records(&mut store), model.records);
    store.flash_mut().fail_after(0, 0);
    model.store = store;
    model.run(&Op::Put(next - model.records.keys().max().unwrap(), vec![3; 30]));
    model.run(&Op::Set(1, vec![3; 30]));
    model.check();
    model.run(&Op::Reboot);
    model.check();
}

#[test]
fn a_full_store_refuses_and_takes_again_when_there_is_room() {
    let mut store = open(blank());
    let mut last = 0;
    while now(store.put_record(last + 1, &content(last + 1))).is_ok() {
        last += 1;
    }
    // One page of five is kept to fold into.
    assert!(last > 60, "{last}");
    let written = store.flash_mut().operations();
    assert_eq!(
        now(store.put_record(last + 1, &content(last + 1))),
        Err(FlashError::Full)
    );
    assert_eq!(store.flash_mut().operations(), written, "being full wears out nothing");
    let mut store = open(store.into_flash());
    assert_eq!(records(&mut store).len(), last as usize);
    for number in 1..=last {
        now(store.discard_record(number)).unwrap();
    }
    put(&mut store, last + 1..last + 60);
    assert_eq!(
        records(&mut open(store.into_flash())).into_keys().next(),
        Some(last + 1)
    );
}

/// Room is kept for three records that begin so.
#[derive(Clone)]
struct Ends;

impl Content for Ends {
    type Packing = ();

    fn reserve(&self) -> Reserve {
        Reserve { records: 3, bytes: 200 }
    }

    fn is_end(&self, record: &[u8]) -> bool {
        record.first() == Some(&0xee)
    }

    fn role(&self, _: u32, _: &[u8]) -> Option<Role> {
        None
    }

    fn packing(&self, _: u32) {}

    fn pack(&self, (): &mut (), _: u32, _: &[u8], _: &mut [u8]) -> Option<usize> {
        None
    }

    fn unpack(&self, (): &mut (), _: &mut &[u8], _: &mut [u8]) -> Option<(u32, usize)> {
        None
    }
}

#[test]
fn a_full_store_still_takes_the_ends_of_sessions_that_run() {
    let mut store = now(FlashStorage::<_, _>::open(blank(), layout::<1024>(), Ends)).unwrap();
    let mut last = 0;
    while now(store.put_record(last + 1, &[1; 50])).is_ok() {
        last += 1;
    }
    for end in last + 1..=last + 3 {
        assert_eq!(now(store.put_record(end, &[1; 50])), Err(FlashError::Full));
        now(store.put_record(end, &[0xee; 200])).unwrap();
    }
    let mut store = open(store.into_flash());
    assert_eq!(records(&mut store).len(), last as usize + 3);
}

#[test]
fn full_values_refuse_wear_out_nothing_and_recover() {
    let mut store = open(blank());
    let mut keys = 0;
    while now(store.put_value(keys, &[7; 90])).is_ok() {
        keys += 1;
    }
    assert!(keys > 15, "{keys}");
    let erased = |store: &mut Store| store.flash_mut().erases().iter().sum::<u32>();
    let before = erased(&mut store);
    for _ in 0..100 {
        assert_eq!(now(store.put_value(keys, &[7; 90])), Err(FlashError::Full));
    }
    assert_eq!(erased(&mut store), before);
    let flash = store.clone().into_flash();
    let mut buf = [0; 90];
    assert!((0..keys).all(|key| now(open(flash.clone()).value(key, &mut buf)) == Ok(Some(90))));
    now(store.discard_value(3)).unwrap();
    now(store.put_value(keys, &[7; 90])).unwrap();
}

#[test]
fn values_filled_and_cleared_leave_unsent_records_alone() {
    let mut model = used();
    for round in 0..200u32 {
        model.run(&Op::Set(round % 6, vec![round as u8; 50]));
        model.run(&Op::Unset((round + 3) % 6));
    }
    model.check();
    model.run(&Op::Reboot);
    model.check();
}

#[test]
fn what_is_stored_already_is_not_written_again() {
    let mut store = open(blank());
    now(store.put_value(1, &[9; 40])).unwrap();
    let before = store.flash_mut().operations();
    now(store.put_value(1, &[9; 40])).unwrap();
    now(store.discard_value(2)).unwrap();
    now(store.discard_record(2)).unwrap();
    assert_eq!(store.flash_mut().operations(), before);
}

#[test]
fn keys_that_come_and_go_leave_nothing_behind() {
    // The clock of each boot has a key of its own.
    let mut store = open(blank());
    for boot in 1..2000u32 {
        now(store.put_value(0x8000_0000 | boot, &[3; 8])).unwrap();
        now(store.discard_value(0x8000_0000 | (boot - 1))).unwrap();
    }
    let mut buf = [0; 8];
    assert_eq!(now(store.value(0x8000_0000 | 1999, &mut buf)), Ok(Some(8)));
    assert_eq!(now(store.value(0x8000_0000 | 1998, &mut buf)), Ok(None));
}

#[test]
fn numbers_may_begin_anew_behind_what_is_alive() {
    // The count of boots is lost, and with it where numbers of records were.
    let mut store = open(blank());
    put(&mut store, 1..4);
    put(&mut store, 4096..4116);
    for number in 4096..4116 {
        now(store.discard_record(number)).unwrap();
    }
    assert_eq!(now(store.put_record(2, &[1])), Err(FlashError::Order));
    for number in 100..130 {
        now(store.put_record(number, &[number as u8; 9])).unwrap();
        let mut store = open(store.clone().into_flash());
        assert_eq!(records(&mut store).len(), 3 + number as usize - 99);
    }
    for number in 4096..4100 {
        now(store.put_record(number, &[5; 9])).unwrap();
    }
    let found = records(&mut open(store.into_flash()));
    assert_eq!(found.len(), 37);
    assert_eq!(found[&4097], [5; 9]);
}

#[test]
fn more_gaps_than_can_be_remembered_are_refused_and_nothing_is_lost() {
    let mut store = open(blank());
    for number in 1..90 {
        now(store.put_record(number, &[number as u8; 9])).unwrap();
    }
    let refused = (1..45).find(|gap| now(store.discard_record(gap * 2)) == Err(FlashError::Full));
    assert_eq!(refused, Some(32));
    assert_eq!(records(&mut store).len(), 89 - 31);
    put(&mut store, 90..91);
    assert_eq!(records(&mut open(store.into_flash())).len(), 90 - 31);
}

#[test]
fn a_buffer_that_is_too_small_is_told_how_much_is_needed() {
    let mut store = open(blank());
    now(store.put_record(1, &[1; 40])).unwrap();
    now(store.put_value(1, &[1; 50])).unwrap();
    assert_eq!(
        now(store.record_after(0, &mut [0; 39])),
        Err(FlashError::Buffer { needed: 40 })
    );
    assert_eq!(
        now(store.value(1, &mut [0; 39])),
        Err(FlashError::Buffer { needed: 50 })
    );
}

#[test]
fn what_is_longer_than_a_page_is_refused() {
    let mut store = open(blank());
    for len in [700, 1000, 1024, 5000] {
        assert_eq!(now(store.put_record(1, &vec![1; len])), Err(FlashError::Full));
    }
    for len in [1000, 1024, 5000] {
        assert_eq!(now(store.put_value(1, &vec![1; len])), Err(FlashError::Full));
    }
    assert_eq!(store.flash_mut().operations(), 0);
    now(store.put_record(1, &[1; 500])).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_in_flash_a_store_opens_or_says_why_not(
        damage in proptest::collection::vec((0..8 * 1024usize, any::<u8>(), 1..40usize), 0..40),
    ) {
        let mut flash = used().store.into_flash();
        for (at, byte, len) in damage {
            let end = (at + len).min(flash.bytes().len());
            flash.bytes_mut()[at..end].fill(byte);
        }
        if let Ok(mut store) = now(Store::open(flash, layout::<1024>(), StationRecords::new(0))) {
            records(&mut store);
            let _ = now(store.put_record(5000, &[1; 30]));
            let _ = now(store.put_value(1, &[1; 30]));
            let _ = now(store.discard_record(20));
            records(&mut store);
        }
    }
}
