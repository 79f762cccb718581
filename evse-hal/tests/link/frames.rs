//! What a server may send, and what it may not.

use crate::bench::*;
use evse_hal::Link;
use evse_hal::websocket::{PingInterval, WebSocketError};

type Talk = (Vec<Result<Message, Failure>>, Vec<Frame>);

/// What is received of these bytes, and heard in reply, however they arrive; the memory holds 64 bytes.
fn talk(bytes: &[u8]) -> Talk {
    let [at_once, bytewise, stuttering] = [(usize::MAX, false), (1, false), (3, true)].map(|(step, stutters)| {
        let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
        let mut link = connected(&wire, &pings, &mut memory);
        wire.step.set(step);
        wire.stutters.set(stutters);
        wire.says(bytes);
        (receive_all(&mut link), wire.heard())
    });
    assert_eq!(at_once, bytewise);
    assert_eq!(at_once, stuttering);
    at_once
}

fn texts<const N: usize>(texts: [&str; N]) -> Vec<Result<Message, Failure>> {
    texts.map(|text| Ok(Message::Text(text.to_string()))).into()
}

#[test]
fn messages_and_fragments() {
    let bytes = [
        frame(TEXT, "one"),
        frame(TEXT, ""),
        frame(TEXT_BEGINS, "frag"),
        frame(CONTINUES, ""),
        frame(CONTINUES, "men"),
        frame(ENDS, "ted"),
        frame(TEXT, "a".repeat(64)),
    ]
    .concat();
    assert_eq!(
        talk(&bytes),
        (texts(["one", "", "fragmented", &"a".repeat(64)]), vec![])
    );
}

#[test]
fn pings_are_answered_between_fragments() {
    let bytes = [
        frame(TEXT_BEGINS, "a"),
        frame(PING, "first"),
        frame(PONG, "for nobody"),
        frame(CONTINUES, "b"),
        frame(PING, [7; 125]),
        frame(ENDS, "c"),
        frame(PING, ""),
    ]
    .concat();
    let pongs = vec![(PONG, b"first".to_vec()), (PONG, vec![7; 125]), (PONG, vec![])];
    assert_eq!(talk(&bytes), (texts(["abc"]), pongs));
}

#[test]
fn binary_messages_are_skipped() {
    let bytes = [
        frame(BINARY, [0xff; 300]),
        frame(2, [0xff; 3]),
        frame(PING, "p"),
        frame(ENDS, [0xff; 3]),
        frame(TEXT, "text"),
    ]
    .concat();
    assert_eq!(talk(&bytes), (texts(["text"]), vec![(PONG, b"p".to_vec())]));
}

#[test]
fn of_what_is_too_long_the_head_is_given() {
    let head = || Ok(Message::TooLarge(vec![b'a'; 64]));
    let bytes = [
        frame(TEXT, "a".repeat(65)),
        frame(TEXT_BEGINS, "a".repeat(60)),
        frame(PING, "p"),
        frame(CONTINUES, "a".repeat(300)),
        frame(ENDS, ""),
        frame(TEXT, "text"),
    ]
    .concat();
    let (received, heard) = talk(&bytes);
    assert_eq!(received, [head(), head(), texts(["text"]).remove(0)]);
    assert_eq!(heard, [(PONG, b"p".to_vec())]);
}

#[test]
fn a_small_buffer_cuts_too() {
    let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
    let mut link = connected(&wire, &pings, &mut memory);
    wire.says(&[frame(TEXT, "12345"), frame(TEXT, "1234")].concat());
    let mut buffer = [0; 4];
    for expected in [Message::TooLarge(b"1234".to_vec()), Message::Text("1234".to_string())] {
        let received = now(link.receive(&mut buffer)).unwrap().unwrap();
        assert_eq!(message(received, &buffer), expected);
    }
}

#[test]
fn a_head_may_end_within_a_character() {
    let bytes = frame(TEXT, format!("{}é", "a".repeat(63)));
    let head = [vec![b'a'; 63], vec![0xc3]].concat();
    assert_eq!(talk(&bytes), (vec![Ok(Message::TooLarge(head))], vec![]));
}

/// A megabyte in one frame, and in many.
#[test]
fn a_megabyte_is_skipped_in_bounded_work() {
    let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
    let mut link = connected(&wire, &pings, &mut memory);
    wire.says(&frame(TEXT, vec![b'a'; 1 << 20]));
    wire.says(&frame(TEXT_BEGINS, ""));
    (0..1 << 10).for_each(|_| wire.says(&frame(CONTINUES, vec![b'a'; 1 << 10])));
    wire.says(&[frame(ENDS, ""), frame(TEXT, "text")].concat());
    let head = || Ok(Message::TooLarge(vec![b'a'; 64]));
    assert_eq!(receive_all(&mut link), [head(), head(), texts(["text"]).remove(0)]);
    assert!(wire.reads.get() < (2 << 20) / 256 + 40);
}

/// Others run now and then, however much a peer has to say.
#[test]
fn a_peer_that_never_stops_does_not_stop_others() {
    let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
    let mut link = connected(&wire, &pings, &mut memory);
    wire.says(&frame(BINARY, vec![0; 1 << 20]));
    let before = wire.reads.get();
    assert_eq!(glimpse(link.receive(&mut [])), None);
    assert!(wire.reads.get() - before <= 17);
}

/// A frame header with a length of 64 bits.
fn long(first: u8, length: u64) -> Vec<u8> {
    [&[first, 127][..], &length.to_be_bytes()].concat()
}

#[test]
fn violations_are_answered_with_their_code() {
    let masked = [TEXT, 0x82, 1, 2, 3, 4, b'h', b'i'].to_vec();
    let mid = |frame: Vec<u8>| [self::frame(TEXT_BEGINS, "a"), frame].concat();
    for (bytes, code) in [
        (masked, 1002),
        (vec![PING, 0x80], 1002),
        (vec![0xc1, 0], 1002),
        (vec![0xa1, 0], 1002),
        (vec![0x91, 0], 1002),
        (vec![0x83, 0], 1002),
        (vec![0x87, 0], 1002),
        (vec![0x8b, 0], 1002),
        (vec![0x8f, 0], 1002),
        (vec![PING, 126, 0, 126], 1002),
        (vec![PONG, 127], 1002),
        (vec![CLOSE, 126], 1002),
        (vec![PING & 0x7f, 0], 1002),
        (vec![CLOSE & 0x7f, 0], 1002),
        (frame(CONTINUES, "a"), 1002),
        (frame(ENDS, "a"), 1002),
        (mid(frame(TEXT, "b")), 1002),
        (mid(frame(BINARY, "b")), 1002),
        (frame(CLOSE, [3]), 1002),
        (frame(CLOSE, 999_u16.to_be_bytes()), 1002),
        (frame(CLOSE, 1005_u16.to_be_bytes()), 1002),
        (frame(CLOSE, 1006_u16.to_be_bytes()), 1002),
        (frame(CLOSE, 5000_u16.to_be_bytes()), 1002),
        (frame(CLOSE, [3, 0xe8, 0xff]), 1007),
        (frame(TEXT, [0xff]), 1007),
        (frame(TEXT, [b'a', 0xc3]), 1007),
        (frame(TEXT, [0xed, 0xa0, 0x80]), 1007),
        (frame(TEXT, [&[0xff], &[b'a'; 99][..]].concat()), 1007),
        ([frame(TEXT_BEGINS, [0xe2, 0x82]), frame(ENDS, "a")].concat(), 1007),
        (long(TEXT, u64::MAX), 1002),
        (long(TEXT, 1 << 63), 1002),
        (long(TEXT, (1 << 63) - 1), 1009),
        (long(BINARY, (4 << 20) + 1), 1009),
        ([frame(TEXT_BEGINS, "a"), long(ENDS, 4 << 20)].concat(), 1009),
    ] {
        let bytes = [frame(TEXT, "before"), bytes, frame(TEXT, "after")].concat();
        let (mut received, heard) = talk(&bytes);
        assert_eq!(received.remove(0), texts(["before"]).remove(0));
        assert_eq!(received, [Err(WebSocketError::Violation(code))], "{bytes:02x?}");
        assert_eq!(heard, [(CLOSE, code.to_be_bytes().to_vec())], "{bytes:02x?}");
    }
}

#[test]
fn characters_may_be_split_between_fragments() {
    let euro = "€".as_bytes();
    let bytes = [
        frame(TEXT_BEGINS, &euro[..1]),
        frame(PING, ""),
        frame(CONTINUES, &euro[1..2]),
        frame(ENDS, &euro[2..]),
    ]
    .concat();
    assert_eq!(talk(&bytes), (texts(["€"]), vec![(PONG, vec![])]));
}

#[test]
fn lengths_may_be_written_long() {
    let bytes = [&[TEXT, 126, 0, 1, b'a'][..], &long(TEXT, 1), b"b"].concat();
    assert_eq!(talk(&bytes), (texts(["a", "b"]), vec![]));
}
