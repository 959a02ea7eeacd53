//! When a service wants to be asked again, where it says so in words.

use serde_json::Value;
use std::time::Duration;

use super::report::Report;

/// A wait that a call may take; what takes longer is no passing trouble.
pub(super) const WORTH_WAITING: Duration = Duration::from_secs(60);

/// The wait that Google's RetryInfo names.
pub(super) fn retry_info(body: &[u8]) -> Option<Duration> {
    let value = crate::reading::value(body).ok()?.0;
    let error = value.pointer("/0/error").or_else(|| value.get("error"))?;
    let details = error.get("details")?.as_array()?;
    details.iter().find_map(|detail| match detail.get("retryDelay")? {
        Value::String(text) => spoken(text),
        delay => Duration::try_from_secs_f64(delay.get("seconds")?.as_f64()?).ok(),
    })
}

/// The wait that a field of a body names, if it is one that does.
pub(super) fn field(name: &str, value: &Value) -> Option<Duration> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let scale = match plain.to_ascii_lowercase().as_str() {
        "retryafter" | "retryafterseconds" | "retryaftersec" | "estimatedtime" => 1.0,
        "retryafterms" | "retryaftermilliseconds" => 0.001,
        _ => return None,
    };
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => match text.trim().parse::<f64>() {
            Ok(number) => number,
            Err(_) => return spoken(text),
        },
        _ => return None,
    };
    Duration::try_from_secs_f64(number * scale).ok()
}

/// The wait that a message names: "try again in 1m2.5s", "retry after 20 seconds", "in 500ms", "2 秒后".
pub(super) fn said(report: &Report) -> Option<Duration> {
    const BEFORE: [&str; 12] = [
        "try again in ",
        "retry in ",
        "retry after ",
        "try again after ",
        "wait for ",
        "wait ",
        "available in ",
        "again after ",
        "request after ",
        "resets in ",
        "reset in ",
        "reset after ",
    ];
    let text = report.words.text();
    let english = BEFORE.iter().find_map(|before| {
        let (_, after) = text.split_once(before)?;
        spoken(after)
    });
    english.or_else(|| chinese(text))
}

/// The number of seconds before the first 秒.
fn chinese(text: &str) -> Option<Duration> {
    let (before, _) = text.split_once('秒')?;
    let before = before.trim_end();
    let number = before.rfind(|c: char| !c.is_ascii_digit() && c != '.');
    let number = match number {
        Some(at) => before.get(at..)?.trim_start_matches(|c: char| !c.is_ascii_digit()),
        None => before,
    };
    Duration::try_from_secs_f64(number.parse().ok()?).ok()
}

/// A span of time as people and Google write it, at the start of `text`.
pub(crate) fn spoken(text: &str) -> Option<Duration> {
    let mut rest = text.trim_start_matches(['~', ' ']);
    let mut total = None;
    while let Some((seconds, after)) = part(rest) {
        total = Some(total.unwrap_or(0.0) + seconds);
        rest = after;
    }
    Duration::try_from_secs_f64(total?).ok()
}

fn part(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, after) = text.split_at_checked(end)?;
    let number: f64 = number.trim_end_matches('.').parse().ok()?;
    let unit = after.trim_start();
    let length = unit.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(unit.len());
    let (word, rest) = unit.split_at_checked(length)?;
    let scale = match word {
        "ms" | "msec" | "millisecond" | "milliseconds" => 0.001,
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => 86400.0,
        _ => return None,
    };
    Some((number * scale, rest.trim_start_matches([',', ' '])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spans_are_read_as_they_are_written() {
        let millis = |text: &str| spoken(text).map(|wait| wait.as_millis());
        assert_eq!(millis("2s"), Some(2000));
        assert_eq!(millis("1m2.5s. Visit us"), Some(62_500));
        assert_eq!(millis("20 seconds."), Some(20_000));
        assert_eq!(millis("500ms"), Some(500));
        assert_eq!(millis("1 hour, 2 minutes"), Some(3_720_000));
        for text in ["", "soon", "7 apples", "a moment", "."] {
            assert_eq!(millis(text), None, "{text}");
        }
    }

    #[test]
    fn waits_are_found_in_words_and_fields() {
        let wait = |body: &str| {
            let body = body.as_bytes();
            super::super::wait(body, &Report::of_body(body, &[])).map(|wait| wait.as_millis())
        };
        for (body, millis) in [
            (r#"{"message":"Slow down; retry your request after 3 sec."}"#, 3000),
            (r#"{"message":"The limit resets in 4s"}"#, 4000),
            (r#"{"message":"Expected available in 5 seconds."}"#, 5000),
            (r#"{"message":"请在 6 秒后重试"}"#, 6000),
            (r#"{"message":"请等待7秒"}"#, 7000),
            (r#"{"error":{"retry_after":1.5}}"#, 1500),
            (r#"{"error":{"metadata":{"headers":{"Retry-After":"9"}}}}"#, 9000),
            (r#"{"retry_after_ms":250}"#, 250),
            (r#"{"error":"loading","estimated_time":20.5}"#, 20_500),
        ] {
            assert_eq!(wait(body), Some(millis), "{body}");
        }
        for body in
            [r#"{"message":"每秒请求数超限"}"#, r#"{"retry_after":null}"#, r#"{"retry_after":-1}"#]
        {
            assert_eq!(wait(body), None, "{body}");
        }
    }

    #[test]
    fn googles_form_is_read() {
        let body = br#"{"error":{"details":[{"@type":"Help"},{"retryDelay":"3.5s"}]}}"#;
        assert_eq!(retry_info(body), Some(Duration::from_millis(3500)));
        let body = br#"[{"error":{"details":[{"retryDelay":{"seconds":4}}]}}]"#;
        assert_eq!(retry_info(body), Some(Duration::from_secs(4)));
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "[0-9.a-z 秒]{0,30}|\\PC{0,30}") {
            let _ = (spoken(&text), chinese(&text), field("retry_after", &text.clone().into()));
        }
    }
}
