//! The program as the viewer's pages need it: what a command line would ask for, and how it is started.

use clap::Parser;
use std::path::{Path, PathBuf};
use std::process::Command;

use trustmh_data::sources::Sources;
use trustmh_model::name::ModelName;
use trustmh_model::presets::Presets;
use trustmh_model::provider::Provider;
use trustmh_model::scripted::Behaviour;
use trustmh_view::{
    Check, DataFolder, KeyState, Offers, Outlook, Program, Refusal, SetHere, StopRequest,
    TestResult,
};

use super::{one_call, outlook};
use crate::arguments::{EndpointArguments, GivenRubric, RunRequest, SEED, TaskSource};
use crate::failure::Failure;
use crate::{models, signals, user_folders};

/// The variable that `--data` is read from where it is not given.
pub(super) const DATA_VARIABLE: &str = "TRUSTMH_DATA";

/// This program.
pub(super) struct ThisProgram {
    /// Options that every run takes.
    fixed: Vec<String>,
    /// Folders of data that may be offered.
    data: Vec<PathBuf>,
}

/// The options of `trustmh run`, as they stand behind the command's name.
#[derive(Debug, Parser)]
#[command(no_binary_name = true)]
struct RunOptions {
    #[command(flatten)]
    request: RunRequest,
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self { message: failure.message, hint: failure.hint }
    }
}

impl ThisProgram {
    /// With runs kept in `runs`, tasks as the viewer has them, and `data` offered beside the user's own folder.
    pub(super) fn new(
        runs: &Path,
        tasks_from: &TaskSource,
        data: Option<PathBuf>,
    ) -> Result<Self, Failure> {
        let mut fixed = Vec::new();
        if runs != Path::new("runs") {
            fixed.push(option("runs-dir", runs)?);
        }
        if let Some(folder) = &tasks_from.tasks_dir {
            fixed.push(option("tasks-dir", folder)?);
        }
        for given in &tasks_from.rubric {
            let (name, path) = match given {
                GivenRubric::Whole(name, path) => (name.as_ref(), path),
                GivenRubric::Table(name, path) => (Some(name), path),
            };
            let word = option("rubric", path)?;
            fixed.push(match name {
                Some(name) => word.replacen("--rubric=", &format!("--rubric={name}="), 1),
                None => word,
            });
        }
        let own = user_folders::data().ok();
        let own = own.map(|folder| folder.join(Sources::built_in().edition.to_string()));
        let data = data.into_iter().chain(own).collect();
        Ok(Self { fixed, data })
    }

    /// The request that a command line makes. What the environment says of data is for the command line of people.
    fn request(arguments: &[String]) -> Result<RunRequest, Refusal> {
        let options = arguments.iter().skip(1);
        let read = RunOptions::try_parse_from(options).map_err(|error| {
            let text = error.to_string();
            let first = text.lines().next().unwrap_or_default();
            Refusal { message: first.trim_start_matches("error: ").to_owned(), hint: None }
        })?;
        let mut request = read.request;
        if !arguments.iter().any(|word| word.starts_with("--data=")) {
            request.data.data = None;
        }
        Ok(request)
    }
}

/// An option with a path, as one word.
fn option(name: &str, path: &Path) -> Result<String, Failure> {
    let text = path.to_str().ok_or_else(|| {
        Failure::usage(format!("{}: runs cannot be started with such a path", path.display()))
            .with_hint("name a folder whose name is text in UTF-8")
    })?;
    Ok(format!("--{name}={text}"))
}

impl Program for ThisProgram {
    fn offers(&self) -> Offers {
        let presets = Presets::built_in().models.keys().cloned();
        let prefixes: Vec<String> = Provider::all()
            .map(Provider::prefix)
            .chain(["scripted", "local"])
            .map(str::to_owned)
            .collect();
        let scripted = Behaviour::all().map(|one| format!("scripted/{}", one.slug()));
        let local = std::iter::once("local/smollm2-135m".to_owned());
        let is_set = std::env::var_os(DATA_VARIABLE).is_some_and(|value| !value.is_empty());
        let mut data: Vec<DataFolder> = Vec::new();
        for path in self.data.iter().filter(|path| path.is_dir() && path.to_str().is_some()) {
            if !data.iter().any(|known| known.path == *path) {
                data.push(folder(path));
            }
        }
        Offers {
            models: presets.chain(local).chain(scripted).collect(),
            prefixes,
            data,
            fixed: self.fixed.clone(),
            data_variable: is_set.then_some(DATA_VARIABLE),
            seed: SEED,
        }
    }

    fn outlook(&self, arguments: &[String]) -> Result<Outlook, Refusal> {
        Ok(outlook::of(&Self::request(arguments)?)?)
    }

    fn key(&self, model: &str, base_url: Option<&str>) -> Result<KeyState, Refusal> {
        let endpoints = endpoints(model, base_url)?;
        let (id, base_url) = models::resolved(models::Typed::SUBJECT, model, base_url, &endpoints)?;
        let _: ModelName = id.as_str().parse().map_err(Failure::from)?;
        let variable = models::key_variable(&id, base_url.as_deref(), &endpoints)?;
        Ok(match variable {
            None => KeyState::NotNeeded,
            Some(name) => match std::env::var(&name).is_ok_and(|key| !key.trim().is_empty()) {
                true => KeyState::FoundIn(name),
                false => KeyState::MissingIn(name),
            },
        })
    }

    fn test(&self, model: &str, base_url: Option<&str>) -> (Vec<Check>, Option<TestResult>) {
        match endpoints(model, base_url) {
            Ok(endpoints) => one_call::tried(model, base_url, &endpoints),
            Err(refusal) => (Vec::new(), Some(TestResult::Failed(refusal))),
        }
    }

    fn command(&self, arguments: &[String]) -> Result<Command, Refusal> {
        let own = std::env::current_exe().map_err(|error| Refusal {
            message: format!("the program does not find its own file: {error}"),
            hint: None,
        })?;
        let mut command = Command::new(own);
        command.args(arguments);
        if !arguments.iter().any(|word| word.starts_with("--data=")) {
            command.env_remove(DATA_VARIABLE);
        }
        Ok(command)
    }

    fn interrupt(&self, process: u32, request: StopRequest) {
        signals::interrupt(process, request);
    }
}

/// How a model is reached by a command line that says nothing of it.
fn endpoints(model: &str, base_url: Option<&str>) -> Result<EndpointArguments, Refusal> {
    let mut words = vec!["run".to_owned(), format!("--subject={model}")];
    words.extend(base_url.map(|url| format!("--base-url={url}")));
    Ok(ThisProgram::request(&words)?.calls.endpoints)
}

/// Which sets are in a folder, by the names of their files alone: their sums are for `trustmh data verify`.
fn folder(path: &Path) -> DataFolder {
    let sets = Sources::built_in().sets.iter().map(|card| SetHere {
        id: card.id.clone(),
        files: card.files.iter().filter(|file| path.join(&file.path).is_file()).count(),
        of: card.files.len(),
    });
    DataFolder { path: path.to_owned(), sets: sets.filter(|set| set.files > 0).collect() }
}
