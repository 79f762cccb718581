//! Storage that is full, fails, or says nothing; answers that come late or from nowhere; damage (DESIGN §5).

mod bench;

use bench::{Bench, Mode, config};
use ocpp_core::settings::SettingId;
use ocpp_core::{EvseId, Input, LocalCommand, PilotState, RecordId, StoreError, ValueKey};
use serde_json::json;

const FAILURES: [Mode; 3] = [
    Mode::Fail(StoreError::Full),
    Mode::Fail(StoreError::Failed),
    Mode::Silent,
];

/// Everything that storage kept silent about is over.
fn patience(bench: &mut Bench) {
    bench.advance(11);
}

#[test]
fn start_that_is_not_stored_is_no_start() {
    for mode in FAILURES {
        let mut bench = Bench::new(&[1]);
        bench.pilot(1, 1, PilotState::B);
        bench.storage(mode);
        bench.take();
        bench.present("TAG");
        patience(&mut bench);
        assert!(bench.station.transaction(EvseId(1)).is_none());
        assert!(
            !bench
                .take()
                .iter()
                .any(|line| line.starts_with("permit") || line.contains("Transaction"))
        );
        bench.storage(Mode::Ok);
        bench.advance(100);
        assert!(bench.store.records.is_empty());
        bench.present("TAG");
        bench.present("TAG");
        assert_eq!(
            bench
                .take_actions()
                .iter()
                .filter(|action| action.ends_with("Transaction"))
                .count(),
            2
        );
        assert!(bench.store.records.is_empty());
        bench.assert_idle();
    }
}

/// The store happened although it was never answered: the start is taken back, not told, not ended after a reboot.
#[test]
fn start_that_was_stored_too_late() {
    let mut bench = Bench::new(&[1]);
    bench.pilot(1, 1, PilotState::B);
    bench.storage(Mode::Silent);
    bench.present("TAG");
    bench.storage(Mode::Silent);
    bench.advance(9);
    // Done, but the answer is lost.
    bench.lose_answer();
    assert_eq!(bench.store.records.len(), 1);
    bench.advance(20);
    bench.storage(Mode::Ok);
    bench.advance(60);
    assert!(bench.store.records.is_empty());
    let mut bench = bench.reboot(config(&[1]));
    bench.drain();
    assert!(bench.calls_of("StartTransaction").is_empty());
    bench.assert_idle();
}

/// Nor is an end told twice because its store was not answered.
#[test]
fn end_that_was_stored_without_an_answer() {
    let mut bench = Bench::new(&[1]);
    bench.charge(1, "TAG");
    bench.storage(Mode::Silent);
    bench.present("TAG");
    bench.lose_answer();
    bench.advance(15);
    bench.storage(Mode::Ok);
    bench.advance(60);
    assert_eq!(bench.calls_of("StopTransaction").len(), 1);
    assert!(bench.store.records.is_empty());
    bench.assert_idle();
}

#[test]
fn operator_may_allow_sessions_without_storage() {
    for mode in FAILURES {
        let mut bench = Bench::with(&[1], &[(SettingId::TxWithoutStorage, "true")]);
        bench.storage(mode);
        bench.pilot(1, 1, PilotState::B);
        bench.present("TAG");
        bench.advance(30);
        assert!(bench.take().contains(&"permit 1.1 on".to_string()));
    }
}

/// E11.FR.04: a running session goes on; a sample is lost, an end is not.
#[test]
fn session_goes_on_while_storage_does_not() {
    for mode in FAILURES {
        let mut bench = Bench::new(&[1]);
        bench.charge(1, "TAG");
        bench.storage(mode);
        bench.take();
        bench.advance(150);
        bench.expect(&[]);
        bench.energy(1, 800);
        bench.present("TAG");
        bench.expect(&["permit 1.1 off", "> StatusNotification 1 Finishing"]);
        bench.advance(100);
        bench.storage(Mode::Ok);
        bench.advance(20);
        let stops = bench.calls_of("StopTransaction");
        assert_eq!((stops.len(), &stops[0]["meterStop"]), (1, &json!(800)));
        assert!(bench.store.records.is_empty());
        bench.assert_idle();
    }
}

/// While storage is left alone after a failure, nobody starts; the driver may come back.
#[test]
fn new_session_is_refused_while_storage_rests() {
    let mut bench = Bench::new(&[1, 1]);
    bench.charge(1, "TAG");
    bench.storage(Mode::Fail(StoreError::Failed));
    bench.present("TAG");
    bench.pilot(2, 1, PilotState::B);
    bench.take();
    bench.present("OTHER");
    bench.expect(&["> Authorize OTHER", "> StatusNotification 2 Finishing"]);
    assert!(bench.station.transaction(EvseId(2)).is_none());
}

/// One failure, long ago, of something else does not bar sessions for ever.
#[test]
fn failed_setting_does_not_bar_sessions() {
    for mode in FAILURES {
        let mut bench = Bench::new(&[1]);
        bench.charge(1, "TAG");
        bench.present("TAG");
        bench.leave(1);
        bench.storage(mode);
        bench.call("ChangeConfiguration", json!({"key": "HeartbeatInterval", "value": "5"}));
        patience(&mut bench);
        assert_eq!(bench.answers, [json!({"status": "Rejected"})]);
        assert_eq!(bench.station.settings().int(SettingId::HeartbeatInterval), 86400);
        bench.storage(Mode::Ok);
        bench.take();
        bench.charge(1, "TAG");
        assert!(bench.take().contains(&"permit 1.1 on".to_string()));
    }
}

#[test]
fn availability_that_is_not_stored_is_rejected() {
    for mode in FAILURES {
        let mut bench = Bench::new(&[1]);
        bench.storage(mode);
        bench.call("ChangeAvailability", json!({"connectorId": 0, "type": "Inoperative"}));
        patience(&mut bench);
        bench.expect(&[r#"= {"status":"Rejected"}"#]);
    }
}

#[test]
fn cache_that_is_not_cleared_is_kept() {
    for mode in FAILURES {
        let mut bench = Bench::new(&[1]);
        bench.present("TAG");
        bench.storage(mode);
        bench.take();
        bench.call("ClearCache", json!({}));
        patience(&mut bench);
        bench.expect(&[r#"= {"status":"Rejected"}"#]);
        assert_eq!(bench.station.cache_len(), 1);
    }
}

#[test]
fn late_and_foreign_answers_are_ignored() {
    let mut bench = Bench::new(&[1]);
    bench.pilot(1, 1, PilotState::B);
    bench.storage(Mode::Silent);
    bench.present("TAG");
    bench.take();
    for id in [0, 1, 5, 1000, u32::MAX] {
        bench.input(Input::Stored { id, result: Ok(()) });
        bench.input(Input::LoadedRecord { id, record: None });
        bench.input(Input::LoadedValue { id, value: Some(b"x") });
    }
    bench.expect(&[]);
    // The answer to another kind of question leaves the right one to come.
    let id = bench.outstanding().unwrap();
    bench.input(Input::LoadedValue { id, value: None });
    bench.input(Input::LoadedRecord { id, record: None });
    bench.expect(&[]);
    bench.storage(Mode::Ok);
    assert_eq!(bench.take()[0], "permit 1.1 on");
    bench.assert_idle();
}

/// The link goes while a change is being stored, and another one comes over the next link: each is what was stored.
#[test]
fn change_that_outlives_its_link_is_not_mixed_up_with_the_next() {
    let mut bench = Bench::new(&[1]);
    bench.storage(Mode::Silent);
    bench.call("ChangeConfiguration", json!({"key": "ResetRetries", "value": "5"}));
    bench.go_offline();
    bench.go_online();
    let next = br#"[2,"n","ChangeConfiguration",{"key":"ResetRetries","value":"9"}]"#;
    let result = bench.station.handle(bench.now, Input::Frame(next));
    assert_eq!(result, Err(ocpp_core::InputError::Busy));
    bench.storage(Mode::Ok);
    bench.expect(&[]);
    assert_eq!(bench.station.settings().int(SettingId::ResetRetries), 5);
    assert_eq!(
        bench.store.values[&ValueKey::Setting(SettingId::ResetRetries.into())],
        b"5"
    );
    bench.call("ChangeConfiguration", json!({"key": "ResetRetries", "value": "9"}));
    assert_eq!(
        bench.store.values[&ValueKey::Setting(SettingId::ResetRetries.into())],
        b"9"
    );
    bench.assert_idle();
}

#[test]
fn availability_that_outlives_its_link_is_in_force() {
    let mut bench = Bench::new(&[1]);
    bench.storage(Mode::Silent);
    bench.call("ChangeAvailability", json!({"connectorId": 1, "type": "Inoperative"}));
    bench.go_offline();
    bench.storage(Mode::Ok);
    bench.go_online();
    bench.expect(&["> StatusNotification 1 Unavailable"]);
    bench.assert_idle();
}

/// The operator changes one setting while the CSMS changes another.
#[test]
fn change_of_the_operator_and_of_the_csms_at_once() {
    let mut bench = Bench::new(&[1]);
    bench.storage(Mode::Silent);
    bench.input(Input::Local(LocalCommand::Set(SettingId::BlinkRepeat, "8")));
    bench.call("ChangeConfiguration", json!({"key": "ResetRetries", "value": "9"}));
    bench.storage(Mode::Ok);
    bench.expect(&[r#"= {"status":"Accepted"}"#]);
    assert_eq!(bench.station.settings().int(SettingId::BlinkRepeat), 8);
    assert_eq!(bench.station.settings().int(SettingId::ResetRetries), 9);
    assert_eq!(
        bench.store.values[&ValueKey::Setting(SettingId::BlinkRepeat.into())],
        b"8"
    );
    bench.assert_idle();
}

/// A station that had a session offline, and settings and tokens of its own.
fn used() -> Bench {
    let mut bench = Bench::new(&[1]);
    bench.set(SettingId::BlinkRepeat, "8");
    bench.charge(1, "TAG");
    bench.present("TAG");
    bench.go_offline();
    for _ in 0..3 {
        bench.present("TAG");
        bench.present("TAG");
    }
    bench
}

/// One damaged record costs that record: the others are told, the damage is reported.
#[test]
fn damaged_record_is_skipped_and_reported() {
    let ids: Vec<RecordId> = used().store.records.keys().copied().collect();
    assert_eq!(ids.len(), 6);
    for id in ids {
        let mut bench = used();
        bench.store.records.get_mut(&id).unwrap()[3] ^= 0x40;
        let mut bench = bench.reboot(config(&[1]));
        bench.events = true;
        bench.drain();
        let lines = bench.take();
        assert!(lines.iter().any(|line| line.contains("damaged")), "{lines:?}");
        let (starts, stops) = (
            bench.calls_of("StartTransaction").len(),
            bench.calls_of("StopTransaction").len(),
        );
        // A lost end is replaced; a lost start cannot be.
        assert!(starts >= 2 && stops == 3, "{starts} {stops}");
        assert!(bench.store.records.is_empty());
        bench.assert_idle();
    }
}

#[test]
fn truncated_and_empty_records_are_skipped() {
    for len in 0..6 {
        let mut bench = used();
        for bytes in bench.store.records.values_mut() {
            bytes.truncate(len);
        }
        let mut bench = bench.reboot(config(&[1]));
        bench.drain();
        assert!(bench.store.records.is_empty());
        bench.assert_idle();
    }
}

#[test]
fn record_longer_than_the_buffer_is_skipped() {
    let mut bench = used();
    bench.store.records.insert(RecordId(u32::MAX / 2), vec![0; 5000]);
    let mut bench = bench.reboot(config(&[1]));
    bench.drain();
    assert!(bench.store.records.is_empty());
    assert_eq!(bench.calls_of("StopTransaction").len(), 3);
    bench.assert_idle();
}

/// Damaged values are reported one by one, and never stop the station from booting.
#[test]
fn damaged_values_are_reported_and_skipped() {
    let keys: Vec<ValueKey> = used().store.values.keys().copied().collect();
    for key in keys {
        let mut bench = used();
        for byte in bench.store.values.get_mut(&key).unwrap() {
            *byte ^= 0xa5;
        }
        let mut bench = bench.reboot(config(&[1]));
        bench.events = true;
        bench.drain();
        let reported = bench.take().iter().any(|line| line.contains("damaged"));
        assert!(reported || matches!(key, ValueKey::Clock(_)), "{key:?}");
        assert_eq!(bench.calls_of("StopTransaction").len(), 3, "{key:?}");
        bench.assert_idle();
    }
}

/// A newer program's records are left for it, not thrown away (MicroOcpp).
#[test]
fn record_of_a_newer_version_is_left_alone() {
    let mut bench = used();
    let newer = {
        let mut bytes = vec![0xf0, 1, 2, 3];
        let crc = bench::crc(&bytes);
        bytes.extend(crc.to_le_bytes());
        bytes
    };
    let id = RecordId(bench.store.records.keys().next_back().unwrap().0 + 1);
    bench.store.records.insert(id, newer.clone());
    let mut bench = bench.reboot(config(&[1]));
    bench.drain();
    assert_eq!(bench.calls_of("StopTransaction").len(), 3);
    assert_eq!(bench.store.records.iter().collect::<Vec<_>>(), [(&id, &newer)]);
    bench.assert_idle();
}

/// Storage that never answers does not keep the station from polling in peace.
#[test]
fn storage_silent_from_the_first_question_on() {
    let mut bench = Bench::unbooted(config(&[1]), Default::default());
    bench.mode = Mode::Silent;
    bench.drain();
    bench.advance(3600);
    bench.storage(Mode::Ok);
    bench.advance(60);
    assert_eq!(bench.take_actions()[0], "BootNotification");
    bench.assert_idle();
}
