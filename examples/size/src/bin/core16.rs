//! A station of the Core profile that speaks 1.6: the state machine, the dialect and the part of the codec that it uses. The aim is 64,000.
//!
//! Limit: 100000 bytes

#![no_std]
#![no_main]

size::run!(size::station(&[&ocpp16::DIALECT]));
