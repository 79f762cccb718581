//! The control pilot and the safety machine of a socket with everything, on a core of its own.
//!
//! Limit: 7000 bytes

#![no_std]
#![no_main]

use evse_hal::safety::{Channel, SafetySide};
use size::board::{SocketGuard, guard};
use size::{input, output};

size::run!(guarding());

fn guarding() {
    let channel = output::<Channel>();
    let (mut station, mut safety) = channel.split();
    let mut guard = guard();
    loop {
        station.send(*input());
        core::hint::black_box(station.receive());
        tick(&mut guard, &mut safety);
    }
}

#[inline(never)]
fn tick(guard: &mut SocketGuard, safety: &mut SafetySide<'_>) {
    core::hint::black_box(guard.tick(*input(), safety));
}
