//! The names of the control channel for what the hardware measures and reads.

use super::Defects;
use evse_hal::{IdentifierKind, Location, Phase, Quantity, Value};
use ocpp_core::FaultCode;
use ocpp_core::wire::{Decimal, WireEnum};

/// OCPP's name of each quantity, and its unit.
const QUANTITIES: [(&str, &str, Quantity); 15] = [
    ("Energy.Active.Export.Register", "Wh", Quantity::EnergyExport),
    (
        "Energy.Reactive.Import.Register",
        "varh",
        Quantity::ReactiveEnergyImport,
    ),
    (
        "Energy.Reactive.Export.Register",
        "varh",
        Quantity::ReactiveEnergyExport,
    ),
    ("Power.Active.Import", "W", Quantity::PowerImport),
    ("Power.Active.Export", "W", Quantity::PowerExport),
    ("Power.Reactive.Import", "var", Quantity::ReactivePowerImport),
    ("Power.Reactive.Export", "var", Quantity::ReactivePowerExport),
    ("Power.Factor", "", Quantity::PowerFactor),
    ("Current.Import", "A", Quantity::CurrentImport),
    ("Current.Export", "A", Quantity::CurrentExport),
    ("Voltage", "V", Quantity::Voltage),
    ("Frequency", "Hertz", Quantity::Frequency),
    ("Temperature", "Celsius", Quantity::Temperature),
    ("SoC", "Percent", Quantity::StateOfCharge),
    ("RPM", "", Quantity::FanSpeed),
];

const PHASES: [(&str, Phase); 10] = [
    ("L1", Phase::L1),
    ("L2", Phase::L2),
    ("L3", Phase::L3),
    ("N", Phase::N),
    ("L1-N", Phase::L1N),
    ("L2-N", Phase::L2N),
    ("L3-N", Phase::L3N),
    ("L1-L2", Phase::L1L2),
    ("L2-L3", Phase::L2L3),
    ("L3-L1", Phase::L3L1),
];

const LOCATIONS: [(&str, Location); 5] = [
    ("Body", Location::Body),
    ("Cable", Location::Cable),
    ("EV", Location::Vehicle),
    ("Inlet", Location::Inlet),
    ("Outlet", Location::Outlet),
];

const KINDS: [(&str, IdentifierKind); 8] = [
    ("ISO14443", IdentifierKind::Iso14443),
    ("ISO15693", IdentifierKind::Iso15693),
    ("Central", IdentifierKind::Issued),
    ("eMAID", IdentifierKind::Contract),
    ("KeyCode", IdentifierKind::KeyCode),
    ("Local", IdentifierKind::Local),
    ("MacAddress", IdentifierKind::MacAddress),
    ("NoAuthorization", IdentifierKind::StartButton),
];

/// A value as it is told by hand; the unit may be left out, and may be a thousand of it (`kW`).
///
/// # Errors
/// What of it is not known, or does not fit.
pub fn value(
    measurand: &str,
    phase: Option<&str>,
    location: Option<&str>,
    value: &str,
    unit: Option<&str>,
) -> Result<Value, String> {
    let (_, own, quantity) = QUANTITIES
        .into_iter()
        .find(|(name, ..)| *name == measurand)
        .ok_or_else(|| format!("{measurand:?} is none of {}", list(QUANTITIES.map(|(name, ..)| name))))?;
    let scale = match unit {
        None => 3,
        Some(unit) if unit == own => 3,
        Some(unit) if unit.strip_prefix('k') == Some(own) => 6,
        Some(unit) => return Err(format!("{measurand} is told in {own:?}, not in {unit:?}")),
    };
    let number = Decimal::parse(value).and_then(|value| value.scaled(scale));
    Ok(Value {
        quantity,
        phase: phase.map(|phase| find(PHASES, phase)).transpose()?,
        location: location.map(|location| find(LOCATIONS, location)).transpose()?,
        thousandths: number.ok_or_else(|| format!("{value:?} is not a number that fits"))?,
    })
}

/// The kind of identifier that OCPP 2.0.1 calls this.
///
/// # Errors
/// None.
pub fn identifier_kind(name: &str) -> Result<IdentifierKind, String> {
    find(KINDS, name)
}

/// The defect that makes the station see this fault, if one is simulated.
pub fn defect(defects: &mut Defects, fault: FaultCode) -> Option<&mut bool> {
    match fault {
        FaultCode::GroundFailure => Some(&mut defects.leak),
        FaultCode::OverCurrentFailure => Some(&mut defects.greed),
        FaultCode::HighTemperature => Some(&mut defects.heat),
        FaultCode::PowerSwitchFailure => Some(&mut defects.coil),
        _ => None,
    }
}

/// The value of an enumeration that has this name.
///
/// # Errors
/// None has.
pub fn named<E: WireEnum>(name: &str) -> Result<E, String> {
    let index = E::NAMES.iter().position(|own| *own == name);
    let found = index.and_then(|index| E::ALL.get(index).copied());
    found.ok_or_else(|| format!("{name:?} is none of {}", list(E::NAMES.iter().copied())))
}

fn find<T: Copy, const N: usize>(table: [(&str, T); N], name: &str) -> Result<T, String> {
    let found = table.iter().find(|(own, _)| *own == name).map(|(_, value)| *value);
    found.ok_or_else(|| format!("{name:?} is none of {}", list(table.map(|(name, _)| name))))
}

fn list<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    names.into_iter().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_in_their_units() {
        let power = value("Power.Active.Import", None, None, "7.5", Some("kW")).unwrap();
        assert_eq!((power.quantity, power.thousandths), (Quantity::PowerImport, 7_500_000));
        let current = value("Current.Import", Some("L2"), Some("EV"), "16.05", None).unwrap();
        assert_eq!(
            (current.phase, current.location),
            (Some(Phase::L2), Some(Location::Vehicle))
        );
        assert_eq!(current.thousandths, 16_050);
    }

    #[test]
    fn what_is_not_known_is_said() {
        assert!(
            value("Moon.Phase", None, None, "1", None)
                .unwrap_err()
                .contains("Moon.Phase")
        );
        assert!(
            value("Voltage", Some("L9"), None, "1", None)
                .unwrap_err()
                .contains("L9")
        );
        assert!(
            value("Voltage", None, None, "1", Some("A"))
                .unwrap_err()
                .contains("\"A\"")
        );
        assert!(value("Voltage", None, None, "much", None).unwrap_err().contains("much"));
        assert!(identifier_kind("Badge").unwrap_err().contains("eMAID"));
        assert_eq!(named("GroundFailure"), Ok(FaultCode::GroundFailure));
        assert!(named::<FaultCode>("Boredom").unwrap_err().contains("GroundFailure"));
    }
}
