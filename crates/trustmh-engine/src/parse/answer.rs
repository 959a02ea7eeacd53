//! What a parser read.

/// What a parser read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    /// A letter as the subject saw it.
    Choice(char),
    /// A value of the scale.
    Rating(f64),
    /// The letters of an emotion and of its cause, as the subject saw them; one may be missing in a record.
    EmotionAndCause(Option<char>, Option<char>),
    /// A label of the item's scheme.
    Label(String),
    /// Text to be searched or judged.
    Text(String),
}
