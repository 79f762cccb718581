//! Random operations on the flash stores with power cuts at random words: the store is what a map would be, but for
//! samples that it drops when it is full.

#![no_main]

use libfuzzer_sys::fuzz_target;
#[allow(dead_code)] // shared with the tests
#[path = "../../evse-hal/tests/flash/model.rs"]
mod model;

use model::{KEYS, Model, Op};

/// Each operation is four bytes: what, on what, how long, and after how many words the power goes.
fn run<const WORD: usize, const ERASE: usize>(script: &[u8], seed: u64) {
    let mut model = Model::<WORD, ERASE>::new(seed);
    model.thinned = Some(0);
    for (place, step) in script.as_chunks::<4>().0.iter().enumerate() {
        let [what, on, length, cut] = *step;
        let bytes = (0..length).map(|byte| byte.wrapping_mul(31) ^ place as u8).collect();
        let op = match what % 16 {
            0..=2 => Op::Sample(u32::from(on % 5) + 1),
            3..=5 => Op::Put(if on == 0 { 4096 } else { 1 }, bytes),
            6 => Op::Again(bytes),
            7..=9 => Op::Discard(0),
            10 => Op::Discard(on.into()),
            11..=13 => Op::Set(u32::from(on) % KEYS, bytes),
            14 => Op::Unset(u32::from(on) % KEYS),
            _ => Op::Reboot,
        };
        let after = (cut >= 128).then(|| model.cut(&op, u64::from(cut) - 128)).flatten();
        match after {
            Some(after) => model = after,
            None => model.run(&op),
        }
    }
    model.check();
}

fuzz_target!(|input: &[u8]| {
    let Some(([word, seed], script)) = input.split_first_chunk::<2>() else {
        return;
    };
    let seed = u64::from(*seed) * 0x9e37_79b9 + 1;
    match word % 6 {
        0 => run::<1, 256>(script, seed),
        1 => run::<2, 1024>(script, seed),
        2 => run::<4, 1024>(script, seed),
        3 => run::<8, 2048>(script, seed),
        4 => run::<16, 1024>(script, seed),
        _ => run::<32, 1024>(script, seed),
    }
});
