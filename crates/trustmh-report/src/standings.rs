//! Several runs in order: tables for terminals and Markdown.

use comfy_table::{ContentArrangement, Table, presets};

use trustmh_core::comparison::{
    ComparedRun, RankRange, RankedBy, Standing, StandingRow, Standings,
};
use trustmh_core::id::{SuiteId, TaskId};
use trustmh_core::unlike::Unlike;

use crate::escape;
use crate::matrix::sign;
use crate::number::decimal;
use crate::terminal::{APART, wrapped};
use crate::validity::{is_unvalidated, of_order};
use trustmh_core::inert::inert;

/// Runs in order by task, then by pillar and over all, for a terminal of `width` columns. `runs` are those that were
/// compared, in their order. Empty where there are no standings.
pub fn terminal(found: &Standings, runs: &[ComparedRun], width: u16) -> String {
    let mut text = String::new();
    let of_tasks = |text: &mut String, tasks: &[(&TaskId, &Standing)]| {
        for (id, standing) in tasks {
            text.push_str(&format!("{}\n", inert(&heading(id, standing))));
            let rows = rows(standing, runs).map(|row| row.map(|cell| inert(&cell)).to_vec());
            text.push_str(&format!("{}\n", table(&HEAD.map(str::to_owned), rows, width)));
            for line in left_out(standing) {
                text.push_str(&format!(" {}\n", inert(&line)));
            }
            text.push('\n');
        }
    };
    let (own, others) = apart(found);
    if !found.tasks.is_empty() {
        names(runs).for_each(|name| wrapped(&mut text, "", &name, usize::from(width)));
        text.push('\n');
    }
    of_tasks(&mut text, &own);
    if let Some(sums) = sums_terminal(found, runs, width) {
        text.push_str(&format!("{sums}\n"));
    }
    for (suite, tasks) in others {
        text.push_str(&format!("{}: {APART}\n\n", inert(&suite.heading())));
        of_tasks(&mut text, &tasks);
    }
    text
}

/// The ranks by sums of ranks, runs by their signs, for a terminal; none where nothing is summed.
pub(crate) fn sums_terminal(found: &Standings, runs: &[ComparedRun], width: u16) -> Option<String> {
    let sums = sums(found, runs)?;
    let table = table(&sums.head, sums.rows.into_iter(), width);
    let mut text = format!("{SUMS}\n{table}\n");
    if let Some(judge) = unvalidated(found) {
        wrapped(&mut text, " ", &judge, usize::from(width));
    }
    Some(text)
}

/// The runs by their signs.
fn names(runs: &[ComparedRun]) -> impl Iterator<Item = String> {
    let named = |(place, run): (usize, &ComparedRun)| {
        format!("{}: {} ({})", sign(place), run.subject_shown(), run.run)
    };
    runs.iter().enumerate().map(named)
}

/// Tasks with their standings.
type Of<'s> = Vec<(&'s TaskId, &'s Standing)>;

/// The benchmark's own tasks, and those of each other suite.
fn apart(found: &Standings) -> (Of<'_>, Vec<(&SuiteId, Of<'_>)>) {
    let (own, others): (Vec<_>, Vec<_>) =
        found.by_suite().into_iter().partition(|(suite, _)| suite.is_trustmh_bench());
    (own.into_iter().flat_map(|(_, tasks)| tasks).collect(), others)
}

/// The same as Markdown.
pub fn markdown(found: &Standings, runs: &[ComparedRun]) -> String {
    let mut text = String::new();
    let of_tasks = |text: &mut String, tasks: &[(&TaskId, &Standing)]| {
        for (id, standing) in tasks {
            text.push_str(&format!("### {}\n\n", escape::markdown(&heading(id, standing))));
            text.push_str(&bars(
                &HEAD.map(str::to_owned),
                rows(standing, runs).map(|row| row.to_vec()),
            ));
            for line in left_out(standing) {
                text.push_str(&format!("- {}\n", escape::markdown(&line)));
            }
            if !standing.left_out.is_empty() {
                text.push('\n');
            }
        }
    };
    let (own, others) = apart(found);
    if !found.tasks.is_empty() {
        let name = |name: String| format!("- {}\n", escape::markdown(&name));
        text.push_str(&format!("### Runs\n\n{}\n", names(runs).map(name).collect::<String>()));
    }
    of_tasks(&mut text, &own);
    if let Some(sums) = sums(found, runs) {
        text.push_str(&format!("### {SUMS}\n\n"));
        text.push_str(&bars(&sums.head, sums.rows.into_iter()));
        if let Some(judge) = unvalidated(found) {
            text.push_str(&format!("- {}\n\n", escape::markdown(&judge)));
        }
    }
    for (suite, tasks) in others {
        text.push_str(&format!("## {}\n\n{APART}\n\n", escape::markdown(&suite.heading())));
        of_tasks(&mut text, &tasks);
    }
    text
}

const HEAD: [&str; 6] = ["", "subject", "value", "rank", "rank, 95 %", "told apart from"];

const SUMS: &str =
    "Ranks by the sum of ranks, and in brackets those that the comparisons leave open";

fn heading(id: &TaskId, standing: &Standing) -> String {
    let judge = of_order(standing.validity.as_ref());
    let judge = judge.map_or_else(String::new, |judge| format!("; {judge}"));
    format!(
        "{id}, {}: {} of {} pairs are told apart, {}{judge}",
        standing.metric,
        standing.separated,
        standing.pairs,
        ranked_on(standing)
    )
}

/// What the ranks of a task are drawn from.
pub(crate) fn ranked_on(standing: &Standing) -> String {
    match (standing.by, standing.shared) {
        (RankedBy::SharedItems, Some(shared)) => format!("on {shared} shared trials"),
        _ => "by each run's own value".to_owned(),
    }
}

/// The tasks behind the sums of ranks whose order rests on a judge of which nothing is known.
fn unvalidated(found: &Standings) -> Option<String> {
    let summed = found.pillars.values().flat_map(|pillar| &pillar.of);
    let named: Vec<&str> = summed
        .filter(|of| {
            let standing = found.tasks.iter().find(|(id, _)| id.to_string() == **of);
            is_unvalidated(standing.and_then(|(_, standing)| standing.validity.as_ref()))
        })
        .map(String::as_str)
        .collect();
    (!named.is_empty()).then(|| {
        format!(
            "Of these sums the ranks on {} rest on a judge that has not been checked against human ratings for its rubric.",
            named.join(", ")
        )
    })
}

/// A row a run, the best first; runs by their signs.
fn rows<'s>(
    standing: &'s Standing,
    runs: &'s [ComparedRun],
) -> impl Iterator<Item = [String; 6]> + 's {
    let signed = |row: &StandingRow| {
        let place = runs.iter().position(|run| run.run == row.run.run);
        place.map_or_else(|| row.run.run.clone(), sign)
    };
    standing.rows.iter().map(move |row| {
        let others = row.told_apart_from.iter().filter_map(|place| usize::try_from(*place).ok());
        let others = others.filter_map(|place| standing.rows.get(place.checked_sub(1)?));
        let apart: Vec<String> = others.map(signed).collect();
        [
            signed(row),
            row.run.subject_shown(),
            decimal(row.value),
            row.rank.rank.to_string(),
            span(row.rank),
            if apart.is_empty() { "nobody".to_owned() } else { apart.join(", ") },
        ]
    })
}

/// The runs that are not ranked, each with what differs.
fn left_out(standing: &Standing) -> impl Iterator<Item = String> {
    standing.left_out.iter().map(|left| {
        let differs: Vec<String> = left.differs.iter().map(Unlike::to_string).collect();
        let (run, subject) = (&left.run.run, left.run.subject_shown());
        format!(
            "left out, not like those that are ranked: {subject} ({run}): {}",
            differs.join("; ")
        )
    })
}

fn span(range: RankRange) -> String {
    if range.best == range.worst {
        range.best.to_string()
    } else {
        format!("{} to {}", range.best, range.worst)
    }
}

/// Pillars as rows and runs as columns, by their signs in the order given. None without a pillar.
fn sums(found: &Standings, runs: &[ComparedRun]) -> Option<Sums> {
    let lines: Vec<(&str, &Vec<RankRange>)> = found
        .overall
        .iter()
        .map(|standing| ("over all", &standing.ranks))
        .chain(found.pillars.iter().map(|(pillar, standing)| (pillar.title(), &standing.ranks)))
        .collect();
    if lines.is_empty() {
        return None;
    }
    let cell = |range: &RankRange| match (range.best, range.worst) {
        (best, worst) if best == worst => range.rank.to_string(),
        (best, worst) => format!("{} ({best}-{worst})", range.rank),
    };
    let row = |(name, ranks): &(&str, &Vec<RankRange>)| {
        std::iter::once((*name).to_owned()).chain(ranks.iter().map(cell)).collect()
    };
    Some(Sums {
        head: std::iter::once(String::new()).chain((0..runs.len()).map(sign)).collect(),
        rows: lines.iter().map(row).collect(),
    })
}

struct Sums {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

fn table(head: &[String], rows: impl Iterator<Item = Vec<String>>, width: u16) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_width(width);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_header(head);
    table.add_rows(rows);
    table
}

fn bars(head: &[String], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut text = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| escape::markdown(cell)).collect();
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustmh_core::id::{MetricName, RubricId};
    use trustmh_core::validity::{Level, Validity};

    #[test]
    fn an_order_says_that_its_judge_was_not_held_against_people() {
        let of = |validity: Option<Validity>| {
            let standing = Standing {
                suite: SuiteId::trustmh_bench(),
                metric: MetricName::new("endorsement_rate"),
                by: RankedBy::OwnIntervals,
                shared: None,
                pairs: 3,
                separated: 2,
                rows: Vec::new(),
                validity,
                left_out: Vec::new(),
            };
            heading(&"sycophancy/oeq".parse().unwrap(), &standing)
        };
        let unknown = Validity::unknown(RubricId::new("endorsement"), "a judge".to_owned());
        let plain = "sycophancy/oeq, endorsement_rate: 2 of 3 pairs are told apart, by each run's own value";
        assert_eq!(of(None), plain);
        assert_eq!(of(Some(Validity { level: Level::Validated, ..unknown.clone() })), plain);
        let told = "the judge behind this order has not been checked against human ratings for this rubric: \
            unvalidated for endorsement (never checked against human ratings)";
        assert_eq!(of(Some(unknown)), format!("{plain}; {told}"));
    }
}
