//! What a CSMS, a network and a driver may do wrong: the station answers with the right error, or not at all, and its
//! link, its queue and its session go on (1.6J §4, §5; DESIGN §2, §4).

mod bench;

use bench::{Answer, Bench, Mode, accepting_but, config, token};
use ocpp_core::settings::SettingId;
use ocpp_core::{
    Action, ConnectorId, EvseId, FaultCode, Input, InputError, LocalCommand, LockState, PilotState, Place, PollError,
    StoreError,
};
use proptest::prelude::*;
use serde_json::json;

/// A session survives whatever `disturb` does to it.
fn undisturbed(disturb: impl Fn(&mut Bench)) {
    let mut bench = Bench::new(&[1]);
    bench.energy(1, 100);
    bench.charge(1, "TAG");
    bench.take();
    disturb(&mut bench);
    bench.take();
    bench.energy(1, 700);
    bench.advance(60);
    bench.present("TAG");
    bench.expect(&[
        "> MeterValues 1 1",
        "permit 1.1 off",
        "> StatusNotification 1 Finishing",
        "> StopTransaction 1 700 Local TAG",
    ]);
    bench.assert_idle();
}

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
    refused(r#"[2,"id","GetLocalListVersion",{}]"#, "NotSupported");
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

#[test]
fn frame_larger_than_the_receive_buffer() {
    let head = br#"[2,"id","DataTransfer",{"vendorId":"x","data":"aaaaaaaaaaa"#;
    let too_large = |bench: &mut Bench| {
        bench.input(Input::FrameTooLarge { head });
        bench.input(Input::FrameTooLarge {
            head: b"[3,\"id\",{\"a",
        });
        bench.input(Input::FrameTooLarge { head: b"garbage" });
        bench.frame(&json!([2, "id", "DataTransfer", {"vendorId": "x", "data": "y".repeat(5000)}]).to_string());
    };
    let mut bench = Bench::new(&[1]);
    too_large(&mut bench);
    bench.expect(&["! FormationViolation", "! FormationViolation"]);
    undisturbed(too_large);
}

/// One CALL is held at a time: the second is the caller's to keep.
#[test]
fn second_call_before_the_first_was_answered() {
    let mut bench = Bench::new(&[1]);
    let first: &[u8] = br#"[2,"1","ClearCache",{}]"#;
    bench.station.handle(bench.now, Input::Frame(first)).unwrap();
    for second in [
        br#"[2,"2","Reset",{"type":"Hard"}]"#.as_slice(),
        b"[2,\"2\",\"Reset\",{",
        b"[2,\"2\",\"Reset\",\xff",
    ] {
        let result = bench.station.handle(bench.now, Input::Frame(second));
        assert_eq!(result, Err(InputError::Busy));
    }
    let result = bench
        .station
        .handle(bench.now, Input::FrameTooLarge { head: b"[2,\"2\",\"Re" });
    assert_eq!(result, Err(InputError::Busy));
    bench.events = true;
    bench.drain();
    bench.expect(&[r#"= {"status":"Accepted"}"#]);
    bench.assert_idle();
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

/// Everything may be said twice before anybody asks what to do about it.
#[test]
fn every_input_twice_without_a_drain() {
    let mut bench = Bench::new(&[1]);
    let connector = ConnectorId::new(1, 1);
    let call: &[u8] = br#"[2,"1","TriggerMessage",{"requestedMessage":"Heartbeat"}]"#;
    let inputs = [
        Input::Meter {
            evse: Some(EvseId(1)),
            energy_wh: 5,
            samples: &[],
        },
        Input::Lock {
            connector,
            state: LockState::Unlocked,
        },
        Input::Cable {
            connector,
            present: true,
        },
        Input::Pilot {
            connector,
            state: PilotState::B,
        },
        Input::IdToken {
            token: token("TAG"),
            evse: None,
        },
        Input::Frame(call),
        Input::Pilot {
            connector,
            state: PilotState::C,
        },
        Input::PowerPath {
            evse: EvseId(1),
            closed: true,
        },
        Input::Sent,
    ];
    for input in inputs {
        for _ in 0..2 {
            match bench.station.handle(bench.now, input) {
                Ok(()) | Err(InputError::Busy) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
    bench.drain();
    bench.expect(&[
        r#"= {"status":"Accepted"}"#,
        "> Authorize TAG",
        "lock 1.1",
        "permit 1.1 on",
        "> StatusNotification 1 Charging",
        "> StartTransaction 1 TAG 5",
        "> Heartbeat",
    ]);
    for input in [
        Input::IdToken {
            token: token("TAG"),
            evse: None,
        },
        Input::PowerPath {
            evse: EvseId(1),
            closed: false,
        },
        Input::Pilot {
            connector,
            state: PilotState::A,
        },
        Input::Cable {
            connector,
            present: false,
        },
        Input::Disconnected,
        Input::Local(LocalCommand::Dial),
    ] {
        for _ in 0..2 {
            bench.station.handle(bench.now, input).unwrap();
        }
    }
    bench.drain();
    // The second tap, with the link gone, let the driver in again.
    bench.expect(&[
        "permit 1.1 off",
        "unlock 1.1",
        "> StatusNotification 1 Preparing",
        "> StopTransaction 1 5 Local TAG",
    ]);
}

/// Too small a buffer changes nothing, whatever the action: a whole life with buffers that are too small at first is the
/// same life.
#[test]
fn each_action_can_be_asked_for_again_with_a_larger_buffer() {
    let life = |stingy: bool| {
        let mut config = config(&[1]);
        config.data_transfer_vendors = &["com.example"];
        let mut bench = Bench::unbooted(config, Default::default());
        bench.stingy = stingy;
        bench.events = true;
        bench.drain();
        bench.fit_lock(1, 1);
        bench.cable(1, 1, true);
        bench.charge(1, "TAG");
        bench.advance(130);
        bench.call("GetConfiguration", json!({}));
        bench.call("GetConfiguration", json!({"key": ["Nonsense", "HeartbeatInterval"]}));
        bench.call(
            "ChangeConfiguration",
            json!({"key": "HeartbeatInterval", "value": "77"}),
        );
        bench.call("ChangeAvailability", json!({"connectorId": 0, "type": "Inoperative"}));
        bench.call("Nonsense", json!({}));
        bench.frame(r#"[2,"id","ClearCache",{"#);
        bench.call("ClearCache", json!({}));
        bench.call(
            "DataTransfer",
            json!({"vendorId": "com.example", "messageId": "m", "data": "hello \u{e9}"}),
        );
        let answer = LocalCommand::AnswerDataTransfer {
            status: ocpp_core::dialect::DataTransferStatus::Accepted,
            data: Some("back"),
        };
        bench.input(Input::Local(answer));
        let transfer = LocalCommand::DataTransfer {
            vendor: "v",
            message: None,
            data: Some("\"d\""),
        };
        bench.csms = accepting_but(|action, _| {
            (action == "DataTransfer").then(|| Answer::Result(json!({"status": "Accepted", "data": "long answer"})))
        });
        bench.input(Input::Local(transfer));
        bench.input(Input::Local(LocalCommand::Limit {
            evse: None,
            milliamps: Some(6000),
        }));
        bench.fault(Place::Connector(ConnectorId::new(1, 1)), FaultCode::OverVoltage, true);
        bench.call("UnlockConnector", json!({"connectorId": 1}));
        bench.call("Reset", json!({"type": "Hard"}));
        (bench.take(), bench.calls, bench.answers)
    };
    let (lines, calls, answers) = life(true);
    let expected = life(false);
    assert_eq!(lines, expected.0);
    assert_eq!(calls, expected.1);
    assert_eq!(answers, expected.2);
    assert_eq!(lines.last().map(String::as_str), Some("reboot Hard"));
}

/// The caller has no larger buffer: a reply becomes a refusal, and life goes on.
#[test]
fn reply_that_fits_no_buffer() {
    let mut bench = Bench::new(&[1]);
    let frame: &[u8] = br#"[2,"id","GetConfiguration",{}]"#;
    bench.station.handle(bench.now, Input::Frame(frame)).unwrap();
    let mut buffer = [0; 64];
    let polled = bench.station.poll(bench.now, &mut buffer);
    assert!(matches!(polled, Err(PollError::BufferTooSmall { needed }) if needed > 64));
    bench.input(Input::BufferLimit);
    bench.expect(&["! InternalError"]);
    bench.assert_idle();
}

/// Not even the refusal fits: there is no answer at all.
#[test]
fn refusal_that_fits_no_buffer() {
    let mut bench = Bench::new(&[1]);
    bench
        .station
        .handle(bench.now, Input::Frame(br#"[2,"id","Nonsense",{}]"#))
        .unwrap();
    while let Ok(action) = bench.station.poll(bench.now, &mut []) {
        assert!(matches!(action, Some(Action::Event(_))));
    }
    bench.input(Input::BufferLimit);
    bench.expect(&[]);
    bench.assert_idle();
}

/// Whatever is due does not fit: each thing is given up, none is asked for for ever, and no other thing in its place.
#[test]
fn nothing_is_asked_for_for_ever_when_no_buffer_is_large_enough() {
    for limit in [0, 20, 40, 60, 100] {
        let mut bench = Bench::new(&[1]);
        bench.set(SettingId::EndedSampledMeasurands, "Energy.Active.Import.Register");
        bench.charge(1, "TAG");
        bench.advance(600);
        bench.call("UnlockConnector", json!({"connectorId": 1}));
        bench
            .station
            .handle(
                bench.now,
                Input::IdToken {
                    token: token("TAG"),
                    evse: None,
                },
            )
            .unwrap();
        for _ in 0..1000 {
            let mut buffer = vec![0; limit];
            match bench.station.poll(bench.now, &mut buffer) {
                Ok(None) => break,
                Ok(Some(Action::Send(_))) => bench.station.handle(bench.now, Input::Sent).unwrap(),
                Ok(Some(Action::Store { id, .. } | Action::Discard { id, .. })) => {
                    bench
                        .station
                        .handle(bench.now, Input::Stored { id, result: Ok(()) })
                        .unwrap();
                }
                Ok(Some(_)) => {}
                Err(_) => bench.station.handle(bench.now, Input::BufferLimit).unwrap(),
            }
        }
        let mut buffer = vec![0; limit];
        assert!(
            matches!(bench.station.poll(bench.now, &mut buffer), Ok(None)),
            "{limit}"
        );
        bench.unanswered.clear();
        bench.advance(3600);
        bench.assert_idle();
        assert!(bench.station.transaction(EvseId(1)).is_none());
    }
}

const FRAMES: &[&str] = &[
    r#"[2,"a","ChangeAvailability",{"connectorId":1,"type":"Inoperative"}]"#,
    r#"[2,"a","ChangeAvailability",{"connectorId":0,"type":"Operative"}]"#,
    r#"[2,"a","ChangeConfiguration",{"key":"MeterValueSampleInterval","value":"7"}]"#,
    r#"[2,"a","ClearCache",{}]"#,
    r#"[2,"a","DataTransfer",{"vendorId":"com.example","messageId":"m","data":"x"}]"#,
    r#"[2,"a","GetConfiguration",{"key":["HeartbeatInterval","Other"]}]"#,
    r#"[2,"a","RemoteStartTransaction",{"connectorId":1,"idTag":"TAG"}]"#,
    r#"[2,"a","RemoteStopTransaction",{"transactionId":1}]"#,
    r#"[2,"a","Reset",{"type":"Soft"}]"#,
    r#"[2,"a","UnlockConnector",{"connectorId":1}]"#,
    r#"[2,"a","TriggerMessage",{"requestedMessage":"MeterValues","connectorId":1}]"#,
    r#"[3,"a",{"status":"Accepted","currentTime":"2026-11-22T12:00:00Z","interval":5}]"#,
    r#"[4,"a","GenericError","",{}]"#,
];

/// One of the frames above with some bytes replaced, inserted or cut.
fn damaged_frame() -> impl Strategy<Value = Vec<u8>> {
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0..3u8, any::<u8>()), 0..4);
    (prop::sample::select(FRAMES), edits).prop_map(|(frame, edits)| {
        let mut bytes = frame.as_bytes().to_vec();
        for (at, kind, byte) in edits {
            let index = at.index(bytes.len().max(1));
            match kind {
                0 if index < bytes.len() => bytes[index] = byte,
                1 => bytes.insert(index, byte),
                _ => bytes.truncate(index.max(1)),
            }
        }
        bytes
    })
}

/// Anything that may happen to a station, by number.
fn happen(bench: &mut Bench, (what, evse, number): (u8, u8, u8)) {
    let connector = ConnectorId::new(evse, 1);
    let states = [
        PilotState::A,
        PilotState::B,
        PilotState::C,
        PilotState::D,
        PilotState::E,
        PilotState::F,
    ];
    let on = number.is_multiple_of(2);
    let input = match what {
        0 => Input::Pilot {
            connector,
            state: states[usize::from(number) % states.len()],
        },
        1 => Input::PowerPath {
            evse: EvseId(evse),
            closed: on,
        },
        2 => Input::IdToken {
            token: token(["A", "B", "C"][usize::from(number) % 3]),
            evse: None,
        },
        3 => Input::IdToken {
            token: token("A"),
            evse: Some(EvseId(evse)),
        },
        4 => Input::Cable { connector, present: on },
        5 => Input::Lock {
            connector,
            state: if on { LockState::Unlocked } else { LockState::Failed },
        },
        6 => Input::Meter {
            evse: Some(EvseId(evse)),
            energy_wh: i64::from(number) * 100,
            samples: &[],
        },
        7 => Input::Disconnected,
        8 => Input::Local(LocalCommand::Dial),
        9 => Input::Local(LocalCommand::EmergencyStop(EvseId(evse))),
        10 => Input::Local(LocalCommand::Limit {
            evse: None,
            milliamps: (!on).then_some(0),
        }),
        11 => Input::Sent,
        12 => Input::BufferLimit,
        13 => Input::Stored {
            id: number.into(),
            result: Ok(()),
        },
        14 => Input::LoadedRecord {
            id: number.into(),
            record: None,
        },
        15 => {
            bench.fault(Place::Connector(connector), FaultCode::HighTemperature, on);
            return;
        }
        16 => {
            bench.online = on;
            return;
        }
        17 => {
            let modes = [Mode::Ok, Mode::Ok, Mode::Fail(StoreError::Full), Mode::Silent];
            bench.storage(modes[usize::from(number) % modes.len()]);
            return;
        }
        _ => {
            bench.advance(u64::from(number));
            return;
        }
    };
    bench.input(input);
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(frame in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut bench = Bench::new(&[1]);
        bench.station.handle(bench.now, Input::Frame(&frame)).unwrap();
        bench.drain();
        bench.assert_idle();
    }

    #[test]
    fn damaged_frames_in_a_session_never_panic(frames in prop::collection::vec(damaged_frame(), 1..6)) {
        let mut bench = Bench::new(&[1]);
        bench.charge(1, "TAG");
        for frame in frames {
            bench.station.handle(bench.now, Input::Frame(&frame)).unwrap();
            bench.drain();
        }
        bench.advance(200);
        bench.assert_idle();
    }

    #[test]
    fn whatever_happens_the_station_comes_to_rest(
        story in prop::collection::vec((0..30u8, 1..=2u8, any::<u8>()), 1..60),
    ) {
        let mut bench = Bench::new(&[1, 1]);
        for happening in story {
            happen(&mut bench, happening);
        }
        bench.online = true;
        bench.storage(Mode::Ok);
        bench.advance(100);
        for evse in 1..=2 {
            bench.fault(Place::Connector(ConnectorId::new(evse, 1)), FaultCode::HighTemperature, false);
            bench.input(Input::Local(LocalCommand::EmergencyStop(EvseId(evse))));
        }
        bench.advance(4000);
        bench.assert_idle();
        let (starts, stops) = (bench.calls_of("StartTransaction").len(), bench.calls_of("StopTransaction").len());
        prop_assert_eq!(starts, stops);
    }
}
