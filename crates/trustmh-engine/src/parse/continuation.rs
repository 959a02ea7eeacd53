//! Replies that go on with questions of their own.

use regex_lite::Regex;
use std::sync::LazyLock;

use super::dress::Pattern;
use super::sound;

/// The reply in parts, each up to the next question that the writer puts to itself. The first part that answers answers ours.
pub(super) fn parts(reply: &str) -> Vec<&str> {
    static QUESTION: Pattern = LazyLock::new(|| {
        sound(Regex::new(
            r"^[\s#*>_]*(?:(?i:question|next question|new question|problem|exercise|user|human|q)\s*\d*\s*[*_]*\s*[:：.)]|(?i:scenario|vignette|case)\s+\d+\s*[*_]*\s*[:：]|(?:问题|题目|问|下一题|用户|例题|第\S{1,3}题)\s*\d*\s*[*_]*\s*[:：])",
        ))
    });
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in reply.split_inclusive('\n') {
        if at > start && QUESTION.is_match(line) {
            parts.extend(reply.get(start..at));
            start = at;
        }
        at += line.len();
    }
    parts.extend(reply.get(start..));
    parts
}

/// The part with "A:" spelt out where "Q:" came before it, so that it is no option's letter.
pub(super) fn with_answers_named(part: &str) -> String {
    static ASKED: Pattern =
        LazyLock::new(|| sound(Regex::new(r"(?i)^[\s#*>_]*q\s*\d*\s*[*_]*\s*[:.]")));
    static ANSWERED: Pattern =
        LazyLock::new(|| sound(Regex::new(r"(?m)^([\s#*>_]*)A\s*\d*\s*([*_]*\s*:)")));
    if !ASKED.is_match(part) {
        return part.to_owned();
    }
    super::dress::replaced(&ANSWERED, part, |found| {
        let piece = |at: usize| found.get(at).map_or("", |m| m.as_str());
        format!("{}Answer{}", piece(1), piece(2))
    })
}
