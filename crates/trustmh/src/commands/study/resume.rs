//! A study that stopped goes on where it did.

use clap::Args;
use std::num::NonZeroU64;
use std::path::PathBuf;

use super::shown::{self, Shown};
use crate::arguments::ProgressChoice;
use crate::failure::{Exit, Failure};
use crate::studying::{Bounds, Elsewhere, Kept, Named, OpenStudy, Work, again};

/// Resume a study; recorded calls are never repeated
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ResumeStudyArguments {
    /// Folder of the study, or the file it was run from
    study: PathBuf,
    /// Folder of published data, where it is not where the study file says
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Folder of tasks of your own, where it is not where the study file says
    #[arg(long, value_name = "DIR")]
    tasks_dir: Option<PathBuf>,
    /// Stop after this many US dollars in all, in the place of the study file's limit
    #[arg(long, value_name = "USD", value_parser = dollars)]
    max_cost: Option<f64>,
    /// Stop after N calls in all, in the place of the study file's limit
    #[arg(long, value_name = "N")]
    max_calls: Option<NonZeroU64>,
    /// Stop after N tokens in all, in the place of the study file's limit
    #[arg(long, value_name = "N")]
    max_tokens: Option<NonZeroU64>,
    /// Stop after N calls to the client's model in all, in the place of the study file's limit
    #[arg(long, value_name = "N")]
    max_client_calls: Option<NonZeroU64>,
    /// Stop after N tokens of the client's model in all, in the place of the study file's limit
    #[arg(long, value_name = "N")]
    max_client_tokens: Option<NonZeroU64>,
    /// Stop after this many seconds from now, in the place of the study file's limit
    #[arg(long, value_name = "SECS")]
    max_time: Option<NonZeroU64>,
    /// How to report progress on stderr: a bar or plain lines, JSON lines, or not at all
    #[arg(long, value_enum, default_value = "text")]
    progress: ProgressChoice,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = r"Examples:
  trustmh study resume studies/first-study
  trustmh study resume studies/first-study --max-calls 20000";

fn dollars(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(dollars) if dollars.is_finite() && dollars > 0.0 => Ok(dollars),
        Ok(_) | Err(_) => Err("give an amount above 0, such as 20".to_owned()),
    }
}

pub(crate) fn run(arguments: &ResumeStudyArguments) -> Result<Exit, Failure> {
    let kept = Kept::open(Named::find(&arguments.study)?)?;
    let elsewhere = Elsewhere { data: arguments.data.clone(), tasks: arguments.tasks_dir.clone() };
    let study = OpenStudy::kept(&kept.folder, &kept.lock, elsewhere)?;
    let bounds = Bounds::of(&study.source.study.limits).replaced_by(Bounds {
        cost: arguments.max_cost,
        calls: arguments.max_calls.map(NonZeroU64::get),
        tokens: arguments.max_tokens.map(NonZeroU64::get),
        time: arguments.max_time.map(NonZeroU64::get),
        client_calls: arguments.max_client_calls.map(NonZeroU64::get),
        client_tokens: arguments.max_client_tokens.map(NonZeroU64::get),
    });
    let runs = again(&study, &kept, &bounds)?;
    let work = Work {
        benchmark: &study.benchmark,
        kept: &kept,
        runs: &runs,
        bounds,
        progress: arguments.progress,
    };
    shown::done(&work, Shown::of(arguments.json))
}
