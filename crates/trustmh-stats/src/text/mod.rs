//! Metrics over texts: overlap of a reply with a reference, and variety of replies.

mod overlap;
mod tokens;
mod variety;

pub use overlap::{BleuCounts, bleu, rouge_l, unigram_f1};
pub use tokens::tokens;
pub use variety::distinct;

use std::collections::BTreeMap;

/// How often each run of `order` tokens occurs.
fn runs(tokens: &[String], order: usize) -> BTreeMap<&[String], u64> {
    let mut counts = BTreeMap::new();
    for run in tokens.windows(order.max(1)) {
        *counts.entry(run).or_default() += 1;
    }
    counts
}
