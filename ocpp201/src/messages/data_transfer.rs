//! Block P, data transfer: what a vendor adds to OCPP, in either direction (P01, P02).
//!
//! ```
//! use ocpp_core::wire::{Reader, Wire};
//! use ocpp201::messages::DataTransferRequest;
//!
//! let json = r#"{"vendorId":"org.example","messageId":"Light","data":{"level":[1,2]}}"#;
//! let request = DataTransferRequest::read(&mut Reader::new(json))?;
//! assert_eq!(request.vendor_id, "ORG.example");
//! assert_eq!(request.data.map(|data| data.as_str()), Some(r#"{"level":[1,2]}"#));
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use ocpp_core::wire::{CiText, Open, Raw, Text};
use ocpp_core::{message, operations, wire_enum};

use super::types::StatusInfo;

operations! { 'a:
    "DataTransfer": DataTransferRequest<'a> => DataTransferResponse<'a>,
}

message! {
    /// Sends vendor-specific data, from either side (P01, P02).
    pub struct DataTransferRequest<'a> {
        /// Vendor, as a reversed domain name.
        vendor_id: CiText<'a, 255> = "vendorId",
        /// Which of the vendor's messages.
        message_id: Option<Text<'a, 50>> = "messageId",
        /// Any JSON value but null, as it stood.
        data: Option<Raw<'a>> = "data",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Answer to vendor-specific data.
    pub struct DataTransferResponse<'a> {
        /// Outcome.
        status: Open<'a, DataTransferStatus> = "status",
        /// Any JSON value but null, as it stood.
        data: Option<Raw<'a>> = "data",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// Outcome of a data transfer.
    pub enum DataTransferStatus {
        /// Understood and accepted.
        Accepted = "Accepted",
        /// Understood and refused.
        Rejected = "Rejected",
        /// The vendor is known, the message is not.
        UnknownMessageId = "UnknownMessageId",
        /// The vendor is not known.
        UnknownVendorId = "UnknownVendorId",
    }
}
