//! Bodies as they are kept.

use serde_json::Value;
use serde_json::value::RawValue;

use crate::redact::Redactor;

/// The body without the key and on one line, as records of lines need it. A line break in JSON can
/// only stand between tokens, so nothing is lost.
pub(crate) fn raw(body: &[u8], redactor: &Redactor) -> Option<Box<RawValue>> {
    let text = redactor.clean(&String::from_utf8_lossy(body));
    let line = text.replace(['\n', '\r'], " ").trim().to_owned();
    // Anything but JSON that every reader takes, such as a stream of events, is kept as one string.
    match serde_json::from_str::<Value>(&line) {
        Ok(_) => RawValue::from_string(line).ok(),
        Err(_) => serde_json::value::to_raw_value(&text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::SecretString;

    #[test]
    fn raw_bodies_are_one_line_without_the_key() {
        let redactor = Redactor::of([SecretString::from("sk-canary-1")]);
        let kept = |body: &[u8]| raw(body, &redactor).unwrap().get().to_owned();
        assert_eq!(kept(b"{\n  \"a\": \"sk-canary-1 \\n\"\r\n}\n"), "{   \"a\": \"[key] \\n\"  }");
        assert_eq!(kept(b"data: {}\n\n"), r#""data: {}\n\n""#);
        assert_eq!(kept(&[0xff]), "\"\u{fffd}\"");
        assert_eq!(kept(br#"{"a":"\ud83d"}"#), r#""{\"a\":\"\\ud83d\"}""#);
    }
}
