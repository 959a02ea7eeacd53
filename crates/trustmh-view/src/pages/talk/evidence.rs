//! Quotations of a judge, in the turns where they stand.

use maud::{Markup, html};
use std::ops::Range;

use trustmh_core::id::RubricId;
use trustmh_engine::conversation::Talk;
use trustmh_engine::judge::{Answered, Evidence, TreeVerdict};

/// A quotation that was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quoted {
    /// The place of the turn in the conversation.
    pub(super) said: usize,
    /// Where it stands in the turn, in bytes, part by part.
    pub(super) parts: Vec<Range<usize>>,
    /// The question that it answers.
    pub(super) question: String,
    /// The anchor of the answer.
    pub(super) answer: String,
    /// The anchor of the quotation.
    pub(super) anchor: String,
}

/// The anchor of an answer: rubrics and questions are files of the user, so that their names are no part of it.
pub(super) fn answer_anchor(tree: usize, answer: usize) -> String {
    format!("answer-{}-{}", tree + 1, answer + 1)
}

/// All quotations that were found.
pub(super) fn quoted(trees: &[(RubricId, TreeVerdict)], talk: &Talk<'_>) -> Vec<Quoted> {
    let mut found = Vec::new();
    for (tree, (_, verdict)) in trees.iter().enumerate() {
        for (place, answer) in verdict.answers.iter().enumerate() {
            found.extend(one(answer, (tree, place), talk));
        }
    }
    found
}

fn one(answer: &Answered, (tree, place): (usize, usize), talk: &Talk<'_>) -> Option<Quoted> {
    let evidence = answer.evidence.as_ref()?;
    let (said, parts) = stands(evidence, talk)?;
    Some(Quoted {
        said,
        parts,
        question: answer.question.to_string(),
        answer: answer_anchor(tree, place),
        anchor: format!("quote-{}-{}", tree + 1, place + 1),
    })
}

/// The turn in which a quotation stands, the one it was found in before any other.
fn stands(evidence: &Evidence, talk: &Talk<'_>) -> Option<(usize, Vec<Range<usize>>)> {
    let turn = evidence.place();
    let mut places: Vec<usize> = (0..talk.said.len()).collect();
    places.sort_by_key(|place| talk.said.get(*place).is_none_or(|said| said.turn != turn));
    places.into_iter().find_map(|place| {
        let parts = evidence.places(&talk.said.get(place)?.text);
        (!parts.is_empty()).then_some((place, parts))
    })
}

/// A text with the quotations in it marked, each a link to its answer. Where two overlap, the later begins where the first ends.
pub(super) fn marked(text: &str, quoted: &[&Quoted]) -> Markup {
    let mut parts: Vec<(Range<usize>, &Quoted, Option<&str>)> = Vec::new();
    for one in quoted {
        let places = one.parts.iter().enumerate();
        parts.extend(places.map(|(place, part)| {
            (part.clone(), *one, (place == 0).then_some(one.anchor.as_str()))
        }));
    }
    parts.sort_by_key(|(part, ..)| (part.start, part.end));
    let mut at = 0;
    let mut pieces: Vec<Markup> = Vec::new();
    for (part, one, anchor) in parts {
        let (start, end) = (part.start.max(at), part.end.min(text.len()));
        let before = text.get(at..start).unwrap_or_default();
        match text.get(start..end).filter(|words| !words.is_empty()) {
            Some(words) => {
                pieces.push(html! { (before) mark id=[anchor] { a href={ "#" (one.answer) } title=(one.question) { (words) } } });
                at = end;
            }
            // All of it is marked already: the anchor is kept, so that the answer's link leads here.
            None => pieces.push(html! { @if let Some(anchor) = anchor { span id=(anchor) {} } }),
        }
    }
    html! { @for piece in &pieces { (piece) } (text.get(at..).unwrap_or_default()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted((start, end): (usize, usize), number: u8) -> Quoted {
        Quoted {
            said: 0,
            parts: std::iter::once(start..end).collect(),
            question: "a\"b".to_owned(),
            answer: format!("answer-1-{number}"),
            anchor: format!("quote-1-{number}"),
        }
    }

    #[test]
    fn quotations_are_marked_and_all_else_is_text() {
        let text = "<b>你好</b> & more";
        let start = text.find('你').unwrap();
        let one = quoted((start, start + "你好".len()), 1);
        let shown = marked(text, &[&one]).into_string();
        assert_eq!(
            shown,
            "&lt;b&gt;<mark id=\"quote-1-1\"><a href=\"#answer-1-1\" title=\"a&quot;b\">你好</a></mark>&lt;/b&gt; &amp; more"
        );
    }

    #[test]
    fn overlapping_quotations_say_every_word_once() {
        let text = "one two three";
        let (first, second, same) = (quoted((0, 7), 1), quoted((4, 13), 2), quoted((0, 3), 3));
        let shown = marked(text, &[&first, &second, &same]).into_string();
        let words: String = shown
            .split('<')
            .filter_map(|part| part.split_once('>'))
            .map(|(_, words)| words)
            .collect();
        assert_eq!(words, text);
        for number in 1..4 {
            assert!(shown.contains(&format!("id=\"quote-1-{number}\"")), "{shown}");
        }
        // A range that fits no text is no reason to lose any of it.
        let broken = quoted((5, 99), 1);
        assert!(marked("short", &[&broken]).into_string().ends_with("short"));
    }
}
