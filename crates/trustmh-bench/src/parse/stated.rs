//! Which of the things that a reply names is its answer.
//!
//! One order for labels, levels and ratings: what is stated as the answer ("Label: X", "I would rate this X"), the
//! last of it; else what stands alone as a sentence or line; else a conclusion ("so X"); else the only one that is
//! affirmed at all. What the writer denies, doubts, quotes or only compares with is none of these.

use regex_lite::Regex;
use std::ops::Range;

use super::stance::{Stance, clause_before, stance};
use super::wording::{Sentence, head, pattern, quotations, says, sentences, tail};

/// Where a name of an answer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    /// Wherever it is affirmed.
    Anywhere,
    /// Only where it is stated as the answer or stands alone, as a bare number or half of a name.
    AsAnswer,
}

/// A place in the text that names an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named<V> {
    pub span: Range<usize>,
    /// None: off the list or the scale.
    pub value: Option<V>,
    pub counts: Counts,
}

/// Neighbours joined by "and", "or", a comma or brackets: they stand or fall together.
struct Group<V> {
    span: Range<usize>,
    /// The value that all of them have; none where they differ.
    value: Option<V>,
    counts: Counts,
    /// How many different values are named.
    width: usize,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Stated as the answer; settled where the sentence says that it is the last word.
    Stated { settled: bool },
    /// Nothing but this in its sentence.
    Alone { corrects: bool },
    /// At the end of reasoning.
    Concluded,
    /// Said of the matter, not of the answer.
    InPassing,
}

/// A place that decides something, with what it decides: none where that cannot be told.
struct Entry<V> {
    place: Place,
    value: Option<V>,
}

/// More names than this are not an answer; it bounds the time, too.
const NAMES_READ: usize = 400;

/// The answer of a plain text, by what it names.
pub(super) fn decision<V: Copy + PartialEq>(text: &str, named: &[Named<V>]) -> Option<V> {
    decided(&entries(text, named))
}

/// What a text that follows an answer puts in its place, if it corrects the answer at all.
pub(super) fn correction_of<V: Copy + PartialEq>(
    text: &str,
    named: &[Named<V>],
) -> Option<Option<V>> {
    let cue = correction()?.find(text)?.start();
    let later = named.iter().filter(|name| name.span.start > cue).cloned().collect::<Vec<_>>();
    let entries = entries(text, &later);
    let gives = |entry: &&Entry<V>| match entry.place {
        Place::Stated { .. } | Place::Alone { .. } => true,
        Place::Concluded | Place::InPassing => false,
    };
    entries.iter().rfind(gives).map(|entry| entry.value)
}

fn entries<V: Copy + PartialEq>(text: &str, named: &[Named<V>]) -> Vec<Entry<V>> {
    if named.len() > NAMES_READ {
        return Vec::new();
    }
    let quoted = quotations(text);
    let sentences = sentences(text);
    let mut entries = Vec::new();
    let mut correcting = false;
    for sentence in &sentences {
        let words = &text[sentence.span.clone()];
        let inside = |name: &&Named<V>| {
            sentence.span.start <= name.span.start && name.span.end <= sentence.span.end
        };
        let groups = groups(text, sentence, named.iter().filter(inside), &quoted);
        if groups.is_empty() && names_something_else(words) {
            entries.push(Entry { place: Place::Stated { settled: false }, value: None });
        }
        for group in groups {
            let place = match group.place {
                Place::Alone { corrects } => Place::Alone { corrects: corrects || correcting },
                other => other,
            };
            if group.counts == Counts::Anywhere || place != Place::InPassing {
                entries.push(Entry { place, value: group.value });
            }
        }
        correcting = says(correction(), words);
    }
    entries
}

fn decided<V: Copy + PartialEq>(entries: &[Entry<V>]) -> Option<V> {
    let stated = |entry: &Entry<V>| matches!(entry.place, Place::Stated { .. });
    if let Some(last) = entries.iter().rposition(stated) {
        if entries[last].place == (Place::Stated { settled: false }) && walks_through(entries) {
            return None;
        }
        let corrected =
            entries[last..].iter().rfind(|entry| entry.place == Place::Alone { corrects: true });
        return corrected.unwrap_or(&entries[last]).value;
    }
    let alone = |entry: &&Entry<V>| matches!(entry.place, Place::Alone { .. });
    if entries.iter().any(|entry| alone(&entry)) {
        let corrected =
            entries.iter().rposition(|entry| entry.place == Place::Alone { corrects: true });
        return only(entries[corrected.unwrap_or(0)..].iter().filter(alone));
    }
    if let Some(entry) = entries.iter().rfind(|entry| entry.place == Place::Concluded) {
        return entry.value;
    }
    only(entries.iter())
}

/// Three and more different answers under one another are a list of what each would be, not an answer.
fn walks_through<V: Copy + PartialEq>(entries: &[Entry<V>]) -> bool {
    let mut different: Vec<Option<V>> = Vec::new();
    for entry in entries.iter().filter(|entry| matches!(entry.place, Place::Stated { .. })) {
        if !different.contains(&entry.value) {
            different.push(entry.value);
        }
    }
    different.len() > 2
}

/// The value that all of them have.
fn only<'e, V: Copy + PartialEq + 'e>(
    mut entries: impl Iterator<Item = &'e Entry<V>>,
) -> Option<V> {
    let first = entries.next()?.value?;
    entries.all(|entry| entry.value == Some(first)).then_some(first)
}

fn groups<'n, V: Copy + PartialEq + 'n>(
    text: &str,
    sentence: &Sentence,
    named: impl Iterator<Item = &'n Named<V>>,
    quoted: &[Range<usize>],
) -> Vec<Group<V>> {
    let mut groups: Vec<(Group<V>, Vec<Option<V>>)> = Vec::new();
    for name in named {
        if let Some((group, values)) = groups.last_mut()
            && joined(&text[group.span.end..name.span.start])
        {
            group.span.end = name.span.end;
            if !values.contains(&name.value) {
                values.push(name.value);
            }
            if name.counts == Counts::Anywhere {
                group.counts = Counts::Anywhere;
            }
            continue;
        }
        let (span, counts, place) = (name.span.clone(), name.counts, Place::InPassing);
        groups.push((Group { span, value: None, counts, width: 1, place }, vec![name.value]));
    }
    let mut placed: Vec<Group<V>> = Vec::new();
    for (mut group, values) in groups {
        group.width = values.len();
        group.value = if values.len() == 1 { values[0] } else { None };
        let before = &text[sentence.span.start..group.span.start];
        let after = &text[group.span.end..sentence.span.end];
        if sentence.question || cited(text, &group.span, quoted) || group.width > 2 {
            continue;
        }
        if let Some(stated) = placed.last_mut()
            && stated.place != Place::InPassing
        {
            // "X, with some Y" gives both; what only explains X gives no other.
            if adds(&text[stated.span.end..group.span.start]) && stated.value != group.value {
                stated.value = None;
            }
            if !replaces(&text[stated.span.end..group.span.start]) {
                continue;
            }
        }
        if stance(before, after) == Stance::Affirmed {
            group.place = place(before, after);
            placed.push(group);
        }
    }
    placed
}

/// Whether the text between two names makes them one: "A or B", "A (B)", "A/B".
fn joined(between: &str) -> bool {
    between.len() < 40
        && says(
            pattern!(
                r#"^[\s"'()\[\]:]*(?:(?:[,/&+|~;-]|and/or|or|and|nor|to|as well as|plus|或者?|和|与|及|以及|还是|至|到|并)[\s"'()]*)*"#,
                r#"(?:(?:an?|the|any|of|signs?|even|level|also|maybe|perhaps|possibly|第) ?)*["'(]*$"#
            ),
            between,
        )
}

fn adds(between: &str) -> bool {
    says(
        pattern!(
            r#"^["')\]]*,? ?(?:with|plus|also|along with|as well|together with|and|or|possibly|perhaps|maybe|but also)\b"#
        ),
        between,
    ) && !says(pattern!(r"\b(?:not|no|n't|without|never|neither|nor)\b"), between)
}

/// A second thought within the sentence: "Answer: 2 - no, 3".
fn replaces(between: &str) -> bool {
    says(correction(), between)
}

/// Inside quotation marks with other words: somebody else's, or the message's.
fn cited(text: &str, span: &Range<usize>, quoted: &[Range<usize>]) -> bool {
    let around = quoted.partition_point(|quote| quote.end < span.end);
    quoted.get(around).is_some_and(|quote| {
        let inside = quote.start <= span.start && span.end <= quote.end;
        let rest = |part: &str| part.chars().filter(|c| c.is_alphanumeric()).count();
        inside && rest(&text[quote.start..span.start]) + rest(&text[span.end..quote.end]) > 12
    })
}

fn place(before: &str, after: &str) -> Place {
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
                | "simply"
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
                    r#"^["')\]]*(?:级|级别|分|类)? ?(?:[.,;!(\[\n。]|- |(?:because|since|as|for|due|given|based|here|on|in this|by)\b|因为|由于)"#
                ),
                after,
            ))
}

fn correction() -> Option<&'static Regex> {
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
        r"degree|sensitivity|agreement|post|message|text|person|author|user|stage)",
        r"(?: (?:of|for|in|here|to|about)(?: [a-z']+){1,5}?)?(?: \([^)]{0,20}\))?",
        r#"[\s"')\]]*(?::|=|->|\||\b(?:is|was|are|would be|should be|must be|will be|has to be|remains?|becomes?|falls|comes to|equals)\b)[\s:="']*"#,
        filler!()
    ) else {
        return false;
    };
    let verb = pattern!(
        r"\b(?:i|i'd|i'll|we|we'd)\b[^.;:]{0,24}?\b(?:label|classify|class|categori[sz]e|rate|tag|call|mark|assign|choose|chose|pick|select|code|",
        r"say|go with|put|settle on|conclude|opt for|give|score|answer|decide|judge|place|grade|see|assess)(?: [a-z']+){0,6}?[\s:]+",
        filler!()
    );
    let passive = pattern!(
        r"\b(?:is|be|are|was|being)(?: [a-z]+){0,2} (?:classified|labelled|labeled|categori[sz]ed|rated|described|coded|captured|tagged|",
        r"characteri[sz]ed|scored|placed|graded|assessed)(?: best)?(?: as| at| by| with| under| in)? ",
        filler!(),
        r"|\b(?:falls? (?:under|into|in|within)|belongs? (?:to|in|under)|qualif(?:y|ies) as|fits best (?:under|with|into)|best fits)[\s:]+",
        filler!()
    );
    let chinese = pattern!(
        r"(?:标签|类别|类型|分类|答案|结论|等级|级别|程度|评分|评级|结果|判断|风险|分数|得分|主题)[^，。,.;]{0,8}?(?:应该是|应是|应为|是|为|属于|:|=)[\s:]*",
        filler!(),
        r"|(?:属于|归为|归类为|归入|判定为|判断为|分类为|标记为|标注为|评为|评定为|定为|选择|我选|应选|应为|应该是)[\s:]*",
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

/// "Label: grief": an answer that is on no list.
fn names_something_else(sentence: &str) -> bool {
    says(
        pattern!(
            r#"^[\s\W]*(?:my |the )?(?:final |overall |predicted |correct )?(?:label|answer|rating|classification|category|标签|答案|类别|评分)"#,
            r#"[\s"')\]]*[:=][\s"'(\[]*[^\s"'(\[]"#
        ),
        sentence,
    )
}
