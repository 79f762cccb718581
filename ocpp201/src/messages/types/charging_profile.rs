//! Charging profiles: limits over time.

use ocpp_core::wire::{CiText, Decimal, List, Timestamp};
use ocpp_core::{message, wire_enum};

use super::SalesTariff;

message! {
    /// A limit over time, with what it applies to and when.
    ///
    /// ```
    /// use ocpp_core::wire::{Reader, Wire};
    /// use ocpp201::messages::{ChargingProfile, ChargingProfilePurpose};
    ///
    /// let json = r#"{"id":1,"stackLevel":2,"chargingProfilePurpose":"TxProfile","chargingProfileKind":"Relative",
    ///     "transactionId":"9b2a","chargingSchedule":[{"id":1,"chargingRateUnit":"W",
    ///     "chargingSchedulePeriod":[{"startPeriod":0,"limit":7400}]}]}"#;
    /// let profile = ChargingProfile::read(&mut Reader::new(json))?;
    /// assert_eq!(profile.charging_profile_purpose, ChargingProfilePurpose::TxProfile);
    /// assert_eq!(profile.charging_schedule.len(), 1);
    /// # Ok::<(), ocpp_core::wire::WireError>(())
    /// ```
    pub struct ChargingProfile<'a> {
        /// Number of the profile.
        id: i32 = "id",
        /// Of profiles with the same purpose the highest level counts; from 0.
        stack_level: i32 = "stackLevel",
        /// What it limits.
        charging_profile_purpose: ChargingProfilePurpose = "chargingProfilePurpose",
        /// What its times count from.
        charging_profile_kind: ChargingProfileKind = "chargingProfileKind",
        /// How often it repeats; for recurring ones.
        recurrency_kind: Option<RecurrencyKind> = "recurrencyKind",
        /// Not in force before; left out, from now on.
        valid_from: Option<Timestamp> = "validFrom",
        /// No longer in force from then on; left out, without end.
        valid_to: Option<Timestamp> = "validTo",
        /// The transaction that a `TxProfile` is for.
        transaction_id: Option<CiText<'a, 36>> = "transactionId",
        /// The limits. More than one only with ISO 15118, for the EV to choose from.
        charging_schedule: List<'a, ChargingSchedule<'a>, 1, 3> = "chargingSchedule",
    }
}

wire_enum! {
    /// What a profile limits.
    pub enum ChargingProfilePurpose {
        /// The station, for others than the CSMS, which may not set it.
        ChargingStationExternalConstraints = "ChargingStationExternalConstraints",
        /// The station, all EVSEs together.
        ChargingStationMaxProfile = "ChargingStationMaxProfile",
        /// Every transaction that has no profile of its own.
        TxDefaultProfile = "TxDefaultProfile",
        /// One transaction.
        TxProfile = "TxProfile",
    }
}

wire_enum! {
    /// What the times of a profile count from.
    pub enum ChargingProfileKind {
        /// A point in time.
        Absolute = "Absolute",
        /// A point in time, again every day or week.
        Recurring = "Recurring",
        /// The moment at which energy is first allowed.
        Relative = "Relative",
    }
}

wire_enum! {
    /// How often a recurring profile repeats.
    pub enum RecurrencyKind {
        /// Every 24 hours.
        Daily = "Daily",
        /// Every seven days.
        Weekly = "Weekly",
    }
}

message! {
    /// Limits one after the other.
    pub struct ChargingSchedule<'a> {
        /// Number of the schedule.
        id: i32 = "id",
        /// Where it begins; left out of relative ones.
        start_schedule: Option<Timestamp> = "startSchedule",
        /// Length in seconds; left out, the last limit has no end.
        duration: Option<i32> = "duration",
        /// Unit of the limits.
        charging_rate_unit: ChargingRateUnit = "chargingRateUnit",
        /// Below this the EV charges badly; in the same unit, one decimal at most.
        min_charging_rate: Option<Decimal> = "minChargingRate",
        /// The limits in order, the first at 0.
        charging_schedule_period: List<'a, ChargingSchedulePeriod, 1, 1024> = "chargingSchedulePeriod",
        /// Prices to pass on to the EV, over ISO 15118.
        sales_tariff: Option<SalesTariff<'a>> = "salesTariff",
    }
}

message! {
    /// One limit.
    pub struct ChargingSchedulePeriod {
        /// From when, in seconds after the schedule's beginning; it ends where the next one begins.
        start_period: i32 = "startPeriod",
        /// The limit in the schedule's unit, one decimal at most. Amperes count per phase, watts for all phases.
        limit: Decimal = "limit",
        /// Phases to use, 1 to 3; left out, 3.
        number_phases: Option<i32> = "numberPhases",
        /// Which phase, 1 to 3, if it is one and the EVSE can choose.
        phase_to_use: Option<i32> = "phaseToUse",
    }
}

wire_enum! {
    /// Unit of limits.
    pub enum ChargingRateUnit {
        /// Watts, all phases together.
        W = "W",
        /// Amperes per phase.
        A = "A",
    }
}

wire_enum! {
    /// Who set a limit.
    pub enum ChargingLimitSource {
        /// Energy management of the site.
        Ems = "EMS",
        /// Anybody else.
        Other = "Other",
        /// Grid operator.
        So = "SO",
        /// Operator of the charging station, by the CSMS.
        Cso = "CSO",
    }
}
