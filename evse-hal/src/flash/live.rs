//! Which records are alive, as ranges of their numbers.

use super::entry::{push_number, take_number};

/// Ranges at most: each running transaction keeps its start and its last record, and what was not delivered is one more.
pub(super) const RANGES: usize = 32;
/// Longest snapshot.
pub(super) const SNAPSHOT_MAX: usize = 10 * RANGES;

/// Ranges of numbers, in order: every stored record whose number is in one is alive. The first number of each is that
/// of a stored record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Live(heapless::Vec<(u32, u32), RANGES>);

impl Live {
    pub(super) fn contains(&self, number: u32) -> bool {
        self.place(number).is_some()
    }

    fn place(&self, number: u32) -> Option<usize> {
        self.0
            .iter()
            .position(|&(first, last)| (first..=last).contains(&number))
    }

    /// The range of a number.
    pub(super) fn range(&self, number: u32) -> Option<(u32, u32)> {
        self.0.get(self.place(number)?).copied()
    }

    /// The lowest number that may be alive, from this one on.
    pub(super) fn from(&self, number: u32) -> Option<u32> {
        let range = self.0.iter().find(|(_, last)| *last >= number);
        range.map(|&(first, _)| first.max(number))
    }

    /// Whether something may be alive among these.
    pub(super) fn touches(&self, first: u32, last: u32) -> bool {
        self.from(first).is_some_and(|number| number <= last)
    }

    /// Takes in a record with a number above all that are alive. `latest` is that of the record stored before it.
    ///
    /// # Errors
    /// There are too many ranges.
    pub(super) fn add(&mut self, number: u32, latest: u32) -> Result<(), ()> {
        match self.0.last_mut() {
            Some((_, last)) if *last >= number => Ok(()),
            Some((first, last)) if (*first..=*last).contains(&latest) => {
                *last = number;
                Ok(())
            }
            _ => self.0.push((number, number)).map_err(|_| ()),
        }
    }

    /// Whether [`add`](Self::add) would succeed.
    pub(super) fn can_add(&self, latest: u32) -> bool {
        !self.0.is_full() || self.contains(latest)
    }

    /// Takes out a number. `next` is that of the next stored record in the same range.
    ///
    /// # Errors
    /// There are too many ranges.
    pub(super) fn remove(&mut self, number: u32, next: Option<u32>) -> Result<(), ()> {
        let Some(place) = self.place(number) else { return Ok(()) };
        let Some(range) = self.0.get_mut(place) else {
            return Ok(());
        };
        let (first, last) = *range;
        let behind = next.filter(|next| *next <= last).map(|next| (next, last));
        if first == number {
            match behind {
                Some(behind) => *range = behind,
                None => {
                    self.0.remove(place);
                }
            }
            return Ok(());
        }
        if let Some(behind) = behind {
            self.0.insert(place.saturating_add(1), behind).map_err(|_| ())?;
        }
        if let Some(range) = self.0.get_mut(place) {
            range.1 = number.saturating_sub(1);
        }
        Ok(())
    }

    /// Forgets everything from a number on, which nothing stored has.
    pub(super) fn truncate(&mut self, number: u32) {
        self.0.retain(|(first, _)| *first < number);
        if let Some((_, last)) = self.0.last_mut() {
            *last = (*last).min(number.saturating_sub(1));
        }
    }

    /// The same ranges, but only of what is really there: `seen` says for each the first and the last.
    pub(super) fn ranges(&self) -> impl Iterator<Item = (u32, u32)> {
        self.0.iter().copied()
    }

    pub(super) fn of(ranges: impl Iterator<Item = (u32, u32)>) -> Self {
        Self(ranges.take(RANGES).collect())
    }

    pub(super) fn to_bytes(&self) -> heapless::Vec<u8, SNAPSHOT_MAX> {
        let mut bytes = heapless::Vec::new();
        let mut end = 0;
        for &(first, last) in &self.0 {
            push_number(&mut bytes, first.saturating_sub(end));
            push_number(&mut bytes, last.saturating_sub(first));
            end = last;
        }
        bytes
    }

    pub(super) fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let mut live = Self::default();
        let mut end = 0u32;
        while !bytes.is_empty() {
            let first = end.checked_add(take_number(&mut bytes)?)?;
            end = first.checked_add(take_number(&mut bytes)?)?;
            live.0.push((first, end)).ok()?;
        }
        Some(live)
    }
}
