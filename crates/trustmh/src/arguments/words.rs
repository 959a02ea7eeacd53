//! Options that take one of several words.

use clap::builder::{PossibleValuesParser, TypedValueParser};

/// A parser of the words of `all`, so that the help lists them and a wrong one is answered by the
/// nearest.
pub(crate) fn one_of<T, const N: usize>(
    all: [T; N],
    word: impl Fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    let words = all.map(word);
    PossibleValuesParser::new(words).try_map(move |typed| {
        let known = words.iter().zip(all).find(|(word, _)| **word == typed);
        known.map(|(_, value)| value).ok_or("is not one of the possible values")
    })
}
