//! The caller's buffers and its pace: too small a buffer, too long a frame, inputs faster than actions (DESIGN §2).

mod bench;

use bench::{Answer, Bench, accepting_but, config, token, undisturbed};
use ocpp_core::settings::SettingId;
use ocpp_core::{
    Action, ConnectorId, EvseId, FaultCode, Input, InputError, LocalCommand, LockState, PilotState, Place, PollError,
};
use serde_json::json;

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

/// E06.FR.12, FR.13: what makes the end longer than the buffer is left out, every second moment between the first and the
/// last; the end itself is never given up.
#[test]
fn e06_an_end_with_more_values_than_the_buffer_holds() {
    let settings = [
        (SettingId::EndedSampledMeasurands, "Energy.Active.Import.Register"),
        (SettingId::EndedSampleInterval, "60"),
        (SettingId::SampleInterval, "0"),
    ];
    let mut all = Vec::new();
    for (buffer, expected) in [
        (2048, &[0, 1, 2, 3, 4, 5, 6, 7, 8][..]),
        (1300, &[0, 2, 4, 6, 8]),
        (1000, &[0, 4, 8]),
        (800, &[0, 8]),
    ] {
        let mut bench = Bench::new201(&[1], &settings);
        bench.buffer = buffer;
        bench.charge(1, "TAG");
        for minute in 1..=6 {
            bench.advance(60);
            bench.energy(1, minute * 100);
        }
        bench.advance(60);
        bench.present("TAG");
        bench.leave(1);
        let told = bench.calls_of("TransactionEvent");
        let end = told.last().unwrap();
        assert_eq!(end["eventType"], "Ended");
        let sets = end["meterValue"].as_array().unwrap();
        if all.is_empty() {
            all = sets.clone();
        }
        let expected: Vec<_> = expected.iter().map(|index| all[*index].clone()).collect();
        assert_eq!(*sets, expected, "{buffer}");
        bench.assert_idle();
    }
}
