//! What must be said beside every decision that rests on a scorecard: whose items, which judge, which bounds, and what is missing.

use std::collections::BTreeMap;

use trustmh_core::id::TaskId;
use trustmh_core::scorecard::{ItemOrigin, Scorecard, TaskResult};

/// The caveats of a scorecard for whoever decides by it: those of the card, how far its judges have been checked against human ratings, then the
/// tasks on starter items, then trials that are pending, failed or without an answer, with their numbers.
pub fn caveats(card: &Scorecard) -> Vec<String> {
    let mut caveats = card.caveats.clone();
    caveats.extend(card.judged_numbers());
    let starter: Vec<String> = card
        .tasks
        .iter()
        .filter(|(_, result)| result.source.origin == ItemOrigin::Starter)
        .map(|(id, _)| id.to_string())
        .collect();
    let of = match (starter.len(), card.tasks.len()) {
        (0, _) => None,
        (some, all) if some == all => Some("all tasks".to_owned()),
        (some, all) => Some(format!("{some} of {all} tasks ({})", starter.join(", "))),
    };
    caveats.extend(
        of.map(|of| {
            format!("Starter items of this project, which are no clinical evidence: {of}.")
        }),
    );
    let silent =
        counted(&card.tasks, "Replies without an answer", |result| result.outcomes.unanswered);
    let missing = pending_trials(&card.tasks).into_iter().chain(failed_trials(&card.tasks));
    for caveat in missing.chain(silent) {
        if !caveats.iter().any(|said| said.contains(&caveat)) {
            caveats.push(caveat);
        }
    }
    caveats
}

/// Trials that have not ended, by task; none where there are none.
pub fn pending_trials(tasks: &BTreeMap<TaskId, TaskResult>) -> Option<String> {
    counted(tasks, "INCOMPLETE. Trials that are pending", |result| result.pending)
}

/// Trials whose calls broke, by task; none where there are none.
pub fn failed_trials(tasks: &BTreeMap<TaskId, TaskResult>) -> Option<String> {
    counted(tasks, "Trials that failed", |result| result.outcomes.failed)
}

/// How many trials of which tasks; none where there are none.
fn counted(
    tasks: &BTreeMap<TaskId, TaskResult>,
    what: &str,
    of: impl Fn(&TaskResult) -> u64,
) -> Option<String> {
    let counts: Vec<(&TaskId, u64, u64)> = tasks
        .iter()
        .map(|(id, result)| (id, of(result), result.n + result.pending))
        .filter(|(_, count, _)| *count > 0)
        .collect();
    let named: Vec<String> =
        counts.iter().map(|(id, count, all)| format!("{id} {count} of {all}")).collect();
    (!named.is_empty()).then(|| format!("{what}: {}.", named.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustmh_core::id::{DatasetId, ModelId, SuiteId};
    use trustmh_core::outcome::OutcomeCounts;
    use trustmh_core::protocol::Protocol;
    use trustmh_core::repeats::Repeats;
    use trustmh_core::scorecard::{ItemSource, JudgeName, Standing};

    fn result(origin: ItemOrigin, pending: u64, outcomes: OutcomeCounts) -> TaskResult {
        TaskResult {
            title: "t".to_owned(),
            suite: SuiteId::trustmh_bench(),
            n: outcomes.total(),
            pending,
            outcomes,
            metrics: BTreeMap::new(),
            not_scored: BTreeMap::new(),
            flags: BTreeMap::new(),
            confusions: BTreeMap::new(),
            source: ItemSource {
                dataset: DatasetId::new("d"),
                origin,
                records: 10,
                warnings: Vec::new(),
                files: BTreeMap::new(),
                labelled_by: Vec::new(),
            },
            fairness: None,
            client: None,
            caveats: Vec::new(),
            plain: None,
            crossed: None,
            labels: BTreeMap::new(),
        }
    }

    #[test]
    fn what_is_missing_and_whose_items_they_are_is_said_by_task() {
        let counts = |scored, unanswered, failed| OutcomeCounts {
            scored,
            unanswered,
            failed,
            ..OutcomeCounts::default()
        };
        let card = Scorecard {
            record: Standing::default(),
            run: "r".to_owned(),
            protocol: Protocol::Corrected,
            subject: ModelId::new("s"),
            name: None,
            benchmark: None,
            repeats: Repeats::ONCE,
            judge: JudgeName::Offline,
            client: None,
            tasks: BTreeMap::from([
                (
                    "ethics/reasoning".parse().unwrap(),
                    result(ItemOrigin::Starter, 3, counts(8, 2, 7)),
                ),
                ("safety/own".parse().unwrap(), result(ItemOrigin::Own, 0, counts(5, 0, 0))),
            ]),
            pillars: BTreeMap::new(),
            pillars_without_score: BTreeMap::new(),
            own_tasks: Vec::new(),
            caveats: vec!["Judged by offline rules.".to_owned()],
        };
        assert_eq!(
            caveats(&card),
            [
                "Judged by offline rules.",
                "Starter items of this project, which are no clinical evidence: 1 of 2 tasks (ethics/reasoning).",
                "INCOMPLETE. Trials that are pending: ethics/reasoning 3 of 20.",
                "Trials that failed: ethics/reasoning 7 of 20.",
                "Replies without an answer: ethics/reasoning 2 of 20.",
            ]
        );
        let mut alone = card;
        alone.tasks.retain(|_, result| result.source.origin == ItemOrigin::Starter);
        assert_eq!(
            caveats(&alone)[1],
            "Starter items of this project, which are no clinical evidence: all tasks."
        );
    }
}
