//! `trustmh run`: plan, ask, record, score, report.

use clap::Args;

use crate::arguments::RunRequest;
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::running::{PreparedRun, panel};

/// Run tasks on a model and score its replies
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = NOTES)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    request: RunRequest,
}

const EXAMPLES: &str = r"Examples:
  trustmh run --subject scripted/always-refuse --tasks safety/jailbreak
  trustmh run --subject openai/llama-3.1-8b --base-url http://127.0.0.1:8000/v1 --data DIR
  trustmh run --subject openai/gpt-5.1 --judge openai/gpt-4.1 --protocol reference --json

The most used options; --help lists all of them, and how models are named.";

const NOTES: &str = r"Examples:
  trustmh run --subject scripted/always-refuse --tasks safety/jailbreak
  trustmh run --subject openai/llama-3.1-8b --base-url http://127.0.0.1:8000/v1 --data DIR
  trustmh run --subject openai/gpt-5.1 --judge openai/gpt-4.1 --protocol reference --json

Subjects and judges: openai/<name> (any OpenAI-compatible server with --base-url), anthropic/<name>,
gemini/<name>, ollama/<name>, command:<program> (JSON lines, docs/models.md), local/smollm2-135m,
scripted/<behaviour> (always-refuse, always-a, echo, random, leaks-everything, complies,
always-endorse, always-challenge, always-no-crisis), replay:<run>, or a short name (`trustmh models`).
Keys are read from the environment.";

pub(crate) fn run(arguments: &RunArguments) -> Result<Exit, Failure> {
    let RunRequest { tasks_from, calls, output, .. } = &arguments.request;
    let benchmark = benchmark(tasks_from)?;
    let mut runs = PreparedRun::for_each_judge(&benchmark, &arguments.request)?;
    match runs.pop() {
        Some(only) if runs.is_empty() => {
            only.execute(&benchmark, calls, &calls.limits.reuse)?.report(output.into())
        }
        last => {
            runs.extend(last);
            panel::execute(&benchmark, runs, calls, output.into())
        }
    }
}
