//! Points in time: RFC 3339 on the wire, milliseconds in memory.

use super::declare::Wire;
use super::error::{ErrorKind, WireError};
use super::reader::Reader;
use super::writer::{Pieces, Writer};

const DAY_MS: i64 = 86_400_000;

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
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Reads RFC 3339; `None` if it is not that, or names a day that does not exist.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let date = bytes.get(..10)?;
        if !matches!(bytes.get(10)?, b'T' | b't' | b' ') {
            return None;
        }
        let time = bytes.get(11..19)?;
        let year = number(date.get(..4)?)?;
        let month = number(date.get(5..7)?)?;
        let day = number(date.get(8..10)?)?;
        let hour = number(time.get(..2)?)?;
        let minute = number(time.get(3..5)?)?;
        let second = number(time.get(6..8)?)?;
        let separators = [date.get(4)?, date.get(7)?, time.get(2)?, time.get(5)?];
        if separators != [&b'-', &b'-', &b':', &b':'] {
            return None;
        }
        // A leap second is taken as the second after it.
        if hour > 23 || minute > 59 || second > 60 || day == 0 || day > days_in_month(year, month)? {
            return None;
        }
        let (fraction, zone) = fraction(bytes.get(19..)?)?;
        let days = days_before(year, month).checked_add(day)?.checked_sub(1)?;
        let seconds = hour
            .checked_mul(3600)?
            .checked_add(minute.checked_mul(60)?)?
            .checked_add(second)?;
        let millis = days
            .checked_mul(DAY_MS)?
            .checked_add(seconds.checked_mul(1000)?)?
            .checked_add(fraction)?
            .checked_sub(offset_minutes(zone)?.checked_mul(60_000)?)?;
        // An offset, or a leap second, may carry it past the years that can be written.
        Some(Self(millis).held())
    }

    /// The nearest time that has a year of four digits.
    fn held(self) -> Self {
        let first = days_before(0, 1).wrapping_mul(DAY_MS);
        let behind = days_before(10_000, 1).wrapping_mul(DAY_MS);
        Self(self.0.clamp(first, behind.wrapping_sub(1)))
    }

    fn pieces(self, p: &mut Pieces<'_, '_>) {
        let time = self.held().0;
        let days = time.div_euclid(DAY_MS);
        let millis = time.rem_euclid(DAY_MS).unsigned_abs();
        let (year, month, day) = civil(days);
        p.digits(year, 4)
            .push("-")
            .digits(month, 2)
            .push("-")
            .digits(day, 2)
            .push("T");
        p.digits(millis / 3_600_000, 2).push(":");
        p.digits(millis / 60_000 % 60, 2).push(":");
        p.digits(millis / 1000 % 60, 2);
        if !millis.is_multiple_of(1000) {
            p.push(".").digits(millis % 1000, 3);
        }
        p.push("Z");
    }
}

impl<'f> Wire<'f> for Timestamp {
    fn read(r: &mut Reader<'f>) -> Result<Self, WireError> {
        let (text, _) = r.string()?;
        // Longer than any time with nine fractional digits and an offset.
        let mut buffer = [0; 48];
        text.copy_to(&mut buffer)
            .and_then(Self::parse)
            .ok_or(WireError::new(ErrorKind::Value))
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

fn number(digits: &[u8]) -> Option<i64> {
    let mut value = 0i64;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value
            .checked_mul(10)?
            .checked_add(i64::from(digit.wrapping_sub(b'0')))?;
    }
    Some(value)
}

/// Milliseconds of a fraction (finer digits are cut off), and what follows it.
fn fraction(rest: &[u8]) -> Option<(i64, &[u8])> {
    let Some(digits) = rest.strip_prefix(b".") else {
        return Some((0, rest));
    };
    let len = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut millis = number(digits.get(..len.min(3))?)?;
    for _ in len..3 {
        millis = millis.wrapping_mul(10);
    }
    if len == 0 {
        None
    } else {
        Some((millis, digits.get(len..)?))
    }
}

fn offset_minutes(zone: &[u8]) -> Option<i64> {
    let (sign, digits) = match zone {
        [] | [b'Z' | b'z'] => return Some(0),
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits {
        [h1, h2, b':', m1, m2] | [h1, h2, m1, m2] => (number(&[*h1, *h2])?, number(&[*m1, *m2])?),
        [h1, h2] => (number(&[*h1, *h2])?, 0),
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    hours.checked_mul(60)?.checked_add(minutes)?.checked_mul(sign)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && year % 100 != 0 || year % 400 == 0
}

fn days_in_month(year: i64, month: i64) -> Option<i64> {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(28i64.wrapping_add(i64::from(is_leap(year)))),
        _ => None,
    }
}

/// Days from 1970-01-01 to the first day of the month. The year is counted from March, so that the leap day is its
/// last, and months follow the pattern of 153 days in five.
fn days_before(year: i64, month: i64) -> i64 {
    let year = year.wrapping_sub(i64::from(month <= 2));
    let month = month.wrapping_add(9) % 12;
    let leap_days = year
        .div_euclid(4)
        .wrapping_sub(year.div_euclid(100))
        .wrapping_add(year.div_euclid(400));
    year.wrapping_mul(365)
        .wrapping_add(leap_days)
        .wrapping_add(month.wrapping_mul(153).wrapping_add(2) / 5)
        // 1970-01-01 counted in days from 0000-03-01.
        .wrapping_sub(719_468)
}

/// The date of a day counted from 1970-01-01, of the years 0 to 9999.
fn civil(days: i64) -> (u64, u64, u64) {
    // A guess that is a few years late at most, since no year is shorter; then the month likewise.
    let mut year = days.div_euclid(365).wrapping_add(1973);
    while days_before(year, 1) > days {
        year = year.wrapping_sub(1);
    }
    let mut month = 12;
    while days_before(year, month) > days {
        month = i64::wrapping_sub(month, 1);
    }
    let day = days.wrapping_sub(days_before(year, month)).wrapping_add(1);
    (year.unsigned_abs(), month.unsigned_abs(), day.unsigned_abs())
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
            let time = Timestamp::from_millis(day * DAY_MS + 12_345_678);
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
