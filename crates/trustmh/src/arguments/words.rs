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
