//! The machine around the station: its storage and its reset line, behind the traits of `evse-hal`.

use crate::store::{Store, done};
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

impl ErrorType for StorePort {
    type Error = ErrorKind;
}

impl Storage for StorePort {
    async fn put_record(&mut self, number: u32, bytes: &[u8]) -> Result<(), ErrorKind> {
        done(self.0.borrow_mut().put_record(number, bytes))
    }

    async fn record_after(&mut self, number: u32, buf: &mut [u8]) -> Result<Option<(u32, usize)>, ErrorKind> {
        done(self.0.borrow_mut().record_after(number, buf))
    }

    async fn discard_record(&mut self, number: u32) -> Result<(), ErrorKind> {
        done(self.0.borrow_mut().discard_record(number))
    }

    async fn put_value(&mut self, key: u32, bytes: &[u8]) -> Result<(), ErrorKind> {
        done(self.0.borrow_mut().put_value(key, bytes))
    }

    async fn value(&mut self, key: u32, buf: &mut [u8]) -> Result<Option<usize>, ErrorKind> {
        done(self.0.borrow_mut().value(key, buf))
    }

    async fn discard_value(&mut self, key: u32) -> Result<(), ErrorKind> {
        done(self.0.borrow_mut().discard_value(key))
    }
}
