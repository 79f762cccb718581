//! Storage, served by a future of its own.

use core::cell::Cell;

use ocpp_core::{Action, Input, Load, RecordId, Slot, StoreError};

use super::ports::{Lent, Ports};
use crate::error::{Error, ErrorKind};
use crate::future::Signal;
use crate::storage::Storage;

pub(super) struct StoragePort<'b> {
    /// The bytes to be stored, or those that were loaded.
    record: Lent<'b>,
    request: Cell<Option<Request>>,
    answer: Cell<Option<Answer>>,
    /// From the request until the answer was taken.
    busy: Cell<bool>,
    work: Signal,
}

#[derive(Clone, Copy)]
struct Request {
    id: u32,
    op: Op,
}

#[derive(Clone, Copy)]
enum Op {
    /// Stores so many bytes.
    Put(Slot, usize),
    Discard(Slot),
    Load(Load),
}

#[derive(Clone, Copy)]
struct Answer {
    id: u32,
    result: Outcome,
}

#[derive(Clone, Copy)]
enum Outcome {
    Stored(Result<(), StoreError>),
    Record(Option<(u32, usize)>),
    Value(Option<usize>),
    /// Said nothing: the station gives up waiting, and knows better than to take a failure for an empty store.
    NotLoaded,
}

impl<'b> StoragePort<'b> {
    pub(super) const fn new(record: &'b mut [u8]) -> Self {
        Self {
            record: Lent::new(record),
            request: Cell::new(None),
            answer: Cell::new(None),
            busy: Cell::new(false),
            work: Signal::new(),
        }
    }

    pub(super) fn is_busy(&self) -> bool {
        self.busy.get()
    }

    /// Takes a `Store`, `Load` or `Discard`. Returns the input that answers it if it cannot be begun: the operation
    /// before takes longer than the station waited, or the bytes are too long.
    pub(super) fn begin(&self, action: &Action<'_>) -> Option<Input<'static>> {
        let failed = |id| {
            let result = Err(StoreError::Failed);
            Some(Input::Stored { id, result })
        };
        let request = match *action {
            Action::Store { id, slot, bytes } => {
                let mut record = if self.busy.get() { None } else { self.record.borrow() };
                let Some(place) = record.as_mut().and_then(|record| record.get_mut(..bytes.len())) else {
                    return failed(id);
                };
                place.copy_from_slice(bytes);
                let op = Op::Put(slot, bytes.len());
                Request { id, op }
            }
            Action::Discard { id, .. } if self.busy.get() => return failed(id),
            Action::Discard { id, slot } => {
                let op = Op::Discard(slot);
                Request { id, op }
            }
            Action::Load { id, what } if !self.busy.get() => {
                let op = Op::Load(what);
                Request { id, op }
            }
            _ => return None,
        };
        self.busy.set(true);
        self.request.set(Some(request));
        self.work.notify();
        None
    }

    /// Hands the answer of the last operation on as an input, if there is one.
    pub(super) fn answer(&self, tell: impl FnOnce(Input<'_>)) {
        let Some(Answer { id, result }) = self.answer.take() else {
            return;
        };
        self.busy.set(false);
        let record = self.record.borrow();
        let bytes = |len| record.as_ref().and_then(|record| record.get(..len));
        match result {
            Outcome::Stored(result) => tell(Input::Stored { id, result }),
            Outcome::Record(found) => {
                let record = found.and_then(|(number, len)| Some((RecordId(number), bytes(len)?)));
                tell(Input::LoadedRecord { id, record });
            }
            Outcome::Value(found) => {
                let value = found.and_then(bytes);
                tell(Input::LoadedValue { id, value });
            }
            Outcome::NotLoaded => {}
        }
    }
}

impl Ports<'_> {
    /// Does what the station wants of storage, one operation after the other, for ever.
    ///
    /// Do not drop this future while the station lives: it may be in the middle of an operation. That is why it is one
    /// of its own; everything else here may be dropped at any time.
    pub async fn serve_storage<S: Storage>(&self, mut storage: S) -> ! {
        let port = &self.storage;
        loop {
            let request = port.work.wait_for(|| port.request.take()).await;
            let result = match port.record.borrow() {
                Some(mut record) => execute(&mut storage, request.op, &mut record).await,
                None => Outcome::NotLoaded,
            };
            port.answer.set(Some(Answer { id: request.id, result }));
            self.news.notify();
        }
    }
}

async fn execute<S: Storage>(storage: &mut S, op: Op, record: &mut [u8]) -> Outcome {
    let done = match op {
        Op::Put(slot, len) => {
            let bytes = record.get(..len).unwrap_or_default();
            match slot {
                Slot::Record(RecordId(number)) => storage.put_record(number, bytes).await,
                Slot::Value(key) => storage.put_value(key.code(), bytes).await,
            }
        }
        Op::Discard(Slot::Record(RecordId(number))) => storage.discard_record(number).await,
        Op::Discard(Slot::Value(key)) => storage.discard_value(key.code()).await,
        Op::Load(Load::RecordAfter(RecordId(number))) => {
            return match storage.record_after(number, record).await {
                Ok(found) => Outcome::Record(found),
                Err(_) => Outcome::NotLoaded,
            };
        }
        Op::Load(Load::Value(key)) => {
            return match storage.value(key.code(), record).await {
                Ok(found) => Outcome::Value(found),
                Err(_) => Outcome::NotLoaded,
            };
        }
    };
    Outcome::Stored(done.map_err(|error| match error.kind() {
        ErrorKind::Full => StoreError::Full,
        _ => StoreError::Failed,
    }))
}
