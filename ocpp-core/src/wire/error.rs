//! What is wrong with a document, and where.

use super::reader::FieldName;

/// Why a document was refused.
///
/// The kinds are those that OCPP answers with different CALLERROR codes; which code belongs to which kind is
/// the dialect's to say (`docs` of each dialect crate).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
// A whole word: beside single bytes, results would be taken apart and put together byte by byte.
#[repr(u32)]
pub enum ErrorKind {
    /// A required field is not there.
    Missing,
    /// A value has another JSON type than the schema says.
    Type,
    /// A value of the right type is too long, out of range, or not one of the named values.
    Value,
    /// An array has too few or too many elements.
    Cardinality,
    /// Not JSON, nested too deeply, a key given twice, or data behind the end.
    Syntax,
}

/// A refused document: the kind of fault and the innermost field that has it.
///
/// Two machine words, so that every function of the codec hands it back in registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct WireError {
    /// What is wrong.
    pub kind: ErrorKind,
    field: Option<&'static FieldName>,
}

impl WireError {
    /// A fault whose field is not known yet; the object around it adds its name.
    pub const fn new(kind: ErrorKind) -> Self {
        Self { kind, field: None }
    }

    /// The schema's name of the innermost known field around the fault; empty outside any field.
    pub fn field(&self) -> FieldName {
        self.field.copied().unwrap_or("")
    }

    /// Names the field, unless an inner one was named already.
    #[must_use]
    pub fn within(self, field: &'static FieldName) -> Self {
        Self {
            field: self.field.or(Some(field)),
            ..self
        }
    }
}

impl core::fmt::Display for WireError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let what = match self.kind {
            ErrorKind::Missing => "missing",
            ErrorKind::Type => "wrong type",
            ErrorKind::Value => "value not allowed",
            ErrorKind::Cardinality => "wrong number of elements",
            ErrorKind::Syntax => "not well-formed",
        };
        match self.field {
            Some(field) => write!(f, "{field}: {what}"),
            None => f.write_str(what),
        }
    }
}

impl core::error::Error for WireError {}
