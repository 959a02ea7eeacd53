//! The option that is left when the others are set aside in one breath.

use std::sync::LazyLock;

use super::super::dress::{NO, YES};
use super::super::mention::is_mention;
use super::pattern::{Pattern, compiled, replaced};
use super::sentence::{ANY, Sentence};

/// "All but A are wrong", "none of the others fit: A": only A fits.
pub(super) fn named_alone(text: &str) -> String {
    static ALL_BUT: Pattern = LazyLock::new(|| {
        compiled(&format!(
            r"\b(?:all|every|everything|each|any)(?: of)?(?: the| these| those)?(?: other)?(?: options?| choices?| answers?| ones?)? (?:but|except|except for|other than|apart from|aside from|besides|save)(?: for)?(?: options?| choices?| answers?)? [\x22'(\[]?({ANY})[\x22')\]]?,? (?:is|are|was|were|seems?|can be|could be|must be|would be|have been|has been) (?:\w+ly |all )?(?:wrong|incorrect|false|inappropriate|unsuitable|harmful|unsafe|unethical|ruled out|excluded|eliminated|out|off|crossed out)\b"
        ))
    });
    static NONE_BUT: Pattern = LazyLock::new(|| {
        compiled(&format!(
            r"\b(?:none|nothing|no (?:options?|choices?|answers?)) (?:but|except|except for|other than|apart from|besides|save)(?: options?| choices?| answers?)? [\x22'(\[]?({ANY})[\x22')\]]? (?:fits?|is (?:right|correct|appropriate|acceptable|suitable|safe)|works?|applies|apply|makes? sense|addresses|meets|does)\b"
        ))
    });
    static OTHERS: Pattern = LazyLock::new(|| {
        compiled(&format!(
            r"\b(?:none of the (?:others?|rest|other \w+|remaining \w+)\b[^:;.!?\n\u{{e000}}-\u{{e1f2}}]{{0,60}}|(?:all )?(?:of )?the (?:others|rest|other (?:options|choices|answers|three|four)|remaining (?:ones|options)) (?:are|is|can|could|do|does|fail|have|has|would)\b[^:;.!?\n\u{{e000}}-\u{{e1f2}}]{{0,40}}\b(?:wrong|incorrect|not|fail|unsafe|inappropriate|unsuitable|harmful|ruled out|eliminated|excluded|worse|out)\b[^:;.!?\n\u{{e000}}-\u{{e1f2}}]{{0,20}})\s?[:;—–]\s?(?:so |hence |therefore |thus |it is |it's )?(?:option |choice )?[\x22'(\[]?({ANY})[\x22')\]]?([.!]|\s*$|\s*\n)"
        ))
    });
    let only = |pattern: &Pattern, text: &str| {
        replaced(pattern, text, |found| {
            let part = |at: usize| found.get(at).map_or("", |m| m.as_str());
            format!("only {} fits{}", part(1), part(2))
        })
    };
    static CHINESE: Pattern = LazyLock::new(|| {
        compiled(&format!(
            r"除了?\s?(?:选项)?\s?({ANY})(?:项)?\s?(?:以外|之外|外)?,?(?:其他|其余|别的|剩下)(?:的)?(?:选项|各项|几项|三项|四项|做法)?(?:都|均|皆)[^,。\n\u{{e000}}-\u{{e1f2}}]{{0,4}}(?:不|错|没|无)"
        ))
    });
    let text = &replaced(&CHINESE, text, |found| {
        format!("只有{}合适;", found.get(1).map_or("", |m| m.as_str()))
    });
    static MORE_THAN: Pattern = LazyLock::new(|| {
        compiled(&format!(
            r"({ANY})(?:项|选项)?\s?比(?:起)?\s?(?:选项)?\s?{ANY}(?:项|选项)?,?(?:更|要|还)"
        ))
    });
    let text = &replaced(&MORE_THAN, text, |found| {
        format!("{}更", found.get(1).map_or("", |m| m.as_str()))
    });
    only(&OTHERS, &only(&NONE_BUT, &only(&ALL_BUT, text)))
}

impl Sentence<'_> {
    /// The options of a sentence that calls each of several right or wrong, one after another: "A no, B yes".
    pub(super) fn verdicts(&self) -> Vec<(char, bool)> {
        static ONE: Pattern = LazyLock::new(|| {
            compiled(&format!(
                r"^\W*(?:[^,;:\u{{e000}}-\u{{e1f2}}]{{0,40}}:)?\W*(?:and |while |but )?(?:option |choice )?({ANY})\s*(?:\W{{1,3}}|is |was |= ?)?\s*(?:(yes|right|correct|true|fits|{YES}|正确|对|符合|合适)|(no|not|wrong|incorrect|false|doesn't fit|does not fit|{NO}|错误|错|不符合|不符|不对|不正确|不合适))\s*[.。!)]*\s*$"
            ))
        });
        if self.text.chars().filter(|c| is_mention(*c)).take(2).count() < 2 {
            return Vec::new();
        }
        let pieces =
            self.text.split([',', ';', '、', '|']).filter(|piece| piece.contains(is_mention));
        let called = pieces.map(|piece| {
            let found = ONE.captures(piece)?;
            Some((found.get(1)?.as_str().chars().next()?, found.get(2).is_some()))
        });
        called.collect::<Option<Vec<_>>>().unwrap_or_default()
    }
}
