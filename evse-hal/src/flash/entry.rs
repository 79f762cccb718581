//! One entry of a page: what it looks like, and how a page is read entry by entry.

use super::crc::Crc;
use super::nor::Nor;
use embedded_storage_async::nor_flash::NorFlash;

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A record or a value.
    Plain,
    /// A record, and behind its number the records that were discarded before it.
    Dropping,
    /// Only records that were discarded.
    Note,
    /// The page stands in for those that it covers.
    Commit,
    /// The value is gone.
    Removed,
    /// The records that are alive as the page begins.
    Snapshot,
    /// Several records.
    Pack,
}

const KINDS: [Kind; 7] = [
    Kind::Plain,
    Kind::Dropping,
    Kind::Note,
    Kind::Commit,
    Kind::Removed,
    Kind::Snapshot,
    Kind::Pack,
];

/// Up to here a sealed [`Kind::Plain`] and its length share a byte.
const SHORT: u32 = 0x3f;
/// In that byte: the number follows.
const SHORT_TOLD: u8 = 0x40;
/// In the first byte of others: the kind follows in these bits, the length in the next byte.
const LONG: u8 = 0x80;
const KIND_SHIFT: u32 = 2;
const LONG_SEALED: u8 = 1;
const LONG_IMPLIED: u8 = 2;

/// Longest beginning of an entry: kind, length, number.
const HEAD_MAX: usize = 11;

/// A record's number is left out only if it can be told with the entry before it damaged: so far it is looked for.
const REACH: u32 = 4;
/// Numbers that are a multiple of this are never left out: so many records are lost at most if several entries in a row
/// are damaged.
const TOLD_EVERY: u32 = 16;

/// Where an entry is and what it holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub kind: Kind,
    /// The number of a record, less that before the first of its page; or the key of a value.
    pub number: u32,
    pub at: u32,
    pub body: u32,
    pub len: u32,
    /// The body has lost the checksum that it ended with.
    pub sealed: bool,
    pub next: u32,
}

/// What an entry is to say.
#[derive(Clone, Copy)]
pub(super) struct Label {
    pub kind: Kind,
    pub number: u32,
    /// Whether the number follows from the entry before.
    pub implied: bool,
    /// Bytes of the body.
    pub len: u32,
    pub sealed: bool,
}

/// Head of an entry.
pub(super) struct Head {
    bytes: heapless::Vec<u8, HEAD_MAX>,
    /// The number, if it is not among them.
    implied: Option<u32>,
}

/// The numbers of the records in a page, as they are written.
#[derive(Clone, Copy)]
pub(super) struct Run {
    last: u32,
    before: u32,
}

impl Run {
    /// Of a page that has none.
    pub(super) const EMPTY: Self = Self { last: 0, before: 0 };
    /// Behind records whose numbers are not in heads of entries.
    pub(super) const UNKNOWN: Self = Self {
        last: u32::MAX,
        before: u32::MAX,
    };

    /// Whether this number need not be told.
    pub(super) fn implies(&self, number: u32) -> bool {
        self.last.checked_add(1) == Some(number)
            && number.checked_sub(self.before).is_some_and(|ahead| ahead <= REACH)
            && !number.is_multiple_of(TOLD_EVERY)
    }

    pub(super) fn add(&mut self, number: u32) {
        self.before = self.last;
        self.last = number;
    }
}

impl Label {
    /// Nothing but a kind.
    pub(super) const fn bare(kind: Kind) -> Self {
        Self::new(kind, 0, 0)
    }

    /// With its number told, and a body as it is.
    pub(super) const fn new(kind: Kind, number: u32, len: u32) -> Self {
        Self {
            kind,
            number,
            implied: false,
            len,
            sealed: false,
        }
    }
}

impl Head {
    pub(super) fn new(label: Label) -> Self {
        let Label {
            kind,
            number,
            implied,
            len,
            sealed,
        } = label;
        let mut bytes = heapless::Vec::new();
        if kind == Kind::Plain && len <= SHORT && sealed {
            let _ = bytes.push(len as u8 | if implied { 0 } else { SHORT_TOLD });
        } else {
            let code = (kind as u8) << KIND_SHIFT;
            let sealed = if sealed { LONG_SEALED } else { 0 };
            let implied = if implied { LONG_IMPLIED } else { 0 };
            let _ = bytes.push(LONG | code | sealed | implied);
            push_number(&mut bytes, len);
        }
        if !implied {
            push_number(&mut bytes, number);
        }
        Self {
            bytes,
            implied: implied.then_some(number),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn implied(&self) -> Option<u32> {
        self.implied
    }

    /// Bytes of the entry in flash.
    pub(super) fn entry_len<F: NorFlash>(&self, len: u32) -> u32 {
        let head = self.bytes.len() as u32;
        Nor::<F>::words(head.saturating_add(len).saturating_add(Crc::LEN))
    }
}

/// Seven bits a byte, the lowest first.
pub(super) fn push_number<const N: usize>(bytes: &mut heapless::Vec<u8, N>, number: u32) {
    let mut rest = number;
    while rest > 0x7f {
        let _ = bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    let _ = bytes.push(rest as u8);
}

pub(super) fn take_number(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0u64;
    for shift in [0, 7, 14, 21, 28] {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f).wrapping_shl(shift);
        if byte & 0x80 == 0 {
            return u32::try_from(number).ok();
        }
    }
    None
}

/// Reads the entries of a page in order, and steps over what is damaged.
#[derive(Clone, Copy)]
pub(super) struct Walk {
    page: u32,
    sequence: u32,
    at: u32,
    end: u32,
    /// Behind the last word that is not erased.
    pub used: u32,
    /// Places that were stepped over.
    pub damaged: u32,
    in_damage: bool,
    /// Number of the record before.
    last: u32,
    /// Something was stepped over since.
    stepped: bool,
    /// Only entries with this number are checked.
    only: Option<u32>,
}

impl Walk {
    pub(super) const fn new(page: u32, sequence: u32, from: u32, end: u32) -> Self {
        Self {
            page,
            sequence,
            at: from,
            end,
            used: from,
            damaged: 0,
            in_damage: false,
            last: 0,
            stepped: false,
            only: None,
        }
    }

    /// Goes on behind the record with that number.
    pub(super) fn behind(self, last: u32) -> Self {
        Self { last, ..self }
    }

    /// Ends before that place, if the page does not end earlier.
    pub(super) fn until(self, end: u32) -> Self {
        Self {
            end: self.end.min(end),
            ..self
        }
    }

    /// Checks only the entries with this number. The page must be known to be undamaged.
    pub(super) fn looking_for(self, number: u32) -> Self {
        Self {
            only: Some(number),
            ..self
        }
    }

    pub(super) async fn next<F: NorFlash>(&mut self, nor: &mut Nor<F>) -> Result<Option<Entry>, F::Error> {
        while self.at < self.end {
            if let Some(entry) = self.entry(nor).await? {
                self.at = entry.next;
                self.used = entry.next;
                self.in_damage = false;
                if matches!(entry.kind, Kind::Plain | Kind::Dropping | Kind::Pack) {
                    self.last = entry.number;
                    self.stepped = false;
                }
                return Ok(Some(entry));
            }
            self.stepped = true;
            let word = self.at;
            self.at = self.at.saturating_add(Nor::<F>::WORD);
            for at in word..self.at.min(self.end) {
                if nor.byte(at).await? != 0xff {
                    self.damaged = self.damaged.saturating_add(u32::from(!self.in_damage));
                    self.in_damage = true;
                    self.used = self.at;
                    break;
                }
            }
        }
        Ok(None)
    }

    /// The entry that begins here, if a whole one does.
    async fn entry<F: NorFlash>(&self, nor: &mut Nor<F>) -> Result<Option<Entry>, F::Error> {
        // Most of what is read here is erased.
        if nor.byte(self.at).await? == 0xff {
            return Ok(None);
        }
        let mut head = [0; HEAD_MAX];
        let room = self.end.saturating_sub(self.at);
        let head = head.get_mut(..HEAD_MAX.min(room as usize)).unwrap_or_default();
        nor.read(self.at, head).await?;
        let Some((Label { kind, len, sealed, .. }, told, head_len)) = parse(head) else {
            return Ok(None);
        };
        let body = self.at.saturating_add(head_len);
        let sum_at = body.saturating_add(len);
        if sum_at.saturating_add(Crc::LEN) > self.end {
            return Ok(None);
        }
        let number = match told {
            Some(number) if self.only.is_some_and(|only| only != number) => Some(number),
            _ => {
                let mut crc = Crc::at(self.sequence, self.at.saturating_sub(self.page));
                nor.sum(self.at, head_len.saturating_add(len), &mut crc).await?;
                let mut sum = [0; Crc::LEN as usize];
                nor.read(sum_at, &mut sum).await?;
                self.number(told, crc, sum)
            }
        };
        // Pages begin at words, so places in a page may be rounded as lengths are.
        let length = Nor::<F>::words(sum_at.saturating_add(Crc::LEN).saturating_sub(self.page));
        Ok(number.map(|number| Entry {
            kind,
            number,
            at: self.at,
            body,
            len,
            sealed,
            next: self.page.saturating_add(length).min(self.end),
        }))
    }

    /// The number with which the checksum is right.
    fn number(&self, told: Option<u32>, crc: Crc, sum: [u8; 3]) -> Option<u32> {
        if told.is_some() {
            return told.filter(|_| crc.bytes() == sum);
        }
        let reach = if self.stepped { REACH } else { 1 };
        let mut numbers = (1..=reach).filter_map(|ahead| self.last.checked_add(ahead));
        numbers.find(|number| crc.with(*number).bytes() == sum)
    }
}

/// What an entry says, its number if that is told, and the length of its head.
fn parse(head: &[u8]) -> Option<(Label, Option<u32>, u32)> {
    let (&first, mut rest) = head.split_first()?;
    let mut label = Label::bare(Kind::Plain);
    if first & LONG == 0 {
        label.len = u32::from(first) & SHORT;
        label.sealed = true;
        label.implied = first & SHORT_TOLD == 0;
    } else {
        label.kind = *KINDS.get(usize::from((first ^ LONG) >> KIND_SHIFT))?;
        label.sealed = first & LONG_SEALED != 0;
        label.implied = first & LONG_IMPLIED != 0;
        label.len = take_number(&mut rest)?;
    }
    let number = if label.implied {
        None
    } else {
        Some(take_number(&mut rest)?)
    };
    Some((label, number, head.len().saturating_sub(rest.len()) as u32))
}
