//! CALLs of the charge point: what core reports, as 1.6 says it, and what the Central System answers.

use super::convert::{self, to_id_tag};
use crate::messages as m;
use ocpp_core::dialect::{
    Context, DataTransferStatus, MeterReport, Outcome, Report, ReportKind, Share, StatusReport, TransactionReport,
    Written, write_share,
};
use ocpp_core::wire::{CiText, Frame, Operation, Reader, Text, Timestamp, Wire, WireEnum, WireError, Writer};
use ocpp_core::{ConnectorId, ReadingContext, RecordKind, Registration, Sample};

/// The transaction id of a transaction whose start the Central System never acknowledged (errata 3.18).
const NEVER_STARTED: i64 = -1;

pub(super) fn write(id: &str, report: &Report<'_>, context: &Context<'_>, w: &mut Writer<'_>) -> Written {
    match report {
        Report::Boot(_) => call(id, &boot(context), w),
        Report::Heartbeat => call(id, &m::HeartbeatRequest {}, w),
        Report::Authorize(token) => call(
            id,
            &m::AuthorizeRequest {
                id_tag: to_id_tag(token),
            },
            w,
        ),
        Report::Status(status) => status_notification(id, status, context, w),
        Report::Transaction(report) => transaction(id, report, context, w),
        Report::Meter(report) => meter(id, report, context, w),
        Report::DataTransfer { vendor, message, data } => call(
            id,
            &m::DataTransferRequest {
                vendor_id: CiText::cut(vendor),
                message_id: message.map(CiText::cut),
                data: data.map(Text::cut),
            },
            w,
        ),
        // 1.6 tells settings in replies only.
        _ => Written::NothingToSay,
    }
}

pub(super) fn read_result(kind: ReportKind, r: &mut Reader<'_>) -> Result<Outcome, WireError> {
    Ok(match kind {
        ReportKind::Boot => {
            let response = m::BootNotificationResponse::read(r)?;
            Outcome::Boot {
                status: match response.status.known() {
                    Some(m::RegistrationStatus::Accepted) => Registration::Accepted,
                    Some(m::RegistrationStatus::Pending) => Registration::Pending,
                    _ => Registration::Rejected,
                },
                time: response.current_time,
                interval: u32::try_from(response.interval).unwrap_or(0),
            }
        }
        ReportKind::Heartbeat => Outcome::Heartbeat {
            time: m::HeartbeatResponse::read(r)?.current_time,
        },
        ReportKind::Authorize => {
            let response = m::AuthorizeResponse::read(r)?;
            Outcome::Authorize(convert::token_info(&response.id_tag_info))
        }
        ReportKind::Transaction(RecordKind::Start) => {
            let response = m::StartTransactionResponse::read(r)?;
            Outcome::Transaction {
                reference: Some(response.transaction_id),
                info: Some(convert::token_info(&response.id_tag_info)),
            }
        }
        ReportKind::Transaction(RecordKind::End) => {
            let response = m::StopTransactionResponse::read(r)?;
            Outcome::Transaction {
                reference: None,
                info: response.id_tag_info.as_ref().map(convert::token_info),
            }
        }
        ReportKind::DataTransfer => {
            let response = m::DataTransferResponse::read(r)?;
            Outcome::DataTransfer(match response.status.known() {
                Some(m::DataTransferStatus::Accepted) => DataTransferStatus::Accepted,
                Some(m::DataTransferStatus::UnknownMessageId) => DataTransferStatus::UnknownMessageId,
                Some(m::DataTransferStatus::UnknownVendorId) => DataTransferStatus::UnknownVendorId,
                _ => DataTransferStatus::Rejected,
            })
        }
        // The other responses are empty.
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

fn boot<'c>(context: &Context<'c>) -> m::BootNotificationRequest<'c> {
    let identity = context.identity;
    m::BootNotificationRequest {
        charge_point_vendor: CiText::cut(identity.vendor),
        charge_point_model: CiText::cut(identity.model),
        charge_point_serial_number: identity.serial.map(CiText::cut),
        charge_box_serial_number: None,
        firmware_version: identity.firmware.map(CiText::cut),
        iccid: identity.iccid.map(CiText::cut),
        imsi: identity.imsi.map(CiText::cut),
        meter_type: identity.meter_type.map(CiText::cut),
        meter_serial_number: identity.meter_serial.map(CiText::cut),
    }
}

fn connector_id(connector: Option<ConnectorId>, context: &Context<'_>) -> i32 {
    connector
        .and_then(|connector| context.topology.flat(connector))
        .map_or(0, i32::from)
}

/// Core's names of states and faults are those of 1.6, so that its tables need not be kept twice.
fn status_notification(id: &str, report: &StatusReport<'_>, context: &Context<'_>, w: &mut Writer<'_>) -> Written {
    Frame::open_call(w, id, m::StatusNotificationRequest::ACTION);
    w.begin_object();
    w.key("connectorId");
    w.integer(connector_id(report.connector, context).into());
    w.key("errorCode");
    w.raw_name(report.fault.map_or("NoError", WireEnum::as_str));
    if !report.info.is_empty() {
        w.key("info");
        CiText::<50>::cut(report.info).write(w);
    }
    w.key("status");
    report.status.write(w);
    if let Some(at) = report.at {
        w.key("timestamp");
        at.write(w);
    }
    if !report.vendor_code.is_empty() {
        w.key("vendorErrorCode");
        CiText::<50>::cut(report.vendor_code).write(w);
    }
    w.end_object();
    Frame::close(w);
    Written::Done
}

fn transaction(id: &str, report: &TransactionReport<'_>, context: &Context<'_>, w: &mut Writer<'_>) -> Written {
    let record = report.record;
    // As long as no cable says which connector, it is the first one.
    let connector = ConnectorId {
        connector: record.connector.connector.max(1),
        ..record.connector
    };
    let connector_id = connector_id(Some(connector), context);
    match (record.kind, &record.token) {
        (RecordKind::Start | RecordKind::Update, Some(token)) if !report.start_told => call(
            id,
            &m::StartTransactionRequest {
                connector_id,
                id_tag: to_id_tag(token),
                meter_start: watt_hours(record.energy_wh),
                reservation_id: None,
                timestamp: report.at,
            },
            w,
        ),
        // What nobody was authorized for is no transaction of 1.6.
        _ if !report.start_told => Written::NothingToSay,
        (RecordKind::Start, _) => Written::NothingToSay,
        (RecordKind::Update, _) if record.samples.is_empty() => Written::NothingToSay,
        (RecordKind::Update, _) => {
            write_share(&record.samples, w, &mut |share, w| {
                open_meter_values(id, connector_id, Some(report.reference.unwrap_or(NEVER_STARTED)), w);
                sets(report, share, w);
                close_meter_values(w);
            });
            Written::Done
        }
        (RecordKind::End, _) => {
            write_share(&record.samples, w, &mut |share, w| stop(id, report, share, w));
            Written::Done
        }
    }
}

fn stop(id: &str, report: &TransactionReport<'_>, share: Share, w: &mut Writer<'_>) {
    let record = report.record;
    Frame::open_call(w, id, m::StopTransactionRequest::ACTION);
    w.begin_object();
    if let Some(token) = &record.token {
        w.key("idTag");
        to_id_tag(token).write(w);
    }
    w.key("meterStop");
    w.integer(watt_hours(record.energy_wh).into());
    w.key("timestamp");
    report.at.write(w);
    w.key("transactionId");
    w.integer(report.reference.unwrap_or(NEVER_STARTED));
    if let Some(reason) = record.stop {
        w.key("reason");
        convert::reason(reason).write(w);
    }
    if !record.samples.is_empty() {
        w.key("transactionData");
        w.begin_array();
        sets(report, share, w);
        w.end_array();
    }
    w.end_object();
    Frame::close(w);
}

fn sets(report: &TransactionReport<'_>, share: Share, w: &mut Writer<'_>) {
    for set in share.sets(&report.record.samples) {
        meter_value(report.time_of(&set), set.context, &mut share.values(&set), w);
    }
}

fn meter(id: &str, report: &MeterReport<'_>, context: &Context<'_>, w: &mut Writer<'_>) -> Written {
    if report.samples.is_empty() {
        return Written::NothingToSay;
    }
    open_meter_values(id, connector_id(report.connector, context), report.reference, w);
    meter_value(report.at, report.context, &mut report.samples.iter().copied(), w);
    close_meter_values(w);
    Written::Done
}

fn open_meter_values(id: &str, connector_id: i32, transaction_id: Option<i64>, w: &mut Writer<'_>) {
    Frame::open_call(w, id, m::MeterValuesRequest::ACTION);
    w.begin_object();
    w.key("connectorId");
    w.integer(connector_id.into());
    if let Some(transaction_id) = transaction_id {
        w.key("transactionId");
        w.integer(transaction_id);
    }
    w.key("meterValue");
    w.begin_array();
}

fn close_meter_values(w: &mut Writer<'_>) {
    w.end_array();
    w.end_object();
    Frame::close(w);
}

fn meter_value(at: Timestamp, context: ReadingContext, samples: &mut dyn Iterator<Item = Sample>, w: &mut Writer<'_>) {
    w.begin_object();
    w.key("timestamp");
    at.write(w);
    w.key("sampledValue");
    w.begin_array();
    for sample in samples {
        w.begin_object();
        w.key("value");
        w.quoted(|p| {
            p.decimal(sample.value());
        });
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
            w.key("unit");
            w.raw_name(unit);
        }
        w.end_object();
    }
    w.end_array();
    w.end_object();
}

/// 1.6 has 32 bits for the register.
#[inline(never)]
fn watt_hours(energy_wh: i64) -> i32 {
    i32::try_from(energy_wh).unwrap_or(if energy_wh < 0 { i32::MIN } else { i32::MAX })
}
