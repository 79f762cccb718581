//! The link, served by a future that dials, sends and receives.

use core::cell::Cell;

use super::ports::{Lent, Loan, Ports};
use crate::error::{Error, ErrorKind};
use crate::future::{First, Signal, either};
use crate::link::{Link, Received};

/// Most subprotocols that are offered.
const SUBPROTOCOLS: usize = 4;

pub(super) struct LinkPort<'b> {
    inbound: Lent<'b>,
    outbound: Lent<'b>,
    subprotocols: Cell<[&'static str; SUBPROTOCOLS]>,
    order: Cell<Option<Order>>,
    /// Between the order to dial and its outcome.
    connecting: Cell<bool>,
    /// The part of `outbound` that is to be sent.
    frame: Cell<Option<(usize, usize)>>,
    /// The order changed, there is a frame, or the frame that came was taken.
    attention: Signal,
    connected: Cell<Option<&'static str>>,
    sent: Cell<bool>,
    received: Cell<Option<Received>>,
    disconnected: Cell<Option<Option<ErrorKind>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Connect(u8),
    Close,
}

impl<'b> LinkPort<'b> {
    pub(super) const fn new(inbound: &'b mut [u8], outbound: &'b mut [u8]) -> Self {
        Self {
            inbound: Lent::new(inbound),
            outbound: Lent::new(outbound),
            subprotocols: Cell::new([""; SUBPROTOCOLS]),
            order: Cell::new(None),
            connecting: Cell::new(false),
            frame: Cell::new(None),
            attention: Signal::new(),
            connected: Cell::new(None),
            sent: Cell::new(false),
            received: Cell::new(None),
            disconnected: Cell::new(None),
        }
    }

    pub(super) fn offer(&self, subprotocols: impl Iterator<Item = &'static str>) {
        let mut own = [""; SUBPROTOCOLS];
        own.iter_mut()
            .zip(subprotocols)
            .for_each(|(own, offered)| *own = offered);
        self.subprotocols.set(own);
    }

    pub(super) fn connect(&self, profile: u8) {
        self.connecting.set(true);
        self.give(Order::Connect(profile));
    }

    pub(super) fn close(&self) {
        self.give(Order::Close);
    }

    fn give(&self, order: Order) {
        self.order.set(Some(order));
        self.attention.notify();
    }

    pub(super) fn is_connecting(&self) -> bool {
        self.connecting.get()
    }

    pub(super) fn is_sending(&self) -> bool {
        self.frame.get().is_some()
    }

    /// The buffer for the next frame, unless the one before is still being sent.
    pub(super) fn outbound(&self) -> Option<Loan<'_, 'b>> {
        if self.is_sending() {
            None
        } else {
            self.outbound.borrow()
        }
    }

    /// Sends a part of `outbound`: from where, and how much.
    pub(super) fn send(&self, start: usize, len: usize) {
        self.frame.set(Some((start, len)));
        self.attention.notify();
    }

    pub(super) fn take_connected(&self) -> Option<&'static str> {
        self.connected.take()
    }

    pub(super) fn take_sent(&self) -> bool {
        self.sent.take()
    }

    pub(super) fn has_received(&self) -> bool {
        self.received.get().is_some()
    }

    /// Lets `read` look at what was received, and forgets it if that returns true.
    pub(super) fn read(&self, read: impl FnOnce(Received, &[u8]) -> bool) {
        let Some(received) = self.received.get() else {
            return;
        };
        let taken = self.inbound.borrow().is_none_or(|buffer| {
            let (Received::Text(len) | Received::TooLarge(len)) = received else {
                return true;
            };
            read(received, buffer.get(..len).unwrap_or(&buffer))
        });
        if taken {
            self.received.set(None);
            self.attention.notify();
        }
    }

    /// The link went down, and why; what was received and not taken is forgotten.
    pub(super) fn take_disconnected(&self) -> Option<Option<ErrorKind>> {
        let cause = self.disconnected.take()?;
        self.received.set(None);
        Some(cause)
    }

    /// Waits for the order to close.
    async fn closing(&self) {
        let ordered = || (self.order.get() == Some(Order::Close)).then_some(());
        self.attention.wait_for(ordered).await;
    }
}

impl Ports<'_> {
    /// Dials, sends and receives as the station wants it, for ever.
    pub async fn serve_link<L: Link>(&self, mut link: L) -> ! {
        let port = &self.link;
        loop {
            let order = port.attention.wait_for(|| port.order.take()).await;
            let cause = match order {
                Order::Connect(profile) => self.session(&mut link, profile).await,
                Order::Close => None,
            };
            link.close().await;
            port.order.set(None);
            port.connecting.set(false);
            port.frame.set(None);
            port.sent.set(false);
            port.disconnected.set(Some(cause));
            self.news.notify();
        }
    }

    /// From dialling to the end; returns why it ended, `None` if that was wanted.
    async fn session<L: Link>(&self, link: &mut L, profile: u8) -> Option<ErrorKind> {
        let port = &self.link;
        let offered = port.subprotocols.get();
        let count = offered.iter().take_while(|name| !name.is_empty()).count();
        let offered = offered.get(..count).unwrap_or(&[]);
        match either(link.connect(profile, offered), port.closing()).await {
            First::A(Ok(subprotocol)) => port.connected.set(Some(subprotocol)),
            First::A(Err(error)) => return Some(error.kind()),
            First::B(()) => return None,
        }
        port.connecting.set(false);
        self.news.notify();
        loop {
            if let Err(cause) = self.step(link).await {
                return cause;
            }
        }
    }

    /// Sends one frame, or receives one, or finds out that there is something else to do. An error ends the session.
    async fn step<L: Link>(&self, link: &mut L) -> Result<(), Option<ErrorKind>> {
        let port = &self.link;
        if port.order.get() == Some(Order::Close) {
            return Err(None);
        }
        if let Some((start, len)) = port.frame.get() {
            let buffer = port.outbound.borrow().ok_or(Some(ErrorKind::Other))?;
            let frame = buffer.get(start..).and_then(|bytes| bytes.get(..len));
            match either(link.send(frame.unwrap_or(&[])), port.closing()).await {
                First::A(sent) => sent.map_err(|error| Some(error.kind()))?,
                First::B(()) => return Err(None),
            }
            drop(buffer);
            port.frame.set(None);
            port.sent.set(true);
        } else if port.received.get().is_some() {
            port.attention.wait().await;
            return Ok(());
        } else {
            let mut buffer = port.inbound.borrow().ok_or(Some(ErrorKind::Other))?;
            match either(link.receive(&mut buffer), port.attention.wait()).await {
                First::A(Ok(Received::Closed)) => return Err(Some(ErrorKind::Closed)),
                First::A(Ok(received)) => port.received.set(Some(received)),
                First::A(Err(error)) => return Err(Some(error.kind())),
                First::B(()) => return Ok(()),
            }
        }
        self.news.notify();
        Ok(())
    }
}
