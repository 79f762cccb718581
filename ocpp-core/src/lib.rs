//! An OCPP charging station as a state machine: no heap, no I/O, no clock of its own.

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

mod contract;
pub mod dialect;
mod metering;
mod place;
pub mod settings;
mod station;
mod time;
mod token;
mod transaction;
mod vocabulary;
pub mod wire;

pub use contract::*;
pub use metering::{Location, Measurand, Phase, READING_MAX, ReadingContext, Sample};
pub use place::{ConnectorId, EvseId, Place, Topology};
pub use station::{
    Buffers, CacheSlot, Config, ConfigError, ConnectorSlot, EvseSlot, Station, StationResources, StationStorage,
    TransactionView,
};
pub use time::Instant;
pub use token::{AuthorizationStatus, TOKEN_MAX, Token, TokenInfo, TokenKind};
pub use transaction::{Record, RecordError, RecordKind, SampleSet, SampleSets, Sets, TransactionId};
pub use vocabulary::{
    BootReason, ChargingState, ConnectorStatus, FaultCode, LockState, PilotState, Registration, StopReason,
    TriggerReason,
};
