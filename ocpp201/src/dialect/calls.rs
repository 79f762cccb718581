//! CALLs of the CSMS as tables: how each is read, and how its answer is written. Charging profiles are said here,
//! the other blocks in files of their own.

use super::{authorization, convert, device_model, provisioning, remote};
use crate::messages as m;
use ocpp_core::Place;
use ocpp_core::dialect::{Call, Command, Context, ReadCall, Reply, Status, WriteReply};
use ocpp_core::wire::{ErrorKind, Operation, Reader, Wire, WireEnum, WireError, Writer};

const fn call(action: &'static str, read: ReadCall, reply: WriteReply) -> Call {
    Call { action, read, reply }
}

/// What is built of the blocks that every station has.
pub const CORE: &[Call] = &[
    call(
        m::ChangeAvailabilityRequest::ACTION,
        remote::change_availability,
        remote::change_availability_reply,
    ),
    call(
        m::ClearCacheRequest::ACTION,
        |r, _| m::ClearCacheRequest::read(r).map(|_| Command::ClearCache),
        authorization::clear_cache_reply,
    ),
    call(
        m::DataTransferRequest::ACTION,
        provisioning::data_transfer,
        provisioning::data_transfer_reply,
    ),
    device_model::GET_BASE_REPORT,
    call(
        m::GetLogRequest::ACTION,
        |r, _| m::GetLogRequest::read(r).map(|_| Command::Unbuilt),
        provisioning::get_log_reply,
    ),
    call(
        m::GetTransactionStatusRequest::ACTION,
        remote::transaction_status,
        remote::transaction_status_reply,
    ),
    device_model::GET_VARIABLES,
    call(
        m::RequestStartTransactionRequest::ACTION,
        remote::request_start,
        remote::request_start_reply,
    ),
    call(
        m::RequestStopTransactionRequest::ACTION,
        remote::request_stop,
        remote::request_stop_reply,
    ),
    call(m::ResetRequest::ACTION, provisioning::reset, provisioning::reset_reply),
    device_model::SET_VARIABLES,
    call(
        m::SetNetworkProfileRequest::ACTION,
        provisioning::set_network_profile,
        provisioning::set_network_profile_reply,
    ),
    call(m::TriggerMessageRequest::ACTION, remote::trigger, remote::trigger_reply),
    call(
        m::UnlockConnectorRequest::ACTION,
        remote::unlock_connector,
        remote::unlock_connector_reply,
    ),
    call(
        m::UpdateFirmwareRequest::ACTION,
        |r, _| m::UpdateFirmwareRequest::read(r).map(|_| Command::Unbuilt),
        provisioning::update_firmware_reply,
    ),
];

/// SetChargingProfile (K01).
pub const SMART_CHARGING: &[Call] = &[Call {
    action: m::SetChargingProfileRequest::ACTION,
    read: set_charging_profile,
    reply: |_, reply, _, w| {
        let status = match status_of(reply) {
            Status::Accepted => m::ChargingProfileStatus::Accepted,
            _ => m::ChargingProfileStatus::Rejected,
        };
        answer(status, None, w);
    },
}];

pub(super) fn status_of(reply: &Reply<'_>) -> Status {
    match reply {
        Reply::Status(status) => *status,
        _ => Status::Rejected,
    }
}

/// An answer that says nothing but a status, and why: one of the reason codes of the appendices, or nothing.
pub(super) fn answer<E: WireEnum>(status: E, why: Option<&'static str>, w: &mut Writer<'_>) {
    answer_named(status.as_str(), why, w);
}

fn answer_named(status: &'static str, why: Option<&'static str>, w: &mut Writer<'_>) {
    w.begin_object();
    w.key("status");
    w.raw_name(status);
    if let Some(why) = why {
        w.key("statusInfo");
        w.begin_object();
        w.key("reasonCode");
        w.raw_name(why);
        w.end_object();
    }
    w.end_object();
}

fn set_charging_profile<'f>(r: &mut Reader<'f>, context: &Context<'_>) -> Result<Command<'f>, WireError> {
    let request = m::SetChargingProfileRequest::read(r)?;
    let place = match request.evse_id {
        0 => Place::Station,
        evse => convert::evse_place(evse, context),
    };
    if place == Place::Unknown {
        return Err(WireError::new(ErrorKind::Value).within(&"evseId"));
    }
    let profile = convert::profile(&request.charging_profile)?;
    Ok(Command::SetChargingProfile { place, profile })
}
