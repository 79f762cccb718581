//! What the application is told. A short ring: when nobody listens, the oldest is lost, and nothing else.

use crate::contract::Event;

const EVENTS: usize = 12;

#[derive(Debug)]
pub(super) struct Events(heapless::Deque<Event<'static>, EVENTS>);

impl Events {
    pub(super) const fn new() -> Self {
        Self(heapless::Deque::new())
    }

    pub(super) fn push(&mut self, event: Event<'static>) {
        if self.0.is_full() {
            self.0.pop_front();
        }
        let _ = self.0.push_back(event);
    }

    pub(super) fn pop(&mut self) -> Option<Event<'static>> {
        self.0.pop_front()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
