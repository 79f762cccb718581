//! The WebSocket link on a computer's sockets: connects, and sends every message back, until somebody hangs up.
//!
//! ```text
//! cargo run -p evse-hal --features link --example echo -- ws://127.0.0.1:9000/ocpp CS-1 [PASSWORD [PING_INTERVAL]]
//! ```
//!
//! It tells what happens on standard output, a line for each event. `hang up` as a message makes it do that.

use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
use evse_hal::websocket::{Clock, Endpoint, Patience, PingInterval, Transport, WebSocket};
use evse_hal::{Error, Link, Received};
use std::fs::File;
use std::future::{Future, poll_fn};
use std::io::{self, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// A socket that never blocks.
struct Tcp(Option<TcpStream>);

impl Tcp {
    /// Tries until it works or fails.
    async fn attempt<T>(&mut self, mut operation: impl FnMut(&mut TcpStream) -> io::Result<T>) -> Result<T, ErrorKind> {
        poll_fn(|_| {
            let Some(stream) = &mut self.0 else {
                return Poll::Ready(Err(ErrorKind::NotConnected));
            };
            match operation(stream) {
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                    Poll::Pending
                }
                outcome => Poll::Ready(outcome.map_err(|error| kind(&error))),
            }
        })
        .await
    }
}

fn kind(error: &io::Error) -> ErrorKind {
    match error.kind() {
        io::ErrorKind::TimedOut => ErrorKind::TimedOut,
        io::ErrorKind::ConnectionRefused => ErrorKind::ConnectionRefused,
        io::ErrorKind::ConnectionReset => ErrorKind::ConnectionReset,
        io::ErrorKind::BrokenPipe => ErrorKind::BrokenPipe,
        _ => ErrorKind::Other,
    }
}

impl ErrorType for Tcp {
    type Error = ErrorKind;
}

impl Read for Tcp {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, ErrorKind> {
        self.attempt(|stream| stream.read(buf)).await
    }
}

impl Write for Tcp {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.attempt(|stream| stream.write(bytes)).await
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        self.attempt(|stream| stream.flush()).await
    }
}

impl Transport for Tcp {
    async fn open(&mut self, endpoint: &Endpoint<'_>) -> Result<(), ErrorKind> {
        let open = || {
            // Looking up a name blocks here; firmware asks its network stack.
            let mut addresses = (endpoint.host(), endpoint.port()).to_socket_addrs()?;
            let address = addresses.next().ok_or(io::ErrorKind::NotFound)?;
            let stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            Ok(stream)
        };
        self.0 = Some(open().map_err(|error: io::Error| kind(&error))?);
        Ok(())
    }

    async fn close(&mut self) {
        self.0 = None;
    }
}

struct Uptime(Instant);

impl Clock for Uptime {
    fn now_ms(&self) -> u64 {
        self.0.elapsed().as_millis() as u64
    }

    async fn wait_until_ms(&self, at: u64) {
        poll_fn(|_| {
            if self.now_ms() >= at {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}

/// Looks at a future each millisecond; what an executor does better.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

async fn echo<L: Link>(link: &mut L) -> Result<(), L::Error> {
    println!("online {}", link.connect(0, &["ocpp2.0.1", "ocpp1.6"]).await?);
    let mut buffer = [0; 4096];
    loop {
        match link.receive(&mut buffer).await? {
            Received::Text(len) if buffer[..len] == *b"hang up" => return Ok(()),
            Received::Text(len) => {
                println!("text {len}");
                link.send(&buffer[..len]).await?;
            }
            Received::TooLarge(len) => {
                println!("too large {len}");
                link.send(format!("too large, begins with {len} bytes").as_bytes())
                    .await?;
            }
            Received::Closed => {
                println!("closed");
                return Ok(());
            }
        }
    }
}

fn main() -> Result<(), &'static str> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, identity, options @ ..] = &arguments[..] else {
        return Err("URL IDENTITY [PASSWORD [PING_INTERVAL]]");
    };
    let endpoint = Endpoint::new(url, identity).ok_or("not an address")?;
    let endpoint = endpoint.with_password(options.first().map_or(&[], |password| password.as_bytes()));
    let interval = options.get(1).map_or(Ok(60), |seconds| seconds.parse());
    let pings = PingInterval::new(interval.map_err(|_| "not a number of seconds")?);
    let mut entropy = File::open("/dev/urandom").map_err(|_| "no source of random bytes")?;
    let random = |bytes: &mut [u8]| entropy.read_exact(bytes).expect("random bytes do not run out");
    let mut memory = [0; 4096];
    let patience = Patience {
        upgrade_ms: 2_000,
        pong_ms: 1_000,
        ..Patience::default()
    };
    let mut link = WebSocket::new(Tcp(None), endpoint, Uptime(Instant::now()), random, &pings, &mut memory)
        .with_patience(patience);
    block_on(async {
        if let Err(error) = echo(&mut link).await {
            println!("error {:?}: {error:?}", error.kind());
        }
        link.close().await;
    });
    println!("offline");
    Ok(())
}
