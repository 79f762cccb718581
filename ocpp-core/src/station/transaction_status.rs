//! How a transaction stands, and whether anything of it waits to be told (2.0.1 E14).
//!
//! Of stored records only the number is known in memory, so they are looked through one by one.

use super::Station;
use super::calls::{Answer, CallState, Wait};
use super::evse::Transaction;
use crate::contract::RecordId;
use crate::dialect::{Command, TransactionRef};
use crate::journal::Record;
use crate::transaction::TransactionId;

impl Station<'_> {
    pub(super) fn transaction_status(&self, named: Option<TransactionRef<'_>>) -> CallState {
        let Some(named) = named else {
            return CallState::Ready(Answer::TransactionStatus {
                ongoing: None,
                queued: self.queue_len() > 0,
            });
        };
        let queued = self.outbox_holds(named);
        if queued || self.delivery.count == 0 {
            return self.status_of(named, queued);
        }
        CallState::Waiting(Wait::TransactionStatus { after: RecordId(0) })
    }

    fn status_of(&self, named: TransactionRef<'_>, queued: bool) -> CallState {
        CallState::Ready(Answer::TransactionStatus {
            ongoing: Some(self.running(named).is_some()),
            queued,
        })
    }

    /// The running transaction that the CSMS means, and its EVSE.
    pub(super) fn running(&self, named: TransactionRef<'_>) -> Option<(usize, &Transaction)> {
        let meant = |running: &&Transaction| is(named, running.id, running.reference);
        let all = self.evses.iter().map(|slot| slot.0.transaction.as_ref());
        (0..)
            .zip(all)
            .find_map(|(evse, running)| Some((evse, running.filter(meant)?)))
    }

    /// Whether something of it is not even stored.
    fn outbox_holds(&self, named: TransactionRef<'_>) -> bool {
        self.evses.iter().any(|slot| {
            let running = slot
                .0
                .transaction
                .as_ref()
                .map(|running| (running.id, running.reference));
            let told = slot.0.delivery.as_ref();
            let told = told.map(|told| (TransactionId::new(told.salt, told.transaction), told.reference));
            let mut own = [running, told].into_iter().flatten();
            own.any(|(id, reference)| {
                is(named, id, reference)
                    && slot
                        .0
                        .outbox
                        .iter()
                        .any(|entry| entry.record.transaction == id.number())
            })
        })
    }

    /// A record was loaded for the search.
    pub(super) fn record_searched(&mut self, after: RecordId, found: Option<(RecordId, &[u8])>) {
        if !matches!(self.call.waits_for(), Some(Wait::TransactionStatus { after: asked }) if asked == after) {
            return;
        }
        let next = match found {
            Some((id, bytes)) => match self.is_waiting(id, bytes) {
                None => Ok(id),
                Some(queued) => Err(queued),
            },
            None => Err(false),
        };
        match next {
            Ok(after) => self.call.state = CallState::Waiting(Wait::TransactionStatus { after }),
            Err(queued) => self.end_search(queued),
        }
    }

    /// The search is over, or storage does not help with it.
    pub(super) fn end_search(&mut self, queued: bool) {
        let bytes = self.buffers.inbound.get(..self.call.len).unwrap_or(&[]);
        if let Ok((Command::TransactionStatus(Some(named)), _)) = self.command(bytes) {
            self.call.state = self.status_of(named, queued);
        }
    }

    /// Whether the record is of the transaction in question and waits to be told; `None` if that cannot be said yet.
    fn is_waiting(&self, id: RecordId, bytes: &[u8]) -> Option<bool> {
        let call = self.buffers.inbound.get(..self.call.len)?;
        let Ok((Command::TransactionStatus(Some(named)), _)) = self.command(call) else {
            return Some(false);
        };
        let record = Record::decode(id, bytes).ok()?;
        let told = self.evses.get(record.connector.evse.index())?.0.delivery;
        let told = told.filter(|told| told.transaction == record.transaction);
        // The start, which has the random part, comes before all else of a transaction.
        let salt = record.salt.or(told.map(|told| told.salt))?;
        let own = TransactionId::new(salt, record.transaction);
        let meant = is(named, own, told.and_then(|told| told.reference));
        (meant && !self.is_told(id, &record)).then_some(true)
    }
}

fn is(named: TransactionRef<'_>, id: TransactionId, reference: Option<i64>) -> bool {
    match named {
        TransactionRef::Number(number) => reference == Some(number),
        TransactionRef::Id(text) => id.is(text),
    }
}
