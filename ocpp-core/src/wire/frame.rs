//! The envelope of OCPP-J (1.6J §4, 2.0.1 Part 4 §4.2): `[2, id, action, payload]`, `[3, id, payload]`,
//! `[4, id, code, description, details]`.

use super::declare::Operation;
use super::error::{ErrorKind, WireError};
use super::reader::Reader;
use super::text::{Str, Text};
use super::writer::Writer;

/// Most characters of a message id.
pub const MESSAGE_ID_MAX: usize = 36;

/// One frame, its payload not read yet.
///
/// ```
/// use ocpp_core::wire::{Frame, Reader, Wire};
///
/// let Ok(Frame::Call { id, action, payload }) = Frame::read(br#"[2,"17","ClearCache",{}]"#) else { panic!() };
/// assert_eq!(id, "17");
/// assert!(action.eq_str("ClearCache"));
/// let mut payload = payload;
/// payload.skip()?;
/// Frame::end(&mut payload)?;
/// # Ok::<(), ocpp_core::wire::WireError>(())
/// ```
#[derive(Clone, Copy, Debug)]
// Beside numbers of 64 bits the tag would be two words.
#[repr(u32)]
pub enum Frame<'f> {
    /// A request.
    Call {
        /// Message id, chosen by the sender.
        id: Text<'f, MESSAGE_ID_MAX>,
        /// Name of the operation.
        action: Str<'f>,
        /// Stands before the payload; after it comes [`Frame::end`].
        payload: Reader<'f>,
    },
    /// The answer to a request.
    Result {
        /// Message id of the request.
        id: Text<'f, MESSAGE_ID_MAX>,
        /// Stands before the payload; after it comes [`Frame::end`].
        payload: Reader<'f>,
    },
    /// The refusal of a request.
    Error {
        /// Message id of the request.
        id: Text<'f, MESSAGE_ID_MAX>,
        /// One of the version's codes, usually.
        code: Str<'f>,
        /// Text for people; often empty.
        description: Str<'f>,
    },
    /// A message type that OCPP-J does not define here.
    Unknown {
        /// The number that stands for the type.
        kind: i64,
        /// Message id, if one could be read.
        id: Option<Text<'f, MESSAGE_ID_MAX>>,
    },
}

/// A frame that could not be read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrameError<'f> {
    /// Message id, if it was a CALL and its id could still be read: such a frame wants an answer.
    pub call: Option<Text<'f, MESSAGE_ID_MAX>>,
    /// Whether it was an answer, as far as can be told: nobody waits for an answer to that.
    pub is_answer: bool,
    /// What is wrong.
    pub error: WireError,
}

/// What the first bytes of a frame say of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Head<'f> {
    /// A CALL with that message id.
    Call(Text<'f, MESSAGE_ID_MAX>),
    /// An answer to a CALL: nobody waits to hear that it cannot be read.
    Answer,
    /// Nothing that can be told.
    Unreadable,
}

impl<'f> Frame<'f> {
    /// Reads the envelope up to the payload.
    ///
    /// # Errors
    /// What is wrong, and the id to answer to if it could be read. Bytes that are not UTF-8 are refused as a whole.
    pub fn read(bytes: &'f [u8]) -> Result<Self, FrameError<'f>> {
        match core::str::from_utf8(bytes) {
            Ok(text) => Self::read_text(text),
            // The id may still be readable in front of the bad byte.
            Err(_) => {
                let head = Self::head(bytes);
                Err(FrameError {
                    call: match head {
                        Head::Call(id) => Some(id),
                        _ => None,
                    },
                    is_answer: head == Head::Answer,
                    error: WireError::new(ErrorKind::Syntax),
                })
            }
        }
    }

    /// What a frame is of which only the first bytes are known.
    pub fn head(bytes: &'f [u8]) -> Head<'f> {
        let valid = match core::str::from_utf8(bytes) {
            Ok(text) => Some(text),
            Err(error) => bytes
                .get(..error.valid_up_to())
                .and_then(|bytes| core::str::from_utf8(bytes).ok()),
        };
        match Self::read_text(valid.unwrap_or("")) {
            Ok(Self::Call { id, .. }) | Err(FrameError { call: Some(id), .. }) => Head::Call(id),
            Ok(Self::Result { .. } | Self::Error { .. }) | Err(FrameError { is_answer: true, .. }) => Head::Answer,
            Ok(Self::Unknown { .. }) | Err(_) => Head::Unreadable,
        }
    }

    /// Requires that the frame ends here, behind the payload.
    ///
    /// # Errors
    /// [`ErrorKind::Syntax`] if there is more.
    pub fn end(reader: &mut Reader<'f>) -> Result<(), WireError> {
        reader.expect(b']')?;
        reader.end()
    }

    fn read_text(text: &'f str) -> Result<Self, FrameError<'f>> {
        let mut r = Reader::new(text);
        let mut failed = FrameError {
            call: None,
            is_answer: false,
            error: WireError::new(ErrorKind::Syntax),
        };
        match Self::envelope(&mut r, &mut failed) {
            Ok(frame) => Ok(frame),
            Err(error) => {
                failed.error = error;
                Err(failed)
            }
        }
    }

    fn envelope(r: &mut Reader<'f>, failed: &mut FrameError<'f>) -> Result<Self, WireError> {
        r.expect(b'[')?;
        let kind = r.integer()?;
        failed.is_answer = matches!(kind, 3 | 4);
        r.expect(b',')?;
        let id = r.text(MESSAGE_ID_MAX).ok().and_then(Text::from_text);
        if !(2..=4).contains(&kind) {
            return Ok(Self::Unknown { kind, id });
        }
        let id = id.ok_or(WireError::new(ErrorKind::Syntax))?;
        if kind == 2 {
            failed.call = Some(id);
        }
        r.expect(b',')?;
        match kind {
            2 => {
                let action = r.string()?;
                r.expect(b',')?;
                Ok(Self::Call {
                    id,
                    action,
                    payload: *r,
                })
            }
            3 => Ok(Self::Result { id, payload: *r }),
            _ => {
                let code = r.string()?;
                // Descriptions and details are left out by some; the refusal counts all the same.
                let description = if r.take(b',') { r.string()? } else { Str::plain("") };
                Ok(Self::Error { id, code, description })
            }
        }
    }

    /// Opens a CALL; the payload and [`Frame::close`] follow.
    pub fn open_call(w: &mut Writer<'_>, id: &str, action: &'static str) {
        w.begin_array();
        w.integer(2);
        w.str(id);
        w.raw_name(action);
    }

    /// Writes a whole CALL.
    pub fn write_call<'a, R: Operation<'a>>(w: &mut Writer<'_>, id: &str, request: &R) {
        Self::open_call(w, id, R::ACTION);
        request.write(w);
        Self::close(w);
    }

    /// Opens a CALLRESULT; the payload and [`Frame::close`] follow.
    pub fn open_result(w: &mut Writer<'_>, id: Str<'_>) {
        w.begin_array();
        w.integer(3);
        w.text(id);
    }

    /// Writes a whole CALLERROR.
    pub fn write_error(w: &mut Writer<'_>, id: Str<'_>, code: &'static str, description: &str) {
        w.begin_array();
        w.integer(4);
        w.text(id);
        w.raw_name(code);
        w.str(description);
        w.raw("{}");
        w.end_array();
    }

    /// Closes what [`Frame::open_call`] or [`Frame::open_result`] opened.
    pub fn close(w: &mut Writer<'_>) {
        w.end_array();
    }
}
