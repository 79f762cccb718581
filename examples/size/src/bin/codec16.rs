//! The codec of a 1.6 station: every CALL and result of the CSMS read, every CALL and result of the station written.
//!
//! Limit: 34000 bytes

#![no_std]
#![no_main]

use ocpp_core::wire::{Frame, Operation, Reader, Wire, Writer};
use ocpp16::messages::*;
use size::{input, output};

size::run!({
    parse();
    emit();
});

/// Gives `$with` the requests of the CSMS and those of the station.
macro_rules! operations {
    ($with:ident) => {
        $with! {
            [
                CancelReservationRequest CertificateSignedRequest ChangeAvailabilityRequest ChangeConfigurationRequest
                ClearCacheRequest ClearChargingProfileRequest DataTransferRequest DeleteCertificateRequest
                ExtendedTriggerMessageRequest GetCompositeScheduleRequest GetConfigurationRequest
                GetDiagnosticsRequest GetInstalledCertificateIdsRequest GetLocalListVersionRequest GetLogRequest
                InstallCertificateRequest RemoteStartTransactionRequest RemoteStopTransactionRequest
                ReserveNowRequest ResetRequest SendLocalListRequest SetChargingProfileRequest
                SignedUpdateFirmwareRequest TriggerMessageRequest UnlockConnectorRequest UpdateFirmwareRequest
            ]
            [
                AuthorizeRequest BootNotificationRequest DataTransferRequest DiagnosticsStatusNotificationRequest
                FirmwareStatusNotificationRequest HeartbeatRequest LogStatusNotificationRequest MeterValuesRequest
                SecurityEventNotificationRequest SignCertificateRequest SignedFirmwareStatusNotificationRequest
                StartTransactionRequest StatusNotificationRequest StopTransactionRequest
            ]
        }
    };
}

#[inline(never)]
fn parse() {
    let frame = Frame::read(input::<[u8; 4096]>());
    let mut payload = match frame {
        Ok(Frame::Call { payload, .. } | Frame::Result { payload, .. }) => payload,
        _ => Reader::new(""),
    };
    let r = &mut payload;
    macro_rules! read {
        ([$($asked:ident)*] [$($own:ident)*]) => {{
            let mut which = *input::<u32>();
            $(
                if which == 0 {
                    *output() = $asked::read(r);
                }
                which = which.wrapping_sub(1);
            )*
            $(
                if which == 0 {
                    *output() = <$own as Operation>::Response::read(r);
                }
                which = which.wrapping_sub(1);
            )*
        }};
    }
    operations!(read);
    *output() = Frame::end(r);
    *output() = frame;
}

#[inline(never)]
fn emit() {
    let mut writer = Writer::new(output::<[u8; 2048]>());
    let w = &mut writer;
    Frame::open_call(w, input::<&str>(), input::<&str>());
    macro_rules! write {
        ([$($asked:ident)*] [$($own:ident)*]) => {{
            let mut which = *input::<u32>();
            $(
                if which == 0 {
                    input::<<$asked as Operation>::Response>().write(w);
                }
                which = which.wrapping_sub(1);
            )*
            $(
                if which == 0 {
                    input::<$own>().write(w);
                }
                which = which.wrapping_sub(1);
            )*
        }};
    }
    operations!(write);
    Frame::close(w);
    *output() = writer.finish();
}
