//! What a station shows to the people in front of it.

use crate::error::ErrorType;

/// A lamp, or a few of them, at a connector or at the station.
///
/// # For board authors
///
/// Colours and rhythms are yours. Blinking must go on by itself: [`show`](Self::show) is called once per change.
///
/// ```
/// use evse_hal::{ErrorKind, ErrorType, Indication, Indicator};
///
/// /// Red, green and blue, each on or off.
/// #[derive(Default)]
/// struct Led {
///     colour: [bool; 3],
/// }
///
/// impl ErrorType for Led {
///     type Error = ErrorKind;
/// }
///
/// impl Indicator for Led {
///     fn show(&mut self, indication: Indication) -> Result<(), ErrorKind> {
///         self.colour = match indication {
///             Indication::Available => [false, true, false],
///             Indication::Occupied | Indication::Suspended => [true, true, false],
///             Indication::Charging => [false, false, true],
///             Indication::Unavailable | Indication::Faulted => [true, false, false],
///             _ => [true; 3],
///         };
///         Ok(())
///     }
/// }
///
/// let mut led = Led::default();
/// led.show(Indication::Charging)?;
/// assert_eq!(led.colour, [false, false, true]);
/// # Ok::<(), ErrorKind>(())
/// ```
///
/// # For users
///
/// A lamp that does not work is no reason not to charge.
pub trait Indicator: ErrorType {
    /// Shows this from now on.
    fn show(&mut self, indication: Indication) -> Result<(), Self::Error>;
}

impl<T: Indicator + ?Sized> Indicator for &mut T {
    fn show(&mut self, indication: Indication) -> Result<(), Self::Error> {
        T::show(self, indication)
    }
}

/// What a lamp shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Indication {
    /// Free.
    Available,
    /// Somebody is about to charge, or done and not gone yet.
    Occupied,
    /// Energy flows.
    Charging,
    /// A session runs, but no energy flows.
    Suspended,
    /// Kept for somebody.
    Reserved,
    /// Out of service.
    Unavailable,
    /// Broken.
    Faulted,
}

/// A screen that shows texts, each under a number.
///
/// # For board authors
///
/// Which of several texts are seen, and for how long, is yours. A text with a number that is shown already replaces it.
///
/// ```
/// use std::collections::BTreeMap;
/// use evse_hal::{Display, ErrorKind, ErrorType};
///
/// #[derive(Default)]
/// struct Screen {
///     texts: BTreeMap<u32, String>,
/// }
///
/// impl ErrorType for Screen {
///     type Error = ErrorKind;
/// }
///
/// impl Display for Screen {
///     fn show(&mut self, number: u32, text: &str) -> Result<(), ErrorKind> {
///         self.texts.insert(number, text.to_string());
///         Ok(())
///     }
///
///     fn clear(&mut self, number: u32) -> Result<(), ErrorKind> {
///         self.texts.remove(&number);
///         Ok(())
///     }
/// }
///
/// let mut screen = Screen::default();
/// screen.show(1, "Welcome")?;
/// screen.clear(1)?;
/// assert!(screen.texts.is_empty());
/// # Ok::<(), ErrorKind>(())
/// ```
///
/// # For users
///
/// The driver does not use it yet: nothing of the station is a text to be shown.
pub trait Display: ErrorType {
    /// Shows a text from now on.
    fn show(&mut self, number: u32, text: &str) -> Result<(), Self::Error>;

    /// Shows it no longer. If it is not shown, nothing happens.
    fn clear(&mut self, number: u32) -> Result<(), Self::Error>;
}

impl<T: Display + ?Sized> Display for &mut T {
    fn show(&mut self, number: u32, text: &str) -> Result<(), Self::Error> {
        T::show(self, number, text)
    }

    fn clear(&mut self, number: u32) -> Result<(), Self::Error> {
        T::clear(self, number)
    }
}
