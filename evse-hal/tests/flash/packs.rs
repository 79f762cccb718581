//! Entries that leave out what follows from the rest, packs, and what is dropped when nothing else makes room.

use crate::cuts::sweep_from;
use crate::model::{Content, Model, Op, Store, event, open, records, sample, sealed, transaction};
use evse_hal::Storage;
use evse_hal::flash::sim::{SimFlash, now};
use evse_hal::flash::{FlashError, FlashStorage, Layout, StationRecords};
use ocpp_core::{Record, RecordId, RecordKind};

fn put<const WORD: usize, const ERASE: usize>(store: &mut Store<WORD, ERASE>, number: u32, bytes: &[u8]) -> u64 {
    let before = store.flash_mut().written();
    now(store.put_record(number, bytes)).unwrap();
    store.flash_mut().written() - before
}

#[test]
fn a_sample_costs_four_bytes_more_than_it_says() {
    let mut store = open(SimFlash::<1, 1024>::new(8));
    for number in 1..16 {
        let bytes = sample(number, 1);
        // The checksum at its end is left out.
        let size = put(&mut store, number, &bytes);
        assert!(number == 1 || size == bytes.len() as u64 - 2 + 4);
    }
    assert_eq!(records(&mut open(store.into_flash())).len(), 15);
}

#[test]
fn what_has_no_number_is_found_behind_what_is_damaged() {
    let mut store = open(SimFlash::<4, 1024>::new(8));
    for number in 1..=30 {
        put(&mut store, number, &sample(number, 1));
    }
    let written = records(&mut store);
    let flash = store.into_flash();
    let places: Vec<usize> = (1..=30)
        .map(|number| {
            let bytes = sample(number, 1);
            let bytes = &bytes[..bytes.len() - 2];
            flash
                .bytes()
                .windows(bytes.len())
                .position(|found| found == bytes)
                .unwrap()
        })
        .collect();
    for count in 1..=12 {
        for first in 0..30 - count {
            let mut flash = flash.clone();
            for place in &places[first..first + count] {
                flash.bytes_mut()[place + 5] ^= 0x10;
            }
            let found = records(&mut open(flash));
            assert!(found.iter().all(|(number, bytes)| written.get(number) == Some(bytes)));
            // Farther than a few numbers are told again before long.
            let most = if count <= 3 { count } else { count + 15 };
            assert!(found.len() >= 30 - most, "{count} from {first}: {}", found.len());
        }
    }
}

#[test]
fn a_flipped_bit_costs_one_pack() {
    let mut model = Model::<4, 1024>::new(1);
    (0..200).for_each(|_| model.run(&Op::Sample(1)));
    model.check();
    let flash = model.store.clone().into_flash();
    let mut worst = 0;
    for bit in (0..5 * 1024 * 8).step_by(13) {
        let mut flash = flash.clone();
        flash.bytes_mut()[bit / 8] ^= 1 << (bit % 8);
        let mut store = open(flash);
        let found = records(&mut store);
        assert!(
            found
                .iter()
                .all(|(number, bytes)| model.records.get(number) == Some(bytes))
        );
        let lost = model.records.len() - found.len();
        assert!(lost == 0 || store.damaged() > 0, "bit {bit} goes unnoticed");
        worst = worst.max(lost);
    }
    assert!((2..60).contains(&worst), "{worst}");
}

/// Samples of two cars and what happens to them, until packs are thinned, and then some are told.
fn script() -> Vec<Op> {
    let event = |kind, number: u32, car: u32| Op::Put(1, event(kind, number, car));
    let mut script = vec![Op::Put(1, vec![1; 300]), event(0, 2, 2), event(0, 3, 3)];
    for number in 4..750 {
        script.push(match number % 90 {
            50 => event(1, number, 2),
            70 => event(1, number, 3),
            80 => Op::Put(1, vec![number as u8; 40]),
            _ => Op::Sample(2 + number % 3 % 2),
        });
        if number == 300 || number == 600 {
            script.push(Op::Reboot);
        }
    }
    script.extend((0..12).map(|_| Op::Discard(3)));
    script.extend((0..8).map(|_| Op::Sample(3)));
    script
}

/// Runs the script, cuts at every word of the first operations that pack and of the first that thin, and returns the cuts
/// of both.
fn cut_folds<const WORD: usize, const ERASE: usize>(
    flash: SimFlash<WORD, ERASE>,
    folds: usize,
    again: Option<u64>,
) -> [u32; 2] {
    let mut model = Model::on(flash);
    let mut cuts = [Vec::new(), Vec::new()];
    for op in script() {
        let erased = |model: &mut Model<WORD, ERASE>| model.store.flash_mut().erases().iter().sum::<u32>();
        let (mut start, before) = (model.clone(), erased(&mut model));
        model.run(&op);
        // A page is begun, and another folded into.
        if erased(&mut model) < before + 2 {
            continue;
        }
        model.thinned = Some(0);
        model.check();
        start.thinned = model.thinned;
        let cuts = &mut cuts[usize::from(model.thinned > Some(0))];
        if cuts.len() < folds {
            cuts.push(sweep_from(start, std::slice::from_ref(&op), again).0);
        }
    }
    model.check();
    cuts.map(|cuts| cuts.iter().sum())
}

#[test]
fn every_word_of_folds_with_packs_and_thinning_cut() {
    let cuts = cut_folds(SimFlash::<4, 1024>::new(8), 2, Some(40));
    assert!(cuts.iter().all(|cuts| *cuts > 400), "{cuts:?}");
}

#[test]
fn every_word_of_folds_with_packs_and_thinning_cut_with_other_words() {
    let cuts = [
        cut_folds(SimFlash::<1, 256>::new(32), 1, None),
        cut_folds(SimFlash::<8, 1024>::new(8), 1, None),
        cut_folds(SimFlash::<32, 1024>::new(8), 2, None),
        cut_folds(
            SimFlash::<8, 1024>::new(8).with_unreadable_torn_words().with_seed(9),
            1,
            None,
        ),
    ];
    assert!(cuts.as_flattened().iter().all(|cuts| *cuts > 50), "{cuts:?}");
}

fn small(flash: SimFlash<4, 1024>) -> Store<4, 1024> {
    let layout = Layout {
        records: 0..16 * 1024,
        values: 16 * 1024..18 * 1024,
    };
    now(FlashStorage::open(flash, layout, StationRecords::new(2))).unwrap()
}

/// What a transaction has left: its kinds in order, and its samples.
fn left(found: &Content, wanted: u32) -> (Vec<RecordKind>, Vec<u32>) {
    let of = found
        .iter()
        .filter(|(number, bytes)| transaction(**number, bytes) == Some(wanted));
    let samples = of.clone().filter(|(_, bytes)| Record::is_sample(bytes));
    let kinds = of.clone().filter(|(_, bytes)| !Record::is_sample(bytes));
    let kind = |(number, bytes): (&u32, &Vec<u8>)| Record::decode(RecordId(*number), bytes).unwrap().kind;
    (kinds.map(kind).collect(), samples.map(|(number, _)| *number).collect())
}

/// E11.FR.05: of what lies between, every second goes, and never what began or ended.
#[test]
fn days_offline_keep_start_end_and_the_first_and_last_sample_of_every_session() {
    let mut store = small(SimFlash::new(18));
    let mut number = 0;
    let mut next = || {
        number += 1;
        number
    };
    let mut sessions = Vec::new();
    // Two EVSEs charge at once, an hour each, until nothing can begin any more.
    'full: loop {
        let mut running = Vec::new();
        for _ in 0..2 {
            let start = next();
            match now(store.put_record(start, &event(0, start, start))) {
                Ok(()) => running.push((start, 0, 0)),
                Err(error) => assert_eq!(error, FlashError::Full),
            }
        }
        for minute in 0..60 {
            for (start, first, last) in &mut running {
                let sampled = next();
                // A sample may find no room: then the end still does.
                if now(store.put_record(sampled, &sample(sampled, *start))).is_ok() {
                    *last = sampled;
                    if minute == 0 {
                        *first = sampled;
                    }
                }
            }
        }
        for (start, first, last) in &running {
            let end = next();
            now(store.put_record(end, &event(2, end, *start))).unwrap();
            sessions.push((*start, *first, *last));
        }
        if sessions.len() % 16 == 0 {
            store = small(store.into_flash());
        }
        if running.len() < 2 {
            break 'full;
        }
    }
    let found = records(&mut store);
    let mut kept = 0;
    for (start, first, last) in &sessions {
        let (kinds, samples) = left(&found, *start);
        assert_eq!(kinds, [RecordKind::Start, RecordKind::End], "{start}");
        for sampled in [first, last].into_iter().filter(|sampled| **sampled > 0) {
            assert!(samples.contains(sampled), "{start}: {sampled} of {samples:?}");
        }
        kept += samples.len();
    }
    // An hour has sixty; and what cannot be dropped takes half of the flash at least.
    assert!(
        sessions.len() > 100 && kept > 2 * sessions.len(),
        "{} {kept}",
        sessions.len()
    );
    assert_eq!(store.damaged(), 0);
}

#[test]
fn samples_that_cannot_be_packed_well_are_thinned_as_they_are() {
    let mut store = small(SimFlash::new(18));
    put(&mut store, 1, &event(0, 1, 1));
    for number in 2..3000 {
        // Each differs in more than its numbers from those before it.
        let mut bytes = sample(number, 1);
        bytes.truncate(bytes.len() - 2);
        for code in 0..8 {
            bytes.extend([((number >> code & 7) as u8 + 9) << 3, 1]);
        }
        put(&mut store, number, &sealed(bytes));
    }
    let found = records(&mut store);
    assert!(
        found.len() < 700 && found.contains_key(&2) && found.contains_key(&2999),
        "{}",
        found.len()
    );
}

#[test]
fn nothing_is_dropped_while_packing_makes_room() {
    let mut store = small(SimFlash::new(18));
    let mut number = 1;
    put(&mut store, 1, &event(0, 1, 1));
    // More than fit into 14 KiB as they are written, in fewer bytes than they may take packed.
    while number < 1100 {
        number += 1;
        put(&mut store, number, &sample(number, 1));
        if number % 100 == 0 {
            assert_eq!(records(&mut store).len(), number as usize, "at {number}");
        }
    }
    let mut flash = store.into_flash();
    let mut store = small(flash.clone());
    let found = records(&mut store);
    assert!((1..=number).all(|number| found.contains_key(&number)));
    // What is told goes, out of packs too, and the rest stays.
    for told in 1..=700 {
        now(store.discard_record(told)).unwrap();
    }
    put(&mut store, number + 1, &sample(number + 1, 1));
    flash = store.into_flash();
    let found = records(&mut small(flash));
    assert_eq!(found.len(), 401);
    assert!(found.iter().all(|(number, bytes)| *bytes == sample(*number, 1)));
}
