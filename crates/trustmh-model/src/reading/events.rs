//! Server-sent events (WHATWG HTML, section 9.2), as servers really send them.

use serde_json::{Value, json};

use super::{Body, Close, Texts, flaw, value};
use crate::error::Flaw;

/// Whether a body begins as a stream of events does.
pub(super) fn begins(bytes: &[u8]) -> bool {
    const FIELDS: [&[u8]; 5] = [b":", b"data:", b"event:", b"id:", b"retry:"];
    FIELDS.iter().any(|field| bytes.starts_with(field))
}

#[derive(Default)]
struct Event<'a> {
    name: &'a str,
    data: Vec<&'a str>,
}

/// The JSON of all events. Lines end with LF, CR LF or CR; an event may have several data lines.
pub(super) fn read(bytes: &[u8]) -> Result<Body, Flaw> {
    let text = String::from_utf8_lossy(bytes);
    let texts = match &text {
        std::borrow::Cow::Owned(_) => Texts::Mended,
        std::borrow::Cow::Borrowed(_) => Texts::AsSent,
    };
    let mut body = Body { pieces: Vec::new(), close: Close::Unseen, texts };
    let mut event = Event::default();
    for line in
        text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
    {
        if line.trim().is_empty() {
            std::mem::take(&mut event).into_pieces(&mut body)?;
        } else if let Some(data) = line.strip_prefix("data:") {
            event.data.push(data.trim());
        } else if let Some(name) = line.strip_prefix("event:") {
            event.name = name.trim();
        }
    }
    event.into_pieces(&mut body)?;
    Ok(body)
}

impl Event<'_> {
    fn into_pieces(self, body: &mut Body) -> Result<(), Flaw> {
        let whole = self.data.join("\n");
        if let Ok((piece, texts)) = value(whole.as_bytes()) {
            self.piece(piece, texts, body);
            return Ok(());
        }
        // Some servers leave out the blank line between events.
        for data in &self.data {
            match value(data.as_bytes()) {
                Ok((piece, texts)) => self.piece(piece, texts, body),
                Err(_) if *data == "[DONE]" => body.close = Close::Seen,
                // Words such as `ping` are no pieces.
                Err(_) if !data.starts_with(['{', '[']) => {}
                Err(error) => return Err(flaw(&error)),
            }
        }
        Ok(())
    }

    fn piece(&self, piece: Value, texts: Texts, body: &mut Body) {
        if !piece.is_object() {
            return;
        }
        let is_error = self.name == "error" && piece.get("error").is_none();
        body.pieces.push(if is_error { json!({ "error": piece }) } else { piece });
        body.texts = body.texts.and(texts);
        if self.name == "message_stop" {
            body.close = Close::Seen;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(body: &str) -> Vec<Value> {
        read(body.as_bytes()).unwrap().pieces
    }

    #[test]
    fn events_are_parted_however_lines_end() {
        let two = vec![json!({ "a": 1 }), json!({ "a": 2 })];
        for end in ["\n", "\r\n", "\r"] {
            let body = format!(
                ": hello{end}data: {{\"a\":1}}{end}{end}event: x{end}id: 7{end}data:{{\"a\":{end}data: 2}}{end}{end}"
            );
            assert_eq!(pieces(&body), two, "{end:?}");
        }
        assert_eq!(pieces("data: {\"a\":1}\ndata: {\"a\":2}\ndata: [DONE]\n"), two);
        assert_eq!(pieces("data: ping\n\ndata: {\"a\":1}"), two[..1]);
    }

    #[test]
    fn the_end_and_errors_are_known() {
        assert_eq!(read(b"data: {}\n\n").unwrap().close, Close::Unseen);
        assert_eq!(read(b"data: {}\n\ndata: [DONE]\n\n").unwrap().close, Close::Seen);
        assert_eq!(
            pieces("event: error\ndata: {\"message\":\"no\"}\n\n"),
            [json!({ "error": { "message": "no" } })]
        );
        assert_eq!(read(b"data: {\"a\"").unwrap_err(), Flaw::CutOff);
    }
}
