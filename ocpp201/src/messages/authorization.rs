//! Block C, authorization: asking the CSMS about a token (C01–C09) and emptying the cache (C11).
//!
//! ```
//! use ocpp_core::wire::{Reader, Wire};
//! use ocpp201::messages::{AuthorizationStatus, AuthorizeResponse};
//!
//! let response = AuthorizeResponse::read(&mut Reader::new(r#"{"idTokenInfo":{"status":"Blocked"}}"#))?;
//! assert_eq!(response.id_token_info.status.known(), Some(AuthorizationStatus::Blocked));
//!
//! // A status of a later version is no reason to drop the answer.
//! let response = AuthorizeResponse::read(&mut Reader::new(r#"{"idTokenInfo":{"status":"Asleep"}}"#))?;
//! assert_eq!(response.id_token_info.status.known(), None);
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use ocpp_core::wire::{List, Open, Raw, Text};
use ocpp_core::{message, operations, wire_enum};

use super::types::{IdToken, IdTokenInfo, OcspRequestData, StatusInfo};

operations! { 'a:
    "Authorize": AuthorizeRequest<'a> => AuthorizeResponse<'a>,
    "ClearCache": ClearCacheRequest<'a> => ClearCacheResponse<'a>,
}

message! {
    /// Asks whether a token may charge (C01–C09). To the CSMS.
    pub struct AuthorizeRequest<'a> {
        /// The token that was presented.
        id_token: IdToken<'a> = "idToken",
        /// Contract certificate of the EV in PEM, if the CSMS is to validate it (C07).
        certificate: Option<Text<'a, 5500>> = "certificate",
        /// What to ask OCSP responders about the contract certificate and its chain, if the station validates it (C07).
        iso15118_certificate_hash_data: Option<List<'a, OcspRequestData<'a>, 1, 4>> = "iso15118CertificateHashData",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// What the CSMS knows of the token.
    pub struct AuthorizeResponse<'a> {
        /// Its status and what goes with it.
        id_token_info: IdTokenInfo<'a> = "idTokenInfo",
        /// State of the contract certificate, if one was asked about.
        certificate_status: Option<Open<'a, AuthorizeCertificateStatus>> = "certificateStatus",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// State of a contract certificate and its chain.
    pub enum AuthorizeCertificateStatus {
        /// All are valid.
        Accepted = "Accepted",
        /// A signature does not match.
        SignatureError = "SignatureError",
        /// One has expired.
        CertificateExpired = "CertificateExpired",
        /// One was revoked.
        CertificateRevoked = "CertificateRevoked",
        /// There is none to look at.
        NoCertificateAvailable = "NoCertificateAvailable",
        /// The chain is broken.
        CertChainError = "CertChainError",
        /// The contract was cancelled.
        ContractCancelled = "ContractCancelled",
    }
}

message! {
    /// Empties the authorization cache (C11). To the station.
    pub struct ClearCacheRequest<'a> {
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether the cache is empty.
    pub struct ClearCacheResponse<'a> {
        /// Outcome.
        status: ClearCacheStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// Outcome of emptying the cache.
    pub enum ClearCacheStatus {
        /// It is empty.
        Accepted = "Accepted",
        /// There is no cache, it is switched off, or clearing failed.
        Rejected = "Rejected",
    }
}
