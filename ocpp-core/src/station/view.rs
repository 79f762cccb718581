//! How a station is set up, and what may be seen of it from outside.

use super::storage::StationStorage;
use super::{Station, delivery};
use crate::dialect::{Device, Dialect, Identity};
use crate::metering::Measurand;
use crate::place::{ConnectorId, EvseId, Place, Topology};
use crate::settings::{SettingId, Settings, VendorFault, VendorId};
use crate::transaction::TransactionId;
use crate::vocabulary::{BootReason, ChargingState, ConnectorStatus, Registration};
use crate::wire::WireEnum;

/// What a station is.
///
/// ```
/// use ocpp_core::{Config, Topology};
/// use ocpp_core::dialect::Identity;
/// use ocpp_core::settings::SettingId;
///
/// let identity = Identity { vendor: "Example", model: "One", ..Default::default() };
/// let mut config = Config::new(Topology::new(&[1, 1]), identity, [0; 16]);
/// config.settings.set(SettingId::ConnectionTimeOut, "120")?;
/// # Ok::<(), ocpp_core::settings::SettingError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Config<'s> {
    /// EVSEs and their connectors.
    pub topology: Topology<'s>,
    /// Who the station is.
    pub identity: Identity<'s>,
    /// Factory settings. What is stored wins over them.
    pub settings: Settings,
    /// Sixteen random bytes of this boot.
    pub entropy: [u8; 16],
    /// Why the station booted.
    pub boot_reason: BootReason,
    /// Vendors whose DataTransfer the application answers; that of any other is refused.
    pub data_transfer_vendors: &'s [&'s str],
    /// Cables are attached: nothing is ever unlocked.
    pub fixed_cable: bool,
    /// What the meters measure: a list of measurands with anything else in it is rejected.
    pub measurands: &'s [Measurand],
    /// How the station is built.
    pub device: Device<'s>,
}

impl<'s> Config<'s> {
    /// A station with factory settings.
    pub fn new(topology: Topology<'s>, identity: Identity<'s>, entropy: [u8; 16]) -> Self {
        Self {
            topology,
            identity,
            settings: Settings::default(),
            entropy,
            boot_reason: BootReason::PowerUp,
            data_transfer_vendors: &[],
            fixed_cable: false,
            measurands: Measurand::ALL,
            device: Device::default(),
        }
    }

    pub(super) fn check(&self, storage: &StationStorage<'_>) -> Result<(), ConfigError> {
        if storage.evses.len() != self.topology.evses() {
            Err(ConfigError::EvseSlots)
        } else if storage.connectors.len() != self.topology.connectors() {
            Err(ConfigError::ConnectorSlots)
        } else if storage.cache.len() > 256 {
            Err(ConfigError::CacheSlots)
        } else if storage.list.len() > 1024 {
            Err(ConfigError::ListSlots)
        } else if storage.buffers.record.len() < 256 || storage.buffers.inbound.len() < 256 {
            Err(ConfigError::Buffers)
        } else {
            Ok(())
        }
    }
}

/// Why a station cannot be set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ConfigError {
    /// There must be one slot for each EVSE.
    EvseSlots,
    /// There must be one slot for each connector.
    ConnectorSlots,
    /// There may be 256 cache entries at most.
    CacheSlots,
    /// There may be 1024 entries of the local list at most.
    ListSlots,
    /// Inbound and record buffer need 256 bytes at least.
    Buffers,
    /// There must be one slot for each vendor setting.
    VendorSlots,
    /// A vendor setting cannot be used.
    VendorSetting {
        /// Which.
        id: VendorId,
        /// Why not.
        fault: VendorFault,
    },
}

impl core::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::EvseSlots => "one slot for each EVSE is needed",
            Self::ConnectorSlots => "one slot for each connector is needed",
            Self::CacheSlots => "at most 256 cache slots can be used",
            Self::ListSlots => "at most 1024 slots of the local list can be used",
            Self::Buffers => "inbound and record buffer need 256 bytes at least",
            Self::VendorSlots => "one slot for each vendor setting is needed",
            Self::VendorSetting { fault, .. } => fault.as_str(),
        })
    }
}

impl core::error::Error for ConfigError {}

/// A running transaction, seen from outside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TransactionView {
    /// The station's own id.
    pub id: TransactionId,
    /// The station's own number, upper part being the boot.
    pub number: u32,
    /// Number of the next event.
    pub seq_no: u32,
    /// The number that the CSMS gave (1.6).
    pub reference: Option<i64>,
    /// Energy delivered so far, in Wh.
    pub energy_wh: i64,
    /// Whether energy may flow.
    pub permitted: bool,
    /// What EV and EVSE do.
    pub charging: ChargingState,
}

impl<'s> Station<'s> {
    /// The subprotocols to offer to the server, the most welcome first.
    pub fn subprotocols(&self) -> impl Iterator<Item = &'static str> + use<'s> {
        self.dialects.iter().map(|dialect| dialect.subprotocol())
    }

    /// The version that speaks, or spoke last.
    pub fn dialect(&self) -> Option<&'s dyn Dialect> {
        self.link.dialect
    }

    /// Whether the link is up.
    pub fn is_connected(&self) -> bool {
        self.link.is_up()
    }

    /// What the CSMS said to the BootNotification; `None` as long as it said nothing.
    pub fn registration(&self) -> Option<Registration> {
        self.boot.status
    }

    /// Whether a CALL of the station waits for its answer.
    pub fn is_calling(&self) -> bool {
        self.link.flight.is_some()
    }

    /// The state of a connector.
    pub fn connector_status(&self, id: ConnectorId) -> Option<ConnectorStatus> {
        self.connectors
            .iter()
            .find(|slot| slot.0.id == id)
            .map(|slot| slot.0.report.status)
    }

    /// Whether something is in service, as far as orders go.
    pub fn is_operative(&self, place: Place) -> bool {
        match place {
            Place::Station => self.operative,
            place => {
                let own = |slot: &&super::ConnectorSlot| place.contains(slot.0.id);
                self.operative && self.connectors.iter().filter(own).any(|slot| slot.0.is_in_service())
            }
        }
    }

    /// The running transaction of an EVSE.
    pub fn transaction(&self, id: EvseId) -> Option<TransactionView> {
        let evse = id.index();
        let state = &self.evses.get(evse)?.0;
        let transaction = state.transaction.as_ref()?;
        Some(TransactionView {
            id: transaction.id,
            number: transaction.number,
            seq_no: transaction.next_seq_no,
            reference: transaction.reference,
            energy_wh: state.energy_wh.saturating_sub(transaction.start_wh),
            permitted: self.is_permitted(evse, transaction.connector),
            charging: transaction.charging,
        })
    }

    /// The current that an EVSE may offer at most, in mA per phase.
    pub fn limit(&self, id: EvseId) -> Option<u32> {
        let evse = id.index();
        self.evses.get(evse)?.0.limit
    }

    /// Number of transaction records that the CSMS was not told yet.
    pub fn queue_len(&self) -> usize {
        let waiting: usize = self.evses.iter().map(|slot| slot.0.outbox.len()).sum();
        let delivery::Delivery { count, .. } = self.delivery;
        waiting.saturating_add(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// Number of tokens in the authorization cache.
    pub fn cache_len(&self) -> usize {
        self.cache.iter().filter(|slot| slot.0.is_some()).count()
    }

    /// Number of tokens on the local list.
    pub fn list_len(&self) -> usize {
        self.list.iter().filter(|slot| slot.0.entry.is_some()).count()
    }

    /// Number of tokens that the local list has room for; 0 without a list.
    pub fn list_capacity(&self) -> usize {
        self.list.len()
    }

    /// Version of the local list; 0 if the CSMS has to send it anew, `None` if no list can be used.
    pub fn list_version(&self) -> Option<i32> {
        let used = !self.list.is_empty() && self.settings().on(SettingId::LocalListEnabled);
        used.then_some(self.list_state.told_version())
    }

    /// Number of entries that one SendLocalList may carry in any case. More are taken as long as the CALL fits the
    /// inbound buffer.
    pub fn list_items_max(&self) -> usize {
        let room = self
            .buffers
            .inbound
            .len()
            .saturating_sub(super::local_list::ENVELOPE_BYTES);
        room.checked_div(super::local_list::ENTRY_BYTES)
            .unwrap_or(0)
            .min(self.list.len())
    }
}

impl core::fmt::Debug for Station<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Station")
            .field("link", &self.link.state)
            .field("boot", &self.boot)
            .field("delivery", &self.delivery)
            .finish_non_exhaustive()
    }
}
