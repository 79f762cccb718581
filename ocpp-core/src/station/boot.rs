//! Registration, heartbeats and the wall clock (1.6 §4.2, §4.6; 2.0.1 B01–B03, G02).

use super::Station;
use super::link::Failure;
use super::security::Info;
use crate::contract::Event;
use crate::settings::{SettingId, TimeSource};
use crate::time::{DAY, Instant, is_due, sooner};
use crate::vocabulary::{BootReason, Registration, SecurityEvent};
use crate::wire::Timestamp;

/// Wait before the next BootNotification if the CSMS gives none, in seconds.
const OWN_INTERVAL: u32 = 60;
/// A clock that is off by less is left alone, in milliseconds.
const CLOCK_TOLERANCE: u64 = 1_000;
/// A clock that is set by more than this is news (2.0.1 A04), in milliseconds.
const CLOCK_JUMP: u64 = 20_000;

#[derive(Debug)]
pub(super) struct BootState {
    /// What the CSMS said in this boot; `None` as long as it said nothing.
    pub status: Option<Registration>,
    pub reason: BootReason,
    /// When the next BootNotification may be sent.
    pub next_at: Instant,
    /// The CSMS asked for one.
    pub triggered: bool,
    pub heartbeat_wanted: bool,
    pub last_heartbeat: Instant,
}

impl BootState {
    pub(super) const fn new(reason: BootReason) -> Self {
        Self {
            status: None,
            reason,
            next_at: Instant::ZERO,
            triggered: false,
            heartbeat_wanted: false,
            last_heartbeat: Instant::ZERO,
        }
    }

    pub(super) fn is_accepted(&self) -> bool {
        self.status == Some(Registration::Accepted)
    }
}

/// The time of day, as an offset to the monotonic time in milliseconds.
#[derive(Debug, Default)]
pub(super) struct WallClock {
    pub offset: Option<i64>,
    /// The offset that storage knows.
    pub stored: Option<i64>,
    /// The CSMS told another time than the clock shows.
    pub to_set: Option<Timestamp>,
}

impl Station<'_> {
    /// The time of day; `None` as long as it is not known.
    #[inline(never)]
    pub fn now_utc(&self, now: Instant) -> Option<Timestamp> {
        let millis = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
        self.clock
            .offset
            .map(|offset| Timestamp::from_millis(offset.saturating_add(millis)))
    }

    pub(super) fn boot_answered(&mut self, status: Registration, time: Timestamp, interval: u32, now: Instant) {
        self.boot.triggered = false;
        self.boot.status = Some(status);
        self.events.push(Event::Registered { status, interval });
        match status {
            Registration::Accepted => {
                self.clock_told(time, now);
                if interval > 0 {
                    let interval = i32::try_from(interval).unwrap_or(i32::MAX);
                    self.config
                        .settings
                        .put(SettingId::HeartbeatInterval, crate::settings::Value::Number(interval));
                }
                self.boot.last_heartbeat = now;
                self.note_boot();
                self.tell_all_statuses();
            }
            Registration::Pending | Registration::Rejected => {
                if status == Registration::Pending && self.clock.offset.is_none() {
                    // Reports and status messages that are asked for meanwhile need a time (2.0.1 B02).
                    self.clock_told(time, now);
                }
                let wait = if interval == 0 { OWN_INTERVAL } else { interval };
                self.boot.next_at = now.plus_secs(wait);
            }
        }
    }

    pub(super) fn boot_failed(&mut self, failure: Failure, now: Instant) {
        self.boot.triggered = false;
        // After a lost link the notification is sent again at once with the next one.
        if failure != Failure::Disconnected {
            self.boot.next_at = now.plus_secs(OWN_INTERVAL);
        }
    }

    /// Whether a BootNotification is to be sent now.
    pub(super) fn boot_due(&self, now: Instant) -> bool {
        !self.boot.is_accepted() && (self.boot.triggered || self.boot.next_at <= now)
    }

    pub(super) fn heartbeat_answered(&mut self, time: Timestamp, now: Instant) {
        self.boot.last_heartbeat = now;
        self.clock_told(time, now);
    }

    /// Asks for a heartbeat after inactivity, and once a day for the time.
    pub(super) fn check_heartbeat(&mut self, now: Instant) {
        if self.is_online() && is_due(self.heartbeat_at(), now) {
            self.boot.heartbeat_wanted = true;
        }
    }

    /// After inactivity, and at least once a day for the time of day (1.6J §5.3).
    pub(super) fn heartbeat_at(&self) -> Option<Instant> {
        let interval = self.settings().count(SettingId::HeartbeatInterval);
        let idle = (interval > 0).then(|| self.link.last_sent.plus_secs(interval));
        sooner(idle, Some(self.boot.last_heartbeat.plus_secs(DAY)))
    }

    pub(super) fn boot_deadline(&self) -> Option<Instant> {
        if !self.link.is_up() || self.link.flight.is_some() {
            None
        } else if !self.boot.is_accepted() {
            Some(self.boot.next_at)
        } else if self.boot.heartbeat_wanted {
            None
        } else {
            self.heartbeat_at()
        }
    }

    /// The CSMS's clock is the station's.
    fn clock_told(&mut self, time: Timestamp, now: Instant) {
        // Another source is trusted more, but any time is better than none.
        let trusted = self
            .settings()
            .time_sources()
            .any(|source| source == TimeSource::Heartbeat);
        if !trusted && self.clock.offset.is_some() {
            return;
        }
        let off = self.now_utc(now).map(|utc| utc.as_millis().abs_diff(time.as_millis()));
        if off.is_none_or(|off| off > CLOCK_TOLERANCE) {
            self.set_clock(time, now);
            self.clock.to_set = Some(time);
        }
    }

    pub(super) fn set_clock(&mut self, time: Timestamp, now: Instant) {
        let millis = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
        let before = self.now_utc(now).map(|utc| utc.as_millis().abs_diff(time.as_millis()));
        if before.is_some_and(|off| off > CLOCK_JUMP) {
            self.note(SecurityEvent::SettingSystemTime, Info::new(), now);
        }
        self.clock.offset = Some(time.as_millis().saturating_sub(millis));
        // The grid of the clock has moved.
        self.aligned_at = None;
        self.end_aligned_at = None;
    }

    /// The offset that storage should know but does not: records of this boot get their time from it.
    pub(super) fn clock_to_store(&self) -> Option<i64> {
        let offset = self.clock.offset?;
        let far = self
            .clock
            .stored
            .is_none_or(|stored| stored.abs_diff(offset) > CLOCK_TOLERANCE);
        far.then_some(offset)
    }
}
