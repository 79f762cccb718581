//! A control pilot from a PWM channel and a converter that it triggers.

use core::fmt;
use embedded_hal::pwm::SetDutyCycle;
use evse_hal::pilot::{ControlPilot, Duty, Monitor, PilotState, Plateaus};
use evse_hal::{Error, ErrorKind, ErrorType};
use heapless::spsc::Consumer;

/// Coarser PWM would offer less than the smallest current of 10 %, or several amperes less than ordered.
const MIN_RESOLUTION: u16 = 1000;
/// Most samples taken at once, so that a broken source cannot hold up the caller.
const MOST: u8 = 64;
/// So many looks in a row without a sample, and the converter counts as dead.
const PATIENCE: u8 = 20;

/// What the converter said in one period of the PWM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawPlateaus {
    /// Shortly after the rising edge: at 10 % duty the plateau is over after 100 µs.
    pub high: u16,
    /// Shortly before the next rising edge.
    pub low: u16,
}

/// Where the samples come from: a queue that the interrupt of the converter fills, or the buffer of its DMA.
///
/// One sample per period of 1 ms, with PWM and without, in their order. If there is no room the newest are lost.
pub trait PlateauSource {
    /// The oldest sample that was not taken yet. Must not wait.
    fn next(&mut self) -> Option<RawPlateaus>;
}

impl PlateauSource for Consumer<'_, RawPlateaus> {
    fn next(&mut self) -> Option<RawPlateaus> {
        self.dequeue()
    }
}

/// How the converter sees the pilot, behind a divider that lifts −12 V above 0: a straight line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// What the converter says at 0 V on the pilot.
    pub zero: u16,
    /// Steps from there to +12 V on the pilot; negative for a divider that turns the sign. 0 reads as 0 V always, which is
    /// state E.
    pub steps_to_12_volts: i16,
}

impl Scale {
    fn millivolts(self, raw: u16) -> i32 {
        i32::from(raw)
            .saturating_sub(self.zero.into())
            .saturating_mul(12_000)
            .checked_div(self.steps_to_12_volts.into())
            .unwrap_or(0)
    }
}

/// A control pilot.
///
/// The PWM channel runs at 1 kHz and is high for as long as the pilot is at +12 V. [`state`](ControlPilot::state) takes
/// the samples since the last time to a [`Monitor`]; a guard asks for it every few milliseconds. After 20 such looks
/// without one sample the state is an error, which a guard takes for state E: a dead converter never keeps energy on.
///
/// ```
/// # use embedded_hal::pwm::{ErrorType, SetDutyCycle};
/// # use std::convert::Infallible;
/// # struct Channel;
/// # impl ErrorType for Channel { type Error = Infallible; }
/// # impl SetDutyCycle for Channel {
/// #     fn max_duty_cycle(&self) -> u16 { 40_000 }
/// #     fn set_duty_cycle(&mut self, _: u16) -> Result<(), Infallible> { Ok(()) }
/// # }
/// # let channel = Channel;
/// use drivers::{PwmPilot, RawPlateaus, Scale};
/// use evse_hal::pilot::{ControlPilot, PilotState};
/// use heapless::spsc::Queue;
///
/// // In firmware in a `static`.
/// let mut queue: Queue<RawPlateaus, 33> = Queue::new();
/// let (mut samples, source) = queue.split();
/// let scale = Scale { zero: 2048, steps_to_12_volts: 1800 };
/// let mut pilot = PwmPilot::new(channel, source, scale, 20)?;
///
/// for _ in 0..20 {
///     // In the interrupt of the converter; +9 V without PWM.
///     samples.enqueue(RawPlateaus { high: 3398, low: 3398 }).ok();
/// }
/// assert_eq!(pilot.state(), Ok(PilotState::B));
/// # Ok::<(), drivers::PilotError>(())
/// ```
#[derive(Debug)]
pub struct PwmPilot<P, S> {
    pwm: P,
    source: S,
    scale: Scale,
    monitor: Monitor,
    offering: bool,
    /// Looks in a row that found no sample.
    missed: u8,
}

impl<P: SetDutyCycle, S: PlateauSource> PwmPilot<P, S> {
    /// A pilot at +12 V, which believes a state after `debounce` samples in a row, see [`Monitor::new`].
    ///
    /// # Errors
    /// [`PilotError::Coarse`] if the PWM has fewer than 1000 steps, [`PilotError::Pwm`] if it fails.
    pub fn new(pwm: P, source: S, scale: Scale, debounce: u8) -> Result<Self, PilotError> {
        if pwm.max_duty_cycle() < MIN_RESOLUTION {
            return Err(PilotError::Coarse);
        }
        let mut pilot = Self {
            pwm,
            source,
            scale,
            monitor: Monitor::new(debounce),
            offering: false,
            missed: 0,
        };
        pilot.withdraw()?;
        Ok(pilot)
    }

    /// Why the state is E, if it is: see [`Monitor::diode_fault`].
    pub const fn monitor(&self) -> &Monitor {
        &self.monitor
    }

    /// Gives all samples so far to the monitor; returns whether there was one.
    fn take_samples(&mut self) -> bool {
        let mut any = false;
        for _ in 0..MOST {
            let Some(RawPlateaus { high, low }) = self.source.next() else {
                break;
            };
            any = true;
            self.monitor.sample(Plateaus {
                high: self.scale.millivolts(high),
                low: self.offering.then(|| self.scale.millivolts(low)),
            });
        }
        any
    }

    /// Samples until now were taken with the PWM as it was until now.
    fn turn(&mut self, offering: bool) {
        self.missed = if self.take_samples() { 0 } else { self.missed };
        self.offering = offering;
    }
}

impl<P, S> ErrorType for PwmPilot<P, S> {
    type Error = PilotError;
}

impl<P: SetDutyCycle, S: PlateauSource> ControlPilot for PwmPilot<P, S> {
    fn offer(&mut self, duty: Duty) -> Result<(), PilotError> {
        self.turn(true);
        // Rounds down, and so never offers more.
        self.pwm
            .set_duty_cycle_fraction(duty.basis_points(), 10_000)
            .map_err(|_| PilotError::Pwm)
    }

    fn withdraw(&mut self) -> Result<(), PilotError> {
        self.turn(false);
        self.pwm.set_duty_cycle_fully_on().map_err(|_| PilotError::Pwm)
    }

    fn fail(&mut self) -> Result<(), PilotError> {
        self.turn(false);
        self.pwm.set_duty_cycle_fully_off().map_err(|_| PilotError::Pwm)
    }

    fn state(&mut self) -> Result<PilotState, PilotError> {
        self.missed = if self.take_samples() {
            0
        } else {
            self.missed.saturating_add(1)
        };
        match self.missed {
            ..PATIENCE => Ok(self.monitor.state()),
            _ => Err(PilotError::NoSamples),
        }
    }
}

/// Why a pilot does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PilotError {
    /// The PWM channel failed.
    Pwm,
    /// The PWM has too few steps.
    Coarse,
    /// The converter gives nothing.
    NoSamples,
}

impl fmt::Display for PilotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pwm => "the PWM failed",
            Self::Coarse => "the PWM has too few steps",
            Self::NoSamples => "no samples of the pilot",
        })
    }
}

impl core::error::Error for PilotError {}

impl Error for PilotError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Pwm => ErrorKind::Bus,
            Self::Coarse => ErrorKind::Other,
            Self::NoSamples => ErrorKind::Timeout,
        }
    }
}
