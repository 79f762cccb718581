//! What the station does, told as events of the control channel.

use crate::control::{Event, Outbox};
use evse_hal::Observer;
use ocpp_core::wire::WireEnum;
use ocpp_core::{Action, ConnectorId, Event as Said, EvseId, Input, InputError, Instant, RebootKind, TransactionPhase};
use serde_json::Value;
use std::collections::HashMap;

/// Listens to one station.
#[derive(Debug)]
pub struct Watcher {
    out: Outbox,
    /// Transaction messages that were given up.
    pub dropped: u32,
    /// The CSMS told the time.
    pub clock_set: bool,
    /// The CSMS sent a DataTransfer that must be answered.
    pub asked: bool,
    statuses: HashMap<Option<ConnectorId>, &'static str>,
    limits: HashMap<EvseId, Option<u32>>,
}

impl Watcher {
    /// Tells to `out`.
    pub fn new(out: Outbox) -> Self {
        Self {
            out,
            dropped: 0,
            clock_set: false,
            asked: false,
            statuses: HashMap::new(),
            limits: HashMap::new(),
        }
    }

    fn limited(&mut self, evse: EvseId, milliamps: Option<u32>) {
        // As long as nothing was said, there is no limit.
        if self.limits.insert(evse, milliamps).unwrap_or(None) != milliamps {
            self.out.tell(Event::Limit {
                evse: evse.0,
                amps: milliamps.map(amps),
                source: "local",
            });
        }
    }

    fn said(&mut self, said: &Said<'_>) {
        let event = match *said {
            Said::Registered { status, interval } => Event::Registered {
                status: status.as_str(),
                interval,
            },
            Said::Authorization { token, status, group } => Event::Auth {
                token: token.as_str().to_string(),
                status: status.as_str(),
                group: group.map(|group| group.as_str().to_string()),
            },
            Said::Transaction {
                connector,
                id,
                phase,
                reason,
            } => Event::Tx {
                evse: connector.evse.0,
                connector: connector.connector,
                id: id.write_to(&mut [0; 36]).to_string(),
                phase: match phase {
                    TransactionPhase::Started => "started",
                    TransactionPhase::Updated => "updated",
                    TransactionPhase::Ended => "ended",
                },
                reason: reason.map(WireEnum::as_str),
            },
            Said::Status { connector, status } => {
                let status = status.as_str();
                if self.statuses.insert(connector, status) == Some(status) {
                    return;
                }
                Event::Status {
                    evse: connector.map_or(0, |connector| connector.evse.0),
                    connector: connector.map_or(0, |connector| connector.connector),
                    status,
                }
            }
            Said::DataTransfer { vendor, message, data } => {
                self.asked = true;
                Event::DataTransfer {
                    vendor: vendor.to_string(),
                    message: message.map(str::to_string),
                    data: data.map(content),
                }
            }
            Said::DataTransferResult { status, data } => Event::DataTransferResult {
                status: status.map(WireEnum::as_str),
                data: data.map(content),
            },
            Said::Security { event } => Event::Security { kind: event.as_str() },
            Said::Rpc { detail, field: "" } => Event::RpcError { detail: detail.into() },
            Said::Rpc { detail, field } => Event::RpcError {
                detail: format!("{detail}: {field}"),
            },
            Said::GaveUp { transaction } => {
                self.dropped += 1;
                tracing::warn!("a message of transaction {transaction} was given up");
                return;
            }
            Said::Storage { detail } => {
                tracing::warn!("storage: {detail}");
                return;
            }
            _ => return,
        };
        self.out.tell(event);
    }
}

/// JSON as it came; what is no JSON is text.
fn content(data: &str) -> Value {
    serde_json::from_str(data).unwrap_or_else(|_| data.into())
}

/// A limit in A.
pub fn amps(milliamps: u32) -> f64 {
    f64::from(milliamps) / 1000.0
}

impl Observer for Watcher {
    fn action(&mut self, _now: Instant, action: &Action<'_>) {
        match *action {
            Action::Event(said) => self.said(&said),
            Action::Limit { evse, milliamps } => self.limited(evse, milliamps),
            Action::SetClock(_) => self.clock_set = true,
            Action::Reboot(kind) => self.out.tell(Event::Reboot {
                kind: match kind {
                    RebootKind::Soft => "soft",
                    RebootKind::Hard => "hard",
                },
            }),
            _ => {}
        }
    }

    fn input(&mut self, _now: Instant, input: &Input<'_>, result: Result<(), InputError>) {
        if let (Err(error), Input::Connected { .. }) = (result, input) {
            tracing::warn!("the server's choice was refused: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::collected;
    use ocpp_core::ConnectorStatus;

    fn told(actions: &[Action<'_>]) -> Vec<Event> {
        let (out, events) = collected();
        let mut watcher = Watcher::new(out);
        for action in actions {
            watcher.action(Instant::ZERO, action);
        }
        events.take()
    }

    #[test]
    fn a_status_is_told_once_per_change() {
        let status = |status| {
            Action::Event(Said::Status {
                connector: Some(ConnectorId::new(2, 1)),
                status,
            })
        };
        let actions = [
            status(ConnectorStatus::Available),
            status(ConnectorStatus::Available),
            status(ConnectorStatus::Preparing),
        ];
        let statuses: Vec<_> = told(&actions)
            .into_iter()
            .map(|event| match event {
                Event::Status {
                    evse: 2,
                    connector: 1,
                    status,
                } => status,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(statuses, ["Available", "Preparing"]);
    }

    #[test]
    fn no_limit_is_not_told_at_first() {
        let limit = |milliamps| Action::Limit {
            evse: EvseId(1),
            milliamps,
        };
        let events = told(&[limit(None), limit(Some(10_500)), limit(Some(10_500)), limit(None)]);
        let amps: Vec<_> = events
            .into_iter()
            .map(|event| match event {
                Event::Limit { amps, .. } => amps,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(amps, [Some(10.5), None]);
    }

    #[test]
    fn data_is_json_or_text() {
        assert_eq!(content(r#""quo\"ted""#), Value::from("quo\"ted"));
        assert_eq!(content("plain words"), Value::from("plain words"));
    }
}
