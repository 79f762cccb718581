//! Interrupts from outside: the PLIC, and who gets them.

use riscv::interrupt::Interrupt;
use riscv::register::{mie, mstatus};

use crate::mmio::PLIC;
use crate::{uart, virtio};

const UART: u32 = 10;
/// Virtio slots have these, in order.
const VIRTIO: core::ops::RangeInclusive<u32> = 1..=virtio::SLOTS as u32;

/// Registers of the first hart in machine mode.
const ENABLE: usize = 0x2000;
const THRESHOLD: usize = 0x20_0000;
const CLAIM: usize = 0x20_0004;

/// Lets interrupts in.
pub fn start() {
    let sources = VIRTIO.chain([UART]);
    let mut enabled = 0;
    for source in sources {
        PLIC.write32(4 * source as usize, 1);
        enabled |= 1 << source;
    }
    PLIC.write32(ENABLE, enabled);
    PLIC.write32(THRESHOLD, 0);
    // SAFETY: the handlers below and that of the timer are there, and no critical section is open: `Board::take` runs
    // before everything else.
    unsafe {
        mie::set_mext();
        mie::set_mtimer();
        mstatus::set_mie();
    }
}

#[riscv_rt::core_interrupt(Interrupt::MachineExternal)]
fn external() {
    loop {
        match PLIC.read32(CLAIM) {
            0 => return,
            source => {
                match source {
                    UART => uart::on_interrupt(),
                    _ => virtio::on_interrupt(source as usize - 1),
                }
                PLIC.write32(CLAIM, source);
            }
        }
    }
}
