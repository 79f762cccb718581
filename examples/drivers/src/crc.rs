//! The two check sums of 16 bits, least significant bit first.

/// Of a Modbus RTU frame.
pub(crate) fn modbus(bytes: &[u8]) -> [u8; 2] {
    crc(0xa001, 0xffff, bytes)
}

/// CRC_A of ISO 14443-3.
pub(crate) fn iso14443a(bytes: &[u8]) -> [u8; 2] {
    crc(0x8408, 0x6363, bytes)
}

/// In the order in which it is sent.
fn crc(polynomial: u16, start: u16, bytes: &[u8]) -> [u8; 2] {
    let sum = bytes.iter().fold(start, |sum, &byte| {
        (0..8).fold(sum ^ u16::from(byte), |sum, _| match sum & 1 {
            0 => sum >> 1,
            _ => (sum >> 1) ^ polynomial,
        })
    });
    sum.to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_the_manuals() {
        // Eastron's example of an answer.
        assert_eq!(modbus(&[0x01, 0x04, 0x04, 0x43, 0x66, 0x33, 0x34]), [0x1b, 0x38]);
        assert_eq!(modbus(b"123456789"), [0x37, 0x4b]);
        // ISO 14443-3 annex B.
        assert_eq!(iso14443a(&[0x00, 0x00]), [0xa0, 0x1e]);
        assert_eq!(iso14443a(&[0x12, 0x34]), [0x26, 0xcf]);
    }
}
