//! Meters, served by a future that reads one after the other.

use core::cell::Cell;

use heapless::Vec;
use ocpp_core::wire::Decimal;
use ocpp_core::{EvseId, Measurand, READING_MAX, Sample};

use super::ports::Ports;
use crate::future::Signal;
use crate::meter::{EnergyMeter, Location, Phase, Quantity, Reading, Value};

/// So many failures in a row are a fault: now and then every bus loses a telegram.
const PATIENCE: u8 = 3;

/// A meter, and what it measures.
///
/// ```
/// # use evse_hal::{EnergyMeter, ErrorKind, ErrorType, Reading};
/// # struct Sdm630;
/// # impl ErrorType for Sdm630 { type Error = ErrorKind; }
/// # impl EnergyMeter for Sdm630 {
/// #     async fn read(&mut self) -> Result<Reading, ErrorKind> { Ok(Reading::new(0)) }
/// # }
/// use evse_hal::Meter;
/// use ocpp_core::EvseId;
///
/// let mut meters = [Meter::new(Some(EvseId(1)), Sdm630), Meter::new(None, Sdm630)];
/// # let _ = &mut meters;
/// ```
#[derive(Clone, Debug)]
pub struct Meter<M> {
    evse: Option<EvseId>,
    meter: M,
    failures: u8,
}

impl<M> Meter<M> {
    /// The meter of an EVSE; `None` is the main meter of the station.
    pub const fn new(evse: Option<EvseId>, meter: M) -> Self {
        Self {
            evse,
            meter,
            failures: 0,
        }
    }
}

pub(super) struct MeterPort {
    /// Somebody serves the meters.
    served: Cell<bool>,
    /// A round is ordered or under way.
    busy: Cell<bool>,
    start: Signal,
    news: Cell<Option<News>>,
    taken: Signal,
}

/// What came of reading a meter.
pub(super) struct News {
    pub evse: Option<EvseId>,
    /// The reading; `None` if there was none.
    pub reading: Option<Reading>,
    /// The meter became faulty (true), or works again.
    pub fault: Option<bool>,
}

impl MeterPort {
    pub(super) const fn new() -> Self {
        Self {
            served: Cell::new(false),
            busy: Cell::new(false),
            start: Signal::new(),
            news: Cell::new(None),
            taken: Signal::new(),
        }
    }

    /// Wants all meters to be read once.
    pub(super) fn start(&self) {
        if self.served.get() && !self.busy.replace(true) {
            self.start.notify();
        }
    }

    pub(super) fn is_busy(&self) -> bool {
        self.busy.get()
    }

    pub(super) fn take(&self) -> Option<News> {
        let news = self.news.take();
        self.taken.notify();
        news
    }

    /// Waits until the news before was taken.
    async fn put(&self, news: News) {
        let mut news = Some(news);
        let put = || {
            let before = self.news.take();
            self.news.set(if before.is_some() { before } else { news.take() });
            news.is_none().then_some(())
        };
        self.taken.wait_for(put).await;
    }
}

impl Ports<'_> {
    /// Reads these meters whenever the driver wants values, for ever.
    pub async fn serve_meters<M: EnergyMeter>(&self, meters: &mut [Meter<M>]) -> ! {
        let port = &self.meters;
        port.served.set(true);
        // Nothing may begin with a register that nobody has read: the first reading waits for no order.
        port.start();
        loop {
            port.start.wait().await;
            for Meter { evse, meter, failures } in meters.iter_mut() {
                let reading = meter.read().await.ok();
                let before = *failures >= PATIENCE;
                *failures = if reading.is_some() {
                    0
                } else {
                    failures.saturating_add(1)
                };
                let after = *failures >= PATIENCE;
                let news = News {
                    evse: *evse,
                    reading,
                    fault: (before != after).then_some(after),
                };
                port.put(news).await;
                self.news.notify();
            }
            port.busy.set(false);
            self.news.notify();
        }
    }
}

/// The values of a reading in the station's words.
pub(super) fn samples(reading: &Reading) -> Vec<Sample, READING_MAX> {
    reading.values().iter().take(READING_MAX).filter_map(sample).collect()
}

fn sample(value: &Value) -> Option<Sample> {
    let mut mantissa = value.thousandths;
    let mut scale = 3u8;
    // Without zeros at the end, and no longer than the station keeps it.
    while scale > 0 && (mantissa % 10 == 0 || i32::try_from(mantissa).is_err()) {
        mantissa /= 10;
        scale = scale.saturating_sub(1);
    }
    let mut sample = Sample::new(measurand(value.quantity), Decimal::new(mantissa, scale))?;
    if let Some(phase) = value.phase {
        sample = sample.on(match phase {
            Phase::L1 => ocpp_core::Phase::L1,
            Phase::L2 => ocpp_core::Phase::L2,
            Phase::L3 => ocpp_core::Phase::L3,
            Phase::N => ocpp_core::Phase::N,
            Phase::L1N => ocpp_core::Phase::L1N,
            Phase::L2N => ocpp_core::Phase::L2N,
            Phase::L3N => ocpp_core::Phase::L3N,
            Phase::L1L2 => ocpp_core::Phase::L1L2,
            Phase::L2L3 => ocpp_core::Phase::L2L3,
            Phase::L3L1 => ocpp_core::Phase::L3L1,
        });
    }
    if let Some(location) = value.location {
        sample = sample.at(match location {
            Location::Body => ocpp_core::Location::Body,
            Location::Cable => ocpp_core::Location::Cable,
            Location::Vehicle => ocpp_core::Location::Ev,
            Location::Inlet => ocpp_core::Location::Inlet,
            Location::Outlet => ocpp_core::Location::Outlet,
        });
    }
    Some(sample)
}

const fn measurand(quantity: Quantity) -> Measurand {
    match quantity {
        Quantity::EnergyExport => Measurand::EnergyActiveExportRegister,
        Quantity::ReactiveEnergyImport => Measurand::EnergyReactiveImportRegister,
        Quantity::ReactiveEnergyExport => Measurand::EnergyReactiveExportRegister,
        Quantity::PowerImport => Measurand::PowerActiveImport,
        Quantity::PowerExport => Measurand::PowerActiveExport,
        Quantity::ReactivePowerImport => Measurand::PowerReactiveImport,
        Quantity::ReactivePowerExport => Measurand::PowerReactiveExport,
        Quantity::PowerFactor => Measurand::PowerFactor,
        Quantity::CurrentImport => Measurand::CurrentImport,
        Quantity::CurrentExport => Measurand::CurrentExport,
        Quantity::Voltage => Measurand::Voltage,
        Quantity::Frequency => Measurand::Frequency,
        Quantity::Temperature => Measurand::Temperature,
        Quantity::StateOfCharge => Measurand::SoC,
        Quantity::FanSpeed => Measurand::Rpm,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(quantity: Quantity, thousandths: i64) -> Value {
        Value {
            quantity,
            phase: None,
            location: None,
            thousandths,
        }
    }

    #[test]
    fn values_are_kept_as_exactly_as_fits() {
        let kept = |thousandths| {
            let value = sample(&value(Quantity::Voltage, thousandths)).unwrap().value();
            (value.mantissa(), value.scale())
        };
        assert_eq!(kept(230_400), (2304, 1));
        assert_eq!(kept(16_000), (16, 0));
        assert_eq!(kept(0), (0, 0));
        assert_eq!(kept(-1), (-1, 3));
        assert_eq!(kept(5_123_456_789), (512_345_678, 2));
        assert_eq!(sample(&value(Quantity::Voltage, i64::MAX)), None);
    }

    #[test]
    fn phase_and_place_are_kept() {
        let value = Value {
            phase: Some(Phase::L3L1),
            location: Some(Location::Vehicle),
            ..value(Quantity::CurrentImport, 6_000)
        };
        let sample = sample(&value).unwrap();
        assert_eq!(sample.measurand, Measurand::CurrentImport);
        assert_eq!(sample.phase, Some(ocpp_core::Phase::L3L1));
        assert_eq!(sample.location, Some(ocpp_core::Location::Ev));
    }
}
