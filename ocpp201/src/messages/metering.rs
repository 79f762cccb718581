//! Block J, meter values: measurements outside of transactions (J01). Those of a transaction travel in its events.
//!
//! ```
//! use ocpp_core::wire::{Decimal, List, Timestamp, Wire, Writer};
//! use ocpp201::messages::{MeterValue, MeterValuesRequest, SampledValue};
//!
//! let samples = [SampledValue {
//!     value: Decimal::from(15_300),
//!     context: None,
//!     measurand: None,
//!     phase: None,
//!     location: None,
//!     unit_of_measure: None,
//!     signed_meter_value: None,
//! }];
//! let values = [MeterValue { timestamp: Timestamp::from_millis(0), sampled_value: List::from(&samples) }];
//! let request = MeterValuesRequest { evse_id: 1, meter_value: List::from(&values), custom_data: None };
//!
//! let mut buffer = [0; 128];
//! let mut w = Writer::new(&mut buffer);
//! request.write(&mut w);
//! let json = r#"{"evseId":1,"meterValue":[{"timestamp":"1970-01-01T00:00:00Z","sampledValue":[{"value":15300}]}]}"#;
//! assert_eq!(w.finish(), Ok(json));
//! ```

use ocpp_core::wire::{List, Raw};
use ocpp_core::{message, operations};

use super::types::MeterValue;

operations! { 'a:
    "MeterValues": MeterValuesRequest<'a> => MeterValuesResponse<'a>,
}

message! {
    /// The station reports measurements that belong to no transaction (J01). To the CSMS.
    pub struct MeterValuesRequest<'a> {
        /// EVSE, from 1; 0 is the meter of the whole station.
        evse_id: i32 = "evseId",
        /// The measurements.
        meter_value: List<'a, MeterValue<'a>, 1> = "meterValue",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Confirms measurements; nothing else in it.
    pub struct MeterValuesResponse<'a> {
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}
