//! `trustmh plan`: what a run would ask for; nothing is sent.

use clap::Args;
use comfy_table::{CellAlignment, Table};
use serde_json::json;

use trustmh_core::call::Usage;
use trustmh_run::dispatch::ModelPrices;
use trustmh_run::plan::forecast::{TaskForecast, forecast, judging};

use crate::arguments::RunRequest;
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::running::{judges, plan, prices, requests_in_words};
use crate::screen;

/// Show what a run would ask for, in calls and tokens by task; nothing is sent
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PlanArguments {
    #[command(flatten)]
    request: RunRequest,
}

const EXAMPLES: &str = r"Examples:
  trustmh plan --subject openai/gpt-5.1 --judge openai/gpt-4.1 --data ~/trustmh-data
  trustmh plan --subject openai/x --tasks robustness --json";

/// Tokens of a verdict: about as many as one prompt's criteria need.
const VERDICT_TOKENS: u64 = 120;

pub(crate) fn run(arguments: &PlanArguments) -> Result<Exit, Failure> {
    let request = &arguments.request;
    let benchmark = benchmark(&request.tasks_from)?;
    let judges = judges(request)?;
    let first = judges.first().ok_or_else(|| Failure::usage("no judge is named"))?;
    if judges.len() > 1 {
        screen::note(&format!(
            "{} judges: only the first is counted here; each of them is asked as often; the subject is asked once",
            judges.len()
        ));
    }
    let plan = plan(&benchmark, request, *first)?;
    let tasks = forecast(&benchmark, &plan)?;
    let mut total = TaskForecast::default();
    tasks.values().for_each(|task| total.add(task));
    let cost = dollars(&total, &prices(&plan.manifest, &request.calls.limits)?);
    if request.output.json {
        screen::print_json(&json!({
            "subject": plan.manifest.subject.id,
            "name": plan.manifest.subject.name,
            "repeats": plan.manifest.repeats,
            "judge": judging(&plan),
            "subject_asked": plan.manifest.subject.asked,
            "judge_asked": plan.manifest.judge.asked,
            "protocol": plan.manifest.protocol,
            "tasks": tasks,
            "total": total,
            "dollars_at_most": cost,
        }))?;
        return Ok(Exit::Ok);
    }
    let rows = tasks.iter().map(|(id, task)| (id.to_string(), task));
    screen::print(&table(rows.chain([("all".to_owned(), &total)])));
    screen::print(NOTES);
    for words in requests_in_words(&plan.manifest) {
        screen::print(&format!("To be recorded: {words}.\n"));
    }
    if let Some(cost) = cost {
        screen::print(&format!("Estimated cost, by the price table: at most ${cost:.2}.\n"));
    }
    Ok(Exit::Ok)
}

const NOTES: &str = "
Nothing was sent. Shared calls are made once for several trials. Tokens are estimated as a quarter of
the characters; replies are counted at their maximum length, with thinking. Replies that cannot be
read are asked for again, which comes on top.
";

fn table<'t>(rows: impl Iterator<Item = (String, &'t TaskForecast)>) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header([
        "task",
        "items",
        "trials",
        "calls",
        "shared",
        "judge",
        "prompt tok",
        "reply tok <=",
        "judge tok <=",
    ]);
    for (name, task) in rows {
        let counts = [
            task.items,
            task.trials,
            task.subject_calls,
            task.shared_calls,
            task.judge_calls,
            task.subject_prompt_tokens,
            task.subject_reply_tokens,
            task.judge_prompt_tokens,
        ];
        table.add_row([name].into_iter().chain(counts.map(|count| count.to_string())));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.lines().map(|line| line.trim().to_owned() + "\n").collect::<String>()
}

/// What it would cost at most; `None` if a model that is asked has no price.
fn dollars(all: &TaskForecast, prices: &ModelPrices) -> Option<f64> {
    let subject =
        Usage { prompt_tokens: all.subject_prompt_tokens, reply_tokens: all.subject_reply_tokens };
    let judge = Usage {
        prompt_tokens: all.judge_prompt_tokens,
        reply_tokens: VERDICT_TOKENS * all.judge_calls + all.judge_thinking_tokens,
    };
    let judged = match (all.judge_calls, prices.judge) {
        (0, _) => 0.0,
        (_, price) => price?.of(judge),
    };
    Some(prices.subject?.of(subject) + judged)
}
