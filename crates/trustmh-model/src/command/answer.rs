//! What a line of a program's output is.

use serde_json::Value;

use trustmh_core::call::{Fidelity, Finish, Reply};
use trustmh_core::thought::Thought;

use crate::reading::count::{count, usage};
use crate::reading::{Texts, value};

/// A line of a program's output.
#[derive(Debug, PartialEq)]
pub(super) enum Line {
    /// The answer to the call.
    Answer(Answer),
    /// No answer.
    Another,
    /// An answer to an earlier line: to a call that was given up, or to the end of a session.
    Late(u64),
    /// Nothing.
    Blank,
}

/// What a program of the user's, or a function, answers to a call.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    /// It replies.
    Reply(Box<Reply>),
    /// It says that it cannot answer.
    Failed(String),
    /// An answer that cannot be used, and why.
    Unusable(String),
}

/// Reads a line that came after call number `id` was asked.
pub(super) fn read(id: u64, line: &[u8]) -> Line {
    let line = line.trim_ascii_start();
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
    if line.is_empty() {
        return Line::Blank;
    }
    // A log may hold braces; an answer begins with one.
    let Some((answer, texts)) = value(line).ok().filter(|(answer, _)| answer.is_object()) else {
        return if looks_like_an_answer(line) {
            unusable("it is no whole JSON object".to_owned())
        } else {
            Line::Another
        };
    };
    let answers = ["text", "refused", "error"].iter().any(|field| answer.get(*field).is_some());
    match count(answer.get("id")) {
        Some(own) if own < id => Line::Late(own),
        Some(own) if own > id => unusable(format!("it answers {own}, not {id}")),
        Some(_) => Line::Answer(answered(&answer, texts)),
        None if answers && answer.get("level").is_none() => {
            unusable(format!("it has no id; {id} was asked"))
        }
        None => Line::Another,
    }
}

fn unusable(why: String) -> Line {
    Line::Answer(Answer::Unusable(why))
}

fn looks_like_an_answer(line: &[u8]) -> bool {
    let start = String::from_utf8_lossy(line.get(..64).unwrap_or(line));
    start.starts_with('{') && start.contains("\"id\"")
}

/// What the fields of an answer say.
pub(crate) fn answered(answer: &Value, texts: Texts) -> Answer {
    match answer.get("error") {
        None | Some(Value::Null | Value::Bool(false)) => {}
        Some(Value::String(message)) => return Answer::Failed(message.clone()),
        Some(other) => return Answer::Failed(other.to_string()),
    }
    let text = match answer.get("text") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(_) => return Answer::Unusable("its text is no text".to_owned()),
    };
    let says = |field: &str| answer.get(field) == Some(&Value::Bool(true));
    let finish = if says("refused") {
        Finish::ContentFilter
    } else if says("cut") {
        Finish::Length
    } else {
        Finish::Stop
    };
    let counted = usage(count(answer.get("prompt_tokens")), count(answer.get("reply_tokens")));
    let thought = answer.get("thought").and_then(Value::as_str).map(str::to_owned);
    let mut reply =
        Reply::new(text, finish, counted).with_thought(thought.and_then(Thought::apart));
    if texts == Texts::Mended && reply.text.contains('\u{fffd}') {
        reply.fidelity = Fidelity::Mended;
    }
    Answer::Reply(Box::new(reply))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use trustmh_core::call::Unanswered;

    fn reply(line: &str) -> Reply {
        match read(1, line.as_bytes()) {
            Line::Answer(Answer::Reply(reply)) => *reply,
            other => panic!("{other:?} of {line}"),
        }
    }

    #[test]
    fn answers_are_read() {
        assert_eq!(reply(r#"{"id":1,"text":"Hello."}"#).text, "Hello.");
        assert_eq!(reply("\u{feff}{\"id\":\"1\",\"text\":\"Hello.\"}\r\n").text, "Hello.");
        assert_eq!(reply(r#"{"id":1,"refused":true}"#).finish, Finish::ContentFilter);
        assert_eq!(reply(r#"{"id":1,"text":" "}"#).unanswered(), Some(Unanswered::Empty));
        assert_eq!(reply(r#"{"id":1,"text":"B","thought":"Hm."}"#).thought.unwrap().text, "Hm.");
        assert_eq!(
            reply(r#"{"id":1,"text":"B","reply_tokens":7.0}"#).usage.unwrap().reply_tokens,
            7
        );
        let failed = Line::Answer(Answer::Failed("no".to_owned()));
        assert_eq!(read(1, br#"{"id":1,"error":"no"}"#), failed);
        assert_eq!(reply(r#"{"id":1,"text":"","cut":true}"#).unanswered(), Some(Unanswered::Cut));
    }

    #[test]
    fn lines_that_are_no_answers_are_told_apart() {
        for line in
            ["Loading the model ...", "INFO {weights}", "[1, 2]", r#"{"level":"info","text":"up"}"#]
        {
            assert_eq!(read(2, line.as_bytes()), Line::Another, "{line}");
        }
        for line in [r#"{"id":1,"text":"late"}"#, r#"{"id":1,"text":7}"#, r#"{"id":1}"#] {
            assert_eq!(read(2, line.as_bytes()), Line::Late(1), "{line}");
        }
        for line in ["", "\n", " \r\n", "\u{feff}\n"] {
            assert_eq!(read(2, line.as_bytes()), Line::Blank, "{line:?}");
        }
        for line in [
            r#"{"id":3,"text":"x"}"#,
            r#"{"text":"x"}"#,
            r#"{"id":2,"text":7}"#,
            r#"{"id":2,"text":"cut o"#,
        ] {
            assert!(
                matches!(read(2, line.as_bytes()), Line::Answer(Answer::Unusable(_))),
                "{line}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_line_is_taken(line in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = read(1, &line);
        }
    }
}
