//! The futures that serve the driver's ports, polled by hand.
//!
//! So it is known when all of them have done what they can do at this instant, which a runtime would not tell.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use tokio::task::unconstrained;

/// All services of one station.
pub struct Services<'p> {
    futures: Vec<Pin<Box<dyn Future<Output = ()> + 'p>>>,
    bell: Arc<Bell>,
}

/// Rung by a service that has something to do.
#[derive(Default)]
struct Bell {
    rung: AtomicBool,
    /// Who waits for it.
    listener: Mutex<Option<Waker>>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        let listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(listener) = listener {
            listener.wake();
        }
    }
}

impl<'p> Services<'p> {
    /// None yet.
    pub fn new() -> Self {
        Self {
            futures: Vec::new(),
            bell: Arc::default(),
        }
    }

    /// One more. It is never done.
    pub fn add(&mut self, service: impl Future<Output = ()> + 'p) {
        // The runtime's budget would make a service pretend to wait, and be called again at once.
        self.futures.push(Box::pin(unconstrained(service)));
        self.bell.rung.store(true, Ordering::Release);
    }

    /// Lets each do what it can do now.
    pub fn poll(&mut self) {
        self.bell.rung.store(false, Ordering::Release);
        let waker = Waker::from(self.bell.clone());
        let mut context = Context::from_waker(&waker);
        for service in &mut self.futures {
            let _ = service.as_mut().poll(&mut context);
        }
    }

    /// Whether one of them has something to do.
    pub fn rung(&self) -> bool {
        self.bell.rung.load(Ordering::Acquire)
    }

    /// Waits until one of them has something to do. Cancel-safe.
    pub async fn ring(&self) {
        poll_fn(|context| {
            let mut listener = self.bell.listener.lock().unwrap_or_else(PoisonError::into_inner);
            *listener = Some(context.waker().clone());
            if self.rung() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use tokio::sync::Notify;

    #[tokio::test]
    async fn a_service_rings_when_it_has_something_to_do() {
        let (count, notify) = (Cell::new(0), Notify::new());
        let mut services = Services::new();
        services.add(async {
            loop {
                notify.notified().await;
                count.set(count.get() + 1);
            }
        });
        services.poll();
        assert!(!services.rung());
        notify.notify_one();
        services.ring().await;
        services.poll();
        assert_eq!((count.get(), services.rung()), (1, false));
    }
}
