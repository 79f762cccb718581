//! Readers of identifiers: RFID, keypads, buttons.

use crate::error::ErrorType;

/// A reader that waits until somebody presents an identifier.
///
/// # For board authors
///
/// [`read`](Self::read) waits as long as it takes; it must be cancel-safe: an identifier that was read is handed out by
/// the call that reads it or by the next one. A card that stays in the field is one identifier, not one per poll. After
/// an error the caller tries again after a while.
///
/// ```
/// use evse_hal::{ErrorKind, ErrorType, Identifier, IdentifierKind, TokenReader};
///
/// struct Cards<I> {
///     uids: I,
/// }
///
/// impl<I> ErrorType for Cards<I> {
///     type Error = ErrorKind;
/// }
///
/// impl<I: Iterator<Item = [u8; 4]>> TokenReader for Cards<I> {
///     async fn read(&mut self) -> Result<Identifier, ErrorKind> {
///         match self.uids.next() {
///             Some(uid) => Identifier::from_uid(&uid, IdentifierKind::Iso14443).ok_or(ErrorKind::Implausible),
///             None => core::future::pending().await,
///         }
///     }
/// }
/// ```
///
/// # For users
///
/// Identifiers are personal data: do not log them.
pub trait TokenReader: ErrorType {
    /// Waits for an identifier.
    async fn read(&mut self) -> Result<Identifier, Self::Error>;
}

impl<T: TokenReader + ?Sized> TokenReader for &mut T {
    async fn read(&mut self) -> Result<Identifier, Self::Error> {
        T::read(self).await
    }
}

/// What a driver presented. Its text never shows in `Debug` or `defmt` output.
///
/// ```
/// use evse_hal::{Identifier, IdentifierKind};
///
/// let card = Identifier::from_uid(&[0x04, 0xA3, 0xF2, 0x10], IdentifierKind::Iso14443).unwrap();
/// assert_eq!(card.as_str(), "04A3F210");
/// assert_eq!(format!("{card:?}"), "Identifier(…)");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Identifier {
    text: [u8; Self::MAX],
    len: u8,
    kind: IdentifierKind,
}

impl Identifier {
    /// Longest text in bytes.
    pub const MAX: usize = 36;

    /// A text as it is; `None` if it is longer than [`MAX`](Self::MAX) bytes.
    pub fn from_text(text: &str, kind: IdentifierKind) -> Option<Self> {
        let mut own = [0; Self::MAX];
        own.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self {
            text: own,
            len: u8::try_from(text.len()).ok()?,
            kind,
        })
    }

    /// The serial number of a card, as upper case hexadecimal in the order of its bytes; `None` if it is longer than
    /// 18 bytes.
    pub fn from_uid(uid: &[u8], kind: IdentifierKind) -> Option<Self> {
        let digit =
            |value: u8| char::from_digit(value.into(), 16).map_or(b'0', |digit| digit.to_ascii_uppercase() as u8);
        let mut text = [0; Self::MAX];
        let len = uid.len().checked_mul(2)?;
        for (pair, byte) in text.get_mut(..len)?.chunks_exact_mut(2).zip(uid) {
            pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
        }
        Some(Self {
            text,
            len: u8::try_from(len).ok()?,
            kind,
        })
    }

    /// The text. Do not log it.
    pub fn as_str(&self) -> &str {
        let bytes = self.text.get(..usize::from(self.len)).unwrap_or(&[]);
        core::str::from_utf8(bytes).unwrap_or("")
    }

    /// What kind of identifier it is.
    pub const fn kind(&self) -> IdentifierKind {
        self.kind
    }
}

impl core::fmt::Debug for Identifier {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Identifier(…)")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Identifier {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Identifier(…)");
    }
}

/// What kind of identifier was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum IdentifierKind {
    /// RFID card per ISO 14443.
    Iso14443,
    /// RFID card per ISO 15693.
    Iso15693,
    /// Issued by a back office, for instance read from a phone.
    Issued,
    /// Contract identifier of ISO 15118.
    Contract,
    /// Typed in.
    KeyCode,
    /// Made by the board itself.
    Local,
    /// Address of the vehicle's network interface.
    MacAddress,
    /// No identification: somebody pushed the start button.
    StartButton,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_identifiers() {
        let kind = IdentifierKind::Iso15693;
        let text = "0123456789ABCDEF0123456789ABCDEF0123";
        assert_eq!(Identifier::from_text(text, kind).unwrap().as_str(), text);
        assert_eq!(
            Identifier::from_text("0123456789ABCDEF0123456789ABCDEF01234", kind),
            None
        );
        assert_eq!(Identifier::from_uid(&[0xFF; 18], kind).unwrap().as_str().len(), 36);
        assert_eq!(Identifier::from_uid(&[0xFF; 19], kind), None);
        assert_eq!(Identifier::from_uid(&[], kind).unwrap().as_str(), "");
    }

    #[test]
    fn kind_and_text_count() {
        let card = Identifier::from_text("1", IdentifierKind::Iso14443).unwrap();
        assert_ne!(card, Identifier::from_text("1", IdentifierKind::KeyCode).unwrap());
        assert_eq!(card.kind(), IdentifierKind::Iso14443);
    }
}
