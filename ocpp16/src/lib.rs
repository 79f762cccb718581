//! OCPP 1.6J for an OCPP charging station: the [`messages`] of the version, and the [`dialect`] that lets an
//! [`ocpp_core::Station`] speak it.

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

pub mod dialect;
pub mod messages;

pub use dialect::{DIALECT, Ocpp16};
