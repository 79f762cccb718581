//! How the machine ends: SiFive's test finisher, and what a panic or a trap comes to.

use core::panic::PanicInfo;

use crate::mmio::FINISHER;
use crate::{println, uart};

/// Exit code after a panic, or a trap that nobody handles.
pub const CRASHED: u8 = 101;
/// Exit code after a power cut that was asked for: `-append power-cut=…`.
pub const POWER_CUT: u8 = 75;

const PASS: u32 = 0x5555;
const FAIL: u32 = 0x3333;
const RESET: u32 = 0x7777;

/// Ends QEMU with this exit code, when everything printed is out.
pub fn exit(code: u8) -> ! {
    uart::flush();
    off(code)
}

/// Ends QEMU at once, as if the power were gone.
pub(crate) fn off(code: u8) -> ! {
    finish(if code == 0 { PASS } else { u32::from(code) << 16 | FAIL })
}

/// Restarts the machine, when everything printed is out. QEMU goes on.
pub fn reset() -> ! {
    uart::flush();
    finish(RESET)
}

fn finish(how: u32) -> ! {
    FINISHER.write32(0, how);
    // QEMU acts between two instructions, not always these.
    loop {
        riscv::asm::wfi();
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    riscv::interrupt::disable();
    println!("{info}");
    exit(CRASHED)
}

/// Access to an address where nothing is, an illegal instruction: programs in safe Rust get here by a stack overflow.
#[unsafe(export_name = "ExceptionHandler")]
fn trap(_: &riscv_rt::TrapFrame) -> ! {
    println!(
        "trap: cause {}, at {:#010x}, value {:#010x}",
        riscv::register::mcause::read().code(),
        riscv::register::mepc::read(),
        riscv::register::mtval::read(),
    );
    exit(CRASHED)
}
