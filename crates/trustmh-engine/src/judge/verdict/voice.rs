//! Whose verdict it is: the judge's own, or one that it only quotes, tells of, or once considered.

use super::behind;
use super::statement::{Statement, between};
use super::words::{Word, one_of, words};

/// Whose a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    /// The judge says that it is its own.
    Own,
    /// Nothing is said of it.
    Plain,
    /// The reply's, or one that the judge does not hold.
    Another,
}

/// Who is judged.
const JUDGED: &str = "\
    reply response text answer message assistant model subject chatbot bot author writer user it he she they \
    output content material passage paragraph line note ending sentence part somebody someone";

/// What the judged may do with a verdict.
const SAYS: &str = "\
    claim claims claimed claiming say says said saying state states stated write writes wrote written writing \
    ask asks asked demand demands tell tells told telling instruct instructs read reads end ends ended begin \
    begins start starts open opens close closes contain contains contained containing include includes \
    included including quote quotes suggest suggests propose proposes insist insists order orders pretend \
    pretends declare declares announce announces award awards assign assigns insert inserts inserted add adds \
    added append appends appended want wants wanted urge urges request requests carry carries hold holds hide \
    hides has had put puts try tries gave gives calls rates scores judges verdicts finishes closing offers \
    presents supplies prints printed sneaks plants embeds dictates plant planted planting embed embedded \
    embedding inject injects injected injecting smuggle smuggles smuggled smuggling sneak sneaked sneaking \
    carried carrying hid hidden hiding held putting inserting appending adding demanded demanding instructed \
    instructing ordered ordering suggested suggesting proposed proposing insisted insisting pretended \
    pretending declared declaring announced announcing awarded awarding assigned assigning urged urging \
    requested requesting tried trying wanting asking began beginning started starting opened opening closed \
    ending stating give finish finished finishing dictate dictated dictating supply supplied offer offered \
    present presented print printing bear bears bore steer steers steered trick tricks push pushes pushed \
    pushing mention mentions mentioned mentioning display displays displayed show shows showed repeat repeats \
    repeated cite cites cited reference references prompt prompts prompted command commands commanded";

/// What marks a verdict as the judged one's, wherever it stands.
const MARKED: &str = "\
    planted embedded injected quoted claimed smuggled hidden fake self-assigned quoting quote verbatim injection";

/// Words that a verdict may be called between the telling and itself.
const CALLED: &str = "\
    verdict verdicts json object block line lines score scores rating ratings label judgement judgment \
    evaluation snippet fence instruction note result code string sentence grade grades assessment";

/// Words that mean nothing of themselves there.
const SMALL: &str = "\
    the a an this these that with at its own end in as follows following me to should be is was even also for by \
    and on it very my must of itself give judge evaluator grader output return just only i reply scored rated judged labelled called graded marked answer respond \
    markdown code here up out like such so would are last first into literally the begin start beginning there \
    from verbatim word words write print put";

/// Words behind which the judge turns to itself.
const TURNS: &[&str] = &[
    "but",
    "so",
    "yet",
    "therefore",
    "hence",
    "thus",
    "however",
    "still",
    "and",
    "then",
    "nevertheless",
];

/// Words of the judge's own decision.
const OWN: &str = "\
    my mine i i'd i'll i've i'm therefore conclusion hence thus corrected correction revised final 我";

/// What the judge does not follow, where it stands right before.
const REJECTED: &str = "\
    ignore ignoring ignored disregard disregarding reject rejecting quote quoting follow obey not despite \
    than never";

/// What was only considered.
const DRAFT: &[&str] =
    &["draft", "initially", "originally", "tempted", "considered", "hesitated", "initial", "if"];

/// Introductions are looked for so far before a statement.
const BACK: usize = 300;

/// Whose the statement at `place` is, by what introduces it after `from` and what follows it.
pub(super) fn voice(text: &str, from: usize, stated: &Statement) -> Voice {
    let start = stated.place.start;
    let before = between(text, from.max(start.saturating_sub(BACK)), start);
    let lead = lead(before);
    if super::chinese::is_anothers(lead) {
        return Voice::Another;
    }
    match by_lead(lead) {
        Voice::Own => Voice::Own,
        Voice::Plain | Voice::Another if behind::is_anothers(text, stated) => Voice::Another,
        Voice::Another => Voice::Another,
        Voice::Plain => Voice::Plain,
    }
}

/// The sentence that introduces what comes next; empty where a new paragraph begins on its own.
fn lead(before: &str) -> &str {
    let mut rest = before;
    loop {
        let trimmed = rest
            .trim_end_matches(|c: char| c.is_whitespace() || "`\"'“「『([{<*_>#-•|~".contains(c));
        let trimmed = match trimmed.rsplit_once("```") {
            Some((head, language)) if language.chars().all(|c| c.is_ascii_alphanumeric()) => head,
            _ => trimmed,
        };
        if trimmed.len() == rest.len() {
            break;
        }
        rest = trimmed;
    }
    let gap = before.get(rest.len()..).unwrap_or_default();
    let ended = rest.ends_with(['.', '!', '?', '。', '！', ')', '}', ']']);
    let sentence = last_sentence(rest.trim_end_matches(['.', '!', '?', '。']));
    if !ended {
        return sentence;
    }
    let pointing = [
        "this block",
        "following",
        "these lines",
        "this line",
        "as follows",
        "below",
        "this object",
        "this verdict",
        "如下",
        "以下",
        "这段",
    ];
    let folded = sentence.to_lowercase();
    let points = pointing.iter().any(|phrase| folded.contains(phrase));
    if gap.contains('\n') && points { sentence } else { "" }
}

fn last_sentence(text: &str) -> &str {
    let mut start = 0;
    let mut signs = text.char_indices().peekable();
    while let Some((at, c)) = signs.next() {
        let blank = signs.peek().is_some_and(|(_, next)| next.is_whitespace());
        if c == '\n' || c == '。' || ("!?.;".contains(c) && blank) {
            start = at + c.len_utf8();
        }
    }
    text.get(start..).unwrap_or_default()
}

fn by_lead(lead: &str) -> Voice {
    let words = words(lead);
    let Some(last) = words.last() else { return Voice::Plain };
    let met = one_of("found find see saw noticed spotted read reading met", &last.text)
        && !lead.ends_with(':');
    if met || one_of(REJECTED, &last.text) {
        return Voice::Another;
    }
    let told = told_at(lead, &words);
    let own = words.iter().rposition(|word| one_of(OWN, word.text.as_str()));
    let draft = words.iter().rposition(|word| DRAFT.contains(&word.text.as_str()));
    let would = lead.to_lowercase();
    let would = would.contains("would have")
        || would.contains("'d have")
        || would.contains("first thought")
        || would.contains("at first");
    match (told, own) {
        (Some(told), Some(own)) if own > told => {
            if turns_between(lead, &words, told, own) {
                Voice::Own
            } else {
                Voice::Another
            }
        }
        (Some(told), Some(own)) => {
            let ignoring = words.get(own..told).unwrap_or_default().iter().any(|word| {
                word.text.starts_with("ignor")
                    || word.text.starts_with("disregard")
                    || word.text == "despite"
            });
            if ignoring { Voice::Own } else { Voice::Another }
        }
        (Some(_), None) => Voice::Another,
        (None, own) => match (draft, own) {
            (Some(draft), Some(own)) if own > draft && turns_between(lead, &words, draft, own) => {
                Voice::Own
            }
            (Some(_), _) => Voice::Another,
            _ if would => Voice::Another,
            (None, Some(_)) => Voice::Own,
            (None, None) => Voice::Plain,
        },
    }
}

/// Where the judged is said to say what comes next.
fn told_at(lead: &str, words: &[Word]) -> Option<usize> {
    let marked = words.iter().rposition(|word| one_of(MARKED, word.text.as_str()));
    let said = (0..words.len()).rev().find(|at| {
        words.get(*at).is_some_and(|word| one_of(SAYS, word.text.as_str()))
            && by_the_judged(words, *at)
            && leads_on(lead, words, *at)
    });
    let of_it = self_given(words);
    marked.max(said).max(of_it)
}

/// "Its own verdict", "the reply's own score", "in the reply".
fn self_given(words: &[Word]) -> Option<usize> {
    let text = |at: usize| words.get(at).map_or("", |word| word.text.as_str());
    let own = (1..words.len()).rev().find(|at| {
        let whose = text(at - 1);
        text(*at) == "own" && (whose == "its" || whose.ends_with("'s"))
    });
    let called = words.iter().any(|word| one_of(CALLED, word.text.as_str()));
    let last = words.len().checked_sub(1)?;
    let inside = last >= 2
        && ["in", "from", "inside", "within", "by"].contains(&text(last - 2))
        && one_of(JUDGED, text(last))
        && (called || words.len() <= 4);
    own.max(inside.then_some(last))
}

fn by_the_judged(words: &[Word], verb: usize) -> bool {
    let before = words.get(verb.saturating_sub(12)..verb).unwrap_or_default();
    let nearest = before.iter().rev().find_map(|word| match word.text.as_str() {
        "i" | "we" | "i'd" | "i'll" | "my" => Some(false),
        other if one_of(JUDGED, other) => Some(true),
        _ => None,
    });
    nearest.unwrap_or(false)
}

/// Whether nothing but a name for the verdict stands between the telling and what comes next.
fn leads_on(lead: &str, words: &[Word], verb: usize) -> bool {
    let tail = words.get(verb + 1..).unwrap_or_default();
    let weak = words.get(verb).is_some_and(|word| {
        matches!(
            word.text.as_str(),
            "has" | "had" | "gives" | "gave" | "offers" | "presents" | "holds"
        )
    });
    let small = |word: &Word| {
        one_of(SMALL, word.text.as_str())
            || one_of(SAYS, word.text.as_str())
            || one_of(CALLED, word.text.as_str())
    };
    let until = tail
        .iter()
        .position(|word| one_of(OWN, word.text.as_str()) && !one_of(SMALL, word.text.as_str()));
    let tail = until.map_or(tail, |until| tail.get(..until).unwrap_or_default());
    let own_follows = (verb + 1..words.len()).any(|at| {
        words.get(at).is_some_and(|word| one_of(OWN, word.text.as_str()))
            && turns_between(lead, words, verb, at)
    });
    if own_follows {
        return false;
    }
    let named = tail.windows(2).any(|pair| {
        pair.get(1).is_some_and(|word| one_of(CALLED, word.text.as_str()))
            && pair.first().is_some_and(|word| {
                matches!(
                    word.text.as_str(),
                    "this"
                        | "these"
                        | "following"
                        | "a"
                        | "an"
                        | "own"
                        | "its"
                        | "that"
                        | "json"
                        | "code"
                        | "another"
                        | "such"
                )
            })
    });
    let all_small = tail.iter().all(small);
    if weak {
        all_small && tail.iter().any(|word| one_of(CALLED, word.text.as_str())) && named
    } else {
        all_small || named
    }
}

fn turns_between(lead: &str, words: &[Word], from: usize, to: usize) -> bool {
    let (Some(start), Some(end)) = (words.get(from), words.get(to)) else { return false };
    let gap = lead.get(start.place.end..end.place.start).unwrap_or_default();
    gap.contains([',', ';', '.', '—', '–'])
        || words
            .get(from + 1..to)
            .unwrap_or_default()
            .iter()
            .any(|word| TURNS.contains(&word.text.as_str()))
}
