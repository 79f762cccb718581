//! What watches over a connector while energy flows: residual current, temperature, current.

use core::convert::Infallible;

use crate::error::ErrorType;

/// A monitor of residual current (IEC 62955: 6 mA DC; with 30 mA AC it replaces a residual current device of type A).
///
/// # For board authors
///
/// - [`state`](Self::state) tells what the monitor sees now and must not wait. A monitor whose output is a pulse latches
///   it until it was read; the caller latches the fault.
/// - [`start_test`](Self::start_test) begins the self test, for instance by driving the test winding, and returns. Directly
///   after it the state is [`Testing`](Residual::Testing), until the test is over and the output of the monitor is at rest
///   again; then it is [`Clear`](Residual::Clear) if the monitor tripped as it should, or
///   [`TestFailed`](Residual::TestFailed) until the next test. A test that takes longer than a second has failed.
/// - A station with a residual current device of type B upstream uses [`NotFitted`].
///
/// ```
/// use embedded_hal::digital::{InputPin, OutputPin};
/// use evse_hal::{ErrorKind, ErrorType, Residual, ResidualCurrentMonitor};
///
/// /// A module with an output for each kind of current, which trips while its test input is driven.
/// struct Module<D, A, T> {
///     dc: D,
///     ac: A,
///     test: T,
///     testing: Option<u8>,
/// }
///
/// impl<D, A, T> ErrorType for Module<D, A, T> {
///     type Error = ErrorKind;
/// }
///
/// impl<D: InputPin, A: InputPin, T: OutputPin> ResidualCurrentMonitor for Module<D, A, T> {
///     fn state(&mut self) -> Result<Residual, ErrorKind> {
///         let dc = self.dc.is_high().map_err(|_| ErrorKind::Bus)?;
///         let ac = self.ac.is_high().map_err(|_| ErrorKind::Bus)?;
///         let looks = match self.testing {
///             None if dc => return Ok(Residual::Dc),
///             None if ac => return Ok(Residual::Ac),
///             None => return Ok(Residual::Clear),
///             Some(looks) => looks,
///         };
///         if dc || looks == 100 {
///             // It has tripped, or never will.
///             self.test.set_low().map_err(|_| ErrorKind::Bus)?;
///             self.testing = None;
///             return Ok(if dc { Residual::Testing } else { Residual::TestFailed });
///         }
///         self.testing = Some(looks + 1);
///         Ok(Residual::Testing)
///     }
///
///     fn start_test(&mut self) -> Result<(), ErrorKind> {
///         self.testing = Some(0);
///         self.test.set_high().map_err(|_| ErrorKind::Bus)
///     }
/// }
/// ```
///
/// # For users
///
/// Test with the contactor open only, before energy flows to a vehicle.
pub trait ResidualCurrentMonitor: ErrorType {
    /// What the monitor sees. An error means that nobody watches.
    fn state(&mut self) -> Result<Residual, Self::Error>;

    /// Starts the self test.
    fn start_test(&mut self) -> Result<(), Self::Error>;
}

impl<T: ResidualCurrentMonitor + ?Sized> ResidualCurrentMonitor for &mut T {
    fn state(&mut self) -> Result<Residual, Self::Error> {
        T::state(self)
    }

    fn start_test(&mut self) -> Result<(), Self::Error> {
        T::start_test(self)
    }
}

/// What a monitor of residual current sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Residual {
    /// Nothing that matters.
    Clear,
    /// Smooth direct current, 6 mA or more.
    Dc,
    /// Alternating or pulsating current, 30 mA or more.
    Ac,
    /// Its self test runs.
    Testing,
    /// It did not pass its self test.
    TestFailed,
}

/// A temperature sensor near the contacts or the power electronics.
///
/// # For board authors
///
/// Return what is hottest if there are several. Reading must not wait: sample in the background.
///
/// ```
/// use evse_hal::{ErrorKind, ErrorType, Thermometer};
///
/// /// An analogue sensor of 10 mV per kelvin, which reads 500 mV at 0 °C.
/// struct Analogue {
///     millivolts: i16,
/// }
///
/// impl ErrorType for Analogue {
///     type Error = ErrorKind;
/// }
///
/// impl Thermometer for Analogue {
///     fn tenths_of_celsius(&mut self) -> Result<Option<i16>, ErrorKind> {
///         match self.millivolts {
///             100..=1_750 => Ok(Some(self.millivolts - 500)),
///             _ => Err(ErrorKind::Implausible), // Broken wire, or a short.
///         }
///     }
/// }
///
/// assert_eq!(Analogue { millivolts: 753 }.tenths_of_celsius(), Ok(Some(253)));
/// ```
///
/// # For users
///
/// Not knowing the temperature is not the same as having no sensor: after an error, charge no more.
pub trait Thermometer: ErrorType {
    /// The temperature in tenths of a degree Celsius; `None` if there is no sensor.
    fn tenths_of_celsius(&mut self) -> Result<Option<i16>, Self::Error>;
}

impl<T: Thermometer + ?Sized> Thermometer for &mut T {
    fn tenths_of_celsius(&mut self) -> Result<Option<i16>, Self::Error> {
        T::tenths_of_celsius(self)
    }
}

/// A quick sensor of the current to the vehicle: a current transformer, a shunt, or the last reading of a meter that is
/// read often.
///
/// # For board authors
///
/// Root mean square of each phase, 0 for a phase that is not there, not older than a second. Reading must not wait.
///
/// ```
/// use evse_hal::{CurrentSensor, ErrorKind, ErrorType};
///
/// struct Transformers {
///     milliamps: [u32; 3],
/// }
///
/// impl ErrorType for Transformers {
///     type Error = ErrorKind;
/// }
///
/// impl CurrentSensor for Transformers {
///     fn milliamps(&mut self) -> Result<[u32; 3], ErrorKind> {
///         Ok(self.milliamps)
///     }
/// }
/// ```
///
/// # For users
///
/// A vehicle that draws more than it was offered is to be switched off after a while; a circuit breaker protects the
/// installation in any case.
pub trait CurrentSensor: ErrorType {
    /// The current of each phase, in mA.
    fn milliamps(&mut self) -> Result<[u32; 3], Self::Error>;
}

impl<T: CurrentSensor + ?Sized> CurrentSensor for &mut T {
    fn milliamps(&mut self) -> Result<[u32; 3], Self::Error> {
        T::milliamps(self)
    }
}

/// A sensor that the board does not have: sees no residual current, no temperature, no current.
///
/// ```
/// use evse_hal::{NotFitted, Residual, ResidualCurrentMonitor, Thermometer};
///
/// assert_eq!(NotFitted.state(), Ok(Residual::Clear));
/// assert_eq!(NotFitted.tenths_of_celsius(), Ok(None));
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NotFitted;

impl ErrorType for NotFitted {
    type Error = Infallible;
}

impl ResidualCurrentMonitor for NotFitted {
    fn state(&mut self) -> Result<Residual, Infallible> {
        Ok(Residual::Clear)
    }

    fn start_test(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl Thermometer for NotFitted {
    fn tenths_of_celsius(&mut self) -> Result<Option<i16>, Infallible> {
        Ok(None)
    }
}

impl CurrentSensor for NotFitted {
    fn milliamps(&mut self) -> Result<[u32; 3], Infallible> {
        Ok([0; 3])
    }
}
