//! The checksum of everything that the stores write: CRC-24 as in OpenPGP (RFC 9580 §6.1), four bits at a time.
//!
//! What is stored mostly ends with a checksum of its own, CRC-16/CCITT-FALSE. That one follows from the rest, so it is
//! left out: [`without_seal`].

const POLYNOMIAL: u32 = 0x86_4cfb;
const START: u32 = 0xb7_04ce;
const MASK: u32 = 0xff_ffff;

const TABLE: [u32; 16] = table();

#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // at compile time
const fn table() -> [u32; 16] {
    let mut table = [0; 16];
    let mut index = 0;
    while index < 16 {
        let mut crc = (index as u32) << 20;
        let mut bit = 0;
        while bit < 4 {
            crc = if crc & 0x80_0000 == 0 {
                crc << 1
            } else {
                (crc << 1) ^ POLYNOMIAL
            };
            bit += 1;
        }
        table[index] = crc & MASK;
        index += 1;
    }
    table
}

#[derive(Clone, Copy)]
pub(super) struct Crc(u32);

impl Crc {
    pub(super) const LEN: u32 = 3;

    pub(super) const fn new() -> Self {
        Self(START)
    }

    /// For what stands at a place and nowhere else.
    pub(super) fn at(sequence: u32, offset: u32) -> Self {
        let mut crc = Self::new();
        crc.add(&sequence.to_le_bytes());
        crc.add(&offset.to_le_bytes());
        crc
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.nibble(byte >> 4);
            self.nibble(byte & 0x0f);
        }
    }

    fn nibble(&mut self, nibble: u8) {
        let index = ((self.0 >> 20) as u8 ^ nibble) & 0x0f;
        let change = TABLE.get(usize::from(index)).copied().unwrap_or(0);
        self.0 = ((self.0 << 4) & MASK) ^ change;
    }

    /// Of what is followed by a number that is written nowhere.
    pub(super) fn with(mut self, number: u32) -> Self {
        self.add(&number.to_le_bytes());
        self
    }

    /// Never what erased flash holds: a checksum that was not written is wrong.
    pub(super) fn bytes(self) -> [u8; 3] {
        let [low, middle, high, _] = if self.0 == MASK { [0; 4] } else { self.0.to_le_bytes() };
        [low, middle, high]
    }
}

/// Bytes of the checksum that records and values end with.
pub(super) const SEAL: usize = 2;

/// What is before the checksum at the end, if there is one and it is right; all of it otherwise. And whether it is there.
pub(super) fn without_seal(bytes: &[u8]) -> (&[u8], bool) {
    match bytes.split_last_chunk() {
        Some((content, end)) if *end == seal(content) => (content, true),
        _ => (bytes, false),
    }
}

/// The checksum behind these bytes.
pub(super) fn seal(content: &[u8]) -> [u8; SEAL] {
    let crc = content.iter().fold(0xffffu16, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            (crc << 1) ^ if crc & 0x8000 == 0 { 0 } else { 0x1021 }
        })
    });
    crc.to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_usual_one() {
        let mut crc = Crc::new();
        crc.add(b"123456789");
        assert_eq!(crc.bytes(), [0x02, 0xcf, 0x21]);
        assert_eq!(seal(b"123456789"), [0xb1, 0x29]);
    }

    #[test]
    fn a_seal_is_left_out_if_it_is_one() {
        assert_eq!(without_seal(b"123456789\xb1\x29"), (&b"123456789"[..], true));
        assert_eq!(without_seal(b"123456789\xb1\x28"), (&b"123456789\xb1\x28"[..], false));
        assert_eq!(without_seal(b"1"), (&b"1"[..], false));
        assert_eq!(without_seal(&[0xff, 0xff]), (&b""[..], true));
    }
}
