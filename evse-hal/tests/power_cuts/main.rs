//! A day of a station of two EVSEs on flash, and the power goes at word operations of that flash: at each such moment the
//! world is forked, the station boots from what is in flash, the day goes on to its end, and the ledger of the CSMS is held
//! to what happened (DESIGN §5).

mod csms;
mod life;

use life::{Plan, Step, World, flash, run};
use ocpp_core::PilotState;
use proptest::prelude::*;

const OLD: &str = "ocpp1.6";
const NEW: &str = "ocpp2.0.1";

/// One session online.
const SHORT: [Step; 4] = [
    |life| life.advance(30),
    |life| life.arrive(1, "TAG1"),
    |life| life.advance(130),
    |life| life.leave(1),
];

/// Online and offline, both EVSEs, both versions, a change of configuration, a local decision, and a step of the clock.
const DAY: [Step; 24] = [
    |life| life.advance(30),
    |life| life.arrive(1, "TAG1"),
    |life| life.advance(130),
    |life| life.change_configuration(),
    |life| life.arrive(2, "TAG2"),
    |life| life.advance(90),
    |life| life.go_offline(),
    |life| life.advance(100),
    // The car pauses.
    |life| life.set_pilot(1, PilotState::B),
    |life| life.advance(70),
    |life| life.present(1, "TAG1"),
    |life| life.leave(1),
    // Nobody can ask the CSMS about this one.
    |life| life.arrive(1, "STRANGER"),
    |life| life.advance(90),
    |life| life.leave(1),
    |life| life.set_clock(3600),
    |life| life.advance(50),
    |life| life.go_online(NEW),
    |life| life.arrive(1, "TAG1"),
    |life| life.advance(100),
    |life| life.present(1, "TAG1"),
    |life| life.leave(1),
    |life| life.go_online(OLD),
    |life| life.leave(2),
];

/// What a day at random is made of.
const PIECES: [Step; 16] = [
    |life| life.advance(10),
    |life| life.advance(50),
    |life| life.advance(120),
    |life| life.arrive(1, "TAG1"),
    |life| life.arrive(2, "TAG2"),
    |life| life.leave(1),
    |life| life.leave(2),
    |life| life.present(1, "TAG1"),
    |life| life.present(2, "OTHER"),
    |life| life.set_pilot(1, PilotState::B),
    |life| life.set_pilot(1, PilotState::C),
    |life| life.go_offline(),
    |life| life.go_online(OLD),
    |life| life.go_online(NEW),
    |life| life.set_clock(-7200),
    |life| life.set_clock(5),
];

/// How such a day ends.
const END: [Step; 3] = [|life| life.go_online(OLD), |life| life.leave(1), |life| life.leave(2)];

/// Prints how many moments were tried, and what became of the transactions: what was lost, or told differently, is a panic.
fn sweep(name: &str, script: &[Step], plan: Plan) {
    let (findings, tally) = run(World::new(), flash(), script, Some(plan));
    println!("{name}: {findings:?}, {tally:?}");
    assert_eq!(findings.duplicates, 0, "{name}");
    assert!(tally.cuts > 0, "{name}");
}

#[test]
fn a_day_without_a_cut() {
    let (findings, _) = run(World::new(), flash(), &DAY, None);
    assert_eq!((findings.transactions, findings.duplicates), (4, 0));
    assert_eq!(findings.energy_wh, 2620);
}

#[test]
fn every_word_of_a_session() {
    sweep(
        "session",
        &SHORT,
        Plan {
            every: 1,
            again: Some(1),
        },
    );
}

#[test]
fn every_word_of_a_day() {
    sweep("day", &DAY, Plan { every: 1, again: None });
}

#[test]
fn a_second_cut_after_the_first() {
    sweep(
        "day",
        &DAY,
        Plan {
            every: 7,
            again: Some(13),
        },
    );
}

#[test]
#[ignore = "a minute: part of `scripts/test --all`"]
fn every_word_of_a_day_twice() {
    sweep(
        "day",
        &DAY,
        Plan {
            every: 1,
            again: Some(3),
        },
    );
}

/// An outage of a day with twenty sessions of half an hour: the records are more than fit the flash as they are written.
#[test]
fn an_outage_of_a_day() {
    for version in [OLD, NEW] {
        let go_online: Step = if version == OLD {
            |life| life.go_online(OLD)
        } else {
            |life| life.go_online(NEW)
        };
        let mut script: Vec<Step> = vec![go_online, |life| life.go_offline()];
        for _ in 0..20 {
            let session: [Step; 4] = [
                |life| life.arrive(1, "TAG1"),
                |life| life.advance(1800),
                |life| life.leave(1),
                |life| life.advance(2520),
            ];
            script.extend(session);
        }
        script.push(go_online);
        let (findings, _) = run(World::new(), flash(), &script, None);
        assert_eq!((findings.transactions, findings.duplicates), (20, 0));
        assert_eq!(findings.energy_wh, 20 * 180 * 20);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn random_days(pieces in proptest::collection::vec(0..PIECES.len(), 4..30), every in 5u64..40) {
        let script: Vec<Step> = pieces.iter().map(|piece| PIECES[*piece]).chain(END).collect();
        run(World::new(), flash(), &script, Some(Plan { every, again: Some(37) }));
    }
}
