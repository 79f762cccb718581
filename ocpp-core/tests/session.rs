//! Sessions in 1.6: from plug to plug, on the virtual clock (1.6 §3.6, §4.8–4.10, §9).

mod bench;

use bench::{Answer, Bench, accepting_but};
use ocpp_core::settings::SettingId;
use ocpp_core::{EvseId, Input, LocalCommand, PilotState};
use serde_json::json;

/// A station with a lock and a detachable cable, which is in.
fn with_cable(settings: &[(SettingId, &str)]) -> Bench {
    let mut bench = Bench::with(&[1], settings);
    bench.fit_lock(1, 1);
    bench.cable(1, 1, true);
    bench.pilot(1, 1, PilotState::B);
    bench.expect(&["> StatusNotification 1 Preparing"]);
    bench
}

/// 1.6 §4.9: Preparing, Charging, Finishing, Available, with the transaction between.
#[test]
fn plug_first() {
    let mut bench = Bench::new(&[1]);
    bench.energy(1, 1000);
    bench.pilot(1, 1, PilotState::B);
    bench.expect(&["> StatusNotification 1 Preparing"]);
    bench.present("04A3F2");
    bench.expect(&[
        "> Authorize 04A3F2",
        "permit 1.1 on",
        "> StatusNotification 1 SuspendedEV",
        "> StartTransaction 1 04A3F2 1000",
    ]);
    bench.pilot(1, 1, PilotState::C);
    bench.contactor(1, true);
    bench.expect(&["> StatusNotification 1 Charging"]);
    bench.energy(1, 1500);
    bench.advance(60);
    bench.expect(&["> MeterValues 1 1"]);
    bench.energy(1, 2000);
    bench.present("04a3f2");
    bench.expect(&[
        "permit 1.1 off",
        "> StatusNotification 1 Finishing",
        "> StopTransaction 1 2000 Local 04a3f2",
    ]);
    bench.contactor(1, false);
    bench.pilot(1, 1, PilotState::A);
    bench.expect(&["> StatusNotification 1 Available"]);
    assert!(bench.store.records.is_empty());
    bench.assert_idle();
}

#[test]
fn tag_first() {
    let mut bench = Bench::new(&[1]);
    bench.present("TAG");
    bench.expect(&["> Authorize TAG", "> StatusNotification 1 Preparing"]);
    bench.advance(30);
    bench.pilot(1, 1, PilotState::B);
    bench.expect(&[
        "permit 1.1 on",
        "> StatusNotification 1 SuspendedEV",
        "> StartTransaction 1 TAG 0",
    ]);
    bench.pilot(1, 1, PilotState::C);
    bench.contactor(1, true);
    bench.expect(&["> StatusNotification 1 Charging"]);
    bench.assert_idle();
}

/// ConnectionTimeOut without a cable: back to where it was (B1).
#[test]
fn tag_first_and_nobody_plugs() {
    let mut bench = Bench::new(&[1]);
    bench.present("TAG");
    bench.take();
    bench.advance(59);
    bench.expect(&[]);
    bench.advance(1);
    bench.expect(&["> StatusNotification 1 Available"]);
    bench.pilot(1, 1, PilotState::B);
    bench.expect(&["> StatusNotification 1 Preparing"]);
    bench.assert_idle();
}

/// ConnectionTimeOut without a token: the cable stays in (B6).
#[test]
fn plug_first_and_nobody_presents() {
    let mut bench = Bench::new(&[1]);
    bench.pilot(1, 1, PilotState::B);
    bench.take();
    bench.advance(60);
    bench.expect(&["> StatusNotification 1 Finishing"]);
    bench.pilot(1, 1, PilotState::A);
    bench.expect(&["> StatusNotification 1 Available"]);
    bench.assert_idle();
}

#[test]
fn connection_time_out_of_zero_waits_for_ever() {
    let mut bench = Bench::with(&[1], &[(SettingId::ConnectionTimeOut, "0")]);
    bench.pilot(1, 1, PilotState::B);
    bench.take();
    bench.advance(80_000);
    bench.expect(&[]);
}

/// B1: the second swipe takes the first one back.
#[test]
fn second_swipe_before_the_cable() {
    let mut bench = Bench::new(&[1]);
    bench.present("TAG");
    bench.take();
    bench.present("tag");
    bench.expect(&["> StatusNotification 1 Available"]);
    bench.pilot(1, 1, PilotState::C);
    bench.expect(&["> StatusNotification 1 Preparing"]);
    bench.assert_idle();
}

/// While one driver is being served, another one is not.
#[test]
fn other_token_before_the_cable() {
    let mut bench = Bench::new(&[1]);
    bench.present("TAG");
    bench.take();
    bench.present("OTHER");
    bench.expect(&[]);
    bench.pilot(1, 1, PilotState::B);
    bench.expect(&[
        "permit 1.1 on",
        "> StatusNotification 1 SuspendedEV",
        "> StartTransaction 1 TAG 0",
    ]);
}

/// F2: a new swipe after the end is a new transaction.
#[test]
fn swipe_while_finishing_is_a_new_session() {
    let mut bench = Bench::new(&[1]);
    bench.charge(1, "TAG");
    bench.present("TAG");
    bench.take();
    bench.present("TAG");
    bench.expect(&[
        "> Authorize TAG",
        "permit 1.1 on",
        "> StatusNotification 1 Charging",
        "> StartTransaction 1 TAG 0",
    ]);
    bench.assert_idle();
}

#[test]
fn refused_token_changes_nothing() {
    let mut bench = Bench::new(&[1]);
    bench.csms = accepting_but(|action, _| {
        (action == "Authorize").then(|| Answer::Result(json!({"idTagInfo": {"status": "Blocked"}})))
    });
    bench.pilot(1, 1, PilotState::B);
    bench.take();
    bench.present("TAG");
    bench.expect(&["> Authorize TAG"]);
    bench.assert_idle();
}

#[test]
fn emergency_stop() {
    let mut bench = Bench::new(&[1]);
    bench.charge(1, "TAG");
    bench.take();
    bench.input(Input::Local(LocalCommand::EmergencyStop(EvseId(1))));
    bench.expect(&[
        "permit 1.1 off",
        "> StatusNotification 1 Finishing",
        "> StopTransaction 1 0 EmergencyStop",
    ]);
    bench.assert_idle();
}

#[test]
fn emergency_stop_before_the_cable() {
    let mut bench = Bench::new(&[1]);
    bench.present("TAG");
    bench.take();
    bench.input(Input::Local(LocalCommand::EmergencyStop(EvseId(1))));
    bench.expect(&["> StatusNotification 1 Available"]);
}

/// StopTransactionOnEVSideDisconnect=true with a fixed cable: nothing is left for the driver to do.
#[test]
fn unplugged_at_the_ev_with_a_fixed_cable() {
    let mut bench = Bench::new(&[1]);
    bench.charge(1, "TAG");
    bench.take();
    bench.pilot(1, 1, PilotState::A);
    bench.expect(&[
        "permit 1.1 off",
        "> StatusNotification 1 Available EV side disconnected",
        "> StopTransaction 1 0 EVDisconnected",
    ]);
    bench.contactor(1, false);
    bench.pilot(1, 1, PilotState::B);
    bench.expect(&["> StatusNotification 1 Preparing"]);
    bench.assert_idle();
}

/// StopTransactionOnEVSideDisconnect=true, UnlockConnectorOnEVSideDisconnect=true, detachable cable.
#[test]
fn unplugged_at_the_ev_unlocks_the_cable() {
    let mut bench = with_cable(&[]);
    bench.present("TAG");
    bench.take();
    bench.pilot(1, 1, PilotState::A);
    bench.expect(&[
        "permit 1.1 off",
        "unlock 1.1",
        "> StatusNotification 1 Finishing EV side disconnected",
        "> StopTransaction 1 0 EVDisconnected",
    ]);
    bench.cable(1, 1, false);
    bench.expect(&["> StatusNotification 1 Available"]);
    bench.assert_idle();
}

/// UnlockConnectorOnEVSideDisconnect=false: only its owner gets the cable out.
#[test]
fn unplugged_at_the_ev_keeps_the_cable_for_its_owner() {
    let mut bench = with_cable(&[(SettingId::UnlockOnEvSideDisconnect, "false")]);
    bench.present("TAG");
    bench.pilot(1, 1, PilotState::A);
    bench.take();
    bench.present("OTHER");
    bench.expect(&["> Authorize OTHER"]);
    bench.present("tag");
    bench.expect(&["unlock 1.1"]);
    bench.cable(1, 1, false);
    bench.expect(&["> StatusNotification 1 Available"]);
    bench.assert_idle();
}

/// StopTransactionOnEVSideDisconnect=false: the transaction goes on, and so does the lock, whatever the unlock key says.
#[test]
fn unplugged_at_the_ev_goes_on_when_replugged() {
    let mut bench = with_cable(&[(SettingId::StopOnEvSideDisconnect, "false")]);
    bench.present("TAG");
    bench.pilot(1, 1, PilotState::C);
    bench.contactor(1, true);
    bench.take();
    bench.contactor(1, false);
    bench.pilot(1, 1, PilotState::A);
    bench.expect(&["> StatusNotification 1 SuspendedEV EV side disconnected"]);
    bench.advance(59);
    bench.pilot(1, 1, PilotState::C);
    bench.contactor(1, true);
    bench.expect(&["> StatusNotification 1 Charging"]);
    bench.advance(61);
    bench.take();
    bench.present("TAG");
    bench.expect(&[
        "permit 1.1 off",
        "unlock 1.1",
        "> StatusNotification 1 Finishing",
        "> StopTransaction 1 0 Local TAG",
    ]);
    bench.assert_idle();
}

#[test]
fn unplugged_at_the_ev_and_stopped_by_its_owner() {
    let mut bench = with_cable(&[(SettingId::StopOnEvSideDisconnect, "false")]);
    bench.present("TAG");
    bench.pilot(1, 1, PilotState::A);
    bench.take();
    bench.present("TAG");
    bench.expect(&[
        "permit 1.1 off",
        "unlock 1.1",
        "> StatusNotification 1 Finishing",
        "> StopTransaction 1 0 Local TAG",
    ]);
    bench.cable(1, 1, false);
    bench.expect(&["> StatusNotification 1 Available"]);
}

/// A fault of the pilot line says nothing of the EV; once it is seen to be gone, it is gone.
#[test]
fn pilot_fault_is_no_unplugging() {
    let mut bench = Bench::new(&[1]);
    bench.charge(1, "TAG");
    bench.take();
    bench.pilot(1, 1, PilotState::E);
    bench.expect(&["> StatusNotification 1 SuspendedEV"]);
    bench.pilot(1, 1, PilotState::C);
    bench.expect(&["> StatusNotification 1 Charging"]);
    bench.pilot(1, 1, PilotState::E);
    bench.take();
    bench.pilot(1, 1, PilotState::A);
    bench.expect(&[
        "permit 1.1 off",
        "> StatusNotification 1 Available EV side disconnected",
        "> StopTransaction 1 0 EVDisconnected",
    ]);
    bench.pilot(1, 1, PilotState::B);
    bench.advance(60);
    bench.expect(&["> StatusNotification 1 Preparing", "> StatusNotification 1 Finishing"]);
    bench.pilot(1, 1, PilotState::F);
    bench.pilot(1, 1, PilotState::B);
    bench.expect(&[]);
    bench.assert_idle();
}

/// 2.0.1 G05.FR.01, and no less in 1.6: what cannot be locked does not charge.
#[test]
fn g05_no_energy_behind_a_lock_that_failed() {
    let mut bench = with_cable(&[]);
    bench.lock_works = false;
    bench.present("TAG");
    bench.pilot(1, 1, PilotState::C);
    let lines = bench.take();
    let last = lines.iter().rfind(|line| line.starts_with("permit"));
    assert!(last.is_none_or(|line| line == "permit 1.1 off"), "{lines:?}");
    assert!(!bench.station.transaction(EvseId(1)).unwrap().permitted);
}
