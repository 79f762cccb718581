//! The machine that all of this runs on: how it restarts, and who notices that it hangs.

/// The machine as a whole.
///
/// # For board authors
///
/// [`reboot`](Self::reboot) may return and do it a little later. Leave the pilot withdrawn, the contactor open and the
/// lock where it is: the caller has seen to that.
///
/// ```
/// use evse_hal::{Reboot, System};
///
/// #[derive(Default)]
/// struct Machine {
///     wanted: Option<Reboot>,
/// }
///
/// impl System for Machine {
///     fn reboot(&mut self, kind: Reboot) {
///         // On a microcontroller: ask the reset controller. Here the main loop ends.
///         self.wanted = Some(kind);
///     }
/// }
///
/// let mut machine = Machine::default();
/// machine.reboot(Reboot::Program);
/// assert_eq!(machine.wanted, Some(Reboot::Program));
/// ```
pub trait System {
    /// Restarts.
    fn reboot(&mut self, kind: Reboot);
}

impl<T: System + ?Sized> System for &mut T {
    fn reboot(&mut self, kind: Reboot) {
        T::reboot(self, kind);
    }
}

/// What is to restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Reboot {
    /// The program.
    Program,
    /// Everything, as if the power had been off.
    Hardware,
}

/// A watchdog: resets the machine if it is not fed in time.
///
/// # For board authors
///
/// Choose a time-out well below what a hanging program may leave a contactor closed for; half a second is usual. Let the
/// watchdog of the chip run from reset on, and independently of the processor's clock.
///
/// ```
/// use evse_hal::Watchdog;
///
/// struct Register<'r>(&'r mut u32);
///
/// impl Watchdog for Register<'_> {
///     fn feed(&mut self) {
///         *self.0 = 0xAAAA;
///     }
/// }
///
/// let mut register = 0;
/// Register(&mut register).feed();
/// assert_eq!(register, 0xAAAA);
/// ```
///
/// # For users
///
/// Feed it where contactors are guarded, and only after all of them were looked at.
pub trait Watchdog {
    /// All is well so far.
    fn feed(&mut self);
}

impl<T: Watchdog + ?Sized> Watchdog for &mut T {
    fn feed(&mut self) {
        T::feed(self);
    }
}

/// The watchdog of a machine that has none, or whose watchdog is fed elsewhere.
///
/// ```
/// use evse_hal::{NoWatchdog, Watchdog};
///
/// NoWatchdog.feed();
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NoWatchdog;

impl Watchdog for NoWatchdog {
    fn feed(&mut self) {}
}
