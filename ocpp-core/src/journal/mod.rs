//! The journal: transactions as they are kept in storage, record by record, and the bytes of that (`docs/STORAGE.md`).
//!
//! * [`Record`]: one event of a transaction, neutral between the versions.
//! * [`Sample`](crate::Sample)s travel with it in [`SampleSets`].
//! * [`Packing`]: several records in fewer bytes.
//!
//! Not done: signed meter values.

mod bytes;
mod pack;
mod record;
mod samples;

pub use pack::Packing;
pub use record::{Record, RecordError, RecordKind};

pub use samples::{SampleSet, SampleSets, Sets};

pub(crate) use bytes::{Decoder, Encoder};
pub(crate) use record::BOOT_SHIFT;
pub(crate) use samples::Moment;
