//! How certificates are named.

use ocpp_core::wire::{CiText, Text};
use ocpp_core::{message, wire_enum};

wire_enum! {
    /// Algorithm of the hashes in a certificate's name.
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
    /// Names a certificate by hashes of its issuer and its serial number.
    ///
    /// ```
    /// use ocpp_core::wire::{CiText, Wire, Writer};
    /// use ocpp201::messages::{CertificateHashData, HashAlgorithm};
    ///
    /// let name = CertificateHashData {
    ///     hash_algorithm: HashAlgorithm::Sha256,
    ///     issuer_name_hash: CiText::new("9f2c").unwrap(),
    ///     issuer_key_hash: CiText::new("11d0").unwrap(),
    ///     serial_number: CiText::new("3a").unwrap(),
    /// };
    /// let mut buffer = [0; 128];
    /// let mut w = Writer::new(&mut buffer);
    /// name.write(&mut w);
    /// let json = r#"{"hashAlgorithm":"SHA256","issuerNameHash":"9f2c","issuerKeyHash":"11d0","serialNumber":"3a"}"#;
    /// assert_eq!(w.finish(), Ok(json));
    /// ```
    pub struct CertificateHashData<'a> {
        /// Algorithm of both hashes.
        hash_algorithm: HashAlgorithm = "hashAlgorithm",
        /// Hash of the issuer's distinguished name, hexadecimal.
        issuer_name_hash: CiText<'a, 128> = "issuerNameHash",
        /// Hash of the issuer's public key, hexadecimal.
        issuer_key_hash: CiText<'a, 128> = "issuerKeyHash",
        /// Serial number, hexadecimal without leading zeros.
        serial_number: CiText<'a, 40> = "serialNumber",
    }
}

message! {
    /// Names a certificate as [`CertificateHashData`] does, and whom to ask whether it was revoked.
    pub struct OcspRequestData<'a> {
        /// Algorithm of both hashes.
        hash_algorithm: HashAlgorithm = "hashAlgorithm",
        /// Hash of the issuer's distinguished name, hexadecimal.
        issuer_name_hash: CiText<'a, 128> = "issuerNameHash",
        /// Hash of the issuer's public key, hexadecimal.
        issuer_key_hash: CiText<'a, 128> = "issuerKeyHash",
        /// Serial number, hexadecimal without leading zeros.
        serial_number: CiText<'a, 40> = "serialNumber",
        /// URL of the OCSP responder.
        responder_url: Text<'a, 512> = "responderURL",
    }
}
