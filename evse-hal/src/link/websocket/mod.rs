//! The [`Link`] over any stream of bytes: a WebSocket client (RFC 6455) without a heap.
//!
//! The board gives a [`Transport`] (a socket, with or without TLS), the way to the central system ([`Endpoints`]), a
//! [`Clock`] and random bytes; the rest is here: the opening handshake with subprotocol and HTTP Basic authentication,
//! masks, fragments, pings both ways, the closing handshake both ways, and time-outs for all of it.
//!
//! Why this is not one of the libraries there are is in `docs/decisions/0006-websocket.md`.
//!
//! Not done: extensions (compression), redirections, proxies, sending in fragments.

mod endpoint;
mod error;
mod inbound;
mod outbound;
mod transport;
mod upgrade;

pub use endpoint::{Endpoint, Endpoints};
pub use error::WebSocketError;
pub use transport::{Clock, Transport};

use super::{Link, Received};
use crate::error::ErrorType;
use crate::future::{First, Signal, either, yield_now};
use core::cell::Cell;
use core::future::{Future, pending};
use inbound::{CLOSE, Event, Inbound, NORMAL, PING, PONG, TEXT, Unread};
use outbound::Outbound;
use upgrade::{Answer, Key};

/// After so many reads in a row others run, whatever the peer has to say.
const BURST: u8 = 16;

/// How long things may take, in milliseconds.
///
/// ```
/// use evse_hal::websocket::Patience;
///
/// let slow_modem = Patience { dial_ms: 90_000, ..Patience::default() };
/// assert_eq!(slow_modem.close_ms, 1_000);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Patience {
    /// Finding the endpoint and opening the transport, with name lookup and TLS: 30 s.
    pub dial_ms: u32,
    /// The opening handshake: 20 s.
    pub upgrade_ms: u32,
    /// Sending a message: 20 s.
    pub send_ms: u32,
    /// Silence after a ping: 20 s.
    pub pong_ms: u32,
    /// Saying goodbye, and once more closing the transport: 1 s.
    pub close_ms: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            dial_ms: 30_000,
            upgrade_ms: 20_000,
            send_ms: 20_000,
            pong_ms: 20_000,
            close_ms: 1_000,
        }
    }
}

/// How often the link pings: OCPP's `WebSocketPingInterval`, which may change while the link is up.
///
/// ```
/// use evse_hal::websocket::PingInterval;
///
/// let interval = PingInterval::new(60);
/// // ... the link borrows it; later the central system wants none:
/// interval.set(0);
/// ```
pub struct PingInterval {
    seconds: Cell<u32>,
    changed: Signal,
}

impl PingInterval {
    /// A ping each so many seconds; 0 is none.
    pub const fn new(seconds: u32) -> Self {
        Self {
            seconds: Cell::new(seconds),
            changed: Signal::new(),
        }
    }

    /// From now on a ping each so many seconds, counted from the last one; 0 is none.
    pub fn set(&self, seconds: u32) {
        if self.seconds.replace(seconds) != seconds {
            self.changed.notify();
        }
    }
}

impl core::fmt::Debug for PingInterval {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("PingInterval").field(&self.seconds.get()).finish()
    }
}

/// A WebSocket client over any [`Transport`].
///
/// It owns 1 KiB beside what it is given, and borrows memory for one message, whose length is the longest that is received whole.
/// Of a longer one [`receive`](Link::receive) gives the head; the rest, up to 4 MiB in all, is read and thrown away.
/// Binary messages, which OCPP does not have, are skipped. A peer that breaks the protocol is told so and left. Pings are
/// sent, answers to them awaited, and pings answered, only in [`receive`](Link::receive).
///
/// The source of random bytes must be one that nobody can predict, such as the microcontroller's hardware generator:
/// masks keep a malicious application from choosing the bytes on the wire (RFC 6455 §10.3).
///
/// ```
/// use evse_hal::Link;
/// use evse_hal::websocket::{Clock, Endpoint, PingInterval, Transport, WebSocket};
///
/// async fn greet(transport: impl Transport, clock: impl Clock, random: fn(&mut [u8])) -> Option<()> {
///     let endpoint = Endpoint::new("ws://192.0.2.7:8080/ocpp", "CS-1")?;
///     let pings = PingInterval::new(60);
///     let mut memory = [0; 4096];
///     let mut link = WebSocket::new(transport, endpoint, clock, random, &pings, &mut memory);
///     link.connect(0, &["ocpp2.0.1", "ocpp1.6"]).await.ok()?;
///     link.send(br#"[2,"1","Heartbeat",{}]"#).await.ok()?;
///     link.close().await;
///     Some(())
/// }
/// ```
pub struct WebSocket<'b, T, E, C, R> {
    transport: T,
    endpoints: E,
    clock: C,
    random: R,
    pings: &'b PingInterval,
    patience: Patience,
    phase: Phase,
    unread: Unread,
    inbound: Inbound<'b>,
    outbound: Outbound,
    /// Until when the control frame in `outbound` must be written.
    control_until: u64,
    /// When the last ping was sent, or the link came up.
    pinged: u64,
    /// Nothing was read since that ping.
    is_silent: bool,
    reads: u8,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// There is no connection.
    Down,
    /// There may be a connection, but not one on which a goodbye would be understood: it is being made, has failed, or the
    /// message that was being sent was not finished.
    Broken,
    Up,
    /// Our goodbye is under way or sent; `receive` still owes the reason.
    Leaving(Reason),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reason {
    Peer,
    Violation(u16),
    Told,
}

impl<'b, T, E, C, R> WebSocket<'b, T, E, C, R>
where
    T: Transport,
    E: Endpoints,
    C: Clock,
    R: FnMut(&mut [u8]),
{
    /// A link that is down.
    pub fn new(transport: T, endpoints: E, clock: C, random: R, pings: &'b PingInterval, memory: &'b mut [u8]) -> Self {
        Self {
            transport,
            endpoints,
            clock,
            random,
            pings,
            patience: Patience::default(),
            phase: Phase::Down,
            unread: Unread::new(),
            inbound: Inbound::new(memory),
            outbound: Outbound::new(),
            control_until: 0,
            pinged: 0,
            is_silent: false,
            reads: 0,
        }
    }

    /// With other time-outs.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    async fn dial<'s>(&mut self, profile: u8, subprotocols: &[&'s str]) -> Result<&'s str, WebSocketError<T::Error>> {
        let mut random = [0; 16];
        (self.random)(&mut random);
        let key = Key::new(&random);
        let Self {
            transport,
            endpoints,
            clock,
            unread,
            outbound,
            ..
        } = self;
        let until = after(clock, self.patience.dial_ms);
        let endpoint = within(clock, until, endpoints.endpoint(profile)).await?;
        let endpoint = endpoint.ok_or(WebSocketError::NoEndpoint)?;
        let opened = within(clock, until, transport.open(&endpoint)).await?;
        opened.map_err(WebSocketError::Dial)?;
        let until = after(clock, self.patience.upgrade_ms);
        within(clock, until, async {
            upgrade::request(transport, outbound, &endpoint, &key, subprotocols).await?;
            let mut answer = Answer::new(&key, subprotocols);
            loop {
                while let Some(byte) = unread.next() {
                    if let Some(subprotocol) = answer.read(byte)? {
                        return Ok(subprotocol);
                    }
                }
                fill(transport, unread).await?;
            }
        })
        .await?
    }

    async fn next(&mut self, buf: &mut [u8]) -> Result<Received, WebSocketError<T::Error>> {
        loop {
            if matches!(self.phase, Phase::Down | Phase::Broken) {
                return Err(WebSocketError::Closed);
            }
            if !self.outbound.is_flushed() {
                let written = self.outbound.flush(&mut self.transport);
                within(&self.clock, self.control_until, written).await??;
            }
            if let Phase::Leaving(reason) = self.phase {
                self.phase = Phase::Leaving(Reason::Told);
                return match reason {
                    Reason::Peer => Ok(Received::Closed),
                    Reason::Violation(code) => Err(WebSocketError::Violation(code)),
                    Reason::Told => Err(WebSocketError::Closed),
                };
            }
            match self.inbound.read(&mut self.unread) {
                Some(Event::Text) => return Ok(self.hand_over(buf)),
                Some(Event::Ping) => {
                    let mask = self.mask();
                    self.outbound.control(PONG, self.inbound.control(), mask);
                    self.control_until = after(&self.clock, self.patience.send_ms);
                }
                Some(Event::Close(code)) => self.leave(Reason::Peer, code),
                Some(Event::Violation(code)) => self.leave(Reason::Violation(code), Some(code)),
                None => self.wait().await?,
            }
        }
    }

    /// Copies the message that was read.
    fn hand_over(&self, buf: &mut [u8]) -> Received {
        let (text, whole) = self.inbound.text();
        buf.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
        if whole && text.len() <= buf.len() {
            Received::Text(text.len())
        } else {
            Received::TooLarge(text.len().min(buf.len()))
        }
    }

    /// Waits for bytes, or until it is time for a ping.
    async fn wait(&mut self) -> Result<(), WebSocketError<T::Error>> {
        let interval = u64::from(self.pings.seconds.get()).saturating_mul(1000);
        let pause = if self.is_silent {
            Some(self.patience.pong_ms.into())
        } else {
            (interval > 0).then_some(interval)
        };
        let at = pause.map(|pause| self.pinged.saturating_add(pause));
        let alarm = async {
            match at {
                Some(at) => self.clock.wait_until_ms(at).await,
                None => pending().await,
            }
        };
        // What has come counts, even if it is read late.
        let read = fill(&mut self.transport, &mut self.unread);
        if let First::A(read) = either(read, either(alarm, self.pings.changed.wait())).await {
            read?;
            self.is_silent = false;
            self.reads = self.reads.wrapping_add(1);
            if self.reads.is_multiple_of(BURST) {
                yield_now().await;
            }
            return Ok(());
        }
        let now = self.clock.now_ms();
        if at.is_some_and(|at| now >= at) {
            if self.is_silent {
                return Err(WebSocketError::Timeout);
            }
            self.is_silent = true;
            self.pinged = now;
            self.control(PING, &[]);
        }
        Ok(())
    }

    /// Begins the goodbye.
    fn leave(&mut self, reason: Reason, code: Option<u16>) {
        self.phase = Phase::Leaving(reason);
        let code = code.map(u16::to_be_bytes);
        self.control(CLOSE, code.as_ref().map_or(&[], |code| code));
    }

    /// Makes a control frame ready to be written.
    fn control(&mut self, opcode: u8, payload: &[u8]) {
        let mask = self.mask();
        self.outbound.control(opcode, payload, mask);
        self.control_until = after(&self.clock, self.patience.send_ms);
    }

    fn mask(&mut self) -> [u8; 4] {
        let mut mask = [0; 4];
        (self.random)(&mut mask);
        mask
    }
}

impl<T, E, C, R> ErrorType for WebSocket<'_, T, E, C, R>
where
    T: Transport,
{
    type Error = WebSocketError<T::Error>;
}

impl<T, E, C, R> Link for WebSocket<'_, T, E, C, R>
where
    T: Transport,
    E: Endpoints,
    C: Clock,
    R: FnMut(&mut [u8]),
{
    async fn connect<'s>(&mut self, profile: u8, subprotocols: &[&'s str]) -> Result<&'s str, Self::Error> {
        self.close().await;
        self.unread.filled(0);
        self.inbound.reset();
        self.outbound.reset();
        self.phase = Phase::Broken;
        let subprotocol = self.dial(profile, subprotocols).await?;
        self.phase = Phase::Up;
        self.pinged = self.clock.now_ms();
        self.is_silent = false;
        Ok(subprotocol)
    }

    async fn send(&mut self, text: &[u8]) -> Result<(), Self::Error> {
        if self.phase != Phase::Up {
            return Err(WebSocketError::Closed);
        }
        self.phase = Phase::Broken;
        let mask = self.mask();
        let until = after(&self.clock, self.patience.send_ms);
        let sent = self.outbound.message(&mut self.transport, TEXT, text, mask);
        within(&self.clock, until, sent).await??;
        self.phase = Phase::Up;
        Ok(())
    }

    async fn receive(&mut self, buf: &mut [u8]) -> Result<Received, Self::Error> {
        let received = self.next(buf).await;
        // Who was told of its violation is also waited for.
        let is_lost = !matches!(received, Ok(_) | Err(WebSocketError::Violation(_)));
        if is_lost && self.phase != Phase::Down {
            self.phase = Phase::Broken;
        }
        received
    }

    async fn close(&mut self) {
        if self.phase == Phase::Down {
            return;
        }
        if self.phase == Phase::Up {
            self.leave(Reason::Told, Some(NORMAL));
        }
        if matches!(self.phase, Phase::Leaving(_)) {
            let until = after(&self.clock, self.patience.close_ms);
            let goodbye = goodbye(&mut self.transport, &mut self.outbound, &mut self.unread);
            let _: Result<_, WebSocketError<T::Error>> = within(&self.clock, until, goodbye).await;
        }
        let until = after(&self.clock, self.patience.close_ms);
        let _: Result<_, WebSocketError<T::Error>> = within(&self.clock, until, self.transport.close()).await;
        self.phase = Phase::Down;
    }
}

/// Writes the goodbye, and waits until the peer hangs up: what is still under way to it would be lost otherwise.
async fn goodbye<T: Transport>(
    transport: &mut T,
    outbound: &mut Outbound,
    unread: &mut Unread,
) -> Result<(), WebSocketError<T::Error>> {
    outbound.flush(transport).await?;
    loop {
        fill(transport, unread).await?;
        yield_now().await;
    }
}

/// Reads what has come.
async fn fill<T: Transport>(transport: &mut T, unread: &mut Unread) -> Result<(), WebSocketError<T::Error>> {
    match transport
        .read(&mut unread.bytes)
        .await
        .map_err(WebSocketError::Transport)?
    {
        0 => Err(WebSocketError::Closed),
        count => {
            unread.filled(count);
            Ok(())
        }
    }
}

/// The moment so many milliseconds from now.
fn after(clock: &impl Clock, ms: u32) -> u64 {
    clock.now_ms().saturating_add(ms.into())
}

/// Waits for a future until that moment.
async fn within<F: Future, E>(clock: &impl Clock, until: u64, future: F) -> Result<F::Output, WebSocketError<E>> {
    match either(future, clock.wait_until_ms(until)).await {
        First::A(output) => Ok(output),
        First::B(()) => Err(WebSocketError::Timeout),
    }
}
