//! Observations and which of them belong together.

use trustmh_core::metric::Interval;

use crate::error::StatsError;

/// Finite observations, each in a cluster; observations of different clusters are independent.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    values: Vec<f64>,
    clusters: Vec<usize>,
    count: usize,
}

impl Sample {
    /// Observations that are all independent.
    ///
    /// # Errors
    /// [`StatsError::Empty`], [`StatsError::NonFinite`].
    pub fn independent(values: Vec<f64>) -> Result<Self, StatsError> {
        let clusters = (0..values.len()).collect();
        Self::new(values, clusters)
    }

    /// Observations with the name of the cluster each belongs to.
    ///
    /// # Errors
    /// [`StatsError::Empty`], [`StatsError::NonFinite`], [`StatsError::LengthMismatch`].
    pub fn clustered<K: Ord>(values: Vec<f64>, names: &[K]) -> Result<Self, StatsError> {
        Self::new(values, numbered(names))
    }

    fn new(values: Vec<f64>, clusters: Vec<usize>) -> Result<Self, StatsError> {
        if values.is_empty() {
            return Err(StatsError::Empty);
        }
        if values.len() != clusters.len() {
            return Err(StatsError::LengthMismatch { left: values.len(), right: clusters.len() });
        }
        if let Some((index, value)) =
            values.iter().enumerate().find(|(_, value)| !value.is_finite())
        {
            return Err(StatsError::NonFinite { index, value: *value });
        }
        let count = clusters.iter().max().map_or(0, |last| last + 1);
        Ok(Self { values, clusters, count })
    }

    /// The observations.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The number of each observation's cluster, from 0 to one below [`Sample::cluster_count`].
    pub fn clusters(&self) -> &[usize] {
        &self.clusters
    }

    /// How many clusters there are.
    pub fn cluster_count(&self) -> usize {
        self.count
    }

    /// Whether no two observations share a cluster.
    pub fn is_independent(&self) -> bool {
        self.count == self.values.len()
    }

    /// The arithmetic mean.
    pub fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    /// What rounding can leave where values of this size are equal.
    pub(crate) fn dust(&self) -> f64 {
        self.values.iter().fold(1.0, |size: f64, value| size.max(value.abs())) * Interval::DUST
    }

    /// Observations of each cluster.
    pub(crate) fn cluster_sizes(&self) -> Vec<f64> {
        self.cluster_sums(|_| 1.0)
    }

    /// Sums of `part` of each value by cluster.
    pub(crate) fn cluster_sums(&self, part: impl Fn(f64) -> f64) -> Vec<f64> {
        let mut sums = vec![0.0; self.count];
        for (value, cluster) in self.values.iter().zip(&self.clusters) {
            if let Some(sum) = sums.get_mut(*cluster) {
                *sum += part(*value);
            }
        }
        sums
    }

    /// Sums of `value - mean` by cluster.
    pub(crate) fn cluster_residuals(&self) -> Vec<f64> {
        let mean = self.mean();
        self.cluster_sums(|value| value - mean)
    }
}

/// Numbers clusters from 0 in the order of their first observation.
pub fn numbered<K: Ord>(names: &[K]) -> Vec<usize> {
    // Half the space of usize counts where there are many; a sample has fewer than 2^32 rows.
    let mut order: Vec<u32> = (0..).take(names.len()).collect();
    let name = |index: u32| names.get(index as usize);
    // Of equal names the first row comes first.
    order.sort_unstable_by(|a, b| name(*a).cmp(&name(*b)).then(a.cmp(b)));
    let mut numbers: Vec<usize> = vec![0; names.len()];
    let mut first = 0;
    for (place, index) in order.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|before| order.get(before));
        if before.is_none_or(|before| name(*before) != name(*index)) {
            first = *index as usize;
        }
        if let Some(number) = numbers.get_mut(*index as usize) {
            *number = first;
        }
    }
    // A row that is its own first gets the next number; the others follow their first, which stands before them.
    let mut next = 0..;
    for index in 0..numbers.len() {
        let first = numbers.get(index).copied().unwrap_or_default();
        let number = if first == index { next.next() } else { numbers.get(first).copied() };
        if let (Some(place), Some(number)) = (numbers.get_mut(index), number) {
            *place = number;
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::numbered;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn numbers_follow_the_first_observations(names in proptest::collection::vec("[a-d]", 0..30)) {
            let mut known: HashMap<&String, usize> = HashMap::new();
            let expected: Vec<usize> = names
                .iter()
                .map(|name| {
                    let next = known.len();
                    *known.entry(name).or_insert(next)
                })
                .collect();
            prop_assert_eq!(numbered(&names), expected);
        }
    }
}
