//! English sentences that decide.

use regex_lite::Regex;
use std::sync::LazyLock;

use super::super::dress::{BOX, BOX_END, Pattern, YES};
use super::super::mention::{Named, is_mention, named};
use super::Force;
use super::sentence::{ANY, Sentence};

/// What may stand between a word that decides and the option.
const FILL: &str = r"(?:(?:the|an|with|for|to be|that|it is|it's|indeed|clearly|definitely|certainly|probably|likely|most likely|therefore|thus|still|then|simply|now|either|both|option|options|choice|answer|letter|number|following|one|correct|best|right|my|as follows)\b|[\s:=→\x22'(\[,]|->|- |– |— )*";

/// What an option is called that is the answer.
const GOOD: &str = r"(?:the |my |our |a )?(?:single |only |clearly |by far the |far and away the |one )?(?:correct|right|best|most \w+|answer|choice|one (?:i|that|to)\b|way to go|ideal|optimal|safest|wisest|kindest|soundest|preferred|preferable|strongest|what i|true)\b";

const NOUN: &str =
    r"(?:answer|choice|selection|decision|response|pick|vote|verdict|conclusion|solution|ans)";
const COPULA: &str = r"(?:is|would be|should be|must be|has to be|will be|would have to be|seems to be|appears to be|seems|appears|remains|stays|becomes|goes to|falls on|was|would therefore be|is therefore|is thus)";
const ENDS: &str = r"(?:$|[.,;:!)\]\x22—–-]|because\b|since\b|as\b|here\b|so\b|which\b)";

struct Cue {
    force: Force,
    pattern: Regex,
}

static CUES: LazyLock<Vec<Cue>> = LazyLock::new(|| {
    patterns()
        .into_iter()
        .filter_map(|(force, pattern)| Some(Cue { force, pattern: Regex::new(&pattern).ok()? }))
        .collect()
});

fn patterns() -> Vec<(Force, String)> {
    use Force::{Called, Concluded, Said, Stated};
    vec![
        (
            Stated,
            format!(
                r"\b(?:{NOUN}|final|selected|chosen|correct|select|choose|result|option|best)(?: \w+)?\s?[\x22'\])]*\s?(?::|=|→|->|–|—|-)\s?{FILL}{BOX}?\s?({ANY})"
            ),
        ),
        (
            Stated,
            format!(
                r"\b{NOUN}\b[^,;:{{\u{{e000}}-\u{{e1f2}}]{{0,60}}?\b{COPULA}\b\s?{FILL}{BOX}?\s?({ANY})"
            ),
        ),
        (
            Stated,
            format!(
                r"\b(?:i|we|i'd|i'll|i've|i'm|we'd|let's|let us|let me|me)\b(?:,? \w+){{0,4}}? (?:choose|chose|chosen|pick|picked|select|selected|go|going|opt|opting|settle|settled|decide|decided|lean|leaning|vote|answer|commit|stick|stay|mark|submit|conclude)\b(?: (?:with|for|on|to|towards?|that|in favou?r of|the (?:\w+ )?(?:answer|option|choice) is)\b){{0,2}}\s?{FILL}({ANY})"
            ),
        ),
        (
            Stated,
            format!(
                r"^\W*(?:so |therefore,? |thus,? |hence,? )?(?:please )?(?:choose|pick|select|go with|going with|choosing|picking|selecting|selected|chose)\b\s?{FILL}({ANY})"
            ),
        ),
        (
            Stated,
            format!(
                r"\bif (?:i|you|we|one|forced|pressed|only one)\b[^,]{{0,60}},?[^,;\u{{e000}}-\u{{e1f2}}]{{0,60}}?\b(?:be|is|choose|pick|select|with|for|say|take|give|recommend|answer)\b\s?{FILL}({ANY})"
            ),
        ),
        (
            Stated,
            format!(
                r"{BOX}[^{BOX_END}\u{{e000}}-\u{{e1f2}}]{{0,60}}({ANY})[^\u{{e000}}-\u{{e1f2}}{BOX_END}]{{0,200}}(?:{BOX_END}|$)"
            ),
        ),
        (
            Stated,
            format!(
                r"({ANY})\s?(?:is|would be|,|→|:|-|–|—)\s?(?:my|our)(?: \w+){{0,2}} (?:answer|choice|pick|selection)\b"
            ),
        ),
        (Stated, format!(r"\bmy (?:best )?guess(?: would be| is|:)?\s?{FILL}({ANY})")),
        (
            Stated,
            format!(
                r"^\W*(?:actually|wait|no|correction|rather|sorry|hmm+|oops|scratch that|i mean|on second thoughts?|on reflection|upon reflection|make that)\b[\s,.:!—–-]*(?:(?:no|wait|actually|it is|it's|it should be|should be|make that|that is|rather|i mean|i say|the)\b[\s,:]*)*{FILL}({ANY})\s?{ENDS}"
            ),
        ),
        (
            Concluded,
            format!(
                r"\b(?:i|we|i'd|i'll|we'd)\b(?: \w+){{0,3}}? (?:recommend|favou?r|prefer|endorse|take|say|give|use|suggest|advise|prescribe|start|begin|try|propose|think|believe|guess|suspect|expect)(?: (?:with|by|that|it is|it's|him|her|them|using|giving|trying))*\s?{FILL}({ANY})\s?(?:{ENDS}|is {GOOD}|fits|first|for)"
            ),
        ),
        (
            Concluded,
            format!(
                r"\b(?:should|must|ought to|needs to)(?: \w+)? (?:choose|pick|select|go with|opt for)\b\s?{FILL}({ANY})"
            ),
        ),
        (
            Concluded,
            format!(
                r"(?:^|[,;:] ?|\band )\W*(?:so|therefore|thus|hence|consequently|accordingly|overall|ultimately|in conclusion|to conclude|in sum|in summary|in short|all in all|as a result|for these reasons|for this reason|on balance|ergo|finally|altogether|by elimination|taken together|given this|given all this|probably|likely|most likely)\b[\s,:]*(?:(?:it|this|that|we|i|the|must|is|be|has|have|to|should|would|only|option|choice|answer|with|go|take|by|elimination|my|correct|best|right|one|most|appropriate|suitable|remaining|last|leaves|left|us|me)\b[\s,:]*){{0,8}}[\x22'(\[]*({ANY})\s?(?:{ENDS}|(?:is|would be|seems) {GOOD}|fits|remains|it is)"
            ),
        ),
        (
            Concluded,
            format!(
                r"\b(?:one|option|choice|answer|candidate)s? (?:left|remaining|that remains|that is left|still standing)(?: over| standing)?,?(?: is| would be)?\s?{FILL}({ANY})"
            ),
        ),
        (
            Concluded,
            format!(
                r"\b(?:leaves|leaving|left with|comes down to|boils down to|narrows? it down to)(?: us| me| only| just)*\s?{FILL}({ANY})\s?{ENDS}"
            ),
        ),
        (
            Concluded,
            format!(
                r"\bonly\s{FILL}({ANY})\s?(?:{ENDS}|is (?:left|{GOOD})|remains|fits|does|\w+s\b)"
            ),
        ),
        (
            Concluded,
            format!(
                r"({ANY}),?\s?(?:is |would be )?(?:what|the one) (?:i|we)(?: would|'d| should)? (?:do|choose|pick|take|select|recommend)"
            ),
        ),
        (
            Concluded,
            format!(r"({ANY}) (?:is the (?:only )?one left|remains|is all that remains|is left)\b"),
        ),
        (Called, format!(r"^\s?{YES}\s?{FILL}({ANY})")),
        (
            Called,
            format!(
                r"\b(?:correct|best|right|final|my) (?:answer|choice|option)\s?,?\s?[\x22'(\[]?({ANY})\s?(?:$|[.,:!)])"
            ),
        ),
        (
            Called,
            format!(
                r"({ANY})[\x22')\]]?\s?(?:,[^,]{{0,60}},)?\s?(?:is|would be|would seem|seems|appears|looks|remains|must be|has to be|should be|will be|stands out as|'s)\s?(?:to be )?(?:(?:thus|therefore|clearly|obviously|definitely|certainly|still|then|indeed|probably|likely)\s)?{GOOD}"
            ),
        ),
        (
            Called,
            format!(
                r"\b(?:best|most \w+|correct|right|ideal|optimal|proper|safest|wisest|kindest|preferred|strongest|soundest)\b[^,;:\u{{e000}}-\u{{e1f2}}]{{0,80}}?\b(?:is|would be|seems to be|seems|appears to be|must be|should be|will be|would have to be|is therefore)\b\s?{FILL}({ANY})"
            ),
        ),
        (
            Called,
            format!(
                r"({ANY}) (?:best|most closely|most accurately|perfectly) (?:fits?|match(?:es)?|describes?|captures?|reflects?|explains?|represents?|address(?:es)?|aligns?|answers?|suits?)\b"
            ),
        ),
        (
            Called,
            format!(
                r"({ANY}) (?:fits|matches|describes|suits|captures)\b[^.,\u{{e000}}-\u{{e1f2}}]{{0,40}}\b(?:best|most closely|most accurately|perfectly)\b"
            ),
        ),
        (
            Called,
            format!(
                r"\bbest (?:described|captured|represented|explained|addressed|matched|reflected|answered|summed up|supported) (?:by|as|in)\s?{FILL}({ANY})"
            ),
        ),
        (
            Called,
            format!(
                r"^\W*{NOUN}\s?:\s?[^\u{{e000}}-\u{{e1f2}}]{{1,120}}[^\u{{e000}}-\u{{e1f2}}\w]({ANY})[^\u{{e000}}-\u{{e1f2}}]*$"
            ),
        ),
        (
            Said,
            format!(
                r"\b(?:is|would be|must be|should be|will be|it's|that's)\b\s?{FILL}({ANY})\s?{ENDS}"
            ),
        ),
        (
            Said,
            format!(
                r"\b(?:points? to|speaks? for|corresponds? to|fits|matches|supports?|favou?rs)\s?{FILL}({ANY})\s?{ENDS}"
            ),
        ),
    ]
}

/// Every option that the sentence decides for.
pub(super) fn decisions(sentence: &Sentence) -> Vec<(Named, Force)> {
    if !sentence.text.chars().any(is_mention) {
        return none_of_them(sentence).into_iter().collect();
    }
    let text = sentence.text;
    let mut found: Vec<(usize, Named, Force)> = Vec::new();
    for cue in CUES.iter() {
        for captures in cue.pattern.captures_iter(text) {
            let (Some(whole), Some(option)) = (captures.get(0), captures.get(1)) else { continue };
            let guard = Guard {
                text,
                start: whole.start(),
                option: option.start(),
                end: option.end(),
                cue_end: whole.end(),
            };
            let sign = option.as_str().chars().next();
            if let Some(named) = sign.and_then(named).filter(|_| guard.lets_pass()) {
                found.push((option.start(), named, cue.force));
            }
        }
    }
    found.sort_by_key(|(at, ..)| *at);
    found.into_iter().map(|(_, named, force)| (named, force)).collect()
}

/// "Answer: none of the above", "the answer is unclear".
fn none_of_them(sentence: &Sentence) -> Option<(Named, Force)> {
    static NONE: Pattern = LazyLock::new(|| {
        Regex::new(&format!(r"^\W*(?:(?:the|my|final|correct|best) )*{NOUN}\s?(?::|is|would be|=)\s?(?:all|none|neither|any|both|each|every|unclear|unknown|n/a|not|it depends|cannot|can't)\b|^\W*(?:none|neither|all|both) of (?:the|these|them)\b|以上都")).ok()
    });
    let found = NONE.as_ref()?.is_match(&sentence.unboxed());
    found.then_some((Named::Undecidable, Force::Stated))
}

/// A match of a cue, and what stands around it.
struct Guard<'t> {
    text: &'t str,
    start: usize,
    option: usize,
    end: usize,
    cue_end: usize,
}

fn matches(pattern: &Pattern, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

impl Guard<'_> {
    /// Whether the cue is neither denied, nor somebody else's, nor for a case that is not given.
    fn lets_pass(&self) -> bool {
        !self.is_denied()
            && !self.is_of_others()
            && !self.is_conditional()
            && !self.is_called_wrong()
    }

    fn before(&self) -> &str {
        self.text.get(..self.option).unwrap_or_default()
    }

    /// The clause in which the cue stands, up to the option.
    fn clause(&self) -> &str {
        let lead = self.text.get(..self.start).unwrap_or_default();
        let breaks = [
            ",",
            ":",
            ";",
            " so ",
            " and ",
            " therefore ",
            " hence ",
            " thus ",
            " because ",
            " since ",
            "—",
            "–",
        ];
        let from = breaks
            .iter()
            .filter_map(|sign| lead.rfind(sign).map(|at| at + sign.len()))
            .max()
            .unwrap_or(0);
        self.text.get(from..self.option).unwrap_or_default()
    }

    fn is_denied(&self) -> bool {
        static DENIED: Pattern = LazyLock::new(|| {
            Regex::new(r"\b(?:not|don't|doesn't|didn't|cannot|can't|won't|wouldn't|couldn't|shouldn't|never|hardly|doubt|isn't|aren't|wasn't|nor|neither|no longer|unlikely|wrong(?:ly)?|incorrect(?:ly)?|mistaken(?:ly)?|worst|weakest|riskiest|least (?:likely|suitable|appropriate|helpful|effective)|(?:next|second)[- ]best|second (?:choice|answer)|tempting|popular|trap|distractors?|runner-up|alternative|other (?:answer|choice|option)|another|worse|harmful|false|previous|earlier|former|initial(?:ly)?|at first|first (?:guess|thought|instinct|impression|reaction)|almost|nearly|tempted|going to (?:choose|pick|say)|was going|eliminat\w+|exclud\w+|rul\w+ out|reject\w*|discard\w*|common(?:ly)? (?:chosen|picked|answer|choice|mistake)|against|refus\w+|too|unless|whether|maybe|perhaps|possibly|might|could|may|considered|lean towards neither|depends)\b").ok()
        });
        static HARMLESS: Pattern = LazyLock::new(|| {
            Regex::new(r"\b(?:on second thoughts?|if not (?:sure|certain)|no doubt|without (?:a )?doubt|not only|why not|cannot but|could only be|can only be|could be argued|might well)\b").ok()
        });
        let clause = super::super::dress::replaced(&HARMLESS, self.clause(), |_| String::new());
        matches(&DENIED, &clause)
    }

    fn is_of_others(&self) -> bool {
        static OTHERS: Pattern = LazyLock::new(|| {
            Regex::new(r"\b(?:some|others|many (?:people|students|clinicians|would)|most (?:people|students|clinicians|would)|people|students?|clinicians|colleagues|someone|somebody|anyone|they|he|she|wife|husband|mother|father|brother|sister|parents|family|relatives|patient|client|textbooks?|examiners?|critics?|friends?|boss|employer|teacher|lawyer|novices?|beginners?)\b[^,:]{0,40}\b(?:(?:would|might|may|could|will) (?:\w+ )?(?:choose|pick|select|say|argue|prefer|go|opt|think|answer|want|take|like|vote|favou?r|lean)|wants?|wanted|wish(?:es)?|prefers?|thinks?|says?|said|believes?|argues?|claims?|chose|chooses|picks?|insists?|suggests?|asks?)\b").ok()
        });
        matches(&OTHERS, self.before())
    }

    fn is_conditional(&self) -> bool {
        static CASE: Pattern = LazyLock::new(|| {
            Regex::new(r"^\W*(?:(?:but|and|so|then|though|only|even|of course|now|because|however),? )*(?:if|unless|were (?:he|she|it|they|there|the)|had (?:he|she|it|they|the)|suppose|supposing|assuming|imagine|in case|should (?:he|she|it|they|the)|in (?:another|other|some|a different) (?:case|setting|country|situation)|for (?:another|other|children|adolescents)|otherwise)\b").ok()
        });
        static FORCED: Pattern = LazyLock::new(|| {
            Regex::new(r"^\W*(?:(?:but|and|so|even|however),? )*if (?:(?:i|you|we|one)\b[^,]{0,40}(?:had to|have to|must|forced|want|need|could|can|may|ask|pressed|insist|settle|choose|pick)|forced|pressed|only one|pushed)").ok()
        });
        static AFTER: Pattern = LazyLock::new(|| {
            Regex::new(r"^,?\s*(?:only |but only |even )?(?:if|unless|in case|provided|were (?:he|she|it)|had (?:he|she|it))\b").ok()
        });
        static AFTER_WOULD: Pattern = LazyLock::new(|| {
            Regex::new(r"^(?:[\s,]+\w+){0,4}[\s,]+(?:only )?(?:if|unless|were (?:he|she|it|they)|had (?:he|she|it|they)|in (?:another|other|adolescents|children))\b").ok()
        });
        let conditional = matches(&CASE, self.before()) && !matches(&FORCED, self.before());
        let after = self.text.get(self.end..).unwrap_or_default();
        let rest = self.text.get(self.cue_end..).unwrap_or_default();
        let would =
            self.text.get(self.start..self.cue_end).is_some_and(|cue| cue.contains("would"));
        conditional
            || matches(&AFTER, after)
            || matches(&AFTER, rest)
            || would && matches(&AFTER_WOULD, rest)
    }

    fn is_called_wrong(&self) -> bool {
        static WRONG: Pattern = LazyLock::new(|| {
            Regex::new(r"^\s*,?\s*(?:(?:is|was|would be|are|and|seems) )?(?:(?:clearly|also|simply|just|plainly|too|however|not|far|quite) ?)*(?:wrong|incorrect|out\b|not\b|isn't|doesn't|too \w+|inappropriate|tempting|popular|last resort|can be (?:ruled|excluded|eliminated)|ruled out|excluded|eliminated|fails|misses|ignores)").ok()
        });
        matches(&WRONG, self.text.get(self.end..).unwrap_or_default())
    }
}

/// Whether the sentence names what is to be done, what something is, or what fits.
pub(super) fn recommends(sentence: &Sentence) -> bool {
    static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        [
            format!(r"^\W*(?:\w+ )?({ANY})\s(?:is|would be|should be|comes|seems)\s(?:the|what|first|my|indicated|needed|called for|to be)\b"),
            format!(r"\b(?:this is|that is|it is|is|has|have|suffers from|sounds like|looks like|consistent with|typical of|called|describes|suggests|indicates|shows|an example of|a case of|diagnosis of|recommend|give|start|begin with|try|use|do|offer|prescribe|would|should|could only|fits)\s?{FILL}({ANY})\s?(?:{ENDS}|first|to|for|at once|now)"),
            format!(r"^\W*(?:you |he |she |they |the \w+ )?(?:should |must |would )?({ANY})\s?[.!]*$"),
        ]
        .iter()
        .filter_map(|pattern| Regex::new(pattern).ok())
        .collect()
    });
    FORMS.iter().any(|form| {
        form.captures_iter(sentence.text).any(|captures| {
            captures.get(0).zip(captures.get(1)).is_some_and(|(whole, option)| {
                Guard {
                    text: sentence.text,
                    start: whole.start(),
                    option: option.start(),
                    end: option.end(),
                    cue_end: whole.end(),
                }
                .lets_pass()
            })
        })
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_cue_is_a_sound_pattern() {
        assert_eq!(super::CUES.len(), super::patterns().len());
    }
}
