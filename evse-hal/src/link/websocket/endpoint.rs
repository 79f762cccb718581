//! Where to dial, and as whom.

use core::fmt;

/// Where a central system is, and as whom the station calls there.
///
/// ```
/// use evse_hal::websocket::Endpoint;
///
/// let endpoint = Endpoint::new("wss://csms.example.org/ocpp/", "CS 7").ok_or("not an address")?;
/// assert_eq!((endpoint.host(), endpoint.port(), endpoint.is_tls()), ("csms.example.org", 443, true));
/// let endpoint = endpoint.with_password(b"a secret"); // now the station says who it is
/// assert!(!format!("{endpoint:?}").contains("secret"));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Endpoint<'a> {
    tls: bool,
    /// As it is written: an IPv6 address in brackets.
    pub(super) host: &'a str,
    port: u16,
    /// Empty, or with a slash in front and none at the end.
    pub(super) path: &'a str,
    pub(super) identity: &'a str,
    pub(super) password: &'a [u8],
}

impl<'a> Endpoint<'a> {
    /// The address `<url>/<identity>`; the identity is percent-encoded on the way (1.6J §3.1.1, 2.0.1 Part 4 §3.1).
    ///
    /// `None` unless the URL is `ws://` or `wss://`, a host, perhaps a port and a path, all of it visible ASCII.
    pub fn new(url: &'a str, identity: &'a str) -> Option<Self> {
        let visible = |byte: u8| byte.is_ascii_graphic() && !b"?#@".contains(&byte);
        if !url.bytes().all(visible) {
            return None;
        }
        let after = |scheme: &str| {
            let (start, rest) = url.split_at_checked(scheme.len())?;
            start.eq_ignore_ascii_case(scheme).then_some(rest)
        };
        let (tls, rest) = match after("wss://") {
            Some(rest) => (true, rest),
            None => (false, after("ws://")?),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let after_address = |colon: &usize| authority.rfind(']').is_none_or(|bracket| bracket < *colon);
        let (host, port) = match authority.rfind(':').filter(after_address) {
            Some(colon) => (authority.get(..colon)?, authority.get(colon..)?.get(1..)?.parse().ok()?),
            None => (authority, if tls { 443 } else { 80 }),
        };
        let endpoint = Self {
            tls,
            host,
            port,
            path: path.trim_end_matches('/'),
            identity,
            password: &[],
        };
        (!endpoint.host().is_empty() && port != 0).then_some(endpoint)
    }

    /// With HTTP Basic authentication: the identity and this password, which may be any bytes. An empty one is none.
    #[must_use]
    pub const fn with_password(self, password: &'a [u8]) -> Self {
        Self { password, ..self }
    }

    /// Name or address of the host; an IPv6 address without brackets.
    pub fn host(&self) -> &'a str {
        self.host.trim_matches(['[', ']'])
    }

    /// Port of the host.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Whether the connection is to be secured, with [`host`](Self::host) as the name in the certificate.
    pub const fn is_tls(&self) -> bool {
        self.tls
    }

    pub(super) const fn has_default_port(&self) -> bool {
        self.port == if self.tls { 443 } else { 80 }
    }
}

impl fmt::Debug for Endpoint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("tls", &self.tls)
            .field("host", &self.host)
            .field("port", &self.port)
            .field("path", &self.path)
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Endpoint<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(
            f,
            "Endpoint {{ tls: {}, host: {}, port: {}, path: {}, identity: {}, .. }}",
            self.tls,
            self.host,
            self.port,
            self.path,
            self.identity
        );
    }
}

/// Knows the way to the central system.
///
/// An [`Endpoint`] is itself one that knows no network profile but 0.
///
/// # For board authors
///
/// 0 is the way that the station was delivered with. Any other number is a network profile that the central system has
/// set; it is in the station's storage, and with the feature `driver`, `ocpp_core::StoredNetworkProfile` reads it.
///
/// ```
/// use evse_hal::websocket::{Endpoint, Endpoints};
///
/// struct Ways {
///     identity: &'static str,
///     password: Vec<u8>,
///     stored: [Option<String>; 2],
/// }
///
/// impl Endpoints for Ways {
///     async fn endpoint(&mut self, profile: u8) -> Option<Endpoint<'_>> {
///         let url = match profile.checked_sub(1) {
///             None => "wss://csms.example.org/ocpp",
///             Some(slot) => self.stored.get(usize::from(slot))?.as_deref()?,
///         };
///         Some(Endpoint::new(url, self.identity)?.with_password(&self.password))
///     }
/// }
/// ```
pub trait Endpoints {
    /// The way of this number; `None` if there is none, or it cannot be read.
    async fn endpoint(&mut self, profile: u8) -> Option<Endpoint<'_>>;
}

impl Endpoints for Endpoint<'_> {
    async fn endpoint(&mut self, profile: u8) -> Option<Endpoint<'_>> {
        (profile == 0).then_some(*self)
    }
}

impl<T: Endpoints + ?Sized> Endpoints for &mut T {
    async fn endpoint(&mut self, profile: u8) -> Option<Endpoint<'_>> {
        T::endpoint(self, profile).await
    }
}
