//! Slips of single signs: lost, added, struck beside, turned round, in the wrong case, look-alike, doubled, and
//! lost spaces.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use unicode_segmentation::UnicodeSegmentation;

use super::distance::clusters;
use super::{Budget, Keep, Request};

/// What is done to one cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slip {
    Lost,
    Added(char),
    Struck(char),
    Doubled,
    /// Changes places with the next one.
    Turned,
}

/// Kinds of slips that are drawn from.
const KINDS: usize = 8;

pub(super) fn draft(
    request: &Request<'_>,
    budget: Budget,
    rng: &mut ChaCha8Rng,
) -> (String, usize) {
    let clusters = clusters(request.text);
    let mut words = match request.keep {
        Keep::Label => Some(Words::of(request, &clusters)),
        Keep::Nothing => None,
    };
    let mut slips: Vec<Option<Slip>> = vec![None; clusters.len()];
    let mut used = 0;
    let mut draws = 16 * clusters.len() + 64;
    while used < budget.aim && draws > 0 && !clusters.is_empty() {
        draws -= 1;
        let at = rng.random_range(0..clusters.len());
        let taken = |at: usize| slips.get(at).is_some_and(Option::is_some);
        let turned = at > 0 && slips.get(at - 1) == Some(&Some(Slip::Turned));
        if taken(at) || turned {
            continue;
        }
        let Some((slip, cost)) = drawn(request, &clusters, at, rng) else { continue };
        if used + cost > budget.most || (slip == Slip::Turned && taken(at + 1)) {
            continue;
        }
        if words.as_mut().is_some_and(|words| !words.allow(request, &clusters, at, slip)) {
            continue;
        }
        if let Some(place) = slips.get_mut(at) {
            *place = Some(slip);
            used += cost;
        }
    }
    (written(&clusters, &slips), used)
}

/// A slip that fits the cluster at this place, and how many edits it takes.
fn drawn(
    request: &Request<'_>,
    clusters: &[&str],
    at: usize,
    rng: &mut ChaCha8Rng,
) -> Option<(Slip, usize)> {
    let cluster = *clusters.get(at)?;
    let is_space = cluster.chars().all(char::is_whitespace);
    let kind = rng.random_range(0..KINDS);
    if is_space {
        // Only spaces between words get lost; line breaks stay.
        return (cluster == " " && kind < 4).then_some((Slip::Lost, 1));
    }
    let mut signs = cluster.chars();
    let single = signs.next().filter(|_| signs.next().is_none());
    let mut one_of = |signs: &[char]| -> Option<char> {
        signs.get(rng.random_range(0..signs.len().max(1))).copied()
    };
    let slip = match (kind, single) {
        (0, _) => Slip::Lost,
        (1, Some(sign)) => Slip::Added(one_of(request.tables.beside(sign))?),
        (2, Some(sign)) => {
            let beside = one_of(request.tables.beside(sign))?;
            Slip::Struck(if sign.is_uppercase() { beside.to_ascii_uppercase() } else { beside })
        }
        (3, _) => {
            let next = clusters.get(at + 1)?;
            let fits = *next != cluster && !next.chars().any(char::is_whitespace);
            return fits.then_some((Slip::Turned, 2));
        }
        (4, Some(sign)) => Slip::Struck(other_case(sign)?),
        (5 | 7, Some(sign)) => Slip::Struck(one_of(request.tables.alike(sign))?),
        (6, _) => Slip::Doubled,
        _ => return None,
    };
    Some((slip, 1))
}

fn other_case(sign: char) -> Option<char> {
    let mut other: Vec<char> = if sign.is_uppercase() {
        sign.to_lowercase().collect()
    } else {
        sign.to_uppercase().collect()
    };
    let only = other.pop().filter(|other| *other != sign)?;
    other.is_empty().then_some(only)
}

fn written(clusters: &[&str], slips: &[Option<Slip>]) -> String {
    let mut text = String::with_capacity(clusters.len() + clusters.len() / 4);
    let mut at = 0;
    while let Some(cluster) = clusters.get(at) {
        match slips.get(at).copied().flatten() {
            None => text.push_str(cluster),
            Some(Slip::Lost) => {}
            Some(Slip::Added(sign)) => {
                text.push_str(cluster);
                text.push(sign);
            }
            Some(Slip::Struck(sign)) => text.push(sign),
            Some(Slip::Doubled) => {
                text.push_str(cluster);
                text.push_str(cluster);
            }
            Some(Slip::Turned) => {
                at += 1;
                text.push_str(clusters.get(at).copied().unwrap_or_default());
                text.push_str(cluster);
            }
        }
        at += 1;
    }
    text
}

/// Which word each cluster belongs to, where no negation may be touched or made: one slip a word, so that each
/// can be checked for itself.
struct Words {
    of_cluster: Vec<usize>,
    starts: Vec<usize>,
    closed: Vec<bool>,
}

impl Words {
    fn of(request: &Request<'_>, clusters: &[&str]) -> Self {
        let mut words = Self { of_cluster: Vec::new(), starts: Vec::new(), closed: Vec::new() };
        let mut pieces = request.text.split_word_bound_indices();
        let mut next = pieces.next();
        let mut offset = 0;
        for (at, cluster) in clusters.iter().enumerate() {
            // A word never begins inside a cluster, except where both rules part ways; then it goes with it.
            while let Some((_, word)) = next.filter(|(start, _)| *start <= offset) {
                words.starts.push(at);
                words.closed.push(request.tables.negates(word));
                next = pieces.next();
            }
            words.of_cluster.push(words.starts.len().saturating_sub(1));
            offset += cluster.len();
        }
        words
    }

    fn range(&self, word: usize) -> (usize, usize) {
        let start = self.starts.get(word).copied().unwrap_or_default();
        (start, self.starts.get(word + 1).copied().unwrap_or(self.of_cluster.len()))
    }

    /// Whether the slip neither touches nor makes a negation; then its word is closed to others.
    fn allow(&mut self, request: &Request<'_>, clusters: &[&str], at: usize, slip: Slip) -> bool {
        let word = self.of_cluster.get(at).copied().unwrap_or_default();
        let lost_space = slip == Slip::Lost && clusters.get(at) == Some(&" ");
        // A lost space joins its neighbours, and they become a word of their own.
        let (first, last) =
            if lost_space { (word.saturating_sub(1), word + 1) } else { (word, word) };
        if (first..=last).any(|word| self.closed.get(word).copied().unwrap_or(true)) {
            return false;
        }
        let (start, end) = (self.range(first).0, self.range(last).1);
        if slip == Slip::Turned && at + 1 >= end {
            return false;
        }
        let inside = clusters.get(start..end).unwrap_or_default();
        let slips: Vec<Option<Slip>> =
            (start..end).map(|place| (place == at).then_some(slip)).collect();
        let made = written(inside, &slips);
        if !request.tables.negations(&made).is_empty() {
            return false;
        }
        for closed in self.closed.get_mut(first..=last).unwrap_or_default() {
            *closed = true;
        }
        true
    }
}
