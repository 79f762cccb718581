//! What the tests of the messages share: every declared type behind one face, and what the schemas say of it.

#![allow(dead_code, reason = "each test uses a part of it")]

#[macro_use]
mod operations;
pub mod random;
pub mod registry;
pub mod table;
