//! Uptime.

use embassy_time::Timer;
use ocpp_core::Instant;

/// Time since the start, which the board's time driver counts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Uptime;

impl evse_hal::Timer for Uptime {
    fn now(&self) -> Instant {
        Instant::from_millis(embassy_time::Instant::now().as_millis())
    }

    async fn wait_until(&self, at: Instant) {
        Timer::at(embassy_time::Instant::from_millis(at.as_millis())).await;
    }
}
