//! A pack from runs.

use clap::Args;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;

use trustmh_core::scorecard::RecordState;
use trustmh_evidence::folder::{File, files, write};
use trustmh_evidence::gather::{Given, GivenRun, gather};
use trustmh_evidence::model_card::FILE as MODEL_CARD;
use trustmh_evidence::pack::{CheckState, Pack};
use trustmh_evidence::status::{MethodStatus, Status};
use trustmh_evidence::system::SystemFile;
use trustmh_evidence::xsd;
use trustmh_run::derived::observed::referrals;
use trustmh_run::derived::score::ScoredRun;

use super::framework;
use crate::arguments::{JsonOutput, TaskSource};
use crate::benchmark::benchmark;
use crate::commands::seal::private_key;
use crate::failure::{Exit, Failure};
use crate::run_folder::RunFolder;
use crate::screen;

/// What a pack is made of.
#[derive(Debug, Args)]
pub(crate) struct MakeArguments {
    /// Run folders or bundles
    #[arg(required = true)]
    runs: Vec<PathBuf>,
    /// Framework that the pack is for, such as `ca-sb243`
    #[arg(long = "for", value_name = "FRAMEWORK", required = true)]
    framework: String,
    /// What the operator says of the system
    #[arg(long, value_name = "FILE", required = true)]
    system: PathBuf,
    /// Folder to write: a new one, or an earlier pack, which is replaced
    #[arg(long, value_name = "DIR", required = true)]
    output: PathBuf,
    /// Earlier run to compare with
    #[arg(long, value_name = "RUN")]
    baseline: Option<PathBuf>,
    /// Sign the pack with this private Ed25519 key (PEM); `trustmh seal --new-key` creates one
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Check CHAI's model card against its XML schema before anything is written
    #[arg(long, value_name = "XSD")]
    schema: Option<PathBuf>,
}

pub(super) fn run(
    arguments: &MakeArguments,
    json: &JsonOutput,
    tasks_from: &TaskSource,
) -> Result<Exit, Failure> {
    let framework = framework(&arguments.framework)?;
    let text = std::fs::read_to_string(&arguments.system)
        .map_err(|error| Failure::io(&arguments.system, "reading", &error))?;
    let system = SystemFile::parse(&arguments.system.display().to_string(), &text)?;
    let key = match &arguments.key {
        Some(file) => Some((private_key(file)?, file)),
        None => None,
    };
    let benchmark = benchmark(tasks_from)?;
    let open = |path: &PathBuf| RunFolder::open(path);
    let folders: Vec<RunFolder> = arguments.runs.iter().map(open).collect::<Result<_, _>>()?;
    let scored = folders.iter().map(|folder| folder.score(&benchmark, None, None));
    let scored: Vec<ScoredRun> = scored.collect::<Result<_, Failure>>()?;
    let earlier = arguments.baseline.as_ref().map(open).transpose()?;
    let baseline = earlier.as_ref().map(|folder| folder.score(&benchmark, None, None));
    let baseline = baseline.transpose()?;
    let runs = folders.iter().zip(&scored).map(|(folder, scored)| GivenRun {
        scored,
        folder: folder.path(),
        bundle: folder.finding(),
    });
    let given = Given {
        framework,
        system,
        runs: runs.collect(),
        baseline: baseline.as_ref(),
        referrals: referrals(&benchmark, &scored)?,
    };
    let pack = gather(&benchmark, given)?;
    let files = files(&pack, &text)?;
    hold_to_schema(arguments, &files)?;
    let signed = key.as_ref().map(|(key, file)| (key, file.as_path()));
    write(&arguments.output, &pack, &files, signed)?;
    tell(arguments, json, &pack, &files)?;
    Ok(exit(&pack))
}

/// The model card against the schema that was given.
fn hold_to_schema(arguments: &MakeArguments, files: &[File]) -> Result<(), Failure> {
    let Some(path) = &arguments.schema else { return Ok(()) };
    let Some(card) = files.iter().find(|file| file.path == MODEL_CARD) else {
        return Err(Failure::usage("only packs for chai hold a model card")
            .with_hint("leave --schema out, or make the pack --for chai"));
    };
    let schema =
        std::fs::read_to_string(path).map_err(|error| Failure::io(path, "reading", &error))?;
    let faults = xsd::faults(&path.display().to_string(), &schema, &card.text)?;
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Failure {
            message: format!("the model card does not hold to the schema: {}", faults.join("; ")),
            hint: Some("this program writes cards of version v0.2 (mc.chai.org)".to_owned()),
            exit: Exit::CheckFailed,
        }),
    }
}

fn tell(
    arguments: &MakeArguments,
    json: &JsonOutput,
    pack: &Pack,
    files: &[File],
) -> Result<(), Failure> {
    let duties = Status::ALL.map(|status| (status.words(), pack.duties_with(status)));
    let methods = MethodStatus::ALL.map(|status| (status.words(), pack.methods_with(status)));
    if json.json {
        let methods = (!pack.methods.is_empty()).then(|| BTreeMap::from(methods));
        return screen::print_json(&json!({
            "pack": arguments.output,
            "framework": pack.framework.id,
            "date": pack.date,
            "files": files.iter().map(|file| &file.path).collect::<Vec<_>>(),
            "read_first": pack.read_first,
            "duties": BTreeMap::from(duties),
            "methods": methods,
        }));
    }
    let counted = |all: &[(&str, usize)]| {
        let counted: Vec<String> =
            all.iter().map(|(words, count)| format!("{count} {words}")).collect();
        counted.join(", ")
    };
    let mut text = format!("{}\n", arguments.output.join("index.html").display());
    text.push_str(&format!("{}: {}\n", pack.framework.title, counted(&duties)));
    if !pack.methods.is_empty() {
        text.push_str(&format!("Methods of testing: {}\n", counted(&methods)));
    }
    screen::print(&text);
    pack.read_first.iter().for_each(|first| screen::note(&format!("read first: {first}")));
    Ok(())
}

/// A record that is not whole is never passed over.
fn exit(pack: &Pack) -> Exit {
    let mut checks = pack.runs.iter().flat_map(|run| &run.integrity.checks);
    if checks.any(|check| check.state == CheckState::Broken) {
        return Exit::NotSound;
    }
    let mut states = pack.runs.iter().map(|run| run.card.record.state);
    match states.all(|state| state == RecordState::Complete) {
        true => Exit::Ok,
        false => Exit::Incomplete,
    }
}
