//! What is fixed about a station by the way it is built: told in the device model of 2.0.1.

use crate::place::Place;
use crate::settings::TimeSource;

/// The station's hardware and where it belongs, as far as a CSMS wants to know. Everything has a default.
///
/// ```
/// use ocpp_core::dialect::{Device, EvseDevice};
///
/// let socket = EvseDevice { phases: 3, max_watts: 22_080, connectors: &["sType2"] };
/// let device = Device { station_id: "CS-0042", evses: &[socket], ..Device::default() };
/// assert_eq!(device.security_profile, 1);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Device<'a> {
    /// The name under which the station reports at the CSMS, the last part of the URL: at most 48 characters.
    pub station_id: &'a str,
    /// How the connection is secured: 1 with a password, 2 with TLS too, 3 with a certificate of the station.
    pub security_profile: u8,
    /// The highest of these that the link is able to, if it is more than `security_profile`: network profiles that ask
    /// for more are refused.
    pub highest_security_profile: u8,
    /// Interfaces of the network in the words of 2.0.1, `Wired0` to `Wireless3`: profiles for others are refused. Without
    /// any, a profile's interface is ignored.
    pub network_interfaces: &'a [&'a str],
    /// Where the time of day may come from. What is no heartbeat is told to the station with
    /// [`Input::Clock`](crate::Input::Clock).
    pub time_sources: &'a [TimeSource],
    /// The EVSEs in order. One that is left out has the default.
    pub evses: &'a [EvseDevice<'a>],
}

/// The hardware of one EVSE.
#[derive(Clone, Copy, Debug)]
pub struct EvseDevice<'a> {
    /// Number of phases: 1 or 3, 0 for DC.
    pub phases: u8,
    /// The most that it can deliver, in W.
    pub max_watts: u32,
    /// Types of its connectors in order, in the words of 2.0.1: `cType2`, `sType2`, `cCCS2`, …
    pub connectors: &'a [&'a str],
}

impl Device<'_> {
    /// The EVSE of a place; that of the station is the first one.
    pub(super) fn evse(&self, place: Place) -> EvseDevice<'_> {
        let id = match place {
            Place::Evse(id) => id.0,
            Place::Connector(id) => id.evse.0,
            _ => 1,
        };
        let index = usize::from(id).saturating_sub(1);
        self.evses.get(index).copied().unwrap_or_default()
    }

    pub(super) fn connector_type(&self, place: Place) -> &str {
        let index = match place {
            Place::Connector(id) => usize::from(id.connector).saturating_sub(1),
            _ => 0,
        };
        self.evse(place).connectors.get(index).copied().unwrap_or("Unknown")
    }

    /// The most that the EVSE of a place can deliver, in W.
    pub fn max_watts(&self, place: Place) -> u32 {
        self.evse(place).max_watts
    }
}

impl Default for Device<'_> {
    /// A password, the time out of heartbeats, and default EVSEs.
    fn default() -> Self {
        Self {
            station_id: "",
            security_profile: 1,
            highest_security_profile: 1,
            network_interfaces: &[],
            time_sources: &[TimeSource::Heartbeat],
            evses: &[],
        }
    }
}

impl Default for EvseDevice<'_> {
    /// Three phases of 32 A at 230 V, with connectors of unknown type.
    fn default() -> Self {
        Self {
            phases: 3,
            max_watts: 22_080,
            connectors: &[],
        }
    }
}
