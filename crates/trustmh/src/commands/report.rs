//! `trustmh report`: the HTML report of a run.

use clap::Args;
use serde_json::json;
use std::path::PathBuf;

use trustmh_core::given_name::GivenName;

use trustmh_report::figure::figures;

use crate::arguments::{FiguresOption, JsonOutput, RepliesOption, ScoringRules};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::run_folder::{RunFolder, exit_of};
use crate::{report_beside, report_extras, scorecards, screen};

/// Write the HTML report of a run
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ReportArguments {
    /// Run folder or bundle
    run: PathBuf,
    /// File to write [default: report.html inside the run]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Run or published model to stand beside: hollow dots, and what differs
    #[arg(long, value_name = "RUN|MODEL")]
    beside: Option<String>,
    /// Call the subject by this name, which is shown before its model
    #[arg(long, value_name = "NAME")]
    name: Option<GivenName>,
    #[command(flatten)]
    figures: FiguresOption,
    #[command(flatten)]
    replies: RepliesOption,
    #[command(flatten)]
    json: JsonOutput,
    #[command(flatten)]
    rules: ScoringRules,
}

const EXAMPLES: &str = r"Examples:
  trustmh report runs/RUN
  trustmh report runs/RUN --beside runs/BEFORE
  trustmh report runs/RUN --output card.html --protocol reference
  trustmh report runs/RUN --name 'Coach 3' --figures figures/";

pub(crate) fn run(arguments: &ReportArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.rules.tasks_from)?;
    let folder = RunFolder::open(&arguments.run)?;
    let mut scored = folder.score(&benchmark, arguments.rules.protocol, None)?;
    if let Some(name) = &arguments.name {
        scored.scorecard.name = Some(name.clone());
    }
    arguments.figures.write(|| figures(&scored.scorecard))?;
    let path = match (&arguments.output, folder.finding()) {
        (Some(output), _) => output.clone(),
        (None, None) => arguments.run.join("report.html"),
        // A bundle is not written into.
        (None, Some(_)) => arguments.run.with_extension("html"),
    };
    let mut extras = report_extras::of(&benchmark, &scored, arguments.replies.replies())?;
    let beside = arguments.beside.as_deref();
    extras.beside =
        beside.map(|typed| report_beside::named(&benchmark, &scored, typed)).transpose()?;
    let written = scorecards::write_page(&scored, &extras, &path)?;
    let written = written.display().to_string();
    if arguments.json.json {
        screen::print_json(&json!({ "report": written }))?;
    } else {
        screen::print(&format!("{written}\n"));
    }
    Ok(exit_of([&scored], Exit::Ok))
}
