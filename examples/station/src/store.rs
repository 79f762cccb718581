//! Where the station's records and values are kept: in flash, as on a board, but that the flash is memory or a file.
//!
//! A file outlives a power cut: each write is synchronised before it is answered, so what was answered is there after a
//! `kill -9`. It behaves as NOR flash does, so that nothing works here that would not on a board.

use crate::control::StorageMode;
use embedded_storage_async::nor_flash::{self, NorFlash, NorFlashErrorKind, ReadNorFlash};
use evse_hal::flash::{FlashError, FlashStorage, Layout, StationRecords};
use evse_hal::{Error, ErrorKind, ErrorType, Storage};
use futures_util::FutureExt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

const FILE: &str = "flash.img";
/// What versions of this program before the first release wrote.
const OLD_FILE: &str = "records.log";
const WORD: usize = 4;
const BLOCK: usize = 4096;
const PAGES: usize = 64;
const RECORDS: u32 = 60 * BLOCK as u32;
const SIZE: u32 = RECORDS + 16 * BLOCK as u32;

/// Records and values in flash.
pub struct Store {
    /// How it behaves from now on.
    pub mode: StorageMode,
    flash: FlashStorage<Flash, StationRecords, PAGES>,
}

impl Store {
    /// In memory only.
    ///
    /// # Errors
    /// None, as the flash is erased.
    pub fn in_memory(evses: u8) -> io::Result<Self> {
        Self::on(Flash::new(None, vec![0xff; SIZE as usize]), evses)
    }

    /// In a directory, which is made if it does not exist.
    ///
    /// # Errors
    /// The file in it cannot be read and written, or is not one of this program.
    pub fn open(directory: &Path, evses: u8) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        if directory.join(OLD_FILE).exists() {
            let text = format!("{OLD_FILE} is of an earlier version and not read any more; remove it to start afresh");
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        let path = directory.join(FILE);
        if !path.exists() {
            replace_file(&path, &vec![0xff; SIZE as usize])?;
            File::open(directory)?.sync_all()?;
        }
        let bytes = fs::read(&path)?;
        if bytes.len() != SIZE as usize {
            let text = format!("{FILE} has {} bytes instead of {SIZE}", bytes.len());
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        let file = OpenOptions::new().write(true).open(&path)?;
        Self::on(Flash::new(Some(file), bytes), evses)
    }

    fn on(flash: Flash, evses: u8) -> io::Result<Self> {
        let layout = Layout {
            records: 0..RECORDS,
            values: RECORDS..SIZE,
        };
        let flash = done(FlashStorage::open(flash, layout, StationRecords::new(evses)));
        let flash = flash.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, format!("{FILE}: {error}")))?;
        match flash.damaged() {
            0 => {}
            damaged => tracing::warn!("{damaged} damaged places in {FILE} were left out"),
        }
        Ok(Self {
            mode: StorageMode::default(),
            flash,
        })
    }

    fn writable(&self) -> Result<(), ErrorKind> {
        match self.mode {
            StorageMode::Ok => Ok(()),
            StorageMode::Full => Err(ErrorKind::Full),
            StorageMode::WriteError => Err(ErrorKind::Other),
        }
    }

    fn removable(&self) -> Result<(), ErrorKind> {
        match self.mode {
            StorageMode::WriteError => Err(ErrorKind::Other),
            StorageMode::Ok | StorageMode::Full => Ok(()),
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

/// The result of a future of this store, none of which waits: files answer at once.
pub fn done<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("files answer at once")
}

fn kind(error: FlashError<Fault>) -> ErrorKind {
    if let FlashError::Flash(fault) = &error {
        tracing::warn!("storage: {fault}");
    }
    error.kind()
}

impl ErrorType for Store {
    type Error = ErrorKind;
}

impl Storage for Store {
    async fn put_record(&mut self, number: u32, bytes: &[u8]) -> Result<(), ErrorKind> {
        self.writable()?;
        self.flash.put_record(number, bytes).await.map_err(kind)
    }

    async fn record_after(&mut self, number: u32, buf: &mut [u8]) -> Result<Option<(u32, usize)>, ErrorKind> {
        self.flash.record_after(number, buf).await.map_err(kind)
    }

    async fn discard_record(&mut self, number: u32) -> Result<(), ErrorKind> {
        self.removable()?;
        self.flash.discard_record(number).await.map_err(kind)
    }

    async fn put_value(&mut self, key: u32, bytes: &[u8]) -> Result<(), ErrorKind> {
        self.writable()?;
        self.flash.put_value(key, bytes).await.map_err(kind)
    }

    async fn value(&mut self, key: u32, buf: &mut [u8]) -> Result<Option<usize>, ErrorKind> {
        self.flash.value(key, buf).await.map_err(kind)
    }

    async fn discard_value(&mut self, key: u32) -> Result<(), ErrorKind> {
        self.removable()?;
        self.flash.discard_value(key).await.map_err(kind)
    }
}

/// NOR flash in memory, which a file follows: erasing makes `0xff`, and each word can be written once after that.
struct Flash {
    bytes: Vec<u8>,
    file: Option<File>,
}

/// Why the flash did not do as told.
#[derive(Debug)]
enum Fault {
    /// Not at a word or a block, or beyond the end.
    Bounds,
    /// The word is not erased.
    WrittenTwice,
    File(io::Error),
}

impl Flash {
    fn new(file: Option<File>, bytes: Vec<u8>) -> Self {
        Self { bytes, file }
    }

    fn place(&mut self, offset: u32, length: usize, unit: usize) -> Result<&mut [u8], Fault> {
        let start = offset as usize;
        if !start.is_multiple_of(unit) || !length.is_multiple_of(unit) {
            return Err(Fault::Bounds);
        }
        let place = self.bytes.get_mut(start..).and_then(|rest| rest.get_mut(..length));
        place.ok_or(Fault::Bounds)
    }

    /// Brings a changed part to the file.
    fn save(&self, offset: u32, length: usize) -> Result<(), Fault> {
        let (Some(file), Some(part)) = (&self.file, self.bytes.get(offset as usize..offset as usize + length)) else {
            return Ok(());
        };
        let saved = file.write_all_at(part, offset.into()).and_then(|()| file.sync_data());
        saved.map_err(Fault::File)
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bounds => f.write_str("out of bounds"),
            Self::WrittenTwice => f.write_str("a word would be written twice"),
            Self::File(error) => error.fmt(f),
        }
    }
}

impl nor_flash::NorFlashError for Fault {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::Bounds => NorFlashErrorKind::OutOfBounds,
            Self::WrittenTwice | Self::File(_) => NorFlashErrorKind::Other,
        }
    }
}

impl nor_flash::ErrorType for Flash {
    type Error = Fault;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Fault> {
        bytes.copy_from_slice(self.place(offset, bytes.len(), 1)?);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = BLOCK;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), Fault> {
        let length = to.checked_sub(from).ok_or(Fault::Bounds)? as usize;
        self.place(from, length, BLOCK)?.fill(0xff);
        self.save(from, length)
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Fault> {
        let place = self.place(offset, bytes.len(), WORD)?;
        if place.iter().any(|&byte| byte != 0xff) {
            return Err(Fault::WrittenTwice);
        }
        place.copy_from_slice(bytes);
        self.save(offset, bytes.len())
    }
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
    use std::path::PathBuf;

    /// A directory of its own, removed in the end.
    struct Directory(PathBuf);

    impl Directory {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("station-store-{}-{name}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            Self(path)
        }

        fn open(&self) -> Store {
            Store::open(&self.0, 1).unwrap()
        }

        fn error(&self) -> String {
            Store::open(&self.0, 1).unwrap_err().to_string()
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn next(store: &mut Store, number: u32) -> Option<(u32, Vec<u8>)> {
        let mut buf = [0; 600];
        let (number, length) = done(store.record_after(number, &mut buf)).unwrap()?;
        Some((number, buf[..length].to_vec()))
    }

    fn value(store: &mut Store, key: u32) -> Option<Vec<u8>> {
        let mut buf = [0; 600];
        let length = done(store.value(key, &mut buf)).unwrap()?;
        Some(buf[..length].to_vec())
    }

    #[test]
    fn what_was_stored_is_there_after_a_power_cut() {
        let directory = Directory::new("cut");
        let mut store = directory.open();
        done(store.put_record(1, b"one")).unwrap();
        done(store.discard_record(1)).unwrap();
        done(store.put_record(3, b"three")).unwrap();
        done(store.put_value(3, b"old")).unwrap();
        done(store.put_value(3, b"new")).unwrap();
        done(store.discard_record(77)).unwrap();
        // A cut leaves no chance to close anything.
        std::mem::forget(store);
        let mut store = directory.open();
        assert_eq!(next(&mut store, 0), Some((3, b"three".to_vec())));
        assert_eq!(next(&mut store, 3), None);
        assert_eq!(value(&mut store, 3), Some(b"new".to_vec()));
        assert_eq!(value(&mut store, 4), None);
    }

    #[test]
    fn files_of_something_else_are_refused_in_words() {
        let directory = Directory::new("foreign");
        fs::create_dir_all(&directory.0).unwrap();
        fs::write(directory.0.join(OLD_FILE), b"...").unwrap();
        assert!(directory.error().contains("earlier version"), "{}", directory.error());
        fs::remove_file(directory.0.join(OLD_FILE)).unwrap();
        fs::write(directory.0.join(FILE), b"...").unwrap();
        assert!(directory.error().contains("3 bytes"), "{}", directory.error());
        fs::write(directory.0.join(FILE), vec![7; SIZE as usize]).unwrap();
        assert!(directory.error().contains("something else"), "{}", directory.error());
    }

    #[test]
    fn a_year_of_sessions_fits() {
        let mut store = Store::in_memory(2).unwrap();
        for number in 1..5000 {
            done(store.put_record(number, &[7; 300])).unwrap();
            done(store.discard_record(number.saturating_sub(3))).unwrap();
        }
        assert_eq!(next(&mut store, 0).unwrap().0, 4997);
    }

    #[test]
    fn it_behaves_as_flash_does() {
        let mut flash = Flash::new(None, vec![0xff; 2 * BLOCK]);
        done(flash.write(8, &[1, 2, 3, 4])).unwrap();
        assert!(matches!(done(flash.write(8, &[0; 4])), Err(Fault::WrittenTwice)));
        assert!(matches!(done(flash.write(2, &[0; 4])), Err(Fault::Bounds)));
        assert!(matches!(done(flash.erase(4, BLOCK as u32)), Err(Fault::Bounds)));
        done(flash.erase(0, BLOCK as u32)).unwrap();
        done(flash.write(8, &[0; 4])).unwrap();
    }

    #[test]
    fn trouble_comes_on_demand() {
        let mut store = Store::in_memory(1).unwrap();
        done(store.put_value(1, b"kept")).unwrap();
        store.mode = StorageMode::Full;
        assert_eq!(done(store.put_value(1, b"new")), Err(ErrorKind::Full));
        store.mode = StorageMode::WriteError;
        assert_eq!(done(store.discard_value(1)), Err(ErrorKind::Other));
        assert_eq!(value(&mut store, 1), Some(b"kept".to_vec()));
        store.mode = StorageMode::Ok;
        done(store.discard_value(1)).unwrap();
        assert_eq!(value(&mut store, 1), None);
    }
}
