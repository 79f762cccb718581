//! The wire codec of OCPP-J: JSON frames read and written without a heap, without copies and without floats.
//!
//! * [`Reader`] and [`Writer`] move over one document.
//! * [`message!`](crate::message) and [`wire_enum!`](crate::wire_enum) declare what stands in it; every declared type
//!   is [`Wire`].
//! * [`Frame`] is the envelope of OCPP-J: CALL, CALLRESULT, CALLERROR.
//!
//! Strings stay escaped slices of the frame ([`Text`], [`CiText`], [`SecretText`]), arrays are read again on each
//! pass ([`List`]), numbers are exact ([`Decimal`]), times are UTC ([`Timestamp`]).

mod decimal;
mod declare;
mod error;
mod frame;
mod list;
mod reader;
mod text;
mod timestamp;
mod writer;

pub use decimal::Decimal;
pub use declare::{Field, Message, Open, Operation, ReadField, Wire, WireEnum, WriteField};
pub use error::{ErrorKind, WireError};
pub use frame::{Frame, FrameError, Head, MESSAGE_ID_MAX};
pub use list::{Cursor, Iter, List};
pub use reader::{FieldName, Reader};
pub use text::{Chars, CiText, Raw, SecretText, Str, Text};
pub use timestamp::Timestamp;
pub use writer::{Mark, Pieces, Writer};
