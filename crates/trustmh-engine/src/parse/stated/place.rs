//! Where in its sentence an answer stands.

use regex_lite::Regex;

use crate::parse::stance::clause_before;
use crate::parse::wording::{head, pattern, says, tail};

/// What the place makes of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Stated as the answer; settled where the sentence says that it is the last word.
    Stated { settled: bool },
    /// Nothing but this in its sentence.
    Alone { corrects: bool },
    /// At the end of reasoning.
    Concluded,
    /// Said of the matter, not of the answer.
    InPassing,
}

/// The place between `before` and `after`, both of the same sentence.
pub(super) fn place(before: &str, after: &str) -> Place {
    let (before, after) = (tail(before), head(after));
    if stated_before(before) || stated_after(after) {
        Place::Stated { settled: says(settling(), before) || says(concluding(), before) }
    } else if alone(before, after) {
        Place::Alone { corrects: says(correction(), before) }
    } else if says(concluding(), before) {
        Place::Concluded
    } else {
        Place::InPassing
    }
}

fn alone(before: &str, after: &str) -> bool {
    let filler = |word: &str| {
        matches!(
            word,
            "a" | "an"
                | "the"
                | "it"
                | "it's"
                | "its"
                | "is"
                | "this"
                | "that"
                | "that's"
                | "level"
                | "category"
                | "i"
                | "i'd"
                | "i'll"
                | "would"
                | "say"
                | "go"
                | "with"
                | "so"
                | "then"
                | "therefore"
                | "thus"
                | "hence"
                | "no"
                | "wait"
                | "actually"
                | "correction"
                | "sorry"
                | "rather"
                | "hmm"
                | "yes"
                | "ok"
                | "okay"
                | "sure"
                | "definitely"
                | "clearly"
                | "likely"
                | "probably"
                | "most"
                | "certainly"
                | "be"
                | "just"
                | "only"
                | "simply"
                | "rating"
                | "rated"
                | "score"
                | "of"
                | "answer"
                | "label"
                | "assistant"
                | "是"
                | "这是"
                | "应该是"
                | "应为"
                | "选"
                | "我选"
                | "等级"
                | "级别"
                | "第"
        )
    };
    let (clause, opened_by) = clause_before(before);
    let words = clause.split(|c: char| !c.is_alphanumeric() && c != '\'');
    let mut words =
        words.map(|word| word.trim_matches('\'')).filter(|word| !word.is_empty()).peekable();
    // Between commas alone it is one of a list.
    let listed = words.peek().is_none() && opened_by == ",";
    !listed
        && words.all(filler)
        && (!after.chars().any(char::is_alphanumeric)
            || says(
                pattern!(
                    r#"^["')\]]*(?:级|级别|分|类)?(?: depression| suicide risk| risk)?["')\]]* ?(?:$|[.,;!(\[\n。]|- |(?:because|since|as|for|due|given|based|here|on|in this|by)\b|因为|由于)"#
                ),
                after,
            ))
}

/// Words by which a writer takes back what they gave.
pub(super) fn correction() -> Option<&'static Regex> {
    pattern!(
        r"\b(?:wait|correction|corrected|on reflection|on second thoughts?|scratch that|i retract|i take (?:that|it) back|reconsider(?:ing|ed)?|",
        r"rethinking|reading it again|looking again|i meant|my mistake|i was wrong|let me correct|i change|changed my mind|hmm)\b|\bactually,|^\W*actually\b",
        r"|^\W*no\b[,:.-]|[,;-] ?no\b[,:-]|更正|纠正|修正|不对|重新考虑|再想"
    )
}

fn settling() -> Option<&'static Regex> {
    pattern!(
        r"\b(?:final|overall|correct|conclude|conclusion|therefore|thus|hence|given|answer)\b|最终|综上|所以|因此"
    )
}

fn concluding() -> Option<&'static Regex> {
    pattern!(
        r"\b(?:so|therefore|thus|hence|overall|in conclusion|finally|in short|in sum|consequently|accordingly|ultimately)\b[^.;:]{0,60}$",
        r"|(?:所以|因此|综上|故)[^。;:]{0,20}$"
    )
}

/// What may stand between "the answer is" and the answer.
macro_rules! filler {
    () => {
        concat!(
            r#"(?:(?:therefore|thus|hence|clearly|best|most likely|likely|probably|definitely|simply|indeed|then|still|now|most|highest|"#,
            r#"final|option|label|level|category|class|number|severity|score|rating|rated|rate|a|an|the|at|as|of|described|classified|"#,
            r#"captured|labelled|labeled|called|is|grade|about|be|to|会|应该|应|是|为|第|等级|级别|标签|类别)\b?[\s"'(\[:]*)*["'(\[<\s-]*$"#
        )
    };
}

fn stated_before(before: &str) -> bool {
    let Some(noun) = pattern!(
        r"\b(?:labels?|class|classification|category|answer|choice|level|severity|rating|score|rate|grade|risk|diagnosis|verdict|",
        r"prediction|result|conclusion|output|decision|judge?ment|assessment|topic|theme|kind|type|crisis|response|value|number|",
        r"degree|depression|sensitivity|agreement|post|message|text|person|author|user|stage)",
        r"(?: (?:of|for|in|here|to|about)(?: [a-z']+){1,5}?)?(?: \([^)]{0,20}\))?",
        r#"[\s"')\]]*(?::|=|->|\||\b(?:is|was|are|would be|should be|must be|will be|has to be|remains?|becomes?|falls|comes to|equals)\b)[\s:="']*"#,
        filler!()
    ) else {
        return false;
    };
    let verb = pattern!(
        r"\b(?:i|i'd|i'll|we|we'd)\b[^.;:]{0,24}?\b(?:label|classify|class|categori[sz]e|rate|tag|call|mark|assign|file|choose|chose|pick|select|code|",
        r"say|go with|put|settle on|conclude|opt for|give|score|answer|decide|judge|place|grade|see|assess)(?: [a-z']+){0,6}?[\s:]+",
        filler!()
    );
    let passive = pattern!(
        r"\b(?:is|be|are|was|being)(?: [a-z]+){0,2} (?:classified|labelled|labeled|categori[sz]ed|rated|described|coded|captured|tagged|",
        r"characteri[sz]ed|scored|placed|graded|assessed)(?: best)?(?: as| at| by| with| under| in)? ",
        filler!(),
        r"|\b(?:falls? (?:under|into|in|within)|belongs? (?:to|in|under)|qualif(?:y|ies) as|fits best (?:under|with|into)|best fits|(?:corresponds?|amounts?|equates?) to)[\s:]+",
        filler!()
    );
    let chinese = pattern!(
        r"(?:标签|类别|类型|分类|答案|结论|等级|级别|程度|评分|评级|结果|判断|风险|分数|得分|主题)[^，。,.;]{0,8}?(?:应该是|应是|应为|是|为|属于|:|=)[\s:]*",
        filler!(),
        r"|(?:属于|归为|归类为|归入|判定为|判断为|分类为|标记为|标注为|评为|评定为|定为|选择|我选|应选|应为|应该是|改为|改成|改选|(?:最后|最终)(?:还是)?(?:选|给|打))[\s:]*",
        filler!()
    );
    [Some(noun), verb, passive, chinese].into_iter().flatten().any(|lead| {
        lead.find(before).is_some_and(|found| {
            let ahead = before.get(..found.start()).unwrap_or_default();
            !says(pattern!(r"(?:\bnot|n't|\bnever|\bno)\b[^,;:.]{0,30}$"), ahead)
                && !says(pattern!(r"\b(?:not|never)\b|n't\b"), found.as_str())
        })
    })
}

/// "X is the best label", "X fits best".
fn stated_after(after: &str) -> bool {
    says(
        pattern!(
            r#"^["')\]]* ?(?:(?:is|seems|looks|would be|remains) (?:clearly |therefore |thus |probably )*(?:the|my) (?:\w+ ){0,2}?"#,
            r"(?:label|answer|choice|category|classification|rating|level|fit|match|one)\b|fits (?:it |this |the \w+ )?best\b|it is\b|is (?:correct|right)\b)"
        ),
        after,
    )
}
