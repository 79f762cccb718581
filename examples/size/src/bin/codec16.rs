//! The codec of a 1.6 station: every CALL and result of the CSMS read, every CALL and result of the station written.
//!
//! Limit: 34000 bytes

#![no_std]
#![no_main]

use core::hint::black_box;
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
    black_box(&frame);
    if let Ok(Frame::Call { payload, .. } | Frame::Result { payload, .. }) = frame {
        let mut r = payload;
        read(&mut r);
        black_box(&Frame::end(&mut r));
    }
}

#[inline(never)]
fn emit() {
    let mut w = Writer::new(output::<[u8; 2048]>());
    Frame::open_call(&mut w, input::<&str>(), input::<&str>());
    write(&mut w);
    Frame::close(&mut w);
    black_box(&w.finish());
}

fn read(r: &mut Reader<'_>) {
    let mut which = *input::<u32>();
    macro_rules! one_of {
        ([$($asked:ident)*] [$($own:ident)*]) => {
            $(
                if which == 0 {
                    return in_place::<$asked>(r);
                }
                which = which.wrapping_sub(1);
            )*
            $(
                if which == 0 {
                    return in_place::<<$own as Operation>::Response>(r);
                }
                which = which.wrapping_sub(1);
            )*
        };
    }
    operations!(one_of);
}

fn in_place<'f, T: Wire<'f>>(r: &mut Reader<'f>) {
    let mut value = T::EMPTY;
    let _ = black_box(value.fill(r));
    black_box(&value);
}

fn write(w: &mut Writer<'_>) {
    let mut which = *input::<u32>();
    macro_rules! one_of {
        ([$($asked:ident)*] [$($own:ident)*]) => {
            $(
                if which == 0 {
                    return input::<<$asked as Operation>::Response>().write(w);
                }
                which = which.wrapping_sub(1);
            )*
            $(
                if which == 0 {
                    return input::<$own>().write(w);
                }
                which = which.wrapping_sub(1);
            )*
        };
    }
    operations!(one_of);
}
