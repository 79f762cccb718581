//! The arguments of a command: a JSON object.

use core::fmt;
use ocpp_core::InputError;
use ocpp_core::wire::{Decimal, Reader, Str};

/// Path of an argument: its name alone.
type Name = &'static [&'static str];

/// The object of a command line.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'a>(Reader<'a>);

/// Why a command was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The line is no JSON object.
    Line,
    /// There is no such command.
    Unknown,
    /// This argument is needed.
    Missing(&'static str),
    /// This argument cannot be that.
    Value(&'static str),
    /// The station does not take it.
    Input(InputError),
    /// Another reason.
    Because(&'static str),
}

impl<'a> Arguments<'a> {
    /// Those of a line.
    ///
    /// # Errors
    /// It is no JSON object.
    pub fn of(line: &'a str) -> Result<Self, Wrong> {
        let mut reader = Reader::new(line);
        let own = Self(reader);
        let is_object = reader.peek() == Some(b'{') && reader.skip().is_ok() && reader.end().is_ok();
        if is_object { Ok(own) } else { Err(Wrong::Line) }
    }

    /// The JSON of an argument.
    pub fn raw(self, name: Name) -> Option<&'a str> {
        self.0.find(name)
    }

    fn read<T>(self, name: Name, read: impl FnOnce(&mut Reader<'a>) -> Option<T>) -> Result<Option<T>, Wrong> {
        let Some(raw) = self.raw(name) else {
            return Ok(None);
        };
        read(&mut Reader::new(raw)).map(Some).ok_or(Wrong::Value(first(name)))
    }

    /// A text.
    ///
    /// # Errors
    /// It is something else.
    pub fn text(self, name: Name) -> Result<Option<Str<'a>>, Wrong> {
        self.read(name, |reader| reader.string().ok())
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// It is not there, or something else.
    pub fn needed(self, name: Name) -> Result<Str<'a>, Wrong> {
        self.text(name)?.ok_or(Wrong::Missing(first(name)))
    }

    /// A whole number that this type can hold.
    ///
    /// # Errors
    /// It is something else.
    pub fn number<T: TryFrom<i64>>(self, name: Name) -> Result<Option<T>, Wrong> {
        self.read(name, |reader| reader.integer().ok()?.try_into().ok())
    }

    /// A number in thousandths, not below 0.
    ///
    /// # Errors
    /// It is something else.
    pub fn thousandths(self, name: Name) -> Result<Option<u32>, Wrong> {
        self.read(name, |reader| {
            let number = Decimal::parse(reader.number().ok()?)?;
            number.scaled(3)?.try_into().ok()
        })
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// It is something else.
    pub fn flag(self, name: Name) -> Result<Option<bool>, Wrong> {
        self.read(name, |reader| reader.bool().ok())
    }
}

fn first(name: Name) -> &'static str {
    name.first().copied().unwrap_or_default()
}

impl From<InputError> for Wrong {
    fn from(error: InputError) -> Self {
        Self::Input(error)
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line => f.write_str("not a JSON object"),
            Self::Unknown => f.write_str("unknown command"),
            Self::Missing(name) => write!(f, "{name} is missing"),
            Self::Value(name) => write!(f, "{name} cannot be that"),
            Self::Input(error) => error.fmt(f),
            Self::Because(reason) => f.write_str(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_by_name() {
        let arguments = Arguments::of(r#"{"id":7,"cmd":"ev","amps":10.5,"ready":false,"evse":2}"#).unwrap();
        assert_eq!(arguments.raw(&["id"]), Some("7"));
        assert!(arguments.needed(&["cmd"]).unwrap().eq_str("ev"));
        assert_eq!(arguments.thousandths(&["amps"]), Ok(Some(10_500)));
        assert_eq!(arguments.flag(&["ready"]), Ok(Some(false)));
        assert_eq!(arguments.number::<u8>(&["evse"]), Ok(Some(2)));
        assert_eq!(arguments.number::<u8>(&["connector"]), Ok(None));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for line in ["", "plug", "[]", r#"{"cmd":"#, r#"{"cmd":"a"} b"#] {
            assert_eq!(Arguments::of(line).err(), Some(Wrong::Line), "{line}");
        }
        let arguments = Arguments::of(r#"{"evse":300,"ready":1,"amps":-1,"token":4}"#).unwrap();
        assert_eq!(arguments.number::<u8>(&["evse"]), Err(Wrong::Value("evse")));
        assert_eq!(arguments.flag(&["ready"]), Err(Wrong::Value("ready")));
        assert_eq!(arguments.thousandths(&["amps"]), Err(Wrong::Value("amps")));
        assert_eq!(arguments.needed(&["token"]).err(), Some(Wrong::Value("token")));
        assert_eq!(arguments.needed(&["cmd"]).err(), Some(Wrong::Missing("cmd")));
    }
}
