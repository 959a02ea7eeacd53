//! What was found, in five to ten plain sentences.

use trustmh_core::comparison::Verdict;
use trustmh_core::id::{MetricName, TaskId};
use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::{MetricEstimate, TaskResult};
use trustmh_report::number::{count, decimal};
use trustmh_report::validity::is_unvalidated;

use super::at_hand::tells_of_subject;
use super::crisis::{SAYS_AI, WhoseTalks, whose};
use crate::pack::{Changes, RunEvidence};

/// So many sentences at least, where there are as many figures.
const FEWEST: usize = 5;
/// So many at most, the one on changes apart.
const MOST: usize = 10;

/// A figure with what it is of.
struct Figure<'r> {
    run: &'r RunEvidence,
    task: &'r TaskId,
    result: &'r TaskResult,
    name: &'r MetricName,
    metric: &'r MetricEstimate,
}

/// The sentences: of each group of tasks the figure it is ranked by, then what it says of itself, then other figures.
pub(super) fn found(runs: &[RunEvidence], changes: Option<&Changes>) -> Vec<String> {
    let mut figures: Vec<Figure<'_>> = figures(runs);
    figures.sort_by_key(|figure| (place(figure), figure.run.id.clone()));
    let (mut chosen, mut rest): (Vec<_>, Vec<_>) = (Vec::new(), Vec::new());
    for figure in figures {
        let group = |one: &Figure<'_>| (whose(one.result), one.task.pillar());
        let is_first = !chosen.iter().any(|one| group(one) == group(&figure));
        if figure.metric.primary && is_first { chosen.push(figure) } else { rest.push(figure) }
    }
    // Further primaries and what it says of itself, and others only until there are enough.
    rest.sort_by_key(|figure| !(figure.metric.primary || figure.name.as_str() == SAYS_AI));
    for figure in rest {
        let tells = figure.metric.primary || figure.name.as_str() == SAYS_AI;
        let most = if tells { MOST } else { FEWEST };
        if chosen.len() < most {
            chosen.push(figure);
        }
    }
    chosen.truncate(MOST);
    chosen.sort_by_key(|figure| (place(figure), figure.run.id.clone()));
    let several = runs.len() > 1;
    let mut sentences: Vec<String> =
        chosen.iter().map(|figure| sentence(figure, several.then_some(&figure.run.id))).collect();
    if sentences.is_empty() {
        sentences.push("Nothing was scored in these runs.".to_owned());
    }
    sentences.extend(changes.map(changed));
    sentences
}

fn figures(runs: &[RunEvidence]) -> Vec<Figure<'_>> {
    let mut figures = Vec::new();
    for run in runs {
        for (task, result) in &run.card.tasks {
            let metrics = result.metrics.iter().filter(|(name, _)| tells_of_subject(name));
            figures.extend(metrics.map(|(name, metric)| Figure {
                run,
                task,
                result,
                name,
                metric,
            }));
        }
    }
    figures
}

/// What is nearest to harm comes first.
fn place(figure: &Figure<'_>) -> (WhoseTalks, u8, bool) {
    let pillar = match figure.task.pillar() {
        Pillar::Crisis => 0,
        Pillar::Safety => 1,
        Pillar::Ethics => 2,
        Pillar::Privacy => 3,
        Pillar::Fairness => 4,
        Pillar::Sycophancy => 5,
        Pillar::Robustness => 6,
        Pillar::Reliability => 7,
    };
    (whose(figure.result), pillar, !figure.metric.primary)
}

fn sentence(figure: &Figure<'_>, run: Option<&String>) -> String {
    let metric = figure.metric;
    let interval = match metric.low.zip(metric.high) {
        Some((low, high)) => format!("95 % interval {} to {}", decimal(low), decimal(high)),
        None => "too little data for an interval".to_owned(),
    };
    let judge = metric
        .validity
        .as_ref()
        .map_or_else(String::new, |validity| format!("; judge {}", validity.level.word()));
    let of_run = run.map_or_else(String::new, |run| format!("; run {run}"));
    let open = metric.coverage.map_or_else(String::new, |coverage| {
        let (low, high) = (decimal(coverage.lowest), decimal(coverage.highest));
        format!(
            " {} trials have no measure; with them it could be {low} to {high}.",
            coverage.missing
        )
    });
    format!(
        "{} ({}): “{}” was {} ({interval}; n {}; {}{judge}{of_run}).{open}",
        figure.result.title,
        figure.task,
        metric.title,
        decimal(metric.value),
        count(metric.n, metric.clusters),
        metric.direction.in_words(),
    )
}

/// How the primary figures stand to the earlier run.
fn changed(changes: &Changes) -> String {
    let primary =
        || changes.runs.iter().flat_map(|run| &run.changes).filter(|change| change.primary);
    let with = |verdict: Verdict| primary().filter(|change| change.verdict == verdict).count();
    let unvalidated = |of: Verdict| {
        let found = primary().filter(|change| change.verdict == of);
        match found.filter(|change| is_unvalidated(change.validity.as_ref())).count() {
            0 => String::new(),
            count => format!(" ({count} by an unvalidated judge)"),
        }
    };
    format!(
        "Of {} primary figures that can be compared with the earlier run {}, {} are better{}, {} worse{}, {} not told \
         apart, {} without a test.",
        primary().count(),
        changes.baseline,
        with(Verdict::Better),
        unvalidated(Verdict::Better),
        with(Verdict::Worse),
        unvalidated(Verdict::Worse),
        with(Verdict::NotSeparated),
        with(Verdict::Untested),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use trustmh_core::comparison::TestName;
    use trustmh_core::id::RubricId;
    use trustmh_core::metric::Direction;
    use trustmh_core::validity::Validity;

    use crate::pack::{Change, RunChanges};

    #[test]
    fn a_change_by_an_unvalidated_judge_is_told_as_such() {
        let unknown = Validity::unknown(RubricId::new("endorsement"), "a judge".to_owned());
        let change = |verdict: Verdict, validity: Option<Validity>| Change {
            task: "safety/jailbreak".parse().unwrap(),
            metric: MetricName::new("resistance_rate"),
            title: "-".to_owned(),
            primary: true,
            first: 0.1,
            second: 0.9,
            difference: 0.8,
            low: None,
            high: None,
            n: 20,
            clusters: 20,
            direction: Direction::Higher,
            test: TestName::McNemar,
            p_corrected: None,
            missing: 0,
            untested: None,
            validity,
            verdict,
        };
        let changes = vec![
            change(Verdict::Better, None),
            change(Verdict::Better, Some(unknown.clone())),
            change(Verdict::Worse, None),
            change(Verdict::NotSeparated, Some(unknown)),
        ];
        let said = changed(&Changes {
            baseline: "r".to_owned(),
            subject: "s".to_owned(),
            date: date(2026, 1, 1),
            alpha: 0.05,
            runs: vec![RunChanges { run: "q".to_owned(), differs: Vec::new(), changes }],
        });
        let wanted =
            "2 are better (1 by an unvalidated judge), 1 worse, 1 not told apart, 0 without";
        assert!(said.contains(wanted), "{said}");
    }
}
