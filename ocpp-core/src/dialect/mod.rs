//! The boundary between the station and the versions of OCPP.
//!
//! Core decides what a station does; a [`Dialect`] says it in one version. It is object-safe and keeps no state, so a
//! station carries as many as are listed at construction, and the server's choice of subprotocol picks the one that
//! speaks. Core may ask a dialect's [`Rules`], never which version it is.
//!
//! The way in: a CALL becomes a [`Command`], the station's [`Reply`] is written while the CALL is still there, so
//! that names are echoed from it and need no memory. The way out: a [`Report`] becomes zero, one or several CALLs,
//! whose results become [`Outcome`]s.

mod calls;
mod command;
mod device;
mod report;
mod rules;
mod view;

pub use calls::{Call, Calls, ReadCall, WriteReply};
pub use command::{
    Command, ListEntry, LocalListUpdate, NetworkProfile, NetworkProfileStatus, Period, Profile, ProfileKind,
    ProfilePurpose, RateUnit, Recurrency, Refusal, RemoteStart, Reply, ResetKind, Schedule, SettingStatus,
    SettingWrite, Status, TransactionRef, TriggeredMessage,
};
pub use device::{Device, EvseDevice};
pub use report::{
    DataTransferStatus, MeterReport, Outcome, Report, ReportKind, Share, StatusReport, TransactionReport, Written,
    write_share,
};
pub use rules::{RpcError, Rules};
pub use view::{Fact, Facts, SettingAddress, SettingName, Tier, View};

use crate::metering::Measurand;
use crate::place::Topology;
use crate::settings::Settings;
use crate::wire::{Reader, Str, Timestamp, WireError, Writer};

/// One version of OCPP.
pub trait Dialect: Sync {
    /// The WebSocket subprotocol that stands for it, for instance `ocpp1.6`.
    fn subprotocol(&self) -> &'static str;

    /// What this version wants done differently.
    fn rules(&self) -> &'static Rules;

    /// The version's names of settings and facts, those of one component side by side.
    fn settings(&self) -> &'static [SettingName];

    /// The CALLs that the CSMS may send.
    fn calls(&self) -> Calls;

    /// Reads a CALL. The payload is left behind its end.
    ///
    /// # Errors
    /// The CALLERROR that it deserves.
    fn read_call<'f>(
        &self,
        action: Str<'f>,
        payload: &mut Reader<'f>,
        context: &Context<'_>,
    ) -> Result<Command<'f>, Refusal> {
        self.calls().read(action, payload, context, self.rules())
    }

    /// Writes the payload of the answer to the CALL `action` with `payload`, which was read before without an error.
    fn write_reply(
        &self,
        action: Str<'_>,
        payload: Reader<'_>,
        reply: &Reply<'_>,
        context: &Context<'_>,
        w: &mut Writer<'_>,
    ) {
        self.calls().reply(action, payload, reply, context, w);
    }

    /// Writes one CALL of a report, with message id `id`.
    ///
    /// A report's first step is 0; [`Written::More`] names the next one.
    fn write_report(
        &self,
        id: &str,
        report: &Report<'_>,
        step: u32,
        context: &Context<'_>,
        w: &mut Writer<'_>,
    ) -> Written;

    /// Reads the payload of the CALLRESULT to a report of that kind.
    ///
    /// # Errors
    /// What is wrong with it.
    fn read_result(&self, kind: ReportKind, payload: &mut Reader<'_>) -> Result<Outcome, WireError>;
}

/// What a dialect may look at while it reads and writes.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    /// EVSEs and connectors.
    pub topology: Topology<'c>,
    /// Current settings.
    pub settings: &'c Settings,
    /// Who the station is.
    pub identity: &'c Identity<'c>,
    /// How the station is built.
    pub device: &'c Device<'c>,
    /// What the meters measure.
    pub measurands: &'c [Measurand],
    /// How the station does.
    pub facts: &'c dyn Facts,
    /// The time of day, if it is known and matters.
    pub now: Option<Timestamp>,
}

/// Who the station is: told in the BootNotification.
///
/// ```
/// let identity = ocpp_core::dialect::Identity { vendor: "Example", model: "One", ..Default::default() };
/// assert_eq!(identity.serial, None);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity<'a> {
    /// Who made it. At most 20 characters.
    pub vendor: &'a str,
    /// Model. At most 20 characters.
    pub model: &'a str,
    /// Serial number. At most 25 characters.
    pub serial: Option<&'a str>,
    /// Version of the firmware. At most 50 characters.
    pub firmware: Option<&'a str>,
    /// SIM card number. At most 20 characters.
    pub iccid: Option<&'a str>,
    /// Subscriber number of the SIM card. At most 20 characters.
    pub imsi: Option<&'a str>,
    /// Type of the main meter. At most 25 characters.
    pub meter_type: Option<&'a str>,
    /// Serial number of the main meter. At most 25 characters.
    pub meter_serial: Option<&'a str>,
}
