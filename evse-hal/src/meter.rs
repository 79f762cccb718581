//! The energy meter.

use crate::error::ErrorType;

/// A meter that counts the energy of an EVSE, or of the whole site.
///
/// # For board authors
///
/// [`read`](Self::read) may take its time (a Modbus meter needs some 50 ms) and fail with
/// [`Timeout`](crate::ErrorKind::Timeout), but must not hang. It must be cancel-safe: if the future is dropped, the next
/// read works, and no energy is lost. The register only ever grows, also through a reset of the meter or the board;
/// counting pulses, keep the count in memory that survives.
///
/// ```
/// use evse_hal::{EnergyMeter, ErrorKind, ErrorType, Phase, Quantity, Reading};
///
/// struct PulseMeter {
///     pulses: u32,
/// }
///
/// impl ErrorType for PulseMeter {
///     type Error = ErrorKind;
/// }
///
/// impl EnergyMeter for PulseMeter {
///     async fn read(&mut self) -> Result<Reading, ErrorKind> {
///         // 1000 pulses per kWh, and a mains voltage known from elsewhere: 230.4 V.
///         Ok(Reading::new(self.pulses.into()).with(Quantity::Voltage, Some(Phase::L1), 230_400))
///     }
/// }
/// ```
///
/// # For users
///
/// Poll at the pace you need values, once a second for instance; a reading is a snapshot.
pub trait EnergyMeter: ErrorType {
    /// Reads the register and whatever else the meter knows.
    async fn read(&mut self) -> Result<Reading, Self::Error>;
}

impl<T: EnergyMeter + ?Sized> EnergyMeter for &mut T {
    async fn read(&mut self) -> Result<Reading, Self::Error> {
        T::read(self).await
    }
}

/// What a meter measured at one moment.
///
/// ```
/// use evse_hal::{Phase, Quantity, Reading};
///
/// let reading = Reading::new(12_345)
///     .with(Quantity::PowerImport, None, 11_040_000)
///     .with(Quantity::CurrentImport, Some(Phase::L1), 16_000);
/// assert_eq!(reading.energy_wh, 12_345);
/// assert_eq!(reading.values().len(), 2);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Reading {
    /// The register of energy taken from the grid, in Wh.
    pub energy_wh: i64,
    values: [Value; Self::MAX],
    len: u8,
}

impl Reading {
    /// Most values beside the register.
    pub const MAX: usize = 16;

    /// The register in Wh, and nothing else yet.
    pub const fn new(energy_wh: i64) -> Self {
        let none = Value {
            quantity: Quantity::PowerImport,
            phase: None,
            location: None,
            thousandths: 0,
        };
        Self {
            energy_wh,
            values: [none; Self::MAX],
            len: 0,
        }
    }

    /// The same reading with one more value, in thousandths of the quantity's unit (mV, mA, mW); without a phase it is
    /// the value of all together. Beyond [`MAX`](Self::MAX) it is dropped.
    #[must_use]
    pub fn with(self, quantity: Quantity, phase: Option<Phase>, thousandths: i64) -> Self {
        self.with_value(Value {
            quantity,
            phase,
            location: None,
            thousandths,
        })
    }

    /// The same reading with one more value.
    #[must_use]
    pub fn with_value(mut self, value: Value) -> Self {
        if let Some(place) = self.values.get_mut(usize::from(self.len)) {
            *place = value;
            self.len = self.len.saturating_add(1);
        }
        self
    }

    /// The values beside the register.
    pub fn values(&self) -> &[Value] {
        self.values.get(..usize::from(self.len)).unwrap_or(&[])
    }
}

/// One measured value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Value {
    /// What was measured.
    pub quantity: Quantity,
    /// On which phase; `None` is all together.
    pub phase: Option<Phase>,
    /// Where; `None` is the outlet.
    pub location: Option<Location>,
    /// How much, in thousandths of the quantity's unit.
    pub thousandths: i64,
}

/// A physical quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Quantity {
    /// Register of energy given back to the grid, in Wh.
    EnergyExport,
    /// Register of reactive energy taken, in varh.
    ReactiveEnergyImport,
    /// Register of reactive energy given back, in varh.
    ReactiveEnergyExport,
    /// Power taken, in W.
    PowerImport,
    /// Power given back, in W.
    PowerExport,
    /// Reactive power taken, in var.
    ReactivePowerImport,
    /// Reactive power given back, in var.
    ReactivePowerExport,
    /// Power factor.
    PowerFactor,
    /// Current to the vehicle, in A.
    CurrentImport,
    /// Current from the vehicle, in A.
    CurrentExport,
    /// Voltage, in V.
    Voltage,
    /// Mains frequency, in Hz.
    Frequency,
    /// Temperature, in °C.
    Temperature,
    /// Charge of the vehicle's battery, in percent.
    StateOfCharge,
    /// Fan speed, in revolutions per minute.
    FanSpeed,
}

/// A phase, or a pair of conductors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Phase {
    /// Phase 1.
    L1,
    /// Phase 2.
    L2,
    /// Phase 3.
    L3,
    /// Neutral.
    N,
    /// Phase 1 against neutral.
    L1N,
    /// Phase 2 against neutral.
    L2N,
    /// Phase 3 against neutral.
    L3N,
    /// Phase 1 against phase 2.
    L1L2,
    /// Phase 2 against phase 3.
    L2L3,
    /// Phase 3 against phase 1.
    L3L1,
}

/// Where something was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Location {
    /// Inside of the station.
    Body,
    /// On the cable.
    Cable,
    /// In the vehicle.
    Vehicle,
    /// At the grid connection.
    Inlet,
    /// At the socket.
    Outlet,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_values_than_fit_are_dropped() {
        let mut reading = Reading::new(1);
        for thousandths in 0..30 {
            reading = reading.with(Quantity::Voltage, None, thousandths);
        }
        assert_eq!(reading.values().len(), Reading::MAX);
        assert_eq!(reading.values().last().unwrap().thousandths, 15);
    }
}
