//! Power cuts, everywhere.

use crate::model::{KEYS, Model, Op};
use evse_hal::flash::sim::SimFlash;
use proptest::prelude::*;

/// A script that begins pages, folds them, and moves values.
fn script() -> Vec<Op> {
    let bytes = |seed: u32, len: u32| (0..len).map(|index| (index * 7 + seed * 31) as u8).collect::<Vec<_>>();
    let mut script = Vec::new();
    for round in 0..70 {
        script.push(Op::Put(
            if round == 40 { 4096 } else { 1 },
            bytes(round, 20 + round % 50),
        ));
        script.push(Op::Set(round % 5, bytes(round, 30 + round % 40)));
        match round % 10 {
            3 => script.push(Op::Again(bytes(round + 1, 33))),
            5 => script.push(Op::Unset(round % 5)),
            7 => script.push(Op::Reboot),
            _ => {}
        }
        // The first record of each ten stays for long.
        if round % 10 > 2 {
            script.push(Op::Discard(round as usize / 10));
        }
    }
    script.extend((0..20).map(|_| Op::Discard(0)));
    script.push(Op::Put(1, bytes(99, 40)));
    script
}

/// Cuts at every word, and after it once more at every `again`th of what follows; returns the cuts.
pub fn sweep<const WORD: usize, const ERASE: usize>(script: &[Op], again: Option<u64>, seed: u64) -> (u32, u32) {
    sweep_from(Model::<WORD, ERASE>::new(seed), script, again)
}

pub fn sweep_from<const WORD: usize, const ERASE: usize>(
    mut model: Model<WORD, ERASE>,
    script: &[Op],
    again: Option<u64>,
) -> (u32, u32) {
    let (mut cuts, mut double) = (0, 0);
    for (place, op) in script.iter().enumerate() {
        for after in 0.. {
            let Some(rest) = model.cut(op, after) else { break };
            cuts += 1;
            let Some(again) = again.filter(|again| after % again == 0) else {
                continue;
            };
            let mut rest = rest;
            for op in script.iter().skip(place).take(4) {
                let mut after = 0;
                while rest.cut(op, after).is_some() {
                    double += 1;
                    after += again;
                }
                rest.run(op);
            }
            rest.check();
        }
        model.run(op);
        model.check();
    }
    (cuts, double)
}

#[test]
fn every_word_of_a_script_cut() {
    let (cuts, double) = sweep::<4, 1024>(&script(), Some(5), 1);
    println!("{cuts} cuts, {double} after another");
    assert!(cuts > 2000 && double > 5000);
}

#[test]
fn every_word_of_a_script_cut_with_other_words() {
    assert!(sweep::<1, 256>(&script(), None, 2).0 > 8000);
    assert!(sweep::<8, 2048>(&script(), Some(7), 3).0 > 800);
    assert!(sweep::<16, 1024>(&script(), Some(7), 4).0 > 600);
    assert!(sweep::<32, 1024>(&script(), Some(3), 5).0 > 300);
}

fn op() -> impl Strategy<Value = Op> {
    let bytes = |most: usize| proptest::collection::vec(any::<u8>(), 0..most);
    prop_oneof![
        12 => (prop_oneof![9 => Just(1u32), 1 => 1u32..5000], bytes(160)).prop_map(|(step, bytes)| Op::Put(step, bytes)),
        6 => (1..4u32).prop_map(Op::Sample),
        1 => bytes(60).prop_map(Op::Again),
        6 => Just(Op::Discard(0)),
        2 => any::<usize>().prop_map(Op::Discard),
        6 => (0..KEYS, bytes(120)).prop_map(|(key, bytes)| Op::Set(key, bytes)),
        2 => (0..KEYS).prop_map(Op::Unset),
        1 => Just(Op::Reboot),
    ]
}

fn random<const WORD: usize, const ERASE: usize>(script: &[Op], cuts: &[(u8, u8)], seed: u64) {
    let mut model = Model::<WORD, ERASE>::new(seed);
    let mut cuts = cuts.iter().copied();
    let mut next = cuts.next();
    for (place, op) in script.iter().enumerate() {
        if let Some((at, after)) = next
            && usize::from(at) <= place
        {
            next = cuts.next();
            if let Some(rest) = model.cut(op, after.into()) {
                model = rest;
                continue;
            }
        }
        model.run(op);
        model.check();
    }
}

#[test]
fn every_word_of_a_script_cut_on_a_flash_that_refuses_to_read_torn_words() {
    let small = Model::<8, 1024>::on(SimFlash::new(8).with_unreadable_torn_words().with_seed(6));
    assert!(sweep_from(small, &script(), Some(7)).0 > 1000);
    let large = Model::<32, 1024>::on(SimFlash::new(8).with_unreadable_torn_words().with_seed(7));
    assert!(sweep_from(large, &script(), Some(3)).0 > 300);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn random_scripts_with_random_cuts(
        script in proptest::collection::vec(op(), 1..160),
        mut cuts in proptest::collection::vec((0..160u8, any::<u8>()), 0..20),
        word in 0..6u8,
        seed in any::<u64>(),
    ) {
        cuts.sort();
        match word {
            0 => random::<1, 256>(&script, &cuts, seed),
            1 => random::<2, 1024>(&script, &cuts, seed),
            2 => random::<4, 4096>(&script, &cuts, seed),
            3 => random::<8, 2048>(&script, &cuts, seed),
            4 => random::<16, 1024>(&script, &cuts, seed),
            _ => random::<32, 1024>(&script, &cuts, seed),
        }
    }
}

#[test]
fn nothing_is_left_of_what_was_discarded() {
    let mut model = Model::<4, 1024>::new(1);
    for op in [
        Op::Put(1, vec![1; 30]),
        Op::Discard(0),
        Op::Put(1, vec![2; 30]),
        Op::Discard(0),
    ] {
        model.run(&op);
    }
    model.check();
}
