//! Block N, diagnostics: logs (N01), monitoring of variables and its events (N02–N08), customer information (N09, N10).
//!
//! ```
//! use ocpp_core::wire::{Reader, Wire};
//! use ocpp201::messages::{MonitorType, SetVariableMonitoringRequest};
//!
//! let json = r#"{"setMonitoringData":[{"type":"UpperThreshold","severity":4,"value":80,
//!     "component":{"name":"EVSE","evse":{"id":1}},"variable":{"name":"Temperature"}}]}"#;
//! let request = SetVariableMonitoringRequest::read(&mut Reader::new(json))?;
//! let monitor = request.set_monitoring_data.iter().next().unwrap();
//! assert_eq!(monitor.kind, MonitorType::UpperThreshold);
//! assert_eq!(monitor.variable.name, "temperature");
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use ocpp_core::wire::{List, Raw, SecretText, Text, Timestamp};
use ocpp_core::{message, operations, wire_enum};

use super::types::{
    CertificateHashData, ClearMonitoringResult, ComponentVariable, EventData, GenericDeviceModelStatus, GenericStatus,
    IdToken, MonitoringData, SetMonitoringData, SetMonitoringResult, StatusInfo,
};

operations! { 'a:
    "GetLog": GetLogRequest<'a> => GetLogResponse<'a>,
    "LogStatusNotification": LogStatusNotificationRequest<'a> => LogStatusNotificationResponse<'a>,
    "GetMonitoringReport": GetMonitoringReportRequest<'a> => GetMonitoringReportResponse<'a>,
    "NotifyMonitoringReport": NotifyMonitoringReportRequest<'a> => NotifyMonitoringReportResponse<'a>,
    "SetMonitoringBase": SetMonitoringBaseRequest<'a> => SetMonitoringBaseResponse<'a>,
    "SetMonitoringLevel": SetMonitoringLevelRequest<'a> => SetMonitoringLevelResponse<'a>,
    "SetVariableMonitoring": SetVariableMonitoringRequest<'a> => SetVariableMonitoringResponse<'a>,
    "ClearVariableMonitoring": ClearVariableMonitoringRequest<'a> => ClearVariableMonitoringResponse<'a>,
    "NotifyEvent": NotifyEventRequest<'a> => NotifyEventResponse<'a>,
    "CustomerInformation": CustomerInformationRequest<'a> => CustomerInformationResponse<'a>,
    "NotifyCustomerInformation": NotifyCustomerInformationRequest<'a> => NotifyCustomerInformationResponse<'a>,
}

message! {
    /// Asks for a log to be uploaded (N01). To the station.
    pub struct GetLogRequest<'a> {
        /// Number of this request; the [`LogStatusNotificationRequest`]s carry it.
        request_id: i32 = "requestId",
        /// Which log.
        log_type: LogType = "logType",
        /// Where to and from when.
        log: LogParameters<'a> = "log",
        /// How often to try the upload; left out, the station decides.
        retries: Option<i32> = "retries",
        /// Seconds between the tries; left out, the station decides.
        retry_interval: Option<i32> = "retryInterval",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether a log will be uploaded.
    pub struct GetLogResponse<'a> {
        /// Outcome.
        status: LogStatus = "status",
        /// Name of the file; left out if there is nothing to upload.
        filename: Option<Text<'a, 255>> = "filename",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Where a log goes and what is to be in it.
    pub struct LogParameters<'a> {
        /// URL to upload to.
        remote_location: Text<'a, 512> = "remoteLocation",
        /// Nothing older than this.
        oldest_timestamp: Option<Timestamp> = "oldestTimestamp",
        /// Nothing newer than this.
        latest_timestamp: Option<Timestamp> = "latestTimestamp",
    }
}

wire_enum! {
    /// The logs of a station.
    pub enum LogType {
        /// For finding faults; its contents are the vendor's.
        DiagnosticsLog = "DiagnosticsLog",
        /// The security events.
        SecurityLog = "SecurityLog",
    }
}

wire_enum! {
    /// Outcome of asking for a log.
    pub enum LogStatus {
        /// It will be uploaded.
        Accepted = "Accepted",
        /// It will not.
        Rejected = "Rejected",
        /// It will be uploaded; an older upload was given up for it.
        AcceptedCanceled = "AcceptedCanceled",
    }
}

message! {
    /// The station reports how far an upload got (N01). To the CSMS.
    pub struct LogStatusNotificationRequest<'a> {
        /// The state.
        status: UploadLogStatus = "status",
        /// From the [`GetLogRequest`]; left out only with `Idle`.
        request_id: Option<i32> = "requestId",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Confirms a state; nothing else in it.
    pub struct LogStatusNotificationResponse<'a> {
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// State of an upload.
    pub enum UploadLogStatus {
        /// The other side did not understand the upload.
        BadMessage = "BadMessage",
        /// No upload under way.
        Idle = "Idle",
        /// The other side takes no uploads like this.
        NotSupportedOperation = "NotSupportedOperation",
        /// The other side does not let the station in.
        PermissionDenied = "PermissionDenied",
        /// Uploaded.
        Uploaded = "Uploaded",
        /// The upload failed.
        UploadFailure = "UploadFailure",
        /// Upload under way.
        Uploading = "Uploading",
        /// Given up for a newer request.
        AcceptedCanceled = "AcceptedCanceled",
    }
}

message! {
    /// Asks which monitors there are (N02). To the station.
    pub struct GetMonitoringReportRequest<'a> {
        /// Number that the [`NotifyMonitoringReportRequest`]s will carry.
        request_id: i32 = "requestId",
        /// Kinds of monitor; left out, all.
        monitoring_criteria: Option<List<'a, MonitoringCriterion, 1, 3>> = "monitoringCriteria",
        /// Components and variables; left out, all.
        component_variable: Option<List<'a, ComponentVariable<'a>, 1>> = "componentVariable",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether the report will come.
    pub struct GetMonitoringReportResponse<'a> {
        /// Outcome.
        status: GenericDeviceModelStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// Kind of monitor.
    pub enum MonitoringCriterion {
        /// Upper and lower thresholds.
        ThresholdMonitoring = "ThresholdMonitoring",
        /// Changes.
        DeltaMonitoring = "DeltaMonitoring",
        /// Intervals, aligned to the clock or not.
        PeriodicMonitoring = "PeriodicMonitoring",
    }
}

message! {
    /// One part of a report of monitors (N02). To the CSMS.
    pub struct NotifyMonitoringReportRequest<'a> {
        /// From the [`GetMonitoringReportRequest`].
        request_id: i32 = "requestId",
        /// Number of this part, from 0.
        seq_no: i32 = "seqNo",
        /// When this part was made.
        generated_at: Timestamp = "generatedAt",
        /// Whether another part follows; left out, no.
        tbc: Option<bool> = "tbc",
        /// The monitors.
        monitor: Option<List<'a, MonitoringData<'a>, 1>> = "monitor",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Confirms a part of a report; nothing else in it.
    pub struct NotifyMonitoringReportResponse<'a> {
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Chooses the set of monitors to start from (N03). To the station.
    pub struct SetMonitoringBaseRequest<'a> {
        /// Which set.
        monitoring_base: MonitoringBase = "monitoringBase",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether it is in force.
    pub struct SetMonitoringBaseResponse<'a> {
        /// Outcome.
        status: GenericDeviceModelStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// Sets of monitors.
    pub enum MonitoringBase {
        /// The preconfigured monitors; those that the CSMS set stay.
        All = "All",
        /// The preconfigured monitors as delivered; those that the CSMS set are removed.
        FactoryDefault = "FactoryDefault",
        /// Only monitors that cannot be removed; all others are off.
        HardWiredOnly = "HardWiredOnly",
    }
}

message! {
    /// Limits which events are reported (N05). To the station.
    pub struct SetMonitoringLevelRequest<'a> {
        /// Least severe level to report: 0 (danger) to 9 (debugging).
        severity: i32 = "severity",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether it is in force.
    pub struct SetMonitoringLevelResponse<'a> {
        /// Outcome.
        status: GenericStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Sets monitors on variables (N04). Each element is judged by itself. To the station.
    pub struct SetVariableMonitoringRequest<'a> {
        /// The monitors.
        set_monitoring_data: List<'a, SetMonitoringData<'a>, 1> = "setMonitoringData",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// What became of each element.
    pub struct SetVariableMonitoringResponse<'a> {
        /// One result per element of the request.
        set_monitoring_result: List<'a, SetMonitoringResult<'a>, 1> = "setMonitoringResult",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Removes monitors (N06). To the station.
    pub struct ClearVariableMonitoringRequest<'a> {
        /// Which ones.
        id: List<'a, i32, 1> = "id",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// What became of each.
    pub struct ClearVariableMonitoringResponse<'a> {
        /// One result per id of the request.
        clear_monitoring_result: List<'a, ClearMonitoringResult<'a>, 1> = "clearMonitoringResult",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// The station reports events of its monitors (N07, N08), or the state of a connector as an event (G01). To the
    /// CSMS.
    pub struct NotifyEventRequest<'a> {
        /// When this part was made.
        generated_at: Timestamp = "generatedAt",
        /// Number of this part, from 0.
        seq_no: i32 = "seqNo",
        /// Whether another part follows; left out, no.
        tbc: Option<bool> = "tbc",
        /// The events.
        event_data: List<'a, EventData<'a>, 1> = "eventData",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Confirms events; nothing else in it.
    pub struct NotifyEventResponse<'a> {
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Asks for what the station knows of a customer, or tells it to forget that (N09, N10). Exactly one of the three
    /// references names the customer. To the station.
    pub struct CustomerInformationRequest<'a> {
        /// Number that the [`NotifyCustomerInformationRequest`]s will carry.
        request_id: i32 = "requestId",
        /// Whether to report it.
        report: bool = "report",
        /// Whether to forget it.
        clear: bool = "clear",
        /// The customer, by token.
        id_token: Option<IdToken<'a>> = "idToken",
        /// The customer, by contract certificate.
        customer_certificate: Option<CertificateHashData<'a>> = "customerCertificate",
        /// The customer, by anything else. Not shown in logs.
        customer_identifier: Option<SecretText<'a, 64>> = "customerIdentifier",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether it will be done.
    pub struct CustomerInformationResponse<'a> {
        /// Outcome.
        status: CustomerInformationStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// Outcome of a request about a customer.
    pub enum CustomerInformationStatus {
        /// It will be done.
        Accepted = "Accepted",
        /// It will not; neither reporting nor forgetting was asked for, or the station is busy.
        Rejected = "Rejected",
        /// The customer is not named, or more than once.
        Invalid = "Invalid",
    }
}

message! {
    /// One part of what the station knows of a customer (N09). To the CSMS.
    pub struct NotifyCustomerInformationRequest<'a> {
        /// From the [`CustomerInformationRequest`].
        request_id: i32 = "requestId",
        /// Number of this part, from 0.
        seq_no: i32 = "seqNo",
        /// When this part was made.
        generated_at: Timestamp = "generatedAt",
        /// Text for people; empty if nothing is known. Not shown in logs.
        data: SecretText<'a, 512> = "data",
        /// Whether another part follows; left out, no.
        tbc: Option<bool> = "tbc",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Confirms a part; nothing else in it.
    pub struct NotifyCustomerInformationResponse<'a> {
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}
