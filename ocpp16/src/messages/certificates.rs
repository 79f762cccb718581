//! Security extension, first part: certificates.
//!
//! ```
//! use ocpp16::messages::{DeleteCertificateRequest, HashAlgorithm};
//! use ocpp_core::wire::{Reader, Wire};
//!
//! let payload = r#"{"certificateHashData":{
//!     "hashAlgorithm":"SHA256","issuerNameHash":"A1B2","issuerKeyHash":"C3D4","serialNumber":"2A"
//! }}"#;
//! let request = DeleteCertificateRequest::read(&mut Reader::new(payload))?;
//! assert_eq!(request.certificate_hash_data.hash_algorithm, HashAlgorithm::Sha256);
//! assert_eq!(request.certificate_hash_data.serial_number, "2a");
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use ocpp_core::wire::{CiText, List, Open, Text};
use ocpp_core::{message, operations, wire_enum};

operations! { 'a:
    "CertificateSigned": CertificateSignedRequest<'a> => CertificateSignedResponse,
    "DeleteCertificate": DeleteCertificateRequest<'a> => DeleteCertificateResponse,
    "GetInstalledCertificateIds": GetInstalledCertificateIdsRequest => GetInstalledCertificateIdsResponse<'a>,
    "InstallCertificate": InstallCertificateRequest<'a> => InstallCertificateResponse,
    "SignCertificate": SignCertificateRequest<'a> => SignCertificateResponse<'a>,
}

message! {
    /// Delivers the certificate that the charge point had asked to be signed. To the charge point.
    pub struct CertificateSignedRequest<'a> {
        /// The certificate and those that vouch for it, in PEM, one behind the other.
        certificate_chain: Text<'a, 10_000> = "certificateChain",
    }
}

message! {
    /// Says whether it is good.
    pub struct CertificateSignedResponse {
        /// Whether it is.
        status: CertificateSignedStatus = "status",
    }
}

wire_enum! {
    /// Whether a signed certificate is good.
    pub enum CertificateSignedStatus {
        /// It is, and will be used.
        Accepted = "Accepted",
        /// It is not.
        Rejected = "Rejected",
    }
}

message! {
    /// Removes an installed root certificate. To the charge point.
    pub struct DeleteCertificateRequest<'a> {
        /// Which.
        certificate_hash_data: CertificateHashData<'a> = "certificateHashData",
    }
}

message! {
    /// Says whether it is gone.
    pub struct DeleteCertificateResponse {
        /// Whether it is.
        status: DeleteCertificateStatus = "status",
    }
}

wire_enum! {
    /// Whether a certificate is gone.
    pub enum DeleteCertificateStatus {
        /// It is.
        Accepted = "Accepted",
        /// It could not be removed, or is in use.
        Failed = "Failed",
        /// There was no such certificate.
        NotFound = "NotFound",
    }
}

message! {
    /// Names a certificate. Hashes and serial number are hexadecimal digits, in either case.
    pub struct CertificateHashData<'a> {
        /// How the hashes were made.
        hash_algorithm: HashAlgorithm = "hashAlgorithm",
        /// Hash of the issuer's name.
        issuer_name_hash: CiText<'a, 128> = "issuerNameHash",
        /// Hash of the issuer's public key.
        issuer_key_hash: CiText<'a, 128> = "issuerKeyHash",
        /// Serial number of the certificate.
        serial_number: CiText<'a, 40> = "serialNumber",
    }
}

wire_enum! {
    /// How a hash was made.
    pub enum HashAlgorithm {
        /// SHA-256.
        Sha256 = "SHA256",
        /// SHA-384.
        Sha384 = "SHA384",
        /// SHA-512.
        Sha512 = "SHA512",
    }
}

message! {
    /// Asks which root certificates are installed. To the charge point.
    pub struct GetInstalledCertificateIdsRequest {
        /// Those for what use.
        certificate_type: CertificateUse = "certificateType",
    }
}

wire_enum! {
    /// What a root certificate vouches for.
    pub enum CertificateUse {
        /// The Central System.
        CentralSystemRootCertificate = "CentralSystemRootCertificate",
        /// Firmware.
        ManufacturerRootCertificate = "ManufacturerRootCertificate",
    }
}

message! {
    /// Lists them.
    pub struct GetInstalledCertificateIdsResponse<'a> {
        /// The certificates; at least one, or left out.
        certificate_hash_data: Option<List<'a, CertificateHashData<'a>, 1>> = "certificateHashData",
        /// Whether there are any.
        status: GetInstalledCertificateStatus = "status",
    }
}

wire_enum! {
    /// Whether there are certificates for a use.
    pub enum GetInstalledCertificateStatus {
        /// There are.
        Accepted = "Accepted",
        /// There are none.
        NotFound = "NotFound",
    }
}

message! {
    /// Installs a root certificate. To the charge point.
    pub struct InstallCertificateRequest<'a> {
        /// What for.
        certificate_type: CertificateUse = "certificateType",
        /// The certificate, in PEM.
        certificate: Text<'a, 5500> = "certificate",
    }
}

message! {
    /// Says whether it was installed.
    pub struct InstallCertificateResponse {
        /// Whether it was.
        status: InstallCertificateStatus = "status",
    }
}

wire_enum! {
    /// Whether a certificate was installed.
    pub enum InstallCertificateStatus {
        /// It was.
        Accepted = "Accepted",
        /// It is good and could not be.
        Failed = "Failed",
        /// It is not good, or there is no room for it.
        Rejected = "Rejected",
    }
}

message! {
    /// Asks for the charge point's certificate to be signed. From the charge point.
    pub struct SignCertificateRequest<'a> {
        /// The certificate signing request (PKCS #10), in PEM.
        csr: Text<'a, 5500> = "csr",
    }
}

message! {
    /// Says whether it will be. The certificate comes with [`CertificateSignedRequest`].
    pub struct SignCertificateResponse<'a> {
        /// Whether it will be.
        status: Open<'a, GenericStatus> = "status",
    }
}

wire_enum! {
    /// Yes or no.
    pub enum GenericStatus {
        /// Yes.
        Accepted = "Accepted",
        /// No.
        Rejected = "Rejected",
    }
}
