//! Restarting: transactions first, storage next, then the machine (1.6 §5.14; 2.0.1 B11/B12).

use super::Station;
use super::calls::AfterReply;
use crate::contract::RebootKind;
use crate::dialect::ResetKind;
use crate::settings::SettingId;
use crate::time::Instant;
use crate::vocabulary::{BootReason, FaultCode, StopReason};

/// How long the last messages may take before a soft reset goes on without them, in seconds.
const FAREWELL: u32 = 30;
/// How long storage may take before a reset goes on without it, in seconds.
const STORE_PATIENCE: u32 = 12;
/// When a reset that did not happen is tried again, in seconds.
const AGAIN: u32 = 60;

#[derive(Clone, Copy, Debug)]
pub(super) struct Reset {
    kind: ResetKind,
    /// Why transactions end.
    reason: StopReason,
    /// Why the next boot happens.
    boot: BootReason,
    /// Storage knows that, or could not take it.
    told: bool,
    phase: Phase,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// Until no transaction runs.
    Idle,
    /// Ends are stored and, if there is time, sent.
    Ending { deadline: Instant },
    /// `Reboot` is to be given.
    Due { attempts: u32 },
    /// It was given; nobody is meant to see this for long.
    Given { attempts: u32, again_at: Instant },
}

impl Station<'_> {
    /// What was promised in a reply that has now left.
    pub(super) fn after_reply(&mut self, now: Instant) {
        match core::mem::replace(&mut self.after, AfterReply::Nothing) {
            AfterReply::Nothing => {}
            AfterReply::Reset(kind) => {
                let reason = match kind {
                    ResetKind::Hard => StopReason::HardReset,
                    ResetKind::Soft => StopReason::SoftReset,
                    ResetKind::Immediate | ResetKind::OnIdle => StopReason::ImmediateReset,
                };
                self.start_reset(kind, reason, now);
            }
            AfterReply::Reconnect => self.link.close = true,
        }
    }

    pub(super) fn start_reset(&mut self, kind: ResetKind, reason: StopReason, now: Instant) {
        if self.reset.is_none() {
            let running = self.evses.iter().any(|slot| slot.0.transaction.is_some());
            self.reset = Some(Reset {
                kind,
                reason,
                boot: match (kind, reason) {
                    (_, StopReason::Reboot) => BootReason::LocalReset,
                    // B12.FR.01
                    (ResetKind::OnIdle, _) if running => BootReason::ScheduledReset,
                    _ => BootReason::RemoteReset,
                },
                told: false,
                phase: Phase::Idle,
            });
            for evse in 0..self.evses.len() {
                if self.evses.get(evse).is_some_and(|slot| slot.0.grant.is_some()) {
                    self.revoke(evse);
                }
            }
            self.check_reset(now);
        }
    }

    /// Brings a reset forward.
    pub(super) fn check_reset(&mut self, now: Instant) {
        let Some(reset) = self.reset else { return };
        let running = self.evses.iter().any(|slot| slot.0.transaction.is_some());
        let phase = match reset.phase {
            Phase::Idle if running && reset.kind == ResetKind::OnIdle => Phase::Idle,
            Phase::Idle => {
                for evse in 0..self.evses.len() {
                    self.end_transaction(evse, reset.reason, None, now);
                }
                let patience = if reset.kind == ResetKind::Hard {
                    STORE_PATIENCE
                } else {
                    FAREWELL
                };
                Phase::Ending {
                    deadline: now.plus_secs(patience),
                }
            }
            Phase::Ending { deadline } if deadline <= now || self.is_settled(reset.kind) => Phase::Due { attempts: 0 },
            Phase::Given { attempts, again_at } if again_at <= now => {
                if attempts > self.settings().count(SettingId::ResetRetries) {
                    self.own.set_fault(FaultCode::ResetFailure, true);
                    self.reset = None;
                    return;
                }
                Phase::Due { attempts }
            }
            other => other,
        };
        if let Some(reset) = &mut self.reset {
            reset.phase = phase;
        }
    }

    /// Whether everything is stored, and for a soft reset told.
    fn is_settled(&self, kind: ResetKind) -> bool {
        let stored = self.evses.iter().all(|slot| slot.0.outbox.is_empty()) && self.storage.is_idle();
        let told = kind == ResetKind::Hard || !self.is_online() || self.delivery.count == 0;
        let noted = self.reset.is_none_or(|reset| reset.told);
        stored && told && noted
    }

    /// What the next boot is to know, once this one has nothing else to store.
    pub(super) fn reason_to_store(&self) -> Option<BootReason> {
        let reset = self.reset.filter(|reset| matches!(reset.phase, Phase::Ending { .. }))?;
        (!reset.told).then_some(reset.boot)
    }

    pub(super) fn reason_stored(&mut self) {
        if let Some(reset) = &mut self.reset {
            reset.told = true;
        }
    }

    pub(super) fn reset_deadline(&self) -> Option<Instant> {
        match self.reset?.phase {
            Phase::Ending { deadline } => Some(deadline),
            Phase::Given { again_at, .. } => Some(again_at),
            Phase::Idle | Phase::Due { .. } => None,
        }
    }

    /// The restart that is to be asked for now.
    pub(super) fn reboot_due(&self) -> Option<RebootKind> {
        let reset = self.reset?;
        let kind = match reset.kind {
            ResetKind::Hard => RebootKind::Hard,
            ResetKind::Soft | ResetKind::Immediate | ResetKind::OnIdle => RebootKind::Soft,
        };
        matches!(reset.phase, Phase::Due { .. }).then_some(kind)
    }

    pub(super) fn reboot_given(&mut self, now: Instant) {
        if let Some(reset) = &mut self.reset
            && let Phase::Due { attempts } = reset.phase
        {
            reset.phase = Phase::Given {
                attempts: attempts.saturating_add(1),
                again_at: now.plus_secs(AGAIN),
            };
        }
    }
}
