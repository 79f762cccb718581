//! What a 2.0.1 CSMS may do wrong (2.0.1 Part 4 §4), and faults that other 2.0.1 stations have shown.

mod bench;

use bench::{Answer, Bench, OCPP201, accepting_but, config};
use ocpp_core::settings::SettingId;
use ocpp_core::{EvseId, Input, PilotState};
use serde_json::json;
use std::cell::Cell;
use std::rc::Rc;

fn booted() -> Bench {
    Bench::new201(&[1], &[])
}

/// The frame is refused with the code and the id, and a session goes on as if nothing had happened.
#[track_caller]
fn refused(frame: &str, code: &str, id: &str) {
    let mut bench = booted();
    bench.energy(1, 100);
    bench.charge(1, "TAG");
    bench.take();
    bench.frame(frame);
    bench.expect(&[&format!("! {code}")]);
    assert_eq!(bench.answers[0][1], id, "{frame}");
    assert!(bench.answers[0][3].as_str().unwrap().len() <= 255);
    bench.energy(1, 700);
    bench.present("TAG");
    let ended = bench.calls_of("TransactionEvent").pop().unwrap();
    assert_eq!(ended["eventType"], "Ended");
    bench.assert_idle();
}

/// General.FR.03 (OpenOCPP: unknown actions and malformed payloads get no answer; rocpp: codes in the wrong spelling).
#[test]
fn each_fault_has_its_code() {
    for (frame, code) in [
        (r#"[2,"id","Fly",{}]"#, "NotImplemented"),
        (r#"[2,"id","reset",{"type":"Immediate"}]"#, "NotImplemented"),
        (r#"[2,"id","BootNotification",{}]"#, "NotImplemented"),
        (r#"[2,"id","CostUpdated",{}]"#, "NotSupported"),
        (r#"[2,"id","Reset",{}]"#, "OccurrenceConstraintViolation"),
        (
            r#"[2,"id","SendLocalList",{"versionNumber":1,"updateType":"Full","localAuthorizationList":[]}]"#,
            "OccurrenceConstraintViolation",
        ),
        (r#"[2,"id","Reset",{"type":5}]"#, "TypeConstraintViolation"),
        (r#"[2,"id","Reset",{"type":"Soft"}]"#, "PropertyConstraintViolation"),
        (r#"[2,"id","Reset",{"type":null}]"#, "TypeConstraintViolation"),
        (
            r#"[2,"id","RequestStopTransaction",{"transactionId":"1234567890123456789012345678901234567"}]"#,
            "PropertyConstraintViolation",
        ),
        (r#"[2,"id","Reset",[]]"#, "FormatViolation"),
        (r#"[2,"id","Reset",{"type":"Immediate"]"#, "FormatViolation"),
        (r#"[2,"id","Reset""#, "FormatViolation"),
    ] {
        refused(frame, code, "id");
    }
}

/// Part 4 §4.4: a message type that there is not, with the id if it can be read.
#[test]
fn unknown_message_type() {
    refused(r#"[5,"id",{}]"#, "MessageTypeNotSupported", "id");
    refused(r#"[0,"id"]"#, "MessageTypeNotSupported", "id");
    refused(r#"[6,7,{}]"#, "MessageTypeNotSupported", "-1");
}

/// Part 4 §4.2.3: what is no frame at all.
#[test]
fn frame_without_an_id() {
    for frame in [
        "",
        "{}",
        "[]",
        "null",
        "hello",
        "[2",
        "[2,7,\"Reset\",{}]",
        "[\"2\",\"id\",\"Reset\",{}]",
    ] {
        refused(frame, "RpcFrameworkError", "-1");
    }
    let long = format!("[2,\"{}\",\"Reset\",{{}}]", "x".repeat(37));
    refused(&long, "RpcFrameworkError", "-1");
}

/// A broken answer is not answered: errors about errors would never end.
#[test]
fn broken_answers_are_not_answered() {
    let mut bench = booted();
    for frame in [
        r#"[3,"id""#,
        r#"[3"#,
        r#"[4,5,"x"]"#,
        r#"[4,"id"]"#,
        r#"[3,"nobody asked",{}]"#,
        r#"[4,"-1","X","",{}]"#,
    ] {
        bench.frame(frame);
        bench.expect(&[]);
    }
    let mut bytes = br#"[3,"id",{"a":""#.to_vec();
    bytes.extend([0xff, b'"', b'}', b']']);
    bench.input(Input::Frame(&bytes));
    bench.expect(&[]);
    bench.assert_idle();
}

/// 1.6 has no words for either: it stays silent.
#[test]
fn frames_that_1_6_does_not_answer() {
    let mut bench = Bench::new(&[1]);
    for frame in [r#"[5,"id",{}]"#, "hello", "[2", ""] {
        bench.frame(frame);
        bench.expect(&[]);
    }
    bench.assert_idle();
}

/// A station that is being configured refuses all the same; a rejected one says SecurityError (B03.FR.08).
#[test]
fn b03_frames_before_acceptance() {
    for (status, code) in [("Pending", "RpcFrameworkError"), ("Rejected", "RpcFrameworkError")] {
        let mut bench = Bench::speaking(config(&[1]), bench::Store::default(), &OCPP201, "ocpp2.0.1");
        bench.csms = accepting_but(move |action, _| {
            let answer = json!({"status": status, "currentTime": "2026-11-22T12:00:00Z", "interval": 60});
            (action == "BootNotification").then_some(Answer::Result(answer))
        });
        bench.drain();
        bench.take();
        bench.frame("hello");
        bench.expect(&[&format!("! {code}")]);
        bench.call(
            "RequestStartTransaction",
            json!({"idToken": {"idToken": "T", "type": "Central"}, "remoteStartId": 1}),
        );
        let last = bench.take().pop().unwrap();
        let expected = match status {
            "Pending" => r#"= {"status":"Rejected"}"#,
            _ => "! SecurityError",
        };
        assert_eq!(last, expected);
    }
}

/// An error of the CSMS in either spelling, or none that anybody knows, is a failed attempt like any other.
#[test]
fn e13_errors_in_any_spelling() {
    for code in [
        "OccurrenceConstraintViolation",
        "OccurenceConstraintViolation",
        "Nonsense",
        "",
    ] {
        let mut bench = booted();
        bench.csms = accepting_but(|action, _| (action == "TransactionEvent").then_some(Answer::Nothing));
        bench.charge(1, "TAG");
        let (id, action, first) = bench.unanswered.pop_front().unwrap();
        assert_eq!(action, "TransactionEvent");
        bench.frame(&json!([4, id, code, "", {}]).to_string());
        assert!(bench.unanswered.is_empty());
        bench.csms = bench::accepting();
        bench.advance(60);
        assert_eq!(bench.calls_of("TransactionEvent")[1], first, "{code}");
        bench.assert_idle();
    }
}

/// General.FR.02 (ocpp_rs: an unknown vendor field makes the whole CALL fail. serde-json-core: unbounded recursion in what is ignored).
#[test]
fn custom_data_is_never_a_reason_to_refuse() {
    let deep = "[".repeat(2000) + &"]".repeat(2000);
    let custom = [
        r#"{"vendorId":"org.example","x":{"y":[1,null]}}"#.to_string(),
        r#"{"vendorId":"org.example","x":1},"org.example.more":[true]"#.to_string(),
    ];
    for custom in custom {
        let mut bench = booted();
        let token = format!(r#"{{"idToken":"TAG","type":"Central","customData":{custom}}}"#);
        let payload = format!(r#"{{"idToken":{token},"remoteStartId":1,"customData":{custom}}}"#);
        bench.frame(&format!(r#"[2,"id","RequestStartTransaction",{payload}]"#));
        assert_eq!(bench.answers, [json!({"status": "Accepted"})]);
    }
    let mut bench = Bench::new201(&[1], &[]);
    bench.frame(&format!(
        r#"[2,"id","ClearCache",{{"customData":{{"vendorId":"v","x":{deep}}}}}]"#
    ));
    assert_eq!(bench.answers.len(), 1);
    bench.assert_idle();
}

/// MicroOcpp: ClearCache deletes unsent transactions.
#[test]
fn c11_clear_cache_keeps_unsent_transactions() {
    let mut bench = booted();
    let deaf = Rc::new(Cell::new(true));
    let switch = deaf.clone();
    bench.csms =
        accepting_but(move |action, _| (switch.get() && action == "TransactionEvent").then_some(Answer::Error));
    bench.energy(1, 100);
    bench.charge(1, "TAG");
    bench.energy(1, 900);
    bench.present("TAG");
    bench.call("ClearCache", json!({}));
    assert!(bench.station.queue_len() > 0);
    deaf.set(false);
    bench.advance(600);
    let ended = bench.calls_of("TransactionEvent").pop().unwrap();
    assert_eq!(ended["eventType"], "Ended");
    assert_eq!(bench.station.queue_len(), 0);
}

/// MicroOcpp: no offline authorization in 2.0.1, and tokens that differ in case are different.
#[test]
fn c12_offline_authorization_by_the_cache() {
    let mut bench = booted();
    bench.present("Tag");
    bench.present("Tag");
    bench.go_offline();
    bench.pilot(1, 1, PilotState::B);
    bench.present("tAG");
    assert!(bench.station.transaction(EvseId(1)).is_some());
    bench.present("TAG");
    assert!(bench.station.transaction(EvseId(1)).is_none());
    bench.go_online();
    let events = bench.calls_of("TransactionEvent");
    assert!(events.iter().all(|event| event["offline"] == true));
    assert_eq!(events[0]["idToken"]["idToken"], "tAG");
}

/// C15.FR.01, C15.FR.08: an unknown token may charge offline where the operator says so, and is not remembered.
#[test]
fn c15_unknown_token_offline() {
    for allowed in [true, false] {
        let text = if allowed { "true" } else { "false" };
        let mut bench = Bench::new201(&[1], &[(SettingId::OfflineTxForUnknownId, text)]);
        bench.go_offline();
        bench.pilot(1, 1, PilotState::B);
        bench.present("NEW");
        assert_eq!(bench.station.transaction(EvseId(1)).is_some(), allowed);
        assert_eq!(bench.station.cache_len(), 0);
    }
}

/// Part 4 §4: a frame longer than the receive buffer is refused as any other that cannot be read; with -1 where its id
/// cannot be told either.
#[test]
fn too_long_a_frame() {
    for (head, lines, id) in [
        (
            b"[2,\"id\",\"Reset\",{\"ty".as_slice(),
            &["! FormatViolation"] as &[_],
            "id",
        ),
        (b"junk junk junk", &["! RpcFrameworkError"], "-1"),
        (b"[2,\"an id without an e", &["! RpcFrameworkError"], "-1"),
        (b"\xff\xfe", &["! RpcFrameworkError"], "-1"),
        (b"", &["! RpcFrameworkError"], "-1"),
        // Errors about answers would go to and fro without end.
        (b"[3,\"id\",{\"da", &[], ""),
        (b"[4,\"i", &[], ""),
    ] {
        let mut bench = booted();
        bench.input(Input::FrameTooLarge { head });
        bench.expect(lines);
        assert!(bench.answers.iter().all(|answer| answer[1] == id), "{head:?}");
        bench.assert_idle();
    }
}
