//! Everything outside of the driver: a board, a flash, a central system.

use core::future::poll_fn;
use core::task::Poll;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::format;
use std::rc::Rc;
use std::string::{String, ToString};
use std::vec::Vec;

use ocpp_core::Instant;

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
    pub fed: u32,
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
    /// The network profile that was dialled.
    pub profile: u8,
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

/// The world, as all its parts share it.
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

    fn fail(&mut self) -> Result<(), ErrorKind> {
        self.with("fail", |socket| socket.offered = None);
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

pub struct MeterPart(pub Shared, pub usize);

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

impl Watchdog for Rest {
    fn feed(&mut self) {
        self.0.borrow_mut().fed += 1;
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
    async fn connect<'s>(&mut self, profile: u8, subprotocols: &[&'s str]) -> Result<&'s str, ErrorKind> {
        poll_fn(|_| ready((!self.0.borrow().net.dials_for_ever).then_some(()))).await;
        let mut world = self.0.borrow_mut();
        world.net.profile = profile;
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
