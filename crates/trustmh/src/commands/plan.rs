//! `trustmh plan`: what a run would ask for; nothing is sent.

use clap::Args;
use comfy_table::{CellAlignment, Table};
use serde_json::json;

use trustmh_run::plan::forecast::{TaskForecast, forecast, judging};

use crate::arguments::RunRequest;
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::running::{
    conversations, dollars, judge_tokens_at_most, judges, plan, prices, requests_in_words, unpriced,
};
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
    let prices = prices(&plan.manifest, &request.calls.limits)?;
    let cost = dollars(&total, &prices);
    let unpriced = unpriced(&plan.manifest, &total, &prices);
    let played = conversations(&benchmark, &plan.manifest)?;
    if request.output.json {
        screen::print_json(&json!({
            "subject": plan.manifest.subject.id,
            "name": plan.manifest.subject.name,
            "repeats": plan.manifest.repeats,
            "judge": judging(&plan),
            "subject_asked": plan.manifest.subject.asked,
            "judge_asked": plan.manifest.judge.asked,
            "client": played.then(|| plan.manifest.client_name()),
            "protocol": plan.manifest.protocol,
            "languages": plan.manifest.caps.languages,
            "without_items": plan.manifest.without_items,
            "tasks": tasks,
            "total": total,
            "dollars_at_most": cost,
        }))?;
        return Ok(Exit::Ok);
    }
    let rows = tasks.iter().map(|(id, task)| (id.to_string(), task));
    screen::print(&table(rows.chain([("all".to_owned(), &total)])));
    screen::print(NOTES);
    if played {
        screen::print(&format!(
            "{TURNS}Clients are played by: {}.\n",
            plan.manifest.client_name().title()
        ));
    }
    for words in requests_in_words(&plan.manifest) {
        screen::print(&format!("To be recorded: {words}.\n"));
    }
    screen::print(&match cost {
        Some(cost) => format!("Estimated cost, by the price table: at most ${cost:.2}.\n"),
        None => format!(
            "Cost not known: no price of {} is known (--prices FILE); --max-calls and --max-tokens limit the run all the same.\n",
            unpriced.join(" and ")
        ),
    });
    Ok(Exit::Ok)
}

const NOTES: &str = "
Nothing was sent. Shared calls are made once for several trials. Tokens are estimated as a quarter of
the characters; replies are counted at their maximum length, with thinking. Replies that cannot be
read are asked for again, which comes on top.
";

/// What is said where conversations are planned.
const TURNS: &str = "
Of a conversation every call carries all that was said before, so its tokens grow with the square of its turns: twice the turns
are about four times the tokens. Conversations that end early take less.
";

/// What a column counts.
type Counted = (&'static str, fn(&TaskForecast) -> u64);

const COLUMNS: [Counted; 8] = [
    ("items", |task| task.items),
    ("trials", |task| task.trials),
    ("calls", |task| task.subject_calls),
    ("shared", |task| task.shared_calls),
    ("judge", |task| task.judge_calls),
    ("prompt tok", |task| task.subject_prompt_tokens),
    ("reply tok <=", |task| task.subject_reply_tokens),
    ("judge tok <=", |task| judge_tokens_at_most(task)),
];

/// Of the model that plays clients, where it is asked at all.
const CLIENT_COLUMNS: [Counted; 3] = [
    ("client", |task| task.client_calls),
    ("client tok <=", |task| task.client_prompt_tokens),
    ("its replies <=", |task| task.client_reply_tokens),
];

fn table<'t>(rows: impl Iterator<Item = (String, &'t TaskForecast)>) -> String {
    let rows: Vec<(String, &TaskForecast)> = rows.collect();
    let has_clients = rows.iter().any(|(_, task)| task.client_calls > 0);
    let of_client = CLIENT_COLUMNS.iter().filter(|_| has_clients);
    let columns: Vec<&Counted> = COLUMNS.iter().chain(of_client).collect();
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["task"].into_iter().chain(columns.iter().map(|(name, _)| *name)));
    for (name, task) in rows {
        let counts = columns.iter().map(|(_, count)| count(task).to_string());
        table.add_row([name].into_iter().chain(counts));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.lines().map(|line| line.trim().to_owned() + "\n").collect::<String>()
}
