//! The serial line: lines of text in both directions.
//!
//! Both directions are buffered and served by interrupts. What arrives while nobody reads stays with the sender.

use core::fmt;

use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::pipe::Pipe;

use crate::mmio::UART;

/// Bytes that wait to be read.
const INPUT: usize = 256;
/// Bytes that wait to be sent. Who prints more than that at once waits for the line.
const OUTPUT: usize = 1024;
/// The longest line that is understood, in bytes.
pub const LINE: usize = 512;

/// What the UART takes at once.
const FIFO: usize = 16;
const DATA: usize = 0;
const INTERRUPTS: usize = 1;
const IDENTIFICATION: usize = 2;
const FIFO_CONTROL: usize = 2;
const LINE_CONTROL: usize = 3;
const MODEM_CONTROL: usize = 4;
const LINE_STATUS: usize = 5;

const RECEIVED: u8 = 1;
const SENT: u8 = 2;
/// Of the line status: a byte is there.
const READY: u8 = 0x01;
/// Of the line status: all bytes have left.
const EMPTY: u8 = 0x20;

static IN: Pipe<CriticalSectionRawMutex, INPUT> = Pipe::new();
static OUT: Pipe<CriticalSectionRawMutex, OUTPUT> = Pipe::new();

/// Prints a line to the UART: `format!`'s syntax, from any task.
#[macro_export]
macro_rules! println {
    ($($arguments:tt)*) => {
        $crate::uart::print_line(::core::format_args!($($arguments)*))
    };
}

/// What [`println!`] does.
pub fn print_line(arguments: fmt::Arguments<'_>) {
    // The writer cannot fail, so only the `Display` of an argument can, and then the line is cut.
    let _ = fmt::write(&mut Printer, arguments);
    Printer.bytes(b"\n");
}

/// Returns when all that was printed has left.
pub fn flush() {
    while !OUT.is_empty() {
        send();
    }
    while !is_idle() {}
}

/// The lines that come in.
pub struct Lines {
    text: [u8; LINE],
    /// How much of it is there, or longer than it: the line is too long.
    length: usize,
    /// The line was handed out.
    done: bool,
}

impl Lines {
    /// The next line, without its end; empty lines are passed over. Cancel-safe.
    ///
    /// # Errors
    /// The line is too long, or not UTF-8: it is gone, and the next call returns the one after.
    pub async fn next(&mut self) -> Result<&str, BadLine> {
        if core::mem::take(&mut self.done) {
            self.length = 0;
        }
        loop {
            let mut byte = 0;
            IN.read(core::slice::from_mut(&mut byte)).await;
            // There is room again.
            critical_section::with(|_| choose_interrupts());
            match byte {
                b'\r' | b'\n' if self.length == 0 => {}
                b'\r' | b'\n' => break,
                _ => {
                    if let Some(place) = self.text.get_mut(self.length) {
                        *place = byte;
                    }
                    self.length = self.length.saturating_add(1);
                }
            }
        }
        self.done = true;
        let line = self.text.get(..self.length).ok_or(BadLine)?;
        core::str::from_utf8(line).map_err(|_| BadLine)
    }
}

/// A line that cannot be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLine;

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a line must be UTF-8 of at most {LINE} bytes")
    }
}

/// Sets the UART up; interrupts are still off.
pub(crate) fn start() -> Lines {
    const EIGHT_BITS: u8 = 0x03;
    const ENABLE_AND_CLEAR: u8 = 0x07;
    const INTERRUPT_LINE: u8 = 0x0b;
    UART.write8(LINE_CONTROL, EIGHT_BITS);
    UART.write8(FIFO_CONTROL, ENABLE_AND_CLEAR);
    UART.write8(MODEM_CONTROL, INTERRUPT_LINE);
    UART.write8(INTERRUPTS, RECEIVED);
    Lines {
        text: [0; LINE],
        length: 0,
        done: false,
    }
}

pub(crate) fn on_interrupt() {
    UART.read8(IDENTIFICATION);
    take_in();
    send();
    choose_interrupts();
}

struct Printer;

impl Printer {
    fn bytes(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            match OUT.try_write(bytes) {
                Ok(taken) => bytes = bytes.get(taken..).unwrap_or_default(),
                Err(_) => send(),
            }
        }
        critical_section::with(|_| choose_interrupts());
    }
}

impl fmt::Write for Printer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.bytes(text.as_bytes());
        Ok(())
    }
}

/// Takes what has arrived, as far as there is room: the UART keeps the rest, and tells the sender when it is full itself.
fn take_in() {
    while !IN.is_full() && UART.read8(LINE_STATUS) & READY != 0 {
        let _ = IN.try_write(&[UART.read8(DATA)]);
    }
}

/// Gives the UART what it takes, if it is idle.
fn send() {
    critical_section::with(|_| {
        if is_idle() {
            let mut bytes = [0; FIFO];
            let count = OUT.try_read(&mut bytes).unwrap_or(0);
            for byte in bytes.iter().take(count) {
                UART.write8(DATA, *byte);
            }
        }
    });
}

fn is_idle() -> bool {
    UART.read8(LINE_STATUS) & EMPTY != 0
}

/// Asks for those interrupts that somebody would act on; with others on, the machine would not come to rest.
fn choose_interrupts() {
    let received = if IN.is_full() { 0 } else { RECEIVED };
    let sent = if OUT.is_empty() { 0 } else { SENT };
    UART.write8(INTERRUPTS, received | sent);
}
