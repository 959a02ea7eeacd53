//! What of all that duties may need is in these runs and in the operator's words.

use std::collections::BTreeMap;

use std::collections::BTreeSet;

use trustmh_core::id::{MetricName, TaskId};
use trustmh_core::scorecard::{MetricEstimate, TaskResult, UNANSWERED_RATE};

use super::crisis::{DEPENDENCY, DISCLOSURE, SAYS_AI, WhoseTalks, whose};
use crate::need::{Need, Part};
use trustmh_run::derived::observed::YearOfReferrals;

use crate::pack::{Changes, CheckState, RunEvidence};
use crate::system::SystemFile;

/// All parts and fields that are there.
pub(super) fn at_hand(
    runs: &[RunEvidence],
    system: &SystemFile,
    referrals: Option<&BTreeMap<String, YearOfReferrals>>,
    changes: Option<&Changes>,
) -> BTreeSet<Need> {
    let parts = Part::ALL.iter().copied().filter(|part| has(*part, runs, referrals, changes));
    let groups = system.groups().into_iter().flat_map(|group| group.fields);
    let fields = groups.filter(|field| field.said.is_some_and(|said| !said.is_empty()));
    let fields = fields.filter_map(|field| field.name.parse().ok().map(Need::Field));
    parts.map(Need::Part).chain(fields).collect()
}

/// Whether the part is there.
fn has(
    part: Part,
    runs: &[RunEvidence],
    referrals: Option<&BTreeMap<String, YearOfReferrals>>,
    changes: Option<&Changes>,
) -> bool {
    let of = |whose_talks: WhoseTalks, named: &[&str]| {
        measured(runs).any(|(_, result, name, _)| {
            whose(result) == whose_talks && (named.is_empty() || named.contains(&name.as_str()))
        })
    };
    let observed = |named: &[&str]| of(WhoseTalks::Observed, named);
    match part {
        Part::TestIdentity => !runs.is_empty(),
        Part::Results | Part::Outcomes | Part::Limits => measured(runs).next().is_some(),
        Part::Subgroups => {
            measured(runs).any(|(.., metric)| metric.groups.values().any(|group| group.len() > 1))
        }
        Part::Reliability
        | Part::Crisis
        | Part::Safety
        | Part::Fairness
        | Part::Privacy
        | Part::Robustness
        | Part::Sycophancy
        | Part::Ethics => measured(runs).any(|(id, result, ..)| {
            Some(id.pillar()) == part.pillar() && whose(result) != WhoseTalks::Observed
        }),
        Part::Conversations => of(WhoseTalks::Invented, &[]),
        Part::ObservedCrisis => observed(&[]),
        Part::ObservedReferrals => referrals.is_some(),
        Part::ObservedDisclosure => observed(&DISCLOSURE),
        Part::ObservedDependency => observed(&DEPENDENCY),
        Part::TestedDisclosure => of(WhoseTalks::Invented, &[SAYS_AI]),
        Part::JudgeValidity => measured(runs).any(|(.., metric)| {
            metric.validity.as_ref().is_some_and(|validity| validity.set.is_some())
        }),
        Part::ChangeLog => {
            changes.is_some_and(|found| found.runs.iter().any(|run| !run.changes.is_empty()))
        }
        Part::RecordIntegrity => runs
            .iter()
            .all(|run| run.integrity.checks.iter().all(|check| check.state != CheckState::Broken)),
    }
}

/// All figures of all runs that say something of the subject.
fn measured(
    runs: &[RunEvidence],
) -> impl Iterator<Item = (&TaskId, &TaskResult, &MetricName, &MetricEstimate)> {
    let tasks = runs.iter().flat_map(|run| &run.card.tasks);
    let all = tasks.flat_map(|(id, result)| {
        result.metrics.iter().map(move |(name, metric)| (id, result, name, metric))
    });
    all.filter(|(_, _, name, _)| tells_of_subject(name))
}

/// Figures of how clients were played, which say nothing of the subject.
const OF_CLIENTS: [&str; 3] = ["client_disclosed", "client_repeats", "client_risk_shown"];

/// Whether a figure says something of the subject besides how often it did not answer.
pub(super) fn tells_of_subject(name: &MetricName) -> bool {
    name.as_str() != UNANSWERED_RATE && !OF_CLIENTS.contains(&name.as_str())
}
