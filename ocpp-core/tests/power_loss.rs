//! Power cuts: the station is rebooted at every write to storage, before and after what it said next, and once more
//! during its recovery. A ledger of what the CSMS was told is held to what happened (DESIGN §5; 1.6 §16).

mod bench;

use bench::{Answer, Bench, Csms, Snapshot, Store, config};
use ocpp_core::settings::SettingId;
use ocpp_core::{Config, PilotState, ValueKey};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

type Call = (String, Value);

/// A CSMS that numbers transactions in the order of the starts that it was told.
fn csms(told: &[Call]) -> Csms {
    let mut transactions = starts(told).len();
    Box::new(move |action, _| {
        let info = json!({"status": "Accepted"});
        Answer::Result(match action {
            "BootNotification" => {
                json!({"status": "Accepted", "currentTime": "2026-11-22T12:00:00Z", "interval": 86400})
            }
            "Heartbeat" => json!({"currentTime": "2026-11-22T12:00:00Z"}),
            "StartTransaction" => {
                transactions += 1;
                json!({"idTagInfo": info, "transactionId": transactions})
            }
            "Authorize" | "StopTransaction" => json!({"idTagInfo": info}),
            _ => json!({}),
        })
    })
}

fn of<'c>(calls: &'c [Call], action: &str) -> Vec<&'c Value> {
    let own = calls.iter().filter(|(own, _)| own == action);
    own.map(|(_, payload)| payload).collect()
}

fn starts(calls: &[Call]) -> Vec<&Value> {
    of(calls, "StartTransaction")
}

fn station() -> Config<'static> {
    let mut config = config(&[1]);
    config.settings.set(SettingId::SampleInterval, "60").unwrap();
    config
        .settings
        .set(SettingId::EndedSampledMeasurands, "Energy.Active.Import.Register")
        .unwrap();
    config
}

/// The world at every write of a life.
struct Life {
    cuts: Vec<Snapshot>,
    calls: Vec<Call>,
    lines: Vec<String>,
}

fn live(store: Store, told: &[Call], live: impl FnOnce(&mut Bench)) -> Life {
    let mut bench = Bench::unbooted(station(), store);
    bench.csms = csms(told);
    bench.snapshots = Some(vec![Snapshot {
        store: bench.store.clone(),
        calls: 0,
        permits: 0,
    }]);
    bench.drain();
    live(&mut bench);
    bench.assert_idle();
    Life {
        cuts: bench.snapshots.take().unwrap(),
        calls: bench.calls,
        lines: bench.lines,
    }
}

/// Each moment at which the power may go: right after a write, or right before the next one.
fn moments(life: &Life) -> impl Iterator<Item = (&Snapshot, &[Call])> {
    life.cuts.iter().enumerate().flat_map(|(index, cut)| {
        let next = life.cuts.get(index + 1).map_or(life.calls.len(), |next| next.calls);
        [(cut, &life.calls[..cut.calls]), (cut, &life.calls[..next])]
    })
}

/// What must hold of everything that the CSMS was ever told, with `cuts` power cuts.
#[track_caller]
fn check(ledger: &[Call], cuts: usize, at: &str) {
    let mut numbers: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    for (number, start) in (1i64..).zip(starts(ledger)) {
        numbers.entry(start.to_string()).or_default().insert(number);
    }
    let told: usize = numbers.values().map(BTreeSet::len).sum();
    let mut again = told - numbers.len();
    let registers: BTreeSet<String> = numbers
        .keys()
        .map(|start| {
            let start: Value = serde_json::from_str(start).unwrap();
            start["meterStart"].to_string()
        })
        .collect();
    assert_eq!(
        registers.len(),
        numbers.len(),
        "{at}: a start told differently twice: {numbers:?}"
    );
    let mut stops: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
    for stop in of(ledger, "StopTransaction") {
        let number = stop["transactionId"].as_i64().unwrap();
        again += usize::from(!stops.entry(number).or_default().insert(stop.to_string()));
    }
    for (start, numbers) in &numbers {
        let ends: Vec<_> = numbers.iter().filter_map(|number| stops.remove(number)).collect();
        assert_eq!(ends.len(), 1, "{at}: {start} has these ends: {ends:?}");
        assert_eq!(ends[0].len(), 1, "{at}: an end told differently twice: {ends:?}");
        let start: Value = serde_json::from_str(start).unwrap();
        let end: Value = serde_json::from_str(ends[0].first().unwrap()).unwrap();
        assert!(end["meterStop"].as_i64() >= start["meterStart"].as_i64(), "{at}");
        assert!(
            end["timestamp"].as_str() >= start["timestamp"].as_str(),
            "{at}: {start} {end}"
        );
        let data = end["transactionData"].as_array().unwrap();
        let context = |value: &Value| value["sampledValue"][0]["context"].as_str().unwrap().to_string();
        assert_eq!(context(data.first().unwrap()), "Transaction.Begin", "{at}");
        assert_eq!(context(data.last().unwrap()), "Transaction.End", "{at}");
    }
    assert!(stops.is_empty(), "{at}: ends without a start: {stops:?}");
    let mut samples = BTreeSet::new();
    for values in of(ledger, "MeterValues") {
        let mut content = values.clone();
        content["transactionId"] = Value::Null;
        again += usize::from(!samples.insert(content.to_string()));
    }
    assert!(again <= cuts, "{at}: {again} messages told twice with {cuts} cuts");
}

/// The meter register that the CSMS was told last before the cut, or that was stored.
fn run_to_idle(bench: &mut Bench) {
    bench.advance(700);
}

/// One session online, one offline, one online again.
fn three_sessions(bench: &mut Bench) {
    bench.energy(1, 100);
    bench.charge(1, "TAG");
    for minute in 1..=3 {
        bench.energy(1, 100 + minute * 10);
        bench.advance(60);
    }
    bench.energy(1, 200);
    bench.present("TAG");
    bench.leave(1);
    bench.go_offline();
    bench.charge(1, "TAG");
    for minute in 1..=3 {
        bench.energy(1, 200 + minute * 10);
        bench.advance(60);
    }
    bench.energy(1, 300);
    bench.present("TAG");
    bench.leave(1);
    bench.go_online();
    bench.charge(1, "TAG");
    bench.energy(1, 310);
    bench.advance(60);
    bench.energy(1, 400);
    bench.present("TAG");
    bench.leave(1);
    bench.advance(60);
}

#[test]
fn life_without_a_cut() {
    let life = live(Store::default(), &[], three_sessions);
    check(&life.calls, 0, "no cut");
    assert_eq!(starts(&life.calls).len(), 3);
    let ends: Vec<_> = of(&life.calls, "StopTransaction")
        .iter()
        .map(|stop| stop["meterStop"].clone())
        .collect();
    assert_eq!(ends, [200, 300, 400]);
    assert!(life.cuts.len() > 30);
}

/// Every transaction that was begun and permitted has one start and one end in the ledger, whenever the power goes.
#[test]
fn cut_at_every_write() {
    let life = live(Store::default(), &[], three_sessions);
    for (index, (cut, told)) in moments(&life).enumerate() {
        let recovery = live(cut.store.clone(), told, run_to_idle);
        let ledger = [told, &recovery.calls].concat();
        check(&ledger, 1, &format!("cut {index}"));
        let permitted = cut.permits;
        let distinct: BTreeSet<_> = starts(&ledger).iter().map(|start| start.to_string()).collect();
        assert!(
            distinct.len() >= permitted,
            "cut {index}: {permitted} permitted, {distinct:?}"
        );
        // Nothing flows after a reboot that nobody authorized.
        assert!(
            !recovery.lines.iter().any(|line| line.starts_with("permit")),
            "cut {index}"
        );
    }
}

#[test]
fn second_cut_at_every_write_of_the_recovery() {
    let life = live(Store::default(), &[], three_sessions);
    for (first, (cut, told)) in moments(&life).enumerate() {
        let recovery = live(cut.store.clone(), told, run_to_idle);
        for (second, (cut, more)) in moments(&recovery).enumerate() {
            let told = [told, more].concat();
            let again = live(cut.store.clone(), &told, run_to_idle);
            check(&[told, again.calls].concat(), 2, &format!("cuts {first} and {second}"));
        }
    }
}

/// The next session after a cut is like any other.
#[test]
fn session_after_a_cut() {
    let life = live(Store::default(), &[], three_sessions);
    for (index, (cut, told)) in moments(&life).enumerate() {
        let recovery = live(cut.store.clone(), told, |bench| {
            bench.energy(1, 1000);
            bench.charge(1, "TAG");
            bench.energy(1, 1500);
            bench.advance(60);
            bench.present("TAG");
            bench.leave(1);
            bench.advance(700);
        });
        let ledger = [told, &recovery.calls].concat();
        check(&ledger, 1, &format!("cut {index}"));
        let last = of(&ledger, "StopTransaction").pop().unwrap();
        assert_eq!(
            (&last["meterStop"], &last["reason"]),
            (&json!(1500), &json!("Local")),
            "cut {index}"
        );
    }
}

/// 1.6 §16: the end of an interrupted transaction says PowerLoss, with the energy and the time last known.
#[test]
fn interrupted_session_ends_with_power_loss() {
    let mut bench = Bench::unbooted(station(), Store::default());
    bench.drain();
    bench.energy(1, 100);
    bench.charge(1, "TAG");
    bench.energy(1, 180);
    bench.advance(60);
    bench.energy(1, 190);
    bench.advance(59);
    let mut bench = bench.reboot(station());
    bench.drain();
    bench.expect(&[
        "> BootNotification",
        "set clock 2026-11-22T12:00:00Z",
        "> StatusNotification 0 Available",
        "> StatusNotification 1 Available",
        // Nothing was stored since it was answered, so it is told again, as it was.
        "> MeterValues 1 1",
        "> StopTransaction 1 180 PowerLoss",
    ]);
    assert_eq!(
        bench.calls_of("StopTransaction")[0]["timestamp"],
        "2026-11-22T12:01:00Z"
    );
    assert!(bench.store.records.is_empty());
    bench.assert_idle();
}

/// Charges from 100 Wh, without samples, lets `before` happen, and cuts the power; returns the end that is told, and the
/// bench before the cut.
fn end_without_samples(interval: &str, before: impl FnOnce(&mut Bench)) -> (Value, Bench) {
    let mut config = station();
    config.settings.set(SettingId::SampleInterval, "0").unwrap();
    config.settings.set(SettingId::CheckpointInterval, interval).unwrap();
    let mut bench = Bench::unbooted(config.clone(), Store::default());
    bench.drain();
    bench.energy(1, 100);
    bench.charge(1, "TAG");
    before(&mut bench);
    let mut after = Bench::unbooted(config, bench.store.clone());
    after.drain();
    after.assert_idle();
    assert!(after.store.records.is_empty());
    (after.calls_of("StopTransaction")[0].clone(), bench)
}

/// Without samples, a checkpoint says how far the transaction has come, once a minute.
#[test]
fn without_samples_a_checkpoint_is_kept() {
    let (end, bench) = end_without_samples("60", |bench| {
        for energy_wh in [150, 170, 190] {
            bench.advance(40);
            bench.energy(1, energy_wh);
        }
        bench.advance(30);
    });
    // As it was two minutes after the start.
    assert_eq!(end["meterStop"], 170);
    assert_eq!(end["timestamp"], "2026-11-22T12:02:00Z");
    assert!(bench.store.values.contains_key(&ValueKey::Checkpoint(0)));
}

/// When energy stops to flow, storage learns of it at once.
#[test]
fn a_pause_is_a_checkpoint() {
    let (end, _) = end_without_samples("3600", |bench| {
        bench.advance(30);
        bench.energy(1, 150);
        bench.contactor(1, false);
        bench.pilot(1, 1, PilotState::B);
        bench.advance(20);
    });
    assert_eq!(end["meterStop"], 150);
    assert_eq!(end["timestamp"], "2026-11-22T12:00:30Z");
}

/// The operator may do without.
#[test]
fn no_checkpoints_if_nobody_wants_them() {
    let (end, bench) = end_without_samples("0", |bench| {
        bench.advance(30);
        bench.energy(1, 150);
        bench.advance(300);
    });
    assert_eq!(end["meterStop"], 100);
    assert!(!bench.store.values.contains_key(&ValueKey::Checkpoint(0)));
}

/// Samples are checkpoints; that of another transaction is none.
#[test]
fn a_checkpoint_counts_for_its_own_transaction_only() {
    let (end, bench) = end_without_samples("60", |bench| {
        bench.advance(30);
        bench.energy(1, 150);
        bench.advance(100);
        bench.present("TAG");
        bench.leave(1);
        bench.energy(1, 160);
        bench.charge(1, "TAG");
        bench.energy(1, 165);
        bench.advance(20);
    });
    assert_eq!(end["meterStop"], 160);
    assert_eq!(bench.calls_of("StopTransaction")[0]["meterStop"], 150);
    let mut sampled = Bench::unbooted(station(), Store::default());
    sampled.drain();
    bench::session(&mut sampled, 100, 200);
    assert!(!sampled.store.values.contains_key(&ValueKey::Checkpoint(0)));
}

/// A checkpoint that is damaged is none.
#[test]
fn a_damaged_checkpoint_is_left_out() {
    let (_, bench) = end_without_samples("60", |bench| bench.advance(70));
    let mut store = bench.store.clone();
    store.values.get_mut(&ValueKey::Checkpoint(0)).unwrap()[0] ^= 1;
    let mut after = Bench::unbooted(station(), store);
    after.drain();
    assert_eq!(
        after.calls_of("StopTransaction")[0]["timestamp"],
        "2026-11-22T12:00:00Z"
    );
    after.assert_idle();
}

/// Before that end is stored, nobody starts at the EVSE.
#[test]
fn plugged_car_after_a_cut_is_a_new_session() {
    let mut bench = Bench::unbooted(station(), Store::default());
    bench.drain();
    bench.charge(1, "TAG");
    let mut bench = bench.reboot(station());
    bench.pilot(1, 1, PilotState::C);
    bench.take();
    bench.present("TAG");
    bench.expect(&["> Authorize TAG", "permit 1.1 on", "> StartTransaction 1 TAG 0"]);
    bench.contactor(1, true);
    bench.expect(&["> StatusNotification 1 Charging"]);
    bench.present("TAG");
    assert_eq!(bench.calls_of("StopTransaction").len(), 2);
    bench.assert_idle();
}

/// Records of a boot that never learned the time are placed before this boot, in their order, not in 1970 (OpenOCPP).
#[test]
fn session_before_the_first_clock_sync() {
    let mut config = station();
    config.settings.set(SettingId::TxBeforeAccepted, "true").unwrap();
    config.settings.set(SettingId::OfflineTxForUnknownId, "true").unwrap();
    let mut bench = Bench::unbooted(config.clone(), Store::default());
    bench.online = false;
    bench.drain();
    bench.advance(100);
    bench.charge(1, "TAG");
    bench.advance(200);
    bench.present("TAG");
    let mut bench = bench.reboot(config);
    bench.drain();
    assert_eq!(
        bench.calls_of("StartTransaction")[0]["timestamp"],
        "2026-11-22T11:56:40Z"
    );
    assert_eq!(
        bench.calls_of("StopTransaction")[0]["timestamp"],
        "2026-11-22T12:00:00Z"
    );
    bench.assert_idle();
}

/// The stored clocks of earlier boots do not pile up.
#[test]
fn reboots_leave_nothing_behind() {
    let mut bench = Bench::new(&[1]);
    let mut sizes = Vec::new();
    for round in 0..12 {
        if round % 3 == 0 {
            bench.charge(1, "TAG");
        }
        bench = bench.reboot(config(&[1]));
        bench.drain();
        assert!(bench.store.records.is_empty());
        sizes.push(bench.store.values.len());
    }
    assert_eq!(sizes.iter().min(), sizes[3..].iter().max(), "{sizes:?}");
}
