//! Who may charge: what a presented token means, and in which order list, cache and CSMS are asked (1.6 §3.5, §4.1;
//! 2.0.1 C).

use super::Station;
use super::evse::{Grant, Owner, Purpose, Request};
use super::link::Failure;
use super::session::Ending;
use crate::contract::Event;
use crate::settings::SettingId;
use crate::time::{Instant, is_due};
use crate::token::{AuthorizationStatus, Token, TokenInfo, TokenKind};
use crate::vocabulary::{Registration, StopReason, TriggerReason};

impl Station<'_> {
    /// A driver presents a token.
    pub(super) fn present(&mut self, token: &Token, evse: Option<usize>, now: Instant) {
        let kinds = self.token_kinds_count();
        let Some(evse) = evse.or_else(|| self.meant_evse(token)) else {
            self.tell_decision(token, AuthorizationStatus::Invalid, None);
            return;
        };
        let Some(slot) = self.evses.get(evse) else { return };
        let state = &slot.0;
        let accepted = AuthorizationStatus::Accepted;
        let same = |own: &Token| own.same(token, kinds);
        let is_own = |owner: &Option<Owner>| owner.as_ref().is_some_and(|(owner, _)| same(owner));
        let running = state.transaction.as_ref();
        if running.is_some_and(|running| running.authorized && is_own(&running.owner)) {
            // The token that started may always stop; nobody is asked (1.6 §4.1, 2.0.1 E07.FR.01).
            self.tell_decision(token, accepted, None);
            self.end_authorization(evse, &Ending::new(StopReason::Local, Some(token)), now);
        } else if state.grant.as_ref().is_some_and(|grant| same(&grant.token)) {
            // The second swipe takes the first one back (1.6 §4.9 B1).
            self.tell_decision(token, accepted, None);
            self.revoke(evse);
        } else if running.is_none() && is_own(&state.keep_locked_for) {
            self.tell_decision(token, accepted, None);
            self.release_cable(evse);
        } else if state.request.is_some() || state.grant.is_some() {
            // Somebody else is being served there.
            self.tell_decision(token, AuthorizationStatus::ConcurrentTx, None);
        } else if running.is_some_and(|running| running.authorized)
            || running.is_none() && state.keep_locked_for.is_some()
        {
            self.request(evse, token, Purpose::Stop, now);
        } else if running.is_some_and(|running| running.owner.is_some() && !is_own(&running.owner)) {
            // Nobody takes over a transaction (2.0.1 C01.FR.23).
            self.tell_decision(token, AuthorizationStatus::ConcurrentTx, None);
        } else {
            self.request(evse, token, Purpose::Start, now);
        }
    }

    /// Which EVSE a token means that was presented at a reader for all of them: where it charges already, else where an
    /// EV is waiting, else one that is free, else one that somebody of its group may be charging at.
    fn meant_evse(&self, token: &Token) -> Option<usize> {
        let kinds = self.token_kinds_count();
        let owner = |index: usize| {
            let state = &self.evses.get(index)?.0;
            let running = state.transaction.as_ref().and_then(|running| running.owner.as_ref());
            let granted = state.grant.as_ref().map(|grant| &grant.token);
            let kept = state.keep_locked_for.as_ref();
            let (running, kept) = (running.map(|(owner, _)| owner), kept.map(|(owner, _)| owner));
            running.or(granted).or(kept)
        };
        let rank = |index: usize| {
            let free = self.evses.get(index).is_some_and(|slot| slot.0.is_open());
            let mut connectors = self.connectors_of(index).peekable();
            let usable = self.is_usable(index, None);
            match owner(index) {
                Some(owner) if owner.same(token, kinds) => 0,
                _ if free && usable && connectors.peek().is_none() => 9,
                _ if free && usable => {
                    let waiting = connectors.clone().any(|c| c.plugged && !c.finishing);
                    let finishing = connectors.any(|c| c.is_used());
                    match (waiting, finishing) {
                        (true, _) => 1,
                        (false, false) => 2,
                        (false, true) => 3,
                    }
                }
                Some(_) => 4,
                None => 5,
            }
        };
        (0..self.evses.len()).min_by_key(|&index| rank(index))
    }

    /// Decides on a token, or asks the CSMS.
    pub(super) fn request(&mut self, evse: usize, token: &Token, purpose: Purpose, now: Instant) {
        if self.needs_no_decision(token, purpose) {
            let info = TokenInfo::status(AuthorizationStatus::Accepted);
            self.decided(evse, token, purpose, &info, now);
            return;
        }
        self.use_cached(token, now);
        let known = self.known(token, now);
        if !self.is_online() {
            let info = self.offline_decision(known, purpose);
            self.decided(evse, token, purpose, &info, now);
            return;
        }
        let accepted = |info: &TokenInfo| info.status == AuthorizationStatus::Accepted;
        let at_once = match (&known, purpose) {
            _ if self.settings().on(SettingId::DisableRemoteAuthorization) => true,
            (None, _) => false,
            // A member of the same group stops without asking.
            (Some(info), Purpose::Stop) => accepted(info) && self.is_same_group(evse, info),
            (Some(info), _) => self.suffices(token, accepted(info), now),
        };
        if at_once {
            let unknown = TokenInfo::status(AuthorizationStatus::Unknown);
            self.decided(evse, token, purpose, known.as_ref().unwrap_or(&unknown), now);
        } else if let Some(slot) = self.evses.get_mut(evse) {
            slot.0.request = Some(Request { token: *token, purpose });
        }
    }

    /// Whether nobody is ever asked about a token: where everybody may charge, behind a start button (2.0.1 C02), and
    /// when the CSMS itself made the token up (C05.FR.01).
    fn needs_no_decision(&self, token: &Token, purpose: Purpose) -> bool {
        let by_kind = self.token_kinds_count()
            && match token.kind() {
                TokenKind::NoAuthorization => true,
                TokenKind::Central => matches!(purpose, Purpose::RemoteStart { .. }),
                _ => false,
            };
        by_kind || !self.settings().on(SettingId::AuthEnabled)
    }

    /// Whether what is known of a token is enough to start, or to refuse it, while the CSMS could be asked
    /// (1.6 §3.5.1; 2.0.1 C12, C14).
    fn suffices(&self, token: &Token, accepted: bool, now: Instant) -> bool {
        let listed = self.listed(token, now).is_some();
        self.settings().on(match (accepted, listed) {
            (true, _) => SettingId::LocalPreAuthorize,
            (false, true) => SettingId::LocalListDisablePostAuthorize,
            (false, false) => SettingId::CacheDisablePostAuthorize,
        })
    }

    /// What holds while the CSMS cannot be asked (1.6 §4.1.1; 2.0.1 C13, C15).
    fn offline_decision(&self, known: Option<TokenInfo>, purpose: Purpose) -> TokenInfo {
        let invalid = TokenInfo::status(AuthorizationStatus::Invalid);
        if purpose != Purpose::Stop && !self.may_charge_unregistered() {
            return invalid;
        }
        match known {
            Some(info) if self.settings().on(SettingId::LocalAuthorizeOffline) => info,
            Some(info) if info.status != AuthorizationStatus::Accepted => info,
            None if purpose != Purpose::Stop && self.settings().on(SettingId::OfflineTxForUnknownId) => {
                TokenInfo::status(AuthorizationStatus::Accepted)
            }
            _ => invalid,
        }
    }

    /// Whether a session may start although the CSMS has not accepted the station in this boot: if the operator allows
    /// it, or if the CSMS was never reached in this boot but knows the station from before.
    pub(super) fn may_charge_unregistered(&self) -> bool {
        match self.boot.status {
            Some(Registration::Accepted) => true,
            None => self.known_to_csms || self.settings().on(SettingId::TxBeforeAccepted),
            Some(_) => self.settings().on(SettingId::TxBeforeAccepted),
        }
    }

    pub(super) fn authorize_answered(&mut self, evse: usize, info: &TokenInfo, now: Instant) {
        if let Some(request) = self.take_request(evse) {
            self.remember(&request.token, info, now);
            self.decided(evse, &request.token, request.purpose, info, now);
        }
    }

    /// The CSMS could not be asked after all.
    pub(super) fn authorize_failed(&mut self, evse: usize, _failure: Failure, now: Instant) {
        if let Some(request) = self.take_request(evse) {
            let info = self.offline_decision(self.known(&request.token, now), request.purpose);
            self.decided(evse, &request.token, request.purpose, &info, now);
        }
    }

    /// The link is gone: nobody waits for an answer any more.
    pub(super) fn forget_requests(&mut self, now: Instant) {
        for evse in 0..self.evses.len() {
            self.authorize_failed(evse, Failure::Disconnected, now);
        }
    }

    fn take_request(&mut self, evse: usize) -> Option<Request> {
        self.evses.get_mut(evse)?.0.request.take()
    }

    fn decided(&mut self, evse: usize, token: &Token, purpose: Purpose, info: &TokenInfo, now: Instant) {
        let accepted = info.status == AuthorizationStatus::Accepted;
        self.tell_decision(token, info.status, info.group);
        if accepted && self.is_master_pass(info) {
            self.end_all(token, now);
            return;
        }
        match purpose {
            Purpose::Stop if accepted && self.is_same_group(evse, info) => {
                if self.evses.get(evse).is_some_and(|slot| slot.0.transaction.is_some()) {
                    self.end_authorization(evse, &Ending::new(StopReason::Local, Some(token)), now);
                } else {
                    self.release_cable(evse);
                }
            }
            Purpose::Stop => {}
            Purpose::Start if accepted => self.grant(evse, token, &info.group, None, None, now),
            Purpose::RemoteStart { connector, id } if accepted => {
                self.grant(evse, token, &info.group, connector, Some(id), now);
            }
            _ => {}
        }
    }

    /// Whether a token may end any transaction, and start none (2.0.1 C16).
    fn is_master_pass(&self, info: &TokenInfo) -> bool {
        let master = self.settings().text(SettingId::MasterPassGroupId);
        let group = info.group.as_ref().map_or("", Token::as_str);
        !master.is_empty() && group.eq_ignore_ascii_case(master)
    }

    /// C16.FR.02: without a screen to choose on, it means all of them.
    fn end_all(&mut self, token: &Token, now: Instant) {
        let ending = Ending {
            reason: StopReason::MasterPass,
            trigger: TriggerReason::StopAuthorized,
            token: Some(token),
        };
        for evse in 0..self.evses.len() {
            if self.transaction_mut(evse).is_some_and(|running| running.authorized) {
                self.end_authorization(evse, &ending, now);
            }
        }
    }

    /// Lets somebody charge, as soon as an EV is there. `remote` is given for a remote start, with its number if it has
    /// one.
    pub(super) fn grant(
        &mut self,
        evse: usize,
        token: &Token,
        group: &Option<Token>,
        connector: Option<u8>,
        remote: Option<Option<i32>>,
        now: Instant,
    ) {
        if !self.is_usable(evse, connector) || self.reset.is_some() {
            return;
        }
        let timeout = self.settings().count(SettingId::ConnectionTimeOut);
        let deadline = (timeout > 0).then(|| now.plus_secs(timeout));
        for connector in self.connectors_of_mut(evse) {
            connector.finishing = false;
        }
        if let Some(slot) = self.evses.get_mut(evse) {
            slot.0.grant = Some(Grant {
                token: *token,
                group: *group,
                connector,
                deadline,
                remote_start_id: remote.flatten(),
            });
            slot.0.cause = if remote.is_some() {
                TriggerReason::RemoteStart
            } else {
                TriggerReason::Authorized
            };
        }
        self.authorize_running(evse, now);
    }

    /// Takes an authorization back that has not led to a transaction.
    pub(super) fn revoke(&mut self, evse: usize) {
        if let Some(slot) = self.evses.get_mut(evse) {
            slot.0.grant = None;
        }
        // The cable stays in: nobody else may start on it (1.6 §4.9 B6).
        for connector in self.connectors_of_mut(evse) {
            connector.finishing = connector.is_used();
            connector.plugged_deadline = None;
        }
    }

    /// Ends what has waited too long for the cable, or for a token (1.6 `ConnectionTimeOut`).
    pub(super) fn check_connection_timeouts(&mut self, now: Instant) {
        self.check_transaction_timeouts(now);
        for evse in 0..self.evses.len() {
            let grant = self.evses.get(evse).and_then(|slot| slot.0.grant.as_ref());
            if is_due(grant.and_then(|grant| grant.deadline), now) {
                self.revoke(evse);
            }
        }
        for slot in self.connectors.iter_mut() {
            let connector = &mut slot.0;
            if is_due(connector.plugged_deadline, now) {
                connector.plugged_deadline = None;
                connector.finishing = true;
            }
        }
    }

    pub(super) fn connection_deadline(&self) -> Option<Instant> {
        let grants = self.evses.iter().filter_map(|slot| slot.0.grant.as_ref()?.deadline);
        let running = self
            .evses
            .iter()
            .filter_map(|slot| slot.0.transaction.as_ref()?.deadline);
        let plugs = self.connectors.iter().filter_map(|slot| slot.0.plugged_deadline);
        grants.chain(running).chain(plugs).min()
    }

    fn is_same_group(&self, evse: usize, info: &TokenInfo) -> bool {
        let kinds = self.token_kinds_count();
        let state = self.evses.get(evse).map(|slot| &slot.0);
        let own = state.and_then(|state| match (&state.transaction, &state.keep_locked_for) {
            (Some(transaction), _) => transaction.owner.as_ref().and_then(|(_, group)| group.as_ref()),
            (None, Some((_, group))) => group.as_ref(),
            (None, None) => None,
        });
        own.zip(info.group.as_ref())
            .is_some_and(|(own, other)| !own.as_str().is_empty() && own.same(other, kinds))
    }

    /// The driver whose cable was kept locked is here.
    pub(super) fn release_cable(&mut self, evse: usize) {
        if let Some(slot) = self.evses.get_mut(evse) {
            slot.0.keep_locked_for = None;
        }
    }

    fn tell_decision(&mut self, token: &Token, status: AuthorizationStatus, group: Option<Token>) {
        self.events.push(Event::Authorization {
            token: *token,
            status,
            group,
        });
    }
}
