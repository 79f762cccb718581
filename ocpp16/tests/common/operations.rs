//! All operations of 1.6, for whoever has to do something with each of them.

/// Gives the request types of all operations to the macro `$with`.
macro_rules! for_each_request {
    ($with:ident) => {
        $with! {
            // The 28 of the base specification.
            AuthorizeRequest, BootNotificationRequest, CancelReservationRequest, ChangeAvailabilityRequest,
            ChangeConfigurationRequest, ClearCacheRequest, ClearChargingProfileRequest, DataTransferRequest,
            DiagnosticsStatusNotificationRequest, FirmwareStatusNotificationRequest, GetCompositeScheduleRequest,
            GetConfigurationRequest, GetDiagnosticsRequest, GetLocalListVersionRequest, HeartbeatRequest,
            MeterValuesRequest, RemoteStartTransactionRequest, RemoteStopTransactionRequest, ReserveNowRequest,
            ResetRequest, SendLocalListRequest, SetChargingProfileRequest, StartTransactionRequest,
            StatusNotificationRequest, StopTransactionRequest, TriggerMessageRequest, UnlockConnectorRequest,
            UpdateFirmwareRequest,
            // The 11 of the security extension.
            CertificateSignedRequest, DeleteCertificateRequest, ExtendedTriggerMessageRequest,
            GetInstalledCertificateIdsRequest, GetLogRequest, InstallCertificateRequest,
            LogStatusNotificationRequest, SecurityEventNotificationRequest, SignCertificateRequest,
            SignedFirmwareStatusNotificationRequest, SignedUpdateFirmwareRequest,
        }
    };
}
