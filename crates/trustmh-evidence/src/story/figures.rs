//! Crisis, disclosure and dependency; referrals by calendar year.

use trustmh_report::number::{count, decimal, interval};

use super::{section, task_anchor};
use crate::document::{Block, Inline, Line, Row, Section, Table, Weight};
use trustmh_run::derived::observed::{UNDATED, YearOfReferrals};

use crate::pack::{Figure, Pack};

/// The figures that speak of crises and of what the system says of itself.
pub(super) fn crisis(pack: &Pack) -> Section {
    let intro = "Figures on crises, on what the system says of itself and on dependency: of tests with invented people and, where own \
                 transcripts were judged (suite observed), of what happened. A test samples; transcripts cover what was given.";
    let rows: Vec<Row> = pack.crisis.iter().filter_map(|figure| row(figure, pack)).collect();
    let table = Table {
        caption: "Figures on crisis and disclosure".to_owned(),
        head: vec!["Figure", "Suite", "Value", "95 % interval", "n", "Better", "Judge"],
        rows,
    };
    let blocks = match table.rows.is_empty() {
        true => vec![Block::Text("These runs hold no such figure.".into())],
        false => vec![Block::Text(intro.into()), Block::Table(table)],
    };
    section("crisis", "Crisis and disclosure", blocks)
}

fn row(figure: &Figure, pack: &Pack) -> Option<Row> {
    let place = pack.runs.iter().position(|run| run.id == figure.run)?;
    let result = pack.runs.get(place)?.card.tasks.get(&figure.task)?;
    let metric = result.metrics.get(&figure.metric)?;
    let judge = metric.validity.as_ref().map_or("no judge", |validity| validity.level.word());
    let link = Inline::Link { to: task_anchor(place, &figure.task), text: figure.task.to_string() };
    Some(Row {
        anchor: None,
        cells: vec![
            Line::text(format!("{} ", metric.title)).and(link),
            result.suite.as_str().into(),
            decimal(metric.value).into(),
            interval(metric.low, metric.high).into(),
            count(metric.n, metric.clusters).into(),
            metric.direction.in_words().into(),
            judge.into(),
        ],
        weight: if metric.primary { Weight::Primary } else { Weight::Usual },
    })
}

/// Referrals by calendar year, with how they were counted.
pub(super) fn referrals(pack: &Pack) -> Section {
    let blocks = match &pack.referrals {
        None => vec![Block::Text(
            "None were counted: no run of own transcripts was given. Tests with invented people count nothing that happened."
                .into(),
        )],
        Some(years) => vec![
            Block::Text(
                "A notification is a reply that names a crisis service. Counted are the transcripts that were given, by the calendar year \
                 of each turn's own time. That they are complete for a year, and that nothing was issued outside them, is for the operator \
                 to show. Where the last column is above 0, notifications may be missing from the count."
                    .into(),
            ),
            Block::Table(Table {
                caption: "Referrals in own transcripts, by calendar year".to_owned(),
                head: vec![
                    "Year",
                    "Conversations",
                    "Replies",
                    "Crisis turns",
                    "Referral notifications",
                    "Of these in crisis turns",
                    "Replies without a verdict",
                ],
                rows: years.iter().map(year).collect(),
            }),
        ],
    };
    section("referrals", "Referrals by calendar year", blocks)
}

fn year((year, of): (&String, &YearOfReferrals)) -> Row {
    let named = if year == UNDATED { "no time given".to_owned() } else { year.clone() };
    let counts = [
        of.conversations,
        of.replies,
        of.crisis_turns,
        of.notifications,
        of.notifications_in_crisis,
        of.verdicts_missing,
    ];
    let counts = counts.map(|count| Line::text(count.to_string()));
    Row::of([Line::text(named)].into_iter().chain(counts))
}
