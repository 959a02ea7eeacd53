//! `trustmh doctor`: whether all is in place, and what to do about what is not.

use serde::Serialize;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use trustmh_core::id::ModelId;
use trustmh_data::sources::{FileState, Sources, verify};

use trustmh_model::provider::Provider;
use url::Url;

use super::{benchmark, shelf};
use crate::arguments::{DoctorArguments, Reach};
use crate::failure::{Exit, Failure};
use crate::models;
use crate::screen;

/// Below so much room a long run may not end.
const ROOM: u64 = 1 << 30;

/// How one thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    /// It is as it should be.
    Ok,
    /// It may be wanted, and is not there.
    Note,
    /// It will not work.
    Amiss,
}

/// What was looked at, what was found, what to do.
#[derive(Debug, Serialize)]
struct Finding {
    what: String,
    state: State,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
}

impl Finding {
    fn new(what: &str, state: State, found: impl Into<String>) -> Self {
        Self { what: what.to_owned(), state, found: found.into(), mend: None }
    }

    fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = Some(mend.into());
        self
    }
}

pub(super) fn run(arguments: &DoctorArguments) -> Result<Exit, Failure> {
    let mut findings = vec![program(), tasks(arguments)];
    findings.extend(usual_keys().map(key));
    let models = [
        ("subject", &arguments.subject, &arguments.base_url, &arguments.reach.key_env),
        ("judge", &arguments.judge, &arguments.judge_base_url, &arguments.reach.judge_key_env),
    ];
    for (what, name, base_url, key_env) in models {
        if let Some(name) = name {
            let key_env = key_env.as_deref().or(arguments.reach.key_env.as_deref());
            findings.extend(model(what, name, base_url.as_deref(), key_env, &arguments.reach));
        }
    }
    findings.extend(data(arguments.data.data.as_deref())?);
    findings.push(weights(arguments.reach.weights_dir.as_deref()));
    findings.push(room(&arguments.runs_dir));
    if arguments.json {
        let text = serde_json::to_string_pretty(&findings)
            .map_err(|error| Failure::usage(format!("it cannot be written as JSON: {error}")))?;
        screen::print_json(&(text + "\n"));
    } else {
        screen::print(&told(&findings));
    }
    let amiss = findings.iter().any(|finding| finding.state == State::Amiss);
    Ok(if amiss { Exit::CheckFailed } else { Exit::Ok })
}

fn told(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let word = match finding.state {
            State::Ok => "ok",
            State::Note => "note",
            State::Amiss => "AMISS",
        };
        text.push_str(&format!("{word:<6} {:<20} {}\n", finding.what, finding.found));
        if let Some(mend) = &finding.mend {
            text.push_str(&format!("{:28}{mend}\n", ""));
        }
    }
    text
}

fn program() -> Finding {
    let local = if cfg!(feature = "local") { "with" } else { "without" };
    let found = format!("trustmh {}, {local} the local model", env!("CARGO_PKG_VERSION"));
    Finding::new("program", State::Ok, found)
}

fn tasks(arguments: &DoctorArguments) -> Finding {
    let read = benchmark(&arguments.tasks_from).and_then(|benchmark| {
        Ok((benchmark.tasks().count(), shelf(&arguments.tasks_from)?.names().len()))
    });
    match read {
        Ok((tasks, sets)) => {
            let found = format!("{tasks} tasks, {sets} starter sets; they need no network");
            Finding::new("tasks", State::Ok, found)
        }
        Err(failure) => Finding::new("tasks", State::Amiss, failure.message)
            .mend("`trustmh tasks check --tasks-dir DIR` says more"),
    }
}

/// Whether a key is there; never what it is.
fn key(variable: &str) -> Finding {
    let set = std::env::var(variable).is_ok_and(|value| !value.trim().is_empty());
    if set {
        Finding::new(variable, State::Ok, "is set")
    } else {
        Finding::new(variable, State::Note, "is not set")
            .mend("only needed for models of that service")
    }
}

fn model(
    what: &str,
    name: &str,
    base_url: Option<&str>,
    key_env: Option<&str>,
    reach: &Reach,
) -> Vec<Finding> {
    let resolved = models::resolved(name, base_url, reach);
    let opened = resolved.and_then(|(id, base_url)| {
        models::open(&id, base_url.as_deref(), key_env, reach)?;
        Ok((id, base_url))
    });
    let (id, base_url) = match opened {
        Ok(opened) => opened,
        Err(failure) => {
            let finding = Finding::new(what, State::Amiss, failure.message);
            return vec![match failure.hint {
                Some(hint) => finding.mend(hint),
                None => finding,
            }];
        }
    };
    let mut findings = vec![Finding::new(what, State::Ok, format!("{id} can be opened"))];
    for address in addresses(&id, base_url.as_deref()) {
        let seconds = Duration::from_secs(reach.connect_timeout.max(1));
        findings.push(match connects(&address, seconds) {
            Ok(()) => Finding::new(what, State::Ok, format!("{address} takes connections")),
            Err(why) => Finding::new(what, State::Amiss, format!("{address}: {why}"))
                .mend("is the server up, the address right, the network or its proxy open?"),
        });
    }
    findings
}

/// Variables that usually hold keys.
fn usual_keys() -> impl Iterator<Item = &'static str> {
    Provider::all().filter_map(Provider::key_variable).chain(["PERSPECTIVE_API_KEY"])
}

/// Host and port of each endpoint; none for models that need none.
fn addresses(id: &ModelId, base_url: Option<&str>) -> Vec<String> {
    let usual = Provider::of_model(id.as_str()).map(|(provider, _)| provider.base_url());
    let Some(urls) = base_url.or(usual) else { return Vec::new() };
    let of_url = |url: &str| {
        let url = Url::parse(url.trim()).ok()?;
        Some(format!("{}:{}", url.host()?, url.port_or_known_default()?))
    };
    urls.split(',').filter_map(of_url).collect()
}

fn connects(address: &str, seconds: Duration) -> Result<(), String> {
    let mut found = address.to_socket_addrs().map_err(|error| error.to_string())?;
    let first = found.next().ok_or("the name has no address")?;
    TcpStream::connect_timeout(&first, seconds).map(drop).map_err(|error| error.to_string())
}

fn data(folder: Option<&Path>) -> Result<Vec<Finding>, Failure> {
    let Some(folder) = folder else {
        let none = Finding::new(
            "data",
            State::Note,
            "no folder of published data; starter items are asked",
        );
        return Ok(vec![none.mend("`trustmh data fetch SET`, then --data DIR or TRUSTMH_DATA")]);
    };
    let mut findings = Vec::new();
    for card in &Sources::built_in().sets {
        let states = verify(card, folder)?;
        let count = |wanted: fn(&FileState) -> bool| {
            states.iter().filter(|(_, state)| wanted(state)).count()
        };
        let missing = count(|state| *state == FileState::Missing);
        let changed = count(|state| matches!(state, FileState::Changed { .. }));
        let name = format!("data: {}", card.id);
        findings.extend(match (changed, missing) {
            (_, missing) if missing == states.len() => None,
            (0, 0) => Some(Finding::new(&name, State::Ok, "all files are there")),
            (0, missing) => Some(
                Finding::new(
                    &name,
                    State::Note,
                    format!("{missing} of {} files are missing", states.len()),
                )
                .mend(format!("trustmh data fetch {}", card.id)),
            ),
            (changed, _) => Some(
                Finding::new(
                    &name,
                    State::Note,
                    format!("{changed} files are not the published ones"),
                )
                .mend(format!("trustmh data verify {}; runs say so in their reports", card.id)),
            ),
        });
    }
    if findings.is_empty() {
        let none = Finding::new(
            "data",
            State::Note,
            format!("no published set is in {}", folder.display()),
        );
        findings.push(none.mend("trustmh data fetch SET --data DIR"));
    }
    Ok(findings)
}

#[cfg(feature = "local")]
fn weights(given: Option<&Path>) -> Finding {
    let located =
        crate::user_folders::weights(given).map(|folder| trustmh_local::Weights::locate(&folder));
    match located {
        Ok(Ok(path)) => Finding::new("local model", State::Ok, path.display().to_string()),
        _ => Finding::new("local model", State::Note, "its weights are not here")
            .mend("`trustmh weights fetch`, which needs a network"),
    }
}

#[cfg(not(feature = "local"))]
fn weights(_: Option<&Path>) -> Finding {
    Finding::new("local model", State::Note, "this build has none")
}

/// Whether the folder of runs can be written to, and how much room there is.
fn room(runs: &Path) -> Finding {
    let there = runs.ancestors().find(|folder| folder.is_dir()).unwrap_or_else(|| Path::new("."));
    let probe = there.join(format!(".trustmh-doctor-{}", std::process::id()));
    if let Err(error) = std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)) {
        let found = format!("{} cannot be written to: {error}", there.display());
        return Finding::new("disk", State::Amiss, found).mend("choose another folder: --runs-dir");
    }
    match free(there) {
        Some(bytes) if bytes < ROOM => {
            let found = format!("{} MB are free for runs", bytes >> 20);
            Finding::new("disk", State::Amiss, found).mend("20,000 trials take about 100 MB")
        }
        Some(bytes) => {
            Finding::new("disk", State::Ok, format!("{} GB are free for runs", bytes >> 30))
        }
        None => Finding::new("disk", State::Ok, "runs can be written; free space is not known"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_hosts_with_ports() {
        let of = |id: &str, url: Option<&str>| addresses(&ModelId::new(id), url);
        assert_eq!(of("openai/x", None), ["api.openai.com:443"]);
        assert_eq!(
            of("openai/x", Some("http://10.0.0.1:8000/v1, https://b.example/v1")),
            ["10.0.0.1:8000", "b.example:443"]
        );
        assert_eq!(of("scripted/echo", None), [""; 0]);
    }
}
