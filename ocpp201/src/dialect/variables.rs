//! The variables of the device model, as names of core's settings.

use ocpp_core::dialect::{SettingName, View};
use ocpp_core::settings::SettingId as Id;

/// Most variables in one page of a report.
pub(super) const ITEMS_PER_REPORT: u32 = 4;

const fn variable(component: &'static str, name: &'static str, id: Id) -> SettingName {
    SettingName::variable(component, name, View::Setting(id))
}

const fn instance(component: &'static str, name: &'static str, instance: &'static str, view: View) -> SettingName {
    SettingName {
        component,
        name,
        instance,
        view,
    }
}

pub(super) const VARIABLES: &[SettingName] = &[
    variable("AlignedDataCtrlr", "Interval", Id::AlignedDataInterval),
    variable("AlignedDataCtrlr", "Measurands", Id::AlignedMeasurands),
    variable("AlignedDataCtrlr", "TxEndedMeasurands", Id::EndedAlignedMeasurands),
    variable("AuthCacheCtrlr", "Enabled", Id::AuthCacheEnabled),
    variable("AuthCtrlr", "AuthorizeRemoteStart", Id::AuthorizeRemoteStart),
    variable("AuthCtrlr", "LocalAuthorizeOffline", Id::LocalAuthorizeOffline),
    variable("AuthCtrlr", "LocalPreAuthorize", Id::LocalPreAuthorize),
    variable("AuthCtrlr", "OfflineTxForUnknownIdEnabled", Id::OfflineTxForUnknownId),
    instance(
        "DeviceDataCtrlr",
        "ItemsPerMessage",
        "GetReport",
        View::Number(ITEMS_PER_REPORT as i32),
    ),
    instance("DeviceDataCtrlr", "ItemsPerMessage", "SetVariables", View::Number(16)),
    variable("OCPPCommCtrlr", "HeartbeatInterval", Id::HeartbeatInterval),
    instance(
        "OCPPCommCtrlr",
        "MessageAttemptInterval",
        "TransactionEvent",
        View::Setting(Id::MessageAttemptInterval),
    ),
    instance(
        "OCPPCommCtrlr",
        "MessageAttempts",
        "TransactionEvent",
        View::Setting(Id::MessageAttempts),
    ),
    variable("OCPPCommCtrlr", "ResetRetries", Id::ResetRetries),
    variable("OCPPCommCtrlr", "RetryBackOffRandomRange", Id::RetryBackOffRandomRange),
    variable("OCPPCommCtrlr", "RetryBackOffRepeatTimes", Id::RetryBackOffRepeatTimes),
    variable("OCPPCommCtrlr", "RetryBackOffWaitMinimum", Id::RetryBackOffWaitMinimum),
    variable(
        "OCPPCommCtrlr",
        "UnlockOnEVSideDisconnect",
        Id::UnlockOnEvSideDisconnect,
    ),
    variable("OCPPCommCtrlr", "WebSocketPingInterval", Id::WebSocketPingInterval),
    variable("SampledDataCtrlr", "TxEndedMeasurands", Id::EndedSampledMeasurands),
    variable("SampledDataCtrlr", "TxUpdatedInterval", Id::SampleInterval),
    variable("SampledDataCtrlr", "TxUpdatedMeasurands", Id::SampledMeasurands),
    variable("TxCtrlr", "EVConnectionTimeOut", Id::ConnectionTimeOut),
    variable("TxCtrlr", "MaxEnergyOnInvalidId", Id::MaxEnergyOnInvalidId),
    variable("TxCtrlr", "StopTxOnEVSideDisconnect", Id::StopOnEvSideDisconnect),
    variable("TxCtrlr", "StopTxOnInvalidId", Id::StopOnInvalidId),
    variable("TxCtrlr", "TxBeforeAcceptedEnabled", Id::TxBeforeAccepted),
];
