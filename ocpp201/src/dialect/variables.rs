//! The variables of the device model, as names of core's settings and facts (part 2 chapter 2, appendices).
//!
//! What the blocks need that are built. Not here: monitoring, reservation, tariffs, smart charging, displays and
//! ISO 15118. `MinimumStatusDuration`, `TxWithoutStorageEnabled` and `CheckpointInterval` are this station's own names.

use super::device_model::LONGEST_REQUEST;
use ocpp_core::Measurand;
use ocpp_core::dialect::{Fact, SettingName, Tier, View};
use ocpp_core::settings::SettingId as Id;

/// How many items a request may have.
pub(super) const ITEMS: i32 = 10;
/// Longest value that is taken or told, in characters: the least that the schemas allow.
pub(super) const VALUE_SIZE: i32 = 1000;
/// Longest list of measurands, in characters: eight of the longest names.
pub(super) const MEASURANDS_LENGTH: i32 = 255;

/// What 2.0.1 has no name for.
pub(super) const LACKING: &[Measurand] = &[Measurand::Temperature, Measurand::Rpm];

const fn setting(component: &'static str, name: &'static str, id: Id) -> SettingName {
    SettingName::variable(component, name, View::Setting(id))
}

const fn measurands(component: &'static str, name: &'static str, id: Id) -> SettingName {
    SettingName::variable(component, name, View::Measurands(id, LACKING))
}

const fn fact(component: &'static str, name: &'static str, fact: Fact) -> SettingName {
    SettingName::variable(component, name, View::Fact(fact))
}

const fn shown(component: &'static str, name: &'static str, view: View) -> SettingName {
    SettingName::variable(component, name, view)
}

const fn instance(component: &'static str, name: &'static str, instance: &'static str, view: View) -> SettingName {
    SettingName {
        instance,
        ..SettingName::variable(component, name, view)
    }
}

const fn evse(name: &'static str, view: View) -> SettingName {
    SettingName {
        tier: Tier::Evse,
        ..SettingName::variable("EVSE", name, view)
    }
}

const fn connector(name: &'static str, view: View) -> SettingName {
    SettingName {
        tier: Tier::Connector,
        ..SettingName::variable("Connector", name, view)
    }
}

pub(super) const VARIABLES: &[SettingName] = &[
    setting("AlignedDataCtrlr", "Interval", Id::AlignedDataInterval),
    measurands("AlignedDataCtrlr", "Measurands", Id::AlignedMeasurands),
    setting("AlignedDataCtrlr", "SendDuringIdle", Id::AlignedOnlyIdle),
    setting("AlignedDataCtrlr", "TxEndedInterval", Id::EndedAlignedInterval),
    measurands("AlignedDataCtrlr", "TxEndedMeasurands", Id::EndedAlignedMeasurands),
    fact("AuthCacheCtrlr", "Available", Fact::HasCache),
    setting("AuthCacheCtrlr", "DisablePostAuthorize", Id::CacheDisablePostAuthorize),
    setting("AuthCacheCtrlr", "Enabled", Id::AuthCacheEnabled),
    fact("AuthCacheCtrlr", "Entries", Fact::CacheEntries),
    setting("AuthCacheCtrlr", "LifeTime", Id::CacheLifeTime),
    setting("AuthCtrlr", "AuthorizeRemoteStart", Id::AuthorizeRemoteStart),
    setting(
        "AuthCtrlr",
        "DisableRemoteAuthorization",
        Id::DisableRemoteAuthorization,
    ),
    setting("AuthCtrlr", "Enabled", Id::AuthEnabled),
    setting("AuthCtrlr", "LocalAuthorizeOffline", Id::LocalAuthorizeOffline),
    setting("AuthCtrlr", "LocalPreAuthorize", Id::LocalPreAuthorize),
    setting("AuthCtrlr", "MasterPassGroupId", Id::MasterPassGroupId),
    setting("AuthCtrlr", "OfflineTxForUnknownIdEnabled", Id::OfflineTxForUnknownId),
    fact("ChargingStation", "AvailabilityState", Fact::Status),
    shown("ChargingStation", "Available", View::True),
    setting("ChargingStation", "MinimumStatusDuration", Id::MinimumStatusDuration),
    fact("ChargingStation", "Model", Fact::Model),
    shown("ChargingStation", "PhaseRotation", View::Rotation(Id::PhaseRotation)),
    fact("ChargingStation", "Problem", Fact::Problem),
    fact("ChargingStation", "SupplyPhases", Fact::Phases),
    fact("ChargingStation", "VendorName", Fact::Vendor),
    fact("ClockCtrlr", "DateTime", Fact::Time),
    setting("ClockCtrlr", "TimeSource", Id::TimeSource),
    connector("AvailabilityState", View::Fact(Fact::Status)),
    connector("Available", View::True),
    connector("ConnectorType", View::Fact(Fact::ConnectorType)),
    connector("PhaseRotation", View::Rotation(Id::PhaseRotation)),
    connector("Problem", View::Fact(Fact::Problem)),
    connector("SupplyPhases", View::Fact(Fact::Phases)),
    instance(
        "DeviceDataCtrlr",
        "BytesPerMessage",
        "GetReport",
        View::Fact(Fact::LongestRequest),
    ),
    instance(
        "DeviceDataCtrlr",
        "BytesPerMessage",
        "GetVariables",
        View::AtMost(Fact::LongestFrame, LONGEST_REQUEST),
    ),
    instance(
        "DeviceDataCtrlr",
        "BytesPerMessage",
        "SetVariables",
        View::AtMost(Fact::LongestFrame, LONGEST_REQUEST),
    ),
    shown("DeviceDataCtrlr", "ConfigurationValueSize", View::Number(VALUE_SIZE)),
    instance("DeviceDataCtrlr", "ItemsPerMessage", "GetReport", View::Number(ITEMS)),
    instance(
        "DeviceDataCtrlr",
        "ItemsPerMessage",
        "GetVariables",
        View::Number(ITEMS),
    ),
    instance(
        "DeviceDataCtrlr",
        "ItemsPerMessage",
        "SetVariables",
        View::Number(ITEMS),
    ),
    shown("DeviceDataCtrlr", "ReportingValueSize", View::Number(VALUE_SIZE)),
    shown("DeviceDataCtrlr", "ValueSize", View::Number(VALUE_SIZE)),
    evse("AvailabilityState", View::Fact(Fact::Status)),
    evse("Available", View::True),
    evse("Power", View::Fact(Fact::Power)),
    evse("Problem", View::Fact(Fact::Problem)),
    evse("SupplyPhases", View::Fact(Fact::Phases)),
    fact("LocalAuthListCtrlr", "Available", Fact::HasList),
    fact("LocalAuthListCtrlr", "BytesPerMessage", Fact::LongestFrame),
    setting(
        "LocalAuthListCtrlr",
        "DisablePostAuthorize",
        Id::LocalListDisablePostAuthorize,
    ),
    setting("LocalAuthListCtrlr", "Enabled", Id::LocalListEnabled),
    fact("LocalAuthListCtrlr", "Entries", Fact::ListEntries),
    fact("LocalAuthListCtrlr", "ItemsPerMessage", Fact::ListItems),
    fact("OCPPCommCtrlr", "ActiveNetworkProfile", Fact::NetworkProfile),
    shown("OCPPCommCtrlr", "FileTransferProtocols", View::List("")),
    shown(
        "OCPPCommCtrlr",
        "HeartbeatInterval",
        View::Interval(Id::HeartbeatInterval),
    ),
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
    instance(
        "OCPPCommCtrlr",
        "MessageTimeout",
        "Default",
        View::Fact(Fact::MessageTimeout),
    ),
    setting("OCPPCommCtrlr", "NetworkConfigurationPriority", Id::NetworkPriority),
    setting("OCPPCommCtrlr", "NetworkProfileConnectionAttempts", Id::NetworkAttempts),
    setting("OCPPCommCtrlr", "OfflineThreshold", Id::OfflineThreshold),
    setting("OCPPCommCtrlr", "ResetRetries", Id::ResetRetries),
    setting("OCPPCommCtrlr", "RetryBackOffRandomRange", Id::RetryBackOffRandomRange),
    setting("OCPPCommCtrlr", "RetryBackOffRepeatTimes", Id::RetryBackOffRepeatTimes),
    setting("OCPPCommCtrlr", "RetryBackOffWaitMinimum", Id::RetryBackOffWaitMinimum),
    setting(
        "OCPPCommCtrlr",
        "UnlockOnEVSideDisconnect",
        Id::UnlockOnEvSideDisconnect,
    ),
    setting("OCPPCommCtrlr", "WebSocketPingInterval", Id::WebSocketPingInterval),
    setting("SampledDataCtrlr", "TxEndedInterval", Id::EndedSampleInterval),
    measurands("SampledDataCtrlr", "TxEndedMeasurands", Id::EndedSampledMeasurands),
    measurands("SampledDataCtrlr", "TxStartedMeasurands", Id::StartedMeasurands),
    setting("SampledDataCtrlr", "TxUpdatedInterval", Id::SampleInterval),
    measurands("SampledDataCtrlr", "TxUpdatedMeasurands", Id::SampledMeasurands),
    shown(
        "SecurityCtrlr",
        "BasicAuthPassword",
        View::Password(Id::AuthorizationKey),
    ),
    shown("SecurityCtrlr", "CertificateEntries", View::Number(0)),
    fact("SecurityCtrlr", "Identity", Fact::StationId),
    setting("SecurityCtrlr", "OrganizationName", Id::OrganizationName),
    fact("SecurityCtrlr", "SecurityProfile", Fact::SecurityProfile),
    setting("TxCtrlr", "CheckpointInterval", Id::CheckpointInterval),
    setting("TxCtrlr", "EVConnectionTimeOut", Id::ConnectionTimeOut),
    setting("TxCtrlr", "MaxEnergyOnInvalidId", Id::MaxEnergyOnInvalidId),
    setting("TxCtrlr", "StopTxOnEVSideDisconnect", Id::StopOnEvSideDisconnect),
    setting("TxCtrlr", "StopTxOnInvalidId", Id::StopOnInvalidId),
    setting("TxCtrlr", "TxBeforeAcceptedEnabled", Id::TxBeforeAccepted),
    setting("TxCtrlr", "TxStartPoint", Id::TxStartPoint),
    setting("TxCtrlr", "TxStopPoint", Id::TxStopPoint),
    setting("TxCtrlr", "TxWithoutStorageEnabled", Id::TxWithoutStorage),
];
