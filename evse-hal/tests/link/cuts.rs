//! The wire fails after each byte of a conversation: the link says so once, and can be connected anew.

use crate::bench::*;
use evse_hal::Link;
use evse_hal::websocket::{PingInterval, WebSocketError};

/// Up to which step it came.
#[derive(Debug, PartialEq, PartialOrd)]
enum Reached {
    Nothing,
    Connected,
    Received,
    Sent,
    Everything,
}

async fn conversation(link: &mut impl Link<Error = Failure>) -> (Reached, Result<(), Failure>) {
    let mut reached = Reached::Nothing;
    let outcome = async {
        link.connect(0, &OFFER).await?;
        reached = Reached::Connected;
        let mut buffer = [0; 64];
        link.receive(&mut buffer).await?;
        reached = Reached::Received;
        link.send(&[b'a'; 200]).await?;
        reached = Reached::Sent;
        link.receive(&mut buffer).await?;
        reached = Reached::Everything;
        Ok(())
    }
    .await;
    (reached, outcome)
}

fn server() -> Vec<u8> {
    let frames = [
        frame(PING, "ping"),
        frame(TEXT_BEGINS, "he"),
        frame(ENDS, "llo"),
        frame(TEXT, "b".repeat(200)),
    ];
    [answer("ocpp1.6").into_bytes(), frames.concat()].concat()
}

#[test]
fn at_every_byte() {
    let mut all_of_it = None;
    let mut before = Reached::Nothing;
    for cut in 0..2000 {
        let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
        wire.step.set(1);
        wire.breaks_after.set(Some(cut));
        wire.says(&server());
        let mut link = link(&wire, &pings, &mut memory);
        let (reached, outcome) = now(conversation(&mut link)).expect("a broken wire is not waited for");
        assert!(reached >= before, "{reached:?} after {before:?}");
        if reached == Reached::Everything {
            all_of_it = Some(cut);
            break;
        }
        before = reached;
        let error = WebSocketError::Transport(embedded_io_async::ErrorKind::ConnectionReset);
        assert_eq!(outcome, Err(error), "cut at {cut}");
        let said = wire.outbound.borrow().len();
        assert_eq!(now(link.close()), Some(()));
        assert_eq!((wire.closed.get(), wire.outbound.borrow().len()), (1, said));

        wire.breaks_after.set(None);
        wire.inbound.take();
        wire.says(&server());
        assert_eq!(
            now(conversation(&mut link)),
            Some((Reached::Everything, Ok(()))),
            "after a cut at {cut}"
        );
    }
    assert!(all_of_it.is_some());
}

/// The same with a server that ends the stream instead.
#[test]
fn at_every_end() {
    let said = server();
    for cut in 0..said.len() {
        let (wire, pings, mut memory) = (Wire::new(), PingInterval::new(0), [0; 64]);
        wire.says(&said[..cut]);
        wire.ended.set(true);
        let mut link = link(&wire, &pings, &mut memory);
        let (_, outcome) = now(conversation(&mut link)).expect("an end is not waited for");
        assert_eq!(outcome, Err(WebSocketError::Closed));
        assert_eq!(now(link.close()), Some(()));
        assert_eq!(wire.closed.get(), 1);
    }
}
