//! Scenarios with an emotion and its cause.

use minijinja::Value;
use serde::Serialize;

use trustmh_core::item::{Emotion, option_letter};
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::Variant;

use super::options::{LetteredOption, lettered, letters, place, shuffled};
use super::{
    Expand, Judged, Kind, Perturbed, Prompting, Read, Restating, Slips, given, once, plain,
};
use crate::error::EngineError;
use crate::parse::{self, Answer};
use crate::rules::TaskRules;
use crate::task::{Expansion, ParserKind};

#[derive(Serialize)]
struct Prompt<'a> {
    scenario: &'a str,
    subject: &'a str,
    emotions: Vec<LetteredOption<'a>>,
    causes: Vec<LetteredOption<'a>>,
    emotion_letters: String,
    cause_letters: String,
}

#[derive(Serialize)]
struct Format {
    letters: String,
    cause_letters: String,
}

#[derive(Serialize)]
struct Context<'a> {
    scenario: &'a str,
}

/// The orders in which emotions and causes are shown.
fn orders(variant: &Variant) -> (Option<&[usize]>, Option<&[usize]>) {
    match variant {
        Variant::Emotions { emotions, causes } => (Some(emotions), Some(causes)),
        Variant::Plain
        | Variant::Options { .. }
        | Variant::Question(_)
        | Variant::Attack(_)
        | Variant::Turn(_)
        | Variant::Identity { .. }
        | Variant::Neutral => (None, None),
    }
}

impl Kind for Emotion {
    const PROMPT: &'static [&'static str] =
        &["scenario", "subject", "emotions", "causes", "emotion_letters", "cause_letters"];
    const FORMAT: &'static [&'static str] = &["letters", "cause_letters"];
    const CONTEXT: &'static [&'static str] = &["scenario"];
    const PERTURBED: Perturbed = Perturbed::Nothing;
    const EXPANSIONS: &'static [Expand<Self>] = &[
        (Expansion::Plain, plain),
        (Expansion::ShuffledOptions, |emotion, expanding| {
            once([Variant::Emotions {
                emotions: shuffled(emotion.emotions.len(), ":emotions", expanding),
                causes: shuffled(emotion.causes.len(), ":causes", expanding),
            }])
        }),
    ];
    const PARSERS: &'static [Read<Self>] = &[(ParserKind::EmotionAndCause, |item, reply| {
        parse::emotion::read(reply.text, &item.emotions, &item.causes)
            .map(|(emotion, cause)| Answer::EmotionAndCause(Some(emotion), Some(cause)))
    })];

    fn prompt(&self, asked: &Prompting<'_>) -> Result<Value, EngineError> {
        let (emotions, causes) = orders(asked.variant);
        let (emotions, causes) =
            (lettered(&self.emotions, emotions), lettered(&self.causes, causes));
        Ok(given(&Prompt {
            scenario: &self.scenario,
            subject: &self.subject,
            emotion_letters: letters(&emotions),
            cause_letters: letters(&causes),
            emotions,
            causes,
        }))
    }

    fn format(&self, _: &Restating<'_>) -> Result<Value, EngineError> {
        Ok(given(&Format {
            letters: letters(&lettered(&self.emotions, None)),
            cause_letters: letters(&lettered(&self.causes, None)),
        }))
    }

    fn context(&self, _: &Judged<'_>) -> Value {
        given(&Context { scenario: &self.scenario })
    }

    fn perturb(&mut self, _: &TaskRules<'_>, _: &Variant, _: &mut Slips<'_>) {}

    fn options(&self) -> Vec<&str> {
        self.emotions.iter().chain(&self.causes).map(String::as_str).collect()
    }

    fn key(&self, variant: &Variant, _: Protocol) -> Option<String> {
        let letter = |options: &[String], right: &String, order: Option<&[usize]>| {
            let filed = options.iter().position(|option| option == right)?;
            option_letter(place(filed, order)?)
        };
        let (emotions, causes) = orders(variant);
        let emotion = letter(&self.emotions, &self.emotion, emotions)?;
        let cause = letter(&self.causes, &self.cause, causes)?;
        Some(format!("{emotion}, {cause}"))
    }
}
