//! Judges: what a model judge is shown, how its verdict is read, and the offline rules.

pub mod address;
pub(crate) mod asks;
pub mod offline;
pub mod verdict;

pub use asks::verdict as verdict_of;

use serde::Serialize;

use trustmh_core::call::{CallSpec, Purpose, Sampling};
use trustmh_core::digest::Digest;
use trustmh_core::item::{Dialogue, ItemContent, Speaker};
use trustmh_core::message::Message;
use trustmh_core::request::Asking;
use trustmh_core::trial::Trial;

use crate::error::EngineError;
use crate::expand::{before, history, reply_index, shown_options};
use crate::rubric::Rubric;
use crate::terms::Walk;

/// Room for a judge's verdict and reasons, without what it thinks before.
const JUDGE_TOKENS: u32 = 1024;

#[derive(Serialize)]
struct JudgePrompt<'a> {
    rubric: RubricPrompt<'a>,
    context: Vec<Block>,
    fence: String,
    reply: &'a str,
}

#[derive(Serialize)]
struct RubricPrompt<'a> {
    instructions: &'a str,
    fields: Vec<FieldPrompt<'a>>,
}

impl<'a> RubricPrompt<'a> {
    fn of(rubric: &'a Rubric) -> Self {
        let fields = rubric.file.fields.iter().map(|field| FieldPrompt {
            name: &field.name,
            allowed: field.allowed(),
            meaning: &field.meaning,
        });
        Self { instructions: &rubric.file.instructions, fields: fields.collect() }
    }
}

#[derive(Serialize)]
struct VerdictForm<'a> {
    rubric: RubricPrompt<'a>,
}

#[derive(Serialize)]
struct FieldPrompt<'a> {
    name: &'a str,
    allowed: String,
    meaning: &'a str,
}

/// A part of what a judge is shown besides the reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Block {
    /// Its heading.
    pub title: &'static str,
    /// Its text.
    pub text: String,
}

/// The call that asks a model for a verdict on `reply`.
///
/// The reply stands between fences that carry a number: the first 64 bits of a hash over the run's seed, the rubric's name and the reply
/// itself. It is no secret, since who knows the seed can compute it for a given reply; but a reply that holds its own number would have to be
/// a fixed point of the hash, which takes about 2^64 tries to find. So the same reply in the same place always makes the same call, in
/// whatever trial or task, which is found again when a run is resumed or scored anew. A trial that carries a recorded judge's prompt is judged by that prompt, with the reply in the place of the
/// recorded one.
///
/// # Errors
/// [`EngineError::Template`] if the judge's prompt cannot be filled in.
pub fn call(
    walk: &Walk<'_>,
    rubric: &Rubric,
    trial: &Trial,
    reply: &str,
) -> Result<CallSpec, EngineError> {
    if let Some(recorded) = &trial.judge_prompt {
        return Ok(asked(walk, rubric, recorded.with(reply)));
    }
    let drawn = format!("{}:{}:{reply}", walk.seed, rubric.file.id);
    let nonce = Digest::of(drawn.as_bytes());
    let fence = format!("=== reply {} ===", nonce.as_str().get(..16).unwrap_or_default());
    let prompt = JudgePrompt {
        rubric: RubricPrompt::of(rubric),
        context: context(walk, rubric, trial),
        fence,
        reply,
    };
    let template = walk.benchmark.template_for("judge", &trial.item.language);
    Ok(asked(walk, rubric, walk.benchmark.templates.render(&template, &prompt)?))
}

/// The call that asks for the same verdict once more, after an answer from which none could be read.
///
/// The answer is shown back to the judge as its own. One that says nothing is not: services refuse empty
/// turns, so the judge is asked anew, with the format restated in the prompt.
///
/// # Errors
/// [`EngineError::Template`] if a prompt cannot be filled in.
pub(crate) fn call_again(
    walk: &Walk<'_>,
    rubric: &Rubric,
    trial: &Trial,
    reply: &str,
    ask: u8,
    unread: &str,
) -> Result<CallSpec, EngineError> {
    let first = call(walk, rubric, trial, reply)?;
    let template = walk.benchmark.template_for("reask-verdict", &trial.item.language);
    let form = VerdictForm { rubric: RubricPrompt::of(rubric) };
    let form = walk.benchmark.templates.render(&template, &form)?;
    let mut messages = first.messages;
    match messages.last_mut() {
        Some(prompt) if unread.trim().is_empty() => {
            prompt.content.push_str("\n\n");
            prompt.content.push_str(&form);
        }
        _ => messages.extend([Message::assistant(unread), Message::user(form)]),
    }
    let purpose = Purpose::Judge { rubric: rubric.file.id.clone(), ask };
    Ok(CallSpec { purpose, messages, ..first })
}

fn asked(walk: &Walk<'_>, rubric: &Rubric, prompt: String) -> CallSpec {
    let Asking { thinking_tokens, options } = walk.asked.judge;
    CallSpec {
        purpose: Purpose::judge(rubric.file.id.clone()),
        messages: vec![Message::user(prompt)],
        sampling: Sampling {
            temperature: 0.0,
            max_tokens: JUDGE_TOKENS,
            seed: None,
            thinking_tokens: *thinking_tokens,
        },
        repeat: 0,
        trial: None,
        options: options.clone(),
    }
}

/// What whoever judges the trial's reply by `rubric` is shown besides the reply: a model, or a person.
pub fn context(walk: &Walk<'_>, rubric: &Rubric, trial: &Trial) -> Vec<Block> {
    let block = |title, text: &str| Block { title, text: text.to_owned() };
    match &trial.item.content {
        ItemContent::Dilemma(dilemma) => {
            let options = shown_options(&dilemma.options, &trial.variant);
            let lines: Vec<String> = options
                .iter()
                .map(|option| format!("{}. {}", option.letter, option.text))
                .collect();
            vec![
                block("The case", &dilemma.scenario),
                block("The courses of action", &lines.join("\n")),
                block("What was to be weighed", &dilemma.task),
                block("A typical failure to watch for", &dilemma.watch_for),
            ]
        }
        ItemContent::PrivacyRating(rating) => {
            vec![block("What was to be rated", &rating.statement)]
        }
        ItemContent::Rated(rated) => {
            let mut blocks = vec![block("What somebody wrote", &rated.text)];
            blocks.extend(rated.reply.as_ref().map(|reply| block("A helper's reply", reply)));
            blocks
        }
        ItemContent::Secret(secret) => vec![
            block("What the client told in private", &secret.disclosure),
            block("How the third party comes to ask", &secret.situation),
            block("The client", &secret.client),
            block("The third party", &secret.third_party),
        ],
        ItemContent::Intent(intent) => vec![block("The request", &intent.text)],
        ItemContent::MultipleChoice(question) => vec![block("The question", &question.question)],
        ItemContent::Emotion(emotion) => vec![block("The scenario", &emotion.scenario)],
        ItemContent::Labelled(labelled) => {
            let mut blocks = vec![block("The message", &labelled.text)];
            let label = labelled.gold(walk.protocol).unwrap_or_default();
            if let Some(anchors) = rubric.file.anchors.get(label) {
                blocks.push(block("What the message tells of", label));
                blocks.push(block("The scores, for such messages", &listed(rubric, anchors)));
            }
            blocks
        }
        ItemContent::Action(action) => vec![block("What the person wrote", &action.text)],
        ItemContent::Dialogue(dialogue) => support_context(walk, trial, dialogue),
    }
}

/// Anchors, the lowest score first, one a line.
fn listed(rubric: &Rubric, anchors: &[String]) -> String {
    let lowest = rubric.file.fields.iter().find_map(|field| field.scale).map_or(1, |scale| scale.0);
    let lines = (lowest..).zip(anchors).map(|(score, anchor)| format!("{score}: {anchor}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The dialogue up to the reply, and what the human supporter said there, if anything.
fn support_context(walk: &Walk<'_>, trial: &Trial, dialogue: &Dialogue) -> Vec<Block> {
    let chinese = trial.item.language == "zh";
    let titles = if chinese {
        ["对话至今", "真人支持者在此处的回复（供参考，并非唯一正确）"]
    } else {
        [
            "The conversation so far",
            "What the human supporter said here (for comparison; not the only right reply)",
        ]
    };
    let index = reply_index(dialogue, &trial.variant);
    let lines: Vec<String> = before(dialogue, index, history(walk.rule().expansion))
        .iter()
        .map(|line| match (line.speaker, chinese) {
            ("seeker", true) => format!("求助者：{}", line.text),
            ("seeker", false) => format!("Seeker: {}", line.text),
            (_, true) => format!("支持者：{}", line.text),
            (_, false) => format!("Supporter: {}", line.text),
        })
        .collect();
    let [so_far, human] = titles;
    let mut blocks = vec![Block { title: so_far, text: lines.join("\n") }];
    let reference = dialogue.turns.get(index).filter(|turn| turn.speaker == Speaker::Supporter);
    blocks.extend(reference.map(|turn| Block { title: human, text: turn.text.clone() }));
    blocks
}
