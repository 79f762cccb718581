//! A contactor on pins, and what a guard makes of its faults.

use crate::pins::Pin;
use drivers::GpioContactor;
use embedded_hal::digital::PinState::{High, Low};
use evse_hal::{Contactor, ErrorKind};

#[test]
fn every_level() {
    for (close, open) in [(High, High), (High, Low), (Low, High), (Low, Low)] {
        let (coil, mirror) = (Pin::default(), Pin::default());
        coil.high.set(close == High);
        mirror.high.set(open == High);
        let mut contactor = GpioContactor::new(&coil, close, &mirror, open).unwrap();
        assert_eq!(coil.high.get(), close == Low, "opens first of all");
        assert_eq!(contactor.is_closed(), Ok(false));

        contactor.close().unwrap();
        assert_eq!(coil.high.get(), close == High);
        assert_eq!(contactor.is_closed(), Ok(false), "the contacts take their time");
        mirror.high.set(open == Low);
        assert_eq!(contactor.is_closed(), Ok(true));

        contactor.open().unwrap();
        assert_eq!(coil.high.get(), close == Low);
        assert_eq!(contactor.is_closed(), Ok(true), "welded, or on its way");
    }
}

#[test]
fn broken_pins() {
    let (coil, mirror) = (Pin::default(), Pin::default());
    let mut contactor = GpioContactor::new(&coil, High, &mirror, Low).unwrap();
    mirror.broken.set(true);
    assert_eq!(contactor.is_closed(), Err(ErrorKind::Bus));
    coil.broken.set(true);
    assert_eq!(contactor.close(), Err(ErrorKind::Bus));
    assert_eq!(contactor.open(), Err(ErrorKind::Bus));
    assert_eq!(
        GpioContactor::new(&coil, High, &mirror, Low).err(),
        Some(ErrorKind::Bus)
    );
}
