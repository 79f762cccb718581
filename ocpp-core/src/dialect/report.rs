//! What the station tells the CSMS, and what the CSMS says to it.

use crate::journal::{Record, RecordKind, SampleSet, SampleSets};
use crate::metering::{READING_MAX, ReadingContext, Sample};
use crate::place::{ConnectorId, EvseId};
use crate::token::{Token, TokenInfo};
use crate::transaction::TransactionId;
use crate::vocabulary::{BootReason, ConnectorStatus, FaultCode, Registration, SecurityEvent};
use crate::wire::{Timestamp, Writer};

/// Something that the station has to tell.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
// Beside numbers of 64 bits the tag would be two words.
#[repr(u32)]
pub enum Report<'r> {
    /// It booted.
    Boot(BootReason),
    /// It is alive.
    Heartbeat,
    /// It asks about a token.
    Authorize(&'r Token),
    /// The state of a connector, or of the station itself.
    Status(StatusReport<'r>),
    /// Something happened in a transaction.
    Transaction(TransactionReport<'r>),
    /// Values without a transaction.
    Meter(MeterReport<'r>),
    /// Something between this vendor and the CSMS.
    DataTransfer {
        /// Vendor.
        vendor: &'r str,
        /// Message of that vendor.
        message: Option<&'r str>,
        /// Its content, plain text.
        data: Option<&'r str>,
    },
    /// The settings that an earlier CALL asked for (2.0.1 GetReport).
    Settings {
        /// The payload of that CALL.
        request: &'r str,
        /// When the report was made.
        at: Timestamp,
    },
    /// Something that concerns security happened (2.0.1 A04).
    Security {
        /// What.
        event: SecurityEvent,
        /// When.
        at: Timestamp,
        /// More about it, at most 255 characters; may be empty.
        info: &'r str,
    },
}

impl Report<'_> {
    /// What kind it is, which says how the answer is read.
    pub fn kind(&self) -> ReportKind {
        match self {
            Self::Boot(_) => ReportKind::Boot,
            Self::Heartbeat => ReportKind::Heartbeat,
            Self::Authorize(_) => ReportKind::Authorize,
            Self::Status(_) => ReportKind::Status,
            Self::Transaction(report) if report.announces() => ReportKind::Transaction(RecordKind::Start),
            Self::Transaction(report) => ReportKind::Transaction(report.record.kind),
            Self::Meter(_) => ReportKind::Meter,
            Self::DataTransfer { .. } => ReportKind::DataTransfer,
            Self::Settings { .. } => ReportKind::Settings,
            Self::Security { .. } => ReportKind::Security,
        }
    }
}

/// The kind of a [`Report`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ReportKind {
    /// [`Report::Boot`]
    Boot,
    /// [`Report::Heartbeat`]
    Heartbeat,
    /// [`Report::Authorize`]
    Authorize,
    /// [`Report::Status`]
    Status,
    /// [`Report::Transaction`]
    Transaction(RecordKind),
    /// [`Report::Meter`]
    Meter,
    /// [`Report::DataTransfer`]
    DataTransfer,
    /// [`Report::Settings`]
    Settings,
    /// [`Report::Security`]
    Security,
}

/// A status, as it was when it began.
#[derive(Clone, Copy, Debug)]
pub struct StatusReport<'r> {
    /// The connector; `None` is the station itself.
    pub connector: Option<ConnectorId>,
    /// Its state.
    pub status: ConnectorStatus,
    /// The fault, or a warning.
    pub fault: Option<FaultCode>,
    /// Text for people.
    pub info: &'r str,
    /// The vendor's own code of the fault.
    pub vendor_code: &'r str,
    /// Since when; `None` while the time is not known.
    pub at: Option<Timestamp>,
}

/// An event of a transaction, with what is known only when it is sent.
#[derive(Clone, Copy, Debug)]
pub struct TransactionReport<'r> {
    /// What happened.
    pub record: &'r Record<'r>,
    /// When.
    pub at: Timestamp,
    /// The station's id of the transaction (2.0.1).
    pub id: TransactionId,
    /// Its number among what this CSMS is told of the transaction, from 0 (2.0.1).
    pub seq_no: u32,
    /// Whether the CSMS was told already that the transaction began. A version that has to know the token tells it only
    /// with the first record that has one.
    pub start_told: bool,
    /// The number that the CSMS gave (1.6); `None` if it never did.
    pub reference: Option<i64>,
    /// Whether it happened, or waited, while there was no connection.
    pub offline: bool,
}

impl TransactionReport<'_> {
    /// Whether it is the first that a version hears of the transaction which has to know who it is for.
    pub fn announces(&self) -> bool {
        !self.start_told && self.record.token.is_some() && self.record.kind == RecordKind::Update
    }

    /// When a set of the record's values was read.
    pub fn time_of(&self, set: &SampleSet<'_>) -> Timestamp {
        let age = i64::from(set.age_secs).wrapping_mul(1000);
        self.at.plus_millis(age.wrapping_neg())
    }
}

/// How much of a record's values is told, when a buffer has no room for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Of the moments, every so many-th, and the last.
    every: usize,
    /// Of the values of a moment, so many.
    values: usize,
}

impl Share {
    const ALL: Self = Self {
        every: 1,
        values: READING_MAX,
    };

    /// Less of it: every second moment between the first and the last goes first (1.6 errata 3.89, 2.0.1 E06.FR.13).
    fn less(self, moments: usize) -> Option<Self> {
        if self.every < moments {
            let every = self.every.saturating_mul(2);
            return Some(Self { every, ..self });
        }
        let values = self.values / 2;
        (values > 0).then_some(Self { values, ..self })
    }

    /// Those of the moments that are told.
    pub fn sets<'a>(self, samples: &SampleSets<'a>) -> impl Iterator<Item = SampleSet<'a>> + use<'a> {
        let last = samples.iter().count().saturating_sub(1);
        let told = move |(index, _): &(usize, SampleSet<'a>)| index.is_multiple_of(self.every) || *index == last;
        samples.iter().enumerate().filter(told).map(|(_, set)| set)
    }

    /// Those of the values of a moment that are told.
    pub fn values(self, set: &SampleSet<'_>) -> impl Iterator<Item = Sample> {
        set.iter().take(self.values)
    }
}

/// Writes a message with as many of a record's values as the buffer has room for; if not even the least has, it asks for
/// the room that all of it takes.
pub fn write_share(samples: &SampleSets<'_>, w: &mut Writer<'_>, write: &mut dyn FnMut(Share, &mut Writer<'_>)) {
    let moments = samples.iter().count();
    let begin = w.mark();
    let mut share = Some(Share::ALL);
    while let Some(some) = share {
        write(some, w);
        if !w.overflowed() {
            return;
        }
        w.rewind(begin);
        share = some.less(moments);
    }
    write(Share::ALL, w);
}

/// Values of a meter outside of any transaction.
#[derive(Clone, Copy, Debug)]
pub struct MeterReport<'r> {
    /// The EVSE; `None` is the main meter.
    pub evse: Option<EvseId>,
    /// A connector of that EVSE, for versions that have no EVSEs.
    pub connector: Option<ConnectorId>,
    /// When.
    pub at: Timestamp,
    /// Why they were read.
    pub context: ReadingContext,
    /// The values.
    pub samples: &'r [Sample],
    /// The running transaction's number, if the version wants it told (1.6, triggered values).
    pub reference: Option<i64>,
}

/// What a dialect made of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// One CALL, and that was all of it.
    Done,
    /// One CALL; the next one is this step. What the number means is the dialect's affair.
    More(u32),
    /// This version has no words for it.
    NothingToSay,
}

/// What the CSMS said to a report.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
// Beside numbers of 64 bits the tag would be two words.
#[repr(u32)]
pub enum Outcome {
    /// Nothing but that it arrived.
    Taken,
    /// Answer to [`Report::Boot`].
    Boot {
        /// Whether the station may work.
        status: Registration,
        /// The CSMS's time.
        time: Timestamp,
        /// Interval of heartbeats, or wait before the next try, in seconds.
        interval: u32,
    },
    /// Answer to [`Report::Heartbeat`].
    Heartbeat {
        /// The CSMS's time.
        time: Timestamp,
    },
    /// Answer to [`Report::Authorize`].
    Authorize(TokenInfo),
    /// Answer to [`Report::Transaction`].
    Transaction {
        /// The number that the CSMS gives to the transaction (1.6).
        reference: Option<i64>,
        /// What it says of the token.
        info: Option<TokenInfo>,
    },
    /// Answer to [`Report::DataTransfer`]; its data is offered apart.
    DataTransfer(DataTransferStatus),
}

crate::wire_enum! {
    /// Answer to a DataTransfer.
    pub enum DataTransferStatus {
        /// Understood and done.
        Accepted = "Accepted",
        /// Understood and refused.
        Rejected = "Rejected",
        /// The message is not known.
        UnknownMessageId = "UnknownMessageId",
        /// The vendor is not known.
        UnknownVendorId = "UnknownVendorId",
    }
}
