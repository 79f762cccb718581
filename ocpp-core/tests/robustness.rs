//! What a CSMS, a network and a driver may do wrong: the station answers with the right error, or not at all, and its
//! link, its queue and its session go on (1.6J §4, §5; DESIGN §2, §4).

mod bench;

use bench::{Answer, Bench, accepting_but, config, token, undisturbed};
use ocpp_core::{ConnectorId, EvseId, Input, InputError, LocalCommand, LockState, PilotState};
use serde_json::json;

#[track_caller]
fn refused(frame: &str, code: &str) {
    let mut bench = Bench::new(&[1]);
    bench.frame(frame);
    bench.expect(&[&format!("! {code}")]);
    assert_eq!(bench.answers[0][1], "id", "{frame}");
    bench.assert_idle();
    undisturbed(|bench| bench.frame(frame));
}

#[track_caller]
fn ignored(frame: &[u8]) {
    let check = |bench: &mut Bench| {
        bench.station.handle(bench.now, Input::Frame(frame)).unwrap();
        bench.drain();
        bench.expect(&[]);
        bench.assert_idle();
    };
    check(&mut Bench::new(&[1]));
    undisturbed(|bench| {
        bench.station.handle(bench.now, Input::Frame(frame)).unwrap();
        bench.drain();
    });
}

#[test]
fn unknown_action() {
    refused(r#"[2,"id","Fly",{}]"#, "NotImplemented");
    refused(r#"[2,"id","reset",{"type":"Soft"}]"#, "NotImplemented");
    refused(r#"[2,"id","BootNotification",{}]"#, "NotImplemented");
}

#[test]
fn known_action_of_a_profile_that_is_not_built_in() {
    refused(r#"[2,"id","CancelReservation",{"reservationId":1}]"#, "NotSupported");
    refused(
        r#"[2,"id","ReserveNow",{"connectorId":1,"expiryDate":"2026-01-01T00:00:00Z","idTag":"A","reservationId":1}]"#,
        "NotSupported",
    );
}

#[test]
fn missing_field() {
    refused(r#"[2,"id","Reset",{}]"#, "ProtocolError");
    refused(
        r#"[2,"id","ChangeConfiguration",{"key":"HeartbeatInterval"}]"#,
        "ProtocolError",
    );
    refused(
        r#"[2,"id","RemoteStartTransaction",{"connectorId":1}]"#,
        "ProtocolError",
    );
}

#[test]
fn wrong_type() {
    refused(r#"[2,"id","Reset",{"type":5}]"#, "TypeConstraintViolation");
    refused(
        r#"[2,"id","UnlockConnector",{"connectorId":"1"}]"#,
        "TypeConstraintViolation",
    );
    refused(
        r#"[2,"id","UnlockConnector",{"connectorId":1.5}]"#,
        "TypeConstraintViolation",
    );
    refused(
        r#"[2,"id","UnlockConnector",{"connectorId":null}]"#,
        "TypeConstraintViolation",
    );
    refused(r#"[2,"id","GetConfiguration",{"key":"A"}]"#, "TypeConstraintViolation");
    refused(r#"[2,"id","GetConfiguration",{"key":[1]}]"#, "TypeConstraintViolation");
}

#[test]
fn value_too_long_or_out_of_range() {
    refused(
        r#"[2,"id","RemoteStartTransaction",{"idTag":"123456789012345678901"}]"#,
        "PropertyConstraintViolation",
    );
    refused(
        &json!([2, "id", "ChangeConfiguration", {"key": "HeartbeatInterval", "value": "x".repeat(501)}]).to_string(),
        "PropertyConstraintViolation",
    );
    refused(r#"[2,"id","Reset",{"type":"Warm"}]"#, "PropertyConstraintViolation");
    refused(
        r#"[2,"id","UnlockConnector",{"connectorId":99999999999}]"#,
        "PropertyConstraintViolation",
    );
}

#[test]
fn wrong_cardinality() {
    let keys = vec!["HeartbeatInterval"; 51];
    refused(
        &json!([2, "id", "GetConfiguration", {"key": keys}]).to_string(),
        "OccurenceConstraintViolation",
    );
}

#[test]
fn payload_that_is_no_object() {
    for payload in ["[]", "null", "\"Soft\"", "7", "true"] {
        refused(&format!(r#"[2,"id","Reset",{payload}]"#), "FormationViolation");
    }
}

#[test]
fn broken_json_behind_a_readable_id() {
    refused(r#"[2,"id","Reset",{"type":"#, "FormationViolation");
    refused(r#"[2,"id","Reset",{"type":"Soft"}"#, "FormationViolation");
    refused(r#"[2,"id","Reset",{"type":"Soft"}] x"#, "FormationViolation");
    refused(r#"[2,"id","Reset",{"type":"Soft"},{}]"#, "FormationViolation");
    refused(r#"[2,"id","Reset",{"type":"Soft",}]"#, "FormationViolation");
    refused(r#"[2,"id","Reset",{"type":"So\qft"}]"#, "FormationViolation");
    refused(r#"[2,"id","Reset"]"#, "FormationViolation");
    refused(r#"[2,"id"]"#, "FormationViolation");
    refused(r#"[2,"id",7,{}]"#, "FormationViolation");
}

#[test]
fn duplicate_key() {
    refused(
        r#"[2,"id","Reset",{"type":"Hard","type":"Soft"}]"#,
        "FormationViolation",
    );
    refused(
        r#"[2,"id","Reset",{"type":"Hard","t\u0079pe":"Soft"}]"#,
        "FormationViolation",
    );
}

#[test]
fn nested_ten_thousand_deep() {
    let deep = "[".repeat(10_000);
    let mut bench = Bench::new(&[1]);
    bench.frame(&format!(r#"[2,"id","ClearCache",{{"x":{deep}"#));
    bench.expect(&["! FormationViolation"]);
    let deep = format!("{}{}", "[".repeat(1_500), "]".repeat(1_500));
    refused(
        &format!(r#"[2,"id","ClearCache",{{"x":{deep}}}]"#),
        "FormationViolation",
    );
}

#[test]
fn not_utf8() {
    let mut bench = Bench::new(&[1]);
    let frame = b"[2,\"id\",\"Reset\",{\"type\":\"\xff\"}]";
    bench.station.handle(bench.now, Input::Frame(frame)).unwrap();
    bench.drain();
    bench.expect(&["! FormationViolation"]);
    ignored(b"[2,\"\xff\",\"Reset\",{\"type\":\"Soft\"}]");
    ignored(b"\xff\xfe[");
}

#[test]
fn no_readable_id() {
    for frame in [
        "",
        " ",
        "hello",
        "{}",
        "[",
        "[]",
        "[2]",
        "[2,",
        "[2,5,\"Reset\",{\"type\":\"Soft\"}]",
        "[2,null,\"Reset\",{}]",
        "\"2\"",
        "[\"2\",\"id\",\"Reset\",{}]",
        "[2,\"1234567890123456789012345678901234567\",\"ClearCache\",{}]",
    ] {
        ignored(frame.as_bytes());
    }
}

/// 1.6J §4.1.3: unknown message types are ignored.
#[test]
fn unknown_message_type() {
    ignored(br#"[5,"id","Reset",{"type":"Soft"}]"#);
    ignored(br#"[-1,"id"]"#);
    ignored(br#"[99999999999999999999,"id",{}]"#);
}

#[test]
fn answers_that_nobody_asked_for() {
    ignored(br#"[3,"id",{}]"#);
    ignored(br#"[3,"id",{"status":"Accepted","currentTime":"2026-11-22T12:00:00Z","interval":1}]"#);
    ignored(br#"[4,"id","GenericError","",{}]"#);
    ignored(br#"[4,"id","GenericError"]"#);
    ignored(br#"[3,"id"]"#);
}

#[test]
fn result_of_another_station_leaves_the_outstanding_call_alone() {
    let mut bench = Bench::new(&[1]);
    bench.csms = accepting_but(|action, _| (action == "Authorize").then_some(Answer::Nothing));
    bench.pilot(1, 1, PilotState::B);
    bench.present("TAG");
    bench.take();
    bench.frame(r#"[3,"foreign",{"idTagInfo":{"status":"Accepted"}}]"#);
    bench.frame(r#"[4,"foreign","GenericError","",{}]"#);
    bench.expect(&[]);
    assert!(bench.station.is_calling());
    bench.answer(json!({"idTagInfo": {"status": "Accepted"}}));
    bench.expect(&[
        "permit 1.1 on",
        "> StatusNotification 1 SuspendedEV",
        "> StartTransaction 1 TAG 0",
    ]);
    bench.assert_idle();
}

/// 1.6J §4.1.4: an id belongs to its sender; the same one again is another CALL.
#[test]
fn duplicate_message_id_is_answered_again() {
    let mut bench = Bench::new(&[1]);
    bench.frame(r#"[2,"id","ClearCache",{}]"#);
    bench.frame(r#"[2,"id","ClearCache",{}]"#);
    bench.expect(&[r#"= {"status":"Accepted"}"#, r#"= {"status":"Accepted"}"#]);
}

#[test]
fn unknown_fields_are_skipped() {
    let mut bench = Bench::new(&[1]);
    bench.frame(r#" [ 2 , "id" , "ClearCache" , { "vendor" : { "a" : [ 1 , -2.5e3, null, "\ud83d\ude00" ] } } ] "#);
    bench.expect(&[r#"= {"status":"Accepted"}"#]);
}

#[test]
fn id_with_escapes_comes_back_as_it_was() {
    let mut bench = Bench::new(&[1]);
    bench.frame(r#"[2,"a\"\\\u00e9é","ClearCache",{}]"#);
    bench.expect(&[r#"= {"status":"Accepted"}"#]);
    bench.frame(r#"[2,"a\"\\\u00e9é","ClearCache",7]"#);
    assert_eq!(bench.answers[1][1], "a\"\\éé");
}

/// 1.6 §4.2: no answer while rejected, not even to nonsense.
#[test]
fn nothing_is_answered_while_rejected() {
    let mut bench = Bench::unbooted(config(&[1]), Default::default());
    bench.csms = accepting_but(|action, _| {
        let rejected = json!({"status": "Rejected", "currentTime": "2026-11-22T12:00:00Z", "interval": 100});
        (action == "BootNotification").then_some(Answer::Result(rejected))
    });
    bench.drain();
    bench.take();
    bench.frame(r#"[2,"id","ClearCache",{}]"#);
    bench.frame(r#"[2,"id","ClearCache",{"#);
    bench.input(Input::FrameTooLarge {
        head: br#"[2,"id","DataTr"#,
    });
    bench.expect(&[]);
    bench.assert_idle();
}

#[test]
fn subprotocol_that_was_not_offered() {
    let mut bench = Bench::unbooted(config(&[1]), Default::default());
    bench.online = false;
    bench.drain();
    let result = bench
        .station
        .handle(bench.now, Input::Connected { subprotocol: "ocpp1.5" });
    assert_eq!(result, Err(InputError::UnknownSubprotocol));
    assert!(!bench.station.is_connected());
    bench.drain();
}

#[test]
fn hardware_that_does_not_exist() {
    let mut bench = Bench::new(&[1]);
    let nowhere = ConnectorId::new(1, 2);
    for input in [
        Input::Pilot {
            connector: nowhere,
            state: PilotState::B,
        },
        Input::Cable {
            connector: nowhere,
            present: true,
        },
        Input::Lock {
            connector: nowhere,
            state: LockState::Locked,
        },
        Input::PowerPath {
            evse: EvseId(0),
            closed: true,
        },
        Input::PowerPath {
            evse: EvseId(2),
            closed: true,
        },
        Input::Meter {
            evse: Some(EvseId(9)),
            energy_wh: 0,
            samples: &[],
        },
        Input::IdToken {
            token: token("TAG"),
            evse: Some(EvseId(9)),
        },
        Input::Local(LocalCommand::EmergencyStop(EvseId(9))),
    ] {
        assert_eq!(bench.station.handle(bench.now, input), Err(InputError::UnknownPlace));
    }
    bench.drain();
    bench.expect(&[]);
}
