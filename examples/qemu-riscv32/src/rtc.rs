//! The clock on the wall: the goldfish RTC, which counts nanoseconds since 1970.

use core::convert::Infallible;

use evse_hal::{ErrorType, WallClock};

use crate::mmio::RTC;

const LOW: usize = 0;
const HIGH: usize = 4;
const NANOS_PER_MILLI: u64 = 1_000_000;

/// A clock that QEMU has set to the host's time. What it is set to lasts until QEMU ends.
pub struct Rtc(());

impl Rtc {
    pub(crate) fn new() -> Self {
        Self(())
    }
}

impl ErrorType for Rtc {
    type Error = Infallible;
}

impl WallClock for Rtc {
    fn now(&mut self) -> Result<Option<i64>, Infallible> {
        // Reading the low half keeps the high one that belongs to it.
        let low = RTC.read32(LOW);
        let nanos = u64::from(RTC.read32(HIGH)) << 32 | u64::from(low);
        Ok(i64::try_from(nanos / NANOS_PER_MILLI).ok())
    }

    fn set(&mut self, unix_millis: i64) -> Result<(), Infallible> {
        let nanos = u64::try_from(unix_millis).unwrap_or(0).saturating_mul(NANOS_PER_MILLI);
        RTC.write32(HIGH, (nanos >> 32) as u32);
        RTC.write32(LOW, nanos as u32);
        Ok(())
    }
}
