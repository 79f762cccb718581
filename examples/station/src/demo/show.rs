//! What the demo prints: on a terminal in colours with a progress bar, elsewhere plain lines.

use super::csms::Session;
use crate::control::Event;
use ocpp_core::Instant;
use ocpp_core::wire::Frame;
use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::time::Duration;

/// Characters of a frame that are shown.
const FRAME_WIDTH: usize = 110;
const BAR_WIDTH: usize = 30;
/// How often progress is told where there is no bar, in ms of station time.
const PROGRESS: u64 = 600_000;

/// How far the session is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Power to the car, in W.
    pub watts: i64,
    /// Energy of the session, in Wh.
    pub energy_wh: i64,
    /// Charge of the car's battery, in thousandths of a percent.
    pub soc: i64,
    /// Charge that is aimed at, and the one at the beginning.
    pub goal: (i64, i64),
}

/// The screen, or the pipe.
pub struct Show<W> {
    out: W,
    /// Somebody watches.
    pub terminal: bool,
    colours: bool,
    /// Message id -> action, of CALLs that were not answered yet.
    actions: HashMap<String, String>,
    frames: usize,
    bar: bool,
    told: Option<u64>,
}

impl Show<std::io::Stdout> {
    /// On the standard output.
    pub fn on_stdout() -> Self {
        let out = std::io::stdout();
        let terminal = out.is_terminal();
        let colours = terminal && std::env::var_os("NO_COLOR").is_none();
        Self::new(out, terminal, colours)
    }
}

impl<W: Write> Show<W> {
    fn new(out: W, terminal: bool, colours: bool) -> Self {
        Self {
            out,
            terminal,
            colours,
            actions: HashMap::new(),
            frames: 0,
            bar: false,
            told: None,
        }
    }

    /// A line of its own.
    pub fn line(&mut self, text: &str) {
        self.erase_bar();
        let _ = writeln!(self.out, "{text}");
    }

    /// A headline.
    pub fn chapter(&mut self, text: &str) {
        let text = self.paint("1", text);
        self.line("");
        self.line(&text);
    }

    /// What happened, and when.
    pub fn event(&mut self, now: Instant, event: &Event) {
        let text = match event {
            Event::Frame { dir, text } => {
                self.frames += 1;
                let Some(text) = self.frame(dir, text) else { return };
                text
            }
            Event::Online { url, subprotocol } => format!("connected to {url}, {subprotocol}"),
            Event::Offline { cause } => format!("disconnected: {cause}"),
            Event::Registered { status, .. } => format!("registration: {status}"),
            Event::Auth { status, .. } => format!("authorization: {status}"),
            Event::Status {
                connector: 0, status, ..
            } => format!("station is {status}"),
            Event::Status { connector, status, .. } => format!("connector {connector} is {status}"),
            Event::Contactor { closed: true, .. } => "contactor closed: current flows".into(),
            Event::Contactor { closed: false, .. } => "contactor open".into(),
            Event::Lock { locked: true, .. } => "plug locked".into(),
            Event::Lock { locked: false, .. } => "plug unlocked".into(),
            Event::Limit { amps: Some(amps), .. } => format!("limit: {amps} A"),
            Event::Limit { amps: None, .. } => "limit lifted".into(),
            Event::Tx { phase, reason, .. } if *phase != "updated" => match reason {
                Some(reason) => format!("transaction {phase}, reason {reason}"),
                None => format!("transaction {phase}"),
            },
            Event::RpcError { detail } => format!("protocol error: {detail}"),
            _ => return,
        };
        let text = match event {
            Event::Frame { .. } => self.paint("2", &text),
            _ => format!("• {text}"),
        };
        let time = self.paint("36", &hours_minutes_seconds(now.as_millis() / 1000));
        self.line(&format!("{time}  {text}"));
    }

    /// A frame with its action, `None` if it is none.
    fn frame(&mut self, dir: &str, text: &str) -> Option<String> {
        let (name, rest) = match Frame::read(text.as_bytes()).ok()? {
            Frame::Call {
                id,
                action,
                mut payload,
            } => {
                self.actions.insert(id.as_text().to_string(), action.to_string());
                (action.to_string(), payload.raw().ok()?)
            }
            Frame::Result { id, mut payload } => {
                let action = self.actions.remove(&id.as_text().to_string())?;
                (format!("{action}.conf"), payload.raw().ok()?)
            }
            Frame::Error { id, .. } => {
                let action = self.actions.remove(&id.as_text().to_string())?;
                (format!("{action} refused"), text)
            }
            Frame::Unknown { .. } => return None,
        };
        let arrow = if dir == "out" { "→" } else { "←" };
        let line = format!("{arrow} {name} {rest}");
        let cut = line.char_indices().nth(FRAME_WIDTH);
        Some(cut.map_or(line.clone(), |(end, _)| format!("{}…", &line[..end])))
    }

    /// How far it is: a bar, or a line now and then.
    pub fn progress(&mut self, now: Instant, progress: Progress) {
        let Progress {
            watts,
            energy_wh,
            soc,
            goal: (goal, begin),
        } = progress;
        let numbers = format!(
            "{:5.2} kW  {:6.3} kWh  battery {} %",
            watts as f64 / 1000.0,
            energy_wh as f64 / 1000.0,
            soc / 1000
        );
        if !self.terminal {
            let step = now.as_millis() / PROGRESS;
            if self.told.replace(step) != Some(step) {
                let time = hours_minutes_seconds(now.as_millis() / 1000);
                self.line(&format!("{time}  charging: {}", numbers.trim_start()));
            }
            return;
        }
        let done = (soc - begin).max(0) as usize * BAR_WIDTH / (goal - begin).max(1) as usize;
        let done = done.min(BAR_WIDTH);
        let bar = self.paint("32", &"█".repeat(done)) + &"░".repeat(BAR_WIDTH - done);
        let time = self.paint("36", &hours_minutes_seconds(now.as_millis() / 1000));
        let _ = write!(self.out, "\r\x1b[2K{time}  {bar} {numbers}");
        let _ = self.out.flush();
        self.bar = true;
    }

    /// What came of it.
    pub fn summary(&mut self, session: &Session, took: Duration) {
        self.chapter("Summary");
        let (Some((ended, meter_stop, reason)), Some(energy)) = (session.end, session.energy()) else {
            self.line("  the session has no end");
            return;
        };
        let seconds = u64::try_from(ended.as_millis() - session.started.as_millis()).unwrap_or(0) / 1000;
        let energy = self.paint("1;32", &format!("{}.{:03} kWh", energy / 1000, energy % 1000));
        let lines = [
            format!(
                "  energy      {energy} (meter {} Wh to {meter_stop} Wh)",
                session.meter_start
            ),
            format!("  duration    {}, played in {took:.1?}", hours_minutes_seconds(seconds)),
            format!("  began       {}", session.started),
            format!("  ended       {ended}, reason {reason}"),
            format!("  messages    {} frames, {} meter values", self.frames, session.samples),
        ];
        lines.iter().for_each(|line| self.line(line));
    }

    fn erase_bar(&mut self) {
        if std::mem::take(&mut self.bar) {
            let _ = write!(self.out, "\r\x1b[2K");
        }
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        if self.colours {
            format!("\x1b[{colour}m{text}\x1b[0m")
        } else {
            text.to_string()
        }
    }
}

fn hours_minutes_seconds(seconds: u64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocpp_core::wire::Timestamp;

    fn printed(terminal: bool, play: impl FnOnce(&mut Show<Vec<u8>>)) -> String {
        let mut show = Show::new(Vec::new(), terminal, false);
        play(&mut show);
        String::from_utf8(show.out).unwrap()
    }

    const PROGRESS: Progress = Progress {
        watts: 11_040,
        energy_wh: 5_520,
        soc: 59_200,
        goal: (80_000, 50_000),
    };

    #[test]
    fn answers_are_named_after_their_requests() {
        let frame = |dir, text: &str| Event::Frame { dir, text: text.into() };
        let text = printed(false, |show| {
            show.event(Instant::ZERO, &frame("out", r#"[2,"1","Heartbeat",{}]"#));
            show.event(
                Instant::from_millis(61_000),
                &frame("in", r#"[3,"1",{"currentTime":"x"}]"#),
            );
            show.event(Instant::ZERO, &frame("in", "nonsense"));
        });
        let expected = "00:00:00  → Heartbeat {}\n00:01:01  ← Heartbeat.conf {\"currentTime\":\"x\"}\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_pipe_gets_lines_and_a_terminal_a_bar() {
        let twice = |show: &mut Show<Vec<u8>>| {
            show.progress(Instant::from_millis(1_800_000), PROGRESS);
            show.progress(Instant::from_millis(1_860_000), PROGRESS);
        };
        assert_eq!(
            printed(false, twice),
            "00:30:00  charging: 11.04 kW   5.520 kWh  battery 59 %\n"
        );
        let bar = printed(true, twice);
        assert_eq!((bar.matches("\r").count(), bar.matches('\n').count()), (2, 0));
        assert!(bar.contains(&format!("{}{}", "█".repeat(9), "░".repeat(21))), "{bar}");
    }

    #[test]
    fn the_summary_is_what_was_booked() {
        let session = Session {
            id: 1,
            started: Timestamp::from_millis(0),
            meter_start: 1_000,
            end: Some((Timestamp::from_millis(3_600_000), 12_045, "Local")),
            samples: 6,
        };
        let text = printed(false, |show| show.summary(&session, Duration::from_millis(9_800)));
        assert!(text.contains("11.045 kWh (meter 1000 Wh to 12045 Wh)"), "{text}");
        assert!(text.contains("01:00:00, played in 9.8s"), "{text}");
    }
}
