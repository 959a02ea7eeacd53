//! Overlap of a reply with a reference.

use super::runs;

const ORDERS: usize = 4;

/// What one pair of texts adds to corpus BLEU; pairs add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BleuCounts {
    matched: [u64; ORDERS],
    total: [u64; ORDERS],
    reply: u64,
    reference: u64,
}

impl BleuCounts {
    /// Counts one reply against its reference.
    pub fn of(reply: &[String], reference: &[String]) -> Self {
        let mut counts = Self {
            reply: reply.len() as u64,
            reference: reference.len() as u64,
            ..Self::default()
        };
        for (index, (matched, total)) in
            counts.matched.iter_mut().zip(&mut counts.total).enumerate()
        {
            let known = runs(reference, index + 1);
            for (run, count) in runs(reply, index + 1) {
                *matched += count.min(known.get(run).copied().unwrap_or_default());
                *total += count;
            }
            // A text shorter than the order still counts once, as the usual implementation has it.
            *total = (*total).max(1);
        }
        counts
    }

    /// Adds another pair.
    pub fn add(&mut self, other: &Self) {
        for index in 0..ORDERS {
            if let (Some(matched), Some(more)) =
                (self.matched.get_mut(index), other.matched.get(index))
            {
                *matched += more;
            }
            if let (Some(total), Some(more)) = (self.total.get_mut(index), other.total.get(index)) {
                *total += more;
            }
        }
        self.reply += other.reply;
        self.reference += other.reference;
    }
}

/// Corpus BLEU up to `order` (1 to 4), 0 to 1, from summed counts: Papineni et al. 2002 (doi
/// 10.3115/1073083.1073135) with smoothing method 3 of Chen & Cherry 2014 (doi 10.3115/v1/W14-3346): the k-th
/// order without a match counts as 1 / (2^k total). None without any reply.
pub fn bleu(counts: &BleuCounts, order: usize) -> Option<f64> {
    let order = order.clamp(1, ORDERS);
    if counts.reply == 0 || counts.matched.first() == Some(&0) {
        return (counts.reference > 0).then_some(0.0);
    }
    let mut unmatched = 0;
    let mut logs = 0.0;
    for (matched, total) in counts.matched.iter().zip(&counts.total).take(order) {
        let precision = if *matched == 0 {
            unmatched += 1;
            1.0 / (2.0_f64.powi(unmatched) * *total as f64)
        } else {
            *matched as f64 / *total as f64
        };
        logs += precision.ln();
    }
    let ratio = counts.reference as f64 / counts.reply as f64;
    let brevity = if ratio < 1.0 { 1.0 } else { (1.0 - ratio).exp() };
    Some(brevity * (logs / order as f64).exp())
}

/// ROUGE-L, 0 to 1, by the longest common subsequence, with beta 1.2: recall counts a little more than
/// precision (Lin 2004, aclanthology W04-1013).
pub fn rouge_l(reply: &[String], reference: &[String]) -> f64 {
    const BETA: f64 = 1.2;
    let common = longest_common(reply, reference) as f64;
    if common <= 0.0 {
        return 0.0;
    }
    let (precision, recall) = (common / reply.len() as f64, common / reference.len() as f64);
    (1.0 + BETA * BETA) * precision * recall / (recall + BETA * BETA * precision)
}

fn longest_common(left: &[String], right: &[String]) -> usize {
    let mut row = vec![0_usize; right.len() + 1];
    for word in left {
        let mut diagonal = 0;
        let mut before = 0;
        for (cell, other) in row.iter_mut().skip(1).zip(right) {
            let above = *cell;
            *cell = if word == other { diagonal + 1 } else { above.max(before) };
            (diagonal, before) = (above, *cell);
        }
    }
    row.last().copied().unwrap_or_default()
}

/// F1 of shared tokens, 0 to 1, each counted as often as both texts have it.
pub fn unigram_f1(reply: &[String], reference: &[String]) -> f64 {
    let known = runs(reference, 1);
    let shared: u64 = runs(reply, 1)
        .into_iter()
        .map(|(run, count)| count.min(known.get(run).copied().unwrap_or_default()))
        .sum();
    if shared == 0 {
        return 0.0;
    }
    2.0 * shared as f64 / (reply.len() + reference.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    }

    #[test]
    fn golden_overlap() {
        let (reply, reference) =
            (words("the cat sat on the mat"), words("the cat is on the mat today"));
        // By hand: 5 of 6 words, 3 of 5 pairs, 1 of 4 triples, 0 of 3 quadruples; brevity exp(1 - 7/6).
        let counts = BleuCounts::of(&reply, &reference);
        let brevity = (1.0_f64 - 7.0 / 6.0).exp();
        close(bleu(&counts, 1).unwrap(), brevity * 5.0 / 6.0);
        close(bleu(&counts, 2).unwrap(), brevity * (5.0 / 6.0 * 3.0 / 5.0_f64).sqrt());
        let product = 5.0 / 6.0 * 3.0 / 5.0 * 1.0 / 4.0 * 1.0 / 6.0_f64;
        close(bleu(&counts, 4).unwrap(), brevity * product.powf(0.25));
        // Longest common subsequence: the cat on the mat.
        let (precision, recall) = (5.0 / 6.0, 5.0 / 7.0);
        close(rouge_l(&reply, &reference), 2.44 * precision * recall / (recall + 1.44 * precision));
        close(unigram_f1(&reply, &reference), 10.0 / 13.0);
    }

    proptest! {
        #[test]
        fn a_text_overlaps_wholly_with_itself_and_not_with_another(text in "[a-e ]{1,40}") {
            let own = words(&text);
            prop_assume!(own.len() >= 4);
            close(bleu(&BleuCounts::of(&own, &own), 4).unwrap(), 1.0);
            close(rouge_l(&own, &own), 1.0);
            close(unigram_f1(&own, &own), 1.0);
            let other = words("x y z w");
            close(bleu(&BleuCounts::of(&own, &other), 4).unwrap(), 0.0);
            close(rouge_l(&own, &other), 0.0);
        }

        #[test]
        fn scores_stay_between_0_and_1(left in "[a-d ]{0,30}", right in "[a-d ]{0,30}") {
            let (left, right) = (words(&left), words(&right));
            let counts = BleuCounts::of(&left, &right);
            for score in [bleu(&counts, 4).unwrap_or(0.0), rouge_l(&left, &right), unigram_f1(&left, &right)] {
                prop_assert!((0.0..=1.0 + 1e-12).contains(&score), "{}", score);
            }
        }
    }
}
