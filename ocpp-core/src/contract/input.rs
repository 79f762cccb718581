//! What the station is told.

use super::action::RecordId;
use crate::dialect::DataTransferStatus;
use crate::metering::Sample;
use crate::place::{ConnectorId, EvseId, Place};
use crate::settings::{SettingId, VendorId};
use crate::token::Token;
use crate::vocabulary::{FaultCode, LockState, PilotState, SecurityEvent};
use crate::wire::Timestamp;

/// Something that happened outside.
///
/// Inputs from hardware are never refused; their last value counts.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Input<'a> {
    /// The link is up. `subprotocol` is what the server picked from [`Station::subprotocols`](crate::Station::subprotocols).
    Connected {
        /// The server's choice.
        subprotocol: &'a str,
    },
    /// The link is down, or could not be made.
    Disconnected,
    /// The last [`Action::Send`](super::Action::Send) was flushed: the next one may come.
    Sent,
    /// A text message arrived.
    Frame(&'a [u8]),
    /// A text message arrived that is longer than the receive buffer; the rest was thrown away.
    FrameTooLarge {
        /// Its first bytes.
        head: &'a [u8],
    },
    /// The caller's buffer cannot be made as large as [`PollError::BufferTooSmall`] asks: what did not fit is given
    /// up; if it was a reply, the CSMS gets an InternalError instead.
    BufferLimit,
    /// State of a control pilot.
    Pilot {
        /// Of which connector.
        connector: ConnectorId,
        /// The state.
        state: PilotState,
    },
    /// Whether a detachable cable is in the socket. Stations with a fixed cable never say this.
    Cable {
        /// Of which connector.
        connector: ConnectorId,
        /// In (true) or out.
        present: bool,
    },
    /// Whether a vehicle stands in a parking bay. Stations without a sensor never say this.
    ParkingBay {
        /// In front of which EVSE.
        evse: EvseId,
        /// Occupied (true) or empty.
        occupied: bool,
    },
    /// The contactor of an EVSE opened or closed.
    PowerPath {
        /// Of which EVSE.
        evse: EvseId,
        /// Closed (true) or open.
        closed: bool,
    },
    /// A meter was read. Before an EVSE's first reading no transaction begins there, unless ten seconds after the boot
    /// there was none.
    Meter {
        /// Of which EVSE; `None` is the main meter.
        evse: Option<EvseId>,
        /// The register of imported energy, in Wh.
        energy_wh: i64,
        /// The other values; beyond [`READING_MAX`](crate::READING_MAX) they are dropped.
        samples: &'a [Sample],
    },
    /// State of a connector lock.
    Lock {
        /// Of which connector.
        connector: ConnectorId,
        /// The state.
        state: LockState,
    },
    /// A fault began or ended.
    Fault(Fault<'a>),
    /// A driver presented a token.
    IdToken {
        /// The token.
        token: Token,
        /// At which EVSE; `None` is a reader shared by all.
        evse: Option<EvseId>,
    },
    /// Answer to a `Store` or a `Discard`.
    Stored {
        /// Of which action.
        id: u32,
        /// How it went.
        result: Result<(), StoreError>,
    },
    /// Answer to the load of a record.
    LoadedRecord {
        /// Of which action.
        id: u32,
        /// The record and its bytes; `None` if there is none.
        record: Option<(RecordId, &'a [u8])>,
    },
    /// Answer to the load of a value.
    LoadedValue {
        /// Of which action.
        id: u32,
        /// The bytes; `None` if there are none.
        value: Option<&'a [u8]>,
    },
    /// The time of day, from a clock that is right: a battery-backed clock, GPS, SNTP.
    Clock(Timestamp),
    /// Something that the application wants.
    Local(LocalCommand<'a>),
}

/// A fault that began or ended.
#[derive(Clone, Copy, Debug)]
pub struct Fault<'a> {
    /// Where.
    pub place: Place,
    /// What.
    pub code: FaultCode,
    /// Began (true) or ended.
    pub on: bool,
    /// Text for people, at most 50 characters.
    pub info: &'a str,
    /// The vendor's own code, at most 50 characters.
    pub vendor_code: &'a str,
}

/// Something that the application wants.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum LocalCommand<'a> {
    /// Dial at once, whatever the back-off says: the network is known to be back.
    Dial,
    /// Restart, as a person at the station wants it.
    Reboot,
    /// End the transaction of an EVSE, as a person at the station wants it (emergency stop).
    EmergencyStop(EvseId),
    /// Something that concerns security happened; the CSMS is told where its version has words for it. The text is at
    /// most 48 bytes long.
    SecurityEvent {
        /// What.
        event: SecurityEvent,
        /// More about it; may be empty.
        info: &'a str,
    },
    /// Change a setting on site, whoever may write it.
    Set(SettingId, &'a str),
    /// Change a setting of the firmware on site, whoever may write it.
    SetVendor(VendorId, &'a str),
    /// Send a DataTransfer; the answer comes as an event. The texts are copied; together at most 256 bytes.
    DataTransfer {
        /// Vendor.
        vendor: &'a str,
        /// Message of that vendor.
        message: Option<&'a str>,
        /// Its content, plain text.
        data: Option<&'a str>,
    },
    /// Answer the DataTransfer that came as an event.
    AnswerDataTransfer {
        /// Whether it was understood.
        status: DataTransferStatus,
        /// Text in return; together with what else is kept at most 256 bytes.
        data: Option<&'a str>,
    },
    /// A limit from a local energy manager in milliamperes per phase; `None` lifts it.
    Limit {
        /// For which EVSE; `None` is each of them.
        evse: Option<EvseId>,
        /// The limit.
        milliamps: Option<u32>,
    },
}

/// Why an input was not taken. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InputError {
    /// A CALL arrived although the reply to the one before was not drained yet; or another local request is
    /// under way.
    Busy,
    /// The server picked a subprotocol that was not offered.
    UnknownSubprotocol,
    /// There is no such EVSE or connector.
    UnknownPlace,
    /// A setting's value is not allowed.
    Setting(crate::settings::SettingError),
    /// A text is too long.
    TooLong,
    /// There is nothing to answer.
    NothingToAnswer,
}

impl core::fmt::Display for InputError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Busy => f.write_str("busy"),
            Self::UnknownSubprotocol => f.write_str("subprotocol was not offered"),
            Self::UnknownPlace => f.write_str("no such EVSE or connector"),
            Self::Setting(error) => error.fmt(f),
            Self::TooLong => f.write_str("too long"),
            Self::NothingToAnswer => f.write_str("nothing to answer"),
        }
    }
}

impl core::error::Error for InputError {}

/// Why no action could be given. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum PollError {
    /// The next action needs a larger buffer. Who has none says [`Input::BufferLimit`].
    BufferTooSmall {
        /// Bytes needed.
        needed: usize,
    },
}

impl core::fmt::Display for PollError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self::BufferTooSmall { needed } = self;
        write!(f, "a buffer of {needed} bytes is needed")
    }
}

impl core::error::Error for PollError {}

/// Why something was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum StoreError {
    /// No room.
    Full,
    /// The hardware failed.
    Failed,
}
