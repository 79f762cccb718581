//! CALLs about the device model (B05–B08): variables are set and read one by one, reports are only ordered here.
//!
//! Names are echoed out of the CALL, values written out of the settings while the reply is made. Of the attribute types
//! there is `Actual` alone: no variable has a target, or limits that could be set.

use super::calls::answer;
use super::variables::{ITEMS, VARIABLES};
use super::{convert, report_pages};
use crate::messages as m;
use ocpp_core::dialect::{
    Call, Command, Context, Fact, Reply, SettingAddress, SettingName, SettingStatus, SettingWrite, Status, View,
};
use ocpp_core::settings::Access;
use ocpp_core::wire::{Operation, Reader, Str, Wire, WireError, Writer};
use ocpp_core::{ConnectorId, EvseId, Place};

/// Longest answer in bytes: the usual outbound buffer.
const ANSWER: usize = 2048;
/// What surrounds the items of an answer, in bytes.
const AROUND: usize = r#"[3,"123456789012345678901234567890123456",{"getVariableResult":[]}]"#.len();
/// What a result has at most that its item did not have: an attribute that is not supported was named.
const EACH: usize = r#","attributeType":"Actual","attributeStatus":"UnknownComponent""#.len();
/// Told of a value that has no room.
const TOO_LARGE: &str = r#"{"reasonCode":"TooLargeElement"}"#;
/// What that takes.
const REFUSAL: usize = r#","attributeStatusInfo":"#.len() + TOO_LARGE.len();
/// Longest request whose answer certainly fits, whatever its names; values are told as far as there is room.
pub(super) const LONGEST_REQUEST: i32 = (ANSWER - AROUND - ITEMS as usize * EACH) as i32;

pub(super) const SET_VARIABLES: Call = Call {
    action: m::SetVariablesRequest::ACTION,
    read: set_variables,
    reply: set_variables_reply,
};

pub(super) const GET_VARIABLES: Call = Call {
    action: m::GetVariablesRequest::ACTION,
    read: |r, _| m::GetVariablesRequest::read(r).map(|_| Command::ReadSettings),
    reply: get_variables_reply,
};

pub(super) const GET_BASE_REPORT: Call = Call {
    action: m::GetBaseReportRequest::ACTION,
    read: |r, _| {
        let request_id = m::GetBaseReportRequest::read(r)?.request_id;
        Ok(Command::ReportSettings { request_id })
    },
    reply: report_reply,
};

/// Reports with filters (B08).
pub const REPORTS: &[Call] = &[Call {
    action: m::GetReportRequest::ACTION,
    read: |r, _| {
        let request_id = m::GetReportRequest::read(r)?.request_id;
        Ok(Command::ReportSettings { request_id })
    },
    reply: report_reply,
}];

/// Where a component is.
pub(super) fn place(component: &m::Component<'_>) -> Place {
    let number = |number: i32| u8::try_from(number).ok().filter(|number| *number > 0);
    match component.evse {
        // Without a name it would be a key of 1.6.
        _ if component.name.as_text().is_empty() => Place::Unknown,
        None => Place::Station,
        Some(evse) => match (number(evse.id), evse.connector_id.map(number)) {
            (Some(evse), None) => Place::Evse(EvseId(evse)),
            (Some(evse), Some(Some(connector))) => Place::Connector(ConnectorId::new(evse, connector)),
            _ => Place::Unknown,
        },
    }
}

fn address<'f>(component: &m::Component<'f>, variable: &m::Variable<'f>) -> SettingAddress<'f> {
    SettingAddress {
        component: component.name.as_text(),
        component_instance: component.instance.map_or(Str::plain(""), |instance| instance.as_text()),
        place: place(component),
        name: variable.name.as_text(),
        instance: variable.instance.map_or(Str::plain(""), |instance| instance.as_text()),
    }
}

fn set_variables<'f>(r: &mut Reader<'f>, _: &Context<'_>) -> Result<Command<'f>, WireError> {
    let request = m::SetVariablesRequest::read(r)?;
    let writes = request.set_variable_data.decode_as(|r| {
        let data = m::SetVariableData::read(r)?;
        Ok(SettingWrite {
            at: address(&data.component, &data.variable),
            actual: data.attribute_type.is_none_or(|kind| kind == m::AttributeType::Actual),
            value: data.attribute_value.as_text(),
        })
    })?;
    Ok(Command::WriteSettings(writes))
}

/// B05: one result for each item, with the names that the item has (B05.FR.01–FR.03, FR.12).
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
            open_result(&data.component, &data.variable, data.attribute_type, w);
            set_status(*status).write(w);
            w.end_object();
        }
    }
    w.end_array();
    w.end_object();
}

/// The part of a result that both messages have, up to the name of its status.
fn open_result(
    component: &m::Component<'_>,
    variable: &m::Variable<'_>,
    attribute_type: Option<m::AttributeType>,
    w: &mut Writer<'_>,
) {
    w.begin_object();
    w.key("component");
    component.write(w);
    w.key("variable");
    variable.write(w);
    w.key("attributeType");
    attribute_type.unwrap_or(m::AttributeType::Actual).write(w);
    w.key("attributeStatus");
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

/// B06: each value is written while the reply is.
fn get_variables_reply(payload: Reader<'_>, _: &Reply<'_>, context: &Context<'_>, w: &mut Writer<'_>) {
    let mut least = Writer::new(&mut []);
    get_results(payload, 0, context, &mut least);
    // Of what is beyond the announced limits the caller's buffer decides.
    let room = (ANSWER - AROUND).checked_sub(least.len()).unwrap_or(usize::MAX);
    get_results(payload, room, context, w);
}

/// The results, with values as long as there is room: one that has none is told to be too large.
fn get_results(payload: Reader<'_>, room: usize, context: &Context<'_>, w: &mut Writer<'_>) {
    let mut reader = payload;
    let mut room = room;
    w.begin_object();
    w.key("getVariableResult");
    w.begin_array();
    if let Ok(request) = m::GetVariablesRequest::read(&mut reader) {
        for data in request.get_variable_data.iter() {
            let found = readable(&data, context);
            open_result(&data.component, &data.variable, data.attribute_type, w);
            let mark = w.mark();
            set_status(found.err().unwrap_or(SettingStatus::Accepted)).write(w);
            if let Ok(entry) = found {
                let before = w.len();
                w.key("attributeValue");
                write_value(entry, place(&data.component), context, w);
                let taken = w.len().saturating_sub(before);
                if let Some(rest) = room.checked_sub(taken) {
                    room = rest;
                } else {
                    w.rewind(mark);
                    m::GetVariableStatus::Rejected.write(w);
                    // Why, if there is room for that at least.
                    if let Some(rest) = room.checked_sub(REFUSAL) {
                        room = rest;
                        w.key("attributeStatusInfo");
                        w.raw(TOO_LARGE);
                    }
                }
            }
            w.end_object();
        }
    }
    w.end_array();
    w.end_object();
}

fn readable(data: &m::GetVariableData<'_>, context: &Context<'_>) -> Result<&'static SettingName, SettingStatus> {
    let entry = context.find(&address(&data.component, &data.variable), VARIABLES)?;
    if data.attribute_type.is_some_and(|kind| kind != m::AttributeType::Actual) {
        Err(SettingStatus::NotSupportedAttribute)
    } else if context.access(entry.view) == Access::WriteOnly {
        // B06.FR.09
        Err(SettingStatus::Rejected)
    } else {
        Ok(entry)
    }
}

/// The value of a variable, in 2.0.1's words.
pub(super) fn write_value(entry: &SettingName, place: Place, context: &Context<'_>, w: &mut Writer<'_>) {
    match entry.view {
        View::Fact(Fact::Status) => {
            convert::connector_status(context.facts.status(place)).write(w);
        }
        view => context.write_view(view, place, w),
    }
}

/// B07.FR.01, B07.FR.13; B08.FR.01, FR.15, FR.16.
fn report_reply(payload: Reader<'_>, reply: &Reply<'_>, context: &Context<'_>, w: &mut Writer<'_>) {
    let status = match reply {
        Reply::Status(Status::Accepted) if report_pages::is_empty(payload, context) => {
            m::GenericDeviceModelStatus::EmptyResultSet
        }
        Reply::Status(Status::Accepted) => m::GenericDeviceModelStatus::Accepted,
        _ => m::GenericDeviceModelStatus::Rejected,
    };
    answer(status, None, w);
}
