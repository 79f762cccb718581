//! Every message of OCPP 1.6: the 28 operations of the base specification and the 11 of the security extension,
//! requests and responses, as the JSON schemas of 1.6 edition 2 and of the security whitepaper declare them.
//!
//! A station and a Central System both read and write all of them, so either side can be built on this module.
//! A request names its action and its response through [`Operation`](ocpp_core::wire::Operation).
//!
//! * Names on the wire are those of the schemas; a field called `type` there is called `kind` here.
//! * Id tags and configuration values are [`SecretText`](ocpp_core::wire::SecretText): they never reach a log.
//! * Enumerations in responses of the Central System are [`Open`](ocpp_core::wire::Open): a status nobody knows yet
//!   does not make a response unreadable. Everywhere else an unknown value is refused.
//! * Strings that the schemas leave unbounded have a bound here: [`VALUE_MAX`], [`URI_MAX`], [`DATA_MAX`].
//! * Powers and currents are exact [`Decimal`](ocpp_core::wire::Decimal)s; the schemas want at most one digit behind
//!   the point, which is neither enforced on reading nor rounded on writing.
//!
//! ```
//! use ocpp16::messages::{HeartbeatRequest, HeartbeatResponse};
//! use ocpp_core::wire::{Frame, Operation, Timestamp, Wire, Writer};
//!
//! fn answer<'b>(frame: &[u8], now: Timestamp, buffer: &'b mut [u8]) -> Option<&'b str> {
//!     let Ok(Frame::Call { id, action, mut payload }) = Frame::read(frame) else { return None };
//!     if !action.eq_str(HeartbeatRequest::ACTION) {
//!         return None;
//!     }
//!     HeartbeatRequest::read(&mut payload).ok()?;
//!     Frame::end(&mut payload).ok()?;
//!     let mut w = Writer::new(buffer);
//!     Frame::open_result(&mut w, id.as_text());
//!     HeartbeatResponse { current_time: now }.write(&mut w);
//!     Frame::close(&mut w);
//!     w.finish().ok()
//! }
//!
//! let reply = answer(br#"[2,"7","Heartbeat",{}]"#, Timestamp::from_millis(0), &mut [0; 80]).map(str::len);
//! assert_eq!(reply, Some(r#"[3,"7",{"currentTime":"1970-01-01T00:00:00Z"}]"#.len()));
//! ```

mod certificates;
mod configuration;
mod core;
mod firmware;
mod local_list;
mod reservation;
mod security;
mod smart_charging;
mod transactions;
mod trigger;
mod types;

pub use self::core::*;
pub use certificates::*;
pub use configuration::*;
pub use firmware::*;
pub use local_list::*;
pub use reservation::*;
pub use security::*;
pub use smart_charging::*;
pub use transactions::*;
pub use trigger::*;
pub use types::*;
