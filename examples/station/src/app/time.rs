//! How time passes: by itself, or by command.

use super::{App, PATIENCE};
use crate::clock::Clock;
use evse_hal::Timer;
use ocpp_core::Instant;
use tokio::time::{Instant as RealInstant, timeout_at};

impl App<'_, '_> {
    /// Waits until there is something to do: something came from outside, or a deadline has passed. Cancel-safe. Then
    /// [`settle`](Self::settle).
    pub async fn wait(&self) {
        let clock: &Clock = &self.plant.clock;
        let due = self.driver.poll_at();
        tokio::select! {
            () = self.services.ring() => {}
            () = clock.wait_until(due), if !clock.is_virtual() => {}
        }
    }

    /// Moves the virtual clock on by so many ms, through every deadline on the way.
    ///
    /// With `hold` the clock stands still while the CSMS owes an answer.
    ///
    /// # Errors
    /// The station reboots before the time has passed.
    pub async fn advance(&mut self, millis: u64, hold: bool) -> Result<(), String> {
        let target = self.plant.clock.now().plus_millis(millis);
        loop {
            self.settle().await;
            self.hold(hold).await;
            if self.end().is_some() {
                return Err("the station reboots".into());
            }
            let now = self.plant.clock.now();
            if now >= target {
                return Ok(());
            }
            // What is due now and not done waits for something else than time.
            let due = self.next_deadline().max(now.plus_millis(1));
            self.plant.clock.move_to(due.min(target));
        }
    }

    fn next_deadline(&self) -> Instant {
        let due = self.driver.poll_at();
        self.plant.clock.next_alarm().map_or(due, |alarm| alarm.min(due))
    }

    /// Waits until the CSMS has answered what it was asked, or has not for too long.
    async fn hold(&mut self, hold: bool) {
        let mut patience = RealInstant::now() + PATIENCE;
        let mut question = self.plant.panel.questions();
        while self.is_waiting(hold) && self.unanswered != Some(question) && self.end().is_none() {
            if timeout_at(patience, self.services.ring()).await.is_err() {
                self.unanswered = Some(question);
                break;
            }
            self.settle().await;
            let latest = self.plant.panel.questions();
            if latest != question {
                question = latest;
                patience = RealInstant::now() + PATIENCE;
            }
        }
    }

    /// Whether the CSMS owes an answer for which time should stand still.
    fn is_waiting(&self, hold: bool) -> bool {
        let panel = &self.plant.panel;
        let asked = self.station().is_connected() && self.station().is_calling();
        // Pings are the link's own affair: a lost one would cost the connection.
        panel.ping_pending() || hold && (asked || self.driver.under_way().connecting)
    }
}
