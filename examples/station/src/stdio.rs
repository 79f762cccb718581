//! The control channel on stdin and stdout.

use crate::app::{App, End};
use crate::control::{Command, Event, Line, Malformed, Outbox, PROTO, parse};
use serde::Serialize;
use std::io::{BufRead, Write};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Lines of stdin; what is not UTF-8 is a line all the same.
pub type Lines = UnboundedReceiver<Result<String, String>>;

/// Reads stdin to its end, in a thread of its own: a read cannot be given up.
pub fn lines() -> Lines {
    let (sender, lines) = unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().split(b'\n') {
            let Ok(mut line) = line else { break };
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            let line = String::from_utf8(line).map_err(|_| "not UTF-8".to_string());
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

/// Events as lines of stdout.
pub fn outbox() -> Outbox {
    Outbox::new(|event| write(&event))
}

/// Says that commands may come.
pub fn ready(out: &Outbox) {
    out.tell(Event::Ready {
        proto: PROTO,
        pid: std::process::id(),
    });
}

/// Carries out commands until the station, or whoever drives it, wants an end.
pub async fn serve(app: &mut App<'_, '_>, lines: &mut Lines) -> End {
    loop {
        if let Some(end) = app.end() {
            return end;
        }
        tokio::select! {
            biased;
            line = lines.recv() => match line {
                None => return End::Stopped,
                Some(line) => {
                    if answer(app, line).await {
                        return End::Stopped;
                    }
                }
            },
            () = app.wait() => app.settle().await,
        }
    }
}

/// Answers one line; returns whether it was the last.
async fn answer(app: &mut App<'_, '_>, line: Result<String, String>) -> bool {
    let parsed = line.map_or_else(
        |error| {
            let id = serde_json::Value::Null;
            Err(Malformed { id, error })
        },
        |line| parse(&line),
    );
    match parsed {
        Ok((id, command)) => {
            let last = command == Command::StopGraceful;
            match app.command(command).await {
                Ok(reply) => write(&Line::new(&id, Ok(&reply))),
                Err(error) => write(&Line::new(&id, Err(&error))),
            }
            last
        }
        Err(Malformed { id, error }) => {
            write(&Line::new(&id, Err(&error)));
            false
        }
    }
}

fn write(line: &impl Serialize) {
    let mut out = std::io::stdout().lock();
    let written = serde_json::to_writer(&mut out, line).map_err(std::io::Error::from);
    let written = written.and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
    if written.is_err() {
        // Nobody listens any more; the end of stdin follows.
        tracing::debug!("stdout is closed");
    }
}
