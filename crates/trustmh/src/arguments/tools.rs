//! Tasks, texts, weights, and the provider for tests.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

use super::asking::TaskSource;

#[derive(Debug, Args)]
pub(crate) struct TasksArguments {
    #[command(subcommand)]
    pub(crate) action: TasksAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TasksAction {
    /// All tasks, by pillar
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        tasks_from: TaskSource,
    },
    /// One task: question, data, rules of both protocols, metrics, caveats
    Show {
        /// pillar/task
        task: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        tasks_from: TaskSource,
    },
    /// Begin a task of your own after the pattern of another: a task file, a card and two items to replace
    New {
        /// pillar/task
        task: String,
        /// The task it is like: the same kind of items, prompt, parser, scorer and metrics.
        #[arg(long, value_name = "TASK")]
        like: String,
        /// The folder for --tasks-dir; it is made if missing.
        #[arg(long, value_name = "DIR", default_value = "my-tasks")]
        dir: PathBuf,
        #[command(flatten)]
        tasks_from: TaskSource,
    },
    /// Make items of a table of your own: CSV, JSON lines or XLSX
    Items {
        /// The table; its first line names the columns.
        table: PathBuf,
        /// The kind of items, for example multiple-choice, labelled, rated, action, intent.
        #[arg(long, value_name = "KIND")]
        kind: String,
        /// A field of the items and its column, for example question=Frage; several columns make a list: options=A|B|C|D; facets are
        /// tags.NAME.
        #[arg(long, value_name = "FIELD=COLUMN", required = true)]
        map: Vec<String>,
        /// A field and the text that all items have in it, for example scheme=posts.
        #[arg(long, value_name = "FIELD=TEXT")]
        set: Vec<String>,
        /// The column with ids [default: the file's name and the row's number].
        #[arg(long, value_name = "COLUMN")]
        id: Option<String>,
        /// Language of the texts, a BCP 47 tag.
        #[arg(long, default_value = "en")]
        language: String,
        /// Where to write the items [default: standard output].
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        #[command(flatten)]
        tasks_from: TaskSource,
    },
    /// Check all task files, prompts, rubrics and starter items
    Check {
        /// Show what the metrics of this task, or of all, make of scripted subjects; exit 1 if one of them reaches the top tenth of the
        /// scale.
        #[arg(long, value_name = "TASK", num_args = 0..=1)]
        baselines: Option<Option<String>>,
        /// Show this metric instead of those by which the task is ranked.
        #[arg(long, value_name = "NAME", requires = "baselines")]
        metric: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        tasks_from: TaskSource,
    },
    /// Print the JSON Schema of task files, or of items
    Schema {
        /// That of a line of items, all kinds.
        #[arg(long)]
        items: bool,
    },
    /// Print all tasks as a Markdown page: docs/tasks.md
    Docs,
}

#[derive(Debug, Args)]
pub(crate) struct DataArguments {
    #[command(subcommand)]
    pub(crate) action: DataAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DataAction {
    /// All published sets: licence, size, whether they are there
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: DataPlace,
    },
    /// One set's card: version, licence, files with sums, citation, known defects
    Show {
        /// The set.
        set: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print a data sheet in Markdown, of a published set or of a set of starter items
    Card {
        /// The set, for example psyleak or ethics-reasoning.
        set: String,
        #[command(flatten)]
        tasks_from: TaskSource,
    },
    /// Fetch sets from their publishers, checked against their sums
    Fetch {
        /// Sets, or `all` for all that can be fetched.
        #[arg(required = true)]
        sets: Vec<String>,
        /// Accept licences that bar commercial use, and sets that state none.
        #[arg(long)]
        accept_licence: bool,
        /// Fetch from a mirror: files stand below this address by the paths of their own addresses.
        #[arg(long, value_name = "URL")]
        mirror: Option<String>,
        /// Seconds without a byte until a download is given up.
        #[arg(long, value_name = "SECONDS", default_value_t = 30)]
        stall_timeout: u64,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: DataPlace,
    },
    /// Check that the files that are there are the published ones; exit code 1 if not
    Verify {
        /// Sets [default: all of which a file is there].
        sets: Vec<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: DataPlace,
    },
    /// Put a file that you got from a set's owners in its place, once it reads as it should
    Import {
        /// The set.
        set: String,
        /// The file.
        file: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: DataPlace,
    },
    /// Print the folder of published data
    Where {
        #[command(flatten)]
        place: DataPlace,
    },
}

/// Where published data is kept.
#[derive(Debug, Args)]
pub(crate) struct DataPlace {
    /// The folder of published data [default: the user's data folder].
    #[arg(long, value_name = "DIR", env = "TRUSTMH_DATA")]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct AttackArguments {
    /// A JSONL file of intents, or a text file with one request a line.
    pub(crate) intents: PathBuf,
    /// Methods, or `all`.
    #[arg(long, value_name = "METHOD", default_value = "all")]
    pub(crate) method: Vec<String>,
    /// Seed that picks among a method's texts.
    #[arg(long, value_name = "N", default_value_t = 20_260_303)]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) tasks_from: TaskSource,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FamilyChoice {
    /// Slips of single signs.
    Character,
    /// Slips of words.
    Word,
    /// Slips of sentences and punctuation.
    Sentence,
    /// All of them, one after the other.
    Stacked,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LevelChoice {
    /// Nothing changes.
    None,
    /// A few slips.
    Low,
    /// Many.
    Medium,
    /// A mess that can still be read.
    High,
}

#[derive(Debug, Args)]
pub(crate) struct PerturbArguments {
    /// A text, or a file that holds one.
    pub(crate) text: String,
    /// Which slips.
    #[arg(long, value_enum, default_value = "character")]
    pub(crate) family: FamilyChoice,
    /// How many.
    #[arg(long, value_enum, default_value = "medium")]
    pub(crate) level: LevelChoice,
    /// Seed; the same one gives the same text on every machine.
    #[arg(long, value_name = "N", default_value_t = 20_260_303)]
    pub(crate) seed: u64,
    /// Only slips that keep what the text means: no negation is added or lost, nothing is cut off.
    #[arg(long)]
    pub(crate) keep_label: bool,
    /// en or zh [default: as the signs of the text suggest].
    #[arg(long, value_name = "TAG")]
    pub(crate) language: Option<String>,
    /// Mark what was lost and added; the default on a terminal.
    #[arg(long)]
    pub(crate) diff: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) tasks_from: TaskSource,
}

#[derive(Debug, Args)]
pub(crate) struct WeightsArguments {
    #[command(subcommand)]
    pub(crate) action: WeightsAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WeightsAction {
    /// Fetch the weights unless they are there; the checksum is verified
    Fetch {
        /// Folder of the weights [default: the cache folder of the user].
        #[arg(long, value_name = "DIR", env = "TRUSTMH_WEIGHTS_DIR")]
        weights_dir: Option<PathBuf>,
    },
    /// Print where the weights are looked for, and whether they are there
    Where {
        /// Folder of the weights [default: the cache folder of the user].
        #[arg(long, value_name = "DIR", env = "TRUSTMH_WEIGHTS_DIR")]
        weights_dir: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct FakeProviderArguments {
    /// Port on loopback; 0 takes a free one. The address is printed on the first line.
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// The scripted behaviour that replies; `thinks:TOKENS:BEHAVIOUR` puts a thought of so many tokens before its replies.
    #[arg(long, default_value = "random")]
    pub(crate) behaviour: String,
    /// Where thoughts stand.
    #[arg(long, value_enum, default_value = "tags")]
    pub(crate) thoughts: ThoughtsChoice,
    /// Milliseconds before each reply; the median, where they are spread.
    #[arg(long, default_value_t = 0)]
    pub(crate) latency: u64,
    /// Standard deviation of the logarithm of the latency: 0 for none, 0.5 for a tail as providers have it.
    #[arg(long, default_value_t = 0.0)]
    pub(crate) latency_spread: f64,
    /// Seed of the latencies.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// A file that gets one line per request served: blake3 of its body.
    #[arg(long)]
    pub(crate) log: Option<PathBuf>,
    /// A fault to answer with instead of replies.
    #[arg(long, value_enum)]
    pub(crate) fault: Option<FaultChoice>,
    /// Answer with the fault only every n-th request.
    #[arg(long, default_value_t = 1)]
    pub(crate) fault_every: u64,
    /// Answer with the fault so many times in a row each time.
    #[arg(long, default_value_t = 1)]
    pub(crate) fault_burst: u64,
    /// Answer with the fault by chance instead, this share of all requests: 0.02 for one of fifty.
    #[arg(long, value_name = "SHARE", requires = "fault")]
    pub(crate) fault_share: Option<f64>,
    /// Answer with the fault instead whenever a request comes the first time.
    #[arg(long, requires = "fault")]
    pub(crate) first_tries: bool,
    /// Answer with the fault instead what goes beyond so many requests a second.
    #[arg(long, value_name = "N", requires = "fault")]
    pub(crate) rate: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ThoughtsChoice {
    /// Between tags, before the answer.
    Tags,
    /// In a field or block of their own, as each protocol has it.
    Apart,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FaultChoice {
    /// 401 with an OpenAI error body.
    Unauthorized,
    /// 403 of a moderator, with reasons.
    Flagged,
    /// 429 of an account without credit.
    NoCredit,
    /// 400 that blames nothing.
    BadRequest,
    /// 429 with Retry-After: 0.
    RateLimit,
    /// 429 without a word on when to come back.
    RateLimitSilent,
    /// 503.
    Unavailable,
    /// 500.
    ServerError,
    /// 200 with JSON of another shape.
    WrongJson,
    /// 200 with JSON cut short.
    CutJson,
    /// 200 with an empty body.
    EmptyBody,
    /// 200 with an empty reply.
    EmptyReply,
    /// 200 with finish_reason content_filter.
    ContentFilter,
    /// 200 with HTML.
    WrongType,
    /// 200, and the connection breaks in the middle of the body.
    BrokenOff,
    /// The connection breaks before anything is said.
    Reset,
    /// 200 with the same body twice.
    Twice,
    /// 200 with a stream of events that ends in the middle.
    CutStream,
    /// 200 with a body longer than is read.
    HugeBody,
    /// 200 with a body that comes in drips, a byte every 100 ms.
    SlowDrip,
}

#[derive(Debug, Args)]
pub(crate) struct ModelsArguments {
    /// A table of your own, laid out like benchmark/models.toml.
    #[arg(long, value_name = "FILE")]
    pub(crate) models: Option<PathBuf>,
    /// Print the table as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PowerArguments {
    /// Differences to be seen, comma separated, in the metric's own units.
    #[arg(long, value_name = "D", value_delimiter = ',')]
    pub(crate) difference: Vec<f64>,
    /// Instead: what this many items can show.
    #[arg(long, value_name = "N", conflicts_with = "difference")]
    pub(crate) items: Option<u64>,
    /// Of shares: the share of items that only one of the two models gets right.
    #[arg(long, value_name = "SHARE")]
    pub(crate) discordant: Option<f64>,
    /// Of scores: the standard deviation of the differences between the two models on an item.
    #[arg(long, value_name = "SD")]
    pub(crate) sd: Option<f64>,
    /// The chance of a false finding that is accepted.
    #[arg(long, default_value_t = 0.05)]
    pub(crate) alpha: f64,
    /// The chance of finding a difference that is there.
    #[arg(long, default_value_t = 0.8)]
    pub(crate) power: f64,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
