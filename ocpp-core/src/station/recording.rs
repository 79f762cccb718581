//! The events of a transaction, from what happened to the outbox, where they wait for storage.

use super::Station;
use super::evse::{Entry, OUTBOX};
use super::session::connector_of;
use crate::journal::{Record, RecordKind, SampleSets};
use crate::metering::{ReadingContext, Samples};
use crate::time::Instant;
use crate::token::Token;
use crate::vocabulary::TriggerReason;

impl Station<'_> {
    /// Records values between start and end.
    pub(super) fn record_update(
        &mut self,
        evse: usize,
        now: Instant,
        trigger: TriggerReason,
        context: ReadingContext,
        samples: Samples,
    ) {
        if let Some(entry) = self.add_entry(evse, RecordKind::Update, trigger, now) {
            entry.context = context;
            entry.samples = samples;
        }
    }

    /// Records something between start and end that is not about values. Versions without such events never hear of
    /// it, so nothing is recorded while one of them speaks, unless it says who was authorized.
    pub(super) fn record_event(
        &mut self,
        evse: usize,
        now: Instant,
        trigger: TriggerReason,
        token: Option<&Token>,
    ) -> Option<&mut Entry> {
        let heard = self.rules().is_some_and(|rules| rules.records_states);
        if !heard && token.is_none() {
            return None;
        }
        let entry = self.add_entry(evse, RecordKind::Update, trigger, now)?;
        entry.record.token = token.copied().or(entry.record.token);
        Some(entry)
    }

    /// Adds an event of the running transaction, without values. One place is kept for the end: what finds no room
    /// takes the place of the event before it, with what must be told only once, and leaves out no number.
    pub(super) fn add_entry(
        &mut self,
        evse: usize,
        kind: RecordKind,
        trigger: TriggerReason,
        now: Instant,
    ) -> Option<&mut Entry> {
        let offline = !self.is_online();
        let boot = self.boot_count;
        let connector = self.evses.get(evse)?.0.transaction.as_ref()?.connector;
        let plugged = self
            .connectors_of(evse)
            .any(|own| own.id.connector == connector && own.plugged);
        let state = &mut self.evses.get_mut(evse)?.0;
        let energy_wh = state.energy_wh;
        let transaction = state.transaction.as_mut()?;
        let outbox = &mut state.outbox;
        let reserved = usize::from(kind == RecordKind::Update);
        let mut merged = None;
        if outbox.len() >= OUTBOX.saturating_sub(reserved) {
            outbox.last().filter(|last| last.record.kind == RecordKind::Update)?;
            merged = outbox.pop().map(|last| last.record);
        }
        let seq_no = merged.as_ref().map_or(transaction.next_seq_no, |last| last.seq_no);
        transaction.next_seq_no = seq_no.wrapping_add(1);
        transaction.keep(energy_wh, now);
        let entry = Entry {
            record: Record {
                kind,
                connector: connector_of(evse, connector),
                transaction: transaction.number,
                salt: None,
                seq_no,
                boot,
                secs: now.as_secs(),
                trigger,
                charging: transaction.charging,
                stop: None,
                plugged,
                first_plugged: merged.as_ref().is_some_and(|last| last.first_plugged),
                authorized: transaction.authorized,
                offline,
                caught_up: false,
                energy_wh,
                token: merged.as_ref().and_then(|last| last.token),
                remote_start_id: merged.as_ref().and_then(|last| last.remote_start_id),
                samples: SampleSets::EMPTY,
            },
            context: ReadingContext::Other,
            samples: Samples::new(),
        };
        outbox.push(entry).ok()?;
        outbox.last_mut()
    }

    pub(super) fn has_start_waiting(&self, evse: usize) -> bool {
        let outbox = self.evses.get(evse).map(|slot| &slot.0.outbox);
        outbox.is_some_and(|outbox| outbox.iter().any(|entry| entry.record.kind == RecordKind::Start))
    }
}
