//! The memory that the caller lends: slots for what there may be many of, buffers for what is in transit.

use super::cache::CacheEntry;
use super::connector::ConnectorState;
use super::evse::EvseState;
use super::local_list::{LIST_BLOCK, ListBlock, ListEntryState};
use super::vendor::VENDOR_BLOCK;
use crate::settings::{VendorSetting, VendorSettings, VendorSlot};

/// Memory for one EVSE: its transaction, the events not stored yet, the values that travel with its end.
#[derive(Debug, Default)]
pub struct EvseSlot(pub(super) EvseState);

/// Memory for one connector.
#[derive(Debug, Default)]
pub struct ConnectorSlot(pub(super) ConnectorState);

/// Memory for one entry of the authorization cache.
#[derive(Debug, Default)]
pub struct CacheSlot(pub(super) Option<CacheEntry>);

/// Memory for one entry of the local list.
#[derive(Debug, Default)]
pub struct LocalListSlot(pub(super) ListEntryState);

impl LocalListSlot {
    /// No entry.
    pub const NEW: Self = Self(ListEntryState::NEW);
}

/// Memory for what is in transit.
#[derive(Debug)]
pub struct Buffers<'s> {
    /// A CALL of the CSMS, from its arrival until the reply was given out. A longer one is refused: 4 KiB is usual.
    pub inbound: &'s mut [u8],
    /// The record under delivery: 1 KiB holds twelve end samples of six values.
    pub record: &'s mut [u8],
    /// The request whose answer takes several messages, and texts on their way: 512 bytes and more.
    pub job: &'s mut [u8],
}

/// All memory of a station, lent for its lifetime.
///
/// ```
/// use ocpp_core::{Buffers, ConnectorSlot, EvseSlot, StationStorage};
///
/// let mut evses = [EvseSlot::default()];
/// let mut connectors = [ConnectorSlot::default()];
/// let (mut inbound, mut record, mut job) = ([0; 4096], [0; 1024], [0; 512]);
/// let storage = StationStorage::new(
///     &mut evses,
///     &mut connectors,
///     Buffers { inbound: &mut inbound, record: &mut record, job: &mut job },
/// );
/// # let _ = storage;
/// ```
#[derive(Debug)]
pub struct StationStorage<'s> {
    pub(super) evses: &'s mut [EvseSlot],
    pub(super) connectors: &'s mut [ConnectorSlot],
    pub(super) buffers: Buffers<'s>,
    pub(super) cache: &'s mut [CacheSlot],
    pub(super) list: &'s mut [LocalListSlot],
    pub(super) list_block: Option<&'static ListBlock>,
    pub(super) vendor: Option<VendorSettings<'s>>,
}

impl<'s> StationStorage<'s> {
    /// One slot for each EVSE and each connector, and the buffers.
    pub const fn new(evses: &'s mut [EvseSlot], connectors: &'s mut [ConnectorSlot], buffers: Buffers<'s>) -> Self {
        Self {
            evses,
            connectors,
            buffers,
            cache: &mut [],
            list: &mut [],
            list_block: None,
            vendor: None,
        }
    }

    /// Adds an authorization cache of that many entries. Without slots there is no cache: ClearCache is rejected.
    #[must_use]
    pub fn with_cache(self, cache: &'s mut [CacheSlot]) -> Self {
        Self { cache, ..self }
    }

    /// Adds a local list of at most that many entries, 1024 or less. Without slots there is none, and a program that
    /// never calls this does not link what a list needs.
    #[must_use]
    pub fn with_local_list(self, list: &'s mut [LocalListSlot]) -> Self {
        Self {
            list,
            list_block: Some(&LIST_BLOCK),
            ..self
        }
    }

    /// Adds settings of the firmware, with one slot for each. A program that never calls this does not link what they
    /// need.
    #[must_use]
    pub fn with_vendor_settings(self, settings: &'static [VendorSetting], slots: &'s mut [VendorSlot]) -> Self {
        Self {
            vendor: Some(VendorSettings::new(settings, slots, &VENDOR_BLOCK)),
            ..self
        }
    }
}

/// Ready-made memory for a Core station of `EVSES` EVSEs and `CONNECTORS` connectors in total, with 16 cache entries.
///
/// ```
/// let mut resources = ocpp_core::StationResources::<2, 2>::new();
/// let storage = resources.storage();
/// # let _ = storage;
/// ```
#[derive(Debug)]
pub struct StationResources<const EVSES: usize, const CONNECTORS: usize> {
    evses: [EvseSlot; EVSES],
    connectors: [ConnectorSlot; CONNECTORS],
    cache: [CacheSlot; 16],
    inbound: [u8; 4096],
    record: [u8; 1024],
    job: [u8; 512],
}

impl<const EVSES: usize, const CONNECTORS: usize> StationResources<EVSES, CONNECTORS> {
    /// Empty memory.
    pub const fn new() -> Self {
        Self {
            evses: [const { EvseSlot(EvseState::NEW) }; EVSES],
            connectors: [const { ConnectorSlot(ConnectorState::new()) }; CONNECTORS],
            cache: [const { CacheSlot(None) }; 16],
            inbound: [0; 4096],
            record: [0; 1024],
            job: [0; 512],
        }
    }

    /// Lends it.
    pub fn storage(&mut self) -> StationStorage<'_> {
        StationStorage::new(
            &mut self.evses,
            &mut self.connectors,
            Buffers {
                inbound: &mut self.inbound,
                record: &mut self.record,
                job: &mut self.job,
            },
        )
        .with_cache(&mut self.cache)
    }
}

impl<const EVSES: usize, const CONNECTORS: usize> Default for StationResources<EVSES, CONNECTORS> {
    fn default() -> Self {
        Self::new()
    }
}

/// What a small station may cost on a 32-bit target, buffers apart: two EVSEs of one connector each, 16 cache entries.
#[cfg(target_pointer_width = "32")]
const _: () = {
    let slots = 2 * (size_of::<EvseSlot>() + size_of::<ConnectorSlot>()) + 16 * size_of::<CacheSlot>();
    assert!(size_of::<super::Station<'_>>() + slots <= 12 * 1024);
    assert!(size_of::<LocalListSlot>() <= 104);
    assert!(size_of::<crate::Action<'_>>() <= 128);
};
