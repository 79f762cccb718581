//! The dialect: what an [`ocpp_core::Station`] thinks, said in OCPP 2.0.1.
//!
//! * [`CORE`], [`REPORTS`], [`LOCAL_LIST`] and [`SMART_CHARGING`] list the CALLs of the CSMS: what is not listed is not
//!   linked, and is answered with NotSupported.
//! * `reports` are the CALLs of the station, and what is read out of their results.
//! * `variables` are the names of the device model, `device_model` its CALLs, `report_pages` its reports.

mod authorization;
mod calls;
mod convert;
mod device_model;
mod provisioning;
mod remote;
mod report_pages;
mod reports;
mod variables;

pub use authorization::LOCAL_LIST;
pub use calls::{CORE, SMART_CHARGING};
pub use device_model::REPORTS;

use ocpp_core::dialect::{
    Call, Calls, Context, Dialect, Outcome, Report, ReportKind, RpcError, Rules, SettingName, Written,
};
use ocpp_core::settings::SettingId;
use ocpp_core::wire::{Reader, WireError, Writer};

/// OCPP 2.0.1 with what is built of it.
///
/// ```
/// use ocpp_core::dialect::Dialect;
///
/// let dialects: [&dyn Dialect; 1] = [&ocpp201::DIALECT];
/// assert_eq!(dialects[0].subprotocol(), "ocpp2.0.1");
/// ```
pub static DIALECT: Ocpp201 = Ocpp201::new(&[CORE, REPORTS, LOCAL_LIST]);

/// OCPP 2.0.1 with the blocks that are listed.
///
/// ```
/// use ocpp201::dialect::{CORE, Ocpp201};
///
/// static CORE_ONLY: Ocpp201 = Ocpp201::new(&[CORE]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Ocpp201 {
    blocks: &'static [&'static [Call]],
}

impl Ocpp201 {
    /// The blocks: [`CORE`] and what else the station has.
    pub const fn new(blocks: &'static [&'static [Call]]) -> Self {
        Self { blocks }
    }
}

/// Every action that the CSMS may send, listed or not.
const ACTIONS: &[&str] = &[
    "CancelReservation",
    "CertificateSigned",
    "ChangeAvailability",
    "ClearCache",
    "ClearChargingProfile",
    "ClearDisplayMessage",
    "ClearVariableMonitoring",
    "CostUpdated",
    "CustomerInformation",
    "DataTransfer",
    "DeleteCertificate",
    "GetBaseReport",
    "GetChargingProfiles",
    "GetCompositeSchedule",
    "GetDisplayMessages",
    "GetInstalledCertificateIds",
    "GetLocalListVersion",
    "GetLog",
    "GetMonitoringReport",
    "GetReport",
    "GetTransactionStatus",
    "GetVariables",
    "InstallCertificate",
    "PublishFirmware",
    "RequestStartTransaction",
    "RequestStopTransaction",
    "ReserveNow",
    "Reset",
    "SendLocalList",
    "SetChargingProfile",
    "SetDisplayMessage",
    "SetMonitoringBase",
    "SetMonitoringLevel",
    "SetNetworkProfile",
    "SetVariableMonitoring",
    "SetVariables",
    "TriggerMessage",
    "UnlockConnector",
    "UnpublishFirmware",
    "UpdateFirmware",
];

static RULES: Rules = Rules {
    error_codes: [
        "NotImplemented",
        "NotSupported",
        "InternalError",
        "ProtocolError",
        "SecurityError",
        "FormatViolation",
        "PropertyConstraintViolation",
        "OccurrenceConstraintViolation",
        "TypeConstraintViolation",
        "GenericError",
        "MessageTypeNotSupported",
        "RpcFrameworkError",
    ],
    missing_field: RpcError::Occurrence,
    // B03.FR.08
    refuses_while_rejected: true,
    // F05.FR.02
    unlock_ends_transaction: false,
    // C: equal text and equal type
    token_kinds_count: true,
    station_status: false,
    // Available, Occupied (five of the nine), Reserved, Unavailable, Faulted
    status_classes: [0, 1, 1, 1, 1, 1, 2, 3, 4],
    station_availability_spreads: false,
    meter_values_per_connector: false,
    offline_threshold: true,
    records_states: true,
    security_events: true,
    tx_points: None,
    ended_intervals: true,
    version: 21,
    // F06.FR.06
    triggered_measurands: SettingId::AlignedMeasurands,
    // F05.FR.07
    refuses_without_lock: true,
    // C10.FR.01
    caches_listed_tokens: true,
    // D02.FR.03
    tells_missing_list: false,
};

impl Dialect for Ocpp201 {
    fn subprotocol(&self) -> &'static str {
        "ocpp2.0.1"
    }

    fn rules(&self) -> &'static Rules {
        &RULES
    }

    fn settings(&self) -> &'static [SettingName] {
        variables::VARIABLES
    }

    fn calls(&self) -> Calls {
        Calls {
            tables: self.blocks,
            names: ACTIONS,
        }
    }

    fn write_report(
        &self,
        id: &str,
        report: &Report<'_>,
        step: u32,
        context: &Context<'_>,
        w: &mut Writer<'_>,
    ) -> Written {
        reports::write(id, report, step, context, w)
    }

    fn read_result(&self, kind: ReportKind, payload: &mut Reader<'_>) -> Result<Outcome, WireError> {
        reports::read_result(kind, payload)
    }
}
