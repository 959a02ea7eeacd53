//! A study file with what stands beside it: system prompts, tasks, prices.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use trustmh_core::digest::Digest;
use trustmh_core::request::SystemPrompt;
use trustmh_engine::benchmark::Benchmark;
use trustmh_run::plan::prices::Prices;
use trustmh_run::study::{
    Lock, LockedFile, Prompt, STUDY, StudyFile, StudySource, Subject, folder_names,
};

use crate::arguments::TaskSource;
use crate::benchmark::benchmark;
use crate::failure::Failure;

/// The folder of system prompts inside a study's folder.
const PROMPTS: &str = "prompts";

/// A study file with what stands beside it.
pub(crate) struct OpenStudy {
    pub(crate) source: StudySource,
    /// The folder from which relative paths in the file are found.
    pub(crate) base: PathBuf,
    /// System prompts, by the place of the subject.
    pub(crate) prompts: BTreeMap<usize, SystemPrompt>,
    /// Those that come from files, as they are to be kept.
    pub(crate) files: BTreeMap<usize, PromptFile>,
    pub(crate) benchmark: Benchmark,
    pub(crate) elsewhere: Elsewhere,
}

/// A system prompt's file: its bytes, and where they are kept in the study's folder.
pub(crate) struct PromptFile {
    pub(crate) kept: LockedFile,
    pub(crate) bytes: Vec<u8>,
}

/// Folders that are not where the study file says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Elsewhere {
    pub(crate) data: Option<PathBuf>,
    pub(crate) tasks: Option<PathBuf>,
}

impl Elsewhere {
    /// A folder in the place of one that the study does not name would change nothing, or what is asked.
    fn has_effect(&self, source: &StudySource) -> Result<(), Failure> {
        let data = &source.study.data;
        let given = [
            (&self.data, &data.folder, "--data", "folder"),
            (&self.tasks, &data.tasks_folder, "--tasks-dir", "tasks_folder"),
        ];
        match given.into_iter().find(|(given, named, ..)| given.is_some() && named.is_none()) {
            None => Ok(()),
            Some((.., option, field)) => Err(Failure::usage(format!(
                "{option} has no effect: the study names no `{field}` in [data]"
            ))
            .with_hint(format!("leave out {option}"))),
        }
    }
}

impl OpenStudy {
    /// Opens a study file.
    pub(crate) fn open(file: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(file).map_err(|error| unreadable(file, &error))?;
        let source = StudySource::parse(&file.display().to_string(), &text)?;
        let base = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            Some(_) | None => PathBuf::from("."),
        };
        let files = prompt_files(&source, |subject| {
            let Some(Prompt::File(path)) = subject.prompt() else { return Ok(None) };
            let path = base.join(path);
            std::fs::read(&path)
                .map(Some)
                .map_err(|error| Failure::io(&path, "reading the system prompt", &error))
        })?;
        check_paths(&source, &base)?;
        Self::with(source, base, files, Elsewhere::default())
    }

    /// Opens the study that is kept in `folder`, by its lock.
    pub(crate) fn kept(folder: &Path, lock: &Lock, elsewhere: Elsewhere) -> Result<Self, Failure> {
        let source = lock.source(&folder.join(STUDY).display().to_string())?;
        elsewhere.has_effect(&source)?;
        let base = folder.join(lock.made_in.as_deref().unwrap_or("."));
        let files = prompt_files(&source, |subject| {
            let kept = lock.subjects.get(subject.shown()).and_then(|known| known.system.as_ref());
            let Some(kept) = kept else { return Ok(None) };
            let path = folder.join(&kept.path);
            std::fs::read(&path)
                .map(Some)
                .map_err(|error| Failure::io(&path, "reading the system prompt", &error))
        })?;
        Self::with(source, base, files, elsewhere)
    }

    fn with(
        source: StudySource,
        base: PathBuf,
        files: BTreeMap<usize, PromptFile>,
        elsewhere: Elsewhere,
    ) -> Result<Self, Failure> {
        let mut prompts = BTreeMap::new();
        for (place, subject) in source.study.subjects.iter().enumerate() {
            let (prompt, field) = match (files.get(&place), subject.prompt()) {
                (Some(file), _) => (SystemPrompt::from_bytes(&file.bytes), "system"),
                (None, Some(Prompt::Text(text))) => (SystemPrompt::new(text), "system_text"),
                (None, Some(Prompt::File(_)) | None) => continue,
            };
            let prompt = prompt.map_err(|fault| {
                Failure::usage(format!(
                    "{}: {fault}",
                    source.place("subjects", Some(place), Some(field))
                ))
            })?;
            prompts.insert(place, prompt);
        }
        let mut opened =
            Self { source, base, prompts, files, benchmark: Benchmark::embedded()?, elsewhere };
        opened.benchmark = benchmark(&opened.tasks_from())?;
        Ok(opened)
    }

    /// Where the tasks come from.
    pub(crate) fn tasks_from(&self) -> TaskSource {
        let own = self.source.study.data.tasks_folder.as_ref();
        let folder = self.elsewhere.tasks.clone().or_else(|| own.map(|path| self.path(path)));
        TaskSource { tasks_dir: folder, rubric: Vec::new() }
    }

    /// Where published data is, if any is asked.
    pub(crate) fn data(&self) -> Option<PathBuf> {
        let own = self.source.study.data.folder.as_ref()?;
        Some(self.elsewhere.data.clone().unwrap_or_else(|| self.path(own)))
    }

    /// The price table.
    pub(crate) fn prices(&self) -> Result<Prices, Failure> {
        let Some(path) = self.source.study.limits.prices.as_ref().map(|path| self.path(path))
        else {
            return Ok(Prices::embedded()?);
        };
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Failure::io(&path, "reading the price table", &error))?;
        Ok(Prices::parse(&path.display().to_string(), &text)?)
    }

    /// A path of the study file.
    pub(crate) fn path(&self, path: &Path) -> PathBuf {
        self.base.join(path)
    }
}

/// What the study file names beside itself must be there, so that it is told with its line and not with a run.
fn check_paths(source: &StudySource, base: &Path) -> Result<(), Failure> {
    let StudyFile { data, limits, calls, .. } = &source.study;
    let paths = [
        ("data", "folder", &data.folder),
        ("data", "tasks_folder", &data.tasks_folder),
        ("limits", "prices", &limits.prices),
        ("calls", "models", &calls.models),
    ];
    for (table, field, path) in paths {
        let path = path.as_ref().map(|path| base.join(path)).filter(|path| !path.exists());
        if let Some(path) = path {
            let place = source.place(table, None, Some(field));
            return Err(Failure::usage(format!("{place}: {} is not there", path.display()))
                .with_hint("paths are taken from the study file's folder"));
        }
    }
    Ok(())
}

fn unreadable(file: &Path, error: &std::io::Error) -> Failure {
    let failure = Failure::io(file, "reading", error);
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            failure.with_hint("`trustmh study init` writes a study file that works at once")
        }
        _ => failure,
    }
}

/// The files of system prompts, each with the place where it is kept.
fn prompt_files(
    source: &StudySource,
    read: impl Fn(&Subject) -> Result<Option<Vec<u8>>, Failure>,
) -> Result<BTreeMap<usize, PromptFile>, Failure> {
    let subjects = &source.study.subjects;
    let names = folder_names(subjects.iter().map(Subject::shown), "subject");
    let mut files = BTreeMap::new();
    for (place, (subject, name)) in subjects.iter().zip(names).enumerate() {
        let read = read(subject).map_err(|failure| {
            let at = source.place("subjects", Some(place), Some("system"));
            Failure { message: format!("{at}: {}", failure.message), ..failure }
        })?;
        let Some(bytes) = read else { continue };
        let kept = LockedFile { path: format!("{PROMPTS}/{name}.txt"), digest: Digest::of(&bytes) };
        files.insert(place, PromptFile { kept, bytes });
    }
    Ok(files)
}
