//! Whatever a server says, before the upgrade and after it, in whatever pieces: the link ends in bounded work, and what it says
//! itself is whole frames. What it receives does not depend on the pieces, nor on futures that are dropped.

#![no_main]

use evse_hal::websocket::PingInterval;
use evse_hal::{Link, Received};
use libfuzzer_sys::fuzz_target;
#[allow(dead_code)] // shared with the tests
#[path = "../../evse-hal/tests/link/bench.rs"]
mod bench;

use bench::{Failure, Frame, Message, OFFER, Wire, answer, client_frames, glimpse, link, message, now};

/// What was received, and what was said.
type Course = (Vec<Result<Message, Failure>>, Vec<Frame>);

fn course(said: &[u8], upgraded: bool, steps: &[u8]) -> Course {
    let (wire, pings, mut memory, mut buffer) = (Wire::new(), PingInterval::new(0), [0; 64], [0; 64]);
    let mut link = link(&wire, &pings, &mut memory);
    if upgraded {
        wire.says(answer("ocpp1.6").as_bytes());
    }
    wire.says(said);
    wire.ended.set(true);
    let mut steps = steps.iter().cycle();
    let mut next = |wire: &Wire| {
        let step = steps.next().copied().unwrap_or(255);
        wire.step.set(usize::from(step / 4 + 1));
        wire.stutters.set(step & 2 != 0);
        step & 1 != 0
    };
    next(&wire);
    let connected = now(link.connect(0, &OFFER)).expect("an end is not waited for");
    wire.outbound.take();
    let mut received = Vec::new();
    if let Err(error) = connected {
        assert!(!upgraded);
        received.push(Err(error));
    }
    let mut over = connected.is_err();
    while !over {
        // A future that waits for nothing but its turn may be dropped; one step later it is asked again.
        let outcome = match next(&wire) && !wire.stutters.get() {
            true => match glimpse(link.receive(&mut buffer)) {
                Some(outcome) => outcome,
                None => continue,
            },
            false => now(link.receive(&mut buffer)).expect("an end is not waited for"),
        };
        over = matches!(outcome, Ok(Received::Closed) | Err(_));
        received.push(outcome.map(|outcome| message(outcome, &buffer)));
        assert!(received.len() <= said.len() / 2 + 1);
    }
    now(link.close()).expect("an end is not waited for");
    let said = wire.outbound.take();
    let (frames, rest) = client_frames(&said);
    assert!(rest.is_empty());
    (received, frames)
}

fuzz_target!(|input: &[u8]| {
    let Some(([how, count], rest)) = input.split_first_chunk::<2>() else {
        return;
    };
    let (steps, said) = rest.split_at(rest.len().min(usize::from(*count % 16)));
    let upgraded = how & 1 != 0;
    assert_eq!(course(said, upgraded, steps), course(said, upgraded, &[]));
});
