//! A change of version in mid-session: the new CSMS is told the whole transaction, and energy is the same in both ledgers.

mod bench;

use bench::{Answer, Bench, Store, accepting_but, config};
use ocpp_core::dialect::Dialect;
use ocpp_core::settings::SettingId;
use ocpp_core::{EvseId, PilotState};
use serde_json::Value;

static BOTH: [&dyn Dialect; 2] = [&ocpp201::DIALECT, &ocpp16::DIALECT];
const OLD: &str = "ocpp1.6";
const NEW: &str = "ocpp2.0.1";

fn station(settings: &[(SettingId, &str)], store: Store, version: &'static str) -> Bench {
    let mut config = config(&[1]);
    config.settings.set(SettingId::RetryBackOffWaitMinimum, "1").unwrap();
    config.settings.set(SettingId::RetryBackOffRandomRange, "0").unwrap();
    for (id, text) in settings {
        config.settings.set(*id, text).unwrap();
    }
    let mut bench = Bench::speaking(config, store, &BOTH, version);
    bench.drain();
    bench.calls.clear();
    bench
}

/// One session in small steps; an outage or a change of version may come after any of them.
const STEPS: [fn(&mut Bench); 10] = [
    |bench| bench.pilot(1, 1, PilotState::B),
    |bench| bench.present("TAG"),
    |bench| bench.pilot(1, 1, PilotState::C),
    |bench| bench.contactor(1, true),
    |bench| bench.energy(1, 1100),
    |bench| bench.advance(60),
    |bench| bench.energy(1, 1400),
    |bench| bench.advance(60),
    |bench| {
        bench.energy(1, 1500);
        bench.present("TAG");
    },
    |bench| bench.leave(1),
];

fn change(bench: &mut Bench, version: &'static str) {
    bench.go_offline();
    bench.subprotocol = version;
    bench.go_online();
    bench.advance(5);
}

/// What one CSMS knows in the end: energy by transaction.
#[derive(Debug, Default, PartialEq)]
struct Ledger {
    /// Meter at start and at the end.
    transactions: Vec<(i64, i64)>,
}

/// Reads what a CSMS of 1.6 was told: every stop belongs to a start that it was told of.
fn ledger16(calls: &[(String, Value)]) -> Ledger {
    let mut ledger = Ledger::default();
    let mut open = None;
    for (action, payload) in calls {
        match action.as_str() {
            "StartTransaction" => open = Some(payload["meterStart"].as_i64().unwrap()),
            "StopTransaction" => {
                assert!(payload["transactionId"].as_i64().unwrap() > 0);
                let start = open.take().expect("a stop without a start");
                ledger
                    .transactions
                    .push((start, payload["meterStop"].as_i64().unwrap()));
            }
            "MeterValues" if payload["transactionId"].is_i64() => {
                assert!(open.is_some(), "values before the start: {payload}");
            }
            _ => {}
        }
    }
    ledger
}

/// Reads what a CSMS of 2.0.1 was told: from Started to Ended, numbers from 0 without a gap.
fn ledger201(calls: &[(String, Value)]) -> Ledger {
    let mut ledger = Ledger::default();
    let (mut next, mut start, mut last) = (0, 0, 0);
    for (_, event) in calls.iter().filter(|(action, _)| action == "TransactionEvent") {
        let values = event["meterValue"].as_array().cloned().unwrap_or_default();
        let register = |value: &Value| value["sampledValue"][0]["value"].as_f64().map(|value| value as i64);
        let register = values.last().and_then(register);
        match event["eventType"].as_str().unwrap() {
            "Started" => {
                next = 0;
                start = register.unwrap();
            }
            "Ended" => ledger.transactions.push((start, register.unwrap_or(last))),
            _ => {}
        }
        assert_eq!(event["seqNo"], next, "{event}");
        next += 1;
        last = register.unwrap_or(last);
    }
    ledger
}

/// Every record of a session, both directions, both while the link was up and with a queue behind an outage.
#[test]
fn a_change_at_every_step_of_a_session() {
    let settings = [
        (SettingId::EndedSampledMeasurands, "Energy.Active.Import.Register"),
        (SettingId::OfflineTxForUnknownId, "true"),
    ];
    for (from, to) in [(OLD, NEW), (NEW, OLD)] {
        for begin_offline in 0..=STEPS.len() {
            for change_at in begin_offline..=STEPS.len() {
                let what = format!("{from} to {to}, offline from step {begin_offline}, changed at {change_at}");
                let mut bench = station(&settings, Store::default(), from);
                bench.energy(1, 1000);
                bench.calls.clear();
                let mut before = Vec::new();
                for (index, step) in STEPS.iter().enumerate() {
                    if index == begin_offline {
                        bench.go_offline();
                    }
                    if index == change_at {
                        before = std::mem::take(&mut bench.calls);
                        change(&mut bench, to);
                    }
                    step(&mut bench);
                }
                if change_at == STEPS.len() {
                    before = std::mem::take(&mut bench.calls);
                    change(&mut bench, to);
                }
                bench.advance(100);
                bench.assert_idle();
                let after = std::mem::take(&mut bench.calls);
                let ledger = if to == OLD { ledger16(&after) } else { ledger201(&after) };
                // Told to the end before: nothing is left for the new CSMS.
                let done = begin_offline >= 9 && !before.is_empty();
                let expected = if done { vec![] } else { vec![(1000, 1500)] };
                assert_eq!(ledger.transactions, expected, "{what}: {after:#?}");
                assert!(bench.store.records.is_empty(), "{what}");
            }
        }
    }
}

/// The link breaks while the end is on its way, and another version speaks afterwards: it is told the start first.
#[test]
fn a_change_with_an_unanswered_end() {
    let settings = [(SettingId::EndedSampledMeasurands, "Energy.Active.Import.Register")];
    for (from, to) in [(OLD, NEW), (NEW, OLD)] {
        let mut bench = station(&settings, Store::default(), from);
        bench.energy(1, 1000);
        bench.charge(1, "TAG");
        bench.energy(1, 1500);
        bench.csms = accepting_but(|action, event| {
            let end = action == "StopTransaction" || event["eventType"] == "Ended";
            end.then_some(Answer::Nothing)
        });
        bench.present("TAG");
        bench.calls.clear();
        bench.csms = bench::accepting();
        change(&mut bench, to);
        let ledger = match to {
            OLD => ledger16(&bench.calls),
            _ => ledger201(&bench.calls),
        };
        assert_eq!(ledger.transactions, [(1000, 1500)], "{to}: {:#?}", bench.calls);
        bench.leave(1);
        bench.assert_idle();
        assert!(bench.store.records.is_empty());
    }
}

/// There and back again: each CSMS hears the whole, the first one twice.
#[test]
fn back_and_forth() {
    let mut bench = station(&[], Store::default(), OLD);
    bench.charge(1, "TAG");
    change(&mut bench, NEW);
    bench.advance(60);
    change(&mut bench, OLD);
    bench.calls.clear();
    bench.advance(60);
    change(&mut bench, NEW);
    assert_eq!(bench.calls_of("StartTransaction").len(), 0, "{:#?}", bench.take());
    let events = bench.calls_of("TransactionEvent");
    assert_eq!(events[0]["eventType"], "Started");
    assert_eq!(events[0]["offline"], true);
    assert_eq!(events[0]["seqNo"], 0);
    bench.present("TAG");
    bench.leave(1);
    let events = bench.calls_of("TransactionEvent");
    let numbers: Vec<_> = events.iter().map(|event| event["seqNo"].as_i64().unwrap()).collect();
    assert!(
        numbers.iter().zip(0..).all(|(number, expected)| *number == expected),
        "{numbers:?}"
    );
    bench.assert_idle();
}

/// A transaction that began with the cable is one of 1.6 only once somebody is authorized.
#[test]
fn a_transaction_without_a_driver_is_none_in_1_6() {
    let settings = [
        (SettingId::TxStartPoint, "EVConnected"),
        (SettingId::TxStopPoint, "EVConnected"),
    ];
    let mut bench = station(&settings, Store::default(), NEW);
    bench.energy(1, 1000);
    bench.pilot(1, 1, PilotState::B);
    change(&mut bench, OLD);
    assert!(bench.calls_of("StartTransaction").is_empty());
    bench.present("TAG");
    let start = bench.calls_of("StartTransaction");
    assert_eq!((start.len(), &start[0]["meterStart"]), (1, &Value::from(1000)));
    bench.energy(1, 1700);
    bench.leave(1);
    assert_eq!(bench.calls_of("StopTransaction")[0]["meterStop"], 1700);
    bench.assert_idle();
    assert!(bench.store.records.is_empty());

    // One that nobody was ever authorized for is none at all.
    let mut bench = station(&settings, Store::default(), NEW);
    bench.pilot(1, 1, PilotState::B);
    change(&mut bench, OLD);
    bench.leave(1);
    assert!(bench.calls_of("StartTransaction").is_empty() && bench.calls_of("StopTransaction").is_empty());
    bench.assert_idle();
}

/// Who was authorized was told long before the change, in a record of its own.
#[test]
fn a_later_authorization_is_told_again_too() {
    let settings = [(SettingId::TxStartPoint, "EVConnected")];
    for rebooted in [false, true] {
        let mut bench = station(&settings, Store::default(), NEW);
        bench.energy(1, 1000);
        bench.pilot(1, 1, PilotState::B);
        bench.present("TAG");
        bench.pilot(1, 1, PilotState::C);
        bench.contactor(1, true);
        bench.energy(1, 1200);
        bench.advance(60);
        if rebooted {
            bench = station(&settings, bench.store, OLD);
        } else {
            change(&mut bench, OLD);
            bench.present("TAG");
        }
        bench.advance(60);
        let ledger = ledger16(&bench.calls);
        if rebooted {
            // The station told it while it booted; what is left in storage says so.
            assert!(bench.store.records.is_empty());
        } else {
            assert_eq!(ledger.transactions, [(1000, 1200)]);
        }
        assert!(bench.station.transaction(EvseId(1)).is_none());
        bench.assert_idle();
    }
}

/// A start that cannot be read any more cannot be told again: the transaction goes on without it, and so does the station.
#[test]
fn a_start_that_cannot_be_read_again() {
    for newer in [false, true] {
        let mut bench = station(&[], Store::default(), OLD);
        STEPS[..6].iter().for_each(|step| step(&mut bench));
        let start = bench.store.records.values_mut().next().unwrap();
        if newer {
            let content = [0xf0, 1, 2, 3];
            *start = [&content[..], &bench::crc(&content).to_le_bytes()].concat();
        } else {
            start[3] ^= 1;
        }
        bench.calls.clear();
        change(&mut bench, NEW);
        assert!(bench.calls_of("TransactionEvent").is_empty());
        STEPS[6..].iter().for_each(|step| step(&mut bench));
        bench.advance(5);
        let told = bench.calls_of("TransactionEvent");
        assert_eq!(told.last().unwrap()["eventType"], "Ended", "newer: {newer}");
        bench.assert_idle();
    }
}

/// 1.6 has no interval of its own for the values that travel with the end: after a change they are taken once, with the
/// others.
#[test]
fn values_for_the_end_are_taken_once() {
    let settings = [
        (SettingId::EndedSampledMeasurands, "Energy.Active.Import.Register"),
        (SettingId::EndedSampleInterval, "60"),
        (SettingId::SampleInterval, "60"),
    ];
    let mut bench = station(&settings, Store::default(), NEW);
    STEPS[..5].iter().for_each(|step| step(&mut bench));
    change(&mut bench, OLD);
    bench.advance(180);
    STEPS[8..].iter().for_each(|step| step(&mut bench));
    let stop = &bench.calls_of("StopTransaction")[0];
    let data = stop["transactionData"].as_array().unwrap();
    let times: Vec<_> = data
        .iter()
        .map(|values| values["timestamp"].as_str().unwrap())
        .collect();
    let mut once = times.clone();
    once.dedup();
    assert_eq!(times, once);
    assert_eq!(times.len(), 5);
    bench.assert_idle();
}
