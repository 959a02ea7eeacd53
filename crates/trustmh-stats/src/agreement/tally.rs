//! Ratings tallied unit by unit, so that coefficients of agreement over any choice of units are sums.

use super::Distance;

/// Ratings of units by any number of raters each. A unit with one rating says how often categories are given; one with two or
/// more says besides how far raters agree.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    categories: Vec<f64>,
    units: Vec<Unit>,
}

#[derive(Debug, Clone, PartialEq)]
struct Unit {
    /// Category by its number, and how often it was given.
    counts: Vec<(usize, f64)>,
    ratings: f64,
    /// Of two or more ratings.
    agreed: Option<Agreed>,
}

/// The mean weight of all pairs of ratings of a unit: 1 where all are equal.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Agreed {
    nominal: f64,
    linear: f64,
    quadratic: f64,
}

impl Agreed {
    fn by(self, distance: Distance) -> f64 {
        match distance {
            Distance::Nominal => self.nominal,
            Distance::Linear => self.linear,
            Distance::Quadratic => self.quadratic,
        }
    }
}

impl Tally {
    /// Of the ratings of each unit; the categories are those that were given at all.
    pub fn of(units: &[&[f64]]) -> Self {
        let mut categories: Vec<f64> = units.iter().flat_map(|unit| unit.iter().copied()).collect();
        categories.sort_by(f64::total_cmp);
        categories.dedup_by(|a, b| a.total_cmp(b).is_eq());
        let span = span(&categories);
        let units = units.iter().map(|unit| Unit::of(unit, &categories, span)).collect();
        Self { categories, units }
    }

    /// How many units there are.
    pub fn len(&self) -> usize {
        self.units.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    fn at<'t>(&'t self, rows: &'t [usize]) -> impl Iterator<Item = &'t Unit> {
        rows.iter().filter_map(|row| self.units.get(*row))
    }

    /// The mean over units of the share of pairs of raters that agree, in part where `distance` gives part of the weight.
    pub fn agreement(&self, rows: &[usize], distance: Distance) -> Option<f64> {
        let (mut sum, mut units) = (0.0, 0.0);
        for agreed in self.at(rows).filter_map(|unit| unit.agreed) {
            sum += agreed.by(distance);
            units += 1.0;
        }
        (units > 0.0).then(|| sum / units)
    }

    /// How often each category is given: the mean over units of its share of the unit's ratings.
    fn shares(&self, rows: &[usize]) -> Vec<f64> {
        let mut shares = vec![0.0; self.categories.len()];
        let mut units = 0.0;
        for unit in self.at(rows).filter(|unit| unit.ratings > 0.0) {
            units += 1.0;
            for (category, count) in &unit.counts {
                if let Some(share) = shares.get_mut(*category) {
                    *share += count / unit.ratings;
                }
            }
        }
        shares.iter_mut().for_each(|share| *share /= units);
        shares
    }

    /// Gwet's AC1 (nominal) and AC2 (weighted), at most 1: `(pa - pe) / (1 - pe)` with
    /// `pe = T / (q (q - 1)) sum of p_k (1 - p_k)` over the q categories, T being the sum of all weights (Gwet 2008, doi
    /// 10.1348/000711006X126600; with missing ratings and weights: Handbook of Inter-Rater Reliability, 4th ed. 2014, chapters 4
    /// and 6). Chance is not what makes it small where nearly all ratings are of one category. None with fewer than two
    /// categories in all ratings, and without a unit of two ratings.
    pub fn gwet(&self, rows: &[usize], distance: Distance) -> Option<f64> {
        let q = self.categories.len() as f64;
        let agreed = self.agreement(rows, distance)?;
        let spread: f64 = self.shares(rows).iter().map(|share| share * (1.0 - share)).sum();
        let expected = self.weights(distance) * spread / (q * (q - 1.0));
        (q > 1.0 && expected < 1.0).then(|| (agreed - expected) / (1.0 - expected))
    }

    /// The sum of the weights of all pairs of categories.
    fn weights(&self, distance: Distance) -> f64 {
        let span = span(&self.categories);
        let of = |a: &f64| -> f64 {
            self.categories.iter().map(|b| weight(*a, *b, span).by(distance)).sum()
        };
        self.categories.iter().map(of).sum()
    }

    /// Fleiss' kappa (1971, doi 10.1037/h0031619), at most 1; where units have different numbers of ratings, as Gwet (2014, chapter 2)
    /// has it: chance by the mean shares of the categories. None where all ratings are equal, and without a unit of two.
    pub fn fleiss(&self, rows: &[usize]) -> Option<f64> {
        let agreed = self.agreement(rows, Distance::Nominal)?;
        let expected: f64 = self.shares(rows).iter().map(|share| share * share).sum();
        (expected < 1.0 - 1e-12).then(|| (agreed - expected) / (1.0 - expected))
    }

    /// Krippendorff's alpha (doi 10.1080/19312458.2007.11664664), at most 1; a unit with fewer than two ratings says nothing. None
    /// where no disagreement is to be expected.
    pub fn alpha(&self, rows: &[usize], distance: Distance) -> Option<f64> {
        let mut counts = vec![0.0; self.categories.len()];
        let (mut n, mut observed) = (0.0, 0.0);
        for unit in self.at(rows) {
            let Some(agreed) = unit.agreed else { continue };
            n += unit.ratings;
            observed += unit.ratings * (1.0 - agreed.by(distance));
            for (category, count) in &unit.counts {
                if let Some(sum) = counts.get_mut(*category) {
                    *sum += count;
                }
            }
        }
        let span = span(&self.categories);
        let mut expected = 0.0;
        for (a, count_a) in self.categories.iter().zip(&counts).filter(|(_, count)| **count > 0.0) {
            for (b, count_b) in self.categories.iter().zip(&counts) {
                expected += (1.0 - weight(*a, *b, span).by(distance)) * count_a * count_b;
            }
        }
        (expected > 0.0).then(|| 1.0 - (n - 1.0) * observed / expected)
    }
}

impl Unit {
    fn of(ratings: &[f64], categories: &[f64], span: f64) -> Self {
        let mut counts: Vec<(usize, f64)> = Vec::new();
        for rating in ratings {
            let Ok(place) = categories.binary_search_by(|known| known.total_cmp(rating)) else {
                continue;
            };
            match counts.iter_mut().find(|(known, _)| *known == place) {
                Some((_, count)) => *count += 1.0,
                None => counts.push((place, 1.0)),
            }
        }
        let agreed = (ratings.len() > 1).then(|| agreed(ratings, span));
        Self { counts, ratings: ratings.len() as f64, agreed }
    }
}

fn agreed(ratings: &[f64], span: f64) -> Agreed {
    let mut sum = Agreed { nominal: 0.0, linear: 0.0, quadratic: 0.0 };
    let mut pairs = 0.0;
    for (place, a) in ratings.iter().enumerate() {
        for b in ratings.iter().skip(place + 1) {
            let found = weight(*a, *b, span);
            sum.nominal += found.nominal;
            sum.linear += found.linear;
            sum.quadratic += found.quadratic;
            pairs += 1.0;
        }
    }
    Agreed {
        nominal: sum.nominal / pairs,
        linear: sum.linear / pairs,
        quadratic: sum.quadratic / pairs,
    }
}

/// The weights of a pair of ratings: 1 where they are equal, 0 where they are as far apart as any.
fn weight(a: f64, b: f64, span: f64) -> Agreed {
    let apart = if span > 0.0 { (a - b).abs() / span } else { 0.0 };
    Agreed {
        nominal: 1.0 - Distance::Nominal.of(a, b),
        linear: 1.0 - apart,
        quadratic: 1.0 - apart * apart,
    }
}

/// How far the least and the greatest category are apart.
fn span(categories: &[f64]) -> f64 {
    match (categories.first(), categories.last()) {
        (Some(least), Some(greatest)) => greatest - least,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 5e-5, "{found} is not {expected}");
    }

    /// Krippendorff's worked example (2011): four observers, twelve units, missing ratings. Gwet's Handbook (2014) and his R package irrCAC
    /// (`cac.raw4raters`) use it too: Fleiss .76117, AC1 .77544, alpha .74342. The weighted ones are from numpy by the formula.
    fn worked() -> Vec<Vec<f64>> {
        const NONE: f64 = -1.0;
        let raters = [
            [1.0, 2.0, 3.0, 3.0, 2.0, 1.0, 4.0, 1.0, 2.0, NONE, NONE, NONE],
            [1.0, 2.0, 3.0, 3.0, 2.0, 2.0, 4.0, 1.0, 2.0, 5.0, NONE, 3.0],
            [NONE, 3.0, 3.0, 3.0, 2.0, 3.0, 4.0, 2.0, 2.0, 5.0, 1.0, NONE],
            [1.0, 2.0, 3.0, 3.0, 2.0, 4.0, 4.0, 1.0, 2.0, 5.0, 1.0, NONE],
        ];
        (0..12)
            .map(|unit| raters.iter().map(|rater| rater[unit]).filter(|r| *r >= 0.0).collect())
            .collect()
    }

    #[test]
    fn the_worked_example_with_gaps() {
        let units = worked();
        let tally = Tally::of(&units.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let rows: Vec<usize> = (0..tally.len()).collect();
        near(tally.agreement(&rows, Distance::Nominal), 0.81818);
        near(tally.fleiss(&rows), 0.76117);
        near(tally.gwet(&rows, Distance::Nominal), 0.77544);
        near(tally.gwet(&rows, Distance::Linear), 0.85874);
        near(tally.gwet(&rows, Distance::Quadratic), 0.91400);
        near(tally.alpha(&rows, Distance::Nominal), 0.74342);
    }

    // Two raters, 125 subjects, 118 positive for both, none negative for both, 5 and 2 apart (Gwet 2008, the paradox of kappa): AC1 .941 where
    // kappa is below 0. By hand: pa = 118/125, p = (123 + 120)/250, pe = 2 p (1 - p).
    #[test]
    fn prevalence_does_not_make_ac1_small() {
        let cells = [([1.0, 1.0], 118), ([1.0, 0.0], 5), ([0.0, 1.0], 2)];
        let units: Vec<[f64; 2]> =
            cells.iter().flat_map(|(cell, count)| vec![*cell; *count]).collect();
        let tally = Tally::of(&units.iter().map(<[f64; 2]>::as_slice).collect::<Vec<_>>());
        let rows: Vec<usize> = (0..tally.len()).collect();
        near(tally.gwet(&rows, Distance::Nominal), 0.94078);
        assert!(tally.fleiss(&rows).unwrap() < 0.0);
    }

    #[test]
    fn one_category_says_nothing_of_chance() {
        let tally = Tally::of(&[&[1.0, 1.0], &[1.0, 1.0, 1.0]]);
        assert_eq!(tally.agreement(&[0, 1], Distance::Nominal), Some(1.0));
        assert_eq!(tally.gwet(&[0, 1], Distance::Nominal), None);
        assert_eq!((tally.fleiss(&[0, 1]), tally.alpha(&[0, 1], Distance::Nominal)), (None, None));
    }
}
