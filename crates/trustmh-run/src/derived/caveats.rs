//! What a reader of a run's numbers must know first: of a task, and of the whole run.

use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::id::{RubricId, TaskId};
use trustmh_core::outcome::OutcomeCounts;
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::{ClientName, ItemOrigin, JudgeName, TaskResult};
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::task::Task;

use crate::derived::family::{same_family, same_family_as_client};
use crate::error::RunError;
use crate::manifest::task_files::source;
use crate::manifest::{Manifest, Origin, PlannedTask};

pub(crate) fn caveats(
    task: &Task,
    manifest: &Manifest,
    planned: &PlannedTask,
    protocol: Protocol,
) -> Vec<String> {
    let mut caveats = Vec::new();
    if source(planned).origin == ItemOrigin::Starter {
        caveats.push(
            "Starter items of this project: for trying the program, not clinical evidence."
                .to_owned(),
        );
    }
    caveats.extend(circular(manifest, planned));
    if task.digest != planned.digest && !manifest.origin.is_imported() {
        caveats.push(format!(
            "The task file has changed since the run was asked (version {} then, {} now).",
            planned.version, task.file.version
        ));
    }
    if protocol != manifest.protocol {
        caveats.push(format!(
            "Asked by the {} protocol, scored by the {protocol} one: prompts, option order and re-asks are those of the asking.",
            manifest.protocol
        ));
    }
    let reference = task.rule(protocol).known().filter(|_| protocol == Protocol::Reference);
    caveats
        .extend(reference.map(|known| format!("The rules of the reference protocol are {known}")));
    caveats.extend(planned.source.warnings.iter().map(|warning| format!("Data: {warning}")));
    caveats.extend(task.file.caveats.iter().cloned());
    caveats
}

/// Whether the subject had a part in the labels it is scored by.
fn circular(manifest: &Manifest, planned: &PlannedTask) -> Option<String> {
    let subject = manifest.subject.id.as_str();
    let labeller = planned.source.labelled_by.iter().find(|name| subject.contains(*name))?;
    Some(format!(
        "Circular: {labeller} had a part in the labels it is scored by here; results on them say in part how far it agrees with itself."
    ))
}

/// Above this share of replies without an answer, a run says so before anything else.
const UNANSWERED_SHARE: f64 = 0.01;

/// What is said first where more than one reply in a hundred of a task holds no answer: how many, of which tasks, and what to do.
pub fn unanswered(tasks: &BTreeMap<TaskId, TaskResult>) -> Option<String> {
    let above: Vec<(&TaskId, OutcomeCounts)> = tasks
        .iter()
        .map(|(id, result)| (id, result.outcomes))
        .filter(|(_, found)| found.unanswered as f64 > UNANSWERED_SHARE * found.total() as f64)
        .collect();
    let named: Vec<String> = above
        .iter()
        .map(|(id, found)| format!("{id} {} of {}", found.unanswered, found.total()))
        .collect();
    let cut: u64 = above.iter().map(|(_, found)| found.cut).sum();
    let mend = match cut {
        0 => "the model ended and said nothing",
        _ => "where replies were cut, give the model more room: --thinking-tokens, --reply-tokens",
    };
    (!above.is_empty()).then(|| {
        format!("More than 1 % of the replies hold no answer: {}; {mend}.", named.join(", "))
    })
}

/// What is said of whoever played the clients.
pub(super) fn client_caveats(
    manifest: &Manifest,
    judge: &JudgeName,
    client: Option<&ClientName>,
) -> Vec<String> {
    let model = match client {
        None => return Vec::new(),
        Some(ClientName::Offline) => {
            return vec![
                "Clients were played by the offline client, which follows rules and reads phrases, not meaning: results with it say how a subject answers its lines, not people (docs/conversations.md).".to_owned(),
            ];
        }
        Some(ClientName::Model(model)) => model,
    };
    let asked = manifest.client.as_ref().and_then(|client| client.asked.in_words());
    let judge = match judge {
        JudgeName::Model(judge) => Some(judge),
        JudgeName::Offline | JudgeName::Embedded(_) | JudgeName::None => None,
    };
    let mut caveats = vec![format!(
        "Clients were played by {model}: a model that plays a person in need is not one."
    )];
    caveats.extend(asked.map(|asked| format!("The client was asked with {asked}.")));
    caveats.extend(same_family_as_client(&manifest.subject.id, judge, model));
    caveats
}

/// How many conversations were left out because their client was none any more.
pub(super) fn broken_clients(tasks: &BTreeMap<TaskId, TaskResult>) -> Option<String> {
    let broke = tasks.iter().filter(|(_, result)| result.outcomes.broken_client > 0);
    let named: Vec<String> = broke
        .map(|(id, result)| {
            format!("{id} {} of {}", result.outcomes.broken_client, result.outcomes.total())
        })
        .collect();
    (!named.is_empty()).then(|| {
        format!(
            "Conversations whose client broke its role, left out with bounds: {}.",
            named.join(", ")
        )
    })
}

/// Of the embedded judge: by which rubrics its heads judged, and which were left to the rules.
pub(super) fn embedded_caveat(
    benchmark: &Benchmark,
    manifest: &Manifest,
    protocol: Protocol,
    judge: &JudgeName,
) -> Result<Option<String>, RunError> {
    let JudgeName::Embedded(_) = judge else { return Ok(None) };
    let mut rubrics: BTreeSet<&RubricId> = BTreeSet::new();
    for id in manifest.tasks.keys() {
        rubrics.extend(benchmark.task(id)?.rule(protocol).all_rubrics());
    }
    let (by_heads, by_rules): (Vec<&RubricId>, Vec<&RubricId>) =
        rubrics.into_iter().partition(|id| benchmark.heads().of(id).is_some());
    let named = |ids: &[&RubricId]| ids.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
    let said = match (by_heads.as_slice(), by_rules.as_slice()) {
        ([], []) => return Ok(None),
        (heads, []) => format!("Judged by the embedded judge by its heads for {}.", named(heads)),
        ([], rules) => format!(
            "The embedded judge has no head for {}: there the offline rules judged, which miss much (docs/judges.md).",
            named(rules)
        ),
        (heads, rules) => format!(
            "Judged by the embedded judge by its heads for {}; where it has none ({}) by the offline rules, which miss much (docs/judges.md).",
            named(heads),
            named(rules)
        ),
    };
    let heads = by_heads.iter().filter_map(|id| benchmark.heads().of(id));
    let notices: BTreeSet<&str> = heads.filter_map(|head| head.file.notice.as_deref()).collect();
    let parts: Vec<&str> = std::iter::once(said.as_str()).chain(notices).collect();
    Ok(Some(parts.join(" ")))
}

pub(super) fn card_caveats(manifest: &Manifest, judge: &JudgeName) -> Vec<String> {
    let mut caveats = Vec::new();
    if *judge == JudgeName::Offline {
        caveats
            .push("Judged by offline rules, which miss much and are not comparable with a model's judgement (docs/judges.md).".to_owned());
    }
    if *judge == JudgeName::Model(manifest.subject.id.clone()) {
        caveats.push("The subject judged itself; such scores lean in its favour.".to_owned());
    }
    if let Some(caps) = manifest.caps.in_words() {
        caveats.push(format!("The run was capped: {caps}."));
    }
    if !manifest.without_items.is_empty() {
        let tasks: Vec<String> = manifest.without_items.iter().map(ToString::to_string).collect();
        caveats.push(format!(
            "Not asked, since no item of theirs is in the languages asked for: {}.",
            tasks.join(", ")
        ));
    }
    if let Some(repeats) = manifest.repeats.in_words() {
        caveats.push(format!(
            "Repeats: {repeats}; items are what intervals and tests count, not repeats."
        ));
    }
    if let Some(asked) = manifest.subject.asked.in_words() {
        caveats.push(format!("The subject was asked with {asked}."));
    }
    if let JudgeName::Model(judge) = judge {
        let asked = manifest.judge.asked.in_words();
        caveats.extend(asked.map(|asked| format!("The judge was asked with {asked}.")));
        caveats.extend(same_family(&manifest.subject.id, judge));
    }
    if let Some(source) = &manifest.prompts_from {
        caveats.push(format!(
            "Asked with the prompts recorded in {} ({}), which are not this program's.",
            source.run, source.format
        ));
    }
    match &manifest.origin {
        Origin::Asked => {}
        Origin::Imported { format } => caveats.push(format!(
            "Imported from recorded outputs ({format}); nothing was asked by this program."
        )),
        Origin::Observed(observed) => {
            caveats.push(format!(
                "Judged from transcripts: {} conversations of {} turns; nothing was asked of the product.",
                observed.conversations, observed.turns
            ));
            caveats.push(observed.redaction_note());
        }
    }
    caveats
}
