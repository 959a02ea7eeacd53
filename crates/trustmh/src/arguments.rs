//! The command line, as it is typed. Nothing is resolved here.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Measures how far a language model can be trusted with someone's mental health (TrustMH-Bench, arXiv 2603.03047).
#[derive(Debug, Parser)]
#[command(name = "trustmh", version, max_term_width = 100, after_help = TOP_EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const TOP_EXAMPLES: &str = "\
Examples:
  trustmh run --subject scripted/random          all tasks on starter items, without a network
  trustmh run --subject local/smollm2-135m --profile quick
  trustmh run --subject openai/gpt-5.1 --judge openai/gpt-4.1 --data ~/trustmh-data
  trustmh report runs/RUN                        an HTML report of a run

Exit codes: 0 all is well; 2 wrong usage, configuration or input; 3 subject or judge unreachable or
credentials refused; 4 the run is incomplete; 130 interrupted.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask a model and score its replies
    #[command(after_help = RUN_EXAMPLES)]
    Run(RunArguments),
    /// Show what a run would ask for: calls and tokens by task; nothing is sent
    #[command(
        after_help = "Examples:\n  trustmh plan --subject openai/gpt-5.1 --judge openai/gpt-4.1 --data ~/trustmh-data\n  trustmh plan --subject openai/x --tasks robustness --json"
    )]
    Plan(RunArguments),
    /// Go on with an interrupted run; nothing recorded is asked or paid for again
    #[command(after_help = "Examples:\n  trustmh resume runs/20261123T101500Z-openai-gpt-5.1-3f2a")]
    Resume(ResumeArguments),
    /// Score recorded runs again, without calls
    #[command(after_help = SCORE_EXAMPLES)]
    Score(ScoreArguments),
    /// Write the HTML report of a run
    #[command(
        after_help = "Examples:\n  trustmh report runs/RUN\n  trustmh report runs/RUN --output card.html --protocol reference"
    )]
    Report(ReportArguments),
    /// Turn recorded outputs of another program into runs, one per model
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(ImportArguments),
    /// Check that a run is whole, and show how it differs from another
    #[command(
        after_help = "Examples:\n  trustmh verify runs/RUN\n  trustmh verify runs/RUN --against runs/OTHER --data ~/trustmh-data"
    )]
    Verify(VerifyArguments),
    /// Compare labellers, judges and people: kappa, alpha, differences, confusion
    #[command(after_help = AGREEMENT_EXAMPLES)]
    Agreement(AgreementArguments),
    /// List, show and check tasks
    #[command(
        after_help = "Examples:\n  trustmh tasks list\n  trustmh tasks show ethics/reasoning\n  trustmh tasks check --tasks-dir my-tasks"
    )]
    Tasks(TasksArguments),
    /// Wrap intents in the eight attack styles
    #[command(after_help = ATTACK_EXAMPLES)]
    Attack(AttackArguments),
    /// Put slips into a text: characters, words or sentences, at a level
    #[command(after_help = PERTURB_EXAMPLES)]
    Perturb(PerturbArguments),
    /// Fetch or find the weights of the local model
    #[command(after_help = "Examples:\n  trustmh weights fetch\n  trustmh weights where")]
    Weights(WeightsArguments),
    /// Print a completion script for a shell
    #[command(
        after_help = "Examples:\n  trustmh completions bash > ~/.local/share/bash-completion/completions/trustmh"
    )]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Write man pages, one per command
    #[command(after_help = "Examples:\n  trustmh man --dir ~/.local/share/man/man1")]
    Man {
        /// The folder to write to; it is made if missing.
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
    },
    /// Serve scripted replies over the OpenAI chat protocol on loopback, for tests
    #[command(hide = true)]
    FakeProvider(FakeProviderArguments),
}

const RUN_EXAMPLES: &str = "\
Examples:
  trustmh run --subject scripted/always-refuse --tasks safety/jailbreak
  trustmh run --subject openai/llama-3.1-8b --base-url http://127.0.0.1:8000/v1 --data DIR
  trustmh run --subject openai/gpt-5.1 --judge openai/gpt-4.1 --protocol reference --json

Subjects and judges: openai/<name> (any OpenAI-compatible server with --base-url), anthropic/<name>, gemini/<name>,
ollama/<name>, command:<program> (JSON lines, docs/models.md), local/smollm2-135m, scripted/<behaviour>
(always-refuse, always-a, echo, random, leaks-everything, complies, always-endorse, always-challenge,
always-no-crisis), replay:<run>. Keys are read from the environment. A judge may also be `offline` (phrase rules)
or `none`.";

const SCORE_EXAMPLES: &str = "\
Examples:
  trustmh score runs/* --json
  trustmh score runs/RUN --protocol reference";

const IMPORT_EXAMPLES: &str = "\
Examples:
  trustmh import trustmh-ethics outputs/*.json
  trustmh import trustmh-privacy-tier2 final_report_*_tier_2?_*.json --runs-dir imported
  trustmh import crisis-labels gpt-4o-mini-labeled-*.json --data ~/trustmh-data
  trustmh import cssrs-llm gpt_responses.jsonl --labels labels.csv";

const AGREEMENT_EXAMPLES: &str = "\
Examples:
  trustmh agreement H1_labeled.json H2_labeled.json
  trustmh agreement table.csv --columns annotator_1,annotator_2
  trustmh agreement runs/A runs/B --task crisis/escalation --measure appropriateness --json
  trustmh agreement --offline-judge H1_scores.json H2_scores.json

Files: a JSON array, JSON lines or CSV. Units are matched by the first of the fields inputs, text, id, item, row
and key; ratings are the first of evaluation, score, rating, severity, label and verdict, or --columns.";

const ATTACK_EXAMPLES: &str = "\
Examples:
  trustmh attack intents.jsonl --method all > attacked.jsonl
  trustmh attack intents.txt --method scenario --method step-by-step

INTENTS is a JSONL file of items of kind `intent`, or a text file with one request a line. The output is
JSONL: id, objective, method, prompt.";

const PERTURB_EXAMPLES: &str = "\
Examples:
  trustmh perturb \"I have been feeling low for weeks\" --family character --level medium
  trustmh perturb letter.txt --family word --level high --seed 7 --diff
  trustmh perturb post.txt --family stacked --level low --keep-label --json

The level is a band of realised distance: low .03-.08, medium .08-.18, high .18-.35 of the text's length in
grapheme clusters; stacked applies all three families, each at the level.";

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

/// How models are reached.
#[derive(Debug, Args)]
pub(crate) struct ModelAccess {
    /// Calls at once, at the most; the run begins with a few and finds out what the endpoint bears
    /// [default: what suits the subject].
    #[arg(long, value_name = "N")]
    pub(crate) connections: Option<NonZeroUsize>,
    /// At most so many calls a minute to the subject.
    #[arg(long, value_name = "N")]
    pub(crate) rpm: Option<u32>,
    /// At most so many calls a minute to the judge.
    #[arg(long, value_name = "N")]
    pub(crate) judge_rpm: Option<u32>,
    /// The environment variable that holds the API key [default: OPENAI_API_KEY, ANTHROPIC_API_KEY or
    /// GEMINI_API_KEY, as the model's prefix says].
    #[arg(long, value_name = "NAME")]
    pub(crate) key_env: Option<String>,
    /// The environment variable that holds the judge's API key [default: that of --key-env].
    #[arg(long, value_name = "NAME")]
    pub(crate) judge_key_env: Option<String>,
    /// The environment variable that holds the key of --toxicity-url.
    #[arg(long, value_name = "NAME", default_value = "PERSPECTIVE_API_KEY")]
    pub(crate) toxicity_key_env: String,
    /// Folder of the local model's weights [default: the cache folder of the user].
    #[arg(long, value_name = "DIR", env = "TRUSTMH_WEIGHTS_DIR")]
    pub(crate) weights_dir: Option<PathBuf>,
    /// Stop after so many calls; `resume` goes on.
    #[arg(long, value_name = "N")]
    pub(crate) max_calls: Option<u64>,
    /// Stop after so many tokens, prompts and replies of subject and judge together.
    #[arg(long, value_name = "N")]
    pub(crate) max_tokens: Option<u64>,
    /// Stop after so many seconds.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) max_time: Option<u64>,
    /// Take finished calls from another run, too, where they are the very same; may be given several times.
    #[arg(long, value_name = "RUN")]
    pub(crate) reuse: Vec<PathBuf>,
    /// Tries for a call that fails for a passing reason.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) tries: u32,
    /// How progress is told on stderr: a bar or plain lines, JSON lines, or not at all.
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) progress: ProgressChoice,
    /// Seconds a call may take in all.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(crate) timeout: u64,
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The model under test.
    #[arg(long, value_name = "MODEL")]
    pub(crate) subject: String,
    /// Who scores replies: a model, `offline` (phrase rules) or `none`.
    #[arg(long, value_name = "MODEL|offline|none", default_value = "offline")]
    pub(crate) judge: String,
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
    pub(crate) items: Option<usize>,
    /// At most about so many trials a task, by whole items.
    #[arg(long, value_name = "N")]
    pub(crate) trials: Option<usize>,
    /// Replies of at most so many tokens.
    #[arg(long, value_name = "N")]
    pub(crate) reply_tokens: Option<u32>,
    /// Tokens the subject takes in at once, prompt and reply together; of longer inputs the oldest posts are
    /// left out, and the report says so [default: no bound, or that of a local model].
    #[arg(long, value_name = "TOKENS")]
    pub(crate) context: Option<u32>,
    /// The subject's endpoint, for example http://127.0.0.1:8000/v1.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// The judge's endpoint.
    #[arg(long, value_name = "URL")]
    pub(crate) judge_base_url: Option<String>,
    /// An endpoint in the form of the Perspective API that scores toxicity instead of the judge, whole, for
    /// example https://host/v1alpha1/comments:analyze.
    #[arg(long, value_name = "URL")]
    pub(crate) toxicity_url: Option<String>,
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
}

#[derive(Debug, Args)]
pub(crate) struct ScoreArguments {
    /// Run folders.
    #[arg(required = true)]
    pub(crate) runs: Vec<PathBuf>,
    /// By which rules [default: those of the run].
    #[arg(long, value_enum)]
    pub(crate) protocol: Option<ProtocolChoice>,
    /// Score by `offline` rules, or by nobody, instead of by recorded verdicts.
    #[arg(long, value_name = "offline|none")]
    pub(crate) judge: Option<String>,
    /// Print an array, one object per run.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) tasks_from: TaskSource,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// The run's folder.
    pub(crate) run: PathBuf,
    /// Another run to compare it with.
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

#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// trustmh-ethics, trustmh-privacy-tier1, -tier2, -tier3, emobench-v1, esconv-generations, crisis-labels,
    /// crisis-answers, crisis-judgements or cssrs-llm.
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
    /// Two or more files with ratings, or run folders.
    #[arg(required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// Columns of a table, each a rater.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) columns: Vec<String>,
    /// Of runs: only this task.
    #[arg(long, value_name = "TASK")]
    pub(crate) task: Option<String>,
    /// Of runs: this measure of each trial [default: the labels the subject gave].
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
    /// Check all task files, prompts, rubrics and starter items
    Check {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        tasks_from: TaskSource,
    },
    /// Print the JSON Schema of task files
    Schema,
    /// Print all tasks as a Markdown page: docs/tasks.md
    Docs,
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
    /// The scripted behaviour that replies.
    #[arg(long, default_value = "random")]
    pub(crate) behaviour: String,
    /// Milliseconds before each reply.
    #[arg(long, default_value_t = 0)]
    pub(crate) latency: u64,
    /// A file that gets one line per request served: blake3 of its body.
    #[arg(long)]
    pub(crate) log: Option<PathBuf>,
    /// A fault to answer with instead of replies.
    #[arg(long, value_enum)]
    pub(crate) fault: Option<FaultChoice>,
    /// Answer with the fault only every n-th request.
    #[arg(long, default_value_t = 1)]
    pub(crate) fault_every: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FaultChoice {
    /// 401 with an OpenAI error body.
    Unauthorized,
    /// 429 with Retry-After: 0.
    RateLimit,
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
    /// 200 with a body longer than is read.
    HugeBody,
    /// 200 with a body that comes in drips, a byte every 100 ms.
    SlowDrip,
}
