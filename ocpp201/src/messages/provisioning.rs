//! Block B, provisioning: boot (B01–B03), variables and reports of the device model (B05–B08), network profiles (B09,
//! B10) and reset (B11, B12).
//!
//! ```
//! use ocpp_core::wire::{Reader, Wire};
//! use ocpp201::messages::{BootNotificationResponse, RegistrationStatus};
//!
//! let json = r#"{"currentTime":"2026-11-22T17:30:00Z","interval":300,"status":"Accepted"}"#;
//! let response = BootNotificationResponse::read(&mut Reader::new(json))?;
//! assert_eq!(response.status.known(), Some(RegistrationStatus::Accepted));
//! assert_eq!(response.interval, 300);
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use ocpp_core::wire::{CiText, List, Open, Raw, SecretText, Text, Timestamp};
use ocpp_core::{message, operations, wire_enum};

use super::types::{
    AttributeType, Component, ComponentVariable, GenericDeviceModelStatus, NetworkConnectionProfile, ReportData,
    StatusInfo, Variable,
};

operations! { 'a:
    "BootNotification": BootNotificationRequest<'a> => BootNotificationResponse<'a>,
    "SetVariables": SetVariablesRequest<'a> => SetVariablesResponse<'a>,
    "GetVariables": GetVariablesRequest<'a> => GetVariablesResponse<'a>,
    "GetBaseReport": GetBaseReportRequest<'a> => GetBaseReportResponse<'a>,
    "GetReport": GetReportRequest<'a> => GetReportResponse<'a>,
    "NotifyReport": NotifyReportRequest<'a> => NotifyReportResponse<'a>,
    "SetNetworkProfile": SetNetworkProfileRequest<'a> => SetNetworkProfileResponse<'a>,
    "Reset": ResetRequest<'a> => ResetResponse<'a>,
}

message! {
    /// The station introduces itself after a start or when its description changed (B01–B03). To the CSMS.
    pub struct BootNotificationRequest<'a> {
        /// Why it is sent.
        reason: BootReason = "reason",
        /// What the station is.
        charging_station: ChargingStation<'a> = "chargingStation",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether the station may work with this CSMS.
    pub struct BootNotificationResponse<'a> {
        /// The CSMS's clock.
        current_time: Timestamp = "currentTime",
        /// Seconds: heartbeat interval if accepted, otherwise the time to wait before the next BootNotification; 0
        /// leaves it to the station.
        interval: i32 = "interval",
        /// Registration.
        status: Open<'a, RegistrationStatus> = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// The station's description of itself.
    pub struct ChargingStation<'a> {
        /// Maker; need not be unique.
        vendor_name: Text<'a, 50> = "vendorName",
        /// Model.
        model: Text<'a, 20> = "model",
        /// Serial number, in the maker's own notation.
        serial_number: Option<Text<'a, 25>> = "serialNumber",
        /// Version of the firmware that runs.
        firmware_version: Option<Text<'a, 50>> = "firmwareVersion",
        /// The radio module, if there is one.
        modem: Option<Modem<'a>> = "modem",
    }
}

message! {
    /// SIM of the radio module.
    pub struct Modem<'a> {
        /// Number of the SIM card.
        iccid: Option<CiText<'a, 20>> = "iccid",
        /// Subscriber that the SIM card stands for.
        imsi: Option<CiText<'a, 20>> = "imsi",
    }
}

wire_enum! {
    /// Why a BootNotification is sent.
    pub enum BootReason {
        /// Power came back.
        PowerUp = "PowerUp",
        /// Reset by hand on site.
        LocalReset = "LocalReset",
        /// Reset by the CSMS, at once.
        RemoteReset = "RemoteReset",
        /// Reset by the CSMS, put off until the station was idle.
        ScheduledReset = "ScheduledReset",
        /// New firmware was installed.
        FirmwareUpdate = "FirmwareUpdate",
        /// The application restarted by itself.
        ApplicationReset = "ApplicationReset",
        /// The watchdog fired.
        Watchdog = "Watchdog",
        /// The CSMS asked for it with a TriggerMessage.
        Triggered = "Triggered",
        /// Nobody knows.
        Unknown = "Unknown",
    }
}

wire_enum! {
    /// What the CSMS makes of a station that boots.
    pub enum RegistrationStatus {
        /// The station may do everything.
        Accepted = "Accepted",
        /// The station answers requests, but starts nothing; the CSMS is still setting it up (B02).
        Pending = "Pending",
        /// The station keeps silent until the interval is over (B03).
        Rejected = "Rejected",
    }
}

message! {
    /// Sets attributes of variables (B05). Each element is judged by itself. To the station.
    pub struct SetVariablesRequest<'a> {
        /// What to set. `ItemsPerMessage` and `BytesPerMessage` of the station bound it.
        set_variable_data: List<'a, SetVariableData<'a>, 1> = "setVariableData",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// What became of each element.
    pub struct SetVariablesResponse<'a> {
        /// One result per element of the request.
        set_variable_result: List<'a, SetVariableResult<'a>, 1> = "setVariableResult",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// One attribute to set.
    pub struct SetVariableData<'a> {
        /// Where the variable is.
        component: Component<'a> = "component",
        /// Which one.
        variable: Variable<'a> = "variable",
        /// Which attribute of it; left out, `Actual`.
        attribute_type: Option<AttributeType> = "attributeType",
        /// The new value as text. Not shown in logs, as it may be a password.
        attribute_value: SecretText<'a, 1000> = "attributeValue",
    }
}

message! {
    /// What became of setting one attribute.
    pub struct SetVariableResult<'a> {
        /// As in the request.
        component: Component<'a> = "component",
        /// As in the request.
        variable: Variable<'a> = "variable",
        /// As in the request.
        attribute_type: Option<AttributeType> = "attributeType",
        /// Outcome.
        attribute_status: SetVariableStatus = "attributeStatus",
        /// The outcome in more detail.
        attribute_status_info: Option<StatusInfo<'a>> = "attributeStatusInfo",
    }
}

wire_enum! {
    /// Outcome of setting an attribute.
    pub enum SetVariableStatus {
        /// Set.
        Accepted = "Accepted",
        /// Stored, in force after the next start.
        RebootRequired = "RebootRequired",
        /// Wrong format, out of range, read-only, or failed.
        Rejected = "Rejected",
        /// There is no such component.
        UnknownComponent = "UnknownComponent",
        /// The component has no such variable.
        UnknownVariable = "UnknownVariable",
        /// The variable has no such attribute.
        NotSupportedAttributeType = "NotSupportedAttributeType",
    }
}

message! {
    /// Reads attributes of variables (B06). To the station.
    pub struct GetVariablesRequest<'a> {
        /// What to read. `ItemsPerMessage` and `BytesPerMessage` of the station bound it.
        get_variable_data: List<'a, GetVariableData<'a>, 1> = "getVariableData",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// The values.
    pub struct GetVariablesResponse<'a> {
        /// One result per element of the request.
        get_variable_result: List<'a, GetVariableResult<'a>, 1> = "getVariableResult",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// One attribute to read.
    pub struct GetVariableData<'a> {
        /// Where the variable is.
        component: Component<'a> = "component",
        /// Which one.
        variable: Variable<'a> = "variable",
        /// Which attribute of it; left out, `Actual`.
        attribute_type: Option<AttributeType> = "attributeType",
    }
}

message! {
    /// Value of one attribute.
    pub struct GetVariableResult<'a> {
        /// As in the request.
        component: Component<'a> = "component",
        /// As in the request.
        variable: Variable<'a> = "variable",
        /// As in the request.
        attribute_type: Option<AttributeType> = "attributeType",
        /// Outcome.
        attribute_status: GetVariableStatus = "attributeStatus",
        /// The outcome in more detail.
        attribute_status_info: Option<StatusInfo<'a>> = "attributeStatusInfo",
        /// The value as text; there if and only if accepted, empty if nothing was set yet. `ReportingValueSize` bounds
        /// it.
        attribute_value: Option<Text<'a, 2500>> = "attributeValue",
    }
}

wire_enum! {
    /// Outcome of reading an attribute.
    pub enum GetVariableStatus {
        /// Read.
        Accepted = "Accepted",
        /// Write-only, or failed.
        Rejected = "Rejected",
        /// There is no such component.
        UnknownComponent = "UnknownComponent",
        /// The component has no such variable.
        UnknownVariable = "UnknownVariable",
        /// The variable has no such attribute.
        NotSupportedAttributeType = "NotSupportedAttributeType",
    }
}

message! {
    /// Asks for one of the standard reports of the device model (B07). To the station.
    pub struct GetBaseReportRequest<'a> {
        /// Number that the [`NotifyReportRequest`]s will carry.
        request_id: i32 = "requestId",
        /// Which report.
        report_base: ReportBase = "reportBase",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether the report will come.
    pub struct GetBaseReportResponse<'a> {
        /// Outcome.
        status: GenericDeviceModelStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// The standard reports.
    pub enum ReportBase {
        /// Every variable that can be set.
        ConfigurationInventory = "ConfigurationInventory",
        /// Every variable.
        FullInventory = "FullInventory",
        /// What matters for running the station: availability and problems.
        SummaryInventory = "SummaryInventory",
    }
}

message! {
    /// Asks for a report of chosen components and variables (B08). Criteria and components both narrow it; of several
    /// criteria one is enough. To the station.
    pub struct GetReportRequest<'a> {
        /// Number that the [`NotifyReportRequest`]s will carry.
        request_id: i32 = "requestId",
        /// States in which a component must be; left out, any.
        component_criteria: Option<List<'a, ComponentCriterion, 1, 4>> = "componentCriteria",
        /// Components and variables; left out, all.
        component_variable: Option<List<'a, ComponentVariable<'a>, 1>> = "componentVariable",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether the report will come.
    pub struct GetReportResponse<'a> {
        /// Outcome; `EmptyResultSet` if nothing matches.
        status: GenericDeviceModelStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// State of a component, by the variable of the same name. A component without that variable counts as active,
    /// available and enabled, but not as having a problem.
    pub enum ComponentCriterion {
        /// `Active` is true.
        Active = "Active",
        /// `Available` is true.
        Available = "Available",
        /// `Enabled` is true.
        Enabled = "Enabled",
        /// `Problem` is true.
        Problem = "Problem",
    }
}

message! {
    /// One part of a report (B07, B08). To the CSMS.
    pub struct NotifyReportRequest<'a> {
        /// From the request that the report answers.
        request_id: i32 = "requestId",
        /// Number of this part, from 0.
        seq_no: i32 = "seqNo",
        /// When this part was made.
        generated_at: Timestamp = "generatedAt",
        /// Whether another part follows; left out, no.
        tbc: Option<bool> = "tbc",
        /// The variables in this part.
        report_data: Option<List<'a, ReportData<'a>, 1>> = "reportData",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Confirms a part of a report; nothing else in it.
    pub struct NotifyReportResponse<'a> {
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Stores how to reach a CSMS (B09). It is used once `NetworkConfigurationPriority` names its slot and the station
    /// restarted (B10). To the station.
    pub struct SetNetworkProfileRequest<'a> {
        /// Slot to store it in.
        configuration_slot: i32 = "configurationSlot",
        /// The profile.
        connection_data: NetworkConnectionProfile<'a> = "connectionData",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether the profile is stored.
    pub struct SetNetworkProfileResponse<'a> {
        /// Outcome.
        status: SetNetworkProfileStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// Outcome of storing a network profile.
    pub enum SetNetworkProfileStatus {
        /// Stored.
        Accepted = "Accepted",
        /// The slot does not exist, the profile is invalid, or it would lower the security profile.
        Rejected = "Rejected",
        /// Storing it went wrong.
        Failed = "Failed",
    }
}

message! {
    /// Restarts the station or one EVSE (B11, B12). To the station.
    pub struct ResetRequest<'a> {
        /// When.
        kind: ResetType = "type",
        /// EVSE to restart, from 1; left out, the whole station.
        evse_id: Option<i32> = "evseId",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether the restart happens.
    pub struct ResetResponse<'a> {
        /// Outcome.
        status: ResetStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// When to restart.
    pub enum ResetType {
        /// Now; transactions are ended.
        Immediate = "Immediate",
        /// After the last transaction.
        OnIdle = "OnIdle",
    }
}

wire_enum! {
    /// Outcome of a request to restart.
    pub enum ResetStatus {
        /// It happens now.
        Accepted = "Accepted",
        /// It happens after the transactions that run.
        Scheduled = "Scheduled",
        /// It does not happen.
        Rejected = "Rejected",
    }
}
