//! Options that take one of several words.

use clap::builder::{PossibleValuesParser, TypedValueParser};

/// A parser of the words of `all`, so that the help lists them and a wrong one is answered by the
/// nearest.
pub(crate) fn one_of<T>(
    all: impl IntoIterator<Item = T>,
    word: impl Fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    let known: Vec<(&'static str, T)> = all.into_iter().map(|value| (word(value), value)).collect();
    let words: Vec<&'static str> = known.iter().map(|(word, _)| *word).collect();
    PossibleValuesParser::new(words).try_map(move |typed| {
        let named = known.iter().find(|(word, _)| *word == typed);
        named.map(|(_, value)| *value).ok_or("is not one of the possible values")
    })
}

/// Whether what people and models said goes into what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replies {
    // In reports none; in tables of trials those of tests, whose people are invented, and none of conversations that took place.
    AsUsual,
    // All, as the user asked.
    Asked,
}

/// The option that lets what was said into a file.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct RepliesOption {
    /// Include what was asked and replied: the worst replies in reports, and what was said in
    /// conversations that took place (`trustmh judge`) in tables of trials
    #[arg(long)]
    with_replies: bool,
}

impl RepliesOption {
    /// What was asked for.
    pub(crate) const fn replies(&self) -> Replies {
        if self.with_replies { Replies::Asked } else { Replies::AsUsual }
    }
}
