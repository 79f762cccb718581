//! A charger on this board: the application of `examples/firmware`, with a simulated car in place of the power
//! electronics. `README.md` says how to drive it.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

mod bench;
mod world;

use bench::Bench;
use board::flash::Flash;
use board::net::Device;
use board::{OneThread, Options, Random, println};
use embassy_executor::Spawner;
use embassy_net::{Runner, Stack, StackResources};
use embassy_time::Duration;
use evse_hal::flash::Layout;
use evse_hal::safety::{Guard, Limits, Parts};
use evse_hal::{NotFitted, Reboot, System, Timing};
use firmware::{LinkTask, Memory, NoReader, Product, Provision, SensorTask, StationTask, StorageTask, Tcp, TcpMemory};
use ocpp_core::dialect::{Dialect, EvseDevice, Identity};
use ocpp_core::wire::Str;
use ocpp_core::{Measurand, StationResources};
use static_cell::{ConstStaticCell, StaticCell};
use world::Port;

const EVSES: usize = 1;
/// What the wires stand, in mA.
const MILLIAMPS: u32 = 32_000;
/// The connection, a name, and an address.
const SOCKETS: usize = 3;
/// After so long without a look at the guards the watchdog bites.
const PATIENCE: Duration = Duration::from_secs(8);
/// The simulated hardware changes only by command, after which there is a turn anyway; and the guards want to hear from
/// the station within five seconds.
const TIMING: Timing = Timing {
    scan_ms: 1_000,
    meter_ms: 1_000,
};
const LAYOUT: Layout = Layout {
    records: 0..0xc000,
    values: 0xc000..0x1_0000,
};

static BOTH: [&dyn Dialect; 2] = [&ocpp201::DIALECT, &ocpp16::DIALECT];

struct Qemu;

type Socket = Guard<Parts<Port, Port, Port, Port, NotFitted, NotFitted, NotFitted>>;

impl firmware::Board for Qemu {
    type Guard = Socket;
    type Meter = Port;
    type Reader = NoReader;
    type WallClock = board::Rtc;
    type System = Power;
    type Watchdog = board::Watchdog;
    type Flash = Flash;
    type Transport = Tcp<'static>;
    type Entropy = Entropy;
    type Lines = Lines;
    type Bench = Bench;
}

/// Restarts the machine.
struct Power;

impl System for Power {
    fn reboot(&mut self, _: Reboot) {
        board::reset()
    }
}

struct Entropy(Random);

impl firmware::Entropy for Entropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }
}

struct Lines(board::uart::Lines);

impl firmware::Lines for Lines {
    async fn line(&mut self) -> Option<&str> {
        self.0.next().await.ok()
    }
}

#[riscv_rt::entry]
fn main() -> ! {
    let board = board::Board::take();
    board::run(|spawner| spawner.spawn(start(spawner, board).expect("spawned once")))
}

#[embassy_executor::task]
async fn start(spawner: Spawner, board: board::Board) {
    static MEMORY: OneThread<Memory<Qemu, EVSES>> = OneThread::new(Memory::new());
    // Apart, because it does not begin as zeros.
    static RESOURCES: ConstStaticCell<StationResources<EVSES, EVSES>> = ConstStaticCell::new(StationResources::new());
    static TCP: ConstStaticCell<TcpMemory> = ConstStaticCell::new(TcpMemory::new());
    let board::Board {
        lines,
        flash,
        network,
        mut random,
        rtc,
        options,
        mut watchdog,
    } = board;
    let stack = start_network(spawner, network, &mut random, &options);
    let product = Product {
        identity: Identity {
            vendor: "ocpp-embedded",
            model: "QEMU riscv32",
            firmware: Some(env!("CARGO_PKG_VERSION")),
            ..Identity::default()
        },
        dialects: match options.text("ocpp") {
            Some("2.0.1") => &BOTH[..1],
            Some("1.6") => &BOTH[1..],
            _ => &BOTH,
        },
        evses: &[EvseDevice {
            phases: 3,
            max_watts: 22_080,
            connectors: &["sType2"],
        }],
        fixed_cable: false,
        measurands: &[
            Measurand::EnergyActiveImportRegister,
            Measurand::PowerActiveImport,
            Measurand::CurrentImport,
            Measurand::Voltage,
        ],
    };
    let port = world::build(options.number("register").unwrap_or(0));
    let socket = Parts::new(port, port).with_socket(port, port);
    watchdog.start(PATIENCE);
    let parts = firmware::Parts::<Qemu, EVSES> {
        guards: [Guard::new(Limits::new(MILLIAMPS), socket)],
        meters: [port],
        reader: NoReader,
        wall_clock: rtc,
        system: Power,
        watchdog,
        timing: TIMING,
        layout: LAYOUT,
        transport: Tcp::new(stack, TCP.take()),
        entropy: Entropy(random),
        lines: Lines(lines),
        print: |line| println!("{line}"),
        bench: Bench::new(port),
        provision: provision(&options),
    };
    let charger = match firmware::start(&product, parts, flash, RESOURCES.take(), MEMORY.take()).await {
        Ok(charger) => charger,
        Err(error) => panic!("{error}"),
    };
    spawner.spawn(storage(charger.storage).expect("spawned once"));
    spawner.spawn(sensors(charger.sensors).expect("spawned once"));
    spawner.spawn(link(charger.link).expect("spawned once"));
    spawner.spawn(station(charger.station).expect("spawned once"));
}

#[embassy_executor::task]
async fn storage(task: StorageTask<Qemu>) -> ! {
    task.run().await
}

#[embassy_executor::task]
async fn sensors(task: SensorTask<Qemu, EVSES>) -> ! {
    task.run().await
}

#[embassy_executor::task]
async fn link(task: LinkTask<Qemu>) -> ! {
    task.run().await
}

#[embassy_executor::task]
async fn station(task: StationTask<Qemu, EVSES>) -> ! {
    task.run().await
}

/// Where the central system is, if the command line says so: then nothing needs to be provisioned.
fn provision(options: &Options) -> Option<Provision> {
    let url = options.text("csms")?;
    let station = options.text("id").unwrap_or("QEMU-1");
    let password = options.text("password").unwrap_or("");
    let provision = Provision::new(Str::plain(url), Str::plain(station), Str::plain(password));
    Some(provision.unwrap_or_else(|wrong| panic!("the command line: {wrong}")))
}

fn start_network(spawner: Spawner, device: Device, random: &mut Random, options: &Options) -> Stack<'static> {
    static RESOURCES: StaticCell<StackResources<SOCKETS>> = StaticCell::new();
    let config = match options.text("address") {
        Some("dhcp") => embassy_net::Config::dhcpv4(Default::default()),
        _ => board::net::user_network(),
    };
    let mut seed = [0; 8];
    random.fill(&mut seed);
    let resources = RESOURCES.init_with(StackResources::new);
    let (stack, runner) = embassy_net::new(device, config, resources, u64::from_le_bytes(seed));
    spawner.spawn(serve_network(runner).expect("spawned once"));
    stack
}

#[embassy_executor::task]
async fn serve_network(mut runner: Runner<'static, Device>) -> ! {
    runner.run().await
}
