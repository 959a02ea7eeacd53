//! English sentences that decide.

use regex::Regex;
use std::sync::LazyLock;

use super::super::dress::{BOX, BOX_END, YES};
use super::super::mention::{Named, is_mention, named};
use super::Force;
use super::guard::Guard;
use super::pattern::{Cue, Pattern, compiled, cues};
use super::sentence::{ANY, Sentence};

/// What may stand between a word that decides and the option.
const FILL: &str = r"(?:(?:the|an|with|for|to be|that|it is|it's|indeed|clearly|definitely|certainly|probably|likely|most likely|therefore|thus|still|then|simply|now|either|both|option|options|choice|answer|letter|number|following|one|correct|best|right|my|as follows)\b|[\s:=→\x22'(\[,\u{f8f0}]|->|- |– |— )*";

/// What an option is called that is the answer.
const GOOD: &str = r"(?:the |my |our |a )?(?:single |only |clearly |by far the |far and away the |one )?(?:correct|right|best|most \w+|answer|choice|one (?:i|that|to)\b|way to go|ideal|optimal|safest|wisest|kindest|soundest|preferred|preferable|strongest|what (?:i|the (?:law|guidelines?|evidence|code|standards?|vignette|description|case|situation|question|facts)|guidelines|most guidelines)|true|better (?:choice|option|answer|fit|course|match|one)|superior (?:choice|option))\b";

const NOUN: &str = r"(?:answer|choice|selection|decision|response|pick|vote|verdict|conclusion|solution|ans|respuesta|antwort|r[ée]ponse|risposta|resposta)";
const COPULA: &str = r"(?:is|would be|should be|must be|has to be|will be|would have to be|seems to be|appears to be|seems|appears|remains|stays|becomes|goes to|falls on|was|would therefore be|is therefore|is thus|ist|es|est|è|é)";
const ENDS: &str = r"(?:$|[.,;:!)\]\x22—–∅-]|because\b|since\b|as\b|here\b|so\b|which\b)";

static CUES: LazyLock<Vec<Cue>> = LazyLock::new(|| cues(patterns()));

fn patterns() -> Vec<(Force, String)> {
    use Force::{Called, Concluded, Said, Stated};
    vec![
        (Stated, format!(r"({ANY}) it is\s?[.!]*$")),
        (
            Concluded,
            format!(
                r"^\W*(?:(?:so|then|thus),? )?(?:it's|it is|it must be|it has to be|it should be|it would be)\s?{FILL}({ANY})\s?[.!]*$"
            ),
        ),
        (
            Called,
            format!(
                r"({ANY}) (?:is|must be|would be|has to be) the (?:right |correct )?one\s?(?:$|[.,;!])"
            ),
        ),
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
                r"\b(?:i|we|i'd|i'll|i've|i'm|we'd|let's|let us|let me|me)\b(?:,? \w+){{0,4}}? (?:choose|chose|chosen|choosing|pick|picked|picking|select|selected|selecting|go|going|come down|came down|opt|opting|settle|settled|decide|decided|lean|leaning|vote|answer|commit|stick|stay|mark|submit|conclude|respond|reply|proceed)\b(?: (?:with|for|on|to|towards?|that|in favou?r of|the (?:\w+ )?(?:answer|option|choice) is)\b){{0,2}}\s?{FILL}({ANY})"
            ),
        ),
        (
            Stated,
            format!(
                r"^\W*(?:so |therefore,? |thus,? |hence,? )?(?:please )?(?:choose|pick|select|go with|going with|sticking with|opting for|settling on|selected|chose)\b\s?{FILL}({ANY})"
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
                r"^\W*(?:actually|wait|no|correction|edit|update|corrected to|changed to|rather|sorry|hmm+|oops|scratch that|i mean|i meant|(?:that|it|this) should (?:be|read|have been|say)|on second thoughts?|on reflection|upon reflection|make that)\b[\s,.:!—–-]*(?:(?:no|wait|actually|it is|it's|it should be|should be|make that|that is|rather|i mean|i meant|i say|the)\b[\s,:]*)*{FILL}({ANY})\s?{ENDS}"
            ),
        ),
        (
            Concluded,
            format!(
                r"\b(?:i|we|i'd|i'll|we'd)\b(?: \w+){{0,3}}? (?:recommend|favou?r|prefer|endorse|take|say|give|use|suggest|advise|prescribe|start|begin|try|propose|think|believe|guess|suspect|expect|argue)(?: (?:with|by|that|it is|it's|him|her|them|using|giving|trying))*\s?{FILL}({ANY})\s?(?:{ENDS}|is {GOOD}|fits\b|first\b|for\b|at\b|in\b|with\b|to\b)"
            ),
        ),
        (
            Stated,
            format!(
                r"^\W*(?:choosing|selecting|picking)\b\s?{FILL}({ANY}) ∅\s*(?:$|[.,;:!]|because\b|since\b|as\b|for\b|due\b|given\b)"
            ),
        ),
        (
            Concluded,
            format!(
                r"^\W*(?:(?:as )?you(?:'ve| have)? (?:asked|requested|wanted|told)|as (?:requested|instructed|asked))\b[^:\n]{{0,120}}:\s?{FILL}({ANY})\W*$"
            ),
        ),
        (
            Concluded,
            format!(
                r"\b(?:wins?(?: out)?|prevails?|decides?(?: it)?|settles? (?:it|the matter)|takes precedence|comes out ahead|carries more weight)\s?[:—–]\s?{FILL}({ANY})\W*$"
            ),
        ),
        (
            Concluded,
            format!(
                r"\b(?:should|must|ought to|needs to)(?: \w+)? (?:choose|pick|select|go with|opt for|do)\b\s?{FILL}({ANY})"
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
            Stated,
            format!(
                r"^\W*(?:(?:but|and|so|even),? )*if (?:i|you|we|one|forced|pressed)\b[^,:]{{0,60}}[,:]\s?{FILL}({ANY})\s?{ENDS}"
            ),
        ),
        (
            Concluded,
            format!(
                r"^\W*(?:because|since|as|given that|considering that)\b[^\n]{{3,200}}?,\s?{FILL}({ANY})\s?(?:$|[.!;]|it is|applies|fits|is)"
            ),
        ),
        (
            Concluded,
            format!(
                r"\b(?:remaining|last|only other) (?:option|choice|answer|one|candidate),?\s?{FILL}({ANY})"
            ),
        ),
        (
            Stated,
            format!(
                r"^\W*(?:let me|allow me|i (?:must|should|have to|need to|want to))\b[^:\u{{e000}}-\u{{e1f2}}]{{0,60}}:\s?{FILL}({ANY})\s?{ENDS}"
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
                r"\b(?:best|most \w+|least (?:harmful|restrictive|risky|intrusive)|correct|right|ideal|optimal|proper|safest|wisest|kindest|preferred|strongest|soundest)\b[^,;:\u{{e000}}-\u{{e1f2}}]{{0,80}}?\b(?:is|would be|seems to be|seems|appears to be|must be|should be|will be|would have to be|is therefore)\b\s?{FILL}({ANY})"
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
            Called,
            format!(
                r"\b(?:most|more) (?:consistent|compatible|in line|in keeping|suggestive|typical|indicative|characteristic|aligned)\w* (?:with|of|by)\s?{FILL}({ANY})"
            ),
        ),
        (
            Called,
            format!(
                r"\b(?:best|most closely|most accurately) (?:fits|matches|reflects|describes|captures|aligns with|corresponds to|supports|suits)\s?{FILL}({ANY})\s?{ENDS}"
            ),
        ),
        (
            Called,
            format!(
                r"({ANY}) (?:makes (?:the )?most sense|stands out|(?:gets|has|is) my vote|wins|comes out (?:on top|ahead)|comes closest)\b"
            ),
        ),
        (Called, format!(r"\b(?:makes|making)\s?{FILL}({ANY}) {GOOD}")),
        (
            Said,
            format!(
                r"({ANY})\s?(?:is|seems|appears|would be|looks)(?: to be)? (?:much |far |clearly |slightly |somewhat )?(?:better|preferable|superior|more (?:suitable|appropriate|fitting|accurate|plausible|helpful))\s?(?:∅|(?:than|to) (?:all |any )?(?:of )?(?:the )?(?:others?|rest|alternatives|other \w+)\b|here|$|[.,;])"
            ),
        ),
        (
            Said,
            format!(
                r"\b(?:is|would be|must be|should be|will be|it's|that's|that'd be|it'd be|that'll be)\b\s?{FILL}({ANY})\s?{ENDS}"
            ),
        ),
        (
            Said,
            format!(
                r"\b(?:points? to|makes? it|making it|calls? for|warrants?|requires?|speaks? for|corresponds? to|fits|matches|supports?|favou?rs)\s?{FILL}({ANY})\s?{ENDS}"
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
    // A question decides nothing.
    if text.ends_with('?') || sentence.is_noise() {
        return Vec::new();
    }
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
        compiled(&format!(
            r"^\W*(?:(?:the|my|final|correct|best) )*{NOUN}\s?(?::|is|would be|=)\s?(?:all|none|neither|any|both|each|every|unclear|unknown|n/a|not|it depends|cannot|can't)\b|^\W*(?:none|neither|all|both) of (?:the|these|them)\b|以上都"
        ))
    });
    let found = NONE.is_match(&sentence.unboxed());
    found.then_some((Named::Undecidable, Force::Stated))
}

/// Whether the sentence names what is to be done, what something is, or what fits.
pub(super) fn recommends(sentence: &Sentence) -> bool {
    static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        [
            format!(r"^\W*(?:\w+ )?({ANY})\s(?:is|would be|should be|comes|seems)\s(?:the|what|first|my|indicated|needed|called for|to be)\b"),
            format!(r"\b(?:this is|that is|it is|is|has|have|suffers from|sounds like|looks like|causes|cause|leads? to|results? in|illustrates|reflects|demonstrates|represents|involves|uses|consistent with|typical of|called|describes|suggests|indicates|shows|an example of|a case of|criteria for|criteria of|meets|ought to|has to|must|needs? to|best to|better to|is to|diagnosis of|recommend|give|start|begin with|try|use|do|offer|prescribe|given|offered|prescribed|put on|started on|treated with|would|should|(?:should|must|needs to|has to|ought to) be \w+|fits)\s?{FILL}({ANY})\s?(?:{ENDS}|first|to|for|at once|now)"),
            format!(r"^\W*(?:\w+ ){{0,3}}\w+\s?:\s?{FILL}({ANY})\s?[.!]*$"),
            format!(r"^\W*(?:you |he |she |they |the \w+ )?(?:should |must |would )?({ANY})\s?[.!]*$"),
        ]
        .iter()
        .map(|pattern| compiled(pattern))
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
