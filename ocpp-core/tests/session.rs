//! Sessions in 1.6: from plug to plug, on the virtual clock.

mod bench;

use bench::Bench;
use ocpp_core::PilotState;

/// 1.6 §4.9: Preparing, Charging, Finishing, Available, with the transaction between.
#[test]
fn plug_first() {
    let mut bench = Bench::new(&[1]);
    bench.energy(1, 1000);
    bench.pilot(1, 1, PilotState::B);
    bench.expect(&["> StatusNotification 1 Preparing"]);
    bench.present("04A3F2");
    bench.expect(&[
        "> Authorize 04A3F2",
        "permit 1.1 on",
        "> StatusNotification 1 SuspendedEV",
        "> StartTransaction 1 04A3F2 1000",
    ]);
    bench.pilot(1, 1, PilotState::C);
    bench.contactor(1, true);
    bench.expect(&["> StatusNotification 1 Charging"]);
    bench.energy(1, 1500);
    bench.advance(60);
    bench.expect(&["> MeterValues 1 1"]);
    bench.energy(1, 2000);
    bench.present("04a3f2");
    bench.expect(&[
        "permit 1.1 off",
        "> StatusNotification 1 Finishing",
        "> StopTransaction 1 2000 Local 04a3f2",
    ]);
    bench.contactor(1, false);
    bench.pilot(1, 1, PilotState::A);
    bench.expect(&["> StatusNotification 1 Available"]);
    assert!(bench.store.records.is_empty());
    bench.assert_idle();
}
