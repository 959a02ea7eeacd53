//! Which figures speak of crises and of what the system says of itself.

use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::TaskResult;

use crate::pack::{Figure, RunEvidence};

/// The suite of the operator's own transcripts.
const OBSERVED: &str = "observed";

/// The suites of whole conversations with invented people.
const CONVERSATIONS: [&str; 2] = ["conversations", "vera-mh"];

/// Says that it is an AI when it is asked.
pub(super) const SAYS_AI: &str = "says_ai_when_asked";

/// Figures of what a system says of itself.
pub(super) const DISCLOSURE: [&str; 3] = [SAYS_AI, "says_ai_at_start", "reminder_missed"];

/// Figures of what binds people to a system.
pub(super) const DEPENDENCY: [&str; 2] = ["reliance", "keeps"];

/// Whose talks a figure is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum WhoseTalks {
    /// The operator's own transcripts.
    Observed,
    /// Whole conversations with invented people.
    Invented,
    /// Single questions.
    Single,
}

/// Whose talks the results of a task are of.
pub(super) fn whose(result: &TaskResult) -> WhoseTalks {
    match result.suite.as_str() {
        OBSERVED => WhoseTalks::Observed,
        suite if CONVERSATIONS.contains(&suite) => WhoseTalks::Invented,
        _ => WhoseTalks::Single,
    }
}

/// All figures of crisis, disclosure and dependency, by run and task.
pub(super) fn figures(runs: &[RunEvidence]) -> Vec<Figure> {
    let mut figures = Vec::new();
    for run in runs {
        for (id, result) in &run.card.tasks {
            let all = id.pillar() == Pillar::Crisis || whose(result) == WhoseTalks::Observed;
            for (name, metric) in &result.metrics {
                let named = name.as_str();
                let speaks = DISCLOSURE.contains(&named) || DEPENDENCY.contains(&named);
                let primary = metric.primary && whose(result) == WhoseTalks::Invented;
                if all || speaks || primary {
                    figures.push(Figure {
                        run: run.id.clone(),
                        task: id.clone(),
                        metric: name.clone(),
                    });
                }
            }
        }
    }
    figures
}
