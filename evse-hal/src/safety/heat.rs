//! Temperature: less current before none.

use super::fault::Fault;
use super::limits::Limits;

/// The least current that can be offered, in mA.
const LEAST: u32 = 6_000;
/// It must cool down by this much before more is offered again, in tenths of a degree.
const HYSTERESIS: i16 = 30;

/// Follows a temperature up at once, and down with hysteresis, so that the offer does not waver.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heat {
    held: Option<i16>,
    too_hot: bool,
}

impl Heat {
    pub(super) const NEW: Self = Self {
        held: None,
        too_hot: false,
    };

    /// Takes a temperature in tenths of a degree; returns the current that may be offered, in mA.
    pub(super) fn step(&mut self, limits: &Limits, temperature: Option<i16>) -> Result<u32, Fault> {
        let Some(temperature) = temperature else {
            return Ok(limits.max_milliamps);
        };
        let held = self.held.unwrap_or(temperature);
        let held = temperature.max(held.min(temperature.saturating_add(HYSTERESIS)));
        self.held = Some(held);
        self.too_hot = held > limits.hottest || self.too_hot && temperature > limits.derate_from;
        if self.too_hot {
            return Err(Fault::Heat);
        }
        if temperature < limits.coldest {
            return Err(Fault::Cold);
        }
        Ok(derated(limits, held))
    }
}

/// A straight line from all at `derate_from` to the least at `hottest`, in whole amperes.
fn derated(limits: &Limits, temperature: i16) -> u32 {
    let over = i32::from(temperature).saturating_sub(limits.derate_from.into());
    let range = i32::from(limits.hottest).saturating_sub(limits.derate_from.into());
    let (Ok(over @ 1..), Ok(range @ 1..)) = (u32::try_from(over), u32::try_from(range)) else {
        return limits.max_milliamps;
    };
    let span = limits.max_milliamps.saturating_sub(LEAST).div_ceil(1_000);
    let taken = span.saturating_mul(over).div_ceil(range).saturating_mul(1_000);
    let left = limits.max_milliamps.saturating_sub(taken);
    left.saturating_sub(left % 1_000).max(LEAST.min(limits.max_milliamps))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits::new(32_000);

    #[test]
    fn less_current_before_none() {
        let mut heat = Heat::NEW;
        for (temperature, milliamps) in [
            (250, Ok(32_000)),
            (700, Ok(32_000)),
            (701, Ok(31_000)),
            (775, Ok(19_000)),
            (850, Ok(6_000)),
            (851, Err(Fault::Heat)),
            (i16::MAX, Err(Fault::Heat)),
        ] {
            assert_eq!(heat.step(&LIMITS, Some(temperature)), milliamps, "{temperature}");
        }
    }

    #[test]
    fn after_too_hot_it_must_cool_down_well() {
        let mut heat = Heat::NEW;
        assert_eq!(heat.step(&LIMITS, Some(860)), Err(Fault::Heat));
        assert_eq!(heat.step(&LIMITS, Some(701)), Err(Fault::Heat));
        assert!(heat.step(&LIMITS, Some(700)).is_ok());
    }

    #[test]
    fn a_wavering_temperature_does_not_waver_the_offer() {
        let mut heat = Heat::NEW;
        let offered = heat.step(&LIMITS, Some(780));
        for temperature in [751, 779, 760, 780] {
            assert_eq!(heat.step(&LIMITS, Some(temperature)), offered);
        }
        assert!(heat.step(&LIMITS, Some(740)).unwrap() > offered.unwrap());
    }

    #[test]
    fn cold_has_an_end_too() {
        let mut heat = Heat::NEW;
        assert_eq!(heat.step(&LIMITS, Some(-301)), Err(Fault::Cold));
        assert_eq!(heat.step(&LIMITS, Some(-300)), Ok(32_000));
        assert_eq!(heat.step(&LIMITS, Some(i16::MIN)), Err(Fault::Cold));
    }

    #[test]
    fn limits_that_make_no_sense_are_survived() {
        let limits = Limits {
            hottest: 700,
            ..Limits::new(4_000)
        };
        let mut heat = Heat::NEW;
        assert_eq!(heat.step(&limits, Some(700)), Ok(4_000));
        assert_eq!(heat.step(&limits, Some(701)), Err(Fault::Heat));
        let limits = Limits {
            hottest: i16::MAX,
            derate_from: i16::MIN,
            coldest: i16::MIN,
            ..Limits::new(u32::MAX)
        };
        let mut heat = Heat::NEW;
        for temperature in [i16::MIN, 0, i16::MAX] {
            assert!(heat.step(&limits, Some(temperature)).is_ok());
        }
    }
}
