//! Writes JSON into a lent buffer and counts what did not fit.

use super::declare::WriteField;
use super::reader::FieldName;
use super::text::Str;

/// Writes one JSON document.
///
/// Writing never fails on the way: past the end of the buffer it only counts, and [`Writer::finish`] says how long
/// the whole document would have been. So the code of every message stays free of error paths.
///
/// ```
/// use ocpp_core::wire::Writer;
///
/// let mut buffer = [0; 32];
/// let mut w = Writer::new(&mut buffer);
/// w.begin_object();
/// w.key("status");
/// w.str("Accepted");
/// w.end_object();
/// assert_eq!(w.finish(), Ok(r#"{"status":"Accepted"}"#));
///
/// let mut small = [0; 4];
/// let mut w = Writer::new(&mut small);
/// w.str("Accepted");
/// assert_eq!(w.finish(), Err(10));
/// ```
#[derive(Debug)]
pub struct Writer<'b> {
    buffer: &'b mut [u8],
    len: usize,
    comma: bool,
}

impl<'b> Writer<'b> {
    /// Writes into `buffer`.
    pub const fn new(buffer: &'b mut [u8]) -> Self {
        Self {
            buffer,
            len: 0,
            comma: false,
        }
    }

    /// The document, or the number of bytes that it needs if the buffer is too small.
    ///
    /// # Errors
    /// The needed length in bytes.
    pub fn finish(self) -> Result<&'b str, usize> {
        let Self { buffer, len, .. } = self;
        match buffer.get(..len).and_then(|bytes| core::str::from_utf8(bytes).ok()) {
            Some(text) => Ok(text),
            None => Err(len),
        }
    }

    /// Bytes written so far, including those that did not fit.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was written yet.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether the document is longer than the buffer.
    pub const fn overflowed(&self) -> bool {
        self.len > self.buffer.len()
    }

    /// Remembers this place, to come back with [`Writer::rewind`].
    pub const fn mark(&self) -> Mark {
        Mark {
            len: self.len,
            comma: self.comma,
        }
    }

    /// Takes back everything written since `mark`.
    pub fn rewind(&mut self, mark: Mark) {
        self.len = mark.len;
        self.comma = mark.comma;
    }

    /// Opens an object.
    pub fn begin_object(&mut self) {
        self.open(b'{');
    }

    /// Closes an object.
    pub fn end_object(&mut self) {
        self.close(b'}');
    }

    /// Writes an object of `values`, whose names are `fields` one by one; what writes nothing is left out.
    pub fn fields<'f>(&mut self, fields: &[FieldName], values: &[&dyn WriteField<'f>]) {
        self.begin_object();
        for (name, value) in fields.iter().zip(values) {
            let mark = self.mark();
            self.key(name);
            value.write_field(self);
            if !self.comma {
                self.rewind(mark);
            }
        }
        self.end_object();
    }

    /// Writes an array: `write` is given each index and writes that element, until it answers `None`.
    pub fn array(&mut self, write: &mut dyn FnMut(usize, &mut Self) -> Option<()>) {
        self.begin_array();
        let mut index = 0usize;
        while write(index, self).is_some() {
            index = index.wrapping_add(1);
        }
        self.end_array();
    }

    /// Opens an array.
    pub fn begin_array(&mut self) {
        self.open(b'[');
    }

    /// Closes an array.
    pub fn end_array(&mut self) {
        self.close(b']');
    }

    /// Writes the name of the next value. `name` is a schema's name: nothing in it needs escaping.
    pub fn key(&mut self, name: &'static str) {
        self.open(b'"');
        self.bytes(name.as_bytes());
        self.bytes(b"\":");
    }

    /// Writes a string that is plain text.
    pub fn str(&mut self, text: &str) {
        self.text(Str::plain(text));
    }

    /// Writes a string; what came out of JSON goes back as it was.
    pub fn text(&mut self, text: Str<'_>) {
        self.open(b'"');
        match text.as_json() {
            Some(raw) => self.bytes(raw.as_bytes()),
            None => text.chars().for_each(|c| self.escaped(c)),
        }
        self.close(b'"');
    }

    /// Writes a string that is a name of a schema: nothing in it needs escaping.
    pub fn raw_name(&mut self, name: &'static str) {
        self.quoted(|p| {
            p.push(name);
        });
    }

    /// Writes the string that stands at `index` in `names`.
    pub fn one_of(&mut self, names: &[&'static str], index: usize) {
        self.raw_name(names.get(index).copied().unwrap_or(""));
    }

    /// Writes a whole number.
    pub fn integer(&mut self, value: i64) {
        self.separate();
        if value < 0 {
            self.byte(b'-');
        }
        self.digits(value.unsigned_abs(), 1, 0);
        self.comma = true;
    }

    /// Writes `true` or `false`.
    pub fn bool(&mut self, value: bool) {
        self.raw(if value { "true" } else { "false" });
    }

    /// Writes one value that is JSON already.
    pub fn raw(&mut self, json: &str) {
        self.separate();
        self.bytes(json.as_bytes());
        self.comma = true;
    }

    /// Writes a string made of the pieces that `write` gives; the pieces must not need escaping.
    pub fn quoted(&mut self, write: impl FnOnce(&mut Pieces<'_, 'b>)) {
        self.open(b'"');
        write(&mut Pieces(self));
        self.close(b'"');
    }

    /// Writes the pieces alone, without quotes: no JSON, but the text that a string would hold.
    pub(crate) fn plain(&mut self, write: impl FnOnce(&mut Pieces<'_, 'b>)) {
        write(&mut Pieces(self));
    }

    /// Digits of `value`, at least `width` of them, the last `places` behind a point.
    pub(super) fn digits(&mut self, value: u64, width: usize, places: usize) {
        let mut reversed = [b'0'; 20];
        let mut count = 0usize;
        let mut rest = value;
        for place in &mut reversed {
            let (tens, ones) = div_rem(rest, 10);
            *place = b'0'.wrapping_add(ones as u8);
            rest = tens;
            count = count.wrapping_add(1);
            if rest == 0 {
                break;
            }
        }
        for index in (0..count.max(width).max(places.wrapping_add(1))).rev() {
            self.byte(reversed.get(index).copied().unwrap_or(b'0'));
            if index == places && places > 0 {
                self.byte(b'.');
            }
        }
    }

    pub(super) fn byte(&mut self, byte: u8) {
        if let Some(place) = self.buffer.get_mut(self.len) {
            *place = byte;
        }
        self.len = self.len.wrapping_add(1);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.byte(byte);
        }
    }

    /// A comma, if a value went before in the same object or array.
    pub(super) fn separate(&mut self) {
        if self.comma {
            self.byte(b',');
        }
    }

    /// Marks that a value was written.
    pub(super) fn written(&mut self) {
        self.comma = true;
    }

    fn open(&mut self, bracket: u8) {
        self.separate();
        self.byte(bracket);
        self.comma = false;
    }

    fn close(&mut self, bracket: u8) {
        self.byte(bracket);
        self.comma = true;
    }

    fn escaped(&mut self, c: char) {
        match c {
            '"' | '\\' => {
                self.byte(b'\\');
                self.byte(c as u8);
            }
            '\0'..='\x1f' => {
                const HEX: [u8; 16] = *b"0123456789abcdef";
                self.bytes(b"\\u00");
                self.byte(b'0'.wrapping_add((c as u8) >> 4));
                self.byte(HEX.get(usize::from(c as u8 & 0x0f)).copied().unwrap_or(b'0'));
            }
            _ => self.bytes(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// A place in a [`Writer`]'s document.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    len: usize,
    comma: bool,
}

/// Writes the inside of one string piece by piece, see [`Writer::quoted`].
#[derive(Debug)]
pub struct Pieces<'w, 'b>(&'w mut Writer<'b>);

impl Pieces<'_, '_> {
    /// Adds text that needs no escaping.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.0.bytes(text.as_bytes());
        self
    }

    /// Adds a whole number, with at least `width` digits.
    pub fn digits(&mut self, value: u64, width: usize) -> &mut Self {
        self.0.digits(value, width, 0);
        self
    }

    /// Adds a decimal number.
    pub fn decimal(&mut self, value: super::Decimal) -> &mut Self {
        value.digits(self.0);
        self
    }
}

/// Quotient and remainder, 16 bits at a time: the routine that stands in for a division of 64 bits on a 32-bit target
/// weighs as much as this whole module.
#[allow(clippy::arithmetic_side_effects, reason = "divides by constants")]
pub(super) const fn div_rem(value: u64, by: u16) -> (u64, u16) {
    let mut quotient = 0;
    let mut rest = 0;
    let mut shift = 64u32;
    while shift > 0 {
        shift = shift.wrapping_sub(16);
        let part = (rest << 16) | ((value >> shift) as u32 & 0xffff);
        quotient = (quotient << 16) | (part / by as u32) as u64;
        rest = part % by as u32;
    }
    (quotient, rest as u16)
}
