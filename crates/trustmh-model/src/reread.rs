//! Recorded responses, read once more: whether a recorded text is what the service sent.

use serde_json::value::RawValue;

use trustmh_core::id::ModelId;

use crate::provider::Provider;
use crate::readers::reply;

/// The text of the reply in a response as it was recorded with a call to `model`, read as on the day it came. None where the model is
/// served by something whose responses are not recorded, and where the response is no reply, as that of a service that refused.
pub fn text_of(model: &ModelId, response: &RawValue) -> Option<String> {
    let (provider, _) = Provider::of_model(model.as_str())?;
    // What is no JSON that every reader takes, such as a stream of events, was recorded as one string.
    let text = match serde_json::from_str::<String>(response.get()) {
        Ok(text) => text,
        Err(_) => response.get().to_owned(),
    };
    reply(provider, None, text.as_bytes()).ok()?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(model: &str, response: &str) -> Option<String> {
        let response = RawValue::from_string(response.to_owned()).unwrap();
        text_of(&ModelId::new(model), &response)
    }

    #[test]
    fn a_response_is_read_by_the_protocol_of_its_model() {
        let openai = r#"{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}"#;
        let anthropic = r#"{"content":[{"type":"text","text":"b"}],"stop_reason":"end_turn"}"#;
        let stream = r#""data: {\"choices\":[{\"delta\":{\"content\":\"c\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n""#;
        assert_eq!(text("openai/x", openai).as_deref(), Some("a"));
        assert_eq!(text("anthropic/x", anthropic).as_deref(), Some("b"));
        assert_eq!(text("openai/x", stream).as_deref(), Some("c"));
        assert_eq!(text("openai/x", r#"{"error":{"message":"no"}}"#), None);
        assert_eq!(text("scripted/constant:A", openai), None);
        assert_eq!(text("a-name-of-a-table", openai), None);
    }
}
