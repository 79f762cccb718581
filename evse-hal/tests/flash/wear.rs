//! All pages wear alike.

use evse_hal::Storage;
use evse_hal::flash::sim::{SimFlash, now};
use evse_hal::flash::{FlashStorage, Layout, Opaque};

#[test]
fn pages_wear_evenly_while_sessions_come_and_go() {
    let layout = Layout {
        records: 0..48 * 1024,
        values: 48 * 1024..64 * 1024,
    };
    let mut store: FlashStorage<_> = now(FlashStorage::open(SimFlash::<4, 4096>::new(16), layout, Opaque)).unwrap();
    let mut number = 1;
    for _ in 0..2000 {
        let start = number;
        for sample in 0..12 {
            now(store.put_record(number, &[sample; 40])).unwrap();
            now(store.put_value(0x101, &number.to_le_bytes())).unwrap();
            if sample > 1 {
                now(store.discard_record(number - 1)).unwrap();
            }
            number += 1;
        }
        for done in [start, number - 1] {
            now(store.discard_record(done)).unwrap();
        }
        // A setting that is never changed moves along.
        now(store.put_value(0x1001, b"300")).unwrap();
    }
    let erases = store.flash_mut().erases().to_vec();
    let (records, values) = erases.split_at(12);
    for log in [records, values] {
        let (least, most) = (log.iter().min().unwrap(), log.iter().max().unwrap());
        assert!(*least > 4 && most - least <= 1, "{erases:?}");
    }
}

#[test]
fn memory_is_as_documented() {
    let size = |pages: usize| match pages {
        16 => size_of::<FlashStorage<SimFlash<4, 4096>, Opaque, 16>>(),
        _ => size_of::<FlashStorage<SimFlash<4, 4096>, Opaque, 32>>(),
    };
    assert_eq!(size(32) - size(16), 16 * 40);
    assert!(size(16) - size_of::<SimFlash<4, 4096>>() <= 1600, "{}", size(16));
}
