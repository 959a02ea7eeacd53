//! A run as a table of trials, read one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::Peekable;

use trustmh_core::call::{Exchange, Purpose};
use trustmh_core::id::{MeasureName, RubricId, TaskId};
use trustmh_core::row::TrialRow;
use trustmh_core::scorecard::RecordState;
use trustmh_core::scores::{Score, within_task};
use trustmh_core::trial::Flag;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::walk::{Reading, Walk};

use crate::derived::people::judged_by;
use crate::derived::score::ScoredRun;
use crate::error::RunError;
use crate::journal::{Recorded, TrialLeft, TrialRecord};

/// Names of all measures of a run, sorted.
pub fn measures(scored: &ScoredRun) -> Vec<MeasureName> {
    let tables = scored.scores.values();
    let names: BTreeSet<MeasureName> =
        tables.flat_map(|table| table.measure_names().cloned()).collect();
    names.into_iter().collect()
}

/// What was said, in rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// As it was.
    Kept,
    /// Left out, with all that quotes it.
    LeftOut,
}

/// All trials of a run in the order of their names; those that wait are rows without outcome.
///
/// # Errors
/// [`RunError`] for an unreadable journal, or a task the benchmark no longer has.
pub fn rows<'r>(
    benchmark: &'r Benchmark,
    scored: &'r ScoredRun,
    words: Words,
) -> impl Iterator<Item = Result<TrialRow, RunError>> + 'r {
    let mut tables: BTreeMap<&TaskId, Peekable<_>> =
        scored.scores.iter().map(|(id, table)| (id, table.iter().peekable())).collect();
    scored.trials.iter().map(move |recorded| {
        let recorded = recorded?;
        // Both are sorted by name, and every score has its trial.
        let score = tables.get_mut(recorded.task()).and_then(|table| {
            let own = within_task(recorded.id().as_str());
            table.next_if(|score| score.trial() == own)
        });
        let state = scored.scorecard.record.state;
        let row = match recorded {
            TrialRecord::Whole(recorded) => {
                row(&scored.walk(benchmark, &recorded.trial.task)?, &recorded, score, state)?
            }
            TrialRecord::Forgotten(remains) => row_left(remains.trial, score, state),
        };
        Ok(match words {
            Words::Kept => row,
            Words::LeftOut => TrialRow {
                messages: Vec::new(),
                answer: None,
                thought: None,
                reply: None,
                verdicts: Vec::new(),
                judged: BTreeMap::new(),
                ..row
            },
        })
    })
}

/// A trial whose words were forgotten, with its recorded score: no words stand in its row.
fn row_left(trial: TrialLeft, score: Option<Score<'_>>, record: RecordState) -> TrialRow {
    let measures = score.iter().flat_map(|score| score.measures());
    let mut flags: Vec<Flag> = score.map(|score| score.flags().collect()).unwrap_or_default();
    if score.is_none() {
        flags.push(Flag::Forgotten);
    }
    TrialRow {
        record,
        trial: trial.id.to_string(),
        task: trial.task,
        item: trial.item.to_string(),
        variant: trial.variant.label(),
        repeat: trial.repeat,
        language: trial.language,
        cluster: trial.cluster.to_string(),
        outcome: score.map(Score::outcome),
        verdict_missing: score.and_then(|score| Some(score.verdict_missing()?.reason())),
        flags,
        tags: score.map_or(trial.tags, Score::tags),
        measures: measures.map(|(name, value)| (name.clone(), value)).collect(),
        messages: Vec::new(),
        answer: None,
        key: None,
        thought: None,
        reply: None,
        verdicts: Vec::new(),
        judged: BTreeMap::new(),
    }
}

/// A trial and its score as a row.
fn row(
    walk: &Walk<'_>,
    recorded: &Recorded,
    score: Option<Score<'_>>,
    record: RecordState,
) -> Result<TrialRow, RunError> {
    let trial = &recorded.trial;
    let (mut reply, mut thought, mut verdicts) = (None, None, Vec::new());
    for exchange in &recorded.exchanges {
        match exchange.purpose {
            Purpose::Subject { .. } => {
                reply = exchange.text().map(str::to_owned).or(reply);
                thought = exchange.thought().map(|thought| thought.text.clone());
            }
            Purpose::Judge { .. } => verdicts.extend(exchange.text().map(str::to_owned)),
            Purpose::Client { .. } => {}
        }
    }
    // Of a conversation the whole of it, whoever made it; one that was recorded has no calls.
    let turns = walk.messages(trial, &recorded.exchanges);
    if let Some(talk) = walk.talk(trial, &recorded.exchanges) {
        reply = talk.last_reply().map(str::to_owned);
    }
    let Reading { answer, key } = walk.reading(trial, &recorded.exchanges);
    let measures = score.iter().flat_map(|score| score.measures());
    Ok(TrialRow {
        record,
        trial: trial.id.to_string(),
        task: trial.task.clone(),
        item: trial.item.id.to_string(),
        variant: trial.variant.label(),
        repeat: trial.repeat,
        language: trial.item.language.to_string(),
        cluster: trial.cluster().to_string(),
        outcome: score.map(Score::outcome),
        verdict_missing: score.and_then(|score| Some(score.verdict_missing()?.reason())),
        flags: score.map(|score| score.flags().collect()).unwrap_or_default(),
        tags: score.map_or_else(|| trial.item.tags.clone(), Score::tags),
        measures: measures.map(|(name, value)| (name.clone(), value)).collect(),
        messages: turns.unwrap_or_else(|| trial.messages.clone()),
        answer,
        key,
        thought,
        reply,
        verdicts,
        judged: judged_of(walk, recorded)?,
    })
}

/// What the judge is read to say, by rubric and field.
fn judged_of(
    walk: &Walk<'_>,
    recorded: &Recorded,
) -> Result<BTreeMap<RubricId, BTreeMap<String, String>>, RunError> {
    let mut said = BTreeMap::new();
    let asks_judge = |exchange: &Exchange| matches!(exchange.purpose, Purpose::Judge { .. });
    if !recorded.exchanges.iter().any(asks_judge) {
        return Ok(said);
    }
    for rubric in walk.rules.rubrics(&recorded.trial)? {
        let of_rubric = judged_by(walk, rubric, recorded)?;
        if !of_rubric.is_empty() {
            said.insert(rubric.file.id.clone(), of_rubric);
        }
    }
    Ok(said)
}
