//! Time: that of the machine, or one that moves by command only.

use evse_hal::{ErrorType, Timer, WallClock};
use ocpp_core::Instant;
use ocpp_core::wire::Timestamp;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Monotonic time and time of day. Copies of it are the same clock.
#[derive(Clone, Debug)]
pub struct Clock(Rc<Hands>);

#[derive(Debug)]
struct Hands {
    /// Where the monotonic time comes from.
    source: Source,
    /// The source's time when the station was switched on, in ms.
    switched_on: Cell<u64>,
    /// The time of day minus that of the source, in ms.
    offset: Cell<i64>,
    /// Whether somebody who knows has told the time of day.
    synced: Cell<bool>,
}

#[derive(Debug)]
enum Source {
    Machine(tokio::time::Instant),
    Command {
        millis: Cell<u64>,
        /// Who sleeps until when; the second part of the key tells sleepers apart.
        sleepers: RefCell<BTreeMap<(u64, u64), Waker>>,
        sleeper: Cell<u64>,
    },
}

impl Clock {
    /// The machine's clock, which is taken for right.
    pub fn real() -> Self {
        Self::new(Source::Machine(tokio::time::Instant::now()), true)
    }

    /// A clock that starts at the machine's time of day, but does not claim to be right, and moves by command only.
    pub fn by_command() -> Self {
        let source = Source::Command {
            millis: Cell::new(0),
            sleepers: RefCell::default(),
            sleeper: Cell::new(0),
        };
        Self::new(source, false)
    }

    fn new(source: Source, synced: bool) -> Self {
        let today = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(Rc::new(Hands {
            source,
            switched_on: Cell::new(0),
            offset: Cell::new(i64::try_from(today.as_millis()).unwrap_or(0)),
            synced: Cell::new(synced),
        }))
    }

    /// The station is switched on now: its own time begins. A clock that moves by command is not right any more.
    pub fn switch_on(&self) {
        self.0.switched_on.set(self.source());
        if self.is_virtual() {
            self.0.synced.set(false);
        }
    }

    /// Time since the station was switched on.
    pub fn now(&self) -> Instant {
        Instant::from_millis(self.source() - self.0.switched_on.get())
    }

    /// The time of day, right or not.
    pub fn wall(&self) -> Timestamp {
        Timestamp::from_millis(self.0.offset.get().saturating_add_unsigned(self.source()))
    }

    /// Whether the time of day is right.
    pub fn synced(&self) -> bool {
        self.0.synced.get()
    }

    /// Whether it moves by command only.
    pub fn is_virtual(&self) -> bool {
        matches!(self.0.source, Source::Command { .. })
    }

    /// Moves a virtual clock on to this moment.
    pub fn move_to(&self, now: Instant) {
        if let Source::Command { millis, sleepers, .. } = &self.0.source {
            millis.set(millis.get().max(self.0.switched_on.get() + now.as_millis()));
            let asleep = sleepers.borrow_mut().split_off(&(millis.get() + 1, 0));
            for waker in sleepers.replace(asleep).into_values() {
                waker.wake();
            }
        }
    }

    /// When the next sleeper on a virtual clock wakes up.
    pub fn next_alarm(&self) -> Option<Instant> {
        let Source::Command { sleepers, .. } = &self.0.source else {
            return None;
        };
        let first = sleepers.borrow().keys().next().map(|&(millis, _)| millis);
        first.map(|millis| Instant::from_millis(millis.saturating_sub(self.0.switched_on.get())))
    }

    /// The time of day is this.
    pub fn set_wall(&self, time: Timestamp) {
        let source = i64::try_from(self.source()).unwrap_or(i64::MAX);
        self.0.offset.set(time.as_millis().saturating_sub(source));
        self.0.synced.set(true);
    }

    fn source(&self) -> u64 {
        match &self.0.source {
            Source::Machine(start) => u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
            Source::Command { millis, .. } => millis.get(),
        }
    }
}

/// The place of one who sleeps; who gives up sleeping leaves it.
struct Bed<'s> {
    sleepers: &'s RefCell<BTreeMap<(u64, u64), Waker>>,
    key: (u64, u64),
}

impl Drop for Bed<'_> {
    fn drop(&mut self) {
        self.sleepers.borrow_mut().remove(&self.key);
    }
}

impl Timer for Clock {
    fn now(&self) -> Instant {
        self.now()
    }

    async fn wait_until(&self, at: Instant) {
        let due = self.0.switched_on.get().saturating_add(at.as_millis());
        match &self.0.source {
            Source::Machine(start) => match start.checked_add(Duration::from_millis(due)) {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            },
            Source::Command {
                millis,
                sleepers,
                sleeper,
            } => {
                let bed = Bed {
                    sleepers,
                    key: (due, sleeper.replace(sleeper.get() + 1)),
                };
                poll_fn(|context| {
                    if millis.get() >= due {
                        return Poll::Ready(());
                    }
                    sleepers.borrow_mut().insert(bed.key, context.waker().clone());
                    Poll::Pending
                })
                .await;
            }
        }
    }
}

impl ErrorType for Clock {
    type Error = Infallible;
}

impl WallClock for Clock {
    fn now(&mut self) -> Result<Option<i64>, Infallible> {
        Ok(self.synced().then(|| self.wall().as_millis()))
    }

    fn set(&mut self, unix_millis: i64) -> Result<(), Infallible> {
        self.set_wall(Timestamp::from_millis(unix_millis));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtual_clock_stands_still() {
        let clock = Clock::by_command();
        assert_eq!((clock.now(), clock.synced()), (Instant::ZERO, false));
        let wall = clock.wall();
        clock.move_to(Instant::from_millis(1500));
        assert_eq!(clock.now(), Instant::from_millis(1500));
        assert_eq!(clock.wall(), wall.plus_millis(1500));
    }

    #[test]
    fn setting_the_wall_leaves_monotonic_time_alone() {
        let mut clock = Clock::by_command();
        assert_eq!(WallClock::now(&mut clock), Ok(None));
        clock.move_to(Instant::from_millis(700));
        clock.set_wall(Timestamp::from_millis(5_000));
        clock.move_to(Instant::from_millis(1000));
        assert_eq!(clock.now(), Instant::from_millis(1000));
        assert_eq!(WallClock::now(&mut clock), Ok(Some(5_300)));
    }

    #[tokio::test]
    async fn sleepers_wake_when_the_clock_is_moved() {
        let clock = Clock::by_command();
        let task = tokio::task::LocalSet::new();
        let sleeper = clock.clone();
        let woken = task.spawn_local(async move { sleeper.wait_until(Instant::from_millis(500)).await });
        let moved = async {
            tokio::task::yield_now().await;
            assert_eq!(clock.next_alarm(), Some(Instant::from_millis(500)));
            clock.move_to(Instant::from_millis(499));
            assert_eq!(clock.next_alarm(), Some(Instant::from_millis(500)));
            clock.move_to(Instant::from_millis(500));
            assert_eq!(clock.next_alarm(), None);
        };
        task.run_until(async { tokio::join!(moved, woken) }).await.1.unwrap();
    }

    #[test]
    fn switching_on_begins_a_time_of_its_own() {
        let clock = Clock::by_command();
        clock.move_to(Instant::from_millis(9_000));
        let wall = clock.wall();
        clock.switch_on();
        assert_eq!((clock.now(), clock.wall()), (Instant::ZERO, wall));
        clock.move_to(Instant::from_millis(1_000));
        assert_eq!(clock.wall(), wall.plus_millis(1_000));
    }
}
