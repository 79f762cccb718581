//! How messages are declared: once, as data.
//!
//! [`message!`](crate::message) and [`wire_enum!`](crate::wire_enum) turn a declaration into the type, its reader and
//! its writer. What they generate per type is the list of its fields; walking the object, finding the names and
//! refusing what is wrong is shared code in [`Reader`] and [`Writer`]. A value is read in place, so that a message
//! nowhere stands twice on the stack.

use super::error::{ErrorKind, WireError};
use super::reader::{FieldName, Reader};
use super::text::Str;
use super::writer::Writer;

/// A type that has a JSON form.
pub trait Wire<'f>: Sized {
    /// What a value is before it was read.
    const EMPTY: Self;

    /// Reads the next value in place of this one.
    ///
    /// # Errors
    /// What is wrong with it. Nothing can be said then of what this value became.
    fn fill(&mut self, r: &mut Reader<'f>) -> Result<(), WireError>;

    /// Reads the next value.
    ///
    /// # Errors
    /// What is wrong with it.
    fn read(r: &mut Reader<'f>) -> Result<Self, WireError> {
        let mut value = Self::EMPTY;
        value.fill(r)?;
        Ok(value)
    }

    /// Writes it as the next value.
    fn write(&self, w: &mut Writer<'_>);
}

/// A type that can stand in a field: every [`Wire`] type, and `Option` of it for a field that may be left out.
pub trait Field<'f>: ReadField<'f> + WriteField<'f> + Sized {
    /// What the field is when it was left out.
    const EMPTY: Self;
    /// Whether it must not be left out.
    const REQUIRED: bool;

    /// Whether there is nothing to write.
    fn is_absent(&self) -> bool;
}

/// A field that is read, whatever its type.
pub trait ReadField<'f> {
    /// Reads the field's value.
    ///
    /// # Errors
    /// What is wrong with it.
    fn read_field(&mut self, r: &mut Reader<'f>) -> Result<(), WireError>;
}

/// A field that is written, whatever its type.
pub trait WriteField<'f> {
    /// Writes the value, or nothing.
    fn write_field(&self, w: &mut Writer<'_>);
}

impl<'f, T: Wire<'f>> Field<'f> for T {
    const EMPTY: Self = <T as Wire<'f>>::EMPTY;
    const REQUIRED: bool = true;

    fn is_absent(&self) -> bool {
        false
    }
}

impl<'f, T: Wire<'f>> ReadField<'f> for T {
    fn read_field(&mut self, r: &mut Reader<'f>) -> Result<(), WireError> {
        self.fill(r)
    }
}

impl<'f, T: Wire<'f>> WriteField<'f> for T {
    fn write_field(&self, w: &mut Writer<'_>) {
        self.write(w);
    }
}

impl<'f, T: Wire<'f>> Field<'f> for Option<T> {
    const EMPTY: Self = None;
    const REQUIRED: bool = false;

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<'f, T: Wire<'f>> ReadField<'f> for Option<T> {
    fn read_field(&mut self, r: &mut Reader<'f>) -> Result<(), WireError> {
        self.insert(T::EMPTY).fill(r)
    }
}

impl<'f, T: Wire<'f>> WriteField<'f> for Option<T> {
    fn write_field(&self, w: &mut Writer<'_>) {
        if let Some(value) = self {
            value.write(w);
        }
    }
}

/// A message or data type made by [`message!`](crate::message).
pub trait Message<'f>: Wire<'f> {
    /// The schema's names of its fields, in order of declaration.
    const FIELDS: &'static [FieldName];
    /// Which of them must not be left out: a bit for each, the lowest for the first.
    const REQUIRED: u32;
}

/// A request: the action that names it in a CALL, and the response that belongs to it. Declared with
/// [`operations!`](crate::operations).
///
/// The response comes out of another frame than the request, so its lifetime is one of its own:
/// `<FooRequest<'_> as Operation<'_>>::Response`, with the lifetime of the frame that answers.
pub trait Operation<'f>: Message<'f> {
    /// Name of the operation, as it stands in the frame.
    const ACTION: &'static str;
    /// What answers it.
    type Response: Message<'f>;
}

/// An enumeration made by [`wire_enum!`](crate::wire_enum).
pub trait WireEnum: Copy + 'static {
    /// All values.
    const ALL: &'static [Self];
    /// Their names on the wire, in the same order.
    const NAMES: &'static [&'static str];

    /// The name on the wire.
    fn as_str(self) -> &'static str;
}

/// A value of an enumeration in a message that must not be refused for a value nobody knows yet: a response.
///
/// ```
/// use ocpp_core::wire::{Open, Reader, Wire};
///
/// ocpp_core::wire_enum! {
///     /// Answer.
///     pub enum Answer {
///         /// Yes.
///         Yes = "Yes",
///     }
/// }
///
/// assert_eq!(Open::read(&mut Reader::new(r#""Yes""#))?, Open::Known(Answer::Yes));
/// assert_eq!(Open::<Answer>::read(&mut Reader::new(r#""Maybe""#))?.known(), None);
/// # Ok::<(), ocpp_core::wire::WireError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open<'f, E> {
    /// One of the named values.
    Known(E),
    /// Anything else, as it stood.
    Unknown(Str<'f>),
}

impl<E: Copy> Open<'_, E> {
    /// The named value, if it is one.
    pub const fn known(&self) -> Option<E> {
        match *self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }
}

impl<E> From<E> for Open<'_, E> {
    fn from(value: E) -> Self {
        Self::Known(value)
    }
}

impl<'f, E: WireEnum> Wire<'f> for Open<'f, E> {
    const EMPTY: Self = Self::Unknown(Str::plain(""));

    fn fill(&mut self, r: &mut Reader<'f>) -> Result<(), WireError> {
        let text = r.string()?;
        let known = text.position_in(E::NAMES).and_then(|index| E::ALL.get(index));
        *self = known.map_or(Self::Unknown(text), |known| Self::Known(*known));
        Ok(())
    }

    fn write(&self, w: &mut Writer<'_>) {
        match *self {
            Self::Known(value) => w.raw_name(value.as_str()),
            Self::Unknown(text) => w.text(text),
        }
    }
}

#[cfg(feature = "defmt")]
impl<E: WireEnum> defmt::Format for Open<'_, E> {
    fn format(&self, f: defmt::Formatter<'_>) {
        match self {
            Self::Known(value) => defmt::write!(f, "{}", value.as_str()),
            Self::Unknown(_) => defmt::write!(f, "(unknown)"),
        }
    }
}

#[cfg(feature = "serde")]
impl<E: WireEnum> serde::Serialize for Open<'_, E> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => serializer.serialize_str(value.as_str()),
            Self::Unknown(text) => serializer.collect_str(text),
        }
    }
}

impl<'f> Wire<'f> for bool {
    const EMPTY: Self = false;

    fn fill(&mut self, r: &mut Reader<'f>) -> Result<(), WireError> {
        *self = r.bool()?;
        Ok(())
    }

    fn write(&self, w: &mut Writer<'_>) {
        w.bool(*self);
    }
}

impl<'f> Wire<'f> for i64 {
    const EMPTY: Self = 0;

    fn fill(&mut self, r: &mut Reader<'f>) -> Result<(), WireError> {
        *self = r.integer()?;
        Ok(())
    }

    fn write(&self, w: &mut Writer<'_>) {
        w.integer(*self);
    }
}

impl<'f> Wire<'f> for i32 {
    const EMPTY: Self = 0;

    fn fill(&mut self, r: &mut Reader<'f>) -> Result<(), WireError> {
        *self = Self::try_from(r.integer()?).map_err(|_| WireError::new(ErrorKind::Value))?;
        Ok(())
    }

    fn write(&self, w: &mut Writer<'_>) {
        w.integer(i64::from(*self));
    }
}

/// Declares an enumeration of named values.
///
/// Reading a name that is not in the list is an error of kind [`ErrorKind::Value`]; where an unknown name must be
/// let through, the field's type is [`Open`].
#[macro_export]
macro_rules! wire_enum {
    (
        $(#[$doc:meta])*
        $vis:vis enum $name:ident { $( $(#[$value_doc:meta])* $value:ident = $text:literal ),+ $(,)? }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[non_exhaustive]
        $vis enum $name { $( $(#[$value_doc])* $value ),+ }

        impl $crate::wire::WireEnum for $name {
            const ALL: &'static [Self] = &[ $( Self::$value ),+ ];
            const NAMES: &'static [&'static str] = &[ $( $text ),+ ];

            fn as_str(self) -> &'static str {
                <Self as $crate::wire::WireEnum>::NAMES.get(self as usize).copied().unwrap_or_default()
            }
        }

        impl<'f> $crate::wire::Wire<'f> for $name {
            const EMPTY: Self = [$( Self::$value ),+][0];

            fn fill(&mut self, r: &mut $crate::wire::Reader<'f>) -> Result<(), $crate::wire::WireError> {
                let index = r.one_of(<Self as $crate::wire::WireEnum>::NAMES)?;
                $(
                    if index == Self::$value as usize {
                        *self = Self::$value;
                    }
                )+
                Ok(())
            }

            fn write(&self, w: &mut $crate::wire::Writer<'_>) {
                w.one_of(<Self as $crate::wire::WireEnum>::NAMES, *self as usize);
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str($crate::wire::WireEnum::as_str(*self))
            }
        }
    };
}

/// Declares a message or a data type: a struct whose fields have the names of the schema.
///
/// A field of type `Option` may be left out; every other one is required.
///
/// ```
/// use ocpp_core::wire::{Reader, Text, Wire, Writer};
///
/// ocpp_core::message! {
///     /// Greets somebody.
///     pub struct Greeting<'a> {
///         /// Whom.
///         name: Text<'a, 20> = "name",
///         /// How often.
///         times: Option<i32> = "times",
///     }
/// }
///
/// let greeting = Greeting::read(&mut Reader::new(r#"{"name":"Ada","unknown":[1]}"#))?;
/// assert_eq!(greeting.name, "Ada");
/// assert_eq!(greeting.times, None);
///
/// let mut buffer = [0; 64];
/// let mut w = Writer::new(&mut buffer);
/// greeting.write(&mut w);
/// assert_eq!(w.finish(), Ok(r#"{"name":"Ada"}"#));
///
/// let error = Greeting::read(&mut Reader::new(r#"{"times":3}"#)).unwrap_err();
/// assert_eq!(error.to_string(), "name: missing");
/// # Ok::<(), ocpp_core::wire::WireError>(())
/// ```
#[macro_export]
macro_rules! message {
    (
        $(#[$doc:meta])*
        $vis:vis struct $name:ident<$life:lifetime> {
            $( $(#[$field_doc:meta])* $field:ident : $type:ty = $text:literal ),* $(,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        $vis struct $name<$life> { $( $(#[$field_doc])* pub $field: $type ),* }

        $crate::message!(@impl [$life] [$name<$life>] $name { $( $field: $type = $text, )* });
    };
    (
        $(#[$doc:meta])*
        $vis:vis struct $name:ident {
            $( $(#[$field_doc:meta])* $field:ident : $type:ty = $text:literal ),* $(,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        $vis struct $name { $( $(#[$field_doc])* pub $field: $type ),* }

        $crate::message!(@impl ['f] [$name] $name { $( $field: $type = $text, )* });
    };
    (@impl [$life:lifetime] [$self:ty] $name:ident { $( $field:ident : $type:ty = $text:literal, )* }) => {
        impl<$life> $crate::wire::Message<$life> for $self {
            const FIELDS: &'static [&'static str] = &[ $( $text ),* ];
            #[allow(unused_mut, unused_variables, unused_assignments)]
            const REQUIRED: u32 = {
                let mut required = 0u32;
                let mut bit = 1u32;
                $(
                    // The reader remembers the fields that it has seen in as many bits.
                    assert!(bit != 0, "more than 32 fields");
                    if <$type as $crate::wire::Field<$life>>::REQUIRED {
                        required |= bit;
                    }
                    bit = bit.wrapping_shl(1);
                )*
                required
            };
        }

        impl<$life> $crate::wire::Wire<$life> for $self {
            const EMPTY: Self = Self { $( $field: <$type as $crate::wire::Field<$life>>::EMPTY ),* };

            fn fill(&mut self, r: &mut $crate::wire::Reader<$life>) -> Result<(), $crate::wire::WireError> {
                use $crate::wire::Message;
                r.fields(Self::FIELDS, Self::REQUIRED, &mut [$( &mut self.$field ),*])
            }

            fn write(&self, w: &mut $crate::wire::Writer<'_>) {
                w.fields(<Self as $crate::wire::Message>::FIELDS, &[$( &self.$field ),*]);
            }
        }

        #[cfg(feature = "serde")]
        impl<$life> serde::Serialize for $self {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeStruct;
                #[allow(unused_mut)]
                let mut object = serializer.serialize_struct(
                    stringify!($name),
                    <Self as $crate::wire::Message>::FIELDS.len(),
                )?;
                $(
                    if $crate::wire::Field::is_absent(&self.$field) {
                        object.skip_field($text)?;
                    } else {
                        object.serialize_field($text, &self.$field)?;
                    }
                )*
                object.end()
            }
        }
    };
}

/// Ties requests to their actions and responses, see [`Operation`](crate::wire::Operation).
///
/// ```
/// use ocpp_core::wire::Operation;
///
/// ocpp_core::message! {
///     /// Asks for a greeting.
///     pub struct GreetRequest<'a> {
///         /// Whom to greet.
///         name: ocpp_core::wire::Text<'a, 20> = "name",
///     }
/// }
/// ocpp_core::message! {
///     /// Greeted.
///     pub struct GreetResponse {}
/// }
/// ocpp_core::operations! { 'a:
///     "Greet": GreetRequest<'a> => GreetResponse,
/// }
///
/// assert_eq!(GreetRequest::ACTION, "Greet");
/// ```
#[macro_export]
macro_rules! operations {
    ($life:lifetime : $( $action:literal : $request:ty => $response:ty ),+ $(,)?) => { $(
        impl<$life> $crate::wire::Operation<$life> for $request {
            const ACTION: &'static str = $action;
            type Response = $response;
        }
    )+ };
}
