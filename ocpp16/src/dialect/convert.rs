//! Between 1.6's types and core's.

use crate::messages as m;
use ocpp_core::dialect::{
    Context, Period, Profile, ProfileKind, ProfilePurpose, RateUnit, Recurrency, Schedule, TransactionRef,
};
use ocpp_core::wire::{ErrorKind, List, Reader, SecretText, Wire, WireError};
use ocpp_core::{AuthorizationStatus, Place, StopReason, Token, TokenInfo, TokenKind};

/// 1.6 numbers all connectors of the station in EVSE order; 0 is the station.
pub(super) fn place(connector_id: i32, context: &Context<'_>) -> Place {
    if connector_id == 0 {
        return Place::Station;
    }
    context
        .topology
        .from_flat(connector_id)
        .map_or(Place::Unknown, Place::Connector)
}

pub(super) fn id_tag(text: SecretText<'_, 20>) -> Result<Token, WireError> {
    // Twenty characters outside of ASCII may be longer than a token can be.
    Token::from_text(text.as_text(), TokenKind::Iso14443).ok_or(WireError::new(ErrorKind::Value))
}

/// The text of a token as an id tag: what 1.6 has no room for is cut off.
pub(super) fn to_id_tag(token: &Token) -> SecretText<'_, 20> {
    SecretText::cut(token.as_str())
}

pub(super) fn token_info(info: &m::IdTagInfo<'_>) -> TokenInfo {
    // A status that nobody knows yet does not let anybody charge.
    let status = info.status.known().map_or(AuthorizationStatus::Invalid, status);
    TokenInfo {
        status,
        expiry: info.expiry_date,
        group: info.parent_id_tag.and_then(|parent| id_tag(parent).ok()),
    }
}

pub(super) fn status(status: m::AuthorizationStatus) -> AuthorizationStatus {
    match status {
        m::AuthorizationStatus::Accepted => AuthorizationStatus::Accepted,
        m::AuthorizationStatus::Blocked => AuthorizationStatus::Blocked,
        m::AuthorizationStatus::Expired => AuthorizationStatus::Expired,
        m::AuthorizationStatus::ConcurrentTx => AuthorizationStatus::ConcurrentTx,
        m::AuthorizationStatus::Invalid => AuthorizationStatus::Invalid,
    }
}

/// 1.6's reason for an end; where it has none of its own, `Other`.
pub(super) fn reason(reason: StopReason) -> m::Reason {
    match reason {
        StopReason::Local => m::Reason::Local,
        StopReason::DeAuthorized => m::Reason::DeAuthorized,
        StopReason::EmergencyStop => m::Reason::EmergencyStop,
        StopReason::EvDisconnected => m::Reason::EvDisconnected,
        StopReason::HardReset | StopReason::ImmediateReset => m::Reason::HardReset,
        StopReason::SoftReset => m::Reason::SoftReset,
        StopReason::PowerLoss => m::Reason::PowerLoss,
        StopReason::Reboot => m::Reason::Reboot,
        StopReason::Remote => m::Reason::Remote,
        StopReason::UnlockCommand => m::Reason::UnlockCommand,
        _ => m::Reason::Other,
    }
}

/// A profile that was read as `profile` out of the object that begins at `raw`.
pub(super) fn profile<'f>(profile: &m::ChargingProfile<'f>, raw: Reader<'f>) -> Result<Profile<'f>, WireError> {
    let schedule = raw.find(&["chargingSchedule"]).unwrap_or("");
    Ok(Profile {
        id: profile.charging_profile_id,
        stack_level: profile.stack_level,
        purpose: match profile.charging_profile_purpose {
            m::ChargingProfilePurpose::ChargePointMaxProfile => ProfilePurpose::StationMax,
            m::ChargingProfilePurpose::TxDefaultProfile => ProfilePurpose::TxDefault,
            m::ChargingProfilePurpose::TxProfile => ProfilePurpose::Tx,
        },
        kind: match profile.charging_profile_kind {
            m::ChargingProfileKind::Absolute => ProfileKind::Absolute,
            m::ChargingProfileKind::Recurring => ProfileKind::Recurring,
            m::ChargingProfileKind::Relative => ProfileKind::Relative,
        },
        recurrency: profile.recurrency_kind.map(|kind| match kind {
            m::RecurrencyKind::Daily => Recurrency::Daily,
            m::RecurrencyKind::Weekly => Recurrency::Weekly,
        }),
        valid_from: profile.valid_from,
        valid_to: profile.valid_to,
        transaction: profile.transaction_id.map(TransactionRef::Number),
        // One schedule, seen as a list of one.
        schedules: List::decoded(schedule, read_schedule)?,
    })
}

fn read_schedule<'f>(r: &mut Reader<'f>) -> Result<Schedule<'f>, WireError> {
    let schedule = m::ChargingSchedule::read(r)?;
    Ok(Schedule {
        id: 0,
        duration: schedule.duration,
        start: schedule.start_schedule,
        unit: match schedule.charging_rate_unit {
            m::ChargingRateUnit::A => RateUnit::Amperes,
            m::ChargingRateUnit::W => RateUnit::Watts,
        },
        min_rate: schedule.min_charging_rate,
        periods: schedule.charging_schedule_period.decode_as(read_period)?,
    })
}

fn read_period(r: &mut Reader<'_>) -> Result<Period, WireError> {
    let period = m::ChargingSchedulePeriod::read(r)?;
    Ok(Period {
        start: period.start_period,
        limit: period.limit,
        phases: period.number_phases,
    })
}
