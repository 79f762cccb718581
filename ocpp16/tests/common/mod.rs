//! What the tests of the messages share: every message type behind one face, and what the schemas say of it.

#![allow(dead_code, reason = "each test uses a part of it")]

#[macro_use]
mod operations;
pub mod table;

use ocpp_core::wire::{Message, Operation, Reader, Wire, WireError, Writer};
use ocpp16::messages::*;
use std::collections::BTreeMap;

/// A message type.
pub struct Type {
    /// The names of its fields.
    pub fields: &'static [&'static str],
    /// Reads a payload and writes it again.
    pub rewrite: fn(&str) -> Result<String, WireError>,
    /// Reads a payload and shows it.
    pub debug: fn(&str) -> String,
    /// Whether two payloads mean the same.
    pub same: fn(&str, &str) -> bool,
    /// Reads a payload and hands it to serde_json.
    #[cfg(feature = "serde")]
    pub serialize: fn(&str) -> String,
}

/// All message types by name: `Authorize.req`, `Authorize.conf` and so on.
pub fn types() -> BTreeMap<String, Type> {
    let mut types = BTreeMap::new();
    macro_rules! add {
        ($($request:ident),+ $(,)?) => { $(
            types.insert(format!("{}.req", $request::ACTION), describe!($request));
            types.insert(format!("{}.conf", $request::ACTION), describe!(<$request as Operation>::Response));
        )+ };
    }
    macro_rules! describe {
        ($type:ty) => {
            Type {
                fields: <$type as Message>::FIELDS,
                rewrite: |json| Ok(emit(&read::<$type>(json)?)),
                debug: |json| format!("{:?}", read::<$type>(json).unwrap()),
                same: |one, other| read::<$type>(one).unwrap() == read::<$type>(other).unwrap(),
                #[cfg(feature = "serde")]
                serialize: |json| serde_json::to_string(&read::<$type>(json).unwrap()).unwrap(),
            }
        };
    }
    for_each_request!(add);
    types
}

/// Reads a whole document.
pub fn read<'f, T: Wire<'f>>(json: &'f str) -> Result<T, WireError> {
    let mut reader = Reader::new(json);
    let value = T::read(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Writes a whole document.
pub fn emit<'f>(value: &impl Wire<'f>) -> String {
    let mut w = Writer::new(&mut []);
    value.write(&mut w);
    let mut buffer = vec![0; w.len()];
    let mut w = Writer::new(&mut buffer);
    value.write(&mut w);
    w.finish().unwrap().to_owned()
}
