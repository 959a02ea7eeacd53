//! A server that answers every chat call alike, and a model that calls it.
use secrecy::SecretString;
use std::path::Path;
use std::time::Duration;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use trustmh_core::call::{CallSpec, Purpose, Sampling};
use trustmh_core::id::ModelId;
use trustmh_core::message::Message;
use trustmh_core::request::RequestOptions;
use trustmh_model::openai::{Endpoint, OpenAi, Timeouts};

pub const CANARY: &str = "sk-canary-4f1d/9b+77";

pub fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/openai");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

pub fn json(status: u16, body: impl Into<Vec<u8>>) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body, "application/json")
}

pub async fn serving(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/chat/completions"))
        .respond_with(response)
        .mount(&server)
        .await;
    server
}

pub fn model_at(base_url: &str, key: Option<&str>) -> OpenAi {
    named_model_at("small-model", base_url, key)
}

pub fn named_model_at(name: &str, base_url: &str, key: Option<&str>) -> OpenAi {
    let timeouts = Timeouts {
        connect: Duration::from_secs(5),
        total: Duration::from_secs(20),
        ..Timeouts::default()
    };
    OpenAi::new(
        ModelId::new(format!("openai/{name}")),
        name.to_owned(),
        Endpoint::new(base_url).unwrap(),
        key.map(SecretString::from),
        timeouts,
    )
    .unwrap()
}

pub fn model(server: &MockServer) -> OpenAi {
    model_at(&format!("{}/v1", server.uri()), Some(CANARY))
}

pub fn call(messages: Vec<Message>) -> CallSpec {
    CallSpec {
        purpose: Purpose::Subject { turn: 0 },
        messages,
        sampling: Sampling { temperature: 0.5, max_tokens: 64, seed: None, thinking_tokens: None },
        repeat: 0,
        trial: None,
        options: RequestOptions::default(),
    }
}

pub fn simple_call() -> CallSpec {
    call(vec![Message::user("Another word.")])
}
