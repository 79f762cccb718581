//! Each driver with the other end of its bus played by a script, on a clock that only a test moves.

mod clock;
mod contactor;
mod line;
mod mfrc522;
mod modbus;
mod pilot;
mod pins;
mod s0;
mod sdm630;
mod slot;
