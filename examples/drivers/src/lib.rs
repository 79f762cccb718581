//! Drivers for common parts of a charging station: each is an example of a trait of `evse_hal`, and works as it is.
//!
//! | part | trait | over |
//! |---|---|---|
//! | [`Sdm630`], a meter on Modbus RTU | [`EnergyMeter`](evse_hal::EnergyMeter) | `embedded-io-async` |
//! | [`S0Meter`], a meter that gives pulses | [`EnergyMeter`](evse_hal::EnergyMeter) | `embedded-hal` |
//! | [`Mfrc522`], an RFID reader | [`TokenReader`](evse_hal::TokenReader) | `embedded-hal-async` |
//! | [`GpioContactor`] | [`Contactor`](evse_hal::Contactor) | `embedded-hal` |
//! | [`PwmPilot`] | [`ControlPilot`](evse_hal::pilot::ControlPilot) | `embedded-hal`, and [`PlateauSource`] |
//! | [`NorSlot`] | [`FirmwareSlot`](evse_hal::FirmwareSlot) | `embedded-storage-async`, and [`BootLoader`] |
//!
//! Depend on the crate by its path, or copy the file you need: none needs another, but for [`modbus`] and the check sum.
//! What to wire, and what each does when something breaks, is in `docs/BOARD.md`.
//!
//! None was run against the real part yet: the tests play the other end of the bus as its data sheet describes it.

#![no_std]
#![forbid(unsafe_code)]
#![allow(async_fn_in_trait)] // futures of hardware are not `Send`
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

mod contactor;
mod crc;
mod float;
mod mfrc522;
pub mod modbus;
mod pilot;
mod s0;
mod sdm630;
mod slot;

pub use contactor::GpioContactor;
pub use mfrc522::{Mfrc522, ReaderError};
pub use pilot::{PilotError, PlateauSource, PwmPilot, RawPlateaus, Scale};
pub use s0::{PulseInput, Pulses, S0Meter};
pub use sdm630::{MeterError, Sdm630};
pub use slot::{BootLoader, NorSlot, SlotError};
