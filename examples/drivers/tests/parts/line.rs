//! A serial line: who is asked what, and what comes back when.

use crate::clock::Clock;
use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

/// One end of it; a clone is the same line.
#[derive(Clone)]
pub struct Line(Rc<Wires>);

struct Wires {
    clock: Clock,
    /// Requests to come, and what each brings about.
    script: RefCell<VecDeque<(Vec<u8>, Vec<Burst>)>>,
    /// Bytes under way, and when they arrive.
    inbound: RefCell<VecDeque<(u64, u8)>>,
    sent: RefCell<Vec<u8>>,
    /// Most bytes that one read gives.
    step: Cell<usize>,
    broken: Cell<Option<ErrorKind>>,
    breaks_next: Cell<Option<ErrorKind>>,
    stuck: Cell<bool>,
}

/// Bytes that arrive together, so many microseconds after the request.
pub type Burst = (u64, Vec<u8>);

impl Line {
    pub fn new(clock: &Clock) -> Self {
        Self(Rc::new(Wires {
            clock: clock.clone(),
            script: RefCell::default(),
            inbound: RefCell::default(),
            sent: RefCell::default(),
            step: Cell::new(usize::MAX),
            broken: Cell::new(None),
            breaks_next: Cell::new(None),
            stuck: Cell::new(false),
        }))
    }

    /// The next request is this one, and brings about this.
    pub fn expect(&self, request: &[u8], answer: impl IntoIterator<Item = Burst>) {
        let exchange = (request.to_vec(), answer.into_iter().collect());
        self.0.script.borrow_mut().push_back(exchange);
    }

    /// Something that nobody asked for, so many microseconds from now.
    pub fn noise(&self, after: u64, bytes: &[u8]) {
        let at = self.0.clock.now() + after;
        let mut inbound = self.0.inbound.borrow_mut();
        inbound.extend(bytes.iter().map(|&byte| (at, byte)));
        inbound.make_contiguous().sort_by_key(|&(at, _)| at);
    }

    pub fn step(&self, bytes: usize) {
        self.0.step.set(bytes);
    }

    pub fn breaks(&self, error: Option<ErrorKind>) {
        self.0.broken.set(error);
    }

    /// Once the request is sent.
    pub fn breaks_at_the_next_request(&self, error: ErrorKind) {
        self.0.breaks_next.set(Some(error));
    }

    pub fn sticks(&self) {
        self.0.stuck.set(true);
    }

    /// All that was expected has happened.
    pub fn finish(&self) {
        assert!(self.0.script.borrow().is_empty(), "requests are missing");
        assert!(self.0.sent.borrow().is_empty(), "half a request");
    }
}

impl ErrorType for Line {
    type Error = ErrorKind;
}

impl Read for Line {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, ErrorKind> {
        poll_fn(|_| {
            if let Some(error) = self.0.broken.get() {
                return Poll::Ready(Err(error));
            }
            let mut inbound = self.0.inbound.borrow_mut();
            let most = buf.len().min(self.0.step.get());
            let mut count = 0;
            while count < most && inbound.front().is_some_and(|&(at, _)| self.0.clock.reached(at)) {
                buf[count] = inbound.pop_front().unwrap().1;
                count += 1;
            }
            if count == 0 {
                Poll::Pending
            } else {
                Poll::Ready(Ok(count))
            }
        })
        .await
    }
}

impl Write for Line {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, ErrorKind> {
        if self.0.stuck.get() {
            std::future::pending::<()>().await;
        }
        // A byte at a time, as a UART may.
        self.0.sent.borrow_mut().push(buf[0]);
        Ok(1)
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        let (request, answer) = self.0.script.borrow_mut().pop_front().expect("nothing more is asked");
        assert_eq!(self.0.sent.take(), request, "the request");
        self.0.broken.set(self.0.breaks_next.take());
        for (after, bytes) in answer {
            self.noise(after, &bytes);
        }
        Ok(())
    }
}

/// A frame with its check sum, computed bit by bit from the definition of the polynomial.
pub fn frame(body: &[u8]) -> Vec<u8> {
    let mut sum = 0xffffu16;
    for byte in body {
        sum ^= u16::from(*byte);
        for _ in 0..8 {
            let carry = sum & 1 == 1;
            sum >>= 1;
            if carry {
                sum ^= 0xa001;
            }
        }
    }
    [body, &sum.to_le_bytes()].concat()
}
