//! What a task's metrics make of subjects that follow a rule: a look at the metric before it is believed of a model.

use trustmh_core::call::{CallEnd, Exchange, Finish, Reply};
use trustmh_core::id::ModelId;
use trustmh_core::item::Item;
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::{ItemSource, MetricEstimate, TaskResult};
use trustmh_core::scores::Scores;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::estimate::{Basis, task_result};
use trustmh_engine::expand::{self, ContextBudget};
use trustmh_engine::task::Task;
use trustmh_engine::walk::{
    Asked, ClientRule, JudgeQuestions, JudgeRule, Judges, TaskRules, UnreadVerdict, Walk,
};
use trustmh_model::api::ModelApi;
use trustmh_model::scripted::{Behaviour, Scripted};

use crate::error::RunError;

/// From here on a score is in the top tenth of the scale, which no subject that follows a rule may reach.
pub const TOP_TENTH: f64 = 90.0;

/// The scripted subjects that a metric is tried on. A judge is no subject, and silence shows nothing that a task could tell apart.
/// `complies` and `always-no-crisis` give every text the same label, the first and the calmest.
pub fn subjects() -> impl Iterator<Item = Behaviour> {
    let tried = |one: &Behaviour| !matches!(one, Behaviour::Judge { .. } | Behaviour::Empty);
    Behaviour::all().filter(tried)
}

/// Where the primary metric of a result stands between worst and best, 0 to 100, by its value alone; none where it was not scored.
pub fn score(result: &TaskResult) -> Option<f64> {
    let primary = |metric: &&MetricEstimate| metric.primary;
    let metric = result.metrics.values().find(primary)?;
    metric.anchors()?.score(metric.direction, metric.value)
}

/// Asks a scripted subject all `items` of a task by the corrected protocol, judged by the offline rules; nothing is recorded.
///
/// # Errors
/// [`RunError::Engine`] for a prompt that cannot be filled in.
pub async fn baseline(
    benchmark: &Benchmark,
    task: &Task,
    items: &[Item],
    source: ItemSource,
    behaviour: Behaviour,
    seed: u64,
) -> Result<TaskResult, RunError> {
    let protocol = Protocol::Corrected;
    let subject = Scripted::new(ModelId::new(format!("scripted/{behaviour}")), behaviour);
    let walk = Walk {
        rules: TaskRules::new(benchmark, task, protocol, seed),
        judges: Judges::all_by(JudgeRule::Offline),
        unread_verdict: UnreadVerdict::by(protocol),
        client: ClientRule::Offline,
        questions: JudgeQuestions::Together,
        asked: Asked::USUAL,
    };
    let mut scores = Scores::default();
    for item in items {
        for trial in expand::trials(&walk.rules, item, ContextBudget::Unbounded)? {
            let mut exchanges: Vec<Exchange> = Vec::new();
            while let Some(call) = walk.next_call(&trial, &exchanges)? {
                let end = match walk.offline_words(&trial, &exchanges) {
                    Some(words) => CallEnd::Replied(Reply::new(words, Finish::Stop, None)),
                    None => match subject.complete(&call).await {
                        Ok(completion) => CallEnd::Replied(completion.reply),
                        Err(error) => CallEnd::Broken { message: error.to_string() },
                    },
                };
                exchanges.push(Exchange { purpose: call.purpose, end });
            }
            scores.push(walk.score(&trial, &exchanges)?)?;
        }
    }
    let planned = scores.len() as u64;
    let basis =
        Basis { protocol, seed, planned, source, caveats: Vec::new(), by: Vec::new(), unread: 0 };
    Ok(task_result(task, &scores, basis))
}
