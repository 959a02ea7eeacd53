//! Functions that another process serves on loopback: what they are asked, and what their answers mean.
use secrecy::SecretString;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::server::simple_call;
use trustmh_core::call::{Finish, Unanswered, Usage};
use trustmh_core::id::{ModelId, TrialId};
use trustmh_model::api::ModelApi;
use trustmh_model::callable::{CallableModel, Served};
use trustmh_model::error::{Fault, ModelError};
use trustmh_model::http::Timeouts;

const TOKEN: &str = "token-canary-7b1";

fn opened(url: &str, name: &str) -> Result<CallableModel, ModelError> {
    let served = Served {
        url: url.to_owned(),
        token: SecretString::from(TOKEN),
        functions: BTreeMap::from([("bot".to_owned(), NonZeroUsize::new(3).unwrap())]),
    };
    CallableModel::new(ModelId::new(format!("callable/{name}")), name, &served, Timeouts::default())
}

async fn serving(answer: ResponseTemplate) -> (MockServer, CallableModel) {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/reply"))
        .and(header("authorization", format!("Bearer {TOKEN}")))
        .respond_with(answer)
        .mount(&server)
        .await;
    let model = opened(&server.uri(), "bot").unwrap();
    (server, model)
}

fn said(status: u16, body: Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

#[tokio::test]
async fn a_function_is_asked_as_a_program_is_and_its_answer_read_alike() {
    let answer = json!({ "text": "B", "thought": "Hm.", "prompt_tokens": 9, "reply_tokens": 2 });
    let (server, model) = serving(said(200, answer)).await;
    let mut call = simple_call();
    call.trial = Some(TrialId::new("a/b:one:c:0"));
    let done = model.complete(&call).await.unwrap();
    assert_eq!((done.reply.text.as_str(), &done.reply.finish), ("B", &Finish::Stop));
    assert_eq!(done.reply.usage, Some(Usage { prompt_tokens: 9, reply_tokens: 2 }));
    assert_eq!(done.reply.thought.unwrap().text, "Hm.");
    let recorded = format!("{}{}", done.request.unwrap(), done.response.unwrap());
    assert!(!recorded.contains(&server.address().port().to_string()), "{recorded}");
    let asked = server.received_requests().await.unwrap();
    let asked: Value = serde_json::from_slice(&asked[0].body).unwrap();
    assert_eq!((&asked["model"], &asked["turn"]), (&json!("bot"), &json!(0)));
    assert_eq!(asked["session"], "a/b:one:c:0");
    assert_eq!(model.parallel().get(), 3);
}

#[tokio::test]
async fn silence_cuts_and_refusals_are_replies() {
    let unanswered = async |answer: Value| {
        let (_server, model) = serving(said(200, answer)).await;
        let reply = model.complete(&simple_call()).await.unwrap().reply;
        (reply.unanswered(), reply.finish)
    };
    assert_eq!(unanswered(json!({ "text": " " })).await, (Some(Unanswered::Empty), Finish::Stop));
    let cut = unanswered(json!({ "text": "", "cut": true })).await;
    assert_eq!(cut, (Some(Unanswered::Cut), Finish::Length));
    let refused = unanswered(json!({ "text": "No.", "refused": true })).await;
    assert_eq!(refused, (None, Finish::ContentFilter));
}

#[tokio::test]
async fn statuses_say_what_may_be_done_and_words_do_not() {
    // Of a service these words would mean an empty account, or a filter.
    let message = "ValueError: insufficient_quota, content policy";
    let failed = async |answer: ResponseTemplate| {
        let (server, model) = serving(answer).await;
        let error = model.complete(&simple_call()).await.unwrap_err();
        let port = server.address().port().to_string();
        assert!(!error.to_string().contains(&port), "{error}");
        error
    };
    let raised = failed(said(400, json!({ "error": message }))).await;
    assert_eq!(raised.fault(), Fault::ThisCallOnly);
    assert_eq!(raised.to_string(), format!("callable/bot failed: {message}"));
    assert!(raised.likeness().is_some());
    let limited = said(429, json!({ "error": message })).insert_header("retry-after-ms", "1500");
    let limited = failed(limited).await;
    let retry_after = Some(Duration::from_millis(1500));
    assert_eq!(limited.fault(), Fault::Transient { retry_after });
    let passing = failed(said(503, json!({ "error": message }))).await;
    assert_eq!(passing.fault(), Fault::Transient { retry_after: None });
    let strange = failed(said(404, json!({ "error": message }))).await;
    assert_eq!(strange.fault(), Fault::Permanent);
    let echoed = failed(said(400, json!({ "error": format!("It is {TOKEN}.") }))).await;
    assert!(!echoed.to_string().contains(TOKEN), "{echoed}");
}

#[tokio::test]
async fn the_end_of_a_conversation_is_told_and_nothing_comes_of_it() {
    let (server, model) = serving(said(200, json!({ "text": "B" }))).await;
    let mut call = simple_call();
    call.trial = Some(TrialId::new("a/b:one:c:0"));
    model.ended(&call).await;
    let asked = server.received_requests().await.unwrap();
    assert_eq!(asked[0].url.path(), "/ended");
    let told: Value = serde_json::from_slice(&asked[0].body).unwrap();
    assert_eq!(told, json!({ "model": "bot", "session": "a/b:one:c:0" }));
}

#[test]
fn only_functions_that_are_served_on_loopback_are_opened() {
    assert!(opened("http://127.0.0.1:9", "bot").is_ok());
    for url in ["http://192.0.2.1:9", "https://127.0.0.1:9", "http://127.0.0.1.example:9"] {
        let error = opened(url, "bot").unwrap_err().to_string();
        assert!(error.contains("loopback"), "{error}");
    }
    assert!(opened("127.0.0.1:9", "bot").is_err());
    let error = opened("http://127.0.0.1:9", "other").unwrap_err().to_string();
    assert!(error.contains("no function `other`") && error.contains("bot"), "{error}");
}
