//! The same station speaking 2.0.1 Core, with reports by filter and without a local list. The aim is 96,000.

#![no_std]
#![no_main]

use ocpp201::dialect::{CORE, Ocpp201, REPORTS};

static DIALECT: Ocpp201 = Ocpp201::new(&[CORE, REPORTS]);

size::run!(size::station(&[&DIALECT]));
