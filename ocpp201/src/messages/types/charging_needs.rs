//! What an EV wants, over ISO 15118 (K15).

use ocpp_core::wire::Timestamp;
use ocpp_core::{message, wire_enum};

message! {
    /// What an EV wants.
    ///
    /// ```
    /// use ocpp_core::wire::{Reader, Wire};
    /// use ocpp201::messages::{ChargingNeeds, EnergyTransferMode};
    ///
    /// let json = r#"{"requestedEnergyTransfer":"AC_three_phase","acChargingParameters":
    ///     {"energyAmount":32000,"evMinCurrent":6,"evMaxCurrent":16,"evMaxVoltage":400}}"#;
    /// let needs = ChargingNeeds::read(&mut Reader::new(json))?;
    /// assert_eq!(needs.requested_energy_transfer, EnergyTransferMode::AcThreePhase);
    /// # Ok::<(), ocpp_core::wire::WireError>(())
    /// ```
    pub struct ChargingNeeds {
        /// How it wants to charge.
        requested_energy_transfer: EnergyTransferMode = "requestedEnergyTransfer",
        /// When it will leave.
        departure_time: Option<Timestamp> = "departureTime",
        /// Its limits for AC.
        ac_charging_parameters: Option<AcChargingParameters> = "acChargingParameters",
        /// Its limits for DC.
        dc_charging_parameters: Option<DcChargingParameters> = "dcChargingParameters",
    }
}

wire_enum! {
    /// Ways to charge.
    pub enum EnergyTransferMode {
        /// DC.
        Dc = "DC",
        /// AC, one phase.
        AcSinglePhase = "AC_single_phase",
        /// AC, two phases.
        AcTwoPhase = "AC_two_phase",
        /// AC, three phases.
        AcThreePhase = "AC_three_phase",
    }
}

message! {
    /// An EV's limits for AC.
    pub struct AcChargingParameters {
        /// Energy wanted, Wh, preconditioning included.
        energy_amount: i32 = "energyAmount",
        /// Lowest current per phase, A.
        ev_min_current: i32 = "evMinCurrent",
        /// Highest current per phase, A, cable included.
        ev_max_current: i32 = "evMaxCurrent",
        /// Highest voltage, V.
        ev_max_voltage: i32 = "evMaxVoltage",
    }
}

message! {
    /// An EV's limits for DC.
    pub struct DcChargingParameters {
        /// Highest current, A, cable included.
        ev_max_current: i32 = "evMaxCurrent",
        /// Highest voltage, V.
        ev_max_voltage: i32 = "evMaxVoltage",
        /// Highest power, W.
        ev_max_power: Option<i32> = "evMaxPower",
        /// Energy wanted, Wh, preconditioning included.
        energy_amount: Option<i32> = "energyAmount",
        /// State of charge now, 0 to 100 percent.
        state_of_charge: Option<i32> = "stateOfCharge",
        /// State of charge that the EV calls full, 0 to 100 percent.
        full_soc: Option<i32> = "fullSoC",
        /// State of charge at which fast charging ends, 0 to 100 percent.
        bulk_soc: Option<i32> = "bulkSoC",
        /// Capacity of the battery, Wh.
        ev_energy_capacity: Option<i32> = "evEnergyCapacity",
    }
}
