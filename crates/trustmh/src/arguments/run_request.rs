//! What a run asks of which models: shared by `run`, which does it, and `plan`, which only counts.

use clap::{Args, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use trustmh_core::language::LanguageRange;
use trustmh_core::protocol::Protocol;
use trustmh_core::repeats::Repeats;
use trustmh_core::scorecard::JudgeName;

use super::SEED;
use super::calls::CallArguments;
use super::client::ClientArguments;
use super::data::{DataSource, RunsDir};
use super::output::ResultOutput;
use super::product::ProductArguments;
use super::requests::RequestArguments;
use super::scoring::protocols;
use super::tasks::TaskSource;

/// How much of the benchmark is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    // Everything.
    Full,
    // A first look on a small machine.
    Quick,
}

/// A run as it was asked for.
#[derive(Debug, Args)]
pub(crate) struct RunRequest {
    /// Model to test
    #[arg(long, value_name = "MODEL", help_heading = "Model and judge")]
    pub(crate) subject: String,
    #[command(flatten, next_help_heading = "Model and judge")]
    pub(crate) product: ProductArguments,
    /// Who scores replies: a model, `embedded` (default where its weights are), `offline` (phrase
    /// rules) or `none`; several form a panel
    #[arg(long, value_name = "JUDGE", help_heading = "Model and judge")]
    pub(crate) judge: Vec<JudgeName>,
    /// Subject's endpoint, such as http://127.0.0.1:8000/v1; several of the same model, separated
    /// by commas, share the calls. Name a variable for a key in it: 'https://host/v1?api-key=$NAME'
    #[arg(long, value_name = "URL", help_heading = "Model and judge")]
    pub(crate) base_url: Option<String>,
    /// Judge's endpoint; with several judges, once for all or once for each (`default` for the
    /// usual one)
    #[arg(long, value_name = "URL", help_heading = "Model and judge", hide_short_help = true)]
    pub(crate) judge_base_url: Vec<String>,
    /// Perspective API endpoint that scores toxicity instead of the judge, for example
    /// 'https://host/v1alpha1/comments:analyze?key=$NAME'
    #[arg(long, value_name = "URL", help_heading = "Model and judge", hide_short_help = true)]
    pub(crate) toxicity_url: Option<String>,
    #[command(flatten, next_help_heading = "Model and judge")]
    pub(crate) player: ClientArguments,
    /// Allow the same model as subject and judge; the report says so
    #[arg(long, help_heading = "Model and judge", hide_short_help = true)]
    pub(crate) allow_self_judge: bool,
    /// Tasks, pillars or suites, separated by commas; `all` leaves the suites out that are asked by name
    #[arg(long, value_name = "TASKS", value_delimiter = ',', default_value = "all")]
    #[arg(help_heading = "Tasks and data")]
    pub(crate) tasks: Vec<String>,
    /// Preset limits: `quick` asks at most 8 items and about 10 trials a task, with replies of 80
    /// tokens
    #[arg(long, value_enum, default_value = "full", help_heading = "Tasks and data")]
    pub(crate) profile: Profile,
    /// Maximum items per task, evenly spread
    #[arg(long, value_name = "N", help_heading = "Tasks and data")]
    pub(crate) items: Option<NonZeroUsize>,
    /// Ask only items in these languages, such as en,zh; `en` includes en-GB
    #[arg(long, value_name = "TAGS", value_delimiter = ',', help_heading = "Tasks and data")]
    #[arg(hide_short_help = true)]
    pub(crate) language: Vec<LanguageRange>,
    /// Approximate maximum of trials per task, by whole items
    #[arg(long, value_name = "N", help_heading = "Tasks and data", hide_short_help = true)]
    pub(crate) trials: Option<NonZeroUsize>,
    /// Times to ask each trial, up to 100
    #[arg(long, value_name = "N", default_value = "1", help_heading = "Tasks and data")]
    pub(crate) repeats: Repeats,
    #[command(flatten, next_help_heading = "Tasks and data")]
    pub(crate) data: DataSource,
    #[command(flatten, next_help_heading = "Tasks and data")]
    pub(crate) tasks_from: TaskSource,
    /// Protocol to ask and score by: `reference` does what the benchmark's release did, quirks
    /// included; `corrected` asks the same question soundly
    #[arg(long, value_parser = protocols(), default_value = "corrected")]
    #[arg(help_heading = "Tasks and data")]
    pub(crate) protocol: Protocol,
    /// Seed of orders, attack texts and resampling
    #[arg(long, value_name = "N", default_value_t = SEED)]
    #[arg(help_heading = "Tasks and data", hide_short_help = true)]
    pub(crate) seed: u64,
    /// Ask exactly the prompts recorded in an imported run, and judge with its judge's prompts;
    /// needs --protocol reference
    #[arg(long, value_name = "RUN", help_heading = "Tasks and data", hide_short_help = true)]
    pub(crate) prompts_from: Option<PathBuf>,
    /// Subject's context window in tokens; longer inputs lose their oldest posts [default:
    /// unlimited, or that of a local model]
    #[arg(long, value_name = "TOKENS", help_heading = "Requests", hide_short_help = true)]
    pub(crate) context: Option<u32>,
    #[command(flatten, next_help_heading = "Requests")]
    pub(crate) requests: RequestArguments,
    #[command(flatten)]
    pub(crate) calls: CallArguments,
    #[command(flatten, next_help_heading = "Output")]
    pub(crate) runs_dir: RunsDir,
    #[command(flatten, next_help_heading = "Output")]
    pub(crate) output: ResultOutput,
}
