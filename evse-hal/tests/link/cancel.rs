//! Receiving may be given up at any moment: nothing is lost, and nothing is said twice.

use crate::bench::*;
use evse_hal::websocket::PingInterval;
use evse_hal::{Link, Received};

const SAID: &[&str] = &["first", "in three parts", "", "last"];

fn conversation() -> Vec<u8> {
    [
        frame(TEXT, SAID[0]),
        frame(PING, "ping one"),
        frame(TEXT_BEGINS, "in "),
        frame(CONTINUES, "three "),
        frame(PING, [b'2'; 125]),
        frame(ENDS, "parts"),
        frame(TEXT, SAID[2]),
        frame(BINARY, [0; 300]),
        frame(TEXT, SAID[3]),
        frame(CLOSE, [3, 0xe8]),
    ]
    .concat()
}

/// Listens to the conversation; `patience` says how many polls each future gets before it is dropped.
fn listen(step: usize, stutters: bool, mut patience: impl FnMut() -> u32) {
    let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
    let mut link = connected(&wire, &pings, &mut memory);
    wire.step.set(step);
    wire.stutters.set(stutters);
    let mut received = Vec::new();
    let mut pieces = conversation().into_iter();
    for _ in 0..20_000 {
        // A buffer of its own each time, with something else in it.
        let mut buffer = [0xaa; 64];
        let mut outcome = None;
        {
            let mut receiving = Box::pin(async { link.receive(&mut buffer).await });
            for _ in 0..patience() {
                outcome = glimpse(receiving.as_mut());
                if outcome.is_some() {
                    break;
                }
                wire.inbound.borrow_mut().extend(pieces.by_ref().take(step));
            }
        }
        match outcome {
            None => {}
            Some(Ok(Received::Closed)) => {
                assert_eq!(received, SAID);
                let heard = [
                    (PONG, b"ping one".to_vec()),
                    (PONG, vec![b'2'; 125]),
                    (CLOSE, vec![3, 0xe8]),
                ];
                assert_eq!(wire.heard(), heard);
                return;
            }
            Some(Ok(Received::Text(len))) => received.push(String::from_utf8(buffer[..len].to_vec()).unwrap()),
            Some(other) => panic!("{other:?}"),
        }
    }
    panic!("never came to an end; so far {received:?}");
}

/// Without waits in the transport every poll gets somewhere.
#[test]
fn every_future_gets_one_poll() {
    for step in [1, 2, 7, 1000] {
        listen(step, false, || 1);
    }
}

/// One future is dropped at each of its polls, all others live on.
#[test]
fn one_future_is_dropped_anywhere() {
    for step in [1, 5] {
        for polls in 1..1200 {
            let mut first = true;
            listen(step, true, || if std::mem::take(&mut first) { polls } else { 10_000 });
        }
    }
}

#[test]
fn all_futures_are_dropped_after_a_while() {
    for step in [1, 3, 50] {
        for polls in 2..50 {
            listen(step, true, || polls);
        }
    }
}
