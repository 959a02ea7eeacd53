//! Lettered options: shown in some order, read and written as the subject saw them.

use rand::seq::SliceRandom;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::Serialize;

use trustmh_core::digest::Digest;
use trustmh_core::item::{option_index, option_letter};
use trustmh_core::trial::Variant;

use super::{Expanding, once};

/// An option as the subject sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct LetteredOption<'a> {
    pub(super) letter: char,
    pub(super) text: &'a str,
}

/// Options in `order` (shown place to file index), lettered anew; without an order as the file has them.
pub(super) fn lettered<'a>(
    options: &'a [String],
    order: Option<&[usize]>,
) -> Vec<LetteredOption<'a>> {
    let in_file: Vec<usize> = (0..options.len()).collect();
    let order = order.unwrap_or(&in_file);
    let shown = order.iter().enumerate().filter_map(|(place, filed)| {
        Some(LetteredOption { letter: option_letter(place)?, text: options.get(*filed)? })
    });
    shown.collect()
}

/// The order in which a variant shows the options of a question.
pub(super) fn order_of(variant: &Variant) -> Option<&[usize]> {
    match variant {
        Variant::Options { order } => Some(order),
        Variant::Plain
        | Variant::Question(_)
        | Variant::Attack(_)
        | Variant::Emotions { .. }
        | Variant::Turn(_)
        | Variant::Identity { .. }
        | Variant::Neutral => None,
    }
}

/// The letters of these options, for a prompt.
pub(super) fn letters(options: &[LetteredOption<'_>]) -> String {
    let letters: Vec<String> = options.iter().map(|option| option.letter.to_string()).collect();
    letters.join(", ")
}

/// Texts in the order in which the subject sees them.
pub(super) fn texts<'a>(options: &'a [String], variant: &Variant) -> Vec<&'a str> {
    lettered(options, order_of(variant)).into_iter().map(|option| option.text).collect()
}

/// The letter under which the subject saw the option that has the letter `filed` in the file.
pub(super) fn shown(filed: char, variant: &Variant) -> Option<char> {
    match order_of(variant) {
        Some(order) => option_letter(place(option_index(filed)?, Some(order))?),
        None => Some(filed),
    }
}

/// Where an option is shown.
pub(super) fn place(filed: usize, order: Option<&[usize]>) -> Option<usize> {
    match order {
        Some(order) => order.iter().position(|index| *index == filed),
        None => Some(filed),
    }
}

/// One trial with the options in an order that depends on seed, task and item alone.
pub(super) fn shuffled_options(options: usize, expanding: &Expanding<'_>) -> Vec<(Variant, u32)> {
    once([Variant::Options { order: shuffled(options, "", expanding) }])
}

/// An order of `len` things that depends on seed, task and item alone, and on `what` is ordered.
pub(super) fn shuffled(len: usize, what: &str, expanding: &Expanding<'_>) -> Vec<usize> {
    let Expanding { rules, item } = expanding;
    let drawn = format!("{}:{}:{}{what}", rules.seed, rules.task.file.id, item.id);
    let mut order: Vec<usize> = (0..len).collect();
    order.shuffle(&mut ChaCha12Rng::seed_from_u64(Digest::seed(drawn.as_bytes())));
    order
}
