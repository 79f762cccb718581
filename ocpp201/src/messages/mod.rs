//! Every message of OCPP 2.0.1: all 64 operations, requests and responses, as the JSON schemas declare them.
//!
//! A station and a CSMS both read and write all of them, so either side can be built on this module. A request names
//! its action and its response through [`Operation`](ocpp_core::wire::Operation).
//!
//! * Names on the wire are those of the schemas; a field called `type` there is called `kind` here. The suffixes `Type`
//!   and `EnumType` of the schemas' types are dropped where that leaves no doubt.
//! * Tokens, passwords and what may be one are [`SecretText`](ocpp_core::wire::SecretText): they never reach a log.
//!   Identifiers, names of the device model and hashes are [`CiText`](ocpp_core::wire::CiText).
//! * Enumerations in responses of the CSMS are [`Open`](ocpp_core::wire::Open): a status nobody knows yet does not make
//!   a response unreadable. Everywhere else an unknown value is refused.
//! * `customData` is offered as it stood in requests and responses; inside of data types it is skipped.
//! * Ranges of numbers are said in words only: the few that the schemas have are not enforced.
//!
//! By functional block:
//!
//! * A, security: [`SignCertificateRequest`], [`CertificateSignedRequest`], [`SecurityEventNotificationRequest`]
//! * B, provisioning: [`BootNotificationRequest`], [`SetVariablesRequest`], [`GetVariablesRequest`],
//!   [`GetBaseReportRequest`], [`GetReportRequest`], [`NotifyReportRequest`], [`SetNetworkProfileRequest`],
//!   [`ResetRequest`]
//! * C, authorization: [`AuthorizeRequest`], [`ClearCacheRequest`]
//! * D, local authorization list: [`SendLocalListRequest`], [`GetLocalListVersionRequest`]
//! * E, transactions: [`TransactionEventRequest`], [`GetTransactionStatusRequest`]
//! * F, remote control: [`RequestStartTransactionRequest`], [`RequestStopTransactionRequest`],
//!   [`UnlockConnectorRequest`], [`TriggerMessageRequest`]
//! * G, availability: [`StatusNotificationRequest`], [`HeartbeatRequest`], [`ChangeAvailabilityRequest`]
//! * H, reservation: [`ReserveNowRequest`], [`CancelReservationRequest`], [`ReservationStatusUpdateRequest`]
//! * I, tariff and cost: [`CostUpdatedRequest`]
//! * J, meter values: [`MeterValuesRequest`]
//! * K, smart charging: [`SetChargingProfileRequest`], [`GetChargingProfilesRequest`],
//!   [`ReportChargingProfilesRequest`], [`ClearChargingProfileRequest`], [`GetCompositeScheduleRequest`],
//!   [`NotifyChargingLimitRequest`], [`ClearedChargingLimitRequest`], [`NotifyEvChargingNeedsRequest`],
//!   [`NotifyEvChargingScheduleRequest`]
//! * L, firmware management: [`UpdateFirmwareRequest`], [`FirmwareStatusNotificationRequest`],
//!   [`PublishFirmwareRequest`], [`PublishFirmwareStatusNotificationRequest`], [`UnpublishFirmwareRequest`]
//! * M, certificates: [`InstallCertificateRequest`], [`DeleteCertificateRequest`],
//!   [`GetInstalledCertificateIdsRequest`], [`Get15118EvCertificateRequest`], [`GetCertificateStatusRequest`]
//! * N, diagnostics: [`GetLogRequest`], [`LogStatusNotificationRequest`], [`GetMonitoringReportRequest`],
//!   [`NotifyMonitoringReportRequest`], [`SetMonitoringBaseRequest`], [`SetMonitoringLevelRequest`],
//!   [`SetVariableMonitoringRequest`], [`ClearVariableMonitoringRequest`], [`NotifyEventRequest`],
//!   [`CustomerInformationRequest`], [`NotifyCustomerInformationRequest`]
//! * O, display messages: [`SetDisplayMessageRequest`], [`GetDisplayMessagesRequest`],
//!   [`NotifyDisplayMessagesRequest`], [`ClearDisplayMessageRequest`]
//! * P, data transfer: [`DataTransferRequest`]
//!
//! ```
//! use ocpp_core::wire::{Frame, Operation, Reader, Wire, Writer};
//! use ocpp201::messages::HeartbeatRequest;
//!
//! let mut buffer = [0; 64];
//! let mut w = Writer::new(&mut buffer);
//! Frame::open_call(&mut w, "17", HeartbeatRequest::ACTION);
//! HeartbeatRequest { custom_data: None }.write(&mut w);
//! Frame::close(&mut w);
//! assert_eq!(w.finish(), Ok(r#"[2,"17","Heartbeat",{}]"#));
//!
//! let json = r#"{"currentTime":"2026-11-22T18:30:00+01:00"}"#;
//! let response = <HeartbeatRequest<'_> as Operation<'_>>::Response::read(&mut Reader::new(json))?;
//! assert_eq!(response.current_time.to_string(), "2026-11-22T17:30:00Z");
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

mod authorization;
mod availability;
mod certificates;
mod data_transfer;
mod diagnostics;
mod display;
mod firmware;
mod local_list;
mod metering;
mod provisioning;
mod remote;
mod reservation;
mod security;
mod smart_charging;
mod tariff;
mod transactions;
mod types;

pub use authorization::*;
pub use availability::*;
pub use certificates::*;
pub use data_transfer::*;
pub use diagnostics::*;
pub use display::*;
pub use firmware::*;
pub use local_list::*;
pub use metering::*;
pub use provisioning::*;
pub use remote::*;
pub use reservation::*;
pub use security::*;
pub use smart_charging::*;
pub use tariff::*;
pub use transactions::*;
pub use types::*;
