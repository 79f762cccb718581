//! The hardware of an EV charging station: traits for its parts, the control pilot of IEC 61851-1, the [safety]
//! machine that guards the contactor, and with the feature `driver` the loop that joins all of it to an OCPP station.
//!
//! # Two kinds of readers
//!
//! **You have a board** and want it to charge. Implement the traits for what is on it; each says under *For board
//! authors* what it relies on. A part may be a struct of its own or a `&mut` reference to one, and one struct may
//! implement several traits. With the feature `driver`, give the parts to a `Driver`, whose page shows the whole
//! program.
//!
//! | trait | part | mandatory |
//! |---|---|---|
//! | [`pilot::ControlPilot`] | control pilot | per connector |
//! | [`Contactor`] | contactor with mirror contact | per connector |
//! | [`ConnectorLock`] | lock of a socket | [`NoLock`] for fixed cables |
//! | [`ProximityPilot`] | cable coding of a socket | [`FixedCable`] for fixed cables |
//! | [`ResidualCurrentMonitor`] | monitor of residual current | [`NotFitted`] behind a device of type B |
//! | [`Thermometer`] | temperature near the contacts | no: [`NotFitted`] |
//! | [`CurrentSensor`] | quick current sensor | no: [`NotFitted`] |
//! | [`EnergyMeter`] | meter | per EVSE |
//! | [`TokenReader`] | RFID reader, keypad, button | no |
//! | [`WallClock`] | time of day | once |
//! | [`Storage`] | flash, file | once |
//! | [`Link`] | WebSocket | once |
//! | [`System`] | reboot | once |
//! | [`Watchdog`] | watchdog | [`NoWatchdog`] while you try things |
//! | [`FirmwareSlot`] | the next firmware | no, and not used by the driver yet |
//! | [`Indicator`], [`Display`] | lamps, screen | no |
//!
//! Drivers for common parts are in the repository's `examples/drivers`. There is no trait for the transfer of files yet
//! (firmware to be fetched, a log to be sent), because the station has no actions that would use it.
//!
//! **You write something that uses such boards**, another driver for instance: the *For users* parts are for you. The
//! traits know nothing of OCPP, and without features this crate depends on nothing.
//!
//! # What is asynchronous
//!
//! What guards people is synchronous and quick: pilot, contactor, lock. What talks over a bus or a network is `async`:
//! meter, reader, storage, link. The futures need not be `Send`, and are bound to no executor.
//!
//! # Features
//!
//! - `driver`: the driver; brings in `ocpp-core`.
//! - `link`: `websocket`, the [`Link`] over any stream of bytes.
//! - `flash`: [`Storage`] in NOR flash.
//! - `std`: for tests on the host; with `flash`, a flash that can lose power.
//! - `defmt`: `defmt::Format` for the types.

#![no_std]
#![forbid(unsafe_code)]
#![allow(async_fn_in_trait)] // futures of hardware are not `Send`, and nobody is to promise that
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

#[cfg(any(test, feature = "std"))]
extern crate std;

mod connector;
mod contactor;
#[cfg(feature = "driver")]
mod driver;
mod error;
mod firmware;
#[cfg(feature = "flash")]
pub mod flash;
#[cfg(any(feature = "driver", feature = "link"))]
mod future;
mod link;
mod meter;
mod panel;
pub mod pilot;
pub mod safety;
mod sensors;
mod storage;
mod system;
mod token;
mod wall_clock;

pub use connector::{Cable, ConnectorLock, FixedCable, LockPosition, NoLock, ProximityPilot};
pub use contactor::Contactor;
#[cfg(feature = "driver")]
pub use driver::{
    Board, Driver, Lamps, Meter, Observer, Outlet, PortBuffers, PortMemory, Ports, Timer, Timing, Turn, UnderWay,
};
pub use error::{Error, ErrorKind, ErrorType};
pub use firmware::FirmwareSlot;
#[cfg(any(feature = "driver", feature = "link"))]
pub use future::both;
#[cfg(feature = "link")]
pub use link::websocket;
pub use link::{Link, Received};
pub use meter::{EnergyMeter, Location, Phase, Quantity, Reading, Value};
pub use panel::{Display, Indication, Indicator};
pub use sensors::{CurrentSensor, NotFitted, Residual, ResidualCurrentMonitor, Thermometer};
pub use storage::Storage;
pub use system::{NoWatchdog, Reboot, System, Watchdog};
pub use token::{Identifier, IdentifierKind, TokenReader};
pub use wall_clock::WallClock;
