//! What the station says: bytes wait in a small buffer until the transport has taken them.

use super::WebSocketError;
use embedded_io_async::Write;

/// As much as goes to the transport at once: with TLS, a record of its own.
pub(super) const CHUNK: usize = 512;

/// Bytes that the transport has not taken yet. They survive a future that is dropped while it writes.
pub(super) struct Outbound {
    bytes: [u8; CHUNK],
    len: usize,
    taken: usize,
    flushed: bool,
}

impl Outbound {
    pub(super) const fn new() -> Self {
        Self {
            bytes: [0; CHUNK],
            len: 0,
            taken: 0,
            flushed: true,
        }
    }

    /// Forgets what was to be said on a connection that is gone.
    pub(super) fn reset(&mut self) {
        self.len = 0;
        self.taken = 0;
        self.flushed = true;
    }

    /// Nothing waits.
    pub(super) fn is_flushed(&self) -> bool {
        self.flushed
    }

    /// A control frame with up to 125 bytes, for a buffer in which nothing waits.
    pub(super) fn control(&mut self, opcode: u8, payload: &[u8], mask: [u8; 4]) {
        self.head(opcode, payload.len(), mask);
        payload
            .iter()
            .zip(mask.iter().cycle())
            .for_each(|(byte, mask)| self.push(byte ^ mask));
    }

    /// Writes a whole message, and waits until it is flushed.
    pub(super) async fn message<W: Write>(
        &mut self,
        to: &mut W,
        opcode: u8,
        payload: &[u8],
        mask: [u8; 4],
    ) -> Result<(), WebSocketError<W::Error>> {
        self.drain(to).await?;
        self.head(opcode, payload.len(), mask);
        for (byte, mask) in payload.iter().zip(mask.iter().cycle()) {
            if self.len == CHUNK {
                self.drain(to).await?;
            }
            self.push(byte ^ mask);
        }
        self.flush(to).await
    }

    /// Writes what waits, and waits until it is flushed.
    pub(super) async fn flush<W: Write>(&mut self, to: &mut W) -> Result<(), WebSocketError<W::Error>> {
        self.drain(to).await?;
        to.flush().await.map_err(WebSocketError::Transport)?;
        self.flushed = true;
        Ok(())
    }

    async fn drain<W: Write>(&mut self, to: &mut W) -> Result<(), WebSocketError<W::Error>> {
        while let Some(bytes @ [_, ..]) = self.bytes.get(self.taken..self.len) {
            match to.write(bytes).await.map_err(WebSocketError::Transport)? {
                0 => return Err(WebSocketError::Closed),
                taken => self.taken = self.taken.saturating_add(taken),
            }
        }
        self.len = 0;
        self.taken = 0;
        Ok(())
    }

    fn head(&mut self, opcode: u8, len: usize, mask: [u8; 4]) {
        self.push(0x80 | opcode);
        match (u8::try_from(len), u16::try_from(len)) {
            (Ok(len @ ..126), _) => self.push(0x80 | len),
            (_, Ok(len)) => {
                self.push(0x80 | 126);
                len.to_be_bytes().iter().for_each(|byte| self.push(*byte));
            }
            _ => {
                self.push(0x80 | 127);
                (len as u64).to_be_bytes().iter().for_each(|byte| self.push(*byte));
            }
        }
        mask.iter().for_each(|byte| self.push(*byte));
    }

    /// Adds a byte, if there is room.
    pub(super) fn push(&mut self, byte: u8) {
        self.flushed = false;
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
            self.len = self.len.saturating_add(1);
        }
    }
}
