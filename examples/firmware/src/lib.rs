//! The application of a charger, the same on every board.
//!
//! A [`Board`] says what its parts are, and [`start`] joins them to a [`Charger`]: the station and its safety guards
//! ([`evse_hal::Driver`]), flash, network, meters, the clock, and a [console] of text lines for whoever sets the charger
//! up. Nothing here allocates: memory is lent by the board ([`Memory`]), or in the futures of the charger's four tasks.
//!
//! | file | what |
//! |---|---|
//! | `app.rs` | who is joined to whom, and the loop of turns |
//! | `board.rs` | what a board has to bring |
//! | `console.rs`, `arguments.rs`, `report.rs` | commands in; answers and events out |
//! | `provision.rs` | where the central system is, and who the station is there |
//! | `ways.rs`, `tcp.rs` | how a connection is made |
//! | `shared.rs` | one flash store for the station and the application |
//! | `time.rs` | uptime |
//!
//! Not done: TLS, which is for the board's [`Transport`](evse_hal::websocket::Transport) to bring; SNTP, so that the time of
//! day comes from the central system or the board's own clock; firmware updates.

#![no_std]
#![forbid(unsafe_code)]
#![allow(async_fn_in_trait)] // one executor, one thread
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

mod app;
mod arguments;
mod board;
pub mod console;
mod provision;
mod report;
mod shared;
mod tcp;
mod time;
mod ways;

pub use app::{Charger, LinkTask, Memory, PAGES, SensorTask, StartError, StationTask, StorageTask, start};
pub use arguments::{Arguments, Wrong};
pub use board::{Bench, Board, Entropy, Lines, NoReader, Parts, Product};
pub use provision::Provision;
pub use tcp::{Tcp, TcpError, TcpMemory};
pub use time::Uptime;
