//! What is known of the judges behind a run's numbers: cards of judges, and what they say of each judged metric.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use trustmh_core::digest::Digest;
use trustmh_core::id::{RubricId, TaskId};
use trustmh_core::request::Asking;
use trustmh_core::scorecard::{JudgeName, Scorecard, TaskResult};
use trustmh_core::validity::{Demand, Evidence, JudgeCard, Validity};
use trustmh_engine::behind::{Behind, TrialKind, behind};
use trustmh_engine::benchmark::{Benchmark, judge_cards};
use trustmh_engine::rules::TaskRules;
use trustmh_model::redact::without_secrets;

use crate::error::RunError;
use crate::manifest::Manifest;

/// Cards of judges, one for each, by the judge's full name ([`judge_in_full`]).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JudgeCards(BTreeMap<String, JudgeCard>);

impl JudgeCards {
    /// These cards. What a later one says of a judge by a rubric of the same wording on the same set stands in the place of what an
    /// earlier one says of it.
    pub fn new(cards: impl IntoIterator<Item = JudgeCard>) -> Self {
        let mut all = Self::default();
        cards.into_iter().for_each(|card| all.add(card));
        all
    }

    /// Those that are built in.
    ///
    /// # Errors
    /// [`RunError::JudgeCard`], naming the file.
    pub fn built_in() -> Result<Self, RunError> {
        let cards = judge_cards().map(|file| parse(&file.path, &file.text));
        Ok(Self::new(cards.collect::<Result<Vec<_>, _>>()?))
    }

    /// Those of a folder: its files whose names end in `.json`, in the order of their names.
    ///
    /// # Errors
    /// [`RunError::Io`], [`RunError::JudgeCard`], naming the file.
    pub fn read(folder: &Path) -> Result<Self, RunError> {
        let entries = fs::read_dir(folder).map_err(RunError::io(folder, "reading"))?;
        let mut paths: Vec<PathBuf> = Vec::new();
        for entry in entries {
            let path = entry.map_err(RunError::io(folder, "reading"))?.path();
            if path.extension().is_some_and(|end| end == "json") {
                paths.push(path);
            }
        }
        paths.sort();
        let card = |path: PathBuf| {
            let text = fs::read_to_string(&path).map_err(RunError::io(&path, "reading"))?;
            parse(&path.display().to_string(), &text)
        };
        Ok(Self::new(paths.into_iter().map(card).collect::<Result<Vec<_>, _>>()?))
    }

    /// These with `others`, which come later.
    #[must_use]
    pub fn with(self, others: Self) -> Self {
        Self::new(self.0.into_values().chain(others.0.into_values()))
    }

    /// The card of the judge of this full name.
    pub fn of(&self, judge: &str) -> Option<&JudgeCard> {
        self.0.get(judge)
    }

    /// All cards, in the order of the judges' names.
    pub fn iter(&self) -> impl Iterator<Item = &JudgeCard> {
        self.0.values()
    }

    fn add(&mut self, card: JudgeCard) {
        let JudgeCard { judge, rubrics } = card;
        let empty = || JudgeCard { judge: judge.clone(), rubrics: BTreeMap::new() };
        let known = self.0.entry(judge.clone()).or_insert_with(empty);
        for (rubric, found) in rubrics {
            let of_rubric = known.rubrics.entry(rubric).or_default();
            for evidence in found {
                let is_same =
                    |one: &Evidence| one.set == evidence.set && one.rubric == evidence.rubric;
                of_rubric.retain(|one| !is_same(one));
                of_rubric.push(evidence);
            }
        }
    }

    /// What is known of a judge by a rubric of this wording.
    fn validity(
        &self,
        judge: String,
        id: &RubricId,
        wording: &Digest,
        demand: &Demand,
    ) -> Validity {
        match self.of(&judge) {
            Some(card) => card.validity(id, wording, demand),
            None => Validity::unknown(id.clone(), judge),
        }
    }
}

fn parse(path: &str, text: &str) -> Result<JudgeCard, RunError> {
    serde_json::from_str(text)
        .map_err(|error| RunError::JudgeCard { path: path.to_owned(), message: error.to_string() })
}

/// The full name of whoever judges by `rubric`, by which cards know it: all that decides what it says. `asked` is how a model is asked
/// beyond what rubrics say. Where the embedded judge has no head, that of the rules.
pub fn judge_in_full(
    benchmark: &Benchmark,
    judge: &JudgeName,
    asked: &Asking,
    rubric: &RubricId,
) -> String {
    match judge {
        JudgeName::Model(model) => match asked.in_words() {
            Some(asked) => format!("{model}, asked with {asked}"),
            None => model.to_string(),
        },
        JudgeName::Embedded(_) if benchmark.heads().of(rubric).is_some() => {
            benchmark.heads().model().to_string()
        }
        JudgeName::Embedded(_) | JudgeName::Offline => offline_rules(benchmark),
        JudgeName::None => judge.title().to_owned(),
    }
}

/// The rules with their version, and with a hash where they are the user's.
fn offline_rules(benchmark: &Benchmark) -> String {
    let version = benchmark.offline().version;
    let files = ["offline-judge.toml", "offline-conversation.toml"];
    let own: Vec<String> = files
        .iter()
        .filter_map(|file| benchmark.own_file(file))
        .map(|text| Digest::of(text.as_bytes()).as_str().chars().take(8).collect())
        .collect();
    let own = if own.is_empty() { String::new() } else { format!(" (own, {})", own.join(", ")) };
    format!("{} version {version}{own}", JudgeName::Offline.title())
}

/// The kinds of trials of which each task has a score.
pub(crate) type Kinds = BTreeMap<TaskId, BTreeSet<TrialKind>>;

/// By what numbers are checked against human ratings.
pub(crate) struct Held<'a> {
    pub(crate) benchmark: &'a Benchmark,
    pub(crate) manifest: &'a Manifest,
    pub(crate) kinds: &'a Kinds,
    pub(crate) cards: &'a JudgeCards,
    pub(crate) demand: &'a Demand,
}

impl Held<'_> {
    /// Writes into each judged metric of `card` what is known of its judge.
    ///
    /// # Errors
    /// [`RunError::Engine`] for a task or rubric that the benchmark no longer has.
    pub(crate) fn fill(&self, card: &mut Scorecard) -> Result<(), RunError> {
        if card.judge == JudgeName::None {
            return Ok(());
        }
        for (id, result) in &mut card.tasks {
            let task = self.benchmark.task(id)?;
            let rules = TaskRules::new(self.benchmark, task, card.protocol, self.manifest.seed);
            self.fill_task(&rules, &card.judge, id, result)?;
        }
        Ok(())
    }

    fn fill_task(
        &self,
        rules: &TaskRules<'_>,
        judge: &JudgeName,
        id: &TaskId,
        result: &mut TaskResult,
    ) -> Result<(), RunError> {
        let none = BTreeSet::new();
        let kinds = self.kinds.get(id).unwrap_or(&none);
        for metric in rules.task.metrics(rules.protocol) {
            let Some(found) = result.metrics.get_mut(&metric.name) else { continue };
            let parts = behind(rules, self.manifest.toxicity(), metric, kinds)?;
            let parts = parts.into_iter().map(|part| self.validity(judge, id, part));
            found.validity = parts.reduce(Validity::weaker);
        }
        Ok(())
    }

    fn validity(&self, judge: &JudgeName, task: &TaskId, part: Behind<'_>) -> Validity {
        let rubric = match part {
            Behind::Rubric(rubric) => rubric,
            Behind::Endpoint(id) => {
                let url = self.manifest.toxicity_url.as_deref().map(without_secrets);
                let judge = format!("toxicity endpoint {}", url.unwrap_or_default());
                return Validity::unknown(id.clone(), judge.trim_end().to_owned());
            }
        };
        let id = &rubric.file.id;
        let own = &self.manifest.judge;
        let asked = if own.name == *judge { &own.asked } else { &Asking::USUAL };
        let name = judge_in_full(self.benchmark, judge, asked, id);
        // A judge whose words or prompts were recorded elsewhere judged by another wording than this rubric's.
        let planned = self.manifest.tasks.get(task);
        let by_other_wording = planned.is_none_or(|planned| planned.rubrics.is_empty());
        if matches!(judge, JudgeName::Model(_)) && by_other_wording {
            return Validity::unknown(id.clone(), name);
        }
        self.cards.validity(name, id, &rubric.digest, self.demand)
    }
}
