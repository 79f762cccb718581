//! Whose session it is: tokens that turn out invalid, groups, strangers (1.6 §3.5.3, §4.8, §9; errata 3.5, 3.17).

mod bench;

use bench::{Answer, Bench, accepting_but};
use ocpp_core::PilotState;
use ocpp_core::settings::SettingId;
use serde_json::json;

/// StartTransaction is answered with this status.
fn distrusting(bench: &mut Bench, status: &'static str) {
    bench.csms = accepting_but(move |action, _| {
        let answer = json!({"idTagInfo": {"status": status}, "transactionId": 1});
        (action == "StartTransaction").then_some(Answer::Result(answer))
    });
}

/// Each tag belongs to the group that its first letter names.
fn grouping(bench: &mut Bench) {
    bench.csms = accepting_but(|action, payload| {
        let group = payload["idTag"]
            .as_str()
            .and_then(|tag| tag.get(..1))
            .unwrap_or("")
            .to_string();
        let info = json!({"status": "Accepted", "parentIdTag": group});
        match action {
            "Authorize" => Some(Answer::Result(json!({"idTagInfo": info}))),
            "StartTransaction" => Some(Answer::Result(json!({"idTagInfo": info, "transactionId": 7}))),
            _ => None,
        }
    });
}

/// A station with a lock and a detachable cable, which is in.
fn with_cable(settings: &[(SettingId, &str)]) -> Bench {
    let mut bench = Bench::with(&[1], settings);
    bench.fit_lock(1, 1);
    bench.cable(1, 1, true);
    bench.pilot(1, 1, PilotState::B);
    bench.expect(&["> StatusNotification 1 Preparing"]);
    bench
}

/// 1.6 §4.8, StopTransactionOnInvalidId=true. Errata 3.5: the cable stays locked until its owner comes.
#[test]
fn invalid_token_on_start_stops_and_keeps_the_cable() {
    let mut bench = with_cable(&[]);
    distrusting(&mut bench, "Blocked");
    bench.present("TAG");
    bench.expect(&[
        "> Authorize TAG",
        "lock 1.1",
        "permit 1.1 on",
        "> StatusNotification 1 SuspendedEV",
        "> StartTransaction 1 TAG 0",
        "permit 1.1 off",
        "> StatusNotification 1 Finishing",
        "> StopTransaction 1 0 DeAuthorized",
    ]);
    bench.pilot(1, 1, PilotState::A);
    bench.present("OTHER");
    bench.expect(&["> Authorize OTHER"]);
    bench.present("TAG");
    bench.expect(&["unlock 1.1"]);
    bench.cable(1, 1, false);
    bench.expect(&["> StatusNotification 1 Available"]);
    bench.assert_idle();
}

/// Without a lock there is nothing to keep: the next driver charges.
#[test]
fn invalid_token_on_start_does_not_bar_the_next_driver() {
    let mut bench = Bench::new(&[1]);
    distrusting(&mut bench, "Invalid");
    bench.charge(1, "TAG");
    bench.leave(1);
    bench.csms = bench::accepting();
    bench.take();
    bench.charge(1, "OTHER");
    assert!(bench.take().contains(&"> StartTransaction 1 OTHER 0".to_string()));
}

/// The cable was freed by other means: the next driver charges.
#[test]
fn cable_kept_for_its_owner_does_not_outlive_itself() {
    let mut bench = with_cable(&[]);
    distrusting(&mut bench, "Invalid");
    bench.present("TAG");
    bench.pilot(1, 1, PilotState::A);
    bench.call("UnlockConnector", json!({"connectorId": 1}));
    bench.cable(1, 1, false);
    bench.csms = bench::accepting();
    bench.cable(1, 1, true);
    bench.pilot(1, 1, PilotState::B);
    bench.take();
    bench.present("OTHER");
    assert!(bench.take().contains(&"> StartTransaction 1 OTHER 0".to_string()));
}

/// StopTransactionOnInvalidId=false: only energy is withheld.
#[test]
fn invalid_token_on_start_suspends() {
    let mut bench = Bench::with(&[1], &[(SettingId::StopOnInvalidId, "false")]);
    distrusting(&mut bench, "Expired");
    bench.pilot(1, 1, PilotState::B);
    bench.take();
    bench.present("TAG");
    bench.expect(&[
        "> Authorize TAG",
        "permit 1.1 on",
        "> StatusNotification 1 SuspendedEV",
        "> StartTransaction 1 TAG 0",
        "permit 1.1 off",
        "> StatusNotification 1 SuspendedEVSE",
    ]);
    bench.present("TAG");
    bench.expect(&["> StatusNotification 1 Finishing", "> StopTransaction 1 0 Local TAG"]);
    bench.assert_idle();
}

#[test]
fn invalid_token_gets_the_energy_that_the_operator_grants() {
    for (stop, last) in [
        ("true", "> StopTransaction 1 1500 DeAuthorized"),
        ("false", "> StatusNotification 1 SuspendedEVSE"),
    ] {
        let settings = [
            (SettingId::MaxEnergyOnInvalidId, "500"),
            (SettingId::StopOnInvalidId, stop),
        ];
        let mut bench = Bench::with(&[1], &settings);
        distrusting(&mut bench, "ConcurrentTx");
        bench.energy(1, 1000);
        bench.charge(1, "TAG");
        bench.take();
        bench.energy(1, 1499);
        bench.expect(&[]);
        bench.energy(1, 1500);
        let lines = bench.take();
        assert_eq!(lines.first().unwrap(), "permit 1.1 off");
        assert_eq!(lines.last().unwrap(), last);
        bench.assert_idle();
    }
}

/// Errata 3.17: the same holds for a start that is told after the outage.
#[test]
fn invalid_token_learnt_after_an_outage() {
    let mut bench = Bench::with(&[1], &[(SettingId::OfflineTxForUnknownId, "true")]);
    bench.go_offline();
    bench.charge(1, "TAG");
    bench.take();
    distrusting(&mut bench, "Invalid");
    bench.go_online();
    bench.expect(&[
        "> StatusNotification 1 Charging",
        "> StartTransaction 1 TAG 0",
        "permit 1.1 off",
        "> StatusNotification 1 Finishing",
        "> StopTransaction 1 0 DeAuthorized",
    ]);
    bench.assert_idle();
}

/// 1.6 §3.5.3: a member of the same group may stop; the tag that stops is told.
#[test]
fn group_member_stops() {
    let mut bench = Bench::new(&[1]);
    grouping(&mut bench);
    bench.charge(1, "A1");
    bench.take();
    bench.present("A2");
    bench.expect(&[
        "> Authorize A2",
        "permit 1.1 off",
        "> StatusNotification 1 Finishing",
        "> StopTransaction 7 0 Local A2",
    ]);
    bench.assert_idle();
}

#[test]
fn stranger_does_not_stop() {
    let mut bench = Bench::new(&[1]);
    grouping(&mut bench);
    bench.charge(1, "A1");
    bench.take();
    bench.present("B1");
    bench.expect(&["> Authorize B1"]);
    // The group's own name is no member of it.
    bench.present("A");
    bench.take();
    bench.assert_idle();
}

/// Two people tap while the first is being asked about: the answer is for the first.
#[test]
fn answer_about_one_token_does_not_stop_for_another() {
    let mut bench = Bench::new(&[1]);
    grouping(&mut bench);
    bench.charge(1, "A1");
    bench.csms = accepting_but(|action, _| (action == "Authorize").then_some(Answer::Nothing));
    bench.present("A2");
    bench.present("B1");
    bench.take();
    bench.answer(json!({"idTagInfo": {"status": "Accepted", "parentIdTag": "A"}}));
    bench.expect(&[
        "permit 1.1 off",
        "> StatusNotification 1 Finishing",
        "> StopTransaction 7 0 Local A2",
    ]);
}
