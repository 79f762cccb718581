//! Security events (2.0.1 A04): the critical ones are told until the CSMS has answered, all of them are news for the
//! application.
//!
//! They wait in a ring of [`EVENTS`] places, in memory and in storage: the newest stay, over power cuts too. Each is stored
//! before it is told, unless storage fails. Versions without a message for them forget them, and nothing is stored while one
//! of them speaks.

use super::Station;
use super::link::Failure;
use crate::contract::{Event, Slot, ValueKey};
use crate::dialect::Report;
use crate::journal::{Decoder, Encoder};
use crate::time::Instant;
use crate::vocabulary::{BootReason, SecurityEvent};
use crate::wire::{Timestamp, WireEnum};

/// Events that wait to be told.
pub(super) const EVENTS: u8 = 4;
/// Longest text about an event, in bytes.
const INFO_MAX: usize = 48;
/// Wait after an attempt that failed, in seconds.
const AGAIN: u32 = 60;

/// More about an event.
pub(super) type Info = heapless::String<INFO_MAX>;

#[derive(Debug)]
struct Noted {
    /// Numbers rise; the lower part is the place in the ring.
    number: u32,
    event: SecurityEvent,
    at: Instant,
    /// In an earlier boot, which knew the time.
    utc: Option<Timestamp>,
    info: Info,
    /// Whether it is in storage; `None` as long as that is to be tried.
    stored: Option<bool>,
}

#[derive(Debug)]
pub(super) struct Security {
    waiting: heapless::Vec<Noted, { EVENTS as usize }>,
    /// The number of the newest.
    newest: u32,
    /// The number of the one that is being told.
    telling: u32,
    retry_at: Option<Instant>,
    /// This boot was told, or need not be.
    boot_noted: bool,
}

impl Security {
    pub(super) const fn new() -> Self {
        Self {
            waiting: heapless::Vec::new(),
            newest: 0,
            telling: 0,
            retry_at: None,
            boot_noted: false,
        }
    }

    fn oldest(&self) -> Option<&Noted> {
        self.waiting.iter().min_by_key(|noted| noted.number)
    }

    fn remove(&mut self, number: u32) -> Option<Noted> {
        let index = self.waiting.iter().position(|noted| noted.number == number)?;
        Some(self.waiting.swap_remove(index))
    }

    /// Adds one; the oldest goes if there is no room.
    fn add(&mut self, noted: Noted) {
        if self.waiting.is_full()
            && let Some(oldest) = self.oldest().map(|oldest| oldest.number)
        {
            self.remove(oldest);
        }
        self.newest = self.newest.max(noted.number);
        // There is room now.
        let _ = self.waiting.push(noted);
    }

    /// Whether nothing waits to be told.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

pub(super) fn security_key(number: u32) -> ValueKey {
    ValueKey::SecurityEvent(number.checked_rem(EVENTS.into()).unwrap_or(0) as u8)
}

impl Station<'_> {
    /// Something happened that concerns security.
    pub(super) fn note(&mut self, event: SecurityEvent, info: Info, now: Instant) {
        self.events.push(Event::Security { event });
        if event.is_critical() {
            let kept = self.rules().is_some_and(|rules| rules.security_events);
            let number = self.security.newest.wrapping_add(1);
            self.security.add(Noted {
                number,
                event,
                at: now,
                utc: None,
                info,
                stored: if kept { None } else { Some(false) },
            });
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

    /// The number of the event that is to be stored next.
    pub(super) fn security_to_store(&self) -> Option<u32> {
        let waiting = self.security.waiting.iter().filter(|noted| noted.stored.is_none());
        waiting.map(|noted| noted.number).min()
    }

    /// Writes an event that waits to be told.
    pub(super) fn encode_security(&self, number: u32, now: Instant, buf: &mut [u8]) -> Result<usize, usize> {
        let noted = self.security.waiting.iter().find(|noted| noted.number == number);
        let noted = noted.ok_or(0usize)?;
        let utc = noted.utc.or_else(|| self.utc_at(noted.at, now));
        let mut e = Encoder::new(buf);
        e.byte(noted.event as u8);
        e.number(number.into());
        e.signed(utc.map_or(0, |utc| utc.as_millis()));
        e.bytes(noted.info.as_bytes());
        e.sealed().map(<[u8]>::len)
    }

    /// Storage has taken an event, or will not: then it is told all the same.
    pub(super) fn security_stored(&mut self, number: u32, stored: bool) {
        let own = |noted: &&mut Noted| noted.number == number;
        // If it was overtaken, another is in its place, and comes next.
        if let Some(noted) = self.security.waiting.iter_mut().find(own) {
            noted.stored = Some(stored);
        }
    }

    /// An event that an earlier boot left.
    pub(super) fn security_loaded(&mut self, value: Option<&[u8]>) {
        let noted = value.and_then(|bytes| {
            let mut d = Decoder::unsealed(bytes)?;
            let event = SecurityEvent::ALL.get(usize::from(d.byte()?))?;
            Some(Noted {
                event: *event,
                number: d.small()?,
                // One that never knew the time is placed where this boot began.
                at: Instant::ZERO,
                utc: Some(d.signed()?).filter(|utc| *utc != 0).map(Timestamp::from_millis),
                info: Info::try_from(core::str::from_utf8(d.rest()).ok()?).ok()?,
                stored: Some(true),
            })
        });
        if let Some(noted) = noted {
            self.security.add(noted);
        }
    }

    /// Whether the oldest of them may be told now.
    pub(super) fn is_security_due(&self, now: Instant) -> bool {
        let ready = self.security.oldest().is_some_and(|noted| noted.stored.is_some());
        ready && self.security.retry_at.is_none_or(|at| at <= now)
    }

    pub(super) fn security_deadline(&self) -> Option<Instant> {
        let waits = self.is_online() && self.link.flight.is_none() && !self.security.is_empty();
        self.security.retry_at.filter(|_| waits)
    }

    /// What is to be told of the oldest one.
    pub(super) fn security_report(&self, now: Instant) -> Option<Report<'_>> {
        let noted = self.security.oldest()?;
        Some(Report::Security {
            event: noted.event,
            at: noted.utc.or_else(|| self.utc_at(noted.at, now))?,
            info: &noted.info,
        })
    }

    /// The oldest one is about to be told.
    pub(super) fn security_is_told(&mut self) {
        self.security.telling = self.security.oldest().map_or(0, |noted| noted.number);
    }

    /// The CSMS knows of it, or never will.
    pub(super) fn security_told(&mut self) {
        let told = self.security.telling;
        if self
            .security
            .remove(told)
            .is_some_and(|noted| noted.stored == Some(true))
        {
            self.storage.discard(Slot::Value(security_key(told)));
        }
        self.security.retry_at = None;
    }

    pub(super) fn security_failed(&mut self, failure: Failure, now: Instant) {
        if failure != Failure::Disconnected {
            self.security.retry_at = Some(now.plus_secs(AGAIN));
        }
    }
}
