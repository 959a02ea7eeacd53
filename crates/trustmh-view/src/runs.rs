//! Which runs are shown: a fixed list of folders and what is in them. Addresses name runs, never paths.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use trustmh_engine::benchmark::Benchmark;
use trustmh_run::journal::{self, Trials};
use trustmh_run::manifest::materials::with_kept;
use trustmh_run::manifest::{self, Manifest};

use crate::error::ViewError;
use crate::index::{Index, build, journal_length, task_files};

/// A run that is being written is read again no more often than this.
const PATIENCE: Duration = Duration::from_secs(30);

/// The runs of some folders.
pub struct Runs {
    places: Vec<PathBuf>,
    opened: Mutex<HashMap<String, Arc<Opened>>>,
}

/// A run that is ready to be shown.
pub(crate) struct Opened {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) manifest: Manifest,
    pub(crate) trials: Trials,
    /// Connections are not shared between threads.
    pub(crate) index: Mutex<Index>,
    /// The benchmark by which it is scored, where it takes files that the run keeps.
    kept: Option<Benchmark>,
    length: u64,
    at: Instant,
}

impl Opened {
    /// The benchmark by which the run is scored: `given`, unless it takes files that the run keeps.
    pub(crate) fn benchmark<'b>(&'b self, given: &'b Benchmark) -> &'b Benchmark {
        self.kept.as_ref().unwrap_or(given)
    }
}

impl Runs {
    /// Of `places`, each a run or a folder of runs.
    pub fn of(places: Vec<PathBuf>) -> Self {
        Self { places, opened: Mutex::new(HashMap::new()) }
    }

    /// Folders by the names that addresses have for them; looked up anew, so that new runs appear.
    pub(crate) fn folders(&self) -> BTreeMap<String, PathBuf> {
        let mut found = BTreeMap::new();
        for place in &self.places {
            if is_run(place) {
                add(&mut found, place.clone());
                continue;
            }
            let Ok(entries) = std::fs::read_dir(place) else { continue };
            let mut inside: Vec<PathBuf> = entries
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(|path| is_run(path))
                .collect();
            inside.sort();
            inside.into_iter().for_each(|folder| add(&mut found, folder));
        }
        found
    }

    /// The run of this name, scored and indexed as it is now, or as it was a little while ago if it is being written.
    pub(crate) fn open(&self, benchmark: &Benchmark, name: &str) -> Result<Arc<Opened>, ViewError> {
        let folders = self.folders();
        let folder = folders.get(name).ok_or_else(|| ViewError::Missing(format!("run {name}")))?;
        let known = self.opened.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if let Some(known) = known
            && (known.length == journal_length(folder) || known.at.elapsed() < PATIENCE)
            && known.folder == *folder
        {
            return Ok(known);
        }
        let opened = Arc::new(open(benchmark, name, folder)?);
        let mut all = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(name.to_owned(), Arc::clone(&opened));
        Ok(opened)
    }
}

fn open(benchmark: &Benchmark, name: &str, folder: &Path) -> Result<Opened, ViewError> {
    let length = journal_length(folder);
    let manifest = Manifest::read(folder)?;
    let kept = with_kept(benchmark, folder, &manifest)?;
    let files = task_files(kept.as_ref().unwrap_or(benchmark), &manifest)?;
    let (index, trials) = match Index::open(folder, &files)? {
        Some(index) => (index, Trials::open(&folder.join(journal::FILE))?),
        None => {
            let scored = build(benchmark, folder)?;
            (Index::made(folder)?, scored.trials)
        }
    };
    Ok(Opened {
        name: name.to_owned(),
        folder: folder.to_owned(),
        manifest,
        trials,
        index: Mutex::new(index),
        kept,
        length,
        at: Instant::now(),
    })
}

fn is_run(folder: &Path) -> bool {
    folder.join(manifest::FILE).is_file()
}

/// Folders of the same name get a number.
fn add(found: &mut BTreeMap<String, PathBuf>, folder: PathBuf) {
    let own = folder.canonicalize().unwrap_or_else(|_| folder.clone());
    let own = own.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut name = own.clone();
    let mut number = 2;
    while found.get(&name).is_some_and(|known| *known != folder) {
        name = format!("{own}-{number}");
        number += 1;
    }
    found.insert(name, folder);
}
