//! `trustmh validate`: a judge held against people.

mod card;
mod table;

use clap::Args;
use serde::Serialize;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use trustmh_core::digest::Digest;
use trustmh_core::id::RubricId;
use trustmh_core::request::Asking;
use trustmh_core::scorecard::JudgeName;
use trustmh_data::labelled::{self, Labelled, LabelledReply};
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::judge::embedded::Heads;
use trustmh_model::api::ModelApi;
use trustmh_model::limit::{Bounds, Limiter};
use trustmh_model::retry::Retry;
use trustmh_run::derived::validity::judge_in_full;
use trustmh_run::plan::prices::Prices;
use trustmh_run::validate::{Calls, Found, Judging, Question, judged, recorded};

use crate::arguments::{EndpointArguments, JsonOutput, RequestArguments, TaskSource};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::models::{self, Role};
use crate::runtime::runtime;
use crate::{screen, user_folders};

/// Hold a judge against people: agreement on replies that people judged, beside people's own
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = NOTES)]
pub(crate) struct ValidateArguments {
    /// The judge: a model, `embedded`, `offline` (phrase rules), or `recorded` for judges whose
    /// verdicts the sets hold
    judge: String,
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

pub(crate) fn run(arguments: &ValidateArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.tasks_from)?;
    let sets = sets(arguments)?;
    let validation = if arguments.judge == RECORDED {
        of_recorded(&benchmark, sets)?
    } else {
        let judge = Judge::resolved(&benchmark, arguments)?;
        runtime()?.block_on(judge.validate(&benchmark, sets, arguments))?
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
                let message = format!("{}: there is no set `{wanted}`", data.display());
                let hint = match there.is_empty() {
                    true => "fetch one with `trustmh data fetch SET`".to_owned(),
                    false => format!("sets that are there: {there}"),
                };
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

/// A judge that is reached.
struct Judge {
    name: JudgeName,
    in_full: String,
    asked: Asking,
    api: Option<Box<dyn ModelApi>>,
}

impl Judge {
    fn resolved(benchmark: &Benchmark, arguments: &ValidateArguments) -> Result<Self, Failure> {
        let endpoints = &arguments.endpoints;
        // Of these judges the name is the same whatever the rubric.
        let none = RubricId::new("none");
        match JudgeName::from(arguments.judge.as_str()) {
            JudgeName::None => Err(Failure::usage("nobody cannot be held against people")
                .with_hint("name a model, `embedded`, `offline` or `recorded`")),
            JudgeName::Offline => Ok(Self {
                name: JudgeName::Offline,
                in_full: judge_in_full(benchmark, &JudgeName::Offline, &Asking::USUAL, &none),
                asked: Asking::USUAL,
                api: None,
            }),
            JudgeName::Embedded(_) => {
                let id = benchmark.heads().model();
                let api = Some(models::open(&id, None, None, endpoints)?);
                let (in_full, name) = (id.to_string(), JudgeName::Embedded(id));
                Ok(Self { name, in_full, asked: Asking::USUAL, api })
            }
            JudgeName::Model(typed) => {
                let typed = typed.as_str();
                let (id, url) = models::resolved(typed, arguments.base_url.as_deref(), endpoints)?;
                models::recordable("--base-url", url.as_deref())?;
                let requests = &arguments.requests;
                let url = url.as_deref();
                let asked =
                    models::asking(typed, &id, url, Role::Judge, requests, None, endpoints)?;
                let api = models::open(&id, url, endpoints.key_env.as_deref(), endpoints)?;
                let name = JudgeName::Model(id);
                let in_full = judge_in_full(benchmark, &name, &asked, &none);
                Ok(Self { name, in_full, asked, api: Some(api) })
            }
        }
    }

    async fn validate(
        self,
        benchmark: &Benchmark,
        sets: Sets,
        arguments: &ValidateArguments,
    ) -> Result<Validation, Failure> {
        let cards = match &arguments.cards {
            Some(folder) => folder.clone(),
            None => user_folders::judge_cards()
                .ok_or_else(|| user_folders::nowhere("data").with_hint("give --cards"))?,
        };
        let calls =
            Calls::open(self.judging(arguments)?, &cards.join(card::file_name(&self.in_full)))?;
        let mut found: BTreeMap<String, BTreeMap<String, OfQuestion>> = BTreeMap::new();
        let mut card = card::Card::new(&self.in_full);
        let mut warnings = Vec::new();
        for (name, set) in &sets {
            warnings.extend(set.warnings.iter().map(|warning| format!("{name}: {warning}")));
            let seen = Seen::of(benchmark.heads(), &self.name, name, set);
            let mut of_set = BTreeMap::new();
            for (rubric, replies) in &set.rubrics {
                if !arguments.output.json {
                    screen::note(&format!("{name}, {rubric}: {} replies", replies.len()));
                }
                let question = Question::new(benchmark, rubric, replies)?;
                let is_seen = |reply: &LabelledReply| seen.has(&reply.file);
                let of_question =
                    match judged(benchmark, &question, replies, &calls, &is_seen).await? {
                        Err(why) => OfQuestion::NotJudged { not_judged: why.to_string() },
                        Ok(beside) => {
                            let found = Found::new(&question, &beside);
                            // Where the embedded judge has no head the rules judged: that is on their card.
                            if self.is_own(benchmark, &question) {
                                card.add(name, &question, &found, &digest(set));
                            }
                            OfQuestion::Found(Box::new(Beside { judge: None, found }))
                        }
                    };
                of_set.insert(rubric.clone(), of_question);
            }
            found.insert(name.clone(), of_set);
        }
        let (made, cost) = (calls.made(), calls.cost());
        calls.end().await?;
        let mut validation = Validation {
            judge: self.in_full.clone(),
            sets: found,
            calls: made,
            cost,
            card: None,
            warnings,
        };
        let capped = arguments.replies.is_some() || arguments.max_calls.is_some();
        if !capped {
            let text = table::markdown(&validation);
            validation.card = Some(card.write(&cards, &text)?);
        }
        Ok(validation)
    }

    fn is_own(&self, benchmark: &Benchmark, question: &Question) -> bool {
        let full = |rubric| judge_in_full(benchmark, &self.name, &self.asked, rubric);
        question.rubric.as_ref().is_some_and(|rubric| full(rubric) == self.in_full)
    }

    fn judging(&self, arguments: &ValidateArguments) -> Result<Judging<'_>, Failure> {
        let parallel = self.api.as_ref().map_or(1, |api| api.parallel().get());
        let at_once = arguments.endpoints.connections.map_or(parallel, NonZeroUsize::get);
        let prices = Prices::embedded()?;
        let retry = Retry { first: Duration::from_millis(500), ..Retry::default() };
        Ok(Judging {
            name: self.name.clone(),
            api: self.api.as_deref(),
            asked: self.asked.clone(),
            price: self.name.model().and_then(|id| prices.of(id)),
            gate: Limiter::new(Bounds {
                at_once,
                calls_per_minute: arguments.rpm,
                tokens_per_minute: None,
            }),
            retry,
            most: arguments.max_calls,
        })
    }
}

/// The set whose scores of people the phrase rules for escalation were tuned on.
const TUNED_ON: &str = "crisis-judgements";

/// Which files of a set the judge was trained on.
struct Seen(Vec<String>);

impl Seen {
    /// The heads name their files by hash; the rules were tuned on one set.
    fn of(heads: &Heads, judge: &JudgeName, name: &str, set: &Labelled) -> Self {
        if judge.is_own() && name == TUNED_ON {
            return Self(set.files.keys().cloned().collect());
        }
        if !matches!(judge, JudgeName::Embedded(_)) {
            return Self(Vec::new());
        }
        let trained: Vec<&String> = heads.iter().flat_map(|head| &head.file.trained_on).collect();
        let is_seen = |hash: &str| trained.iter().any(|words| words.contains(hash));
        let files = set.files.iter().filter(|(_, hash)| is_seen(hash));
        Self(files.map(|(name, _)| name.clone()).collect())
    }

    fn has(&self, file: &str) -> bool {
        self.0.iter().any(|seen| seen == file)
    }
}

/// The hash of a set's files.
fn digest(set: &Labelled) -> Digest {
    let lines: Vec<String> =
        set.files.iter().map(|(name, hash)| format!("{name} {hash}\n")).collect();
    Digest::of(lines.concat().as_bytes())
}
