//! Smart charging profile: limits over time.
//!
//! ```
//! use ocpp16::messages::{ChargingRateUnit, SetChargingProfileRequest};
//! use ocpp_core::wire::{Decimal, Reader, Wire};
//!
//! let payload = r#"{"connectorId":1,"csChargingProfiles":{
//!     "chargingProfileId":9,"stackLevel":0,"chargingProfilePurpose":"TxDefaultProfile",
//!     "chargingProfileKind":"Recurring","recurrencyKind":"Daily","chargingSchedule":{
//!         "startSchedule":"2026-05-28T00:00:00Z","chargingRateUnit":"A","chargingSchedulePeriod":[
//!             {"startPeriod":0,"limit":16.0},{"startPeriod":25200,"limit":8.5}
//!         ]
//!     }
//! }}"#;
//! let request = SetChargingProfileRequest::read(&mut Reader::new(payload))?;
//! let schedule = request.cs_charging_profiles.charging_schedule;
//! assert_eq!(schedule.charging_rate_unit, ChargingRateUnit::A);
//! let lowest = schedule.charging_schedule_period.iter().filter_map(|period| period.limit.scaled(3)).min();
//! assert_eq!(lowest, Some(8_500));
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use ocpp_core::wire::{Decimal, List, Timestamp};
use ocpp_core::{message, operations, wire_enum};

operations! { 'a:
    "ClearChargingProfile": ClearChargingProfileRequest => ClearChargingProfileResponse,
    "GetCompositeSchedule": GetCompositeScheduleRequest => GetCompositeScheduleResponse<'a>,
    "SetChargingProfile": SetChargingProfileRequest<'a> => SetChargingProfileResponse,
}

message! {
    /// Removes profiles: the one with a number, or all that fit the other fields. To the charge point.
    pub struct ClearChargingProfileRequest {
        /// Number of the profile; the other fields do not count beside it.
        id: Option<i32> = "id",
        /// The connector; 0 for the charge point itself, left out for all.
        connector_id: Option<i32> = "connectorId",
        /// Purpose of the profiles; left out for all.
        charging_profile_purpose: Option<ChargingProfilePurpose> = "chargingProfilePurpose",
        /// Stack level of the profiles; left out for all.
        stack_level: Option<i32> = "stackLevel",
    }
}

message! {
    /// Says whether any was removed.
    pub struct ClearChargingProfileResponse {
        /// Whether any was.
        status: ClearChargingProfileStatus = "status",
    }
}

wire_enum! {
    /// Whether any profile was removed.
    pub enum ClearChargingProfileStatus {
        /// At least one was.
        Accepted = "Accepted",
        /// None fitted.
        Unknown = "Unknown",
    }
}

message! {
    /// Asks for the limits that come out of all profiles. To the charge point.
    pub struct GetCompositeScheduleRequest {
        /// The connector; 0 for what the charge point will draw from the grid.
        connector_id: i32 = "connectorId",
        /// For how long from now, in seconds.
        duration: i32 = "duration",
        /// Unit of the limits; left to the charge point if not given.
        charging_rate_unit: Option<ChargingRateUnit> = "chargingRateUnit",
    }
}

message! {
    /// Tells them.
    pub struct GetCompositeScheduleResponse<'a> {
        /// Whether they can be told.
        status: GetCompositeScheduleStatus = "status",
        /// The connector.
        connector_id: Option<i32> = "connectorId",
        /// When the schedule begins.
        schedule_start: Option<Timestamp> = "scheduleStart",
        /// The limits. Their own start is left out; the periods count from `schedule_start`.
        charging_schedule: Option<ChargingSchedule<'a>> = "chargingSchedule",
    }
}

wire_enum! {
    /// Whether a composite schedule can be told.
    pub enum GetCompositeScheduleStatus {
        /// It can.
        Accepted = "Accepted",
        /// It cannot.
        Rejected = "Rejected",
    }
}

message! {
    /// Sets a profile. To the charge point.
    pub struct SetChargingProfileRequest<'a> {
        /// The connector; 0 for the charge point itself, or as a default for all connectors.
        connector_id: i32 = "connectorId",
        /// The profile: one, although the schema's name for it is a plural.
        cs_charging_profiles: ChargingProfile<'a> = "csChargingProfiles",
    }
}

message! {
    /// Says whether the profile was set.
    pub struct SetChargingProfileResponse {
        /// Whether it was.
        status: ChargingProfileStatus = "status",
    }
}

wire_enum! {
    /// Whether a profile was set.
    pub enum ChargingProfileStatus {
        /// It was, and replaced one of the same number, or of the same purpose and stack level.
        Accepted = "Accepted",
        /// It was not.
        Rejected = "Rejected",
        /// This charge point does not do that kind of profile.
        NotSupported = "NotSupported",
    }
}

message! {
    /// A profile: a schedule, what it is for and when it counts.
    pub struct ChargingProfile<'a> {
        /// Its number.
        charging_profile_id: i32 = "chargingProfileId",
        /// The transaction that it is for; only with [`ChargingProfilePurpose::TxProfile`].
        transaction_id: Option<i64> = "transactionId",
        /// Its rank among profiles of the same purpose, from 0; the highest counts.
        stack_level: i32 = "stackLevel",
        /// What it limits.
        charging_profile_purpose: ChargingProfilePurpose = "chargingProfilePurpose",
        /// What its periods count from.
        charging_profile_kind: ChargingProfileKind = "chargingProfileKind",
        /// When it starts over; only with [`ChargingProfileKind::Recurring`].
        recurrency_kind: Option<RecurrencyKind> = "recurrencyKind",
        /// From when on it counts; from now on if left out.
        valid_from: Option<Timestamp> = "validFrom",
        /// Until when it counts; until it is replaced if left out.
        valid_to: Option<Timestamp> = "validTo",
        /// The limits.
        charging_schedule: ChargingSchedule<'a> = "chargingSchedule",
    }
}

wire_enum! {
    /// What a profile limits.
    pub enum ChargingProfilePurpose {
        /// All connectors of the charge point together.
        ChargePointMaxProfile = "ChargePointMaxProfile",
        /// Transactions that have no profile of their own.
        TxDefaultProfile = "TxDefaultProfile",
        /// One transaction.
        TxProfile = "TxProfile",
    }
}

wire_enum! {
    /// What the periods of a profile count from.
    pub enum ChargingProfileKind {
        /// A point in time.
        Absolute = "Absolute",
        /// A point in time, again every day or week.
        Recurring = "Recurring",
        /// The start of the transaction.
        Relative = "Relative",
    }
}

wire_enum! {
    /// When a recurring profile starts over.
    pub enum RecurrencyKind {
        /// Every 24 hours.
        Daily = "Daily",
        /// Every 7 days.
        Weekly = "Weekly",
    }
}

wire_enum! {
    /// Unit of the limits of a schedule.
    pub enum ChargingRateUnit {
        /// Amperes, per phase.
        A = "A",
        /// Watts, all phases together.
        W = "W",
    }
}

message! {
    /// Limits, one after the other.
    pub struct ChargingSchedule<'a> {
        /// For how long, in seconds; the last period has no end if left out.
        duration: Option<i32> = "duration",
        /// What the periods count from; left out for the start of the transaction.
        start_schedule: Option<Timestamp> = "startSchedule",
        /// Unit of the limits.
        charging_rate_unit: ChargingRateUnit = "chargingRateUnit",
        /// The periods in order of their start, the first of which starts at 0. The specification wants at least
        /// one, the schema takes none as well.
        charging_schedule_period: List<'a, ChargingSchedulePeriod> = "chargingSchedulePeriod",
        /// Least current or power at which the vehicle charges sensibly, in the unit of the limits.
        min_charging_rate: Option<Decimal> = "minChargingRate",
    }
}

message! {
    /// A limit that holds until the next one.
    pub struct ChargingSchedulePeriod {
        /// When it begins, in seconds from the start of the schedule.
        start_period: i32 = "startPeriod",
        /// The limit, in the unit of the schedule; tenths of it at the finest.
        limit: Decimal = "limit",
        /// On how many phases; 3 if left out.
        number_phases: Option<i32> = "numberPhases",
    }
}
