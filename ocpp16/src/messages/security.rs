//! Security extension, second part: signed firmware, logs, security events and the extended trigger.
//!
//! ```
//! use ocpp16::messages::{SignedFirmwareStatus, SignedFirmwareStatusNotificationRequest};
//! use ocpp_core::wire::{Wire, Writer};
//!
//! let notification = SignedFirmwareStatusNotificationRequest {
//!     status: SignedFirmwareStatus::SignatureVerified,
//!     request_id: Some(12),
//! };
//! let mut buffer = [0; 64];
//! let mut w = Writer::new(&mut buffer);
//! notification.write(&mut w);
//! assert_eq!(w.finish(), Ok(r#"{"status":"SignatureVerified","requestId":12}"#));
//! ```

use super::trigger::TriggerMessageStatus;
use ocpp_core::wire::{CiText, Text, Timestamp};
use ocpp_core::{message, operations, wire_enum};

operations! { 'a:
    "ExtendedTriggerMessage": ExtendedTriggerMessageRequest => ExtendedTriggerMessageResponse,
    "GetLog": GetLogRequest<'a> => GetLogResponse<'a>,
    "LogStatusNotification": LogStatusNotificationRequest => LogStatusNotificationResponse,
    "SecurityEventNotification": SecurityEventNotificationRequest<'a> => SecurityEventNotificationResponse,
    "SignedFirmwareStatusNotification":
        SignedFirmwareStatusNotificationRequest => SignedFirmwareStatusNotificationResponse,
    "SignedUpdateFirmware": SignedUpdateFirmwareRequest<'a> => SignedUpdateFirmwareResponse,
}

message! {
    /// Asks for a message, as [`TriggerMessageRequest`](super::TriggerMessageRequest) does. To the charge point.
    pub struct ExtendedTriggerMessageRequest {
        /// Which.
        requested_message: ExtendedMessageTrigger = "requestedMessage",
        /// About which connector, above 0; about all of them if left out.
        connector_id: Option<i32> = "connectorId",
    }
}

wire_enum! {
    /// A message that can be asked for by ExtendedTriggerMessage.
    pub enum ExtendedMessageTrigger {
        /// BootNotification.
        BootNotification = "BootNotification",
        /// LogStatusNotification.
        LogStatusNotification = "LogStatusNotification",
        /// SignedFirmwareStatusNotification, for all its name: the one of the security extension.
        FirmwareStatusNotification = "FirmwareStatusNotification",
        /// Heartbeat.
        Heartbeat = "Heartbeat",
        /// MeterValues.
        MeterValues = "MeterValues",
        /// SignCertificate, with a new key.
        SignChargePointCertificate = "SignChargePointCertificate",
        /// StatusNotification.
        StatusNotification = "StatusNotification",
    }
}

message! {
    /// Says whether the message will come.
    pub struct ExtendedTriggerMessageResponse {
        /// Whether it will.
        status: TriggerMessageStatus = "status",
    }
}

message! {
    /// Asks for a log to be uploaded. To the charge point.
    pub struct GetLogRequest<'a> {
        /// Which part of it, and where to.
        log: LogParameters<'a> = "log",
        /// Which log.
        log_type: LogType = "logType",
        /// Number of this request, named again by [`LogStatusNotificationRequest`].
        request_id: i32 = "requestId",
        /// How often to try again; left to the charge point if not given.
        retries: Option<i32> = "retries",
        /// Seconds between attempts; left to the charge point if not given.
        retry_interval: Option<i32> = "retryInterval",
    }
}

message! {
    /// Which part of a log to upload, and where to.
    pub struct LogParameters<'a> {
        /// URI to upload to.
        remote_location: Text<'a, 512> = "remoteLocation",
        /// Oldest entry wanted.
        oldest_timestamp: Option<Timestamp> = "oldestTimestamp",
        /// Newest entry wanted.
        latest_timestamp: Option<Timestamp> = "latestTimestamp",
    }
}

wire_enum! {
    /// A log of the charge point.
    pub enum LogType {
        /// What helps to find faults.
        DiagnosticsLog = "DiagnosticsLog",
        /// The security events.
        SecurityLog = "SecurityLog",
    }
}

message! {
    /// Says whether it will be.
    pub struct GetLogResponse<'a> {
        /// Whether it will be.
        status: LogStatus = "status",
        /// Name of the file that will be uploaded.
        filename: Option<Text<'a, 255>> = "filename",
    }
}

wire_enum! {
    /// Whether a log will be uploaded.
    pub enum LogStatus {
        /// It will be.
        Accepted = "Accepted",
        /// It will not be.
        Rejected = "Rejected",
        /// It will be, and an upload that was under way was given up for it.
        AcceptedCanceled = "AcceptedCanceled",
    }
}

message! {
    /// Reports how the upload of a log goes. From the charge point.
    pub struct LogStatusNotificationRequest {
        /// How it goes.
        status: UploadLogStatus = "status",
        /// Number of the request; left out with [`UploadLogStatus::Idle`].
        request_id: Option<i32> = "requestId",
    }
}

wire_enum! {
    /// How the upload of a log goes.
    pub enum UploadLogStatus {
        /// The server did not understand.
        BadMessage = "BadMessage",
        /// There is none. Only as an answer to ExtendedTriggerMessage.
        Idle = "Idle",
        /// The server does not know such uploads.
        NotSupportedOperation = "NotSupportedOperation",
        /// The server did not allow it.
        PermissionDenied = "PermissionDenied",
        /// Done.
        Uploaded = "Uploaded",
        /// Given up.
        UploadFailure = "UploadFailure",
        /// Under way.
        Uploading = "Uploading",
    }
}

message! {
    /// Confirms receipt.
    pub struct LogStatusNotificationResponse {}
}

message! {
    /// Reports something that matters for security. From the charge point.
    pub struct SecurityEventNotificationRequest<'a> {
        /// What happened (`type` on the wire): a name from the extension's list, or one of the vendor's.
        kind: CiText<'a, 50> = "type",
        /// When.
        timestamp: Timestamp = "timestamp",
        /// More about it, for people.
        tech_info: Option<CiText<'a, 255>> = "techInfo",
    }
}

message! {
    /// Confirms receipt.
    pub struct SecurityEventNotificationResponse {}
}

message! {
    /// Reports how a signed firmware update goes. From the charge point.
    pub struct SignedFirmwareStatusNotificationRequest {
        /// How it goes.
        status: SignedFirmwareStatus = "status",
        /// Number of the request; left out with [`SignedFirmwareStatus::Idle`].
        request_id: Option<i32> = "requestId",
    }
}

wire_enum! {
    /// How a signed firmware update goes.
    pub enum SignedFirmwareStatus {
        /// The firmware is here.
        Downloaded = "Downloaded",
        /// The download was given up.
        DownloadFailed = "DownloadFailed",
        /// The download is under way.
        Downloading = "Downloading",
        /// The download waits for its time.
        DownloadScheduled = "DownloadScheduled",
        /// The download waits, and will go on.
        DownloadPaused = "DownloadPaused",
        /// There is no update. Only as an answer to ExtendedTriggerMessage.
        Idle = "Idle",
        /// The installation was given up.
        InstallationFailed = "InstallationFailed",
        /// The installation is under way.
        Installing = "Installing",
        /// The new firmware runs.
        Installed = "Installed",
        /// The charge point restarts to install it.
        InstallRebooting = "InstallRebooting",
        /// The installation waits for its time.
        InstallScheduled = "InstallScheduled",
        /// The firmware was found wrong before it was installed.
        InstallVerificationFailed = "InstallVerificationFailed",
        /// The signature does not fit the firmware.
        InvalidSignature = "InvalidSignature",
        /// The signature fits the firmware.
        SignatureVerified = "SignatureVerified",
    }
}

message! {
    /// Confirms receipt.
    pub struct SignedFirmwareStatusNotificationResponse {}
}

message! {
    /// Asks for signed firmware to be fetched, verified and installed. To the charge point.
    pub struct SignedUpdateFirmwareRequest<'a> {
        /// How often to try the download again; left to the charge point if not given.
        retries: Option<i32> = "retries",
        /// Seconds between attempts; left to the charge point if not given.
        retry_interval: Option<i32> = "retryInterval",
        /// Number of this request, named again by [`SignedFirmwareStatusNotificationRequest`].
        request_id: i32 = "requestId",
        /// The firmware.
        firmware: Firmware<'a> = "firmware",
    }
}

message! {
    /// Signed firmware.
    pub struct Firmware<'a> {
        /// URI to fetch it from.
        location: Text<'a, 512> = "location",
        /// Not to be fetched before.
        retrieve_date_time: Timestamp = "retrieveDateTime",
        /// Not to be installed before.
        install_date_time: Option<Timestamp> = "installDateTime",
        /// Certificate of who signed it, in PEM.
        signing_certificate: Text<'a, 5500> = "signingCertificate",
        /// The signature, in Base64.
        signature: Text<'a, 800> = "signature",
    }
}

message! {
    /// Says whether it will be.
    pub struct SignedUpdateFirmwareResponse {
        /// Whether it will be.
        status: UpdateFirmwareStatus = "status",
    }
}

wire_enum! {
    /// Whether signed firmware will be installed.
    pub enum UpdateFirmwareStatus {
        /// It will be.
        Accepted = "Accepted",
        /// It will not be.
        Rejected = "Rejected",
        /// It will be, and an update that was under way was given up for it.
        AcceptedCanceled = "AcceptedCanceled",
        /// It will not be: the signer's certificate is not good.
        InvalidCertificate = "InvalidCertificate",
        /// It will not be: the signer's certificate was revoked.
        RevokedCertificate = "RevokedCertificate",
    }
}
