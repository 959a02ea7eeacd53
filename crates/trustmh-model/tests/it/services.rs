//! Anthropic, Gemini and Ollama: golden requests and replies; programs that speak JSON lines.
use secrecy::SecretString;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer};

use crate::server::{CANARY, call, json, simple_call};
use trustmh_core::call::{CallSpec, Finish, Usage};
use trustmh_core::id::ModelId;
use trustmh_core::message::{Message, Role};
use trustmh_model::api::{Completion, ModelApi};
use trustmh_model::command::CommandModel;
use trustmh_model::error::ModelError;
use trustmh_model::openai::Timeouts;
use trustmh_model::service::{Dialect, Service};

fn fixture(dialect: Dialect, name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(dialect.prefix());
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn paths(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Anthropic => "/v1/messages",
        Dialect::Gemini => "/v1beta/models/small-model:generateContent",
        Dialect::Ollama => "/api/chat",
    }
}

fn key_header(dialect: Dialect) -> (&'static str, String) {
    match dialect {
        Dialect::Anthropic => ("x-api-key", CANARY.to_owned()),
        Dialect::Gemini => ("x-goog-api-key", CANARY.to_owned()),
        Dialect::Ollama => ("authorization", format!("Bearer {CANARY}")),
    }
}

fn long_call() -> CallSpec {
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

async fn asked(
    dialect: Dialect,
    status: u16,
    name: &str,
) -> (Result<Completion, ModelError>, MockServer) {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path(paths(dialect)))
        .respond_with(json(status, fixture(dialect, name)))
        .mount(&server)
        .await;
    let timeouts = Timeouts {
        connect: Duration::from_secs(5),
        total: Duration::from_secs(20),
        ..Timeouts::default()
    };
    let id = ModelId::new(format!("{}/small-model", dialect.prefix()));
    let (url, key) = (server.uri(), Some(SecretString::from(CANARY)));
    let name = "small-model".to_owned();
    let model = Service::new(id, name, dialect, Some(&url), key, "SOME_KEY", timeouts).unwrap();
    (model.complete(&long_call()).await, server)
}

#[tokio::test]
async fn requests_are_the_golden_ones_and_replies_are_read() {
    for dialect in Dialect::ALL {
        let (completion, server) = asked(dialect, 200, "reply.json").await;
        let completion = completion.unwrap();
        let usage = Some(Usage { prompt_tokens: 31, reply_tokens: 4 });
        assert_eq!(completion.reply.text, "Quiet.", "{dialect:?}");
        assert_eq!((completion.reply.finish, completion.reply.usage), (Finish::Stop, usage));
        let requests = server.received_requests().await.unwrap();
        let body: Value = serde_json::from_slice(&requests[0].body).unwrap();
        let golden: Value = serde_json::from_str(&fixture(dialect, "request.json")).unwrap();
        assert_eq!(body, golden, "{dialect:?}");
        let (header, key) = key_header(dialect);
        assert_eq!(requests[0].headers.get(header).unwrap().to_str().unwrap(), key);
        assert!(!completion.request.unwrap().get().contains(CANARY));
        assert!(!completion.response.unwrap().get().contains(CANARY));
    }
}

#[tokio::test]
async fn cut_and_withheld_replies_are_outcomes_and_no_errors() {
    for dialect in Dialect::ALL {
        let reply = asked(dialect, 200, "cut.json").await.0.unwrap().reply;
        assert_eq!(
            (reply.text.as_str(), reply.finish),
            ("Quiet and", Finish::Length),
            "{dialect:?}"
        );
    }
    for dialect in [Dialect::Anthropic, Dialect::Gemini] {
        let reply = asked(dialect, 200, "refused.json").await.0.unwrap().reply;
        assert_eq!((reply.text.as_str(), reply.finish), ("", Finish::ContentFilter), "{dialect:?}");
    }
}

#[tokio::test]
async fn refused_requests_say_what_the_service_says_and_never_the_key() {
    for dialect in Dialect::ALL {
        let error = asked(dialect, 400, "error.json").await.0.unwrap_err();
        assert!(
            error.to_string().contains("max_tokens: must be at least 1"),
            "{dialect:?}: {error}"
        );
        let error = asked(dialect, 401, "error.json").await.0.unwrap_err();
        assert!(error.to_string().contains("SOME_KEY"), "{dialect:?}: {error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{dialect:?}");
        let error = asked(dialect, 529, "error.json").await.0.unwrap_err();
        assert!(matches!(error, ModelError::Server { status: 529, .. }), "{dialect:?}: {error}");
    }
}

#[tokio::test]
async fn errors_name_the_protocol_that_was_spoken() {
    for (dialect, name) in [
        (Dialect::Anthropic, "Anthropic's messages"),
        (Dialect::Gemini, "Gemini's generateContent"),
        (Dialect::Ollama, "Ollama"),
    ] {
        let error = asked(dialect, 404, "error.json").await.0.unwrap_err().to_string();
        assert!(error.contains(name) && !error.contains("OpenAI"), "{error}");
    }
}

/// A bot of a few lines of shell: it answers by the number of the call, and dies after the second.
#[cfg(unix)]
#[tokio::test]
async fn a_program_answers_and_is_started_again_when_it_dies() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("bot.sh");
    std::fs::write(
        &script,
        "n=0\nwhile read -r line; do n=$((n+1)); [ $n -gt 2 ] && exit 3\necho \"{\\\"id\\\": $n, \\\"text\\\": \\\"Answer $n.\\\"}\"; done\n",
    )
    .unwrap();
    let line = format!("sh '{}'", script.display());
    let model =
        CommandModel::new(ModelId::new("command:bot"), &line, Duration::from_secs(10)).unwrap();
    let say = async || model.complete(&simple_call()).await.map(|done| done.reply.text);
    assert_eq!(say().await.unwrap(), "Answer 1.");
    assert_eq!(say().await.unwrap(), "Answer 2.");
    let error = say().await.unwrap_err();
    assert!(matches!(error, ModelError::Unreachable { .. }), "{error}");
    assert_eq!(say().await.unwrap(), "Answer 1.", "a fresh program begins anew");
}

/// A bot that greets, logs, sends a byte order mark and blank lines, and answers late once.
#[cfg(unix)]
#[tokio::test]
async fn lines_of_a_program_that_are_no_answers_are_skipped_and_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let (script, asked) = (folder.path().join("bot.sh"), folder.path().join("asked"));
    let bot = format!(
        "echo 'Bot of the house, version 7'\nn=0\nwhile read -r line; do n=$((n+1)); echo \"$line\" >> '{}'\n\
         echo; echo '[info] thinking'; [ $n -gt 1 ] && echo '{{\"id\": 1, \"text\": \"Late.\"}}'\n\
         printf '\\357\\273\\277{{\"id\": %s, \"text\": \"Answer %s.\"}}\\n' $n $n; done\n",
        asked.display()
    );
    std::fs::write(&script, bot).unwrap();
    let line = format!("sh '{}'", script.display());
    let id = ModelId::new("command:bot");
    let model = CommandModel::new(id, &line, Duration::from_secs(10)).unwrap();
    let mut call = simple_call();
    call.trial = Some(trustmh_core::id::TrialId::new("a/b:one:c:0"));
    for answer in ["Answer 1.", "Answer 2."] {
        assert_eq!(model.complete(&call).await.unwrap().reply.text, answer);
    }
    let learnt = model.learnt();
    assert_eq!(learnt.len(), 1, "{learnt:?}");
    assert!(learnt[0].to_string().contains("Bot of the house, version 7"), "{learnt:?}");
    let asked = std::fs::read_to_string(asked).unwrap();
    let first: Value = serde_json::from_str(asked.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["trial"], &first["session"], &first["turn"]),
        (&"a/b:one:c:0".into(), &"a/b:one:c:0".into(), &0.into())
    );
}

#[cfg(unix)]
#[tokio::test]
async fn errors_of_a_program_name_the_program() {
    let error = async |answer: &str| {
        let line = format!("sh -c 'read -r line; echo \"{}\"'", answer.replace('"', "\\\""));
        let model = CommandModel::new(ModelId::new("command:bot"), &line, Duration::from_secs(10));
        model.unwrap().complete(&simple_call()).await.unwrap_err().to_string()
    };
    let unable = error(r#"{"id": 1, "error": "no idea"}"#).await;
    assert_eq!(unable, "`sh` cannot answer this call: no idea");
    let early = error(r#"{"id": 9, "text": "x"}"#).await;
    assert!(early.starts_with("no reply of `sh` can be read: it answers 9, not 1"), "{early}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_that_is_not_there_or_falls_silent_is_an_error() {
    let id = || ModelId::new("command:bot");
    let none = CommandModel::new(id(), "/no/such/program", Duration::from_secs(1)).unwrap();
    let error = none.complete(&simple_call()).await.unwrap_err();
    assert!(error.to_string().contains("/no/such/program"), "{error}");
    let silent = CommandModel::new(id(), "sleep 30", Duration::from_millis(100)).unwrap();
    let error = silent.complete(&simple_call()).await.unwrap_err();
    assert!(matches!(error, ModelError::Timeout { .. }), "{error}");
    assert!(CommandModel::new(id(), " ", Duration::from_secs(1)).is_err());
}
