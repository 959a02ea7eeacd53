//! All coefficients of agreement of one set of ratings, each with its interval.

use serde::Serialize;

use trustmh_core::metric::{Estimate, IntervalMethod};

use super::intraclass::{self, Form, Rated, intraclass};
use super::{Distance, Tally, estimate, kappa};
use crate::raters::Scale;

/// One thing that was rated: a reply, or one dimension of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// The number, from 0, of its cluster: its item or conversation.
    pub cluster: usize,
    /// Its ratings, each with the number of its rater, in the order of raters.
    pub ratings: Rated,
}

/// A coefficient with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figure {
    /// The coefficient, at most 1.
    pub value: f64,
    /// Lower end; none where so little data cannot carry an interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// How the interval was made.
    pub method: Option<IntervalMethod>,
    /// What was rated by two raters or more.
    pub n: u64,
    /// Clusters: units, or what they belong to.
    pub clusters: u64,
}

/// Coefficients of all raters together; each is none where it is not defined or does not apply.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Coefficients {
    /// Share of pairs of ratings of one unit that are equal.
    pub agreement: Option<Figure>,
    /// Gwet's AC1.
    pub ac1: Option<Figure>,
    /// Gwet's AC2 with quadratic weights; of numbers.
    pub ac2: Option<Figure>,
    /// Gwet's AC2 with linear weights; of numbers.
    pub ac2_linear: Option<Figure>,
    /// Cohen's kappa; of two raters.
    pub cohen: Option<Figure>,
    /// Fleiss' kappa.
    pub fleiss: Option<Figure>,
    /// Krippendorff's alpha: nominal of labels, interval of numbers.
    pub alpha: Option<Figure>,
    /// ICC(1); of numbers.
    pub icc1: Option<Figure>,
    /// ICC(2,1): absolute agreement of single ratings; of numbers.
    pub icc2_1: Option<Figure>,
    /// ICC(2,k): absolute agreement of the mean of a unit's ratings; of numbers.
    pub icc2_k: Option<Figure>,
}

impl Coefficients {
    /// Of `subjects`; intervals leave out a cluster at a time, but for intraclass correlations of a table without gaps, whose clusters are
    /// single subjects: theirs are by F, which counts raters as drawn too.
    pub fn of(subjects: &[Subject], scale: Scale) -> Self {
        let values: Vec<Vec<f64>> = subjects
            .iter()
            .map(|subject| subject.ratings.iter().map(|(_, rating)| *rating).collect())
            .collect();
        let tally = Tally::of(&values.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let all = All { subjects };
        let numbers = scale == Scale::Numeric;
        let weighted =
            |distance| numbers.then(|| all.figure(|rows| tally.gwet(rows, distance))).flatten();
        let icc = |form| numbers.then(|| all.intraclass(form)).flatten();
        let distance = if numbers { Distance::Quadratic } else { Distance::Nominal };
        Self {
            agreement: all.figure(|rows| tally.agreement(rows, Distance::Nominal)),
            ac1: all.figure(|rows| tally.gwet(rows, Distance::Nominal)),
            ac2: weighted(Distance::Quadratic),
            ac2_linear: weighted(Distance::Linear),
            cohen: all.cohen(),
            fleiss: all.figure(|rows| tally.fleiss(rows)),
            alpha: all.figure(|rows| tally.alpha(rows, distance)),
            icc1: icc(Form::OneWay),
            icc2_1: icc(Form::TwoWay),
            icc2_k: icc(Form::TwoWayMean),
        }
    }
}

struct All<'s> {
    subjects: &'s [Subject],
}

impl All<'_> {
    fn figure(&self, statistic: impl Fn(&[usize]) -> Option<f64>) -> Option<Figure> {
        let clusters: Vec<usize> = self.subjects.iter().map(|subject| subject.cluster).collect();
        let found = estimate(&clusters, statistic)?;
        let n = self.subjects.iter().filter(|subject| subject.ratings.len() > 1).count() as u64;
        Some(Figure::of(&Estimate { n, ..found }))
    }

    fn cohen(&self) -> Option<Figure> {
        let raters = self.subjects.iter().flat_map(|subject| &subject.ratings);
        if raters.map(|(rater, _)| *rater).max() != Some(1) {
            return None;
        }
        self.figure(|rows| {
            let pairs: Vec<(f64, f64)> = self
                .at(rows)
                .filter_map(|ratings| match ratings.as_slice() {
                    [(_, left), (_, right)] => Some((*left, *right)),
                    _ => None,
                })
                .collect();
            kappa(&pairs, Distance::Nominal)
        })
    }

    fn intraclass(&self, form: Form) -> Option<Figure> {
        let of_all: Vec<&Rated> = self.subjects.iter().map(|subject| &subject.ratings).collect();
        let alone =
            self.subjects.iter().map(|s| s.cluster).max() == self.subjects.len().checked_sub(1);
        let found = self.figure(|rows| intraclass(&self.at(rows).collect::<Vec<_>>(), form))?;
        let by_f = if alone { intraclass::interval(&of_all, form) } else { None };
        Some(by_f.map_or(found, |ends| Figure {
            low: Some(ends.low),
            high: Some(ends.high),
            method: Some(ends.method),
            ..found
        }))
    }

    fn at<'a>(&'a self, rows: &'a [usize]) -> impl Iterator<Item = &'a Rated> {
        rows.iter().filter_map(|row| Some(&self.subjects.get(*row)?.ratings))
    }
}

impl Figure {
    fn of(found: &Estimate) -> Self {
        Self {
            value: found.value,
            low: found.interval.map(|ends| ends.low),
            high: found.interval.map(|ends| ends.high),
            method: found.interval.map(|ends| ends.method),
            n: found.n,
            clusters: found.clusters,
        }
    }
}
