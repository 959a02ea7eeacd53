//! The table that stands for a published file.

use std::fs;
use std::path::{Path, PathBuf};

use trustmh_core::digest::Digest;

use super::files::{self, Asked};
use super::repository::{Repository, slashed};
use super::{Part, is_split, plain, table};
use crate::error::DataError;
use crate::tabular::{Form, Table};

/// What is known of the published file that is looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'w> {
    /// Its name, such as `OEQ.csv`.
    pub(crate) name: &'w str,
    /// The folder of published data.
    pub(crate) dir: &'w Path,
    /// The folders below it in which the set's files belong.
    pub(crate) folders: &'w [&'static str],
    /// Those of them that hold no other published file, so that nothing else can be meant.
    pub(crate) alone: &'w [&'static str],
    /// Names of datasets besides the file's own that hold nothing but this file.
    pub(crate) datasets: &'w [&'static str],
}

/// A table that stands for a published file.
#[derive(Debug)]
pub(crate) struct Found {
    /// Its rows.
    pub(crate) table: Table,
    /// Its files by path below the folder of published data, with the hash of each.
    pub(crate) files: Vec<(String, String)>,
    /// The form to write it out in.
    pub(crate) form: Form,
}

/// How it is known that a folder's tables are those that are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// The folder is the dataset's: whatever is in it is meant.
    ByFolder,
    /// Only by the names of files and configurations.
    ByFile,
}

/// Looks for a table of a published file's name.
///
/// # Errors
/// [`DataError`] for one that is there and cannot be read.
pub(crate) fn find(wanted: Wanted<'_>) -> Result<Option<Found>, DataError> {
    let Some((repository, parts, form)) = located(wanted)? else { return Ok(None) };
    let name = |shard: &Path| slashed(shard.strip_prefix(wanted.dir).unwrap_or(shard));
    let table = table(&repository, &parts, &name)?;
    let mut files = Vec::new();
    for shard in parts.iter().flat_map(Part::shards) {
        let bytes = files::bytes(shard)
            .map_err(|source| DataError::Unreadable { path: shard.to_owned(), source })?;
        files.push((name(shard), Digest::of(&bytes).to_string()));
    }
    Ok(Some(Found { table, files, form }))
}

/// Whether there is a table of a published file's name; one that cannot be read counts.
pub(crate) fn is_there(wanted: Wanted<'_>) -> bool {
    !matches!(located(wanted), Ok(None))
}

/// A table in a folder whose names do not say of which set it is.
pub(crate) fn unnamed(dir: &Path) -> Option<PathBuf> {
    let parts = Repository::open(dir).ok()?.parts(Asked::Bounded).ok()?;
    let mut splits = parts.iter().filter(|part| part.config.is_none() && is_split(&part.stem));
    splits.next()?.shards().next().map(Path::to_owned)
}

/// The parts of a published file, and the form in which it is published.
fn located(wanted: Wanted<'_>) -> Result<Option<(Repository, Vec<Part>, Form)>, DataError> {
    let Some((stem, form)) = Form::of(wanted.name).filter(|(_, form)| *form != Form::Parquet)
    else {
        return Ok(None);
    };
    for (root, known) in roots(wanted, stem) {
        let asked = match known {
            Known::ByFolder => Asked::All,
            Known::ByFile => Asked::Bounded,
        };
        let parts = Repository::open(&root)
            .and_then(|repository| repository.parts(asked).map(|parts| (repository, parts)));
        let (repository, parts) = match (parts, known) {
            (Ok(found), _) => found,
            // A folder of several sets may have no table at all, one that is the set's may not.
            (Err(error), Known::ByFolder) if !matches!(error, DataError::NoTables { .. }) => {
                return Err(error);
            }
            (Err(_), _) => continue,
        };
        let chosen = chosen(parts, stem, known);
        if !chosen.is_empty() {
            if let Some((one, other)) = beside_whole(&chosen, stem) {
                let name = |part: &Part| part.shards().next().map(|path| repository.name_of(path));
                let (one, other) = (name(one).unwrap_or_default(), name(other).unwrap_or_default());
                return Err(DataError::Apart { one, other });
            }
            repository.check(&chosen)?;
            return Ok(Some((repository, chosen, form)));
        }
    }
    Ok(None)
}

/// The folders in which a table may be.
fn roots(wanted: Wanted<'_>, stem: &str) -> Vec<(PathBuf, Known)> {
    let is_meant = |root: &Path| {
        let names = wanted.datasets.iter().copied().chain([stem]);
        let mut names = names.map(plain);
        let own = plain(&Repository::name_of_folder(root));
        names.any(|name| name == own)
    };
    let mut roots = Vec::new();
    let inside = wanted
        .folders
        .iter()
        .map(|folder| (wanted.dir.join(folder), wanted.alone.contains(folder)));
    for (folder, alone) in inside.chain([(wanted.dir.to_owned(), false)]) {
        let entries = fs::read_dir(&folder).into_iter().flatten();
        let below = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut meant: Vec<PathBuf> =
            below.filter(|path| path.is_dir() && is_meant(path)).collect();
        meant.sort();
        roots.extend(meant.into_iter().map(|folder| (folder, Known::ByFolder)));
        if folder.is_dir() {
            let known = if alone || is_meant(&folder) { Known::ByFolder } else { Known::ByFile };
            roots.push((folder, known));
        }
    }
    roots
}

/// The parts that are meant: those of the file's name, or, in a folder of nothing else, all splits.
fn chosen(parts: Vec<Part>, stem: &str, known: Known) -> Vec<Part> {
    let is_file = |name: &str| plain(name) == plain(stem);
    let by_file = |part: &Part| match &part.config {
        // A folder of the set's name may hold other files of the set, too.
        Some(config) => is_file(config) && is_split(&part.stem),
        None => is_file(without_split(&part.stem)),
    };
    if known == Known::ByFile || parts.iter().any(by_file) {
        return parts.into_iter().filter(by_file).collect();
    }
    let configs = |parts: &[Part]| -> usize {
        let mut configs: Vec<_> = parts.iter().map(|part| &part.config).collect();
        configs.dedup();
        configs.len()
    };
    let splits: Vec<Part> = parts.into_iter().filter(|part| is_split(&part.stem)).collect();
    // Of several configurations only a name can say which one is meant.
    if configs(&splits) == 1 { splits } else { Vec::new() }
}

/// A part that is the whole file by its name, with another one: its rows would be read twice.
fn beside_whole<'p>(parts: &'p [Part], stem: &str) -> Option<(&'p Part, &'p Part)> {
    let is_whole = |part: &Part| part.config.is_none() && plain(&part.stem) == plain(stem);
    let at = parts.iter().position(is_whole)?;
    let other = parts.iter().enumerate().find(|(other, _)| *other != at);
    Some((parts.get(at)?, other?.1))
}

/// `OEQ` of `OEQ_train`.
fn without_split(stem: &str) -> &str {
    match stem.rsplit_once(['-', '_', '.']) {
        Some((before, split)) if is_split(split) => before,
        _ => stem,
    }
}
