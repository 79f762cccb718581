//! Settings over OCPP: written one after the other, each in force only once it is stored (1.6 §5.3; 2.0.1 B05), and
//! reported page by page (2.0.1 B07/B08).

use super::Station;
use super::calls::{AfterReply, Answer, CallState, Wait};
use super::texts::Job;
use crate::contract::InputError;
use crate::dialect::{Command, Refusal, RpcError, SettingStatus, SettingWrite, Status};
use crate::settings::{Access, Descriptor, MeasurandChoice, SettingError, SettingId, SettingKey, Value, time_sources};
use crate::time::Instant;
use crate::wire::{List, Reader, Str};

/// A value on its way to storage.
#[derive(Clone)]
pub(super) struct PendingSetting {
    pub id: SettingKey,
    pub value: Value,
    /// A CALL waits for it.
    pub asked: bool,
}

/// Most changes in one CALL.
pub(super) const WRITES_MAX: usize = 16;

impl Station<'_> {
    pub(super) fn write_settings(&mut self, items: List<'_, SettingWrite<'_>>) -> CallState {
        if items.iter().nth(WRITES_MAX).is_some() {
            return CallState::Ready(Answer::Error(Refusal::new(RpcError::Occurrence)));
        }
        self.setting_statuses.clear();
        self.write_from(items)
    }

    /// Deals with items until one has to be stored, or all are done.
    fn write_from(&mut self, items: List<'_, SettingWrite<'_>>) -> CallState {
        if self.pending_setting.is_some() {
            // One of the operator's is on its way.
            return CallState::Waiting(Wait::Settings);
        }
        for item in items.iter().skip(self.setting_statuses.len()) {
            let Some(status) = self.write_one(&item) else {
                return CallState::Waiting(Wait::Settings);
            };
            let _ = self.setting_statuses.push(status);
        }
        CallState::Ready(Answer::SettingsWritten)
    }

    /// What became of one change; `None` as long as it is being stored.
    fn write_one(&mut self, item: &SettingWrite<'_>) -> Option<SettingStatus> {
        let table = self.call.dialect.map_or(&[] as &[_], |dialect| dialect.settings());
        let view = match (item.at.find(table, self.config.topology), &self.vendor) {
            (Ok(name), _) => name.view,
            (Err(unknown), Some(vendor)) => return (vendor.block.write)(self, item, unknown),
            (Err(unknown), None) => return Some(unknown),
        };
        if !item.actual {
            return Some(SettingStatus::NotSupportedAttribute);
        }
        match view.parse(item.value, self.settings()) {
            Ok((id, value)) if self.is_possible(&value, id) => {
                let (id, asked) = (id.into(), true);
                self.pending_setting = Some(PendingSetting { id, value, asked });
                None
            }
            _ => Some(SettingStatus::Rejected),
        }
    }

    /// One measurand that the meters do not have refuses the whole list (1.6 §7.31), so does one source of time that is
    /// not there, or a slot that cannot be dialled (2.0.1 B10.FR.02).
    fn is_possible(&self, value: &Value, id: SettingId) -> bool {
        let measured = |choice: &MeasurandChoice| self.config.measurands.contains(&choice.measurand);
        match value {
            Value::Measurands(list) => list.iter().all(measured),
            Value::Number(packed) if id == SettingId::TimeSource => {
                let there = |source| self.config.device.time_sources.contains(&source);
                time_sources(*packed).all(there)
            }
            Value::Text(priority) if id == SettingId::NetworkPriority => self.can_dial(priority),
            _ => true,
        }
    }

    /// The setting that was being stored is done with, for good or ill; a CALL goes on with its next item.
    pub(super) fn setting_stored(&mut self, stored: bool) {
        let Some(PendingSetting { id, value, asked }) = self.pending_setting.take() else {
            return;
        };
        let status = match (id.station(), &self.vendor) {
            (Some(id), _) if stored => {
                self.config.settings.put(id, value);
                self.setting_changed(id);
                accepted(id.descriptor())
            }
            (None, Some(vendor)) if stored => (vendor.block.take)(self, id.vendor(), &value, asked),
            _ => SettingStatus::Rejected,
        };
        let Some(Wait::Settings) = self.call.waits_for() else {
            return;
        };
        if asked {
            let _ = self.setting_statuses.push(status);
        }
        let inbound = core::mem::take(&mut self.buffers.inbound);
        self.call.state = match self.command(inbound.get(..self.call.len).unwrap_or(&[])) {
            Ok((Command::WriteSettings(items), _)) => self.write_from(items),
            _ => CallState::Ready(Answer::SettingsWritten),
        };
        self.buffers.inbound = inbound;
    }

    /// A setting as it was stored: those of the firmware follow the station's own.
    pub(super) fn setting_key(&self, index: usize) -> Option<SettingKey> {
        match index.checked_sub(SettingId::COUNT) {
            None => Some(SettingKey::numbered(index)),
            Some(index) => Some(self.vendor.as_ref()?.settings.get(index)?.id().into()),
        }
    }

    /// Takes what was stored; whether it can be.
    pub(super) fn setting_loaded(&mut self, key: SettingKey, bytes: &[u8]) -> bool {
        let Ok(text) = core::str::from_utf8(bytes) else {
            return false;
        };
        let text = Str::plain(text);
        match (key.station(), &self.vendor) {
            (Some(id), _) => {
                let value = self.config.settings.check(id, text);
                value.map(|value| self.config.settings.put(id, value)).is_ok()
            }
            (None, Some(vendor)) => (vendor.block.loaded)(self, key.vendor(), text),
            _ => false,
        }
    }

    /// What a new value changes at once.
    fn setting_changed(&mut self, id: SettingId) {
        match id {
            SettingId::AuthorizationKey => {
                // Security whitepaper A01: the reply first, then a new connection with the new key.
                if self.call.is_awaited() {
                    self.call.after = AfterReply::Reconnect;
                } else {
                    self.link.close = self.link.is_up();
                }
            }
            SettingId::AlignedDataInterval => self.aligned_at = None,
            SettingId::EndedAlignedInterval => self.end_aligned_at = None,
            SettingId::SampleInterval | SettingId::EndedSampleInterval => self.reschedule_samples = true,
            _ => {}
        }
    }

    /// A change by the operator on site.
    pub(super) fn set_locally(&mut self, id: SettingId, text: &str) -> Result<(), InputError> {
        if self.pending_setting.is_some() {
            return Err(InputError::Busy);
        }
        if self.settings().access(id) == Access::ReadOnly {
            return Err(InputError::Setting(SettingError::ReadOnly));
        }
        let value = self
            .settings()
            .check(id, Str::plain(text))
            .map_err(InputError::Setting)?;
        let (id, asked) = (id.into(), false);
        self.pending_setting = Some(PendingSetting { id, value, asked });
        Ok(())
    }

    /// Keeps the request for a report, whose pages are sent after the reply.
    pub(super) fn start_report(&mut self, payload: Reader<'_>, now: Instant) -> CallState {
        let mut reader = payload;
        let request = reader.raw().unwrap_or("");
        let Some(place) = self.buffers.job.get_mut(..request.len()) else {
            // 2.0.1 B08.FR.18
            return CallState::Ready(Answer::Error(Refusal::new(RpcError::Format)));
        };
        // 2.0.1 B07.FR.13, B08.FR.16: another report is under way, or a text for the application.
        let free = self.job == Job::Free;
        if free {
            place.copy_from_slice(request.as_bytes());
            self.job = Job::Report {
                len: request.len(),
                step: 0,
                at: now,
            };
        }
        CallState::Ready(Answer::Status(if free { Status::Accepted } else { Status::Rejected }))
    }

    /// A page was answered, or given up.
    pub(super) fn report_goes_on(&mut self, next: Option<u32>) {
        if let Job::Report { step, .. } = &mut self.job {
            match next {
                Some(next) => *step = next,
                None => self.job = Job::Free,
            }
        }
    }
}

/// What is said of a new value that was taken.
pub(super) const fn accepted(about: &Descriptor) -> SettingStatus {
    if about.reboot {
        SettingStatus::RebootRequired
    } else {
        SettingStatus::Accepted
    }
}
