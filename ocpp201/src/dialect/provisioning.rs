//! Blocks B and P from the CSMS: network profiles (B09), restarting (B11, B12) and what a vendor adds (P01); and what belongs to blocks that are
//! not built.

use super::calls::{answer, status_of};
use super::convert;
use crate::messages as m;
use ocpp_core::dialect::{
    Command, Context, DataTransferStatus, NetworkProfile, NetworkProfileStatus, Reply, ResetKind, Status,
};
use ocpp_core::wire::{Reader, Wire, WireEnum, WireError, Writer};
use ocpp_core::{EvseId, Place};

/// Mobile access points and virtual private networks are the application's to set up: a profile that needs one is not
/// supported.
pub(super) fn set_network_profile<'f>(r: &mut Reader<'f>, context: &Context<'_>) -> Result<Command<'f>, WireError> {
    let request = m::SetNetworkProfileRequest::read(r)?;
    let data = request.connection_data;
    let interfaces = context.device.network_interfaces;
    let reachable = interfaces.is_empty() || interfaces.contains(&data.ocpp_interface.as_str());
    let spoken = data.ocpp_version == m::OcppVersion::Ocpp20 && data.ocpp_transport == m::OcppTransport::Json;
    Ok(Command::SetNetworkProfile {
        slot: request.configuration_slot,
        profile: NetworkProfile {
            supported: spoken && reachable && data.apn.is_none() && data.vpn.is_none(),
            url: data.ocpp_csms_url.as_text(),
            message_timeout: data.message_timeout,
            security_profile: data.security_profile,
        },
    })
}

/// B09.FR.01–FR.05, FR.31.
pub(super) fn set_network_profile_reply(_: Reader<'_>, reply: &Reply<'_>, _: &Context<'_>, w: &mut Writer<'_>) {
    let status = match *reply {
        Reply::NetworkProfile(status) => status,
        _ => NetworkProfileStatus::NotStored,
    };
    let why = match status {
        NetworkProfileStatus::Stored => return answer(m::SetNetworkProfileStatus::Accepted, None, w),
        NetworkProfileStatus::NotStored => return answer(m::SetNetworkProfileStatus::Failed, None, w),
        NetworkProfileStatus::NoSuchSlot | NetworkProfileStatus::OutOfRange => "ValueOutOfRange",
        NetworkProfileStatus::Unsupported => "UnsupportedParam",
        NetworkProfileStatus::InvalidUrl => "InvalidURL",
        NetworkProfileStatus::Downgrade => "NoSecurityDowngrade",
    };
    answer(m::SetNetworkProfileStatus::Rejected, Some(why), w);
}

/// One EVSE alone, or the station.
pub(super) fn reset<'f>(r: &mut Reader<'f>, _: &Context<'_>) -> Result<Command<'f>, WireError> {
    let request = m::ResetRequest::read(r)?;
    Ok(Command::Reset {
        kind: match request.kind {
            m::ResetType::Immediate => ResetKind::Immediate,
            m::ResetType::OnIdle => ResetKind::OnIdle,
        },
        place: match request.evse_id.map(u8::try_from) {
            None => Place::Station,
            Some(Ok(evse)) => Place::Evse(EvseId(evse)),
            Some(Err(_)) => Place::Unknown,
        },
    })
}

pub(super) fn reset_reply(payload: Reader<'_>, reply: &Reply<'_>, _: &Context<'_>, w: &mut Writer<'_>) {
    let status = match status_of(reply) {
        Status::Accepted => m::ResetStatus::Accepted,
        Status::Scheduled => m::ResetStatus::Scheduled,
        _ => m::ResetStatus::Rejected,
    };
    let for_evse = status == m::ResetStatus::Rejected && payload.find(&["evseId"]).is_some();
    answer(status, for_evse.then_some("UnsupportedParam"), w);
}

pub(super) fn data_transfer<'f>(r: &mut Reader<'f>, _: &Context<'_>) -> Result<Command<'f>, WireError> {
    let request = m::DataTransferRequest::read(r)?;
    Ok(Command::DataTransfer {
        vendor: request.vendor_id.as_text(),
        message: request.message_id.map(|message| message.as_text()),
        data: request.data,
    })
}

/// The application's text goes out as a JSON string.
pub(super) fn data_transfer_reply(_: Reader<'_>, reply: &Reply<'_>, _: &Context<'_>, w: &mut Writer<'_>) {
    let (status, data) = match *reply {
        Reply::DataTransfer { status, data } => (status, data),
        _ => (DataTransferStatus::Rejected, None),
    };
    w.begin_object();
    w.key("status");
    convert::same(status.as_str())
        .unwrap_or(m::DataTransferStatus::Rejected)
        .write(w);
    if let Some(data) = data {
        w.key("data");
        w.str(data);
    }
    w.end_object();
}

/// No log can be sent anywhere.
pub(super) fn get_log_reply(_: Reader<'_>, _: &Reply<'_>, _: &Context<'_>, w: &mut Writer<'_>) {
    answer(m::LogStatus::Rejected, Some("UnsupportedRequest"), w);
}

/// No firmware can be fetched.
pub(super) fn update_firmware_reply(_: Reader<'_>, _: &Reply<'_>, _: &Context<'_>, w: &mut Writer<'_>) {
    answer(m::UpdateFirmwareStatus::Rejected, Some("UnsupportedRequest"), w);
}
