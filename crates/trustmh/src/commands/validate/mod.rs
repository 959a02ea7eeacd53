//! `trustmh validate`: a judge checked against human ratings.

mod card;
mod judge;
mod panel;
mod table;

use clap::Args;
use serde::Serialize;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use trustmh_core::scorecard::JudgeName;
use trustmh_data::labelled::{self, Labelled, LabelledReply};
use trustmh_engine::benchmark::Benchmark;
use trustmh_run::validate::{Found, Question, recorded};

use self::judge::Judge;
use self::panel::Panel;
use crate::arguments::{EndpointArguments, JsonOutput, RequestArguments, TaskSource};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::models::Typed;
use crate::running::effect::{Answers, Heed, refuse_idle};
use crate::runtime::runtime;
use crate::{models, screen, suggest, user_folders};

/// Check a judge against people: agreement on replies that people judged
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = NOTES)]
pub(crate) struct ValidateArguments {
    /// The judge: a model, `embedded`, `offline` (phrase rules), or `recorded` for judges whose
    /// verdicts the sets hold. Several are a panel: its verdict is what most say, or their mean
    #[arg(value_name = "JUDGE", required = true)]
    judges: Vec<String>,
    /// Sets [default: all that are there]
    #[arg(long = "set", value_name = "NAME", value_delimiter = ',')]
    sets: Vec<String>,
    /// Folder with a folder for each set [default: where `trustmh data fetch` puts them]
    #[arg(long, value_name = "DIR", env = "TRUSTMH_DATA", hide_env_values = true)]
    data: Option<PathBuf>,
    /// Judge at most so many replies of each set and rubric, evenly spread
    #[arg(long, value_name = "N")]
    replies: Option<NonZeroUsize>,
    /// Endpoint of the judge
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Most calls to make now
    #[arg(long, value_name = "N")]
    max_calls: Option<u64>,
    /// Calls per minute
    #[arg(long, value_name = "N", hide_short_help = true)]
    rpm: Option<u32>,
    /// Folder of judge cards and of the judges' journals [default: the user's data folder]
    #[arg(long, value_name = "DIR", hide_short_help = true)]
    cards: Option<PathBuf>,
    #[command(flatten)]
    endpoints: EndpointArguments,
    #[command(flatten)]
    requests: RequestArguments,
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    tasks_from: TaskSource,
}

const EXAMPLES: &str = r"Examples:
  trustmh validate embedded
  trustmh validate openai/gpt-5.1 --set xstest,epitome --replies 200
  trustmh validate offline --data ~/trustmh-data --json";

const NOTES: &str = r"Examples:
  trustmh validate embedded
  trustmh validate openai/gpt-5.1 --set xstest,epitome --replies 200
  trustmh validate offline --data ~/trustmh-data --json
  trustmh validate recorded --set mentalalign
  trustmh validate openai/gpt-5.1 claude-sonnet-4.5 embedded --set xstest-replication

Each set lies in a folder of its name below --data: xstest, xstest-replication (refusal),
crisis-judgements or crisis (escalation), llms-as-therapists (appropriate), epitome (empathy),
vera-mh (conversations), siri-2 (helpers' replies), mentalalign (ratings alone), and sets of your
own: any other folder with CSV tables that have the columns rubric, request, reply and rating, and
optionally rater, item, subject, kind and judge. docs/judges.md explains the figures.";

/// The word for judges whose verdicts the sets hold.
const RECORDED: &str = "recorded";

/// What was found on a question, or why nothing was.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum OfQuestion {
    Found(Box<Beside>),
    NotJudged { not_judged: String },
}

/// A judge beside people.
#[derive(Debug, Serialize)]
pub(super) struct Beside {
    /// Whose verdicts they are, where the set holds them.
    #[serde(skip_serializing_if = "Option::is_none")]
    judge: Option<String>,
    #[serde(flatten)]
    found: Found,
}

/// All that was found.
#[derive(Debug, Serialize)]
pub(super) struct Validation {
    judge: String,
    sets: BTreeMap<String, BTreeMap<String, OfQuestion>>,
    /// Calls made now; recorded ones are not made again.
    calls: u64,
    /// What they cost in US dollars; none where the price is not known.
    cost: Option<f64>,
    /// The judge's card.
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<PathBuf>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// Refuses options of calls where no judge makes any, and those of subjects, whom nobody asks here.
fn check_effect(arguments: &ValidateArguments) -> Result<(), Failure> {
    let mut judge = Answers::Nobody;
    for typed in arguments.judges.iter().filter(|typed| *typed != RECORDED) {
        judge = judge.max(match JudgeName::from(typed.as_str()) {
            JudgeName::Model(typed) => {
                let place = Typed::HELD_AGAINST_PEOPLE;
                let (id, _) = models::resolved(place, typed.as_str(), None, &arguments.endpoints)?;
                Answers::of(&id)
            }
            own => Answers::of_judge(&own),
        });
    }
    let (is_asked, is_remote) = (judge != Answers::Nobody, judge == Answers::Remote);
    let (endpoints, requests) = (&arguments.endpoints, &arguments.requests);
    let silent = "no judge that is named makes calls";
    let near = "no judge that is named is reached through the network";
    let of_judge = "the judge alone is asked here; its own options begin with --judge-";
    let keys = "the judge alone is asked here, with the key of --key-env";
    refuse_idle([
        Heed::new("--max-calls", arguments.max_calls.is_some(), is_asked, silent),
        Heed::new("--rpm", arguments.rpm.is_some(), is_asked, silent),
        Heed::new("--base-url", arguments.base_url.is_some(), is_remote, near),
        Heed::new("--key-env", endpoints.key_env.is_some(), is_remote, near),
        Heed::new("--stream", endpoints.stream, is_remote, near),
        Heed::new("--judge-key-env", endpoints.judge_key_env.is_some(), false, keys),
        Heed::new("--client-key-env", endpoints.client_key_env.is_some(), false, keys),
        Heed::new("--reply-tokens", requests.reply_tokens.is_some(), false, of_judge),
        Heed::new("--thinking-tokens", requests.thinking_tokens.is_some(), false, of_judge),
        Heed::new("--subject-option", !requests.subject_option.is_empty(), false, of_judge),
    ])
}

pub(crate) fn run(arguments: &ValidateArguments) -> Result<Exit, Failure> {
    check_effect(arguments)?;
    let benchmark = benchmark(&arguments.tasks_from)?;
    let sets = sets(arguments)?;
    let validation = if arguments.judges == [RECORDED] {
        of_recorded(&benchmark, sets)?
    } else {
        let names = arguments.judges.iter();
        let judges = names.map(|name| Judge::resolved(&benchmark, name, arguments));
        let panel = Panel { judges: judges.collect::<Result<_, _>>()?, arguments };
        runtime()?.block_on(panel.validate(&benchmark, sets))?
    };
    if arguments.output.json {
        screen::print_json(&validation)?;
    } else {
        for warning in &validation.warnings {
            screen::note(&format!("warning: {warning}"));
        }
        screen::print(&table::shown(&validation, usize::from(screen::width())));
    }
    Ok(Exit::Ok)
}

type Sets = BTreeMap<String, Labelled>;

fn sets(arguments: &ValidateArguments) -> Result<Sets, Failure> {
    let data = match &arguments.data {
        Some(folder) => folder.clone(),
        None => user_folders::data()?,
    };
    let mut sets = labelled::read_all(&data)?;
    if !arguments.sets.is_empty() {
        for wanted in &arguments.sets {
            if !sets.contains_key(wanted) {
                let there = sets.keys().cloned().collect::<Vec<_>>().join(", ");
                let message = format!("--set: {} has no set `{wanted}`", data.display());
                let otherwise = match there.is_empty() {
                    true => "fetch one with `trustmh data fetch SET`".to_owned(),
                    false => format!("sets that are there: {there}"),
                };
                let known = sets.keys().map(String::as_str);
                let hint = suggest::hint(wanted, known, &otherwise);
                return Err(Failure::usage(message).with_hint(hint));
            }
        }
        sets.retain(|name, _| arguments.sets.contains(name));
    }
    if sets.is_empty() {
        let message = format!("{}: no set that people judged is there", data.display());
        return Err(Failure::usage(message)
            .with_hint("fetch one with `trustmh data fetch xstest`, or give --data"));
    }
    if let Some(most) = arguments.replies {
        for replies in sets.values_mut().flat_map(|set| set.rubrics.values_mut()) {
            spread(replies, most.get());
        }
    }
    Ok(sets)
}

/// Keeps so many, evenly spread.
fn spread(replies: &mut Vec<LabelledReply>, most: usize) {
    let all = replies.len();
    if all > most {
        let mut place = 0;
        replies.retain(|_| {
            place += 1;
            place * most / all > (place - 1) * most / all
        });
    }
}

fn of_recorded(benchmark: &Benchmark, sets: Sets) -> Result<Validation, Failure> {
    let mut found = BTreeMap::new();
    let mut warnings = Vec::new();
    for (name, set) in sets {
        warnings.extend(set.warnings.iter().map(|warning| format!("{name}: {warning}")));
        let mut of_set = BTreeMap::new();
        for (rubric, replies) in &set.rubrics {
            let question = Question::new(benchmark, rubric, replies)?;
            let judges = recorded(&question, replies);
            let several = judges.len() > 1;
            for (judge, beside) in judges {
                let key = if several { format!("{rubric} ({judge})") } else { rubric.clone() };
                let found = Found::new(&question, &beside);
                of_set
                    .insert(key, OfQuestion::Found(Box::new(Beside { judge: Some(judge), found })));
            }
        }
        if !of_set.is_empty() {
            found.insert(name, of_set);
        }
    }
    let judge = RECORDED.to_owned();
    Ok(Validation { judge, sets: found, calls: 0, cost: None, card: None, warnings })
}
