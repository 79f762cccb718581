//! What the probes share: a world that the optimiser cannot see through, so that it keeps what a probe does with it.
//!
//! A probe is one file in `src/bin`. The first line of its head says what it weighs, a line `Limit: 34000 bytes` what
//! it may weigh at most.

#![cfg_attr(target_os = "none", no_std)]

pub mod board;

use core::hint::black_box;
use core::ptr::{null, null_mut, read_volatile};
use ocpp_core::dialect::{Dialect, Identity};
use ocpp_core::{Config, Input, Instant, Station, StationResources, Topology};

// Nobody ever sets them, but the optimiser does not know that.
static mut INPUT: *const () = null();
static mut OUTPUT: *mut () = null_mut();

/// A value that could be any.
pub fn input<T>() -> &'static T {
    // SAFETY: a probe is built and weighed, never run.
    unsafe { &*read_volatile(&raw const INPUT).cast() }
}

/// A place that somebody may look into.
pub fn output<T>() -> &'static mut T {
    // SAFETY: as above.
    unsafe { &mut *read_volatile(&raw const OUTPUT).cast() }
}

/// A station with two EVSEs that speaks `dialects`, all its inputs and all its actions.
pub fn station(dialects: &[&dyn Dialect]) {
    let identity = *input::<Identity<'_>>();
    let config = Config::new(Topology::new(&[1, 1]), identity, *input());
    let memory = output::<StationResources<2, 2>>();
    let Ok(mut station) = Station::new(config, dialects, memory.storage()) else {
        return;
    };
    loop {
        let now = *input::<Instant>();
        black_box(&station.handle(now, *input::<Input<'_>>()));
        black_box(&station.poll(now, output::<[u8; 2048]>()));
        black_box(&station.poll_at());
        black_box(&station.is_idle());
    }
}

/// Makes a function the program.
#[macro_export]
macro_rules! run {
    ($run:expr) => {
        #[unsafe(no_mangle)]
        extern "C" fn _start() -> ! {
            $run;
            loop {}
        }
    };
}

#[cfg(target_os = "none")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
