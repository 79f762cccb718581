//! Restarting: transactions first, storage next, then the machine (1.6 §5.14; errata 3.36, 3.81).

mod bench;

use bench::{Answer, Bench, accepting_but, config};
use ocpp_core::settings::SettingId;
use ocpp_core::{EvseId, Input, LocalCommand, PilotState};
use serde_json::json;

const ACCEPTED: &str = r#"= {"status":"Accepted"}"#;
const REJECTED: &str = r#"= {"status":"Rejected"}"#;

/// 1.6 §5.14: transactions end and are told, then the machine restarts; the reply comes first.
#[test]
fn soft_reset() {
    let mut bench = Bench::new(&[1]);
    bench.charge(1, "TAG");
    bench.take();
    bench.call("Reset", json!({"type": "Soft"}));
    bench.expect(&[
        ACCEPTED,
        "permit 1.1 off",
        "> StatusNotification 1 Finishing",
        "> StopTransaction 1 0 SoftReset",
        "reboot Soft",
    ]);
}

#[test]
fn soft_reset_does_not_wait_for_ever_for_the_csms() {
    let mut bench = Bench::new(&[1]);
    bench.csms = accepting_but(|action, _| (action == "StopTransaction").then_some(Answer::Nothing));
    bench.charge(1, "TAG");
    bench.call("Reset", json!({"type": "Soft"}));
    bench.take();
    bench.advance(30);
    assert!(bench.take().contains(&"reboot Soft".to_string()));
    let mut bench = bench.reboot(config(&[1]));
    bench.csms = bench::accepting();
    bench.drain();
    assert_eq!(bench.calls_of("StopTransaction")[0]["reason"], "SoftReset");
}

/// Hard: what happened is stored before the machine restarts, and told afterwards at the latest.
#[test]
fn hard_reset() {
    let mut bench = Bench::new(&[1]);
    bench.go_offline();
    bench.set(SettingId::OfflineTxForUnknownId, "true");
    bench.charge(1, "TAG");
    bench.go_online();
    bench.csms = accepting_but(|action, _| (action == "StopTransaction").then_some(Answer::Nothing));
    bench.take();
    bench.call("Reset", json!({"type": "Hard"}));
    let lines = bench.take();
    assert_eq!(lines.first().unwrap(), ACCEPTED);
    assert_eq!(lines.last().unwrap(), "reboot Hard");
    assert!(!bench.store.records.is_empty());
    let mut bench = bench.reboot(config(&[1]));
    bench.csms = bench::accepting();
    bench.drain();
    let stops = bench.calls_of("StopTransaction");
    assert_eq!((stops.len(), &stops[0]["reason"]), (1, &json!("HardReset")));
    bench.assert_idle();
}

#[test]
fn reset_that_does_not_happen_is_tried_again() {
    let mut bench = Bench::with(&[1], &[(SettingId::ResetRetries, "2")]);
    bench.call("Reset", json!({"type": "Soft"}));
    bench.expect(&[ACCEPTED, "reboot Soft"]);
    bench.call("Reset", json!({"type": "Soft"}));
    bench.expect(&[REJECTED]);
    bench.advance(60);
    bench.expect(&["reboot Soft"]);
    bench.advance(60);
    bench.expect(&["reboot Soft"]);
    bench.advance(60);
    bench.expect(&["> StatusNotification 0 Available ResetFailure"]);
    bench.present("TAG");
    bench.take();
    bench.advance(600);
    bench.assert_idle();
}

/// What follows a reply waits until that reply was flushed, not the message before it.
#[test]
fn reset_waits_for_its_own_reply() {
    let mut bench = Bench::new(&[1]);
    bench.charge(1, "TAG");
    bench.take();
    bench.hold_sent = true;
    bench.pilot(1, 1, PilotState::B);
    bench.call("Reset", json!({"type": "Hard"}));
    bench.expect(&["> StatusNotification 1 SuspendedEV"]);
    bench.input(Input::Sent);
    bench.expect(&[ACCEPTED]);
    assert!(bench.station.transaction(EvseId(1)).is_some());
    bench.input(Input::Sent);
    assert_eq!(bench.take()[0], "permit 1.1 off");
}

/// The link breaks before the reply could be given: nobody was promised anything.
#[test]
fn reset_without_a_reply_does_not_happen() {
    let mut bench = Bench::new(&[1]);
    bench.hold_sent = true;
    bench.pilot(1, 1, PilotState::B);
    bench.call("Reset", json!({"type": "Hard"}));
    bench.hold_sent = false;
    bench.go_offline();
    bench.go_online();
    bench.advance(60);
    assert!(!bench.take().iter().any(|line| line.starts_with("reboot")));
}

/// A restart that a person wants is no SoftReset.
#[test]
fn local_reboot() {
    let mut bench = Bench::new(&[1]);
    bench.charge(1, "TAG");
    bench.take();
    bench.input(Input::Local(LocalCommand::Reboot));
    assert_eq!(bench.calls_of("StopTransaction")[0]["reason"], "Reboot");
    assert_eq!(bench.take().last().unwrap(), "reboot Soft");
}
