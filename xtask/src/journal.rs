//! What records and values take in flash: a station charges offline and online, on the flash stores and a simulated
//! flash that counts.

use crate::{Error, grouped};
use evse_hal::Storage;
use evse_hal::flash::sim::{SimFlash, now};
use evse_hal::flash::{FlashStorage, Layout, StationRecords};
use ocpp_core::dialect::{Dialect, Identity};
use ocpp_core::settings::SettingId;
use ocpp_core::wire::Decimal;
use ocpp_core::{
    Action, Config, ConnectorId, EvseId, Input, Instant, Load, Measurand, PilotState, RecordId, Sample, Slot, Station,
    StationResources, Token, TokenKind, Topology,
};
use serde_json::{Value, json};

const BLOCK: usize = 4096;
/// Of 64 KiB, three quarters are for records.
const RECORDS: u32 = 48 * 1024;
const SIZE: u32 = 64 * 1024;
const CYCLES: u64 = 100_000;
const SESSIONS_A_DAY: u64 = 10;
static DIALECTS: [&dyn Dialect; 1] = [&ocpp16::DIALECT];

/// Prints the figures.
pub fn table() -> Result<(), Error> {
    println!("Samples of energy, power and current each minute, and the start and the end around them, offline:\n");
    println!("| word | record | bytes of a record | bytes of flash |");
    println!("|---:|---|---:|---:|");
    offline::<1>()?;
    offline::<4>()?;
    offline::<8>()?;
    offline::<16>()?;
    offline::<32>()?;
    println!(
        "\nUntil samples are dropped, in {} KiB, sessions of an hour:\n",
        RECORDS / 1024
    );
    println!(
        "| word | bytes of each in packed pages, with heads | records | bytes of each, with what is kept free | in 10 KiB |"
    );
    println!("|---:|---:|---:|---:|---:|");
    packed::<1>()?;
    packed::<4>()?;
    packed::<8>()?;
    packed::<16>()?;
    packed::<32>()?;
    println!("\nA session of ten minutes, online in 1.6, words of 4 bytes:\n");
    let mut rig = Rig::<4>::new(true)?;
    let before = rig.counts();
    rig.session(10)?;
    let (operations, writes, bytes) = rig.since(before);
    println!("{operations} stores and discards, {writes} flash writes, {bytes} bytes");
    println!("\n{SESSIONS_A_DAY} sessions of an hour a day, online, 48 KiB for records and 16 KiB for values:\n");
    println!(
        "| word | erases of a block of records / of values in {WEAR} sessions | years to {} |",
        grouped(CYCLES)
    );
    println!("|---:|---:|---:|");
    wear::<4>()?;
    wear::<8>()?;
    wear::<32>()
}

fn offline<const WORD: usize>() -> Result<(), Error> {
    let mut rig = Rig::<WORD>::new(false)?;
    rig.session(600)?;
    let sizes = rig.records;
    let pages: Vec<usize> = (rig
        .storage
        .flash_mut()
        .bytes()
        .chunks(BLOCK)
        .take(RECORDS as usize / BLOCK))
    .map(|page| page.iter().rposition(|byte| *byte != 0xff).map_or(0, |last| last + 1))
    .filter(|used| *used > 0)
    .collect();
    let closed = pages.len().saturating_sub(1);
    let used = closed * BLOCK + pages.last().copied().unwrap_or(0);
    let sizes = sizes.get(rig.warm..).unwrap_or_default();
    let (Some(start), Some(end)) = (sizes.first(), sizes.last()) else {
        return Err("no session".into());
    };
    let samples = sizes.get(2..sizes.len() - 1).unwrap_or_default();
    let mean = |of: fn(&(usize, usize)) -> usize| samples.iter().map(of).sum::<usize>() as f64 / samples.len() as f64;
    println!("| {WORD} | start | {} | {} |", start.0, start.1);
    println!(
        "| {WORD} | sample | {:.1} | {:.1} |",
        mean(|size| size.0),
        mean(|size| size.1)
    );
    println!("| {WORD} | end | {} | {} |", end.0, end.1);
    let all = used as f64 / (sizes.len() + rig.warm) as f64;
    println!("| {WORD} | each, with heads and ends of pages | | {all:.1} |");
    Ok(())
}

/// How many samples fit, as the log packs them and before it drops any.
fn packed<const WORD: usize>() -> Result<(), Error> {
    let mut rig = Rig::<WORD>::new(false)?;
    let (warm, mut samples, mut each_packed) = (rig.stored()?, 0, 0.0);
    let count = loop {
        rig.session(60)?;
        let stored = (rig.records.len() - rig.warm) as u32 + warm;
        let found = rig.stored()?;
        if found < stored {
            break samples;
        }
        samples = stored;
        if stored > 3000 && each_packed == 0.0 {
            each_packed = rig.packed()?;
        }
    };
    let each = f64::from(RECORDS) / f64::from(count);
    let fit = 10.0 * 1024.0 / each;
    println!("| {WORD} | {each_packed:.1} | {count} | {each:.1} | {fit:.0} |");
    Ok(())
}

const WEAR: u64 = 300;

fn wear<const WORD: usize>() -> Result<(), Error> {
    let mut rig = Rig::<WORD>::new(true)?;
    for _ in 0..WEAR {
        rig.session(60)?;
    }
    let erases = rig.storage.flash_mut().erases();
    let most = |blocks: &[u32]| u64::from(blocks.iter().copied().max().unwrap_or(0));
    let (records, values) = erases.split_at(RECORDS as usize / BLOCK);
    let (records, values) = (most(records), most(values));
    let years = CYCLES * WEAR / records.max(values).max(1) / SESSIONS_A_DAY / 365;
    println!("| {WORD} | {records} / {values} | {years} |");
    Ok(())
}

struct Rig<const WORD: usize> {
    station: Station<'static>,
    storage: FlashStorage<SimFlash<WORD, BLOCK>, StationRecords>,
    now: Instant,
    online: bool,
    energy_wh: i64,
    transactions: u32,
    operations: u64,
    /// Of each record, its bytes and those of flash that it took.
    records: Vec<(usize, usize)>,
    /// How many of them were stored before what is measured.
    warm: usize,
}

impl<const WORD: usize> Rig<WORD> {
    fn new(online: bool) -> Result<Self, Error> {
        let identity = Identity {
            vendor: "Example",
            model: "One",
            ..Identity::default()
        };
        let mut config = Config::new(Topology::new(&[1]), identity, [7; 16]);
        let measurands = "Energy.Active.Import.Register,Power.Active.Import,Current.Import";
        for (id, text) in [
            (SettingId::SampledMeasurands, measurands),
            (SettingId::OfflineTxForUnknownId, "true"),
        ] {
            config.settings.set(id, text).map_err(|error| error.to_string())?;
        }
        let memory = Box::leak(Box::new(StationResources::<1, 1>::new()));
        let layout = Layout {
            records: 0..RECORDS,
            values: RECORDS..SIZE,
        };
        let flash = SimFlash::new(SIZE as usize / BLOCK);
        let mut rig = Self {
            station: Station::new(config, &DIALECTS, memory.storage()).map_err(|error| format!("{error:?}"))?,
            storage: now(FlashStorage::open(flash, layout, StationRecords::new(1)))?,
            now: Instant::ZERO,
            online: true,
            energy_wh: 12_345_678,
            transactions: 0,
            operations: 0,
            records: Vec::new(),
            warm: 0,
        };
        rig.drain()?;
        // The cache has learned the token, and what is stored once is.
        rig.session(1)?;
        rig.warm = rig.records.len();
        if !online {
            rig.online = false;
            rig.input(Input::Disconnected)?;
        }
        Ok(rig)
    }

    /// How many records are there.
    fn stored(&mut self) -> Result<u32, Error> {
        self.stored_in(0, u32::MAX)
    }

    /// Bytes of a record in the pages that others were folded into, heads and unused ends of them included.
    fn packed(&mut self) -> Result<f64, Error> {
        let heads = self.storage.flash_mut().bytes().chunks(BLOCK);
        let mut pages: Vec<_> = (heads.take(RECORDS as usize / BLOCK))
            .filter(|page| page.starts_with(b"EvR"))
            .map(|page| {
                let number = |at: usize| u32::from_le_bytes([page[at], page[at + 1], page[at + 2], page[at + 3]]);
                let (sequence, base, from, to) = (number(8), number(12), number(16), number(20));
                let position = if to > 0 { to } else { sequence };
                (position, sequence, base, from..=to)
            })
            .collect();
        // What a page stands in for may still be there.
        let all = pages.clone();
        pages.retain(|page| !all.iter().any(|by| by.3.contains(&page.0) && by.1 > page.1));
        pages.sort_by_key(|page| page.0);
        let (mut packed, mut count) = (0, 0);
        for pair in pages.windows(2) {
            if *pair[0].3.end() > 0 {
                packed += BLOCK;
                count += self.stored_in(pair[0].2, pair[1].2)?;
            }
        }
        Ok(packed as f64 / f64::from(count))
    }

    /// How many records are there above one number, up to another.
    fn stored_in(&mut self, above: u32, limit: u32) -> Result<u32, Error> {
        let (mut count, mut last) = (0, above);
        while let Some((number, _)) = now(self.storage.record_after(last, &mut [0; 1024]))? {
            if number > limit {
                break;
            }
            count += 1;
            last = number;
        }
        Ok(count)
    }

    fn counts(&mut self) -> (u64, u64, u64) {
        let flash = self.storage.flash_mut();
        (flash.writes(), flash.written(), self.operations)
    }

    fn since(&mut self, before: (u64, u64, u64)) -> (u64, u64, u64) {
        let (writes, bytes, operations) = self.counts();
        (operations - before.2, writes - before.0, bytes - before.1)
    }

    /// Charges for so many minutes.
    fn session(&mut self, minutes: u32) -> Result<(), Error> {
        let connector = ConnectorId::new(1, 1);
        let token = Token::new("04A3F2B1C5D680", TokenKind::Iso14443).ok_or("no token")?;
        let pilot = |state| Input::Pilot { connector, state };
        let evse = EvseId(1);
        self.input(pilot(PilotState::A))?;
        self.input(pilot(PilotState::B))?;
        self.input(Input::IdToken {
            token,
            evse: Some(evse),
        })?;
        self.input(pilot(PilotState::C))?;
        self.input(Input::PowerPath { evse, closed: true })?;
        for _ in 0..minutes {
            for _ in 0..6 {
                self.advance(10)?;
                self.energy_wh += 19;
                let of = |measurand, value, scale| Sample::new(measurand, Decimal::new(value, scale));
                let power = of(Measurand::PowerActiveImport, 6_900 + self.energy_wh % 60, 0);
                let current = of(Measurand::CurrentImport, 300 + self.energy_wh % 7, 1);
                self.input(Input::Meter {
                    evse: Some(evse),
                    energy_wh: self.energy_wh,
                    samples: &[power.ok_or("no power")?, current.ok_or("no current")?],
                })?;
            }
        }
        self.input(Input::PowerPath { evse, closed: false })?;
        self.input(pilot(PilotState::A))?;
        self.advance(5)
    }

    fn input(&mut self, input: Input<'_>) -> Result<(), Error> {
        self.station.handle(self.now, input)?;
        self.drain()
    }

    fn advance(&mut self, secs: u32) -> Result<(), Error> {
        let target = self.now.plus_secs(secs);
        while let Some(at) = self.station.poll_at().filter(|at| *at <= target) {
            self.now = self.now.max(at);
            self.drain()?;
        }
        self.now = target;
        self.drain()
    }

    fn drain(&mut self) -> Result<(), Error> {
        let mut buf = [0; 2048];
        while let Some(action) = self.station.poll(self.now, &mut buf)? {
            self.carry_out(action)?;
        }
        Ok(())
    }

    fn carry_out(&mut self, action: Action<'_>) -> Result<(), Error> {
        let mut buf = [0; 1024];
        match action {
            Action::Connect { .. } if self.online => self.tell(Input::Connected { subprotocol: "ocpp1.6" }),
            Action::Connect { .. } => self.tell(Input::Disconnected),
            Action::Send(bytes) => {
                self.tell(Input::Sent)?;
                self.answer(&serde_json::from_slice(bytes)?)
            }
            Action::Store { id, slot, bytes } => {
                self.operations += 1;
                match slot {
                    Slot::Record(RecordId(number)) => {
                        let before = self.storage.flash_mut().written();
                        now(self.storage.put_record(number, bytes))?;
                        let written = self.storage.flash_mut().written() - before;
                        self.records.push((bytes.len(), written as usize));
                    }
                    Slot::Value(key) => now(self.storage.put_value(key.code(), bytes))?,
                }
                self.tell(Input::Stored { id, result: Ok(()) })
            }
            Action::Discard { id, slot } => {
                self.operations += 1;
                match slot {
                    Slot::Record(RecordId(number)) => now(self.storage.discard_record(number))?,
                    Slot::Value(key) => now(self.storage.discard_value(key.code()))?,
                }
                self.tell(Input::Stored { id, result: Ok(()) })
            }
            Action::Load {
                id,
                what: Load::RecordAfter(RecordId(number)),
            } => {
                let found = now(self.storage.record_after(number, &mut buf))?;
                let record = found.and_then(|(number, len)| Some((RecordId(number), buf.get(..len)?)));
                self.tell(Input::LoadedRecord { id, record })
            }
            Action::Load {
                id,
                what: Load::Value(key),
            } => {
                let len = now(self.storage.value(key.code(), &mut buf))?;
                let value = len.and_then(|len| buf.get(..len));
                self.tell(Input::LoadedValue { id, value })
            }
            _ => Ok(()),
        }
    }

    fn tell(&mut self, input: Input<'_>) -> Result<(), Error> {
        Ok(self.station.handle(self.now, input)?)
    }

    fn answer(&mut self, frame: &Value) -> Result<(), Error> {
        let [kind, id, action, _] = frame.as_array().map_or(&[][..], Vec::as_slice) else {
            return Ok(());
        };
        if *kind != json!(2) {
            return Ok(());
        }
        let info = json!({"status": "Accepted"});
        let time = "2026-11-22T12:00:00Z";
        let result = match action.as_str().unwrap_or_default() {
            "BootNotification" => json!({"status": "Accepted", "currentTime": time, "interval": 86400}),
            "Heartbeat" => json!({"currentTime": time}),
            "Authorize" | "StopTransaction" => json!({"idTagInfo": info}),
            "StartTransaction" => {
                self.transactions += 1;
                json!({"idTagInfo": info, "transactionId": self.transactions})
            }
            _ => json!({}),
        };
        self.tell(Input::Frame(json!([3, id, result]).to_string().as_bytes()))
    }
}
