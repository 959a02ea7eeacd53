//! Facet values as reports and files name them.

/// Lower-case letters and digits, everything between them as one hyphen.
pub(crate) fn slug(text: &str) -> String {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn words_are_joined_and_signs_dropped() {
        assert_eq!(slug("Fairness (by  age)"), "fairness-by-age");
        assert_eq!(slug("to gain/keep_money"), "to-gain-keep-money");
        assert_eq!(slug(" - "), "");
    }
}
