//! The command line, as it is typed. Nothing is resolved here.

mod asking;
mod cluster;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod documented;
mod reach;
mod results;
mod room;
mod tools;

use clap::{Parser, Subcommand};
use std::path::PathBuf;

pub(crate) use asking::*;
pub(crate) use cluster::*;
pub(crate) use reach::*;
pub(crate) use results::*;
pub(crate) use room::Room;
pub(crate) use tools::*;

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

Exit codes: 0 all is well; 1 a check does not hold; 2 wrong usage, configuration or input; 3 subject or judge unreachable or
credentials refused; 4 the run is incomplete or was repaired; 5 a record is not as it was written; 130 interrupted.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask a model and score its replies
    #[command(after_help = run_help())]
    Run(RunArguments),
    /// Show what a run would ask for: calls and tokens by task; nothing is sent
    #[command(
        after_help = "Examples:\n  trustmh plan --subject openai/gpt-5.1 --judge openai/gpt-4.1 --data ~/trustmh-data\n  trustmh plan --subject openai/x --tasks robustness --json"
    )]
    Plan(RunArguments),
    /// Go on with an interrupted run; nothing recorded is asked or paid for again
    #[command(after_help = "Examples:\n  trustmh resume runs/20261123T101500Z-openai-gpt-5.1-3f2a")]
    Resume(ResumeArguments),
    /// Make calls for runs that are coordinated elsewhere (`run --cluster`), through a NATS server
    #[command(
        after_help = "Examples:\n  trustmh worker --cluster nats://queue:4222 --model-endpoint openai/llama-3.1-8b=http://127.0.0.1:8000/v1\n  trustmh worker --cluster tls://queue:4222 --model-endpoint gpt-4o-mini --quota OPENAI_API_KEY=600,90000\n  trustmh worker --cluster nats://queue:4222 --model-endpoint local/smollm2-135m\n\nOn SIGTERM it takes no more calls and ends when those in hand are done. docs/cluster.md has a whole setup."
    )]
    Worker(Box<WorkerArguments>),
    /// Runs, workers and queues on a NATS server; setting one up
    #[command(
        after_help = "Examples:\n  trustmh cluster status --cluster nats://queue:4222\n  trustmh cluster setup --cluster nats://queue-1:4222,nats://queue-2:4222 --replicas 3"
    )]
    Cluster(ClusterArguments),
    /// Score recorded runs again, without calls
    #[command(after_help = SCORE_EXAMPLES)]
    Score(ScoreArguments),
    /// Write the HTML report of a run
    #[command(
        after_help = "Examples:\n  trustmh report runs/RUN\n  trustmh report runs/RUN --output card.html --protocol reference"
    )]
    Report(ReportArguments),
    /// Read runs in the browser: scorecards, replies, verdicts, two runs side by side; rate replies by people
    #[command(
        after_help = "Examples:\n  trustmh view\n  trustmh view runs/RUN --annotate\n  trustmh view runs/RUN --annotate --sample 60 --seed 7\n  trustmh view runs --listen 0.0.0.0:8080 --password-env VIEW_PASSWORD\n\nIt shows the address to open, which holds a token; docs/security.md says what is promised."
    )]
    View(ViewArguments),
    /// Write a run for documents and other programs: Markdown, LaTeX, a model card, JSON, CSV, Parquet
    #[command(
        after_help = "Examples:\n  trustmh export runs/RUN --format latex --output table.tex\n  trustmh export runs/RUN --format parquet --output trials.parquet\n  trustmh export runs/RUN --format csv > trials.csv\n  trustmh export runs/RUN --format bundle --output run.zip\n\nTables of trials hold prompts and replies, which may be distressing. docs/exports.md lists their columns."
    )]
    Export(ExportArguments),
    /// Turn recorded outputs of another program into runs, one per model
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(ImportArguments),
    /// Check that a run is whole, and show how it differs from another
    #[command(
        after_help = "Examples:\n  trustmh verify runs/RUN\n  trustmh verify run.zip --signed-by their-key.pub\n  trustmh verify runs/RUN --against runs/OTHER --data ~/trustmh-data\n\nEnds with 5 if anything is not as it was written."
    )]
    Verify(VerifyArguments),
    /// Make a new run of what is sound of a damaged one
    #[command(
        after_help = "Examples:\n  trustmh repair runs/RUN\n  trustmh repair runs/RUN --output runs/RUN-mended\n\nThe damaged run stays as it is. The new one says wherever it is shown that it was repaired; resume it to ask for what was lost."
    )]
    Repair(RepairArguments),
    /// Seal a run's record, and sign the seal, before it leaves the house
    #[command(
        after_help = "Examples:\n  trustmh seal --new-key ours.key\n  trustmh seal runs/RUN --key ours.key\n  trustmh export runs/RUN --format bundle --output run.zip\n  trustmh verify run.zip --signed-by ours.key.pub\n\nA run that ends is sealed without this command; it seals those that were killed, or made by older programs, as they stand."
    )]
    Seal(SealArguments),
    /// Put runs beside each other on the trials they share: differences, intervals, corrected p values
    #[command(
        after_help = "Examples:\n  trustmh compare runs/BEFORE runs/AFTER\n  trustmh compare runs/* --all --json\n  trustmh compare runs/A runs/B --format markdown > comparison.md"
    )]
    Compare(CompareArguments),
    /// Put judges of the same replies beside each other: each alone, their mean and majority, their agreement
    #[command(
        after_help = "Examples:\n  trustmh run --subject openai/x --judge openai/gpt-4.1 --judge claude-sonnet-4.5    asks and shows the panel\n  trustmh panel runs/BY-ONE runs/BY-ANOTHER --json"
    )]
    Panel(PanelArguments),
    /// Check a run against a policy, alone or beside a baseline; exit code 1 if it does not hold
    #[command(
        after_help = "Examples:\n  trustmh gate --policy release runs/RUN --baseline runs/BEFORE\n  trustmh gate --policy policy.toml runs/RUN --junit gate.xml --markdown gate.md\n\nThe policies `release` and `research` are built in; docs/gate.md says how to write your own."
    )]
    Gate(GateArguments),
    /// Set runs beside the 12 published models, as far as their numbers may stand beside each other
    #[command(
        after_help = "Examples:\n  trustmh leaderboard                     the published ranks alone\n  trustmh leaderboard runs/* --format markdown\n  trustmh leaderboard imported/* --protocol reference --json"
    )]
    Leaderboard(LeaderboardArguments),
    /// Work out how many items it takes to see a difference between two models
    #[command(
        after_help = "Examples:\n  trustmh power --difference 0.05 --discordant 0.2\n  trustmh power --items 125 --discordant 0.2\n  trustmh power --difference 0.2,0.3 --sd 1.1 --json"
    )]
    Power(PowerArguments),
    /// Compare labellers, judges and people: kappa, alpha, differences, confusion
    #[command(after_help = AGREEMENT_EXAMPLES)]
    Agreement(AgreementArguments),
    /// Published data: list, show, fetch, verify, import
    #[command(
        after_help = "Examples:\n  trustmh data list\n  trustmh data fetch usmle-mental ethicmh\n  trustmh data fetch all --accept-licence\n  trustmh data verify\n  trustmh data import swmh train.csv\n  trustmh run --subject openai/x --data \"$(trustmh data where)\""
    )]
    Data(DataArguments),
    /// List, show and check tasks
    #[command(
        after_help = "Examples:\n  trustmh tasks list\n  trustmh tasks show ethics/reasoning\n  trustmh tasks new reliability/sleep --like reliability/knowledge --dir my-tasks\n  trustmh tasks check --tasks-dir my-tasks"
    )]
    Tasks(TasksArguments),
    /// Wrap intents in the eight attack styles
    #[command(after_help = ATTACK_EXAMPLES)]
    Attack(AttackArguments),
    /// Put slips into a text: characters, words or sentences, at a level
    #[command(after_help = PERTURB_EXAMPLES)]
    Perturb(PerturbArguments),
    /// List the models that go by short names, the 12 published ones among them
    #[command(
        after_help = "Examples:\n  trustmh models\n  trustmh run --subject claude-sonnet-4.5 --judge gpt-4o-mini --data ~/trustmh-data"
    )]
    Models(ModelsArguments),
    /// Fetch or find the weights of the local model
    #[command(after_help = "Examples:\n  trustmh weights fetch\n  trustmh weights where")]
    Weights(WeightsArguments),
    /// Look whether all is in place: keys, endpoints, data, disk; and say what to do about what is not
    #[command(
        after_help = "Examples:\n  trustmh doctor\n  trustmh doctor --subject openai/gpt-5.1 --judge claude-sonnet-4.5 --data ~/trustmh-data\n\nKeys are looked for, never shown; endpoints are connected to, nothing is asked of them. Exit code 1 if something is amiss."
    )]
    Doctor(DoctorArguments),
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
    /// Print the reference of all commands as a Markdown page: docs/commands.md
    #[command(after_help = "Examples:\n  trustmh reference > commands.md")]
    Reference,
    /// Serve scripted replies over the OpenAI chat protocol on loopback, for tests
    #[command(hide = true)]
    FakeProvider(FakeProviderArguments),
}

const RUN_EXAMPLES: &str = "\
Examples:
  trustmh run --subject scripted/always-refuse --tasks safety/jailbreak
  trustmh run --subject openai/llama-3.1-8b --base-url http://127.0.0.1:8000/v1 --data DIR
  trustmh run --subject openai/gpt-5.1 --judge openai/gpt-4.1 --protocol reference --json
";

/// The examples of `run`, then the models that can be asked.
fn run_help() -> String {
    let models = trustmh_model::name::ModelName::help();
    format!(
        "{RUN_EXAMPLES}\nSubjects and judges:\n{models} Keys are read from the environment (docs/models.md). A judge may also be \
         `offline` (phrase rules) or `none`."
    )
}

const SCORE_EXAMPLES: &str = "\
Examples:
  trustmh score runs/* --json
  trustmh score runs/RUN --protocol reference
  trustmh score runs/RUN --calibration runs/RUN/annotations.jsonl --task safety/jailbreak --metric resistance_rate --rated random";

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
  trustmh agreement ratings.csv
  trustmh agreement runs/RUN/annotations.jsonl
  trustmh agreement table.csv --unit conversation --rater clinician --dimensions warmth,safety
  trustmh agreement --offline-judge H1_scores.json H2_scores.json

Files: a JSON array, JSON lines or CSV. Units are matched by --unit, or the first of the fields inputs, text, id,
item, row and key; ratings are the first of evaluation, score, rating, severity, label and verdict, or --columns. Tables
that the viewer saved and its annotations.jsonl are known by their form. Missing cells are left out.";

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
