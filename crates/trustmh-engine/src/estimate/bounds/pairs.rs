//! The bounds of a correlation or kappa of the model's ratings with people's, some of the model's missing.

use trustmh_core::id::MeasureName;
use trustmh_core::scores::Score;

use super::super::coverage::is_missing;
use super::super::rows::of_statistic;
use crate::score::rating::{GREATEST, LEAST};
use crate::task::Statistic;

/// The least and the greatest value that missing ratings could make. Ratings that lower a positive correlation most stand at the ends
/// of the scale, high ones at low human ratings: all ways to part the missing trials so are tried, and ratings as far from the human one as
/// the scale allows, and equal to it. Below 0 a rating between the ends may do worse; the bound is then the end of the range. None where
/// a scale or a human rating is not known.
pub(super) fn bounds(
    statistic: &Statistic,
    scores: &[Score<'_>],
    [x, y]: [&MeasureName; 2],
) -> Option<(f64, f64)> {
    let human = |score: Score<'_>| score.measure(y);
    let gone: Vec<Score<'_>> =
        scores.iter().copied().filter(|score| is_missing(statistic, *score)).collect();
    let mut ratings: Vec<f64> = gone.iter().map(|score| human(*score)).collect::<Option<_>>()?;
    ratings.sort_by(f64::total_cmp);
    let scale_of = Scales::of(scores, y)?;
    let with = |fill: &dyn Fn(f64, (f64, f64)) -> f64| {
        let lookup = |score: Score<'_>, of: &MeasureName| {
            let filled = || Some(fill(human(score)?, scale_of.of_trial(score)));
            score.measure(of).or_else(|| if of == x { filled() } else { None })
        };
        of_statistic(statistic, &[scores], &lookup)?.value_of_all()
    };
    let cuts = || std::iter::once(f64::NEG_INFINITY).chain(ratings.iter().copied());
    let far = |rating: f64, (least, greatest): (f64, f64)| {
        if rating - least > greatest - rating { least } else { greatest }
    };
    let apart =
        cuts().filter_map(|cut| with(&|rating, ends| if rating <= cut { ends.1 } else { ends.0 }));
    let along =
        cuts().filter_map(|cut| with(&|rating, ends| if rating <= cut { ends.0 } else { ends.1 }));
    let worst = apart.chain(with(&far)).reduce(f64::min)?;
    let equal = with(&|rating, (least, greatest)| rating.clamp(least, greatest));
    let best = along.chain(equal).reduce(f64::max)?;
    Some((if worst > 0.0 { worst } else { -1.0 }, if best < 0.0 { 1.0 } else { best }))
}

/// Between which values a rating lies.
struct Scales {
    /// Where trials do not say it of themselves: the least and the greatest human rating, on the same levels.
    levels: (f64, f64),
}

impl Scales {
    fn of(scores: &[Score<'_>], y: &MeasureName) -> Option<Self> {
        let known = || scores.iter().filter_map(|score| score.measure(y));
        Some(Self { levels: (known().reduce(f64::min)?, known().reduce(f64::max)?) })
    }

    fn of_trial(&self, score: Score<'_>) -> (f64, f64) {
        let of = |name: &str| score.measure(&MeasureName::new(name));
        of(LEAST).zip(of(GREATEST)).unwrap_or(self.levels)
    }
}
