//! `trustmh run`: plan, ask, record, score, report.

use clap::Args;

use trustmh_model::name::ModelName;

use crate::arguments::RunRequest;
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::running::{PreparedRun, panel};

/// Run tasks on a model and score its replies
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = notes())]
pub(crate) struct RunArguments {
    #[command(flatten)]
    request: RunRequest,
}

const EXAMPLES: &str = r"Examples:
  trustmh run --subject scripted/always-refuse --tasks safety/jailbreak
  trustmh run --subject openai/llama-3.1-8b --base-url http://127.0.0.1:8000/v1 --data DIR
  trustmh run --subject openai/gpt-5.1 --judge openai/gpt-4.1 --protocol reference --json

The most used options; --help lists all of them, and how models are named.";

/// The same examples, then the models that can be asked.
fn notes() -> String {
    let examples = EXAMPLES.split("\n\n").next().unwrap_or_default();
    let models = ModelName::help();
    format!(
        "{examples}\n\nSubjects and judges, or a short name (`trustmh models`):\n{models}\nKeys are read from the \
         environment (docs/models.md). A judge may also be `embedded`, `offline` (phrase rules) or `none`."
    )
}

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
