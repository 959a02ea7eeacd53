//! What stands out of a scorecard, in sentences made by rule.

mod beside;
pub(crate) mod sentence;

use std::cmp::Ordering;
use std::collections::BTreeSet;

use trustmh_core::comparison::Comparison;
use trustmh_core::id::{MetricName, TaskId};
use trustmh_core::scorecard::{About, Coverage, ItemOrigin, MetricEstimate, Scorecard, TaskResult};

use crate::number::count;
use crate::tone::Tone;
use crate::validity::is_unvalidated;
use sentence::{ends, ends_said, said};

/// What is said of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What it gives a reader to feel.
    pub tone: Tone,
    /// The sentence.
    pub sentence: String,
    /// What it rests on.
    pub evidence: Evidence,
    /// Its task.
    pub task: TaskId,
    /// Its metric.
    pub metric: MetricName,
}

/// What a finding rests on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evidence {
    /// What is missing, told first.
    pub missing: Vec<String>,
    /// The interval, in the units of the sentence.
    pub ends: String,
    /// Trials, and the clusters they are in.
    pub n: String,
    /// What weakens it: the judge, the items.
    pub weak: Vec<String>,
}

impl Evidence {
    /// All of it in a line.
    pub fn whole(&self) -> String {
        let mut parts = self.missing.clone();
        parts.extend([self.ends.clone(), self.n.clone()]);
        parts.extend(self.weak.iter().cloned());
        parts.join(" · ")
    }

    /// What is missing, the interval and n, for where room is short.
    pub fn short(&self) -> String {
        let mut parts = self.missing.clone();
        parts.extend([self.ends.clone(), self.n.clone()]);
        parts.join(", ")
    }
}

/// What stands out, and what cannot be said.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Findings {
    /// The findings, the most worrying first.
    pub stand_out: Vec<Finding>,
    /// Tasks of which the run says nothing that would hold, each with why.
    pub cannot_say: Vec<Unsaid>,
}

/// A task of which a run says nothing that would hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsaid {
    /// The task.
    pub task: TaskId,
    /// What it asks, completing "whether it".
    pub does: String,
    /// Why nothing can be said.
    pub why: String,
}

/// At most so many findings of a tone.
const WORRYING: usize = 3;
const HARMS: usize = 2;
const REASSURING: usize = 2;

/// So many findings at least, if there are as many.
const LEAST: usize = 5;

/// An interval wider than this, of a scale from 0 to 100, says next to nothing.
const TOO_WIDE: f64 = 60.0;

/// What fewer items than this show stands out of nothing, however narrow its interval.
const FEWEST: u64 = 5;

impl Findings {
    /// The findings of a scorecard: by its metrics that have a sentence, and by the differences to the run that it stands beside, if any.
    /// Worrying ones first, then harms that happened, then what differs, then what reassures; of a task, one of each tone.
    pub fn of(card: &Scorecard, beside: Option<&Comparison>) -> Self {
        let items = Items::of(card);
        let mut all: Vec<Candidate<'_>> = card
            .tasks
            .iter()
            .flat_map(|(id, result)| result.metrics.iter().map(move |metric| (id, result, metric)))
            .filter_map(|(id, result, (name, metric))| {
                Candidate::of(id, result, name, metric, items)
            })
            .collect();
        all.sort_by(Candidate::worse_first);
        let mut picked = Picked::default();
        picked.take(&all, WORRYING, |one| one.tone == Tone::Worrying);
        picked
            .take(&all, HARMS, |one| one.tone == Tone::Unclear && one.is_harm() && one.happened());
        picked
            .found
            .extend(beside.map(|found| beside::differences(card, found)).unwrap_or_default());
        let open = LEAST.saturating_sub(picked.found.len() + REASSURING);
        picked.take(&all, open, |one| one.tone == Tone::Unclear);
        let mut best = all.clone();
        best.sort_by(|one, other| other.low.total_cmp(&one.low).then(one.task.cmp(other.task)));
        picked.take(&best, 1, |one| one.tone == Tone::Reassuring && one.is_harm());
        let rest = REASSURING.saturating_sub(picked.reassuring());
        picked.take(&best, rest, |one| one.tone == Tone::Reassuring);
        Self { stand_out: picked.found, cannot_say: cannot_say(card) }
    }
}

/// A metric that a sentence tells.
#[derive(Debug, Clone)]
struct Candidate<'c> {
    task: &'c TaskId,
    result: &'c TaskResult,
    name: &'c MetricName,
    metric: &'c MetricEstimate,
    tone: Tone,
    /// Where it stands from 0 to 100, and its interval.
    score: f64,
    low: f64,
    high: f64,
    items: Items,
}

impl<'c> Candidate<'c> {
    fn of(
        task: &'c TaskId,
        result: &'c TaskResult,
        name: &'c MetricName,
        metric: &'c MetricEstimate,
        items: Items,
    ) -> Option<Self> {
        metric.sentence.as_ref()?;
        // What somebody does whose replies cannot be read is not known, however the metric counts them.
        if is_mostly_unread(result) || metric.clusters < FEWEST {
            return None;
        }
        let found = metric.scored()?;
        let (low, high) = found.interval?;
        let tone = Tone::of(metric);
        Some(Self { task, result, name, metric, tone, score: found.value, low, high, items })
    }

    fn about(&self) -> About {
        self.metric.sentence.as_ref().map_or(About::Quality, |said| said.about)
    }

    fn is_harm(&self) -> bool {
        self.about() == About::Harm
    }

    /// Whether the harm happened, or may have where nothing was measured.
    fn happened(&self) -> bool {
        self.score < 100.0
    }

    /// Harms before qualities, then by the best that the interval leaves.
    fn worse_first(one: &Self, other: &Self) -> Ordering {
        let harm = other.about().cmp(&one.about());
        harm.then(one.high.total_cmp(&other.high))
            .then(one.score.total_cmp(&other.score))
            .then(one.task.cmp(other.task))
    }

    fn finding(&self) -> Option<Finding> {
        Some(Finding {
            tone: self.tone,
            sentence: said(self.metric.sentence.as_ref()?, self.metric),
            evidence: evidence(self.result, self.metric, self.items),
            task: self.task.clone(),
            metric: self.name.clone(),
        })
    }
}

#[derive(Default)]
struct Picked {
    found: Vec<Finding>,
    tasks: BTreeSet<(TaskId, Tone)>,
}

impl Picked {
    fn take(&mut self, from: &[Candidate<'_>], most: usize, fits: impl Fn(&Candidate<'_>) -> bool) {
        let mut taken = 0;
        for one in from.iter().filter(|one| fits(one)) {
            if taken == most {
                return;
            }
            if self.tasks.insert((one.task.clone(), one.tone)) {
                self.found.extend(one.finding());
                taken += 1;
            }
        }
    }

    fn reassuring(&self) -> usize {
        self.found.iter().filter(|one| one.tone == Tone::Reassuring).count()
    }
}

/// Trials, and the items that they share.
pub(crate) fn trials(n: u64, clusters: u64) -> String {
    if n == clusters { format!("n {n}") } else { format!("n {n} of {clusters} items") }
}

/// Whether the items of all tasks are of one kind, which is said once for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Items {
    /// They are.
    OfOneKind,
    /// They are not.
    Mixed,
}

impl Items {
    pub(crate) fn of(card: &Scorecard) -> Self {
        let mut origins = card.tasks.values().map(|result| result.source.origin);
        let first = origins.next();
        if origins.all(|origin| Some(origin) == first) { Self::OfOneKind } else { Self::Mixed }
    }
}

/// The trials behind a metric that were not measured, in words; none where all were.
pub(crate) fn unmeasured(metric: &MetricEstimate) -> Option<String> {
    metric.coverage.as_ref().and_then(Coverage::in_words)
}

/// The replies in which no answer could be found, in words; none where all were read. Metrics count them as their task says, mostly as
/// wrong.
fn unread(result: &TaskResult) -> Option<String> {
    let outcomes = &result.outcomes;
    let parts = [
        (outcomes.unanswered, "without an answer"),
        (outcomes.unparsed, "not readable"),
        (outcomes.refused, "refused"),
    ];
    let mut parts = parts.iter().filter(|(count, _)| *count > 0);
    let (count, what) = parts.next()?;
    let rest: String = parts.map(|(count, what)| format!(", {count} {what}")).collect();
    Some(format!("{count} of {} {what}{rest}", outcomes.total()))
}

/// A refusal is something that a subject does, whatever was asked; silence and what cannot be read are nothing.
const fn is_mostly_unread(result: &TaskResult) -> bool {
    let outcomes = &result.outcomes;
    2 * (outcomes.unparsed + outcomes.unanswered) > outcomes.total()
}

/// What a number rests on, what is missing first.
fn evidence(result: &TaskResult, metric: &MetricEstimate, items: Items) -> Evidence {
    let mut missing = Vec::new();
    if result.pending > 0 {
        missing.push(format!("INCOMPLETE: {} trials pending", result.pending));
    }
    missing.extend(unmeasured(metric));
    missing.extend(unread(result));
    let mut weak = Vec::new();
    if is_unvalidated(metric.validity.as_ref()) {
        weak.push("judge not validated".to_owned());
    }
    if items == Items::Mixed && result.source.origin == ItemOrigin::Starter {
        weak.push("starter items".to_owned());
    }
    let ends =
        metric.sentence.as_ref().map_or_else(|| ends(metric), |said| ends_said(said, metric));
    Evidence { missing, ends, n: trials(metric.n, metric.clusters), weak }
}

/// The tasks of which neither the primary metric nor any metric with a sentence has an interval that leaves less than almost everything
/// open, and those with a harm of which there is too little data.
fn cannot_say(card: &Scorecard) -> Vec<Unsaid> {
    let unsaid = |(id, result): (&TaskId, &TaskResult)| {
        let mut told = result.metrics.values().filter(|metric| metric.sentence.is_some());
        let why = match told.any(says_something) {
            _ if is_mostly_unread(result) => unread(result),
            true => open_harm(result),
            false => unknown(result),
        };
        Some(Unsaid { task: id.clone(), does: whether(id, result), why: why? })
    };
    card.tasks.iter().filter_map(unsaid).collect()
}

/// A harm whose metric has a value and no interval, where there is one.
fn open_harm(result: &TaskResult) -> Option<String> {
    let is_harm = |metric: &&MetricEstimate| {
        metric.sentence.as_ref().is_some_and(|said| said.about == About::Harm)
    };
    let harms = result.metrics.values().filter(is_harm);
    let mut open = harms.filter(|metric| metric.low.is_none());
    let metric = open.next()?;
    Some(format!("too little data on {}, {}", metric.title, trials(metric.n, metric.clusters)))
}

fn unknown(result: &TaskResult) -> Option<String> {
    let Some((_, metric)) = result.primary() else {
        let reason = result.not_scored.values().next();
        return Some(reason.cloned().unwrap_or_else(|| "not scored".to_owned()));
    };
    let n = format!("n {}", count(metric.n, metric.clusters));
    match metric.scored().map(|found| found.interval) {
        Some(None) => Some(format!("too little data, {n}")),
        Some(Some((low, high))) if high - low > TOO_WIDE || metric.clusters < FEWEST => {
            Some(format!("{}, {n}", ends(metric)))
        }
        Some(Some(_)) | None => None,
    }
}

fn says_something(metric: &MetricEstimate) -> bool {
    let interval = metric.scored().and_then(|found| found.interval);
    metric.clusters >= FEWEST && interval.is_some_and(|(low, high)| high - low <= TOO_WIDE)
}

/// What completes "whether it".
fn whether(id: &TaskId, result: &TaskResult) -> String {
    match &result.plain {
        Some(plain) => plain.does.clone(),
        None => format!("does well in “{}”", does(id, result)),
    }
}

/// What a subject does that does well in a task; its title where there are no words for it.
pub(crate) fn does(id: &TaskId, result: &TaskResult) -> String {
    match &result.plain {
        Some(plain) => plain.does.clone(),
        None if result.title.is_empty() => id.to_string(),
        None => result.title.clone(),
    }
}

/// So many bytes of a reason are shown where room is short.
const REASON: usize = 50;

/// The first clause of a reason, or its first words; all of it stands in the task's card.
pub(crate) fn short_of(why: &str) -> String {
    let clause = why.split([';', ',', ':']).next().unwrap_or(why);
    let mut short = String::new();
    for word in clause.split_whitespace() {
        if short.len() + word.len() > REASON {
            return short + " …";
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::tests::share;
    use std::collections::BTreeMap;
    use trustmh_core::id::{DatasetId, SuiteId};
    use trustmh_core::outcome::OutcomeCounts;
    use trustmh_core::scorecard::ItemSource;

    fn task(metrics: &[(&str, MetricEstimate)]) -> TaskResult {
        let source = ItemSource {
            dataset: DatasetId::new("d"),
            origin: ItemOrigin::Starter,
            records: 20,
            warnings: Vec::new(),
            files: BTreeMap::new(),
            labelled_by: Vec::new(),
        };
        TaskResult {
            title: "Crises".to_owned(),
            suite: SuiteId::trustmh_bench(),
            n: 20,
            pending: 0,
            outcomes: OutcomeCounts::default(),
            metrics: metrics
                .iter()
                .map(|(name, one)| (MetricName::new(*name), one.clone()))
                .collect(),
            not_scored: BTreeMap::new(),
            flags: BTreeMap::new(),
            confusions: BTreeMap::new(),
            fairness: None,
            client: None,
            source,
            caveats: Vec::new(),
            plain: None,
            crossed: None,
            labels: BTreeMap::new(),
        }
    }

    #[test]
    fn a_harm_without_an_interval_is_told_though_the_task_says_something_else() {
        let bare =
            |one: MetricEstimate| MetricEstimate { low: None, high: None, method: None, ..one };
        let known = share(0.1, 0.05, 0.2, 20);
        let open = bare(MetricEstimate { primary: false, ..share(0.0, 0.0, 0.1, 1) });
        assert_eq!(open_harm(&task(&[("missed", known.clone())])), None);
        let said = open_harm(&task(&[("missed", known), ("refused", open)])).unwrap();
        assert_eq!(said, "too little data on Missed, n 1");
        let said = unknown(&task(&[("missed", bare(share(0.0, 0.0, 0.1, 3)))])).unwrap();
        assert_eq!(said, "too little data, n 3");
    }

    #[test]
    fn of_replies_that_cannot_be_read_nothing_is_told() {
        let missed = share(0.0, 0.0, 0.1, 20);
        let of = |unparsed: u64| {
            let outcomes =
                OutcomeCounts { scored: 20 - unparsed, unparsed, ..OutcomeCounts::default() };
            TaskResult { outcomes, ..task(&[("missed", missed.clone())]) }
        };
        let name = MetricName::new("missed");
        let id: TaskId = "crisis/identification".parse().unwrap();
        let told = |result: &TaskResult| {
            let found = Candidate::of(&id, result, &name, &missed, Items::OfOneKind)?.finding()?;
            Some(found.evidence.whole())
        };
        assert_eq!(told(&of(0)).unwrap(), "0 to 10 % · n 20");
        assert_eq!(told(&of(4)).unwrap(), "4 of 20 not readable · 0 to 10 % · n 20");
        assert_eq!(told(&of(11)), None);
        assert_eq!(unread(&of(11)).unwrap(), "11 of 20 not readable");
    }

    #[test]
    fn what_was_not_measured_stands_first() {
        let coverage = Some(Coverage { judged: 16, missing: 4, lowest: 0.0, highest: 0.2 });
        let missed = MetricEstimate { coverage, ..share(0.0, 0.0, 0.19, 16) };
        let told = evidence(&task(&[]), &missed, Items::OfOneKind).whole();
        assert_eq!(told, "4 of 20 not measured · 0 to 19 % · n 16");
        assert_eq!(unmeasured(&share(0.0, 0.0, 0.19, 16)), None);
    }
}
