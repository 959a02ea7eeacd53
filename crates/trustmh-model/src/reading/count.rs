//! Counts of tokens, in whatever type a server writes them.

use serde_json::Value;

use trustmh_core::call::Usage;

/// A count: a whole number, a float, or a text that holds one. Nothing below zero is a count.
pub(crate) fn count(value: Option<&Value>) -> Option<u64> {
    let number = match value? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }?;
    // Above 2^53 no server counts.
    (number.is_finite() && (0.0..9.0e15).contains(&number)).then_some(number as u64)
}

/// What was counted; none if neither side was.
pub(crate) fn usage(prompt: Option<u64>, reply: Option<u64>) -> Option<Usage> {
    match (prompt, reply) {
        (None, None) => None,
        (prompt, reply) => Some(Usage {
            prompt_tokens: prompt.unwrap_or_default(),
            reply_tokens: reply.unwrap_or_default(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn counts_are_read_in_any_type() {
        for value in [json!(7), json!(7.0), json!("7"), json!("7.0")] {
            assert_eq!(count(Some(&value)), Some(7), "{value}");
        }
        for value in [json!(-1), json!(null), json!("many"), json!([7]), json!(1e300)] {
            assert_eq!(count(Some(&value)), None, "{value}");
        }
        assert_eq!(count(None), None);
    }
}
