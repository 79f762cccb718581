//! What the CSMS wants, and what it is told.

use super::RpcError;
use super::report::DataTransferStatus;
use super::view::SettingAddress;
use crate::place::Place;
use crate::token::{Token, TokenInfo};
use crate::transaction::TransactionId;
use crate::wire::{Decimal, List, Raw, Str, Timestamp};

/// A CALL of the CSMS in core's words.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
#[repr(u32)]
pub enum Command<'f> {
    /// Restart.
    Reset {
        /// How.
        kind: ResetKind,
        /// The station, or one EVSE (2.0.1).
        place: Place,
    },
    /// Take something in or out of service.
    ChangeAvailability {
        /// What.
        place: Place,
        /// In (true) or out.
        operative: bool,
    },
    /// Forget the authorization cache.
    ClearCache,
    /// Something between the CSMS and this vendor.
    DataTransfer {
        /// Vendor.
        vendor: Str<'f>,
        /// Message of that vendor.
        message: Option<Str<'f>>,
        /// Its content: a JSON value of any kind.
        data: Option<Raw<'f>>,
    },
    /// Tell settings: the reply finds the names in the CALL.
    ReadSettings,
    /// Change settings.
    WriteSettings(List<'f, SettingWrite<'f>>),
    /// Tell settings in reports of their own.
    ReportSettings {
        /// Number that the reports carry.
        request_id: i32,
    },
    /// Start a transaction.
    RemoteStart(RemoteStart<'f>),
    /// End a transaction.
    RemoteStop(TransactionRef<'f>),
    /// Unlock a connector.
    Unlock(Place),
    /// Send a message now.
    Trigger {
        /// Which.
        message: TriggeredMessage,
        /// About what.
        place: Place,
    },
    /// Tell how a transaction stands, or whether anything waits at all (2.0.1 E14).
    TransactionStatus(Option<TransactionRef<'f>>),
    /// Replace or change the local list.
    SendLocalList(LocalListUpdate<'f>),
    /// Tell the version of the local list.
    ListVersion,
    /// Keep a way to reach a CSMS, for a later boot (2.0.1 B09).
    SetNetworkProfile {
        /// Number of its slot.
        slot: i32,
        /// The way.
        profile: NetworkProfile<'f>,
    },
    /// Install a charging profile.
    SetChargingProfile {
        /// Where.
        place: Place,
        /// What.
        profile: Profile<'f>,
    },
    /// Something that this station has no part for: it is refused with the word that the message has for that.
    Unbuilt,
}

/// How to restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ResetKind {
    /// End transactions, tell the CSMS, restart the program (1.6 Soft).
    Soft,
    /// Restart the hardware at once; transactions are told afterwards (1.6 Hard).
    Hard,
    /// End transactions and restart at once (2.0.1 Immediate).
    Immediate,
    /// Wait until no transaction runs (2.0.1 OnIdle).
    OnIdle,
}

/// One change of a setting.
#[derive(Clone, Copy, Debug)]
pub struct SettingWrite<'f> {
    /// Which one.
    pub at: SettingAddress<'f>,
    /// Whether it is about the value itself, not about a limit or target of it.
    pub actual: bool,
    /// The new value.
    pub value: Str<'f>,
}

/// What became of one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum SettingStatus {
    /// In force.
    Accepted,
    /// In force after a reboot.
    RebootRequired,
    /// Not allowed.
    Rejected,
    /// No such component.
    UnknownComponent,
    /// No such key or variable.
    UnknownVariable,
    /// Only the value itself can be changed.
    NotSupportedAttribute,
}

/// A transaction that the CSMS starts.
#[derive(Clone, Copy, Debug)]
pub struct RemoteStart<'f> {
    /// For whom.
    pub token: Token,
    /// For whom as a group, if the CSMS says so.
    pub group: Option<Token>,
    /// Where; the station chooses if it is [`Place::Station`].
    pub place: Place,
    /// Number of the request, told back with the transaction (2.0.1).
    pub remote_start_id: Option<i32>,
    /// Limits for this transaction.
    pub profile: Option<Profile<'f>>,
}

/// A transaction as the CSMS names it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TransactionRef<'f> {
    /// By the number that the CSMS gave (1.6).
    Number(i64),
    /// By the station's own id (2.0.1).
    Id(Str<'f>),
}

/// What TriggerMessage may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum TriggeredMessage {
    /// BootNotification.
    Boot,
    /// Heartbeat.
    Heartbeat,
    /// MeterValues.
    MeterValues,
    /// StatusNotification.
    Status,
    /// TransactionEvent.
    Transaction,
    /// One that this station does not have.
    Unsupported,
}

/// A way to reach a CSMS (2.0.1 B09).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetworkProfile<'f> {
    /// Whether the station speaks that version over that transport, and has what the way needs.
    pub supported: bool,
    /// The endpoint, without the station's identity.
    pub url: Str<'f>,
    /// How long an answer is waited for, in seconds.
    pub message_timeout: i32,
    /// How the connection is secured, from 1.
    pub security_profile: i32,
}

/// A new version of the local list, or changes to it.
#[derive(Clone, Copy, Debug)]
pub struct LocalListUpdate<'f> {
    /// The version that it makes.
    pub version: i32,
    /// Whether it replaces the list; otherwise it changes it.
    pub full: bool,
    /// The entries.
    pub entries: List<'f, ListEntry>,
}

/// One entry of the local list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ListEntry {
    /// Whose.
    pub token: Token,
    /// What is known; `None` removes the entry.
    pub info: Option<TokenInfo>,
}

/// A charging profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile<'f> {
    /// Its number.
    pub id: i32,
    /// Priority among profiles of the same purpose; the higher wins.
    pub stack_level: i32,
    /// What it limits.
    pub purpose: ProfilePurpose,
    /// How its times are counted.
    pub kind: ProfileKind,
    /// How it repeats.
    pub recurrency: Option<Recurrency>,
    /// From when it counts.
    pub valid_from: Option<Timestamp>,
    /// Until when it counts.
    pub valid_to: Option<Timestamp>,
    /// The transaction that it is for.
    pub transaction: Option<TransactionRef<'f>>,
    /// Its schedules: one, or with ISO 15118 up to three.
    pub schedules: List<'f, Schedule<'f>>,
}

/// What a profile limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ProfilePurpose {
    /// The station's grid connection.
    StationMax,
    /// Every transaction without a profile of its own.
    TxDefault,
    /// One transaction.
    Tx,
    /// Given by somebody else than the CSMS (2.0.1).
    External,
}

/// How the times of a profile are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ProfileKind {
    /// From a point in time.
    Absolute,
    /// From a point in time, again and again.
    Recurring,
    /// From the start of charging.
    Relative,
}

/// How a profile repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Recurrency {
    /// Every day.
    Daily,
    /// Every week.
    Weekly,
}

/// One schedule of a profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule<'f> {
    /// Its number (2.0.1); 0 in 1.6.
    pub id: i32,
    /// Seconds that it lasts; without end if `None`.
    pub duration: Option<i32>,
    /// When it starts.
    pub start: Option<Timestamp>,
    /// Unit of its limits.
    pub unit: RateUnit,
    /// Rate below which charging is inefficient.
    pub min_rate: Option<Decimal>,
    /// Its periods, in order of time.
    pub periods: List<'f, Period>,
}

/// Unit of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RateUnit {
    /// Ampere per phase.
    Amperes,
    /// Watt in total.
    Watts,
}

/// One period of a schedule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Period {
    /// Seconds from the start of the schedule.
    pub start: i32,
    /// Limit in the unit of the schedule.
    pub limit: Decimal,
    /// Number of phases.
    pub phases: Option<i32>,
}

/// The station's answer to a CALL.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
#[repr(u32)]
pub enum Reply<'a> {
    /// One word.
    Status(Status),
    /// The settings that the CALL names.
    Settings,
    /// What became of each change that the CALL wants.
    SettingsWritten(&'a [SettingStatus]),
    /// Answer to a DataTransfer.
    DataTransfer {
        /// Whether it was understood.
        status: DataTransferStatus,
        /// Text in return.
        data: Option<&'a str>,
    },
    /// Answer to a remote start.
    RemoteStart {
        /// Whether it will be tried.
        accepted: bool,
        /// The transaction, if one is open already (2.0.1).
        transaction: Option<TransactionId>,
    },
    /// How a transaction stands (2.0.1 E14).
    TransactionStatus {
        /// Whether it is running; `None` if none was named.
        ongoing: Option<bool>,
        /// Whether messages of it, or of any, are waiting to be told.
        queued: bool,
    },
    /// Version of the local list; 0 if there is none, −1 if lists are not supported.
    ListVersion(i32),
    /// What became of a network profile.
    NetworkProfile(NetworkProfileStatus),
}

/// What became of a network profile (2.0.1 B09).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum NetworkProfileStatus {
    /// It is stored.
    Stored,
    /// Storage failed.
    NotStored,
    /// There is no such slot, or it is not the CSMS's to set.
    NoSuchSlot,
    /// It needs something that the station does not have.
    Unsupported,
    /// Its URL is none, or goes with TLS where its security profile does not, or without where it does.
    InvalidUrl,
    /// One of its numbers is not possible.
    OutOfRange,
    /// It secures the connection less than the one in use.
    Downgrade,
}

/// An answer of one word. A dialect says it with the word of its message that comes closest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
#[repr(u32)]
pub enum Status {
    /// Done, or will be.
    Accepted,
    /// Not now, or not so.
    Rejected,
    /// Will be done when a transaction has ended.
    Scheduled,
    /// Not supported.
    NotSupported,
    /// Not built.
    NotImplemented,
    /// The lock is open.
    Unlocked,
    /// The lock did not open.
    UnlockFailed,
    /// No such connector.
    UnknownConnector,
    /// An authorized transaction is running.
    OngoingTransaction,
    /// Did not work.
    Failed,
    /// The list has another version.
    VersionMismatch,
    /// There is nothing to report.
    Empty,
}

/// A CALL that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Refusal {
    /// Why.
    pub error: RpcError,
    /// Which field is at fault; may be empty.
    pub field: &'static str,
}

impl Refusal {
    /// A refusal that no field is to blame for.
    pub const fn new(error: RpcError) -> Self {
        Self { error, field: "" }
    }
}
