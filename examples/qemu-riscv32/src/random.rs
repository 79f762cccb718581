//! Entropy: virtio-rng, which hands on the host's.

use static_cell::ConstStaticCell;

use crate::virtio::{Direction, Memory, Queue, Slot};

const DEVICE: u32 = 4;
/// Bytes asked for at once.
const CHUNK: usize = 64;

/// The source of entropy.
pub struct Random {
    queue: Queue<1, CHUNK>,
}

impl Random {
    pub(crate) fn new() -> Self {
        static MEMORY: ConstStaticCell<Memory<1, CHUNK>> = ConstStaticCell::new(Memory::new());
        let slot = Slot::find(DEVICE).expect("start QEMU with -device virtio-rng-device");
        slot.negotiate(0);
        let queue = Queue::new(slot, 0, Direction::FromDevice, MEMORY.take());
        slot.ready();
        Self { queue }
    }

    /// Fills this with random bytes. Waits for them, asleep, mostly well below a millisecond.
    pub fn fill(&mut self, mut bytes: &mut [u8]) {
        while !bytes.is_empty() {
            self.queue.give(0, bytes.len().min(CHUNK));
            let length = loop {
                // The interrupt may come before the sleep: with interrupts off it still ends the sleep.
                let used = critical_section::with(|_| {
                    self.queue.used().or_else(|| {
                        riscv::asm::wfi();
                        None
                    })
                });
                if let Some((_, length)) = used {
                    break length;
                }
            };
            self.queue.take_back();
            let (now, rest) = bytes.split_at_mut(length.min(bytes.len()));
            now.copy_from_slice(&self.queue.buffer(0)[..now.len()]);
            bytes = rest;
        }
    }
}
