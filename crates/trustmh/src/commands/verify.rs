//! `trustmh verify`: whether a run is whole, and how it differs from another.

use clap::Args;
use serde_json::json;
use std::path::PathBuf;

use trustmh_run::integrity::finding::{Finding, State};
use trustmh_run::integrity::verify::{differences, of_signature, verify};

use crate::arguments::{DataSource, JsonOutput, TaskSource};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::run_folder::RunFolder;
use crate::screen;

/// Check that a run's record is intact, and compare it with another run
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct VerifyArguments {
    /// Run folder or bundle
    run: PathBuf,
    /// Require a seal signed by the owner of this public Ed25519 key (PEM)
    #[arg(long, value_name = "FILE")]
    signed_by: Option<PathBuf>,
    /// Another run to compare with: plan, trials, replies and scores
    #[arg(long, value_name = "RUN")]
    against: Option<PathBuf>,
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    data: DataSource,
    #[command(flatten)]
    tasks_from: TaskSource,
}

const EXAMPLES: &str = r"Examples:
  trustmh verify runs/RUN
  trustmh verify run.zip --signed-by their-key.pub
  trustmh verify runs/RUN --against runs/OTHER --data ~/trustmh-data

Exits with 5 if anything is not as it was written.";

pub(crate) fn run(arguments: &VerifyArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.tasks_from)?;
    let folder = RunFolder::open(&arguments.run)?;
    let mut findings: Vec<Finding> = folder.finding().cloned().into_iter().collect();
    findings.extend(verify(&benchmark, folder.path(), arguments.data.data.as_deref())?);
    if let Some(key) = &arguments.signed_by {
        findings.push(of_signature(folder.path(), key)?);
    }
    let broken = findings.iter().any(|finding| finding.state == State::Broken);
    let against = match &arguments.against {
        // What is not sound cannot be scored, and need not be compared.
        Some(_) if broken => {
            screen::note("the run is damaged, so it is not compared");
            Vec::new()
        }
        Some(other) => differences(&benchmark, folder.path(), RunFolder::open(other)?.path())?,
        None => Vec::new(),
    };
    if arguments.output.json {
        let object = json!({ "run": arguments.run, "findings": findings, "against": against });
        screen::print_json(&object)?;
    } else {
        screen::print(&findings.iter().map(line).collect::<String>());
        if let Some(other) = &arguments.against {
            let same = against.iter().filter(|finding| finding.state == State::Ok).count();
            let different: String =
                against.iter().filter(|finding| finding.state != State::Ok).map(line).collect();
            screen::print(&format!(
                "\nCompared with {}: {same} checks are the same\n{different}",
                other.display()
            ));
        }
    }
    Ok(if broken { Exit::NotSound } else { Exit::Ok })
}

/// A finding on a line of its own.
pub(super) fn line(finding: &Finding) -> String {
    let mark = match finding.state {
        State::Ok => "ok     ",
        State::Differs => "differs",
        State::Broken => "BROKEN ",
    };
    format!("{mark}  {}: {}\n", finding.check, finding.detail)
}
