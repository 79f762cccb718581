//! The command line: what QEMU was started with as `-append "name=value …"`.
//!
//! QEMU hands it over in its fw_cfg device. It insists on a kernel beside it, which may be any file and is not looked at.

use crate::mmio::FW_CFG;

const DATA: usize = 0;
const SELECTOR: usize = 8;
const LENGTH: u16 = 0x14;
const TEXT: u16 = 0x15;
/// The longest command line that is understood, in bytes.
const LONGEST: usize = 256;

/// The command line.
pub struct Options {
    text: [u8; LONGEST],
    length: usize,
}

impl Options {
    /// # Panics
    /// It is too long.
    pub(crate) fn new() -> Self {
        select(LENGTH);
        // Counted with the zero at its end, if there is any.
        let length = (u32::from_le_bytes(core::array::from_fn(|_| byte())) as usize).saturating_sub(1);
        let mut text = [0; LONGEST];
        select(TEXT);
        text.get_mut(..length)
            .expect("the command line is too long")
            .fill_with(byte);
        Self { text, length }
    }

    /// What this option was set to; `None` if it was not given.
    pub fn text(&self, name: &str) -> Option<&str> {
        let text = core::str::from_utf8(&self.text[..self.length]).ok()?;
        let mut options = text
            .split_ascii_whitespace()
            .filter_map(|option| option.split_once('='));
        options.find(|(of, _)| *of == name).map(|(_, value)| value)
    }

    /// The same for a decimal number.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.text(name)?.parse().ok()
    }
}

/// Reads go on from the start of this.
fn select(what: u16) {
    FW_CFG.write16(SELECTOR, what.to_be());
}

fn byte() -> u8 {
    FW_CFG.read8(DATA)
}
