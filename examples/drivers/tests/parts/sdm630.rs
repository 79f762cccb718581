//! A meter's reading is whole and right, or an error.

use crate::clock::Clock;
use crate::line::{Line, frame};
use drivers::modbus::{Modbus, ModbusError};
use drivers::{MeterError, Sdm630};
use evse_hal::{EnergyMeter, Error, ErrorKind, Phase, Quantity, Reading};
use proptest::prelude::*;

const PHASES: [u8; 8] = [1, 4, 0, 0, 0, 30, 0x70, 0x02];
const TOTALS: [u8; 8] = [1, 4, 0, 70, 0, 4, 0x10, 0x1c];

/// Volts, amperes, watts, volt-amperes, reactive volt-amperes.
const CAR: [f32; 15] = [
    230.1, 231.2, 229.9, 16.0, 15.98, 0.0, 3680.5, 3690.0, -1.5, 3690.0, 3700.0, 2.0, -120.5, 80.0, 0.0,
];

struct Bench {
    clock: Clock,
    line: Line,
    meter: Sdm630<Line, Clock>,
}

impl Bench {
    fn new() -> Self {
        let clock = Clock::default();
        let line = Line::new(&clock);
        Self {
            meter: Sdm630::new(Modbus::new(line.clone(), clock.clone()), 1),
            clock,
            line,
        }
    }

    fn read(&mut self) -> Result<Reading, MeterError> {
        self.clock.run(self.meter.read())
    }

    fn reads(&mut self, phases: &[f32], hertz: f32, kwh: f32) -> Result<Reading, MeterError> {
        self.line.expect(&PHASES, [(20_000, answer(phases))]);
        self.line.expect(&TOTALS, [(20_000, answer(&[hertz, kwh]))]);
        self.read()
    }
}

fn answer(numbers: &[f32]) -> Vec<u8> {
    let mut body = vec![1, 4, numbers.len() as u8 * 4];
    body.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
    frame(&body)
}

#[test]
fn all_that_it_measures() {
    let mut bench = Bench::new();
    let reading = bench.reads(&CAR, 50.02, 12_345.678).unwrap();
    bench.line.finish();
    assert_eq!(reading.energy_wh, 12_345_678);
    use Quantity::*;
    let expected = [
        (PowerImport, None, 7_369_000),
        (CurrentImport, Some(Phase::L1), 16_000),
        (CurrentImport, Some(Phase::L2), 15_980),
        (CurrentExport, Some(Phase::L3), 0),
        (Voltage, Some(Phase::L1), 230_100),
        (Voltage, Some(Phase::L2), 231_200),
        (Voltage, Some(Phase::L3), 229_900),
        (PowerImport, Some(Phase::L1), 3_680_500),
        (PowerImport, Some(Phase::L2), 3_690_000),
        (PowerExport, Some(Phase::L3), 1_500),
        (Frequency, None, 50_020),
        (ReactivePowerExport, None, 40_500),
        (ReactivePowerExport, Some(Phase::L1), 120_500),
        (ReactivePowerImport, Some(Phase::L2), 80_000),
        (ReactivePowerImport, Some(Phase::L3), 0),
    ];
    let values = reading.values().iter();
    let values: Vec<_> = values
        .map(|value| (value.quantity, value.phase, value.thousandths))
        .collect();
    assert_eq!(values, expected);
}

#[test]
fn not_a_number() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30] {
        for place in 0..CAR.len() {
            let mut bench = Bench::new();
            let mut phases = CAR;
            phases[place] = bad;
            bench.line.expect(&PHASES, [(20_000, answer(&phases))]);
            // The volt-amperes are not part of a reading, but a meter that says so is broken.
            assert_eq!(bench.read(), Err(MeterError::NotANumber), "{place}");
            bench.line.finish();
        }
        assert_eq!(Bench::new().reads(&CAR, 50.0, bad), Err(MeterError::NotANumber));
        assert_eq!(Bench::new().reads(&CAR, bad, 1.0), Err(MeterError::NotANumber));
    }
}

#[test]
fn register_runs_backwards() {
    let mut bench = Bench::new();
    assert_eq!(bench.reads(&CAR, 50.0, 100.0).unwrap().energy_wh, 100_000);
    assert_eq!(bench.reads(&CAR, 50.0, 99.999), Err(MeterError::Backwards));
    assert_eq!(bench.reads(&CAR, 50.0, 0.0), Err(MeterError::Backwards));
    assert_eq!(bench.reads(&CAR, 50.0, 100.0).unwrap().energy_wh, 100_000);
    assert_eq!(Bench::new().reads(&CAR, 50.0, -1.0), Err(MeterError::Backwards));
}

#[test]
fn half_a_reading_is_none() {
    let mut bench = Bench::new();
    bench.line.expect(&PHASES, [(20_000, answer(&CAR))]);
    bench.line.expect(&TOTALS, []);
    let error = bench.read().unwrap_err();
    assert_eq!(error, MeterError::Bus(ModbusError::Silence));
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(bench.reads(&CAR, 50.0, 1.5).unwrap().energy_wh, 1_500);
}

#[test]
fn late_answer_to_one_request_is_none_to_the_other() {
    let mut bench = Bench::new();
    bench.line.expect(&PHASES, [(20_000, answer(&CAR))]);
    bench.line.expect(&TOTALS, [(20_000, answer(&CAR))]);
    assert_eq!(bench.read(), Err(MeterError::Bus(ModbusError::Garbled)));
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_no_energy(first: Vec<u8>, second: Vec<u8>) {
        let mut bench = Bench::new();
        bench.line.expect(&PHASES, [(20_000, answer(&CAR))]);
        bench.line.expect(&TOTALS, [(20_000, second)]);
        prop_assert!(bench.read().is_err());
        bench.line.expect(&PHASES, [(20_000, first)]);
        prop_assert!(bench.read().is_err());
    }

    /// Whatever the registers hold, the energy is what they say to the Wh, and grows.
    #[test]
    fn energy_is_the_register(readings: Vec<f32>) {
        let mut bench = Bench::new();
        let mut before = 0;
        for kwh in readings {
            let exact = (f64::from(kwh) * 1000.0).round();
            match bench.reads(&CAR, 50.0, kwh) {
                Ok(reading) => {
                    prop_assert_eq!(reading.energy_wh as f64, exact);
                    prop_assert!(reading.energy_wh >= before);
                    before = reading.energy_wh;
                }
                Err(MeterError::Backwards) => prop_assert!(exact < before as f64),
                Err(error) => {
                    prop_assert_eq!(error, MeterError::NotANumber);
                    prop_assert!(exact.abs() > 8e12);
                }
            }
        }
    }
}
