//! Every type that the crate declares, with the name of its schema.

use ocpp_core::wire::{Message, Operation, Reader, Wire, WireEnum, WireError, Writer};
use ocpp201::messages::*;

/// A declared type.
pub struct Type {
    /// What Rust calls it.
    pub name: &'static str,
    /// What the schemas call it.
    pub schema: String,
    /// Its fields, if it is an object.
    pub fields: Option<&'static [&'static str]>,
    /// Its values, if it is an enumeration.
    pub values: Option<&'static [&'static str]>,
    /// Reads it and writes it again.
    pub rewrite: fn(&str) -> Result<String, WireError>,
    /// Reads it, and gives it to serde.
    #[cfg(feature = "serde")]
    pub serialize: fn(&str) -> serde_json::Value,
}

impl Type {
    /// Whether it is a request or a response.
    pub fn is_message(&self) -> bool {
        self.schema.ends_with("Request") || self.schema.ends_with("Response")
    }
}

/// Names of the actions, in alphabetical order.
pub fn actions() -> Vec<&'static str> {
    let mut actions = operations().iter().map(|(action, _, _)| *action).collect::<Vec<_>>();
    actions.sort_unstable();
    actions
}

/// Writes a whole document.
pub fn emit<'f>(value: &impl Wire<'f>) -> String {
    let mut w = Writer::new(&mut []);
    value.write(&mut w);
    let mut buffer = vec![0; w.len()];
    let mut w = Writer::new(&mut buffer);
    value.write(&mut w);
    w.finish().unwrap().to_owned()
}

/// Every declared type.
pub fn types() -> Vec<Type> {
    let messages = operations()
        .into_iter()
        .flat_map(|(_, request, response)| [request, response]);
    messages.chain(objects()).chain(enums()).collect()
}

macro_rules! declared {
    ($type:ident, $schema:expr, $fields:expr, $values:expr) => {
        Type {
            name: stringify!($type),
            schema: $schema,
            fields: $fields,
            values: $values,
            rewrite: |json| {
                let mut r = Reader::new(json);
                let value = $type::read(&mut r)?;
                r.end()?;
                Ok(emit(&value))
            },
            #[cfg(feature = "serde")]
            serialize: |json| serde_json::to_value($type::read(&mut Reader::new(json)).unwrap()).unwrap(),
        }
    };
}

macro_rules! operations {
    ($($request:ident => $response:ident,)+) => {
        fn operations() -> Vec<(&'static str, Type, Type)> {
            // The response of each operation is the one that is named here.
            $( let _: fn(<$request<'static> as Operation<'static>>::Response) -> $response<'static> = |it| it; )+
            vec![ $( (
                $request::ACTION,
                declared!($request, format!("{}Request", $request::ACTION), Some($request::FIELDS), None),
                declared!($response, format!("{}Response", $request::ACTION), Some($response::FIELDS), None),
            ) ),+ ]
        }
    };
}

macro_rules! objects {
    ($($type:ident = $schema:literal,)+) => {
        fn objects() -> Vec<Type> {
            vec![ $( declared!($type, $schema.to_string(), Some($type::FIELDS), None) ),+ ]
        }
    };
}

macro_rules! enums {
    ($($type:ident = $schema:literal,)+) => {
        fn enums() -> Vec<Type> {
            vec![ $( declared!($type, $schema.to_string(), None, Some($type::NAMES)) ),+ ]
        }
    };
}

for_each_operation!(operations);

objects! {
    AcChargingParameters = "ACChargingParametersType",
    AdditionalInfo = "AdditionalInfoType",
    Apn = "APNType",
    AuthorizationData = "AuthorizationData",
    CertificateHashData = "CertificateHashDataType",
    CertificateHashDataChain = "CertificateHashDataChainType",
    ChargingLimit = "ChargingLimitType",
    ChargingNeeds = "ChargingNeedsType",
    ChargingProfile = "ChargingProfileType",
    ChargingProfileCriterion = "ChargingProfileCriterionType",
    ChargingSchedule = "ChargingScheduleType",
    ChargingSchedulePeriod = "ChargingSchedulePeriodType",
    ChargingStation = "ChargingStationType",
    ClearChargingProfile = "ClearChargingProfileType",
    ClearMonitoringResult = "ClearMonitoringResultType",
    Component = "ComponentType",
    ComponentVariable = "ComponentVariableType",
    CompositeSchedule = "CompositeScheduleType",
    ConsumptionCost = "ConsumptionCostType",
    Cost = "CostType",
    DcChargingParameters = "DCChargingParametersType",
    EventData = "EventDataType",
    Evse = "EVSEType",
    Firmware = "FirmwareType",
    GetVariableData = "GetVariableDataType",
    GetVariableResult = "GetVariableResultType",
    GroupIdToken = "IdTokenType",
    IdToken = "IdTokenType",
    IdTokenInfo = "IdTokenInfoType",
    LogParameters = "LogParametersType",
    MessageContent = "MessageContentType",
    MessageInfo = "MessageInfoType",
    MeterValue = "MeterValueType",
    Modem = "ModemType",
    MonitoringData = "MonitoringDataType",
    NetworkConnectionProfile = "NetworkConnectionProfileType",
    OcspRequestData = "OCSPRequestDataType",
    RelativeTimeInterval = "RelativeTimeIntervalType",
    ReportData = "ReportDataType",
    SalesTariff = "SalesTariffType",
    SalesTariffEntry = "SalesTariffEntryType",
    SampledValue = "SampledValueType",
    SetMonitoringData = "SetMonitoringDataType",
    SetMonitoringResult = "SetMonitoringResultType",
    SetVariableData = "SetVariableDataType",
    SetVariableResult = "SetVariableResultType",
    SignedMeterValue = "SignedMeterValueType",
    StatusInfo = "StatusInfoType",
    Transaction = "TransactionType",
    UnitOfMeasure = "UnitOfMeasureType",
    Variable = "VariableType",
    VariableAttribute = "VariableAttributeType",
    VariableCharacteristics = "VariableCharacteristicsType",
    VariableMonitoring = "VariableMonitoringType",
    Vpn = "VPNType",
}

enums! {
    ApnAuthentication = "APNAuthenticationEnumType",
    AttributeType = "AttributeEnumType",
    AuthorizationStatus = "AuthorizationStatusEnumType",
    AuthorizeCertificateStatus = "AuthorizeCertificateStatusEnumType",
    BootReason = "BootReasonEnumType",
    CancelReservationStatus = "CancelReservationStatusEnumType",
    CertificateAction = "CertificateActionEnumType",
    CertificateSignedStatus = "CertificateSignedStatusEnumType",
    CertificateSigningUse = "CertificateSigningUseEnumType",
    ChangeAvailabilityStatus = "ChangeAvailabilityStatusEnumType",
    ChargingLimitSource = "ChargingLimitSourceEnumType",
    ChargingProfileKind = "ChargingProfileKindEnumType",
    ChargingProfilePurpose = "ChargingProfilePurposeEnumType",
    ChargingProfileStatus = "ChargingProfileStatusEnumType",
    ChargingRateUnit = "ChargingRateUnitEnumType",
    ChargingState = "ChargingStateEnumType",
    ClearCacheStatus = "ClearCacheStatusEnumType",
    ClearChargingProfileStatus = "ClearChargingProfileStatusEnumType",
    ClearMessageStatus = "ClearMessageStatusEnumType",
    ClearMonitoringStatus = "ClearMonitoringStatusEnumType",
    ComponentCriterion = "ComponentCriterionEnumType",
    ConnectorStatus = "ConnectorStatusEnumType",
    ConnectorType = "ConnectorEnumType",
    CostKind = "CostKindEnumType",
    CustomerInformationStatus = "CustomerInformationStatusEnumType",
    DataTransferStatus = "DataTransferStatusEnumType",
    DataType = "DataEnumType",
    DeleteCertificateStatus = "DeleteCertificateStatusEnumType",
    DisplayMessageStatus = "DisplayMessageStatusEnumType",
    EnergyTransferMode = "EnergyTransferModeEnumType",
    EventNotification = "EventNotificationEnumType",
    EventTrigger = "EventTriggerEnumType",
    FirmwareStatus = "FirmwareStatusEnumType",
    GenericDeviceModelStatus = "GenericDeviceModelStatusEnumType",
    GenericStatus = "GenericStatusEnumType",
    GetCertificateIdUse = "GetCertificateIdUseEnumType",
    GetCertificateStatus = "GetCertificateStatusEnumType",
    GetChargingProfileStatus = "GetChargingProfileStatusEnumType",
    GetDisplayMessagesStatus = "GetDisplayMessagesStatusEnumType",
    GetInstalledCertificateStatus = "GetInstalledCertificateStatusEnumType",
    GetVariableStatus = "GetVariableStatusEnumType",
    HashAlgorithm = "HashAlgorithmEnumType",
    IdTokenType = "IdTokenEnumType",
    InstallCertificateStatus = "InstallCertificateStatusEnumType",
    InstallCertificateUse = "InstallCertificateUseEnumType",
    Iso15118EvCertificateStatus = "Iso15118EVCertificateStatusEnumType",
    Location = "LocationEnumType",
    LogStatus = "LogStatusEnumType",
    LogType = "LogEnumType",
    Measurand = "MeasurandEnumType",
    MessageFormat = "MessageFormatEnumType",
    MessagePriority = "MessagePriorityEnumType",
    MessageState = "MessageStateEnumType",
    MessageTrigger = "MessageTriggerEnumType",
    MonitorType = "MonitorEnumType",
    MonitoringBase = "MonitoringBaseEnumType",
    MonitoringCriterion = "MonitoringCriterionEnumType",
    Mutability = "MutabilityEnumType",
    NotifyEvChargingNeedsStatus = "NotifyEVChargingNeedsStatusEnumType",
    OcppInterface = "OCPPInterfaceEnumType",
    OcppTransport = "OCPPTransportEnumType",
    OcppVersion = "OCPPVersionEnumType",
    OperationalStatus = "OperationalStatusEnumType",
    Phase = "PhaseEnumType",
    PublishFirmwareStatus = "PublishFirmwareStatusEnumType",
    ReadingContext = "ReadingContextEnumType",
    Reason = "ReasonEnumType",
    RecurrencyKind = "RecurrencyKindEnumType",
    RegistrationStatus = "RegistrationStatusEnumType",
    ReportBase = "ReportBaseEnumType",
    RequestStartStopStatus = "RequestStartStopStatusEnumType",
    ReservationUpdateStatus = "ReservationUpdateStatusEnumType",
    ReserveNowStatus = "ReserveNowStatusEnumType",
    ResetStatus = "ResetStatusEnumType",
    ResetType = "ResetEnumType",
    SendLocalListStatus = "SendLocalListStatusEnumType",
    SetMonitoringStatus = "SetMonitoringStatusEnumType",
    SetNetworkProfileStatus = "SetNetworkProfileStatusEnumType",
    SetVariableStatus = "SetVariableStatusEnumType",
    TransactionEvent = "TransactionEventEnumType",
    TriggerMessageStatus = "TriggerMessageStatusEnumType",
    TriggerReason = "TriggerReasonEnumType",
    UnlockStatus = "UnlockStatusEnumType",
    UnpublishFirmwareStatus = "UnpublishFirmwareStatusEnumType",
    UpdateFirmwareStatus = "UpdateFirmwareStatusEnumType",
    UpdateType = "UpdateEnumType",
    UploadLogStatus = "UploadLogStatusEnumType",
    VpnType = "VPNEnumType",
}
