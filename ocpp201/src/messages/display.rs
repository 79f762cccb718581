//! Block O, display messages: what the station shows to drivers (O01–O06).
//!
//! ```
//! use ocpp_core::wire::{Reader, Wire};
//! use ocpp201::messages::{MessageFormat, SetDisplayMessageRequest};
//!
//! let json = r#"{"message":{"id":4,"priority":"InFront",
//!     "message":{"format":"UTF8","language":"de","content":"Gl\u00fcck auf"}}}"#;
//! let request = SetDisplayMessageRequest::read(&mut Reader::new(json))?;
//! assert_eq!(request.message.message.format.known(), Some(MessageFormat::Utf8));
//! assert_eq!(request.message.message.content, "Glück auf");
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use ocpp_core::wire::{CiText, List, Raw, Timestamp};
use ocpp_core::{message, operations, wire_enum};

use super::types::{Component, MessageContent, StatusInfo};

operations! { 'a:
    "SetDisplayMessage": SetDisplayMessageRequest<'a> => SetDisplayMessageResponse<'a>,
    "GetDisplayMessages": GetDisplayMessagesRequest<'a> => GetDisplayMessagesResponse<'a>,
    "NotifyDisplayMessages": NotifyDisplayMessagesRequest<'a> => NotifyDisplayMessagesResponse<'a>,
    "ClearDisplayMessage": ClearDisplayMessageRequest<'a> => ClearDisplayMessageResponse<'a>,
}

message! {
    /// Shows a message, or replaces the one with the same id (O01, O02, O06). To the station.
    pub struct SetDisplayMessageRequest<'a> {
        /// The message.
        message: MessageInfo<'a> = "message",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether it will be shown.
    pub struct SetDisplayMessageResponse<'a> {
        /// Outcome.
        status: DisplayMessageStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// A message and when to show it.
    pub struct MessageInfo<'a> {
        /// Number of the message, from 0.
        id: i32 = "id",
        /// How it competes with others.
        priority: MessagePriority = "priority",
        /// The text.
        message: MessageContent<'a> = "message",
        /// Only while the station is in this state.
        state: Option<MessageState> = "state",
        /// Not before; left out, from now on.
        start_date_time: Option<Timestamp> = "startDateTime",
        /// Until then; after that it is removed.
        end_date_time: Option<Timestamp> = "endDateTime",
        /// Only during this transaction; after that it is removed.
        transaction_id: Option<CiText<'a, 36>> = "transactionId",
        /// Which display; left out, the main one.
        display: Option<Component<'a>> = "display",
    }
}

wire_enum! {
    /// How a message competes with others.
    pub enum MessagePriority {
        /// Always shown, before everything else; there is one at most, the newest.
        AlwaysFront = "AlwaysFront",
        /// Shown in turn with its like, before the ordinary ones.
        InFront = "InFront",
        /// Shown in turn with all others.
        NormalCycle = "NormalCycle",
    }
}

wire_enum! {
    /// State of the station in which a message is shown.
    pub enum MessageState {
        /// Charging.
        Charging = "Charging",
        /// Faulty.
        Faulted = "Faulted",
        /// Free.
        Idle = "Idle",
        /// Out of service.
        Unavailable = "Unavailable",
    }
}

wire_enum! {
    /// Outcome of setting a message.
    pub enum DisplayMessageStatus {
        /// It will be shown.
        Accepted = "Accepted",
        /// The display cannot show this format.
        NotSupportedMessageFormat = "NotSupportedMessageFormat",
        /// It cannot be shown.
        Rejected = "Rejected",
        /// The station does not know this priority.
        NotSupportedPriority = "NotSupportedPriority",
        /// The station does not know this state.
        NotSupportedState = "NotSupportedState",
        /// There is no such transaction.
        UnknownTransaction = "UnknownTransaction",
    }
}

message! {
    /// Asks for messages (O03, O04). What is left out does not matter. To the station.
    pub struct GetDisplayMessagesRequest<'a> {
        /// Number that the [`NotifyDisplayMessagesRequest`]s will carry.
        request_id: i32 = "requestId",
        /// Any of these.
        id: Option<List<'a, i32, 1>> = "id",
        /// This priority.
        priority: Option<MessagePriority> = "priority",
        /// This state.
        state: Option<MessageState> = "state",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether messages will be reported.
    pub struct GetDisplayMessagesResponse<'a> {
        /// Outcome.
        status: GetDisplayMessagesStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// Outcome of asking for messages.
    pub enum GetDisplayMessagesStatus {
        /// They will be reported.
        Accepted = "Accepted",
        /// There are none like that.
        Unknown = "Unknown",
    }
}

message! {
    /// Reports messages (O03, O04). To the CSMS.
    pub struct NotifyDisplayMessagesRequest<'a> {
        /// From the [`GetDisplayMessagesRequest`].
        request_id: i32 = "requestId",
        /// The messages.
        message_info: Option<List<'a, MessageInfo<'a>, 1>> = "messageInfo",
        /// Whether more follow; left out, no.
        tbc: Option<bool> = "tbc",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Confirms reported messages; nothing else in it.
    pub struct NotifyDisplayMessagesResponse<'a> {
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Removes a message (O05). To the station.
    pub struct ClearDisplayMessageRequest<'a> {
        /// Which one.
        id: i32 = "id",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether it is gone.
    pub struct ClearDisplayMessageResponse<'a> {
        /// Outcome.
        status: ClearMessageStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// Outcome of removing a message.
    pub enum ClearMessageStatus {
        /// Gone.
        Accepted = "Accepted",
        /// There was no such message.
        Unknown = "Unknown",
    }
}
