//! Runs, a framework and the operator's words become a pack.

mod at_hand;
mod changes;
mod crisis;
mod findings;
mod identity;
mod integrity;
mod limits;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use trustmh_core::scorecard::{ItemOrigin, RecordState, Scorecard};
use trustmh_core::validity::Level;
use trustmh_engine::benchmark::Benchmark;
use trustmh_run::derived::observed::YearOfReferrals;
use trustmh_run::derived::score::ScoredRun;
use trustmh_run::integrity::finding::Finding;
use trustmh_run::journal::Mark;

use crate::error::EvidenceError;
use crate::framework::Framework;
use crate::need::Need;
use crate::pack::{
    AnsweredDuty, AnsweredMethod, CheckState, FORMAT, Head, Missing, Pack, RunEvidence,
};
use crate::status::{Answer, of_duty, of_method};
use crate::system::SystemFile;

/// A run with the folder it lies in.
#[derive(Debug, Clone, Copy)]
pub struct GivenRun<'g> {
    /// The run with its scores.
    pub scored: &'g ScoredRun,
    /// Its folder.
    pub folder: &'g Path,
    /// How the files of the bundle it came in stand to their hashes, if it came in one.
    pub bundle: Option<&'g Finding>,
}

/// All that a pack is made of.
#[derive(Debug)]
pub struct Given<'g> {
    /// What it is for.
    pub framework: Framework,
    /// What the operator says.
    pub system: SystemFile,
    /// The runs.
    pub runs: Vec<GivenRun<'g>>,
    /// An earlier run that they are compared with.
    pub baseline: Option<&'g ScoredRun>,
    /// Referrals by calendar year, where there are transcripts.
    pub referrals: Option<BTreeMap<String, YearOfReferrals>>,
}

/// The pack. Its runs are in the order of their ids, whatever order they were given in.
///
/// # Errors
/// [`EvidenceError::Twice`] for a run that is given twice; [`EvidenceError::Run`] for one that cannot be read or compared.
pub fn gather(benchmark: &Benchmark, given: Given<'_>) -> Result<Pack, EvidenceError> {
    let Given { framework, system, runs: given_runs, baseline, referrals } = given;
    let runs = runs(benchmark, given_runs.clone())?;
    if let Some(run) = baseline.map(|run| run.manifest.id.to_string())
        && runs.iter().any(|other| other.id == run)
    {
        return Err(EvidenceError::Twice { run });
    }
    let cards = || runs.iter().map(|run| &run.card);
    let changes = match baseline {
        Some(baseline) => Some(changes::changes(benchmark, baseline, sorted(given_runs))?),
        None => None,
    };
    let at_hand = at_hand::at_hand(&runs, &system, referrals.as_ref(), changes.as_ref());
    let duties: Vec<AnsweredDuty> = framework.duties.iter().map(|d| duty(d, &at_hand)).collect();
    let methods = framework.methods.iter().map(|m| method(m, &at_hand)).collect();
    Ok(Pack {
        pack: FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        statement: statement(&framework),
        date: newest(&runs),
        read_first: read_first(&runs),
        missing: missing(&framework, &at_hand),
        found: findings::found(&runs, changes.as_ref()),
        crisis: crisis::figures(&runs),
        limits: limits::limits(&runs),
        adverse: limits::adverse(cards()),
        framework: head(framework),
        duties,
        methods,
        system,
        referrals,
        changes,
        runs,
    })
}

fn sorted(mut runs: Vec<GivenRun<'_>>) -> Vec<&ScoredRun> {
    runs.sort_by(|one, other| one.scored.manifest.id.cmp(&other.scored.manifest.id));
    runs.into_iter().map(|run| run.scored).collect()
}

fn runs(
    benchmark: &Benchmark,
    given: Vec<GivenRun<'_>>,
) -> Result<Vec<RunEvidence>, EvidenceError> {
    let mut runs: BTreeMap<String, RunEvidence> = BTreeMap::new();
    for run in given {
        let id = run.scored.manifest.id.to_string();
        if runs.contains_key(&id) {
            return Err(EvidenceError::Twice { run: id });
        }
        let evidence = RunEvidence {
            identity: identity::identity(run.scored),
            card: card(run, &id),
            integrity: integrity::integrity(benchmark, run, &id)?,
            id: id.clone(),
        };
        runs.insert(id, evidence);
    }
    Ok(runs.into_values().collect())
}

/// The scorecard, which names the run and not where it lies.
fn card(run: GivenRun<'_>, id: &str) -> Scorecard {
    let mut card = run.scored.scorecard.clone();
    let given = std::mem::replace(&mut card.run, id.to_owned());
    let places = [run.folder.display().to_string(), given];
    let own = card.caveats.iter_mut().chain(card.record.note.as_mut());
    for text in own.chain(card.tasks.values_mut().flat_map(|task| &mut task.caveats)) {
        *text = without_places(text, &places, id);
    }
    card
}

/// The text with every mention of where a run lies replaced by the run's id.
fn without_places(text: &str, places: &[String], id: &str) -> String {
    places.iter().fold(text.to_owned(), |text, place| {
        // A bare name could be a word of the text; before a slash it is a folder's.
        match place.contains(['/', '\\']) {
            true => text.replace(place.as_str(), id),
            false => text.replace(&format!("{place}/"), &format!("{id}/")),
        }
    })
}

/// The day on which a run ended, or was planned where it has not.
fn day(run: &ScoredRun) -> Date {
    let sessions = &run.trials.sessions;
    let ended = sessions.iter().rev().find(|session| session.mark != Mark::Began);
    let at = ended.map_or(run.manifest.created, |session| session.at);
    at.to_zoned(TimeZone::UTC).date()
}

fn newest(runs: &[RunEvidence]) -> Date {
    let at = |run: &RunEvidence| {
        let text = run.identity.ended.as_ref().unwrap_or(&run.identity.planned);
        text.parse::<jiff::Timestamp>().ok().map(|at| at.to_zoned(TimeZone::UTC).date())
    };
    runs.iter().filter_map(at).max().unwrap_or_default()
}

fn statement(framework: &Framework) -> String {
    format!(
        "Evidence, not a certification. It does not say that the system complies with {}. It shows what was measured, what the operator \
         states, and what is left for the operator to show.",
        framework.title
    )
}

fn head(framework: Framework) -> Head {
    Head {
        id: framework.id,
        title: framework.title,
        kind: framework.kind,
        jurisdiction: framework.jurisdiction,
        source: framework.source,
        url: framework.url,
        version: framework.version,
        in_force: framework.in_force,
        read_on: framework.read_on,
        applies: framework.applies.trim().to_owned(),
        not_proved: framework.not_proved,
    }
}

fn duty(duty: &crate::framework::Duty, at_hand: &BTreeSet<Need>) -> AnsweredDuty {
    let Answer { status, reason, at_hand, missing } = of_duty(duty, at_hand);
    AnsweredDuty {
        id: duty.id.clone(),
        section: duty.section.clone(),
        title: duty.title.clone(),
        says: duty.says.trim().to_owned(),
        since: duty.since,
        note: duty.note.as_ref().map(|note| note.trim().to_owned()),
        status,
        reason,
        at_hand,
        missing,
    }
}

fn method(method: &crate::framework::Method, at_hand: &BTreeSet<Need>) -> AnsweredMethod {
    let Answer { status, reason, at_hand, missing } = of_method(method, at_hand);
    AnsweredMethod {
        id: method.id.clone(),
        title: method.title.clone(),
        about: method.about.trim().to_owned(),
        note: method.note.as_ref().map(|note| note.trim().to_owned()),
        status,
        reason,
        at_hand,
        missing,
    }
}

/// What the framework asks for and is not at hand.
fn missing(framework: &Framework, at_hand: &BTreeSet<Need>) -> Missing {
    let duties = framework.duties.iter().flat_map(|duty| &duty.needs);
    let methods = framework.methods.iter().flat_map(|method| &method.needs);
    let asked: BTreeSet<&Need> = duties.chain(methods).collect();
    let mut missing = Missing::default();
    for need in asked.into_iter().filter(|need| !at_hand.contains(need)) {
        match need {
            Need::Part(part) => {
                missing.parts.insert(*part, part.remedy().to_owned());
            }
            Need::Field(field) => missing.fields.push(field.clone()),
        }
    }
    missing
}

/// What must be read before anything else.
fn read_first(runs: &[RunEvidence]) -> Vec<String> {
    let mut first = Vec::new();
    for run in runs {
        let broken = run.integrity.checks.iter().filter(|one| one.state == CheckState::Broken);
        first.extend(broken.map(|one| {
            format!("DAMAGED. The record of run {} is not intact: {}.", run.id, one.detail)
        }));
    }
    for run in runs.iter().filter(|run| run.card.record.state != RecordState::Complete) {
        let note = run.card.record.note.as_deref().unwrap_or("its record is not whole");
        first.push(format!("INCOMPLETE. Run {}: {note}", run.id));
    }
    let subjects: BTreeSet<String> = runs.iter().map(|run| run.card.subject_shown()).collect();
    if subjects.len() > 1 {
        let named: Vec<String> = subjects.into_iter().collect();
        first.push(format!(
            "The runs are of {} subjects: {}. That all of them are the system described here is the operator's statement.",
            named.len(),
            named.join(", ")
        ));
    }
    let tasks = || runs.iter().flat_map(|run| &run.card.tasks);
    let starter: BTreeSet<String> = tasks()
        .filter(|(_, result)| result.source.origin == ItemOrigin::Starter)
        .map(|(id, _)| id.to_string())
        .collect();
    if !starter.is_empty() {
        let named: Vec<String> = starter.into_iter().collect();
        first.push(format!(
            "Starter items show how the program works; figures on them are no evidence about a system: {}.",
            named.join(", ")
        ));
    }
    let judged = || {
        let metrics = tasks().flat_map(|(_, result)| result.metrics.values());
        metrics.filter_map(|metric| metric.validity.as_ref())
    };
    let validated = judged().filter(|one| one.level == Level::Validated).count();
    let all = judged().count();
    if validated < all {
        first.push(format!(
            "Of {all} judged figures {validated} come from a judge that is validated against people for its rubric."
        ));
    }
    first
}
