//! Pins, a car, a card and a central system for the minimal board.

use core::cell::{Cell, RefCell};
use core::convert::Infallible;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::collections::{BTreeMap, VecDeque};

use embedded_hal::digital::{ErrorType as PinError, InputPin, OutputPin};
use embedded_hal::pwm::{ErrorType as PwmError, SetDutyCycle};
use evse_hal::*;
use ocpp_core::Instant;

#[derive(Default)]
pub struct Bench {
    now: Cell<u64>,
    /// What the converter has measured and nobody has fetched yet.
    periods: RefCell<VecDeque<(i32, i32)>>,
    /// What the car pulls the pilot down to, in mV.
    car: Cell<i32>,
    duty: Cell<u16>,
    coil: Cell<bool>,
    fed: Cell<u32>,
    cards: RefCell<VecDeque<&'static str>>,
    values: RefCell<BTreeMap<(bool, u32), Vec<u8>>>,
    incoming: RefCell<VecDeque<String>>,
    sent: RefCell<Vec<String>>,
}

impl Bench {
    pub fn new() -> Self {
        Self {
            car: Cell::new(12_000),
            ..Self::default()
        }
    }

    /// The plateaus of the next period, if it is over.
    pub fn next_period(&self) -> Option<(i32, i32)> {
        self.periods.borrow_mut().pop_front()
    }

    /// A car comes, charges, and goes.
    pub fn charge(&self, firmware: impl Future<Output = ()>) {
        let mut firmware = pin!(firmware);
        let mut pass = |millis: u64| {
            for _ in 0..millis {
                self.now.set(self.now.get() + 1);
                self.periods.borrow_mut().push_back((self.car.get(), -12_000));
                for _ in 0..20 {
                    let mut context = Context::from_waker(Waker::noop());
                    assert!(firmware.as_mut().poll(&mut context).is_pending());
                }
            }
        };
        // This board has no meter: the station waits ten seconds for a first reading.
        pass(10_000);
        assert!(self.sent("BootNotification") && !self.coil.get());
        self.car.set(9_000);
        pass(100);
        self.cards.borrow_mut().push_back("04A3F210");
        pass(500);
        assert_eq!((self.duty.get(), self.coil.get()), (2_666, false), "16 A on offer");
        self.car.set(6_000);
        pass(19);
        assert!(!self.coil.get(), "not believed yet");
        pass(10);
        assert!(self.coil.get() && self.sent("StartTransaction"));

        self.car.set(9_000);
        pass(19);
        assert!(self.coil.get());
        pass(10);
        assert!(!self.coil.get(), "the contactor opens within 100 ms of C → B");
        self.car.set(12_000);
        pass(500);
        assert!(self.sent("StopTransaction"));
        assert!(self.fed.get() > 400, "the watchdog is fed");
    }

    fn sent(&self, action: &str) -> bool {
        self.sent.borrow().iter().any(|frame| frame.contains(action))
    }
}

/// Any part of the bench.
pub struct Part<'b>(pub &'b Bench);

impl PinError for Part<'_> {
    type Error = Infallible;
}

impl PwmError for Part<'_> {
    type Error = Infallible;
}

impl OutputPin for Part<'_> {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.0.coil.set(false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.0.coil.set(true);
        Ok(())
    }
}

impl InputPin for Part<'_> {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(!self.0.coil.get())
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(self.0.coil.get())
    }
}

impl SetDutyCycle for Part<'_> {
    fn max_duty_cycle(&self) -> u16 {
        10_000
    }

    fn set_duty_cycle(&mut self, duty: u16) -> Result<(), Infallible> {
        self.0.duty.set(duty);
        Ok(())
    }
}

impl ErrorType for Part<'_> {
    type Error = ErrorKind;
}

impl TokenReader for Part<'_> {
    async fn read(&mut self) -> Result<Identifier, ErrorKind> {
        let card = poll_fn(|_| ready(self.0.cards.borrow_mut().pop_front())).await;
        Identifier::from_text(card, IdentifierKind::Iso14443).ok_or(ErrorKind::Implausible)
    }
}

impl Storage for Part<'_> {
    async fn put_record(&mut self, number: u32, bytes: &[u8]) -> Result<(), ErrorKind> {
        self.put((true, number), bytes)
    }

    async fn record_after(&mut self, number: u32, buf: &mut [u8]) -> Result<Option<(u32, usize)>, ErrorKind> {
        let values = self.0.values.borrow();
        let next = values.range((true, number.saturating_add(1))..).next();
        Ok(next.map(|(&(_, number), bytes)| (number, give(bytes, buf))))
    }

    async fn discard_record(&mut self, number: u32) -> Result<(), ErrorKind> {
        self.discard((true, number))
    }

    async fn put_value(&mut self, key: u32, bytes: &[u8]) -> Result<(), ErrorKind> {
        self.put((false, key), bytes)
    }

    async fn value(&mut self, key: u32, buf: &mut [u8]) -> Result<Option<usize>, ErrorKind> {
        Ok(self.0.values.borrow().get(&(false, key)).map(|bytes| give(bytes, buf)))
    }

    async fn discard_value(&mut self, key: u32) -> Result<(), ErrorKind> {
        self.discard((false, key))
    }
}

impl Part<'_> {
    fn put(&self, key: (bool, u32), bytes: &[u8]) -> Result<(), ErrorKind> {
        self.0.values.borrow_mut().insert(key, bytes.to_vec());
        Ok(())
    }

    fn discard(&self, key: (bool, u32)) -> Result<(), ErrorKind> {
        self.0.values.borrow_mut().remove(&key);
        Ok(())
    }
}

fn give(bytes: &[u8], buf: &mut [u8]) -> usize {
    buf[..bytes.len()].copy_from_slice(bytes);
    bytes.len()
}

impl Link for Part<'_> {
    async fn connect<'s>(&mut self, _profile: u8, subprotocols: &[&'s str]) -> Result<&'s str, ErrorKind> {
        subprotocols.first().copied().ok_or(ErrorKind::Refused)
    }

    async fn send(&mut self, text: &[u8]) -> Result<(), ErrorKind> {
        let call = String::from_utf8_lossy(text).into_owned();
        let mut words = call.split('"');
        let (id, action) = (words.nth(1).unwrap_or(""), words.nth(1).unwrap_or(""));
        let answer = match action {
            "BootNotification" => r#"{"status":"Accepted","currentTime":"2026-11-22T18:00:00Z","interval":300}"#,
            "Authorize" => r#"{"idTagInfo":{"status":"Accepted"}}"#,
            "StartTransaction" => r#"{"transactionId":1,"idTagInfo":{"status":"Accepted"}}"#,
            _ => "{}",
        };
        self.0.incoming.borrow_mut().push_back(format!("[3,\"{id}\",{answer}]"));
        self.0.sent.borrow_mut().push(call);
        Ok(())
    }

    async fn receive(&mut self, buf: &mut [u8]) -> Result<Received, ErrorKind> {
        let answer = poll_fn(|_| ready(self.0.incoming.borrow_mut().pop_front())).await;
        Ok(Received::Text(give(answer.as_bytes(), buf)))
    }

    async fn close(&mut self) {}
}

impl WallClock for Part<'_> {
    fn now(&mut self) -> Result<Option<i64>, ErrorKind> {
        Ok(None)
    }

    fn set(&mut self, _: i64) -> Result<(), ErrorKind> {
        Ok(())
    }
}

impl System for Part<'_> {
    fn reboot(&mut self, _: Reboot) {}
}

impl Watchdog for Part<'_> {
    fn feed(&mut self) {
        self.0.fed.set(self.0.fed.get() + 1);
    }
}

impl Timer for Part<'_> {
    fn now(&self) -> Instant {
        Instant::from_millis(self.0.now.get())
    }

    async fn wait_until(&self, at: Instant) {
        poll_fn(|_| ready((Timer::now(self) >= at).then_some(()))).await;
    }
}

fn ready<T>(value: Option<T>) -> Poll<T> {
    value.map_or(Poll::Pending, Poll::Ready)
}
