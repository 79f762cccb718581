//! Delivery: stored records go to the CSMS one by one, in order, until each was answered (1.6 §3.7; 2.0.1 E04, E13).
//!
//! The start of a transaction stays stored until its end was answered; the last record of a running transaction stays
//! until there is a newer one, because after a power cut it says how far the transaction had come. How far the CSMS has
//! answered is known after a power cut too: a record says that everything before it was when it was stored, and if the
//! next is stored already, the number of the answered one is stored before that is sent. The start's outcome is in the
//! EVSE's [`Delivered`]. So of what was answered, at most the last message is told twice.

use super::Station;
use super::delivered::{Delivered, Numbers};
use super::link::Failure;
use super::storing::Op;
use crate::contract::{Event, RecordId, Slot, ValueKey};
use crate::dialect::TransactionReport;
use crate::journal::{Decoder, Record, RecordError, RecordKind};
use crate::settings::SettingId;
use crate::time::Instant;
use crate::token::TokenInfo;
use crate::transaction::TransactionId;
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

/// Records that are not needed any more: at most the start, who was authorized, the last, and the end.
type Forgotten = heapless::Vec<RecordId, 4>;

#[derive(Debug)]
pub(super) struct Delivery {
    pub state: DeliveryState,
    /// Everything up to this record was dealt with.
    pub cursor: RecordId,
    id: RecordId,
    len: usize,
    pub step: u32,
    attempts: u32,
    /// When the record happened and whether offline; settled at the first attempt, so that each says the same.
    settled: Option<(Timestamp, bool)>,
    /// The record in the buffer was told before, in another version.
    retelling: bool,
    /// Records below this one were waiting when the link broke (2.0.1 E11.FR.07).
    pub offline_below: RecordId,
    pub retry_at: Instant,
    /// Records not delivered yet.
    pub count: u32,
    /// Everything up to this record was answered, or given up.
    pub answered: RecordId,
    /// As far as storage knows.
    pub noted: RecordId,
    /// A record was left for the newer program that wrote it: what follows is told, but never counts as everything.
    pub left: bool,
    /// Wall-clock offset of an earlier boot.
    clock: Option<(u32, Option<i64>)>,
    /// Boot and time of the last record that an earlier boot left.
    pub last_seen: (u32, u32),
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
            settled: None,
            retelling: false,
            offline_below: RecordId(0),
            retry_at: Instant::ZERO,
            count: 0,
            answered: RecordId(0),
            noted: RecordId(0),
            left: false,
            clock: None,
            last_seen: (0, 0),
        }
    }

    /// Nothing is in the buffer, or nothing that comes first: another version may have to be told a start again.
    pub(super) fn load_again(&mut self) {
        self.state = DeliveryState::Idle;
    }
}

impl Station<'_> {
    /// What has to be loaded for the next delivery.
    pub(super) fn next_load(&self) -> Option<Op> {
        if !self.is_online() {
            return None;
        }
        match self.delivery.state {
            DeliveryState::Idle => {
                let again = self.owed().map(|id| RecordId(id.0.saturating_sub(1)));
                Some(Op::LoadRecord(again.unwrap_or(self.delivery.cursor)))
            }
            DeliveryState::Empty => None,
            DeliveryState::Loaded => {
                let record = self.record()?;
                let known =
                    record.boot == self.boot_count || self.delivery.clock.is_some_and(|(boot, _)| boot == record.boot);
                (!known).then_some(Op::LoadValue(ValueKey::Clock(record.boot)))
            }
        }
    }

    /// The start of a transaction that the CSMS was told of in another version, or who was authorized for it: a new
    /// CSMS is told the whole, in its own words and numbers.
    fn owed(&self) -> Option<RecordId> {
        let version = self.version();
        let delivered = self.evses.iter().filter_map(|slot| slot.0.delivery.as_ref());
        delivered.filter_map(|delivered| delivered.owed(version)).next()
    }

    fn version(&self) -> u8 {
        self.rules().map_or(0, |rules| rules.version)
    }

    /// What was to be told again is not there any more: the transaction goes on without it.
    fn cannot_retell(&mut self, lost: RecordId) {
        let version = self.version();
        for slot in self.evses.iter_mut() {
            if let Some(delivered) = &mut slot.0.delivery
                && delivered.owed(version) == Some(lost)
            {
                delivered.told = true;
                delivered.version = version;
                delivered.authorized = None;
                delivered.reference = None;
                delivered.dirty = true;
            }
        }
    }

    pub(super) fn record_loaded(&mut self, found: Option<(RecordId, &[u8])>) {
        if self.delivery.state != DeliveryState::Idle {
            return;
        }
        let again = self.owed();
        if let Some(again) = again
            && found.is_none_or(|(id, _)| id != again)
        {
            self.cannot_retell(again);
            return;
        }
        let Some((id, bytes)) = found else {
            self.delivery.state = DeliveryState::Empty;
            // A full store may have dropped samples, which were never loaded.
            self.delivery.count = 0;
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
        delivery.settled = None;
        delivery.retelling = again.is_some();
        delivery.retry_at = Instant::ZERO;
        match Record::decode(id, bytes) {
            Ok(record) if again.is_none() && self.is_told(id, &record) => {
                let (kind, transaction) = (record.kind, record.transaction);
                let evse = self.evse_of(&record);
                self.pass_over(id, evse, kind, transaction);
            }
            Ok(_) => {}
            Err(RecordError::TooNew) => {
                self.delivery.left = true;
                if again.is_some() {
                    self.cannot_retell(id);
                }
                self.next_record();
            }
            Err(RecordError::Damaged) => self.spoiled(id, "a stored record is damaged"),
        }
    }

    /// Whether the CSMS has answered this record already.
    pub(super) fn is_told(&self, id: RecordId, record: &Record<'_>) -> bool {
        let answered = id <= self.delivery.answered;
        if record.kind != RecordKind::Start {
            return answered;
        }
        // What came of a start is in another place, with that of the EVSE's next transaction in time; if that is lost, it is
        // told again.
        let told = self.evses.get(self.evse_of(record)).and_then(|slot| slot.0.delivery);
        told.is_some_and(|told| {
            told.transaction == record.transaction || answered && told.transaction > record.transaction
        })
    }

    /// A record that was answered before a reboot: what a power cut brought back is forgotten again.
    fn pass_over(&mut self, id: RecordId, evse: usize, kind: RecordKind, transaction: u32) {
        let told = self.evses.get_mut(evse).and_then(|slot| slot.0.delivery.as_mut());
        let told = told.filter(|told| told.transaction == transaction);
        let mut gone = Forgotten::new();
        match (kind, told) {
            (RecordKind::Start, Some(_)) => {}
            (RecordKind::Update, Some(told)) => gone.extend(told.went_on(id)),
            (RecordKind::End, Some(told)) => gone.extend(told.ended(id)),
            (_, None) => gone.extend([id]),
        }
        self.forget(&gone);
        self.next_record();
    }

    fn forget(&mut self, gone: &[RecordId]) {
        for id in gone {
            self.storage.discard(Slot::Record(*id));
        }
    }

    /// Up to where everything was answered, if storage has to know that before the next message is sent.
    pub(super) fn answered_to_store(&self) -> Option<RecordId> {
        let answered = self.delivery.answered;
        (self.delivery.count > 0 && answered > self.delivery.noted).then_some(answered)
    }

    /// Whether a record that is stored now may say that everything before it was answered.
    pub(super) fn is_caught_up(&self) -> bool {
        let settled = |delivered: &Delivered| !delivered.dirty;
        let mut all = self.evses.iter().filter_map(|slot| slot.0.delivery.as_ref());
        self.delivery.count == 0 && !self.delivery.left && all.all(settled)
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
        Record::decode(self.delivery.id, self.buffers.record.get(..self.delivery.len)?).ok()
    }

    /// Settles when the record in the buffer happened.
    pub(super) fn settle_time(&mut self, now: Instant) {
        if self.delivery.settled.is_none() {
            let settled = |record: &Record<'_>| (self.record_time(record, now), self.was_offline(record));
            self.delivery.settled = self.record().as_ref().map(settled);
        }
    }

    /// Whether a record happened, or had to wait, without a link (2.0.1 E04.FR.03, E11.FR.07).
    fn was_offline(&self, record: &Record<'_>) -> bool {
        record.offline || self.delivery.retelling || self.delivery.id < self.delivery.offline_below
    }

    /// The record in the buffer with what is known only now.
    pub(super) fn transaction_report<'r>(&'r self, record: &'r Record<'r>, now: Instant) -> TransactionReport<'r> {
        let told = self.evses.get(self.evse_of(record)).and_then(|slot| slot.0.delivery);
        let told = told.filter(|told| told.transaction == record.transaction);
        let salt = record.salt.or(told.map(|told| told.salt)).unwrap_or(0);
        let again = self.delivery.retelling && record.kind == RecordKind::Start;
        // Told in another version, it was not told yet.
        let here = told.filter(|told| told.version == self.version());
        let settled = self.delivery.settled;
        let (at, offline) = settled.unwrap_or_else(|| (self.record_time(record, now), self.was_offline(record)));
        TransactionReport {
            record,
            at,
            id: TransactionId::new(salt, record.transaction),
            seq_no: if again {
                0
            } else {
                here.map_or(record.seq_no, |told| told.number(record.seq_no))
            },
            // A start that was damaged will never be told: what follows is told all the same.
            start_told: here.map_or(told.is_none() && record.kind != RecordKind::Start, |told| told.told),
            reference: here.and_then(|told| told.reference),
            offline,
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
        self.delivered(reference, true);
        if kind != RecordKind::End
            && let Some(info) = info
        {
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
        self.delivered(None, true);
    }

    /// Done with the record in the buffer.
    ///
    /// `said` is false if the version has no words for it, `reference` the CSMS's number if it gave one.
    pub(super) fn delivered(&mut self, reference: Option<i64>, said: bool) {
        let id = self.delivery.id;
        let retelling = self.delivery.retelling;
        let version = self.version();
        let Some(record) = self.record() else { return };
        let (kind, transaction, seq_no) = (record.kind, record.transaction, record.seq_no);
        let (salt, announces) = (record.salt.unwrap_or(0), record.token.is_some());
        let at = self.delivery.settled.map_or(0, |(at, _)| at.as_millis());
        let boot_began = at.saturating_sub(millis(record.secs));
        let evse = self.evse_of(&record);
        if !retelling {
            self.dealt_with(id);
        }
        let Some(state) = self.evses.get_mut(evse).map(|slot| &mut slot.0) else {
            self.storage.discard(Slot::Record(id));
            self.next_record();
            return;
        };
        let mut gone = Forgotten::new();
        match (kind, &mut state.delivery) {
            (RecordKind::Start, Some(told)) if retelling => {
                told.version = version;
                told.told = said;
                told.reference = reference;
                told.numbers = Numbers::Next(1);
                told.boot_began = boot_began;
                told.dirty = true;
            }
            (RecordKind::Start, delivery) => {
                // What is left of a transaction whose end was damaged.
                let left = delivery.take().filter(|left| left.transaction != transaction);
                gone.extend(left.iter().flat_map(Delivered::kept));
                *delivery = Some(Delivered {
                    transaction,
                    salt,
                    version,
                    told: said,
                    start: id,
                    authorized: None,
                    reference,
                    last: None,
                    numbers: Numbers::Less(0),
                    boot_began,
                    dirty: true,
                });
            }
            (RecordKind::Update, Some(told)) if told.transaction == transaction => {
                let before = *told;
                if announces && !told.told {
                    told.told = said;
                    told.reference = reference;
                }
                if retelling {
                    told.numbers = Numbers::Next(2);
                } else {
                    let number = told.number(seq_no);
                    told.numbers = Numbers::Less(seq_no.wrapping_sub(number));
                    gone.extend(told.went_on(id));
                    if announces && told.authorized.is_none() {
                        told.authorized = Some(id);
                    }
                }
                told.dirty |= *told
                    != Delivered {
                        last: told.last,
                        ..before
                    };
            }
            (RecordKind::End, Some(told)) if told.transaction == transaction => gone.extend(told.ended(id)),
            _ => gone.extend([id]),
        }
        if let (Some(told), Some(running)) = (state.delivery, state.transaction.as_mut())
            && told.transaction == running.number
        {
            running.reference = told.reference;
        }
        self.forget(&gone);
        self.next_record();
    }

    /// Nothing more is to be done for the record, in whatever way.
    fn dealt_with(&mut self, id: RecordId) {
        self.delivery.count = self.delivery.count.saturating_sub(1);
        if !self.delivery.left {
            self.delivery.answered = self.delivery.answered.max(id);
        }
    }

    /// The number of an EVSE's index that a record is about.
    fn evse_of(&self, record: &Record<'_>) -> usize {
        record.connector.evse.index()
    }

    fn next_record(&mut self) {
        if !self.delivery.retelling {
            self.delivery.cursor = self.delivery.id;
        }
        self.delivery.retelling = false;
        self.delivery.state = DeliveryState::Idle;
    }

    fn spoiled(&mut self, id: RecordId, detail: &'static str) {
        if self.delivery.retelling {
            self.cannot_retell(id);
        }
        self.events.push(Event::Storage { detail });
        self.storage.discard(Slot::Record(id));
        if !self.delivery.retelling {
            self.dealt_with(id);
        }
        self.delivery.id = id;
        self.next_record();
    }

    /// When a record happened.
    fn record_time(&self, record: &Record<'_>, now: Instant) -> Timestamp {
        let told = self.evses.get(self.evse_of(record)).and_then(|slot| slot.0.delivery);
        let told = told.filter(|told| {
            told.transaction == record.transaction && told.version == self.version() && record.kind != RecordKind::Start
        });
        let began = told.map_or_else(|| self.boot_began(record, now), |told| told.boot_began);
        Timestamp::from_millis(began.saturating_add(millis(record.secs)))
    }

    /// The time of day when the boot of a record began, in ms. One that never learned the time is placed to end when this
    /// one began.
    fn boot_began(&self, record: &Record<'_>, now: Instant) -> i64 {
        let began = self
            .now_utc(now)
            .map_or(0, |utc| utc.as_millis())
            .saturating_sub(i64::try_from(now.as_millis()).unwrap_or(i64::MAX));
        if record.boot == self.boot_count {
            return began;
        }
        let known = self.delivery.clock.filter(|(boot, _)| *boot == record.boot);
        known.and_then(|(_, offset)| offset).unwrap_or_else(|| {
            let (last_boot, last) = self.delivery.last_seen;
            let length = if last_boot == record.boot { last } else { record.secs };
            began.saturating_sub(millis(length))
        })
    }
}

fn millis(secs: u32) -> i64 {
    i64::from(secs).wrapping_mul(1000)
}
