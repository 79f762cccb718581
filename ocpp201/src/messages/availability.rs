//! Block G, availability: connector states (G01), heartbeats (G02) and taking parts out of service (G03, G04).
//!
//! ```
//! use ocpp_core::wire::{Reader, Wire};
//! use ocpp201::messages::{ChangeAvailabilityRequest, OperationalStatus};
//!
//! let json = r#"{"operationalStatus":"Inoperative","evse":{"id":2}}"#;
//! let request = ChangeAvailabilityRequest::read(&mut Reader::new(json))?;
//! assert_eq!(request.operational_status, OperationalStatus::Inoperative);
//! assert_eq!(request.evse.map(|evse| (evse.id, evse.connector_id)), Some((2, None)));
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use ocpp_core::wire::{Raw, Timestamp};
use ocpp_core::{message, operations, wire_enum};

use super::types::{Evse, StatusInfo};

operations! { 'a:
    "StatusNotification": StatusNotificationRequest<'a> => StatusNotificationResponse<'a>,
    "Heartbeat": HeartbeatRequest<'a> => HeartbeatResponse<'a>,
    "ChangeAvailability": ChangeAvailabilityRequest<'a> => ChangeAvailabilityResponse<'a>,
}

message! {
    /// The station reports the state of a connector (G01). To the CSMS.
    pub struct StatusNotificationRequest<'a> {
        /// Since when.
        timestamp: Timestamp = "timestamp",
        /// The state.
        connector_status: ConnectorStatus = "connectorStatus",
        /// EVSE, from 1.
        evse_id: i32 = "evseId",
        /// Connector of that EVSE, from 1.
        connector_id: i32 = "connectorId",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Confirms a connector state; nothing else in it.
    pub struct StatusNotificationResponse<'a> {
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// State of a connector.
    pub enum ConnectorStatus {
        /// Free.
        Available = "Available",
        /// In use: cable plugged, vehicle in the bay, or token presented.
        Occupied = "Occupied",
        /// Kept for a reservation.
        Reserved = "Reserved",
        /// Taken out of service.
        Unavailable = "Unavailable",
        /// Out of service by a fault.
        Faulted = "Faulted",
    }
}

message! {
    /// The station shows that it is there and asks for the time (G02). To the CSMS.
    pub struct HeartbeatRequest<'a> {
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// The CSMS's time.
    pub struct HeartbeatResponse<'a> {
        /// The CSMS's clock.
        current_time: Timestamp = "currentTime",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Takes the station, an EVSE or a connector out of service, or back into it (G03, G04). To the station.
    pub struct ChangeAvailabilityRequest<'a> {
        /// Which of both.
        operational_status: OperationalStatus = "operationalStatus",
        /// EVSE or connector; left out, the station.
        evse: Option<Evse> = "evse",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Whether the change happens.
    pub struct ChangeAvailabilityResponse<'a> {
        /// Outcome.
        status: ChangeAvailabilityStatus = "status",
        /// The status in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// In service or not.
    pub enum OperationalStatus {
        /// Not to be used.
        Inoperative = "Inoperative",
        /// Free to be used.
        Operative = "Operative",
    }
}

wire_enum! {
    /// Outcome of a change of availability.
    pub enum ChangeAvailabilityStatus {
        /// Changed, or it was so already.
        Accepted = "Accepted",
        /// Not changed.
        Rejected = "Rejected",
        /// Will be changed after the transaction that runs.
        Scheduled = "Scheduled",
    }
}
