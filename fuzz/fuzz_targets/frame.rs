//! Whatever bytes arrive: the envelope is read or refused, and its payload read to the end.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ocpp_core::wire::{Frame, Head, Reader, WireError};

fn walk<'f>(payload: &mut Reader<'f>) -> Result<&'f str, WireError> {
    let raw = payload.raw()?;
    Frame::end(payload)?;
    Ok(raw)
}

fuzz_target!(|bytes: &[u8]| {
    let head = Frame::head(bytes);
    match Frame::read(bytes) {
        Ok(Frame::Call {
            id,
            action,
            mut payload,
        }) => {
            assert_eq!(head, Head::Call(id));
            assert!(id.chars().count() <= ocpp_core::wire::MESSAGE_ID_MAX);
            let _ = action.chars().count();
            if let Ok(raw) = walk(&mut payload) {
                // What was read once is read again alone.
                assert_eq!(walk_alone(raw), Ok(raw));
            }
        }
        Ok(Frame::Result { mut payload, .. }) => {
            let _ = walk(&mut payload);
        }
        Ok(Frame::Error { .. }) => assert_eq!(head, Head::Answer),
        Ok(_) => assert_eq!(head, Head::Unreadable),
        Err(error) => match error.call {
            Some(id) => assert_eq!(head, Head::Call(id)),
            None => assert!(!matches!(head, Head::Call(_))),
        },
    }
});

fn walk_alone(raw: &str) -> Result<&str, WireError> {
    let mut reader = Reader::new(raw);
    let again = reader.raw()?;
    reader.end()?;
    Ok(again)
}
