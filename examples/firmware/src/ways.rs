//! The ways to a central system: the one that was provisioned, and the network profiles that a central system has set.

use crate::provision::Provision;
use crate::shared::Shared;
use core::cell::RefCell;
use evse_hal::Storage;
use evse_hal::websocket::{Endpoint, Endpoints, PingInterval};
use heapless::{String, Vec};
use ocpp_core::settings::{SettingId, Settings};
use ocpp_core::{StoredNetworkProfile, ValueKey};

/// Longest password, in bytes.
const PASSWORD: usize = 40;
/// Longest stored profile, in bytes.
const PROFILE: usize = 544;

/// What the link has to know of the station's settings.
pub(crate) struct LinkSettings {
    pub pings: PingInterval,
    /// The password in hexadecimal; empty if the central system has set none.
    key: RefCell<String<{ 2 * PASSWORD }>>,
}

impl LinkSettings {
    pub const fn new() -> Self {
        Self {
            pings: PingInterval::new(0),
            key: RefCell::new(String::new()),
        }
    }

    /// Keeps up with the settings.
    pub fn follow(&self, settings: &Settings) {
        self.pings.set(settings.count(SettingId::WebSocketPingInterval));
        let mut key = self.key.borrow_mut();
        if key.as_str() != settings.authorization_key() {
            key.clear();
            // What the setting takes is not longer.
            let _ = key.push_str(settings.authorization_key());
        }
    }
}

/// Where to dial, as whom, with which password.
pub(crate) struct Ways<'a, S> {
    storage: &'a Shared<S>,
    provision: Option<&'a Provision>,
    settings: &'a LinkSettings,
    profile: [u8; PROFILE],
    password: Vec<u8, PASSWORD>,
}

impl<'a, S> Ways<'a, S> {
    pub const fn new(storage: &'a Shared<S>, provision: Option<&'a Provision>, settings: &'a LinkSettings) -> Self {
        Self {
            storage,
            provision,
            settings,
            profile: [0; PROFILE],
            password: Vec::new(),
        }
    }
}

impl<S: Storage> Endpoints for Ways<'_, S> {
    async fn endpoint(&mut self, profile: u8) -> Option<Endpoint<'_>> {
        let provision = self.provision?;
        self.password = decoded(&self.settings.key.borrow()).unwrap_or_default();
        if self.password.is_empty() {
            self.password.extend_from_slice(provision.password().as_bytes()).ok()?;
        }
        let endpoint = if profile == 0 {
            provision.endpoint()?
        } else {
            let key = ValueKey::NetworkProfile(profile).code();
            let mut storage = self.storage;
            let length = storage.value(key, &mut self.profile).await.ok()??;
            let stored = StoredNetworkProfile::read(self.profile.get(..length)?)?;
            Endpoint::new(stored.url, provision.station())?
        };
        Some(endpoint.with_password(&self.password))
    }
}

/// Bytes out of hexadecimal digits.
fn decoded(digits: &str) -> Option<Vec<u8, PASSWORD>> {
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |&[high, low]: &[u8; 2]| Some(digit(high)? << 4 | digit(low)?);
    let mut bytes = Vec::new();
    pairs.iter().try_for_each(|pair| bytes.push(byte(pair)?).ok())?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Arguments;
    use evse_hal::flash::sim::{SimFlash, now};
    use evse_hal::flash::{FlashStorage, Layout, Opaque};

    #[test]
    fn the_password_that_was_set_wins() {
        let document = r#"{"url":"ws://csms/ocpp","station":"CP","password":"installer"}"#;
        let provision = Provision::read(Arguments::of(document).unwrap()).unwrap();
        let layout = Layout {
            records: 0..0x3000,
            values: 0x3000..0x6000,
        };
        now(async {
            let flash = SimFlash::<4, 4096>::new(6);
            let storage = FlashStorage::<_, _, 3>::open(flash, layout, Opaque).await.unwrap();
            let storage = Shared::new(storage);
            let own = LinkSettings::new();
            let mut ways = Ways::new(&storage, Some(&provision), &own);
            let expected = Endpoint::new("ws://csms/ocpp", "CP").unwrap();
            assert_eq!(ways.endpoint(0).await, Some(expected.with_password(b"installer")));
            let mut settings = Settings::default();
            let key = "00112233445566778899aabbccddeeff";
            settings.set(SettingId::AuthorizationKey, key).unwrap();
            own.follow(&settings);
            let bytes = 0x0011_2233_4455_6677_8899_aabb_ccdd_eeff_u128.to_be_bytes();
            assert_eq!(ways.endpoint(0).await, Some(expected.with_password(&bytes)));
            assert_eq!(ways.endpoint(1).await, None, "no such profile");
            assert_eq!(Ways::new(&storage, None, &own).endpoint(0).await, None);
        });
    }
}
