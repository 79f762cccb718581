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
mod report;
mod rules;

pub use calls::{Call, Calls, ReadCall, WriteReply};
pub use command::{
    Command, ListEntry, LocalListUpdate, NetworkProfile, Period, Profile, ProfileKind, ProfilePurpose, RateUnit,
    Recurrency, Refusal, RemoteStart, Reply, ResetKind, Schedule, SettingStatus, SettingWrite, Status, TransactionRef,
    TriggeredMessage,
};
pub use report::{
    DataTransferStatus, MeterReport, Outcome, Report, ReportKind, StatusReport, TransactionReport, Written,
};
pub use rules::{RpcError, Rules};

use crate::place::Topology;
use crate::settings::{SettingId, Settings};
use crate::wire::{Reader, Str, WireError, Writer};

/// One version of OCPP.
pub trait Dialect: Sync {
    /// The WebSocket subprotocol that stands for it, for instance `ocpp1.6`.
    fn subprotocol(&self) -> &'static str;

    /// What this version wants done differently.
    fn rules(&self) -> &'static Rules;

    /// The version's names of settings.
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
#[derive(Clone, Copy, Debug)]
pub struct Context<'c> {
    /// EVSEs and connectors.
    pub topology: Topology<'c>,
    /// Current settings.
    pub settings: &'c Settings,
    /// Who the station is.
    pub identity: &'c Identity<'c>,
}

impl Context<'_> {
    /// Who may do what with a view.
    pub fn access(&self, view: View) -> crate::settings::Access {
        view.setting()
            .map_or(crate::settings::Access::ReadOnly, |id| self.settings.access(id))
    }

    /// Writes the value behind a name as a JSON string.
    pub fn write_view(&self, view: View, w: &mut Writer<'_>) {
        match view {
            View::Setting(id) => self.settings.write(id, w),
            View::Number(number) => w.quoted(|p| {
                p.decimal(number.into());
            }),
            View::Text(text) => w.str(text),
            View::Connectors => w.quoted(|p| {
                p.digits(self.topology.connectors() as u64, 1);
            }),
            View::Evses => w.quoted(|p| {
                p.digits(self.topology.evses() as u64, 1);
            }),
        }
    }
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

/// A version's name for a setting.
#[derive(Clone, Copy, Debug)]
pub struct SettingName {
    /// Component (2.0.1); empty in 1.6.
    pub component: &'static str,
    /// Key (1.6) or variable (2.0.1).
    pub name: &'static str,
    /// Instance of the variable (2.0.1); usually empty.
    pub instance: &'static str,
    /// What it shows.
    pub view: View,
}

impl SettingName {
    /// A name without component and instance: a key of 1.6.
    pub const fn key(name: &'static str, view: View) -> Self {
        Self::variable("", name, view)
    }

    /// A variable of a component.
    pub const fn variable(component: &'static str, name: &'static str, view: View) -> Self {
        Self {
            component,
            name,
            instance: "",
            view,
        }
    }
}

/// What a name shows.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum View {
    /// A setting as it is.
    Setting(SettingId),
    /// A number that never changes.
    Number(i32),
    /// A text that never changes.
    Text(&'static str),
    /// Number of connectors of the station.
    Connectors,
    /// Number of EVSEs of the station.
    Evses,
}

impl View {
    /// The setting behind it, if it is one.
    pub const fn setting(self) -> Option<SettingId> {
        match self {
            Self::Setting(id) => Some(id),
            _ => None,
        }
    }

    /// Who may do what with it.
    pub fn access(self) -> crate::settings::Access {
        self.setting()
            .map_or(crate::settings::Access::ReadOnly, |id| id.descriptor().access)
    }
}

/// Finds a name in a dialect's table. Names compare without case (1.6 CiString, 2.0.1 identifierString).
pub fn find_setting<'t>(
    table: &'t [SettingName],
    component: Str<'_>,
    name: Str<'_>,
    instance: Str<'_>,
) -> Option<&'t SettingName> {
    table.iter().find(|entry| {
        name.eq_ignore_case(&Str::plain(entry.name))
            && component.eq_ignore_case(&Str::plain(entry.component))
            && instance.eq_ignore_case(&Str::plain(entry.instance))
    })
}
