//! Observations and which of them belong together.

use std::collections::BTreeMap;

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
    let mut numbers = BTreeMap::new();
    names
        .iter()
        .map(|name| {
            let next = numbers.len();
            *numbers.entry(name).or_insert(next)
        })
        .collect()
}
