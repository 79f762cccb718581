//! The same station speaking either. The aim is 120,000.

#![no_std]
#![no_main]

use ocpp16::dialect::{Ocpp16, REMOTE_TRIGGER};
use ocpp201::dialect::{Ocpp201, REPORTS};

static NEW: Ocpp201 = Ocpp201::new(&[ocpp201::dialect::CORE, REPORTS]);
static OLD: Ocpp16 = Ocpp16::new(&[ocpp16::dialect::CORE, REMOTE_TRIGGER]);

size::run!(size::station(&[&NEW, &OLD]));
