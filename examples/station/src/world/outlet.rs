//! A connector and what is plugged into it: socket, cable, lock, and a car at the other end.

use super::meter::Flow;
use crate::control::{EvState, LockMode};
use evse_hal::pilot::{Duty, Offer, PilotState};
use evse_hal::{Cable, ErrorKind, LockPosition, Residual};
use serde::{Deserialize, Serialize};

/// What the simulated battery holds, in Wh.
const BATTERY_WH: i128 = 60_000;

/// A car.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Car {
    /// What it does once current is offered.
    pub wants: Wants,
    /// The current that it draws at most, in mA.
    pub milliamps: u32,
    /// Phases that it uses at most.
    pub phases: u8,
    /// Charge of its battery in µJ, if it is told.
    charge: Option<i128>,
}

/// What a car does.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub enum Wants {
    /// Nothing for now.
    Rest,
    /// To charge.
    Charge,
    /// To charge with ventilation.
    Ventilation,
    /// It is broken: the pilot is at 0 V.
    Error,
    /// The pilot is at -12 V.
    NoPilot,
}

impl From<EvState> for Wants {
    fn from(state: EvState) -> Self {
        match state {
            EvState::B => Self::Rest,
            EvState::C => Self::Charge,
            EvState::D => Self::Ventilation,
            EvState::E => Self::Error,
            EvState::F => Self::NoPilot,
        }
    }
}

impl Default for Car {
    fn default() -> Self {
        Self {
            wants: Wants::Charge,
            milliamps: 16_000,
            phases: 3,
            charge: None,
        }
    }
}

impl Car {
    const FULL: i128 = BATTERY_WH * 3_600_000_000;

    /// Charge of the battery in thousandths of a percent.
    pub fn soc(&self) -> Option<i64> {
        self.charge
            .and_then(|charge| i64::try_from(charge * 100_000 / Self::FULL).ok())
    }

    /// Sets the charge in thousandths of a percent.
    pub fn set_soc(&mut self, soc: u32) {
        self.charge = Some(i128::from(soc.min(100_000)) * Self::FULL / 100_000);
    }

    /// Takes energy in, in µJ.
    pub fn charge(&mut self, energy: i128) {
        self.charge = self.charge.map(|charge| (charge + energy).min(Self::FULL));
    }
}

/// A connector.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Outlet {
    /// The cable cannot be taken out.
    pub fixed: bool,
    /// There is a cable in the socket.
    pub cable: bool,
    /// There is a car at the end of the cable.
    pub plugged: bool,
    /// The car that is there, or was last.
    pub car: Car,
    /// The bolt is closed.
    pub locked: bool,
    /// How the lock behaves. Not remembered.
    #[serde(skip)]
    pub lock_mode: LockMode,
    /// The contactor is closed. Not remembered: it opens when the power goes.
    #[serde(skip)]
    pub contactor: bool,
    /// The PWM on the pilot; `None` is a constant voltage.
    #[serde(skip)]
    pub duty: Option<Duty>,
    /// What is broken on demand. Not remembered.
    #[serde(skip)]
    pub defects: Defects,
}

/// What is broken.
#[derive(Clone, Copy, Debug, Default)]
pub struct Defects {
    /// Current flows to earth.
    pub leak: bool,
    /// The car draws twice what it is offered.
    pub greed: bool,
    /// The fan stands still.
    pub heat: bool,
    /// The coil of the contactor gets no power.
    pub coil: bool,
}

impl Outlet {
    /// With nothing plugged in.
    pub fn new(fixed: bool) -> Self {
        Self {
            fixed,
            cable: fixed,
            plugged: false,
            car: Car::default(),
            locked: false,
            lock_mode: if fixed { LockMode::None } else { LockMode::Ok },
            contactor: false,
            duty: None,
            defects: Defects::default(),
        }
    }

    /// Puts the cable into socket and car.
    pub fn plug(&mut self, ready: bool) {
        if self.plugged {
            return;
        }
        self.cable = true;
        self.plugged = true;
        self.car.wants = if ready { Wants::Charge } else { Wants::Rest };
    }

    /// Takes the cable out of the car.
    pub fn unplug_car(&mut self) {
        self.plugged = false;
        self.car = Car::default();
    }

    /// Takes the cable out of the car and the socket.
    ///
    /// # Errors
    /// It is locked.
    pub fn unplug(&mut self) -> Result<(), String> {
        if self.locked && self.cable && !self.fixed {
            return Err("locked".into());
        }
        if self.plugged {
            self.unplug_car();
        }
        self.cable = self.fixed;
        Ok(())
    }

    /// The current that is offered, in mA.
    fn offered(&self) -> u32 {
        match self.duty.map(Duty::offer) {
            Some(Offer::Milliamps(milliamps)) => milliamps,
            _ => 0,
        }
    }

    /// What the pilot shows.
    pub fn pilot(&self) -> PilotState {
        if !self.plugged {
            return PilotState::A;
        }
        let offered = self.offered() > 0;
        match self.car.wants {
            Wants::Error => PilotState::E,
            Wants::NoPilot => PilotState::F,
            Wants::Charge if offered => PilotState::C,
            Wants::Ventilation if offered => PilotState::D,
            _ => PilotState::B,
        }
    }

    /// What the proximity contact shows.
    pub fn cable(&self) -> Cable {
        match (self.fixed, self.cable) {
            (true, _) => Cable::Fixed,
            (false, true) => Cable::Present { max_milliamps: 32_000 },
            (false, false) => Cable::Absent,
        }
    }

    /// What flows, on a grid of so many phases.
    pub fn flow(&self, phases: u8) -> Flow {
        let flows = self.contactor && self.pilot().is_ready();
        Flow {
            milliamps: if flows {
                let factor = if self.defects.greed { 2 } else { 1 };
                self.car.milliamps.min(self.offered()).saturating_mul(factor)
            } else {
                0
            },
            phases: if self.plugged {
                self.car.phases.min(phases)
            } else {
                phases
            },
            soc: self.car.soc().filter(|_| self.plugged),
        }
    }

    /// What the monitor of residual current sees. Its self test is over at once.
    pub fn residual(&self) -> Residual {
        if self.defects.leak {
            Residual::Dc
        } else {
            Residual::Clear
        }
    }

    /// How hot the contacts are, in tenths of a degree Celsius: the more, the more current flows.
    pub fn temperature(&self) -> i16 {
        let rise = self.flow(3).milliamps / 200;
        let ambient = if self.defects.heat { 900 } else { 250 };
        ambient + i16::try_from(rise).unwrap_or(0)
    }

    /// Moves the bolt.
    ///
    /// # Errors
    /// It is stuck.
    pub fn drive_lock(&mut self, close: bool) -> Result<(), ErrorKind> {
        match (self.lock_mode, close) {
            (LockMode::None, _) => Ok(()),
            (LockMode::FailLock, true) | (LockMode::FailUnlock, false) if self.locked != close => Err(ErrorKind::Stuck),
            _ => {
                self.locked = close;
                Ok(())
            }
        }
    }

    /// Where the bolt is.
    pub fn lock_position(&self) -> LockPosition {
        match (self.lock_mode, self.locked) {
            (LockMode::None, _) => LockPosition::Absent,
            (_, true) => LockPosition::Locked,
            (_, false) => LockPosition::Unlocked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_car_is_ready_once_current_is_offered() {
        let mut outlet = Outlet::new(false);
        assert_eq!(outlet.pilot(), PilotState::A);
        outlet.plug(true);
        assert_eq!(outlet.pilot(), PilotState::B);
        outlet.duty = Duty::for_current(10_000);
        outlet.contactor = true;
        assert_eq!(outlet.pilot(), PilotState::C);
        assert_eq!(
            outlet.flow(1),
            Flow {
                milliamps: 9_996,
                phases: 1,
                soc: None
            }
        );
        outlet.car.wants = EvState::B.into();
        assert_eq!((outlet.pilot(), outlet.flow(3).milliamps), (PilotState::B, 0));
        outlet.car.wants = EvState::E.into();
        assert_eq!(outlet.pilot(), PilotState::E);
    }

    #[test]
    fn a_locked_cable_stays() {
        let mut outlet = Outlet::new(false);
        outlet.plug(true);
        outlet.drive_lock(true).unwrap();
        assert_eq!(outlet.unplug(), Err("locked".to_string()));
        outlet.unplug_car();
        assert_eq!((outlet.pilot(), outlet.cable), (PilotState::A, true));
        outlet.drive_lock(false).unwrap();
        outlet.unplug().unwrap();
        assert!(!outlet.cable);
        outlet.unplug().unwrap();
    }

    #[test]
    fn a_fixed_cable_has_no_lock_and_stays() {
        let mut outlet = Outlet::new(true);
        outlet.plug(true);
        outlet.drive_lock(true).unwrap();
        assert_eq!(
            (outlet.lock_position(), outlet.cable()),
            (LockPosition::Absent, Cable::Fixed)
        );
        outlet.unplug().unwrap();
        assert!(outlet.cable && !outlet.plugged);
    }

    #[test]
    fn a_lock_fails_on_demand() {
        let mut outlet = Outlet::new(false);
        outlet.lock_mode = LockMode::FailLock;
        assert_eq!(outlet.drive_lock(true), Err(ErrorKind::Stuck));
        assert_eq!(outlet.lock_position(), LockPosition::Unlocked);
        outlet.lock_mode = LockMode::Ok;
        outlet.drive_lock(true).unwrap();
        outlet.lock_mode = LockMode::FailUnlock;
        assert_eq!(outlet.drive_lock(false), Err(ErrorKind::Stuck));
        assert_eq!(outlet.lock_position(), LockPosition::Locked);
    }

    #[test]
    fn defects_show_in_what_is_measured() {
        let mut outlet = Outlet::new(false);
        outlet.plug(true);
        outlet.duty = Duty::for_current(10_000);
        outlet.contactor = true;
        assert_eq!((outlet.residual(), outlet.temperature()), (Residual::Clear, 299));
        outlet.defects = Defects {
            leak: true,
            greed: true,
            heat: true,
            coil: false,
        };
        assert_eq!(outlet.flow(3).milliamps, 19_992);
        assert_eq!((outlet.residual(), outlet.temperature()), (Residual::Dc, 999));
    }

    #[test]
    fn a_battery_fills() {
        let mut car = Car::default();
        car.charge(1);
        assert_eq!(car.soc(), None);
        car.set_soc(40_000);
        car.charge(6_000 * 3_600_000_000);
        assert_eq!(car.soc(), Some(50_000));
        car.charge(Car::FULL);
        assert_eq!(car.soc(), Some(100_000));
    }
}
