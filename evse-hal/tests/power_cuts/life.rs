//! A station on flash, and a world around it that outlives power cuts.

use crate::csms::{Csms, Findings};
use evse_hal::Storage;
use evse_hal::flash::sim::{SimFlash, now};
use evse_hal::flash::{FlashStorage, Layout, StationRecords};
use ocpp_core::dialect::{Dialect, Identity};
use ocpp_core::settings::{SettingId, Settings};
use ocpp_core::wire::{Decimal, Timestamp};
use ocpp_core::{
    Action, Config, ConnectorId, EvseId, Input, Instant, Load, Measurand, PilotState, RecordId, Sample, Slot, Station,
    StationResources, StoreError, Token, TokenKind, Topology,
};
use serde_json::{Value, json};

pub type Flash = SimFlash<4, 1024>;
type Store = FlashStorage<Flash, StationRecords>;

const LAYOUT: Layout = Layout {
    records: 0..0x3000,
    values: 0x3000..0x4000,
};
static DIALECTS: [&dyn Dialect; 2] = [&ocpp201::DIALECT, &ocpp16::DIALECT];
const EVSES: usize = 2;
/// The power that a car takes, as Wh in the ten seconds between two readings.
const WH: i64 = 20;
/// The interval of samples that the CSMS sets, in seconds.
const CHANGED: u32 = 40;
/// How long the station is off after a cut, in milliseconds.
const OFF: i64 = 7_000;
/// Energy that a cut may cost at an EVSE: what flows in the time between two checkpoints, and until the next reading.
const LOST_WH: i64 = 8 * WH;

/// A step of a script.
pub type Step = fn(&mut Life<'_>);

/// What outlives a power cut, but for the flash.
#[derive(Clone)]
pub struct World {
    pub csms: Csms,
    /// The time, in ms; and what those say who tell it.
    utc: i64,
    pub skew: i64,
    online: bool,
    version: &'static str,
    pilots: [PilotState; EVSES],
    energy_wh: [i64; EVSES],
    /// Energy that has flowed.
    flowed_wh: i64,
    cuts: usize,
    /// The CSMS was told that its change is in force.
    changed: bool,
    /// The step of the script that is under way.
    step: usize,
}

/// Where the power is to go.
#[derive(Clone, Copy)]
pub struct Plan {
    /// Cut at every so many word operations of the flash.
    pub every: u64,
    /// And at every so many of what follows each cut.
    pub again: Option<u64>,
}

/// What a sweep has found.
#[derive(Debug, Default)]
pub struct Tally {
    pub cuts: u64,
    pub second_cuts: u64,
    pub duplicates: usize,
    pub most_transactions: usize,
    pub fewest_transactions: Option<usize>,
}

pub struct Life<'m> {
    pub station: Station<'m>,
    storage: Store,
    pub world: World,
    now: Instant,
    permitted: [bool; EVSES],
    closed: [bool; EVSES],
    script: &'m [Step],
    plan: Option<Plan>,
    operations: u64,
    tally: Tally,
}

impl World {
    pub fn new() -> Self {
        Self {
            csms: Csms::default(),
            utc: Timestamp::parse("2026-11-22T12:00:00Z").unwrap().as_millis(),
            skew: 0,
            online: true,
            version: "ocpp1.6",
            pilots: [PilotState::A; EVSES],
            energy_wh: [1_000_000, 50_000],
            flowed_wh: 0,
            cuts: 0,
            changed: false,
            step: 0,
        }
    }
}

/// An erased flash.
pub fn flash() -> Flash {
    SimFlash::new(16)
}

/// Runs a script from the step that the world is at to its end, and holds the ledger to what happened.
pub fn run(world: World, flash: Flash, script: &[Step], plan: Option<Plan>) -> (Findings, Tally) {
    let mut memory = Box::new(StationResources::<EVSES, EVSES>::new());
    let identity = Identity {
        vendor: "Example",
        model: "One",
        ..Identity::default()
    };
    let mut config = Config::new(Topology::new(&[1, 1]), identity, [7; 16]);
    for (id, text) in [
        (SettingId::OfflineTxForUnknownId, "true"),
        (SettingId::RetryBackOffWaitMinimum, "1"),
        (SettingId::RetryBackOffRandomRange, "0"),
        (SettingId::EndedSampledMeasurands, "Energy.Active.Import.Register"),
    ] {
        config.settings.set(id, text).unwrap();
    }
    let first = world.step;
    let mut life = Life {
        station: Station::new(config, &DIALECTS, memory.storage()).unwrap(),
        storage: now(FlashStorage::open(flash, LAYOUT, StationRecords::new(EVSES as u8))).unwrap(),
        world,
        now: Instant::ZERO,
        permitted: [false; EVSES],
        closed: [false; EVSES],
        script,
        plan,
        operations: 0,
        tally: Tally::default(),
    };
    life.boot();
    for (index, step) in script.iter().enumerate().skip(first) {
        // If the power goes in it, it has happened.
        life.world.step = index + 1;
        step(&mut life);
    }
    life.ends()
}

impl Life<'_> {
    fn boot(&mut self) {
        for index in 0..EVSES {
            let (state, energy_wh) = (self.world.pilots[index], self.world.energy_wh[index]);
            let connector = ConnectorId::new(index as u8 + 1, 1);
            self.tell(Input::Pilot { connector, state });
            self.meter(index, energy_wh);
        }
        self.drain();
    }

    /// The station comes to rest, with nothing left in flash but what it keeps.
    fn ends(mut self) -> (Findings, Tally) {
        self.world.online = true;
        self.advance(1800);
        assert!(self.station.is_idle(), "not idle");
        let left = now(self.storage.record_after(0, &mut [0; 1024])).unwrap();
        assert_eq!(left, None, "a record is left");
        let interval = self.station.settings().count(SettingId::SampleInterval);
        let was = Settings::default().count(SettingId::SampleInterval);
        assert!(
            interval == CHANGED || !self.world.changed && interval == was,
            "{interval}"
        );
        let findings = self.world.csms.check(self.world.cuts);
        let missing = self.world.flowed_wh - findings.energy_wh;
        let most = self.world.cuts as i64 * LOST_WH * EVSES as i64;
        assert!((0..=most).contains(&missing), "{missing} Wh are missing");
        (findings, self.tally)
    }

    pub fn set_pilot(&mut self, evse: u8, state: PilotState) {
        self.world.pilots[usize::from(evse) - 1] = state;
        let connector = ConnectorId::new(evse, 1);
        self.input(Input::Pilot { connector, state });
    }

    /// A driver presents a tag, after a moment: two sessions never begin in the same second.
    pub fn present(&mut self, evse: u8, tag: &str) {
        self.advance(10);
        let token = Token::new(tag, TokenKind::Iso14443).unwrap();
        let evse = Some(EvseId(evse));
        self.input(Input::IdToken { token, evse });
    }

    /// Plugs in, presents a tag, and is ready.
    pub fn arrive(&mut self, evse: u8, tag: &str) {
        self.set_pilot(evse, PilotState::B);
        self.present(evse, tag);
        self.set_pilot(evse, PilotState::C);
    }

    pub fn leave(&mut self, evse: u8) {
        self.set_pilot(evse, PilotState::A);
    }

    pub fn go_offline(&mut self) {
        self.world.online = false;
        self.input(Input::Disconnected);
    }

    pub fn go_online(&mut self, version: &'static str) {
        self.world.online = true;
        self.world.version = version;
        self.advance(120);
    }

    /// Somebody sets the clock.
    pub fn set_clock(&mut self, skew_secs: i64) {
        self.world.skew = skew_secs * 1000;
        self.input(Input::Clock(Timestamp::from_millis(self.world.utc + self.world.skew)));
    }

    /// The CSMS changes the interval of samples.
    pub fn change_configuration(&mut self) {
        let payload = json!({"key": "MeterValueSampleInterval", "value": CHANGED.to_string()});
        let frame = json!([2, "c", "ChangeConfiguration", payload]).to_string();
        self.input(Input::Frame(frame.as_bytes()));
    }

    pub fn input(&mut self, input: Input<'_>) {
        self.tell(input);
        self.drain();
    }

    fn tell(&mut self, input: Input<'_>) {
        self.station.handle(self.now, input).unwrap();
    }

    /// Lets time pass and energy flow.
    pub fn advance(&mut self, secs: u32) {
        for _ in 0..secs.div_ceil(10) {
            let target = self.now.plus_secs(10);
            while let Some(at) = self.station.poll_at().filter(|at| *at <= target) {
                self.pass_until(at.max(self.now));
                self.drain();
            }
            self.pass_until(target);
            for index in 0..EVSES {
                if self.closed[index] {
                    self.world.energy_wh[index] += WH;
                    self.world.flowed_wh += WH;
                    self.meter(index, self.world.energy_wh[index]);
                }
            }
            self.drain();
        }
    }

    fn pass_until(&mut self, at: Instant) {
        self.world.utc += at.millis_since(self.now) as i64;
        self.now = at;
    }

    fn meter(&mut self, index: usize, energy_wh: i64) {
        let power = Sample::new(Measurand::PowerActiveImport, Decimal::from(7_200 + energy_wh % 9)).unwrap();
        self.tell(Input::Meter {
            evse: Some(EvseId(index as u8 + 1)),
            energy_wh,
            samples: &[power],
        });
    }

    fn drain(&mut self) {
        loop {
            let mut buf = [0; 2048];
            while let Some(action) = self.station.poll(self.now, &mut buf).unwrap() {
                self.carry_out(action);
            }
            let wanted = |index: usize| self.permitted[index] && self.world.pilots[index] == PilotState::C;
            let Some(index) = (0..EVSES).find(|index| self.closed[*index] != wanted(*index)) else {
                return;
            };
            self.closed[index] = wanted(index);
            self.tell(Input::PowerPath {
                evse: EvseId(index as u8 + 1),
                closed: self.closed[index],
            });
        }
    }

    fn carry_out(&mut self, action: Action<'_>) {
        match action {
            Action::Connect { .. } if self.world.online => {
                let subprotocol = self.world.version;
                self.world.csms.connected(subprotocol);
                self.tell(Input::Connected { subprotocol });
            }
            Action::Connect { .. } => self.tell(Input::Disconnected),
            Action::Send(bytes) => {
                let frame: Value = serde_json::from_slice(bytes).unwrap();
                self.tell(Input::Sent);
                self.world.changed |= frame[0] == 3 && frame[2]["status"] == "Accepted";
                if frame[0] == 2 {
                    let utc = self.world.utc + self.world.skew;
                    let action = frame[2].as_str().unwrap();
                    let result = self.world.csms.answer(action, &frame[3], utc);
                    let answer = json!([3, frame[1], result]).to_string();
                    self.tell(Input::Frame(answer.as_bytes()));
                }
            }
            Action::Permit { connector, on } => self.permitted[usize::from(connector.evse.0) - 1] = on,
            Action::Store { id, slot, bytes } => {
                self.cut(&mut |storage| put(storage, slot, bytes));
                let result = put(&mut self.storage, slot, bytes);
                self.tell(Input::Stored { id, result });
            }
            Action::Discard { id, slot } => {
                self.cut(&mut |storage| discard(storage, slot));
                let result = discard(&mut self.storage, slot);
                self.tell(Input::Stored { id, result });
            }
            Action::Load { id, what } => {
                let mut buf = [0; 1024];
                match what {
                    Load::RecordAfter(RecordId(number)) => {
                        let found = now(self.storage.record_after(number, &mut buf)).unwrap();
                        let record = found.map(|(number, len)| (RecordId(number), &buf[..len]));
                        self.tell(Input::LoadedRecord { id, record });
                    }
                    Load::Value(key) => {
                        let len = now(self.storage.value(key.code(), &mut buf)).unwrap();
                        let value = len.map(|len| &buf[..len]);
                        self.tell(Input::LoadedValue { id, value });
                    }
                }
            }
            _ => {}
        }
    }

    /// The power goes at each planned moment of an operation, and everything goes on from there.
    fn cut(&mut self, operation: &mut dyn FnMut(&mut Store) -> Result<(), StoreError>) {
        let Some(plan) = self.plan else { return };
        for after in 0.. {
            let mut fork = self.storage.clone();
            fork.flash_mut().cut_after(after);
            let _ = operation(&mut fork);
            let flash = fork.into_flash();
            if !flash.is_dead() {
                break;
            }
            self.operations += 1;
            if !self.operations.is_multiple_of(plan.every) {
                continue;
            }
            let mut world = self.world.clone();
            world.cuts += 1;
            world.utc += OFF;
            let then = plan.again.map(|every| Plan { every, again: None });
            let (findings, tally) = run(world, flash.restored(), self.script, then);
            self.tally.cuts += 1;
            self.tally.second_cuts += tally.cuts;
            self.tally.duplicates += findings.duplicates;
            self.tally.most_transactions = self.tally.most_transactions.max(findings.transactions);
            let fewest = self.tally.fewest_transactions.get_or_insert(findings.transactions);
            *fewest = (*fewest).min(findings.transactions);
        }
    }
}

fn put(storage: &mut Store, slot: Slot, bytes: &[u8]) -> Result<(), StoreError> {
    let put = match slot {
        Slot::Record(RecordId(number)) => now(storage.put_record(number, bytes)),
        Slot::Value(key) => now(storage.put_value(key.code(), bytes)),
    };
    put.map_err(|_| StoreError::Failed)
}

fn discard(storage: &mut Store, slot: Slot) -> Result<(), StoreError> {
    let discarded = match slot {
        Slot::Record(RecordId(number)) => now(storage.discard_record(number)),
        Slot::Value(key) => now(storage.discard_value(key.code())),
    };
    discarded.map_err(|_| StoreError::Failed)
}
