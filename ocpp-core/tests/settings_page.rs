//! `docs/SETTINGS.md` is made of the tables that the station uses, so that it cannot say anything else.
//!
//! `UPDATE_DOCS=1 cargo test -p ocpp-core --test settings_page` writes it.

use ocpp_core::dialect::{Dialect, Fact, SettingName, Tier, View};
use ocpp_core::settings::{Access, Kind, SettingId, TimeSource, TxPoint};
use ocpp_core::wire::WireEnum;
use std::fmt::Write;

const HEAD: &str = "\
# Settings

Made by a test (`UPDATE_DOCS=1 cargo test -p ocpp-core --test settings_page`) out of the tables that the station uses.

The station has one table of settings. A configuration key of OCPP 1.6 and a variable of OCPP 2.0.1 are views of it: a
change over one version is seen over the other. Names have no case. Where a variable is `Component.Variable[Instance]`,
`EVSE` has it for each EVSE, and `Connector` for each connector.
";

const SETTINGS: &str = "
## What can be set

| setting | values | factory | 1.6 | 2.0.1 | the two |
|---|---|---|---|---|---|
";

const VENDOR: &str = "
A firmware adds settings of its own with `StationStorage::with_vendor_settings`: each a `VendorSetting` with a key of
1.6, a variable of 2.0.1, or both. They are of the kinds `Switch`, `Number`, `Seconds`, `Decimal`, `Text`, `OneOf`, `SomeOf`
and `Ordered`, with values of up to 80 bytes; to be read and written, read only or written only; stored or volatile; followed at
once or after a reboot. A name that is taken is refused at construction. What the CSMS changes is told as
`Event::VendorSetting`, `Station::vendor` has the value, and `LocalCommand::SetVendor` changes it on site.
";

const FACTS: &str = "
## What only is

| 1.6 | 2.0.1 | shows |
|---|---|---|
";

#[test]
fn settings_page() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/SETTINGS.md");
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap_or_default() == page,
        "docs/SETTINGS.md is out of date: run this test with UPDATE_DOCS=1"
    );
}

/// A setting that no version can reach would be of no use to a CSMS.
#[test]
fn every_setting_has_a_name() {
    for &id in SettingId::ALL {
        assert!(of(old(), id).next().or(of(new(), id).next()).is_some(), "{id:?}");
    }
}

/// Names are found by the first match, and a component's variables stand side by side.
#[test]
fn names_are_unique_and_components_in_one_piece() {
    for table in [old(), new()] {
        let mut seen = Vec::new();
        for (index, name) in table.iter().enumerate() {
            let full = full_name(name).to_lowercase();
            assert!(!seen.contains(&full), "{full}");
            seen.push(full);
            let before = table[..index].iter().rposition(|own| own.component == name.component);
            assert!(before.is_none_or(|before| before + 1 == index), "{}", name.component);
        }
    }
}

fn old() -> &'static [SettingName] {
    ocpp16::DIALECT.settings()
}

fn new() -> &'static [SettingName] {
    ocpp201::DIALECT.settings()
}

fn of(table: &'static [SettingName], id: SettingId) -> impl Iterator<Item = &'static SettingName> {
    table.iter().filter(move |name| name.view.setting() == Some(id))
}

fn page() -> String {
    let mut page = HEAD.to_string() + SETTINGS;
    for &id in SettingId::ALL {
        let names = |table| {
            let names: Vec<_> = of(table, id).map(|name| format!("`{}`", full_name(name))).collect();
            names.join(", ")
        };
        let about = id.descriptor();
        let factory = if about.factory.is_empty() {
            String::new()
        } else {
            format!("`{}`", about.factory)
        };
        let _ = writeln!(
            page,
            "| {id:?} | {} | {factory} | {} | {} | {} |",
            values(&about.kind),
            names(old()),
            names(new()),
            relation(of(old(), id).next(), of(new(), id).next(), about.reboot, about.access),
        );
    }
    page += VENDOR;
    page += FACTS;
    for (is_old, table) in [(true, old()), (false, new())] {
        for name in table.iter().filter(|name| name.view.setting().is_none()) {
            let full = format!("`{}`", full_name(name));
            let columns = if is_old {
                format!("{full} |")
            } else {
                format!("| {full}")
            };
            let _ = writeln!(page, "| {columns} | {} |", shows(name));
        }
    }
    page
}

fn full_name(name: &SettingName) -> String {
    match (name.component, name.instance) {
        ("", _) => name.name.into(),
        (component, "") => format!("{component}.{}", name.name),
        (component, instance) => format!("{component}.{}[{instance}]", name.name),
    }
}

fn values(kind: &Kind) -> String {
    match kind {
        Kind::Switch => "`true`, `false`".into(),
        Kind::Seconds { min, max } => format!("{min} to {max} s"),
        Kind::Number { min, max } => format!("{min} to {max}"),
        Kind::Measurands => "up to 8 measurands".into(),
        Kind::Rotation => "phase rotation of each connector".into(),
        Kind::Key => "16 to 40 bytes in hexadecimal".into(),
        Kind::TxPoints { known } => {
            let all = TxPoint::ALL.iter().filter(|point| known & point.bit() != 0);
            format!(
                "some of {}",
                all.map(|point| point.as_str()).collect::<Vec<_>>().join(", ")
            )
        }
        Kind::Text { max } => format!("text of up to {max} characters"),
        Kind::Priority => "slots 0 to 7 in order".into(),
        Kind::TimeSources => {
            let all: Vec<_> = TimeSource::ALL.iter().map(|source| source.as_str()).collect();
            format!("in order, as far as the station has them: {}", all.join(", "))
        }
        kind => panic!("{kind:?} is of vendor settings"),
    }
}

/// How the two views of a setting differ.
fn relation(old: Option<&SettingName>, new: Option<&SettingName>, reboot: bool, access: Access) -> String {
    let mut text = match (old, new) {
        (Some(old), Some(new)) if old.view == new.view => "same".to_string(),
        (Some(old), Some(new)) => {
            let parts: Vec<_> = [("1.6", old), ("2.0.1", new)]
                .into_iter()
                .filter_map(|(version, name)| Some(format!("{version} {}", conversion(name.view)?)))
                .collect();
            format!("converted: {}", parts.join("; "))
        }
        (Some(_), None) => "1.6 only".into(),
        (None, Some(_)) => "2.0.1 only".into(),
        (None, None) => "none".into(),
    };
    if access == Access::WriteOnly {
        text += "; never told";
    }
    if reboot {
        text += "; in force after a reboot";
    }
    text
}

fn conversion(view: View) -> Option<String> {
    Some(match view {
        View::Rotation(_) => "only shows it, each place its own part".into(),
        View::Interval(_) => "cannot switch it off, and shows 0 as 86400".into(),
        View::Measurands(_, lacking) => {
            let names: Vec<_> = lacking.iter().map(|own| own.as_str()).collect();
            format!("has each measurand once, without phases, and no {}", names.join(", "))
        }
        View::HexKey(_) => "has 16 to 20 bytes in hexadecimal".into(),
        View::Password(_) => "has 16 to 40 characters, at most 40 bytes in UTF-8".into(),
        _ => return None,
    })
}

fn shows(name: &SettingName) -> String {
    match name.view {
        View::Number(number) => format!("always `{number}`"),
        View::Text("") | View::List("") => "always empty".into(),
        View::WithList(with, without) => format!("`{with}` where list slots were lent, else `{without}`"),
        View::Text(text) | View::List(text) => format!("always `{text}`"),
        View::True => "always `true`".into(),
        View::AtMost(fact, most) => format!("{}, at most {most}", fact_text(fact, name.tier)),
        View::Fact(fact) => fact_text(fact, name.tier).into(),
        view => panic!("{view:?} is a setting"),
    }
}

fn fact_text(fact: Fact, tier: Tier) -> &'static str {
    match fact {
        Fact::Connectors => "computed: connectors of the station",
        Fact::Status if tier == Tier::Evse => {
            "computed: status of the connector in use, else of a free one, else of any"
        }
        Fact::Status => "computed: status",
        Fact::Problem => "computed: whether there is a fault",
        Fact::Phases => "hardware: `EvseDevice::phases`",
        Fact::Power => "hardware: no value, its limit is `EvseDevice::max_watts`",
        Fact::ConnectorType => "hardware: `EvseDevice::connectors`",
        Fact::Time => "computed: time of day",
        Fact::Vendor => "`Identity::vendor`",
        Fact::Model => "`Identity::model`",
        Fact::StationId => "`Device::station_id`",
        Fact::SecurityProfile => "computed: of the network profile in use; in slot 0 `Device::security_profile`",
        Fact::MessageTimeout => "computed: of the network profile in use; in slot 0 `MessageTimeout`",
        Fact::NetworkProfile => "computed: slot of the network profile in use",
        Fact::HasCache => "computed: whether cache slots were lent",
        Fact::CacheEntries => "computed: tokens in the cache",
        Fact::CacheCapacity => "computed: cache slots",
        Fact::HasList => "computed: whether list slots were lent",
        Fact::ListEntries => "computed: tokens in the local list",
        Fact::ListCapacity => "computed: list slots",
        Fact::ListItems => "computed: tokens that one update may have, by list slots and inbound buffer",
        Fact::LongestFrame => "computed: bytes of the inbound buffer",
        Fact::LongestRequest => "computed: bytes of the job buffer",
        fact => panic!("{fact:?} needs words"),
    }
}
