//! A test bench: a station on a virtual clock, a world that does as it is told, and a CSMS that answers by rule.
//!
//! What the station does is written down line by line; a test takes the lines and compares them with what it expects,
//! in exact order.

#![allow(dead_code)]

use ocpp_core::dialect::{Dialect, Identity};
use ocpp_core::settings::SettingId;
use ocpp_core::wire::{Timestamp, WireEnum};
use ocpp_core::{
    Action, Buffers, CacheSlot, Config, ConnectorId, ConnectorSlot, Event, EvseId, EvseSlot, Fault, FaultCode, Input,
    Instant, Load, LocalListSlot, LockState, PilotState, Place, PollError, RecordId, Slot, Station, StationStorage,
    StoreError, Token, TokenKind, Topology, ValueKey,
};
use serde_json::{Value, json};
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;

/// What survives a reboot: storage.
#[derive(Clone, Default)]
pub struct Store {
    pub records: BTreeMap<RecordId, Vec<u8>>,
    pub values: HashMap<ValueKey, Vec<u8>>,
    pub writes: usize,
}

/// The world at one write to storage.
#[derive(Clone)]
pub struct Snapshot {
    pub store: Store,
    /// CALLs of the station so far.
    pub calls: usize,
    /// Permissions given so far.
    pub permits: usize,
}

/// How storage behaves.
#[derive(Clone, Copy, PartialEq)]
pub enum Mode {
    Ok,
    Fail(StoreError),
    Silent,
}

/// What the CSMS does with a CALL.
pub enum Answer {
    Result(Value),
    Error,
    Nothing,
}

pub type Csms = Box<dyn FnMut(&str, &Value) -> Answer>;

/// The 1.6 station of most tests.
pub static OCPP16: [&dyn Dialect; 1] = [&ocpp16::DIALECT];

pub struct Bench {
    pub station: Station<'static>,
    pub now: Instant,
    pub store: Store,
    pub mode: Mode,
    /// The server is there.
    pub online: bool,
    pub csms: Csms,
    /// Locks move as told.
    pub lock_works: bool,
    pub subprotocol: &'static str,
    /// Frames of the station that were not answered: message id, action, payload.
    pub unanswered: VecDeque<(String, String, Value)>,
    /// Payloads of all CALLs of the station.
    pub calls: Vec<(String, Value)>,
    /// Payloads of all answers of the station: result or error.
    pub answers: Vec<Value>,
    pub lines: Vec<String>,
    /// Events are written down too.
    pub events: bool,
    pub buffer: usize,
    /// What storage held after each write, if a test asks for it.
    pub snapshots: Option<Vec<Snapshot>>,
    /// Each action is asked for with a buffer that is too small first.
    pub stingy: bool,
    /// Frames are handed out, but never flushed: `Sent` is the test's to say.
    pub hold_sent: bool,
    /// How often the station has dialled.
    pub dials: usize,
    /// Which network profiles it has dialled.
    pub dialled: Vec<u8>,
    /// Network profiles whose server is not there.
    pub unreachable: Vec<u8>,
    sent: u32,
    pending: Option<Pending>,
}

/// An operation that storage has not answered.
#[derive(Clone)]
enum Pending {
    Store(u32, Slot, Option<Vec<u8>>),
    Load(u32, Load),
}

pub fn config(topology: &'static [u8]) -> Config<'static> {
    let identity = Identity {
        vendor: "Example",
        model: "One",
        ..Identity::default()
    };
    Config::new(Topology::new(topology), identity, [7; 16])
}

/// The 2.0.1 station of most tests.
pub static OCPP201: [&dyn Dialect; 1] = [&ocpp201::DIALECT];

/// A CSMS of either version that accepts everything and numbers transactions of 1.6 from 1.
pub fn accepting() -> Csms {
    let mut transactions = 0;
    Box::new(move |action, payload| {
        let info = json!({"status": "Accepted"});
        Answer::Result(match action {
            "BootNotification" => {
                json!({"status": "Accepted", "currentTime": "2026-11-22T12:00:00Z", "interval": 86400})
            }
            "Heartbeat" => json!({"currentTime": "2026-11-22T12:00:00Z"}),
            "Authorize" if payload["idToken"].is_object() => json!({"idTokenInfo": info}),
            "Authorize" | "StopTransaction" => json!({"idTagInfo": info}),
            "StartTransaction" => {
                transactions += 1;
                json!({"idTagInfo": info, "transactionId": transactions})
            }
            _ => json!({}),
        })
    })
}

/// The same, but `with` is asked first.
pub fn accepting_but(mut with: impl FnMut(&str, &Value) -> Option<Answer> + 'static) -> Csms {
    let mut rest = accepting();
    Box::new(move |action, payload| with(action, payload).unwrap_or_else(|| rest(action, payload)))
}

impl Bench {
    /// A 1.6 station with these connectors per EVSE, booted and accepted.
    pub fn new(topology: &'static [u8]) -> Self {
        Self::with(topology, &[])
    }

    /// A 1.6 station of these settings, booted and accepted.
    pub fn with(topology: &'static [u8], settings: &[(SettingId, &str)]) -> Self {
        let mut config = config(topology);
        for (id, text) in settings {
            config.settings.set(*id, text).unwrap();
        }
        Self::booted(config)
    }

    /// A 2.0.1 station of these settings, booted and accepted.
    pub fn new201(topology: &'static [u8], settings: &[(SettingId, &str)]) -> Self {
        let mut config = config(topology);
        for (id, text) in settings {
            config.settings.set(*id, text).unwrap();
        }
        let mut bench = Self::speaking(config, Store::default(), &OCPP201, "ocpp2.0.1");
        bench.drain();
        bench.lines.clear();
        bench.calls.clear();
        bench
    }

    pub fn booted(config: Config<'static>) -> Self {
        let mut bench = Self::unbooted(config, Store::default());
        bench.drain();
        bench.lines.clear();
        bench
    }

    pub fn unbooted(config: Config<'static>, store: Store) -> Self {
        Self::speaking(config, store, &OCPP16, "ocpp1.6")
    }

    pub fn speaking(
        config: Config<'static>,
        store: Store,
        dialects: &'static [&'static dyn Dialect],
        subprotocol: &'static str,
    ) -> Self {
        Self::with_slots(config, store, dialects, subprotocol, 8)
    }

    /// A station with that many slots for the local list.
    pub fn with_slots(
        config: Config<'static>,
        store: Store,
        dialects: &'static [&'static dyn Dialect],
        subprotocol: &'static str,
        list_slots: usize,
    ) -> Self {
        let no_more = |storage| storage;
        let evses = config.topology.evses() as u8;
        let mut bench = Self::lending(config, store, dialects, subprotocol, list_slots, no_more);
        for evse in 1..=evses {
            let reading = Input::Meter {
                evse: Some(EvseId(evse)),
                energy_wh: 0,
                samples: &[],
            };
            bench.station.handle(Instant::ZERO, reading).unwrap();
        }
        bench
    }

    /// The same, to which a test lends more, and whose meters were not read yet.
    pub fn lending(
        config: Config<'static>,
        store: Store,
        dialects: &'static [&'static dyn Dialect],
        subprotocol: &'static str,
        list_slots: usize,
        lend: impl FnOnce(StationStorage<'static>) -> StationStorage<'static>,
    ) -> Self {
        let list: Vec<LocalListSlot> = (0..list_slots).map(|_| LocalListSlot::default()).collect();
        let evses: Vec<EvseSlot> = (0..config.topology.evses()).map(|_| EvseSlot::default()).collect();
        let connectors: Vec<ConnectorSlot> = (0..config.topology.connectors())
            .map(|_| ConnectorSlot::default())
            .collect();
        let cache: Vec<CacheSlot> = (0..4).map(|_| CacheSlot::default()).collect();
        let storage = StationStorage::new(
            evses.leak(),
            connectors.leak(),
            Buffers {
                inbound: vec![0; 4096].leak(),
                record: vec![0; 1024].leak(),
                job: vec![0; 512].leak(),
            },
        )
        .with_cache(cache.leak())
        .with_local_list(list.leak());
        Self {
            station: Station::new(config, dialects, lend(storage)).unwrap(),
            now: Instant::ZERO,
            store,
            mode: Mode::Ok,
            online: true,
            csms: accepting(),
            lock_works: true,
            subprotocol,
            unanswered: VecDeque::new(),
            calls: Vec::new(),
            answers: Vec::new(),
            lines: Vec::new(),
            events: false,
            buffer: 4096,
            snapshots: None,
            stingy: false,
            hold_sent: false,
            dials: 0,
            dialled: Vec::new(),
            unreachable: Vec::new(),
            sent: 0,
            pending: None,
        }
    }

    /// The power goes and comes back: a new station on the same storage.
    pub fn reboot(self, config: Config<'static>) -> Self {
        let mut bench = Self::unbooted(config, self.store);
        bench.csms = self.csms;
        bench
    }

    pub fn input(&mut self, input: Input<'_>) {
        self.station.handle(self.now, input).unwrap();
        self.drain();
    }

    /// Carries out actions until there are none.
    pub fn drain(&mut self) {
        for _ in 0..10_000 {
            let mut buffer = vec![0; if self.stingy { 0 } else { self.buffer }];
            let mut polled = self.station.poll(self.now, &mut buffer);
            if self.stingy
                && let Err(PollError::BufferTooSmall { needed }) = polled
            {
                assert!(needed > 0);
                buffer = vec![0; needed];
                polled = self.station.poll(self.now, &mut buffer);
            }
            match polled {
                Ok(Some(action)) => self.carry_out(action),
                Ok(None) => {
                    assert!(
                        self.station.poll_at().is_none_or(|at| at > self.now),
                        "a deadline in the past after poll returned nothing"
                    );
                    return;
                }
                Err(error) => panic!("{error}"),
            }
        }
        panic!("no end of actions: {:#?}", self.lines);
    }

    /// Lets time pass, stopping at every deadline.
    pub fn advance(&mut self, secs: u64) {
        let target = self.now.plus_millis(secs * 1000);
        while let Some(at) = self.station.poll_at().filter(|at| *at <= target) {
            self.now = self.now.max(at);
            self.drain();
        }
        self.now = target;
        self.drain();
    }

    /// The lines since the last time.
    pub fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }

    #[track_caller]
    pub fn expect(&mut self, lines: &[&str]) {
        assert_eq!(self.take(), lines);
    }

    /// The actions of the CALLs since the last time.
    pub fn take_actions(&mut self) -> Vec<String> {
        let lines = self.take();
        let calls = lines.iter().filter_map(|line| line.strip_prefix("> "));
        calls.map(|line| line.split(' ').next().unwrap().to_string()).collect()
    }

    fn carry_out(&mut self, action: Action<'_>) {
        match action {
            Action::Connect { profile } => {
                self.dials += 1;
                self.dialled.push(profile);
                if self.online && !self.unreachable.contains(&profile) {
                    self.station
                        .handle(
                            self.now,
                            Input::Connected {
                                subprotocol: self.subprotocol,
                            },
                        )
                        .unwrap();
                } else {
                    self.station.handle(self.now, Input::Disconnected).unwrap();
                }
            }
            Action::Disconnect => {
                self.lines.push("disconnect".into());
                self.station.handle(self.now, Input::Disconnected).unwrap();
            }
            Action::Send(bytes) => {
                let text = std::str::from_utf8(bytes).unwrap().to_string();
                if !self.hold_sent {
                    self.station.handle(self.now, Input::Sent).unwrap();
                }
                self.frame_sent(&text);
            }
            Action::Permit { connector, on } => {
                self.lines
                    .push(format!("permit {} {}", place(connector), if on { "on" } else { "off" }));
            }
            Action::Lock { connector, locked } => {
                self.lines.push(format!(
                    "{} {}",
                    if locked { "lock" } else { "unlock" },
                    place(connector)
                ));
                let state = match (self.lock_works, locked) {
                    (false, _) => LockState::Failed,
                    (_, true) => LockState::Locked,
                    (_, false) => LockState::Unlocked,
                };
                self.station.handle(self.now, Input::Lock { connector, state }).unwrap();
            }
            Action::Limit { evse, milliamps } => self.lines.push(format!("limit {} {milliamps:?}", evse.0)),
            Action::Store { id, slot, bytes } => self.pend(Pending::Store(id, slot, Some(bytes.to_vec()))),
            Action::Discard { id, slot } => self.pend(Pending::Store(id, slot, None)),
            Action::Load { id, what } => self.pend(Pending::Load(id, what)),
            Action::SetClock(time) => self.lines.push(format!("set clock {time}")),
            Action::Reboot(kind) => self.lines.push(format!("reboot {kind:?}")),
            Action::Event(event) if self.events => self.lines.push(format!("event {}", event_text(&event))),
            _ => {}
        }
    }

    fn pend(&mut self, pending: Pending) {
        assert!(
            self.pending.is_none() || self.mode == Mode::Silent,
            "two storage operations at once"
        );
        self.pending = Some(pending);
        if self.mode != Mode::Silent {
            self.answer_storage();
        }
    }

    /// Storage behaves differently from now on. What it kept silent about, it does, too late.
    pub fn storage(&mut self, mode: Mode) {
        self.mode = mode;
        if mode != Mode::Silent {
            self.answer_storage();
            self.drain();
        }
    }

    /// Id of the operation that storage has not answered.
    pub fn outstanding(&self) -> Option<u32> {
        self.pending.as_ref().map(|pending| match pending {
            Pending::Store(id, ..) | Pending::Load(id, _) => *id,
        })
    }

    /// Storage does what it was asked last, but its answer is lost.
    pub fn lose_answer(&mut self) {
        if let Some(Pending::Store(_, slot, bytes)) = self.pending.take() {
            self.write(slot, bytes);
        }
    }

    /// Storage answers what it was asked last.
    pub fn answer_storage(&mut self) {
        let Some(pending) = self.pending.take() else { return };
        match pending {
            Pending::Store(id, slot, bytes) => {
                let result = match self.mode {
                    Mode::Fail(error) => Err(error),
                    _ => Ok(()),
                };
                if result.is_ok() {
                    self.write(slot, bytes);
                    if let Some(snapshots) = &mut self.snapshots {
                        let permits = self.lines.iter().filter(|line| line.ends_with(" on")).count();
                        snapshots.push(Snapshot {
                            store: self.store.clone(),
                            calls: self.calls.len(),
                            permits,
                        });
                    }
                }
                self.station.handle(self.now, Input::Stored { id, result }).unwrap();
            }
            Pending::Load(id, Load::RecordAfter(after)) => {
                let next = self.store.records.range(RecordId(after.0 + 1)..).next();
                let record = next.map(|(id, bytes)| (*id, bytes.as_slice()));
                self.station
                    .handle(self.now, Input::LoadedRecord { id, record })
                    .unwrap();
            }
            Pending::Load(id, Load::Value(key)) => {
                let value = self.store.values.get(&key).map(Vec::as_slice);
                self.station.handle(self.now, Input::LoadedValue { id, value }).unwrap();
            }
        }
    }

    fn write(&mut self, slot: Slot, bytes: Option<Vec<u8>>) {
        self.store.writes += 1;
        match (slot, bytes) {
            (Slot::Record(record), Some(bytes)) => {
                let last = self.store.records.keys().next_back();
                assert!(last.is_none_or(|last| *last <= record), "records must ascend");
                self.store.records.insert(record, bytes);
            }
            (Slot::Value(key), Some(bytes)) => {
                self.store.values.insert(key, bytes);
            }
            (Slot::Record(record), None) => {
                self.store.records.remove(&record);
            }
            (Slot::Value(key), None) => {
                self.store.values.remove(&key);
            }
        }
    }

    fn frame_sent(&mut self, text: &str) {
        let frame: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        match frame[0].as_i64() {
            Some(2) => {
                let (id, action) = (
                    frame[1].as_str().unwrap().to_string(),
                    frame[2].as_str().unwrap().to_string(),
                );
                let payload = frame[3].clone();
                self.lines.push(format!("> {}", call_text(&action, &payload)));
                self.calls.push((action.clone(), payload.clone()));
                match (self.csms)(&action, &payload) {
                    Answer::Result(result) => self.receive(&json!([3, id, result]).to_string()),
                    Answer::Error => self.receive(&json!([4, id, "InternalError", "", {}]).to_string()),
                    Answer::Nothing => self.unanswered.push_back((id, action, payload)),
                }
            }
            Some(3) => {
                self.lines.push(format!("= {}", frame[2]));
                self.answers.push(frame[2].clone());
            }
            _ => {
                self.lines.push(format!("! {}", frame[2].as_str().unwrap()));
                self.answers.push(frame);
            }
        }
    }

    fn receive(&mut self, text: &str) {
        self.station.handle(self.now, Input::Frame(text.as_bytes())).unwrap();
    }

    /// The CSMS sends a CALL.
    pub fn call(&mut self, action: &str, payload: Value) {
        self.sent += 1;
        let id = format!("c{}", self.sent);
        self.frame(&json!([2, id, action, payload]).to_string());
    }

    /// The CSMS sends any text.
    pub fn frame(&mut self, text: &str) {
        self.receive(text);
        self.drain();
    }

    /// The CSMS answers the oldest CALL that it left unanswered.
    pub fn answer(&mut self, result: Value) {
        let (id, _, _) = self.unanswered.pop_front().unwrap();
        self.frame(&json!([3, id, result]).to_string());
    }

    pub fn go_offline(&mut self) {
        self.online = false;
        self.input(Input::Disconnected);
    }

    /// The server is back; the station finds out by itself.
    pub fn go_online(&mut self) {
        self.online = true;
        self.input(Input::Local(ocpp_core::LocalCommand::Dial));
    }

    pub fn pilot(&mut self, evse: u8, connector: u8, state: PilotState) {
        self.input(Input::Pilot {
            connector: ConnectorId::new(evse, connector),
            state,
        });
    }

    pub fn present(&mut self, text: &str) {
        self.input(Input::IdToken {
            token: token(text),
            evse: None,
        });
    }

    pub fn contactor(&mut self, evse: u8, closed: bool) {
        self.input(Input::PowerPath {
            evse: EvseId(evse),
            closed,
        });
    }

    pub fn energy(&mut self, evse: u8, energy_wh: i64) {
        self.input(Input::Meter {
            evse: Some(EvseId(evse)),
            energy_wh,
            samples: &[],
        });
    }

    /// From free to charging at the first connector of an EVSE.
    pub fn charge(&mut self, evse: u8, tag: &str) {
        self.pilot(evse, 1, PilotState::B);
        self.input(Input::IdToken {
            token: token(tag),
            evse: Some(EvseId(evse)),
        });
        self.pilot(evse, 1, PilotState::C);
        self.contactor(evse, true);
    }

    /// Sets a setting and lets it be stored.
    pub fn set(&mut self, id: SettingId, text: &str) {
        self.input(Input::Local(ocpp_core::LocalCommand::Set(id, text)));
    }

    pub fn cable(&mut self, evse: u8, connector: u8, present: bool) {
        self.input(Input::Cable {
            connector: ConnectorId::new(evse, connector),
            present,
        });
    }

    /// A lock is fitted, and open.
    pub fn fit_lock(&mut self, evse: u8, connector: u8) {
        self.input(Input::Lock {
            connector: ConnectorId::new(evse, connector),
            state: LockState::Unlocked,
        });
    }

    pub fn fault(&mut self, place: Place, code: FaultCode, on: bool) {
        self.input(Input::Fault(Fault {
            place,
            code,
            on,
            info: "",
            vendor_code: "",
        }));
    }

    /// The payloads of the CALLs of that action so far.
    pub fn calls_of(&self, action: &str) -> Vec<Value> {
        let own = self.calls.iter().filter(|(own, _)| own == action);
        own.map(|(_, payload)| payload.clone()).collect()
    }

    /// The driver leaves: contactor open, cable out.
    pub fn leave(&mut self, evse: u8) {
        self.contactor(evse, false);
        self.pilot(evse, 1, PilotState::A);
    }

    pub fn assert_idle(&self) {
        assert!(self.station.is_idle(), "not idle: {:?}", self.station);
    }
}

/// Leaves CALLs of that action unanswered while the switch is on.
pub fn deaf_to(bench: &mut Bench, action: &'static str) -> Rc<Cell<bool>> {
    let deaf = Rc::new(Cell::new(true));
    let switch = deaf.clone();
    bench.csms = accepting_but(move |own, _| (switch.get() && own == action).then_some(Answer::Nothing));
    deaf
}

/// Answers CALLs of that action with an error, that many times.
pub fn refuse(bench: &mut Bench, action: &'static str, times: usize) {
    let left = Cell::new(times);
    bench.csms = accepting_but(move |own, _| {
        (own == action && left.get() > 0).then(|| {
            left.set(left.get() - 1);
            Answer::Error
        })
    });
}

/// A whole session of `TAG` at EVSE 1, from one meter to the other.
pub fn session(bench: &mut Bench, from: i64, to: i64) {
    bench.energy(1, from);
    bench.charge(1, "TAG");
    bench.advance(5);
    bench.energy(1, to);
    bench.present("TAG");
    bench.leave(1);
}

/// A session survives whatever `disturb` does to it.
#[track_caller]
pub fn undisturbed(disturb: impl Fn(&mut Bench)) {
    let mut bench = Bench::new(&[1]);
    bench.energy(1, 100);
    bench.charge(1, "TAG");
    bench.take();
    disturb(&mut bench);
    bench.take();
    bench.energy(1, 700);
    bench.advance(60);
    bench.present("TAG");
    bench.expect(&[
        "> MeterValues 1 1",
        "permit 1.1 off",
        "> StatusNotification 1 Finishing",
        "> StopTransaction 1 700 Local TAG",
    ]);
    bench.assert_idle();
}

/// The checksum behind records and values: CRC-16/CCITT-FALSE.
pub fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 {
                crc << 1
            } else {
                (crc << 1) ^ 0x1021
            }
        })
    })
}

pub fn token(text: &str) -> Token {
    Token::new(text, TokenKind::Iso14443).unwrap()
}

pub fn utc(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn place(connector: ConnectorId) -> String {
    format!("{}.{}", connector.evse.0, connector.connector)
}

/// The part of a CALL that tests look at.
fn call_text(action: &str, payload: &Value) -> String {
    let fields: &[&str] = match action {
        "StatusNotification" => &[
            "connectorId",
            "status",
            "errorCode",
            "info",
            "evseId",
            "connectorStatus",
        ],
        "StartTransaction" => &["connectorId", "idTag", "meterStart"],
        "StopTransaction" => &["transactionId", "meterStop", "reason", "idTag"],
        "MeterValues" => &["connectorId", "transactionId", "evseId"],
        "Authorize" => &["idTag"],
        "TransactionEvent" => &["eventType", "triggerReason", "seqNo", "offline"],
        _ => &[],
    };
    let mut text = action.to_string();
    if let Some(token) = payload["idToken"]["idToken"].as_str().filter(|_| action == "Authorize") {
        text += &format!(" {token}");
    }
    for field in fields {
        match &payload[field] {
            Value::Null => {}
            Value::String(value) if value == "NoError" => {}
            Value::String(value) => text += &format!(" {value}"),
            value => text += &format!(" {value}"),
        }
    }
    text
}

fn event_text(event: &Event<'_>) -> String {
    match event {
        Event::Authorization { status, .. } => format!("auth {}", status.as_str()),
        Event::Status { connector, status } => {
            format!("status {} {}", connector.map_or("0".into(), place), status.as_str())
        }
        Event::Transaction { phase, reason, .. } => format!("tx {phase:?} {reason:?}"),
        Event::Registered { status, interval } => format!("registered {} {interval}", status.as_str()),
        other => format!("{other:?}"),
    }
}
