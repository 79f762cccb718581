//! A station of the Core profile that speaks 1.6, with RemoteTrigger: the state machine, the dialect and the part of the codec that it uses. The aim is 64,000.
//!
//! Limit: 109500 bytes

#![no_std]
#![no_main]

use ocpp16::dialect::{CORE, Ocpp16, REMOTE_TRIGGER};

static DIALECT: Ocpp16 = Ocpp16::new(&[CORE, REMOTE_TRIGGER]);

size::run!(size::station(&[&DIALECT]));
