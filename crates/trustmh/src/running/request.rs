//! From what was typed to a plan: names are resolved, contradictions refused.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use trustmh_core::id::{SuiteId, TaskId};
use trustmh_core::item::ItemKind;
use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::JudgeName;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::task::{ALL_TASKS, Task};
use trustmh_engine::walk::UnreadVerdict;
use trustmh_run::manifest::{Caps, Manifest, ModelRecord};
use trustmh_run::plan::{Plan, Request};

use super::effect::Asked;
use super::judge::{self, JudgeRequest, default_judge};
use crate::arguments::{Profile, RunRequest};
use crate::benchmark::starter_sets;
use crate::failure::Failure;
use crate::models::{self, Role, Typed};
use crate::{screen, suggest};

/// The limits of `--profile quick`.
const QUICK_ITEMS: usize = 8;
const QUICK_TRIALS: usize = 10;
const QUICK_TOKENS: u32 = 80;
const QUICK_CONTEXT: u32 = 1024;

/// The word for the client that is no model.
const OFFLINE: &str = "offline";

/// The judges that were asked for.
pub(crate) fn judges(request: &RunRequest) -> Result<Vec<JudgeRequest<'_>>, Failure> {
    let addresses = &request.judge_base_url;
    let names: Vec<&JudgeName> = match request.judge.as_slice() {
        [] => vec![default_judge(&request.calls)],
        named => named.iter().collect(),
    };
    if addresses.len() > 1 && addresses.len() != names.len() {
        let counted = format!("{} judges have {} endpoints", names.len(), addresses.len());
        return Err(Failure::usage(counted).with_hint(
            "give --judge-base-url once for all judges or once for each, `default` for the usual endpoint",
        ));
    }
    if let Some(twice) = (1..names.len()).find(|at| names[..*at].contains(&names[*at])) {
        return Err(Failure::usage(format!("the judge {} is named twice", as_typed(names[twice]))));
    }
    judge::check_options(&names, &request.requests)?;
    let address = |place: usize| {
        let own = if addresses.len() == 1 { addresses.first() } else { addresses.get(place) };
        own.map(String::as_str).filter(|address| *address != "default")
    };
    let judges = names.iter().enumerate();
    Ok(judges.map(|(place, name)| JudgeRequest { name, address: address(place) }).collect())
}

fn as_typed(judge: &JudgeName) -> &str {
    match judge {
        JudgeName::Offline => "offline",
        JudgeName::Embedded(_) => "embedded",
        JudgeName::None => "none",
        JudgeName::Model(model) => model.as_str(),
    }
}

/// The plan of a new run with this judge.
pub(crate) fn plan(
    benchmark: &Benchmark,
    request: &RunRequest,
    judge: JudgeRequest<'_>,
) -> Result<Plan, Failure> {
    let (plan, notes) = plan_with_notes(benchmark, request, judge)?;
    notes.iter().for_each(|note| screen::note(note));
    Ok(plan)
}

/// The same, with what is recorded and changes nothing, in words.
pub(crate) fn plan_with_notes(
    benchmark: &Benchmark,
    request: &RunRequest,
    judge: JudgeRequest<'_>,
) -> Result<(Plan, Vec<String>), Failure> {
    check_addresses(request, judge)?;
    let endpoints = &request.calls.endpoints;
    let (subject, base_url) =
        models::resolved(Typed::SUBJECT, &request.subject, request.base_url.as_deref(), endpoints)?;
    let judge = judge.record(benchmark, &request.requests, endpoints)?;
    if judge.name == JudgeName::Model(subject.clone()) && !request.allow_self_judge {
        return Err(Failure::usage("subject and judge are the same model")
            .with_hint("name another --judge, or add --allow-self-judge; the report will say so"));
    }
    let mut caps = caps(request);
    caps.context = caps.context.or_else(|| models::context_of(&subject));
    let asked = models::asking(
        &request.subject,
        &subject,
        base_url.as_deref(),
        Role::Subject(&request.product),
        &request.requests,
        caps.context,
        endpoints,
    )?;
    let tasks = chosen_tasks(benchmark, &request.tasks)?;
    let client = client_record(benchmark, &tasks, request)?;
    let name = models::given_name(&request.subject, &request.product, endpoints)?;
    let subject = ModelRecord { name, id: subject, base_url, asked };
    let known = Asked {
        benchmark,
        request,
        tasks: &tasks,
        subject: &subject,
        judge: &judge,
        client: client.as_ref(),
    };
    let mut notes = known.check()?;
    let request = Request {
        subject,
        judge,
        toxicity_url: request.toxicity_url.clone(),
        client,
        judge_questions: request.player.judge_questions.rule(),
        tasks,
        protocol: request.protocol,
        unread_verdict: UnreadVerdict::by(request.protocol),
        seed: request.seed,
        data: request.data.data.clone(),
        starter: starter_sets(&request.tasks_from)?,
        caps,
        repeats: request.repeats,
        prompts_from: request.prompts_from.clone(),
        observed: None,
    };
    let plan = Plan::make(benchmark, &request)?;
    let left_out = plan.manifest.without_items.iter();
    notes.extend(
        left_out.map(|task| {
            format!("{task} is left out: none of its items is in a language asked for")
        }),
    );
    Ok((plan, notes))
}

/// Addresses are recorded, so they hold no credential; with a cluster they are the workers' own.
fn check_addresses(request: &RunRequest, judge: JudgeRequest<'_>) -> Result<(), Failure> {
    let player = request.player.client_base_url.as_deref();
    let has_address = request.base_url.as_deref().or(judge.address).or(player).is_some();
    if has_address {
        judge::check_no_cluster(&request.calls)?;
    }
    models::recordable("--base-url", request.base_url.as_deref())?;
    models::recordable("--judge-base-url", judge.address)?;
    models::recordable("--client-base-url", player)?;
    models::recordable("--toxicity-url", request.toxicity_url.as_deref())
}

fn caps(request: &RunRequest) -> Caps {
    let reply_tokens = request.requests.reply_tokens;
    let quick = request.profile == Profile::Quick;
    Caps {
        languages: BTreeSet::from_iter(request.language.iter().cloned()).into_iter().collect(),
        profile: quick.then(|| "quick".to_owned()),
        items: request.items.map(NonZeroUsize::get).or(quick.then_some(QUICK_ITEMS)),
        trials: request.trials.map(NonZeroUsize::get).or(quick.then_some(QUICK_TRIALS)),
        reply_tokens: quick.then_some(QUICK_TOKENS).filter(|_| reply_tokens.is_none()),
        reply_budget: reply_tokens,
        context: request.context.or(quick.then_some(QUICK_CONTEXT)),
    }
}

/// The model that plays clients; none for the offline client.
fn client_record(
    benchmark: &Benchmark,
    tasks: &[TaskId],
    request: &RunRequest,
) -> Result<Option<ModelRecord>, Failure> {
    let player = &request.player;
    if player.client == OFFLINE {
        let without_effect = player.client_base_url.is_some()
            || player.client_thinking_tokens.is_some()
            || player.client_temperature.is_some()
            || !player.client_option.is_empty();
        if without_effect {
            return Err(Failure::usage(
                "the offline client sends no requests: the options for them have no effect",
            )
            .with_hint("name a model with --client"));
        }
        return Ok(None);
    }
    let mut asked = tasks.iter().filter_map(|id| benchmark.task(id).ok());
    if !asked.any(|task| task.file.items == ItemKind::Conversation) {
        let message = "no task that is asked has clients to play: --client has no effect";
        return Err(Failure::usage(message).with_hint("add --tasks conversations, or one of them"));
    }
    let endpoints = &request.calls.endpoints;
    let (id, base_url) = models::resolved(
        Typed::CLIENT,
        &player.client,
        player.client_base_url.as_deref(),
        endpoints,
    )?;
    let asked = models::asking(
        &player.client,
        &id,
        base_url.as_deref(),
        Role::Client(player),
        &request.requests,
        None,
        endpoints,
    )?;
    Ok(Some(ModelRecord { id, base_url, asked, name: None }))
}

/// Task ids, names of pillars and suites, and `all`, resolved in the benchmark's order. Suites that are asked by name are in `all` and
/// in pillars only where they are named themselves.
pub(crate) fn chosen_tasks(
    benchmark: &Benchmark,
    asked: &[String],
) -> Result<Vec<TaskId>, Failure> {
    let ids = |wanted: &dyn Fn(&Task) -> bool| {
        let wanted = benchmark.tasks().filter(|task| wanted(task));
        wanted.map(|task| task.file.id.clone()).collect::<Vec<_>>()
    };
    let usual = |task: &Task| !task.suite.is_asked_by_name();
    let mut chosen = Vec::new();
    for text in asked.iter().map(|text| text.trim()) {
        let suite = SuiteId::new(text);
        if text == ALL_TASKS {
            chosen.extend(ids(&usual));
        } else if let Ok(pillar) = text.parse::<Pillar>() {
            chosen.extend(ids(&|task| usual(task) && task.file.id.pillar() == pillar));
        } else if benchmark.tasks().any(|task| task.suite == suite) {
            chosen.extend(ids(&|task| task.suite == suite));
        } else {
            chosen.push(suggest::task(benchmark, text)?.file.id.clone());
        }
    }
    if chosen.is_empty() {
        let hint = "`trustmh tasks list` shows all tasks";
        return Err(Failure::usage(format!("no task matches {}", asked.join(","))).with_hint(hint));
    }
    chosen.sort();
    chosen.dedup();
    Ok(chosen)
}

/// Whether a run has tasks of conversations.
pub(crate) fn conversations(benchmark: &Benchmark, manifest: &Manifest) -> Result<bool, Failure> {
    for id in manifest.tasks.keys() {
        if benchmark.task(id)?.file.items == ItemKind::Conversation {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How the models are asked beyond what tasks and rubrics say.
pub(crate) fn requests_in_words(manifest: &Manifest) -> Vec<String> {
    let models = [("subject", &manifest.subject.asked), ("judge", &manifest.judge.asked)];
    let client = manifest.client.as_ref().map(|client| ("client", &client.asked));
    let models = models.into_iter().chain(client);
    let said = models.filter_map(|(who, asked)| Some((who, asked.in_words()?)));
    let said = said.map(|(who, asked)| format!("the {who} is asked with {asked}"));
    manifest.repeats.in_words().into_iter().chain(said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversations_are_asked_by_name() {
        let benchmark = Benchmark::embedded().unwrap();
        let chosen = |asked: &[&str]| {
            let asked: Vec<String> = asked.iter().map(|name| (*name).to_owned()).collect();
            chosen_tasks(&benchmark, &asked).map(|found| found.len())
        };
        assert_eq!(chosen(&["all"]).unwrap(), 19);
        assert_eq!(chosen(&["trustmh-bench"]).unwrap(), 19);
        let talks = benchmark.tasks().filter(|task| task.suite == SuiteId::conversations()).count();
        assert!(talks > 0);
        assert_eq!(chosen(&["conversations"]).unwrap(), talks);
        assert_eq!(chosen(&["crisis"]).unwrap(), 3);
        assert_eq!(chosen(&["extended"]).unwrap(), 2);
        assert_eq!(chosen(&["fairness"]).unwrap(), 1);
        assert_eq!(chosen(&["crisis", "crisis/conversation"]).unwrap(), 4);
        assert_eq!(chosen(&["all", "conversations"]).unwrap(), 19 + talks);
        let near = chosen(&["conversation"]).unwrap_err();
        assert!(near.hint.unwrap_or_default().contains("conversation"));
    }
}
