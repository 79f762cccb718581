//! Block M, certificates: installing, listing and deleting those that the station trusts (M03–M05), and what ISO 15118
//! needs from the CSMS (M01, M02, M06). The station's own certificates are block A.
//!
//! ```
//! use ocpp_core::wire::{Reader, Wire};
//! use ocpp201::messages::{GetCertificateIdUse, GetInstalledCertificateIdsRequest};
//!
//! let json = r#"{"certificateType":["CSMSRootCertificate"]}"#;
//! let request = GetInstalledCertificateIdsRequest::read(&mut Reader::new(json))?;
//! let uses = request.certificate_type.unwrap();
//! assert!(uses.iter().eq([GetCertificateIdUse::CsmsRootCertificate]));
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use ocpp_core::wire::{List, Open, Raw, Text};
use ocpp_core::{message, operations, wire_enum};

use super::types::{CertificateHashData, OcspRequestData, StatusInfo};

operations! { 'a:
    "InstallCertificate": InstallCertificateRequest<'a> => InstallCertificateResponse<'a>,
    "DeleteCertificate": DeleteCertificateRequest<'a> => DeleteCertificateResponse<'a>,
    "GetInstalledCertificateIds": GetInstalledCertificateIdsRequest<'a> => GetInstalledCertificateIdsResponse<'a>,
    "Get15118EVCertificate": Get15118EvCertificateRequest<'a> => Get15118EvCertificateResponse<'a>,
    "GetCertificateStatus": GetCertificateStatusRequest<'a> => GetCertificateStatusResponse<'a>,
}

message! {
    /// Installs a root certificate (M05). To the station.
    pub struct InstallCertificateRequest<'a> {
        /// What it is for.
        certificate_type: InstallCertificateUse = "certificateType",
        /// The certificate in PEM.
        certificate: Text<'a, 5500> = "certificate",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether it is installed.
    pub struct InstallCertificateResponse<'a> {
        /// Outcome.
        status: InstallCertificateStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// What a root certificate is for.
    pub enum InstallCertificateUse {
        /// ISO 15118, to check EVs.
        V2gRootCertificate = "V2GRootCertificate",
        /// Mobility operators, to check contracts.
        MoRootCertificate = "MORootCertificate",
        /// The CSMS's TLS server.
        CsmsRootCertificate = "CSMSRootCertificate",
        /// Signatures of firmware.
        ManufacturerRootCertificate = "ManufacturerRootCertificate",
    }
}

wire_enum! {
    /// Outcome of installing a certificate.
    pub enum InstallCertificateStatus {
        /// Installed, or it was so already.
        Accepted = "Accepted",
        /// Invalid, or there is no room.
        Rejected = "Rejected",
        /// Valid, but installing it went wrong.
        Failed = "Failed",
    }
}

message! {
    /// Deletes a certificate (M04). To the station.
    pub struct DeleteCertificateRequest<'a> {
        /// Which one.
        certificate_hash_data: CertificateHashData<'a> = "certificateHashData",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether it is gone.
    pub struct DeleteCertificateResponse<'a> {
        /// Outcome.
        status: DeleteCertificateStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// Outcome of deleting a certificate.
    pub enum DeleteCertificateStatus {
        /// Gone.
        Accepted = "Accepted",
        /// It cannot be deleted; the station's own certificate never can.
        Failed = "Failed",
        /// There is no such certificate.
        NotFound = "NotFound",
    }
}

message! {
    /// Asks which certificates are installed (M03). To the station.
    pub struct GetInstalledCertificateIdsRequest<'a> {
        /// Uses that matter; left out, all.
        certificate_type: Option<List<'a, GetCertificateIdUse, 1>> = "certificateType",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// The certificates.
    pub struct GetInstalledCertificateIdsResponse<'a> {
        /// Whether there are any.
        status: GetInstalledCertificateStatus = "status",
        /// Their hashes.
        certificate_hash_data_chain: Option<List<'a, CertificateHashDataChain<'a>, 1>> = "certificateHashDataChain",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// What an installed certificate is for.
    pub enum GetCertificateIdUse {
        /// ISO 15118, to check EVs.
        V2gRootCertificate = "V2GRootCertificate",
        /// Mobility operators, to check contracts.
        MoRootCertificate = "MORootCertificate",
        /// The CSMS's TLS server.
        CsmsRootCertificate = "CSMSRootCertificate",
        /// The station's own ISO 15118 certificate and its chain.
        V2gCertificateChain = "V2GCertificateChain",
        /// Signatures of firmware.
        ManufacturerRootCertificate = "ManufacturerRootCertificate",
    }
}

message! {
    /// An installed certificate and what hangs on it.
    pub struct CertificateHashDataChain<'a> {
        /// What it is for.
        certificate_type: GetCertificateIdUse = "certificateType",
        /// The certificate.
        certificate_hash_data: CertificateHashData<'a> = "certificateHashData",
        /// Its sub-CA certificates; only for a `V2GCertificateChain`.
        child_certificate_hash_data: Option<List<'a, CertificateHashData<'a>, 1, 4>> = "childCertificateHashData",
    }
}

wire_enum! {
    /// Outcome of asking for certificates.
    pub enum GetInstalledCertificateStatus {
        /// There are some.
        Accepted = "Accepted",
        /// There are none.
        NotFound = "NotFound",
    }
}

message! {
    /// The station passes on an EV's request for a contract certificate (M01, M02). To the CSMS.
    pub struct Get15118EvCertificateRequest<'a> {
        /// Schema of the EXI stream.
        iso15118_schema_version: Text<'a, 50> = "iso15118SchemaVersion",
        /// Whether the EV has one already.
        action: CertificateAction = "action",
        /// The EV's request: EXI in Base64.
        exi_request: Text<'a, 5600> = "exiRequest",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// The answer to the EV.
    pub struct Get15118EvCertificateResponse<'a> {
        /// Outcome.
        status: Open<'a, Iso15118EvCertificateStatus> = "status",
        /// The response for the EV: EXI in Base64.
        exi_response: Text<'a, 7500> = "exiResponse",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// What an EV wants with a contract certificate.
    pub enum CertificateAction {
        /// A first one.
        Install = "Install",
        /// A new one for an old one.
        Update = "Update",
    }
}

wire_enum! {
    /// Outcome of an EV's request for a certificate.
    pub enum Iso15118EvCertificateStatus {
        /// The EV's request was handled.
        Accepted = "Accepted",
        /// It was not.
        Failed = "Failed",
    }
}

message! {
    /// The station asks the CSMS for the OCSP status of a certificate of its ISO 15118 chain (M06). To the CSMS.
    pub struct GetCertificateStatusRequest<'a> {
        /// Which certificate and whom to ask.
        ocsp_request_data: OcspRequestData<'a> = "ocspRequestData",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// The OCSP response.
    pub struct GetCertificateStatusResponse<'a> {
        /// Outcome.
        status: Open<'a, GetCertificateStatus> = "status",
        /// OCSP response (RFC 6960), DER in Base64; only if accepted.
        ocsp_result: Option<Text<'a, 5500>> = "ocspResult",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// Outcome of asking for an OCSP status.
    pub enum GetCertificateStatus {
        /// Got it.
        Accepted = "Accepted",
        /// The responder did not answer.
        Failed = "Failed",
    }
}
