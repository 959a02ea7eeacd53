//! Room to think and options of the user's, in the words of each service.
use serde_json::{Value, json};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer};

use crate::server::{
    CANARY, connection, json as answer, named_model_at, opened, provider, simple_call,
};
use trustmh_core::call::CallSpec;
use trustmh_core::id::ModelId;
use trustmh_core::request::RequestOptions;
use trustmh_model::api::ModelApi;

/// A call with room for 64 tokens of reply.
fn call(thinking_tokens: Option<u32>, typed: &[&str]) -> CallSpec {
    let mut call = simple_call();
    call.sampling.thinking_tokens = thinking_tokens;
    call.options = RequestOptions::parse(typed.iter().copied()).unwrap();
    call
}

/// The body that a model sends; what comes back does not matter here.
async fn sent(model: impl FnOnce(&str) -> Box<dyn ModelApi>, call: &CallSpec) -> Value {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(answer(400, "{}")).mount(&server).await;
    drop(model(&server.uri()).complete(call).await);
    let requests = server.received_requests().await.unwrap();
    let mut body: Value = serde_json::from_slice(&requests[0].body).unwrap();
    for conversation in ["model", "messages", "contents", "stream"] {
        body.as_object_mut().unwrap().remove(conversation);
    }
    body
}

async fn openai(name: &str, call: &CallSpec) -> Value {
    sent(|url| Box::new(named_model_at(name, &format!("{url}/v1"), None)), call).await
}

async fn service(prefix: &str, name: &str, call: &CallSpec) -> Value {
    let model = |url: &str| opened(provider(prefix), name, connection(url, Some(CANARY)));
    sent(|url| Box::new(model(url)), call).await
}

#[tokio::test]
async fn thought_and_reply_share_the_limit_of_openai_compatible_servers() {
    let thinking = call(Some(4096), &[]);
    let body = openai("small-model", &thinking).await;
    assert_eq!(body, json!({ "temperature": 0.5, "max_tokens": 4160 }));
    let body = openai("o3-mini", &thinking).await;
    assert_eq!(body, json!({ "max_completion_tokens": 4160 }));
    let body = openai("small-model", &call(Some(0), &[])).await;
    assert_eq!(body, json!({ "temperature": 0.5, "max_tokens": 64 }));
}

#[tokio::test]
async fn anthropic_gets_a_budget_within_the_limit_and_no_temperature_with_it() {
    let of =
        |name: &'static str, call: CallSpec| async move { service("anthropic", name, &call).await };
    let body = of("small-model", call(Some(4096), &[])).await;
    let thinking = json!({ "type": "enabled", "budget_tokens": 4096 });
    assert_eq!(body, json!({ "max_tokens": 4160, "thinking": thinking }));
    let body = of("small-model", call(Some(10), &[])).await;
    let smallest = json!({ "type": "enabled", "budget_tokens": 1024 });
    assert_eq!(body, json!({ "max_tokens": 1088, "thinking": smallest }));
    for unasked in [None, Some(0)] {
        let body = of("small-model", call(unasked, &[])).await;
        assert_eq!(body, json!({ "max_tokens": 64, "temperature": 0.5 }));
    }
    let body = of("claude-opus-4-7", call(Some(4096), &[])).await;
    assert_eq!(body, json!({ "max_tokens": 4160, "thinking": { "type": "adaptive" } }));
    let body = of("claude-opus-4-7", call(None, &[])).await;
    assert_eq!(body, json!({ "max_tokens": 64 }));
    let typed = ["thinking.type=adaptive", "output_config.effort=low"];
    let body = of("small-model", call(Some(4096), &typed)).await;
    let expected = json!({
        "max_tokens": 4160, "thinking": { "type": "adaptive" }, "output_config": { "effort": "low" },
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn gemini_gets_a_budget_unless_an_option_says_how_it_is_to_think() {
    let of = |call: CallSpec| async move {
        let body = service("gemini", "small-model", &call).await;
        body["generationConfig"].clone()
    };
    let body = of(call(Some(4096), &[])).await;
    let config = json!({ "thinkingBudget": 4096 });
    assert_eq!(
        body,
        json!({ "temperature": 0.5, "maxOutputTokens": 4160, "thinkingConfig": config })
    );
    let body = of(call(Some(0), &[])).await;
    let none = json!({ "thinkingBudget": 0 });
    assert_eq!(body, json!({ "temperature": 0.5, "maxOutputTokens": 64, "thinkingConfig": none }));
    let typed = ["generationConfig.thinkingConfig.thinkingLevel=low", "generationConfig.topK=5"];
    let body = of(call(Some(4096), &typed)).await;
    let level = json!({ "thinkingLevel": "low" });
    assert_eq!(
        body,
        json!({ "temperature": 0.5, "maxOutputTokens": 4160, "topK": 5, "thinkingConfig": level })
    );
}

#[tokio::test]
async fn ollama_is_told_whether_to_think() {
    let of = |call: CallSpec| async move { service("ollama", "small-model", &call).await };
    let body = of(call(Some(4096), &[])).await;
    let options = json!({ "temperature": 0.5, "num_predict": 4160 });
    assert_eq!(body, json!({ "options": options, "think": true }));
    let body = of(call(Some(0), &[])).await;
    let options = json!({ "temperature": 0.5, "num_predict": 64 });
    assert_eq!(body, json!({ "options": options, "think": false }));
    let body = of(call(Some(100), &["think=low", "options.top_k=3", "keep_alive=5m"])).await;
    let options = json!({ "temperature": 0.5, "num_predict": 164, "top_k": 3 });
    assert_eq!(body, json!({ "options": options, "think": "low", "keep_alive": "5m" }));
}

#[tokio::test]
async fn options_set_replace_and_leave_out_fields_of_the_body() {
    let typed = [
        "temperature=null",
        "reasoning.effort=low",
        "provider.order=[\"x\"]",
        "top_p=0.9",
        "max_tokens=null",
        "max_completion_tokens=300",
    ];
    let body = openai("small-model", &call(None, &typed)).await;
    let expected = json!({
        "reasoning": { "effort": "low" }, "provider": { "order": ["x"] }, "top_p": 0.9,
        "max_completion_tokens": 300,
    });
    assert_eq!(body, expected);
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_gets_both_numbers_and_the_options_as_fields() {
    use std::time::Duration;
    use trustmh_model::command::CommandModel;

    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("bot.sh");
    std::fs::write(&script, "while read -r line; do echo '{\"id\": 1, \"text\": \"ok\"}'; done\n")
        .unwrap();
    let line = format!("sh '{}'", script.display());
    let asked = async |call: CallSpec| {
        let id = ModelId::new("command:bot");
        let model = CommandModel::new(id, &line, Duration::from_secs(10)).unwrap();
        let completion = model.complete(&call).await.unwrap();
        serde_json::from_str::<Value>(completion.request.unwrap().get()).unwrap()
    };
    let body = asked(call(Some(500), &["mood=calm", "seed=null"])).await;
    assert_eq!((&body["max_tokens"], &body["thinking_tokens"]), (&json!(64), &json!(500)));
    assert_eq!((body.get("seed"), &body["mood"]), (None, &json!("calm")));
    assert!(asked(call(None, &[])).await.get("thinking_tokens").is_none());
}
