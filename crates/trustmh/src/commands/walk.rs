//! `trustmh walk`: another program makes the calls of a task's trials; what is asked and what it is worth is said here.

use clap::Args;
use std::io::BufRead;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use trustmh_core::id::ModelId;
use trustmh_core::protocol::Protocol;
use trustmh_core::repeats::Repeats;
use trustmh_core::request::{Asking, Temperature};
use trustmh_core::scorecard::JudgeName;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::walk::UnreadVerdict;
use trustmh_model::api::ModelApi;
use trustmh_run::driven::Driven;
use trustmh_run::driven::wire::{Answer, Ask, Fault, Line, Question};
use trustmh_run::manifest::{Caps, JudgeRecord, ModelRecord};
use trustmh_run::plan::{Plan, Request};

use crate::arguments::{DataSource, QuestionsChoice, SEED, TaskSource, protocols};
use crate::benchmark::{benchmark, starter_sets};
use crate::failure::{Exit, Failure};
use crate::models::EncoderOnDemand;
use crate::runtime::runtime;
use crate::{models, screen, suggest};

/// Let another program drive a task's trials, by JSON lines on standard input and output
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = NOTES)]
pub(crate) struct WalkArguments {
    /// Task whose trials are driven
    task: String,
    /// Name of the model that the other program asks
    #[arg(long, value_name = "MODEL", default_value = "unnamed")]
    subject: String,
    /// Who scores replies: `embedded` (default where its weights are), `offline` (phrase rules),
    /// `none`, or the name of a model that the other program asks
    #[arg(long, value_name = "JUDGE")]
    judge: Option<JudgeName>,
    /// Who plays the clients of conversations: `offline` (rules), or the name of a model that the
    /// other program asks
    #[arg(long, value_name = "MODEL|offline", default_value = OFFLINE)]
    client: String,
    /// Protocol to ask and score by
    #[arg(long, value_parser = protocols(), default_value = "corrected")]
    protocol: Protocol,
    /// Maximum items, evenly spread
    #[arg(long, value_name = "N")]
    items: Option<NonZeroUsize>,
    /// Approximate maximum of trials, by whole items
    #[arg(long, value_name = "N")]
    trials: Option<NonZeroUsize>,
    /// Seed of orders, attack texts and resampling
    #[arg(long, value_name = "N", default_value_t = SEED)]
    seed: u64,
    /// File with the subject's system prompt
    #[arg(long, value_name = "FILE")]
    system: Option<PathBuf>,
    /// Subject's temperature, from 0 to 2 [default: that of the task]
    #[arg(long, value_name = "T")]
    temperature: Option<Temperature>,
    /// Context window of the subject in tokens; longer inputs lose their oldest posts
    #[arg(long, value_name = "TOKENS")]
    context: Option<u32>,
    /// Maximum tokens of each reply; thinking comes on top
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    reply_tokens: Option<u32>,
    /// Tokens the subject may think before it replies
    #[arg(long, value_name = "N")]
    thinking_tokens: Option<u32>,
    /// The same for the judge
    #[arg(long, value_name = "N")]
    judge_thinking_tokens: Option<u32>,
    /// Ask the questions of decision trees in one call, or each in its own
    #[arg(long, value_name = "HOW", value_enum, default_value = "together")]
    judge_questions: QuestionsChoice,
    /// Folder of the embedded judge's weights [default: the user's cache folder]
    #[arg(long, value_name = "DIR", env = "TRUSTMH_WEIGHTS_DIR", hide_env_values = true)]
    weights_dir: Option<PathBuf>,
    #[command(flatten)]
    data: DataSource,
    #[command(flatten)]
    tasks_from: TaskSource,
}

const EXAMPLES: &str = r"Examples:
  trustmh walk ethics/reasoning --items 4
  trustmh walk crisis/intent --judge openai/gpt-4.1";

const NOTES: &str = r#"Examples:
  trustmh walk ethics/reasoning --items 4
  trustmh walk crisis/intent --judge openai/gpt-4.1

Each line of standard input is a question with a number, such as {"id": 1, "ask": "plan"},
{"id": 2, "ask": "trials"} or {"id": 3, "ask": {"next": {"trial": ...}}}; each line of standard output
is an answer or a fault with that number. docs/inspect.md describes them. No call leaves this program:
it names the calls that are due, and the other program makes them. Nothing is recorded."#;

/// The word for the client that is no model.
const OFFLINE: &str = "offline";

pub(crate) fn run(arguments: &WalkArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.tasks_from)?;
    let request = request(&benchmark, arguments)?;
    let own_judge = own_judge(&request.judge.name, arguments)?;
    let plan = Plan::make(&benchmark, &request)?;
    let own_judge = own_judge.as_ref().map(|judge| judge as &dyn ModelApi);
    let driven = Driven::new(&benchmark, plan, own_judge)?;
    let runtime = runtime()?;
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| Failure::usage(format!("standard input: {error}")))?;
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str::<Question>(&line) {
            Ok(Question { id, ask }) => runtime.block_on(answer(&driven, id, ask))?,
            Err(error) => {
                let message = format!("no question: {error}");
                say(&Line {
                    id: number_of(&line),
                    answer: None,
                    fault: Some(fault(message, None)),
                })?;
            }
        }
    }
    Ok(Exit::Ok)
}

fn request(benchmark: &Benchmark, arguments: &WalkArguments) -> Result<Request, Failure> {
    let subject = Asking {
        system: arguments.system.as_deref().map(models::system).transpose()?,
        temperature: arguments.temperature,
        thinking_tokens: arguments.thinking_tokens,
        ..Asking::USUAL
    };
    let named =
        |id: &str, asked| ModelRecord { id: ModelId::new(id), name: None, base_url: None, asked };
    let player = Some(arguments.client.as_str()).filter(|client| *client != OFFLINE);
    Ok(Request {
        subject: named(&arguments.subject, subject),
        judge: judge(benchmark, arguments)?,
        toxicity_url: None,
        client: player.map(|client| named(client, Asking::USUAL)),
        judge_questions: arguments.judge_questions.rule(),
        tasks: vec![suggest::task(benchmark, &arguments.task)?.file.id.clone()],
        protocol: arguments.protocol,
        unread_verdict: UnreadVerdict::by(arguments.protocol),
        seed: arguments.seed,
        data: arguments.data.data.clone(),
        starter: starter_sets(&arguments.tasks_from)?,
        caps: Caps {
            items: arguments.items.map(NonZeroUsize::get),
            trials: arguments.trials.map(NonZeroUsize::get),
            reply_budget: arguments.reply_tokens,
            context: arguments.context,
            ..Caps::default()
        },
        repeats: Repeats::ONCE,
        prompts_from: None,
        observed: None,
    })
}

/// Who judges: where nobody is named, the embedded judge if its weights are at hand, else the offline rules.
fn judge(benchmark: &Benchmark, arguments: &WalkArguments) -> Result<JudgeRecord, Failure> {
    let embedded = || JudgeName::Embedded(benchmark.heads().model());
    let name = match &arguments.judge {
        None if models::encoder_is_in(arguments.weights_dir.as_deref()) => embedded(),
        None => JudgeName::Offline,
        Some(JudgeName::Embedded(_)) => embedded(),
        Some(named) => named.clone(),
    };
    let thinking_tokens = arguments.judge_thinking_tokens;
    match (&name, thinking_tokens) {
        (JudgeName::Model(_), _) | (_, None) => {}
        (JudgeName::Offline | JudgeName::Embedded(_) | JudgeName::None, Some(_)) => {
            return Err(Failure::usage("--judge-thinking-tokens has no effect: no model judges")
                .with_hint("name a model with --judge"));
        }
    }
    Ok(JudgeRecord { name, base_url: None, asked: Asking { thinking_tokens, ..Asking::USUAL } })
}

/// What answers the calls of the judge that comes with the program.
fn own_judge(
    judge: &JudgeName,
    arguments: &WalkArguments,
) -> Result<Option<EncoderOnDemand>, Failure> {
    match judge {
        JudgeName::Embedded(model) => {
            EncoderOnDemand::new(model.clone(), arguments.weights_dir.clone()).map(Some)
        }
        JudgeName::Offline | JudgeName::None | JudgeName::Model(_) => Ok(None),
    }
}

/// Answers one question. What keeps it from an answer is told there, and the next one may do better.
async fn answer(driven: &Driven<'_>, id: u64, ask: Ask) -> Result<(), Failure> {
    let say = |answer| say(&Line { id: Some(id), answer: Some(answer), fault: None });
    let answered = match ask {
        Ask::Plan => Ok(Answer::Plan(Box::new(driven.planned()))),
        Ask::Trials => {
            let mut written = 0;
            for trial in driven.trials() {
                let (trial, key) = match trial {
                    Ok(trial) => trial,
                    Err(error) => return refuse(id, error.into()),
                };
                say(Answer::Trial { trial: Box::new(trial), key })?;
                written += 1;
            }
            Ok(Answer::Trials(written))
        }
        Ask::Round { trial, round } => driven
            .in_round(&trial, round)
            .map(|trial| Answer::Trial { trial: Box::new(trial), key: None }),
        Ask::Next { trial, exchanges, heard } => {
            driven.next(&trial, exchanges, heard).await.map(Answer::from)
        }
        Ask::Estimate { scores } => {
            driven.estimate(scores).map(|found| Answer::Estimate(Box::new(found)))
        }
    };
    match answered {
        Ok(answer) => say(answer),
        Err(error) => refuse(id, error.into()),
    }
}

fn refuse(id: u64, failure: Failure) -> Result<(), Failure> {
    let Failure { message, hint, .. } = failure;
    say(&Line { id: Some(id), answer: None, fault: Some(fault(message, hint)) })
}

fn fault(message: String, hint: Option<String>) -> Fault {
    Fault { message, hint }
}

/// The number of a line that is no question, if it has one.
fn number_of(line: &str) -> Option<u64> {
    serde_json::from_str::<serde_json::Value>(line).ok()?.get("id")?.as_u64()
}

fn say(line: &Line) -> Result<(), Failure> {
    let text = serde_json::to_string(line)
        .map_err(|error| Failure::usage(format!("an answer cannot be written as JSON: {error}")))?;
    screen::print_json_text(&(text + "\n"));
    Ok(())
}
