//! The contract between a station and whoever drives it: inputs go in, actions come out.

mod action;
mod input;

pub use action::{Action, Event, Load, RebootKind, RecordId, Slot, TransactionPhase, ValueKey};
pub use input::{Fault, Input, InputError, LocalCommand, PollError, StoreError};
