//! CALLs of the CSMS: held until they are answered (one at a time), and the results of our own.
//!
//! A CALL's bytes stay in the lent inbound buffer. They are read once to act and once more to write the reply, so
//! names that the reply echoes need no memory of their own.

use super::Station;
use super::link::{About, Failure, Flight};
use super::make::Made;
use super::network::Way;
use crate::contract::{Event, InputError, PollError, RecordId};
use crate::dialect::{
    Command, Context, DataTransferStatus, Dialect, NetworkProfileStatus, Outcome, Refusal, Reply, ReportKind,
    ResetKind, RpcError, Status,
};
use crate::time::Instant;
use crate::transaction::TransactionId;
use crate::vocabulary::Registration;
use crate::wire::{Frame, Head, Reader, Str, Text, Writer};

/// The CALL that is held.
pub(super) struct HeldCall<'s> {
    /// Bytes of the inbound buffer that it takes.
    pub len: usize,
    /// The version that it is said in: the link may speak another one before it is done with.
    pub dialect: Option<&'s dyn Dialect>,
    pub state: CallState,
    /// What follows once its reply has left.
    pub after: AfterReply,
    /// The link that it came over is gone: what it has begun is finished, but not answered.
    pub abandoned: bool,
}

#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub(super) enum CallState {
    /// There is none.
    Free,
    /// It cannot be answered yet.
    Waiting(Wait),
    /// The answer can be written.
    Ready(Answer),
    /// It could not be read; the buffer holds the message id to answer to, and nothing else.
    Unreadable(RpcError),
}

/// What a CALL waits for.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub(super) enum Wait {
    /// A setting is being stored; the CALL may have more of them.
    Settings,
    Availability {
        place: crate::Place,
        operative: bool,
    },
    CacheCleared,
    LocalList,
    NetworkProfile {
        slot: u8,
        way: Way,
    },
    /// Records are looked through, from the one after this.
    TransactionStatus {
        after: RecordId,
    },
    Unlock {
        deadline: Instant,
    },
    /// The application is asked.
    DataTransfer {
        told: bool,
        deadline: Instant,
    },
}

/// The answer to a CALL.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub(super) enum Answer {
    Status(Status),
    Settings,
    SettingsWritten,
    /// With that many bytes of text in the job buffer.
    DataTransfer {
        status: DataTransferStatus,
        text: Option<usize>,
    },
    RemoteStart {
        accepted: bool,
        transaction: Option<TransactionId>,
    },
    TransactionStatus {
        ongoing: Option<bool>,
        queued: bool,
    },
    ListVersion(i32),
    NetworkProfile(NetworkProfileStatus),
    Error(Refusal),
}

/// What follows once the reply has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AfterReply {
    Nothing,
    Reset(ResetKind),
    Reconnect,
}

impl HeldCall<'_> {
    pub(super) const FREE: Self = Self {
        len: 0,
        dialect: None,
        state: CallState::Free,
        after: AfterReply::Nothing,
        abandoned: false,
    };

    pub(super) fn waits_for(&self) -> Option<Wait> {
        match self.state {
            CallState::Waiting(wait) => Some(wait),
            _ => None,
        }
    }

    /// Whether the answer can be written.
    pub(super) fn is_ready(&self) -> bool {
        matches!(self.state, CallState::Ready(_) | CallState::Unreadable(_))
    }

    pub(super) fn is_free(&self) -> bool {
        matches!(self.state, CallState::Free)
    }

    /// Whether somebody is to get an answer.
    pub(super) fn is_awaited(&self) -> bool {
        !self.is_free() && !self.abandoned
    }

    pub(super) fn answer(&mut self, status: Status) {
        self.state = CallState::Ready(Answer::Status(status));
    }
}

impl<'s> Station<'s> {
    /// A text message arrived.
    pub(super) fn frame(&mut self, bytes: &[u8], now: Instant) -> Result<(), InputError> {
        if !self.link.is_up() {
            return Ok(());
        }
        match Frame::read(bytes) {
            Ok(Frame::Call { id, .. }) => self.call_arrived(bytes, id, now),
            Ok(Frame::Result { id, payload }) => {
                self.result_arrived(id, payload, now);
                Ok(())
            }
            Ok(Frame::Error { id, .. }) => {
                if let Some(flight) = self.take_flight(id.as_text()) {
                    self.ignored("refused by the CSMS", "");
                    self.call_failed(flight.about, Failure::Refused, now);
                }
                Ok(())
            }
            Ok(Frame::Unknown { id, .. }) => {
                self.unreadable(id.map(|id| id.as_text()), RpcError::MessageType)?;
                self.ignored("unknown message type", "");
                Ok(())
            }
            Err(failed) => {
                match failed.call {
                    Some(id) => self.unreadable(Some(id.as_text()), RpcError::Format)?,
                    // Errors about errors would go to and fro without end.
                    None if failed.is_answer => {}
                    None => self.unreadable(None, RpcError::Framework)?,
                }
                self.ignored("frame is not well-formed", failed.error.field());
                Ok(())
            }
        }
    }

    /// A frame that is longer than the receive buffer.
    pub(super) fn frame_too_large(&mut self, head: &[u8]) -> Result<(), InputError> {
        if self.link.is_up() {
            match Frame::head(head) {
                Head::Call(id) => self.unreadable(Some(id.as_text()), RpcError::Format)?,
                Head::Answer => {}
                Head::Unreadable => self.unreadable(None, RpcError::Framework)?,
            }
        }
        self.ignored("frame is too large", "");
        Ok(())
    }

    fn call_arrived(&mut self, bytes: &[u8], id: Text<'_, 36>, now: Instant) -> Result<(), InputError> {
        if !self.call.is_free() {
            return Err(InputError::Busy);
        }
        if self.is_mute() {
            self.ignored("not answered while rejected", "");
            return Ok(());
        }
        let Some(place) = self.buffers.inbound.get_mut(..bytes.len()) else {
            self.ignored("frame is too large", "");
            return self.unreadable(Some(id.as_text()), RpcError::Format);
        };
        place.copy_from_slice(bytes);
        self.call.len = bytes.len();
        self.call.dialect = self.link.dialect;
        let state = if self.boot.status == Some(Registration::Rejected) {
            CallState::Ready(Answer::Error(Refusal::new(RpcError::Security)))
        } else {
            self.read_call(now)
        };
        if let CallState::Ready(Answer::Error(refusal)) = state {
            self.ignored("CALL refused", refusal.field);
        }
        self.call.state = state;
        Ok(())
    }

    /// 1.6 §4.2: a rejected station does not answer.
    fn is_mute(&self) -> bool {
        let refuses = self
            .link
            .dialect
            .is_some_and(|dialect| dialect.rules().refuses_while_rejected);
        self.boot.status == Some(Registration::Rejected) && !refuses
    }

    /// Keeps the id of a frame that cannot be read, to refuse it; one without an id is answered as −1 (2.0.1 Part 4).
    fn unreadable(&mut self, id: Option<Str<'_>>, error: RpcError) -> Result<(), InputError> {
        let has_word = |dialect: &dyn Dialect| !dialect.rules().error_code(error).is_empty();
        if self.is_mute() || !self.link.dialect.is_some_and(has_word) {
            return Ok(());
        }
        if !self.call.is_free() {
            return Err(InputError::Busy);
        }
        let id = id.unwrap_or(Str::plain("-1"));
        if let Some(len) = id.copy_to(self.buffers.inbound).map(str::len) {
            self.call = HeldCall {
                len,
                dialect: self.link.dialect,
                state: CallState::Unreadable(error),
                ..HeldCall::FREE
            };
        }
        Ok(())
    }

    /// Reads the held CALL and acts on it.
    fn read_call(&mut self, now: Instant) -> CallState {
        // The buffer is taken out of the station while the command borrows it.
        let inbound = core::mem::take(&mut self.buffers.inbound);
        let state = match self.command(inbound.get(..self.call.len).unwrap_or(&[])) {
            Ok((command, payload)) => self.execute(&command, payload, now),
            Err(refusal) => CallState::Ready(Answer::Error(refusal)),
        };
        self.buffers.inbound = inbound;
        state
    }

    /// The held CALL as a command, and the text of its payload.
    pub(super) fn command<'f>(&self, bytes: &'f [u8]) -> Result<(Command<'f>, Reader<'f>), Refusal> {
        let failed = Refusal::new(RpcError::Internal);
        let dialect = self.call.dialect.ok_or(failed)?;
        let Ok(Frame::Call { action, payload, .. }) = Frame::read(bytes) else {
            return Err(failed);
        };
        let mut reader = payload;
        if reader.peek() != Some(b'{') {
            return Err(Refusal::new(RpcError::Format));
        }
        let command = dialect.read_call(action, &mut reader, &self.context(None))?;
        Frame::end(&mut reader).map_err(|error| Refusal {
            error: dialect.rules().error_for(error.kind),
            field: error.field(),
        })?;
        Ok((command, payload))
    }

    /// What a dialect may look at; `now` if it is to know the time.
    pub(super) fn context(&self, now: Option<Instant>) -> Context<'_> {
        Context {
            topology: self.config.topology,
            settings: &self.config.settings,
            identity: &self.config.identity,
            device: &self.config.device,
            measurands: self.config.measurands,
            facts: self,
            now: now.and_then(|now| self.now_utc(now)),
        }
    }

    /// Writes the reply to the held CALL, and lets it go.
    pub(super) fn make_reply(&mut self, now: Instant, buf: &mut [u8]) -> Result<Made, PollError> {
        let len = self
            .write_reply(now, buf)
            .map_err(|needed| PollError::BufferTooSmall { needed })?;
        self.after = core::mem::replace(&mut self.call, HeldCall::FREE).after;
        self.link.credit = false;
        Ok(Made::Send(len))
    }

    fn write_reply(&self, now: Instant, buf: &mut [u8]) -> Result<usize, usize> {
        let bytes = self.buffers.inbound.get(..self.call.len).unwrap_or(&[]);
        let Some(dialect) = self.call.dialect else { return Ok(0) };
        let rules = dialect.rules();
        let mut w = Writer::new(buf);
        let refuse = |id: Str<'_>, refusal: &Refusal, w: &mut Writer<'_>| {
            Frame::write_error(w, id, rules.error_code(refusal.error), refusal.field);
        };
        match (self.call.state, Frame::read(bytes)) {
            (CallState::Ready(Answer::Error(refusal)), Ok(Frame::Call { id, .. })) => {
                refuse(id.as_text(), &refusal, &mut w);
            }
            (CallState::Ready(answer), Ok(Frame::Call { id, action, payload })) => {
                let text = |len: usize| core::str::from_utf8(self.buffers.job.get(..len)?).ok();
                let reply = match answer {
                    Answer::Status(status) => Reply::Status(status),
                    Answer::Settings => Reply::Settings,
                    Answer::SettingsWritten => Reply::SettingsWritten(&self.setting_statuses),
                    Answer::DataTransfer { status, text: len } => Reply::DataTransfer {
                        status,
                        data: len.and_then(text),
                    },
                    Answer::RemoteStart { accepted, transaction } => Reply::RemoteStart { accepted, transaction },
                    Answer::TransactionStatus { ongoing, queued } => Reply::TransactionStatus { ongoing, queued },
                    Answer::ListVersion(version) => Reply::ListVersion(version),
                    Answer::NetworkProfile(status) => Reply::NetworkProfile(status),
                    // Written above.
                    Answer::Error(_) => Reply::Status(Status::Rejected),
                };
                Frame::open_result(&mut w, id.as_text());
                dialect.write_reply(action, payload, &reply, &self.context(Some(now)), &mut w);
                Frame::close(&mut w);
            }
            (CallState::Unreadable(error), _) => {
                let id = core::str::from_utf8(bytes).unwrap_or("");
                refuse(Str::plain(id), &Refusal::new(error), &mut w);
            }
            // Only a frame that was read before is answered in any other way.
            _ => {}
        }
        w.finish().map(str::len)
    }

    /// The link is gone: nobody waits for the reply. What storage is doing for the CALL belongs to it until the end.
    pub(super) fn drop_call(&mut self) {
        match self.call.waits_for() {
            Some(
                Wait::Settings
                | Wait::Availability { .. }
                | Wait::CacheCleared
                | Wait::LocalList
                | Wait::NetworkProfile { .. },
            ) => self.call.abandoned = true,
            _ => self.call = HeldCall::FREE,
        }
        self.unlocking = None;
    }

    pub(super) fn finish_abandoned(&mut self) {
        if self.call.abandoned && self.call.is_ready() {
            self.call = HeldCall::FREE;
        }
    }

    /// The reply does not fit any buffer; if even a refusal does not, there is none.
    pub(super) fn reply_too_large(&mut self) {
        self.free_answer();
        match self.call.state {
            CallState::Ready(Answer::Error(_)) | CallState::Unreadable(_) => self.call = HeldCall::FREE,
            _ => self.call.state = CallState::Ready(Answer::Error(Refusal::new(RpcError::Internal))),
        }
    }

    /// Ends what a CALL has waited for too long.
    pub(super) fn check_call_waits(&mut self, now: Instant) {
        match self.call.waits_for() {
            Some(Wait::Unlock { deadline }) if deadline <= now => self.unlock_done(false),
            Some(Wait::DataTransfer { deadline, .. }) if deadline <= now => {
                self.call.state = CallState::Ready(Answer::DataTransfer {
                    status: DataTransferStatus::Rejected,
                    text: None,
                });
            }
            _ => {}
        }
    }

    pub(super) fn call_deadline(&self) -> Option<Instant> {
        match self.call.waits_for()? {
            Wait::Unlock { deadline } | Wait::DataTransfer { deadline, .. } => Some(deadline),
            _ => None,
        }
    }

    fn result_arrived(&mut self, id: Text<'_, 36>, payload: Reader<'_>, now: Instant) {
        let Some(flight) = self.take_flight(id.as_text()) else {
            return;
        };
        let Some(dialect) = self.link.dialect else { return };
        let mut reader = payload;
        let read = dialect.read_result(flight.kind, &mut reader);
        let outcome = read.and_then(|outcome| Frame::end(&mut reader).map(|()| outcome));
        match outcome {
            Ok(outcome) => {
                if flight.kind == ReportKind::DataTransfer {
                    self.keep_result_data(payload);
                }
                self.outcome(&flight, outcome, now);
            }
            Err(error) => {
                self.ignored("result is not valid", error.field());
                match flight.about {
                    // It arrived, whatever was answered: sent again it would be told twice.
                    About::Record => self.record_answered(None, None, now),
                    about => self.call_failed(about, Failure::Refused, now),
                }
            }
        }
    }

    /// The outstanding CALL, if `id` is its id: anything else was asked by nobody, or given up.
    fn take_flight(&mut self, id: Str<'_>) -> Option<Flight> {
        if self.link.flight.as_ref().is_some_and(|flight| id.eq_str(&flight.id)) {
            return self.link.flight.take();
        }
        self.ignored("answer to nothing", "");
        None
    }

    fn outcome(&mut self, flight: &Flight, outcome: Outcome, now: Instant) {
        match (flight.about, outcome) {
            (About::Boot, Outcome::Boot { status, time, interval }) => self.boot_answered(status, time, interval, now),
            (About::Heartbeat, Outcome::Heartbeat { time }) => self.heartbeat_answered(time, now),
            (About::Authorize { evse }, Outcome::Authorize(info)) => self.authorize_answered(evse, &info, now),
            (About::Record, outcome) => match flight.next_step {
                Some(step) => self.delivery.step = step,
                None => {
                    let (reference, info) = match outcome {
                        Outcome::Transaction { reference, info } => (reference, info),
                        _ => (None, None),
                    };
                    self.record_answered(reference, info.as_ref(), now);
                }
            },
            (About::DataTransfer, Outcome::DataTransfer(status)) => self.data_transfer_answered(Some(status)),
            (About::Security, _) => self.security_told(),
            (About::Settings, _) => self.report_goes_on(flight.next_step),
            (About::Meter { evse }, _) => self.meter_goes_on(evse, flight.next_step),
            _ => {}
        }
    }

    /// A CALL of ours has no result. Nothing waits for it any longer; what must not be lost is sent again.
    pub(super) fn call_failed(&mut self, about: About, failure: Failure, now: Instant) {
        match about {
            About::Boot => self.boot_failed(failure, now),
            About::Heartbeat => {
                // The next one is due after another interval.
                self.boot.last_heartbeat = now;
            }
            About::Authorize { evse } => self.authorize_failed(evse, failure, now),
            // The CSMS may not know it.
            About::Status { connector, .. } if failure == Failure::Disconnected => self.status_told(connector, None),
            About::Status { .. } => {}
            About::Record => self.record_failed(failure, now),
            About::Meter { evse } => self.meter_goes_on(evse, None),
            About::DataTransfer => self.data_transfer_answered(None),
            About::Security => self.security_failed(failure, now),
            About::Settings => self.report_goes_on(None),
        }
    }

    pub(super) fn ignored(&mut self, detail: &'static str, field: &'static str) {
        self.events.push(Event::Rpc { detail, field });
    }
}
