//! How two runs differ.

use std::collections::BTreeSet;
use std::path::Path;

use trustmh_core::call::{CallEnd, Exchange, Purpose};
use trustmh_core::id::TrialId;
use trustmh_core::request::Asking;
use trustmh_engine::benchmark::Benchmark;

use crate::derived::score::{ScoredRun, score};
use crate::error::RunError;
use crate::integrity::finding::{Finding, State, finding};
use crate::journal::{Recorded, TrialRecord, Trials};
use crate::manifest::{Manifest, PlannedTask};

/// How two runs differ: in their manifests field by field, in the trials they hold, in what was replied to each, and in their scores.
///
/// # Errors
/// [`RunError`] if one of them cannot be read or scored.
pub fn differences(
    benchmark: &Benchmark,
    folder: &Path,
    other: &Path,
) -> Result<Vec<Finding>, RunError> {
    let (one, two) = (Manifest::read(folder)?, Manifest::read(other)?);
    let mut findings = of_manifests(&one, &two);
    let (here, there) = (scored(benchmark, folder)?, scored(benchmark, other)?);
    findings.extend(Replies::of(&here.trials, &there.trials)?.findings());
    findings.push(of_scores(&here, &there));
    Ok(findings)
}

fn scored(benchmark: &Benchmark, folder: &Path) -> Result<ScoredRun, RunError> {
    score(benchmark, folder, None, None)
}

fn of_manifests(one: &Manifest, two: &Manifest) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut compare = |check: &str, one: String, two: String| {
        let detail = if one == two { one.clone() } else { format!("{one} here, {two} there") };
        let state = if one == two { State::Ok } else { State::Differs };
        findings.push(finding(check, state, detail));
    };
    compare("program", one.program.clone(), two.program.clone());
    compare("subject", one.subject.shown(), two.subject.shown());
    compare("judge", one.judge.name.title().to_owned(), two.judge.name.title().to_owned());
    let asked = |asked: &Asking| asked.in_words().unwrap_or_else(|| "as usual".to_owned());
    compare("subject asked with", asked(&one.subject.asked), asked(&two.subject.asked));
    compare("judge asked with", asked(&one.judge.asked), asked(&two.judge.asked));
    compare("protocol", one.protocol.to_string(), two.protocol.to_string());
    compare("repeats", one.repeats.to_string(), two.repeats.to_string());
    compare("seed", one.seed.to_string(), two.seed.to_string());
    compare("offline rules", one.offline_rules.to_string(), two.offline_rules.to_string());
    let caps = |manifest: &Manifest| manifest.caps.in_words().unwrap_or_else(|| "none".to_owned());
    compare("caps", caps(one), caps(two));
    let ids: BTreeSet<_> = one.tasks.keys().chain(two.tasks.keys()).cloned().collect();
    for id in ids {
        let part = |manifest: &Manifest, of: fn(&PlannedTask) -> String| {
            manifest.tasks.get(&id).map_or_else(|| "not asked".to_owned(), of)
        };
        for (what, of) in [
            ("version", (|task| task.version.to_string()) as fn(&PlannedTask) -> String),
            ("task file", |task| task.digest.to_string()),
            ("prompts", |task| task.prompts.to_string()),
            ("items", |task| format!("{} of {}", task.source.records, task.source.dataset)),
            ("trials", |task| task.trials.to_string()),
        ] {
            compare(&format!("{id}: {what}"), part(one, of), part(two, of));
        }
    }
    findings
}

/// The replies of two runs, trial by trial.
#[derive(Default)]
struct Replies {
    both: u64,
    only_here: u64,
    only_there: u64,
    /// Trials of both whose words were forgotten in one of them, or in both.
    forgotten: u64,
    /// Trials that ask something else under the same name.
    prompts: Differing,
    /// Trials of which a reply of the subject differs, or is there in one run only.
    replies: Differing,
    /// The same of judges.
    verdicts: Differing,
}

#[derive(Default)]
struct Differing {
    count: u64,
    first: Option<TrialId>,
}

impl Differing {
    fn note(&mut self, trial: &TrialId) {
        self.first.get_or_insert_with(|| trial.clone());
        self.count += 1;
    }

    fn finding(&self, check: &str, of: u64) -> Finding {
        match &self.first {
            None => finding(check, State::Ok, format!("the same in all {of} trials of both")),
            Some(first) => finding(
                check,
                State::Differs,
                format!("differ in {} of {of} trials of both, the first {first}", self.count),
            ),
        }
    }
}

impl Replies {
    /// Both runs are sorted by the trials' names, so one pass over both does.
    fn of(here: &Trials, there: &Trials) -> Result<Self, RunError> {
        let mut found = Self::default();
        let (mut ours, mut theirs) = (here.iter(), there.iter());
        let mut next = (ours.next().transpose()?, theirs.next().transpose()?);
        loop {
            next = match next {
                (None, None) => return Ok(found),
                (Some(_), None) => {
                    found.only_here += 1;
                    (ours.next().transpose()?, None)
                }
                (None, Some(_)) => {
                    found.only_there += 1;
                    (None, theirs.next().transpose()?)
                }
                (Some(one), Some(two)) if one.id() < two.id() => {
                    found.only_here += 1;
                    (ours.next().transpose()?, Some(two))
                }
                (Some(one), Some(two)) if one.id() > two.id() => {
                    found.only_there += 1;
                    (Some(one), theirs.next().transpose()?)
                }
                (Some(one), Some(two)) => {
                    found.pair(&one, &two);
                    (ours.next().transpose()?, theirs.next().transpose()?)
                }
            };
        }
    }

    fn pair(&mut self, one: &TrialRecord, two: &TrialRecord) {
        self.both += 1;
        match (one, two) {
            (TrialRecord::Whole(one), TrialRecord::Whole(two)) => self.words(one, two),
            (TrialRecord::Forgotten(_), _) | (_, TrialRecord::Forgotten(_)) => self.forgotten += 1,
        }
    }

    fn words(&mut self, one: &Recorded, two: &Recorded) {
        let id = &one.trial.id;
        if one.trial != two.trial {
            self.prompts.note(id);
        }
        if said(one, Side::Subject) != said(two, Side::Subject) {
            self.replies.note(id);
        }
        if said(one, Side::Judge) != said(two, Side::Judge) {
            self.verdicts.note(id);
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let Self { both, only_here, only_there, .. } = self;
        let state = if only_here + only_there == 0 { State::Ok } else { State::Differs };
        let detail = format!("{both} in both, {only_here} only here, {only_there} only there");
        let said = self.both - self.forgotten;
        let mut findings = vec![
            finding("trials", state, detail),
            self.prompts.finding("what is asked", said),
            self.replies.finding("replies", said),
            self.verdicts.finding("judges' replies", said),
        ];
        if self.forgotten > 0 {
            let detail = format!(
                "the words of {} of {both} trials of both were forgotten and cannot be compared",
                self.forgotten
            );
            findings.push(finding("forgotten", State::Differs, detail));
        }
        findings
    }
}

/// Who spoke.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Subject,
    Judge,
}

/// What one side said in a trial: purposes and texts, without counts and times.
fn said(recorded: &Recorded, side: Side) -> Vec<(&Purpose, Option<&str>)> {
    let of_side = |exchange: &&Exchange| {
        let is_subject = matches!(exchange.purpose, Purpose::Subject { .. });
        is_subject == (side == Side::Subject)
    };
    recorded.exchanges.iter().filter(of_side).map(text).collect()
}

fn text(exchange: &Exchange) -> (&Purpose, Option<&str>) {
    let text = match &exchange.end {
        CallEnd::Replied(reply) => Some(reply.text.as_str()),
        CallEnd::Recorded { .. } | CallEnd::Broken { .. } => None,
    };
    (&exchange.purpose, text)
}

/// Whether all metrics of both have the same values.
fn of_scores(here: &ScoredRun, there: &ScoredRun) -> Finding {
    let (ours, theirs) = (&here.scorecard.tasks, &there.scorecard.tasks);
    let mut same = 0_u64;
    let mut differing = Vec::new();
    for (id, result) in ours {
        let Some(other) = theirs.get(id) else { continue };
        for (name, metric) in &result.metrics {
            match other.metrics.get(name) {
                Some(there) if there.value.total_cmp(&metric.value).is_eq() => same += 1,
                Some(there) => differing.push(format!(
                    "{id} {name} {:.4} here, {:.4} there",
                    metric.value, there.value
                )),
                None => differing.push(format!("{id} {name} only here")),
            }
        }
    }
    if differing.is_empty() {
        return finding("scores", State::Ok, format!("the same in all {same} metrics of both"));
    }
    let count = differing.len();
    differing.truncate(5);
    let more = if count > 5 { format!("; and {} more", count - 5) } else { String::new() };
    let detail = format!("{count} metrics differ: {}{more}", differing.join("; "));
    finding("scores", State::Differs, detail)
}
