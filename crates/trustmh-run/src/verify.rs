//! Whether a run is what it says it is, and how it differs from another one.

use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use trustmh_bench::benchmark::{Benchmark, FileOrigin};
use trustmh_core::call::{CallEnd, CallKey, CallSpec, Purpose};
use trustmh_core::digest::Digest;
use trustmh_core::id::TrialId;
use trustmh_core::request::{Asking, RequestOptions};
use trustmh_core::trial::Trial;

use crate::error::{KeptFault, RunError};
use crate::journal::{self, Call, Event};
use crate::manifest::{Manifest, Origin};
use crate::materials::{self, with_kept};
use crate::plan::plan_hash;

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was checked.
    pub check: String,
    /// How it stands.
    pub state: State,
    /// What was found.
    pub detail: String,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// As it must be.
    Ok,
    /// Worth knowing: the run is whole, but what is around it has changed.
    Differs,
    /// Not as it must be.
    Broken,
}

fn finding(check: &str, state: State, detail: impl Into<String>) -> Finding {
    Finding { check: check.to_owned(), state, detail: detail.into() }
}

/// Checks the run in `folder`: its manifest against its hash, every line of its journal, every call's key
/// against what was asked, every file it keeps against its hash, every task file against the benchmark at hand, and the data files against those in
/// `data`, if it is given.
///
/// # Errors
/// [`RunError`] if there is no run, or its journal cannot be read beyond a torn last line.
pub fn verify(
    benchmark: &Benchmark,
    folder: &Path,
    data: Option<&Path>,
) -> Result<Vec<Finding>, RunError> {
    let manifest = Manifest::read(folder)?;
    let mut findings = vec![of_manifest(&manifest)];
    let options = manifest.subject.asked.options.clone();
    let mut journal = Walked { options, ..Walked::default() };
    let extent = journal::scan(&folder.join(journal::FILE), |event, _| journal.take(event))?;
    findings.push(match extent.warning {
        Some(warning) => finding("journal", State::Differs, warning),
        None => {
            finding("journal", State::Ok, format!("{} events, every line whole", journal.events))
        }
    });
    findings.extend(journal.findings(&manifest));
    findings.extend(of_materials(folder, &manifest));
    let kept = match with_kept(benchmark, folder, &manifest) {
        Ok(kept) => kept,
        // It is among the findings already.
        Err(RunError::Kept { .. }) => None,
        Err(error) => {
            findings.push(finding("kept files", State::Broken, error.to_string()));
            None
        }
    };
    let benchmark = kept.as_ref().unwrap_or(benchmark);
    for (id, planned) in &manifest.tasks {
        let check = format!("task file {id}");
        findings.push(match benchmark.task(id) {
            Ok(task) if task.digest == planned.digest => {
                finding(&check, State::Ok, format!("version {}", planned.version))
            }
            Ok(task) => finding(
                &check,
                State::Differs,
                format!(
                    "version {} then, {} now, and another hash",
                    planned.version, task.file.version
                ),
            ),
            Err(error) => finding(&check, State::Differs, error.to_string()),
        });
    }
    if let Some(data) = data {
        findings.extend(of_data(&manifest, data));
    }
    Ok(findings)
}

/// The files that the run keeps, against their hashes. Without a file that is built in the run can still be scored.
fn of_materials(folder: &Path, manifest: &Manifest) -> Vec<Finding> {
    let faults = materials::faults(folder, manifest);
    if faults.is_empty() && !manifest.materials.is_empty() {
        let detail = format!("{} files, each with its hash", manifest.materials.len());
        return vec![finding("kept files", State::Ok, detail)];
    }
    let told = |(path, error): (String, RunError)| {
        let origin = manifest.materials.get(&path).map(|kept| kept.origin);
        let is_missing = matches!(error, RunError::Kept { fault: KeptFault::Missing, .. });
        let is_at_hand = is_missing && origin == Some(FileOrigin::BuiltIn);
        let state = if is_at_hand { State::Differs } else { State::Broken };
        finding(&format!("kept file {path}"), state, error.to_string())
    };
    faults.into_iter().map(told).collect()
}

fn of_manifest(manifest: &Manifest) -> Finding {
    if manifest.origin != Origin::Asked {
        return finding("manifest", State::Ok, "imported; nothing was planned");
    }
    if plan_hash(manifest) == manifest.plan_hash {
        finding("manifest", State::Ok, format!("plan {}", manifest.plan_hash))
    } else {
        finding("manifest", State::Broken, "what it plans does not give the plan hash it names")
    }
}

/// Data files by name, wherever they lie below the folder.
fn of_data(manifest: &Manifest, data: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    for planned in manifest.tasks.values() {
        for (name, hash) in &planned.source.files {
            let found = files_named(data, name);
            let hashes: Vec<String> = found
                .iter()
                .filter_map(|path| std::fs::read(path).ok())
                .map(|bytes| Digest::of(&bytes).to_string())
                .collect();
            let check = format!("data file {name}");
            let known = findings.iter().any(|finding: &Finding| finding.check == check);
            if known || hashes.is_empty() {
                continue;
            }
            findings.push(if hashes.contains(hash) {
                finding(&check, State::Ok, "the same bytes")
            } else {
                finding(&check, State::Differs, "other bytes than the run was planned with")
            });
        }
    }
    findings
}

fn files_named(folder: &Path, name: &str) -> Vec<std::path::PathBuf> {
    let mut found = vec![folder.join(name)];
    let folders = std::fs::read_dir(folder).into_iter().flatten().flatten();
    found.extend(folders.map(|entry| entry.path().join(name)));
    found.retain(|path| path.is_file());
    found
}

/// What a walk over the journal gathers.
#[derive(Default)]
struct Walked {
    /// Fields that every call to the subject has.
    options: RequestOptions,
    events: u64,
    trials: BTreeMap<TrialId, Trial>,
    finished: HashSet<CallKey>,
    twice: u64,
    wrong_keys: Vec<TrialId>,
    strays: u64,
    per_task: BTreeMap<String, u64>,
}

impl Walked {
    fn take(&mut self, event: Event) {
        self.events += 1;
        match event {
            Event::Trial(trial) => {
                if !self.trials.contains_key(&trial.id) {
                    *self.per_task.entry(trial.task.to_string()).or_default() += 1;
                }
                self.trials.insert(trial.id.clone(), *trial);
            }
            Event::Call(call) => self.call(&call),
            Event::Session(_) | Event::Lesson(_) | Event::Reuse { .. } => {}
        }
    }

    fn call(&mut self, call: &Call) {
        if !matches!(call.end, CallEnd::Broken { .. }) && !self.finished.insert(call.key.clone()) {
            self.twice += 1;
        }
        let Some(trial) = self.trials.get(&call.trial) else {
            self.strays += 1;
            return;
        };
        // Only the first ask can be told from the trial alone.
        if call.purpose == (Purpose::Subject { turn: 0 }) {
            let asked = CallSpec {
                purpose: call.purpose.clone(),
                messages: trial.messages.clone(),
                sampling: trial.sampling,
                repeat: trial.repeat,
                trial: None,
                options: self.options.clone(),
            };
            if CallKey::of(&call.model, &asked) != call.key {
                self.wrong_keys.push(call.trial.clone());
            }
        }
    }

    fn findings(&self, manifest: &Manifest) -> Vec<Finding> {
        let mut findings = Vec::new();
        if manifest.origin == Origin::Asked {
            findings.push(match self.wrong_keys.first() {
                None => {
                    finding("call keys", State::Ok, "every first ask has the key of what was asked")
                }
                Some(first) => finding(
                    "call keys",
                    State::Broken,
                    format!(
                        "{} calls have another key than their trials, the first {first}",
                        self.wrong_keys.len()
                    ),
                ),
            });
            findings.push(match (self.twice, self.strays) {
                (0, 0) => finding(
                    "calls",
                    State::Ok,
                    format!("{} finished, each once", self.finished.len()),
                ),
                (twice, strays) => finding(
                    "calls",
                    State::Broken,
                    format!("{twice} are recorded twice, {strays} belong to no trial"),
                ),
            });
        }
        for (id, planned) in &manifest.tasks {
            let recorded = self.per_task.get(&id.to_string()).copied().unwrap_or_default();
            let state = if recorded == planned.trials { State::Ok } else { State::Differs };
            let detail = format!("{recorded} of {} planned", planned.trials);
            findings.push(finding(&format!("trials of {id}"), state, detail));
        }
        findings
    }
}

/// How two runs differ: in their manifests field by field, and in the trials they hold.
///
/// # Errors
/// As [`verify`].
pub fn differences(folder: &Path, other: &Path) -> Result<Vec<Finding>, RunError> {
    let (one, two) = (Manifest::read(folder)?, Manifest::read(other)?);
    let mut findings = Vec::new();
    let mut compare = |check: &str, one: String, two: String| {
        let detail = if one == two { one.clone() } else { format!("{one} here, {two} there") };
        let state = if one == two { State::Ok } else { State::Differs };
        findings.push(finding(check, state, detail));
    };
    compare("program", one.program.clone(), two.program.clone());
    compare("subject", one.subject.id.to_string(), two.subject.id.to_string());
    compare("judge", one.judge.name.title().to_owned(), two.judge.name.title().to_owned());
    let asked = |asked: &Asking| asked.in_words().unwrap_or_else(|| "as usual".to_owned());
    compare("subject asked with", asked(&one.subject.asked), asked(&two.subject.asked));
    compare("judge asked with", asked(&one.judge.asked), asked(&two.judge.asked));
    compare("protocol", one.protocol.to_string(), two.protocol.to_string());
    compare("seed", one.seed.to_string(), two.seed.to_string());
    compare("offline rules", one.offline_rules.to_string(), two.offline_rules.to_string());
    let caps = |manifest: &Manifest| manifest.caps.in_words().unwrap_or_else(|| "none".to_owned());
    compare("caps", caps(&one), caps(&two));
    let ids: HashSet<_> = one.tasks.keys().chain(two.tasks.keys()).cloned().collect();
    let mut ids: Vec<_> = ids.into_iter().collect();
    ids.sort();
    for id in ids {
        let part = |manifest: &Manifest, of: fn(&crate::manifest::PlannedTask) -> String| {
            manifest.tasks.get(&id).map_or_else(|| "not asked".to_owned(), of)
        };
        for (what, of) in [
            (
                "version",
                (|task| task.version.to_string()) as fn(&crate::manifest::PlannedTask) -> String,
            ),
            ("task file", |task| task.digest.to_string()),
            ("prompts", |task| task.prompts.to_string()),
            ("items", |task| format!("{} of {}", task.source.records, task.source.dataset)),
            ("trials", |task| task.trials.to_string()),
        ] {
            compare(&format!("{id}: {what}"), part(&one, of), part(&two, of));
        }
    }
    let trials = |folder: &Path| -> Result<HashSet<TrialId>, RunError> {
        let mut ids = HashSet::new();
        journal::scan(&folder.join(journal::FILE), |event, _| {
            if let Event::Trial(trial) = event {
                ids.insert(trial.id);
            }
        })?;
        Ok(ids)
    };
    let (here, there) = (trials(folder)?, trials(other)?);
    let (only_here, only_there) =
        (here.difference(&there).count(), there.difference(&here).count());
    let state = if only_here + only_there == 0 { State::Ok } else { State::Differs };
    let both = here.intersection(&there).count();
    let detail = format!("{both} in both, {only_here} only here, {only_there} only there");
    findings.push(finding("trials", state, detail));
    Ok(findings)
}
