//! What many responses say.

use ocpp_core::wire::{CiText, Text};
use ocpp_core::{message, wire_enum};

message! {
    /// Why a response has the status that it has.
    ///
    /// ```
    /// use ocpp_core::wire::{Reader, Wire};
    /// use ocpp201::messages::StatusInfo;
    ///
    /// let info = StatusInfo::read(&mut Reader::new(r#"{"reasonCode":"TxInProgress"}"#))?;
    /// assert_eq!(info.reason_code, "txinprogress");
    /// # Ok::<(), ocpp_core::wire::WireError>(())
    /// ```
    pub struct StatusInfo<'a> {
        /// Short code, out of the appendices' list or agreed on.
        reason_code: CiText<'a, 20> = "reasonCode",
        /// Details for people.
        additional_info: Option<Text<'a, 512>> = "additionalInfo",
    }
}

wire_enum! {
    /// Plain yes or no.
    pub enum GenericStatus {
        /// Yes.
        Accepted = "Accepted",
        /// No.
        Rejected = "Rejected",
    }
}

wire_enum! {
    /// Outcome of asking for a report or a set of monitors.
    pub enum GenericDeviceModelStatus {
        /// It will be done.
        Accepted = "Accepted",
        /// It will not be done now.
        Rejected = "Rejected",
        /// The station cannot do that.
        NotSupported = "NotSupported",
        /// There is nothing that matches.
        EmptyResultSet = "EmptyResultSet",
    }
}
