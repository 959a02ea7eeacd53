//! A run in one file: a zip of its record, the files it keeps, its seal, and what was made of it, with the hash of each. It needs
//! neither data nor task files to be checked and scored.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use trustmh_core::digest::{Digest, Hashing};
use trustmh_core::id::RunId;

use crate::error::RunError;
use crate::integrity::finding::{Finding, State, finding};
use crate::integrity::signature::SIGNATURE_FILE;
use crate::journal::{self, SEAL_FILE};
use crate::manifest::materials;
use crate::manifest::{self, Manifest};

/// The list of what a bundle holds, first in it.
pub const CONTENTS: &str = "bundle.json";

/// The most that a bundle may hold, unpacked.
const LARGEST: u64 = 16 << 30;
/// Each line of a journal holds a hash, which nothing packs: no run packs better than this.
const HIGHEST_RATIO: u64 = 100;
/// Below this a file may pack as well as it likes.
const SMALL: u64 = 16 << 20;
/// So many files at the most.
const MOST_FILES: usize = 4096;

/// What a bundle holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contents {
    /// The format of bundles: 1.
    pub bundle: u32,
    /// The run.
    pub run: RunId,
    /// The version of the program that wrote it.
    pub program: String,
    /// The hash of each file.
    pub files: BTreeMap<String, Digest>,
}

/// A file that was made of a run, and goes with it.
#[derive(Debug)]
pub struct Made {
    /// Its name in the bundle.
    pub name: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Names of what may be made of a run.
pub const MADE: [&str; 2] = ["report.html", "scorecard.json"];

/// Writes the run in `folder` and what was made of it into `out`. The same run gives the same bytes.
///
/// # Errors
/// [`RunError::Io`], [`RunError::Manifest`].
pub fn write(folder: &Path, made: &[Made], out: impl Write + Seek) -> Result<(), RunError> {
    let manifest = Manifest::read(folder)?;
    let names = names(folder)?;
    let mut files = BTreeMap::new();
    for name in &names {
        let path = folder.join(name);
        let digest = Digest::of_file(&path).map_err(RunError::io(&path, "reading"))?;
        files.insert(name.clone(), digest);
    }
    for file in made {
        files.insert(file.name.to_owned(), Digest::of(&file.bytes));
    }
    let program = env!("CARGO_PKG_VERSION").to_owned();
    let contents = Contents { bundle: 1, run: manifest.id, program, files };
    let text = serde_json::to_vec_pretty(&contents).map_err(|error| RunError::Manifest {
        path: PathBuf::from(CONTENTS),
        message: error.to_string(),
    })?;
    let mut archive = ZipWriter::new(out);
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .large_file(true);
    let mut add = |name: &str, from: &mut dyn Read| {
        let begun = archive.start_file(name, options).map_err(std::io::Error::from);
        let copied = begun.and_then(|()| std::io::copy(from, &mut archive));
        copied.map_err(RunError::io(name, "adding to the bundle")).map(drop)
    };
    add(CONTENTS, &mut text.as_slice())?;
    for name in &names {
        let path = folder.join(name);
        add(name, &mut File::open(&path).map_err(RunError::io(&path, "opening"))?)?;
    }
    for file in made {
        add(file.name, &mut file.bytes.as_slice())?;
    }
    let ended = archive.finish().map_err(std::io::Error::from);
    ended.map_err(RunError::io(CONTENTS, "ending the bundle")).map(drop)
}

/// The files of a run that go into its bundle. People's ratings stay at home: they name who rated.
fn names(folder: &Path) -> Result<Vec<String>, RunError> {
    let mut names: Vec<String> = [manifest::FILE, journal::FILE, SEAL_FILE, SIGNATURE_FILE]
        .into_iter()
        .filter(|name| folder.join(name).is_file())
        .map(str::to_owned)
        .collect();
    let kept = folder.join(materials::FOLDER);
    if kept.is_dir() {
        let entries = fs::read_dir(&kept).map_err(RunError::io(&kept, "reading"))?;
        let mut found = Vec::new();
        for entry in entries {
            let name = entry.map_err(RunError::io(&kept, "reading"))?.file_name();
            found.push(format!("{}/{}", materials::FOLDER, name.to_string_lossy()));
        }
        found.retain(|name| is_of_a_bundle(name));
        found.sort();
        names.extend(found);
    }
    Ok(names)
}

/// Whether a bundle may hold a file of this name: a name from outside must not lead anywhere else.
fn is_of_a_bundle(name: &str) -> bool {
    let known = [manifest::FILE, journal::FILE, SEAL_FILE, SIGNATURE_FILE];
    if known.contains(&name) || MADE.contains(&name) {
        return true;
    }
    let Some((folder, file)) = name.split_once('/') else { return false };
    let stem = file.strip_suffix(".toml").or_else(|| file.strip_suffix(".md"));
    folder == materials::FOLDER && stem.and_then(Digest::written).is_some()
}

/// Unpacks the bundle at `path` into `folder`, which is a run's folder then, and says how its files stand to their hashes.
///
/// # Errors
/// [`RunError::Bundle`] for anything else than a bundle, and for one that holds more than a run can; [`RunError::Io`].
pub fn unpack(path: &Path, folder: &Path) -> Result<Finding, RunError> {
    let wrong = |message: String| RunError::Bundle { path: path.to_owned(), message };
    let file = File::open(path).map_err(RunError::io(path, "opening"))?;
    let packed = file.metadata().map_err(RunError::io(path, "reading"))?.len();
    let mut archive = ZipArchive::new(file).map_err(|error| wrong(error.to_string()))?;
    if archive.len() > MOST_FILES {
        return Err(wrong(format!("it holds {} files", archive.len())));
    }
    let mut contents = None;
    let mut found = BTreeMap::new();
    let mut room = LARGEST.min(packed.saturating_mul(HIGHEST_RATIO).max(SMALL));
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| wrong(error.to_string()))?;
        let name = entry.name().map_err(|error| wrong(error.to_string()))?.into_owned();
        if name == CONTENTS {
            let mut text = Vec::new();
            let read = entry.by_ref().take(SMALL).read_to_end(&mut text);
            read.map_err(RunError::io(path, "unpacking"))?;
            let read: Contents =
                serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
            contents = Some(read);
            continue;
        }
        if !is_of_a_bundle(&name) || found.contains_key(&name) {
            return Err(wrong(format!("it holds `{}`, which no run does", name.escape_debug())));
        }
        let place = folder.join(&name);
        let digest = unpacked(&mut entry, &place, &mut room)?
            .ok_or_else(|| wrong(format!("`{name}` unpacks to more than a run can hold")))?;
        found.insert(name, digest);
    }
    let contents = contents.ok_or_else(|| wrong(format!("there is no {CONTENTS} in it")))?;
    match contents.bundle {
        1 => Ok(held(&contents, &found)),
        other => Err(wrong(format!("it is of format {other}; this program reads 1"))),
    }
}

/// Writes one file and gives its hash; none if it is larger than the room that is left.
fn unpacked(
    entry: &mut impl Read,
    place: &Path,
    room: &mut u64,
) -> Result<Option<Digest>, RunError> {
    let io = |action| RunError::io(place, action);
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder).map_err(RunError::io(folder, "creating"))?;
    }
    let mut out = File::create(place).map_err(io("creating"))?;
    let mut hashing = Hashing::default();
    let mut bytes = vec![0_u8; 1 << 16];
    loop {
        let read = entry.read(&mut bytes).map_err(io("unpacking"))?;
        if read == 0 {
            return Ok(Some(hashing.end()));
        }
        let Some(left) = room.checked_sub(read as u64) else { return Ok(None) };
        *room = left;
        let part = bytes.get(..read).unwrap_or_default();
        hashing.add(part);
        out.write_all(part).map_err(io("writing"))?;
    }
}

fn held(contents: &Contents, found: &BTreeMap<String, Digest>) -> Finding {
    let changed: Vec<&str> = contents
        .files
        .iter()
        .filter(|(name, digest)| found.get(*name) != Some(digest))
        .map(|(name, _)| name.as_str())
        .collect();
    let added: Vec<&str> = found
        .keys()
        .filter(|name| !contents.files.contains_key(*name))
        .map(String::as_str)
        .collect();
    match (changed.is_empty(), added.is_empty()) {
        (true, true) => finding(
            "bundle",
            State::Ok,
            format!("{} files, each with its hash", contents.files.len()),
        ),
        (false, _) => {
            finding("bundle", State::Broken, format!("changed or missing: {}", changed.join(", ")))
        }
        (true, false) => {
            finding("bundle", State::Broken, format!("not on its list: {}", added.join(", ")))
        }
    }
}
