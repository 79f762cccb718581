//! A TCP connection to the host.

use core::fmt;

use board::net::{Device, HOST};
use board::println;
use embassy_executor::Spawner;
use embassy_net::tcp::{ConnectError, TcpSocket};
use embassy_net::{Config, Runner, Stack, StackResources};
use embedded_io_async::{Read, ReadExactError, Write};
use static_cell::{ConstStaticCell, StaticCell};

use crate::Wrong;

/// The connection, and what DHCP and names need; `firmware` brings the latter along.
const SOCKETS: usize = 3;
/// Bytes that may be under way in each direction.
const WINDOW: usize = 1024;

/// Why there is no echo.
pub enum Error {
    Connect(ConnectError),
    Tcp(embassy_net::tcp::Error),
    /// The host has closed the connection.
    Closed,
    /// What came back is not what went out.
    Different,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => write!(f, "connect: {error:?}"),
            Self::Tcp(error) => write!(f, "tcp: {error:?}"),
            Self::Closed => f.write_str("the host has closed the connection"),
            Self::Different => f.write_str("another line came back"),
        }
    }
}

pub struct Connection {
    stack: Stack<'static>,
    socket: TcpSocket<'static>,
}

impl Connection {
    pub fn start(spawner: Spawner, device: Device, config: Config, seed: u64) -> Self {
        static RESOURCES: StaticCell<StackResources<SOCKETS>> = StaticCell::new();
        static RECEIVED: ConstStaticCell<[u8; WINDOW]> = ConstStaticCell::new([0; WINDOW]);
        static SENT: ConstStaticCell<[u8; WINDOW]> = ConstStaticCell::new([0; WINDOW]);
        let resources = RESOURCES.init_with(StackResources::new);
        let (stack, runner) = embassy_net::new(device, config, resources, seed);
        spawner.spawn(run(runner).expect("spawned once"));
        spawner.spawn(watch_link(stack).expect("spawned once"));
        Self {
            stack,
            socket: TcpSocket::new(stack, RECEIVED.take(), SENT.take()),
        }
    }

    pub async fn command(&mut self, command: &str, argument: &str) -> Result<(), Wrong> {
        match command {
            "connect" => {
                let port: u16 = argument.parse().map_err(|_| Wrong::Command)?;
                self.stack.wait_config_up().await;
                self.socket
                    .connect((HOST, port))
                    .await
                    .map_err(|error| Wrong::Net(Error::Connect(error)))?;
                println!("connect {port}");
            }
            "echo" => {
                echo(&mut self.socket, argument.as_bytes()).await.map_err(Wrong::Net)?;
                println!("echo {argument}");
            }
            _ => {
                self.socket.abort();
                println!("close");
            }
        }
        Ok(())
    }
}

/// Sends a line and waits until it is back.
async fn echo<T>(transport: &mut T, line: &[u8]) -> Result<(), Error>
where
    T: Read<Error = embassy_net::tcp::Error> + Write<Error = embassy_net::tcp::Error>,
{
    transport.write_all(line).await.map_err(Error::Tcp)?;
    transport.write_all(b"\n").await.map_err(Error::Tcp)?;
    transport.flush().await.map_err(Error::Tcp)?;
    for expected in line.iter().chain(b"\n") {
        let mut byte = [0];
        transport.read_exact(&mut byte).await.map_err(|error| match error {
            ReadExactError::UnexpectedEof => Error::Closed,
            ReadExactError::Other(error) => Error::Tcp(error),
        })?;
        if byte != [*expected] {
            return Err(Error::Different);
        }
    }
    Ok(())
}

#[embassy_executor::task]
async fn run(mut runner: Runner<'static, Device>) -> ! {
    runner.run().await
}

#[embassy_executor::task]
async fn watch_link(stack: Stack<'static>) -> ! {
    loop {
        stack.wait_link_up().await;
        println!("link up");
        stack.wait_link_down().await;
        println!("link down");
    }
}
