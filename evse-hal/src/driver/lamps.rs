//! Lamps that show the status of connectors.

use ocpp_core::{Action, ConnectorId, ConnectorStatus, Event, Instant};

use super::Observer;
use crate::panel::{Indication, Indicator};

/// Lamps, each for a connector: an [`Observer`] that shows what the station says of them.
///
/// ```
/// # use evse_hal::{ErrorKind, ErrorType, Indication, Indicator};
/// # struct Led;
/// # impl ErrorType for Led { type Error = ErrorKind; }
/// # impl Indicator for Led {
/// #     fn show(&mut self, _: Indication) -> Result<(), ErrorKind> { Ok(()) }
/// # }
/// use evse_hal::Lamps;
/// use ocpp_core::ConnectorId;
///
/// let mut leds = [(ConnectorId::new(1, 1), Led), (ConnectorId::new(2, 1), Led)];
/// let lamps = Lamps::new(&mut leds);
/// // driver.run(&timer, lamps).await; or driver.run(&timer, (lamps, log)).await
/// # let _ = lamps;
/// ```
#[derive(Debug)]
pub struct Lamps<'l, I> {
    lamps: &'l mut [(ConnectorId, I)],
}

impl<'l, I: Indicator> Lamps<'l, I> {
    /// These lamps, which show that their connectors are free.
    pub fn new(lamps: &'l mut [(ConnectorId, I)]) -> Self {
        for (_, lamp) in lamps.iter_mut() {
            // A lamp that does not work is no reason not to charge.
            let _ = lamp.show(Indication::Available);
        }
        Self { lamps }
    }
}

impl<I: Indicator> Observer for Lamps<'_, I> {
    fn action(&mut self, _now: Instant, action: &Action<'_>) {
        let Action::Event(Event::Status {
            connector: Some(connector),
            status,
        }) = action
        else {
            return;
        };
        for (_, lamp) in self.lamps.iter_mut().filter(|(own, _)| own == connector) {
            let _ = lamp.show(indication(*status));
        }
    }
}

const fn indication(status: ConnectorStatus) -> Indication {
    match status {
        ConnectorStatus::Available => Indication::Available,
        ConnectorStatus::Preparing | ConnectorStatus::Finishing => Indication::Occupied,
        ConnectorStatus::Charging => Indication::Charging,
        ConnectorStatus::SuspendedEv | ConnectorStatus::SuspendedEvse => Indication::Suspended,
        ConnectorStatus::Reserved => Indication::Reserved,
        ConnectorStatus::Unavailable => Indication::Unavailable,
        ConnectorStatus::Faulted => Indication::Faulted,
        // What later versions may add is at least not free.
        _ => Indication::Occupied,
    }
}
