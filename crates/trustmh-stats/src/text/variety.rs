//! Variety of replies.

use std::collections::BTreeMap;

use trustmh_core::metric::{Estimate, Interval, IntervalMethod};

use super::runs;
use crate::mean::t_quantile;

/// Distinct-n, 0 to 1: different runs of `order` tokens over all runs of all texts (Li et al. 2016,
/// arXiv 1510.03055). It falls with the number of texts, so only corpora of a size can be compared.
///
/// The interval is by the jackknife over clusters; a bootstrap would draw texts twice and so find less
/// variety than there is. None if no text has a run of that order.
pub fn distinct(texts: &[Vec<String>], clusters: &[usize], order: usize) -> Option<Estimate> {
    let count = clusters.iter().max().map_or(0, |last| last + 1);
    // Where each run occurs: in one cluster only, or in several.
    let mut places: BTreeMap<&[String], Option<usize>> = BTreeMap::new();
    let mut all = vec![0_u64; count];
    for (text, cluster) in texts.iter().zip(clusters) {
        for (run, times) in runs(text, order) {
            if let Some(sum) = all.get_mut(*cluster) {
                *sum += times;
            }
            let place = places.entry(run).or_insert(Some(*cluster));
            if *place != Some(*cluster) {
                *place = None;
            }
        }
    }
    let mut own = vec![0_u64; count];
    for cluster in places.values().flatten() {
        if let Some(sum) = own.get_mut(*cluster) {
            *sum += 1;
        }
    }
    let (different, total) = (places.len() as u64, all.iter().sum::<u64>());
    let share = |different: u64, total: u64| (total > 0).then(|| different as f64 / total as f64);
    let value = share(different, total)?;
    let left_out: Vec<f64> =
        own.iter().zip(&all).filter_map(|(own, all)| share(different - own, total - all)).collect();
    let interval = t_quantile(left_out.len()).and_then(|quantile| {
        let n = left_out.len() as f64;
        let mean = left_out.iter().sum::<f64>() / n;
        let squares: f64 = left_out.iter().map(|value| (value - mean).powi(2)).sum();
        let half = quantile * ((n - 1.0) / n * squares).sqrt();
        let (low, high) = ((value - half).max(0.0), (value + half).min(1.0));
        Interval::new(low, high, IntervalMethod::Jackknife)
    });
    Some(Estimate { value, interval, n: texts.len() as u64, clusters: count as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn golden_distinct() {
        let texts = [words("a b a b"), words("a c")];
        let found = |order| distinct(&texts, &[0, 1], order).unwrap().value;
        assert!((found(1) - 3.0 / 6.0).abs() < 1e-12);
        assert!((found(2) - 3.0 / 4.0).abs() < 1e-12);
        assert!(distinct(&texts, &[0, 1], 9).is_none());
        assert!(distinct(&texts, &[0, 1], 1).unwrap().interval.is_some());
    }
}
