//! The network card: virtio-net, as a driver for `embassy-net`.
//!
//! ```ignore
//! let (stack, runner) = embassy_net::new(board.network, board::net::user_network(), resources, seed);
//! ```

use core::task::Context;

use embassy_net::{Config, Ipv4Address, Ipv4Cidr, StaticConfigV4};
use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState};
use static_cell::ConstStaticCell;

use crate::virtio::{Direction, Memory, Queue, Slot};

/// Frames that may wait to be read.
const RECEIVED: usize = 4;
/// Frames that may wait to be sent.
const SENT: usize = 2;
/// The longest Ethernet frame, without its checksum.
const FRAME: usize = 1514;
/// What virtio-net has before each frame: nothing that we use, so zeros.
const HEADER: usize = 12;
const BUFFER: usize = HEADER + FRAME;

const DEVICE: u32 = 1;
const FEATURE_MAC: u32 = 1 << 5;
const FEATURE_STATUS: u32 = 1 << 16;
const CONFIG_STATUS: usize = 6;
const LINK_UP: u8 = 1;

/// What QEMU's user network expects, without asking it over DHCP: this is 10.0.2.15, the host is 10.0.2.2.
pub fn user_network() -> Config {
    Config::ipv4_static(StaticConfigV4 {
        address: Ipv4Cidr::new(Ipv4Address::new(10, 0, 2, 15), 24),
        gateway: Some(HOST),
        dns_servers: Default::default(),
    })
}

/// The host's loopback, as seen from QEMU's user network.
pub const HOST: Ipv4Address = Ipv4Address::new(10, 0, 2, 2);

/// The network card. There is one.
pub struct Device {
    slot: Slot,
    received: Queue<RECEIVED, BUFFER>,
    sent: Queue<SENT, BUFFER>,
    address: [u8; 6],
}

impl Device {
    pub(crate) fn new() -> Self {
        static RECEIVE: ConstStaticCell<Memory<RECEIVED, BUFFER>> = ConstStaticCell::new(Memory::new());
        static SEND: ConstStaticCell<Memory<SENT, BUFFER>> = ConstStaticCell::new(Memory::new());
        let slot = Slot::find(DEVICE).expect("start QEMU with -device virtio-net-device");
        slot.negotiate(FEATURE_MAC | FEATURE_STATUS);
        let mut received = Queue::new(slot, 0, Direction::FromDevice, RECEIVE.take());
        let mut sent = Queue::new(slot, 1, Direction::ToDevice, SEND.take());
        sent.set_interrupts(false);
        slot.ready();
        for at in 0..RECEIVED {
            received.give(at, BUFFER);
        }
        Self {
            slot,
            received,
            sent,
            address: core::array::from_fn(|at| slot.config(at)),
        }
    }
}

impl Driver for Device {
    type RxToken<'a> = RxFrame<'a>;
    type TxToken<'a> = TxFrame<'a>;

    fn receive(&mut self, cx: &mut Context<'_>) -> Option<(RxFrame<'_>, TxFrame<'_>)> {
        self.slot.waker().register(cx.waker());
        self.received.used()?;
        let send = TxFrame::new(&mut self.sent)?;
        Some((RxFrame(&mut self.received), send))
    }

    fn transmit(&mut self, cx: &mut Context<'_>) -> Option<TxFrame<'_>> {
        self.slot.waker().register(cx.waker());
        TxFrame::new(&mut self.sent)
    }

    fn link_state(&mut self, cx: &mut Context<'_>) -> LinkState {
        self.slot.waker().register(cx.waker());
        if self.slot.config(CONFIG_STATUS) & LINK_UP == 0 {
            LinkState::Down
        } else {
            LinkState::Up
        }
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = FRAME;
        capabilities.max_burst_size = Some(RECEIVED);
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        HardwareAddress::Ethernet(self.address)
    }
}

/// A frame that has arrived.
pub struct RxFrame<'a>(&'a mut Queue<RECEIVED, BUFFER>);

impl embassy_net_driver::RxToken for RxFrame<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, read: F) -> R {
        let Some((at, length)) = self.0.used() else {
            return read(&mut []);
        };
        self.0.take_back();
        let result = read(self.0.buffer(at).get_mut(HEADER..length).unwrap_or_default());
        self.0.give(at, BUFFER);
        result
    }
}

/// Room for a frame that is to be sent.
pub struct TxFrame<'a> {
    queue: &'a mut Queue<SENT, BUFFER>,
    at: usize,
}

impl<'a> TxFrame<'a> {
    fn new(queue: &'a mut Queue<SENT, BUFFER>) -> Option<Self> {
        while queue.used().is_some() {
            queue.take_back();
        }
        let at = queue.free();
        // Only who waits for room wants to hear of it.
        queue.set_interrupts(at.is_none());
        let at = at.or_else(|| {
            // It may have come back before the interrupt was on.
            queue.take_back();
            queue.free()
        })?;
        Some(Self { queue, at })
    }
}

impl embassy_net_driver::TxToken for TxFrame<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, write: F) -> R {
        let buffer = self.queue.buffer(self.at);
        let (header, frame) = buffer.split_at_mut(HEADER);
        header.fill(0);
        // The stack keeps to `capabilities`.
        let result = write(&mut frame[..length]);
        self.queue.give(self.at, HEADER + length);
        result
    }
}
