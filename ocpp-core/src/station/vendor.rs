//! Settings of the firmware on their way: from a CALL or the application into storage and into force, and back at boot.

use super::Station;
use super::configuration::{PendingSetting, accepted};
use crate::contract::{Event, InputError};
use crate::dialect::{Dialect, SettingAddress, SettingName, SettingStatus, SettingWrite, View};
use crate::place::Topology;
use crate::settings::{Access, SettingError, Value, VendorId, VendorSetting, VendorSettings};
use crate::station::ConfigError;
use crate::wire::Str;

type Begin = fn(&mut VendorSettings<'_>, &[&dyn Dialect], Topology<'_>) -> Result<(), ConfigError>;

/// What a station does with settings of the firmware.
/// [`StationStorage::with_vendor_settings`](super::StationStorage::with_vendor_settings) alone names it: where it is not
/// called, nothing of this is linked.
#[derive(Debug)]
pub(crate) struct VendorBlock {
    /// Checks all of them, and takes the factory values.
    pub begin: Begin,
    /// The name that an address means, or what is unknown of it.
    pub find:
        fn(&VendorSettings<'_>, &SettingAddress<'_>, SettingStatus) -> Result<&'static SettingName, SettingStatus>,
    /// The setting of that number.
    pub setting: fn(&VendorSettings<'_>, VendorId) -> Option<&'static VendorSetting>,
    /// Its value; empty if there is no such setting.
    pub value: for<'v> fn(&'v VendorSettings<'_>, VendorId) -> &'v str,
    /// The CSMS writes one, perhaps: what became of it, or `None` while it is being stored.
    pub write: fn(&mut Station<'_>, &SettingWrite<'_>, SettingStatus) -> Option<SettingStatus>,
    /// The application writes one.
    pub set: fn(&mut Station<'_>, VendorId, &str) -> Result<(), InputError>,
    /// A value was stored: it is in force, at the wish of the CSMS or not.
    pub take: fn(&mut Station<'_>, VendorId, &Value, bool) -> SettingStatus,
    /// Takes what was stored; whether it can be.
    pub loaded: fn(&mut Station<'_>, VendorId, Str<'_>) -> bool,
}

pub(super) static VENDOR_BLOCK: VendorBlock = VendorBlock {
    begin: |vendor, dialects, topology| vendor.begin(dialects, topology),
    find: |vendor, at, otherwise| vendor.find(at, otherwise),
    setting: |vendor, id| vendor.setting(id),
    value: |vendor, id| vendor.value(id).unwrap_or(""),
    write: |station, item, otherwise| station.write_vendor(item, otherwise),
    set: |station, id, text| station.set_vendor(id, text),
    take: |station, id, value, asked| station.put_vendor(id, value, asked),
    loaded: |station, id, text| station.vendor_loaded(id, text),
};

impl Station<'_> {
    fn write_vendor(&mut self, item: &SettingWrite<'_>, otherwise: SettingStatus) -> Option<SettingStatus> {
        let name = match self.vendor.as_ref()?.find(&item.at, otherwise) {
            Ok(name) => name,
            Err(unknown) => return Some(unknown),
        };
        let View::Vendor(id, _) = name.view else {
            return Some(otherwise);
        };
        if !item.actual {
            return Some(SettingStatus::NotSupportedAttribute);
        }
        let setting = self.vendor_setting(id)?;
        let value = setting.check(item.value);
        let Some(value) = value.filter(|_| setting.descriptor().access != Access::ReadOnly) else {
            return Some(SettingStatus::Rejected);
        };
        self.keep_vendor(setting, value, true)
    }

    /// The application alone writes what others only read.
    fn set_vendor(&mut self, id: VendorId, text: &str) -> Result<(), InputError> {
        if self.pending_setting.is_some() {
            return Err(InputError::Busy);
        }
        let fail = InputError::Setting;
        let setting = self.vendor_setting(id).ok_or(fail(SettingError::Unknown))?;
        let value = setting.check(Str::plain(text)).ok_or(fail(SettingError::Value))?;
        self.keep_vendor(setting, value, false);
        Ok(())
    }

    /// Has a value stored, or takes it at once if it is not to outlive a power cut.
    fn keep_vendor(&mut self, setting: &VendorSetting, value: Value, asked: bool) -> Option<SettingStatus> {
        if !setting.is_persistent() {
            return Some(self.put_vendor(setting.id(), &value, asked));
        }
        let id = setting.id().into();
        self.pending_setting = Some(PendingSetting { id, value, asked });
        None
    }

    fn put_vendor(&mut self, id: VendorId, value: &Value, asked: bool) -> SettingStatus {
        if let Some(vendor) = &mut self.vendor {
            vendor.put(id, value);
        }
        if asked {
            self.events.push(Event::VendorSetting { id });
        }
        let setting = self.vendor_setting(id);
        setting.map_or(SettingStatus::Rejected, |setting| accepted(setting.descriptor()))
    }

    fn vendor_loaded(&mut self, id: VendorId, text: Str<'_>) -> bool {
        match self.vendor_setting(id) {
            // An earlier firmware stored it.
            Some(setting) if !setting.is_persistent() => true,
            // To an earlier firmware it may have meant something else: the factory value stays.
            Some(setting) => setting.check(text).is_some_and(|value| {
                self.put_vendor(id, &value, false);
                true
            }),
            None => false,
        }
    }

    fn vendor_setting(&self, id: VendorId) -> Option<&'static VendorSetting> {
        self.vendor.as_ref()?.setting(id)
    }
}
