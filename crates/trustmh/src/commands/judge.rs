//! `trustmh judge`: conversations that took place elsewhere, judged and counted.

use clap::Args;
use clap::builder::TypedValueParser;
use serde_json::json;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use trustmh_core::given_name::GivenName;
use trustmh_core::scorecard::JudgeName;
use trustmh_data::transcripts::{ColumnName, Format};
use trustmh_run::plan::forecast::{TaskForecast, forecast};

use crate::arguments::{CallArguments, ResultOutput, RunsDir, SEED, one_of};
use crate::failure::{Exit, Failure};
use crate::running::observed::ReadTranscripts;
use crate::running::{Output, dollars, prices};
use crate::screen;

/// Judge conversations that took place elsewhere; nothing is generated
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct JudgeArguments {
    /// Transcripts: files, or folders of them; their form is found out
    #[arg(required = true)]
    pub(crate) transcripts: Vec<PathBuf>,
    /// Rubric by name, or a TOML file of one's own
    #[arg(long, value_name = "RUBRIC", default_value = "observed")]
    pub(crate) rubric: String,
    /// Who judges: a model, `embedded` (default where its weights are) or `offline` (phrase rules)
    #[arg(long, value_name = "JUDGE")]
    pub(crate) judge: Option<JudgeName>,
    /// Judge's endpoint, such as http://127.0.0.1:8000/v1
    #[arg(long, value_name = "URL")]
    pub(crate) judge_base_url: Option<String>,
    /// Tokens the judge may think before it answers
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub(crate) judge_thinking_tokens: Option<u32>,
    /// Set a field of the judge's requests; repeatable
    #[arg(long, value_name = "KEY=VALUE", hide_short_help = true)]
    pub(crate) judge_option: Vec<String>,
    /// Replace names, numbers, addresses and mail by rule before anything is sent or stored
    /// (docs/redaction.md says what rules miss)
    #[arg(long)]
    pub(crate) redact: bool,
    /// Columns under other names, such as role=sender,content=body
    #[arg(long, value_name = "WHAT=COLUMN", value_delimiter = ',', help_heading = "Transcripts")]
    pub(crate) map: Vec<ColumnName>,
    /// Columns by which figures are split, too; month, language, version and model always are
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', help_heading = "Transcripts")]
    pub(crate) by: Vec<String>,
    /// Where people live, as an ISO 3166 code, where transcripts do not say it
    #[arg(long, value_name = "CODE", help_heading = "Transcripts")]
    pub(crate) region: Option<String>,
    /// Form of all files, instead of finding it out
    #[arg(long, value_name = "FORM", value_parser = forms(), help_heading = "Transcripts")]
    #[arg(hide_short_help = true)]
    pub(crate) format: Option<Format>,
    /// Judge at most N conversations, evenly spread over the files
    #[arg(long, value_name = "N", help_heading = "Transcripts")]
    pub(crate) sample: Option<NonZeroUsize>,
    /// Name of the product, as reports show it
    #[arg(long, value_name = "NAME", help_heading = "Transcripts")]
    pub(crate) name: Option<GivenName>,
    /// Read, count and estimate the cost; make no call and keep nothing
    #[arg(long, help_heading = "Transcripts")]
    pub(crate) dry_run: bool,
    /// Judge everything anew, even what an earlier run with the same judge has judged
    #[arg(long, hide_short_help = true, help_heading = "Transcripts")]
    pub(crate) anew: bool,
    /// Seed of fences and resampling; recorded in the run
    #[arg(long, value_name = "N", default_value_t = SEED, hide_short_help = true)]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) calls: CallArguments,
    #[command(flatten, next_help_heading = "Output")]
    pub(crate) runs_dir: RunsDir,
    #[command(flatten, next_help_heading = "Output")]
    pub(crate) output: ResultOutput,
}

const EXAMPLES: &str = r"Examples:
  trustmh judge chats.jsonl --judge offline
  trustmh judge export.csv --map role=sender,content=body --redact --region US --judge openai/gpt-4.1
  trustmh judge logs/ --rubric vera-mh --judge claude-sonnet-4.5 --by channel --dry-run

What was judged before by the same judge is not judged again. docs/transcripts.md describes the forms.";

/// The forms by name.
fn forms() -> impl TypedValueParser<Value = Format> {
    one_of(Format::ALL, Format::name)
}

pub(crate) fn run(arguments: &JudgeArguments) -> Result<Exit, Failure> {
    let read = ReadTranscripts::of(arguments)?;
    read.tell();
    if arguments.dry_run {
        return told_only(&read, arguments);
    }
    read.judge(&arguments.calls)?.report(Output::from(&arguments.output))
}

/// What judging would take.
fn told_only(read: &ReadTranscripts, arguments: &JudgeArguments) -> Result<Exit, Failure> {
    let mut total = TaskForecast::default();
    forecast(&read.benchmark, &read.plan)?.values().for_each(|task| total.add(task));
    let manifest = &read.plan.manifest;
    let observed = &read.observed;
    let cost = dollars(&total, &prices(manifest, &arguments.calls.limits)?);
    if arguments.output.json {
        let unread = read.first_unread.iter().map(ToString::to_string);
        screen::print_json(&json!({
            "transcripts": observed,
            "judge": manifest.judge.name,
            "conversations_judged": total.items,
            "judge_calls": total.judge_calls,
            "judge_tokens_at_most": total.judge_prompt_tokens,
            "dollars_at_most": cost,
            "first_unread": unread.collect::<Vec<_>>(),
        }))?;
        return Ok(Exit::Ok);
    }
    let cost = cost.map_or(String::new(), |cost| format!(", at most ${cost:.2}"));
    screen::print(&format!(
        "{} conversations would be judged by {} in {} calls of about {} tokens{cost}. What an earlier run has judged comes off. Nothing was sent or kept.\n",
        total.items,
        manifest.judge.name.title(),
        total.judge_calls,
        total.judge_prompt_tokens,
    ));
    Ok(Exit::Ok)
}
