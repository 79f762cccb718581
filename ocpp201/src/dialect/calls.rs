//! CALLs of the CSMS as tables: how each is read, and how its answer is written. The device model and charging profiles
//! are said here, the other blocks in files of their own.

use super::{authorization, convert, provisioning, remote, report_pages};
use crate::messages as m;
use ocpp_core::Place;
use ocpp_core::dialect::{Call, Command, Context, ReadCall, Reply, SettingStatus, SettingWrite, Status, WriteReply};
use ocpp_core::wire::{ErrorKind, Operation, Reader, Str, Wire, WireEnum, WireError, Writer};

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
    call(m::SetVariablesRequest::ACTION, set_variables, set_variables_reply),
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

/// Reports with filters (B08).
pub const REPORTS: &[Call] = &[Call {
    action: m::GetReportRequest::ACTION,
    read: |r, _| {
        let request = m::GetReportRequest::read(r)?;
        let request_id = request.request_id;
        Ok(Command::ReportSettings { request_id })
    },
    reply: |payload, reply, _, w| {
        let status = match status_of(reply) {
            Status::Accepted if report_pages::is_empty(payload) => m::GenericDeviceModelStatus::EmptyResultSet,
            Status::Accepted => m::GenericDeviceModelStatus::Accepted,
            Status::NotSupported => m::GenericDeviceModelStatus::NotSupported,
            _ => m::GenericDeviceModelStatus::Rejected,
        };
        m::GetReportResponse {
            status,
            status_info: None,
            custom_data: None,
        }
        .write(w);
    },
}];

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

fn set_variables<'f>(r: &mut Reader<'f>, _: &Context<'_>) -> Result<Command<'f>, WireError> {
    let request = m::SetVariablesRequest::read(r)?;
    let writes = request.set_variable_data.decode_as(|r| {
        let data = m::SetVariableData::read(r)?;
        Ok(SettingWrite {
            component: data.component.name.as_text(),
            name: data.variable.name.as_text(),
            instance: data
                .variable
                .instance
                .map_or(Str::plain(""), |instance| instance.as_text()),
            scoped: data.component.instance.is_some() || data.component.evse.is_some(),
            actual: data.attribute_type.is_none_or(|kind| kind == m::AttributeType::Actual),
            value: data.attribute_value.as_text(),
        })
    })?;
    Ok(Command::WriteSettings(writes))
}

/// B05: one result for each item, with the names that the item has.
fn set_variables_reply(payload: Reader<'_>, reply: &Reply<'_>, _: &Context<'_>, w: &mut Writer<'_>) {
    let mut reader = payload;
    let statuses = match reply {
        Reply::SettingsWritten(statuses) => *statuses,
        _ => &[],
    };
    w.begin_object();
    w.key("setVariableResult");
    w.begin_array();
    if let Ok(request) = m::SetVariablesRequest::read(&mut reader) {
        for (data, status) in request.set_variable_data.iter().zip(statuses) {
            m::SetVariableResult {
                component: data.component,
                variable: data.variable,
                attribute_type: data.attribute_type,
                attribute_status: set_status(*status),
                attribute_status_info: None,
            }
            .write(w);
        }
    }
    w.end_array();
    w.end_object();
}

const fn set_status(status: SettingStatus) -> m::SetVariableStatus {
    match status {
        SettingStatus::Accepted => m::SetVariableStatus::Accepted,
        SettingStatus::RebootRequired => m::SetVariableStatus::RebootRequired,
        SettingStatus::Rejected => m::SetVariableStatus::Rejected,
        SettingStatus::UnknownComponent => m::SetVariableStatus::UnknownComponent,
        SettingStatus::UnknownVariable => m::SetVariableStatus::UnknownVariable,
        SettingStatus::NotSupportedAttribute => m::SetVariableStatus::NotSupportedAttributeType,
    }
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
