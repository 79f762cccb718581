//! The local list in both versions (1.6 §3.5.2, §5.10, §5.15; 2.0.1 C13, C14, D01, D02): updates that happen as a whole
//! or not at all, over power cuts too, and what the list decides.

mod bench;

use bench::{Answer, Bench, Mode, Store, accepting_but, config};
use ocpp_core::dialect::Dialect;
use ocpp_core::settings::SettingId;
use ocpp_core::{ConnectorId, ConnectorStatus, Input, StoreError};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::HashMap;

static FULL16: ocpp16::Ocpp16 = ocpp16::Ocpp16::new(&[ocpp16::dialect::CORE, ocpp16::dialect::LOCAL_LIST]);
static BOTH: [&dyn Dialect; 2] = [&ocpp201::DIALECT, &FULL16];
const VERSIONS: [&str; 2] = ["ocpp1.6", "ocpp2.0.1"];

fn speaking(version: &'static str, store: Store, settings: &[(SettingId, &str)], slots: usize) -> Bench {
    let mut config = config(&[1]);
    for (id, text) in settings {
        config.settings.set(*id, text).unwrap();
    }
    let mut bench = Bench::with_slots(config, store, &BOTH, version, slots);
    bench.drain();
    bench.lines.clear();
    bench
}

fn booted(version: &'static str) -> Bench {
    speaking(version, Store::default(), &[], 8)
}

fn reboot(bench: Bench) -> Bench {
    speaking(bench.subprotocol, bench.store, &[], 8)
}

/// An entry with its status; without one, it removes.
type Entry<'a> = (&'a str, Option<&'a str>);

fn payload(version: &str, number: i32, kind: &str, entries: &[Entry<'_>]) -> Value {
    let old = version == "ocpp1.6";
    let list: Vec<Value> = entries
        .iter()
        .map(|(tag, status)| match (old, status) {
            (true, Some(status)) => json!({"idTag": tag, "idTagInfo": {"status": status}}),
            (true, None) => json!({"idTag": tag}),
            (false, status) => {
                let token = json!({"idToken": tag, "type": "ISO14443"});
                match status {
                    Some(status) => json!({"idToken": token, "idTokenInfo": {"status": status}}),
                    None => json!({"idToken": token}),
                }
            }
        })
        .collect();
    let mut payload = if old {
        json!({"listVersion": number, "updateType": kind})
    } else {
        json!({"versionNumber": number, "updateType": kind})
    };
    if !list.is_empty() {
        payload["localAuthorizationList"] = list.into();
    }
    payload
}

/// Sends a list and returns the status of the answer.
fn send(bench: &mut Bench, number: i32, kind: &str, entries: &[Entry<'_>]) -> String {
    let payload = payload(bench.subprotocol, number, kind, entries);
    bench.call("SendLocalList", payload);
    let answer = bench.answers.pop().unwrap();
    let status = answer["status"].as_str();
    status.map_or_else(|| answer[2].as_str().unwrap_or("").to_string(), String::from)
}

fn version(bench: &mut Bench) -> i64 {
    bench.call("GetLocalListVersion", json!({}));
    let answer = bench.answers.pop().unwrap();
    let version = answer.get("listVersion").or(answer.get("versionNumber"));
    version.unwrap().as_i64().unwrap()
}

/// Whether the token may charge; it is taken back afterwards.
fn may_charge(bench: &mut Bench, tag: &str) -> bool {
    bench.present(tag);
    let used =
        |bench: &Bench| bench.station.connector_status(ConnectorId::new(1, 1)) != Some(ConnectorStatus::Available);
    let may = used(bench);
    if may {
        bench.present(tag);
    }
    assert!(!used(bench));
    may
}

const GOOD: Option<&str> = Some("Accepted");
const BAD: Option<&str> = Some("Blocked");

/// D02.FR.02, 1.6 §5.10: a list that was never sent has version 0.
#[test]
fn d02_version_of_a_list_never_sent() {
    for own in VERSIONS {
        assert_eq!(version(&mut booted(own)), 0, "{own}");
    }
}

/// D01.FR.01, D01.FR.15, D02.FR.01: the version is the one of the last update, and stays so over a reboot (libocpp:
/// local list version not persistent).
#[test]
fn d01_full_list_survives_a_reboot() {
    for own in VERSIONS {
        let mut bench = booted(own);
        assert_eq!(send(&mut bench, 7, "Full", &[("GOOD", GOOD), ("BAD", BAD)]), "Accepted");
        assert_eq!(version(&mut bench), 7);
        bench.assert_idle();
        let mut bench = reboot(bench);
        assert_eq!((version(&mut bench), bench.station.list_len()), (7, 2));
        bench.go_offline();
        assert!(may_charge(&mut bench, "GOOD"));
        assert!(!may_charge(&mut bench, "BAD"));
    }
}

/// D01.FR.04: a full list without entries empties the list, and has a version all the same.
#[test]
fn d01_empty_full_list() {
    for own in VERSIONS {
        let mut bench = booted(own);
        send(&mut bench, 7, "Full", &[("A", GOOD), ("B", GOOD)]);
        assert_eq!(send(&mut bench, 3, "Full", &[]), "Accepted");
        let mut bench = reboot(bench);
        assert_eq!((version(&mut bench), bench.station.list_len()), (3, 0));
    }
}

/// D01.FR.05, D01.FR.16, D01.FR.17: changes add, replace and remove.
#[test]
fn d01_differential_list() {
    for own in VERSIONS {
        let mut bench = booted(own);
        send(&mut bench, 1, "Full", &[("A", GOOD), ("B", GOOD), ("C", BAD)]);
        let changes = [("a", None), ("B", BAD), ("C", GOOD), ("D", GOOD), ("E", None)];
        assert_eq!(send(&mut bench, 2, "Differential", &changes), "Accepted");
        assert_eq!(send(&mut bench, 3, "Differential", &[]), "Accepted");
        for mut bench in [bench].into_iter().map(reboot) {
            assert_eq!((version(&mut bench), bench.station.list_len()), (3, 3));
            bench.go_offline();
            let may = ["A", "B", "C", "D", "E"].map(|tag| may_charge(&mut bench, tag));
            assert_eq!(may, [false, false, true, true, false], "{own}");
        }
    }
}

/// D01.FR.19: changes that are not newer than the list change nothing.
#[test]
fn d01_version_mismatch() {
    for own in VERSIONS {
        let mut bench = booted(own);
        send(&mut bench, 5, "Full", &[("A", GOOD)]);
        let writes = bench.store.writes;
        for number in [1, 4, 5] {
            assert_eq!(
                send(&mut bench, number, "Differential", &[("A", None)]),
                "VersionMismatch"
            );
        }
        assert_eq!((version(&mut bench), bench.station.list_len()), (5, 1));
        assert_eq!(bench.store.writes, writes);
    }
}

/// What cannot be applied as a whole is not applied at all: a token twice (D01.FR.06), a full list with an entry of
/// which nothing is known, more entries than there is room for, a version that means that there is no list.
#[test]
fn d01_a_list_that_cannot_be_applied() {
    for own in VERSIONS {
        let mut bench = booted(own);
        send(&mut bench, 5, "Full", &[("A", GOOD)]);
        let names: Vec<String> = (0..9).map(|index| format!("N{index}")).collect();
        let many: Vec<Entry<'_>> = names.iter().map(|name| (name.as_str(), GOOD)).collect();
        let lists: [(&str, &[Entry<'_>]); 7] = [
            ("Full", &[("A", GOOD), ("B", GOOD), ("a", BAD)]),
            ("Full", &[("X", GOOD), ("x", GOOD)]),
            ("Full", &[("A", None)]),
            ("Full", &many),
            ("Differential", &[("B", GOOD), ("b", BAD)]),
            ("Differential", &[("A", None), ("A", GOOD)]),
            ("Differential", &many[..8]),
        ];
        let writes = bench.store.writes;
        for (kind, entries) in lists {
            assert_eq!(send(&mut bench, 6, kind, entries), "Failed", "{own} {kind} {entries:?}");
        }
        for number in [0, -1] {
            assert_eq!(send(&mut bench, number, "Full", &[]), "Failed");
        }
        assert_eq!((version(&mut bench), bench.station.list_len()), (5, 1));
        assert_eq!(bench.store.writes, writes, "something was stored");
        bench.assert_idle();
    }
}

/// What goes makes room for what comes in the same update.
#[test]
fn d01_changes_of_a_full_house() {
    for own in VERSIONS {
        let mut bench = speaking(own, Store::default(), &[], 2);
        send(&mut bench, 1, "Full", &[("A", GOOD), ("B", GOOD)]);
        assert_eq!(
            send(&mut bench, 2, "Differential", &[("C", GOOD), ("A", None)]),
            "Accepted"
        );
        bench.go_offline();
        assert_eq!(
            ["A", "B", "C"].map(|tag| may_charge(&mut bench, tag)),
            [false, true, true]
        );
    }
}

/// D01.FR.11: a list of the announced size is taken, as long as it can be (MicroOcpp: SendLocalList of the announced size is
/// refused).
#[test]
fn d01_list_of_the_announced_size() {
    for own in VERSIONS {
        let mut bench = speaking(own, Store::default(), &[], 64);
        let most = bench.station.list_items_max();
        assert!((8..64).contains(&most));
        let (long, group, at) = ("T".repeat(16), "G".repeat(36), "2026-11-22T12:00:00.000+01:00");
        let list: Vec<Value> = (0..most)
            .map(|index| match own {
                "ocpp1.6" => json!({"idTag": format!("{long}{index:04}"),
                    "idTagInfo": {"status": "ConcurrentTx", "expiryDate": at, "parentIdTag": &group[..20]}}),
                _ => json!({"idToken": {"idToken": format!("{group}{index:04}")[4..], "type": "MacAddress"},
                    "idTokenInfo": {"status": "NotAtThisLocation", "cacheExpiryDateTime": at,
                        "groupIdToken": {"idToken": group, "type": "MacAddress"}}}),
            })
            .collect();
        let mut payload = payload(own, i32::MAX, "Full", &[]);
        payload["localAuthorizationList"] = list.into();
        bench.call("SendLocalList", payload);
        assert_eq!(bench.answers, [json!({"status": "Accepted"})]);
        assert_eq!(bench.station.list_len(), most);
    }
}

/// Without slots, or switched off, there is no list: 1.6 has a word for that, 2.0.1 has version 0 (D02.FR.03).
#[test]
fn d02_no_list() {
    for (own, refused, none) in [("ocpp1.6", "NotSupported", -1), ("ocpp2.0.1", "Failed", 0)] {
        let off = [(SettingId::LocalListEnabled, "false")];
        for mut bench in [
            speaking(own, Store::default(), &[], 0),
            speaking(own, Store::default(), &off, 8),
        ] {
            assert_eq!(send(&mut bench, 1, "Full", &[("A", GOOD)]), refused);
            assert_eq!(version(&mut bench), none);
            assert_eq!(bench.station.list_version(), None);
        }
    }
}

/// A list that is switched off decides nothing, and is there again afterwards (D01.FR.13).
#[test]
fn d01_switched_off_and_on() {
    for own in VERSIONS {
        let mut bench = booted(own);
        send(&mut bench, 4, "Full", &[("A", GOOD)]);
        bench.set(SettingId::LocalListEnabled, "false");
        bench.go_offline();
        assert!(!may_charge(&mut bench, "A"));
        bench.set(SettingId::LocalListEnabled, "true");
        assert!(may_charge(&mut bench, "A"));
        bench.go_online();
        assert_eq!(version(&mut bench), 4);
    }
}

/// C13.FR.01, C14.FR.01, 1.6 §3.5: the list comes before the cache.
#[test]
fn c13_list_beats_cache() {
    for own in VERSIONS {
        let mut bench = booted(own);
        assert!(may_charge(&mut bench, "TAG"));
        assert_eq!(bench.station.cache_len(), 1);
        send(&mut bench, 1, "Full", &[("TAG", BAD)]);
        bench.go_offline();
        assert!(!may_charge(&mut bench, "TAG"), "{own}");
        bench.go_online();
        send(&mut bench, 2, "Full", &[]);
        bench.go_offline();
        assert!(may_charge(&mut bench, "TAG"), "{own}");
    }
}

/// C13.FR.05, C14.FR.04, C14.FR.05: an entry past its time is asked about online and refused offline.
#[test]
fn c14_expired_entry() {
    for own in VERSIONS {
        let mut bench = speaking(own, Store::default(), &[(SettingId::LocalPreAuthorize, "true")], 8);
        let mut list = payload(own, 1, "Full", &[("TAG", GOOD)]);
        let (info, field) = match own {
            "ocpp1.6" => ("idTagInfo", "expiryDate"),
            _ => ("idTokenInfo", "cacheExpiryDateTime"),
        };
        list["localAuthorizationList"][0][info][field] = json!("2026-11-22T12:10:00Z");
        bench.call("SendLocalList", list);
        bench.take();
        assert!(may_charge(&mut bench, "TAG"));
        assert!(!bench.take_actions().contains(&"Authorize".into()), "{own}");
        bench.advance(600);
        assert!(may_charge(&mut bench, "TAG"));
        assert_eq!(bench.take_actions()[0], "Authorize");
        bench.go_offline();
        // 2.0.1's cache knows it from just now, but the list comes first.
        assert!(!may_charge(&mut bench, "TAG"));
    }
}

/// C14.FR.03: the CSMS is asked of a listed token that may not charge.
#[test]
fn c14_blocked_entry_is_asked_about() {
    for own in VERSIONS {
        let mut bench = speaking(own, Store::default(), &[(SettingId::LocalPreAuthorize, "true")], 8);
        send(&mut bench, 1, "Full", &[("TAG", BAD)]);
        bench.take();
        assert!(may_charge(&mut bench, "tag"));
        assert_eq!(bench.take()[0], "> Authorize tag");
    }
}

/// 1.6 §3.5.1: what is listed is not cached. 2.0.1's cache keeps all that the CSMS said (C10.FR.01).
#[test]
fn c10_listed_tokens_in_the_cache() {
    for (own, cached) in [("ocpp1.6", 0), ("ocpp2.0.1", 1)] {
        let mut bench = booted(own);
        send(&mut bench, 1, "Full", &[("TAG", GOOD)]);
        assert!(may_charge(&mut bench, "TAG"));
        assert_eq!(bench.station.cache_len(), cached, "{own}");
    }
}

/// 1.6 §3.5.3: the CSMS contradicts its own list, and is told; the list stays as it is until it is sent anew.
#[test]
fn conflict_with_the_list() {
    let mut bench = booted("ocpp1.6");
    send(&mut bench, 1, "Full", &[("TAG", BAD)]);
    bench.take();
    bench.present("TAG");
    bench.expect(&[
        "> Authorize TAG",
        "> StatusNotification 0 Available LocalListConflict",
        "> StatusNotification 1 Preparing",
    ]);
    bench.present("TAG");
    bench.take();
    send(&mut bench, 2, "Differential", &[("TAG", GOOD)]);
    bench.expect(&[r#"= {"status":"Accepted"}"#, "> StatusNotification 0 Available"]);
    bench.assert_idle();
}

/// A listed member of the group stops without asking (C01.FR.03).
#[test]
fn c01_group_of_a_listed_token() {
    let mut bench = booted("ocpp2.0.1");
    let entry = |tag: &str| {
        json!({"idToken": {"idToken": tag, "type": "ISO14443"}, "idTokenInfo": {"status": "Accepted",
            "groupIdToken": {"idToken": "G", "type": "Central"}}})
    };
    bench.csms = accepting_but(|action, _| {
        let info = json!({"status": "Accepted", "groupIdToken": {"idToken": "G", "type": "Central"}});
        (action == "Authorize").then(|| Answer::Result(json!({"idTokenInfo": info})))
    });
    let list =
        json!({"versionNumber": 1, "updateType": "Full", "localAuthorizationList": [entry("ONE"), entry("TWO")]});
    bench.call("SendLocalList", list);
    bench.charge(1, "ONE");
    bench.take();
    bench.present("TWO");
    assert!(!bench.take_actions().contains(&"Authorize".into()));
    assert_eq!(bench.station.transaction(ocpp_core::EvseId(1)), None);
}

/// Storage does not take a part of the update: nothing has changed, here and after a reboot.
#[test]
fn d01_storage_fails_at_each_write() {
    for own in VERSIONS {
        for failing in 0..4 {
            let mut bench = booted(own);
            send(&mut bench, 1, "Full", &[("A", GOOD), ("B", BAD)]);
            bench.mode = Mode::Silent;
            let list = payload(own, 2, "Differential", &[("A", BAD), ("B", None), ("C", GOOD)]);
            bench.call("SendLocalList", list);
            for _ in 0..failing.min(2) {
                bench.answer_storage();
                bench.drain();
            }
            if failing < 3 {
                bench.mode = Mode::Fail(StoreError::Full);
                bench.answer_storage();
            } else {
                // It was silent about the last one, the one that counts, but did it.
                bench.lose_answer();
                bench.advance(10);
            }
            bench.mode = Mode::Ok;
            bench.answer_storage();
            bench.drain();
            let answer = bench.answers.pop().unwrap();
            assert_eq!(answer["status"], "Failed", "{own} {failing}");
            bench.advance(20);
            bench.assert_idle();
            for mut bench in [bench].into_iter().map(reboot) {
                assert_eq!(
                    (version(&mut bench), bench.station.list_len()),
                    (1, 2),
                    "{own} {failing}"
                );
                bench.go_offline();
                assert_eq!(
                    ["A", "B", "C"].map(|tag| may_charge(&mut bench, tag)),
                    [true, false, false]
                );
            }
        }
    }
}

/// The link goes while an update is stored, and the next CSMS speaks the other version: the update is finished all the
/// same, as it was said.
#[test]
fn d01_link_lost_during_an_update() {
    for (own, other) in [("ocpp1.6", "ocpp2.0.1"), ("ocpp2.0.1", "ocpp1.6")] {
        let mut bench = booted(own);
        bench.mode = Mode::Silent;
        let list = payload(own, 2, "Full", &[("A", GOOD), ("B", GOOD)]);
        bench.call("SendLocalList", list);
        bench.go_offline();
        bench.subprotocol = other;
        bench.go_online();
        bench.mode = Mode::Ok;
        bench.answer_storage();
        bench.drain();
        assert!(bench.answers.is_empty());
        assert_eq!((version(&mut bench), bench.station.list_len()), (2, 2));
        bench.assert_idle();
    }
}

/// Something of the stored list is damaged: what is left still counts, and the CSMS has to send it anew.
#[test]
fn d01_damaged_list() {
    for own in VERSIONS {
        let mut bench = booted(own);
        send(&mut bench, 5, "Full", &[("A", GOOD), ("B", GOOD)]);
        let entries: Vec<_> = bench
            .store
            .values
            .keys()
            .copied()
            .filter(|key| key.code() >> 17 == 0 && key.code() >= 0x1_0000)
            .collect();
        assert_eq!(entries.len(), 2);
        bench.store.values.get_mut(&entries[0]).unwrap()[3] ^= 1;
        let mut bench = reboot(bench);
        assert_eq!((version(&mut bench), bench.station.list_len()), (0, 1));
        assert_eq!(send(&mut bench, 6, "Differential", &[]), "VersionMismatch");
        assert_eq!(send(&mut bench, 6, "Full", &[("A", GOOD), ("B", GOOD)]), "Accepted");
        let mut bench = reboot(bench);
        assert_eq!((version(&mut bench), bench.station.list_len()), (6, 2));
    }
}

/// Each write of an update may be the last one before the power goes: the old list or the new one, never a part of
/// both (D01.FR.02, D01.FR.10).
#[test]
fn d01_power_cut_at_each_write() {
    let old: &[Entry<'_>] = &[("A", GOOD), ("B", BAD), ("C", GOOD)];
    let updates: [(&str, &[Entry<'_>]); 3] = [
        ("Full", &[("C", BAD), ("A", BAD), ("D", GOOD), ("E", GOOD)]),
        ("Full", &[]),
        ("Differential", &[("A", None), ("B", GOOD), ("D", GOOD)]),
    ];
    for own in VERSIONS {
        for (kind, update) in updates {
            let mut bench = booted(own);
            send(&mut bench, 1, "Full", old);
            bench.snapshots = Some(Vec::new());
            send(&mut bench, 2, kind, update);
            let after = apply(&model_of(old), kind, update, 8).unwrap();
            let cuts = bench.snapshots.take().unwrap();
            let last = cuts.len() - 1;
            for (index, cut) in cuts.into_iter().enumerate() {
                let mut bench = speaking(own, cut.store, &[], 8);
                let expected = if index == last {
                    (2, &after)
                } else {
                    (1, &model_of(old))
                };
                assert_eq!(version(&mut bench), expected.0, "{own} {kind} {index}");
                check(&mut bench, expected.1);
                // The next update does not stumble over what the cut left.
                assert_eq!(send(&mut bench, 9, kind, update), "Accepted");
                let mut bench = reboot(bench);
                check(&mut bench, &after);
            }
        }
    }
}

type Model = HashMap<String, String>;

fn model_of(entries: &[Entry<'_>]) -> Model {
    apply(&Model::new(), "Full", entries, usize::MAX).unwrap()
}

/// What an update makes of a list; `None` if it cannot be applied.
fn apply(before: &Model, kind: &str, entries: &[Entry<'_>], room: usize) -> Option<Model> {
    let mut after = if kind == "Full" { Model::new() } else { before.clone() };
    let mut named = Vec::new();
    for (tag, status) in entries {
        let key = tag.to_lowercase();
        if named.contains(&key) {
            return None;
        }
        match status {
            Some(status) => {
                after.insert(key.clone(), status.to_string());
            }
            None if kind == "Full" => return None,
            // To remove what is not there says nothing.
            None if after.remove(&key).is_none() => continue,
            None => {}
        }
        named.push(key);
    }
    (after.len() <= room).then_some(after)
}

/// The list decides as the model says.
fn check(bench: &mut Bench, model: &Model) {
    assert_eq!(bench.station.list_len(), model.len());
    bench.go_offline();
    for tag in ["A", "B", "C", "D", "E"] {
        let may = model
            .get(&tag.to_lowercase())
            .is_some_and(|status| status == "Accepted");
        assert_eq!(may_charge(bench, tag), may, "{tag}");
    }
    bench.go_online();
    bench.take();
}

fn entry() -> impl Strategy<Value = (&'static str, Option<&'static str>)> {
    let tag = prop::sample::select(vec!["A", "B", "C", "D", "E", "a", "e"]);
    let status = prop::sample::select(vec![GOOD, BAD, Some("Invalid"), None]);
    (tag, status)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any sequence of updates, with reboots in between, leaves what a map would hold.
    #[test]
    fn d01_updates_against_a_model(
        old in any::<bool>(),
        updates in prop::collection::vec((any::<bool>(), prop::collection::vec(entry(), 0..6), any::<bool>()), 1..8),
    ) {
        let mut bench = speaking(VERSIONS[usize::from(!old)], Store::default(), &[], 4);
        let mut model = Model::new();
        for (number, (full, entries, power_cut)) in (1..).zip(&updates) {
            let kind = if *full { "Full" } else { "Differential" };
            let expected = apply(&model, kind, entries, 4);
            let status = send(&mut bench, number, kind, entries);
            prop_assert_eq!(status == "Accepted", expected.is_some(), "{} {:?} {:?}", kind, entries, model);
            model = expected.unwrap_or(model);
            if *power_cut {
                bench = speaking(bench.subprotocol, bench.store, &[], 4);
            }
            check(&mut bench, &model);
        }
    }

    /// Whatever stands in the CALL, the answer comes and the list that was there stays readable.
    #[test]
    fn d01_any_number_and_text(number: i32, text in "\\PC{0,40}", full: bool) {
        let mut bench = booted("ocpp2.0.1");
        let kind = if full { "Full" } else { "Differential" };
        let payload = payload("ocpp2.0.1", number, kind, &[(&text, GOOD)]);
        let frame = json!([2, "id", "SendLocalList", payload]).to_string();
        bench.input(Input::Frame(frame.as_bytes()));
        prop_assert_eq!(bench.answers.len(), 1);
        let now = version(&mut bench);
        prop_assert!(now == 0 || now == i64::from(number));
    }
}
