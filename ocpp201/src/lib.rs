//! OCPP 2.0.1 for an OCPP charging station: the [`messages`] of the version, and the [`dialect`] that lets an
//! [`ocpp_core::Station`] speak it, as far as it is built.

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

pub use dialect::{DIALECT, Ocpp201};
