//! What a run would ask for, and what is known of its judge.

use std::collections::BTreeMap;

use trustmh_core::id::RubricId;
use trustmh_core::scorecard::JudgeName;
use trustmh_core::validity::{Demand, Validity};
use trustmh_engine::benchmark::Benchmark;
use trustmh_run::derived::family::same_family;
use trustmh_run::derived::validity::judge_in_full;
use trustmh_run::manifest::Manifest;
use trustmh_run::plan::forecast::{TaskForecast, forecast};
use trustmh_view::Outlook;

use crate::arguments::RunRequest;
use crate::benchmark::benchmark;
use crate::failure::Failure;
use crate::models;
use crate::run_folder::judge_cards;
use crate::running::{dollars, judges, plan, prices};

/// The same figures as those of `trustmh plan`.
pub(super) fn of(request: &RunRequest) -> Result<Outlook, Failure> {
    let benchmark = benchmark(&request.tasks_from)?;
    let judges = judges(request)?;
    let judge = judges.first().ok_or_else(|| Failure::usage("no judge is named"))?;
    let plan = plan(&benchmark, request, *judge)?;
    let tasks = forecast(&benchmark, &plan)?;
    let mut total = TaskForecast::default();
    tasks.values().for_each(|task| total.add(task));
    let manifest = &plan.manifest;
    let (subject, endpoints) = (&manifest.subject, &request.calls.endpoints);
    let opened = models::open(
        &subject.id,
        subject.base_url.as_deref(),
        endpoints.key_env.as_deref(),
        endpoints,
    );
    Ok(Outlook {
        subject: subject.id.to_string(),
        judge: manifest.judge.name.title().to_owned(),
        tasks: tasks.len() as u64,
        trials: total.trials,
        subject_calls: total.subject_calls,
        judge_calls: total.judge_calls,
        prompt_tokens: total.subject_prompt_tokens + total.judge_prompt_tokens,
        reply_tokens: total.subject_reply_tokens,
        dollars: dollars(&total, &prices(manifest, &request.calls.limits)?),
        at_once: opened.ok().map(|model| model.parallel().get()),
        validity: validity(&benchmark, manifest)?,
        warnings: warnings(manifest),
    })
}

/// What is known of the judge by each rubric of the tasks.
fn validity(benchmark: &Benchmark, manifest: &Manifest) -> Result<Vec<Validity>, Failure> {
    let judge = &manifest.judge;
    if judge.name == JudgeName::None {
        return Ok(Vec::new());
    }
    let cards = judge_cards()?;
    let mut found: BTreeMap<RubricId, Validity> = BTreeMap::new();
    for id in manifest.tasks.keys() {
        let rule = benchmark.task(id)?.rule(manifest.protocol);
        for rubric in rule.all_rubrics() {
            let wording = &benchmark.rubric(rubric)?.digest;
            let name = judge_in_full(benchmark, &judge.name, &judge.asked, rubric);
            let known = match cards.of(&name) {
                Some(card) => card.validity(rubric, wording, &Demand::USUAL),
                None => Validity::unknown(rubric.clone(), name),
            };
            found.insert(rubric.clone(), known);
        }
    }
    Ok(found.into_values().collect())
}

fn warnings(manifest: &Manifest) -> Vec<String> {
    let mut found = Vec::new();
    if let JudgeName::Model(judge) = &manifest.judge.name {
        if *judge == manifest.subject.id {
            found.push("The model judges itself: models rate their own replies too well, and every report will say so.".to_owned());
        }
        found.extend(same_family(&manifest.subject.id, judge));
    }
    // What is said of a task's data is often the same for several.
    let mut said: Vec<String> = Vec::new();
    for warning in manifest.tasks.values().flat_map(|task| &task.source.warnings) {
        if warning.contains("starter items are asked instead") && !said.contains(warning) {
            said.push(warning.clone());
        }
    }
    found.extend(said);
    found
}
