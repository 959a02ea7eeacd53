//! Trial construction: items become conversations.

mod context;
mod dialogue;
mod perturbed;
mod prompt;

pub use context::ContextBudget;

pub(crate) use dialogue::{History, Line, before};
use prompt::Prompt;
pub(crate) use prompt::{LetteredOption, lettered};

use rand::seq::SliceRandom;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::SeedableRng;

use trustmh_core::digest::Digest;
use trustmh_core::id::TaskId;
use trustmh_core::item::{AttackMethod, Dialogue, Item, ItemContent};
use trustmh_core::message::Message;
use trustmh_core::perturbation::Level;
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::{LeakQuestion, Trial, Variant};

use crate::benchmark::Benchmark;
use crate::error::EngineError;
use crate::identity::NEUTRAL;
use crate::task::{Expansion, Task};

/// Turns one item into its trials under `protocol`.
///
/// Option orders and attack texts depend only on `seed`, task and item, never on other items, so a
/// capped run asks the same trials as a full one. Where an item does not fit into `budget`, its oldest posts
/// are left out and the trial says so.
///
/// # Errors
/// [`EngineError::ItemKind`] for an item of another kind, [`EngineError::Template`] for a prompt that
/// cannot be filled in.
pub fn trials(
    benchmark: &Benchmark,
    task: &Task,
    protocol: Protocol,
    item: &Item,
    seed: u64,
    budget: ContextBudget,
) -> Result<Vec<Trial>, EngineError> {
    let found = item.content.kind();
    if found != task.file.items {
        return Err(EngineError::item_kind(&task.file.id, &item.id, task.file.items, found));
    }
    let rule = task.rule(protocol);
    let fill = |item: &Item, variant: &Variant| {
        prompt::filled(benchmark, task, protocol, item, variant, seed, budget)
    };
    let mut trials = Vec::new();
    for (variant, repeat) in variants(benchmark, rule.expansion, &task.file.id, item, seed) {
        let clean = {
            let prompt = fill(item, &variant)?;
            trial(task, protocol, item, variant, repeat, prompt)
        };
        for family in rule.perturbation.families() {
            for level in Level::CHANGING {
                let (changed, perturbation) =
                    perturbed::item(benchmark, rule, item, &clean.variant, *family, level, seed)?;
                let prompt = fill(&changed, &clean.variant)?;
                trials.push(perturbed::trial(&clean, perturbation, prompt));
            }
        }
        trials.push(clean);
    }
    Ok(trials)
}

fn variants(
    benchmark: &Benchmark,
    expansion: Expansion,
    task: &TaskId,
    item: &Item,
    seed: u64,
) -> Vec<(Variant, u32)> {
    let once = |variants: Vec<Variant>| variants.into_iter().map(|variant| (variant, 0)).collect();
    let drawn = |what: &str| Digest::seed(format!("{seed}:{task}:{}{what}", item.id).as_bytes());
    match (expansion, &item.content) {
        (Expansion::Questions, ItemContent::Secret(_)) => {
            once(LeakQuestion::ALL.map(Variant::Question).to_vec())
        }
        (Expansion::Attacks, ItemContent::Intent(_)) => {
            let aside = item.tags.contains_key("arm");
            let methods = AttackMethod::ALL.into_iter().filter(|_| !aside).map(Variant::Attack);
            once(methods.chain(aside.then_some(Variant::Plain)).collect())
        }
        (Expansion::AttacksAndPlain, ItemContent::Intent(_)) => {
            let aside = item.tags.contains_key("arm");
            let methods = AttackMethod::ALL.into_iter().filter(|_| !aside).map(Variant::Attack);
            once(methods.chain([Variant::Plain]).collect())
        }
        (Expansion::ShuffledOptions, ItemContent::Dilemma(dilemma)) => {
            once(vec![Variant::Options { order: shuffled(dilemma.options.len(), drawn("")) }])
        }
        (Expansion::ShuffledOptions, ItemContent::MultipleChoice(question)) => {
            once(vec![Variant::Options { order: shuffled(question.options.len(), drawn("")) }])
        }
        (Expansion::ShuffledOptions, ItemContent::Emotion(emotion)) => {
            once(vec![Variant::Emotions {
                emotions: shuffled(emotion.emotions.len(), drawn(":emotions")),
                causes: shuffled(emotion.causes.len(), drawn(":causes")),
            }])
        }
        (Expansion::SupporterTurns, ItemContent::Dialogue(dialogue)) => {
            once(dialogue::supporter_turns(dialogue).into_iter().map(Variant::Turn).collect())
        }
        (Expansion::ClientTurns, ItemContent::Dialogue(dialogue)) => {
            once(dialogue::client_turns(dialogue).into_iter().map(Variant::Turn).collect())
        }
        (Expansion::Identities, ItemContent::Dialogue(_)) => {
            told(benchmark).chain(neutral_repeats(benchmark)).collect()
        }
        (Expansion::IdentitiesAndNeutral, ItemContent::Dialogue(_)) => {
            let lines: Vec<(Variant, u32)> = neutral_lines(benchmark).collect();
            // A folder of one's own may hold no neutral lines.
            let repeats = neutral_repeats(benchmark).filter(|_| lines.is_empty());
            told(benchmark).chain(repeats).chain(lines.iter().cloned()).collect()
        }
        _ => once(vec![Variant::Plain]),
    }
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

fn shuffled(len: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    order.shuffle(&mut ChaCha12Rng::seed_from_u64(seed));
    order
}

fn trial(
    task: &Task,
    protocol: Protocol,
    item: &Item,
    variant: Variant,
    repeat: u32,
    prompt: Prompt,
) -> Trial {
    Trial {
        id: Trial::id_of(&task.file.id, item, &variant, repeat),
        task: task.file.id.clone(),
        item: item.clone(),
        variant,
        repeat,
        messages: vec![Message::user(prompt.text)],
        sampling: task.rule(protocol).sampling(),
        cut: prompt.cut,
        perturbation: None,
        judge_prompt: None,
    }
}

/// How much of a dialogue's history an expansion shows.
pub(crate) fn history(expansion: Expansion) -> History {
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
        _ => dialogue::last_turn(dialogue),
    }
}

/// Option texts in the order in which the subject sees them.
pub(crate) fn shown_options<'a>(
    options: &'a [String],
    variant: &Variant,
) -> Vec<LetteredOption<'a>> {
    match variant {
        Variant::Options { order } => lettered(options, order),
        _ => lettered(options, &(0..options.len()).collect::<Vec<_>>()),
    }
}
