//! Any payload as every message of OCPP 1.6: what is read can be written, and is read again as the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ocpp_core::wire::{Message, Operation, Reader, Wire, WireError, Writer};
use ocpp16::messages::*;

#[path = "../../ocpp16/tests/common/operations.rs"]
#[macro_use]
mod operations;

fn read<'f, M: Wire<'f>>(payload: &'f str) -> Result<M, WireError> {
    let mut reader = Reader::new(payload);
    let message = M::read(&mut reader)?;
    reader.end()?;
    Ok(message)
}

/// The payload as `M` writes it, if it is one.
fn rewrite<'f, M: Message<'f>>(payload: &'f str) -> Option<String> {
    let message: M = read(payload).ok()?;
    let mut w = Writer::new(&mut []);
    message.write(&mut w);
    let mut buffer = vec![0; w.len()];
    let mut w = Writer::new(&mut buffer);
    message.write(&mut w);
    Some(w.finish().expect("as long as it was before").to_owned())
}

macro_rules! check {
    ($payload:ident as $type:ty) => {
        if let Some(written) = rewrite::<$type>($payload) {
            let (read, again) = (read::<$type>($payload), read::<$type>(&written));
            assert!(read.is_ok() && read == again, "{} and {written}", $payload);
            assert_eq!(rewrite::<$type>(&written).as_deref(), Some(written.as_str()));
        }
    };
}

fuzz_target!(|payload: &str| {
    macro_rules! check_all {
        ($($request:ident),+ $(,)?) => { $(
            check!(payload as $request);
            check!(payload as <$request as Operation>::Response);
        )+ };
    }
    for_each_request!(check_all);
});
