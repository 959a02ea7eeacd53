//! Results in the form of Every Eval Ever (schema 0.3.0, arXiv 2606.14516), for sharing: one file a run, figures alone and no samples.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use trustmh_core::digest::Digest;
use trustmh_core::id::{MetricName, TaskId};
use trustmh_core::metric::{Direction, IntervalMethod};
use trustmh_core::scorecard::{MetricEstimate, TaskResult};

use crate::error::EvidenceError;
use crate::folder::File;
use crate::pack::{Pack, RunEvidence};

const SCHEMA: &str = "0.3.0";

/// A file for each run.
///
/// # Errors
/// [`EvidenceError::Json`].
pub fn every_eval_ever(pack: &Pack) -> Result<Vec<File>, EvidenceError> {
    pack.runs.iter().map(|run| file(pack, run)).collect()
}

fn file(pack: &Pack, run: &RunEvidence) -> Result<File, EvidenceError> {
    // The same run has the same name whenever it is written.
    let name = uuid::Builder::from_random_bytes(Digest::half(&run.id)).into_uuid();
    let text = serde_json::to_string_pretty(&of_run(pack, run));
    let text = text.map_err(|error| EvidenceError::Json { message: error.to_string() })?;
    let text = trustmh_core::inert::json(&(text + "\n"));
    Ok(File { path: format!("every-eval-ever/{name}.json"), text })
}

fn of_run(pack: &Pack, run: &RunEvidence) -> Value {
    let identity = &run.identity;
    let at = identity.ended.as_ref().unwrap_or(&identity.planned);
    let seconds = at.parse::<Timestamp>().map_or(0, Timestamp::as_second).to_string();
    let model = model_id(pack, run);
    let results = run.card.tasks.iter().flat_map(|(id, result)| {
        let metrics = result.metrics.iter().filter(|(_, metric)| metric.value.is_finite());
        metrics.map(|(name, metric)| of_metric(run, id, result, name, metric))
    });
    json!({
        "schema_version": SCHEMA,
        "evaluation_id": format!("trustmh/{model}/{seconds}"),
        "evaluation_timestamp": at,
        "retrieved_timestamp": seconds,
        "source_metadata": {
            "source_name": "TrustMH",
            "source_type": "evaluation_run",
            "source_organization_name": pack.system.words("system.provider"),
            // Who ran the tests is not known here.
            "evaluator_relationship": "other",
            "additional_details": {
                "run": run.id,
                "record": run.card.record.state.slug(),
                "judge": run.card.judge.title(),
                "protocol": run.card.protocol.to_string(),
            },
        },
        "eval_library": { "name": "trustmh", "version": identity.program },
        "model_info": model_info(&run.card.subject_shown(), &model),
        "evaluation_results": results.collect::<Vec<_>>(),
    })
}

/// `developer/model`; a subject without a slash is the provider's.
fn model_id(pack: &Pack, run: &RunEvidence) -> String {
    let subject = run.card.subject.as_str();
    match subject.contains('/') {
        true => subject.to_owned(),
        false => {
            let provider = pack.system.words("system.provider").unwrap_or_default();
            format!("{}/{subject}", provider.replace('/', "-"))
        }
    }
}

/// A model of which nothing but its name is known.
fn model_info(name: &str, id: &str) -> Value {
    let details = json!({ "deployment_type": "unknown", "model_availability": "unknown" });
    json!({ "name": name, "id": id, "additional_details": details })
}

fn of_metric(
    run: &RunEvidence,
    task: &TaskId,
    result: &TaskResult,
    name: &MetricName,
    metric: &MetricEstimate,
) -> Value {
    let task_name = task.to_string().replace('/', ".");
    json!({
        "evaluation_result_id": format!("{task_name}.{name}"),
        "evaluation_name": format!("trustmh.{task_name}"),
        "source_data": {
            "dataset_name": result.source.dataset.as_str(),
            "source_type": "other",
            "additional_details": data(run, task),
        },
        "metric_config": config(&task_name, result, name, metric, run),
        "score_details": score(metric),
        "generation_config": { "additional_details": { "seed": run.identity.seed.to_string() } },
    })
}

/// The data files with their hashes; all values are texts.
fn data(run: &RunEvidence, task: &TaskId) -> Map<String, Value> {
    let mut details = Map::new();
    if let Some(found) = run.identity.tasks.get(task) {
        details.insert("items".to_owned(), json!(found.items));
        for (file, hash) in &found.data {
            details.insert(format!("blake3 of {file}"), json!(hash));
        }
    }
    details
}

fn config(
    task: &str,
    result: &TaskResult,
    name: &MetricName,
    metric: &MetricEstimate,
    run: &RunEvidence,
) -> Value {
    let (low, high) = metric.range;
    let mut config = json!({
        "evaluation_description": format!("{}: {}", result.title, metric.title),
        "metric_id": format!("trustmh.{task}.{name}"),
        "metric_name": metric.title,
        "lower_is_better": metric.direction == Direction::Lower,
        "score_type": "continuous",
        "min_score": bound(low),
        "max_score": bound(high),
        "additional_details": { "direction": metric.direction.in_words() },
    });
    if let (Some(validity), Some(fields)) = (&metric.validity, config.as_object_mut()) {
        let judge = model_info(&validity.judge, run.card.judge.title());
        let rubric = format!("Rubric {} of TrustMH {}", validity.rubric, run.identity.program);
        fields.insert(
            "llm_scoring".to_owned(),
            json!({
                "judges": [{ "model_info": judge }],
                "input_prompt": rubric,
                "additional_details": { "validity": validity.in_words() },
            }),
        );
    }
    config
}

/// An end of a range; what has no end is a word.
fn bound(end: f64) -> Value {
    match (end.is_finite(), end > 0.0) {
        (true, _) => json!(end),
        (false, true) => json!("Infinity"),
        (false, false) => json!("-Infinity"),
    }
}

fn score(metric: &MetricEstimate) -> Value {
    let mut details = Map::new();
    details.insert("n".to_owned(), json!(metric.n.to_string()));
    details.insert("clusters".to_owned(), json!(metric.clusters.to_string()));
    if let Some(coverage) = metric.coverage {
        details.insert("missing".to_owned(), json!(coverage.missing.to_string()));
        details.insert("lowest_with_missing".to_owned(), json!(coverage.lowest.to_string()));
        details.insert("highest_with_missing".to_owned(), json!(coverage.highest.to_string()));
    }
    let mut uncertainty = json!({ "num_samples": metric.n });
    if let (Some((low, high)), Some(fields)) =
        (metric.low.zip(metric.high), uncertainty.as_object_mut())
    {
        fields.insert(
            "confidence_interval".to_owned(),
            json!({
                "lower": low,
                "upper": high,
                "confidence_level": 0.95,
                "method": metric.method.map_or("not stated", IntervalMethod::title),
            }),
        );
    }
    json!({ "score": metric.value, "details": details, "uncertainty": uncertainty })
}
