//! Where the station's records and values are kept: in memory, or in a file that outlives a power cut.
//!
//! The file is a log: each entry says what a slot holds from now on, or that it is empty. An entry is written and
//! synchronised before it is answered, so what was answered is there after a `kill -9`; one that was cut in the
//! middle does not check and is cut off at the next start. When most of the log is history it is written anew beside
//! the old one, which it then replaces.
//!
//! An entry is the length of what follows the checksum (4 bytes), a CRC-32 of that (4), the kind (1: 0 record,
//! 1 value, with 0x80 added if the slot is empty now), the number of the record or the code of the value (4), and
//! the bytes. Numbers are little-endian.

use crate::control::StorageMode;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A record, by its number.
    Record(u32),
    /// A value, by its code.
    Value(u32),
}

/// Why something was not stored.
#[derive(Debug)]
pub enum Failure {
    /// There is no room.
    Full,
    /// It could not be written.
    Write(io::Error),
}

/// Records and values, each as the station wrote it.
#[derive(Debug, Default)]
pub struct Store {
    /// How it behaves from now on.
    pub mode: StorageMode,
    entries: BTreeMap<Key, Vec<u8>>,
    log: Option<Log>,
}

#[derive(Debug)]
struct Log {
    directory: PathBuf,
    file: File,
    length: u64,
}

const FILE: &str = "records.log";
const NEW_FILE: &str = "records.new";
const EMPTY: u8 = 0x80;
const HEAD: usize = 8;
const BODY_HEAD: usize = 5;
/// History is not worth cleaning up below this.
const SMALL: u64 = 64 * 1024;

impl Store {
    /// In memory only.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// In a directory, which is made if it does not exist.
    ///
    /// # Errors
    /// The directory or the file in it cannot be read and written.
    pub fn open(directory: &Path) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        // What a power cut left of a clean-up.
        let _ = fs::remove_file(directory.join(NEW_FILE));
        let path = directory.join(FILE);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read?,
        };
        let mut store = Self::default();
        let valid = store.replay(&bytes);
        let file = OpenOptions::new().append(true).create(true).open(&path)?;
        if valid < bytes.len() {
            tracing::warn!(
                "{} bytes at the end of {} were cut off",
                bytes.len() - valid,
                path.display()
            );
            file.set_len(valid as u64)?;
            file.sync_all()?;
        }
        File::open(directory)?.sync_all()?;
        store.log = Some(Log {
            directory: directory.to_path_buf(),
            file,
            length: valid as u64,
        });
        Ok(store)
    }

    /// Makes a slot hold these bytes.
    ///
    /// # Errors
    /// It holds what it held before.
    pub fn put(&mut self, key: Key, bytes: &[u8]) -> Result<(), Failure> {
        match self.mode {
            StorageMode::Full => return Err(Failure::Full),
            StorageMode::WriteError => return Err(refused()),
            StorageMode::Ok => {}
        }
        self.append(key, Some(bytes))?;
        self.entries.insert(key, bytes.to_vec());
        self.clean_up();
        Ok(())
    }

    /// Empties a slot.
    ///
    /// # Errors
    /// It holds what it held before.
    pub fn remove(&mut self, key: Key) -> Result<(), Failure> {
        if self.mode == StorageMode::WriteError {
            return Err(refused());
        }
        if self.entries.contains_key(&key) {
            self.append(key, None)?;
            self.entries.remove(&key);
            self.clean_up();
        }
        Ok(())
    }

    /// What a slot holds.
    pub fn get(&self, key: Key) -> Option<&[u8]> {
        self.entries.get(&key).map(Vec::as_slice)
    }

    /// The record with the lowest number above `number`.
    pub fn record_after(&self, number: u32) -> Option<(u32, &[u8])> {
        let after = Key::Record(number.checked_add(1)?);
        match self.entries.range(after..Key::Value(0)).next() {
            Some((&Key::Record(number), bytes)) => Some((number, bytes)),
            _ => None,
        }
    }

    fn append(&mut self, key: Key, bytes: Option<&[u8]>) -> Result<(), Failure> {
        let Some(log) = &mut self.log else { return Ok(()) };
        let entry = entry(key, bytes);
        let result = log.file.write_all(&entry).and_then(|()| log.file.sync_data());
        match result {
            Ok(()) => log.length += entry.len() as u64,
            Err(error) => {
                // Half an entry must not stand in front of the next one.
                let _ = log.file.set_len(log.length);
                return Err(match error.kind() {
                    io::ErrorKind::StorageFull => Failure::Full,
                    _ => Failure::Write(error),
                });
            }
        }
        Ok(())
    }

    /// Takes in a log; returns how many bytes of it are whole entries.
    fn replay(&mut self, bytes: &[u8]) -> usize {
        let mut rest = bytes;
        while let Some((key, content, behind)) = read_entry(rest) {
            match content {
                Some(content) => self.entries.insert(key, content.to_vec()),
                None => self.entries.remove(&key),
            };
            rest = behind;
        }
        bytes.len() - rest.len()
    }

    /// Writes the log anew if most of it is history. If that fails, the old one goes on.
    fn clean_up(&mut self) {
        let Some(log) = &mut self.log else { return };
        let live: usize = self.entries.values().map(|bytes| HEAD + BODY_HEAD + bytes.len()).sum();
        if log.length < SMALL || log.length < 4 * live as u64 {
            return;
        }
        match log.rewrite(&self.entries) {
            Ok(new) => *log = new,
            Err(error) => tracing::warn!("the log of records could not be written anew: {error}"),
        }
    }
}

impl Log {
    fn rewrite(&self, entries: &BTreeMap<Key, Vec<u8>>) -> io::Result<Self> {
        let bytes: Vec<u8> = entries
            .iter()
            .flat_map(|(&key, content)| entry(key, Some(content)))
            .collect();
        let path = self.directory.join(NEW_FILE);
        let mut file = OpenOptions::new().append(true).create_new(true).open(&path)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&path, self.directory.join(FILE))?;
        File::open(&self.directory)?.sync_all()?;
        Ok(Self {
            directory: self.directory.clone(),
            file,
            length: bytes.len() as u64,
        })
    }
}

fn refused() -> Failure {
    Failure::Write(io::Error::other("refused by the command `storage`"))
}

fn entry(key: Key, bytes: Option<&[u8]>) -> Vec<u8> {
    let (kind, number) = match key {
        Key::Record(number) => (0, number),
        Key::Value(code) => (1, code),
    };
    let kind = if bytes.is_some() { kind } else { kind | EMPTY };
    let mut body = vec![kind];
    body.extend(number.to_le_bytes());
    body.extend(bytes.unwrap_or(&[]));
    let mut entry = Vec::with_capacity(HEAD + body.len());
    entry.extend((body.len() as u32).to_le_bytes());
    entry.extend(crc32(&body).to_le_bytes());
    entry.extend(body);
    entry
}

/// The entry at the beginning of `bytes`, and what is behind it; `None` if it is not whole.
#[allow(clippy::type_complexity)] // three parts of one thing, used once
fn read_entry(bytes: &[u8]) -> Option<(Key, Option<&[u8]>, &[u8])> {
    let (head, rest) = bytes.split_at_checked(HEAD)?;
    let (length, checksum) = head.split_at(4);
    let number = |bytes: &[u8]| bytes.try_into().map(u32::from_le_bytes).ok();
    let (body, behind) = rest.split_at_checked(number(length)? as usize)?;
    if crc32(body) != number(checksum)? {
        return None;
    }
    let (head, content) = body.split_at_checked(BODY_HEAD)?;
    let code = number(&head[1..])?;
    let key = match head[0] & !EMPTY {
        0 => Key::Record(code),
        1 => Key::Value(code),
        _ => return None,
    };
    Some((key, (head[0] & EMPTY == 0).then_some(content), behind))
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & 0u32.wrapping_sub(crc & 1))
        })
    })
}

/// Replaces a small file at once: after a power cut it is the old or the new one.
///
/// # Errors
/// It could not be written; the old one is still there.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    file.sync_data()?;
    fs::rename(&new, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory of its own, removed in the end.
    struct Directory(PathBuf);

    impl Directory {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("station-store-{}-{name}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            Self(path)
        }

        fn open(&self) -> Store {
            Store::open(&self.0).unwrap()
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn what_was_stored_is_there_after_a_power_cut() {
        let directory = Directory::new("cut");
        let mut store = directory.open();
        store.put(Key::Record(1), b"one").unwrap();
        store.put(Key::Record(3), b"three").unwrap();
        store.put(Key::Value(3), b"old").unwrap();
        store.put(Key::Value(3), b"new").unwrap();
        store.remove(Key::Record(1)).unwrap();
        store.remove(Key::Record(77)).unwrap();
        // A cut leaves no chance to close anything.
        std::mem::forget(store);
        let store = directory.open();
        assert_eq!(store.record_after(0), Some((3, &b"three"[..])));
        assert_eq!(store.record_after(3), None);
        assert_eq!(store.get(Key::Value(3)), Some(&b"new"[..]));
        assert_eq!(store.get(Key::Value(4)), None);
    }

    #[test]
    fn a_torn_entry_costs_nothing_but_itself() {
        let directory = Directory::new("torn");
        let mut store = directory.open();
        store.put(Key::Record(1), b"whole").unwrap();
        let torn = entry(Key::Record(2), Some(b"torn"));
        for length in 1..torn.len() {
            let mut bytes = fs::read(directory.0.join(FILE)).unwrap();
            bytes.extend(&torn[..length]);
            fs::write(directory.0.join(FILE), bytes).unwrap();
            let mut store = directory.open();
            assert_eq!(store.record_after(1), None, "{length} bytes");
            store.put(Key::Value(9), &[length as u8]).unwrap();
            assert_eq!(directory.open().get(Key::Value(9)), Some(&[length as u8][..]));
        }
    }

    #[test]
    fn history_is_cleaned_up() {
        let directory = Directory::new("history");
        let mut store = directory.open();
        for round in 0..400u32 {
            store.put(Key::Record(round), &[7; 500]).unwrap();
            store.remove(Key::Record(round.wrapping_sub(3))).unwrap();
        }
        assert!(fs::metadata(directory.0.join(FILE)).unwrap().len() < 2 * SMALL);
        let store = directory.open();
        assert_eq!(store.record_after(0).unwrap().0, 397);
        assert_eq!(store.record_after(398), Some((399, &[7; 500][..])));
    }

    #[test]
    fn trouble_comes_on_demand() {
        let mut store = Store::in_memory();
        store.put(Key::Value(1), b"kept").unwrap();
        store.mode = StorageMode::Full;
        assert!(matches!(store.put(Key::Value(1), b"new"), Err(Failure::Full)));
        store.mode = StorageMode::WriteError;
        assert!(matches!(store.remove(Key::Value(1)), Err(Failure::Write(_))));
        assert_eq!(store.get(Key::Value(1)), Some(&b"kept"[..]));
        store.mode = StorageMode::Ok;
        store.remove(Key::Value(1)).unwrap();
        assert_eq!(store.get(Key::Value(1)), None);
    }
}
