//! Monitors of variables, and the events that they cause.

use ocpp_core::wire::{CiText, Decimal, List, Text, Timestamp};
use ocpp_core::{message, wire_enum};

use super::{Component, StatusInfo, Variable};

wire_enum! {
    /// When a monitor causes an event.
    pub enum MonitorType {
        /// The value rises above a threshold.
        UpperThreshold = "UpperThreshold",
        /// The value falls below a threshold.
        LowerThreshold = "LowerThreshold",
        /// The value changed by more than an amount since the last event.
        Delta = "Delta",
        /// An interval is over, counted from when it was set.
        Periodic = "Periodic",
        /// An interval is over, counted from midnight.
        PeriodicClockAligned = "PeriodicClockAligned",
    }
}

message! {
    /// A monitor to set.
    ///
    /// ```
    /// use ocpp_core::wire::{Reader, Wire};
    /// use ocpp201::messages::{MonitorType, SetMonitoringData};
    ///
    /// let json = r#"{"type":"Delta","severity":7,"value":0.5,
    ///     "component":{"name":"FiscalMetering"},"variable":{"name":"EnergyImport"}}"#;
    /// let monitor = SetMonitoringData::read(&mut Reader::new(json))?;
    /// assert_eq!(monitor.kind, MonitorType::Delta);
    /// assert!(monitor.id.is_none(), "a new one");
    /// # Ok::<(), ocpp_core::wire::WireError>(())
    /// ```
    pub struct SetMonitoringData<'a> {
        /// Monitor to replace; left out, a new one.
        id: Option<i32> = "id",
        /// Where the variable is.
        component: Component<'a> = "component",
        /// Which one.
        variable: Variable<'a> = "variable",
        /// When it causes an event.
        kind: MonitorType = "type",
        /// Threshold, amount, or interval in seconds.
        value: Decimal = "value",
        /// Severity of its events, 0 (danger) to 9 (debugging).
        severity: i32 = "severity",
        /// Whether it watches only while a transaction runs; left out, no.
        transaction: Option<bool> = "transaction",
    }
}

message! {
    /// What became of a monitor.
    pub struct SetMonitoringResult<'a> {
        /// Its number, if it was accepted.
        id: Option<i32> = "id",
        /// As in the request.
        component: Component<'a> = "component",
        /// As in the request.
        variable: Variable<'a> = "variable",
        /// As in the request.
        kind: MonitorType = "type",
        /// As in the request.
        severity: i32 = "severity",
        /// Outcome.
        status: SetMonitoringStatus = "status",
        /// The outcome in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
    }
}

wire_enum! {
    /// Outcome of setting a monitor.
    pub enum SetMonitoringStatus {
        /// Set.
        Accepted = "Accepted",
        /// There is no such component.
        UnknownComponent = "UnknownComponent",
        /// The component has no such variable.
        UnknownVariable = "UnknownVariable",
        /// The variable cannot be watched like this.
        UnsupportedMonitorType = "UnsupportedMonitorType",
        /// The value is out of range, or the monitor cannot be replaced.
        Rejected = "Rejected",
        /// There is one of this type and severity already.
        Duplicate = "Duplicate",
    }
}

message! {
    /// What became of a monitor that was to be removed.
    pub struct ClearMonitoringResult<'a> {
        /// Its number.
        id: i32 = "id",
        /// Outcome.
        status: ClearMonitoringStatus = "status",
        /// The outcome in more detail.
        status_info: Option<StatusInfo<'a>> = "statusInfo",
    }
}

wire_enum! {
    /// Outcome of removing a monitor.
    pub enum ClearMonitoringStatus {
        /// Removed.
        Accepted = "Accepted",
        /// It cannot be removed.
        Rejected = "Rejected",
        /// There is no such monitor.
        NotFound = "NotFound",
    }
}

message! {
    /// The monitors of a variable.
    pub struct MonitoringData<'a> {
        /// Where the variable is.
        component: Component<'a> = "component",
        /// Which one.
        variable: Variable<'a> = "variable",
        /// Its monitors.
        variable_monitoring: List<'a, VariableMonitoring, 1> = "variableMonitoring",
    }
}

message! {
    /// A monitor.
    pub struct VariableMonitoring {
        /// Its number.
        id: i32 = "id",
        /// When it causes an event.
        kind: MonitorType = "type",
        /// Threshold, amount, or interval in seconds.
        value: Decimal = "value",
        /// Severity of its events, 0 (danger) to 9 (debugging).
        severity: i32 = "severity",
        /// Whether it watches only while a transaction runs.
        transaction: bool = "transaction",
    }
}

message! {
    /// An event of a variable.
    pub struct EventData<'a> {
        /// Its number.
        event_id: i32 = "eventId",
        /// When it happened.
        timestamp: Timestamp = "timestamp",
        /// What caused it.
        trigger: EventTrigger = "trigger",
        /// Which kind of monitor noticed.
        event_notification_type: EventNotification = "eventNotificationType",
        /// Where the variable is.
        component: Component<'a> = "component",
        /// Which one.
        variable: Variable<'a> = "variable",
        /// The variable's value as text. `ReportingValueSize` bounds it.
        actual_value: Text<'a, 2500> = "actualValue",
        /// Number of the event that caused this one.
        cause: Option<i32> = "cause",
        /// Whether things are normal again.
        cleared: Option<bool> = "cleared",
        /// The component's own fault code.
        tech_code: Option<Text<'a, 50>> = "techCode",
        /// Details for people.
        tech_info: Option<Text<'a, 500>> = "techInfo",
        /// The transaction that it concerns.
        transaction_id: Option<CiText<'a, 36>> = "transactionId",
        /// The monitor that noticed.
        variable_monitoring_id: Option<i32> = "variableMonitoringId",
    }
}

wire_enum! {
    /// What caused an event.
    pub enum EventTrigger {
        /// A value passed a threshold.
        Alerting = "Alerting",
        /// A value changed.
        Delta = "Delta",
        /// An interval is over.
        Periodic = "Periodic",
    }
}

wire_enum! {
    /// Which kind of monitor noticed an event.
    pub enum EventNotification {
        /// None: the firmware sends it in any case.
        HardWiredNotification = "HardWiredNotification",
        /// One that cannot be changed.
        HardWiredMonitor = "HardWiredMonitor",
        /// One that the vendor set.
        PreconfiguredMonitor = "PreconfiguredMonitor",
        /// One that the CSMS set.
        CustomMonitor = "CustomMonitor",
    }
}
