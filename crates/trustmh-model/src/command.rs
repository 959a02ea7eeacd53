//! A program as a model: one JSON object a line on its standard input, one on its standard output.
//!
//! It is asked `{"id": 1, "messages": [{"role": "user", "content": "…"}], "temperature": 0.0, "max_tokens": 512}` and
//! answers `{"id": 1, "text": "…"}`, or `{"id": 1, "refused": true}`, or `{"id": 1, "error": "…"}`. It is started without
//! a shell, answers one call after the other, and is started again when it dies.

use futures_util::future::{BoxFuture, FutureExt};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use std::num::NonZeroUsize;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;

use trustmh_core::call::{CallSpec, Finish, Reply, Usage};
use trustmh_core::id::ModelId;

use crate::api::{Completion, ModelApi};
use crate::error::{Flaw, ModelError};
use crate::service::chat;

/// The most that is read of an answer.
const LINE_LIMIT: u64 = 8 * 1024 * 1024;

/// How much of an unusable answer an error shows.
const EXCERPT: usize = 200;

/// A program that answers calls.
#[derive(Debug)]
pub struct CommandModel {
    id: ModelId,
    program: String,
    arguments: Vec<String>,
    timeout: Duration,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    asked: u64,
}

#[derive(Deserialize)]
struct Answer {
    id: u64,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    refused: bool,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    prompt_tokens: Option<u64>,
    #[serde(default)]
    reply_tokens: Option<u64>,
}

impl CommandModel {
    /// The program of a command line. Its words are parted at blanks; quotes keep blanks together.
    ///
    /// # Errors
    /// [`ModelError::Configuration`] for an empty line or an open quote.
    pub fn new(id: ModelId, line: &str, timeout: Duration) -> Result<Self, ModelError> {
        let mut words = words(line).ok_or_else(|| {
            ModelError::configuration(format!("the command `{line}` has an open quote"))
        })?;
        if words.is_empty() {
            return Err(ModelError::configuration("there is no program after `command:`"));
        }
        let program = words.remove(0);
        Ok(Self { id, program, arguments: words, timeout, running: Mutex::new(None) })
    }

    fn start(&self) -> Result<Running, ModelError> {
        let unusable = |why: String| {
            ModelError::configuration(format!("`{}` cannot be started: {why}", self.program))
        };
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| unusable(error.to_string()))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(input), Some(output)) => {
                Ok(Running { child, input, output: BufReader::new(output), asked: 0 })
            }
            _ => Err(unusable("it has no input or output".to_owned())),
        }
    }

    async fn call(&self, call: &CallSpec) -> Result<Completion, ModelError> {
        let mut slot = self.running.lock().await;
        // Taken out, so that a call that is given up half way leaves no program that answers the next one with
        // the last one's words.
        let mut running = match slot.take() {
            Some(running) => running,
            None => self.start()?,
        };
        let asked = tokio::time::timeout(self.timeout, running.ask(call)).await;
        let completion = match asked {
            Ok(Ok(completion)) => completion,
            Ok(Err(error)) => return Err(self.named(error, &mut running)),
            Err(_) => {
                return Err(ModelError::Timeout {
                    endpoint: self.program.clone(),
                    after: self.timeout,
                });
            }
        };
        *slot = Some(running);
        Ok(completion)
    }

    fn named(&self, error: ModelError, running: &mut Running) -> ModelError {
        match (error, running.child.try_wait()) {
            (ModelError::Unreachable { cause, .. }, Ok(Some(status))) => ModelError::Unreachable {
                endpoint: self.program.clone(),
                cause: format!("{cause}; it ended with {status}"),
            },
            (ModelError::Unreachable { cause, .. }, _) => {
                ModelError::Unreachable { endpoint: self.program.clone(), cause }
            }
            (other, _) => other,
        }
    }
}

impl Running {
    async fn ask(&mut self, call: &CallSpec) -> Result<Completion, ModelError> {
        let gone = |error: std::io::Error| ModelError::Unreachable {
            endpoint: String::new(),
            cause: error.to_string(),
        };
        self.asked += 1;
        let request = request(self.asked, call).to_string();
        self.input.write_all(format!("{request}\n").as_bytes()).await.map_err(gone)?;
        self.input.flush().await.map_err(gone)?;
        let mut line = String::new();
        let mut limited = (&mut self.output).take(LINE_LIMIT);
        let length = limited.read_line(&mut line).await.map_err(gone)?;
        if length == 0 {
            let cause = "it closed its output".to_owned();
            return Err(ModelError::Unreachable { endpoint: String::new(), cause });
        }
        let reply = read(self.asked, &line)?;
        let response = RawValue::from_string(line.trim().to_owned()).ok();
        Ok(Completion { reply, request: RawValue::from_string(request).ok(), response })
    }
}

fn request(id: u64, call: &CallSpec) -> serde_json::Value {
    let mut request = json!({
        "id": id,
        "messages": chat(&call.messages),
        "temperature": call.sampling.temperature,
        "max_tokens": call.sampling.max_tokens,
        "seed": call.sampling.seed,
    });
    if let Some(tokens) = call.sampling.thinking_tokens {
        request["thinking_tokens"] = tokens.into();
    }
    call.options.apply(&mut request);
    request
}

fn read(id: u64, line: &str) -> Result<Reply, ModelError> {
    let bad = |what: Flaw| ModelError::BadResponse {
        what,
        excerpt: line.chars().take(EXCERPT).collect(),
    };
    let answer: Answer =
        serde_json::from_str(line).map_err(|error| bad(Flaw::Json(error.to_string())))?;
    if answer.id != id {
        return Err(bad(Flaw::Json(format!("it answers {}, not {id}", answer.id))));
    }
    if let Some(message) = answer.error {
        return Err(ModelError::Local { message });
    }
    let usage = answer.reply_tokens.map(|reply_tokens| Usage {
        prompt_tokens: answer.prompt_tokens.unwrap_or_default(),
        reply_tokens,
    });
    match answer.text {
        _ if answer.refused => {
            let text = answer.text.unwrap_or_default();
            Ok(Reply::new(text, Finish::ContentFilter, usage))
        }
        Some(text) if !text.trim().is_empty() => Ok(Reply::new(text, Finish::Stop, usage)),
        _ => Err(ModelError::EmptyReply),
    }
}

/// The words of a command line; none if a quote stays open.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for sign in line.chars() {
        match (quote, sign) {
            (Some(open), sign) if sign == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(sign);
                word.get_or_insert_default();
            }
            (None, sign) if sign.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(sign),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

impl ModelApi for CommandModel {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn parallel(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    fn complete<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, Result<Completion, ModelError>> {
        self.call(call).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_parted_as_people_expect() {
        assert_eq!(
            words("python3 'my bot.py' --x=\"a b\" \"\"").unwrap(),
            ["python3", "my bot.py", "--x=a b", ""]
        );
        assert_eq!(words("  "), Some(Vec::new()));
        assert_eq!(words("a 'b"), None);
    }

    #[test]
    fn answers_must_be_to_the_question_asked() {
        assert_eq!(read(1, r#"{"id":1,"text":"Hello."}"#).unwrap().text, "Hello.");
        assert_eq!(read(1, r#"{"id":1,"refused":true}"#).unwrap().finish, Finish::ContentFilter);
        assert!(matches!(read(2, r#"{"id":1,"text":"x"}"#), Err(ModelError::BadResponse { .. })));
        assert!(matches!(read(1, r#"{"id":1,"error":"no"}"#), Err(ModelError::Local { .. })));
        assert_eq!(read(1, r#"{"id":1,"text":" "}"#), Err(ModelError::EmptyReply));
    }
}
