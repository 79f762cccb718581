//! The words in which core thinks of a session: OCPP 2.0.1's, with what only 1.6 has added.

crate::wire_enum! {
    /// State of a connector. OCPP 1.6 reports all nine, 2.0.1 sees `Occupied` in the five that mean it.
    pub enum ConnectorStatus {
        /// Free.
        Available = "Available",
        /// In use, no transaction yet.
        Preparing = "Preparing",
        /// Energy flows.
        Charging = "Charging",
        /// Energy is offered, the EV does not take it.
        SuspendedEv = "SuspendedEV",
        /// An EV is there, energy is withheld.
        SuspendedEvse = "SuspendedEVSE",
        /// The transaction is over, the connector is not free yet.
        Finishing = "Finishing",
        /// Reserved.
        Reserved = "Reserved",
        /// Out of service by order.
        Unavailable = "Unavailable",
        /// Out of service by fault.
        Faulted = "Faulted",
    }
}

crate::wire_enum! {
    /// What went wrong; the names are those of OCPP 1.6, the only version that reports them as such.
    pub enum FaultCode {
        /// The connector cannot be locked or unlocked.
        ConnectorLockFailure = "ConnectorLockFailure",
        /// No communication with the EV. A warning.
        EvCommunicationError = "EVCommunicationError",
        /// Residual current.
        GroundFailure = "GroundFailure",
        /// Too hot.
        HighTemperature = "HighTemperature",
        /// Fault inside the station.
        InternalError = "InternalError",
        /// The local list contradicts the CSMS. A warning.
        LocalListConflict = "LocalListConflict",
        /// Another fault.
        OtherError = "OtherError",
        /// Too much current.
        OverCurrentFailure = "OverCurrentFailure",
        /// Too much voltage.
        OverVoltage = "OverVoltage",
        /// The meter cannot be read.
        PowerMeterFailure = "PowerMeterFailure",
        /// The contactor does not follow.
        PowerSwitchFailure = "PowerSwitchFailure",
        /// The token reader does not work. A warning.
        ReaderFailure = "ReaderFailure",
        /// A reset did not succeed. A warning.
        ResetFailure = "ResetFailure",
        /// Too little voltage.
        UnderVoltage = "UnderVoltage",
        /// Weak radio signal. A warning.
        WeakSignal = "WeakSignal",
    }
}

impl FaultCode {
    /// Whether no energy can be delivered because of it. The others are warnings (1.6 §4.9).
    pub const fn blocks(self) -> bool {
        !matches!(
            self,
            Self::EvCommunicationError
                | Self::LocalListConflict
                | Self::ReaderFailure
                | Self::ResetFailure
                | Self::WeakSignal
        )
    }
}

/// State of the control pilot, IEC 61851-1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum PilotState {
    /// No vehicle.
    #[default]
    A,
    /// Vehicle connected, not ready.
    B,
    /// Vehicle ready.
    C,
    /// Vehicle ready, wants ventilation.
    D,
    /// Fault: no pilot.
    E,
    /// EVSE not available.
    F,
}

impl PilotState {
    /// Whether a vehicle is connected.
    pub const fn connected(self) -> bool {
        matches!(self, Self::B | Self::C | Self::D)
    }

    /// Whether the vehicle asks for energy.
    pub const fn ready(self) -> bool {
        matches!(self, Self::C | Self::D)
    }
}

/// State of a connector lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LockState {
    /// No lock is fitted (fixed cable).
    None,
    /// Open.
    Unlocked,
    /// Closed.
    Locked,
    /// Did not move as told; still closed as far as known.
    Failed,
}

crate::wire_enum! {
    /// What the EV and the EVSE do within a transaction (2.0.1 E).
    pub enum ChargingState {
        /// No EV connected.
        Idle = "Idle",
        /// EV connected, no energy allowed.
        EvConnected = "EVConnected",
        /// Energy flows.
        Charging = "Charging",
        /// Energy offered, the EV does not take it.
        SuspendedEv = "SuspendedEV",
        /// Energy withheld.
        SuspendedEvse = "SuspendedEVSE",
    }
}

crate::wire_enum! {
    /// Why a transaction event happened (2.0.1 E).
    pub enum TriggerReason {
        /// A token was authorized.
        Authorized = "Authorized",
        /// The cable was plugged in.
        CablePluggedIn = "CablePluggedIn",
        /// The charging rate changed.
        ChargingRateChanged = "ChargingRateChanged",
        /// Only the charging state changed.
        ChargingStateChanged = "ChargingStateChanged",
        /// The CSMS withdrew the authorization.
        Deauthorized = "Deauthorized",
        /// The energy limit was reached.
        EnergyLimitReached = "EnergyLimitReached",
        /// The cable was pulled.
        EvCommunicationLost = "EVCommunicationLost",
        /// No cable in time.
        EvConnectTimeout = "EVConnectTimeout",
        /// Values on the clock's grid.
        MeterValueClock = "MeterValueClock",
        /// Periodic values.
        MeterValuePeriodic = "MeterValuePeriodic",
        /// The time limit was reached.
        TimeLimitReached = "TimeLimitReached",
        /// The CSMS asked.
        Trigger = "Trigger",
        /// UnlockConnector.
        UnlockCommand = "UnlockCommand",
        /// The driver ended the authorization.
        StopAuthorized = "StopAuthorized",
        /// The parking bay became free.
        EvDeparted = "EVDeparted",
        /// The parking bay became occupied.
        EvDetected = "EVDetected",
        /// Remote stop.
        RemoteStop = "RemoteStop",
        /// Remote start.
        RemoteStart = "RemoteStart",
        /// A fault.
        AbnormalCondition = "AbnormalCondition",
        /// A signed value arrived.
        SignedDataReceived = "SignedDataReceived",
        /// Reset.
        ResetCommand = "ResetCommand",
    }
}

crate::wire_enum! {
    /// Why a transaction ended: OCPP 2.0.1's reasons, and the three that only 1.6 tells apart.
    pub enum StopReason {
        /// The CSMS withdrew the authorization.
        DeAuthorized = "DeAuthorized",
        /// Emergency stop button.
        EmergencyStop = "EmergencyStop",
        /// Energy limit.
        EnergyLimitReached = "EnergyLimitReached",
        /// The EV was disconnected.
        EvDisconnected = "EVDisconnected",
        /// Residual current.
        GroundFault = "GroundFault",
        /// Reset at once.
        ImmediateReset = "ImmediateReset",
        /// The driver, at the station.
        Local = "Local",
        /// Credit used up, locally known.
        LocalOutOfCredit = "LocalOutOfCredit",
        /// A master-pass token.
        MasterPass = "MasterPass",
        /// Another reason.
        Other = "Other",
        /// Over-current.
        OvercurrentFault = "OvercurrentFault",
        /// The power went.
        PowerLoss = "PowerLoss",
        /// Bad power.
        PowerQuality = "PowerQuality",
        /// The station restarted by itself.
        Reboot = "Reboot",
        /// The CSMS.
        Remote = "Remote",
        /// State of charge reached.
        SocLimitReached = "SOCLimitReached",
        /// The EV ended it.
        StoppedByEv = "StoppedByEV",
        /// Time limit.
        TimeLimitReached = "TimeLimitReached",
        /// No cable in time.
        Timeout = "Timeout",
        /// Hard reset (1.6 only).
        HardReset = "HardReset",
        /// Soft reset (1.6 only).
        SoftReset = "SoftReset",
        /// UnlockConnector (1.6 only).
        UnlockCommand = "UnlockCommand",
    }
}

crate::wire_enum! {
    /// What the CSMS says to a BootNotification.
    pub enum Registration {
        /// Welcome.
        Accepted = "Accepted",
        /// Wait; the CSMS may configure the station meanwhile.
        Pending = "Pending",
        /// Go away for a while.
        Rejected = "Rejected",
    }
}

crate::wire_enum! {
    /// Why the station booted (2.0.1 B01).
    pub enum BootReason {
        /// Power was switched on, or came back.
        PowerUp = "PowerUp",
        /// A person at the station.
        LocalReset = "LocalReset",
        /// Reset by the CSMS.
        RemoteReset = "RemoteReset",
        /// Reset by the CSMS, held back until idle.
        ScheduledReset = "ScheduledReset",
        /// New firmware.
        FirmwareUpdate = "FirmwareUpdate",
        /// The application asked for it.
        ApplicationReset = "ApplicationReset",
        /// The watchdog.
        Watchdog = "Watchdog",
        /// The CSMS asked for the notification.
        Triggered = "Triggered",
        /// Not known.
        Unknown = "Unknown",
    }
}

crate::wire_enum! {
    /// What may happen that concerns security. The names are 2.0.1's; 1.6's security extension calls the CSMS "central
    /// system" in them.
    pub enum SecurityEvent {
        /// New firmware was installed.
        FirmwareUpdated = "FirmwareUpdated",
        /// The CSMS did not accept the station's credentials.
        FailedToAuthenticateAtCsms = "FailedToAuthenticateAtCsms",
        /// The CSMS could not prove who it is.
        CsmsFailedToAuthenticate = "CsmsFailedToAuthenticate",
        /// The clock was set by more than a little.
        SettingSystemTime = "SettingSystemTime",
        /// The station booted.
        StartupOfTheDevice = "StartupOfTheDevice",
        /// The station was reset.
        ResetOrReboot = "ResetOrReboot",
        /// The security log was cleared.
        SecurityLogWasCleared = "SecurityLogWasCleared",
        /// Keys, passwords or security settings were changed.
        ReconfigurationOfSecurityParameters = "ReconfigurationOfSecurityParameters",
        /// No room is left in memory or storage.
        MemoryExhaustion = "MemoryExhaustion",
        /// Messages arrived that are not valid.
        InvalidMessages = "InvalidMessages",
        /// A message arrived again.
        AttemptedReplayAttacks = "AttemptedReplayAttacks",
        /// The housing was opened.
        TamperDetectionActivated = "TamperDetectionActivated",
        /// A firmware's signature is not valid.
        InvalidFirmwareSignature = "InvalidFirmwareSignature",
        /// The certificate of a firmware's signature is not valid.
        InvalidFirmwareSigningCertificate = "InvalidFirmwareSigningCertificate",
        /// The certificate of the CSMS is not valid.
        InvalidCsmsCertificate = "InvalidCsmsCertificate",
        /// The certificate that the CSMS sent for the station is not valid.
        InvalidChargingStationCertificate = "InvalidChargingStationCertificate",
        /// The server wants a TLS version that is not allowed.
        InvalidTlsVersion = "InvalidTLSVersion",
        /// The server wants cipher suites that are not allowed.
        InvalidTlsCipherSuite = "InvalidTLSCipherSuite",
    }
}

impl SecurityEvent {
    /// Whether the CSMS has to be told (2.0.1 appendix 1); the others are only logged.
    pub const fn is_critical(self) -> bool {
        !matches!(
            self,
            Self::FailedToAuthenticateAtCsms
                | Self::CsmsFailedToAuthenticate
                | Self::ReconfigurationOfSecurityParameters
                | Self::InvalidMessages
                | Self::AttemptedReplayAttacks
        )
    }
}
