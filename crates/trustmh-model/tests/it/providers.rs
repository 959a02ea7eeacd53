//! Every provider, through its fixtures: where it is asked, with which request and key, and what is
//! made of its answers.
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer};

use crate::server::{CANARY, connection, json, long_call, opened};
use trustmh_core::call::{Finish, Usage};
use trustmh_model::api::{Completion, ModelApi};
use trustmh_model::error::ModelError;
use trustmh_model::provider::Provider;
use trustmh_model::remote::Connection;

/// How a provider is asked for `small-model`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    path: String,
    key_header: String,
    /// The header's value, with `<key>` for the key.
    key: String,
    /// Who speaks, as errors have it.
    speaker: String,
}

fn fixture_if_any(provider: Provider, name: &str) -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(provider.prefix());
    std::fs::read_to_string(folder.join(name)).ok()
}

fn fixture(provider: Provider, name: &str) -> String {
    let found = fixture_if_any(provider, name);
    found.unwrap_or_else(|| panic!("fixtures/{}/{name} is not there", provider.prefix()))
}

fn service(provider: Provider) -> Service {
    serde_json::from_str(&fixture(provider, "service.json")).unwrap()
}

async fn asked(
    provider: Provider,
    status: u16,
    body: String,
) -> (Result<Completion, ModelError>, MockServer) {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path(service(provider).path))
        .respond_with(json(status, body))
        .mount(&server)
        .await;
    let connection = Connection {
        key_variable: Some("SOME_KEY".to_owned()),
        ..connection(&server.uri(), Some(CANARY))
    };
    let model = opened(provider, "small-model", connection);
    (model.complete(&long_call()).await, server)
}

#[tokio::test]
async fn requests_are_the_golden_ones_and_replies_are_read() {
    for provider in Provider::all() {
        let (completion, server) = asked(provider, 200, fixture(provider, "reply.json")).await;
        let completion = completion.unwrap();
        let usage = Some(Usage { prompt_tokens: 31, reply_tokens: 4 });
        assert_eq!(completion.reply.text, "Quiet.", "{provider:?}");
        assert_eq!((completion.reply.finish, completion.reply.usage), (Finish::Stop, usage));
        let requests = server.received_requests().await.unwrap();
        let body: Value = serde_json::from_slice(&requests[0].body).unwrap();
        let golden: Value = serde_json::from_str(&fixture(provider, "request.json")).unwrap();
        assert_eq!(body, golden, "{provider:?}");
        let Service { key_header, key, .. } = service(provider);
        let sent = requests[0].headers.get(&key_header).unwrap().to_str().unwrap();
        assert_eq!(sent, key.replace("<key>", CANARY), "{provider:?}");
        assert!(!completion.request.unwrap().get().contains(CANARY));
        assert!(!completion.response.unwrap().get().contains(CANARY));
    }
}

#[tokio::test]
async fn cut_and_withheld_replies_are_outcomes_and_no_errors() {
    for provider in Provider::all() {
        let reply = asked(provider, 200, fixture(provider, "cut.json")).await.0.unwrap().reply;
        let said = (reply.text.as_str(), reply.finish);
        assert_eq!(said, ("Quiet and", Finish::Length), "{provider:?}");
        // A server of one's own withholds nothing.
        let Some(refused) = fixture_if_any(provider, "refused.json") else { continue };
        let reply = asked(provider, 200, refused).await.0.unwrap().reply;
        let said = (reply.text.as_str(), reply.finish);
        assert_eq!(said, ("", Finish::ContentFilter), "{provider:?}");
    }
}

#[tokio::test]
async fn refused_requests_say_what_the_service_says_and_never_the_key() {
    for provider in Provider::all() {
        let refused = async |status: u16| {
            asked(provider, status, fixture(provider, "error.json")).await.0.unwrap_err()
        };
        let error = refused(400).await;
        let said = error.to_string();
        assert!(said.contains("max_tokens: must be at least 1"), "{provider:?}: {error}");
        let error = refused(401).await;
        assert!(error.to_string().contains("SOME_KEY"), "{provider:?}: {error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{provider:?}");
        let error = refused(404).await.to_string();
        assert!(error.contains(&service(provider).speaker), "{provider:?}: {error}");
        let error = refused(529).await;
        assert!(
            matches!(error, ModelError::Server { status: Some(529), .. }),
            "{provider:?}: {error}"
        );
    }
}
