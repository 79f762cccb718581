//! Whatever a server says, however it is cut into frames and segments.

use crate::bench::*;
use evse_hal::Link;
use evse_hal::websocket::PingInterval;
use proptest::prelude::*;

/// A message, in how many frames it comes, and the ping that comes after each of them, if any.
type Said = (String, Vec<(usize, Option<u8>)>);

fn said() -> impl Strategy<Value = Vec<Said>> {
    let cut = (0..30_usize, proptest::option::weighted(0.3, any::<u8>()));
    proptest::collection::vec((".{0,40}", proptest::collection::vec(cut, 0..5)), 0..6)
}

proptest! {
    #[test]
    fn messages_do_not_depend_on_how_they_come(
        said in said(),
        segments in proptest::collection::vec(1..40_usize, 1..20),
        stutters: bool,
    ) {
        let (mut bytes, mut messages, mut pongs) = (Vec::new(), Vec::new(), Vec::new());
        for (text, cuts) in &said {
            let (mut rest, mut first) = (text.as_bytes(), TEXT_BEGINS);
            for (cut, ping) in cuts {
                let (now, later) = rest.split_at(rest.len().min(*cut));
                bytes.extend(frame(first, now));
                (rest, first) = (later, CONTINUES);
                if let Some(ping) = ping {
                    bytes.extend(frame(PING, [*ping]));
                    pongs.push((PONG, vec![*ping]));
                }
            }
            bytes.extend(frame(first | ENDS, rest));
            let fits = text.len() <= 64;
            let head = || Message::TooLarge(text.as_bytes()[..64].to_vec());
            messages.push(Ok(if fits { Message::Text(text.clone()) } else { head() }));
        }
        let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
        let mut link = connected(&wire, &pings, &mut memory);
        wire.stutters.set(stutters);
        let mut received = Vec::new();
        let mut rest = &bytes[..];
        for step in segments.iter().cycle() {
            wire.step.set(*step);
            let (now, later) = rest.split_at(rest.len().min(*step));
            wire.says(now);
            rest = later;
            received.extend(receive_all(&mut link));
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(received, messages);
        prop_assert_eq!(wire.heard(), pongs);
    }

    #[test]
    fn any_bytes_end_in_bounded_work(bytes in proptest::collection::vec(any::<u8>(), 0..600), upgraded: bool) {
        let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
        let mut link = link(&wire, &pings, &mut memory);
        if upgraded {
            wire.says(answer("ocpp1.6").as_bytes());
        }
        wire.says(&bytes);
        wire.ended.set(true);
        let outcome = now(link.connect(0, &OFFER)).expect("an end is not waited for");
        prop_assert_eq!(outcome.is_ok(), upgraded);
        wire.outbound.take();
        prop_assert!(receive_all(&mut link).len() <= bytes.len() / 2 + 1);
        wire.heard();
        prop_assert_eq!(now(link.close()), Some(()));
        prop_assert!(wire.reads.get() <= 8);
    }
}
