//! What a validation found, as tables.

use trustmh_core::inert::inert;
use trustmh_core::validity::Agreed;

use super::{Beside, OfQuestion, Validation};

/// For the terminal.
pub(super) fn shown(validation: &Validation, width: usize) -> String {
    let mut lines = vec![format!("{} checked against human ratings", inert(&validation.judge))];
    for (set, questions) in &validation.sets {
        lines.push(format!("\n{}", inert(set)));
        for (name, of_question) in questions {
            match of_question {
                OfQuestion::NotJudged { not_judged } => {
                    lines.push(format!("  {}: {not_judged}", inert(name)));
                }
                OfQuestion::Found(beside) => lines.extend(one(name, beside)),
            }
        }
    }
    lines.push(String::new());
    lines.push(format!("{} calls made now{}.", validation.calls, cost(validation)));
    lines.extend(validation.card.iter().map(|path| format!("Judge card: {}", path.display())));
    let options = textwrap::Options::new(width.max(40)).subsequent_indent("      ");
    let wrapped = lines.iter().map(|line| textwrap::fill(line, &options) + "\n");
    wrapped.collect()
}

fn cost(validation: &Validation) -> String {
    validation.cost.map_or_else(String::new, |dollars| format!(", for ${dollars:.2}"))
}

fn one(name: &str, Beside { judge, found }: &Beside) -> Vec<String> {
    let all = &found.all;
    let by = judge.as_ref().map(|judge| format!(" (by {})", inert(judge))).unwrap_or_default();
    let missing = match all.missing {
        0 => String::new(),
        missing => format!(", {missing} without a verdict, counted as disagreement"),
    };
    let mut lines = vec![format!(
        "  {}{by}: kappa {}; n {} in {} items{missing}",
        inert(name),
        figure(all.kappa),
        all.n,
        all.items
    )];
    let mut parts =
        vec![format!("equal {}", figure(all.agreement)), format!("AC1 {}", figure(all.ac1))];
    parts.extend(all.macro_f1.map(|value| format!("macro-F1 {value:.3}")));
    parts.extend(all.rank_correlation.map(|value| format!("rank correlation {value:.3}")));
    parts.extend(all.mae.map(|value| format!("mean absolute error {value:.2}")));
    parts.extend(all.bias.map(|value| format!("bias {value:+.2}")));
    lines.push(format!("    {}", parts.join("; ")));
    lines.push(match found.human {
        Some(human) => format!(
            "    people with each other: kappa {} (n {})",
            figure(Some(human.kappa)),
            human.n
        ),
        None => "    people with each other: not known; no reply was rated by two".to_owned(),
    });
    if let Some(unseen) = &found.unseen {
        let of = match unseen.n {
            0 => {
                "all replies were used in training: these figures say nothing of others".to_owned()
            }
            n => {
                format!("without replies used in training: kappa {} (n {n})", figure(unseen.kappa))
            }
        };
        lines.push(format!("    {of}"));
    }
    let subjects: Vec<String> = found
        .by_subject
        .iter()
        .map(|(subject, of)| {
            let mark = if of.trained_on { ", trained on" } else { "" };
            format!("{} {} (n {}{mark})", inert(subject), plain(of.kappa), of.n)
        })
        .collect();
    if !subjects.is_empty() {
        lines.push(format!("    by subject: {}", subjects.join("; ")));
    }
    for (rater, of) in &found.by_rater {
        let rank = of.rank_correlation.map(|value| format!(", rank correlation {value:.3}"));
        let rank = rank.unwrap_or_default();
        lines.push(format!(
            "    with {}: kappa {}{rank} (n {})",
            inert(rater),
            figure(of.kappa),
            of.n
        ));
    }
    for (people, judge) in &found.confusion {
        let cells: Vec<String> =
            judge.iter().map(|(label, count)| format!("{} {count}", inert(label))).collect();
        lines.push(format!(
            "    people say {}: the judge says {}",
            inert(people),
            cells.join(", ")
        ));
    }
    lines
}

fn plain(found: Option<Agreed>) -> String {
    found.map_or_else(|| "not defined".to_owned(), |found| format!("{:.2}", found.value))
}

fn figure(found: Option<Agreed>) -> String {
    let Some(found) = found else { return "not defined".to_owned() };
    match found.low.zip(found.high) {
        Some((low, high)) => format!("{:.3} [{low:.3}, {high:.3}]", found.value),
        None => format!("{:.3}, too little data for an interval", found.value),
    }
}

/// For the card: one table.
pub(super) fn markdown(validation: &Validation) -> String {
    let mut lines = vec![
        format!("# Judge card: {}", validation.judge),
        String::new(),
        "| set | rubric | n | kappa | people | not seen in training |".to_owned(),
        "|---|---|---|---|---|---|".to_owned(),
    ];
    for (set, questions) in &validation.sets {
        for (name, of_question) in questions {
            let cells = match of_question {
                OfQuestion::NotJudged { not_judged } => format!("| {not_judged} | | | "),
                OfQuestion::Found(beside) => row(beside),
            };
            lines.push(format!("| {set} | {name} {cells}|"));
        }
    }
    lines.join("\n") + "\n"
}

fn row(Beside { found, .. }: &Beside) -> String {
    let people = found.human.map_or_else(|| "not known".to_owned(), |h| figure(Some(h.kappa)));
    let unseen = match &found.unseen {
        None => "all".to_owned(),
        Some(unseen) if unseen.n == 0 => "none".to_owned(),
        Some(unseen) => format!("{} (n {})", figure(unseen.kappa), unseen.n),
    };
    format!("| {} | {} | {people} | {unseen} ", found.all.n, figure(found.all.kappa))
}
