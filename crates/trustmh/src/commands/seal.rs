//! `trustmh seal`: a seal over all of a run's record, and a signature of it.

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

use super::{benchmark, runtime};
use crate::arguments::SealArguments;
use crate::failure::{Exit, Failure};
use crate::screen;

pub(super) fn run(arguments: &SealArguments) -> Result<Exit, Failure> {
    if let Some(file) = &arguments.new_key {
        let public = new_key(file)?;
        if arguments.json {
            screen::print(&format!("{:#}\n", json!({ "private": file, "public": public })));
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
            "{} is not sound, so it is not sealed",
            folder.display()
        ))
        .with_hint(format!("trustmh verify {} says what is wrong", folder.display())));
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
    if arguments.json {
        screen::print(&format!("{:#}\n", json!({ "seal": seal, "signature": signature })));
        return Ok(Exit::Ok);
    }
    let when = match sealing {
        Sealing::WasSealed => "sealed already",
        Sealing::SealedNow => "sealed",
    };
    screen::print(&format!("{} lines {when}: {}\n", seal.lines, seal.journal));
    if let Some(signature) = signature {
        screen::print(&format!("Signature: {}\n", signature.display()));
    }
    Ok(Exit::Ok)
}

fn private_key(file: &Path) -> Result<SecretString, Failure> {
    let text = std::fs::read_to_string(file);
    text.map(SecretString::from).map_err(|error| Failure::io(file, "reading the key", &error))
}

/// Makes a key pair; the private half is for its owner's eyes alone. Neither replaces a file that is there.
fn new_key(file: &Path) -> Result<PathBuf, Failure> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random)
        .map_err(|error| Failure::usage(format!("the system gives no random bytes: {error}")))?;
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
