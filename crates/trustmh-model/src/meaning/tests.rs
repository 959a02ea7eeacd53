//! The table against bodies as services send them, in words of our own where the words do not matter.

use super::*;

fn meant(status: u16, body: &str) -> Meaning {
    let sent = ["temperature", "max_tokens", "seed", "stream_options"].map(str::to_owned);
    of(status, &Report::of_body(body.as_bytes()), &sent)
}

fn error(message: &str, kind: &str) -> String {
    format!(r#"{{"error":{{"message":"{message}","type":"{kind}","code":"{kind}"}}}}"#)
}
