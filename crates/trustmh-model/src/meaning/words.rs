//! What an error says, made ready to be searched: phrases, names in whatever spelling, and words that stand together.

/// The most that is kept.
pub(super) const LIMIT: usize = 16 * 1024;

/// All that an error says.
#[derive(Debug, Default)]
pub(crate) struct Words {
    /// In lower case.
    text: String,
    /// The same, nothing but letters and digits: names of errors are written in many ways. A sentence ends with a line break, so that no
    /// name is made of the end of one and the beginning of the next.
    letters: String,
    /// Where words begin in `letters`, in rising order: "separate limits" name no rate limit.
    starts: Vec<usize>,
}

impl Words {
    /// Takes in one more text.
    pub(crate) fn add(&mut self, text: &str) {
        if self.text.len() > LIMIT {
            return;
        }
        let signs: Vec<char> = text.chars().take(LIMIT).collect();
        self.text.extend(signs.iter().flat_map(|sign| sign.to_lowercase()));
        self.text.push('\n');
        for (at, sign) in signs.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|before| signs.get(before));
            let after = signs.get(at + 1);
            if sign.is_alphanumeric() {
                if begins(before, *sign, after) {
                    self.starts.push(self.letters.len());
                }
                self.letters.extend(sign.to_lowercase());
            } else if ends_part(*sign, after) {
                self.letters.push('\n');
            }
        }
        self.letters.push('\n');
    }

    /// Whether more is not worth taking in.
    pub(crate) fn is_full(&self) -> bool {
        self.text.len() > LIMIT
    }

    /// In lower case.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether one of these phrases, in lower case, stands in it.
    pub(crate) fn say(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.text.contains(phrase))
    }

    /// Whether one of these names, in letters and digits only, stands in it, beginning where a word begins.
    pub(crate) fn name(&self, names: &[&str]) -> bool {
        names.iter().any(|name| {
            let mut places = self.letters.match_indices(name);
            places.any(|(at, _)| self.starts.binary_search(&at).is_ok())
        })
    }

    /// Its sentences, in lower case.
    pub(crate) fn sentences(&self) -> impl Iterator<Item = &str> {
        self.text
            .split(['\n', '。', '；', ';', '！'])
            .flat_map(|line| line.split(". "))
            .filter(|sentence| !sentence.trim().is_empty())
    }

    /// Whether one sentence has a phrase of each of these lists, each where a word begins.
    pub(crate) fn join(&self, lists: &[&[&str]]) -> bool {
        let mut sentences = self.sentences();
        sentences.any(|sentence| lists.iter().all(|list| holds(sentence, list)))
    }
}

/// Whether a sentence has one of these phrases, beginning where a word begins.
pub(super) fn holds(sentence: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| {
        sentence.match_indices(phrase).any(|(at, _)| {
            let before = sentence.get(..at).and_then(|before| before.chars().next_back());
            !phrase.starts_with(|sign: char| sign.is_ascii_alphanumeric())
                || !before.is_some_and(|sign| sign.is_ascii_alphanumeric())
        })
    })
}

/// Whether a word begins here: after something else than letters, or at a hump, as in `RateLimit` and `TPMLimit`.
fn begins(before: Option<&char>, sign: char, after: Option<&char>) -> bool {
    let Some(before) = before.filter(|before| before.is_alphanumeric()) else { return true };
    !before.is_ascii()
        || !sign.is_ascii()
        || before.is_ascii_digit() != sign.is_ascii_digit()
        || (sign.is_uppercase()
            && (before.is_lowercase() || after.is_some_and(|after| after.is_lowercase())))
}

fn ends_part(sign: char, after: Option<&char>) -> bool {
    matches!(sign, '\n' | '。' | '；' | '，' | '：')
        || (matches!(sign, '.' | ':' | ';' | ',' | '!' | '?')
            && after.is_none_or(|after| after.is_whitespace()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Words {
        let mut words = Words::default();
        words.add(text);
        words
    }

    #[test]
    fn names_are_known_in_every_spelling_and_made_of_no_accident() {
        for text in [
            "rate_limit",
            "Rate limit reached",
            "ModelTPMRateLimitExceeded",
            "error.RateLimit",
            "429RateLimit",
            "per-minute RATE-LIMIT",
        ] {
            assert!(words(text).name(&["ratelimit"]), "{text}");
        }
        for text in
            ["separate limits", "at this rate. Limit it", "the rate: limit", "moderate limit"]
        {
            assert!(!words(text).name(&["ratelimit"]), "{text}");
        }
    }

    #[test]
    fn words_join_within_one_sentence_only() {
        let lists: [&[&str]; 2] = [&["credit"], &["expired"]];
        assert!(words("All of your credits have expired.").join(&lists));
        assert!(!words("The token expired. See the page on credit.").join(&lists));
        assert!(!words("An accredited token expired.").join(&lists));
        assert!(words("您的额度已用尽").join(&[&["额度"], &["用尽"]]));
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "\\PC{0,60}|[aA1. :。]{0,30}") {
            let words = words(&text);
            let _ = words.name(&["a1"]) || words.join(&[&["a"], &["1"]]) || words.say(&["a"]);
        }
    }
}
