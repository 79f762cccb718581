//! The commands of the control channel, carried out.

use super::{App, place};
use crate::control::{self, Command, Event, Reply, Side};
use crate::setup;
use crate::world::values;
use evse_hal::Identifier;
use ocpp_core::wire::{Timestamp, WireEnum};
use ocpp_core::{ConnectorId, EvseId, Fault, FaultCode, Input, LocalCommand, Place, SecurityEvent};
use serde_json::Value;

/// Most A that anything is told in.
const MOST_AMPS: f64 = 1_000.0;
/// Most seconds that one command may let pass: ten years.
const MOST_SECONDS: f64 = 315_360_000.0;
const NO_SUCH_EVSE: &str = "no such EVSE";
const NO_SUCH_CONNECTOR: &str = "no such connector";

impl App<'_, '_> {
    /// Carries out a command and all that follows from it at this instant.
    ///
    /// # Errors
    /// Why it was not.
    pub async fn command(&mut self, command: Command) -> Result<Reply, String> {
        // Up to now, so that what is told carries the time and the meter values of now.
        self.settle().await;
        let reply = match command {
            Command::State => return Ok(Reply::State(Box::new(self.snapshot()))),
            Command::Clock(clock) => return self.move_clock(&clock).await,
            Command::Plug(plug) => self.plug(&plug),
            Command::Unplug(unplug) => self.unplug(&unplug),
            Command::Ev(ev) => self.ev(&ev),
            Command::Id(identifier) => self.present(&identifier),
            Command::Meter(meter) => self.meter(&meter),
            Command::Lock(lock) => self.lock(&lock),
            Command::Fault(fault) => self.fault(&fault),
            Command::Net { online } => self.net(online),
            Command::DataTransfer(data) => self.local(LocalCommand::DataTransfer {
                vendor: &data.vendor,
                message: data.message.as_deref(),
                data: data.data.as_deref(),
            }),
            Command::LocalConfig(config) => match setup::setting(&config.key, &config.value)? {
                setup::Change::Station(id, value) => self.local(LocalCommand::Set(id, &value)),
                setup::Change::Vendor(id) => self.local(LocalCommand::SetVendor(id, &config.value)),
            },
            Command::Limit(limit) => self.limit(&limit),
            Command::Parking(parking) => self.parking(&parking),
            Command::SecurityEvent(event) => self.security_event(&event),
            Command::ResetButton => {
                self.reset_by_hand = true;
                self.local(LocalCommand::Reboot)
            }
            Command::Storage { mode } => {
                self.plant.store.borrow_mut().mode = mode;
                Ok(())
            }
            // The caller ends after the reply.
            Command::StopGraceful => Ok(()),
        };
        reply?;
        self.settle().await;
        Ok(Reply::Done)
    }

    async fn move_clock(&mut self, command: &control::Clock) -> Result<Reply, String> {
        let clock = &self.plant.clock;
        if !clock.is_virtual() {
            return Err("the clock moves by itself: start with --clock virtual".into());
        }
        if command.advance_s.is_none() && command.set.is_none() {
            return Err("advance_s or set is missing".into());
        }
        let seconds = command.advance_s.unwrap_or(0.0);
        if !(0.0..=MOST_SECONDS).contains(&seconds) {
            return Err(format!("advance_s must be between 0 and {MOST_SECONDS}"));
        }
        if let Some(text) = &command.set {
            let time = Timestamp::parse(text).ok_or_else(|| format!("{text:?} is not a time of RFC 3339"))?;
            clock.set_wall(time);
            self.plant.out.tell(Event::Clock(self.clock()));
        }
        self.advance((seconds * 1000.0).round() as u64, command.hold).await?;
        Ok(Reply::Clock(self.clock()))
    }

    fn plug(&mut self, plug: &control::Plug) -> Result<(), String> {
        let mut world = self.plant.world.borrow_mut();
        let outlet = world.outlet_mut(plug.evse, plug.connector).ok_or(NO_SUCH_CONNECTOR)?;
        outlet.plug(plug.ready);
        Ok(())
    }

    fn unplug(&mut self, unplug: &control::Unplug) -> Result<(), String> {
        let mut world = self.plant.world.borrow_mut();
        let outlet = world
            .outlet_mut(unplug.evse, unplug.connector)
            .ok_or(NO_SUCH_CONNECTOR)?;
        match unplug.side {
            Side::Both => outlet.unplug(),
            Side::Ev => {
                if outlet.plugged {
                    outlet.unplug_car();
                }
                Ok(())
            }
        }
    }

    fn ev(&mut self, ev: &control::Ev) -> Result<(), String> {
        let milliamps = ev.amps.map(milliamps).transpose()?;
        if ev.phases.is_some_and(|phases| !matches!(phases, 1..=3)) {
            return Err("phases must be 1, 2 or 3".into());
        }
        if ev.soc.is_some_and(|soc| !(0.0..=100.0).contains(&soc)) {
            return Err("soc must be between 0 and 100".into());
        }
        let mut world = self.plant.world.borrow_mut();
        let bay = world.bay_mut(ev.evse).ok_or(NO_SUCH_EVSE)?;
        let outlet = bay
            .outlets
            .iter_mut()
            .find(|outlet| outlet.plugged)
            .ok_or("no car is plugged in")?;
        let car = &mut outlet.car;
        if let Some(state) = ev.state {
            car.wants = state.into();
        }
        car.milliamps = milliamps.unwrap_or(car.milliamps);
        car.phases = ev.phases.unwrap_or(car.phases);
        if let Some(soc) = ev.soc {
            car.set_soc((soc * 1000.0).round() as u32);
        }
        Ok(())
    }

    fn present(&mut self, command: &control::Identifier) -> Result<(), String> {
        let kind = values::identifier_kind(command.kind.as_deref().unwrap_or("ISO14443"))?;
        let identifier = Identifier::from_text(&command.token, kind).ok_or("the token is too long")?;
        // Number 0 is the reader shared by all.
        let reader = match command.evse {
            Some(0) => None,
            evse => self.readers.get(usize::from(evse.unwrap_or(0))),
        };
        reader.ok_or(NO_SUCH_EVSE)?.present(identifier);
        Ok(())
    }

    fn meter(&mut self, command: &control::Meter) -> Result<(), String> {
        if command.signed.is_some() {
            return Err("signed values are not built yet".into());
        }
        let values: Vec<_> = command.values.iter().flatten().map(value).collect::<Result<_, _>>()?;
        let mut world = self.plant.world.borrow_mut();
        let meter = &mut world.bay_mut(command.evse).ok_or(NO_SUCH_EVSE)?.meter;
        for value in values {
            meter.fix(value);
        }
        if let Some(wh) = command.energy_wh {
            meter.set_energy_wh(wh);
        }
        meter.power_w = command.power_w.or(meter.power_w);
        Ok(())
    }

    fn lock(&mut self, lock: &control::Lock) -> Result<(), String> {
        let mut world = self.plant.world.borrow_mut();
        let outlet = world.outlet_mut(lock.evse, lock.connector).ok_or(NO_SUCH_CONNECTOR)?;
        outlet.lock_mode = lock.mode;
        Ok(())
    }

    fn fault(&mut self, fault: &control::Fault) -> Result<(), String> {
        let (place, code) = (place(fault.evse, fault.connector), values::named(&fault.code)?);
        let now = self.plant.clock.now();
        if self.break_something(place, code, fault.on) {
            if !fault.on {
                self.driver.acknowledge(place);
            }
            // What the guard sees of it is told first, and then in the words of the command.
            self.driver.listen(now, &mut self.watcher);
        }
        let input = Input::Fault(Fault {
            place,
            code,
            on: fault.on,
            info: &fault.info,
            vendor_code: &fault.vendor_code,
        });
        self.input(input)?;
        let key = match (fault.evse, fault.connector) {
            (None, None) => (0, 0),
            (evse, connector) => (evse.unwrap_or(1), connector.unwrap_or(0)),
        };
        if fault.on {
            self.faults.insert(key, fault.code.clone());
        } else if self.faults.get(&key) == Some(&fault.code) {
            self.faults.remove(&key);
        }
        Ok(())
    }

    /// Breaks the hardware that would cause this fault, or repairs it; what is told of the whole station is not the
    /// hardware of a connector. Returns whether there is such hardware.
    fn break_something(&mut self, place: Place, code: FaultCode, on: bool) -> bool {
        let mut world = self.plant.world.borrow_mut();
        let mut found = false;
        for (evse, connector) in world.places() {
            if place == Place::Station || !place.contains(ConnectorId::new(evse, connector)) {
                continue;
            }
            if let Some(outlet) = world.outlet_mut(evse, connector)
                && let Some(defect) = values::defect(&mut outlet.defects, code)
            {
                *defect = on;
                found = true;
                let closed = outlet.contactor;
                world.set_contactor(evse, connector, closed);
            }
        }
        found
    }

    fn net(&mut self, online: bool) -> Result<(), String> {
        self.plant.panel.allow(online);
        if online { self.local(LocalCommand::Dial) } else { Ok(()) }
    }

    fn limit(&mut self, limit: &control::Limit) -> Result<(), String> {
        let milliamps = limit.amps.map(milliamps).transpose()?;
        self.local(LocalCommand::Limit {
            evse: limit.evse.map(EvseId),
            milliamps,
        })
    }

    fn parking(&mut self, parking: &control::Parking) -> Result<(), String> {
        let mut world = self.plant.world.borrow_mut();
        world.bay_mut(parking.evse).ok_or(NO_SUCH_EVSE)?.occupied = Some(parking.occupied);
        drop(world);
        self.input(Input::ParkingBay {
            evse: EvseId(parking.evse),
            occupied: parking.occupied,
        })
    }

    fn security_event(&mut self, event: &control::SecurityEvent) -> Result<(), String> {
        let known = |kind: &&SecurityEvent| kind.as_str() == event.kind;
        let kind = SecurityEvent::ALL
            .iter()
            .find(known)
            .ok_or_else(|| format!("no security event {:?}", event.kind))?;
        self.local(LocalCommand::SecurityEvent {
            event: *kind,
            info: &event.info,
        })
    }

    fn local(&mut self, command: LocalCommand<'_>) -> Result<(), String> {
        self.input(Input::Local(command))
    }

    fn input(&mut self, input: Input<'_>) -> Result<(), String> {
        let now = self.plant.clock.now();
        let taken = self.driver.handle(now, input, &mut self.watcher);
        taken.map_err(|error| error.to_string())
    }
}

fn milliamps(amps: f64) -> Result<u32, String> {
    if (0.0..=MOST_AMPS).contains(&amps) {
        Ok((amps * 1000.0).round() as u32)
    } else {
        Err(format!("amps must be between 0 and {MOST_AMPS}"))
    }
}

fn value(told: &control::MeterValue) -> Result<evse_hal::Value, String> {
    let number = match &told.value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        other => return Err(format!("{other} is not a number")),
    };
    values::value(
        &told.measurand,
        told.phase.as_deref(),
        told.location.as_deref(),
        &number,
        told.unit.as_deref(),
    )
}
