//! Data types that several blocks share, or that are large enough to stand apart.

mod certificate;
mod charging_needs;
mod charging_profile;
mod device_model;
mod id_token;
mod message_content;
mod meter_value;
mod monitoring;
mod network_profile;
mod sales_tariff;
mod status;

pub use certificate::*;
pub use charging_needs::*;
pub use charging_profile::*;
pub use device_model::*;
pub use id_token::*;
pub use message_content::*;
pub use meter_value::*;
pub use monitoring::*;
pub use network_profile::*;
pub use sales_tariff::*;
pub use status::*;
