//! Whether a pack is as it was written.

use clap::Args;
use serde_json::json;
use std::path::PathBuf;

use trustmh_run::integrity::finding::State;

use crate::arguments::JsonOutput;
use crate::commands::verify::line;
use crate::failure::{Exit, Failure};
use crate::screen;

/// Check that a pack is as it was written, and who signed it
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct VerifyPackArguments {
    /// Folder of the pack
    pack: PathBuf,
    /// Require a signature by the owner of this public Ed25519 key (PEM)
    #[arg(long, value_name = "FILE")]
    signed_by: Option<PathBuf>,
    #[command(flatten)]
    output: JsonOutput,
}

const EXAMPLES: &str = r"Examples:
  trustmh evidence verify pack
  trustmh evidence verify pack --signed-by their-key.pub

Exits with 5 if anything is not as it was written.";

pub(crate) fn run(arguments: &VerifyPackArguments) -> Result<Exit, Failure> {
    let findings =
        trustmh_evidence::folder::verify(&arguments.pack, arguments.signed_by.as_deref())?;
    if arguments.output.json {
        screen::print_json(&json!({ "pack": arguments.pack, "findings": findings }))?;
    } else {
        screen::print(&findings.iter().map(line).collect::<String>());
    }
    let broken = findings.iter().any(|finding| finding.state == State::Broken);
    Ok(if broken { Exit::NotSound } else { Exit::Ok })
}
