//! Watches for tasks of which many replies are cut, so that people learn of it while the run can still be stopped.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use trustmh_core::call::{CallEnd, Purpose};
use trustmh_core::id::TaskId;

use crate::plan::cuts::{AllCuts, Cuts, Speaker};

/// Fewer replies say little, unless they are all there are.
const ENOUGH: u64 = 20;

/// What was counted, and what was told already.
#[derive(Debug, Default)]
pub(super) struct CutWatch(Mutex<Watched>);

#[derive(Debug, Default)]
struct Watched {
    cuts: AllCuts,
    trials_ended: BTreeMap<TaskId, u64>,
    told: BTreeSet<(TaskId, Speaker)>,
}

impl Watched {
    /// What is to be told of a task, once.
    fn due(&mut self, task: &TaskId, speaker: Speaker, at_least: u64) -> Option<(Speaker, Cuts)> {
        let cuts = self.cuts.of(task, speaker);
        let due = cuts.are_many() && cuts.replies >= at_least;
        (due && self.told.insert((task.clone(), speaker))).then_some((speaker, cuts))
    }
}

impl CutWatch {
    /// Counts a call that ended; something is due when many of enough replies were cut.
    pub(super) fn called(
        &self,
        task: &TaskId,
        purpose: &Purpose,
        end: &CallEnd,
    ) -> Option<(Speaker, Cuts)> {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watched.cuts.note(task, purpose, end);
        watched.due(task, Speaker::of(purpose), ENOUGH)
    }

    /// Counts a trial that ended; after the last of its task what few replies tell is due, too.
    pub(super) fn trial_ended(&self, task: &TaskId, planned: u64) -> Vec<(Speaker, Cuts)> {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = watched.trials_ended.entry(task.clone()).or_default();
        *ended += 1;
        if *ended < planned {
            return Vec::new();
        }
        let speakers = [Speaker::Subject, Speaker::Judge];
        speakers.into_iter().filter_map(|speaker| watched.due(task, speaker, 1)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustmh_core::call::{Finish, Reply};

    fn replied(text: &str, finish: Finish) -> CallEnd {
        CallEnd::Replied(Reply::new(text.to_owned(), finish, None))
    }

    fn subject() -> Purpose {
        Purpose::Subject { turn: 0 }
    }

    #[test]
    fn many_cut_replies_are_told_once_as_soon_as_there_are_enough() {
        let (watch, task): (CutWatch, TaskId) =
            (CutWatch::default(), "crisis/severity".parse().unwrap());
        let (whole, cut) = (replied("B", Finish::Stop), replied("", Finish::Length));
        for _ in 0..18 {
            assert_eq!(watch.called(&task, &subject(), &whole), None);
        }
        assert_eq!(watch.called(&task, &subject(), &cut), None);
        assert_eq!(watch.called(&task, &subject(), &cut), None, "two of twenty are a tenth");
        let counted = Cuts { replies: 21, cut: 3, before_answer: 3 };
        assert_eq!(watch.called(&task, &subject(), &cut), Some((Speaker::Subject, counted)));
        assert_eq!(watch.called(&task, &subject(), &cut), None);
        assert_eq!(watch.trial_ended(&task, 1), Vec::new());
    }

    #[test]
    fn few_replies_are_told_at_the_tasks_end() {
        let (watch, task): (CutWatch, TaskId) =
            (CutWatch::default(), "crisis/severity".parse().unwrap());
        let half = replied("A half sent", Finish::Length);
        assert_eq!(watch.called(&task, &subject(), &half), None);
        let broken = CallEnd::Broken { message: "gone".to_owned() };
        assert_eq!(watch.called(&task, &subject(), &broken), None);
        assert_eq!(watch.trial_ended(&task, 2), Vec::new());
        let counted = Cuts { replies: 1, cut: 1, before_answer: 0 };
        assert_eq!(watch.trial_ended(&task, 2), [(Speaker::Subject, counted)]);
    }
}
