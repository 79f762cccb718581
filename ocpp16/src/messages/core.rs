//! Core profile, first part: boot, heartbeat, status, availability, cache, reset and unlock.
//!
//! ```
//! use ocpp16::messages::{BootNotificationRequest, BootNotificationResponse, RegistrationStatus};
//! use ocpp_core::wire::{CiText, Operation, Reader, Wire, Writer};
//!
//! let request = BootNotificationRequest {
//!     charge_point_vendor: CiText::new("Acme").expect("at most 20 characters"),
//!     charge_point_model: CiText::new("Wall 11").expect("at most 20 characters"),
//!     charge_point_serial_number: None,
//!     charge_box_serial_number: None,
//!     firmware_version: CiText::new("1.4.2"),
//!     iccid: None,
//!     imsi: None,
//!     meter_type: None,
//!     meter_serial_number: None,
//! };
//! let mut buffer = [0; 128];
//! let mut w = Writer::new(&mut buffer);
//! request.write(&mut w);
//! assert_eq!(
//!     w.finish(),
//!     Ok(r#"{"chargePointVendor":"Acme","chargePointModel":"Wall 11","firmwareVersion":"1.4.2"}"#)
//! );
//! assert_eq!(BootNotificationRequest::ACTION, "BootNotification");
//!
//! let payload = r#"{"status":"Accepted","currentTime":"2026-05-28T20:26:40Z","interval":300}"#;
//! let response = BootNotificationResponse::read(&mut Reader::new(payload))?;
//! assert_eq!(response.status.known(), Some(RegistrationStatus::Accepted));
//! assert_eq!(response.interval, 300);
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use ocpp_core::wire::{CiText, Open, Timestamp};
use ocpp_core::{message, operations, wire_enum};

operations! { 'a:
    "BootNotification": BootNotificationRequest<'a> => BootNotificationResponse<'a>,
    "ChangeAvailability": ChangeAvailabilityRequest => ChangeAvailabilityResponse,
    "ClearCache": ClearCacheRequest => ClearCacheResponse,
    "Heartbeat": HeartbeatRequest => HeartbeatResponse,
    "Reset": ResetRequest => ResetResponse,
    "StatusNotification": StatusNotificationRequest<'a> => StatusNotificationResponse,
    "UnlockConnector": UnlockConnectorRequest => UnlockConnectorResponse,
}

message! {
    /// Introduces a charge point that has started. From the charge point, before anything else.
    pub struct BootNotificationRequest<'a> {
        /// Who made it.
        charge_point_vendor: CiText<'a, 20> = "chargePointVendor",
        /// Which model it is.
        charge_point_model: CiText<'a, 20> = "chargePointModel",
        /// Serial number of the charge point.
        charge_point_serial_number: Option<CiText<'a, 25>> = "chargePointSerialNumber",
        /// Serial number of the box inside it. Deprecated by 1.6, kept for its predecessors.
        charge_box_serial_number: Option<CiText<'a, 25>> = "chargeBoxSerialNumber",
        /// Version of the firmware that runs.
        firmware_version: Option<CiText<'a, 50>> = "firmwareVersion",
        /// Number of the modem's SIM card.
        iccid: Option<CiText<'a, 20>> = "iccid",
        /// Subscriber number of the modem's SIM card.
        imsi: Option<CiText<'a, 20>> = "imsi",
        /// Type of the main meter.
        meter_type: Option<CiText<'a, 25>> = "meterType",
        /// Serial number of the main meter.
        meter_serial_number: Option<CiText<'a, 25>> = "meterSerialNumber",
    }
}

message! {
    /// Takes the charge point in, or not.
    pub struct BootNotificationResponse<'a> {
        /// Whether it was taken in.
        status: Open<'a, RegistrationStatus> = "status",
        /// The Central System's time.
        current_time: Timestamp = "currentTime",
        /// Seconds between heartbeats if accepted, else until the next BootNotification; 0 leaves it to the charge
        /// point.
        interval: i32 = "interval",
    }
}

wire_enum! {
    /// Whether a charge point was taken in.
    pub enum RegistrationStatus {
        /// It was.
        Accepted = "Accepted",
        /// Not yet: the Central System may send requests, the charge point only answers them.
        Pending = "Pending",
        /// It was not; it is silent until it asks again.
        Rejected = "Rejected",
    }
}

message! {
    /// Takes a connector in or out of service. To the charge point.
    pub struct ChangeAvailabilityRequest {
        /// The connector; 0 for the charge point and all its connectors.
        connector_id: i32 = "connectorId",
        /// Into or out of service (`type` on the wire).
        kind: AvailabilityType = "type",
    }
}

wire_enum! {
    /// Whether to be in service.
    pub enum AvailabilityType {
        /// Out of service.
        Inoperative = "Inoperative",
        /// In service.
        Operative = "Operative",
    }
}

message! {
    /// Says whether that is done.
    pub struct ChangeAvailabilityResponse {
        /// Whether it is done.
        status: AvailabilityStatus = "status",
    }
}

wire_enum! {
    /// Whether a change of availability is done.
    pub enum AvailabilityStatus {
        /// It is.
        Accepted = "Accepted",
        /// It cannot be done.
        Rejected = "Rejected",
        /// It will be, once the running transaction has ended.
        Scheduled = "Scheduled",
    }
}

message! {
    /// Empties the authorization cache. To the charge point.
    pub struct ClearCacheRequest {}
}

message! {
    /// Says whether it is empty.
    pub struct ClearCacheResponse {
        /// Whether it is empty.
        status: ClearCacheStatus = "status",
    }
}

wire_enum! {
    /// Whether the authorization cache was emptied.
    pub enum ClearCacheStatus {
        /// It was.
        Accepted = "Accepted",
        /// It was not.
        Rejected = "Rejected",
    }
}

message! {
    /// Shows that the charge point is alive, and asks for the time. From the charge point.
    pub struct HeartbeatRequest {}
}

message! {
    /// Tells the time.
    pub struct HeartbeatResponse {
        /// The Central System's time.
        current_time: Timestamp = "currentTime",
    }
}

message! {
    /// Asks for a restart. To the charge point.
    pub struct ResetRequest {
        /// How thorough (`type` on the wire).
        kind: ResetType = "type",
    }
}

wire_enum! {
    /// How to restart.
    pub enum ResetType {
        /// At once, like pulling the plug.
        Hard = "Hard",
        /// After transactions were ended in order.
        Soft = "Soft",
    }
}

message! {
    /// Says whether the charge point will restart.
    pub struct ResetResponse {
        /// Whether it will.
        status: ResetStatus = "status",
    }
}

wire_enum! {
    /// Whether a charge point will restart.
    pub enum ResetStatus {
        /// It will.
        Accepted = "Accepted",
        /// It will not.
        Rejected = "Rejected",
    }
}

message! {
    /// Reports the state of a connector. From the charge point.
    pub struct StatusNotificationRequest<'a> {
        /// The connector; 0 for the charge point itself.
        connector_id: i32 = "connectorId",
        /// What is wrong with it.
        error_code: ChargePointErrorCode = "errorCode",
        /// More about the error, for people.
        info: Option<CiText<'a, 50>> = "info",
        /// Its state.
        status: ChargePointStatus = "status",
        /// Since when; the time of arrival counts if left out.
        timestamp: Option<Timestamp> = "timestamp",
        /// Who defined the error code of the vendor.
        vendor_id: Option<CiText<'a, 255>> = "vendorId",
        /// The vendor's own error code.
        vendor_error_code: Option<CiText<'a, 50>> = "vendorErrorCode",
    }
}

wire_enum! {
    /// What is wrong with a connector.
    pub enum ChargePointErrorCode {
        /// It cannot be locked or unlocked.
        ConnectorLockFailure = "ConnectorLockFailure",
        /// Vehicle and charge point do not understand each other.
        EvCommunicationError = "EVCommunicationError",
        /// A residual current or ground fault tripped.
        GroundFailure = "GroundFailure",
        /// It is too hot inside.
        HighTemperature = "HighTemperature",
        /// Something inside hardware or software failed.
        InternalError = "InternalError",
        /// The local list says yes where the Central System says no.
        LocalListConflict = "LocalListConflict",
        /// Nothing.
        NoError = "NoError",
        /// Something that has no code; the vendor's own code may tell.
        OtherError = "OtherError",
        /// Too much current.
        OverCurrentFailure = "OverCurrentFailure",
        /// The meter cannot be read.
        PowerMeterFailure = "PowerMeterFailure",
        /// The contactor does not follow.
        PowerSwitchFailure = "PowerSwitchFailure",
        /// The card reader does not work.
        ReaderFailure = "ReaderFailure",
        /// A restart failed.
        ResetFailure = "ResetFailure",
        /// The voltage is too low.
        UnderVoltage = "UnderVoltage",
        /// The voltage is too high.
        OverVoltage = "OverVoltage",
        /// The radio hardly hears anything.
        WeakSignal = "WeakSignal",
    }
}

wire_enum! {
    /// State of a connector.
    pub enum ChargePointStatus {
        /// Free.
        Available = "Available",
        /// Somebody has begun: a plug or a tag, not yet both.
        Preparing = "Preparing",
        /// Energy flows.
        Charging = "Charging",
        /// A transaction runs, the charge point gives no energy.
        SuspendedEvse = "SuspendedEVSE",
        /// A transaction runs, the vehicle takes no energy.
        SuspendedEv = "SuspendedEV",
        /// The transaction is over, the connector not free yet.
        Finishing = "Finishing",
        /// Kept for somebody.
        Reserved = "Reserved",
        /// Out of service.
        Unavailable = "Unavailable",
        /// Out of order.
        Faulted = "Faulted",
    }
}

message! {
    /// Confirms receipt.
    pub struct StatusNotificationResponse {}
}

message! {
    /// Asks for a connector to be unlocked. To the charge point.
    pub struct UnlockConnectorRequest {
        /// The connector, above 0.
        connector_id: i32 = "connectorId",
    }
}

message! {
    /// Says whether it is.
    pub struct UnlockConnectorResponse {
        /// Whether it is.
        status: UnlockStatus = "status",
    }
}

wire_enum! {
    /// Whether a connector is unlocked.
    pub enum UnlockStatus {
        /// It is.
        Unlocked = "Unlocked",
        /// It could not be.
        UnlockFailed = "UnlockFailed",
        /// It has no lock, or there is no such connector.
        NotSupported = "NotSupported",
    }
}
