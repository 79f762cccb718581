//! The closing handshake, from either side.

use crate::bench::*;
use evse_hal::Link;
use evse_hal::websocket::{PingInterval, WebSocketError};

#[test]
fn the_server_closes_and_is_answered() {
    for (payload, reply) in [
        (&[][..], &[][..]),
        (&[0x03, 0xe8], &[0x03, 0xe8]),
        (&[0x0f, 0xa0, b'b', b'y', b'e'], &[0x0f, 0xa0]),
    ] {
        let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
        let mut link = connected(&wire, &pings, &mut memory);
        wire.says(
            &[
                frame(TEXT_BEGINS, "not to the end"),
                frame(CLOSE, payload),
                frame(TEXT, "late"),
            ]
            .concat(),
        );
        assert_eq!(receive(&mut link), Some(Ok(Message::Closed)));
        assert_eq!(wire.heard(), [(CLOSE, reply.to_vec())]);
        assert_eq!(receive(&mut link), failed(WebSocketError::Closed));
        assert_eq!(now(link.send(b"x")), Some(Err(WebSocketError::Closed)));
        assert_eq!(now(link.close()), Some(()));
        assert_eq!((wire.heard(), wire.closed.get()), (vec![], 1));
    }
}

#[test]
fn the_station_closes_and_waits_for_the_end() {
    let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
    let mut link = connected(&wire, &pings, &mut memory);
    {
        let mut closing = std::pin::pin!(link.close());
        assert_eq!(now(closing.as_mut()), None);
        assert_eq!(wire.heard(), [(CLOSE, 1000_u16.to_be_bytes().to_vec())]);
        wire.says(&[frame(TEXT, "late"), frame(CLOSE, [3, 0xe8])].concat());
        assert_eq!(now(closing.as_mut()), None);
        wire.ended.set(true);
        assert_eq!(now(closing.as_mut()), Some(()));
    }
    assert_eq!(wire.closed.get(), 1);
    assert_eq!(now(link.close()), Some(()));
    assert_eq!(wire.closed.get(), 1, "what is closed is closed once");
}

#[test]
fn courtesy_ends() {
    for stuck in [false, true] {
        let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
        let mut link = connected(&wire, &pings, &mut memory);
        wire.stuck.set(stuck);
        let mut closing = std::pin::pin!(link.close());
        assert_eq!(now(closing.as_mut()), None);
        wire.now.set(999);
        assert_eq!(now(closing.as_mut()), None);
        wire.now.set(1000);
        assert_eq!(now(closing.as_mut()), Some(()));
        assert_eq!(wire.closed.get(), 1);
    }
}

/// A server that goes on talking does not keep the station.
#[test]
fn courtesy_ends_in_the_middle_of_a_flood() {
    let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
    let mut link = connected(&wire, &pings, &mut memory);
    wire.says(&[0; 1 << 20]);
    let mut closing = std::pin::pin!(link.close());
    assert_eq!(glimpse(closing.as_mut()), None);
    assert!(!wire.inbound.borrow().is_empty());
    wire.now.set(1000);
    assert_eq!(glimpse(closing.as_mut()), Some(()));
}

#[test]
fn a_stream_that_ends_without_a_goodbye() {
    let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
    let mut link = connected(&wire, &pings, &mut memory);
    wire.says(&frame(TEXT, "last"));
    wire.ended.set(true);
    assert_eq!(receive(&mut link), text("last"));
    assert_eq!(receive(&mut link), failed(WebSocketError::Closed));
    assert_eq!(now(link.send(b"x")), Some(Err(WebSocketError::Closed)));
    assert_eq!(now(link.close()), Some(()));
    assert_eq!((wire.heard(), wire.closed.get()), (vec![], 1));
}

#[test]
fn a_link_that_is_down_is_just_down() {
    let (wire, pings) = (Wire::new(), PingInterval::new(1));
    let mut link = link(&wire, &pings, &mut []);
    assert_eq!(receive(&mut link), failed(WebSocketError::Closed));
    assert_eq!(now(link.send(b"x")), Some(Err(WebSocketError::Closed)));
    assert_eq!(now(link.close()), Some(()));
    assert_eq!((wire.opened.get(), wire.closed.get()), (0, 0));
}

#[test]
fn connecting_anew_closes_first_and_forgets() {
    let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
    let mut link = connected(&wire, &pings, &mut memory);
    wire.says(&[frame(TEXT_BEGINS, "half"), vec![ENDS, 5, b'a']].concat());
    assert_eq!(receive(&mut link), None);
    wire.ended.set(true);
    assert_eq!(now(link.close()), Some(()));
    wire.ended.set(false);
    wire.outbound.take();
    wire.says(&[answer("ocpp1.6").as_bytes(), &frame(TEXT, "whole")].concat());
    assert_eq!(now(link.connect(0, &OFFER)), Some(Ok("ocpp1.6")));
    assert_eq!(receive(&mut link), text("whole"));
}
