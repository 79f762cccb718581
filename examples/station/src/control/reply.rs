//! Replies: one for each command line.

use super::snapshot::{Clock, Snapshot};
use serde::Serialize;
use serde_json::Value;

/// What a command is answered with when it was carried out.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// Nothing but that.
    Done,
    /// Where the clock stands now.
    Clock(Clock),
    /// The snapshot.
    State(Box<Snapshot>),
}

/// The line of a reply.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    id: &'a Value,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(flatten)]
    clock: Option<&'a Clock>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a Snapshot>,
}

impl<'a> Line<'a> {
    /// The answer to the command with that id.
    pub fn new(id: &'a Value, result: Result<&'a Reply, &'a str>) -> Self {
        let mut line = Self {
            id,
            ok: result.is_ok(),
            error: result.err(),
            clock: None,
            state: None,
        };
        match result {
            Ok(Reply::Clock(clock)) => line.clock = Some(clock),
            Ok(Reply::State(state)) => line.state = Some(state),
            Ok(Reply::Done) | Err(_) => {}
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(id: Value, result: Result<&Reply, &str>) -> String {
        serde_json::to_string(&Line::new(&id, result)).unwrap()
    }

    #[test]
    fn lines_are_as_documented() {
        assert_eq!(text(json!(7), Ok(&Reply::Done)), r#"{"id":7,"ok":true}"#);
        assert_eq!(
            text(json!(null), Err("not JSON")),
            r#"{"id":null,"ok":false,"error":"not JSON"}"#
        );
        let clock = Clock {
            wall: "2026-11-22T12:00:00Z".into(),
            mono: 5,
            synced: false,
        };
        assert_eq!(
            text(json!("a"), Ok(&Reply::Clock(clock))),
            r#"{"id":"a","ok":true,"wall":"2026-11-22T12:00:00Z","mono":5,"synced":false}"#
        );
    }
}
