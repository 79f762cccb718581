//! Security events (2.0.1 A04): the critical ones are told until the CSMS has answered, all of them are news for the
//! application.
//!
//! They wait in memory, the newest [`EVENTS`] of them: a power cut loses what was not told yet. Versions without a
//! message for them forget them.

use super::Station;
use super::link::Failure;
use crate::contract::Event;
use crate::time::Instant;
use crate::vocabulary::{BootReason, SecurityEvent};

/// Events that wait to be told.
const EVENTS: usize = 4;
/// Longest text about an event, in bytes.
const INFO_MAX: usize = 48;
/// Wait after an attempt that failed, in seconds.
const AGAIN: u32 = 60;

/// More about an event.
pub(super) type Info = heapless::String<INFO_MAX>;

#[derive(Debug)]
pub(super) struct Noted {
    pub event: SecurityEvent,
    pub at: Instant,
    pub info: Info,
}

#[derive(Debug)]
pub(super) struct Security {
    pub waiting: heapless::Deque<Noted, EVENTS>,
    pub retry_at: Option<Instant>,
    /// This boot was told, or need not be.
    boot_noted: bool,
}

impl Security {
    pub(super) const fn new() -> Self {
        Self {
            waiting: heapless::Deque::new(),
            retry_at: None,
            boot_noted: false,
        }
    }
}

impl Station<'_> {
    /// Something happened that concerns security.
    pub(super) fn note(&mut self, event: SecurityEvent, info: Info, now: Instant) {
        self.events.push(Event::Security { event });
        if event.is_critical() {
            if self.security.waiting.is_full() {
                self.security.waiting.pop_front();
            }
            let _ = self.security.waiting.push_back(Noted { event, at: now, info });
        }
    }

    /// The first acceptance after a boot: the CSMS learns of the boot as an event too.
    pub(super) fn note_boot(&mut self) {
        if self.security.boot_noted {
            return;
        }
        self.security.boot_noted = true;
        let event = match self.boot.reason {
            BootReason::PowerUp | BootReason::Unknown => SecurityEvent::StartupOfTheDevice,
            _ => SecurityEvent::ResetOrReboot,
        };
        self.note(event, Info::new(), Instant::ZERO);
    }

    /// Whether the oldest of them may be told now.
    pub(super) fn is_security_due(&self, now: Instant) -> bool {
        !self.security.waiting.is_empty() && self.security.retry_at.is_none_or(|at| at <= now)
    }

    pub(super) fn security_deadline(&self) -> Option<Instant> {
        let waits = self.is_online() && self.link.flight.is_none() && !self.security.waiting.is_empty();
        self.security.retry_at.filter(|_| waits)
    }

    /// The CSMS knows of the oldest one, or never will.
    pub(super) fn security_told(&mut self) {
        self.security.waiting.pop_front();
        self.security.retry_at = None;
    }

    pub(super) fn security_failed(&mut self, failure: Failure, now: Instant) {
        if failure != Failure::Disconnected {
            self.security.retry_at = Some(now.plus_secs(AGAIN));
        }
    }
}
