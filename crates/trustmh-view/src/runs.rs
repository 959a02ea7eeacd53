//! Which runs are shown: a fixed list of folders and what is in them. Addresses name runs, never paths.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use trustmh_engine::benchmark::Benchmark;
use trustmh_run::journal::{self, Calls, Trials};
use trustmh_run::manifest::materials::with_kept;
use trustmh_run::manifest::{self, Manifest};

use crate::compared::Comparisons;
use crate::error::ViewError;
use crate::glance::Glances;
use crate::index::{Index, build, journal_length, rule_files};

/// A run that is being written is read again no more often than this.
const PATIENCE: Duration = Duration::from_secs(30);

/// The runs of some folders.
pub struct Runs {
    places: Vec<PathBuf>,
    opened: Mutex<HashMap<String, Arc<Opened>>>,
    pub(crate) glances: Glances,
    pub(crate) comparisons: Comparisons,
    /// No index is made by two at once.
    making: Mutex<HashMap<PathBuf, Arc<Mutex<()>>>>,
}

/// A run that is ready to be shown.
pub(crate) struct Opened {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) manifest: Manifest,
    pub(crate) trials: Trials,
    /// Connections are not shared between threads.
    pub(crate) index: Mutex<Index>,
    /// Read when somebody looks at them.
    calls: OnceLock<Calls>,
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

    /// The calls of the run.
    pub(crate) fn calls(&self) -> Result<&Calls, ViewError> {
        if let Some(calls) = self.calls.get() {
            return Ok(calls);
        }
        let calls = Calls::open(&self.folder.join(journal::FILE))?;
        Ok(self.calls.get_or_init(|| calls))
    }
}

impl Runs {
    /// Of `places`, each a run or a folder of runs.
    pub fn of(places: Vec<PathBuf>) -> Self {
        Self {
            places,
            opened: Mutex::new(HashMap::new()),
            glances: Glances::default(),
            comparisons: Comparisons::default(),
            making: Mutex::new(HashMap::new()),
        }
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
        let opened = Arc::new(self.made(benchmark, name, folder)?);
        let mut all = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(name.to_owned(), Arc::clone(&opened));
        Ok(opened)
    }

    fn made(&self, benchmark: &Benchmark, name: &str, folder: &Path) -> Result<Opened, ViewError> {
        let making = self.making_of(folder);
        let _alone = making.lock().unwrap_or_else(PoisonError::into_inner);
        let length = journal_length(folder);
        let manifest = Manifest::read(folder)?;
        let kept = with_kept(benchmark, folder, &manifest)?;
        let rules = rule_files(kept.as_ref().unwrap_or(benchmark), &manifest)?;
        let (index, trials) = match Index::open(folder, &rules)? {
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
            calls: OnceLock::new(),
            kept,
            length,
            at: Instant::now(),
        })
    }

    /// Makes the index of the run in `folder`, if there is none that fits.
    pub(crate) fn index(&self, benchmark: &Benchmark, folder: &Path) -> Result<(), ViewError> {
        let making = self.making_of(folder);
        let _alone = making.lock().unwrap_or_else(PoisonError::into_inner);
        if fitting(benchmark, folder)?.is_none() {
            build(benchmark, folder)?;
        }
        Ok(())
    }

    fn making_of(&self, folder: &Path) -> Arc<Mutex<()>> {
        let mut all = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(folder.to_owned()).or_default())
    }
}

/// The index of the run in `folder`, if there is one that fits.
pub(crate) fn fitting(benchmark: &Benchmark, folder: &Path) -> Result<Option<Index>, ViewError> {
    let manifest = Manifest::read(folder)?;
    let kept = with_kept(benchmark, folder, &manifest)?;
    let rules = rule_files(kept.as_ref().unwrap_or(benchmark), &manifest)?;
    Index::open(folder, &rules)
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
