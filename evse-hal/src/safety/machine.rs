//! The machine: what was read and what is wanted becomes facts, the facts become a state, the state becomes orders.

use super::excess::Excess;
use super::fault::{Fault, Faults};
use super::heat::Heat;
use super::limits::Limits;
use super::lock::{LockOrder, LockOutcome, Movement};
use super::message::{Report, Request};
use super::state::{Facts, State, Test, next};
use crate::connector::{Cable, LockPosition};
use crate::pilot::{Duty, Offer, PilotState, WakeUp};
use crate::sensors::Residual;

/// After state F was shown, for so long a pilot may still read F, in ms: until its debounce has noticed.
const AFTERGLOW: u64 = 200;

/// What the hardware says; `None` is what could not be read.
#[derive(Clone, Copy, Debug)]
pub struct Readings {
    pub(super) pilot: Option<PilotState>,
    pub(super) closed: Option<bool>,
    pub(super) lock: Option<LockPosition>,
    pub(super) cable: Option<Cable>,
    pub(super) residual: Option<Residual>,
    /// `Some(None)` is no thermometer.
    pub(super) temperature: Option<Option<i16>>,
    /// Of the phase that carries most.
    pub(super) milliamps: Option<u32>,
}

/// What to show on the pilot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    Nothing,
    Offer(Duty),
    Fail,
}

/// What is to be done, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Orders {
    pub show: Show,
    pub close: bool,
    pub lock: LockOrder,
    pub test: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Machine {
    limits: Limits,
    state: State,
    /// What the vehicle said last.
    pilot: PilotState,
    departures: u8,
    /// Until then a reading of F is what was shown, not what the vehicle says.
    own_f_until: u64,
    /// State F is to be shown until then, because of a fault.
    fail_until: u64,
    wake_up: WakeUp,
    /// Whether the contactor is closed, as far as known. At first nobody knows, which counts as closed.
    closed: bool,
    /// Since when the contactor is not where it should be.
    astray_since: Option<u64>,
    opened_at: Option<u64>,
    stopping_since: u64,
    test: Test,
    test_since: u64,
    heat: Heat,
    excess: Excess,
    movement: Movement,
    lock_number: u8,
    lock: Option<LockOutcome>,
    acknowledged: u8,
    cable: Option<bool>,
    /// Of the last look.
    present: Faults,
    /// Why energy pauses.
    paused: Faults,
    paused_until: u64,
    /// How often it was interrupted in this visit.
    interruptions: u8,
    latched: Faults,
    now: u64,
}

impl Machine {
    pub(super) const fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: State::Off,
            pilot: PilotState::A,
            departures: 0,
            own_f_until: 0,
            fail_until: 0,
            wake_up: WakeUp::NEW,
            closed: true,
            astray_since: None,
            opened_at: None,
            stopping_since: 0,
            test: Test::Needed,
            test_since: 0,
            heat: Heat::NEW,
            excess: Excess::NEW,
            movement: Movement::NONE,
            lock_number: 0,
            lock: None,
            acknowledged: 0,
            cable: None,
            present: Faults::NONE,
            paused: Faults::NONE,
            paused_until: 0,
            interruptions: 0,
            latched: Faults::NONE,
            now: 0,
        }
    }

    pub(super) const fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) const fn state(&self) -> State {
        self.state
    }

    pub(super) fn report(&self) -> Report {
        Report {
            state: self.state,
            pilot: self.pilot,
            departures: self.departures,
            cable: self.cable,
            lock: self.lock,
            lock_number: self.lock_number,
            closed: self.closed,
            faults: self.present.union(self.paused).union(self.latched),
        }
    }

    /// Takes a look, and decides. Without `alive` nothing is permitted.
    pub(super) fn step(&mut self, now: u64, request: &Request, alive: bool, readings: &Readings) -> Orders {
        self.now = now;
        let mut present = Faults::NONE;
        self.look_at_pilot(readings.pilot, &mut present);
        self.look_at_contactor(readings.closed, &mut present);
        self.look_at_monitor(readings.residual, &mut present);
        let limit = self.look_at_limits(request, readings, &mut present);
        if self.lock_number != request.lock_number {
            self.lock_number = request.lock_number;
            self.movement.wish(now, request.lock);
        }
        self.lock = self.movement.outcome(now, self.limits.lock_ms, readings.lock);
        self.forgive(request);
        self.latch(present);

        let open = readings.closed == Some(false);
        let duty = Duty::for_current(limit);
        let facts = Facts {
            pilot: self.pilot,
            ventilated: self.limits.ventilated,
            wanted: alive && request.permit && duty.is_some() && !self.movement.wants_plug(readings.lock),
            halt: request.halt,
            held: readings.lock.is_some_and(LockPosition::is_secure),
            open,
            test: self.test,
            rested: self.rested_at() <= now,
            grace_over: self.state == State::Stopping && self.grace_ends() <= now,
            fault: !present.is_empty(),
            pausing: now < self.paused_until,
            danger: !self.latched.is_empty(),
        };
        let before = self.state;
        self.enter(next(before, &facts));

        let offers = facts.may_offer() && matches!(self.state, State::Off | State::Testing | State::On);
        let duty = duty.filter(|_| offers);
        let woken = self.wake_up.step(now, duty.is_some(), self.pilot);
        let failing = self.state == State::Latched && now < self.fail_until && self.pilot != PilotState::A;
        let show = match duty {
            _ if failing || woken => Show::Fail,
            Some(duty) => Show::Offer(duty),
            None => Show::Nothing,
        };
        if show == Show::Fail {
            self.own_f_until = now.saturating_add(AFTERGLOW);
        }
        let close = self.state.is_energized();
        self.excess.offered(now, duty.map(milliamps), close);
        Orders {
            show,
            close,
            lock: self.movement.order(readings.lock, open && !close),
            test: self.state == State::Testing && before != State::Testing,
        }
    }

    /// An order could not be carried out.
    pub(super) fn failed(&mut self, fault: Fault) {
        let fault = [fault].into_iter().collect();
        self.latch(self.present.union(fault));
        if self.latched.is_empty() {
            self.enter(State::Paused);
            self.paused_until = self.now.saturating_add(self.limits.retry_ms.into());
        } else {
            self.enter(State::Latched);
        }
    }

    pub(super) fn lock_refused(&mut self) {
        self.movement.refused();
    }

    /// When the next look is due, if nothing happens before.
    pub(super) fn deadline(&self) -> Option<u64> {
        let contactor = self
            .astray_since
            .map(|since| since.saturating_add(self.limits.contactor_ms.into()));
        let grace = (self.state == State::Stopping).then(|| self.grace_ends());
        let rest = (!self.state.is_energized()).then(|| self.rested_at());
        let test = (self.test == Test::Running).then(|| self.test_ends());
        let timers = [
            contactor,
            grace,
            rest,
            test,
            self.movement.deadline(self.limits.lock_ms),
            self.wake_up.deadline(),
            Some(self.paused_until),
            Some(self.fail_until),
            Some(self.own_f_until),
        ];
        let timers = timers.into_iter().flatten().chain(self.excess.deadlines());
        timers.filter(|&at| at > self.now).min()
    }

    fn look_at_pilot(&mut self, pilot: Option<PilotState>, present: &mut Faults) {
        let pilot = match pilot {
            // Nobody sees what the vehicle does meanwhile; it is there, and that is all.
            Some(PilotState::F) if self.now < self.own_f_until => match self.pilot {
                PilotState::C | PilotState::D => PilotState::B,
                before => before,
            },
            pilot => pilot.unwrap_or(PilotState::E),
        };
        if pilot == PilotState::A && self.pilot != PilotState::A {
            self.departures = self.departures.wrapping_add(1);
            self.interruptions = 0;
            if self.test == Test::Passed {
                self.test = Test::Needed;
            }
        }
        self.pilot = pilot;
        if matches!(pilot, PilotState::E | PilotState::F) {
            present.insert(Fault::Pilot);
        }
    }

    /// Notices a contactor that does not follow its orders, or of which nothing is known.
    fn look_at_contactor(&mut self, closed: Option<bool>, present: &mut Faults) {
        self.closed = closed.unwrap_or(self.closed);
        let ordered = self.state.is_energized();
        if closed == Some(ordered) {
            self.astray_since = None;
            return;
        }
        let since = *self.astray_since.get_or_insert(self.now);
        if self.now >= since.saturating_add(self.limits.contactor_ms.into()) {
            present.insert(if closed == Some(true) {
                Fault::Welded
            } else {
                Fault::Contactor
            });
        }
    }

    fn look_at_monitor(&mut self, residual: Option<Residual>, present: &mut Faults) {
        match residual {
            None => present.insert(Fault::Sensor),
            Some(Residual::Dc | Residual::Ac) => {
                self.test = Test::Needed;
                present.insert(Fault::ResidualCurrent);
            }
            // Told once: what failed is latched, and may pass the next test.
            Some(Residual::TestFailed) if self.test == Test::Needed => {}
            Some(Residual::TestFailed) => {
                self.test = Test::Needed;
                present.insert(Fault::SelfTest);
            }
            Some(Residual::Testing) if self.test == Test::Running && self.now < self.test_ends() => {}
            // Too long, or nobody asked for it: meanwhile nobody watches.
            Some(Residual::Testing) => {
                self.test = Test::Needed;
                present.insert(Fault::SelfTest);
            }
            Some(Residual::Clear) if self.test == Test::Running => self.test = Test::Passed,
            Some(Residual::Clear) => {}
        }
    }

    /// The most that may be offered, in mA; what the board can deliver is part of what the temperature allows.
    fn look_at_limits(&mut self, request: &Request, readings: &Readings, present: &mut Faults) -> u32 {
        let cable = match readings.cable {
            Some(Cable::Fixed) => u32::MAX,
            Some(Cable::Absent) => {
                self.cable = Some(false);
                u32::MAX
            }
            Some(Cable::Present { max_milliamps }) => {
                self.cable = Some(true);
                max_milliamps
            }
            None => {
                present.insert(Fault::Cable);
                0
            }
        };
        let heat = match readings
            .temperature
            .map(|reading| self.heat.step(&self.limits, reading))
        {
            Some(Ok(milliamps)) => milliamps,
            Some(Err(fault)) => {
                present.insert(fault);
                0
            }
            None => {
                present.insert(Fault::Sensor);
                0
            }
        };
        match readings.milliamps {
            Some(milliamps) if self.excess.is_too_much(self.now, &self.limits.over_current, milliamps) => {
                present.insert(Fault::OverCurrent);
            }
            Some(_) => {}
            None => present.insert(Fault::Sensor),
        }
        request.limit.unwrap_or(u32::MAX).min(cable).min(heat)
    }

    /// Lets go of latched faults, if the vehicle is gone or somebody says so. What is still there is latched anew.
    fn forgive(&mut self, request: &Request) {
        let acknowledged = self.acknowledged != request.acknowledged;
        self.acknowledged = request.acknowledged;
        if acknowledged {
            self.interruptions = 0;
            self.paused_until = self.now;
        }
        if acknowledged || self.pilot == PilotState::A {
            self.latched = Faults::NONE;
        }
    }

    fn latch(&mut self, present: Faults) {
        self.present = present;
        self.latched = self.latched.union(present.dangerous());
        if self.state.is_energized() && !present.is_empty() {
            if self.interruptions >= self.limits.retries {
                self.latched = self.latched.union(present);
            }
            self.interruptions = self.interruptions.saturating_add(1);
        }
    }

    fn enter(&mut self, state: State) {
        if state == self.state {
            return;
        }
        if self.state.is_energized() != state.is_energized() {
            self.astray_since = None;
            self.opened_at = (!state.is_energized()).then_some(self.now);
        }
        match state {
            State::Stopping => self.stopping_since = self.now,
            State::Testing => {
                self.test = Test::Running;
                self.test_since = self.now;
            }
            State::Latched => self.fail_until = self.now.saturating_add(self.limits.fail_ms.max(300).into()),
            State::Paused => {
                self.paused = self.present;
                // What the vehicle did wrong it would do again at once; everything else has passed when it has passed.
                if self.present.contains(Fault::OverCurrent) {
                    self.paused_until = self.now.saturating_add(self.limits.retry_ms.into());
                }
            }
            State::Off | State::On => {}
        }
        if state != State::Paused {
            self.paused = Faults::NONE;
        }
        self.state = state;
    }

    fn grace_ends(&self) -> u64 {
        self.stopping_since.saturating_add(self.limits.grace_ms.into())
    }

    fn rested_at(&self) -> u64 {
        self.opened_at
            .map_or(0, |at| at.saturating_add(self.limits.rest_ms.into()))
    }

    fn test_ends(&self) -> u64 {
        self.test_since.saturating_add(self.limits.test_ms.into())
    }
}

const fn milliamps(duty: Duty) -> u32 {
    match duty.offer() {
        Offer::Milliamps(milliamps) => milliamps,
        Offer::Nothing | Offer::Digital => 0,
    }
}
