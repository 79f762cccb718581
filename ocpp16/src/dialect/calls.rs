//! CALLs of the Central System, by profile: how each is read, and how its answer is written.

use super::convert::{self, id_tag, place};
use super::keys;
use crate::messages as m;
use ocpp_core::dialect::{
    Call, Command, Context, DataTransferStatus, ListEntry, LocalListUpdate, ReadCall, RemoteStart, Reply, ResetKind,
    SettingAddress, SettingName, SettingStatus, SettingWrite, Status, TransactionRef, TriggeredMessage, WriteReply,
};
use ocpp_core::settings::Access;
use ocpp_core::wire::{ErrorKind, List, Operation, Raw, Reader, Str, Text, Wire, WireEnum, WireError, Writer};
use ocpp_core::{Place, TokenInfo};

const fn call(action: &'static str, read: ReadCall, reply: WriteReply) -> Call {
    Call { action, read, reply }
}

/// The Core profile.
pub const CORE: &[Call] = &[
    call(
        m::ChangeAvailabilityRequest::ACTION,
        change_availability,
        |_, reply, _, w| {
            let status = match status_of(reply) {
                Status::Accepted => m::AvailabilityStatus::Accepted,
                Status::Scheduled => m::AvailabilityStatus::Scheduled,
                _ => m::AvailabilityStatus::Rejected,
            };
            answer(status, w);
        },
    ),
    call(
        m::ChangeConfigurationRequest::ACTION,
        change_configuration,
        |_, reply, _, w| {
            let first = match reply {
                Reply::SettingsWritten(statuses) => statuses.first().copied(),
                _ => None,
            };
            let status = match first {
                Some(SettingStatus::Accepted) => m::ConfigurationStatus::Accepted,
                Some(SettingStatus::RebootRequired) => m::ConfigurationStatus::RebootRequired,
                Some(SettingStatus::UnknownComponent | SettingStatus::UnknownVariable) => {
                    m::ConfigurationStatus::NotSupported
                }
                _ => m::ConfigurationStatus::Rejected,
            };
            answer(status, w);
        },
    ),
    call(
        m::ClearCacheRequest::ACTION,
        |r, _| m::ClearCacheRequest::read(r).map(|_| Command::ClearCache),
        |_, reply, _, w| {
            let status = match status_of(reply) {
                Status::Accepted => m::ClearCacheStatus::Accepted,
                _ => m::ClearCacheStatus::Rejected,
            };
            answer(status, w);
        },
    ),
    call(m::DataTransferRequest::ACTION, data_transfer, data_transfer_reply),
    call(
        m::GetConfigurationRequest::ACTION,
        |r, _| m::GetConfigurationRequest::read(r).and_then(get_configuration),
        get_configuration_reply,
    ),
    call(
        m::RemoteStartTransactionRequest::ACTION,
        remote_start,
        |_, reply, _, w| {
            let accepted = matches!(reply, Reply::RemoteStart { accepted: true, .. });
            let status = start_stop(accepted);
            answer(status, w);
        },
    ),
    call(
        m::RemoteStopTransactionRequest::ACTION,
        |r, _| {
            let request = m::RemoteStopTransactionRequest::read(r)?;
            Ok(Command::RemoteStop(TransactionRef::Number(request.transaction_id)))
        },
        |_, reply, _, w| {
            let status = start_stop(status_of(reply) == Status::Accepted);
            answer(status, w);
        },
    ),
    call(
        m::ResetRequest::ACTION,
        |r, _| {
            let kind = match m::ResetRequest::read(r)?.kind {
                m::ResetType::Hard => ResetKind::Hard,
                m::ResetType::Soft => ResetKind::Soft,
            };
            let place = Place::Station;
            Ok(Command::Reset { kind, place })
        },
        |_, reply, _, w| {
            let status = match status_of(reply) {
                Status::Accepted => m::ResetStatus::Accepted,
                _ => m::ResetStatus::Rejected,
            };
            answer(status, w);
        },
    ),
    call(
        m::UnlockConnectorRequest::ACTION,
        |r, context| {
            let request = m::UnlockConnectorRequest::read(r)?;
            Ok(Command::Unlock(place(request.connector_id, context)))
        },
        |_, reply, _, w| {
            let status = match status_of(reply) {
                Status::Unlocked => m::UnlockStatus::Unlocked,
                Status::NotSupported | Status::UnknownConnector => m::UnlockStatus::NotSupported,
                _ => m::UnlockStatus::UnlockFailed,
            };
            answer(status, w);
        },
    ),
];

/// The RemoteTrigger profile.
pub const REMOTE_TRIGGER: &[Call] = &[call(m::TriggerMessageRequest::ACTION, trigger, |_, reply, _, w| {
    let status = match status_of(reply) {
        Status::Accepted => m::TriggerMessageStatus::Accepted,
        Status::NotImplemented => m::TriggerMessageStatus::NotImplemented,
        _ => m::TriggerMessageStatus::Rejected,
    };
    answer(status, w);
})];

/// The LocalAuthListManagement profile.
pub const LOCAL_LIST: &[Call] = &[
    call(
        m::GetLocalListVersionRequest::ACTION,
        |r, _| m::GetLocalListVersionRequest::read(r).map(|_| Command::ListVersion),
        |_, reply, _, w| {
            let list_version = match *reply {
                Reply::ListVersion(version) => version,
                _ => -1,
            };
            m::GetLocalListVersionResponse { list_version }.write(w);
        },
    ),
    call(m::SendLocalListRequest::ACTION, send_local_list, |_, reply, _, w| {
        let status = match status_of(reply) {
            Status::Accepted => m::UpdateStatus::Accepted,
            Status::VersionMismatch => m::UpdateStatus::VersionMismatch,
            Status::NotSupported => m::UpdateStatus::NotSupported,
            _ => m::UpdateStatus::Failed,
        };
        answer(status, w);
    }),
];

/// SetChargingProfile of the SmartCharging profile.
pub const SMART_CHARGING: &[Call] = &[call(
    m::SetChargingProfileRequest::ACTION,
    set_charging_profile,
    |_, reply, _, w| {
        let status = match status_of(reply) {
            Status::Accepted => m::ChargingProfileStatus::Accepted,
            Status::NotSupported => m::ChargingProfileStatus::NotSupported,
            _ => m::ChargingProfileStatus::Rejected,
        };
        answer(status, w);
    },
)];

const VALUE: WireError = WireError::new(ErrorKind::Value);

fn status_of(reply: &Reply<'_>) -> Status {
    match reply {
        Reply::Status(status) => *status,
        _ => Status::Rejected,
    }
}

/// An answer that says nothing but a status.
fn answer<E: WireEnum>(status: E, w: &mut Writer<'_>) {
    answer_named(status.as_str(), w);
}

fn answer_named(status: &'static str, w: &mut Writer<'_>) {
    w.begin_object();
    w.key("status");
    w.raw_name(status);
    w.end_object();
}

const fn start_stop(accepted: bool) -> m::RemoteStartStopStatus {
    if accepted {
        m::RemoteStartStopStatus::Accepted
    } else {
        m::RemoteStartStopStatus::Rejected
    }
}

fn change_availability<'f>(r: &mut Reader<'f>, context: &Context<'_>) -> Result<Command<'f>, WireError> {
    let request = m::ChangeAvailabilityRequest::read(r)?;
    Ok(Command::ChangeAvailability {
        place: place(request.connector_id, context),
        operative: request.kind == m::AvailabilityType::Operative,
    })
}

fn change_configuration<'f>(r: &mut Reader<'f>, _: &Context<'_>) -> Result<Command<'f>, WireError> {
    let payload = r.raw()?;
    // The one change, seen as a list of one.
    List::decoded(payload, |r| {
        let request = m::ChangeConfigurationRequest::read(r)?;
        Ok(SettingWrite {
            at: SettingAddress::key(request.key.as_text()),
            actual: true,
            value: request.value.as_text(),
        })
    })
    .map(Command::WriteSettings)
}

fn data_transfer<'f>(r: &mut Reader<'f>, _: &Context<'_>) -> Result<Command<'f>, WireError> {
    let payload = *r;
    let request = m::DataTransferRequest::read(r)?;
    Ok(Command::DataTransfer {
        vendor: request.vendor_id.as_text(),
        message: request.message_id.map(|message| message.as_text()),
        data: payload.find(&["data"]).and_then(|data| Raw::new(data).ok()),
    })
}

fn data_transfer_reply(_: Reader<'_>, reply: &Reply<'_>, _: &Context<'_>, w: &mut Writer<'_>) {
    let (status, data) = match *reply {
        Reply::DataTransfer { status, data } => (status, data),
        _ => (DataTransferStatus::Rejected, None),
    };
    let status = match status {
        DataTransferStatus::Accepted => m::DataTransferStatus::Accepted,
        DataTransferStatus::UnknownMessageId => m::DataTransferStatus::UnknownMessageId,
        DataTransferStatus::UnknownVendorId => m::DataTransferStatus::UnknownVendorId,
        _ => m::DataTransferStatus::Rejected,
    };
    m::DataTransferResponse {
        status: status.into(),
        data: data.map(Text::cut),
    }
    .write(w);
}

fn get_configuration<'f>(request: m::GetConfigurationRequest<'f>) -> Result<Command<'f>, WireError> {
    let most = usize::try_from(keys::MAX_KEYS).unwrap_or(0);
    if request.key.is_some_and(|keys| keys.iter().nth(most).is_some()) {
        return Err(WireError::new(ErrorKind::Cardinality).within(&"key"));
    }
    Ok(Command::ReadSettings)
}

/// Streams the answer: known keys out of the table, unknown ones out of the CALL.
fn get_configuration_reply(payload: Reader<'_>, _: &Reply<'_>, context: &Context<'_>, w: &mut Writer<'_>) {
    let mut reader = payload;
    let wanted = m::GetConfigurationRequest::read(&mut reader)
        .ok()
        .and_then(|request| request.key);
    let find = |name: Str<'_>| context.find(&SettingAddress::key(name), keys::KEYS).ok();
    w.begin_object();
    w.key("configurationKey");
    w.begin_array();
    match wanted {
        // No key at all means every one (1.6 §5.8).
        Some(wanted) if !wanted.is_empty() => {
            let known = wanted.iter().filter_map(|key| find(key.as_text()));
            known.for_each(|entry| key_value(entry, context, w));
            w.end_array();
            let mut unknown = wanted.iter().filter(|key| find(key.as_text()).is_none()).peekable();
            if unknown.peek().is_some() {
                w.key("unknownKey");
                w.begin_array();
                unknown.for_each(|key| key.write(w));
                w.end_array();
            }
        }
        _ => {
            let all = (0..).map_while(|index| context.key(keys::KEYS, index));
            let readable = all.filter(|own| context.access(own.view) != Access::WriteOnly && !own.name.is_empty());
            readable.for_each(|entry| key_value(entry, context, w));
            w.end_array();
        }
    }
    w.end_object();
}

fn key_value(entry: &SettingName, context: &Context<'_>, w: &mut Writer<'_>) {
    let access = context.access(entry.view);
    w.begin_object();
    w.key("key");
    w.raw_name(entry.name);
    w.key("readonly");
    w.bool(access == Access::ReadOnly);
    // A password is never told (security whitepaper §7).
    if access != Access::WriteOnly {
        w.key("value");
        context.write_view(entry.view, Place::Station, w);
    }
    w.end_object();
}

fn remote_start<'f>(r: &mut Reader<'f>, context: &Context<'_>) -> Result<Command<'f>, WireError> {
    let payload = *r;
    let request = m::RemoteStartTransactionRequest::read(r)?;
    let profile = match &request.charging_profile {
        Some(profile) => {
            let raw = payload.find(&["chargingProfile"]).unwrap_or("");
            Some(convert::profile(profile, Reader::new(raw))?)
        }
        None => None,
    };
    Ok(Command::RemoteStart(RemoteStart {
        token: id_tag(request.id_tag).map_err(|error| error.within(&"idTag"))?,
        group: None,
        place: match request.connector_id {
            None => Place::Station,
            // The station as a whole cannot charge (1.6 §5.11).
            Some(0) => Place::Unknown,
            Some(connector) => place(connector, context),
        },
        remote_start_id: None,
        profile,
    }))
}

fn trigger<'f>(r: &mut Reader<'f>, context: &Context<'_>) -> Result<Command<'f>, WireError> {
    let request = m::TriggerMessageRequest::read(r)?;
    let message = match request.requested_message {
        m::MessageTrigger::BootNotification => TriggeredMessage::Boot,
        m::MessageTrigger::Heartbeat => TriggeredMessage::Heartbeat,
        m::MessageTrigger::MeterValues => TriggeredMessage::MeterValues,
        m::MessageTrigger::StatusNotification => TriggeredMessage::Status,
        _ => TriggeredMessage::Unsupported,
    };
    Ok(Command::Trigger {
        message,
        place: request
            .connector_id
            .map_or(Place::Station, |connector| place(connector, context)),
    })
}

fn send_local_list<'f>(r: &mut Reader<'f>, _: &Context<'_>) -> Result<Command<'f>, WireError> {
    let request = m::SendLocalListRequest::read(r)?;
    let entries = request.local_authorization_list.unwrap_or_default().decode_as(|r| {
        let entry = m::AuthorizationData::read(r)?;
        let info = match &entry.id_tag_info {
            Some(info) => Some(TokenInfo {
                status: convert::status(info.status),
                expiry: info.expiry_date,
                group: match info.parent_id_tag {
                    Some(parent) => Some(id_tag(parent)?),
                    None => None,
                },
            }),
            None => None,
        };
        Ok(ListEntry {
            token: id_tag(entry.id_tag)?,
            info,
        })
    })?;
    Ok(Command::SendLocalList(LocalListUpdate {
        version: request.list_version,
        full: request.update_type == m::UpdateType::Full,
        entries,
    }))
}

fn set_charging_profile<'f>(r: &mut Reader<'f>, context: &Context<'_>) -> Result<Command<'f>, WireError> {
    let payload = *r;
    let request = m::SetChargingProfileRequest::read(r)?;
    let raw = payload.find(&["csChargingProfiles"]).unwrap_or("");
    let place = place(request.connector_id, context);
    if place == Place::Unknown {
        // Errata 3.39.
        return Err(VALUE.within(&"connectorId"));
    }
    Ok(Command::SetChargingProfile {
        place,
        profile: convert::profile(&request.cs_charging_profiles, Reader::new(raw))?,
    })
}
