//! What is done with runs and records.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

use super::asking::{DataSource, ProtocolChoice, TaskSource};

#[derive(Debug, Args)]
pub(crate) struct ScoreArguments {
    /// Run folders, or bundles of runs.
    #[arg(required_unless_present = "schema")]
    pub(crate) runs: Vec<PathBuf>,
    /// Print the JSON Schema of what --json prints, and nothing else.
    #[arg(long)]
    pub(crate) schema: bool,
    /// By which rules [default: those of the run].
    #[arg(long, value_enum)]
    pub(crate) protocol: Option<ProtocolChoice>,
    /// Score by `offline` rules, or by nobody, instead of by recorded verdicts.
    #[arg(long, value_name = "offline|none")]
    pub(crate) judge: Option<String>,
    /// People's scores of some of the replies, to put a metric that a judge scored right by (prediction-powered inference): a table
    /// saved from the viewer, its annotations.jsonl, or a file as for `agreement`; needs --task.
    #[arg(long, value_name = "FILE", requires = "task")]
    pub(crate) calibration: Option<PathBuf>,
    /// Of --calibration: the task.
    #[arg(long, value_name = "TASK")]
    pub(crate) task: Option<String>,
    /// Of --calibration: the metric, a share or a mean [default: the one the task is ranked by].
    #[arg(long, value_name = "NAME", conflicts_with = "measure", requires = "calibration")]
    pub(crate) metric: Option<String>,
    /// Of --calibration: the measure of each trial that the metric rests on, instead of --metric.
    #[arg(long, value_name = "NAME")]
    pub(crate) measure: Option<String>,
    /// Of --calibration: how the replies that people scored were chosen; only a random part puts anything right.
    #[arg(long, value_enum, value_name = "HOW", requires = "calibration")]
    pub(crate) rated: Option<RatedPart>,
    /// Print an array, one object per run; with --calibration one of the runs' corrected means.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) tasks_from: TaskSource,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RatedPart {
    /// At random, as the viewer shows them.
    Random,
    /// By somebody.
    Chosen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TextFormat {
    /// Tables for a terminal.
    Table,
    /// Markdown.
    Markdown,
}

#[derive(Debug, Args)]
pub(crate) struct CompareArguments {
    /// Run folders; each is compared with all after it.
    #[arg(required = true)]
    pub(crate) runs: Vec<PathBuf>,
    /// All metrics, not only those that tasks are ranked by.
    #[arg(long)]
    pub(crate) all: bool,
    /// Also show the values of runs that are not alike (in judge, protocol, prompts, data, caps or task), side by side and
    /// without a test or a verdict.
    #[arg(long)]
    pub(crate) even_if_unlike: bool,
    /// The chance of a false finding that is accepted, after correction.
    #[arg(long, default_value_t = 0.05)]
    pub(crate) alpha: f64,
    /// By which rules [default: those of each run].
    #[arg(long, value_enum)]
    pub(crate) protocol: Option<ProtocolChoice>,
    /// How the text is laid out.
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: TextFormat,
    /// Print JSON: one object, with a list of pairs, the runs and their standings.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) tasks_from: TaskSource,
}

#[derive(Debug, Args)]
pub(crate) struct PanelArguments {
    /// Runs of the same replies, each judged by another judge.
    #[arg(required = true)]
    pub(crate) runs: Vec<PathBuf>,
    /// All metrics, not only those that tasks are ranked by; JSON has them all.
    #[arg(long)]
    pub(crate) all: bool,
    /// By which rules [default: those of each run].
    #[arg(long, value_enum)]
    pub(crate) protocol: Option<ProtocolChoice>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) tasks_from: TaskSource,
}

#[derive(Debug, Args)]
pub(crate) struct LeaderboardArguments {
    /// Run folders; none for the published ranks alone.
    pub(crate) runs: Vec<PathBuf>,
    /// By which rules [default: those of each run].
    #[arg(long, value_enum)]
    pub(crate) protocol: Option<ProtocolChoice>,
    /// How the text is laid out.
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: TextFormat,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) tasks_from: TaskSource,
}

#[derive(Debug, Args)]
pub(crate) struct GateArguments {
    /// Run folders; each of them must hold what the policy asks.
    #[arg(required = true)]
    pub(crate) runs: Vec<PathBuf>,
    /// What must hold: a file, or `release` or `research`.
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: PathBuf,
    /// The run that this one must be no worse than.
    #[arg(long, value_name = "RUN")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write JUnit XML, for build servers.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Write a Markdown summary.
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) tasks_from: TaskSource,
}

#[derive(Debug, Args)]
pub(crate) struct RepairArguments {
    /// The damaged run's folder, which stays as it is.
    pub(crate) run: PathBuf,
    /// The new run's folder [default: the same name with -repaired].
    #[arg(long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SealArguments {
    /// The run's folder.
    #[arg(required_unless_present = "new_key")]
    pub(crate) run: Option<PathBuf>,
    /// Sign the seal with this private Ed25519 key, a PEM file.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Make a key instead: a private one in FILE and a public one in FILE.pub.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["run", "key"])]
    pub(crate) new_key: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) tasks_from: TaskSource,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// The run's folder, or a bundle of it.
    pub(crate) run: PathBuf,
    /// The seal must be signed by the owner of this public Ed25519 key, a PEM file.
    #[arg(long, value_name = "FILE")]
    pub(crate) signed_by: Option<PathBuf>,
    /// Another run to compare it with: plans, trials, replies and scores.
    #[arg(long, value_name = "RUN")]
    pub(crate) against: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) data: DataSource,
    #[command(flatten)]
    pub(crate) tasks_from: TaskSource,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    /// The run's folder.
    pub(crate) run: PathBuf,
    /// Where to write it [default: report.html inside the run].
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// By which rules [default: those of the run].
    #[arg(long, value_enum)]
    pub(crate) protocol: Option<ProtocolChoice>,
    /// Print the path as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) tasks_from: TaskSource,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// The scorecard as Markdown.
    Markdown,
    /// A table for a paper.
    Latex,
    /// The evaluation section of a model card.
    ModelCard,
    /// The scorecard as JSON.
    Json,
    /// All trials as CSV.
    Csv,
    /// All trials as JSON lines.
    Jsonl,
    /// All trials as Parquet.
    Parquet,
    /// One `.eval` log of Inspect AI a task, into a folder.
    Inspect,
    /// The same as JSON.
    InspectJson,
    /// The whole run in one file (zip), for those who check it elsewhere: record, task files, seal, report.
    Bundle,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// The run's folder.
    pub(crate) run: PathBuf,
    /// What to make of it.
    #[arg(long, value_enum)]
    pub(crate) format: ExportFormat,
    /// Where to write it [default: standard output; Parquet and bundles need a file, logs of Inspect a folder].
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// By which rules [default: those of the run].
    #[arg(long, value_enum)]
    pub(crate) protocol: Option<ProtocolChoice>,
    #[command(flatten)]
    pub(crate) tasks_from: TaskSource,
}

#[derive(Debug, Args)]
pub(crate) struct ViewArguments {
    /// Runs, or folders of runs.
    #[arg(default_value = "runs")]
    pub(crate) runs: Vec<PathBuf>,
    /// Take ratings of replies by people; they are written beside the run.
    #[arg(long)]
    pub(crate) annotate: bool,
    /// Of --annotate: the same N replies of each task for everybody, drawn at random.
    #[arg(long, value_name = "N", requires = "annotate")]
    pub(crate) sample: Option<std::num::NonZeroUsize>,
    /// Of --sample: the seed of drawing [default: that of the run].
    #[arg(long, value_name = "S", requires = "sample")]
    pub(crate) seed: Option<u64>,
    /// Where to listen; anything but this machine itself needs --password-env.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) listen: std::net::SocketAddr,
    /// The environment variable that holds a password, asked for besides the address's token.
    #[arg(long, value_name = "NAME")]
    pub(crate) password_env: Option<String>,
    /// Print the address as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) tasks_from: TaskSource,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// trustmh-ethics, trustmh-privacy-tier1, -tier2, -tier3, emobench-v1, esconv-generations, crisis-labels,
    /// crisis-answers, crisis-judgements, cssrs-llm or inspect (logs of Inspect AI).
    pub(crate) format: String,
    /// The recorded files.
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// The labels that people gave, for formats that keep them in a file of their own (cssrs-llm).
    #[arg(long, value_name = "FILE")]
    pub(crate) labels: Option<PathBuf>,
    /// The folder that holds runs.
    #[arg(long, value_name = "DIR", default_value = "runs")]
    pub(crate) runs_dir: PathBuf,
    /// Print the run paths as a JSON array.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) data: DataSource,
}

#[derive(Debug, Args)]
pub(crate) struct AgreementArguments {
    /// Files with ratings, or run folders: two or more, or one that holds several raters.
    #[arg(required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// Columns of a table, each a rater.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) columns: Vec<String>,
    /// The column that names what was rated.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) unit: Option<String>,
    /// Of a table with one row for each unit and rater: the column that names the rater.
    #[arg(
        long,
        value_name = "COLUMN",
        requires = "unit",
        requires = "dimensions",
        conflicts_with = "columns"
    )]
    pub(crate) rater: Option<String>,
    /// Of such a table: the columns that hold ratings, each a dimension.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', requires = "rater")]
    pub(crate) dimensions: Vec<String>,
    /// Of runs: only this task.
    #[arg(long, value_name = "TASK")]
    pub(crate) task: Option<String>,
    /// Of runs: this measure of each trial [default: the labels the subject gave]; of annotations: this field.
    #[arg(long, value_name = "NAME")]
    pub(crate) measure: Option<String>,
    /// Score the replies in the files by the offline rules for escalation, beside the scores of people there.
    #[arg(long)]
    pub(crate) offline_judge: bool,
    /// Seed of resampling.
    #[arg(long, value_name = "N", default_value_t = 20_260_303)]
    pub(crate) seed: u64,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) tasks_from: TaskSource,
}
