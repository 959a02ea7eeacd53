//! Trial construction: items become conversations.

pub use crate::kind::{ContextBudget, estimated_tokens};

use std::collections::BTreeMap;

use trustmh_core::id::TrialId;
use trustmh_core::item::Item;
use trustmh_core::perturbation::{Family, Level, Perturbation};
use trustmh_core::repeats::Repeats;
use trustmh_core::trial::{Trial, Variant};

use crate::error::EngineError;
use crate::kind::{self, Expanding, Prompt, Prompting, Slips};
use crate::rules::TaskRules;

/// Turns one item into its trials.
///
/// Option orders and attack texts depend only on the seed, the task and the item, never on other items, so a
/// capped run asks the same trials as a full one. Where an item does not fit into `budget`, its oldest posts
/// are left out and the trial says so.
///
/// # Errors
/// [`EngineError::ItemKind`] for an item of another kind, [`EngineError::Template`] for a prompt that
/// cannot be filled in.
pub fn trials(
    rules: &TaskRules<'_>,
    item: &Item,
    budget: ContextBudget,
) -> Result<Vec<Trial>, EngineError> {
    let filled = |shown: &Item, variant: &Variant| {
        let asked = Prompting { rules, item, variant, budget };
        kind::of(&shown.content).filled(&asked)
    };
    let mut trials = Vec::new();
    for (variant, repeat) in variants(rules, item)? {
        let prompt = filled(item, &variant)?;
        let clean = trial(rules, item, variant, repeat, prompt);
        for family in rules.rule.perturbation.families() {
            for level in Level::CHANGING {
                let (changed, made) = perturbed(rules, item, &clean.variant, *family, level)?;
                let prompt = filled(&changed, &clean.variant)?;
                trials.push(perturbed_trial(&clean, made, prompt));
            }
        }
        trials.push(clean);
    }
    Ok(trials)
}

/// The trials of one item, each `repeats` times, round after round. The first round is that of a run without repeats; the later ones show
/// the same words in the same order.
pub fn rounds(trials: Vec<Trial>, repeats: Repeats) -> Vec<Trial> {
    if repeats.is_once() {
        return trials;
    }
    let mut of_variant: BTreeMap<String, u32> = BTreeMap::new();
    for trial in &trials {
        let most = of_variant.entry(trial.variant.label()).or_default();
        *most = (*most).max(trial.repeat + 1);
    }
    let in_round = |round: u32| {
        let of_variant = &of_variant;
        trials.iter().map(move |trial| {
            let most = of_variant.get(&trial.variant.label()).copied().unwrap_or(1);
            trial.in_round(round, most)
        })
    };
    (0..repeats.get()).flat_map(in_round).collect()
}

/// How many trials an item becomes, without filling in any prompt.
///
/// # Errors
/// [`EngineError::ItemKind`] for an item of another kind.
pub fn count(rules: &TaskRules<'_>, item: &Item) -> Result<usize, EngineError> {
    let perturbed = rules.rule.perturbation.families().len() * Level::CHANGING.len();
    Ok(variants(rules, item)?.len() * (1 + perturbed))
}

fn variants(rules: &TaskRules<'_>, item: &Item) -> Result<Vec<(Variant, u32)>, EngineError> {
    let file = &rules.task.file;
    let found = item.content.kind();
    if found != file.items {
        return Err(EngineError::item_kind(&file.id, &item.id, file.items, found));
    }
    kind::of(&item.content).variants(&Expanding { rules, item })
}

fn trial(
    rules: &TaskRules<'_>,
    item: &Item,
    variant: Variant,
    repeat: u32,
    prompt: Prompt,
) -> Trial {
    let task = &rules.task.file.id;
    Trial {
        id: Trial::id_of(task, item, &variant, repeat),
        task: task.clone(),
        item: item.clone(),
        variant,
        repeat,
        messages: prompt.messages,
        sampling: rules.rule.sampling(),
        cut: prompt.cut,
        perturbation: None,
        judge_prompt: None,
    }
}

/// The item as its prompt shows it after the slips, and what was done to it.
fn perturbed(
    rules: &TaskRules<'_>,
    item: &Item,
    variant: &Variant,
    family: Family,
    level: Level,
) -> Result<(Item, Perturbation), EngineError> {
    let tables = rules.benchmark.perturbations(&item.language)?;
    let mut slips = Slips::new(tables, family, level, rules.seed);
    let mut changed = item.clone();
    kind::of_mut(&mut changed.content).perturb(rules, variant, &mut slips);
    Ok((changed, slips.made()))
}

/// The perturbed trial of a clean one. It keeps the item as it is, so that a judge sees what was meant.
fn perturbed_trial(clean: &Trial, perturbation: Perturbation, prompt: Prompt) -> Trial {
    let (family, level) = (perturbation.family.slug(), perturbation.level.slug());
    Trial {
        id: TrialId::new(format!("{}:{family}-{level}", clean.id)),
        messages: prompt.messages,
        cut: prompt.cut,
        perturbation: Some(perturbation),
        ..clean.clone()
    }
}
