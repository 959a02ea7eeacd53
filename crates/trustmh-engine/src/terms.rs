//! Everything that decides how a trial is asked, read and scored, and what can be told from it alone.

use serde::{Deserialize, Serialize};

use trustmh_core::call::{CallEnd, Exchange, Purpose};
use trustmh_core::id::RubricId;
use trustmh_core::item::ItemContent;
use trustmh_core::protocol::Protocol;
use trustmh_core::request::Asking;
use trustmh_core::trial::Trial;

use crate::benchmark::Benchmark;
use crate::error::EngineError;
use crate::expand::shown_options;
use crate::parse;
use crate::rubric::Rubric;
use crate::task::{ParserKind, ProtocolRule, Task};

/// Who judges replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JudgeRule {
    /// The offline rules, where they can.
    Offline,
    /// A model.
    Model,
    /// Nobody.
    Nobody,
}

/// Who scores toxicity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToxicityRule {
    /// Whoever judges.
    AsJudge,
    /// An endpoint that does nothing else.
    Endpoint,
}

/// What becomes of a judge's answer from which no verdict can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnreadVerdict {
    /// The verdict stays missing. So it was before judges were asked again, and so the release does it.
    #[default]
    StaysMissing,
    /// It is asked for once more, with the format restated.
    AskedAgain,
}

impl UnreadVerdict {
    /// What a protocol does about it.
    pub const fn by(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Reference => Self::StaysMissing,
            Protocol::Corrected => Self::AskedAgain,
        }
    }

    /// Whether it stays missing.
    pub const fn stays_missing(&self) -> bool {
        matches!(self, Self::StaysMissing)
    }
}

/// What a parser read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    /// A letter as the subject saw it.
    Choice(char),
    /// A value of the scale.
    Rating(f64),
    /// The letters of an emotion and of its cause, as the subject saw them; one may be missing in a record.
    EmotionAndCause(Option<char>, Option<char>),
    /// A label of the item's scheme.
    Label(String),
    /// Text to be searched or judged.
    Text(String),
}

/// How the models of a walk are asked beyond what task and rubric say.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'b> {
    /// The subject. Its room to think is part of its trials.
    pub subject: &'b Asking,
    /// The judge, where a model judges.
    pub judge: &'b Asking,
}

impl Asked<'_> {
    /// Nothing beyond.
    pub const USUAL: Self = Self { subject: &Asking::USUAL, judge: &Asking::USUAL };
}

/// Everything that decides how trials of one task are asked and scored.
#[derive(Debug, Clone, Copy)]
pub struct Walk<'b> {
    /// Templates, rubrics and rules.
    pub benchmark: &'b Benchmark,
    /// The task.
    pub task: &'b Task,
    /// By which rules.
    pub protocol: Protocol,
    /// Who judges.
    pub judge: JudgeRule,
    /// Who scores toxicity.
    pub toxicity: ToxicityRule,
    /// What becomes of verdicts that cannot be read.
    pub unread_verdict: UnreadVerdict,
    /// The run's seed.
    pub seed: u64,
    /// How models are asked beyond what task and rubric say.
    pub asked: Asked<'b>,
}

impl<'b> Walk<'b> {
    /// The rules of the walk's protocol.
    pub fn rule(&self) -> &'b ProtocolRule {
        self.task.rule(self.protocol)
    }

    /// The rubrics by which the trial is judged, those of its arm or of the whole protocol, in its language.
    ///
    /// # Errors
    /// [`EngineError::UnknownRubric`].
    pub fn rubrics(&self, trial: &Trial) -> Result<Vec<&'b Rubric>, EngineError> {
        let language = &trial.item.language;
        let of_trial = self.rule().rubrics_of(trial.item.tags.get("arm"));
        of_trial.iter().map(|id| self.benchmark.rubric_for(id, language)).collect()
    }

    /// Whether a reply without a readable answer declines to give one. What an option says is not said by the
    /// subject.
    pub(crate) fn declined(&self, trial: &Trial, text: &str) -> bool {
        parse::decline::declines_to_answer(&parse::within(text), &options(&trial.item.content))
    }

    /// Reads `text` by the protocol's parser.
    pub(crate) fn read(&self, trial: &Trial, text: &str) -> Option<Answer> {
        use ParserKind as Kind;
        let whole = text;
        let text = &*parse::within(text);
        match (self.rule().parser, &trial.item.content) {
            (Kind::ChoiceAsReleased, ItemContent::Dilemma(_)) => {
                parse::choice::as_released(text).map(Answer::Choice)
            }
            (Kind::Choice, ItemContent::Dilemma(dilemma)) => {
                parse::choice::explicit(text, &shown(&dilemma.options, trial)).map(Answer::Choice)
            }
            (Kind::Choice, ItemContent::MultipleChoice(question)) => {
                parse::choice::explicit(text, &shown(&question.options, trial)).map(Answer::Choice)
            }
            (Kind::EmotionAndCause, ItemContent::Emotion(emotion)) => {
                parse::emotion::read(text, &emotion.emotions, &emotion.causes)
                    .map(|(emotion, cause)| Answer::EmotionAndCause(Some(emotion), Some(cause)))
            }
            (Kind::Label, ItemContent::Labelled(labelled)) => {
                parse::label::read(text, self.benchmark.labels(&labelled.scheme)?)
                    .map(|label| Answer::Label(label.to_owned()))
            }
            (Kind::LabelAsReleased, ItemContent::Labelled(labelled)) => {
                parse::label::as_released(text, self.benchmark.labels(&labelled.scheme)?)
                    .map(|label| Answer::Label(label.to_owned()))
            }
            (Kind::Rating, ItemContent::Rated(rated)) => {
                parse::rating::on_scale(text, self.task.codebook.scale(&rated.scale)?)
                    .map(Answer::Rating)
            }
            (Kind::RatingAsReleased, ItemContent::PrivacyRating(rating)) => {
                parse::rating::as_released(text, rating.tier).map(Answer::Rating)
            }
            (Kind::Rating, ItemContent::PrivacyRating(rating)) => {
                parse::rating::sound(text, rating.tier).map(Answer::Rating)
            }
            (Kind::TextAfterAnswer, _) => Some(Answer::Text(parse::after_answer(whole).to_owned())),
            (Kind::Text, _) => Some(Answer::Text(whole.to_owned())),
            // A parser that does not fit the item reads nothing; `tasks check` names the mismatch.
            (
                Kind::ChoiceAsReleased
                | Kind::Choice
                | Kind::RatingAsReleased
                | Kind::Rating
                | Kind::EmotionAndCause
                | Kind::Label
                | Kind::LabelAsReleased,
                _,
            ) => None,
        }
    }
}

/// Option texts as the trial's subject saw them.
fn shown<'t>(options: &'t [String], trial: &Trial) -> Vec<&'t str> {
    shown_options(options, &trial.variant).into_iter().map(|option| option.text).collect()
}

fn options(content: &ItemContent) -> Vec<&str> {
    let lists: &[&[String]] = match content {
        ItemContent::Dilemma(dilemma) => &[&dilemma.options],
        ItemContent::MultipleChoice(question) => &[&question.options],
        ItemContent::Emotion(emotion) => &[&emotion.emotions, &emotion.causes],
        ItemContent::Labelled(_)
        | ItemContent::PrivacyRating(_)
        | ItemContent::Secret(_)
        | ItemContent::Intent(_)
        | ItemContent::Dialogue(_)
        | ItemContent::Action(_)
        | ItemContent::Rated(_) => &[],
    };
    lists.iter().flat_map(|list| list.iter()).map(String::as_str).collect()
}

/// The last ask of the subject: its turn and how it ended.
pub(crate) fn last_subject(exchanges: &[Exchange]) -> Option<(u8, &CallEnd)> {
    exchanges.iter().rev().find_map(|exchange| match exchange.purpose {
        Purpose::Subject { turn } => Some((turn, &exchange.end)),
        Purpose::Judge { .. } => None,
    })
}

/// How the judge's call under this rubric ended, if it was made.
pub(crate) fn verdict_of<'e>(exchanges: &'e [Exchange], rubric: &RubricId) -> Option<&'e CallEnd> {
    exchanges.iter().rev().find_map(|exchange| match &exchange.purpose {
        Purpose::Judge { rubric: id, .. } if id == rubric => Some(&exchange.end),
        Purpose::Judge { .. } | Purpose::Subject { .. } => None,
    })
}
