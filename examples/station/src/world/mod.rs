//! The simulated world: cars, cables, locks, contactors, meters.
//!
//! It knows nothing of OCPP; the station sees it through the traits of `evse-hal` that [`ports`] implements. Like the
//! real one it outlives a power cut: what stays put without power is kept in a file.

pub mod meter;
mod outlet;
pub mod ports;
pub mod values;

use crate::control::{Event, Outbox};
use crate::store::replace_file;
use meter::{Flow, Meter};
pub use outlet::{Defects, Outlet};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::PathBuf;

/// An EVSE: a meter, and behind it one or several connectors.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Bay {
    /// The meter.
    pub meter: Meter,
    /// The connectors.
    pub outlets: Vec<Outlet>,
    /// What the sensor of the parking bay sees; `None` as long as there is no sensor.
    #[serde(default)]
    pub occupied: Option<bool>,
}

impl Bay {
    /// Whether any contactor is closed.
    pub fn closed(&self) -> bool {
        self.outlets.iter().any(|outlet| outlet.contactor)
    }

    /// What flows through the meter. Only one of the connectors is ever used at a time.
    fn flow(&self, phases: u8) -> Flow {
        let flows = self.outlets.iter().map(|outlet| outlet.flow(phases));
        let used = flows.clone().find(|flow| flow.milliamps > 0);
        let plugged = || {
            self.outlets
                .iter()
                .find(|outlet| outlet.plugged)
                .map(|outlet| outlet.flow(phases))
        };
        used.or_else(plugged)
            .or_else(|| flows.clone().next())
            .unwrap_or_default()
    }
}

/// All of it.
#[derive(Debug)]
pub struct World {
    bays: Vec<Bay>,
    phases: u8,
    /// Up to when energy was counted, in ms of station time.
    now: u64,
    file: Option<PathBuf>,
    saved: Vec<u8>,
    out: Outbox,
}

impl World {
    /// A world with so many EVSEs and connectors each, nothing plugged in; or the one that is in the file.
    ///
    /// # Errors
    /// The file is there, but cannot be read.
    pub fn open(
        (evses, connectors): (u8, u8),
        phases: u8,
        fixed: bool,
        file: Option<PathBuf>,
        out: Outbox,
    ) -> io::Result<Self> {
        let bay = Bay {
            meter: Meter::default(),
            outlets: vec![Outlet::new(fixed); usize::from(connectors)],
            occupied: None,
        };
        let mut world = Self {
            bays: vec![bay; usize::from(evses)],
            phases,
            now: 0,
            file,
            saved: Vec::new(),
            out,
        };
        if let Some(file) = &world.file {
            match std::fs::read(file) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                read => world.restore(serde_json::from_slice(&read?)?, fixed),
            }
        }
        Ok(world)
    }

    /// Takes over what is known of the connectors that still exist, if they are of the same kind.
    fn restore(&mut self, bays: Vec<Bay>, fixed: bool) {
        for (own, known) in self.bays.iter_mut().zip(bays) {
            own.meter = known.meter;
            own.occupied = known.occupied;
            for (own, known) in own.outlets.iter_mut().zip(known.outlets) {
                if known.fixed == fixed {
                    *own = Outlet {
                        lock_mode: own.lock_mode,
                        ..known
                    };
                }
            }
        }
    }

    /// The power goes, and comes back: contactors open, nothing is offered.
    pub fn power_cycle(&mut self) {
        self.now = 0;
        for (evse, connector) in self.places() {
            self.set_contactor(evse, connector, false);
            if let Some(outlet) = self.outlet_mut(evse, connector) {
                outlet.duty = None;
            }
        }
    }

    /// An EVSE, by its number.
    pub fn bay(&self, evse: u8) -> Option<&Bay> {
        self.bays.get(usize::from(evse).checked_sub(1)?)
    }

    /// The same, to change it.
    pub fn bay_mut(&mut self, evse: u8) -> Option<&mut Bay> {
        self.bays.get_mut(usize::from(evse).checked_sub(1)?)
    }

    /// A connector, by its numbers.
    pub fn outlet(&self, evse: u8, connector: u8) -> Option<&Outlet> {
        self.bay(evse)?.outlets.get(usize::from(connector).checked_sub(1)?)
    }

    /// The same, to change it.
    pub fn outlet_mut(&mut self, evse: u8, connector: u8) -> Option<&mut Outlet> {
        self.bay_mut(evse)?
            .outlets
            .get_mut(usize::from(connector).checked_sub(1)?)
    }

    /// The numbers of all connectors.
    pub fn places(&self) -> Vec<(u8, u8)> {
        let bays = (1..=u8::MAX).zip(&self.bays);
        bays.flat_map(|(evse, bay)| {
            (1..=u8::MAX)
                .zip(&bay.outlets)
                .map(move |(connector, _)| (evse, connector))
        })
        .collect()
    }

    /// What flows through the meter of an EVSE.
    pub fn flow(&self, evse: u8) -> Flow {
        self.bay(evse).map(|bay| bay.flow(self.phases)).unwrap_or_default()
    }

    /// Lets time pass up to this moment, in ms of station time.
    pub fn advance(&mut self, now: u64) {
        let passed = now.saturating_sub(self.now);
        self.now = self.now.max(now);
        for bay in &mut self.bays {
            let flow = bay.flow(self.phases);
            let energy = bay.meter.integrate(flow, passed);
            if let Some(outlet) = bay
                .outlets
                .iter_mut()
                .find(|outlet| outlet.flow(self.phases).milliamps > 0)
            {
                outlet.car.charge(energy);
            }
        }
    }

    /// Moves a contactor.
    pub fn set_contactor(&mut self, evse: u8, connector: u8, closed: bool) {
        let before = self.bay(evse).is_some_and(Bay::closed);
        if let Some(outlet) = self.outlet_mut(evse, connector) {
            outlet.contactor = closed && !outlet.defects.coil;
        }
        if self.bay(evse).is_some_and(Bay::closed) != before {
            self.out.tell(Event::Contactor { evse, closed: !before });
        }
    }

    /// Moves a lock.
    ///
    /// # Errors
    /// It is stuck.
    pub fn set_lock(&mut self, evse: u8, connector: u8, locked: bool) -> Result<(), evse_hal::ErrorKind> {
        let Some(outlet) = self.outlet_mut(evse, connector) else {
            return Ok(());
        };
        let before = outlet.locked;
        let result = outlet.drive_lock(locked);
        if outlet.locked != before {
            self.out.tell(Event::Lock {
                evse,
                connector,
                locked,
            });
        }
        result
    }

    /// Writes the file, if there is one and anything has changed.
    pub fn save(&mut self) {
        let Some(file) = &self.file else { return };
        let bytes = serde_json::to_vec(&self.bays).unwrap_or_default();
        if bytes == self.saved {
            return;
        }
        match replace_file(file, &bytes) {
            Ok(()) => self.saved = bytes,
            Err(error) => tracing::warn!("{} could not be written: {error}", file.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::collected;
    use evse_hal::pilot::Duty;

    fn open(file: Option<PathBuf>) -> World {
        World::open((2, 2), 3, false, file, Outbox::new(drop)).unwrap()
    }

    fn charging(mut world: World) -> World {
        let outlet = world.outlet_mut(2, 2).unwrap();
        outlet.plug(true);
        outlet.duty = Duty::for_current(32_000);
        world.set_lock(2, 2, true).unwrap();
        world.set_contactor(2, 2, true);
        world
    }

    #[test]
    fn energy_goes_to_the_right_meter() {
        let mut world = charging(open(None));
        world.advance(3_600_000);
        assert_eq!(world.bay(1).unwrap().meter.energy_wh(), 0);
        assert_eq!(world.bay(2).unwrap().meter.energy_wh(), 11_040);
        world.set_contactor(2, 2, false);
        world.advance(7_200_000);
        assert_eq!(world.bay(2).unwrap().meter.energy_wh(), 11_040);
    }

    #[test]
    fn each_change_is_told_once() {
        let (out, events) = collected();
        let mut world = charging(World::open((2, 2), 3, false, None, out).unwrap());
        world.set_lock(2, 2, true).unwrap();
        world.set_contactor(2, 2, true);
        let told = [
            Event::Lock {
                evse: 2,
                connector: 2,
                locked: true,
            },
            Event::Contactor { evse: 2, closed: true },
        ];
        assert_eq!(*events.borrow(), told);
    }

    #[test]
    fn the_world_outlives_a_power_cut() {
        let file = std::env::temp_dir().join(format!("station-world-{}.json", std::process::id()));
        let _ = std::fs::remove_file(&file);
        let mut world = charging(open(Some(file.clone())));
        world.advance(3_600_000);
        world.save();
        std::mem::forget(world);
        let world = open(Some(file.clone()));
        let outlet = world.outlet(2, 2).unwrap();
        assert!(outlet.plugged && outlet.cable && outlet.locked);
        assert!(!outlet.contactor, "a contactor opens without power");
        assert_eq!(world.bay(2).unwrap().meter.energy_wh(), 11_040);
        let _ = std::fs::remove_file(&file);
    }
}
