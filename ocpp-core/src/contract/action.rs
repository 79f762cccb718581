//! What the station wants done.

use crate::dialect::DataTransferStatus;
use crate::place::{ConnectorId, EvseId};
use crate::settings::{SettingKey, VendorId};
use crate::token::{AuthorizationStatus, Token};
use crate::transaction::TransactionId;
use crate::vocabulary::{ConnectorStatus, Registration, SecurityEvent, StopReason};
use crate::wire::Timestamp;

/// Something that the caller is to do now. It borrows the buffer given to `poll`, never the station.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Action<'b> {
    /// Open the link; answer with `Connected` or `Disconnected`.
    Connect {
        /// Slot of the network profile to dial: 0 is the address out of the application's own configuration, any other is
        /// in storage at [`ValueKey::NetworkProfile`], to be read with
        /// [`StoredNetworkProfile`](crate::StoredNetworkProfile).
        profile: u8,
    },
    /// Close the link; answer with `Disconnected`.
    Disconnect,
    /// Send this text message; answer with `Sent` once it is flushed.
    Send(&'b [u8]),
    /// Permit energy at a connector, or withdraw the permission. The safety machine decides whether it flows.
    Permit {
        /// Which connector.
        connector: ConnectorId,
        /// Permit (true) or withdraw.
        on: bool,
    },
    /// The current that may be offered from now on.
    Limit {
        /// To which EVSE.
        evse: EvseId,
        /// Milliamperes per phase; `None` is no limit.
        milliamps: Option<u32>,
    },
    /// Lock or unlock a connector; answer with `Lock`.
    Lock {
        /// Which.
        connector: ConnectorId,
        /// Lock (true) or unlock.
        locked: bool,
    },
    /// Store these bytes, replacing what the slot held, completely or not at all; answer with `Stored`.
    Store {
        /// Comes back in the answer.
        id: u32,
        /// Where.
        slot: Slot,
        /// What.
        bytes: &'b [u8],
    },
    /// Load something; answer with `LoadedRecord` or `LoadedValue`.
    Load {
        /// Comes back in the answer.
        id: u32,
        /// What.
        what: Load,
    },
    /// Forget a slot; answer with `Stored`. Forgetting what is not there is no error.
    Discard {
        /// Comes back in the answer.
        id: u32,
        /// Which.
        slot: Slot,
    },
    /// The CSMS told the time: set the clock if it is worse.
    SetClock(Timestamp),
    /// Restart. The station does nothing more by itself; if it is still alive after a minute, it tries again as often as
    /// `ResetRetries` says.
    Reboot(RebootKind),
    /// Something that an application may want to know. Losing one changes nothing.
    Event(Event<'b>),
}

/// What has to restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RebootKind {
    /// The program.
    Soft,
    /// The hardware.
    Hard,
}

/// A record's number: records are loaded in its order. Never used twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RecordId(pub u32);

/// A place in storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Slot {
    /// A record, written once, unless the first attempt failed. The station stores them in ascending order.
    Record(RecordId),
    /// A value that changes.
    Value(ValueKey),
}

/// What to load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Load {
    /// The record with the lowest number above this one.
    RecordAfter(RecordId),
    /// A value.
    Value(ValueKey),
}

/// The name of a stored value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ValueKey {
    /// How often the station has booted.
    BootCount,
    /// What is in and out of service.
    Availability,
    /// The wall clock of a boot.
    Clock(u32),
    /// How far a transaction of an EVSE was delivered.
    Delivery(u8),
    /// How far the running transaction of an EVSE had come.
    Checkpoint(u8),
    /// A security event that was not told yet, by its place in a ring.
    SecurityEvent(u8),
    /// Up to which record everything was answered.
    Answered,
    /// Number of the current generation of the authorization cache.
    CacheGeneration,
    /// An entry of the authorization cache.
    Cache(u8),
    /// A setting.
    Setting(SettingKey),
    /// Whether the CSMS has ever accepted the station.
    Registered,
    /// Why the station restarts.
    BootReason,
    /// Version of the local list, and which of its stored entries count.
    LocalList,
    /// An entry of the local list. There are two places for each: an update writes the one that does not count yet.
    LocalListEntry {
        /// Number of the entry, from 0.
        index: u16,
        /// Which of both places.
        second: bool,
    },
    /// A network profile, by its slot from 1: a [`StoredNetworkProfile`](crate::StoredNetworkProfile).
    NetworkProfile(u8),
}

impl ValueKey {
    /// A number that stays the same for ever: the key in a store. Clocks of boots use the upper half of the range.
    ///
    /// From `0x4000_0000` to `0x7fff_ffff` there will never be one: these are the application's own.
    pub const fn code(self) -> u32 {
        match self {
            Self::BootCount => 1,
            Self::Availability => 2,
            Self::CacheGeneration => 3,
            Self::Registered => 4,
            Self::BootReason => 6,
            Self::LocalList => 5,
            Self::Answered => 7,
            Self::Delivery(evse) => 0x100 | evse as u32,
            Self::Cache(index) => 0x200 | index as u32,
            Self::NetworkProfile(slot) => 0x300 | slot as u32,
            Self::Checkpoint(evse) => 0x400 | evse as u32,
            Self::SecurityEvent(place) => 0x500 | place as u32,
            Self::LocalListEntry { index, second } => 0x1_0000 | (index as u32) << 1 | second as u32,
            Self::Setting(key) => key.code(),
            Self::Clock(boot) => 0x8000_0000 | boot,
        }
    }
}

/// A phase of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum TransactionPhase {
    /// It began.
    Started,
    /// Energy flows, or stopped flowing.
    Updated,
    /// It ended.
    Ended,
}

/// Something that an application may want to know.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'b> {
    /// The CSMS answered a BootNotification.
    Registered {
        /// How.
        status: Registration,
        /// Interval that it gave, in seconds.
        interval: u32,
    },
    /// A token was decided upon.
    Authorization {
        /// Which.
        token: Token,
        /// How.
        status: AuthorizationStatus,
        /// The group it belongs to.
        group: Option<Token>,
    },
    /// A transaction changed.
    Transaction {
        /// Where.
        connector: ConnectorId,
        /// Which.
        id: TransactionId,
        /// How.
        phase: TransactionPhase,
        /// Why it ended.
        reason: Option<StopReason>,
    },
    /// A connector changed.
    Status {
        /// Which; `None` is the station itself.
        connector: Option<ConnectorId>,
        /// To what.
        status: ConnectorStatus,
    },
    /// The CSMS sent something for this vendor, which waits for
    /// [`LocalCommand::AnswerDataTransfer`](super::LocalCommand::AnswerDataTransfer).
    DataTransfer {
        /// Vendor.
        vendor: &'b str,
        /// Message of that vendor.
        message: Option<&'b str>,
        /// JSON of its content.
        data: Option<&'b str>,
    },
    /// The CSMS answered a DataTransfer of this station; `None` is no answer.
    DataTransferResult {
        /// How.
        status: Option<DataTransferStatus>,
        /// JSON of what it said.
        data: Option<&'b str>,
    },
    /// The CSMS changed a setting of the firmware; [`Station::vendor`](crate::Station::vendor) has its value.
    VendorSetting {
        /// Which.
        id: VendorId,
    },
    /// A frame was refused or ignored.
    Rpc {
        /// Which fault, in words.
        detail: &'static str,
        /// The field, if one is to blame.
        field: &'static str,
    },
    /// Something that concerns security happened.
    Security {
        /// What.
        event: SecurityEvent,
    },
    /// A transaction message was given up after its last attempt.
    GaveUp {
        /// Of which transaction, by its number.
        transaction: u32,
    },
    /// Storage did not take or give something.
    Storage {
        /// What happened, in words.
        detail: &'static str,
    },
}
