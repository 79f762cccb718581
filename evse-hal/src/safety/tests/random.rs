//! Whatever happens, in whatever order.

use super::*;
use proptest::prelude::*;
use std::vec;

#[derive(Clone, Debug)]
enum Event {
    Permit(bool),
    Limit(Option<u32>),
    Wish(LockWish),
    Acknowledge,
    Halt(bool),
    Alive(bool),
    Vehicle(PilotState),
    Blunt(bool),
    PilotReads(bool),
    PilotDrives(bool),
    Welded(bool),
    DeadCoil(bool),
    CoilFails(bool),
    Feedback(bool),
    Position(Option<LockPosition>),
    LockMoves(bool),
    Cable(Result<Cable, ErrorKind>),
    Residual(Result<Residual, ErrorKind>),
    Verdict(Residual),
    Temperature(Result<Option<i16>, ErrorKind>),
    Milliamps(Result<u32, ErrorKind>),
    Time(u64),
}

fn event() -> impl Strategy<Value = Event> {
    use LockPosition::{Absent, Locked, Moving, Unlocked};
    let usually = |likely| prop::bool::weighted(likely);
    let residual = || {
        prop::sample::select(
            &[
                Residual::Clear,
                Residual::Clear,
                Residual::Dc,
                Residual::Ac,
                Residual::Testing,
                Residual::TestFailed,
            ][..],
        )
    };
    prop_oneof![
        6 => usually(0.8).prop_map(Event::Permit),
        2 => prop::option::of(0u32..90_000).prop_map(Event::Limit),
        4 => prop::sample::select(&[LockWish::Hold, LockWish::Hold, LockWish::Release, LockWish::Leave][..]).prop_map(Event::Wish),
        2 => Just(Event::Acknowledge),
        1 => usually(0.2).prop_map(Event::Halt),
        2 => usually(0.8).prop_map(Event::Alive),
        8 => prop::sample::select(&[PilotState::A, PilotState::B, PilotState::C, PilotState::C, PilotState::C, PilotState::D, PilotState::E, PilotState::F][..]).prop_map(Event::Vehicle),
        2 => any::<bool>().prop_map(Event::Blunt),
        1 => usually(0.8).prop_map(Event::PilotReads),
        1 => usually(0.8).prop_map(Event::PilotDrives),
        1 => usually(0.2).prop_map(Event::Welded),
        1 => usually(0.2).prop_map(Event::DeadCoil),
        1 => usually(0.2).prop_map(Event::CoilFails),
        1 => usually(0.8).prop_map(Event::Feedback),
        1 => prop::option::weighted(0.8, prop::sample::select(&[Absent, Locked, Moving, Unlocked][..])).prop_map(Event::Position),
        1 => usually(0.8).prop_map(Event::LockMoves),
        1 => prop_oneof![Just(Ok(Cable::Absent)), Just(Ok(Cable::Present { max_milliamps: 20_000 })), Just(Err(ErrorKind::Implausible))].prop_map(Event::Cable),
        2 => prop_oneof![residual().prop_map(Ok), Just(Err(ErrorKind::Bus))].prop_map(Event::Residual),
        1 => residual().prop_map(Event::Verdict),
        2 => prop_oneof![(-400i16..900).prop_map(|t| Ok(Some(t))), Just(Ok(None)), Just(Err(ErrorKind::Bus))].prop_map(Event::Temperature),
        2 => prop_oneof![(0u32..70_000).prop_map(Ok), Just(Err(ErrorKind::Bus))].prop_map(Event::Milliamps),
        10 => (0u64..70_000).prop_map(Event::Time),
    ]
}

fn happen(bench: &mut Bench, event: Event) {
    let mut world = bench.world.borrow_mut();
    match event {
        Event::Permit(on) => bench.request.permit = on,
        Event::Limit(limit) => bench.request.limit = limit,
        Event::Wish(wish) => {
            drop(world);
            bench.wish(wish);
        }
        Event::Acknowledge => bench.request.acknowledged = bench.request.acknowledged.wrapping_add(1),
        Event::Halt(on) => bench.request.halt = on,
        Event::Alive(on) => bench.alive = on,
        Event::Vehicle(state) => world.vehicle = state,
        Event::Blunt(on) => world.blunt = on,
        Event::PilotReads(on) => world.pilot_reads = on,
        Event::PilotDrives(on) => world.pilot_drives = on,
        Event::Welded(on) => world.welded = on,
        Event::DeadCoil(on) => world.dead_coil = on,
        Event::CoilFails(on) => world.coil_fails = on,
        Event::Feedback(on) => world.feedback = on,
        Event::Position(position) => world.position = position,
        Event::LockMoves(on) => world.lock_moves = on,
        Event::Cable(cable) => world.cable = cable,
        Event::Residual(residual) => world.residual = residual,
        Event::Verdict(verdict) => world.verdict = verdict,
        Event::Temperature(temperature) => world.temperature = temperature,
        Event::Milliamps(milliamps) => world.milliamps = milliamps,
        Event::Time(millis) => bench.now += millis,
    }
}

/// What the guard could know when it looked.
struct Known {
    vehicle: Option<PilotState>,
    ready: bool,
    held: bool,
    no_lock: bool,
    safe: bool,
    closed: bool,
    feedback: bool,
}

fn known(bench: &Bench) -> Known {
    let world = bench.world.borrow();
    let vehicle = world.pilot_reads.then(|| world.vehicle_shows());
    Known {
        vehicle,
        ready: vehicle == Some(PilotState::C) || world.shown == "fail",
        held: world.position.is_some_and(LockPosition::is_secure),
        no_lock: world.position == Some(LockPosition::Absent),
        safe: world.residual == Ok(Residual::Clear)
            && world.cable.is_ok()
            && world.milliamps.is_ok()
            && world
                .temperature
                .is_ok_and(|t| t.is_none_or(|t| (-300..=850).contains(&t))),
        closed: world.closed,
        feedback: world.feedback,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// After each look: the contactor is closed only with all conditions, or in the grace time of a vehicle whose offer
    /// was just withdrawn; nothing is closed right after something else than a rest; no plug is released with the contactor
    /// closed or unknown; and with nothing new the guard comes to rest.
    #[test]
    fn never_closed_without_all_conditions(events in prop::collection::vec(event(), 1..80)) {
        let mut bench = Bench::new();
        // A plugged car, so that more of the interesting things happen.
        bench.with_world(|world| world.vehicle = PilotState::C);
        bench.request.permit = true;
        bench.wish(LockWish::Hold).pass(100);
        let mut wanted_at = bench.now;
        let (mut heard_at, mut request) = (bench.now, bench.request);
        let mut opened_at = None;
        for event in events {
            happen(&mut bench, event);
            let mut looks = 0;
            loop {
                let before = known(&bench);
                bench.forget();
                bench.step();
                if bench.alive {
                    (heard_at, request) = (bench.now, bench.request);
                }
                let wanted = request.permit
                    && request.limit.is_none_or(|limit| limit >= 6_000)
                    && (request.lock != LockWish::Release || before.no_lock)
                    && bench.now - heard_at < 5_000;
                if wanted {
                    wanted_at = bench.now;
                }
                let world = bench.world.borrow();
                let ordered_open = world.ops.iter().rposition(|op| op == "open") > world.ops.iter().rposition(|op| op == "close");
                let ordered_close = world.ops.iter().any(|op| op == "close");
                if ordered_close {
                    prop_assert!(wanted && before.ready && before.held && before.safe, "{:?}", bench.report);
                    prop_assert!(!request.halt && !before.closed && before.feedback);
                    prop_assert!(opened_at.is_none_or(|at| bench.now - at >= 1_000), "no rest");
                    if !ordered_open {
                        prop_assert!(world.shown.starts_with("offer"), "{}", world.shown);
                        opened_at = None;
                    }
                }
                if ordered_open && opened_at.is_none() {
                    opened_at = Some(bench.now);
                }
                if bench.report.state.is_energized() {
                    prop_assert!(before.vehicle == Some(PilotState::C) && before.held && before.safe && !request.halt);
                    prop_assert!(wanted || bench.report.state == State::Stopping && !world.shown.starts_with("offer"));
                    prop_assert!(bench.now - wanted_at < 6_000 + 70_000, "the grace ends");
                } else {
                    prop_assert!(!world.closed || world.welded, "{:?}", bench.report);
                }
                if world.ops.iter().any(|op| op == "unlock") {
                    prop_assert!(!before.closed && before.feedback && !ordered_close);
                }
                drop(world);
                looks += 1;
                prop_assert!(looks < 12, "comes to no rest: {:?}", bench.report);
                if !guard::sealed::Exchange::has_moved(&bench.guard) {
                    break;
                }
            }
            let deadline = guard::sealed::Exchange::deadline(&bench.guard);
            prop_assert!(deadline.is_none_or(|at| at > bench.now));
        }
    }

    /// Time to open: looked at every 5 ms, the contactor is open in the first look after the vehicle is not ready any more,
    /// and 6 s after permission went, whatever else is wrong.
    #[test]
    fn opens_within_its_bounds(
        events in prop::collection::vec(event(), 0..10),
        not_ready in prop::sample::select(&[PilotState::A, PilotState::B, PilotState::D, PilotState::E, PilotState::F][..]),
    ) {
        let mut bench = Bench::charging(Limits::new(32_000));
        for event in events {
            happen(&mut bench, event);
            bench.step();
        }
        bench.with_world(|world| (world.welded, world.vehicle) = (false, not_ready));
        bench.pass(5);
        prop_assert!(!bench.closed());

        let mut bench = Bench::charging(Limits::new(32_000));
        bench.with_world(|world| world.blunt = true).request.permit = false;
        bench.pass(6_005);
        prop_assert!(!bench.closed());
    }

    /// No livelock: when everything is well again and somebody has acknowledged what is latched, it charges.
    #[test]
    fn recovers_from_anything(events in prop::collection::vec(event(), 1..60)) {
        let mut bench = Bench::charging(Limits::new(32_000));
        for event in events {
            happen(&mut bench, event);
            bench.step();
        }
        let mut well = World::well();
        well.closed = bench.closed();
        well.shown.clone_from(&bench.world.borrow().shown);
        *bench.world.borrow_mut() = well;
        bench.alive = true;
        bench.request = Request {
            permit: true,
            lock_number: bench.request.lock_number,
            acknowledged: bench.request.acknowledged.wrapping_add(1),
            ..Request::NONE
        };
        bench.wish(LockWish::Hold).pass(2_000);
        bench.with_world(|world| world.vehicle = PilotState::C).pass(2_000);
        prop_assert!(bench.closed(), "{:?}", bench.report);
    }
}
