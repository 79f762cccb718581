//! What `cargo xtask instructions` counts. Without arguments it lists its cases, each with the number of instructions that
//! it may take at most; with the number of a case and a number of times it runs that case so often.

use ocpp_core::wire::{Frame, Reader, Wire};
use ocpp_core::{Action, Config, Input, Instant, Load, Station, StationResources, Topology};
use ocpp16::messages::SetChargingProfileRequest;
use std::hint::black_box;

type Case = (&'static str, Option<u64>, fn(times: u32));

const CASES: &[Case] = &[
    (
        "`SetChargingProfile` with 24 periods: read and checked",
        Some(45_000),
        profile_checked,
    ),
    ("the same, and its periods looked at once more", None, profile_applied),
    ("`poll` of a station with nothing to do", Some(200), idle_poll),
    (
        "`GetConfiguration` of all keys: from the frame to the reply",
        None,
        configuration,
    ),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [case, times] => CASES[case.parse::<usize>().unwrap()].2(times.parse().unwrap()),
        _ => {
            for (name, limit, _) in CASES {
                println!("{}\t{name}", limit.map_or("-".into(), |limit| limit.to_string()));
            }
        }
    }
}

fn profile_checked(times: u32) {
    let json = profile();
    for _ in 0..times {
        let request = SetChargingProfileRequest::read(&mut Reader::new(black_box(&json)));
        assert!(black_box(request).is_ok());
    }
}

fn profile_applied(times: u32) {
    let json = profile();
    for _ in 0..times {
        let request = SetChargingProfileRequest::read(&mut Reader::new(black_box(&json))).unwrap();
        let periods = request.cs_charging_profiles.charging_schedule.charging_schedule_period;
        assert_eq!(
            black_box(periods.iter().filter_map(|period| period.limit.scaled(3)).sum::<i64>()),
            265_000
        );
    }
}

fn idle_poll(times: u32) {
    let mut resources = StationResources::new();
    let mut station = online(&mut resources);
    let mut buffer = [0; 2048];
    for _ in 0..times {
        assert!(matches!(station.poll(black_box(ONLINE), &mut buffer), Ok(None)));
    }
}

fn configuration(times: u32) {
    let mut resources = StationResources::new();
    let mut station = online(&mut resources);
    let mut buffer = [0; 8192];
    for _ in 0..times {
        station
            .handle(ONLINE, Input::Frame(br#"[2,"1","GetConfiguration",{}]"#))
            .unwrap();
        assert!(matches!(station.poll(ONLINE, &mut buffer), Ok(Some(Action::Send(reply))) if reply.len() > 1000));
        station.handle(ONLINE, Input::Sent).unwrap();
        assert!(matches!(station.poll(ONLINE, &mut buffer), Ok(None)));
    }
}

/// As OCPP peers write it: 24 hours, two fields each.
fn profile() -> String {
    let periods: Vec<String> = (0..24)
        .map(|hour| format!(r#"{{"startPeriod":{},"limit":{}.5}}"#, hour * 3600, hour % 23))
        .collect();
    format!(
        r#"{{"connectorId":1,"csChargingProfiles":{{"chargingProfileId":7,"stackLevel":0,"chargingProfilePurpose":"TxDefaultProfile","chargingProfileKind":"Recurring","recurrencyKind":"Daily","validFrom":"2026-11-22T00:00:00Z","validTo":"2027-11-22T00:00:00Z","chargingSchedule":{{"duration":86400,"startSchedule":"2026-11-22T00:00:00Z","chargingRateUnit":"A","minChargingRate":6.0,"chargingSchedulePeriod":[{}]}}}}}}"#,
        periods.join(",")
    )
}

static DIALECTS: [&dyn ocpp_core::dialect::Dialect; 1] = [&ocpp16::DIALECT];

const ONLINE: Instant = Instant::from_millis(60_000);

/// A station with two EVSEs that is accepted and has told everything that there was to tell.
fn online(resources: &mut StationResources<2, 2>) -> Station<'_> {
    let config = Config::new(Topology::new(&[1, 1]), Default::default(), [7; 16]);
    let mut station = Station::new(config, &DIALECTS, resources.storage()).unwrap();
    let mut buffer = [0; 2048];
    while let Some(action) = station.poll(ONLINE, &mut buffer).unwrap() {
        let mut tell = |input: Input<'_>| station.handle(ONLINE, input).unwrap();
        match action {
            Action::Load {
                id,
                what: Load::Value(_),
            } => tell(Input::LoadedValue { id, value: None }),
            Action::Load { id, .. } => tell(Input::LoadedRecord { id, record: None }),
            Action::Store { id, .. } | Action::Discard { id, .. } => tell(Input::Stored { id, result: Ok(()) }),
            Action::Connect { .. } => tell(Input::Connected { subprotocol: "ocpp1.6" }),
            Action::Send(frame) => {
                tell(Input::Sent);
                let Ok(Frame::Call { id, action, .. }) = Frame::read(frame) else {
                    panic!()
                };
                let answer = if action.eq_str("BootNotification") {
                    r#"{"status":"Accepted","currentTime":"2026-11-22T12:00:00Z","interval":300}"#
                } else {
                    "{}"
                };
                tell(Input::Frame(format!("[3,{:?},{answer}]", id.as_text()).as_bytes()));
            }
            _ => {}
        }
    }
    assert!(station.is_idle());
    station
}
