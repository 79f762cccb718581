//! Measurements.

use ocpp_core::wire::{Decimal, List, Text, Timestamp};
use ocpp_core::{message, wire_enum};

message! {
    /// Measurements of one moment.
    ///
    /// ```
    /// use ocpp_core::wire::{Decimal, Reader, Wire};
    /// use ocpp201::messages::{Measurand, MeterValue, Phase};
    ///
    /// let json = r#"{"timestamp":"2026-11-22T17:30:00Z","sampledValue":[
    ///     {"value":230.4,"measurand":"Voltage","phase":"L1-N","unitOfMeasure":{"unit":"V"}}]}"#;
    /// let value = MeterValue::read(&mut Reader::new(json))?;
    /// let sample = value.sampled_value.iter().next().unwrap();
    /// assert_eq!((sample.measurand, sample.phase), (Some(Measurand::Voltage), Some(Phase::L1N)));
    /// assert_eq!(sample.value, Decimal::new(2304, 1));
    /// # Ok::<(), ocpp_core::wire::WireError>(())
    /// ```
    pub struct MeterValue<'a> {
        /// The moment.
        timestamp: Timestamp = "timestamp",
        /// The measurements.
        sampled_value: List<'a, SampledValue<'a>, 1> = "sampledValue",
    }
}

message! {
    /// One measurement. With nothing but a value it is imported active energy, in Wh, as the register shows it.
    pub struct SampledValue<'a> {
        /// The number, in the unit below.
        value: Decimal = "value",
        /// On what occasion; left out, `Sample.Periodic`.
        context: Option<ReadingContext> = "context",
        /// What is measured; left out, `Energy.Active.Import.Register`.
        measurand: Option<Measurand> = "measurand",
        /// Between which conductors; left out, all together.
        phase: Option<Phase> = "phase",
        /// Where; left out, `Outlet`.
        location: Option<Location> = "location",
        /// Unit; left out, Wh.
        unit_of_measure: Option<UnitOfMeasure<'a>> = "unitOfMeasure",
        /// The same as the meter signed it.
        signed_meter_value: Option<SignedMeterValue<'a>> = "signedMeterValue",
    }
}

message! {
    /// Unit of a measurement.
    pub struct UnitOfMeasure<'a> {
        /// Name of the unit; left out, `Wh`.
        unit: Option<Text<'a, 20>> = "unit",
        /// The value counts in 10 to this power of the unit; left out, 0.
        multiplier: Option<i32> = "multiplier",
    }
}

message! {
    /// A measurement as the meter signed it, for others to check.
    pub struct SignedMeterValue<'a> {
        /// The signed data in Base64.
        signed_meter_data: Text<'a, 2500> = "signedMeterData",
        /// How it was signed.
        signing_method: Text<'a, 50> = "signingMethod",
        /// Format of the data, such as OCMF.
        encoding_method: Text<'a, 50> = "encodingMethod",
        /// The meter's public key in Base64, empty if `PublicKeyWithSignedMeterValue` says so.
        public_key: Text<'a, 2500> = "publicKey",
    }
}

wire_enum! {
    /// On what occasion a measurement was made.
    pub enum ReadingContext {
        /// An interruption began.
        InterruptionBegin = "Interruption.Begin",
        /// An interruption ended.
        InterruptionEnd = "Interruption.End",
        /// Any other.
        Other = "Other",
        /// Interval aligned to the clock.
        SampleClock = "Sample.Clock",
        /// Regular interval in a transaction.
        SamplePeriodic = "Sample.Periodic",
        /// A transaction began.
        TransactionBegin = "Transaction.Begin",
        /// A transaction ended.
        TransactionEnd = "Transaction.End",
        /// The CSMS asked for it.
        Trigger = "Trigger",
    }
}

wire_enum! {
    /// What is measured. Import is towards the EV, export away from it.
    pub enum Measurand {
        /// Current from the EV, A.
        CurrentExport = "Current.Export",
        /// Current to the EV, A.
        CurrentImport = "Current.Import",
        /// Highest current offered to the EV, A.
        CurrentOffered = "Current.Offered",
        /// Active energy from the EV, register, Wh.
        EnergyActiveExportRegister = "Energy.Active.Export.Register",
        /// Active energy to the EV, register, Wh.
        EnergyActiveImportRegister = "Energy.Active.Import.Register",
        /// Reactive energy from the EV, register, varh.
        EnergyReactiveExportRegister = "Energy.Reactive.Export.Register",
        /// Reactive energy to the EV, register, varh.
        EnergyReactiveImportRegister = "Energy.Reactive.Import.Register",
        /// Active energy from the EV within the interval, Wh.
        EnergyActiveExportInterval = "Energy.Active.Export.Interval",
        /// Active energy to the EV within the interval, Wh.
        EnergyActiveImportInterval = "Energy.Active.Import.Interval",
        /// Active energy to the EV less that from it, Wh.
        EnergyActiveNet = "Energy.Active.Net",
        /// Reactive energy from the EV within the interval, varh.
        EnergyReactiveExportInterval = "Energy.Reactive.Export.Interval",
        /// Reactive energy to the EV within the interval, varh.
        EnergyReactiveImportInterval = "Energy.Reactive.Import.Interval",
        /// Reactive energy to the EV less that from it, varh.
        EnergyReactiveNet = "Energy.Reactive.Net",
        /// Apparent energy to the EV less that from it, VAh.
        EnergyApparentNet = "Energy.Apparent.Net",
        /// Apparent energy to the EV, VAh.
        EnergyApparentImport = "Energy.Apparent.Import",
        /// Apparent energy from the EV, VAh.
        EnergyApparentExport = "Energy.Apparent.Export",
        /// Mains frequency, Hz.
        Frequency = "Frequency",
        /// Active power from the EV, W.
        PowerActiveExport = "Power.Active.Export",
        /// Active power to the EV, W.
        PowerActiveImport = "Power.Active.Import",
        /// Power factor.
        PowerFactor = "Power.Factor",
        /// Highest power offered to the EV, W.
        PowerOffered = "Power.Offered",
        /// Reactive power from the EV, var.
        PowerReactiveExport = "Power.Reactive.Export",
        /// Reactive power to the EV, var.
        PowerReactiveImport = "Power.Reactive.Import",
        /// State of charge of the EV's battery, percent.
        Soc = "SoC",
        /// Voltage, V.
        Voltage = "Voltage",
    }
}

wire_enum! {
    /// Between which conductors a measurement was made.
    pub enum Phase {
        /// Phase 1.
        L1 = "L1",
        /// Phase 2.
        L2 = "L2",
        /// Phase 3.
        L3 = "L3",
        /// Neutral.
        N = "N",
        /// Phase 1 and neutral.
        L1N = "L1-N",
        /// Phase 2 and neutral.
        L2N = "L2-N",
        /// Phase 3 and neutral.
        L3N = "L3-N",
        /// Phases 1 and 2.
        L1L2 = "L1-L2",
        /// Phases 2 and 3.
        L2L3 = "L2-L3",
        /// Phases 3 and 1.
        L3L1 = "L3-L1",
    }
}

wire_enum! {
    /// Where a measurement was made.
    pub enum Location {
        /// Inside the station, such as its temperature.
        Body = "Body",
        /// At the cable, between station and EV.
        Cable = "Cable",
        /// In the EV.
        Ev = "EV",
        /// At the connection to the grid.
        Inlet = "Inlet",
        /// At the connection to the EV.
        Outlet = "Outlet",
    }
}
