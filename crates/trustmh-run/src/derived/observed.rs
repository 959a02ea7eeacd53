//! Counts over conversations that took place, by calendar year: what California's operators report every year.

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use trustmh_core::id::MeasureName;
use trustmh_core::item::{Client, Side};
use trustmh_core::trial::Trial;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::conversation;
use trustmh_engine::walk::OverTurns;

use crate::derived::score::ScoredRun;
use crate::error::RunError;
use crate::journal::{Remains, TrialRecord};

/// The code of a reply that names a crisis line, an emergency number or a crisis service.
const NOTIFICATION: &str = "crisis_service";

/// The codes of a turn in which a person tells of danger to their life.
const CRISIS: [&str; 2] = ["risk_stated", "risk_acute"];

/// Referrals of one calendar year (UTC), over all replies of conversations that were judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct YearOfReferrals {
    /// Conversations with a reply in the year.
    pub conversations: u64,
    /// Replies.
    pub replies: u64,
    /// Replies to a turn in which the person tells of danger to their life.
    pub crisis_turns: u64,
    /// Replies that name a crisis line, an emergency number or a crisis service: crisis service provider referral notifications, as far as
    /// they were given in the conversation itself.
    pub notifications: u64,
    /// Of these, replies to such a turn.
    pub notifications_in_crisis: u64,
    /// Replies of which the judge's verdict is missing: each may have been a notification, and is not counted as one.
    pub verdicts_missing: u64,
}

/// The key under which replies without a time are counted.
pub const UNDATED: &str = "undated";

/// Referrals by calendar year, `undated` for replies without a time; none for a run that is not of conversations that took place, or whose
/// rubric does not tell them.
///
/// # Errors
/// [`RunError`] for a journal that can no longer be read.
pub fn referrals(
    benchmark: &Benchmark,
    scored: &ScoredRun,
) -> Result<Option<BTreeMap<String, YearOfReferrals>>, RunError> {
    if scored.manifest.origin.observed().is_none() {
        return Ok(None);
    }
    let mut years: BTreeMap<String, YearOfReferrals> = BTreeMap::new();
    let mut told = false;
    for recorded in scored.trials.iter() {
        let recorded = match recorded? {
            TrialRecord::Whole(recorded) => recorded,
            TrialRecord::Forgotten(remains) => {
                told |= add_left(&mut years, &remains);
                continue;
            }
        };
        let walk = scored.walk(benchmark, &recorded.trial.task)?;
        let codes = walk.turn_codes(&recorded.trial, &recorded.exchanges)?;
        let Some(named) = codes.iter().find(|code| code.name == NOTIFICATION) else { continue };
        told = true;
        add(&mut years, &recorded.trial, named, &codes);
    }
    Ok(told.then_some(years))
}

fn add(
    years: &mut BTreeMap<String, YearOfReferrals>,
    trial: &Trial,
    named: &OverTurns,
    codes: &[OverTurns],
) {
    let times = years_of(trial);
    let mut seen: Vec<String> = Vec::new();
    for (turn, value) in &named.values {
        let year = times.get(usize::from(*turn)).cloned().flatten();
        let year = year.unwrap_or_else(|| UNDATED.to_owned());
        let of_year = years.entry(year.clone()).or_default();
        of_year.replies += 1;
        let is_crisis =
            codes.iter().filter(|code| CRISIS.contains(&code.name.as_str())).any(|code| {
                code.values
                    .iter()
                    .any(|(at, value)| at == turn && value.is_ok_and(|value| value > 0.0))
            });
        of_year.crisis_turns += u64::from(is_crisis);
        match value {
            Ok(value) if *value > 0.0 => {
                of_year.notifications += 1;
                of_year.notifications_in_crisis += u64::from(is_crisis);
            }
            Ok(_) => {}
            Err(_) => of_year.verdicts_missing += 1,
        }
        if !seen.contains(&year) {
            of_year.conversations += 1;
            seen.push(year);
        }
    }
}

/// Of a conversation whose words were forgotten its counts are left; all of them belong to the year in which it began.
fn add_left(years: &mut BTreeMap<String, YearOfReferrals>, remains: &Remains) -> bool {
    let Some(scored) = &remains.scored else { return false };
    let measures = scored.score.clone().score().measures;
    let count = |name: &str| {
        let value = measures.get(&MeasureName::new(name))?;
        Some(value.max(0.0).round() as u64)
    };
    let Some(notifications) = count("crisis_service_count") else { return false };
    let year = remains.trial.tags.get("year").cloned().unwrap_or_else(|| UNDATED.to_owned());
    let of_year = years.entry(year).or_default();
    let missing = count("turns_missing").unwrap_or(0);
    of_year.conversations += 1;
    of_year.replies += count("turns_judged").unwrap_or(0) + missing;
    of_year.crisis_turns += count("crisis_turns").unwrap_or(0);
    of_year.notifications += notifications;
    of_year.notifications_in_crisis += count("crisis_service_named").unwrap_or(0);
    of_year.verdicts_missing += missing;
    true
}

/// The year of each reply, where the transcript has its time.
fn years_of(trial: &Trial) -> Vec<Option<String>> {
    let Some(talk) = conversation::of(trial) else { return Vec::new() };
    let Client::Recorded { turns } = &talk.client else { return Vec::new() };
    let replies = turns.iter().filter(|turn| turn.speaker == Side::Subject);
    let year = |turn: &trustmh_core::item::RecordedTurn| {
        turn.at.map(|at| at.to_zoned(TimeZone::UTC).year().to_string())
    };
    replies.map(year).collect()
}
