//! Scorers: what was measured on one trial. One module per scorer kind, picked by the task file.

mod choice;
pub(crate) mod conversation;
mod distance;
mod emotion;
mod endorsement;
mod escalation;
pub(crate) mod harmless;
mod judged;
mod label;
mod leak;
mod multiple_choice;
pub(crate) mod rating;
mod reading;
mod refusal;
mod scorer;
mod support;
mod survey;
pub(crate) mod toxicity;

pub(crate) use conversation::TURNS_MISSING;
pub(crate) use conversation::{EVIDENCE_UNFOUNDED, OF_CODE, OF_DIMENSION, OF_SCORE, RATINGS};
pub use conversation::{Kind, OverTurns};
pub(crate) use conversation::{names as names_over_turns, over_turns, trees};
pub use reading::Reading;
pub(crate) use reading::reading;
pub use scorer::{
    Facet, Fits, Holds, Judging, Measure, MeasureLabel, RubricFields, Scale, Scorer, Source, Text,
};
pub use toxicity::ENDPOINT;

use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::call::{CallEnd, Exchange, Fidelity, Finish, RecordedAnswer};
use trustmh_core::id::MeasureName;
use trustmh_core::outcome::Outcome;
use trustmh_core::thought::ThoughtEnd;
use trustmh_core::trial::{Flag, MissingVerdict, Trial, TrialScore};

use crate::conversation::{self as turns, JudgeQuestions};
use crate::error::EngineError;
use crate::exchanges::last_subject;
use crate::judge::asks::{asked_again, verdict_or_why, withheld};
use crate::judge::verdict::Verdict;
use crate::kind::{self, Reply};
use crate::parse::{self, Answer};
use crate::rules::{JudgeRule, Judges, TaskRules};
use crate::task::{ParserKind, ScorerKind};

/// Ties the words of task files to the scorers behind them.
macro_rules! scorers {
    ($($kind:ident => $module:ident),* $(,)?) => {
        /// All scorers.
        pub const SCORERS: &[&Scorer] = &[$(&$module::SCORER),*];

        impl ScorerKind {
            /// What the scorer of this kind says of itself.
            pub fn scorer(self) -> &'static Scorer {
                match self { $(Self::$kind => &$module::SCORER),* }
            }
        }
    };
}

scorers!(
    ChoiceWithReasoning => choice,
    RatingAgreement => rating,
    RatingDistance => distance,
    LeakQuestions => leak,
    RefusalVerdict => refusal,
    MultipleChoice => multiple_choice,
    EmotionAndCause => emotion,
    Label => label,
    SupportQuality => support,
    Escalation => escalation,
    Endorsement => endorsement,
    Toxicity => toxicity,
    Judged => judged,
    Conversation => conversation,
    SurveyAnswer => survey,
);

pub use crate::task::UNANSWERED;

/// What a scorer found, before the common parts are added.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    measures: BTreeMap<MeasureName, f64>,
    texts: BTreeMap<MeasureName, String>,
    tags: BTreeMap<String, String>,
    missing: Option<MissingVerdict>,
}

impl Measured {
    fn set(&mut self, name: &str, value: f64) {
        self.measures.insert(MeasureName::new(name), value);
    }

    fn set_if(&mut self, name: &str, value: Option<f64>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    fn mark(&mut self, name: &str, holds: bool) {
        self.set(name, f64::from(u8::from(holds)));
    }

    fn text(&mut self, name: &str, text: &str) {
        self.texts.insert(MeasureName::new(name), text.to_owned());
    }

    fn tag(&mut self, facet: &str, value: &str) {
        self.tags.insert(facet.to_owned(), value.to_owned());
    }
}

pub(crate) fn score(
    rules: &TaskRules<'_>,
    judges: Judges,
    questions: JudgeQuestions,
    trial: &Trial,
    exchanges: &[Exchange],
) -> Result<TrialScore, EngineError> {
    let end = last_subject(exchanges).map(|(_, end)| end);
    let answer = end.and_then(|end| answer(rules, trial, end));
    let outcome = match turns::of(trial) {
        Some(_) => Outcome::Scored,
        None => outcome(trial, end, answer.as_ref()),
    };
    let mut context = Context { rules, judges, questions, trial, exchanges, answer, outcome };
    if let Some(conversation) = turns::of(trial) {
        context.outcome = conversation::outcome(&context, conversation)?;
    }
    let outcome = context.outcome;
    let measured = (rules.task.file.scorer.scorer().measure)(&context)?;
    let mut tags = trial.item.tags.clone();
    tags.extend(measured.tags);
    let mut measures = measured.measures;
    if !matches!(outcome, Outcome::Failed | Outcome::BrokenClient) {
        let unanswered = matches!(outcome, Outcome::Unanswered(_));
        measures.insert(MeasureName::new(UNANSWERED), f64::from(u8::from(unanswered)));
    }
    if !rules.rule.perturbation.families().is_empty() {
        perturbed(trial, &mut tags, &mut measures);
    }
    Ok(TrialScore {
        trial: trial.id.clone(),
        cluster: trial.cluster(),
        outcome,
        measures,
        texts: measured.texts,
        tags,
        flags: flags(rules, trial, exchanges),
        verdict_missing: measured.missing,
    })
}

/// How far a perturbed text is from the clean one.
pub const DISTANCE: &str = "distance";

/// The facets of tasks that perturb, whatever the scorer.
pub const PERTURBED: [Facet; 4] = [
    Facet::open("family", "How the text was perturbed, `none` where it was not."),
    Facet::open("level", "How much the text was perturbed, `none` where it was not."),
    Facet::open(DISTANCE, "How far the perturbed text is from the clean one, in bins."),
    Facet::open("pair", "Which trials of an item belong together."),
];

/// Where a trial stands among the clean and the perturbed ones of its item.
fn perturbed(
    trial: &Trial,
    tags: &mut BTreeMap<String, String>,
    measures: &mut BTreeMap<MeasureName, f64>,
) {
    let (family, level, distance) = match trial.perturbation {
        Some(done) => (done.family.slug(), done.level.slug(), done.distance),
        None => ("none", "none", 0.0),
    };
    if trial.perturbation.is_some() {
        measures.insert(MeasureName::new(DISTANCE), distance);
    }
    let bin = match distance {
        0.0 => "0",
        distance if distance < 0.05 => "below 0.05",
        distance if distance < 0.10 => "0.05 to 0.10",
        distance if distance < 0.20 => "0.10 to 0.20",
        distance if distance < 0.35 => "0.20 to 0.35",
        _ => "0.35 and more",
    };
    let pair = trial.variant.label();
    for (facet, value) in
        [("family", family), ("level", level), ("distance", bin), ("pair", pair.as_str())]
    {
        tags.insert(facet.to_owned(), value.to_owned());
    }
}

/// What the parser of the protocol reads from how a call ended, or what the source had parsed.
///
/// Silence is no answer, whatever a parser would make of an empty text.
pub(crate) fn answer(rules: &TaskRules<'_>, trial: &Trial, end: &CallEnd) -> Option<Answer> {
    match end {
        // What the provider let through before it withheld the rest is no answer either.
        CallEnd::Replied(reply) if reply.finish == Finish::ContentFilter => None,
        CallEnd::Replied(reply) if reply.unanswered().is_some() => None,
        CallEnd::Replied(reply) => read(rules, trial, &reply.text),
        CallEnd::Recorded { answer: RecordedAnswer::Choice(letter), .. } => {
            letter.map(Answer::Choice)
        }
        CallEnd::Recorded { answer: RecordedAnswer::Rating(value), .. } => {
            value.map(Answer::Rating)
        }
        CallEnd::Recorded {
            answer: RecordedAnswer::EmotionAndCause { emotion, cause }, ..
        } => (emotion.is_some() || cause.is_some())
            .then_some(Answer::EmotionAndCause(*emotion, *cause)),
        CallEnd::Recorded { answer: RecordedAnswer::Label(label), .. } => {
            label.clone().map(Answer::Label)
        }
        CallEnd::Broken { .. } => None,
    }
}

/// Reads a reply by the protocol's parser.
fn read(rules: &TaskRules<'_>, trial: &Trial, text: &str) -> Option<Answer> {
    match rules.rule.parser {
        ParserKind::TextAfterAnswer => Some(Answer::Text(parse::after_answer(text).to_owned())),
        ParserKind::Text => Some(Answer::Text(text.to_owned())),
        ParserKind::ChoiceAsReleased
        | ParserKind::Choice
        | ParserKind::RatingAsReleased
        | ParserKind::Rating
        | ParserKind::EmotionAndCause
        | ParserKind::Label
        | ParserKind::LabelAsReleased => {
            let reply = Reply { rules, variant: &trial.variant, text: &parse::within(text) };
            kind::of(&trial.item.content).read(&reply)
        }
    }
}

/// Whether a reply without a readable answer declines to give one. What an option says is not said by the subject.
pub(crate) fn declined(trial: &Trial, text: &str) -> bool {
    let options = kind::of(&trial.item.content).options();
    parse::decline::declines_to_answer(&parse::within(text), &options)
}

fn outcome(trial: &Trial, end: Option<&CallEnd>, answer: Option<&Answer>) -> Outcome {
    match (end, answer) {
        (None | Some(CallEnd::Broken { .. }), _) => Outcome::Failed,
        (Some(CallEnd::Replied(reply)), _) if reply.finish == Finish::ContentFilter => {
            Outcome::Refused
        }
        (Some(_), Some(_)) => Outcome::Scored,
        (Some(CallEnd::Replied(reply)), None) => match reply.unanswered() {
            Some(reason) => Outcome::Unanswered(reason),
            None if declined(trial, &reply.text) => Outcome::Refused,
            None => Outcome::Unparsed,
        },
        // Only of a reply that was kept whole can be told that it declines.
        (Some(CallEnd::Recorded { text, finish: Some(_), .. }), None) if declined(trial, text) => {
            Outcome::Refused
        }
        (Some(CallEnd::Recorded { .. }), None) => Outcome::Unparsed,
    }
}

fn flags(rules: &TaskRules<'_>, trial: &Trial, exchanges: &[Exchange]) -> BTreeSet<Flag> {
    let mut flags = BTreeSet::new();
    if trial.cut.is_some() {
        flags.insert(Flag::InputCut);
    }
    if asked_again(exchanges) {
        flags.insert(Flag::VerdictAskedAgain);
    }
    let Some((turn, end)) = last_subject(exchanges) else { return flags };
    // Later turns of a conversation are no second asks.
    if turn > 0 && turns::of(trial).is_none() {
        flags.insert(Flag::AskedAgain);
    }
    let addressed = |text: &str| !rules.benchmark.addresses().manners(text).is_empty();
    if end.text().is_some_and(addressed) {
        flags.insert(Flag::AddressesJudge);
    }
    let (finish, thought) = match end {
        CallEnd::Replied(reply) => {
            if reply.fidelity == Fidelity::Mended {
                flags.insert(Flag::MendedText);
            }
            (Some(&reply.finish), reply.thought.as_ref())
        }
        CallEnd::Recorded { finish, thought, .. } => {
            // A source that tells how the reply ended kept it whole, beside its own reading.
            if finish.is_none() {
                flags.insert(Flag::AnswerWithoutReply);
            }
            (finish.as_ref(), thought.as_ref())
        }
        CallEnd::Broken { .. } => (None, None),
    };
    match finish {
        Some(Finish::Length) => drop(flags.insert(Flag::CutShort)),
        Some(Finish::ContentFilter) => drop(flags.insert(Flag::ContentFiltered)),
        Some(Finish::Stop | Finish::Other(_)) | None => {}
    }
    if let Some(thought) = thought {
        flags.insert(match thought.end {
            ThoughtEnd::Closed => Flag::Thought,
            ThoughtEnd::Open => Flag::ThoughtOpen,
        });
    }
    flags
}

/// What every scorer looks at.
pub(crate) struct Context<'a> {
    rules: &'a TaskRules<'a>,
    judges: Judges,
    questions: JudgeQuestions,
    trial: &'a Trial,
    exchanges: &'a [Exchange],
    answer: Option<Answer>,
    outcome: Outcome,
}

impl Context<'_> {
    fn misfit(&self, message: &str) -> EngineError {
        EngineError::Trial { trial: self.trial.id.clone(), message: message.to_owned() }
    }

    /// Whether the offline rules judge the reply, and not whoever answers calls.
    fn is_judged_by_rules(&self) -> Result<bool, EngineError> {
        Ok(match self.judges.replies {
            JudgeRule::Offline => true,
            JudgeRule::Embedded => {
                let heads = self.rules.benchmark.heads();
                !self.rules.rubrics(self.trial)?.iter().any(|one| heads.of(&one.file.id).is_some())
            }
            JudgeRule::Model | JudgeRule::Nobody => false,
        })
    }

    /// The model judge's verdict on the reply, over all rubrics, or why there is none.
    fn model_verdict(&self) -> Result<Result<Verdict, MissingVerdict>, EngineError> {
        let rubrics = self.rules.rubrics(self.trial)?;
        if rubrics.is_empty() {
            return Ok(Err(MissingVerdict::NotAsked));
        }
        let mut whole = Verdict::default();
        for rubric in rubrics {
            match verdict_or_why(self.judges.replies, rubric, self.exchanges) {
                Ok(verdict) => {
                    whole.scores.extend(verdict.scores);
                    whole.labels.extend(verdict.labels);
                }
                Err(missing) => return Ok(Err(missing)),
            }
        }
        Ok(Ok(whole))
    }

    /// What the subject said; none where it said nothing or its provider withheld it.
    fn reply_text(&self) -> Option<&str> {
        let (_, end) = last_subject(self.exchanges)?;
        end.text().filter(|text| !withheld(end) && !text.trim().is_empty())
    }
}
