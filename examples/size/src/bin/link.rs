//! The WebSocket link of evse-hal: dialling, sending, receiving, pings, closing, over a transport that is not there.
//!
//! Limit: 20000 bytes

#![no_std]
#![no_main]

use core::future::poll_fn;
use core::hint::black_box;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
use evse_hal::Link;
use evse_hal::websocket::{Clock, Endpoint, PingInterval, Transport, WebSocket};
use size::{input, output};

size::run!(black_box(
    pin!(work()).poll(&mut Context::from_waker(Waker::noop())).is_ready()
));

async fn work() {
    let Some(endpoint) = Endpoint::new(input::<&str>(), input::<&str>()) else {
        return;
    };
    let endpoint = endpoint.with_password(input::<&[u8]>());
    let pings = output::<PingInterval>();
    let memory = output::<[u8; 4096]>();
    let mut link = WebSocket::new(Nowhere, endpoint, Nowhere, *input::<fn(&mut [u8])>(), pings, memory);
    loop {
        black_box(link.connect(*input(), &["ocpp2.0.1", "ocpp1.6"]).await.is_ok());
        black_box(link.send(input::<&[u8]>()).await.is_ok());
        black_box(link.receive(output::<[u8; 4096]>()).await.is_ok());
        pings.set(*input());
        link.close().await;
    }
}

struct Nowhere;

impl Nowhere {
    async fn operation(&self) -> Result<usize, ErrorKind> {
        poll_fn(|_| *input::<Poll<Result<usize, ErrorKind>>>()).await
    }
}

impl ErrorType for Nowhere {
    type Error = ErrorKind;
}

impl Read for Nowhere {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, ErrorKind> {
        black_box(buf);
        self.operation().await
    }
}

impl Write for Nowhere {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        black_box(bytes);
        self.operation().await
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        self.operation().await.map(drop)
    }
}

impl Transport for Nowhere {
    async fn open(&mut self, endpoint: &Endpoint<'_>) -> Result<(), ErrorKind> {
        black_box((endpoint.host(), endpoint.port(), endpoint.is_tls()));
        self.operation().await.map(drop)
    }

    async fn close(&mut self) {
        black_box(self.operation().await.is_ok());
    }
}

impl Clock for Nowhere {
    fn now_ms(&self) -> u64 {
        *input()
    }

    async fn wait_until_ms(&self, at: u64) {
        black_box(at);
        black_box(self.operation().await.is_ok());
    }
}
