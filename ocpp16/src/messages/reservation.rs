//! Reservation profile: a connector kept for somebody.
//!
//! ```
//! use ocpp16::messages::{ReservationStatus, ReserveNowResponse};
//! use ocpp_core::wire::{Wire, Writer};
//!
//! let mut buffer = [0; 32];
//! let mut w = Writer::new(&mut buffer);
//! ReserveNowResponse { status: ReservationStatus::Occupied }.write(&mut w);
//! assert_eq!(w.finish(), Ok(r#"{"status":"Occupied"}"#));
//! ```

use ocpp_core::wire::{SecretText, Timestamp};
use ocpp_core::{message, operations, wire_enum};

operations! { 'a:
    "CancelReservation": CancelReservationRequest => CancelReservationResponse,
    "ReserveNow": ReserveNowRequest<'a> => ReserveNowResponse,
}

message! {
    /// Gives a reservation up. To the charge point.
    pub struct CancelReservationRequest {
        /// The reservation.
        reservation_id: i32 = "reservationId",
    }
}

message! {
    /// Says whether there was such a reservation.
    pub struct CancelReservationResponse {
        /// Whether it was cancelled.
        status: CancelReservationStatus = "status",
    }
}

wire_enum! {
    /// Whether a reservation was cancelled.
    pub enum CancelReservationStatus {
        /// It was.
        Accepted = "Accepted",
        /// There is none with that number.
        Rejected = "Rejected",
    }
}

message! {
    /// Keeps a connector for a tag. To the charge point.
    pub struct ReserveNowRequest<'a> {
        /// The connector; 0 for any, if the charge point can do that.
        connector_id: i32 = "connectorId",
        /// Until when.
        expiry_date: Timestamp = "expiryDate",
        /// For which tag.
        id_tag: SecretText<'a, 20> = "idTag",
        /// Group of the tag: others of the group may use the reservation, too.
        parent_id_tag: Option<SecretText<'a, 20>> = "parentIdTag",
        /// Number of the reservation. One that exists is replaced.
        reservation_id: i32 = "reservationId",
    }
}

message! {
    /// Says whether the connector is kept.
    pub struct ReserveNowResponse {
        /// Whether it is.
        status: ReservationStatus = "status",
    }
}

wire_enum! {
    /// Whether a connector is kept.
    pub enum ReservationStatus {
        /// It is.
        Accepted = "Accepted",
        /// It is out of order.
        Faulted = "Faulted",
        /// It is in use.
        Occupied = "Occupied",
        /// The charge point does not take reservations.
        Rejected = "Rejected",
        /// It is out of service.
        Unavailable = "Unavailable",
    }
}
