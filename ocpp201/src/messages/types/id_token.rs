//! Tokens, and what is known of them.

use ocpp_core::wire::{List, Open, SecretText, Text, Timestamp};
use ocpp_core::{message, wire_enum};

use super::MessageContent;

message! {
    /// What a driver identifies with.
    ///
    /// Two tokens are the same if text and type are; upper and lower case do not differ.
    ///
    /// ```
    /// use ocpp_core::wire::{Reader, Wire};
    /// use ocpp201::messages::IdToken;
    ///
    /// let token = IdToken::read(&mut Reader::new(r#"{"idToken":"04a1b2","type":"ISO14443"}"#))?;
    /// assert_eq!(token.id_token, "04A1B2");
    /// assert!(!format!("{token:?}").contains("04a1b2"), "no token in a log");
    /// # Ok::<(), ocpp_core::wire::WireError>(())
    /// ```
    pub struct IdToken<'a> {
        /// The text; empty with `NoAuthorization`. Not shown in logs.
        id_token: SecretText<'a, 36> = "idToken",
        /// What kind of token.
        kind: IdTokenType = "type",
        /// More texts that came with the token; not compared.
        additional_info: Option<List<'a, AdditionalInfo<'a>, 1>> = "additionalInfo",
    }
}

wire_enum! {
    /// Kinds of token.
    pub enum IdTokenType {
        /// Made by the CSMS, for a remote start.
        Central = "Central",
        /// Contract id of ISO 15118.
        Emaid = "eMAID",
        /// UID of an ISO 14443 card: 4 or 7 bytes in hexadecimal.
        Iso14443 = "ISO14443",
        /// UID of an ISO 15693 card: 8 bytes in hexadecimal.
        Iso15693 = "ISO15693",
        /// Code that the driver typed in.
        KeyCode = "KeyCode",
        /// Made by the station.
        Local = "Local",
        /// MAC address of the EV's controller.
        MacAddress = "MacAddress",
        /// Nobody asked: a button was pressed.
        NoAuthorization = "NoAuthorization",
    }
}

message! {
    /// A text that came with a token.
    pub struct AdditionalInfo<'a> {
        /// The text. Not shown in logs.
        additional_id_token: SecretText<'a, 36> = "additionalIdToken",
        /// What it is, as agreed on.
        kind: Text<'a, 50> = "type",
    }
}

message! {
    /// The group that a token belongs to. The same as an [`IdToken`], but a kind of token that nobody knows yet is let
    /// through, as it is part of responses.
    pub struct GroupIdToken<'a> {
        /// The text. Not shown in logs.
        id_token: SecretText<'a, 36> = "idToken",
        /// What kind of token.
        kind: Open<'a, IdTokenType> = "type",
        /// More texts that came with the token; not compared.
        additional_info: Option<List<'a, AdditionalInfo<'a>, 1>> = "additionalInfo",
    }
}

message! {
    /// What the CSMS knows of a token.
    pub struct IdTokenInfo<'a> {
        /// Whether it may charge.
        status: Open<'a, AuthorizationStatus> = "status",
        /// Until when the station may rely on this; left out, without end. A transaction that runs goes on after it.
        cache_expiry_date_time: Option<Timestamp> = "cacheExpiryDateTime",
        /// −9 to 9, higher is more urgent; left out, 0.
        charging_priority: Option<i32> = "chargingPriority",
        /// The EVSEs that it may use; left out, all.
        evse_id: Option<List<'a, i32, 1>> = "evseId",
        /// Its group.
        group_id_token: Option<GroupIdToken<'a>> = "groupIdToken",
        /// The driver's language (RFC 5646).
        language1: Option<Text<'a, 8>> = "language1",
        /// The driver's second language.
        language2: Option<Text<'a, 8>> = "language2",
        /// Message to show to the driver, such as the tariff.
        personal_message: Option<MessageContent<'a>> = "personalMessage",
    }
}

wire_enum! {
    /// Whether a token may charge.
    pub enum AuthorizationStatus {
        /// It may.
        Accepted = "Accepted",
        /// It was blocked.
        Blocked = "Blocked",
        /// It is in use in another transaction.
        ConcurrentTx = "ConcurrentTx",
        /// Its time is over.
        Expired = "Expired",
        /// It is no valid token.
        Invalid = "Invalid",
        /// No credit left.
        NoCredit = "NoCredit",
        /// Not at this type of EVSE.
        NotAllowedTypeEvse = "NotAllowedTypeEVSE",
        /// Not at this location.
        NotAtThisLocation = "NotAtThisLocation",
        /// Not at this time.
        NotAtThisTime = "NotAtThisTime",
        /// The CSMS does not know it.
        Unknown = "Unknown",
    }
}
