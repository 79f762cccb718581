//! Memory that lasts.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

/// A static whose content only the program uses, so that it need not be fit for several threads: there is one, and
/// interrupts are handled in this crate alone, which sees nothing of it.
///
/// Static means without a way through the stack: a large future, or a large thing in one, is moved before it runs.
pub struct OneThread<T> {
    taken: AtomicBool,
    content: UnsafeCell<T>,
}

// SAFETY: the machine has one core, and a program without unsafe code can handle no interrupt, so all of it is one thread.
unsafe impl<T> Sync for OneThread<T> {}

impl<T> OneThread<T> {
    /// With that in it.
    pub const fn new(content: T) -> Self {
        Self {
            taken: AtomicBool::new(false),
            content: UnsafeCell::new(content),
        }
    }

    /// What is in it.
    ///
    /// # Panics
    /// If it is called again.
    #[expect(clippy::mut_from_ref, reason = "handed out once")]
    pub fn take(&'static self) -> &'static mut T {
        assert!(!self.taken.swap(true, Ordering::Relaxed), "it is taken");
        // SAFETY: nobody else got here.
        unsafe { &mut *self.content.get() }
    }
}
