//! The local list: whom the CSMS lets charge, or not, without being asked (1.6 §3.5.2, §5.10, §5.15; 2.0.1 D01, D02).
//!
//! An update changes nothing until it is complete. Each entry has two places in storage; new content goes to the one
//! that does not count, and the one value that says which places count, stored last, puts the whole update into force.
//! The entries stay in the CALL meanwhile: memory needs no second list.

use super::Station;
use super::cache::{decode_known, encode_known};
use super::calls::{Answer, CallState, Wait};
use super::storing::{Content, Op};
use crate::contract::{Event, Slot, ValueKey};
use crate::dialect::{Command, ListEntry, LocalListUpdate, Status};
use crate::journal::{Decoder, Encoder};
use crate::settings::SettingId;
use crate::time::Instant;
use crate::token::{AuthorizationStatus, Token, TokenInfo};
use crate::vocabulary::FaultCode;

/// Most bytes of a SendLocalList around its entries.
pub(super) const ENVELOPE_BYTES: usize = 192;
/// Most bytes of an entry without vendor's additions, in the wordier version and without escapes.
pub(super) const ENTRY_BYTES: usize = 288;

#[derive(Debug)]
pub(super) struct ListState {
    /// 0 if there never was a list.
    version: i32,
    /// Something of the list is lost: only a whole new one helps.
    damaged: bool,
    /// What storage holds may be the update that was given up: it has to be told what counts.
    pub uncertain: bool,
}

impl ListState {
    pub(super) const NEW: Self = Self {
        version: 0,
        damaged: false,
        uncertain: false,
    };

    /// The version as the CSMS is told it.
    pub(super) fn told_version(&self) -> i32 {
        if self.damaged { 0 } else { self.version }
    }
}

/// One slot of the list.
#[derive(Debug)]
pub(super) struct ListEntryState {
    pub entry: Option<(Token, TokenInfo)>,
    stored: Stored,
    plan: Plan,
    /// Of the token that the plan is about.
    hash: u16,
}

/// Which of the two places in storage counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stored {
    Neither,
    First,
    Second,
}

/// What the update under way does to a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    /// It is not mentioned.
    Keep,
    /// It stays as it is, and was mentioned.
    Same,
    Remove,
    /// It gets the entry of that number in the CALL.
    Write(u16),
    /// The same, and storage has it.
    Written(u16),
}

impl ListEntryState {
    pub(super) const NEW: Self = Self {
        entry: None,
        stored: Stored::Neither,
        plan: Plan::Keep,
        hash: 0,
    };

    fn is(&self, token: &Token, kinds: bool) -> bool {
        self.entry.as_ref().is_some_and(|(own, _)| own.same(token, kinds))
    }

    /// What counts once the update is in force.
    fn planned(&self) -> Stored {
        match self.plan {
            Plan::Keep | Plan::Same => self.stored,
            Plan::Remove => Stored::Neither,
            Plan::Write(_) | Plan::Written(_) => self.stored.other(),
        }
    }
}

impl Default for ListEntryState {
    fn default() -> Self {
        Self::NEW
    }
}

impl Stored {
    /// Where new content goes.
    const fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Neither | Self::Second => Self::First,
        }
    }

    const fn key(self, index: u16) -> ValueKey {
        let second = matches!(self, Self::Second);
        ValueKey::LocalListEntry { index, second }
    }
}

/// What a station does with a local list. [`StationStorage::with_local_list`](super::StationStorage::with_local_list)
/// alone names it: where it is not called, nothing of this is linked.
#[derive(Debug)]
pub(super) struct ListBlock {
    /// See [`Station::listed`].
    listed: fn(&Station<'_>, &Token, Instant) -> Option<TokenInfo>,
    /// See [`Station::check_list_conflict`].
    check_conflict: fn(&mut Station<'_>, &TokenInfo, &TokenInfo),
    /// Acts on a SendLocalList.
    pub send: fn(&mut Station<'_>, &LocalListUpdate<'_>) -> CallState,
    /// What is to be stored next.
    pub next_op: fn(&Station<'_>) -> Option<Op>,
    /// Writes what an operation stores.
    pub content: fn(&Station<'_>, Op, &mut [u8]) -> Content,
    /// The operation went well.
    pub stored: fn(&mut Station<'_>, Op),
    /// It did not; whether storage has to be told again what counts.
    pub not_stored: fn(&mut Station<'_>) -> bool,
    /// Where the next entry to load is, from a slot on, and its key.
    pub next_entry: fn(&Station<'_>, usize) -> Option<(usize, ValueKey)>,
    /// What counts was loaded, or the entry of a slot.
    pub loaded: fn(&mut Station<'_>, Option<usize>, Option<&[u8]>),
}

pub(super) static LIST_BLOCK: ListBlock = ListBlock {
    listed: |station, token, now| station.find_listed(token, now),
    check_conflict: |station, listed, info| station.tell_list_conflict(listed, info),
    send: |station, update| station.send_local_list(update),
    next_op: |station| station.next_list_op(),
    content: |station, op, buf| match op {
        Op::StoreListEntry { index } => station.encode_list_entry(index, buf),
        _ => station.encode_list(buf),
    },
    stored: |station, op| match op {
        Op::StoreListEntry { index } => station.list_entry_stored(index),
        _ => station.list_stored(),
    },
    not_stored: |station| station.list_not_stored(),
    next_entry: |station, from| station.next_list_entry(from),
    loaded: |station, index, value| match index {
        Some(index) => station.list_entry_loaded(index, value),
        None => station.list_loaded(value),
    },
};

impl Station<'_> {
    /// What the list says of a token, with an entry past its time counted as expired.
    pub(super) fn listed(&self, token: &Token, now: Instant) -> Option<TokenInfo> {
        (self.list_block?.listed)(self, token, now)
    }

    /// The CSMS said something of a token. If the list says otherwise, it is told of the conflict; the list itself is
    /// changed by the CSMS alone (1.6 §3.5.3, D01.FR.09).
    pub(super) fn check_list_conflict(&mut self, listed: &TokenInfo, info: &TokenInfo) {
        if let Some(block) = self.list_block {
            (block.check_conflict)(self, listed, info);
        }
    }

    fn uses_list(&self) -> bool {
        !self.list.is_empty() && self.settings().on(SettingId::LocalListEnabled)
    }

    /// The version as GetLocalListVersion is answered.
    pub(super) fn list_version_told(&self) -> i32 {
        let tells = self
            .call
            .dialect
            .is_some_and(|dialect| dialect.rules().tells_missing_list);
        match self.list_version() {
            Some(version) => version,
            None if tells => -1,
            None => 0,
        }
    }

    fn find_listed(&self, token: &Token, now: Instant) -> Option<TokenInfo> {
        if !self.uses_list() {
            return None;
        }
        let kinds = self.token_kinds_count();
        let slot = self.list.iter().find(|slot| slot.0.is(token, kinds))?;
        let (_, info) = slot.0.entry.as_ref()?;
        Some(self.as_of(*info, now))
    }

    fn tell_list_conflict(&mut self, listed: &TokenInfo, info: &TokenInfo) {
        let valid = |info: &TokenInfo| {
            matches!(
                info.status,
                AuthorizationStatus::Accepted | AuthorizationStatus::ConcurrentTx
            )
        };
        if valid(listed) != valid(info) {
            self.own.set_fault(FaultCode::LocalListConflict, true);
        }
    }

    /// The update is checked as a whole before anything of it is stored.
    fn send_local_list(&mut self, update: &LocalListUpdate<'_>) -> CallState {
        let answer = |status| CallState::Ready(Answer::Status(status));
        if !self.uses_list() {
            return answer(Status::NotSupported);
        }
        // 0 and −1 say that there is no list.
        if update.version <= 0 {
            return answer(Status::Failed);
        }
        let state = &self.list_state;
        if !update.full && (state.damaged || update.version <= state.version) {
            return answer(Status::VersionMismatch);
        }
        let kinds = self.token_kinds_count();
        let planned = if update.full {
            self.plan_all(update, kinds)
        } else {
            self.plan_changes(update, kinds)
        };
        if planned.is_none() {
            self.forget_plan();
            return answer(Status::Failed);
        }
        CallState::Waiting(Wait::LocalList)
    }

    /// A new list: its entries take the slots in their order. What stands in its slot already is not stored again.
    fn plan_all(&mut self, update: &LocalListUpdate<'_>, kinds: bool) -> Option<()> {
        for slot in self.list.iter_mut() {
            slot.0.plan = Plan::Remove;
        }
        for (item, entry) in update.entries.iter().enumerate() {
            let own = (entry.token, entry.info?);
            let hash = hash(&entry.token);
            if self.is_repeated(update, &entry.token, hash, kinds) {
                return None;
            }
            let slot = &mut self.list.get_mut(item)?.0;
            slot.hash = hash;
            slot.plan = if slot.entry == Some(own) {
                Plan::Same
            } else {
                Plan::Write(u16::try_from(item).ok()?)
            };
        }
        Some(())
    }

    /// Changes: first those of entries that there are, then new ones, which may need the places of those that go.
    fn plan_changes(&mut self, update: &LocalListUpdate<'_>, kinds: bool) -> Option<()> {
        self.forget_plan();
        for (item, entry) in update.entries.iter().enumerate() {
            let Some(slot) = self.list.iter_mut().find(|slot| slot.0.is(&entry.token, kinds)) else {
                continue;
            };
            if slot.0.plan != Plan::Keep {
                return None;
            }
            slot.0.plan = match entry.info {
                None => Plan::Remove,
                Some(info) if slot.0.entry == Some((entry.token, info)) => Plan::Same,
                Some(_) => Plan::Write(u16::try_from(item).ok()?),
            };
            slot.0.hash = hash(&entry.token);
        }
        for (item, entry) in update.entries.iter().enumerate() {
            let token = &entry.token;
            if self.list.iter().any(|slot| slot.0.is(token, kinds)) {
                continue;
            }
            let hash = hash(token);
            if self.is_repeated(update, token, hash, kinds) {
                return None;
            }
            if entry.info.is_none() {
                continue;
            }
            let free = |slot: &ListEntryState| match slot.plan {
                Plan::Keep => slot.entry.is_none(),
                Plan::Remove => true,
                _ => false,
            };
            let slot = &mut self.list.iter_mut().find(|slot| free(&slot.0))?.0;
            slot.plan = Plan::Write(u16::try_from(item).ok()?);
            slot.hash = hash;
        }
        Some(())
    }

    /// Whether the update has named the token already (D01.FR.06).
    fn is_repeated(&self, update: &LocalListUpdate<'_>, token: &Token, hash: u16, kinds: bool) -> bool {
        self.list.iter().any(|slot| match slot.0.plan {
            _ if slot.0.hash != hash => false,
            Plan::Write(item) => {
                let earlier = update.entries.iter().nth(item.into());
                earlier.is_some_and(|earlier| earlier.token.same(token, kinds))
            }
            Plan::Same => slot.0.is(token, kinds),
            _ => false,
        })
    }

    fn forget_plan(&mut self) {
        self.list.iter_mut().for_each(|slot| slot.0.plan = Plan::Keep);
    }

    /// What is to be stored next for the list.
    fn next_list_op(&self) -> Option<Op> {
        if self.list_state.uncertain {
            return Some(Op::StoreList);
        }
        let Some(Wait::LocalList) = self.call.waits_for() else {
            return None;
        };
        let waiting = |slot: &super::LocalListSlot| matches!(slot.0.plan, Plan::Write(_));
        Some(match self.list.iter().position(waiting) {
            Some(index) => Op::StoreListEntry { index },
            None => Op::StoreList,
        })
    }

    /// The entry of the held CALL that goes to a slot.
    fn encode_list_entry(&self, index: usize, buf: &mut [u8]) -> Content {
        let Some(slot) = self.list.get(index) else {
            return Err(0);
        };
        let Plan::Write(item) = slot.0.plan else { return Err(0) };
        let entry = self
            .sent_list()
            .and_then(|update| update.entries.iter().nth(item.into()));
        let Some(ListEntry {
            token,
            info: Some(info),
        }) = entry
        else {
            return Err(0);
        };
        let mut e = Encoder::new(buf);
        encode_known(&mut e, &token, &info);
        let key = slot.0.planned().key(u16::try_from(index).unwrap_or(u16::MAX));
        e.sealed().map(|bytes| (Slot::Value(key), bytes.len()))
    }

    /// Version, number of slots, and two bits for each: what counts, once this is stored.
    fn encode_list(&self, buf: &mut [u8]) -> Content {
        let update = self.sent_list().filter(|_| !self.list_state.uncertain);
        let mut e = Encoder::new(buf);
        e.signed(update.map_or(self.list_state.version, |update| update.version).into());
        e.number(self.list.len() as u64);
        for four in self.list.chunks(4) {
            let byte = four.iter().rev().fold(0, |byte, slot| {
                let counts = match update {
                    Some(_) => slot.0.planned(),
                    None => slot.0.stored,
                };
                byte << 2 | counts as u8
            });
            e.byte(byte);
        }
        e.sealed().map(|bytes| (Slot::Value(ValueKey::LocalList), bytes.len()))
    }

    /// The update in the held CALL.
    fn sent_list(&self) -> Option<LocalListUpdate<'_>> {
        let Some(Wait::LocalList) = self.call.waits_for() else {
            return None;
        };
        match self.command(self.buffers.inbound.get(..self.call.len)?) {
            Ok((Command::SendLocalList(update), _)) => Some(update),
            _ => None,
        }
    }

    fn list_entry_stored(&mut self, index: usize) {
        if let Some(slot) = self.list.get_mut(index)
            && let Plan::Write(item) = slot.0.plan
        {
            slot.0.plan = Plan::Written(item);
        }
    }

    /// What counts is stored: the update is in force.
    fn list_stored(&mut self) {
        if core::mem::replace(&mut self.list_state.uncertain, false) {
            return;
        }
        let inbound = core::mem::take(&mut self.buffers.inbound);
        let call = inbound.get(..self.call.len).unwrap_or(&[]);
        if let Ok((Command::SendLocalList(update), _)) = self.command(call) {
            self.apply_list(&update);
            self.call.answer(Status::Accepted);
        }
        self.buffers.inbound = inbound;
    }

    fn apply_list(&mut self, update: &LocalListUpdate<'_>) {
        for (item, entry) in (0..=u16::MAX).zip(update.entries.iter()) {
            let own = self.list.iter_mut().find(|slot| slot.0.plan == Plan::Written(item));
            if let Some(slot) = own {
                slot.0.entry = entry.info.map(|info| (entry.token, info));
            }
        }
        for slot in self.list.iter_mut() {
            slot.0.stored = slot.0.planned();
            if slot.0.stored == Stored::Neither {
                slot.0.entry = None;
            }
        }
        self.forget_plan();
        self.list_state.version = update.version;
        self.list_state.damaged = false;
        self.own.set_fault(FaultCode::LocalListConflict, false);
    }

    /// Storage did not take a part of the update: it is given up as a whole. Returns whether storage has to be told
    /// again what counts.
    fn list_not_stored(&mut self) -> bool {
        if let Some(Wait::LocalList) = self.call.waits_for() {
            self.forget_plan();
            self.call.answer(Status::Failed);
        }
        self.list_state.uncertain
    }

    /// What counts was loaded.
    fn list_loaded(&mut self, value: Option<&[u8]>) {
        let Some(bytes) = value else { return };
        self.list_state.damaged = self.decode_list(bytes).is_none();
    }

    /// `None` if not all of the list can be had.
    fn decode_list(&mut self, bytes: &[u8]) -> Option<()> {
        let mut d = Decoder::unsealed(bytes)?;
        self.list_state.version = i32::try_from(d.signed()?).ok()?;
        let count = usize::try_from(d.number()?).ok()?;
        let mut byte = 0;
        for index in 0..count {
            if index.is_multiple_of(4) {
                byte = d.byte()?;
            }
            let stored = match byte & 3 {
                0 => Stored::Neither,
                1 => Stored::First,
                _ => Stored::Second,
            };
            byte >>= 2;
            match self.list.get_mut(index) {
                Some(slot) => slot.0.stored = stored,
                // Fewer slots than there were.
                None if stored != Stored::Neither => return None,
                None => {}
            }
        }
        Some(())
    }

    /// Where the next entry that counts is, from a slot on, and its key.
    fn next_list_entry(&self, from: usize) -> Option<(usize, ValueKey)> {
        let slots = self.list.iter().zip(0u16..).enumerate().skip(from);
        slots
            .map(|(index, (slot, number))| (index, slot.0.stored, number))
            .find(|(_, stored, _)| *stored != Stored::Neither)
            .map(|(index, stored, number)| (index, stored.key(number)))
    }

    fn list_entry_loaded(&mut self, index: usize, value: Option<&[u8]>) {
        let entry = value.and_then(|bytes| decode_known(&mut Decoder::unsealed(bytes)?));
        if entry.is_none() {
            self.list_state.damaged = true;
            self.events.push(Event::Storage {
                detail: "the local list is not complete",
            });
        }
        if let Some(slot) = self.list.get_mut(index) {
            slot.0.entry = entry;
        }
    }
}

/// Tells most tokens apart: FNV-1a, in any case the same.
fn hash(token: &Token) -> u16 {
    let hash = token.as_str().bytes().fold(0x811c_9dc5u32, |hash, byte| {
        (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193)
    });
    (hash ^ hash >> 16) as u16
}
