//! Block E, transactions: one message tells their whole life, another asks about them.
//!
//! ```
//! use ocpp_core::wire::{CiText, Timestamp, Wire, Writer};
//! use ocpp201::messages::{ChargingState, Transaction, TransactionEvent, TransactionEventRequest, TriggerReason};
//!
//! let event = TransactionEventRequest {
//!     event_type: TransactionEvent::Updated,
//!     timestamp: Timestamp::from_millis(0),
//!     trigger_reason: TriggerReason::ChargingStateChanged,
//!     seq_no: 3,
//!     transaction_info: Transaction {
//!         transaction_id: CiText::new("9b2a").unwrap(),
//!         charging_state: Some(ChargingState::SuspendedEv),
//!         time_spent_charging: None,
//!         stopped_reason: None,
//!         remote_start_id: None,
//!     },
//!     offline: None,
//!     number_of_phases_used: None,
//!     cable_max_current: None,
//!     reservation_id: None,
//!     evse: None,
//!     id_token: None,
//!     meter_value: None,
//!     custom_data: None,
//! };
//! let mut buffer = [0; 256];
//! let mut w = Writer::new(&mut buffer);
//! event.write(&mut w);
//! assert!(w.finish().is_ok_and(|json| json.contains(r#""chargingState":"SuspendedEV""#)));
//! ```

use ocpp_core::wire::{CiText, Decimal, List, Raw, Timestamp};
use ocpp_core::{message, operations, wire_enum};

use super::types::{Evse, IdToken, IdTokenInfo, MessageContent, MeterValue};

operations! { 'a:
    "TransactionEvent": TransactionEventRequest<'a> => TransactionEventResponse<'a>,
    "GetTransactionStatus": GetTransactionStatusRequest<'a> => GetTransactionStatusResponse<'a>,
}

message! {
    /// The station tells what happened in a transaction. The first event of a transaction is `Started`, the last one
    /// `Ended`, every other one `Updated` (E01–E15). To the CSMS.
    pub struct TransactionEventRequest<'a> {
        /// Place in the transaction's life.
        event_type: TransactionEvent = "eventType",
        /// When it happened.
        timestamp: Timestamp = "timestamp",
        /// Why this event is sent.
        trigger_reason: TriggerReason = "triggerReason",
        /// Number of the event in its transaction, one more than the one before. From the gaps the CSMS sees what it
        /// lacks.
        seq_no: i32 = "seqNo",
        /// The transaction.
        transaction_info: Transaction<'a> = "transactionInfo",
        /// Whether the station was offline when it happened; left out, no.
        offline: Option<bool> = "offline",
        /// Phases in use, if the station knows.
        number_of_phases_used: Option<i32> = "numberOfPhasesUsed",
        /// What the cable carries, in A.
        cable_max_current: Option<i32> = "cableMaxCurrent",
        /// Reservation that this transaction uses up.
        reservation_id: Option<i32> = "reservationId",
        /// EVSE and connector; once, in the first event after they are known.
        evse: Option<Evse> = "evse",
        /// Token; once when it authorized the transaction, and once when it ended it.
        id_token: Option<IdToken<'a>> = "idToken",
        /// Measurements that belong to the event.
        meter_value: Option<List<'a, MeterValue<'a>, 1>> = "meterValue",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// What the CSMS has to say to the event.
    pub struct TransactionEventResponse<'a> {
        /// Final cost including taxes, in the station's `Currency`; only after the end. 0 is free, left out is unknown.
        total_cost: Option<Decimal> = "totalCost",
        /// Priority of this transaction from now on, −9 to 9, above the one of the token.
        charging_priority: Option<i32> = "chargingPriority",
        /// Status of the token, if the event named one. Anything but `Accepted` withdraws the authorization.
        id_token_info: Option<IdTokenInfo<'a>> = "idTokenInfo",
        /// Message to show to the driver, such as the running cost.
        updated_personal_message: Option<MessageContent<'a>> = "updatedPersonalMessage",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

wire_enum! {
    /// Place of an event in the life of its transaction.
    pub enum TransactionEvent {
        /// The first event.
        Started = "Started",
        /// Any event between.
        Updated = "Updated",
        /// The last event.
        Ended = "Ended",
    }
}

message! {
    /// The transaction, as an event shows it.
    pub struct Transaction<'a> {
        /// Chosen by the station, never used twice.
        transaction_id: CiText<'a, 36> = "transactionId",
        /// State of charging; in the first event and in each that changes it.
        charging_state: Option<ChargingState> = "chargingState",
        /// Seconds in which energy flowed so far.
        time_spent_charging: Option<i32> = "timeSpentCharging",
        /// Why it ended; only in the last event, where left out means `Local`.
        stopped_reason: Option<Reason> = "stoppedReason",
        /// Number of the request that started it, once after that request.
        remote_start_id: Option<i32> = "remoteStartId",
    }
}

wire_enum! {
    /// What EV and EVSE do.
    pub enum ChargingState {
        /// No EV is connected.
        Idle = "Idle",
        /// An EV is connected; no energy is allowed.
        EvConnected = "EVConnected",
        /// Energy flows, or may flow.
        Charging = "Charging",
        /// Energy is offered; the EV does not take it.
        SuspendedEv = "SuspendedEV",
        /// The EV would take energy; the EVSE does not offer it.
        SuspendedEvse = "SuspendedEVSE",
    }
}

wire_enum! {
    /// Why an event is sent.
    pub enum TriggerReason {
        /// A token was authorized.
        Authorized = "Authorized",
        /// The cable was plugged in and the EV detected.
        CablePluggedIn = "CablePluggedIn",
        /// The rate changed by more than `LimitChangeSignificance`.
        ChargingRateChanged = "ChargingRateChanged",
        /// Only the charging state changed.
        ChargingStateChanged = "ChargingStateChanged",
        /// A response of the CSMS withdrew the authorization.
        Deauthorized = "Deauthorized",
        /// The energy that was agreed on has been delivered.
        EnergyLimitReached = "EnergyLimitReached",
        /// The EV was unplugged or does not answer.
        EvCommunicationLost = "EVCommunicationLost",
        /// No EV was plugged in within `EVConnectionTimeOut`.
        EvConnectTimeout = "EVConnectTimeout",
        /// Meter values aligned to the clock.
        MeterValueClock = "MeterValueClock",
        /// Meter values of a regular interval.
        MeterValuePeriodic = "MeterValuePeriodic",
        /// The time that was agreed on is over.
        TimeLimitReached = "TimeLimitReached",
        /// The CSMS asked for it with a TriggerMessage.
        Trigger = "Trigger",
        /// The CSMS unlocked the connector.
        UnlockCommand = "UnlockCommand",
        /// The driver ended the authorization.
        StopAuthorized = "StopAuthorized",
        /// The parking sensor saw the vehicle leave.
        EvDeparted = "EVDeparted",
        /// The parking sensor saw a vehicle arrive.
        EvDetected = "EVDetected",
        /// The CSMS stopped the transaction.
        RemoteStop = "RemoteStop",
        /// The CSMS started the transaction.
        RemoteStart = "RemoteStart",
        /// A fault.
        AbnormalCondition = "AbnormalCondition",
        /// A signed meter value arrived.
        SignedDataReceived = "SignedDataReceived",
        /// The CSMS restarts the station or the EVSE.
        ResetCommand = "ResetCommand",
    }
}

wire_enum! {
    /// Why a transaction ended.
    pub enum Reason {
        /// The CSMS withdrew the authorization.
        DeAuthorized = "DeAuthorized",
        /// Emergency stop button.
        EmergencyStop = "EmergencyStop",
        /// The agreed energy has been delivered.
        EnergyLimitReached = "EnergyLimitReached",
        /// The EV was unplugged.
        EvDisconnected = "EVDisconnected",
        /// Residual current.
        GroundFault = "GroundFault",
        /// The CSMS restarted the station at once.
        ImmediateReset = "ImmediateReset",
        /// The driver ended it at the station; this may be left out.
        Local = "Local",
        /// Credit kept at the station is used up.
        LocalOutOfCredit = "LocalOutOfCredit",
        /// A master-pass token ended it (C16).
        MasterPass = "MasterPass",
        /// Anything else.
        Other = "Other",
        /// Overcurrent.
        OvercurrentFault = "OvercurrentFault",
        /// Mains failure.
        PowerLoss = "PowerLoss",
        /// Voltage or frequency outside what is allowed.
        PowerQuality = "PowerQuality",
        /// The station restarted by itself.
        Reboot = "Reboot",
        /// The CSMS stopped it.
        Remote = "Remote",
        /// The battery is as full as it was to be.
        SocLimitReached = "SOCLimitReached",
        /// The EV ended it.
        StoppedByEv = "StoppedByEV",
        /// The agreed time is over.
        TimeLimitReached = "TimeLimitReached",
        /// No EV was plugged in within `EVConnectionTimeOut`.
        Timeout = "Timeout",
    }
}

message! {
    /// Asks whether a transaction runs and whether messages of it wait (E14). To the station.
    pub struct GetTransactionStatusRequest<'a> {
        /// Transaction; left out, all of them.
        transaction_id: Option<CiText<'a, 36>> = "transactionId",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// State of one transaction or of the queue.
    pub struct GetTransactionStatusResponse<'a> {
        /// Whether the transaction runs; only if the request named one.
        ongoing_indicator: Option<bool> = "ongoingIndicator",
        /// Whether messages of it, or of any transaction if none was named, are still to be delivered.
        messages_in_queue: bool = "messagesInQueue",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}
