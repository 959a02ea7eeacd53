//! Where things come from, and how a run is asked.

use clap::{Args, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::cluster::Workers;
use super::reach::Reach;
use super::room::Room;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProtocolChoice {
    /// What the release did, quirks included.
    Reference,
    /// The same question asked soundly.
    Corrected,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressChoice {
    /// A bar on a terminal, a line every 30 seconds elsewhere.
    Text,
    /// One JSON object a second.
    Json,
    /// Nothing.
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// Everything.
    Full,
    /// At most 8 items and about 10 trials a task, 80 tokens a reply: a first look on a small machine.
    Quick,
}

/// Where task files come from.
#[derive(Debug, Default, Args)]
pub(crate) struct TaskSource {
    /// A folder laid out like benchmark/; its files are added to the embedded ones or replace them.
    #[arg(long, value_name = "DIR")]
    pub(crate) tasks_dir: Option<PathBuf>,
    /// Anchors for the judge of crisis/escalation: a CSV file with a column `label` and one for each score,
    /// such as the published protocol.csv.
    #[arg(long, value_name = "FILE")]
    pub(crate) rubric: Option<PathBuf>,
}

/// Where published data lies.
#[derive(Debug, Args)]
pub(crate) struct DataSource {
    /// The folder of published data; without it the project's starter items are asked.
    #[arg(long, value_name = "DIR", env = "TRUSTMH_DATA")]
    pub(crate) data: Option<PathBuf>,
}

/// How models are asked.
#[derive(Debug, Args)]
pub(crate) struct ModelAccess {
    #[command(flatten)]
    pub(crate) reach: Reach,
    /// At most so many calls a minute to the subject.
    #[arg(long, value_name = "N")]
    pub(crate) rpm: Option<u32>,
    /// At most so many calls a minute to the judge.
    #[arg(long, value_name = "N")]
    pub(crate) judge_rpm: Option<u32>,
    /// At most so many tokens a minute to and from the subject, prompts and replies together.
    #[arg(long, value_name = "N")]
    pub(crate) tpm: Option<u32>,
    /// At most so many tokens a minute to and from the judge.
    #[arg(long, value_name = "N")]
    pub(crate) judge_tpm: Option<u32>,
    /// Stop after so many calls; `resume` goes on.
    #[arg(long, value_name = "N")]
    pub(crate) max_calls: Option<u64>,
    /// Stop after so many tokens, prompts and replies of subject and judge together.
    #[arg(long, value_name = "N")]
    pub(crate) max_tokens: Option<u64>,
    /// Stop after so many seconds.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) max_time: Option<u64>,
    /// Stop after so many US dollars, by the table of prices; both models must be in it.
    #[arg(long, value_name = "USD")]
    pub(crate) max_cost: Option<f64>,
    /// A table of prices [default: benchmark/prices.toml as built in; its date is printed with it].
    #[arg(long, value_name = "FILE")]
    pub(crate) prices: Option<PathBuf>,
    /// Take finished calls from another run, too, where they are the very same; may be given several times.
    #[arg(long, value_name = "RUN")]
    pub(crate) reuse: Vec<PathBuf>,
    /// Take them even if the other run asked the same model at another endpoint.
    #[arg(long, requires = "reuse")]
    pub(crate) reuse_any_endpoint: bool,
    /// Tries for a call that fails for a passing reason.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) tries: u32,
    /// How progress is told on stderr: a bar or plain lines, JSON lines, or not at all.
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) progress: ProgressChoice,
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The model under test.
    #[arg(long, value_name = "MODEL")]
    pub(crate) subject: String,
    /// Who scores replies: a model, `offline` (phrase rules) or `none`. Several --judge make a panel: one run each, the same
    /// replies, and what they agree on.
    #[arg(long, value_name = "MODEL|offline|none", default_value = "offline")]
    pub(crate) judge: Vec<String>,
    /// Tasks, comma separated, whole pillars by name, or `all`.
    #[arg(long, value_name = "TASKS", value_delimiter = ',', default_value = "all")]
    pub(crate) tasks: Vec<String>,
    /// By which rules.
    #[arg(long, value_enum, default_value = "corrected")]
    pub(crate) protocol: ProtocolChoice,
    /// Seed of option orders, attack texts and resampling; recorded in the run.
    #[arg(long, value_name = "N", default_value_t = 20_260_303)]
    pub(crate) seed: u64,
    /// Caps by name.
    #[arg(long, value_enum, default_value = "full")]
    pub(crate) profile: Profile,
    /// At most so many items a task, evenly spread.
    #[arg(long, value_name = "N")]
    pub(crate) items: Option<NonZeroUsize>,
    /// At most about so many trials a task, by whole items.
    #[arg(long, value_name = "N")]
    pub(crate) trials: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(crate) room: Room,
    /// Tokens the subject takes in at once, prompt and reply together; of longer inputs the oldest posts are
    /// left out, and the report says so [default: no bound, or that of a local model].
    #[arg(long, value_name = "TOKENS")]
    pub(crate) context: Option<u32>,
    /// The subject's endpoint, for example http://127.0.0.1:8000/v1; several of the same model, comma separated,
    /// share the calls. A key in it is given by an environment variable: 'https://host/v1?api-key=$NAME'.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// The judge's endpoint or endpoints; of a panel once for all judges, or once for each, `default` for a usual
    /// endpoint.
    #[arg(long, value_name = "URL")]
    pub(crate) judge_base_url: Vec<String>,
    /// An endpoint in the form of the Perspective API that scores toxicity instead of the judge, whole, for
    /// example 'https://host/v1alpha1/comments:analyze?key=$NAME', with the key in that environment variable.
    #[arg(long, value_name = "URL")]
    pub(crate) toxicity_url: Option<String>,
    /// Ask exactly the prompts that an imported run has recorded, and judge by its recorded judge's prompts with the reply in
    /// the place of the old one; needs --protocol reference.
    #[arg(long, value_name = "RUN")]
    pub(crate) prompts_from: Option<PathBuf>,
    /// Let the subject judge itself; the report says so.
    #[arg(long)]
    pub(crate) allow_self_judge: bool,
    /// The folder that holds runs.
    #[arg(long, value_name = "DIR", default_value = "runs")]
    pub(crate) runs_dir: PathBuf,
    /// Print the scorecard as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) data: DataSource,
    #[command(flatten)]
    pub(crate) tasks_from: TaskSource,
    #[command(flatten)]
    pub(crate) access: ModelAccess,
    #[command(flatten)]
    pub(crate) workers: Workers,
}

#[derive(Debug, Args)]
pub(crate) struct ResumeArguments {
    /// The run's folder.
    pub(crate) run: PathBuf,
    /// Print the scorecard as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) data: DataSource,
    #[command(flatten)]
    pub(crate) tasks_from: TaskSource,
    #[command(flatten)]
    pub(crate) access: ModelAccess,
    #[command(flatten)]
    pub(crate) workers: Workers,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArguments {
    /// Whether this subject could be asked: its key and its endpoint.
    #[arg(long, value_name = "MODEL")]
    pub(crate) subject: Option<String>,
    /// The same of this judge.
    #[arg(long, value_name = "MODEL")]
    pub(crate) judge: Option<String>,
    /// The subject's endpoint.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// The judge's endpoint.
    #[arg(long, value_name = "URL")]
    pub(crate) judge_base_url: Option<String>,
    /// The folder that holds runs.
    #[arg(long, value_name = "DIR", default_value = "runs")]
    pub(crate) runs_dir: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) data: DataSource,
    #[command(flatten)]
    pub(crate) tasks_from: TaskSource,
    #[command(flatten)]
    pub(crate) reach: Reach,
}
