//! The machine that all of this runs on.

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
