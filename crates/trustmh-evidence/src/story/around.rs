//! What stands around the results: the judge, limits, and what changed.

use trustmh_report::comparison::verdict;
use trustmh_report::number::{count, decimal, interval};

use super::section;
use crate::document::{Block, Line, Row, Section, Table, Weight};
use crate::pack::{Change, Changes, Pack};

/// How far the judges were checked against human ratings.
pub(super) fn judge(pack: &Pack) -> Section {
    let mut rows = Vec::new();
    for run in &pack.runs {
        for (id, result) in &run.card.tasks {
            for (validity, names) in result.validities() {
                let named: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
                rows.push(Row::of([
                    Line::code(id.to_string()),
                    Line::code(named.join(", ")),
                    validity.judge.as_str().into(),
                    match validity.set.is_some() {
                        true => validity.in_words().into(),
                        false => format!("not validated: {}", validity.in_words()).into(),
                    },
                    Line::code(run.id.clone()),
                ]));
            }
        }
    }
    let intro = "A judge is validated for a rubric if its agreement with people is about as good as theirs with each other, on 100 replies \
                 or more; directional if it is better than chance and no more is shown; else not validated. Figures that no judge has a part \
                 in are not listed.";
    let table = Table {
        caption: "Judges checked against human ratings".to_owned(),
        head: vec!["Task", "Figures", "Judge", "How far", "Run"],
        rows,
    };
    let blocks = match table.rows.is_empty() {
        true => vec![Block::Text("No judge has a part in these figures.".into())],
        false => vec![Block::Text(intro.into()), Block::Table(table)],
    };
    section("judge", "The judge", blocks)
}

/// Limits and foreseeable adverse outcomes.
pub(super) fn limits(pack: &Pack) -> Section {
    let limits = pack.limits.iter().map(|limit| {
        Line::text(format!("{} ", limit.text)).then(format!("({})", limit.of.join(", ")))
    });
    let mut blocks = vec![
        Block::heading("Foreseeable adverse outcomes"),
        Block::Text(
            "Each task looks for a kind of failure. Where its figure falls short of the best there is, that failure happened in the tests, \
             and it is foreseeable in use. What no task looks for may happen all the same."
                .into(),
        ),
    ];
    let adverse: Vec<Line> = pack.adverse.iter().map(|one| one.as_str().into()).collect();
    if !adverse.is_empty() {
        blocks.push(Block::List(adverse));
    }
    blocks.push(Block::heading("Limits of data, measures and judges"));
    blocks.push(Block::List(limits.collect()));
    section("limits", "Limits and foreseeable adverse outcomes", blocks)
}

/// What changed since an earlier run.
pub(super) fn changes(pack: &Pack) -> Section {
    let blocks = match &pack.changes {
        None => vec![Block::Text("No earlier run was given, so no change is shown.".into())],
        Some(changes) => compared(changes),
    };
    section("changes", "What changed", blocks)
}

fn compared(changes: &Changes) -> Vec<Block> {
    let mut blocks = vec![Block::Text(
        Line::text("Compared with the earlier run ")
            .then_code(changes.baseline.clone())
            .then(format!(
                " of {} ({}), on the trials that both share. The difference is later less earlier; p values are corrected within each run \
                 (primary figures by Holm, others by Benjamini and Hochberg), at {}.",
                changes.subject, changes.date, changes.alpha
            )),
    )];
    for run in &changes.runs {
        blocks.push(Block::heading(Line::text("Run ").then_code(run.run.clone())));
        if !run.differs.is_empty() {
            blocks.push(Block::Text("Not compared, because the runs are not alike:".into()));
            blocks.push(Block::List(run.differs.iter().map(|one| one.as_str().into()).collect()));
        }
        match run.changes.is_empty() {
            true => blocks.push(Block::Text("No figure can be compared.".into())),
            false => blocks.push(Block::Table(Table {
                caption: format!("Changes in run {}", run.run),
                head: vec![
                    "Figure",
                    "Earlier",
                    "Later",
                    "Difference",
                    "95 % interval",
                    "Pairs",
                    "p",
                    "Verdict",
                ],
                rows: run.changes.iter().map(change).collect(),
            })),
        }
    }
    blocks
}

fn change(change: &Change) -> Row {
    let said = verdict(change.verdict, change.validity.as_ref(), change.untested.as_deref());
    let pairs = match change.missing {
        0 => count(change.n, change.clusters),
        missing => format!("{}, {missing} missing", count(change.n, change.clusters)),
    };
    let p = change.p_corrected.map_or_else(|| "none".to_owned(), decimal);
    Row {
        anchor: None,
        cells: vec![
            Line::text(format!("{} ", change.title)).then_code(change.task.to_string()),
            decimal(change.first).into(),
            decimal(change.second).into(),
            decimal(change.difference).into(),
            interval(change.low, change.high).into(),
            pairs.into(),
            p.into(),
            said.into(),
        ],
        weight: if change.primary { Weight::Primary } else { Weight::Usual },
    }
}
