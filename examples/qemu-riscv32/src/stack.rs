//! How much memory there is, how much of the stack was ever used, and a guard below it.
//!
//! The stack grows down towards the variables. Before it reaches them it meets a page that nobody may touch, so that an
//! overflow is a trap instead of a riddle. Below the guard is room for the handler of that trap.

use core::ptr::addr_of;

use riscv::register::{Permission, Range, pmpaddr0, pmpcfg0};

const PAINT: u32 = 0x5afe_5afe;
/// What painting itself may use: it must not paint over that.
const MARGIN: usize = 512;
/// Bytes that nobody may touch, and their alignment.
const GUARD: usize = 4096;
/// Bytes below, at least.
const FOR_TRAPS: usize = 2048;

unsafe extern "C" {
    // Of the linker script of riscv-rt: the ends of sections. `__estack` is where the stack may grow to.
    static __stext: u8;
    static __erodata: u8;
    static __sdata: u8;
    static __edata: u8;
    static __sbss: u8;
    static __euninit: u8;
    static __estack: u8;
    static __sstack: u8;
}

/// Where memory goes, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Map {
    /// Code and constants, and the first values of `data`.
    pub image: usize,
    /// Variables that begin with a value.
    pub data: usize,
    /// Variables that begin as zero, among them all tasks.
    pub bss: usize,
    /// What is left for the stack, above the guard.
    pub stack: usize,
}

impl Map {
    /// Of this program.
    pub fn new() -> Self {
        let data = between(addr_of!(__sdata), addr_of!(__edata));
        Self {
            image: between(addr_of!(__stext), addr_of!(__erodata)) + data,
            data,
            bss: between(addr_of!(__sbss), addr_of!(__euninit)),
            stack: addr_of!(__sstack).addr() - bottom(),
        }
    }
}

impl Default for Map {
    fn default() -> Self {
        Self::new()
    }
}

/// The most bytes that the stack ever held since the start, interrupts included.
pub fn high_water() -> usize {
    let end = addr_of!(__sstack).addr();
    let mut at = bottom();
    while at < end && word(at) == PAINT {
        at += 4;
    }
    end - at
}

/// Paints what the stack does not use yet, and sets the guard.
#[inline(never)]
pub(crate) fn start() {
    let here = 0;
    let end = (addr_of!(here).addr() - MARGIN) & !3;
    let mut at = bottom();
    while at < end {
        // SAFETY: an aligned word between the guard and the stack pointer, where nothing is. Interrupts are not on yet.
        unsafe { core::ptr::with_exposed_provenance_mut::<u32>(at).write_volatile(PAINT) };
        at += 4;
    }
    // SAFETY: nothing is in these bytes, so no access to them is lost. The encoding is that of the privileged
    // specification for an aligned power of two; being locked makes it apply to machine mode.
    unsafe {
        pmpaddr0::write((bottom() - GUARD) >> 2 | (GUARD / 8 - 1));
        pmpcfg0::set_pmp(0, Range::NAPOT, Permission::NONE, true);
    }
}

/// The lowest address of the stack.
fn bottom() -> usize {
    (addr_of!(__estack).expose_provenance() + FOR_TRAPS).next_multiple_of(GUARD) + GUARD
}

fn word(at: usize) -> u32 {
    // SAFETY: an aligned word of the stack's region. It may change meanwhile, which a volatile read may see.
    unsafe { core::ptr::with_exposed_provenance::<u32>(at).read_volatile() }
}

fn between(from: *const u8, to: *const u8) -> usize {
    to.addr().saturating_sub(from.addr())
}
