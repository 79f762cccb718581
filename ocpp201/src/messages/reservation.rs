//! Block H, reservation: keeping an EVSE for a token (H01–H04).
//!
//! ```
//! use ocpp_core::wire::{Reader, Wire};
//! use ocpp201::messages::{ConnectorType, ReserveNowRequest};
//!
//! let json = r#"{"id":5,"expiryDateTime":"2026-11-22T18:00:00Z","connectorType":"cCCS2",
//!     "idToken":{"idToken":"04A1","type":"ISO14443"}}"#;
//! let request = ReserveNowRequest::read(&mut Reader::new(json))?;
//! assert_eq!(request.connector_type, Some(ConnectorType::CCcs2));
//! assert!(request.evse_id.is_none());
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use ocpp_core::wire::{Raw, Timestamp};
use ocpp_core::{message, operations, wire_enum};

use super::types::{IdToken, StatusInfo};

operations! { 'a:
    "ReserveNow": ReserveNowRequest<'a> => ReserveNowResponse<'a>,
    "CancelReservation": CancelReservationRequest<'a> => CancelReservationResponse<'a>,
    "ReservationStatusUpdate": ReservationStatusUpdateRequest<'a> => ReservationStatusUpdateResponse<'a>,
}

message! {
    /// Reserves an EVSE (H01). To the station.
    pub struct ReserveNowRequest<'a> {
        /// Number of the reservation; one that exists already is replaced.
        id: i32 = "id",
        /// When it ends if nobody came.
        expiry_date_time: Timestamp = "expiryDateTime",
        /// Who may use it.
        id_token: IdToken<'a> = "idToken",
        /// Type of connector that must be kept free.
        connector_type: Option<ConnectorType> = "connectorType",
        /// EVSE, from 1; left out, any.
        evse_id: Option<i32> = "evseId",
        /// Every token of this group may use it too.
        group_id_token: Option<IdToken<'a>> = "groupIdToken",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether it is reserved.
    pub struct ReserveNowResponse<'a> {
        /// Outcome.
        status: ReserveNowStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// Type of a connector: `c` captive cable, `s` socket, `w` wireless.
    pub enum ConnectorType {
        /// Captive Combo 1.
        CCcs1 = "cCCS1",
        /// Captive Combo 2.
        CCcs2 = "cCCS2",
        /// Captive JARI G105-1993 (CHAdeMO).
        CG105 = "cG105",
        /// Captive Tesla connector.
        CTesla = "cTesla",
        /// Captive IEC 62196-2 type 1 (SAE J1772).
        CType1 = "cType1",
        /// Captive IEC 62196-2 type 2.
        CType2 = "cType2",
        /// IEC 60309 socket, one phase, 16 A.
        S309OnePhase16A = "s309-1P-16A",
        /// IEC 60309 socket, one phase, 32 A.
        S309OnePhase32A = "s309-1P-32A",
        /// IEC 60309 socket, three phases, 16 A.
        S309ThreePhase16A = "s309-3P-16A",
        /// IEC 60309 socket, three phases, 32 A.
        S309ThreePhase32A = "s309-3P-32A",
        /// Socket for British BS 1361 plugs.
        SBs1361 = "sBS1361",
        /// CEE 7/7 socket (Schuko).
        SCee77 = "sCEE-7-7",
        /// IEC 62196-2 type 2 socket.
        SType2 = "sType2",
        /// IEC 62196-2 type 3 socket.
        SType3 = "sType3",
        /// Other, one phase up to 16 A.
        OtherOnePhaseMax16A = "Other1PhMax16A",
        /// Other, one phase above 16 A.
        OtherOnePhaseOver16A = "Other1PhOver16A",
        /// Other, three phases.
        OtherThreePhase = "Other3Ph",
        /// Pantograph.
        Pan = "Pan",
        /// Inductive.
        WInductive = "wInductive",
        /// Resonant.
        WResonant = "wResonant",
        /// Yet to be found out.
        Undetermined = "Undetermined",
        /// Cannot be found out.
        Unknown = "Unknown",
    }
}

wire_enum! {
    /// Outcome of a reservation.
    pub enum ReserveNowStatus {
        /// Reserved.
        Accepted = "Accepted",
        /// The connectors are faulty.
        Faulted = "Faulted",
        /// The connectors are in use or reserved.
        Occupied = "Occupied",
        /// The station does not take such reservations.
        Rejected = "Rejected",
        /// The connectors are out of service.
        Unavailable = "Unavailable",
    }
}

message! {
    /// Gives up a reservation (H02). To the station.
    pub struct CancelReservationRequest<'a> {
        /// Which one.
        reservation_id: i32 = "reservationId",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether the reservation is gone.
    pub struct CancelReservationResponse<'a> {
        /// Outcome.
        status: CancelReservationStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// Outcome of giving up a reservation.
    pub enum CancelReservationStatus {
        /// Gone.
        Accepted = "Accepted",
        /// There was no such reservation.
        Rejected = "Rejected",
    }
}

message! {
    /// The station tells that a reservation ended without being used (H04). To the CSMS.
    pub struct ReservationStatusUpdateRequest<'a> {
        /// Which one.
        reservation_id: i32 = "reservationId",
        /// Why.
        reservation_update_status: ReservationUpdateStatus = "reservationUpdateStatus",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Confirms the end of a reservation; nothing else in it.
    pub struct ReservationStatusUpdateResponse<'a> {
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// Why a reservation ended.
    pub enum ReservationUpdateStatus {
        /// Nobody came in time.
        Expired = "Expired",
        /// The station can no longer keep it, for example because of a fault.
        Removed = "Removed",
    }
}
