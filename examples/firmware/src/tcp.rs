//! TCP as the link wants it, on `embassy-net`.

use embassy_net::dns::DnsQueryType;
use embassy_net::tcp::{ConnectError, TcpSocket};
use embassy_net::{IpAddress, Stack};
use embassy_time::{Duration, with_timeout};
use embedded_io_async::{Error, ErrorKind, ErrorType, Read, Write};
use evse_hal::websocket::{Endpoint, Transport};

/// Bytes that may be under way in each direction.
const WINDOW: usize = 1536;
/// How long a connection may hang while something waits to be sent or acknowledged.
const PATIENCE: Duration = Duration::from_secs(30);
/// Time for the last bytes of a connection to leave.
const GOODBYE: Duration = Duration::from_millis(500);

/// Memory of a connection.
pub struct TcpMemory {
    received: [u8; WINDOW],
    sent: [u8; WINDOW],
}

impl TcpMemory {
    /// Empty memory.
    pub const fn new() -> Self {
        Self {
            received: [0; WINDOW],
            sent: [0; WINDOW],
        }
    }
}

impl Default for TcpMemory {
    fn default() -> Self {
        Self::new()
    }
}

/// A TCP connection to a host that has a name or an IPv4 address. It takes one socket of the stack, and one more for names.
pub struct Tcp<'m> {
    stack: Stack<'m>,
    socket: TcpSocket<'m>,
}

/// Why there is no connection (any more).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TcpError {
    /// `wss://`: this is no TLS.
    Tls,
    /// The name is unknown, or nobody answers who would know it.
    Name,
    /// The connection was not made.
    Connect(ConnectError),
    /// It is gone.
    Reset,
}

impl<'m> Tcp<'m> {
    /// No connection yet.
    pub fn new(stack: Stack<'m>, memory: &'m mut TcpMemory) -> Self {
        let mut socket = TcpSocket::new(stack, &mut memory.received, &mut memory.sent);
        socket.set_timeout(Some(PATIENCE));
        // Messages are written whole, and none should wait for the acknowledgement of the one before.
        socket.set_nagle_enabled(false);
        Self { stack, socket }
    }
}

/// The address of a host; what is one already is not looked up.
pub(crate) async fn address(stack: Stack<'_>, host: &str) -> Option<IpAddress> {
    stack.wait_config_up().await;
    if let Ok(address) = host.parse() {
        return Some(IpAddress::Ipv4(address));
    }
    stack.dns_query(host, DnsQueryType::A).await.ok()?.first().copied()
}

impl ErrorType for Tcp<'_> {
    type Error = TcpError;
}

impl Read for Tcp<'_> {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, TcpError> {
        self.socket.read(buf).await.map_err(|_| TcpError::Reset)
    }
}

impl Write for Tcp<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, TcpError> {
        self.socket.write(bytes).await.map_err(|_| TcpError::Reset)
    }

    async fn flush(&mut self) -> Result<(), TcpError> {
        // Waits for the acknowledgement, so that a restart does not come before the answer to who asked for it.
        self.socket.flush().await.map_err(|_| TcpError::Reset)
    }
}

impl Transport for Tcp<'_> {
    async fn open(&mut self, endpoint: &Endpoint<'_>) -> Result<(), TcpError> {
        if endpoint.is_tls() {
            return Err(TcpError::Tls);
        }
        let address = address(self.stack, endpoint.host()).await.ok_or(TcpError::Name)?;
        let connected = self.socket.connect((address, endpoint.port())).await;
        connected.map_err(TcpError::Connect)
    }

    async fn close(&mut self) {
        self.socket.close();
        let _ = with_timeout(GOODBYE, self.socket.flush()).await;
        self.socket.abort();
        // Lets the stack send the reset, so that the socket can be used again.
        let _ = with_timeout(GOODBYE, self.socket.flush()).await;
    }
}

impl core::fmt::Display for TcpError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Tls => "this connection has no TLS",
            Self::Name => "the name is unknown",
            Self::Connect(_) => "no connection",
            Self::Reset => "the connection is gone",
        })
    }
}

impl core::error::Error for TcpError {}

impl Error for TcpError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Tls => ErrorKind::Unsupported,
            Self::Name => ErrorKind::NotFound,
            Self::Connect(ConnectError::TimedOut) => ErrorKind::TimedOut,
            Self::Connect(_) => ErrorKind::ConnectionRefused,
            Self::Reset => ErrorKind::ConnectionReset,
        }
    }
}
