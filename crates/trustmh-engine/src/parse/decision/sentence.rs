//! Sentences of a text in which options are marked, and what can be told of each by itself.

use std::sync::LazyLock;

use super::super::dress::{BOX, BOX_END, NO, YES};
use super::super::mention::{SEVERAL, is_mention};
use super::pattern::{Pattern, compiled, replaced};
use super::{elimination, turning};

/// Any mention, as a class of a pattern.
pub(super) const ANY: &str = "[\u{e000}-\u{e1f2}]";

/// Longer than this no sentence is looked at in one piece.
const LONGEST: usize = 1200;

/// A sentence, in small letters.
#[derive(Debug)]
pub(super) struct Sentence<'t> {
    pub(super) text: &'t str,
    /// The number of its line.
    pub(super) line: usize,
}

/// Several options in one breath become one sign; what is denied goes; asides become sentences of their own.
pub(super) fn joined(marked: &str) -> String {
    static BETWEEN: Pattern = LazyLock::new(|| {
        compiled(&format!(
            r"({ANY})[\x22')\]]?\s{{0,3}}(?:,?\s{{0,3}}(?:and/or|and|or|&|\+|/|\||as well as|plus|then|followed by|和|或者|或是|或|及|以及|与|跟|还是)|-|–|—|~|\bto\b|\bthrough\b|至|到)\s{{0,3}}(?:(?:also|maybe|perhaps|possibly|even|either|both|option|choice|answer|then) ?){{0,3}}(?:选项)?[\x22'(\[]?({ANY})(\s+(?:is|isn't|was|does|doesn't|has|seems|lacks|would be) )?"
        ))
    });
    static LISTED: Pattern = LazyLock::new(|| {
        compiled(&format!(
            r"{ANY}(?:\s?[,;、]\s?{ANY})+\s*($|\n|[.!)\]\x22]|。|都|均|皆|are|all|both|apply|{SEVERAL}|{BOX_END})"
        ))
    });
    static BOTH_AND: Pattern = LazyLock::new(|| {
        compiled(&format!(
            r"not only\s+(?:option |choice )?{ANY},?\s*but(?: also)?\s+(?:option |choice )?{ANY}"
        ))
    });
    static DENIED: Pattern = LazyLock::new(|| {
        compiled(&format!(
            r"(?:\b(?:not|rather than|instead of|as opposed to|over|unlike|except|except for|other than|better than|more than|than|anything but|everything but|compared to|compared with|versus|vs\.?|neither|nor)\s+(?:(?:the|to|by|in|choose|choosing|pick|picking|select|selecting|answer|option|choice|letter|go with|going with)\s+){{0,4}}|(?:而非|而不是|并不是|不是|并非|不应该选择|不应该选|不应选择|不应当选择|不应当选|不应选|不能选择|不能选|不该选择|不该选|不会选择|不会选|不要选择|不要选|不可选|不宜选择|不宜选|不选择|不选|没有选择|没选|未选|排除了|排除|除了|不考虑|放弃)\s*(?:选项|答案)?\s*)[\x22'(\[]?{ANY}[\x22')\]]?(?:项|选项)?(?:,?\s*but\s+(?:rather\s+|is\s+|instead\s+|with\s+|for\s+)?(?:the\s+)?(?:option\s+|choice\s+|answer\s+)?({ANY}))?"
        ))
    });
    static ASIDE: Pattern = LazyLock::new(|| compiled(r"\(([^()\n]{16,300})\)([^\n]{0,1000})"));
    static TURN: Pattern = LazyLock::new(|| {
        compiled(
            r",?\s(?:but|whereas|however|though|although|even though|while|yet)\s|,\s?(?:但是|但|不过|然而|尽管|虽然)",
        )
    });
    let text = elimination::named_alone(&turning::parted(marked));
    let text = replaced(&BOTH_AND, &text, |_| SEVERAL.to_string());
    let between = |text: &str| {
        replaced(&BETWEEN, text, |found| {
            let part = |at: usize| found.get(at).map_or("", |m| m.as_str());
            match (part(1) == part(2), part(3).is_empty()) {
                (true, _) => format!("{}{}", part(1), part(3)),
                (false, true) => SEVERAL.to_string(),
                (false, false) => part(0).to_owned(),
            }
        })
    };
    // Three in a row need a second look, for matches do not overlap.
    let text = between(&between(&text));
    let text = replaced(&LISTED, &text, |found| {
        format!("{SEVERAL}{}", found.get(1).map_or("", |m| m.as_str()))
    });
    let text = replaced(&DENIED, &text, |found| {
        found.get(1).map_or("∅".to_owned(), |m| m.as_str().to_owned())
    });
    let text = quotations_out(&text);
    let text = replaced(&ASIDE, &text, |found| {
        let part = |at: usize| found.get(at).map_or("", |m| m.as_str());
        format!("{}\n{}\n", part(2), part(1))
    });
    replaced(&TURN, &text, |_| "; ".to_owned())
}

/// What is quoted is said by somebody else, unless an option alone or the whole line stands in the quotes.
fn quotations_out(text: &str) -> String {
    static QUOTED: Pattern = LazyLock::new(|| compiled("\"([^\"\n]{1,400})\""));
    let lines = text.lines().map(|line| {
        replaced(&QUOTED, line, |found| {
            let whole = found.get(0).map_or("", |m| m.as_str());
            let inner = found.get(1).map_or("", |m| m.as_str());
            let bare = inner.trim_matches(|c: char| !c.is_alphanumeric() && !is_mention(c));
            let option = bare.chars().next().is_some_and(is_mention) && bare.chars().count() == 1;
            // "A." would hurt him: the point ends what is quoted, not the sentence.
            if option && whole.len() < line.trim().len() {
                bare.to_owned()
            } else if option || whole.len() + 2 >= line.trim().len() {
                inner.to_owned()
            } else {
                "…".to_owned()
            }
        })
    });
    lines.collect::<Vec<_>>().join("\n")
}

pub(super) fn sentences(text: &str) -> Vec<Sentence<'_>> {
    let mut sentences = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut rest = line;
        while !rest.is_empty() {
            let (sentence, after) = rest.split_at(sentence_end(rest));
            if !sentence.trim().is_empty() {
                sentences.push(Sentence { text: sentence.trim(), line: number });
            }
            rest = after;
        }
    }
    sentences
}

fn sentence_end(text: &str) -> usize {
    let mut signs = text.char_indices().peekable();
    let mut before = ' ';
    while let Some((at, c)) = signs.next() {
        let next = signs.peek().map(|(_, next)| *next);
        let ends = match c {
            '。' | '!' | '?' | ';' | '…' => true,
            '.' => {
                next.is_none_or(|next| {
                    next.is_whitespace() || is_mention(next) || next == '"' || !next.is_ascii()
                }) && !before.is_ascii_digit()
            }
            _ => at > LONGEST,
        };
        if ends {
            return at + c.len_utf8();
        }
        before = c;
    }
    text.len()
}

impl Sentence<'_> {
    pub(super) fn says_something(&self) -> bool {
        self.text.chars().any(|c| c.is_alphanumeric() || is_mention(c))
    }

    /// Whether options are named in it more often than in any sentence that decides.
    pub(super) fn is_noise(&self) -> bool {
        self.text.chars().filter(|c| is_mention(*c)).count() > 16
    }

    /// The option that is all of the sentence.
    pub(super) fn alone(&self) -> Option<char> {
        if self.text.ends_with('?') {
            return None;
        }
        let said = self.text.trim_matches(|c: char| !c.is_alphanumeric() && !is_mention(c));
        // "1. B"
        let unnumbered = said.trim_start_matches(|c: char| c.is_ascii_digit());
        let said =
            unnumbered.strip_prefix(['.', ')']).filter(|_| unnumbered != said).unwrap_or(said);
        let said = said.trim_start();
        let said = said.strip_prefix("assistant:").unwrap_or(said).trim_start();
        let said = ["option", "choice", "answer", "letter", "选项", "答案", "选"]
            .iter()
            .find_map(|word| said.strip_prefix(word))
            .unwrap_or(said);
        let said = said.trim_start_matches(|c: char| !c.is_alphanumeric() && !is_mention(c));
        let said = said.strip_suffix('项').unwrap_or(said);
        let mut signs = said.chars().filter(|c| c.is_alphanumeric() || is_mention(*c));
        let sign = signs.next().filter(|c| is_mention(*c))?;
        signs.next().is_none().then_some(sign)
    }

    /// The option that a line or sentence begins with, set off from what is said about it.
    pub(super) fn head(&self) -> Option<char> {
        let text = self.text.trim_start_matches(|c: char| !c.is_alphanumeric() && !is_mention(c));
        let mut signs = text.chars();
        let sign = signs.next().filter(|c| is_mention(*c))?;
        let rest = signs.as_str().trim_start();
        let apart = rest.is_empty()
            || rest.starts_with([':', ',', '-', '–', '—', '→', '.', '。'])
            || ["because", "since", "as ", "due to"].iter().any(|word| rest.starts_with(word));
        apart.then_some(sign)
    }

    /// Whether the option that the sentence begins with is called right or wrong in it.
    pub(super) fn verdict(&self) -> Option<(char, bool)> {
        static WRONG: Pattern = LazyLock::new(|| {
            compiled(&format!(
                r"\b(?:wrong|incorrect|inappropriate|not|isn't|doesn't|false|no|unsuitable|harmful|excluded|ruled out|eliminated|never)\b|{NO}|不|错|排除"
            ))
        });
        static RIGHT: Pattern = LazyLock::new(|| {
            compiled(&format!(
                r"\b(?:right|correct|yes|true|appropriate|best)[.!)]*$|[:,–—-]\s*(?:right|correct|yes|true)\b|\bis (?:right|correct|appropriate|true)\b|{YES}|正确|合适|对[。.]?$|符合"
            ))
        });
        let mut signs = self.text.chars().filter(|c| is_mention(*c));
        let sign = signs.next().filter(|_| signs.next().is_none())?;
        let (before, _) = self.text.split_once(sign)?;
        let introduced = before.chars().count() <= 12 && !before.contains(',');
        let matches = |pattern: &Pattern| pattern.is_match(self.text);
        match (introduced, matches(&WRONG), matches(&RIGHT)) {
            (true, true, _) => Some((sign, false)),
            (true, false, true) => Some((sign, true)),
            (true, false, false) | (false, ..) => None,
        }
    }

    /// The sentence without the signs of boxes.
    pub(super) fn unboxed(&self) -> String {
        self.text.replace([BOX, BOX_END], "")
    }
}
