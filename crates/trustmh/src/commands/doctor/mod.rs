//! `trustmh doctor`: checks of the setup, and what to do about those that fail.

mod endpoint;

use clap::Args;
use serde::Serialize;
use std::path::Path;
use std::time::Duration;

use trustmh_data::sources::{FileState, Sources, verify};

use trustmh_model::provider::Provider;

use crate::arguments::{
    DataSource, EndpointArguments, JsonOutput, ProductArguments, RequestArguments, RunsDir,
    TaskSource,
};
use crate::benchmark::{benchmark, starter_sets};
use crate::failure::{Exit, Failure};
use crate::models::{Typed, place};
use crate::{models, screen};

/// Check your setup (keys, endpoints, data, disk) and suggest fixes
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DoctorArguments {
    /// Also check this subject: its key and its endpoint
    #[arg(long, value_name = "MODEL")]
    subject: Option<String>,
    #[command(flatten)]
    product: ProductArguments,
    /// Also check this judge
    #[arg(long, value_name = "MODEL")]
    judge: Option<String>,
    /// Also check this model, which is to play clients
    #[arg(long, value_name = "MODEL")]
    client: Option<String>,
    /// Subject's endpoint
    #[arg(long, value_name = "URL", requires = "subject")]
    base_url: Option<String>,
    /// Judge's endpoint
    #[arg(long, value_name = "URL", requires = "judge")]
    judge_base_url: Option<String>,
    /// Client's endpoint
    #[arg(long, value_name = "URL", requires = "client")]
    client_base_url: Option<String>,
    #[command(flatten)]
    runs_dir: RunsDir,
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    data: DataSource,
    #[command(flatten)]
    tasks_from: TaskSource,
    #[command(flatten, next_help_heading = "Endpoints")]
    endpoints: EndpointArguments,
}

const EXAMPLES: &str = r"Examples:
  trustmh doctor --subject openai/gpt-5.1 --judge claude-sonnet-4.5 --data ~/trustmh-data

Keys are never shown, and no model is called. Exit code 1 if a check fails.";

/// With less free space than this, a long run may not finish.
const ROOM: u64 = 1 << 30;

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    /// It is as it should be.
    Ok,
    /// Something is missing that may be needed.
    Note,
    /// It will not work.
    #[serde(rename = "amiss")]
    Problem,
}

/// What was checked, what was found, what to do.
#[derive(Debug, Serialize)]
pub(crate) struct Check {
    what: String,
    pub(crate) state: State,
    pub(crate) found: String,
    #[serde(rename = "mend", skip_serializing_if = "Option::is_none")]
    pub(crate) fix: Option<String>,
}

impl Check {
    fn new(what: &str, state: State, found: impl Into<String>) -> Self {
        Self { what: what.to_owned(), state, found: found.into(), fix: None }
    }

    fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

pub(crate) fn run(arguments: &DoctorArguments) -> Result<Exit, Failure> {
    let ProductArguments { system, system_text: _, temperature, name } = &arguments.product;
    let says = system.is_some() || temperature.is_some() || name.is_some();
    if says && arguments.subject.is_none() {
        return Err(Failure::usage("--system, --temperature and --name describe a subject")
            .with_hint("name it with --subject"));
    }
    let mut checks = vec![program(), tasks(arguments)];
    checks.extend(usual_keys().map(key));
    let models = [
        (
            "subject",
            Typed::SUBJECT,
            &arguments.subject,
            &arguments.base_url,
            &arguments.endpoints.key_env,
        ),
        (
            "judge",
            Typed::JUDGE,
            &arguments.judge,
            &arguments.judge_base_url,
            &arguments.endpoints.judge_key_env,
        ),
        (
            "client",
            Typed::CLIENT,
            &arguments.client,
            &arguments.client_base_url,
            &arguments.endpoints.client_key_env,
        ),
    ];
    let endpoints = &arguments.endpoints;
    let found = |typed, name: &Option<String>, base_url: &Option<String>| {
        models::resolved(typed, name.as_deref()?, base_url.as_deref(), endpoints).ok()
    };
    let subject = found(Typed::SUBJECT, &arguments.subject, &arguments.base_url);
    for (what, typed, name, base_url, key_env) in models {
        let Some(asked) = name else { continue };
        let usual = match (&subject, found(typed, name, base_url)) {
            (Some((subject, there)), Some((id, here))) => place::shared_key(
                endpoints.key_env.as_deref(),
                (subject, there.as_deref()),
                (&id, here.as_deref()),
            ),
            (None, _) | (_, None) => endpoints.key_env.as_deref(),
        };
        let key_env = key_env.as_deref().or(usual);
        checks.extend(model(what, typed, asked, base_url.as_deref(), key_env, endpoints));
    }
    checks.extend(product(arguments));
    checks.extend(data(arguments.data.data.as_deref())?);
    checks.extend(weights(arguments.endpoints.weights_dir.as_deref()));
    checks.push(room(&arguments.runs_dir.runs_dir));
    if arguments.output.json {
        screen::print_json(&checks)?;
    } else {
        screen::print(&told(&checks));
    }
    let failed = checks.iter().any(|check| check.state == State::Problem);
    Ok(if failed { Exit::CheckFailed } else { Exit::Ok })
}

fn told(checks: &[Check]) -> String {
    let mut text = String::new();
    for check in checks {
        let word = match check.state {
            State::Ok => "ok",
            State::Note => "note",
            State::Problem => "PROBLEM",
        };
        text.push_str(&format!("{word:<8} {:<20} {}\n", check.what, check.found));
        if let Some(fix) = &check.fix {
            text.push_str(&format!("{:30}{fix}\n", ""));
        }
    }
    text
}

fn program() -> Check {
    let local = if cfg!(feature = "local") { "with" } else { "without" };
    let found = format!("trustmh {}, {local} the local model", env!("CARGO_PKG_VERSION"));
    Check::new("program", State::Ok, found)
}

fn tasks(arguments: &DoctorArguments) -> Check {
    let read = benchmark(&arguments.tasks_from).and_then(|benchmark| {
        Ok((benchmark.tasks().count(), starter_sets(&arguments.tasks_from)?.names().len()))
    });
    match read {
        Ok((tasks, sets)) => {
            let found = format!("{tasks} tasks, {sets} starter sets; they need no network");
            Check::new("tasks", State::Ok, found)
        }
        Err(failure) => Check::new("tasks", State::Problem, failure.message)
            .fix("run `trustmh tasks check --tasks-dir DIR` for details"),
    }
}

/// Whether a key is there; never what it is.
fn key(variable: &str) -> Check {
    let set = std::env::var(variable).is_ok_and(|value| !value.trim().is_empty());
    if set {
        Check::new(variable, State::Ok, "is set")
    } else {
        Check::new(variable, State::Note, "is not set")
            .fix("needed only for models of that service")
    }
}

/// Whether a model can be opened, and whether its endpoint takes connections.
pub(crate) fn model(
    what: &str,
    typed: Typed,
    name: &str,
    base_url: Option<&str>,
    key_env: Option<&str>,
    endpoints: &EndpointArguments,
) -> Vec<Check> {
    let resolved = models::resolved(typed, name, base_url, endpoints);
    let opened = resolved.and_then(|(id, base_url)| {
        models::open(&id, base_url.as_deref(), key_env, endpoints)?;
        Ok((id, base_url))
    });
    let (id, base_url) = match opened {
        Ok(opened) => opened,
        Err(failure) => {
            let check = Check::new(what, State::Problem, failure.message);
            return vec![match failure.hint {
                Some(hint) => check.fix(hint),
                None => check,
            }];
        }
    };
    let mut checks = vec![Check::new(what, State::Ok, format!("{id} can be opened"))];
    for address in place::addresses(&id, base_url.as_deref()) {
        let seconds = Duration::from_secs(endpoints.connect_timeout.max(1));
        checks.push(match endpoint::connects(&address, seconds) {
            Ok(()) => Check::new(what, State::Ok, format!("{address} accepts connections")),
            Err(why) => Check::new(what, State::Problem, format!("{address}: {why}"))
                .fix("check that the server runs, the address is right, and no firewall or proxy is in the way"),
        });
    }
    checks
}

/// Whether the subject can be asked as the user says, and how that is.
fn product(arguments: &DoctorArguments) -> Option<Check> {
    let (name, endpoints) = (arguments.subject.as_deref()?, &arguments.endpoints);
    let (id, base_url) =
        models::resolved(Typed::SUBJECT, name, arguments.base_url.as_deref(), endpoints).ok()?;
    let role = models::Role::Subject(&arguments.product);
    let requests = RequestArguments::default();
    let asked = models::asking(name, &id, base_url.as_deref(), role, &requests, None, endpoints);
    match asked {
        Ok(asked) => {
            let asked = asked.in_words()?;
            Some(Check::new("subject", State::Ok, format!("is asked with {asked}")))
        }
        Err(failure) => {
            let check = Check::new("subject", State::Problem, failure.message);
            Some(match failure.hint {
                Some(hint) => check.fix(hint),
                None => check,
            })
        }
    }
}

/// Variables that usually hold keys.
fn usual_keys() -> impl Iterator<Item = &'static str> {
    Provider::all().filter_map(Provider::key_variable).chain(["PERSPECTIVE_API_KEY"])
}

fn data(folder: Option<&Path>) -> Result<Vec<Check>, Failure> {
    let Some(folder) = folder else {
        let none =
            Check::new("data", State::Note, "no folder of published data; starter items are used");
        return Ok(vec![
            none.fix("run `trustmh data fetch SET`, then pass --data DIR or set TRUSTMH_DATA"),
        ]);
    };
    let mut checks = Vec::new();
    for card in &Sources::built_in().sets {
        let states = verify(card, folder)?;
        let count = |wanted: fn(&FileState) -> bool| {
            states.iter().filter(|(_, state)| wanted(state)).count()
        };
        let missing = count(|state| *state == FileState::Missing);
        let changed = count(|state| matches!(state, FileState::Changed { .. }));
        let name = format!("data: {}", card.id);
        checks.extend(match (changed, missing) {
            (_, missing) if missing == states.len() => None,
            (0, 0) => Some(Check::new(&name, State::Ok, "all files are present")),
            (0, missing) => Some(
                Check::new(
                    &name,
                    State::Note,
                    format!("{missing} of {} files are missing", states.len()),
                )
                .fix(format!("trustmh data fetch {}", card.id)),
            ),
            (changed, _) => Some(
                Check::new(
                    &name,
                    State::Note,
                    format!("{changed} files are not the published ones"),
                )
                .fix(format!("trustmh data verify {}; runs say so in their reports", card.id)),
            ),
        });
    }
    if checks.is_empty() {
        let none = Check::new(
            "data",
            State::Note,
            format!("{} contains no published set", folder.display()),
        );
        checks.push(none.fix("trustmh data fetch SET --data DIR"));
    }
    Ok(checks)
}

#[cfg(feature = "local")]
fn weights(given: Option<&Path>) -> Vec<Check> {
    let folder = crate::user_folders::weights(given);
    let of = [
        ("local model", "smollm2", &trustmh_local::SMOLLM2),
        ("embedded judge", "minilm", &trustmh_local::MINILM),
    ];
    let checks = of.into_iter().map(|(what, name, weights)| {
        let located = folder.as_ref().ok().and_then(|folder| weights.locate(folder).ok());
        match located.and_then(|paths| paths.into_iter().next()) {
            Some(path) => Check::new(what, State::Ok, path.display().to_string()),
            None => Check::new(what, State::Note, "its weights are missing")
                .fix(format!("run `trustmh weights fetch {name}` (needs a network)")),
        }
    });
    checks.collect()
}

#[cfg(not(feature = "local"))]
fn weights(_: Option<&Path>) -> Vec<Check> {
    vec![Check::new("local model", State::Note, "this build has none")]
}

/// Whether the folder of runs can be written to, and how much room there is.
fn room(runs: &Path) -> Check {
    let there = runs.ancestors().find(|folder| folder.is_dir()).unwrap_or_else(|| Path::new("."));
    let probe = there.join(format!(".trustmh-doctor-{}", std::process::id()));
    if let Err(error) = std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)) {
        let found = format!("{} cannot be written to: {error}", there.display());
        return Check::new("disk", State::Problem, found)
            .fix("choose another folder with --runs-dir");
    }
    match free(there) {
        Some(bytes) if bytes < ROOM => {
            let found = format!("{} MB are free for runs", bytes >> 20);
            Check::new("disk", State::Problem, found).fix("20,000 trials take about 100 MB")
        }
        Some(bytes) => {
            Check::new("disk", State::Ok, format!("{} GB are free for runs", bytes >> 30))
        }
        None => Check::new("disk", State::Ok, "runs can be written; free space is unknown"),
    }
}

#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn free(_: &Path) -> Option<u64> {
    None
}
