//! `trustmh seal`: a seal over all of a run's record, and a signature of it.

use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use trustmh_run::integrity::finding::State;
use trustmh_run::integrity::sealing::{Sealing, seal};
use trustmh_run::integrity::signature::{NewKey, sign};
use trustmh_run::integrity::verify::verify;
use trustmh_run::journal::{SealFile, SessionEnd};

use crate::arguments::{JsonOutput, TaskSource};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::runtime::runtime;
use crate::screen;

/// Seal a run's record, and optionally sign the seal, before handing it to others
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SealArguments {
    /// Run folder
    #[arg(required_unless_present = "new_key")]
    run: Option<PathBuf>,
    /// Sign the seal with this private Ed25519 key (PEM)
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Create a key pair instead: the private key in FILE, the public key in FILE.pub
    #[arg(long, value_name = "FILE", conflicts_with_all = ["run", "key"])]
    new_key: Option<PathBuf>,
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    tasks_from: TaskSource,
}

const EXAMPLES: &str = r"Examples:
  trustmh seal --new-key ours.key
  trustmh seal runs/RUN --key ours.key
  trustmh export runs/RUN --format bundle --output run.zip
  trustmh verify run.zip --signed-by ours.key.pub

Runs are sealed when they end; this command seals, as they are, runs that were killed or made by
older versions.";

pub(crate) fn run(arguments: &SealArguments) -> Result<Exit, Failure> {
    if let Some(file) = &arguments.new_key {
        let public = new_key(file)?;
        if arguments.output.json {
            screen::print_json(&json!({ "private": file, "public": public }))?;
        } else {
            screen::print(&format!(
                "Private key: {}\nPublic key:  {}\n",
                file.display(),
                public.display()
            ));
        }
        return Ok(Exit::Ok);
    }
    let Some(folder) = &arguments.run else {
        return Err(Failure::usage("no run is named").with_hint("trustmh seal runs/RUN"));
    };
    let benchmark = benchmark(&arguments.tasks_from)?;
    let findings = verify(&benchmark, folder, None)?;
    if findings.iter().any(|finding| finding.state == State::Broken) {
        return Err(Failure::usage(format!(
            "{} is damaged, so it is not sealed",
            folder.display()
        ))
        .with_hint(format!("`trustmh verify {}` shows what is wrong", folder.display())));
    }
    let scored = trustmh_run::derived::score::score(&benchmark, folder, None, None)?;
    let ending = match scored.scorecard.record.pending {
        0 => SessionEnd::Finish,
        _ => SessionEnd::Interrupted,
    };
    drop(scored);
    let sealing = runtime()?.block_on(seal(folder, ending))?;
    let signature = match &arguments.key {
        Some(file) => Some(sign(folder, &private_key(file)?, file)?),
        None => None,
    };
    tell(arguments, folder, sealing, signature.as_deref())
}

fn tell(
    arguments: &SealArguments,
    folder: &Path,
    sealing: Sealing,
    signature: Option<&Path>,
) -> Result<Exit, Failure> {
    let Some((seal, _)) = SealFile::read(folder)? else {
        return Err(Failure::usage(format!("{}: the seal was not written", folder.display())));
    };
    if arguments.output.json {
        screen::print_json(&json!({ "seal": seal, "signature": signature }))?;
        return Ok(Exit::Ok);
    }
    let when = match sealing {
        Sealing::WasSealed => "already sealed",
        Sealing::SealedNow => "sealed",
    };
    screen::print(&format!("{} lines {when}: {}\n", seal.lines, seal.journal));
    if let Some(signature) = signature {
        screen::print(&format!("Signature: {}\n", signature.display()));
    }
    Ok(Exit::Ok)
}

/// The private key in a file.
pub(super) fn private_key(file: &Path) -> Result<SecretString, Failure> {
    let text = std::fs::read_to_string(file);
    text.map(SecretString::from).map_err(|error| Failure::io(file, "reading the key", &error))
}

/// Makes a key pair; the private half is for its owner's eyes alone. Neither replaces a file that
/// is there.
fn new_key(file: &Path) -> Result<PathBuf, Failure> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random)
        .map_err(|error| Failure::usage(format!("the system provides no random bytes: {error}")))?;
    let key = NewKey::of(&random)?;
    let mut public = file.as_os_str().to_owned();
    public.push(".pub");
    let public = PathBuf::from(public);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let written = options.open(&public).and_then(|mut out| out.write_all(key.public.as_bytes()));
    written.map_err(|error| Failure::io(&public, "writing the public key", &error))?;
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(file)
        .and_then(|mut out| out.write_all(key.private.expose_secret().as_bytes()));
    written.map_err(|error| Failure::io(file, "writing the private key", &error))?;
    Ok(public)
}
