//! The run behind the results.

use maud::{Markup, html};

use trustmh_core::scorecard::Scorecard;

use trustmh_core::facts::SetAside;

use super::anchor;
use crate::facts::RunFacts;

/// After run, subject and judge.
const JUDGE_ROW: usize = 3;

const JUDGE_CALLS: &str = "Calls to the judge";

/// What was done, when, and at what cost.
pub(super) fn section(card: &Scorecard, facts: &RunFacts) -> Markup {
    let mut rows: Vec<(&str, String)> = vec![
        ("Run", facts.id.clone()),
        ("Subject", card.subject_shown()),
        ("Judge", card.judge.title().to_owned()),
        ("Protocol of scoring", card.protocol.to_string()),
        ("Protocol of asking", facts.asked_by.to_string()),
        ("Caps", facts.caps.clone().unwrap_or_else(|| "none".to_owned())),
        ("Repeats", card.repeats.to_string()),
        ("Seed", facts.seed.to_string()),
        ("Began", facts.began.clone().unwrap_or_else(|| "not recorded".to_owned())),
        ("Ended", facts.ended.clone().unwrap_or_else(|| "not recorded".to_owned())),
        ("Calls to the subject", facts.subject_calls.to_string()),
        (JUDGE_CALLS, facts.judge_calls.to_string()),
        ("Tries beyond the first", facts.retries.to_string()),
        ("Calls that broke for good", facts.broken.to_string()),
        ("Prompt tokens", facts.prompt_tokens.to_string()),
        ("Reply tokens", facts.reply_tokens.to_string()),
        ("Cost by the table of prices", facts.cost().to_string()),
        ("Program", format!("trustmh {}", facts.program)),
        ("Plan hash", facts.plan_hash.clone()),
    ];
    let asked = [
        ("Subject asked with", &facts.subject_asked),
        ("Judge asked with", &facts.judge_asked),
        ("Client asked with", &facts.client_asked),
    ];
    let said = asked.into_iter().filter_map(|(who, asked)| Some((who, asked.clone()?)));
    rows.splice(JUDGE_ROW..JUDGE_ROW, said);
    let calls_row = rows.iter().position(|(name, _)| *name == JUDGE_CALLS).map_or(0, |at| at + 1);
    if let Some(client) = &card.client {
        rows.insert(calls_row, ("Messages of clients", facts.client_calls.to_string()));
        rows.insert(JUDGE_ROW, ("Clients played by", client.title().to_owned()));
    }
    if facts.uncounted > 0 {
        let replies = format!("{}; tokens and cost are at least those above", facts.uncounted);
        rows.push(("Replies whose tokens nobody counted", replies));
    }
    if facts.handed_on > 0 {
        let times =
            format!("{}; they may have been sent, and paid for, more than once", facts.handed_on);
        rows.push(("Calls handed to more than one worker", times));
    }
    rows.extend(facts.learnt.iter().map(|learnt| ("Learnt of an endpoint", learnt.clone())));
    rows.extend(facts.set_aside.iter().map(|aside| ("Set aside", set_aside(aside))));
    html! {
        section aria-labelledby="run" {
            h2 #run { "How it was made" (anchor::sign("run", "How it was made")) }
            details {
            summary { "Run, judge, protocol, seed, calls, tokens and hashes" }
            div.wide tabindex="0" role="group" aria-label="The run" { table {
                caption { "Manifest in short; the whole of it is run.json in the run's folder." }
                tbody { @for (name, value) in rows {
                    tr { th scope="row" { (name) } td { code { (value) } } }
                } }
            } }
            }
            p.small { "Prompts and replies are in the run's journal. " code { "trustmh view " (card.run) } " shows them, the worst ones first, and "
                code { "trustmh report --with-replies" } " puts the worst ones here. They may be distressing: they "
                "speak of crisis, self-harm, abuse and prejudice." }
        }
    }
}

/// Why calls broke, and the trials they belong to.
fn set_aside(aside: &SetAside) -> String {
    let named: Vec<&str> = aside.trials.iter().map(|trial| trial.as_str()).collect();
    let more = if aside.calls > named.len() as u64 { " and more" } else { "" };
    format!("{} calls: {}. Trials {}{more}", aside.calls, aside.why, named.join(", "))
}
