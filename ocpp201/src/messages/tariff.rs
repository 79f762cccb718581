//! Block I, tariff and cost: the running cost of a transaction (I02). Tariffs and the final cost travel with tokens and
//! transaction events.
//!
//! ```
//! use ocpp_core::wire::{Decimal, Reader, Wire};
//! use ocpp201::messages::CostUpdatedRequest;
//!
//! let request = CostUpdatedRequest::read(&mut Reader::new(r#"{"totalCost":4.05,"transactionId":"9b2a"}"#))?;
//! assert_eq!(request.total_cost, Decimal::new(405, 2));
//! assert_eq!(request.transaction_id, "9B2A");
//! # Ok::<(), ocpp_core::wire::WireError>(())
//! ```

use ocpp_core::wire::{CiText, Decimal, Raw};
use ocpp_core::{message, operations};

operations! { 'a:
    "CostUpdated": CostUpdatedRequest<'a> => CostUpdatedResponse<'a>,
}

message! {
    /// The CSMS tells what a transaction has cost so far (I02). To the station.
    pub struct CostUpdatedRequest<'a> {
        /// Cost including taxes, in the station's `Currency`.
        total_cost: Decimal = "totalCost",
        /// Which transaction.
        transaction_id: CiText<'a, 36> = "transactionId",
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}

message! {
    /// Confirms the cost; nothing else in it.
    pub struct CostUpdatedResponse<'a> {
        /// Vendor's addition to the message, as it stood.
        custom_data: Option<Raw<'a>> = "customData",
    }
}
