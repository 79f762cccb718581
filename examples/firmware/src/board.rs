//! What a board has to bring.

use crate::arguments::{Arguments, Wrong};
use crate::provision::Provision;
use core::convert::Infallible;
use core::future::pending;
use embedded_storage_async::nor_flash::NorFlash;
use evse_hal::flash::Layout;
use evse_hal::safety::Guarded;
use evse_hal::websocket::Transport;
use evse_hal::{EnergyMeter, ErrorType, Identifier, System, Timing, TokenReader, WallClock, Watchdog};
use ocpp_core::Measurand;
use ocpp_core::dialect::{Dialect, EvseDevice, Identity};
use ocpp_core::wire::Writer;

/// A board: the types of its parts. Their traits are those of `evse-hal`, whose pages say what they rely on.
pub trait Board {
    /// What guards a connector.
    type Guard: Guarded + 'static;
    /// A meter.
    type Meter: EnergyMeter;
    /// The reader of cards; [`NoReader`] if there is none.
    type Reader: TokenReader;
    /// The time of day.
    type WallClock: WallClock + 'static;
    /// Restarts.
    type System: System + 'static;
    /// The watchdog, which runs already.
    type Watchdog: Watchdog + 'static;
    /// Flash.
    type Flash: NorFlash + 'static;
    /// A stream of bytes to a host: [`Tcp`](crate::Tcp), or TLS on one.
    type Transport: Transport;
    /// Randomness that nobody can predict.
    type Entropy: Entropy;
    /// What comes in over the console.
    type Lines: Lines;
    /// Commands of its own.
    type Bench: Bench;
}

/// The parts of a board with so many EVSEs of one connector each.
pub struct Parts<B: Board, const EVSES: usize> {
    /// One guard for each connector.
    pub guards: [B::Guard; EVSES],
    /// One meter for each EVSE.
    pub meters: [B::Meter; EVSES],
    /// Serves all EVSEs.
    pub reader: B::Reader,
    /// The time of day.
    pub wall_clock: B::WallClock,
    /// Restarts.
    pub system: B::System,
    /// Fed whenever all guards were looked at.
    pub watchdog: B::Watchdog,
    /// How often guards and meters are looked at.
    pub timing: Timing,
    /// Where in the flash the stores are; [`PAGES`](crate::PAGES) pages each at most.
    pub layout: Layout,
    /// The way to a host.
    pub transport: B::Transport,
    /// Random bytes.
    pub entropy: B::Entropy,
    /// What comes in over the console.
    pub lines: B::Lines,
    /// Prints a line on the console.
    pub print: fn(&str),
    /// Commands of its own.
    pub bench: B::Bench,
    /// Counts instead of what was provisioned.
    pub provision: Option<Provision>,
}

/// What is built, the same for each of its kind.
pub struct Product {
    /// Vendor, model, versions.
    pub identity: Identity<'static>,
    /// The versions of OCPP that are offered, the most welcome first.
    pub dialects: &'static [&'static dyn Dialect],
    /// Its EVSEs.
    pub evses: &'static [EvseDevice<'static>],
    /// Cables are attached.
    pub fixed_cable: bool,
    /// What its meters measure.
    pub measurands: &'static [Measurand],
}

/// A source of random bytes: a hardware generator.
pub trait Entropy {
    /// Fills this with random bytes.
    fn fill(&mut self, bytes: &mut [u8]);
}

/// Lines of text that come in over a serial line.
pub trait Lines {
    /// The next line without its end; `None` if it cannot be read. Cancel-safe.
    async fn line(&mut self) -> Option<&str>;
}

/// Commands that only this board has.
pub trait Bench {
    /// Carries out a command, and adds to its answer; `None` if there is no such command. A turn of the driver follows.
    fn command(&mut self, name: &str, arguments: Arguments<'_>, answer: &mut Writer<'_>) -> Option<Result<(), Wrong>>;
}

/// There is no reader of cards.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoReader;

impl ErrorType for NoReader {
    type Error = Infallible;
}

impl TokenReader for NoReader {
    async fn read(&mut self) -> Result<Identifier, Infallible> {
        pending().await
    }
}
