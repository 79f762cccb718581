//! Prices that an EV can plan with, over ISO 15118-2.

use ocpp_core::wire::{Decimal, List, Text};
use ocpp_core::{message, wire_enum};

message! {
    /// Prices over time.
    ///
    /// ```
    /// use ocpp_core::wire::{Reader, Wire};
    /// use ocpp201::messages::SalesTariff;
    ///
    /// let json = r#"{"id":1,"salesTariffEntry":[{"relativeTimeInterval":{"start":0},"ePriceLevel":1}]}"#;
    /// let tariff = SalesTariff::read(&mut Reader::new(json))?;
    /// let level = tariff.sales_tariff_entry.iter().next().and_then(|entry| entry.e_price_level);
    /// assert_eq!(level, Some(1));
    /// # Ok::<(), ocpp_core::wire::WireError>(())
    /// ```
    pub struct SalesTariff<'a> {
        /// Number of the tariff, one per schedule of a session.
        id: i32 = "id",
        /// Title to show to drivers.
        sales_tariff_description: Option<Text<'a, 32>> = "salesTariffDescription",
        /// How many price levels there are.
        num_e_price_levels: Option<i32> = "numEPriceLevels",
        /// The prices.
        sales_tariff_entry: List<'a, SalesTariffEntry<'a>, 1, 1024> = "salesTariffEntry",
    }
}

message! {
    /// Price of one interval.
    pub struct SalesTariffEntry<'a> {
        /// The interval.
        relative_time_interval: RelativeTimeInterval = "relativeTimeInterval",
        /// Price level, from 0; lower is cheaper.
        e_price_level: Option<i32> = "ePriceLevel",
        /// Costs by consumption.
        consumption_cost: Option<List<'a, ConsumptionCost<'a>, 1, 3>> = "consumptionCost",
    }
}

message! {
    /// An interval from now on.
    pub struct RelativeTimeInterval {
        /// When it begins, in seconds.
        start: i32 = "start",
        /// Length in seconds; left out, until the next one.
        duration: Option<i32> = "duration",
    }
}

message! {
    /// Costs from a certain consumption on.
    pub struct ConsumptionCost<'a> {
        /// Consumption from which they count; they end where the next ones begin.
        start_value: Decimal = "startValue",
        /// The costs.
        cost: List<'a, Cost, 1, 3> = "cost",
    }
}

message! {
    /// A cost per kWh, or something like it.
    pub struct Cost {
        /// What is counted.
        cost_kind: CostKind = "costKind",
        /// How much, times 10 to the power of the multiplier.
        amount: i32 = "amount",
        /// −3 to 3; left out, 0.
        amount_multiplier: Option<i32> = "amountMultiplier",
    }
}

wire_enum! {
    /// What a cost counts.
    pub enum CostKind {
        /// Emission of carbon dioxide, g per kWh.
        CarbonDioxideEmission = "CarbonDioxideEmission",
        /// Price per kWh, percent of the highest one.
        RelativePricePercentage = "RelativePricePercentage",
        /// Share of renewable energy, percent.
        RenewableGenerationPercentage = "RenewableGenerationPercentage",
    }
}
