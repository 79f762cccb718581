//! Measured values: periodic, on the clock's grid, with the end of a transaction, on demand (1.6 §3.16, §4.7, §9; errata
//! 3.13–3.16, 3.89).

mod bench;

use bench::{Bench, OCPP16, Store, config, utc};
use ocpp_core::settings::SettingId;
use ocpp_core::wire::Decimal;
use ocpp_core::{EvseId, Input, Location, Measurand, Phase, Sample};
use serde_json::{Value, json};

const REGISTER: &str = "Energy.Active.Import.Register";

fn sample(measurand: Measurand, mantissa: i64, scale: u8) -> Sample {
    Sample::new(measurand, Decimal::new(mantissa, scale)).unwrap()
}

/// Three phases of voltage and current, and the power.
fn read(bench: &mut Bench, energy_wh: i64) {
    let samples = [
        sample(Measurand::Voltage, 2301, 1).on(Phase::L1N),
        sample(Measurand::Voltage, 2302, 1).on(Phase::L2N),
        sample(Measurand::Voltage, 2303, 1).on(Phase::L3N),
        sample(Measurand::CurrentImport, 16, 0)
            .on(Phase::L1)
            .at(Location::Outlet),
        sample(Measurand::PowerActiveImport, 11_040, 0),
        sample(Measurand::SoC, 55, 0).at(Location::Ev),
    ];
    bench.input(Input::Meter {
        evse: Some(EvseId(1)),
        energy_wh,
        samples: &samples,
    });
}

/// Timestamp, context and values of each moment.
fn moments(payload: &Value, field: &str) -> Vec<(String, String, Vec<String>)> {
    let text = |value: &Value| value.as_str().unwrap_or("").to_string();
    let sets = payload[field].as_array().cloned().unwrap_or_default();
    sets.iter()
        .map(|set| {
            let samples = set["sampledValue"].as_array().unwrap();
            let values = samples.iter().map(|sample| text(&sample["value"])).collect();
            (
                text(&set["timestamp"])[11..].to_string(),
                text(&samples[0]["context"]),
                values,
            )
        })
        .collect()
}

#[test]
fn periodic_values_from_the_start_on() {
    let mut bench = Bench::with(&[1], &[(SettingId::SampleInterval, "10")]);
    bench.advance(7);
    bench.energy(1, 5);
    bench.charge(1, "TAG");
    bench.energy(1, 6);
    bench.take();
    bench.advance(25);
    bench.expect(&["> MeterValues 1 1", "> MeterValues 1 1"]);
    let told = bench.calls_of("MeterValues");
    let moment = |time: &str| vec![(time.to_string(), "Sample.Periodic".to_string(), vec!["6".to_string()])];
    assert_eq!(moments(&told[0], "meterValue"), moment("12:00:17Z"));
    assert_eq!(moments(&told[1], "meterValue"), moment("12:00:27Z"));
    bench.present("TAG");
    bench.take();
    bench.advance(60);
    assert_eq!(bench.calls_of("MeterValues").len(), 2);
    bench.assert_idle();
}

#[test]
fn interval_of_zero_is_off() {
    let mut bench = Bench::with(&[1], &[(SettingId::SampleInterval, "0")]);
    bench.charge(1, "TAG");
    bench.advance(5000);
    assert!(bench.calls_of("MeterValues").is_empty());
}

/// A new interval counts from now on.
#[test]
fn interval_changed_in_a_session() {
    let mut bench = Bench::with(&[1], &[(SettingId::SampleInterval, "1000")]);
    bench.charge(1, "TAG");
    bench.advance(10);
    bench.call(
        "ChangeConfiguration",
        json!({"key": "MeterValueSampleInterval", "value": "5"}),
    );
    bench.advance(5);
    assert_eq!(bench.calls_of("MeterValues").len(), 1);
}

#[test]
fn chosen_measurands_with_all_phases_of_each() {
    let list = "Voltage,Current.Import,Power.Active.Import,SoC,Energy.Active.Import.Register,Temperature";
    let mut bench = Bench::with(&[1], &[(SettingId::SampledMeasurands, list)]);
    read(&mut bench, 77);
    bench.charge(1, "TAG");
    bench.advance(60);
    let told = bench.calls_of("MeterValues");
    let periodic = "Sample.Periodic";
    assert_eq!(
        told[0]["meterValue"][0]["sampledValue"],
        json!([
            {"value": "230.1", "context": periodic, "measurand": "Voltage", "phase": "L1-N", "unit": "V"},
            {"value": "230.2", "context": periodic, "measurand": "Voltage", "phase": "L2-N", "unit": "V"},
            {"value": "230.3", "context": periodic, "measurand": "Voltage", "phase": "L3-N", "unit": "V"},
            {"value": "16", "context": periodic, "measurand": "Current.Import", "phase": "L1", "location": "Outlet",
             "unit": "A"},
            {"value": "11040", "context": periodic, "measurand": "Power.Active.Import", "unit": "W"},
            {"value": "55", "context": periodic, "measurand": "SoC", "location": "EV", "unit": "Percent"},
            {"value": "77", "context": periodic, "measurand": REGISTER, "unit": "Wh"},
        ])
    );
}

#[test]
fn one_phase_of_a_measurand() {
    let mut bench = Bench::with(&[1], &[(SettingId::SampledMeasurands, "Voltage.L2-N")]);
    read(&mut bench, 77);
    bench.charge(1, "TAG");
    bench.advance(60);
    assert_eq!(moments(&bench.calls_of("MeterValues")[0], "meterValue")[0].2, ["230.2"]);
}

/// Values that the meter does not have are no reason for an empty message.
#[test]
fn nothing_to_tell_is_not_told() {
    let mut bench = Bench::with(&[1], &[(SettingId::SampledMeasurands, "Temperature")]);
    bench.charge(1, "TAG");
    bench.advance(600);
    bench.present("TAG");
    assert!(bench.calls_of("MeterValues").is_empty());
    assert_eq!(bench.calls_of("StopTransaction").len(), 1);
    bench.assert_idle();
}

#[test]
fn clock_aligned_values_on_the_grid_from_midnight() {
    let mut bench = Bench::with(
        &[1],
        &[
            (SettingId::SampleInterval, "0"),
            (SettingId::AlignedDataInterval, "900"),
        ],
    );
    bench.input(Input::Clock(utc("2026-11-22T12:07:13Z")));
    bench.charge(1, "TAG");
    bench.advance(3600);
    let told = bench.calls_of("MeterValues");
    let times: Vec<_> = told
        .iter()
        .map(|values| moments(values, "meterValue").remove(0))
        .map(|set| (set.0, set.1))
        .collect();
    let expected = ["12:15:00Z", "12:30:00Z", "12:45:00Z", "13:00:00Z"];
    assert_eq!(
        times,
        expected.map(|time| (time.to_string(), "Sample.Clock".to_string()))
    );
    assert!(told.iter().all(|values| values["transactionId"] == 1));
}

/// An interval that does not divide the day: the grid begins anew at midnight.
#[test]
fn grid_at_midnight() {
    let mut bench = Bench::with(&[1], &[(SettingId::AlignedDataInterval, "40000")]);
    bench.input(Input::Clock(utc("2026-11-22T22:00:00Z")));
    bench.advance(7200 + 40_000);
    let told = bench.calls_of("MeterValues");
    let times: Vec<_> = told
        .iter()
        .map(|values| moments(values, "meterValue").remove(0).0)
        .collect();
    assert_eq!(times, ["22:13:20Z", "00:00:00Z", "11:06:40Z"]);
}

/// Clock-aligned values come without a transaction, too: of each connector, and of the main meter as connector 0.
#[test]
fn clock_aligned_values_of_everything() {
    let mut bench = Bench::with(&[2, 1], &[(SettingId::AlignedDataInterval, "60")]);
    bench.input(Input::Meter {
        evse: None,
        energy_wh: 9999,
        samples: &[],
    });
    bench.charge(2, "TAG");
    bench.take();
    bench.advance(60);
    let lines = bench.take();
    for line in [
        "> MeterValues 0",
        "> MeterValues 1",
        "> MeterValues 2",
        "> MeterValues 3 1",
    ] {
        assert!(lines.contains(&line.to_string()), "{lines:?}");
    }
    bench.assert_idle();
}

#[test]
fn no_grid_without_the_time_of_day() {
    let mut config = bench::config(&[1]);
    config.settings.set(SettingId::AlignedDataInterval, "60").unwrap();
    let mut bench = Bench::unbooted(config, Default::default());
    bench.online = false;
    bench.drain();
    bench.advance(600);
    assert!(bench.calls_of("MeterValues").is_empty());
}

fn with_end_data(interval: &str) -> Bench {
    let settings = [
        (SettingId::SampleInterval, interval),
        (SettingId::SampledMeasurands, ""),
        (SettingId::EndedSampledMeasurands, REGISTER),
    ];
    Bench::with(&[1], &settings)
}

#[test]
fn end_data_from_begin_to_end() {
    let mut bench = with_end_data("30");
    bench.energy(1, 10);
    bench.charge(1, "TAG");
    bench.energy(1, 20);
    bench.advance(30);
    bench.energy(1, 30);
    bench.advance(15);
    bench.present("TAG");
    let told = bench.calls_of("StopTransaction");
    let moment =
        |time: &str, context: &str, value: &str| (time.to_string(), context.to_string(), vec![value.to_string()]);
    assert_eq!(
        moments(&told[0], "transactionData"),
        [
            moment("12:00:00Z", "Transaction.Begin", "10"),
            moment("12:00:30Z", "Sample.Periodic", "20"),
            moment("12:00:45Z", "Transaction.End", "30"),
        ]
    );
    assert!(bench.calls_of("MeterValues").is_empty());
    bench.assert_idle();
}

#[test]
fn no_end_data_when_nothing_is_chosen() {
    let mut bench = Bench::new(&[1]);
    bench.charge(1, "TAG");
    bench.advance(200);
    bench.present("TAG");
    assert_eq!(bench.calls_of("StopTransaction")[0].get("transactionData"), None);
}

/// E06.FR.12: however long the session: first and last value stay, those between are thinned
/// (StopTransactionMaxMeterValues).
#[test]
fn end_data_is_thinned() {
    for minutes in [9, 10, 11, 12, 13, 50, 300] {
        let mut bench = with_end_data("60");
        bench.charge(1, "TAG");
        for minute in 1..=minutes {
            bench.energy(1, minute);
            bench.advance(60);
        }
        bench.energy(1, 1000);
        bench.present("TAG");
        let stop = bench.calls_of("StopTransaction").remove(0);
        let moments = moments(&stop, "transactionData");
        assert!((2..=12).contains(&moments.len()), "{minutes}: {}", moments.len());
        assert_eq!(moments.first().unwrap().1, "Transaction.Begin");
        assert_eq!(
            moments.last().unwrap(),
            &(
                moments.last().unwrap().0.clone(),
                "Transaction.End".into(),
                vec!["1000".into()]
            )
        );
        let values: Vec<i64> = moments.iter().map(|moment| moment.2[0].parse().unwrap()).collect();
        assert!(values.is_sorted(), "{values:?}");
        bench.assert_idle();
    }
}

/// J02.FR.20: more than a frame can hold: fewer of the values between begin and end are sent, the message stays whole.
#[test]
fn end_data_gives_way_to_a_small_buffer() {
    let mut bench = with_end_data("60");
    bench.buffer = 900;
    bench.charge(1, "TAG");
    bench.advance(1000);
    bench.present("TAG");
    let moments = moments(&bench.calls_of("StopTransaction")[0], "transactionData");
    assert_eq!(moments.first().unwrap().1, "Transaction.Begin");
    assert_eq!(moments.last().unwrap().1, "Transaction.End");
    bench.assert_idle();
}

#[test]
fn clock_aligned_end_data() {
    let settings = [
        (SettingId::SampleInterval, "0"),
        (SettingId::AlignedDataInterval, "60"),
        (SettingId::AlignedMeasurands, ""),
        (SettingId::EndedAlignedMeasurands, REGISTER),
    ];
    let mut bench = Bench::with(&[1], &settings);
    bench.charge(1, "TAG");
    bench.advance(130);
    bench.present("TAG");
    let told = moments(&bench.calls_of("StopTransaction")[0], "transactionData");
    let contexts: Vec<_> = told.iter().map(|moment| moment.1.as_str()).collect();
    assert_eq!(contexts, ["Sample.Clock", "Sample.Clock"]);
}

/// 1.6 has 32 bits for the register; a larger one is told as the largest.
#[test]
fn register_beyond_32_bits() {
    let mut bench = Bench::new(&[1]);
    bench.energy(1, i64::from(i32::MAX) + 5);
    bench.charge(1, "TAG");
    assert_eq!(bench.calls_of("StartTransaction")[0]["meterStart"], i32::MAX);
}

/// More values than can be kept are cut, not a reason to stop.
#[test]
fn reading_with_too_many_values() {
    let mut bench = Bench::with(&[1], &[(SettingId::SampledMeasurands, "Voltage")]);
    let samples = [sample(Measurand::Voltage, 230, 0); 40];
    bench.input(Input::Meter {
        evse: Some(EvseId(1)),
        energy_wh: 0,
        samples: &samples,
    });
    bench.charge(1, "TAG");
    bench.advance(60);
    let told = bench.calls_of("MeterValues");
    let count = told[0]["meterValue"][0]["sampledValue"].as_array().unwrap().len();
    assert_eq!(count, ocpp_core::READING_MAX);
    bench.assert_idle();
}

/// A session that could begin before its meter was read waits for the register: counted from 0 it would be all that the
/// meter ever measured.
#[test]
fn a_start_waits_for_the_first_reading() {
    let unread = || {
        let mut bench = Bench::lending(config(&[1]), Store::default(), &OCPP16, "ocpp1.6", 0, |storage| storage);
        bench.drain();
        bench.charge(1, "TAG");
        assert!(bench.calls_of("StartTransaction").is_empty());
        bench
    };
    let mut bench = unread();
    bench.advance(3);
    bench.energy(1, 12_345_678);
    let start = &bench.calls_of("StartTransaction")[0];
    assert_eq!(start["meterStart"], 12_345_678);
    assert_eq!(start["timestamp"], "2026-11-22T12:00:03Z");
    // A meter that says nothing keeps nobody from charging.
    let mut bench = unread();
    bench.advance(9);
    assert!(bench.calls_of("StartTransaction").is_empty());
    bench.advance(1);
    assert_eq!(bench.calls_of("StartTransaction")[0]["meterStart"], 0);
    bench.assert_idle();
}
