//! Perturbed trials: the same item and variant, with slips in what the person writes.

use trustmh_core::id::TrialId;
use trustmh_core::item::{Item, ItemContent, Speaker};
use trustmh_core::message::Message;
use trustmh_core::perturbation::{Family, Level, Perturbation};
use trustmh_core::trial::{Trial, Variant};

use super::prompt::Prompt;
use super::{dialogue, history, reply_index};
use crate::benchmark::Benchmark;
use crate::error::EngineError;
use crate::perturb::{Keep, Tables, distance, perturb};
use crate::task::ProtocolRule;

/// The item as its prompt shows it after the slips, and the distance over all texts that were changed: posts with
/// a label, which they keep, or the seeker's turns before the reply.
pub(super) fn item(
    benchmark: &Benchmark,
    rule: &ProtocolRule,
    item: &Item,
    variant: &Variant,
    family: Family,
    level: Level,
    seed: u64,
) -> Result<(Item, Perturbation), EngineError> {
    let tables = benchmark.perturbations(&item.language)?;
    let mut changed = item.clone();
    let mut slips = Slips { tables, family, level, seed, edits: 0, length: 0 };
    match &mut changed.content {
        ItemContent::Labelled(labelled) => {
            for post in labelled.earlier.iter_mut().chain([&mut labelled.text]) {
                slips.make(post, Keep::Label);
            }
        }
        ItemContent::Dialogue(dialogue) => {
            let index = reply_index(dialogue, variant);
            let shown = dialogue::before(dialogue, index, history(rule.expansion)).len();
            let first = index.saturating_sub(shown);
            let turns = dialogue.turns.get_mut(first..index).unwrap_or_default();
            for turn in turns.iter_mut().filter(|turn| turn.speaker == Speaker::Seeker) {
                slips.make(&mut turn.text, Keep::Nothing);
            }
        }
        ItemContent::Action(action) => slips.make(&mut action.text, Keep::Nothing),
        ItemContent::Rated(rated) => slips.make(&mut rated.text, Keep::Nothing),
        ItemContent::Dilemma(_)
        | ItemContent::PrivacyRating(_)
        | ItemContent::Secret(_)
        | ItemContent::Intent(_)
        | ItemContent::MultipleChoice(_)
        | ItemContent::Emotion(_) => {}
    }
    let reached = if slips.length == 0 { 0.0 } else { slips.edits as f64 / slips.length as f64 };
    Ok((changed, Perturbation { family, level, distance: reached }))
}

/// The perturbed trial of a clean one. It keeps the item as it is, so that a judge sees what was meant.
pub(super) fn trial(clean: &Trial, perturbation: Perturbation, prompt: Prompt) -> Trial {
    let (family, level) = (perturbation.family.slug(), perturbation.level.slug());
    Trial {
        id: TrialId::new(format!("{}:{family}-{level}", clean.id)),
        messages: vec![Message::user(prompt.text)],
        cut: prompt.cut,
        perturbation: Some(perturbation),
        ..clean.clone()
    }
}

struct Slips<'b> {
    tables: &'b Tables,
    family: Family,
    level: Level,
    seed: u64,
    edits: u64,
    length: u64,
}

impl Slips<'_> {
    fn make(&mut self, text: &mut String, keep: Keep) {
        let made = perturb(self.tables, text, self.family, self.level, keep, self.seed);
        let (edits, length) = distance(text, &made.text);
        self.edits += edits;
        self.length += length as u64;
        *text = made.text;
    }
}
