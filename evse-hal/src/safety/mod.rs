//! The safety machine: decides when current is offered, when the contactor is closed, and when a plug is released.
//!
//! A [`Guard`] owns the [`Parts`] of one connector and nobody else touches them. It is synchronous, allocates nothing, and
//! knows nothing of networks or OCPP: the station says what it wants ([`Request`]), the guard decides, and tells how the
//! connector is ([`Report`]). It either runs in the driver's loop, or on a core or at an interrupt priority of its own,
//! with a [`Channel`] between it and the station; which, is a matter of what is given to the driver.
//!
//! # What must hold for the contactor to close
//!
//! All of this: the station permits energy and was heard lately; there is a current of 6 A or more that board, cable,
//! temperature and station allow; nobody wants the plug; the plug is locked, or the cable is fixed; the vehicle is in
//! state C, or in state D in a ventilated room; the monitor of residual current has passed its self test during this visit
//! and sees nothing; the contactor is confirmed to be open, and was for the minimum time; no fault is there or latched.
//!
//! # States
//!
//! | state | contactor | pilot | leaves to |
//! |---|---|---|---|
//! | [`Off`](State::Off) | open | PWM if energy is wanted, the plug is held and a vehicle is there; +12 V otherwise | `Testing` if the same holds and the self test was not passed yet; `On` if everything above holds |
//! | [`Testing`](State::Testing) | open | PWM | `On` or `Off` when the test is passed; `Off` if energy is not wanted any more |
//! | [`On`](State::On) | closed | PWM | `Off` at once if the vehicle is not ready any more (A, B, D without ventilation), the plug is not held, or the station goes down; `Stopping` if energy is not wanted any more |
//! | [`Stopping`](State::Stopping) | closed | +12 V | `Off` when the vehicle has stopped, or after the grace time; `On` if energy is wanted again |
//! | [`Paused`](State::Paused) | open | +12 V | `Off` when the fault has passed and the pause is over |
//! | [`Latched`](State::Latched) | open | −12 V for 300 ms, then +12 V | `Off` when cause and vehicle are gone, or the fault was acknowledged, and the contactor is open |
//!
//! From every state a fault that may pass leads to `Paused`, a dangerous one to `Latched`; [`Fault`] says which is which.
//! A fault that passes but has interrupted the energy too often in one visit is latched too.
//!
//! # How fast
//!
//! What is read in a [`tick`](Guard::tick) is acted upon in the same one: state A, B, E or F, residual current, a lost lock,
//! heat. With ticks of 5 ms and a debounce of 30 ms the contactor is told to open 35 ms after the voltage changed; the
//! standard wants power off 100 ms after C → B. A vehicle from which the offer is withdrawn gets some seconds to stop by
//! itself, which spares the contacts. A lost heartbeat of the station is a withdrawn permission.
//!
//! # Not here
//!
//! A second, independent channel that opens the contactor: that is hardware. Measuring the insulation or the protective
//! conductor. Reverse power flow. Switching between one and three phases.

mod excess;
mod fault;
mod guard;
mod heat;
mod limits;
mod lock;
mod machine;
mod mailbox;
mod message;
mod parts;
mod state;
#[cfg(test)]
mod tests;

pub use fault::{Fault, Faults};
pub use guard::{Guard, Guarded};
pub use limits::Limits;
pub use lock::{LockOutcome, LockWish};
pub use mailbox::{Channel, SafetySide, StationSide};
pub use message::{Report, Request};
pub use parts::{Hardware, Parts};
pub use state::State;
