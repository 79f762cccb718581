//! TLS to the CSMS: security profiles 2 and 3 (2.0.1 A00, the security extension of 1.6).
//!
//! TLS 1.2 and 1.3 with ephemeral keys and authenticated encryption, all that rustls has. The server's certificate is
//! checked at each connection: its path to an authority, its dates against the machine's time whatever clock the station
//! has, and that a subjectAltName is the host of the URL. Not done: the commonName is not looked at (A00.FR.309), and
//! revocation is not.

use ocpp_core::SecurityEvent;
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{AlertDescription, CertificateError, ClientConfig, Error, PeerIncompatible, PeerMisbehaved};
use rustls::{RootCertStore, SignatureScheme};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio_tungstenite::Connector;

/// What a TLS handshake failed for, as far as it concerns security.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Refusal {
    pub event: SecurityEvent,
    /// More about it, short enough to be told.
    pub info: &'static str,
}

/// The means to connect with TLS.
#[derive(Debug)]
pub struct Tls {
    /// For profile 2: the station has no certificate.
    one_sided: Arc<ClientConfig>,
    /// For profile 3.
    mutual: Option<Arc<ClientConfig>>,
    nobody: Arc<Nobody>,
}

impl Tls {
    /// TLS with servers that the authorities in a file vouch for, or those that the machine trusts. With the files of a
    /// certificate and its key the station can say who it is.
    ///
    /// # Errors
    /// What is wrong with which file.
    pub fn load(ca: Option<&Path>, own: Option<(&Path, &Path)>) -> Result<Self, String> {
        let roots = Arc::new(match ca {
            Some(file) => roots_in(file)?,
            None => roots_of_the_machine()?,
        });
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let nobody = Arc::new(Nobody::default());
        let one_sided = config(&provider, &roots, nobody.clone())?;
        let mutual = match own {
            Some((certificate, key)) => Some(config(&provider, &roots, station(&provider, certificate, key)?)?),
            None => None,
        };
        Ok(Self {
            one_sided,
            mutual,
            nobody,
        })
    }

    /// The highest security profile that there are means for.
    pub fn highest_profile(&self) -> u8 {
        if self.mutual.is_some() { 3 } else { 2 }
    }

    /// What secures the next connection in security profile 2 or 3; `None` without the means for it.
    pub fn connector(&self, security_profile: u8) -> Option<Connector> {
        self.nobody.asked.store(false, Ordering::Relaxed);
        let config = match security_profile {
            2 => Some(&self.one_sided),
            3 => self.mutual.as_ref(),
            _ => None,
        };
        config.cloned().map(Connector::Rustls)
    }

    /// What the connection for which [`connector`](Self::connector) was asked last was refused for.
    pub fn refusal(&self, error: &Error) -> Option<Refusal> {
        refusal(error, self.nobody.asked.load(Ordering::Relaxed))
    }
}

/// The station without a certificate, which remembers whether the server asked for one.
#[derive(Debug, Default)]
struct Nobody {
    asked: AtomicBool,
}

impl ResolvesClientCert for Nobody {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

/// The error of TLS inside one of its stream.
pub fn error_in(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}

/// Which security event an error of TLS is, if it is one. Who was `asked` for a certificate and had none is refused for that
/// in the same words as for cipher suites.
fn refusal(error: &Error, asked: bool) -> Option<Refusal> {
    use AlertDescription as Alert;
    use SecurityEvent as Event;
    let (event, info) = match error {
        Error::InvalidCertificate(error) => (Event::InvalidCsmsCertificate, about_certificate(error)),
        Error::NoCertificatesPresented => (Event::InvalidCsmsCertificate, "no certificate"),
        Error::AlertReceived(Alert::ProtocolVersion)
        | Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13 | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => (Event::InvalidTlsVersion, "older than TLS 1.2"),
        Error::AlertReceived(
            Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied
            | Alert::CertificateRequired,
        ) => (Event::FailedToAuthenticateAtCsms, "certificate of the station"),
        Error::AlertReceived(Alert::HandshakeFailure) if asked => {
            (Event::FailedToAuthenticateAtCsms, "certificate of the station")
        }
        Error::AlertReceived(Alert::HandshakeFailure | Alert::InsufficientSecurity)
        | Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon)
        | Error::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedCipherSuite) => {
            (Event::InvalidTlsCipherSuite, "no cipher suite in common")
        }
        _ => return None,
    };
    Some(Refusal { event, info })
}

fn about_certificate(error: &CertificateError) -> &'static str {
    use CertificateError as E;
    match error {
        E::Expired | E::ExpiredContext { .. } => "expired",
        E::NotValidYet | E::NotValidYetContext { .. } => "not valid yet",
        E::NotValidForName | E::NotValidForNameContext { .. } => "of another host",
        E::UnknownIssuer => "of an unknown authority",
        E::BadSignature => "signature not valid, or key too short",
        _ => "not valid",
    }
}

fn config(
    provider: &Arc<CryptoProvider>,
    roots: &Arc<RootCertStore>,
    own: Arc<dyn ResolvesClientCert>,
) -> Result<Arc<ClientConfig>, String> {
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|error| error.to_string())?;
    let config = config.with_root_certificates(roots.clone());
    let mut config = config.with_client_cert_resolver(own);
    // A resumed session would not check the certificate again.
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

/// The certificate of the station with its key. Its dates are for the CSMS to judge (A00.FR.430).
fn station(provider: &CryptoProvider, certificate: &Path, key: &Path) -> Result<Arc<SingleCertAndKey>, String> {
    let chain = certificates_in("--cert", certificate)?;
    // What is wrong with a key is not told in detail: it could show parts of it.
    let secret = PrivateKeyDer::from_pem_slice(&bytes_of("--key", key)?)
        .map_err(|_| format!("--key {}: no private key in PEM, or an encrypted one", key.display()))?;
    let own = CertifiedKey::from_der(chain, secret, provider).map_err(|error| match error {
        Error::InconsistentKeys(_) => format!("--key {}: it does not belong to the certificate", key.display()),
        Error::InvalidCertificate(_) => format!("--cert {}: the certificate cannot be read", certificate.display()),
        _ => format!(
            "--key {}: no key of RSA, ECDSA on P-256 or P-384, or Ed25519",
            key.display()
        ),
    })?;
    Ok(Arc::new(own.into()))
}

fn roots_in(file: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates_in("--ca", file)? {
        let added = roots.add(certificate);
        added.map_err(|_| format!("--ca {}: a certificate cannot be read", file.display()))?;
    }
    Ok(roots)
}

fn roots_of_the_machine() -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    // Some may be too old or too odd to be read.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err("--ca is missing, and this machine trusts no authority itself".into());
    }
    Ok(roots)
}

fn certificates_in(option: &str, file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let bytes = bytes_of(option, file)?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let certificates = certificates.ok().filter(|certificates| !certificates.is_empty());
    certificates.ok_or_else(|| format!("{option} {}: no certificate in PEM", file.display()))
}

fn bytes_of(option: &str, file: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(file).map_err(|error| format!("{option} {}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocpp_core::wire::WireEnum;

    #[test]
    fn which_event_it_is() {
        use AlertDescription as Alert;
        let event = |error: Error, asked| refusal(&error, asked).map(|refusal| refusal.event.as_str());
        for (error, name) in [
            (CertificateError::UnknownIssuer.into(), "InvalidCsmsCertificate"),
            (CertificateError::Revoked.into(), "InvalidCsmsCertificate"),
            (Error::AlertReceived(Alert::ProtocolVersion), "InvalidTLSVersion"),
            (
                PeerIncompatible::ServerDoesNotSupportTls12Or13.into(),
                "InvalidTLSVersion",
            ),
            (Error::AlertReceived(Alert::HandshakeFailure), "InvalidTLSCipherSuite"),
            (
                PeerMisbehaved::SelectedUnofferedCipherSuite.into(),
                "InvalidTLSCipherSuite",
            ),
            (Error::AlertReceived(Alert::UnknownCA), "FailedToAuthenticateAtCsms"),
        ] {
            assert_eq!(event(error, false), Some(name));
        }
        // In TLS 1.2 a server that misses a certificate says no more than this.
        let missed = event(Error::AlertReceived(Alert::HandshakeFailure), true);
        assert_eq!(missed, Some("FailedToAuthenticateAtCsms"));
        assert_eq!(event(Error::DecryptError, false), None);
        assert_eq!(event(Error::AlertReceived(Alert::InternalError), false), None);
    }

    #[test]
    fn errors_name_option_and_file() {
        let load = |ca: &str| Tls::load(Some(Path::new(ca)), None).unwrap_err();
        assert!(load("/nowhere/ca.pem").starts_with("--ca /nowhere/ca.pem: No such file"));
        assert_eq!(load("/dev/null"), "--ca /dev/null: no certificate in PEM");
    }
}
