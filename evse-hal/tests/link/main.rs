//! The WebSocket link against a scripted server: every rule of RFC 6455 that a client has to keep, and every way in which a
//! server or a network can fail it.

mod bench;
mod cancel;
mod cuts;
mod frames;
mod goodbye;
mod pings;
mod random;
mod sending;
mod upgrade;
