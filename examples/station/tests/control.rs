//! The control channel, without a central system at the other end.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A station that nobody answers: nothing listens on the discard port.
struct Station {
    process: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    events: Vec<Value>,
}

impl Station {
    fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_station"))
            .args([
                "--csms",
                "ws://127.0.0.1:9/ocpp",
                "--control",
                "stdio",
                "--clock",
                "virtual",
            ])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = process.stdin.take();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let mut station = Self {
            process,
            stdin,
            stdout,
            events: Vec::new(),
        };
        let ready = station.line();
        assert_eq!((&ready["ev"], &ready["proto"]), (&json!("ready"), &json!(1)));
        station
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line:?}: {error}"))
    }

    /// Gives a command and returns its reply; what happens meanwhile is kept.
    fn command(&mut self, command: Value) -> Value {
        writeln!(self.stdin.as_mut().unwrap(), "{command}").unwrap();
        loop {
            let line = self.line();
            if line.get("ev").is_none() {
                return line;
            }
            self.events.push(line);
        }
    }

    fn done(&mut self, command: Value) -> Value {
        let reply = self.command(command);
        assert_eq!(reply["ok"], json!(true), "{reply}");
        reply
    }

    fn happened(&self, name: &str) -> Vec<&Value> {
        self.events.iter().filter(|event| event["ev"] == name).collect()
    }

    fn end(mut self) -> Option<i32> {
        drop(self.stdin.take());
        self.process.wait().unwrap().code()
    }

    /// Pulls the plug.
    fn cut(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// A directory of its own, removed in the end.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("station-control-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn session(path: &Path) -> (Station, i64) {
    let storage = path.to_str().unwrap();
    let mut station = Station::start(&["--storage", storage, "--set", "AllowOfflineTxForUnknownId=true"]);
    // Known to the CSMS or not: a station that was never accepted charges only if it is told to.
    station.done(json!({"cmd": "local_config", "key": "TxBeforeAcceptedEnabled", "value": "true"}));
    station.done(json!({"cmd": "meter", "energy_wh": 1_000}));
    station.done(json!({"cmd": "plug"}));
    station.done(json!({"cmd": "id", "token": "04A2B3C4D5E680"}));
    station.done(json!({"cmd": "clock", "advance_s": 3600}));
    let state = station.done(json!({"cmd": "state"}));
    let energy = state["state"]["evse"][0]["tx"]["energy_wh"].as_i64();
    let energy = energy.unwrap_or_else(|| panic!("no transaction in {state}"));
    (station, energy)
}

#[test]
fn offline_the_station_charges_all_the_same() {
    let directory = Directory::new("charges");
    let (mut station, energy) = session(&directory.0);
    assert_eq!(energy, 11_040);
    assert_eq!(
        station.happened("contactor"),
        [&json!({"ev": "contactor", "evse": 1, "closed": true})]
    );
    let refused = station.command(json!({"id": 1, "cmd": "unplug"}));
    assert_eq!(refused, json!({"id": 1, "ok": false, "error": "locked"}));
    station.done(json!({"cmd": "id", "token": "04A2B3C4D5E680"}));
    station.done(json!({"cmd": "unplug"}));
    let ended: Vec<_> = station
        .happened("tx")
        .into_iter()
        .filter(|tx| tx["phase"] == "ended")
        .collect();
    assert_eq!(ended.len(), 1);
    assert_eq!(station.end(), Some(0));
}

#[test]
fn the_world_outlives_a_power_cut() {
    let directory = Directory::new("cut");
    let (station, _) = session(&directory.0);
    station.cut();
    let mut station = Station::start(&["--storage", directory.0.to_str().unwrap()]);
    let state = station.done(json!({"cmd": "state"}));
    let evse = &state["state"]["evse"][0];
    assert_eq!(evse["contactor"], json!(false));
    assert_eq!(evse["connectors"][0]["plugged"], json!(true));
    assert!(
        state["state"]["queue"]["tx"].as_u64().unwrap() > 0,
        "what was not told is still there: {state}"
    );
    station.cut();
}

#[test]
fn every_attempt_to_connect_has_a_cause() {
    let mut station = Station::start(&["--set", "RetryBackOffWaitMinimum=10"]);
    station.done(json!({"cmd": "clock", "advance_s": 600}));
    let attempts = station.happened("offline");
    assert!(
        attempts.len() > 3 && attempts.iter().all(|event| event["cause"] != ""),
        "{attempts:?}"
    );
    let before = attempts.len();
    station.done(json!({"cmd": "net", "online": false}));
    station.done(json!({"cmd": "clock", "advance_s": 3600}));
    assert_eq!(
        station.happened("offline").len(),
        before,
        "nothing is dialled while the net is off"
    );
    station.done(json!({"cmd": "net", "online": true}));
    station.done(json!({"cmd": "clock", "advance_s": 0}));
    assert_eq!(
        station.happened("offline").len(),
        before + 1,
        "and at once when it is back"
    );
    station.cut();
}

#[test]
fn time_of_day_and_time_are_two_things() {
    let mut station = Station::start(&[]);
    let reply = station.done(json!({"cmd": "clock", "set": "2031-03-04T10:00:00Z", "advance_s": 1.5}));
    assert_eq!(reply["wall"], json!("2031-03-04T10:00:01.500Z"));
    assert_eq!((&reply["mono"], &reply["synced"]), (&json!(1500), &json!(true)));
    assert_eq!(station.end(), Some(0));
}

#[test]
fn the_reset_button_ends_with_64() {
    let mut station = Station::start(&["--reboot", "exit"]);
    station.done(json!({"cmd": "reset_button"}));
    assert_eq!(station.happened("reboot").len(), 1);
    assert_eq!(station.end(), Some(64));
}
