//! Pins that a test sets and looks at.

use embedded_hal::digital::{Error, ErrorKind, ErrorType, InputPin, OutputPin};
use std::cell::Cell;

#[derive(Debug)]
pub struct Broken;

impl Error for Broken {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

#[derive(Debug, Default)]
pub struct Pin {
    pub high: Cell<bool>,
    pub broken: Cell<bool>,
}

impl Pin {
    fn works(&self) -> Result<(), Broken> {
        if self.broken.get() { Err(Broken) } else { Ok(()) }
    }
}

impl ErrorType for &Pin {
    type Error = Broken;
}

impl OutputPin for &Pin {
    fn set_low(&mut self) -> Result<(), Broken> {
        self.works().map(|()| self.high.set(false))
    }

    fn set_high(&mut self) -> Result<(), Broken> {
        self.works().map(|()| self.high.set(true))
    }
}

impl InputPin for &Pin {
    fn is_high(&mut self) -> Result<bool, Broken> {
        self.works().map(|()| self.high.get())
    }

    fn is_low(&mut self) -> Result<bool, Broken> {
        self.is_high().map(|high| !high)
    }
}
