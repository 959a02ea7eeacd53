//! JSON objects inside replies.

use serde_json::{Map, Value};

/// The object in the reply's first fenced block that holds one, else the whole reply as an object,
/// else the first balanced `{...}` that is an object.
pub fn object_in(reply: &str) -> Option<Map<String, Value>> {
    fenced_object(reply).or_else(|| whole_object(reply)).or_else(|| embedded_object(reply))
}

/// The object in the first fenced block that holds one.
pub fn fenced_object(reply: &str) -> Option<Map<String, Value>> {
    let mut parts = reply.split("```");
    parts.next()?;
    while let Some(block) = parts.next() {
        let body = block.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
        if let Some(object) = whole_object(body) {
            return Some(object);
        }
        parts.next();
    }
    None
}

/// The whole text as an object.
pub fn whole_object(text: &str) -> Option<Map<String, Value>> {
    match serde_json::from_str(text.trim()) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

// Bounded, so that a reply of many open braces does not cost quadratic time.
const OPENINGS_TRIED: usize = 64;

fn embedded_object(reply: &str) -> Option<Map<String, Value>> {
    reply.match_indices('{').take(OPENINGS_TRIED).find_map(|(start, _)| {
        let mut values =
            serde_json::Deserializer::from_str(reply.get(start..)?).into_iter::<Value>();
        match values.next() {
            Some(Ok(Value::Object(object))) => Some(object),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn finds_fenced_bare_and_embedded_objects() {
        for reply in [
            "```json\n{\"choice\": \"B\"}\n```",
            "```\n{\"choice\": \"B\"}\n```",
            "{\"choice\": \"B\"}",
            "Here it is: {\"choice\": \"B\"} as asked.",
            "```text\nno\n``` then ```json\n{\"choice\": \"B\"}\n```",
        ] {
            let object = object_in(reply).unwrap_or_else(|| panic!("{reply}"));
            assert_eq!(object["choice"], "B");
        }
        assert_eq!(object_in("[1, 2]"), None);
        assert_eq!(object_in("{not json"), None);
    }

    proptest! {
        #[test]
        fn takes_any_text(reply in "(?s).{0,200}") {
            let _ = object_in(&reply);
        }

        #[test]
        fn takes_many_braces(count in 0_usize..5000) {
            let _ = object_in(&"{".repeat(count));
        }
    }
}
