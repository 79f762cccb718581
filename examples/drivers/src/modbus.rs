//! A master on Modbus RTU that reads input registers (function 04), and nothing else.
//!
//! After the "MODBUS over Serial Line" specification 1.02. Not done: other functions, and more than one master.

use core::fmt;
use embassy_futures::select::{Either, select};
use embedded_hal_async::delay::DelayNs;
use embedded_io_async::{Error as _, Read, Write};
use evse_hal::{Error, ErrorKind};

use crate::crc;

const READ_INPUT_REGISTERS: u8 = 4;
/// The longest frame.
const FRAME: usize = 256;
/// Most reads of a line that is not quiet.
const PATIENCE: u8 = 64;

/// The master on a serial line.
///
/// The port is a UART of 8 data bits whose RS-485 transceiver turns around by itself. Its `read` must be cancel-safe (one
/// with a buffer is), because it is given up when the time is over.
///
/// Each request first waits until the line is quiet, throwing away what is left of an answer before. Noise before an
/// answer is skipped, as it is usual where nobody drives the line. An answer counts if unit, function, length and check
/// sum are right; any other telegram is as good as none. There is no second try: whoever polls has one anyway.
///
/// Modbus RTU does not number its requests, so an answer that is too late is taken for one to the next request if it is as
/// long. Read blocks of different lengths, and choose a time-out well above what the slowest unit needs.
///
/// ```
/// # use embedded_hal_async::delay::DelayNs;
/// # use embedded_io_async::{Read, Write};
/// use drivers::modbus::{Modbus, ModbusError};
///
/// async fn volts(uart: impl Read + Write, delay: impl DelayNs) -> Result<[u8; 4], ModbusError> {
///     let mut bus = Modbus::new(uart, delay);
///     let mut registers = [0; 4];
///     bus.read_input(1, 0, &mut registers).await?;
///     Ok(registers)
/// }
/// ```
#[derive(Debug)]
pub struct Modbus<P, D> {
    port: P,
    delay: D,
    timeout_ms: u32,
    gap_us: u32,
}

impl<P: Read + Write, D: DelayNs> Modbus<P, D> {
    /// A master that gives a unit 300 ms for an answer, at 9600 baud or more.
    pub const fn new(port: P, delay: D) -> Self {
        Self {
            port,
            delay,
            timeout_ms: 300,
            gap_us: 4_100,
        }
    }

    /// Other times: how long a whole answer may take, and how long the line is silent between two telegrams: 3.5
    /// characters of 11 bits, but at least 1.75 ms.
    #[must_use]
    pub const fn with_times(mut self, timeout_ms: u32, gap_us: u32) -> Self {
        self.timeout_ms = timeout_ms;
        self.gap_us = gap_us;
        self
    }

    /// Reads registers from `first` on, as many as fill `registers`, two bytes each, the higher one first.
    ///
    /// # Errors
    /// Whatever is not the whole and right answer; `registers` are untouched then. [`ModbusError::Request`] if these are
    /// none, more than 125, or half a one.
    pub async fn read_input(&mut self, unit: u8, first: u16, registers: &mut [u8]) -> Result<(), ModbusError> {
        let bytes = u8::try_from(registers.len()).map_err(|_| ModbusError::Request)?;
        if bytes == 0 || bytes > 250 || bytes % 2 != 0 {
            return Err(ModbusError::Request);
        }
        self.quiet().await?;

        let [high, low] = first.to_be_bytes();
        let mut request = [unit, READ_INPUT_REGISTERS, high, low, 0, bytes / 2, 0, 0];
        let (body, sum) = request.split_at_mut(6);
        sum.copy_from_slice(&crc::modbus(body));
        let Self { port, delay, .. } = self;
        let send = async {
            port.write_all(&request).await?;
            port.flush().await
        };
        match select(send, delay.delay_ms(self.timeout_ms)).await {
            Either::First(sent) => sent.map_err(|error| ModbusError::Port(error.kind()))?,
            Either::Second(()) => return Err(ModbusError::Stuck),
        }

        let mut heard = Heard {
            bytes: [0; FRAME],
            len: 0,
            unit,
        };
        let answer = async {
            loop {
                let count = match port.read(heard.room()).await {
                    Ok(0) => return Err(ModbusError::Port(embedded_io_async::ErrorKind::BrokenPipe)),
                    Ok(count) => count,
                    Err(error) => return Err(ModbusError::Port(error.kind())),
                };
                heard.len = heard.len.saturating_add(count);
                if heard.room().is_empty() || heard.answer(bytes).is_some() {
                    return Ok(());
                }
            }
        };
        if let Either::First(Err(error)) = select(answer, delay.delay_ms(self.timeout_ms)).await {
            return Err(error);
        }
        match heard.answer(bytes) {
            Some(Ok(payload)) => {
                registers.copy_from_slice(payload);
                Ok(())
            }
            Some(Err(code)) => Err(ModbusError::Exception(code)),
            None if heard.len == 0 => Err(ModbusError::Silence),
            None => Err(ModbusError::Garbled),
        }
    }

    /// Waits until nobody talks.
    async fn quiet(&mut self) -> Result<(), ModbusError> {
        let mut waste = [0; 32];
        let mut error = ModbusError::Garbled;
        for _ in 0..PATIENCE {
            match select(self.port.read(&mut waste), self.delay.delay_us(self.gap_us)).await {
                Either::First(Ok(0)) => return Err(ModbusError::Port(embedded_io_async::ErrorKind::BrokenPipe)),
                // Noise may be an error of the port: it passes, or it is one.
                Either::First(Err(failed)) => error = ModbusError::Port(failed.kind()),
                Either::First(Ok(_)) => {}
                Either::Second(()) => return Ok(()),
            }
        }
        Err(error)
    }
}

/// What came since the request.
struct Heard {
    bytes: [u8; FRAME],
    len: usize,
    unit: u8,
}

impl Heard {
    fn room(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.len..).unwrap_or_default()
    }

    /// The answer with so many bytes of registers, or the code of an exception, wherever it begins.
    fn answer(&self, length: u8) -> Option<Result<&[u8], u8>> {
        let heard = self.bytes.get(..self.len)?;
        (0..self.len).find_map(|start| match heard.get(start..)? {
            [unit, function, ..] if *unit != self.unit || function & 0x7f != READ_INPUT_REGISTERS => None,
            frame @ [_, READ_INPUT_REGISTERS, count, ..] if *count == length => {
                checked(frame, usize::from(length).checked_add(3)?)?.get(3..).map(Ok)
            }
            frame @ [_, function, code, ..] if function & 0x80 != 0 => checked(frame, 3).and(Some(Err(*code))),
            _ => None,
        })
    }
}

/// The first bytes of a frame, if its check sum follows them.
fn checked(frame: &[u8], length: usize) -> Option<&[u8]> {
    let (body, rest) = frame.split_at_checked(length)?;
    rest.starts_with(&crc::modbus(body)).then_some(body)
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModbusError {
    /// The UART failed.
    Port(embedded_io_async::ErrorKind),
    /// The UART does not send.
    Stuck,
    /// Nobody said anything in time.
    Silence,
    /// Something came, but not the answer.
    Garbled,
    /// The unit refuses, with this code.
    Exception(u8),
    /// That many registers cannot be read at once.
    Request,
}

impl fmt::Display for ModbusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port(kind) => write!(f, "serial port: {kind:?}"),
            Self::Stuck => f.write_str("serial port does not send"),
            Self::Silence => f.write_str("no answer"),
            Self::Garbled => f.write_str("answer is garbled"),
            Self::Exception(code) => write!(f, "unit refuses with code {code}"),
            Self::Request => f.write_str("not a number of registers that can be read"),
        }
    }
}

impl core::error::Error for ModbusError {}

impl Error for ModbusError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Port(_) | Self::Garbled => ErrorKind::Bus,
            Self::Stuck | Self::Silence => ErrorKind::Timeout,
            Self::Exception(_) => ErrorKind::Refused,
            Self::Request => ErrorKind::Other,
        }
    }
}
