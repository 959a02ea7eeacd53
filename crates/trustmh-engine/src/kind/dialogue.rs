//! Dialogues to be carried on.

use minijinja::Value;
use serde::Serialize;

use trustmh_core::item::{Dialogue, Speaker};
use trustmh_core::message::Message;
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::Variant;

use super::turns::{History, Line, before, chat, client_turns, last_turn, supporter_turns};
use super::{
    Expand, Judged, Kind, Perturbed, Prompt as Filled, Prompting, Read, Restating, Slips, given,
    nothing, once, plain,
};
use crate::benchmark::Benchmark;
use crate::error::EngineError;
use crate::identity::{NEUTRAL, Position};
use crate::perturb::Keep;
use crate::rules::TaskRules;
use crate::task::{Expansion, Roles};

#[derive(Serialize)]
struct Prompt<'a> {
    situation: &'a str,
    turns: Vec<Line<'a>>,
    identity_before: Option<&'a str>,
    identity_after: Option<&'a str>,
}

#[derive(Serialize)]
struct Context<'a> {
    turns: Vec<Line<'a>>,
    /// What the human supporter said where the reply belongs, if anything.
    reference: Option<&'a str>,
}

/// How much of a dialogue's history an expansion shows.
fn history(expansion: Expansion) -> History {
    match expansion {
        Expansion::SupporterTurns => History::Recent,
        Expansion::Plain
        | Expansion::ShuffledOptions
        | Expansion::Questions
        | Expansion::Attacks
        | Expansion::AttacksAndPlain
        | Expansion::ClientTurns
        | Expansion::Identities
        | Expansion::IdentitiesAndNeutral => History::Whole,
    }
}

/// The index at which the reply of a variant belongs in its dialogue.
pub(crate) fn reply_index(dialogue: &Dialogue, variant: &Variant) -> usize {
    match variant {
        Variant::Turn(index) => *index,
        Variant::Plain
        | Variant::Options { .. }
        | Variant::Question(_)
        | Variant::Attack(_)
        | Variant::Emotions { .. }
        | Variant::Identity { .. }
        | Variant::Neutral => last_turn(dialogue),
    }
}

/// The turns that the subject is shown.
fn shown<'d>(dialogue: &'d Dialogue, rules: &TaskRules<'_>, variant: &Variant) -> Vec<Line<'d>> {
    before(dialogue, reply_index(dialogue, variant), history(rules.rule.expansion))
}

fn told(benchmark: &Benchmark) -> impl Iterator<Item = (Variant, u32)> {
    benchmark.identities().all().map(|(attribute, value)| {
        let (attribute, value) = (attribute.to_owned(), value.to_owned());
        (Variant::Identity { attribute, value }, 0)
    })
}

fn neutral_lines(benchmark: &Benchmark) -> impl Iterator<Item = (Variant, u32)> {
    benchmark.identities().neutral().map(|line| {
        let (attribute, value) = (NEUTRAL.to_owned(), line.to_owned());
        (Variant::Identity { attribute, value }, 0)
    })
}

fn neutral_repeats(benchmark: &Benchmark) -> impl Iterator<Item = (Variant, u32)> {
    (0..benchmark.identities().neutral_repeats()).map(|repeat| (Variant::Neutral, repeat))
}

/// What a template is given that prints these turns.
fn given_turns(dialogue: &Dialogue, turns: Vec<Line<'_>>, asked: &Prompting<'_>) -> Value {
    let Prompting { rules, variant, .. } = asked;
    let identities = rules.benchmark.identities();
    let identity = match variant {
        Variant::Identity { attribute, value } => identities.text(attribute, value),
        Variant::Plain
        | Variant::Options { .. }
        | Variant::Question(_)
        | Variant::Attack(_)
        | Variant::Emotions { .. }
        | Variant::Turn(_)
        | Variant::Neutral => None,
    };
    let (identity_before, identity_after) = match identities.position() {
        Position::Before => (identity, None),
        Position::After => (None, identity),
    };
    given(&Prompt { situation: &dialogue.situation, turns, identity_before, identity_after })
}

impl Kind for Dialogue {
    const PROMPT: &'static [&'static str] =
        &["situation", "turns", "identity_before", "identity_after"];
    const FORMAT: &'static [&'static str] = &[];
    const CONTEXT: &'static [&'static str] = &["turns", "reference"];
    const PERTURBED: Perturbed = Perturbed::OwnWords;
    const ROLES: &'static [Roles] = &[Roles::Text, Roles::Chat];
    const EXPANSIONS: &'static [Expand<Self>] = &[
        (Expansion::Plain, plain),
        (Expansion::SupporterTurns, |dialogue, _| {
            once(supporter_turns(dialogue).into_iter().map(Variant::Turn))
        }),
        (Expansion::ClientTurns, |dialogue, _| {
            once(client_turns(dialogue).into_iter().map(Variant::Turn))
        }),
        (Expansion::Identities, |_, expanding| {
            let benchmark = expanding.rules.benchmark;
            told(benchmark).chain(neutral_repeats(benchmark)).collect()
        }),
        (Expansion::IdentitiesAndNeutral, |_, expanding| {
            let benchmark = expanding.rules.benchmark;
            let lines: Vec<(Variant, u32)> = neutral_lines(benchmark).collect();
            // A folder of one's own may hold no neutral lines.
            let repeats = neutral_repeats(benchmark).filter(|_| lines.is_empty());
            told(benchmark).chain(repeats).chain(lines.iter().cloned()).collect()
        }),
    ];
    const PARSERS: &'static [Read<Self>] = &[];

    fn prompt(&self, asked: &Prompting<'_>) -> Result<Value, EngineError> {
        Ok(given_turns(self, shown(self, asked.rules, asked.variant), asked))
    }

    fn filled(&self, asked: &Prompting<'_>) -> Result<Filled, EngineError> {
        let lines = shown(self, asked.rules, asked.variant);
        let chat = match asked.rules.rule.roles {
            Roles::Text => None,
            // A dialogue in which the seeker does not speak last is no chat: all of it is printed.
            Roles::Chat => chat(&lines),
        };
        let Some((before, turns)) = chat else {
            return Ok(Filled::message(asked.render(given_turns(self, lines, asked))?));
        };
        let instructions = asked.render(given_turns(self, before.to_vec(), asked))?;
        let mut messages = vec![Message::system(instructions)];
        messages.extend(turns);
        Ok(Filled { messages, cut: None })
    }

    fn format(&self, _: &Restating<'_>) -> Result<Value, EngineError> {
        Ok(nothing())
    }

    fn context(&self, judged: &Judged<'_>) -> Value {
        let variant = &judged.trial.variant;
        let human = self.turns.get(reply_index(self, variant));
        let human = human.filter(|turn| turn.speaker == Speaker::Supporter);
        given(&Context {
            turns: shown(self, judged.rules, variant),
            reference: human.map(|turn| turn.text.as_str()),
        })
    }

    /// The seeker's turns before the reply.
    fn perturb(&mut self, rules: &TaskRules<'_>, variant: &Variant, slips: &mut Slips<'_>) {
        let index = reply_index(self, variant);
        let first = index.saturating_sub(shown(self, rules, variant).len());
        let turns = self.turns.get_mut(first..index).unwrap_or_default();
        for turn in turns.iter_mut().filter(|turn| turn.speaker == Speaker::Seeker) {
            slips.make(&mut turn.text, Keep::Nothing);
        }
    }

    fn key(&self, _: &Variant, _: Protocol) -> Option<String> {
        None
    }
}
