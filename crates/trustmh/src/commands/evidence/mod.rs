//! `trustmh evidence`: packs for auditors.

mod frameworks;
mod init;
mod make;
mod schema;
mod verify;

use clap::Args;

use trustmh_evidence::error::EvidenceError;
use trustmh_evidence::framework::Framework;

use crate::arguments::{JsonOutput, TaskSource};
use crate::failure::{Exit, Failure};
use crate::suggest;

/// Make an evidence pack of runs for a law or framework, for an auditor
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = EXAMPLES)]
pub(crate) struct EvidenceArguments {
    #[command(subcommand)]
    action: Option<EvidenceAction>,
    // Only what it has of its own tells whether it is meant.
    #[command(flatten)]
    make: Option<make::MakeArguments>,
    #[command(flatten)]
    json: JsonOutput,
    #[command(flatten)]
    tasks_from: TaskSource,
}

const EXAMPLES: &str = r"Examples:
  trustmh evidence frameworks
  trustmh evidence init system.toml
  trustmh evidence runs/RUN --for ca-sb243 --system system.toml --output pack
  trustmh evidence runs/NEW --baseline runs/OLD --for chai --system system.toml --output pack
  trustmh evidence verify pack --signed-by ours.key.pub

A pack is evidence, not a certification. docs/evidence.md explains it for readers who do not work on
a command line.";

commands! { EvidenceAction:
    Frameworks => frameworks::FrameworksArguments,
    Init => init::InitArguments,
    Verify => verify::VerifyPackArguments,
    Schema => schema::SchemaArguments,
}

pub(crate) fn run(arguments: &EvidenceArguments) -> Result<Exit, Failure> {
    match (&arguments.action, &arguments.make) {
        (Some(action), _) => action.run(),
        (None, Some(make)) => make::run(make, &arguments.json, &arguments.tasks_from),
        (None, None) => Err(Failure::usage("no run is named").with_hint(
            "trustmh evidence runs/RUN --for FRAMEWORK --system system.toml --output DIR",
        )),
    }
}

/// The framework of this name, or a failure that names the nearest.
fn framework(name: &str) -> Result<Framework, Failure> {
    Framework::of_name(name).map_err(|error| match error {
        EvidenceError::UnknownFramework { .. } => {
            let all = Framework::all().unwrap_or_default();
            let known = all.iter().map(|framework| framework.id.as_str());
            let hint = suggest::hint(name, known, "`trustmh evidence frameworks` shows all");
            Failure::from(error).with_hint(hint)
        }
        error => error.into(),
    })
}

impl From<EvidenceError> for Failure {
    fn from(error: EvidenceError) -> Self {
        let hint = match &error {
            EvidenceError::Occupied { .. } => {
                Some("name a folder that is not there yet, or an earlier pack")
            }
            EvidenceError::Malformed { .. } | EvidenceError::Rule { .. } => {
                Some("`trustmh evidence init FILE` writes a file with all fields")
            }
            _ => None,
        };
        match error {
            EvidenceError::Run(error) => error.into(),
            other => Self { hint: hint.map(str::to_owned), ..Self::usage(other.to_string()) },
        }
    }
}
