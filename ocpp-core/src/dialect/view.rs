//! Names of a version, and what they show: settings as they are or converted, constants, facts (2.0.1 part 1 §4).

use super::{Context, SettingStatus};
use crate::metering::Measurand;
use crate::place::{EvseId, Place, Topology};
use crate::settings::{
    Access, Descriptor, SettingError, SettingId, Settings, Value, VendorId, VendorSetting, VendorSettings,
};
use crate::vocabulary::ConnectorStatus;
use crate::wire::{Pieces, Str, Wire, WireEnum, Writer};

/// A version's name for a setting or a fact.
#[derive(Clone, Copy, Debug)]
pub struct SettingName {
    /// Component (2.0.1); empty in 1.6.
    pub component: &'static str,
    /// Key (1.6) or variable (2.0.1).
    pub name: &'static str,
    /// Instance of the variable (2.0.1); usually empty.
    pub instance: &'static str,
    /// Of what there is one.
    pub tier: Tier,
    /// What it shows.
    pub view: View,
}

impl SettingName {
    /// A name without component and instance: a key of 1.6.
    pub const fn key(name: &'static str, view: View) -> Self {
        Self::variable("", name, view)
    }

    /// A variable of a component that the station has once.
    pub const fn variable(component: &'static str, name: &'static str, view: View) -> Self {
        Self {
            component,
            name,
            instance: "",
            tier: Tier::Station,
            view,
        }
    }
}

/// Of what a component is a part: there is one for the station, for each EVSE, or for each connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// The station.
    Station,
    /// Each EVSE.
    Evse,
    /// Each connector.
    Connector,
}

impl Tier {
    /// The place with that index, from 0; `None` behind the last one.
    pub fn place(self, index: usize, topology: Topology<'_>) -> Option<Place> {
        match self {
            Self::Station => (index == 0).then_some(Place::Station),
            Self::Evse => {
                let evse = u8::try_from(index.checked_add(1)?).ok()?;
                (index < topology.evses()).then_some(Place::Evse(EvseId(evse)))
            }
            Self::Connector => topology.iter().nth(index).map(Place::Connector),
        }
    }

    const fn of(place: Place) -> Option<Self> {
        match place {
            Place::Station => Some(Self::Station),
            Place::Evse(_) => Some(Self::Evse),
            Place::Connector(_) => Some(Self::Connector),
            Place::Unknown => None,
        }
    }
}

/// A name as a CALL has it.
#[derive(Clone, Copy, Debug)]
pub struct SettingAddress<'f> {
    /// Component; empty in 1.6.
    pub component: Str<'f>,
    /// Instance of the component; usually empty.
    pub component_instance: Str<'f>,
    /// Of what the component is a part.
    pub place: Place,
    /// Key or variable.
    pub name: Str<'f>,
    /// Instance of the variable; usually empty.
    pub instance: Str<'f>,
}

impl<'f> SettingAddress<'f> {
    /// A key of 1.6.
    pub const fn key(name: Str<'f>) -> Self {
        Self {
            component: Str::plain(""),
            component_instance: Str::plain(""),
            place: Place::Station,
            name,
            instance: Str::plain(""),
        }
    }

    /// Finds the name in a dialect's table. Names compare without case (1.6 CiString, 2.0.1 identifierString); an
    /// instance that is left out is no other one (2.0.1 B06.FR.15).
    ///
    /// # Errors
    /// [`SettingStatus::UnknownComponent`] or [`SettingStatus::UnknownVariable`].
    #[inline(never)]
    pub fn find<'t>(&self, table: &'t [SettingName], topology: Topology<'_>) -> Result<&'t SettingName, SettingStatus> {
        let exists = match self.place {
            Place::Station => true,
            Place::Evse(id) => id.0 > 0 && usize::from(id.0) <= topology.evses(),
            Place::Connector(id) => topology.flat(id).is_some(),
            Place::Unknown => false,
        };
        // No component of every station has instances.
        let tier = Tier::of(self.place).filter(|_| exists && self.component_instance.is_empty());
        let mut unknown = SettingStatus::UnknownComponent;
        for entry in table {
            if tier == Some(entry.tier) && self.component.eq_ignore_case(&Str::plain(entry.component)) {
                unknown = SettingStatus::UnknownVariable;
                if self.name.eq_ignore_case(&Str::plain(entry.name))
                    && self.instance.eq_ignore_case(&Str::plain(entry.instance))
                {
                    return Ok(entry);
                }
            }
        }
        Err(unknown)
    }
}

/// What a name shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum View {
    /// A setting as it is.
    Setting(SettingId),
    /// An interval in seconds that this version cannot switch off: 0 shows as a day, which is what the station makes
    /// of it.
    Interval(SettingId),
    /// A list of measurands without phases, and without those that this version does not have.
    Measurands(SettingId, &'static [Measurand]),
    /// A password as 16 to 20 bytes in hexadecimal (1.6).
    HexKey(SettingId),
    /// A password as 16 to 40 characters, at most 40 bytes in UTF-8 (2.0.1).
    Password(SettingId),
    /// A list of phase rotations, of which the place's own is shown.
    Rotation(SettingId),
    /// A number that never changes.
    Number(i32),
    /// A text that never changes.
    Text(&'static str),
    /// A list that never changes, its items separated by commas.
    List(&'static str),
    /// `true` for ever.
    True,
    /// A text that depends on whether slots for a local list were lent: with them, without them.
    WithList(&'static str, &'static str),
    /// Something that is as it is.
    Fact(Fact),
    /// A fact that is a number, but no more than this is shown.
    AtMost(Fact, i32),
    /// A setting of the firmware, and who may do what with it.
    Vendor(VendorId, Access),
}

/// What nobody sets: what the station is and how it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fact {
    /// Number of connectors of the station.
    Connectors,
    /// Status of the place.
    Status,
    /// Whether the place has a fault.
    Problem,
    /// Number of phases; 0 for DC.
    Phases,
    /// Power; only its limit is known.
    Power,
    /// Type of the connector.
    ConnectorType,
    /// The time of day.
    Time,
    /// Maker.
    Vendor,
    /// Model.
    Model,
    /// The name under which the station reports at the CSMS.
    StationId,
    /// How the connection is secured.
    SecurityProfile,
    /// Slot of the network profile in use.
    NetworkProfile,
    /// How long an answer of the CSMS is waited for, in seconds.
    MessageTimeout,
    /// Whether there is an authorization cache.
    HasCache,
    /// Tokens in the authorization cache.
    CacheEntries,
    /// Tokens that the authorization cache can hold.
    CacheCapacity,
    /// Whether there is a local list.
    HasList,
    /// Tokens in the local list.
    ListEntries,
    /// Tokens that the local list can hold.
    ListCapacity,
    /// Tokens that one update of the local list may have.
    ListItems,
    /// Longest frame that can be received, in bytes.
    LongestFrame,
    /// Longest request for a report, in bytes.
    LongestRequest,
}

/// What the station knows of itself.
pub trait Facts {
    /// The status of a place that exists.
    fn status(&self, _place: Place) -> ConnectorStatus {
        ConnectorStatus::Available
    }

    /// Whether a place has a fault.
    fn has_problem(&self, _place: Place) -> bool {
        false
    }

    /// A fact that is a number of the station.
    fn count(&self, _fact: Fact) -> u32 {
        0
    }

    /// The settings of the firmware.
    fn vendor(&self) -> Option<&VendorSettings<'_>> {
        None
    }
}

/// A station of which nothing is known.
impl Facts for () {}

/// What 1.6 and 2.0.1 make of an interval without an end: once a day for the time of day.
const DAY: i32 = 86_400;

impl View {
    /// The setting behind it, if it is one.
    pub const fn setting(self) -> Option<SettingId> {
        match self {
            Self::Setting(id)
            | Self::Interval(id)
            | Self::Measurands(id, _)
            | Self::HexKey(id)
            | Self::Password(id)
            | Self::Rotation(id) => Some(id),
            _ => None,
        }
    }

    /// Whether the setting behind it cannot be written through it.
    const fn is_shown_only(self) -> bool {
        matches!(self, Self::Rotation(_))
    }

    /// What a text written to it makes of the setting.
    ///
    /// # Errors
    /// [`SettingError::ReadOnly`] if it cannot be written, [`SettingError::Value`] if the text is not of its type.
    pub(crate) fn parse(self, text: Str<'_>, settings: &Settings) -> Result<(SettingId, Value), SettingError> {
        let id = self.setting().ok_or(SettingError::ReadOnly)?;
        if self.is_shown_only() || settings.access(id) == Access::ReadOnly {
            return Err(SettingError::ReadOnly);
        }
        let mut hex = [0; 80];
        let text = match self {
            Self::Password(_) => Str::plain(hexadecimal(text, &mut hex).ok_or(SettingError::Value)?),
            _ => text,
        };
        let value = settings.check(id, text)?;
        let fits = match (self, &value) {
            (Self::Interval(_), Value::Number(number)) => *number > 0,
            (Self::Measurands(_, lacking), Value::Measurands(list)) => list
                .iter()
                .all(|choice| choice.phase.is_none() && !lacking.contains(&choice.measurand)),
            (Self::HexKey(_), Value::Long(key)) => (32..=40).contains(&key.len()),
            _ => true,
        };
        if fits {
            Ok((id, value))
        } else {
            Err(SettingError::Value)
        }
    }
}

/// The bytes of a password of 16 to 40 characters, in hexadecimal.
fn hexadecimal<'b>(text: Str<'_>, buffer: &'b mut [u8; 80]) -> Option<&'b str> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied();
    let (mut places, mut chars) = (buffer.iter_mut(), 0u32);
    for c in text.chars() {
        chars = chars.checked_add(1)?;
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            *places.next()? = digit(byte >> 4)?;
            *places.next()? = digit(byte & 15)?;
        }
    }
    let len = 80usize.checked_sub(places.len())?;
    if chars < 16 {
        return None;
    }
    core::str::from_utf8(buffer.get(..len)?).ok()
}

impl Context<'_> {
    /// Finds the name in a dialect's table, or among those of the firmware.
    ///
    /// # Errors
    /// [`SettingStatus::UnknownComponent`] or [`SettingStatus::UnknownVariable`].
    pub fn find<'t>(
        &self,
        at: &SettingAddress<'_>,
        table: &'t [SettingName],
    ) -> Result<&'t SettingName, SettingStatus> {
        let found = at.find(table, self.topology);
        match (found, self.facts.vendor()) {
            (Err(unknown), Some(vendor)) => (vendor.block.find)(vendor, at, unknown),
            _ => found,
        }
    }

    /// The name with that number: first those of a dialect's table, then the firmware's keys of 1.6.
    pub fn key<'t>(&self, table: &'t [SettingName], index: usize) -> Option<&'t SettingName> {
        let own = |index| self.vendor_settings().get(index).map(VendorSetting::key_name);
        table.get(index).or_else(|| own(index.checked_sub(table.len())?))
    }

    /// The settings of the firmware; none if no slots were lent.
    pub fn vendor_settings(&self) -> &'static [VendorSetting] {
        self.facts.vendor().map_or(&[], |vendor| vendor.settings)
    }

    /// The setting of the firmware behind a view, if it is one.
    pub fn vendor(&self, view: View) -> Option<&'static VendorSetting> {
        match view {
            View::Vendor(id, _) => {
                let vendor = self.facts.vendor()?;
                (vendor.block.setting)(vendor, id)
            }
            _ => None,
        }
    }

    /// The value of a setting of the firmware, secret or not; empty if there is none.
    pub fn vendor_value(&self, id: VendorId) -> &str {
        match self.facts.vendor() {
            Some(vendor) => (vendor.block.value)(vendor, id),
            None => "",
        }
    }

    /// What is fixed about the setting behind a view.
    pub fn descriptor(&self, view: View) -> Option<&'static Descriptor> {
        match view.setting() {
            Some(id) => Some(id.descriptor()),
            None => self.vendor(view).map(VendorSetting::descriptor),
        }
    }

    /// Who may do what with a view.
    pub fn access(&self, view: View) -> Access {
        match view {
            View::Vendor(_, access) => access,
            _ => match view.setting() {
                Some(id) if !view.is_shown_only() => self.settings.access(id),
                _ => Access::ReadOnly,
            },
        }
    }

    /// Writes the value behind a name, at a place that exists, as a JSON string.
    // One for all versions.
    #[inline(never)]
    pub fn write_view(&self, view: View, place: Place, w: &mut Writer<'_>) {
        let number = |number: i64, w: &mut Writer<'_>| {
            w.quoted(|p| {
                p.digits(number.unsigned_abs(), 1);
            });
        };
        match view {
            View::Interval(id) if self.settings.int(id) == 0 => number(DAY.into(), w),
            View::Setting(id) | View::Interval(id) => self.settings.write(id, w),
            View::Measurands(id, lacking) => w.quoted(|p| self.plain_measurands(id, lacking, p)),
            View::Rotation(_) => w.str(self.phase_rotation(place)),
            // Never told.
            View::HexKey(_) | View::Password(_) => w.str(""),
            View::Number(value) => number(value.into(), w),
            View::Text(text) | View::List(text) => w.str(text),
            View::WithList(with, without) => {
                let has_list = self.is_true(Fact::HasList, place);
                w.str(if has_list { with } else { without });
            }
            View::True => w.raw_name("true"),
            View::AtMost(fact, most) => number(i64::from(self.facts.count(fact)).min(most.into()), w),
            View::Vendor(id, _) => w.str(self.vendor_value(id)),
            View::Fact(fact) => match fact {
                Fact::Status => w.raw_name(self.facts.status(place).as_str()),
                Fact::Problem | Fact::HasCache | Fact::HasList => {
                    w.raw_name(if self.is_true(fact, place) { "true" } else { "false" });
                }
                Fact::ConnectorType => w.str(self.device.connector_type(place)),
                Fact::Time => match self.now {
                    Some(now) => now.write(w),
                    None => w.str(""),
                },
                Fact::Vendor => w.str(self.identity.vendor),
                Fact::Model => w.str(self.identity.model),
                Fact::StationId => w.str(self.device.station_id),
                // Not measured here.
                Fact::Power => w.str(""),
                Fact::Connectors => number(self.topology.connectors() as i64, w),
                Fact::Phases => number(self.device.evse(place).phases.into(), w),
                _ => number(self.facts.count(fact).into(), w),
            },
        }
    }

    /// A fact that is a yes or a no.
    pub fn is_true(&self, fact: Fact, place: Place) -> bool {
        match fact {
            Fact::Problem => self.facts.has_problem(place),
            Fact::HasCache => self.facts.count(Fact::CacheCapacity) > 0,
            Fact::HasList => self.facts.count(Fact::ListCapacity) > 0,
            _ => false,
        }
    }

    /// Each measurand once, where the list has it for the first time.
    fn plain_measurands(&self, id: SettingId, lacking: &[Measurand], p: &mut Pieces<'_, '_>) {
        let list = self.settings.measurands(id);
        let mut separator = "";
        for (index, choice) in list.iter().enumerate() {
            let mut before = list.iter().take(index);
            if !lacking.contains(&choice.measurand) && before.all(|own| own.measurand != choice.measurand) {
                p.push(separator).push(choice.measurand.as_str());
                separator = ",";
            }
        }
    }

    /// The name behind the connector's station-wide number; 0 is the station.
    fn phase_rotation(&self, place: Place) -> &str {
        let number = match place {
            Place::Connector(id) => self.topology.flat(id),
            _ => Some(0),
        };
        self.settings.rotation(number.unwrap_or(0))
    }
}
