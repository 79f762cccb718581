//! A contactor on two pins.

use embedded_hal::digital::{InputPin, OutputPin, PinState};
use evse_hal::{Contactor, ErrorKind, ErrorType};

/// A coil on an output, and the mirror contact (IEC 60947-4-1 annex F) of the contactor on an input.
///
/// A mirror contact is closed only while every main contact is open. Wire it so that a broken wire looks like a closed
/// contactor: from the input to the supply with a pull-down resistor ([`PinState::High`] is open), or from the input to
/// ground with a pull-up ([`PinState::Low`] is open).
///
/// ```
/// # use embedded_hal::digital::{ErrorType, InputPin, OutputPin, PinState};
/// # use std::convert::Infallible;
/// # struct Pin(bool);
/// # impl ErrorType for Pin { type Error = Infallible; }
/// # impl OutputPin for Pin {
/// #     fn set_low(&mut self) -> Result<(), Infallible> { self.0 = false; Ok(()) }
/// #     fn set_high(&mut self) -> Result<(), Infallible> { self.0 = true; Ok(()) }
/// # }
/// # impl InputPin for Pin {
/// #     fn is_high(&mut self) -> Result<bool, Infallible> { Ok(self.0) }
/// #     fn is_low(&mut self) -> Result<bool, Infallible> { Ok(!self.0) }
/// # }
/// # let (coil, mirror) = (Pin(false), Pin(true));
/// use drivers::GpioContactor;
/// use evse_hal::Contactor;
///
/// let mut contactor = GpioContactor::new(coil, PinState::High, mirror, PinState::High)?;
/// assert!(!contactor.is_closed()?);
/// # Ok::<(), evse_hal::ErrorKind>(())
/// ```
#[derive(Debug)]
pub struct GpioContactor<C, M> {
    coil: C,
    close_level: PinState,
    mirror: M,
    open_level: PinState,
}

impl<C: OutputPin, M: InputPin> GpioContactor<C, M> {
    /// A contactor whose coil pulls at `close_level`, and whose mirror contact shows `open_level` while it is open. It is
    /// ordered to open.
    ///
    /// # Errors
    /// [`ErrorKind::Bus`] if the pin fails.
    pub fn new(coil: C, close_level: PinState, mirror: M, open_level: PinState) -> Result<Self, ErrorKind> {
        let mut contactor = Self {
            coil,
            close_level,
            mirror,
            open_level,
        };
        contactor.open()?;
        Ok(contactor)
    }
}

impl<C, M> ErrorType for GpioContactor<C, M> {
    type Error = ErrorKind;
}

impl<C: OutputPin, M: InputPin> Contactor for GpioContactor<C, M> {
    fn close(&mut self) -> Result<(), ErrorKind> {
        self.coil.set_state(self.close_level).map_err(|_| ErrorKind::Bus)
    }

    fn open(&mut self) -> Result<(), ErrorKind> {
        self.coil.set_state(!self.close_level).map_err(|_| ErrorKind::Bus)
    }

    fn is_closed(&mut self) -> Result<bool, ErrorKind> {
        let level = PinState::from(self.mirror.is_high().map_err(|_| ErrorKind::Bus)?);
        Ok(level != self.open_level)
    }
}
