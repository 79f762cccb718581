//! Local authorization list management profile: the list of tags that may charge without asking.
//!
//! ```
//! use ocpp16::messages::SendLocalListRequest;
//! use ocpp_core::wire::{Reader, Wire};
//!
//! let payload = r#"{"listVersion":4,"updateType":"Differential","localAuthorizationList":[
//!     {"idTag":"04A2B3C4","idTagInfo":{"status":"Accepted"}},
//!     {"idTag":"04D5E6F7"}
//! ]}"#;
//! let request = SendLocalListRequest::read(&mut Reader::new(payload))?;
//! let list = request.local_authorization_list.unwrap_or_default();
//! assert_eq!(list.iter().filter(|entry| entry.id_tag_info.is_none()).count(), 1);
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use super::types::AuthorizationStatus;
use ocpp_core::wire::{List, SecretText, Timestamp};
use ocpp_core::{message, operations, wire_enum};

operations! { 'a:
    "GetLocalListVersion": GetLocalListVersionRequest => GetLocalListVersionResponse,
    "SendLocalList": SendLocalListRequest<'a> => SendLocalListResponse,
}

message! {
    /// Asks for the version of the list. To the charge point.
    pub struct GetLocalListVersionRequest {}
}

message! {
    /// Tells it.
    pub struct GetLocalListVersionResponse {
        /// The version; 0 if the list is empty, -1 if the charge point has none.
        list_version: i32 = "listVersion",
    }
}

message! {
    /// Replaces the list, or changes entries of it. To the charge point.
    pub struct SendLocalListRequest<'a> {
        /// Version of the list once this is applied.
        list_version: i32 = "listVersion",
        /// The entries. Left out or empty with [`UpdateType::Full`], the list becomes empty.
        local_authorization_list: Option<List<'a, AuthorizationData<'a>>> = "localAuthorizationList",
        /// Whether the entries are the whole list.
        update_type: UpdateType = "updateType",
    }
}

message! {
    /// An entry of the list.
    pub struct AuthorizationData<'a> {
        /// The tag.
        id_tag: SecretText<'a, 20> = "idTag",
        /// What is known of it. Left out with [`UpdateType::Differential`], the tag is removed from the list; with
        /// [`UpdateType::Full`] it has to be given, which the schema cannot say.
        id_tag_info: Option<ListedIdTagInfo<'a>> = "idTagInfo",
    }
}

message! {
    /// The same as [`IdTagInfo`](super::IdTagInfo), but in a request: a status that nobody knows is refused.
    pub struct ListedIdTagInfo<'a> {
        /// From when on the entry no longer counts.
        expiry_date: Option<Timestamp> = "expiryDate",
        /// Id tag of the group that the tag belongs to.
        parent_id_tag: Option<SecretText<'a, 20>> = "parentIdTag",
        /// Whether the tag may charge.
        status: AuthorizationStatus = "status",
    }
}

wire_enum! {
    /// Whether an update is the whole list.
    pub enum UpdateType {
        /// Entries to add, replace and remove; the others stay.
        Differential = "Differential",
        /// The whole list; what was there before goes.
        Full = "Full",
    }
}

message! {
    /// Says whether the list was updated.
    pub struct SendLocalListResponse {
        /// Whether it was.
        status: UpdateStatus = "status",
    }
}

wire_enum! {
    /// Whether the list was updated.
    pub enum UpdateStatus {
        /// It was.
        Accepted = "Accepted",
        /// It could not be; the list is as it was, and wants a full update.
        Failed = "Failed",
        /// The charge point has no list.
        NotSupported = "NotSupported",
        /// The version of a differential update is not above that of the list.
        VersionMismatch = "VersionMismatch",
    }
}
