//! The MFRC522 of NXP on SPI, as far as it takes to know a card (ISO 14443-3 type A) by its serial number.
//!
//! An own driver, because the one on crates.io (`mfrc522` 0.8) spins while it waits for an answer, for ever if the chip is
//! gone, and panics at a card that claims a serial number of more than ten bytes.
//!
//! Not done: reading what is on a card; a serial number can be copied. Telling two cards in the field apart. I²C and UART.

use core::fmt;
use embedded_hal_async::delay::DelayNs;
use embedded_hal_async::spi::{Operation, SpiDevice};
use evse_hal::{Error, ErrorKind, ErrorType, Identifier, IdentifierKind, TokenReader};

use crate::crc;

/// From one look to the next, in ms.
const PAUSE: u32 = 100;
/// So many looks in a row without an answer, and the card is gone: at the edge of the field one may fail.
const GONE: u8 = 3;
/// Stands before the first bytes of a serial number that goes on.
const CASCADE_TAG: u8 = 0x88;

mod register {
    pub const COMMAND: u8 = 0x01;
    pub const INTERRUPTS: u8 = 0x04;
    pub const ERROR: u8 = 0x06;
    pub const FIFO_DATA: u8 = 0x09;
    pub const FIFO_LEVEL: u8 = 0x0a;
    pub const CONTROL: u8 = 0x0c;
    pub const BIT_FRAMING: u8 = 0x0d;
    pub const MODE: u8 = 0x11;
    pub const TX_MODE: u8 = 0x12;
    pub const RX_MODE: u8 = 0x13;
    pub const TX_CONTROL: u8 = 0x14;
    pub const TX_ASK: u8 = 0x15;
    pub const TIMER_MODE: u8 = 0x2a;
    pub const TIMER_PRESCALER: u8 = 0x2b;
    pub const TIMER_RELOAD_HIGH: u8 = 0x2c;
    pub const TIMER_RELOAD_LOW: u8 = 0x2d;
    pub const VERSION: u8 = 0x37;
}

use register as reg;

const IDLE: u8 = 0;
const TRANSCEIVE: u8 = 0x0c;
/// The driver of the antenna, both pins.
const FIELD_OFF: u8 = 0x80;
const FIELD_ON: u8 = 0x83;

/// What the chip is told before each look, so that one that lost its supply meanwhile works again.
const SET_UP: [(u8, u8); 9] = [
    (reg::COMMAND, IDLE),
    (reg::TX_MODE, 0),
    (reg::RX_MODE, 0),
    // Starts by itself after sending; 5 ms in steps of 25 µs.
    (reg::TIMER_MODE, 0x80),
    (reg::TIMER_PRESCALER, 0xa9),
    (reg::TIMER_RELOAD_HIGH, 0),
    (reg::TIMER_RELOAD_LOW, 200),
    (reg::TX_ASK, 0x40),
    (reg::MODE, 0x3d),
];

/// A reader of cards.
///
/// Looks for a card ten times a second, with the field on for as long as that takes. A card is one identifier until the
/// field was empty for three looks. Two cards at once are none, until one is taken away: nobody should pay with a card
/// that happened to be in the same wallet.
///
/// The pin that resets the chip is to be high; the driver needs no interrupt. If the chip does not answer, reading is an
/// error, and works again when it does.
///
/// ```
/// # use embedded_hal_async::{delay::DelayNs, spi::SpiDevice};
/// use drivers::Mfrc522;
/// use evse_hal::{Identifier, TokenReader};
///
/// async fn next_card(spi: impl SpiDevice, delay: impl DelayNs) -> Option<Identifier> {
///     Mfrc522::new(spi, delay).read().await.ok()
/// }
/// ```
#[derive(Debug)]
pub struct Mfrc522<S, D> {
    spi: S,
    delay: D,
    /// Looks until a card may be presented again.
    occupied: u8,
}

impl<S: SpiDevice, D: DelayNs> Mfrc522<S, D> {
    /// A reader on this bus: SPI mode 0, up to 10 MHz.
    pub const fn new(spi: S, delay: D) -> Self {
        Self {
            spi,
            delay,
            occupied: 0,
        }
    }

    /// One look into the field.
    async fn look(&mut self) -> Result<Seen, ReaderError> {
        // A line that is stuck reads as all zeros or all ones.
        if matches!(self.register(reg::VERSION).await?, 0 | 0xff) {
            return Err(ReaderError::NoChip);
        }
        for (register, value) in SET_UP {
            self.set(register, value).await?;
        }
        self.set(reg::TX_CONTROL, FIELD_ON).await?;
        // Cards have 5 ms to wake up.
        self.delay.delay_ms(5).await;
        let seen = self.ask().await;
        self.set(reg::TX_CONTROL, FIELD_OFF).await?;
        seen
    }

    /// Request, then anticollision and selection per part of the serial number.
    async fn ask(&mut self) -> Result<Seen, ReaderError> {
        match self.transceive::<2>(&[0x26], 7).await? {
            Answer::Whole(_) => {}
            Answer::Silence => return Ok(Seen::Nothing),
            Answer::Garbled => return Ok(Seen::Unclear),
        }
        let mut uid = [0; 10];
        let mut len = 0usize;
        for select in [0x93, 0x95, 0x97] {
            let Answer::Whole([a, b, c, d, check]) = self.transceive(&[select, 0x20], 0).await? else {
                return Ok(Seen::Unclear);
            };
            if check != a ^ b ^ c ^ d {
                return Ok(Seen::Unclear);
            }
            let mut frame = [select, 0x70, a, b, c, d, check, 0, 0];
            let (body, sum) = frame.split_at_mut(7);
            sum.copy_from_slice(&crc::iso14443a(body));
            let Answer::Whole([acknowledge, low, high]) = self.transceive(&frame, 0).await? else {
                return Ok(Seen::Unclear);
            };
            if [low, high] != crc::iso14443a(&[acknowledge]) {
                return Ok(Seen::Unclear);
            }
            let goes_on = acknowledge & 0x04 != 0;
            let part: &[u8] = if goes_on { &[b, c, d] } else { &[a, b, c, d] };
            let end = len.saturating_add(part.len());
            match uid.get_mut(len..end) {
                Some(place) if !goes_on || a == CASCADE_TAG => place.copy_from_slice(part),
                _ => return Ok(Seen::Unclear),
            }
            len = end;
            if !goes_on {
                let uid = uid.get(..len).unwrap_or_default();
                let card = Identifier::from_uid(uid, IdentifierKind::Iso14443);
                return Ok(card.map_or(Seen::Unclear, Seen::Card));
            }
        }
        // More than ten bytes: no such card exists.
        Ok(Seen::Unclear)
    }

    /// Sends a frame, of whose last byte only `last_bits` bits count (0 is all), and takes an answer of `N` bytes.
    async fn transceive<const N: usize>(&mut self, frame: &[u8], last_bits: u8) -> Result<Answer<N>, ReaderError> {
        self.set(reg::COMMAND, IDLE).await?;
        self.set(reg::INTERRUPTS, 0x7f).await?;
        self.set(reg::FIFO_LEVEL, 0x80).await?;
        let mut operations = [Operation::Write(&[reg::FIFO_DATA << 1]), Operation::Write(frame)];
        self.spi
            .transaction(&mut operations)
            .await
            .map_err(|_| ReaderError::Bus)?;
        self.set(reg::BIT_FRAMING, last_bits).await?;
        self.set(reg::COMMAND, TRANSCEIVE).await?;
        self.set(reg::BIT_FRAMING, 0x80 | last_bits).await?;
        for _ in 0..10 {
            self.delay.delay_ms(1).await;
            match self.register(reg::INTERRUPTS).await? {
                // Something was received.
                interrupts if interrupts & 0x20 != 0 => return self.received().await,
                // The timer ran out.
                interrupts if interrupts & 0x01 != 0 => return Ok(Answer::Silence),
                _ => {}
            }
        }
        // Its timer should have run out long ago.
        Err(ReaderError::NoChip)
    }

    async fn received<const N: usize>(&mut self) -> Result<Answer<N>, ReaderError> {
        // Overflow, collision, parity, protocol.
        let errors = self.register(reg::ERROR).await? & 0x1b;
        let last_bits = self.register(reg::CONTROL).await? & 0x07;
        let count = self.register(reg::FIFO_LEVEL).await?;
        if errors != 0 || last_bits != 0 || usize::from(count) != N {
            return Ok(Answer::Garbled);
        }
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = self.register(reg::FIFO_DATA).await?;
        }
        Ok(Answer::Whole(bytes))
    }

    async fn register(&mut self, register: u8) -> Result<u8, ReaderError> {
        let mut value = [0];
        let address = [0x80 | register << 1];
        let mut operations = [Operation::Write(&address), Operation::Read(&mut value)];
        self.spi
            .transaction(&mut operations)
            .await
            .map_err(|_| ReaderError::Bus)?;
        let [value] = value;
        Ok(value)
    }

    async fn set(&mut self, register: u8, value: u8) -> Result<(), ReaderError> {
        self.spi
            .write(&[register << 1, value])
            .await
            .map_err(|_| ReaderError::Bus)
    }
}

/// What came back from a card.
enum Answer<const N: usize> {
    Whole([u8; N]),
    Silence,
    Garbled,
}

/// What is in the field.
enum Seen {
    Nothing,
    /// Something, but not one card alone and readable.
    Unclear,
    Card(Identifier),
}

impl<S, D> ErrorType for Mfrc522<S, D> {
    type Error = ReaderError;
}

impl<S: SpiDevice, D: DelayNs> TokenReader for Mfrc522<S, D> {
    async fn read(&mut self) -> Result<Identifier, ReaderError> {
        loop {
            match self.look().await? {
                Seen::Card(card) if self.occupied == 0 => {
                    self.occupied = GONE;
                    return Ok(card);
                }
                Seen::Nothing => self.occupied = self.occupied.saturating_sub(1),
                // What could not be read yet may still be presented; what was, is still there.
                Seen::Unclear | Seen::Card(_) => self.occupied = if self.occupied == 0 { 0 } else { GONE },
            }
            self.delay.delay_ms(PAUSE).await;
        }
    }
}

/// Why a reader does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReaderError {
    /// The bus failed.
    Bus,
    /// The chip does not answer, or not sensibly.
    NoChip,
}

impl fmt::Display for ReaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bus => "bus of the reader failed",
            Self::NoChip => "reader does not answer",
        })
    }
}

impl core::error::Error for ReaderError {}

impl Error for ReaderError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Bus => ErrorKind::Bus,
            Self::NoChip => ErrorKind::Timeout,
        }
    }
}
