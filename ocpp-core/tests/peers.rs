//! Faults that other stations have shown: each is a test here. Those of profiles beyond Core come with their profiles.

mod bench;

use bench::{Answer, Bench, accepting_but, config};
use ocpp_core::settings::SettingId;
use ocpp_core::{EvseId, Input, PilotState};
use serde_json::json;
use std::cell::Cell;
use std::rc::Rc;

fn session(bench: &mut Bench, energy_wh: i64) {
    bench.charge(1, "TAG");
    bench.energy(1, energy_wh);
    bench.present("TAG");
    bench.leave(1);
}

/// MicroOcpp: one lost StatusNotification reply stops all sending until reboot, even across a reconnect.
#[test]
fn lost_status_reply_stops_nothing() {
    for reconnect in [false, true] {
        let mut bench = Bench::new(&[1]);
        let lost = Rc::new(Cell::new(false));
        let once = lost.clone();
        bench.csms = accepting_but(move |action, _| {
            (action == "StatusNotification" && !once.replace(true)).then_some(Answer::Nothing)
        });
        bench.pilot(1, 1, PilotState::B);
        assert!(lost.get());
        if reconnect {
            bench.go_offline();
            bench.go_online();
        }
        bench.present("TAG");
        bench.advance(30);
        bench.present("TAG");
        let told = [
            bench.calls_of("StartTransaction").len(),
            bench.calls_of("StopTransaction").len(),
        ];
        assert_eq!(told, [1, 1]);
        bench.assert_idle();
    }
}

/// MicroOcpp: ClearCache deletes unsent transactions.
#[test]
fn clear_cache_keeps_unsent_transactions() {
    let mut bench = Bench::new(&[1]);
    bench.csms = accepting_but(|action, _| (action == "StopTransaction").then_some(Answer::Error));
    session(&mut bench, 900);
    bench.call("ClearCache", json!({}));
    bench.call("Reset", json!({"type": "Hard"}));
    let mut bench = bench.reboot(config(&[1]));
    bench.csms = bench::accepting();
    bench.drain();
    assert_eq!(bench.calls_of("StopTransaction")[0]["meterStop"], 900);
    bench.assert_idle();
}

/// MicroOcpp: a CALLERROR to StopTransaction loses the session.
#[test]
fn error_to_stop_transaction_is_tried_again() {
    let mut bench = Bench::new(&[1]);
    let refused = Cell::new(false);
    bench.csms = accepting_but(move |action, _| {
        (action == "StopTransaction" && !refused.replace(true)).then_some(Answer::Error)
    });
    session(&mut bench, 900);
    bench.advance(60);
    let stops = bench.calls_of("StopTransaction");
    assert_eq!(stops.len(), 2);
    assert_eq!(stops[0], stops[1]);
    bench.assert_idle();
}

/// MicroOcpp: three failed StartTransactions lose the session.
#[test]
fn three_failed_starts_keep_the_session() {
    let mut bench = Bench::new(&[1]);
    bench.csms = accepting_but(|action, _| (action == "StartTransaction").then_some(Answer::Error));
    bench.charge(1, "TAG");
    bench.advance(200);
    assert_eq!(bench.calls_of("StartTransaction").len(), 3);
    assert!(bench.station.transaction(EvseId(1)).unwrap().permitted);
    bench.energy(1, 5000);
    bench.present("TAG");
    let stop = bench.calls_of("StopTransaction").remove(0);
    assert_eq!((&stop["transactionId"], &stop["meterStop"]), (&json!(-1), &json!(5000)));
    bench.assert_idle();
}

/// MicroOcpp: a torn write loses the transaction, or every setting.
#[test]
fn torn_write_costs_one_item() {
    let mut bench = Bench::new(&[1]);
    bench.set(SettingId::BlinkRepeat, "7");
    bench.set(SettingId::LightIntensity, "50");
    session(&mut bench, 100);
    bench.go_offline();
    session(&mut bench, 900);
    let key = ocpp_core::ValueKey::Setting(SettingId::BlinkRepeat.into());
    bench.store.values.get_mut(&key).unwrap().clear();
    let last = *bench.store.records.keys().next_back().unwrap();
    bench.store.records.get_mut(&last).unwrap().truncate(7);
    let mut bench = bench.reboot(config(&[1]));
    bench.drain();
    assert_eq!(bench.station.settings().int(SettingId::BlinkRepeat), 3);
    assert_eq!(bench.station.settings().int(SettingId::LightIntensity), 50);
    // The end is made up for: where the start left it.
    let told = [
        bench.calls_of("StartTransaction").len(),
        bench.calls_of("StopTransaction").len(),
    ];
    assert_eq!(told, [1, 1]);
    bench.assert_idle();
}

/// MicroOcpp: time-zone offsets are ignored.
#[test]
fn time_with_an_offset() {
    let mut bench = Bench::unbooted(config(&[1]), Default::default());
    bench.csms = accepting_but(|action, _| {
        let welcome = json!({"status": "Accepted", "currentTime": "2026-11-22T14:30:00.25+02:30", "interval": 60});
        (action == "BootNotification").then_some(Answer::Result(welcome))
    });
    bench.drain();
    assert_eq!(bench.take()[1], "set clock 2026-11-22T12:00:00.250Z");
}

/// MicroOcpp: an unknown TriggerMessage is Accepted.
#[test]
fn unknown_trigger_is_not_accepted() {
    let mut bench = Bench::new(&[1]);
    bench.call("TriggerMessage", json!({"requestedMessage": "Sunshine"}));
    bench.expect(&["! PropertyConstraintViolation"]);
    bench.call(
        "TriggerMessage",
        json!({"requestedMessage": "FirmwareStatusNotification"}),
    );
    bench.expect(&[r#"= {"status":"NotImplemented"}"#]);
    bench.assert_idle();
}

/// MicroOcpp: idTags compare case-sensitively.
#[test]
fn id_tags_have_no_case() {
    let mut bench = Bench::new(&[1]);
    bench.charge(1, "aBcDeF");
    bench.take();
    bench.present("AbCdEf");
    assert_eq!(bench.take().last().unwrap(), "> StopTransaction 1 0 Local AbCdEf");
}

/// MicroOcpp: 16 of 20 offline sessions are refused with default limits.
#[test]
fn twenty_offline_sessions_over_a_reboot() {
    let mut bench = Bench::new(&[1]);
    session(&mut bench, 0);
    bench.go_offline();
    for number in 1..=20 {
        session(&mut bench, number * 100);
        bench.advance(60);
    }
    let mut bench = bench.reboot(config(&[1]));
    bench.drain();
    let stops = bench.calls_of("StopTransaction");
    let told: Vec<_> = stops.iter().map(|stop| stop["meterStop"].as_i64().unwrap()).collect();
    assert_eq!(told, (1..=20).map(|number| number * 100).collect::<Vec<_>>());
    let times: Vec<_> = stops.iter().map(|stop| stop["timestamp"].to_string()).collect();
    assert!(times.is_sorted());
    bench.assert_idle();
}

/// OpenOCPP: unknown actions and malformed payloads get no answer.
#[test]
fn everything_with_an_id_is_answered() {
    let mut bench = Bench::new(&[1]);
    for frame in [
        r#"[2,"1","Fly",{}]"#,
        r#"[2,"2","Reset",{"type":3}]"#,
        r#"[2,"3","Reset",{]"#,
        r#"[2,"4""#,
    ] {
        bench.frame(frame);
    }
    bench.expect(&[
        "! NotImplemented",
        "! TypeConstraintViolation",
        "! FormationViolation",
        "! FormationViolation",
    ]);
}

/// OpenOCPP: after a power cut while online the stop message is stale, and the session's energy lost.
#[test]
fn power_cut_while_online_keeps_the_energy() {
    let mut bench = Bench::new(&[1]);
    bench.charge(1, "TAG");
    for minute in 1..=30 {
        bench.energy(1, minute * 100);
        bench.advance(60);
    }
    assert!(bench.store.records.len() <= 2, "told records pile up");
    let mut bench = bench.reboot(config(&[1]));
    bench.drain();
    let stop = bench.calls_of("StopTransaction").remove(0);
    assert_eq!(
        (&stop["meterStop"], &stop["reason"]),
        (&json!(3000), &json!("PowerLoss"))
    );
    assert_eq!(stop["timestamp"], "2026-11-22T12:30:00Z");
    bench.assert_idle();
}

/// OpenOCPP: inoperative connectors still start.
#[test]
fn inoperative_connector_does_not_start() {
    let mut bench = Bench::new(&[1]);
    bench.call("ChangeAvailability", json!({"connectorId": 1, "type": "Inoperative"}));
    bench.pilot(1, 1, PilotState::C);
    bench.present("TAG");
    bench.call("RemoteStartTransaction", json!({"connectorId": 1, "idTag": "TAG"}));
    assert_eq!(bench.answers.last(), Some(&json!({"status": "Rejected"})));
    assert!(bench.calls_of("StartTransaction").is_empty());
    assert!(!bench.take().iter().any(|line| line.starts_with("permit")));
}

/// OpenOCPP: plug plus tap can open two transactions.
#[test]
fn plug_and_tap_at_the_same_moment_open_one_transaction() {
    let plug = Input::Pilot {
        connector: ocpp_core::ConnectorId::new(1, 1),
        state: PilotState::B,
    };
    let tap = Input::IdToken {
        token: bench::token("TAG"),
        evse: None,
    };
    for inputs in [[plug, tap], [tap, plug]] {
        let mut bench = Bench::new(&[1, 1]);
        for input in inputs {
            bench.station.handle(bench.now, input).unwrap();
        }
        bench.call("RemoteStartTransaction", json!({"connectorId": 1, "idTag": "TAG"}));
        bench.drain();
        assert_eq!(bench.calls_of("StartTransaction").len(), 1);
        bench.assert_idle();
    }
}

/// OpenOCPP: frames over 4 KiB are cut.
#[test]
fn long_frame_is_whole() {
    let mut bench = Bench::new(&[1]);
    bench.buffer = 20_000;
    let keys: Vec<_> = (0..50).map(|number| format!("\u{1f697}{number}").repeat(8)).collect();
    bench.call("GetConfiguration", json!({"key": keys}));
    assert_eq!(bench.answers[0]["unknownKey"], json!(keys));
}

/// OpenOCPP: transactions before the first clock sync keep 1970 timestamps.
#[test]
fn session_before_the_clock_is_known() {
    let settings = [
        (SettingId::TxBeforeAccepted, "true"),
        (SettingId::OfflineTxForUnknownId, "true"),
    ];
    let mut config = config(&[1]);
    for (id, text) in settings {
        config.settings.set(id, text).unwrap();
    }
    let mut bench = Bench::unbooted(config, Default::default());
    bench.online = false;
    bench.drain();
    session(&mut bench, 100);
    bench.advance(600);
    bench.go_online();
    assert_eq!(
        bench.calls_of("StartTransaction")[0]["timestamp"],
        "2026-11-22T11:50:00Z"
    );
    bench.assert_idle();
}

/// libocpp: StopTransaction with transactionId −1 after an offline start.
#[test]
fn offline_start_gets_its_number_before_the_stop() {
    let mut bench = Bench::new(&[1]);
    session(&mut bench, 0);
    bench.go_offline();
    bench.charge(1, "TAG");
    bench.advance(120);
    bench.go_online();
    bench.present("TAG");
    assert_eq!(bench.calls_of("StopTransaction")[1]["transactionId"], 2);
    let samples = bench.calls_of("MeterValues");
    assert!(samples.iter().all(|values| values["transactionId"] == 2));
}

/// libocpp: StopTransaction is sent twice after a reboot.
#[test]
fn stop_is_not_told_again_after_a_reboot() {
    let mut bench = Bench::new(&[1]);
    session(&mut bench, 100);
    for _ in 0..3 {
        bench = bench.reboot(config(&[1]));
        bench.drain();
        assert!(bench.calls_of("StopTransaction").is_empty());
        bench.assert_idle();
    }
}

/// serde-json-core: unbounded recursion in ignored values.
#[test]
fn deep_nesting_in_an_ignored_value() {
    let mut bench = Bench::new(&[1]);
    let deep = format!("{}1{}", r#"{"a":["#.repeat(400), "]}".repeat(400));
    bench.frame(&format!(r#"[2,"1","ClearCache",{{"vendor":{deep}}}]"#));
    bench.expect(&["! FormationViolation"]);
    bench.call("ClearCache", json!({}));
    bench.expect(&[r#"= {"status":"Accepted"}"#]);
}

/// serde-json-core: escapes are left in place.
#[test]
fn escapes_in_names_and_values() {
    let mut bench = Bench::new(&[1]);
    bench.frame(r#"[2,"1","Change\u0043onfiguration",{"k\u0065y":"Blink\u0052epeat","value":"\u0037"}]"#);
    bench.expect(&[r#"= {"status":"Accepted"}"#]);
    assert_eq!(bench.station.settings().int(SettingId::BlinkRepeat), 7);
}

/// ocpp_rs: an unknown vendor field makes the whole CALL fail.
#[test]
fn vendor_fields_are_skipped() {
    let mut bench = Bench::new(&[1]);
    bench.call(
        "TriggerMessage",
        json!({"requestedMessage": "Heartbeat", "customData": {"vendorId": "x"}}),
    );
    bench.expect(&[r#"= {"status":"Accepted"}"#, "> Heartbeat"]);
}

/// rocpp: corrupt storage panics at boot.
#[test]
fn corrupt_storage_at_boot() {
    for fill in [0x00, 0xff, 0x5a, 0x7b] {
        for len in [0, 1, 3, 40, 300, 3000] {
            let mut bench = Bench::new(&[1]);
            bench.set(SettingId::BlinkRepeat, "7");
            session(&mut bench, 1);
            bench.go_offline();
            session(&mut bench, 2);
            let store = &mut bench.store;
            store.values.values_mut().for_each(|bytes| *bytes = vec![fill; len]);
            store.records.values_mut().for_each(|bytes| *bytes = vec![fill; len]);
            let mut bench = bench.reboot(config(&[1]));
            bench.drain();
            session(&mut bench, 5);
            assert_eq!(bench.calls_of("StopTransaction").len(), 1);
            bench.assert_idle();
        }
    }
}

/// rocpp: error codes in the wrong spelling. 1.6 has its own, misspelled one.
#[test]
fn official_spelling_of_error_codes() {
    let mut bench = Bench::new(&[1]);
    bench.call("GetConfiguration", json!({"key": vec!["x"; 51]}));
    bench.frame(r#"[2,"1","Reset",7]"#);
    bench.expect(&["! OccurenceConstraintViolation", "! FormationViolation"]);
}
