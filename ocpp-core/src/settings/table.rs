//! The table: name, type, range, factory value and access of each setting.

use crate::wire::Decimal;
use crate::wire_enum;

/// Type and range of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Switch,
    /// A number of seconds.
    Seconds {
        /// Least value.
        min: i32,
        /// Greatest value.
        max: i32,
    },
    /// A whole number of anything else.
    Number {
        /// Least value.
        min: i32,
        /// Greatest value.
        max: i32,
    },
    /// Measurands, separated by commas.
    Measurands,
    /// Phase rotation of each connector (1.6 `ConnectorPhaseRotation`).
    Rotation,
    /// 16 to 40 bytes in hexadecimal.
    Key,
    /// A set of moments at which transactions begin or end, separated by commas.
    TxPoints {
        /// Those that this station can tell, as [`TxPoint::bit`]s.
        known: u8,
    },
    /// Text of at most that many characters.
    Text {
        /// Most characters.
        max: u8,
    },
    /// Numbers of network profiles in order of preference, separated by commas; at least one.
    Priority,
    /// Where the time of day comes from, in order of preference, separated by commas; at least one.
    TimeSources,
    /// A decimal number between these; of vendor settings only, as are the kinds below.
    Decimal(&'static [Decimal; 2]),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Some of these words or none, separated by commas.
    SomeOf(&'static [&'static str]),
    /// The same, where the order counts.
    Ordered(&'static [&'static str]),
}

impl Kind {
    /// The words that a vendor setting has to choose from.
    pub const fn words(&self) -> Option<&'static [&'static str]> {
        match *self {
            Self::OneOf(words) | Self::SomeOf(words) | Self::Ordered(words) => Some(words),
            _ => None,
        }
    }
}

wire_enum! {
    /// A moment at which a transaction may begin or end (2.0.1 TxCtrlr.TxStartPoint, TxStopPoint).
    pub enum TxPoint {
        /// The parking bay is occupied.
        ParkingBayOccupancy = "ParkingBayOccupancy",
        /// The cable connects EV and EVSE.
        EvConnected = "EVConnected",
        /// Somebody is authorized.
        Authorized = "Authorized",
        /// The cable connects and somebody is authorized.
        PowerPathClosed = "PowerPathClosed",
        /// Energy flows.
        EnergyTransfer = "EnergyTransfer",
    }
}

impl TxPoint {
    /// Its place in a set of them.
    pub const fn bit(self) -> u8 {
        1 << self as u8
    }
}

wire_enum! {
    /// Where the time of day may come from (2.0.1 ClockCtrlr.TimeSource).
    pub enum TimeSource {
        /// The CSMS, with its answers to BootNotification and Heartbeat.
        Heartbeat = "Heartbeat",
        /// A time server.
        Ntp = "NTP",
        /// Satellites.
        Gps = "GPS",
        /// A clock of the station.
        RealTimeClock = "RealTimeClock",
        /// The mobile network.
        MobileNetwork = "MobileNetwork",
        /// A radio clock.
        RadioTimeTransmitter = "RadioTimeTransmitter",
    }
}

/// Who may do what with a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read and write.
    ReadWrite,
    /// Read only.
    ReadOnly,
    /// Written only, never told.
    WriteOnly,
}

/// What is fixed about a setting.
#[derive(Clone, Copy, Debug)]
pub struct Descriptor {
    /// Type and range.
    pub kind: Kind,
    /// Who may write it.
    pub access: Access,
    /// Whether a new value takes effect only after a reboot.
    pub reboot: bool,
    /// The value out of the factory.
    pub factory: &'static str,
}

/// Seconds, up to about three years.
const SECONDS: Kind = Kind::Seconds {
    min: 0,
    max: 100_000_000,
};
/// All moments that a station can tell.
const TX_POINTS: Kind = Kind::TxPoints { known: 0b1_1111 };
const AT_LEAST_ONE: Kind = Kind::Number { min: 1, max: 100_000 };

macro_rules! settings {
    ($( $(#[$doc:meta])* $name:ident: $kind:expr, $access:ident, $factory:literal; )+) => {
        /// A setting. The names are core's own; each dialect's table has the version's name for it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[non_exhaustive]
        pub enum SettingId { $( $(#[$doc])* $name ),+ }

        impl SettingId {
            /// All settings.
            pub const ALL: &'static [Self] = &[ $( Self::$name ),+ ];
            pub(crate) const COUNT: usize = Self::ALL.len();

            /// What is fixed about it.
            pub fn descriptor(self) -> &'static Descriptor {
                descriptor(self as usize)
            }
        }

        pub(super) fn descriptor(index: usize) -> &'static Descriptor {
                const TABLE: &[Descriptor] = &[ $( Descriptor {
                    kind: $kind,
                    access: Access::$access,
                    // 2.0.1 B10: another CSMS is dialled after a reboot.
                    reboot: matches!(SettingId::$name, SettingId::NetworkPriority),
                    factory: $factory,
                } ),+ ];
                const NONE: &Descriptor = &Descriptor {
                    kind: Kind::Switch,
                    access: Access::ReadOnly,
                    reboot: false,
                    factory: "false",
                };
                TABLE.get(index).unwrap_or(NONE)
        }
    };
}

// The position is the key in storage (`ValueKey::code`): new settings go to the end, none is ever taken out.
settings! {
    /// Whether an unknown token may charge while offline.
    OfflineTxForUnknownId: Kind::Switch, ReadWrite, "false";
    /// Whether the authorization cache is used.
    AuthCacheEnabled: Kind::Switch, ReadWrite, "true";
    /// Whether a remote start is authorized first like a token at the station.
    AuthorizeRemoteStart: Kind::Switch, ReadWrite, "false";
    /// How often a lamp blinks to signal something. For the application.
    BlinkRepeat: Kind::Number { min: 0, max: 1000 }, ReadWrite, "3";
    /// Interval of clock-aligned values in seconds, counted from midnight UTC; 0 is off.
    AlignedDataInterval: SECONDS, ReadWrite, "0";
    /// How long an authorization waits for the cable, or the cable for an authorization, in seconds.
    ConnectionTimeOut: SECONDS, ReadWrite, "60";
    /// Phase rotation of the connectors.
    PhaseRotation: Kind::Rotation, ReadWrite, "0.Unknown";
    /// Inactivity before a Heartbeat, in seconds; 0 is off.
    HeartbeatInterval: SECONDS, ReadWrite, "300";
    /// Brightness of the lamps in percent. For the application.
    LightIntensity: Kind::Number { min: 0, max: 100 }, ReadWrite, "100";
    /// Whether known tokens may charge while offline.
    LocalAuthorizeOffline: Kind::Switch, ReadWrite, "true";
    /// Whether known tokens may charge at once while online.
    LocalPreAuthorize: Kind::Switch, ReadWrite, "false";
    /// Energy still delivered after a token turned out invalid, in Wh.
    MaxEnergyOnInvalidId: Kind::Number { min: 0, max: i32::MAX }, ReadWrite, "0";
    /// Measurands of clock-aligned values.
    AlignedMeasurands: Kind::Measurands, ReadWrite, "Energy.Active.Import.Register";
    /// Measurands of periodic values.
    SampledMeasurands: Kind::Measurands, ReadWrite, "Energy.Active.Import.Register";
    /// Interval of periodic values in seconds; 0 is off.
    SampleInterval: SECONDS, ReadWrite, "60";
    /// How long a status must last before it is reported, in seconds.
    MinimumStatusDuration: SECONDS, ReadWrite, "0";
    /// How often an unsuccessful reset is tried again.
    ResetRetries: Kind::Number { min: 0, max: 100 }, ReadWrite, "1";
    /// Whether pulling the cable at the EV ends the transaction.
    StopOnEvSideDisconnect: Kind::Switch, ReadWrite, "true";
    /// Whether a transaction whose token turned out invalid ends; otherwise only energy is withheld.
    StopOnInvalidId: Kind::Switch, ReadWrite, "true";
    /// Clock-aligned measurands that travel with the end of a transaction.
    EndedAlignedMeasurands: Kind::Measurands, ReadWrite, "";
    /// Periodic measurands that travel with the end of a transaction.
    EndedSampledMeasurands: Kind::Measurands, ReadWrite, "";
    /// How often a transaction message is sent at most.
    MessageAttempts: AT_LEAST_ONE, ReadWrite, "3";
    /// Wait before a transaction message is sent again, times the number of earlier attempts, in seconds.
    MessageAttemptInterval: SECONDS, ReadWrite, "60";
    /// Whether pulling the cable at the EV unlocks it at the station.
    UnlockOnEvSideDisconnect: Kind::Switch, ReadWrite, "true";
    /// Interval of WebSocket pings in seconds; 0 is off. For the link.
    WebSocketPingInterval: SECONDS, ReadWrite, "60";
    /// How long an answer is waited for, in seconds.
    MessageTimeout: Kind::Seconds { min: 1, max: 3600 }, ReadWrite, "30";
    /// First wait before a new connection, in seconds.
    RetryBackOffWaitMinimum: Kind::Seconds { min: 1, max: 86_400 }, ReadWrite, "5";
    /// Random part of the wait before a new connection, in seconds.
    RetryBackOffRandomRange: Kind::Seconds { min: 0, max: 86_400 }, ReadWrite, "5";
    /// How often the wait before a new connection doubles.
    RetryBackOffRepeatTimes: Kind::Number { min: 0, max: 16 }, ReadWrite, "5";
    /// Whether sessions may start before the CSMS accepted the station.
    TxBeforeAccepted: Kind::Switch, ReadWrite, "false";
    /// Whether sessions may start although the storage does not work, at the risk of losing them.
    TxWithoutStorage: Kind::Switch, ReadWrite, "false";
    /// Password for HTTP Basic authentication.
    AuthorizationKey: Kind::Key, WriteOnly, "";
    /// When transactions begin: at the first of these moments.
    TxStartPoint: TX_POINTS, ReadWrite, "PowerPathClosed";
    /// When transactions end: as soon as one of these is over.
    TxStopPoint: TX_POINTS, ReadWrite, "EVConnected,Authorized";
    /// Measurands that travel with the start of a transaction.
    StartedMeasurands: Kind::Measurands, ReadWrite, "Energy.Active.Import.Register";
    /// Interval of the periodic values that travel with the end of a transaction, in seconds; 0 is begin and end only.
    EndedSampleInterval: SECONDS, ReadWrite, "0";
    /// Interval of the clock-aligned values that travel with the end of a transaction, in seconds; 0 is off.
    EndedAlignedInterval: SECONDS, ReadWrite, "0";
    /// Whether clock-aligned values are left out while a transaction runs.
    AlignedOnlyIdle: Kind::Switch, ReadWrite, "false";
    /// Whether tokens are asked about at all; otherwise everybody may charge.
    AuthEnabled: Kind::Switch, ReadWrite, "true";
    /// Whether the CSMS is never asked about tokens.
    DisableRemoteAuthorization: Kind::Switch, ReadWrite, "false";
    /// The group whose tokens end any transaction and start none; empty if there is none.
    MasterPassGroupId: Kind::Text { max: 36 }, ReadWrite, "";
    /// How long a token stays in the cache without being used, in seconds; 0 is for ever.
    CacheLifeTime: SECONDS, ReadWrite, "0";
    /// Whether the CSMS is not asked about cached tokens that may not charge.
    CacheDisablePostAuthorize: Kind::Switch, ReadWrite, "false";
    /// Whether the local list is used.
    LocalListEnabled: Kind::Switch, ReadWrite, "true";
    /// Whether the CSMS is not asked about listed tokens that may not charge.
    LocalListDisablePostAuthorize: Kind::Switch, ReadWrite, "false";
    /// How long the link must have been down for every status to be told again, in seconds.
    OfflineThreshold: SECONDS, ReadWrite, "60";
    /// Network profiles in the order in which they are tried.
    NetworkPriority: Kind::Priority, ReadWrite, "0";
    /// How often each network profile is tried before the next one.
    NetworkAttempts: AT_LEAST_ONE, ReadWrite, "3";
    /// Name of the organisation in certificates.
    OrganizationName: Kind::Text { max: 40 }, ReadWrite, "";
    /// Where the time of day comes from.
    TimeSource: Kind::TimeSources, ReadWrite, "Heartbeat";
    /// How long ago storage may have learned of a running transaction, in seconds; 0: as long as nothing is recorded.
    CheckpointInterval: SECONDS, ReadWrite, "60";
}

pub(super) const MEASURAND_LISTS: usize = 5;
pub(super) const TEXTS: usize = 3;

pub(super) const fn text_index(id: SettingId) -> Option<usize> {
    match id {
        SettingId::MasterPassGroupId => Some(0),
        SettingId::OrganizationName => Some(1),
        SettingId::NetworkPriority => Some(2),
        _ => None,
    }
}

pub(super) const fn measurand_index(id: SettingId) -> Option<usize> {
    match id {
        SettingId::SampledMeasurands => Some(0),
        SettingId::AlignedMeasurands => Some(1),
        SettingId::EndedSampledMeasurands => Some(2),
        SettingId::EndedAlignedMeasurands => Some(3),
        SettingId::StartedMeasurands => Some(4),
        _ => None,
    }
}
