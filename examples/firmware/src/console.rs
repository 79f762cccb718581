//! The console: commands in, one JSON object a line, and what happens out.
//!
//! It speaks like `examples/station`, whose README describes the interface: `{"id":7,"cmd":"state"}` is answered with
//! `{"id":7,"ok":true,…}` or `{"id":7,"ok":false,"error":"…"}`.
//!
//! | command | arguments |
//! |---|---|
//! | `id` | `token`, `evse`: a card without a reader |
//! | `state` | |
//! | `fault` | `evse`, `connector`, `code`, `on`, `info` |
//! | `limit` | `evse`, `amps` |
//! | `local_config` | `key`, `value`: a key of 1.6, or `Component.Variable[instance]` |
//! | `provision` | `url`, `station`, `password`: counts from the next start |
//! | `reset_button` | |
//!
//! What else there is, the board has ([`Bench`]).

use crate::arguments::{Arguments, Wrong};
use crate::board::Bench;
use crate::provision::Provision;
use crate::report::{Report, snapshot};
use crate::time::Uptime;
use core::fmt::Write;
use evse_hal::safety::Guarded;
use evse_hal::{Driver, Storage, System, Timer, WallClock, Watchdog};
use heapless::String;
use ocpp_core::dialect::{Dialect, SettingAddress};
use ocpp_core::settings::SettingId;
use ocpp_core::wire::{Str, WireEnum, Writer};
use ocpp_core::{
    ConnectorId, EvseId, Fault, FaultCode, Input, LocalCommand, Place, TOKEN_MAX, Token, TokenKind, Topology,
};

/// Version of the interface.
pub const PROTO: i64 = 1;
/// Longest value of a setting.
const VALUE: usize = 256;

/// Who carries out commands.
pub(crate) struct Console<S, X> {
    pub storage: S,
    pub bench: X,
    pub dialects: &'static [&'static dyn Dialect],
}

impl<S: Storage, X: Bench> Console<S, X> {
    /// Carries out a line, and writes the answer.
    pub async fn execute<G, W, Y, D, const EVSES: usize>(
        &mut self,
        line: Option<&str>,
        driver: &mut Driver<'_, '_, G, W, Y, D>,
        report: &mut Report<EVSES>,
        answer: &mut Writer<'_>,
    ) where
        G: Guarded,
        W: WallClock,
        Y: System,
        D: Watchdog,
    {
        let arguments = line.ok_or(Wrong::Line).and_then(Arguments::of);
        let id = arguments.ok().and_then(|arguments| arguments.raw(&["id"]));
        answer.begin_object();
        answer.key("id");
        answer.raw(id.unwrap_or("null"));
        answer.key("ok");
        let mark = answer.mark();
        answer.bool(true);
        let done = match arguments {
            Ok(arguments) => self.command(arguments, driver, report, answer).await,
            Err(wrong) => Err(wrong),
        };
        if let Err(wrong) = done {
            let mut text = String::<96>::new();
            // What does not fit is not said.
            let _ = write!(text, "{wrong}");
            answer.rewind(mark);
            answer.bool(false);
            answer.key("error");
            answer.str(&text);
        }
        answer.end_object();
    }

    async fn command<G, W, Y, D, const EVSES: usize>(
        &mut self,
        arguments: Arguments<'_>,
        driver: &mut Driver<'_, '_, G, W, Y, D>,
        report: &mut Report<EVSES>,
        answer: &mut Writer<'_>,
    ) -> Result<(), Wrong>
    where
        G: Guarded,
        W: WallClock,
        Y: System,
        D: Watchdog,
    {
        let command = arguments.needed(&["cmd"])?;
        let command = command.as_str().unwrap_or_default();
        let (mut token, mut value) = ([0; TOKEN_MAX], [0; VALUE]);
        let input = match command {
            "state" => {
                snapshot(answer, driver.station(), report);
                return Ok(());
            }
            "provision" => return Provision::read(arguments)?.store(&mut self.storage).await,
            "id" => identifier(arguments, &mut token)?,
            "fault" => fault(arguments)?,
            "limit" => Input::Local(LocalCommand::Limit {
                evse: arguments.number(&["evse"])?.map(EvseId),
                milliamps: match arguments.raw(&["amps"]) {
                    None => return Err(Wrong::Missing("amps")),
                    Some("null") => None,
                    Some(_) => arguments.thousandths(&["amps"])?,
                },
            }),
            "local_config" => {
                let key = arguments.needed(&["key"])?.as_str();
                let setting = key.and_then(|key| setting(key, self.dialects));
                let value = arguments.needed(&["value"])?.copy_to(&mut value);
                Input::Local(LocalCommand::Set(
                    setting.ok_or(Wrong::Value("key"))?,
                    value.ok_or(Wrong::Value("value"))?,
                ))
            }
            "reset_button" => Input::Local(LocalCommand::Reboot),
            _ => {
                let done = self.bench.command(command, arguments, answer);
                return done.unwrap_or(Err(Wrong::Unknown));
            }
        };
        Ok(driver.handle(Uptime.now(), input, report)?)
    }
}

fn identifier<'t>(arguments: Arguments<'_>, buffer: &'t mut [u8]) -> Result<Input<'t>, Wrong> {
    let token = arguments.needed(&["token"])?.copy_to(buffer);
    let token = token.and_then(|token| Token::new(token, TokenKind::Iso14443));
    Ok(Input::IdToken {
        token: token.ok_or(Wrong::Value("token"))?,
        evse: arguments.number(&["evse"])?.map(EvseId),
    })
}

fn fault(arguments: Arguments<'_>) -> Result<Input<'_>, Wrong> {
    let code = arguments.needed(&["code"])?;
    let code = FaultCode::ALL.iter().find(|known| code.eq_str(known.as_str()));
    let evse = arguments.number(&["evse"])?;
    let place = match (evse, arguments.number(&["connector"])?) {
        (None, None) => Place::Station,
        (Some(evse), None) => Place::Evse(EvseId(evse)),
        (evse, Some(connector)) => Place::Connector(ConnectorId::new(evse.unwrap_or(1), connector)),
    };
    Ok(Input::Fault(Fault {
        place,
        code: *code.ok_or(Wrong::Value("code"))?,
        on: arguments.flag(&["on"])?.unwrap_or(true),
        info: arguments.text(&["info"])?.and_then(|info| info.as_str()).unwrap_or(""),
        vendor_code: "",
    }))
}

/// The setting behind a key of 1.6 or behind `Component.Variable[instance]` of 2.0.1, as far as it is shown as it is.
fn setting(name: &str, dialects: &[&'static dyn Dialect]) -> Option<SettingId> {
    let address = match name.split_once('.') {
        None => SettingAddress::key(Str::plain(name)),
        Some((component, variable)) => {
            let (variable, instance) = variable.split_once('[').unwrap_or((variable, "]"));
            SettingAddress {
                component: Str::plain(component),
                instance: Str::plain(instance.strip_suffix(']')?),
                ..SettingAddress::key(Str::plain(variable))
            }
        }
    };
    let find = |dialect: &&dyn Dialect| address.find(dialect.settings(), Topology::new(&[])).ok();
    dialects.iter().find_map(find)?.view.setting()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_version_names_a_setting() {
        let dialects: [&dyn Dialect; 2] = [&ocpp201::DIALECT, &ocpp16::DIALECT];
        for (name, id) in [
            ("ConnectionTimeOut", Some(SettingId::ConnectionTimeOut)),
            ("txctrlr.evconnectiontimeout", Some(SettingId::ConnectionTimeOut)),
            (
                "OCPPCommCtrlr.MessageAttempts[TransactionEvent]",
                Some(SettingId::MessageAttempts),
            ),
            ("OCPPCommCtrlr.MessageAttempts", None),
            ("OCPPCommCtrlr.MessageAttempts[TransactionEvent", None),
            ("NoSuchKey", None),
            ("No.Such", None),
        ] {
            assert_eq!(setting(name, &dialects), id, "{name}");
        }
        assert_eq!(setting("ConnectionTimeOut", &dialects[..1]), None);
    }
}
