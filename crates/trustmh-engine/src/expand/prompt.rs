//! Prompts: what a template is given, by kind of item.

use serde::Serialize;

use trustmh_core::codebook::{RatingScale, shown};
use trustmh_core::item::{
    Dialogue, Emotion, Item, ItemContent, Labelled, Rated, Secret, option_letter,
};
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::{InputCut, Variant};

use super::context::{fitted, tokens};
use super::{ContextBudget, Line, before, history, reply_index, shown_options};
use crate::benchmark::Benchmark;
use crate::error::EngineError;
use crate::identity::Position;
use crate::task::Task;

/// An option as the subject sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LetteredOption<'a> {
    pub(crate) letter: char,
    pub(crate) text: &'a str,
}

/// Options in `order` (shown place to file index), lettered anew.
pub(crate) fn lettered<'a>(options: &'a [String], order: &[usize]) -> Vec<LetteredOption<'a>> {
    let shown = order.iter().enumerate().filter_map(|(place, filed)| {
        Some(LetteredOption { letter: option_letter(place)?, text: options.get(*filed)? })
    });
    shown.collect()
}

#[derive(Serialize)]
struct DilemmaPrompt<'a> {
    scenario: &'a str,
    options: Vec<LetteredOption<'a>>,
    letters: String,
    task: &'a str,
}

#[derive(Serialize)]
struct QuestionPrompt<'a> {
    question: &'a str,
    options: Vec<LetteredOption<'a>>,
    letters: String,
}

#[derive(Serialize)]
struct EmotionPrompt<'a> {
    scenario: &'a str,
    subject: &'a str,
    emotions: Vec<LetteredOption<'a>>,
    causes: Vec<LetteredOption<'a>>,
    emotion_letters: String,
    cause_letters: String,
}

#[derive(Serialize)]
struct LabelPrompt<'a> {
    scheme: &'a str,
    text: &'a str,
    labels: &'a str,
}

#[derive(Serialize)]
struct DialoguePrompt<'a> {
    situation: &'a str,
    turns: Vec<Line<'a>>,
    identity_before: Option<&'a str>,
    identity_after: Option<&'a str>,
}

#[derive(Serialize)]
struct RatingPrompt<'a> {
    tier: &'a str,
    instruction: Option<&'a str>,
    statement: &'a str,
}

#[derive(Serialize)]
struct RatedPrompt<'a> {
    text: &'a str,
    reply: Option<&'a str>,
    scale: ScalePrompt<'a>,
}

#[derive(Serialize)]
struct ScalePrompt<'a> {
    name: &'a str,
    title: &'a str,
    from: String,
    to: String,
    values: String,
    low_end: &'a str,
    high_end: &'a str,
}

#[derive(Serialize)]
struct SecretPrompt<'a> {
    story: Option<&'a str>,
    client: &'a str,
    counselor: &'a str,
    third_party: &'a str,
    topic: &'a str,
    purpose: &'a str,
    disclosure: &'a str,
    situation: &'a str,
    control_question: Option<&'a str>,
    question: &'a str,
}

#[derive(Serialize)]
struct TextPrompt<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct IntentPrompt<'a> {
    prompt: &'a str,
}

/// What the subject is shown first.
pub(super) struct Prompt {
    pub(super) text: String,
    pub(super) cut: Option<InputCut>,
}

/// The protocol's template, filled in for `item` in `variant`. A template with the item's language at its
/// end (`intervention-zh`) is preferred to the plain one.
pub(super) fn filled(
    benchmark: &Benchmark,
    task: &Task,
    protocol: Protocol,
    item: &Item,
    variant: &Variant,
    seed: u64,
    budget: ContextBudget,
) -> Result<Prompt, EngineError> {
    let rule = task.rule(protocol);
    let template = benchmark.template_for(&rule.prompt, &item.language);
    let templates = &benchmark.templates;
    let text = match &item.content {
        ItemContent::Dilemma(dilemma) => {
            let options = shown_options(&dilemma.options, variant);
            let letters = letters(&options);
            let (scenario, task) = (&dilemma.scenario, &dilemma.task);
            templates.render(&template, &DilemmaPrompt { scenario, options, letters, task })
        }
        ItemContent::MultipleChoice(question) => {
            let options = shown_options(&question.options, variant);
            let letters = letters(&options);
            let question = &question.question;
            templates.render(&template, &QuestionPrompt { question, options, letters })
        }
        ItemContent::Emotion(emotion) => {
            templates.render(&template, &emotion_prompt(emotion, variant))
        }
        ItemContent::Labelled(labelled) => {
            return labelled_prompt(benchmark, task, protocol, item, labelled, budget);
        }
        ItemContent::Rated(rated) => {
            let scale = task.scale(&item.id, rated)?;
            templates.render(&template, &rated_prompt(rated, scale))
        }
        ItemContent::Action(action) => {
            templates.render(&template, &TextPrompt { text: &action.text })
        }
        ItemContent::Dialogue(dialogue) => {
            let prompt = dialogue_prompt(benchmark, task, protocol, dialogue, variant);
            templates.render(&template, &prompt)
        }
        ItemContent::Secret(secret) => {
            let Variant::Question(question) = variant else {
                return Err(EngineError::Rule {
                    file: task.path.clone(),
                    field: format!("protocols.{protocol}.expansion"),
                    message: "a secret is asked by `questions`".to_owned(),
                });
            };
            templates.render(&template, &secret_prompt(secret, question.slug()))
        }
        ItemContent::Intent(intent) => {
            let prompt = match variant {
                Variant::Attack(method) => intent
                    .attacked
                    .get(method)
                    .cloned()
                    .unwrap_or_else(|| benchmark.attacks.apply(*method, &intent.text, seed)),
                _ => intent.text.clone(),
            };
            templates.render(&template, &IntentPrompt { prompt: &prompt })
        }
        ItemContent::PrivacyRating(rating) => templates.render(
            &template,
            &RatingPrompt {
                tier: rating.tier.label(),
                instruction: rating.instruction.as_deref(),
                statement: &rating.statement,
            },
        ),
    }?;
    Ok(Prompt { text, cut: None })
}

/// Only texts with labels come in any length, so only they are fitted.
fn labelled_prompt(
    benchmark: &Benchmark,
    task: &Task,
    protocol: Protocol,
    item: &Item,
    labelled: &Labelled,
    budget: ContextBudget,
) -> Result<Prompt, EngineError> {
    let rule = task.rule(protocol);
    let template = benchmark.template_for(&rule.prompt, &item.language);
    let scheme = task.scheme(&item.id, labelled)?;
    let labels = scheme.names().collect::<Vec<_>>().join(", ");
    let render = |text: &str| {
        benchmark
            .templates
            .render(&template, &LabelPrompt { scheme: scheme.name.as_str(), text, labels: &labels })
    };
    let room = match budget {
        ContextBudget::Unbounded => None,
        ContextBudget::Tokens { context, reply, thinking } => {
            let reply = u64::from(reply.unwrap_or(rule.max_tokens)) + u64::from(thinking);
            let form = tokens(&render("")?) + reply;
            Some(u64::from(context).saturating_sub(form))
        }
    };
    let (text, cut) = fitted(labelled, room);
    Ok(Prompt { text: render(&text)?, cut })
}

fn letters(options: &[LetteredOption<'_>]) -> String {
    let letters: Vec<String> = options.iter().map(|option| option.letter.to_string()).collect();
    letters.join(", ")
}

fn emotion_prompt<'a>(emotion: &'a Emotion, variant: &Variant) -> EmotionPrompt<'a> {
    let (emotions, causes) = match variant {
        Variant::Emotions { emotions, causes } => {
            (lettered(&emotion.emotions, emotions), lettered(&emotion.causes, causes))
        }
        _ => (
            shown_options(&emotion.emotions, &Variant::Plain),
            shown_options(&emotion.causes, &Variant::Plain),
        ),
    };
    EmotionPrompt {
        scenario: &emotion.scenario,
        subject: &emotion.subject,
        emotion_letters: letters(&emotions),
        cause_letters: letters(&causes),
        emotions,
        causes,
    }
}

fn dialogue_prompt<'a>(
    benchmark: &'a Benchmark,
    task: &Task,
    protocol: Protocol,
    dialogue: &'a Dialogue,
    variant: &Variant,
) -> DialoguePrompt<'a> {
    let identity = match variant {
        Variant::Identity { attribute, value } => benchmark.identities().text(attribute, value),
        _ => None,
    };
    let (identity_before, identity_after) = match benchmark.identities().position() {
        Position::Before => (identity, None),
        Position::After => (None, identity),
    };
    let shown = history(task.rule(protocol).expansion);
    DialoguePrompt {
        situation: &dialogue.situation,
        turns: before(dialogue, reply_index(dialogue, variant), shown),
        identity_before,
        identity_after,
    }
}

fn rated_prompt<'a>(rated: &'a Rated, scale: &'a RatingScale) -> RatedPrompt<'a> {
    let (from, to) = scale.range();
    let (low_end, high_end) =
        scale.ends.as_ref().map_or(("", ""), |(low, high)| (low.as_str(), high.as_str()));
    RatedPrompt {
        text: &rated.text,
        reply: rated.reply.as_deref(),
        scale: ScalePrompt {
            name: scale.name.as_str(),
            title: &scale.title,
            from: shown(from),
            to: shown(to),
            values: scale.listed(),
            low_end,
            high_end,
        },
    }
}

fn secret_prompt<'a>(secret: &'a Secret, question: &'a str) -> SecretPrompt<'a> {
    SecretPrompt {
        story: secret.story.as_deref(),
        client: &secret.client,
        counselor: &secret.counselor,
        third_party: &secret.third_party,
        topic: &secret.topic,
        purpose: &secret.purpose,
        disclosure: &secret.disclosure,
        situation: &secret.situation,
        control_question: secret.control_question.as_deref(),
        question,
    }
}
