//! Core profile, second part: configuration keys, and the data of vendors.
//!
//! ```
//! use ocpp16::messages::ChangeConfigurationRequest;
//! use ocpp_core::wire::{Reader, Wire};
//!
//! let payload = r#"{"key":"authorizationkey","value":"0001020304050607"}"#;
//! let request = ChangeConfigurationRequest::read(&mut Reader::new(payload))?;
//! assert_eq!(request.key, "AuthorizationKey");
//! assert_eq!(request.value.copy_to(&mut [0; 500]), Some("0001020304050607"));
//! assert!(!format!("{request:?}").contains("0001020304050607"));
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use super::types::DATA_MAX;
use ocpp_core::wire::{CiText, List, Open, SecretText, Text};
use ocpp_core::{message, operations, wire_enum};

operations! { 'a:
    "ChangeConfiguration": ChangeConfigurationRequest<'a> => ChangeConfigurationResponse,
    "DataTransfer": DataTransferRequest<'a> => DataTransferResponse<'a>,
    "GetConfiguration": GetConfigurationRequest<'a> => GetConfigurationResponse<'a>,
}

message! {
    /// Sets one configuration key. To the charge point.
    pub struct ChangeConfigurationRequest<'a> {
        /// Name of the key.
        key: CiText<'a, 50> = "key",
        /// Its new value. Secret, because it may be a password (`AuthorizationKey`).
        value: SecretText<'a, 500> = "value",
    }
}

message! {
    /// Says whether the key was set.
    pub struct ChangeConfigurationResponse {
        /// Whether the key was set.
        status: ConfigurationStatus = "status",
    }
}

wire_enum! {
    /// Whether a configuration key was set.
    pub enum ConfigurationStatus {
        /// It was, and counts from now on.
        Accepted = "Accepted",
        /// The key is read-only or the value not allowed.
        Rejected = "Rejected",
        /// It was, and counts after the next start.
        RebootRequired = "RebootRequired",
        /// There is no such key.
        NotSupported = "NotSupported",
    }
}

message! {
    /// Carries what OCPP has no message for. In either direction.
    pub struct DataTransferRequest<'a> {
        /// Who defined the content: a domain name, written backwards.
        vendor_id: CiText<'a, 255> = "vendorId",
        /// Which of the vendor's messages it is.
        message_id: Option<CiText<'a, 50>> = "messageId",
        /// The content. Not bounded by the schema; here at most [`DATA_MAX`] characters.
        data: Option<Text<'a, DATA_MAX>> = "data",
    }
}

message! {
    /// Answers it.
    pub struct DataTransferResponse<'a> {
        /// Whether the content was understood.
        status: Open<'a, DataTransferStatus> = "status",
        /// The content of the answer. Not bounded by the schema; here at most [`DATA_MAX`] characters.
        data: Option<Text<'a, DATA_MAX>> = "data",
    }
}

wire_enum! {
    /// Whether the content of a DataTransfer was understood.
    pub enum DataTransferStatus {
        /// It was, and agreed to.
        Accepted = "Accepted",
        /// It was, and refused.
        Rejected = "Rejected",
        /// The vendor is known, the message is not.
        UnknownMessageId = "UnknownMessageId",
        /// The vendor is not known. The text of the specification calls this UnknownVendor in one place; the schema
        /// decides.
        UnknownVendorId = "UnknownVendorId",
    }
}

message! {
    /// Asks for configuration keys. To the charge point.
    pub struct GetConfigurationRequest<'a> {
        /// The keys; all of them if left out or empty.
        key: Option<List<'a, CiText<'a, 50>>> = "key",
    }
}

message! {
    /// Lists them.
    pub struct GetConfigurationResponse<'a> {
        /// Those that exist.
        configuration_key: Option<List<'a, KeyValue<'a>>> = "configurationKey",
        /// Those that were asked for and do not exist.
        unknown_key: Option<List<'a, CiText<'a, 50>>> = "unknownKey",
    }
}

message! {
    /// A configuration key.
    pub struct KeyValue<'a> {
        /// Its name.
        key: CiText<'a, 50> = "key",
        /// Whether ChangeConfiguration refuses it.
        readonly: bool = "readonly",
        /// Its value, if it has one and it may be read. Secret, as in [`ChangeConfigurationRequest`].
        value: Option<SecretText<'a, 500>> = "value",
    }
}
