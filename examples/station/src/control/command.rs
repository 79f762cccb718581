//! Commands: one JSON object per line.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What the channel asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Plug(Plug),
    Unplug(Unplug),
    Ev(Ev),
    Id(Identifier),
    Meter(Meter),
    Lock(Lock),
    Fault(Fault),
    Net { online: bool },
    Clock(Clock),
    DataTransfer(DataTransfer),
    LocalConfig(LocalConfig),
    Limit(Limit),
    Parking(Parking),
    SecurityEvent(SecurityEvent),
    ResetButton,
    StopGraceful,
    Storage { mode: StorageMode },
    State,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Plug {
    #[serde(default = "one")]
    pub evse: u8,
    #[serde(default = "one")]
    pub connector: u8,
    #[serde(default = "yes")]
    pub ready: bool,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Unplug {
    #[serde(default = "one")]
    pub evse: u8,
    #[serde(default = "one")]
    pub connector: u8,
    #[serde(default)]
    pub side: Side,
}

/// Which end of the cable.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    #[default]
    Both,
    Ev,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Ev {
    #[serde(default = "one")]
    pub evse: u8,
    pub state: Option<EvState>,
    pub amps: Option<f64>,
    pub phases: Option<u8>,
    pub soc: Option<f64>,
}

/// What the car does, named after the states of the control pilot.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
pub enum EvState {
    B,
    C,
    D,
    E,
    F,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Identifier {
    pub token: String,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub evse: Option<u8>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Meter {
    #[serde(default = "one")]
    pub evse: u8,
    pub energy_wh: Option<i64>,
    pub power_w: Option<u32>,
    pub values: Option<Vec<MeterValue>>,
    pub signed: Option<Value>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct MeterValue {
    pub measurand: String,
    pub phase: Option<String>,
    pub location: Option<String>,
    /// A number, or its text.
    pub value: Value,
    pub unit: Option<String>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    #[serde(default = "one")]
    pub evse: u8,
    #[serde(default = "one")]
    pub connector: u8,
    pub mode: LockMode,
}

/// How a connector lock behaves.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum LockMode {
    /// It does as told.
    #[default]
    Ok,
    /// It does not close.
    FailLock,
    /// It does not open.
    FailUnlock,
    /// There is none.
    None,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    pub evse: Option<u8>,
    pub connector: Option<u8>,
    pub code: String,
    #[serde(default = "yes")]
    pub on: bool,
    #[serde(default)]
    pub info: String,
    #[serde(default)]
    pub vendor_code: String,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    pub advance_s: Option<f64>,
    pub set: Option<String>,
    #[serde(default = "yes")]
    pub hold: bool,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct DataTransfer {
    pub vendor: String,
    pub message: Option<String>,
    pub data: Option<String>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct LocalConfig {
    #[serde(alias = "variable")]
    pub key: String,
    pub value: String,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    pub evse: Option<u8>,
    /// Missing is an error, `null` lifts the limit.
    #[serde(deserialize_with = "Option::deserialize")]
    pub amps: Option<f64>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Parking {
    #[serde(default = "one")]
    pub evse: u8,
    pub occupied: bool,
}

/// Something that concerns security, by its name in OCPP 2.0.1.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct SecurityEvent {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub info: String,
}

/// How storage behaves.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum StorageMode {
    /// It works.
    #[default]
    Ok,
    /// It has no room.
    Full,
    /// It refuses to write.
    WriteError,
}

fn one() -> u8 {
    1
}

fn yes() -> bool {
    true
}

/// A line that is not a command: the id to answer to, and what is wrong.
#[derive(Debug, PartialEq)]
pub struct Malformed {
    pub id: Value,
    pub error: String,
}

/// Reads one line: the id to answer to, and the command.
///
/// # Errors
/// What is wrong with it; the id is `null` if the line is no JSON object.
pub fn parse(line: &str) -> Result<(Value, Command), Malformed> {
    let malformed = |error| Malformed { id: Value::Null, error };
    let mut arguments: Map<String, Value> = match serde_json::from_str(line) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Err(malformed("not a JSON object".to_string())),
        Err(error) => return Err(malformed(format!("not JSON: {error}"))),
    };
    let id = arguments.remove("id").unwrap_or(Value::Null);
    match command(arguments) {
        Ok(command) => Ok((id, command)),
        Err(error) => Err(Malformed { id, error }),
    }
}

fn command(mut arguments: Map<String, Value>) -> Result<Command, String> {
    let name = match arguments.remove("cmd") {
        Some(Value::String(name)) => name,
        Some(_) => return Err("cmd is not a string".into()),
        None => return Err("cmd is missing".into()),
    };
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Net {
        online: bool,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Storage {
        mode: StorageMode,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}

    fn read<T: DeserializeOwned>(name: &str, arguments: Map<String, Value>) -> Result<T, String> {
        serde_json::from_value(Value::Object(arguments)).map_err(|error| format!("{name}: {error}"))
    }
    let bare = |arguments| read::<Nothing>(&name, arguments).map(drop);
    Ok(match name.as_str() {
        "plug" => Command::Plug(read(&name, arguments)?),
        "unplug" => Command::Unplug(read(&name, arguments)?),
        "ev" => Command::Ev(read(&name, arguments)?),
        "id" => Command::Id(read(&name, arguments)?),
        "meter" => Command::Meter(read(&name, arguments)?),
        "lock" => Command::Lock(read(&name, arguments)?),
        "fault" => Command::Fault(read(&name, arguments)?),
        "net" => Command::Net {
            online: read::<Net>(&name, arguments)?.online,
        },
        "clock" => Command::Clock(read(&name, arguments)?),
        "data_transfer" => Command::DataTransfer(read(&name, arguments)?),
        "local_config" => Command::LocalConfig(read(&name, arguments)?),
        "limit" => Command::Limit(read(&name, arguments)?),
        "parking" => Command::Parking(read(&name, arguments)?),
        "storage" => Command::Storage {
            mode: read::<Storage>(&name, arguments)?.mode,
        },
        "reset_button" => bare(arguments).map(|()| Command::ResetButton)?,
        "stop_graceful" => bare(arguments).map(|()| Command::StopGraceful)?,
        "state" => bare(arguments).map(|()| Command::State)?,
        "security_event" => Command::SecurityEvent(read(&name, arguments)?),
        "transfer" | "transfer_continue" => {
            return Err(format!("{name} is not built yet"));
        }
        _ => return Err(format!("unknown command {name:?}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn arguments_have_defaults() {
        let (id, command) = parse(r#"{"id":7,"cmd":"plug"}"#).unwrap();
        assert_eq!(id, json!(7));
        assert_eq!(
            command,
            Command::Plug(Plug {
                evse: 1,
                connector: 1,
                ready: true
            })
        );
        let (_, command) = parse(r#"{"cmd":"unplug","evse":2,"side":"ev"}"#).unwrap();
        assert!(matches!(
            command,
            Command::Unplug(Unplug {
                evse: 2,
                side: Side::Ev,
                ..
            })
        ));
    }

    #[test]
    fn a_limit_is_lifted_by_null_and_by_nothing_else() {
        let lifted = Limit { evse: None, amps: None };
        assert_eq!(
            parse(r#"{"cmd":"limit","amps":null}"#).unwrap().1,
            Command::Limit(lifted)
        );
        assert!(parse(r#"{"cmd":"limit"}"#).unwrap_err().error.contains("amps"));
    }

    #[test]
    fn what_is_wrong_is_said_to_the_right_id() {
        for (line, id, part) in [
            ("not json", json!(null), "not JSON"),
            ("[1,2]", json!(null), "not a JSON object"),
            (r#"{"id":7,"cmd":"#, json!(null), "not JSON"),
            (r#"{"id":"d"}"#, json!("d"), "cmd is missing"),
            (r#"{"id":1,"cmd":"teleport"}"#, json!(1), "unknown command"),
            (r#"{"id":1,"cmd":"plug","evse":300}"#, json!(1), "300"),
            (r#"{"id":1,"cmd":"plug","socket":1}"#, json!(1), "socket"),
            (r#"{"id":1,"cmd":"net"}"#, json!(1), "online"),
            (r#"{"id":1,"cmd":"parking"}"#, json!(1), "occupied"),
            (r#"{"id":1,"cmd":"security_event"}"#, json!(1), "type"),
            (r#"{"id":1,"cmd":"transfer"}"#, json!(1), "not built yet"),
        ] {
            let malformed = parse(line).unwrap_err();
            assert_eq!(malformed.id, id, "{line}");
            assert!(malformed.error.contains(part), "{line}: {}", malformed.error);
        }
    }
}
