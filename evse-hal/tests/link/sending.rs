//! Messages of the station.

use crate::bench::*;
use evse_hal::Link;
use evse_hal::websocket::{PingInterval, WebSocketError};

#[test]
fn every_length_is_sent_whole_and_masked() {
    for step in [1, 100, usize::MAX] {
        let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
        let mut link = connected(&wire, &pings, &mut memory);
        wire.step.set(step);
        for len in [0, 1, 125, 126, 127, 505, 511, 512, 513, 65_535, 65_536, 100_000] {
            let text: Vec<u8> = (0..len).map(|byte| b' ' + (byte % 90) as u8).collect();
            assert_eq!(now(link.send(&text)), Some(Ok(())));
            assert_eq!(wire.heard(), [(TEXT, text)]);
        }
    }
}

#[test]
fn masks_are_new_for_each_frame() {
    let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
    let mut link = connected(&wire, &pings, &mut memory);
    let mut sent = || {
        assert_eq!(now(link.send(b"the same")), Some(Ok(())));
        wire.outbound.take()
    };
    assert_ne!(sent()[2..6], sent()[2..6]);
}

#[test]
fn a_server_that_does_not_read_is_left_without_a_goodbye() {
    let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
    let mut link = connected(&wire, &pings, &mut memory);
    wire.stuck.set(true);
    {
        let mut sending = std::pin::pin!(link.send(b"text"));
        assert_eq!(now(sending.as_mut()), None);
        wire.now.set(19_999);
        assert_eq!(now(sending.as_mut()), None);
        wire.now.set(20_000);
        assert_eq!(now(sending.as_mut()), Some(Err(WebSocketError::Timeout)));
    }
    wire.stuck.set(false);
    assert_eq!(now(link.send(b"text")), Some(Err(WebSocketError::Closed)));
    assert_eq!(receive(&mut link), failed(WebSocketError::Closed));
    assert_eq!(now(link.close()), Some(()));
    assert_eq!((wire.heard(), wire.closed.get()), (vec![], 1));
}

/// Only a goodbye that comes between frames is one.
#[test]
fn after_half_a_message_nothing_is_said() {
    let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
    let mut link = connected(&wire, &pings, &mut memory);
    wire.step.set(3);
    wire.stutters.set(true);
    {
        let mut sending = std::pin::pin!(link.send(b"text"));
        (0..3).for_each(|_| assert_eq!(glimpse(sending.as_mut()), None));
    }
    let half = wire.outbound.borrow().len();
    assert!(half > 0 && half < 10);
    assert_eq!(now(link.close()), Some(()));
    assert_eq!((wire.outbound.borrow().len(), wire.closed.get()), (half, 1));
}

/// A pong whose writing was interrupted is finished before the message.
#[test]
fn frames_do_not_mix() {
    let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
    let mut link = connected(&wire, &pings, &mut memory);
    wire.says(&frame(PING, "payload"));
    wire.step.set(3);
    wire.stutters.set(true);
    {
        let mut receiving = std::pin::pin!(link.receive(&mut []));
        while wire.outbound.borrow().is_empty() {
            assert_eq!(glimpse(receiving.as_mut()), None);
        }
    }
    let half = wire.outbound.borrow().len();
    assert!(half < 13, "{half} of 13 bytes");
    assert_eq!(now(link.send(b"text")), Some(Ok(())));
    assert_eq!(wire.heard(), [(PONG, b"payload".to_vec()), (TEXT, b"text".to_vec())]);
}
