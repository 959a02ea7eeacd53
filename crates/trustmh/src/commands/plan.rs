//! `trustmh plan`: what a run would ask for; nothing is sent.

use serde_json::json;

use trustmh_core::call::Usage;
use trustmh_run::dispatch::ModelPrices;
use trustmh_run::plan::Plan;
use trustmh_run::plan::forecast::{TaskForecast, forecast, judging};

use super::{benchmark, run};
use crate::arguments::RunArguments;
use crate::failure::{Exit, Failure};
use crate::screen;

pub(super) fn run(arguments: &RunArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.tasks_from)?;
    let judge = run::first_judge(arguments)?;
    if arguments.judge.len() > 1 {
        screen::note(&format!(
            "{} judges: each is asked as often as the first, which is counted here; the subject is asked once",
            arguments.judge.len()
        ));
    }
    let plan = Plan::make(&benchmark, &run::request(&benchmark, arguments, judge)?)?;
    let tasks = forecast(&benchmark, &plan)?;
    let mut all = TaskForecast::default();
    tasks.values().for_each(|task| all.add(task));
    let prices = run::prices(&plan.manifest, &arguments.access)?;
    let cost = dollars(&all, &prices);
    if arguments.json {
        let object = json!({
            "subject": plan.manifest.subject.id,
            "judge": judging(&plan),
            "subject_asked": plan.manifest.subject.asked,
            "judge_asked": plan.manifest.judge.asked,
            "protocol": plan.manifest.protocol,
            "tasks": tasks,
            "total": all,
            "dollars_at_most": cost,
        });
        screen::print_json(&format!("{object:#}\n"));
        return Ok(Exit::Ok);
    }
    let mut text = format!(
        "{:<30} {:>7} {:>8} {:>8} {:>8} {:>8} {:>12} {:>12} {:>12}\n",
        "task",
        "items",
        "trials",
        "calls",
        "shared",
        "judge",
        "prompt tok",
        "reply tok <=",
        "judge tok <="
    );
    for (id, task) in &tasks {
        text.push_str(&row(id.to_string().as_str(), task));
    }
    text.push_str(&row("all", &all));
    text.push_str(
        "\nNothing was sent. Shared calls are made once for several trials. Tokens are quarters of the characters; replies\n\
         are counted as long as they may be, with what is thought before them. Replies that cannot be read are asked for again, which comes on top.\n",
    );
    for asked in run::asked_with(&plan.manifest) {
        text.push_str(&format!("To be recorded: {asked}.\n"));
    }
    if let Some(cost) = cost {
        text.push_str(&format!("It would cost at most about ${cost:.2} by the table of prices.\n"));
    }
    screen::print(&text);
    Ok(Exit::Ok)
}

/// What it would cost at most; none if a model that is asked has no price. A judge says about as much as one
/// prompt's criteria need.
fn dollars(all: &TaskForecast, prices: &ModelPrices) -> Option<f64> {
    const VERDICT_TOKENS: u64 = 120;
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

fn row(name: &str, task: &TaskForecast) -> String {
    format!(
        "{name:<30} {:>7} {:>8} {:>8} {:>8} {:>8} {:>12} {:>12} {:>12}\n",
        task.items,
        task.trials,
        task.subject_calls,
        task.shared_calls,
        task.judge_calls,
        task.subject_prompt_tokens,
        task.subject_reply_tokens,
        task.judge_prompt_tokens
    )
}
