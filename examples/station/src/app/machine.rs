//! The machine around the station: its storage and its reset line, behind the traits of `evse-hal`.

use crate::store::{Failure, Key, Store};
use evse_hal::{ErrorKind, ErrorType, Reboot, Storage, System};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The reset line: the main loop looks at it.
#[derive(Clone, Debug, Default)]
pub struct Machine(Rc<Cell<Option<Reboot>>>);

impl Machine {
    /// The reboot that is wanted.
    pub fn wanted(&self) -> Option<Reboot> {
        self.0.get()
    }
}

impl System for Machine {
    fn reboot(&mut self, kind: Reboot) {
        self.0.set(Some(kind));
    }
}

/// The storage.
#[derive(Clone, Debug)]
pub struct StorePort(pub Rc<RefCell<Store>>);

impl StorePort {
    fn put(&self, key: Key, bytes: &[u8]) -> Result<(), ErrorKind> {
        self.0.borrow_mut().put(key, bytes).map_err(|failure| kind(&failure))
    }

    fn discard(&self, key: Key) -> Result<(), ErrorKind> {
        self.0.borrow_mut().remove(key).map_err(|failure| kind(&failure))
    }
}

fn kind(failure: &Failure) -> ErrorKind {
    match failure {
        Failure::Full => ErrorKind::Full,
        Failure::Write(error) => {
            tracing::warn!("storage: {error}");
            ErrorKind::Other
        }
    }
}

fn give(bytes: &[u8], buf: &mut [u8]) -> Result<usize, ErrorKind> {
    let place = buf.get_mut(..bytes.len()).ok_or(ErrorKind::Implausible)?;
    place.copy_from_slice(bytes);
    Ok(bytes.len())
}

impl ErrorType for StorePort {
    type Error = ErrorKind;
}

impl Storage for StorePort {
    async fn put_record(&mut self, number: u32, bytes: &[u8]) -> Result<(), ErrorKind> {
        self.put(Key::Record(number), bytes)
    }

    async fn record_after(&mut self, number: u32, buf: &mut [u8]) -> Result<Option<(u32, usize)>, ErrorKind> {
        let store = self.0.borrow();
        let found = store.record_after(number);
        found.map(|(number, bytes)| Ok((number, give(bytes, buf)?))).transpose()
    }

    async fn discard_record(&mut self, number: u32) -> Result<(), ErrorKind> {
        self.discard(Key::Record(number))
    }

    async fn put_value(&mut self, key: u32, bytes: &[u8]) -> Result<(), ErrorKind> {
        self.put(Key::Value(key), bytes)
    }

    async fn value(&mut self, key: u32, buf: &mut [u8]) -> Result<Option<usize>, ErrorKind> {
        let store = self.0.borrow();
        store.get(Key::Value(key)).map(|bytes| give(bytes, buf)).transpose()
    }

    async fn discard_value(&mut self, key: u32) -> Result<(), ErrorKind> {
        self.discard(Key::Value(key))
    }
}
