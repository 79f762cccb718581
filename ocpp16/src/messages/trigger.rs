//! Remote trigger profile: asking a charge point to send a message now.
//!
//! ```
//! use ocpp16::messages::{MessageTrigger, TriggerMessageRequest};
//! use ocpp_core::wire::{ErrorKind, Reader, Wire};
//!
//! let payload = r#"{"requestedMessage":"StatusNotification","connectorId":2}"#;
//! let request = TriggerMessageRequest::read(&mut Reader::new(payload))?;
//! assert_eq!(request.requested_message, MessageTrigger::StatusNotification);
//! assert_eq!(request.connector_id, Some(2));
//!
//! let error = TriggerMessageRequest::read(&mut Reader::new(r#"{"requestedMessage":"Joke"}"#)).unwrap_err();
//! assert_eq!((error.kind, error.field()), (ErrorKind::Value, "requestedMessage"));
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use ocpp_core::{message, operations, wire_enum};

operations! { 'a:
    "TriggerMessage": TriggerMessageRequest => TriggerMessageResponse,
}

message! {
    /// Asks for a message. To the charge point.
    pub struct TriggerMessageRequest {
        /// Which.
        requested_message: MessageTrigger = "requestedMessage",
        /// About which connector, above 0; about all of them if left out.
        connector_id: Option<i32> = "connectorId",
    }
}

wire_enum! {
    /// A message that can be asked for.
    pub enum MessageTrigger {
        /// BootNotification.
        BootNotification = "BootNotification",
        /// DiagnosticsStatusNotification.
        DiagnosticsStatusNotification = "DiagnosticsStatusNotification",
        /// FirmwareStatusNotification.
        FirmwareStatusNotification = "FirmwareStatusNotification",
        /// Heartbeat.
        Heartbeat = "Heartbeat",
        /// MeterValues.
        MeterValues = "MeterValues",
        /// StatusNotification.
        StatusNotification = "StatusNotification",
    }
}

message! {
    /// Says whether the message will come.
    pub struct TriggerMessageResponse {
        /// Whether it will.
        status: TriggerMessageStatus = "status",
    }
}

wire_enum! {
    /// Whether a message that was asked for will come; of TriggerMessage and ExtendedTriggerMessage.
    pub enum TriggerMessageStatus {
        /// It will.
        Accepted = "Accepted",
        /// It will not.
        Rejected = "Rejected",
        /// This charge point does not send that message, or not on demand.
        NotImplemented = "NotImplemented",
    }
}
