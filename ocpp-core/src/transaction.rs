//! The identity of a transaction.

/// The station's own id of a transaction: unique for ever, because the stored boot count is part of it.
///
/// Its text has the form of a UUID, as OCPP 2.0.1 recommends.
///
/// ```
/// let id = ocpp_core::TransactionId::new(0x0123_4567_89ab_cdef, 7);
/// let mut buffer = [0; 36];
/// assert_eq!(id.write_to(&mut buffer), "01234567-89ab-8def-8000-000000000007");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TransactionId {
    salt: u64,
    number: u32,
}

impl TransactionId {
    /// The transaction `number`, with random bits.
    pub const fn new(salt: u64, number: u32) -> Self {
        Self { salt, number }
    }

    pub(crate) const fn salt(&self) -> u64 {
        self.salt
    }

    pub(crate) const fn number(&self) -> u32 {
        self.number
    }

    /// Its text.
    pub fn write_to<'b>(&self, buffer: &'b mut [u8; 36]) -> &'b str {
        // Version 8 (of one's own making) and the variant of RFC 9562 take six bits of the random part.
        let bits = (u128::from(self.salt) << 64) | u128::from(self.number);
        let bits = (bits & !(0xf << 76) & !(0x3 << 62)) | (0x8 << 76) | (0x2 << 62);
        let mut rest = bits;
        for (index, place) in buffer.iter_mut().enumerate().rev() {
            if matches!(index, 8 | 13 | 18 | 23) {
                *place = b'-';
            } else {
                *place = char::from_digit((rest & 0xf) as u32, 16).map_or(b'0', |digit| digit as u8);
                rest >>= 4;
            }
        }
        core::str::from_utf8(buffer).unwrap_or("")
    }

    /// Whether `text` is this id.
    pub fn is(&self, text: crate::wire::Str<'_>) -> bool {
        text.eq_ignore_case(&crate::wire::Str::plain(self.write_to(&mut [0; 36])))
    }
}
