//! A study's folder: made whole or not at all, held to its lock, and worked on by one process at a time.

use std::fs::{self, File, TryLockError};
use std::path::{Component, Path, PathBuf};

use trustmh_run::study::{LOCK, Lock, RUNS, STUDY};

use super::opened::OpenStudy;
use super::place::Named;
use super::planned::{PlannedRun, lock};
use crate::failure::Failure;

/// The file that is locked while the study is worked on.
const WORKING: &str = ".working";

/// A study's folder that is as its lock has it.
pub(crate) struct Kept {
    pub(crate) folder: PathBuf,
    pub(crate) lock: Lock,
}

impl Kept {
    /// Opens a study's folder; what is not as it was planned is refused.
    pub(crate) fn open(named: Named) -> Result<Self, Failure> {
        let Named { folder, source } = named;
        let lock = Lock::read(&folder.join(LOCK))?;
        if let Some(given) = &source
            && let Some(what) = lock.study_changed(&given.text)
        {
            return Err(Failure::usage(format!("{} is not the study in {}: {what}", given.file, folder.display())).with_hint(
                format!(
                    "to go on with what was begun, name its folder: {}; to run the changed study: trustmh study run {} --output DIR --lock {}",
                    folder.display(),
                    given.file,
                    folder.join(LOCK).display()
                ),
            ));
        }
        let faults = lock.faults(&folder);
        if faults.is_empty() {
            return Ok(Self { folder, lock });
        }
        let told: Vec<String> =
            faults.iter().map(|fault| format!("{}: {}", fault.file, fault.what)).collect();
        Err(Failure::usage(format!("{} is not as it was planned: {}", folder.display(), told.join("; "))).with_hint(
            format!(
                "take these files from another copy (the study file stands in {LOCK}, too); limits are raised by options of `resume`; another study needs another folder: trustmh study run FILE --output DIR"
            ),
        ))
    }

    /// The folder of a run.
    pub(crate) fn run(&self, place: usize) -> PathBuf {
        let name = self.lock.runs.get(place).map_or("", |run| run.folder.as_str());
        self.folder.join(RUNS).join(name)
    }

    /// Keeps other processes from working on the study for as long as the file is held.
    pub(crate) fn hold(&self) -> Result<File, Failure> {
        let path = self.folder.join(WORKING);
        let mut options = File::options();
        let file = options.create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|error| Failure::io(&path, "opening", &error))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(Failure::usage(format!(
                "{} is being worked on by another process",
                self.folder.display()
            ))
            .with_hint("wait for it or stop it")),
            Err(TryLockError::Error(error)) => Err(Failure::io(&path, "locking", &error)),
        }
    }
}

/// Refuses a folder in which something is already; that of a study says how to go on with it.
pub(crate) fn occupied(folder: &Path, study: &OpenStudy) -> Result<(), Failure> {
    let shown = folder.display();
    if folder.join(LOCK).is_file() {
        let lock = Lock::read(&folder.join(LOCK))?;
        return Err(match lock.study_changed(&study.source.text) {
            None => Failure::usage(format!("{shown} holds this study already")).with_hint(format!(
                "go on with it: trustmh study resume {shown}; or begin anew elsewhere: --output DIR"
            )),
            Some(what) => Failure::usage(format!(
                "{shown} holds the study as it was before it was changed: {what}"
            ))
            .with_hint(format!(
                "run it into another folder, and be told what changed: --output DIR --lock {}",
                folder.join(LOCK).display()
            )),
        });
    }
    let is_empty = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(Failure::io(folder, "reading", &error)),
    };
    match is_empty {
        true => Ok(()),
        false => Err(Failure::usage(format!("{shown} is there already and holds no study"))
            .with_hint("name a folder that is not there yet: --output DIR")),
    }
}

/// Makes the study's folder: all of it beside, then in its place, so that a kill leaves a whole one or none.
pub(crate) fn create(
    folder: &Path,
    study: &OpenStudy,
    runs: &[PlannedRun],
) -> Result<Kept, Failure> {
    let parent = match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        Some(_) | None => PathBuf::from("."),
    };
    let failed = |path: &Path, action: &'static str| {
        let path = path.to_owned();
        move |error: std::io::Error| Failure::io(&path, action, &error)
    };
    fs::create_dir_all(&parent).map_err(failed(&parent, "creating"))?;
    let Some(name) = folder.file_name() else {
        return Err(Failure::usage(format!("{} is no name for a new folder", folder.display()))
            .with_hint("name a folder that is not there yet: --output DIR"));
    };
    let place = parent.join(name);
    let made_in = way_back(&parent, folder, &study.base);
    let lock = lock(study, runs, made_in.as_deref())?;
    let new = tempfile::Builder::new()
        .prefix(".study-")
        .tempdir_in(&parent)
        .map_err(failed(&parent, "creating a folder in it"))?;
    let inside = new.path();
    fs::write(inside.join(STUDY), &study.source.text)
        .map_err(failed(inside, "writing the study file"))?;
    for file in study.files.values() {
        let path = inside.join(&file.kept.path);
        let around = path.parent().unwrap_or(inside);
        fs::create_dir_all(around)
            .and_then(|()| fs::write(&path, &file.bytes))
            .map_err(failed(&path, "writing"))?;
    }
    for run in runs {
        let path = inside.join(RUNS).join(run.plan.manifest.id.as_str());
        fs::create_dir_all(&path).map_err(failed(&path, "creating"))?;
        run.plan.write(&study.benchmark, &path)?;
    }
    lock.write(inside)?;
    open_to_all(inside).map_err(failed(inside, "opening to others"))?;
    if folder.is_dir() {
        // It is empty; others than Unix do not put a folder in the place of another.
        fs::remove_dir(folder).map_err(failed(folder, "replacing")).map_err(|error| {
            // Somebody was faster.
            occupied(folder, study).err().unwrap_or(error)
        })?;
    }
    trustmh_run::atomic_file::replace(inside, &place)
        .map_err(|error| occupied(folder, study).err().unwrap_or_else(|| error.into()))?;
    // What is dropped is not there any more.
    let _ = new.keep();
    Ok(Kept { folder: folder.to_owned(), lock })
}

/// Temporary folders are for their owner alone; a study is as open as any folder that the user makes.
fn open_to_all(folder: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let usual = fs::metadata(folder.join(RUNS))?.permissions().mode();
        fs::set_permissions(folder, fs::Permissions::from_mode(usual))?;
    }
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// The way from the study's folder to that of the study file; none where there is none that does not begin at a root.
fn way_back(parent: &Path, folder: &Path, base: &Path) -> Option<String> {
    let from = parent.canonicalize().ok()?.join(folder.file_name()?);
    let to = base.canonicalize().ok()?;
    let (from, to): (Vec<Component<'_>>, Vec<Component<'_>>) =
        (from.components().collect(), to.components().collect());
    let shared = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    if shared == 0 {
        return None;
    }
    let up = std::iter::repeat_n("..".to_owned(), from.len() - shared);
    let down = to.iter().skip(shared).map(|part| part.as_os_str().to_string_lossy().into_owned());
    Some(up.chain(down).collect::<Vec<_>>().join("/"))
}
