//! CALLs of the CSMS, by functional block: how each is read, and how its answer is written.

use super::convert::{self, id_token};
use super::report_pages;
use crate::messages as m;
use ocpp_core::dialect::{
    Call, Command, Context, ListEntry, LocalListUpdate, Reply, SettingStatus, SettingWrite, Status,
};
use ocpp_core::wire::{ErrorKind, Operation, Reader, Str, Wire, WireError, Writer};
use ocpp_core::{EvseId, Place};

/// What is built of the blocks that every station has.
pub const CORE: &[Call] = &[Call {
    action: m::SetVariablesRequest::ACTION,
    read: set_variables,
    reply: set_variables_reply,
}];

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

/// SendLocalList (D01).
pub const LOCAL_LIST: &[Call] = &[Call {
    action: m::SendLocalListRequest::ACTION,
    read: send_local_list,
    reply: |_, reply, _, w| {
        let status = match status_of(reply) {
            Status::Accepted => m::SendLocalListStatus::Accepted,
            Status::VersionMismatch => m::SendLocalListStatus::VersionMismatch,
            _ => m::SendLocalListStatus::Failed,
        };
        m::SendLocalListResponse {
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
        m::SetChargingProfileResponse {
            status,
            status_info: None,
            custom_data: None,
        }
        .write(w);
    },
}];

fn status_of(reply: &Reply<'_>) -> Status {
    match reply {
        Reply::Status(status) => *status,
        _ => Status::Rejected,
    }
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

fn send_local_list<'f>(r: &mut Reader<'f>, _: &Context<'_>) -> Result<Command<'f>, WireError> {
    let request = m::SendLocalListRequest::read(r)?;
    let entries = request.local_authorization_list.unwrap_or_default().decode_as(|r| {
        let entry = m::AuthorizationData::read(r)?;
        Ok(ListEntry {
            token: id_token(&entry.id_token)?,
            info: match &entry.id_token_info {
                Some(info) => Some(convert::listed_info(info)?),
                None => None,
            },
        })
    })?;
    Ok(Command::SendLocalList(LocalListUpdate {
        version: request.version_number,
        full: request.update_type == m::UpdateType::Full,
        entries,
    }))
}

fn set_charging_profile<'f>(r: &mut Reader<'f>, context: &Context<'_>) -> Result<Command<'f>, WireError> {
    let request = m::SetChargingProfileRequest::read(r)?;
    let place = match u8::try_from(request.evse_id) {
        Ok(0) => Place::Station,
        Ok(evse) if usize::from(evse) <= context.topology.evses() => Place::Evse(EvseId(evse)),
        _ => return Err(WireError::new(ErrorKind::Value).within(&"evseId")),
    };
    let profile = convert::profile(&request.charging_profile)?;
    Ok(Command::SetChargingProfile { place, profile })
}
