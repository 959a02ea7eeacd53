//! PsyLeak answers as the TrustMH-Bench release recorded them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use trustmh_core::call::Sampling;
use trustmh_core::id::ItemId;
use trustmh_core::item::{Item, ItemContent, Secret};
use trustmh_core::trial::{LeakQuestion, Variant};

use super::batch::{Asked, Batch, Source};
use super::path::{Output, Part, inner};
use super::reply::{subject, text_only};
use super::{Prompts, RecordFormat, RecordedRun};
use crate::error::{DataError, Place};
use crate::slug::slug;
use crate::story::{self, Layout};
use crate::table;

/// PsyLeak answers of that release: `outputs_<model>_data_tier_3_*.jsonl`.
pub(super) const FORMAT: RecordFormat = RecordFormat {
    name: "trustmh-privacy-tier3",
    file_names: "outputs_<model>_data_tier_3_<...>.jsonl",
    example: "outputs_model_data_tier_3_n.jsonl",
    prompts: Prompts::OfThePublication,
    part,
    read: |outputs, _| read(outputs),
};

/// What ends the model in file names.
const TIER: &str = "_data_tier_3";

fn part(file: &str) -> Option<Part> {
    if let Some(named) = inner(file, "outputs_", ".jsonl") {
        return named.split_once(TIER).map(|(model, _)| Part::outputs(model));
    }
    let (model, _) = inner(file, "summary_", ".csv")?.split_once(TIER)?;
    Some(Part::beside(model))
}

const SCENARIOS: u32 = 100;

/// What the release put behind the yes/no question.
const YES_NO: &str = " Answer yes or no.";

const UNKNOWN_SAMPLING: Sampling =
    Sampling { temperature: 0.0, max_tokens: 0, seed: None, thinking_tokens: None };

#[derive(Deserialize)]
struct Row {
    response: Option<String>,
    input: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    scenario_idx: u32,
    topic: String,
    oblivious_agent_relation: String,
    reveal_reason: String,
    subject_agent: String,
    aware_agent: String,
    oblivious_agent: String,
    text: String,
    question: String,
    question_type: String,
}

fn read(outputs: &[Output]) -> Result<Vec<RecordedRun>, DataError> {
    let mut batch = Batch::new("privacy/leakage", "psyleak")?;
    for output in outputs {
        let source = Source::read(&output.path, &output.file)?;
        let rows = source.json_lines::<Row>()?;
        let run = batch.run(&output.model);
        if run.claim(&source) {
            let figures = figures(run, output)?;
            run.recorded.extend(figures);
            read_rows(run, rows)?;
        }
    }
    Ok(batch.finish())
}

fn read_rows(run: &mut RecordedRun, rows: Vec<(Place, Row)>) -> Result<(), DataError> {
    let mut asked: Vec<(Variant, ItemId, Row)> = Vec::with_capacity(rows.len());
    let mut used: BTreeSet<(ItemId, &'static str)> = BTreeSet::new();
    let mut questions: BTreeMap<ItemId, String> = BTreeMap::new();
    for (place, row) in rows {
        let question = question(&row.data.question_type).ok_or_else(|| {
            let known = LeakQuestion::ALL.map(LeakQuestion::slug).join(", ");
            DataError::value(place, "question_type", &row.data.question_type, known)
        })?;
        let mut id = format!("psyleak-{:03}", row.data.scenario_idx);
        while !used.insert((ItemId::new(id.clone()), question.slug())) {
            id.push_str("-again");
        }
        let id = ItemId::new(id);
        if question == LeakQuestion::Control {
            let asked = row.data.question.strip_suffix(YES_NO).unwrap_or(&row.data.question);
            questions.insert(id.clone(), asked.to_owned());
        }
        asked.push((Variant::Question(question), id, row));
    }
    run.source.warnings.push(
        "the record does not say how replies were drawn; temperature and token limit stand at 0"
            .to_owned(),
    );
    run.source.warnings.extend(gaps(asked.iter().map(|(_, _, row)| row.data.scenario_idx)));
    let mut unsplit = 0_usize;
    for (variant, id, row) in asked {
        let question = questions.get(&id).cloned();
        run.push(Asked {
            item: item(id, row.data, question, &mut unsplit),
            variant,
            prompt: Some(row.input),
            sampling: UNKNOWN_SAMPLING,
            exchanges: vec![subject(text_only(row.response))],
            judge_prompt: None,
        });
    }
    if unsplit > 0 {
        run.source.warnings.push(format!(
            "{unsplit} stories could not be cut into disclosure and situation; both hold the whole story"
        ));
    }
    Ok(())
}

fn question(slug: &str) -> Option<LeakQuestion> {
    slug.parse().ok()
}

fn item(id: ItemId, data: Data, control_question: Option<String>, unsplit: &mut usize) -> Item {
    let parts = story::parts(&data.text, Layout::Flat, &data.aware_agent);
    *unsplit += usize::from(parts.is_none());
    let (disclosure, counsel, situation) = match parts {
        Some(parts) => (parts.disclosure, parts.counsel, parts.situation),
        None => (data.text.clone(), None, data.text.clone()),
    };
    let tags = [
        ("topic", slug(&data.topic)),
        ("relation", slug(&data.oblivious_agent_relation)),
        ("purpose", slug(&data.reveal_reason)),
    ];
    Item {
        id,
        language: "en".to_owned(),
        tags: tags.map(|(facet, value)| (facet.to_owned(), value)).into(),
        content: ItemContent::Secret(Secret {
            topic: data.topic,
            client: data.subject_agent,
            counselor: data.aware_agent,
            third_party: data.oblivious_agent,
            relation: data.oblivious_agent_relation,
            purpose: data.reveal_reason,
            disclosure,
            counsel,
            situation,
            story: Some(data.text),
            control_question,
            key_facts: Vec::new(),
        }),
    }
}

/// Says which scenarios are there more than once, and which are not.
fn gaps(scenarios: impl Iterator<Item = u32>) -> Vec<String> {
    let mut rows: BTreeMap<u32, usize> = BTreeMap::new();
    for scenario in scenarios {
        *rows.entry(scenario).or_default() += 1;
    }
    let doubled = rows.iter().filter(|(_, rows)| **rows > LeakQuestion::ALL.len());
    let doubled: Vec<u32> = doubled.map(|(scenario, _)| *scenario).collect();
    let missing: Vec<u32> = (0..SCENARIOS).filter(|one| !rows.contains_key(one)).collect();
    let short = rows.iter().filter(|(_, rows)| **rows < LeakQuestion::ALL.len());
    let short: Vec<u32> = short.map(|(scenario, _)| *scenario).collect();
    let mut warnings = Vec::new();
    for (which, what, note) in [
        (doubled, "recorded more than once", "; ids of what comes again end in `-again`"),
        (missing, "missing", ""),
        (short, "with fewer than four questions", ""),
    ] {
        if !which.is_empty() {
            let count = which.len();
            warnings.push(format!("scenarios {what}: {count} (number {}){note}", listed(&which)));
        }
    }
    warnings
}

fn listed(scenarios: &[u32]) -> String {
    const MOST: usize = 8;
    let numbers = scenarios.iter().take(MOST).map(u32::to_string).collect::<Vec<_>>().join(", ");
    if scenarios.len() > MOST { format!("{numbers} and more") } else { numbers }
}

/// The figures of the summary beside the outputs, where there is one.
fn figures(run: &mut RecordedRun, output: &Output) -> Result<BTreeMap<String, f64>, DataError> {
    let mut figures = BTreeMap::new();
    let Some(name) = summary_name(output) else { return Ok(figures) };
    let Some(summary) = Source::beside(&output.path, &name)? else { return Ok(figures) };
    run.claim(&summary);
    for row in table::read(&name, &summary.bytes, ["q_type", "metric", "mean"])? {
        let [question, metric, mean] = row.texts();
        let value = mean.trim().parse().map_err(|_| {
            DataError::value(Place::line(&name, row.line), "mean", &mean, "a number")
        })?;
        let metric = metric.trim().replace('-', "_");
        let metric = match question.trim() {
            "free-response" => metric,
            other => format!("{}_{metric}", other.replace('-', "_")),
        };
        figures.insert(metric, value);
    }
    Ok(figures)
}

fn summary_name(output: &Output) -> Option<String> {
    let stem = output.file.strip_prefix("outputs_")?.strip_suffix(".jsonl")?;
    let (model, rest) = stem.split_once(TIER)?;
    let rest = rest.split_once("_q_").map_or(rest, |(before, _)| before);
    Some(format!("summary_{model}{TIER}{rest}.csv"))
}
