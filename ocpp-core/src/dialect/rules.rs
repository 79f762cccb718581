//! What versions want done differently, as data.

use crate::settings::SettingId;
use crate::wire::ErrorKind;

/// Why a CALL is refused with a CALLERROR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RpcError {
    /// The action is not known.
    NotImplemented,
    /// The action is known but not supported by this station.
    NotSupported,
    /// The station failed.
    Internal,
    /// The payload is incomplete.
    Protocol,
    /// A security rule forbids it.
    Security,
    /// The payload is not well-formed.
    Format,
    /// A value is not allowed.
    Property,
    /// Too few or too many of something.
    Occurrence,
    /// A value has the wrong type.
    Type,
    /// Anything else.
    Generic,
    /// The number at the front of the frame stands for no message type.
    MessageType,
    /// The frame is none: not even its message id can be read.
    Framework,
}

impl RpcError {
    /// Number of kinds.
    pub const COUNT: usize = 12;
}

/// What one version wants done differently. Core asks these, never for a version.
#[derive(Debug)]
pub struct Rules {
    /// The codes of CALLERROR, in the order of [`RpcError`]. An empty one: this version has no word for it and does not
    /// answer.
    pub error_codes: [&'static str; RpcError::COUNT],
    /// What a missing field is called.
    pub missing_field: RpcError,
    /// Whether a CALL is answered with SecurityError while the CSMS rejects the station; otherwise not at all.
    pub refuses_while_rejected: bool,
    /// Whether UnlockConnector ends a running transaction first; otherwise it does nothing then.
    pub unlock_ends_transaction: bool,
    /// Whether the kind of a token counts when tokens are compared.
    pub token_kinds_count: bool,
    /// Whether the station itself has a status to report (1.6: connector 0).
    pub station_status: bool,
    /// Which connector states are the same to this version: two states with equal numbers are no change, in the
    /// order of [`ConnectorStatus`](crate::ConnectorStatus).
    pub status_classes: [u8; 9],
    /// Whether taking the station in or out of service does so to each connector (1.6); otherwise each goes back to its
    /// own state afterwards (2.0.1 G03).
    pub station_availability_spreads: bool,
    /// Whether values without a transaction are told for each connector (1.6); otherwise for each EVSE.
    pub meter_values_per_connector: bool,
    /// Whether every status is told again after the link was down for longer than a setting (2.0.1 B04).
    pub offline_threshold: bool,
    /// Whether each change of the charging state is an event of the transaction.
    pub records_states: bool,
    /// Whether it has a message for security events: they are stored until they are told.
    pub security_events: bool,
    /// When transactions begin and end, as sets of [`TxPoint`](crate::settings::TxPoint)s; `None`: as the settings say.
    pub tx_points: Option<(u8, u8)>,
    /// Whether the values that travel with the end of a transaction have intervals of their own.
    pub ended_intervals: bool,
    /// A number that stands for the version in storage. Never used for another one.
    pub version: u8,
    /// Which values a triggered MeterValues has.
    pub triggered_measurands: SettingId,
    /// Whether unlocking a connector without a lock is refused with NotSupported; otherwise that is a status.
    pub refuses_without_lock: bool,
    /// Whether the cache keeps tokens that are on the local list.
    pub caches_listed_tokens: bool,
    /// Whether the version of the local list is −1 where none can be used; otherwise 0.
    pub tells_missing_list: bool,
}

impl Rules {
    /// The version's name for an error.
    pub fn error_code(&self, error: RpcError) -> &'static str {
        self.error_codes.get(error as usize).copied().unwrap_or("GenericError")
    }

    /// Which error a fault in a document is.
    pub fn error_for(&self, kind: ErrorKind) -> RpcError {
        match kind {
            ErrorKind::Missing => self.missing_field,
            ErrorKind::Type => RpcError::Type,
            ErrorKind::Value => RpcError::Property,
            ErrorKind::Cardinality => RpcError::Occurrence,
            _ => RpcError::Format,
        }
    }
}
