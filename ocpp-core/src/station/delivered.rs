//! What the CSMS was told of the latest transaction of an EVSE: known over reboots, so that nothing is told twice, and
//! everything is told anew when another version of OCPP speaks.

use crate::contract::RecordId;
use crate::journal::{Decoder, Encoder};

/// The transaction of an EVSE that was delivered last, whole or in part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Delivered {
    pub transaction: u32,
    pub salt: u64,
    /// The version of OCPP in which it was told.
    pub version: u8,
    /// Whether that version had words for its start, with a record that is told by now.
    pub told: bool,
    /// The start's record, kept until the end was delivered; 0 from then on.
    pub start: RecordId,
    /// The record that says who was authorized, if the start did not; kept as long as the start.
    pub authorized: Option<RecordId>,
    /// The CSMS's number; `None` if the start was given up.
    pub reference: Option<i64>,
    /// A delivered record that is kept while it is the last one known of a running transaction. Not stored.
    pub last: Option<RecordId>,
    pub numbers: Numbers,
    /// The time of day at the begin of its boot, in ms, as it was when the start was told: a clock that is set in
    /// mid-transaction changes neither its order nor its length.
    pub boot_began: i64,
    /// Not stored yet.
    pub dirty: bool,
}

/// From the number of a record to the number under which it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// That many less: what was told to another CSMS is no part of the count.
    Less(u32),
    /// The next record gets this one.
    Next(u32),
}

impl Delivered {
    /// The number under which a record is told (2.0.1 seqNo).
    pub(super) fn number(&self, seq_no: u32) -> u32 {
        match self.numbers {
            Numbers::Less(less) => seq_no.wrapping_sub(less),
            Numbers::Next(next) => next,
        }
    }

    /// What is to be told first, because another version speaks now.
    pub(super) fn owed(&self, version: u8) -> Option<RecordId> {
        if self.start.0 == 0 {
            None
        } else if self.version != version {
            Some(self.start)
        } else {
            self.authorized.filter(|_| self.numbers == Numbers::Next(1))
        }
    }

    /// What is kept of it, in the order in which it may be forgotten: a power cut then leaves an end that is told again,
    /// never a start without an end.
    pub(super) fn kept(&self) -> impl Iterator<Item = RecordId> + use<> {
        let start = Some(self.start).filter(|start| start.0 != 0);
        let last = self.last.filter(|last| Some(*last) != self.authorized);
        [start, self.authorized, last].into_iter().flatten()
    }

    /// The last record that is known of it is that one; returns the one before, if that is not needed for anything else.
    pub(super) fn went_on(&mut self, id: RecordId) -> Option<RecordId> {
        let authorized = self.authorized;
        self.last.replace(id).filter(|last| Some(*last) != authorized)
    }

    /// Its end is told; returns what is not needed any more.
    pub(super) fn ended(&mut self, end: RecordId) -> impl Iterator<Item = RecordId> + use<> {
        let kept = self.kept();
        self.start = RecordId(0);
        self.authorized = None;
        self.last = None;
        kept.chain([end])
    }

    pub(super) fn encode<'b>(&self, buf: &'b mut [u8]) -> Result<&'b [u8], usize> {
        let mut e = Encoder::new(buf);
        let (next, number) = match self.numbers {
            Numbers::Less(less) => (false, less),
            Numbers::Next(next) => (true, next),
        };
        let flags = [self.told, self.reference.is_some(), next];
        e.byte(flags.iter().rev().fold(0, |byte, &flag| (byte << 1) | u8::from(flag)));
        e.byte(self.version);
        e.number(self.transaction.into());
        e.bytes(&self.salt.to_le_bytes());
        for id in [Some(self.start), self.authorized] {
            e.number(id.map_or(0, |id| id.0).into());
        }
        e.signed(self.reference.unwrap_or(0));
        e.number(number.into());
        e.signed(self.boot_began);
        e.sealed()
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut d = Decoder::unsealed(bytes)?;
        let flags = d.byte()?;
        let flag = |bit: u8| flags & bit != 0;
        let some = |id: u32| Some(RecordId(id)).filter(|id| id.0 != 0);
        Some(Self {
            told: flag(1),
            version: d.byte()?,
            transaction: d.small()?,
            salt: u64::from_le_bytes(d.bytes(8)?.try_into().ok()?),
            start: RecordId(d.small()?),
            authorized: some(d.small()?),
            last: None,
            reference: Some(d.signed()?).filter(|_| flag(2)),
            numbers: match (flag(4), d.small()?) {
                (true, next) => Numbers::Next(next),
                (false, less) => Numbers::Less(less),
            },
            boot_began: d.signed()?,
            dirty: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_from_storage() {
        for (reference, numbers) in [(None, Numbers::Less(7)), (Some(-3), Numbers::Next(2))] {
            let delivered = Delivered {
                transaction: 4097,
                salt: u64::MAX / 5,
                version: 21,
                told: reference.is_none(),
                start: RecordId(4096),
                authorized: reference.map(|_| RecordId(4097)),
                reference,
                last: None,
                numbers,
                boot_began: 1_795_000_000_000,
                dirty: false,
            };
            let mut buffer = [0; 64];
            assert_eq!(
                Delivered::decode(delivered.encode(&mut buffer).unwrap()),
                Some(delivered)
            );
        }
    }
}
