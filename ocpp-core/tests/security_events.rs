//! Security events, reasons of boots, and what is told after an outage (2.0.1 A04, B01, B04, B11, B12).

mod bench;

use bench::{Answer, Bench, Mode, accepting, accepting_but, config, utc};
use ocpp_core::settings::SettingId;
use ocpp_core::{Input, InputError, LocalCommand, SecurityEvent, StoreError, ValueKey};
use serde_json::{Value, json};

fn kinds(bench: &mut Bench) -> Vec<String> {
    let calls = bench.calls_of("SecurityEventNotification");
    bench.calls.clear();
    let kind = |call: &Value| call["type"].as_str().unwrap().to_string();
    calls.iter().map(kind).collect()
}

fn note(bench: &mut Bench, event: SecurityEvent) {
    bench.input(Input::Local(LocalCommand::SecurityEvent { event, info: "door" }));
}

fn boot(store: bench::Store) -> Bench {
    let mut bench = Bench::speaking(config(&[1]), store, &bench::OCPP201, "ocpp2.0.1");
    bench.drain();
    bench
}

/// A04.FR.01, FR.04: a critical event is told with its time; what is not critical is news for the application only.
#[test]
fn a04_critical_events_are_told() {
    let mut bench = Bench::new201(&[1], &[]);
    bench.events = true;
    note(&mut bench, SecurityEvent::TamperDetectionActivated);
    let told = bench.calls_of("SecurityEventNotification");
    assert_eq!(
        told,
        [json!({
            "type": "TamperDetectionActivated",
            "timestamp": "2026-11-22T12:00:00Z",
            "techInfo": "door"
        })]
    );
    bench.calls.clear();
    note(&mut bench, SecurityEvent::InvalidMessages);
    assert_eq!(kinds(&mut bench), [""; 0]);
    assert!(bench.take().iter().any(|line| line.contains("InvalidMessages")));
    bench.assert_idle();
}

/// A04.FR.02: guaranteed delivery, over outages and refusals.
#[test]
fn a04_events_wait_until_they_are_answered() {
    let mut bench = Bench::new201(&[1], &[]);
    bench.go_offline();
    note(&mut bench, SecurityEvent::TamperDetectionActivated);
    note(&mut bench, SecurityEvent::MemoryExhaustion);
    let mut refused = false;
    bench.csms = accepting_but(move |action, _| {
        let first = action == "SecurityEventNotification" && !core::mem::replace(&mut refused, true);
        first.then_some(Answer::Error)
    });
    bench.go_online();
    bench.advance(20);
    assert_eq!(kinds(&mut bench), ["TamperDetectionActivated"]);
    bench.advance(60);
    assert_eq!(kinds(&mut bench), ["TamperDetectionActivated", "MemoryExhaustion"]);
    bench.assert_idle();
}

#[test]
fn a04_events_are_bounded_and_the_newest_stay() {
    let mut bench = Bench::new201(&[1], &[]);
    bench.go_offline();
    for _ in 0..20 {
        note(&mut bench, SecurityEvent::TamperDetectionActivated);
    }
    note(&mut bench, SecurityEvent::FirmwareUpdated);
    let long = "x".repeat(49);
    let event = SecurityEvent::TamperDetectionActivated;
    let refused = LocalCommand::SecurityEvent { event, info: &long };
    assert_eq!(
        bench.station.handle(bench.now, Input::Local(refused)),
        Err(InputError::TooLong)
    );
    bench.go_online();
    bench.advance(20);
    let told = kinds(&mut bench);
    assert_eq!((told.len(), told[3].as_str()), (4, "FirmwareUpdated"), "{told:?}");
}

/// A04.FR.02: what was not told yet is told after a power cut, with the time at which it happened, and only once.
#[test]
fn a04_events_survive_a_power_cut() {
    let mut bench = Bench::new201(&[1], &[]);
    bench.go_offline();
    for _ in 0..5 {
        note(&mut bench, SecurityEvent::TamperDetectionActivated);
        bench.advance(10);
    }
    note(&mut bench, SecurityEvent::MemoryExhaustion);
    let after = boot(bench.store.clone());
    let told: Vec<_> = after
        .calls_of("SecurityEventNotification")
        .iter()
        .map(|call| (call["type"].to_string(), call["timestamp"].to_string()))
        .collect();
    let expected = [
        ("TamperDetectionActivated", "2026-11-22T12:00:30Z"),
        ("TamperDetectionActivated", "2026-11-22T12:00:40Z"),
        ("MemoryExhaustion", "2026-11-22T12:00:50Z"),
        ("StartupOfTheDevice", "2026-11-22T12:00:00Z"),
    ];
    assert_eq!(
        told,
        expected.map(|(kind, at)| (format!("\"{kind}\""), format!("\"{at}\"")))
    );
    after.assert_idle();
    let left = |bench: &Bench| (0..4).any(|place| bench.store.values.contains_key(&ValueKey::SecurityEvent(place)));
    assert!(left(&bench) && !left(&after));
    assert_eq!(kinds(&mut boot(after.store.clone())), ["StartupOfTheDevice"]);
}

/// Storage that fails keeps no event from being told, least of all the one about storage.
#[test]
fn a04_events_are_told_without_storage() {
    let mut bench = Bench::new201(&[1], &[]);
    bench.storage(Mode::Fail(StoreError::Failed));
    note(&mut bench, SecurityEvent::TamperDetectionActivated);
    bench.advance(30);
    assert_eq!(kinds(&mut bench), ["TamperDetectionActivated"]);
}

/// A04: a clock that is set by more than a little.
#[test]
fn a04_setting_the_clock() {
    let mut bench = Bench::new201(&[1], &[]);
    bench.input(Input::Clock(utc("2026-11-22T12:00:19Z")));
    assert_eq!(kinds(&mut bench), [""; 0]);
    bench.input(Input::Clock(utc("2026-11-22T12:01:19Z")));
    assert_eq!(kinds(&mut bench), ["SettingSystemTime"]);
}

/// B01, P6 "Booted": the boot itself is an event, once.
#[test]
fn b01_the_boot_is_an_event() {
    let mut bench = boot(bench::Store::default());
    assert_eq!(kinds(&mut bench), ["StartupOfTheDevice"]);
    bench.go_offline();
    bench.go_online();
    bench.advance(20);
    assert_eq!(kinds(&mut bench), [""; 0]);
}

/// 1.6 has no message for it, and nothing waits for one.
#[test]
fn a04_of_no_interest_to_1_6() {
    let mut bench = Bench::new(&[1]);
    note(&mut bench, SecurityEvent::TamperDetectionActivated);
    assert_eq!(bench.take(), [""; 0]);
    bench.assert_idle();
}

/// B11.FR.01, B12: the next boot says why, and only the next one.
#[test]
fn b11_b12_reason_of_the_next_boot() {
    for (kind, busy, reason) in [
        ("Immediate", false, "RemoteReset"),
        ("Immediate", true, "RemoteReset"),
        ("OnIdle", false, "RemoteReset"),
        ("OnIdle", true, "ScheduledReset"),
    ] {
        let mut bench = Bench::new201(&[1], &[]);
        if busy {
            bench.charge(1, "TAG");
        }
        bench.call("Reset", json!({"type": kind}));
        if busy && kind == "OnIdle" {
            assert!(!bench.take().iter().any(|line| line.contains("reboot")));
            bench.present("TAG");
        }
        let lines = bench.take();
        assert!(
            lines.iter().any(|line| line.contains("reboot")),
            "{kind} {busy}: {lines:?}"
        );
        let mut bench = boot(bench.store);
        assert_eq!(bench.calls_of("BootNotification")[0]["reason"], reason, "{kind} {busy}");
        assert_eq!(kinds(&mut bench), ["ResetOrReboot"]);
        let bench = boot(bench.store);
        assert_eq!(bench.calls_of("BootNotification")[0]["reason"], "PowerUp");
    }
}

/// B04.FR.01, FR.02: after a long outage every status, after a short one only what has changed.
#[test]
fn b04_statuses_after_an_outage() {
    for (threshold, statuses) in [("300", 0), ("10", 2)] {
        let mut bench = Bench::new201(&[1, 1], &[(SettingId::OfflineThreshold, threshold)]);
        bench.csms = accepting();
        bench.go_offline();
        bench.advance(60);
        bench.calls.clear();
        bench.go_online();
        bench.advance(60);
        assert_eq!(bench.calls_of("StatusNotification").len(), statuses, "{threshold}");
    }
}
