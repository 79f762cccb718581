//! Records and values in flash.

use board::flash::{Flash, PAGE};
use board::println;
use evse_hal::Storage;
use evse_hal::flash::{FlashError, FlashStorage, Layout, Opaque};

use crate::Wrong;

/// Pages of the larger log.
const PAGES: usize = 3;
const RECORDS: u32 = PAGES as u32 * PAGE;
/// Bytes of flash that the store wants.
pub const SIZE: u32 = RECORDS + 2 * PAGE;
/// The value that counts starts.
const STARTS: u32 = 0;
/// The longest record or value.
const LONGEST: usize = 256;

type Failed = FlashError<board::flash::Error>;

pub struct Store(FlashStorage<Flash, Opaque, PAGES>);

impl Store {
    pub async fn open(flash: Flash) -> Result<Self, Failed> {
        let layout = Layout {
            records: 0..RECORDS,
            values: RECORDS..SIZE,
        };
        FlashStorage::open(flash, layout, Opaque).await.map(Self)
    }

    /// How often a program started with this flash.
    pub async fn count_start(&mut self) -> Result<u32, Failed> {
        let mut bytes = [0; 4];
        self.0.value(STARTS, &mut bytes).await?;
        let starts = u32::from_le_bytes(bytes).wrapping_add(1);
        self.0.put_value(STARTS, &starts.to_le_bytes()).await?;
        Ok(starts)
    }

    pub async fn command(&mut self, command: &str, arguments: &str) -> Result<(), Wrong> {
        let (number, text) = arguments.split_once(' ').unwrap_or((arguments, ""));
        let number = number.parse().map_err(|_| Wrong::Command)?;
        let mut buf = [0; LONGEST];
        match command {
            "put" => self.0.put_record(number, text.as_bytes()).await,
            "discard" => self.0.discard_record(number).await,
            "set" => self.0.put_value(number, text.as_bytes()).await,
            "after" => {
                let found = self.0.record_after(number, &mut buf).await.map_err(Wrong::Store)?;
                match found {
                    Some((found, length)) => println!("after {found} {}", as_text(&buf, length)),
                    None => println!("after none"),
                }
                return Ok(());
            }
            _ => {
                let found = self.0.value(number, &mut buf).await.map_err(Wrong::Store)?;
                println!("value {}", found.map_or("none", |length| as_text(&buf, length)));
                return Ok(());
            }
        }
        .map_err(Wrong::Store)?;
        println!("{command} {number}");
        Ok(())
    }
}

fn as_text(buf: &[u8], length: usize) -> &str {
    buf.get(..length)
        .and_then(|bytes| core::str::from_utf8(bytes).ok())
        .unwrap_or("?")
}
