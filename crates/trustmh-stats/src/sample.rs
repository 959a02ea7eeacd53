//! Observations and which of them belong together.

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

    /// Sums of `value - mean` by cluster.
    pub(crate) fn cluster_residuals(&self) -> Vec<f64> {
        let mean = self.mean();
        let mut sums = vec![0.0; self.count];
        for (value, cluster) in self.values.iter().zip(&self.clusters) {
            if let Some(sum) = sums.get_mut(*cluster) {
                *sum += value - mean;
            }
        }
        sums
    }
}

/// Numbers clusters from 0 in the order of their first observation.
pub fn numbered<K: Ord>(names: &[K]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..names.len()).collect();
    // Stable, so that the first of equal names comes first.
    order.sort_by_key(|index| names.get(*index));
    let mut first_of: Vec<usize> = (0..names.len()).collect();
    for pair in order.windows(2) {
        if let [before, after] = *pair
            && names.get(before) == names.get(after)
            && let Some(first) = first_of.get(before).copied()
            && let Some(place) = first_of.get_mut(after)
        {
            *place = first;
        }
    }
    let mut next = 0..;
    let mut numbers: Vec<usize> = Vec::with_capacity(names.len());
    for (index, first) in first_of.into_iter().enumerate() {
        let known = if first == index { next.next() } else { numbers.get(first).copied() };
        numbers.push(known.unwrap_or_default());
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
