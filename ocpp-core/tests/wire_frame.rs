//! The envelope: whatever bytes arrive, and the id that an answer needs.

mod common;

use common::{document, emit, rubble, spelled, text};
use ocpp_core::wire::{ErrorKind, Frame, FrameError, Head, MESSAGE_ID_MAX, Reader, Str, Text, WireError, Writer};
use proptest::prelude::*;

fn payload_of(mut payload: Reader<'_>) -> Result<String, WireError> {
    let raw = payload.raw()?;
    Frame::end(&mut payload)?;
    Ok(raw.to_owned())
}

/// The whole of it: envelope, payload skipped, end.
fn walk(bytes: &[u8]) -> Result<(), WireError> {
    match Frame::read(bytes).map_err(|error| error.error)? {
        Frame::Call { payload, .. } | Frame::Result { payload, .. } => payload_of(payload).map(drop),
        Frame::Error { .. } | Frame::Unknown { .. } => Ok(()),
    }
}

fn refused(frame: &str) -> (Option<String>, ErrorKind) {
    let FrameError { call, error, .. } = Frame::read(frame.as_bytes()).unwrap_err();
    (call.map(|id| id.as_text().to_string()), error.kind)
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = walk(&bytes);
        let _ = Frame::head(&bytes);
    }

    #[test]
    fn rubble_in_an_envelope_does_not_make_it_panic(start in "\\[[0-5],\"[a-z]{0,3}\",?", rest in rubble()) {
        let frame = start + &rest;
        // What is accepted as a whole is JSON; a CALLERROR is accepted by its first parts.
        if let Ok(Frame::Call { payload, .. } | Frame::Result { payload, .. }) = Frame::read(frame.as_bytes())
            && payload_of(payload).is_ok()
        {
            prop_assert!(serde_json::from_str::<serde_json::Value>(&frame).is_ok(), "{}", frame);
        }
        let _ = walk(frame.as_bytes());
    }

    #[test]
    fn a_call_is_taken_apart((id, json_id) in spelled(36), (action, json_action) in spelled(20), payload in document(4)) {
        let frame = format!("[2,{json_id},{json_action},{payload}]");
        let Ok(Frame::Call { id: read_id, action: read_action, payload: reader }) = Frame::read(frame.as_bytes()) else {
            panic!("{frame}")
        };
        prop_assert_eq!(read_id, id.as_str());
        prop_assert!(read_action.eq_str(&action));
        prop_assert_eq!(payload_of(reader).unwrap(), payload.trim_matches([' ', '\n', '\t', '\r']));
    }

    #[test]
    fn a_reply_repeats_the_id((id, json_id) in spelled(36)) {
        let frame = format!("[2,{json_id},\"Heartbeat\",{{}}]");
        let Ok(Frame::Call { id: read, .. }) = Frame::read(frame.as_bytes()) else { panic!("{frame}") };
        let mut buffer = [0; 600];
        let mut w = Writer::new(&mut buffer);
        Frame::open_result(&mut w, read.as_text());
        w.raw("{}");
        Frame::close(&mut w);
        let reply = w.finish().unwrap();
        prop_assert_eq!(reply, &format!("[3,{json_id},{{}}]"));
        let Ok(Frame::Result { id: back, payload }) = Frame::read(reply.as_bytes()) else { panic!("{reply}") };
        prop_assert_eq!(back, id.as_str());
        prop_assert_eq!(payload_of(payload), Ok("{}".to_owned()));
    }

    #[test]
    fn an_error_comes_back((_, json_id) in spelled(36), description in text(30)) {
        let id: Text<'_, MESSAGE_ID_MAX> = ocpp_core::wire::Wire::read(&mut Reader::new(&json_id)).unwrap();
        let mut buffer = [0; 1200];
        let mut w = Writer::new(&mut buffer);
        Frame::write_error(&mut w, id.as_text(), "GenericError", &description);
        let frame = w.finish().unwrap();
        prop_assert!(serde_json::from_str::<serde_json::Value>(frame).is_ok());
        let Ok(Frame::Error { id: back, code, description: read }) = Frame::read(frame.as_bytes()) else {
            panic!("{frame}")
        };
        prop_assert_eq!(back, id);
        prop_assert!(code.eq_str("GenericError"));
        prop_assert!(read.eq_str(&description));
    }

    #[test]
    fn an_own_call_comes_back(id in "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", payload in document(4)) {
        let mut buffer = vec![0; payload.len() + 100];
        let mut w = Writer::new(&mut buffer);
        Frame::open_call(&mut w, &id, "DataTransfer");
        w.raw(&payload);
        Frame::close(&mut w);
        let frame = w.finish().unwrap();
        let Ok(Frame::Call { id: back, action, payload: reader }) = Frame::read(frame.as_bytes()) else {
            panic!("{frame}")
        };
        prop_assert_eq!(back, id.as_str());
        prop_assert!(action.eq_str("DataTransfer"));
        prop_assert!(payload_of(reader).is_ok());
    }

    #[test]
    fn the_id_is_found_in_any_beginning_that_holds_it((id, json_id) in spelled(36), rest in "[ -~é]{0,20}") {
        let frame = format!("[2,{json_id},{rest}");
        let needed = frame.len() - rest.len() - 1;
        for len in needed..=frame.len() {
            prop_assert_eq!(Frame::head(&frame.as_bytes()[..len]), Head::Call(Text::new(id.as_str()).unwrap()));
        }
        for len in 0..needed {
            prop_assert_eq!(Frame::head(&frame.as_bytes()[..len]), Head::Unreadable);
        }
    }

    #[test]
    fn bytes_that_are_no_text_leave_the_id((id, json_id) in spelled(36), bad in 0x80u8..=0xbf) {
        let mut frame = format!("[2,{json_id},\"A\",{{\"a\":\"").into_bytes();
        frame.push(bad);
        frame.extend_from_slice(b"\"}]");
        let FrameError { call, error, .. } = Frame::read(&frame).unwrap_err();
        prop_assert_eq!(call.unwrap(), id.as_str());
        prop_assert_eq!(error.kind, ErrorKind::Syntax);
    }
}

#[test]
fn the_id_of_a_broken_call_is_told() {
    let id = || Some("7".to_owned());
    for (frame, kind) in [
        (r#"[2,"7"]"#, ErrorKind::Syntax),
        (r#"[2,"7","#, ErrorKind::Syntax),
        (r#"[2,"7",5,{}]"#, ErrorKind::Type),
        (r#"[2,"7",null,{}]"#, ErrorKind::Type),
        (r#"[2,"7","Heartbeat"]"#, ErrorKind::Syntax),
        (r#"[2,"7","Heart\x",{}]"#, ErrorKind::Syntax),
    ] {
        assert_eq!(refused(frame), (id(), kind), "{frame}");
    }
}

#[test]
fn nobody_is_answered_who_cannot_be_named() {
    let long = "x".repeat(MESSAGE_ID_MAX + 1);
    for frame in [
        "",
        "[",
        "{}",
        "null",
        "hello",
        "[]",
        "[2]",
        r#"["2","7","Heartbeat",{}]"#,
        r#"[2,7,"Heartbeat",{}]"#,
        r#"[2,null,"Heartbeat",{}]"#,
        r#"[2,"7\u12","Heartbeat",{}]"#,
        r#"[3,"7"]"#,
        r#"[4,"7",5]"#,
        &format!(r#"[2,"{long}","Heartbeat",{{}}]"#),
    ] {
        assert_eq!(refused(frame).0, None, "{frame}");
        let answer = frame.starts_with("[3") || frame.starts_with("[4");
        let head = if answer { Head::Answer } else { Head::Unreadable };
        assert_eq!(Frame::head(frame.as_bytes()), head, "{frame}");
    }
}

#[test]
fn ids_have_at_most_36_characters() {
    let id = "é".repeat(MESSAGE_ID_MAX);
    let frame = format!(r#"[2,"{id}","Heartbeat",{{}}]"#);
    assert!(matches!(Frame::read(frame.as_bytes()), Ok(Frame::Call { id: read, .. }) if read == id.as_str()));
}

#[test]
fn other_kinds_of_message_are_left_to_the_dialect() {
    for (frame, expected) in [
        (r#"[1,"7"]"#, (1, true)),
        (r#"[5,"7","Heartbeat",{}]"#, (5, true)),
        (r#"[6,"7",{"x":1}]"#, (6, true)),
        ("[0,{}]", (0, false)),
        (r#"[-3,"7"]"#, (-3, true)),
    ] {
        let Ok(Frame::Unknown { kind, id }) = Frame::read(frame.as_bytes()) else {
            panic!("{frame}")
        };
        assert_eq!((kind, id.is_some()), expected, "{frame}");
    }
}

#[test]
fn a_refusal_counts_even_if_it_is_short() {
    for frame in [
        r#"[4,"7","GenericError","",{}]"#,
        r#"[4,"7","GenericError",""]"#,
        r#"[4,"7","GenericError"]"#,
        r#" [ 4 , "7" , "Generic\u0045rror" , "" , null ] "#,
    ] {
        let Ok(Frame::Error { id, code, description }) = Frame::read(frame.as_bytes()) else {
            panic!("{frame}")
        };
        assert_eq!(id, "7");
        assert!(code.eq_str("GenericError") && description.is_empty());
    }
}

#[test]
fn data_behind_the_payload_is_refused() {
    for frame in [
        r#"[2,"7","Heartbeat",{},1]"#,
        r#"[2,"7","Heartbeat",{}]]"#,
        r#"[2,"7","Heartbeat",{}],"#,
        r#"[2,"7","Heartbeat",{}"#,
        r#"[2,"7","Heartbeat",{}}"#,
        r#"[2,"7","Heartbeat",{}] x"#,
        r#"[3,"7",{}{}]"#,
    ] {
        assert_eq!(walk(frame.as_bytes()).unwrap_err().kind, ErrorKind::Syntax, "{frame}");
    }
    assert_eq!(walk(b" [ 2 , \"7\" , \"Heartbeat\" , { } ] \n"), Ok(()));
}

#[test]
fn a_frame_made_to_hurt_is_refused() {
    let deep = format!(r#"[2,"7","Heartbeat",{}{}]"#, "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(walk(deep.as_bytes()).unwrap_err().kind, ErrorKind::Syntax);
    assert!(Frame::read(&[b'['; 10_000]).is_err());
    let long = "x".repeat(1 << 20);
    assert_eq!(refused(&format!(r#"[2,"{long}","Heartbeat",{{}}]"#)).0, None);
    assert_eq!(
        walk(format!(r#"[2,"7","{long}",{{"{long}":"{long}"}}]"#).as_bytes()),
        Ok(())
    );
}

#[test]
fn too_small_a_buffer_tells_the_length() {
    let mut buffer = [0; 10];
    let mut w = Writer::new(&mut buffer);
    Frame::write_error(&mut w, Str::plain("7"), "GenericError", "");
    assert!(w.overflowed());
    assert_eq!(w.finish(), Err(r#"[4,"7","GenericError","",{}]"#.len()));
    assert_eq!(emit(&7i64), "7");
}
