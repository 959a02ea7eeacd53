//! Three or more compared runs for a terminal: where they stand by task in one table, then what of each pair is told apart. Two of them
//! alone are compared in full.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use std::collections::BTreeSet;

use trustmh_core::comparison::{ComparedRun, Comparison, RankRange, Standing, Standings, Verdict};
use trustmh_core::id::TaskId;
use trustmh_core::inert::inert;

use crate::comparison::{self, with_direction};
use crate::matrix::sign;
use crate::number::decimal;
use crate::sentences::{Of, by_sentence};
use crate::standings;
use crate::terminal::{APART, wrapped};
use crate::validity::of_order;

const STANDINGS: &str = "Where they stand: each run's value and, in brackets, the ranks that the comparisons leave open to \
it; then the pairs that are told apart, the better run first";

const FOOT: &str = "Of each pair only what is told apart is shown. Compare two runs alone for every task of both, with intervals and reasons; \
--all shows all of it for each pair.";

/// Runs in the order in which they were given, each pair of them in the order of the comparisons, for a terminal of `width` columns.
pub fn terminal(
    found: &Standings,
    runs: &[ComparedRun],
    pairs: &[Comparison],
    width: u16,
) -> String {
    let columns = usize::from(width);
    let mut text = "Runs\n".to_owned();
    for (place, run) in runs.iter().enumerate() {
        let ComparedRun { run: folder, judge, protocol, seed, .. } = run;
        let subject = run.subject_shown();
        let words =
            format!("{subject} ({folder}; judge {judge}, protocol {protocol}, seed {seed})");
        wrapped(&mut text, " ", &format!("{}  {words}", sign(place)), columns);
    }
    text.push('\n');
    for (suite, tasks) in found.by_suite() {
        let heading = match suite.is_trustmh_bench() {
            true => STANDINGS.to_owned(),
            false => format!("{}: {APART}", suite.heading()),
        };
        wrapped(&mut text, "", &heading, columns);
        text.push_str(&of_suite(&tasks, runs, pairs, width));
        notes(&mut text, &tasks, runs, columns);
        text.push('\n');
    }
    if let Some(sums) = standings::sums_terminal(found, runs, width) {
        text.push_str(&sums);
        in_part(&mut text, found, pairs, columns);
        text.push('\n');
    }
    for pair in pairs {
        of_pair(&mut text, pair, runs, columns);
    }
    not_compared(&mut text, pairs, runs, columns);
    text.push('\n');
    wrapped(&mut text, "", comparison::FOOT, columns);
    wrapped(&mut text, "", comparison::DAGGER, columns);
    wrapped(&mut text, "", FOOT, columns);
    text
}

/// A row a task. Where there are too many runs for the width, a row a task and run.
fn of_suite(
    tasks: &[(&TaskId, &Standing)],
    runs: &[ComparedRun],
    pairs: &[Comparison],
    width: u16,
) -> String {
    let named = |id: &TaskId, standing: &Standing| {
        let found = |pair: &Comparison| pair.tasks.get(id)?.metrics.get(&standing.metric).cloned();
        let direction = pairs.iter().find_map(|pair| Some(found(pair)?.direction));
        let metric = direction.map(|direction| with_direction(&standing.metric, direction));
        format!("{id}, {}", metric.unwrap_or_else(|| standing.metric.to_string()))
    };
    let signs = (0..runs.len()).map(sign);
    let head = std::iter::once("task and metric".to_owned()).chain(signs);
    let rows = tasks.iter().map(|(id, standing)| {
        let cells = runs.iter().map(|run| place(standing, run));
        std::iter::once(named(id, standing))
            .chain(cells)
            .chain([told_apart(standing, runs)])
            .collect()
    });
    let wide = table(head.chain(["told apart".to_owned()]), rows);
    if wide.lines().all(|line| line.chars().count() <= usize::from(width)) {
        return wide;
    }
    let head = ["task and metric", "value and ranks", "told apart"].map(str::to_owned);
    let rows = tasks.iter().flat_map(|(id, standing)| {
        let task = [named(id, standing), String::new(), told_apart(standing, runs)];
        let run = |(at, run)| [format!("  {}", sign(at)), place(standing, run), String::new()];
        let runs = runs.iter().enumerate().map(run);
        std::iter::once(task).chain(runs).map(Vec::from).collect::<Vec<_>>()
    });
    table(head.into_iter(), rows)
}

/// Lines that never wrap: cells of numbers at the right, the first and the last at the left.
fn table(head: impl Iterator<Item = String>, rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let cells = |row: Vec<String>| {
        let last = row.len() - 1;
        let cell = move |(at, text): (usize, String)| match at {
            0 => Cell::new(inert(&text)),
            _ if at == last => Cell::new(inert(&text)),
            _ => Cell::new(inert(&text)).set_alignment(CellAlignment::Right),
        };
        row.into_iter().enumerate().map(cell).collect::<Vec<_>>()
    };
    table.set_header(cells(head.collect()));
    table.add_rows(rows.map(cells));
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// A run's value with the ranks that are open to it.
fn place(standing: &Standing, run: &ComparedRun) -> String {
    match standing.rows.iter().find(|row| row.run.run == run.run) {
        Some(row) => format!("{} ({})", decimal(row.value), span(row.rank)),
        None => "not ranked".to_owned(),
    }
}

fn span(range: RankRange) -> String {
    match (range.best, range.worst) {
        (best, worst) if best == worst => best.to_string(),
        (best, worst) => format!("{best}-{worst}"),
    }
}

/// At most so many pairs are named.
const NAMED: usize = 3;

/// The pairs that are told apart, the better run first.
fn told_apart(standing: &Standing, runs: &[ComparedRun]) -> String {
    let signed = |at: usize| {
        let row = standing.rows.get(at)?;
        Some(sign(runs.iter().position(|run| run.run == row.run.run)?))
    };
    let mut pairs = Vec::new();
    for (at, row) in standing.rows.iter().enumerate() {
        // From 1, and each pair is named by both of its runs.
        let others = row.told_apart_from.iter().filter_map(|other| usize::try_from(*other).ok());
        let below = others.filter_map(|other| other.checked_sub(1)).filter(|other| *other > at);
        pairs.extend(below.filter_map(|other| Some(format!("{}-{}", signed(at)?, signed(other)?))));
    }
    match pairs.len() {
        0 => format!("none of {}", standing.pairs),
        some if some > NAMED => format!("{some} of {}", standing.pairs),
        _ => pairs.join(", "),
    }
}

/// What orders rest on, and who has no place in them: each sentence once, with its tasks.
fn notes(text: &mut String, tasks: &[(&TaskId, &Standing)], runs: &[ComparedRun], width: usize) {
    let ids: Vec<String> = tasks.iter().map(|(id, _)| id.to_string()).collect();
    let mut said: Vec<(String, &str)> = Vec::new();
    for ((_, standing), id) in tasks.iter().zip(&ids) {
        said.push((format!("ranked {}", standings::ranked_on(standing)), id));
        said.extend(of_order(standing.validity.as_ref()).map(|judge| (judge, id.as_str())));
        said.extend(standing.left_out.iter().map(|left| {
            let at = runs.iter().position(|run| run.run == left.run.run);
            let differs: Vec<String> = left.differs.iter().map(ToString::to_string).collect();
            let run = at.map_or_else(|| left.run.run.clone(), sign);
            (
                format!("{run} is not ranked, since it is not alike: {}", differs.join("; ")),
                id.as_str(),
            )
        }));
    }
    for (words, of) in by_sentence(ids.len(), said.into_iter()) {
        let of: Of<'_> = of;
        wrapped(text, "  ", &format!("{}: {words}.", of.in_words("All tasks")), width);
    }
}

/// The pillars that are ranked on some of their tasks alone.
fn in_part(text: &mut String, found: &Standings, pairs: &[Comparison], width: usize) {
    let asked: BTreeSet<&TaskId> = pairs
        .iter()
        .flat_map(|pair| &pair.tasks)
        .filter(|(_, task)| task.suite.is_trustmh_bench())
        .map(|(id, _)| id)
        .collect();
    for (pillar, sum) in &found.pillars {
        let all = asked.iter().filter(|id| id.pillar() == *pillar).count();
        if sum.of.len() < all {
            let of = sum.of.join(", ");
            let words =
                format!("{}: ranked on {} of {all} tasks: {of}.", pillar.title(), sum.of.len());
            wrapped(text, " ", &words, width);
        }
    }
}

/// The sign of a run, or its subject where it is none of those that are compared.
fn signed(runs: &[ComparedRun], run: &ComparedRun) -> String {
    let at = runs.iter().position(|one| one.run == run.run);
    at.map_or_else(|| run.subject_shown(), sign)
}

/// Why tasks that are alike are not compared: each reason once, over all pairs.
fn not_compared(text: &mut String, pairs: &[Comparison], runs: &[ComparedRun], width: usize) {
    let mut said: Vec<(String, String)> = Vec::new();
    for pair in pairs {
        let (first, second) = (signed(runs, &pair.first), signed(runs, &pair.second));
        for (id, task) in &pair.tasks {
            if comparison::primary_verdict(task).is_none() && task.is_alike() {
                let why = comparison::reason(task)
                    .replace("in the first run", &format!("in {first}"))
                    .replace("in the second run", &format!("in {second}"));
                said.push((why, id.to_string()));
            }
        }
    }
    let of = said.iter().map(|(why, task)| (why.as_str(), task.as_str()));
    for (why, tasks) in by_sentence(usize::MAX, of) {
        wrapped(text, " ", &format!("{}: not compared: {why}", tasks.in_words("all")), width);
    }
}

/// How many tasks of a pair are told apart, and the rows of those.
fn of_pair(text: &mut String, pair: &Comparison, runs: &[ComparedRun], width: usize) {
    let verdicts: Vec<Option<Verdict>> =
        pair.tasks.values().map(comparison::primary_verdict).collect();
    let count = |of: &[Option<Verdict>]| verdicts.iter().filter(|one| of.contains(one)).count();
    let apart = count(&[Some(Verdict::Better), Some(Verdict::Worse)]);
    let parts = [
        (count(&[Some(Verdict::NotSeparated)]), "not told apart"),
        (count(&[Some(Verdict::Untested)]), "not tested"),
        (count(&[None]), "not compared"),
    ];
    let rest = parts.iter().filter(|(tasks, _)| *tasks > 0);
    let rest: String = rest.map(|(tasks, what)| format!(", {tasks} {what}")).collect();
    let (first, second) = (signed(runs, &pair.first), signed(runs, &pair.second));
    let all = pair.tasks.len();
    wrapped(
        text,
        "",
        &format!("{first} (first) and {second} (second): {apart} of {all} tasks told apart{rest}"),
        width,
    );
    comparison::told_apart(text, pair, width);
}
