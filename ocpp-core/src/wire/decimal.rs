//! Decimal numbers without floating point: money and energy stay exact, and no float code is linked.

use super::declare::Wire;
use super::error::{ErrorKind, WireError};
use super::reader::Reader;
use super::writer::{Writer, div_rem};

/// From here on a mantissa has the 18 digits that are kept; a number with more is refused rather than rounded.
const FULL: i64 = 10i64.pow(17);

/// A decimal number: `mantissa` / 10^`scale`, always in lowest terms.
///
/// ```
/// use ocpp_core::wire::Decimal;
///
/// assert_eq!(Decimal::parse("16.50"), Some(Decimal::new(165, 1)));
/// assert_eq!(Decimal::parse("1.2e3"), Some(Decimal::from(1200)));
/// assert_eq!(Decimal::new(165, 1).scaled(3), Some(16_500));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Decimal {
    mantissa: i64,
    scale: u8,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self { mantissa: 0, scale: 0 };

    /// The number `mantissa` / 10^`scale`.
    pub const fn new(mantissa: i64, scale: u8) -> Self {
        let mut digits = mantissa.unsigned_abs();
        let mut scale = scale;
        while scale > 0 {
            let (tens, 0) = div_rem(digits, 10) else { break };
            digits = tens;
            scale = scale.wrapping_sub(1);
        }
        let digits = digits.cast_signed();
        Self {
            mantissa: if mantissa < 0 { digits.wrapping_neg() } else { digits },
            scale,
        }
    }

    /// Reads the text of a number in JSON's notation; `None` if it is not one or has more than 18 digits.
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader::new(text);
        let number = reader.number().ok()?;
        reader.end().ok()?;
        Self::from_number(number)
    }

    /// The number times 10^`scale`, what is smaller being cut off; `None` if it does not fit.
    ///
    /// `scaled(3)` gives milliamperes from amperes.
    pub fn scaled(self, scale: u8) -> Option<i64> {
        match scale.checked_sub(self.scale) {
            Some(up) => 10i64.checked_pow(u32::from(up))?.checked_mul(self.mantissa),
            None => {
                let down = 10i64.checked_pow(u32::from(self.scale.wrapping_sub(scale)))?;
                self.mantissa.checked_div(down)
            }
        }
    }

    /// The digits, without the decimal point.
    pub const fn mantissa(self) -> i64 {
        self.mantissa
    }

    /// How many of the digits stand behind the decimal point.
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// From the text of a number that the reader has checked already.
    pub(super) fn from_number(text: &str) -> Option<Self> {
        let mut mantissa = 0i64;
        let mut scale = 0i32;
        let mut behind_point = false;
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            match byte {
                b'0'..=b'9' if mantissa < FULL => {
                    mantissa = mantissa
                        .wrapping_mul(10)
                        .wrapping_add(i64::from(byte.wrapping_sub(b'0')));
                    scale = scale.saturating_add(i32::from(behind_point));
                }
                b'0' if behind_point => {}
                b'0'..=b'9' => return None,
                b'.' => behind_point = true,
                b'e' | b'E' => scale = scale.saturating_sub(exponent(&mut bytes)),
                _ => {}
            }
        }
        if mantissa == 0 {
            return Some(Self::ZERO);
        }
        while scale < 0 {
            if mantissa >= FULL {
                return None;
            }
            mantissa = mantissa.wrapping_mul(10);
            scale = scale.wrapping_add(1);
        }
        if text.starts_with('-') {
            mantissa = mantissa.wrapping_neg();
        }
        u8::try_from(scale).ok().map(|scale| Self::new(mantissa, scale))
    }

    /// Writes the digits without quotes.
    pub(super) fn digits(self, w: &mut Writer<'_>) {
        if self.mantissa < 0 {
            w.byte(b'-');
        }
        w.digits(self.mantissa.unsigned_abs(), 1, usize::from(self.scale));
    }
}

/// The exponent that the rest of a number is, held at values that no mantissa can make up for.
fn exponent(bytes: &mut core::str::Bytes<'_>) -> i32 {
    let mut value = 0i32;
    let mut negative = false;
    for byte in bytes {
        match byte {
            b'0'..=b'9' => {
                value = value
                    .wrapping_mul(10)
                    .wrapping_add(i32::from(byte.wrapping_sub(b'0')))
                    .min(99_999)
            }
            _ => negative |= byte == b'-',
        }
    }
    if negative { value.wrapping_neg() } else { value }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self::new(value, 0)
    }
}

impl From<i32> for Decimal {
    fn from(value: i32) -> Self {
        Self::new(i64::from(value), 0)
    }
}

impl<'f> Wire<'f> for Decimal {
    const EMPTY: Self = Self::ZERO;

    fn fill(&mut self, r: &mut Reader<'f>) -> Result<(), WireError> {
        *self = Self::from_number(r.number()?).ok_or(WireError::new(ErrorKind::Value))?;
        Ok(())
    }

    fn write(&self, w: &mut Writer<'_>) {
        w.separate();
        self.digits(w);
        w.written();
    }
}

impl core::fmt::Display for Decimal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut buffer = [0; 300];
        let mut w = Writer::new(&mut buffer);
        self.write(&mut w);
        f.write_str(w.finish().unwrap_or(""))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Decimal {
    /// As a float: serde has no exact decimal. Only for tools and tests; the wire is written exactly.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use core::fmt::Write;
        let mut text = heapless::String::<300>::new();
        write!(text, "{self}").map_err(serde::ser::Error::custom)?;
        if self.scale == 0 {
            serializer.serialize_i64(self.mantissa)
        } else {
            serializer.serialize_f64(text.parse().map_err(serde::ser::Error::custom)?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn reads_every_notation_of_json() {
        for (text, mantissa, scale) in [
            ("0", 0, 0),
            ("-0", 0, 0),
            ("0.000", 0, 0),
            ("16", 16, 0),
            ("-16.50", -165, 1),
            ("0.05", 5, 2),
            ("1.5e3", 1500, 0),
            ("15E-3", 15, 3),
            ("100e-2", 1, 0),
            ("0.0000001e7", 1, 0),
            ("123456789012345678", 123_456_789_012_345_678, 0),
            ("1.0000000000000000000000000", 1, 0),
        ] {
            assert_eq!(Decimal::parse(text), Some(Decimal::new(mantissa, scale)), "{text}");
        }
    }

    #[test]
    fn refuses_what_it_cannot_keep_exactly() {
        for text in [
            "1234567890123456789",
            "1e18",
            "1e999999999999",
            "1e-999",
            "",
            "1.",
            ".5",
            "01",
            "1e",
            "NaN",
            "0x1",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn writes_plain_notation() {
        for (number, text) in [
            (Decimal::ZERO, "0"),
            (Decimal::new(-165, 1), "-16.5"),
            (Decimal::new(5, 2), "0.05"),
            (Decimal::new(-1, 3), "-0.001"),
            (Decimal::new(7, 25), "0.0000000000000000000000007"),
        ] {
            assert_eq!(number.to_string(), text);
            assert_eq!(Decimal::parse(text), Some(number));
        }
    }
}
