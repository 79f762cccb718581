//! The station at work: the library, the driver, the services, and the time in which they live.

mod commands;
mod machine;
mod observer;
mod services;
mod time;
mod view;

use crate::cli::{Cli, LockKind, Version};
use crate::clock::Clock;
use crate::control::{Event, Outbox};
use crate::link::{Access, Panel, Phase, WebSocket};
use crate::setup;
use crate::store::Store;
use crate::tls::{Refusal, Tls};
use crate::world::World;
use crate::world::ports::{ConnectorPort, MeterPort, ReaderPort, Shared};
use data_encoding::HEXLOWER_PERMISSIVE;
use evse_hal::safety::{Guard, Limits, Parts};
use evse_hal::{Board, Driver, Meter, NoWatchdog, Outlet, PortBuffers, Ports, Reboot, Timing, Turn};
use machine::{Machine, StorePort};
use observer::Watcher;
use ocpp_core::dialect::{DataTransferStatus, Device, Dialect, EvseDevice, Identity};
use ocpp_core::settings::{SettingId, VendorSlot};
use ocpp_core::{
    BootReason, Buffers, CacheSlot, Config, ConnectorId, ConnectorSlot, EvseId, EvseSlot, Input, LocalCommand,
    LocalListSlot, Measurand, Place, Station, StationStorage, Topology,
};
use services::Services;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// What the board can deliver, in mA per phase.
const BOARD_MILLIAMPS: u32 = 32_000;
/// What the simulated meter shows, or may be told to show by the control channel.
const MEASURED: [Measurand; 8] = [
    Measurand::EnergyActiveImportRegister,
    Measurand::EnergyActiveExportRegister,
    Measurand::PowerActiveImport,
    Measurand::CurrentImport,
    Measurand::Voltage,
    Measurand::Frequency,
    Measurand::Temperature,
    Measurand::SoC,
];

const CACHE_ENTRIES: usize = 64;
const LIST_ENTRIES: usize = 128;
/// Nominal voltage between phase and neutral, in V.
const VOLTS: u32 = 230;
/// Real time that is given to somebody outside before things go on without him.
const PATIENCE: Duration = Duration::from_secs(2);

type Port = ConnectorPort;
type Socket = Guard<Parts<Port, Port, Port, Port, Port, Port, Port>>;

/// Everything that outlives a reboot of the station.
#[derive(Debug)]
pub struct Plant {
    pub cli: Cli,
    pub factory: setup::Factory,
    pub clock: Clock,
    pub world: Shared,
    pub out: Outbox,
    store: Rc<RefCell<Store>>,
    panel: Rc<Panel>,
    /// The means for security profiles 2 and 3.
    tls: Option<Rc<Tls>>,
}

impl Plant {
    /// The plant that the command line describes; events go to `out`.
    ///
    /// # Errors
    /// The storage cannot be opened, or files for TLS not be used.
    pub fn new(cli: Cli, factory: setup::Factory, clock: Clock, out: Outbox) -> Result<Self, String> {
        let own = cli.cert.as_deref().zip(cli.key.as_deref());
        let tls = if cli.security_profile() >= 2 || cli.ca.is_some() || own.is_some() {
            Some(Rc::new(Tls::load(cli.ca.as_deref(), own)?))
        } else {
            None
        };
        let failed = |error: std::io::Error| match &cli.storage {
            Some(directory) => format!("--storage {}: {error}", directory.display()),
            None => error.to_string(),
        };
        let store = match &cli.storage {
            Some(directory) => Store::open(directory, cli.evse).map_err(failed)?,
            None => Store::in_memory(cli.evse).map_err(failed)?,
        };
        let file = cli.storage.as_ref().map(|directory| directory.join("world.json"));
        let fixed = cli.lock == LockKind::None;
        let size = (cli.evse, cli.connectors);
        let world = World::open(size, cli.phases, fixed, file, out.clone()).map_err(failed)?;
        Ok(Self {
            factory,
            clock,
            world: Rc::new(RefCell::new(world)),
            store: Rc::new(RefCell::new(store)),
            panel: Panel::new(cli.frames, out.clone()),
            tls,
            out,
            cli,
        })
    }
}

/// Why a station stopped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    /// Somebody wants it to.
    Stopped,
    /// It wants to restart.
    Reboot(BootReason),
}

/// A station that is switched on.
pub struct App<'a, 'b> {
    plant: &'a Plant,
    driver: Driver<'a, 'b, Socket, Clock, Machine, NoWatchdog>,
    services: Services<'a>,
    watcher: Watcher,
    machine: Machine,
    /// The reader shared by all EVSEs, and that of each.
    readers: Vec<ReaderPort>,
    /// The faults that were raised by command.
    faults: BTreeMap<(u8, u8), String>,
    /// Transaction messages that wait, and those given up, as last told.
    queue: (usize, u32),
    /// The question that the CSMS did not answer in time, so that it is not waited for again.
    unanswered: Option<u64>,
    /// Somebody pressed the reset button.
    reset_by_hand: bool,
    /// The limit of the grid connection that is in force, in A; 0 is none.
    grid_limit: u32,
}

/// Switches a station on, lets `drive` do with it what it likes, and switches it off.
///
/// # Errors
/// The station cannot be built like that.
pub async fn switch_on<R>(
    plant: &Plant,
    boot_reason: BootReason,
    drive: impl AsyncFnOnce(&mut App<'_, '_>) -> R,
) -> Result<R, String> {
    let cli = &plant.cli;
    let places = plant.world.borrow().places();
    plant.clock.switch_on();
    plant.world.borrow_mut().power_cycle();
    plant.panel.leave(false);

    let connectors = vec![cli.connectors; usize::from(cli.evse)];
    let mut evse_slots: Vec<EvseSlot> = connectors.iter().map(|_| EvseSlot::default()).collect();
    let mut connector_slots: Vec<ConnectorSlot> = places.iter().map(|_| ConnectorSlot::default()).collect();
    let mut cache_slots: Vec<CacheSlot> = (0..CACHE_ENTRIES).map(|_| CacheSlot::default()).collect();
    let (mut inbound, mut record, mut job) = (vec![0; 4096], vec![0; 2048], vec![0; 1024]);
    let buffers = Buffers {
        inbound: &mut inbound,
        record: &mut record,
        job: &mut job,
    };
    let mut list_slots: Vec<LocalListSlot> = (0..LIST_ENTRIES).map(|_| LocalListSlot::default()).collect();
    let mut vendor_slots = vec![VendorSlot::NEW; plant.factory.vendor.len()];
    let storage = StationStorage::new(&mut evse_slots, &mut connector_slots, buffers)
        .with_cache(&mut cache_slots)
        .with_local_list(&mut list_slots)
        .with_vendor_settings(plant.factory.vendor, &mut vendor_slots);
    let vendors = [cli.vendor.as_str()];
    let connector_types = vec![connector_type(cli); usize::from(cli.connectors)];
    let evse = EvseDevice {
        phases: cli.phases,
        max_watts: BOARD_MILLIAMPS / 1_000 * VOLTS * u32::from(cli.phases),
        connectors: &connector_types,
    };
    let evses = vec![evse; usize::from(cli.evse)];
    let config = Config {
        settings: plant.factory.settings.clone(),
        boot_reason,
        data_transfer_vendors: &vendors,
        fixed_cable: cli.lock == LockKind::None,
        measurands: &MEASURED,
        device: Device {
            station_id: &cli.id,
            security_profile: cli.security_profile(),
            highest_security_profile: plant.tls.as_ref().map_or(1, |tls| tls.highest_profile()),
            evses: &evses,
            ..Device::default()
        },
        ..Config::new(Topology::new(&connectors), identity(cli), setup::entropy(cli.seed))
    };
    let station = Station::new(config, dialects(cli.ocpp), storage).map_err(|error| error.to_string())?;

    let (mut received, mut sent) = (vec![0; 4096], vec![0; 8192]);
    let (mut stored, mut spare) = (vec![0; 2048], vec![0; 8192]);
    let ports = Ports::new(PortBuffers {
        inbound: &mut received,
        outbound: &mut sent,
        record: &mut stored,
        spare: &mut spare,
    });
    let mut outlets: Vec<Outlet<Socket>> = places.iter().map(|&place| socket(plant, place)).collect();
    let mut meters: Vec<_> = (1..=cli.evse)
        .map(|evse| Meter::new(Some(EvseId(evse)), MeterPort::new(&plant.world, evse)))
        .collect();
    let readers: Vec<ReaderPort> = (0..=cli.evse).map(|_| ReaderPort::default()).collect();
    let machine = Machine::default();

    let mut services = Services::new();
    let store = StorePort(plant.store.clone());
    services.add(async {
        ports.serve_storage(store).await;
    });
    let access = Access {
        csms: cli.csms.clone(),
        identity: cli.id.clone(),
        security_profile: cli.security_profile(),
        tls: plant.tls.clone(),
    };
    let link = WebSocket::new(access, &plant.clock, &plant.panel, &plant.store);
    services.add(async {
        ports.serve_link(link).await;
    });
    services.add(async {
        ports.serve_meters(&mut meters).await;
    });
    for (evse, reader) in (0..).zip(readers.clone()) {
        let ports = &ports;
        services.add(async move {
            let evse = (evse > 0).then_some(EvseId(evse));
            ports.serve_reader(evse, reader, &plant.clock).await;
        });
    }
    let board = Board {
        outlets: &mut outlets,
        wall_clock: plant.clock.clone(),
        system: machine.clone(),
        watchdog: NoWatchdog,
    };
    let mut app = App {
        plant,
        driver: Driver::new(station, board, &ports, timing(&plant.clock)),
        services,
        watcher: Watcher::new(plant.out.clone()),
        machine,
        readers,
        faults: BTreeMap::new(),
        queue: (0, 0),
        unanswered: None,
        reset_by_hand: false,
        grid_limit: 0,
    };
    app.look_at_bays();
    app.settle().await;
    let result = drive(&mut app).await;
    app.say_goodbye().await;
    Ok(result)
}

fn identity(cli: &Cli) -> Identity<'_> {
    Identity {
        vendor: &cli.vendor,
        model: &cli.model,
        serial: cli.serial.as_deref(),
        firmware: Some(&cli.firmware),
        ..Default::default()
    }
}

/// All versions, the most welcome first.
static VERSIONS: [&dyn Dialect; 2] = [&ocpp201::DIALECT, &ocpp16::DIALECT];

/// The versions that are offered to the server.
fn dialects(version: Version) -> &'static [&'static dyn Dialect] {
    match version {
        Version::V201 => &VERSIONS[..1],
        Version::V16 => &VERSIONS[1..],
        Version::Both => &VERSIONS,
    }
}

/// In the words of 2.0.1: a socket, or a cable that cannot be taken off.
fn connector_type(cli: &Cli) -> &'static str {
    match cli.lock {
        LockKind::Auto => "sType2",
        LockKind::None => "cType2",
    }
}

fn socket(plant: &Plant, (evse, connector): (u8, u8)) -> Outlet<Socket> {
    let port = || ConnectorPort::new(&plant.world, evse, connector);
    let limits = Limits {
        ventilated: true,
        // A simulated contactor does not wear.
        rest_ms: 0,
        ..Limits::new(BOARD_MILLIAMPS)
    };
    let parts = Parts::new(port(), port())
        .with_socket(port(), port())
        .with_monitor(port())
        .with_thermometer(port())
        .with_current_sensor(port());
    Outlet::new(ConnectorId::new(evse, connector), Guard::new(limits, parts))
}

/// Whoever changes the world takes a turn afterwards, so that nobody has to look for changes all the time.
fn timing(clock: &Clock) -> Timing {
    let pause = if clock.is_virtual() { u32::MAX } else { 1_000 };
    Timing {
        scan_ms: pause,
        meter_ms: pause,
    }
}

impl App<'_, '_> {
    /// The library's station.
    fn station(&self) -> &Station<'_> {
        self.driver.station()
    }

    /// What the sensors of the parking bays see when the station is switched on.
    fn look_at_bays(&mut self) {
        let now = self.plant.clock.now();
        for evse in 1..=self.plant.cli.evse {
            let occupied = self.plant.world.borrow().bay(evse).and_then(|bay| bay.occupied);
            if let Some(occupied) = occupied {
                let evse = EvseId(evse);
                // An input from hardware is never refused.
                let _ = self
                    .driver
                    .handle(now, Input::ParkingBay { evse, occupied }, &mut self.watcher);
            }
        }
    }

    /// What the station wants that it cannot do itself.
    pub fn end(&self) -> Option<End> {
        let reason = match self.machine.wanted()? {
            _ if self.reset_by_hand => BootReason::LocalReset,
            Reboot::Program | Reboot::Hardware => BootReason::RemoteReset,
        };
        Some(End::Reboot(reason))
    }

    /// Lets everything happen that happens at this instant.
    pub async fn settle(&mut self) {
        let now = self.plant.clock.now();
        let patience = Instant::now() + PATIENCE;
        self.plant.world.borrow_mut().advance(now.as_millis());
        self.plant.world.borrow_mut().save();
        // The meters first: whatever happens now is to be told with the values of now.
        self.driver.read_meters(now);
        // Somebody who never stops talking is not listened to for ever.
        while Instant::now() < patience && self.machine.wanted().is_none() {
            self.services.poll();
            if self.driver.under_way().metering {
                self.driver.listen(now, &mut self.watcher);
                continue;
            }
            let turn = self.driver.turn(now, &mut self.watcher);
            if self.after_turn(now) || turn == Turn::Again || self.services.rung() {
                continue;
            }
            let under_way = self.driver.under_way();
            if !(under_way.storing || under_way.sending || under_way.metering) {
                break;
            }
            let _ = timeout_at(patience, self.services.ring()).await;
        }
        self.plant.world.borrow_mut().save();
        self.tell_queue();
    }

    /// Keeps the link as the settings say, and answers what the application has to answer. Returns whether the station
    /// was told something.
    fn after_turn(&mut self, now: ocpp_core::Instant) -> bool {
        let settings = self.driver.station().settings();
        let panel = &self.plant.panel;
        panel.set_ping_interval(settings.count(SettingId::WebSocketPingInterval));
        match HEXLOWER_PERMISSIVE.decode(settings.authorization_key().as_bytes()) {
            Ok(key) if !key.is_empty() => panel.set_password(&key),
            _ => panel.set_password(self.plant.cli.password.as_deref().unwrap_or("").as_bytes()),
        }
        if std::mem::take(&mut self.watcher.clock_set) {
            self.plant.out.tell(Event::Clock(self.clock()));
        }
        let told = self.follow_grid_limit(now) | self.tell_refusals(now);
        if !std::mem::take(&mut self.watcher.asked) {
            return told;
        }
        let answer = LocalCommand::AnswerDataTransfer {
            status: DataTransferStatus::Accepted,
            data: None,
        };
        let answered = self.driver.handle(now, Input::Local(answer), &mut self.watcher);
        if let Err(error) = answered {
            tracing::warn!("a DataTransfer was not answered: {error}");
        }
        true
    }

    /// Whoever changed the setting, and at each start: the station is told the limit if it is another one.
    fn follow_grid_limit(&mut self, now: ocpp_core::Instant) -> bool {
        let text = self.station().vendor(setup::GRID_LIMIT).unwrap_or("0");
        let amps = text.parse().unwrap_or(0);
        if std::mem::replace(&mut self.grid_limit, amps) == amps {
            return false;
        }
        let limit = LocalCommand::Limit {
            evse: None,
            milliamps: (amps > 0).then_some(amps * 1_000),
        };
        let told = self.driver.handle(now, Input::Local(limit), &mut self.watcher);
        if let Err(error) = told {
            tracing::warn!("the limit of the grid connection is not in force: {error}");
        }
        true
    }

    /// What TLS was refused for is a security event.
    fn tell_refusals(&mut self, now: ocpp_core::Instant) -> bool {
        let mut told = false;
        while let Some(Refusal { event, info }) = self.plant.panel.next_refusal() {
            let event = LocalCommand::SecurityEvent { event, info };
            if let Err(error) = self.driver.handle(now, Input::Local(event), &mut self.watcher) {
                tracing::warn!("a security event was not taken: {error}");
            }
            told = true;
        }
        told
    }

    fn tell_queue(&mut self) {
        let queue = (self.station().queue_len(), self.watcher.dropped);
        if std::mem::replace(&mut self.queue, queue) != queue {
            let (tx, dropped) = queue;
            self.plant.out.tell(Event::Queue { tx, dropped });
        }
    }

    /// Closes the link with courtesy.
    async fn say_goodbye(&mut self) {
        self.plant.panel.leave(true);
        let patience = Instant::now() + PATIENCE;
        loop {
            self.services.poll();
            if self.plant.panel.phase() == Phase::Down {
                break;
            }
            if !self.services.rung() && timeout_at(patience, self.services.ring()).await.is_err() {
                break;
            }
        }
        self.plant.world.borrow_mut().save();
    }
}

/// The place of an EVSE or a connector; without either, the station.
fn place(evse: Option<u8>, connector: Option<u8>) -> Place {
    match (evse, connector) {
        (None, None) => Place::Station,
        (Some(evse), None) => Place::Evse(EvseId(evse)),
        (evse, Some(connector)) => Place::Connector(ConnectorId::new(evse.unwrap_or(1), connector)),
    }
}
