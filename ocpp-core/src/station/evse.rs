//! What is known of an EVSE: its power path, its meter, who may charge, its transaction, and the events of it that
//! are not stored yet.

use super::checkpoint::Kept;
use super::delivered::Delivered;
use crate::journal::{Moment, Record};
use crate::metering::{ReadingContext, Sample, Samples};
use crate::time::Instant;
use crate::token::Token;
use crate::transaction::TransactionId;
use crate::vocabulary::{ChargingState, StopReason, TriggerReason};

/// Events of one EVSE that wait for storage: one place each for a start and an end, the others for what lies between.
pub(super) const OUTBOX: usize = 4;
/// Values that travel with the end of a transaction, as moments.
pub(super) const END_SAMPLES: usize = 12;
/// Values of each of these moments.
pub(super) const END_VALUES: usize = 6;

#[derive(Debug)]
pub(super) struct EvseState {
    /// The contactor is closed.
    pub closed: bool,
    /// The meter's register, in Wh.
    pub energy_wh: i64,
    /// The meter was read since the boot.
    pub metered: bool,
    /// The meter's other values.
    pub reading: Samples,
    /// A token whose authorization is being asked for.
    pub request: Option<Request>,
    /// A vehicle stands in the parking bay.
    pub bay: bool,
    /// No transaction has begun since it came.
    pub bay_fresh: bool,
    /// What happened last of what can begin a transaction.
    pub cause: TriggerReason,
    /// Somebody may charge, as soon as an EV is there.
    pub grant: Option<Grant>,
    pub transaction: Option<Transaction>,
    /// The cable stays locked until this driver comes (1.6 errata 3.5).
    pub keep_locked_for: Option<Owner>,
    pub outbox: heapless::Vec<Entry, OUTBOX>,
    pub end_samples: heapless::Vec<EndSample, END_SAMPLES>,
    pub delivery: Option<Delivered>,
    /// Limit by the local energy manager, in mA.
    pub limit: Option<u32>,
    /// The limit that the hardware was told; the outer `None`: nothing yet.
    pub limit_told: Option<Option<u32>>,
    /// Clock-aligned or triggered values without a transaction that wait to be sent.
    pub meter_due: Option<MeterDue>,
}

impl EvseState {
    pub(super) const NEW: Self = Self {
        closed: false,
        energy_wh: 0,
        metered: false,
        reading: Samples::new(),
        request: None,
        bay: false,
        bay_fresh: false,
        cause: TriggerReason::Authorized,
        grant: None,
        transaction: None,
        keep_locked_for: None,
        outbox: heapless::Vec::new(),
        end_samples: heapless::Vec::new(),
        delivery: None,
        limit: None,
        limit_told: None,
        meter_due: None,
    };

    /// Empties it in place: assigning [`Self::NEW`] would keep an image of it in flash.
    pub(super) fn reset(&mut self) {
        self.closed = false;
        self.energy_wh = 0;
        self.metered = false;
        self.reading.clear();
        self.request = None;
        self.bay = false;
        self.bay_fresh = false;
        self.cause = TriggerReason::Authorized;
        self.grant = None;
        self.transaction = None;
        self.keep_locked_for = None;
        self.outbox.clear();
        self.end_samples.clear();
        self.delivery = None;
        self.limit = None;
        self.limit_told = None;
        self.meter_due = None;
    }

    /// Drops the oldest event that waits for storage.
    pub(super) fn drop_first_entry(&mut self) {
        let mut first = true;
        self.drop_entries(&mut |_| core::mem::take(&mut first));
    }

    /// Drops the events that are `gone`.
    pub(super) fn drop_entries(&mut self, gone: &mut dyn FnMut(&Entry) -> bool) {
        self.outbox.retain(|entry| !gone(entry));
    }

    /// Whether somebody may still be authorized here: a transaction that nobody was authorized for waits for that.
    pub(super) fn is_open(&self) -> bool {
        let owned = self.transaction.as_ref().is_some_and(|running| running.owner.is_some());
        self.request.is_none() && self.grant.is_none() && !owned
    }

    /// Drops every second of the values between the first and the last, or the last two (1.6 errata 3.89).
    pub(super) fn thin_end_samples(&mut self) {
        let last = self.end_samples.len().saturating_sub(1);
        let mut index = 0usize;
        self.end_samples.retain(|_| {
            let kept = last > 1 && (index.is_multiple_of(2) || index == last);
            index = index.wrapping_add(1);
            kept
        });
    }

    /// The values of the last reading that the choice names, the register among them.
    pub(super) fn chosen(&self, choice: &[crate::settings::MeasurandChoice]) -> Samples {
        crate::station::metering::choose(self.energy_wh, &self.reading, choice)
    }
}

impl Default for EvseState {
    fn default() -> Self {
        Self::NEW
    }
}

/// A token on its way to a decision.
#[derive(Debug)]
pub(super) struct Request {
    pub token: Token,
    pub purpose: Purpose,
}

/// What a token was presented for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To start, at the station.
    Start,
    /// To start, by the CSMS.
    RemoteStart { connector: Option<u8>, id: Option<i32> },
    /// To stop a transaction of somebody else, or to free a cable that was kept locked.
    Stop,
}

/// Somebody may charge.
#[derive(Debug)]
pub(super) struct Grant {
    pub token: Token,
    pub group: Option<Token>,
    /// Only at this connector.
    pub connector: Option<u8>,
    /// When the authorization ends if no EV comes.
    pub deadline: Option<Instant>,
    pub remote_start_id: Option<i32>,
}

/// A driver, and the group that the CSMS counts that driver to.
pub(super) type Owner = (Token, Option<Token>);

#[derive(Debug)]
pub(super) struct Transaction {
    pub id: TransactionId,
    pub number: u32,
    /// Where; 0 as long as no cable has said so.
    pub connector: u8,
    pub start_wh: i64,
    /// Who is, or was, authorized.
    pub owner: Option<Owner>,
    /// The authorization holds.
    pub authorized: bool,
    /// Why it does not hold any more.
    pub ended_by: Option<StopReason>,
    /// When the authorization ends if no EV comes, or comes back.
    pub deadline: Option<Instant>,
    pub next_seq_no: u32,
    /// The start is in storage: energy may flow, the CSMS may be told.
    pub stored: bool,
    pub charging: ChargingState,
    /// As storage knows it.
    pub kept: Kept,
    /// Energy flowed already.
    pub charged: bool,
    /// The CSMS's number for it.
    pub reference: Option<i64>,
    /// Energy may flow up to this register: all there is, unless the token has turned out invalid.
    pub limit_wh: i64,
    pub next_sample: Option<Instant>,
    /// The next values that travel with the end, where these have an interval of their own.
    pub next_end_sample: Option<Instant>,
}

impl Transaction {
    /// Whether the token's invalidity forbids energy at this register.
    pub(super) fn is_withheld(&self, energy_wh: i64) -> bool {
        energy_wh >= self.limit_wh
    }
}

/// An event that waits for storage.
#[derive(Debug)]
pub(super) struct Entry {
    /// As it will be stored, but for the values.
    pub record: Record<'static>,
    pub context: ReadingContext,
    /// Its own values; an end has those of the whole transaction instead.
    pub samples: Samples,
}

/// Values that travel with the end of the transaction.
#[derive(Debug)]
pub(super) struct EndSample {
    pub secs: u32,
    pub context: ReadingContext,
    pub values: heapless::Vec<Sample, END_VALUES>,
}

impl EndSample {
    /// As part of a record of that time.
    pub(super) fn moment(&self, secs: u32) -> Moment<'_> {
        Moment {
            age_secs: secs.saturating_sub(self.secs),
            context: self.context,
            values: &self.values,
        }
    }
}

/// Values that wait to be sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct MeterDue {
    pub at: Instant,
    pub context: ReadingContext,
    /// Next connector to tell, counted within the EVSE from 0, for versions that have no EVSEs.
    pub connector: u8,
    /// The last one to tell.
    pub last: u8,
}
