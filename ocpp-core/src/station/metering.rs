//! Measured values: which of a reading are wanted, when they are taken (1.6 §3.16, 2.0.1 J).

use super::Station;
use super::evse::{END_SAMPLES, EndSample, MeterDue};
use crate::metering::{Measurand, READING_MAX, ReadingContext, Sample, Samples};
use crate::place::Place;
use crate::settings::{MeasurandChoice, SettingId};
use crate::time::{DAY, Instant, is_due, sooner};
use crate::vocabulary::TriggerReason;
use crate::wire::Decimal;

/// The values of a reading that the choice names, in its order: all phases and places of each.
pub(super) fn choose(energy_wh: i64, reading: &[Sample], choice: &[MeasurandChoice]) -> Samples {
    let mut chosen = Samples::new();
    for wanted in choice {
        let matches = reading.iter().filter(|sample| {
            sample.measurand == wanted.measurand && (wanted.phase.is_none() || wanted.phase == sample.phase)
        });
        let mut found = false;
        for sample in matches {
            found = true;
            if chosen.push(*sample).is_err() {
                return chosen;
            }
        }
        // The register stands apart from the other values.
        let register = wanted.measurand == Measurand::EnergyActiveImportRegister && wanted.phase.is_none();
        if register
            && !found
            && let Some(sample) = Sample::new(wanted.measurand, Decimal::from(energy_wh))
            && chosen.push(sample).is_err()
        {
            return chosen;
        }
    }
    chosen
}

/// How long after the boot a transaction waits for the first reading of its meter; later it begins without. In seconds.
const FIRST_READING: u32 = 10;

impl Station<'_> {
    /// Whether the register is not known yet, but may be soon: a transaction that began now would count from 0.
    pub(super) fn awaits_reading(&self, evse: usize, now: Instant) -> bool {
        let metered = self.evses.get(evse).is_some_and(|slot| slot.0.metered);
        !metered && now < Instant::ZERO.plus_secs(FIRST_READING)
    }

    /// When a transaction begins all the same.
    pub(super) fn reading_deadline(&self) -> Option<Instant> {
        self.start_waits.then(|| Instant::ZERO.plus_secs(FIRST_READING))
    }

    pub(super) fn take_reading(&mut self, evse: usize, energy_wh: i64, samples: &[Sample]) {
        if let Some(slot) = self.evses.get_mut(evse) {
            slot.0.energy_wh = energy_wh;
            slot.0.metered = true;
            slot.0.reading.clear();
            slot.0.reading.extend(samples.iter().copied().take(READING_MAX));
        }
    }

    /// Takes the periodic and clock-aligned values that are due.
    pub(super) fn sample(&mut self, now: Instant) {
        for evse in 0..self.evses.len() {
            let Some(running) = self.transaction_mut(evse) else {
                continue;
            };
            let (due, end_due) = (running.next_sample, running.next_end_sample);
            if is_due(due, now) {
                self.take_sample(evse, now, ReadingContext::SamplePeriodic);
                self.schedule_sample(evse, due.unwrap_or(now), now);
            }
            if is_due(end_due, now) {
                self.add_end_sample(evse, now, ReadingContext::SamplePeriodic);
                self.schedule_end_sample(evse, end_due.unwrap_or(now), now);
            }
        }
        if is_due(self.aligned_at, now) {
            self.aligned_at = None;
            self.take_aligned(now);
        }
        if is_due(self.end_aligned_at, now) {
            self.end_aligned_at = None;
            for evse in 0..self.evses.len() {
                if self.transaction_mut(evse).is_some() {
                    self.add_end_sample(evse, now, ReadingContext::SampleClock);
                }
            }
        }
        if self.aligned_at.is_none() {
            self.aligned_at = self.next_aligned(SettingId::AlignedDataInterval, now);
        }
        if self.end_aligned_at.is_none() && self.has_ended_intervals() {
            self.end_aligned_at = self.next_aligned(SettingId::EndedAlignedInterval, now);
        }
    }

    fn take_aligned(&mut self, now: Instant) {
        let any = self.evses.iter().any(|slot| slot.0.transaction.is_some());
        if any && self.settings().on(SettingId::AlignedOnlyIdle) {
            return;
        }
        for evse in 0..self.evses.len() {
            if self.transaction_mut(evse).is_some() {
                self.take_sample(evse, now, ReadingContext::SampleClock);
            } else if !self.settings().measurands(SettingId::AlignedMeasurands).is_empty() {
                self.want_meter_values(evse, Place::Station, now, ReadingContext::SampleClock);
            }
        }
        if self.main_meter.is_some() {
            self.main_meter_due = Some((now, ReadingContext::SampleClock));
        }
    }

    pub(super) fn sample_deadline(&self) -> Option<Instant> {
        let running = self.evses.iter().filter_map(|slot| slot.0.transaction.as_ref());
        let periodic = running.map(|running| sooner(running.next_sample, running.next_end_sample));
        let periodic = periodic.fold(None, sooner);
        sooner(periodic, sooner(self.aligned_at, self.end_aligned_at))
    }

    /// Sets the next periodic sample one interval after the last, whatever happened in between.
    pub(super) fn schedule_sample(&mut self, evse: usize, from: Instant, now: Instant) {
        let next = self.next_periodic(SettingId::SampleInterval, from, now);
        if let Some(transaction) = self.transaction_mut(evse) {
            transaction.next_sample = next;
        }
    }

    /// The same for the values that travel with the end in an interval of their own.
    pub(super) fn schedule_end_sample(&mut self, evse: usize, from: Instant, now: Instant) {
        let next = self.next_periodic(SettingId::EndedSampleInterval, from, now);
        let next = next.filter(|_| self.has_ended_intervals());
        if let Some(transaction) = self.transaction_mut(evse) {
            transaction.next_end_sample = next;
        }
    }

    /// The interval of the values that travel with the end is another, or the version is, which may have none.
    pub(super) fn schedule_end_samples(&mut self, now: Instant) {
        for evse in 0..self.evses.len() {
            self.schedule_end_sample(evse, now, now);
        }
        self.end_aligned_at = None;
    }

    fn next_periodic(&self, interval: SettingId, from: Instant, now: Instant) -> Option<Instant> {
        let interval = self.settings().count(interval);
        let next = from.plus_secs(interval);
        let late = next <= now;
        (interval > 0).then(|| if late { now.plus_secs(interval) } else { next })
    }

    fn has_ended_intervals(&self) -> bool {
        self.rules().is_some_and(|rules| rules.ended_intervals)
    }

    /// Values of an EVSE outside of a transaction, to be sent when there is time.
    pub(super) fn want_meter_values(&mut self, evse: usize, place: Place, now: Instant, context: ReadingContext) {
        let mut meant = (0u8..)
            .zip(self.connectors_of(evse))
            .filter(|(_, own)| place.contains(own.id));
        let Some((first, _)) = meant.next() else { return };
        let last = meant.last().map_or(first, |(index, _)| index);
        if let Some(slot) = self.evses.get_mut(evse) {
            slot.0.meter_due = Some(MeterDue {
                at: now,
                context,
                connector: first,
                last,
            });
        }
    }

    /// Takes the values of one moment of a transaction.
    fn take_sample(&mut self, evse: usize, now: Instant, context: ReadingContext) {
        let clock = context == ReadingContext::SampleClock;
        let (wanted, trigger) = if clock {
            (SettingId::AlignedMeasurands, TriggerReason::MeterValueClock)
        } else {
            (SettingId::SampledMeasurands, TriggerReason::MeterValuePeriodic)
        };
        let Some(slot) = self.evses.get(evse) else { return };
        let samples = slot.0.chosen(self.settings().measurands(wanted));
        if !self.has_ended_intervals() {
            self.add_end_sample(evse, now, context);
        }
        if !samples.is_empty() {
            self.record_update(evse, now, trigger, context, samples);
        }
    }

    /// Keeps the values that travel with the end of the transaction. When there is no more room, they are
    /// thinned.
    pub(super) fn add_end_sample(&mut self, evse: usize, now: Instant, context: ReadingContext) {
        let wanted = match context {
            ReadingContext::SampleClock => SettingId::EndedAlignedMeasurands,
            _ => SettingId::EndedSampledMeasurands,
        };
        let choice = self.config.settings.measurands(wanted);
        let Some(slot) = self.evses.get_mut(evse) else { return };
        let values: heapless::Vec<_, _> = slot
            .0
            .chosen(choice)
            .into_iter()
            .take(super::evse::END_VALUES)
            .collect();
        if values.is_empty() {
            return;
        }
        if slot.0.end_samples.len() == END_SAMPLES {
            slot.0.thin_end_samples();
        }
        let kept = &mut slot.0.end_samples;
        // There is room now.
        let _ = kept.push(EndSample {
            secs: now.as_secs(),
            context,
            values,
        });
    }

    /// The next point of the grid that starts at midnight UTC.
    fn next_aligned(&self, interval: SettingId, now: Instant) -> Option<Instant> {
        let interval = self.settings().count(interval);
        let (_, second, millis) = self.now_utc(now)?.parts();
        let past = second.checked_rem(interval)?;
        // The grid starts anew at midnight.
        let left = interval.saturating_sub(past).min(DAY.saturating_sub(second));
        Some(now.plus_millis(left.saturating_mul(1000).saturating_sub(millis.into()).into()))
    }
}
