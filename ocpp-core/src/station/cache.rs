//! The authorization cache: what the CSMS last said of each token (1.6 §3.5.1, 2.0.1 C10).

use super::Station;
use crate::journal::{Decoder, Encoder};
use crate::time::Instant;
use crate::token::{AuthorizationStatus, Token, TokenInfo, TokenKind};
use crate::wire::{Timestamp, WireEnum};

#[derive(Clone, Copy, Debug)]
pub(super) struct CacheEntry {
    pub token: Token,
    pub info: TokenInfo,
    /// Order of the updates, to know the oldest.
    pub updated: u32,
    /// When it was told or used last, in seconds since 1970; 0 if the time was not known.
    pub used: u32,
    /// Not stored yet.
    pub dirty: bool,
}

impl CacheEntry {
    /// Bytes for storage. The generation tells entries of a cleared cache from those of the present one.
    pub(super) fn encode<'b>(&self, generation: u32, buf: &'b mut [u8]) -> Result<&'b [u8], usize> {
        let mut e = Encoder::new(buf);
        e.number(generation.into());
        e.number(self.updated.into());
        e.number(self.used.into());
        encode_known(&mut e, &self.token, &self.info);
        e.sealed()
    }

    pub(super) fn decode(generation: u32, bytes: &[u8]) -> Option<Self> {
        let mut d = Decoder::unsealed(bytes)?;
        if d.small()? != generation {
            return None;
        }
        let updated = d.small()?;
        let used = d.small()?;
        let (token, info) = decode_known(&mut d)?;
        Some(Self {
            token,
            info,
            updated,
            used,
            dirty: false,
        })
    }
}

/// A token and what is known of it.
pub(super) fn encode_known(e: &mut Encoder<'_>, token: &Token, info: &TokenInfo) {
    encode_token(e, Some(token));
    e.byte(info.status as u8);
    e.signed(info.expiry.map_or(i64::MIN, Timestamp::as_millis));
    encode_token(e, info.group.as_ref());
}

pub(super) fn decode_known(d: &mut Decoder<'_>) -> Option<(Token, TokenInfo)> {
    let token = decode_token(d)??;
    let status = AuthorizationStatus::ALL.get(usize::from(d.byte()?)).copied()?;
    let expiry = Some(d.signed()?).filter(|&millis| millis != i64::MIN);
    let info = TokenInfo {
        status,
        expiry: expiry.map(Timestamp::from_millis),
        group: decode_token(d)?,
    };
    Some((token, info))
}

fn encode_token(e: &mut Encoder<'_>, token: Option<&Token>) {
    let text = token.map_or("", Token::as_str).as_bytes();
    e.byte(token.map_or(u8::MAX, |token| token.kind() as u8));
    e.number(text.len() as u64);
    e.bytes(text);
}

/// The outer `None` is damage, the inner one no token.
fn decode_token(d: &mut Decoder<'_>) -> Option<Option<Token>> {
    let kind = d.byte()?;
    let len = usize::try_from(d.number()?).ok()?;
    let text = core::str::from_utf8(d.bytes(len)?).ok()?;
    if kind == u8::MAX {
        return Some(None);
    }
    let kind = TokenKind::ALL.get(usize::from(kind)).copied()?;
    Token::new(text, kind).map(Some)
}

impl Station<'_> {
    /// What is known of a token without asking: the list comes before the cache (1.6 §3.5, C13.FR.01).
    pub(super) fn known(&self, token: &Token, now: Instant) -> Option<TokenInfo> {
        self.listed(token, now).or_else(|| self.cached(token, now))
    }

    /// What the cache says of a token, with an entry past its time counted as expired.
    pub(super) fn cached(&self, token: &Token, now: Instant) -> Option<TokenInfo> {
        if !self.settings().on(crate::settings::SettingId::AuthCacheEnabled) {
            return None;
        }
        let kinds = self.token_kinds_count();
        let entry = self
            .cache
            .iter()
            .filter_map(|slot| slot.0.as_ref())
            .find(|entry| entry.token.same(token, kinds))?;
        // C10.FR.08: what has no end of its own is forgotten after the life time.
        let life_time = self.settings().count(crate::settings::SettingId::CacheLifeTime);
        let age = self.seconds(now).saturating_sub(entry.used);
        let forgotten = entry.info.expiry.is_none() && life_time > 0 && entry.used > 0 && age >= life_time;
        (!forgotten).then(|| self.as_of(entry.info, now))
    }

    /// Seconds since 1970; 0 if the time is not known.
    fn seconds(&self, now: Instant) -> u32 {
        self.now_utc(now).map_or(0, Timestamp::seconds)
    }

    /// The life time of an entry starts anew whenever it is used. That is not worth a write to storage.
    pub(super) fn use_cached(&mut self, token: &Token, now: Instant) {
        let kinds = self.token_kinds_count();
        if self.cached(token, now).is_none() {
            return;
        }
        let seconds = self.seconds(now);
        let entries = self.cache.iter_mut().filter_map(|slot| slot.0.as_mut());
        for entry in entries.filter(|entry| entry.token.same(token, kinds)) {
            entry.used = seconds;
        }
    }

    /// The same, as it is to be taken now.
    pub(super) fn as_of(&self, info: TokenInfo, now: Instant) -> TokenInfo {
        let utc = self.now_utc(now);
        let expired = info.expiry.is_some_and(|expiry| utc.is_some_and(|utc| expiry <= utc));
        TokenInfo {
            status: if expired {
                AuthorizationStatus::Expired
            } else {
                info.status
            },
            ..info
        }
    }

    /// Remembers what the CSMS said. When full, an entry that is not valid goes first, then the oldest (1.6 §3.5.1).
    pub(super) fn remember(&mut self, token: &Token, info: &TokenInfo, now: Instant) {
        let listed = self.listed(token, now);
        if let Some(listed) = &listed {
            self.check_list_conflict(listed, info);
        }
        let rules = self.link.dialect.map(|dialect| dialect.rules());
        let left_out = listed.is_some() && !rules.is_some_and(|rules| rules.caches_listed_tokens);
        // C02.FR.03, C05.FR.02
        let made_up = matches!(token.kind(), TokenKind::Central | TokenKind::NoAuthorization);
        if left_out || made_up || !self.settings().on(crate::settings::SettingId::AuthCacheEnabled) {
            return;
        }
        let kinds = self.token_kinds_count();
        let used = self.seconds(now);
        let utc = self.now_utc(now);
        let valid = |entry: &CacheEntry| {
            let expired = entry
                .info
                .expiry
                .is_some_and(|expiry| utc.is_some_and(|utc| expiry <= utc));
            entry.info.status == AuthorizationStatus::Accepted && !expired
        };
        let newest = self
            .cache
            .iter()
            .filter_map(|slot| slot.0.as_ref())
            .map(|entry| entry.updated)
            .max();
        // The same token, else a free place, else an invalid entry, else the oldest.
        let place = self.cache.iter_mut().min_by_key(|slot| match &slot.0 {
            Some(entry) if entry.token.same(token, kinds) => (0, 0),
            None => (1, 0),
            Some(entry) if !valid(entry) => (2, entry.updated),
            Some(entry) => (3, entry.updated),
        });
        if let Some(slot) = place {
            let unchanged = slot
                .0
                .as_ref()
                .is_some_and(|entry| entry.token.same(token, kinds) && entry.info == *info);
            let dirty = !unchanged || slot.0.as_ref().is_some_and(|entry| entry.dirty);
            slot.0 = Some(CacheEntry {
                token: *token,
                info: *info,
                updated: newest.unwrap_or(0).saturating_add(1),
                used,
                dirty,
            });
        }
    }

    /// Forgets everything, here; storage follows by a new generation.
    pub(super) fn clear_cache(&mut self) {
        self.cache.iter_mut().for_each(|slot| slot.0 = None);
    }

    pub(super) fn token_kinds_count(&self) -> bool {
        self.link
            .dialect
            .is_some_and(|dialect| dialect.rules().token_kinds_count)
    }
}
