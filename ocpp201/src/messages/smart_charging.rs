//! Block K, smart charging: installing, asking for and clearing profiles (K01–K10), limits from outside (K11–K14) and
//! what an EV negotiates over ISO 15118 (K15–K17).
//!
//! ```
//! use ocpp_core::wire::{Decimal, Reader, Wire};
//! use ocpp201::messages::SetChargingProfileRequest;
//!
//! let json = r#"{"evseId":1,"chargingProfile":{"id":9,"stackLevel":0,
//!     "chargingProfilePurpose":"TxDefaultProfile","chargingProfileKind":"Absolute",
//!     "chargingSchedule":[{"id":1,"startSchedule":"2026-11-22T17:00:00Z","chargingRateUnit":"A",
//!         "chargingSchedulePeriod":[{"startPeriod":0,"limit":16.0},{"startPeriod":3600,"limit":8.5}]}]}}"#;
//! let request = SetChargingProfileRequest::read(&mut Reader::new(json))?;
//! let schedule = request.charging_profile.charging_schedule.iter().next().unwrap();
//! let limits: Vec<Decimal> = schedule.charging_schedule_period.iter().map(|period| period.limit).collect();
//! assert_eq!(limits, [Decimal::from(16), Decimal::new(85, 1)]);
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use ocpp_core::wire::{List, Open, Raw, Timestamp};
use ocpp_core::{message, operations, wire_enum};

use super::types::{
    ChargingLimitSource, ChargingNeeds, ChargingProfile, ChargingProfilePurpose, ChargingRateUnit, ChargingSchedule,
    ChargingSchedulePeriod, GenericStatus, StatusInfo,
};

operations! { 'a:
    "SetChargingProfile": SetChargingProfileRequest<'a> => SetChargingProfileResponse<'a>,
    "GetChargingProfiles": GetChargingProfilesRequest<'a> => GetChargingProfilesResponse<'a>,
    "ReportChargingProfiles": ReportChargingProfilesRequest<'a> => ReportChargingProfilesResponse<'a>,
    "ClearChargingProfile": ClearChargingProfileRequest<'a> => ClearChargingProfileResponse<'a>,
    "GetCompositeSchedule": GetCompositeScheduleRequest<'a> => GetCompositeScheduleResponse<'a>,
    "NotifyChargingLimit": NotifyChargingLimitRequest<'a> => NotifyChargingLimitResponse<'a>,
    "ClearedChargingLimit": ClearedChargingLimitRequest<'a> => ClearedChargingLimitResponse<'a>,
    "NotifyEVChargingNeeds": NotifyEvChargingNeedsRequest<'a> => NotifyEvChargingNeedsResponse<'a>,
    "NotifyEVChargingSchedule": NotifyEvChargingScheduleRequest<'a> => NotifyEvChargingScheduleResponse<'a>,
}

message! {
    /// Installs a charging profile, or replaces the one with the same id (K01). To the station.
    pub struct SetChargingProfileRequest<'a> {
        /// EVSE, from 1. 0 is the station as a whole for the two station-wide purposes, and every EVSE by itself for a
        /// `TxDefaultProfile`.
        evse_id: i32 = "evseId",
        /// The profile.
        charging_profile: ChargingProfile<'a> = "chargingProfile",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether the profile is installed. That does not promise its limits: others may be lower.
    pub struct SetChargingProfileResponse<'a> {
        /// Outcome.
        status: ChargingProfileStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// Outcome of installing a profile.
    pub enum ChargingProfileStatus {
        /// Installed.
        Accepted = "Accepted",
        /// Not installed.
        Rejected = "Rejected",
    }
}

message! {
    /// Asks for the profiles that are installed (K09). To the station.
    pub struct GetChargingProfilesRequest<'a> {
        /// Number that the [`ReportChargingProfilesRequest`]s will carry.
        request_id: i32 = "requestId",
        /// Which profiles.
        charging_profile: ChargingProfileCriterion<'a> = "chargingProfile",
        /// EVSE that they are for, 0 the station; left out, all.
        evse_id: Option<i32> = "evseId",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether profiles will be reported.
    pub struct GetChargingProfilesResponse<'a> {
        /// Outcome.
        status: GetChargingProfileStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Which profiles are asked for. What is left out does not matter.
    pub struct ChargingProfileCriterion<'a> {
        /// Any of these ids; at most `ChargingProfileEntries.maxLimit` of them.
        charging_profile_id: Option<List<'a, i32, 1>> = "chargingProfileId",
        /// This purpose.
        charging_profile_purpose: Option<ChargingProfilePurpose> = "chargingProfilePurpose",
        /// Any of these sources.
        charging_limit_source: Option<List<'a, ChargingLimitSource, 1, 4>> = "chargingLimitSource",
        /// This level.
        stack_level: Option<i32> = "stackLevel",
    }
}

wire_enum! {
    /// Outcome of asking for profiles.
    pub enum GetChargingProfileStatus {
        /// They will be reported.
        Accepted = "Accepted",
        /// There are none like that.
        NoProfiles = "NoProfiles",
    }
}

message! {
    /// Reports profiles of one EVSE and one source (K09). To the CSMS.
    pub struct ReportChargingProfilesRequest<'a> {
        /// From the [`GetChargingProfilesRequest`].
        request_id: i32 = "requestId",
        /// EVSE that they are for, 0 the station.
        evse_id: i32 = "evseId",
        /// Who set them.
        charging_limit_source: ChargingLimitSource = "chargingLimitSource",
        /// The profiles.
        charging_profile: List<'a, ChargingProfile<'a>, 1> = "chargingProfile",
        /// Whether more follow; left out, no.
        tbc: Option<bool> = "tbc",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Confirms reported profiles; nothing else in it.
    pub struct ReportChargingProfilesResponse<'a> {
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Removes profiles (K10): one by its id, or all that meet the criteria. To the station.
    pub struct ClearChargingProfileRequest<'a> {
        /// This one.
        charging_profile_id: Option<i32> = "chargingProfileId",
        /// All like this.
        charging_profile_criteria: Option<ClearChargingProfile> = "chargingProfileCriteria",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether profiles are gone.
    pub struct ClearChargingProfileResponse<'a> {
        /// Outcome.
        status: ClearChargingProfileStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Which profiles to remove. What is left out does not matter.
    pub struct ClearChargingProfile {
        /// For this EVSE; 0 the station.
        evse_id: Option<i32> = "evseId",
        /// This purpose.
        charging_profile_purpose: Option<ChargingProfilePurpose> = "chargingProfilePurpose",
        /// This level.
        stack_level: Option<i32> = "stackLevel",
    }
}

wire_enum! {
    /// Outcome of removing profiles.
    pub enum ClearChargingProfileStatus {
        /// At least one is gone.
        Accepted = "Accepted",
        /// There was none like that.
        Unknown = "Unknown",
    }
}

message! {
    /// Asks for the limits that all profiles and local limits together amount to (K08). To the station.
    pub struct GetCompositeScheduleRequest<'a> {
        /// From now, in seconds.
        duration: i32 = "duration",
        /// EVSE, from 1; 0 is the grid connection.
        evse_id: i32 = "evseId",
        /// Unit of the answer; left out, the station chooses.
        charging_rate_unit: Option<ChargingRateUnit> = "chargingRateUnit",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// The schedule, if one could be made.
    pub struct GetCompositeScheduleResponse<'a> {
        /// `Rejected` if the EVSE or the unit is unknown.
        status: GenericStatus = "status",
        /// The schedule; only if accepted.
        schedule: Option<CompositeSchedule<'a>> = "schedule",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Limits over time.
    pub struct CompositeSchedule<'a> {
        /// As in the request.
        evse_id: i32 = "evseId",
        /// When it begins.
        schedule_start: Timestamp = "scheduleStart",
        /// Length in seconds.
        duration: i32 = "duration",
        /// Unit of the limits.
        charging_rate_unit: ChargingRateUnit = "chargingRateUnit",
        /// The limits, one after the other.
        charging_schedule_period: List<'a, ChargingSchedulePeriod, 1> = "chargingSchedulePeriod",
    }
}

message! {
    /// The station tells that a limit from outside applies (K11, K12). To the CSMS.
    pub struct NotifyChargingLimitRequest<'a> {
        /// Who set it.
        charging_limit: ChargingLimit = "chargingLimit",
        /// EVSE, from 1; left out, the station.
        evse_id: Option<i32> = "evseId",
        /// The limit over time, if `NotifyChargingLimitWithSchedules` is set.
        charging_schedule: Option<List<'a, ChargingSchedule<'a>, 1>> = "chargingSchedule",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Confirms a limit; nothing else in it.
    pub struct NotifyChargingLimitResponse<'a> {
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// A limit that the CSMS did not set.
    pub struct ChargingLimit {
        /// Who set it; never `CSO` in this message.
        charging_limit_source: ChargingLimitSource = "chargingLimitSource",
        /// Whether the grid depends on it.
        is_grid_critical: Option<bool> = "isGridCritical",
    }
}

message! {
    /// The station tells that a limit from outside no longer applies (K13). To the CSMS.
    pub struct ClearedChargingLimitRequest<'a> {
        /// Who had set it.
        charging_limit_source: ChargingLimitSource = "chargingLimitSource",
        /// EVSE, from 1; left out, the station.
        evse_id: Option<i32> = "evseId",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Confirms the end of a limit; nothing else in it.
    pub struct ClearedChargingLimitResponse<'a> {
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// The station passes on what an EV wants, over ISO 15118 (K15). To the CSMS.
    pub struct NotifyEvChargingNeedsRequest<'a> {
        /// EVSE, from 1.
        evse_id: i32 = "evseId",
        /// What it wants.
        charging_needs: ChargingNeeds = "chargingNeeds",
        /// Most periods that the EV takes in a schedule.
        max_schedule_tuples: Option<i32> = "maxScheduleTuples",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// What the CSMS does about it.
    pub struct NotifyEvChargingNeedsResponse<'a> {
        /// Whether a profile will come.
        status: Open<'a, NotifyEvChargingNeedsStatus> = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// What the CSMS makes of an EV's needs.
    pub enum NotifyEvChargingNeedsStatus {
        /// A profile will come soon.
        Accepted = "Accepted",
        /// No profile will come.
        Rejected = "Rejected",
        /// The CSMS is still working on it.
        Processing = "Processing",
    }
}

message! {
    /// The station passes on the schedule that an EV has chosen, over ISO 15118 (K15–K17). To the CSMS.
    pub struct NotifyEvChargingScheduleRequest<'a> {
        /// What the schedule's periods count from.
        time_base: Timestamp = "timeBase",
        /// EVSE, from 1.
        evse_id: i32 = "evseId",
        /// The schedule.
        charging_schedule: ChargingSchedule<'a> = "chargingSchedule",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether the CSMS could use it.
    pub struct NotifyEvChargingScheduleResponse<'a> {
        /// It says nothing of whether the schedule is agreed to.
        status: Open<'a, GenericStatus> = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}
