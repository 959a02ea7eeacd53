//! What an error says, in the many forms that services use, some of them one within the other.

use serde_json::{Map, Value};
use std::time::Duration;

use super::words::{LIMIT, Words};
use super::{echo, wait};
use crate::reading::count::count;

/// How deep forms may stand in one another.
const DEPTH: usize = 12;

/// Fields that hold what a service calls an error.
const NAMES: [&str; 18] = [
    "Code",
    "code",
    "type",
    "status",
    "reason",
    "error_code",
    "errorCode",
    "error_type",
    "errorType",
    "err_code",
    "status_code",
    "finish_reason",
    "finishReason",
    "stop_reason",
    "quotaId",
    "quota_limit",
    "blockReason",
    "__type",
];

/// Fields in which services repeat what they were sent: it says nothing about what went wrong.
const ECHOES: [&str; 7] =
    ["flagged_input", "input", "prompt", "messages", "request", "request_id", "ctx"];

/// An error as it came, taken apart.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// What it says to people.
    pub(crate) message: String,
    /// All of its words.
    pub(crate) words: Words,
    /// The names it gives the error, in lower case, nothing but letters and digits.
    pub(crate) names: Vec<String>,
    /// The field of the request that it blames.
    pub(crate) field: Option<String>,
    /// Its status, where it came within an answer of another one.
    pub(crate) status: Option<u16>,
    /// When it wants to be asked again, where a field of its own says so.
    pub(crate) wait: Option<Duration>,
    /// Whether a moderator gives reasons.
    pub(crate) moderated: bool,
    /// Whether it is a page for people, as proxies send.
    pub(crate) page: bool,
}

impl Report {
    /// Takes the body of an answer apart; what it repeats of the texts that were sent says nothing.
    pub(crate) fn of_body(body: &[u8], sent: &[&str]) -> Self {
        match crate::reading::Body::read(body, None) {
            Ok(body) => {
                let value = match <[Value; 1]>::try_from(body.pieces) {
                    Ok([one]) => one,
                    Err(several) => Value::Array(several),
                };
                Self::of(&value, sent)
            }
            Err(_) => {
                let text = String::from_utf8_lossy(body.get(..LIMIT).unwrap_or(body)).into_owned();
                let page = text.trim_start().starts_with('<');
                let mut report = Self { message: text.clone(), page, ..Self::default() };
                report.words.add(&echo::without(&text, sent));
                report
            }
        }
    }

    /// Takes an error apart.
    pub(crate) fn of(value: &Value, sent: &[&str]) -> Self {
        let mut report = Self::default();
        report.gather(value, sent, DEPTH);
        report.message = message(value).unwrap_or_else(|| value.to_string());
        report
    }

    fn gather(&mut self, value: &Value, sent: &[&str], depth: usize) {
        if depth == 0 || self.words.is_full() {
            return;
        }
        match value {
            Value::String(text) => self.string(text, sent, depth),
            Value::Array(parts) => parts.iter().for_each(|part| self.gather(part, sent, depth - 1)),
            Value::Object(fields) => self.object(fields, sent, depth),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn string(&mut self, text: &str, sent: &[&str], depth: usize) {
        let text: String = text.chars().take(LIMIT).collect();
        self.words.add(&echo::without(&text, sent));
        // Gateways put what another service said into a text.
        let inner = text.find('{').and_then(|start| text.get(start..=text.rfind('}')?));
        if let Some(Ok(inner)) = inner.map(serde_json::from_str::<Value>) {
            self.gather(&inner, sent, depth - 1);
        }
    }

    fn object(&mut self, fields: &Map<String, Value>, sent: &[&str], depth: usize) {
        for (name, value) in fields.iter().filter(|(name, _)| !ECHOES.contains(&name.as_str())) {
            if NAMES.contains(&name.as_str()) {
                self.name(value);
            }
            self.wait = self.wait.or_else(|| wait::field(name, value));
            let filled = match value {
                Value::Array(parts) => !parts.is_empty(),
                Value::Null | Value::Bool(false) => false,
                _ => true,
            };
            match name.as_str() {
                "reasons" | "contentFilter" if filled => self.moderated = true,
                "filtered" | "flagged" if *value == Value::Bool(true) => self.moderated = true,
                "param" | "parameter" | "loc" | "field" if filled => {
                    self.field = self.field.take().or_else(|| field(value))
                }
                "code" | "status" | "http_code" | "status_code" => {
                    let status = count(Some(value)).and_then(|status| u16::try_from(status).ok());
                    self.status =
                        self.status.or(status.filter(|status| (400..600).contains(status)));
                }
                _ => {}
            }
            self.gather(value, sent, depth - 1);
        }
        if fields.contains_key("flagged_input") {
            self.moderated = true;
        }
    }

    fn name(&mut self, value: &Value) {
        let name = match value {
            Value::String(name) => name.clone(),
            Value::Number(number) => number.to_string(),
            _ => return,
        };
        self.names.push(letters(&name));
    }

    /// Whether it goes by one of these names, exactly.
    pub(crate) fn is_named(&self, names: &[&str]) -> bool {
        self.names.iter().any(|own| names.contains(&own.as_str()))
    }

    /// Whether one of these names, in letters and digits only, stands anywhere in it.
    pub(crate) fn names(&self, names: &[&str]) -> bool {
        self.words.name(names)
    }

    /// Whether one of these phrases, in lower case, stands in it.
    pub(crate) fn says(&self, phrases: &[&str]) -> bool {
        self.words.say(phrases)
    }

    /// Whether one of its sentences has a phrase of each list.
    pub(crate) fn joins(&self, lists: &[&[&str]]) -> bool {
        self.words.join(lists)
    }

    /// Whether it speaks of a trouble that passes.
    pub(crate) fn is_of_now(&self) -> bool {
        const PASSING: [&str; 18] = [
            "unavailable",
            "timed out",
            "timeout",
            "time-out",
            "is busy",
            "server busy",
            "overloaded",
            "try again",
            "retry later",
            "please retry",
            "retry shortly",
            "稍后再试",
            "稍后重试",
            "繁忙",
            "超时",
            "过载",
            "访问量过大",
            "请重试",
        ];
        self.says(&PASSING)
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The name of a field: a text, or the last text of a path.
fn field(value: &Value) -> Option<String> {
    match value {
        Value::String(name) => Some(name.clone()),
        Value::Array(path) => path.iter().rev().find_map(Value::as_str).map(str::to_owned),
        _ => None,
    }
}

/// What is said to people. A gateway's own words are of little use beside those of the service behind it.
fn message(value: &Value) -> Option<String> {
    const PLACES: [&str; 15] = [
        "/Message",
        "/error/message",
        "/error/msg",
        "/message",
        "/msg",
        "/error_msg",
        "/status_msg",
        "/base_resp/status_msg",
        "/detail",
        "/errorMessage",
        "/errors/0/message",
        "/0/error/message",
        "/error/error/message",
        "/message/detail/0/msg",
        "/detail/0/msg",
    ];
    let text = |place: &str| {
        value
            .pointer(place)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let own = match value {
        Value::String(text) => Some(text.clone()),
        _ => PLACES.iter().find_map(|place| text(place)).or_else(|| text("/error")),
    };
    match (own, text("/error/metadata/raw").or_else(|| text("/metadata/raw"))) {
        (Some(own), Some(behind)) => Some(format!("{own}: {behind}")),
        (own, behind) => own.or(behind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_form_of_error_body_is_read() {
        for body in [
            r#"{"error":{"message":"no","type":"t","code":"a_code"}}"#,
            r#"{"error":"no","code":"aCode"}"#,
            r#"{"object":"error","message":"no","code":"A-CODE"}"#,
            r#"{"detail":"no","code":"a code"}"#,
            r#"[{"error":{"message":"no","status":"A_CODE"}}]"#,
            r#"{"type":"error","error":{"type":"a_code","message":"no"}}"#,
            r#"{"base_resp":{"status_msg":"no","status_code":"a_code"}}"#,
        ] {
            let report = Report::of_body(body.as_bytes(), &[]);
            assert_eq!(report.message, "no", "{body}");
            assert!(report.is_named(&["acode"]), "{body}");
        }
        let page = Report::of_body(b"<html>", &[]);
        assert_eq!((page.message.as_str(), page.page), ("<html>", true));
        assert_eq!(
            Report::of_body(br#"{"error":{"message":"no","code":403}}"#, &[]).status,
            Some(403)
        );
    }

    #[test]
    fn what_another_service_said_is_found_and_what_was_sent_is_not() {
        let wrapped = br#"{"error":{"message":"Provider failed","metadata":{"raw":"{\"error\":{\"code\":\"too_bad\"}}"}}}"#;
        let report = Report::of_body(wrapped, &[]);
        assert!(report.is_named(&["toobad"]) && report.message.starts_with("Provider failed: {"));
        let echo = br#"{"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"no","input":"my credit balance"}]}"#;
        let report = Report::of_body(echo, &[]);
        assert!(!report.says(&["credit"]));
        assert_eq!((report.field.as_deref(), report.message.as_str()), (Some("seed"), "no"));
    }

    proptest! {
        #[test]
        fn any_body_is_taken(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Report::of_body(&body, &[]);
        }
    }
}
