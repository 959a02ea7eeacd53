//! Calls that bring a reply: what is sent, and what is made of the answer.
use serde_json::Value;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::server::{
    CANARY, fixture, json, long_call, model, model_at, named_model_at, serving, simple_call,
};
use trustmh_core::call::{Finish, Unanswered, Usage};
use trustmh_model::api::{Completion, ModelApi};
use trustmh_model::error::{Fault, ModelError};
use trustmh_model::traits::Parameters;

async fn sent(server: &MockServer) -> (Value, Option<String>) {
    let requests = server.received_requests().await.unwrap();
    let request = requests.first().unwrap();
    let key = request.headers.get("authorization").map(|v| v.to_str().unwrap().to_owned());
    (serde_json::from_slice(&request.body).unwrap(), key)
}

async fn completed(status: u16, name: &str) -> Result<Completion, ModelError> {
    let server = serving(json(status, fixture(name))).await;
    model(&server).complete(&simple_call()).await
}

fn golden(name: &str) -> Value {
    serde_json::from_str(&fixture(name)).unwrap()
}

#[tokio::test]
async fn the_request_is_the_golden_one_and_so_is_the_record_of_it() {
    let server = serving(json(200, fixture("reply.json"))).await;
    let completion = model(&server).complete(&long_call()).await.unwrap();
    let (body, key) = sent(&server).await;
    assert_eq!(body, golden("request.json"));
    assert_eq!(key, Some(format!("Bearer {CANARY}")));
    let recorded: Value = serde_json::from_str(completion.request.unwrap().get()).unwrap();
    assert_eq!(recorded, body);
}

#[tokio::test]
async fn reasoning_models_get_the_parameters_they_take() {
    let server = serving(json(200, fixture("reply.json"))).await;
    let base = format!("{}/v1/", server.uri());
    named_model_at("o3-mini", &base, None).complete(&simple_call()).await.unwrap();
    let (body, key) = sent(&server).await;
    assert_eq!(body, golden("request-reasoning.json"));
    assert_eq!(key, None);
}

#[tokio::test]
async fn the_parameter_style_can_be_told() {
    let server = serving(json(200, fixture("reply.json"))).await;
    let model = model(&server).with_parameters(Parameters::REASONING);
    model.complete(&simple_call()).await.unwrap();
    let (body, _) = sent(&server).await;
    assert!(body.get("temperature").is_none() && body.get("max_completion_tokens").is_some());
}

#[tokio::test]
async fn the_reply_is_read_and_its_body_kept_on_one_line() {
    let completion = completed(200, "reply-of-two-lines.json").await.unwrap();
    assert_eq!(completion.reply.text, "Quiet – a pause.\nThat is all.");
    assert_eq!(completion.reply.finish, Finish::Stop);
    assert_eq!(completion.reply.usage, Some(Usage { prompt_tokens: 41, reply_tokens: 9 }));
    let response = completion.response.unwrap();
    assert!(!response.get().contains(['\n', '\r']));
    let recorded: Value = serde_json::from_str(response.get()).unwrap();
    assert_eq!(recorded, golden("reply-of-two-lines.json"));
}

#[tokio::test]
async fn a_reply_may_be_cut_filtered_or_a_refusal() {
    let reply = completed(200, "length.json").await.unwrap().reply;
    assert_eq!((reply.text.as_str(), reply.finish), ("", Finish::Length));
    let reply = completed(200, "filtered.json").await.unwrap().reply;
    assert_eq!((reply.text.as_str(), reply.finish), ("", Finish::ContentFilter));
    let reply = completed(200, "refusal.json").await.unwrap().reply;
    assert_eq!(
        (reply.text.as_str(), reply.finish),
        ("I can't help with this request.", Finish::Stop)
    );
    // A prompt that the provider withheld is an outcome of the provider, not a fault.
    let completion = completed(400, "filter-error.json").await.unwrap();
    assert_eq!(
        (completion.reply.text.as_str(), completion.reply.finish),
        ("", Finish::ContentFilter)
    );
    assert!(completion.response.is_some());
}

#[tokio::test]
async fn an_empty_reply_is_a_reply() {
    let reply = completed(200, "empty.json").await.unwrap().reply;
    assert_eq!(reply.unanswered(), Some(Unanswered::Empty));
}

/// A server that refuses whatever body holds one of these fields, in the words of OpenAI.
async fn picky(fields: &'static [&'static str]) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(move |request: &wiremock::Request| {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            match fields.iter().find(|field| body.get(**field).is_some()) {
                Some(field) => {
                    let message = format!(
                        "Unsupported parameter: '{field}' is not supported with this model."
                    );
                    json(400, format!(r#"{{"error":{{"message":"{message}","param":"{field}"}}}}"#))
                }
                None => json(200, fixture("reply.json")),
            }
        })
        .mount(&server)
        .await;
    server
}

#[tokio::test]
async fn what_is_not_taken_is_learnt_once_and_the_call_goes_on() {
    let server = picky(&["temperature", "max_tokens", "seed"]).await;
    let model = model(&server);
    let completion = model.complete(&long_call()).await.unwrap();
    let sent: Value = serde_json::from_str(completion.request.unwrap().get()).unwrap();
    assert_eq!(sent["max_completion_tokens"], golden("request.json")["max_tokens"]);
    assert!(sent.get("temperature").is_none() && sent.get("seed").is_none());
    assert_eq!(server.received_requests().await.unwrap().len(), 4);
    model.complete(&long_call()).await.unwrap();
    assert_eq!(server.received_requests().await.unwrap().len(), 5);
    let mut learnt: Vec<String> = model.learnt().iter().map(ToString::to_string).collect();
    learnt.sort();
    assert_eq!(learnt.len(), 3);
    assert!(learnt[0].contains("does not take `seed`, which is left out"), "{learnt:?}");
    assert!(learnt[2].contains("takes `max_tokens` as `max_completion_tokens`"), "{learnt:?}");
}

#[tokio::test]
async fn a_bound_that_goes_by_neither_name_is_left_out() {
    let server = picky(&["max_tokens", "max_completion_tokens"]).await;
    let model = model(&server);
    let sent = model.complete(&simple_call()).await.unwrap().request.unwrap();
    assert!(!sent.get().contains("max_"), "{}", sent.get());
    assert_eq!(model.learnt().len(), 1);
}

#[tokio::test]
async fn a_refusal_that_stays_although_the_field_is_gone_stops_the_run() {
    let body = r#"{"error":{"message":"Unsupported parameter: 'temperature' is not supported."}}"#;
    let server = serving(json(400, body)).await;
    let error = model(&server).complete(&simple_call()).await.unwrap_err();
    assert!(matches!(error, ModelError::NotTaken { .. }), "{error:?}");
    assert_eq!(error.fault(), Fault::Permanent);
    assert_eq!(server.received_requests().await.unwrap().len(), 2);
}

#[tokio::test]
async fn json_without_its_content_type_is_taken() {
    let response = ResponseTemplate::new(200).set_body_raw(fixture("reply.json"), "text/plain");
    let server = serving(response).await;
    assert!(model(&server).complete(&simple_call()).await.is_ok());
}

#[tokio::test]
async fn a_key_that_comes_back_is_struck_from_the_record() {
    let body = fixture("reply.json").replace("chatcmpl-fixture-1", CANARY);
    let server = serving(json(200, body)).await;
    let completion = model(&server).complete(&simple_call()).await.unwrap();
    assert!(!format!("{completion:?}").contains(CANARY));
    assert!(completion.response.unwrap().get().contains("[key]"));
}

#[tokio::test]
async fn a_redirect_on_the_same_host_is_followed() {
    let server = MockServer::start().await;
    let moved = ResponseTemplate::new(307).insert_header("location", "/v1/chat/completions");
    Mock::given(path("/old/chat/completions")).respond_with(moved).mount(&server).await;
    Mock::given(method("POST"))
        .and(path("/v1/chat/completions"))
        .and(header("authorization", format!("Bearer {CANARY}")))
        .respond_with(json(200, fixture("reply.json")))
        .mount(&server)
        .await;
    let model = model_at(&format!("{}/old", server.uri()), Some(CANARY));
    assert!(model.complete(&simple_call()).await.is_ok());
}

#[tokio::test]
async fn a_redirect_elsewhere_is_not_followed() {
    let elsewhere = serving(json(200, fixture("reply.json"))).await;
    for status in [301, 302, 307, 308] {
        let to = format!("{}/v1/chat/completions?token=hidden", elsewhere.uri());
        let server = serving(ResponseTemplate::new(status).insert_header("location", to)).await;
        let error = model(&server).complete(&simple_call()).await.unwrap_err();
        assert!(matches!(error, ModelError::Redirected { .. }), "{error:?}");
        assert!(error.to_string().contains(&elsewhere.uri()), "{error}");
        assert!(!error.to_string().contains("hidden"), "{error}");
    }
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn redirects_do_not_go_on_for_ever() {
    let again = ResponseTemplate::new(307).insert_header("location", "/v1/chat/completions");
    let server = serving(again).await;
    let error = model(&server).complete(&simple_call()).await.unwrap_err();
    assert!(matches!(error, ModelError::Redirected { .. }), "{error:?}");
    assert!(server.received_requests().await.unwrap().len() <= 4);
}
