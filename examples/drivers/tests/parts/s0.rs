//! Pulses are counted once each, and give energy and power.

use crate::clock::Clock;
use crate::pins::Pin;
use drivers::{PulseInput, Pulses, S0Meter};
use embedded_hal::digital::PinState;
use evse_hal::{EnergyMeter, ErrorKind, Quantity, Reading};
use proptest::prelude::*;

struct Bench<'a> {
    pin: &'a Pin,
    input: PulseInput<'a, &'a Pin>,
    now: u64,
}

impl<'a> Bench<'a> {
    fn new(pin: &'a Pin, pulses: &'a Pulses) -> Self {
        Self {
            pin,
            input: PulseInput::new(pin, PinState::High, pulses),
            now: 0,
        }
    }

    /// The pin is at this level for so long.
    fn level(&mut self, high: bool, ms: u64) {
        self.pin.high.set(high);
        for _ in 0..ms / 5 {
            self.now += 5;
            self.input.look(self.now);
        }
    }

    /// Pulses of 40 ms, one per this time.
    fn pulses(&mut self, count: u32, every_ms: u64) {
        for _ in 0..count {
            self.level(true, 40);
            self.level(false, every_ms - 40);
        }
    }
}

fn read(meter: &mut S0Meter<'_>) -> Result<Reading, ErrorKind> {
    Clock::default().run(meter.read())
}

fn milliwatts(meter: &mut S0Meter<'_>) -> Option<i64> {
    let reading = read(meter).unwrap();
    let value = reading.values().first()?;
    assert_eq!(value.quantity, Quantity::PowerImport);
    Some(value.thousandths)
}

#[test]
fn energy_goes_on_where_it_was_stored() {
    let (pin, pulses) = (Pin::default(), Pulses::new());
    let mut bench = Bench::new(&pin, &pulses);
    let mut meter = S0Meter::new(&pulses, 800, 80_000_003);
    assert_eq!(read(&mut meter).unwrap().energy_wh, 100_000_003);
    bench.pulses(5, 500);
    assert_eq!(meter.pulses(), 80_000_008);
    assert_eq!(read(&mut meter).unwrap().energy_wh, 100_000_010);

    let mut after_reset = S0Meter::new(&pulses, 800, meter.pulses());
    assert_eq!(read(&mut after_reset).unwrap().energy_wh, 100_000_010);
}

#[test]
fn disturbances_do_not_count() {
    let (pin, pulses) = (Pin::default(), Pulses::new());
    let mut bench = Bench::new(&pin, &pulses);
    let mut meter = S0Meter::new(&pulses, 1000, 0);
    for _ in 0..10 {
        bench.level(true, 30); // 25 ms from the first look to the last
        bench.level(false, 100);
    }
    assert_eq!(meter.pulses(), 0, "too short");
    bench.level(true, 40);
    bench.level(false, 20);
    bench.level(true, 40);
    assert_eq!(meter.pulses(), 1, "interrupted");
    bench.level(false, 40);
    bench.level(true, 10_000);
    assert_eq!(meter.pulses(), 2, "one pulse however long");
}

#[test]
fn shorter_pulses_if_so_told() {
    let (pin, pulses) = (Pin::default(), Pulses::new());
    let mut input = PulseInput::new(&pin, PinState::Low, &pulses).with_shortest_pulse(2);
    let mut meter = S0Meter::new(&pulses, 10_000, 0);
    for now in 0..100 {
        pin.high.set(now % 10 < 5);
        input.look(now);
    }
    assert_eq!(meter.pulses(), 10);
}

#[test]
fn power_is_that_of_the_distance() {
    let (pin, pulses) = (Pin::default(), Pulses::new());
    let mut bench = Bench::new(&pin, &pulses);
    let mut meter = S0Meter::new(&pulses, 1000, 0);
    assert_eq!(milliwatts(&mut meter), None);
    bench.pulses(1, 360);
    assert_eq!(milliwatts(&mut meter), None, "one pulse has no distance");
    bench.pulses(1, 360);
    assert_eq!(milliwatts(&mut meter), Some(10_000_000), "1 Wh in 360 ms");
    bench.level(false, 3_600 - 360 + 35);
    assert_eq!(milliwatts(&mut meter), Some(1_000_000), "the next one is late");
    bench.level(false, 3_600_000);
    assert!(milliwatts(&mut meter).unwrap() < 1_000);
}

#[test]
fn pin_that_cannot_be_read() {
    let (pin, pulses) = (Pin::default(), Pulses::new());
    let mut bench = Bench::new(&pin, &pulses);
    let mut meter = S0Meter::new(&pulses, 1000, 5);
    pin.broken.set(true);
    bench.pulses(3, 100);
    assert_eq!(read(&mut meter), Err(ErrorKind::Bus));
    pin.broken.set(false);
    bench.pulses(1, 100);
    assert_eq!(read(&mut meter).unwrap().energy_wh, 6);
}

#[test]
fn meter_without_a_constant() {
    let pulses = Pulses::new();
    assert_eq!(read(&mut S0Meter::new(&pulses, 0, 5)), Err(ErrorKind::Implausible));
}

#[test]
fn more_energy_than_can_be_told() {
    let pulses = Pulses::new();
    assert_eq!(
        read(&mut S0Meter::new(&pulses, 1, u64::MAX)),
        Err(ErrorKind::Implausible)
    );
}

proptest! {
    #[test]
    fn energy_is_that_of_the_pulses(before in 0u64..1 << 50, per_kwh in 1u32..100_000) {
        let pulses = Pulses::new();
        let expected = u128::from(before) * 1000 / u128::from(per_kwh);
        prop_assert_eq!(i128::from(read(&mut S0Meter::new(&pulses, per_kwh, before)).unwrap().energy_wh), expected as i128);
    }

    /// Whatever happens on the pin, no more is counted than fits with pauses and pulses of 30 ms.
    #[test]
    fn never_more_than_can_be(levels in proptest::collection::vec((any::<bool>(), any::<bool>(), 0u64..60), 0..200)) {
        let (pin, pulses) = (Pin::default(), Pulses::new());
        let mut input = PulseInput::new(&pin, PinState::High, &pulses);
        let mut now = 0;
        for (high, broken, later) in levels {
            pin.high.set(high);
            pin.broken.set(broken);
            now += later;
            input.look(now);
        }
        let mut meter = S0Meter::new(&pulses, 1000, 0);
        prop_assert!(meter.pulses() <= now / 60 + 1);
    }
}
