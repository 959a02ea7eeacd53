//! What came over the wire as JSON, read leniently: a reply that was paid for is not thrown away for a field that nobody reads.
//!
//! A body is one JSON value, a stream of server-sent events, lines of JSON, or a list of pieces, whatever was asked for and whatever its
//! content type says. All of them become a list of pieces that a dialect puts together.

pub(crate) mod count;
mod events;
mod mend;
pub(crate) mod reply;

use serde_json::Value;

use crate::error::Flaw;

/// A response's body.
#[derive(Debug)]
pub(crate) struct Body {
    /// Its JSON values, in order.
    pub(crate) pieces: Vec<Value>,
    /// Whether they must say by themselves that the reply is whole.
    pub(crate) close: Close,
    /// Whether something in its texts had to be replaced to be read at all.
    pub(crate) texts: Texts,
}

/// How it is known that nothing is missing at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Close {
    /// The JSON is whole, or a mark of the end was seen.
    Seen,
    /// Pieces came one by one: only a reason to end tells that all are there.
    Unseen,
}

/// Whether texts are as they were sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Texts {
    AsSent,
    /// Bytes that are no UTF-8 or halves of characters were replaced by U+FFFD.
    Mended,
}

impl Texts {
    fn and(self, other: Self) -> Self {
        if self == Self::AsSent { other } else { self }
    }
}

impl Body {
    /// Reads a body. The content type is only asked when the body is nothing else that is known: some servers name none, or a wrong one.
    pub(crate) fn read(bytes: &[u8], content_type: Option<&str>) -> Result<Self, Flaw> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
        let bytes = uncommented(bytes);
        let kind = content_type.map(str::to_ascii_lowercase);
        let said = |word: &str| kind.as_ref().is_some_and(|kind| kind.contains(word));
        let is_json = bytes.starts_with(b"{") || bytes.starts_with(b"[");
        if events::begins(bytes) || (said("event-stream") && !is_json) {
            return events::read(bytes);
        }
        let error = match value(bytes) {
            Ok((value, texts)) => {
                return Ok(Self { pieces: parts(value), close: Close::Seen, texts });
            }
            Err(error) => error,
        };
        if let Some(body) = lines(bytes) {
            return Ok(body);
        }
        Err(match content_type {
            Some(kind) if !said("json") => Flaw::ContentType(kind.to_owned()),
            _ => flaw(&error),
        })
    }
}

/// Without the comments that some servers send while they are at work, where JSON follows them that is no stream.
fn uncommented(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while rest.starts_with(b":") {
        let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
        rest = rest.get(end..).unwrap_or_default().trim_ascii_start();
    }
    if rest.starts_with(b"{") || rest.starts_with(b"[") { rest } else { bytes }
}

/// One JSON value, mended where it is none by the letter.
pub(crate) fn value(bytes: &[u8]) -> Result<(Value, Texts), serde_json::Error> {
    let error = match serde_json::from_slice(bytes) {
        Ok(value) => return Ok((value, Texts::AsSent)),
        Err(error) => error,
    };
    // Words that are no JSON are not made to be some.
    if !bytes.trim_ascii_start().starts_with(b"{") && !bytes.trim_ascii_start().starts_with(b"[{") {
        return Err(error);
    }
    let text = String::from_utf8_lossy(bytes);
    let lossy = matches!(text, std::borrow::Cow::Owned(_));
    let (mended, texts) = mend::mended(&text);
    let texts = if lossy { Texts::Mended } else { texts };
    serde_json::from_str(&mended).map(|value| (value, texts))
}

fn flaw(error: &serde_json::Error) -> Flaw {
    if error.is_eof() { Flaw::CutOff } else { Flaw::Json(error.to_string()) }
}

/// Some servers put a reply, or its pieces, in a list.
fn parts(value: Value) -> Vec<Value> {
    match value {
        Value::Array(parts) if parts.iter().all(Value::is_object) => parts,
        other => vec![other],
    }
}

/// Several JSON objects, one a line.
fn lines(bytes: &[u8]) -> Option<Body> {
    let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let mut body = Body { pieces: Vec::new(), close: Close::Unseen, texts: Texts::AsSent };
    for line in lines.filter(|line| !line.is_empty()) {
        let (piece, texts) = value(line).ok().filter(|(piece, _)| piece.is_object())?;
        body.pieces.push(piece);
        body.texts = body.texts.and(texts);
    }
    (body.pieces.len() > 1).then_some(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn pieces(body: &str) -> Vec<Value> {
        Body::read(body.as_bytes(), None).unwrap().pieces
    }

    #[test]
    fn whatever_form_it_has_a_body_becomes_pieces() {
        let two = vec![json!({ "a": 1 }), json!({ "a": 2 })];
        assert_eq!(pieces(r#"{"a":1}"#), two[..1]);
        assert_eq!(pieces("\u{feff} {\"a\":1}\n"), two[..1]);
        assert_eq!(pieces(r#"[{"a":1},{"a":2}]"#), two);
        assert_eq!(pieces("{\"a\":1}\n\n{\"a\":2}\n"), two);
        assert_eq!(pieces("data: {\"a\":1}\n\ndata: {\"a\":2}\n\n"), two);
        assert_eq!(pieces("{\"a\":7,\"a\":1}"), two[..1], "of a field said twice the last counts");
    }

    #[test]
    fn what_is_no_json_has_a_flaw() {
        let flaw = |body: &str, kind| Body::read(body.as_bytes(), kind).unwrap_err();
        assert_eq!(flaw("", None), Flaw::CutOff);
        assert_eq!(flaw("{\"a\":\"b", Some("application/json")), Flaw::CutOff);
        let html = Flaw::ContentType("text/html".to_owned());
        assert_eq!(flaw("<html>Sign in.</html>", Some("text/html")), html);
        assert!(matches!(flaw("{\"a\":1}{\"a\":2}", None), Flaw::Json(_)));
    }

    #[test]
    fn texts_that_had_to_be_mended_are_known() {
        let texts = |body: &[u8]| Body::read(body, None).unwrap().texts;
        assert_eq!(texts(br#"{"a":"b","c":NaN}"#), Texts::AsSent);
        assert_eq!(texts(b"{\"a\":\"b\xe9\"}"), Texts::Mended);
        assert_eq!(texts(br#"{"a":"b\ud83d"}"#), Texts::Mended);
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(body in prop::collection::vec(any::<u8>(), 0..200), kind in "\\PC{0,20}") {
            let _ = Body::read(&body, Some(&kind));
        }

        #[test]
        fn any_scrap_is_taken(body in "(data:|event: error|[{]|[}]|\\[|\\]|\"|\\\\u|d83d|NaN|,|:|\r|\n|1e999|x){0,20}") {
            let _ = Body::read(body.as_bytes(), None);
        }
    }
}
