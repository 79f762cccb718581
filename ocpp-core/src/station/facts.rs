//! What the device model shows of the station's state.

use super::Station;
use crate::dialect::{Fact, Facts};
use crate::place::Place;
use crate::settings::VendorSettings;
use crate::vocabulary::ConnectorStatus;

impl Facts for Station<'_> {
    /// An EVSE has the status of the connector that says most of it: one in use, else a free one, else any.
    fn status(&self, place: Place) -> ConnectorStatus {
        if place == Place::Station {
            return self.own.status;
        }
        let own = self.connectors.iter().filter(|slot| place.contains(slot.0.id));
        let rank = |status: &ConnectorStatus| match status {
            ConnectorStatus::Available => 1,
            ConnectorStatus::Reserved => 2,
            ConnectorStatus::Faulted => 3,
            ConnectorStatus::Unavailable => 4,
            _ => 0,
        };
        let status = own.map(|slot| slot.0.report.status).min_by_key(rank);
        status.unwrap_or(ConnectorStatus::Unavailable)
    }

    fn has_problem(&self, place: Place) -> bool {
        match place {
            Place::Station => self.own.fault().is_some(),
            _ => {
                let mut own = self.connectors.iter().filter(|slot| place.contains(slot.0.id));
                own.any(|slot| slot.0.report.fault().is_some())
            }
        }
    }

    fn vendor(&self) -> Option<&VendorSettings<'_>> {
        self.vendor.as_ref()
    }

    fn count(&self, fact: Fact) -> u32 {
        let count = match fact {
            Fact::NetworkProfile => self.network.slot().into(),
            Fact::SecurityProfile => self.security_profile().into(),
            Fact::MessageTimeout => return self.message_timeout(),
            Fact::CacheEntries => self.cache_len(),
            Fact::CacheCapacity => self.cache.len(),
            Fact::ListEntries => self.list_len(),
            Fact::ListCapacity => self.list_capacity(),
            Fact::ListItems => self.list_items_max(),
            Fact::LongestFrame => self.buffers.inbound.len(),
            Fact::LongestRequest => self.buffers.job.len(),
            _ => 0,
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}
