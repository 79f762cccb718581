//! A complete OCPP charging station on Linux.
//!
//! The library, a simulated car and power stage behind the traits of `evse-hal`, and a real WebSocket. The README has
//! the command line and the control channel.

mod app;
mod cli;
mod clock;
mod control;
mod demo;
mod link;
mod setup;
mod stdio;
mod store;
mod tls;
mod world;

use app::{App, End, Plant};
use cli::{Cli, ClockKind, Control, OnReboot};
use clock::Clock;
use control::Outbox;
use ocpp_core::BootReason;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Exit code when a reboot is wanted.
const REBOOT_WANTED: i32 = 64;

fn main() {
    let cli = Cli::from_environment();
    let factory = setup::factory_settings(&cli).unwrap_or_else(|error| cli::refuse(&error));
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(log_level(&cli)));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.unwrap_or_else(|error| cli::refuse(&error.to_string()));
    let local = tokio::task::LocalSet::new();
    let code = local.block_on(&runtime, async {
        if cli.is_demo() {
            demo::run(cli, factory).await
        } else {
            run(cli, factory).await
        }
    });
    // A thread may still wait for stdin.
    std::process::exit(code.unwrap_or_else(|error| cli::refuse(&error)));
}

/// The demo prints what happens itself.
fn log_level(cli: &Cli) -> &'static str {
    match cli.control {
        Control::None if cli.csms.is_some() => "info",
        _ => "warn",
    }
}

/// A station that belongs to a CSMS; returns the exit code.
async fn run(cli: Cli, factory: setup::Factory) -> Result<i32, String> {
    let clock = match cli.clock {
        ClockKind::Real => Clock::real(),
        ClockKind::Virtual => Clock::by_command(),
    };
    let control = cli.control;
    let reboot = cli.reboot;
    let out = match control {
        Control::Stdio => stdio::outbox(),
        Control::None => Outbox::new(|event| tracing::info!("{}", serde_json::to_string(&event).unwrap_or_default())),
    };
    let plant = Plant::new(cli, factory, clock, out)?;
    let mut lines = match control {
        Control::Stdio => Some(stdio::lines()),
        Control::None => None,
    };
    if control == Control::Stdio {
        stdio::ready(&plant.out);
    }
    let mut reason = BootReason::PowerUp;
    loop {
        let end = app::switch_on(&plant, reason, async |app| match &mut lines {
            Some(lines) => stdio::serve(app, lines).await,
            None => alone(app).await,
        });
        match (end.await?, reboot) {
            (End::Stopped, _) => return Ok(0),
            (End::Reboot(_), OnReboot::Exit) => return Ok(REBOOT_WANTED),
            (End::Reboot(why), OnReboot::SelfRestart) => reason = why,
        }
    }
}

/// Runs until the station wants an end.
async fn alone(app: &mut App<'_, '_>) -> End {
    loop {
        if let Some(end) = app.end() {
            return end;
        }
        app.wait().await;
        app.settle().await;
    }
}
