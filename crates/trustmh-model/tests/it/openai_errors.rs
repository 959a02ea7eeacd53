//! Calls that bring no reply: which error each is, what it means for the run, and that none tells a key.
use std::net::TcpListener;
use std::time::Duration;
use wiremock::ResponseTemplate;

use crate::server::{
    CANARY, connection, fixture, json, model, model_at, opened, provider, serving, simple_call,
};
use trustmh_core::id::ModelId;
use trustmh_model::api::ModelApi;
use trustmh_model::error::{Fault, Flaw, ModelError, Size};
use trustmh_model::http::Timeouts;
use trustmh_model::limit::{Bounds, Limiter};
use trustmh_model::remote::{Connection, RemoteModel};
use trustmh_model::retry::{Retry, complete_with_retry};

const LATER: Fault = Fault::Transient { retry_after: None };

async fn failed(response: ResponseTemplate) -> ModelError {
    let server = serving(response).await;
    model(&server).complete(&simple_call()).await.unwrap_err()
}

async fn flaw(response: ResponseTemplate) -> Flaw {
    match failed(response).await {
        ModelError::BadResponse { what, .. } => what,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn refused_credentials_stop_the_run_and_name_the_variable() {
    for status in [401, 403] {
        let error = failed(json(status, fixture("unauthorized.json"))).await;
        assert!(matches!(error, ModelError::Unauthorized { .. }), "{error:?}");
        assert_eq!(error.fault(), Fault::Doubtful);
        assert!(error.to_string().contains("OPENAI_API_KEY"), "{error}");
        assert!(error.to_string().contains("This key is not known."), "{error}");
    }
    let server = serving(json(401, fixture("unauthorized.json"))).await;
    let connection = Connection {
        key_variable: Some("OTHER_KEY".to_owned()),
        ..connection(&server.uri(), None)
    };
    let model = opened(provider("openai"), "small-model", connection);
    let error = model.complete(&simple_call()).await.unwrap_err();
    assert!(error.to_string().contains("no key was sent: set OTHER_KEY"), "{error}");
}

#[tokio::test]
async fn an_unknown_model_and_an_empty_account_stop_the_run() {
    let error = failed(json(404, fixture("not-found.json"))).await;
    assert!(matches!(error, ModelError::NotFound { .. }), "{error:?}");
    assert!(error.to_string().contains("`small-model`"), "{error}");
    assert_eq!(error.fault(), Fault::Doubtful);
    let error = failed(json(429, fixture("no-credit.json"))).await;
    assert!(matches!(error, ModelError::NoCredit { .. }), "{error:?}");
    assert_eq!(error.fault(), Fault::Permanent);
}

#[tokio::test]
async fn a_limited_rate_tells_when_to_come_back() {
    let limited = || json(429, fixture("rate-limited.json"));
    let error = failed(limited().insert_header("retry-after", "7")).await;
    let retry_after = Some(Duration::from_secs(7));
    assert_eq!(error.fault(), Fault::Transient { retry_after });
    assert!(error.to_string().contains("for 7 s"), "{error}");
    assert_eq!(failed(limited()).await.fault(), LATER);
}

#[tokio::test]
async fn faults_of_the_server_are_transient() {
    for status in [408, 409, 425, 500, 502, 503, 504, 529] {
        let error = failed(ResponseTemplate::new(status).set_body_string("out of order")).await;
        assert!(matches!(error, ModelError::Server { .. }), "{error:?}");
        assert_eq!(error.fault(), LATER);
        assert!(error.to_string().contains("out of order"), "{error}");
    }
    let busy = ResponseTemplate::new(503).insert_header("retry-after", "3");
    let retry_after = Some(Duration::from_secs(3));
    assert_eq!(failed(busy).await.fault(), Fault::Transient { retry_after });
}

#[tokio::test]
async fn a_refused_request_concerns_this_call_only() {
    for status in [400, 422] {
        let error = failed(json(status, fixture("bad-request.json"))).await;
        let message = "max_tokens is too large: 99999.".to_owned();
        assert_eq!(error, ModelError::BadRequest { status: Some(status), message });
        assert_eq!(error.fault(), Fault::ThisCallOnly);
    }
    let error = failed(json(400, fixture("too-long.json"))).await;
    let expected = Some(Size { tokens: 5120, limit: 4096 });
    assert!(matches!(error, ModelError::PromptTooLong { size, .. } if size == expected), "{error}");
    assert!(error.to_string().contains("--context"), "{error}");
    assert_eq!(error.fault(), Fault::ThisCallOnly);
}

#[tokio::test]
async fn responses_that_are_no_completion_say_why() {
    let reply = fixture("reply.json");
    assert_eq!(flaw(json(200, &reply[..reply.len() / 2])).await, Flaw::CutOff);
    let page = "<!doctype html><title>Sign in</title>";
    let html = ResponseTemplate::new(200).set_body_raw(page, "text/html; charset=utf-8");
    assert_eq!(flaw(html).await, Flaw::ContentType("text/html; charset=utf-8".to_owned()));
    assert_eq!(flaw(json(200, r#"{"choices":[]}"#)).await, Flaw::NoChoice);
    assert_eq!(flaw(json(200, r#"{"choices":"none"}"#)).await, Flaw::NoChoice);
    assert!(matches!(flaw(json(200, r#"{"choices":[]}{}"#)).await, Flaw::Json(_)));
    assert_eq!(failed(json(200, "")).await.fault(), LATER);
}

#[tokio::test]
async fn a_huge_body_is_not_read_to_its_end() {
    let error = failed(json(200, vec![b' '; 9 * 1024 * 1024])).await;
    let expected = Flaw::TooLarge { limit: 8 * 1024 * 1024 };
    assert!(
        matches!(&error, ModelError::BadResponse { what, .. } if *what == expected),
        "{error:?}"
    );
    assert_eq!(error.fault(), Fault::ThisCallOnly);
}

#[tokio::test]
async fn nobody_at_the_endpoint_and_no_answer_in_time_are_transient() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let model = model_at(&format!("http://127.0.0.1:{port}/v1"), Some(CANARY));
    let error = model.complete(&simple_call()).await.unwrap_err();
    assert!(matches!(error, ModelError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("refused"), "{error}");
    assert_eq!(error.fault(), LATER);

    let slow = json(200, fixture("reply.json")).set_delay(Duration::from_secs(30));
    let server = serving(slow).await;
    let timeouts = Timeouts { total: Duration::from_millis(100), ..Timeouts::default() };
    let connection = Connection { way: timeouts.into(), ..connection(&server.uri(), None) };
    let model = opened(provider("openai"), "small-model", connection);
    let error = model.complete(&simple_call()).await.unwrap_err();
    assert!(matches!(error, ModelError::Timeout { after, .. } if after == timeouts.total));
    assert_eq!(error.fault(), LATER);
}

#[tokio::test]
async fn https_needs_nothing_installed_in_the_process() {
    // A server that speaks no TLS: the handshake must fail as an error, not as a panic.
    let server = serving(json(200, fixture("reply.json"))).await;
    let url = format!("{}/v1", server.uri().replace("http://", "https://"));
    let (id, name) = (ModelId::new("openai/small-model"), "small-model".to_owned());
    let made = RemoteModel::new(id, provider("openai"), name, connection(&url, Some(CANARY)));
    match made {
        Ok(model) => {
            let error = model.complete(&simple_call()).await.unwrap_err();
            assert!(matches!(error, ModelError::Unreachable { .. }), "{error:?}");
        }
        // A machine without any trusted certificates says so.
        Err(error) => assert!(error.to_string().contains("ca-certificates"), "{error}"),
    }
}

#[tokio::test]
async fn no_error_tells_the_key() {
    let escaped = CANARY.replace('/', "\\/");
    let bodies = [
        format!("Authorization: Bearer {CANARY}"),
        format!(r#"{{"error":{{"message":"the key {CANARY} is wrong","code":null}}}}"#),
        format!(r#"{{"error":{{"message":"the key {escaped} is wrong"}}}}"#),
        format!(r#"{{"debug":"{escaped}"}}"#),
        format!("{}{CANARY}", "x".repeat(190)),
        format!(r#"{{"choices":"{CANARY}"}}"#),
        format!(r#"{{"choices":[{{"finish_reason":["{CANARY}"#),
    ];
    for status in [200, 302, 400, 401, 402, 403, 404, 408, 422, 429, 500, 503] {
        for body in &bodies {
            let location = format!("http://{CANARY}@127.0.0.1:9/{CANARY}?key={CANARY}");
            let kind = format!("text/{CANARY}");
            let response = ResponseTemplate::new(status)
                .insert_header("location", location)
                .set_body_raw(body.as_str(), &kind);
            let error = failed(response).await;
            let told = format!("{error} {error:?}");
            for piece in [CANARY, "canary", escaped.as_str()] {
                assert!(!told.contains(piece), "{status} {told}");
            }
        }
    }
    let server = serving(json(500, "")).await;
    assert!(!format!("{:?}", model(&server)).contains("canary"));
}

#[tokio::test]
async fn a_refused_key_is_tried_once_and_a_fault_as_often_as_told() {
    let retry =
        Retry { attempts: 3, first: Duration::from_millis(1), longest: Duration::from_millis(1) };
    for (status, tries) in [(401, 1), (404, 1), (400, 1), (500, 3), (429, 3)] {
        let server = serving(json(status, "{}")).await;
        let (result, taken) = {
            let gate = Limiter::new(Bounds::at_once(8));
            complete_with_retry(&model(&server), &simple_call(), &retry, &gate).await
        };
        assert!(result.is_err());
        assert_eq!(taken, tries, "{status}");
        assert_eq!(server.received_requests().await.unwrap().len() as u32, tries);
    }
}
