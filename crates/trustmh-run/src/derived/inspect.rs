//! A run's task as a log of Inspect AI, version 2 of its form: what both mean alike stands where Inspect looks for it, and each
//! sample carries the whole trial, so that the log can be imported again.

use serde_json::{Map, Value, json};

use trustmh_core::call::{CallEnd, Exchange, Finish, Purpose};
use trustmh_core::id::TaskId;
use trustmh_core::item::ItemContent;
use trustmh_core::message::{Message, Role};
use trustmh_core::scorecard::{RecordState, Scorecard, TaskResult};
use trustmh_core::trial::{Trial, TrialScore};
use trustmh_data::record::{OwnPlan, OwnTerms};

use crate::journal::Recorded;
use crate::manifest::Manifest;

/// The head of a task's log, without samples. A task with trials that wait is `cancelled`, as Inspect calls it.
pub fn head(manifest: &Manifest, card: &Scorecard, id: &TaskId, result: &TaskResult) -> Value {
    let scores: Vec<Value> = result
        .metrics
        .iter()
        .map(|(name, found)| {
            json!({
                "name": name,
                "scorer": "trustmh",
                "metrics": { "estimate": {
                    "name": "estimate",
                    "value": found.value,
                    "metadata": {
                        "low": found.low, "high": found.high, "n": found.n, "clusters": found.clusters,
                        "direction": found.direction, "primary": found.primary,
                        "validity": found.validity,
                    },
                } },
            })
        })
        .collect();
    let created = manifest.created.to_string();
    json!({
        "version": 2,
        // Inspect's own word for a log that is not all there.
        "status": match card.record.state {
            RecordState::Complete => "success",
            RecordState::Incomplete | RecordState::Repaired => "cancelled",
        },
        "eval": {
            "eval_id": format!("{}-{}", manifest.id, slug(id)),
            "run_id": manifest.id,
            "created": created,
            "task": id.to_string(),
            "task_id": slug(id),
            "task_version": manifest.tasks.get(id).map_or(0, |task| task.version),
            "dataset": { "name": result.source.dataset, "samples": result.n },
            "model": manifest.subject.id,
            "config": {},
            "packages": { "trustmh": manifest.program },
            "metadata": {
                "protocol": card.protocol, "judge": card.judge.title(), "seed": manifest.seed,
                "record": card.record, "caveats": result.caveats, "plan": manifest.plan_hash,
                "trustmh": OwnTerms {
                    judge: card.judge.clone(),
                    client: manifest.client_name(),
                    seed: manifest.seed,
                    source: result.source.clone(),
                    plan: plan(manifest, id),
                },
            },
        },
        "plan": { "name": "plan", "steps": [], "config": {} },
        "results": {
            "total_samples": result.n + result.pending,
            "completed_samples": result.n,
            "scores": scores,
        },
        "stats": { "started_at": created, "completed_at": created, "model_usage": {} },
    })
}

/// What was to be asked, so that what has no sample is missed where the log is read; none of a record whose rounds are not alike.
fn plan(manifest: &Manifest, id: &TaskId) -> Option<OwnPlan> {
    let planned = manifest.tasks.get(id)?;
    let rounds = u64::from(manifest.repeats.get());
    planned.trials.is_multiple_of(rounds).then(|| OwnPlan {
        trials: planned.trials / rounds,
        repeats: Some(manifest.repeats),
        names: None,
        caps: manifest.caps.clone(),
        other_languages: planned.other_languages,
    })
}

/// The name of a task's log, and of a sample's entry in it.
pub fn slug(id: &TaskId) -> String {
    id.to_string().replace('/', "-")
}

/// A sample: one trial. `turns` is all that was said in a conversation, as the subject has it; none of any other trial.
pub fn sample(
    manifest: &Manifest,
    recorded: &Recorded,
    score: &TrialScore,
    turns: Option<&[Message]>,
) -> Value {
    let trial = &recorded.trial;
    let subject = |exchange: &&Exchange| matches!(exchange.purpose, Purpose::Subject { .. });
    let last = recorded.exchanges.iter().rev().find(subject);
    let reply = last.and_then(Exchange::text);
    let begins = turns.map_or(trial.messages.len(), |turns| {
        // A conversation begins with what stands above it and the first words of the client.
        turns.iter().position(|turn| turn.role == Role::Assistant).unwrap_or(turns.len())
    });
    let all = turns.unwrap_or(&trial.messages);
    let input = all.get(..begins).unwrap_or(all);
    let mut messages: Vec<Value> = all.iter().map(message).collect();
    messages.extend(
        reply
            .filter(|_| turns.is_none())
            .map(|text| json!({ "role": "assistant", "content": text, "source": "generate" })),
    );
    let measures: Map<String, Value> = score
        .measures
        .iter()
        .map(|(name, value)| (name.to_string(), json!({ "value": value })))
        .collect();
    let judge = manifest.judge.name.model();
    let mut sample = json!({
        "id": sample_id(trial),
        "epoch": trial.repeat + 1,
        "input": input.iter().map(message).collect::<Vec<_>>(),
        "target": target(trial),
        "messages": messages,
        "output": output(manifest, last),
        "scores": measures,
        "metadata": {
            "outcome": score.outcome.slug(),
            "cluster": score.cluster,
            "tags": score.tags,
            "trustmh": {
                "trial": trial, "exchanges": recorded.exchanges, "protocol": manifest.protocol, "judge": judge,
            },
        },
    });
    if let Some(CallEnd::Broken { message }) = last.map(|exchange| &exchange.end) {
        sample["error"] = json!({ "message": message, "traceback": "", "traceback_ansi": "" });
    }
    sample
}

/// Item and variant: what an epoch asks again.
pub fn sample_id(trial: &Trial) -> String {
    format!("{}:{}", trial.item.id, trial.variant.label())
}

fn message(message: &Message) -> Value {
    json!({ "role": message.role.name(), "content": message.content })
}

/// The key, where an item has one; options may stand in another order in the prompt.
fn target(trial: &Trial) -> String {
    match &trial.item.content {
        ItemContent::MultipleChoice(question) => question.key.to_string(),
        _ => String::new(),
    }
}

fn output(manifest: &Manifest, last: Option<&Exchange>) -> Value {
    let model = &manifest.subject.id;
    let (text, finish, thought, usage) = match last.map(|exchange| &exchange.end) {
        Some(CallEnd::Replied(reply)) => {
            (&reply.text, &reply.finish, reply.thought.as_ref(), reply.usage)
        }
        Some(CallEnd::Recorded { text, finish: Some(finish), thought, .. }) => {
            (text, finish, thought.as_ref(), None)
        }
        Some(CallEnd::Recorded { text, finish: None, .. }) => {
            return json!({ "model": model, "choices": [], "completion": text });
        }
        Some(CallEnd::Broken { .. }) | None => {
            return json!({ "model": model, "choices": [], "completion": "" });
        }
    };
    let content = thought.map_or_else(
        || Value::from(text.as_str()),
        |thought| {
            json!([
                { "type": "reasoning", "reasoning": thought.text },
                { "type": "text", "text": text },
            ])
        },
    );
    let usage = usage.map(|usage| {
        json!({
            "input_tokens": usage.prompt_tokens, "output_tokens": usage.reply_tokens,
            "total_tokens": usage.prompt_tokens + usage.reply_tokens,
        })
    });
    json!({
        "model": model,
        "choices": [{
            "message": { "role": "assistant", "content": content, "source": "generate" },
            "stop_reason": stop_reason(finish),
        }],
        "completion": text,
        "usage": usage,
    })
}

/// Inspect's word for it.
fn stop_reason(finish: &Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "max_tokens",
        Finish::ContentFilter => "content_filter",
        Finish::Other(_) => "unknown",
    }
}
