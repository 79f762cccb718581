//! Block D, local authorization list: what the station may decide without asking (D01, D02).
//!
//! ```
//! use ocpp_core::wire::{Reader, Wire};
//! use ocpp201::messages::{SendLocalListRequest, UpdateType};
//!
//! let json = r#"{"versionNumber":7,"updateType":"Differential","localAuthorizationList":[
//!     {"idToken":{"idToken":"04A1","type":"ISO14443"},"idTokenInfo":{"status":"Accepted"}},
//!     {"idToken":{"idToken":"04B2","type":"ISO14443"}}]}"#;
//! let request = SendLocalListRequest::read(&mut Reader::new(json))?;
//! assert_eq!(request.update_type, UpdateType::Differential);
//!
//! // An entry without information takes the token off the list.
//! let entries = request.local_authorization_list.unwrap_or_default();
//! assert_eq!(entries.iter().filter(|entry| entry.id_token_info.is_none()).count(), 1);
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use ocpp_core::wire::{List, Raw};
use ocpp_core::{message, operations, wire_enum};

use super::types::{IdToken, IdTokenInfo, StatusInfo};

operations! { 'a:
    "SendLocalList": SendLocalListRequest<'a> => SendLocalListResponse<'a>,
    "GetLocalListVersion": GetLocalListVersionRequest<'a> => GetLocalListVersionResponse<'a>,
}

message! {
    /// Replaces or changes the local list (D01). To the station.
    pub struct SendLocalListRequest<'a> {
        /// Version that the list has afterwards, above 0.
        version_number: i32 = "versionNumber",
        /// Replace or change.
        update_type: UpdateType = "updateType",
        /// The entries. Left out of a full update, the list becomes empty.
        local_authorization_list: Option<List<'a, AuthorizationData<'a>, 1>> = "localAuthorizationList",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether the list has changed.
    pub struct SendLocalListResponse<'a> {
        /// Outcome.
        status: SendLocalListStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// One entry of a local list.
    pub struct AuthorizationData<'a> {
        /// The token.
        id_token: IdToken<'a> = "idToken",
        /// What is known of it. Required in a full update; left out of a differential one, the token leaves the list.
        id_token_info: Option<IdTokenInfo<'a>> = "idTokenInfo",
    }
}

wire_enum! {
    /// How a list is applied.
    pub enum UpdateType {
        /// Entries are added, changed or removed one by one.
        Differential = "Differential",
        /// The list is replaced.
        Full = "Full",
    }
}

wire_enum! {
    /// Outcome of sending a local list.
    pub enum SendLocalListStatus {
        /// Applied.
        Accepted = "Accepted",
        /// Not applied; the station keeps the old list or none.
        Failed = "Failed",
        /// A differential update that is not newer than the list.
        VersionMismatch = "VersionMismatch",
    }
}

message! {
    /// Asks for the version of the local list (D02). To the station.
    pub struct GetLocalListVersionRequest<'a> {
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Version of the local list.
    pub struct GetLocalListVersionResponse<'a> {
        /// 0 if there is no list or the station does not use one.
        version_number: i32 = "versionNumber",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}
