//! The demo: a central system of its own, and one session from plug to plug.

mod csms;
mod show;

use crate::app::{self, App, Plant};
use crate::cli::Cli;
use crate::clock::Clock;
use crate::control::{Command, Ev, Event, Identifier, Meter, Outbox, Plug, Side, Unplug};
use crate::setup::Factory;
use csms::{Books, Session};
use ocpp_core::{BootReason, Instant};
use show::{Progress, Show};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;
use tokio::net::TcpListener;

/// Charge of the battery at the beginning, and at the end, in percent.
const BATTERY: (i64, i64) = (50, 80);
/// Station time of one step in ms, with one phase; with more it takes less time to charge.
const STEP: u64 = 180_000;
/// Real time that is spent on a step if somebody watches.
const PAUSE: Duration = Duration::from_millis(80);
/// What a new meter shows at the beginning, in Wh.
const REGISTER: i64 = 1_234_567;
/// Steps after which the demo is given up.
const STEPS_MAX: usize = 240;

/// What has happened and was not shown yet, with its time.
type Happened = Rc<RefCell<VecDeque<(Instant, Event)>>>;

/// Plays the demo; returns the exit code.
///
/// # Errors
/// The demo cannot be set up.
pub async fn run(mut cli: Cli, factory: Factory) -> Result<i32, String> {
    let clock = Clock::by_command();
    let books = Books::default();
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    tokio::task::spawn_local(csms::serve(listener, clock.clone(), books.clone()));
    cli.csms = Some(format!("ws://{address}/ocpp"));
    cli.frames = true;

    let happened = Happened::default();
    let (own, time) = (happened.clone(), clock.clone());
    let out = Outbox::new(move |event| own.borrow_mut().push_back((time.now(), event)));
    let plant = Plant::new(cli, factory, clock, out)?;
    let mut demo = Demo {
        plant: &plant,
        happened,
        books: books.clone(),
        show: Show::on_stdout(),
    };
    demo.show
        .line("A charging station, a car and a central system, all simulated; the WebSocket between them is real.");
    let started = tokio::time::Instant::now();
    let played = app::switch_on(&plant, BootReason::PowerUp, async |app| demo.play(app).await).await?;
    demo.show_events();
    let session = books.borrow().last().cloned();
    match (played, session) {
        (Ok(()), Some(session)) if session.end.is_some() => {
            demo.show.summary(&session, started.elapsed());
            Ok(0)
        }
        (played, _) => {
            let error = played
                .err()
                .unwrap_or_else(|| "no session was told to the central system".into());
            demo.show.line(&format!("The demo failed: {error}"));
            Ok(1)
        }
    }
}

struct Demo<'p> {
    plant: &'p Plant,
    happened: Happened,
    books: Books,
    show: Show<std::io::Stdout>,
}

impl Demo<'_> {
    async fn play(&mut self, app: &mut App<'_, '_>) -> Result<(), String> {
        self.show.chapter("The station starts and registers");
        if self
            .plant
            .world
            .borrow()
            .bay(1)
            .is_some_and(|bay| bay.meter.energy_wh() == 0)
        {
            let meter = Meter {
                evse: 1,
                energy_wh: Some(REGISTER),
                power_w: None,
                values: None,
                signed: None,
            };
            self.give(app, Command::Meter(meter)).await?;
        }
        self.until(app, 30, |_, app| app.snapshot().registered.is_some())
            .await?;
        self.pass(app, 5_000).await?;

        self.show.chapter("A car is plugged in, and its driver presents a card");
        self.give(app, Command::Plug(plug())).await?;
        let car = Ev {
            evse: 1,
            state: None,
            amps: None,
            phases: None,
            soc: Some(BATTERY.0 as f64),
        };
        self.give(app, Command::Ev(car)).await?;
        self.pass(app, 5_000).await?;
        self.give(app, card()).await?;
        self.until(app, 30, |demo, _| demo.plant.world.borrow().flow(1).milliamps > 0)
            .await?;

        self.show.chapter("It charges");
        self.until(app, STEPS_MAX, |demo, _| demo.soc() >= BATTERY.1 * 1000)
            .await?;

        self.show.chapter("The driver comes back");
        self.give(app, card()).await?;
        self.until(app, 30, |demo, _| {
            demo.session().is_some_and(|session| session.end.is_some())
        })
        .await?;
        self.pass(app, 10_000).await?;
        let unplug = Unplug {
            evse: 1,
            connector: 1,
            side: Side::Both,
        };
        self.give(app, Command::Unplug(unplug)).await?;
        self.pass(app, 5_000).await
    }

    async fn give(&mut self, app: &mut App<'_, '_>, command: Command) -> Result<(), String> {
        app.command(command).await?;
        self.show_events();
        Ok(())
    }

    /// Lets station time pass, in a moment.
    async fn pass(&mut self, app: &mut App<'_, '_>, millis: u64) -> Result<(), String> {
        app.advance(millis, true).await?;
        self.show_events();
        Ok(())
    }

    /// Lets station time pass step by step, so that it can be watched.
    async fn until(
        &mut self,
        app: &mut App<'_, '_>,
        steps: usize,
        mut done: impl FnMut(&mut Self, &App<'_, '_>) -> bool,
    ) -> Result<(), String> {
        let millis = STEP / u64::from(self.plant.cli.phases);
        for _ in 0..steps {
            if done(self, app) {
                return Ok(());
            }
            // While nothing flows there is nothing to watch, and waiting would only look slow.
            let flows = self.plant.world.borrow().flow(1).milliamps > 0;
            self.pass(app, if flows { millis } else { 1_000 }).await?;
            if flows {
                self.show_progress();
                if self.show.terminal {
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        Err("what was expected did not happen".into())
    }

    fn session(&self) -> Option<Session> {
        self.books.borrow().last().cloned()
    }

    fn soc(&self) -> i64 {
        self.plant.world.borrow().flow(1).soc.unwrap_or(0)
    }

    fn show_events(&mut self) {
        for (at, event) in self.happened.take() {
            self.show.event(at, &event);
        }
    }

    fn show_progress(&mut self) {
        let world = self.plant.world.borrow();
        let flow = world.flow(1);
        let meter = world
            .bay(1)
            .map(|bay| (bay.meter.milliwatts(flow), bay.meter.energy_wh()));
        let (milliwatts, register) = meter.unwrap_or_default();
        let begin = self
            .books
            .borrow()
            .last()
            .map_or(register, |session| session.meter_start.into());
        let progress = Progress {
            watts: milliwatts / 1000,
            energy_wh: register - begin,
            soc: flow.soc.unwrap_or(0),
            goal: (BATTERY.1 * 1000, BATTERY.0 * 1000),
        };
        self.show.progress(self.plant.clock.now(), progress);
    }
}

fn plug() -> Plug {
    Plug {
        evse: 1,
        connector: 1,
        ready: true,
    }
}

fn card() -> Command {
    Command::Id(Identifier {
        token: "04A2B3C4D5E680".into(),
        kind: None,
        evse: None,
    })
}
