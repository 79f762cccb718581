//! The command line: what QEMU was started with as `-fw_cfg name=opt/…,string=…`.

use crate::mmio::FW_CFG;

const DATA: usize = 0;
const SELECTOR: usize = 8;
const DIRECTORY: u16 = 0x19;
const NAME: usize = 56;

/// Reads the command line.
pub struct Options(());

impl Options {
    pub(crate) fn new() -> Self {
        Self(())
    }

    /// What an option was set to, copied to the buffer; `None` if it was not given, does not fit, or is not UTF-8.
    pub fn text<'b>(&self, name: &str, buf: &'b mut [u8]) -> Option<&'b str> {
        let (selector, size) = find(name)?;
        let value = buf.get_mut(..size)?;
        select(selector);
        value.fill_with(byte);
        core::str::from_utf8(value).ok()
    }

    /// The same for a decimal number.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.text(name, &mut [0; 10])?.parse().ok()
    }
}

/// Where the value of an option is, and its length.
fn find(name: &str) -> Option<(u16, usize)> {
    select(DIRECTORY);
    for _ in 0..u32::from_be_bytes(bytes()) {
        let size = u32::from_be_bytes(bytes());
        let selector = u16::from_be_bytes(bytes());
        let _reserved: [u8; 2] = bytes();
        let entry: [u8; NAME] = bytes();
        if entry.split(|byte| *byte == 0).next() == Some(name.as_bytes()) {
            return Some((selector, size as usize));
        }
    }
    None
}

/// Reads go on from the start of this.
fn select(what: u16) {
    FW_CFG.write16(SELECTOR, what.to_be());
}

fn bytes<const N: usize>() -> [u8; N] {
    core::array::from_fn(|_| byte())
}

fn byte() -> u8 {
    FW_CFG.read8(DATA)
}
