//! The opening handshake (RFC 6455 §4.1), with what OCPP-J adds: identity in the path, subprotocol, HTTP Basic
//! authentication (1.6J §3 and §6, 2.0.1 Part 4 §3). Redirections are not followed.

use super::outbound::{CHUNK, Outbound};
use super::{Endpoint, Transport, WebSocketError};
use base64ct::{Base64, Encoding};
use sha1_smol::Sha1;

/// Longest answer that is read, in bytes.
const LONGEST: usize = 8192;
/// As much of a line as is looked at.
const LINE: usize = 128;

/// `Sec-WebSocket-Key`, made of 16 random bytes.
pub(super) struct Key([u8; 24]);

impl Key {
    pub(super) fn new(random: &[u8; 16]) -> Self {
        let mut key = [0; 24];
        // It fits: four characters for each three bytes.
        let _ = Base64::encode(random, &mut key);
        Self(key)
    }

    /// Whether this is the server's proof that it has read the key.
    fn is_accepted(&self, proof: &[u8]) -> bool {
        let mut sha1 = Sha1::new();
        sha1.update(&self.0);
        sha1.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
        let mut expected = [0; 28];
        Base64::encode(&sha1.digest().bytes(), &mut expected).is_ok_and(|expected| expected.as_bytes() == proof)
    }
}

/// Asks for the upgrade.
pub(super) async fn request<T: Transport>(
    transport: &mut T,
    out: &mut Outbound,
    endpoint: &Endpoint<'_>,
    key: &Key,
    subprotocols: &[&str],
) -> Result<(), WebSocketError<T::Error>> {
    let mut sent = 0_usize;
    loop {
        let mut request = Request {
            out,
            skipped: sent,
            len: 0,
        };
        request.write(endpoint, key, subprotocols);
        let len = request.len;
        sent = sent.saturating_add(CHUNK);
        out.flush(transport).await?;
        if sent >= len {
            return Ok(());
        }
    }
}

/// The request, of which a part is in the buffer. It is written anew for each part: that costs nobody time, and writing
/// each word of it to the transport would cost 2 KB of flash.
struct Request<'r> {
    out: &'r mut Outbound,
    /// So many bytes were sent before.
    skipped: usize,
    len: usize,
}

impl Request<'_> {
    fn write(&mut self, endpoint: &Endpoint<'_>, key: &Key, subprotocols: &[&str]) {
        self.put(b"GET ");
        self.put(endpoint.path.as_bytes());
        self.put(b"/");
        endpoint.identity.bytes().for_each(|byte| self.percent_encoded(byte));
        self.put(b" HTTP/1.1\r\nHost: ");
        self.put(endpoint.host.as_bytes());
        if !endpoint.has_default_port() {
            self.put(b":");
            self.decimal(endpoint.port());
        }
        self.put(b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ");
        self.put(&key.0);
        for (place, subprotocol) in subprotocols.iter().enumerate() {
            let before: &[u8] = if place == 0 {
                b"\r\nSec-WebSocket-Protocol: "
            } else {
                b", "
            };
            self.put(before);
            self.put(subprotocol.as_bytes());
        }
        if !endpoint.password.is_empty() {
            self.put(b"\r\nAuthorization: Basic ");
            self.credentials(endpoint);
        }
        self.put(b"\r\n\r\n");
    }

    fn put(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.len >= self.skipped {
                self.out.push(*byte);
            }
            self.len = self.len.saturating_add(1);
        }
    }

    fn percent_encoded(&mut self, byte: u8) {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            return self.put(&[byte]);
        }
        let digit = |value: u8| match value {
            0..=9 => b'0' | value,
            _ => b'7'.wrapping_add(value),
        };
        self.put(&[b'%', digit(byte >> 4), digit(byte & 0xf)]);
    }

    fn decimal(&mut self, mut number: u16) {
        let mut digits = [b'0'; 5];
        for digit in digits.iter_mut().rev() {
            *digit |= (number % 10) as u8;
            number /= 10;
        }
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        self.put(digits.get(zeros..).unwrap_or_default());
    }

    /// Identity and password, three bytes at a time.
    fn credentials(&mut self, endpoint: &Endpoint<'_>) {
        let mut bytes = (endpoint.identity.bytes())
            .chain(*b":")
            .chain(endpoint.password.iter().copied());
        loop {
            let (mut group, mut len, mut encoded) = ([0; 3], 0_usize, [0; 4]);
            for (place, byte) in group.iter_mut().zip(&mut bytes) {
                *place = byte;
                len = len.saturating_add(1);
            }
            match Base64::encode(group.get(..len).unwrap_or_default(), &mut encoded) {
                Ok(text) if !text.is_empty() => self.put(text.as_bytes()),
                _ => return,
            }
        }
    }
}

/// The server's answer, read line by line. Only the first bytes of a line are kept, and of no use if it is longer:
/// what matters is shorter.
pub(super) struct Answer<'a, 's> {
    key: &'a Key,
    offered: &'a [&'s str],
    line: [u8; LINE],
    line_len: usize,
    total: usize,
    is_first: bool,
    upgrade: bool,
    connection: bool,
    accepted: bool,
    picked: Option<&'s str>,
}

impl<'a, 's> Answer<'a, 's> {
    pub(super) const fn new(key: &'a Key, offered: &'a [&'s str]) -> Self {
        Self {
            key,
            offered,
            line: [0; LINE],
            line_len: 0,
            total: 0,
            is_first: true,
            upgrade: false,
            connection: false,
            accepted: false,
            picked: None,
        }
    }

    /// One more byte; returns the subprotocol after the last one.
    pub(super) fn read<E>(&mut self, byte: u8) -> Result<Option<&'s str>, WebSocketError<E>> {
        self.total = self.total.saturating_add(1);
        if self.total > LONGEST {
            return Err(WebSocketError::Upgrade);
        }
        if byte != b'\n' {
            if let Some(place) = self.line.get_mut(self.line_len) {
                *place = byte;
            }
            self.line_len = self.line_len.saturating_add(1);
            return Ok(None);
        }
        let (line, len) = (self.line, self.line_len.min(LINE));
        self.line_len = 0;
        let line = line.get(..len).unwrap_or_default().trim_ascii_end();
        if core::mem::take(&mut self.is_first) {
            return status(line).map(|()| None);
        }
        if !line.is_empty() {
            return self.header(line).map(|()| None);
        }
        if self.upgrade && self.connection && self.accepted {
            self.picked.map(Some).ok_or(WebSocketError::Subprotocol)
        } else {
            Err(WebSocketError::Upgrade)
        }
    }

    fn header<E>(&mut self, line: &[u8]) -> Result<(), WebSocketError<E>> {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let (name, value) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let value = value.trim_ascii();
        let is = |other: &[u8]| name.eq_ignore_ascii_case(other);
        if is(b"Upgrade") {
            self.upgrade = value.eq_ignore_ascii_case(b"websocket");
        } else if is(b"Connection") {
            let mut tokens = value.split(|byte| *byte == b',');
            self.connection |= tokens.any(|token| token.trim_ascii().eq_ignore_ascii_case(b"Upgrade"));
        } else if is(b"Sec-WebSocket-Accept") {
            self.accepted = self.key.is_accepted(value);
        } else if is(b"Sec-WebSocket-Protocol") {
            let picked = self.offered.iter().find(|offered| offered.as_bytes() == value);
            // It may be there only once.
            if self.picked.is_some() || picked.is_none() {
                return Err(WebSocketError::Subprotocol);
            }
            self.picked = picked.copied();
        } else if is(b"Sec-WebSocket-Extensions") && !value.is_empty() {
            // None was offered.
            return Err(WebSocketError::Upgrade);
        }
        Ok(())
    }
}

/// Looks for the 101 in `HTTP/1.1 101 Switching Protocols`.
fn status<E>(line: &[u8]) -> Result<(), WebSocketError<E>> {
    let code = line.strip_prefix(b"HTTP/1.1 ").and_then(|rest| rest.first_chunk::<3>());
    match code.filter(|code| code.iter().all(u8::is_ascii_digit)) {
        Some(b"101") => Ok(()),
        Some(digits) => {
            let number = |sum: u16, digit: &u8| sum.wrapping_mul(10).wrapping_add(u16::from(digit & 0xf));
            Err(WebSocketError::Status(digits.iter().fold(0, number)))
        }
        None => Err(WebSocketError::Upgrade),
    }
}
