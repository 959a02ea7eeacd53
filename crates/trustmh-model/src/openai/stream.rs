//! Replies that come piece by piece, as server-sent events.

use serde::Deserialize;

use trustmh_core::call::{Finish, Reply};

use super::wire::{ResponseUsage, decoded, finish, unusable, usage};
use crate::error::{Flaw, ModelError};
use crate::redact::Redactor;

// Providers add fields; none but these are looked at.
#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Option<Vec<Piece>>,
    #[serde(default)]
    usage: Option<ResponseUsage>,
    #[serde(default)]
    error: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Piece {
    #[serde(default)]
    delta: Option<Delta>,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Delta {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
}

/// Puts the pieces of a streamed reply together. A stream that ends without a reason to end was cut off.
pub(super) fn read(body: &[u8], redactor: &Redactor) -> Result<Reply, ModelError> {
    let text = String::from_utf8_lossy(body);
    let (mut said, mut refused) = (String::new(), String::new());
    let (mut reason, mut counted) = (None, None);
    for data in text.lines().filter_map(|line| line.strip_prefix("data:")) {
        let data = data.trim();
        if data.is_empty() || data == "[DONE]" {
            continue;
        }
        let chunk: Chunk = decoded(data.as_bytes(), Some("application/json"), redactor)?;
        if chunk.error.is_some() {
            return Err(unusable(Flaw::ReportsError, data.as_bytes(), redactor));
        }
        counted = chunk.usage.and_then(usage).or(counted);
        let Some(piece) = chunk.choices.unwrap_or_default().into_iter().next() else { continue };
        if let Some(delta) = piece.delta {
            said.push_str(&delta.content.unwrap_or_default());
            refused.push_str(&delta.refusal.unwrap_or_default());
        }
        reason = piece.finish_reason.or(reason);
    }
    if reason.is_none() {
        return Err(unusable(Flaw::CutOff, body, redactor));
    }
    let finish = finish(reason);
    let text = if refused.trim().is_empty() { said } else { refused };
    if text.trim().is_empty() && !matches!(finish, Finish::Length | Finish::ContentFilter) {
        return Err(ModelError::EmptyReply);
    }
    Ok(Reply::new(text, finish, counted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use trustmh_core::call::Usage;

    const WHOLE: &str = concat!(
        ": a comment\n",
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"Take \"}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"your time.\"}}]}\r\n\r\n",
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":4}}\n\n",
        "data: [DONE]\n\n",
    );

    fn flaw(body: &str) -> Flaw {
        match read(body.as_bytes(), &Redactor::default()) {
            Err(ModelError::BadResponse { what, .. }) => what,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn pieces_make_a_reply() {
        let reply = read(WHOLE.as_bytes(), &Redactor::default()).unwrap();
        assert_eq!((reply.text.as_str(), reply.finish), ("Take your time.", Finish::Stop));
        assert_eq!(reply.usage, Some(Usage { prompt_tokens: 5, reply_tokens: 4 }));
    }

    #[test]
    fn a_stream_that_breaks_off_or_reports_an_error_is_no_reply() {
        let cut = WHOLE.find("data: {\"choices\":[{\"delta\":{},").unwrap();
        assert_eq!(flaw(&WHOLE[..cut]), Flaw::CutOff);
        assert_eq!(flaw(&WHOLE[..cut + 30]), Flaw::CutOff);
        assert_eq!(flaw("data: {\"error\":{\"message\":\"overloaded\"}}\n\n"), Flaw::ReportsError);
        assert_eq!(flaw(""), Flaw::CutOff);
    }

    #[test]
    fn a_streamed_refusal_is_the_text() {
        let body = "data: {\"choices\":[{\"delta\":{\"refusal\":\"I won't.\"},\"finish_reason\":\"stop\"}]}\n";
        assert_eq!(read(body.as_bytes(), &Redactor::default()).unwrap().text, "I won't.");
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(body in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&body, &Redactor::default());
        }
    }
}
