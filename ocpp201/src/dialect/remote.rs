//! Blocks E, F and G from the CSMS: the state of transactions (E14), remote start and stop (F01–F03), unlocking (F05),
//! triggers (F06) and availability (G03, G04).

use super::calls::{answer, status_of};
use super::convert::{self, evse_place, id_token};
use crate::messages as m;
use ocpp_core::Place;
use ocpp_core::dialect::{Command, Context, RemoteStart, Reply, Status, TransactionRef, TriggeredMessage};
use ocpp_core::wire::{CiText, Reader, Wire, WireError, Writer};

pub(super) fn change_availability<'f>(r: &mut Reader<'f>, context: &Context<'_>) -> Result<Command<'f>, WireError> {
    let request = m::ChangeAvailabilityRequest::read(r)?;
    Ok(Command::ChangeAvailability {
        place: convert::place(request.evse, context),
        operative: request.operational_status == m::OperationalStatus::Operative,
    })
}

pub(super) fn change_availability_reply(_: Reader<'_>, reply: &Reply<'_>, _: &Context<'_>, w: &mut Writer<'_>) {
    let status = match status_of(reply) {
        Status::Accepted => m::ChangeAvailabilityStatus::Accepted,
        Status::Scheduled => m::ChangeAvailabilityStatus::Scheduled,
        _ => m::ChangeAvailabilityStatus::Rejected,
    };
    answer(status, None, w);
}

pub(super) fn request_start<'f>(r: &mut Reader<'f>, context: &Context<'_>) -> Result<Command<'f>, WireError> {
    let request = m::RequestStartTransactionRequest::read(r)?;
    let profile = request.charging_profile.as_ref().map(convert::profile).transpose()?;
    Ok(Command::RemoteStart(RemoteStart {
        token: id_token(&request.id_token).map_err(|error| error.within(&"idToken"))?,
        group: match &request.group_id_token {
            Some(group) => Some(id_token(group).map_err(|error| error.within(&"groupIdToken"))?),
            None => None,
        },
        place: request.evse_id.map_or(Place::Station, |evse| evse_place(evse, context)),
        remote_start_id: Some(request.remote_start_id),
        profile,
    }))
}

pub(super) fn request_start_reply(_: Reader<'_>, reply: &Reply<'_>, _: &Context<'_>, w: &mut Writer<'_>) {
    let (accepted, transaction) = match *reply {
        Reply::RemoteStart { accepted, transaction } => (accepted, transaction),
        _ => (false, None),
    };
    let mut buffer = [0; 36];
    m::RequestStartTransactionResponse {
        status: start_stop(accepted),
        transaction_id: transaction.map(|id| CiText::cut(id.write_to(&mut buffer))),
        status_info: None,
        custom_data: None,
    }
    .write(w);
}

pub(super) fn request_stop<'f>(r: &mut Reader<'f>, _: &Context<'_>) -> Result<Command<'f>, WireError> {
    let request = m::RequestStopTransactionRequest::read(r)?;
    Ok(Command::RemoteStop(TransactionRef::Id(
        request.transaction_id.as_text(),
    )))
}

pub(super) fn request_stop_reply(_: Reader<'_>, reply: &Reply<'_>, _: &Context<'_>, w: &mut Writer<'_>) {
    let accepted = status_of(reply) == Status::Accepted;
    answer(start_stop(accepted), (!accepted).then_some("TxNotFound"), w);
}

const fn start_stop(accepted: bool) -> m::RequestStartStopStatus {
    if accepted {
        m::RequestStartStopStatus::Accepted
    } else {
        m::RequestStartStopStatus::Rejected
    }
}

pub(super) fn unlock_connector<'f>(r: &mut Reader<'f>, context: &Context<'_>) -> Result<Command<'f>, WireError> {
    let request = m::UnlockConnectorRequest::read(r)?;
    let evse = m::Evse {
        id: request.evse_id,
        connector_id: Some(request.connector_id),
    };
    Ok(Command::Unlock(convert::place(Some(evse), context)))
}

pub(super) fn unlock_connector_reply(_: Reader<'_>, reply: &Reply<'_>, _: &Context<'_>, w: &mut Writer<'_>) {
    let status = match status_of(reply) {
        Status::Unlocked => m::UnlockStatus::Unlocked,
        Status::OngoingTransaction => m::UnlockStatus::OngoingAuthorizedTransaction,
        Status::UnknownConnector => m::UnlockStatus::UnknownConnector,
        _ => m::UnlockStatus::UnlockFailed,
    };
    answer(status, None, w);
}

pub(super) fn trigger<'f>(r: &mut Reader<'f>, context: &Context<'_>) -> Result<Command<'f>, WireError> {
    let request = m::TriggerMessageRequest::read(r)?;
    let message = match request.requested_message {
        m::MessageTrigger::BootNotification => TriggeredMessage::Boot,
        m::MessageTrigger::Heartbeat => TriggeredMessage::Heartbeat,
        m::MessageTrigger::MeterValues => TriggeredMessage::MeterValues,
        m::MessageTrigger::StatusNotification => TriggeredMessage::Status,
        m::MessageTrigger::TransactionEvent => TriggeredMessage::Transaction,
        _ => TriggeredMessage::Unsupported,
    };
    Ok(Command::Trigger {
        message,
        place: convert::place(request.evse, context),
    })
}

pub(super) fn trigger_reply(_: Reader<'_>, reply: &Reply<'_>, _: &Context<'_>, w: &mut Writer<'_>) {
    let status = match status_of(reply) {
        Status::Accepted => m::TriggerMessageStatus::Accepted,
        Status::NotImplemented => m::TriggerMessageStatus::NotImplemented,
        _ => m::TriggerMessageStatus::Rejected,
    };
    answer(status, None, w);
}

pub(super) fn transaction_status<'f>(r: &mut Reader<'f>, _: &Context<'_>) -> Result<Command<'f>, WireError> {
    let request = m::GetTransactionStatusRequest::read(r)?;
    let named = request.transaction_id.map(|id| TransactionRef::Id(id.as_text()));
    Ok(Command::TransactionStatus(named))
}

pub(super) fn transaction_status_reply(_: Reader<'_>, reply: &Reply<'_>, _: &Context<'_>, w: &mut Writer<'_>) {
    let (ongoing, queued) = match *reply {
        Reply::TransactionStatus { ongoing, queued } => (ongoing, queued),
        _ => (None, false),
    };
    m::GetTransactionStatusResponse {
        ongoing_indicator: ongoing,
        messages_in_queue: queued,
        custom_data: None,
    }
    .write(w);
}
