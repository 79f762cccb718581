//! A meter that gives a pulse for so much energy: S0 (IEC 62053-31), or the lamp of a meter.

use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use embedded_hal::digital::{InputPin, PinState};
use evse_hal::{EnergyMeter, ErrorKind, ErrorType, Quantity, Reading};

/// Where the pulses are counted: between the interrupt that looks at the pin and the meter that is read. One
/// [`PulseInput`] writes it, one [`S0Meter`] reads it.
#[derive(Debug, Default)]
pub struct Pulses {
    count: AtomicU32,
    /// Between the last two pulses, in ms; 0 is not known yet.
    distance_ms: AtomicU32,
    /// Since the last pulse, in ms.
    since_ms: AtomicU32,
    failed: AtomicBool,
}

impl Pulses {
    /// None yet.
    pub const fn new() -> Self {
        Self {
            count: AtomicU32::new(0),
            distance_ms: AtomicU32::new(0),
            since_ms: AtomicU32::new(0),
            failed: AtomicBool::new(false),
        }
    }
}

/// The input that pulses arrive at.
///
/// A pulse counts once its level has stood for the shortest pulse, 30 ms of IEC 62053-31 if nothing else is said, and
/// after a pause at least as long; anything shorter is a disturbance. So look at least twice as often as that, from a
/// timer; where a pin has an interrupt, look from there too.
///
/// ```
/// # use embedded_hal::digital::{ErrorType, InputPin, PinState};
/// # use std::convert::Infallible;
/// # struct Pin;
/// # impl ErrorType for Pin { type Error = Infallible; }
/// # impl InputPin for Pin {
/// #     fn is_high(&mut self) -> Result<bool, Infallible> { Ok(true) }
/// #     fn is_low(&mut self) -> Result<bool, Infallible> { Ok(false) }
/// # }
/// # fn stored() -> u64 { 17_000 }
/// # let pin = Pin;
/// use drivers::{PulseInput, Pulses, S0Meter};
///
/// static PULSES: Pulses = Pulses::new();
/// // The output of the meter pulls the pin down.
/// let mut input = PulseInput::new(pin, PinState::Low, &PULSES);
/// let mut meter = S0Meter::new(&PULSES, 1000, stored());
///
/// // Every 5 ms, from a timer:
/// # let now_ms = 0;
/// input.look(now_ms);
/// # let _ = &mut meter;
/// ```
#[derive(Debug)]
pub struct PulseInput<'p, I> {
    pin: I,
    active: PinState,
    pulses: &'p Pulses,
    shortest_ms: u32,
    /// Whether a pulse is on, after debouncing.
    on: bool,
    /// Since when the pin says otherwise.
    doubted_at: Option<u64>,
    pulse_at: Option<u64>,
}

impl<'p, I: InputPin> PulseInput<'p, I> {
    /// An input that is at this level during a pulse.
    pub const fn new(pin: I, active: PinState, pulses: &'p Pulses) -> Self {
        Self {
            pin,
            active,
            pulses,
            shortest_ms: 30,
            on: false,
            doubted_at: None,
            pulse_at: None,
        }
    }

    /// Pulses and pauses may be as short as this, in ms.
    #[must_use]
    pub const fn with_shortest_pulse(mut self, ms: u32) -> Self {
        self.shortest_ms = ms;
        self
    }

    /// Looks at the pin at `now_ms` of a clock that does not jump. A pin that cannot be read fails the meter's readings
    /// until it can be read again.
    pub fn look(&mut self, now_ms: u64) {
        let level = self.pin.is_high().map(PinState::from);
        self.pulses.failed.store(level.is_err(), Ordering::Relaxed);
        let Ok(level) = level else {
            self.doubted_at = None;
            return;
        };
        if (level == self.active) == self.on {
            self.doubted_at = None;
        } else {
            let since = *self.doubted_at.get_or_insert(now_ms);
            if now_ms.saturating_sub(since) >= u64::from(self.shortest_ms) {
                self.on = !self.on;
                self.doubted_at = None;
                if self.on {
                    self.count(now_ms);
                }
            }
        }
        if let Some(at) = self.pulse_at {
            self.pulses.since_ms.store(between(at, now_ms), Ordering::Relaxed);
        }
    }

    fn count(&mut self, now_ms: u64) {
        if let Some(before) = self.pulse_at.replace(now_ms) {
            self.pulses
                .distance_ms
                .store(between(before, now_ms), Ordering::Relaxed);
        }
        // Nobody else writes, so that a read and a write will do where the processor has nothing better.
        let count = self.pulses.count.load(Ordering::Relaxed).wrapping_add(1);
        self.pulses.count.store(count, Ordering::Relaxed);
    }
}

fn between(from_ms: u64, to_ms: u64) -> u32 {
    u32::try_from(to_ms.saturating_sub(from_ms)).unwrap_or(u32::MAX).max(1)
}

/// The meter behind the pulses.
///
/// Its register counts from what the application has stored: keep [`pulses`](Self::pulses) in memory that survives, every
/// few seconds while energy flows and when the supply fails. What came after the last time is lost in a power cut.
///
/// Power is that of the distance of the last two pulses, and falls once the next one is late; before the second pulse
/// since the start it is not known. A broken wire looks like no energy: a car that charges without pulses is for the
/// application to notice.
#[derive(Debug)]
pub struct S0Meter<'p> {
    pulses: &'p Pulses,
    per_kwh: u32,
    /// All pulses, until `seen`.
    total: u64,
    seen: u32,
}

impl<'p> S0Meter<'p> {
    /// A meter that gives so many pulses for a kWh, and had given `pulses_before` when it was looked at last.
    pub fn new(pulses: &'p Pulses, per_kwh: u32, pulses_before: u64) -> Self {
        Self {
            seen: pulses.count.load(Ordering::Relaxed),
            pulses,
            per_kwh,
            total: pulses_before,
        }
    }

    /// All pulses until now, to be stored.
    pub fn pulses(&mut self) -> u64 {
        let count = self.pulses.count.load(Ordering::Relaxed);
        self.total = self.total.saturating_add(count.wrapping_sub(self.seen).into());
        self.seen = count;
        self.total
    }
}

impl ErrorType for S0Meter<'_> {
    type Error = ErrorKind;
}

impl EnergyMeter for S0Meter<'_> {
    async fn read(&mut self) -> Result<Reading, ErrorKind> {
        if self.pulses.failed.load(Ordering::Relaxed) {
            return Err(ErrorKind::Bus);
        }
        let reading = Reading::new(watt_hours(self.pulses(), self.per_kwh.into()).ok_or(ErrorKind::Implausible)?);

        let distance = self.pulses.distance_ms.load(Ordering::Relaxed);
        if distance == 0 {
            return Ok(reading);
        }
        let distance = distance.max(self.pulses.since_ms.load(Ordering::Relaxed));
        // A kWh is 3.6 × 10⁹ mW·s.
        let milliwatts = 3_600_000_000_000u64
            .checked_div(self.per_kwh.into())
            .and_then(|pulse| pulse.checked_div(distance.into()))
            .and_then(|milliwatts| i64::try_from(milliwatts).ok());
        Ok(match milliwatts {
            Some(milliwatts) => reading.with(Quantity::PowerImport, None, milliwatts),
            None => reading,
        })
    }
}

/// Whole kWh and the rest apart, so that no product is longer than 64 bits.
fn watt_hours(pulses: u64, per_kwh: u64) -> Option<i64> {
    let whole = pulses.checked_div(per_kwh)?.checked_mul(1000)?;
    let rest = pulses.checked_rem(per_kwh)?.checked_mul(1000)?.checked_div(per_kwh)?;
    i64::try_from(whole.checked_add(rest)?).ok()
}
