//! What the command line says the station is: its settings, and the randomness of a boot.

use crate::cli::Cli;
use data_encoding::HEXLOWER;
use ocpp_core::dialect::{Dialect, SettingAddress, View};
use ocpp_core::settings::{Kind, SettingId, Settings, VendorId, VendorSetting};
use ocpp_core::wire::Str;
use ocpp_core::{Place, Topology};
use std::io::Read;

/// Current that all EVSEs may draw per phase, in A; 0 is no limit.
pub const GRID_LIMIT: VendorId = VendorId(0);
/// What opens the service menu of a station with a display; written only.
const SERVICE_PIN: VendorId = VendorId(1);

/// What this station can be set to besides what OCPP has.
const VENDOR: [VendorSetting; 2] = [
    VendorSetting::new(GRID_LIMIT, Kind::Number { min: 0, max: 80 }, "0")
        .key("GridLimit")
        .variable("GridConnection", "Limit")
        .unit("A"),
    VendorSetting::new(SERVICE_PIN, Kind::Text { max: 8 }, "")
        .key("ServicePin")
        .variable("ServiceMenu", "Pin")
        .secret(),
];

/// What the station is set to out of the factory.
#[derive(Debug)]
pub struct Factory {
    pub settings: Settings,
    pub vendor: &'static [VendorSetting],
}

/// A change of a setting.
#[derive(Debug)]
pub enum Change {
    Station(SettingId, String),
    Vendor(VendorId),
}

/// The factory settings: those of the library and of this program, with what `--set` changes.
///
/// # Errors
/// A name that is not known, a value that is not allowed, or no password for a security profile that needs one.
pub fn factory_settings(cli: &Cli) -> Result<Factory, String> {
    let mut settings = Settings::default();
    let mut vendor = VENDOR;
    for (name, value) in &cli.set {
        // Not the value, which may be a password.
        let fail = |error: &str| format!("--set {name}: {error}");
        match setting(name, value).map_err(|error| fail(&error))? {
            Change::Station(id, value) => settings.set(id, &value).map_err(|error| fail(&error.to_string()))?,
            Change::Vendor(id) => {
                let own = vendor.iter_mut().find(|own| own.id() == id);
                let own = own
                    .filter(|own| own.accepts(value))
                    .ok_or_else(|| fail("value not allowed"))?;
                // Once for each start of the program.
                *own = own.factory(value.clone().leak());
            }
        }
    }
    let password = cli.password.as_deref().unwrap_or("");
    if let Some(profile @ 1..=2) = cli.security_profile
        && password.is_empty()
        && settings.authorization_key().is_empty()
    {
        return Err(format!("--security-profile {profile} needs --password"));
    }
    let vendor = Vec::from(vendor).leak();
    Ok(Factory { settings, vendor })
}

/// The setting behind a key of 1.6 or behind `Component.Variable[instance]` of 2.0.1, and what the value means to it.
///
/// # Errors
/// There is none, or it cannot be set by that name.
pub fn setting(name: &str, value: &str) -> Result<Change, String> {
    let is_own = |own: &&VendorSetting| {
        let variable = own.variable_name();
        let full = format!("{}.{}", variable.component, variable.name);
        [own.key_name().name, &full]
            .iter()
            .any(|own| own.eq_ignore_ascii_case(name))
    };
    if let Some(own) = VENDOR.iter().find(is_own) {
        return Ok(Change::Vendor(own.id()));
    }
    let (address, table, unknown) = match name.split_once('.') {
        None => (
            SettingAddress::key(Str::plain(name)),
            ocpp16::DIALECT.settings(),
            "unknown key",
        ),
        Some((component, variable)) => (
            variable_address(component, variable)?,
            ocpp201::DIALECT.settings(),
            "unknown variable",
        ),
    };
    let entry = address.find(table, Topology::new(&[])).map_err(|_| unknown)?;
    match entry.view {
        // 2.0.1 shows each place its own part of the list that 1.6 has as a whole.
        View::Rotation(_) => Err("set it as ConnectorPhaseRotation, for all connectors at once".into()),
        View::Password(id) if !value.is_empty() => Ok(Change::Station(id, HEXLOWER.encode(value.as_bytes()))),
        view => match view.setting() {
            Some(id) => Ok(Change::Station(id, value.to_string())),
            None => Err("this follows from other things and cannot be set".into()),
        },
    }
}

/// `Variable` or `Variable[instance]` of a component that the station has once: what can be set, it has once.
fn variable_address<'n>(component: &'n str, variable: &'n str) -> Result<SettingAddress<'n>, String> {
    if variable.contains('@') {
        return Err("no variable of an EVSE can be set".into());
    }
    let (variable, instance) = match variable.split_once('[') {
        None => (variable, ""),
        Some((variable, instance)) => (variable, instance.strip_suffix(']').ok_or("the instance has no end")?),
    };
    Ok(SettingAddress {
        component: Str::plain(component),
        component_instance: Str::plain(""),
        place: Place::Station,
        name: Str::plain(variable),
        instance: Str::plain(instance),
    })
}

/// Sixteen random bytes; with a seed, always the same.
pub fn entropy(seed: Option<u64>) -> [u8; 16] {
    let mut bytes = [0; 16];
    match seed {
        Some(seed) => {
            let (first, second) = bytes.split_at_mut(8);
            first.copy_from_slice(&mixed(seed).to_le_bytes());
            second.copy_from_slice(&mixed(!seed).to_le_bytes());
        }
        None => {
            let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
            if let Err(error) = read {
                // Without randomness ids are still unique within a storage: the boot count is part of them.
                tracing::warn!("/dev/urandom: {error}");
            }
        }
    }
    bytes
}

/// One step of SplitMix64.
fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn settings(assignments: &[&str]) -> Result<Settings, String> {
        let arguments = assignments.iter().flat_map(|assignment| ["--set", assignment]);
        factory(std::iter::once("station").chain(arguments)).map(|factory| factory.settings)
    }

    fn factory<'a>(arguments: impl Iterator<Item = &'a str>) -> Result<Factory, String> {
        factory_settings(&Cli::parse_from(arguments))
    }

    #[test]
    fn own_settings_by_either_name() {
        for name in ["gridlimit=16", "GridConnection.Limit=16"] {
            let factory = factory(["station", "--set", name].into_iter()).unwrap();
            assert_eq!(factory.vendor[0].descriptor().factory, "16");
        }
    }

    #[test]
    fn factory_values_can_be_set_whoever_may_write_them() {
        let settings = settings(&[
            "ConnectionTimeOut=41",
            "authorizationkey=00112233445566778899aabbccddeeff",
        ])
        .unwrap();
        assert_eq!(settings.int(SettingId::ConnectionTimeOut), 41);
        assert_eq!(settings.authorization_key().len(), 32);
    }

    #[test]
    fn either_version_names_a_setting() {
        let settings = settings(&[
            "TxCtrlr.EVConnectionTimeOut=41",
            "ocppcommctrlr.messageattempts[TransactionEvent]=7",
            "TxCtrlr.TxStartPoint=Authorized",
            "SecurityCtrlr.BasicAuthPassword=sixteen letters!",
        ])
        .unwrap();
        assert_eq!(settings.int(SettingId::ConnectionTimeOut), 41);
        assert_eq!(settings.int(SettingId::MessageAttempts), 7);
        assert_eq!(settings.authorization_key(), HEXLOWER.encode(b"sixteen letters!"));
    }

    #[test]
    fn errors_name_the_key() {
        for (assignment, part) in [
            ("NoSuchKey=1", "unknown key"),
            ("GridLimit=81", "not allowed"),
            ("ConnectionTimeOut=soon", "not allowed"),
            ("NumberOfConnectors=7", "cannot be set"),
            ("TxCtrlr.NoSuchVariable=7", "unknown variable"),
            ("OCPPCommCtrlr.MessageAttempts=7", "unknown variable"),
            ("OCPPCommCtrlr.MessageAttempts[TransactionEvent=7", "no end"),
            ("EVSE.Available@1=false", "no variable of an EVSE"),
            ("ChargingStation.PhaseRotation=RST", "ConnectorPhaseRotation"),
            ("AuthCacheCtrlr.Entries=7", "cannot be set"),
        ] {
            let error = settings(&[assignment]).unwrap_err();
            let key = assignment.split('=').next().unwrap();
            assert!(error.contains(part) && error.contains(key), "{error}");
        }
    }

    #[test]
    fn profiles_1_and_2_need_a_password() {
        let key = "AuthorizationKey=00112233445566778899aabbccddeeff";
        for profile in ["1", "2"] {
            let built = |more: &[&'static str]| {
                let arguments = ["station", "--security-profile", profile].into_iter();
                factory(arguments.chain(more.iter().copied())).map(|_| ())
            };
            for missing in [&[][..], &["--password", ""]] {
                let error = built(missing).unwrap_err();
                assert_eq!(error, format!("--security-profile {profile} needs --password"));
            }
            assert_eq!(built(&["--password", "sixteen letters!"]), Ok(()));
            assert_eq!(built(&["--set", key]), Ok(()));
        }
        assert!(factory(["station", "--security-profile", "3"].into_iter()).is_ok());
    }

    #[test]
    fn a_seed_makes_it_repeatable() {
        assert_eq!(entropy(Some(1)), entropy(Some(1)));
        assert_ne!(entropy(Some(1)), entropy(Some(2)));
        assert_ne!(entropy(None), entropy(None));
    }
}
