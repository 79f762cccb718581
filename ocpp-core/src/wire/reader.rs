//! A pull reader over one JSON document.
//!
//! Nothing is copied and nothing recurses except through the fixed nesting of the declared types: values that
//! nobody asked for are skipped by a loop with a bounded depth, so no peer can use up the stack.

use super::declare::ReadField;
use super::error::{ErrorKind, WireError};
use super::text::Str;

/// Deepest nesting of a skipped value. OCPP's own documents stay below ten.
const MAX_DEPTH: u32 = 32;

/// Name of one field of an object, as the schema spells it.
pub type FieldName = &'static str;

/// Reads one JSON document from front to back.
///
/// ```
/// use ocpp_core::wire::Reader;
///
/// let mut reader = Reader::new(r#" [1, true] "#);
/// let mut sum = 0;
/// reader.array(&mut |r| {
///     sum += if r.peek() == Some(b't') { i64::from(r.bool()?) } else { r.integer()? };
///     Ok(())
/// })?;
/// reader.end()?;
/// assert_eq!(sum, 2);
/// # Ok::<(), ocpp_core::wire::WireError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Reader<'f> {
    text: &'f str,
    at: usize,
}

impl<'f> Reader<'f> {
    /// Reads `text` from its beginning.
    pub const fn new(text: &'f str) -> Self {
        Self { text, at: 0 }
    }

    /// The first byte of the next token, or `None` at the end.
    pub fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at = self.at.wrapping_add(1),
                other => return other.copied(),
            }
        }
    }

    /// Requires that nothing but white space is left.
    ///
    /// # Errors
    /// [`ErrorKind::Syntax`] if there is more.
    pub fn end(&mut self) -> Result<(), WireError> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(SYNTAX),
        }
    }

    /// Takes the punctuation `byte` if it comes next.
    pub fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at = self.at.wrapping_add(1);
        }
        found
    }

    /// Takes the punctuation `byte`.
    ///
    /// # Errors
    /// [`ErrorKind::Syntax`] if something else comes next.
    pub fn expect(&mut self, byte: u8) -> Result<(), WireError> {
        if self.take(byte) { Ok(()) } else { Err(SYNTAX) }
    }

    /// Reads a string.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if another kind of value comes next, [`ErrorKind::Syntax`] if it is broken.
    pub fn string(&mut self) -> Result<Str<'f>, WireError> {
        if !self.take(b'"') {
            return Err(self.not_a());
        }
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut escaped = false;
        let mut at = start;
        loop {
            match bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    let rest = bytes.get(at..).unwrap_or(&[]);
                    at = at.wrapping_add(super::text::escape_len(rest).ok_or(SYNTAX)?);
                }
                Some(0..=0x1f) | None => return Err(SYNTAX),
                Some(_) => at = at.wrapping_add(1),
            }
        }
        let raw = self.text.get(start..at).ok_or(SYNTAX)?;
        self.at = at.wrapping_add(1);
        Ok(Str::from_json(raw, escaped))
    }

    /// Reads a string of at most `max` characters, counted as JSON schema does: code points, after unescaping.
    ///
    /// # Errors
    /// As [`Reader::string`], and [`ErrorKind::Value`] if it is longer.
    pub fn text(&mut self, max: usize) -> Result<Str<'f>, WireError> {
        let text = self.string()?;
        if text.is_longer_than(max) {
            return Err(WireError::new(ErrorKind::Value));
        }
        Ok(text)
    }

    /// Reads a string and finds it in `names`; `None` if it is none of them.
    ///
    /// # Errors
    /// As [`Reader::string`].
    pub fn name_in(&mut self, names: &[&'static str]) -> Result<Option<usize>, WireError> {
        Ok(self.string()?.position_in(names))
    }

    /// Reads a string that is one of `names` and says which.
    ///
    /// # Errors
    /// As [`Reader::string`], and [`ErrorKind::Value`] if it is none of them.
    pub fn one_of(&mut self, names: &[&'static str]) -> Result<usize, WireError> {
        self.name_in(names)?.ok_or(WireError::new(ErrorKind::Value))
    }

    /// Reads `true` or `false`.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] for any other value.
    pub fn bool(&mut self) -> Result<bool, WireError> {
        match self.peek() {
            Some(b't') => self.literal("true").map(|()| true),
            Some(b'f') => self.literal("false").map(|()| false),
            _ => Err(self.not_a()),
        }
    }

    /// Reads a number and returns its text.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if another kind of value comes next, [`ErrorKind::Syntax`] if it is broken.
    pub fn number(&mut self) -> Result<&'f str, WireError> {
        match self.peek() {
            Some(b'-' | b'0'..=b'9') => {}
            _ => return Err(self.not_a()),
        }
        let start = self.at;
        if self.here() == Some(b'-') {
            self.at = self.at.wrapping_add(1);
        }
        // No leading zeros, per RFC 8259.
        if self.here() == Some(b'0') {
            self.at = self.at.wrapping_add(1);
        } else {
            self.digits()?;
        }
        if self.here() == Some(b'.') {
            self.at = self.at.wrapping_add(1);
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.here() {
            self.at = self.at.wrapping_add(1);
            if let Some(b'+' | b'-') = self.here() {
                self.at = self.at.wrapping_add(1);
            }
            self.digits()?;
        }
        self.text.get(start..self.at).ok_or(SYNTAX)
    }

    /// Reads a whole number.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if it has a fraction or an exponent or is no number, [`ErrorKind::Value`] if it does not
    /// fit 64 bits.
    pub fn integer(&mut self) -> Result<i64, WireError> {
        let text = self.number()?;
        let (digits, negative) = match text.strip_prefix('-') {
            Some(digits) => (digits, true),
            None => (text, false),
        };
        let mut value = 0u64;
        for byte in digits.bytes() {
            if !byte.is_ascii_digit() {
                return Err(WireError::new(ErrorKind::Type));
            }
            // One digit more would be beyond an i64, so nothing wraps.
            if value >= u64::MAX / 10 {
                return Err(WireError::new(ErrorKind::Value));
            }
            value = value.wrapping_mul(10).wrapping_add(u64::from(byte.wrapping_sub(b'0')));
        }
        let number = if negative {
            0i64.checked_sub_unsigned(value)
        } else {
            i64::try_from(value).ok()
        };
        number.ok_or(WireError::new(ErrorKind::Value))
    }

    /// Walks an object. `visit` is given the index in `fields` of each known field, to read its value; unknown fields
    /// are skipped, a known field given twice is refused.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if another kind of value comes next, [`ErrorKind::Syntax`] if it is broken, and what
    /// `visit` answers, with the name of the field.
    pub fn object(
        &mut self,
        fields: &'static [FieldName],
        visit: &mut dyn FnMut(usize, &mut Self) -> Result<(), WireError>,
    ) -> Result<(), WireError> {
        self.walk(fields, visit).map(drop)
    }

    /// Reads an object into `values`, which belong to `fields` one by one. `required` has a bit for each of them, as
    /// [`Message::REQUIRED`](super::Message::REQUIRED).
    ///
    /// # Errors
    /// As [`Reader::object`], and [`ErrorKind::Missing`] if a required field is not there.
    pub fn fields(
        &mut self,
        fields: &'static [FieldName],
        required: u32,
        values: &mut [&mut dyn ReadField<'f>],
    ) -> Result<(), WireError> {
        let seen = self.walk(fields, &mut |index, r| match values.get_mut(index) {
            Some(value) => value.read_field(r),
            None => Ok(()),
        })?;
        let mut missing = required & !seen;
        for field in fields {
            if missing & 1 != 0 {
                return Err(WireError::new(ErrorKind::Missing).within(field));
            }
            missing >>= 1;
        }
        Ok(())
    }

    /// Walks an object as [`Reader::object`] says and returns a bit for each field that was there.
    fn walk(
        &mut self,
        fields: &'static [FieldName],
        visit: &mut dyn FnMut(usize, &mut Self) -> Result<(), WireError>,
    ) -> Result<u32, WireError> {
        if !self.take(b'{') {
            return Err(self.not_a());
        }
        let mut seen = 0u32;
        if self.take(b'}') {
            return Ok(seen);
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(SYNTAX);
            }
            let index = self.name_in(fields)?;
            self.expect(b':')?;
            match index.and_then(|index| Some((index, fields.get(index)?))) {
                Some((index, field)) => {
                    let bit = 1u32.wrapping_shl(index as u32);
                    if seen & bit != 0 {
                        return Err(SYNTAX.within(field));
                    }
                    seen |= bit;
                    visit(index, self).map_err(|error| error.within(field))?;
                }
                None => self.skip()?,
            }
            if self.take(b'}') {
                return Ok(seen);
            }
            self.expect(b',')?;
        }
    }

    /// Walks an array; `visit` reads each element. Returns the array's text and its number of elements.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if another kind of value comes next, [`ErrorKind::Syntax`] if it is broken, and what
    /// `visit` answers.
    pub fn array(
        &mut self,
        visit: &mut dyn FnMut(&mut Self) -> Result<(), WireError>,
    ) -> Result<(&'f str, usize), WireError> {
        if !self.take(b'[') {
            return Err(self.not_a());
        }
        let start = self.at.wrapping_sub(1);
        let mut count = 0usize;
        if !self.take(b']') {
            loop {
                visit(self)?;
                count = count.wrapping_add(1);
                if self.take(b']') {
                    break;
                }
                self.expect(b',')?;
            }
        }
        let raw = self.text.get(start..self.at).ok_or(SYNTAX)?;
        Ok((raw, count))
    }

    /// Reads past one value of any kind and returns its text.
    ///
    /// # Errors
    /// [`ErrorKind::Syntax`] if it is not well-formed or nested too deeply.
    pub fn raw(&mut self) -> Result<&'f str, WireError> {
        self.peek();
        let start = self.at;
        self.skip()?;
        self.text.get(start..self.at).ok_or(SYNTAX)
    }

    /// The text of the value at a path of field names in a document that was read before; `None` if it is not there.
    pub fn find(mut self, path: &'static [FieldName]) -> Option<&'f str> {
        let Some((name, rest)) = path.split_first() else {
            return self.raw().ok();
        };
        let mut found = None;
        let visit = &mut |_: usize, r: &mut Self| {
            found = Some(*r);
            r.skip()
        };
        self.object(core::slice::from_ref(name), visit).ok()?;
        found?.find(rest)
    }

    /// Reads past one value of any kind. A loop, not a recursion: a bit per level remembers whether it is an object.
    ///
    /// # Errors
    /// [`ErrorKind::Syntax`] if it is not well-formed or nested too deeply.
    pub fn skip(&mut self) -> Result<(), WireError> {
        let mut objects = 0u32;
        let mut depth = 0u32;
        loop {
            // One value, or the opening of one.
            let opened = match self.peek() {
                Some(open @ (b'{' | b'[')) => {
                    if depth == MAX_DEPTH {
                        return Err(SYNTAX);
                    }
                    self.at = self.at.wrapping_add(1);
                    objects = objects.wrapping_shl(1) | u32::from(open == b'{');
                    depth = depth.wrapping_add(1);
                    true
                }
                _ => {
                    self.scalar()?;
                    false
                }
            };
            // Whatever ends after it.
            let mut first = opened;
            loop {
                if depth == 0 {
                    return Ok(());
                }
                let object = objects & 1 == 1;
                if self.take(if object { b'}' } else { b']' }) {
                    objects = objects.wrapping_shr(1);
                    depth = depth.wrapping_sub(1);
                    first = false;
                    continue;
                }
                if !first {
                    self.expect(b',')?;
                }
                if object {
                    if self.peek() != Some(b'"') {
                        return Err(SYNTAX);
                    }
                    self.string()?;
                    self.expect(b':')?;
                }
                break;
            }
        }
    }

    fn scalar(&mut self) -> Result<(), WireError> {
        match self.peek() {
            Some(b'"') => self.string().map(drop),
            Some(b't' | b'f') => self.bool().map(drop),
            Some(b'n') => self.literal("null"),
            Some(b'-' | b'0'..=b'9') => self.number().map(drop),
            _ => Err(SYNTAX),
        }
    }

    /// The next byte, white space included.
    fn here(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn digits(&mut self) -> Result<(), WireError> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.here() {
            self.at = self.at.wrapping_add(1);
        }
        if self.at == start { Err(SYNTAX) } else { Ok(()) }
    }

    fn literal(&mut self, word: &str) -> Result<(), WireError> {
        let rest = self.text.get(self.at..).unwrap_or("");
        if rest.starts_with(word) {
            self.at = self.at.wrapping_add(word.len());
            Ok(())
        } else {
            Err(SYNTAX)
        }
    }

    /// The error for a value of another type, or for what is no value at all.
    fn not_a(&mut self) -> WireError {
        match self.peek() {
            Some(b'"' | b'{' | b'[' | b't' | b'f' | b'n' | b'-' | b'0'..=b'9') => WireError::new(ErrorKind::Type),
            _ => SYNTAX,
        }
    }
}

const SYNTAX: WireError = WireError::new(ErrorKind::Syntax);
