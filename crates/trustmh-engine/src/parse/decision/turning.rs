//! Where a writer turns back from what was said before.

use std::sync::LazyLock;

use super::pattern::{Pattern, compiled, replaced};
use super::sentence::{ANY, Sentence};

/// The text with a sentence's end before every turn in the middle of one: "B. Scratch that, so A", "A (edit: B)".
pub(super) fn parted(text: &str) -> String {
    static CHANGED: Pattern = LazyLock::new(|| {
        compiled(&format!(
            r"\b(?:chang\w+|switch\w*|mov\w+|revis\w+|updat\w+|correct\w+)(?: (?:it|my|the|here|answer|choice|mind|selection)){{0,3}} from (?:option |choice )?[\x22'(]?{ANY}[\x22')]? to (?:option |choice )?[\x22'(]?({ANY})"
        ))
    });
    static MIDDLE: Pattern = LazyLock::new(|| {
        compiled(&format!(
            r"(?:{ANY}[\x22')\]]?|[\s(,;:.…—–。-])[\s(,;:.…—–。-]+((?:(?:no|wait|hmm+|sorry|oops|actually),? )*(?:(?:no,? wait|wait,? no|no, actually|actually,? no|scratch that|strike that|corrected to|changed to|oops|i meant|make that|on second thoughts?|i take (?:that|it) back|i stand corrected)\b|(?:edit|correction|corrected)\s?:|i mean,? (?:option |choice )?{ANY})|(?:更正|改为|改成|不对|等等|等一下|修正)[:,]?)|(?:\.\.+|…|—|–| - |\()\s?((?:no|wait|hmm+|sorry|actually)[,.!:—–-]+\s)"
        ))
    });
    let text = replaced(&CHANGED, text, |found| {
        format!("; correction: {}", found.get(1).map_or("", |m| m.as_str()))
    });
    replaced(&MIDDLE, &text, |found| {
        let part = |at: usize| found.get(at).map_or("", |m| m.as_str());
        let kept = part(0).strip_suffix(part(2)).and_then(|kept| kept.strip_suffix(part(1)));
        let kept = kept.unwrap_or_default().trim_end_matches(['(', ' ', ',', '-', '—', '–']);
        format!("{kept}; {}{}", part(1), part(2))
    })
}

impl Sentence<'_> {
    /// Whether the writer turns back here from what was said before.
    pub(super) fn turns_back(&self) -> bool {
        static TURN: Pattern = LazyLock::new(|| {
            compiled(&format!(
                r"^\W*(?:(?:hmm+|oh|ah|well|and|so),? )?(?:wait|actually|no(?:[,:.!—–-]| wait)|correction|edit\s?:|update\s?:|sorry|oops|scratch that|on second thoughts?|on reflection|second thoughts?|let me (?:correct|revise|reconsider|rethink|re-evaluate|change)|i (?:must|should|need to|have to|want to|would like to) (?:correct|revise|reconsider|change)|i (?:take (?:that|it) back|was wrong|made (?:a|an) (?:mistake|error)|misread|correct myself|change my|revise my)|(?:up)?on (?:(?:further|closer|careful|more|second) )?(?:reflection|consideration|thought|reading|inspection|rereading)|after (?:(?:further|closer|careful|more|some) )?(?:reflection|consideration|thought|rereading)|(?:re-?reading|rethinking|reassessing|re-evaluating|reconsidering)|(?:looking|reading|thinking)(?: \w+){{0,3}} (?:again|once more|more closely|more carefully)|(?:having|after) reconsider\w*|revised|corrected|my mistake|strike that|thinking again|looking again|i mean(?:t)?|make that|(?:that|this|it) should (?:be|read|have been|say)\s(?:(?:the|an|answer|option|choice)\s)*{ANY})(?:\W|$)|\b(?:revised|corrected|new|changed) (?:answer|choice)|^\W*(?:不对|等等|等一下|更正|纠正|重新考虑|再想|仔细想|不,|其实|我错了|抱歉,(?:我|应|答案|正确)|修正)|重新考虑后|修正后|更正后|改选|改为"
            ))
        });
        TURN.is_match(self.text)
    }

    /// Whether the writer takes back what was said before, without a word for what replaces it.
    pub(super) fn takes_back(&self) -> bool {
        static BACK: Pattern = LazyLock::new(|| {
            compiled(
                r"^\W*(?:(?:wait|actually|no|hmm+|oh),? )+(?:that|this|it)(?:'s| is| was) (?:wrong|incorrect|not right|not correct|a mistake)|^\W*(?:(?:wait|actually|no|hmm+),? )?(?:i take (?:that|it) back|scratch that|strike that|i was wrong|ignore that)\W*$|^\W*(?:不对|我错了|以上有误)\W*$",
            )
        });
        BACK.is_match(self.text)
    }
}
