//! The runs that were started here, and what may be started beside them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, TryAcquireError, watch};

use super::form::{Limits, Wanted};
use super::interim::Interims;
use super::process::{Now, Phase, Process};
use super::program::{Offers, Program, Refusal};

/// So many runs go on at once.
const MOST: usize = 4;
/// So many pages watch at once.
const WATCHERS: usize = 32;
/// So many runs that ended are remembered.
const REMEMBERED: usize = 50;
/// A run that is being prepared is waited for so long: it reads data and plans every trial.
const PREPARING: Duration = Duration::from_secs(300);
/// When the viewer ends, its runs have this time to finish the calls in flight.
const DRAINING: Duration = Duration::from_secs(30);

/// A run that was started here.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) limits: Limits,
    process: Process,
    /// Where the run is, once that is known.
    folder: Mutex<Option<PathBuf>>,
}

impl Job {
    pub(crate) fn now(&self) -> Now {
        self.process.now()
    }

    pub(crate) fn changes(&self) -> watch::Receiver<Now> {
        self.process.changes()
    }

    pub(crate) fn stop(&self) {
        self.process.stop();
    }

    /// The run's folder, in full.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        let mut known = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_none() {
            *known = self.process.now().told.folder.and_then(|folder| folder.canonicalize().ok());
        }
        known.clone()
    }

    fn is_live(&self) -> bool {
        self.now().phase.is_live()
    }
}

/// Runs that may be started from pages.
pub struct Starting {
    pub(crate) program: Arc<dyn Program>,
    pub(crate) interims: Interims,
    /// One plan is made at a time, and one call made as a test.
    pub(crate) planning: Semaphore,
    pub(crate) testing: Semaphore,
    pub(crate) watchers: Arc<Semaphore>,
    slots: Arc<Semaphore>,
    jobs: Mutex<Vec<Arc<Job>>>,
}

impl Starting {
    /// Runs that this program does.
    pub fn by(program: Arc<dyn Program>) -> Self {
        Self {
            program,
            interims: Interims::default(),
            planning: Semaphore::new(1),
            testing: Semaphore::new(1),
            watchers: Arc::new(Semaphore::new(WATCHERS)),
            slots: Arc::new(Semaphore::new(MOST)),
            jobs: Mutex::new(Vec::new()),
        }
    }

    fn jobs(&self) -> MutexGuard<'_, Vec<Arc<Job>>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The run in this folder, if it was started here.
    pub(crate) fn job(&self, folder: &Path) -> Option<Arc<Job>> {
        let folder = folder.canonicalize().ok()?;
        let of_folder = |job: &&Arc<Job>| job.folder().as_ref() == Some(&folder);
        self.jobs().iter().rev().find(of_folder).cloned()
    }

    /// Starts a run, and gives its folder as soon as that is there.
    pub(crate) async fn start(&self, wanted: &Wanted, offers: &Offers) -> Result<PathBuf, Refusal> {
        let arguments = wanted.arguments(offers);
        let job = self.spawn(&arguments, wanted.limits.clone(), None)?;
        let begun = self.begun(&job).await;
        job.folder().filter(|_| begun).ok_or_else(|| refused(&job))
    }

    /// Goes on with a run.
    pub(crate) async fn resume(
        &self,
        folder: &Path,
        arguments: &[String],
        limits: Limits,
    ) -> Result<(), Refusal> {
        let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let job = self.spawn(arguments, limits, Some(whole))?;
        if self.begun(&job).await { Ok(()) } else { Err(refused(&job)) }
    }

    fn spawn(
        &self,
        arguments: &[String],
        limits: Limits,
        folder: Option<PathBuf>,
    ) -> Result<Arc<Job>, Refusal> {
        let mut jobs = self.jobs();
        let under_way = |job: &Arc<Job>| job.is_live() && job.folder() == folder;
        if folder.is_some() && jobs.iter().any(under_way) {
            return Err(Refusal { message: "this run is under way".to_owned(), hint: None });
        }
        let slot = Arc::clone(&self.slots).try_acquire_owned().map_err(|none| match none {
            TryAcquireError::NoPermits => Refusal {
                message: format!("{MOST} runs are under way already"),
                hint: Some("wait until one ends, or stop one".to_owned()),
            },
            TryAcquireError::Closed => {
                Refusal { message: "the viewer is ending".to_owned(), hint: None }
            }
        })?;
        let process = Process::start(&self.program, arguments, slot)?;
        let job = Arc::new(Job { limits, process, folder: Mutex::new(folder) });
        if jobs.len() >= REMEMBERED
            && let Some(ended) = jobs.iter().position(|job| !job.is_live())
        {
            jobs.remove(ended);
        }
        jobs.push(Arc::clone(&job));
        Ok(job)
    }

    /// Waits until the run has begun; whether it has.
    async fn begun(&self, job: &Job) -> bool {
        let mut changes = job.changes();
        let known = |now: &Now| now.told.folder.is_some() || !now.phase.is_live();
        let told = tokio::time::timeout(PREPARING, changes.wait_for(known)).await;
        match told {
            Ok(now) => now.is_ok_and(|now| now.told.folder.is_some()),
            Err(_) => {
                job.stop();
                false
            }
        }
    }

    /// Asks all runs under way to stop, asked again at once, and lets no other begin.
    pub fn stop_all(&self) {
        self.slots.close();
        self.jobs().iter().filter(|job| job.is_live()).for_each(|job| job.stop());
    }

    /// The folders of the runs under way.
    pub(crate) fn live(&self) -> Vec<PathBuf> {
        self.jobs().iter().filter(|job| job.is_live()).filter_map(|job| job.folder()).collect()
    }

    /// How many runs are under way.
    pub fn under_way(&self) -> usize {
        self.jobs().iter().filter(|job| job.is_live()).count()
    }

    /// Waits until no run is under way, for half a minute at the most. Gives the folders of those that were stopped.
    pub async fn ended(&self) -> Vec<PathBuf> {
        let live: Vec<Arc<Job>> = self.jobs().iter().filter(|job| job.is_live()).cloned().collect();
        let all = async {
            for job in &live {
                let _ = job.changes().wait_for(|now| !now.phase.is_live()).await;
            }
        };
        let _ = tokio::time::timeout(DRAINING, all).await;
        let whole = |job: &&Arc<Job>| job.now().phase != Phase::Ended(Some(0));
        live.iter().filter(whole).filter_map(|job| job.folder()).collect()
    }
}

/// Why a run did not begin, in its own last words.
fn refused(job: &Job) -> Refusal {
    let now = job.now();
    let said = |word: &str| {
        let lines = now.told.lines.iter().rev();
        lines.filter_map(|line| line.strip_prefix(word)).next().map(|rest| rest.trim().to_owned())
    };
    let last = now.told.lines.back().cloned();
    let message = said("error:").or(last).unwrap_or_else(|| "it ended without a word".to_owned());
    Refusal { message: format!("the run did not begin: {message}"), hint: said("hint:") }
}
