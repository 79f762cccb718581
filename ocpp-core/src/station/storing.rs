//! Storage: one operation at a time, in an order in which a power cut at any point loses nothing.

use super::Station;
use super::cache::CacheEntry;
use super::calls::Wait;
use super::configuration::PendingSetting;
use super::delivery::DeliveryState;
use super::evse::END_SAMPLES;
use super::make::Made;
use super::security::{Info, security_key};
use crate::contract::{Action, Event, Load, PollError, RecordId, Slot, StoreError, ValueKey};
use crate::journal::{Encoder, Moment, RecordKind};
use crate::settings::SettingId;
use crate::time::{Instant, is_due, sooner};
use crate::vocabulary::SecurityEvent;

/// How long storage may be silent, and how long it is left alone after a failure, in seconds.
const PATIENCE: u32 = 10;

#[derive(Debug)]
pub(super) struct Storage {
    /// The last operation went well.
    pub works: bool,
    pub outstanding: Option<Outstanding>,
    next_id: u32,
    /// Number of the next record.
    pub next_record: u32,
    /// No operation before this moment.
    retry_at: Option<Instant>,
    /// Records and values that are not needed any more.
    discards: heapless::Deque<Slot, 8>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Outstanding {
    pub id: u32,
    pub op: Op,
    deadline: Instant,
}

/// What storage is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    LoadValue(ValueKey),
    LoadRecord(RecordId),
    /// For a CALL that asks about the queue.
    SearchRecord(RecordId),
    StoreBootCount,
    StoreRecord {
        evse: usize,
    },
    StoreSetting,
    StoreAvailability,
    StoreGeneration,
    StoreRegistered,
    StoreReason,
    StoreDelivery {
        evse: usize,
    },
    StoreCheckpoint {
        evse: usize,
    },
    StoreClock,
    StoreAnswered,
    StoreSecurity {
        number: u32,
    },
    StoreCache {
        index: usize,
    },
    StoreListEntry {
        index: usize,
    },
    StoreList,
    StoreNetworkProfile,
    Discard(Slot),
}

/// Slot and length of what an operation stores, or the length that the buffer needs.
pub(super) type Content = Result<(Slot, usize), usize>;

impl Storage {
    pub(super) const fn new() -> Self {
        Self {
            works: true,
            outstanding: None,
            next_id: 0,
            next_record: 1,
            retry_at: None,
            discards: heapless::Deque::new(),
        }
    }

    pub(super) fn discard(&mut self, slot: Slot) {
        // At most four at a time are waiting: no record is loaded before they are gone.
        let _ = self.discards.push_back(slot);
    }

    fn use_record_number(&mut self) -> RecordId {
        let number = self.next_record;
        self.next_record = number.saturating_add(1);
        RecordId(number)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        sooner(self.outstanding.map(|outstanding| outstanding.deadline), self.retry_at)
    }

    /// Whether it has failed and is not asked again yet.
    pub(super) fn is_left_alone(&self) -> bool {
        !self.works && self.retry_at.is_some()
    }

    /// Whether it would do what is asked of it next.
    pub(super) fn is_free(&self) -> bool {
        self.outstanding.is_none() && self.retry_at.is_none()
    }

    /// Whether nothing waits for storage.
    pub(super) fn is_idle(&self) -> bool {
        self.outstanding.is_none() && self.discards.is_empty()
    }
}

impl Station<'_> {
    /// What storage is to do next. The order makes every prefix of it safe: what happened before what is told, what
    /// was told before what is forgotten.
    pub(super) fn next_store(&self, now: Instant) -> Option<Op> {
        if self.storage.outstanding.is_some() || self.storage.retry_at.is_some_and(|at| at > now) {
            return None;
        }
        if let Some(step) = &self.loading {
            return Some(step.op(self));
        }
        let first_entry = |index: usize| self.evses.get(index)?.0.outbox.first();
        let oldest = (0..self.evses.len())
            .filter_map(|evse| Some((evse, first_entry(evse)?)))
            .min_by_key(|(_, entry)| (entry.record.boot, entry.record.secs))
            .map(|(evse, _)| Op::StoreRecord { evse });
        let delivery = |slot: &super::storage::EvseSlot| slot.0.delivery.is_some_and(|delivery| delivery.dirty);
        let dirty = |entry: &CacheEntry| entry.dirty;
        oldest
            .or_else(|| self.pending_setting.is_some().then_some(Op::StoreSetting))
            .or_else(|| match self.call.waits_for() {
                Some(Wait::Availability { .. }) => Some(Op::StoreAvailability),
                Some(Wait::CacheCleared) => Some(Op::StoreGeneration),
                Some(Wait::NetworkProfile { .. }) => Some(Op::StoreNetworkProfile),
                Some(Wait::TransactionStatus { after }) => Some(Op::SearchRecord(after)),
                _ => None,
            })
            .or_else(|| (self.list_block?.next_op)(self))
            .or_else(|| {
                let evse = self.evses.iter().position(delivery)?;
                Some(Op::StoreDelivery { evse })
            })
            .or_else(|| self.checkpoint_to_store(now))
            .or_else(|| self.answered_to_store().map(|_| Op::StoreAnswered))
            .or_else(|| {
                let number = self.security_to_store()?;
                Some(Op::StoreSecurity { number })
            })
            .or_else(|| (self.boot.is_accepted() && !self.known_to_csms).then_some(Op::StoreRegistered))
            .or_else(|| self.reason_to_store().map(|_| Op::StoreReason))
            .or_else(|| self.clock_to_store().map(|_| Op::StoreClock))
            .or_else(|| self.storage.discards.front().map(|slot| Op::Discard(*slot)))
            .or_else(|| {
                let index = self.cache.iter().position(|slot| slot.0.as_ref().is_some_and(dirty))?;
                Some(Op::StoreCache { index })
            })
            .or_else(|| self.next_load())
    }

    /// Writes the operation as an action.
    pub(super) fn make_store(&mut self, op: Op, now: Instant, buf: &mut [u8]) -> Result<Made, PollError> {
        let id = self.storage.next_id.wrapping_add(1);
        let made = match op {
            Op::LoadValue(key) => Made::Plain(Action::Load {
                id,
                what: Load::Value(key),
            }),
            Op::LoadRecord(after) | Op::SearchRecord(after) => Made::Plain(Action::Load {
                id,
                what: Load::RecordAfter(after),
            }),
            Op::Discard(slot) => Made::Plain(Action::Discard { id, slot }),
            _ => {
                let (slot, bytes) = self
                    .content(op, now, buf)
                    .map_err(|needed| PollError::BufferTooSmall { needed })?;
                Made::Store { id, slot, len: bytes }
            }
        };
        self.storage.next_id = id;
        self.storage.retry_at = None;
        self.storage.outstanding = Some(Outstanding {
            id,
            op,
            deadline: now.plus_secs(PATIENCE),
        });
        Ok(made)
    }

    /// Writes what an operation stores into `buf`.
    #[inline(never)]
    fn content(&mut self, op: Op, now: Instant, buf: &mut [u8]) -> Content {
        let value = |key: ValueKey, bytes: &[u8]| (Slot::Value(key), bytes.len());
        let number = |key: ValueKey, number: i64, buf: &mut [u8]| {
            let mut e = Encoder::new(buf);
            e.signed(number);
            e.sealed().map(|bytes| value(key, bytes))
        };
        match op {
            Op::StoreBootCount => number(ValueKey::BootCount, self.boot_count.into(), buf),
            Op::StoreGeneration => number(
                ValueKey::CacheGeneration,
                i64::from(self.cache_generation).wrapping_add(1),
                buf,
            ),
            Op::StoreRegistered => number(ValueKey::Registered, 1, buf),
            Op::StoreReason => {
                let reason = self.reason_to_store().unwrap_or(crate::BootReason::Unknown);
                number(ValueKey::BootReason, reason as i64, buf)
            }
            Op::StoreClock => {
                let offset = self.clock.offset.unwrap_or(0);
                number(ValueKey::Clock(self.boot_count), offset, buf)
            }
            Op::StoreCheckpoint { evse } => self
                .encode_checkpoint(evse, now, buf)
                .map(|(key, len)| (Slot::Value(key), len)),
            Op::StoreSecurity { number } => self
                .encode_security(number, now, buf)
                .map(|len| (Slot::Value(security_key(number)), len)),
            Op::StoreAnswered => number(ValueKey::Answered, self.delivery.answered.0.into(), buf),
            Op::StoreRecord { evse } => self.encode_record(evse, buf).map(|len| {
                let id = RecordId(self.storage.next_record);
                (Slot::Record(id), len)
            }),
            Op::StoreSetting => {
                let Some(PendingSetting { id, value: pending, .. }) = &self.pending_setting else {
                    return Err(0);
                };
                let bytes = pending.to_bytes(*id, buf);
                bytes.map(|bytes| value(ValueKey::Setting(*id), bytes))
            }
            Op::StoreAvailability => self
                .encode_availability(buf)
                .map(|len| (Slot::Value(ValueKey::Availability), len)),
            Op::StoreDelivery { evse } => {
                let key = ValueKey::Delivery(u8::try_from(evse).unwrap_or(u8::MAX));
                let delivery = self.evses.get(evse).and_then(|slot| slot.0.delivery);
                delivery
                    .map_or(Err(0), |delivery| delivery.encode(buf))
                    .map(|bytes| value(key, bytes))
            }
            Op::StoreCache { index } => {
                let key = ValueKey::Cache(u8::try_from(index).unwrap_or(u8::MAX));
                let entry = self.cache.get(index).and_then(|slot| slot.0.as_ref());
                let bytes = entry.map_or(Err(0), |entry| entry.encode(self.cache_generation, buf));
                bytes.map(|bytes| value(key, bytes))
            }
            Op::StoreListEntry { .. } | Op::StoreList => match self.list_block {
                Some(block) => (block.content)(self, op, buf),
                None => Err(0),
            },
            Op::StoreNetworkProfile => self
                .encode_network_profile(buf)
                .map(|(key, len)| (Slot::Value(key), len)),
            Op::LoadValue(_) | Op::LoadRecord(_) | Op::SearchRecord(_) | Op::Discard(_) => Err(0),
        }
    }

    fn encode_record(&mut self, evse: usize, buf: &mut [u8]) -> Result<usize, usize> {
        let id = RecordId(self.storage.next_record);
        let caught_up = self.is_caught_up();
        let Some(state) = self.evses.get_mut(evse).map(|slot| &mut slot.0) else {
            return Err(0);
        };
        // Of several ends that a power cut and damage left, the values are the last one's.
        let only = state.outbox.len() == 1;
        let Some(entry) = state.outbox.first_mut() else {
            return Err(0);
        };
        entry.record.caught_up = caught_up;
        let own = Moment {
            age_secs: 0,
            context: entry.context,
            values: &entry.samples,
        };
        // What travels with the end; a start tells the first of it too.
        let for_the_end = match entry.record.kind {
            RecordKind::Start => state.end_samples.get(..1),
            RecordKind::End if only => Some(&*state.end_samples),
            _ => None,
        };
        let mut moments = heapless::Vec::<Moment<'_>, { END_SAMPLES + 1 }>::new();
        if entry.record.kind == RecordKind::Start || !own.values.is_empty() {
            let _ = moments.push(own);
        }
        for sample in for_the_end.unwrap_or(&[]) {
            let _ = moments.push(sample.moment(entry.record.secs));
        }
        entry.record.encode(id, &moments, buf).map(<[u8]>::len)
    }

    /// Storage answered a store or a discard.
    pub(super) fn stored(&mut self, id: u32, result: Result<(), StoreError>, now: Instant) {
        let Some(outstanding) = self.storage.outstanding.filter(|outstanding| outstanding.id == id) else {
            return;
        };
        if matches!(
            outstanding.op,
            Op::LoadValue(_) | Op::LoadRecord(_) | Op::SearchRecord(_)
        ) {
            return;
        }
        self.storage.outstanding = None;
        match result {
            Ok(()) => {
                self.storage.works = true;
                self.store_succeeded(outstanding.op);
            }
            Err(error) => {
                let full = error == StoreError::Full;
                if full && self.storage.works {
                    let info = Info::try_from("storage").unwrap_or_default();
                    self.note(SecurityEvent::MemoryExhaustion, info, now);
                }
                self.store_failed(
                    outstanding.op,
                    if full { "storage is full" } else { "storage failed" },
                    now,
                );
            }
        }
    }

    fn store_succeeded(&mut self, op: Op) {
        match op {
            Op::StoreBootCount => self.loading_goes_on(),
            Op::StoreRecord { evse } => {
                let id = self.storage.use_record_number();
                self.record_stored(id, evse);
            }
            // Nothing is told, so nothing answered, before that.
            Op::StoreAnswered => self.delivery.noted = self.delivery.answered,
            Op::StoreSecurity { number } => self.security_stored(number, true),
            Op::StoreSetting => self.setting_stored(true),
            Op::StoreAvailability => self.availability_stored(true),
            Op::StoreGeneration => {
                self.cache_generation = self.cache_generation.wrapping_add(1);
                self.clear_cache();
                self.cache_cleared(true);
            }
            Op::StoreRegistered => self.known_to_csms = true,
            Op::StoreReason => self.reason_stored(),
            Op::StoreDelivery { evse } => {
                if let Some(delivery) = self.evses.get_mut(evse).and_then(|slot| slot.0.delivery.as_mut()) {
                    delivery.dirty = false;
                }
            }
            Op::StoreClock => self.clock.stored = self.clock.offset,
            Op::StoreCache { index } => {
                if let Some(entry) = self.cache.get_mut(index).and_then(|slot| slot.0.as_mut()) {
                    entry.dirty = false;
                }
            }
            Op::StoreListEntry { .. } | Op::StoreList => {
                if let Some(block) = self.list_block {
                    (block.stored)(self, op);
                }
            }
            Op::StoreNetworkProfile => self.network_profile_stored(true),
            Op::Discard(slot) => {
                if self.storage.discards.front() == Some(&slot) {
                    self.storage.discards.pop_front();
                }
            }
            Op::StoreCheckpoint { .. } | Op::LoadValue(_) | Op::LoadRecord(_) | Op::SearchRecord(_) => {}
        }
    }

    fn record_stored(&mut self, id: RecordId, evse: usize) {
        let Some(slot) = self.evses.get_mut(evse) else { return };
        let state = &mut slot.0;
        let Some(entry) = state.outbox.first() else { return };
        let running = state.transaction.as_ref();
        let started = entry.record.kind == RecordKind::Start
            && running.is_some_and(|running| running.number == entry.record.transaction);
        if entry.record.caught_up {
            self.delivery.noted = RecordId(id.0.saturating_sub(1));
        }
        state.drop_first_entry();
        if started {
            self.started(evse);
        }
        self.delivery.count = self.delivery.count.saturating_add(1);
        if self.delivery.state == DeliveryState::Empty {
            self.delivery.state = DeliveryState::Idle;
        }
    }

    /// What storage did not take: an end is tried again, a sample is lost, a start refuses the session, a setting keeps
    /// its old value.
    fn store_failed(&mut self, op: Op, detail: &'static str, now: Instant) {
        if self.storage.works || matches!(op, Op::StoreSetting) {
            self.events.push(Event::Storage { detail });
        }
        self.storage.works = false;
        let mut again = false;
        match op {
            Op::StoreBootCount => self.loading_goes_on(),
            Op::StoreReason => self.reason_stored(),
            Op::StoreRecord { evse } => again = self.record_not_stored(evse),
            Op::StoreSetting => self.setting_stored(false),
            Op::StoreAvailability => self.availability_stored(false),
            Op::StoreGeneration => self.cache_cleared(false),
            Op::StoreListEntry { .. } | Op::StoreList => {
                again = self.list_block.is_some_and(|block| (block.not_stored)(self))
            }
            Op::StoreNetworkProfile => self.network_profile_stored(false),
            Op::StoreSecurity { number } => self.security_stored(number, false),
            // What is only a help to be faster or more exact after a reboot is left for later.
            _ => again = true,
        }
        self.storage.retry_at = again.then(|| now.plus_secs(PATIENCE));
    }

    /// No buffer is large enough: an end goes with fewer values, anything else fails.
    pub(super) fn store_too_large(&mut self, op: Op, now: Instant) {
        if let Op::StoreRecord { evse } = op
            && let Some(slot) = self.evses.get_mut(evse)
            && !slot.0.end_samples.is_empty()
        {
            slot.0.thin_end_samples();
        } else {
            self.store_failed(op, "a buffer is too small for storage", now);
        }
    }

    /// Whether the record is to be stored again.
    fn record_not_stored(&mut self, evse: usize) -> bool {
        let Some(slot) = self.evses.get_mut(evse) else {
            return false;
        };
        match slot.0.outbox.first().map(|entry| entry.record.kind) {
            Some(RecordKind::End) => return true,
            Some(RecordKind::Start) => self.refuse_transaction(evse),
            Some(RecordKind::Update) => slot.0.drop_first_entry(),
            None => {}
        }
        false
    }

    /// A start that cannot be kept is no start, unless the operator wants energy at any risk.
    fn refuse_transaction(&mut self, evse: usize) {
        let at_risk = self.settings().on(SettingId::TxWithoutStorage);
        let Some(slot) = self.evses.get_mut(evse) else { return };
        let state = &mut slot.0;
        if at_risk {
            state.drop_first_entry();
            self.started(evse);
        } else {
            state.outbox.clear();
            state.transaction = None;
            self.revoke(evse);
        }
    }

    /// Ten seconds of silence are a failure.
    pub(super) fn check_storage_timeout(&mut self, now: Instant) {
        let late = self
            .storage
            .outstanding
            .filter(|outstanding| outstanding.deadline <= now);
        if let Some(outstanding) = late {
            self.storage.outstanding = None;
            match outstanding.op {
                Op::LoadValue(_) | Op::LoadRecord(_) => {
                    self.events.push(Event::Storage {
                        detail: "storage is silent",
                    });
                    self.storage.works = false;
                    self.storage.retry_at = Some(now.plus_secs(PATIENCE));
                    self.load_failed();
                }
                // It cannot be known, but something waits.
                Op::SearchRecord(_) => self.end_search(true),
                op => {
                    self.store_failed(op, "storage is silent", now);
                    if matches!(op, Op::StoreRecord { .. }) && self.storage.retry_at.is_none() {
                        // Given up, but it may have happened all the same.
                        let number = self.storage.use_record_number();
                        self.storage.discard(Slot::Record(number));
                    }
                    if op == Op::StoreList {
                        // It may have taken it all the same.
                        self.list_state.uncertain = true;
                    }
                }
            }
        }
        if is_due(self.storage.retry_at, now) {
            self.storage.retry_at = None;
        }
    }
}
