//! Sentences that are of several runs or tasks: each is said once, with all that it is of.

/// What a sentence is of: runs by folder or sign, or tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of<'r> {
    /// All that are looked at, more than one.
    All,
    /// These.
    These(Vec<&'r str>),
}

impl Of<'_> {
    /// Whom it is of: `all`, or the others by name.
    pub fn in_words(&self, all: &str) -> String {
        match self {
            Self::All => all.to_owned(),
            Self::These(some) => some.join(", "),
        }
    }
}

/// Each sentence once, in the order in which they were said first, with what it is of. `of_all` are looked at.
pub fn by_sentence<'r, S: PartialEq>(
    of_all: usize,
    said: impl Iterator<Item = (S, &'r str)>,
) -> Vec<(S, Of<'r>)> {
    let mut found: Vec<(S, Vec<&str>)> = Vec::new();
    for (words, one) in said {
        match found.iter_mut().find(|(known, _)| *known == words) {
            Some((_, of)) if of.contains(&one) => {}
            Some((_, of)) => of.push(one),
            None => found.push((words, vec![one])),
        }
    }
    let of = |of: Vec<_>| if of.len() > 1 && of.len() == of_all { Of::All } else { Of::These(of) };
    found.into_iter().map(|(words, some)| (words, of(some))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_said_once_with_all_that_it_is_of() {
        let said = [("capped", "A"), ("not whole", "B"), ("capped", "B"), ("capped", "A")];
        let found = by_sentence(2, said.into_iter());
        assert_eq!(found, [("capped", Of::All), ("not whole", Of::These(vec!["B"]))]);
        assert_eq!(found[0].1.in_words("all runs"), "all runs");
        assert_eq!(found[1].1.in_words("all runs"), "B");
        let alone = by_sentence(1, [("capped", "A")].into_iter());
        assert_eq!(alone[0].1.in_words("all runs"), "A", "one is called by its name");
    }
}
