//! The link: when to dial, who may send, which CALL of ours is outstanding.

use super::Station;
use crate::contract::{Event, InputError, RecordId};
use crate::dialect::{Dialect, ReportKind, Rules};
use crate::settings::SettingId;
use crate::time::{Instant, is_due, sooner};
use crate::vocabulary::Registration;
use crate::wire::MESSAGE_ID_MAX;

pub(super) type MessageId = heapless::String<MESSAGE_ID_MAX>;

pub(super) struct Link<'s> {
    /// The version that speaks, or spoke last.
    pub dialect: Option<&'s dyn Dialect>,
    pub state: LinkState,
    /// A frame may be handed out: the one before was flushed.
    pub credit: bool,
    /// The connection is to be closed as soon as nothing is waiting to be flushed.
    pub close: bool,
    /// Failed attempts in a row.
    pub attempts: u32,
    /// The last wait, in seconds.
    wait: u32,
    /// Since when it is down.
    down_since: Option<Instant>,
    /// When the last frame was handed out.
    pub last_sent: Instant,
    pub flight: Option<Flight>,
    /// Number of the last CALL.
    pub calls: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum LinkState {
    /// Down; the next attempt is made then.
    Down {
        retry_at: Instant,
    },
    /// `Connect` was given.
    Connecting,
    Up,
    /// `Disconnect` was given.
    Closing,
}

/// A CALL of ours that is not answered yet.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub id: MessageId,
    pub kind: ReportKind,
    pub about: About,
    /// From the flush on.
    pub deadline: Option<Instant>,
    /// The next step of the same report.
    pub next_step: Option<u32>,
}

/// What a CALL of ours was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum About {
    Boot,
    Heartbeat,
    Authorize {
        evse: usize,
    },
    /// A connector by its index, or the station itself.
    Status {
        connector: Option<usize>,
        told: (crate::ConnectorStatus, Option<crate::FaultCode>),
    },
    Record,
    /// An EVSE by its index, or the main meter.
    Meter {
        evse: Option<usize>,
    },
    DataTransfer,
    Settings,
    Security,
}

impl Link<'_> {
    pub(super) const fn new() -> Self {
        Self {
            dialect: None,
            state: LinkState::Down {
                retry_at: Instant::ZERO,
            },
            credit: false,
            close: false,
            attempts: 0,
            wait: 0,
            down_since: None,
            last_sent: Instant::ZERO,
            flight: None,
            calls: 0,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.state == LinkState::Up
    }
}

impl<'s> Station<'s> {
    /// Whether the CSMS can be asked: connected and accepted.
    pub(super) fn is_online(&self) -> bool {
        self.link.is_up() && self.boot.status == Some(Registration::Accepted)
    }

    /// The version that speaks, spoke last, or is offered first.
    pub(super) fn speaker(&self) -> Option<&'s dyn Dialect> {
        self.link.dialect.or_else(|| self.dialects.first().copied())
    }

    /// What that version wants done differently.
    pub(super) fn rules(&self) -> Option<&'static Rules> {
        self.speaker().map(|dialect| dialect.rules())
    }

    pub(super) fn connected(&mut self, subprotocol: &str, now: Instant) -> Result<(), InputError> {
        let dialect = self
            .dialects
            .iter()
            .copied()
            .find(|dialect| dialect.subprotocol() == subprotocol);
        let Some(dialect) = dialect else {
            self.disconnected(now);
            return Err(InputError::UnknownSubprotocol);
        };
        let former = self.speaker();
        self.link.dialect = Some(dialect);
        if former.is_some_and(|former| former.subprotocol() != subprotocol) {
            self.delivery.load_again();
            self.schedule_end_samples(now);
        }
        self.link.state = LinkState::Up;
        self.link.credit = true;
        self.link.close = false;
        self.link.attempts = 0;
        self.link.last_sent = now;
        self.meet();
        // B04.FR.01
        let threshold = self.settings().count(SettingId::OfflineThreshold);
        let down_since = self.link.down_since.take();
        if dialect.rules().offline_threshold && down_since.is_some_and(|since| since.plus_secs(threshold) < now) {
            self.tell_all_statuses();
        }
        Ok(())
    }

    /// The link is gone: what was in flight is sent again later, and does not count as an attempt.
    pub(super) fn disconnected(&mut self, now: Instant) {
        if matches!(self.link.state, LinkState::Down { .. }) {
            return;
        }
        if self.link.state == LinkState::Connecting {
            let attempts = self.settings().count(SettingId::NetworkAttempts);
            self.network.attempt_failed(attempts);
        }
        if let Some(flight) = self.link.flight.take() {
            self.call_failed(flight.about, Failure::Disconnected, now);
        }
        self.drop_call();
        self.after_reply(now);
        self.forget_requests(now);
        self.link.credit = false;
        self.link.down_since.get_or_insert(now);
        self.delivery.offline_below = RecordId(self.storage.next_record);
        for slot in self.evses.iter_mut() {
            slot.0.outbox.iter_mut().for_each(|entry| entry.record.offline = true);
        }
        let wait = if self.link.close { 0 } else { self.next_wait() };
        self.link.close = false;
        self.link.state = LinkState::Down {
            retry_at: now.plus_secs(wait),
        };
    }

    /// Dials at once, whatever the back-off says.
    pub(super) fn dial_now(&mut self, now: Instant) {
        if let LinkState::Down { retry_at } = &mut self.link.state {
            *retry_at = now;
        }
    }

    /// 2.0.1 Part 4 §5.3, also used for 1.6, which has no rule: a minimum and a random part, doubled some times.
    fn next_wait(&mut self) -> u32 {
        let settings = &self.config.settings;
        let base = settings.count(SettingId::RetryBackOffWaitMinimum);
        let range = settings.count(SettingId::RetryBackOffRandomRange);
        let repeats = settings.count(SettingId::RetryBackOffRepeatTimes);
        let random = self.random.below(range.saturating_add(1));
        let link = &mut self.link;
        link.wait = match link.attempts {
            0 => base,
            attempt if attempt <= repeats => link.wait.saturating_mul(2),
            _ => link.wait,
        };
        // After the last doubling the wait stays as it is, without a new random part.
        if link.attempts <= repeats {
            link.wait = link.wait.saturating_add(random);
        }
        link.attempts = link.attempts.saturating_add(1);
        link.wait
    }

    /// The frame that was handed out last has left.
    pub(super) fn sent(&mut self, now: Instant) {
        if !self.link.is_up() {
            return;
        }
        self.link.credit = true;
        self.after_reply(now);
        let timeout = self.message_timeout();
        if let Some(flight) = &mut self.link.flight
            && flight.deadline.is_none()
        {
            flight.deadline = Some(now.plus_secs(timeout));
        }
    }

    /// A message id that was never used before, over all boots of the station.
    pub(super) fn next_message_id(&mut self) -> MessageId {
        self.link.calls = self.link.calls.wrapping_add(1);
        let mut id = MessageId::new();
        let parts = [self.boot_count, (self.random.next() >> 32) as u32, self.link.calls];
        for (index, part) in parts.into_iter().enumerate() {
            if index > 0 {
                // 26 characters at the most: it always fits.
                let _ = id.push('-');
            }
            push_hex(&mut id, part);
        }
        id
    }

    /// Gives up a CALL that was not answered in time. The link stays: only the answer is late.
    pub(super) fn check_call_timeout(&mut self, now: Instant) {
        let due = |flight: &Flight| is_due(flight.deadline, now);
        if self.link.flight.as_ref().is_some_and(due)
            && let Some(flight) = self.link.flight.take()
        {
            self.events.push(Event::Rpc {
                detail: "no answer in time",
                field: "",
            });
            self.call_failed(flight.about, Failure::Timeout, now);
        }
    }

    pub(super) fn link_deadline(&self) -> Option<Instant> {
        let retry = match self.link.state {
            LinkState::Down { retry_at } => Some(retry_at),
            _ => None,
        };
        sooner(retry, self.link.flight.as_ref().and_then(|flight| flight.deadline))
    }
}

/// Why a CALL of ours has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The CSMS refused it, or answered nonsense.
    Refused,
    /// No answer in time.
    Timeout,
    /// The link broke before.
    Disconnected,
}

fn push_hex(text: &mut MessageId, value: u32) {
    let mut shift = 28u32;
    while shift > 0 && value.wrapping_shr(shift) == 0 {
        shift = shift.wrapping_sub(4);
    }
    while shift < 32 {
        let digit = char::from_digit(value.wrapping_shr(shift) & 0xf, 16);
        let _ = text.push(digit.unwrap_or('0'));
        // Below 0 it is out of range, too.
        shift = shift.wrapping_sub(4);
    }
}

/// Random numbers for waits and ids: xorshift64*, seeded with the entropy of this boot.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(entropy: [u8; 16]) -> Self {
        let bits = u128::from_le_bytes(entropy);
        Self(((bits >> 64) as u64 ^ bits as u64) | 1)
    }

    /// Mixes the boot count in, so that even a fixed seed gives other numbers after a reboot.
    pub(super) fn stir(&mut self, boot: u32) {
        self.0 = (self.0 ^ u64::from(boot).wrapping_mul(0x9e37_79b9_7f4a_7c15)) | 1;
        for _ in 0..4 {
            self.next();
        }
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `bound`; 0 if that is 0.
    fn below(&mut self, bound: u32) -> u32 {
        let bits = self.next() >> 32;
        (bits.wrapping_mul(u64::from(bound)) >> 32) as u32
    }
}
