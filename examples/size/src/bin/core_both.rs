//! The same station speaking either.

#![no_std]
#![no_main]

size::run!(size::station(&[&ocpp201::DIALECT, &ocpp16::DIALECT]));
