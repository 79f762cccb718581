//! Runs futures, and sleeps when none has anything to do.
//!
//! The loop is `embassy-executor`'s for riscv32 plus two counters: what is idle must sleep, and that is measured.

use core::cell::Cell;
use core::sync::atomic::{AtomicBool, Ordering};

use critical_section::Mutex;
use embassy_executor::{Spawner, raw};
use embassy_time::{Duration, Instant};
use static_cell::StaticCell;

/// Somebody is to be polled.
static WORK: AtomicBool = AtomicBool::new(true);
static LOAD: Mutex<Cell<Load>> = Mutex::new(Cell::new(Load {
    wake_ups: 0,
    asleep: Duration::from_ticks(0),
}));

/// What the processor did since the start.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// How often it woke up.
    pub wake_ups: u32,
    /// How long it slept; a future that spins keeps it awake.
    pub asleep: Duration,
}

/// What the processor did so far. Take it twice for what it does meanwhile.
pub fn load() -> Load {
    critical_section::with(|section| LOAD.borrow(section).get())
}

/// Runs the tasks that `init` spawns, for ever.
pub fn run(init: impl FnOnce(Spawner)) -> ! {
    static EXECUTOR: StaticCell<raw::Executor> = StaticCell::new();
    let executor = EXECUTOR.init(raw::Executor::new(core::ptr::null_mut()));
    init(executor.spawner());
    loop {
        // SAFETY: nobody else polls this executor, and `run` has not been entered twice: the cell would have panicked.
        unsafe { executor.poll() };
        critical_section::with(|section| {
            if !WORK.swap(false, Ordering::SeqCst) {
                let since = Instant::now();
                // An interrupt wakes it up although interrupts are off: they are handled after this section, so none is
                // missed between the look at `WORK` and this.
                riscv::asm::wfi();
                let mut load = LOAD.borrow(section).get();
                load.wake_ups = load.wake_ups.wrapping_add(1);
                load.asleep += since.elapsed();
                LOAD.borrow(section).set(load);
            }
        });
    }
}

#[unsafe(export_name = "__pender")]
fn pender(_: *mut ()) {
    WORK.store(true, Ordering::SeqCst);
}
