//! Who may charge: the order in which cache and CSMS are asked, offline rules, and what the cache keeps (1.6 §3.5, §4.1,
//! §9; errata 3.4).

mod bench;

use bench::{Answer, Bench, Csms, accepting_but, config};
use ocpp_core::settings::SettingId;
use ocpp_core::{ConnectorId, ConnectorStatus, Input, Place};
use serde_json::{Value, json};

/// The CSMS says this of every token.
fn saying(info: Value) -> Csms {
    accepting_but(move |action, _| (action == "Authorize").then(|| Answer::Result(json!({"idTagInfo": info.clone()}))))
}

fn silent() -> Csms {
    accepting_but(|action, _| (action == "Authorize").then_some(Answer::Nothing))
}

/// The CSMS was asked of these tokens, one after the other, and nobody stayed.
fn knowing(settings: &[(SettingId, &str)], tokens: &[(&str, Value)]) -> Bench {
    let mut bench = Bench::with(&[1], settings);
    for (tag, info) in tokens {
        bench.csms = saying(info.clone());
        bench.present(tag);
        if is_preparing(&bench) {
            bench.present(tag);
        }
        bench.advance(1);
    }
    bench.csms = bench::accepting();
    bench.take();
    bench
}

fn is_preparing(bench: &Bench) -> bool {
    bench.station.connector_status(ConnectorId::new(1, 1)) == Some(ConnectorStatus::Preparing)
}

/// Whether the token may charge; it is taken back afterwards.
fn may_charge(bench: &mut Bench, tag: &str) -> bool {
    bench.present(tag);
    let may = is_preparing(bench);
    if may {
        bench.present(tag);
    }
    assert!(!is_preparing(bench));
    may
}

fn accepted() -> Value {
    json!({"status": "Accepted"})
}

fn status(status: &str) -> Value {
    json!({"status": status})
}

#[test]
fn unknown_token_is_asked_for() {
    let mut bench = Bench::new(&[1]);
    bench.present("TAG");
    bench.expect(&["> Authorize TAG", "> StatusNotification 1 Preparing"]);
}

/// LocalPreAuthorize=false: the CSMS is asked even of a known token.
#[test]
fn known_token_is_asked_for() {
    let mut bench = knowing(&[], &[("TAG", accepted())]);
    bench.present("TAG");
    bench.expect(&["> Authorize TAG", "> StatusNotification 1 Preparing"]);
}

#[test]
fn known_token_starts_at_once_with_local_pre_authorize() {
    let mut bench = knowing(&[(SettingId::LocalPreAuthorize, "true")], &[("TAG", accepted())]);
    bench.present("tag");
    bench.expect(&["> StatusNotification 1 Preparing"]);
}

/// A token known as not valid is asked for: the CSMS may have changed its mind.
#[test]
fn invalid_token_is_asked_for_even_with_local_pre_authorize() {
    let mut bench = knowing(&[(SettingId::LocalPreAuthorize, "true")], &[("TAG", status("Blocked"))]);
    bench.present("TAG");
    bench.expect(&["> Authorize TAG", "> StatusNotification 1 Preparing"]);
    bench.present("TAG");
    bench.take();
    bench.present("TAG");
    bench.expect(&["> StatusNotification 1 Preparing"]);
}

#[test]
fn every_status_but_accepted_refuses() {
    for own in ["Blocked", "Expired", "Invalid", "ConcurrentTx", "Golden"] {
        let mut bench = Bench::new(&[1]);
        bench.csms = saying(status(own));
        assert!(!may_charge(&mut bench, "TAG"), "{own}");
    }
}

#[test]
fn offline_rules() {
    for (known, unknown) in [(true, true), (true, false), (false, true), (false, false)] {
        let text = |on: bool| if on { "true" } else { "false" };
        let settings = [
            (SettingId::LocalAuthorizeOffline, text(known)),
            (SettingId::OfflineTxForUnknownId, text(unknown)),
        ];
        let mut bench = knowing(&settings, &[("GOOD", accepted()), ("BAD", status("Blocked"))]);
        bench.go_offline();
        assert_eq!(may_charge(&mut bench, "good"), known);
        assert!(!may_charge(&mut bench, "BAD"));
        assert_eq!(may_charge(&mut bench, "NEVER SEEN"), unknown);
        bench.assert_idle();
    }
}

/// The CSMS does not answer, or answers with an error: the rules of an outage hold.
#[test]
fn no_answer_is_an_outage() {
    let mut bench = knowing(&[], &[("GOOD", accepted())]);
    bench.csms = silent();
    bench.present("GOOD");
    assert!(!is_preparing(&bench));
    bench.advance(30);
    assert!(is_preparing(&bench));
    bench.present("GOOD");
    bench.csms = accepting_but(|action, _| (action == "Authorize").then_some(Answer::Error));
    assert!(may_charge(&mut bench, "GOOD"));
    assert!(!may_charge(&mut bench, "OTHER"));
    bench.csms = silent();
    bench.present("GOOD");
    bench.go_offline();
    assert!(is_preparing(&bench));
}

#[test]
fn expired_entry_refuses() {
    let info = json!({"status": "Accepted", "expiryDate": "2026-11-22T12:10:00Z"});
    let mut bench = knowing(&[(SettingId::LocalPreAuthorize, "true")], &[("TAG", info)]);
    bench.go_offline();
    bench.advance(500);
    assert!(may_charge(&mut bench, "TAG"));
    bench.advance(100);
    assert!(!may_charge(&mut bench, "TAG"));
    bench.go_online();
    bench.take();
    bench.present("TAG");
    assert_eq!(bench.take()[0], "> Authorize TAG");
}

/// Time zones count: this one expires an hour later than it looks (MicroOcpp).
#[test]
fn expiry_with_an_offset() {
    let info = json!({"status": "Accepted", "expiryDate": "2026-11-22T12:10:00-01:00"});
    let mut bench = knowing(&[], &[("TAG", info)]);
    bench.go_offline();
    bench.advance(3600);
    assert!(may_charge(&mut bench, "TAG"));
    bench.advance(600);
    assert!(!may_charge(&mut bench, "TAG"));
}

/// Full: the first to go is not valid, then the oldest. The bench has four places.
#[test]
fn eviction() {
    let entries = [
        ("A", accepted()),
        ("B", status("Invalid")),
        ("C", accepted()),
        ("D", accepted()),
        ("E", accepted()),
    ];
    let mut bench = knowing(&[], &entries);
    assert_eq!(bench.station.cache_len(), 4);
    bench.go_offline();
    for (tag, known) in [("A", true), ("B", false), ("C", true), ("D", true), ("E", true)] {
        assert_eq!(may_charge(&mut bench, tag), known, "{tag}");
    }
    bench.go_online();
    // A was heard of again: C is the oldest now.
    for tag in ["A", "F"] {
        bench.present(tag);
        bench.present(tag);
    }
    bench.go_offline();
    for (tag, known) in [("A", true), ("C", false), ("D", true), ("E", true), ("F", true)] {
        assert_eq!(may_charge(&mut bench, tag), known, "{tag}");
    }
}

/// Errata 3.4: the cache survives, with groups and expiry.
#[test]
fn cache_survives_a_reboot() {
    let expiring = json!({"status": "Accepted", "expiryDate": "2026-11-22T12:10:00Z", "parentIdTag": "GROUP"});
    let mut bench = knowing(&[], &[("A", accepted()), ("B", status("Blocked")), ("C", expiring)]);
    bench.online = false;
    let mut bench = bench.reboot(config(&[1]));
    bench.online = false;
    bench.drain();
    bench.input(Input::Clock(bench::utc("2026-11-22T12:09:00Z")));
    assert!(may_charge(&mut bench, "a"));
    assert!(!may_charge(&mut bench, "B"));
    assert!(may_charge(&mut bench, "C"));
    bench.advance(60);
    assert!(!may_charge(&mut bench, "C"));
}

/// The oldest is still known as the oldest after a reboot.
#[test]
fn eviction_after_a_reboot() {
    let entries = [
        ("A", accepted()),
        ("B", accepted()),
        ("C", accepted()),
        ("D", accepted()),
    ];
    let mut bench = knowing(&[], &entries).reboot(config(&[1]));
    bench.drain();
    bench.present("E");
    bench.present("E");
    bench.go_offline();
    assert!(!may_charge(&mut bench, "A"));
    assert!(may_charge(&mut bench, "B"));
}

/// StartTransaction and StopTransaction feed the cache, too.
#[test]
fn answers_to_transactions_feed_the_cache() {
    let mut bench = Bench::new(&[1]);
    bench.csms = accepting_but(|action, _| {
        (action == "StopTransaction").then(|| Answer::Result(json!({"idTagInfo": {"status": "Blocked"}})))
    });
    bench.charge(1, "TAG");
    bench.present("TAG");
    bench.leave(1);
    bench.go_offline();
    assert!(!may_charge(&mut bench, "TAG"));
}

#[test]
fn cache_that_is_switched_off() {
    let mut bench = knowing(&[(SettingId::AuthCacheEnabled, "false")], &[("TAG", accepted())]);
    assert_eq!(bench.station.cache_len(), 0);
    bench.go_offline();
    assert!(!may_charge(&mut bench, "TAG"));
}

/// A token of twenty characters, and one with others than ASCII.
#[test]
fn odd_tokens() {
    for tag in ["12345678901234567890", "äöü", "A\"B\\C", "\u{1f697}"] {
        let mut bench = knowing(&[(SettingId::LocalPreAuthorize, "true")], &[(tag, accepted())]);
        bench.present(tag);
        bench.expect(&["> StatusNotification 1 Preparing"]);
        assert_eq!(bench.calls_of("Authorize")[0]["idTag"], tag);
    }
}

/// Before the CSMS has ever accepted the station, nobody charges, unless the operator allows it.
#[test]
fn nobody_charges_before_the_first_acceptance() {
    for (allowed, text) in [(true, "true"), (false, "false")] {
        let mut config = config(&[1]);
        config.settings.set(SettingId::OfflineTxForUnknownId, "true").unwrap();
        config.settings.set(SettingId::TxBeforeAccepted, text).unwrap();
        let mut bench = Bench::unbooted(config, Default::default());
        bench.online = false;
        bench.drain();
        assert_eq!(may_charge(&mut bench, "TAG"), allowed);
    }
}

#[test]
fn faulted_place_serves_nobody() {
    let mut bench = Bench::new(&[1]);
    bench.fault(Place::Station, ocpp_core::FaultCode::InternalError, true);
    assert!(!may_charge(&mut bench, "TAG"));
    bench.assert_idle();
}
