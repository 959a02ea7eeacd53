//! `trustmh leaderboard`: local runs beside the published models.

use clap::Args;
use std::path::PathBuf;

use trustmh_core::suite::by_suite;
use trustmh_core::validity::Validity;
use trustmh_engine::published::Published;
use trustmh_report::number::{decimal, interval};
use trustmh_report::sections::{self, Section};
use trustmh_run::several::leaderboard::{Beside, Group, Leaderboard, TaskBoard, leaderboard};

use crate::arguments::{BesideArguments, JsonOutput, Layout, ScoringRules};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::run_folder::score_all;
use crate::{matrices, screen};

/// Rank runs against the 12 published models, where the numbers are comparable
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct LeaderboardArguments {
    /// Run folders or bundles; without any, the published ranks alone
    runs: Vec<PathBuf>,
    /// Also show the published models beside the runs
    #[arg(long)]
    published: bool,
    #[command(flatten)]
    beside: BesideArguments,
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    rules: ScoringRules,
}

const EXAMPLES: &str = r"Examples:
  trustmh leaderboard                     only the published ranks
  trustmh leaderboard runs/* --published
  trustmh leaderboard runs/* --format markdown
  trustmh leaderboard runs/* --format html --output board.html
  trustmh leaderboard imported/* --protocol reference --json";

pub(crate) fn run(arguments: &LeaderboardArguments) -> Result<Exit, Failure> {
    arguments.beside.check()?;
    let benchmark = benchmark(&arguments.rules.tasks_from)?;
    let runs = score_all(&benchmark, &arguments.runs, arguments.rules.protocol)?;
    let runs = runs.called(&arguments.beside.names)?;
    let board = leaderboard(&Published::embedded()?, &runs);
    let matrix = match arguments.beside.shows_matrix(&arguments.output) {
        true => Some(matrices::of_board(&benchmark, &runs, &board)?),
        false => None,
    };
    matrices::write_figures(matrix.as_ref(), &arguments.beside)?;
    if arguments.output.json {
        screen::print_json(&board)?;
        return Ok(Exit::Ok);
    }
    let shown = match (runs.is_empty(), arguments.published) {
        (true, _) => Shown::PublishedAlone,
        (false, true) => Shown::RunsAndPublished,
        (false, false) => Shown::Runs,
    };
    let sections = || sections_of(&board, runs.len(), shown);
    let text = match arguments.beside.format {
        Layout::Table => sections::terminal(&sections(), screen::width()),
        Layout::Markdown => sections::markdown(&sections()),
        Layout::Html | Layout::Latex | Layout::Csv => {
            matrices::text(matrix.as_ref(), &arguments.beside)
        }
    };
    matrices::put(&text, &arguments.beside)?;
    Ok(Exit::Ok)
}

/// What the tables show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// The published ranks of all tasks: there are no runs.
    PublishedAlone,
    /// The runs, each with its place among the published models.
    Runs,
    /// These models, too.
    RunsAndPublished,
}

/// Tasks that a run has, the runs first, then the pillars; without runs all tasks.
fn sections_of(board: &Leaderboard, runs: usize, shown: Shown) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for (id, task) in &board.tasks {
        if shown != Shown::PublishedAlone && task.groups.is_empty() {
            continue;
        }
        let own = task.groups.iter();
        sections.extend(own.map(|group| of_group(&id.to_string(), group, beside(group))));
        if shown != Shown::Runs {
            sections.push(published(&id.to_string(), task));
        }
    }
    let (title, head): (&str, &[&str]) = match shown {
        Shown::Runs => ("Pillars: scores of the runs", &["pillar", "runs, 0 to 100"]),
        Shown::PublishedAlone | Shown::RunsAndPublished => (
            "Pillars: published ranks of 12 models, and pillar scores of the runs",
            &["pillar", "published, best first", "runs, 0 to 100"],
        ),
    };
    let mut pillars = Section {
        title: title.to_owned(),
        head: head.iter().map(|head| (*head).to_owned()).collect(),
        rows: Vec::new(),
        notes: board.notes.clone(),
    };
    for (pillar, found) in &board.pillars {
        let ranks = found.published.iter().map(|(model, rank)| format!("{rank} {model}"));
        let scores = found.runs.iter().map(|(subject, score)| {
            format!("{subject} {:.1} {}", score.value, interval(score.low, score.high))
        });
        pillars.notes.extend(found.left_out.iter().map(|left| {
            format!("{}: {} ({}) has no rank: {}", pillar.title(), left.subject, left.run, left.why)
        }));
        let ranks = (shown != Shown::Runs).then(|| ranks.collect::<Vec<_>>().join(", "));
        let scores = scores.collect::<Vec<_>>().join("; ");
        let cells = std::iter::once(pillar.title().to_owned()).chain(ranks).chain([scores]);
        pillars.rows.push(cells.collect());
    }
    pillars.notes.extend(caveats(board, runs));
    sections.push(pillars);
    // Other suites and the users' own tasks stand below, and none of them has a place among the published models.
    for (suite, tasks) in by_suite(&board.suites) {
        for (id, groups) in tasks.into_iter().flatten() {
            let note =
                "No published model was asked this; it is in no pillar and no place.".to_owned();
            let named = format!("{}, {id}", suite.heading());
            sections.extend(groups.iter().map(|group| of_group(&named, group, note.clone())));
        }
    }
    sections
}

/// Each caveat once, with the runs that it is of.
fn caveats(board: &Leaderboard, runs: usize) -> Vec<String> {
    let mut found: Vec<(&str, Vec<&str>)> = Vec::new();
    for (run, caveats) in &board.caveats {
        for caveat in caveats {
            match found.iter_mut().find(|(known, _)| known == caveat) {
                Some((_, runs)) => runs.push(run),
                None => found.push((caveat, vec![run])),
            }
        }
    }
    let said = |(caveat, of): (&str, Vec<&str>)| match of.len() {
        all if all == runs && all > 1 => format!("Caveat of all runs: {caveat}"),
        _ => format!("Caveat of {}: {caveat}", of.join(", ")),
    };
    found.into_iter().map(said).collect()
}

fn published(id: &str, task: &TaskBoard) -> Section {
    let numbers = task.published.iter().any(|row| row.value.is_some());
    let head = if numbers { vec!["rank", "model", "value"] } else { vec!["rank", "model"] };
    let rows = task.published.iter().map(|row| {
        let mut cells = vec![row.rank.to_string(), row.model.clone()];
        if numbers {
            cells.push(row.value.map(decimal).unwrap_or_default());
        }
        cells
    });
    Section {
        title: format!("{id}: published ranks of 12 models"),
        head: head.into_iter().map(str::to_owned).collect(),
        rows: rows.collect(),
        notes: vec![
            "Ranks as published, without intervals: neighbours may not differ at all.".to_owned(),
        ],
    }
}

/// Whether the runs of a group stand beside the published numbers.
fn beside(group: &Group) -> String {
    match &group.beside_published {
        Beside::Directly => "Directly comparable with the published numbers.".to_owned(),
        Beside::Not(why) => format!("Not comparable with the published numbers: {why}."),
    }
}

fn of_group(id: &str, group: &Group, beside: String) -> Section {
    let head = ["subject", "metric", "value", "95 % interval", "n", "rank among published", "run"];
    let rows = group.runs.iter().map(|row| {
        let place = match row.place {
            Some((best, worst)) if best == worst => best.to_string(),
            Some((best, worst)) => format!("{best} to {worst}"),
            None if row.pending > 0 => format!("none: {} trials are pending", row.pending),
            None => "none".to_owned(),
        };
        vec![
            row.subject.clone(),
            row.metric.to_string(),
            decimal(row.value),
            interval(row.low, row.high),
            row.n.to_string(),
            place,
            row.run.clone(),
        ]
    });
    let key: Vec<String> =
        group.key.iter().map(|(what, value)| format!("{what}: {value}")).collect();
    let mut notes = vec![beside, format!("Runs in this table share: {}.", key.join("; "))];
    let judge = group.validity.as_ref().and_then(Validity::behind_an_order);
    notes.extend(judge.map(|judge| format!("Judged: {judge}.")));
    Section {
        title: format!("{id}: runs"),
        head: head.map(str::to_owned).into(),
        rows: rows.collect(),
        notes,
    }
}
