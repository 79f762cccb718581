//! Network profiles: keeping them, and which one is dialled when (2.0.1 B09, B10).
//!
//! Slot 0 is the factory's, the address that the application knows by itself; the others are set by the CSMS. Memory holds
//! what the station decides by; addresses stay in storage. A profile that is replaced counts from the next dial on, the
//! order of slots from the next boot on.
//!
//! Not done: the erasing of profiles with less security once a higher one has worked (A05), mobile access points, virtual
//! private networks.

use super::Station;
use super::boot::BootState;
use super::calls::{Answer, CallState, Wait};
use crate::contract::ValueKey;
use crate::dialect::{Command, NetworkProfile, NetworkProfileStatus};
use crate::network::{self, StoredNetworkProfile};
use crate::settings::{PROFILES, SettingId};

/// Longest time to wait for an answer that a profile may ask for, in seconds.
const TIMEOUT_MAX: u16 = 3_600;

#[derive(Debug)]
pub(super) struct Network {
    /// What is known of the slots above 0.
    slots: [Option<Way>; PROFILES as usize - 1],
    /// The order in which slots are tried, as it was when the station booted.
    order: heapless::Vec<u8, { PROFILES as usize }>,
    /// Place in `order` of the slot that is in use, or tried.
    place: usize,
    /// Attempts in a row that failed.
    failures: u32,
    /// How the last dial was to be made; `None` is the factory's way.
    in_use: Option<Way>,
    /// The slot that worked last, unless its profile was replaced since.
    met: Option<u8>,
}

/// What the station has to know of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Way {
    message_timeout: u16,
    security_profile: u8,
}

impl Network {
    pub(super) const fn new() -> Self {
        Self {
            slots: [None; PROFILES as usize - 1],
            order: heapless::Vec::new(),
            place: 0,
            failures: 0,
            in_use: None,
            met: None,
        }
    }

    /// The slot that is in use, or tried.
    pub(super) fn slot(&self) -> u8 {
        self.order.get(self.place).copied().unwrap_or(0)
    }

    fn way(&self, slot: u8) -> Option<Way> {
        self.slots.get(usize::from(slot).checked_sub(1)?).copied().flatten()
    }

    fn set_way(&mut self, slot: u8, way: Option<Way>) {
        let index = usize::from(slot).checked_sub(1);
        if let Some(own) = index.and_then(|index| self.slots.get_mut(index)) {
            *own = way;
        }
    }

    /// Dials: what is known of the slot now is in force until the next time.
    pub(super) fn dial(&mut self) -> u8 {
        let slot = self.slot();
        self.in_use = self.way(slot);
        slot
    }

    /// An attempt failed: after some in a row it is the next slot's turn, after the last one the first one's (B10.FR.03,
    /// B10.FR.08).
    pub(super) fn attempt_failed(&mut self, attempts: u32) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= attempts {
            self.failures = 0;
            let next = self.place.saturating_add(1);
            self.place = if next < self.order.len() { next } else { 0 };
        }
    }
}

impl Station<'_> {
    /// B09. The reply waits for storage.
    pub(super) fn set_network_profile(&self, slot: i32, profile: &NetworkProfile<'_>) -> CallState {
        match self.checked_profile(slot, profile) {
            Ok((slot, way)) => CallState::Waiting(Wait::NetworkProfile { slot, way }),
            Err(status) => CallState::Ready(Answer::NetworkProfile(status)),
        }
    }

    fn checked_profile(&self, slot: i32, profile: &NetworkProfile<'_>) -> Result<(u8, Way), NetworkProfileStatus> {
        use NetworkProfileStatus as Status;
        // B09.FR.05
        let slot = u8::try_from(slot).ok().filter(|slot| (1..PROFILES).contains(slot));
        let slot = slot.ok_or(Status::NoSuchSlot)?;
        if !profile.supported {
            return Err(Status::Unsupported);
        }
        let timeout = u16::try_from(profile.message_timeout).ok();
        let timeout = timeout.filter(|timeout| (1..=TIMEOUT_MAX).contains(timeout));
        let message_timeout = timeout.ok_or(Status::OutOfRange)?;
        let security_profile = u8::try_from(profile.security_profile).map_err(|_| Status::OutOfRange)?;
        // B09.FR.04, B09.FR.31: there is no way back to less.
        if (1..self.security_profile()).contains(&security_profile) {
            return Err(Status::Downgrade);
        }
        let device = &self.config.device;
        let highest = device.highest_security_profile.max(device.security_profile);
        if !(1..=highest).contains(&security_profile) {
            return Err(Status::OutOfRange);
        }
        if network::secures(profile.url) != Some(security_profile > 1) {
            return Err(Status::InvalidUrl);
        }
        Ok((
            slot,
            Way {
                message_timeout,
                security_profile,
            },
        ))
    }

    /// Key and length of the profile in the held CALL.
    pub(super) fn encode_network_profile(&self, buf: &mut [u8]) -> Result<(ValueKey, usize), usize> {
        let Some(Wait::NetworkProfile { slot, way }) = self.call.waits_for() else {
            return Err(0);
        };
        match self.command(self.buffers.inbound.get(..self.call.len).unwrap_or(&[])) {
            Ok((Command::SetNetworkProfile { profile, .. }, _)) => {
                network::write(profile.url, way.message_timeout, way.security_profile, buf)
                    .map(|len| (ValueKey::NetworkProfile(slot), len))
            }
            _ => Err(0),
        }
    }

    /// B09.FR.01, B09.FR.03.
    pub(super) fn network_profile_stored(&mut self, stored: bool) {
        let Some(Wait::NetworkProfile { slot, way }) = self.call.waits_for() else {
            return;
        };
        let status = if stored {
            self.network.set_way(slot, Some(way));
            if self.network.met == Some(slot) {
                // It may lead to somebody else now.
                self.network.met = None;
            }
            NetworkProfileStatus::Stored
        } else {
            NetworkProfileStatus::NotStored
        };
        self.call.state = CallState::Ready(Answer::NetworkProfile(status));
    }

    /// A slot was loaded. What cannot be read counts as not set.
    pub(super) fn network_profile_loaded(&mut self, slot: u8, value: Option<&[u8]>) {
        let way = value.and_then(StoredNetworkProfile::read).map(|stored| Way {
            message_timeout: stored.message_timeout,
            security_profile: stored.security_profile,
        });
        self.network.set_way(slot, way);
    }

    /// Everything is loaded: the order of this boot (B10.FR.04). Slots that are lost are left out; the factory's way is
    /// always there.
    pub(super) fn order_networks(&mut self) {
        let network = &mut self.network;
        let slots = slots(self.config.settings.text(SettingId::NetworkPriority));
        for slot in slots {
            if slot == 0 || network.way(slot).is_some() {
                // Each slot is named once: there is room for all.
                let _ = network.order.push(slot);
            }
        }
    }

    /// Whether these slots can be dialled: each is set, and none is secured less than the one in use (B10.FR.02, A05).
    pub(super) fn can_dial(&self, priority: &str) -> bool {
        let least = self.security_profile();
        let security = |slot: u8| match slot {
            0 => Some(self.config.device.security_profile),
            slot => self.network.way(slot).map(|way| way.security_profile),
        };
        slots(priority).all(|slot| security(slot).is_some_and(|own| own >= least))
    }

    /// The link is up: a CSMS that does not know the station, or may not, decides about it first (B10.FR.10).
    pub(super) fn meet(&mut self) {
        let slot = self.network.slot();
        self.network.failures = 0;
        if self.network.met.replace(slot) != Some(slot) {
            self.boot = BootState::new(self.boot.reason);
            // The pages of a report are for who ordered it.
            self.report_goes_on(None);
        }
    }

    /// How the connection is secured.
    pub(super) fn security_profile(&self) -> u8 {
        let in_use = self.network.in_use.map(|way| way.security_profile);
        in_use.unwrap_or(self.config.device.security_profile)
    }

    /// How long an answer of the CSMS is waited for, in seconds.
    pub(super) fn message_timeout(&self) -> u32 {
        let in_use = self.network.in_use.map(|way| way.message_timeout.into());
        in_use.unwrap_or_else(|| self.settings().count(SettingId::MessageTimeout))
    }
}

/// The slots of a valid list.
fn slots(priority: &str) -> impl Iterator<Item = u8> {
    let digits = priority.bytes().filter(u8::is_ascii_digit);
    digits.map(|digit| digit.wrapping_sub(b'0'))
}
