//! What is read from storage before the station does anything else, and the end of what a power cut interrupted.

use super::Station;
use super::cache::CacheEntry;
use super::checkpoint::checkpoint_key;
use super::delivered::Delivered;
use super::evse::{EndSample, Entry};
use super::security::{EVENTS, security_key};
use super::storing::Op;
use crate::contract::{Event, RecordId, Slot, ValueKey};
use crate::journal::{BOOT_SHIFT, Decoder, Record, RecordError, RecordKind, SampleSets};
use crate::metering::{ReadingContext, Samples};
use crate::settings::{PROFILES, SettingId, SettingKey};
use crate::vocabulary::{BootReason, StopReason, TriggerReason};
use crate::wire::WireEnum;

/// What is loaded next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loading {
    BootCount,
    /// The new boot count is stored before anything depends on it.
    NewBootCount,
    Availability,
    Registered,
    Reason,
    Answered,
    SecurityEvent(u8),
    CacheGeneration,
    Setting(usize),
    NetworkProfile(u8),
    Delivery(usize),
    Cache(usize),
    LocalList,
    ListEntry(usize),
    Record(RecordId),
    Checkpoint(usize),
}

impl Loading {
    pub(super) fn op(self, station: &Station<'_>) -> Op {
        let value = |key| Op::LoadValue(key);
        let index = |index: usize| u8::try_from(index).unwrap_or(u8::MAX);
        match self {
            Self::BootCount => value(ValueKey::BootCount),
            Self::NewBootCount => Op::StoreBootCount,
            Self::Availability => value(ValueKey::Availability),
            Self::Registered => value(ValueKey::Registered),
            Self::Reason => value(ValueKey::BootReason),
            Self::Answered => value(ValueKey::Answered),
            Self::SecurityEvent(place) => value(security_key(place.into())),
            Self::CacheGeneration => value(ValueKey::CacheGeneration),
            Self::Setting(setting) => {
                let id = station.setting_key(setting);
                value(ValueKey::Setting(id.unwrap_or(SettingKey::numbered(0))))
            }
            Self::NetworkProfile(slot) => value(ValueKey::NetworkProfile(slot)),
            Self::Delivery(evse) => value(ValueKey::Delivery(index(evse))),
            Self::Cache(slot) => value(ValueKey::Cache(index(slot))),
            Self::LocalList => value(ValueKey::LocalList),
            Self::ListEntry(slot) => value(station.list_entry(slot).map_or(ValueKey::LocalList, |(_, key)| key)),
            Self::Record(after) => Op::LoadRecord(after),
            Self::Checkpoint(evse) => value(checkpoint_key(evse)),
        }
    }
}

impl Station<'_> {
    /// A value arrived while loading. What is damaged counts as absent: item by item, never as a whole.
    pub(super) fn value_loaded(&mut self, value: Option<&[u8]>) {
        let Some(step) = self.loading else { return };
        let number = value.and_then(|bytes| Decoder::unsealed(bytes)?.signed());
        let sealed = !matches!(step, Loading::Setting(_));
        if sealed && value.is_some_and(|bytes| Decoder::unsealed(bytes).is_none()) {
            self.events.push(Event::Storage {
                detail: "a stored value is damaged",
            });
        }
        match step {
            Loading::BootCount => {
                let last = number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0);
                self.boot_count = last.wrapping_add(1) & (u32::MAX >> BOOT_SHIFT);
                self.random.stir(self.boot_count);
                // Numbers of records rise from boot to boot.
                self.storage.next_record = self.boot_count.wrapping_shl(BOOT_SHIFT);
            }
            Loading::Availability => {
                if let Some(bytes) = value {
                    self.decode_availability(bytes);
                }
            }
            Loading::Registered => self.known_to_csms = number == Some(1),
            Loading::Reason => {
                let index = number.and_then(|number| usize::try_from(number).ok());
                if let Some(reason) = index.and_then(|index| BootReason::ALL.get(index)) {
                    self.boot.reason = *reason;
                    self.storage.discard(Slot::Value(ValueKey::BootReason));
                }
            }
            Loading::Answered => {
                let last = number.and_then(|number| u32::try_from(number).ok());
                self.all_answered(RecordId(last.unwrap_or(0)));
            }
            Loading::SecurityEvent(_) => self.security_loaded(value),
            Loading::CacheGeneration => {
                self.cache_generation = number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0);
            }
            Loading::Setting(index) => {
                if let Some((key, bytes)) = self.setting_key(index).zip(value)
                    && !self.setting_loaded(key, bytes)
                {
                    self.events.push(Event::Storage {
                        detail: "a stored setting is damaged",
                    });
                }
            }
            Loading::NetworkProfile(slot) => self.network_profile_loaded(slot, value),
            Loading::Delivery(evse) => {
                if let Some(slot) = self.evses.get_mut(evse) {
                    slot.0.delivery = value.and_then(Delivered::decode);
                }
            }
            Loading::Cache(index) => {
                let generation = self.cache_generation;
                if let Some(slot) = self.cache.get_mut(index) {
                    slot.0 = value.and_then(|bytes| CacheEntry::decode(generation, bytes));
                }
            }
            Loading::LocalList => self.list_value_loaded(None, value),
            Loading::ListEntry(index) => self.list_value_loaded(Some(index), value),
            Loading::Checkpoint(evse) => self.checkpoint_loaded(evse, value),
            Loading::NewBootCount | Loading::Record(_) => {}
        }
        self.loading_goes_on();
    }

    fn list_entry(&self, from: usize) -> Option<(usize, ValueKey)> {
        (self.list_block?.next_entry)(self, from)
    }

    fn list_value_loaded(&mut self, index: Option<usize>, value: Option<&[u8]>) {
        if let Some(block) = self.list_block {
            (block.loaded)(self, index, value);
        }
    }

    /// A record arrived while loading: it may belong to a transaction that was running when the power went.
    pub(super) fn record_scanned(&mut self, found: Option<(RecordId, &[u8])>) {
        let Some((id, bytes)) = found else {
            self.loading = self.next_checkpoint(0);
            return;
        };
        self.storage.next_record = self.storage.next_record.max(id.0.saturating_add(1));
        self.loading = Some(Loading::Record(id));
        match Record::decode(id, bytes) {
            Ok(record) => self.record_found(id, &record),
            // Left for the newer program that wrote it.
            Err(RecordError::TooNew) => {
                self.delivery.left = true;
                self.events.push(Event::Storage {
                    detail: "a stored record is of a newer version",
                });
            }
            Err(RecordError::Damaged) => {
                self.events.push(Event::Storage {
                    detail: "a stored record is damaged",
                });
                self.storage.discard(Slot::Record(id));
            }
        }
    }

    /// The checkpoint of an interrupted transaction that is loaded next; without one, loading is over.
    fn next_checkpoint(&mut self, from: usize) -> Option<Loading> {
        let interrupted = |evse: &usize| self.evses.get(*evse).is_some_and(|slot| !slot.0.outbox.is_empty());
        let next = (from..self.evses.len()).find(interrupted).map(Loading::Checkpoint);
        if next.is_none() {
            self.close_interrupted();
            self.forget_last_clock();
        }
        next
    }

    /// Everything up to a record is known to have been answered.
    fn all_answered(&mut self, id: RecordId) {
        self.delivery.answered = self.delivery.answered.max(id);
        self.delivery.noted = self.delivery.answered;
    }

    /// The clock of the boot before is needed only by records of it.
    fn forget_last_clock(&mut self) {
        let last = self.boot_count.saturating_sub(1);
        if last > 0 && self.delivery.last_seen.0 < last {
            self.storage.discard(Slot::Value(ValueKey::Clock(last)));
        }
    }

    fn record_found(&mut self, id: RecordId, record: &Record<'_>) {
        let evse = record.connector.evse.index();
        self.delivery.last_seen = (record.boot, record.secs);
        if record.caught_up {
            self.all_answered(RecordId(id.0.saturating_sub(1)));
            self.delivery.count = 0;
        }
        if !self.is_told(id, record) {
            self.delivery.count = self.delivery.count.saturating_add(1);
        }
        let Some(slot) = self.evses.get_mut(evse) else { return };
        let state = &mut slot.0;
        match record.kind {
            RecordKind::Start => {
                state.end_samples.clear();
                // The first set is what the start told.
                let set = record.samples.iter().nth(1);
                let values: heapless::Vec<_, _> = set
                    .map(|set| set.iter().take(super::evse::END_VALUES).collect())
                    .unwrap_or_default();
                if !values.is_empty() {
                    let _ = state.end_samples.push(EndSample {
                        secs: record.secs,
                        context: ReadingContext::TransactionBegin,
                        values,
                    });
                }
                let _ = state.outbox.push(interrupted(record));
            }
            RecordKind::Update => {
                let own = |entry: &&mut Entry| entry.record.transaction == record.transaction;
                if let Some(entry) = state.outbox.iter_mut().find(own) {
                    *entry = interrupted(record);
                }
            }
            RecordKind::End => state.drop_entries(&mut |entry| entry.record.transaction == record.transaction),
        }
    }

    /// Transactions that the power cut interrupted end where they were last seen.
    fn close_interrupted(&mut self) {
        let choice = self.config.settings.measurands(SettingId::EndedSampledMeasurands);
        for slot in self.evses.iter_mut() {
            let state = &mut slot.0;
            if let Some(entry) = state.outbox.last() {
                let values: heapless::Vec<_, _> = super::metering::choose(entry.record.energy_wh, &[], choice)
                    .into_iter()
                    .take(super::evse::END_VALUES)
                    .collect();
                if !values.is_empty() {
                    let _ = state.end_samples.push(EndSample {
                        secs: entry.record.secs,
                        context: ReadingContext::TransactionEnd,
                        values,
                    });
                }
            }
        }
    }

    /// On to the next thing to load.
    pub(super) fn loading_goes_on(&mut self) {
        let Some(step) = self.loading else { return };
        let next = match step {
            Loading::BootCount => Loading::NewBootCount,
            Loading::NewBootCount => Loading::Availability,
            Loading::Availability => Loading::Registered,
            Loading::Registered => Loading::Reason,
            Loading::Reason => Loading::Answered,
            Loading::Answered => Loading::SecurityEvent(0),
            Loading::SecurityEvent(place) => Loading::SecurityEvent(place.wrapping_add(1)),
            Loading::CacheGeneration => Loading::Setting(0),
            Loading::Setting(index) => Loading::Setting(index.wrapping_add(1)),
            Loading::NetworkProfile(slot) => Loading::NetworkProfile(slot.wrapping_add(1)),
            Loading::Delivery(index) => Loading::Delivery(index.wrapping_add(1)),
            Loading::Cache(index) => Loading::Cache(index.wrapping_add(1)),
            Loading::LocalList => Loading::ListEntry(0),
            Loading::ListEntry(index) => Loading::ListEntry(index.wrapping_add(1)),
            Loading::Record(after) => Loading::Record(after),
            Loading::Checkpoint(evse) => {
                self.loading = self.next_checkpoint(evse.wrapping_add(1));
                return;
            }
        };
        self.loading = Some(match next {
            Loading::SecurityEvent(EVENTS..) => Loading::CacheGeneration,
            Loading::Setting(index) if self.setting_key(index).is_none() => Loading::NetworkProfile(1),
            Loading::NetworkProfile(PROFILES..) => {
                self.order_networks();
                Loading::Delivery(0)
            }
            next => next,
        });
        if let Some(Loading::Delivery(index)) = self.loading
            && index >= self.evses.len()
        {
            self.loading = Some(Loading::Cache(0));
        }
        if let Some(Loading::Cache(index)) = self.loading
            && index >= self.cache.len()
        {
            self.loading = Some(Loading::LocalList);
        }
        if let Some(Loading::ListEntry(index)) = self.loading {
            let next = self.list_entry(index).map(|(index, _)| Loading::ListEntry(index));
            self.loading = Some(next.unwrap_or(Loading::Record(RecordId(0))));
        }
        if self.loading == Some(Loading::LocalList) && self.list.is_empty() {
            self.loading = Some(Loading::Record(RecordId(0)));
        }
    }

    /// Something could not be loaded: what is needed to go on is tried again, the rest counts as absent.
    pub(super) fn load_failed(&mut self) {
        match self.loading {
            Some(
                Loading::BootCount
                | Loading::Answered
                | Loading::Delivery(_)
                | Loading::LocalList
                | Loading::ListEntry(_)
                | Loading::Record(_)
                | Loading::Checkpoint(_),
            )
            | None => self.delivery.load_again(),
            Some(_) => self.loading_goes_on(),
        }
    }
}

/// The end of the transaction whose last sign of life this record is.
fn interrupted(record: &Record<'_>) -> Entry {
    Entry {
        record: Record {
            kind: RecordKind::End,
            connector: record.connector,
            transaction: record.transaction,
            salt: None,
            seq_no: record.seq_no.wrapping_add(1),
            boot: record.boot,
            secs: record.secs,
            trigger: TriggerReason::AbnormalCondition,
            charging: record.charging,
            stop: Some(StopReason::PowerLoss),
            plugged: record.plugged,
            first_plugged: false,
            authorized: false,
            offline: true,
            caught_up: false,
            energy_wh: record.energy_wh,
            token: None,
            remote_start_id: None,
            samples: SampleSets::EMPTY,
        },
        context: ReadingContext::TransactionEnd,
        samples: Samples::new(),
    }
}
