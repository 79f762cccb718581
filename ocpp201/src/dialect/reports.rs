//! CALLs of the station: what core reports, as 2.0.1 says it, and what the CSMS answers.

use super::{convert, report_pages};
use crate::messages as m;
use ocpp_core::dialect::{
    Context, DataTransferStatus, MeterReport, Outcome, Report, ReportKind, Share, StatusReport, TransactionReport,
    Written, write_share,
};
use ocpp_core::wire::{CiText, Frame, Operation, Reader, Text, Timestamp, Wire, WireEnum, WireError, Writer};
use ocpp_core::{BootReason, ReadingContext, RecordKind, Registration, Sample, StopReason, Token};

pub(super) fn write(id: &str, report: &Report<'_>, step: u32, context: &Context<'_>, w: &mut Writer<'_>) -> Written {
    match report {
        Report::Boot(reason) => call(id, &boot(*reason, context), w),
        Report::Heartbeat => call(id, &m::HeartbeatRequest { custom_data: None }, w),
        Report::Status(status) => match status_notification(status) {
            Some(request) => call(id, &request, w),
            None => Written::NothingToSay,
        },
        Report::Transaction(report) => transaction_event(id, report, w),
        Report::Settings { request, at } => report_pages::write(id, request, step, *at, context, w),
        Report::Authorize(token) => {
            Frame::open_call(w, id, m::AuthorizeRequest::ACTION);
            w.begin_object();
            w.key("idToken");
            id_token(token, w);
            w.end_object();
            Frame::close(w);
            Written::Done
        }
        Report::Meter(report) => meter_values(id, report, w),
        Report::DataTransfer { vendor, message, data } => data_transfer(id, vendor, *message, *data, w),
        Report::Security { event, at, info } => {
            let request = m::SecurityEventNotificationRequest {
                kind: Text::cut(event.as_str()),
                timestamp: *at,
                tech_info: (!info.is_empty()).then(|| Text::cut(info)),
                custom_data: None,
            };
            call(id, &request, w)
        }
        _ => Written::NothingToSay,
    }
}

pub(super) fn read_result(kind: ReportKind, r: &mut Reader<'_>) -> Result<Outcome, WireError> {
    Ok(match kind {
        ReportKind::Boot => {
            let response = m::BootNotificationResponse::read(r)?;
            let status = response
                .status
                .known()
                .and_then(|status| convert::same(status.as_str()));
            Outcome::Boot {
                status: status.unwrap_or(Registration::Rejected),
                time: response.current_time,
                interval: u32::try_from(response.interval).unwrap_or(0),
            }
        }
        ReportKind::Heartbeat => Outcome::Heartbeat {
            time: m::HeartbeatResponse::read(r)?.current_time,
        },
        ReportKind::Authorize => {
            let response = m::AuthorizeResponse::read(r)?;
            Outcome::Authorize(convert::token_info(&response.id_token_info))
        }
        ReportKind::DataTransfer => {
            let status = m::DataTransferResponse::read(r)?.status;
            let status = status.known().and_then(|status| convert::same(status.as_str()));
            Outcome::DataTransfer(status.unwrap_or(DataTransferStatus::Rejected))
        }
        ReportKind::Transaction(_) => {
            let response = m::TransactionEventResponse::read(r)?;
            Outcome::Transaction {
                reference: None,
                info: response.id_token_info.as_ref().map(convert::token_info),
            }
        }
        _ => {
            r.object(&[], &mut |_, _| Ok(()))?;
            Outcome::Taken
        }
    })
}

fn call<'a, R: Operation<'a>>(id: &str, request: &R, w: &mut Writer<'_>) -> Written {
    Frame::write_call(w, id, request);
    Written::Done
}

fn boot<'c>(reason: BootReason, context: &Context<'c>) -> m::BootNotificationRequest<'c> {
    let identity = context.identity;
    let modem = m::Modem {
        iccid: identity.iccid.map(CiText::cut),
        imsi: identity.imsi.map(CiText::cut),
    };
    m::BootNotificationRequest {
        reason: convert::same(reason.as_str()).unwrap_or(m::BootReason::Unknown),
        charging_station: m::ChargingStation {
            vendor_name: Text::cut(identity.vendor),
            model: Text::cut(identity.model),
            serial_number: identity.serial.map(Text::cut),
            firmware_version: identity.firmware.map(Text::cut),
            modem: (modem.iccid.is_some() || modem.imsi.is_some()).then_some(modem),
        },
        custom_data: None,
    }
}

/// 2.0.1 tells no status of the station itself, and none before the time is known.
fn status_notification(report: &StatusReport<'_>) -> Option<m::StatusNotificationRequest<'static>> {
    let connector = report.connector?;
    Some(m::StatusNotificationRequest {
        timestamp: report.at?,
        connector_status: convert::connector_status(report.status),
        evse_id: connector.evse.0.into(),
        connector_id: connector.connector.into(),
        custom_data: None,
    })
}

/// J01: one EVSE, or with evseId 0 the main meter.
fn meter_values(id: &str, report: &MeterReport<'_>, w: &mut Writer<'_>) -> Written {
    let begin = w.mark();
    Frame::open_call(w, id, m::MeterValuesRequest::ACTION);
    w.begin_object();
    w.key("evseId");
    w.integer(report.evse.map_or(0, |evse| evse.0.into()));
    let mut open = false;
    meter_value(
        report.at,
        report.context,
        &mut report.samples.iter().copied(),
        &mut open,
        w,
    );
    if !open {
        w.rewind(begin);
        return Written::NothingToSay;
    }
    w.end_array();
    w.end_object();
    Frame::close(w);
    Written::Done
}

/// The application's text goes out as a JSON string (P02).
fn data_transfer(id: &str, vendor: &str, message: Option<&str>, data: Option<&str>, w: &mut Writer<'_>) -> Written {
    Frame::open_call(w, id, m::DataTransferRequest::ACTION);
    w.begin_object();
    w.key("vendorId");
    CiText::<255>::cut(vendor).write(w);
    if let Some(message) = message {
        w.key("messageId");
        Text::<50>::cut(message).write(w);
    }
    if let Some(data) = data {
        w.key("data");
        w.str(data);
    }
    w.end_object();
    Frame::close(w);
    Written::Done
}

fn transaction_event(id: &str, report: &TransactionReport<'_>, w: &mut Writer<'_>) -> Written {
    write_share(&report.record.samples, w, &mut |share, w| event(id, report, share, w));
    Written::Done
}

fn event(id: &str, report: &TransactionReport<'_>, share: Share, w: &mut Writer<'_>) {
    let record = report.record;
    Frame::open_call(w, id, m::TransactionEventRequest::ACTION);
    w.begin_object();
    w.key("eventType");
    match record.kind {
        RecordKind::Start => m::TransactionEvent::Started,
        RecordKind::Update => m::TransactionEvent::Updated,
        RecordKind::End => m::TransactionEvent::Ended,
    }
    .write(w);
    w.key("timestamp");
    report.at.write(w);
    w.key("triggerReason");
    record.trigger.write(w);
    w.key("seqNo");
    w.integer(report.seq_no.into());
    if report.offline {
        w.key("offline");
        w.bool(true);
    }
    w.key("transactionInfo");
    transaction_info(report, w);
    // With the first event, and with the first one after the EV is connected (E01.FR.16).
    if record.kind == RecordKind::Start || record.first_plugged {
        w.key("evse");
        let connector = record.connector.connector;
        m::Evse {
            id: record.connector.evse.0.into(),
            connector_id: (connector != 0).then_some(connector.into()),
        }
        .write(w);
    }
    if let Some(token) = &record.token {
        w.key("idToken");
        id_token(token, w);
    }
    let mut open = false;
    // The second set of a start is for its end.
    let sets = if record.kind == RecordKind::Start {
        1
    } else {
        usize::MAX
    };
    for set in share.sets(&record.samples).take(sets) {
        meter_value(report.time_of(&set), set.context, &mut share.values(&set), &mut open, w);
    }
    if open {
        w.end_array();
    }
    w.end_object();
    Frame::close(w);
}

fn transaction_info(report: &TransactionReport<'_>, w: &mut Writer<'_>) {
    let record = report.record;
    w.begin_object();
    w.key("transactionId");
    w.str(report.id.write_to(&mut [0; 36]));
    w.key("chargingState");
    record.charging.write(w);
    if let Some(reason) = record.stop {
        w.key("stoppedReason");
        match reason {
            StopReason::HardReset | StopReason::SoftReset => StopReason::ImmediateReset,
            // Unlocking ends no transaction in 2.0.1 (F05).
            StopReason::UnlockCommand => StopReason::Other,
            other => other,
        }
        .write(w);
    }
    if let Some(remote_start_id) = record.remote_start_id {
        w.key("remoteStartId");
        w.integer(remote_start_id.into());
    }
    w.end_object();
}

fn id_token(token: &Token, w: &mut Writer<'_>) {
    w.begin_object();
    w.key("idToken");
    w.str(token.as_str());
    w.key("type");
    token.kind().write(w);
    w.end_object();
}

/// The values of one moment; what 2.0.1 has no name for is left out, and the list opened only if something is left.
fn meter_value(
    at: Timestamp,
    context: ReadingContext,
    samples: &mut dyn Iterator<Item = Sample>,
    open: &mut bool,
    w: &mut Writer<'_>,
) {
    let mut empty = true;
    for sample in samples {
        if convert::same::<m::Measurand>(sample.measurand.as_str()).is_none() {
            continue;
        }
        if !*open {
            w.key("meterValue");
            w.begin_array();
            *open = true;
        }
        if empty {
            w.begin_object();
            w.key("timestamp");
            at.write(w);
            w.key("sampledValue");
            w.begin_array();
            empty = false;
        }
        w.begin_object();
        w.key("value");
        sample.value().write(w);
        w.key("context");
        context.write(w);
        w.key("measurand");
        sample.measurand.write(w);
        if let Some(phase) = sample.phase {
            w.key("phase");
            phase.write(w);
        }
        if let Some(location) = sample.location {
            w.key("location");
            location.write(w);
        }
        let unit = sample.measurand.unit();
        if !unit.is_empty() {
            w.key("unitOfMeasure");
            w.begin_object();
            w.key("unit");
            w.raw_name(unit);
            w.end_object();
        }
        w.end_object();
    }
    if !empty {
        w.end_array();
        w.end_object();
    }
}
