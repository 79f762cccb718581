//! Firmware management profile: updates of the firmware, and diagnostics files.
//!
//! ```
//! use ocpp16::messages::UpdateFirmwareRequest;
//! use ocpp_core::wire::{Reader, Timestamp, Wire};
//!
//! let payload = r#"{"location":"https://example.com/fw.bin","retries":3,"retrieveDate":"2026-05-28T20:26:40Z"}"#;
//! let request = UpdateFirmwareRequest::read(&mut Reader::new(payload))?;
//! assert_eq!(request.location, "https://example.com/fw.bin");
//! assert_eq!(request.retries, Some(3));
//! assert_eq!(request.retrieve_date, Timestamp::from_millis(1_780_000_000_000));
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use super::types::URI_MAX;
use ocpp_core::wire::{CiText, Text, Timestamp};
use ocpp_core::{message, operations, wire_enum};

operations! { 'a:
    "DiagnosticsStatusNotification": DiagnosticsStatusNotificationRequest => DiagnosticsStatusNotificationResponse,
    "FirmwareStatusNotification": FirmwareStatusNotificationRequest => FirmwareStatusNotificationResponse,
    "GetDiagnostics": GetDiagnosticsRequest<'a> => GetDiagnosticsResponse<'a>,
    "UpdateFirmware": UpdateFirmwareRequest<'a> => UpdateFirmwareResponse,
}

message! {
    /// Reports how the upload of a diagnostics file goes. From the charge point.
    pub struct DiagnosticsStatusNotificationRequest {
        /// How it goes.
        status: DiagnosticsStatus = "status",
    }
}

wire_enum! {
    /// How the upload of a diagnostics file goes.
    pub enum DiagnosticsStatus {
        /// There is none. Only as an answer to TriggerMessage.
        Idle = "Idle",
        /// Done.
        Uploaded = "Uploaded",
        /// Given up.
        UploadFailed = "UploadFailed",
        /// Under way.
        Uploading = "Uploading",
    }
}

message! {
    /// Confirms receipt.
    pub struct DiagnosticsStatusNotificationResponse {}
}

message! {
    /// Reports how a firmware update goes. From the charge point.
    pub struct FirmwareStatusNotificationRequest {
        /// How it goes.
        status: FirmwareStatus = "status",
    }
}

wire_enum! {
    /// How a firmware update goes.
    pub enum FirmwareStatus {
        /// The firmware is here.
        Downloaded = "Downloaded",
        /// The download was given up.
        DownloadFailed = "DownloadFailed",
        /// The download is under way.
        Downloading = "Downloading",
        /// There is no update. Only as an answer to TriggerMessage.
        Idle = "Idle",
        /// The installation was given up.
        InstallationFailed = "InstallationFailed",
        /// The installation is under way.
        Installing = "Installing",
        /// The new firmware runs.
        Installed = "Installed",
    }
}

message! {
    /// Confirms receipt.
    pub struct FirmwareStatusNotificationResponse {}
}

message! {
    /// Asks for a diagnostics file to be uploaded. To the charge point.
    pub struct GetDiagnosticsRequest<'a> {
        /// URI of the directory to upload into. Not bounded by the schema; here at most [`URI_MAX`] characters.
        location: Text<'a, URI_MAX> = "location",
        /// How often to try again; left to the charge point if not given.
        retries: Option<i32> = "retries",
        /// Seconds between attempts; left to the charge point if not given.
        retry_interval: Option<i32> = "retryInterval",
        /// Oldest entry wanted.
        start_time: Option<Timestamp> = "startTime",
        /// Newest entry wanted.
        stop_time: Option<Timestamp> = "stopTime",
    }
}

message! {
    /// Names the file.
    pub struct GetDiagnosticsResponse<'a> {
        /// Name of the file that will be uploaded; left out if there is nothing to upload.
        file_name: Option<CiText<'a, 255>> = "fileName",
    }
}

message! {
    /// Asks for new firmware to be fetched and installed. To the charge point.
    pub struct UpdateFirmwareRequest<'a> {
        /// URI of the firmware. Not bounded by the schema; here at most [`URI_MAX`] characters.
        location: Text<'a, URI_MAX> = "location",
        /// How often to try the download again; left to the charge point if not given.
        retries: Option<i32> = "retries",
        /// Not to be fetched before.
        retrieve_date: Timestamp = "retrieveDate",
        /// Seconds between attempts; left to the charge point if not given.
        retry_interval: Option<i32> = "retryInterval",
    }
}

message! {
    /// Confirms receipt. What comes of it is told by [`FirmwareStatusNotificationRequest`].
    pub struct UpdateFirmwareResponse {}
}
