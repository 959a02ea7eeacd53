//! The same of trials that share items.

use trustmh_core::metric::{Estimate, Interval, IntervalMethod};

use super::average;
use crate::error::StatsError;
use crate::mean::t_quantile;
use crate::sample::numbered;

/// Below so many items that people scored there is no interval: from here on it held in at least 92.5 % of simulated cases, and where
/// items are fewer its t quantile alone makes it too wide to say anything (docs/statistics.md).
pub const TOO_FEW: u64 = 5;
/// Below so many items that people scored an interval is said to be rough: it held in up to all simulated cases, being too wide.
pub const FEW: u64 = 15;

/// A judged trial.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged<'t> {
    /// Its item; trials of one are alike.
    pub item: &'t str,
    /// The judge's score.
    pub judge: f64,
    /// People's score, where they gave one.
    pub people: Option<f64>,
}

/// Whether what people scored is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Labels {
    /// Fewer than [`TOO_FEW`] items: no interval.
    TooFew,
    /// Fewer than [`FEW`]: a rough interval.
    Few,
    /// As many or more.
    Enough,
}

impl Labels {
    /// By the number of items that people scored a reply of.
    pub fn of(items: u64) -> Self {
        match items {
            0..TOO_FEW => Self::TooFew,
            TOO_FEW..FEW => Self::Few,
            FEW.. => Self::Enough,
        }
    }
}

/// The mean that people would give of all trials, and of more items like these: the judge's mean over all trials, plus the mean of what
/// people's scores differ from the judge's where there are both. `n` are the judged trials, `clusters` the items
/// that people scored a reply of.
///
/// Its variance is the sum over items of squared sums of residuals, of the judge's scores over all N trials and of the differences over the n
/// that people scored, times `m / (m - 1)` for m such items; the interval is `t(m - 1)` standard errors wide (as in cluster-robust
/// errors, Miller 2024, arXiv 2411.00640; prediction-powered inference: Angelopoulos et al. 2023, doi
/// 10.1126/science.adi6000). Where judge and people mostly agree, few differences would seem too sure: half a difference as great as the
/// greatest, or as one step of the scores, is added on either side, as Agresti & Min (2005, doi 10.1002/sim.1781) do with
/// shares. No interval below [`TOO_FEW`] items, and none without width.
///
/// # Errors
/// [`StatsError::Empty`] without trials or without any that people scored.
pub fn mean_by_items(trials: &[Judged<'_>]) -> Result<Estimate, StatsError> {
    let judged: Vec<f64> = trials.iter().map(|trial| trial.judge).collect();
    let labelled =
        || trials.iter().filter_map(|trial| Some((trial.item, trial.people? - trial.judge)));
    let differences: Vec<f64> = labelled().map(|(_, difference)| difference).collect();
    if judged.is_empty() || differences.is_empty() {
        return Err(StatsError::Empty);
    }
    let (judge, off) = (average(&judged), average(&differences));
    let (all, n) = (judged.len() as f64, differences.len() as f64);
    let items = numbered(&trials.iter().map(|trial| trial.item).collect::<Vec<_>>());
    let count = items.iter().max().map_or(0, |last| last + 1);
    // What each item adds to the error of the whole, and of the differences alone.
    let mut sums = vec![(0.0, 0.0, false); count];
    for (trial, item) in trials.iter().zip(&items) {
        let Some((whole, part, is_labelled)) = sums.get_mut(*item) else { continue };
        *whole += (trial.judge - judge) / all;
        if let Some(people) = trial.people {
            let residual = (people - trial.judge - off) / n;
            *whole += residual;
            *part += residual;
            *is_labelled = true;
        }
    }
    let m = sums.iter().filter(|(_, _, is_labelled)| *is_labelled).count();
    let factor = m as f64 / (m as f64 - 1.0);
    let value = judge + off;
    let estimate =
        |interval| Estimate { value, interval, n: judged.len() as u64, clusters: m as u64 };
    if Labels::of(m as u64) == Labels::TooFew {
        return Ok(estimate(None));
    }
    let squares =
        |of: fn(&(f64, f64, bool)) -> f64| sums.iter().map(|sum| of(sum).powi(2)).sum::<f64>();
    let of_differences = factor * squares(|(_, part, _)| *part);
    let least = least_variance(&differences, step(trials), of_differences, m as f64);
    let more = (least - of_differences).max(0.0) * (1.0 - n / all);
    let error = (factor * squares(|(whole, _, _)| *whole) + more).sqrt();
    let interval = t_quantile(m).filter(|_| error > 1e-9).and_then(|quantile| {
        let half = quantile * error;
        Interval::new(value - half, value + half, IntervalMethod::ClusteredT)
    });
    Ok(estimate(interval))
}

/// The least variance of the mean difference that so few differences allow to claim: theirs with the halves added, as many times that of
/// independent ones as the items make it; where all are equal, as if each item were one.
fn least_variance(differences: &[f64], step: f64, by_items: f64, items: f64) -> f64 {
    let n = differences.len() as f64;
    let mean = average(differences);
    let spread: f64 = differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (n - 1.0) / n;
    let times = if spread > 1e-12 { (by_items / spread).max(1.0) } else { n / items };
    let most = differences.iter().map(|d| d.abs()).fold(step, f64::max);
    let squares: f64 = differences.iter().map(|d| d * d).sum();
    let sum: f64 = differences.iter().sum();
    let with_halves = (squares + most * most) / (n + 2.0) - (sum / (n + 2.0)).powi(2);
    times * with_halves / n
}

/// The least that two different scores of trials that people scored are apart; 0 where all are equal.
fn step(trials: &[Judged<'_>]) -> f64 {
    let scored = trials.iter().filter_map(|trial| Some([trial.judge, trial.people?]));
    let mut values: Vec<f64> = scored.flatten().collect();
    values.sort_by(f64::total_cmp);
    let gaps = values.windows(2).filter_map(|pair| Some(pair.last()? - pair.first()?));
    gaps.filter(|gap| *gap > 1e-9)
        .fold(None, |least: Option<f64>, gap| Some(least.map_or(gap, |least| least.min(gap))))
        .unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prediction_powered::{Labelled, mean};

    const NAMES: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];

    /// Twelve items of `repeats` equal trials, of which people scored the first eight items.
    fn trials(repeats: usize) -> Vec<Judged<'static>> {
        let judge = [2.0, 4.0, 3.0, 5.0, 1.0, 4.0, 2.0, 3.0, 5.0, 2.0, 4.0, 3.0];
        let people = [1.0, 4.0, 2.0, 3.0, 1.0, 5.0, 2.0, 1.0];
        let one = |place: usize| Judged {
            item: NAMES[place],
            judge: judge[place],
            people: people.get(place).copied(),
        };
        (0..12).flat_map(|place| std::iter::repeat_n(one(place), repeats)).collect()
    }

    fn width(found: &Estimate) -> f64 {
        let ends = found.interval.unwrap();
        ends.high - ends.low
    }

    #[test]
    fn repeats_of_an_item_are_no_more_evidence() {
        let (once, often) =
            (mean_by_items(&trials(1)).unwrap(), mean_by_items(&trials(8)).unwrap());
        assert!((once.value - often.value).abs() < 1e-12);
        assert_eq!((often.n, often.clusters), (96, 8));
        assert!(width(&often) > 0.8 * width(&once), "{often:?} {once:?}");
        // As if each trial stood alone, the interval would be about a third as wide.
        let judged: Vec<f64> = trials(8).iter().map(|trial| trial.judge).collect();
        let pairs = trials(8);
        let pairs: Vec<(f64, f64)> =
            pairs.iter().filter_map(|trial| Some((trial.people?, trial.judge))).collect();
        let alone = mean(&judged, &pairs, Labelled::OfMore).unwrap();
        assert!(width(&often) > 2.5 * width(&alone), "{often:?} {alone:?}");
    }

    #[test]
    fn few_labels_carry_no_interval() {
        let mut few = trials(4);
        few.iter_mut().filter(|trial| trial.item > "d").for_each(|trial| trial.people = None);
        let found = mean_by_items(&few).unwrap();
        assert_eq!((found.interval, found.clusters), (None, 4));
        assert_eq!(
            [4, 5, 14, 15].map(Labels::of),
            [Labels::TooFew, Labels::Few, Labels::Few, Labels::Enough]
        );
        few.iter_mut().for_each(|trial| trial.people = None);
        assert_eq!(mean_by_items(&few), Err(StatsError::Empty));
    }

    #[test]
    fn people_who_agree_with_the_judge_leave_room_for_those_who_might_not() {
        let shares: Vec<Judged<'_>> = NAMES
            .iter()
            .zip([1.0, 0.0].into_iter().cycle())
            .enumerate()
            .map(|(place, (item, judge))| Judged {
                item,
                judge,
                people: (place < 6).then_some(judge),
            })
            .collect();
        let found = mean_by_items(&shares).unwrap();
        let judge: Vec<Judged<'_>> =
            shares.iter().map(|trial| Judged { people: Some(trial.judge), ..*trial }).collect();
        assert!(width(&found) > 1.1 * width(&mean_by_items(&judge).unwrap()));
        let same: Vec<Judged<'_>> =
            shares.iter().map(|trial| Judged { judge: 3.0, people: Some(3.0), ..*trial }).collect();
        assert_eq!(mean_by_items(&same).unwrap().interval, None, "no width");
    }
}
