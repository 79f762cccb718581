//! Core profile, third part: authorization, transactions, their meter values, remote start and stop.
//!
//! ```
//! use ocpp16::messages::{AuthorizationStatus, StartTransactionRequest, StartTransactionResponse};
//! use ocpp_core::wire::{Operation, Reader, SecretText, Timestamp, Wire, Writer};
//!
//! let request = StartTransactionRequest {
//!     connector_id: 1,
//!     id_tag: SecretText::new("04A2B3C4").expect("at most 20 characters"),
//!     meter_start: 1250,
//!     reservation_id: None,
//!     timestamp: Timestamp::from_millis(1_780_000_000_000),
//! };
//! let mut buffer = [0; 128];
//! let mut w = Writer::new(&mut buffer);
//! request.write(&mut w);
//! assert_eq!(
//!     w.finish(),
//!     Ok(r#"{"connectorId":1,"idTag":"04A2B3C4","meterStart":1250,"timestamp":"2026-05-28T20:26:40Z"}"#)
//! );
//! assert_eq!(StartTransactionRequest::ACTION, "StartTransaction");
//!
//! let payload = r#"{"transactionId":77,"idTagInfo":{"status":"Accepted"}}"#;
//! let response = StartTransactionResponse::read(&mut Reader::new(payload))?;
//! assert_eq!(response.transaction_id, 77);
//! assert_eq!(response.id_tag_info.status.known(), Some(AuthorizationStatus::Accepted));
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use super::smart_charging::ChargingProfile;
use super::types::{IdTagInfo, MeterValue};
use ocpp_core::wire::{List, SecretText, Timestamp};
use ocpp_core::{message, operations, wire_enum};

operations! { 'a:
    "Authorize": AuthorizeRequest<'a> => AuthorizeResponse<'a>,
    "MeterValues": MeterValuesRequest<'a> => MeterValuesResponse,
    "RemoteStartTransaction": RemoteStartTransactionRequest<'a> => RemoteStartTransactionResponse,
    "RemoteStopTransaction": RemoteStopTransactionRequest => RemoteStopTransactionResponse,
    "StartTransaction": StartTransactionRequest<'a> => StartTransactionResponse<'a>,
    "StopTransaction": StopTransactionRequest<'a> => StopTransactionResponse<'a>,
}

message! {
    /// Asks whether an id tag may charge. From the charge point.
    pub struct AuthorizeRequest<'a> {
        /// The tag that was presented.
        id_tag: SecretText<'a, 20> = "idTag",
    }
}

message! {
    /// Says whether it may.
    pub struct AuthorizeResponse<'a> {
        /// What is known of the tag.
        id_tag_info: IdTagInfo<'a> = "idTagInfo",
    }
}

message! {
    /// Reports meter readings. From the charge point.
    pub struct MeterValuesRequest<'a> {
        /// The connector; 0 for the main meter.
        connector_id: i32 = "connectorId",
        /// The transaction during which they were taken.
        transaction_id: Option<i64> = "transactionId",
        /// The readings, grouped by time; at least one group.
        meter_value: List<'a, MeterValue<'a>, 1> = "meterValue",
    }
}

message! {
    /// Confirms receipt.
    pub struct MeterValuesResponse {}
}

message! {
    /// Asks for a transaction to be started. To the charge point.
    pub struct RemoteStartTransactionRequest<'a> {
        /// The connector, above 0; left to the charge point if it is not given.
        connector_id: Option<i32> = "connectorId",
        /// The tag to start with.
        id_tag: SecretText<'a, 20> = "idTag",
        /// Limits for the transaction; their purpose has to be
        /// [`TxProfile`](super::ChargingProfilePurpose::TxProfile).
        charging_profile: Option<ChargingProfile<'a>> = "chargingProfile",
    }
}

message! {
    /// Says whether the charge point will try.
    pub struct RemoteStartTransactionResponse {
        /// Whether it will.
        status: RemoteStartStopStatus = "status",
    }
}

message! {
    /// Asks for a transaction to be stopped. To the charge point.
    pub struct RemoteStopTransactionRequest {
        /// The transaction.
        transaction_id: i64 = "transactionId",
    }
}

message! {
    /// Says whether the charge point will stop it.
    pub struct RemoteStopTransactionResponse {
        /// Whether it will.
        status: RemoteStartStopStatus = "status",
    }
}

wire_enum! {
    /// Whether a remote request will be tried.
    pub enum RemoteStartStopStatus {
        /// It will.
        Accepted = "Accepted",
        /// It will not.
        Rejected = "Rejected",
    }
}

message! {
    /// Tells of a transaction that has started. From the charge point.
    pub struct StartTransactionRequest<'a> {
        /// The connector, above 0.
        connector_id: i32 = "connectorId",
        /// The tag that it was started with.
        id_tag: SecretText<'a, 20> = "idTag",
        /// The connector's meter at the start, in Wh.
        meter_start: i32 = "meterStart",
        /// The reservation that ends with it.
        reservation_id: Option<i32> = "reservationId",
        /// When it started.
        timestamp: Timestamp = "timestamp",
    }
}

message! {
    /// Names the transaction.
    pub struct StartTransactionResponse<'a> {
        /// What is known of the tag.
        id_tag_info: IdTagInfo<'a> = "idTagInfo",
        /// The transaction's number, given by the Central System. Wider than the other integers, because there are
        /// Central Systems that make it from the time of day.
        transaction_id: i64 = "transactionId",
    }
}

message! {
    /// Tells of a transaction that has ended. From the charge point.
    pub struct StopTransactionRequest<'a> {
        /// The tag that it was stopped with; left out if none was.
        id_tag: Option<SecretText<'a, 20>> = "idTag",
        /// The connector's meter at the end, in Wh.
        meter_stop: i32 = "meterStop",
        /// When it ended.
        timestamp: Timestamp = "timestamp",
        /// The transaction.
        transaction_id: i64 = "transactionId",
        /// Why; [`Reason::Local`] if left out.
        reason: Option<Reason> = "reason",
        /// Readings of the whole transaction, for billing.
        transaction_data: Option<List<'a, MeterValue<'a>>> = "transactionData",
    }
}

wire_enum! {
    /// Why a transaction ended.
    pub enum Reason {
        /// The emergency stop.
        EmergencyStop = "EmergencyStop",
        /// The vehicle was unplugged.
        EvDisconnected = "EVDisconnected",
        /// A hard reset was asked for.
        HardReset = "HardReset",
        /// The driver ended it at the charge point.
        Local = "Local",
        /// Something else.
        Other = "Other",
        /// The power failed.
        PowerLoss = "PowerLoss",
        /// The charge point restarted on its own account.
        Reboot = "Reboot",
        /// RemoteStopTransaction.
        Remote = "Remote",
        /// A soft reset was asked for.
        SoftReset = "SoftReset",
        /// UnlockConnector.
        UnlockCommand = "UnlockCommand",
        /// The tag turned out to be not allowed.
        DeAuthorized = "DeAuthorized",
    }
}

message! {
    /// Confirms receipt.
    pub struct StopTransactionResponse<'a> {
        /// What is known of the tag that stopped it.
        id_tag_info: Option<IdTagInfo<'a>> = "idTagInfo",
    }
}
