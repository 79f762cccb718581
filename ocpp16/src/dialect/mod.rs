//! The dialect: what an [`ocpp_core::Station`] thinks, said in OCPP 1.6J.
//!
//! * [`calls`](self) of the Central System are listed in tables, one per profile: what is not listed is not linked,
//!   and is answered with NotSupported.
//! * `reports` are the CALLs of the charge point, and what is read out of their results.
//! * `keys` are the standard configuration keys.

mod calls;
mod convert;
mod keys;
mod reports;

pub use calls::{CORE, LOCAL_LIST, REMOTE_TRIGGER, SMART_CHARGING};

use ocpp_core::dialect::{
    Call, Calls, Context, Dialect, Outcome, Report, ReportKind, RpcError, Rules, SettingName, Written,
};
use ocpp_core::settings::{SettingId, TxPoint};
use ocpp_core::wire::{Reader, WireError, Writer};

/// OCPP 1.6J with the profiles Core and RemoteTrigger, and LocalAuthListManagement where slots for a list are lent.
///
/// ```
/// use ocpp_core::dialect::Dialect;
///
/// let dialects: [&dyn Dialect; 1] = [&ocpp16::DIALECT];
/// assert_eq!(dialects[0].subprotocol(), "ocpp1.6");
/// ```
pub static DIALECT: Ocpp16 = Ocpp16::new(&[CORE, REMOTE_TRIGGER, LOCAL_LIST]);

/// OCPP 1.6J with the profiles that are listed.
///
/// ```
/// use ocpp16::dialect::{CORE, Ocpp16};
///
/// static CORE_ONLY: Ocpp16 = Ocpp16::new(&[CORE]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Ocpp16 {
    profiles: &'static [&'static [Call]],
}

impl Ocpp16 {
    /// The profiles: [`CORE`] and what else the station has.
    pub const fn new(profiles: &'static [&'static [Call]]) -> Self {
        Self { profiles }
    }
}

/// Every action that the Central System may send, listed or not.
const ACTIONS: &[&str] = &[
    "CancelReservation",
    "CertificateSigned",
    "ChangeAvailability",
    "ChangeConfiguration",
    "ClearCache",
    "ClearChargingProfile",
    "DataTransfer",
    "DeleteCertificate",
    "ExtendedTriggerMessage",
    "GetCompositeSchedule",
    "GetConfiguration",
    "GetDiagnostics",
    "GetInstalledCertificateIds",
    "GetLocalListVersion",
    "GetLog",
    "InstallCertificate",
    "RemoteStartTransaction",
    "RemoteStopTransaction",
    "ReserveNow",
    "Reset",
    "SendLocalList",
    "SetChargingProfile",
    "SignedUpdateFirmware",
    "TriggerMessage",
    "UnlockConnector",
    "UpdateFirmware",
];

static RULES: Rules = Rules {
    error_codes: [
        "NotImplemented",
        "NotSupported",
        "InternalError",
        "ProtocolError",
        "SecurityError",
        "FormationViolation",
        "PropertyConstraintViolation",
        // Misspelled, and officially so (1.6J errata 5.1).
        "OccurenceConstraintViolation",
        "TypeConstraintViolation",
        "GenericError",
        // What is no frame of 1.6J is not answered.
        "",
        "",
    ],
    missing_field: RpcError::Protocol,
    refuses_while_rejected: false,
    unlock_ends_transaction: true,
    token_kinds_count: false,
    station_status: true,
    status_classes: [0, 1, 2, 3, 4, 5, 6, 7, 8],
    station_availability_spreads: true,
    meter_values_per_connector: true,
    offline_threshold: false,
    records_states: false,
    security_events: false,
    // A transaction of 1.6 needs a cable and a tag; without the tag it is over (§4.8, §4.10).
    tx_points: Some((TxPoint::PowerPathClosed.bit(), TxPoint::Authorized.bit())),
    ended_intervals: false,
    version: 16,
    triggered_measurands: SettingId::SampledMeasurands,
    refuses_without_lock: false,
    // 1.6 §3.5.1
    caches_listed_tokens: false,
    tells_missing_list: true,
};

impl Dialect for Ocpp16 {
    fn subprotocol(&self) -> &'static str {
        "ocpp1.6"
    }

    fn rules(&self) -> &'static Rules {
        &RULES
    }

    fn settings(&self) -> &'static [SettingName] {
        keys::KEYS
    }

    fn calls(&self) -> Calls {
        Calls {
            tables: self.profiles,
            names: ACTIONS,
        }
    }

    fn write_report(
        &self,
        id: &str,
        report: &Report<'_>,
        _step: u32,
        context: &Context<'_>,
        w: &mut Writer<'_>,
    ) -> Written {
        reports::write(id, report, context, w)
    }

    fn read_result(&self, kind: ReportKind, payload: &mut Reader<'_>) -> Result<Outcome, WireError> {
        reports::read_result(kind, payload)
    }
}
