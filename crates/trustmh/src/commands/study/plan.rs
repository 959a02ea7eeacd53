//! What a study would ask for; nothing is sent.

use clap::Args;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use trustmh_core::inert::inert;
use trustmh_report::number::counted;
use trustmh_run::plan::forecast::{TaskForecast, forecast};

use crate::arguments::JsonOutput;
use crate::failure::{Exit, Failure};
use crate::running::{dollars, tokens_at_most, unpriced};
use crate::screen;
use crate::studying::{Bounds, OpenStudy, PlannedRun, planned};

/// Show what a study would ask for, in calls, tokens and money; nothing is sent
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PlanStudyArguments {
    /// Study file
    #[arg(default_value = "study.toml")]
    file: PathBuf,
    #[command(flatten)]
    output: JsonOutput,
}

const EXAMPLES: &str = r"Examples:
  trustmh study plan study.toml
  trustmh study plan study.toml --json";

/// What is foretold of the whole study.
#[derive(Debug, Serialize)]
struct Foretold {
    study: String,
    subjects: Vec<OfSubject>,
    total: Total,
    /// The limits that the study would reach, in words.
    exceeds: Vec<String>,
}

/// What one subject takes: its own calls once, and those of all judges.
#[derive(Debug, Serialize)]
struct OfSubject {
    name: String,
    model: String,
    trials: u64,
    subject_calls: u64,
    client_calls: u64,
    judge_calls: u64,
    tokens_at_most: u64,
    /// Those of the client's model among them.
    client_tokens_at_most: u64,
    /// None where a model has no price.
    dollars_at_most: Option<f64>,
    /// The models whose cost is not known.
    unpriced: BTreeSet<String>,
    judges: BTreeMap<String, OfJudge>,
}

/// What judging one subject takes.
#[derive(Debug, Serialize)]
struct OfJudge {
    judge_calls: u64,
    tokens_at_most: u64,
    dollars_at_most: Option<f64>,
}

#[derive(Debug, Default, Serialize)]
struct Total {
    runs: usize,
    calls: u64,
    tokens_at_most: u64,
    dollars_at_most: Option<f64>,
}

pub(crate) fn run(arguments: &PlanStudyArguments) -> Result<Exit, Failure> {
    let study = OpenStudy::open(&arguments.file)?;
    let bounds = Bounds::of(&study.source.study.limits);
    let runs = planned(&study, &bounds)?;
    let foretold = foretold(&study, &runs, bounds)?;
    match arguments.output.json {
        true => screen::print_json(&foretold)?,
        false => screen::print(&text(&foretold)),
    }
    Ok(Exit::Ok)
}

fn foretold(study: &OpenStudy, runs: &[PlannedRun], bounds: Bounds) -> Result<Foretold, Failure> {
    let mut subjects: Vec<OfSubject> = Vec::new();
    for of_subject in runs.chunk_by(|one, other| one.subject == other.subject) {
        subjects.extend(subject(study, of_subject)?);
    }
    let total = Total {
        runs: runs.len(),
        calls: subjects
            .iter()
            .map(|one| one.subject_calls + one.client_calls + one.judge_calls)
            .sum(),
        tokens_at_most: subjects.iter().map(|one| one.tokens_at_most).sum(),
        dollars_at_most: subjects.iter().map(|one| one.dollars_at_most).sum(),
    };
    let exceeds = exceeded(&total, &subjects, bounds);
    Ok(Foretold { study: study.source.study.study.name.to_string(), subjects, total, exceeds })
}

/// The runs of one subject: what the first asks the others find recorded, but for what their own judges say.
fn subject(study: &OpenStudy, runs: &[PlannedRun]) -> Result<Option<OfSubject>, Failure> {
    let mut found: Option<OfSubject> = None;
    for run in runs {
        let mut all = TaskForecast::default();
        forecast(&study.benchmark, &run.plan)?.values().for_each(|task| all.add(task));
        let judging = TaskForecast {
            judge_calls: all.judge_calls,
            judge_prompt_tokens: all.judge_prompt_tokens,
            judge_thinking_tokens: all.judge_thinking_tokens,
            ..TaskForecast::default()
        };
        let judge = OfJudge {
            judge_calls: judging.judge_calls,
            tokens_at_most: tokens_at_most(&judging),
            dollars_at_most: dollars(&judging, &run.prices),
        };
        let manifest = &run.plan.manifest;
        let whole = found.get_or_insert_with(|| {
            let asking = TaskForecast {
                judge_calls: 0,
                judge_prompt_tokens: 0,
                judge_thinking_tokens: 0,
                ..all
            };
            OfSubject {
                name: manifest
                    .subject
                    .name
                    .as_ref()
                    .map_or_else(|| manifest.subject.id.to_string(), ToString::to_string),
                model: manifest.subject.id.to_string(),
                trials: all.trials,
                subject_calls: all.subject_calls,
                client_calls: all.client_calls,
                judge_calls: 0,
                tokens_at_most: tokens_at_most(&asking),
                client_tokens_at_most: asking.client_prompt_tokens + asking.client_reply_tokens,
                dollars_at_most: dollars(&asking, &run.prices),
                unpriced: BTreeSet::new(),
                judges: BTreeMap::new(),
            }
        });
        whole.unpriced.extend(unpriced(manifest, &all, &run.prices));
        whole.judge_calls += judge.judge_calls;
        whole.tokens_at_most += judge.tokens_at_most;
        whole.dollars_at_most =
            whole.dollars_at_most.zip(judge.dollars_at_most).map(|(one, other)| one + other);
        if let Some(judging) = study.source.study.judges.get(run.judge) {
            whole.judges.insert(judging.shown().to_owned(), judge);
        }
    }
    Ok(found)
}

/// The limits that the study would reach.
fn exceeded(total: &Total, subjects: &[OfSubject], bounds: Bounds) -> Vec<String> {
    let client_calls: u64 = subjects.iter().map(|subject| subject.client_calls).sum();
    let client_tokens: u64 = subjects.iter().map(|subject| subject.client_tokens_at_most).sum();
    let counts = [
        ("max_calls", "calls", total.calls, bounds.calls),
        ("max_tokens", "tokens at most", total.tokens_at_most, bounds.tokens),
        ("max_client_calls", "calls to the client", client_calls, bounds.client_calls),
        ("max_client_tokens", "tokens of the client at most", client_tokens, bounds.client_tokens),
    ];
    let counts = counts.into_iter().filter_map(|(field, what, foretold, most)| {
        let most = most.filter(|most| foretold > *most)?;
        Some(format!("{foretold} {what} are planned, more than {field} allows ({most})"))
    });
    let cost = total.dollars_at_most.zip(bounds.cost).filter(|(foretold, most)| foretold > most);
    let cost = cost.map(|(foretold, most)| {
        format!("${foretold:.2} at most are planned, more than max_cost allows (${most})")
    });
    counts.chain(cost).collect()
}

fn text(foretold: &Foretold) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    let money = |dollars: Option<f64>| {
        dollars.map_or_else(|| "not known".to_owned(), |dollars| format!("${dollars:.2}"))
    };
    table.set_header(["subject", "trials", "calls", "client", "judges", "tokens <=", "cost <="]);
    for one in &foretold.subjects {
        table.add_row([
            inert(&one.name),
            one.trials.to_string(),
            one.subject_calls.to_string(),
            one.client_calls.to_string(),
            one.judge_calls.to_string(),
            one.tokens_at_most.to_string(),
            money(one.dollars_at_most),
        ]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut text: String = foretold.exceeds.iter().map(|limit| format!("! {limit}\n")).collect();
    text.push_str(&table.lines().map(|line| line.trim().to_owned() + "\n").collect::<String>());
    let unpriced: BTreeSet<&String> =
        foretold.subjects.iter().flat_map(|subject| &subject.unpriced).collect();
    let unpriced: Vec<String> = unpriced.into_iter().map(|model| inert(model)).collect();
    let Total { runs, calls, tokens_at_most, dollars_at_most } = &foretold.total;
    text.push_str(&format!(
        "\nTotal: {}, {}, at most {tokens_at_most} tokens; cost {}.\n",
        counted(*runs as u64, "run", "runs"),
        counted(*calls, "call", "calls"),
        dollars_at_most.map_or_else(
            || format!(
                "not known: no price of {} is known (prices in [limits])",
                unpriced.join(" and ")
            ),
            |dollars| format!("at most ${dollars:.2}")
        )
    ));
    text.push_str(NOTES);
    text
}

const NOTES: &str = "Nothing was sent. A subject is asked once for all judges; each judge is asked for every reply. Tokens are
estimated as a quarter of the characters, with every reply at its maximum length; repeated calls after unreadable replies are extra.
";
