//! Counts in words.

/// `1 retry`, `2 retries`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        let retries = |count| counted(count, "retry", "retries");
        assert_eq!([retries(0), retries(1), retries(2)], ["0 retries", "1 retry", "2 retries"]);
    }
}
