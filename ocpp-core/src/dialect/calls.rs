//! CALLs of the CSMS as tables: what a version knows, and what of it is built in.

use super::{Command, Context, Refusal, Reply, RpcError, Rules};
use crate::wire::{Reader, Str, WireError, Writer};

/// Reads the payload of a CALL.
pub type ReadCall = for<'f> fn(&mut Reader<'f>, &Context<'_>) -> Result<Command<'f>, WireError>;
/// Writes the payload of the answer to a CALL whose payload stands in the reader.
pub type WriteReply = fn(Reader<'_>, &Reply<'_>, &Context<'_>, &mut Writer<'_>);

/// One CALL of the CSMS.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// Its name in the frame.
    pub action: &'static str,
    /// How it is read.
    pub read: ReadCall,
    /// How its answer is written.
    pub reply: WriteReply,
}

/// The CALLs of a version: tables of those that are built in, and the names of all.
///
/// What no table lists is not linked, and is answered with NotSupported; what is not even a name, with NotImplemented.
#[derive(Clone, Copy, Debug)]
pub struct Calls {
    /// The tables, one per profile or block.
    pub tables: &'static [&'static [Call]],
    /// The names of all CALLs that the version has.
    pub names: &'static [&'static str],
}

impl Calls {
    /// Reads a CALL.
    ///
    /// # Errors
    /// The CALLERROR that it deserves.
    pub fn read<'f>(
        &self,
        action: Str<'f>,
        payload: &mut Reader<'f>,
        context: &Context<'_>,
        rules: &Rules,
    ) -> Result<Command<'f>, Refusal> {
        let Some(call) = self.find(action) else {
            let known = self.names.iter().any(|name| action.eq_str(name));
            let error = if known {
                RpcError::NotSupported
            } else {
                RpcError::NotImplemented
            };
            return Err(Refusal::new(error));
        };
        (call.read)(payload, context).map_err(|error| Refusal {
            error: rules.error_for(error.kind),
            field: error.field(),
        })
    }

    /// Writes the payload of the answer.
    pub fn reply(
        &self,
        action: Str<'_>,
        payload: Reader<'_>,
        reply: &Reply<'_>,
        context: &Context<'_>,
        w: &mut Writer<'_>,
    ) {
        if let Some(call) = self.find(action) {
            (call.reply)(payload, reply, context, w);
        }
    }

    fn find(&self, action: Str<'_>) -> Option<&'static Call> {
        self.tables
            .iter()
            .copied()
            .flatten()
            .find(|call| action.eq_str(call.action))
    }
}
