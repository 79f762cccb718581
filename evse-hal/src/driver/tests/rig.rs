//! A board, a central system and a clock to drive the driver with.

use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::boxed::Box;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::format;
use std::rc::Rc;
use std::string::{String, ToString};
use std::vec::Vec;

use ocpp_core::dialect::{Dialect, Identity};
use ocpp_core::{Action, Config, ConnectorId, EvseId, Input, InputError, Instant, Station, StationResources, Topology};

use crate::*;

/// Everything outside of the driver.
#[derive(Debug, Default)]
pub struct World {
    pub now: u64,
    pub outlets: [Socket; 2],
    pub meters: [MeterBox; 2],
    pub presented: VecDeque<Result<&'static str, ErrorKind>>,
    pub day: Option<i64>,
    pub reboots: Vec<Reboot>,
    pub net: Net,
    pub flash: Flash,
    /// What was done to the hardware.
    pub ops: Vec<String>,
}

#[derive(Debug)]
pub struct Socket {
    /// B, or C as soon as current is offered; any other as it is.
    pub ev: pilot::PilotState,
    pub pilot_fails: bool,
    pub offered: Option<u16>,
    pub cable: Result<Cable, ErrorKind>,
    pub position: LockPosition,
    /// The lock arrives by itself.
    pub lock_moves: bool,
    pub lock_refuses: bool,
    pub closed: bool,
    pub welded: bool,
    pub coil_fails: bool,
    pub feedback_fails: bool,
}

impl Default for Socket {
    fn default() -> Self {
        Self {
            ev: pilot::PilotState::A,
            pilot_fails: false,
            offered: None,
            cable: Ok(Cable::Absent),
            position: LockPosition::Unlocked,
            lock_moves: true,
            lock_refuses: false,
            closed: false,
            welded: false,
            coil_fails: false,
            feedback_fails: false,
        }
    }
}

#[derive(Debug, Default)]
pub struct MeterBox {
    pub energy_wh: i64,
    pub fails: bool,
    pub reads: u32,
}

#[derive(Debug, Default)]
pub struct Net {
    pub refuses: bool,
    pub dials_for_ever: bool,
    /// Sending does not get on.
    pub stalled: bool,
    pub up: bool,
    pub cut: bool,
    pub silent: bool,
    pub offered: Vec<String>,
    pub sent: Vec<String>,
    pub incoming: VecDeque<Vec<u8>>,
}

#[derive(Debug, Default)]
pub struct Flash {
    pub records: BTreeMap<u32, Vec<u8>>,
    pub values: BTreeMap<u32, Vec<u8>>,
    /// Operations do not get on.
    pub stalled: bool,
    pub fails: Option<ErrorKind>,
    pub begun: u32,
    pub finished: u32,
}

pub type Shared = Rc<RefCell<World>>;

/// One socket of the world, seen by the driver.
#[derive(Clone)]
pub struct Part(pub Shared, pub usize);

impl Part {
    fn with<T>(&self, op: &str, f: impl FnOnce(&mut Socket) -> T) -> T {
        let mut world = self.0.borrow_mut();
        if !op.is_empty() {
            let op = if self.1 == 0 {
                op.to_string()
            } else {
                format!("{op} {}", self.1 + 1)
            };
            world.ops.push(op);
        }
        f(&mut world.outlets[self.1])
    }
}

impl ErrorType for Part {
    type Error = ErrorKind;
}

impl pilot::ControlPilot for Part {
    fn offer(&mut self, duty: pilot::Duty) -> Result<(), ErrorKind> {
        let offered = Some(duty.basis_points());
        self.with(&format!("offer {}", duty.basis_points()), |socket| {
            socket.offered = offered
        });
        Ok(())
    }

    fn withdraw(&mut self) -> Result<(), ErrorKind> {
        self.with("withdraw", |socket| socket.offered = None);
        Ok(())
    }

    fn state(&mut self) -> Result<pilot::PilotState, ErrorKind> {
        self.with("", |socket| match socket.ev {
            _ if socket.pilot_fails => Err(ErrorKind::Bus),
            pilot::PilotState::C if socket.offered.is_none() => Ok(pilot::PilotState::B),
            state => Ok(state),
        })
    }
}

impl Contactor for Part {
    fn close(&mut self) -> Result<(), ErrorKind> {
        self.with("close", |socket| {
            socket.closed = !socket.coil_fails;
            if socket.coil_fails { Err(ErrorKind::Bus) } else { Ok(()) }
        })
    }

    fn open(&mut self) -> Result<(), ErrorKind> {
        self.with("open", |socket| socket.closed = socket.welded);
        Ok(())
    }

    fn is_closed(&mut self) -> Result<bool, ErrorKind> {
        self.with("", |socket| {
            if socket.feedback_fails {
                Err(ErrorKind::Bus)
            } else {
                Ok(socket.closed)
            }
        })
    }
}

impl ConnectorLock for Part {
    fn lock(&mut self) -> Result<(), ErrorKind> {
        self.with("lock", |socket| socket.go(LockPosition::Locked))
    }

    fn unlock(&mut self) -> Result<(), ErrorKind> {
        self.with("unlock", |socket| socket.go(LockPosition::Unlocked))
    }

    fn position(&mut self) -> Result<LockPosition, ErrorKind> {
        self.with("", |socket| Ok(socket.position))
    }
}

impl Socket {
    fn go(&mut self, position: LockPosition) -> Result<(), ErrorKind> {
        if self.lock_refuses {
            return Err(ErrorKind::Stuck);
        }
        self.position = if self.lock_moves {
            position
        } else {
            LockPosition::Moving
        };
        Ok(())
    }
}

impl ProximityPilot for Part {
    fn cable(&mut self) -> Result<Cable, ErrorKind> {
        self.with("", |socket| socket.cable)
    }
}

/// The rest of the world, seen by the driver.
#[derive(Clone)]
pub struct Rest(pub Shared);

impl ErrorType for Rest {
    type Error = ErrorKind;
}

impl ErrorType for MeterPart {
    type Error = ErrorKind;
}

pub struct MeterPart(Shared, usize);

impl EnergyMeter for MeterPart {
    async fn read(&mut self) -> Result<Reading, ErrorKind> {
        let mut world = self.0.borrow_mut();
        let meter = &mut world.meters[self.1];
        meter.reads += 1;
        if meter.fails {
            return Err(ErrorKind::Timeout);
        }
        Ok(Reading::new(meter.energy_wh).with(Quantity::Voltage, Some(Phase::L1), 230_400))
    }
}

impl TokenReader for Rest {
    async fn read(&mut self) -> Result<Identifier, ErrorKind> {
        let next = poll_fn(|_| ready(self.0.borrow_mut().presented.pop_front())).await?;
        Ok(Identifier::from_text(next, IdentifierKind::Iso14443).unwrap())
    }
}

impl WallClock for Rest {
    fn now(&mut self) -> Result<Option<i64>, ErrorKind> {
        let world = self.0.borrow();
        Ok(world.day.map(|day| day + i64::try_from(world.now).unwrap()))
    }

    fn set(&mut self, unix_millis: i64) -> Result<(), ErrorKind> {
        let mut world = self.0.borrow_mut();
        world.day = Some(unix_millis - i64::try_from(world.now).unwrap());
        Ok(())
    }
}

impl System for Rest {
    fn reboot(&mut self, kind: Reboot) {
        self.0.borrow_mut().reboots.push(kind);
    }
}

impl Timer for Rest {
    fn now(&self) -> Instant {
        Instant::from_millis(self.0.borrow().now)
    }

    async fn wait_until(&self, at: Instant) {
        poll_fn(|_| ready((Timer::now(self) >= at).then_some(()))).await;
    }
}

fn ready<T>(value: Option<T>) -> Poll<T> {
    value.map_or(Poll::Pending, Poll::Ready)
}

impl Storage for Rest {
    async fn put_record(&mut self, number: u32, bytes: &[u8]) -> Result<(), ErrorKind> {
        self.work().await?;
        self.0.borrow_mut().flash.records.insert(number, bytes.to_vec());
        Ok(())
    }

    async fn record_after(&mut self, number: u32, buf: &mut [u8]) -> Result<Option<(u32, usize)>, ErrorKind> {
        self.work().await?;
        let world = self.0.borrow();
        let found = world.flash.records.range(number + 1..).next();
        Ok(found.map(|(&number, bytes)| (number, give(bytes, buf))))
    }

    async fn discard_record(&mut self, number: u32) -> Result<(), ErrorKind> {
        self.work().await?;
        self.0.borrow_mut().flash.records.remove(&number);
        Ok(())
    }

    async fn put_value(&mut self, key: u32, bytes: &[u8]) -> Result<(), ErrorKind> {
        self.work().await?;
        self.0.borrow_mut().flash.values.insert(key, bytes.to_vec());
        Ok(())
    }

    async fn value(&mut self, key: u32, buf: &mut [u8]) -> Result<Option<usize>, ErrorKind> {
        self.work().await?;
        Ok(self.0.borrow().flash.values.get(&key).map(|bytes| give(bytes, buf)))
    }

    async fn discard_value(&mut self, key: u32) -> Result<(), ErrorKind> {
        self.work().await?;
        self.0.borrow_mut().flash.values.remove(&key);
        Ok(())
    }
}

fn give(bytes: &[u8], buf: &mut [u8]) -> usize {
    buf[..bytes.len()].copy_from_slice(bytes);
    bytes.len()
}

impl Rest {
    /// A storage operation: takes as long as the world wants, and is asked at the end whether it went well.
    async fn work(&mut self) -> Result<(), ErrorKind> {
        self.0.borrow_mut().flash.begun += 1;
        poll_fn(|_| ready((!self.0.borrow().flash.stalled).then_some(()))).await;
        let mut world = self.0.borrow_mut();
        world.flash.finished += 1;
        world.flash.fails.map_or(Ok(()), Err)
    }
}

impl Link for Rest {
    async fn connect<'s>(&mut self, subprotocols: &[&'s str]) -> Result<&'s str, ErrorKind> {
        poll_fn(|_| ready((!self.0.borrow().net.dials_for_ever).then_some(()))).await;
        let mut world = self.0.borrow_mut();
        world.net.offered = subprotocols.iter().map(ToString::to_string).collect();
        if world.net.refuses {
            return Err(ErrorKind::Unreachable);
        }
        world.net.up = true;
        world.net.cut = false;
        Ok(subprotocols[0])
    }

    async fn send(&mut self, text: &[u8]) -> Result<(), ErrorKind> {
        poll_fn(|_| ready((!self.0.borrow().net.stalled).then_some(()))).await;
        let mut world = self.0.borrow_mut();
        let text = String::from_utf8(text.to_vec()).unwrap();
        if let Some(reply) = answer(&text).filter(|_| !world.net.silent) {
            world.net.incoming.push_back(reply.into_bytes());
        }
        world.net.sent.push(text);
        Ok(())
    }

    async fn receive(&mut self, buf: &mut [u8]) -> Result<Received, ErrorKind> {
        poll_fn(|_| {
            let mut world = self.0.borrow_mut();
            if world.net.cut {
                return Poll::Ready(Ok(Received::Closed));
            }
            let Some(message) = world.net.incoming.pop_front() else {
                return Poll::Pending;
            };
            let len = message.len().min(buf.len());
            buf[..len].copy_from_slice(&message[..len]);
            let all = message.len() == len;
            Poll::Ready(Ok(if all {
                Received::Text(len)
            } else {
                Received::TooLarge(len)
            }))
        })
        .await
    }

    async fn close(&mut self) {
        self.0.borrow_mut().net.up = false;
    }
}

/// What a friendly central system answers.
fn answer(call: &str) -> Option<String> {
    let mut parts = call.strip_prefix("[2,\"")?.split('"');
    let (id, _, action) = (parts.next()?, parts.next()?, parts.next()?);
    let payload = match action {
        "BootNotification" => r#"{"status":"Accepted","currentTime":"2026-11-22T18:00:00Z","interval":300}"#,
        "Heartbeat" => r#"{"currentTime":"2026-11-22T18:00:00Z"}"#,
        "Authorize" => r#"{"idTagInfo":{"status":"Accepted"}}"#,
        "StartTransaction" => r#"{"transactionId":7,"idTagInfo":{"status":"Accepted"}}"#,
        _ => "{}",
    };
    Some(format!(r#"[3,"{id}",{payload}]"#))
}

/// Writes down what happened between driver and station.
#[derive(Default)]
pub struct Log(pub Vec<String>);

impl Observer for Log {
    fn action(&mut self, _now: Instant, action: &Action<'_>) {
        self.0.push(match action {
            Action::Send(frame) => format!("Send {}", String::from_utf8_lossy(frame)),
            action => format!("{action:?}"),
        });
    }

    fn input(&mut self, _now: Instant, input: &Input<'_>, result: Result<(), InputError>) {
        self.0.push(match input {
            Input::Frame(frame) => format!("Frame {} {result:?}", String::from_utf8_lossy(frame)),
            input => format!("{input:?} {result:?}"),
        });
    }

    fn link_down(&mut self, _now: Instant, cause: Option<ErrorKind>) {
        self.0.push(format!("link down: {cause:?}"));
    }
}

pub type Sockets = Outlet<Part, Part, Part, Part>;
pub type TestDriver = Driver<'static, 'static, Sockets, Rest, Rest>;

pub struct Rig {
    pub world: Shared,
    pub driver: TestDriver,
    pub services: Vec<Pin<Box<dyn Future<Output = ()>>>>,
    pub log: Log,
    pub ports: &'static Ports<'static>,
}

pub fn poll(future: &mut Pin<Box<dyn Future<Output = ()>>>) -> Poll<()> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

static DIALECTS: [&dyn Dialect; 1] = [&ocpp16::DIALECT];

impl Rig {
    /// One EVSE of one socket that can deliver 32 A.
    pub fn new() -> Self {
        Self::with(&[1], Timing::default(), 1024)
    }

    /// EVSEs with so many sockets, two in total at the most.
    pub fn with(connectors: &'static [u8], timing: Timing, spare: usize) -> Self {
        let world = Shared::default();
        world.borrow_mut().day = Some(1_795_370_400_000);
        let topology = Topology::new(connectors);
        let identity = Identity {
            vendor: "Example",
            model: "One",
            ..Default::default()
        };
        let config = Config::new(topology, identity, [7; 16]);
        let storage = if connectors == [1] {
            Box::leak(Box::new(StationResources::<1, 1>::new())).storage()
        } else if connectors == [2] {
            Box::leak(Box::new(StationResources::<1, 2>::new())).storage()
        } else {
            Box::leak(Box::new(StationResources::<2, 2>::new())).storage()
        };
        let station = Station::new(config, &DIALECTS, storage).unwrap();
        let outlets = topology.iter().enumerate().map(|(index, id): (usize, ConnectorId)| {
            let part = Part(world.clone(), index);
            Outlet::with_socket(id, 32_000, part.clone(), part.clone(), part.clone(), part)
        });
        let outlets: Vec<Sockets> = outlets.collect();
        let board = Board {
            outlets: Vec::leak(outlets),
            wall_clock: Rest(world.clone()),
            system: Rest(world.clone()),
        };
        let buffer = |len: usize| Vec::leak(std::vec![0; len]);
        let ports: &'static Ports<'static> = Box::leak(Box::new(Ports::new(PortBuffers {
            inbound: buffer(4096),
            outbound: buffer(2048),
            record: buffer(1024),
            spare: buffer(spare),
        })));
        let meters: Vec<_> = (0..connectors.len())
            .map(|index| {
                let evse = EvseId(u8::try_from(index + 1).unwrap());
                Meter::new(Some(evse), MeterPart(world.clone(), index))
            })
            .collect();
        let meters = Vec::leak(meters);
        let rest = || Rest(world.clone());
        let timer: &'static Rest = Box::leak(Box::new(rest()));
        let (storage, link, reader) = (rest(), rest(), rest());
        let services: Vec<Pin<Box<dyn Future<Output = ()>>>> = std::vec![
            Box::pin(async move { ports.serve_storage(storage).await }),
            Box::pin(async move { ports.serve_link(link).await }),
            Box::pin(async move { ports.serve_meters(meters).await }),
            Box::pin(async move { ports.serve_reader(None, reader, timer).await }),
        ];
        let driver = Driver::new(station, board, ports, timing);
        Self {
            world,
            driver,
            services,
            log: Log::default(),
            ports,
        }
    }

    pub fn now(&self) -> Instant {
        Instant::from_millis(self.world.borrow().now)
    }

    /// Everything that happens without time passing. In the end nothing is due.
    pub fn settle(&mut self) -> &mut Self {
        let mut news = Box::pin(self.driver.news());
        for _ in 0..10_000 {
            let mut quiet = self.driver.turn(self.now(), &mut self.log) == Turn::Rest;
            self.services
                .iter_mut()
                .for_each(|service| assert!(poll(service).is_pending()));
            if news.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                news = Box::pin(self.driver.news());
                quiet = false;
            }
            if quiet {
                assert!(self.driver.poll_at() > self.now(), "due, and nothing happens");
                return self;
            }
        }
        panic!(
            "never comes to rest: {:?}",
            self.log.0.iter().rev().take(20).collect::<Vec<_>>()
        );
    }

    /// Lets time pass, with every deadline on the way.
    pub fn pass(&mut self, millis: u64) -> &mut Self {
        let end = self.world.borrow().now + millis;
        loop {
            self.settle();
            let next = self.driver.poll_at().as_millis().min(end);
            if self.world.borrow().now >= end {
                return self;
            }
            self.world.borrow_mut().now = next;
        }
    }

    /// Up, registered, and everything told.
    pub fn booted() -> Self {
        let mut rig = Self::new();
        rig.boot();
        rig
    }

    pub fn boot(&mut self) {
        self.pass(2_000);
        assert!(self.driver.station().is_idle(), "{:?}", self.log.0);
        assert!(
            self.world
                .borrow()
                .net
                .sent
                .iter()
                .any(|sent| sent.contains("BootNotification"))
        );
        self.forget();
    }

    pub fn forget(&mut self) -> &mut Self {
        self.log.0.clear();
        self.world.borrow_mut().ops.clear();
        self.world.borrow_mut().net.sent.clear();
        self
    }

    pub fn plug(&mut self, index: usize) -> &mut Self {
        let mut world = self.world.borrow_mut();
        world.outlets[index].ev = pilot::PilotState::C;
        world.outlets[index].cable = Ok(Cable::Present { max_milliamps: 32_000 });
        drop(world);
        self
    }

    pub fn present(&mut self, token: &'static str) -> &mut Self {
        self.world.borrow_mut().presented.push_back(Ok(token));
        self
    }

    /// A car charges.
    pub fn charging() -> Self {
        let mut rig = Self::booted();
        rig.plug(0).settle();
        rig.present("TAG1").pass(500);
        assert!(rig.world.borrow().outlets[0].closed, "{:?}", rig.log.0);
        rig.forget();
        rig
    }

    pub fn ops(&self) -> Vec<String> {
        self.world.borrow().ops.clone()
    }

    #[track_caller]
    pub fn saw(&self, text: &str) {
        assert!(
            self.log.0.iter().any(|line| line.contains(text)),
            "no {text:?} in {:#?}",
            self.log.0
        );
    }

    #[track_caller]
    pub fn did_not_see(&self, text: &str) {
        assert!(
            !self.log.0.iter().any(|line| line.contains(text)),
            "{text:?} in {:#?}",
            self.log.0
        );
    }
}
