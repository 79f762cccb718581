//! Block L, firmware management: updating the station (L01, L02) and, for local controllers, publishing firmware to
//! others (L03, L04).
//!
//! ```
//! use ocpp_core::wire::{Reader, Wire};
//! use ocpp201::messages::UpdateFirmwareRequest;
//!
//! let json = r#"{"requestId":3,"firmware":{"location":"https://example.org/fw.bin",
//!     "retrieveDateTime":"2026-11-22T20:00:00+01:00"}}"#;
//! let request = UpdateFirmwareRequest::read(&mut Reader::new(json))?;
//! assert_eq!(request.firmware.retrieve_date_time.to_string(), "2026-11-22T19:00:00Z");
//! assert!(request.firmware.signature.is_none(), "without a signature it is L02");
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use ocpp_core::wire::{CiText, List, Raw, Text, Timestamp};
use ocpp_core::{message, operations, wire_enum};

use super::types::{GenericStatus, StatusInfo};

operations! { 'a:
    "UpdateFirmware": UpdateFirmwareRequest<'a> => UpdateFirmwareResponse<'a>,
    "FirmwareStatusNotification": FirmwareStatusNotificationRequest<'a> => FirmwareStatusNotificationResponse<'a>,
    "PublishFirmware": PublishFirmwareRequest<'a> => PublishFirmwareResponse<'a>,
    "PublishFirmwareStatusNotification":
        PublishFirmwareStatusNotificationRequest<'a> => PublishFirmwareStatusNotificationResponse<'a>,
    "UnpublishFirmware": UnpublishFirmwareRequest<'a> => UnpublishFirmwareResponse<'a>,
}

message! {
    /// Updates the firmware (L01, L02). To the station.
    pub struct UpdateFirmwareRequest<'a> {
        /// Number of this request; the [`FirmwareStatusNotificationRequest`]s carry it.
        request_id: i32 = "requestId",
        /// Where it is and when to use it.
        firmware: Firmware<'a> = "firmware",
        /// How often to try the download; left out, the station decides.
        retries: Option<i32> = "retries",
        /// Seconds between the tries; left out, the station decides.
        retry_interval: Option<i32> = "retryInterval",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether the update goes ahead.
    pub struct UpdateFirmwareResponse<'a> {
        /// Outcome.
        status: UpdateFirmwareStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// New firmware.
    pub struct Firmware<'a> {
        /// URI to download it from.
        location: Text<'a, 512> = "location",
        /// When to download it.
        retrieve_date_time: Timestamp = "retrieveDateTime",
        /// When to install it; left out, once it is there.
        install_date_time: Option<Timestamp> = "installDateTime",
        /// Certificate that it was signed with, in PEM.
        signing_certificate: Option<Text<'a, 5500>> = "signingCertificate",
        /// Signature in Base64.
        signature: Option<Text<'a, 800>> = "signature",
    }
}

wire_enum! {
    /// Outcome of asking for an update.
    pub enum UpdateFirmwareStatus {
        /// It goes ahead.
        Accepted = "Accepted",
        /// It does not.
        Rejected = "Rejected",
        /// It goes ahead; an older one was given up for it.
        AcceptedCanceled = "AcceptedCanceled",
        /// The signing certificate is not valid.
        InvalidCertificate = "InvalidCertificate",
        /// The signing certificate was revoked.
        RevokedCertificate = "RevokedCertificate",
    }
}

message! {
    /// The station reports how far an update got (L01, L02). To the CSMS.
    pub struct FirmwareStatusNotificationRequest<'a> {
        /// The state.
        status: FirmwareStatus = "status",
        /// From the [`UpdateFirmwareRequest`]; left out only with `Idle`.
        request_id: Option<i32> = "requestId",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Confirms a state; nothing else in it.
    pub struct FirmwareStatusNotificationResponse<'a> {
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// State of an update.
    pub enum FirmwareStatus {
        /// Downloaded.
        Downloaded = "Downloaded",
        /// The download failed. Final.
        DownloadFailed = "DownloadFailed",
        /// Download under way.
        Downloading = "Downloading",
        /// Waiting for the time to download.
        DownloadScheduled = "DownloadScheduled",
        /// The download was interrupted and will go on.
        DownloadPaused = "DownloadPaused",
        /// No update under way.
        Idle = "Idle",
        /// The installation failed. Final.
        InstallationFailed = "InstallationFailed",
        /// Installation under way.
        Installing = "Installing",
        /// The new firmware runs. Final.
        Installed = "Installed",
        /// About to restart for the installation.
        InstallRebooting = "InstallRebooting",
        /// Waiting for the time to install, or for transactions to end.
        InstallScheduled = "InstallScheduled",
        /// What was installed does not match. Final.
        InstallVerificationFailed = "InstallVerificationFailed",
        /// The signature does not match. Final.
        InvalidSignature = "InvalidSignature",
        /// The signature matches.
        SignatureVerified = "SignatureVerified",
    }
}

message! {
    /// Tells a local controller to download firmware and to offer it on its own network (L03). To the station.
    pub struct PublishFirmwareRequest<'a> {
        /// Number of this request; the [`PublishFirmwareStatusNotificationRequest`]s carry it.
        request_id: i32 = "requestId",
        /// URI to download it from.
        location: Text<'a, 512> = "location",
        /// MD5 of the whole file, 32 hexadecimal digits.
        checksum: CiText<'a, 32> = "checksum",
        /// How often to try the download; left out, the controller decides.
        retries: Option<i32> = "retries",
        /// Seconds between the tries; left out, the controller decides.
        retry_interval: Option<i32> = "retryInterval",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether the firmware will be published.
    pub struct PublishFirmwareResponse<'a> {
        /// Outcome.
        status: GenericStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// A local controller reports how far publishing got (L03). To the CSMS.
    pub struct PublishFirmwareStatusNotificationRequest<'a> {
        /// The state.
        status: PublishFirmwareStatus = "status",
        /// URIs at which it is offered; only if published.
        location: Option<List<'a, Text<'a, 512>, 1>> = "location",
        /// From the [`PublishFirmwareRequest`].
        request_id: Option<i32> = "requestId",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Confirms a state; nothing else in it.
    pub struct PublishFirmwareStatusNotificationResponse<'a> {
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// State of publishing firmware.
    pub enum PublishFirmwareStatus {
        /// Nothing is being published.
        Idle = "Idle",
        /// Waiting for the time to download.
        DownloadScheduled = "DownloadScheduled",
        /// Download under way.
        Downloading = "Downloading",
        /// Downloaded.
        Downloaded = "Downloaded",
        /// Offered to others.
        Published = "Published",
        /// The download failed.
        DownloadFailed = "DownloadFailed",
        /// The download was interrupted and will go on.
        DownloadPaused = "DownloadPaused",
        /// The checksum does not match.
        InvalidChecksum = "InvalidChecksum",
        /// The checksum matches.
        ChecksumVerified = "ChecksumVerified",
        /// It could not be offered.
        PublishFailed = "PublishFailed",
    }
}

message! {
    /// Tells a local controller to stop offering firmware (L04). To the station.
    pub struct UnpublishFirmwareRequest<'a> {
        /// MD5 of the whole file, 32 hexadecimal digits.
        checksum: CiText<'a, 32> = "checksum",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether it is still offered.
    pub struct UnpublishFirmwareResponse<'a> {
        /// Outcome.
        status: UnpublishFirmwareStatus = "status",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// Outcome of withdrawing firmware.
    pub enum UnpublishFirmwareStatus {
        /// Somebody is downloading it; still offered.
        DownloadOngoing = "DownloadOngoing",
        /// It was not offered.
        NoFirmware = "NoFirmware",
        /// Withdrawn.
        Unpublished = "Unpublished",
    }
}
