//! A pilot on a PWM channel and a converter, alone and with a guard that charges a car.

use crate::pins::Pin;
use drivers::{GpioContactor, PilotError, PlateauSource, PwmPilot, RawPlateaus, Scale};
use embedded_hal::digital::PinState::High;
use embedded_hal::pwm::{ErrorType, SetDutyCycle};
use evse_hal::pilot::{ControlPilot, Duty, PilotState};
use evse_hal::safety::{Fault, Guard, Limits, Parts, Request};
use heapless::spsc::{Consumer, Producer, Queue};
use proptest::prelude::*;
use std::cell::Cell;

/// 12 bits, −12 V to +12 V on about the middle nine tenths.
const SCALE: Scale = Scale {
    zero: 2048,
    steps_to_12_volts: 1800,
};
const MAX: u16 = 40_000;

type Samples = Queue<RawPlateaus, 33>;

struct Channel {
    duty: Cell<u16>,
    max: u16,
    broken: Cell<bool>,
}

impl Channel {
    const fn new() -> Self {
        Self {
            duty: Cell::new(0),
            max: MAX,
            broken: Cell::new(false),
        }
    }
}

impl ErrorType for &Channel {
    type Error = crate::pins::Broken;
}

impl SetDutyCycle for &Channel {
    fn max_duty_cycle(&self) -> u16 {
        self.max
    }

    fn set_duty_cycle(&mut self, duty: u16) -> Result<(), crate::pins::Broken> {
        assert!(duty <= self.max);
        self.duty.set(duty);
        if self.broken.get() {
            Err(crate::pins::Broken)
        } else {
            Ok(())
        }
    }
}

impl embedded_hal::pwm::Error for crate::pins::Broken {
    fn kind(&self) -> embedded_hal::pwm::ErrorKind {
        embedded_hal::pwm::ErrorKind::Other
    }
}

/// The other end: what the converter sees with this vehicle.
struct Vehicle<'a> {
    channel: &'a Channel,
    samples: Producer<'a, RawPlateaus>,
}

impl Vehicle<'_> {
    /// So many periods in which it puts the high plateau at `volts`. With a diode it leaves −12 V alone.
    fn shows(&mut self, periods: u32, volts: i32, diode: bool) {
        let raw = |volts: i32| (2048 + volts * 150) as u16;
        for _ in 0..periods {
            let (high, low) = match self.channel.duty.get() {
                0 => (-12, -12),
                MAX => (volts, volts),
                _ => (volts, if diode { -12 } else { -volts }),
            };
            let sample = RawPlateaus {
                high: raw(high),
                low: raw(low),
            };
            let _ = self.samples.enqueue(sample);
        }
    }
}

type Pilot<'a> = PwmPilot<&'a Channel, Consumer<'a, RawPlateaus>>;

fn fitted<'a>(channel: &'a Channel, queue: &'a mut Samples, scale: Scale, debounce: u8) -> (Pilot<'a>, Vehicle<'a>) {
    let (samples, source) = queue.split();
    let pilot = PwmPilot::new(channel, source, scale, debounce).unwrap();
    (pilot, Vehicle { channel, samples })
}

fn duty(basis_points: u16) -> Duty {
    Duty::from_basis_points(basis_points).unwrap()
}

#[test]
fn what_is_ordered_is_put_out() {
    let (channel, mut queue) = (Channel::new(), Samples::new());
    let mut pilot = PwmPilot::new(&channel, queue.split().1, SCALE, 20).unwrap();
    assert_eq!(channel.duty.get(), MAX, "+12 V first of all");
    pilot.offer(Duty::for_current(16_000).unwrap()).unwrap();
    assert_eq!(channel.duty.get(), 10_664);
    pilot.offer(Duty::DIGITAL).unwrap();
    assert_eq!(channel.duty.get(), 2_000);
    pilot.fail().unwrap();
    assert_eq!(channel.duty.get(), 0);
    pilot.withdraw().unwrap();
    assert_eq!(channel.duty.get(), MAX);
}

#[test]
fn every_state() {
    let (channel, mut queue) = (Channel::new(), Samples::new());
    let (mut pilot, mut vehicle) = fitted(&channel, &mut queue, SCALE, 5);
    pilot.offer(duty(2_666)).unwrap();
    for (volts, state) in [
        (12, PilotState::A),
        (9, PilotState::B),
        (6, PilotState::C),
        (3, PilotState::D),
        (0, PilotState::E),
    ] {
        vehicle.shows(5, volts, true);
        assert_eq!(pilot.state(), Ok(state));
    }
    pilot.fail().unwrap();
    vehicle.shows(5, 9, true);
    assert_eq!(pilot.state(), Ok(PilotState::F));
}

#[test]
fn missing_diode() {
    let (channel, mut queue) = (Channel::new(), Samples::new());
    let (mut pilot, mut vehicle) = fitted(&channel, &mut queue, SCALE, 5);
    vehicle.shows(5, 6, false);
    assert_eq!(pilot.state(), Ok(PilotState::C), "nobody can tell without PWM");
    pilot.offer(duty(2_666)).unwrap();
    vehicle.shows(5, 6, false);
    assert_eq!(pilot.state(), Ok(PilotState::E));
    assert!(pilot.monitor().diode_fault());
}

#[test]
fn samples_belong_to_the_pwm_of_their_time() {
    let (channel, mut queue) = (Channel::new(), Samples::new());
    let (mut pilot, mut vehicle) = fitted(&channel, &mut queue, SCALE, 5);
    vehicle.shows(30, 9, true);
    pilot.offer(duty(2_666)).unwrap();
    assert_eq!(pilot.state(), Ok(PilotState::B), "+9 V without PWM is no missing diode");
}

#[test]
fn dead_converter() {
    let (channel, mut queue) = (Channel::new(), Samples::new());
    let (mut pilot, mut vehicle) = fitted(&channel, &mut queue, SCALE, 5);
    vehicle.shows(5, 6, true);
    assert_eq!(pilot.state(), Ok(PilotState::C));
    for _ in 0..19 {
        assert_eq!(pilot.state(), Ok(PilotState::C));
    }
    assert_eq!(pilot.state(), Err(PilotError::NoSamples));
    vehicle.shows(1, 6, true);
    assert_eq!(pilot.state(), Ok(PilotState::C), "it works again");
}

#[test]
fn source_that_never_ends() {
    struct Endless;
    impl PlateauSource for Endless {
        fn next(&mut self) -> Option<RawPlateaus> {
            Some(RawPlateaus { high: 0, low: 0 })
        }
    }
    let channel = Channel::new();
    let mut pilot = PwmPilot::new(&channel, Endless, SCALE, 5).unwrap();
    assert_eq!(pilot.state(), Ok(PilotState::F));
}

#[test]
fn scale_without_steps_is_a_fault() {
    let (channel, mut queue) = (Channel::new(), Samples::new());
    let nothing = Scale {
        steps_to_12_volts: 0,
        ..SCALE
    };
    let (mut pilot, mut vehicle) = fitted(&channel, &mut queue, nothing, 5);
    vehicle.shows(5, 6, true);
    assert_eq!(pilot.state(), Ok(PilotState::E));
}

#[test]
fn pwm_that_does_not_suit() {
    let (mut channel, mut queue) = (Channel::new(), Samples::new());
    channel.max = 999;
    let coarse = PwmPilot::new(&channel, queue.split().1, SCALE, 5);
    assert_eq!(coarse.err(), Some(PilotError::Coarse));
    channel.max = MAX;
    let mut pilot = PwmPilot::new(&channel, queue.split().1, SCALE, 5).unwrap();
    channel.broken.set(true);
    assert_eq!(pilot.offer(duty(2_666)), Err(PilotError::Pwm));
    assert_eq!(pilot.withdraw(), Err(PilotError::Pwm));
    assert_eq!(pilot.fail(), Err(PilotError::Pwm));
}

/// A car on these drivers and a guard, a look every 5 ms.
struct Charger<'a> {
    guard: Guard<Parts<Pilot<'a>, GpioContactor<&'a Pin, &'a Pin>>>,
    vehicle: Vehicle<'a>,
    coil: &'a Pin,
    mirror: &'a Pin,
    welded: bool,
    dead_coil: bool,
    now: u64,
}

impl<'a> Charger<'a> {
    fn new(channel: &'a Channel, queue: &'a mut Samples, coil: &'a Pin, mirror: &'a Pin) -> Self {
        mirror.high.set(true);
        let (pilot, vehicle) = fitted(channel, queue, SCALE, 20);
        let contactor = GpioContactor::new(coil, High, mirror, High).unwrap();
        Self {
            guard: Guard::new(Limits::new(16_000), Parts::new(pilot, contactor)),
            vehicle,
            coil,
            mirror,
            welded: false,
            dead_coil: false,
            now: 0,
        }
    }

    /// The vehicle shows so many volts for so long; `None` is a converter that died.
    fn runs(&mut self, ms: u64, volts: Option<i32>) {
        let request = Request {
            permit: true,
            ..Request::NONE
        };
        for _ in 0..ms / 5 {
            self.now += 5;
            if let Some(volts) = volts {
                self.vehicle.shows(5, volts, true);
            }
            self.guard.step(self.now, Some(request));
            let pulls = self.coil.high.get() && !self.dead_coil;
            self.mirror.high.set(!pulls && !self.welded);
        }
    }

    fn charges(&mut self) {
        self.runs(2_000, Some(12));
        self.runs(1_000, Some(9));
        assert!(!self.coil.high.get());
        self.runs(3_000, Some(6));
        assert!(self.coil.high.get(), "{:?}", self.guard.report());
        assert!(self.guard.report().faults.is_empty());
    }
}

#[test]
fn car_charges_and_stops() {
    let (channel, mut queue, coil, mirror) = (Channel::new(), Samples::new(), Pin::default(), Pin::default());
    let mut charger = Charger::new(&channel, &mut queue, &coil, &mirror);
    charger.charges();
    charger.runs(100, Some(9));
    assert!(!coil.high.get(), "100 ms after C to B");
    assert!(charger.guard.report().faults.is_empty());
}

#[test]
fn converter_dies_while_charging() {
    let (channel, mut queue, coil, mirror) = (Channel::new(), Samples::new(), Pin::default(), Pin::default());
    let mut charger = Charger::new(&channel, &mut queue, &coil, &mirror);
    charger.charges();
    charger.runs(110, None);
    assert!(!coil.high.get());
    assert!(charger.guard.report().faults.contains(Fault::Pilot));
}

#[test]
fn contactor_welds_while_charging() {
    let (channel, mut queue, coil, mirror) = (Channel::new(), Samples::new(), Pin::default(), Pin::default());
    let mut charger = Charger::new(&channel, &mut queue, &coil, &mirror);
    charger.charges();
    charger.welded = true;
    charger.runs(1_000, Some(9));
    assert!(!coil.high.get());
    assert!(charger.guard.report().faults.contains(Fault::Welded));
}

#[test]
fn coil_does_not_pull() {
    let (channel, mut queue, coil, mirror) = (Channel::new(), Samples::new(), Pin::default(), Pin::default());
    let mut charger = Charger::new(&channel, &mut queue, &coil, &mirror);
    charger.dead_coil = true;
    charger.runs(2_000, Some(12));
    charger.runs(1_000, Some(9));
    charger.runs(3_000, Some(6));
    assert!(!coil.high.get(), "given up");
    assert!(charger.guard.report().faults.contains(Fault::Contactor));
}

#[test]
fn pwm_fails_while_charging() {
    let (channel, mut queue, coil, mirror) = (Channel::new(), Samples::new(), Pin::default(), Pin::default());
    let mut charger = Charger::new(&channel, &mut queue, &coil, &mirror);
    charger.charges();
    channel.broken.set(true);
    charger.guard.step(
        charger.now,
        Some(Request {
            permit: true,
            limit: Some(10_000),
            ..Request::NONE
        }),
    );
    charger.runs(100, Some(6));
    assert!(!coil.high.get());
    assert!(charger.guard.report().faults.contains(Fault::Pilot));
}

#[test]
fn wire_of_the_mirror_contact_breaks_while_open() {
    let (channel, mut queue, coil, mirror) = (Channel::new(), Samples::new(), Pin::default(), Pin::default());
    let mut charger = Charger::new(&channel, &mut queue, &coil, &mirror);
    charger.welded = true;
    charger.runs(2_000, Some(12));
    charger.runs(1_000, Some(9));
    charger.runs(3_000, Some(6));
    assert!(!coil.high.get());
    assert!(charger.guard.report().faults.contains(Fault::Welded));
}

proptest! {
    /// Whatever the converter says, there is a state, and none but A without enough samples that say so.
    #[test]
    fn any_samples(raw in proptest::collection::vec(any::<(u16, u16)>(), 0..32), zero: u16, steps: i16) {
        let (channel, mut queue) = (Channel::new(), Samples::new());
        let (mut samples, source) = queue.split();
        let mut pilot = PwmPilot::new(&channel, source, Scale { zero, steps_to_12_volts: steps }, 20).unwrap();
        let few = raw.len() < 20;
        for (high, low) in raw {
            samples.enqueue(RawPlateaus { high, low }).unwrap();
        }
        let state = pilot.state().unwrap();
        prop_assert!(!few || state == PilotState::A, "debounced");
    }

    /// Never more current than was offered.
    #[test]
    fn rounds_down(milliamps in 6_000u32..80_000, max in 1_000u16..) {
        let (mut channel, mut queue) = (Channel::new(), Samples::new());
        channel.max = max;
        let mut pilot = PwmPilot::new(&channel, queue.split().1, SCALE, 5).unwrap();
        let duty = Duty::for_current(milliamps).unwrap();
        pilot.offer(duty).unwrap();
        prop_assert!(u64::from(channel.duty.get()) * 10_000 <= u64::from(duty.basis_points()) * u64::from(max));
    }
}
