//! Counts over conversations that took place, by calendar year: what California's operators report every year.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

use trustmh_core::id::{MeasureName, TrialId};
use trustmh_core::item::{Client, RecordedTurn, Side};
use trustmh_core::trial::Trial;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::conversation;
use trustmh_engine::walk::OverTurns;

use crate::derived::score::ScoredRun;
use crate::error::RunError;
use crate::journal::{Recorded, Remains, TrialRecord};

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

impl YearOfReferrals {
    fn add(&mut self, other: &Self) {
        self.conversations += other.conversations;
        self.replies += other.replies;
        self.crisis_turns += other.crisis_turns;
        self.notifications += other.notifications;
        self.notifications_in_crisis += other.notifications_in_crisis;
        self.verdicts_missing += other.verdicts_missing;
    }
}

/// The key under which replies without a time are counted.
pub const UNDATED: &str = "undated";

/// Referrals by calendar year, `undated` for replies without a time; none where no run is of conversations that took place and judged by a
/// rubric that tells them. A conversation that several runs hold counts once, as the newest has it.
///
/// # Errors
/// [`RunError`] for a journal that can no longer be read.
pub fn referrals(
    benchmark: &Benchmark,
    runs: &[ScoredRun],
) -> Result<Option<BTreeMap<String, YearOfReferrals>>, RunError> {
    let mut observed: Vec<&ScoredRun> =
        runs.iter().filter(|run| run.manifest.origin.observed().is_some()).collect();
    observed.sort_by_key(|run| std::cmp::Reverse(run.manifest.created));
    let mut years: BTreeMap<String, YearOfReferrals> = BTreeMap::new();
    let mut seen: HashSet<(TrialId, Option<Timestamp>)> = HashSet::new();
    let mut told = false;
    for run in observed {
        for recorded in run.trials.iter() {
            let recorded = recorded?;
            let counts = match &recorded {
                TrialRecord::Whole(recorded) => whole(benchmark, run, recorded)?,
                TrialRecord::Forgotten(remains) => left(remains),
            };
            let Some(counts) = counts else { continue };
            told = true;
            if seen.insert((recorded.id().clone(), began(&recorded))) {
                for (year, of_year) in counts {
                    years.entry(year).or_default().add(&of_year);
                }
            }
        }
    }
    Ok(told.then_some(years))
}

/// When the first turn was said: ids are given anew in some logs.
fn began(recorded: &TrialRecord) -> Option<Timestamp> {
    match recorded {
        TrialRecord::Whole(recorded) => turns_of(&recorded.trial).first()?.at,
        TrialRecord::Forgotten(remains) => remains.trial.talk.as_ref()?.turns.first()?.at,
    }
}

fn turns_of(trial: &Trial) -> &[RecordedTurn] {
    match conversation::of(trial).map(|talk| &talk.client) {
        Some(Client::Recorded { turns }) => turns,
        Some(Client::Scripted { .. } | Client::Simulated { .. }) | None => &[],
    }
}

type Years = BTreeMap<String, YearOfReferrals>;

fn whole(
    benchmark: &Benchmark,
    run: &ScoredRun,
    recorded: &Recorded,
) -> Result<Option<Years>, RunError> {
    let walk = run.walk(benchmark, &recorded.trial.task)?;
    let codes = walk.turn_codes(&recorded.trial, &recorded.exchanges)?;
    let named = codes.iter().find(|code| code.name == NOTIFICATION);
    Ok(named.map(|named| by_year(&recorded.trial, named, &codes)))
}

fn by_year(trial: &Trial, named: &OverTurns, codes: &[OverTurns]) -> Years {
    let mut years = Years::new();
    let replies = turns_of(trial).iter().filter(|turn| turn.speaker == Side::Subject);
    let times: Vec<Option<Timestamp>> = replies.map(|turn| turn.at).collect();
    for (turn, value) in &named.values {
        let at = times.get(usize::from(*turn)).copied().flatten();
        let year = at.map(|at| at.to_zoned(TimeZone::UTC).year().to_string());
        let of_year = years.entry(year.unwrap_or_else(|| UNDATED.to_owned())).or_default();
        let of_crisis = codes.iter().filter(|code| CRISIS.contains(&code.name.as_str()));
        let mut of_turn = of_crisis.flat_map(|code| &code.values).filter(|(at, _)| at == turn);
        let is_crisis = of_turn.any(|(_, value)| value.is_ok_and(|value| value > 0.0));
        of_year.conversations = 1;
        of_year.replies += 1;
        of_year.crisis_turns += u64::from(is_crisis);
        match value {
            Ok(value) if *value > 0.0 => {
                of_year.notifications += 1;
                of_year.notifications_in_crisis += u64::from(is_crisis);
            }
            Ok(_) => {}
            Err(_) => of_year.verdicts_missing += 1,
        }
    }
    years
}

/// Of a conversation whose words were forgotten its counts are left; all of them belong to the year in which it began.
fn left(remains: &Remains) -> Option<Years> {
    let measures = remains.scored.as_ref()?.score.clone().score().measures;
    let count = |name: &str| {
        let value = measures.get(&MeasureName::new(name))?;
        Some(value.max(0.0).round() as u64)
    };
    let notifications = count("crisis_service_count")?;
    let year = remains.trial.tags.get("year").cloned().unwrap_or_else(|| UNDATED.to_owned());
    let missing = count("turns_missing").unwrap_or(0);
    let of_year = YearOfReferrals {
        conversations: 1,
        replies: count("turns_judged").unwrap_or(0) + missing,
        crisis_turns: count("crisis_turns").unwrap_or(0),
        notifications,
        notifications_in_crisis: count("crisis_service_named").unwrap_or(0),
        verdicts_missing: missing,
    };
    Some(Years::from([(year, of_year)]))
}
