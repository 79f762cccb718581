//! Where the driver and the futures that serve it meet.

use core::cell::Cell;
use core::ops::{Deref, DerefMut};

use super::link::LinkPort;
use super::meters::MeterPort;
use super::readers::TokenPort;
use super::storage::StoragePort;
use crate::future::Signal;

/// Memory of the ports.
#[derive(Debug)]
pub struct PortBuffers<'b> {
    /// What the link receives: as long as the longest message to be understood; 4 KiB is usual.
    pub inbound: &'b mut [u8],
    /// What the link sends: as long as the longest message to be sent; 2 KiB is usual.
    pub outbound: &'b mut [u8],
    /// What storage writes or reads: as long as the longest record; 1 KiB is usual.
    pub record: &'b mut [u8],
    /// Stands in for `outbound` as long as a message is being sent; should hold a record too.
    pub spare: &'b mut [u8],
}

/// What happens in a future of its own: storage, link, meters, readers. Each has a function that serves it; run these
/// side by side with the [`Driver`](super::Driver), on the same thread. They and the driver only share this.
///
/// Run each function at most once, `serve_reader` once per reader. See [`Driver`](super::Driver) for an example.
pub struct Ports<'b> {
    pub(super) link: LinkPort<'b>,
    pub(super) storage: StoragePort<'b>,
    pub(super) meters: MeterPort,
    pub(super) tokens: TokenPort,
    pub(super) spare: Lent<'b>,
    /// For the driver: something is there for it.
    pub(super) news: Signal,
}

impl<'b> Ports<'b> {
    /// Ports with these buffers.
    pub const fn new(buffers: PortBuffers<'b>) -> Self {
        Self {
            link: LinkPort::new(buffers.inbound, buffers.outbound),
            storage: StoragePort::new(buffers.record),
            meters: MeterPort::new(),
            tokens: TokenPort::new(),
            spare: Lent::new(buffers.spare),
            news: Signal::new(),
        }
    }
}

impl core::fmt::Debug for Ports<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Ports").finish_non_exhaustive()
    }
}

/// Ready-made memory of the ports, with buffers of the usual sizes.
///
/// ```
/// let mut memory = evse_hal::PortMemory::new();
/// let ports = memory.ports();
/// # let _ = ports;
/// ```
#[derive(Debug)]
pub struct PortMemory {
    inbound: [u8; 4096],
    outbound: [u8; 2048],
    record: [u8; 1024],
    spare: [u8; 1024],
}

impl PortMemory {
    /// Empty memory.
    pub const fn new() -> Self {
        Self {
            inbound: [0; 4096],
            outbound: [0; 2048],
            record: [0; 1024],
            spare: [0; 1024],
        }
    }

    /// Ports in it.
    pub const fn ports(&mut self) -> Ports<'_> {
        Ports::new(PortBuffers {
            inbound: &mut self.inbound,
            outbound: &mut self.outbound,
            record: &mut self.record,
            spare: &mut self.spare,
        })
    }
}

impl Default for PortMemory {
    fn default() -> Self {
        Self::new()
    }
}

/// A buffer that is either here or lent to somebody.
pub(super) struct Lent<'b>(Cell<Option<&'b mut [u8]>>);

impl<'b> Lent<'b> {
    pub(super) const fn new(buffer: &'b mut [u8]) -> Self {
        Self(Cell::new(Some(buffer)))
    }

    /// Takes the buffer until the loan ends; `None` if it is lent already.
    pub(super) fn borrow(&self) -> Option<Loan<'_, 'b>> {
        let buffer = self.0.take()?;
        Some(Loan { home: self, buffer })
    }
}

/// A lent buffer, which returns by itself, also if the future that holds it is dropped.
pub(super) struct Loan<'p, 'b> {
    home: &'p Lent<'b>,
    buffer: &'b mut [u8],
}

impl Deref for Loan<'_, '_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.buffer
    }
}

impl DerefMut for Loan<'_, '_> {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.buffer
    }
}

impl Drop for Loan<'_, '_> {
    fn drop(&mut self) {
        self.home.0.set(Some(core::mem::take(&mut self.buffer)));
    }
}
