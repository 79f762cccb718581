//! The control pilot of IEC 61851-1: the line on which station and vehicle tell each other current and readiness.
//!
//! [`ControlPilot`] is the trait that a board implements. [`Duty`] translates between current and PWM duty cycle,
//! [`Monitor`] makes a debounced state out of measured voltages, and [`WakeUp`] knows when to wake a sleeping vehicle:
//! integer code without hardware. A board uses the first two; the last one is used by [`safety`](crate::safety).

mod duty;
mod monitor;
mod wake_up;

pub use duty::{Duty, Offer};
pub use monitor::{Monitor, Plateaus};
pub use wake_up::WakeUp;

use crate::error::ErrorType;

/// The station's end of a control pilot.
///
/// # For board authors
///
/// Out: a square wave of 1 kHz between +12 V and −12 V while current is offered, constant −12 V to show a fault, constant
/// +12 V otherwise and after reset. In: the vehicle pulls the positive plateau down, and that is the state; measure both plateaus in step with the
/// PWM and feed them to a [`Monitor`] once per period. [`state`](Self::state) returns what that says last; it must not
/// wait.
///
/// ```
/// use embedded_hal::pwm::SetDutyCycle;
/// use evse_hal::pilot::{ControlPilot, Duty, Monitor, PilotState, Plateaus};
/// use evse_hal::{ErrorKind, ErrorType};
///
/// struct Pilot<P> {
///     pwm: P,
///     offering: bool,
///     monitor: Monitor,
/// }
///
/// impl<P> Pilot<P> {
///     /// From the interrupt of the converter, once per period.
///     fn measured(&mut self, high: i32, low: i32) {
///         let low = self.offering.then_some(low);
///         self.monitor.sample(Plateaus { high, low });
///     }
/// }
///
/// impl<P> ErrorType for Pilot<P> {
///     type Error = ErrorKind;
/// }
///
/// impl<P: SetDutyCycle> ControlPilot for Pilot<P> {
///     fn offer(&mut self, duty: Duty) -> Result<(), ErrorKind> {
///         self.offering = true;
///         self.pwm.set_duty_cycle_fraction(duty.basis_points(), 10_000).map_err(|_| ErrorKind::Bus)
///     }
///
///     fn withdraw(&mut self) -> Result<(), ErrorKind> {
///         self.offering = false;
///         self.pwm.set_duty_cycle_fully_on().map_err(|_| ErrorKind::Bus)
///     }
///
///     fn fail(&mut self) -> Result<(), ErrorKind> {
///         self.offering = false;
///         self.pwm.set_duty_cycle_fully_off().map_err(|_| ErrorKind::Bus)
///     }
///
///     fn state(&mut self) -> Result<PilotState, ErrorKind> {
///         Ok(self.monitor.state())
///     }
/// }
/// ```
///
/// # For users
///
/// Offer only with permission, and withdraw before the contactor opens; a [`Guard`](crate::safety::Guard) sees to that.
pub trait ControlPilot: ErrorType {
    /// Offers current: PWM with this duty cycle from now on.
    fn offer(&mut self, duty: Duty) -> Result<(), Self::Error>;

    /// Offers nothing: constant +12 V from now on.
    fn withdraw(&mut self) -> Result<(), Self::Error>;

    /// Shows state F: constant −12 V from now on. [`offer`](Self::offer) and [`withdraw`](Self::withdraw) end it.
    fn fail(&mut self) -> Result<(), Self::Error>;

    /// What the vehicle says, debounced. An error counts as state E.
    fn state(&mut self) -> Result<PilotState, Self::Error>;
}

impl<T: ControlPilot + ?Sized> ControlPilot for &mut T {
    fn offer(&mut self, duty: Duty) -> Result<(), Self::Error> {
        T::offer(self, duty)
    }

    fn withdraw(&mut self) -> Result<(), Self::Error> {
        T::withdraw(self)
    }

    fn fail(&mut self) -> Result<(), Self::Error> {
        T::fail(self)
    }

    fn state(&mut self) -> Result<PilotState, Self::Error> {
        T::state(self)
    }
}

/// State of a control pilot.
///
/// ```
/// use evse_hal::pilot::PilotState;
///
/// assert!(PilotState::B.is_connected() && !PilotState::B.is_ready());
/// assert!(PilotState::D.is_ready());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum PilotState {
    /// +12 V: no vehicle.
    #[default]
    A,
    /// +9 V: a vehicle is connected, and not ready.
    B,
    /// +6 V: the vehicle is ready.
    C,
    /// +3 V: the vehicle is ready, if the room is ventilated.
    D,
    /// 0 V, or nothing readable: a fault.
    E,
    /// −12 V: the station is not available.
    F,
}

impl PilotState {
    /// All states.
    pub const ALL: [Self; 6] = [Self::A, Self::B, Self::C, Self::D, Self::E, Self::F];

    /// Whether a vehicle is connected.
    pub const fn is_connected(self) -> bool {
        matches!(self, Self::B | Self::C | Self::D)
    }

    /// Whether the vehicle asks for energy.
    pub const fn is_ready(self) -> bool {
        matches!(self, Self::C | Self::D)
    }
}
