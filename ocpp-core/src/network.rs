//! Network profiles as they are stored: how to reach a CSMS (2.0.1 B09).
//!
//! The station checks and stores them, and says which slot to dial; who dials reads the profile out of the same storage.
//! Not kept: mobile access points and virtual private networks.

use crate::journal::{Decoder, Encoder};
use crate::wire::Str;

/// What the first byte of a stored profile says.
const FORMAT: u8 = 1;
/// Longest URL, in bytes.
const URL_MAX: usize = 512;
/// What an address may not have: what RFC 3986 leaves out, and parts behind which no identity can stand.
const FORBIDDEN: &[u8] = b"\"<>\\^`{|}?#";

/// A network profile out of storage, at [`ValueKey::NetworkProfile`](crate::ValueKey::NetworkProfile): whoever carries out
/// [`Action::Connect`](crate::Action::Connect) reads there where to dial.
///
/// ```
/// use ocpp_core::StoredNetworkProfile;
///
/// # let bytes = [&[1, 2, 30], b"wss://csms.example.org/ocpp".as_slice(), &[0xf5, 0x1e]].concat();
/// let profile = StoredNetworkProfile::read(&bytes).ok_or("damaged, or of a newer program")?;
/// let address = format!("{}/{}", profile.url.trim_end_matches('/'), "CS-0042");
/// assert_eq!(address, "wss://csms.example.org/ocpp/CS-0042");
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredNetworkProfile<'b> {
    /// `ws://` or `wss://`, a host, perhaps a port and a path; the station's identity is still to be appended. At most 512
    /// characters of ASCII.
    pub url: &'b str,
    /// How long the station waits for an answer, in seconds.
    pub message_timeout: u16,
    /// How the connection is secured: 1 with a password, 2 with TLS too, 3 with a certificate of the station.
    pub security_profile: u8,
}

impl<'b> StoredNetworkProfile<'b> {
    /// Reads the bytes of a stored value; `None` if they are damaged, or of a newer program.
    pub fn read(bytes: &'b [u8]) -> Option<Self> {
        let mut d = Decoder::unsealed(bytes)?;
        if d.byte()? != FORMAT {
            return None;
        }
        Some(Self {
            security_profile: d.byte()?,
            message_timeout: u16::try_from(d.number()?).ok()?,
            url: core::str::from_utf8(d.rest()).ok()?,
        })
    }
}

/// Writes the bytes of a profile with a URL that [`secures`] has seen; returns their number.
///
/// # Errors
/// The number of bytes needed.
pub(crate) fn write(
    url: Str<'_>,
    message_timeout: u16,
    security_profile: u8,
    buffer: &mut [u8],
) -> Result<usize, usize> {
    let mut e = Encoder::new(buffer);
    e.byte(FORMAT);
    e.byte(security_profile);
    e.number(message_timeout.into());
    url.chars().for_each(|c| e.byte(c as u8));
    e.sealed().map(<[u8]>::len)
}

/// Whether the URL of a CSMS asks for TLS; `None` if it is none to which an identity can be appended.
#[inline(never)]
pub(crate) fn secures(url: Str<'_>) -> Option<bool> {
    let mut buffer = [0; URL_MAX];
    let url = url.copy_to(&mut buffer)?.as_bytes();
    let behind = |scheme: &[u8]| {
        let (own, rest) = url.split_at_checked(scheme.len())?;
        own.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    let (secure, rest) = match behind(b"wss://") {
        Some(rest) => (true, rest),
        None => (false, behind(b"ws://")?),
    };
    let end = rest.iter().position(|&byte| byte == b'/').unwrap_or(rest.len());
    let authority = rest.get(..end)?;
    let plain = url
        .iter()
        .all(|byte| byte.is_ascii_graphic() && !FORBIDDEN.contains(byte));
    // Credentials are not the URL's business.
    let valid = plain && !authority.contains(&b'@') && is_host(authority);
    valid.then_some(secure)
}

/// A name or an address, perhaps with a port. IPv6 stands in brackets.
fn is_host(authority: &[u8]) -> bool {
    let bracket = authority.iter().rposition(|&byte| byte == b']');
    let from = bracket.map_or(0, |bracket| bracket.saturating_add(1));
    let (address, rest) = authority.split_at_checked(from).unwrap_or((authority, &[]));
    let colon = rest.iter().position(|&byte| byte == b':');
    let (name, port) = rest
        .split_at_checked(colon.unwrap_or(rest.len()))
        .unwrap_or((rest, &[]));
    let named = match address {
        [] => !name.is_empty() && !name.contains(&b'['),
        [b'[', inner @ .., b']'] => name.is_empty() && !inner.is_empty() && !inner.contains(&b'['),
        _ => false,
    };
    named && colon.is_none_or(|_| is_port(port.get(1..).unwrap_or(&[])))
}

fn is_port(digits: &[u8]) -> bool {
    let add = |number: u32, byte: &u8| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte.wrapping_sub(b'0')))?;
        number.checked_mul(10)?.checked_add(digit)
    };
    let number = digits.iter().try_fold(0, add);
    number.is_some_and(|number| (1..=65_535).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_csms() {
        for (url, secure) in [
            ("ws://a", false),
            ("wss://csms.example.org:443/ocpp/2.0.1/", true),
            ("WSS://[2001:db8::1]:9000/x%20y", true),
            ("ws://[::1]", false),
            ("ws://10.0.0.1:65535", false),
        ] {
            assert_eq!(secures(Str::plain(url)), Some(secure), "{url}");
        }
        let long = std::format!("ws://{}", "a".repeat(508));
        assert_eq!(secures(Str::plain(&long[..512])), Some(false));
        for url in [
            "",
            "ws://",
            "ws:///path",
            "http://a",
            "a",
            "ws//a",
            "ws://a b",
            "ws://a/\u{e9}",
            "ws://user:secret@a",
            "ws://a?token=1",
            "ws://a/b#c",
            "ws://:80",
            "ws://a:",
            "ws://a:0",
            "ws://a:65536",
            "ws://a:99999999999",
            "ws://fe80::1",
            "ws://[]",
            "ws://[::1",
            "ws://x[::1]",
            "ws://[::1]x",
            "ws://a/\"",
            &long,
        ] {
            assert_eq!(secures(Str::plain(url)), None, "{url}");
        }
    }

    #[test]
    fn profiles_are_read_as_they_were_written() {
        let mut buffer = [0; 64];
        let url = Str::plain("wss://csms.example.org/ocpp");
        let needed = write(url, 300, 3, &mut []).unwrap_err();
        let len = write(url, 300, 3, &mut buffer).unwrap();
        assert_eq!(len, needed);
        let wanted = StoredNetworkProfile {
            url: "wss://csms.example.org/ocpp",
            message_timeout: 300,
            security_profile: 3,
        };
        assert_eq!(StoredNetworkProfile::read(&buffer[..len]), Some(wanted));
        for index in 0..len {
            let mut damaged = buffer;
            damaged[index] ^= 0x10;
            assert_eq!(StoredNetworkProfile::read(&damaged[..len]), None, "byte {index}");
            assert_eq!(StoredNetworkProfile::read(&buffer[..index]), None, "cut at {index}");
        }
        let mut e = Encoder::new(&mut buffer);
        [FORMAT + 1, 1, 30].into_iter().for_each(|byte| e.byte(byte));
        e.bytes(b"ws://a");
        assert_eq!(StoredNetworkProfile::read(e.sealed().unwrap()), None);
    }
}
