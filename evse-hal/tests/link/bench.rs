//! A link, a wire whose other end is a script, and a clock that a test sets.

use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
use evse_hal::websocket::{Clock, Endpoint, PingInterval, Transport, WebSocket, WebSocketError};
use evse_hal::{Link, Received};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// The example of RFC 6455 §1.3: what the random source gives for the key, and what a server makes of it.
pub const NONCE: &[u8; 16] = b"the sample nonce";
pub const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
pub const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

pub type Failure = WebSocketError<ErrorKind>;
/// `None` is: still waiting.
pub type Outcome = Option<Result<Message, Failure>>;
/// First byte and payload.
pub type Frame = (u8, Vec<u8>);

/// The other end: what it says, what it has heard, and how the wire behaves.
pub struct Wire {
    pub inbound: RefCell<VecDeque<u8>>,
    pub outbound: RefCell<Vec<u8>>,
    /// The stream ends after what is inbound.
    pub ended: Cell<bool>,
    /// Most bytes that one read or write moves.
    pub step: Cell<usize>,
    /// Every operation waits once, and wakes at once.
    pub stutters: Cell<bool>,
    /// Nothing is taken any more.
    pub stuck: Cell<bool>,
    /// After so many bytes, both ways counted, the wire fails.
    pub breaks_after: Cell<Option<usize>>,
    /// What opening gives; `None` is nothing, ever.
    pub opens: Cell<Option<Result<(), ErrorKind>>>,
    pub opened: Cell<u32>,
    pub closed: Cell<u32>,
    pub reads: Cell<u64>,
    pub now: Cell<u64>,
    pub unflushed: Cell<bool>,
}

impl Wire {
    pub fn new() -> Self {
        Self {
            inbound: RefCell::default(),
            outbound: RefCell::default(),
            ended: Cell::new(false),
            step: Cell::new(usize::MAX),
            stutters: Cell::new(false),
            stuck: Cell::new(false),
            breaks_after: Cell::new(None),
            opens: Cell::new(Some(Ok(()))),
            opened: Cell::new(0),
            closed: Cell::new(0),
            reads: Cell::new(0),
            now: Cell::new(0),
            unflushed: Cell::new(false),
        }
    }

    pub fn says(&self, bytes: &[u8]) {
        self.inbound.borrow_mut().extend(bytes);
    }

    /// What the link has said since the last time, as frames.
    pub fn heard(&self) -> Vec<Frame> {
        assert!(!self.unflushed.get(), "what is said is flushed");
        let bytes = self.outbound.take();
        let (frames, rest) = client_frames(&bytes);
        assert!(rest.is_empty(), "half a frame: {rest:02x?}");
        frames
    }

    async fn stutter(&self) {
        let mut waits = self.stutters.get();
        poll_fn(|cx| {
            if std::mem::take(&mut waits) {
                cx.waker().wake_by_ref();
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
    }

    /// How many of so many bytes may move.
    fn allowed(&self, wanted: usize) -> Result<usize, ErrorKind> {
        let wanted = wanted.min(self.step.get());
        let Some(left) = self.breaks_after.get() else {
            return Ok(wanted);
        };
        if left == 0 {
            return Err(ErrorKind::ConnectionReset);
        }
        self.breaks_after.set(Some(left - wanted.min(left)));
        Ok(wanted.min(left))
    }
}

impl Clock for &Wire {
    fn now_ms(&self) -> u64 {
        self.now.get()
    }

    async fn wait_until_ms(&self, at: u64) {
        poll_fn(|_| {
            if self.now.get() >= at {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}

/// The link's end of a wire.
pub struct Socket<'w>(pub &'w Wire);

impl ErrorType for Socket<'_> {
    type Error = ErrorKind;
}

impl Read for Socket<'_> {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, ErrorKind> {
        let wire = self.0;
        wire.reads.set(wire.reads.get() + 1);
        wire.stutter().await;
        poll_fn(|_| {
            let mut inbound = wire.inbound.borrow_mut();
            if inbound.is_empty() {
                return match (wire.ended.get(), wire.breaks_after.get()) {
                    (true, _) => Poll::Ready(Ok(0)),
                    (_, Some(0)) => Poll::Ready(Err(ErrorKind::ConnectionReset)),
                    _ => Poll::Pending,
                };
            }
            let count = match wire.allowed(buf.len().min(inbound.len())) {
                Ok(count) => count,
                Err(error) => return Poll::Ready(Err(error)),
            };
            buf.iter_mut()
                .zip(inbound.drain(..count))
                .for_each(|(to, from)| *to = from);
            Poll::Ready(Ok(count))
        })
        .await
    }
}

impl Write for Socket<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        assert!(!bytes.is_empty());
        self.0.stutter().await;
        if self.0.stuck.get() {
            std::future::pending::<()>().await;
        }
        let count = self.0.allowed(bytes.len())?;
        self.0.outbound.borrow_mut().extend(&bytes[..count]);
        self.0.unflushed.set(true);
        Ok(count)
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        self.0.stutter().await;
        self.0.unflushed.set(false);
        Ok(())
    }
}

impl Transport for Socket<'_> {
    async fn open(&mut self, _endpoint: &Endpoint<'_>) -> Result<(), ErrorKind> {
        self.0.opened.set(self.0.opened.get() + 1);
        assert_eq!(self.0.opened.get(), self.0.closed.get() + 1, "one connection at a time");
        match self.0.opens.get() {
            Some(outcome) => outcome,
            None => std::future::pending().await,
        }
    }

    async fn close(&mut self) {
        self.0.closed.set(self.0.closed.get() + 1);
    }
}

/// The nonce of the RFC for the key, and for masks bytes that are never the same.
pub fn random() -> impl FnMut(&mut [u8]) {
    let mut count = 0_u8;
    move |bytes| match bytes.len() {
        16 => bytes.copy_from_slice(NONCE),
        _ => bytes.fill_with(|| {
            count = count.wrapping_mul(5).wrapping_add(113);
            count
        }),
    }
}

/// A link on this wire that has not been connected, with memory for messages and no pings.
pub fn link<'b>(wire: &'b Wire, pings: &'b PingInterval, memory: &'b mut [u8]) -> impl Link<Error = Failure> + 'b {
    let endpoint = Endpoint::new("ws://csms.example.org:8080/ocpp", "CS-1").unwrap();
    WebSocket::new(Socket(wire), endpoint, wire, random(), pings, memory)
}

/// The answer of a server that picks this subprotocol.
pub fn answer(subprotocol: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {ACCEPT}\r\nSec-WebSocket-Protocol: {subprotocol}\r\n\r\n"
    )
}

pub const OFFER: [&str; 2] = ["ocpp2.0.1", "ocpp1.6"];

/// A link that is up, which nobody has said anything on.
pub fn connected<'b>(wire: &'b Wire, pings: &'b PingInterval, memory: &'b mut [u8]) -> impl Link<Error = Failure> + 'b {
    let mut link = link(wire, pings, memory);
    wire.says(answer("ocpp1.6").as_bytes());
    assert_eq!(now(link.connect(0, &OFFER)), Some(Ok("ocpp1.6")));
    wire.outbound.take();
    link
}

/// What was received.
#[derive(Debug, PartialEq)]
pub enum Message {
    Text(String),
    TooLarge(Vec<u8>),
    Closed,
}

pub fn text(text: &str) -> Outcome {
    Some(Ok(Message::Text(text.to_string())))
}

pub fn failed(failure: Failure) -> Outcome {
    Some(Err(failure))
}

/// Receives with a buffer of 1 KiB.
pub fn receive(link: &mut impl Link<Error = Failure>) -> Outcome {
    let mut buffer = [0; 1 << 10];
    let received = now(link.receive(&mut buffer))?;
    Some(received.map(|received| message(received, &buffer)))
}

pub fn message(received: Received, buffer: &[u8]) -> Message {
    match received {
        Received::Text(len) => Message::Text(String::from_utf8(buffer[..len].to_vec()).unwrap()),
        Received::TooLarge(len) => Message::TooLarge(buffer[..len].to_vec()),
        Received::Closed => Message::Closed,
    }
}

/// Everything that can be received now.
pub fn receive_all(link: &mut impl Link<Error = Failure>) -> Vec<Result<Message, Failure>> {
    let mut all = Vec::new();
    while let Some(received) = receive(link) {
        let over = !matches!(received, Ok(Message::Text(_) | Message::TooLarge(_)));
        all.push(received);
        if over {
            break;
        }
    }
    all
}

struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs a future until it is done, or waits for something that only the test can bring.
pub fn now<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let bell = Arc::new(Bell(AtomicBool::new(true)));
    let waker = Waker::from(bell.clone());
    while bell.0.swap(false, Ordering::Relaxed) {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
    }
    None
}

/// Polls a future once and drops it.
pub fn glimpse<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// First bytes of frames.
pub const TEXT: u8 = 0x81;
pub const TEXT_BEGINS: u8 = 0x01;
pub const BINARY: u8 = 0x82;
pub const CONTINUES: u8 = 0x00;
pub const ENDS: u8 = 0x80;
pub const CLOSE: u8 = 0x88;
pub const PING: u8 = 0x89;
pub const PONG: u8 = 0x8a;

/// A frame as servers send them.
pub fn frame(first: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let mut frame = vec![first];
    match payload.len() {
        len @ ..126 => frame.push(len as u8),
        len @ ..0x1_0000 => {
            frame.push(126);
            frame.extend((len as u16).to_be_bytes());
        }
        len => {
            frame.push(127);
            frame.extend((len as u64).to_be_bytes());
        }
    }
    frame.extend(payload);
    frame
}

/// Takes apart what a client has sent: first bytes and payloads, and what is left.
pub fn client_frames(mut bytes: &[u8]) -> (Vec<Frame>, &[u8]) {
    let mut frames = Vec::new();
    while let Some((frame, rest)) = client_frame(bytes) {
        frames.push(frame);
        bytes = rest;
    }
    (frames, bytes)
}

fn client_frame(bytes: &[u8]) -> Option<(Frame, &[u8])> {
    let (&[first, short], rest) = bytes.split_first_chunk()?;
    assert_ne!(short & 0x80, 0, "clients mask");
    let (len, rest) = match short & 0x7f {
        126 => rest
            .split_first_chunk()
            .map(|(len, rest)| (u16::from_be_bytes(*len).into(), rest))?,
        127 => rest
            .split_first_chunk()
            .map(|(len, rest)| (u64::from_be_bytes(*len) as usize, rest))?,
        len => (len.into(), rest),
    };
    let (mask, rest) = rest.split_first_chunk::<4>()?;
    let (payload, rest) = rest.split_at_checked(len)?;
    let payload = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
    Some(((first, payload.collect()), rest))
}
