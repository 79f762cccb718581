//! Virtio 1.x devices behind memory-mapped registers: slots, and queues of static memory.
//!
//! A queue is as small as its use: buffer `i` always belongs to descriptor `i`, and all buffers of a queue go in one
//! direction. The crate `virtio-drivers` does more, in pages: 8 KiB for each queue, where one of ours has some 200 bytes
//! beside its buffers.

use core::ptr::{NonNull, addr_of, addr_of_mut};
use core::sync::atomic::{Ordering, fence};

use embassy_sync::waitqueue::AtomicWaker;

use crate::mmio::{self, Registers};

/// Places for devices.
pub const SLOTS: usize = 8;

const MAGIC: usize = 0x000;
const VERSION: usize = 0x004;
const DEVICE_ID: usize = 0x008;
const FEATURES: usize = 0x010;
const FEATURES_HALF: usize = 0x014;
const ACCEPTED: usize = 0x020;
const ACCEPTED_HALF: usize = 0x024;
const QUEUE: usize = 0x030;
const QUEUE_LARGEST: usize = 0x034;
const QUEUE_SIZE: usize = 0x038;
const QUEUE_READY: usize = 0x044;
const NOTIFY: usize = 0x050;
const INTERRUPT: usize = 0x060;
const INTERRUPT_DONE: usize = 0x064;
const STATUS: usize = 0x070;
const DESCRIPTORS: usize = 0x080;
const AVAILABLE: usize = 0x090;
const USED: usize = 0x0a0;
const CONFIG: usize = 0x100;

const STATUS_DRIVER: u32 = 0x03;
const STATUS_FEATURES: u32 = 0x08;
const STATUS_READY: u32 = 0x04;
/// Among the upper 32 features: nothing of the time before the standard.
const VERSION_1: u32 = 1;

static WAKERS: [AtomicWaker; SLOTS] = [const { AtomicWaker::new() }; SLOTS];

/// Something happened to the device in this slot.
pub fn on_interrupt(slot: usize) {
    let registers = mmio::virtio(slot);
    registers.write32(INTERRUPT_DONE, registers.read32(INTERRUPT));
    WAKERS[slot].wake();
}

/// A slot with a device in it.
#[derive(Clone, Copy)]
pub struct Slot {
    index: usize,
    registers: Registers,
}

impl Slot {
    /// The first slot with such a device.
    pub fn find(device: u32) -> Option<Self> {
        (0..SLOTS)
            .map(|index| Self {
                index,
                registers: mmio::virtio(index),
            })
            .find(|slot| {
                slot.registers.read32(MAGIC) == u32::from_le_bytes(*b"virt")
                    && slot.registers.read32(DEVICE_ID) == device
            })
    }

    /// Begins, with these of the lower 32 features as far as the device has them.
    pub fn negotiate(self, wanted: u32) {
        let registers = self.registers;
        assert!(
            registers.read32(VERSION) == 2,
            "start QEMU with -global virtio-mmio.force-legacy=false"
        );
        registers.write32(STATUS, 0);
        registers.write32(STATUS, STATUS_DRIVER);
        for (half, wanted) in [wanted, VERSION_1].into_iter().enumerate() {
            registers.write32(FEATURES_HALF, half as u32);
            registers.write32(ACCEPTED_HALF, half as u32);
            registers.write32(ACCEPTED, registers.read32(FEATURES) & wanted);
        }
        registers.write32(STATUS, STATUS_DRIVER | STATUS_FEATURES);
        assert!(
            registers.read32(STATUS) & STATUS_FEATURES != 0,
            "the virtio device refuses its features"
        );
    }

    /// The queues are there: the device may work.
    pub fn ready(self) {
        self.registers
            .write32(STATUS, STATUS_DRIVER | STATUS_FEATURES | STATUS_READY);
    }

    /// A byte of the device's own registers.
    pub fn config(self, offset: usize) -> u8 {
        self.registers.read8(CONFIG + offset)
    }

    /// Whom to wake when something happens.
    pub fn waker(self) -> &'static AtomicWaker {
        &WAKERS[self.index]
    }
}

/// Where the bytes of a queue go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    ToDevice,
    FromDevice,
}

/// What a queue and its device share: `N` buffers of `LEN` bytes, and what is said about them.
#[repr(C, align(16))]
pub struct Memory<const N: usize, const LEN: usize> {
    descriptors: [Descriptor; N],
    available: Available<N>,
    used: Used<N>,
    buffers: [[u8; LEN]; N],
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Descriptor {
    address: u64,
    length: u32,
    flags: u16,
    next: u16,
}

#[repr(C, align(2))]
struct Available<const N: usize> {
    flags: u16,
    count: u16,
    ring: [u16; N],
}

#[repr(C, align(4))]
struct Used<const N: usize> {
    flags: u16,
    count: u16,
    ring: [[u32; 2]; N],
}

impl<const N: usize, const LEN: usize> Memory<N, LEN> {
    pub const fn new() -> Self {
        const { assert!(N.is_power_of_two() && N <= 32) };
        let descriptor = Descriptor {
            address: 0,
            length: 0,
            flags: 0,
            next: 0,
        };
        Self {
            descriptors: [descriptor; N],
            available: Available {
                flags: 0,
                count: 0,
                ring: [0; N],
            },
            used: Used {
                flags: 0,
                count: 0,
                ring: [[0; 2]; N],
            },
            buffers: [[0; LEN]; N],
        }
    }
}

/// A queue of a device. Each buffer is either the program's or lent to the device.
pub struct Queue<const N: usize, const LEN: usize> {
    registers: Registers,
    index: u32,
    flags: u16,
    memory: NonNull<Memory<N, LEN>>,
    /// Bit `i`: buffer `i` is lent to the device.
    lent: u32,
    /// How many buffers were lent, and came back, so far.
    given: u16,
    taken: u16,
}

impl<const N: usize, const LEN: usize> Queue<N, LEN> {
    const WRITTEN_BY_DEVICE: u16 = 2;
    const NO_INTERRUPT: u16 = 1;

    pub fn new(slot: Slot, index: u32, direction: Direction, memory: &'static mut Memory<N, LEN>) -> Self {
        let registers = slot.registers;
        registers.write32(QUEUE, index);
        assert!(
            registers.read32(QUEUE_LARGEST) >= N as u32,
            "the virtio queue is too small"
        );
        registers.write32(QUEUE_SIZE, N as u32);
        for (register, part) in [
            (DESCRIPTORS, addr_of!(memory.descriptors).expose_provenance()),
            (AVAILABLE, addr_of!(memory.available).expose_provenance()),
            (USED, addr_of!(memory.used).expose_provenance()),
        ] {
            registers.write32(register, part as u32);
            registers.write32(register + 4, 0);
        }
        registers.write32(QUEUE_READY, 1);
        Self {
            registers,
            index,
            flags: if direction == Direction::FromDevice {
                Self::WRITTEN_BY_DEVICE
            } else {
                0
            },
            memory: NonNull::from(memory),
            lent: 0,
            given: 0,
            taken: 0,
        }
    }

    /// A buffer that is not lent.
    pub fn free(&self) -> Option<usize> {
        (0..N).find(|at| !self.is_lent(*at))
    }

    /// A buffer.
    ///
    /// # Panics
    /// It is lent, or there is none.
    pub fn buffer(&mut self, at: usize) -> &mut [u8; LEN] {
        assert!(at < N && !self.is_lent(at), "the virtio buffer is lent");
        // SAFETY: the memory is there for ever and only this queue refers to it. The device has given the buffer back, so
        // nobody else has it, and `&mut self` keeps it from being lent meanwhile.
        unsafe { &mut (*self.memory.as_ptr()).buffers[at] }
    }

    /// Lends the first bytes of a buffer to the device.
    ///
    /// # Panics
    /// It is lent already, or there is none, or it is shorter.
    pub fn give(&mut self, at: usize, length: usize) {
        assert!(length <= LEN, "the virtio buffer is shorter");
        let address = self.buffer(at).as_ptr().expose_provenance() as u64;
        let descriptor = Descriptor {
            address,
            length: length as u32,
            flags: self.flags,
            next: 0,
        };
        let place = usize::from(self.given) % N;
        self.given = self.given.wrapping_add(1);
        self.lent |= 1 << at;
        let memory = self.memory.as_ptr();
        // SAFETY: `at` and `place` are below `N`. The device reads these places only after it has seen the new count, and
        // the fences keep the order.
        unsafe {
            addr_of_mut!((*memory).descriptors[at]).write_volatile(descriptor);
            addr_of_mut!((*memory).available.ring[place]).write_volatile(at as u16);
            fence(Ordering::SeqCst);
            addr_of_mut!((*memory).available.count).write_volatile(self.given);
            fence(Ordering::SeqCst);
        }
        self.registers.write32(NOTIFY, self.index);
    }

    /// The buffer that the device will give back next, and how many bytes it wrote there.
    pub fn used(&self) -> Option<(usize, usize)> {
        let memory = self.memory.as_ptr();
        // SAFETY: reads of what the device writes, volatile for that; the ring's place is below `N`, and not written any
        // more after the device has counted it.
        let [at, length] = unsafe {
            if addr_of!((*memory).used.count).read_volatile() == self.taken {
                return None;
            }
            fence(Ordering::SeqCst);
            addr_of!((*memory).used.ring[usize::from(self.taken) % N]).read_volatile()
        };
        assert!(
            (at as usize) < N && self.is_lent(at as usize),
            "the virtio device gives back what it has not"
        );
        Some((at as usize, (length as usize).min(LEN)))
    }

    /// Takes that buffer back.
    pub fn take_back(&mut self) {
        if let Some((at, _)) = self.used() {
            self.taken = self.taken.wrapping_add(1);
            self.lent &= !(1 << at);
        }
    }

    /// Whether there is an interrupt for each buffer that is given back.
    pub fn set_interrupts(&mut self, on: bool) {
        let flags = if on { 0 } else { Self::NO_INTERRUPT };
        // SAFETY: a place that only the program writes.
        unsafe { addr_of_mut!((*self.memory.as_ptr()).available.flags).write_volatile(flags) };
        fence(Ordering::SeqCst);
    }

    fn is_lent(&self, at: usize) -> bool {
        self.lent & 1 << at != 0
    }
}
