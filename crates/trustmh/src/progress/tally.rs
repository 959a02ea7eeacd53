//! What has happened in a run so far.

use std::collections::BTreeMap;
use std::time::Duration;

use trustmh_core::id::TaskId;
use trustmh_core::pillar::Pillar;
use trustmh_run::dispatch::Work;

/// What has happened so far.
#[derive(Debug, Default, Clone)]
pub(super) struct Tally {
    pub(super) trials: u64,
    /// Those that took calls made now; the others were found recorded and say nothing of the rate.
    pub(super) fresh: u64,
    pub(super) calls: u64,
    pub(super) retries: u64,
    pub(super) failures: u64,
    pub(super) tokens: u64,
    pub(super) dollars: f64,
    tasks: BTreeMap<TaskId, Ended>,
    /// The task whose trial ended last.
    last: Option<TaskId>,
}

/// How many trials have ended of those that are planned.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) ended: u64,
    pub(super) planned: u64,
}

impl Ended {
    fn and(self, other: Self) -> Self {
        Self { ended: self.ended + other.ended, planned: self.planned + other.planned }
    }

    const fn is_whole(self) -> bool {
        self.ended >= self.planned
    }
}

/// The pillar or the task that trials are of, and how far it is where that is not all of the run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnderWay {
    pub(super) title: String,
    pub(super) ended: Option<Ended>,
}

impl Tally {
    /// Nothing yet of the trials that are planned, by task.
    pub(super) fn of(planned: impl IntoIterator<Item = (TaskId, u64)>) -> Self {
        let tasks = planned.into_iter().map(|(task, planned)| (task, Ended { ended: 0, planned }));
        Self { tasks: tasks.collect(), ..Self::default() }
    }

    pub(super) fn trial_ended(&mut self, task: TaskId, work: Work) {
        self.trials += 1;
        self.fresh += u64::from(work == Work::Made);
        self.tasks.entry(task.clone()).or_default().ended += 1;
        self.last = Some(task);
    }

    /// Trials that are planned.
    pub(super) fn planned(&self) -> u64 {
        self.tasks.values().map(|task| task.planned).sum()
    }

    /// Trials that have not ended.
    pub(super) fn left(&self) -> u64 {
        self.planned().saturating_sub(self.trials)
    }

    pub(super) fn by_pillar(&self) -> BTreeMap<Pillar, Ended> {
        let mut pillars: BTreeMap<Pillar, Ended> = BTreeMap::new();
        for (task, ended) in &self.tasks {
            let pillar = pillars.entry(task.pillar()).or_default();
            *pillar = pillar.and(*ended);
        }
        pillars
    }

    /// Trials per second, of those that took calls made now; `None` before the first.
    pub(super) fn rate(&self, since: Duration) -> Option<f64> {
        let seconds = since.as_secs_f64();
        (self.fresh > 0 && seconds > 0.0).then(|| self.fresh as f64 / seconds)
    }

    /// Seconds until all have ended, at that rate.
    pub(super) fn seconds_left(&self, since: Duration) -> Option<f64> {
        Some(self.left() as f64 / self.rate(since)?)
    }

    /// The pillar of the trial that ended last, or the first that is not whole; of a run within one pillar the task.
    pub(super) fn under_way(&self) -> Option<UnderWay> {
        let pillars = self.by_pillar();
        if pillars.len() > 1 {
            let last = self.last.as_ref().map(TaskId::pillar);
            let (pillar, ended) = chosen(&pillars, last.as_ref())?;
            return Some(UnderWay { title: pillar.short_title().to_owned(), ended: Some(ended) });
        }
        let (task, ended) = chosen(&self.tasks, self.last.as_ref())?;
        let is_all = self.tasks.len() == 1;
        Some(UnderWay { title: task.name().to_owned(), ended: (!is_all).then_some(ended) })
    }
}

/// The entry `last` unless it is whole; else the first that is not, or the last of all.
fn chosen<'e, K: Ord>(all: &'e BTreeMap<K, Ended>, last: Option<&K>) -> Option<(&'e K, Ended)> {
    let going =
        last.and_then(|last| all.get_key_value(last)).filter(|(_, ended)| !ended.is_whole());
    let next = || all.iter().find(|(_, ended)| !ended.is_whole());
    going.or_else(next).or_else(|| all.iter().next_back()).map(|(key, ended)| (key, *ended))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> TaskId {
        text.parse().unwrap()
    }

    #[test]
    fn only_trials_that_took_calls_count_for_rate_and_time_to_go() {
        let mut tally = Tally::of([(id("ethics/reasoning"), 1000)]);
        for _ in 0..900 {
            tally.trial_ended(id("ethics/reasoning"), Work::Recorded);
        }
        let (two, ten) = (Duration::from_secs(2), Duration::from_secs(10));
        assert_eq!((tally.rate(two), tally.seconds_left(two)), (None, None));
        for _ in 0..20 {
            tally.trial_ended(id("ethics/reasoning"), Work::Made);
        }
        assert_eq!((tally.rate(ten), tally.seconds_left(ten)), (Some(2.0), Some(40.0)));
    }

    #[test]
    fn under_way_is_the_pillar_of_the_last_trial_until_it_is_whole() {
        let mut tally = Tally::of([
            (id("reliability/knowledge"), 1),
            (id("crisis/identification"), 2),
            (id("crisis/severity"), 1),
        ]);
        let at = |tally: &Tally| {
            let UnderWay { title, ended } = tally.under_way().unwrap();
            ended.map(|Ended { ended, planned }| format!("{title} {ended}/{planned}"))
        };
        assert_eq!(at(&tally).unwrap(), "Reliability 0/1");
        tally.trial_ended(id("crisis/severity"), Work::Made);
        assert_eq!(at(&tally).unwrap(), "Crisis 1/3");
        tally.trial_ended(id("reliability/knowledge"), Work::Made);
        assert_eq!(at(&tally).unwrap(), "Crisis 1/3", "the other is whole");
    }

    #[test]
    fn within_one_pillar_the_task_is_named() {
        let tally = Tally::of([(id("crisis/identification"), 2), (id("crisis/severity"), 1)]);
        let ended = Some(Ended { ended: 0, planned: 2 });
        assert_eq!(tally.under_way(), Some(UnderWay { title: "identification".to_owned(), ended }));
        let only = Tally::of([(id("crisis/severity"), 1)]);
        let whole = UnderWay { title: "severity".to_owned(), ended: None };
        assert_eq!(only.under_way(), Some(whole), "its count is that of the run");
    }
}
