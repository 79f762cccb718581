//! Whatever arrives and whatever happens, in whatever order: no panic, no endless loop, every start with its end.

mod bench;

use bench::{Bench, Mode, token};
use ocpp_core::{ConnectorId, EvseId, FaultCode, Input, LocalCommand, LockState, PilotState, Place, StoreError};
use proptest::prelude::*;

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
