//! Who may charge in 2.0.1: what is asked, what is remembered, and what holds without a link (C01–C16).

mod bench;

use bench::{Answer, Bench, Csms, OCPP201, accepting, accepting_but, config, token};
use ocpp_core::settings::SettingId;
use ocpp_core::{EvseId, Input, PilotState, Token, TokenKind};
use serde_json::{Value, json};

fn station(settings: &[(SettingId, &str)]) -> Bench {
    Bench::new201(&[1], settings)
}

/// The CSMS says this of every token it is asked of.
fn saying(info: Value) -> Csms {
    accepting_but(move |action, _| (action == "Authorize").then(|| Answer::Result(json!({"idTokenInfo": info}))))
}

/// The CSMS says this of every token that a TransactionEvent has.
fn judging(status: &'static str) -> Csms {
    accepting_but(move |action, payload| {
        let asked = action == "TransactionEvent" && !payload["idToken"].is_null();
        asked.then(|| Answer::Result(json!({"idTokenInfo": {"status": status}})))
    })
}

fn is_running(bench: &Bench) -> bool {
    bench.station.transaction(EvseId(1)).is_some()
}

fn asked(bench: &mut Bench) -> usize {
    let asked = bench.calls_of("Authorize").len();
    bench.calls.clear();
    asked
}

/// C01.FR.01, C01.FR.04: no energy without authorization, and nobody is asked of before a token is there.
#[test]
fn c01_no_energy_without_authorization() {
    let mut bench = station(&[]);
    bench.pilot(1, 1, PilotState::C);
    bench.advance(10);
    let lines = bench.take();
    assert!(
        !lines
            .iter()
            .any(|line| line.starts_with("permit") || line.contains("Authorize"))
    );
    bench.present("TAG");
    let lines = bench.take();
    let at = |wanted: &str| lines.iter().position(|line| line == wanted).unwrap();
    assert!(at("> Authorize TAG") < at("permit 1.1 on"));
}

/// C01.FR.03: the same token ends the authorization, and the CSMS is not asked again. C01.FR.25: the same text of another
/// type is another token.
#[test]
fn c01_same_token() {
    let mut bench = station(&[]);
    bench.charge(1, "TAG");
    bench.calls.clear();
    bench.input(Input::IdToken {
        token: Token::new("TAG", TokenKind::KeyCode).unwrap(),
        evse: None,
    });
    assert_eq!(asked(&mut bench), 1);
    assert!(is_running(&bench));
    bench.present("TAG");
    assert_eq!(asked(&mut bench), 0);
    assert!(!is_running(&bench));
}

/// C01.FR.26: an authorization that no EV follows is over.
#[test]
fn c01_no_cable_in_time() {
    for (wait, runs) in [(59, true), (60, false)] {
        let mut bench = station(&[]);
        bench.present("TAG");
        bench.advance(wait);
        bench.pilot(1, 1, PilotState::B);
        assert_eq!(is_running(&bench), runs, "{wait}");
    }
}

/// C02.FR.03, C03.FR.02: what is no driver's token is not remembered, whatever is said of it. C06.FR.02: a local one is
/// asked about like any other.
#[test]
fn c02_c06_kinds_of_tokens() {
    for (kind, text, calls, kept) in [
        (TokenKind::NoAuthorization, "", 0, 0),
        (TokenKind::Local, "L", 1, 1),
        (TokenKind::KeyCode, "1234", 1, 1),
    ] {
        let mut bench = station(&[]);
        bench.csms = accepting_but(|action, _| {
            (action == "TransactionEvent").then(|| Answer::Result(json!({"idTokenInfo": {"status": "Accepted"}})))
        });
        bench.pilot(1, 1, PilotState::B);
        let token = Token::new(text, kind).unwrap();
        bench.input(Input::IdToken { token, evse: None });
        assert!(is_running(&bench), "{kind:?}");
        assert_eq!(
            (asked(&mut bench), bench.station.cache_len()),
            (calls, kept),
            "{kind:?}"
        );
        // C04.FR.04
        assert!(text.is_empty() || !format!("{token:?}").contains(text));
    }
}

/// C09.FR.03, C09.FR.05, C09.FR.11: one of the same group is asked about and may stop, unless it is not valid itself.
#[test]
fn c09_group() {
    for (group, status, stops) in [
        ("G", "Accepted", true),
        ("G", "Blocked", false),
        ("H", "Accepted", false),
    ] {
        let mut bench = station(&[]);
        let info = |group: &str, status: &str| json!({"status": status, "groupIdToken": {"idToken": group, "type": "Central"}});
        bench.csms = saying(info("G", "Accepted"));
        bench.charge(1, "ONE");
        bench.calls.clear();
        bench.csms = saying(info(group, status));
        bench.present("TWO");
        assert_eq!(asked(&mut bench), 1);
        assert_eq!(is_running(&bench), !stops, "{group} {status}");
    }
}

/// C10.FR.05: what the answer to a TransactionEvent says of the token is remembered. C10.FR.02: over a reboot too.
#[test]
fn c10_answers_to_events_are_remembered() {
    let mut bench = station(&[]);
    bench.csms = judging("Blocked");
    bench.charge(1, "TAG");
    bench.leave(1);
    let mut bench = Bench::speaking(config(&[1]), bench.store, &OCPP201, "ocpp2.0.1");
    bench.drain();
    assert_eq!(bench.station.cache_len(), 1);
    bench.go_offline();
    bench.charge(1, "TAG");
    assert!(!is_running(&bench));
}

/// C10.FR.07: the bench has four places. C10.FR.11: switched off, nothing is kept or known.
#[test]
fn c10_full_and_off() {
    let mut bench = station(&[]);
    for tag in ["A", "B", "C", "D", "E"] {
        bench.present(tag);
        bench.present(tag);
    }
    assert_eq!(bench.station.cache_len(), 4);
    bench.go_offline();
    for (tag, known) in [("A", false), ("E", true)] {
        bench.charge(1, tag);
        assert_eq!(is_running(&bench), known, "{tag}");
        bench.present(tag);
        bench.leave(1);
    }
    bench.set(SettingId::AuthCacheEnabled, "false");
    bench.charge(1, "E");
    assert!(!is_running(&bench));
}

/// C10.FR.13: an entry past its own time is expired.
#[test]
fn c10_expiry() {
    for (wait, known) in [(599, true), (600, false)] {
        let mut bench = station(&[]);
        bench.csms = saying(json!({"status": "Accepted", "cacheExpiryDateTime": "2026-11-22T12:10:00Z"}));
        bench.present("TAG");
        bench.present("TAG");
        bench.go_offline();
        bench.advance(wait);
        bench.charge(1, "TAG");
        assert_eq!(is_running(&bench), known, "{wait}");
    }
}

/// C12.FR.02, C12.FR.04: a token that is known as valid begins without a question, and energy is offered.
#[test]
fn c12_cached_token() {
    let mut bench = station(&[(SettingId::LocalPreAuthorize, "true")]);
    bench.present("TAG");
    bench.present("TAG");
    bench.calls.clear();
    bench.take();
    bench.charge(1, "TAG");
    assert_eq!(bench.calls_of("TransactionEvent")[0]["idToken"]["idToken"], "TAG");
    assert_eq!(asked(&mut bench), 0);
    assert!(bench.take().contains(&"permit 1.1 on".to_string()));
}

fn send_list(bench: &mut Bench, entries: &[(&str, &str)]) {
    let entry = |(tag, status): &(&str, &str)| json!({"idToken": {"idToken": tag, "type": "ISO14443"}, "idTokenInfo": {"status": status}});
    let list: Vec<Value> = entries.iter().map(entry).collect();
    bench.call(
        "SendLocalList",
        json!({"versionNumber": 1, "updateType": "Full", "localAuthorizationList": list}),
    );
}

/// C13.FR.02–FR.04: without a link the list decides; who is in neither list nor cache, the operator. C14.FR.02: with one,
/// a listed token begins without a question.
#[test]
fn c13_c14_listed_tokens() {
    for (unknown, may) in [("true", true), ("false", false)] {
        let settings = [
            (SettingId::OfflineTxForUnknownId, unknown),
            (SettingId::LocalPreAuthorize, "true"),
        ];
        for (tag, runs) in [("GOOD", true), ("BAD", false), ("NEW", may)] {
            let mut bench = station(&settings);
            send_list(&mut bench, &[("GOOD", "Accepted"), ("BAD", "Blocked")]);
            bench.go_offline();
            bench.charge(1, tag);
            assert_eq!(is_running(&bench), runs, "{unknown} {tag}");
        }
        let mut bench = station(&settings);
        send_list(&mut bench, &[("GOOD", "Accepted")]);
        bench.charge(1, "GOOD");
        assert!(is_running(&bench));
        assert_eq!(asked(&mut bench), 0);
    }
}

/// C13.FR.06: a listed token past its time may not charge, even where unknown ones may.
#[test]
fn c13_expired_token_where_unknown_ones_may_charge() {
    for (wait, runs) in [(599, true), (600, false)] {
        let mut bench = station(&[(SettingId::OfflineTxForUnknownId, "true")]);
        let info = json!({"status": "Accepted", "cacheExpiryDateTime": "2026-11-22T12:10:00Z"});
        let entry = json!({"idToken": {"idToken": "TAG", "type": "ISO14443"}, "idTokenInfo": info});
        bench.call(
            "SendLocalList",
            json!({"versionNumber": 1, "updateType": "Full", "localAuthorizationList": [entry]}),
        );
        bench.go_offline();
        bench.advance(wait);
        bench.charge(1, "TAG");
        assert_eq!(is_running(&bench), runs, "{wait}");
    }
}

/// A transaction of somebody unknown begins without a link, and the CSMS says Invalid when it hears of it.
fn unknown(settings: &[(SettingId, &str)]) -> Bench {
    let mut bench = station(&[&[(SettingId::OfflineTxForUnknownId, "true")], settings].concat());
    bench.go_offline();
    bench.charge(1, "NEW");
    bench.energy(1, 10);
    bench.csms = judging("Invalid");
    bench.take();
    bench.go_online();
    bench
}

/// C15.FR.02–FR.04, C15.FR.06, C15.FR.07: it is told; then it ends, or goes on without energy, or with some.
#[test]
fn c15_unknown_token_turns_out_invalid() {
    for (settings, last, trigger) in [
        (vec![(SettingId::TxStopPoint, "EVConnected")], "Updated", "Deauthorized"),
        (vec![], "Ended", "Deauthorized"),
        (
            vec![(SettingId::StopOnInvalidId, "false")],
            "Updated",
            "ChargingStateChanged",
        ),
    ] {
        let mut bench = unknown(&settings);
        let events = bench.calls_of("TransactionEvent");
        assert_eq!(
            (&events[0]["eventType"], &events[0]["offline"]),
            (&json!("Started"), &json!(true))
        );
        let end = events.last().unwrap();
        assert_eq!(
            (end["eventType"].as_str(), end["triggerReason"].as_str()),
            (Some(last), Some(trigger))
        );
        if last == "Ended" {
            assert_eq!(end["transactionInfo"]["stoppedReason"], "DeAuthorized");
        }
        assert!(bench.take().contains(&"permit 1.1 off".to_string()));
    }
    let settings = [
        (SettingId::StopOnInvalidId, "false"),
        (SettingId::MaxEnergyOnInvalidId, "500"),
    ];
    let mut bench = unknown(&settings);
    for (energy, off) in [(509, false), (510, true)] {
        bench.energy(1, energy);
        assert_eq!(bench.take().contains(&"permit 1.1 off".to_string()), off, "{energy}");
    }
}

/// C15.FR.05, E05.FR.11: who was not accepted gets the cable out, and nobody else.
#[test]
fn c15_e05_cable_stays_for_its_owner() {
    let mut bench = station(&[]);
    bench.fit_lock(1, 1);
    bench.cable(1, 1, true);
    bench.csms = judging("Invalid");
    bench.charge(1, "TAG");
    let lines = bench.take();
    assert!(lines.contains(&"permit 1.1 off".to_string()) && !lines.contains(&"unlock 1.1".to_string()));
    bench.csms = accepting();
    bench.present("OTHER");
    assert!(!bench.take().contains(&"unlock 1.1".to_string()));
    bench.present("TAG");
    assert!(bench.take().contains(&"unlock 1.1".to_string()));
}

/// C16.FR.04, C16.FR.05: the master pass is known from cache and list too. C12.FR.09, C16.FR.03: it begins nothing.
#[test]
fn c16_known_master_pass() {
    for listed in [false, true] {
        let mut bench = station(&[
            (SettingId::MasterPassGroupId, "M"),
            (SettingId::LocalPreAuthorize, "true"),
        ]);
        let info = json!({"status": "Accepted", "groupIdToken": {"idToken": "M", "type": "Central"}});
        if listed {
            let entry = json!({"idToken": {"idToken": "GUARD", "type": "ISO14443"}, "idTokenInfo": info});
            bench.call(
                "SendLocalList",
                json!({"versionNumber": 1, "updateType": "Full", "localAuthorizationList": [entry]}),
            );
        } else {
            bench.csms = saying(info);
            bench.present("GUARD");
            bench.csms = accepting();
        }
        bench.charge(1, "TAG");
        bench.go_offline();
        bench.input(Input::IdToken {
            token: token("GUARD"),
            evse: Some(EvseId(1)),
        });
        assert!(!is_running(&bench), "{listed}");
        bench.leave(1);
        bench.charge(1, "GUARD");
        assert!(!is_running(&bench), "{listed}");
    }
}
