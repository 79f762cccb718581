//! The same station speaking 2.0.1.

#![no_std]
#![no_main]

size::run!(size::station(&[&ocpp201::DIALECT]));
