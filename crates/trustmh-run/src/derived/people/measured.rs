//! What people's ratings measure, by the rules of the task: their ratings of a reply stand in the place of its judge's verdict.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use trustmh_core::call::{CallEnd, Exchange, Purpose, RecordedAnswer};
use trustmh_core::id::{MeasureName, RubricId};
use trustmh_core::trial::TrialScore;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::rubric::Rubric;
use trustmh_engine::walk::{JudgeRule, Judges, Walk};

use crate::error::RunError;
use crate::journal::Recorded;

/// One person's ratings of one reply: the fields of each rubric.
pub type Ratings = BTreeMap<RubricId, BTreeMap<String, String>>;

/// The measures of the trial that rest on a verdict, as this person's ratings give them; none where their ratings are no whole verdict.
///
/// # Errors
/// [`RunError::Engine`] for a rubric that the benchmark no longer has.
pub fn measured(
    benchmark: &Benchmark,
    walk: &Walk<'_>,
    recorded: &Recorded,
    ratings: &Ratings,
) -> Result<BTreeMap<MeasureName, f64>, RunError> {
    let own: Vec<Exchange> = recorded
        .exchanges
        .iter()
        .filter(|exchange| match exchange.purpose {
            Purpose::Subject { .. } | Purpose::Client { .. } => true,
            Purpose::Judge { .. } => false,
        })
        .cloned()
        .collect();
    let mut judged = own.clone();
    for (id, values) in ratings {
        judged.push(verdict(benchmark.rubric(id)?, values));
    }
    let without = score(walk, recorded, &own)?;
    let mut found = score(walk, recorded, &judged)?.measures;
    found.retain(|name, _| !without.measures.contains_key(name));
    Ok(found)
}

fn score(
    walk: &Walk<'_>,
    recorded: &Recorded,
    exchanges: &[Exchange],
) -> Result<TrialScore, RunError> {
    let by_people = Walk { judges: Judges::all_by(JudgeRule::Model), ..*walk };
    Ok(by_people.score(&recorded.trial, exchanges)?)
}

/// Ratings in the form of a judge's answer.
fn verdict(rubric: &Rubric, values: &BTreeMap<String, String>) -> Exchange {
    let of = |(field, value): (&String, &String)| {
        let is_scale =
            rubric.file.fields.iter().any(|known| known.name == *field && known.scale.is_some());
        let number = value.parse::<i64>().ok().filter(|_| is_scale);
        (field.clone(), number.map_or_else(|| Value::from(value.as_str()), Value::from))
    };
    let object: Map<String, Value> = values.iter().map(of).collect();
    Exchange {
        purpose: Purpose::judge(rubric.file.id.clone()),
        end: CallEnd::Recorded {
            answer: RecordedAnswer::Label(None),
            text: Value::Object(object).to_string(),
            finish: None,
            thought: None,
        },
    }
}
