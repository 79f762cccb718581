//! The events of a transaction, from what happened to the outbox, where they wait for storage.

use super::Station;
use super::evse::{Entry, OUTBOX};
use crate::metering::{ReadingContext, Samples};
use crate::time::Instant;
use crate::token::Token;
use crate::transaction::RecordKind;
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
        if let Some(mut entry) = self.entry(evse, RecordKind::Update, trigger, now) {
            entry.context = context;
            entry.samples = samples;
            self.push(evse, entry);
        }
    }

    /// Records something between start and end that is not about values. Versions without such events never hear of
    /// it, so nothing is recorded while one of them speaks, unless it says who was authorized.
    pub(super) fn record_event(
        &mut self,
        evse: usize,
        now: Instant,
        trigger: TriggerReason,
        token: Option<Token>,
    ) -> Option<&mut Entry> {
        let heard = self.speaker().is_some_and(|dialect| dialect.rules().records_states);
        if !heard && token.is_none() {
            return None;
        }
        let mut entry = self.entry(evse, RecordKind::Update, trigger, now)?;
        entry.token = token;
        self.push(evse, entry)
    }

    pub(super) fn entry(
        &mut self,
        evse: usize,
        kind: RecordKind,
        trigger: TriggerReason,
        now: Instant,
    ) -> Option<Entry> {
        let offline = !self.is_online();
        let boot = self.boot_count;
        let connector = self.evses.get(evse)?.0.transaction.as_ref()?.connector;
        let plugged = self
            .connectors_of(evse)
            .any(|own| own.id.connector == connector && own.plugged);
        let state = &mut self.evses.get_mut(evse)?.0;
        let energy_wh = state.energy_wh;
        let transaction = state.transaction.as_mut()?;
        let seq_no = transaction.next_seq_no;
        transaction.next_seq_no = seq_no.wrapping_add(1);
        Some(Entry {
            kind,
            connector,
            transaction: transaction.number,
            salt: None,
            seq_no,
            boot,
            millis: now.as_millis(),
            trigger,
            charging: transaction.charging,
            stop: None,
            plugged,
            first_plugged: false,
            authorized: transaction.authorized,
            offline,
            energy_wh,
            token: None,
            remote_start_id: None,
            context: ReadingContext::Other,
            samples: Samples::new(),
        })
    }

    /// One place is kept for the end. What finds no room takes the place of the values before it, or is merged with
    /// the event before it; no number is left out by that.
    pub(super) fn push(&mut self, evse: usize, mut entry: Entry) -> Option<&mut Entry> {
        let state = &mut self.evses.get_mut(evse)?.0;
        let reserved = usize::from(entry.kind == RecordKind::Update);
        if state.outbox.len() < OUTBOX.saturating_sub(reserved) {
            let _ = state.outbox.push(entry);
        } else {
            let last = state.outbox.last_mut().filter(|last| last.kind == RecordKind::Update)?;
            entry.token = entry.token.or(last.token);
            entry.remote_start_id = entry.remote_start_id.or(last.remote_start_id);
            entry.first_plugged |= last.first_plugged;
            entry.seq_no = last.seq_no;
            if let Some(running) = &mut state.transaction {
                running.next_seq_no = last.seq_no.wrapping_add(1);
            }
            *last = entry;
        }
        state.outbox.last_mut()
    }

    pub(super) fn has_start_waiting(&self, evse: usize) -> bool {
        let outbox = self.evses.get(evse).map(|slot| &slot.0.outbox);
        outbox.is_some_and(|outbox| outbox.iter().any(|entry| entry.kind == RecordKind::Start))
    }
}
