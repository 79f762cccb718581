//! The station: a state machine that is told what happened and says what to do.
//!
//! Each file is one concern of the protocol. [`Station::handle`] changes facts, [`Station::poll`] looks at what follows
//! from them; whatever can be derived (statuses, permissions, locks) is derived and has no queue.
//!
//! Enumerations that hold something are `repr(u32)`, for the sake of flash: the tag is one word then. Beside numbers of
//! 64 bits it would be two, which every match takes apart.

mod authorization;
mod boot;
mod cache;
mod calls;
mod charging;
mod checkpoint;
mod commands;
mod configuration;
mod connector;
mod delivered;
mod delivery;
mod events;
mod evse;
mod facts;
mod link;
mod loading;
mod local_list;
mod make;
mod metering;
mod network;
mod recording;
mod reset;
mod security;
mod session;
mod storage;
mod storing;
mod texts;
mod transaction_status;
mod vendor;
mod view;

pub use storage::{Buffers, CacheSlot, ConnectorSlot, EvseSlot, LocalListSlot, StationResources, StationStorage};
pub(crate) use vendor::VendorBlock;
pub use view::{Config, ConfigError, TransactionView};

use crate::contract::{Action, Fault, Input, InputError, LocalCommand, PollError};
use crate::dialect::{Dialect, SettingStatus};
use crate::metering::{ReadingContext, Samples};
use crate::place::{ConnectorId, EvseId, Place};
use crate::settings::{SettingId, Settings, VendorId, VendorSettings};
use crate::time::{Instant, sooner};
use crate::vocabulary::StopReason;
use boot::{BootState, WallClock};
use calls::{AfterReply, HeldCall};
use connector::{ConnectorState, StatusState};
use delivery::Delivery;
use events::Events;
use evse::{EvseState, Transaction};
use link::{Link, Random};
use loading::Loading;
use local_list::{ListBlock, ListState};
use network::Network;
use storing::{Op, Storage};
use texts::Job;

/// A charging station.
///
/// It owns nothing but its state: memory is lent ([`StationStorage`]), time is a parameter, everything that touches the
/// world is an [`Action`] that the caller carries out and an [`Input`] that tells how it went.
///
/// The caller's loop: give inputs to [`handle`](Self::handle); call [`poll`](Self::poll) and carry out actions until it
/// returns `None`; wait for the next input, or until [`poll_at`](Self::poll_at). Actions come one at a time, and each is
/// carried out before the next is asked for; answers to storage and link actions may come later.
///
/// ```
/// use ocpp_core::{Action, Config, Input, Instant, Load, Station, StationResources, Topology};
/// use ocpp_core::dialect::Identity;
///
/// let mut resources = StationResources::<1, 1>::new();
/// let identity = Identity { vendor: "Example", model: "One", ..Default::default() };
/// let config = Config::new(Topology::new(&[1]), identity, [7; 16]);
/// # let dialects: [&dyn ocpp_core::dialect::Dialect; 0] = [];
/// let mut station = Station::new(config, &dialects, resources.storage()).unwrap();
///
/// let now = Instant::ZERO;
/// let mut buffer = [0; 2048];
/// // The first thing that a station does is to look into its storage.
/// let Ok(Some(Action::Load { id, what: Load::Value(_) })) = station.poll(now, &mut buffer) else { panic!() };
/// station.handle(now, Input::LoadedValue { id, value: None }).unwrap();
/// ```
pub struct Station<'s> {
    config: Config<'s>,
    dialects: &'s [&'s dyn Dialect],
    evses: &'s mut [EvseSlot],
    connectors: &'s mut [ConnectorSlot],
    cache: &'s mut [CacheSlot],
    list: &'s mut [LocalListSlot],
    list_block: Option<&'static ListBlock>,
    vendor: Option<VendorSettings<'s>>,
    buffers: Buffers<'s>,
    /// Status and faults of the station itself.
    own: StatusState,
    /// The station is in service.
    operative: bool,
    /// The CSMS has accepted the station at some time, perhaps in an earlier boot.
    known_to_csms: bool,
    boot: BootState,
    boot_count: u32,
    cache_generation: u32,
    list_state: ListState,
    /// Transactions begun in this boot.
    last_transaction: u32,
    clock: WallClock,
    random: Random,
    link: Link<'s>,
    network: Network,
    call: HeldCall<'s>,
    after: AfterReply,
    setting_statuses: heapless::Vec<SettingStatus, { configuration::WRITES_MAX }>,
    /// A value on its way to storage.
    pending_setting: Option<configuration::PendingSetting>,
    job: Job,
    loading: Option<Loading>,
    storage: Storage,
    delivery: Delivery,
    events: Events,
    reset: Option<reset::Reset>,
    security: security::Security,
    /// The connector that UnlockConnector is about.
    unlocking: Option<usize>,
    aligned_at: Option<Instant>,
    /// The same for the values that travel with the end of transactions.
    end_aligned_at: Option<Instant>,
    /// The interval of periodic samples has changed.
    reschedule_samples: bool,
    /// A transaction would begin, but for the first reading of its meter.
    start_waits: bool,
    main_meter: Option<(i64, Samples)>,
    main_meter_due: Option<(Instant, ReadingContext)>,
    /// Something may have changed since the last `poll` that returned nothing.
    dirty: bool,
    wake: Option<Instant>,
}

impl<'s> Station<'s> {
    /// A station that has just booted.
    ///
    /// `dialects` are the versions that it speaks, the most welcome first.
    ///
    /// # Errors
    /// [`ConfigError`] if slots or buffers do not fit the topology.
    pub fn new(
        config: Config<'s>,
        dialects: &'s [&'s dyn Dialect],
        storage: StationStorage<'s>,
    ) -> Result<Self, ConfigError> {
        config.check(&storage)?;
        let mut vendor = storage.vendor;
        if let Some(vendor) = &mut vendor {
            (vendor.block.begin)(vendor, dialects, config.topology)?;
        }
        for (slot, id) in storage.connectors.iter_mut().zip(config.topology.iter()) {
            slot.0 = ConnectorState {
                id,
                ..ConnectorState::new()
            };
        }
        storage.evses.iter_mut().for_each(|slot| slot.0.reset());
        storage.cache.iter_mut().for_each(|slot| slot.0 = None);
        storage.list.iter_mut().for_each(|slot| *slot = LocalListSlot::NEW);
        let mut config = config;
        if config.fixed_cable {
            // A fixed cable is never unlocked (1.6 errata 3.83).
            config.settings.fix_off(SettingId::UnlockOnEvSideDisconnect);
        }
        Ok(Self {
            boot: BootState::new(config.boot_reason),
            random: Random::new(config.entropy),
            config,
            dialects,
            evses: storage.evses,
            connectors: storage.connectors,
            cache: storage.cache,
            list: storage.list,
            list_block: storage.list_block,
            vendor,
            buffers: storage.buffers,
            own: StatusState::new(),
            operative: true,
            known_to_csms: false,
            boot_count: 0,
            cache_generation: 0,
            list_state: ListState::NEW,
            last_transaction: 0,
            clock: WallClock::default(),
            link: Link::new(),
            network: Network::new(),
            call: HeldCall::FREE,
            after: AfterReply::Nothing,
            setting_statuses: heapless::Vec::new(),
            pending_setting: None,
            job: Job::Free,
            loading: Some(Loading::BootCount),
            storage: Storage::new(),
            delivery: Delivery::new(),
            events: Events::new(),
            reset: None,
            security: security::Security::new(),
            unlocking: None,
            aligned_at: None,
            end_aligned_at: None,
            reschedule_samples: false,
            start_waits: false,
            main_meter: None,
            main_meter_due: None,
            dirty: true,
            wake: None,
        })
    }

    /// Tells the station what happened.
    ///
    /// # Errors
    /// [`InputError`] if it cannot be taken; nothing has changed then. Inputs from hardware are always taken, unless
    /// they name an EVSE or a connector that does not exist.
    #[inline(never)]
    pub fn handle(&mut self, now: Instant, input: Input<'_>) -> Result<(), InputError> {
        self.dirty = true;
        let result = self.take(now, input);
        self.refresh(now);
        result
    }

    /// The next thing to do, or `None` if there is nothing until the next input or [`poll_at`](Self::poll_at).
    ///
    /// 2 KiB hold nearly every frame; 4 KiB also 1.6's answer to GetConfiguration of all keys, which cannot be split.
    ///
    /// # Errors
    /// [`PollError::BufferTooSmall`] if the action does not fit `buf`; nothing has changed then.
    #[inline(never)]
    pub fn poll<'b>(&mut self, now: Instant, buf: &'b mut [u8]) -> Result<Option<Action<'b>>, PollError> {
        if !self.dirty && self.wake.is_none_or(|wake| wake > now) {
            return Ok(None);
        }
        self.dirty = true;
        self.fire_timers(now);
        while let Some(work) = self.next_work(now) {
            let made = self.make(work, now, buf)?;
            self.refresh(now);
            if !matches!(made, make::Made::Nothing) {
                return Ok(made.action(buf));
            }
        }
        self.dirty = false;
        // A deadline that has passed without anything to do would make the caller spin.
        self.wake = self.deadline().map(|at| at.max(now.plus_millis(1)));
        Ok(None)
    }

    /// When to poll again without an input; `None` if only an input can change anything. Not later than now: at once.
    pub fn poll_at(&self) -> Option<Instant> {
        if self.dirty { Some(Instant::ZERO) } else { self.wake }
    }

    /// Whether nothing is under way: no CALL, no reply, nothing to store, and, while the CSMS can be told, nothing to
    /// tell.
    pub fn is_idle(&self) -> bool {
        let told = !self.is_online()
            || self.delivery.state == delivery::DeliveryState::Empty
                && self.evses.iter().all(|slot| slot.0.request.is_none());
        self.loading.is_none()
            && self.link.flight.is_none()
            && self.call.is_free()
            && self.storage.is_idle()
            && self.evses.iter().all(|slot| slot.0.outbox.is_empty())
            && self.events.is_empty()
            && told
    }

    fn take(&mut self, now: Instant, input: Input<'_>) -> Result<(), InputError> {
        match input {
            Input::Connected { subprotocol } => return self.connected(subprotocol, now),
            Input::Disconnected => self.disconnected(now),
            Input::Sent => self.sent(now),
            Input::Frame(bytes) => return self.frame(bytes, now),
            Input::FrameTooLarge { head } => return self.frame_too_large(head),
            Input::BufferLimit => self.give_up_work(now),
            Input::Pilot { connector, state } => {
                let index = self.index_of(connector)?;
                self.pilot_changed(index, state, now);
            }
            Input::Cable { connector, present } => {
                let index = self.index_of(connector)?;
                self.cable_changed(index, present);
            }
            Input::ParkingBay { evse, occupied } => {
                self.evse_mut(evse)?;
                self.bay_changed(evse.index(), occupied, now);
            }
            Input::PowerPath { evse, closed } => self.evse_mut(evse)?.closed = closed,
            Input::Meter {
                evse,
                energy_wh,
                samples,
            } => match evse {
                Some(evse) => {
                    self.evse_mut(evse)?;
                    self.take_reading(evse.index(), energy_wh, samples);
                }
                None => self.main_meter = Some((energy_wh, samples.iter().copied().take(crate::READING_MAX).collect())),
            },
            Input::Lock { connector, state } => {
                let index = self.index_of(connector)?;
                self.lock_changed(index, state);
            }
            Input::Fault(fault) => return self.fault(&fault, now),
            Input::IdToken { token, evse } => {
                let evse = match evse {
                    Some(id) => {
                        self.evse_mut(id)?;
                        Some(id.index())
                    }
                    None => None,
                };
                self.present(&token, evse, now);
            }
            Input::Stored { id, result } => self.stored(id, result, now),
            Input::LoadedRecord { id, record } => self.loaded(id, Loaded::Record(record)),
            Input::LoadedValue { id, value } => self.loaded(id, Loaded::Value(value)),
            Input::Clock(time) => self.set_clock(time, now),
            Input::Local(command) => return self.local(command, now),
        }
        Ok(())
    }

    fn local(&mut self, command: LocalCommand<'_>, now: Instant) -> Result<(), InputError> {
        match command {
            LocalCommand::Dial => self.dial_now(now),
            LocalCommand::Reboot => self.start_reset(crate::dialect::ResetKind::Soft, StopReason::Reboot, now),
            LocalCommand::EmergencyStop(evse) => {
                self.evse_mut(evse)?;
                self.emergency_stop(evse.index(), now);
            }
            LocalCommand::SecurityEvent { event, info } => {
                let info = security::Info::try_from(info).map_err(|_| InputError::TooLong)?;
                self.note(event, info, now);
            }
            LocalCommand::Set(id, text) => return self.set_locally(id, text),
            LocalCommand::SetVendor(id, text) => {
                let vendor = self.vendor.as_ref();
                let block = vendor
                    .ok_or(InputError::Setting(crate::settings::SettingError::Unknown))?
                    .block;
                return (block.set)(self, id, text);
            }
            LocalCommand::DataTransfer { vendor, message, data } => {
                return self.send_data_transfer(vendor, message, data);
            }
            LocalCommand::AnswerDataTransfer { status, data } => return self.answer_data_transfer(status, data),
            LocalCommand::Limit { evse, milliamps } => match evse {
                Some(evse) => self.evse_mut(evse)?.limit = milliamps,
                None => self.evses.iter_mut().for_each(|slot| slot.0.limit = milliamps),
            },
        }
        Ok(())
    }

    /// An answer to a load counts only if it is the one that is waited for.
    fn loaded(&mut self, id: u32, loaded: Loaded<'_>) {
        let Some(outstanding) = self.storage.outstanding.filter(|outstanding| outstanding.id == id) else {
            return;
        };
        match (outstanding.op, loaded) {
            (Op::LoadRecord(_), Loaded::Record(record)) => {
                self.storage.outstanding = None;
                if self.loading.is_some() {
                    self.record_scanned(record);
                } else {
                    self.record_loaded(record);
                }
            }
            (Op::SearchRecord(after), Loaded::Record(record)) => {
                self.storage.outstanding = None;
                self.record_searched(after, record);
            }
            (Op::LoadValue(key), Loaded::Value(value)) => {
                self.storage.outstanding = None;
                match key {
                    crate::contract::ValueKey::Clock(boot) => self.clock_loaded(boot, value),
                    _ => self.value_loaded(value),
                }
            }
            // An answer to another question: the right one may still come.
            _ => {}
        }
    }

    fn fault(&mut self, fault: &Fault<'_>, now: Instant) -> Result<(), InputError> {
        let text = |text: &str| {
            let end = text.char_indices().nth(50).map_or(text.len(), |(end, _)| end);
            let mut kept = connector::FaultText::new();
            // Longer in bytes than in characters: cut rather than refuse.
            let _ = text.get(..end).unwrap_or("").chars().try_for_each(|c| kept.push(c));
            kept
        };
        let mut found = false;
        let reports = self.connectors.iter_mut().filter(|slot| match fault.place {
            Place::Station => false,
            place => place.contains(slot.0.id),
        });
        let own = (fault.place == Place::Station).then_some(&mut self.own);
        for report in reports.map(|slot| &mut slot.0.report).chain(own) {
            let before = report.fault();
            report.set_fault(fault.code, fault.on);
            if report.fault() != before {
                report.since = now;
            }
            report.info = text(if fault.on { fault.info } else { "" });
            report.vendor_code = text(if fault.on { fault.vendor_code } else { "" });
            found = true;
        }
        if found { Ok(()) } else { Err(InputError::UnknownPlace) }
    }

    /// Everything that follows from the facts without delay.
    fn refresh(&mut self, now: Instant) {
        self.finish_abandoned();
        if self.reschedule_samples {
            self.reschedule_samples = false;
            for evse in 0..self.evses.len() {
                self.schedule_sample(evse, now, now);
            }
            self.schedule_end_samples(now);
        }
        self.refresh_sessions(now);
        self.check_reset(now);
        self.refresh_statuses(now);
    }

    fn fire_timers(&mut self, now: Instant) {
        self.check_storage_timeout(now);
        self.check_call_timeout(now);
        self.check_call_waits(now);
        self.check_connection_timeouts(now);
        self.sample(now);
        self.check_heartbeat(now);
        self.refresh(now);
    }

    /// The next moment at which time alone changes something.
    fn deadline(&self) -> Option<Instant> {
        let free = self.link.is_up() && self.link.credit && self.link.flight.is_none();
        let telling = if free && self.boot.is_accepted() {
            self.status_deadline()
        } else {
            None
        };
        [
            self.link_deadline(),
            self.boot_deadline(),
            self.storage.deadline(),
            self.call_deadline(),
            self.connection_deadline(),
            self.sample_deadline(),
            self.checkpoint_deadline(),
            self.reading_deadline(),
            self.delivery_deadline(),
            self.reset_deadline(),
            self.security_deadline(),
            telling,
        ]
        .into_iter()
        .fold(None, sooner)
    }

    fn index_of(&self, id: ConnectorId) -> Result<usize, InputError> {
        let index = self.connectors.iter().position(|slot| slot.0.id == id);
        index.ok_or(InputError::UnknownPlace)
    }

    fn evse_mut(&mut self, id: EvseId) -> Result<&mut EvseState, InputError> {
        self.evses
            .get_mut(id.index())
            .map(|slot| &mut slot.0)
            .ok_or(InputError::UnknownPlace)
    }

    fn connector_and_evse(&self, index: usize) -> Option<(&ConnectorState, &EvseState)> {
        let connector = &self.connectors.get(index)?.0;
        Some((connector, &self.evses.get(connector.id.evse.index())?.0))
    }

    /// The connectors of the EVSE with that index.
    fn connectors_of(&self, evse: usize) -> impl Iterator<Item = &ConnectorState> + Clone {
        let own = move |state: &&ConnectorState| usize::from(state.id.evse.0) == evse.saturating_add(1);
        self.connectors.iter().map(|slot| &slot.0).filter(own)
    }

    fn connectors_of_mut(&mut self, evse: usize) -> impl Iterator<Item = &mut ConnectorState> {
        let own = move |state: &&mut ConnectorState| usize::from(state.id.evse.0) == evse.saturating_add(1);
        self.connectors.iter_mut().map(|slot| &mut slot.0).filter(own)
    }

    fn transaction_mut(&mut self, evse: usize) -> Option<&mut Transaction> {
        self.evses.get_mut(evse)?.0.transaction.as_mut()
    }

    /// Whether a session may begin at some connector of the EVSE, or at that one.
    fn is_usable(&self, evse: usize, only: Option<u8>) -> bool {
        let meant = |own: &&ConnectorState| only.is_none_or(|only| only == own.id.connector);
        self.operative
            && !self.own.is_blocked()
            && self.connectors_of(evse).filter(meant).any(ConnectorState::is_usable)
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.config.settings
    }

    /// The value of a setting of the firmware, in its textual form: `true` or `false`, digits, words separated by commas,
    /// or any text. `None` if no such setting was lent.
    pub fn vendor(&self, id: VendorId) -> Option<&str> {
        self.vendor.as_ref()?.value(id)
    }
}

enum Loaded<'a> {
    Record(Option<(crate::contract::RecordId, &'a [u8])>),
    Value(Option<&'a [u8]>),
}
