//! The configuration keys (1.6 §9), as names of core's settings.
//!
//! The wait before a new connection and the two `Tx…` switches are no keys of 1.6: they carry the names of OCPP 2.0.1.

use ocpp_core::dialect::{Fact, SettingName, View};
use ocpp_core::settings::SettingId as Id;

/// Most keys that one GetConfiguration may name.
pub(super) const MAX_KEYS: i32 = 50;

const fn key(name: &'static str, id: Id) -> SettingName {
    SettingName::key(name, View::Setting(id))
}

pub(super) const KEYS: &[SettingName] = &[
    key("AllowOfflineTxForUnknownId", Id::OfflineTxForUnknownId),
    key("AuthorizationCacheEnabled", Id::AuthCacheEnabled),
    SettingName::key("AuthorizationKey", View::HexKey(Id::AuthorizationKey)),
    key("AuthorizeRemoteTxRequests", Id::AuthorizeRemoteStart),
    key("BlinkRepeat", Id::BlinkRepeat),
    key("CheckpointInterval", Id::CheckpointInterval),
    key("ClockAlignedDataInterval", Id::AlignedDataInterval),
    key("ConnectionTimeOut", Id::ConnectionTimeOut),
    key("ConnectorPhaseRotation", Id::PhaseRotation),
    key("CpoName", Id::OrganizationName),
    SettingName::key("GetConfigurationMaxKeys", View::Number(MAX_KEYS)),
    key("HeartbeatInterval", Id::HeartbeatInterval),
    key("LightIntensity", Id::LightIntensity),
    key("LocalAuthListEnabled", Id::LocalListEnabled),
    SettingName::key("LocalAuthListMaxLength", View::Fact(Fact::ListCapacity)),
    key("LocalAuthorizeOffline", Id::LocalAuthorizeOffline),
    key("LocalPreAuthorize", Id::LocalPreAuthorize),
    key("MaxEnergyOnInvalidId", Id::MaxEnergyOnInvalidId),
    key("MessageTimeout", Id::MessageTimeout),
    key("MeterValueSampleInterval", Id::SampleInterval),
    key("MeterValuesAlignedData", Id::AlignedMeasurands),
    SettingName::key("MeterValuesAlignedDataMaxLength", LIST),
    key("MeterValuesSampledData", Id::SampledMeasurands),
    SettingName::key("MeterValuesSampledDataMaxLength", LIST),
    key("MinimumStatusDuration", Id::MinimumStatusDuration),
    SettingName::key("NumberOfConnectors", View::Fact(Fact::Connectors)),
    key("ResetRetries", Id::ResetRetries),
    key("RetryBackOffRandomRange", Id::RetryBackOffRandomRange),
    key("RetryBackOffRepeatTimes", Id::RetryBackOffRepeatTimes),
    key("RetryBackOffWaitMinimum", Id::RetryBackOffWaitMinimum),
    SettingName::key("SendLocalListMaxLength", View::Fact(Fact::ListItems)),
    key("StopTransactionOnEVSideDisconnect", Id::StopOnEvSideDisconnect),
    key("StopTransactionOnInvalidId", Id::StopOnInvalidId),
    SettingName::key("StopTransactionMaxMeterValues", View::Number(12)),
    key("StopTxnAlignedData", Id::EndedAlignedMeasurands),
    SettingName::key("StopTxnAlignedDataMaxLength", LIST),
    key("StopTxnSampledData", Id::EndedSampledMeasurands),
    SettingName::key("StopTxnSampledDataMaxLength", LIST),
    SettingName::key(
        "SupportedFeatureProfiles",
        View::WithList("Core,LocalAuthListManagement,RemoteTrigger", "Core,RemoteTrigger"),
    ),
    key("TransactionMessageAttempts", Id::MessageAttempts),
    key("TransactionMessageRetryInterval", Id::MessageAttemptInterval),
    key("TxBeforeAcceptedEnabled", Id::TxBeforeAccepted),
    key("TxWithoutStorageEnabled", Id::TxWithoutStorage),
    key("UnlockConnectorOnEVSideDisconnect", Id::UnlockOnEvSideDisconnect),
    key("WebSocketPingInterval", Id::WebSocketPingInterval),
];

/// Most items of a list of measurands.
const LIST: View = View::Number(8);
