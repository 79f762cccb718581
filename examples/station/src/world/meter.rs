//! The meter of an EVSE: integrates over station time, exactly.

use evse_hal::{Location, Phase, Quantity, Reading, Value};
use serde::{Deserialize, Serialize};

/// Nominal voltage of a phase, in V.
pub const VOLTS: i64 = 230;
/// A Wh in µJ, which are mW times ms.
const WH: i128 = 3_600_000_000;
const PHASES: [(Phase, Phase); 3] = [
    (Phase::L1, Phase::L1N),
    (Phase::L2, Phase::L2N),
    (Phase::L3, Phase::L3N),
];

/// What flows at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Flow {
    /// Current on each phase, in mA.
    pub milliamps: u32,
    /// Number of phases.
    pub phases: u8,
    /// Charge of the car's battery in thousandths of a percent.
    pub soc: Option<i64>,
}

/// The register, and what was set by hand.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Meter {
    /// The register in µJ.
    energy: i128,
    /// What is integrated while current flows, instead of current times voltage, in W.
    pub power_w: Option<u32>,
    /// Values that are told instead of measured ones. Not remembered.
    #[serde(skip)]
    fixed: Vec<Value>,
}

impl Meter {
    /// The register, in whole Wh.
    pub fn energy_wh(&self) -> i64 {
        i64::try_from(self.energy.div_euclid(WH)).unwrap_or(i64::MAX)
    }

    /// Sets the register, in Wh.
    pub fn set_energy_wh(&mut self, wh: i64) {
        self.energy = i128::from(wh) * WH;
    }

    /// Power at that flow, in mW.
    pub fn milliwatts(&self, flow: Flow) -> i64 {
        match self.power_w {
            _ if flow.milliamps == 0 => 0,
            Some(watts) => i64::from(watts) * 1000,
            None => i64::from(flow.milliamps) * i64::from(flow.phases) * VOLTS,
        }
    }

    /// Lets the flow last for that long; returns the energy in µJ.
    pub fn integrate(&mut self, flow: Flow, millis: u64) -> i128 {
        let energy = i128::from(self.milliwatts(flow)) * i128::from(millis);
        self.energy += energy;
        energy
    }

    /// Tells this value from now on, whatever is measured.
    pub fn fix(&mut self, value: Value) {
        let same =
            |own: &Value| (own.quantity, own.phase, own.location) == (value.quantity, value.phase, value.location);
        self.fixed.retain(|own| !same(own));
        self.fixed.push(value);
    }

    /// What the meter shows.
    pub fn reading(&self, flow: Flow) -> Reading {
        let mut reading = Reading::new(self.energy_wh());
        for &value in &self.fixed {
            reading = reading.with_value(value);
        }
        // By power alone, current follows from it, so that the values agree.
        let milliwatts = self.milliwatts(flow);
        let phases = usize::from(flow.phases.clamp(1, 3));
        let milliamps = milliwatts / (phases as i64 * VOLTS);
        let mut measured = vec![value(Quantity::PowerImport, None, milliwatts)];
        for (index, (phase, to_neutral)) in PHASES.into_iter().take(phases).enumerate() {
            // A voltage that differs a little between the phases, and sags a little under load.
            let millivolts = VOLTS * 1000 + [0, 300, -200][index] - milliamps / 40;
            measured.push(value(Quantity::Voltage, Some(to_neutral), millivolts / 100 * 100));
            measured.push(value(Quantity::CurrentImport, Some(phase), milliamps / 10 * 10));
        }
        measured.push(value(Quantity::Frequency, None, 50_000));
        if let Some(soc) = flow.soc {
            measured.push(Value {
                location: Some(Location::Vehicle),
                ..value(Quantity::StateOfCharge, None, soc / 100 * 100)
            });
        }
        let fixed = |quantity| self.fixed.iter().any(|own| own.quantity == quantity);
        measured.retain(|value| !fixed(value.quantity));
        measured.into_iter().fold(reading, Reading::with_value)
    }
}

fn value(quantity: Quantity, phase: Option<Phase>, thousandths: i64) -> Value {
    Value {
        quantity,
        phase,
        location: None,
        thousandths,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: Flow = Flow {
        milliamps: 16_000,
        phases: 3,
        soc: None,
    };

    fn shown(reading: &Reading, quantity: Quantity, phase: Option<Phase>) -> i64 {
        let found = reading
            .values()
            .iter()
            .find(|v| v.quantity == quantity && v.phase == phase);
        found.unwrap().thousandths
    }

    #[test]
    fn energy_is_exact_in_whatever_steps() {
        let (mut one, mut many) = (Meter::default(), Meter::default());
        one.integrate(FULL, 3_600_000);
        for step in [1, 999, 3_599_000] {
            many.integrate(FULL, step);
        }
        assert_eq!((one.energy_wh(), many.energy_wh()), (11_040, 11_040));
        // A third of a Wh three times is a Wh.
        let mut small = Meter {
            power_w: Some(1),
            ..Meter::default()
        };
        for _ in 0..3 {
            assert_eq!(small.energy_wh(), 0);
            small.integrate(FULL, 1_200_000);
        }
        assert_eq!(small.energy_wh(), 1);
    }

    #[test]
    fn power_by_hand_counts_only_while_current_flows() {
        let mut meter = Meter {
            power_w: Some(6000),
            ..Meter::default()
        };
        meter.set_energy_wh(5_000_000);
        meter.integrate(Flow::default(), 3_600_000);
        assert_eq!(meter.energy_wh(), 5_000_000);
        meter.integrate(FULL, 600_000);
        let reading = meter.reading(FULL);
        assert_eq!(reading.energy_wh, 5_001_000);
        assert_eq!(shown(&reading, Quantity::PowerImport, None), 6_000_000);
        assert_eq!(shown(&reading, Quantity::CurrentImport, Some(Phase::L2)), 8_690);
    }

    #[test]
    fn values_by_hand_replace_measured_ones() {
        let mut meter = Meter::default();
        meter.fix(value(Quantity::PowerImport, None, 1));
        meter.fix(value(Quantity::PowerImport, None, 7_500_000));
        meter.fix(value(Quantity::Temperature, None, 41_500));
        let reading = meter.reading(FULL);
        assert_eq!(shown(&reading, Quantity::PowerImport, None), 7_500_000);
        assert_eq!(shown(&reading, Quantity::Temperature, None), 41_500);
        let powers = reading.values().iter().filter(|v| v.quantity == Quantity::PowerImport);
        assert_eq!(powers.count(), 1);
    }

    #[test]
    fn a_reading_has_all_values() {
        let reading = Meter::default().reading(Flow {
            soc: Some(40_512),
            ..FULL
        });
        assert_eq!(shown(&reading, Quantity::StateOfCharge, None), 40_500);
        assert_eq!(shown(&reading, Quantity::PowerImport, None), 11_040_000);
        assert!(reading.values().len() <= Reading::MAX);
    }
}
