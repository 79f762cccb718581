//! The control channel: JSON lines, commands in, replies and events out.
//!
//! This is a public interface, described in the README; [`PROTO`] is its version.

mod command;
mod event;
mod reply;
pub mod snapshot;

pub use command::*;
#[cfg(test)]
pub use event::collected;
pub use event::{Event, Outbox};
pub use reply::{Line, Reply};

/// Version of the interface.
pub const PROTO: u32 = 1;
