//! `core16` with two pilots, two guards and the driver; what it weighs more than `core16` is theirs. The aim for these is 16,000.

#![no_std]
#![no_main]

use core::hint::black_box;
use size::board::with_driver;
use size::input;

size::run!(with_driver(|driver, _| {
    loop {
        black_box(&driver.turn(*input(), &mut ()));
        black_box(&driver.poll_at());
    }
}));
