//! The stores in flash, on a simulated one.

mod cuts;
mod faults;
mod model;
mod packs;
mod wear;
