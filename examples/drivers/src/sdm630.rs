//! The energy meter SDM630 of Eastron, three phases, on Modbus.
//!
//! Not done: other meters of the family, some of which have the same registers; setting the meter up.

use core::fmt;
use embedded_hal_async::delay::DelayNs;
use embedded_io_async::{Read, Write};
use evse_hal::{EnergyMeter, Error, ErrorKind, ErrorType, Phase, Quantity, Reading};

use crate::float::thousandths;
use crate::modbus::{Modbus, ModbusError};

const PHASES: [Phase; 3] = [Phase::L1, Phase::L2, Phase::L3];
/// Volts, amperes, watts, volt-amperes, reactive volt-amperes, each of three phases.
const PHASE_VALUES: u16 = 0;
/// Hertz, kilowatt-hours imported. Not as long as the other block, so that neither is taken for the other.
const TOTALS: u16 = 70;

/// An SDM630 on a Modbus line.
///
/// A reading has, beside the register: power of all phases, current, voltage and power of each, frequency, reactive power
/// of all, and of each, in this order. (A station keeps the first twelve.) It is made of two requests, and is whole or an error.
///
/// A register that is lower than at the reading before is refused: the meter was exchanged, or what came is wrong. If it was
/// exchanged, start again.
///
/// ```
/// # use embedded_hal_async::delay::DelayNs;
/// # use embedded_io_async::{Read, Write};
/// use drivers::{Sdm630, modbus::Modbus};
/// use evse_hal::EnergyMeter;
///
/// async fn watt_hours(uart: impl Read + Write, delay: impl DelayNs) -> Option<i64> {
///     let mut meter = Sdm630::new(Modbus::new(uart, delay), 1);
///     Some(meter.read().await.ok()?.energy_wh)
/// }
/// ```
#[derive(Debug)]
pub struct Sdm630<P, D> {
    bus: Modbus<P, D>,
    unit: u8,
    /// The register when it was read last.
    before: i64,
}

impl<P: Read + Write, D: DelayNs> Sdm630<P, D> {
    /// The meter with this address, 1 as delivered.
    pub const fn new(bus: Modbus<P, D>, unit: u8) -> Self {
        Self { bus, unit, before: 0 }
    }
}

impl<P, D> ErrorType for Sdm630<P, D> {
    type Error = MeterError;
}

impl<P: Read + Write, D: DelayNs> EnergyMeter for Sdm630<P, D> {
    async fn read(&mut self) -> Result<Reading, MeterError> {
        let mut phases = [0; 60];
        self.bus.read_input(self.unit, PHASE_VALUES, &mut phases).await?;
        let [volts, amps, watts, _, vars] = numbers(&phases)?;
        let mut totals = [0; 8];
        self.bus.read_input(self.unit, TOTALS, &mut totals).await?;
        let [[hertz, energy_wh]] = numbers(&totals)?;

        if energy_wh < self.before {
            return Err(MeterError::Backwards);
        }
        self.before = energy_wh;
        let mut reading = Reading::new(energy_wh);
        reading = power(reading, None, sum(watts));
        for ((phase, milliamps), milliwatts) in PHASES.into_iter().zip(amps).zip(watts) {
            let quantity = match milliwatts {
                0.. => Quantity::CurrentImport,
                _ => Quantity::CurrentExport,
            };
            reading = reading.with(quantity, Some(phase), milliamps);
        }
        for (phase, millivolts) in PHASES.into_iter().zip(volts) {
            reading = reading.with(Quantity::Voltage, Some(phase), millivolts);
        }
        for (phase, milliwatts) in PHASES.into_iter().zip(watts) {
            reading = power(reading, Some(phase), milliwatts);
        }
        reading = reading.with(Quantity::Frequency, None, hertz);
        reading = reactive_power(reading, None, sum(vars));
        for (phase, millivars) in PHASES.into_iter().zip(vars) {
            reading = reactive_power(reading, Some(phase), millivars);
        }
        Ok(reading)
    }
}

/// Numbers of 32 bits, in groups, in thousandths.
fn numbers<const GROUP: usize, const GROUPS: usize>(registers: &[u8]) -> Result<[[i64; GROUP]; GROUPS], MeterError> {
    let mut numbers = [[0; GROUP]; GROUPS];
    for (place, bytes) in numbers.as_flattened_mut().iter_mut().zip(registers.as_chunks().0) {
        *place = thousandths(u32::from_be_bytes(*bytes)).ok_or(MeterError::NotANumber)?;
    }
    Ok(numbers)
}

fn sum(phases: [i64; 3]) -> i64 {
    phases.into_iter().fold(0, i64::saturating_add)
}

fn power(reading: Reading, phase: Option<Phase>, milliwatts: i64) -> Reading {
    let quantity = match milliwatts {
        0.. => Quantity::PowerImport,
        _ => Quantity::PowerExport,
    };
    reading.with(quantity, phase, milliwatts.saturating_abs())
}

fn reactive_power(reading: Reading, phase: Option<Phase>, millivars: i64) -> Reading {
    let quantity = match millivars {
        0.. => Quantity::ReactivePowerImport,
        _ => Quantity::ReactivePowerExport,
    };
    reading.with(quantity, phase, millivars.saturating_abs())
}

/// Why there is no reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeterError {
    /// The meter could not be asked.
    Bus(ModbusError),
    /// A register holds no number, or one beyond all measure.
    NotANumber,
    /// The register of energy is lower than before, or below zero.
    Backwards,
}

impl From<ModbusError> for MeterError {
    fn from(error: ModbusError) -> Self {
        Self::Bus(error)
    }
}

impl fmt::Display for MeterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bus(error) => error.fmt(f),
            Self::NotANumber => f.write_str("a register holds no number"),
            Self::Backwards => f.write_str("the register runs backwards"),
        }
    }
}

impl core::error::Error for MeterError {}

impl Error for MeterError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Bus(error) => error.kind(),
            Self::NotANumber | Self::Backwards => ErrorKind::Implausible,
        }
    }
}
