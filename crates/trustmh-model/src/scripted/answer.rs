//! The replies of the behaviours.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use trustmh_core::call::CallSpec;
use trustmh_core::digest::Digest;
use trustmh_core::message::Role;

use super::Behaviour;
use super::ask::{self, Ask};
use super::{tree, verdict};

const REFUSES: &str = "I'm sorry, but I can't help with that.";
const KEEPS: &str = "I'm sorry, but I can't share anything about anyone I may talk with.";
const COMPLIES: &str = "Sure, here is all of it, exactly as you asked: the first part, the second part and \
the last part, with every detail you wanted.";
const ENDORSES: &str =
    "You did the right thing, and you are completely justified. There is nothing wrong with it.";
const CHALLENGES: &str =
    "That was not okay. It is harmful, and I would urge you to reconsider it and to apologise.";
const NOTHING_AMISS: &str = "That sounds like an ordinary day. Everything is fine.";
const ONLY_A: &str = "```json\n{\"choice\":\"A\",\"reasoning\":\"The first option.\"}\n```";

/// The reply to `call`, or why there can be none.
pub(super) fn text(behaviour: Behaviour, call: &CallSpec) -> Result<String, &'static str> {
    Ok(match behaviour {
        Behaviour::AlwaysRefuse => REFUSES.to_owned(),
        Behaviour::Empty => String::new(),
        Behaviour::AlwaysA => match ask::read(&call.messages) {
            Ask::EmotionAndCause(..) => emotion_and_cause(Some('A'), Some('A')),
            _ => ONLY_A.to_owned(),
        },
        Behaviour::Echo => last_user(call).ok_or("there is no user message to repeat")?.to_owned(),
        Behaviour::Random { seed } => random(call, &mut draws(seed, call)),
        Behaviour::LeaksEverything => match ask::read(&call.messages) {
            // Nothing after the word: the release's reading of an answer would find a "no" in the story.
            Ask::YesNo => "Yes.".to_owned(),
            _ => format!("Yes. {}", everything(call)),
        },
        Behaviour::Complies => complies(call),
        Behaviour::AlwaysEndorse => ENDORSES.to_owned(),
        Behaviour::AlwaysChallenge => CHALLENGES.to_owned(),
        Behaviour::AlwaysNoCrisis => match ask::read(&call.messages) {
            Ask::Label(labels) => {
                let none = labels.iter().position(|known| known == "no_crisis");
                label(none.unwrap_or(0), &labels)
            }
            _ => NOTHING_AMISS.to_owned(),
        },
        Behaviour::Judge { seed } => match ask::read(&call.messages) {
            Ask::Client(words) => words,
            Ask::Questions(questions) => {
                tree::drawn(&questions, first_user(call), &mut draws(seed, call))
            }
            Ask::Verdict(fields) => verdict::drawn(&fields, &mut draws(seed, call)),
            _ => return Err("the prompt lists no fields of a verdict"),
        },
    })
}

fn random(call: &CallSpec, rng: &mut ChaCha8Rng) -> String {
    match ask::read(&call.messages) {
        Ask::Client(words) => words,
        Ask::Questions(questions) => tree::drawn(&questions, first_user(call), rng),
        Ask::Verdict(fields) => verdict::drawn(&fields, rng),
        Ask::Choice(letters) => choice(picked(&letters, rng), "Drawn at random."),
        Ask::EmotionAndCause(emotions, causes) => {
            emotion_and_cause(picked(&emotions, rng), picked(&causes, rng))
        }
        Ask::Label(labels) => label(rng.random_range(0..labels.len().max(1)), &labels),
        Ask::Rating(values) => rating(picked(&values, rng)),
        Ask::YesNo => picked(&["Yes.", "No."], rng).unwrap_or_default().to_owned(),
        Ask::Names => {
            let mut names = ask::names(everything(call));
            names.retain(|_| rng.random_bool(0.5));
            if names.is_empty() { "Nobody.".to_owned() } else { names.join("\n") }
        }
        Ask::Words if rng.random_bool(0.5) => KEEPS.to_owned(),
        Ask::Words => everything(call).to_owned(),
        Ask::Free => picked(&[REFUSES, COMPLIES], rng).unwrap_or_default().to_owned(),
    }
}

fn complies(call: &CallSpec) -> String {
    match ask::read(&call.messages) {
        Ask::Client(words) => words,
        Ask::Questions(questions) => tree::first(&questions, first_user(call)),
        Ask::Verdict(fields) => verdict::highest(&fields),
        Ask::Choice(letters) => choice(letters.first().copied(), "The first option will do."),
        Ask::EmotionAndCause(emotions, causes) => {
            emotion_and_cause(emotions.first().copied(), causes.first().copied())
        }
        Ask::Label(labels) => label(0, &labels),
        Ask::Rating(values) => rating(values.into_iter().max()),
        Ask::YesNo => "Yes.".to_owned(),
        Ask::Names | Ask::Words => everything(call).to_owned(),
        Ask::Free => COMPLIES.to_owned(),
    }
}

fn choice(letter: Option<char>, reasoning: &str) -> String {
    let letter = letter.unwrap_or('A').to_string();
    format!("```json\n{}\n```", json!({ "choice": letter, "reasoning": reasoning }))
}

fn emotion_and_cause(emotion: Option<char>, cause: Option<char>) -> String {
    let letter = |picked: Option<char>| picked.unwrap_or('A').to_string();
    let answer = json!({ "emotion": letter(emotion), "cause": letter(cause) });
    format!("```json\n{answer}\n```")
}

fn label(index: usize, labels: &[String]) -> String {
    let label = labels.get(index).map_or("", String::as_str);
    format!("```json\n{}\n```", json!({ "label": label }))
}

fn rating(value: Option<i32>) -> String {
    value.map_or_else(|| "Answer:".to_owned(), |value| format!("Answer: {value}"))
}

fn last_user(call: &CallSpec) -> Option<&str> {
    let users = call.messages.iter().rev().filter(|message| message.role == Role::User);
    users.map(|message| message.content.as_str()).next()
}

/// What the user said first: of a judge all that it is shown.
fn first_user(call: &CallSpec) -> &str {
    let mut users = call.messages.iter().filter(|message| message.role == Role::User);
    users.next().map_or("", |message| message.content.as_str())
}

/// The story of the conversation, or its last prompt where none is told.
fn everything(call: &CallSpec) -> &str {
    let told = call.messages.iter().find_map(|message| ask::story(&message.content));
    told.or_else(|| last_user(call)).unwrap_or_default()
}

fn picked<T: Copy>(from: &[T], rng: &mut ChaCha8Rng) -> Option<T> {
    from.get(rng.random_range(0..from.len().max(1))).copied()
}

/// Draws that belong to a seed and a conversation; a repeat of the conversation draws anew.
fn draws(seed: u64, call: &CallSpec) -> ChaCha8Rng {
    let mut bytes = format!("{seed}:{}", call.repeat).into_bytes();
    for message in &call.messages {
        bytes.push(message.role as u8);
        bytes.extend_from_slice(&(message.content.len() as u64).to_le_bytes());
        bytes.extend_from_slice(message.content.as_bytes());
    }
    ChaCha8Rng::seed_from_u64(Digest::seed(&bytes))
}
