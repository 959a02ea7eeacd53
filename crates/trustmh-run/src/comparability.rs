//! What must be alike for the numbers of two runs to stand beside each other.

use std::collections::BTreeMap;

use trustmh_core::id::TaskId;

use crate::manifest::{Manifest, Origin, PlannedTask};
use crate::score::ScoredRun;

/// What decides whether numbers of a task are comparable, by name: two runs with equal keys asked the same prompts
/// about the same data by the same rules, and had the replies judged alike.
pub type Key = BTreeMap<&'static str, String>;

/// The key of one task of a run; none if the run does not have the task.
pub fn key(run: &ScoredRun, task: &TaskId) -> Option<Key> {
    let planned = run.manifest.tasks.get(task)?;
    Some(BTreeMap::from([
        ("protocol", run.scorecard.protocol.to_string()),
        ("asked by", run.manifest.protocol.to_string()),
        ("judge", judge(run)),
        ("task version", planned.version.to_string()),
        ("prompt wording", wording(&run.manifest, planned)),
        ("rubrics", rubrics(planned)),
        ("data", data(&run.manifest, planned)),
        ("caps", caps(&run.manifest)),
    ]))
}

/// What is not alike about a task of two runs, in words.
pub fn differences(one: &ScoredRun, two: &ScoredRun, task: &TaskId) -> Vec<String> {
    let (Some(one), Some(two)) = (key(one, task), key(two, task)) else { return Vec::new() };
    one.iter()
        .filter_map(|(what, value)| {
            let other = two.get(what).filter(|other| *other != value)?;
            Some(format!("{what}: {value} and {other}"))
        })
        .collect()
}

fn judge(run: &ScoredRun) -> String {
    let name = run.scorecard.judge.title();
    match &run.scorecard.judge {
        trustmh_core::scorecard::JudgeName::Offline => {
            format!("{name} version {}", run.manifest.offline_rules)
        }
        // Records name a model without the service it came from.
        _ => {
            let name = name.rsplit('/').next().unwrap_or(name);
            match run.manifest.judge.asked.in_words() {
                Some(asked) => format!("{name} ({asked})"),
                None => name.to_owned(),
            }
        }
    }
}

fn rubrics(planned: &PlannedTask) -> String {
    let short = |digest: &trustmh_core::digest::Digest| -> String {
        digest.as_str().chars().take(8).collect()
    };
    let all: Vec<String> = planned.rubrics.iter().map(short).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(" ") }
}

/// The format of the record that a run's prompts come from, if they are not this program's.
fn recorded(manifest: &Manifest) -> Option<&str> {
    match (&manifest.origin, &manifest.prompts_from) {
        (Origin::Imported { format }, _) => Some(format),
        (Origin::Asked, Some(source)) => Some(&source.format),
        (Origin::Asked, None) => None,
    }
}

/// Some records leave their prompts out, so those of one format count as one wording.
fn wording(manifest: &Manifest, planned: &PlannedTask) -> String {
    match recorded(manifest) {
        Some(format) => format!("as recorded, {format}"),
        None => planned.prompts.as_str().chars().take(12).collect(),
    }
}

/// The set, and the beginning of the hash of each of its files. The files of imported runs are the records
/// themselves, which differ by subject.
fn data(manifest: &Manifest, planned: &PlannedTask) -> String {
    if let Some(format) = recorded(manifest) {
        return format!("{} (as recorded, {format})", planned.source.dataset);
    }
    let files = planned.source.files.iter();
    let files: Vec<String> = files
        .map(|(name, hash)| format!("{name} {}", hash.chars().take(8).collect::<String>()))
        .collect();
    format!("{} ({})", planned.source.dataset, files.join(", "))
}

fn caps(manifest: &Manifest) -> String {
    manifest.caps.in_words().unwrap_or_else(|| "none".to_owned())
}
