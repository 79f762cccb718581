//! Delivery: stored records go to the CSMS one by one, in order, until each was answered (1.6 §3.7; 2.0.1 E04, E13).
//!
//! The start of a transaction stays stored until its end was answered; the last record of a running transaction stays
//! until there is a newer one, because after a power cut it says how far the transaction had come. What was answered is
//! known from the EVSE's stored [`Delivered`], so neither is told twice.

use super::Station;
use super::evse::Delivered;
use super::link::Failure;
use super::storing::Op;
use crate::contract::{Event, RecordId, Slot, ValueKey};
use crate::dialect::TransactionReport;
use crate::settings::SettingId;
use crate::time::Instant;
use crate::token::TokenInfo;
use crate::transaction::{Decoder, Encoder, Record, RecordError, RecordKind, TransactionId};
use crate::wire::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeliveryState {
    /// The next record may be loaded.
    Idle,
    /// There is nothing left.
    Empty,
    /// A record is in the buffer.
    Loaded,
}

#[derive(Debug)]
pub(super) struct Delivery {
    pub state: DeliveryState,
    /// Everything up to this record was dealt with.
    pub cursor: RecordId,
    id: RecordId,
    len: usize,
    pub step: u32,
    attempts: u32,
    /// When the record happened; settled at the first attempt, so that each says the same.
    at: Option<Timestamp>,
    pub retry_at: Instant,
    /// Records not delivered yet.
    pub count: u32,
    /// Wall-clock offset of an earlier boot.
    clock: Option<(u32, Option<i64>)>,
    /// Boot and time of the last record that an earlier boot left.
    pub last_seen: (u32, u64),
}

impl Delivery {
    pub(super) const fn new() -> Self {
        Self {
            state: DeliveryState::Idle,
            cursor: RecordId(0),
            id: RecordId(0),
            len: 0,
            step: 0,
            attempts: 0,
            at: None,
            retry_at: Instant::ZERO,
            count: 0,
            clock: None,
            last_seen: (0, 0),
        }
    }

    pub(super) fn load_failed(&mut self) {
        self.state = DeliveryState::Idle;
    }
}

impl Delivered {
    pub(super) fn encode<'b>(&self, buf: &'b mut [u8]) -> Result<&'b [u8], usize> {
        let mut e = Encoder::new(buf);
        e.number(self.transaction.into());
        e.bytes(&self.salt.to_le_bytes());
        e.number(self.start.0.into());
        e.number(self.last.map_or(0, |last| last.0).into());
        e.byte(u8::from(self.reference.is_some()));
        e.signed(self.reference.unwrap_or(0));
        e.sealed()
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut d = Decoder::unsealed(bytes)?;
        Some(Self {
            transaction: d.small()?,
            salt: u64::from_le_bytes(d.bytes(8)?.try_into().ok()?),
            start: RecordId(d.small()?),
            last: Some(RecordId(d.small()?)).filter(|last| last.0 != 0),
            reference: match (d.byte()?, d.signed()?) {
                (0, _) => None,
                (_, reference) => Some(reference),
            },
            dirty: false,
        })
    }

    /// Whether the CSMS was told this record already.
    pub(super) fn covers(&self, id: RecordId, record: &Record<'_>) -> bool {
        self.transaction == record.transaction
            && match record.kind {
                RecordKind::Start => true,
                RecordKind::Update => self.last.is_some_and(|last| id <= last),
                RecordKind::End => false,
            }
    }
}

impl Station<'_> {
    /// What has to be loaded for the next delivery.
    pub(super) fn next_load(&self) -> Option<Op> {
        if !self.is_online() {
            return None;
        }
        match self.delivery.state {
            DeliveryState::Idle => Some(Op::LoadRecord(self.delivery.cursor)),
            DeliveryState::Empty => None,
            DeliveryState::Loaded => {
                let record = self.record()?;
                let known =
                    record.boot == self.boot_count || self.delivery.clock.is_some_and(|(boot, _)| boot == record.boot);
                (!known).then_some(Op::LoadValue(ValueKey::Clock(record.boot)))
            }
        }
    }

    pub(super) fn record_loaded(&mut self, found: Option<(RecordId, &[u8])>) {
        if self.delivery.state != DeliveryState::Idle {
            return;
        }
        let Some((id, bytes)) = found else {
            self.delivery.state = DeliveryState::Empty;
            self.forget_clock();
            return;
        };
        let Some(place) = self.buffers.record.get_mut(..bytes.len()) else {
            self.spoiled(id, "a stored record is longer than the record buffer");
            return;
        };
        place.copy_from_slice(bytes);
        let delivery = &mut self.delivery;
        delivery.state = DeliveryState::Loaded;
        delivery.id = id;
        delivery.len = bytes.len();
        delivery.step = 0;
        delivery.attempts = 0;
        delivery.at = None;
        delivery.retry_at = Instant::ZERO;
        match Record::decode(bytes) {
            Ok(record) => {
                let evse = self.evse_of(&record);
                let told = self.evses.get(evse).and_then(|slot| slot.0.delivery);
                if told.is_some_and(|told| told.covers(id, &record)) {
                    self.next_record();
                }
            }
            Err(RecordError::TooNew) => self.next_record(),
            Err(RecordError::Damaged) => self.spoiled(id, "a stored record is damaged"),
        }
    }

    /// The wall clock of an earlier boot.
    pub(super) fn clock_loaded(&mut self, boot: u32, value: Option<&[u8]>) {
        let offset = value.and_then(|bytes| Decoder::unsealed(bytes)?.signed());
        if let Some((old, _)) = self.delivery.clock.replace((boot, offset))
            && old < boot
        {
            // Records come in order: the earlier boot is done with.
            self.storage.discard(Slot::Value(ValueKey::Clock(old)));
        }
    }

    /// No record of an earlier boot is left that needs its clock.
    fn forget_clock(&mut self) {
        if self.evses.iter().all(|slot| slot.0.outbox.is_empty())
            && let Some((boot, _)) = self.delivery.clock.take()
        {
            self.storage.discard(Slot::Value(ValueKey::Clock(boot)));
        }
    }

    /// The record in the buffer.
    pub(super) fn record(&self) -> Option<Record<'_>> {
        if self.delivery.state != DeliveryState::Loaded {
            return None;
        }
        Record::decode(self.buffers.record.get(..self.delivery.len)?).ok()
    }

    /// Settles when the record in the buffer happened.
    pub(super) fn settle_time(&mut self, now: Instant) {
        if self.delivery.at.is_none() {
            self.delivery.at = self.record().map(|record| self.record_time(&record, now));
        }
    }

    /// The record in the buffer with what is known only now.
    pub(super) fn transaction_report<'r>(&'r self, record: &'r Record<'r>, now: Instant) -> TransactionReport<'r> {
        let told = self.evses.get(self.evse_of(record)).and_then(|slot| slot.0.delivery);
        let told = told.filter(|told| told.transaction == record.transaction);
        let salt = record.salt.or(told.map(|told| told.salt)).unwrap_or(0);
        TransactionReport {
            record,
            at: self.delivery.at.unwrap_or_else(|| self.record_time(record, now)),
            id: TransactionId::new(salt, record.transaction),
            seq_no: record.seq_no,
            start_told: told.is_some(),
            reference: told.and_then(|told| told.reference),
            offline: record.offline,
        }
    }

    /// Whether the record in the buffer may be sent now.
    pub(super) fn record_ready(&self, now: Instant) -> bool {
        self.delivery.state == DeliveryState::Loaded && self.delivery.retry_at <= now && self.next_load().is_none()
    }

    pub(super) fn delivery_deadline(&self) -> Option<Instant> {
        let waiting = self.delivery.state == DeliveryState::Loaded && self.is_online() && self.link.flight.is_none();
        waiting.then_some(self.delivery.retry_at)
    }

    /// The CSMS answered the record.
    pub(super) fn record_answered(&mut self, reference: Option<i64>, info: Option<&TokenInfo>, now: Instant) {
        let Some(record) = self.record() else { return };
        let (kind, transaction, token) = (record.kind, record.transaction, record.token);
        let evse = self.evse_of(&record);
        if let Some(info) = info {
            let running = self.evses.get(evse).and_then(|slot| slot.0.transaction.as_ref());
            let running = running.filter(|running| running.number == transaction);
            if let Some(token) = token.or(running.and_then(|running| Some(running.owner?.0))) {
                self.remember(&token, info, now);
            }
        }
        self.delivered(reference);
        if let (RecordKind::Start, Some(info)) = (kind, info) {
            self.token_info_arrived(evse, transaction, info, now);
        }
    }

    /// The record was not taken: again later, or never (1.6 §3.7.1, 2.0.1 E13). A link that broke does not count.
    pub(super) fn record_failed(&mut self, failure: Failure, now: Instant) {
        if failure == Failure::Disconnected {
            self.delivery.retry_at = now;
            return;
        }
        self.delivery.attempts = self.delivery.attempts.saturating_add(1);
        let attempts = self.delivery.attempts;
        if attempts >= self.settings().count(SettingId::MessageAttempts) {
            self.give_up();
        } else {
            let interval = self.settings().count(SettingId::MessageAttemptInterval);
            self.delivery.retry_at = now.plus_secs(interval.saturating_mul(attempts));
        }
    }

    /// The message is given up, never its session: what follows is still told (1.6: with transaction −1).
    pub(super) fn give_up(&mut self) {
        if let Some(record) = self.record() {
            let transaction = record.transaction;
            self.events.push(Event::GaveUp { transaction });
        }
        self.delivered(None);
    }

    /// Done with the record in the buffer.
    pub(super) fn delivered(&mut self, reference: Option<i64>) {
        let id = self.delivery.id;
        let Some(record) = self.record() else { return };
        let (kind, transaction, salt) = (record.kind, record.transaction, record.salt.unwrap_or(0));
        let evse = self.evse_of(&record);
        self.delivery.count = self.delivery.count.saturating_sub(1);
        let Some(state) = self.evses.get_mut(evse).map(|slot| &mut slot.0) else {
            self.storage.discard(Slot::Record(id));
            self.next_record();
            return;
        };
        let told = state.delivery.filter(|told| told.transaction == transaction);
        match (kind, told) {
            (RecordKind::Start, _) => {
                // What is left of a transaction whose end was damaged.
                let left = state
                    .delivery
                    .filter(|left| left.transaction != transaction && left.start.0 != 0);
                if let Some(left) = left {
                    self.storage.discard(Slot::Record(left.start));
                    left.last
                        .into_iter()
                        .for_each(|last| self.storage.discard(Slot::Record(last)));
                }
                state.delivery = Some(Delivered {
                    transaction,
                    salt,
                    start: id,
                    reference,
                    last: None,
                    dirty: true,
                });
                if let Some(running) = state
                    .transaction
                    .as_mut()
                    .filter(|running| running.number == transaction)
                {
                    running.reference = reference;
                }
            }
            (RecordKind::Update, Some(told)) => {
                state.delivery = Some(Delivered {
                    last: Some(id),
                    dirty: true,
                    ..told
                });
                if let Some(last) = told.last {
                    self.storage.discard(Slot::Record(last));
                }
            }
            (RecordKind::End, Some(told)) => {
                // In this order a power cut leaves an end that is told again, never a start without an end.
                self.storage.discard(Slot::Record(told.start));
                if let Some(last) = told.last {
                    self.storage.discard(Slot::Record(last));
                }
                self.storage.discard(Slot::Record(id));
                state.delivery = Some(Delivered {
                    start: RecordId(0),
                    last: None,
                    ..told
                });
            }
            (_, None) => self.storage.discard(Slot::Record(id)),
        }
        self.next_record();
    }

    /// The number of an EVSE's index that a record is about.
    fn evse_of(&self, record: &Record<'_>) -> usize {
        usize::from(record.connector.evse.0).saturating_sub(1)
    }

    fn next_record(&mut self) {
        self.delivery.cursor = self.delivery.id;
        self.delivery.state = DeliveryState::Idle;
    }

    fn spoiled(&mut self, id: RecordId, detail: &'static str) {
        self.events.push(Event::Storage { detail });
        self.storage.discard(Slot::Record(id));
        self.delivery.count = self.delivery.count.saturating_sub(1);
        self.delivery.id = id;
        self.next_record();
    }

    /// When a record happened. A boot that never learned the time is placed to end when this one began.
    fn record_time(&self, record: &Record<'_>, now: Instant) -> Timestamp {
        let millis = |millis: u64| i64::try_from(millis).unwrap_or(i64::MAX);
        let begin = self
            .now_utc(now)
            .map_or(0, |utc| utc.as_millis())
            .saturating_sub(millis(now.as_millis()));
        let own = millis(record.millis);
        let offset = if record.boot == self.boot_count {
            begin
        } else {
            let known = self
                .delivery
                .clock
                .filter(|(boot, _)| *boot == record.boot)
                .and_then(|(_, offset)| offset);
            known.unwrap_or_else(|| {
                let (last_boot, last) = self.delivery.last_seen;
                let length = if last_boot == record.boot { millis(last) } else { own };
                begin.saturating_sub(length)
            })
        };
        Timestamp::from_millis(offset.saturating_add(own))
    }
}
