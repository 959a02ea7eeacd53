//! What was tested, with what, how and when.

use std::collections::BTreeMap;

use trustmh_core::scorecard::ItemOrigin;
use trustmh_run::derived::facts::facts_of;
use trustmh_run::derived::score::ScoredRun;
use trustmh_run::manifest::{Origin, PlannedTask};

use crate::pack::{Asked, Identity, TaskIdentity};

/// The identity of a run's test.
pub(super) fn identity(run: &ScoredRun) -> Identity {
    let (manifest, card) = (&run.manifest, &run.scorecard);
    let facts = facts_of(run);
    let tasks = manifest.tasks.iter().map(|(id, planned)| (id.clone(), of_task(planned)));
    let files = manifest.materials.iter();
    Identity {
        program: facts.program,
        origin: match &manifest.origin {
            Origin::Asked => "asked by this program".to_owned(),
            Origin::Imported { format } => format!("recorded elsewhere, read as {format}"),
            Origin::Observed(observed) => format!(
                "judged from transcripts: {} conversations of {} turns, {} records not read. {}",
                observed.conversations,
                observed.turns,
                observed.unread,
                observed.redaction_note()
            ),
        },
        planned: manifest.created.to_string(),
        began: facts.began,
        ended: facts.ended,
        asked_by: facts.asked_by,
        scored_by: card.protocol,
        seed: facts.seed,
        repeats: card.repeats.to_string(),
        caps: facts.caps,
        plan: facts.plan_hash,
        subject: Asked { name: card.subject_shown(), with: facts.subject_asked },
        judge: Asked { name: card.judge.title().to_owned(), with: facts.judge_asked },
        client: card.client.as_ref().map(|client| Asked {
            name: client.title().to_owned(),
            with: facts.client_asked.clone(),
        }),
        subject_calls: facts.subject_calls,
        judge_calls: facts.judge_calls,
        broken_calls: facts.broken,
        tasks: tasks.collect(),
        files: files.map(|(path, kept)| (path.clone(), kept.digest.to_string())).collect(),
    }
}

fn of_task(planned: &PlannedTask) -> TaskIdentity {
    TaskIdentity {
        version: planned.version,
        file: planned.digest.to_string(),
        prompts: planned.prompts.to_string(),
        rubrics: planned.rubrics.iter().map(ToString::to_string).collect(),
        trials: planned.trials,
        dataset: planned.source.dataset.to_string(),
        items: match planned.source.origin {
            ItemOrigin::Published => "published files",
            ItemOrigin::Starter => "starter items of the program",
            ItemOrigin::Own => "items of the operator's own",
            ItemOrigin::Imported => "came with the record",
            ItemOrigin::Observed => "conversations that took place",
        }
        .to_owned(),
        data: names(&planned.source.files),
    }
}

/// Files by their names, without the folders of the machine they were read on.
fn names(files: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let name = |path: &String| path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned();
    let absolute = |path: &str| path.starts_with(['/', '\\']) || path.contains(":\\");
    let named = files
        .iter()
        .map(|(path, hash)| (if absolute(path) { name(path) } else { path.clone() }, hash.clone()));
    named.collect()
}
