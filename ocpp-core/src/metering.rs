//! What a meter measures, in the units that the station keeps it in.

use crate::wire::Decimal;

crate::wire_enum! {
    /// A measured quantity. The names are the same in both versions; where a version lacks one, its dialect leaves
    /// the value out.
    pub enum Measurand {
        /// Energy taken from the grid since the meter was made, in Wh.
        EnergyActiveImportRegister = "Energy.Active.Import.Register",
        /// Energy given back to the grid, in Wh.
        EnergyActiveExportRegister = "Energy.Active.Export.Register",
        /// Reactive energy taken, in varh.
        EnergyReactiveImportRegister = "Energy.Reactive.Import.Register",
        /// Reactive energy given back, in varh.
        EnergyReactiveExportRegister = "Energy.Reactive.Export.Register",
        /// Energy taken during the interval, in Wh.
        EnergyActiveImportInterval = "Energy.Active.Import.Interval",
        /// Energy given back during the interval, in Wh.
        EnergyActiveExportInterval = "Energy.Active.Export.Interval",
        /// Reactive energy taken during the interval, in varh.
        EnergyReactiveImportInterval = "Energy.Reactive.Import.Interval",
        /// Reactive energy given back during the interval, in varh.
        EnergyReactiveExportInterval = "Energy.Reactive.Export.Interval",
        /// Power taken, in W.
        PowerActiveImport = "Power.Active.Import",
        /// Power given back, in W.
        PowerActiveExport = "Power.Active.Export",
        /// Reactive power taken, in var.
        PowerReactiveImport = "Power.Reactive.Import",
        /// Reactive power given back, in var.
        PowerReactiveExport = "Power.Reactive.Export",
        /// Power offered to the EV, in W.
        PowerOffered = "Power.Offered",
        /// Power factor, without a unit.
        PowerFactor = "Power.Factor",
        /// Current to the EV, in A.
        CurrentImport = "Current.Import",
        /// Current from the EV, in A.
        CurrentExport = "Current.Export",
        /// Current offered to the EV, in A.
        CurrentOffered = "Current.Offered",
        /// Voltage, in V.
        Voltage = "Voltage",
        /// Mains frequency, in Hz.
        Frequency = "Frequency",
        /// Temperature, in °C.
        Temperature = "Temperature",
        /// Charge of the EV's battery, in percent.
        SoC = "SoC",
        /// Fan speed, in revolutions per minute.
        Rpm = "RPM",
    }
}

impl Measurand {
    /// Name of the unit that values of it are kept in; empty where OCPP has none.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::EnergyActiveImportRegister
            | Self::EnergyActiveExportRegister
            | Self::EnergyActiveImportInterval
            | Self::EnergyActiveExportInterval => "Wh",
            Self::EnergyReactiveImportRegister
            | Self::EnergyReactiveExportRegister
            | Self::EnergyReactiveImportInterval
            | Self::EnergyReactiveExportInterval => "varh",
            Self::PowerActiveImport | Self::PowerActiveExport | Self::PowerOffered => "W",
            Self::PowerReactiveImport | Self::PowerReactiveExport => "var",
            Self::CurrentImport | Self::CurrentExport | Self::CurrentOffered => "A",
            Self::Voltage => "V",
            Self::Temperature => "Celsius",
            Self::SoC => "Percent",
            Self::PowerFactor | Self::Frequency | Self::Rpm => "",
        }
    }
}

crate::wire_enum! {
    /// Which phase a value belongs to; a value without a phase is the whole.
    pub enum Phase {
        /// Phase 1.
        L1 = "L1",
        /// Phase 2.
        L2 = "L2",
        /// Phase 3.
        L3 = "L3",
        /// Neutral.
        N = "N",
        /// Phase 1 against neutral.
        L1N = "L1-N",
        /// Phase 2 against neutral.
        L2N = "L2-N",
        /// Phase 3 against neutral.
        L3N = "L3-N",
        /// Phase 1 against phase 2.
        L1L2 = "L1-L2",
        /// Phase 2 against phase 3.
        L2L3 = "L2-L3",
        /// Phase 3 against phase 1.
        L3L1 = "L3-L1",
    }
}

crate::wire_enum! {
    /// Where a value was measured; without a place it is the outlet.
    pub enum Location {
        /// In the station.
        Body = "Body",
        /// On the cable.
        Cable = "Cable",
        /// In the vehicle.
        Ev = "EV",
        /// At the grid connection.
        Inlet = "Inlet",
        /// At the socket.
        Outlet = "Outlet",
    }
}

crate::wire_enum! {
    /// Why a value was read.
    pub enum ReadingContext {
        /// At the begin of an interruption.
        InterruptionBegin = "Interruption.Begin",
        /// At the end of an interruption.
        InterruptionEnd = "Interruption.End",
        /// For another reason.
        Other = "Other",
        /// On the grid of the clock.
        SampleClock = "Sample.Clock",
        /// At a regular interval of a transaction.
        SamplePeriodic = "Sample.Periodic",
        /// At the begin of a transaction.
        TransactionBegin = "Transaction.Begin",
        /// At the end of a transaction.
        TransactionEnd = "Transaction.End",
        /// Because the CSMS asked for it.
        Trigger = "Trigger",
    }
}

/// One measured value, small enough to keep many.
///
/// ```
/// use ocpp_core::{Measurand, Phase, Sample};
/// use ocpp_core::wire::Decimal;
///
/// let current = Sample::new(Measurand::CurrentImport, Decimal::new(160, 1)).unwrap().on(Phase::L1);
/// assert_eq!(current.value(), Decimal::from(16));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sample {
    /// What was measured.
    pub measurand: Measurand,
    /// On which phase.
    pub phase: Option<Phase>,
    /// Where.
    pub location: Option<Location>,
    scale: u8,
    mantissa: i32,
}

impl Sample {
    /// A value in the unit of [`Measurand::unit`]; `None` if it has more than nine digits.
    pub fn new(measurand: Measurand, value: Decimal) -> Option<Self> {
        Some(Self {
            measurand,
            phase: None,
            location: None,
            scale: value.scale(),
            mantissa: i32::try_from(value.mantissa()).ok()?,
        })
    }

    /// The same value, on a phase.
    #[must_use]
    pub const fn on(self, phase: Phase) -> Self {
        Self {
            phase: Some(phase),
            ..self
        }
    }

    /// The same value, at a place.
    #[must_use]
    pub const fn at(self, location: Location) -> Self {
        Self {
            location: Some(location),
            ..self
        }
    }

    /// The value.
    pub fn value(&self) -> Decimal {
        Decimal::new(i64::from(self.mantissa), self.scale)
    }
}

/// Most values that one reading of a meter is kept with.
pub const READING_MAX: usize = 12;

/// The values of one moment.
pub(crate) type Samples = heapless::Vec<Sample, READING_MAX>;
