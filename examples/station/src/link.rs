//! The WebSocket to the CSMS (1.6J §3, 2.0.1 Part 4 §3).

use crate::clock::Clock;
use crate::control::{Event, Outbox};
use crate::store::{Store, done};
use crate::tls::{self, Refusal, Tls};
use data_encoding::BASE64;
use evse_hal::{Error, ErrorKind, ErrorType, Link, Received, Storage, Timer};
use futures_util::{SinkExt, StreamExt};
use ocpp_core::{Instant, StoredNetworkProfile, ValueKey};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Request};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, client_async_tls_with_config};

/// Longest message that is read at all. What is longer than the station's buffer is cut, and the link goes on.
const LONGEST: usize = 1 << 20;
/// How long dialling may take, and sending.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a peer may take to say goodbye.
const COURTESY: Duration = Duration::from_secs(1);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Where the link is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Phase {
    #[default]
    Down,
    Dialling,
    Up,
}

/// What others may see of the link, and change.
#[derive(Debug)]
pub struct Panel {
    /// Whether dialling is allowed (command `net`).
    allowed: Cell<bool>,
    /// The station is going: say goodbye.
    leaving: Cell<bool>,
    /// Rung when one of these, or the interval of pings, has changed.
    bell: Notify,
    /// Where it is.
    phase: Cell<Phase>,
    /// A ping was not answered yet.
    ping_pending: Cell<bool>,
    /// Seconds between pings; 0 is none.
    ping_interval: Cell<u32>,
    /// Password for HTTP Basic authentication.
    password: RefCell<Vec<u8>>,
    /// Number of attempts to dial, CALLs and pings so far.
    questions: Cell<u64>,
    /// What TLS was refused for since the link was up last.
    refusals: RefCell<Vec<Refusal>>,
    /// Those of them that nobody has looked at yet.
    news: RefCell<VecDeque<Refusal>>,
    /// Whether frames are told.
    frames: bool,
    out: Outbox,
}

impl Panel {
    /// A panel that tells to `out`; with `frames` also every frame.
    pub fn new(frames: bool, out: Outbox) -> Rc<Self> {
        Rc::new(Self {
            allowed: Cell::new(true),
            leaving: Cell::new(false),
            bell: Notify::new(),
            phase: Cell::default(),
            ping_pending: Cell::new(false),
            ping_interval: Cell::new(0),
            password: RefCell::default(),
            questions: Cell::new(0),
            refusals: RefCell::default(),
            news: RefCell::default(),
            frames,
            out,
        })
    }

    /// Where the link is.
    pub fn phase(&self) -> Phase {
        self.phase.get()
    }

    /// Whether a ping waits for its answer.
    pub fn ping_pending(&self) -> bool {
        self.ping_pending.get() && self.phase.get() == Phase::Up
    }

    /// How often the CSMS was to answer something so far: a call, a ping, an attempt to dial.
    pub fn questions(&self) -> u64 {
        self.questions.get()
    }

    fn question(&self) {
        self.questions.set(self.questions.get() + 1);
    }

    /// Allows dialling, or cuts the connection and refuses to dial.
    pub fn allow(&self, allowed: bool) {
        self.allowed.set(allowed);
        self.bell.notify_waiters();
    }

    /// Says goodbye and closes the connection (true); allows new ones (false).
    pub fn leave(&self, leaving: bool) {
        self.leaving.set(leaving);
        self.bell.notify_waiters();
    }

    /// From now on a ping is sent every so many seconds; 0 is never.
    pub fn set_ping_interval(&self, seconds: u32) {
        if self.ping_interval.replace(seconds) != seconds {
            self.bell.notify_waiters();
        }
    }

    /// The password of the next connection; empty is none.
    pub fn set_password(&self, password: &[u8]) {
        self.password.replace(password.to_vec());
    }

    /// The next thing that TLS was refused for; each once until the link is up (A00.FR.316).
    pub fn next_refusal(&self) -> Option<Refusal> {
        self.news.borrow_mut().pop_front()
    }

    fn refused(&self, refusal: Refusal, cause: &str) {
        let mut refusals = self.refusals.borrow_mut();
        if !refusals.contains(&refusal) {
            tracing::warn!("TLS: {cause}");
            refusals.push(refusal);
            self.news.borrow_mut().push_back(refusal);
        }
    }

    fn tell_frame(&self, dir: &'static str, text: &str) {
        tracing::debug!("{dir} {text}");
        if self.frames {
            self.out.tell(Event::Frame {
                dir,
                text: text.to_string(),
            });
        }
    }
}

/// Why the link is down.
#[derive(Debug)]
pub struct LinkError {
    kind: ErrorKind,
    /// In words.
    cause: String,
}

impl LinkError {
    fn new(kind: ErrorKind, cause: impl Into<String>) -> Self {
        Self {
            kind,
            cause: cause.into(),
        }
    }
}

impl Error for LinkError {
    fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl From<tungstenite::Error> for LinkError {
    fn from(error: tungstenite::Error) -> Self {
        use tungstenite::Error as E;
        use tungstenite::error::ProtocolError as P;
        match error {
            E::Http(response) => Self::new(ErrorKind::Refused, format!("HTTP {}", response.status())),
            E::Protocol(P::SecWebSocketSubProtocolError(_)) => {
                Self::new(ErrorKind::Refused, "the server did not agree on a subprotocol")
            }
            E::ConnectionClosed | E::AlreadyClosed | E::Protocol(P::ResetWithoutClosingHandshake) => {
                Self::new(ErrorKind::Closed, "the server closed the connection")
            }
            E::Io(error) => match tls::error_in(&error) {
                Some(error) => Self::new(ErrorKind::Refused, format!("TLS: {error}")),
                // A connection of TLS that ends without a word.
                None if error.kind() == io::ErrorKind::UnexpectedEof => {
                    Self::new(ErrorKind::Closed, "the server closed the connection")
                }
                None => Self::new(ErrorKind::Closed, error.to_string()),
            },
            error => Self::new(ErrorKind::Other, error.to_string()),
        }
    }
}

/// What the command line says about the way to the CSMS.
#[derive(Debug)]
pub struct Access {
    /// Where to, without the identity, unless a network profile says it; without it there is nobody to call.
    pub csms: Option<String>,
    /// Last part of the URL, and user name for HTTP Basic authentication.
    pub identity: String,
    /// How that connection is secured.
    pub security_profile: u8,
    /// The means for security profiles 2 and 3.
    pub tls: Option<Rc<Tls>>,
}

/// The link.
#[derive(Debug)]
pub struct WebSocket {
    panel: Rc<Panel>,
    clock: Clock,
    access: Access,
    /// Where network profiles are.
    store: Rc<RefCell<Store>>,
    socket: Option<Socket>,
    /// When the next ping is sent.
    next_ping: Instant,
}

impl WebSocket {
    /// A link to `<csms>/<identity>`, or where a network profile in `store` leads.
    pub fn new(access: Access, clock: &Clock, panel: &Rc<Panel>, store: &Rc<RefCell<Store>>) -> Self {
        Self {
            panel: panel.clone(),
            clock: clock.clone(),
            access,
            store: store.clone(),
            socket: None,
            next_ping: Instant::ZERO,
        }
    }

    /// Address and security profile of a network profile; 0 is the one of the command line.
    fn way(&self, profile: u8) -> Result<(String, u8), LinkError> {
        let unreachable = |cause: String| LinkError::new(ErrorKind::Unreachable, cause);
        let (csms, security_profile) = if profile == 0 {
            let csms = self.access.csms.clone();
            let csms = csms.ok_or_else(|| unreachable("no --csms was given".into()))?;
            (csms, self.access.security_profile)
        } else {
            let key = ValueKey::NetworkProfile(profile).code();
            let mut buffer = [0; 1024];
            let length = done(self.store.borrow_mut().value(key, &mut buffer));
            let bytes = length.ok().flatten().and_then(|length| buffer.get(..length));
            let stored = bytes.and_then(StoredNetworkProfile::read);
            let stored = stored.ok_or_else(|| unreachable(format!("network profile {profile} cannot be read")))?;
            (stored.url.trim_end_matches('/').to_string(), stored.security_profile)
        };
        // The security profile decides, whatever the address says.
        let scheme = if security_profile < 2 { "ws" } else { "wss" };
        let (_, rest) = csms
            .split_once("://")
            .filter(|(own, _)| own.eq_ignore_ascii_case(scheme))
            .ok_or_else(|| unreachable(format!("security profile {security_profile} is not for {csms}")))?;
        let identity = percent_encoded(&self.access.identity);
        Ok((format!("{scheme}://{rest}/{identity}"), security_profile))
    }

    /// Dials; returns the socket and the subprotocol that the server picked.
    async fn dial(
        &self,
        url: &str,
        security_profile: u8,
        subprotocols: &[&str],
    ) -> Result<(Socket, String), LinkError> {
        let unreachable = |cause: String| LinkError::new(ErrorKind::Unreachable, cause);
        if !self.panel.allowed.get() || self.panel.leaving.get() {
            return Err(unreachable("net is off".into()));
        }
        let tls = self.access.tls.as_ref();
        let (connector, port) = if security_profile < 2 {
            (Connector::Plain, 80)
        } else {
            let connector = tls.and_then(|tls| tls.connector(security_profile));
            let missing = || unreachable(format!("no certificates for security profile {security_profile}"));
            (connector.ok_or_else(missing)?, 443)
        };
        let request = self.request(url, security_profile, subprotocols)?;
        let uri = request.uri();
        let host = uri.host().unwrap_or("").trim_matches(['[', ']']);
        let tcp = TcpStream::connect((host, uri.port_u16().unwrap_or(port)));
        let tcp = tcp.await.map_err(|error| unreachable(error.to_string()))?;
        // A frame is a message of its own and waits for no other.
        let _ = tcp.set_nodelay(true);
        let config = WebSocketConfig::default()
            .max_message_size(Some(LONGEST))
            .max_frame_size(Some(LONGEST));
        let dialled = client_async_tls_with_config(request, tcp, Some(config), Some(connector)).await;
        let (socket, response) = dialled.inspect_err(|error| {
            if let tungstenite::Error::Io(error) = error
                && let (Some(tls), Some(error)) = (tls, tls::error_in(error))
                && let Some(refusal) = tls.refusal(error)
            {
                self.panel.refused(refusal, &error.to_string());
            }
        })?;
        let picked = response.headers().get("Sec-WebSocket-Protocol");
        let picked = picked.and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok((socket, picked.to_string()))
    }

    fn request(&self, url: &str, security_profile: u8, subprotocols: &[&str]) -> Result<Request<()>, LinkError> {
        let mut request = url.into_client_request()?;
        let header = |text: String| HeaderValue::from_str(&text).map_err(|_| tungstenite::Error::AttackAttempt);
        let headers = request.headers_mut();
        headers.insert("Sec-WebSocket-Protocol", header(subprotocols.join(", "))?);
        let password = self.panel.password.borrow();
        // In profile 3 the certificate says who the station is.
        if !password.is_empty() && security_profile < 3 {
            headers.insert("Authorization", header(basic(&self.access.identity, &password))?);
        }
        Ok(request)
    }

    /// Takes the link down and says why.
    fn lost(&mut self, error: LinkError) -> LinkError {
        self.socket = None;
        // While dialling is forbidden nothing is dialled, and there is nothing to tell.
        let before = self.panel.phase.replace(Phase::Down);
        if before == Phase::Up || before == Phase::Dialling && self.panel.allowed.get() {
            tracing::info!("offline: {}", error.cause);
            self.panel.out.tell(Event::Offline {
                cause: error.cause.clone(),
            });
        }
        self.panel.ping_pending.set(false);
        error
    }

    /// Pings if it is time to.
    async fn ping(&mut self) -> Result<(), LinkError> {
        if self.panel.ping_pending.get() {
            return Err(LinkError::new(ErrorKind::Timeout, "the server does not answer pings"));
        }
        self.panel.ping_pending.set(true);
        self.panel.question();
        self.next_ping = self.clock.now().plus_secs(self.panel.ping_interval.get());
        let Some(socket) = &mut self.socket else {
            return Ok(());
        };
        Ok(socket.send(Message::Ping(Default::default())).await?)
    }

    async fn next_message(&mut self, buf: &mut [u8]) -> Result<Received, LinkError> {
        let panel = self.panel.clone();
        loop {
            let rung = panel.bell.notified();
            tokio::pin!(rung);
            rung.as_mut().enable();
            if !self.panel.allowed.get() {
                return Err(LinkError::new(ErrorKind::Closed, "net is off"));
            }
            if panel.leaving.get() {
                return Ok(Received::Closed);
            }
            let interval = self.panel.ping_interval.get();
            if interval == 0 {
                self.panel.ping_pending.set(false);
            } else {
                // The interval may have become shorter.
                self.next_ping = self.next_ping.min(self.clock.now().plus_secs(interval));
            }
            let Some(socket) = &mut self.socket else {
                return Err(LinkError::new(ErrorKind::Closed, "not connected"));
            };
            let message = tokio::select! {
                biased;
                () = rung => continue,
                message = socket.next() => message.unwrap_or(Err(tungstenite::Error::ConnectionClosed))?,
                () = self.clock.wait_until(self.next_ping), if interval > 0 => {
                    self.ping().await?;
                    continue;
                }
            };
            self.panel.ping_pending.set(false);
            match message {
                Message::Text(text) => {
                    self.panel.tell_frame("in", &text);
                    let length = text.len().min(buf.len());
                    buf[..length].copy_from_slice(&text.as_bytes()[..length]);
                    let whole = length == text.len();
                    return Ok(if whole {
                        Received::Text(length)
                    } else {
                        Received::TooLarge(length)
                    });
                }
                Message::Binary(bytes) => self.panel.out.tell(Event::RpcError {
                    detail: format!("a binary frame of {} bytes was ignored", bytes.len()),
                }),
                Message::Close(frame) => {
                    let reason = frame
                        .map(|frame| format!(": {} {}", frame.code, frame.reason))
                        .unwrap_or_default();
                    let cause = format!("the server closed the connection{reason}");
                    return Err(LinkError::new(ErrorKind::Closed, cause.trim_end()));
                }
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }
}

impl ErrorType for WebSocket {
    type Error = LinkError;
}

impl Link for WebSocket {
    async fn connect<'s>(&mut self, profile: u8, subprotocols: &[&'s str]) -> Result<&'s str, LinkError> {
        self.panel.phase.set(Phase::Dialling);
        self.panel.question();
        let (url, security_profile) = match self.way(profile) {
            Ok(way) => way,
            Err(error) => return Err(self.lost(error)),
        };
        let dialled = timeout(PATIENCE, self.dial(&url, security_profile, subprotocols)).await;
        let dialled = dialled.unwrap_or_else(|_| Err(LinkError::new(ErrorKind::Timeout, "dialling took too long")));
        let (socket, picked) = match dialled {
            Ok(_) if !self.panel.allowed.get() => {
                return Err(self.lost(LinkError::new(ErrorKind::Unreachable, "net is off")));
            }
            Ok(dialled) => dialled,
            Err(error) => return Err(self.lost(error)),
        };
        let Some(&subprotocol) = subprotocols.iter().find(|offered| **offered == picked) else {
            let error = LinkError::new(ErrorKind::Refused, "the server did not agree on a subprotocol");
            return Err(self.lost(error));
        };
        self.socket = Some(socket);
        self.next_ping = self.clock.now().plus_secs(self.panel.ping_interval.get());
        self.panel.phase.set(Phase::Up);
        self.panel.refusals.borrow_mut().clear();
        tracing::info!("online: {url}, {subprotocol}");
        self.panel.out.tell(Event::Online {
            url,
            subprotocol: subprotocol.to_string(),
        });
        Ok(subprotocol)
    }

    async fn send(&mut self, text: &[u8]) -> Result<(), LinkError> {
        let text = String::from_utf8_lossy(text).into_owned();
        let Some(socket) = &mut self.socket else {
            return Err(LinkError::new(ErrorKind::Closed, "not connected"));
        };
        if text.starts_with("[2,") {
            self.panel.question();
        }
        self.panel.tell_frame("out", &text);
        match timeout(PATIENCE, socket.send(Message::text(text))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.lost(error.into())),
            Err(_) => Err(self.lost(LinkError::new(ErrorKind::Timeout, "the server does not read"))),
        }
    }

    async fn receive(&mut self, buf: &mut [u8]) -> Result<Received, LinkError> {
        self.next_message(buf).await.map_err(|error| self.lost(error))
    }

    async fn close(&mut self) {
        if let Some(mut socket) = self.socket.take() {
            // Wait for the other side: a reply that is still on its way would be lost otherwise.
            let goodbye = async {
                if socket.close(None).await.is_ok() {
                    while let Some(Ok(_)) = socket.next().await {}
                }
            };
            let _ = timeout(COURTESY, goodbye).await;
        }
        if self.panel.phase() != Phase::Down {
            self.lost(LinkError::new(ErrorKind::Closed, "the station closed the connection"));
        }
    }
}

/// What goes into the Authorization header. The password is any bytes.
fn basic(identity: &str, password: &[u8]) -> String {
    let credentials = [identity.as_bytes(), b":", password].concat();
    format!("Basic {}", BASE64.encode(&credentials))
}

/// The identity as the last segment of the URL.
fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;
    use tokio_tungstenite::accept_hdr_async;

    #[test]
    fn identities_are_percent_encoded() {
        assert_eq!(percent_encoded("CP-001_~."), "CP-001_~.");
        assert_eq!(percent_encoded("CP 7/é#1"), "CP%207%2F%C3%A9%231");
    }

    /// A server that speaks 2.0.1 with one client; what the client dialled.
    #[expect(clippy::result_large_err, reason = "the signature is the callback's")]
    async fn one_visit(listener: TcpListener) -> String {
        use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
        let (stream, _) = listener.accept().await.unwrap();
        let mut path = String::new();
        let pick = |request: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
            path = request.uri().path().to_string();
            let picked = HeaderValue::from_static("ocpp2.0.1");
            response.headers_mut().insert("Sec-WebSocket-Protocol", picked);
            Ok(response)
        };
        accept_hdr_async(stream, pick).await.unwrap();
        path
    }

    #[tokio::test]
    async fn a_network_profile_leads_elsewhere() {
        let (first, second) = (
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
        );
        let url = |listener: &TcpListener| format!("ws://{}", listener.local_addr().unwrap());
        let store = Rc::new(RefCell::new(Store::in_memory(1).unwrap()));
        let stored = sealed(&[&[1, 1, 30], url(&second).as_bytes(), b"/ocpp/"].concat());
        done(
            store
                .borrow_mut()
                .put_value(ValueKey::NetworkProfile(3).code(), &stored),
        )
        .unwrap();
        let panel = Panel::new(false, Outbox::new(|_| {}));
        let access = Access {
            csms: Some(url(&first)),
            identity: "CP 1".into(),
            security_profile: 1,
            tls: None,
        };
        let mut link = WebSocket::new(access, &Clock::real(), &panel, &store);
        for (profile, server, path) in [(0, first, "/CP%201"), (3, second, "/ocpp/CP%201")] {
            let (picked, dialled) = tokio::join!(link.connect(profile, &["ocpp2.0.1"]), one_visit(server));
            assert_eq!((picked.unwrap(), dialled.as_str()), ("ocpp2.0.1", path));
        }
        // Never less secure than the profile says, nor without the means for it.
        for (slot, profile) in [(4, [1, 2, 30]), (5, [1, 1, 30]), (6, [1, 2, 30])] {
            let url = [
                b"ws://127.0.0.1:9".as_slice(),
                b"wss://127.0.0.1:9",
                b"WSS://127.0.0.1:9",
            ][slot - 4];
            let stored = sealed(&[&profile, url].concat());
            let key = ValueKey::NetworkProfile(slot as u8).code();
            done(store.borrow_mut().put_value(key, &stored)).unwrap();
        }
        for (slot, cause) in [
            (4, "security profile 2 is not for ws://127.0.0.1:9"),
            (5, "security profile 1 is not for wss://127.0.0.1:9"),
            (6, "no certificates for security profile 2"),
            (7, "network profile 7 cannot be read"),
        ] {
            let error = link.connect(slot, &["ocpp2.0.1"]).await.unwrap_err();
            assert_eq!((error.kind(), error.cause.as_str()), (ErrorKind::Unreachable, cause));
        }
        assert_eq!(panel.phase(), Phase::Down);
    }

    /// With the checksum of stored values, CRC-16/CCITT-FALSE.
    fn sealed(bytes: &[u8]) -> Vec<u8> {
        let sum = bytes.iter().fold(0xffff_u16, |sum, &byte| {
            (0..8).fold(sum ^ (u16::from(byte) << 8), |sum, _| {
                (sum << 1) ^ if sum & 0x8000 == 0 { 0 } else { 0x1021 }
            })
        });
        [bytes, &sum.to_le_bytes()].concat()
    }

    #[test]
    fn a_password_is_any_bytes() {
        // The example of 1.6J §6.2.
        let password = [
            0, 1, 2, 3, 4, 5, 6, 7, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        ];
        assert_eq!(basic("AL1000", &password), "Basic QUwxMDAwOgABAgMEBQYH////////////////");
    }
}
