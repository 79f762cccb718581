//! A whole charger of two sockets that speaks 1.6: `driver16`, and the futures that serve storage, link, meters and a reader.

#![no_std]
#![no_main]

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Waker};
use evse_hal::{Meter, both};
use ocpp_core::EvseId;
use size::board::{Part, with_driver};

size::run!(with_driver(|driver, ports| {
    let mut meters = [1, 2].map(|evse| Meter::new(Some(EvseId(evse)), Part));
    let services = both(ports.serve_storage(Part), ports.serve_link(Part));
    let services = both(services, ports.serve_meters(&mut meters));
    let services = both(services, ports.serve_reader(None, Part, &Part));
    let mut all = pin!(both(driver.run(&Part, ()), services));
    while all.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {}
}));
