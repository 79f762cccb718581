//! An OCPP charging station as a state machine: no heap, no I/O, no clock of its own.
//!
//! This crate knows what a station does; how a version of OCPP says it is the business of a
//! [dialect](dialect::Dialect), of which `ocpp16` and `ocpp201` each have one.
//!
//! # The contract
//!
//! * [`Station::handle`] takes one [`Input`]: a frame, a plug, a token, a meter reading, the answer of storage.
//! * [`Station::poll`] gives one [`Action`] at a time until it returns `None`: send these bytes, permit energy there, store
//!   this. The action borrows the caller's buffer, never the station, so its answer may be given at once.
//! * [`Station::poll_at`] says when to poll again if nothing happens before.
//! * [`Station::is_idle`] says whether anything is under way.
//!
//! What the caller may rely on:
//!
//! * After `poll` returned `None`, `poll_at` is `None` or later than now.
//! * Granting waits, withdrawing never does: energy is permitted, and a transaction told, only after its record is
//!   [stored](Input::Stored); a stop, a lower limit, an unlock acts at once and is stored afterwards.
//! * At most one storage operation and one unsent frame are outstanding. Ten seconds of silence of storage count as a
//!   failure; a late answer is ignored.
//! * [`PollError::BufferTooSmall`] and [`InputError`] change nothing.
//! * Inputs from hardware are never refused; the last value counts. Events of transactions are kept in order.
//! * Nothing that a peer sends panics, loops or grows memory. One CALL is held at a time.
//!
//! Memory is lent: [`StationStorage`], or ready-made [`StationResources`]. The README has an example that runs.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

#[cfg(test)]
extern crate std;

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

mod contract;
pub mod dialect;
mod journal;
mod metering;
mod network;
mod place;
pub mod settings;
mod station;
mod time;
mod token;
mod transaction;
mod vocabulary;
pub mod wire;

pub use contract::*;
pub use journal::{Packing, Record, RecordError, RecordKind, SampleSet, SampleSets, Sets};
pub use metering::{Location, Measurand, Phase, READING_MAX, ReadingContext, Sample};
pub use network::StoredNetworkProfile;
pub use place::{ConnectorId, EvseId, Place, Topology};
pub use station::{
    Buffers, CacheSlot, Config, ConfigError, ConnectorSlot, EvseSlot, LocalListSlot, Station, StationResources,
    StationStorage, TransactionView,
};
pub use time::Instant;
pub use token::{AuthorizationStatus, TOKEN_MAX, Token, TokenInfo, TokenKind};
pub use transaction::TransactionId;
pub use vocabulary::{
    BootReason, ChargingState, ConnectorStatus, FaultCode, LockState, PilotState, Registration, SecurityEvent,
    StopReason, TriggerReason,
};
