//! Bytes of records and values: variable-length integers, and a checksum behind them.

/// Writes bytes into a lent buffer and counts what did not fit.
pub(crate) struct Encoder<'b> {
    buffer: &'b mut [u8],
    len: usize,
}

impl<'b> Encoder<'b> {
    pub(crate) fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, len: 0 }
    }

    pub(crate) fn byte(&mut self, byte: u8) {
        if let Some(place) = self.buffer.get_mut(self.len) {
            *place = byte;
        }
        self.len = self.len.wrapping_add(1);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.byte(byte));
    }

    /// Seven bits a byte, the lowest first.
    pub(crate) fn number(&mut self, value: u64) {
        let mut rest = value;
        while rest >= 0x80 {
            self.byte(rest as u8 | 0x80);
            rest >>= 7;
        }
        self.byte(rest as u8);
    }

    /// The sign in the lowest bit, so that small negative numbers stay short.
    pub(crate) fn signed(&mut self, value: i64) {
        self.number(((value << 1) ^ (value >> 63)) as u64);
    }

    /// Adds the checksum of everything before it.
    ///
    /// # Errors
    /// The number of bytes needed.
    pub(crate) fn sealed(mut self) -> Result<&'b [u8], usize> {
        let checksum = crc(self.buffer.get(..self.len).unwrap_or(&[]));
        self.bytes(&checksum.to_le_bytes());
        self.finish()
    }

    /// # Errors
    /// The number of bytes needed.
    pub(crate) fn finish(self) -> Result<&'b [u8], usize> {
        let Self { buffer, len } = self;
        buffer.get(..len).ok_or(len)
    }
}

/// Reads what an [`Encoder`] wrote; `None` at the end of the bytes.
#[derive(Clone, Copy)]
pub(crate) struct Decoder<'a>(&'a [u8]);

impl<'a> Decoder<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Checks the checksum and takes it off.
    pub(crate) fn unsealed(bytes: &'a [u8]) -> Option<Self> {
        let (content, checksum) = bytes.split_last_chunk::<2>()?;
        (crc(content) == u16::from_le_bytes(*checksum)).then_some(Self(content))
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(crate) fn number(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f).wrapping_shl(shift);
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    pub(crate) fn small(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    pub(crate) fn signed(&mut self) -> Option<i64> {
        let value = self.number()?;
        Some((value >> 1) as i64 ^ ((value & 1) as i64).wrapping_neg())
    }

    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.0
    }
}

/// CRC-16/CCITT-FALSE, bit by bit: records are short, a table would be longer than they are.
fn crc(bytes: &[u8]) -> u16 {
    let mut crc = 0xffffu16;
    for &byte in bytes {
        crc ^= u16::from(byte) << 8;
        for _ in 0..8 {
            crc = if crc & 0x8000 == 0 {
                crc << 1
            } else {
                (crc << 1) ^ 0x1021
            };
        }
    }
    crc
}
