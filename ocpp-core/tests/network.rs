//! Network profiles: set by the CSMS, tried in their order, left for the next one when they fail (2.0.1 B09, B10).

mod bench;
mod device;

use bench::{Answer, Bench, Mode, OCPP201, Snapshot, Store, accepting_but, config, crc};
use device::{get, get_of, item, statuses};
use ocpp_core::dialect::Dialect;
use ocpp_core::settings::SettingId;
use ocpp_core::{Config, Input, LocalCommand, StoreError, StoredNetworkProfile, ValueKey};
use serde_json::{Value, json};

const URL: &str = "wss://csms.example.org:9000/ocpp";

static BOTH: [&dyn Dialect; 2] = [&ocpp201::DIALECT, &ocpp16::DIALECT];

/// A station whose link can do TLS, secured with a password so far.
fn station() -> Config<'static> {
    let mut own = config(&[1]);
    own.device.highest_security_profile = 2;
    own
}

/// A station that boots where the servers of these slots are not there.
fn boot_with(own: Config<'static>, store: Store, unreachable: &[u8]) -> Bench {
    let mut bench = Bench::with_slots(own, store, &BOTH, "ocpp2.0.1", 0);
    bench.unreachable = unreachable.to_vec();
    bench.drain();
    bench.lines.clear();
    bench
}

fn boot(store: Store, unreachable: &[u8]) -> Bench {
    boot_with(station(), store, unreachable)
}

fn profile() -> Value {
    json!({
        "ocppVersion": "OCPP20", "ocppTransport": "JSON", "ocppCsmsUrl": URL, "messageTimeout": 45,
        "securityProfile": 2, "ocppInterface": "Wired0",
    })
}

/// A profile with one thing changed.
fn with(name: &str, value: Value) -> Value {
    let mut own = profile();
    own[name] = value;
    own
}

fn set_profile(bench: &mut Bench, slot: i32, profile: &Value) -> Value {
    bench.call(
        "SetNetworkProfile",
        json!({"configurationSlot": slot, "connectionData": profile}),
    );
    bench.answers.last().unwrap().clone()
}

fn prioritise(bench: &mut Bench, order: &str) -> String {
    let results = device::set(bench, &[item("OCPPCommCtrlr", "NetworkConfigurationPriority", order)]);
    statuses(&results)[0].clone()
}

/// Storage of a station with profiles in these slots, in this order.
fn store(slots: &[i32], order: &str) -> Store {
    let mut bench = boot(Store::default(), &[]);
    for slot in slots {
        assert_eq!(set_profile(&mut bench, *slot, &profile()), accepted());
    }
    assert_eq!(prioritise(&mut bench, order), "RebootRequired");
    bench.store
}

fn accepted() -> Value {
    json!({"status": "Accepted"})
}

/// B09.FR.01: the answer comes when the profile is stored, whatever is spelled in it; nothing is dialled.
#[test]
fn a_profile_is_kept() {
    let mut bench = boot(Store::default(), &[]);
    bench.mode = Mode::Silent;
    bench.frame(
        r#"[2,"n1","SetNetworkProfile",{"configurationSlot":7,"connectionData":{"ocppVersion":"OCPP20",
        "ocppTransport":"JSON","ocppCsmsUrl":"wss:\/\/csms.example.org\u002fa","messageTimeout":45,
        "securityProfile":2,"ocppInterface":"Wireless3"}}]"#,
    );
    assert_eq!(bench.answers, [] as [Value; 0]);
    bench.storage(Mode::Ok);
    assert_eq!(bench.answers, [accepted()]);
    let stored = StoredNetworkProfile::read(&bench.store.values[&ValueKey::NetworkProfile(7)]).unwrap();
    let wanted = StoredNetworkProfile {
        url: "wss://csms.example.org/a",
        message_timeout: 45,
        security_profile: 2,
    };
    assert_eq!(stored, wanted);
    assert_eq!(bench.dialled, [0]);
    bench.assert_idle();
}

/// B09.FR.02, B09.FR.05: what is not possible is not stored, and the CSMS is told why.
#[test]
fn profiles_that_are_refused() {
    let mut own = station();
    own.device.network_interfaces = &["Wired0", "Wireless1"];
    let mut bench = boot_with(own, Store::default(), &[]);
    let writes = bench.store.writes;
    let apn = json!({"apn": "internet", "apnAuthentication": "AUTO"});
    let vpn = json!({"server": "vpn.example.org", "user": "u", "password": "p", "key": "k", "type": "IPSec"});
    for (slot, profile, why) in [
        (0, profile(), "ValueOutOfRange"),
        (8, profile(), "ValueOutOfRange"),
        (-1, profile(), "ValueOutOfRange"),
        (257, profile(), "ValueOutOfRange"),
        (1, with("ocppVersion", json!("OCPP16")), "UnsupportedParam"),
        (1, with("ocppTransport", json!("SOAP")), "UnsupportedParam"),
        (1, with("ocppInterface", json!("Wired1")), "UnsupportedParam"),
        (1, with("apn", apn), "UnsupportedParam"),
        (1, with("vpn", vpn), "UnsupportedParam"),
        (1, with("messageTimeout", json!(0)), "ValueOutOfRange"),
        (1, with("messageTimeout", json!(3601)), "ValueOutOfRange"),
        (1, with("securityProfile", json!(0)), "ValueOutOfRange"),
        (1, with("securityProfile", json!(3)), "ValueOutOfRange"),
        (1, with("securityProfile", json!(-1)), "ValueOutOfRange"),
        (1, with("ocppCsmsUrl", json!("ws://csms.example.org")), "InvalidURL"),
        (1, with("securityProfile", json!(1)), "InvalidURL"),
        (1, with("ocppCsmsUrl", json!("https://csms.example.org")), "InvalidURL"),
        (1, with("ocppCsmsUrl", json!("")), "InvalidURL"),
    ] {
        let refused = json!({"status": "Rejected", "statusInfo": {"reasonCode": why}});
        assert_eq!(set_profile(&mut bench, slot, &profile), refused, "{slot} {profile}");
    }
    assert_eq!(bench.store.writes, writes);
    let other = with("ocppInterface", json!("Wireless1"));
    assert_eq!(set_profile(&mut bench, 1, &other), accepted());
}

/// B09.FR.04, B09.FR.31: less security than that of the profile in use, or an order that leads there.
#[test]
fn no_way_back_to_less_security() {
    let mut bench = boot(store(&[1], "1,0"), &[]);
    assert_eq!(get(&mut bench, "SecurityCtrlr", "SecurityProfile"), "2");
    let mut plain = with("securityProfile", json!(1));
    plain["ocppCsmsUrl"] = json!("ws://csms.example.org");
    let refused = json!({"status": "Rejected", "statusInfo": {"reasonCode": "NoSecurityDowngrade"}});
    assert_eq!(set_profile(&mut bench, 2, &plain), refused);
    for order in ["0", "1,0"] {
        assert_eq!(prioritise(&mut bench, order), "Rejected", "{order}");
    }
    assert_eq!(prioritise(&mut bench, "1"), "RebootRequired");
    // From the factory's address without TLS both are possible.
    let mut bench = boot(Store::default(), &[]);
    assert_eq!(set_profile(&mut bench, 2, &plain), accepted());
    assert_eq!(prioritise(&mut bench, "2,0"), "RebootRequired");
}

/// B09.FR.03: and a slot that was not stored cannot be dialled (B10.FR.02).
#[test]
fn a_profile_that_storage_does_not_take() {
    let failed = [json!({"status": "Failed"})];
    for mode in [Mode::Fail(StoreError::Full), Mode::Silent] {
        let mut bench = boot(Store::default(), &[]);
        bench.mode = mode;
        bench.frame(&frame());
        bench.advance(11);
        assert_eq!(bench.answers, failed);
        bench.storage(Mode::Ok);
        assert_eq!(prioritise(&mut bench, "1,0"), "Rejected");
    }
    let mut bench = boot(Store::default(), &[]);
    let input = frame();
    bench.station.handle(bench.now, Input::Frame(input.as_bytes())).unwrap();
    let mut small = [0; 16];
    assert!(bench.station.poll(bench.now, &mut small).is_err());
    bench.input(Input::BufferLimit);
    assert_eq!(bench.answers, failed);
}

fn frame() -> String {
    let request = json!({"configurationSlot": 1, "connectionData": profile()});
    json!([2, "n1", "SetNetworkProfile", request]).to_string()
}

/// The link goes while the profile is being stored: it is kept, and nobody is answered.
#[test]
fn the_link_goes_while_a_profile_is_stored() {
    let mut bench = boot(Store::default(), &[]);
    bench.mode = Mode::Silent;
    bench.frame(&frame());
    bench.go_offline();
    bench.storage(Mode::Ok);
    bench.go_online();
    assert_eq!(bench.answers, [] as [Value; 0]);
    assert_eq!(prioritise(&mut bench, "1"), "RebootRequired");
    bench.assert_idle();
}

/// B10.FR.01, B10.FR.02: only slots that are set, in force after a reboot.
#[test]
fn the_order_names_slots_that_are_set() {
    let mut bench = boot(Store::default(), &[]);
    set_profile(&mut bench, 2, &profile());
    for wrong in ["1", "0,1", "2,1,0", "2,9", "2,2", ""] {
        assert_eq!(prioritise(&mut bench, wrong), "Rejected", "{wrong}");
    }
    assert_eq!(prioritise(&mut bench, "2,0"), "RebootRequired");
    let name = "NetworkConfigurationPriority";
    assert_eq!(get(&mut bench, "OCPPCommCtrlr", name), "2,0");
    assert_eq!(get(&mut bench, "OCPPCommCtrlr", "ActiveNetworkProfile"), "0");
    bench.go_offline();
    bench.go_online();
    assert_eq!(bench.dialled, [0, 0]);
    let mut bench = boot(bench.store, &[]);
    assert_eq!(bench.dialled, [2]);
    assert_eq!(get(&mut bench, "OCPPCommCtrlr", "ActiveNetworkProfile"), "2");
}

/// B10.FR.03, B10.FR.04, B10.FR.08, B10.FR.09: each slot its number of times in the order, and again from the start.
#[test]
fn slots_are_tried_in_their_order() {
    let mut own = station();
    own.settings.set(SettingId::NetworkAttempts, "2").unwrap();
    let mut bench = boot_with(own, store(&[1, 3], "3,0,1"), &[0, 1, 3]);
    for _ in 0..8 {
        bench.input(Input::Local(LocalCommand::Dial));
    }
    assert_eq!(bench.dialled, [3, 3, 0, 0, 1, 1, 3, 3, 0]);
    // By itself the station waits between attempts.
    bench.dialled.clear();
    bench.unreachable.clear();
    bench.advance(7200);
    assert_eq!(bench.dialled, [0]);
    assert_eq!(bench.take_actions()[0], "BootNotification");
}

/// B10.FR.03: a slot that works is kept while its link comes and goes, and left when it fails often enough in a row.
#[test]
fn a_slot_that_works_is_kept() {
    let mut bench = boot(store(&[1], "1,0"), &[]);
    for _ in 0..5 {
        bench.input(Input::Disconnected);
        bench.advance(600);
    }
    assert_eq!(bench.dialled, [1; 6]);
    for _ in 0..2 {
        // Two attempts of three fail.
        bench.dialled.clear();
        bench.unreachable = vec![1];
        bench.input(Input::Disconnected);
        bench.input(Input::Local(LocalCommand::Dial));
        bench.input(Input::Local(LocalCommand::Dial));
        bench.unreachable.clear();
        bench.input(Input::Local(LocalCommand::Dial));
        assert_eq!(bench.dialled, [1; 3]);
    }
    bench.dialled.clear();
    bench.unreachable = vec![1];
    bench.input(Input::Disconnected);
    bench.advance(7200);
    assert_eq!(bench.dialled, [1, 1, 1, 0]);
}

/// B10.FR.10: another CSMS is told who the station is, and decides anew; the same one is not.
#[test]
fn another_csms_gets_a_boot_notification() {
    let mut bench = boot(store(&[1], "1,0"), &[]);
    assert_eq!(bench.calls_of("BootNotification").len(), 1);
    bench.go_offline();
    bench.go_online();
    assert_eq!(bench.calls_of("BootNotification").len(), 1);
    bench.csms = accepting_but(|action, _| {
        let pending = json!({"status": "Pending", "currentTime": "2026-11-22T12:00:00Z", "interval": 300});
        (action == "BootNotification").then_some(Answer::Result(pending))
    });
    bench.unreachable = vec![1];
    bench.input(Input::Disconnected);
    bench.take();
    for _ in 0..3 {
        bench.input(Input::Local(LocalCommand::Dial));
    }
    assert_eq!(bench.dialled.last(), Some(&1));
    bench.input(Input::Local(LocalCommand::Dial));
    assert_eq!(bench.dialled.last(), Some(&0));
    assert_eq!(bench.take_actions(), ["BootNotification"]);
    // The new one has not accepted the station yet: it starts nothing.
    bench.call(
        "RequestStartTransaction",
        json!({"remoteStartId": 1, "idToken": {"idToken": "A1", "type": "Central"}}),
    );
    assert_eq!(bench.answers.last().unwrap()["status"], "Rejected");
}

/// The profile of the slot in use is replaced: from the next dial on it may be somebody else's.
#[test]
fn a_profile_in_use_is_replaced() {
    let mut bench = boot(store(&[1], "1"), &[]);
    let timeout = |bench: &mut Bench| get_of(bench, "OCPPCommCtrlr", "MessageTimeout", "Default");
    assert_eq!(timeout(&mut bench), "45");
    set_profile(&mut bench, 1, &with("messageTimeout", json!(7)));
    assert_eq!(timeout(&mut bench), "45");
    bench.take();
    bench.go_offline();
    bench.go_online();
    assert_eq!(bench.take_actions()[0], "BootNotification");
    assert_eq!(timeout(&mut bench), "7");
    bench.go_offline();
    bench.go_online();
    assert_eq!(bench.calls_of("BootNotification").len(), 2);
}

/// Pages of a report that one CSMS ordered are not told to another one.
#[test]
fn a_report_ends_with_its_csms() {
    let mut bench = boot(store(&[1], "1,0"), &[]);
    bench.csms = accepting_but(|action, _| (action == "NotifyReport").then_some(Answer::Nothing));
    bench.call("GetBaseReport", json!({"requestId": 7, "reportBase": "FullInventory"}));
    assert_eq!(bench.calls_of("NotifyReport").len(), 1);
    bench.unreachable = vec![1];
    bench.input(Input::Disconnected);
    bench.advance(7200);
    assert_eq!(bench.dialled.last(), Some(&0));
    assert_eq!(bench.calls_of("NotifyReport").len(), 1);
    bench.assert_idle();
}

/// The profile's message timeout counts while it is in use, the setting otherwise.
#[test]
fn answers_are_waited_for_as_the_profile_says() {
    for (order, secs) in [("1,0", 45), ("0,1", 30)] {
        let mut bench = boot(store(&[1], order), &[]);
        bench.events = true;
        bench.csms = accepting_but(|action, _| (action == "Heartbeat").then_some(Answer::Nothing));
        bench.call("TriggerMessage", json!({"requestedMessage": "Heartbeat"}));
        assert_eq!(bench.unanswered.len(), 1);
        bench.take();
        bench.advance(secs - 1);
        let late = |bench: &mut Bench| bench.take().iter().any(|line| line.contains("no answer in time"));
        assert!(!late(&mut bench), "{order}");
        bench.advance(1);
        assert!(late(&mut bench), "{order}");
    }
}

/// What cannot be read any more is left out; the factory's address is always there.
#[test]
fn damaged_profiles_are_left_out() {
    let mut own = store(&[1, 2], "1,2");
    own.values.get_mut(&ValueKey::NetworkProfile(1)).unwrap()[5] ^= 1;
    assert_eq!(boot(own.clone(), &[]).dialled, [2]);
    // One of a newer program.
    let newer = own.values.get_mut(&ValueKey::NetworkProfile(2)).unwrap();
    newer.truncate(newer.len() - 2);
    newer[0] += 1;
    let sum = crc(newer);
    newer.extend_from_slice(&sum.to_le_bytes());
    let bench = boot(own.clone(), &[]);
    assert_eq!(bench.dialled, [0]);
    assert_eq!(
        bench.store.values.get(&ValueKey::NetworkProfile(2)),
        own.values.get(&ValueKey::NetworkProfile(2))
    );
}

/// What was set over 2.0.1 holds whichever version the server picks.
#[test]
fn a_profile_leads_to_a_csms_of_1_6() {
    let mut bench = Bench::with_slots(station(), store(&[1], "1,0"), &BOTH, "ocpp1.6", 0);
    bench.drain();
    assert_eq!(bench.dialled, [1]);
    assert_eq!(bench.take_actions()[0], "BootNotification");
    bench.unreachable = vec![1];
    bench.input(Input::Disconnected);
    bench.advance(7200);
    assert_eq!(bench.dialled, [1, 1, 1, 1, 0]);
    assert_eq!(bench.take_actions()[0], "BootNotification");
}

/// A power cut after each write: what the station dials is set, is read, and is the old way or the new one.
#[test]
fn power_cuts_while_moving_to_another_csms() {
    let mut bench = Bench::speaking(station(), Store::default(), &OCPP201, "ocpp2.0.1");
    bench.snapshots = Some(Vec::new());
    bench.drain();
    set_profile(&mut bench, 1, &profile());
    assert_eq!(prioritise(&mut bench, "1,0"), "RebootRequired");
    set_profile(&mut bench, 1, &with("ocppCsmsUrl", json!("wss://other.example.org")));
    let cuts = bench.snapshots.take().unwrap();
    let mut seen = Vec::new();
    for Snapshot { store, .. } in cuts {
        let bench = boot(store.clone(), &[]);
        let [slot] = bench.dialled[..] else {
            panic!("{:?}", bench.dialled)
        };
        let url = (slot != 0).then(|| {
            let bytes = &store.values[&ValueKey::NetworkProfile(slot)];
            StoredNetworkProfile::read(bytes).unwrap().url.to_string()
        });
        seen.push(url);
    }
    seen.dedup();
    let new = |url: &str| Some(url.to_string());
    assert_eq!(seen, [None, new(URL), new("wss://other.example.org")]);
}
