//! Settings that the firmware adds: the same kinds, accesses and storage, under names of its own in either version.
//!
//! They are a block: a program that lends no [`VendorSlot`] links neither their checks nor their names.

use super::table::{Access, Descriptor, Kind, SettingId, descriptor};
use super::value::{LONG_TEXT_MAX, Value};
use crate::dialect::{Dialect, SettingAddress, SettingName, SettingStatus, View};
use crate::place::{Place, Topology};
use crate::station::{ConfigError, VendorBlock};
use crate::wire::{Decimal, Str, Writer};

/// Number of a vendor's setting: under it the value is stored, so it stays with the setting for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct VendorId(pub u16);

/// A setting of the station or of the firmware, by the number under which it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SettingKey(u32);

impl SettingKey {
    /// The station's setting with that place in the table.
    pub(crate) const fn numbered(index: usize) -> Self {
        Self(0x1000 | index as u32)
    }

    pub(crate) const fn code(self) -> u32 {
        self.0
    }

    pub(crate) fn station(self) -> Option<SettingId> {
        SettingId::ALL.get((self.0 ^ 0x1000) as usize).copied()
    }

    /// Of a setting of the firmware any kind: its values are texts.
    pub(crate) fn kind(self) -> Kind {
        descriptor((self.0 ^ 0x1000) as usize).kind
    }

    pub(crate) const fn vendor(self) -> VendorId {
        VendorId(self.0 as u16)
    }
}

impl From<SettingId> for SettingKey {
    fn from(id: SettingId) -> Self {
        Self::numbered(id as usize)
    }
}

impl From<VendorId> for SettingKey {
    fn from(id: VendorId) -> Self {
        Self(0x10_0000 | u32::from(id.0))
    }
}

/// A setting of the firmware: what it may be, and its names.
///
/// Written as a constant. A setting without a [`key`](Self::key) is not seen in 1.6, one without a
/// [`variable`](Self::variable) not in 2.0.1. It is read and written by the CSMS, and kept over a power cut, unless said
/// otherwise.
///
/// ```
/// use ocpp_core::settings::{Kind, VendorId, VendorSetting, VendorSlot};
/// use ocpp_core::{Config, Station, StationResources, Topology};
/// use ocpp_core::dialect::Identity;
///
/// const BRIGHTNESS: VendorId = VendorId(0);
/// const PIN: VendorId = VendorId(1);
/// static SETTINGS: [VendorSetting; 2] = [
///     VendorSetting::new(BRIGHTNESS, Kind::Number { min: 0, max: 100 }, "80")
///         .key("ReaderBrightness")
///         .variable("TokenReader", "Brightness")
///         .unit("%"),
///     VendorSetting::new(PIN, Kind::Text { max: 8 }, "").key("ServicePin").variable("ServiceMenu", "Pin").secret(),
/// ];
///
/// let mut slots = [VendorSlot::NEW; SETTINGS.len()];
/// let mut resources = StationResources::<1, 1>::new();
/// let storage = resources.storage().with_vendor_settings(&SETTINGS, &mut slots);
/// let config = Config::new(Topology::new(&[1]), Identity::default(), [7; 16]);
/// # let dialects: [&dyn ocpp_core::dialect::Dialect; 0] = [];
/// let station = Station::new(config, &dialects, storage)?;
/// assert_eq!(station.vendor(BRIGHTNESS), Some("80"));
/// # Ok::<(), ocpp_core::ConfigError>(())
/// ```
#[derive(Clone, Copy)]
pub struct VendorSetting {
    id: VendorId,
    key: SettingName,
    variable: SettingName,
    component_instance: &'static str,
    place: Place,
    about: Descriptor,
    unit: &'static str,
    persistent: bool,
}

impl VendorSetting {
    /// A setting of that kind, and its value out of the factory.
    ///
    /// Of the kinds there are `Switch`, `Number`, `Seconds`, `Decimal`, `Text`, `OneOf`, `SomeOf` and `Ordered`; values
    /// have at most 80 bytes in UTF-8.
    pub const fn new(id: VendorId, kind: Kind, factory: &'static str) -> Self {
        let view = View::Vendor(id, Access::ReadWrite);
        Self {
            id,
            key: SettingName::key("", view),
            variable: SettingName::key("", view),
            component_instance: "",
            place: Place::Station,
            about: Descriptor {
                kind,
                access: Access::ReadWrite,
                reboot: false,
                factory,
            },
            unit: "",
            persistent: true,
        }
    }

    /// Its configuration key in 1.6: at most 50 characters of letters, digits and `*-_=:+|@.`, as all names here.
    #[must_use]
    pub const fn key(mut self, key: &'static str) -> Self {
        self.key.name = key;
        self
    }

    /// Its component and variable in 2.0.1. The component may be one that the station has anyway.
    #[must_use]
    pub const fn variable(mut self, component: &'static str, variable: &'static str) -> Self {
        self.variable.component = component;
        self.variable.name = variable;
        self
    }

    /// Instance of the variable in 2.0.1.
    #[must_use]
    pub const fn instance(mut self, instance: &'static str) -> Self {
        self.variable.instance = instance;
        self
    }

    /// Instance of the component in 2.0.1.
    #[must_use]
    pub const fn component_instance(mut self, instance: &'static str) -> Self {
        self.component_instance = instance;
        self
    }

    /// The EVSE or connector that the component is a part of in 2.0.1; otherwise it is the station's.
    #[must_use]
    pub const fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// Unit, told in 2.0.1: at most 16 characters. That of `Seconds` is known.
    #[must_use]
    pub const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    /// The CSMS reads it only; the application still writes it.
    #[must_use]
    pub const fn read_only(self) -> Self {
        self.open_to(Access::ReadOnly)
    }

    /// The CSMS writes it only: it is never told, and left out of `Debug`.
    #[must_use]
    pub const fn secret(self) -> Self {
        self.open_to(Access::WriteOnly)
    }

    const fn open_to(mut self, access: Access) -> Self {
        self.about.access = access;
        self.key.view = View::Vendor(self.id, access);
        self.variable.view = View::Vendor(self.id, access);
        self
    }

    /// The application follows a new value only after a reboot, and the CSMS is told so.
    #[must_use]
    pub const fn after_reboot(mut self) -> Self {
        self.about.reboot = true;
        self
    }

    /// It is not stored: at each boot it begins with its value out of the factory.
    #[must_use]
    pub const fn volatile(mut self) -> Self {
        self.persistent = false;
        self
    }

    /// Another value out of the factory.
    #[must_use]
    pub const fn factory(mut self, factory: &'static str) -> Self {
        self.about.factory = factory;
        self
    }

    /// Its number.
    pub const fn id(&self) -> VendorId {
        self.id
    }

    /// Its name in 1.6: without a component, and empty if it has none.
    pub const fn key_name(&self) -> &SettingName {
        &self.key
    }

    /// Its name in 2.0.1, but for the place; empty if it has none.
    pub const fn variable_name(&self) -> &SettingName {
        &self.variable
    }

    /// What its component is a part of.
    pub const fn place(&self) -> Place {
        self.place
    }

    /// Instance of its component; usually empty.
    pub const fn instance_of_component(&self) -> &'static str {
        self.component_instance
    }

    /// Its unit; empty if it has none, or its kind says it.
    pub const fn unit_name(&self) -> &'static str {
        self.unit
    }

    /// Whether it outlives a power cut.
    pub const fn is_persistent(&self) -> bool {
        self.persistent
    }

    /// Whether `text` is of its kind.
    pub fn accepts(&self, text: &str) -> bool {
        self.check(Str::plain(text)).is_some()
    }

    /// A text as a value.
    pub(crate) fn check(&self, text: Str<'_>) -> Option<Value> {
        checked(&self.about.kind, text).map(Value::Long)
    }

    /// Type, range, access and factory value.
    pub const fn descriptor(&self) -> &Descriptor {
        &self.about
    }
}

impl core::fmt::Debug for VendorSetting {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("VendorSetting")
            .field("id", &self.id)
            .field("key", &self.key.name)
            .field("component", &self.variable.component)
            .field("variable", &self.variable.name)
            .finish_non_exhaustive()
    }
}

/// Memory for the value of one vendor's setting.
#[derive(Clone)]
pub struct VendorSlot(heapless::String<LONG_TEXT_MAX>);

impl VendorSlot {
    /// No value yet.
    pub const NEW: Self = Self(heapless::String::new());
}

impl Default for VendorSlot {
    fn default() -> Self {
        Self::NEW
    }
}

impl core::fmt::Debug for VendorSlot {
    /// The value may be a secret.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("VendorSlot")
    }
}

/// What is wrong with a vendor's setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum VendorFault {
    /// Two have the same number.
    Id,
    /// A name is missing, too long, or has other characters than names may have.
    Name,
    /// A name is the station's own, or another vendor setting's.
    NameTaken,
    /// The station has no such place.
    Place,
    /// The factory value is not of its kind, or the kind is none for vendors.
    Factory,
}

impl VendorFault {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Id => "two vendor settings have the same number",
            Self::Name => "a vendor setting has no name, or one that is not allowed",
            Self::NameTaken => "the name of a vendor setting is taken",
            Self::Place => "a vendor setting is of an EVSE or connector that is not there",
            Self::Factory => "the factory value of a vendor setting is not of its kind",
        }
    }
}

/// The vendor's settings and their values.
#[derive(Debug)]
pub struct VendorSettings<'s> {
    pub(crate) settings: &'static [VendorSetting],
    slots: &'s mut [VendorSlot],
    pub(crate) block: &'static VendorBlock,
}

impl<'s> VendorSettings<'s> {
    pub(crate) fn new(
        settings: &'static [VendorSetting],
        slots: &'s mut [VendorSlot],
        block: &'static VendorBlock,
    ) -> Self {
        Self { settings, slots, block }
    }

    pub(crate) fn setting(&self, id: VendorId) -> Option<&'static VendorSetting> {
        self.settings.iter().find(|setting| setting.id == id)
    }

    pub(crate) fn value(&self, id: VendorId) -> Option<&str> {
        let index = self.settings.iter().position(|setting| setting.id == id)?;
        self.slots.get(index).map(|slot| slot.0.as_str())
    }

    pub(crate) fn put(&mut self, id: VendorId, value: &Value) {
        let index = self.settings.iter().position(|setting| setting.id == id);
        if let (Some(slot), Value::Long(text)) = (index.and_then(|index| self.slots.get_mut(index)), value) {
            slot.0.clone_from(text);
        }
    }

    /// Checks all of them, and takes the factory values.
    pub(crate) fn begin(&mut self, dialects: &[&dyn Dialect], topology: Topology<'_>) -> Result<(), ConfigError> {
        if self.slots.len() != self.settings.len() {
            return Err(ConfigError::VendorSlots);
        }
        for (index, (setting, slot)) in self.settings.iter().zip(self.slots.iter_mut()).enumerate() {
            let before = self.settings.get(..index).unwrap_or(&[]);
            let id = setting.id;
            slot.0 =
                begin(setting, before, dialects, topology).map_err(|fault| ConfigError::VendorSetting { id, fault })?;
        }
        Ok(())
    }

    pub(crate) fn find(
        &self,
        at: &SettingAddress<'_>,
        otherwise: SettingStatus,
    ) -> Result<&'static SettingName, SettingStatus> {
        let mut unknown = otherwise;
        for setting in self.settings {
            if at.component.is_empty() {
                let named = !setting.key.name.is_empty() && at.name.eq_ignore_case(&Str::plain(setting.key.name));
                if named && at.place == Place::Station {
                    return Ok(&setting.key);
                }
            } else if at.place == setting.place
                && at.component.eq_ignore_case(&Str::plain(setting.variable.component))
                && at
                    .component_instance
                    .eq_ignore_case(&Str::plain(setting.component_instance))
            {
                unknown = SettingStatus::UnknownVariable;
                if at.name.eq_ignore_case(&Str::plain(setting.variable.name))
                    && at.instance.eq_ignore_case(&Str::plain(setting.variable.instance))
                {
                    return Ok(&setting.variable);
                }
            }
        }
        Err(unknown)
    }
}

/// The factory value of a setting with which nothing is wrong.
fn begin(
    setting: &VendorSetting,
    before: &[VendorSetting],
    dialects: &[&dyn Dialect],
    topology: Topology<'_>,
) -> Result<heapless::String<LONG_TEXT_MAX>, VendorFault> {
    let (key, variable) = (&setting.key, &setting.variable);
    if before.iter().any(|other| other.id == setting.id) {
        return Err(VendorFault::Id);
    }
    let parts = [variable.component, variable.name];
    let has_variable = parts.iter().all(|part| is_name(part));
    let optional = |text: &str| text.is_empty() || is_name(text);
    let others = [key.name, variable.instance, setting.component_instance];
    let named = has_variable || parts.iter().all(|part| part.is_empty()) && !key.name.is_empty();
    let unit = setting.unit.as_bytes();
    let plain = |byte: &u8| byte.is_ascii_graphic() && !br#""\"#.contains(byte);
    if !named || !others.into_iter().all(optional) || unit.len() > 16 || !unit.iter().all(plain) {
        return Err(VendorFault::Name);
    }
    let same = |a: &SettingName, b: &SettingName| {
        let pairs = [(a.component, b.component), (a.name, b.name), (a.instance, b.instance)];
        !a.name.is_empty() && pairs.into_iter().all(|(a, b)| a.eq_ignore_ascii_case(b))
    };
    let mut own = dialects.iter().flat_map(|dialect| dialect.settings());
    // Whatever its place: two meanings of one name would help nobody.
    let taken = own.any(|own| same(key, own) || same(variable, own))
        || before.iter().any(|other| {
            let apart = other.place != setting.place
                || !other
                    .component_instance
                    .eq_ignore_ascii_case(setting.component_instance);
            same(key, &other.key) || same(variable, &other.variable) && !apart
        });
    if taken {
        return Err(VendorFault::NameTaken);
    }
    let there = match setting.place {
        Place::Station => true,
        Place::Evse(id) => id.index() < topology.evses(),
        Place::Connector(id) => topology.flat(id).is_some(),
        Place::Unknown => false,
    };
    if !there {
        return Err(VendorFault::Place);
    }
    checked(&setting.about.kind, Str::plain(setting.about.factory)).ok_or(VendorFault::Factory)
}

/// 2.0.1's identifierString of at most 50 characters, which 1.6's keys are held to as well.
fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"*-_=:+|@.".contains(&byte);
    (1..=50).contains(&text.len()) && text.bytes().all(allowed)
}

/// A text as the textual form of a value of that kind.
fn checked(kind: &Kind, text: Str<'_>) -> Option<heapless::String<LONG_TEXT_MAX>> {
    let mut buffer = [0; LONG_TEXT_MAX];
    let text = text.copy_to(&mut buffer)?;
    match *kind {
        Kind::Switch | Kind::Number { .. } | Kind::Seconds { .. } => {
            let Ok(Value::Number(number)) = Value::parse(kind, Str::plain(text)) else {
                return None;
            };
            if *kind == Kind::Switch {
                return heapless::String::try_from(if number != 0 { "true" } else { "false" }).ok();
            }
            let mut digits = [0; 12];
            let mut w = Writer::new(&mut digits);
            w.plain(|p| {
                p.decimal(number.into());
            });
            return heapless::String::try_from(w.finish().ok()?).ok();
        }
        Kind::Decimal(&[min, max]) => {
            let number = Decimal::parse(text)?;
            let apart = |a: Decimal, b: Decimal| {
                let scale = a.scale().max(b.scale());
                a.scaled(scale)?.checked_sub(b.scaled(scale)?)
            };
            (apart(number, min)? >= 0 && apart(max, number)? >= 0).then_some(())?;
        }
        Kind::Text { max } => text.chars().nth(max.into()).is_none().then_some(())?,
        Kind::OneOf(words) => words.contains(&text).then_some(())?,
        Kind::SomeOf(words) | Kind::Ordered(words) => {
            let mut list = heapless::String::new();
            for item in text.split(',').filter(|_| !text.is_empty()) {
                let item = item.trim_ascii();
                let again = list.split(',').any(|own: &str| own == item);
                (words.contains(&item) && !again).then_some(())?;
                if !list.is_empty() {
                    list.push(',').ok()?;
                }
                list.push_str(item).ok()?;
            }
            return Some(list);
        }
        _ => return None,
    }
    heapless::String::try_from(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn as_kept(kind: Kind, text: &str) -> Option<std::string::String> {
        checked(&kind, Str::plain(text)).map(|kept| kept.as_str().into())
    }

    #[test]
    fn values_are_held_to_their_kinds() {
        const WORDS: &[&str] = &["en", "de", "nl"];
        const RANGE: &[Decimal; 2] = &[Decimal::new(-5, 1), Decimal::new(125, 1)];
        let decimal = Kind::Decimal(RANGE);
        let number = Kind::Number { min: -3, max: 40 };
        let text = Kind::Text { max: 4 };
        for (kind, given, kept) in [
            (Kind::Switch, "TRUE", Some("true")),
            (Kind::Switch, "1", None),
            (number, "+07", Some("7")),
            (number, "-3", Some("-3")),
            (number, "41", None),
            (decimal, "-0.5", Some("-0.5")),
            (decimal, "12.50", Some("12.50")),
            (decimal, "12.51", None),
            (decimal, "-0.51", None),
            (decimal, "ten", None),
            (decimal, "1e17", None),
            (text, "grün", Some("grün")),
            (text, "12345", None),
            (text, "", Some("")),
            (Kind::OneOf(WORDS), "de", Some("de")),
            (Kind::OneOf(WORDS), "DE", None),
            (Kind::OneOf(WORDS), "", None),
            (Kind::SomeOf(WORDS), "nl, en", Some("nl,en")),
            (Kind::SomeOf(WORDS), "", Some("")),
            (Kind::SomeOf(WORDS), "nl,nl", None),
            (Kind::Ordered(WORDS), "nl,fr", None),
            (Kind::Ordered(WORDS), "nl,", None),
            (Kind::Key, "00", None),
        ] {
            assert_eq!(as_kept(kind, given).as_deref(), kept, "{kind:?} {given:?}");
        }
        let long = "x".repeat(LONG_TEXT_MAX + 1);
        assert_eq!(as_kept(Kind::Text { max: 255 }, &long), None);
    }
}
