//! The driver: joins hardware and station.

mod faults;
mod lamps;
mod link;
mod meters;
mod outlet;
mod ports;
mod readers;
mod storage;
#[cfg(test)]
mod tests;
mod turn;

pub use lamps::Lamps;
pub use meters::Meter;
pub use outlet::Outlet;
pub use ports::{PortBuffers, PortMemory, Ports};

use core::future::Future;

use ocpp_core::{Action, Input, InputError, Instant, Place, Station};

use crate::error::ErrorKind;
use crate::future::{either, yield_now};
use crate::safety::Guarded;
use crate::system::{System, Watchdog};
use crate::wall_clock::WallClock;

/// Monotonic time, and a way to wait for it.
///
/// ```
/// use evse_hal::Timer;
/// use ocpp_core::Instant;
///
/// /// With embassy: `now` is `embassy_time::Instant::now()`, `wait_until` is `embassy_time::Timer::at(..)`.
/// struct Uptime;
///
/// impl Timer for Uptime {
///     fn now(&self) -> Instant {
///         Instant::from_millis(0)
///     }
///
///     async fn wait_until(&self, at: Instant) {
/// #       let _ = at;
///         core::future::pending().await
///     }
/// }
/// ```
pub trait Timer {
    /// Time since the station was constructed.
    fn now(&self) -> Instant;

    /// Waits until that moment; if it has passed, not at all. Several futures may wait at the same time.
    async fn wait_until(&self, at: Instant);
}

impl<T: Timer + ?Sized> Timer for &T {
    fn now(&self) -> Instant {
        T::now(self)
    }

    async fn wait_until(&self, at: Instant) {
        T::wait_until(self, at).await;
    }
}

/// Somebody who looks on: a log, a display, a control channel. `()` is nobody.
///
/// ```
/// use evse_hal::Observer;
/// use ocpp_core::{Action, Event, Instant};
///
/// /// Counts transactions.
/// struct Statistics(u32);
///
/// impl Observer for Statistics {
///     fn action(&mut self, _now: Instant, action: &Action<'_>) {
///         if let Action::Event(Event::Transaction { .. }) = action {
///             self.0 += 1;
///         }
///     }
/// }
/// ```
pub trait Observer {
    /// The station wants this. It is carried out right after.
    fn action(&mut self, now: Instant, action: &Action<'_>) {
        let _ = (now, action);
    }

    /// The station was told this.
    fn input(&mut self, now: Instant, input: &Input<'_>, result: Result<(), InputError>) {
        let _ = (now, input, result);
    }

    /// The link is down, or could not be made; without a cause, because the station wanted that.
    fn link_down(&mut self, now: Instant, cause: Option<ErrorKind>) {
        let _ = (now, cause);
    }
}

impl Observer for () {}

impl<T: Observer + ?Sized> Observer for &mut T {
    fn action(&mut self, now: Instant, action: &Action<'_>) {
        T::action(self, now, action);
    }

    fn input(&mut self, now: Instant, input: &Input<'_>, result: Result<(), InputError>) {
        T::input(self, now, input, result);
    }

    fn link_down(&mut self, now: Instant, cause: Option<ErrorKind>) {
        T::link_down(self, now, cause);
    }
}

impl<A: Observer, B: Observer> Observer for (A, B) {
    fn action(&mut self, now: Instant, action: &Action<'_>) {
        self.0.action(now, action);
        self.1.action(now, action);
    }

    fn input(&mut self, now: Instant, input: &Input<'_>, result: Result<(), InputError>) {
        self.0.input(now, input, result);
        self.1.input(now, input, result);
    }

    fn link_down(&mut self, now: Instant, cause: Option<ErrorKind>) {
        self.0.link_down(now, cause);
        self.1.link_down(now, cause);
    }
}

/// How often. Times are in ms.
///
/// ```
/// use evse_hal::Timing;
///
/// let timing = Timing { scan_ms: 10, ..Timing::default() };
/// assert_eq!(timing.meter_ms, 1_000);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Timing {
    /// Longest time between two looks of the guards, or two exchanges with those on another core. 5 by default.
    pub scan_ms: u32,
    /// Time between two readings of the meters. 1000 by default.
    pub meter_ms: u32,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            scan_ms: 5,
            meter_ms: 1_000,
        }
    }
}

/// The synchronous parts of a board.
#[derive(Debug)]
pub struct Board<'a, G, W, S, D> {
    /// Its connectors.
    pub outlets: &'a mut [Outlet<G>],
    /// Its time of day.
    pub wall_clock: W,
    /// The machine.
    pub system: S,
    /// Fed in each turn, when all connectors were looked at. If they are guarded on another core, that one needs a
    /// watchdog too.
    pub watchdog: D,
}

/// Whether a turn left something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub enum Turn {
    /// There is more to do at this very moment: call again.
    Again,
    /// Nothing to do until [`Driver::poll_at`], or until [`Driver::news`].
    Rest,
}

/// What others are doing for the driver at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UnderWay {
    /// Storage works.
    pub storing: bool,
    /// The link dials.
    pub connecting: bool,
    /// A message is being sent.
    pub sending: bool,
    /// The meters are being read.
    pub metering: bool,
}

impl UnderWay {
    /// Whether anything is under way.
    pub const fn any(self) -> bool {
        self.storing || self.connecting || self.sending || self.metering
    }
}

/// Joins the hardware of a board and a [`Station`]: carries out the station's actions, and tells it what happens.
///
/// The driver itself is synchronous: a [`turn`](Self::turn) looks at the hardware, hands on what came from the
/// [`Ports`], carries out what the station wants (at most 32 actions), and never waits. What takes time is done by the
/// futures that serve the ports, at the same time.
///
/// # In firmware
///
/// [`run`](Self::run) takes turns for ever. Run it and the services of the ports side by side: joined to one future, or
/// as tasks of one executor on one thread, as here. Nothing allocates.
///
/// ```no_run
/// use evse_hal::{Board, Driver, EnergyMeter, Link, Meter, Outlet, PortMemory, Storage, System, Timer, Timing};
/// use evse_hal::{Contactor, TokenReader, WallClock, Watchdog, both, pilot::ControlPilot};
/// use evse_hal::safety::{Guard, Limits, Parts};
/// use ocpp_core::{ConnectorId, EvseId, Station};
///
/// async fn charge(
///     station: Station<'_>,
///     pilot: impl ControlPilot,
///     contactor: impl Contactor,
///     meter: impl EnergyMeter,
///     reader: impl TokenReader,
///     storage: impl Storage,
///     link: impl Link,
///     wall_clock: impl WallClock,
///     system: impl System,
///     watchdog: impl Watchdog,
///     timer: impl Timer,
/// ) {
///     let mut memory = PortMemory::new();
///     let ports = memory.ports();
///     let guard = Guard::new(Limits::new(32_000), Parts::new(pilot, contactor));
///     let mut outlets = [Outlet::new(ConnectorId::new(1, 1), guard)];
///     let mut meters = [Meter::new(Some(EvseId(1)), meter)];
///     let board = Board { outlets: &mut outlets, wall_clock, system, watchdog };
///     let mut driver = Driver::new(station, board, &ports, Timing::default());
///     let services = both(ports.serve_storage(storage), ports.serve_link(link));
///     let services = both(services, ports.serve_meters(&mut meters));
///     let services = both(services, ports.serve_reader(None, reader, &timer));
///     both(driver.run(&timer, ()), services).await;
/// }
/// ```
///
/// # In a simulation
///
/// Take the turns yourself, at whatever time you like: [`turn`](Self::turn) until it says [`Turn::Rest`], then wait for
/// [`news`](Self::news) as long as something is [`under_way`](Self::under_way), then go on to
/// [`poll_at`](Self::poll_at). Nothing here reads a clock.
///
/// ```
/// # use evse_hal::{Cable, Contactor, ErrorKind, ErrorType, Reboot, System, WallClock};
/// # use evse_hal::pilot::{ControlPilot, Duty, PilotState};
/// # use ocpp_core::{Config, ConnectorId, Instant, Station, StationResources, Topology, dialect::{Dialect, Identity}};
/// # #[derive(Clone, Copy)]
/// # struct Nothing;
/// # impl ErrorType for Nothing { type Error = ErrorKind; }
/// # impl ControlPilot for Nothing {
/// #     fn offer(&mut self, _: Duty) -> Result<(), ErrorKind> { Ok(()) }
/// #     fn withdraw(&mut self) -> Result<(), ErrorKind> { Ok(()) }
/// #     fn fail(&mut self) -> Result<(), ErrorKind> { Ok(()) }
/// #     fn state(&mut self) -> Result<PilotState, ErrorKind> { Ok(PilotState::A) }
/// # }
/// # impl Contactor for Nothing {
/// #     fn close(&mut self) -> Result<(), ErrorKind> { Ok(()) }
/// #     fn open(&mut self) -> Result<(), ErrorKind> { Ok(()) }
/// #     fn is_closed(&mut self) -> Result<bool, ErrorKind> { Ok(false) }
/// # }
/// # impl WallClock for Nothing {
/// #     fn now(&mut self) -> Result<Option<i64>, ErrorKind> { Ok(None) }
/// #     fn set(&mut self, _: i64) -> Result<(), ErrorKind> { Ok(()) }
/// # }
/// # impl System for Nothing { fn reboot(&mut self, _: Reboot) {} }
/// # let (pilot, contactor, wall_clock, system) = (Nothing, Nothing, Nothing, Nothing);
/// # let dialects: [&dyn Dialect; 1] = [&ocpp16::DIALECT];
/// # let mut resources = StationResources::<1, 1>::new();
/// # let identity = Identity { vendor: "Example", model: "One", ..Default::default() };
/// # let config = Config::new(Topology::new(&[1]), identity, [7; 16]);
/// # let station = Station::new(config, &dialects, resources.storage()).unwrap();
/// use evse_hal::safety::{Guard, Limits, Parts};
/// use evse_hal::{Board, Driver, NoWatchdog, Outlet, PortMemory, Timing, Turn};
///
/// let mut memory = PortMemory::new();
/// let ports = memory.ports();
/// let guard = Guard::new(Limits::new(32_000), Parts::new(pilot, contactor));
/// let mut outlets = [Outlet::new(ConnectorId::new(1, 1), guard)];
/// let board = Board { outlets: &mut outlets, wall_clock, system, watchdog: NoWatchdog };
/// let mut driver = Driver::new(station, board, &ports, Timing::default());
///
/// let now = Instant::ZERO;
/// while driver.turn(now, &mut ()) == Turn::Again {}
/// // The station loads what it knows, but nobody serves the storage yet.
/// assert!(driver.under_way().storing);
/// assert!(driver.poll_at() > now);
/// ```
pub struct Driver<'a, 'b, G, W, S, D> {
    station: Station<'a>,
    board: Board<'a, G, W, S, D>,
    ports: &'a Ports<'b>,
    timing: Timing,
    scan_at: Instant,
    meter_at: Instant,
    /// The time of day that the station knows, minus the monotonic time, in ms.
    day_told: Option<i64>,
    /// The next action waits for the message that is being sent, because it fits nowhere else.
    crowded: bool,
}

impl<'a, 'b, G: Guarded, W: WallClock, S: System, D: Watchdog> Driver<'a, 'b, G, W, S, D> {
    /// A driver for this station on this board.
    pub fn new(station: Station<'a>, board: Board<'a, G, W, S, D>, ports: &'a Ports<'b>, timing: Timing) -> Self {
        ports.link.offer(station.subprotocols());
        Self {
            station,
            board,
            ports,
            timing,
            scan_at: Instant::ZERO,
            meter_at: Instant::ZERO,
            day_told: None,
            crowded: false,
        }
    }

    /// The station.
    pub const fn station(&self) -> &Station<'a> {
        &self.station
    }

    /// Its connectors.
    pub const fn outlets(&self) -> &[Outlet<G>] {
        self.board.outlets
    }

    /// Somebody on site has seen to a dangerous fault: the guards of this place let go of what is latched, if its cause is
    /// gone. Take a turn afterwards.
    pub fn acknowledge(&mut self, place: Place) {
        let outlets = self.board.outlets.iter_mut();
        outlets
            .filter(|outlet| place.contains(outlet.id()))
            .for_each(Outlet::acknowledge);
    }

    /// Tells the station something that comes from elsewhere: a local command, a fault, a parking sensor. Take a turn
    /// afterwards.
    ///
    /// # Errors
    /// Those of the station.
    pub fn handle(&mut self, now: Instant, input: Input<'_>, observer: &mut impl Observer) -> Result<(), InputError> {
        turn::ask(&mut self.station, observer, now, input)
    }

    /// Takes turns for ever, and waits in between. May be dropped at any time.
    pub async fn run<T: Timer>(&mut self, timer: &T, mut observer: impl Observer) -> ! {
        loop {
            while self.turn(timer.now(), &mut observer) == Turn::Again {
                yield_now().await;
            }
            let _ = either(timer.wait_until(self.poll_at()), self.news()).await;
        }
    }

    /// Looks, listens, and does what there is to do. Never waits.
    pub fn turn(&mut self, now: Instant, observer: &mut impl Observer) -> Turn {
        let moved = self.listen(now, observer);
        let acted = self.act(now, observer);
        if moved || acted == Turn::Again {
            Turn::Again
        } else {
            Turn::Rest
        }
    }

    /// When the next turn is due, unless [`news`](Self::news) come before.
    pub fn poll_at(&self) -> Instant {
        let mut at = self.scan_at.min(self.meter_at);
        if !self.crowded {
            at = self.station.poll_at().map_or(at, |due| due.min(at));
        }
        self.board
            .outlets
            .iter()
            .filter_map(Outlet::deadline)
            .fold(at, Instant::min)
    }

    /// Waits until somebody who serves the [`Ports`] has news. Cancel-safe.
    ///
    /// The future borrows the ports only, so that the driver can be used while it waits.
    pub fn news(&self) -> impl Future<Output = ()> + use<'a, 'b, G, W, S, D> {
        self.ports.news.wait()
    }

    /// What others are doing for the driver at the moment.
    pub fn under_way(&self) -> UnderWay {
        UnderWay {
            storing: self.ports.storage.is_busy(),
            connecting: self.ports.link.is_connecting(),
            sending: self.ports.link.is_sending(),
            metering: self.ports.meters.is_busy(),
        }
    }

    /// Has the meters read now, if somebody serves them. For simulations whose time jumps: wait until they are read,
    /// calling [`listen`](Self::listen), before the turn at the new time.
    pub fn read_meters(&mut self, now: Instant) {
        self.meter_at = now.plus_millis(self.timing.meter_ms.max(1).into());
        self.ports.meters.start();
    }
}
