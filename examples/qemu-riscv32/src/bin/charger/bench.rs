//! Commands that only this board has: what happens to the simulated world, and what the machine can tell of itself.

use board::stack::{self, Map};
use embassy_time::Instant;
use firmware::{Arguments, Wrong};
use ocpp_core::wire::Writer;

use crate::world::{Port, Wants};

pub struct Bench {
    port: Port,
}

impl Bench {
    pub fn new(port: Port) -> Self {
        Self { port }
    }

    fn plug(&self, arguments: Arguments<'_>) -> Result<(), Wrong> {
        let ready = arguments.flag(&["ready"])?.unwrap_or(true);
        self.port.with(|world| world.plug(ready));
        Ok(())
    }

    fn unplug(&self, arguments: Arguments<'_>) -> Result<(), Wrong> {
        let stays = match arguments.text(&["side"])? {
            None => false,
            Some(side) if side.eq_str("both") => false,
            Some(side) if side.eq_str("ev") => true,
            Some(_) => return Err(Wrong::Value("side")),
        };
        let done = self.port.with(|world| world.unplug(stays));
        if done { Ok(()) } else { Err(Wrong::Because("locked")) }
    }

    fn ev(&self, arguments: Arguments<'_>) -> Result<(), Wrong> {
        let wants = match arguments.text(&["state"])?.and_then(|state| state.as_str()) {
            None => None,
            Some("B") => Some(Wants::Rest),
            Some("C") => Some(Wants::Charge),
            Some("D") => Some(Wants::Ventilation),
            Some("E") => Some(Wants::Error),
            Some(_) => return Err(Wrong::Value("state")),
        };
        let milliamps = arguments.thousandths(&["amps"])?;
        self.port.with(|world| {
            if wants.is_some_and(|wants| !world.wants(wants)) {
                return Err(Wrong::Because("no car is plugged in"));
            }
            world.count();
            world.milliamps = milliamps.unwrap_or(world.milliamps).min(80_000);
            Ok(())
        })
    }

    fn meter(&self, arguments: Arguments<'_>) -> Result<(), Wrong> {
        let register = arguments.number(&["energy_wh"])?;
        let power = arguments.number(&["power_w"])?;
        self.port.with(|world| {
            world.count();
            if let Some(wh) = register {
                world.set_register(wh);
            }
            world.power_w = power.or(world.power_w);
        });
        Ok(())
    }
}

impl firmware::Bench for Bench {
    fn command(&mut self, name: &str, arguments: Arguments<'_>, answer: &mut Writer<'_>) -> Option<Result<(), Wrong>> {
        Some(match name {
            "plug" => self.plug(arguments),
            "unplug" => self.unplug(arguments),
            "ev" => self.ev(arguments),
            "meter" => self.meter(arguments),
            "info" => {
                info(answer);
                Ok(())
            }
            "stop_graceful" => board::exit(0),
            _ => return None,
        })
    }
}

/// Sizes in bytes, times in ms; what the processor did since the start.
fn info(w: &mut Writer<'_>) {
    let map = Map::new();
    let load = board::load();
    let numbers = [
        ("image", map.image as u64),
        ("data", map.data as u64),
        ("bss", map.bss as u64),
        ("stack", map.stack as u64),
        ("stack_used", stack::high_water() as u64),
        ("up_ms", Instant::now().as_millis()),
        ("asleep_ms", load.asleep.as_millis()),
        ("wake_ups", load.wake_ups.into()),
        ("flash_operations", board::flash::operations().into()),
    ];
    for (name, number) in numbers {
        w.key(name);
        w.integer(number as i64);
    }
}
