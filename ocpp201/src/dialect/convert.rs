//! Between 2.0.1's types and core's.

use crate::messages as m;
use ocpp_core::dialect::{
    Context, Period, Profile, ProfileKind, ProfilePurpose, RateUnit, Recurrency, Schedule, TransactionRef,
};
use ocpp_core::wire::{ErrorKind, List, Open, Reader, Str, Wire, WireEnum, WireError};
use ocpp_core::{AuthorizationStatus, ConnectorId, ConnectorStatus, EvseId, Place, Token, TokenInfo, TokenKind};

/// The value of `T` with the same name: where both vocabularies are OCPP's own, names are all they need to share.
pub(super) fn same<T: WireEnum>(name: &str) -> Option<T> {
    let index = T::NAMES.iter().position(|own| *own == name)?;
    T::ALL.get(index).copied()
}

pub(super) const fn connector_status(status: ConnectorStatus) -> m::ConnectorStatus {
    match status {
        ConnectorStatus::Available => m::ConnectorStatus::Available,
        ConnectorStatus::Reserved => m::ConnectorStatus::Reserved,
        ConnectorStatus::Unavailable => m::ConnectorStatus::Unavailable,
        ConnectorStatus::Faulted => m::ConnectorStatus::Faulted,
        _ => m::ConnectorStatus::Occupied,
    }
}

/// The EVSE of that number.
pub(super) fn evse_place(evse: i32, context: &Context<'_>) -> Place {
    match u8::try_from(evse) {
        Ok(evse) if evse > 0 && usize::from(evse) <= context.topology.evses() => Place::Evse(EvseId(evse)),
        _ => Place::Unknown,
    }
}

/// What a message is about: without an EVSE, the station.
pub(super) fn place(evse: Option<m::Evse>, context: &Context<'_>) -> Place {
    let Some(evse) = evse else { return Place::Station };
    let place = evse_place(evse.id, context);
    match (place, evse.connector_id.map(u8::try_from)) {
        (_, None) => place,
        (Place::Evse(EvseId(evse)), Some(Ok(connector))) => {
            let id = ConnectorId::new(evse, connector);
            let known = context.topology.iter().any(|own| own == id);
            if known { Place::Connector(id) } else { Place::Unknown }
        }
        _ => Place::Unknown,
    }
}

pub(super) fn token(text: Str<'_>, kind: TokenKind) -> Result<Token, WireError> {
    Token::from_text(text, kind).ok_or(WireError::new(ErrorKind::Value))
}

pub(super) fn id_token(id_token: &m::IdToken<'_>) -> Result<Token, WireError> {
    let kind = same(id_token.kind.as_str()).ok_or(WireError::new(ErrorKind::Value))?;
    token(id_token.id_token.as_text(), kind)
}

pub(super) fn token_info(info: &m::IdTokenInfo<'_>) -> TokenInfo {
    let group = info.group_id_token.as_ref().and_then(|group| {
        let kind = group
            .kind
            .known()
            .and_then(|kind| same(kind.as_str()))
            .unwrap_or(TokenKind::Central);
        token(group.id_token.as_text(), kind).ok()
    });
    TokenInfo {
        // A status that nobody knows yet does not let anybody charge.
        status: info
            .status
            .known()
            .and_then(|status| same(status.as_str()))
            .unwrap_or(AuthorizationStatus::Invalid),
        expiry: info.cache_expiry_date_time,
        group,
    }
}

/// The same in a request, where an unknown status is refused.
pub(super) fn listed_info(info: &m::IdTokenInfo<'_>) -> Result<TokenInfo, WireError> {
    match info.status {
        Open::Known(_) => Ok(token_info(info)),
        Open::Unknown(_) => Err(WireError::new(ErrorKind::Value).within(&"status")),
    }
}

/// A profile that was read as `profile`.
pub(super) fn profile<'f>(profile: &m::ChargingProfile<'f>) -> Result<Profile<'f>, WireError> {
    Ok(Profile {
        id: profile.id,
        stack_level: profile.stack_level,
        purpose: match profile.charging_profile_purpose {
            m::ChargingProfilePurpose::ChargingStationExternalConstraints => ProfilePurpose::External,
            m::ChargingProfilePurpose::ChargingStationMaxProfile => ProfilePurpose::StationMax,
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
        transaction: profile.transaction_id.map(|id| TransactionRef::Id(id.as_text())),
        schedules: profile.charging_schedule.decode_as(read_schedule)?,
    })
}

fn read_schedule<'f>(r: &mut Reader<'f>) -> Result<Schedule<'f>, WireError> {
    let schedule = m::ChargingSchedule::read(r)?;
    Ok(Schedule {
        id: schedule.id,
        duration: schedule.duration,
        start: schedule.start_schedule,
        unit: match schedule.charging_rate_unit {
            m::ChargingRateUnit::A => RateUnit::Amperes,
            m::ChargingRateUnit::W => RateUnit::Watts,
        },
        min_rate: schedule.min_charging_rate,
        periods: periods(schedule.charging_schedule_period)?,
    })
}

fn periods<'f>(periods: List<'f, m::ChargingSchedulePeriod, 1, 1024>) -> Result<List<'f, Period>, WireError> {
    periods.decode_as(|r| {
        let period = m::ChargingSchedulePeriod::read(r)?;
        Ok(Period {
            start: period.start_period,
            limit: period.limit,
            phases: period.number_phases,
        })
    })
}
