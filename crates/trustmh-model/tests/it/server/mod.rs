//! A server that answers every chat call alike, and a model that calls it.
use secrecy::SecretString;
use std::path::Path;
use std::time::Duration;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use trustmh_core::call::{CallSpec, Purpose, Sampling};
use trustmh_core::id::ModelId;
use trustmh_core::message::{Message, Role};
use trustmh_core::request::RequestOptions;
use trustmh_model::http::{Timeouts, Way};
use trustmh_model::provider::Provider;
use trustmh_model::remote::{Connection, RemoteModel};

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

pub fn provider(prefix: &str) -> Provider {
    Provider::with_prefix(prefix).unwrap()
}

pub fn connection(base_url: &str, key: Option<&str>) -> Connection {
    let timeouts = Timeouts {
        connect: Duration::from_secs(5),
        total: Duration::from_secs(20),
        ..Timeouts::default()
    };
    Connection {
        base_url: Some(base_url.to_owned()),
        key: key.map(SecretString::from),
        key_variable: None,
        way: Way::from(timeouts),
    }
}

pub fn opened(provider: Provider, name: &str, connection: Connection) -> RemoteModel {
    let id = ModelId::new(format!("{}/{name}", provider.prefix()));
    RemoteModel::new(id, provider, name.to_owned(), connection).unwrap()
}

pub fn model_at(base_url: &str, key: Option<&str>) -> RemoteModel {
    named_model_at("small-model", base_url, key)
}

pub fn named_model_at(name: &str, base_url: &str, key: Option<&str>) -> RemoteModel {
    opened(provider("openai"), name, connection(base_url, key))
}

pub fn model(server: &MockServer) -> RemoteModel {
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

/// A conversation with all roles.
pub fn long_call() -> CallSpec {
    let system = Message { role: Role::System, content: "Answer in one word.".to_owned() };
    let mut long = call(vec![
        system,
        Message::user("What does \"rest\" mean to you? \n– Ünïcode 🙂"),
        Message::assistant("Sleep."),
        Message::user("Another word."),
    ]);
    long.sampling.seed = Some(11);
    long
}
