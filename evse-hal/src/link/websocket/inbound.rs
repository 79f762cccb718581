//! What the server says: frames become messages (RFC 6455 §5), byte by byte, without waiting for anything.
//!
//! Lengths that are longer written than they need be are accepted.

/// Longest message that is skipped for being too long; what is longer still ends the connection.
const LONGEST: u64 = 4 << 20;

/// Codes of RFC 6455 §7.4.1.
pub(super) const NORMAL: u16 = 1000;
const PROTOCOL: u16 = 1002;
const NOT_TEXT: u16 = 1007;
const TOO_BIG: u16 = 1009;

/// Opcodes of RFC 6455 §5.2.
const CONTINUATION: u8 = 0;
pub(super) const TEXT: u8 = 1;
const BINARY: u8 = 2;
pub(super) const CLOSE: u8 = 8;
pub(super) const PING: u8 = 9;
pub(super) const PONG: u8 = 10;

/// What calls for action.
pub(super) enum Event {
    /// A text message: [`Inbound::text`].
    Text,
    /// A ping; its payload is [`Inbound::control`].
    Ping,
    /// The peer says goodbye, perhaps with a code.
    Close(Option<u16>),
    /// The peer broke the protocol; this is the code to close with.
    Violation(u16),
}

/// Bytes that were read and not looked at yet.
pub(super) struct Unread {
    pub(super) bytes: [u8; 256],
    from: usize,
    to: usize,
}

impl Unread {
    pub(super) const fn new() -> Self {
        Self {
            bytes: [0; 256],
            from: 0,
            to: 0,
        }
    }

    /// So many bytes are new in `bytes`.
    pub(super) fn filled(&mut self, count: usize) {
        self.from = 0;
        self.to = count.min(self.bytes.len());
    }

    pub(super) fn next(&mut self) -> Option<u8> {
        self.take(1).first().copied()
    }

    /// Up to so many bytes.
    fn take(&mut self, most: u64) -> &[u8] {
        let here = self.bytes.get(self.from..self.to).unwrap_or_default();
        let count = usize::try_from(most).map_or(here.len(), |most| most.min(here.len()));
        self.from = self.from.saturating_add(count);
        here.get(..count).unwrap_or_default()
    }
}

/// The frame and the message that are being read.
pub(super) struct Inbound<'b> {
    /// Header of the frame, as much of it as was read.
    head: [u8; 10],
    head_len: usize,
    /// Bytes of the payload that are still to come; `None` in the header.
    left: Option<u64>,
    /// Opcode of the message whose fragments are coming.
    message: Option<u8>,
    /// Length of the message so far.
    total: u64,
    /// Its first bytes.
    memory: &'b mut [u8],
    kept: usize,
    control: [u8; 125],
    control_len: usize,
}

impl<'b> Inbound<'b> {
    pub(super) const fn new(memory: &'b mut [u8]) -> Self {
        Self {
            head: [0; 10],
            head_len: 0,
            left: None,
            message: None,
            total: 0,
            memory,
            kept: 0,
            control: [0; 125],
            control_len: 0,
        }
    }

    /// Forgets what was read of a connection that is gone.
    pub(super) fn reset(&mut self) {
        self.head_len = 0;
        self.left = None;
        self.message = None;
    }

    /// The text message that was read, and whether it is all of it.
    pub(super) fn text(&self) -> (&[u8], bool) {
        let text = self.memory.get(..self.kept).unwrap_or_default();
        (text, text.len() as u64 == self.total)
    }

    /// The payload of the control frame that was read.
    pub(super) fn control(&self) -> &[u8] {
        self.control.get(..self.control_len).unwrap_or_default()
    }

    /// Reads on until something calls for action, or everything was read.
    pub(super) fn read(&mut self, unread: &mut Unread) -> Option<Event> {
        loop {
            let left = match self.left {
                Some(left) => left,
                None => match self.header(unread.next()?) {
                    Ok(None) => continue,
                    Ok(Some(length)) => length,
                    Err(code) => return Some(Event::Violation(code)),
                },
            };
            let bytes = unread.take(left);
            self.keep(bytes);
            let left = left.saturating_sub(bytes.len() as u64);
            self.left = Some(left);
            if left > 0 {
                return None;
            }
            self.left = None;
            self.head_len = 0;
            if let Some(event) = self.end_of_frame() {
                return Some(event);
            }
        }
    }

    /// One more byte of the header. Returns the length of the payload when it is complete, or the code to close with.
    fn header(&mut self, byte: u8) -> Result<Option<u64>, u16> {
        if let Some(place) = self.head.get_mut(self.head_len) {
            *place = byte;
        }
        self.head_len = self.head_len.saturating_add(1);
        if self.head_len == 1 {
            return self.may_follow(byte).then_some(None).ok_or(PROTOCOL);
        }
        let [_, short, b2, b3, b4, b5, b6, b7, b8, b9] = self.head;
        if short & 0x80 != 0 || self.is_control() && short > 125 {
            return Err(PROTOCOL);
        }
        let length = match (short, self.head_len) {
            (..126, _) => short.into(),
            (126, 4) => u16::from_be_bytes([b2, b3]).into(),
            (127, 10) => u64::from_be_bytes([b2, b3, b4, b5, b6, b7, b8, b9]),
            _ => return Ok(None),
        };
        if length >> 63 != 0 {
            return Err(PROTOCOL);
        }
        self.begin(length).map(|()| Some(length))
    }

    /// Whether a frame that begins with this byte may come now.
    fn may_follow(&self, first: u8) -> bool {
        let [fin, reserved] = [first & 0x80 != 0, first & 0x70 != 0];
        !reserved
            && match first & 0xf {
                CONTINUATION => self.message.is_some(),
                TEXT | BINARY => self.message.is_none(),
                CLOSE | PING | PONG => fin,
                _ => false,
            }
    }

    fn is_control(&self) -> bool {
        self.head[0] & 8 != 0
    }

    /// The header is complete.
    fn begin(&mut self, length: u64) -> Result<(), u16> {
        if self.is_control() {
            self.control_len = 0;
            return Ok(());
        }
        let opcode = self.head[0] & 0xf;
        if opcode != CONTINUATION {
            self.message = Some(opcode);
            self.total = 0;
            self.kept = 0;
        }
        self.total = self.total.saturating_add(length);
        if self.total > LONGEST { Err(TOO_BIG) } else { Ok(()) }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let (memory, len) = if self.is_control() {
            (&mut self.control[..], &mut self.control_len)
        } else if self.message == Some(TEXT) {
            (&mut *self.memory, &mut self.kept)
        } else {
            return;
        };
        let room = memory.get_mut(*len..).unwrap_or_default();
        let count = room.len().min(bytes.len());
        room.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        *len = len.saturating_add(count);
    }

    fn end_of_frame(&mut self) -> Option<Event> {
        match self.head[0] & 0xf {
            PING => return Some(Event::Ping),
            PONG => return None,
            CLOSE => return Some(goodbye(self.control())),
            _ => {}
        }
        if self.head[0] & 0x80 == 0 || self.message.take() != Some(TEXT) {
            return None;
        }
        let (text, whole) = self.text();
        // A cut may be in the middle of a character.
        let is_text = match core::str::from_utf8(text) {
            Ok(_) => true,
            Err(error) => !whole && error.error_len().is_none(),
        };
        Some(if is_text {
            Event::Text
        } else {
            Event::Violation(NOT_TEXT)
        })
    }
}

/// What the payload of a close frame means.
fn goodbye(payload: &[u8]) -> Event {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return if payload.is_empty() {
            Event::Close(None)
        } else {
            Event::Violation(PROTOCOL)
        };
    };
    match u16::from_be_bytes(*code) {
        1000..=1003 | 1007..=1014 | 3000..=4999 if core::str::from_utf8(reason).is_err() => Event::Violation(NOT_TEXT),
        code @ (1000..=1003 | 1007..=1014 | 3000..=4999) => Event::Close(Some(code)),
        _ => Event::Violation(PROTOCOL),
    }
}
