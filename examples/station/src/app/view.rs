//! The snapshot of a station at work.

use super::App;
use super::observer::amps;
use crate::control::snapshot::{Clock, Connector, Evse, LocalList, Queue, Snapshot, Tx};
use evse_hal::pilot::PilotState;
use ocpp_core::dialect::Dialect;
use ocpp_core::wire::WireEnum;
use ocpp_core::{ConnectorId, EvseId, Place};

impl App<'_, '_> {
    /// Where the clock stands.
    pub fn clock(&self) -> Clock {
        let clock = &self.plant.clock;
        Clock {
            wall: clock.wall().to_string(),
            mono: clock.now().as_millis(),
            synced: clock.synced(),
        }
    }

    /// The station at this instant.
    pub fn snapshot(&self) -> Snapshot {
        let station = self.station();
        let online = station.is_connected();
        let subprotocol = station.dialect().filter(|_| online).map(Dialect::subprotocol);
        Snapshot {
            online,
            registered: station.registration().map(WireEnum::as_str),
            subprotocol: subprotocol.map(str::to_string),
            clock: self.clock(),
            evse: (1..=self.plant.cli.evse).map(|evse| self.evse(evse)).collect(),
            queue: Queue {
                tx: station.queue_len(),
            },
            auth_cache: station.cache_len(),
            local_list: LocalList {
                version: station.list_version(),
                n: station.list_len(),
            },
        }
    }

    fn evse(&self, id: u8) -> Evse {
        let station = self.station();
        let world = self.plant.world.borrow();
        Evse {
            id,
            operative: station.is_operative(Place::Evse(EvseId(id))),
            tx: station.transaction(EvseId(id)).map(|transaction| Tx {
                id: transaction.id.write_to(&mut [0; 36]).to_string(),
                seq: transaction.seq_no,
                energy_wh: transaction.energy_wh,
            }),
            limit_a: station.limit(EvseId(id)).map(amps),
            contactor: world.bay(id).is_some_and(crate::world::Bay::closed),
            connectors: (1..=self.plant.cli.connectors)
                .map(|connector| self.connector(id, connector))
                .collect(),
        }
    }

    fn connector(&self, evse: u8, id: u8) -> Connector {
        let station = self.station();
        let world = self.plant.world.borrow();
        let outlet = world.outlet(evse, id);
        let place = ConnectorId::new(evse, id);
        let fault = self.faults.get(&(evse, id)).or_else(|| self.faults.get(&(evse, 0)));
        Connector {
            id,
            plugged: outlet.is_some_and(|outlet| outlet.plugged),
            locked: outlet.is_some_and(|outlet| outlet.locked),
            pilot: outlet.map_or("", |outlet| letter(outlet.pilot())),
            status: station.connector_status(place).map(WireEnum::as_str),
            operative: station.is_operative(Place::Connector(place)),
            fault: fault.cloned(),
        }
    }
}

fn letter(state: PilotState) -> &'static str {
    match state {
        PilotState::A => "A",
        PilotState::B => "B",
        PilotState::C => "C",
        PilotState::D => "D",
        PilotState::E => "E",
        PilotState::F => "F",
    }
}
