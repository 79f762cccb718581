//! The settings of a station: one typed table, read by name of the setting, never by string.
//!
//! A 1.6 configuration key and a 2.0.1 variable are two views of one setting; which name means which setting is the
//! dialect's table ([`SettingName`](crate::dialect::SettingName)). What is stored is the textual form of one setting
//! at a time, so that one damaged item costs one item.

mod table;
mod value;
mod vendor;

pub use table::{Access, Descriptor, Kind, SettingId, TimeSource, TxPoint};
pub use value::{MeasurandChoice, SettingError};
pub use vendor::{SettingKey, VendorFault, VendorId, VendorSetting, VendorSettings, VendorSlot};

use crate::wire::{Str, Writer};
use value::{LONG_TEXT_MAX, Measurands, ROTATION_TEXT_MAX, TEXT_MAX, ValueView};
pub(crate) use value::{PROFILES, Value, unpacked as time_sources};

/// The value of every setting.
///
/// ```
/// use ocpp_core::settings::{SettingError, SettingId, Settings};
///
/// let mut settings = Settings::default();
/// settings.set(SettingId::HeartbeatInterval, "900")?;
/// assert_eq!(settings.int(SettingId::HeartbeatInterval), 900);
/// assert_eq!(settings.set(SettingId::HeartbeatInterval, "-1"), Err(SettingError::Value));
/// # Ok::<(), SettingError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Settings {
    numbers: [i32; SettingId::COUNT],
    measurands: [Measurands; table::MEASURAND_LISTS],
    texts: [heapless::String<TEXT_MAX>; table::TEXTS],
    rotation: heapless::String<ROTATION_TEXT_MAX>,
    key: SecretKey,
    /// A setting that this station's hardware fixes.
    fixed: Option<SettingId>,
}

/// The password, kept from `Debug`.
#[derive(Clone)]
struct SecretKey(heapless::String<LONG_TEXT_MAX>);

impl core::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("…")
    }
}

impl Settings {
    /// A whole number, in the unit of the setting.
    pub fn int(&self, id: SettingId) -> i32 {
        self.numbers.get(id as usize).copied().unwrap_or(0)
    }

    /// A switch.
    pub fn on(&self, id: SettingId) -> bool {
        self.int(id) != 0
    }

    /// A whole number that cannot be negative: seconds, counts.
    pub fn count(&self, id: SettingId) -> u32 {
        u32::try_from(self.int(id)).unwrap_or(0)
    }

    /// A list of measurands, in the order given.
    pub fn measurands(&self, id: SettingId) -> &[MeasurandChoice] {
        table::measurand_index(id)
            .and_then(|index| self.measurands.get(index))
            .map_or(&[], |list| list.as_slice())
    }

    /// A set of moments at which transactions begin or end, as [`TxPoint::bit`]s.
    pub fn points(&self, id: SettingId) -> u8 {
        u8::try_from(self.int(id)).unwrap_or(0)
    }

    /// Where the time of day comes from, in order of preference.
    pub fn time_sources(&self) -> impl Iterator<Item = TimeSource> {
        value::unpacked(self.int(SettingId::TimeSource))
    }

    /// The phase rotation of the connector with that station-wide number, 0 being the station; empty if there is none.
    pub(crate) fn rotation(&self, number: u16) -> &str {
        value::rotation_of(&self.rotation, number.into())
    }

    /// A text.
    pub fn text(&self, id: SettingId) -> &str {
        table::text_index(id)
            .and_then(|index| self.texts.get(index))
            .map_or("", |text| text.as_str())
    }

    /// The password for HTTP Basic authentication: 1.6's `AuthorizationKey` in hexadecimal. Empty if none is set.
    pub fn authorization_key(&self) -> &str {
        &self.key.0
    }

    /// Sets a value out of its textual form, whoever may write it.
    ///
    /// # Errors
    /// [`SettingError::Value`] if the text is not of the setting's type or range; nothing is changed.
    pub fn set(&mut self, id: SettingId, text: &str) -> Result<(), SettingError> {
        let value = self.check(id, Str::plain(text))?;
        self.put(id, value);
        Ok(())
    }

    /// Who may write it at this station.
    pub fn access(&self, id: SettingId) -> Access {
        if self.fixed == Some(id) {
            Access::ReadOnly
        } else {
            id.descriptor().access
        }
    }

    /// Switches it off for good.
    pub(crate) fn fix_off(&mut self, id: SettingId) {
        self.put(id, Value::Number(0));
        self.fixed = Some(id);
    }

    /// Writes the textual form as a JSON string.
    pub fn write(&self, id: SettingId, w: &mut Writer<'_>) {
        match self.view(id) {
            // Any characters.
            ValueView::Text(text) => w.str(text),
            view => w.quoted(|p| view.pieces(p)),
        }
    }

    /// Whether `text` would be taken, without taking it.
    pub(crate) fn check(&self, id: SettingId, text: Str<'_>) -> Result<Value, SettingError> {
        Value::parse(&id.descriptor().kind, text)
    }

    pub(crate) fn put(&mut self, id: SettingId, value: Value) {
        if self.fixed == Some(id) {
            return;
        }
        match value {
            Value::Number(number) => {
                if let Some(place) = self.numbers.get_mut(id as usize) {
                    *place = number;
                }
            }
            Value::Measurands(list) => {
                if let Some(place) = table::measurand_index(id).and_then(|index| self.measurands.get_mut(index)) {
                    *place = list;
                }
            }
            Value::Text(text) => {
                if let Some(place) = table::text_index(id).and_then(|index| self.texts.get_mut(index)) {
                    *place = text;
                }
            }
            Value::Rotation(text) => self.rotation = text,
            Value::Long(text) => self.key = SecretKey(text),
        }
    }

    fn view(&self, id: SettingId) -> ValueView<'_> {
        match id.descriptor().kind {
            Kind::Switch => ValueView::Switch(self.on(id)),
            Kind::Number { .. } | Kind::Seconds { .. } => ValueView::Number(self.int(id)),
            Kind::Measurands => ValueView::Measurands(self.measurands(id)),
            Kind::TxPoints { .. } => ValueView::Points(self.points(id)),
            Kind::Text { .. } | Kind::Priority => ValueView::Text(self.text(id)),
            Kind::TimeSources => ValueView::TimeSources(self.int(id)),
            Kind::Rotation => ValueView::Text(&self.rotation),
            Kind::Key => ValueView::Text(&self.key.0),
            // No setting of every station.
            Kind::Decimal(_) | Kind::OneOf(_) | Kind::SomeOf(_) | Kind::Ordered(_) => ValueView::Text(""),
        }
    }
}

impl Default for Settings {
    /// The factory values.
    fn default() -> Self {
        let mut settings = Self {
            numbers: [0; SettingId::COUNT],
            measurands: Default::default(),
            texts: Default::default(),
            rotation: heapless::String::new(),
            key: SecretKey(heapless::String::new()),
            fixed: None,
        };
        for &id in SettingId::ALL {
            // A test holds every factory value to its own rules.
            let _ = settings.set(id, id.descriptor().factory);
        }
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::{String, ToString};

    fn text(settings: &Settings, id: SettingId) -> String {
        let mut buffer = [0; 512];
        let mut w = Writer::new(&mut buffer);
        settings.write(id, &mut w);
        w.finish().unwrap().trim_matches('"').to_string()
    }

    #[test]
    fn every_factory_value_is_valid_and_comes_back() {
        let settings = Settings::default();
        for &id in SettingId::ALL {
            let factory = id.descriptor().factory;
            assert!(settings.check(id, Str::plain(factory)).is_ok(), "{id:?}");
            assert_eq!(text(&settings, id), factory, "{id:?}");
        }
    }

    #[test]
    fn measurand_lists_keep_order_and_refuse_the_whole_list_for_one_item() {
        let mut settings = Settings::default();
        let id = SettingId::SampledMeasurands;
        settings.set(id, "Voltage.L1-N, Energy.Active.Import.Register").unwrap();
        assert_eq!(text(&settings, id), "Voltage.L1-N,Energy.Active.Import.Register");
        for bad in ["Voltage,Nonsense", "Voltage.L9", "Voltage,,Voltage", "Voltage,"] {
            assert_eq!(settings.set(id, bad), Err(SettingError::Value), "{bad}");
        }
        assert_eq!(text(&settings, id), "Voltage.L1-N,Energy.Active.Import.Register");
        settings.set(id, "").unwrap();
        assert_eq!(settings.measurands(id), &[]);
    }

    #[test]
    fn numbers_and_switches_are_ranged() {
        let mut settings = Settings::default();
        for bad in ["", "abc", "-5", "1.5", "99999999999", "0x10", " "] {
            assert_eq!(
                settings.set(SettingId::ConnectionTimeOut, bad),
                Err(SettingError::Value),
                "{bad:?}"
            );
        }
        for (word, on) in [("true", true), ("False", false), ("TRUE", true)] {
            settings.set(SettingId::LocalPreAuthorize, word).unwrap();
            assert_eq!(settings.on(SettingId::LocalPreAuthorize), on);
        }
        assert_eq!(
            settings.set(SettingId::LocalPreAuthorize, "yes"),
            Err(SettingError::Value)
        );
    }

    #[test]
    fn moments_are_a_set_and_priorities_an_order_without_repetition() {
        let mut settings = Settings::default();
        let id = SettingId::TxStartPoint;
        settings.set(id, "Authorized, EVConnected").unwrap();
        assert_eq!(text(&settings, id), "EVConnected,Authorized");
        assert_eq!(
            settings.points(id),
            TxPoint::EvConnected.bit() | TxPoint::Authorized.bit()
        );
        for bad in ["DataSigned", "EVConnected,", "evconnected"] {
            assert_eq!(settings.set(id, bad), Err(SettingError::Value), "{bad}");
        }
        let id = SettingId::NetworkPriority;
        settings.set(id, "1,0").unwrap();
        assert_eq!(settings.text(id), "1,0");
        for bad in ["", "1,1", "8", "0, 1", "x", "01"] {
            assert_eq!(settings.set(id, bad), Err(SettingError::Value), "{bad}");
        }
        let id = SettingId::MasterPassGroupId;
        settings.set(id, "é23456789012345678901234567890123456").unwrap();
        assert_eq!(
            settings.set(id, "1234567890123456789012345678901234567"),
            Err(SettingError::Value)
        );
    }

    #[test]
    fn sources_of_time_keep_their_order() {
        let mut settings = Settings::default();
        let id = SettingId::TimeSource;
        let all = "RadioTimeTransmitter,MobileNetwork,RealTimeClock,GPS,NTP,Heartbeat";
        settings.set(id, all).unwrap();
        assert_eq!(text(&settings, id), all);
        assert_eq!(settings.time_sources().next(), Some(TimeSource::RadioTimeTransmitter));
        for bad in ["", "GPS,GPS", "Sundial", "GPS,"] {
            assert_eq!(settings.set(id, bad), Err(SettingError::Value), "{bad}");
        }
    }

    #[test]
    fn each_connector_has_its_part_of_the_rotation() {
        let mut settings = Settings::default();
        settings.set(SettingId::PhaseRotation, "0.RST, 12.RTS,1.STR").unwrap();
        let parts = [0, 1, 2, 12].map(|number| settings.rotation(number));
        assert_eq!(parts, ["RST", "STR", "", "RTS"]);
    }

    #[test]
    fn the_key_is_hexadecimal_and_stays_out_of_debug() {
        let mut settings = Settings::default();
        let key = "0001020304050607ffffffffffffffffffffffff";
        settings.set(SettingId::AuthorizationKey, key).unwrap();
        assert_eq!(settings.authorization_key(), key);
        assert!(!std::format!("{settings:?}").contains("0001"));
        for bad in [
            "00",
            "zz01020304050607ffffffffffffffff",
            "000102030405060708090a0b0c0d0e0f1",
            "0001020304050607080910111213141516171819202122232425262728293031323334353637383940",
        ] {
            assert_eq!(
                settings.set(SettingId::AuthorizationKey, bad),
                Err(SettingError::Value),
                "{bad}"
            );
        }
    }
}
