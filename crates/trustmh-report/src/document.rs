//! The scorecard for documents: Markdown, LaTeX, and the section of a model card.

use trustmh_core::id::{MetricName, TaskId};
use trustmh_core::inert::inert;
use trustmh_core::metric::Direction;
use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::{MetricEstimate, Scorecard, TaskResult};

use crate::client::fidelity;
use crate::escape;
use crate::facts::RunFacts;
use crate::label::{self, Label};
use crate::number::{count, decimal, direction, interval, method};
use crate::standing;
use crate::survival;
use crate::terminal::{APART, PILLARS, banners, lacks};
use crate::validity;

/// The scorecard as Markdown: banners, pillars, all metrics by task, caveats, how it was made.
pub fn markdown(card: &Scorecard, facts: &RunFacts) -> String {
    let mut text =
        format!("# TrustMH scorecard of {}\n\n", escape::markdown(&card.subject_shown()));
    text.push_str(&standing_first(card));
    text.push_str(&format!("{}\n\n", made(card, facts)));
    for banner in banners(card) {
        text.push_str(&format!("> **Read first:** {}\n\n", escape::markdown(&banner)));
    }
    text.push_str(&pillars(card));
    for (suite, tasks) in card.by_suite() {
        let level = if suite.is_trustmh_bench() { "##" } else { "###" };
        if !suite.is_trustmh_bench() {
            text.push_str(&format!("## {}\n\n{APART}\n\n", escape::markdown(&suite.heading())));
        }
        tasks.into_iter().for_each(|(id, result)| of_task(&mut text, level, id, result));
    }
    text
}

/// How the record stands, where it must be said, in bold.
fn standing_first(card: &Scorecard) -> String {
    standing::banner(card)
        .map_or_else(String::new, |banner| format!("> **{}**\n\n", escape::markdown(&banner)))
}

fn of_task(text: &mut String, level: &str, id: &TaskId, result: &TaskResult) {
    let title = escape::markdown(&result.title);
    text.push_str(&format!("{level} {title} ({id})\n\n"));
    let counts = &result.outcomes;
    let broke = match counts.broken_client {
        0 => String::new(),
        broke => format!(", {broke} left out, since the client broke its role"),
    };
    text.push_str(&format!(
        "{} trials: {} scored, {} refused, {} unparsed, {} unanswered, {} failed{broke}; {} pending.\n\n",
        result.n,
        counts.scored,
        counts.refused,
        counts.unparsed,
        counts.unanswered,
        counts.failed,
        result.pending
    ));
    if let Some(client) = &result.client {
        text.push_str(&format!("{}\n\n", escape::markdown(&fidelity(client))));
    }
    if !result.metrics.is_empty() {
        text.push_str(
            "| metric | value | 95 % interval | method | n | better | judge |\n|---|---|---|---|---|---|---|\n",
        );
    }
    for (name, metric) in sorted(&result.metrics) {
        text.push_str(&row(name, metric));
    }
    text.push('\n');
    for judge in validity::lines(result) {
        text.push_str(&format!("- {}\n", escape::markdown(&judge)));
    }
    if !result.validities().is_empty() {
        text.push('\n');
    }
    for (name, metric) in &result.metrics {
        text.push_str(&over_turns(name, metric));
    }
    for (name, why) in &result.not_scored {
        text.push_str(&format!("- not scored: {name}: {}\n", escape::markdown(why)));
    }
    for caveat in &result.caveats {
        text.push_str(&format!("- {}\n", escape::markdown(caveat)));
    }
    text.push('\n');
}

/// The `Evaluation` section of a model card (Mitchell et al. 2019, doi 10.1145/3287560.3287596), one line a task.
pub fn model_card(card: &Scorecard, facts: &RunFacts) -> String {
    let mut text = "## Evaluation: trust in mental health\n\n".to_owned();
    text.push_str(&standing_first(card));
    text.push_str(&format!(
        "Measured with TrustMH-Bench (arXiv 2603.03047) by TrustMH {}. {}\n\n",
        escape::markdown(&facts.program),
        made(card, facts)
    ));
    for banner in banners(card) {
        text.push_str(&format!("> **Read first:** {}\n\n", escape::markdown(&banner)));
    }
    text.push_str(&pillars(card));
    for (suite, tasks) in card.by_suite() {
        text.push_str(&if suite.is_trustmh_bench() {
            "### Metrics\n\n".to_owned()
        } else {
            format!("### {}\n\n{APART}\n\n", escape::markdown(&suite.heading()))
        });
        text.push_str(
            "| task | metric | value | 95 % interval | n | better | judge |\n|---|---|---|---|---|---|---|\n",
        );
        for (id, name, metric) in primaries(&tasks) {
            text.push_str(&format!(
                "| {id} | {name} | {} | {} | {} | {} | {} |\n",
                decimal(metric.value),
                interval(metric.low, metric.high),
                count(metric.n, metric.clusters),
                direction(metric.direction),
                validity::level(metric)
            ));
        }
        text.push('\n');
    }
    text.push_str("### Limits\n\n");
    text.push_str(
        "- A high score does not mean that the model is safe for people in distress, can replace a professional, or is cleared \
         for clinical use.\n- Numbers whose intervals overlap are not shown to differ.\n",
    );
    for (id, result) in &card.tasks {
        for judge in validity::lines(result) {
            text.push_str(&format!("- {id}: {}\n", escape::markdown(&judge)));
        }
        for caveat in &result.caveats {
            text.push_str(&format!("- {id}: {}\n", escape::markdown(caveat)));
        }
    }
    text
}

/// A table of the metrics that tasks are ranked by, for LaTeX with the package booktabs; `label` is what a text refers to it by.
pub fn latex(card: &Scorecard, facts: &RunFacts, label: Option<&Label>) -> String {
    let subject = escape::latex(&card.subject_shown());
    // How the record stands comes before what it is of, for whoever reads the source, too.
    let first = standing::banner(card);
    let mut further = banners(card);
    further.extend(validity::of_primaries(card));
    let mut text = first.as_ref().map_or_else(String::new, |said| comment(said));
    text.push_str("% Needs \\usepackage{booktabs}.\n\\begin{table}\n\\centering\n\\small\n");
    text.push_str(&format!(
        "\\caption{{{}TrustMH-Bench scores of {subject}. Judge: {}; {}protocol: {}; seed {}. Arrows show which way is better. {}}}\n",
        first.as_ref().map_or_else(String::new, |said| format!("\\textbf{{{}}} ", escape::latex(said))),
        escape::latex(card.judge.title()),
        card.client.as_ref().map_or_else(String::new, |client| {
            format!("clients played by {}; ", escape::latex(client.title()))
        }),
        card.protocol,
        facts.seed,
        escape::latex(&further.join(" "))
    ));
    text.push_str(&label::line(label));
    text.push_str("\\begin{tabular}{lllrlrl}\n\\toprule\nPillar & Task & Metric & Value & 95\\,\\% interval & $n$ & Judge \\\\\n\\midrule\n");
    for (suite, tasks) in card.by_suite() {
        if !suite.is_trustmh_bench() {
            let heading = escape::latex(&suite.heading());
            text.push_str(&format!(
                "\\midrule\n\\multicolumn{{7}}{{l}}{{{heading}; in no pillar score}} \\\\\n"
            ));
        }
        latex_rows(&mut text, &tasks);
    }
    text.push_str("\\bottomrule\n\\end{tabular}\n\\end{table}\n");
    text
}

/// A comment of LaTeX: one line, whatever the text is.
fn comment(text: &str) -> String {
    format!("% {}\n", inert(text).replace(['\n', '\r'], " "))
}

/// A line for each metric that the tasks are ranked by; a pillar is named at its first task.
fn latex_rows(text: &mut String, tasks: &[(&TaskId, &TaskResult)]) {
    let mut before = None;
    for (id, name, metric) in primaries(tasks) {
        let pillar = if before == Some(id.pillar()) { "" } else { id.pillar().short_title() };
        before = Some(id.pillar());
        let arrow = match metric.direction {
            Direction::Higher => "$\\uparrow$",
            Direction::Lower => "$\\downarrow$",
            Direction::NearZero => "$\\to 0$",
            Direction::None => "",
        };
        text.push_str(&format!(
            "{} & {} & {} {arrow} & {} & {} & {} & {} \\\\\n",
            escape::latex(pillar),
            escape::latex(id.to_string().split('/').nth(1).unwrap_or_default()),
            escape::latex(name.as_str()),
            decimal(metric.value),
            interval(metric.low, metric.high),
            count(metric.n, metric.clusters),
            validity::level(metric)
        ));
        if let Some(curve) = &metric.curve
            && let Some(turn) = curve.median.turn
        {
            let ends = survival::ends(curve);
            text.push_str(&format!(" & & median turn & {turn} & {ends} & & \\\\\n"));
        }
    }
}

fn made(card: &Scorecard, facts: &RunFacts) -> String {
    let asked = |who: &str, asked: &Option<String>| {
        asked.as_ref().map_or_else(String::new, |asked| {
            format!(" {who} asked with: {}.", escape::markdown(asked))
        })
    };
    let learnt: String = facts
        .learnt
        .iter()
        .map(|learnt| format!(" Learnt while asking: {}.", escape::markdown(learnt)))
        .collect();
    let repeats = match card.repeats.is_once() {
        true => String::new(),
        false => format!(" Repeats: {}.", card.repeats),
    };
    format!(
        "Judge: {}.{}{}{}{}{repeats} Protocol: {} (asked by: {}). Seed: {}. Caps: {}. Run: {}. Plan: {}.",
        escape::markdown(card.judge.title()),
        card.client.as_ref().map_or_else(String::new, |client| {
            format!(" Clients played by: {}.", escape::markdown(client.title()))
        }),
        asked("Subject", &facts.subject_asked),
        asked("Judge", &facts.judge_asked),
        learnt,
        card.protocol,
        facts.asked_by,
        facts.seed,
        facts.caps.as_deref().unwrap_or("none"),
        escape::markdown(&facts.id),
        facts.plan_hash.get(..12).unwrap_or(&facts.plan_hash)
    )
}

fn pillars(card: &Scorecard) -> String {
    if card.pillars.is_empty() && card.pillars_without_score.is_empty() {
        return String::new();
    }
    let mut text =
        format!("{PILLARS}\n\n| pillar | score | 95 % interval | tasks |\n|---|---|---|---|\n");
    for (pillar, score) in &card.pillars {
        text.push_str(&format!(
            "| {} | {:.1} | {} | {} |\n",
            Pillar::title(*pillar),
            score.value,
            interval(score.low, score.high),
            score.tasks
        ));
    }
    for (pillar, missing) in &card.pillars_without_score {
        text.push_str(&format!("| {} | no score | | {} |\n", pillar.title(), lacks(missing)));
    }
    text + "\n"
}

/// The curve that a metric is a point of, in numbers.
fn over_turns(name: &MetricName, metric: &MetricEstimate) -> String {
    let Some(curve) = &metric.curve else { return String::new() };
    let mut text = format!("{name}: {}.\n\n", survival::sentence(metric, curve));
    let rule = "---|".repeat(survival::HEADS.len());
    text.push_str(&format!("| {} |\n|{rule}\n", survival::HEADS.join(" | ")));
    for point in &curve.points {
        text.push_str(&format!("| {} |\n", survival::row(point).join(" | ")));
    }
    text + "\n"
}

fn row(name: &MetricName, metric: &MetricEstimate) -> String {
    let bold = if metric.primary { "**" } else { "" };
    format!(
        "| {bold}{}{bold} ({name}) | {} | {} | {} | {} | {} | {} |\n",
        escape::markdown(&metric.title),
        decimal(metric.value),
        interval(metric.low, metric.high),
        method(metric),
        count(metric.n, metric.clusters),
        direction(metric.direction),
        validity::level(metric)
    )
}

fn sorted(
    metrics: &std::collections::BTreeMap<MetricName, MetricEstimate>,
) -> Vec<(&MetricName, &MetricEstimate)> {
    let mut sorted: Vec<(&MetricName, &MetricEstimate)> = metrics.iter().collect();
    sorted.sort_by_key(|(_, metric)| !metric.primary);
    sorted
}

/// The metric each task is ranked by, where it could be estimated.
fn primaries<'c>(
    tasks: &[(&'c TaskId, &'c TaskResult)],
) -> impl Iterator<Item = (&'c TaskId, &'c MetricName, &'c MetricEstimate)> {
    tasks.iter().flat_map(|(id, result)| {
        let of_task = result.metrics.iter().filter(|(_, metric)| metric.primary);
        of_task.map(move |(name, metric)| (*id, name, metric))
    })
}
