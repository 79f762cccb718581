//! One behaviour each.

use super::*;

fn charging() -> Bench {
    Bench::charging(Limits::new(32_000))
}

fn faults(bench: &Bench) -> Vec<Fault> {
    bench.report.faults.iter().collect()
}

#[test]
fn everything_in_its_order() {
    let mut bench = Bench::new();
    bench.pass(50);
    assert_eq!(bench.ops(), ["withdraw", "open"]);
    bench
        .forget()
        .with_world(|world| world.vehicle = PilotState::C)
        .pass(50);
    assert!(bench.ops().is_empty(), "nothing without permission");
    bench.request.permit = true;
    bench.pass(50);
    assert!(bench.ops().is_empty(), "nothing without a lock");
    bench.wish(LockWish::Hold).pass(50);
    assert_eq!(bench.ops(), ["lock", "offer 5333", "test", "close"]);
    assert_eq!(bench.report.state, State::On);
    assert!(bench.report.closed && bench.report.faults.is_empty());

    bench.forget().request.permit = false;
    bench.wish(LockWish::Release).pass(50);
    assert_eq!(bench.ops(), ["withdraw", "open", "unlock"]);
    assert_eq!(bench.report.lock, Some(LockOutcome::Unlocked));
}

/// Each condition alone is enough to keep it open.
#[test]
fn closes_only_with_everything() {
    type Change = fn(&mut Bench);
    let without: [(&str, Change); 16] = [
        ("permission", |bench| bench.request.permit = false),
        ("current", |bench| bench.request.limit = Some(5_999)),
        ("station", |bench| bench.alive = false),
        ("power", |bench| bench.request.halt = true),
        ("plug", |bench| _ = bench.wish(LockWish::Release)),
        ("lock", |bench| bench.world.borrow_mut().lock_moves = false),
        ("position", |bench| bench.world.borrow_mut().position = None),
        ("vehicle", |bench| bench.world.borrow_mut().vehicle = PilotState::B),
        ("ventilation", |bench| bench.world.borrow_mut().vehicle = PilotState::D),
        ("pilot", |bench| bench.world.borrow_mut().pilot_reads = false),
        ("offer", |bench| bench.world.borrow_mut().pilot_drives = false),
        ("cable", |bench| {
            bench.world.borrow_mut().cable = Err(ErrorKind::Implausible)
        }),
        ("feedback", |bench| bench.world.borrow_mut().feedback = false),
        ("monitor", |bench| {
            bench.world.borrow_mut().residual = Err(ErrorKind::Bus)
        }),
        ("self test", |bench| {
            bench.world.borrow_mut().verdict = Residual::TestFailed
        }),
        ("temperature", |bench| {
            bench.world.borrow_mut().temperature = Ok(Some(-301))
        }),
    ];
    for (what, take) in without {
        let mut bench = Bench::new();
        bench.pass(50);
        bench.with_world(|world| {
            world.vehicle = PilotState::C;
            world.blunt = true;
        });
        bench.request.permit = true;
        bench.wish(LockWish::Hold);
        take(&mut bench);
        bench.pass(100_000);
        assert!(!bench.ops().contains(&"close".to_string()), "closed without {what}");
    }
    assert!(charging().closed(), "with everything it closes");
}

#[test]
fn a_welded_contactor_is_not_closed_and_keeps_the_plug() {
    let mut bench = charging();
    bench.with_world(|world| world.welded = true);
    bench.request.permit = false;
    bench.wish(LockWish::Release).pass(400);
    assert!(faults(&bench).is_empty());
    bench.pass(5_000);
    assert_eq!(faults(&bench), [Fault::Welded]);
    assert_eq!(bench.report.lock, Some(LockOutcome::Failed));
    assert!(!bench.ops().contains(&"unlock".to_string()));

    // It comes loose. The plug is released, but the fault stays until the vehicle is gone.
    bench.with_world(|world| world.welded = false).pass(100);
    assert!(bench.ops().contains(&"unlock".to_string()));
    assert_eq!(faults(&bench), [Fault::Welded]);
    bench.with_world(|world| world.vehicle = PilotState::A).pass(10);
    assert!(faults(&bench).is_empty());
    assert_eq!(bench.report.state, State::Off);
}

#[test]
fn a_contactor_that_is_closed_at_the_start_is_welded() {
    let mut bench = Bench::new();
    bench
        .with_world(|world| (world.closed, world.welded) = (true, true))
        .pass(600);
    assert_eq!(faults(&bench), [Fault::Welded]);
}

#[test]
fn what_must_open_at_once_does_so_in_the_same_look() {
    type Change = fn(&mut Bench);
    let causes: [(&str, Change); 12] = [
        ("A", |bench| bench.world.borrow_mut().vehicle = PilotState::A),
        ("B", |bench| bench.world.borrow_mut().vehicle = PilotState::B),
        ("D", |bench| bench.world.borrow_mut().vehicle = PilotState::D),
        ("E", |bench| bench.world.borrow_mut().vehicle = PilotState::E),
        ("F", |bench| bench.world.borrow_mut().vehicle = PilotState::F),
        ("pilot", |bench| bench.world.borrow_mut().pilot_reads = false),
        ("DC", |bench| bench.world.borrow_mut().residual = Ok(Residual::Dc)),
        ("AC", |bench| bench.world.borrow_mut().residual = Ok(Residual::Ac)),
        ("monitor", |bench| {
            bench.world.borrow_mut().residual = Err(ErrorKind::Bus)
        }),
        ("heat", |bench| bench.world.borrow_mut().temperature = Ok(Some(851))),
        ("lock", |bench| {
            bench.world.borrow_mut().position = Some(LockPosition::Unlocked)
        }),
        ("halt", |bench| bench.request.halt = true),
    ];
    for (what, happen) in causes {
        let mut bench = charging();
        happen(&mut bench);
        bench.step();
        assert!(!bench.closed(), "{what}");
    }
}

#[test]
fn ventilated_rooms_serve_state_d() {
    let mut bench = Bench::charging(Limits {
        ventilated: true,
        ..Limits::new(32_000)
    });
    bench.with_world(|world| world.vehicle = PilotState::D).pass(1_000);
    assert!(bench.closed() && bench.ops().is_empty());
}

#[test]
fn a_vehicle_gets_its_time_to_stop() {
    let mut bench = charging();
    bench.with_world(|world| world.blunt = true).request.permit = false;
    bench.pass(5_995);
    assert_eq!(
        (bench.ops(), bench.report.state),
        (Vec::from(["withdraw".to_string()]), State::Stopping)
    );
    bench.pass(10);
    assert_eq!(bench.ops(), ["withdraw", "open"]);
}

#[test]
fn permission_that_comes_back_in_time_keeps_it_closed() {
    let mut bench = charging();
    bench.with_world(|world| world.blunt = true).request.permit = false;
    bench.pass(3_000);
    bench.request.permit = true;
    bench.pass(10_000);
    assert_eq!(bench.ops(), ["withdraw", "offer 5333"]);
    assert!(bench.closed());
}

#[test]
fn a_station_that_hangs_ends_the_charging() {
    let mut bench = charging();
    bench.alive = false;
    bench.pass(4_900);
    assert!(bench.closed());
    bench.pass(200);
    assert!(!bench.closed());
    // It is back.
    bench.alive = true;
    bench.pass(2_000);
    assert!(bench.closed());
}

#[test]
fn the_contactor_rests_between_two_closings() {
    let mut bench = charging();
    bench.with_world(|world| world.vehicle = PilotState::B).pass(20);
    let opened = bench.now;
    bench.with_world(|world| world.vehicle = PilotState::C);
    while !bench.closed() {
        bench.pass(5);
    }
    assert!((975..=1_000).contains(&(bench.now - opened)), "{}", bench.now - opened);
}

#[test]
fn residual_current_latches_until_the_vehicle_is_gone() {
    let mut bench = charging();
    bench.with_world(|world| world.residual = Ok(Residual::Dc)).pass(1_000);
    assert_eq!(bench.ops(), ["fail", "open", "withdraw"]);
    bench
        .with_world(|world| world.residual = Ok(Residual::Clear))
        .pass(600_000);
    assert_eq!(faults(&bench), [Fault::ResidualCurrent]);
    assert!(!bench.closed());
    bench.with_world(|world| world.vehicle = PilotState::A).pass(100);
    assert!(faults(&bench).is_empty());
    // The next one is served, after another self test.
    bench
        .forget()
        .with_world(|world| world.vehicle = PilotState::C)
        .pass(2_000);
    assert_eq!(bench.ops(), ["offer 5333", "test", "close"]);
}

#[test]
fn residual_current_that_flows_on_is_not_forgiven() {
    let mut bench = charging();
    bench.with_world(|world| world.residual = Ok(Residual::Ac)).pass(1_000);
    bench.with_world(|world| world.vehicle = PilotState::A).pass(100);
    bench.request.acknowledged += 1;
    bench.pass(100);
    assert_eq!(faults(&bench), [Fault::ResidualCurrent]);
}

#[test]
fn a_latched_fault_can_be_acknowledged() {
    let mut bench = charging();
    bench.with_world(|world| world.residual = Ok(Residual::Dc)).pass(1_000);
    bench
        .with_world(|world| world.residual = Ok(Residual::Clear))
        .pass(1_000);
    bench.request.acknowledged += 1;
    bench.pass(2_000);
    assert!(bench.closed() && faults(&bench).is_empty());
}

#[test]
fn state_f_is_shown_for_300_ms_and_not_taken_for_the_vehicle() {
    let mut bench = charging();
    bench.with_world(|world| world.residual = Ok(Residual::Dc)).step();
    let from = bench.now;
    while bench.world.borrow().shown == "fail" {
        bench.pass(5);
        assert!(bench.report.pilot.is_connected(), "{:?}", bench.report);
    }
    assert!((300..=310).contains(&(bench.now - from)), "{}", bench.now - from);
    assert_eq!(faults(&bench), [Fault::ResidualCurrent]);
}

#[test]
fn nothing_is_closed_on_what_was_seen_before_state_f() {
    let mut bench = charging();
    bench.with_world(|world| world.residual = Ok(Residual::Dc)).step();
    bench
        .with_world(|world| world.residual = Ok(Residual::Clear))
        .pass(1_000);
    bench.with_world(|world| world.vehicle = PilotState::A).pass(1_000);
    bench.with_world(|world| (world.vehicle, world.blunt) = (PilotState::C, true));
    bench.with_world(|world| world.residual = Ok(Residual::Dc)).pass(295);
    bench.with_world(|world| world.residual = Ok(Residual::Clear));
    bench.request.acknowledged += 1;
    bench.step();
    bench.with_world(|world| world.vehicle = PilotState::F).pass(1_000);
    assert!(!bench.ops().contains(&"close".to_string()), "{:?}", bench.ops());
}

#[test]
fn a_self_test_that_fails_or_never_ends_latches() {
    for verdict in [Residual::TestFailed, Residual::Testing] {
        let mut bench = Bench::new();
        bench.with_world(|world| (world.vehicle, world.verdict) = (PilotState::C, verdict));
        bench.request.permit = true;
        bench.wish(LockWish::Hold).pass(2_000);
        assert_eq!(faults(&bench), [Fault::SelfTest], "{verdict:?}");
        assert!(!bench.ops().contains(&"close".to_string()));
        // The next vehicle gets a new test.
        bench.with_world(|world| {
            (world.vehicle, world.residual, world.verdict) = (PilotState::A, Ok(Residual::Clear), Residual::Clear)
        });
        bench.pass(100);
        bench.with_world(|world| world.vehicle = PilotState::C).pass(2_000);
        assert!(bench.closed(), "{verdict:?}");
    }
}

#[test]
fn a_pause_of_the_vehicle_needs_no_new_test() {
    let mut bench = charging();
    bench.with_world(|world| world.vehicle = PilotState::B).pass(2_000);
    bench.with_world(|world| world.vehicle = PilotState::C).pass(100);
    assert_eq!(bench.ops(), ["open", "close"]);
}

#[test]
fn heat_lowers_the_offer_before_it_ends_it() {
    let mut bench = charging();
    bench.with_world(|world| world.temperature = Ok(Some(775))).pass(100);
    assert_eq!(bench.ops(), ["offer 3166"]);
    bench.with_world(|world| world.temperature = Ok(Some(860))).pass(100);
    assert_eq!(bench.ops(), ["offer 3166", "withdraw", "open"]);
    assert_eq!(faults(&bench), [Fault::Heat]);
    bench
        .with_world(|world| world.temperature = Ok(Some(720)))
        .pass(100_000);
    assert!(!bench.closed(), "not cool enough yet");
    bench.with_world(|world| world.temperature = Ok(Some(690))).pass(2_000);
    assert!(bench.closed() && faults(&bench).is_empty());
}

#[test]
fn over_current_is_switched_off_tried_again_and_latched_in_the_end() {
    let mut bench = charging();
    bench.request.limit = Some(16_000);
    bench.pass(10_000).forget();
    let mut closings = 0;
    bench.with_world(|world| world.milliamps = Ok(20_000));
    for _ in 0..120 {
        bench.pass(5_000);
        let closed = bench.closed();
        bench.with_world(|world| world.milliamps = Ok(if closed { 20_000 } else { 0 }));
        closings = bench.ops().iter().filter(|op| *op == "close").count();
    }
    assert_eq!(closings, 3, "three retries");
    assert_eq!(
        (bench.report.state, faults(&bench)),
        (State::Latched, Vec::from([Fault::OverCurrent]))
    );
    // Another vehicle, as many chances.
    bench
        .with_world(|world| (world.vehicle, world.milliamps) = (PilotState::A, Ok(0)))
        .pass(100);
    bench.with_world(|world| world.vehicle = PilotState::C).pass(60_000);
    assert!(bench.closed());
    bench.with_world(|world| world.milliamps = Ok(40_000)).pass(500);
    assert_eq!(bench.report.state, State::Paused);
    // And so has one whose fault was acknowledged; it need not even wait.
    bench.with_world(|world| world.milliamps = Ok(0)).request.acknowledged += 1;
    bench.pass(2_000);
    assert!(bench.closed());
}

#[test]
fn a_slow_contactor_has_its_time_for_each_movement() {
    let mut bench = Bench::new();
    bench.pass(50);
    bench
        .with_world(|world| (world.vehicle, world.dead_coil) = (PilotState::C, true))
        .request
        .permit = true;
    bench.wish(LockWish::Hold).pass(400);
    bench
        .with_world(|world| (world.closed, world.welded) = (true, true))
        .pass(5);
    bench.with_world(|world| world.vehicle = PilotState::B).pass(400);
    bench.with_world(|world| world.welded = false).pass(1_000);
    // Once more, cut short: it never got there, and is back.
    bench.with_world(|world| world.vehicle = PilotState::C).pass(400);
    bench
        .with_world(|world| (world.vehicle, world.closed, world.welded) = (PilotState::B, true, true))
        .pass(400);
    assert_eq!(faults(&bench), []);
    bench.pass(200);
    assert_eq!(faults(&bench), [Fault::Welded]);
}

#[test]
fn the_least_of_all_limits_is_offered() {
    type Change = fn(&mut Bench);
    let limits: [(Change, &str); 4] = [
        (|_| (), "offer 3333"),
        (|bench| bench.request.limit = Some(10_000), "offer 1666"),
        (
            |bench| bench.world.borrow_mut().cable = Ok(Cable::Present { max_milliamps: 13_000 }),
            "offer 2166",
        ),
        (
            |bench| bench.world.borrow_mut().temperature = Ok(Some(850)),
            "offer 1000",
        ),
    ];
    for (limit, offer) in limits {
        let mut bench = Bench::with(Limits::new(20_000));
        bench.with_world(|world| world.vehicle = PilotState::B).request.permit = true;
        limit(&mut bench);
        bench.wish(LockWish::Hold).pass(100);
        assert_eq!(bench.world.borrow().shown, offer);
    }
}

#[test]
fn a_vehicle_that_drew_too_much_waits_a_minute() {
    let mut bench = charging();
    bench.with_world(|world| world.milliamps = Ok(70_000)).pass(200);
    assert!(!bench.closed());
    bench.with_world(|world| world.milliamps = Ok(0)).pass(59_800);
    assert_eq!(
        (bench.closed(), faults(&bench)),
        (false, Vec::from([Fault::OverCurrent]))
    );
    bench.pass(500);
    assert_eq!((bench.closed(), faults(&bench)), (true, Vec::new()));
}

#[test]
fn a_lower_limit_is_followed_in_peace() {
    let mut bench = charging();
    bench.with_world(|world| world.milliamps = Ok(31_000)).pass(1_000);
    bench.request.limit = Some(6_000);
    bench.pass(5_000);
    bench.with_world(|world| world.milliamps = Ok(6_000)).pass(60_000);
    assert_eq!(bench.ops(), ["offer 1000"]);
}

#[test]
fn a_contactor_that_does_not_close_is_tried_once() {
    for (dead, fails) in [(true, false), (false, true)] {
        let mut bench = Bench::new();
        bench.with_world(|world| (world.vehicle, world.dead_coil, world.coil_fails) = (PilotState::C, dead, fails));
        bench.request.permit = true;
        bench.wish(LockWish::Hold).pass(200_000);
        assert_eq!(faults(&bench), [Fault::Contactor]);
        assert_eq!(bench.ops().iter().filter(|op| *op == "close").count(), 1);
    }
}

#[test]
fn a_coil_that_refuses_is_told_to_open_in_the_same_look() {
    let mut bench = Bench::new();
    bench
        .with_world(|world| (world.vehicle, world.coil_fails) = (PilotState::C, true))
        .request
        .permit = true;
    bench.wish(LockWish::Hold);
    while !bench.ops().contains(&"close".to_string()) {
        bench.forget().pass(5);
    }
    assert_eq!(bench.ops(), ["close", "open"]);
}

#[test]
fn a_vehicle_that_sleeps_is_woken_once() {
    let mut bench = Bench::new();
    bench.with_world(|world| world.vehicle = PilotState::B);
    bench.request.permit = true;
    bench.wish(LockWish::Hold).pass(29_000);
    assert_eq!(bench.forget().ops(), [""; 0]);
    bench.pass(120_000);
    assert_eq!(bench.ops(), ["fail", "offer 5333"]);
    assert_eq!((bench.report.pilot, bench.report.departures), (PilotState::B, 0));
    assert!(faults(&bench).is_empty());
}

#[test]
fn a_vehicle_that_was_changed_unseen_is_counted() {
    let mut bench = charging();
    assert_eq!(bench.report.departures, 0);
    bench.with_world(|world| world.vehicle = PilotState::A).step();
    bench.with_world(|world| world.vehicle = PilotState::B).step();
    assert_eq!((bench.report.departures, bench.report.pilot), (1, PilotState::B));
}

#[test]
fn a_pilot_that_comes_back_charges_on_but_not_for_ever() {
    let mut bench = charging();
    for round in 0..6 {
        bench.with_world(|world| world.vehicle = PilotState::E).pass(500);
        assert!(faults(&bench).contains(&Fault::Pilot));
        bench.with_world(|world| world.vehicle = PilotState::C).pass(2_000);
        assert_eq!(bench.closed(), round < 3, "round {round}");
    }
}

#[test]
fn deadlines_are_in_the_future() {
    let mut bench = charging();
    bench.with_world(|world| world.blunt = true).request.permit = false;
    bench.step();
    let deadline = guard::sealed::Exchange::deadline(&bench.guard);
    assert_eq!(deadline, Some(bench.now + 6_000));
}
