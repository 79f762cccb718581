//! What several profiles share: authorization results and meter readings.
//!
//! ```
//! use ocpp16::messages::{Measurand, SampledValue, UnitOfMeasure};
//! use ocpp_core::wire::{Reader, Wire};
//!
//! let sample = SampledValue::read(&mut Reader::new(r#"{"value":"16.1","measurand":"Current.Import","unit":"A"}"#))?;
//! assert_eq!(sample.value, "16.1");
//! assert_eq!(sample.measurand, Some(Measurand::CurrentImport));
//! assert_eq!(sample.unit, Some(UnitOfMeasure::A));
//! assert_eq!(sample.phase, None);
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use ocpp_core::wire::{List, Open, SecretText, Text, Timestamp};
use ocpp_core::{message, wire_enum};

/// Most characters of an [`SampledValue::value`], which the schemas do not bound: room for a signed reading, and what
/// OCPP 2.0.1 allows for one.
pub const VALUE_MAX: usize = 2500;

/// Most characters of the location of a file where the schemas do not bound it: room for a signed link of the usual
/// storage services.
pub const URI_MAX: usize = 2048;

/// Most characters of the data of a DataTransfer, which the schemas do not bound. Vendors carry certificate chains in
/// it; what a station really takes is up to its receive buffer.
pub const DATA_MAX: usize = 65_535;

message! {
    /// What the Central System knows of an id tag. Part of its responses, so its status may be one nobody knows.
    pub struct IdTagInfo<'a> {
        /// Until when a cache may rely on this.
        expiry_date: Option<Timestamp> = "expiryDate",
        /// Id tag of the group that the tag belongs to; tags of one group may stop each other's transactions.
        parent_id_tag: Option<SecretText<'a, 20>> = "parentIdTag",
        /// Whether the tag may charge.
        status: Open<'a, AuthorizationStatus> = "status",
    }
}

wire_enum! {
    /// Whether an id tag may charge.
    pub enum AuthorizationStatus {
        /// It may.
        Accepted = "Accepted",
        /// It is known and locked out.
        Blocked = "Blocked",
        /// It is known and its time is over.
        Expired = "Expired",
        /// It is not known.
        Invalid = "Invalid",
        /// It is charging elsewhere and may not twice. Only as an answer to StartTransaction.
        ConcurrentTx = "ConcurrentTx",
    }
}

message! {
    /// Readings that were taken at the same time.
    ///
    /// The schema of MeterValues wants at least one reading, that of StopTransaction forgets to; here it is one in
    /// both.
    pub struct MeterValue<'a> {
        /// When they were taken.
        timestamp: Timestamp = "timestamp",
        /// The readings, at least one.
        sampled_value: List<'a, SampledValue<'a>, 1> = "sampledValue",
    }
}

message! {
    /// One reading.
    pub struct SampledValue<'a> {
        /// A decimal number, or signed data. Not bounded by the schemas; here at most [`VALUE_MAX`] characters.
        value: Text<'a, VALUE_MAX> = "value",
        /// What caused the reading; [`ReadingContext::SamplePeriodic`] if left out.
        context: Option<ReadingContext> = "context",
        /// How to understand the value; [`ValueFormat::Raw`] if left out.
        format: Option<ValueFormat> = "format",
        /// What was measured; [`Measurand::EnergyActiveImportRegister`] if left out.
        measurand: Option<Measurand> = "measurand",
        /// On which conductor, or between which two. Left out: on all of them together.
        phase: Option<Phase> = "phase",
        /// Where; [`Location::Outlet`] if left out.
        location: Option<Location> = "location",
        /// Unit of the value; [`UnitOfMeasure::Wh`] if left out and an energy was measured.
        unit: Option<UnitOfMeasure> = "unit",
    }
}

wire_enum! {
    /// What caused a reading.
    pub enum ReadingContext {
        /// The transaction was interrupted.
        InterruptionBegin = "Interruption.Begin",
        /// The transaction goes on after an interruption.
        InterruptionEnd = "Interruption.End",
        /// The clock: an interval aligned with the day.
        SampleClock = "Sample.Clock",
        /// An interval since the start of the transaction.
        SamplePeriodic = "Sample.Periodic",
        /// The start of the transaction.
        TransactionBegin = "Transaction.Begin",
        /// The end of the transaction.
        TransactionEnd = "Transaction.End",
        /// A TriggerMessage.
        Trigger = "Trigger",
        /// Something else.
        Other = "Other",
    }
}

wire_enum! {
    /// How to understand a reading's value.
    pub enum ValueFormat {
        /// As a decimal number.
        Raw = "Raw",
        /// As binary data with the meter's signature, in hexadecimal digits.
        SignedData = "SignedData",
    }
}

wire_enum! {
    /// What a reading measures. Import is towards the vehicle, export is from it to the grid; a register only ever
    /// counts up, an interval is what was added since the reading before.
    pub enum Measurand {
        /// Active energy from the vehicle: register.
        EnergyActiveExportRegister = "Energy.Active.Export.Register",
        /// Active energy to the vehicle: register.
        EnergyActiveImportRegister = "Energy.Active.Import.Register",
        /// Reactive energy from the vehicle: register.
        EnergyReactiveExportRegister = "Energy.Reactive.Export.Register",
        /// Reactive energy to the vehicle: register.
        EnergyReactiveImportRegister = "Energy.Reactive.Import.Register",
        /// Active energy from the vehicle: interval.
        EnergyActiveExportInterval = "Energy.Active.Export.Interval",
        /// Active energy to the vehicle: interval.
        EnergyActiveImportInterval = "Energy.Active.Import.Interval",
        /// Reactive energy from the vehicle: interval.
        EnergyReactiveExportInterval = "Energy.Reactive.Export.Interval",
        /// Reactive energy to the vehicle: interval.
        EnergyReactiveImportInterval = "Energy.Reactive.Import.Interval",
        /// Active power from the vehicle.
        PowerActiveExport = "Power.Active.Export",
        /// Active power to the vehicle.
        PowerActiveImport = "Power.Active.Import",
        /// Most power that the vehicle may draw at present.
        PowerOffered = "Power.Offered",
        /// Reactive power from the vehicle.
        PowerReactiveExport = "Power.Reactive.Export",
        /// Reactive power to the vehicle.
        PowerReactiveImport = "Power.Reactive.Import",
        /// Power factor: active over apparent power, without a unit.
        PowerFactor = "Power.Factor",
        /// Current to the vehicle.
        CurrentImport = "Current.Import",
        /// Current from the vehicle.
        CurrentExport = "Current.Export",
        /// Most current that the vehicle may draw at present.
        CurrentOffered = "Current.Offered",
        /// Voltage, as an effective value.
        Voltage = "Voltage",
        /// Frequency of the mains. 1.6 has no unit for it but the one that its MeterValues schema adds, see
        /// [`UnitOfMeasure::Hertz`].
        Frequency = "Frequency",
        /// Temperature inside the charge point.
        Temperature = "Temperature",
        /// State of charge of the vehicle's battery.
        SoC = "SoC",
        /// Speed of a fan, in revolutions per minute.
        Rpm = "RPM",
    }
}

wire_enum! {
    /// Conductors of a reading: one, one against neutral, or two against each other.
    pub enum Phase {
        /// Line 1.
        L1 = "L1",
        /// Line 2.
        L2 = "L2",
        /// Line 3.
        L3 = "L3",
        /// Neutral.
        N = "N",
        /// Line 1 against neutral.
        L1N = "L1-N",
        /// Line 2 against neutral.
        L2N = "L2-N",
        /// Line 3 against neutral.
        L3N = "L3-N",
        /// Line 1 against line 2.
        L1L2 = "L1-L2",
        /// Line 2 against line 3.
        L2L3 = "L2-L3",
        /// Line 3 against line 1.
        L3L1 = "L3-L1",
    }
}

wire_enum! {
    /// Where a reading was taken.
    pub enum Location {
        /// In the cable between charge point and vehicle.
        Cable = "Cable",
        /// In the vehicle.
        Ev = "EV",
        /// Where the mains enter the charge point.
        Inlet = "Inlet",
        /// At the connector.
        Outlet = "Outlet",
        /// In the housing of the charge point.
        Body = "Body",
    }
}

wire_enum! {
    /// Unit of a reading.
    pub enum UnitOfMeasure {
        /// Watt-hours: energy.
        Wh = "Wh",
        /// Kilowatt-hours: energy.
        KWh = "kWh",
        /// Var-hours: reactive energy.
        Varh = "varh",
        /// Kilovar-hours: reactive energy.
        Kvarh = "kvarh",
        /// Watts: power.
        W = "W",
        /// Kilowatts: power.
        KW = "kW",
        /// Volt-amperes: apparent power.
        Va = "VA",
        /// Kilovolt-amperes: apparent power.
        KVa = "kVA",
        /// Vars: reactive power.
        Var = "var",
        /// Kilovars: reactive power.
        Kvar = "kvar",
        /// Amperes: current.
        A = "A",
        /// Volts: voltage.
        V = "V",
        /// Kelvins: temperature.
        K = "K",
        /// Degrees Celsius, misspelled: the schemas have carried this beside [`UnitOfMeasure::Celsius`] ever since a
        /// first edition had nothing else. To be read as the same, and not to be written.
        Celcius = "Celcius",
        /// Degrees Celsius: temperature.
        Celsius = "Celsius",
        /// Degrees Fahrenheit: temperature.
        Fahrenheit = "Fahrenheit",
        /// Percent: state of charge.
        Percent = "Percent",
        /// Hertz: frequency. The schema of MeterValues has it, that of StopTransaction does not; do not write it into
        /// the readings of a StopTransaction.
        Hertz = "Hertz",
    }
}
