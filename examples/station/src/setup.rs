//! What the command line says the station is: its settings, and the randomness of a boot.

use crate::cli::Cli;
use ocpp_core::Topology;
use ocpp_core::dialect::{Dialect, SettingAddress, SettingName};
use ocpp_core::settings::{SettingId, Settings};
use ocpp_core::wire::Str;
use std::io::Read;

/// The factory settings: those of the library, with what `--set` changes.
///
/// # Errors
/// A key that is not known, or a value that is not allowed.
pub fn factory_settings(cli: &Cli) -> Result<Settings, String> {
    let mut settings = Settings::default();
    for (key, value) in &cli.set {
        // Not the value, which may be a password.
        let fail = |error: &str| format!("--set {key}: {error}");
        let id = setting(key).map_err(|error| fail(&error))?;
        settings.set(id, value).map_err(|error| fail(&error.to_string()))?;
    }
    Ok(settings)
}

/// The setting behind a configuration key.
///
/// # Errors
/// There is none, or it cannot be changed.
pub fn setting(key: &str) -> Result<SettingId, String> {
    if key.contains('.') {
        return Err("variables of OCPP 2.0.1 are not built yet".into());
    }
    let table: &[SettingName] = ocpp16::DIALECT.settings();
    let name = SettingAddress::key(Str::plain(key))
        .find(table, Topology::new(&[]))
        .map_err(|_| "unknown key")?;
    let follows = "this key follows from other things and cannot be set";
    name.view.setting().ok_or_else(|| follows.into())
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
        factory_settings(&Cli::parse_from(std::iter::once("station").chain(arguments)))
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
    fn errors_name_the_key() {
        for (assignment, part) in [
            ("NoSuchKey=1", "unknown key"),
            ("ConnectionTimeOut=soon", "not allowed"),
            ("NumberOfConnectors=7", "cannot be set"),
            ("OCPPCommCtrlr.HeartbeatInterval=7", "not built yet"),
        ] {
            let error = settings(&[assignment]).unwrap_err();
            let key = assignment.split('=').next().unwrap();
            assert!(error.contains(part) && error.contains(key), "{error}");
        }
    }

    #[test]
    fn a_seed_makes_it_repeatable() {
        assert_eq!(entropy(Some(1)), entropy(Some(1)));
        assert_ne!(entropy(Some(1)), entropy(Some(2)));
        assert_ne!(entropy(None), entropy(None));
    }
}
