//! Time since the start, its alarms, and the watchdog, all from the CLINT's one timer.

use core::cell::{Cell, RefCell};
use core::task::Waker;

use critical_section::{CriticalSection, Mutex};
use embassy_time::{Duration, Instant};
use embassy_time_driver::Driver;
use embassy_time_queue_utils::Queue;
use riscv::interrupt::Interrupt;

use crate::mmio::CLINT;
use crate::{finisher, println};

const COMPARE: usize = 0x4000;
const TIME: usize = 0xbff8;
const NEVER: u64 = u64::MAX;

/// Resets the machine if nobody says for some time that all is well.
///
/// It lives on the timer's interrupt, so it does not see a program that hangs with interrupts off; a watchdog of a chip does.
pub struct Watchdog {
    patience: Duration,
}

impl Watchdog {
    pub(crate) fn new() -> Self {
        Self {
            patience: Duration::from_ticks(NEVER),
        }
    }

    /// From now on it wants to be fed this often.
    pub fn start(&mut self, patience: Duration) {
        self.patience = patience;
        evse_hal::Watchdog::feed(self);
        critical_section::with(|section| TIMER.set_alarm(section));
    }
}

impl evse_hal::Watchdog for Watchdog {
    fn feed(&mut self) {
        // The alarm stays at the old deadline, and then finds the new one: cheaper than setting it each time.
        let deadline = now().saturating_add(self.patience.as_ticks());
        critical_section::with(|section| TIMER.hungry.borrow(section).set(deadline));
    }
}

struct Timer {
    queue: Mutex<RefCell<Queue>>,
    /// When the next alarm of the queue is due.
    due: Mutex<Cell<u64>>,
    /// When the watchdog's patience ends.
    hungry: Mutex<Cell<u64>>,
}

embassy_time_driver::time_driver_impl!(static TIMER: Timer = Timer {
    queue: Mutex::new(RefCell::new(Queue::new())),
    due: Mutex::new(Cell::new(NEVER)),
    hungry: Mutex::new(Cell::new(NEVER)),
});

impl Timer {
    /// Wakes who is due, and notes when the next one is.
    fn expire(&self, section: CriticalSection<'_>) {
        let next = self.queue.borrow_ref_mut(section).next_expiration(now());
        self.due.borrow(section).set(next);
        self.set_alarm(section);
    }

    fn set_alarm(&self, section: CriticalSection<'_>) {
        let at = self.due.borrow(section).get().min(self.hungry.borrow(section).get());
        // An alarm in the past rings at once, so nothing is missed; the high half goes out of the way meanwhile.
        CLINT.write32(COMPARE + 4, u32::MAX);
        CLINT.write32(COMPARE, at as u32);
        CLINT.write32(COMPARE + 4, (at >> 32) as u32);
    }
}

impl Driver for Timer {
    fn now(&self) -> u64 {
        now()
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        critical_section::with(|section| {
            if self.queue.borrow_ref_mut(section).schedule_wake(at, waker) {
                self.expire(section);
            }
        });
    }
}

#[riscv_rt::core_interrupt(Interrupt::MachineTimer)]
fn alarm() {
    critical_section::with(|section| {
        if TIMER.hungry.borrow(section).get() <= now() {
            println!("watchdog: reset after {} ms", Instant::now().as_millis());
            finisher::reset();
        }
        TIMER.expire(section);
    });
}

/// Ticks since the start.
fn now() -> u64 {
    loop {
        let high = CLINT.read32(TIME + 4);
        let low = CLINT.read32(TIME);
        if CLINT.read32(TIME + 4) == high {
            return u64::from(high) << 32 | u64::from(low);
        }
    }
}
