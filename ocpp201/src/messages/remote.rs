//! Block F, remote control: starting and stopping (F01–F03), unlocking (F05), triggering messages (F06).
//!
//! ```
//! use ocpp_core::wire::{Reader, Wire};
//! use ocpp201::messages::{MessageTrigger, TriggerMessageRequest};
//!
//! let request = TriggerMessageRequest::read(&mut Reader::new(r#"{"requestedMessage":"Heartbeat"}"#))?;
//! assert_eq!(request.requested_message, MessageTrigger::Heartbeat);
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use ocpp_core::wire::{CiText, Raw};
use ocpp_core::{message, operations, wire_enum};

use super::types::{ChargingProfile, Evse, IdToken, StatusInfo};

operations! { 'a:
    "RequestStartTransaction": RequestStartTransactionRequest<'a> => RequestStartTransactionResponse<'a>,
    "RequestStopTransaction": RequestStopTransactionRequest<'a> => RequestStopTransactionResponse<'a>,
    "UnlockConnector": UnlockConnectorRequest<'a> => UnlockConnectorResponse<'a>,
    "TriggerMessage": TriggerMessageRequest<'a> => TriggerMessageResponse<'a>,
}

message! {
    /// Starts a transaction for a token (F01, F02). To the station.
    pub struct RequestStartTransactionRequest<'a> {
        /// Token to charge for.
        id_token: IdToken<'a> = "idToken",
        /// Number of this request; the next event of the transaction carries it.
        remote_start_id: i32 = "remoteStartId",
        /// EVSE, from 1; left out, the station chooses or refuses.
        evse_id: Option<i32> = "evseId",
        /// Group of the token, if the CSMS knows that the station will want it.
        group_id_token: Option<IdToken<'a>> = "groupIdToken",
        /// Profile for the transaction: a `TxProfile` without transaction id.
        charging_profile: Option<ChargingProfile<'a>> = "chargingProfile",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether the transaction starts.
    pub struct RequestStartTransactionResponse<'a> {
        /// Outcome.
        status: RequestStartStopStatus = "status",
        /// Transaction that was open already, because the cable came first.
        transaction_id: Option<CiText<'a, 36>> = "transactionId",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// Outcome of a remote start or stop.
    pub enum RequestStartStopStatus {
        /// It will be tried.
        Accepted = "Accepted",
        /// It will not.
        Rejected = "Rejected",
    }
}

message! {
    /// Stops a transaction (F03). To the station.
    pub struct RequestStopTransactionRequest<'a> {
        /// Which one.
        transaction_id: CiText<'a, 36> = "transactionId",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether the transaction stops.
    pub struct RequestStopTransactionResponse<'a> {
        /// `Rejected` if there is no such transaction.
        status: RequestStartStopStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Unlocks a connector, to help a driver whose cable is stuck (F05). To the station.
    pub struct UnlockConnectorRequest<'a> {
        /// EVSE, from 1.
        evse_id: i32 = "evseId",
        /// Connector of that EVSE, from 1.
        connector_id: i32 = "connectorId",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// What became of the lock.
    pub struct UnlockConnectorResponse<'a> {
        /// Outcome.
        status: UnlockStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// Outcome of unlocking.
    pub enum UnlockStatus {
        /// The lock is open.
        Unlocked = "Unlocked",
        /// The lock did not open.
        UnlockFailed = "UnlockFailed",
        /// Somebody is charging with authorization; nothing was done.
        OngoingAuthorizedTransaction = "OngoingAuthorizedTransaction",
        /// There is no such connector.
        UnknownConnector = "UnknownConnector",
    }
}

message! {
    /// Asks the station to send a message now (F06). To the station.
    pub struct TriggerMessageRequest<'a> {
        /// Which message.
        requested_message: MessageTrigger = "requestedMessage",
        /// For which EVSE or connector; left out, for all it applies to.
        evse: Option<Evse> = "evse",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether the message will be sent.
    pub struct TriggerMessageResponse<'a> {
        /// Outcome. The message itself follows after this response.
        status: TriggerMessageStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// Messages that can be asked for.
    pub enum MessageTrigger {
        /// BootNotification; refused once the station was accepted.
        BootNotification = "BootNotification",
        /// State of the log upload.
        LogStatusNotification = "LogStatusNotification",
        /// State of the firmware update.
        FirmwareStatusNotification = "FirmwareStatusNotification",
        /// Heartbeat.
        Heartbeat = "Heartbeat",
        /// Meter values now.
        MeterValues = "MeterValues",
        /// A signing request for the station's own certificate.
        SignChargingStationCertificate = "SignChargingStationCertificate",
        /// A signing request for the ISO 15118 certificate.
        SignV2gCertificate = "SignV2GCertificate",
        /// State of a connector.
        StatusNotification = "StatusNotification",
        /// The running transaction, with meter values.
        TransactionEvent = "TransactionEvent",
        /// A signing request for one certificate for both uses.
        SignCombinedCertificate = "SignCombinedCertificate",
        /// State of publishing firmware.
        PublishFirmwareStatusNotification = "PublishFirmwareStatusNotification",
    }
}

wire_enum! {
    /// Outcome of asking for a message.
    pub enum TriggerMessageStatus {
        /// It will be sent.
        Accepted = "Accepted",
        /// It will not be sent now.
        Rejected = "Rejected",
        /// The station cannot send it at all.
        NotImplemented = "NotImplemented",
    }
}
