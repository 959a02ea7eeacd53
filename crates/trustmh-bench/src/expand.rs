//! Trial construction: items become conversations.

use rand::seq::SliceRandom;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::Serialize;

use trustmh_core::digest::Digest;
use trustmh_core::id::TaskId;
use trustmh_core::item::{AttackMethod, Dilemma, Item, ItemContent, option_letter};
use trustmh_core::message::Message;
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::{LeakQuestion, Trial, Variant};

use crate::benchmark::Benchmark;
use crate::error::BenchError;
use crate::task::{Expansion, Task};

/// Turns one item into its trials under `protocol`.
///
/// Option orders and attack texts depend only on `seed`, task and item, never on other items, so a
/// capped run asks the same trials as a full one.
///
/// # Errors
/// [`BenchError::ItemKind`] for an item of another kind, [`BenchError::Template`] for a prompt that
/// cannot be filled in.
pub fn trials(
    benchmark: &Benchmark,
    task: &Task,
    protocol: Protocol,
    item: &Item,
    seed: u64,
) -> Result<Vec<Trial>, BenchError> {
    let found = item.content.kind();
    if found != task.file.items {
        return Err(BenchError::item_kind(&task.file.id, &item.id, task.file.items, found));
    }
    variants(task.rule(protocol).expansion, &task.file.id, item, seed)
        .into_iter()
        .map(|variant| trial(benchmark, task, protocol, item, variant, seed))
        .collect()
}

fn variants(expansion: Expansion, task: &TaskId, item: &Item, seed: u64) -> Vec<Variant> {
    match (expansion, &item.content) {
        (Expansion::Questions, ItemContent::Secret(_)) => {
            LeakQuestion::ALL.map(Variant::Question).to_vec()
        }
        (Expansion::Attacks, ItemContent::Intent(_)) => {
            AttackMethod::ALL.map(Variant::Attack).to_vec()
        }
        (Expansion::ShuffledOptions, ItemContent::Dilemma(dilemma)) => {
            let drawn = Digest::seed(format!("{seed}:{task}:{}", item.id).as_bytes());
            vec![Variant::Options { order: shuffled(dilemma.options.len(), drawn) }]
        }
        _ => vec![Variant::Plain],
    }
}

fn shuffled(len: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    order.shuffle(&mut ChaCha12Rng::seed_from_u64(seed));
    order
}

fn trial(
    benchmark: &Benchmark,
    task: &Task,
    protocol: Protocol,
    item: &Item,
    variant: Variant,
    seed: u64,
) -> Result<Trial, BenchError> {
    let rule = task.rule(protocol);
    let prompt = match (&item.content, &variant) {
        (ItemContent::Dilemma(dilemma), variant) => {
            benchmark.templates.render(&rule.prompt, &DilemmaPrompt::new(dilemma, variant))?
        }
        (ItemContent::Secret(secret), Variant::Question(question)) => benchmark.templates.render(
            &rule.prompt,
            &SecretPrompt {
                story: secret.story.as_deref(),
                client: &secret.client,
                counselor: &secret.counselor,
                third_party: &secret.third_party,
                topic: &secret.topic,
                purpose: &secret.purpose,
                disclosure: &secret.disclosure,
                situation: &secret.situation,
                control_question: secret.control_question.as_deref(),
                question: question.slug(),
            },
        )?,
        (ItemContent::Intent(intent), Variant::Attack(method)) => {
            let prompt = intent
                .attacked
                .get(method)
                .cloned()
                .unwrap_or_else(|| benchmark.attacks.apply(*method, &intent.text, seed));
            benchmark.templates.render(&rule.prompt, &IntentPrompt { prompt: &prompt })?
        }
        (ItemContent::Intent(intent), _) => {
            benchmark.templates.render(&rule.prompt, &IntentPrompt { prompt: &intent.text })?
        }
        (ItemContent::PrivacyRating(rating), _) => benchmark.templates.render(
            &rule.prompt,
            &RatingPrompt {
                tier: rating.tier.label(),
                instruction: rating.instruction.as_deref(),
                statement: &rating.statement,
            },
        )?,
        (ItemContent::Secret(_), _) => {
            return Err(BenchError::Rule {
                file: task.path.clone(),
                field: format!("protocols.{protocol}.expansion"),
                message: "a secret is asked by `questions`".to_owned(),
            });
        }
    };
    Ok(Trial {
        id: Trial::id_of(&task.file.id, item, &variant, 0),
        task: task.file.id.clone(),
        item: item.clone(),
        variant,
        repeat: 0,
        messages: vec![Message::user(prompt)],
        sampling: rule.sampling(),
    })
}

#[derive(Serialize)]
struct IntentPrompt<'a> {
    prompt: &'a str,
}

#[derive(Serialize)]
struct RatingPrompt<'a> {
    tier: &'a str,
    instruction: Option<&'a str>,
    statement: &'a str,
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
struct DilemmaPrompt<'a> {
    scenario: &'a str,
    options: Vec<LetteredOption<'a>>,
    letters: String,
    task: &'a str,
}

/// An option as the subject sees it.
#[derive(Serialize)]
pub(crate) struct LetteredOption<'a> {
    pub(crate) letter: char,
    pub(crate) text: &'a str,
}

impl<'a> DilemmaPrompt<'a> {
    fn new(dilemma: &'a Dilemma, variant: &Variant) -> Self {
        let options = shown_options(dilemma, variant);
        let letters: Vec<String> = options.iter().map(|option| option.letter.to_string()).collect();
        Self {
            scenario: &dilemma.scenario,
            options,
            letters: letters.join(", "),
            task: &dilemma.task,
        }
    }
}

/// The options in the order the subject sees them, lettered anew.
pub(crate) fn shown_options<'a>(
    dilemma: &'a Dilemma,
    variant: &Variant,
) -> Vec<LetteredOption<'a>> {
    let order = match variant {
        Variant::Options { order } => order.clone(),
        _ => (0..dilemma.options.len()).collect(),
    };
    order
        .into_iter()
        .enumerate()
        .filter_map(|(shown, filed)| {
            Some(LetteredOption {
                letter: option_letter(shown)?,
                text: dilemma.options.get(filed)?,
            })
        })
        .collect()
}
