//! Suites: sets of tasks that belong together. Only tasks of the benchmark itself make up pillar scores and ranks.

use crate::id::SuiteId;

/// The benchmark itself: the tasks of arXiv 2603.03047.
const TRUSTMH_BENCH: &str = "trustmh-bench";

/// Conversations of many turns.
const CONVERSATIONS: &str = "conversations";

/// Conversations in the form of VERA-MH (arXiv 2602.05088): the user's own personas, transcripts and rubric.
const VERA_MH: &str = "vera-mh";

/// Tasks on questions that the benchmark does not ask: ratings of crisis replies, stigma.
const EXTENDED: &str = "extended";

/// Conversations that took place elsewhere, judged and counted (`trustmh judge`).
const OBSERVED: &str = "observed";

/// What is not built in and names no suite.
const OWN: &str = "own";

impl SuiteId {
    /// The benchmark itself.
    pub fn trustmh_bench() -> Self {
        Self::new(TRUSTMH_BENCH)
    }

    /// Conversations of many turns.
    pub fn conversations() -> Self {
        Self::new(CONVERSATIONS)
    }

    /// Conversations that took place elsewhere.
    pub fn observed() -> Self {
        Self::new(OBSERVED)
    }

    /// The user's own tasks, unless they name a suite.
    pub fn own() -> Self {
        Self::new(OWN)
    }

    /// Whether its tasks make up pillar scores and ranks.
    pub fn is_trustmh_bench(&self) -> bool {
        self.as_str() == TRUSTMH_BENCH
    }

    /// Whether its tasks are asked only by name: they stand beside the benchmark, and conversations cost more than all of it.
    pub fn is_asked_by_name(&self) -> bool {
        [CONVERSATIONS, VERA_MH, EXTENDED, OBSERVED].contains(&self.as_str())
    }

    /// What stands above its tasks.
    pub fn heading(&self) -> String {
        match self.as_str() {
            TRUSTMH_BENCH => "TrustMH-Bench".to_owned(),
            OWN => "Your own tasks".to_owned(),
            other => format!("Suite {other}"),
        }
    }

    /// The benchmark first, the user's own tasks last.
    fn order(&self) -> (u8, &str) {
        let place = match self.as_str() {
            TRUSTMH_BENCH => 0,
            OWN => 2,
            _ => 1,
        };
        (place, self.as_str())
    }
}

/// What belongs to each suite, in the order given: the benchmark first, the user's own last.
pub fn by_suite<'s, T>(
    all: impl IntoIterator<Item = (&'s SuiteId, T)>,
) -> Vec<(&'s SuiteId, Vec<T>)> {
    let mut suites: Vec<(&SuiteId, Vec<T>)> = Vec::new();
    for (suite, one) in all {
        match suites.iter_mut().find(|(known, _)| *known == suite) {
            Some((_, of_suite)) => of_suite.push(one),
            None => suites.push((suite, vec![one])),
        }
    }
    suites.sort_by(|(one, _), (other, _)| one.order().cmp(&other.order()));
    suites
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_benchmark_comes_first_and_the_users_own_last() {
        let names = [SuiteId::own(), SuiteId::conversations(), SuiteId::trustmh_bench()];
        let again = [&names[1], &names[2]];
        let all = names.iter().chain(again).zip(1..);
        let found: Vec<(String, Vec<i32>)> =
            by_suite(all).into_iter().map(|(suite, of)| (suite.heading(), of)).collect();
        let expected = [
            ("TrustMH-Bench", vec![3, 5]),
            ("Suite conversations", vec![2, 4]),
            ("Your own tasks", vec![1]),
        ];
        assert_eq!(found, expected.map(|(name, of)| (name.to_owned(), of)));
    }
}
