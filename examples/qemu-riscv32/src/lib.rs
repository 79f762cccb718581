//! QEMU's `virt` machine with a riscv32imac core, as a board for firmware: everything between the machine and a program.
//!
//! [`Board::take`] gives the parts, [`run`] runs futures on them. What is unsafe is in here: a program on top forbids it.
//!
//! | part | what it is in QEMU | here |
//! |---|---|---|
//! | UART | NS16550A | [`uart`], [`println!`] |
//! | timer | CLINT, 10 MHz | `embassy-time` |
//! | watchdog | the same timer | [`Watchdog`] |
//! | network | virtio-net | [`net`] |
//! | flash | the second pflash bank | [`flash`] |
//! | time of day | goldfish RTC | [`Rtc`] |
//! | entropy | virtio-rng | [`Random`] |
//! | command line | fw_cfg | [`Options`] |
//! | memory | 4 MiB for code, 440 KiB for data and stack | [`stack`] |
//! | power switch | test finisher | [`exit`], [`reset`] |
//!
//! Not done: more than one core.

#![no_std]

mod clock;
mod executor;
mod finisher;
pub mod flash;
mod interrupts;
mod memory;
mod mmio;
pub mod net;
mod options;
mod random;
mod rtc;
pub mod stack;
pub mod uart;
mod virtio;

use core::sync::atomic::{AtomicBool, Ordering};

pub use clock::Watchdog;
pub use executor::{Load, load, run};
pub use finisher::{CRASHED, POWER_CUT, exit, reset};
pub use memory::OneThread;
pub use options::Options;
pub use random::Random;
pub use rtc::Rtc;

/// The parts of the board.
pub struct Board {
    /// What the host says.
    pub lines: uart::Lines,
    /// Flash, erased when the machine is new.
    pub flash: flash::Flash,
    /// The network card.
    pub network: net::Device,
    /// The source of entropy.
    pub random: Random,
    /// The clock on the wall.
    pub rtc: Rtc,
    /// The command line.
    pub options: Options,
    /// The watchdog, not running yet.
    pub watchdog: Watchdog,
}

impl Board {
    /// Wakes up the hardware. Call it first, and once.
    ///
    /// # Panics
    /// If it is called again, or a device is missing: see `README.md` for how QEMU is started.
    pub fn take() -> Self {
        static TAKEN: AtomicBool = AtomicBool::new(false);
        assert!(!TAKEN.swap(true, Ordering::Relaxed), "the board is taken");
        stack::start();
        let lines = uart::start();
        interrupts::start();
        let options = Options::new();
        Self {
            lines,
            flash: flash::Flash::new(options.number("power-cut")),
            network: net::Device::new(),
            random: Random::new(),
            rtc: Rtc::new(),
            options,
            watchdog: Watchdog::new(),
        }
    }
}
