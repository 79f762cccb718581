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
}

const KINDS: [(u8, Kind); 6] = [
    (0x80, Kind::Plain),
    (0x81, Kind::Dropping),
    (0x82, Kind::Note),
    (0x83, Kind::Commit),
    (0x84, Kind::Removed),
    (0x85, Kind::Snapshot),
];

/// Up to here the kind [`Kind::Plain`] and the length share a byte.
const SHORT: u32 = 0x7f;

/// Longest beginning of an entry: kind, length, number.
const HEAD_MAX: usize = 11;

/// Where an entry is and what it holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub kind: Kind,
    /// The number of a record, less that before the first of its page; or the key of a value.
    pub number: u32,
    pub at: u32,
    pub body: u32,
    pub len: u32,
    pub next: u32,
}

/// Head of an entry.
pub(super) struct Head(heapless::Vec<u8, HEAD_MAX>);

impl Head {
    pub(super) fn new(kind: Kind, number: u32, len: u32) -> Self {
        let mut bytes = heapless::Vec::new();
        if kind == Kind::Plain && len <= SHORT {
            let _ = bytes.push(len as u8);
        } else {
            let code = KINDS.iter().find(|(_, known)| *known == kind);
            let _ = bytes.push(code.map_or(0, |(code, _)| *code));
            push_number(&mut bytes, len);
        }
        push_number(&mut bytes, number);
        Self(bytes)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Bytes of the entry in flash.
    pub(super) fn entry_len<F: NorFlash>(&self, len: u32) -> u32 {
        let head = self.0.len() as u32;
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
            only: None,
        }
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
                return Ok(Some(entry));
            }
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
        let Some((kind, len, number, head_len)) = parse(head) else {
            return Ok(None);
        };
        let body = self.at.saturating_add(head_len);
        let sum_at = body.saturating_add(len);
        if sum_at.saturating_add(Crc::LEN) > self.end {
            return Ok(None);
        }
        if self.only.is_none_or(|only| only == number) {
            let mut crc = Crc::at(self.sequence, self.at.saturating_sub(self.page));
            nor.sum(self.at, head_len.saturating_add(len), &mut crc).await?;
            let mut sum = [0; Crc::LEN as usize];
            nor.read(sum_at, &mut sum).await?;
            if sum != crc.bytes() {
                return Ok(None);
            }
        }
        // Pages begin at words, so places in a page may be rounded as lengths are.
        let length = Nor::<F>::words(sum_at.saturating_add(Crc::LEN).saturating_sub(self.page));
        Ok(Some(Entry {
            kind,
            number,
            at: self.at,
            body,
            len,
            next: self.page.saturating_add(length).min(self.end),
        }))
    }
}

fn parse(head: &[u8]) -> Option<(Kind, u32, u32, u32)> {
    let (&first, mut rest) = head.split_first()?;
    let (kind, len) = if u32::from(first) <= SHORT {
        (Kind::Plain, first.into())
    } else {
        let (_, kind) = KINDS.iter().find(|(code, _)| *code == first)?;
        (*kind, take_number(&mut rest)?)
    };
    let number = take_number(&mut rest)?;
    Some((kind, len, number, head.len().saturating_sub(rest.len()) as u32))
}
