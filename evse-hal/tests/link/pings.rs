//! Pings and silence.

use crate::bench::*;
use evse_hal::Link;
use evse_hal::websocket::{PingInterval, WebSocketError};

/// One after the other: the time in ms, whether a ping is heard then, what is said, and what is received.
fn course(interval: u32, course: &[(u64, bool, &[u8], Outcome)]) {
    let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(interval), [0; 64]);
    let mut link = connected(&wire, &pings, &mut memory);
    for (at, pinged, says, expected) in course {
        wire.now.set(*at);
        wire.says(says);
        assert_eq!(receive(&mut link), *expected, "at {at}");
        let heard = if *pinged { vec![(PING, vec![])] } else { vec![] };
        assert_eq!(wire.heard(), heard, "at {at}");
    }
}

#[test]
fn a_server_that_answers_stays() {
    let pong = frame(PONG, "");
    course(
        60,
        &[
            (59_999, false, &[], None),
            (60_000, true, &[], None),
            (60_100, false, &pong, None),
            (119_999, false, &[], None),
            (120_000, true, &[], None),
            (139_999, false, &pong, None),
            (150_000, false, &[], None),
            (180_000, true, &[], None),
        ],
    );
}

#[test]
fn a_half_open_connection_is_found() {
    course(
        60,
        &[
            (60_000, true, &[], None),
            (79_999, false, &[], None),
            (80_000, false, &[], failed(WebSocketError::Timeout)),
            (80_001, false, &[], failed(WebSocketError::Closed)),
        ],
    );
}

/// The answer waited in the socket while nobody received.
#[test]
fn what_has_come_counts_however_late_it_is_read() {
    let pong = frame(PONG, "");
    course(60, &[(60_000, true, &[], None), (100_000, false, &pong, None)]);
}

/// Whoever sends a long message cannot send a pong meanwhile.
#[test]
fn any_byte_is_a_sign_of_life() {
    course(
        10,
        &[
            (10_000, true, &[], None),
            (29_999, true, &[TEXT], None),
            (49_998, true, &[1], None),
            (60_000, false, b"a", text("a")),
        ],
    );
}

#[test]
fn without_an_interval_there_are_no_pings() {
    course(0, &[(1_000_000, false, &[], None), (u64::MAX, false, &[], None)]);
}

#[test]
fn the_interval_changes_at_once() {
    let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
    let mut link = connected(&wire, &pings, &mut memory);
    let mut receiving = Box::pin(async { link.receive(&mut []).await });
    wire.now.set(30_000);
    assert_eq!(now(receiving.as_mut()), None);
    pings.set(40);
    assert_eq!(now(receiving.as_mut()), None);
    wire.now.set(39_999);
    assert_eq!(now(receiving.as_mut()), None);
    assert_eq!(wire.heard(), []);
    pings.set(10);
    assert_eq!(now(receiving.as_mut()), None);
    assert_eq!(wire.heard(), [(PING, vec![])], "10 s have passed");
    pings.set(0);
    wire.says(&frame(PONG, ""));
    wire.now.set(1_000_000);
    assert_eq!(now(receiving.as_mut()), None);
    assert_eq!(wire.heard(), []);
}

/// What waits for the change is woken by it.
#[test]
fn a_change_of_the_interval_wakes() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::{Context, Wake, Waker};
    struct Count(AtomicU32);
    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
    let mut link = connected(&wire, &pings, &mut memory);
    let count = Arc::new(Count(AtomicU32::new(0)));
    let mut receiving = Box::pin(async { link.receive(&mut []).await });
    let waker = Waker::from(count.clone());
    assert!(receiving.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    pings.set(60);
    assert_eq!(count.0.load(Ordering::Relaxed), 1);
    pings.set(60);
    assert_eq!(count.0.load(Ordering::Relaxed), 1, "nothing has changed");
}

/// However often receiving is interrupted, time goes on.
#[test]
fn a_receive_that_is_dropped_does_not_postpone() {
    let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(60), [0; 64]);
    let mut link = connected(&wire, &pings, &mut memory);
    let mut failed_at = None;
    for second in 0..100 {
        wire.now.set(second * 1000);
        match glimpse(link.receive(&mut [])) {
            None => {}
            Some(Err(error)) => {
                assert_eq!(error, WebSocketError::Timeout);
                failed_at = Some(second);
                break;
            }
            Some(Ok(received)) => panic!("{received:?}"),
        }
    }
    assert_eq!(failed_at, Some(80));
}

/// A ping that cannot be written is a silence too.
#[test]
fn a_server_that_does_not_read_is_given_up() {
    let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(60), [0; 64]);
    let mut link = connected(&wire, &pings, &mut memory);
    wire.stuck.set(true);
    wire.now.set(60_000);
    assert_eq!(receive(&mut link), None);
    wire.now.set(79_999);
    assert_eq!(receive(&mut link), None);
    wire.now.set(80_000);
    assert_eq!(receive(&mut link), failed(WebSocketError::Timeout));
}
