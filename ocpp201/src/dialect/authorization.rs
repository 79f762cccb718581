//! Blocks C and D from the CSMS: the cache (C11) and the local list (D01, D02).

use super::calls::{answer, status_of};
use super::convert::{self, id_token};
use crate::messages as m;
use ocpp_core::dialect::{Call, Command, Context, ListEntry, LocalListUpdate, Reply, Status};
use ocpp_core::wire::{Operation, Reader, Wire, WireError, Writer};

/// The local list (D01, D02).
pub const LOCAL_LIST: &[Call] = &[
    Call {
        action: m::GetLocalListVersionRequest::ACTION,
        read: |r, _| m::GetLocalListVersionRequest::read(r).map(|_| Command::ListVersion),
        reply: |_, reply, _, w| {
            m::GetLocalListVersionResponse {
                version_number: match *reply {
                    Reply::ListVersion(version) => version.max(0),
                    _ => 0,
                },
                custom_data: None,
            }
            .write(w);
        },
    },
    Call {
        action: m::SendLocalListRequest::ACTION,
        read: send_local_list,
        reply: send_local_list_reply,
    },
];

pub(super) fn clear_cache_reply(_: Reader<'_>, reply: &Reply<'_>, _: &Context<'_>, w: &mut Writer<'_>) {
    let status = match status_of(reply) {
        Status::Accepted => m::ClearCacheStatus::Accepted,
        _ => m::ClearCacheStatus::Rejected,
    };
    answer(status, None, w);
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

fn send_local_list_reply(_: Reader<'_>, reply: &Reply<'_>, _: &Context<'_>, w: &mut Writer<'_>) {
    let (status, why) = match status_of(reply) {
        Status::Accepted => (m::SendLocalListStatus::Accepted, None),
        Status::VersionMismatch => (m::SendLocalListStatus::VersionMismatch, None),
        Status::NotSupported => (m::SendLocalListStatus::Failed, Some("NotEnabled")),
        _ => (m::SendLocalListStatus::Failed, None),
    };
    answer(status, why, w);
}
