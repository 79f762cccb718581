//! A central system, just large enough for one session: the other side of the `ocpp16` messages.
//!
//! It takes every station in, lets every tag charge, asks for the meter values that it wants to see, and keeps books.

use crate::clock::Clock;
use futures_util::{SinkExt, StreamExt};
use ocpp_core::wire::{CiText, Frame, Open, Operation, Reader, SecretText, Str, Timestamp, Wire, WireError, Writer};
use ocpp16::messages as m;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{self, Message};

const SUBPROTOCOL: &str = "ocpp1.6";
/// What the station is told when it registers, in s.
const HEARTBEAT: i32 = 900;
/// The configuration that the station is given.
const WISHES: [(&str, &str); 2] = [
    (
        "MeterValuesSampledData",
        "Energy.Active.Import.Register,Power.Active.Import,SoC",
    ),
    ("MeterValueSampleInterval", "600"),
];

/// One session, as it was told.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// The number that the central system gave it.
    pub id: i64,
    /// When it began.
    pub started: Timestamp,
    /// The register then, in Wh.
    pub meter_start: i32,
    /// When it ended, the register then, and why.
    pub end: Option<(Timestamp, i32, &'static str)>,
    /// Meter values in between.
    pub samples: usize,
}

impl Session {
    /// What was charged, in Wh.
    pub fn energy(&self) -> Option<i32> {
        self.end.map(|(_, meter_stop, _)| meter_stop - self.meter_start)
    }
}

/// The sessions that were told.
pub type Books = Rc<RefCell<Vec<Session>>>;

/// Serves one station after the other, for ever.
pub async fn serve(listener: TcpListener, clock: Clock, books: Books) {
    while let Ok((tcp, _)) = listener.accept().await {
        let mut csms = Csms {
            clock: clock.clone(),
            books: books.clone(),
            wishes: WISHES.into(),
            calls: 0,
        };
        if let Err(error) = csms.talk(tcp).await {
            tracing::debug!("demo CSMS: {error}");
        }
    }
}

struct Csms {
    clock: Clock,
    books: Books,
    wishes: VecDeque<(&'static str, &'static str)>,
    calls: u32,
}

impl Csms {
    async fn talk(&mut self, tcp: TcpStream) -> Result<(), tungstenite::Error> {
        tcp.set_nodelay(true)?;
        let mut socket = accept_hdr_async(tcp, agree).await?;
        while let Some(message) = socket.next().await {
            let Message::Text(text) = message? else { continue };
            for frame in self.answer(&text) {
                socket.send(Message::text(frame)).await?;
            }
        }
        Ok(())
    }

    /// What is said when a frame has come.
    fn answer(&mut self, text: &str) -> Vec<String> {
        let mut frames = Vec::new();
        match Frame::read(text.as_bytes()) {
            Ok(Frame::Call { id, action, payload }) => {
                frames.extend(self.call(id.as_text(), action, payload));
                // The station is known now: tell it what is wanted, one wish at a time.
                if action.eq_str(m::BootNotificationRequest::ACTION) {
                    frames.extend(self.wish());
                }
            }
            Ok(Frame::Result { .. } | Frame::Error { .. }) => frames.extend(self.wish()),
            Ok(Frame::Unknown { .. }) | Err(_) => {}
        }
        frames
    }

    fn wish(&mut self) -> Option<String> {
        let (key, value) = self.wishes.pop_front()?;
        self.calls += 1;
        let id = format!("demo-{}", self.calls);
        let request = m::ChangeConfigurationRequest {
            key: CiText::new(key)?,
            value: SecretText::new(value)?,
        };
        written(|w| {
            Frame::open_call(w, &id, m::ChangeConfigurationRequest::ACTION);
            request.write(w);
            Frame::close(w);
        })
    }

    fn call(&mut self, id: Str<'_>, action: Str<'_>, mut payload: Reader<'_>) -> Option<String> {
        let payload = &mut payload;
        let known = action.to_string();
        let reply = match known.as_str() {
            m::BootNotificationRequest::ACTION => read::<m::BootNotificationRequest>(payload).map(|_| {
                let response = m::BootNotificationResponse {
                    status: Open::Known(m::RegistrationStatus::Accepted),
                    current_time: self.clock.wall(),
                    interval: HEARTBEAT,
                };
                result(id, &response)
            }),
            m::HeartbeatRequest::ACTION => read::<m::HeartbeatRequest>(payload).map(|_| {
                let response = m::HeartbeatResponse {
                    current_time: self.clock.wall(),
                };
                result(id, &response)
            }),
            m::AuthorizeRequest::ACTION => read::<m::AuthorizeRequest>(payload).map(|_| {
                let response = m::AuthorizeResponse {
                    id_tag_info: accepted(),
                };
                result(id, &response)
            }),
            m::StatusNotificationRequest::ACTION => {
                read::<m::StatusNotificationRequest>(payload).map(|_| result(id, &m::StatusNotificationResponse {}))
            }
            m::StartTransactionRequest::ACTION => read::<m::StartTransactionRequest>(payload).map(|request| {
                let response = m::StartTransactionResponse {
                    id_tag_info: accepted(),
                    transaction_id: self.started(&request),
                };
                result(id, &response)
            }),
            m::MeterValuesRequest::ACTION => read::<m::MeterValuesRequest>(payload).map(|request| {
                let mut books = self.books.borrow_mut();
                let session = books
                    .iter_mut()
                    .find(|session| Some(session.id) == request.transaction_id);
                if let Some(session) = session {
                    session.samples += request.meter_value.len();
                }
                result(id, &m::MeterValuesResponse {})
            }),
            m::StopTransactionRequest::ACTION => read::<m::StopTransactionRequest>(payload).map(|request| {
                self.stopped(&request);
                let response = m::StopTransactionResponse {
                    id_tag_info: Some(accepted()),
                };
                result(id, &response)
            }),
            _ => return written(|w| Frame::write_error(w, id, "NotImplemented", "")),
        };
        reply.unwrap_or_else(|error| written(|w| Frame::write_error(w, id, "FormationViolation", &error.to_string())))
    }

    fn started(&mut self, request: &m::StartTransactionRequest<'_>) -> i64 {
        let mut books = self.books.borrow_mut();
        let id = books.len() as i64 + 1;
        books.push(Session {
            id,
            started: request.timestamp,
            meter_start: request.meter_start,
            end: None,
            samples: 0,
        });
        id
    }

    fn stopped(&mut self, request: &m::StopTransactionRequest<'_>) {
        use ocpp_core::wire::WireEnum;
        let mut books = self.books.borrow_mut();
        if let Some(session) = books.iter_mut().find(|session| session.id == request.transaction_id) {
            let reason = request.reason.unwrap_or(m::Reason::Local).as_str();
            session.end = Some((request.timestamp, request.meter_stop, reason));
        }
    }
}

/// Agrees on the subprotocol, or lets the handshake fail at the station.
#[allow(clippy::result_large_err)] // the type of the library
fn agree(request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    let offered = request.headers().get_all("Sec-WebSocket-Protocol");
    let mut offered = offered
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','));
    if offered.any(|subprotocol| subprotocol.trim() == SUBPROTOCOL) {
        let picked = HeaderValue::from_static(SUBPROTOCOL);
        response.headers_mut().insert("Sec-WebSocket-Protocol", picked);
    }
    Ok(response)
}

fn accepted<'a>() -> m::IdTagInfo<'a> {
    m::IdTagInfo {
        expiry_date: None,
        parent_id_tag: None,
        status: Open::Known(m::AuthorizationStatus::Accepted),
    }
}

fn read<'f, R: Wire<'f>>(payload: &mut Reader<'f>) -> Result<R, WireError> {
    let request = R::read(payload)?;
    Frame::end(payload)?;
    Ok(request)
}

fn result<'f>(id: Str<'_>, response: &impl Wire<'f>) -> Option<String> {
    written(|w| {
        Frame::open_result(w, id);
        response.write(w);
        Frame::close(w);
    })
}

fn written(write: impl FnOnce(&mut Writer<'_>)) -> Option<String> {
    let mut buffer = [0; 1024];
    let mut w = Writer::new(&mut buffer);
    write(&mut w);
    w.finish().ok().map(str::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_booked() {
        let books = Books::default();
        let mut csms = Csms {
            clock: Clock::by_command(),
            books: books.clone(),
            wishes: WISHES.into(),
            calls: 0,
        };
        let boot = r#"[2,"1","BootNotification",{"chargePointVendor":"E","chargePointModel":"L"}]"#;
        let said = csms.answer(boot);
        assert!(
            said[0].starts_with(r#"[3,"1",{"status":"Accepted","currentTime":""#),
            "{said:?}"
        );
        assert!(
            said[1].starts_with(r#"[2,"demo-1","ChangeConfiguration",{"key":"#),
            "{said:?}"
        );
        assert_eq!(csms.answer(r#"[3,"demo-1",{"status":"Accepted"}]"#).len(), 1);
        assert_eq!(csms.answer(r#"[3,"demo-2",{"status":"Accepted"}]"#), [] as [&str; 0]);

        let start = r#"{"connectorId":1,"idTag":"A","meterStart":500,"timestamp":"2026-11-22T12:00:00Z"}"#;
        let said = csms.answer(&format!(r#"[2,"2","StartTransaction",{start}]"#));
        assert_eq!(
            said,
            [r#"[3,"2",{"idTagInfo":{"status":"Accepted"},"transactionId":1}]"#]
        );
        let stop = r#"{"meterStop":11540,"timestamp":"2026-11-22T13:00:00Z","transactionId":1}"#;
        csms.answer(&format!(r#"[2,"3","StopTransaction",{stop}]"#));
        assert_eq!(books.borrow()[0].energy(), Some(11_040));
        assert_eq!(books.borrow()[0].end.unwrap().2, "Local");
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let mut csms = Csms {
            clock: Clock::by_command(),
            books: Books::default(),
            wishes: VecDeque::new(),
            calls: 0,
        };
        assert_eq!(
            csms.answer(r#"[2,"1","Dance",{}]"#),
            [r#"[4,"1","NotImplemented","",{}]"#]
        );
        assert!(csms.answer(r#"[2,"1","Authorize",{}]"#)[0].starts_with(r#"[4,"1","FormationViolation""#));
        assert_eq!(csms.answer("nonsense"), [] as [&str; 0]);
    }
}
