//! What a plan will ask for, before anything is sent.

mod turns;

use serde::Serialize;
use std::collections::{BTreeMap, HashSet};

use trustmh_core::call::{CallEnd, CallKey, CallSpec, Exchange, Finish, Purpose, Reply};
use trustmh_core::id::{ModelId, TaskId};
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::conversation;

use crate::error::RunError;
use crate::plan::Plan;

/// A reply that stands for any other: it can be judged, and is asked for no second time.
const ANY_REPLY: &str = "…";

/// What one task will ask for, at the least: replies and verdicts that cannot be read are asked for again. Tokens are
/// quarters of the characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct TaskForecast {
    /// Items that are asked.
    pub items: u64,
    /// Trials made of them.
    pub trials: u64,
    /// Calls to the subject that no task before makes too.
    pub subject_calls: u64,
    /// Calls to the subject that an earlier trial has made already.
    pub shared_calls: u64,
    /// Calls to the judge or another scorer.
    pub judge_calls: u64,
    /// Tokens of the subject's prompts.
    pub subject_prompt_tokens: u64,
    /// Tokens of its replies and of what it thinks before them, if each were as long as it may be.
    pub subject_reply_tokens: u64,
    /// Tokens of the judge's prompts, with such replies in them.
    pub judge_prompt_tokens: u64,
    /// Tokens the judge may think.
    pub judge_thinking_tokens: u64,
    /// Calls to the model that plays clients.
    #[serde(skip_serializing_if = "is_none")]
    pub client_calls: u64,
    /// Tokens of its prompts, with all that was said before in them.
    #[serde(skip_serializing_if = "is_none")]
    pub client_prompt_tokens: u64,
    /// Tokens of its messages and of what it thinks before them, if each were as long as it may be.
    #[serde(skip_serializing_if = "is_none")]
    pub client_reply_tokens: u64,
}

// serde hands over a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_none(count: &u64) -> bool {
    *count == 0
}

impl TaskForecast {
    /// Adds another forecast.
    pub fn add(&mut self, other: &Self) {
        self.items += other.items;
        self.trials += other.trials;
        self.subject_calls += other.subject_calls;
        self.shared_calls += other.shared_calls;
        self.judge_calls += other.judge_calls;
        self.subject_prompt_tokens += other.subject_prompt_tokens;
        self.subject_reply_tokens += other.subject_reply_tokens;
        self.judge_prompt_tokens += other.judge_prompt_tokens;
        self.judge_thinking_tokens += other.judge_thinking_tokens;
        self.client_calls += other.client_calls;
        self.client_prompt_tokens += other.client_prompt_tokens;
        self.client_reply_tokens += other.client_reply_tokens;
    }
}

/// The forecast of every task of a plan.
///
/// # Errors
/// [`RunError::Engine`] if a prompt cannot be filled in.
pub fn forecast(
    benchmark: &Benchmark,
    plan: &Plan,
) -> Result<BTreeMap<TaskId, TaskForecast>, RunError> {
    let manifest = &plan.manifest;
    let mut tasks: BTreeMap<TaskId, TaskForecast> = BTreeMap::new();
    let mut asked: HashSet<CallKey> = HashSet::new();
    for trial in plan.trials(benchmark) {
        let trial = trial?;
        let walk = manifest.walk(benchmark, &trial.task)?;
        let found = tasks.entry(trial.task.clone()).or_default();
        found.trials += 1;
        if conversation::of(&trial).is_some() {
            turns::add(found, &walk, &trial)?;
            continue;
        }
        let bound = u64::from(trial.sampling.limit());
        // A judge is shown the reply alone.
        let judged = u64::from(trial.sampling.max_tokens);
        if let Some(call) = walk.next_call(&trial, &[])? {
            if asked.insert(CallKey::of(&manifest.subject.id, &call)) {
                found.subject_calls += 1;
                found.subject_prompt_tokens += tokens(&call);
                found.subject_reply_tokens += bound;
            } else {
                found.shared_calls += 1;
            }
        }
        let turn = walk.rules.rule.reasks;
        let mut exchanges = vec![replied(Purpose::Subject { turn })];
        while let Some(call) = walk.next_call(&trial, &exchanges)? {
            match call.purpose {
                Purpose::Subject { .. } | Purpose::Client { .. } => break,
                Purpose::Judge { ask: 0, .. } => {
                    found.judge_calls += 1;
                    found.judge_prompt_tokens += tokens(&call) + judged;
                    found.judge_thinking_tokens +=
                        u64::from(call.sampling.thinking_tokens.unwrap_or_default());
                }
                // What stands for any verdict cannot be read; most verdicts can.
                Purpose::Judge { .. } => {}
            }
            exchanges.push(replied(call.purpose));
        }
    }
    for (id, found) in &mut tasks {
        found.items = plan.asked.get(id).map_or(0, |asked| asked.len() as u64);
    }
    Ok(tasks)
}

/// The model that judges, if one does.
pub fn judging(plan: &Plan) -> Option<&ModelId> {
    plan.manifest.judge.name.model()
}

fn replied(purpose: Purpose) -> Exchange {
    let text = ANY_REPLY.to_owned();
    Exchange { purpose, end: CallEnd::Replied(Reply::new(text, Finish::Stop, None)) }
}

fn tokens(call: &CallSpec) -> u64 {
    call.messages.iter().map(|message| message.content.chars().count().div_ceil(4) as u64).sum()
}
