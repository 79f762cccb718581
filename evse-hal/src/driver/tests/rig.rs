//! The driver on the board of [`world`](super::world), with a clock that jumps.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::boxed::Box;
use std::format;
use std::string::String;
use std::vec::Vec;

use ocpp_core::dialect::{Dialect, Identity};
use ocpp_core::{Action, Config, ConnectorId, EvseId, Input, InputError, Instant, Station, StationResources, Topology};

pub use super::world::*;
use crate::safety::{Guard, Limits, Parts};
use crate::*;

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

pub type Sockets = Guard<Parts<Part, Part, Part, Part>>;
pub type TestDriver = Driver<'static, 'static, Sockets, Rest, Rest, Rest>;

pub struct Rig {
    pub world: Shared,
    pub driver: TestDriver,
    pub services: Vec<Pin<Box<dyn Future<Output = ()>>>>,
    pub log: Log,
    pub ports: &'static Ports<'static>,
}

/// A guard of one socket.
pub fn guard(part: &Part) -> Sockets {
    let parts = Parts::new(part.clone(), part.clone()).with_socket(part.clone(), part.clone());
    Guard::new(Limits::new(32_000), parts)
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
            Outlet::new(id, guard(&part))
        });
        let outlets: Vec<Outlet<Sockets>> = outlets.collect();
        let board = Board {
            outlets: Vec::leak(outlets),
            wall_clock: Rest(world.clone()),
            system: Rest(world.clone()),
            watchdog: Rest(world.clone()),
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
        self.settle_watched(&mut ())
    }

    fn settle_watched(&mut self, observer: &mut impl Observer) -> &mut Self {
        let mut news = Box::pin(self.driver.news());
        for _ in 0..10_000 {
            let mut quiet = self.driver.turn(self.now(), &mut (&mut self.log, &mut *observer)) == Turn::Rest;
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
        self.pass_watched(millis, &mut ())
    }

    /// The same, and somebody else looks on.
    pub fn pass_watched(&mut self, millis: u64, observer: &mut impl Observer) -> &mut Self {
        let end = self.world.borrow().now + millis;
        loop {
            self.settle_watched(observer);
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
