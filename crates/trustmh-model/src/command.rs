//! A program as a model: one JSON object a line on its standard input, one on its standard output.
//!
//! It is asked `{"id": 1, "messages": [{"role": "user", "content": "…"}], "temperature": 0.0, "max_tokens": 512, "seed": null, "trial": "…",
//! "session": "…", "turn": 0}` and answers `{"id": 1, "text": "…"}`, or `{"id": 1, "refused": true}`, or `{"id": 1, "error": "…"}`. It is started
//! without a shell, answers one call after the other, and is started again when it dies. Lines that are no answers, such as those of a
//! log, are skipped. When a trial of more than one turn has ended, it is told so by a line with `"end": true` and all messages, to which no
//! answer is needed.

mod answer;
mod ending;
mod words;

use futures_util::future::{BoxFuture, FutureExt};
use serde_json::{Value, json};
use std::num::NonZeroUsize;
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;

use trustmh_core::call::{CallSpec, Purpose};
use trustmh_core::id::ModelId;

use crate::api::{Completion, ModelApi};
use crate::error::{Flaw, ModelError};
use crate::halt::STOP_AT_END_OF_INPUT;
use crate::http::raw;
use crate::learnt::{Learnt, Lesson};
use crate::provider::chat;
use crate::redact::Redactor;
pub(crate) use answer::{Answer, answered};
use answer::{Line, read};
use ending::Ends;
use words::LastWords;

/// The most that is read of an answer.
const LINE_LIMIT: u64 = 8 * 1024 * 1024;

/// The most lines that are skipped before an answer.
const SKIPPED_LIMIT: u32 = 10_000;

/// How long a program that closed its output may take to end.
const ENDING: Duration = Duration::from_millis(500);

/// A program that answers calls.
#[derive(Debug)]
pub struct CommandModel {
    id: ModelId,
    program: String,
    arguments: Vec<String>,
    timeout: Duration,
    running: Mutex<Option<Running>>,
    /// Start of the first line that was skipped.
    skipped: OnceLock<String>,
    /// Strikes out what the program may have read from its environment.
    redactor: Redactor,
}

#[derive(Debug)]
struct Running {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    words: LastWords,
    asked: u64,
    ends: Ends,
}

impl CommandModel {
    /// The program of a command line, whose words are those a POSIX shell would make of it; nothing
    /// is expanded.
    ///
    /// # Errors
    /// [`ModelError::Configuration`] for an empty line, an open quote, or a backslash at the end.
    pub fn new(id: ModelId, line: &str, timeout: Duration) -> Result<Self, ModelError> {
        let mut words = shlex::split(line).ok_or_else(|| {
            ModelError::configuration(format!(
                "the command `{line}` has an open quote, or ends in a backslash"
            ))
        })?;
        if words.is_empty() {
            return Err(ModelError::configuration("there is no program after `command:`"));
        }
        let program = words.remove(0);
        let (running, skipped) = (Mutex::new(None), OnceLock::new());
        let redactor = Redactor::default();
        Ok(Self { id, program, arguments: words, timeout, running, skipped, redactor })
    }

    /// Strikes out the credentials that `secrets` knows, wherever they come back: a program has the environment of ours.
    #[must_use]
    pub fn with_secrets(mut self, secrets: &Redactor) -> Self {
        self.redactor.add(secrets);
        self
    }

    fn start(&self) -> Result<Running, ModelError> {
        let unusable = |why: String| {
            ModelError::configuration(format!("`{}` cannot be started: {why}", self.program))
        };
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .env_remove(STOP_AT_END_OF_INPUT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| unusable(error.to_string()))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(input), Some(output)) => {
                let words = LastWords::of(child.stderr.take());
                Ok(Running {
                    child,
                    input,
                    output: BufReader::new(output),
                    words,
                    asked: 0,
                    ends: Ends::default(),
                })
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
        let asked = tokio::time::timeout(self.timeout, async {
            match self.ask(&mut running, call).await {
                // The end of a session was too much for it: nothing was lost by that.
                Err(ModelError::Unreachable { .. }) if running.ends.is_last() => {
                    running = self.start()?;
                    self.ask(&mut running, call).await
                }
                asked => asked,
            }
        });
        let asked = asked.await;
        let completion = match asked {
            Ok(Ok(completion)) => completion,
            Ok(Err(error)) => return Err(self.named(error, running).await),
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

    /// The error with what became of the program, and what it wrote to its standard error last.
    async fn named(&self, error: ModelError, running: Running) -> ModelError {
        let Running { mut child, input, words, .. } = running;
        let ModelError::Unreachable { cause, .. } = error else { return error };
        drop(input);
        // It closed its output or its input: as a rule it is about to end.
        let ended = tokio::time::timeout(ENDING, child.wait()).await;
        let status = match ended {
            Ok(Ok(status)) => format!("; it ended with {status}"),
            Ok(Err(_)) | Err(_) => String::new(),
        };
        let said = match words.last().await {
            Some(said) => format!("; on its standard error it wrote last: {said}"),
            None => String::new(),
        };
        self.gone(format!("{cause}{status}{said}"))
    }
}

impl CommandModel {
    async fn ask(&self, running: &mut Running, call: &CallSpec) -> Result<Completion, ModelError> {
        let gone = |error: std::io::Error| self.gone(error.to_string());
        running.asked += 1;
        let request = request(running.asked, call).to_string();
        running.input.write_all(format!("{request}\n").as_bytes()).await.map_err(gone)?;
        running.input.flush().await.map_err(gone)?;
        for _ in 0..=SKIPPED_LIMIT {
            let mut line = Vec::new();
            let mut limited = (&mut running.output).take(LINE_LIMIT);
            let length = limited.read_until(b'\n', &mut line).await.map_err(gone)?;
            if length == 0 {
                return Err(self.gone("it closed its output".to_owned()));
            }
            match read(running.asked, &line) {
                Line::Blank => {}
                Line::Late(own) if running.ends.has(own) => {}
                Line::Another | Line::Late(_) => self.skip(&line),
                Line::Answer(Answer::Unusable(why)) => {
                    return Err(self.unusable(Flaw::Json(why), &line));
                }
                Line::Answer(Answer::Failed(message)) => {
                    return Err(ModelError::Program {
                        program: self.program.clone(),
                        message: self.redactor.clean(&message),
                    });
                }
                Line::Answer(Answer::Reply(reply)) => {
                    running.ends.answered();
                    let request = serde_json::value::RawValue::from_string(request).ok();
                    let response = raw(&line, &self.redactor);
                    let reply = self.redactor.reply(*reply);
                    return Ok(Completion { reply, request, response });
                }
            }
        }
        let what = Flaw::Json(format!("{SKIPPED_LIMIT} lines are no answers"));
        Err(self.unusable(what, self.skipped.get().map_or("", String::as_str).as_bytes()))
    }

    fn skip(&self, line: &[u8]) {
        self.skipped.get_or_init(|| self.redactor.excerpt(&String::from_utf8_lossy(line)));
    }

    fn gone(&self, cause: String) -> ModelError {
        ModelError::Unreachable { endpoint: self.program.clone(), cause }
    }

    fn unusable(&self, what: Flaw, line: &[u8]) -> ModelError {
        let excerpt = self.redactor.excerpt(&String::from_utf8_lossy(line));
        ModelError::BadResponse { from: format!("`{}`", self.program), what, excerpt }
    }
}

/// Whether a line that came after call number `id` is an answer to it.
pub(crate) fn read_line(id: u64, line: &[u8]) -> bool {
    matches!(read(id, line), Line::Answer(Answer::Reply(_)))
}

fn request(id: u64, call: &CallSpec) -> Value {
    let mut request = fields(call);
    request["id"] = id.into();
    request
}

/// What a program of the user's, or a function, is told of a call.
pub(crate) fn fields(call: &CallSpec) -> Value {
    let turn = match &call.purpose {
        Purpose::Subject { turn } | Purpose::Client { turn } => Some(*turn),
        Purpose::Judge { .. } => None,
    };
    // A trial is one conversation: whoever keeps sessions keeps one for each.
    let trial = call.trial.as_ref().map(|trial| trial.as_str());
    let mut request = json!({
        "messages": chat(&call.messages),
        "temperature": call.sampling.temperature,
        "max_tokens": call.sampling.max_tokens,
        "seed": call.sampling.seed,
        "trial": trial,
        "session": trial,
        "turn": turn,
    });
    if let Some(tokens) = call.sampling.thinking_tokens {
        request["thinking_tokens"] = tokens.into();
    }
    call.options.apply(&mut request);
    request
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

    fn ended<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, ()> {
        self.tell_end(call).boxed()
    }

    fn learnt(&self) -> Vec<Learnt> {
        let skipped = self.skipped.get().cloned();
        let lesson = |first| Learnt {
            endpoint: self.program.clone(),
            lesson: Lesson::SkippedLines { first },
        };
        skipped.map(lesson).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(line: &str) -> Result<CommandModel, ModelError> {
        CommandModel::new(ModelId::new("command:bot"), line, Duration::from_secs(1))
    }

    #[test]
    fn a_command_line_is_parted_as_a_shell_does() {
        let model = opened(r#"python3 'my bot.py' --x="a b" C:\\bot 'C:\bot' """#).unwrap();
        assert_eq!(model.program, "python3");
        assert_eq!(model.arguments, ["my bot.py", "--x=a b", r"C:\bot", r"C:\bot", ""]);
        let error = opened("a 'b").unwrap_err().to_string();
        assert!(error.contains("`a 'b` has an open quote"), "{error}");
        assert!(opened("  ").unwrap_err().to_string().contains("no program"));
    }
}
