//! Who is joined to whom.

use crate::board::{Board, Entropy, Lines, Parts, Product};
use crate::console::{Console, PROTO};
use crate::provision::Provision;
use crate::report::{Report, tell};
use crate::shared::Shared;
use crate::time::Uptime;
use crate::ways::{LinkSettings, Ways};
use core::fmt;
use core::future::poll_fn;
use core::pin::{Pin, pin};
use core::task::{Context, Poll};
use embassy_futures::join::join;
use embassy_futures::select::{Either3, select, select3};
use embassy_futures::yield_now;
use embedded_storage_async::nor_flash::ErrorType;
use evse_hal::flash::{FlashError, FlashStorage, StationRecords};
use evse_hal::safety::Guarded;
use evse_hal::websocket::WebSocket;
use evse_hal::{Driver, Meter, Observer, Outlet, PortMemory, Ports, System, Timer, Turn, WallClock, Watchdog};
use ocpp_core::dialect::Device;
use ocpp_core::wire::Writer;
use ocpp_core::{Config, ConfigError, ConnectorId, EvseId, Station, StationResources, Topology};
use static_cell::{ConstStaticCell, StaticCell};

/// Most pages of flash that a store may have: records and values each.
pub const PAGES: usize = 12;
/// Longest message that the link receives whole.
const MESSAGE: usize = 4096;
/// Longest answer of the console.
const ANSWER: usize = 768;
const TOO_LONG: &str = r#"{"id":null,"ok":false,"error":"the answer is too long"}"#;

/// The memory of the application. The rest is in the futures of its tasks.
///
/// What is large is made in here and stays here, because a future is moved before it runs, through the stack.
pub struct Memory<B: Board, const EVSES: usize> {
    ports: ConstStaticCell<PortMemory>,
    message: ConstStaticCell<[u8; MESSAGE]>,
    settings: LinkSettings,
    meeting: StaticCell<Ports<'static>>,
    storage: StaticCell<Shared<Store<B>>>,
    provision: StaticCell<Option<Provision>>,
    outlets: StaticCell<[Outlet<B::Guard>; EVSES]>,
    driver: StaticCell<BoardDriver<B>>,
}

type Store<B> = FlashStorage<<B as Board>::Flash, StationRecords, PAGES>;
type BoardDriver<B> = Driver<
    'static,
    'static,
    <B as Board>::Guard,
    <B as Board>::WallClock,
    <B as Board>::System,
    <B as Board>::Watchdog,
>;

impl<B: Board, const EVSES: usize> Memory<B, EVSES> {
    /// Empty memory.
    pub const fn new() -> Self {
        Self {
            ports: ConstStaticCell::new(PortMemory::new()),
            message: ConstStaticCell::new([0; MESSAGE]),
            settings: LinkSettings::new(),
            meeting: StaticCell::new(),
            storage: StaticCell::new(),
            provision: StaticCell::new(),
            outlets: StaticCell::new(),
            driver: StaticCell::new(),
        }
    }
}

impl<B: Board, const EVSES: usize> Default for Memory<B, EVSES> {
    fn default() -> Self {
        Self::new()
    }
}

/// Why the application does not run.
#[derive(Debug)]
pub enum StartError<E> {
    /// The flash cannot be used.
    Flash(FlashError<E>),
    /// The station cannot be like that.
    Config(ConfigError),
}

impl<E: fmt::Debug> fmt::Display for StartError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flash(error) => error.fmt(f),
            Self::Config(error) => error.fmt(f),
        }
    }
}

/// What a charger does at the same time. Give each to a task of its own, all on one thread and in this order, and let
/// another run the network stack.
pub struct Charger<B: Board, const EVSES: usize> {
    /// Reads and writes flash.
    pub storage: StorageTask<B>,
    /// Reads meters and cards.
    pub sensors: SensorTask<B, EVSES>,
    /// Talks to the central system.
    pub link: LinkTask<B>,
    /// Looks after the connectors, decides, and listens to the console.
    pub station: StationTask<B, EVSES>,
}

/// Opens the stores, reads what was provisioned, and makes everything ready. Call it once.
///
/// # Errors
/// [`StartError`] if the flash holds something else, or the product does not fit the board.
pub async fn start<B: Board, const EVSES: usize>(
    product: &Product,
    parts: Parts<B, EVSES>,
    flash: B::Flash,
    resources: &'static mut StationResources<EVSES, EVSES>,
    memory: &'static Memory<B, EVSES>,
) -> Result<Charger<B, EVSES>, StartError<<B::Flash as ErrorType>::Error>> {
    let storage = apart(open(flash, &parts, memory)).await.map_err(StartError::Flash)?;
    let provision = match &parts.provision {
        None => apart(Provision::load(&mut { storage })).await,
        told => told.clone(),
    };
    let provision = memory.provision.init(provision).as_ref();
    assemble(product, parts, storage, provision, resources, memory).map_err(StartError::Config)
}

async fn open<B: Board, const EVSES: usize>(
    flash: B::Flash,
    parts: &Parts<B, EVSES>,
    memory: &'static Memory<B, EVSES>,
) -> Result<&'static Shared<Store<B>>, FlashError<<B::Flash as ErrorType>::Error>> {
    let records = StationRecords::new(u8::try_from(EVSES).unwrap_or(u8::MAX));
    let storage = FlashStorage::open(flash, parts.layout.clone(), records).await?;
    Ok(memory.storage.init_with(|| Shared::new(storage)))
}

#[inline(never)]
fn assemble<B: Board, const EVSES: usize>(
    product: &Product,
    parts: Parts<B, EVSES>,
    storage: &'static Shared<Store<B>>,
    provision: Option<&'static Provision>,
    resources: &'static mut StationResources<EVSES, EVSES>,
    memory: &'static Memory<B, EVSES>,
) -> Result<Charger<B, EVSES>, ConfigError> {
    let settings = &memory.settings;
    let ports = &*memory.meeting.init_with(|| memory.ports.take().ports());
    let mut ids = 1..;
    let outlet = |guard| Outlet::new(ConnectorId::new(ids.next().unwrap_or(0), 1), guard);
    let board = evse_hal::Board {
        outlets: memory.outlets.init(parts.guards.map(outlet)).as_mut_slice(),
        wall_clock: parts.wall_clock,
        system: parts.system,
        watchdog: parts.watchdog,
    };
    let mut entropy = parts.entropy;
    let mut seed = [0; 16];
    entropy.fill(&mut seed);
    let config = config::<EVSES>(product, provision, seed);
    let station = Station::new(config, product.dialects, resources.storage())?;
    let driver = memory
        .driver
        .init_with(|| Driver::new(station, board, ports, parts.timing));
    Ok(Charger {
        storage: StorageTask { ports, storage },
        sensors: SensorTask {
            ports,
            meters: parts.meters,
            reader: parts.reader,
        },
        link: LinkTask {
            ports,
            transport: parts.transport,
            ways: Ways::new(storage, provision, settings),
            entropy,
            settings,
            message: memory.message.take(),
        },
        station: StationTask {
            driver,
            settings,
            lines: parts.lines,
            print: parts.print,
            console: Console {
                storage,
                bench: parts.bench,
                dialects: product.dialects,
            },
        },
    })
}

fn config<const EVSES: usize>(
    product: &Product,
    provision: Option<&'static Provision>,
    seed: [u8; 16],
) -> Config<'static> {
    let device = Device {
        station_id: provision.map_or("", Provision::station),
        // A password over a plain connection.
        security_profile: 1,
        evses: product.evses,
        ..Device::default()
    };
    Config {
        fixed_cable: product.fixed_cable,
        measurands: product.measurands,
        device,
        ..Config::new(Topology::new(&[1; EVSES]), product.identity, seed)
    }
}

/// Reads and writes flash.
pub struct StorageTask<B: Board> {
    ports: &'static Ports<'static>,
    storage: &'static Shared<Store<B>>,
}

impl<B: Board> StorageTask<B> {
    /// Never drop this future: it may be in the middle of something.
    pub async fn run(self) -> ! {
        self.ports.serve_storage(self.storage).await
    }
}

/// Reads meters and cards.
pub struct SensorTask<B: Board, const EVSES: usize> {
    ports: &'static Ports<'static>,
    meters: [B::Meter; EVSES],
    reader: B::Reader,
}

impl<B: Board, const EVSES: usize> SensorTask<B, EVSES> {
    /// For ever.
    pub async fn run(self) -> ! {
        let mut ids = 1..;
        let mut meters = self.meters.map(|meter| Meter::new(ids.next().map(EvseId), meter));
        let meters = self.ports.serve_meters(&mut meters);
        join(meters, self.ports.serve_reader(None, self.reader, &Uptime))
            .await
            .0
    }
}

/// Talks to the central system.
pub struct LinkTask<B: Board> {
    ports: &'static Ports<'static>,
    transport: B::Transport,
    ways: Ways<'static, Store<B>>,
    entropy: B::Entropy,
    settings: &'static LinkSettings,
    message: &'static mut [u8],
}

impl<B: Board> LinkTask<B> {
    /// For ever.
    pub async fn run(mut self) -> ! {
        let random = |bytes: &mut [u8]| self.entropy.fill(bytes);
        let pings = &self.settings.pings;
        let mut link = WebSocket::new(self.transport, &mut self.ways, Uptime, random, pings, self.message);
        self.ports.serve_link(&mut link).await
    }
}

/// Looks after the connectors, decides, and listens to the console.
pub struct StationTask<B: Board, const EVSES: usize> {
    driver: &'static mut BoardDriver<B>,
    settings: &'static LinkSettings,
    lines: B::Lines,
    print: fn(&str),
    console: Console<&'static Shared<Store<B>>, B::Bench>,
}

impl<B: Board, const EVSES: usize> StationTask<B, EVSES> {
    /// For ever: turns of the driver, and in between commands.
    pub async fn run(mut self) -> ! {
        let driver = self.driver;
        let mut report = Report::<EVSES>::new(self.print);
        tell(self.print, |w| {
            w.key("ev");
            w.str("ready");
            w.key("proto");
            w.integer(PROTO);
            w.key("ms");
            w.integer(i64::try_from(Uptime.now().as_millis()).unwrap_or(i64::MAX));
        });
        loop {
            settle(driver, &mut report).await;
            self.settings.follow(driver.station().settings());
            let pause = Uptime.wait_until(driver.poll_at());
            let Either3::Third(line) = select3(pause, driver.news(), self.lines.line()).await else {
                continue;
            };
            let mut buffer = [0; ANSWER];
            let mut answer = Writer::new(&mut buffer);
            self.console.execute(line, driver, &mut report, &mut answer).await;
            settle(driver, &mut report).await;
            // The answer says that it is done, not that it has begun.
            while driver.under_way().storing {
                select(Uptime.wait_until(driver.poll_at()), driver.news()).await;
                settle(driver, &mut report).await;
            }
            (self.print)(answer.finish().unwrap_or(TOO_LONG));
        }
    }
}

/// Takes turns until there is nothing to do at this moment.
async fn settle<G, W, S, D>(driver: &mut Driver<'_, '_, G, W, S, D>, observer: &mut impl Observer)
where
    G: Guarded,
    W: WallClock,
    S: System,
    D: Watchdog,
{
    while driver.turn(Uptime.now(), observer) == Turn::Again {
        yield_now().await;
    }
}

/// Runs a future whose functions have frames of their own, so that what only the start needs is not on the stack for ever.
async fn apart<F: Future>(future: F) -> F::Output {
    #[inline(never)]
    fn poll<F: Future>(future: Pin<&mut F>, cx: &mut Context<'_>) -> Poll<F::Output> {
        future.poll(cx)
    }
    let mut future = pin!(future);
    poll_fn(|cx| poll(future.as_mut(), cx)).await
}
