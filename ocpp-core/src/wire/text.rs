//! Strings as they stand in JSON: still escaped, never copied.

use super::declare::Wire;
use super::error::{ErrorKind, WireError};
use super::reader::Reader;
use super::writer::Writer;

/// A string of any length, out of a JSON document (still escaped) or plain.
#[derive(Clone, Copy)]
pub struct Str<'a> {
    raw: &'a str,
    form: Form,
}

/// How a text is written down. A whole word, as the kind of an error is.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
enum Form {
    /// Plain text.
    Plain,
    /// JSON without an escape.
    Json,
    /// JSON with escapes.
    Escaped,
}

impl<'a> Str<'a> {
    /// Plain text; escaped when it is written.
    pub const fn plain(text: &'a str) -> Self {
        Self {
            raw: text,
            form: Form::Plain,
        }
    }

    pub(super) const fn from_json(raw: &'a str, escaped: bool) -> Self {
        Self {
            raw,
            form: if escaped { Form::Escaped } else { Form::Json },
        }
    }

    /// Reads a string of at most `max` characters in place of this one; shared by the types of every length.
    fn fill(&mut self, r: &mut Reader<'a>, max: usize) -> Result<(), WireError> {
        *self = r.text(max)?;
        Ok(())
    }

    const fn is_escaped(&self) -> bool {
        matches!(self.form, Form::Escaped)
    }

    pub(super) const fn as_json(&self) -> Option<&'a str> {
        match self.form {
            Form::Plain => None,
            Form::Json | Form::Escaped => Some(self.raw),
        }
    }

    /// The characters, unescaped.
    pub fn chars(&self) -> Chars<'a> {
        Chars {
            rest: self.raw,
            escaped: self.is_escaped(),
        }
    }

    /// Whether it has no characters.
    pub const fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// The text, if it contains no escapes.
    pub const fn as_str(&self) -> Option<&'a str> {
        if self.is_escaped() { None } else { Some(self.raw) }
    }

    /// Whether it has more than `max` characters.
    pub(super) fn is_longer_than(&self, max: usize) -> bool {
        // A character is at least one byte (an escape more), so short text need not be counted.
        self.raw.len() > max && self.chars().count() > max
    }

    /// Which of `names` it is.
    pub(super) fn position_in(&self, names: &[&str]) -> Option<usize> {
        names.iter().position(|name| self.eq_str(name))
    }

    /// Whether the characters are those of `other`.
    pub fn eq_str(&self, other: &str) -> bool {
        if self.is_escaped() {
            self.chars().eq(other.chars())
        } else {
            self.raw == other
        }
    }

    /// Whether the characters are those of `other`, ASCII letters of either case being equal.
    pub fn eq_ignore_case(&self, other: &Str<'_>) -> bool {
        let fold = |c: char| c.to_ascii_lowercase();
        self.chars().map(fold).eq(other.chars().map(fold))
    }

    /// Copies the unescaped text into `buffer`; `None` if it does not fit.
    pub fn copy_to<'b>(&self, buffer: &'b mut [u8]) -> Option<&'b str> {
        let mut len = 0usize;
        for c in self.chars() {
            let end = len.wrapping_add(c.len_utf8());
            c.encode_utf8(buffer.get_mut(len..end)?);
            len = end;
        }
        core::str::from_utf8(buffer.get(..len)?).ok()
    }
}

impl PartialEq for Str<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.chars().eq(other.chars())
    }
}

impl Eq for Str<'_> {}

impl core::fmt::Display for Str<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        use core::fmt::Write;
        self.chars().try_for_each(|c| f.write_char(c))
    }
}

impl core::fmt::Debug for Str<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// The characters of a [`Str`].
#[derive(Clone, Debug)]
pub struct Chars<'a> {
    rest: &'a str,
    escaped: bool,
}

impl Iterator for Chars<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let first = self.rest.chars().next()?;
        let (c, len) = if self.escaped && first == '\\' {
            unescape(self.rest.as_bytes())?
        } else {
            (first, first.len_utf8())
        };
        self.rest = self.rest.get(len..).unwrap_or("");
        Some(c)
    }
}

/// Length in bytes of the escape at the beginning of `bytes`; `None` if it is not a valid one.
pub(super) fn escape_len(bytes: &[u8]) -> Option<usize> {
    unescape(bytes).map(|(_, len)| len)
}

/// The character that the escape at the beginning of `bytes` stands for, and the escape's length.
fn unescape(bytes: &[u8]) -> Option<(char, usize)> {
    let c = match bytes.get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\x08',
        b'f' => '\x0c',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let high = hex4(bytes.get(2..6)?)?;
            if !(0xd800..0xe000).contains(&high) {
                return Some((char::from_u32(high)?, 6));
            }
            // A surrogate counts only as the first half of a pair.
            let low = bytes.get(6..12)?;
            let low = hex4(low.strip_prefix(b"\\u")?)?;
            if high >= 0xdc00 || !(0xdc00..0xe000).contains(&low) {
                return None;
            }
            let c = 0x10000u32.wrapping_add(((high & 0x3ff) << 10) | (low & 0x3ff));
            return Some((char::from_u32(c)?, 12));
        }
        _ => return None,
    };
    Some((c, 2))
}

fn hex4(digits: &[u8]) -> Option<u32> {
    let mut value = 0;
    for &digit in digits {
        value = (value << 4) | (digit as char).to_digit(16)?;
    }
    Some(value)
}

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $eq:ident, $debug:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $name<'a, const MAX: usize>(Str<'a>);

        impl<'a, const MAX: usize> $name<'a, MAX> {
            /// Plain text of at most `MAX` characters; `None` if it is longer.
            pub fn new(text: &'a str) -> Option<Self> {
                Self::from_text(Str::plain(text))
            }

            /// Plain text, of which at most the first `MAX` characters are kept.
            pub fn cut(text: &'a str) -> Self {
                let end = text.char_indices().nth(MAX).map_or(text.len(), |(end, _)| end);
                Self(Str::plain(text.get(..end).unwrap_or("")))
            }

            /// As [`Self::new`], for text of any kind.
            pub fn from_text(text: Str<'a>) -> Option<Self> {
                (!text.is_longer_than(MAX)).then_some(Self(text))
            }

            /// The text without its limit of length.
            pub const fn as_text(&self) -> Str<'a> {
                self.0
            }

            /// The characters, unescaped.
            pub fn chars(&self) -> Chars<'a> {
                self.0.chars()
            }

            /// Copies the unescaped text into `buffer`; `None` if it does not fit.
            pub fn copy_to<'b>(&self, buffer: &'b mut [u8]) -> Option<&'b str> {
                self.0.copy_to(buffer)
            }
        }

        impl<'f, const MAX: usize> Wire<'f> for $name<'f, MAX> {
            const EMPTY: Self = Self(Str::plain(""));

            fn fill(&mut self, r: &mut Reader<'f>) -> Result<(), WireError> {
                self.0.fill(r, MAX)
            }

            fn write(&self, w: &mut Writer<'_>) {
                w.text(self.0);
            }
        }

        impl<const MAX: usize> PartialEq for $name<'_, MAX> {
            fn eq(&self, other: &Self) -> bool {
                self.0.$eq(&other.0)
            }
        }

        impl<const MAX: usize> Eq for $name<'_, MAX> {}

        impl<const MAX: usize> PartialEq<&str> for $name<'_, MAX> {
            fn eq(&self, other: &&str) -> bool {
                self.0.$eq(&Str::plain(other))
            }
        }

        impl<const MAX: usize> core::fmt::Debug for $name<'_, MAX> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                let debug: fn(&Str<'_>, &mut core::fmt::Formatter<'_>) -> core::fmt::Result = $debug;
                debug(&self.0, f)
            }
        }

        #[cfg(feature = "defmt")]
        impl<const MAX: usize> defmt::Format for $name<'_, MAX> {
            fn format(&self, f: defmt::Formatter<'_>) {
                defmt::write!(f, "{}", defmt::Debug2Format(self));
            }
        }

        #[cfg(feature = "serde")]
        impl<const MAX: usize> serde::Serialize for $name<'_, MAX> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }
    };
}

text_type! {
    /// A string of at most `MAX` characters.
    Text, eq, |text, f| core::fmt::Debug::fmt(text, f)
}

text_type! {
    /// A string of at most `MAX` characters in which upper and lower case do not differ.
    CiText, eq_ignore_case, |text, f| core::fmt::Debug::fmt(text, f)
}

text_type! {
    /// A string of at most `MAX` characters that must not reach a log: an id token, a password, a key. Upper and
    /// lower case do not differ in it.
    SecretText, eq_ignore_case, |_, f| f.write_str("\"…\"")
}

/// A value of any JSON type, kept as it stood.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Raw<'a>(&'a str);

impl<'a> Raw<'a> {
    /// Takes `json` if it is one well-formed JSON value.
    ///
    /// # Errors
    /// [`ErrorKind::Syntax`] if it is not.
    pub fn new(json: &'a str) -> Result<Self, WireError> {
        let mut reader = Reader::new(json);
        let raw = reader.raw()?;
        reader.end()?;
        Ok(Self(raw))
    }

    /// The JSON text.
    pub const fn as_str(&self) -> &'a str {
        self.0
    }
}

impl<'f> Wire<'f> for Raw<'f> {
    const EMPTY: Self = Self("null");

    fn fill(&mut self, r: &mut Reader<'f>) -> Result<(), WireError> {
        if r.peek() == Some(b'n') {
            return Err(WireError::new(ErrorKind::Type));
        }
        self.0 = r.raw()?;
        Ok(())
    }

    fn write(&self, w: &mut Writer<'_>) {
        w.raw(self.0);
    }
}

impl core::fmt::Debug for Raw<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Raw<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", self.0);
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Raw<'_> {
    /// Decoded and handed over level by level. Only for tools and tests: the text of the inner levels is read again
    /// on each of them, and numbers are handed over like [`Decimal`](super::Decimal)s.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::{Error, SerializeMap, SerializeSeq};
        type Any<'f> = Text<'f, { usize::MAX }>;
        let refuse = |error: WireError| S::Error::custom(error);
        let mut r = Reader::new(self.0);
        match r.peek() {
            Some(b'{') => {
                let mut map = serializer.serialize_map(None)?;
                r.take(b'{');
                while !r.take(b'}') {
                    let key = Any::read(&mut r).map_err(refuse)?;
                    r.expect(b':').map_err(refuse)?;
                    map.serialize_entry(&key, &Raw(r.raw().map_err(refuse)?))?;
                    r.take(b',');
                }
                map.end()
            }
            Some(b'[') => {
                let mut items = serializer.serialize_seq(None)?;
                r.take(b'[');
                while !r.take(b']') {
                    items.serialize_element(&Raw(r.raw().map_err(refuse)?))?;
                    r.take(b',');
                }
                items.end()
            }
            Some(b'"') => Any::read(&mut r).map_err(refuse)?.serialize(serializer),
            Some(b't' | b'f') => serializer.serialize_bool(r.bool().map_err(refuse)?),
            Some(b'n') => serializer.serialize_unit(),
            _ => super::Decimal::read(&mut r).map_err(refuse)?.serialize(serializer),
        }
    }
}
