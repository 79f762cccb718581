//! The opening handshake.

use crate::bench::*;
use embedded_io_async::ErrorKind as IoErrorKind;
use evse_hal::websocket::{Endpoint, Endpoints, PingInterval, WebSocket, WebSocketError};
use evse_hal::{Error, ErrorKind, Link};

/// What is asked of a server for this endpoint.
fn request(endpoint: Endpoint<'_>) -> String {
    let (wire, pings) = (Wire::new(), PingInterval::new(0));
    let mut link = WebSocket::new(Socket(&wire), endpoint, &wire, random(), &pings, &mut []);
    assert_eq!(now(link.connect(0, &OFFER)), None);
    String::from_utf8(wire.outbound.take()).unwrap()
}

#[test]
fn the_request_is_what_ocpp_j_wants() {
    let endpoint = Endpoint::new("ws://csms.example.org:8080/ocpp", "CP 7/é#1").unwrap();
    assert_eq!(
        request(endpoint),
        format!(
            "GET /ocpp/CP%207%2F%C3%A9%231 HTTP/1.1\r\nHost: csms.example.org:8080\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\
             Sec-WebSocket-Protocol: ocpp2.0.1, ocpp1.6\r\n\r\n"
        )
    );
}

/// The example of 1.6J §6.2.
#[test]
fn a_password_is_any_bytes() {
    let password = [
        0, 1, 2, 3, 4, 5, 6, 7, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    ];
    let endpoint = Endpoint::new("ws://h", "AL1000").unwrap().with_password(&password);
    let request = request(endpoint);
    assert!(request.ends_with("\r\nAuthorization: Basic QUwxMDAwOgABAgMEBQYH////////////////\r\n\r\n"));
    assert!(request.starts_with("GET /AL1000 HTTP/1.1\r\nHost: h\r\n"));
    for (password, encoded) in [("b", "YTpi"), ("bc", "YTpiYw=="), ("bcd", "YTpiY2Q=")] {
        let endpoint = Endpoint::new("ws://h", "a").unwrap().with_password(password.as_bytes());
        assert!(self::request(endpoint).ends_with(&format!(" Basic {encoded}\r\n\r\n")));
    }
}

#[test]
fn addresses() {
    let parts = |url| Endpoint::new(url, "i").map(|endpoint| (endpoint.is_tls(), endpoint.host(), endpoint.port()));
    assert_eq!(parts("ws://h"), Some((false, "h", 80)));
    assert_eq!(parts("WSS://h/"), Some((true, "h", 443)));
    assert_eq!(parts("wss://192.0.2.1:9000/a/b"), Some((true, "192.0.2.1", 9000)));
    assert_eq!(parts("ws://[2001:db8::1]/"), Some((false, "2001:db8::1", 80)));
    assert_eq!(parts("ws://[2001:db8::1]:81"), Some((false, "2001:db8::1", 81)));
    for url in [
        "",
        "h",
        "http://h",
        "ws://",
        "ws:///a",
        "ws://h:",
        "ws://h:0",
        "ws://h:65536",
        "ws://h:x",
        "ws://u@h",
        "ws://h/?a",
        "ws://h/#a",
        "ws://h/a b",
        "ws://h/\r\nX: y",
        "ws://é",
        "ws://:80",
        "ws://[]",
    ] {
        assert_eq!(parts(url), None, "{url}");
    }
    let host = |url| {
        let request = request(Endpoint::new(url, "i").unwrap());
        let line = request.lines().nth(1).unwrap().to_string();
        (request.lines().next().unwrap().to_string(), line)
    };
    let expected = |path: &str, host: &str| (format!("GET {path} HTTP/1.1"), format!("Host: {host}"));
    assert_eq!(host("ws://h:80//"), expected("/i", "h"));
    assert_eq!(host("wss://h:80/a/b/"), expected("/a/b/i", "h:80"));
    assert_eq!(host("wss://[::1]:443"), expected("/i", "[::1]"));
    assert_eq!(host("ws://[::1]:10000"), expected("/i", "[::1]:10000"));
}

/// What connecting comes to if the server answers this.
fn answered(answer: &str, step: usize) -> Option<Result<&'static str, Failure>> {
    let (wire, pings) = (Wire::new(), PingInterval::new(0));
    wire.step.set(step);
    wire.says(answer.as_bytes());
    let mut memory = [0; 64];
    let mut link = link(&wire, &pings, &mut memory);
    let outcome = now(link.connect(0, &OFFER));
    assert_eq!(wire.closed.get(), 0, "closing is the caller's");
    wire.ended.set(true);
    assert_eq!(now(link.close()), Some(()));
    assert_eq!(wire.closed.get(), 1);
    outcome
}

#[test]
fn answers_that_are_accepted() {
    let plain = answer("ocpp1.6");
    for answer in [
        plain.clone(),
        plain.replace("\r\n", "\n"),
        plain.replace("Switching Protocols", ""),
        plain
            .to_lowercase()
            .replace("http", "HTTP")
            .replace(&ACCEPT.to_lowercase(), ACCEPT),
        plain.replace("Connection: Upgrade", "Connection: keep-alive,upgrade"),
        plain.replace("Connection: Upgrade", "Connection: keep-alive\r\nConnection:upgrade"),
        plain.replace("Upgrade: websocket", "Upgrade:\t WebSocket \t"),
        plain.replace(
            "Upgrade: websocket",
            &format!("X: {}\r\nUpgrade: websocket", "y".repeat(5000)),
        ),
        plain.replace(
            "Upgrade: websocket",
            "Nonsense\r\nSec-WebSocket-Extensions:\r\nUpgrade: websocket",
        ),
    ] {
        for step in [1, 7, usize::MAX] {
            assert_eq!(answered(&answer, step), Some(Ok("ocpp1.6")), "{answer}");
        }
    }
}

#[test]
fn answers_that_are_refused() {
    let plain = answer("ocpp1.6");
    use WebSocketError::{Status, Subprotocol, Upgrade};
    for (answer, error) in [
        ("HTTP/1.1 401 Unauthorized\r\n".to_string(), Status(401)),
        ("HTTP/1.1 403 \n".to_string(), Status(403)),
        ("HTTP/1.1 302 Found\r\n".to_string(), Status(302)),
        ("HTTP/1.1 503\r\n".to_string(), Status(503)),
        ("HTTP/1.1 100 Continue\r\n".to_string(), Status(100)),
        ("HTTP/1.0 101 x\r\n".to_string(), Upgrade),
        ("HTTP/1.1 1x1\r\n".to_string(), Upgrade),
        ("\r\n".to_string(), Upgrade),
        ("SSH-2.0-OpenSSH\r\n".to_string(), Upgrade),
        (plain.replace(ACCEPT, "s3pPLMBiTxaQ9kYGzzhZRbK+xOq="), Upgrade),
        (plain.replace(ACCEPT, ""), Upgrade),
        (plain.replace("Sec-WebSocket-Accept", "X"), Upgrade),
        (plain.replace("Upgrade: websocket", "Upgrade: h2c"), Upgrade),
        (plain.replace("Upgrade: websocket\r\n", ""), Upgrade),
        (plain.replace("Connection: Upgrade", "Connection: close"), Upgrade),
        (plain.replace("Connection: Upgrade", "Connection: upgrades"), Upgrade),
        (plain.replace("Sec-WebSocket-Protocol: ocpp1.6\r\n", ""), Subprotocol),
        (plain.replace("ocpp1.6", ""), Subprotocol),
        (plain.replace("ocpp1.6", "ocpp1.5"), Subprotocol),
        (plain.replace("ocpp1.6", "OCPP1.6"), Subprotocol),
        (plain.replace("ocpp1.6", "ocpp1.6, ocpp2.0.1"), Subprotocol),
        (
            plain.replace("ocpp1.6", "ocpp1.6\r\nSec-WebSocket-Protocol: ocpp2.0.1"),
            Subprotocol,
        ),
        (
            plain.replace("ocpp1.6", "ocpp1.6\r\nSec-WebSocket-Extensions: permessage-deflate"),
            Upgrade,
        ),
    ] {
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert_eq!(answered(&answer, usize::MAX), Some(Err(error)), "{answer}");
        assert_eq!(answered(&answer, 1), Some(Err(error)), "{answer}");
    }
}

#[test]
fn endless_answers_end() {
    let line = format!("HTTP/1.1 101 {}", "x".repeat(1 << 20));
    let headers = format!("HTTP/1.1 101 x\r\n{}", "X: y\r\n".repeat(1 << 18));
    for answer in [line, headers] {
        let (wire, pings) = (Wire::new(), PingInterval::new(0));
        wire.says(answer.as_bytes());
        let mut link = link(&wire, &pings, &mut []);
        assert_eq!(now(link.connect(0, &OFFER)), Some(Err(WebSocketError::Upgrade)));
        assert!(wire.reads.get() <= 33, "8 KiB in pieces of 256 bytes");
    }
}

#[test]
fn frames_may_follow_at_once() {
    let (wire, pings) = (Wire::new(), PingInterval::new(0));
    wire.says(&[answer("ocpp2.0.1").as_bytes(), &frame(TEXT, "hello")].concat());
    let mut memory = [0; 64];
    let mut link = link(&wire, &pings, &mut memory);
    assert_eq!(now(link.connect(0, &OFFER)), Some(Ok("ocpp2.0.1")));
    assert_eq!(receive(&mut link), text("hello"));
}

#[test]
fn dialling_fails_as_the_transport_says() {
    for (failure, kind) in [
        (IoErrorKind::ConnectionRefused, ErrorKind::Unreachable),
        (IoErrorKind::TimedOut, ErrorKind::Timeout),
        (IoErrorKind::InvalidData, ErrorKind::Refused),
    ] {
        let (wire, pings) = (Wire::new(), PingInterval::new(0));
        wire.opens.set(Some(Err(failure)));
        let error = now(link(&wire, &pings, &mut []).connect(0, &OFFER))
            .unwrap()
            .unwrap_err();
        assert_eq!((error, error.kind()), (WebSocketError::Dial(failure), kind));
    }
}

#[test]
fn a_profile_leads_where_its_endpoint_is() {
    struct Ways;
    impl Endpoints for Ways {
        async fn endpoint(&mut self, profile: u8) -> Option<Endpoint<'_>> {
            match profile {
                0 => Endpoint::new("ws://a", "one"),
                3 => Endpoint::new("ws://b", "three"),
                _ => None,
            }
        }
    }
    let (wire, pings) = (Wire::new(), PingInterval::new(0));
    let mut link = WebSocket::new(Socket(&wire), Ways, &wire, random(), &pings, &mut []);
    for (profile, line) in [
        (3, "GET /three HTTP/1.1\r\nHost: b\r\n"),
        (0, "GET /one HTTP/1.1\r\nHost: a\r\n"),
    ] {
        wire.says(answer("ocpp1.6").as_bytes());
        assert_eq!(now(link.connect(profile, &OFFER)), Some(Ok("ocpp1.6")));
        assert!(wire.outbound.take().starts_with(line.as_bytes()));
        wire.ended.set(true);
        assert_eq!(now(link.close()), Some(()));
        wire.ended.set(false);
        wire.outbound.take();
    }
    let error = now(link.connect(4, &OFFER)).unwrap().unwrap_err();
    assert_eq!(
        (error, error.kind()),
        (WebSocketError::NoEndpoint, ErrorKind::Unreachable)
    );
    assert_eq!(wire.opened.get(), 2);
}

/// Connects with whatever is the matter, and returns after how many milliseconds that is given up.
fn patience(what: impl FnOnce(&Wire)) -> u64 {
    let (wire, pings) = (Wire::new(), PingInterval::new(0));
    what(&wire);
    let mut link = link(&wire, &pings, &mut []);
    let mut dialling = std::pin::pin!(link.connect(0, &OFFER));
    loop {
        match now(dialling.as_mut()) {
            None => wire.now.set(wire.now.get() + 500),
            Some(outcome) => {
                assert_eq!(outcome, Err(WebSocketError::Timeout));
                return wire.now.get();
            }
        }
        assert!(wire.now.get() < 100_000);
    }
}

#[test]
fn nothing_is_waited_for_too_long() {
    assert_eq!(patience(|wire| wire.opens.set(None)), 30_000);
    assert_eq!(patience(|wire| wire.stuck.set(true)), 20_000);
    assert_eq!(patience(|wire| wire.says(b"HTTP/1.1 101")), 20_000);
}

#[test]
fn dialling_may_be_given_up_and_tried_again() {
    let (wire, pings) = (Wire::new(), PingInterval::new(0));
    let mut link = link(&wire, &pings, &mut []);
    wire.opens.set(None);
    assert_eq!(glimpse(link.connect(0, &OFFER)), None);
    wire.opens.set(Some(Ok(())));
    wire.says(b"HTTP/1.1 101 half an answ");
    assert_eq!(glimpse(link.connect(0, &OFFER)), None);
    wire.outbound.take();
    wire.says(answer("ocpp1.6").as_bytes());
    assert_eq!(now(link.connect(0, &OFFER)), Some(Ok("ocpp1.6")));
    assert!(
        wire.outbound.take().starts_with(b"GET "),
        "nothing of what was written before"
    );
}

/// Longer than what goes to the transport at once.
#[test]
fn a_long_request_is_whole() {
    let path = "/segment".repeat(100);
    let (url, password) = (format!("ws://h{path}"), [b'p'; 600]);
    let request = request(Endpoint::new(&url, "i").unwrap().with_password(&password));
    assert!(request.starts_with(&format!("GET {path}/i HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n")));
    assert!(
        request.ends_with(&format!("Basic aTpw{}cHA=\r\n\r\n", "cHBw".repeat(199))),
        "{request}"
    );
}
