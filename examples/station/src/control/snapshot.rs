//! The snapshot that `state` answers with. What is not built is absent.

use serde::Serialize;

/// The station at one instant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Snapshot {
    pub online: bool,
    pub registered: Option<&'static str>,
    pub subprotocol: Option<String>,
    pub clock: Clock,
    pub evse: Vec<Evse>,
    pub queue: Queue,
    pub auth_cache: usize,
    pub local_list: LocalList,
}

/// Times: of the wall as the station knows it, and since the station was switched on, in ms.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Clock {
    pub wall: String,
    pub mono: u64,
    pub synced: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evse {
    pub id: u8,
    pub operative: bool,
    pub tx: Option<Tx>,
    pub limit_a: Option<f64>,
    pub contactor: bool,
    pub connectors: Vec<Connector>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tx {
    pub id: String,
    pub seq: u32,
    pub energy_wh: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Connector {
    pub id: u8,
    pub plugged: bool,
    pub locked: bool,
    pub pilot: &'static str,
    pub status: Option<&'static str>,
    pub operative: bool,
    pub fault: Option<String>,
}

/// The local list; without one the version is `null`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LocalList {
    pub version: Option<i32>,
    pub n: usize,
}

/// Transaction messages that wait for the CSMS.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Queue {
    pub tx: usize,
}
