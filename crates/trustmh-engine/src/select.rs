//! Which items of a set are asked when a run is capped.

/// Keeps at most `limit` of `items`, evenly spaced over the file's order, so that a capped run still
/// meets every theme or tier of a file that is sorted by them. The choice needs no randomness.
pub fn spread<T>(items: Vec<T>, limit: Option<usize>) -> Vec<T> {
    let total = items.len();
    let Some(limit) = limit.filter(|limit| *limit < total) else { return items };
    let mut next = 0;
    let mut kept = Vec::with_capacity(limit);
    for (index, item) in items.into_iter().enumerate() {
        if kept.len() < limit && index == next * total / limit {
            kept.push(item);
            next += 1;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::spread;
    use proptest::prelude::*;

    #[test]
    fn three_of_nine_are_the_starts_of_the_thirds() {
        assert_eq!(spread((0..9).collect(), Some(3)), [0, 3, 6]);
    }

    proptest! {
        #[test]
        fn keeps_exactly_the_limit_in_order(total in 0_usize..200, limit in 0_usize..250) {
            let kept = spread((0..total).collect(), Some(limit));
            prop_assert_eq!(kept.len(), limit.min(total));
            prop_assert!(kept.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
