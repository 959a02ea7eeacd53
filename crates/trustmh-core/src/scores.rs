//! What was measured on many trials, in little space: names are written once, equal sets of tags too.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::ops::Range;

use crate::id::MeasureName;
use crate::outcome::Outcome;
use crate::trial::{Flag, MissingVerdict, TrialScore};

/// The scores of a task's trials, in the order in which they were added. A score takes 32 bytes, 10 a measure,
/// its trial's name and its texts.
#[derive(Clone, Default)]
pub struct Scores {
    rows: Vec<Row>,
    /// Trial ids and clusters, one after the other.
    ids: String,
    names: Vec<MeasureName>,
    measured: Vec<f64>,
    /// Which measure each of `measured` is, as an index into `names`.
    measures: Vec<u16>,
    texts: Vec<(u16, Box<str>)>,
    tag_sets: Vec<BTreeMap<String, String>>,
    tag_numbers: HashMap<BTreeMap<String, String>, u32>,
}

/// Starts and lengths of what belongs to a trial; laid out to be small, for there may be very many.
#[derive(Clone, Copy)]
struct Row {
    trial: u32,
    cluster: u32,
    measures: u32,
    texts: u32,
    tags: u32,
    trial_length: u16,
    cluster_length: u16,
    measure_count: u8,
    text_count: u8,
    flags: u16,
    outcome: Outcome,
    verdict_missing: Option<MissingVerdict>,
}

impl Row {
    fn trial(&self) -> Range<usize> {
        span(self.trial, usize::from(self.trial_length))
    }

    fn cluster(&self) -> Range<usize> {
        span(self.cluster, usize::from(self.cluster_length))
    }

    fn measures(&self) -> Range<usize> {
        span(self.measures, usize::from(self.measure_count))
    }

    fn texts(&self) -> Range<usize> {
        span(self.texts, usize::from(self.text_count))
    }
}

fn span(start: u32, length: usize) -> Range<usize> {
    start as usize..start as usize + length
}

/// More of something than a table of scores has room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there are too many {what} to keep in one table of scores: {count}")]
pub struct TooMany {
    /// Of what.
    pub what: &'static str,
    /// How many there are, or bytes of them.
    pub count: usize,
}

/// A count or a place in as little room as it is kept in.
fn small<T: TryFrom<usize>>(count: usize, what: &'static str) -> Result<T, TooMany> {
    T::try_from(count).map_err(|_| TooMany { what, count })
}

impl Scores {
    /// An empty table with room for so many scores.
    pub fn with_room_for(scores: usize) -> Self {
        Self { rows: Vec::with_capacity(scores), ..Self::default() }
    }

    /// Adds a trial's score.
    ///
    /// # Errors
    /// [`TooMany`] where the table, or the score itself, is larger than can be kept; the table is
    /// of no use then.
    pub fn push(&mut self, score: TrialScore) -> Result<(), TooMany> {
        if self.rows.is_empty() {
            self.make_room(&score);
        }
        let trial = self.id(within_task(score.trial.as_str()));
        let cluster = self.cluster(&trial, score.cluster.as_str());
        let row = Row {
            trial: small(trial.start, "bytes of trial ids")?,
            cluster: small(cluster.start, "bytes of trial ids")?,
            measures: small(self.measured.len(), "measures")?,
            texts: small(self.texts.len(), "texts")?,
            tags: self.tags(score.tags)?,
            trial_length: small(trial.len(), "bytes of one trial's id")?,
            cluster_length: small(cluster.len(), "bytes of one cluster's id")?,
            measure_count: small(score.measures.len(), "measures of one trial")?,
            text_count: small(score.texts.len(), "texts of one trial")?,
            flags: score.flags.iter().fold(0, |bits, flag| bits | bit(*flag)),
            outcome: score.outcome,
            verdict_missing: score.verdict_missing,
        };
        for (name, value) in &score.measures {
            let name = self.name(name)?;
            self.measures.push(name);
            self.measured.push(*value);
        }
        for (name, text) in &score.texts {
            let name = self.name(name)?;
            self.texts.push((name, text.as_str().into()));
        }
        self.rows.push(row);
        Ok(())
    }

    /// A table of these scores.
    ///
    /// # Errors
    /// [`TooMany`], as [`Self::push`].
    pub fn of(scores: impl IntoIterator<Item = TrialScore>) -> Result<Self, TooMany> {
        let mut table = Self::default();
        scores.into_iter().try_for_each(|score| table.push(score))?;
        Ok(table)
    }

    /// A table of those of these scores that `keep` wants.
    #[must_use]
    pub fn only(&self, keep: impl Fn(Score<'_>) -> bool) -> Self {
        let kept = |row: &&Row| keep(Score { table: self, row });
        Self { rows: self.rows.iter().filter(kept).copied().collect(), ..self.clone() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Names of all measures that any trial has; what only texts go by is none.
    pub fn measure_names(&self) -> impl Iterator<Item = &MeasureName> {
        let used: BTreeSet<u16> = self.measures.iter().copied().collect();
        used.into_iter().map(|number| &self.names[usize::from(number)])
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All scores in order.
    pub fn iter(&self) -> impl Iterator<Item = Score<'_>> {
        self.rows.iter().map(|row| Score { table: self, row })
    }

    /// The first score says how long names are and how much is measured; growing by and by would leave holes.
    fn make_room(&mut self, first: &TrialScore) {
        let rows = self.rows.capacity();
        self.ids.reserve(rows * within_task(first.trial.as_str()).len());
        self.measured.reserve(rows * first.measures.len());
        self.measures.reserve(rows * first.measures.len());
        self.texts.reserve(rows * first.texts.len());
    }

    fn id(&mut self, id: &str) -> Range<usize> {
        let start = self.ids.len();
        self.ids.push_str(id);
        start..self.ids.len()
    }

    /// A cluster is mostly part of its trial's name, or the one of the trial before.
    fn cluster(&mut self, trial: &Range<usize>, cluster: &str) -> Range<usize> {
        let place = self.ids.get(trial.clone()).and_then(|id| id.find(cluster));
        if let Some(place) = place {
            let start = trial.start + place;
            return start..start + cluster.len();
        }
        match self.rows.last().map(Row::cluster) {
            Some(last) if self.ids.get(last.clone()) == Some(cluster) => last,
            _ => self.id(cluster),
        }
    }

    fn number(&self, name: &MeasureName) -> Option<u16> {
        let place = self.names.iter().position(|known| known == name)?;
        u16::try_from(place).ok()
    }

    fn name(&mut self, name: &MeasureName) -> Result<u16, TooMany> {
        if let Some(number) = self.number(name) {
            return Ok(number);
        }
        let number = small(self.names.len(), "names of measures")?;
        self.names.push(name.clone());
        Ok(number)
    }

    fn tags(&mut self, tags: BTreeMap<String, String>) -> Result<u32, TooMany> {
        if let Some(number) = self.tag_numbers.get(&tags) {
            return Ok(*number);
        }
        let number = small(self.tag_sets.len(), "sets of tags")?;
        self.tag_sets.push(tags.clone());
        self.tag_numbers.insert(tags, number);
        Ok(number)
    }
}

impl fmt::Debug for Scores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// One trial's score in its table.
#[derive(Clone, Copy)]
pub struct Score<'t> {
    table: &'t Scores,
    row: &'t Row,
}

impl<'t> Score<'t> {
    /// The trial's id within its task: that of the trial without the task.
    pub fn trial(self) -> &'t str {
        &self.table.ids[self.row.trial()]
    }

    /// Its unit of resampling.
    pub fn cluster(self) -> &'t str {
        &self.table.ids[self.row.cluster()]
    }

    /// What became of it.
    pub fn outcome(self) -> Outcome {
        self.row.outcome
    }

    /// Whether a judge's verdict was wanted and is not there.
    pub fn verdict_missing(self) -> Option<MissingVerdict> {
        self.row.verdict_missing
    }

    /// A measure; none where it does not apply or could not be taken.
    pub fn measure(self, name: &MeasureName) -> Option<f64> {
        let number = self.table.number(name)?;
        let range = self.row.measures();
        let place =
            self.table.measures.get(range.clone())?.iter().position(|one| *one == number)?;
        self.table.measured.get(range.start + place).copied()
    }

    /// All measures with their names.
    pub fn measures(self) -> impl Iterator<Item = (&'t MeasureName, f64)> {
        let table = self.table;
        self.row.measures().map(move |place| {
            (&table.names[usize::from(table.measures[place])], table.measured[place])
        })
    }

    /// A text that corpus metrics are made of.
    pub fn text(self, name: &str) -> Option<&'t str> {
        let texts = &self.table.texts[self.row.texts()];
        let named = |number: u16| self.table.names[usize::from(number)].as_str();
        let found = texts.iter().find(|(number, _)| named(*number) == name);
        found.map(|(_, text)| text.as_ref())
    }

    /// The value of a facet by which metrics select and group.
    pub fn tag(self, facet: &str) -> Option<&'t str> {
        self.table.tag_sets[self.row.tags as usize].get(facet).map(String::as_str)
    }

    /// All facets.
    pub fn tags(self) -> BTreeMap<String, String> {
        self.table.tag_sets[self.row.tags as usize].clone()
    }

    /// What a reader must know besides.
    pub fn flags(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.into_iter().filter(move |flag| self.row.flags & bit(*flag) != 0)
    }
}

impl fmt::Debug for Score<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let measures: BTreeMap<&str, f64> =
            self.measures().map(|(name, value)| (name.as_str(), value)).collect();
        f.debug_struct("Score")
            .field("trial", &self.trial())
            .field("outcome", &self.outcome())
            .field("measures", &measures)
            .finish_non_exhaustive()
    }
}

/// A trial's id begins with its task.
pub fn within_task(trial: &str) -> &str {
    trial.split_once(':').map_or(trial, |(_, rest)| rest)
}

fn bit(flag: Flag) -> u16 {
    1 << flag as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{ClusterId, TrialId};
    use proptest::prelude::*;

    fn score(trial: &str, cluster: &str, value: f64, topic: &str) -> TrialScore {
        TrialScore {
            trial: TrialId::new(trial),
            cluster: ClusterId::new(cluster),
            outcome: Outcome::Scored,
            measures: BTreeMap::from([(MeasureName::new("correct"), value)]),
            texts: BTreeMap::from([(MeasureName::new("reply"), topic.to_uppercase())]),
            tags: BTreeMap::from([("topic".to_owned(), topic.to_owned())]),
            flags: [Flag::CutShort, Flag::InputCut].into(),
            verdict_missing: None,
        }
    }

    #[test]
    fn texts_are_no_measures() {
        let table = Scores::of([score("t", "c", 1.0, "x")]).unwrap();
        assert_eq!(table.measure_names().map(MeasureName::as_str).collect::<Vec<_>>(), ["correct"]);
    }

    #[test]
    fn what_cannot_be_kept_is_an_error_and_never_cut() {
        let mut wide = score("t", "c", 1.0, "x");
        wide.measures = (0..256).map(|n| (MeasureName::new(format!("m{n}")), 1.0)).collect();
        let too_many = TooMany { what: "measures of one trial", count: 256 };
        assert_eq!(Scores::of([wide.clone()]).err(), Some(too_many));
        wide.measures.pop_last();
        assert_eq!(Scores::of([wide]).unwrap().iter().next().unwrap().measures().count(), 255);
        let long = score(&"t".repeat(1 << 16), "c", 1.0, "x");
        assert!(Scores::of([long]).is_err_and(|error| error.to_string().contains("65536")));
    }

    proptest! {
        #[test]
        fn what_is_put_in_comes_out(rows in proptest::collection::vec(("[a-z:]{1,8}", "[a-zé]{1,4}", any::<f64>(), "[xyz]"), 0..20)) {
            let given: Vec<TrialScore> = rows.iter().map(|(t, c, v, x)| score(t, c, *v, x)).collect();
            let table = Scores::of(given.iter().cloned()).unwrap();
            prop_assert_eq!(table.len(), given.len());
            for (out, put) in table.iter().zip(&given) {
                let correct = MeasureName::new("correct");
                prop_assert_eq!(out.trial(), within_task(put.trial.as_str()));
                prop_assert_eq!(out.cluster(), put.cluster.as_str());
                prop_assert_eq!(out.measure(&correct).map(f64::to_bits), put.measures.get(&correct).map(|v| v.to_bits()));
                prop_assert_eq!(out.measure(&MeasureName::new("other")), None);
                prop_assert_eq!(out.text("reply"), put.texts.values().next().map(String::as_str));
                prop_assert_eq!(out.tag("topic"), put.tags.get("topic").map(String::as_str));
                prop_assert_eq!(out.flags().collect::<Vec<_>>(), put.flags.iter().copied().collect::<Vec<_>>());
            }
        }
    }
}
