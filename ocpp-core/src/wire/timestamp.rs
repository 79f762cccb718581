//! Points in time: RFC 3339 on the wire, milliseconds in memory.

use super::declare::Wire;
use super::error::{ErrorKind, WireError};
use super::reader::Reader;
use super::text::{Chars, Str};
use super::writer::{Pieces, Writer, div_rem};

/// The first and the last time that have a year of four digits.
const FIRST: i64 = midnight(days_before(0, 1));
const LAST: i64 = midnight(days_before(10_000, 1)) - 1;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// On the wire it has a year of four digits: what lies outside of the years 0 to 9999 is held at their ends.
///
/// Offsets and fractions are understood on the way in (1.6 §3.14, errata 3.10; 2.0.1 Part 4); on the way out it is
/// always UTC, with a fraction only where there is one. What has no offset is taken as UTC.
///
/// ```
/// use ocpp_core::wire::Timestamp;
///
/// let local = Timestamp::parse("2026-11-22T18:30:00.250+01:00").unwrap();
/// assert_eq!(local.to_string(), "2026-11-22T17:30:00.250Z");
/// assert_eq!(local.as_millis() % 1000, 250);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Timestamp(i64);

impl Timestamp {
    /// The time `millis` ms after 1970-01-01T00:00:00Z.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The time `millis` ms later, or earlier if negative.
    #[must_use]
    #[inline(never)]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Reads RFC 3339; `None` if it is not that, or names a day that does not exist.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_chars(&mut Str::plain(text).chars())
    }

    fn from_chars(chars: &mut Chars<'_>) -> Option<Self> {
        let mut parts = [0; 6];
        let marks = ["-", "-", "Tt ", ":", ":"];
        for (index, part) in parts.iter_mut().enumerate() {
            *part = number(chars, if index == 0 { 4 } else { 2 })?;
            if let Some(these) = marks.get(index) {
                one_of(chars, these)?;
            }
        }
        let [year, month, day, hour, minute, second] = parts;
        // A leap second is taken as the second after it.
        if hour > 23 || minute > 59 || second > 60 || day == 0 || day > days_in_month(year, month)? {
            return None;
        }
        let (millis, zone) = fraction(chars)?;
        let offset = offset_minutes(zone, chars)?;
        let days = days_before(year, month).wrapping_add(day).wrapping_sub(1);
        let minutes = hour
            .wrapping_mul(60)
            .wrapping_add(minute)
            .cast_signed()
            .wrapping_sub(offset);
        let millis = second.wrapping_mul(1000).wrapping_add(millis);
        let time = midnight(days)
            .wrapping_add(i64::from(minutes).wrapping_mul(60_000))
            .wrapping_add(i64::from(millis));
        // An offset, or a leap second, may carry it past the years that can be written.
        Some(Self(time.clamp(FIRST, LAST)))
    }

    /// Whole seconds since 1970; 0 for what lies before, or beyond 32 bits.
    pub(crate) fn seconds(self) -> u32 {
        let (seconds, _) = div_rem(self.0.max(0).unsigned_abs(), 1000);
        u32::try_from(seconds).unwrap_or(0)
    }

    /// The day, counted as [`days_before`] does, the second of it, and the rest in milliseconds.
    pub(crate) fn parts(self) -> (u32, u32, u16) {
        let millis = self.0.clamp(FIRST, LAST).wrapping_sub(midnight(0));
        let (seconds, millis) = div_rem(millis.unsigned_abs(), 1000);
        // A day is 675 times 128 seconds, and those of all years that there are fit 32 bits.
        let days = (seconds >> 7) as u32 / 675;
        (days, (seconds as u32).wrapping_sub(days.wrapping_mul(86_400)), millis)
    }

    fn pieces(self, p: &mut Pieces<'_, '_>) {
        let (days, second, millis) = self.parts();
        let (year, month, day) = civil(days);
        for (value, width, then) in [
            (year, 4, "-"),
            (month, 2, "-"),
            (day, 2, "T"),
            (second / 3600, 2, ":"),
            (second / 60 % 60, 2, ":"),
            (second % 60, 2, ""),
        ] {
            p.digits(value.into(), width).push(then);
        }
        if millis > 0 {
            p.push(".").digits(millis.into(), 3);
        }
        p.push("Z");
    }
}

impl<'f> Wire<'f> for Timestamp {
    const EMPTY: Self = Self(0);

    fn fill(&mut self, r: &mut Reader<'f>) -> Result<(), WireError> {
        *self = Self::from_chars(&mut r.string()?.chars()).ok_or(WireError::new(ErrorKind::Value))?;
        Ok(())
    }

    fn write(&self, w: &mut Writer<'_>) {
        w.quoted(|p| self.pieces(p));
    }
}

impl core::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut buffer = [0; 48];
        let mut w = Writer::new(&mut buffer);
        self.write(&mut w);
        f.write_str(w.finish().unwrap_or("").trim_matches('"'))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The number that the next `count` digits are.
fn number(chars: &mut Chars<'_>, count: u32) -> Option<u32> {
    let mut value = 0u32;
    for _ in 0..count {
        value = value.wrapping_mul(10).wrapping_add(chars.next()?.to_digit(10)?);
    }
    Some(value)
}

/// The next character, if it is one of `these`.
fn one_of(chars: &mut Chars<'_>, these: &str) -> Option<char> {
    chars
        .next()
        .filter(|&c| these.bytes().any(|byte| char::from(byte) == c))
}

/// Milliseconds of a fraction (finer digits are cut off), and the character behind it.
fn fraction(chars: &mut Chars<'_>) -> Option<(u32, Option<char>)> {
    let mut next = chars.next();
    if next != Some('.') {
        return Some((0, next));
    }
    let mut millis = number(chars, 1)?.wrapping_mul(100);
    let mut unit = 10u32;
    loop {
        next = chars.next();
        let Some(digit) = next.and_then(|c| c.to_digit(10)) else {
            return Some((millis, next));
        };
        millis = millis.wrapping_add(digit.wrapping_mul(unit));
        unit /= 10;
    }
}

/// Reads the zone, which begins with `first`, to the end.
fn offset_minutes(first: Option<char>, chars: &mut Chars<'_>) -> Option<i32> {
    let east = match first {
        None => return Some(0),
        Some('Z' | 'z') => return chars.next().is_none().then_some(0),
        Some('+') => true,
        Some('-') => false,
        Some(_) => return None,
    };
    let hours = number(chars, 2)?;
    let minutes = match chars.next() {
        None => 0,
        Some(':') => number(chars, 2)?,
        Some(tens) => tens.to_digit(10)?.wrapping_mul(10).wrapping_add(number(chars, 1)?),
    };
    if hours > 23 || minutes > 59 || chars.next().is_some() {
        return None;
    }
    let offset = hours.wrapping_mul(60).wrapping_add(minutes).cast_signed();
    Some(if east { offset } else { offset.wrapping_neg() })
}

fn days_in_month(year: u32, month: u32) -> Option<u32> {
    let next = match month {
        1..12 => days_before(year, month.wrapping_add(1)),
        12 => days_before(year.wrapping_add(1), 1),
        _ => return None,
    };
    Some(next.wrapping_sub(days_before(year, month)))
}

/// Days from the 1st of March, 400 years before the year 0, to the first day of the month. The year is counted from
/// March, so that the leap day is its last, and months follow the pattern of 153 days in five.
const fn days_before(year: u32, month: u32) -> u32 {
    let year = year.wrapping_add(400).wrapping_sub((month <= 2) as u32);
    let month = month.wrapping_add(9) % 12;
    year.wrapping_mul(365)
        .wrapping_add(year / 4)
        .wrapping_sub(year / 100)
        .wrapping_add(year / 400)
        .wrapping_add(month.wrapping_mul(153).wrapping_add(2) / 5)
}

/// The milliseconds of a [`Timestamp`] when a day begins that is counted like [`days_before`].
const fn midnight(days: u32) -> i64 {
    (days as i64)
        .wrapping_sub(days_before(1970, 1) as i64)
        .wrapping_mul(86_400_000)
}

/// The date of a day that is counted like [`days_before`].
fn civil(days: u32) -> (u32, u32, u32) {
    // A guess that is a few years late at most, since no year is shorter; then the month likewise.
    let mut year = (days / 365).wrapping_sub(399);
    while days_before(year, 1) > days {
        year = year.wrapping_sub(1);
    }
    let mut month = 12;
    while days_before(year, month) > days {
        month = u32::wrapping_sub(month, 1);
    }
    let day = days.wrapping_sub(days_before(year, month)).wrapping_add(1);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn understands_offsets_and_fractions() {
        for (text, millis) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T00:00:00", 0),
            ("1970-01-01t00:00:00.1z", 100),
            ("1970-01-01 00:00:00.123456789Z", 123),
            ("1970-01-01T02:00:00+02:00", 0),
            ("1969-12-31T18:30:00-0530", 0),
            ("1970-01-01T01:00:00+01", 0),
            ("2000-02-29T00:00:00Z", 951_782_400_000),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000),
            ("2099-12-31T23:59:59.999Z", 4_102_444_799_999),
        ] {
            assert_eq!(Timestamp::parse(text).map(Timestamp::as_millis), Some(millis), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "2026-11-22",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-11-00T00:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T00:00:00.Z",
            "2026-11-22T00:00:00+1:00",
            "2026-11-22T00:00:00 Z",
            "2026/11/22T00:00:00Z",
            "-026-11-22T00:00:00Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_day_of_four_centuries_comes_back() {
        for day in days_before(1900, 1)..days_before(2300, 1) {
            let time = Timestamp::from_millis(midnight(day) + 12_345_678);
            assert_eq!(Timestamp::parse(&time.to_string()), Some(time));
        }
    }

    #[test]
    fn extremes_are_held_inside_four_digits() {
        assert_eq!(Timestamp::from_millis(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Timestamp::from_millis(i64::MIN).to_string(), "0000-01-01T00:00:00Z");
        for text in [
            "9999-12-31T23:59:59-08:00",
            "9999-12-31T23:59:60Z",
            "0000-01-01T00:00:00+01:00",
        ] {
            let time = Timestamp::parse(text).unwrap();
            assert_eq!(Timestamp::parse(&time.to_string()), Some(time), "{text}");
        }
    }
}
