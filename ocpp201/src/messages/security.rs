//! Block A, security: renewing the station's certificates (A02, A03) and reporting security events (A04).
//!
//! Security profiles and passwords are variables of the device model (block B).
//!
//! ```
//! use ocpp_core::wire::{Text, Timestamp, Wire, Writer};
//! use ocpp201::messages::SecurityEventNotificationRequest;
//!
//! let event = SecurityEventNotificationRequest {
//!     kind: Text::new("StartupOfTheDevice").unwrap(),
//!     timestamp: Timestamp::from_millis(0),
//!     tech_info: None,
//!     custom_data: None,
//! };
//! let mut buffer = [0; 128];
//! let mut w = Writer::new(&mut buffer);
//! event.write(&mut w);
//! assert_eq!(w.finish(), Ok(r#"{"type":"StartupOfTheDevice","timestamp":"1970-01-01T00:00:00Z"}"#));
//! ```

use ocpp_core::wire::{Open, Raw, Text, Timestamp};
use ocpp_core::{message, operations, wire_enum};

use super::types::{GenericStatus, StatusInfo};

operations! { 'a:
    "SignCertificate": SignCertificateRequest<'a> => SignCertificateResponse<'a>,
    "CertificateSigned": CertificateSignedRequest<'a> => CertificateSignedResponse<'a>,
    "SecurityEventNotification": SecurityEventNotificationRequest<'a> => SecurityEventNotificationResponse<'a>,
}

message! {
    /// The station asks for a certificate for a key pair that it has just made (A02, A03). The certificate itself comes
    /// later, in a [`CertificateSignedRequest`]. To the CSMS.
    pub struct SignCertificateRequest<'a> {
        /// Certificate signing request (RFC 2986) in PEM.
        csr: Text<'a, 5500> = "csr",
        /// What the certificate will be used for; left out, for everything that the station needs one for.
        certificate_type: Option<CertificateSigningUse> = "certificateType",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether the CSMS passes the signing request on.
    pub struct SignCertificateResponse<'a> {
        /// `Accepted` means that a certificate can be expected.
        status: Open<'a, GenericStatus> = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// The CSMS delivers a signed certificate (A02, A03). To the station.
    pub struct CertificateSignedRequest<'a> {
        /// The certificate in PEM, its sub-CA certificates after it, leaf first. The station may bound it below the
        /// schema's length with `MaxCertificateChainSize`.
        certificate_chain: Text<'a, 10_000> = "certificateChain",
        /// What the certificate is for, as it stood in the [`SignCertificateRequest`].
        certificate_type: Option<CertificateSigningUse> = "certificateType",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether the station will use the certificate.
    pub struct CertificateSignedResponse<'a> {
        /// Outcome of checking and storing the chain.
        status: CertificateSignedStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// What a certificate of the station is used for.
    pub enum CertificateSigningUse {
        /// The TLS connection to the CSMS.
        ChargingStationCertificate = "ChargingStationCertificate",
        /// The ISO 15118 connection to the EV.
        V2gCertificate = "V2GCertificate",
    }
}

wire_enum! {
    /// Answer to a delivered certificate.
    pub enum CertificateSignedStatus {
        /// The chain is valid and stored.
        Accepted = "Accepted",
        /// The chain is invalid or cannot be used.
        Rejected = "Rejected",
    }
}

message! {
    /// The station reports a security event (A04). Critical events must arrive, so they are queued and repeated. To the
    /// CSMS.
    pub struct SecurityEventNotificationRequest<'a> {
        /// Name of the event, out of the list of security events in the appendices or vendor-specific.
        kind: Text<'a, 50> = "type",
        /// When it happened.
        timestamp: Timestamp = "timestamp",
        /// Details for people.
        tech_info: Option<Text<'a, 255>> = "techInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Confirms a security event; nothing else in it.
    pub struct SecurityEventNotificationResponse<'a> {
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}
