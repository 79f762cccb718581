//! Time that passes only when everybody waits.

use embedded_hal_async::delay::DelayNs;
use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// In microseconds.
#[derive(Clone, Default)]
pub struct Clock(Rc<Times>);

#[derive(Default)]
struct Times {
    now: Cell<u64>,
    /// The earliest moment that somebody waits for.
    next: Cell<Option<u64>>,
}

impl Clock {
    pub fn now(&self) -> u64 {
        self.0.now.get()
    }

    /// Whether it is that late. If not, whoever asks is asked again then.
    pub fn reached(&self, at: u64) -> bool {
        let early = self.now() < at;
        if early {
            self.0.next.set(Some(self.0.next.get().map_or(at, |next| next.min(at))));
        }
        !early
    }

    /// What a future gives; `None` if it waits at `until`, or for nothing that ever happens.
    pub fn run_until<T>(&self, until: u64, future: impl Future<Output = T>) -> Option<T> {
        let mut future = pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        loop {
            self.0.next.set(None);
            if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
                return Some(done);
            }
            match self.0.next.get() {
                Some(next) if next <= until => self.0.now.set(next),
                _ => return None,
            }
        }
    }

    /// What a future gives.
    pub fn run<T>(&self, future: impl Future<Output = T>) -> T {
        self.run_until(u64::MAX, future).expect("it hangs")
    }
}

impl DelayNs for Clock {
    async fn delay_ns(&mut self, ns: u32) {
        let at = self.now() + u64::from(ns).div_ceil(1000);
        poll_fn(|_| {
            if self.reached(at) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}
