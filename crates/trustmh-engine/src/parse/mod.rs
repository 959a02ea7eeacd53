//! Reading replies. Every parser takes any text and never panics.

mod answer;
pub mod choice;
mod continuation;
mod decision;
pub mod decline;
mod dress;
pub mod emotion;
pub mod json;
pub mod label;
pub mod listing;
mod long;
mod mention;
mod number;
pub mod rating;
mod stance;
mod stated;
mod structured;
mod wording;
pub mod yes_no;

pub(crate) use answer::Answer;
pub(crate) use long::within;

/// A pattern that is part of the program: a broken one is a fault of the program, and fails where
/// it is first used instead of reading nothing.
#[expect(clippy::expect_used, reason = "patterns are constants, and tests use every one")]
fn sound<R, E: std::fmt::Debug>(pattern: Result<R, E>) -> R {
    pattern.expect("a pattern of the program is sound")
}

/// The part of a reply after the first "Answer:", or the whole reply.
pub fn after_answer(reply: &str) -> &str {
    reply.split_once("Answer:").map_or(reply, |(_, answer)| answer)
}

/// Lower case, straight quotes, single blanks: the form in which phrases are looked for. Of a text longer than anybody writes only start and end.
pub fn folded(text: &str) -> String {
    let lower = within(text).to_lowercase().replace(['\u{2019}', '\u{2018}'], "'");
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}
