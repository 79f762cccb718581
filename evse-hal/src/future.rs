//! The few combinators that driver and link need, so that they depend on no executor.

use core::cell::Cell;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::{Poll, Waker};

/// Runs two futures side by side until both are done. Nested, it joins the driver and its services to one future.
///
/// ```
/// # use std::{cell::Cell, future::Future, pin::pin, task::{Context, Waker}};
/// let (a, b) = (Cell::new(0), Cell::new(0));
/// let mut both = pin!(evse_hal::both(async { a.set(1) }, async { b.set(2) }));
/// assert!(both.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
/// assert_eq!((a.get(), b.get()), (1, 2));
/// ```
pub async fn both(a: impl Future, b: impl Future) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut a_done, mut b_done) = (false, false);
    poll_fn(|cx| {
        a_done = a_done || a.as_mut().poll(cx).is_ready();
        b_done = b_done || b.as_mut().poll(cx).is_ready();
        if a_done && b_done {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// Which of two futures was done first.
pub(crate) enum First<A, B> {
    A(A),
    B(B),
}

/// Waits for one of two futures and drops the other. If both are done, the first one counts.
pub(crate) async fn either<A: Future, B: Future>(a: A, b: B) -> First<A::Output, B::Output> {
    let (mut a, mut b) = (pin!(a), pin!(b));
    poll_fn(|cx| match a.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(First::A(output)),
        Poll::Pending => b.as_mut().poll(cx).map(First::B),
    })
    .await
}

/// Lets others run once.
pub(crate) async fn yield_now() {
    let mut yielded = false;
    poll_fn(|cx| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Something happened. One future waits for it; what happened before is not missed.
pub(crate) struct Signal {
    set: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl Signal {
    pub(crate) const fn new() -> Self {
        Self {
            set: Cell::new(false),
            waker: Cell::new(None),
        }
    }

    pub(crate) fn notify(&self) {
        self.set.set(true);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    pub(crate) async fn wait(&self) {
        self.wait_for(|| self.set.replace(false).then_some(())).await;
    }

    /// Waits until there is a value, asking again after each notification.
    pub(crate) async fn wait_for<T>(&self, mut value: impl FnMut() -> Option<T>) -> T {
        poll_fn(|cx| match value() {
            Some(value) => Poll::Ready(value),
            None => {
                self.waker.set(Some(cx.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }
}
